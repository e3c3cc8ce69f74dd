//! Kinds of user operation: what Undo says it would undo.

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
            Self::AnswerCard => "Answer Card",
            Self::Bury => "Bury",
            Self::Unbury => "Unbury",
            Self::Suspend => "Suspend",
            Self::Unsuspend => "Unsuspend",
            Self::SetFlag => "Set Flag",
            Self::ToggleMark => "Mark Note",
            Self::SetDueDate => "Set Due Date",
            Self::ResetCards => "Reset Card",
            Self::GradeNow => "Grade Now",
            Self::Reposition => "Reposition",
            Self::AddDeck => "Create Deck",
            Self::RenameDeck => "Rename Deck",
            Self::ReparentDeck => "Move Deck",
            Self::DeleteDeck => "Delete Deck",
            Self::CollapseDeck => "Collapse Deck",
            Self::SelectDeck => "Select Deck",
            Self::BuildFilteredDeck => "Build Deck",
            Self::CustomStudy => "Custom Study",
            Self::EmptyFilteredDeck => "Empty Deck",
            Self::RebuildFilteredDeck => "Rebuild Deck",
            Self::AddNote => "Add Note",
            Self::UpdateNote => "Update Note",
            Self::DeleteNotes => "Delete Note",
            Self::EmptyCards => "Empty Cards",
            Self::UpdateTags => "Update Tag",
            Self::RemoveTags => "Remove Tag",
            Self::RenameTag | Self::ReparentTag => "Rename Tag",
            Self::ClearUnusedTags => "Clear Unused Tags",
            Self::FindAndReplace => "Find and Replace",
            Self::ChangeNotetype => "Change Note Type",
            Self::SetDeck => "Change Deck",
            Self::UpdateSavedSearches => "Update Config",
            Self::AddNotetype => "Add Note Type",
            Self::UpdateNotetype => "Update Note Type",
            Self::RemoveNotetype => "Remove Note Type",
            Self::RenameMedia => "Rename Media",
            Self::TagMissingMedia => "Tag Missing Media",
            Self::UpdatePreferences => "Preferences",
            Self::UpdateDeckDescription => "Deck Description",
            Self::UpdateDeckOptions => "Deck Options",
            Self::RenameFlag => "Rename Flag",
            Self::Import => "Import",
            Self::RecoverNotes => "Recover Notes",
            Self::RestoreVersion => "Restore Version",
            Self::CheckDatabase => "Check Database",
            Self::Sync => "Sync",
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
                | Self::CollapseTag
        )
    }
}
