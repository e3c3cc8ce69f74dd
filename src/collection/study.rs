//! Studying: the card to show now with its four next states, the one likely after it, and the
//! counts. Answers are in `answer`; how the queue is put together is in `gather`.

use super::card_states::{CardScheduling, SiblingDays};
use super::decks::existing;
use super::gather::{StudyConfig, build_queue, settle};
use super::{Collection, Direction, OpOutput};
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId};
use crate::base::time::TimestampSecs;
use crate::base::{Error, Result};
use crate::domain::card::Card;
use crate::domain::changes::Changes;
use crate::domain::deck::Deck;
use crate::domain::op::Op;
use crate::domain::study::{Counts, QueueKind, Rating};
use crate::mark;
use crate::scheduler::balance::Balancer;
use crate::scheduler::fsrs::Model;
use crate::scheduler::queue::{QueueStep, StudyQueue};
use crate::scheduler::states::{CardState, NextStates};
use crate::scheduler::text::answer_button;
use crate::scheduler::timing::SchedTiming;
use crate::storage::{RowChange, Table};
use std::collections::HashMap;
use std::sync::Arc;

/// A card of the queue with everything that its answer needs.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedCard {
    pub card: Card,
    /// Which of the counts it belongs to.
    pub kind: QueueKind,
    pub states: NextStates,
    /// On the buttons Again, Hard, Good, Easy.
    pub intervals: [String; 4],
}

/// An answer: the state that was shown and the one that was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CardAnswer {
    pub card: CardId,
    pub current: CardState,
    pub next: CardState,
    pub rating: Rating,
    pub taken_ms: u32,
}

impl QueuedCard {
    /// The answer of a button.
    #[must_use]
    pub fn answer(&self, rating: Rating, taken_ms: u32) -> CardAnswer {
        CardAnswer {
            card: self.card.id,
            current: self.states.current,
            next: self.states.of(rating),
            rating,
            taken_ms,
        }
    }
}

/// What studying remembers between operations.
#[derive(Debug, Default)]
pub(crate) struct StudyState {
    pub(super) session: Option<Session>,
    /// Steps of the session's queue, one an answer; for undo and redo.
    answered: Vec<AnswerStep>,
    undone: Vec<AnswerStep>,
    /// An undone answer's card: shown first when the queue is built again, unless another deck is
    /// chosen before.
    front: Option<CardId>,
    pub(super) models: HashMap<DeckConfigId, Arc<Model>>,
    pub(super) tree: super::deck_tree::TreeCache,
}

/// A queue and what belongs to it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) queue: StudyQueue,
    pub(super) deck: DeckId,
    day: u32,
    /// When that day ends.
    until: TimestampSecs,
    pub(super) config: StudyConfig,
    /// Made when the first card is shown.
    pub(super) balancer: Option<Balancer>,
    /// All its days are counted; before the first answer only those that were needed.
    pub(super) balancer_complete: bool,
    /// Answered cards with the days they are counted on by the balancer, which need not be where
    /// they are now.
    pub(super) moved: HashMap<CardId, (NoteId, Vec<usize>)>,
}

/// What an answer did to the session.
#[derive(Debug, Clone)]
pub(super) struct AnswerStep {
    pub(super) card: CardId,
    pub(super) queue: QueueStep,
    /// Counted by the balancer.
    pub(super) balanced: Option<(DeckConfigId, usize)>,
}

impl StudyState {
    /// Called after every operation that is on disk, undo and redo included, with the rows it
    /// wrote. When `changes.study_queues` is set the queue must be built again.
    pub(crate) fn after_operation(
        &mut self,
        op: Op,
        direction: Direction,
        rows: &[RowChange],
        changes: Changes,
    ) {
        self.tree.after_operation(rows, changes);
        if changes.deck_config {
            self.models.clear();
        }
        if changes.study_queues {
            self.drop_session();
        }
        if direction == Direction::Do && op.chooses_deck() {
            self.front = None;
        }
        if op != Op::AnswerCard {
            return;
        }
        let card = rows.iter().find_map(|row| {
            let answered = row.table == Table::Revlog;
            answered
                .then(|| super::answer::card_of_log_row(row))
                .flatten()
        });
        match direction {
            Direction::Do => self.undone.clear(),
            Direction::Undo => self.undo_step(card),
            Direction::Redo => self.redo_step(card),
        }
    }

    pub(super) fn drop_session(&mut self) {
        self.session = None;
        self.answered.clear();
        self.undone.clear();
    }

    /// For another day or another deck than `deck`. A card whose answer was just taken back comes
    /// first on the new day, too.
    fn forget_day(&mut self, deck: DeckId) {
        let same_deck = self.session.as_ref().is_some_and(|s| s.deck == deck);
        let undone = self.undone.last().filter(|_| same_deck);
        let undone = undone.map(|step| step.card);
        self.drop_session();
        self.front = undone.or(self.front);
    }

    pub(super) fn push_step(&mut self, step: AnswerStep) {
        self.answered.push(step);
    }

    fn undo_step(&mut self, card: Option<CardId>) {
        let step = self.answered.pop();
        match (&mut self.session, step) {
            (Some(session), Some(step)) if Some(step.card) == card => {
                session.queue.undo(&step.queue);
                if let (Some(balancer), Some((preset, day))) =
                    (&mut session.balancer, step.balanced)
                {
                    balancer.remove(preset, day);
                    if let Some((_, days)) = session.moved.get_mut(&step.card) {
                        days.pop();
                    }
                }
                self.undone.push(step);
            }
            _ => {
                self.drop_session();
                self.front = card;
            }
        }
    }

    fn redo_step(&mut self, card: Option<CardId>) {
        let step = self.undone.pop();
        match (&mut self.session, step) {
            (Some(session), Some(step)) if Some(step.card) == card => {
                session.queue.redo(&step.queue);
                if let (Some(balancer), Some((preset, day))) =
                    (&mut session.balancer, step.balanced)
                {
                    balancer.add(preset, day, 1);
                    if let Some((_, days)) = session.moved.get_mut(&step.card) {
                        days.push(day);
                    }
                }
                self.answered.push(step);
            }
            _ => self.drop_session(),
        }
    }
}

impl Collection {
    /// The deck that is studied; Default when the stored one is gone.
    pub fn current_deck(&self) -> Result<DeckId> {
        let id: i64 = self.storage.config_or("curDeck", DeckId::DEFAULT.0)?;
        Ok(match self.storage.deck(DeckId(id))? {
            Some(deck) => deck.id,
            None => DeckId::DEFAULT,
        })
    }

    /// Chooses the deck to study.
    pub fn set_current_deck(&mut self, deck: DeckId) -> Result<OpOutput<()>> {
        let root = existing(&self.storage, deck)?;
        let active = self.storage.deck_and_below(&root)?;
        let active: Vec<i64> = active.iter().map(|id| id.0).collect();
        let old: Option<i64> = self.storage.config_json("curDeck")?;
        let op = if old == Some(deck.0) {
            // The queue of the same deck stays.
            Op::SkipUndo
        } else {
            Op::SelectDeck
        };
        self.transact(op, |tx| {
            tx.set_config("curDeck", &deck.0)?;
            tx.set_config("activeDecks", &active)
        })
    }

    /// The card to show now; None when the deck is done for today.
    pub fn next_card(&mut self) -> Result<Option<QueuedCard>> {
        let timing = self.ready_queue()?;
        let Some(session) = self.study.session.as_mut() else {
            return Ok(None);
        };
        session.queue.refresh_if_empty(timing.now);
        settle(&self.storage, &mut session.queue, 1)?;
        let Some(entry) = session.queue.head() else {
            return Ok(None);
        };
        self.queued_card(entry.card, entry.kind, &timing).map(Some)
    }

    /// The card that is likely shown after `card`, whatever its answer.
    pub fn peek_after(&mut self, card: CardId) -> Result<Option<QueuedCard>> {
        let timing = self.ready_queue()?;
        let Some(session) = self.study.session.as_mut() else {
            return Ok(None);
        };
        settle(&self.storage, &mut session.queue, 2)?;
        let Some(entry) = session.queue.upcoming().find(|e| e.card != card) else {
            return Ok(None);
        };
        self.queued_card(entry.card, entry.kind, &timing).map(Some)
    }

    /// Cards left in the selected deck.
    pub fn counts(&mut self) -> Result<Counts> {
        self.ready_queue()?;
        Ok(self
            .study
            .session
            .as_ref()
            .map(|session| session.queue.counts())
            .unwrap_or_default())
    }

    /// All cards of the queue in the order in which they would come, for tests and tools.
    pub fn queue_order(&mut self) -> Result<Vec<(CardId, QueueKind)>> {
        self.ready_queue()?;
        if let Some(session) = self.study.session.as_mut() {
            settle(&self.storage, &mut session.queue, usize::MAX)?;
        }
        Ok(self
            .study
            .session
            .iter()
            .flat_map(|session| session.queue.upcoming())
            .map(|entry| (entry.card, entry.kind))
            .collect())
    }

    /// Builds the queue when there is none for the selected deck and this day.
    pub(super) fn ready_queue(&mut self) -> Result<SchedTiming> {
        let timing = self.timing()?;
        let deck = self.current_deck()?;
        if let Some(session) = &self.study.session
            && session.day == timing.days_elapsed
            && session.deck == deck
        {
            return Ok(timing);
        }
        self.study.forget_day(deck);
        self.unbury_on_new_day(&timing)?;
        let root = self.required_deck(deck)?;
        let config = StudyConfig::read(&self.storage)?;
        let mut queue = build_queue(&self.storage, &root, &timing, &config)?;
        if let Some(card) = self.study.front.take() {
            queue.bring_to_front(card);
        }
        self.study.session = Some(Session {
            queue,
            deck,
            day: timing.days_elapsed,
            until: timing.next_day_at,
            config,
            balancer: None,
            balancer_complete: false,
            moved: HashMap::new(),
        });
        Ok(timing)
    }

    /// The day that the queue is of, if that is over and the queue shows this card.
    pub(super) fn shown_before(&self, card: CardId, today: &SchedTiming) -> Option<SchedTiming> {
        let session = self.study.session.as_ref()?;
        let is_over = session.day < today.days_elapsed;
        (is_over && session.queue.may_answer(card)).then_some(SchedTiming {
            days_elapsed: session.day,
            next_day_at: session.until,
            ..*today
        })
    }

    /// Whether the day of the queue may be over.
    pub(super) fn outlasts_the_day(&self) -> bool {
        let now = self.clock.now_secs();
        let session = self.study.session.as_ref();
        session.is_some_and(|session| session.until <= now)
    }

    fn required_deck(&self, deck: DeckId) -> Result<Arc<Deck>> {
        self.storage
            .deck(deck)?
            .ok_or_else(|| Error::inconsistent(mark!("the Default deck is missing")))
    }

    fn queued_card(
        &mut self,
        id: CardId,
        kind: QueueKind,
        timing: &SchedTiming,
    ) -> Result<QueuedCard> {
        let card = self
            .storage
            .get_card(id)?
            .ok_or_else(|| Error::not_found(mark!("a card of the queue is gone")))?;
        let scheduling = self.card_scheduling(&card, timing)?;
        let states = self.next_states(&scheduling, timing)?;
        let learn_ahead = self
            .study
            .session
            .as_ref()
            .map_or(1200, |session| session.config.learn_ahead_secs);
        let until = timing.secs_until_rollover();
        let intervals = Rating::ALL.map(|rating| {
            let interval = states.of(rating).interval().days_if_past(until);
            answer_button(interval.as_secs(), learn_ahead)
        });
        Ok(QueuedCard {
            card,
            kind,
            states,
            intervals,
        })
    }

    /// The four successors of a card's state.
    pub(super) fn next_states(
        &mut self,
        scheduling: &CardScheduling,
        timing: &SchedTiming,
    ) -> Result<NextStates> {
        self.ready_balancer(timing);
        let session = self.study.session.as_ref();
        let siblings = match session {
            Some(session) if scheduling.buries_reviews() => {
                SiblingDays::of(&self.storage, &scheduling.card, &session.moved, timing)?
            }
            _ => SiblingDays::none(),
        };
        loop {
            let session = self.study.session.as_ref();
            let balancer = session.and_then(|session| session.balancer.as_ref());
            let states = scheduling.next_states(balancer, &siblings)?;
            if !self.count_asked_days(timing)? {
                return Ok(states);
            }
        }
    }
}
