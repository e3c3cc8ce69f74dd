//! How long former versions are kept: which of them go, and why nothing else does. Pure.

use crate::base::time::TimestampMillis;
use serde::{Deserialize, Serialize};

const DAY_MILLIS: i64 = 86_400_000;
/// Beyond its size the history shrinks to so much of it, so that not every new version makes an old
/// one go.
const SHRINK_TO_PERCENT: u64 = 90;

/// What the user allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryLimits {
    /// Versions that are older go; None: for all time.
    pub days: Option<u32>,
    /// The oldest versions go when all need more.
    pub megabytes: u32,
    /// So long the last version of a deleted note stays, whatever the other limits say.
    pub trash_days: u32,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self {
            days: None,
            megabytes: 1000,
            trash_days: 60,
        }
    }
}

impl HistoryLimits {
    /// Numbers brought into their ranges.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            days: self.days.map(|days| days.clamp(1, 36_500)),
            megabytes: self.megabytes.clamp(10, 100_000),
            trash_days: self.trash_days.clamp(1, 3650),
        }
    }

    /// Bytes that may be used.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::from(self.megabytes) * 1_000_000
    }

    /// What was deleted since this can be put back.
    #[must_use]
    pub fn trash(&self, now: TimestampMillis) -> TimestampMillis {
        TimestampMillis(now.0 - i64::from(self.trash_days) * DAY_MILLIS)
    }

    /// Versions that ceased to be the present one before this are too old.
    #[must_use]
    pub fn oldest(&self, now: TimestampMillis) -> Option<TimestampMillis> {
        let days = self.days?;
        Some(TimestampMillis(now.0 - i64::from(days) * DAY_MILLIS))
    }
}

/// What the policy looks at of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    pub number: i64,
    pub until: TimestampMillis,
    /// About what it takes in the file.
    pub bytes: u64,
    /// The last version of a deleted note.
    pub last_of_deleted: bool,
}

/// Which of `aged`, the oldest versions in the order of time, go when all together use `used` bytes.
#[must_use]
pub fn to_go(aged: &[Aged], limits: &HistoryLimits, used: u64, now: TimestampMillis) -> Vec<i64> {
    let oldest = limits.oldest(now);
    let trash = limits.trash(now);
    let mut excess = match limits.bytes() {
        most if used > most => used - most / 100 * SHRINK_TO_PERCENT,
        _ => 0,
    };
    let mut go = Vec::new();
    for version in aged {
        let in_trash = version.last_of_deleted && version.until >= trash;
        let too_old = oldest.is_some_and(|oldest| version.until < oldest);
        if !in_trash && (too_old || excess > 0) {
            excess = excess.saturating_sub(version.bytes);
            go.push(version.number);
        }
    }
    go
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: TimestampMillis = TimestampMillis(1_000 * DAY_MILLIS);

    fn aged(number: i64, days_ago: i64, megabytes: u64, last_of_deleted: bool) -> Aged {
        Aged {
            number,
            until: TimestampMillis(NOW.0 - days_ago * DAY_MILLIS),
            bytes: megabytes * 1_000_000,
            last_of_deleted,
        }
    }

    #[test]
    fn for_all_time_nothing_goes_by_age() {
        let all = [aged(1, 900, 1, false), aged(2, 1, 1, false)];
        let limits = HistoryLimits::default();
        assert_eq!(to_go(&all, &limits, 2_000_000, NOW), Vec::<i64>::new());
        let days = |days| HistoryLimits {
            days: Some(days),
            ..limits
        };
        assert_eq!(to_go(&all, &days(900), 2_000_000, NOW), Vec::<i64>::new());
        assert_eq!(to_go(&all, &days(899), 2_000_000, NOW), [1]);
    }

    #[test]
    fn beyond_the_size_the_oldest_go_but_not_what_is_in_the_trash() {
        let all = [
            aged(1, 61, 4, true),
            aged(2, 60, 4, true),
            aged(3, 50, 4, false),
            aged(4, 40, 4, false),
        ];
        let limits = HistoryLimits {
            megabytes: 10,
            ..HistoryLimits::default()
        };
        assert_eq!(to_go(&all, &limits, 10_000_000, NOW), Vec::<i64>::new());
        assert_eq!(to_go(&all, &limits, 16_000_000, NOW), [1, 3]);
        let short = HistoryLimits {
            days: Some(1),
            ..limits
        };
        assert_eq!(to_go(&all, &short, 16_000_000, NOW), [1, 3, 4]);
    }

    proptest! {
        #[test]
        fn what_is_in_the_trash_stays_and_what_goes_is_older_than_what_stays(
            ages in prop::collection::vec((0_i64..200, 1_u64..5, any::<bool>()), 0..40),
            days in prop::option::of(1_u32..200),
            megabytes in 10_u32..60,
        ) {
            let mut ages = ages;
            ages.sort_by_key(|(days, ..)| -days);
            let all: Vec<Aged> = (0_i64..)
                .zip(&ages)
                .map(|(n, &(days, size, deleted))| aged(n, days, size, deleted))
                .collect();
            let used = all.iter().map(|a| a.bytes).sum();
            let limits = HistoryLimits { days, megabytes, trash_days: 60 };
            let go = to_go(&all, &limits, used, NOW);
            let is_trash = |a: &&Aged| a.last_of_deleted && a.until.0 >= NOW.0 - 60 * DAY_MILLIS;
            prop_assert!(!all.iter().filter(is_trash).any(|a| go.contains(&a.number)));
            let youngest = go.last().copied().unwrap_or(-1);
            for a in all.iter().filter(|a| !is_trash(a)) {
                prop_assert_eq!(go.contains(&a.number), a.number <= youngest);
            }
            let left: u64 = all.iter().filter(|a| !go.contains(&a.number)).map(|a| a.bytes).sum();
            let all_trash = all.iter().filter(|a| !go.contains(&a.number)).all(|a| is_trash(&a));
            prop_assert!(left <= limits.bytes() || all_trash);
        }
    }
}
