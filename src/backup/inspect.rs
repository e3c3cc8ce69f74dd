//! Looks into a backup: is it whole, what is in it, what would restoring it take away. Opens it in
//! a folder of its own and changes nothing but the catalogue's note of what was found.

use super::catalog;
use super::entry::{Contents, DeckSize, Inspection, Loss, Verification};
use super::runs::{self, Kind, Outcome};
use super::stage::{Backup, MediaWish, Unverified};
use super::write::contents_of;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::storage::inspect;
use crate::storage::snapshot::{self, FrozenFile};
use crate::{mark, t};
use std::path::Path;

/// The present collection, for saying what a restore would take away.
#[derive(Debug, Clone, Copy)]
pub enum Current<'a> {
    /// There is none, or it cannot be read.
    None,
    /// Nobody has it open.
    Closed(&'a Path),
    /// Open and frozen, so that it can be read beside its owner.
    Frozen(&'a FrozenFile),
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub ok: bool,
    pub schema: Option<u8>,
    pub contents: Option<Contents>,
    pub media_files: u64,
    /// For people; empty when ok.
    pub findings: Vec<String>,
}

impl Report {
    /// Of a file that cannot be opened for what is in it.
    #[must_use]
    pub fn damaged(error: &Error) -> Self {
        Self {
            ok: false,
            schema: None,
            contents: None,
            media_files: 0,
            findings: vec![error.what().to_owned()],
        }
    }
}

/// Opens a backup and compares everything in it that can be compared: the container, the hash that
/// we noted when we wrote it, the database, its counts, the media. `room` is a folder for the
/// unpacked copy. Damage is a report, not an error; an error means that we could not look.
pub fn verify(path: &Path, room: &Path, clock: &Clock, progress: &Progress) -> Result<Report> {
    let folder = crate::base::files::parent(path)?;
    if !catalog::has_list(folder) {
        return verify_unlogged(path, room, clock, progress);
    }
    runs::logged(
        folder,
        Kind::Verify,
        None,
        Some(path),
        clock,
        || verify_unlogged(path, room, clock, progress),
        |report| match report.ok {
            true => (Outcome::Done, mark!("whole and readable").to_owned()),
            false => (Outcome::Failed, report.findings.join("; ")),
        },
    )
}

fn verify_unlogged(path: &Path, room: &Path, clock: &Clock, progress: &Progress) -> Result<Report> {
    let record = catalog::record(path)?;
    let report = match Backup::at(path)?.verify(room, MediaWish::Check, progress) {
        Ok(backup) => {
            let contents = contents_of(backup.checked());
            let mut findings: Vec<String> =
                backup.checked().wrong_index.clone().into_iter().collect();
            if let Some(record) = &record {
                let noted = record.blake3.as_deref();
                let found = backup.blake3().map(|h| blake3::Hash::from(h).to_hex());
                if noted.is_some() && noted != found.as_deref() {
                    findings
                        .push(mark!("the collection in it is not the one that was written").into());
                }
                if record.contents.is_some_and(|noted| noted != contents) {
                    findings
                        .push(mark!("it holds another number of notes, cards or reviews").into());
                }
            }
            Report {
                ok: findings.is_empty(),
                schema: Some(backup.checked().schema),
                contents: Some(contents),
                media_files: backup.media_files(),
                findings,
            }
        }
        Err(e) if is_about_the_file(e.kind()) => Report::damaged(&e),
        Err(e) => return Err(e),
    };
    note(path, &report, clock)?;
    Ok(report)
}

fn is_about_the_file(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Corrupt | ErrorKind::Refused | ErrorKind::TooNew | ErrorKind::TooOld
    )
}

/// Notes the damage that something else than a verification has met with in a backup; an error that
/// is not about the file says nothing of it.
pub(super) fn note_damage(path: &Path, error: &Error, clock: &Clock) {
    if is_about_the_file(error.kind())
        && let Err(e) = note(path, &Report::damaged(error), clock)
    {
        tracing::warn!("{}: its damage could not be noted, {e}", path.display());
    }
}

/// Only in a folder that has our list: verifying a file elsewhere leaves no trace.
fn note(path: &Path, report: &Report, clock: &Clock) -> Result<()> {
    let folder = crate::base::files::parent(path)?;
    if path.file_name().is_some_and(|name| name.to_str().is_none()) {
        // Such a name is in no list.
        return Ok(());
    }
    // It may be known by the list's predecessor alone.
    if !catalog::has_list(folder) && catalog::record(path)?.is_none() {
        return Ok(());
    }
    let at = clock.now();
    let verification = if report.ok {
        Verification::Verified { at }
    } else {
        Verification::Failed {
            at,
            finding: report.findings.join("; "),
        }
    };
    catalog::set_verification(path, verification, report.contents, clock)
}

/// Opens a backup for the list's right-hand pane.
pub fn inspect(
    path: &Path,
    current: Current<'_>,
    room: &Path,
    progress: &Progress,
) -> Result<Inspection> {
    look(Backup::at(path)?, current, room, progress)
}

/// The same for what may be a deck package.
pub fn look(
    backup: Backup<Unverified>,
    current: Current<'_>,
    room: &Path,
    progress: &Progress,
) -> Result<Inspection> {
    let backup = backup.verify(room, MediaWish::Ignore, progress)?;
    let path = backup.path();
    let copy = backup.collection();
    let summary = inspect::summarize(&copy, progress).at(path)?;
    let loss = loss(&copy, current, room, progress)?;
    Ok(Inspection {
        path: path.to_owned(),
        schema: summary.schema,
        contents: contents_of(backup.checked()),
        media_files: backup.media_files(),
        notetypes: summary.notetypes,
        decks: summary
            .decks
            .into_iter()
            .map(|(name, cards)| DeckSize { name, cards })
            .collect(),
        newest_review: summary.newest_review,
        loss,
    })
}

/// What the present collection has and the unpacked backup `earlier` has not. None when the
/// present collection cannot be read.
pub(super) fn loss(
    earlier: &Path,
    current: Current<'_>,
    room: &Path,
    progress: &Progress,
) -> Result<Option<Loss>> {
    progress.stage(t!("Comparing with the collection"), 0)?;
    let difference = match current {
        Current::None => return Ok(None),
        Current::Frozen(frozen) => inspect::difference(earlier, frozen.path(), progress),
        Current::Closed(path) if snapshot::has_log(path) => {
            let staging = StagingDir::create_in(room)?;
            let copy = staging.path().join("current.anki2");
            snapshot::copy_closed(path, &copy)
                .and_then(|()| inspect::difference(earlier, &copy, progress))
        }
        Current::Closed(path) => inspect::difference(earlier, path, progress),
    };
    match difference {
        Ok(loss) => Ok(Some(loss)),
        Err(e) if e.is_interrupted() => Err(e),
        // The reason for restoring may be that it cannot be read.
        Err(e) => {
            tracing::info!("the present collection cannot be compared: {e}");
            Ok(None)
        }
    }
}
