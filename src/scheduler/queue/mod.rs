//! What is studied now and in which order. `builder` takes cards in their gathering order and
//! keeps those within limits and not beside a sibling; `sort` orders them; [`StudyQueue`] is what
//! is left of the day and moves on with each answer.
//!
//! A queue may be built before everything is known that its order depends on: which cards are in
//! it is certain, but the order within a group, and whether a learning card was ever answered, are
//! asked for ([`StudyQueue::unknown`]) when the card comes near. So the rows of thousands of cards
//! need not be read before the first one is shown.

pub mod builder;
pub mod sort;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::CardId;
use crate::base::time::TimestampSecs;
use crate::domain::study::{Counts, QueueKind};
use crate::mark;
use std::collections::VecDeque;

/// A card of the main queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MainEntry {
    pub card: CardId,
    /// Learning: by days.
    pub kind: QueueKind,
    /// Cards of one group stand in their places in any order; 0 is a card in its own place.
    pub group: u32,
}

impl MainEntry {
    /// A card in its place.
    #[must_use]
    pub fn new(card: CardId, kind: QueueKind) -> Self {
        Self {
            card,
            kind,
            group: 0,
        }
    }
}

/// A card that waits for minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearningEntry {
    /// Previewed cards that were never answered come last. None: not looked up yet, and taken to
    /// be answered, as learning cards are.
    pub never_answered: Option<bool>,
    /// Epoch seconds.
    pub due: i64,
    pub card: CardId,
}

impl LearningEntry {
    fn key(&self) -> (bool, i64) {
        (self.never_answered.unwrap_or(false), self.due)
    }
}

/// What has to be looked up before it is certain which cards come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Whether this learning card was never answered; see [`StudyQueue::set_never_answered`].
    NeverAnswered(CardId),
    /// The order of these cards; see [`StudyQueue::set_order`].
    Order(Vec<CardId>),
}

/// The cards of the selected deck that are still to be studied today.
#[derive(Debug, Clone)]
pub struct StudyQueue {
    main: VecDeque<MainEntry>,
    /// In order.
    learning: VecDeque<LearningEntry>,
    /// Learning cards due up to here come before the main queue.
    cutoff: i64,
    learn_ahead: i64,
}

/// What an answer did to the queue, for its undoing.
#[derive(Debug, Clone, Copy)]
pub struct QueueStep {
    taken: Slot,
    requeued: Option<LearningEntry>,
    cutoff_before: i64,
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Main(MainEntry),
    Learning(LearningEntry),
}

impl Slot {
    fn shown(self) -> MainEntry {
        match self {
            Self::Main(entry) => entry,
            Self::Learning(entry) => MainEntry::new(entry.card, QueueKind::Learning),
        }
    }
}

impl StudyQueue {
    /// `learning` in any order.
    #[must_use]
    pub fn new(
        main: VecDeque<MainEntry>,
        mut learning: Vec<LearningEntry>,
        now: TimestampSecs,
        learn_ahead_secs: u32,
    ) -> Self {
        learning.sort_by_key(LearningEntry::key);
        Self {
            main,
            learning: learning.into(),
            cutoff: now.0,
            learn_ahead: i64::from(learn_ahead_secs),
        }
    }

    /// Cards in the order in which they would be shown if nothing changed.
    pub fn upcoming(&self) -> impl Iterator<Item = MainEntry> + '_ {
        self.slots().map(Slot::shown)
    }

    fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let now = move |e: &&LearningEntry| e.due <= self.cutoff;
        let ahead = move |e: &&LearningEntry| {
            e.due > self.cutoff && e.due <= self.cutoff + self.learn_ahead
        };
        let learning = |e: &LearningEntry| Slot::Learning(*e);
        self.learning
            .iter()
            .filter(now)
            .map(learning)
            .chain(self.main.iter().copied().map(Slot::Main))
            .chain(self.learning.iter().filter(ahead).map(learning))
    }

    /// The next thing to look up before the `first` cards are certain. To be asked again until
    /// there is nothing.
    #[must_use]
    pub fn unknown(&self, first: usize) -> Option<Unknown> {
        self.slots().take(first).find_map(|slot| match slot {
            Slot::Learning(entry) => entry
                .never_answered
                .is_none()
                .then_some(Unknown::NeverAnswered(entry.card)),
            Slot::Main(entry) => (entry.group != 0).then(|| {
                let group = self.main.iter().filter(|e| e.group == entry.group);
                Unknown::Order(group.map(|e| e.card).collect())
            }),
        })
    }

    /// What [`Unknown::NeverAnswered`] asked for.
    pub fn set_never_answered(&mut self, card: CardId, never_answered: bool) {
        if let Some(i) = self.learning.iter().position(|e| e.card == card)
            && let Some(mut entry) = self.learning.remove(i)
        {
            entry.never_answered = Some(never_answered);
            if never_answered {
                // Behind those of its second that were looked up before it.
                let behind = self.learning.partition_point(|e| e.key() <= entry.key());
                self.learning.insert(behind, entry);
            } else {
                self.learning.insert(i, entry);
            }
        }
    }

    /// What [`Unknown::Order`] asked for: the same cards, in order.
    pub fn set_order(&mut self, cards: &[CardId]) {
        let group = self.main.iter().find(|e| Some(&e.card) == cards.first());
        let Some(group) = group.map(|e| e.group) else {
            return;
        };
        let places = self.main.iter_mut().filter(|e| e.group == group);
        for (place, card) in places.zip(cards) {
            *place = MainEntry::new(*card, place.kind);
        }
    }

    #[must_use]
    pub fn head(&self) -> Option<MainEntry> {
        self.upcoming().next()
    }

    /// Of the count line.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let horizon = self.cutoff + self.learn_ahead;
        let mut counts = Counts {
            learning: count(self.learning.iter().filter(|e| e.due <= horizon)),
            ..Default::default()
        };
        for entry in &self.main {
            match entry.kind {
                QueueKind::New => counts.new += 1,
                QueueKind::Learning => counts.learning += 1,
                QueueKind::Review => counts.review += 1,
            }
        }
        counts
    }

    /// Nothing to show: lets time pass, so that a learning card may have become due.
    pub fn refresh_if_empty(&mut self, now: TimestampSecs) {
        if self.head().is_none() {
            self.cutoff = self.cutoff.max(now.0);
        }
    }

    /// Whether `card` is the head or a learning card.
    #[must_use]
    pub fn may_answer(&self, card: CardId) -> bool {
        self.main.front().is_some_and(|e| e.card == card)
            || self.learning.iter().any(|e| e.card == card)
    }

    /// Moves a card of the main queue to its front, if it is there.
    pub fn bring_to_front(&mut self, card: CardId) {
        if let Some(i) = self.main.iter().position(|e| e.card == card)
            && let Some(entry) = self.main.remove(i)
        {
            self.main.push_front(MainEntry { group: 0, ..entry });
        }
    }

    /// Takes out a card that was answered; only the head and learning cards can be.
    pub fn take(&mut self, card: CardId) -> Result<QueueStep> {
        let taken = if let Some(i) = self.learning.iter().position(|e| e.card == card) {
            self.learning.remove(i).map(Slot::Learning)
        } else if self.main.front().is_some_and(|e| e.card == card) {
            self.main.pop_front().map(Slot::Main)
        } else {
            None
        };
        let taken = taken.ok_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                mark!("this card is not the one to be answered now"),
            )
        })?;
        let step = QueueStep {
            taken,
            requeued: None,
            cutoff_before: self.cutoff,
        };
        Ok(step)
    }

    /// Puts a card back that will be shown again today. Before time passes, as the window in
    /// which the same card is not shown twice in a row is that of the last answer.
    pub fn requeue(&mut self, step: &mut QueueStep, mut entry: LearningEntry) {
        let horizon = self.cutoff + self.learn_ahead;
        // Not the same card twice in a row when there is another one.
        if self.main.is_empty()
            && let Some(next) = self.learning.front()
            && next.due >= entry.due
            && next.due + 1 < horizon
        {
            entry.due = next.due + 1;
        }
        self.insert_learning(entry);
        step.requeued = Some(entry);
    }

    /// Lets time pass up to the answer, after [`Self::requeue`].
    pub fn advance(&mut self, now: TimestampSecs) {
        self.cutoff = now.0;
    }

    /// The queue as it was before the answer.
    pub fn undo(&mut self, step: &QueueStep) {
        if let Some(requeued) = step.requeued
            && let Some(i) = self.learning.iter().position(|e| e.card == requeued.card)
        {
            self.learning.remove(i);
        }
        match step.taken {
            Slot::Main(entry) => self.main.push_front(entry),
            // Before others of the same second: it was the first of them.
            Slot::Learning(entry)
                if self.learning.front().is_none_or(|e| entry.key() <= e.key()) =>
            {
                self.learning.push_front(entry);
            }
            Slot::Learning(entry) => self.insert_learning(entry),
        }
        self.cutoff = step.cutoff_before;
    }

    /// The queue without the card again, once the answer was undone. As in Anki, no time has
    /// passed: what fell due until the answer comes after the main queue.
    pub fn redo(&mut self, step: &QueueStep) {
        match step.taken {
            Slot::Main(entry) => self.main.retain(|e| e.card != entry.card),
            Slot::Learning(entry) => self.learning.retain(|e| e.card != entry.card),
        }
        if let Some(entry) = step.requeued {
            self.insert_learning(entry);
        }
        self.cutoff = step.cutoff_before;
    }

    fn insert_learning(&mut self, entry: LearningEntry) {
        // Among equals the place is where Anki's search for one of them ends, which does not depend
        // on how the queue lies in memory.
        let (Ok(at) | Err(at)) = self
            .learning
            .make_contiguous()
            .binary_search_by(|e| e.key().cmp(&entry.key()));
        self.learning.insert(at, entry);
    }
}

fn count<T>(iter: impl Iterator<Item = T>) -> u32 {
    u32::try_from(iter.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(main: &[i64], learning: &[(i64, i64)]) -> StudyQueue {
        StudyQueue::new(
            main.iter()
                .map(|id| MainEntry::new(CardId(*id), QueueKind::Review))
                .collect(),
            learning
                .iter()
                .map(|(id, due)| LearningEntry {
                    never_answered: Some(false),
                    due: *due,
                    card: CardId(*id),
                })
                .collect(),
            TimestampSecs(1000),
            1200,
        )
    }

    fn order(queue: &StudyQueue) -> Vec<i64> {
        queue.upcoming().map(|e| e.card.0).collect()
    }

    #[test]
    fn due_learning_first_then_main_then_learning_ahead() {
        let queue = queue(&[1, 2], &[(3, 2000), (4, 900), (5, 9000)]);
        assert_eq!(order(&queue), [4, 1, 2, 3]);
        assert_eq!(queue.counts().learning, 2);
        assert_eq!(queue.counts().review, 2);
    }

    #[test]
    fn undo_puts_the_card_back_to_the_front() {
        let mut queue = queue(&[1, 2], &[(3, 2000)]);
        let mut step = queue.take(CardId(1)).unwrap();
        queue.requeue(
            &mut step,
            LearningEntry {
                never_answered: Some(false),
                due: 1070,
                card: CardId(1),
            },
        );
        assert_eq!(order(&queue), [2, 1, 3]);
        queue.undo(&step);
        assert_eq!(order(&queue), [1, 2, 3]);
    }

    /// Previewed cards, of which but one was never answered, all put behind that one.
    #[test]
    fn cards_that_wait_for_the_same_second_come_as_in_anki() {
        let entry = |card, due| LearningEntry {
            never_answered: Some(card != 1),
            due,
            card: CardId(card),
        };
        let learning = [1, 2, 3, 4].map(|card| entry(card, card)).to_vec();
        let mut queue = StudyQueue::new(VecDeque::new(), learning, TimestampSecs(5749), 1200);
        for (card, due, now) in [
            (1, 6601, 5758),
            (2, 5882, 5773),
            (3, 5947, 5836),
            (4, 5953, 5844),
        ] {
            let mut step = queue.take(CardId(card)).unwrap();
            queue.requeue(&mut step, entry(card, due));
            queue.advance(TimestampSecs(now));
        }
        assert_eq!(order(&queue), [1, 3, 4, 2]);
    }

    #[test]
    fn redo_takes_the_answered_card_out_and_no_time_passes() {
        let mut queue = queue(&[1, 2], &[(3, 1100)]);
        let step = queue.take(CardId(1)).unwrap();
        queue.advance(TimestampSecs(1150));
        assert_eq!(order(&queue), [3, 2]);
        queue.undo(&step);
        assert_eq!(order(&queue), [1, 2, 3]);
        queue.redo(&step);
        assert_eq!(order(&queue), [2, 3]);
    }

    #[test]
    fn undo_puts_a_learning_card_before_those_of_the_same_second() {
        let mut queue = queue(&[], &[1, 2, 3, 4, 5, 6, 7].map(|id| (id, 900)));
        let mut step = queue.take(CardId(1)).unwrap();
        queue.requeue(
            &mut step,
            LearningEntry {
                never_answered: Some(false),
                due: 1070,
                card: CardId(1),
            },
        );
        assert_eq!(order(&queue), [2, 3, 4, 5, 6, 7, 1]);
        queue.undo(&step);
        assert_eq!(order(&queue), [1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_same_card_is_not_shown_twice_in_a_row() {
        let mut queue = queue(&[], &[(3, 1100), (4, 1200)]);
        let mut step = queue.take(CardId(3)).unwrap();
        queue.requeue(
            &mut step,
            LearningEntry {
                never_answered: Some(false),
                due: 1160,
                card: CardId(3),
            },
        );
        assert_eq!(order(&queue), [4, 3]);
    }

    #[test]
    fn what_is_not_known_is_asked_for_when_it_comes_near() {
        let mut queue = queue(&[1, 2, 3, 4], &[(5, 900), (6, 950)]);
        for (place, group) in queue.main.iter_mut().zip([7, 0, 7, 0]) {
            place.group = group;
        }
        queue.learning[0].never_answered = None;
        assert_eq!(queue.unknown(1), Some(Unknown::NeverAnswered(CardId(5))));
        queue.set_never_answered(CardId(5), true);
        assert_eq!(order(&queue), [6, 5, 1, 2, 3, 4]);
        assert_eq!(queue.unknown(2), None);
        let group = vec![CardId(1), CardId(3)];
        assert_eq!(queue.unknown(3), Some(Unknown::Order(group)));
        queue.set_order(&[CardId(3), CardId(1)]);
        assert_eq!(order(&queue), [6, 5, 3, 2, 1, 4]);
        assert_eq!(queue.unknown(6), None);
    }

    #[test]
    fn cards_of_one_second_that_were_never_answered_keep_their_order() {
        let mut queue = queue(&[], &[5, 6, 7].map(|id| (id, 900)));
        for entry in &mut queue.learning {
            entry.never_answered = None;
        }
        for _ in 0..3 {
            if let Some(Unknown::NeverAnswered(card)) = queue.unknown(1) {
                queue.set_never_answered(card, true);
            }
        }
        assert_eq!(queue.unknown(3), None);
        assert_eq!(order(&queue), [5, 6, 7]);
    }

    #[test]
    fn only_the_head_may_be_answered() {
        let mut queue = queue(&[1, 2], &[(3, 2000)]);
        assert!(queue.take(CardId(2)).is_err());
        assert!(queue.take(CardId(3)).is_ok());
    }
}
