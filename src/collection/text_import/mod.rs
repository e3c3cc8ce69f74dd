//! Notes from text files (CSV, TSV, deleted.txt): a look at the file with what its header says and
//! what that means here, and the import, one operation. Lines are read by `codec::delimited`.

mod alike;
mod look;
mod rows;

use super::{Collection, OpOutput};
use crate::base::error::AtPath as _;
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::delimited::{self, Records};
use crate::codec::encoding;
use crate::domain::op::Op;
use crate::domain::package::ImportReport;
use crate::domain::text_import::{ExistingNotes, MatchScope, TextLook, TextOptions, TextWishes};
use crate::storage::Tx;
use crate::{mark, t};
use rows::RowImport;
use std::path::Path;

/// A text file with more is refused: it is read as a whole.
const MAX_TEXT_BYTES: u64 = 512 << 20;

/// Where the collection remembers the choices, shared with Anki.
mod key {
    pub(super) const EXISTING: &str = "csvDuplicateResolution";
    pub(super) const SCOPE: &str = "matchScope";
}

impl Collection {
    /// What the file says of itself, and its first rows. Only reads.
    pub fn look_at_text(&self, path: &Path, wishes: &TextWishes) -> Result<TextLook> {
        let bytes = read(path, wishes.encoding.as_deref())?;
        let decoded = encoding::decode(&bytes, wishes.encoding.as_deref());
        look::look(&self.storage, &decoded, wishes).at(path)
    }

    /// Adds and updates notes from the rows of the file.
    pub fn import_text(
        &mut self,
        path: &Path,
        options: &TextOptions,
        progress: &Progress,
    ) -> Result<OpOutput<ImportReport>> {
        let bytes = read(path, options.encoding.as_deref())?;
        self.timing()?;
        self.transact(Op::Import, |tx| {
            let report = import(tx, &bytes, options, progress).at(path)?;
            tx.set_config(key::EXISTING, &existing_number(options.existing))?;
            tx.set_config(key::SCOPE, &scope_number(options.scope))?;
            Ok(report)
        })
    }

    /// What [`Self::import_text`] would do: the same work, taken back.
    pub fn rehearse_text(
        &mut self,
        path: &Path,
        options: &TextOptions,
        progress: &Progress,
    ) -> Result<ImportReport> {
        let bytes = read(path, options.encoding.as_deref())?;
        let mut report = None;
        let outcome = self.storage.tx(self.clock.now(), |tx| {
            report = Some(import(tx, &bytes, options, progress).at(path)?);
            Err::<(), _>(Error::interrupted())
        });
        match (report, outcome) {
            (Some(report), _) => Ok(report),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(Error::bug("a rehearsal ended without a report")),
        }
    }
}

/// A file in an encoding that was `chosen` is read as that, whatever it is.
fn read(path: &Path, chosen: Option<&str>) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).at(path)?.len();
    if size > MAX_TEXT_BYTES {
        let what = mark!("the text file is larger than may be read at once");
        return Err(Error::new(ErrorKind::Refused, what).at(path));
    }
    let bytes = std::fs::read(path).at(path)?;
    if chosen.is_none() && encoding::is_binary(&bytes) {
        return Err(Error::invalid(mark!("the file holds no text")).at(path));
    }
    Ok(bytes)
}

fn import(
    tx: &mut Tx<'_>,
    bytes: &[u8],
    options: &TextOptions,
    progress: &Progress,
) -> Result<ImportReport> {
    let decoded = encoding::decode(bytes, options.encoding.as_deref());
    let (header, rest) = delimited::header(&decoded.text);
    let quotes = !header.is_deleted_log;
    progress.stage(t!("Importing notes"), 0)?;
    let mut rows = RowImport::new(tx, options, &header)?;
    for record in Records::new(rest, options.delimiter, quotes) {
        progress.step(1)?;
        rows.import(tx, record?)?;
    }
    rows.finish(tx)
}

fn existing_number(existing: ExistingNotes) -> u8 {
    match existing {
        ExistingNotes::Update => 0,
        ExistingNotes::Preserve => 1,
        ExistingNotes::Duplicate => 2,
    }
}

fn existing_of(number: Option<u8>) -> ExistingNotes {
    match number {
        Some(1) => ExistingNotes::Preserve,
        Some(2) => ExistingNotes::Duplicate,
        _ => ExistingNotes::Update,
    }
}

fn scope_number(scope: MatchScope) -> u8 {
    match scope {
        MatchScope::Notetype => 0,
        MatchScope::NotetypeAndDeck => 1,
    }
}

fn scope_of(number: Option<u8>) -> MatchScope {
    match number {
        Some(1) => MatchScope::NotetypeAndDeck,
        _ => MatchScope::Notetype,
    }
}
