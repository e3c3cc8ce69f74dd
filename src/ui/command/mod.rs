//! The command table: every command with label, tooltip, keys and when it can be used. Menus,
//! keys and tooltips are made from it, so that none can say something else than another.
//! What a command does is in `handle_action`.

mod rows;
mod usable;

use crate::service::settings::ProfileSettings;
use crate::ui::browse::command::BrowseCommand;
use crate::ui::keys::Keys;
use crate::ui::review::audio_command::AudioCommand;
use crate::ui::route::Route;

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
    FindProblems,
    CheckMedia,
    EmptyCards,
    NoteTypes,
    Preferences,
    Guide,
    About,
    OpenDataFolder,
    OpenBackup,
    ExploreBackup,
    BackupHealth,
    Timeline,
    CopiesElsewhere,
    DeletedNotes,
    OpenBackupsFolder,
    ResumeBackups,
    DecryptFile,
    Decks,
    Add,
    BrowsePage,
    Stats,
    StatsCollection,
    Sync,
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
    FindSetting,
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
    Preferences,
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

/// A row, with words in the language of the window.
macro_rules! row {
    ($label:expr, $tooltip:expr, $icon:expr, $keys:expr $(,)?) => {
        Info {
            label: $label,
            tooltip: $tooltip,
            icon: $icon,
            keys: const { $keys },
        }
    };
}

pub(in crate::ui) use row;

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
        Self::FindProblems,
        Self::CheckMedia,
        Self::EmptyCards,
        Self::NoteTypes,
        Self::Preferences,
        Self::OpenBackup,
        Self::ExploreBackup,
        Self::BackupHealth,
        Self::Timeline,
        Self::CopiesElsewhere,
        Self::DeletedNotes,
        Self::OpenBackupsFolder,
        Self::ResumeBackups,
        Self::DecryptFile,
        Self::Guide,
        Self::About,
        Self::OpenDataFolder,
        Self::Decks,
        Self::Add,
        Self::BrowsePage,
        Self::Stats,
        Self::StatsCollection,
        Self::Sync,
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
        Self::FindSetting,
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

    /// The `nth` of its keys, which is `usual` in the table: the first one of an answer is what the
    /// user wants, and None where that is no key.
    #[must_use]
    pub fn wanted_key(self, nth: usize, usual: Keys, settings: &ProfileSettings) -> Option<Keys> {
        let answer = ANSWERS.iter().position(|c| *c == self);
        let Some(answer) = answer.filter(|_| nth == 0) else {
            // Space and Enter rate a card only where the user wants that.
            let rates = self == Self::Good && usual.presses_buttons();
            return Some(usual).filter(|_| !rates || settings.space_answers_good);
        };
        let sign = settings.answer_keys[answer].chars().next();
        sign.map(Keys::typing)
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

    /// Whether `keys` of a command that works everywhere do something else on the page `route`: the
    /// Browse page's keys go first there.
    #[must_use]
    pub fn takes_over(route: &Route, (scope, keys): (Scope, Keys)) -> bool {
        let of_page = |command: &Self| command.info().keys.contains(&(Scope::Browse, keys));
        *route == Route::Browse && scope == Scope::Everywhere && Self::ALL.iter().any(of_page)
    }

    /// As in the menus of the page `route`; empty without a key that works there.
    #[must_use]
    pub fn keys_on(self, route: &Route) -> String {
        match self.info().keys.first() {
            Some(&first) if Self::takes_over(route, first) => String::new(),
            _ => self.shown_keys(),
        }
    }

    /// On the pages where it works; empty without a key.
    #[must_use]
    pub fn shown_keys(self) -> String {
        self.info()
            .keys
            .first()
            .map(|(_, k)| k.shown())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::AppModel;

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
    fn a_key_is_told_only_where_it_works() {
        let keys = |command: Command, route| command.keys_on(&route);
        let note = Command::Browse(BrowseCommand::Note);
        assert_eq!(keys(note, Route::Browse), note.shown_keys());
        assert_eq!(keys(Command::NoteTypes, Route::Decks), note.shown_keys());
        assert_eq!(keys(Command::NoteTypes, Route::Browse), "");
        assert_eq!(keys(Command::Undo, Route::Browse), "Ctrl+Z");
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
