//! Checkpoints: when what lies in the write-ahead log moves into the main file.
//!
//! A checkpoint inside a COMMIT makes that one answer slow, so the worker calls
//! [`Storage::checkpoint_if_due`] when idle, and the limit inside COMMIT is only a net. While a
//! backup reads the frozen main file nothing may checkpoint at all: [`Storage::set_frozen`].
//!
//! A COMMIT that makes the log's file longer waits for the file system's own journal too, which
//! takes as long again as the pages themselves. So idle time also makes the file as long as it is
//! likely to get: [`Storage::lengthen_log`].

use super::Storage;
use crate::base::Result;
use crate::base::error::AtPath as _;
use crate::base::files::{self, if_there};
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Pages in the log after which a COMMIT checkpoints by itself.
const NET_PAGES: u32 = 4000;
/// Pages in the log that make an idle checkpoint worth it.
const DUE_PAGES: u32 = 200;
/// Pages in the log after which its file is cut (64 MB).
const TRUNCATE_PAGES: u32 = 16_384;
/// How long idle time makes the log's file: 150 answers at least.
const ROOMY_BYTES: u64 = 8 << 20;
/// How much longer at once: milliseconds.
const LENGTHEN_BYTES: u64 = 1 << 20;
/// On a fuller disk the log stays as short as it can.
const FREE_BYTES_NEEDED: u64 = 256 << 20;

/// Shared with the hook that SQLite calls after each COMMIT.
#[derive(Clone, Default)]
pub(super) struct WalState {
    pending_pages: Arc<AtomicU32>,
    frozen: Arc<AtomicBool>,
    /// Somebody would have read the file itself, had it held everything.
    wanted: Arc<AtomicBool>,
    /// Pages that were moved for such ones since enough had gathered.
    moved_early: Arc<AtomicU32>,
}

impl WalState {
    /// Replaces SQLite's own automatic checkpoints.
    pub(super) fn watch(&self, db: &mut Connection) -> Result<()> {
        let state = self.clone();
        db.wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, pages: i32| {
            let pages = u32::try_from(pages).unwrap_or(0);
            state.pending_pages.store(pages, Ordering::Relaxed);
            if pages >= NET_PAGES && !state.frozen.load(Ordering::Relaxed) {
                // The default mode is PASSIVE. The transaction is committed; a failed checkpoint is tried again later and
                // must not look like a failed COMMIT.
                if let Ok((log, done)) = wal.checkpoint_v2(Default::default())
                    && log == done
                {
                    state.pending_pages.store(0, Ordering::Relaxed);
                }
            }
            Ok(())
        }))?;
        Ok(())
    }
}

impl Storage {
    /// Pages that a checkpoint would move, as of the last COMMIT.
    #[must_use]
    pub fn pending_pages(&self) -> u32 {
        self.wal.pending_pages.load(Ordering::Relaxed)
    }

    /// For the worker's idle time: moves the log into the main file when enough has gathered, or
    /// when a search had to do without. Returns whether it was enough, with what was moved for
    /// searches before, and is moved.
    pub fn checkpoint_if_due(&self) -> Result<bool> {
        let early = &self.wal.moved_early;
        let gathered = early.load(Ordering::Relaxed) + self.pending_pages();
        let is_enough = gathered >= DUE_PAGES;
        let is_wanted = self.wal.wanted.load(Ordering::Relaxed);
        if (!is_enough && !is_wanted) || self.is_frozen() || !self.checkpoint()? {
            return Ok(false);
        }
        early.store(if is_enough { 0 } else { gathered }, Ordering::Relaxed);
        Ok(is_enough)
    }

    /// Whether the main file holds everything. When it does not, the next idle time sees to it.
    pub(super) fn is_folded(&self) -> Result<bool> {
        if self.pending_pages() > 0 {
            self.wal.wanted.store(true, Ordering::Relaxed);
            return Ok(false);
        }
        // What was left by a crash before this run is not counted.
        Ok(self.db.is_autocommit() && self.checkpoint()?)
    }

    /// Moves all of the log into the main file. True when the main file now holds everything.
    pub fn checkpoint(&self) -> Result<bool> {
        if self.is_frozen() {
            return Ok(false);
        }
        let mode = if self.pending_pages() > TRUNCATE_PAGES {
            "TRUNCATE"
        } else {
            "PASSIVE"
        };
        let (busy, log, done): (i64, i64, i64) =
            self.db
                .query_row(&format!("pragma wal_checkpoint({mode})"), [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
        let complete = busy == 0 && log == done;
        if complete {
            self.wal.pending_pages.store(0, Ordering::Relaxed);
            self.wal.wanted.store(false, Ordering::Relaxed);
        }
        Ok(complete)
    }

    /// For the worker's idle time: makes the log's file a step longer, with zeros behind what it
    /// holds, which SQLite takes for an unused rest. Returns whether there is more to do.
    pub fn lengthen_log(&self) -> Result<bool> {
        let path = self.log_path();
        // SQLite makes it with the first write.
        let Some(found) = if_there(std::fs::metadata(&path)).at(&path)? else {
            return Ok(false);
        };
        let length = found.len();
        if length >= ROOMY_BYTES || files::free_space(&path)? < FREE_BYTES_NEEDED {
            return Ok(false);
        }
        let mut log = OpenOptions::new().write(true).open(&path).at(&path)?;
        let longer = append_zeros(&mut log, length).inspect_err(|_| {
            // Nothing was behind `length`, so nothing is lost; a rest of zeros does no harm.
            let _ = log.set_len(length);
        });
        longer.at(&path)?;
        Ok(length + LENGTHEN_BYTES < ROOMY_BYTES)
    }

    fn log_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        path.into()
    }

    /// While true, nothing of ours writes to the main file; commits go to the log.
    pub fn set_frozen(&self, frozen: bool) {
        self.wal.frozen.store(frozen, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.wal.frozen.load(Ordering::Relaxed)
    }
}

fn append_zeros(log: &mut File, length: u64) -> std::io::Result<()> {
    log.seek(SeekFrom::Start(length))?;
    log.write_all(&vec![0; LENGTHEN_BYTES as usize])?;
    log.sync_all()
}
