//! Saves what is there now before something replaces it: as a verified backup, or, when it cannot
//! be read as a collection any more, as the raw file. Works on a profile whose collection nobody
//! has open.

use super::entry::Reason;
use super::journal::{COLLECTION, is_passing};
use super::{catalog, name, place, write};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{PartialFile, StagingDir};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::storage::Storage;
use crate::storage::snapshot::{self, FrozenFile, beside};
use crate::{mark, t};
use std::path::{Path, PathBuf};

/// Pinned under this name until the next one is made.
pub(super) const PIN: &str = mark!("Before the last replacement");

/// The server's collection is pinned under this name until the next one is saved.
pub const SERVER_PIN: &str = mark!("The server’s collection before a one-way sync");

/// What became of the present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Safety {
    /// A verified backup.
    Backup(PathBuf),
    /// It could not be read as a collection; the bytes are kept as they were.
    RawCopy(PathBuf),
    /// There was no collection.
    NothingToSave,
}

impl Safety {
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Backup(path) | Self::RawCopy(path) => Some(path),
            Self::NothingToSave => None,
        }
    }
}

/// Saves the collection of a profile, of any schema, into its backups folder; pinned until the next
/// replacement. Fails, without having changed anything, when another program uses it or the disk
/// is full: then nothing may be replaced.
pub fn save_present(
    profile_dir: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<Safety> {
    let live = profile_dir.join(COLLECTION);
    let folder = catalog::folder(profile_dir);
    let saved = match Storage::schema_version(&live) {
        Ok(None) if !snapshot::has_log(&live) => return Ok(Safety::NothingToSave),
        Ok(Some(18)) => save_open(&live, profile_dir, reason, clock, progress),
        Ok(_) => save_closed(&live, profile_dir, reason, clock, progress),
        Err(e) => Err(e),
    };
    match saved {
        Ok(path) => {
            catalog::pin_alone(&path, PIN, clock)?;
            Ok(Safety::Backup(path))
        }
        Err(e) if is_passing(e.kind()) => Err(e),
        Err(e) => {
            tracing::warn!("the present collection cannot be read, its file is kept: {e}");
            copy_raw(&live, &folder, clock, progress).map(Safety::RawCopy)
        }
    }
}

/// Saves the server's collection, which was downloaded to `copy`, before one side replaces the other.
pub fn save_server(
    copy: &Path,
    profile_dir: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<PathBuf> {
    let theirs = FrozenFile::of_closed(copy)?;
    let made = write::create(&theirs, profile_dir, Reason::BeforeSync, clock, progress)?;
    catalog::pin_alone(&made.path, SERVER_PIN, clock)?;
    Ok(made.path)
}

fn save_open(
    live: &Path,
    profile_dir: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<PathBuf> {
    let storage = Storage::open(live)?;
    let frozen = storage.freeze()?;
    let made = write::create(&frozen, profile_dir, reason, clock, progress);
    storage.unfreeze();
    drop(frozen);
    let closed = storage.close();
    let made = made?;
    closed?;
    Ok(made.path)
}

/// A closed collection of an older schema is packed as it is, without touching it.
fn save_closed(
    live: &Path,
    profile_dir: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<PathBuf> {
    let staging = StagingDir::create_in(profile_dir)?;
    let copy = staging.path().join(COLLECTION);
    snapshot::copy_closed(live, &copy)?;
    let frozen = FrozenFile::of_closed(&copy)?;
    Ok(write::create(&frozen, profile_dir, reason, clock, progress)?.path)
}

fn copy_raw(live: &Path, folder: &Path, clock: &Clock, progress: &Progress) -> Result<PathBuf> {
    progress.stage(t!("Keeping the unreadable file"), 0)?;
    place::make(folder)?;
    let stem = name::for_time(clock.local(clock.now()).datetime())
        .replace("backup-", "unreadable-")
        .replace(".colpkg", "");
    let target = (0..1000)
        .map(|n| match n {
            0 => folder.join(format!("{stem}.anki2")),
            n => folder.join(format!("{stem}-{n}.anki2")),
        })
        .find(|path| !path.exists())
        .ok_or_else(|| Error::invalid(mark!("too many copies of unreadable files")).at(folder))?;
    // The file last: its name in the folder says that the logs beside it are whole.
    for suffix in ["-wal", "-journal", ""] {
        let source = beside(live, suffix);
        if source.exists() {
            let partial = PartialFile::create(&beside(&target, suffix))?;
            std::fs::copy(&source, partial.path()).at(&source)?;
            partial.commit_new()?;
        }
    }
    Ok(target)
}
