//! A folder for work in progress where no profile's lock says who works there: beside a file that is
//! exported, in the system's folder for temporary files. Its owner alone may enter it. What a killed
//! run left is deleted by the next one that needs such a folder at the same place; that of a run at
//! work stays.

use super::error::{AtPath as _, Result};
use super::files::{TEMP_PREFIX, private_folder};
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Locked for as long as the folder is in use.
const IN_USE: &str = "in-use";

/// Goes away with everything in it.
#[derive(Debug)]
pub struct Room {
    inside: PathBuf,
    // Before the folder: on some systems an open file keeps it.
    _in_use: File,
    _folder: TempDir,
}

impl Room {
    /// Inside `folder`, so that renames out of it stay on one file system.
    pub fn create_in(folder: &Path) -> Result<Self> {
        let made = private_folder(folder)?;
        let path = made.path();
        // It has its name only when it is locked, so that nobody takes it for one left behind; nor
        // where the file system knows no locks.
        let unnamed = path.join("new");
        let in_use = File::create_new(&unnamed).at(&unnamed)?;
        if in_use.lock().is_ok() {
            std::fs::rename(&unnamed, path.join(IN_USE)).at(&unnamed)?;
        }
        let inside = path.join("room");
        std::fs::create_dir(&inside).at(&inside)?;
        if let Ok(own) = std::fs::metadata(path) {
            remove_left_behind(folder, &own);
        }
        Ok(Self {
            inside,
            _in_use: in_use,
            _folder: made,
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inside
    }
}

/// Those of the same owner that nobody uses. What cannot be deleted stays for the next time.
fn remove_left_behind(all: &Path, own: &Metadata) {
    let Ok(entries) = std::fs::read_dir(all) else {
        return;
    };
    for entry in entries.flatten() {
        let is_room = entry.file_name().to_string_lossy().starts_with(TEMP_PREFIX)
            && entry
                .metadata()
                .is_ok_and(|found| found.is_dir() && has_same_owner(&found, own));
        if is_room
            && is_left_behind(&entry.path())
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::warn!("{} was left behind: {error}", entry.path().display());
        }
    }
}

fn is_left_behind(folder: &Path) -> bool {
    let mark = folder.join(IN_USE);
    std::fs::symlink_metadata(&mark).is_ok_and(|found| found.is_file())
        && File::open(&mark).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(unix)]
fn has_same_owner(found: &Metadata, own: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.uid() == own.uid()
}

/// Folders of others cannot be deleted there.
#[cfg(not(unix))]
fn has_same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}
