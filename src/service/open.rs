//! Opening and closing a profile: lock, unfinished restore, left-overs, upgrade with a backup
//! before it, collection, settings; and the way back, with the backup on close.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::collection::Collection;
use crate::explain::explain;
use crate::service::event::{Event, ProfileEvent};
use crate::service::profiles::{ProfileLock, ProfilePaths};
use crate::service::settings::{self, ProfileSettings};
use crate::service::worker::Worker;
use crate::storage::Storage;
use std::path::PathBuf;

/// The profile that is open, with its collection unless a job has it or it is broken.
pub(super) struct OpenProfile {
    pub(super) paths: ProfilePaths,
    pub(super) settings: ProfileSettings,
    pub(super) collection: Option<Collection>,
    /// Held until the profile is closed.
    _lock: ProfileLock,
}

impl Worker {
    /// Opens `name`, closing what was open. When the collection itself cannot be opened the
    /// profile stays locked and open without it, so that a backup can be restored.
    /// `restored`: a restore has just put it there, so automatic work stays off.
    pub(super) fn open_profile(&mut self, name: &str, restored: bool) -> Result<()> {
        self.refuse_when_lent()?;
        self.close_profile()?;
        let paths = self.config.data.profile(name)?;
        let lock = ProfileLock::acquire(&paths)?;
        paths.ensure_folders()?;
        let (settings, warnings) = settings::load(&paths.settings())?;
        for folder in [paths.folder.clone(), paths.backups()] {
            files::remove_leftovers(&folder)?;
        }
        let now = self.config.clock.now();
        self.config
            .data
            .note_facts(name, |f| f.last_opened = Some(now))?;
        self.profile = Some(OpenProfile {
            paths,
            settings,
            collection: None,
            _lock: lock,
        });
        for warning in warnings {
            self.emit(Event::Notice(warning));
        }
        if restored {
            self.backups.suspend();
        }
        self.reopen();
        Ok(())
    }

    /// Opens the collection of the profile that is open; says so, or says that it is broken.
    pub(super) fn reopen(&mut self) {
        let Some(paths) = self.profile.as_ref().map(|p| p.paths.clone()) else {
            return;
        };
        match open_collection(self, &paths) {
            Ok(collection) => {
                if let Some(profile) = &mut self.profile {
                    profile.collection = Some(collection);
                }
                self.start_watching(&paths);
                self.announce_opened(&paths);
            }
            Err(error) => {
                let message = explain("open the collection", &error);
                self.emit(Event::Profile(ProfileEvent::Broken {
                    name: paths.name,
                    message,
                }));
            }
        }
    }

    fn announce_opened(&mut self, paths: &ProfilePaths) {
        self.emit(Event::Profile(ProfileEvent::Opened {
            name: paths.name.clone(),
            restored: self.backups.is_suspended(),
            can_undo_restore: false,
        }));
        self.send_settings();
        self.send_backup_status();
    }

    /// Closes what is open: the running backup is waited for, a last one made when something
    /// changed, then the file is closed and the lock released.
    pub(super) fn close_profile(&mut self) -> Result<()> {
        self.refuse_when_lent()?;
        self.wait_for_backup();
        let Some(mut profile) = self.profile.take() else {
            return Ok(());
        };
        let mut outcome = Ok(());
        if let Some(collection) = profile.collection.take() {
            outcome = outcome.and(collection.close());
        }
        self.backups.stop_watching();
        outcome
    }
}

/// Finishes or undoes an interrupted restore, upgrades an old file after keeping a copy of it,
/// and opens the collection, creating it in a new profile.
fn open_collection(worker: &Worker, paths: &ProfilePaths) -> Result<Collection> {
    let clock = &worker.config.clock;
    let path = paths.collection();
    match Storage::schema_version(&path)? {
        None | Some(18) => {}
        Some(_) => {
            keep_before_upgrade(worker, paths)?;
        }
    }
    Collection::open(&path, clock.clone())
}

/// The old file as it is, byte for byte: no package can hold a schema that we have not read yet.
fn keep_before_upgrade(worker: &Worker, paths: &ProfilePaths) -> Result<PathBuf> {
    let now = worker.config.clock.local(worker.config.clock.now());
    let name = now
        .strftime("before-upgrade-%Y-%m-%d-%H.%M.%S.anki2")
        .to_string();
    let target = paths.backups().join(name);
    let source = paths.collection();
    for sidecar in ["-wal", "-journal"] {
        let mut log = source.clone().into_os_string();
        log.push(sidecar);
        if std::fs::metadata(&log).is_ok_and(|m| m.len() > 0) {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "the old collection was not closed properly; open and close it once in the program that made it",
            )
            .at(&source));
        }
    }
    let mut from = std::fs::File::open(&source)?;
    files::write_atomic(&target, |out| {
        std::io::copy(&mut from, out)?;
        Ok(())
    })?;
    Ok(target)
}
