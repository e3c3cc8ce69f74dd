//! The restore drill of a vault: its newest snapshot is restored into a temporary profile by the
//! very code that restores for good, and compared row by row with a second fetch of it and with what
//! was noted when it was saved. The temporary profile goes away whatever happens.

use super::Destination;
use super::book;
use super::repo::{Repo, Snapshot};
use super::restore::{fetch_collection, label, unlogged};
use crate::backup::catalog;
use crate::backup::drill::{Drilled, compared, words_of};
use crate::backup::journal::MEDIA;
use crate::backup::plan::Stamp;
use crate::backup::runs::{self, Kind, Outcome};
use crate::backup::stage::{Arrivals, Backup};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::StagingDir;
use crate::base::time::Clock;
use crate::mark;
use crate::media::folder;
use std::path::Path;

/// Restores a snapshot for a trial: the one whose id begins with `id`, or for `latest` the newest of
/// the profile `name`. `address` is told in the log, also when the vault cannot be opened. An error
/// of kind `Corrupt` says what was not as it should be.
pub fn drill(
    open: impl FnOnce() -> Result<Repo>,
    (address, id): (&str, &str),
    profile_dir: &Path,
    name: &str,
    clock: &Clock,
) -> Result<Drilled> {
    runs::logged(
        &catalog::folder(profile_dir),
        Kind::VaultDrill,
        None,
        Some(Path::new(address)),
        clock,
        || {
            let vault = &open()?;
            let snapshot = found(vault, (address, id), profile_dir, name)?;
            tried(vault, &snapshot, profile_dir, clock).at(Path::new(address))
        },
        |done| (Outcome::Done, done.told()),
    )
}

/// As long as nothing was saved under the profile's present name, the newest is one of a former name.
fn found(
    vault: &Repo,
    (address, id): (&str, &str),
    profile_dir: &Path,
    name: &str,
) -> Result<Snapshot> {
    let place: Destination = address.parse()?;
    // A list that cannot be read is told when the profile is opened, and says nothing of the vault.
    let known = book::load(profile_dir).unwrap_or_default();
    let known = known.into_iter().find(|entry| entry.destination == place);
    let former = known.map(|entry| entry.former).unwrap_or_default();
    let mut found = vault.find(id, Some(name));
    for former in former.iter().rev() {
        match found {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                found = vault.find(id, Some(&former.name));
            }
            found => return found,
        }
    }
    found
}

fn tried(vault: &Repo, snapshot: &Snapshot, profile_dir: &Path, clock: &Clock) -> Result<Drilled> {
    let progress = &vault.progress();
    // Both fetches must be stamped with the same time to be the same.
    let at = clock.now();
    let fixed = Clock::fixed(at, clock.offset_mins_west(at.secs()));
    let trial = StagingDir::create_in(profile_dir)?;
    let restored = unlogged(vault, snapshot, trial.path(), &fixed)?;
    let again = StagingDir::create_in(profile_dir)?;
    fetch_collection(vault, snapshot, again.path())?;
    let media = trial.path().join(MEDIA);
    let mut again = Backup::of_folder(label(snapshot), again, Arrivals::beside(&media), progress)?;
    again.make_ready(Stamp::New, &fixed, progress)?;
    let live = trial.path().join("collection.anki2");
    let rows = compared(&again.collection(), &live, progress)?;
    let contents = restored.contents;
    // Of snapshots that others made nothing is noted.
    let noted = &snapshot.description;
    if noted.ends_with(" reviews") && *noted != contents.counted() {
        return Err(Error::corrupt(mark!(
            "{restored} were restored, {noted} were saved",
            restored = contents.counted(),
            noted
        )));
    }
    Ok(Drilled {
        backup: label(snapshot),
        at,
        contents,
        rows,
        media_files: folder::list(&media)?.len() as u64,
        warnings: words_of(&restored.warnings),
    })
}
