//! The profiles window and the first start.

use crate::base::error::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::collection::sample;
use crate::service::adopt;
use crate::service::event::{AnkiProfile, Event, ProfileEvent};
use crate::service::request::ProfileRequest;
use crate::service::secret_names;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::PathBuf;

/// The keychain may ask the user first.
fn take_secrets_along(worker: &mut Worker, old: &str, new: &str) -> Result<()> {
    let data = worker.config.data.clone();
    let secrets = worker.secrets();
    let (old, new) = (old.to_owned(), new.to_owned());
    worker
        .background(
            Job::quiet(
                "rename-secrets",
                mark!("take the profile's passwords along"),
            ),
            move |_| secret_names::take_along(secrets.as_ref(), &data, &old, &new),
            |worker, result| {
                if let Err(message) = result {
                    worker.emit(Event::Notice(message.in_short()));
                }
            },
        )
        .map(drop)
}

pub(super) fn serve(worker: &mut Worker, request: &ProfileRequest) -> Result<()> {
    match request {
        ProfileRequest::List => list(worker),
        ProfileRequest::Open { name } => worker.open_profile(name, false),
        ProfileRequest::Close => {
            let closed = worker.close_profile();
            if worker.profile.is_some() {
                return closed;
            }
            // It is not open any more, whatever went wrong.
            worker.emit(Event::Profile(ProfileEvent::Closed));
            list(worker)?;
            closed
        }
        ProfileRequest::Create { name, with_sample } => create(worker, name, *with_sample),
        ProfileRequest::Rename { old, new } => {
            let_go(worker, old)?;
            worker.config.data.rename(old, new)?;
            take_secrets_along(worker, old, new)?;
            list(worker)
        }
        ProfileRequest::Delete { name } => {
            let_go(worker, name)?;
            delete(worker, name)
        }
        ProfileRequest::ImportAnki { base, names } => {
            import_anki(worker, base.clone(), names.clone())
        }
    }
}

fn list(worker: &mut Worker) -> Result<()> {
    let profiles = worker.config.data.list()?;
    let anki = match adopt::anki_folder() {
        Some(folder) => adopt::find_anki_profiles(&folder)?,
        None => vec![],
    };
    worker.emit(Event::Profile(ProfileEvent::Listed { profiles, anki }));
    Ok(())
}

fn create(worker: &mut Worker, name: &str, with_sample: bool) -> Result<()> {
    let paths = worker.config.data.create(name)?;
    if with_sample {
        let mut collection = Collection::open(&paths.collection(), worker.config.clock.clone())?;
        sample::add_sample_deck(&mut collection)?;
        collection.close()?;
    }
    worker.open_profile(name, false)
}

/// Not while it is open; one whose collection cannot be opened is let go.
fn let_go(worker: &mut Worker, name: &str) -> Result<()> {
    let open = worker.profile.as_ref().filter(|p| p.paths.name == name);
    let Some(profile) = open else { return Ok(()) };
    if profile.collection.is_some() || worker.lent_to.is_some() {
        return Err(Error::new(
            ErrorKind::Unavailable,
            mark!("“{name}” is open; switch to another profile first", name),
        ));
    }
    worker.close_profile()?;
    worker.emit(Event::Profile(ProfileEvent::Closed));
    Ok(())
}

fn delete(worker: &mut Worker, name: &str) -> Result<()> {
    let data = worker.config.data.clone();
    let name = name.to_owned();
    let clock = worker.config.clock.clone();
    worker.background(
        Job::shown(
            "delete profile",
            mark!("Deleting the profile"),
            mark!("delete the profile"),
        ),
        move |progress| {
            adopt::keep_last_backup(&data, &name, &clock, progress)?;
            data.delete(&name, false)
        },
        |worker, result| {
            if result.is_ok()
                && let Err(error) = list(worker)
            {
                worker.notice(t!("list the profiles"), &error);
            }
        },
    )?;
    Ok(())
}

fn import_anki(worker: &mut Worker, base: Option<PathBuf>, names: Vec<String>) -> Result<()> {
    let base = base
        .or_else(adopt::anki_folder)
        .ok_or_else(|| Error::not_found(mark!("no data folder of Anki was found")))?;
    let wanted: Vec<AnkiProfile> = adopt::find_anki_profiles(&base)?
        .into_iter()
        .filter(|p| names.is_empty() || names.contains(&p.name))
        .collect();
    if wanted.is_empty() {
        return Err(Error::not_found(mark!("no Anki profile was found there")).at(&base));
    }
    let data = worker.config.data.clone();
    let clock = worker.config.clock.clone();
    worker.background(
        Job {
            exclusive: true,
            ..Job::shown(
                "adopt",
                mark!("Bringing your Anki profile over"),
                mark!("bring the Anki profile over"),
            )
        },
        move |progress| adopt::adopt_all(&data, &wanted, &clock, progress),
        |worker, result| {
            if let Ok(adopted) = result {
                let profiles = adopted.brought;
                if !profiles.is_empty() {
                    worker.emit(Event::Profile(ProfileEvent::Imported { profiles }));
                }
                for (name, error) in &adopted.failed {
                    worker.notice(&t!("bring the Anki profile “{name}” over", name), error);
                }
            }
            if let Err(error) = list(worker) {
                worker.notice(t!("list the profiles"), &error);
            }
        },
    )?;
    Ok(())
}
