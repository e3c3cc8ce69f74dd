//! The watch over backups: when one is due, that it runs beside study, and what the bottom bar
//! says about it. When and what to keep is decided by `backup::policy` and `backup::retention`.

use crate::backup::entry::Rules;
use crate::backup::policy::LastBackup;
use crate::base::error::{Error, Result};
use crate::collection::Collection;
use crate::explain::{UserMessage, explain};
use crate::service::event::{BackupEvent, BackupState, BackupStatus, Event};
use crate::service::profiles::ProfilePaths;
use crate::service::serve::settings::read_collection_settings;
use crate::service::worker::Worker;
use std::path::PathBuf;

#[derive(Debug, Default)]
pub(super) struct BackupWatch {
    running: bool,
    suspended: bool,
    failed: Option<UserMessage>,
    last: Option<LastBackup>,
    rules: Rules,
    folder: Option<PathBuf>,
    told: Option<BackupStatus>,
}
impl BackupWatch {
    pub(super) fn is_running(&self) -> bool {
        self.running
    }
    pub(super) fn is_suspended(&self) -> bool {
        self.suspended
    }
    pub(super) fn suspend(&mut self) {
        self.suspended = true;
    }
    fn changed(&self, collection: &Collection) -> Result<bool> {
        let modified = collection.storage().col_row()?.mtime;
        Ok(modified.0 != 0 && self.last.is_none_or(|l| l.collection_mod != modified))
    }
    pub(super) fn stop_watching(&mut self) {
        *self = Self::default();
    }
    fn status(&self, changed: bool) -> BackupStatus {
        BackupStatus {
            state: match &self.failed {
                Some(m) => BackupState::Failed(m.clone()),
                None if self.running => BackupState::Running,
                None if self.suspended => BackupState::Suspended,
                None => BackupState::Idle,
            },
            last_verified: self.last.map(|l| l.at),
            changed_since: changed,
            next_due: None,
            folder: self.folder.clone(),
        }
    }
    pub(super) fn failed_status(&mut self, message: UserMessage) -> BackupStatus {
        self.failed = Some(message);
        self.status(true)
    }
}
impl Worker {
    pub(super) fn start_watching(&mut self, paths: &ProfilePaths) {
        self.backups.folder = Some(paths.backups());
        self.backups.told = None;
        self.rules_changed();
    }
    pub(super) fn rules_changed(&mut self) {
        if let Some(profile) = &self.profile
            && let Some(collection) = &profile.collection
            && let Ok(settings) = read_collection_settings(collection, &profile.settings)
        {
            self.backups.rules = settings.backups;
        }
    }
    pub(super) fn watch_backups(&mut self) {
        self.send_backup_status();
    }
    pub(super) fn send_backup_status(&mut self) {
        let Some(collection) = self.profile.as_ref().and_then(|p| p.collection.as_ref()) else {
            return;
        };
        let changed = self.backups.changed(collection).unwrap_or(true);
        let status = self.backups.status(changed);
        if self.backups.told.as_ref() != Some(&status) {
            self.backups.told = Some(status.clone());
            self.emit(Event::Backup(BackupEvent::Status(status)));
        }
    }
    pub(super) fn notice(&self, doing: &str, error: &Error) {
        let message = explain(doing, error);
        self.emit(Event::Notice(format!(
            "{}. {}",
            message.what, message.cause
        )));
    }
}
