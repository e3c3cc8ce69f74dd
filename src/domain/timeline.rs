//! The timeline of the collection: how much changed on which day, told from what is kept anyway,
//! and the days that stand out. Pure; facts are gathered in `collection::timeline`, and what backups
//! add in `backup::timeline`.

use super::history::FROM_BACKUP;
use crate::base::time::TimestampMillis;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// Facts of one kind and origin within so long are told as one.
pub const SPAN_MILLIS: i64 = 15 * 60 * 1000;
/// Fewer notes or cards than this never stand out.
const LEAST: u64 = 20;
/// What stands out is so many times what is usual on a day.
const TIMES_USUAL: u64 = 4;
/// What was done on fewer other days is not usual.
const HABIT: usize = 7;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// To notes, as the next two.
    Added,
    Changed,
    Deleted,
    /// Cards whose due dates were set by hand or by new options.
    Rescheduled,
    Import,
    Sync,
}

impl Kind {
    /// Those that count notes or cards.
    pub const SIZES: [Self; 4] = [Self::Added, Self::Changed, Self::Deleted, Self::Rescheduled];
}

/// So much of a kind happened at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub at: TimestampMillis,
    pub kind: Kind,
    /// The operation as the history calls it; empty where that is not known.
    pub origin: String,
    /// Notes, cards, or times.
    pub count: u64,
}

/// What an import or a sync brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub at: TimestampMillis,
    pub origin: String,
    /// Ids, which tell when a note was made and not when it came.
    pub notes: Vec<i64>,
}

/// What a backup tells of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landmark {
    pub at: TimestampMillis,
    /// How many notes there were.
    pub notes: Option<u64>,
    /// What it was made before.
    pub before: Option<Kind>,
}

/// By kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; 6]);

impl Counts {
    #[must_use]
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// Notes and cards.
    #[must_use]
    pub fn size(&self) -> u64 {
        Kind::SIZES.iter().map(|kind| self.of(*kind)).sum()
    }
}

/// A day on which something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    /// When it began to.
    pub at: TimestampMillis,
    pub counts: Counts,
}

/// What stands out among days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spike {
    pub date: Date,
    /// All of that kind and origin on that day, from its first moment on.
    pub fact: Fact,
}

/// Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    pub days: Vec<Day>,
    pub spikes: Vec<Spike>,
}

impl Timeline {
    /// `date_of` is in the zone of the user.
    #[must_use]
    pub fn of(
        mut facts: Vec<Fact>,
        backups: &[Landmark],
        date_of: impl Fn(TimestampMillis) -> Date,
    ) -> Self {
        facts.extend(seen_in_backups(&facts, backups));
        let mut merged: BTreeMap<(Date, Kind, String), Fact> = BTreeMap::new();
        for fact in facts {
            let key = (date_of(fact.at), fact.kind, fact.origin.clone());
            merged
                .entry(key)
                .and_modify(|known| {
                    known.at = known.at.min(fact.at);
                    known.count = known.count.saturating_add(fact.count);
                })
                .or_insert(fact);
        }
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        for ((date, kind, _), fact) in &merged {
            let count = &mut day_of(&mut days, *date, fact.at).counts.0[*kind as usize];
            *count = count.saturating_add(fact.count);
        }
        // A backup before an import or a sync stands for it where the history does not know it.
        let mut times: BTreeMap<(Date, Kind), (u64, TimestampMillis)> = BTreeMap::new();
        for (at, kind) in backups.iter().filter_map(|b| Some((b.at, b.before?))) {
            let (count, first) = times.entry((date_of(at), kind)).or_insert((0, at));
            *count += 1;
            *first = at.min(*first);
        }
        for ((date, kind), (times, at)) in times {
            let count = &mut day_of(&mut days, date, at).counts.0[kind as usize];
            *count = times.max(*count);
        }
        let days: Vec<Day> = days.into_values().rev().collect();
        Self {
            spikes: spikes(merged, &days),
            days,
        }
    }
}

fn day_of(days: &mut BTreeMap<Date, Day>, date: Date, at: TimestampMillis) -> &mut Day {
    let day = days.entry(date).or_insert(Day {
        date,
        at,
        counts: Counts::default(),
    });
    day.at = at.min(day.at);
    day
}

/// Before the history began, the numbers of notes in one backup and the next tell what came in one
/// piece, and what went.
fn seen_in_backups(facts: &[Fact], backups: &[Landmark]) -> Vec<Fact> {
    let told =
        |f: &&Fact| !matches!(f.kind, Kind::Added | Kind::Rescheduled) && f.origin != FROM_BACKUP;
    let began = facts.iter().filter(told).map(|f| f.at).min();
    let mut made: BTreeMap<TimestampMillis, u64> = BTreeMap::new();
    for fact in facts.iter().filter(|f| f.kind == Kind::Added) {
        *made.entry(fact.at).or_default() += fact.count;
    }
    let mut counted: Vec<(TimestampMillis, u64)> = backups
        .iter()
        .filter_map(|b| Some((b.at, b.notes?)))
        .filter(|(at, _)| began.is_none_or(|began| *at <= began))
        .collect();
    counted.sort_unstable();
    let mut seen = Vec::new();
    for pair in counted.windows(2) {
        let [(from, before), (to, after)] = *pair else {
            continue;
        };
        let known: u64 = made
            .range(from..=to)
            .filter(|(at, _)| **at > from)
            .map(|(_, count)| *count)
            .sum();
        let (kind, count) = match before.checked_sub(after) {
            Some(gone) if gone > 0 => (Kind::Deleted, gone),
            _ => (Kind::Added, (after - before).saturating_sub(known)),
        };
        if count >= LEAST {
            seen.push(Fact {
                // The backup of before is the one to look into.
                at: TimestampMillis(to.0.saturating_sub(1)).max(from),
                kind,
                origin: FROM_BACKUP.to_owned(),
                count,
            });
        }
    }
    seen
}

fn spikes(merged: BTreeMap<(Date, Kind, String), Fact>, days: &[Day]) -> Vec<Spike> {
    let mut usual: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
    for kind in Kind::SIZES {
        let counts = days.iter().map(|day| day.counts.of(kind));
        let mut counts: Vec<u64> = counts.filter(|count| *count > 0).collect();
        counts.sort_unstable();
        usual.insert(kind, counts);
    }
    let total = |date: Date, kind: Kind| {
        let at = days.partition_point(|day| day.date > date);
        days.get(at).map_or(0, |day| day.counts.of(kind))
    };
    let mut spikes: Vec<Spike> = merged
        .into_iter()
        .filter(|((date, kind, _), fact)| {
            let others = usual.get(kind).map(Vec::as_slice);
            others.is_some_and(|all| {
                let usual = median_without(all, total(*date, *kind));
                fact.count >= LEAST.max(usual.saturating_mul(TIMES_USUAL))
            })
        })
        .map(|((date, ..), fact)| Spike { date, fact })
        .collect();
    spikes.sort_by_key(|spike| std::cmp::Reverse((spike.date, spike.fact.count)));
    spikes
}

/// The lower median of `sorted` without one `value` that is in it; 0 when little is left.
fn median_without(sorted: &[u64], value: u64) -> u64 {
    if sorted.len() <= HABIT {
        return 0;
    }
    let taken = sorted.partition_point(|count| *count < value);
    let middle = (sorted.len() - 2) / 2;
    let at = if middle < taken { middle } else { middle + 1 };
    sorted.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn date_of(at: TimestampMillis) -> Date {
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap();
        at.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn fact(day: i64, kind: Kind, origin: &str, count: u64) -> Fact {
        Fact {
            at: TimestampMillis(day * DAY + 3_600_000),
            kind,
            origin: origin.to_owned(),
            count,
        }
    }

    fn backup(day: i64, notes: u64) -> Landmark {
        Landmark {
            at: TimestampMillis(day * DAY),
            notes: Some(notes),
            before: None,
        }
    }

    fn told(timeline: &Timeline) -> Vec<(i64, Kind, u64)> {
        let spikes = timeline.spikes.iter();
        spikes
            .map(|s| (s.fact.at.0 / DAY, s.fact.kind, s.fact.count))
            .collect()
    }

    #[test]
    fn what_is_far_from_usual_stands_out_and_a_busy_habit_does_not() {
        let mut facts: Vec<Fact> = (0..100).map(|d| fact(d, Kind::Added, "", 40)).collect();
        facts.push(fact(50, Kind::Added, "Import", 161));
        facts.push(fact(60, Kind::Added, "Import", 159));
        facts.push(fact(70, Kind::Deleted, "Delete Note", 20));
        facts.push(fact(30, Kind::Deleted, "Delete Deck", 60));
        facts.push(fact(71, Kind::Changed, "Update Note", 19));
        let timeline = Timeline::of(facts, &[], date_of);
        assert_eq!(
            told(&timeline),
            [
                (70, Kind::Deleted, 20),
                (50, Kind::Added, 161),
                (30, Kind::Deleted, 60)
            ]
        );
        assert_eq!(timeline.days.len(), 100);
        assert_eq!(timeline.days[49].counts.of(Kind::Added), 201);
    }

    #[test]
    fn before_the_history_began_backups_tell_what_came_and_went() {
        let facts = vec![
            fact(2, Kind::Added, "", 30),
            fact(40, Kind::Changed, "Update Note", 1),
        ];
        let backups = [
            backup(3, 30),
            backup(5, 530),
            backup(7, 100),
            // The history knows better.
            backup(41, 500),
        ];
        let timeline = Timeline::of(facts, &backups, date_of);
        assert_eq!(
            told(&timeline),
            [
                (6, Kind::Deleted, 430),
                (4, Kind::Added, 500),
                (2, Kind::Added, 30)
            ]
        );
        assert!(timeline.spikes[0].fact.at >= backups[1].at);
    }

    #[test]
    fn a_backup_before_a_sync_stands_for_it_once() {
        let sync = Landmark {
            before: Some(Kind::Sync),
            ..backup(3, 10)
        };
        let timeline = Timeline::of(vec![fact(3, Kind::Sync, "Sync", 1)], &[sync], date_of);
        assert_eq!(timeline.days.len(), 1);
        assert_eq!(timeline.days[0].counts.of(Kind::Sync), 1);
        assert_eq!(timeline.days[0].at, sync.at);
        let twice = Timeline::of(vec![], &[sync, sync], date_of);
        assert_eq!(twice.days[0].counts.of(Kind::Sync), 2);
    }

    #[test]
    fn the_median_leaves_out_the_day_itself() {
        assert_eq!(median_without(&[], 1), 0);
        assert_eq!(median_without(&[9; HABIT], 9), 0, "no habit yet");
        let some = [1, 2, 3, 4, 5, 6, 7, 100];
        assert_eq!(median_without(&some, 100), 4);
        assert_eq!(median_without(&some, 1), 5);
        assert_eq!(median_without(&[9; HABIT + 1], 9), 9);
    }
}
