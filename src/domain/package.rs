//! Deck packages as people ask for them: what to take out, what to merge and how, and what came
//! of it. How it is done is `collection::packages`.

use super::html::html_to_text_line;
use super::note::Note;
use crate::base::ids::{CardId, DeckId, NoteId};
use serde::{Deserialize, Serialize};

/// Characters of a note that the log shows.
const SHOWN: usize = 80;

/// What goes along with the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Along {
    /// Due dates, intervals and reviews.
    pub scheduling: bool,
    /// Presets of the decks.
    pub presets: bool,
}

/// When what is there gives way to what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum UpdateRule {
    /// When what comes was changed later.
    #[default]
    IfNewer,
    Always,
    Never,
}

impl UpdateRule {
    pub const ALL: [Self; 3] = [Self::IfNewer, Self::Always, Self::Never];

    /// Whether something changed at `existing` gives way to something changed at `incoming`.
    pub fn lets_pass<T: PartialOrd>(self, existing: T, incoming: T) -> bool {
        match self {
            Self::IfNewer => existing < incoming,
            Self::Always => existing != incoming,
            Self::Never => false,
        }
    }
}

/// How a package is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Note types whose fields or templates differ become one with the fields and templates of
    /// both.
    pub merge_notetypes: bool,
    pub update_notes: UpdateRule,
    pub update_notetypes: UpdateRule,
    pub along: Along,
}

/// Which notes to take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Everything,
    /// With its children.
    Deck(DeckId),
    Notes(Vec<NoteId>),
    /// The notes that these cards are of, with all their cards.
    NotesOf(Vec<CardId>),
}

/// What to take along, and how to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakeOptions {
    pub along: Along,
    pub media: bool,
    /// In schema 11, for Anki before 2.1.50.
    pub legacy: bool,
}

/// What a line of a text file says besides the fields of its note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoteColumns {
    pub guid: bool,
    pub notetype: bool,
    pub deck: bool,
    pub tags: bool,
}

/// What is written to a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextExport {
    Notes { html: bool, columns: NoteColumns },
    Cards { html: bool },
}

/// A note of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedNote {
    /// In the collection; for a note that was left out for a conflict, the one it conflicts with.
    pub id: NoteId,
    /// The beginning of its first field, without HTML.
    pub text: String,
}

impl LoggedNote {
    #[must_use]
    pub fn of(id: NoteId, note: &Note) -> Self {
        let first = note.fields.first().map_or("", String::as_str);
        // Only the beginning is wanted of what may be a book.
        let head = &first[..first.floor_char_boundary(8 * SHOWN)];
        let text = html_to_text_line(head, true);
        Self {
            id,
            text: text.chars().take(SHOWN).collect(),
        }
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    pub new: Vec<LoggedNote>,
    pub updated: Vec<LoggedNote>,
    /// Already there, and left as they are.
    pub duplicates: Vec<LoggedNote>,
    /// Already there with another note type, and left as they are.
    pub conflicting: Vec<LoggedNote>,
    /// Rows of a text file whose first field a note has already, kept as it is.
    pub first_field_matches: Vec<LoggedNote>,
    /// Rows without a note type that exists.
    pub missing_notetype: Vec<LoggedNote>,
    /// Rows without a deck that exists.
    pub missing_deck: Vec<LoggedNote>,
    /// Rows whose first field is empty.
    pub empty_first_field: Vec<LoggedNote>,
    pub cards_added: u64,
    pub reviews_added: u64,
    /// Names as people see them.
    pub decks_added: Vec<String>,
    pub decks_updated: u64,
    pub notetypes_added: Vec<String>,
    pub notetypes_updated: Vec<String>,
    pub presets_added: Vec<String>,
    pub media_added: u64,
    /// Of these, how many got another name, because another file had theirs.
    pub media_renamed: u64,
}

impl ImportReport {
    /// Notes that the file held.
    #[must_use]
    pub fn found(&self) -> usize {
        self.new.len()
            + self.updated.len()
            + self.duplicates.len()
            + self.conflicting.len()
            + self.first_field_matches.len()
            + self.missing_notetype.len()
            + self.missing_deck.len()
            + self.empty_first_field.len()
    }

    /// Puts the report of another file to this one.
    pub fn add(&mut self, other: Self) {
        self.new.extend(other.new);
        self.updated.extend(other.updated);
        self.duplicates.extend(other.duplicates);
        self.conflicting.extend(other.conflicting);
        self.first_field_matches.extend(other.first_field_matches);
        self.missing_notetype.extend(other.missing_notetype);
        self.missing_deck.extend(other.missing_deck);
        self.empty_first_field.extend(other.empty_first_field);
        self.cards_added += other.cards_added;
        self.reviews_added += other.reviews_added;
        self.decks_added.extend(other.decks_added);
        self.decks_updated += other.decks_updated;
        self.notetypes_added.extend(other.notetypes_added);
        self.notetypes_updated.extend(other.notetypes_updated);
        self.presets_added.extend(other.presets_added);
        self.media_added += other.media_added;
        self.media_renamed += other.media_renamed;
    }
}
