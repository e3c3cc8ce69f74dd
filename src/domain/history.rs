//! Former versions of a note, as plain values.

use super::html::html_to_text_line;
use super::note::Note;
use super::notetype::Notetype;
use crate::base::Error;
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;
use crate::t;
use std::path::PathBuf;

/// The origin of versions that were read from backups.
pub const FROM_BACKUP: &str = "Backup";

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
    /// Where its cards were (`A::B`), by name; empty where that is not known.
    pub decks: Vec<String>,
}

/// A note's versions for a window: newest first, its fields by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHistory {
    pub note: NoteId,
    /// Present fields by name and tags; None: the note does not exist.
    pub present: Option<Vec<(String, String)>>,
    /// The present decks of its cards.
    pub decks: String,
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
    /// The decks of a note's cards; empty where they are not known.
    pub decks: String,
}

/// What the history takes on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistorySpace {
    pub versions: u64,
    pub bytes: u64,
    /// When the oldest version ceased to be the present one.
    pub oldest: Option<TimestampMillis>,
}

/// Versions from before a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Older {
    pub versions: u64,
    /// Of these, the last ones of deleted notes.
    pub deleted_notes: u64,
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

/// What became of deleted notes that were to be put back.
#[derive(Debug, Default)]
pub struct PutBack {
    pub notes: Vec<NoteId>,
    /// Why others were left alone.
    pub left: Vec<Error>,
}

/// What the backups of a profile have of one note, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InBackups {
    pub note: NoteId,
    /// Backups that could be read, with the note or without.
    pub searched: u64,
    pub versions: Vec<BackupVersion>,
    /// Backups that could not be read, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// A state of a note that one backup or several in a row have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupVersion {
    /// The newest of these backups.
    pub path: PathBuf,
    /// When it was made.
    pub made: TimestampMillis,
    /// When the oldest of them was made.
    pub since: TimestampMillis,
    /// When the next newer backup, with something else, was made; without one, when was looked.
    pub until: TimestampMillis,
    pub backups: u64,
    /// As in [`ShownVersion`].
    pub fields: Vec<(String, String)>,
}

/// Fields by name and, last, the tags.
#[must_use]
pub fn lines(note: &Note, notetype: Option<&Notetype>) -> Vec<(String, String)> {
    let name = |i: usize| {
        let field = notetype.and_then(|n| n.fields.get(i));
        field.map_or_else(|| t!("Field {n}", n = i + 1), |f| f.name.clone())
    };
    let mut lines: Vec<(String, String)> = note
        .fields
        .iter()
        .enumerate()
        .map(|(i, text)| (name(i), html_to_text_line(text, true)))
        .collect();
    lines.push((t!("Tags").to_owned(), note.tags.join(" ")));
    lines
}
