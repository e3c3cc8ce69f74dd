//! Bit rot of media files: read by itself once in a while, when nobody works, beside study and
//! held while somebody does; what is damaged is repaired from the media trash, backups, the second
//! folder and vaults. By the button it is done in `checks`; both stand in the log of runs.

use super::vaults::Locked;
use crate::backup::entry::Rules;
use crate::backup::media_repair::{Repair, Repaired};
use crate::backup::policy::{self, DrillState};
use crate::backup::runs::{self, Kind, Outcome};
use crate::backup::vault::book::Former;
use crate::backup::{catalog, copies, tripwire};
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::base::lang::known;
use crate::base::time::{Clock, TimestampMillis};
use crate::collection::bit_rot::{self, RotLook};
use crate::service::event::{Event, JobId};
use crate::service::health::READING_MEDIA;
use crate::service::profiles::ProfilePaths;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::PathBuf;
use std::time::Duration;

/// Between two that nobody asked for, when the first failed or was cancelled.
const PAUSE_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of looks at the open profile's media.
#[derive(Debug, Default)]
pub(in crate::service) struct RotWatch {
    running: Option<JobId>,
    /// When all files were read last; None: not asked yet.
    looked: Option<Option<TimestampMillis>>,
    /// When a look was begun last, however it ended.
    begun: Option<TimestampMillis>,
}

/// Everywhere that right bytes may be.
pub(super) struct Remedies {
    paths: ProfilePaths,
    second: Option<PathBuf>,
    rules: Rules,
    clock: Clock,
    /// Each with the names that the profile had when it saved there.
    vaults: Vec<(String, Vec<Former>, Locked)>,
}

impl Remedies {
    /// Of the open profile.
    pub(super) fn of(worker: &mut Worker) -> Result<Self> {
        let profile = worker.open_profile_mut()?;
        Ok(Self {
            paths: profile.paths.clone(),
            second: profile.settings.second_backups_folder.clone(),
            rules: worker.backups.rules().clone(),
            clock: worker.config.clock.clone(),
            vaults: worker.saved_vaults(),
        })
    }

    /// Looks for the right bytes of all damaged files; a run in the log.
    pub(super) fn apply(self, progress: &Progress) -> Result<Repaired> {
        let log = self.paths.backups();
        let clock = self.clock.clone();
        runs::logged(
            &log,
            Kind::MediaRepair,
            None,
            None,
            &clock,
            || {
                let repair = Repair::begin(&self.paths.collection())?;
                self.look_everywhere(repair, progress)
            },
            Repaired::outcome,
        )
    }

    /// Looks for files that are missing, by their names.
    pub(super) fn bring_back(self, names: &[String], progress: &Progress) -> Result<Repaired> {
        let repair = Repair::of_missing(&self.paths.collection(), names)?;
        self.look_everywhere(repair, progress)
    }

    fn look_everywhere(self, mut repair: Repair, progress: &Progress) -> Result<Repaired> {
        repair.try_trash(progress)?;
        let folder = &self.paths.folder;
        // Either may be on a disk that is away.
        let own = catalog::list(folder, &self.rules, &self.clock);
        let mut packages = repair.reached(mark!("Backups folder"), own)?;
        if let Some(chosen) = &self.second {
            let second = copies::list(folder, chosen, &self.rules, &self.clock);
            packages.extend(repair.reached(mark!("Second backups folder"), second)?);
        }
        packages.sort_by_key(|package| std::cmp::Reverse(package.created));
        for package in packages {
            if !repair.is_done() {
                repair.try_package(&package.path, progress)?;
            }
        }
        for (address, former, locked) in self.vaults {
            if !repair.is_done() {
                let vault = locked.unlock(progress).and_then(|setting| setting.open());
                repair.try_vault(&address, vault, (&self.paths.name, &former))?;
            }
        }
        Ok(repair.finish())
    }
}

/// `look` as a run in the log.
pub(super) fn logged(
    paths: &ProfilePaths,
    clock: &Clock,
    look: impl FnOnce() -> Result<RotLook>,
) -> Result<RotLook> {
    let log = paths.backups();
    let kind = Kind::MediaCheck;
    runs::logged(&log, kind, None, None, clock, look, |look| {
        let outcome = match look.rotten {
            0 => Outcome::Done,
            _ => Outcome::Failed,
        };
        (outcome, look.told())
    })
}

fn start(worker: &mut Worker) -> Result<()> {
    let remedies = Remedies::of(worker)?;
    let clock = worker.config.clock.clone();
    worker.rot.begun = Some(clock.now());
    let id = worker.background(
        Job::shown(
            "media rot",
            READING_MEDIA,
            mark!("look for damaged media files"),
        ),
        move |progress| {
            let paths = remedies.paths.clone();
            let collection = paths.collection();
            let look = logged(&paths, &clock, || {
                bit_rot::look_at(&collection, clock.now(), progress)
            })?;
            let room = paths.backups();
            if let Err(error) = tripwire::media_changed(&room, look.rotten, look.files, &clock) {
                tracing::warn!("that much media changed is not kept: {error}");
            }
            let repaired = match look.rotten {
                0 => None,
                _ => Some(remedies.apply(progress)?),
            };
            Ok((look, repaired))
        },
        |worker, result| {
            worker.rot.running = None;
            worker.rot.looked = None;
            worker.backups.look_at_alarm();
            worker.send_backup_status();
            // A failure is told by the job's own event; nothing is said where all is right.
            if let Ok((look, Some(repaired))) = result {
                let damaged = look.rotten;
                worker.emit(Event::Notice(t!(
                    "Media files damaged on the disk: {damaged}. {told}",
                    damaged,
                    told = known(&repaired.told())
                )));
            }
        },
    )?;
    worker.rot.running = Some(id);
    Ok(())
}

impl Worker {
    /// Another profile, or none: a look at the former one ends.
    pub(in crate::service) fn stop_rot(&mut self) {
        if let Some(id) = self.rot.running {
            self.jobs.hold(id, false);
            self.jobs.cancel(id);
        }
        let running = self.rot.running;
        self.rot = RotWatch {
            running,
            ..RotWatch::default()
        };
    }

    /// When a look that is `due` is begun: not before the pause after the last one.
    pub(in crate::service) fn rot_comes(&self, due: TimestampMillis) -> TimestampMillis {
        let again = |begun: TimestampMillis| TimestampMillis(begun.0 + PAUSE_MS);
        self.rot.begun.map_or(due, |begun| due.max(again(begun)))
    }

    /// Somebody works: reading media files waits.
    pub(in crate::service) fn hold_rot(&self) {
        if let Some(id) = self.rot.running {
            self.jobs.hold(id, true);
        }
    }

    /// Begins a look when one is due and nobody works; goes on with one that was held.
    pub(in crate::service) fn watch_rot(&mut self, idle: Duration) {
        if idle < self.config.calm {
            return;
        }
        if let Some(id) = self.rot.running {
            self.jobs.hold(id, false);
            return;
        }
        let Some(profile) = &self.profile else { return };
        let days = profile.settings.media_check_days;
        let rests = self.backups.is_suspended() || self.backups.is_frozen();
        if days == 0 || rests || profile.collection.is_none() {
            return;
        }
        let collection = profile.paths.collection();
        let now = self.config.clock.now();
        let looked = *(self.rot.looked)
            .get_or_insert_with(|| bit_rot::last_look(&collection).unwrap_or_default());
        let state = DrillState {
            done_at: looked,
            failed_at: None,
            has_backup: true,
        };
        let due = policy::drill_due(&state, days, now).is_some_and(|due| due <= now);
        let tried = (self.rot.begun).is_some_and(|at| now.since(at).abs() < PAUSE_MS);
        if due
            && !tried
            && let Err(error) = start(self)
        {
            self.notice(t!("look for damaged media files"), &error);
        }
    }
}
