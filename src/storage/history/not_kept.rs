//! Words and numbers about what a history could not keep.

use super::CONTENT;
use crate::base::{Error, Result};
use crate::mark;
use crate::storage::Tx;

/// A warning: what `notes` notes were (None: nobody knows how many) is not in the history, because of
/// `error`; `but` says where it is.
#[must_use]
pub fn not_kept(notes: Option<usize>, but: &str, error: Error) -> Error {
    // Errors of databases say "the collection", which it is not.
    let why = match error.what() {
        "the collection is in use by another program" => {
            mark!("their database is in use by another program").to_owned()
        }
        "the collection is damaged" => mark!("their database is damaged").to_owned(),
        "the collection cannot be opened or written" => {
            mark!("their database cannot be opened or written").to_owned()
        }
        "reading or writing the collection failed" => {
            mark!("reading or writing their database failed").to_owned()
        }
        other => other.replace("the collection", "their database"),
    };
    let what = match (notes, but) {
        (Some(1), "") => mark!(
            "the former version of 1 note was not kept in the history: {why}",
            why
        ),
        (Some(1), but) => mark!(
            "the former version of 1 note was not kept in the history{but}: {why}",
            but,
            why
        ),
        (Some(notes), "") => mark!(
            "the former versions of {notes} notes were not kept in the history: {why}",
            notes,
            why
        ),
        (Some(notes), but) => mark!(
            "the former versions of {notes} notes were not kept in the history{but}: {why}",
            notes,
            but,
            why
        ),
        (None, "") => mark!(
            "the former versions of notes were not kept in the history: {why}",
            why
        ),
        (None, but) => mark!(
            "the former versions of notes were not kept in the history{but}: {why}",
            but,
            why
        ),
    };
    Error::new(error.kind(), what).because(error)
}

impl Tx<'_> {
    /// How many notes [`Self::former_notes`] tells of.
    pub fn former_count(&self) -> Result<usize> {
        if !self.touches_many_notes() {
            return Ok(self.former_notes()?.len());
        }
        let (plain, others) = self.plain_edits();
        let changed = plain.iter().filter(|(_, before)| {
            let mut columns = before.iter().map(|(column, _)| usize::from(*column));
            columns.any(|column| CONTENT.contains(&column))
        });
        Ok(changed.count() + self.former_of(|id| others.contains(&id))?.len())
    }
}
