//! Where a profile keeps its backups: in its own folder, or in one that the user chose, and how
//! they move from one to the other. Which it is stands in a file of the profile rather than in the
//! preferences: those go with backups to other computers, where no such folder may be.
//!
//! A chosen folder is never made again when it is gone: an empty place where a disk belongs is not
//! the disk. Moving copies everything first; only then does the other folder count, and only then
//! do the files in the old one go: where the program ends meanwhile, the next start sees to that.

use super::copies::{self, refuse_own};
use super::{catalog, readme};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, TEMP_PREFIX, if_there};
use crate::base::job::Progress;
use crate::formats::zip_guard::require_space;
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// In the profile: the path of the chosen folder.
const POINTER: &str = "backups-folder.txt";
/// In the profile, from when a move has copied everything until it ends: a [`Left`].
const LEFT: &str = "backups-folder-left.json";
/// How a folder begins that we made in the one that was chosen.
const CHOSEN: &str = "Engram main backups of ";

/// The folder of backups of a profile, whether it is there or not.
#[must_use]
pub fn folder(profile_dir: &Path) -> PathBuf {
    chosen(profile_dir).unwrap_or_else(|| own(profile_dir))
}

/// The folder outside the profile, if there is one.
#[must_use]
pub fn chosen(profile_dir: &Path) -> Option<PathBuf> {
    let pointer = profile_dir.join(POINTER);
    let words = match std::fs::read_to_string(&pointer) {
        Ok(words) => words,
        Err(e) => {
            use std::io::ErrorKind::{NotADirectory, NotFound};
            if !matches!(e.kind(), NotFound | NotADirectory) {
                tracing::warn!("{}: {e}; backups go to the profile", pointer.display());
            }
            return None;
        }
    };
    let folder = PathBuf::from(words.trim_end_matches(['\r', '\n']));
    folder.is_absolute().then_some(folder)
}

fn own(profile_dir: &Path) -> PathBuf {
    profile_dir.join("backups")
}

/// Makes a folder of backups that is not there, unless its disk is what is missing.
///
/// # Errors
/// `Unavailable` for a chosen folder that is gone.
pub fn make(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    require_disk(folder)?;
    std::fs::create_dir_all(folder).at(folder)
}

/// Whether the folder of a profile's backups is a chosen one whose disk is not there.
#[must_use]
pub fn is_away(profile_dir: &Path) -> bool {
    let folder = folder(profile_dir);
    !folder.is_dir() && require_disk(&folder).is_err()
}

/// Whether a folder that is not there may be one that was never made.
///
/// # Errors
/// `Unavailable` for a chosen one.
pub(super) fn require_disk(folder: &Path) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with(CHOSEN) {
        return Err(Error::new(
            ErrorKind::Unavailable,
            mark!(
                "the backups folder is not there: connect its disk, or choose another one in \
             Preferences > Backups"
            ),
        )
        .at(folder));
    }
    Ok(())
}

/// A chosen folder is kept as a text.
///
/// # Errors
/// `InvalidInput` for one that is none.
pub(super) fn require_unicode(folder: &Path) -> Result<&str> {
    folder
        .to_str()
        .ok_or_else(|| Error::invalid(mark!("the folder's path is not valid Unicode")).at(folder))
}

/// What came of a move.
#[derive(Debug)]
pub struct Moved {
    /// The folder that counts from now on.
    pub folder: PathBuf,
    /// Files that were copied and could not be deleted where they were.
    pub stayed: Vec<Error>,
}

/// Moves the backups of a profile, and whatever lies among them, into a new folder inside `to`;
/// None: back into the profile. Nobody may make or thin backups meanwhile. Where the present folder
/// is gone with its disk, there is nothing to move and only new backups go to the new one.
///
/// # Errors
/// `InvalidInput` for a folder that cannot serve, `DiskFull`, `Taken` when the profile's folder
/// has another file of a name that comes back, `Interrupted`. Then everything is as it was.
pub fn move_to(profile_dir: &Path, to: Option<&Path>, progress: &Progress) -> Result<Moved> {
    finish_move(profile_dir)?;
    let from = folder(profile_dir);
    let new = match to {
        Some(to) => new_folder(profile_dir, to)?,
        None => own(profile_dir),
    };
    if new == from {
        return Ok(Moved {
            folder: new,
            stayed: Vec::new(),
        });
    }
    std::fs::create_dir_all(&new).at(&new)?;
    files::remove_leftovers(&new)?;
    let moved = copy_all(&from, &new, progress).inspect_err(|_| {
        // Only when nothing was copied; what was is used by the next move.
        let _ = std::fs::remove_dir(&new);
    })?;
    files::sync_dir(files::parent(&new)?)?;
    let left = Left::of(profile_dir, &from, &moved);
    left.note(profile_dir)?;
    let pointer = profile_dir.join(POINTER);
    if to.is_some() {
        let words = require_unicode(&new)?;
        files::write_atomic(&pointer, |out| Ok(writeln!(out, "{words}")?))?;
    } else {
        std::fs::remove_file(&pointer).at(&pointer)?;
        files::sync_dir(profile_dir)?;
    }
    readme::in_backups(&new);
    let stayed = delete(&from, moved);
    Left::forget(profile_dir)?;
    Ok(Moved {
        folder: new,
        stayed,
    })
}

/// Deletes copied files, and their folder when nothing else lies there. Gives those that stay.
fn delete(folder: &Path, copied: Vec<PathBuf>) -> Vec<Error> {
    let mut stayed = Vec::new();
    for old in copied {
        if let Err(e) = if_there(std::fs::remove_file(&old)) {
            let what = mark!("it was copied to the new folder, but could not be deleted here");
            stayed.push(Error::new(ErrorKind::Unavailable, what).because(e).at(&old));
        }
    }
    let _ = std::fs::remove_dir(folder);
    stayed
}

/// What is still to be deleted of a move, should it be cut short.
#[derive(Debug, Serialize, Deserialize)]
struct Left {
    /// Where the backups were; the profile's own one as it is called there, as profiles are renamed.
    folder: PathBuf,
    /// The names of what was copied. Of one that is no text the file stays.
    files: Vec<String>,
}

impl Left {
    fn of(profile_dir: &Path, folder: &Path, copied: &[PathBuf]) -> Self {
        let names = copied.iter().filter_map(|file| file.file_name()?.to_str());
        Self {
            folder: folder.strip_prefix(profile_dir).unwrap_or(folder).into(),
            files: names.map(str::to_owned).collect(),
        }
    }

    fn note(&self, profile_dir: &Path) -> Result<()> {
        files::write_json(&profile_dir.join(LEFT), self)
    }

    fn forget(profile_dir: &Path) -> Result<()> {
        let note = profile_dir.join(LEFT);
        if_there(std::fs::remove_file(&note)).at(&note)?;
        Ok(())
    }
}

/// Ends a move that was cut short when the new folder counted and not all was deleted in the old one.
/// Before anything is put into either.
pub(super) fn finish_move(profile_dir: &Path) -> Result<()> {
    let note = profile_dir.join(LEFT);
    let Some(text) = if_there(std::fs::read(&note)).at(&note)? else {
        return Ok(());
    };
    // Which folder counts must be known, not guessed.
    let pointer = profile_dir.join(POINTER);
    if_there(std::fs::read(&pointer)).at(&pointer)?;
    // It is written as a whole: what cannot be read is none of ours, and tells nothing.
    if let Ok(left) = serde_json::from_slice::<Left>(&text) {
        let old = profile_dir.join(&left.folder);
        let new = folder(profile_dir);
        if old != new {
            // One of the disks is away: the next start may see it.
            if !new.is_dir() || (!old.is_dir() && require_disk(&old).is_err()) {
                return Ok(());
            }
            let names = left.files.iter().filter(|name| new.join(name).is_file());
            let copied = names.map(|name| old.join(name)).collect();
            for error in delete(&old, copied) {
                tracing::warn!("{error}");
            }
        }
    }
    Left::forget(profile_dir)
}

/// A folder of ours in the chosen one: a new one, or what an interrupted move has left.
fn new_folder(profile_dir: &Path, chosen: &Path) -> Result<PathBuf> {
    if !chosen.is_dir() {
        return Err(Error::not_found(mark!("there is no such folder")).at(chosen));
    }
    refuse_own(profile_dir, chosen)?;
    let present = folder(profile_dir);
    let chosen = chosen.canonicalize().at(chosen)?;
    require_unicode(&chosen)?;
    if present.is_dir() && chosen.starts_with(present.canonicalize().at(&present)?) {
        let what = mark!("this folder lies in the present backups folder");
        return Err(Error::invalid(what).at(&chosen));
    }
    let profile = profile_dir.file_name().unwrap_or_default();
    let usual = format!("{CHOSEN}{}", profile.to_string_lossy());
    let name = present.file_name().unwrap_or_default().to_string_lossy();
    if present.is_dir() && present.parent() == Some(&*chosen) && name.starts_with(&usual) {
        return Ok(present);
    }
    let free = files::numbered(&usual, ' ').find(|name| {
        let folder = chosen.join(name);
        folder != present && !catalog::has_list(&folder)
    });
    Ok(chosen.join(free.unwrap_or(usual)))
}

/// Copies all files, the list of them last: a folder with a list is whole. Gives what was copied.
fn copy_all(from: &Path, to: &Path, progress: &Progress) -> Result<Vec<PathBuf>> {
    let Some(entries) = if_there(std::fs::read_dir(from)).at(from)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.at(from)?;
        let name = entry.file_name();
        let path = entry.path();
        // A link whose target is gone is no backup, and no reason to stay.
        let Ok(meta) = std::fs::metadata(&path) else {
            continue;
        };
        if meta.is_file() && !name.to_string_lossy().starts_with(TEMP_PREFIX) {
            found.push((name == catalog::MANIFEST, name, meta.len()));
        }
    }
    found.sort();
    let total = found.iter().map(|(_, _, len)| len).sum();
    require_space(to, total)?;
    progress.stage_bytes(t!("Copying the backups"), total)?;
    let mut copied = Vec::new();
    for (_, name, _) in found {
        let source = from.join(&name);
        copy(&source, &to.join(&name), progress)?;
        copied.push(source);
    }
    Ok(copied)
}

/// Copies one file, unless the same is there already.
fn copy(source: &Path, target: &Path, progress: &Progress) -> Result<()> {
    // Our own lists of what lies there are replaced by those that come.
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let replaces = name.starts_with(".engram-");
    if target.exists() && !replaces {
        if copies::hash(target, progress)? == copies::hash(source, progress)? {
            return Ok(());
        }
        let what = mark!("another file of this name is in the new folder already");
        return Err(Error::new(ErrorKind::Taken, what).at(target));
    }
    let (partial, _) = copies::copied(source, target, progress)?;
    if replaces {
        partial.commit()
    } else {
        partial.commit_new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A profile whose backups were moved to `there`, and a file that was left in `own`.
    fn moved(room: &Path) -> (PathBuf, PathBuf, PathBuf) {
        let (profile, disk) = (room.join("Ann"), room.join("disk"));
        let own = own(&profile);
        std::fs::create_dir_all(&own).unwrap();
        std::fs::create_dir(&disk).unwrap();
        std::fs::write(own.join("a.colpkg"), "a").unwrap();
        let there = move_to(&profile, Some(&disk), &Progress::new()).unwrap();
        assert!(!own.exists() && !profile.join(LEFT).exists());
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("a.colpkg"), "a").unwrap();
        (profile, own, there.folder)
    }

    #[test]
    fn a_move_that_was_cut_short_deletes_what_it_copied_and_nothing_else() {
        let room = tempfile::tempdir().unwrap();
        let (profile, own, there) = moved(room.path());
        let note = |folder: &Path| {
            let copied = [folder.join("a.colpkg"), folder.join("gone.colpkg")];
            Left::of(&profile, folder, &copied).note(&profile).unwrap();
        };
        // Ended before the other folder counted: both stay.
        note(&there);
        finish_move(&profile).unwrap();
        assert!(there.join("a.colpkg").exists() && own.join("a.colpkg").exists());
        assert!(!profile.join(LEFT).exists());
        // And after it.
        std::fs::write(own.join("of somebody"), "b").unwrap();
        note(&own);
        finish_move(&profile).unwrap();
        assert!(!own.join("a.colpkg").exists() && own.join("of somebody").exists());
        assert!(there.join("a.colpkg").exists());
        // What tells nothing is in nobody's way.
        std::fs::write(profile.join(LEFT), "{").unwrap();
        finish_move(&profile).unwrap();
        assert!(!profile.join(LEFT).exists());
    }

    #[test]
    fn a_move_to_where_they_are_moves_nothing() {
        let room = tempfile::tempdir().unwrap();
        let (profile, _, there) = moved(room.path());
        let disk = room.path().join("disk");
        let again = move_to(&profile, Some(&disk), &Progress::new()).unwrap();
        assert_eq!(again.folder, there);
        assert!(there.join("a.colpkg").exists());
    }
}
