//! How safe everything is, and the restore drill: by the button and, when nobody works, by the
//! calendar of `backup::policy`.

use crate::backup::health::{self, Known};
use crate::backup::policy::{self, DrillState};
use crate::backup::{copies, drill, runs};
use crate::base::error::Result;
use crate::base::time::TimestampMillis;
use crate::collection::bit_rot;
use crate::service::event::{BackupEvent, Event, JobId};
use crate::service::request::{BackupRequest, Request};
use crate::service::serve::backups;
use crate::service::worker::{Job, Worker};
use crate::storage::compare::Saved;
use crate::{mark, t};
use std::time::Duration;

/// Between two that nobody asked for, even when the log of the first could not be written.
const PAUSE_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of drills of the open profile.
#[derive(Debug, Default)]
pub(in crate::service) struct DrillWatch {
    state: DrillState,
    running: Option<JobId>,
    /// When one was begun last, however it ended.
    begun: Option<TimestampMillis>,
}

pub(super) fn load(worker: &mut Worker, profile: &str) -> Result<()> {
    let paths = worker.config.data.profile(profile)?;
    let clock = worker.config.clock.clone();
    let last = health::last_verified(&paths.folder, &clock)?.map(|last| Saved {
        at: last.at,
        collection_mod: last.collection_mod,
    });
    let open = worker.profile.as_mut().filter(|p| p.paths.name == profile);
    let settings = match &open {
        Some(open) => open.settings.clone(),
        None => crate::service::settings::load(&paths.settings())?.0,
    };
    let collection = open.and_then(|open| open.collection.as_mut());
    let at_risk = match collection {
        Some(collection) => Some(collection.changed_since(last)?),
        None => None,
    };
    let live = paths.collection();
    let mut known = Known {
        profile_dir: paths.folder,
        rules: worker.backups.rules().clone(),
        drill_days: settings.restore_drill_days,
        at_risk,
        next_backup: worker.next_backup(),
        others: Vec::new(),
        mail: settings.mail.clone(),
        media_check: (settings.media_check_days, None),
    };
    let profile = profile.to_owned();
    let asked = Request::Backup(BackupRequest::Health {
        profile: profile.clone(),
    });
    worker.background(
        Job::quiet("health", mark!("look how safe everything is")),
        move |_| {
            if let Some(chosen) = settings.second_backups_folder {
                let place = copies::counted(&known.profile_dir, &chosen, &known.rules, &clock)?;
                known.others.extend(place);
            }
            known.media_check.1 = bit_rot::last_look(&live)?;
            health::gather(known, &clock)
        },
        move |worker, result| {
            worker.emit(match result {
                Ok(mut health) => {
                    health.next_media_check =
                        health.next_media_check.map(|due| worker.rot_comes(due));
                    let health = Box::new(health);
                    Event::Backup(BackupEvent::Health { profile, health })
                }
                Err(message) => Event::failed(asked, message),
            });
        },
    )?;
    Ok(())
}

/// Restores the newest verified backup for a trial, beside study.
pub(super) fn drill(worker: &mut Worker, asked: bool) -> Result<()> {
    if worker.drills.running.is_some() {
        return Ok(());
    }
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    worker.drills.begun = Some(clock.now());
    let id = worker.background(
        Job::shown(
            "restore drill",
            mark!("Restoring a backup for a trial"),
            mark!("restore a backup for a trial"),
        ),
        move |progress| drill::drill(&paths.folder, None, &clock, progress),
        move |worker, result| {
            worker.drills.running = None;
            worker.start_drill_watch();
            match result {
                Ok(drilled) => {
                    if asked {
                        worker.try_vaults();
                    }
                    worker.emit(Event::Backup(BackupEvent::Drilled { drilled, asked }));
                }
                // It is told by the job's own event.
                Err(_) => worker.after_failed_drill(),
            }
        },
    )?;
    worker.drills.running = Some(id);
    Ok(())
}

impl Worker {
    /// The backup that was tried may count no more: the list says so, and the timer makes another.
    fn after_failed_drill(&mut self) {
        self.look_at_backups_if_there();
        self.send_backup_status();
        if let Some(name) = self.profile.as_ref().map(|p| p.paths.name.clone())
            && let Err(error) = backups::list(self, &name)
        {
            self.notice(t!("list the backups"), &error);
        }
    }

    /// Learns from the log when a restore was tried last.
    pub(in crate::service) fn start_drill_watch(&mut self) {
        let Some(profile) = &self.profile else { return };
        let folder = profile.paths.backups();
        self.drills.state = match runs::read(&folder) {
            Ok(runs) => health::drill_state(&runs, false),
            Err(error) => {
                tracing::warn!("the log of runs cannot be read: {error}");
                DrillState::default()
            }
        };
    }

    /// Stops a drill: its profile is being closed.
    pub(in crate::service) fn stop_drill(&mut self) {
        if let Some(id) = self.drills.running {
            self.jobs.cancel(id);
        }
    }

    /// Begins a drill when one is due and nobody works.
    pub(in crate::service) fn watch_drills(&mut self, idle: Duration) {
        let Some(profile) = &self.profile else { return };
        let wanted = profile.settings.restore_drill_days;
        if profile.collection.is_none() || self.backups.is_suspended() || idle < self.config.calm {
            return;
        }
        self.drills.state.has_backup = self.backups.has_verified();
        let now = self.config.clock.now();
        let due = policy::drill_due(&self.drills.state, wanted, now);
        let tried = self
            .drills
            .begun
            .is_some_and(|at| now.since(at).abs() < PAUSE_MS);
        if due.is_some_and(|due| due <= now)
            && !tried
            && !self.backups.is_frozen()
            && let Err(error) = drill(self, false)
        {
            self.notice(t!("restore a backup for a trial"), &error);
        }
    }
}
