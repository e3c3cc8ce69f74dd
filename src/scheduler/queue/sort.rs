//! Orders of cards: which due cards come first, how new cards are gathered and sorted, and how
//! the kinds are mixed.

use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::time::TimestampSecs;
use crate::domain::card::{FsrsMemory, LAST_DAY, OLD_DECAY};
use crate::domain::deck_config::DeckConfigInner;
use crate::scheduler::fsrs::retrievability;
use crate::scheduler::hash::fnv;
use crate::scheduler::timing::SchedTiming;

/// Options of the selected deck's preset that say in which order to study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SortOptions {
    pub new_gather: NewGather,
    pub new_sort: NewSort,
    pub review_order: ReviewOrder,
    pub day_learn_mix: Mix,
    pub new_mix: Mix,
}

impl SortOptions {
    #[must_use]
    pub fn of(preset: &DeckConfigInner) -> Self {
        Self {
            new_gather: NewGather::from_i32(preset.new_card_gather_priority),
            new_sort: NewSort::from_i32(preset.new_card_sort_order),
            review_order: ReviewOrder::from_i32(preset.review_order),
            day_learn_mix: Mix::from_i32(preset.interday_learning_mix),
            new_mix: Mix::from_i32(preset.new_mix),
        }
    }

    /// Of a filtered deck: as gathered.
    #[must_use]
    pub fn filtered() -> Self {
        Self {
            new_sort: NewSort::NoSort,
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mix {
    #[default]
    Mix,
    After,
    Before,
}

impl Mix {
    fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::After,
            2 => Self::Before,
            _ => Self::Mix,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NewGather {
    #[default]
    Deck,
    LowestPosition,
    HighestPosition,
    RandomNotes,
    RandomCards,
    DeckThenRandomNotes,
}

impl NewGather {
    fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::LowestPosition,
            2 => Self::HighestPosition,
            3 => Self::RandomNotes,
            4 => Self::RandomCards,
            5 => Self::DeckThenRandomNotes,
            _ => Self::Deck,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NewSort {
    #[default]
    Template,
    NoSort,
    TemplateThenRandom,
    RandomNoteThenTemplate,
    RandomCard,
}

impl NewSort {
    fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::NoSort,
            2 => Self::TemplateThenRandom,
            3 => Self::RandomNoteThenTemplate,
            4 => Self::RandomCard,
            _ => Self::Template,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReviewOrder {
    #[default]
    Day,
    DayThenDeck,
    DeckThenDay,
    IntervalsAscending,
    IntervalsDescending,
    EaseAscending,
    EaseDescending,
    RetrievabilityAscending,
    RetrievabilityDescending,
    RelativeOverdueness,
    Random,
    Added,
    ReverseAdded,
}

impl ReviewOrder {
    /// Of the preset's number.
    #[must_use]
    pub fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::DayThenDeck,
            2 => Self::DeckThenDay,
            3 => Self::IntervalsAscending,
            4 => Self::IntervalsDescending,
            5 => Self::EaseAscending,
            6 => Self::EaseDescending,
            7 => Self::RetrievabilityAscending,
            8 => Self::Random,
            9 => Self::Added,
            10 => Self::ReverseAdded,
            11 => Self::RetrievabilityDescending,
            12 => Self::RelativeOverdueness,
            _ => Self::Day,
        }
    }
}

impl ReviewOrder {
    /// Whether the card's memory decides.
    #[must_use]
    pub fn needs_memory(self, fsrs: bool) -> bool {
        match self {
            Self::RetrievabilityAscending | Self::RetrievabilityDescending => true,
            Self::RelativeOverdueness | Self::EaseAscending | Self::EaseDescending => fsrs,
            _ => false,
        }
    }
}

/// What orders look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueFacts {
    pub note: NoteId,
    pub template_idx: u16,
    pub due: i64,
    /// 0 outside filtered decks.
    pub original_due: i64,
    pub interval: i64,
    pub ease_factor: i64,
    pub memory: Option<FsrsMemory>,
    pub desired_retention: Option<f32>,
    pub decay: Option<f32>,
    pub last_review: Option<TimestampSecs>,
}

impl DueFacts {
    fn home_due(&self) -> i64 {
        if self.original_due == 0 {
            self.due
        } else {
            self.original_due
        }
    }
}

/// Sorts ascending; cards without the fact come first or last as the order wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DueKey {
    Int(i64, u16),
    Float(f64),
}

impl DueKey {
    #[must_use]
    pub fn total_cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Int(a, b), Self::Int(c, d)) => (a, b).cmp(&(c, d)),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Int(..), Self::Float(_)) => std::cmp::Ordering::Less,
            (Self::Float(_), Self::Int(..)) => std::cmp::Ordering::Greater,
        }
    }
}

/// Where a card comes in `order`; the three orders by day are the caller's.
#[must_use]
pub fn due_key(order: ReviewOrder, card: &DueFacts, timing: &SchedTiming, fsrs: bool) -> DueKey {
    let missing_first =
        |value: Option<f32>| DueKey::Float(value.map_or(f64::NEG_INFINITY, f64::from));
    let missing_last =
        |value: Option<f32>| DueKey::Float(value.map_or(f64::INFINITY, |v| -f64::from(v)));
    let difficulty = card.memory.map(|m| m.difficulty);
    match order {
        ReviewOrder::Day | ReviewOrder::DayThenDeck | ReviewOrder::DeckThenDay => {
            DueKey::Int(card.due, 0)
        }
        ReviewOrder::IntervalsAscending => DueKey::Int(card.interval, 0),
        ReviewOrder::IntervalsDescending => DueKey::Int(-card.interval, 0),
        ReviewOrder::EaseAscending if fsrs => missing_last(difficulty),
        ReviewOrder::EaseDescending if fsrs => missing_first(difficulty),
        ReviewOrder::EaseAscending => DueKey::Int(card.ease_factor, 0),
        ReviewOrder::EaseDescending => DueKey::Int(-card.ease_factor, 0),
        ReviewOrder::RetrievabilityAscending => missing_first(recall(card, timing)),
        ReviewOrder::RetrievabilityDescending => missing_last(recall(card, timing)),
        ReviewOrder::RelativeOverdueness if fsrs => DueKey::Float(fsrs_overdueness(card, timing)),
        ReviewOrder::RelativeOverdueness => DueKey::Float(sm2_overdueness(card, timing)),
        ReviewOrder::Random => DueKey::Int(0, 0),
        ReviewOrder::Added => DueKey::Int(card.note.0, card.template_idx),
        ReviewOrder::ReverseAdded => DueKey::Int(-card.note.0, card.template_idx),
    }
}

/// Probability of recall now.
fn recall(card: &DueFacts, timing: &SchedTiming) -> Option<f32> {
    let days = match card.last_review {
        Some(last) => days_since(last, timing),
        // Before day 0 counts as just reviewed, as in Anki.
        None if card.home_due() < 0 => 0.0,
        None if card.home_due() > LAST_DAY => {
            days_since(TimestampSecs(card.home_due() - card.interval), timing)
        }
        None => {
            let reviewed = (card.home_due() - card.interval).max(0);
            (i64::from(timing.days_elapsed) - reviewed).max(0) as f32
        }
    };
    Some(retrievability(
        card.memory?,
        days,
        card.decay.unwrap_or(OLD_DECAY),
    ))
}

fn days_since(last: TimestampSecs, timing: &SchedTiming) -> f32 {
    timing.now.since(last).max(0) as f32 / 86_400.0
}

/// Days since the review that due and interval point to; none when that was before day 0. For
/// cards that are being learnt, the days since they fell due.
fn days_since_due_says(card: &DueFacts, timing: &SchedTiming) -> f32 {
    if card.home_due() > LAST_DAY {
        return days_since(TimestampSecs(card.home_due()), timing);
    }
    let reviewed = card.home_due() - card.interval;
    if reviewed < 0 {
        0.0
    } else {
        (i64::from(timing.days_elapsed) - reviewed).max(0) as f32
    }
}

/// Most overdue relative to its interval first, those without one before all; in filtered decks
/// the position counts as due.
fn sm2_overdueness(card: &DueFacts, timing: &SchedTiming) -> f64 {
    if card.interval == 0 {
        return f64::NEG_INFINITY;
    }
    let late = i64::from(timing.days_elapsed) - card.due;
    -((late as f64 + 0.001) / card.interval as f64)
}

/// How much the odds of forgetting exceed those wanted, most first.
fn fsrs_overdueness(card: &DueFacts, timing: &SchedTiming) -> f64 {
    let (Some(memory), Some(wanted)) = (card.memory, card.desired_retention) else {
        let days = days_since_due_says(card, timing).floor();
        return -((f64::from(days) + 0.001) / card.interval.max(1) as f64);
    };
    let days = match card.last_review {
        Some(last) => days_since(last, timing),
        None => days_since_due_says(card, timing),
    };
    let decay = card.decay.unwrap_or(OLD_DECAY);
    let recall = retrievability(memory, days, decay);
    let power = -1.0 / decay;
    -f64::from((recall.powf(power) - 1.0) / (wanted.powf(power) - 1.0))
}

/// Changes from day to day, so that random orders do.
#[must_use]
pub fn daily_salt(today: u32) -> i64 {
    i64::from(today.wrapping_mul(2_654_435_761))
}

/// A gathered new card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCard {
    pub id: CardId,
    pub note: NoteId,
    pub deck: DeckId,
    pub home_deck: DeckId,
    pub template_idx: u16,
}

/// Orders gathered new cards for showing.
pub fn sort_new(cards: &mut [NewCard], order: NewSort, today: u32) {
    let salt = i64::from(today);
    match order {
        NewSort::NoSort => {}
        NewSort::Template => cards.sort_by_key(|c| c.template_idx),
        NewSort::TemplateThenRandom => {
            cards.sort_by_cached_key(|c| (c.template_idx, fnv(&[c.id.0, salt]).cast_unsigned()));
        }
        NewSort::RandomNoteThenTemplate => {
            cards.sort_by_cached_key(|c| (fnv(&[c.note.0, salt]).cast_unsigned(), c.template_idx));
        }
        NewSort::RandomCard => {
            cards.sort_by_cached_key(|c| fnv(&[c.id.0, salt]).cast_unsigned());
        }
    }
}

/// `first` with `second` before, after, or spread evenly among it.
#[must_use]
pub fn mix<T>(first: Vec<T>, second: Vec<T>, how: Mix) -> Vec<T> {
    let (before, after) = match how {
        Mix::After => (first, second),
        Mix::Before => (second, first),
        Mix::Mix => return spread(first, second),
    };
    before.into_iter().chain(after).collect()
}

fn spread<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    let ratio = (first.len() + 1) as f32 / (second.len() + 1) as f32;
    let mut mixed = Vec::with_capacity(first.len() + second.len());
    let (mut taken_first, mut taken_second) = (0usize, 0usize);
    let mut first = first.into_iter().peekable();
    let mut second = second.into_iter().peekable();
    loop {
        let second_is_due =
            (taken_second + 1) as f32 * ratio < (taken_first + 1) as f32 && second.peek().is_some();
        if second_is_due || first.peek().is_none() {
            let Some(item) = second.next() else { break };
            mixed.push(item);
            taken_second += 1;
        } else if let Some(item) = first.next() {
            mixed.push(item);
            taken_first += 1;
        }
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes() {
        let a = || vec![1, 2, 3, 4, 5];
        let b = || vec![11, 12];
        assert_eq!(mix(a(), b(), Mix::After), [1, 2, 3, 4, 5, 11, 12]);
        assert_eq!(mix(a(), b(), Mix::Before), [11, 12, 1, 2, 3, 4, 5]);
        assert_eq!(mix(a(), b(), Mix::Mix), [1, 2, 11, 3, 4, 12, 5]);
        assert_eq!(mix(vec![], b(), Mix::Mix), [11, 12]);
        assert_eq!(mix(a(), vec![], Mix::Mix), a());
    }
}
