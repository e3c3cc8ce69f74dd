//! Former versions of a note, as plain values.

use super::note::Note;
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;

/// What happened to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Another text, tags or note type took its place.
    Changed,
    /// The note was deleted.
    Deleted,
}

/// A note as it was before an operation changed or deleted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Counted up over all notes.
    pub number: i64,
    /// When it ceased to be the present one.
    pub until: TimestampMillis,
    /// The operation that did it, as in the Edit menu ("Find and Replace").
    pub origin: String,
    pub fate: Fate,
    pub note: Note,
}

/// A note's versions for a window: newest first, its fields by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHistory {
    pub note: NoteId,
    /// Present fields by name and tags; None: the note does not exist.
    pub present: Option<Vec<(String, String)>>,
    pub versions: Vec<ShownVersion>,
}

/// One version with its fields (the tags last) as lines of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownVersion {
    pub number: i64,
    pub until: TimestampMillis,
    pub origin: String,
    pub fate: Fate,
    pub fields: Vec<(String, String)>,
}

/// A line of the trash: the last version of a note that does not exist any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    pub number: i64,
    pub note: NoteId,
    pub deleted: TimestampMillis,
    pub title: String,
    pub line: String,
    pub cards: u64,
}
