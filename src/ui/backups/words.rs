//! Words for times, ages, sizes and counts, as every screen of ours says them. Pure: `now` and its
//! zone are arguments. English only; a translation replaces this file.

use crate::base::time::TimestampMillis;
use crate::service::event::{BackupState, BackupStatus};
pub use crate::ui::widgets::text::{bytes, number as count};
use jiff::Zoned;
use jiff::civil::Date;

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

/// "just now", "4 min ago", "18 hours ago", "13 days ago", "7 weeks ago", "3 months ago".
#[must_use]
pub fn age(at: TimestampMillis, now: &Zoned) -> String {
    let secs = now.timestamp().as_millisecond().saturating_sub(at.0) / 1000;
    let (mins, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    match () {
        () if mins < 1 => "just now".into(),
        () if mins < 60 => format!("{mins} min ago"),
        () if hours < 24 => ago(hours, "hour"),
        () if days < 14 => ago(days, "day"),
        () if days < 60 => ago(days / 7, "week"),
        () if days < 365 => ago(days * 12 / 365, "month"),
        () => ago(days / 365, "year"),
    }
}

fn ago(n: i64, unit: &str) -> String {
    format!("{} ago", counted_i(n, unit))
}

fn counted_i(n: i64, unit: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {unit}{s}")
}

/// "15:26".
#[must_use]
pub fn clock_time(at: TimestampMillis, now: &Zoned) -> String {
    local(at, now).strftime("%H:%M").to_string()
}

/// "today, 15:26", "yesterday, 21:10", "Thu 19 Nov 2026, 21:10": within a sentence.
#[must_use]
pub fn moment(at: TimestampMillis, now: &Zoned) -> String {
    let t = local(at, now);
    let time = t.strftime("%H:%M");
    match days_ago(at, now) {
        0 => format!("today, {time}"),
        1 => format!("yesterday, {time}"),
        _ => format!("{}, {time}", t.strftime("%a %-d %b %Y")),
    }
}

/// "Friday 20 November 2026".
#[must_use]
pub fn long_date(at: TimestampMillis, now: &Zoned) -> String {
    local(at, now).strftime("%A %-d %B %Y").to_string()
}

/// "8 Feb 2026".
#[must_use]
pub fn short_date(at: TimestampMillis, now: &Zoned) -> String {
    local(at, now).strftime("%-d %b %Y").to_string()
}

/// "today", "yesterday", "3 days ago", "8 months ago": by calendar day.
#[must_use]
pub fn day_age(at: TimestampMillis, now: &Zoned) -> String {
    match days_ago(at, now) {
        ..=0 => "today".into(),
        1 => "yesterday".into(),
        days @ 2..14 => ago(days, "day"),
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

/// The sign before the line about backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusMark {
    Good,
    Busy,
    Warn,
    /// Off until the restart.
    Paused,
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
    let last = |or: &str| match status.last_verified {
        Some(at) => format!("last backup {}", age(at, now)),
        None => or.to_owned(),
    };
    match (&status.state, status.last_verified) {
        (BackupState::Running, _) => line(StatusMark::Busy, "Backing up…".into()),
        (BackupState::Suspended, _) => {
            line(StatusMark::Paused, "Backups are off until restart".into())
        }
        (BackupState::Failed(m), _) => {
            let words = format!("{} · {}", m.what, last("no backup yet"));
            line(StatusMark::Warn, words)
        }
        (BackupState::Idle, Some(at)) => StatusLine {
            more: "·  verified",
            ..line(StatusMark::Good, format!("Backed up {}", age(at, now)))
        },
        (BackupState::Idle, None) if status.changed_since => {
            line(StatusMark::Warn, "Not backed up yet".into())
        }
        (BackupState::Idle, None) => line(StatusMark::Good, "Nothing to back up yet".into()),
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
