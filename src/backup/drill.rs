//! The restore drill: a backup is restored into a temporary profile by the very code that restores
//! for good, and what stands there is compared row by row with a second unpacking of the backup and
//! with what was noted when it was written. The temporary profile goes away whatever happens. A
//! backup that fails counts as verified no more: another one has to be made.

use super::entry::Contents;
use super::journal::{COLLECTION, MEDIA};
use super::plan::{Options, Stamp};
use super::runs::{self, Kind, Outcome};
use super::stage::{Backup, MediaWish};
use super::write::contents_of;
use super::{catalog, inspect, restore};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::media::folder;
use crate::storage::Storage;
use crate::storage::compare::fingerprint;
use crate::{mark, t};
use std::path::{Path, PathBuf};

/// What a drill that succeeded compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drilled {
    pub backup: PathBuf,
    pub at: TimestampMillis,
    pub contents: Contents,
    /// Rows of all tables.
    pub rows: u64,
    pub media_files: u64,
    /// What a restore would mend, or leave damaged as the backup has it; for people.
    pub warnings: Vec<String>,
}

impl Drilled {
    /// For the log of runs.
    pub(super) fn told(&self) -> String {
        let done = mark!("{n} rows restored and compared", n = self.rows);
        let told = std::iter::once(done).chain(self.warnings.iter().cloned());
        told.collect::<Vec<_>>().join("; ")
    }
}

/// What a restore had to say, in words.
pub(super) fn words_of(warnings: &[Error]) -> Vec<String> {
    warnings.iter().map(|e| e.what().to_owned()).collect()
}

/// Restores `backup` (None: the newest verified one of the profile) for a trial. An error of kind
/// `Corrupt` says what was not as it should be.
pub fn drill(
    profile_dir: &Path,
    backup: Option<&Path>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Drilled> {
    let newest = match backup {
        Some(path) => path.to_owned(),
        None => catalog::newest_verified(profile_dir, clock)?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                mark!("there is no verified backup to try"),
            )
        })?,
    };
    let done = runs::logged(
        &catalog::folder(profile_dir),
        Kind::Drill,
        None,
        Some(&newest),
        clock,
        || tried(profile_dir, &newest, clock, progress).at(&newest),
        |done| (Outcome::Done, done.told()),
    );
    if let Err(error) = &done {
        inspect::note_damage(&newest, error, clock);
    }
    done
}

fn tried(profile_dir: &Path, backup: &Path, clock: &Clock, progress: &Progress) -> Result<Drilled> {
    // Both unpackings must be stamped with the same time to be the same.
    let at = clock.now();
    let fixed = Clock::fixed(at, clock.offset_mins_west(at.secs()));
    let trial = StagingDir::create_in(profile_dir)?;
    let restored = restore::restore(trial.path(), backup, Options::RESTORE, &fixed, progress)?;
    let mut again = Backup::at(backup)?.verify(profile_dir, MediaWish::Check, progress)?;
    let (contents, blake3) = (contents_of(again.checked()), again.blake3());
    if let Some(noted) = catalog::record(backup)? {
        let found = blake3.map(|hash| blake3::Hash::from(hash).to_hex());
        if noted.blake3.is_some() && noted.blake3.as_deref() != found.as_deref() {
            return Err(Error::corrupt(mark!(
                "the collection in it is not the one that was written"
            )));
        }
        if noted.contents.is_some_and(|noted| noted != contents) {
            return Err(Error::corrupt(mark!(
                "it holds another number of notes, cards or reviews than when it was written"
            )));
        }
    }
    again.make_ready(Stamp::New, &fixed, progress)?;
    let live = trial.path().join(COLLECTION);
    let rows = compared(&again.collection(), &live, progress)?;
    if restored.contents != contents {
        return Err(Error::corrupt(mark!(
            "the restore counts other rows than the backup"
        )));
    }
    let media_files = folder::list(&trial.path().join(MEDIA))?.len() as u64;
    if media_files != again.media_files() {
        return Err(Error::corrupt(mark!(
            "{n} of {all} media files were restored",
            n = media_files,
            all = again.media_files()
        )));
    }
    Ok(Drilled {
        backup: backup.to_owned(),
        at,
        contents,
        rows,
        media_files,
        warnings: words_of(&restored.warnings),
    })
}

/// Every row of every table; returns how many there are.
pub(super) fn compared(expected: &Path, found: &Path, progress: &Progress) -> Result<u64> {
    progress.stage(t!("Comparing row by row"), 0)?;
    let expected = fingerprint(&Storage::open_read_only(expected)?, progress)?;
    let found = fingerprint(&Storage::open_read_only(found)?, progress)?;
    for (want, got) in expected.iter().zip(&found) {
        if want != got {
            return Err(Error::corrupt(mark!(
                "the table {table} was restored with {found} rows where {expected} are in the backup, or with other content",
                table = want.table,
                found = got.rows,
                expected = want.rows
            )));
        }
    }
    if expected.len() != found.len() {
        return Err(Error::corrupt(mark!(
            "the restored collection lacks tables"
        )));
    }
    Ok(expected.iter().map(|table| table.rows).sum())
}
