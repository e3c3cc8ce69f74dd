//! What the timeline is told from: the notes that are there and those that were deleted, by when they
//! were made or came; what the history of notes has of changes and deletions; and the review log.

use super::Collection;
use crate::base::Result;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::domain::op::Op;
use crate::domain::timeline::{Arrival, Fact, Kind, SPAN_MILLIS};
use crate::storage::Storage;
use crate::storage::compare::{ChangedSince, Saved};
use crate::storage::history::History;
use crate::storage::inspect::open_watched;
use crate::t;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::path::Path;

/// Ids of before 2000 are numbers that somebody gave, and no times.
const FIRST_MILLIS: i64 = 946_684_800_000;
/// Clocks differ, but ids of later than so long from now are no times either.
const AHEAD_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl Collection {
    /// What happened to the collection at what time, as far as it is kept.
    pub fn timeline_facts(&mut self, progress: &Progress) -> Result<Vec<Fact>> {
        let history = self.keeper.opened(self.storage.path())?;
        facts_of(&self.storage, history, self.clock.now(), progress)
    }

    /// What the backup `last` does not have (None: there is no backup). Without a history that can be
    /// read, notes that came from elsewhere or came back since count by their own times.
    pub fn changed_since(&mut self, last: Option<Saved>) -> Result<ChangedSince> {
        let at = last.map_or(TimestampMillis(i64::MIN), |last| last.at);
        let known = self.history().and_then(|history| {
            let mut known = history.changed_notes_since(at)?;
            let arrivals = history.arrivals()?.into_iter();
            let since = arrivals.filter(|arrival| arrival.at >= at);
            known.extend(since.flat_map(|arrival| arrival.notes));
            Ok(known)
        });
        let known = known.unwrap_or_else(|error| {
            tracing::warn!("what came since the last backup: {error}");
            BTreeSet::new()
        });
        self.storage.changed_since(last, &known)
    }

    /// Before a job asks [`timeline_facts_of`]: a damaged history is set aside by its owner alone.
    pub fn ready_timeline(&mut self) -> Result<()> {
        self.history()?;
        Ok(())
    }
}

/// As [`Collection::timeline_facts`], beside study: of the frozen collection file, and of its history as
/// it is by now.
pub fn timeline_facts_of(
    frozen: &Path,
    now: TimestampMillis,
    progress: &Progress,
) -> Result<Vec<Fact>> {
    let storage = open_watched(frozen, progress)?;
    let history = History::open_watched(frozen, progress)?;
    facts_of(&storage, &history, now, progress)
}

fn facts_of(
    storage: &Storage,
    history: &History,
    now: TimestampMillis,
    progress: &Progress,
) -> Result<Vec<Fact>> {
    progress.stage(t!("Reading the review log"), 0)?;
    let mut notes = storage.all_note_ids()?;
    let times = FIRST_MILLIS..=now.0.saturating_add(AHEAD_MILLIS);
    let mut facts = storage.reschedules()?;
    facts.retain(|fact| times.contains(&fact.at.0));
    progress.check()?;
    facts.extend(history.note_changes()?);
    notes.extend(history.deleted_ids()?);
    notes.sort_unstable();
    notes.dedup();
    progress.check()?;
    let mut arrivals = history.arrivals()?;
    // What only came back was made when it was made.
    let brings = [Op::Import.label(), Op::Sync.label()];
    arrivals.retain(|arrival| brings.contains(&arrival.origin.as_str()));
    facts.extend(arrivals.iter().map(|arrival| Fact {
        at: arrival.at,
        kind: match arrival.origin == Op::Sync.label() {
            true => Kind::Sync,
            false => Kind::Import,
        },
        origin: arrival.origin.clone(),
        count: 1,
    }));
    facts.extend(added(notes.iter().map(|note| note.0), &arrivals, &times));
    progress.check()?;
    Ok(facts)
}

/// Notes that came with an import or a sync were added then, the others when they were made, as far
/// as their ids are `times`.
fn added(
    notes: impl Iterator<Item = i64>,
    arrivals: &[Arrival],
    times: &RangeInclusive<i64>,
) -> Vec<Fact> {
    let mut came: HashMap<i64, usize> = HashMap::new();
    for (n, arrival) in arrivals.iter().enumerate() {
        came.extend(arrival.notes.iter().map(|note| (*note, n)));
    }
    let mut brought = vec![0; arrivals.len()];
    let mut made: BTreeMap<i64, (i64, u64)> = BTreeMap::new();
    for note in notes {
        if let Some(n) = came.get(&note) {
            brought[*n] += 1;
        } else if times.contains(&note) {
            made.entry(note / SPAN_MILLIS).or_insert((note, 0)).1 += 1;
        }
    }
    let fact = |at, origin: &str, count| Fact {
        at,
        kind: Kind::Added,
        origin: origin.to_owned(),
        count,
    };
    let made = made.into_values();
    let made = made.map(|(first, count)| fact(TimestampMillis(first), "", count));
    let brought = arrivals.iter().zip(brought);
    let brought = brought.map(|(arrival, count)| fact(arrival.at, &arrival.origin, count));
    made.chain(brought).filter(|fact| fact.count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_no_times_make_no_days() {
        let now = FIRST_MILLIS + 1000 * SPAN_MILLIS;
        let ids = [1, 2, now, now + 1, now + 2, 99_999_999_999_999, i64::MAX];
        let arrival = Arrival {
            at: TimestampMillis(now + 9),
            origin: Op::Import.label().to_owned(),
            notes: vec![2],
        };
        let told = added(ids.into_iter(), &[arrival], &(FIRST_MILLIS..=now + 1));
        let told: Vec<_> = told.iter().map(|fact| (fact.at.0, fact.count)).collect();
        assert_eq!(told, [(now, 2), (now + 9, 1)]);
    }
}
