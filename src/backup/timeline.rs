//! The timeline of the collection with what its backups tell: how many notes there were, and what they
//! were made before. Works also while the disk of the backups is away.

use super::entry::{Entry, Reason, Rules};
use super::{catalog, place};
use crate::base::error::Result;
use crate::base::time::Clock;
use crate::domain::timeline::{Fact, Kind, Landmark, Timeline};
use std::path::Path;

/// `facts` are those of the collection; the backups are newest first.
pub fn gather(
    profile_dir: &Path,
    facts: Vec<Fact>,
    rules: &Rules,
    clock: &Clock,
) -> Result<(Timeline, Vec<Entry>)> {
    let backups = match place::is_away(profile_dir) {
        true => Vec::new(),
        false => catalog::list(profile_dir, rules, clock)?,
    };
    let landmarks: Vec<Landmark> = backups.iter().map(landmark).collect();
    let timeline = Timeline::of(facts, &landmarks, |at| clock.local(at).date());
    Ok((timeline, backups))
}

fn landmark(backup: &Entry) -> Landmark {
    Landmark {
        at: backup.created,
        notes: backup.contents.map(|contents| contents.notes),
        before: match backup.reason {
            Reason::BeforeImport => Some(Kind::Import),
            Reason::BeforeSync | Reason::BeforeDownload => Some(Kind::Sync),
            _ => None,
        },
    }
}
