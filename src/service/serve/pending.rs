//! Stand-ins until the collection has these operations; the real methods win over them.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::{DeckId, NoteId};
use crate::base::job::Progress;
use crate::collection::{Collection, OpOutput};
use crate::service::event::Problem;

pub(super) struct Removed {
    pub(super) cards: usize,
    pub(super) notes: usize,
}

fn missing<T>() -> Result<T> {
    Err(Error::new(
        ErrorKind::Unavailable,
        "this part has not landed",
    ))
}

pub(super) trait Pending {
    fn toggle_mark(&mut self, _: &[NoteId]) -> Result<OpOutput<usize>> {
        missing()
    }
    fn delete_notes(&mut self, _: &[NoteId]) -> Result<OpOutput<Removed>> {
        missing()
    }
    fn deck_create(&mut self, _: &str) -> Result<OpOutput<DeckId>> {
        missing()
    }
    fn deck_rename(&mut self, _: DeckId, _: &str) -> Result<OpOutput<()>> {
        missing()
    }
    fn deck_delete(&mut self, _: &[DeckId]) -> Result<OpOutput<Removed>> {
        missing()
    }
    fn deck_set_collapsed(&mut self, _: DeckId, _: bool) -> Result<OpOutput<()>> {
        missing()
    }
    fn deck_reparent(&mut self, _: &[DeckId], _: Option<DeckId>) -> Result<OpOutput<usize>> {
        missing()
    }
    fn deck_set_description(&mut self, _: DeckId, _: &str) -> Result<OpOutput<()>> {
        missing()
    }
    fn filtered_empty(&mut self, _: DeckId) -> Result<OpOutput<usize>> {
        missing()
    }
    fn filtered_rebuild(&mut self, _: DeckId) -> Result<OpOutput<usize>> {
        missing()
    }
    fn check_database(&mut self, _: &Progress) -> Result<Vec<Problem>> {
        missing()
    }
}

impl Pending for Collection {}
