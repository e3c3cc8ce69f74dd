//! One note in all backups: what each of them has of it, newest first. A backup that cannot be
//! read is named, and the others are searched nevertheless.

use super::entry::Entry;
use super::stage::{Backup, MediaWish};
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::domain::history::{BackupVersion, InBackups, lines};
use crate::storage::history::Former;
use std::path::Path;

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
    backups: &[Entry],
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
    for entry in backups {
        progress.check()?;
        match look(note, entry, newer, room, clock, progress) {
            Ok(found) => {
                shown.searched += 1;
                match (found, shown.versions.last_mut(), rows.last()) {
                    (Some((row, _)), Some(version), Some(last))
                        if goes_on && row.says_the_same(last) =>
                    {
                        version.since = entry.created;
                        version.backups += 1;
                    }
                    (Some((row, version)), _, _) => {
                        rows.push(row);
                        shown.versions.push(version);
                        goes_on = true;
                    }
                    (None, _, _) => goes_on = false,
                }
                newer = entry.created;
            }
            Err(e) if e.is_interrupted() => return Err(e),
            Err(e) => shown.unreadable.push((entry.path.clone(), e.to_string())),
        }
    }
    Ok(Found { shown, rows })
}

fn look(
    note: NoteId,
    entry: &Entry,
    newer: TimestampMillis,
    room: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<Option<(Former, BackupVersion)>> {
    let backup = Backup::to_explore(&entry.path)?.verify(room, MediaWish::Ignore, progress)?;
    let storage = backup.open(clock, progress)?;
    let (Some(row), Some(note)) = (storage.former(note)?, storage.get_note(note)?) else {
        return Ok(None);
    };
    let notetype = storage.notetype(note.notetype_id)?;
    let version = BackupVersion {
        path: entry.path.clone(),
        made: entry.created,
        since: entry.created,
        until: newer,
        backups: 1,
        fields: lines(&note, notetype.as_deref()),
    };
    Ok(Some((row, version)))
}
