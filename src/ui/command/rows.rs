//! What the table says of each command: label, tooltip, icon, keys.

use super::{Command, Info, Scope, row};
use crate::ui::keys::{CTRL, CTRL_ALT, CTRL_SHIFT, Keys, NONE, SHIFT};
use crate::ui::widgets::ic;
use eframe::egui::Key;

const fn all(keys: Keys) -> (Scope, Keys) {
    (Scope::Everywhere, keys)
}
const fn review(keys: Keys) -> (Scope, Keys) {
    (Scope::Review, keys)
}
const fn plain(key: Key) -> Keys {
    Keys::Key(NONE, key)
}

impl Command {
    /// The row of the table.
    #[must_use]
    pub fn info(self) -> Info {
        match self {
            Self::Audio(command) => command.info(),
            Self::Browse(command) => command.info(),
            Self::SwitchProfile => row!(
                "Switch Profile",
                "Close this profile and choose another",
                Some(ic::PERSON),
                &[all(Keys::Key(CTRL_SHIFT, Key::P))],
            ),
            Self::RevertToBackup => row!(
                "Revert to Backup…",
                "See the backups of this profile and go back to one",
                Some(ic::HISTORY),
                &[],
            ),
            Self::CreateBackup => row!(
                "Create Backup",
                "Make a verified backup now",
                Some(ic::BACKUP),
                &[],
            ),
            Self::Import => row!(
                "Import…",
                "Take in decks (.apkg), notes (.txt, .csv) or a whole collection (.colpkg)",
                Some(ic::DOWNLOAD),
                &[all(Keys::Key(CTRL_SHIFT, Key::I))],
            ),
            Self::Export => row!(
                "Export…",
                "Write decks, notes or the whole collection to a file",
                None,
                &[all(Keys::Key(CTRL, Key::E))],
            ),
            Self::Quit => row!(
                "Exit",
                "Save, back up and close",
                None,
                &[all(Keys::Key(CTRL, Key::Q))],
            ),
            Self::Undo => row!(
                "Undo",
                "Take back the last change",
                Some(ic::UNDO),
                &[all(Keys::Key(CTRL, Key::Z)), review(plain(Key::U))],
            ),
            Self::Redo => row!(
                "Redo",
                "Do again what was taken back",
                None,
                &[all(Keys::Key(CTRL_SHIFT, Key::Z))],
            ),
            Self::CheckDatabase => row!(
                "Check Database",
                "Look for damage and mend it, after a backup",
                None,
                &[],
            ),
            Self::FindProblems => row!(
                "Check Without Repairing",
                "Look for what Check Database would mend, and change nothing",
                None,
                &[],
            ),
            tools => tools.tools_info(),
        }
    }

    fn tools_info(self) -> Info {
        match self {
            Self::StudyDeck => row!(
                "Study Deck…",
                "Choose a deck by typing",
                None,
                &[all(Keys::Sign('/'))],
            ),
            Self::CreateFilteredDeck => row!(
                "Create Filtered Deck…",
                "Gather cards by a search for a while",
                None,
                &[all(plain(Key::F))],
            ),
            Self::Preferences => row!(
                "Preferences",
                "Settings of the program and this profile",
                Some(ic::SETTINGS),
                &[all(Keys::Key(CTRL, Key::P))],
            ),
            Self::OpenBackup => row!(
                "Open Backup…",
                "See what a backup holds and restore it",
                Some(ic::HISTORY),
                &[],
            ),
            Self::ExploreBackup => row!(
                "Explore Backup…",
                "See what differs and bring single notes back",
                Some(ic::SEARCH),
                &[],
            ),
            Self::DeletedNotes => row!(
                "Deleted Notes…",
                "Notes that were deleted, to be put back with their cards",
                Some(ic::TRASH),
                &[],
            ),
            Self::OpenBackupsFolder => row!(
                "Open Backups Location",
                "The folder that holds this profile's backups",
                Some(ic::FOLDER),
                &[],
            ),
            Self::Decks => row!(
                "Decks",
                "Go to the deck list",
                Some(ic::DECK),
                &[all(plain(Key::D))],
            ),
            Self::Add => row!(
                "Add",
                "Make a new note",
                Some(ic::ADD),
                &[all(plain(Key::A))],
            ),
            Self::BrowsePage => row!(
                "Browse",
                "Find cards and notes, and change many at once",
                Some(ic::SEARCH),
                &[all(plain(Key::B))],
            ),
            Self::Stats => row!(
                "Stats",
                "Statistics of the current deck",
                Some(ic::CHART),
                &[all(plain(Key::T))],
            ),
            Self::StatsCollection => row!(
                "Stats of Collection",
                "Statistics of the whole collection",
                None,
                &[all(Keys::Key(SHIFT, Key::T))],
            ),
            Self::Study => row!(
                "Study",
                "Study the current deck",
                None,
                &[all(plain(Key::S))],
            ),
            Self::GetShared => row!(
                "Get Shared",
                "Find decks made by others, in the browser",
                None,
                &[],
            ),
            Self::CreateDeck => row!(
                "Create Deck",
                "A new deck; use :: for a deck inside another",
                Some(ic::ADD),
                &[],
            ),
            upkeep => upkeep.upkeep_info(),
        }
    }

    fn upkeep_info(self) -> Info {
        match self {
            Self::Guide => row!(
                "Guide",
                "Every command of this page, and its keys",
                None,
                &[all(plain(Key::F1))],
            ),
            Self::About => row!("About Engram", "Version, licences, debug info", None, &[]),
            Self::OpenDataFolder => row!(
                "Open Data Folder",
                "Where the profiles are kept",
                Some(ic::FOLDER),
                &[],
            ),
            Self::Sync => row!(
                "Sync",
                "Bring this computer and the sync server together",
                Some(ic::SYNC),
                &[all(plain(Key::Y))],
            ),
            Self::CheckMedia => row!(
                "Check Media…",
                "Missing and unused files, unfit names",
                Some(ic::IMAGE),
                &[],
            ),
            Self::CopiesElsewhere => row!(
                "Copies Elsewhere",
                "Encrypted copies of cards and media on another disk or machine",
                Some(ic::BACKUP),
                &[],
            ),
            Self::BackupHealth => row!(
                "Backup Health",
                "What would be lost now, where copies are, and what ran",
                Some(ic::CHECK_CIRCLE),
                &[],
            ),
            Self::DecryptFile => row!(
                "Decrypt File…",
                "Take the encryption off an exported or mailed file (.age)",
                None,
                &[],
            ),
            Self::EmptyCards => row!(
                "Empty Cards…",
                "Cards that have nothing to show any more",
                None,
                &[],
            ),
            Self::NoteTypes => row!(
                "Manage Note Types",
                "Fields and card templates of every kind of note",
                Some(ic::TYPES),
                &[all(Keys::Key(CTRL_SHIFT, Key::N))],
            ),
            view => view.view_info(),
        }
    }

    fn view_info(self) -> Info {
        match self {
            Self::ZoomIn => row!(
                "Zoom In",
                "Make everything larger",
                None,
                &[
                    all(Keys::Key(CTRL, Key::Plus)),
                    all(Keys::Key(CTRL, Key::Equals)),
                    all(Keys::Key(CTRL_SHIFT, Key::Equals)),
                    all(Keys::Key(CTRL_SHIFT, Key::Plus)),
                ],
            ),
            Self::ZoomOut => row!(
                "Zoom Out",
                "Make everything smaller",
                None,
                &[all(Keys::Key(CTRL, Key::Minus))],
            ),
            Self::ZoomReset => row!(
                "Reset Zoom",
                "Back to the normal size",
                None,
                &[all(Keys::Key(CTRL, Key::Num0))],
            ),
            Self::FullScreen => row!(
                "Full Screen",
                "Fill the whole screen",
                None,
                &[all(plain(Key::F11))],
            ),
            Self::ThemeSystem => row!("Follow System", "Light or dark as the system", None, &[]),
            Self::ThemeLight => row!("Light", "Light theme", None, &[]),
            Self::ThemeDark => row!("Dark", "Dark theme", None, &[]),
            Self::StudyNow => row!("Study Now", "Study this deck", None, &[]),
            Self::Unbury => row!(
                "Unbury",
                "Bring back the cards that are buried until tomorrow",
                None,
                &[(Scope::Overview, plain(Key::U))],
            ),
            Self::CustomStudy => row!(
                "Custom Study…",
                "Study more than today’s cards, or other ones",
                None,
                &[(Scope::Overview, plain(Key::C))],
            ),
            Self::DeckOptions => row!(
                "Options…",
                "Limits, steps, order and schedule of this deck",
                None,
                &[(Scope::Overview, plain(Key::O)), review(plain(Key::O))],
            ),
            Self::Rebuild => row!(
                "Rebuild",
                "Fill this filtered deck again",
                None,
                &[(Scope::Overview, plain(Key::R))],
            ),
            Self::Empty => row!(
                "Empty",
                "Send all cards back to their own decks",
                None,
                &[(Scope::Overview, plain(Key::E))],
            ),
            Self::Description => row!("Description", "Edit the words shown here", None, &[]),
            Self::SaveDeckOptions => row!(
                "Save Options",
                "Save the options of the deck and go back",
                None,
                &[(Scope::DeckOptions, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::FindSetting => row!(
                "Search Preferences",
                "Find a setting on all pages by its words",
                None,
                &[(Scope::Preferences, Keys::Key(CTRL, Key::F))],
            ),
            note => note.note_info(),
        }
    }

    fn note_info(self) -> Info {
        match self {
            Self::AddNote => row!(
                "Add Note",
                "Add the note and begin the next one",
                Some(ic::ADD),
                &[(Scope::Add, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::ChooseNotetype => row!(
                "Choose Note Type…",
                "Another note type for the new note",
                None,
                &[(Scope::Add, Keys::Key(CTRL, Key::N))],
            ),
            Self::ChooseDeck => row!(
                "Choose Deck…",
                "Another deck for the new note",
                None,
                &[(Scope::Add, Keys::Key(CTRL, Key::D))],
            ),
            Self::AddHistory => row!(
                "History",
                "Notes added since the start",
                Some(ic::HISTORY),
                &[(Scope::Add, Keys::Key(CTRL, Key::H))],
            ),
            Self::CloseNote => row!(
                "Close",
                "Back to where you came from; everything is saved",
                None,
                &[(Scope::EditNote, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::EditNote => row!(
                "Edit",
                "Change the note of this card",
                Some(ic::EDIT),
                &[review(plain(Key::E))],
            ),
            Self::CreateCopy => row!(
                "Create Copy…",
                "Add a new note that begins with what this one holds",
                None,
                &[review(Keys::Key(CTRL_ALT, Key::E))],
            ),
            study => study.study_info(),
        }
    }
}
