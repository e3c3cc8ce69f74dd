//! Text files with notes (CSV, TSV): how one is read, what it looks like, how its rows become
//! notes. Reading bytes and lines is `codec::delimited`; making notes is `collection::text_import`.

use crate::base::ids::{DeckId, NotetypeId};

/// What separates the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delimiter {
    #[default]
    Tab,
    Pipe,
    Semicolon,
    Colon,
    Comma,
    Space,
}

impl Delimiter {
    /// In the order in which they are looked for.
    pub const ALL: [Self; 6] = [
        Self::Tab,
        Self::Pipe,
        Self::Semicolon,
        Self::Colon,
        Self::Comma,
        Self::Space,
    ];

    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Semicolon => b';',
            Self::Colon => b':',
            Self::Comma => b',',
            Self::Space => b' ',
        }
    }

    /// As in `#separator:tab`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tab => "tab",
            Self::Pipe => "pipe",
            Self::Semicolon => "semicolon",
            Self::Colon => "colon",
            Self::Comma => "comma",
            Self::Space => "space",
        }
    }
}

/// What happens to a row whose note is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExistingNotes {
    #[default]
    Update,
    Preserve,
    Duplicate,
}

impl ExistingNotes {
    pub const ALL: [Self; 3] = [Self::Update, Self::Preserve, Self::Duplicate];
}

/// Where a note of the same first field is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatchScope {
    #[default]
    Notetype,
    NotetypeAndDeck,
}

/// Columns are counted from 1; 0 means none.
pub type Column = u32;

/// Where a row's deck comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeckChoice {
    Id(DeckId),
    /// Made when there is none of this name.
    Name(String),
    Column(Column),
}

/// Where a row's note type comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotetypeChoice {
    /// For all rows, with the column of each field.
    One {
        id: NotetypeId,
        field_columns: Vec<Column>,
    },
    /// Its name or id; fields are the columns that are nothing else, in order.
    Column(Column),
}

/// Everything that decides how the rows of a file become notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    pub delimiter: Delimiter,
    /// Fields are HTML, not plain text.
    pub is_html: bool,
    pub notetype: NotetypeChoice,
    pub deck: DeckChoice,
    pub guid_column: Column,
    pub tags_column: Column,
    /// Added to all notes.
    pub global_tags: Vec<String>,
    /// Added to notes that are updated.
    pub updated_tags: Vec<String>,
    pub existing: ExistingNotes,
    pub scope: MatchScope,
    /// Label of the encoding; None: found out.
    pub encoding: Option<String>,
}

/// A look at a file: what it says of itself, and its first rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLook {
    pub options: TextOptions,
    /// The encoding that was used.
    pub encoding: &'static str,
    /// Some bytes are no letters of that encoding, and stand as U+FFFD.
    pub is_unreadable: bool,
    /// The header decides these.
    pub delimiter_is_given: bool,
    pub html_is_given: bool,
    /// One a column; empty without `#columns`.
    pub labels: Vec<String>,
    /// As many cells as there are labels.
    pub preview: Vec<Vec<String>>,
}

/// What the user chose over what the file says; None: what the file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextWishes {
    pub delimiter: Option<Delimiter>,
    pub is_html: Option<bool>,
    pub notetype: Option<NotetypeId>,
    pub deck: Option<DeckId>,
    pub encoding: Option<String>,
    pub otherwise: TextDefaults,
}

/// What is taken where neither a wish nor the file says anything; None: what was chosen last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextDefaults {
    pub notetype: Option<NotetypeId>,
    pub deck: Option<DeckChoice>,
    pub existing: Option<ExistingNotes>,
}
