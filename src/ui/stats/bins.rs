//! Groups days into bars, and names days and stretches of days. Pure.

use crate::base::count::number;
use crate::t;
use std::ops::RangeInclusive;

/// Most bars of a graph by day; three months are one bar a day.
const MOST_BARS: i32 = 92;
const WIDTHS: [i32; 9] = [1, 2, 3, 7, 14, 30, 91, 182, 365];

/// Days a bar, for a stretch of so many days.
#[must_use]
pub fn width_for(days: i32) -> i32 {
    WIDTHS
        .into_iter()
        .find(|width| days <= width.saturating_mul(MOST_BARS))
        .unwrap_or(days / MOST_BARS + 1)
}

/// Bars of whole days from `first` to 0, the last one ending with today. The first one is narrower
/// where the days do not divide, so that bars hold what the totals of the range count.
#[must_use]
pub fn past(first: i32) -> Vec<RangeInclusive<i32>> {
    let first = first.min(0);
    let width = width_for(1 - first);
    let count = (1 - first + width - 1) / width;
    (0..count)
        .rev()
        .map(|n| (1 - (n + 1) * width).max(first)..=-n * width)
        .collect()
}

/// Bars of whole days from `first` to `last`; one begins with today. Those at the ends are narrower
/// where the days do not divide, as in [`past`].
#[must_use]
pub fn around(first: i32, last: i32) -> Vec<RangeInclusive<i32>> {
    let (first, last) = (first.min(0), last.max(0));
    let width = width_for(last - first + 1);
    let from = first.div_euclid(width);
    (from..=last / width)
        .map(|n| (n * width).max(first)..=((n + 1) * width - 1).min(last))
        .collect()
}

/// How many days away that is, for people.
fn count(day: i32) -> String {
    number(day.unsigned_abs().into())
}

/// "today", "−5 d", "+1,200 d".
#[must_use]
pub fn day_tick(day: i32) -> String {
    let days = count(day);
    match day {
        0 => t!("today").to_owned(),
        d if d < 0 => t!("−{days} d", days),
        _ => t!("+{days} d", days),
    }
}

/// "today", "yesterday", "5 days ago", "in 12 days", "10–4 days ago".
#[must_use]
pub fn days_in_words(days: &RangeInclusive<i32>) -> String {
    let (first, last) = (*days.start(), *days.end());
    if first == last {
        return match first {
            0 => t!("Today").to_owned(),
            -1 => t!("Yesterday").to_owned(),
            1 => t!("Tomorrow").to_owned(),
            d if d < 0 => t!("{days} days ago", days = count(d)),
            d => t!("In {days} days", days = count(d)),
        };
    }
    let (from, to) = (count(first), count(last));
    if last <= 0 {
        t!("{from}–{to} days ago", from, to)
    } else if first >= 0 {
        t!("In {from}–{to} days", from, to)
    } else {
        t!("{from} days ago to in {to} days", from, to)
    }
}

/// As [`days_in_words`], in English whatever the window speaks: for tables, which programs read.
#[must_use]
pub fn days_in_english(first: i32, last: i32) -> String {
    match (first, last) {
        (0, 0) => "Today".to_owned(),
        (-1, -1) => "Yesterday".to_owned(),
        (1, 1) => "Tomorrow".to_owned(),
        _ if first == last && first < 0 => format!("{} days ago", -first),
        _ if first == last => format!("In {first} days"),
        _ if last <= 0 => format!("{}–{} days ago", -first, -last),
        _ if first >= 0 => format!("In {first}–{last} days"),
        _ => format!("{} days ago to in {last} days", -first),
    }
}

/// Every so many days that ticks are about ten; a round number.
#[must_use]
pub fn tick_step(days: i32) -> i32 {
    const STEPS: [i32; 10] = [1, 2, 5, 10, 30, 60, 90, 180, 365, 730];
    STEPS
        .into_iter()
        .find(|step| days / step <= 12)
        .unwrap_or(days / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_bars_end_today_and_cover_every_day() {
        for first in [0, -30, -90, -365, -2190, -20_000] {
            let bars = past(first);
            assert!(bars.len() <= 92, "{first}: {}", bars.len());
            assert_eq!(*bars.last().unwrap().end(), 0);
            assert_eq!(*bars[0].start(), first);
            for pair in bars.windows(2) {
                assert_eq!(*pair[0].end() + 1, *pair[1].start());
            }
        }
        assert_eq!(past(-90).len(), 91);
    }

    #[test]
    fn one_bar_begins_today() {
        for (first, last) in [(0, 30), (-92, 30), (0, 365), (-3, 4000)] {
            let bars = around(first, last);
            assert!(bars.iter().any(|bar| *bar.start() == 0), "{first}..{last}");
            let ends = (*bars[0].start(), *bars.last().unwrap().end());
            assert_eq!(ends, (first, last));
        }
    }

    #[test]
    fn days_have_words() {
        assert_eq!(days_in_words(&(0..=0)), "Today");
        assert_eq!(days_in_words(&(-10..=-4)), "10–4 days ago");
        assert_eq!(days_in_words(&(7..=13)), "In 7–13 days");
        assert_eq!(day_tick(-80), "−80 d");
    }

    #[test]
    fn thousands_of_days_are_set_apart() {
        assert_eq!(day_tick(-1_095), "−1,095 d");
        assert_eq!(day_tick(36_500), "+36,500 d");
        assert_eq!(days_in_words(&(-1_200..=-1_171)), "1,200–1,171 days ago");
        assert_eq!(days_in_words(&(1_000..=1_000)), "In 1,000 days");
        // Programs read these.
        assert_eq!(days_in_english(1_000, 1_029), "In 1000–1029 days");
    }
}
