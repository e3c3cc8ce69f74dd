//! One note in all backups: what each of them has of it, newest first. A backup that cannot be
//! read is named, and the others are searched nevertheless.

use super::entry::Entry;
use super::stage::{Backup, MediaWish, Verified};
use super::vault::restore::{fetch_collection, label};
use super::vault::{Snapshot, Vault};
use crate::base::Result;
use crate::base::files::StagingDir;
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::domain::history::{BackupVersion, InBackups, lines};
use crate::storage::history::Former;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One of the backups that are searched.
pub enum Place {
    File {
        /// As it is named to people.
        label: PathBuf,
        /// The same, decrypted where that is needed.
        file: PathBuf,
        made: TimestampMillis,
    },
    Snapshot {
        vault: Arc<Vault>,
        snapshot: Snapshot,
    },
}

impl From<Entry> for Place {
    fn from(entry: Entry) -> Self {
        Self::File {
            file: entry.path.clone(),
            label: entry.path,
            made: entry.created,
        }
    }
}

impl Place {
    #[must_use]
    pub fn made(&self) -> TimestampMillis {
        match self {
            Self::File { made, .. } => *made,
            Self::Snapshot { snapshot, .. } => snapshot.time,
        }
    }

    fn label(&self) -> PathBuf {
        match self {
            Self::File { label, .. } => label.clone(),
            Self::Snapshot { snapshot, .. } => label(snapshot),
        }
    }

    /// Unpacked inside `room` and checked.
    fn open(&self, room: &Path, progress: &Progress) -> Result<Backup<Verified>> {
        let verified =
            |path: &Path| Backup::to_explore(path)?.verify(room, MediaWish::Ignore, progress);
        match self {
            Self::File { file, .. } => verified(file),
            Self::Snapshot { vault, snapshot } => {
                let fetched = StagingDir::create_in(room)?;
                verified(&fetch_collection(vault, snapshot, fetched.path())?)
            }
        }
    }
}

/// What was found, and the rows with which it can be kept; one for each version.
#[derive(Debug)]
pub struct Found {
    pub shown: InBackups,
    pub rows: Vec<Former>,
}

/// Looks for `note` in `backups` (newest first). Each is unpacked inside `room` and checked before
/// it is believed.
pub fn find_note(
    note: NoteId,
    backups: &[Place],
    room: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<Found> {
    let mut shown = InBackups {
        note,
        searched: 0,
        versions: Vec::new(),
        unreadable: Vec::new(),
    };
    let mut rows: Vec<Former> = Vec::new();
    let mut newer = clock.now();
    let mut goes_on = false;
    for place in backups {
        progress.check()?;
        match look(note, place, newer, room, clock, progress) {
            Ok(found) => {
                shown.searched += 1;
                match (found, shown.versions.last_mut(), rows.last()) {
                    (Some((row, _)), Some(version), Some(last))
                        if goes_on && row.says_the_same(last) =>
                    {
                        version.since = place.made();
                        version.backups += 1;
                    }
                    (Some((row, version)), _, _) => {
                        rows.push(row);
                        shown.versions.push(version);
                        goes_on = true;
                    }
                    (None, _, _) => goes_on = false,
                }
                newer = place.made();
            }
            Err(e) if e.is_interrupted() => return Err(e),
            Err(e) => shown.unreadable.push((place.label(), e.to_string())),
        }
    }
    Ok(Found { shown, rows })
}

fn look(
    note: NoteId,
    place: &Place,
    newer: TimestampMillis,
    room: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<Option<(Former, BackupVersion)>> {
    let backup = place.open(room, progress)?;
    let storage = backup.open(clock, progress)?;
    let (Some(row), Some(note)) = (storage.former(note)?, storage.get_note(note)?) else {
        return Ok(None);
    };
    let notetype = storage.notetype(note.notetype_id)?;
    let version = BackupVersion {
        path: place.label(),
        made: place.made(),
        since: place.made(),
        until: newer,
        backups: 1,
        fields: lines(&note, notetype.as_deref()),
    };
    Ok(Some((row, version)))
}
