//! A profile out of the vault: fetched into a folder of its own, checked as every backup is, then
//! put in the place of what is there by the same restore, with a safety backup and a way back.

use super::push::{DELETED, HISTORY};
use super::repo::{Came, Listed, Repo, Snapshot};
use crate::backup::along::Along;
use crate::backup::catalog;
use crate::backup::entry::Reason;
use crate::backup::journal::{COLLECTION, MEDIA};
use crate::backup::plan::Stamp;
use crate::backup::preferences;
use crate::backup::restore::{Restored, put_in_place, warning};
use crate::backup::runs::{self, Kind, Outcome};
use crate::backup::stage::{Arrivals, Backup, Verified};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::StagingDir;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::Clock;
use crate::formats::zip_guard::require_space;
use crate::mark;
use crate::media::names::is_one_component;
use crate::storage::log_file;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Replaces the collection in `profile_dir` by a snapshot, with its media files, its preferences
/// and the history of its notes; the texts of deleted notes come where there are none. Nobody may
/// have the collection open.
pub fn restore(
    vault: &Repo,
    snapshot: &Snapshot,
    profile_dir: &Path,
    clock: &Clock,
) -> Result<Restored> {
    runs::logged(
        &catalog::folder(profile_dir),
        Kind::Restore,
        None,
        Some(&label(snapshot)),
        clock,
        || unlogged(vault, snapshot, profile_dir, clock),
        |done| (Outcome::Done, done.contents.counted()),
    )
}

/// What it is called where a path would be.
#[must_use]
pub fn label(snapshot: &Snapshot) -> PathBuf {
    PathBuf::from(format!("vault snapshot {}", short(&snapshot.id)))
}

/// Without the log of runs.
pub(super) fn unlogged(
    vault: &Repo,
    snapshot: &Snapshot,
    profile_dir: &Path,
    clock: &Clock,
) -> Result<Restored> {
    let progress = &vault.progress();
    std::fs::create_dir_all(profile_dir).at(profile_dir)?;
    let fetched = StagingDir::create_in(profile_dir)?;
    let beside = StagingDir::create_in(profile_dir)?;
    let live = profile_dir.join(MEDIA);
    let media = Arrivals::beside(&live);
    let brought = fetched.path().join(MEDIA);
    let collection = fetched.path().join(COLLECTION);
    fetch_each(
        vault,
        snapshot,
        is_needed,
        fetched.path(),
        |came, has_log| {
            if came.path.parent() == Some(brought.as_path()) {
                media.take(came.path, came.listed, came.file, came.sha1)
            } else if came.path == collection && !has_log {
                // It mostly comes first, and is checked while the media files come.
                media
                    .check_collection(came.path, progress)
                    .at(label(snapshot))
            } else {
                Ok(())
            }
        },
    )?;
    log_file::fold_in(&collection).map_err(|e| in_snapshot(e, snapshot))?;
    let history = [
        HISTORY.to_owned(),
        format!("{HISTORY}-wal"),
        format!("{HISTORY}-journal"),
    ];
    for name in history
        .iter()
        .map(String::as_str)
        .chain([preferences::FILE, DELETED])
    {
        let path = fetched.path().join(name);
        if path.is_file() {
            std::fs::rename(&path, beside.path().join(name)).at(&path)?;
        }
    }
    let mut backup = Backup::<Verified>::of_folder(label(snapshot), fetched, media, progress)?;
    backup.make_ready(Stamp::New, clock, progress)?;
    let along = Along::beside(beside.path());
    let reason = Reason::BeforeRestore;
    let mut restored = put_in_place(
        profile_dir,
        backup,
        &along,
        beside.path(),
        reason,
        clock,
        progress,
    )?;
    let (came, own) = (beside.path().join(DELETED), profile_dir.join(DELETED));
    if came.is_file()
        && !own.exists()
        && let Err(error) = std::fs::rename(&came, &own).at(&own)
    {
        let what = mark!("the texts of deleted notes were not brought back");
        restored.warnings.push(warning(what.into(), error));
    }
    Ok(restored)
}

/// Whether a restore does something with it. Other programs save what else lies in a profile's folder, as
/// old backups.
fn is_needed(path: &Path) -> bool {
    let is_media = path.parent() == Some(Path::new(MEDIA));
    let is_history = || {
        let rest = path.to_str().and_then(|name| name.strip_prefix(HISTORY));
        rest.is_some_and(|rest| ["", "-wal", "-journal"].contains(&rest))
    };
    let others = [COLLECTION, preferences::FILE, DELETED];
    is_media || is_log(path) || is_history() || others.iter().any(|name| path == Path::new(name))
}

/// Fetches the collection of a snapshot alone into the empty folder `to`, with what the log holds
/// that other programs save beside it, as one file; returns where it is.
pub fn fetch_collection(vault: &Repo, snapshot: &Snapshot, to: &Path) -> Result<PathBuf> {
    let wanted = |path: &Path| path == Path::new(COLLECTION) || is_log(path);
    fetch_some(vault, snapshot, wanted, to)?;
    let collection = to.join(COLLECTION);
    log_file::fold_in(&collection).map_err(|e| in_snapshot(e, snapshot))?;
    Ok(collection)
}

/// Whether it is what SQLite keeps beside an open collection.
fn is_log(path: &Path) -> bool {
    let name = path.to_str().and_then(|name| name.strip_prefix(COLLECTION));
    name.is_some_and(|rest| ["-wal", "-journal"].contains(&rest))
}

/// The path of what was fetched says nothing to anyone.
fn in_snapshot(error: Error, snapshot: &Snapshot) -> Error {
    Error::new(error.kind(), error.what().to_owned())
        .because(error)
        .at(label(snapshot))
}

/// Fetches the files that are `wanted`, by their path in the profile, into the empty folder `to`.
pub(in crate::backup) fn fetch_some(
    vault: &Repo,
    snapshot: &Snapshot,
    wanted: impl Fn(&Path) -> bool,
    to: &Path,
) -> Result<()> {
    fetch_each(vault, snapshot, wanted, to, |_, _| Ok(()))
}

/// As [`fetch_some`]; each file is given to `came` as soon as it is there, and whether a log of the
/// collection comes too, as other programs save it: then that is whole only when all are there.
fn fetch_each(
    vault: &Repo,
    snapshot: &Snapshot,
    wanted: impl Fn(&Path) -> bool,
    to: &Path,
    came: impl Fn(Came<'_>, bool) -> Result<()> + Sync,
) -> Result<()> {
    let vault = vault.contents()?;
    let files = vault.files(snapshot)?;
    let folder = profile_in(&files, &snapshot.label)?;
    let listed: Vec<_> = files
        .iter()
        .filter(|file| file.is_file)
        .filter_map(|file| Some((file.path.strip_prefix(folder).ok()?, file.size)))
        .filter(|(path, _)| wanted(path))
        .collect();
    let size: u64 = listed.iter().map(|(_, size)| size).sum();
    require_space(to, size + FREE_SPACE_RESERVE)?;
    let has_log = listed.iter().any(|(path, _)| is_log(path));
    let came = |file: Came<'_>| came(file, has_log);
    if vault.fetch(snapshot, folder, wanted, to, came)? == listed.len() {
        return Ok(());
    }
    Err(Error::corrupt(mark!(
        "the snapshot could not be fetched whole"
    )))
}

/// The folder of a profile in a snapshot: of several the one called `name`, else the outermost.
pub(super) fn profile_in<'a>(files: &'a [Listed], name: &str) -> Result<&'a Path> {
    let folders = files
        .iter()
        .filter(|file| file.is_file && file.path.ends_with(COLLECTION))
        .map(|file| file.path.parent().unwrap_or(Path::new("")));
    let is_called = |folder: &Path| folder.file_name().is_some_and(|found| found == name);
    folders
        .min_by_key(|folder| (!is_called(folder), folder.components().count()))
        .ok_or_else(|| Error::not_found(mark!("there is no collection in this snapshot")))
}

/// Of the files in a folder of the profile in a snapshot.
pub(super) fn names(vault: &Repo, snapshot: &Snapshot, folder: &Path) -> Result<BTreeSet<String>> {
    let files = vault.contents()?.files(snapshot)?;
    let folder = profile_in(&files, &snapshot.label)?.join(folder);
    let inside = |file: &Listed| {
        let name = file.path.strip_prefix(&folder).ok()?.to_str()?;
        (file.is_file && is_one_component(name)).then(|| name.to_owned())
    };
    Ok(files.iter().filter_map(inside).collect())
}

/// As people and `restic` call a snapshot.
#[must_use]
pub fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_restored_is_fetched() {
        for path in [
            "collection.anki2",
            "collection.anki2-wal",
            "collection.media/a b.png",
            "collection.history",
            "collection.history-journal",
            "settings.json",
            "deleted.txt",
        ] {
            assert!(is_needed(Path::new(path)), "{path}");
        }
        for path in [
            "backups/old.colpkg",
            "collection.media/folder/a.png",
            "collection.media.db2",
            "collection.anki2-shm",
            "collection.historyx",
        ] {
            assert!(!is_needed(Path::new(path)), "{path}");
        }
    }
}
