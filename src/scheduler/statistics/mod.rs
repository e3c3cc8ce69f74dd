//! Counts the numbers behind the statistics screen. Rows go in one by one, in any order for cards
//! and by time for the log, and nothing is kept of them but counts: `reviews` for the log,
//! `cards` for the cards, `days` for tables by day.

pub mod cards;
mod days;
pub mod reviews;

use crate::base::time::{DAY_MILLIS, DAY_SECS};
use crate::scheduler::timing::SchedTiming;

/// Which moment the counts are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatsMoment {
    pub timing: SchedTiming,
    /// Minutes west of UTC now.
    pub offset_mins_west: i32,
}

impl StatsMoment {
    /// Start of the day that is `days` before tomorrow, in milliseconds.
    fn days_back_millis(&self, days: i64) -> i64 {
        (self.timing.next_day_at.0 - days * DAY_SECS) * 1000
    }
}
