//! When a copy elsewhere is due. Pure: the worker's timer asks, `push` does.

use crate::base::time::TimestampMillis;
use jiff::Zoned;
use serde::{Deserialize, Serialize};

const HOUR_MILLIS: i64 = 60 * 60 * 1000;
/// The night is over at this hour of the clock on the wall; a machine that slept catches up.
const NIGHT_ENDS: i8 = 4;
/// After the first failure; doubled each time.
const FIRST_RETRY_MILLIS: i64 = 5 * 60 * 1000;
const LONGEST_RETRY_MILLIS: i64 = 6 * HOUR_MILLIS;

/// When to make copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// After each night.
    pub nightly: bool,
    /// So many hours after the last one.
    pub every_hours: Option<u32>,
}

impl Schedule {
    /// Whether copies are made without being asked for.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.nightly || self.every_hours.is_some()
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            nightly: true,
            every_hours: None,
        }
    }
}

/// What is known when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Of the newest copy there.
    pub last: Option<TimestampMillis>,
    /// The newest attempt, if it failed, and how many failed in a row.
    pub failed: Option<(TimestampMillis, u32)>,
    /// Something changed since the newest copy.
    pub changed: bool,
    /// One is being made.
    pub running: bool,
    /// After a restore, until the restart.
    pub suspended: bool,
    /// There is nothing to save yet.
    pub empty: bool,
    /// What it has to wait for.
    pub hold: Option<Hold>,
}

/// What is known of the machine; None: unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Machine {
    pub on_battery: Option<bool>,
    /// Of the network: what is sent costs.
    pub metered: Option<bool>,
}

/// What copies that nobody asks for wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Thrift {
    /// Another network, where something is sent.
    pub on_metered: bool,
    /// The charger.
    pub on_battery: bool,
}

/// Why a copy that is due waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Metered,
    Battery,
    /// Much changed without a reason, and nobody has said that it is well.
    Answer,
}

/// What is waited for; `is_far`: the copy goes over the network. Nothing is waited for that is not
/// known.
#[must_use]
pub fn hold(machine: Machine, thrift: Thrift, is_far: bool) -> Option<Hold> {
    if thrift.on_metered && is_far && machine.metered == Some(true) {
        return Some(Hold::Metered);
    }
    let drains = thrift.on_battery && machine.on_battery == Some(true);
    drains.then_some(Hold::Battery)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Run,
    /// It is due, and waits for this to pass.
    Hold(Hold),
    /// Not before this time.
    Wait(TimestampMillis),
    /// Not until something changes or is set.
    Rest,
}

/// See the module header. `now` is local time.
#[must_use]
pub fn decide(state: &State, schedule: Schedule, now: &Zoned) -> Decision {
    if state.running || state.suspended || state.empty || !state.changed {
        return Decision::Rest;
    }
    let millis = TimestampMillis(now.timestamp().as_millisecond());
    // A time in the future is a clock that was set back: nobody knows how long ago that was.
    let last = state.last.filter(|last| *last <= millis);
    let due = match last {
        None => schedule.is_on().then_some(millis),
        Some(last) => next_due(last, schedule, now),
    };
    let Some(due) = due else {
        return Decision::Rest;
    };
    let retry = state
        .failed
        .filter(|(at, _)| *at <= millis)
        .map(|(at, times)| TimestampMillis(at.0.saturating_add(pause_after(times))));
    match retry.map_or(due, |retry| retry.max(due)) {
        when if when <= millis => state.hold.map_or(Decision::Run, Decision::Hold),
        when => Decision::Wait(when),
    }
}

fn next_due(last: TimestampMillis, schedule: Schedule, now: &Zoned) -> Option<TimestampMillis> {
    let by_hours = schedule.every_hours.map(|hours| {
        let pause = i64::from(hours.max(1)).saturating_mul(HOUR_MILLIS);
        TimestampMillis(last.0.saturating_add(pause))
    });
    let by_night = schedule.nightly.then(|| morning_after(last, now)).flatten();
    match (by_hours, by_night) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The first end of a night after `last`, on the wall clock of `now`.
fn morning_after(last: TimestampMillis, now: &Zoned) -> Option<TimestampMillis> {
    let last = jiff::Timestamp::from_millisecond(last.0).ok()?;
    let last = last.to_zoned(now.time_zone().clone());
    let mut date = last.date();
    loop {
        let morning = date
            .at(NIGHT_ENDS, 0, 0, 0)
            .to_zoned(now.time_zone().clone());
        let morning = morning.ok()?;
        if morning > last {
            return Some(TimestampMillis(morning.timestamp().as_millisecond()));
        }
        date = date.tomorrow().ok()?;
    }
}

/// After so many failures in a row.
fn pause_after(times: u32) -> i64 {
    let doubled = 1_i64
        .checked_shl(times.saturating_sub(1).min(32))
        .unwrap_or(i64::MAX);
    FIRST_RETRY_MILLIS
        .saturating_mul(doubled)
        .min(LONGEST_RETRY_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const NIGHTLY: Schedule = Schedule {
        nightly: true,
        every_hours: None,
    };

    fn at(day: i8, hour: i8, minute: i8) -> Zoned {
        let time = date(2026, 3, day).at(hour, minute, 0, 0);
        time.in_tz("Europe/Berlin").unwrap()
    }

    fn millis(time: &Zoned) -> TimestampMillis {
        TimestampMillis(time.timestamp().as_millisecond())
    }

    fn changed(last: &Zoned) -> State {
        State {
            last: Some(millis(last)),
            changed: true,
            ..State::default()
        }
    }

    #[test]
    fn once_a_night_also_when_the_machine_slept() {
        let state = changed(&at(10, 21, 0));
        let due = millis(&at(11, 4, 0));
        assert_eq!(decide(&state, NIGHTLY, &at(10, 23, 0)), Decision::Wait(due));
        for (day, hour) in [(11, 4), (11, 19), (20, 1)] {
            assert_eq!(decide(&state, NIGHTLY, &at(day, hour, 0)), Decision::Run);
        }
        // After midnight it is still the same night.
        let state = changed(&at(11, 1, 0));
        assert_eq!(decide(&state, NIGHTLY, &at(11, 3, 59)), Decision::Wait(due));
    }

    #[test]
    fn the_night_of_summer_time_is_one_night() {
        let state = changed(&at(28, 12, 0));
        let due = millis(&at(29, 4, 0));
        assert_eq!(decide(&state, NIGHTLY, &at(28, 23, 0)), Decision::Wait(due));
        assert_eq!(decide(&state, NIGHTLY, &at(29, 4, 0)), Decision::Run);
    }

    #[test]
    fn after_so_many_hours() {
        let schedule = Schedule {
            nightly: false,
            every_hours: Some(6),
        };
        let state = changed(&at(10, 12, 0));
        let due = millis(&at(10, 18, 0));
        assert_eq!(
            decide(&state, schedule, &at(10, 17, 0)),
            Decision::Wait(due)
        );
        assert_eq!(decide(&state, schedule, &at(10, 18, 0)), Decision::Run);
        let never = Schedule {
            nightly: false,
            every_hours: None,
        };
        assert_eq!(decide(&state, never, &at(30, 18, 0)), Decision::Rest);
        let first = State {
            changed: true,
            ..State::default()
        };
        assert_eq!(decide(&first, never, &at(30, 18, 0)), Decision::Rest);
        assert_eq!(decide(&first, schedule, &at(30, 18, 0)), Decision::Run);
    }

    #[test]
    fn failures_are_tried_again_later_and_later() {
        let mut state = changed(&at(1, 12, 0));
        for (times, minutes) in [(1, 5), (2, 10), (3, 20), (40, 360)] {
            state.failed = Some((millis(&at(10, 12, 0)), times));
            let due = TimestampMillis(millis(&at(10, 12, 0)).0 + minutes * 60_000);
            assert_eq!(decide(&state, NIGHTLY, &at(10, 12, 1)), Decision::Wait(due));
        }
        state.failed = Some((millis(&at(10, 12, 0)), 1));
        assert_eq!(decide(&state, NIGHTLY, &at(10, 12, 5)), Decision::Run);
    }

    #[test]
    fn a_clock_set_back_stops_nothing() {
        let mut state = changed(&at(20, 12, 0));
        state.failed = Some((millis(&at(20, 13, 0)), 3));
        assert_eq!(decide(&state, NIGHTLY, &at(10, 12, 0)), Decision::Run);
    }

    #[test]
    fn what_is_due_waits_for_another_network_or_the_charger() {
        let thrift = |on_metered, on_battery| Thrift {
            on_metered,
            on_battery,
        };
        let machine = |metered, on_battery| Machine {
            on_battery,
            metered,
        };
        let (both, neither) = (thrift(true, true), thrift(false, false));
        let (yes, no) = (Some(true), Some(false));
        for (machine, thrift, is_far, want) in [
            (machine(yes, yes), both, true, Some(Hold::Metered)),
            (machine(yes, yes), both, false, Some(Hold::Battery)),
            (machine(yes, no), both, false, None),
            (machine(no, yes), thrift(true, false), true, None),
            (machine(yes, no), thrift(false, true), true, None),
            (machine(None, None), both, true, None),
            (machine(yes, yes), neither, true, None),
        ] {
            assert_eq!(hold(machine, thrift, is_far), want, "{machine:?}");
        }
        let mut state = changed(&at(10, 21, 0));
        state.hold = Some(Hold::Metered);
        let due = millis(&at(11, 4, 0));
        assert_eq!(decide(&state, NIGHTLY, &at(10, 23, 0)), Decision::Wait(due));
        let held = Decision::Hold(Hold::Metered);
        assert_eq!(decide(&state, NIGHTLY, &at(11, 4, 0)), held);
        state.changed = false;
        assert_eq!(decide(&state, NIGHTLY, &at(11, 4, 0)), Decision::Rest);
    }

    #[test]
    fn it_rests_without_a_reason() {
        let due = changed(&at(1, 12, 0));
        for state in [
            State {
                changed: false,
                ..due
            },
            State {
                running: true,
                ..due
            },
            State {
                suspended: true,
                ..due
            },
            State { empty: true, ..due },
        ] {
            assert_eq!(decide(&state, NIGHTLY, &at(20, 12, 0)), Decision::Rest);
        }
    }
}
