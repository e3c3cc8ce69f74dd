//! The deck list with today's counts. Counts of each deck are kept between calls; an operation
//! makes only the decks that it touched be counted again.

use super::Collection;
use super::gather::{limit_rules, preset_of};
use crate::base::Result;
use crate::base::ids::DeckId;
use crate::base::limits::MAX_DECK_LEVELS;
use crate::base::time::TimestampSecs;
use crate::domain::changes::Changes;
use crate::domain::deck::{Deck, DeckName};
use crate::domain::deck_tree::DeckTreeNode;
use crate::scheduler::limits::{DeckCounts, Limits, fill_tree};
use crate::scheduler::timing::SchedTiming;
use crate::storage::queue::DeckQueueCounts;
use crate::storage::{RowChange, Table};
use std::collections::HashMap;

/// What is known of the decks' counts.
#[derive(Debug, Default)]
pub(super) struct TreeCache {
    /// None: to be counted.
    totals: Option<HashMap<DeckId, u32>>,
    counts: HashMap<DeckId, Counted>,
    day: u32,
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    counts: DeckQueueCounts,
    /// The caps that counting stopped at.
    review_cap: u32,
    new_cap: u32,
}

impl TreeCache {
    pub(super) fn after_operation(&mut self, rows: &[RowChange], changes: Changes) {
        if changes == Changes::ALL {
            *self = Self::default();
            return;
        }
        for row in rows.iter().filter(|row| row.table == Table::Cards) {
            let (before, after) = row.decks();
            for deck in [before, after].into_iter().flatten() {
                self.counts.remove(&deck);
            }
            if before != after
                && let Some(totals) = &mut self.totals
            {
                if let Some(before) = before {
                    let total = totals.entry(before).or_default();
                    *total = total.saturating_sub(1);
                }
                if let Some(after) = after {
                    *totals.entry(after).or_default() += 1;
                }
            }
        }
    }
}

impl Collection {
    /// All decks with what is left of them today, children within their parents.
    pub fn deck_tree(&mut self) -> Result<DeckTreeNode> {
        let timing = self.timing()?;
        self.unbury_on_new_day(&timing)?;
        let rules = limit_rules(&self.storage)?;
        let learn_ahead: u32 = self.storage.config_or("collapseTime", 1200)?;
        let decks = self.storage.all_decks()?;
        let mut limits = HashMap::with_capacity(decks.len());
        for deck in &decks {
            let preset = preset_of(&self.storage, deck)?;
            let preset = preset.as_ref().map(|p| &p.inner);
            limits.insert(
                deck.id,
                Limits::of(deck, preset, timing.days_elapsed, rules),
            );
        }
        let learn_cutoff = TimestampSecs(timing.now.0 + i64::from(learn_ahead));
        let counts = self.count_decks(&decks, &limits, &timing, learn_cutoff)?;
        let mut root = build_tree(&decks);
        fill_tree(&mut root, &counts, &limits, rules);
        hide_empty_default(&mut root);
        Ok(root)
    }

    fn count_decks(
        &mut self,
        decks: &[Deck],
        limits: &HashMap<DeckId, Limits>,
        timing: &SchedTiming,
        learn_cutoff: TimestampSecs,
    ) -> Result<HashMap<DeckId, DeckCounts>> {
        let cache = &mut self.study.tree;
        if cache.day != timing.days_elapsed {
            cache.counts.clear();
            cache.day = timing.days_elapsed;
        }
        if cache.totals.is_none() {
            cache.totals = Some(self.storage.cards_per_deck()?.into_iter().collect());
        }
        let totals = cache.totals.clone().unwrap_or_default();
        let mut all = HashMap::with_capacity(decks.len());
        for deck in decks {
            let total = totals.get(&deck.id).copied().unwrap_or_default();
            if total == 0 {
                continue;
            }
            let Some(limits) = limits.get(&deck.id) else {
                continue;
            };
            let known = cache
                .counts
                .get(&deck.id)
                .filter(|c| c.review_cap >= limits.review && c.new_cap >= limits.new);
            let counts = match known {
                Some(known) => known.counts,
                None => {
                    let counts = self.storage.deck_queue_counts(
                        deck.id,
                        timing.days_elapsed,
                        limits.review,
                        limits.new,
                    )?;
                    let counted = Counted {
                        counts,
                        review_cap: limits.review,
                        new_cap: limits.new,
                    };
                    cache.counts.insert(deck.id, counted);
                    counts
                }
            };
            let intraday = self.storage.intraday_count(deck.id, learn_cutoff)?;
            all.insert(
                deck.id,
                DeckCounts {
                    new: counts.new,
                    review: counts.review,
                    interday: counts.interday,
                    intraday,
                    total,
                },
            );
        }
        Ok(all)
    }
}

/// Decks are in order of name, so parents come before their children. A deck whose parent's row is
/// missing stands below the next one above that is there, named by all that follows: its cards
/// could not be studied from the list otherwise.
fn build_tree(decks: &[Deck]) -> DeckTreeNode {
    let mut root = DeckTreeNode::default();
    // The open path, the root first; each with its deck's name.
    let mut path: Vec<(&DeckName, DeckTreeNode)> = Vec::new();
    for deck in decks {
        while path
            .last()
            .is_some_and(|(above, _)| !deck.name.is_below(above))
        {
            close_last(&mut path, &mut root);
        }
        let above = path.last().map(|(above, _)| *above);
        if deck.name.level() > MAX_DECK_LEVELS {
            continue;
        }
        let rest = above.and_then(|above| deck.name.rest_below(above));
        let node = DeckTreeNode {
            id: deck.id,
            name: rest.unwrap_or(deck.name.as_native()).replace('\x1f', "::"),
            level: path.len() + 1,
            collapsed: deck.common.study_collapsed,
            filtered: deck.is_filtered(),
            ..DeckTreeNode::default()
        };
        path.push((&deck.name, node));
    }
    while !path.is_empty() {
        close_last(&mut path, &mut root);
    }
    root
}

fn close_last(path: &mut Vec<(&DeckName, DeckTreeNode)>, root: &mut DeckTreeNode) {
    if let Some((_, node)) = path.pop() {
        match path.last_mut() {
            Some((_, parent)) => parent.children.push(node),
            None => root.children.push(node),
        }
    }
}

/// Nobody wants to see an empty Default deck beside others.
fn hide_empty_default(root: &mut DeckTreeNode) {
    if root.children.len() > 1 {
        root.children.retain(|node| {
            node.id != DeckId::DEFAULT || node.total_cards > 0 || !node.children.is_empty()
        });
    }
}
