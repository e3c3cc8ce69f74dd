//! The second folder of backups, on another disk. Each verified backup is copied there, compared
//! by its hash and opened. The disk may be absent: what is missing follows when it is back. In each
//! round all sizes and the contents of one copy are looked at, so that a rotting disk is noticed.
//! What goes wrong with one file is told, and the others are copied all the same. Only what was
//! written here is ever replaced or deleted.

use super::entry::{Copies, Entry, Rules, Verification};
use super::health::Place;
use super::runs::{self, Kind, Outcome};
use super::{catalog, inspect, readme, tripwire};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, BUFFER, PartialFile};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::Clock;
use crate::formats::zip_guard::require_space;
use crate::{mark, t};
use catalog::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// In the folder of backups: which folders were begun, so that one without its disk is known.
const NOTES: &str = ".engram-copies.json";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Notes {
    /// The name of our folder, by the folder that was chosen.
    begun: BTreeMap<PathBuf, String>,
}

/// Which copies are read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recheck {
    /// The one that was looked at longest ago.
    Oldest,
    /// Also those that were found damaged: a disk that could not be read may be well again.
    All,
}

/// One round: looks at the copies in `chosen`, copies what is missing, thins by the same rules.
///
/// # Errors
/// `InvalidInput` for a folder that cannot serve; `DiskFull`; `Corrupt` when a copy differs from
/// what was written; `Taken` when another file has the name of a copy. What could be copied is.
pub fn run(
    profile_dir: &Path,
    chosen: &Path,
    rules: &Rules,
    recheck: Recheck,
    clock: &Clock,
    progress: &Progress,
) -> Result<Copies> {
    let Some(folder) = ready(profile_dir, chosen)? else {
        return absent(profile_dir, chosen);
    };
    runs::logged(
        &catalog::folder(profile_dir),
        Kind::Copy,
        None,
        Some(&folder),
        clock,
        || follow_all(profile_dir, &folder, rules, recheck, clock, progress),
        |copied| told(*copied),
    )?;
    look(profile_dir, chosen, rules, clock)
}

fn told(copied: u64) -> (Outcome, String) {
    let words = match copied {
        0 => mark!("nothing was missing").to_owned(),
        n => mark!("{n} copied, compared and opened", n),
    };
    (Outcome::Done, words)
}

/// Returns how many were copied.
fn follow_all(
    profile_dir: &Path,
    folder: &Path,
    rules: &Rules,
    recheck: Recheck,
    clock: &Clock,
    progress: &Progress,
) -> Result<u64> {
    files::remove_leftovers(folder)?;
    let round = Round {
        folder,
        room: &catalog::folder(profile_dir),
        clock,
        progress,
    };
    let mut trouble = Trouble::default();
    let backups = catalog::list(profile_dir, rules, clock)?;
    round.recheck(recheck, &mut trouble)?;
    // Oldest first, so that the order of the copies is that of the backups.
    let mut copied = 0;
    for backup in backups
        .iter()
        .rev()
        .filter(|b| b.verification.is_verified())
    {
        copied += u64::from(trouble.keep(round.follow(backup))?);
    }
    if copied > 0 {
        readme::in_backups(folder);
    }
    if tripwire::alarm(round.room).is_some() {
        return trouble.0.map_or(Ok(copied), Err);
    }
    let records = catalog::records(folder)?;
    trouble.keep(catalog::thin_folder(
        folder,
        rules,
        clock,
        progress,
        |name| {
            records.get(name).is_some_and(is_ours)
                && !backups.iter().any(|b| b.path.ends_with(name))
        },
    ))?;
    trouble.0.map_or(Ok(copied), Err)
}

/// The first thing that went wrong in a round. One file must not keep the others from being copied,
/// so that it is told at the end.
#[derive(Default)]
struct Trouble(Option<Error>);

impl Trouble {
    /// Nothing in the place of what failed; an error only when the round was cancelled.
    fn keep<T: Default>(&mut self, done: Result<T>) -> Result<T> {
        match done {
            Err(e) if !e.is_interrupted() => {
                tracing::warn!("the second folder of backups: {e}");
                self.0.get_or_insert(e);
                Ok(T::default())
            }
            done => done,
        }
    }
}

/// How the copies stand, without reading or changing them.
pub fn look(profile_dir: &Path, chosen: &Path, rules: &Rules, clock: &Clock) -> Result<Copies> {
    let copies = list(profile_dir, chosen, rules, clock)?;
    let mut state = absent(profile_dir, chosen)?;
    let whole = || copies.iter().filter(|c| c.verification.is_verified());
    state.absent = !state.folder.is_dir();
    state.whole = whole().count() as u64;
    state.newest = whole().map(|c| c.created).max();
    state.damaged = copies
        .iter()
        .filter(|c| matches!(c.verification, Verification::Failed { .. }))
        .count() as u64;
    state.same_disk = !state.absent && same_disk(&catalog::folder(profile_dir), &state.folder);
    Ok(state)
}

/// The copies, newest first, with why each stays; none while the disk is absent.
pub fn list(profile_dir: &Path, chosen: &Path, rules: &Rules, clock: &Clock) -> Result<Vec<Entry>> {
    let folder = place(&notes(profile_dir)?, profile_dir, chosen);
    catalog::list_folder(&folder, rules, clock)
}

/// The newest whole copy, for the account of how safe everything is; None when there is none though
/// the disk is there.
pub fn counted(
    profile_dir: &Path,
    chosen: &Path,
    rules: &Rules,
    clock: &Clock,
) -> Result<Option<Place>> {
    let folder = place(&notes(profile_dir)?, profile_dir, chosen);
    if !chosen.is_dir() {
        return Ok(Some(Place {
            name: t!("Second backups folder").to_owned(),
            path: folder.display().to_string(),
            absent: true,
            ..Place::default()
        }));
    }
    let copies = catalog::list_folder(&folder, rules, clock)?;
    let newest = copies.iter().find_map(|copy| match copy.verification {
        Verification::Verified { at } => Some((copy.created, at)),
        _ => None,
    });
    Ok(newest.map(|(created, verified)| Place {
        name: t!("Second backups folder").to_owned(),
        path: folder.display().to_string(),
        at: Some(created),
        disk: files::disk_of(&folder),
        verified: Some(verified),
        ..Place::default()
    }))
}

fn absent(profile_dir: &Path, chosen: &Path) -> Result<Copies> {
    Ok(Copies {
        folder: place(&notes(profile_dir)?, profile_dir, chosen),
        absent: true,
        whole: 0,
        newest: None,
        damaged: 0,
        same_disk: false,
    })
}

/// Files that lie there under a record of another origin are not ours to touch.
fn is_ours(record: &Record) -> bool {
    record.file_blake3.is_some()
}

fn notes(profile_dir: &Path) -> Result<Notes> {
    if super::place::is_away(profile_dir) {
        return Ok(Notes::default());
    }
    let path = catalog::folder(profile_dir).join(NOTES);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_else(|e| {
            tracing::warn!("{}: damaged, {e}", path.display());
            Notes::default()
        })),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Notes::default()),
        Err(e) => Err(Error::from(e).at(&path)),
    }
}

fn place(notes: &Notes, profile_dir: &Path, chosen: &Path) -> PathBuf {
    match notes.begun.get(chosen) {
        Some(name) => chosen.join(name),
        None => chosen.join(usual_name(profile_dir)),
    }
}

fn usual_name(profile_dir: &Path) -> String {
    let profile = profile_dir.file_name().unwrap_or_default();
    format!("Engram backups of {}", profile.to_string_lossy())
}

/// Our folder inside `chosen`, made at the first time; None while its disk is not there. A folder
/// that was begun is never made again: an empty place where a disk belongs is not the disk.
fn ready(profile_dir: &Path, chosen: &Path) -> Result<Option<PathBuf>> {
    match std::fs::metadata(chosen) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => return Err(Error::invalid(mark!("this is not a folder")).at(chosen)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::from(e).at(chosen)),
    }
    super::place::require_unicode(chosen)?;
    refuse_own(profile_dir, chosen)?;
    let mut notes = notes(profile_dir)?;
    let folder = place(&notes, profile_dir, chosen);
    if notes.begun.contains_key(chosen) {
        return Ok(folder.is_dir().then_some(folder));
    }
    // A folder of this name belongs to another machine or an earlier profile.
    let usual = usual_name(profile_dir);
    let name = files::numbered(&usual, ' ')
        .find(|name| !chosen.join(name).exists())
        .unwrap_or(usual);
    // While that is away with its disk, nobody knows which folder was begun.
    let backups = catalog::folder(profile_dir);
    super::place::make(&backups)?;
    let folder = chosen.join(&name);
    std::fs::create_dir(&folder).at(&folder)?;
    files::sync_dir(chosen)?;
    notes.begun.insert(chosen.to_owned(), name);
    files::write_json(&backups.join(NOTES), &notes)?;
    Ok(Some(folder))
}

pub(super) fn refuse_own(profile_dir: &Path, chosen: &Path) -> Result<()> {
    let own = profile_dir.canonicalize().at(profile_dir)?;
    if chosen.canonicalize().at(chosen)?.starts_with(own) {
        let what = mark!("this folder belongs to the profile itself");
        return Err(Error::invalid(what).at(chosen));
    }
    Ok(())
}

/// Whether two folders lie on the same disk, as far as the system tells.
fn same_disk(a: &Path, b: &Path) -> bool {
    files::disk_of(a).is_some_and(|disk| files::disk_of(b) == Some(disk))
}

struct Round<'a> {
    folder: &'a Path,
    /// Where there is place to unpack.
    room: &'a Path,
    clock: &'a Clock,
    progress: &'a Progress,
}

impl Round<'_> {
    /// Notes which copies are not what was written.
    fn recheck(&self, which: Recheck, trouble: &mut Trouble) -> Result<()> {
        let all = which == Recheck::All;
        let mut due: Vec<(PathBuf, Record)> = catalog::records(self.folder)?
            .into_iter()
            .map(|(name, record)| (self.folder.join(name), record))
            .filter(|(path, r)| {
                let failed = matches!(r.verification, Verification::Failed { .. });
                is_ours(r) && (all || !failed) && path.exists()
            })
            .collect();
        due.sort_by_key(|(_, r)| match r.verification {
            Verification::Verified { at } => at,
            _ => r.created,
        });
        let mut reads = if all { usize::MAX } else { 1 };
        for (path, record) in due {
            trouble.keep(self.recheck_one(&path, &record, &mut reads))?;
        }
        Ok(())
    }

    /// Looks at the size of a copy, and at what it holds for as long as `reads` are left.
    fn recheck_one(&self, path: &Path, record: &Record, reads: &mut usize) -> Result<()> {
        let was_opened = record.verification.is_verified();
        let finding = if std::fs::metadata(path).at(path)?.len() != record.size {
            Some(mark!("it is not what was written").to_owned())
        } else if *reads > 0 || !was_opened {
            *reads = reads.saturating_sub(1);
            self.difference(path, record)?
        } else {
            return Ok(());
        };
        let at = self.clock.now();
        let found = match finding {
            Some(finding) => Verification::Failed { at, finding },
            None if was_opened => Verification::Verified { at },
            // The round that copied it ended before it was opened, or it could not be read then.
            None => {
                return inspect::verify(path, self.room, self.clock, self.progress).map(drop);
            }
        };
        catalog::set_verification(path, found, None, self.clock)
    }

    /// Why a copy is not what was written, if it is not. One that cannot be read is none: the disk
    /// loses single places first, and the rest of it still serves.
    fn difference(&self, path: &Path, record: &Record) -> Result<Option<String>> {
        match hash(path, self.progress) {
            Ok(hash) if Some(hash.to_hex().as_str()) == record.file_blake3.as_deref() => Ok(None),
            Ok(_) => Ok(Some(mark!("it is not what was written").to_owned())),
            Err(e) if e.is_interrupted() => Err(e),
            Err(e) => Ok(Some(mark!(
                "it cannot be read: {reason}",
                reason = e.what()
            ))),
        }
    }

    /// Makes the copy of one backup what it should be; whether it had to be copied.
    fn follow(&self, backup: &Entry) -> Result<bool> {
        let name = backup.path.file_name().unwrap_or_default();
        let copy = self.folder.join(name);
        let record = catalog::record(&copy)?.filter(|r| is_ours(r) && copy.exists());
        if let Some(record) = &record
            && !matches!(record.verification, Verification::Failed { .. })
        {
            match &backup.pinned {
                pinned if *pinned == record.pinned => {}
                Some(name) => catalog::pin(&copy, name, self.clock)?,
                None => catalog::unpin(&copy, self.clock)?,
            }
            return Ok(false);
        }
        let Some(mut noted) = catalog::record(&backup.path)? else {
            return Ok(false);
        };
        let hash = if record.is_none() && copy.exists() {
            self.adopt(backup, &copy)?
        } else {
            self.progress
                .stage_bytes(t!("Copying to the second folder"), backup.size)?;
            self.copy(backup, &copy, record.is_some())?
        };
        noted.file_blake3 = Some(hash.to_hex().to_string());
        noted.verification = Verification::Unverified;
        catalog::add(&copy, noted)?;
        self.open(backup, &copy)?;
        Ok(true)
    }

    /// A file of the copy's name that we have no note of: it is the copy itself when the program
    /// ended before it was noted, or when the list was lost. Anything else belongs to somebody.
    fn adopt(&self, backup: &Entry, copy: &Path) -> Result<blake3::Hash> {
        self.progress
            .stage(t!("Comparing with the second folder"), 0)?;
        if std::fs::metadata(copy).at(copy)?.len() == backup.size {
            let found = hash(copy, self.progress)?;
            if found == hash(&backup.path, self.progress)? {
                return Ok(found);
            }
        }
        let what = mark!("a file of this name is in the folder for copies already");
        Err(Error::new(ErrorKind::Taken, what).at(copy))
    }

    /// Copies one file and reads it back; the copy has its name only when both are the same.
    fn copy(&self, backup: &Entry, copy: &Path, replaces: bool) -> Result<blake3::Hash> {
        require_space(self.folder, backup.size + FREE_SPACE_RESERVE)?;
        let (partial, hash) = copied(&backup.path, copy, self.progress)?;
        if replaces {
            partial.commit()?;
        } else {
            partial.commit_new()?;
        }
        Ok(hash)
    }

    /// Opens the copy. One that is the same as its backup and cannot be opened tells that the
    /// backup itself is damaged.
    fn open(&self, backup: &Entry, copy: &Path) -> Result<()> {
        let report = inspect::verify(copy, self.room, self.clock, self.progress)?;
        if report.ok {
            return Ok(());
        }
        inspect::verify(&backup.path, self.room, self.clock, self.progress)?;
        let what = mark!(
            "the backup is damaged: {finding}",
            finding = report.findings.join("; ")
        );
        Err(Error::corrupt(what).at(&backup.path))
    }
}

/// A copy of `source` on its way to the name `target`: with its time, synced and read back.
pub(super) fn copied(
    source: &Path,
    target: &Path,
    progress: &Progress,
) -> Result<(PartialFile, blake3::Hash)> {
    let mut file = File::open(source).at(source)?;
    let modified = file
        .metadata()
        .and_then(|meta| meta.modified())
        .at(source)?;
    let mut partial = PartialFile::create(target)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = file.read(&mut buffer).at(source)?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
        partial.file().write_all(&buffer[..n]).at(target)?;
        progress.step(n as u64)?;
    }
    // It is only shown, and some disks let nobody set it.
    if let Err(e) = partial.file().set_modified(modified) {
        tracing::info!("{}: its time cannot be set, {e}", target.display());
    }
    partial.sync()?;
    let written = hasher.finalize();
    if hash(partial.path(), progress)? != written {
        let what = mark!("the copy differs from the backup; the disk may be failing");
        return Err(Error::corrupt(what).at(target));
    }
    Ok((partial, written))
}

/// What a file holds now.
pub(super) fn hash(path: &Path, progress: &Progress) -> Result<blake3::Hash> {
    let mut file = File::open(path).at(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        progress.check()?;
        let n = file.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok(hasher.finalize());
        }
        hasher.update(&buffer[..n]);
    }
}
