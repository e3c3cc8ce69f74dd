//! Words for times, ages, sizes and counts, as every screen of ours says them. Pure: `now` and its
//! zone are arguments. They are in the language of the window.

use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::service::event::{BackupState, BackupStatus};
pub use crate::ui::widgets::text::{bytes, number as count};
use crate::{t, tn};
use jiff::Zoned;
use jiff::civil::{Date, Weekday};

/// `at` in the zone of `now`.
#[must_use]
pub fn local(at: TimestampMillis, now: &Zoned) -> Zoned {
    jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(now.time_zone().clone())
}

/// Calendar days from `at` to `now`; negative when `at` lies in the future.
#[must_use]
pub fn days_ago(at: TimestampMillis, now: &Zoned) -> i64 {
    days_between(local(at, now).date(), now.date())
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// "just now", "4 min ago", "18 hours ago", "13 days ago", "7 weeks ago", "3 months ago"; what is yet
/// to come, since the clock was set back, by its [`moment`].
#[must_use]
pub fn age(at: TimestampMillis, now: &Zoned) -> String {
    let since = now.timestamp().as_millisecond().saturating_sub(at.0);
    if since < -60_000 {
        return moment(at, now);
    }
    let secs = since.max(0).unsigned_abs() / 1000;
    let (mins, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    match () {
        () if mins < 1 => t!("just now").into(),
        () if mins < 60 => tn!(mins, "{n} min ago", "{n} min ago"),
        () if hours < 24 => tn!(hours, "{n} hour ago", "{n} hours ago"),
        () if days < 14 => some_days(days),
        () if days < 60 => tn!(days / 7, "{n} week ago", "{n} weeks ago"),
        () if days < 365 => tn!(days * 12 / 365, "{n} month ago", "{n} months ago"),
        () => tn!(days / 365, "{n} year ago", "{n} years ago"),
    }
}

fn some_days(n: u64) -> String {
    tn!(n, "{n} day ago", "{n} days ago")
}

/// "15:26".
#[must_use]
pub fn clock_time(at: TimestampMillis, now: &Zoned) -> String {
    time(&local(at, now), false)
}

fn time(at: &Zoned, seconds: bool) -> String {
    let form = if seconds { "%H:%M:%S" } else { "%H:%M" };
    at.strftime(form).to_string()
}

/// "today, 15:26", "yesterday, 21:10", "Thu 19 Nov 2026, 21:10": within a sentence.
#[must_use]
pub fn moment(at: TimestampMillis, now: &Zoned) -> String {
    moment_to(at, false, now)
}

/// The [`moment`] of the row `n` of a list whose times `at` tells: "today, 15:26:07" beside another
/// of the same minute.
#[must_use]
pub fn moment_among(
    n: usize,
    at: impl Fn(usize) -> Option<TimestampMillis>,
    now: &Zoned,
) -> String {
    let seconds = crowded(n, &at);
    at(n).map_or_else(String::new, |at| moment_to(at, seconds, now))
}

/// Whether the row `n` of a list whose times `at` tells needs seconds: the row before or behind it
/// is of the same minute.
#[must_use]
pub fn crowded(n: usize, at: impl Fn(usize) -> Option<TimestampMillis>) -> bool {
    let minute = |n| at(n).map(|at| at.0.div_euclid(60_000));
    let before = n.checked_sub(1).and_then(minute);
    let this = minute(n);
    this.is_some() && (before == this || minute(n + 1) == this)
}

fn moment_to(at: TimestampMillis, seconds: bool, now: &Zoned) -> String {
    let when = local(at, now);
    let time = time(&when, seconds);
    match days_ago(at, now) {
        0 => t!("today, {time}", time),
        1 => t!("yesterday, {time}", time),
        _ => t!("{date}, {time}", date = date(when.date()), time),
    }
}

/// As [`moment`], in one breath: "today at 15:26".
#[must_use]
pub fn moment_at(at: TimestampMillis, now: &Zoned) -> String {
    let when = local(at, now);
    let time = time(&when, false);
    match days_ago(at, now) {
        0 => t!("today at {time}", time),
        1 => t!("yesterday at {time}", time),
        _ => t!("{date} at {time}", date = date(when.date()), time),
    }
}

/// "Thu 19 Nov 2026".
fn date(of: Date) -> String {
    t!(
        "{short_day} {day} {short_month} {year}",
        short_day = short_weekday(of),
        day = of.day(),
        short_month = short_month(of),
        year = of.year()
    )
}

/// "Friday 20 November 2026".
#[must_use]
pub fn long_date(at: TimestampMillis, now: &Zoned) -> String {
    let of = local(at, now).date();
    t!(
        "{weekday} {day} {month} {year}",
        weekday = weekday(of),
        day = of.day(),
        month = month(of),
        year = of.year()
    )
}

/// "8 Feb 2026".
#[must_use]
pub fn short_date(at: TimestampMillis, now: &Zoned) -> String {
    day_of_year(local(at, now).date())
}

fn day_of_year(of: Date) -> String {
    t!(
        "{day} {short_month} {year}",
        day = of.day(),
        short_month = short_month(of),
        year = of.year()
    )
}

/// "Thu 19 Nov".
#[must_use]
pub fn day_and_month(of: Date) -> String {
    t!(
        "{short_day} {day} {short_month}",
        short_day = short_weekday(of),
        day = of.day(),
        short_month = short_month(of)
    )
}

/// What tells a time from others near it, in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// "15:26".
    Day,
    /// "Thu 19 Nov".
    Alone,
    /// "Wed 18, 20:00".
    Week,
    /// "8 Nov, 20:00".
    Year,
    /// "1 Nov 2025".
    EverAlone,
    /// "1 Nov 2025, 20:00".
    Ever,
}

/// A time as short as it can be among others that are as near; with `seconds` where it has a time
/// of day.
#[must_use]
pub fn among(at: &Zoned, near: Near, seconds: bool) -> String {
    let of = at.date();
    let time = time(at, seconds);
    match near {
        Near::Day => time,
        Near::Alone => day_and_month(of),
        Near::Week => t!(
            "{short_day} {day}, {time}",
            short_day = short_weekday(of),
            day = of.day(),
            time
        ),
        Near::Year => t!(
            "{day} {short_month}, {time}",
            day = of.day(),
            short_month = short_month(of),
            time
        ),
        Near::EverAlone => day_of_year(of),
        Near::Ever => t!("{date}, {time}", date = day_of_year(of), time),
    }
}

/// "Friday".
#[must_use]
pub fn weekday(of: Date) -> &'static str {
    match of.weekday() {
        Weekday::Monday => t!("Monday"),
        Weekday::Tuesday => t!("Tuesday"),
        Weekday::Wednesday => t!("Wednesday"),
        Weekday::Thursday => t!("Thursday"),
        Weekday::Friday => t!("Friday"),
        Weekday::Saturday => t!("Saturday"),
        Weekday::Sunday => t!("Sunday"),
    }
}

/// "Fri".
#[must_use]
fn short_weekday(of: Date) -> &'static str {
    match of.weekday() {
        Weekday::Monday => t!("Mon"),
        Weekday::Tuesday => t!("Tue"),
        Weekday::Wednesday => t!("Wed"),
        Weekday::Thursday => t!("Thu"),
        Weekday::Friday => t!("Fri"),
        Weekday::Saturday => t!("Sat"),
        Weekday::Sunday => t!("Sun"),
    }
}

/// "November".
#[must_use]
pub fn month(of: Date) -> &'static str {
    match of.month() {
        1 => t!("January"),
        2 => t!("February"),
        3 => t!("March"),
        4 => t!("April"),
        5 => t!("May"),
        6 => t!("June"),
        7 => t!("July"),
        8 => t!("August"),
        9 => t!("September"),
        10 => t!("October"),
        11 => t!("November"),
        _ => t!("December"),
    }
}

/// "Nov".
#[must_use]
pub fn short_month(of: Date) -> &'static str {
    match of.month() {
        1 => t!("Jan"),
        2 => t!("Feb"),
        3 => t!("Mar"),
        4 => t!("Apr"),
        5 => t!("May" in "short month"),
        6 => t!("Jun"),
        7 => t!("Jul"),
        8 => t!("Aug"),
        9 => t!("Sep"),
        10 => t!("Oct"),
        11 => t!("Nov"),
        _ => t!("Dec"),
    }
}

/// "today", "yesterday", "3 days ago", "8 months ago": by calendar day.
#[must_use]
pub fn day_age(at: TimestampMillis, now: &Zoned) -> String {
    match days_ago(at, now) {
        ..=0 => t!("today").into(),
        1 => t!("yesterday").into(),
        days @ 2..14 => some_days(days.unsigned_abs()),
        _ => age(at, now),
    }
}

/// "1 card", "14,511 cards".
#[must_use]
pub fn counted(n: u64, unit: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {unit}{s}", count(n))
}

/// First letter in upper case.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// A label within a sentence: German words keep their capitals.
#[must_use]
pub fn within(label: &str) -> String {
    match lang::current().code {
        "de" => label.to_owned(),
        _ => label.to_lowercase(),
    }
}

/// The sign before the line about backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusMark {
    Good,
    Busy,
    Warn,
    /// Off until the restart.
    Paused,
}

/// What an alarm holds up.
#[must_use]
pub fn alarm_waits() -> &'static str {
    t!("Until you answer, old backups stay and copies elsewhere wait.")
}

/// The line about backups, as the bottom bar and Preferences show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLine {
    pub mark: StatusMark,
    pub words: String,
    /// Quieter, after the words; empty for none.
    pub more: &'static str,
}

/// "Backed up 4 min ago · verified".
#[must_use]
pub fn status_line(status: &BackupStatus, now: &Zoned) -> StatusLine {
    let line = |mark, words: String| StatusLine {
        mark,
        words,
        more: "",
    };
    let last = || match status.last_verified {
        Some(at) => t!("last backup {age}", age = age(at, now)),
        None => t!("no backup yet").to_owned(),
    };
    match (&status.state, status.last_verified) {
        (BackupState::Idle, _) if status.alarm.is_some() => {
            line(StatusMark::Warn, t!("Much has changed").into())
        }
        (BackupState::Running, _) => line(StatusMark::Busy, t!("Backing up…").into()),
        (BackupState::Suspended, _) => line(
            StatusMark::Paused,
            t!("Backups are off until restart").into(),
        ),
        (BackupState::Failed(m), _) => {
            let words = format!("{} · {}", m.what, last());
            line(StatusMark::Warn, words)
        }
        (BackupState::Idle, _) if status.elsewhere.is_some() => {
            let words = format!("{} · {}", t!("Copies elsewhere fail"), last());
            line(StatusMark::Warn, words)
        }
        (BackupState::Idle, Some(at)) => StatusLine {
            more: t!("·  verified"),
            ..line(StatusMark::Good, t!("Backed up {age}", age = age(at, now)))
        },
        (BackupState::Idle, None) if status.changed_since => {
            line(StatusMark::Warn, t!("Not backed up yet").into())
        }
        (BackupState::Idle, None) => line(StatusMark::Good, t!("Nothing to back up yet").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-21T15:30:00+00:00[UTC]".parse().unwrap()
    }

    fn at(text: &str) -> TimestampMillis {
        let t: jiff::Timestamp = text.parse().unwrap();
        TimestampMillis(t.as_millisecond())
    }

    #[test]
    fn ages_read_as_people_say_them() {
        for (t, expect) in [
            ("2026-11-23T15:29:30Z", "Mon 23 Nov 2026, 15:29"),
            ("2026-11-21T15:30:30Z", "just now"),
            ("2026-11-21T15:29:30Z", "just now"),
            ("2026-11-21T15:26:00Z", "4 min ago"),
            ("2026-11-21T14:30:00Z", "1 hour ago"),
            ("2026-11-20T21:10:00Z", "18 hours ago"),
            ("2026-11-19T15:00:00Z", "2 days ago"),
            ("2026-11-08T15:00:00Z", "13 days ago"),
            ("2026-10-31T15:00:00Z", "3 weeks ago"),
            ("2026-08-21T15:00:00Z", "3 months ago"),
            ("2024-11-20T15:00:00Z", "2 years ago"),
        ] {
            assert_eq!(age(at(t), &now()), expect, "{t}");
        }
    }

    #[test]
    fn day_ages_follow_the_calendar() {
        assert_eq!(day_age(at("2026-11-21T00:01:00Z"), &now()), "today");
        assert_eq!(day_age(at("2026-11-20T23:59:00Z"), &now()), "yesterday");
        assert_eq!(day_age(at("2026-11-19T23:59:00Z"), &now()), "2 days ago");
        assert_eq!(day_age(at("2026-03-21T12:00:00Z"), &now()), "8 months ago");
    }

    #[test]
    fn moments_dates_and_zones() {
        assert_eq!(
            moment(at("2026-11-20T21:10:00Z"), &now()),
            "yesterday, 21:10"
        );
        assert_eq!(
            moment(at("2026-11-19T21:10:00Z"), &now()),
            "Thu 19 Nov 2026, 21:10"
        );
        assert_eq!(
            long_date(at("2026-11-20T21:10:00Z"), &now()),
            "Friday 20 November 2026"
        );
        let berlin: Zoned = "2026-11-21T00:30:00+01:00[+01:00]".parse().unwrap();
        assert_eq!(
            moment(at("2026-11-20T22:30:00Z"), &berlin),
            "yesterday, 23:30"
        );
    }

    #[test]
    fn rows_of_one_minute_have_seconds() {
        let times = ["15:26:59.9", "15:27:00", "15:27:41", "15:28:00"];
        let times = times.map(|time| at(&format!("2026-11-21T{time}Z")));
        let shown = |n| moment_among(n, |n| times.get(n).copied(), &now());
        let wanted = ["15:26", "15:27:00", "15:27:41", "15:28"];
        for (n, time) in wanted.iter().enumerate() {
            assert_eq!(shown(n), format!("today, {time}"));
        }
        assert_eq!(shown(4), "");
    }

    #[test]
    fn numbers_and_sizes() {
        assert_eq!(count(0), "0");
        assert_eq!(count(182_940), "182,940");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(counted(1, "note"), "1 note");
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(41_200_000), "41.2 MB");
        assert_eq!(bytes(812_400), "812.4 kB");
        assert_eq!(bytes(2_000_000_000), "2.0 GB");
    }
}
