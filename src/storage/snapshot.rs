//! The frozen file: a consistent picture of the collection that other threads read while the
//! owner goes on writing. In WAL mode the main file changes only in checkpoints, and the exclusive
//! owner decides when those happen. Packing and checking the picture is `backup::write`'s work.

use super::inspect::STEPS_PER_LOOK;
use super::open::{connect_immutable, file_uri};
use super::{Storage, log_file};
use crate::base::error::AtPath as _;
use crate::base::files;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where SQLite's header says "there may be a log beside me": 2 with one, 1 without.
const JOURNAL_BYTES: std::ops::Range<u64> = 18..20;
/// Attempts to get the whole log into the main file.
const CHECKPOINTS: usize = 3;

/// A collection file that nobody writes to until [`Storage::unfreeze`]. Can be sent to another
/// thread; reads through the owner's own handle, because closing any other handle of the file
/// would drop SQLite's lock.
#[derive(Debug, Clone)]
pub struct FrozenFile {
    path: PathBuf,
    file: Arc<File>,
    stamp: Stamp,
    schema: u8,
    collection_mod: TimestampMillis,
}

/// What tells that somebody wrote to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified_nanos: i128,
}

impl Storage {
    /// What `work` makes of the frozen file; the collection goes on as before when it returns.
    pub fn while_frozen<T>(&self, work: impl FnOnce(&FrozenFile) -> Result<T>) -> Result<T> {
        let frozen = self.freeze()?;
        let done = work(&frozen);
        drop(frozen);
        self.unfreeze();
        done
    }

    /// Moves the log into the main file and stops writing to it. Milliseconds, when an idle
    /// checkpoint ran not long ago. Until [`Self::unfreeze`], commits go to the log only; the
    /// collection must not be closed.
    pub fn freeze(&self) -> Result<FrozenFile> {
        let file = self
            .live_file()
            .ok_or_else(|| Error::bug("a collection opened for reading cannot be frozen"))?;
        if self.is_frozen() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("a backup is being made already"),
            ));
        }
        let mut complete = false;
        for _ in 0..CHECKPOINTS {
            complete = self.checkpoint()?;
            if complete {
                break;
            }
        }
        if !complete {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("the collection is busy; its log could not be moved into the main file"),
            ));
        }
        self.set_frozen(true);
        let frozen = || -> Result<FrozenFile> {
            let stamp = Stamp::of(&file.metadata()?)?;
            let (schema, collection_mod) = self
                .db
                .prepare_cached("select ver, cast(mod as integer) from col")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(FrozenFile {
                path: self.path.clone(),
                file: Arc::clone(&file),
                stamp,
                schema,
                collection_mod: TimestampMillis(collection_mod),
            })
        };
        frozen().inspect_err(|_| self.unfreeze()).at(&self.path)
    }

    /// Lets checkpoints happen again.
    pub fn unfreeze(&self) {
        self.set_frozen(false);
    }
}

impl FrozenFile {
    /// A file that nobody has open: a staged copy, or a collection between sessions. Refused when
    /// a log beside it holds what the file does not.
    pub fn of_closed(path: &Path) -> Result<Self> {
        if has_log(path) {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("the collection was not closed properly; its log must be read first"),
            )
            .at(path));
        }
        let open = || -> Result<Self> {
            let file = File::open(path)?;
            let stamp = Stamp::of(&file.metadata()?)?;
            let db = connect_immutable(path)?;
            let (schema, collection_mod) =
                db.query_row("select ver, cast(mod as integer) from col", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            Ok(Self {
                path: path.to_owned(),
                file: Arc::new(file),
                stamp,
                schema,
                collection_mod: TimestampMillis(collection_mod),
            })
        };
        open().at(path)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The owner's handle; the only one through which the live file may be read.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.stamp.len
    }

    #[must_use]
    pub fn schema(&self) -> u8 {
        self.schema
    }

    /// `col.mod`: what tells later whether anything changed.
    #[must_use]
    pub fn collection_mod(&self) -> TimestampMillis {
        self.collection_mod
    }

    /// Copies what is in it to a new file without gaps, in an order that stays from day to day:
    /// what did not change is the same in two copies. Cancelled by `progress`. The copy is for this
    /// run of the program: it is not synced.
    pub fn compact_copy(&self, to: &Path, progress: &Progress) -> Result<()> {
        let to = file_uri(to).at(to)?;
        let mut db = connect_immutable(&self.path)?;
        db.pragma_update(None, "synchronous", "off")?;
        let watched = progress.clone();
        db.progress_handler(STEPS_PER_LOOK, Some(move || watched.is_cancelled()))?;
        let copied = db.execute("vacuum into ?", [to]);
        progress.check()?;
        copied.map_err(Error::from).at(&self.path)?;
        self.require_unchanged()
    }

    /// Reads the file from its beginning, with the header saying that there is no log.
    #[must_use]
    pub fn reader(&self) -> FrozenReader<'_> {
        FrozenReader {
            frozen: self,
            position: 0,
        }
    }

    /// Fails if somebody wrote to the file since it was frozen.
    pub fn require_unchanged(&self) -> Result<()> {
        let now = Stamp::of(&self.file.metadata().at(&self.path)?)?;
        if now == self.stamp {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::Conflict,
                mark!("the collection file changed while it was being copied"),
            )
            .at(&self.path))
        }
    }
}

/// See [`FrozenFile::reader`].
#[derive(Debug)]
pub struct FrozenReader<'a> {
    frozen: &'a FrozenFile,
    position: u64,
}

impl Read for FrozenReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.frozen.stamp.len - self.position;
        let want = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = read_at(&self.frozen.file, &mut buffer[..want], self.position)?;
        for at in JOURNAL_BYTES {
            if let Some(index) = at.checked_sub(self.position)
                && let Ok(index) = usize::try_from(index)
                && index < n
            {
                buffer[index] = 1;
            }
        }
        self.position += n as u64;
        Ok(n)
    }
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

/// The page with SQLite's lock bytes at 1 GiB cannot be read here and is never used: zeros.
#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    const LOCK_PAGE: std::ops::Range<u64> = (1 << 30)..(1 << 30) + 4096;
    if LOCK_PAGE.contains(&position) {
        let n = buffer.len().min((LOCK_PAGE.end - position) as usize);
        buffer[..n].fill(0);
        return Ok(n);
    }
    let n = if position < LOCK_PAGE.start {
        buffer.len().min((LOCK_PAGE.start - position) as usize)
    } else {
        buffer.len()
    };
    std::os::windows::fs::FileExt::seek_read(file, &mut buffer[..n], position)
}

impl Stamp {
    fn of(meta: &Metadata) -> Result<Self> {
        let modified = jiff::Timestamp::try_from(meta.modified()?)
            .map_err(|e| Error::corrupt(mark!("the file's time cannot be read")).because(e))?;
        Ok(Self {
            len: meta.len(),
            modified_nanos: modified.as_nanosecond(),
        })
    }
}

/// Whether a log beside the file holds transactions that the file lacks.
#[must_use]
pub fn has_log(path: &Path) -> bool {
    ["-wal", "-journal"]
        .iter()
        .any(|suffix| std::fs::metadata(beside(path, suffix)).is_ok_and(|meta| meta.len() > 0))
}

/// The path of a file that SQLite keeps beside `path`: `-wal`, `-shm`, `-journal`.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Copies a file that nobody has open, with what its log holds, into one file without a log. Of a
/// damaged log it takes what can be read; [`log_file::require_sound`] tells.
pub fn copy_closed(from: &Path, to: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-journal"] {
        let (source, target) = (beside(from, suffix), beside(to, suffix));
        if suffix.is_empty() || source.exists() {
            files::copy_to_write(&source, &target)?;
        }
    }
    log_file::fold(to)
}

/// Stamps a staged collection as a new beginning: changed now, and the next sync is one-way.
/// Fails when what every screen needs cannot be read. Leaves one file without a log, which is to be
/// synced.
pub fn stamp_restored(path: &Path, now: TimestampMillis) -> Result<()> {
    let storage = Storage::open_staged(path)?;
    storage.require_studyable()?;
    storage
        .db
        .execute("update col set scm=?1, mod=?1", [now.0])
        .map_err(Error::from)
        .at(path)?;
    storage.close()
}

/// Takes triggers, which an add-on may have left, out of a staged copy of the present schema.
/// Nothing here sets them off, but in other programs they would change what is in it. How many there
/// were.
pub fn drop_triggers(path: &Path) -> Result<usize> {
    let storage = Storage::open_read_only(path)?;
    let names = storage
        .db
        .prepare("select name from sqlite_master where type='trigger'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    drop(storage);
    if names.is_empty() {
        return Ok(0);
    }
    let storage = Storage::open(path)?;
    for name in &names {
        let quoted = name.replace('"', "\"\"");
        storage
            .db
            .execute_batch(&format!("drop trigger \"{quoted}\""))
            .map_err(Error::from)
            .at(path)?;
    }
    storage.close()?;
    Ok(names.len())
}

/// Rebuilds every index from its table, for a staged copy whose indexes disagree with it.
pub fn reindex(path: &Path) -> Result<()> {
    let storage = Storage::open(path)?;
    storage
        .db
        .execute_batch("reindex")
        .map_err(Error::from)
        .at(path)?;
    storage.close()
}
