//! When a backup is due. Pure: the worker's timer asks, `write` does.

use super::entry::{Reason, Rules};
use crate::base::time::TimestampMillis;

/// Longest pause between automatic backups, whatever the setting: one day.
const MAX_INTERVAL_MINS: u32 = 24 * 60;
/// After a failure the timer tries again this much later.
const RETRY_MINS: u32 = 5;
/// A backup of that age is enough before something that can be undone.
const FRESH_MINS: u32 = 5;

/// What is known when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// `col.mod` of the collection now.
    pub collection_mod: TimestampMillis,
    /// Newest backup that was verified and still stands in the folder.
    pub last: Option<LastBackup>,
    /// The newest attempt, if it failed.
    pub failed_at: Option<TimestampMillis>,
    /// A backup is being written.
    pub running: bool,
    /// After a restore, until the restart.
    pub suspended: bool,
    /// The collection holds no notes and no reviews.
    pub empty: bool,
}

/// The newest verified backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastBackup {
    pub at: TimestampMillis,
    /// `col.mod` of what it holds.
    pub collection_mod: TimestampMillis,
}

/// Why somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The timer's tick.
    Timer,
    /// File > Create Backup.
    Manual,
    /// The collection is being closed.
    Close,
    /// Something that overwrites or deletes is about to run.
    Before(Reason),
    /// Something that touches much, but can be undone.
    BeforeUndoable(Reason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Run(Reason),
    Skip(SkipReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// Nothing changed since the newest verified backup.
    Unchanged,
    /// Something changed; due at this time.
    NotYet(TimestampMillis),
    /// After a restore, until the restart.
    Suspended,
    /// One is being written.
    Running,
    /// There is nothing to save yet.
    Empty,
    /// The newest verified backup is only minutes old.
    Fresh,
}

/// See the module header. Backups before something dangerous are always made.
#[must_use]
pub fn decide(state: &State, rules: &Rules, trigger: Trigger, now: TimestampMillis) -> Decision {
    use Decision::{Run, Skip};
    let unchanged = state
        .last
        .is_some_and(|last| last.collection_mod == state.collection_mod);
    match trigger {
        Trigger::Before(reason) => Run(reason),
        Trigger::BeforeUndoable(_) if unchanged => Skip(SkipReason::Unchanged),
        Trigger::BeforeUndoable(_) if state.empty => Skip(SkipReason::Empty),
        Trigger::BeforeUndoable(reason) => {
            let age = state.last.map(|last| now.since(last.at));
            match age {
                Some(age) if (0..millis(FRESH_MINS)).contains(&age) => Skip(SkipReason::Fresh),
                _ => Run(reason),
            }
        }
        _ if state.running => Skip(SkipReason::Running),
        Trigger::Manual if unchanged => Skip(SkipReason::Unchanged),
        Trigger::Manual => Run(Reason::Manual),
        _ if state.suspended => Skip(SkipReason::Suspended),
        _ if unchanged => Skip(SkipReason::Unchanged),
        _ if state.empty => Skip(SkipReason::Empty),
        Trigger::Close => Run(Reason::Close),
        Trigger::Timer => match next_due(state, rules, now) {
            Some(due) if due > now => Skip(SkipReason::NotYet(due)),
            _ => Run(Reason::Interval),
        },
    }
}

/// When the timer will make the next backup, if something has changed; None: at once.
#[must_use]
pub fn next_due(state: &State, rules: &Rules, now: TimestampMillis) -> Option<TimestampMillis> {
    let interval = millis(rules.minimum_interval_mins.min(MAX_INTERVAL_MINS));
    // A time in the future is a clock that was set back: nobody knows how old that backup is.
    let after = |at: TimestampMillis, pause: i64| {
        (at <= now).then_some(TimestampMillis(at.0.saturating_add(pause)))
    };
    let by_interval = state.last.and_then(|last| after(last.at, interval));
    let by_retry = state.failed_at.and_then(|at| after(at, millis(RETRY_MINS)));
    by_interval.max(by_retry)
}

/// What is known of restore drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrillState {
    /// The last one that succeeded.
    pub done_at: Option<TimestampMillis>,
    /// The last one that failed.
    pub failed_at: Option<TimestampMillis>,
    /// There is a verified backup to try.
    pub has_backup: bool,
}

/// When the next restore drill is due; None: never, because none is wanted or nothing is there to
/// try. A time that has passed, or `now`: at once.
#[must_use]
pub fn drill_due(
    state: &DrillState,
    every_days: u32,
    now: TimestampMillis,
) -> Option<TimestampMillis> {
    if every_days == 0 || !state.has_backup {
        return None;
    }
    let after = |at: Option<TimestampMillis>, days: u32| {
        // A time in the future is a clock that was set back.
        let at = at.filter(|at| *at <= now)?;
        let pause = millis(days.saturating_mul(MAX_INTERVAL_MINS));
        Some(TimestampMillis(at.0.saturating_add(pause)))
    };
    let by_success = after(state.done_at, every_days);
    // A failure is told at once and tried again on the next day.
    let by_failure = after(state.failed_at.filter(|at| Some(*at) > state.done_at), 1);
    Some(by_failure.or(by_success).unwrap_or(now))
}

fn millis(mins: u32) -> i64 {
    i64::from(mins) * 60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: i64 = 60_000;
    const NOW: i64 = 1_800_000_000_000;

    fn changed(minutes_ago: i64) -> State {
        State {
            collection_mod: TimestampMillis(2),
            last: Some(LastBackup {
                at: TimestampMillis(NOW - minutes_ago * MIN),
                collection_mod: TimestampMillis(1),
            }),
            ..State::default()
        }
    }

    fn check(state: State, trigger: Trigger, want: Decision) {
        let got = decide(&state, &Rules::default(), trigger, TimestampMillis(NOW));
        assert_eq!(got, want, "{state:?} {trigger:?}");
    }

    #[test]
    fn the_timer_waits_for_change_and_interval() {
        let due = TimestampMillis(NOW + MIN);
        check(
            changed(29),
            Trigger::Timer,
            Decision::Skip(SkipReason::NotYet(due)),
        );
        check(changed(30), Trigger::Timer, Decision::Run(Reason::Interval));
        let mut same = changed(300);
        same.collection_mod = TimestampMillis(1);
        check(same, Trigger::Timer, Decision::Skip(SkipReason::Unchanged));
        check(
            State::default(),
            Trigger::Timer,
            Decision::Run(Reason::Interval),
        );
    }

    #[test]
    fn at_least_daily() {
        let weekly = Rules {
            minimum_interval_mins: 9999,
            ..Rules::default()
        };
        let ask = |ago| decide(&changed(ago), &weekly, Trigger::Timer, TimestampMillis(NOW));
        assert_eq!(ask(24 * 60), Decision::Run(Reason::Interval));
        assert!(matches!(ask(23 * 60), Decision::Skip(_)));
    }

    #[test]
    fn closing_with_a_change_is_always_covered() {
        check(changed(0), Trigger::Close, Decision::Run(Reason::Close));
    }

    #[test]
    fn by_hand_only_when_something_changed() {
        check(changed(0), Trigger::Manual, Decision::Run(Reason::Manual));
        let mut same = changed(0);
        same.collection_mod = TimestampMillis(1);
        check(same, Trigger::Manual, Decision::Skip(SkipReason::Unchanged));
    }

    #[test]
    fn before_something_dangerous_always() {
        let state = State {
            suspended: true,
            running: true,
            ..changed(0)
        };
        check(
            state,
            Trigger::Before(Reason::BeforeRestore),
            Decision::Run(Reason::BeforeRestore),
        );
    }

    #[test]
    fn before_something_that_can_be_undone_a_fresh_one_is_enough() {
        let trigger = Trigger::BeforeUndoable(Reason::BeforeDelete);
        let run = Decision::Run(Reason::BeforeDelete);
        check(changed(4), trigger, Decision::Skip(SkipReason::Fresh));
        check(changed(5), trigger, run);
        check(changed(-60), trigger, run);
        let mut same = changed(900);
        same.collection_mod = TimestampMillis(1);
        check(same, trigger, Decision::Skip(SkipReason::Unchanged));
        let suspended = State {
            suspended: true,
            ..changed(900)
        };
        check(suspended, trigger, run);
    }

    #[test]
    fn suspended_after_a_restore() {
        let state = State {
            suspended: true,
            ..changed(300)
        };
        for trigger in [Trigger::Timer, Trigger::Close] {
            check(state, trigger, Decision::Skip(SkipReason::Suspended));
        }
        check(state, Trigger::Manual, Decision::Run(Reason::Manual));
    }

    #[test]
    fn a_failure_is_tried_again_soon_but_not_at_once() {
        let mut state = changed(300);
        state.failed_at = Some(TimestampMillis(NOW - 2 * MIN));
        let due = TimestampMillis(NOW + 3 * MIN);
        check(
            state,
            Trigger::Timer,
            Decision::Skip(SkipReason::NotYet(due)),
        );
        state.failed_at = Some(TimestampMillis(NOW - 5 * MIN));
        check(state, Trigger::Timer, Decision::Run(Reason::Interval));
    }

    #[test]
    fn a_drill_is_due_weekly_and_the_day_after_a_failure() {
        let day = 24 * 60 * MIN;
        let now = TimestampMillis(NOW);
        let ago = |days: i64| Some(TimestampMillis(NOW - days * day));
        let state = |done_at, failed_at| DrillState {
            done_at,
            failed_at,
            has_backup: true,
        };
        let due = |state| drill_due(&state, 7, now).map(|at| (at.0 - NOW) / day);
        assert_eq!(due(state(None, None)), Some(0));
        assert_eq!(due(state(ago(3), None)), Some(4));
        assert_eq!(due(state(ago(9), None)), Some(-2));
        assert_eq!(due(state(ago(9), ago(0))), Some(1));
        assert_eq!(due(state(ago(3), ago(5))), Some(4), "mended since");
        assert_eq!(due(state(ago(-3), None)), Some(0), "the clock was set back");
        assert_eq!(due(DrillState::default()), None, "nothing to try");
        assert_eq!(drill_due(&state(ago(9), None), 0, now), None, "not wanted");
    }

    #[test]
    fn a_clock_set_back_does_not_stop_backups() {
        check(
            changed(-600),
            Trigger::Timer,
            Decision::Run(Reason::Interval),
        );
    }
}
