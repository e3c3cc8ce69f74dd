//! `timeline`: what changed when, and the backup of before.

use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::entry::{Entry, newest_before};
use crate::backup::timeline;
use crate::base::json_path::JsonPath;
use crate::base::time::TimestampMillis;
use crate::domain::timeline::{Day, Kind, Spike};
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};

const KINDS: [(Kind, &str); 6] = [
    (Kind::Added, "added"),
    (Kind::Changed, "changed"),
    (Kind::Deleted, "deleted"),
    (Kind::Rescheduled, "rescheduled"),
    (Kind::Import, "imports"),
    (Kind::Sync, "syncs"),
];

pub(super) fn run(session: &Session, days: Option<u32>) -> Result<Answer, Failure> {
    const DOING: &str = "find out what changed when";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let facts = collection.timeline_facts(&session.progress);
    collection.close().doing("close the collection")?;
    let rules = session.rules(&profile.paths)?;
    let folder = &profile.paths.folder;
    let (timeline, backups) =
        timeline::gather(folder, facts.doing(DOING)?, &rules, &session.clock).doing(DOING)?;
    let today = session.clock.local(session.clock.now()).date();
    let begins = days.and_then(|days| {
        let before = i64::from(days.saturating_sub(1));
        today.checked_sub(Span::new().try_days(before).ok()?).ok()
    });
    let shown = |date: Date| begins.is_none_or(|begins| date >= begins);
    let days = timeline.days.iter().filter(|day| shown(day.date));
    let spikes = timeline.spikes.iter().filter(|spike| shown(spike.date));
    let lines = days.clone().map(day_line);
    let lines: Vec<String> = lines.chain(spikes.clone().map(spike_line)).collect();
    let days: Vec<Value> = days.map(|day| day_value(day, &backups)).collect();
    let spikes: Vec<Value> = spikes.map(|spike| spike_value(spike, &backups)).collect();
    Ok(Answer::new(
        lines.join("\n"),
        json!({"days": days, "stands_out": spikes}),
    ))
}

fn day_line(day: &Day) -> String {
    let told = KINDS.map(|(kind, name)| (day.counts.of(kind), name));
    let told = told.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, name)| match count {
            1 => format!("1 {}", name.trim_end_matches('s')),
            _ => format!("{count} {name}"),
        })
        .collect();
    format!("{}  {}", day.date, told.join(", "))
}

fn spike_line(spike: &Spike) -> String {
    let (fact, date) = (&spike.fact, spike.date);
    let name = KINDS.iter().find(|(kind, _)| *kind == fact.kind);
    let name = name.map_or("", |(_, name)| name);
    match fact.origin.as_str() {
        "" => format!("Stands out: {date}, {} {name}", fact.count),
        origin => format!("Stands out: {date}, {} {name} ({origin})", fact.count),
    }
}

/// The file of the newest backup that was made before.
fn backup(backups: &[Entry], at: TimestampMillis) -> Option<JsonPath<'_>> {
    newest_before(backups, at).map(|backup| JsonPath(&backup.path))
}

fn day_value(day: &Day, backups: &[Entry]) -> Value {
    let mut value = json!({
        "date": day.date.to_string(),
        "at": day.at,
        "backup": backup(backups, day.at),
    });
    for (kind, name) in KINDS {
        value[name] = day.counts.of(kind).into();
    }
    value
}

fn spike_value(spike: &Spike, backups: &[Entry]) -> Value {
    json!({
        "date": spike.date.to_string(),
        "at": spike.fact.at,
        "kind": spike.fact.kind,
        "count": spike.fact.count,
        "origin": spike.fact.origin,
        "backup": backup(backups, spike.fact.at),
    })
}
