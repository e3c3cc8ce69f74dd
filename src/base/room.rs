//! A folder for work in progress where no profile's lock says who works there: beside a file that is
//! exported, in the system's folder for temporary files. Its owner alone may enter it. What a killed
//! run left is deleted by the next one that needs such a folder at the same place; that of a run at
//! work stays.

use super::error::{AtPath as _, Result};
use super::files::{TEMP_PREFIX, private_folder};
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Locked for as long as the folder is in use.
const IN_USE: &str = "in-use";
/// The same before it is locked.
const UNNAMED: &str = "new";
/// What has no mark is taken for left behind when it is so much older than the folder of now.
const OLD: Duration = Duration::from_hours(24);

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
        let unnamed = path.join(UNNAMED);
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

impl Drop for Room {
    /// The mark goes last: whoever is killed meanwhile leaves it to the next one.
    fn drop(&mut self) {
        // What fails is tried again with the whole folder.
        let _ = std::fs::remove_dir_all(&self.inside);
    }
}

/// Those of the same owner that nobody uses. What cannot be deleted stays for the next time.
fn remove_left_behind(all: &Path, own: &Metadata) {
    let Ok(entries) = std::fs::read_dir(all) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMP_PREFIX)
            && let Ok(found) = entry.metadata()
            && found.is_dir()
            && has_same_owner(&found, own)
            && (is_left_behind(&entry.path()) || is_stub(&entry.path(), &found, own))
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

/// A run was killed before it had its mark, or after that was gone.
fn is_stub(folder: &Path, found: &Metadata, own: &Metadata) -> bool {
    let is_old = match (own.modified(), found.modified()) {
        (Ok(now), Ok(then)) => now.duration_since(then).is_ok_and(|age| age > OLD),
        _ => false,
    };
    let has_nothing = || {
        let mut entries = std::fs::read_dir(folder)?;
        Ok::<_, std::io::Error>(entries.all(|e| e.is_ok_and(|e| e.file_name() == UNNAMED)))
    };
    is_old && has_nothing().unwrap_or(false)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::FileTimes;

    #[test]
    fn what_has_no_mark_goes_when_it_is_old_and_holds_nothing() {
        let all = tempfile::tempdir().unwrap();
        let now = all.path().metadata().unwrap().modified().unwrap();
        let make = |name: &str, file: &str, is_old: bool| {
            let folder = all.path().join(format!("{TEMP_PREFIX}{name}"));
            std::fs::create_dir(&folder).unwrap();
            if !file.is_empty() {
                File::create(folder.join(file)).unwrap();
            }
            if is_old {
                let times = FileTimes::new().set_modified(now - OLD * 2);
                File::open(&folder).unwrap().set_times(times).unwrap();
            }
            folder
        };
        let gone = [make("a", "", true), make("b", UNNAMED, true)];
        let kept = [
            make("c", "", false),
            make("d", UNNAMED, false),
            make("e", "collection.anki2", true),
        ];
        drop(Room::create_in(all.path()).unwrap());
        assert!(gone.iter().all(|folder| !folder.exists()));
        assert!(kept.iter().all(|folder| folder.exists()));
        assert_eq!(std::fs::read_dir(all.path()).unwrap().count(), 3);
    }
}
