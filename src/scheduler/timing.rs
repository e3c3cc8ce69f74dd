//! Which day it is for the scheduler, and when the next one starts. Pure: the collection reads
//! config and clock (`collection::timing`).

use crate::base::time::{DAY_SECS, TimestampSecs};

/// The scheduler's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedTiming {
    pub now: TimestampSecs,
    /// Days since the collection was made; the unit of `due` of reviews.
    pub days_elapsed: u32,
    /// When the next day starts.
    pub next_day_at: TimestampSecs,
}

impl SchedTiming {
    /// Seconds until the next day starts, at least 1.
    #[must_use]
    pub fn secs_until_rollover(&self) -> u32 {
        u32::try_from(self.next_day_at.since(self.now))
            .unwrap_or(0)
            .max(1)
    }

    /// Whole scheduler days between `at` and today; 0 for the future.
    #[must_use]
    pub fn days_since(&self, at: TimestampSecs) -> u32 {
        u32::try_from(self.next_day_at.since(at).div_euclid(DAY_SECS)).unwrap_or(0)
    }
}

/// Seconds from 1970 beyond which no collection was created: a damaged file may say anything.
const FARTHEST: i64 = 1 << 40;

/// What [`timing_at`] needs from config and clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimingInput {
    /// Creation of the collection.
    pub created: TimestampSecs,
    pub now: TimestampSecs,
    /// Minutes west of UTC when created; absent in old collections.
    pub creation_offset: Option<i32>,
    /// Minutes west of UTC now.
    pub local_offset: i32,
    /// Hour at which the day starts; later ones than 23 count as that.
    pub rollover_hour: u8,
    /// 1, or 2 for all later ones.
    pub scheduler_version: u8,
}

/// Day number and next start of day; three modes by the collection's age.
#[must_use]
pub fn timing_at(input: &TimingInput) -> SchedTiming {
    let mut input = *input;
    input.created.0 = input.created.0.clamp(-FARTHEST, FARTHEST);
    let input = &input;
    let (days, next_day_at) = if input.scheduler_version == 1 {
        first_scheduler(input)
    } else if let Some(creation_offset) = input.creation_offset {
        calendar_days(input, creation_offset)
    } else {
        fixed_days(input)
    };
    SchedTiming {
        now: input.now,
        days_elapsed: u32::try_from(days).unwrap_or(0),
        next_day_at: TimestampSecs(next_day_at),
    }
}

/// The hour in 0..=23 that a stored rollover means.
#[must_use]
pub fn rollover_hour(stored: u8) -> u8 {
    stored.min(23)
}

fn local_day(at: i64, offset_west: i32) -> i64 {
    (at - i64::from(offset_west) * 60).div_euclid(DAY_SECS)
}

/// The rollover on the local calendar day of `at`, with the offset in force now.
fn rollover_on_day_of(at: i64, input: &TimingInput) -> i64 {
    local_day(at, input.local_offset) * DAY_SECS
        + i64::from(input.local_offset) * 60
        + i64::from(rollover_hour(input.rollover_hour)) * 3600
}

fn calendar_days(input: &TimingInput, creation_offset: i32) -> (i64, i64) {
    // As in Anki, what is no zone at all counts as the present one.
    let is_zone = creation_offset.unsigned_abs() < 24 * 60;
    let creation_offset = if is_zone {
        creation_offset
    } else {
        input.local_offset
    };
    let today = local_day(input.now.0, input.local_offset);
    let first = local_day(input.created.0, creation_offset);
    let rollover = rollover_on_day_of(input.now.0, input);
    let passed = rollover <= input.now.0;
    let days = today - first - i64::from(!passed);
    (
        days,
        if passed {
            rollover + DAY_SECS
        } else {
            rollover
        },
    )
}

fn fixed_days(input: &TimingInput) -> (i64, i64) {
    let start = rollover_on_day_of(input.created.0, input);
    let days = (input.now.0 - start) / DAY_SECS;
    let rollover = rollover_on_day_of(input.now.0, input);
    let next = if rollover <= input.now.0 {
        rollover + DAY_SECS
    } else {
        rollover
    };
    (days, next)
}

fn first_scheduler(input: &TimingInput) -> (i64, i64) {
    let days = (input.now.0 - input.created.0) / DAY_SECS;
    (days, input.created.0 + (days + 1) * DAY_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-29 04:00 in Berlin (UTC+1); summer time began on the 31st at 02:00.
    const CREATED: i64 = 1_711_681_200;

    fn at(now: i64, offset: i32) -> SchedTiming {
        timing_at(&TimingInput {
            created: TimestampSecs(CREATED),
            now: TimestampSecs(now),
            creation_offset: Some(-60),
            local_offset: offset,
            rollover_hour: 4,
            scheduler_version: 2,
        })
    }

    #[test]
    fn the_day_starts_at_the_rollover_hour() {
        assert_eq!(at(CREATED, -60).days_elapsed, 0);
        assert_eq!(at(CREATED + DAY_SECS - 1, -60).days_elapsed, 0);
        assert_eq!(
            at(CREATED + DAY_SECS - 1, -60).next_day_at.0,
            CREATED + DAY_SECS
        );
        assert_eq!(at(CREATED + DAY_SECS, -60).days_elapsed, 1);
        assert_eq!(
            at(CREATED + DAY_SECS, -60).next_day_at.0,
            CREATED + 2 * DAY_SECS
        );
    }

    #[test]
    fn no_time_of_creation_is_too_odd() {
        for created in [i64::MIN, i64::MAX] {
            for (creation_offset, scheduler_version) in [(Some(-60), 2), (None, 2), (None, 1)] {
                let timing = timing_at(&TimingInput {
                    created: TimestampSecs(created),
                    now: TimestampSecs(CREATED),
                    creation_offset,
                    local_offset: -60,
                    rollover_hour: 4,
                    scheduler_version,
                });
                assert_eq!(timing.now.0, CREATED);
            }
        }
    }

    /// As Anki 26.9.3 has them.
    #[test]
    fn an_offset_that_is_no_zone_counts_as_the_present_one() {
        let days = |creation_offset| {
            timing_at(&TimingInput {
                created: TimestampSecs(CREATED),
                now: TimestampSecs(CREATED + 10 * DAY_SECS),
                creation_offset: Some(creation_offset),
                local_offset: -60,
                rollover_hour: 4,
                scheduler_version: 2,
            })
            .days_elapsed
        };
        let of = [-5000, -1440, -1439, -60, 1439, 1440, i32::MIN].map(days);
        assert_eq!(of, [10, 10, 9, 10, 11, 10, 10]);
    }

    #[test]
    fn before_the_first_rollover_is_day_zero() {
        assert_eq!(at(CREATED - 3600, -60).days_elapsed, 0);
    }

    #[test]
    fn a_day_with_the_clock_set_forward_counts_as_one_day() {
        // 04:00 summer time of the 31st is 47 hours after creation.
        let rollover = CREATED + 2 * DAY_SECS - 3600;
        assert_eq!(at(rollover - 1, -120).days_elapsed, 1);
        assert_eq!(at(rollover, -120).days_elapsed, 2);
        assert_eq!(at(rollover, -120).next_day_at.0, rollover + DAY_SECS);
    }

    #[test]
    fn old_collections_count_fixed_days() {
        let mut input = TimingInput {
            created: TimestampSecs(CREATED),
            now: TimestampSecs(CREATED + 10 * DAY_SECS + 5),
            creation_offset: None,
            local_offset: -60,
            rollover_hour: 4,
            scheduler_version: 2,
        };
        assert_eq!(timing_at(&input).days_elapsed, 10);
        input.scheduler_version = 1;
        let timing = timing_at(&input);
        assert_eq!(timing.days_elapsed, 10);
        assert_eq!(timing.next_day_at.0, CREATED + 11 * DAY_SECS);
    }
}
