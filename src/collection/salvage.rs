//! Salvage: a new collection from what can be read of a damaged collection or backup. The damaged
//! file is only read. What comes out has been through Check Database and gets its name last.

use super::Collection;
use super::repair::Problem;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, StagingDir};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::formats::salvage::unpack;
use crate::storage::inspect::{self, Depth};
use crate::storage::salvage::{self, Salvaged};
use crate::storage::snapshot::beside;
use std::path::{Path, PathBuf};

/// What a salvage brought back.
#[derive(Debug, Clone)]
pub struct Rescue {
    pub path: PathBuf,
    pub salvaged: Salvaged,
    /// A package was unpacked to its end.
    pub unpacked_whole: bool,
    /// What Check Database mended afterwards.
    pub problems: Vec<Problem>,
    /// In the new collection.
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
}

impl Rescue {
    /// The losses in numbers and what was mended, each a line.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.unpacked_whole {
            lines.push("The package could not be unpacked to its end.".to_owned());
        }
        let salvaged = &self.salvaged;
        for table in &salvaged.tables {
            if table.got < table.expected {
                lines.push(format!(
                    "{}: {} of {} rows",
                    table.table, table.got, table.expected
                ));
            }
        }
        if salvaged.unreadable_pages > 0 {
            lines.push(format!(
                "{} of {} pages say nothing any more",
                salvaged.unreadable_pages, salvaged.pages
            ));
        }
        let rebuilt = salvaged.rebuilt.iter();
        lines.extend(rebuilt.map(|what| format!("made anew: {what}")));
        lines.extend(self.problems.iter().map(|p| format!("mended: {}", p.text)));
        lines
    }
}

/// Reads `damaged` (a collection, package or compressed collection) and writes `out`, a collection
/// file that must not exist.
pub fn salvage(damaged: &Path, out: &Path, clock: &Clock, progress: &Progress) -> Result<Rescue> {
    if out.exists() {
        return Err(
            Error::new(ErrorKind::Conflict, "a file of that name is there already").at(out),
        );
    }
    let staging = StagingDir::create_in(files::parent(out)?)?;
    let source = staging.path().join("damaged");
    let unpacked_whole = unpack(damaged, &source, progress)?;
    let log = beside(damaged, "-wal");
    if log.is_file() {
        std::fs::copy(&log, beside(&source, "-wal")).at(&log)?;
    }
    let made = staging.path().join("collection.anki2");
    let salvaged = salvage::salvage(&source, &made, clock, progress)
        .map_err(|e| Error::new(e.kind(), e.what().to_owned()).at(damaged))?;
    let mut collection = Collection::open(&made, clock.clone())?;
    let problems = collection.check_database(progress)?;
    let counts = collection.storage().counts()?;
    collection.close()?;
    let checked = inspect::check(&made, Depth::Full, progress)?;
    if let Some(finding) = checked.wrong_index {
        return Err(Error::bug(format!(
            "the salvaged collection is not sound: {finding}"
        )));
    }
    std::fs::File::open(&made)
        .and_then(|f| f.sync_all())
        .at(&made)?;
    std::fs::hard_link(&made, out)
        .or_else(|_| match out.exists() {
            true => Err(std::io::ErrorKind::AlreadyExists.into()),
            false => std::fs::rename(&made, out),
        })
        .at(out)?;
    files::sync_dir(files::parent(out)?)?;
    Ok(Rescue {
        path: out.to_owned(),
        salvaged,
        unpacked_whole,
        problems,
        notes: counts.notes,
        cards: counts.cards,
        revlog: counts.revlog,
    })
}
