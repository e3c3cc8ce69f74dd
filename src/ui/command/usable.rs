//! When a command can be used, and where its keys work.

use super::{Command, Scope};
use crate::service::event::BackupState;
use crate::t;
use crate::ui::model::AppModel;
use crate::ui::overview::unbury;
use crate::ui::review::model::Side;
use crate::ui::route::Route;

impl Command {
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
            | Self::Guide
            | Self::About
            | Self::OpenDataFolder => Ok(()),
            _ if !open => Err(t!("Open a profile first")),
            _ if lent => Err(t!("Wait until the running work is done")),
            Self::Sync if model.sync.suspended => Err(crate::ui::sync::model::suspended()),
            Self::ResumeBackups if !model.is_suspended() => {
                Err(t!("Automatic backups and syncing are on"))
            }
            Self::SaveDeckOptions => need(in_options(route), t!("Only in the options of a deck")),
            Self::FindSetting => need(*route == Route::Preferences, t!("Only in the preferences")),
            _ if route.is_draft() => Err(t!("Save or cancel the changes first")),
            Self::Browse(_) if *route != Route::Browse => Err(t!("Only on the Browse page")),
            Self::Browse(command) if command.needs_preview() && !model.browse.preview => {
                Err(t!("Open the preview first"))
            }
            Self::Browse(command) => need(
                !command.needs_selection() || model.browse.chosen > 0,
                t!("Choose a row first"),
            ),
            Self::Undo if model.undo.undo.is_none() => Err(t!("There is nothing to undo")),
            Self::Redo if model.undo.redo.is_none() => Err(t!("There is nothing to redo")),
            Self::CreateBackup if model.backup.state == BackupState::Running => {
                Err(t!("A backup is being made"))
            }
            Self::AddNote | Self::ChooseNotetype | Self::ChooseDeck | Self::AddHistory => {
                need(*route == Route::Add, t!("Only while adding notes"))
            }
            Self::CloseNote => need(
                matches!(route, Route::EditNote { .. }),
                t!("Only while editing a note"),
            ),
            Self::StudyNow => need(*route == Route::Overview, t!("Only on a deck’s page")),
            Self::Unbury => match unbury::kinds(model, route) {
                Some(kinds) => need(!kinds.is_empty(), t!("No cards are buried in this deck")),
                None => Err(t!("Only on a deck’s page")),
            },
            Self::Rebuild | Self::Empty => need(
                on_filtered(model, route) == Some(true),
                t!("Only for filtered decks"),
            ),
            Self::CustomStudy | Self::Description => need(
                on_filtered(model, route) == Some(false),
                t!("Only for ordinary decks"),
            ),
            Self::DeckOptions => need(
                matches!(route, Route::Overview | Route::Congrats) || *route == Route::Review,
                t!("Only on a deck’s page"),
            ),
            Self::ShowAnswer => need(
                in_review(model, route, Side::Question),
                t!("No question is shown"),
            ),
            Self::Again | Self::Hard | Self::Good | Self::Easy => need(
                in_review(model, route, Side::Answer),
                t!("Show the answer first"),
            ),
            Self::PreviousCardInfo => need(
                *route == Route::Review && model.study.previous().is_some(),
                t!("No card was answered before"),
            ),
            _ if self.is_about_card() => need(
                *route == Route::Review && model.study.card.is_some(),
                t!("Only while studying a card"),
            ),
            _ => Ok(()),
        }
    }

    /// Whether menus leave it out: it is for a state that is seldom.
    #[must_use]
    pub fn is_hidden(self, model: &AppModel) -> bool {
        self == Self::ResumeBackups && !model.is_suspended()
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
            Self::Preferences => *route == Route::Preferences,
            Self::Add => *route == Route::Add,
            Self::EditNote => matches!(route, Route::EditNote { .. }),
            Self::Browse => *route == Route::Browse,
            Self::Review => *route == Route::Review,
            Self::Question => in_review(model, route, Side::Question),
            Self::Answer => in_review(model, route, Side::Answer),
        }
    }
}
