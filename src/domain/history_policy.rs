//! How long former versions are kept: which of them go, and why nothing else does. Pure.

use crate::base::time::{DAY_MILLIS, TimestampMillis};
use serde::{Deserialize, Serialize};

/// Beyond its size the history shrinks to so much of it, so that not every new version makes an old
/// one go.
const SHRINK_TO_PERCENT: u64 = 90;

/// What the user allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryLimits {
    /// Versions that are older go; None: for all time.
    pub days: Option<u32>,
    /// The oldest versions go when all need more, but not the newest one of anything.
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

/// A version by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    OfNote(i64),
    /// Of a deck, preset or note type.
    OfSubject(i64),
}

/// What the policy looks at of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    pub number: Numbered,
    pub until: TimestampMillis,
    /// About what it takes in the file.
    pub bytes: u64,
    /// The last version of what was deleted.
    pub last_of_deleted: bool,
    /// Of what it is a version of, no newer one is kept.
    pub newest: bool,
}

/// Which of `aged`, the oldest versions in the order of time, go when all together use `used` bytes.
#[must_use]
pub fn to_go(
    aged: &[Aged],
    limits: &HistoryLimits,
    used: u64,
    now: TimestampMillis,
) -> Vec<Numbered> {
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
        let too_much = excess > 0 && !version.newest;
        if !in_trash && (too_old || too_much) {
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
            number: Numbered::OfNote(number),
            until: TimestampMillis(NOW.0 - days_ago * DAY_MILLIS),
            bytes: megabytes * 1_000_000,
            last_of_deleted,
            newest: last_of_deleted,
        }
    }

    fn notes(numbers: &[i64]) -> Vec<Numbered> {
        numbers.iter().map(|&n| Numbered::OfNote(n)).collect()
    }

    #[test]
    fn for_all_time_nothing_goes_by_age() {
        let all = [aged(1, 900, 1, false), aged(2, 1, 1, false)];
        let limits = HistoryLimits::default();
        assert_eq!(to_go(&all, &limits, 2_000_000, NOW), []);
        let days = |days| HistoryLimits {
            days: Some(days),
            ..limits
        };
        assert_eq!(to_go(&all, &days(900), 2_000_000, NOW), []);
        assert_eq!(to_go(&all, &days(899), 2_000_000, NOW), notes(&[1]));
    }

    #[test]
    fn beyond_the_size_the_oldest_go_but_not_what_is_in_the_trash() {
        let all = [
            aged(1, 61, 4, false),
            aged(2, 60, 4, true),
            aged(3, 50, 4, false),
            aged(4, 40, 4, false),
        ];
        let limits = HistoryLimits {
            megabytes: 10,
            ..HistoryLimits::default()
        };
        assert_eq!(to_go(&all, &limits, 10_000_000, NOW), []);
        assert_eq!(to_go(&all, &limits, 16_000_000, NOW), notes(&[1, 3]));
        let short = HistoryLimits {
            days: Some(1),
            ..limits
        };
        assert_eq!(to_go(&all, &short, 16_000_000, NOW), notes(&[1, 3, 4]));
    }

    #[test]
    fn the_newest_of_anything_stays_whatever_the_size() {
        let mut all = [
            aged(1, 61, 20, false),
            aged(2, 60, 20, false),
            aged(3, 50, 20, false),
        ];
        all[0].newest = true;
        all[1].number = Numbered::OfSubject(7);
        let limits = HistoryLimits {
            megabytes: 10,
            ..HistoryLimits::default()
        };
        let go = to_go(&all, &limits, 60_000_000, NOW);
        assert_eq!(go, [Numbered::OfSubject(7), Numbered::OfNote(3)]);
    }

    proptest! {
        #[test]
        fn what_is_in_the_trash_or_the_newest_stays_and_what_goes_is_older_than_what_stays(
            ages in prop::collection::vec(
                (0_i64..200, 1_u64..5, any::<bool>(), any::<bool>()), 0..40),
            days in prop::option::of(1_u32..200),
            megabytes in 10_u32..60,
        ) {
            let mut ages = ages;
            ages.sort_by_key(|(days, ..)| -days);
            let all: Vec<Aged> = (0_i64..)
                .zip(&ages)
                .map(|(n, &(days, size, deleted, newest))| Aged {
                    newest,
                    ..aged(n, days, size, deleted)
                })
                .collect();
            let used = all.iter().map(|a| a.bytes).sum();
            let limits = HistoryLimits { days, megabytes, trash_days: 60 };
            let go = to_go(&all, &limits, used, NOW);
            let is_trash = |a: &Aged| a.last_of_deleted && a.until.0 >= NOW.0 - 60 * DAY_MILLIS;
            let is_old = |a: &Aged| limits.oldest(NOW).is_some_and(|oldest| a.until < oldest);
            let may_go = |a: &Aged| !is_trash(a) && (!a.newest || is_old(a));
            prop_assert!(!all.iter().any(|a| !may_go(a) && go.contains(&a.number)));
            let last = all.iter().rposition(|a| go.contains(&a.number));
            for (n, a) in all.iter().enumerate().filter(|(_, a)| may_go(a)) {
                prop_assert_eq!(go.contains(&a.number), last.is_some_and(|last| n <= last));
            }
            let stays = || all.iter().filter(|a| !go.contains(&a.number));
            let left: u64 = stays().map(|a| a.bytes).sum();
            prop_assert!(left <= limits.bytes() || stays().all(|a| !may_go(a)));
        }
    }
}
