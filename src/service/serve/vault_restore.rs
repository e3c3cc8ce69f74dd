//! Out of a vault: what is in it, a snapshot restored to a new profile or over one that is there,
//! and its collection fetched for the Backup Explorer. No profile needs to be open.

use super::backups;
use super::vaults::{Fetched, Locked, tell};
use crate::backup::name;
use crate::backup::vault::media::SnapshotMedia;
use crate::backup::vault::restore;
use crate::base::error::{AtPath as _, Result};
use crate::base::files::StagingDir;
use crate::base::lang::{known, say};
use crate::service::event::Event;
use crate::service::profiles::{DataFolder, ProfileLock};
use crate::service::vaults::{Snapshot, Source, Target, VaultEvent};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

pub(super) fn look(worker: &mut Worker, source: &Source) -> Result<()> {
    const DOING: &str = mark!("open the vault");
    let started = worker.opens(source).and_then(|locked| {
        worker.background(
            Job::quiet("vault-look", DOING),
            move |progress| locked.unlock(progress)?.open()?.listing(),
            |worker, result| {
                let event = match result {
                    Ok(listing) => {
                        if let Some(words) = listing.told() {
                            worker.emit(Event::Notice(t!(
                                "{words}; what the list shows can be restored",
                                words = known(&words)
                            )));
                        }
                        VaultEvent::Looked(listing.snapshots)
                    }
                    Err(message) => VaultEvent::NotLooked(message),
                };
                tell(worker, event);
            },
        )
    });
    // The dialog tells it beside what was typed.
    if let Err(error) = started {
        let message = crate::explain::explain(say(DOING), &error);
        tell(worker, VaultEvent::NotLooked(message));
    }
    Ok(())
}

const RESTORING: Job = Job::shown(
    "vault-restore",
    mark!("Restoring from the vault"),
    mark!("restore from the vault"),
);

pub(super) fn restore(
    worker: &mut Worker,
    source: &Source,
    snapshot: &Snapshot,
    target: &Target,
) -> Result<()> {
    let locked = worker.opens(source)?;
    let snapshot = snapshot.clone();
    match target {
        Target::New { name } => to_new(worker, locked, snapshot, name),
        Target::Over { profile } => backups::replace(
            worker,
            profile,
            RESTORING,
            move |paths, clock, progress| {
                let vault = locked.unlock(progress)?.open()?;
                restore::restore(&vault, &snapshot, &paths.folder, clock)
            },
            backups::restored,
        ),
    }
}

/// The profile that is open stays so until the new one is whole; a failure leaves no new one.
fn to_new(worker: &mut Worker, locked: Locked, snapshot: Snapshot, name: &str) -> Result<()> {
    worker.refuse_when_lent()?;
    let data = worker.config.data.clone();
    let paths = data.create(name)?;
    let clock = worker.config.clock.clone();
    let name = name.to_owned();
    let made = name.clone();
    let begun = ProfileLock::acquire(&paths).and_then(|lock| {
        let data = data.clone();
        worker.background(
            Job {
                exclusive: true,
                ..RESTORING
            },
            move |progress| {
                let work = || -> Result<_> {
                    let vault = locked.unlock(progress)?.open()?;
                    restore::restore(&vault, &snapshot, &paths.folder, &clock)
                };
                let done = work();
                drop(lock);
                if done.is_err() {
                    remove(&data, &paths.name);
                }
                done
            },
            move |worker, result| {
                worker.lent_to = None;
                let Ok(done) = result else { return };
                worker.warn_of(&done.warnings);
                tell(
                    worker,
                    VaultEvent::Restored {
                        profile: name.clone(),
                        notes: done.contents.notes,
                        cards: done.contents.cards,
                    },
                );
                if let Err(error) = worker.open_profile(&name, false) {
                    worker.notice(t!("open the profile"), &error);
                }
            },
        )
    });
    match begun {
        Ok(id) => {
            worker.lent_to = Some(id);
            Ok(())
        }
        Err(error) => {
            remove(&data, &made);
            Err(error)
        }
    }
}

/// Of a profile that was made for nothing; what is told is why it was.
fn remove(data: &DataFolder, made: &str) {
    if let Err(error) = data.delete(made, true) {
        tracing::warn!("the profile {made} that was made could not be removed: {error}");
    }
}

/// The collection, as a file that is named by the time of the snapshot; media come when they are
/// asked for.
pub(super) fn fetch(worker: &mut Worker, source: &Source, snapshot: &Snapshot) -> Result<()> {
    let locked = worker.opens(source)?;
    let room = worker.open_profile_mut()?.paths.folder.clone();
    let saved = worker.config.clock.local(snapshot.time).datetime();
    let called = std::path::PathBuf::from(name::for_time(saved)).with_extension("anki2");
    let snapshot = snapshot.clone();
    worker.vault_job(
        Job::shown(
            "vault-fetch",
            mark!("Fetching the snapshot"),
            mark!("open the snapshot"),
        ),
        move |progress| {
            let vault = locked.unlock(progress)?.open()?;
            let staging = StagingDir::create_in(&room)?;
            let fetched = restore::fetch_collection(&vault, &snapshot, staging.path())?;
            let path = staging.path().join(called);
            std::fs::rename(&fetched, &path).at(&fetched)?;
            let media = SnapshotMedia::beside(&path, vault, &snapshot)?;
            Ok(Fetched::new(staging, path, media))
        },
        |worker, result| {
            if let Ok(fetched) = result {
                let path = fetched.path.clone();
                worker.explored = None;
                worker.vaults.fetched = Some(fetched);
                tell(worker, VaultEvent::Fetched { path });
            }
        },
    )?;
    Ok(())
}
