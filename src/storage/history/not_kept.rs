//! Words and numbers about what a history could not keep.

use super::CONTENT;
use crate::base::{Error, Result};
use crate::storage::Tx;

/// A warning: what `notes` notes were (None: nobody knows how many) is not in the history, because of
/// `error`; `but` says where it is.
#[must_use]
pub fn not_kept(notes: Option<usize>, but: &str, error: Error) -> Error {
    let which = match notes {
        Some(1) => "the former version of 1 note was".to_owned(),
        Some(notes) => format!("the former versions of {notes} notes were"),
        None => "the former versions of notes were".to_owned(),
    };
    // Errors of databases say "the collection", which it is not.
    let why = error.what().replace("the collection", "their database");
    let what = format!("{which} not kept in the history{but}: {why}");
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
