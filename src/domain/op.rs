//! Kinds of user operation: what Undo says it would undo.

use crate::mark;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    AnswerCard,
    Bury,
    Unbury,
    Suspend,
    Unsuspend,
    SetFlag,
    ToggleMark,
    SetDueDate,
    ResetCards,
    GradeNow,
    Reposition,
    AddDeck,
    RenameDeck,
    ReparentDeck,
    DeleteDeck,
    CollapseDeck,
    SelectDeck,
    BuildFilteredDeck,
    CustomStudy,
    EmptyFilteredDeck,
    RebuildFilteredDeck,
    AddNote,
    UpdateNote,
    DeleteNotes,
    EmptyCards,
    UpdateTags,
    RemoveTags,
    RenameTag,
    ReparentTag,
    ClearUnusedTags,
    /// Folding in the sidebar.
    CollapseTag,
    FindAndReplace,
    ChangeNotetype,
    SetDeck,
    UpdateSavedSearches,
    AddNotetype,
    UpdateNotetype,
    RemoveNotetype,
    RenameMedia,
    TagMissingMedia,
    UpdatePreferences,
    UpdateDeckDescription,
    UpdateDeckOptions,
    RenameFlag,
    Import,
    RecoverNotes,
    RestoreVersion,
    CheckDatabase,
    Sync,
    /// Housekeeping that users do not undo (unburying at rollover, stored offsets).
    SkipUndo,
}

impl Op {
    /// Whether it may make another deck the one that is studied.
    #[must_use]
    pub fn chooses_deck(self) -> bool {
        matches!(
            self,
            Self::SelectDeck | Self::BuildFilteredDeck | Self::CustomStudy
        )
    }

    /// As in "Undo Answer Card".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::AnswerCard => mark!("Answer Card"),
            Self::Bury => mark!("Bury"),
            Self::Unbury => mark!("Unbury"),
            Self::Suspend => mark!("Suspend"),
            Self::Unsuspend => mark!("Unsuspend"),
            Self::SetFlag => mark!("Set Flag"),
            Self::ToggleMark => mark!("Mark Note"),
            Self::SetDueDate => mark!("Set Due Date"),
            Self::ResetCards => mark!("Reset Card"),
            Self::GradeNow => mark!("Grade Now"),
            Self::Reposition => mark!("Reposition"),
            Self::AddDeck => mark!("Create Deck"),
            Self::RenameDeck => mark!("Rename Deck"),
            Self::ReparentDeck => mark!("Move Deck"),
            Self::DeleteDeck => mark!("Delete Deck"),
            Self::CollapseDeck => mark!("Collapse Deck"),
            Self::SelectDeck => mark!("Select Deck"),
            Self::BuildFilteredDeck => mark!("Build Deck"),
            Self::CustomStudy => mark!("Custom Study"),
            Self::EmptyFilteredDeck => mark!("Empty Deck"),
            Self::RebuildFilteredDeck => mark!("Rebuild Deck"),
            Self::AddNote => mark!("Add Note"),
            Self::UpdateNote => mark!("Update Note"),
            Self::DeleteNotes => mark!("Delete Note"),
            Self::EmptyCards => mark!("Empty Cards"),
            Self::UpdateTags => mark!("Update Tag"),
            Self::RemoveTags => mark!("Remove Tag"),
            Self::RenameTag | Self::ReparentTag => mark!("Rename Tag"),
            Self::ClearUnusedTags => mark!("Clear Unused Tags"),
            Self::FindAndReplace => mark!("Find and Replace"),
            Self::ChangeNotetype => mark!("Change Note Type"),
            Self::SetDeck => mark!("Change Deck"),
            Self::UpdateSavedSearches => mark!("Update Config"),
            Self::AddNotetype => mark!("Add Note Type"),
            Self::UpdateNotetype => mark!("Update Note Type"),
            Self::RemoveNotetype => mark!("Remove Note Type"),
            Self::RenameMedia => mark!("Rename Media"),
            Self::TagMissingMedia => mark!("Tag Missing Media"),
            Self::UpdatePreferences => mark!("Preferences"),
            Self::UpdateDeckDescription => mark!("Deck Description"),
            Self::UpdateDeckOptions => mark!("Deck Options"),
            Self::RenameFlag => mark!("Rename Flag"),
            Self::Import => mark!("Import"),
            Self::RecoverNotes => mark!("Recover Notes"),
            Self::RestoreVersion => mark!("Restore Version"),
            Self::CheckDatabase => mark!("Check Database"),
            Self::Sync => mark!("Sync"),
            Self::SkipUndo | Self::CollapseTag => "",
        }
    }

    #[must_use]
    pub fn is_undoable(self) -> bool {
        !matches!(
            self,
            Self::SkipUndo
                | Self::CheckDatabase
                | Self::Sync
                | Self::SelectDeck
                | Self::CollapseDeck
                | Self::CollapseTag
        )
    }
}
