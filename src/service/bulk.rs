//! What is done to many notes or cards at once, and kept searches: what is asked and what is
//! answered. Done in `serve::bulk`.

use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::domain::notetype_change::{NotetypeChange, NotetypeChangeDraft};
use crate::t;

pub use crate::collection::duplicates::DuplicateGroup;
pub use crate::collection::find_replace::{FindReplace, ReplaceIn};
pub use crate::collection::notes::NewNote;

/// Each that changes something is one undo step, told by `Event::Done`.
#[derive(Debug, Clone, PartialEq)]
pub enum BulkRequest {
    /// Tags with spaces between.
    AddTags {
        notes: Vec<NoteId>,
        tags: String,
    },
    /// Those below them, too.
    RemoveTags {
        notes: Vec<NoteId>,
        tags: String,
    },
    /// From all notes and from the list; those below them, too.
    DeleteTags {
        tags: Vec<String>,
    },
    RenameTag {
        old: String,
        new: String,
    },
    /// None: to the top.
    ReparentTags {
        tags: Vec<String>,
        parent: Option<String>,
    },
    ClearUnusedTags,
    CollapseTag {
        tag: String,
        collapsed: bool,
    },
    /// None: in all notes.
    FindReplace {
        notes: Option<Vec<NoteId>>,
        what: FindReplace,
    },
    /// Answered by `BulkEvent::Duplicates`.
    FindDuplicates {
        field: String,
        search: String,
    },
    /// Answered by `BulkEvent::FieldNames`; None: of all note types.
    LoadFieldNames {
        notes: Option<Vec<NoteId>>,
    },
    /// Answered by `BulkEvent::NotetypeChange`.
    LoadNotetypeChange {
        old: NotetypeId,
        new: NotetypeId,
    },
    /// Needs a one-way sync afterwards: ask before.
    ChangeNotetype {
        notes: Vec<NoteId>,
        change: NotetypeChange,
    },
    SetDeck {
        cards: Vec<CardId>,
        deck: DeckId,
    },
    /// Answered by `BulkEvent::Copy`. The card decides the deck.
    LoadCopy {
        card: CardId,
    },
    /// Answered by `BulkEvent::SavedSearches`, as are the three below.
    LoadSavedSearches,
    SaveSearch {
        name: String,
        search: String,
    },
    RenameSavedSearch {
        old: String,
        new: String,
    },
    DeleteSavedSearches {
        names: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum BulkEvent {
    Duplicates {
        field: String,
        search: String,
        groups: Vec<DuplicateGroup>,
    },
    FieldNames(Vec<String>),
    NotetypeChange(Box<NotetypeChangeDraft>),
    /// Not added yet: what the Add page begins with.
    Copy(Box<NewNote>),
    /// Name and search, by name.
    SavedSearches(Vec<(String, String)>),
}

impl BulkRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::AddTags { .. } => t!("add the tags"),
            Self::RemoveTags { .. } => t!("remove the tags"),
            Self::DeleteTags { .. } => t!("delete the tags"),
            Self::RenameTag { .. } => t!("rename the tag"),
            Self::ReparentTags { .. } => t!("move the tags"),
            Self::ClearUnusedTags => t!("clear the unused tags"),
            Self::CollapseTag { .. } => t!("fold the tag"),
            Self::FindReplace { .. } => t!("find and replace"),
            Self::FindDuplicates { .. } => t!("find duplicates"),
            Self::LoadFieldNames { .. } => t!("list the fields"),
            Self::LoadNotetypeChange { .. } => t!("compare the note types"),
            Self::ChangeNotetype { .. } => t!("change the note type"),
            Self::SetDeck { .. } => t!("change the deck"),
            Self::LoadCopy { .. } => t!("copy the note"),
            Self::LoadSavedSearches => t!("load the saved searches"),
            Self::SaveSearch { .. } => t!("save the search"),
            Self::RenameSavedSearch { .. } => t!("rename the saved search"),
            Self::DeleteSavedSearches { .. } => t!("delete the saved searches"),
        }
    }
}
