//! Salvage of a profile's collection that cannot be opened, to a new file beside it. The damaged
//! file is only read.

use crate::backup::runs::{self, Kind, Outcome};
use crate::base::count::counted;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::lang;
use crate::collection::salvage::{Rescue, salvage as rescue};
use crate::mark;
use crate::service::event::{BackupEvent, Event, Salvaged};
use crate::service::profiles::ProfileLock;
use crate::service::worker::{Job, Worker};

pub(super) fn salvage(worker: &mut Worker, profile: &str) -> Result<()> {
    worker.refuse_when_lent()?;
    let paths = worker.config.data.profile(profile)?;
    let open = worker.profile.as_ref().filter(|p| p.paths.name == profile);
    if open.is_some_and(|open| open.collection.is_some()) {
        let what = mark!("the collection is open; there is nothing to salvage");
        return Err(Error::new(ErrorKind::Unavailable, what));
    }
    let lock = match open {
        Some(_) => None,
        None => Some(ProfileLock::acquire(&paths)?),
    };
    let clock = worker.config.clock.clone();
    let time = clock.local(clock.now()).strftime("%Y-%m-%d-%H.%M.%S");
    let out = paths.folder.join(format!("salvaged-{time}.anki2"));
    let profile = profile.to_owned();
    let id = worker.background(
        Job {
            exclusive: true,
            ..Job::shown(
                "salvage",
                mark!("Reading what can be read"),
                mark!("salvage the collection"),
            )
        },
        move |progress| {
            let damaged = paths.collection();
            let done = runs::logged(
                &paths.backups(),
                Kind::Salvage,
                None,
                Some(&out),
                &clock,
                || rescue(&damaged, &out, &clock, progress),
                |done| (Outcome::Done, lang::in_english(|| summary(done))),
            );
            drop(lock);
            done
        },
        move |worker, result| {
            worker.lent_to = None;
            let Ok(done) = result else { return };
            let lines = done.told();
            worker.emit(Event::Backup(BackupEvent::Salvaged(Box::new(Salvaged {
                profile,
                lost: done.salvaged.lost(),
                path: done.path,
                notes: done.notes,
                cards: done.cards,
                reviews: done.revlog,
                lines,
            }))));
        },
    )?;
    worker.lent_to = Some(id);
    Ok(())
}

fn summary(done: &Rescue) -> String {
    let lost = match done.lost() {
        lost if lost.is_empty() => mark!("nothing is known to be lost").to_owned(),
        lost => format!("{}: {}", mark!("lost"), lost.join(", ")),
    };
    format!(
        "{}, {}, {}; {lost}",
        counted(done.notes, "note", "notes"),
        counted(done.cards, "card", "cards"),
        counted(done.revlog, "review", "reviews"),
    )
}
