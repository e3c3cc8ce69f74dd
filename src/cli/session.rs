//! What every command starts from: the data folder, the profile, its lock, the collection.

use super::args::Arguments;
use super::output::{Answer, Doing as _, Failure};
use super::watch;
use crate::backup::entry::{Entry, Reason, Rules};
use crate::backup::policy::{self, Decision, Trigger};
use crate::backup::restore::Restored;
use crate::backup::tripwire::{self, Explains};
use crate::backup::vault::Opened;
use crate::backup::{catalog, restore, safety, write};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Error, Result, Secret, remarks};
use crate::collection::Collection;
use crate::explain::told;
use crate::formats::encryption::Key;
use crate::service::profiles::{DataFolder, ProfileLock, ProfilePaths};
use crate::service::settings::{self, ProfileSettings};
use crate::storage::Storage;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, mpsc};

pub(super) struct Session {
    pub(super) data: DataFolder,
    pub(super) clock: Clock,
    pub(super) progress: Progress,
    /// What opens encrypted files; asked for once.
    pub(super) key: OnceLock<Key>,
    /// What opens vaults, where that is looked into.
    pub(super) vault_password: OnceLock<Secret>,
    pub(super) opened: Opened,
    profile: Option<String>,
    quiet: bool,
}

/// A profile that is ours until this is dropped.
pub(super) struct Locked {
    pub(super) paths: ProfilePaths,
    _lock: ProfileLock,
}

impl Session {
    pub(super) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        Ok(Self {
            data: DataFolder::locate(arguments.base.clone()).doing("find the data folder")?,
            clock: Clock::System,
            progress: Progress::new(),
            key: OnceLock::new(),
            vault_password: OnceLock::new(),
            opened: Opened::default(),
            profile: arguments.profile.clone(),
            quiet: arguments.quiet,
        })
    }

    /// Runs a command with progress on a terminal and Ctrl-C as its cancel button.
    pub(super) fn watched(
        &self,
        command: impl FnOnce(&Self) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        watch::cancel_on_interrupt(&self.progress);
        if !watch::is_watched(self.quiet) {
            return command(self);
        }
        std::thread::scope(|scope| {
            let (done, ended) = mpsc::channel();
            let progress = self.progress.clone();
            scope.spawn(move || watch::draw(&progress, &ended));
            let result = command(self);
            drop(done);
            result
        })
    }

    /// On standard error, unless it should be quiet.
    pub(super) fn warn(&self, text: &str) {
        if !self.quiet {
            remarks::say(text);
        }
    }

    /// Warns of what is not as it should be in a collection that was put in place. Returns `text`,
    /// which goes on with where the one before is.
    pub(super) fn told_of(&self, mut text: String, restored: &Restored) -> String {
        self.warn_of_all(&restored.warnings);
        if let Some(path) = restored.safety.path() {
            text.push_str(&format!("\nWhat was there before: {}", path.display()));
        }
        text
    }

    pub(super) fn warn_of_all(&self, warnings: &[Error]) {
        for warning in warnings {
            self.warn(&told(warning));
        }
    }

    /// When operations could not keep what notes were; also returned, for `warnings`.
    pub(super) fn warn_of_history(&self, collection: &mut Collection) -> Vec<Error> {
        let warnings: Vec<Error> = collection.take_history_trouble().into_iter().collect();
        self.warn_of_all(&warnings);
        warnings
    }

    /// What `--profile` says.
    pub(super) fn named_profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The profile that was named, or the only one.
    pub(super) fn profile(&self) -> Result<ProfilePaths, Failure> {
        match &self.profile {
            Some(name) => self.data.profile(name),
            None => self.data.only_profile(),
        }
        .doing("find the profile")
    }

    /// The profile, for ourselves. What a crash interrupted is finished first.
    pub(super) fn lock(&self) -> Result<Locked, Failure> {
        let paths = self.profile()?;
        self.lock_profile(paths).doing("open the profile")
    }

    pub(super) fn lock_profile(&self, paths: ProfilePaths) -> Result<Locked> {
        let lock = ProfileLock::acquire(&paths)?;
        restore::resume(&paths.folder)?;
        paths.ensure_folders()?;
        Ok(Locked { paths, _lock: lock })
    }

    /// Opens the collection; one of an older schema is backed up and upgraded first.
    pub(super) fn open(&self, profile: &Locked) -> Result<Collection, Failure> {
        let open = || -> Result<Collection> {
            tripwire::refuse_lost(&profile.paths.folder)?;
            let path = profile.paths.collection();
            if Storage::needs_upgrade(&path)? {
                let reason = Reason::BeforeUpgrade;
                let folder = &profile.paths.folder;
                safety::save_present(folder, reason, &self.clock, &self.progress)?;
                Storage::upgrade(&path, &self.clock, &self.progress)?;
            }
            Collection::open(&path, self.clock.clone())
        };
        open().doing("open the collection")
    }

    /// A verified backup before something that touches much, unless a fresh one holds everything;
    /// returns where it is.
    pub(super) fn back_up_before(
        &self,
        profile: &Locked,
        collection: &Collection,
        reason: Reason,
    ) -> Result<Option<PathBuf>, Failure> {
        let folder = &profile.paths.folder;
        let made = || -> Result<Option<PathBuf>> {
            let storage = collection.storage();
            let state = policy::State {
                collection_mod: storage.col_row()?.mtime,
                last: catalog::last_verified(folder, &self.clock)?,
                empty: storage.is_empty()?,
                ..policy::State::default()
            };
            let trigger = Trigger::BeforeUndoable(reason);
            let rules = Rules::default();
            let Decision::Run(reason) = policy::decide(&state, &rules, trigger, self.clock.now())
            else {
                return Ok(None);
            };
            Ok(Some(self.save(profile, collection, reason)?.path))
        };
        let made = made().doing("back up before the change")?;
        self.expect(profile, collection);
        Ok(made)
    }

    /// A verified backup of the open collection.
    pub(super) fn save(
        &self,
        profile: &Locked,
        collection: &Collection,
        reason: Reason,
    ) -> Result<Entry> {
        let folder = &profile.paths.folder;
        collection.storage().while_frozen(|frozen| {
            write::create(frozen, folder, reason, &self.clock, &self.progress)
        })
    }

    /// Much is about to change on purpose: the next backup asks nothing about it.
    pub(super) fn expect(&self, profile: &Locked, collection: &Collection) {
        self.explain(profile, collection, Explains::ALL, 1);
    }

    /// Notes were deleted on purpose: the next backup asks nothing about it.
    pub(super) fn meant_to_delete(&self, profile: &Locked, collection: &Collection) {
        self.explain(profile, collection, Explains::NOTES, 0);
    }

    /// `later`: how much later than now the collection changes, in milliseconds at least.
    fn explain(&self, profile: &Locked, of: &Collection, explains: Explains, later: i64) {
        match of.storage().col_row() {
            Ok(row) => {
                let changed = TimestampMillis(row.mtime.0.saturating_add(later));
                tripwire::explain(&profile.paths.backups(), explains, changed);
            }
            Err(error) => self.warn(&told(&error)),
        }
    }

    /// The settings of a profile; what is wrong with them is told.
    pub(super) fn settings(&self, paths: &ProfilePaths) -> Result<ProfileSettings, Failure> {
        let (settings, warnings) = settings::load(&paths.settings()).doing("read the settings")?;
        for warning in warnings {
            self.warn(&warning);
        }
        Ok(settings)
    }

    /// The rules of thinning: the collection's, and the profile's count mode.
    pub(super) fn rules(&self, paths: &ProfilePaths) -> Result<Rules, Failure> {
        let settings = self.settings(paths)?;
        // A collection that cannot be read must not hide its backups.
        let stored = Storage::open_read_only(&paths.collection())
            .and_then(|storage| storage.config_json::<Rules>("backups"));
        let mut rules = stored.ok().flatten().unwrap_or_default();
        rules.keep_last = settings.keep_last_backups;
        Ok(rules)
    }

    /// A backup as it was named: a path, or a file name in the profile's folder of backups.
    pub(super) fn backup_path(&self, file: &Path) -> PathBuf {
        if file.exists() || file.components().count() != 1 {
            return file.to_owned();
        }
        match self.profile() {
            Ok(paths) => {
                let inside = catalog::folder(&paths.folder).join(file);
                if inside.exists() {
                    inside
                } else {
                    file.to_owned()
                }
            }
            Err(_) => file.to_owned(),
        }
    }
}
