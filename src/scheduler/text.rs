//! Intervals for people: the small print of the answer buttons, and how long a session took.

use crate::base::count;
use crate::t;

/// 365/12 days.
const MONTH: f32 = 30.416_666;
const MINUTE: f32 = 60.0;
const HOUR: f32 = 3600.0;
const DAY: f32 = 86_400.0;

/// As on the answer buttons: `10s 6m 1.5h 4d 4.1mo 1y`, `<` before what will be shown again in
/// this session.
#[must_use]
pub fn answer_button(secs: u64, learn_ahead_secs: u32) -> String {
    if secs == 0 {
        return t!("(end)").to_owned();
    }
    let text = interval(secs as f32);
    if secs < u64::from(learn_ahead_secs) {
        format!("<{text}")
    } else {
        text
    }
}

/// The largest unit that fits: seconds, minutes and days whole, the others to a tenth.
#[must_use]
pub fn interval(secs: f32) -> String {
    if secs < MINUTE {
        t!("{n}s", n = secs.round())
    } else if secs < HOUR {
        t!("{n}m", n = (secs / MINUTE).round())
    } else if secs < DAY {
        t!("{n}h", n = tenths(secs / HOUR))
    } else if secs < DAY * MONTH {
        t!("{n}d", n = (secs / DAY).round())
    } else if secs < DAY * 365.0 {
        t!("{n}mo", n = tenths(secs / DAY / MONTH))
    } else {
        t!("{n}y", n = tenths(secs / DAY / 365.0))
    }
}

fn tenths(value: f32) -> String {
    count::shortest((value * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_reference() {
        let text = |secs: u64| answer_button(secs, 0);
        assert_eq!(text(10), "10s");
        assert_eq!(text(330), "6m");
        assert_eq!(text(5400), "1.5h");
        assert_eq!(text(4 * 86_400), "4d");
        assert_eq!(text(125 * 86_400), "4.1mo");
        assert_eq!(text(365 * 86_400), "1y");
        assert_eq!(answer_button(60, 1200), "<1m");
        assert_eq!(answer_button(0, 1200), "(end)");
    }
}
