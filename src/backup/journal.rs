//! Replacing a collection and its media so that a kill at any moment leaves the old state or the
//! new one. Everything lies ready in one folder beside the live files; a journal there says which
//! way the exchange goes; every step can be repeated. Afterwards the folder is the way back.
//!
//! ```text
//! .engram-restore/journal.json          phase: swap, done or undo
//!                 staged/collection.anki2, staged/media/
//!                 previous/collection.anki2[-wal|-journal], previous/media/
//! ```

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, TEMP_PREFIX, if_there, is_same_file};
use crate::base::time::TimestampMillis;
use crate::base::{hex, json_path};
use crate::mark;
use crate::media::folder::require_there;
use crate::media::hash::hash_file;
use crate::media::trash;
use crate::storage::snapshot::beside;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const FOLDER: &str = ".engram-restore";
const JOURNAL: &str = "journal.json";
pub(super) const COLLECTION: &str = "collection.anki2";
pub(super) const MEDIA: &str = "collection.media";
/// Logs that belong to the collection file beside them; the index of the log is made anew.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// What an exchange did, or is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub phase: Phase,
    pub at: TimestampMillis,
    /// The file that was restored or imported.
    #[serde(with = "json_path")]
    pub source: PathBuf,
    /// The backup of what was there before.
    #[serde(with = "json_path::optional", default)]
    pub safety: Option<PathBuf>,
    /// There was a collection before.
    pub had_collection: bool,
    /// Media files that were not there before, with their SHA-1 in hexadecimal.
    pub added: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Going to the new state.
    Swap,
    /// In the new state; the old one lies ready for undo.
    Done,
    /// Going back to the old state.
    Undo,
}

/// The folder of an exchange, beside the live files.
#[derive(Debug)]
pub struct Exchange {
    profile: PathBuf,
}

impl Exchange {
    #[must_use]
    pub fn of(profile_dir: &Path) -> Self {
        Self {
            profile: profile_dir.to_owned(),
        }
    }

    fn folder(&self) -> PathBuf {
        self.profile.join(FOLDER)
    }

    #[must_use]
    pub fn staged(&self) -> PathBuf {
        self.folder().join("staged")
    }

    fn previous(&self) -> PathBuf {
        self.folder().join("previous")
    }

    fn live(&self) -> PathBuf {
        self.profile.join(COLLECTION)
    }

    fn live_media(&self) -> PathBuf {
        self.profile.join(MEDIA)
    }

    /// None: no exchange, or one that had not begun.
    pub fn journal(&self) -> Result<Option<Journal>> {
        let path = self.folder().join(JOURNAL);
        let Some(bytes) = if_there(std::fs::read(&path)).at(&path)? else {
            return Ok(None);
        };
        let damaged = |e| Error::corrupt(mark!("the journal of a restore is damaged")).because(e);
        let journal = serde_json::from_slice(&bytes).map_err(damaged);
        journal.map(Some).at(&path)
    }

    pub fn write_journal(&self, journal: &Journal) -> Result<()> {
        files::write_json(&self.folder().join(JOURNAL), journal)
    }

    /// Empty folders for a new exchange; forgets the one before.
    pub fn begin(&self) -> Result<()> {
        self.forget()?;
        for folder in [self.staged(), self.previous().join("media")] {
            std::fs::create_dir_all(&folder).at(&folder)?;
        }
        Ok(())
    }

    /// Keeps the live collection and the media files that will be replaced, as second names of the
    /// same files (or copies, where the file system knows no second names).
    pub fn keep_previous(&self, replaced: &[&str]) -> Result<bool> {
        let had_collection = self.live().try_exists().at(self.live())?;
        if had_collection {
            keep(&self.live(), &self.previous().join(COLLECTION))?;
        }
        for name in replaced {
            let kept = self.previous().join("media").join(name);
            keep(&self.live_media().join(name), &kept)?;
        }
        for folder in [
            self.previous().join("media"),
            self.previous(),
            self.staged(),
            self.folder(),
        ] {
            files::sync_dir(&folder)?;
        }
        Ok(had_collection)
    }

    /// To the new state. Repeatable; after the journal says so, this always can be finished.
    pub fn forward(&self, journal: &Journal) -> Result<()> {
        let staged = self.staged().join(COLLECTION);
        let staged_media = self.staged().join("media");
        if staged_media.is_dir() {
            std::fs::create_dir_all(self.live_media()).at(self.live_media())?;
            move_all(&staged_media, &self.live_media())?;
        }
        // Once the new file is in place, a log beside it is its own.
        if staged.try_exists().at(&staged)? {
            for suffix in LOGS {
                let log = beside(&self.live(), suffix);
                rename_if_there(&log, &beside(&self.previous().join(COLLECTION), suffix))?;
            }
            remove_if_there(&beside(&self.live(), "-shm"))?;
            files::sync_dir(&self.profile)?;
            rename_if_there(&staged, &self.live())?;
        }
        files::sync_dir(&self.profile)?;
        let mut journal = journal.clone();
        journal.phase = Phase::Done;
        self.write_journal(&journal)
    }

    /// To the old state. Repeatable. Not begun while media files have to go where nothing can.
    pub fn backward(&self, journal: &Journal) -> Result<()> {
        let kept = std::fs::read_dir(self.previous().join("media"));
        if kept.is_ok_and(|mut files| files.next().is_some()) {
            require_there(&self.live_media())?;
        }
        let mut journal = journal.clone();
        if journal.phase != Phase::Undo {
            journal.phase = Phase::Undo;
            self.write_journal(&journal)?;
        }
        self.media_backward(&journal)?;
        let kept = self.previous().join(COLLECTION);
        if journal.had_collection {
            if kept.try_exists().at(&kept)? && !is_same_file(&kept, &self.live()) {
                self.remove_live_logs()?;
                rename_if_there(&kept, &self.live())?;
            }
            for suffix in LOGS {
                let log = beside(&kept, suffix);
                rename_if_there(&log, &beside(&self.live(), suffix))?;
            }
        } else {
            self.remove_live_logs()?;
            remove_if_there(&self.live())?;
        }
        files::sync_dir(&self.profile)?;
        self.forget()
    }

    /// Replaced files come back; added ones and what stood in the place of replaced ones go to the
    /// folder of deleted media, as everything does.
    fn media_backward(&self, journal: &Journal) -> Result<()> {
        let to_trash = |name: &str| -> Result<()> {
            let file = self.live_media().join(name);
            match file.try_exists().at(&file)? {
                true => trash::discard(&self.live_media(), &file).map(drop),
                false => Ok(()),
            }
        };
        for (name, sha1) in &journal.added {
            let path = self.live_media().join(name);
            // Edited since, or never moved here.
            if path.is_file() && hex(&hash_file(&path)?) == *sha1 {
                to_trash(name)?;
            }
        }
        let kept = self.previous().join("media");
        if !kept.is_dir() {
            return Ok(());
        }
        for entry in std::fs::read_dir(&kept).at(&kept)? {
            let path = entry.at(&kept)?.path();
            let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
                continue;
            };
            let live = self.live_media().join(name);
            if !is_same_file(&path, &live) {
                to_trash(name)?;
                move_if_there(&path, &live)?;
            }
        }
        match self.live_media().exists() {
            true => files::sync_dir(&self.live_media()),
            false => Ok(()),
        }
    }

    fn remove_live_logs(&self) -> Result<()> {
        for suffix in ["-wal", "-journal", "-shm"] {
            remove_if_there(&beside(&self.live(), suffix))?;
        }
        Ok(())
    }

    /// Deletes the folder; the way back is gone. The journal goes first, so that a half-deleted
    /// folder is not taken for an exchange. Media that others took the place of go to the folder
    /// of deleted media: no backup need have them.
    pub fn forget(&self) -> Result<()> {
        let folder = self.folder();
        if !folder.try_exists().at(&folder)? {
            return Ok(());
        }
        remove_if_there(&folder.join(JOURNAL))?;
        files::sync_dir(&folder)?;
        self.discard_replaced_media()?;
        std::fs::remove_dir_all(&folder).at(&folder)
    }

    fn discard_replaced_media(&self) -> Result<()> {
        let kept = self.previous().join("media");
        if !kept.is_dir() {
            return Ok(());
        }
        let live = self.live_media();
        for entry in std::fs::read_dir(&kept).at(&kept)? {
            let path = entry.at(&kept)?.path();
            let is_live = |name| is_same_file(&path, &live.join(name));
            if path.is_file() && !path.file_name().is_some_and(is_live) {
                trash::discard(&live, &path)?;
            }
        }
        Ok(())
    }
}

fn keep(from: &Path, to: &Path) -> Result<()> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let partial = files::PartialFile::create(to)?;
    std::fs::copy(from, partial.path()).at(from)?;
    partial.commit()
}

fn move_all(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from).at(from)? {
        let path = entry.at(from)?.path();
        if let Some(name) = path.file_name()
            && !name.to_string_lossy().starts_with(TEMP_PREFIX)
        {
            move_if_there(&path, &to.join(name))?;
        }
    }
    files::sync_dir(to)
}

/// As [`rename_if_there`], also to a media folder that is a link to another disk.
fn move_if_there(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Err(e) if e.kind() == std::io::ErrorKind::CrossesDevices => {
            copy(from, to)?;
            remove_if_there(from)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !from.exists() => Ok(()),
        other => other.at(to),
    }
}

fn rename_if_there(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !from.exists() => Ok(()),
        other => other.at(to),
    }
}

fn remove_if_there(path: &Path) -> Result<()> {
    if_there(std::fs::remove_file(path)).at(path).map(drop)
}

/// Whether a failure may be answered by going on (a full disk, a lost permission) and not by
/// taking the file for damaged.
pub(super) fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Locked
            | ErrorKind::DiskFull
            | ErrorKind::PermissionDenied
            | ErrorKind::Interrupted
            | ErrorKind::Unavailable
    )
}
