//! Takes cards in their gathering order and keeps those that are studied today: within the limits
//! of their decks, and not beside a sibling that buries them.

use super::sort::{NewCard, SortOptions, mix, sort_new};
use super::{LearningEntry, MainEntry, StudyQueue};
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::time::TimestampSecs;
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::study::QueueKind;
use crate::scheduler::limits::{LimitKind, LimitTree};
use std::collections::HashMap;

/// Which siblings a card keeps away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BuryMode {
    pub new: bool,
    pub reviews: bool,
    pub interday_learning: bool,
}

impl BuryMode {
    #[must_use]
    pub fn of(preset: &DeckConfigInner) -> Self {
        Self {
            new: preset.bury_new,
            reviews: preset.bury_reviews,
            interday_learning: preset.bury_interday_learning,
        }
    }

    #[must_use]
    pub fn any(self) -> bool {
        self.new || self.reviews || self.interday_learning
    }

    fn add(&mut self, other: Self) {
        self.new |= other.new;
        self.reviews |= other.reviews;
        self.interday_learning |= other.interday_learning;
    }
}

/// A card that is due by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueCard {
    pub id: CardId,
    pub note: NoteId,
    /// Where it is now.
    pub deck: DeckId,
    pub home_deck: DeckId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueKind {
    Review,
    DayLearning,
}

/// See the module header. Gathering goes on until a method says there is no more room.
pub struct QueueBuilder {
    pub limits: LimitTree,
    bury: HashMap<DeckId, BuryMode>,
    seen: HashMap<NoteId, BuryMode>,
    learning: Vec<LearningEntry>,
    day_learning: Vec<MainEntry>,
    reviews: Vec<MainEntry>,
    new: Vec<NewCard>,
    any_bury: bool,
    /// Groups whose order is not known yet, so far.
    groups: u32,
}

impl QueueBuilder {
    /// `bury`: modes by home deck.
    #[must_use]
    pub fn new(limits: LimitTree, bury: HashMap<DeckId, BuryMode>) -> Self {
        let any_bury = bury.values().any(|mode| mode.any());
        Self {
            limits,
            bury,
            seen: HashMap::new(),
            learning: vec![],
            day_learning: vec![],
            reviews: vec![],
            new: vec![],
            any_bury,
            groups: 0,
        }
    }

    /// Whether siblings can keep a card away, so that notes and home decks must be known.
    #[must_use]
    pub fn needs_notes(&self) -> bool {
        self.any_bury
    }

    pub fn add_learning(&mut self, entry: LearningEntry, note: NoteId, home_deck: DeckId) {
        self.see(note, home_deck);
        self.learning.push(entry);
    }

    /// As [`Self::add_learning`], where [`Self::needs_notes`] is false.
    pub fn add_lone_learning(&mut self, entry: LearningEntry) {
        self.learning.push(entry);
    }

    /// Adds cards whose order among each other is not known yet, and need not be as long as all
    /// of them are studied. False, and nothing is added, when a sibling or a limit could keep one
    /// away, so that the order decides which.
    pub fn add_group(&mut self, cards: &[(DeckId, CardId)], kind: DueKind) -> bool {
        let size = u32::try_from(cards.len()).unwrap_or(u32::MAX);
        let by_deck = || cards.chunk_by(|a, b| a.0 == b.0);
        let fits = !self.any_bury
            && by_deck().all(|run| self.limits.has_room_for(run[0].0, LimitKind::Review, size));
        if !fits {
            return false;
        }
        for run in by_deck() {
            let count = u32::try_from(run.len()).unwrap_or(u32::MAX);
            self.limits.take(run[0].0, LimitKind::Review, count);
        }
        let (list, kind) = match kind {
            DueKind::Review => (&mut self.reviews, QueueKind::Review),
            DueKind::DayLearning => (&mut self.day_learning, QueueKind::Learning),
        };
        let group = if size > 1 {
            self.groups += 1;
            self.groups
        } else {
            0
        };
        list.extend(cards.iter().map(|(_, card)| MainEntry {
            card: *card,
            kind,
            group,
        }));
        true
    }

    /// Whether the selection has room for more cards of this kind.
    #[must_use]
    pub fn has_room(&self, kind: LimitKind) -> bool {
        !self.limits.root_reached(kind)
    }

    /// Whether `deck` has.
    #[must_use]
    pub fn deck_has_room(&self, deck: DeckId, kind: LimitKind) -> bool {
        !self.limits.reached(deck, kind)
    }

    pub fn add_due(&mut self, card: DueCard, kind: DueKind) {
        if !self.deck_has_room(card.deck, LimitKind::Review) {
            return;
        }
        let seen = self.see(card.note, card.home_deck);
        let (hidden, list, kind) = match kind {
            DueKind::Review => (seen.reviews, &mut self.reviews, QueueKind::Review),
            DueKind::DayLearning => (
                seen.interday_learning,
                &mut self.day_learning,
                QueueKind::Learning,
            ),
        };
        if !hidden {
            list.push(MainEntry::new(card.id, kind));
            self.limits.take(card.deck, LimitKind::Review, 1);
        }
    }

    pub fn add_new(&mut self, card: NewCard) {
        if !self.deck_has_room(card.deck, LimitKind::New) {
            return;
        }
        let seen = self.see(card.note, card.home_deck);
        if !seen.new {
            self.new.push(card);
            self.limits.take(card.deck, LimitKind::New, 1);
        }
    }

    /// What earlier siblings keep away; this card's wishes count from the next on.
    fn see(&mut self, note: NoteId, home_deck: DeckId) -> BuryMode {
        if !self.any_bury {
            return BuryMode::default();
        }
        let own = self.bury.get(&home_deck).copied().unwrap_or_default();
        let mode = self.seen.entry(note).or_default();
        let before = *mode;
        mode.add(own);
        before
    }

    /// Sorts and mixes what was gathered.
    #[must_use]
    pub fn build(
        mut self,
        options: SortOptions,
        today: u32,
        now: TimestampSecs,
        learn_ahead_secs: u32,
    ) -> StudyQueue {
        sort_new(&mut self.new, options.new_sort, today);
        let new = self
            .new
            .into_iter()
            .map(|card| MainEntry::new(card.id, QueueKind::New))
            .collect();
        let due = mix(self.reviews, self.day_learning, options.day_learn_mix);
        let main = mix(due, new, options.new_mix);
        StudyQueue::new(main.into(), self.learning, now, learn_ahead_secs)
    }
}
