//! Notes, note types, decks and presets that a collection from elsewhere takes the place of: what each
//! was is kept in the history beside the collection before it is replaced, with the cards of notes
//! that are gone, as a normal sync or the import of a deck keeps them.

use super::entry::Reason;
use super::journal::COLLECTION;
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::base::{Error, Result};
use crate::domain::explorer::Change;
use crate::domain::op::Op;
use crate::mark;
use crate::storage::Storage;
use crate::storage::compare::compare_notes;
use crate::storage::history::{History, not_kept};
use std::path::Path;

/// Notes that are in memory at a time.
const CHUNK: usize = 1000;

/// Keeps what the profile's collection, which nobody has open, has of notes, note types, decks and
/// presets that are others in `next` or not in it. A history that cannot be kept stops nothing, as
/// there is a safety backup too; what is missing of it is returned.
pub(super) fn keep(
    profile_dir: &Path,
    next: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<Option<Error>> {
    let op = match reason {
        Reason::BeforeDownload => Op::Sync,
        Reason::BeforeImport => Op::Import,
        _ => return Ok(None),
    };
    let mut left = None;
    match keep_notes((profile_dir, next), op, &mut left, clock, progress) {
        Ok(added) => {
            let arrived = History::open(&profile_dir.join(COLLECTION))
                .and_then(|history| history.keep_arrival(op.label(), clock.now(), added));
            if let Err(error) = arrived {
                tracing::warn!("what came is not in the timeline: {error}");
            }
            Ok(None)
        }
        Err(error) if error.is_interrupted() => Err(error),
        Err(error) => {
            let warning = not_kept(left, mark!(", only in the safety backup"), error);
            tracing::warn!("{warning}");
            Ok(Some(warning))
        }
    }
}

/// Returns the notes that come. `left` becomes the number of those that are not kept yet, once it is
/// known.
fn keep_notes(
    (profile_dir, next): (&Path, &Path),
    op: Op,
    left: &mut Option<usize>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Vec<NoteId>> {
    let live = &profile_dir.join(COLLECTION);
    let former = Storage::open_read_only(live)?;
    let present = Storage::open_read_only(next)?;
    let mut replaced = compare_notes(&former, &present, progress)?;
    let added = replaced.extract_if(.., |(_, change)| *change == Change::Added);
    let added: Vec<NoteId> = added.map(|(note, _)| note).collect();
    let subjects = former.replaced_subjects(&present)?;
    drop(present);
    if replaced.is_empty() && subjects.is_empty() {
        return Ok(added);
    }
    // Of none, it is note types, decks or presets that may not be kept.
    *left = Some(replaced.len()).filter(|notes| *notes > 0);
    let mut history = History::open(live)?;
    // Their versions end together, so that notes find the note types they had.
    let now = clock.now();
    history.keep_subjects(op.label(), now, &subjects)?;
    for (done, notes) in replaced.chunks(CHUNK).enumerate() {
        *left = Some(replaced.len() - done * CHUNK);
        let mut rows = Vec::new();
        for &(note, change) in notes {
            rows.extend(former.replaced(note, change == Change::Deleted)?);
        }
        history.keep(op.label(), now, &rows)?;
        progress.check()?;
    }
    Ok(added)
}
