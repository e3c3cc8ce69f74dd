//! Media for selective recovery: the files that recovered notes name come out of the package into
//! the media folder. Nothing there is overwritten: a file whose name is taken by another one gets
//! its hash into its name, and the notes are told.

use super::media_source::MediaSource;
use crate::base::error::{AtPath as _, ErrorKind, Result};
use crate::base::files::PartialFile;
use crate::base::job::Progress;
use crate::domain::media_refs::is_static;
use crate::media::hash::{MediaHash, hash_file};
use crate::media::names::{self, with_hash};
use crate::t;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// What came of the media.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveredMedia {
    /// Files that are in the folder now and were not before.
    pub added: Vec<String>,
    /// Names in the notes → names in the folder, where they differ.
    pub renamed: HashMap<String, String>,
    /// Wanted, and neither in the folder nor in the package (backups are without media), or damaged
    /// there.
    pub missing: Vec<String>,
    /// Files of these names are in the folder, and stay: other note types may share them.
    pub left: Vec<String>,
}

impl RecoveredMedia {
    /// Nothing came of the recovery, so its files leave the folder `live` again.
    pub fn take_back(&self, live: &Path) {
        for name in &self.added {
            if let Err(error) = std::fs::remove_file(live.join(name)) {
                tracing::warn!("a file that nobody needs stays, {name}: {error}");
            }
        }
    }
}

/// Brings `wanted` from the package at `path` into the folder `live`: all that can be, or nothing
/// when it is cancelled or fails.
pub fn recover_media(
    path: &Path,
    wanted: &BTreeSet<String>,
    live: &Path,
    progress: &Progress,
) -> Result<RecoveredMedia> {
    let mut done = RecoveredMedia::default();
    match bring(path, wanted, live, &mut done, progress) {
        Ok(()) => Ok(done),
        Err(error) => {
            done.take_back(live);
            Err(error)
        }
    }
}

fn bring(
    path: &Path,
    wanted: &BTreeSet<String>,
    live: &Path,
    done: &mut RecoveredMedia,
    progress: &Progress,
) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut source = MediaSource::of(path)?;
    progress.stage(t!("Recovering media"), wanted.len() as u64)?;
    for name in wanted {
        progress.step(1)?;
        if !names::is_one_component(name) {
            done.missing.push(name.clone());
            continue;
        }
        let target = live.join(name);
        // Templates name these, and other note types may share them: never under another name.
        if is_static(name) && target.exists() {
            done.left.push(name.clone());
            continue;
        }
        let mut part = PartialFile::create(&target)?;
        let unpacked = match source.unpack(name, part.file(), Some(live), progress) {
            // One that is damaged there costs no note and no other file.
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                tracing::warn!("a file that a note names cannot be recovered: {error}");
                None
            }
            unpacked => unpacked?,
        };
        let Some(sha1) = unpacked else {
            if !target.exists() {
                done.missing.push(name.clone());
            }
            continue;
        };
        let Some(free) = free_name(live, name, &sha1)? else {
            continue;
        };
        if free.name != *name {
            done.renamed.insert(name.clone(), free.name.clone());
        }
        if !free.is_there {
            if free.name == *name {
                part.commit_new()?;
            } else {
                // The partial file's target is the taken name.
                let mut other = PartialFile::create(&live.join(&free.name))?;
                part.sync()?;
                let mut from = std::fs::File::open(part.path()).at(part.path())?;
                std::io::copy(&mut from, other.file())?;
                other.commit_new()?;
            }
            done.added.push(free.name);
        }
    }
    Ok(())
}

struct FreeName {
    name: String,
    /// The folder has this very file under that name.
    is_there: bool,
}

/// Under which name the file can be in the folder. None: it is there under its own name.
fn free_name(live: &Path, name: &str, sha1: &MediaHash) -> Result<Option<FreeName>> {
    let same = |name: &str| -> Result<Option<bool>> {
        let path = live.join(name);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(hash_file(&path)? == *sha1))
    };
    Ok(match same(name)? {
        Some(true) => None,
        None => Some(FreeName {
            name: name.to_owned(),
            is_there: false,
        }),
        Some(false) => {
            let name = with_hash(name, sha1);
            let is_there = same(&name)? == Some(true);
            Some(FreeName { name, is_there })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_that_fails_takes_its_files_away_again() {
        let room = tempfile::tempdir().unwrap();
        let (media, live) = (room.path().join("earlier.media"), room.path().join("live"));
        std::fs::create_dir(&media).unwrap();
        for name in ["a.png", "b.png"] {
            std::fs::write(media.join(name), name).unwrap();
        }
        // What cannot be compared with the second one.
        std::fs::create_dir_all(live.join("b.png")).unwrap();
        let wanted = BTreeSet::from(["a.png", "b.png"].map(str::to_owned));
        let path = room.path().join("earlier.anki2");
        let recover = || recover_media(&path, &wanted, &live, &Progress::new());
        recover().unwrap_err();
        assert!(!live.join("a.png").exists());
        std::fs::remove_dir(live.join("b.png")).unwrap();
        let done = recover().unwrap();
        assert_eq!(done.added, ["a.png", "b.png"]);
        done.take_back(&live);
        assert_eq!(std::fs::read_dir(&live).unwrap().count(), 0);
    }
}
