//! Custom Study: today's limits changed, or a filtered deck of the one name made for a purpose.

use super::decks::{self, existing};
use super::filtered::{Filling, preview_defaults, refill, set_filter};
use super::gather::limit_rules;
use super::{Collection, OpOutput};
use crate::base::ids::DeckId;
use crate::base::{Error, Result};
use crate::domain::custom_study::{
    Available, CramKind, CustomStudy, CustomStudyDefaults, TagChoice,
};
use crate::domain::deck::{Deck, DeckKind, DeckName, FilteredDeck, FilteredSearchTerm, NormalDeck};
use crate::domain::filtered::{FilteredBuilt, FilteredOrder};
use crate::domain::op::Op;
use crate::search::ast::{Comparison, Node, Property, Search, State};
use crate::search::{build, print};
use crate::storage::Tx;
use crate::{mark, t};

/// As many cards as there are, unless a number was given.
const NO_LIMIT: u32 = 99_999;
const INCLUDED: &str = "customStudyIncludeTags";
const EXCLUDED: &str = "customStudyExcludeTags";

impl Collection {
    /// What the dialog shows for a normal deck.
    pub fn custom_study_defaults(&mut self, id: DeckId) -> Result<CustomStudyDefaults> {
        let today = self.timing()?.days_elapsed;
        let storage = &self.storage;
        let deck = existing(storage, id)?;
        let normal = normal_of(&deck)?;
        let ids = storage.deck_and_below(&deck)?;
        let (mut new, mut review) = (Available::default(), Available::default());
        for deck in &ids {
            let counts = storage.deck_queue_counts(*deck, today, u32::MAX, u32::MAX)?;
            if *deck == id {
                (new.here, review.here) = (counts.new, counts.review);
            } else {
                new.in_children += counts.new;
                review.in_children += counts.review;
            }
        }
        let included: Vec<String> = storage.config_or(&tags_key(id, INCLUDED), vec![])?;
        let excluded: Vec<String> = storage.config_or(&tags_key(id, EXCLUDED), vec![])?;
        let tags = storage.tags_of_decks(&ids)?.into_iter().map(|name| {
            let (include, exclude) = (included.contains(&name), excluded.contains(&name));
            TagChoice {
                name,
                include,
                exclude,
            }
        });
        Ok(CustomStudyDefaults {
            deck: id,
            name: deck.name.human(),
            tags: tags.collect(),
            extend_new: normal.extend_new,
            extend_review: normal.extend_review,
            new,
            review,
        })
    }

    /// Does it for a normal deck. Returns the filtered deck that was made current, None when only
    /// a limit was changed.
    pub fn custom_study(
        &mut self,
        deck: DeckId,
        what: &CustomStudy,
    ) -> Result<OpOutput<Option<FilteredBuilt>>> {
        let filling = self.filling()?;
        let today = self.timing()?.days_elapsed;
        self.transact(Op::CustomStudy, |tx| {
            let deck = existing(tx, deck)?;
            normal_of(&deck)?;
            match what {
                CustomStudy::NewLimit { delta } => extend(tx, deck, Limit::New, *delta, today)?,
                CustomStudy::ReviewLimit { delta } => {
                    extend(tx, deck, Limit::Review, *delta, today)?;
                }
                filter => {
                    remember_tags(tx, deck.id, filter)?;
                    return build(tx, &session(&deck, filter), &filling).map(Some);
                }
            }
            Ok(None)
        })
    }
}

fn normal_of(deck: &Deck) -> Result<&NormalDeck> {
    match &deck.kind {
        DeckKind::Normal(normal) => Ok(normal),
        DeckKind::Filtered(_) => Err(Error::invalid(mark!("a filtered deck has no custom study"))),
    }
}

fn tags_key(deck: DeckId, which: &str) -> String {
    format!("_deck_{deck}_{which}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    New,
    Review,
}

/// Counts cards as not yet studied today, so that as many more come; and remembers an increase.
fn extend(tx: &mut Tx<'_>, mut deck: Deck, limit: Limit, delta: i32, today: u32) -> Result<()> {
    if let (DeckKind::Normal(normal), Ok(more @ 1..)) = (&mut deck.kind, u32::try_from(delta)) {
        match limit {
            Limit::New => normal.extend_new = more,
            Limit::Review => normal.extend_review = more,
        }
    }
    let above = limit_rules(tx)?.apply_all_parent_limits;
    let mut next = Some(deck);
    while let Some(mut deck) = next {
        deck.common.begin_day(today);
        let studied = match limit {
            Limit::New => &mut deck.common.new_studied,
            Limit::Review => &mut deck.common.review_studied,
        };
        *studied = studied.saturating_sub(delta);
        tx.update_deck(&deck)?;
        next = match deck.name.parent().filter(|_| above) {
            Some(parent) => tx.deck_by_name(&parent)?,
            None => None,
        };
    }
    Ok(())
}

fn remember_tags(tx: &mut Tx<'_>, deck: DeckId, what: &CustomStudy) -> Result<()> {
    if let CustomStudy::Cram {
        include, exclude, ..
    } = what
    {
        tx.set_config(&tags_key(deck, INCLUDED), include)?;
        tx.set_config(&tags_key(deck, EXCLUDED), exclude)?;
    }
    Ok(())
}

/// The filtered deck for a purpose. Limits make none; they are not asked for here.
fn session(deck: &Deck, what: &CustomStudy) -> FilteredDeck {
    let in_deck = build::deck(&deck.name.human());
    let (mut terms, order, reschedule) = match what {
        CustomStudy::NewLimit { .. } | CustomStudy::ReviewLimit { .. } => {
            (vec![], FilteredOrder::Random, false)
        }
        CustomStudy::Forgotten { days } => {
            let rated = Search::Rated {
                days: (*days).max(1),
                button: Some(1),
            };
            (vec![rated], FilteredOrder::Random, false)
        }
        CustomStudy::Ahead { days } => {
            let due = Search::Property {
                property: Property::Due(i32::try_from(*days).unwrap_or(i32::MAX)),
                op: Comparison::LessOrEqual,
            };
            (vec![due], FilteredOrder::Due, true)
        }
        CustomStudy::Preview { days } => {
            let added = Search::Added((*days).max(1));
            let terms = vec![Search::State(State::New), added];
            (terms, FilteredOrder::Added, false)
        }
        CustomStudy::Cram { kind, .. } => match kind {
            CramKind::New => (vec![Search::State(State::New)], FilteredOrder::Added, true),
            CramKind::Due => (vec![Search::State(State::Due)], FilteredOrder::Due, true),
            CramKind::Review | CramKind::All => {
                (vec![], FilteredOrder::Random, *kind == CramKind::Review)
            }
        },
    };
    terms.push(in_deck);
    let mut parts: Vec<Node> = terms.into_iter().map(Node::Search).collect();
    let mut limit = NO_LIMIT;
    if let CustomStudy::Cram {
        kind,
        limit: most,
        include,
        exclude,
    } = what
    {
        limit = *most;
        if *kind == CramKind::Review {
            let new = Node::Search(Search::State(State::New));
            parts.insert(0, Node::Not(Box::new(new)));
        }
        let without = |t: &String| Node::Not(Box::new(tag(t)));
        parts.extend(grouped(include.iter().map(|t| tag(t)).collect(), &Node::Or));
        parts.extend(grouped(exclude.iter().map(without).collect(), &Node::And));
    }
    FilteredDeck {
        reschedule,
        search_terms: vec![FilteredSearchTerm {
            search: print(&joined(parts, &Node::And)),
            limit,
            order: order as i32,
            unknown: vec![],
        }],
        // Minutes, for versions that know no delay a button.
        preview_delay: 10,
        ..preview_defaults()
    }
}

fn tag(name: &str) -> Node {
    Node::Search(build::tag(name))
}

/// In brackets when they are more than one.
fn grouped(nodes: Vec<Node>, between: &Node) -> Option<Node> {
    let mut nodes = joined(nodes, between);
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(Node::Group(nodes)),
    }
}

fn joined(nodes: Vec<Node>, between: &Node) -> Vec<Node> {
    let mut out = Vec::with_capacity(nodes.len() * 2);
    for node in nodes {
        if !out.is_empty() {
            out.push(between.clone());
        }
        out.push(node);
    }
    out
}

/// Fills the session's deck, which is made when there is none, and makes it current. It has the name
/// that Anki gives it in this language.
fn build(tx: &mut Tx<'_>, wanted: &FilteredDeck, filling: &Filling) -> Result<FilteredBuilt> {
    let session = t!("Custom Study Session");
    let name = DeckName::from_native(session);
    let id = match tx.deck_by_name(&name)? {
        None => decks::create_of_kind(tx, &name, DeckKind::Filtered(wanted.clone()))?,
        Some(deck) if deck.is_filtered() => {
            let id = deck.id;
            set_filter(tx, deck, wanted)?;
            id
        }
        Some(_) => {
            return Err(Error::invalid(mark!(
                "rename the deck “{session}” first; the name is needed here",
                session
            )));
        }
    };
    let cards = refill(tx, id, wanted, filling)?;
    if cards == 0 {
        return Err(Error::invalid(mark!("no cards match what you chose")));
    }
    tx.set_config("curDeck", &id.0)?;
    Ok(FilteredBuilt { deck: id, cards })
}
