//! Keeps the second folder of backups in step: a job after each backup, at the start, and when an
//! absent disk may be back. A failure is a state that is shown, and tried again later.

use crate::backup::copies::{self, Recheck};
use crate::backup::entry::Copies;
use crate::base::error::Result;
use crate::base::time::TimestampMillis;
use crate::explain::UserMessage;
use crate::service::event::{BackupEvent, CopiesState, Event, JobId};
use crate::service::timers;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::PathBuf;

/// What is known of the second folder.
#[derive(Debug, Default)]
pub(super) struct CopyWatch {
    job: Option<JobId>,
    /// Which round runs, so that the end of one that was given up says nothing.
    round: u64,
    /// None: at the next look.
    next: Option<TimestampMillis>,
    failures: u32,
    told: Option<CopiesState>,
}

impl CopyWatch {
    /// There may be something to copy.
    pub(super) fn wake(&mut self) {
        self.next = None;
    }
}

impl Worker {
    /// Starts a round when it is due.
    pub(super) fn watch_copies(&mut self) {
        let now = self.config.clock.now();
        let folder = self
            .profile
            .as_ref()
            .and_then(|p| p.settings.second_backups_folder.clone());
        let Some(chosen) = folder else {
            return;
        };
        let waits = self
            .copies
            .next
            .is_some_and(|next| !timers::is_due(next, now));
        // A backup that is being made would be missed; after Open Backup, and while an alarm waits,
        // nothing runs by itself.
        let watch = &self.backups;
        let rests = watch.is_frozen() || watch.is_suspended() || watch.is_alarmed();
        if waits || self.copies.job.is_some() || rests {
            return;
        }
        if let Err(error) = self.copy_now(chosen) {
            let message = crate::explain::explain(t!("copy the backups"), &error);
            self.round_ended(Err(message));
        }
    }

    fn copy_now(&mut self, chosen: PathBuf) -> Result<()> {
        let paths = self.open_profile_mut()?.paths.clone();
        let rules = self.backups.rules().clone();
        let clock = self.config.clock.clone();
        // None again when a backup is made meanwhile.
        self.copies.next = Some(clock.now());
        self.copies.round += 1;
        let round = self.copies.round;
        let job = self.background(
            Job::quiet("backup copies", mark!("copy the backups")),
            move |progress| {
                copies::run(
                    &paths.folder,
                    &chosen,
                    &rules,
                    Recheck::Oldest,
                    &clock,
                    progress,
                )
            },
            move |worker, result| {
                if worker.copies.round == round {
                    worker.copies.job = None;
                    worker.round_ended(result);
                }
            },
        )?;
        self.copies.job = Some(job);
        if self.copies.told.is_none() {
            self.tell_copies(CopiesState::Running);
        }
        Ok(())
    }

    fn round_ended(&mut self, result: Result<Copies, UserMessage>) {
        let now = self.config.clock.now();
        self.copies.failures = match result {
            Ok(_) => 0,
            Err(_) => self.copies.failures + 1,
        };
        let wait = match &result {
            Ok(copies) if copies.absent => timers::DISK_MAY_BE_BACK_MILLIS,
            Ok(_) => timers::LOOK_AT_COPIES_MILLIS,
            Err(_) => timers::back_off_millis(self.copies.failures),
        };
        if self.copies.next.is_some() {
            self.copies.next = Some(TimestampMillis(now.0 + wait));
        }
        self.tell_copies(match result {
            Ok(copies) => CopiesState::Known(copies),
            Err(message) => CopiesState::Failed(message),
        });
    }

    fn tell_copies(&mut self, state: CopiesState) {
        if self.copies.told.as_ref() != Some(&state) {
            self.copies.told = Some(state.clone());
            self.emit(Event::Backup(BackupEvent::Copies(Some(state))));
        }
    }

    /// After another second folder was chosen, or none.
    pub(super) fn copy_elsewhere(&mut self) {
        self.stop_copying();
        self.emit(Event::Backup(BackupEvent::Copies(None)));
        self.watch_copies();
    }

    /// Cancels a round; what it has copied stays.
    pub(super) fn stop_copying(&mut self) {
        if let Some(job) = self.copies.job {
            self.jobs.cancel(job);
        }
        self.copies = CopyWatch {
            round: self.copies.round + 1,
            ..CopyWatch::default()
        };
    }
}
