//! What is due when nobody asks for anything. Pure.

use crate::base::time::{TimestampMillis, TimestampSecs};
use std::time::Duration;

/// How often the worker looks up when nothing happens.
pub const TICK: Duration = Duration::from_millis(1000);

/// Idle time after which the write-ahead log may be folded in without an answer waiting for it.
const IDLE_BEFORE_CHECKPOINT: Duration = Duration::from_millis(900);

/// How late a learning card may be counted.
const COUNTS_MAY_LAG_SECS: i64 = 5;

/// How long until the disk of the second backups folder is looked for again.
pub const DISK_MAY_BE_BACK_MILLIS: i64 = 30_000;

/// Also when no backup is made, copies are looked at this often.
pub const LOOK_AT_COPIES_MILLIS: i64 = 24 * 3_600_000;

/// Waiting time after so many failures in a row: a minute, doubled up to an hour.
#[must_use]
pub fn back_off_millis(failures: u32) -> i64 {
    (60_000 << failures.saturating_sub(1).min(6)).min(3_600_000)
}

/// Whether `next` has come; also when the clock was set back by more than any waiting time.
#[must_use]
pub fn is_due(next: TimestampMillis, now: TimestampMillis) -> bool {
    now >= next || next.since(now) > LOOK_AT_COPIES_MILLIS
}

/// Idle time after which the mirror may be brought up to date: when a note changed, and when only
/// cards did, as with each answer.
const IDLE_AFTER_NOTE: Duration = Duration::from_secs(3);
const IDLE_BEFORE_MIRROR: Duration = Duration::from_secs(15);
/// Before what failed in idle time is tried, and told, again.
const AFTER_FAILURE: Duration = Duration::from_secs(600);

/// Whether to apply the limits of the history; `done` is when that was last done.
#[must_use]
pub fn history_due(done: Option<TimestampMillis>, now: TimestampMillis) -> bool {
    done.is_none_or(|at| is_due(TimestampMillis(at.0 + LOOK_AT_COPIES_MILLIS), now))
}

/// Between two syncs of media while a profile is open.
const MEDIA_MILLIS: i64 = 15 * 60_000;

/// Whether the media are to be synced again.
#[must_use]
pub fn media_due(last: TimestampMillis, now: TimestampMillis) -> bool {
    is_due(TimestampMillis(last.0 + MEDIA_MILLIS), now)
}

/// What the mirror does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmirrored {
    Nothing,
    /// Cards moved, or nobody knows what changed.
    Something,
    Notes,
}

/// Whether to bring the mirror up to date; `failed` is how long ago that failed.
#[must_use]
pub fn mirror_due(what: Unmirrored, idle: Duration, failed: Option<Duration>) -> bool {
    let rests = match what {
        Unmirrored::Nothing => return false,
        Unmirrored::Something => IDLE_BEFORE_MIRROR,
        Unmirrored::Notes => IDLE_AFTER_NOTE,
    };
    idle >= rests && failed.is_none_or(|ago| ago >= AFTER_FAILURE)
}

/// Whether to fold the write-ahead log in; `failed` is how long ago that failed.
#[must_use]
pub fn checkpoint_due(idle: Duration, failed: Option<Duration>) -> bool {
    idle >= IDLE_BEFORE_CHECKPOINT && failed.is_none_or(|ago| ago >= AFTER_FAILURE)
}

/// What was true when the worker last looked at the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub at: TimestampSecs,
    /// When the next day starts.
    pub next_day_at: TimestampSecs,
    /// Learning cards up to here are counted as due.
    pub learning_until: TimestampSecs,
}

impl Look {
    /// Whether counts may have changed by time alone; also when the clock was set back.
    #[must_use]
    pub fn is_old(&self, now: TimestampSecs) -> bool {
        now >= self.next_day_at || now.since(self.at).unsigned_abs() >= COUNTS_MAY_LAG_SECS as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_later_and_later_but_within_the_hour() {
        let waits: Vec<i64> = [1, 2, 3, 6, 7, 99].map(back_off_millis).to_vec();
        let minutes: Vec<i64> = waits.iter().map(|w| w / 60_000).collect();
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60]);
        let day = LOOK_AT_COPIES_MILLIS;
        for (now, due) in [
            (999, false),
            (1000, true),
            (1000 - day, false),
            (999 - day, true),
        ] {
            assert_eq!(is_due(TimestampMillis(1000), TimestampMillis(now)), due);
        }
    }

    #[test]
    fn the_mirror_waits_for_a_change_and_for_quiet_and_after_a_failure() {
        use Unmirrored::{Notes, Nothing, Something};
        let secs = Duration::from_secs;
        assert!(mirror_due(Something, secs(15), None));
        assert!(!mirror_due(Nothing, secs(15), None));
        assert!(!mirror_due(Something, secs(14), None));
        assert!(!mirror_due(Notes, secs(2), None));
        // With a look each second that is within five.
        assert!(mirror_due(Notes, secs(3), None));
        for what in [Something, Notes] {
            assert!(!mirror_due(what, secs(60), Some(secs(599))));
            assert!(mirror_due(what, secs(60), Some(secs(600))));
        }
    }

    #[test]
    fn a_log_that_cannot_be_folded_in_is_not_tried_and_told_each_second() {
        let secs = Duration::from_secs;
        assert!(!checkpoint_due(secs(0), None));
        assert!(checkpoint_due(secs(1), None));
        assert!(!checkpoint_due(secs(60), Some(secs(1))));
        assert!(checkpoint_due(secs(60), Some(secs(600))));
    }

    #[test]
    fn a_look_is_old_after_a_while_at_the_new_day_and_when_the_clock_is_set_back() {
        let look = Look {
            at: TimestampSecs(1000),
            next_day_at: TimestampSecs(1003),
            learning_until: TimestampSecs(2200),
        };
        for (now, old) in [
            (1000, false),
            (1002, false),
            (1003, true),
            (996, false),
            (995, true),
        ] {
            assert_eq!(look.is_old(TimestampSecs(now)), old, "{now}");
        }
    }
}
