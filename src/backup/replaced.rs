//! Notes that a collection from elsewhere takes the place of: what each was is kept in the history
//! beside the collection before it is replaced, with the cards of those that are gone, as a normal
//! sync or the import of a deck keeps them.

use super::entry::Reason;
use super::journal::COLLECTION;
use crate::base::Result;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::domain::explorer::Change;
use crate::domain::op::Op;
use crate::storage::Storage;
use crate::storage::compare::compare_notes;
use crate::storage::history::History;
use std::path::Path;

/// Notes that are in memory at a time.
const CHUNK: usize = 1000;

/// Keeps the notes of the profile's collection, which nobody has open, that are others in `next` or
/// not in it. A history that cannot be kept stops nothing: there is a safety backup too.
pub(super) fn keep(
    profile_dir: &Path,
    next: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<()> {
    let op = match reason {
        Reason::BeforeDownload => Op::Sync,
        Reason::BeforeImport => Op::Import,
        _ => return Ok(()),
    };
    match keep_notes(&profile_dir.join(COLLECTION), next, op, clock, progress) {
        Err(error) if error.is_interrupted() => Err(error),
        Err(error) => {
            tracing::warn!("what is replaced is not kept in the history of notes: {error}");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn keep_notes(live: &Path, next: &Path, op: Op, clock: &Clock, progress: &Progress) -> Result<()> {
    let former = Storage::open_read_only(live)?;
    let present = Storage::open_read_only(next)?;
    let replaced = compare_notes(&former, &present, progress)?;
    drop(present);
    let mut replaced = replaced
        .into_iter()
        .filter(|(_, change)| *change != Change::Added)
        .peekable();
    if replaced.peek().is_none() {
        return Ok(());
    }
    let mut history = History::open(live)?;
    loop {
        let mut rows = Vec::new();
        for (note, change) in replaced.by_ref().take(CHUNK) {
            rows.extend(former.replaced(note, change == Change::Deleted)?);
        }
        if rows.is_empty() {
            return Ok(());
        }
        history.keep(op.label(), clock.now(), &rows)?;
        progress.check()?;
    }
}
