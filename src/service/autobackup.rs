//! The watch over backups: when one is due, that it runs beside study, and what the bottom bar
//! says about it. When and what to keep is decided by `backup::policy` and `backup::retention`.

use crate::backup::entry::{Alarm, Entry, Reason, Rules};
use crate::backup::policy::{self, Decision, LastBackup, State, Trigger};
use crate::backup::tripwire::{self, Explains};
use crate::backup::{catalog, place, write};
use crate::base::error::{Error, Result};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{files, priority};
use crate::collection::Collection;
use crate::explain::{UserMessage, explain, told};
use crate::service::event::{BackupEvent, BackupState, BackupStatus, Event, JobId};
use crate::service::profiles::ProfilePaths;
use crate::service::serve::settings::read_collection_settings;
use crate::service::worker::{Job, Worker, no_collection};
use crate::storage::snapshot::FrozenFile;
use crate::{mark, t};
use std::path::{Path, PathBuf};

/// What is known of the open profile's backups.
#[derive(Debug, Default)]
pub(super) struct BackupWatch {
    running: bool,
    /// How many jobs read the frozen collection file for an export or a look.
    readers: usize,
    /// The collection file, while it is frozen.
    picture: Option<FrozenFile>,
    /// After a restore, until the profile is opened again.
    suspended: bool,
    failed: Option<(TimestampMillis, UserMessage)>,
    last: Option<LastBackup>,
    rules: Rules,
    folder: Option<PathBuf>,
    folder_is_chosen: bool,
    told: Option<BackupStatus>,
    /// Much changed without a reason, and nobody has said that it is well.
    alarm: Option<Alarm>,
    /// Why old backups could not be deleted, so that it is told once and not after each backup.
    not_thinned: Option<String>,
    /// That their disk is almost full was told.
    told_of_space: bool,
}

/// The disk of the backups is almost full when it has no room for so many more.
const BACKUPS_AHEAD: u64 = 10;

fn is_almost_full(folder: &Path, backup_size: u64) -> bool {
    let wanted = BACKUPS_AHEAD * backup_size + 2 * FREE_SPACE_RESERVE;
    files::free_space(folder).is_ok_and(|free| free < wanted)
}

impl BackupWatch {
    /// Whether the collection file is frozen: it must not be closed or frozen again.
    pub(super) fn is_frozen(&self) -> bool {
        self.running || self.readers > 0
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Automatic work stays off until the profile is opened again.
    pub(super) fn suspend(&mut self) {
        self.suspended = true;
    }

    pub(super) fn resume(&mut self) {
        self.suspended = false;
    }

    pub(super) fn stop_watching(&mut self) {
        *self = Self::default();
    }

    /// Copies elsewhere wait for an answer.
    pub(super) fn is_alarmed(&self) -> bool {
        self.alarm.is_some()
    }

    /// Learns from the folder whether something has to be asked.
    pub(super) fn look_at_alarm(&mut self) {
        let folder = self.folder.as_deref();
        self.alarm = folder.and_then(tripwire::alarm);
    }

    pub(super) fn has_verified(&self) -> bool {
        self.last.is_some()
    }

    /// A verified backup that was made outside the timer.
    pub(super) fn was_made(&mut self, made: LastBackup) {
        self.failed = None;
        self.last = Some(made);
        self.look_at_alarm();
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    fn state(&self, collection: &Collection) -> Result<State> {
        Ok(State {
            collection_mod: collection.storage().col_row()?.mtime,
            last: self.last,
            failed_at: self.failed.as_ref().map(|(at, _)| *at),
            running: self.is_frozen(),
            suspended: self.suspended,
            empty: collection.storage().is_empty()?,
        })
    }

    /// What the policy says to `trigger` now.
    pub(super) fn decide(
        &self,
        collection: &Collection,
        trigger: Trigger,
        now: TimestampMillis,
    ) -> Result<Decision> {
        Ok(policy::decide(
            &self.state(collection)?,
            &self.rules,
            trigger,
            now,
        ))
    }

    fn status(&self, state: Option<&State>, now: TimestampMillis) -> BackupStatus {
        let shown = if self.running {
            BackupState::Running
        } else if self.suspended {
            BackupState::Suspended
        } else if let Some((_, message)) = &self.failed {
            BackupState::Failed(message.clone())
        } else {
            BackupState::Idle
        };
        let changed = state.is_none_or(|s| {
            !s.empty
                && s.last
                    .is_none_or(|last| last.collection_mod != s.collection_mod)
        });
        let next_due = state
            .filter(|_| changed && !self.suspended && !self.running)
            .and_then(|s| policy::next_due(s, &self.rules, now));
        BackupStatus {
            state: shown,
            last_verified: self.last.map(|l| l.at),
            changed_since: changed,
            next_due,
            folder: self.folder.clone(),
            folder_is_chosen: self.folder_is_chosen,
            alarm: self.alarm.clone(),
            elsewhere: None,
        }
    }

    /// The last thing a closing window hears when the backup on close failed.
    pub(super) fn failed_status(
        &mut self,
        now: TimestampMillis,
        message: UserMessage,
    ) -> BackupStatus {
        self.failed = Some((now, message));
        self.status(None, now)
    }
}

impl Worker {
    /// Learns from the folder what is backed up already.
    pub(super) fn start_watching(&mut self, paths: &ProfilePaths) {
        let last = catalog::last_verified(&paths.folder, &self.config.clock);
        self.backups.told = None;
        self.backups.running = false;
        self.backups_moved(paths);
        let watch = &mut self.backups;
        watch.last = None;
        match last {
            Ok(last) => watch.last = last,
            Err(error) => {
                let now = self.config.clock.now();
                watch.failed = Some((now, explain(t!("read the list of backups"), &error)));
            }
        }
        self.rules_changed();
        self.start_drill_watch();
        self.start_vault_watch();
        self.start_mail_watch();
    }

    /// Learns anew which backup is the newest verified one: files go, and a drill finds damage.
    pub(super) fn look_at_backups(&mut self) -> Result<()> {
        if let Some(profile) = &self.profile {
            let folder = &profile.paths.folder;
            self.backups.last = catalog::last_verified(folder, &self.config.clock)?;
        }
        Ok(())
    }

    /// As [`Self::look_at_backups`], where what was known is good enough when the folder cannot be
    /// read: its disk may be away.
    pub(super) fn look_at_backups_if_there(&mut self) {
        if let Err(error) = self.look_at_backups() {
            tracing::warn!("the list of backups cannot be read: {error}");
        }
    }

    /// Looks anew where the backups are.
    pub(super) fn backups_moved(&mut self, paths: &ProfilePaths) {
        self.backups.folder = Some(paths.backups());
        self.backups.folder_is_chosen = place::chosen(&paths.folder).is_some();
        self.backups.look_at_alarm();
        self.copies.wake();
    }

    /// Something was done here on purpose: the next backup asks nothing about it.
    pub(super) fn explain_changes(&mut self, explains: Explains) {
        let Some(folder) = self.backups.folder.clone() else {
            return;
        };
        if explains != Explains::default()
            && let Ok(collection) = self.collection()
            && let Ok(row) = collection.storage().col_row()
        {
            tripwire::explain(&folder, explains, row.mtime);
        }
    }

    /// "That was me": old backups may go again, and copies elsewhere be made.
    pub(super) fn accept_changes(&mut self) -> Result<()> {
        if let Some(folder) = &self.backups.folder {
            tripwire::accept(folder)?;
        }
        self.backups.look_at_alarm();
        self.copies.wake();
        self.send_backup_status();
        Ok(())
    }

    /// After the preferences changed.
    pub(super) fn rules_changed(&mut self) {
        if let Some(profile) = &self.profile
            && let Some(collection) = &profile.collection
            && let Ok(settings) = read_collection_settings(collection, &profile.settings)
        {
            self.backups.rules = settings.backups;
        }
    }

    /// What the policy says to `trigger`; `Unavailable` without an open collection.
    pub(super) fn decide_backup(
        &mut self,
        trigger: Trigger,
        now: TimestampMillis,
    ) -> Result<Decision> {
        let watch = std::mem::take(&mut self.backups);
        let decision = self
            .collection()
            .and_then(|collection| watch.decide(collection, trigger, now));
        self.backups = watch;
        decision
    }

    /// Starts the timer's backup when it is due, and tells faces when anything changed.
    pub(super) fn watch_backups(&mut self) {
        if let Err(error) = self.start_due_backup() {
            let now = self.config.clock.now();
            self.backups.failed = Some((now, explain(t!("create the backup"), &error)));
        }
        self.send_backup_status();
    }

    fn start_due_backup(&mut self) -> Result<()> {
        let now = self.config.clock.now();
        let Some(collection) = self.profile.as_ref().and_then(|p| p.collection.as_ref()) else {
            return Ok(());
        };
        match self.backups.decide(collection, Trigger::Timer, now)? {
            Decision::Run(reason) => self.start_backup(reason, |_, _| {}),
            Decision::Skip(_) => Ok(()),
        }
    }

    /// Freezes the file and packs it on another thread; study goes on meanwhile. `then` is told
    /// how it went.
    pub(super) fn start_backup(
        &mut self,
        reason: Reason,
        then: impl FnOnce(&mut Self, &Result<Entry, UserMessage>) + Send + 'static,
    ) -> Result<()> {
        self.wait_for_backup();
        let rules = self.backups.rules.clone();
        let clock = self.config.clock.clone();
        let paths = self.open_profile_mut()?.paths.clone();
        let frozen = self.collection()?.storage().freeze()?;
        let covers = frozen.collection_mod();
        self.backups.running = true;
        self.backups.picture = Some(frozen.clone());
        let started = self.background(
            Job::quiet("backup", mark!("create the backup")),
            move |progress| {
                priority::give_way();
                let entry = write::create(&frozen, &paths.folder, reason, &clock, progress)?;
                let thinned = catalog::thin(&paths.folder, &rules, &clock, progress);
                let almost_full = is_almost_full(&paths.backups(), entry.size);
                Ok((entry, thinned.err(), almost_full))
            },
            move |worker, result| {
                let result = result.map(|(entry, trouble, almost_full)| {
                    worker.tell_thinning(trouble);
                    worker.tell_space(almost_full);
                    entry
                });
                worker.backup_ended(covers, &result);
                then(worker, &result);
                worker.send_backup_status();
            },
        );
        if let Err(error) = started {
            self.backups.running = false;
            self.thaw();
            return Err(error);
        }
        self.send_backup_status();
        Ok(())
    }

    /// Old backups that cannot be deleted take nothing from the one that was made.
    fn tell_thinning(&mut self, trouble: Option<Error>) {
        let words = trouble
            .filter(|e| !e.is_interrupted())
            .map(|error| explain(t!("delete old backups"), &error).in_short());
        if let Some(words) = &words
            && self.backups.not_thinned.as_ref() != Some(words)
        {
            self.emit(Event::Notice(words.clone()));
        }
        self.backups.not_thinned = words;
    }

    /// Before backups fail, while there is time to make room.
    fn tell_space(&mut self, almost_full: bool) {
        if almost_full && !self.backups.told_of_space {
            let words = t!("The disk of the backups is almost full: soon none can be made");
            self.emit(Event::Notice(words.to_owned()));
        }
        self.backups.told_of_space = almost_full;
    }

    /// The frozen file that others read, when all that was written since is in it.
    pub(super) fn present_picture(&self) -> Option<&FrozenFile> {
        let collection = self.profile.as_ref()?.collection.as_ref()?;
        let picture = self.backups.picture.as_ref()?;
        (collection.storage().pending_pages() == 0).then_some(picture)
    }

    /// Freezes the file while a job reads it beside study; None when there is no collection.
    pub(super) fn freeze_to_read(&mut self) -> Result<Option<FrozenFile>> {
        let frozen = match self.present_picture() {
            Some(picture) => picture.clone(),
            None => {
                self.wait_for_backup();
                let Ok(collection) = self.collection() else {
                    return Ok(None);
                };
                collection.storage().freeze()?
            }
        };
        self.backups.picture = Some(frozen.clone());
        self.backups.readers += 1;
        Ok(Some(frozen))
    }

    /// A background job that reads the frozen collection, and thaws it however it ends.
    pub(super) fn read_beside_study<T: Send + 'static>(
        &mut self,
        job: Job,
        work: impl FnOnce(FrozenFile, &Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<()> {
        let frozen = self.freeze_to_read()?.ok_or_else(no_collection)?;
        self.read_frozen(
            job,
            Some(frozen),
            |frozen, p| work(frozen.ok_or_else(no_collection)?, p),
            then,
        )
        .map(drop)
    }

    /// As [`Self::read_beside_study`], for a job that also works without a collection.
    pub(super) fn read_frozen<T: Send + 'static>(
        &mut self,
        job: Job,
        frozen: Option<FrozenFile>,
        work: impl FnOnce(Option<FrozenFile>, &Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<JobId> {
        // A job that froze nothing must not thaw what another one reads.
        let reads = frozen.is_some();
        let started = self.background(
            job,
            move |progress| work(frozen, progress),
            move |worker, result| {
                if reads {
                    worker.end_reading();
                }
                then(worker, result);
            },
        );
        if reads && started.is_err() {
            self.end_reading();
        }
        started
    }

    fn end_reading(&mut self) {
        self.backups.readers = self.backups.readers.saturating_sub(1);
        self.thaw();
    }

    /// When nobody reads the file any more.
    fn thaw(&mut self) {
        if self.backups.is_frozen() {
            return;
        }
        self.backups.picture = None;
        if let Ok(collection) = self.collection() {
            collection.storage().unfreeze();
        }
    }

    fn backup_ended(&mut self, covers: TimestampMillis, result: &Result<Entry, UserMessage>) {
        self.backups.running = false;
        self.thaw();
        match result {
            Ok(entry) => {
                self.backups.failed = None;
                self.backups.last = Some(LastBackup {
                    at: entry.created,
                    collection_mod: covers,
                });
                self.backups.look_at_alarm();
                self.copies.wake();
            }
            Err(message) => {
                self.backups.failed = Some((self.config.clock.now(), message.clone()));
            }
        }
    }

    /// When the timer makes the next backup; None: when something changes, or at once.
    pub(super) fn next_backup(&self) -> Option<TimestampMillis> {
        let collection = self.profile.as_ref()?.collection.as_ref()?;
        let state = self.backups.state(collection).ok()?;
        let now = self.config.clock.now();
        self.backups.status(Some(&state), now).next_due
    }

    pub(super) fn announce_closing_backup(&mut self) {
        let mut status = self.backups.status(None, self.config.clock.now());
        status.state = BackupState::Running;
        self.emit(Event::Backup(BackupEvent::Status(status)));
    }

    /// To faces, when it differs from what they know.
    pub(super) fn send_backup_status(&mut self) {
        let Some(collection) = self.profile.as_ref().and_then(|p| p.collection.as_ref()) else {
            return;
        };
        let state = self.backups.state(collection).ok();
        let now = self.config.clock.now();
        let mut status = self.backups.status(state.as_ref(), now);
        status.elsewhere = self
            .place_that_needs_help(now)
            .or_else(|| self.mail_that_needs_help());
        if self.backups.told.as_ref() != Some(&status) {
            self.backups.told = Some(status.clone());
            self.emit(Event::Backup(BackupEvent::Status(status)));
        }
    }

    /// What of a collection that was put in place is not as it should be, each as a toast.
    pub(super) fn warn_of(&self, warnings: &[Error]) {
        for warning in warnings {
            self.emit(Event::Notice(told(warning)));
        }
    }

    /// That former versions of notes were not kept, unless it was told.
    pub(super) fn warn_of_history(&mut self) {
        let collection = self.collection().ok();
        let trouble = collection.and_then(|collection| collection.take_history_trouble());
        self.warn_of(trouble.as_slice());
    }

    /// A failure that needs no decision, as a toast.
    pub(super) fn notice(&self, doing: &str, error: &Error) {
        self.emit(Event::Notice(explain(doing, error).in_short()));
    }
}

/// A verified backup that the caller waits for: before something that replaces or repairs, and on
/// close. Nothing may follow unless it is made. Old backups that cannot be deleted stop nothing: the
/// timer's next backup tries it again, and tells it.
pub(super) fn backup_now(
    collection: &Collection,
    paths: &ProfilePaths,
    reason: Reason,
    rules: &Rules,
    clock: &Clock,
    progress: &Progress,
) -> Result<Entry> {
    let entry = collection
        .storage()
        .while_frozen(|frozen| write::create(frozen, &paths.folder, reason, clock, progress))?;
    match catalog::thin(&paths.folder, rules, clock, progress) {
        Err(error) if error.is_interrupted() => return Err(error),
        Err(error) => tracing::warn!("old backups could not be deleted: {error}"),
        Ok(_) => {}
    }
    Ok(entry)
}
