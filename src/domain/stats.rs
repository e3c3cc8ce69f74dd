//! The numbers behind the graphs of the statistics screen, and the two kinds of row that they are
//! made from. How they are counted is in `scheduler::statistics`.

use crate::base::ids::{CardId, NoteId};
use crate::domain::card::{CardQueue, CardType, FsrsMemory};
use crate::domain::revlog::RevlogKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many cards, by days, percent or a day number.
pub type Histogram = BTreeMap<i32, u32>;

/// A card with an interval (days) of at least this is mature.
pub const MATURE_DAYS: u32 = 21;

/// What statistics need of one row of the review log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReviewRow {
    /// Milliseconds.
    pub at: i64,
    pub card: CardId,
    /// 1 to 4; 0 when no one answered.
    pub button: u8,
    /// Days if positive, seconds if negative.
    pub last_interval: i32,
    /// SM-2: ease × 1000; 0 for previews and resets.
    pub ease_factor: u32,
    pub taken_millis: u32,
    pub kind: RevlogKind,
}

/// What statistics need of one card.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CardRow {
    pub id: CardId,
    pub note: NoteId,
    pub ctype: CardType,
    pub queue: CardQueue,
    /// As it was before the card went to a filtered deck; an `i32` in the file.
    pub due: i64,
    /// Days.
    pub interval: u32,
    /// Ease × 1000.
    pub ease_factor: u32,
    pub memory: Option<FsrsMemory>,
    pub decay: Option<f32>,
    /// Epoch seconds.
    pub last_review: Option<i64>,
}

/// One value for each stretch of time up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PerRange<T> {
    /// 30 days.
    pub one_month: T,
    /// 90 days.
    pub three_months: T,
    /// 365 days.
    pub one_year: T,
    /// All that was read.
    pub all_time: T,
}

/// Everything that the statistics screen draws.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Graphs {
    pub today: Today,
    pub future_due: FutureDue,
    pub reviews: Reviews,
    pub card_counts: CardCounts,
    /// Cards by interval in days.
    pub intervals: Histogram,
    /// Cards by stability in days.
    pub stability: Histogram,
    /// Percent of the range of difficulties, 0 to 99.
    pub difficulty: Distribution,
    pub retrievability: Retrievability,
    /// Percent; without cards that have a memory state.
    pub eases: Distribution,
    pub hours: PerRange<[Hour; 24]>,
    pub buttons: PerRange<Buttons>,
    /// Cards by the day they were added, today 0, earlier days negative.
    pub added: Histogram,
    pub true_retention: TrueRetention,
    /// Hour at which a day starts.
    pub rollover_hour: u32,
    pub fsrs: bool,
    /// Cards in scope, and the notes they belong to.
    pub cards: u32,
    pub notes: u32,
    #[serde(skip)]
    pub preferences: GraphPreferences,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Today {
    pub answer_count: u32,
    pub answer_millis: u64,
    pub correct_count: u32,
    pub mature_correct: u32,
    pub mature_count: u32,
    pub learn_count: u32,
    pub review_count: u32,
    pub relearn_count: u32,
    pub early_review_count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FutureDue {
    /// Cards by day, today 0; overdue ones negative.
    pub future_due: Histogram,
    pub have_backlog: bool,
    /// Reviews a day to expect from the present intervals.
    pub daily_load: u32,
}

/// Answers and milliseconds by day (today 0, earlier days negative).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Reviews {
    pub count: BTreeMap<i32, ByKind>,
    pub time: BTreeMap<i32, ByKind>,
}

/// One number for each kind of review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ByKind {
    pub learn: u64,
    pub relearn: u64,
    pub young: u64,
    pub mature: u64,
    pub filtered: u64,
}

impl ByKind {
    #[must_use]
    pub fn total(&self) -> u64 {
        self.learn + self.relearn + self.young + self.mature + self.filtered
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CardCounts {
    /// Suspended and buried cards by how far they have come.
    pub including_inactive: CardCountsOf,
    /// Suspended and buried cards on their own.
    pub excluding_inactive: CardCountsOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CardCountsOf {
    pub new: u32,
    pub learn: u32,
    pub relearn: u32,
    pub young: u32,
    pub mature: u32,
    pub suspended: u32,
    pub buried: u32,
}

impl CardCountsOf {
    #[must_use]
    pub fn total(&self) -> u32 {
        let Self {
            new,
            learn,
            relearn,
            young,
            mature,
            suspended,
            buried,
        } = self;
        new + learn + relearn + young + mature + suspended + buried
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Distribution {
    /// Cards by percent.
    pub cards: Histogram,
    /// The median, percent.
    pub average: f32,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Retrievability {
    /// Cards by percent, 0 to 99.
    pub cards: Histogram,
    /// Mean, percent.
    pub average: f32,
    /// Cards that would be recalled now.
    pub sum_by_card: f32,
    /// As `sum_by_card`, each note counting once.
    pub sum_by_note: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Hour {
    pub total: u32,
    pub correct: u32,
}

/// What people chose for the graphs; Anki keeps it in the collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphPreferences {
    pub week_start: WeekStart,
    /// Suspended and buried cards on their own.
    pub separate_inactive: bool,
    /// Overdue cards in Future due.
    pub backlog: bool,
}

impl Default for GraphPreferences {
    fn default() -> Self {
        Self {
            week_start: WeekStart::Sunday,
            separate_inactive: true,
            backlog: true,
        }
    }
}

/// First row of the calendar. The numbers are the file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeekStart {
    #[default]
    Sunday = 0,
    Monday = 1,
    Friday = 5,
    Saturday = 6,
}

impl WeekStart {
    #[must_use]
    pub fn from_i64(n: i64) -> Self {
        match n {
            1 => Self::Monday,
            5 => Self::Friday,
            6 => Self::Saturday,
            _ => Self::Sunday,
        }
    }
}

/// Presses of Again, Hard, Good, Easy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Buttons {
    pub learning: [u32; 4],
    pub young: [u32; 4],
    pub mature: [u32; 4],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TrueRetention {
    pub today: Retention,
    pub yesterday: Retention,
    /// 7 days.
    pub week: Retention,
    /// 30 days.
    pub month: Retention,
    /// 365 days.
    pub year: Retention,
    /// All that was read.
    pub all_time: Retention,
}

/// First answers of reviews that were due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Retention {
    pub young_passed: u32,
    pub young_failed: u32,
    pub mature_passed: u32,
    pub mature_failed: u32,
}

impl Retention {
    /// Share of answers that were right, 0 to 1; None without answers.
    #[must_use]
    pub fn rate(passed: u32, failed: u32) -> Option<f64> {
        let all = passed + failed;
        (all > 0).then(|| f64::from(passed) / f64::from(all))
    }

    #[must_use]
    pub fn passed(&self) -> u32 {
        self.young_passed + self.mature_passed
    }

    #[must_use]
    pub fn failed(&self) -> u32 {
        self.young_failed + self.mature_failed
    }
}
