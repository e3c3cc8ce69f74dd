//! Create Backup, the list, looking into one, restore and its undo, and Check Database.

use crate::backup::entry::{Reason, Rules};
use crate::backup::plan::Options;
use crate::backup::policy::{Decision, Trigger};
use crate::backup::restore::Restored;
use crate::backup::{catalog, inspect, place, restore};
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::collection::OpOutput;
use crate::domain::changes::Changes;
use crate::domain::op::Op;
use crate::service::autobackup::backup_now;
use crate::service::event::{BackupEvent, Event, Undone};
use crate::service::looks::Look;
use crate::service::profiles::{ProfileLock, ProfilePaths};
use crate::service::request::{BackupRequest, Request};
use crate::service::serve::{health, salvage, timeline};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::{Path, PathBuf};

pub(super) fn serve(worker: &mut Worker, request: &BackupRequest) -> Result<()> {
    match request {
        BackupRequest::Create => create(worker),
        BackupRequest::List { profile } => list(worker, profile),
        BackupRequest::Inspect {
            profile,
            path,
            ticket,
        } => inspect_backup(worker, profile, path, *ticket),
        BackupRequest::Restore { profile, path } => {
            let path = path.clone();
            replace(
                worker,
                profile,
                Job::shown(
                    "restore",
                    mark!("Restoring the backup"),
                    mark!("restore the backup"),
                ),
                move |paths, clock, progress| {
                    restore::restore(&paths.folder, &path, Options::RESTORE, clock, progress)
                },
                restored,
            )
        }
        BackupRequest::UndoRestore { profile } => replace(
            worker,
            profile,
            Job::shown(
                "restore",
                mark!("Undoing the restore"),
                mark!("undo the restore"),
            ),
            |paths, clock, progress| restore::undo(&paths.folder, clock, progress),
            |worker, _| {
                worker.reload_settings();
                worker.backups.resume();
                worker.backups.look_at_alarm();
                worker.emit(Event::Backup(BackupEvent::RestoreUndone));
            },
        ),
        BackupRequest::Salvage { profile } => salvage::salvage(worker, profile),
        BackupRequest::Resume => {
            worker.backups.resume();
            worker.emit(Event::Backup(BackupEvent::Resumed));
            worker.watch_backups();
            Ok(())
        }
        BackupRequest::AcceptChanges => worker.accept_changes(),
        BackupRequest::Pin {
            profile,
            path,
            name,
        } => {
            catalog::pin(path, name, &worker.config.clock)?;
            list(worker, profile)
        }
        BackupRequest::Unpin { profile, path } => {
            catalog::unpin(path, &worker.config.clock)?;
            list(worker, profile)
        }
        BackupRequest::Annotate {
            profile,
            path,
            note,
        } => {
            catalog::annotate(path, note, &worker.config.clock)?;
            list(worker, profile)
        }
        BackupRequest::MoveFolder(to) => move_folder(worker, to.clone()),
        BackupRequest::Health { profile } => health::load(worker, profile),
        BackupRequest::Timeline => timeline::load(worker),
        BackupRequest::StopTimeline => {
            worker.drop_look(Look::Timeline);
            Ok(())
        }
        BackupRequest::Drill => health::drill(worker, true),
        BackupRequest::PreviewThinning { rules } => preview(worker, rules),
    }
}

/// Another state is there: nothing runs by itself until the restart.
pub(super) fn restored(worker: &mut Worker, done: Restored) {
    worker.reload_settings();
    worker.backups.suspend();
    worker.backups.look_at_alarm();
    worker.warn_of(&done.warnings);
    worker.emit(Event::Backup(BackupEvent::Restored {
        safety_backup: done.safety.path().map(Path::to_owned),
        from: done.from,
    }));
}

fn create(worker: &mut Worker) -> Result<()> {
    worker.wait_for_backup();
    let now = worker.config.clock.now();
    worker.collection()?;
    // "Nothing changed" is true only while the backup that has everything is there.
    worker.look_at_backups()?;
    match worker.decide_backup(Trigger::Manual, now)? {
        Decision::Run(reason) => worker.start_backup(reason, |worker, result| {
            // A failure is told by the status and, because somebody asked, by a dialog.
            worker.emit(match result {
                Ok(entry) => Event::Backup(BackupEvent::Created {
                    path: entry.path.clone(),
                }),
                Err(message) => {
                    Event::failed(Request::Backup(BackupRequest::Create), message.clone())
                }
            });
        }),
        Decision::Skip(_) => {
            worker.emit(Event::Backup(BackupEvent::Unchanged));
            Ok(())
        }
    }
}

/// Nothing makes backups meanwhile: the collection is with the job.
fn move_folder(worker: &mut Worker, to: Option<PathBuf>) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let folder = paths.folder.clone();
    worker.exclusive(
        Job::shown(
            "move backups",
            mark!("Moving the backups"),
            mark!("move the backups"),
        ),
        move |_, progress| place::move_to(&folder, to.as_deref(), progress),
        move |worker, moved| {
            // A failure is told by the job.
            if let Ok(moved) = moved {
                worker.warn_of(&moved.stayed);
            }
            worker.backups_moved(&paths);
            worker.send_backup_status();
        },
    )
}

/// Told when it is made, unless another one was begun meanwhile.
pub(super) fn list(worker: &mut Worker, profile: &str) -> Result<()> {
    let paths = worker.config.data.profile(profile)?;
    let clock = worker.config.clock.clone();
    let rules = worker.backups.rules().clone();
    let profile = profile.to_owned();
    let asked = Request::Backup(BackupRequest::List {
        profile: profile.clone(),
    });
    worker.backup_lists += 1;
    let this = worker.backup_lists;
    worker.background(
        Job::quiet("backup list", mark!("list the backups")),
        move |_| catalog::list(&paths.folder, &rules, &clock),
        move |worker, result| match result {
            _ if worker.backup_lists != this => {}
            Ok(entries) => worker.emit(Event::Backup(BackupEvent::Listed { profile, entries })),
            Err(message) => worker.emit(Event::failed(asked, message)),
        },
    )?;
    Ok(())
}

/// Replaces the collection of `profile` by what `work` puts there, with the collection closed
/// meanwhile; opens it again whatever happened.
pub(super) fn replace<T: Send + 'static>(
    worker: &mut Worker,
    profile: &str,
    job: Job,
    work: impl FnOnce(&ProfilePaths, &Clock, &Progress) -> Result<T> + Send + 'static,
    then: impl FnOnce(&mut Worker, T) + Send + 'static,
) -> Result<()> {
    worker.refuse_when_lent()?;
    let paths = worker.config.data.profile(profile)?;
    let clock = worker.config.clock.clone();
    let is_open = worker
        .profile
        .as_ref()
        .is_some_and(|p| p.paths.name == profile);
    // It would send on what is about to be replaced, and delete what comes back.
    worker.end_media_sync();
    if is_open {
        return worker.exclusive(
            job,
            move |collection, progress| {
                if let Some(collection) = collection.take() {
                    collection.close()?;
                }
                work(&paths, &clock, progress)
            },
            move |worker, result| {
                if let Ok(done) = result {
                    then(worker, done);
                }
            },
        );
    }
    worker.close_profile()?;
    let lock = ProfileLock::acquire(&paths)?;
    let name = profile.to_owned();
    let id = worker.background(
        Job {
            exclusive: true,
            ..job
        },
        move |progress| {
            let done = work(&paths, &clock, progress);
            drop(lock);
            done
        },
        move |worker, result| {
            worker.lent_to = None;
            let Ok(done) = result else {
                return;
            };
            then(worker, done);
            let restored = worker.backups.is_suspended();
            if let Err(error) = worker.open_profile(&name, restored) {
                worker.notice(t!("open the profile"), &error);
            }
        },
    )?;
    worker.lent_to = Some(id);
    Ok(())
}

/// Opens a backup and counts what a restore would take away, beside study.
fn inspect_backup(worker: &mut Worker, profile: &str, path: &Path, ticket: u32) -> Result<()> {
    let paths = worker.config.data.profile(profile)?;
    let is_open = worker
        .profile
        .as_ref()
        .is_some_and(|p| p.paths.name == profile);
    let frozen = if is_open {
        worker.freeze_to_read()?
    } else {
        None
    };
    let path = path.to_owned();
    let asked = Request::Backup(BackupRequest::Inspect {
        profile: profile.to_owned(),
        path: path.clone(),
        ticket,
    });
    worker.read_frozen(
        Job::quiet("look into backup", mark!("open the backup")),
        frozen,
        move |frozen, progress| {
            let collection = paths.collection();
            let current = match &frozen {
                Some(frozen) => inspect::Current::Frozen(frozen),
                None if is_open || !collection.exists() => inspect::Current::None,
                None => inspect::Current::Closed(&collection),
            };
            inspect::inspect(&path, current, &paths.folder, progress)
        },
        move |worker, result| {
            worker.emit(match result {
                Ok(inspection) => Event::Backup(BackupEvent::Inspected { ticket, inspection }),
                Err(message) => Event::failed(asked, message),
            });
        },
    )?;
    Ok(())
}

/// What `rules` would keep and drop; nothing is deleted.
fn preview(worker: &mut Worker, rules: &Rules) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let rules = rules.clone();
    worker.background(
        Job::quiet("preview thinning", mark!("preview the thinning")),
        move |_| catalog::list(&paths.folder, &rules, &clock),
        |worker, result| {
            let entries = match result {
                Ok(entries) => entries,
                Err(message) => {
                    worker.emit(Event::Notice(message.in_short()));
                    return;
                }
            };
            let (keep, drop): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|e| !e.keep.is_empty());
            worker.emit(Event::Backup(BackupEvent::Thinning {
                keep: keep.into_iter().map(|e| (e.path, e.keep)).collect(),
                drop: drop.into_iter().map(|e| e.path).collect(),
            }));
        },
    )?;
    Ok(())
}

/// Tools > Check Database: a verified backup first, then the repairs.
pub(super) fn check_database(worker: &mut Worker) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let rules = worker.backups.rules().clone();
    worker.with_collection(
        Job::shown(
            "check database",
            mark!("Checking the database"),
            mark!("check the database"),
        ),
        move |collection, progress| {
            let backup = backup_now(
                collection,
                &paths,
                Reason::BeforeCheck,
                &rules,
                &clock,
                progress,
            )?;
            let problems = collection.check_database(progress)?;
            Ok((problems, backup.path))
        },
        |worker, result| {
            worker.backups.look_at_alarm();
            if let Ok((problems, safety_backup)) = result {
                // Also that nothing can be undone any more.
                let output = OpOutput {
                    value: (),
                    changes: Changes::ALL,
                };
                let told = worker.report(Op::CheckDatabase, Undone::No, &output, problems.len());
                if let Err(error) = told {
                    tracing::warn!("after the check: {error}");
                }
                worker.emit(Event::DatabaseChecked {
                    problems,
                    safety_backup,
                });
            }
        },
    )
}
