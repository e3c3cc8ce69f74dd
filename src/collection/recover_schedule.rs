//! Schedules that come back from an earlier collection: answers given since, replayed from there, and
//! how much is due before and after. `recover` writes them.

use super::Collection;
use super::answer::answer_context;
use super::card_states::{SiblingDays, home_preset};
use super::recover::{Wish, day_shift, shifted};
use super::stats::Ids;
use super::timing::{timing_of, timing_then};
use crate::base::ids::{CardId, NoteId, RevlogId};
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{ErrorKind, Result};
use crate::domain::card::{Card, CardQueue, CardType, FIRST_MOMENT};
use crate::domain::recovery::{Mode, WorkloadChange};
use crate::domain::revlog::RevlogEntry;
use crate::domain::stats::CardRow;
use crate::domain::study::Rating;
use crate::scheduler::answer::apply;
use crate::scheduler::memory::{is_counted, last_review};
use crate::scheduler::statistics::cards::due_day;
use crate::storage::Storage;
use std::collections::{HashMap, HashSet};

/// What becomes of cards that were answered since.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// With these answers given again.
    pub(super) cards: HashMap<CardId, Card>,
    /// How many are not among them, because the settings of their deck cannot be read.
    pub(super) left: u64,
}

impl Collection {
    /// How many cards would be due after the schedules of `wish` came back, and are now. Nothing is
    /// written.
    pub fn recovery_workload(
        &mut self,
        earlier: &Storage,
        wish: &Wish,
        progress: &Progress,
    ) -> Result<WorkloadChange> {
        let scheduled = |id: &&NoteId| wish.mode_of(**id).is_schedule();
        let chosen: HashSet<NoteId> = wish.notes.iter().filter(scheduled).copied().collect();
        let day_shift = day_shift(earlier, &self.storage)?;
        let mut then: HashMap<CardId, CardRow> = HashMap::new();
        each_card(earlier, progress, |card| {
            if chosen.contains(&card.note) {
                then.insert(card.id, row_shifted(card, day_shift));
            }
        })?;
        let replayed = self.replayed(earlier, wish, progress)?;
        let replayed = replayed.cards.iter();
        then.extend(replayed.map(|(id, card)| (*id, row_of(card))));
        let timing = timing_of(&self.storage, &self.clock)?;
        let mut load = WorkloadChange::default();
        each_card(&self.storage, progress, |now| {
            let then = then.get(&now.id).filter(|then| then.note == now.note);
            if let Some(day) = due_day(now, &timing) {
                load.before.count(day);
            }
            if let Some(day) = due_day(then.unwrap_or(now), &timing) {
                load.after.count(day);
            }
        })?;
        Ok(load)
    }

    /// The cards of notes that come back so, which were answered since: as they were in `earlier`, and
    /// with these answers given again, each at its time. How full the days were then is not known any
    /// more, so the load balancer and easy days move none of these answers (ARCHITECTURE.md says why not
    /// by how full they are now).
    pub(super) fn replayed(
        &mut self,
        earlier: &Storage,
        wish: &Wish,
        progress: &Progress,
    ) -> Result<Replayed> {
        let mut cards = Vec::new();
        for note in &wish.notes {
            if wish.mode_of(*note) == Mode::Replay {
                cards.extend(earlier.cards_of_note(*note)?);
                progress.check()?;
            }
        }
        if cards.is_empty() {
            return Ok(Replayed::default());
        }
        cards.sort_unstable_by_key(|card| card.id);
        let ids: Vec<CardId> = cards.iter().map(|card| card.id).collect();
        let log = earlier.revlog_of_cards(&ids, progress)?;
        let log: HashMap<CardId, &[RevlogEntry]> = log
            .chunk_by(|a, b| a.card_id == b.card_id)
            .map(|rows| (rows[0].card_id, rows))
            .collect();
        let known = |card: CardId| log.get(&card).copied().unwrap_or_default();
        // What was synced only since may have been answered before.
        let last = |card: CardId| known(card).last().map_or(RevlogId(i64::MIN), |row| row.id);
        let mut since = self.storage.revlog_of_cards(&ids, progress)?;
        since.retain(|row| is_counted(row) && row.id > last(row.card_id));
        let day_shift = day_shift(earlier, &self.storage)?;
        let mut replayed = Replayed::default();
        for answers in since.chunk_by(|a, b| a.card_id == b.card_id) {
            progress.check()?;
            let id = answers[0].card_id;
            let Ok(at) = cards.binary_search_by_key(&id, |card| card.id) else {
                continue;
            };
            let Some(present) = self.storage.get_card(id)? else {
                continue;
            };
            let mut card = shifted(cards[at].clone(), day_shift);
            card.deck_id = present.home_deck_id();
            if !self.has_settings(&card)? {
                replayed.left += 1;
                continue;
            }
            card.last_review = card.last_review.or_else(|| last_review(known(id)));
            let card = self.replay(card, known(id), answers)?;
            replayed.cards.insert(id, card);
        }
        Ok(replayed)
    }

    /// Whether its deck and the preset of that can be read.
    fn has_settings(&self, card: &Card) -> Result<bool> {
        match home_preset(&self.storage, card) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), ErrorKind::Corrupt | ErrorKind::Inconsistent) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// `known`: what was in the log before.
    fn replay(
        &mut self,
        mut card: Card,
        known: &[RevlogEntry],
        answers: &[RevlogEntry],
    ) -> Result<Card> {
        for answer in answers {
            let Some(rating) = Rating::ALL.get(usize::from(answer.button).wrapping_sub(1)) else {
                continue;
            };
            let at = TimestampMillis(answer.id.0);
            let timing = timing_then(&self.storage, &self.clock, at.secs())?;
            // A card without a memory gets that of before: the log of now has these answers already.
            let scheduling = self.card_scheduling_after(&card, Some(known), &timing)?;
            let states = scheduling.next_states(None, &SiblingDays::none())?;
            let next = states.of(*rating);
            let context = answer_context(&scheduling, at, &timing);
            apply(&mut card, states.current, next, &context);
            if next.is_leech() && scheduling.preset().leech_action == 0 {
                card.queue = CardQueue::Suspended;
            }
        }
        Ok(card)
    }
}

/// A slice of ids at a time.
fn each_card(storage: &Storage, progress: &Progress, mut f: impl FnMut(&CardRow)) -> Result<()> {
    let mut ids = Ids::of(storage.card_id_range()?, i64::MIN);
    while let Some(slice) = ids.next_slice() {
        let cards = storage.cards_between(slice)?;
        ids.had(cards.len());
        cards.iter().for_each(&mut f);
        progress.check()?;
    }
    Ok(())
}

/// As [`shifted`].
fn row_shifted(card: &CardRow, day_shift: i32) -> CardRow {
    let counts_days = card.ctype != CardType::New && card.due <= FIRST_MOMENT;
    CardRow {
        due: card.due + if counts_days { i64::from(day_shift) } else { 0 },
        ..*card
    }
}

fn row_of(card: &Card) -> CardRow {
    CardRow {
        id: card.id,
        note: card.note_id,
        ctype: card.ctype,
        queue: card.queue,
        due: i64::from(card.due),
        interval: card.interval,
        ..CardRow::default()
    }
}
