//! A folder that mirrors the notes as text files, one a note in folders by deck, named by the
//! note's id: for version control, search and other programs. Only files of changed notes are
//! written. The manifest (`manifest`) says what we wrote; a file that somebody else changed since
//! is never overwritten or removed, but set aside.

pub mod filled;
mod journal;
mod manifest;

use super::plain::{PlainText, PlainTexts};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{self, TEMP_PREFIX, if_there};
use crate::base::ids::NoteId;
use crate::base::job::Progress;
use crate::base::time::TimestampSecs;
use crate::storage::Storage;
use crate::{mark, t};
use journal::Journal;
use manifest::{Entry, Hash, Head, Manifest, NewManifest, hash_of};
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A note changed this shortly before it was looked at may change again in the same second.
const SAME_SECOND: i64 = 2;
/// Files are synced when so many were written.
const SYNCED_TOGETHER: usize = 4096;

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mirrored {
    /// Notes in the folder now.
    pub notes: u64,
    pub written: u64,
    pub removed: u64,
    /// Files that somebody else had changed: under another name now, or left where they were.
    pub set_aside: Vec<PathBuf>,
}

impl Mirrored {
    /// For the log of runs; None when nothing had to be done.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let done = self.written + self.removed > 0 || !self.set_aside.is_empty();
        done.then(|| {
            let (written, removed) = (self.written, self.removed);
            mark!(
                "{written} files written, {removed} removed",
                written,
                removed
            )
        })
    }
}

/// In the profile's folder: the number by which its mirrors know it.
const OWNER: &str = "mirror-id";

/// The number by which the mirrors of a profile know that they are its; made when first asked for.
pub fn owner_of(profile_dir: &Path) -> Result<String> {
    let path = profile_dir.join(OWNER);
    if let Some(text) = if_there(std::fs::read_to_string(&path)).at(&path)? {
        return Ok(text.trim().to_owned());
    }
    let owner = format!("{:032x}", rand::random::<u128>());
    files::write_atomic(&path, |out| Ok(writeln!(out, "{owner}")?))?;
    Ok(owner)
}

/// Brings `folder` up to date with the collection of the profile known as `owner`; makes it if it
/// is not there. `now` is when the collection is looked at.
///
/// # Errors
/// `InvalidInput` when other files are in the folder, or it mirrors another profile.
pub fn update(
    storage: &Storage,
    owner: &str,
    folder: &Path,
    now: TimestampSecs,
    progress: &Progress,
) -> Result<Mirrored> {
    let names = storage.names_stamp()?;
    require_outside_profiles(folder)?;
    std::fs::create_dir_all(folder).at(folder)?;
    let journal = Journal::open(folder, owner)?;
    let mut before = match Manifest::read(folder)? {
        Some(manifest) if manifest.head.owner != owner => {
            return Err(refused(mark!("the folder mirrors another profile"), folder));
        }
        Some(manifest) => manifest,
        None if journal.was_killed() => Manifest::new(owner),
        None => {
            require_empty(folder)?;
            Manifest::new(owner)
        }
    };
    files::remove_leftovers(folder)?;
    let stamps = storage.note_stamps()?;
    progress.stage(t!("Mirroring the notes"), stamps.len() as u64)?;
    let mut run = Run {
        folder,
        opened: File::open(folder).ok(),
        done: Mirrored::default(),
        written: Vec::new(),
        after: NewManifest::new(),
        differs: names != before.head.names,
        left: journal.paths().into_iter().collect(),
        journal,
    };
    let result = run
        .notes(storage, &mut before, names, &stamps, progress)
        .and_then(|()| run.sync(progress));
    if let Err(error) = result {
        // What was written is ours, whatever stopped us; the rest is as it was.
        run.after.add_rest(&mut before)?;
        let Manifest { head, .. } = before;
        run.after.write(folder, &head)?;
        run.journal.done()?;
        return Err(error);
    }
    run.done.notes = run.after.files;
    if run.differs {
        let Manifest { head, .. } = before;
        let head = Head {
            names,
            updated: now,
            ..head
        };
        run.after.write(folder, &head)?;
    }
    run.journal.done()?;
    Ok(run.done)
}

fn refused(what: &'static str, folder: &Path) -> Error {
    Error::invalid(mark!("{what}; choose another folder", what)).at(folder)
}

/// Its files would be taken for media files or backups.
fn require_outside_profiles(folder: &Path) -> Result<()> {
    let absolute = std::path::absolute(folder).at(folder)?;
    let real = absolute.canonicalize();
    let is_of_profile = |above: &Path| {
        let named = above.ends_with("collection.media") || above.ends_with("backups");
        named && above.with_file_name("collection.anki2").is_file()
    };
    let mut paths = [Some(absolute), real.ok()].into_iter().flatten();
    if paths.any(|path| path.ancestors().any(is_of_profile)) {
        let what = mark!("the folder lies among the media files or backups of a profile");
        return Err(refused(what, folder));
    }
    Ok(())
}

/// Hidden files and those of a repository's front page may be there already.
fn require_empty(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).at(folder)? {
        let name = entry.at(folder)?.file_name();
        let name = name.to_string_lossy();
        let may =
            name.starts_with('.') || name.starts_with("README") || name.starts_with("LICENSE");
        if !may {
            return Err(refused(
                mark!("there are other files in the folder"),
                folder,
            ));
        }
    }
    Ok(())
}

/// One update.
struct Run<'a> {
    folder: &'a Path,
    /// The folder since before anything was written, where the system opens folders.
    opened: Option<File>,
    done: Mirrored,
    /// To be synced before the manifest says that they are there.
    written: Vec<PathBuf>,
    /// What the folder holds of the notes so far.
    after: NewManifest,
    /// That is not what it held before.
    differs: bool,
    journal: Journal,
    /// Paths of an update that was killed of which no note is known yet.
    left: HashSet<String>,
}

impl Run<'_> {
    fn notes(
        &mut self,
        storage: &Storage,
        before: &mut Manifest,
        names: u64,
        stamps: &[(NoteId, u64, TimestampSecs)],
        progress: &Progress,
    ) -> Result<()> {
        let mut texts = PlainTexts::of(storage)?;
        let Head {
            names: names_before,
            updated,
            ..
        } = before.head;
        for &(id, stamp, changed) in stamps {
            progress.step(1)?;
            self.gone(before, |known| known < id, progress)?;
            let known = before.next().filter(|(known, _)| *known == id);
            let known = known.map(|(_, entry)| entry.clone());
            let recent = changed.0 >= updated.0 - SAME_SECOND;
            let entry = match &known {
                Some(entry)
                    if entry.stamp == stamp
                        && names_before == names
                        && !recent
                        && !self.journal.touched(&entry.path) =>
                {
                    entry.clone()
                }
                known => match storage.get_note(id)? {
                    Some(note) => self.put(id, stamp, &texts.text(&note)?, known.as_ref())?,
                    // It is taken for gone with the next one.
                    None => continue,
                },
            };
            self.left.remove(&entry.path);
            self.after.add(id, &entry)?;
            self.differs |= known.as_ref() != Some(&entry);
            if known.is_some() {
                before.pass()?;
            }
            // Not before it is in the list: whatever stops this, it is ours.
            if self.written.len() == SYNCED_TOGETHER {
                self.sync(progress)?;
            }
        }
        self.gone(before, |_| true, progress)?;
        self.tidy_after_kill()
    }

    /// Takes away the files of notes that are not there any more.
    fn gone(
        &mut self,
        before: &mut Manifest,
        is_gone: impl Fn(NoteId) -> bool,
        progress: &Progress,
    ) -> Result<()> {
        while let Some((_, entry)) = before.next().filter(|(known, _)| is_gone(*known)) {
            progress.check()?;
            self.remove(entry)?;
            self.differs = true;
            before.pass()?;
        }
        Ok(())
    }

    /// Takes away what an update that was killed left of notes that are elsewhere or gone by now.
    fn tidy_after_kill(&mut self) -> Result<()> {
        for path in self.journal.paths() {
            if let Some(folder) = self.folder.join(path).parent() {
                files::remove_leftovers(folder)?;
            }
        }
        for path in std::mem::take(&mut self.left) {
            let Some(hash) = found(&self.folder.join(&path))? else {
                continue;
            };
            if self.journal.wrote(&path, &hash) {
                let stamp = 0;
                self.remove(&Entry { stamp, hash, path })?;
            }
        }
        Ok(())
    }

    fn sync(&mut self, progress: &Progress) -> Result<()> {
        progress.check()?;
        let at_once = |opened| files::synced_at_once(opened, &self.written);
        if self.opened.as_ref().is_some_and(at_once) {
            self.written.clear();
        }
        for path in self.written.drain(..) {
            progress.check()?;
            files::sync_file(&path).at(&path)?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        id: NoteId,
        stamp: u64,
        plain: &PlainText,
        known: Option<&Entry>,
    ) -> Result<Entry> {
        let entry = Entry {
            stamp,
            hash: hash_of(plain.text.as_bytes()),
            path: format!("{}/{}.txt", plain.folder, id.0),
        };
        if let Some(known) = known {
            let as_before = known.path == entry.path && known.hash == entry.hash;
            if as_before && !self.journal.touched(&entry.path) {
                return Ok(entry);
            }
            if known.path != entry.path {
                self.remove(known)?;
            }
        }
        let path = self.folder.join(&entry.path);
        match found(&path)? {
            Some(hash) if hash == entry.hash => return Ok(entry),
            Some(hash) if !self.is_ours(&entry.path, hash, known) => self.set_aside(&path)?,
            _ => {}
        }
        // Before anything is there: an empty folder would be taken for somebody else's, too.
        self.journal.note(&entry.path, &entry.hash)?;
        let parent = files::parent(&path)?;
        std::fs::create_dir_all(parent).at(parent)?;
        let temp = parent.join(format!("{TEMP_PREFIX}{}", id.0));
        std::fs::write(&temp, &plain.text).at(&temp)?;
        std::fs::rename(&temp, &path).at(&path)?;
        self.done.written += 1;
        self.written.push(path);
        Ok(entry)
    }

    fn is_ours(&self, path: &str, hash: Hash, known: Option<&Entry>) -> bool {
        known.is_some_and(|known| known.path == path && known.hash == hash)
            || self.journal.wrote(path, &hash)
    }

    /// Takes away a file that is as we wrote it, and folders that are empty then.
    fn remove(&mut self, entry: &Entry) -> Result<()> {
        let path = self.folder.join(&entry.path);
        match found(&path)? {
            None => return Ok(()),
            Some(hash) if self.is_ours(&entry.path, hash, Some(entry)) => {
                std::fs::remove_file(&path).at(&path)?;
                self.done.removed += 1;
            }
            Some(_) => {
                self.done.set_aside.push(path);
                return Ok(());
            }
        }
        let mut parent = path.parent();
        while let Some(folder) = parent.filter(|p| *p != self.folder) {
            // Not empty: other notes are in it.
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
            parent = folder.parent();
        }
        Ok(())
    }

    /// Gives a file that somebody else changed another name.
    fn set_aside(&mut self, path: &Path) -> Result<()> {
        let mut number = 1;
        loop {
            let aside = path.with_extension(format!("changed-{number}.txt"));
            if !aside.try_exists().at(&aside)? {
                std::fs::rename(path, &aside).at(path)?;
                self.done.set_aside.push(aside);
                return Ok(());
            }
            number += 1;
        }
    }
}

/// What is in a file; None when there is none.
fn found(path: &Path) -> Result<Option<Hash>> {
    let bytes = if_there(std::fs::read(path)).at(path)?;
    Ok(bytes.as_deref().map(hash_of))
}
