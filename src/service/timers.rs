//! What is due when nobody asks for anything. Pure.

use crate::base::time::TimestampSecs;
use std::time::Duration;

/// How often the worker looks up when nothing happens.
pub const TICK: Duration = Duration::from_millis(1000);

/// Idle time after which the write-ahead log may be folded in without an answer waiting for it.
const IDLE_BEFORE_CHECKPOINT: Duration = Duration::from_millis(900);

/// How late a learning card may be counted.
const COUNTS_MAY_LAG_SECS: i64 = 5;

#[must_use]
pub fn checkpoint_due(idle: Duration) -> bool {
    idle >= IDLE_BEFORE_CHECKPOINT
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
