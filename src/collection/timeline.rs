//! What the timeline is told from: the notes that are there and those that were deleted, by when they
//! were made or came; what the history of notes has of changes and deletions; and the review log.

use super::Collection;
use crate::base::Result;
use crate::base::time::TimestampMillis;
use crate::domain::op::Op;
use crate::domain::timeline::{Arrival, Fact, Kind, SPAN_MILLIS};
use std::collections::{BTreeMap, HashMap};

/// Ids of before 2000 are numbers that somebody gave, and no times.
const FIRST_MILLIS: i64 = 946_684_800_000;

impl Collection {
    /// What happened to the collection at what time, as far as it is kept.
    pub fn timeline_facts(&mut self) -> Result<Vec<Fact>> {
        let mut notes = self.storage.all_note_ids()?;
        let mut facts = self.storage.reschedules()?;
        let history = self.history()?;
        facts.extend(history.note_changes()?);
        notes.extend(history.deleted_ids()?);
        notes.sort_unstable();
        notes.dedup();
        let arrivals = history.arrivals()?;
        facts.extend(arrivals.iter().map(|arrival| Fact {
            at: arrival.at,
            kind: match arrival.origin == Op::Sync.label() {
                true => Kind::Sync,
                false => Kind::Import,
            },
            origin: arrival.origin.clone(),
            count: 1,
        }));
        facts.extend(added(notes.iter().map(|note| note.0), &arrivals));
        Ok(facts)
    }
}

/// Notes that came with an import or a sync were added then, the others when they were made.
fn added(notes: impl Iterator<Item = i64>, arrivals: &[Arrival]) -> Vec<Fact> {
    let mut came: HashMap<i64, usize> = HashMap::new();
    for (n, arrival) in arrivals.iter().enumerate() {
        came.extend(arrival.notes.iter().map(|note| (*note, n)));
    }
    let mut brought = vec![0; arrivals.len()];
    let mut made: BTreeMap<i64, (i64, u64)> = BTreeMap::new();
    for note in notes {
        if let Some(n) = came.get(&note) {
            brought[*n] += 1;
        } else if note >= FIRST_MILLIS {
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
