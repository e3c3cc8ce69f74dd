//! Which cards a filtered deck takes, in which order.

use crate::base::Result;
use crate::base::ids::CardId;
use crate::base::time::{DAY_SECS, TimestampSecs};
use crate::codec::card_data::memory_data;
use crate::domain::card::FIRST_MOMENT;
use crate::domain::deck::FilteredSearchTerm;
use crate::domain::filtered::FilteredOrder;
use crate::scheduler::hash::fnv;
use crate::scheduler::queue::sort::{DueFacts, DueKey, ReviewOrder, due_key};
use crate::scheduler::timing::SchedTiming;
use crate::storage::search::{Candidate, CandidateFacts, SearchMoment};
use crate::storage::{HeldPlaces, Tx};
use std::cmp::Ordering;

/// The cards of one search in its order, as many as it wants, when those of `held` are already
/// where they are to be.
pub(super) fn gather(
    tx: &Tx<'_>,
    held: &HeldPlaces,
    term: &FilteredSearchTerm,
    moment: &SearchMoment,
    timing: &SchedTiming,
) -> Result<Vec<CardId>> {
    let search = if term.search.trim().is_empty() {
        String::new()
    } else {
        format!("({})", term.search)
    };
    let order = FilteredOrder::from_i32(term.order);
    let mut found: Vec<Ranked> = Vec::new();
    tx.search_candidates(&search, moment, facts_of(order), held, |card| {
        found.push(Ranked {
            key: key(order, card, timing),
            card: card.id,
            mtime: card.mtime,
        });
    })?;
    let limit = term.limit as usize;
    if limit < found.len() && limit > 0 {
        found.select_nth_unstable_by(limit, Ranked::compare);
    }
    found.truncate(limit);
    found.sort_unstable_by(Ranked::compare);
    Ok(found.into_iter().map(|ranked| ranked.card).collect())
}

fn facts_of(order: FilteredOrder) -> CandidateFacts {
    match order {
        FilteredOrder::OldestReviewed => CandidateFacts::LastReview,
        FilteredOrder::Random => CandidateFacts::Id,
        FilteredOrder::RetrievabilityAscending
        | FilteredOrder::RetrievabilityDescending
        | FilteredOrder::RelativeOverdueness => CandidateFacts::Memory,
        _ => CandidateFacts::Numbers,
    }
}

/// A card with its place in the order; equal places go by a stable chance.
struct Ranked {
    key: DueKey,
    card: CardId,
    mtime: i64,
}

impl Ranked {
    fn compare(&self, other: &Self) -> Ordering {
        let chance = |card: &Self| fnv(&[card.card.0, card.mtime]);
        self.key
            .total_cmp(&other.key)
            .then_with(|| chance(self).cmp(&chance(other)))
            .then_with(|| self.card.cmp(&other.card))
    }
}

fn key(order: FilteredOrder, card: &Candidate<'_>, timing: &SchedTiming) -> DueKey {
    let template = card.template_idx;
    // By memory even while FSRS is off, as in Anki.
    let by = |order| due_key(order, &memory_facts(card), timing, true);
    match order {
        FilteredOrder::OldestReviewed => DueKey::Int(card.last_review, 0),
        FilteredOrder::Random => DueKey::Int(rand::random(), 0),
        FilteredOrder::IntervalsAscending => DueKey::Int(card.interval, 0),
        FilteredOrder::IntervalsDescending => DueKey::Int(-card.interval, 0),
        FilteredOrder::MostLapses => DueKey::Int(-card.lapses, 0),
        FilteredOrder::Added => DueKey::Int(card.note.0, template),
        FilteredOrder::LatestAdded => DueKey::Int(-card.note.0, template),
        FilteredOrder::Due => DueKey::Int(due_moment(card.due, timing), template),
        FilteredOrder::RetrievabilityAscending => by(ReviewOrder::RetrievabilityAscending),
        FilteredOrder::RetrievabilityDescending => by(ReviewOrder::RetrievabilityDescending),
        FilteredOrder::RelativeOverdueness => by(ReviewOrder::RelativeOverdueness),
    }
}

/// What the orders by memory look at.
fn memory_facts(candidate: &Candidate<'_>) -> DueFacts {
    let card = memory_data(candidate.data);
    DueFacts {
        note: candidate.note,
        template_idx: candidate.template_idx,
        due: candidate.due,
        // Cards of other filtered decks are not taken.
        original_due: 0,
        interval: candidate.interval,
        ease_factor: 0,
        memory: card.memory(),
        desired_retention: card.desired_retention,
        decay: card.decay,
        last_review: card.last_review.map(TimestampSecs),
    }
}

/// When a card is due, in epoch seconds, day numbers counted from now.
fn due_moment(due: i64, timing: &SchedTiming) -> i64 {
    if due > FIRST_MOMENT {
        due
    } else {
        (due - i64::from(timing.days_elapsed)) * DAY_SECS + timing.now.0
    }
}
