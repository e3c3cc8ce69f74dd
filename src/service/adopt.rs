//! Bringing profiles over from Anki: found in its data folder, copied, never touched. The copy is
//! made in a staging folder, upgraded and counted there, and becomes a profile in one rename.

use crate::backup::entry::Reason;
use crate::backup::{restore, safety};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, BUFFER, if_there};
use crate::base::job::Progress;
use crate::base::limits;
use crate::base::room::Room;
use crate::base::time::Clock;
use crate::service::event::{AnkiProfile, ImportedProfile};
use crate::service::profiles::{DataFolder, ProfileLock, ProfilePaths};
use crate::service::settings::{self, ProfileSettings};
use crate::storage::Storage;
use crate::{mark, t};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a collection that changes under our hands is copied again before giving up.
const ATTEMPTS: usize = 3;

/// Where Anki keeps its profiles: `ANKI_BASE`, else the platform's place, else that of Flatpak.
#[must_use]
pub fn anki_folder() -> Option<PathBuf> {
    if let Some(base) = std::env::var_os("ANKI_BASE").filter(|b| !b.is_empty()) {
        return Some(base.into());
    }
    let dirs = directories::BaseDirs::new()?;
    let usual = dirs.data_dir().join("Anki2");
    let flatpak = (dirs.home_dir()).join(".var/app/net.ankiweb.Anki/data/Anki2");
    let is_flatpak = !usual.is_dir() && flatpak.is_dir();
    Some(if is_flatpak { flatpak } else { usual })
}

/// Anki's profiles in `base`, by name; none when the folder does not exist. A profile's own folder
/// is taken for that profile.
pub fn find_anki_profiles(base: &Path) -> Result<Vec<AnkiProfile>> {
    if let (Some(name), Ok(meta)) = (
        base.file_name().and_then(|name| name.to_str()),
        fs::metadata(base.join("collection.anki2")),
    ) && meta.is_file()
    {
        return Ok(vec![AnkiProfile {
            name: name.to_owned(),
            path: base.to_owned(),
            collection_size: meta.len(),
        }]);
    }
    let Some(entries) = if_there(fs::read_dir(base)).at(base)? else {
        return Ok(vec![]);
    };
    let mut found = vec![];
    for entry in entries {
        let entry = entry.at(base)?;
        let path = entry.path();
        let (Ok(name), Ok(meta)) = (
            entry.file_name().into_string(),
            fs::metadata(path.join("collection.anki2")),
        ) else {
            continue;
        };
        if meta.is_file() {
            found.push(AnkiProfile {
                name,
                path,
                collection_size: meta.len(),
            });
        }
    }
    found.sort_by_key(|p| p.name.to_lowercase());
    Ok(found)
}

/// What became of several profiles.
#[derive(Debug)]
pub struct Adopted {
    pub brought: Vec<ImportedProfile>,
    /// Those that could not be copied, by their names in Anki, and why.
    pub failed: Vec<(String, Error)>,
}

/// Copies one profile after the other: one that is damaged keeps the others from nothing. An error
/// is a cancel, or the failure of the only one that was wanted.
pub fn adopt_all<'a>(
    data: &DataFolder,
    profiles: impl IntoIterator<Item = &'a AnkiProfile>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Adopted> {
    let mut adopted = Adopted {
        brought: vec![],
        failed: vec![],
    };
    for anki in profiles {
        match adopt(data, anki, clock, progress) {
            Ok(profile) => adopted.brought.push(profile),
            Err(error) if error.is_interrupted() => return Err(error),
            Err(error) => adopted.failed.push((anki.name.clone(), error)),
        }
    }
    match adopted.failed.pop() {
        Some((_, error)) if adopted.brought.is_empty() && adopted.failed.is_empty() => Err(error),
        last => {
            adopted.failed.extend(last);
            Ok(adopted)
        }
    }
}

/// Copies one profile; its name gets a number when it is taken here.
pub fn adopt(
    data: &DataFolder,
    anki: &AnkiProfile,
    clock: &Clock,
    progress: &Progress,
) -> Result<ImportedProfile> {
    fs::create_dir_all(data.path()).at(data.path())?;
    let staging = Room::create_in(data.path())?;
    let staged = ProfilePaths {
        name: anki.name.clone(),
        folder: staging.path().join("profile"),
    };
    fs::create_dir(&staged.folder).at(&staged.folder)?;
    staged.ensure_folders()?;

    progress.stage_bytes(t!("Copying the collection"), 0)?;
    copy_collection(&anki.path, &staged, progress)?;
    progress.stage_bytes(t!("Copying pictures and sounds"), 0)?;
    let media = copy_files(
        &anki.path.join("collection.media"),
        &staged.media(),
        progress,
    )?;
    progress.stage_bytes(t!("Copying backups"), 0)?;
    copy_files(&anki.path.join("backups"), &staged.backups(), progress)?;
    let deleted = anki.path.join("deleted.txt");
    if deleted.is_file() {
        copy_file(&deleted, &staged.folder.join("deleted.txt"), progress)?;
    }
    settings::save(&staged.settings(), &ProfileSettings::default())?;

    progress.stage(t!("Checking the copy"), 0)?;
    let contents = check_copy(&staged.collection(), clock, progress)
        .map_err(|error| of_original(error, &anki.path))?;

    let target = data.free_name(&anki.name)?;
    fs::rename(&staged.folder, &target.folder).at(&target.folder)?;
    files::sync_dir(data.path())?;
    Ok(ImportedProfile {
        name: target.name,
        notes: contents.notes,
        cards: contents.cards,
        media,
    })
}

/// A verified backup of a profile that is about to be deleted, kept outside it. None when it has
/// no collection; `Locked` while another program has it open.
pub fn keep_last_backup(
    data: &DataFolder,
    name: &str,
    clock: &Clock,
    progress: &Progress,
) -> Result<Option<PathBuf>> {
    let paths = data.profile(name)?;
    let _lock = ProfileLock::acquire(&paths)?;
    restore::resume(&paths.folder)?;
    let saved = safety::save_present(&paths.folder, Reason::BeforeDeleteProfile, clock, progress)?;
    let Some(saved) = saved.path() else {
        return Ok(None);
    };
    let file_name = saved.file_name().unwrap_or_default().to_string_lossy();
    let kept = data.deleted_backups()?.join(format!("{name} {file_name}"));
    let mut source = File::open(saved).at(saved)?;
    files::write_in_room(&kept, |out| {
        std::io::copy(&mut source, out)?;
        Ok(())
    })?;
    Ok(Some(kept))
}

/// What is wrong with the copy is wrong with Anki's file: the copy is gone when this is read.
fn of_original(error: Error, profile: &Path) -> Error {
    use ErrorKind::{Corrupt, Inconsistent, TooNew, TooOld};
    match error.kind() {
        kind @ (Corrupt | Inconsistent | TooNew | TooOld) => {
            Error::new(kind, error.what()).at(profile.join("collection.anki2"))
        }
        _ => error,
    }
}

/// Opens the copy (replaying a left-over write-ahead log), upgrades it and counts.
fn check_copy(path: &Path, clock: &Clock, progress: &Progress) -> Result<crate::storage::Counts> {
    match Storage::schema_version(path)? {
        None => return Err(Error::corrupt(mark!("the collection is empty")).at(path)),
        Some(18) => {}
        Some(_) => Storage::upgrade(path, clock, progress)?,
    }
    let storage = Storage::open(path)?;
    let contents = storage.counts()?;
    storage.close()?;
    Ok(contents)
}

/// The collection and its write-ahead log as of one moment: copied again when either changed
/// meanwhile, because Anki is running.
fn copy_collection(from: &Path, to: &ProfilePaths, progress: &Progress) -> Result<()> {
    let source = from.join("collection.anki2");
    let log = from.join("collection.anki2-wal");
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(300));
        }
        let before = (state_of(&source)?, state_of(&log)?);
        copy_file(&source, &to.collection(), progress)?;
        let log_copy = to.folder.join("collection.anki2-wal");
        if before.1.is_some() {
            copy_file(&log, &log_copy, progress)?;
        } else if log_copy.exists() {
            fs::remove_file(&log_copy).at(&log_copy)?;
        }
        if before == (state_of(&source)?, state_of(&log)?) {
            return Ok(());
        }
    }
    Err(Error::new(
        ErrorKind::Locked,
        mark!("Anki is running and changing this collection"),
    )
    .at(&source))
}

/// Length and time of a file; None when it is missing.
fn state_of(path: &Path) -> Result<Option<(u64, Option<Duration>)>> {
    let meta = if_there(fs::metadata(path)).at(path)?;
    Ok(meta.map(|meta| {
        let modified = meta.modified().ok();
        let modified = modified.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        (meta.len(), modified)
    }))
}

/// The regular files directly in `from`; returns how many.
fn copy_files(from: &Path, to: &Path, progress: &Progress) -> Result<u64> {
    let Some(entries) = if_there(fs::read_dir(from)).at(from)? else {
        return Ok(0);
    };
    let mut copied = 0;
    for entry in entries {
        let entry = entry.at(from)?;
        let path = entry.path();
        // What a link leads to is among the profile's files, too.
        let is_file = match fs::metadata(&path) {
            Ok(file) => file.is_file(),
            Err(_) if path.is_symlink() => false,
            Err(e) => return Err(Error::from(e).at(path)),
        };
        if is_file {
            copy_file(&path, &to.join(entry.file_name()), progress)?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn copy_file(from: &Path, to: &Path, progress: &Progress) -> Result<()> {
    let mut source = File::open(from).at(from)?;
    let size = source.metadata().at(from)?.len();
    if files::free_space(files::parent(to)?)? < size + limits::FREE_SPACE_RESERVE {
        return Err(Error::new(
            ErrorKind::DiskFull,
            mark!("there is not enough free space for the copy"),
        )
        .at(to));
    }
    let mut target = File::create(to).at(to)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = source.read(&mut buffer).at(from)?;
        if n == 0 {
            break;
        }
        target.write_all(&buffer[..n]).at(to)?;
        progress.step(n as u64)?;
    }
    target.sync_all().at(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_not_touched_and_the_copy_opens() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::System;
        let anki = dir.path().join("Anki2");
        let user = anki.join("User 1");
        fs::create_dir_all(user.join("collection.media")).unwrap();
        fs::write(user.join("collection.media/a.png"), b"picture").unwrap();
        Storage::create(&user.join("collection.anki2"), &clock)
            .unwrap()
            .close()
            .unwrap();
        let original = fs::read(user.join("collection.anki2")).unwrap();
        let data = DataFolder::at(dir.path().join("Engram"));
        let found = find_anki_profiles(&anki).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(find_anki_profiles(&user).unwrap(), found, "its own folder");
        for expected in ["User 1", "User 1 2"] {
            let done = adopt(&data, &found[0], &clock, &Progress::new()).unwrap();
            assert_eq!((done.name.as_str(), done.media), (expected, 1));
        }
        assert_eq!(fs::read(user.join("collection.anki2")).unwrap(), original);
        assert_eq!(fs::read_dir(&user).unwrap().count(), 2);
        let copy = data.profile("User 1").unwrap();
        assert_eq!(fs::read(copy.media().join("a.png")).unwrap(), b"picture");
    }

    #[test]
    fn one_that_is_damaged_keeps_no_other_from_coming_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let anki = dir.path().join("Anki2");
        for name in ["A", "B", "C"] {
            fs::create_dir_all(anki.join(name)).unwrap();
            let collection = anki.join(name).join("collection.anki2");
            if name == "B" {
                fs::write(&collection, b"no database, but as long as the head of one").unwrap();
            } else {
                let made = Storage::create(&collection, &Clock::System).unwrap();
                made.close().unwrap();
            }
        }
        let data = DataFolder::at(dir.path().join("Engram"));
        let found = find_anki_profiles(&anki).unwrap();
        let done = adopt_all(&data, &found, &Clock::System, &Progress::new()).unwrap();
        let brought: Vec<&str> = done.brought.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(brought, ["A", "C"]);
        let [(name, error)] = &done.failed[..] else {
            panic!("{:?}", done.failed);
        };
        assert_eq!((name.as_str(), error.kind()), ("B", ErrorKind::Corrupt));
        let file = anki.join("B/collection.anki2");
        assert_eq!(error.path(), Some(file.as_path()), "not the copy");
        // Of the only one it is an error.
        let only = adopt_all(&data, &found[1..2], &Clock::System, &Progress::new());
        assert_eq!(only.unwrap_err().path(), Some(file.as_path()));
        // Each of several is named, also when none could be copied.
        let twice = [&found[1], &found[1]];
        let none = adopt_all(&data, twice, &Clock::System, &Progress::new()).unwrap();
        assert_eq!((none.brought.len(), none.failed.len()), (0, 2));
        assert_eq!(data.list().unwrap().len(), 2);
    }

    #[test]
    fn a_cancelled_copy_leaves_no_profile() {
        let dir = tempfile::tempdir().unwrap();
        let user = dir.path().join("Anki2/User 1");
        fs::create_dir_all(&user).unwrap();
        Storage::create(&user.join("collection.anki2"), &Clock::System)
            .unwrap()
            .close()
            .unwrap();
        let data = DataFolder::at(dir.path().join("Engram"));
        let found = find_anki_profiles(&dir.path().join("Anki2")).unwrap();
        let progress = Progress::new();
        progress.cancel();
        assert!(adopt(&data, &found[0], &Clock::System, &progress).is_err());
        assert_eq!(data.list().unwrap(), vec![]);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }
}
