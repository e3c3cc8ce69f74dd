//! Answering a card: one transaction that writes the card, the log row, the decks' counters,
//! buries siblings and tags leeches; then the queue moves on.

use super::card_states::{CardScheduling, balanced_day};
use super::gather::settle;
use super::study::{AnswerStep, CardAnswer, Session};
use super::{Collection, OpOutput};
use crate::base::ids::{CardId, DeckConfigId};
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::card::{Card, CardQueue};
use crate::domain::note_fields::sort_tags;
use crate::domain::op::Op;
use crate::mark;
use crate::scheduler::answer::{AnswerContext, apply, revlog_entry};
use crate::scheduler::queue::LearningEntry;
use crate::scheduler::queue::builder::BuryMode;
use crate::scheduler::states::CardState;
use crate::scheduler::timing::SchedTiming;
use crate::storage::{Cell, RowChange, Tx};

pub(super) const LEECH_TAG: &str = "leech";

/// What an answer did.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOutcome {
    /// The card as it is now.
    pub card: Card,
    /// This answer made it a leech.
    pub leech: bool,
    /// And it was suspended for that.
    pub suspended: bool,
}

impl Collection {
    /// Writes an answer and moves the queue on. Refused with `Conflict` when the card is not the
    /// one to be answered, or not what it was when it was shown.
    ///
    /// A card that was shown before the day ended is answered by what it was then, on the new day.
    pub fn answer(&mut self, answer: CardAnswer) -> Result<OpOutput<AnswerOutcome>> {
        if self.outlasts_the_day() {
            let today = self.timing()?;
            if let Some(then) = self.shown_before(answer.card, &today) {
                return self.answer_late(&answer, &then, &today);
            }
        }
        let timing = self.ready_queue()?;
        let before = self.storage.get_card(answer.card)?.ok_or_else(changed)?;
        let scheduling = self.card_scheduling(&before, &timing)?;
        if scheduling.current != answer.current {
            return Err(changed());
        }
        let Some(session) = self.study.session.as_mut() else {
            return Err(changed());
        };
        // The card and its successor, whose place may depend on this answer.
        settle(&self.storage, &mut session.queue, 2)?;
        if !session.queue.may_answer(answer.card) {
            return Err(Error::new(
                ErrorKind::Conflict,
                mark!("this card is not the one to be answered now"),
            ));
        }
        self.complete_balancer(&timing)?;
        let output = self.transact(Op::AnswerCard, |tx| {
            write_answer(tx, &before, &scheduling, &answer, &timing)
        })?;
        self.move_queue_on(&before, &output.value.card, &answer, &scheduling, &timing)?;
        Ok(output)
    }

    /// The states are those of the day `then`, what is written counts from today.
    fn answer_late(
        &mut self,
        answer: &CardAnswer,
        then: &SchedTiming,
        today: &SchedTiming,
    ) -> Result<OpOutput<AnswerOutcome>> {
        let before = self.storage.get_card(answer.card)?.ok_or_else(changed)?;
        let scheduling = self.card_scheduling(&before, then)?;
        if scheduling.current != answer.current {
            return Err(changed());
        }
        self.unbury_on_new_day(today)?;
        let output = self.transact(Op::AnswerCard, |tx| {
            write_answer(tx, &before, &scheduling, answer, today)
        })?;
        self.study.drop_session();
        Ok(output)
    }

    fn move_queue_on(
        &mut self,
        before: &Card,
        after: &Card,
        answer: &CardAnswer,
        scheduling: &CardScheduling,
        timing: &SchedTiming,
    ) -> Result<()> {
        let Some(session) = self.study.session.as_mut() else {
            return Ok(());
        };
        let mut step = session.queue.take(after.id)?;
        let waits = matches!(after.queue, CardQueue::Learn | CardQueue::PreviewRepeat);
        // A card that goes home from a preview is not studied here any more.
        let gone = matches!(answer.next, CardState::Preview(preview) if preview.finished);
        if waits && !gone && i64::from(after.due) < timing.next_day_at.0 {
            let entry = LearningEntry {
                never_answered: Some(after.reps == 0),
                due: i64::from(after.due),
                card: after.id,
            };
            session.queue.requeue(&mut step, entry);
        }
        session.queue.advance(timing.now);
        let balanced = session.count_answer(before, after, scheduling.preset_id, timing);
        self.study.push_step(AnswerStep {
            card: after.id,
            queue: step,
            balanced,
        });
        Ok(())
    }
}

impl Session {
    /// Tells the balancer where an answered card went; where it was counted, if it was.
    pub(super) fn count_answer(
        &mut self,
        before: &Card,
        after: &Card,
        preset: DeckConfigId,
        timing: &SchedTiming,
    ) -> Option<(DeckConfigId, usize)> {
        let balancer = self.balancer.as_mut()?;
        let (_, days) = self.moved.entry(before.id).or_insert_with(|| {
            let day = balanced_day(i64::from(before.due), timing);
            let day = day.filter(|_| !before.is_filtered());
            (before.note_id, day.into_iter().collect())
        });
        if after.queue != CardQueue::Review {
            return None;
        }
        let day = balanced_day(i64::from(after.due), timing)?;
        balancer.add(preset, day, 1);
        days.push(day);
        Some((preset, day))
    }
}

fn changed() -> Error {
    Error::new(
        ErrorKind::Conflict,
        mark!("the card has changed since it was shown"),
    )
}

/// What the answer of a card at a time depends on besides its states.
pub(super) fn answer_context(
    scheduling: &CardScheduling,
    at: TimestampMillis,
    timing: &SchedTiming,
) -> AnswerContext {
    AnswerContext {
        memory: scheduling.card.memory_state,
        timing: *timing,
        at,
        seed: scheduling.seed(),
        fsrs: scheduling.retention_and_decay(),
    }
}

/// Writes the card, its log row, the counters of its decks, its siblings and the leech tag.
pub(super) fn write_answer(
    tx: &mut Tx<'_>,
    before: &Card,
    scheduling: &CardScheduling,
    answer: &CardAnswer,
    timing: &SchedTiming,
) -> Result<AnswerOutcome> {
    let preset = scheduling.preset();
    let taken_ms = answer
        .taken_ms
        .min(preset.cap_answer_time_to_secs.saturating_mul(1000));
    let ctx = answer_context(scheduling, tx.now(), timing);
    let mut card = before.clone();
    apply(&mut card, answer.current, answer.next, &ctx);
    tx.add_revlog(revlog_entry(
        before,
        answer.current,
        answer.next,
        answer.rating,
        taken_ms,
        &ctx,
    ))?;
    count_in_decks(tx, before, taken_ms, timing.days_elapsed)?;
    bury_siblings(tx, before, BuryMode::of(preset))?;
    let leech = answer.next.is_leech();
    let suspended = leech && preset.leech_action == 0;
    if suspended {
        card.queue = CardQueue::Suspended;
    }
    tx.update_card(&card)?;
    if leech {
        tag_leech(tx, &card)?;
    }
    card.mtime = tx.now_secs();
    card.usn = crate::base::ids::Usn::PENDING;
    Ok(AnswerOutcome {
        card,
        leech,
        suspended,
    })
}

/// The day's counters of the card's present deck and of those above it.
fn count_in_decks(tx: &mut Tx<'_>, before: &Card, taken_ms: u32, today: u32) -> Result<()> {
    let (new, review) = match before.queue {
        CardQueue::New => (1, 0),
        CardQueue::Review | CardQueue::DayLearn => (0, 1),
        _ => (0, 0),
    };
    let mut deck = tx.get_deck(before.deck_id)?;
    while let Some(mut counted) = deck {
        let common = &mut counted.common;
        common.begin_day(today);
        common.new_studied = common.new_studied.saturating_add(new);
        common.review_studied = common.review_studied.saturating_add(review);
        common.milliseconds_studied = common
            .milliseconds_studied
            .saturating_add(i32::try_from(taken_ms).unwrap_or(i32::MAX));
        tx.update_deck(&counted)?;
        deck = match counted.name.parent() {
            Some(parent) => tx.deck_by_name(&parent)?,
            None => None,
        };
    }
    Ok(())
}

/// Siblings wait until tomorrow, except those of kinds that come before the answered card's. Grade
/// Now can answer hidden cards; beside them, as in Anki, only new ones wait.
fn bury_siblings(tx: &mut Tx<'_>, answered: &Card, mode: BuryMode) -> Result<()> {
    let (reviews, interday) = match answered.queue {
        CardQueue::New | CardQueue::Suspended | CardQueue::SchedBuried | CardQueue::UserBuried => {
            (false, false)
        }
        CardQueue::Review => (mode.reviews, false),
        CardQueue::Learn | CardQueue::DayLearn | CardQueue::PreviewRepeat => {
            (mode.reviews, mode.interday_learning)
        }
    };
    if !(mode.new || reviews || interday) {
        return Ok(());
    }
    for mut sibling in tx.cards_of_note(answered.note_id)? {
        let bury = match sibling.queue {
            CardQueue::New => mode.new,
            CardQueue::Review => reviews,
            CardQueue::DayLearn => interday,
            _ => false,
        };
        if bury && sibling.id != answered.id {
            sibling.queue = CardQueue::SchedBuried;
            tx.update_card(&sibling)?;
        }
    }
    Ok(())
}

fn tag_leech(tx: &mut Tx<'_>, card: &Card) -> Result<()> {
    let Some(mut note) = tx.get_note(card.note_id)? else {
        return Ok(());
    };
    if note.has_tag(LEECH_TAG) {
        return Ok(());
    }
    let tags = tx.register_tags(&[LEECH_TAG])?;
    note.tags.extend(tags);
    sort_tags(&mut note.tags);
    tx.update_note(&note)
}

/// The card of a row of the review log.
pub(super) fn card_of_log_row(row: &RowChange) -> Option<CardId> {
    match row.cells().get(1)? {
        Cell::Int(id) => Some(CardId(*id)),
        _ => None,
    }
}
