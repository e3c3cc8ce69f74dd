//! How many new cards and reviews a deck still gives today, alone and within its parents.

use crate::base::ids::DeckId;
use crate::domain::deck::{Deck, DeckKind};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::deck_tree::DeckTreeNode;
use std::collections::HashMap;

/// Filtered decks give all they have.
const FILTERED_LIMIT: u32 = 9999;

/// What is left today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub review: u32,
    pub new: u32,
    /// New cards use up reviews as well.
    pub cap_new_to_review: bool,
}

/// Collection-wide options about limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitRules {
    pub new_cards_ignore_review_limit: bool,
    pub apply_all_parent_limits: bool,
}

impl Limits {
    /// `preset` is None for filtered decks.
    #[must_use]
    pub fn of(
        deck: &Deck,
        preset: Option<&DeckConfigInner>,
        today: u32,
        rules: LimitRules,
    ) -> Self {
        let (DeckKind::Normal(normal), Some(preset)) = (&deck.kind, preset) else {
            return Self {
                review: FILTERED_LIMIT,
                new: FILTERED_LIMIT,
                cap_new_to_review: false,
            };
        };
        let today_only = |limit: &Option<crate::domain::deck::DayLimit>| {
            let limit = limit.as_ref().filter(|l| l.today == today);
            limit.map(|l| l.limit)
        };
        let base = |today_only: Option<u32>, deck: Option<u32>, preset: u32| {
            i64::from(today_only.or(deck).unwrap_or(preset))
        };
        let (new_studied, review_studied) = if deck.common.last_day_studied == today {
            (
                i64::from(deck.common.new_studied),
                i64::from(deck.common.review_studied),
            )
        } else {
            (0, 0)
        };
        let mut review = base(
            today_only(&normal.review_limit_today),
            normal.review_limit,
            preset.reviews_per_day,
        ) - review_studied;
        let mut new = base(
            today_only(&normal.new_limit_today),
            normal.new_limit,
            preset.new_per_day,
        ) - new_studied;
        let cap = !rules.new_cards_ignore_review_limit;
        if cap {
            review -= new_studied;
            new = new.min(review);
        }
        let left = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
        Self {
            review: left(review),
            new: left(new),
            cap_new_to_review: cap,
        }
    }

    fn cap_to(&mut self, parent: &Self) {
        self.review = self.review.min(parent.review);
        self.new = self.new.min(parent.new);
    }

    fn get(&self, kind: LimitKind) -> u32 {
        match kind {
            LimitKind::Review => self.review,
            LimitKind::New => self.new,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    Review,
    New,
}

/// The limits of the selected deck and everything below, used up while the queue is gathered.
#[derive(Debug, Clone)]
pub struct LimitTree {
    nodes: Vec<LimitNode>,
    index: HashMap<DeckId, usize>,
}

#[derive(Debug, Clone)]
struct LimitNode {
    parent: Option<usize>,
    limits: Limits,
}

impl LimitTree {
    /// `decks`: the selected deck first, then those below it in order of name, each with its
    /// limits. `above`: limits of the selected deck's parents, when they matter.
    #[must_use]
    pub fn new(decks: &[(&Deck, Limits)], above: &[Limits]) -> Self {
        let mut nodes: Vec<LimitNode> = Vec::with_capacity(decks.len());
        let mut path: Vec<usize> = Vec::new();
        for (i, (deck, limits)) in decks.iter().enumerate() {
            let mut limits = *limits;
            while let Some(last) = path.last() {
                let (ancestor, _) = decks[*last];
                if deck.name.is_below(&ancestor.name) {
                    break;
                }
                path.pop();
            }
            let parent = path.last().copied();
            match parent {
                Some(parent) => limits.cap_to(&nodes[parent].limits),
                None => above.iter().for_each(|outer| {
                    limits.cap_to(outer);
                    // In a filtered deck too what is reviewed leaves less room for new cards.
                    limits.cap_new_to_review |= outer.cap_new_to_review;
                }),
            }
            nodes.push(LimitNode { parent, limits });
            path.push(i);
        }
        let index = decks
            .iter()
            .enumerate()
            .map(|(i, (deck, _))| (deck.id, i))
            .collect();
        Self { nodes, index }
    }

    /// Nothing more of this kind in the whole selection.
    #[must_use]
    pub fn root_reached(&self, kind: LimitKind) -> bool {
        self.nodes.first().is_none_or(|n| n.limits.get(kind) == 0)
    }

    /// Nothing more of this kind in `deck`, by its own limit or one above it.
    #[must_use]
    pub fn reached(&self, deck: DeckId, kind: LimitKind) -> bool {
        self.upwards(deck)
            .any(|i| self.nodes[i].limits.get(kind) == 0)
    }

    /// Whether `deck` and everything above it have room for `count` more.
    #[must_use]
    pub fn has_room_for(&self, deck: DeckId, kind: LimitKind, count: u32) -> bool {
        self.upwards(deck)
            .all(|i| self.nodes[i].limits.get(kind) >= count)
    }

    /// Uses up `count` in `deck` and everything above.
    pub fn take(&mut self, deck: DeckId, kind: LimitKind, count: u32) {
        let mut at = self.index.get(&deck).copied();
        while let Some(i) = at {
            let LimitNode { parent, limits } = &mut self.nodes[i];
            match kind {
                LimitKind::Review => {
                    limits.review = limits.review.saturating_sub(count);
                    if limits.cap_new_to_review {
                        limits.new = limits.new.min(limits.review);
                    }
                }
                LimitKind::New => limits.new = limits.new.saturating_sub(count),
            }
            at = *parent;
        }
    }

    fn upwards(&self, deck: DeckId) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.index.get(&deck).copied(), |i| self.nodes[*i].parent)
    }
}

/// Cards of one deck alone, uncapped or capped at least at its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeckCounts {
    pub new: u32,
    pub review: u32,
    pub interday: u32,
    pub intraday: u32,
    /// Of any state.
    pub total: u32,
}

/// Fills in the counts of the deck list: children first, each sum capped by its deck's limits.
pub fn fill_tree(
    node: &mut DeckTreeNode,
    counts: &HashMap<DeckId, DeckCounts>,
    limits: &HashMap<DeckId, Limits>,
    rules: LimitRules,
) {
    sum_up(node, counts, limits, rules, None);
}

fn sum_up(
    node: &mut DeckTreeNode,
    counts: &HashMap<DeckId, DeckCounts>,
    limits: &HashMap<DeckId, Limits>,
    rules: LimitRules,
    parent: Option<Limits>,
) -> DeckCounts {
    let mut own_limits = limits.get(&node.id).copied();
    if let (true, Some(own), Some(parent)) =
        (rules.apply_all_parent_limits, own_limits.as_mut(), parent)
    {
        own.cap_to(&parent);
    }
    let mut sum = counts.get(&node.id).copied().unwrap_or_default();
    for child in &mut node.children {
        let below = sum_up(child, counts, limits, rules, own_limits.or(parent));
        sum.new += below.new;
        sum.review += below.review;
        sum.interday += below.interday;
        sum.intraday += below.intraday;
        sum.total += below.total;
    }
    if let Some(limits) = own_limits {
        let mut left = limits.review;
        sum.interday = sum.interday.min(left);
        left -= sum.interday;
        sum.review = sum.review.min(left);
        left -= sum.review;
        sum.new = sum.new.min(limits.new);
        if limits.cap_new_to_review {
            sum.new = sum.new.min(left);
        }
    }
    node.new = sum.new;
    node.review = sum.review;
    node.learn = sum.intraday + sum.interday;
    node.total_cards = sum.total;
    sum
}
