//! The command table: every command with label, tooltip, keys and when it can be used. Menus,
//! keys and tooltips are made from it, so that none can say something else than another.
//! What a command does is in `handle_action`.

use crate::service::event::BackupState;
use crate::service::settings::ProfileSettings;
use crate::ui::browse::command::BrowseCommand;
use crate::ui::keys::{CTRL, CTRL_ALT, CTRL_SHIFT, Keys, NONE, SHIFT};
use crate::ui::model::AppModel;
use crate::ui::review::audio_command::AudioCommand;
use crate::ui::review::model::Side;
use crate::ui::route::Route;
use crate::ui::widgets::ic;
use eframe::egui::Key;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    SwitchProfile,
    RevertToBackup,
    CreateBackup,
    Import,
    Export,
    Quit,
    Undo,
    Redo,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    FullScreen,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
    StudyDeck,
    CreateFilteredDeck,
    CheckDatabase,
    CheckMedia,
    EmptyCards,
    NoteTypes,
    Preferences,
    About,
    OpenDataFolder,
    OpenBackup,
    ExploreBackup,
    DeletedNotes,
    OpenBackupsFolder,
    Decks,
    Add,
    BrowsePage,
    Stats,
    StatsCollection,
    Study,
    GetShared,
    CreateDeck,
    StudyNow,
    Unbury,
    CustomStudy,
    DeckOptions,
    Rebuild,
    Empty,
    Description,
    SaveDeckOptions,
    AddNote,
    ChooseNotetype,
    ChooseDeck,
    AddHistory,
    CloseNote,
    EditNote,
    CreateCopy,
    ShowAnswer,
    Again,
    Hard,
    Good,
    Easy,
    Flag(u8),
    BuryCard,
    ResetCard,
    SetDueDate,
    SuspendCard,
    MarkNote,
    BuryNote,
    SuspendNote,
    DeleteNote,
    CardInfo,
    PreviousCardInfo,
    NoteHistory,
    AutoAdvance,
    MoreMenu,
    ReplayAudio,
    Audio(AudioCommand),
    Browse(BrowseCommand),
}

/// Their keys can be chosen.
const ANSWERS: [Command; 4] = [Command::Again, Command::Hard, Command::Good, Command::Easy];

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everywhere,
    Overview,
    DeckOptions,
    /// The Add page.
    Add,
    /// Edit Current.
    EditNote,
    /// The Browse page; before those that work everywhere.
    Browse,
    /// Both sides of a card.
    Review,
    Question,
    Answer,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Info {
    pub label: &'static str,
    pub tooltip: &'static str,
    pub icon: Option<&'static str>,
    /// The first is the one that menus show.
    pub keys: &'static [(Scope, Keys)],
}

/// A row made at compile time.
macro_rules! row {
    ($label:expr, $tooltip:expr, $icon:expr, $keys:expr $(,)?) => {
        const {
            Info {
                label: $label,
                tooltip: $tooltip,
                icon: $icon,
                keys: $keys,
            }
        }
    };
}

pub(in crate::ui) use row;

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
    /// Every command. A page's own come first: there their keys go before those of everywhere.
    pub const ALL: &'static [Self] = &{
        const PAGE: usize = BrowseCommand::ALL.len();
        let mut all = [Self::Quit; PAGE + Command::USUAL.len()];
        let mut n = 0;
        while n < PAGE {
            all[n] = Self::Browse(BrowseCommand::ALL[n]);
            n += 1;
        }
        while n < all.len() {
            all[n] = Self::USUAL[n - PAGE];
            n += 1;
        }
        all
    };

    /// Those of the window and of study, in the order of the menus.
    const USUAL: &'static [Self] = &[
        Self::SwitchProfile,
        Self::RevertToBackup,
        Self::CreateBackup,
        Self::Import,
        Self::Export,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomReset,
        Self::FullScreen,
        Self::ThemeSystem,
        Self::ThemeLight,
        Self::ThemeDark,
        Self::StudyDeck,
        Self::CreateFilteredDeck,
        Self::CheckDatabase,
        Self::CheckMedia,
        Self::EmptyCards,
        Self::NoteTypes,
        Self::Preferences,
        Self::OpenBackup,
        Self::ExploreBackup,
        Self::DeletedNotes,
        Self::OpenBackupsFolder,
        Self::About,
        Self::OpenDataFolder,
        Self::Decks,
        Self::Add,
        Self::BrowsePage,
        Self::Stats,
        Self::StatsCollection,
        Self::Study,
        Self::GetShared,
        Self::CreateDeck,
        Self::StudyNow,
        Self::Unbury,
        Self::CustomStudy,
        Self::DeckOptions,
        Self::Rebuild,
        Self::Empty,
        Self::Description,
        Self::SaveDeckOptions,
        Self::AddNote,
        Self::ChooseNotetype,
        Self::ChooseDeck,
        Self::AddHistory,
        Self::CloseNote,
        Self::EditNote,
        Self::CreateCopy,
        Self::ShowAnswer,
        Self::Again,
        Self::Hard,
        Self::Good,
        Self::Easy,
        Self::Flag(1),
        Self::Flag(2),
        Self::Flag(3),
        Self::Flag(4),
        Self::Flag(5),
        Self::Flag(6),
        Self::Flag(7),
        Self::BuryCard,
        Self::ResetCard,
        Self::SetDueDate,
        Self::SuspendCard,
        Self::MarkNote,
        Self::BuryNote,
        Self::SuspendNote,
        Self::DeleteNote,
        Self::CardInfo,
        Self::PreviousCardInfo,
        Self::NoteHistory,
        Self::AutoAdvance,
        Self::MoreMenu,
        Self::ReplayAudio,
        Self::Audio(AudioCommand::Pause),
        Self::Audio(AudioCommand::Back),
        Self::Audio(AudioCommand::Forward),
        Self::Audio(AudioCommand::RecordVoice),
        Self::Audio(AudioCommand::ReplayVoice),
    ];

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
                "Take in a collection package (.colpkg)",
                Some(ic::DOWNLOAD),
                &[all(Keys::Key(CTRL_SHIFT, Key::I))],
            ),
            Self::Export => row!(
                "Export…",
                "Write the collection to a package (.colpkg)",
                None,
                &[all(Keys::Key(CTRL, Key::E))],
            ),
            Self::Quit => row!(
                "Quit",
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
            Self::About => row!("About Engram", "Version, licences, debug info", None, &[]),
            Self::OpenDataFolder => row!(
                "Open Data Folder",
                "Where the profiles are kept",
                Some(ic::FOLDER),
                &[],
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
            Self::CheckMedia => row!(
                "Check Media…",
                "Missing and unused files, unfit names",
                Some(ic::IMAGE),
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

    /// The key of one of the four answers, as the user wants it; None for other commands.
    #[must_use]
    pub fn answer_key(self, settings: &ProfileSettings) -> Option<Keys> {
        let nth = ANSWERS.iter().position(|c| *c == self)?;
        let sign = settings.answer_keys[nth].chars().next()?;
        Some(Keys::typing(sign))
    }

    /// Which command has a key already while an answer is shown; the four answers' own keys do
    /// not count.
    #[must_use]
    pub fn taking(keys: Keys) -> Option<Self> {
        let works =
            |scope: &Scope| matches!(scope, Scope::Everywhere | Scope::Review | Scope::Answer);
        Self::ALL.iter().copied().find(|command| {
            let own = usize::from(ANSWERS.contains(command));
            let mut taken = command.info().keys.iter().skip(own);
            taken.any(|(scope, k)| works(scope) && *k == keys)
        })
    }

    /// As in menus; empty without a key.
    #[must_use]
    pub fn shown_keys(self) -> String {
        self.info()
            .keys
            .first()
            .map(|(_, k)| k.shown())
            .unwrap_or_default()
    }

    /// Why it cannot be used now; `Ok` when it can.
    pub fn usable(self, model: &AppModel, route: &Route) -> Result<(), &'static str> {
        let open = model.is_open();
        let lent = model.exclusive_job().is_some();
        match self {
            Self::Quit
            | Self::FullScreen
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::ThemeSystem
            | Self::ThemeLight
            | Self::ThemeDark
            | Self::About
            | Self::OpenDataFolder => Ok(()),
            _ if !open => Err("Open a profile first"),
            _ if lent => Err("Wait until the running work is done"),
            Self::SaveDeckOptions => need(in_options(route), "Only in the options of a deck"),
            _ if route.is_draft() => Err("Save or cancel the changes first"),
            Self::Browse(_) if *route != Route::Browse => Err("Only on the Browse page"),
            Self::Browse(command) if command.needs_preview() && !model.browse.preview => {
                Err("Open the preview first")
            }
            Self::Browse(command) => need(
                !command.needs_selection() || model.browse.chosen > 0,
                "Choose a row first",
            ),
            Self::Undo if model.undo.undo.is_none() => Err("There is nothing to undo"),
            Self::Redo if model.undo.redo.is_none() => Err("There is nothing to redo"),
            Self::CreateBackup if model.backup.state == BackupState::Running => {
                Err("A backup is being made")
            }
            Self::AddNote | Self::ChooseNotetype | Self::ChooseDeck | Self::AddHistory => {
                need(*route == Route::Add, "Only while adding notes")
            }
            Self::CloseNote => need(
                matches!(route, Route::EditNote { .. }),
                "Only while editing a note",
            ),
            Self::StudyNow => need(*route == Route::Overview, "Only on a deck's page"),
            Self::Unbury => match &model.overview {
                Some(o) if *route == Route::Overview => need(
                    o.buried != Default::default(),
                    "No cards are buried in this deck",
                ),
                _ => need(*route == Route::Congrats, "Only on a deck's page"),
            },
            Self::Rebuild | Self::Empty => need(
                on_filtered(model, route) == Some(true),
                "Only for filtered decks",
            ),
            Self::CustomStudy => need(
                on_filtered(model, route) == Some(false),
                "Only for ordinary decks",
            ),
            Self::Description => need(
                *route == Route::Overview && model.overview.as_ref().is_some_and(|o| !o.filtered),
                "Only for ordinary decks",
            ),
            Self::DeckOptions => need(
                matches!(route, Route::Overview | Route::Congrats)
                    || *route == Route::Review && !model.current_deck_is_filtered(),
                "Only on a deck's page",
            ),
            Self::ShowAnswer => need(
                in_review(model, route, Side::Question),
                "No question is shown",
            ),
            Self::Again | Self::Hard | Self::Good | Self::Easy => need(
                in_review(model, route, Side::Answer),
                "Show the answer first",
            ),
            Self::PreviousCardInfo => need(
                *route == Route::Review && model.study.previous().is_some(),
                "No card was answered before",
            ),
            _ if self.is_about_card() => need(
                *route == Route::Review && model.study.card.is_some(),
                "Only while studying a card",
            ),
            _ => Ok(()),
        }
    }

    /// An entry of the reviewer's More menu.
    fn is_about_card(self) -> bool {
        self.info().keys.iter().any(|(s, _)| *s == Scope::Review) && self != Self::Undo
    }
}

fn need(yes: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if yes { Ok(()) } else { Err(otherwise) }
}

fn in_options(route: &Route) -> bool {
    matches!(route, Route::DeckOptions { .. })
}

fn in_review(model: &AppModel, route: &Route, side: Side) -> bool {
    *route == Route::Review && model.study.shows(side)
}

/// Whether the deck of the page is a filtered one; None on other pages.
fn on_filtered(model: &AppModel, route: &Route) -> Option<bool> {
    match route {
        Route::Overview => model.overview.as_ref().map(|o| o.filtered),
        Route::Congrats => model.finished.as_ref().map(|f| f.congrats.is_filtered),
        _ => None,
    }
}

impl Scope {
    /// Whether keys of this scope work now.
    #[must_use]
    pub fn is_active(self, model: &AppModel, route: &Route) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Overview => matches!(route, Route::Overview | Route::Congrats),
            Self::DeckOptions => in_options(route),
            Self::Add => *route == Route::Add,
            Self::EditNote => matches!(route, Route::EditNote { .. }),
            Self::Browse => *route == Route::Browse,
            Self::Review => *route == Route::Review,
            Self::Question => in_review(model, route, Side::Question),
            Self::Answer => in_review(model, route, Side::Answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether keys of both scopes can work at the same time.
    fn overlap(a: Scope, b: Scope) -> bool {
        use Scope::{Answer, Browse, Everywhere, Question, Review};
        a == b
            // The Browse page's keys go first there.
            || a == Everywhere && b != Browse
            || b == Everywhere && a != Browse
            || matches!(
                (a, b),
                (Review, Question | Answer) | (Question | Answer, Review)
            )
    }

    #[test]
    fn every_command_has_words_and_a_key_of_its_own() {
        let mut taken: Vec<(Scope, Keys, Command)> = vec![];
        for &command in Command::ALL {
            let info = command.info();
            assert!(!info.label.is_empty(), "{command:?}");
            assert!(!info.tooltip.is_empty(), "{command:?}");
            assert!(!info.tooltip.ends_with('.'), "{command:?}");
            for &(scope, keys) in info.keys {
                for (other_scope, other_keys, other) in &taken {
                    assert!(
                        *other_keys != keys || !overlap(*other_scope, scope),
                        "{command:?} and {other:?} share {}",
                        keys.shown()
                    );
                }
                taken.push((scope, keys, command));
            }
        }
    }

    #[test]
    fn nothing_but_the_program_itself_works_without_a_profile() {
        let model = AppModel::default();
        let usable: Vec<_> = Command::ALL
            .iter()
            .filter(|c| c.usable(&model, &Route::Profiles).is_ok())
            .collect();
        assert!(usable.contains(&&Command::Quit));
        assert!(!usable.contains(&&Command::CreateBackup));
        assert!(!usable.contains(&&Command::Good));
    }
}
