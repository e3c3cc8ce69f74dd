//! The lines of the timeline, as pure values.

use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::domain::history::FROM_BACKUP;
use crate::domain::timeline::{Day, Fact, Kind, Timeline};
use crate::ui::backups::words;
use crate::ui::stats::model::Range;
use crate::{t, tn};
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use std::borrow::Cow;

/// A day, or what stands out on one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub date: Date,
    /// Its first moment: what was there before is in the backup of before.
    pub at: TimestampMillis,
    pub when: String,
    pub words: String,
}

/// What is shown of a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    pub spikes: Vec<Line>,
    pub days: Vec<Line>,
}

impl Lines {
    #[must_use]
    pub fn of(timeline: &Timeline, range: Range, now: &Zoned) -> Self {
        let begins = begins(range, now);
        let shown = |date: Date| begins.is_none_or(|begins| date >= begins);
        let line = |date, at, words| Line {
            date,
            at,
            when: words::short_date(at, now),
            words,
        };
        let spikes = timeline.spikes.iter().filter(|s| shown(s.date));
        let days = timeline.days.iter().filter(|day| shown(day.date));
        Self {
            spikes: spikes
                .map(|s| line(s.date, s.fact.at, sentence(&s.fact)))
                .collect(),
            days: days.map(|d| line(d.date, d.at, summary(d))).collect(),
        }
    }
}

/// The first day of a range that ends today; None: all days.
#[must_use]
pub fn begins(range: Range, now: &Zoned) -> Option<Date> {
    let days = i64::from(range.days()?);
    now.date().checked_sub((days - 1).days()).ok()
}

/// "4,012 notes changed: Find and Replace".
fn sentence(fact: &Fact) -> String {
    if fact.origin.is_empty() {
        return counted(fact.kind, fact.count);
    }
    let operation = match fact.origin.as_str() {
        FROM_BACKUP => Cow::Borrowed(t!("seen in backups")),
        origin => lang::known(origin),
    };
    let n = fact.count;
    match fact.kind {
        Kind::Added => tn!(
            n,
            "{n} note added: {operation}",
            "{n} notes added: {operation}",
            operation
        ),
        Kind::Changed => tn!(
            n,
            "{n} note changed: {operation}",
            "{n} notes changed: {operation}",
            operation
        ),
        Kind::Deleted => tn!(
            n,
            "{n} note deleted: {operation}",
            "{n} notes deleted: {operation}",
            operation
        ),
        kind => counted(kind, n),
    }
}

fn counted(kind: Kind, n: u64) -> String {
    match kind {
        Kind::Added => tn!(n, "{n} note added", "{n} notes added"),
        Kind::Changed => tn!(n, "{n} note changed", "{n} notes changed"),
        Kind::Deleted => tn!(n, "{n} note deleted", "{n} notes deleted"),
        Kind::Rescheduled => tn!(n, "{n} card rescheduled", "{n} cards rescheduled"),
        Kind::Import => tn!(n, "{n} import", "{n} imports"),
        Kind::Sync => tn!(n, "{n} sync", "{n} syncs"),
    }
}

/// "12 notes added, 3 notes changed, 1 import".
fn summary(day: &Day) -> String {
    let kinds = Kind::SIZES.iter().chain(&[Kind::Import, Kind::Sync]);
    let told = kinds.map(|kind| (*kind, day.counts.of(*kind)));
    let told = told.filter(|(_, n)| *n > 0);
    let told: Vec<String> = told.map(|(kind, n)| counted(kind, n)).collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_today_and_lines_say_what_it_was() {
        let now: Zoned = "2026-11-21T15:30:00+00:00[UTC]".parse().unwrap();
        let at = |text: &str| {
            let at: Zoned = text.parse().unwrap();
            TimestampMillis(at.timestamp().as_millisecond())
        };
        let fact = |text: &str, kind, origin: &str, count| Fact {
            at: at(text),
            kind,
            origin: origin.to_owned(),
            count,
        };
        let facts = vec![
            fact("2026-06-12T10:00:00[UTC]", Kind::Deleted, FROM_BACKUP, 30),
            fact(
                "2026-11-20T10:00:00[UTC]",
                Kind::Changed,
                "Find and Replace",
                4012,
            ),
            fact("2026-11-20T11:00:00[UTC]", Kind::Added, "", 1),
            fact("2026-11-20T12:00:00[UTC]", Kind::Sync, "Sync", 1),
        ];
        let date_of = |at| words::local(at, &now).date();
        let timeline = Timeline::of(facts, &[], date_of);
        let words = |lines: &[Line]| -> Vec<String> {
            let both = lines.iter().map(|l| format!("{}: {}", l.when, l.words));
            both.collect()
        };
        let month = Lines::of(&timeline, Range::Month, &now);
        assert_eq!(
            words(&month.spikes),
            ["20 Nov 2026: 4,012 notes changed: Find and Replace"]
        );
        assert_eq!(
            words(&month.days),
            ["20 Nov 2026: 1 note added, 4,012 notes changed, 1 sync"]
        );
        let all = Lines::of(&timeline, Range::All, &now);
        assert_eq!(
            words(&all.spikes)[1],
            "12 Jun 2026: 30 notes deleted: seen in backups"
        );
    }
}
