//! Saves what is there now before something replaces it: as a verified backup, or, when it cannot
//! be read as a collection any more, as the raw file. Works on a profile whose collection nobody
//! has open.

use super::entry::{REPLACED_PIN, Reason, SERVER_PIN};
use super::journal::{COLLECTION, is_passing};
use super::{catalog, name, place, write};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{PartialFile, StagingDir};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::storage::Storage;
use crate::storage::snapshot::{self, FrozenFile, beside};
use crate::{mark, t};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Read at once of a disk that fails.
const BLOCK: usize = 4096;

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
/// replacement. Fails, without having changed anything, when another program uses it, the disk is
/// full or the folder of backups fails: then nothing may be replaced.
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
        // A file that may only be read can be saved all the same.
        Ok(Some(18)) => match save_open(&live, profile_dir, reason, clock, progress) {
            Err(e) if e.kind() == ErrorKind::PermissionDenied => {
                save_closed(&live, profile_dir, reason, clock, progress)
            }
            saved => saved,
        },
        Ok(_) => save_closed(&live, profile_dir, reason, clock, progress),
        Err(e) => Err(e),
    };
    match saved {
        Ok(path) => {
            catalog::pin_alone(&path, REPLACED_PIN, clock)?;
            Ok(Safety::Backup(path))
        }
        Err(e) if is_passing(e.kind()) || is_about_the_place(&e, &folder, &live) => Err(e),
        Err(e) => {
            tracing::warn!("the present collection cannot be read, its file is kept: {e}");
            copy_raw(&live, &folder, clock, progress).map(Safety::RawCopy)
        }
    }
}

/// Whether it is the folder of backups that fails, and not what was to be saved there.
fn is_about_the_place(error: &Error, folder: &Path, live: &Path) -> bool {
    let can_be_read = || File::open(live).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
    error.kind() == ErrorKind::Io
        && error.path().is_some_and(|path| path.starts_with(folder))
        && can_be_read().is_ok()
}

/// Saves the server's collection, which was downloaded to `copy`, before one side replaces the other.
pub fn save_server(
    copy: &Path,
    profile_dir: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<PathBuf> {
    let theirs = FrozenFile::of_closed(copy)?;
    let reason = Reason::BeforeSync;
    let made = write::create_of_other(&theirs, profile_dir, reason, clock, progress)?;
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
    let made =
        storage.while_frozen(|frozen| write::create(frozen, profile_dir, reason, clock, progress));
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
            let mut partial = PartialFile::create(&beside(&target, suffix))?;
            if let Err(e) = std::fs::copy(&source, partial.path()) {
                tracing::warn!("{}: {e}; what can be read is kept", source.display());
                copy_readable(&source, partial.file(), progress).at(&source)?;
            }
            partial.commit_new()?;
        }
    }
    Ok(target)
}

/// Copies what the disk gives of a file, so that a bad place keeps nothing from taking its place.
fn copy_readable(source: &Path, out: &mut File, progress: &Progress) -> Result<()> {
    let mut file = File::open(source)?;
    let len = file.metadata()?.len();
    let read = |block: &mut [u8], at: u64| {
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(block)
    };
    copy_blocks(len, read, out, progress)
}

/// Zeros stand for what `read` fails to give; an error where that is all.
fn copy_blocks(
    len: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<()>,
    out: &mut impl Write,
    progress: &Progress,
) -> Result<()> {
    let mut block = [0; BLOCK];
    let (mut found, mut failed) = (false, None);
    for at in (0..len).step_by(BLOCK) {
        progress.check()?;
        let size = usize::try_from(len - at).map_or(BLOCK, |left| left.min(BLOCK));
        match read(&mut block[..size], at) {
            Ok(()) => found = true,
            Err(e) => {
                block.fill(0);
                failed.get_or_insert(e);
            }
        }
        out.write_all(&block[..size])?;
    }
    match failed {
        Some(e) if !found => Err(e.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_gives_is_kept_with_zeros_for_the_rest() {
        let progress = Progress::new();
        let copy = |len: u64, bad: &[u64]| {
            let read = |block: &mut [u8], at: u64| {
                // Half a block may have come when it fails.
                block[..10].fill(9);
                if bad.contains(&at) {
                    return Err(io::Error::other("a bad place"));
                }
                block.fill(7);
                Ok(())
            };
            let mut out = Vec::new();
            copy_blocks(len, read, &mut out, &progress).map(|()| out)
        };
        let whole = copy(10_000, &[]).unwrap();
        assert_eq!(whole, vec![7; 10_000]);
        let mut want = whole;
        want[4096..8192].fill(0);
        assert_eq!(copy(10_000, &[4096]).unwrap(), want);
        assert!(copy(0, &[]).unwrap().is_empty());
        assert!(copy(5000, &[0, 4096]).is_err(), "the disk is gone");
    }
}
