//! Profiles on disk: one folder each, with collection, media, backups and settings. Nothing here
//! opens a collection; the window and the command line share it.

use crate::backup::vault::book;
use crate::backup::{catalog, place};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files;
use crate::base::time::TimestampMillis;
use crate::base::unseen::is_unseen;
use crate::mark;
use crate::media::folder;
use crate::service::event::ProfileSummary;
use crate::service::settings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization as _;

/// Backups of deleted profiles stay here, outside any profile.
const DELETED_FOLDER: &str = "backups-of-deleted-profiles";
const NAMELESS: &str = mark!("a profile needs a name");

/// The folder that holds all profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

/// Where the parts of one profile are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfilePaths {
    pub name: String,
    pub folder: PathBuf,
}

/// What is remembered of profiles besides their folders.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    profiles: BTreeMap<String, ProfileFacts>,
}

/// As of the last time the profile was open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileFacts {
    pub last_opened: Option<TimestampMillis>,
    pub cards: Option<u64>,
    pub last_backup: Option<TimestampMillis>,
    /// Why the backup on close failed, in English, until somebody was told at the next start.
    pub close_failure: Option<String>,
    /// When closing last looked whether the file has much empty room.
    pub optimized: Option<TimestampMillis>,
}

impl DataFolder {
    #[must_use]
    pub fn at(base: PathBuf) -> Self {
        Self(base)
    }

    /// `explicit`, else the variable `ENGRAM_BASE`, else where the platform keeps program data; as
    /// a whole path. Fails where neither is known, and for an empty `explicit`.
    pub fn locate(explicit: Option<PathBuf>) -> Result<Self> {
        let named = std::env::var_os("ENGRAM_BASE").filter(|b| !b.is_empty());
        if let Some(base) = explicit.or_else(|| named.map(PathBuf::from)) {
            // Whole, as it is shown: a part of it says little to who did not start the program.
            return std::path::absolute(&base).map(Self).at(&base);
        }
        directories::ProjectDirs::from("", "", "Engram")
            .map(|dirs| Self(dirs.data_dir().to_owned()))
            .ok_or_else(|| {
                Error::not_found(mark!(
                    "this account has no home folder; set ENGRAM_BASE or use --base"
                ))
            })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The profile called `name`; fails when its folder is missing.
    pub fn profile(&self, name: &str) -> Result<ProfilePaths> {
        check_name(name)?;
        let paths = self.paths(name);
        if paths.folder.is_dir() {
            Ok(paths)
        } else {
            Err(Error::not_found(mark!("there is no profile “{name}”", name)).at(&paths.folder))
        }
    }

    fn paths(&self, name: &str) -> ProfilePaths {
        ProfilePaths {
            name: name.to_owned(),
            folder: self.0.join(name),
        }
    }

    /// All profiles by name. A folder is one when it holds a collection, backups or settings.
    pub fn list(&self) -> Result<Vec<ProfileSummary>> {
        let Some(entries) = files::if_there(fs::read_dir(&self.0)).at(&self.0)? else {
            return Ok(vec![]);
        };
        // The profiles are there all the same.
        let remembered = self.remembered().unwrap_or_default();
        let mut profiles = vec![];
        for entry in entries {
            let entry = entry.at(&self.0)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let paths = self.paths(&name);
            if check_name(&name).is_err() || !paths.looks_like_profile() {
                continue;
            }
            let facts = remembered.profiles.get(&name).cloned().unwrap_or_default();
            profiles.push(ProfileSummary {
                last_opened: facts.last_opened,
                cards: facts.cards,
                last_backup: facts.last_backup,
                collection_size: fs::metadata(paths.collection()).ok().map(|m| m.len()),
                path: paths.folder,
                name,
            });
        }
        profiles.sort_by_key(|p| p.name.to_lowercase());
        Ok(profiles)
    }

    /// The profile to use when none is named: the only one.
    pub fn only_profile(&self) -> Result<ProfilePaths> {
        let profiles = self.list()?;
        match profiles.as_slice() {
            [only] => Ok(self.paths(&only.name)),
            [] => Err(
                Error::not_found("there is no profile yet; profile create NAME makes one")
                    .at(&self.0),
            ),
            _ => Err(Error::invalid(
                "there are several profiles; say which with --profile",
            )),
        }
    }

    /// Makes the folder of a new profile; the collection in it is made when it is first opened.
    pub fn create(&self, name: &str) -> Result<ProfilePaths> {
        check_new_name(name)?;
        self.refuse_clash(name, None)?;
        let paths = self.paths(name);
        fs::create_dir_all(&self.0).at(&self.0)?;
        self.write_readme()?;
        fs::create_dir(&paths.folder).at(&paths.folder)?;
        for folder in [paths.media(), paths.backups()] {
            fs::create_dir(&folder).at(&folder)?;
        }
        settings::save(&paths.settings(), &settings::ProfileSettings::default())?;
        files::sync_dir(&self.0)?;
        Ok(paths)
    }

    pub fn rename(&self, old: &str, new: &str) -> Result<()> {
        let from = self.profile(old)?;
        check_new_name(new)?;
        self.refuse_clash(new, Some(old))?;
        let lock = ProfileLock::acquire(&from)?;
        let to = self.paths(new);
        fs::rename(&from.folder, &to.folder).at(&from.folder)?;
        drop(lock);
        files::sync_dir(&self.0)?;
        if let Err(error) = book::renamed(&to.folder, old) {
            // A list that cannot be read is told when the profile is opened.
            tracing::warn!("copies under the former name are not thinned: {error}");
        }
        let _alone = self.alone();
        let mut remembered = self.remembered()?;
        if let Some(facts) = remembered.profiles.remove(old) {
            remembered.profiles.insert(new.to_owned(), facts);
        }
        self.remember(&remembered)
    }

    /// Moves the folder to the OS trash; deletes for good only when `permanently` says so.
    /// The caller makes the backup that stays.
    pub fn delete(&self, name: &str, permanently: bool) -> Result<()> {
        let paths = self.profile(name)?;
        let lock = ProfileLock::acquire(&paths)?;
        if permanently {
            drop(lock);
            fs::remove_dir_all(&paths.folder).at(&paths.folder)?;
        } else {
            drop(lock);
            trash::delete(&paths.folder).map_err(|e| {
                Error::new(
                    ErrorKind::Io,
                    mark!("the folder could not be moved to the trash, so nothing was deleted"),
                )
                .because(e)
                .at(&paths.folder)
            })?;
        }
        let _alone = self.alone();
        let mut remembered = self.remembered()?;
        remembered.profiles.remove(name);
        self.remember(&remembered)
    }

    /// `name`, or `name 2`, `name 3`… when that is taken.
    pub fn free_name(&self, name: &str) -> Result<ProfilePaths> {
        check_name(name)?;
        for n in 1.. {
            let candidate = if n == 1 {
                name.to_owned()
            } else {
                format!("{name} {n}")
            };
            if self.refuse_clash(&candidate, None).is_ok() {
                return Ok(self.paths(&candidate));
            }
        }
        Err(Error::bug("no free profile name"))
    }

    /// Where backups of deleted profiles are kept; made when missing.
    pub fn deleted_backups(&self) -> Result<PathBuf> {
        let folder = self.0.join(DELETED_FOLDER);
        fs::create_dir_all(&folder).at(&folder)?;
        Ok(folder)
    }

    /// Remembers something of `name` for the profiles window, e.g. when it was last opened.
    pub fn note_facts(&self, name: &str, note: impl FnOnce(&mut ProfileFacts)) -> Result<()> {
        let _alone = self.alone();
        let mut remembered = self.remembered()?;
        let facts = remembered.profiles.entry(name.to_owned()).or_default();
        let before = facts.clone();
        note(facts);
        if *facts == before {
            return Ok(());
        }
        self.remember(&remembered)
    }

    /// Held while what is remembered is changed: windows of other profiles do the same, all of them
    /// at once when somebody logs out. None where there are no locks.
    fn alone(&self) -> Option<File> {
        let mut options = File::options();
        let file = options.create(true).append(true);
        let file = file.open(self.0.join(".profiles.lock")).ok()?;
        file.lock().ok()?;
        Some(file)
    }

    /// A lost or damaged file is an empty one; what cannot be read now must not be replaced.
    fn remembered(&self) -> Result<Remembered> {
        let path = self.0.join("profiles.json");
        let bytes = files::if_there(fs::read(&path)).at(&path)?;
        Ok(serde_json::from_slice(&bytes.unwrap_or_default()).unwrap_or_default())
    }

    fn remember(&self, remembered: &Remembered) -> Result<()> {
        // Nobody locks the data folder, so nobody would clear away what a kill leaves there.
        files::write_json_in_room(&self.0.join("profiles.json"), remembered)
    }

    fn refuse_clash(&self, name: &str, except: Option<&str>) -> Result<()> {
        let wanted = folded(name);
        let clash = self
            .list()?
            .into_iter()
            .any(|p| Some(p.name.as_str()) != except && folded(&p.name) == wanted);
        let path = self.0.join(name);
        // On file systems that ignore case the old folder answers for the new name.
        let taken = path.exists() && except.is_none_or(|old| folded(old) != wanted);
        if clash || taken {
            return Err(Error::invalid(mark!(
                "there is already a profile or folder called “{name}”",
                name
            )));
        }
        Ok(())
    }

    fn write_readme(&self) -> Result<()> {
        files::write_once(&self.0.join("README.txt"), README.as_bytes())
    }
}

const README: &str = "\
This folder holds everything Engram keeps: one folder for each profile.

In a profile:
  collection.anki2   decks, notes, cards and reviews, in Anki's own format
  collection.media   pictures and sounds
  backups            automatic backups; each .colpkg can be opened here and in Anki
  deleted.txt        every deleted note as text
  settings.json      preferences

To move to another computer, close Engram and copy this folder.
";

impl ProfilePaths {
    #[must_use]
    pub fn collection(&self) -> PathBuf {
        self.folder.join("collection.anki2")
    }
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.folder.join("collection.media")
    }
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        catalog::folder(&self.folder)
    }
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.folder.join(crate::backup::preferences::FILE)
    }
    fn lock_file(&self) -> PathBuf {
        self.folder.join(".lock")
    }

    fn looks_like_profile(&self) -> bool {
        self.collection().is_file() || self.settings().is_file() || self.backups().is_dir()
    }

    /// The media folder is a link to a disk that is absent. Nothing is made in its place, and the
    /// cards can be studied without it.
    #[must_use]
    pub fn media_is_away(&self) -> bool {
        folder::is_away(&self.media())
    }

    /// Makes the folders that somebody may have removed.
    pub fn ensure_folders(&self) -> Result<()> {
        if !self.media_is_away() {
            let media = self.media();
            fs::create_dir_all(&media).at(&media)?;
        }
        if let Err(error) = place::make(&self.backups()) {
            // Its disk may come back; until then each backup says that it failed.
            tracing::warn!("{error}");
        }
        Ok(())
    }
}

/// Held while a profile is in use; released by the system when the process ends, however it ends.
#[derive(Debug)]
pub struct ProfileLock {
    _file: File,
}

impl ProfileLock {
    /// Fails with `Locked` when another process (or window) has the profile.
    pub fn acquire(paths: &ProfilePaths) -> Result<Self> {
        let path = paths.lock_file();
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .at(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let name = &paths.name;
                let what = match file.read_to_string(&mut holder) {
                    Ok(n) if n > 0 => mark!(
                        "the profile “{name}” is already open in another window (process {process})",
                        name,
                        process = holder.trim()
                    ),
                    _ => mark!(
                        "the profile “{name}” is already open in another window",
                        name
                    ),
                };
                return Err(Error::new(ErrorKind::Locked, what).at(&paths.folder));
            }
            Err(TryLockError::Error(e)) => return Err(Error::from(e).at(&path)),
        }
        // Who holds it is a courtesy for the message above; the lock itself is the truth.
        file.set_len(0).at(&path)?;
        file.write_all(std::process::id().to_string().as_bytes())
            .at(&path)?;
        Ok(Self { _file: file })
    }
}

/// The same for names that look alike, or that some file system takes for one: in other case, and
/// with accents as letters of their own or not.
fn folded(name: &str) -> String {
    name.to_lowercase().nfc().collect()
}

/// One that is typed has to be seen. Profiles that have another one are listed, come over from Anki
/// and can be renamed.
fn check_new_name(name: &str) -> Result<()> {
    if name.chars().all(is_unseen) {
        return Err(Error::invalid(NAMELESS));
    }
    check_name(name)
}

/// Profile names are folder names on every system.
fn check_name(name: &str) -> Result<()> {
    const FORBIDDEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];
    const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];
    let lower = name.to_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let device = DEVICES.contains(&stem)
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit() && c != '0'));
    let problem = if name.trim().is_empty() {
        NAMELESS
    } else if name != name.trim() || name.ends_with('.') {
        mark!("a profile name cannot begin or end with a space or end with a period")
    } else if name.len() > 100 {
        mark!("the profile name is too long")
    } else if name.starts_with('.')
        || name.contains(FORBIDDEN)
        || name.chars().any(char::is_control)
    {
        mark!("a profile name cannot start with a period or contain / \\ : * ? \" < > |")
    } else if device || lower == DELETED_FOLDER || lower == "addons21" || lower == "logs" {
        mark!("this name is reserved")
    } else {
        return Ok(());
    };
    Err(Error::invalid(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let dir = tempfile::tempdir().unwrap();
        let data = DataFolder::at(dir.path().join("Engram"));
        (dir, data)
    }

    #[test]
    fn a_data_folder_is_named_by_its_whole_path() {
        let data = DataFolder::locate(Some("b".into())).unwrap();
        assert_eq!(data.path(), std::env::current_dir().unwrap().join("b"));
    }

    #[test]
    fn names_that_no_system_could_store_are_refused() {
        for bad in [
            "", " ", "a ", "a/b", "a\\b", "..", ".x", "CON", "com1", "a:b", "a\nb", "a.",
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        for good in ["User 1", "Ana", "日本語", "a.b", "common"] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn no_profile_gets_a_name_that_nobody_sees_and_one_that_has_it_can_be_renamed() {
        let (_dir, data) = folder();
        let unseen = "\u{200b}\u{2800}";
        data.create("Ana").unwrap();
        assert!(data.create(unseen).is_err() && data.rename("Ana", unseen).is_err());
        fs::rename(data.path().join("Ana"), data.path().join(unseen)).unwrap();
        assert_eq!(data.list().unwrap()[0].name, unseen);
        data.rename(unseen, "Ana").unwrap();
        assert_eq!(data.list().unwrap()[0].name, "Ana");
    }

    #[test]
    fn a_profile_can_be_made_renamed_and_found_again() {
        let (_dir, data) = folder();
        assert_eq!(data.list().unwrap(), vec![]);
        data.create("Ana").unwrap();
        assert!(
            data.create("ana").is_err(),
            "names differ by more than case"
        );
        data.create("Zoe\u{308}").unwrap();
        let alike = data.create("zo\u{eb}").unwrap_err();
        assert!(alike.to_string().contains("already"), "{alike}");
        data.delete("Zoe\u{308}", true).unwrap();
        data.note_facts("Ana", |f| f.last_opened = Some(TimestampMillis(5)))
            .unwrap();
        data.rename("Ana", "Ben").unwrap();
        let list = data.list().unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].name, "Ben");
        assert_eq!(list[0].last_opened, Some(TimestampMillis(5)));
        assert!(data.only_profile().is_ok());
        data.rename("Ben", "BEN").unwrap();
        assert_eq!(data.list().unwrap()[0].name, "BEN");
    }

    #[test]
    fn a_second_user_of_a_profile_is_refused() {
        let (_dir, data) = folder();
        let paths = data.create("Ana").unwrap();
        let first = ProfileLock::acquire(&paths).unwrap();
        let second = ProfileLock::acquire(&paths).unwrap_err();
        assert_eq!(second.kind(), ErrorKind::Locked);
        assert!(data.rename("Ana", "Ben").is_err());
        drop(first);
        ProfileLock::acquire(&paths).unwrap();
    }

    #[test]
    fn what_several_windows_note_at_the_same_moment_is_all_kept() {
        let (_dir, data) = folder();
        fs::create_dir_all(data.path()).unwrap();
        let note_often = |name: &str| {
            for n in 0..40 {
                data.note_facts(name, |facts| facts.cards = Some(n))
                    .unwrap();
                let kept = data.remembered().unwrap().profiles;
                assert_eq!(kept[name].cards, Some(n), "{name}");
            }
        };
        std::thread::scope(|scope| {
            for name in ["Ana", "Ben", "Cem"] {
                let window = std::thread::Builder::new();
                window
                    .spawn_scoped(scope, move || note_often(name))
                    .unwrap();
            }
        });
        assert_eq!(data.remembered().unwrap().profiles.len(), 3);
    }

    #[test]
    fn a_damaged_list_is_forgotten_not_fatal() {
        let (_dir, data) = folder();
        data.create("Ana").unwrap();
        fs::write(data.path().join("profiles.json"), "{nonsense").unwrap();
        assert_eq!(data.list().unwrap().len(), 1);
        data.note_facts("Ana", |f| f.last_opened = Some(TimestampMillis(7)))
            .unwrap();
        assert_eq!(
            data.list().unwrap()[0].last_opened,
            Some(TimestampMillis(7))
        );
    }
}
