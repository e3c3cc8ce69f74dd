//! The browser's own commands: words and keys. They are rows of the command table
//! (`ui::command`) and work on the Browse page alone, where their keys go before all others.

use crate::base::lang;
use crate::domain::sidebar::FLAG_NAMES;
use crate::service::settings::PaneLayout;
use crate::t;
use crate::ui::command::{Info, Scope};
use crate::ui::keys::{ALT, CTRL, CTRL_ALT, CTRL_ALT_SHIFT, CTRL_SHIFT, Keys, NONE};
use crate::ui::widgets::ic;
use eframe::egui::Key;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BrowseCommand {
    SelectAll,
    SelectNotes,
    InvertSelection,
    CreateFilteredDeck,
    CreateFilteredDeckSecond,
    ToggleMode,
    ToggleSidebar,
    Preview,
    PreviewBackSide,
    PreviewReplay,
    AddNote,
    CreateCopy,
    ExportNotes,
    NoteHistory,
    FindInBackups,
    ChangedSince,
    AddTags,
    RemoveTags,
    ClearUnusedTags,
    ToggleMark,
    ChangeNotetype,
    FindDuplicates,
    FindReplace,
    DeleteNotes,
    ChangeDeck,
    SetDueDate,
    GradeNow,
    Reset,
    Reposition,
    ToggleSuspend,
    ToggleBury,
    Flag(u8),
    Info,
    Find,
    SidebarFilter,
    Sidebar,
    SearchTool,
    SelectTool,
    /// Where the note stands beside the table.
    Panes(PaneLayout),
    CardList,
    Note,
    First,
    Previous,
    Next,
    Last,
    Close,
}

const fn key(keys: Keys) -> (Scope, Keys) {
    (Scope::Browse, keys)
}

const fn row(label: &'static str, tooltip: &'static str, keys: &'static [(Scope, Keys)]) -> Info {
    Info {
        label,
        tooltip,
        icon: None,
        keys,
    }
}

impl BrowseCommand {
    pub const ALL: &'static [Self] = &[
        Self::SelectAll,
        Self::SelectNotes,
        Self::InvertSelection,
        Self::CreateFilteredDeck,
        Self::CreateFilteredDeckSecond,
        Self::ToggleMode,
        Self::ToggleSidebar,
        Self::Preview,
        Self::PreviewBackSide,
        Self::PreviewReplay,
        Self::AddNote,
        Self::CreateCopy,
        Self::ExportNotes,
        Self::NoteHistory,
        Self::FindInBackups,
        Self::ChangedSince,
        Self::AddTags,
        Self::RemoveTags,
        Self::ClearUnusedTags,
        Self::ToggleMark,
        Self::ChangeNotetype,
        Self::FindDuplicates,
        Self::FindReplace,
        Self::DeleteNotes,
        Self::ChangeDeck,
        Self::SetDueDate,
        Self::GradeNow,
        Self::Reset,
        Self::Reposition,
        Self::ToggleSuspend,
        Self::ToggleBury,
        Self::Flag(1),
        Self::Flag(2),
        Self::Flag(3),
        Self::Flag(4),
        Self::Flag(5),
        Self::Flag(6),
        Self::Flag(7),
        Self::Info,
        Self::Find,
        Self::SidebarFilter,
        Self::Sidebar,
        Self::SearchTool,
        Self::SelectTool,
        Self::Panes(PaneLayout::Automatic),
        Self::Panes(PaneLayout::Vertical),
        Self::Panes(PaneLayout::Horizontal),
        Self::CardList,
        Self::Note,
        Self::First,
        Self::Previous,
        Self::Next,
        Self::Last,
        Self::Close,
    ];

    #[must_use]
    pub fn info(self) -> Info {
        match self {
            Self::SelectAll => row(
                t!("Select All"),
                t!("Choose every row"),
                const { &[key(Keys::Key(CTRL_ALT, Key::A))] },
            ),
            Self::SelectNotes => row(
                t!("Select Notes"),
                t!("Show and choose all cards of the chosen notes"),
                &[],
            ),
            Self::InvertSelection => row(
                t!("Invert Selection"),
                t!("Choose the rows that are not chosen"),
                const { &[key(Keys::Key(CTRL_ALT, Key::S))] },
            ),
            Self::CreateFilteredDeck => row(
                t!("Create Filtered Deck…"),
                t!("Gather the cards of this search for a while"),
                const { &[key(Keys::Key(CTRL, Key::G))] },
            ),
            Self::CreateFilteredDeckSecond => row(
                t!("Create Filtered Deck, Second Filter…"),
                t!("Gather the cards of this search as the second filter"),
                const { &[key(Keys::Key(CTRL_ALT, Key::G))] },
            ),
            Self::ToggleMode => row(
                t!("Toggle Cards/Notes"),
                t!("One row a card, or one row a note"),
                const { &[key(Keys::Key(CTRL_ALT, Key::T))] },
            ),
            Self::ToggleSidebar => row(t!("Toggle Sidebar"), t!("Show or hide the sidebar"), &[]),
            Self::Preview => row(
                t!("Preview"),
                t!("Show the current card as in study, beside the table"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::P))] },
            ),
            Self::PreviewBackSide => row(
                t!("Back Side Only"),
                t!("The preview shows answers at once"),
                const { &[key(Keys::Key(NONE, Key::B))] },
            ),
            Self::PreviewReplay => row(
                t!("Replay Audio"),
                t!("Play the sounds of the previewed side again"),
                const { &[key(Keys::Key(NONE, Key::R))] },
            ),
            Self::ToggleMark => row(
                t!("Toggle Mark"),
                t!("Put a star on the chosen notes, or take it off"),
                const { &[key(Keys::Key(CTRL, Key::K))] },
            ),
            Self::DeleteNotes => Info {
                icon: Some(ic::TRASH),
                ..row(
                    t!("Delete"),
                    t!("Remove the chosen notes and all their cards; can be undone"),
                    const { &[key(Keys::Key(CTRL, Key::Delete))] },
                )
            },
            notes => notes.notes_info(),
        }
    }

    fn notes_info(self) -> Info {
        match self {
            Self::AddNote => row(
                t!("Add Notes…"),
                t!("Make new notes"),
                const { &[key(Keys::Key(CTRL, Key::E))] },
            ),
            Self::CreateCopy => row(
                t!("Create Copy…"),
                t!("A new note that begins with what the current one holds"),
                const { &[key(Keys::Key(CTRL_ALT, Key::E))] },
            ),
            Self::ExportNotes => row(
                t!("Export Notes…"),
                t!("Write the chosen notes and their cards to a file"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::E))] },
            ),
            Self::NoteHistory => row(
                t!("Note History…"),
                t!("What the current note was before, and back to it"),
                const { &[key(Keys::Key(CTRL_ALT, Key::H))] },
            ),
            Self::FindInBackups => row(
                t!("Find in All Backups…"),
                t!("All versions of the current note, from all backups"),
                &[],
            ),
            Self::ChangedSince => row(
                t!("Changed Since…"),
                t!("Show what was added or changed since a backup"),
                &[],
            ),
            Self::AddTags => row(
                t!("Add Tags…"),
                t!("Put tags on the chosen notes"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::A))] },
            ),
            Self::RemoveTags => row(
                t!("Remove Tags…"),
                t!("Take tags off the chosen notes"),
                const { &[key(Keys::Key(CTRL_ALT_SHIFT, Key::A))] },
            ),
            Self::ClearUnusedTags => row(
                t!("Clear Unused Tags"),
                t!("Take tags that no note has out of the list"),
                &[],
            ),
            Self::ChangeNotetype => row(
                t!("Change Note Type…"),
                t!("Give the chosen notes another type"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::M))] },
            ),
            Self::FindDuplicates => row(
                t!("Find Duplicates…"),
                t!("Notes with the same text in a field"),
                &[],
            ),
            Self::FindReplace => row(
                t!("Find and Replace…"),
                t!("Change a text in many notes at once"),
                const { &[key(Keys::Key(CTRL_ALT, Key::F))] },
            ),
            cards => cards.cards_info(),
        }
    }

    fn cards_info(self) -> Info {
        match self {
            Self::ChangeDeck => row(
                t!("Change Deck…"),
                t!("Move the chosen cards to another deck"),
                const { &[key(Keys::Key(CTRL, Key::D))] },
            ),
            Self::SetDueDate => row(
                t!("Set Due Date…"),
                t!("Choose when the chosen cards come next"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::D))] },
            ),
            Self::GradeNow => row(
                t!("Grade Now…"),
                t!("Answer the chosen cards without showing them"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::G))] },
            ),
            Self::Reposition => row(
                t!("Reposition…"),
                t!("Where the chosen new cards stand in the order of learning"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::S))] },
            ),
            Self::Reset => row(
                t!("Reset…"),
                t!("Make the chosen cards new again"),
                const { &[key(Keys::Key(CTRL_ALT, Key::N))] },
            ),
            Self::ToggleSuspend => row(
                t!("Toggle Suspend"),
                t!("Hide the chosen cards until they are unsuspended, or bring them back"),
                const { &[key(Keys::Key(CTRL, Key::J))] },
            ),
            Self::ToggleBury => row(
                t!("Toggle Bury"),
                t!("Hide the chosen cards until tomorrow, or bring them back"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::J))] },
            ),
            Self::Flag(n) => flag(n),
            Self::Info => row(
                t!("Info"),
                t!("Dates, memory and reviews of the current card"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::I))] },
            ),
            go => go.go_info(),
        }
    }

    fn go_info(self) -> Info {
        match self {
            Self::Find => row(
                t!("Find"),
                t!("Type a search"),
                const { &[key(Keys::Key(CTRL, Key::F))] },
            ),
            Self::SidebarFilter => row(
                t!("Sidebar Filter"),
                t!("Look for an entry of the sidebar"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::F))] },
            ),
            Self::Sidebar => row(
                t!("Sidebar"),
                t!("Move about in the sidebar with the arrow keys"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::R))] },
            ),
            Self::SearchTool => row(
                t!("Search Tool"),
                t!("A click in the sidebar searches"),
                const { &[key(Keys::Key(ALT, Key::Num1))] },
            ),
            Self::SelectTool => row(
                t!("Selection Tool"),
                t!("Clicks in the sidebar choose entries, with Ctrl and Shift several"),
                const { &[key(Keys::Key(ALT, Key::Num2))] },
            ),
            Self::Panes(PaneLayout::Automatic) => row(
                t!("Automatic" in "panes"),
                t!("The note beside the table or below it, as the window has room"),
                &[],
            ),
            Self::Panes(PaneLayout::Vertical) => row(
                t!("Vertical" in "panes"),
                t!("The note below the table"),
                &[],
            ),
            Self::Panes(PaneLayout::Horizontal) => row(
                t!("Horizontal" in "panes"),
                t!("The note beside the table"),
                &[],
            ),
            Self::CardList => row(
                t!("Card List"),
                t!("Move about in the table with the arrow keys"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::L))] },
            ),
            Self::Note => row(
                t!("Note"),
                t!("Edit the current note"),
                const { &[key(Keys::Key(CTRL_SHIFT, Key::N))] },
            ),
            Self::First => row(
                t!("First Card"),
                t!("To the first row"),
                const { &[key(Keys::Key(NONE, Key::Home))] },
            ),
            Self::Previous => row(
                t!("Previous Card"),
                t!("One row up"),
                const { &[key(Keys::Key(CTRL, Key::P))] },
            ),
            Self::Next => row(
                t!("Next Card"),
                t!("One row down"),
                const { &[key(Keys::Key(CTRL, Key::N))] },
            ),
            Self::Last => row(
                t!("Last Card"),
                t!("To the last row"),
                const { &[key(Keys::Key(NONE, Key::End))] },
            ),
            _ => row(
                t!("Close"),
                t!("Back to the decks; everything is saved"),
                const {
                    &[
                        key(Keys::Key(CTRL, Key::W)),
                        key(Keys::Key(NONE, Key::Escape)),
                    ]
                },
            ),
        }
    }

    /// Whether the preview must be open.
    #[must_use]
    pub fn needs_preview(self) -> bool {
        matches!(self, Self::PreviewBackSide | Self::PreviewReplay)
    }

    /// Whether it chooses rows, or is about those that are chosen.
    pub(super) fn is_about_rows(self) -> bool {
        let chooses = matches!(
            self,
            Self::SelectAll
                | Self::InvertSelection
                | Self::First
                | Self::Previous
                | Self::Next
                | Self::Last
        );
        chooses || self == Self::FindReplace || self.needs_selection()
    }

    /// Whether rows must be chosen.
    #[must_use]
    pub fn needs_selection(self) -> bool {
        matches!(
            self,
            Self::SelectNotes
                | Self::CreateCopy
                | Self::ExportNotes
                | Self::NoteHistory
                | Self::FindInBackups
                | Self::AddTags
                | Self::RemoveTags
                | Self::ChangeNotetype
                | Self::ChangeDeck
                | Self::ToggleMark
                | Self::DeleteNotes
                | Self::SetDueDate
                | Self::GradeNow
                | Self::Reset
                | Self::Reposition
                | Self::ToggleSuspend
                | Self::ToggleBury
                | Self::Flag(_)
                | Self::Info
        )
    }
}

fn flag(n: u8) -> Info {
    let tip = t!("Flag the chosen cards; again to take the flag off");
    let name = lang::say(FLAG_NAMES[usize::from(n.clamp(1, 7)) - 1]);
    macro_rules! flag {
        ($key:ident) => {
            row(name, tip, const { &[key(Keys::Key(CTRL, Key::$key))] })
        };
    }
    match n {
        1 => flag!(Num1),
        2 => flag!(Num2),
        3 => flag!(Num3),
        4 => flag!(Num4),
        5 => flag!(Num5),
        6 => flag!(Num6),
        _ => flag!(Num7),
    }
}
