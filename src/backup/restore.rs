//! Replaces the collection of a profile by a backup or package, and undoes that. Nobody may have
//! the collection open meanwhile. Staged, verified, saved, exchanged: see `stage`, `safety`,
//! `journal`. Until the exchange begins, cancelling leaves everything as it was; from then on it
//! is finished, if need be by [`resume`] at the next start.

use super::entry::{Contents, Reason};
use super::journal::{COLLECTION, Exchange, Journal, MEDIA, Phase};
use super::plan::{Options, Stamp};
use super::runs::{self, Kind, Outcome};
use super::safety::{Safety, save_present};
use super::stage::{Backup, MediaWish, StagedMedia, Verified};
use super::write::contents_of;
use super::{along, catalog, place, preferences, replaced, tripwire};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files;
use crate::base::hex;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::media::folder::{is_away, require_there};
use crate::storage::Storage;
use crate::{mark, t};
use std::path::{Path, PathBuf};

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    pub from: PathBuf,
    pub safety: Safety,
    /// Of the collection that is there now.
    pub contents: Contents,
    pub media_added: u64,
    pub media_replaced: u64,
    /// What was not as it should be, though the collection is there.
    pub warnings: Vec<Error>,
    /// An index in the backup disagreed with its table and was rebuilt.
    pub indexes_mended: bool,
}

/// What [`resume`] found at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    Nothing,
    /// A restore was interrupted and is finished now.
    Finished,
    /// An undo was interrupted and is finished now, or a restore could not be finished.
    Undone,
}

/// Restores `file`, a backup or a package.
pub fn restore(
    profile_dir: &Path,
    file: &Path,
    options: Options,
    clock: &Clock,
    progress: &Progress,
) -> Result<Restored> {
    runs::logged(
        &catalog::folder(profile_dir),
        Kind::Restore,
        None,
        Some(file),
        clock,
        || restore_unlogged(profile_dir, file, options, clock, progress),
        |done| (Outcome::Done, done.contents.counted()),
    )
}

fn restore_unlogged(
    profile_dir: &Path,
    file: &Path,
    options: Options,
    clock: &Clock,
    progress: &Progress,
) -> Result<Restored> {
    std::fs::create_dir_all(profile_dir).at(profile_dir)?;
    let live_media = profile_dir.join(MEDIA);
    let wish = if options.media {
        MediaWish::Unpack { live: &live_media }
    } else {
        MediaWish::Ignore
    };
    let mut backup = Backup::at(file)?.verify(profile_dir, wish, progress)?;
    // A backup is of one's own collection, where an add-on may keep such things.
    if options.reason == Reason::BeforeImport {
        backup.refuse_active_content()?;
    }
    let mended = backup.make_ready(options.stamp, clock, progress)?;
    let beside = files::StagingDir::create_in(profile_dir)?;
    let mut brought = along::unpack(file, beside.path(), progress)?;
    if let Some(came) = brought.preferences.take() {
        let there = profile_dir.join(COLLECTION);
        let is_new = Storage::open_read_only(&there).and_then(|s| s.has_no_cards());
        let is_new = is_new.unwrap_or(!there.exists());
        brought.preferences = Some(preferences::of_package(profile_dir, came, is_new));
    }
    // Those that are noted with the server's collection are of the day on which that was saved.
    if options.stamp == Stamp::New {
        let noted = catalog::record(file).ok().flatten();
        if let Some(preferences) = noted.and_then(|record| record.preferences) {
            brought.preferences = Some(preferences);
        }
    }
    let restored = put_in_place(
        profile_dir,
        backup,
        &brought,
        beside.path(),
        options.reason,
        clock,
        progress,
    )?;
    Ok(Restored {
        indexes_mended: mended,
        ..restored
    })
}

/// Exchanges what is in `profile_dir` for a backup that is ready, after a safety backup noted with
/// `reason`; `brought` and the files in `beside` came along with it.
pub(super) fn put_in_place(
    profile_dir: &Path,
    mut backup: Backup<Verified>,
    brought: &along::Along,
    beside: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<Restored> {
    progress.stage(t!("Saving what is there now"), 0)?;
    let safety = save_present(profile_dir, reason, clock, progress)?;
    let not_kept = match &safety {
        // Nothing is replaced.
        Safety::NothingToSave => None,
        _ => replaced::keep(profile_dir, &backup.collection(), reason, clock, progress)?,
    };
    let mut warnings = backup.take_damage();
    warnings.extend(not_kept);
    // The last moment at which cancelling changes nothing.
    progress.stage(t!("Replacing the collection"), 0)?;
    let journal = exchange(profile_dir, &backup, &safety, clock.now())?;
    tripwire::forget(&catalog::folder(profile_dir));
    // The collection is there; preferences that cannot be written must not take it back.
    if let Err(error) = preferences::restore(profile_dir, brought.preferences.as_ref()) {
        let what = mark!("the preferences of the backup were not brought back");
        warnings.push(warning(what.into(), error));
    }
    if let Err(error) = brought.add_history(profile_dir, beside) {
        let what = mark!("the history of notes in the file was not added");
        warnings.push(warning(what.into(), error));
    }
    warnings.extend(backup.media().iter().filter_map(renamed));
    let replaced = backup.media().iter().filter(|m| m.replaces).count() as u64;
    Ok(Restored {
        from: journal.source,
        safety,
        contents: contents_of(backup.checked()),
        media_added: backup.media().len() as u64 - replaced,
        media_replaced: replaced,
        warnings,
        indexes_mended: false,
    })
}

/// `what` happened, because of `error`.
pub(super) fn warning(what: String, error: Error) -> Error {
    tracing::warn!("{what}: {error}");
    Error::new(error.kind(), format!("{what}: {}", error.what())).because(error)
}

fn renamed(media: &StagedMedia) -> Option<Error> {
    let (listed, name) = (media.listed_as.as_ref()?, &media.name);
    let what = mark!(
        "the media file {listed} is kept as {name}: another file has its name, or this system cannot \
         store it",
        listed,
        name
    );
    Some(Error::new(ErrorKind::Conflict, what))
}

fn exchange(
    profile_dir: &Path,
    backup: &Backup<Verified>,
    safety: &Safety,
    now: TimestampMillis,
) -> Result<Journal> {
    let exchange = Exchange::of(profile_dir);
    let (media, live_media) = (backup.media_folder(), profile_dir.join(MEDIA));
    if std::fs::read_dir(&media).is_ok_and(|mut files| files.next().is_some()) {
        require_there(&live_media)?;
    }
    exchange.begin()?;
    let staged = exchange.staged();
    let collection = backup.collection();
    std::fs::rename(&collection, staged.join(COLLECTION)).at(&collection)?;
    // An empty one need not go anywhere.
    if media.is_dir() && !is_away(&live_media) {
        std::fs::rename(&media, staged.join("media")).at(&media)?;
    }
    let (replaced, added): (Vec<_>, Vec<_>) = backup.media().iter().partition(|m| m.replaces);
    let replaced: Vec<&str> = replaced.iter().map(|m| m.name.as_str()).collect();
    let had_collection = exchange.keep_previous(&replaced)?;
    let journal = Journal {
        phase: Phase::Swap,
        at: now,
        source: backup.path().to_owned(),
        safety: safety.path().map(Path::to_owned),
        had_collection,
        added: added
            .iter()
            .map(|m| (m.name.clone(), hex(&m.sha1)))
            .collect(),
    };
    exchange.write_journal(&journal)?;
    let done = exchange
        .forward(&journal)
        .and_then(|()| Storage::open(&profile_dir.join(COLLECTION))?.close());
    if let Err(e) = done {
        exchange.backward(&journal)?;
        return Err(e);
    }
    Ok(journal)
}

/// When the profile was last restored, if that can still be undone.
pub fn undoable(profile_dir: &Path) -> Result<Option<TimestampMillis>> {
    let journal = Exchange::of(profile_dir).journal()?;
    Ok(journal.filter(|j| j.phase == Phase::Done).map(|j| j.at))
}

/// Goes back to the state before the last restore or import, to the byte; what was made since is
/// kept in a backup.
pub fn undo(profile_dir: &Path, clock: &Clock, progress: &Progress) -> Result<Safety> {
    let exchange = Exchange::of(profile_dir);
    let journal = exchange
        .journal()?
        .filter(|journal| journal.phase == Phase::Done)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                mark!("there is no restore that could be undone"),
            )
        })?;
    runs::logged(
        &catalog::folder(profile_dir),
        Kind::UndoRestore,
        None,
        Some(&journal.source),
        clock,
        || {
            progress.stage(t!("Saving what is there now"), 0)?;
            let safety = save_present(profile_dir, Reason::BeforeRestore, clock, progress)?;
            progress.stage(t!("Going back"), 0)?;
            exchange.backward(&journal)?;
            tripwire::forget(&catalog::folder(profile_dir));
            preferences::undo(profile_dir)?;
            Ok(safety)
        },
        |_| (Outcome::Done, String::new()),
    )
}

/// At the start, before anything opens the profile: finishes what a crash interrupted, and deletes
/// temporary files. Cheap when there is nothing.
pub fn resume(profile_dir: &Path) -> Result<Resumed> {
    let exchange = Exchange::of(profile_dir);
    let resumed = match exchange.journal()? {
        None => {
            later(exchange.forget());
            Resumed::Nothing
        }
        Some(journal) => match journal.phase {
            Phase::Done => Resumed::Nothing,
            Phase::Swap => match exchange.forward(&journal) {
                Ok(()) => Resumed::Finished,
                Err(e) => {
                    tracing::warn!("a restore could not be finished and is undone: {e}");
                    exchange.backward(&journal)?;
                    Resumed::Undone
                }
            },
            Phase::Undo => {
                exchange.backward(&journal)?;
                Resumed::Undone
            }
        },
    };
    if resumed != Resumed::Nothing {
        tripwire::forget(&catalog::folder(profile_dir));
    }
    later(place::finish_move(profile_dir));
    for folder in [
        profile_dir.to_owned(),
        profile_dir.join(MEDIA),
        catalog::folder(profile_dir),
    ] {
        later(files::remove_leftovers(&folder));
    }
    Ok(resumed)
}

/// What cannot be cleared away now waits for the next start: a folder of backups on a machine that
/// does not answer keeps nobody from studying.
fn later<T>(cleared: Result<T>) {
    if let Err(error) = cleared {
        tracing::warn!("something is left behind: {error}");
    }
}

/// Gives up the way back of a restore that is older than `days`, and the disk space it holds.
pub fn forget_old(profile_dir: &Path, days: i64, clock: &Clock) -> Result<bool> {
    let old = undoable(profile_dir)?
        .is_some_and(|at| clock.now().since(at) > days.saturating_mul(24 * 60 * 60 * 1000));
    if old {
        later(Exchange::of(profile_dir).forget());
    }
    Ok(old)
}
