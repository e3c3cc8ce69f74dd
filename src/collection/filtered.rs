//! Filtered decks: sending their visitors home, and gathering them anew.

use super::decks::existing;
use super::{Collection, OpOutput};
use crate::base::ids::{CardId, DeckId};
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue};
use crate::domain::deck::{DeckKind, FilteredDeck, FilteredSearchTerm};
use crate::domain::op::Op;
use crate::scheduler::answer::return_home;
use crate::scheduler::hash::fnv;
use crate::scheduler::queue::sort::{DueFacts, DueKey, ReviewOrder, due_key};
use crate::scheduler::timing::SchedTiming;
use crate::storage::Tx;
use crate::storage::search::SearchMoment;
use std::cmp::Ordering;

/// Where positions in a filtered deck begin: before everything with a real due date.
const FIRST_POSITION: i32 = -100_000;
/// Searches of one deck that are looked at.
const MAX_TERMS: usize = 2;

impl Collection {
    /// Sends all cards of a filtered deck home. Returns how many.
    pub fn filtered_empty(&mut self, id: DeckId) -> Result<OpOutput<usize>> {
        self.transact(Op::EmptyFilteredDeck, |tx| {
            filtered_deck(tx, id)?;
            return_all(tx, id)
        })
    }

    /// Sends all cards home, then gathers anew by the deck's searches. Returns how many came.
    pub fn filtered_rebuild(&mut self, id: DeckId) -> Result<OpOutput<usize>> {
        let timing = self.timing()?;
        let moment = self.search_moment()?;
        self.transact(Op::RebuildFilteredDeck, |tx| {
            let deck = filtered_deck(tx, id)?;
            return_all(tx, id)?;
            let mut position = FIRST_POSITION;
            for term in deck.search_terms.iter().take(MAX_TERMS) {
                for mut card in gather(tx, term, &moment, &timing)? {
                    move_in(&mut card, id, deck.reschedule, position);
                    tx.update_card(&card)?;
                    position = position.saturating_add(1);
                }
            }
            Ok(position.abs_diff(FIRST_POSITION) as usize)
        })
    }
}

fn filtered_deck(tx: &Tx<'_>, id: DeckId) -> Result<FilteredDeck> {
    match existing(tx, id)?.kind {
        DeckKind::Filtered(filtered) => Ok(filtered),
        DeckKind::Normal(_) => Err(Error::invalid("the deck is not a filtered one")),
    }
}

/// Sends all cards home that are in the deck now.
pub(super) fn return_all(tx: &mut Tx<'_>, id: DeckId) -> Result<usize> {
    let cards = tx.cards_in_deck(id)?;
    let count = cards.len();
    for mut card in cards {
        if card.is_filtered() {
            return_home(&mut card);
        } else {
            // It has lost its home, which Check Database would find too.
            card.deck_id = DeckId::DEFAULT;
        }
        tx.update_card(&card)?;
    }
    Ok(count)
}

/// The cards of one search, in its order, as many as it wants.
fn gather(
    tx: &Tx<'_>,
    term: &FilteredSearchTerm,
    moment: &SearchMoment,
    timing: &SchedTiming,
) -> Result<Vec<Card>> {
    let always = "-is:suspended -is:buried -deck:filtered";
    let search = if term.search.trim().is_empty() {
        always.to_owned()
    } else {
        format!("({}) {always}", term.search)
    };
    let fsrs = tx.config_or("fsrs", false)?;
    let mut keyed: Vec<(SortKey, Card)> = Vec::new();
    for id in tx.search_cards(&search, moment, None)? {
        let Some(card) = tx.get_card(id)? else {
            continue;
        };
        if card.original_due == 0 {
            let key = sort_key(tx, term.order, &card, timing, fsrs)?;
            keyed.push((key, card));
        }
    }
    keyed.sort_by(|(a, _), (b, _)| a.compare(b));
    keyed.truncate(term.limit as usize);
    Ok(keyed.into_iter().map(|(_, card)| card).collect())
}

/// What the order wants, then a stable chance.
struct SortKey {
    order: DueKey,
    tie: i64,
}

impl SortKey {
    fn compare(&self, other: &Self) -> Ordering {
        self.order
            .total_cmp(&other.order)
            .then(self.tie.cmp(&other.tie))
    }
}

/// `order` is the number in the file: see [`FilteredSearchTerm`].
fn sort_key(
    tx: &Tx<'_>,
    order: i32,
    card: &Card,
    timing: &SchedTiming,
    fsrs: bool,
) -> Result<SortKey> {
    let facts = DueFacts {
        note: card.note_id,
        template_idx: card.template_idx,
        due: card.due.into(),
        original_due: card.original_due.into(),
        interval: card.interval.into(),
        ease_factor: card.ease_factor.into(),
        memory: card.memory_state,
        desired_retention: card.desired_retention,
        decay: card.decay,
        last_review: card.last_review,
    };
    let by = |order| due_key(order, &facts, timing, fsrs);
    let template = card.template_idx;
    let order = match order {
        0 => DueKey::Int(last_review_id(tx, card.id)?, 0),
        1 => DueKey::Int(rand::random(), 0),
        2 => by(ReviewOrder::IntervalsAscending),
        3 => by(ReviewOrder::IntervalsDescending),
        4 => DueKey::Int(-i64::from(card.lapses), 0),
        6 => DueKey::Int(due_moment(card, timing), template),
        7 => by(ReviewOrder::ReverseAdded),
        8 => by(ReviewOrder::RetrievabilityAscending),
        9 => by(ReviewOrder::RetrievabilityDescending),
        10 => by(ReviewOrder::RelativeOverdueness),
        // 5, and what newer versions may have added.
        _ => by(ReviewOrder::Added),
    };
    Ok(SortKey {
        order,
        tie: fnv(&[card.id.0, card.mtime.0]),
    })
}

/// 0 for a card without reviews, which thus comes first.
fn last_review_id(tx: &Tx<'_>, card: CardId) -> Result<i64> {
    Ok(tx
        .revlog_of_card(card)?
        .last()
        .map_or(0, |entry| entry.id.0))
}

/// When the card is due, in epoch seconds, day numbers counted from now.
fn due_moment(card: &Card, timing: &SchedTiming) -> i64 {
    let due = i64::from(card.due);
    if due > 1_000_000_000 {
        due
    } else {
        (due - i64::from(timing.days_elapsed)) * 86_400 + timing.now.0
    }
}

/// Into the filtered deck, at `position` unless it comes earlier by its own due date. Without
/// rescheduling every card is shown like a review.
fn move_in(card: &mut Card, deck: DeckId, reschedule: bool, position: i32) {
    card.original_deck_id = card.deck_id;
    card.original_due = card.due;
    card.deck_id = deck;
    if card.due > 0 {
        card.due = position;
    }
    if !reschedule {
        card.queue = CardQueue::Review;
    }
}
