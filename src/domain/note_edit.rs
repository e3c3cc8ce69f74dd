//! What an editor gets of a note and gives back: the note with its type, the fields that were
//! changed, what is to be said about the first field and clozes.

use super::note::Note;
use super::notetype::Notetype;
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use std::sync::Arc;

/// Changes of one note; what is not named stays as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoteEdit {
    pub id: NoteId,
    /// The note type that the field numbers are of; an edit for another one is refused.
    pub notetype_id: NotetypeId,
    /// Number and HTML of each changed field.
    pub fields: Vec<(usize, String)>,
    pub tags: Option<Vec<String>>,
}

impl NoteEdit {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.tags.is_none()
    }
}

/// A note to be added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewNote {
    pub notetype_id: NotetypeId,
    /// Where its cards go, unless their template names another deck.
    pub deck_id: DeckId,
    /// HTML; missing ones at the end are empty.
    pub fields: Vec<String>,
    pub tags: Vec<String>,
}

/// What is to be said about a note's fields, the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldsState {
    #[default]
    Fine,
    /// A cloze in a field that the front does not show as one.
    FieldNotCloze,
    FirstEmpty,
    /// A note type for clozes without any.
    MissingCloze,
    /// A cloze in a note type that has none.
    NotetypeNotCloze,
    /// Another note of this type has the same first field.
    Duplicate,
}

/// A note as an editor shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteView {
    /// Id 0 for one that is still to be added.
    pub note: Note,
    pub notetype: Arc<Notetype>,
    pub state: FieldsState,
}

/// What a new note starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddingDefaults {
    pub notetype_id: NotetypeId,
    pub deck_id: DeckId,
}
