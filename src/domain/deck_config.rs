//! Presets: the options of decks. Defaults are Anki's for a newly made preset.

use crate::base::ids::{DeckConfigId, Usn};
use crate::base::time::TimestampSecs;

/// One row of `deck_config`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeckConfig {
    pub id: DeckConfigId,
    pub name: String,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    pub inner: DeckConfigInner,
}

/// Enumerations are kept as the numbers of the file where nothing is decided on them here; the
/// scheduler reads them into its own types.
#[derive(Debug, Clone, PartialEq)]
pub struct DeckConfigInner {
    /// Minutes.
    pub learn_steps: Vec<f32>,
    /// Minutes.
    pub relearn_steps: Vec<f32>,
    pub fsrs_params_4: Vec<f32>,
    pub fsrs_params_5: Vec<f32>,
    pub fsrs_params_6: Vec<f32>,
    /// Monday first; 1 normal, 0 minimum, else reduced. Empty or seven.
    pub easy_days_percentages: Vec<f32>,
    pub new_per_day: u32,
    pub reviews_per_day: u32,
    pub initial_ease: f32,
    pub easy_multiplier: f32,
    pub hard_multiplier: f32,
    pub lapse_multiplier: f32,
    pub interval_multiplier: f32,
    /// Days.
    pub maximum_review_interval: u32,
    /// Days.
    pub minimum_lapse_interval: u32,
    /// Days.
    pub graduating_interval_good: u32,
    /// Days.
    pub graduating_interval_easy: u32,
    /// 0 due, 1 random.
    pub new_card_insert_order: i32,
    /// 0 suspend, 1 tag only.
    pub leech_action: i32,
    pub leech_threshold: u32,
    pub disable_autoplay: bool,
    pub cap_answer_time_to_secs: u32,
    pub show_timer: bool,
    pub skip_question_when_replaying_answer: bool,
    pub bury_new: bool,
    pub bury_reviews: bool,
    pub bury_interday_learning: bool,
    /// 0 mix, 1 after reviews, 2 before reviews.
    pub new_mix: i32,
    /// As `new_mix`.
    pub interday_learning_mix: i32,
    /// 0 template, 1 no sort, 2 template then random, 3 random note then template, 4 random card.
    pub new_card_sort_order: i32,
    /// 0 day, 1 day then deck, 2 deck then day, 3 intervals ascending, 4 descending, 5 ease
    /// ascending, 6 descending, 7 retrievability ascending, 8 random, 9 added, 10 reverse added,
    /// 11 retrievability descending, 12 relative overdueness.
    pub review_order: i32,
    /// 0 deck, 1 lowest position, 2 highest position, 3 random notes, 4 random cards, 5 deck then
    /// random notes.
    pub new_card_gather_priority: i32,
    pub new_per_day_minimum: u32,
    /// 0 show answer, 1 show reminder.
    pub question_action: i32,
    /// 0.7 to 0.99.
    pub desired_retention: f32,
    pub stop_timer_on_answer: bool,
    /// 0.7 to 0.97.
    pub historical_retention: f32,
    pub seconds_to_show_question: f32,
    pub seconds_to_show_answer: f32,
    /// 0 bury, 1 again, 2 good, 3 hard, 4 show reminder.
    pub answer_action: i32,
    pub wait_for_audio: bool,
    pub param_search: String,
    /// `YYYY-MM-DD` or empty.
    pub ignore_revlogs_before_date: String,
    pub other: Vec<u8>,
    pub unknown: Vec<u8>,
}

/// What each option may be. A stored value outside is read as the default; an option without a
/// range here is read as it is.
pub mod range {
    use std::ops::RangeInclusive;

    /// Cards a day.
    pub const PER_DAY: RangeInclusive<u32> = 0..=9999;
    /// Intervals in days.
    pub const DAYS: RangeInclusive<u32> = 1..=36_500;
    /// Lapses until a leech; seconds of an answer that count.
    pub const COUNT: RangeInclusive<u32> = 1..=9999;
    pub const INITIAL_EASE: RangeInclusive<f32> = 1.31..=5.0;
    pub const EASY_MULTIPLIER: RangeInclusive<f32> = 1.0..=5.0;
    pub const HARD_MULTIPLIER: RangeInclusive<f32> = 0.5..=1.3;
    pub const LAPSE_MULTIPLIER: RangeInclusive<f32> = 0.0..=1.0;
    pub const INTERVAL_MULTIPLIER: RangeInclusive<f32> = 0.5..=2.0;
    pub const DESIRED_RETENTION: RangeInclusive<f32> = 0.7..=0.99;
    pub const HISTORICAL_RETENTION: RangeInclusive<f32> = 0.7..=0.97;
    /// Not checked when read.
    pub const SHOW_SECS: RangeInclusive<f32> = 0.0..=9999.0;
    /// A second to a hundred years; not checked when read.
    pub const STEP_MINUTES: RangeInclusive<f32> = 0.01..=52_560_000.0;
}

impl Default for DeckConfigInner {
    fn default() -> Self {
        Self {
            learn_steps: vec![1.0, 10.0],
            relearn_steps: vec![10.0],
            fsrs_params_4: vec![],
            fsrs_params_5: vec![],
            fsrs_params_6: vec![],
            easy_days_percentages: vec![1.0; 7],
            new_per_day: 20,
            reviews_per_day: 200,
            initial_ease: 2.5,
            easy_multiplier: 1.3,
            hard_multiplier: 1.2,
            lapse_multiplier: 0.0,
            interval_multiplier: 1.0,
            maximum_review_interval: 36_500,
            minimum_lapse_interval: 1,
            graduating_interval_good: 1,
            graduating_interval_easy: 4,
            new_card_insert_order: 0,
            leech_action: 1,
            leech_threshold: 8,
            disable_autoplay: false,
            cap_answer_time_to_secs: 60,
            show_timer: false,
            skip_question_when_replaying_answer: false,
            bury_new: false,
            bury_reviews: false,
            bury_interday_learning: false,
            new_mix: 0,
            interday_learning_mix: 0,
            new_card_sort_order: 0,
            review_order: 0,
            new_card_gather_priority: 0,
            new_per_day_minimum: 0,
            question_action: 0,
            desired_retention: 0.9,
            stop_timer_on_answer: false,
            historical_retention: 0.9,
            seconds_to_show_question: 0.0,
            seconds_to_show_answer: 0.0,
            answer_action: 0,
            wait_for_audio: true,
            param_search: String::new(),
            ignore_revlogs_before_date: String::new(),
            other: vec![],
            unknown: vec![],
        }
    }
}

impl DeckConfig {
    /// The Default preset as it is made; what decks follow where its row is missing.
    #[must_use]
    pub fn new_default() -> Self {
        Self {
            id: DeckConfigId::DEFAULT,
            name: "Default".into(),
            mtime: TimestampSecs(0),
            usn: Usn(0),
            inner: DeckConfigInner::default(),
        }
    }
}

impl DeckConfigInner {
    /// The FSRS parameters in force; empty means the library's defaults.
    #[must_use]
    pub fn fsrs_params(&self) -> &[f32] {
        [
            &self.fsrs_params_6,
            &self.fsrs_params_5,
            &self.fsrs_params_4,
        ]
        .into_iter()
        .find(|p| !p.is_empty())
        .map_or(&[], Vec::as_slice)
    }
}
