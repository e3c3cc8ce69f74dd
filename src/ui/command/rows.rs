//! What the table says of each command: label, tooltip, icon, keys.

use super::{Command, Info, Scope, row};
use crate::t;
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
                t!("Switch Profile"),
                t!("Close this profile and choose another"),
                Some(ic::PERSON),
                &[all(Keys::Key(CTRL_SHIFT, Key::P))],
            ),
            Self::RevertToBackup => row!(
                t!("Revert to Backup…"),
                t!("See the backups of this profile and go back to one"),
                Some(ic::HISTORY),
                &[],
            ),
            Self::CreateBackup => row!(
                t!("Create Backup"),
                t!("Make a verified backup now"),
                Some(ic::BACKUP),
                &[],
            ),
            Self::Import => row!(
                t!("Import…"),
                t!("Take in decks (.apkg), notes (.txt, .csv) or a whole collection (.colpkg)"),
                Some(ic::DOWNLOAD),
                &[all(Keys::Key(CTRL_SHIFT, Key::I))],
            ),
            Self::Export => row!(
                t!("Export…"),
                t!("Write decks, notes or the whole collection to a file"),
                None,
                &[all(Keys::Key(CTRL, Key::E))],
            ),
            Self::Quit => row!(
                t!("Exit"),
                t!("Save, back up and close"),
                None,
                &[all(Keys::Key(CTRL, Key::Q))],
            ),
            Self::Undo => row!(
                t!("Undo"),
                t!("Take back the last change"),
                Some(ic::UNDO),
                &[all(Keys::Key(CTRL, Key::Z)), review(plain(Key::U))],
            ),
            Self::Redo => row!(
                t!("Redo"),
                t!("Do again what was taken back"),
                None,
                &[all(Keys::Key(CTRL_SHIFT, Key::Z))],
            ),
            Self::CheckDatabase => row!(
                t!("Check Database"),
                t!("Look for damage and mend it, after a backup"),
                None,
                &[],
            ),
            Self::FindProblems => row!(
                t!("Check Without Repairing"),
                t!("Look for what Check Database would mend, and change nothing"),
                None,
                &[],
            ),
            tools => tools.tools_info(),
        }
    }

    fn tools_info(self) -> Info {
        match self {
            Self::StudyDeck => row!(
                t!("Study Deck…"),
                t!("Choose a deck by typing"),
                None,
                &[all(Keys::Sign('/'))],
            ),
            Self::CreateFilteredDeck => row!(
                t!("Create Filtered Deck…"),
                t!("Gather cards by a search for a while"),
                None,
                &[all(plain(Key::F))],
            ),
            Self::Preferences => row!(
                t!("Preferences"),
                t!("Settings of the program and this profile"),
                Some(ic::SETTINGS),
                &[all(Keys::Key(CTRL, Key::P))],
            ),
            Self::OpenBackup => row!(
                t!("Open Backup…"),
                t!("See what a backup holds and restore it"),
                Some(ic::HISTORY),
                &[],
            ),
            Self::ExploreBackup => row!(
                t!("Explore Backup…"),
                t!("See what differs and bring single notes back"),
                Some(ic::SEARCH),
                &[],
            ),
            Self::DeletedNotes => row!(
                t!("Deleted Notes…"),
                t!("Notes that were deleted, to be put back with their cards"),
                Some(ic::TRASH),
                &[],
            ),
            Self::OpenBackupsFolder => row!(
                t!("Open Backups Location"),
                t!("The folder that holds this profile’s backups"),
                Some(ic::FOLDER),
                &[],
            ),
            Self::ResumeBackups => row!(
                t!("Resume now"),
                t!("Automatic backups and syncing, off since a backup was restored"),
                None,
                &[],
            ),
            Self::Decks => row!(
                t!("Decks"),
                t!("Go to the deck list"),
                Some(ic::DECK),
                &[all(plain(Key::D))],
            ),
            Self::Add => row!(
                t!("Add"),
                t!("Make a new note"),
                Some(ic::ADD),
                &[all(plain(Key::A))],
            ),
            Self::BrowsePage => row!(
                t!("Browse"),
                t!("Find cards and notes, and change many at once"),
                Some(ic::SEARCH),
                &[all(plain(Key::B))],
            ),
            Self::Stats => row!(
                t!("Stats"),
                t!("Statistics of the current deck"),
                Some(ic::CHART),
                &[all(plain(Key::T))],
            ),
            Self::StatsCollection => row!(
                t!("Stats of Collection"),
                t!("Statistics of the whole collection"),
                None,
                &[all(Keys::Key(SHIFT, Key::T))],
            ),
            Self::Study => row!(
                t!("Study"),
                t!("Study the current deck"),
                None,
                &[all(plain(Key::S))],
            ),
            Self::GetShared => row!(
                t!("Get Shared"),
                t!("Find decks made by others, in the browser"),
                None,
                &[],
            ),
            Self::CreateDeck => row!(
                t!("Create Deck"),
                t!("A new deck; use :: for a deck inside another"),
                Some(ic::ADD),
                &[],
            ),
            upkeep => upkeep.upkeep_info(),
        }
    }

    fn upkeep_info(self) -> Info {
        match self {
            Self::Guide => row!(
                t!("Guide"),
                t!("Every command of this page, and its keys"),
                None,
                &[all(plain(Key::F1))],
            ),
            Self::About => row!(
                t!("About Engram"),
                t!("Version, licences, debug info"),
                None,
                &[]
            ),
            Self::OpenDataFolder => row!(
                t!("Open Data Folder"),
                t!("Where the profiles are kept"),
                Some(ic::FOLDER),
                &[],
            ),
            Self::Sync => row!(
                t!("Sync"),
                t!("Bring this computer and the sync server together"),
                Some(ic::SYNC),
                &[all(plain(Key::Y))],
            ),
            Self::CheckMedia => row!(
                t!("Check Media…"),
                t!("Missing and unused files, unfit names"),
                Some(ic::IMAGE),
                &[],
            ),
            Self::CopiesElsewhere => row!(
                t!("Copies Elsewhere"),
                t!("Encrypted copies of cards and media on another disk or machine"),
                Some(ic::BACKUP),
                &[],
            ),
            Self::BackupHealth => row!(
                t!("Backup Health"),
                t!("What would be lost now, where copies are, and what ran"),
                Some(ic::CHECK_CIRCLE),
                &[],
            ),
            Self::Timeline => row!(
                t!("Timeline"),
                t!("What changed when, with the last backup before"),
                Some(ic::CHART),
                &[],
            ),
            Self::DecryptFile => row!(
                t!("Decrypt File…"),
                t!("Take the encryption off an exported or mailed file (.age)"),
                None,
                &[],
            ),
            Self::EmptyCards => row!(
                t!("Empty Cards…"),
                t!("Cards that have nothing to show any more"),
                None,
                &[],
            ),
            Self::NoteTypes => row!(
                t!("Manage Note Types"),
                t!("Fields and card templates of every kind of note"),
                Some(ic::TYPES),
                &[all(Keys::Key(CTRL_SHIFT, Key::N))],
            ),
            view => view.view_info(),
        }
    }

    fn view_info(self) -> Info {
        match self {
            Self::ZoomIn => row!(
                t!("Zoom In"),
                t!("Make everything larger"),
                None,
                &[
                    all(Keys::Key(CTRL, Key::Plus)),
                    all(Keys::Key(CTRL, Key::Equals)),
                    all(Keys::Key(CTRL_SHIFT, Key::Equals)),
                    all(Keys::Key(CTRL_SHIFT, Key::Plus)),
                ],
            ),
            Self::ZoomOut => row!(
                t!("Zoom Out"),
                t!("Make everything smaller"),
                None,
                &[all(Keys::Key(CTRL, Key::Minus))],
            ),
            Self::ZoomReset => row!(
                t!("Reset Zoom"),
                t!("Back to the normal size"),
                None,
                &[all(Keys::Key(CTRL, Key::Num0))],
            ),
            Self::FullScreen => row!(
                t!("Full Screen"),
                t!("Fill the whole screen"),
                None,
                &[all(plain(Key::F11))],
            ),
            Self::ThemeSystem => row!(
                t!("Follow System"),
                t!("Light or dark as the system"),
                None,
                &[]
            ),
            Self::ThemeLight => row!(t!("Light"), t!("Light theme"), None, &[]),
            Self::ThemeDark => row!(t!("Dark"), t!("Dark theme"), None, &[]),
            Self::StudyNow => row!(t!("Study Now"), t!("Study this deck"), None, &[]),
            Self::Unbury => row!(
                t!("Unbury"),
                t!("Bring back the cards that are buried until tomorrow"),
                None,
                &[(Scope::Overview, plain(Key::U))],
            ),
            Self::CustomStudy => row!(
                t!("Custom Study…"),
                t!("Study more than today’s cards, or other ones"),
                None,
                &[(Scope::Overview, plain(Key::C))],
            ),
            Self::DeckOptions => row!(
                t!("Options…"),
                t!("Limits, steps, order and schedule of this deck"),
                None,
                &[(Scope::Overview, plain(Key::O)), review(plain(Key::O))],
            ),
            Self::Rebuild => row!(
                t!("Rebuild"),
                t!("Fill this filtered deck again"),
                None,
                &[(Scope::Overview, plain(Key::R))],
            ),
            Self::Empty => row!(
                t!("Empty" in "filtered deck"),
                t!("Send all cards back to their own decks"),
                None,
                &[(Scope::Overview, plain(Key::E))],
            ),
            Self::Description => row!(
                t!("Description…"),
                t!("Edit the words shown here"),
                None,
                &[]
            ),
            Self::SaveDeckOptions => row!(
                t!("Save Options"),
                t!("Save the options of the deck and go back"),
                None,
                &[(Scope::DeckOptions, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::FindSetting => row!(
                t!("Search Preferences"),
                t!("Find a setting on all pages by its words"),
                None,
                &[(Scope::Preferences, Keys::Key(CTRL, Key::F))],
            ),
            note => note.note_info(),
        }
    }

    fn note_info(self) -> Info {
        match self {
            Self::AddNote => row!(
                t!("Add Note"),
                t!("Add the note and begin the next one"),
                Some(ic::ADD),
                &[(Scope::Add, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::ChooseNotetype => row!(
                t!("Choose Note Type…"),
                t!("Another note type for the new note"),
                None,
                &[(Scope::Add, Keys::Key(CTRL, Key::N))],
            ),
            Self::ChooseDeck => row!(
                t!("Choose Deck…"),
                t!("Another deck for the new note"),
                None,
                &[(Scope::Add, Keys::Key(CTRL, Key::D))],
            ),
            Self::AddHistory => row!(
                t!("History"),
                t!("Notes added since the start"),
                Some(ic::HISTORY),
                &[(Scope::Add, Keys::Key(CTRL, Key::H))],
            ),
            Self::CloseNote => row!(
                t!("Close"),
                t!("Back to where you came from; everything is saved"),
                None,
                &[(Scope::EditNote, Keys::Key(CTRL, Key::Enter))],
            ),
            Self::EditNote => row!(
                t!("Edit"),
                t!("Change the note of this card"),
                Some(ic::EDIT),
                &[review(plain(Key::E))],
            ),
            Self::CreateCopy => row!(
                t!("Create Copy…"),
                t!("Add a new note that begins with what this one holds"),
                None,
                &[review(Keys::Key(CTRL_ALT, Key::E))],
            ),
            study => study.study_info(),
        }
    }
}
