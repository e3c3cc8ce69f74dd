//! Spans of time in whole words, as Anki writes them. The short forms on the answer buttons are in
//! `scheduler::text`.

use crate::base::count;
use crate::t;

/// 365/12 days.
const MONTH: f64 = 30.416_666_666_666_668 * DAY;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

/// The largest unit that fits, for intervals: `10 seconds`, `1.5 minutes`, `4 days`,
/// `4.1 months`. Seconds and days are whole.
#[must_use]
pub fn long(secs: f64) -> String {
    let (value, unit) = in_unit(secs);
    let places = match unit {
        Unit::Second | Unit::Day => 0,
        _ => 1,
    };
    words(value, places, unit)
}

/// As [`long`], to a hundredth of any unit: `59.98 minutes`, `30.4 days`.
#[must_use]
pub fn precise(secs: f64) -> String {
    let (value, unit) = in_unit(secs);
    words(value, 2, unit)
}

/// Of a day's study: in seconds or minutes, to a hundredth.
#[must_use]
pub fn of_today(secs: f64) -> String {
    match secs < MINUTE {
        true => words(secs, 2, Unit::Second),
        false => words(secs / MINUTE, 2, Unit::Minute),
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

fn in_unit(secs: f64) -> (f64, Unit) {
    match secs.abs() {
        s if s < MINUTE => (secs, Unit::Second),
        s if s < HOUR => (secs / MINUTE, Unit::Minute),
        s if s < DAY => (secs / HOUR, Unit::Hour),
        s if s < MONTH => (secs / DAY, Unit::Day),
        s if s < YEAR => (secs / MONTH, Unit::Month),
        _ => (secs / YEAR, Unit::Year),
    }
}

/// Without zeros at the end.
fn words(value: f64, places: u32, unit: Unit) -> String {
    let scale = f64::from(10_u32.pow(places));
    // Half away from zero, unlike `{:.1}`.
    let rounded = (value * scale).round() / scale;
    // 0.5 and 1.5 have the form for more.
    let one = rounded == 1.0;
    let time = count::shortest(rounded);
    match unit {
        Unit::Second if one => t!("{time} second", time),
        Unit::Second => t!("{time} seconds", time),
        Unit::Minute if one => t!("{time} minute", time),
        Unit::Minute => t!("{time} minutes", time),
        Unit::Hour if one => t!("{time} hour", time),
        Unit::Hour => t!("{time} hours", time),
        Unit::Day if one => t!("{time} day", time),
        Unit::Day => t!("{time} days", time),
        Unit::Month if one => t!("{time} month", time),
        Unit::Month => t!("{time} months", time),
        Unit::Year if one => t!("{time} year", time),
        Unit::Year => t!("{time} years", time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_grow_with_the_span() {
        for (secs, in_words) in [
            (0.0, "0 seconds"),
            (1.0, "1 second"),
            (89.0, "1.5 minutes"),
            (5400.0, "1.5 hours"),
            (4.0 * DAY, "4 days"),
            (125.0 * DAY, "4.1 months"),
            (366.0 * DAY, "1 year"),
        ] {
            assert_eq!(long(secs), in_words);
        }
        assert_eq!(precise(3599.0), "59.98 minutes");
        assert_eq!(precise(366.0 * DAY), "1 year");
    }
}
