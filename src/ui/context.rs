//! What a screen gets to draw with: the model to read, the time, and a place to send actions.

use crate::base::time::{Clock, TimestampMillis};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::dialog_host::Dialog;
use crate::ui::environment::FileAsk;
use crate::ui::model::AppModel;
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// A key for the menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuKey {
    /// F10: the first one.
    Bar,
    /// Alt and a letter: the one of this title.
    Menu(&'static str),
}

/// Read-only but for [`UiContext::send`].
pub struct UiContext<'a> {
    pub model: &'a AppModel,
    pub route: &'a Route,
    pub now: TimestampMillis,
    /// For local dates and times.
    pub clock: &'a Clock,
    /// Whether keys are for the screen: no dialog or menu lies above it and nobody types.
    pub keys_free: bool,
    /// Whether a dialog, menu or running work lies above the screen.
    pub covered: bool,
    /// Pressed in this frame.
    pub menu_key: Option<MenuKey>,
    /// Data folder that holds the profiles.
    pub base: &'a Path,
    actions: RefCell<Vec<Action>>,
}

impl<'a> UiContext<'a> {
    #[must_use]
    pub fn new(
        model: &'a AppModel,
        route: &'a Route,
        clock: &'a Clock,
        base: &'a Path,
        keys_free: bool,
    ) -> Self {
        Self {
            model,
            route,
            now: clock.now(),
            clock,
            keys_free,
            covered: !keys_free,
            menu_key: None,
            base,
            actions: RefCell::default(),
        }
    }

    /// The open profile's media folder.
    #[must_use]
    pub fn media_folder(&self) -> Option<PathBuf> {
        let profile = self.model.profile()?;
        Some(self.base.join(&profile.name).join("collection.media"))
    }

    /// Handled after the frame, in order.
    pub fn send(&self, action: Action) {
        self.actions.borrow_mut().push(action);
    }

    pub fn ask(&self, request: Request) {
        self.send(Action::Ask(request));
    }

    pub fn command(&self, command: Command) {
        self.send(Action::Command(command));
    }

    pub fn go(&self, route: Route) {
        self.send(Action::Go(route));
    }

    pub fn open(&self, dialog: impl Dialog + 'static) {
        self.send(Action::Open(Box::new(dialog)));
    }

    /// Tells what was done.
    pub fn toast(&self, words: impl Into<String>) {
        self.send(Action::Toast(Toast::new(words)));
    }

    /// Tells why nothing was done, or what is in the way.
    pub fn note(&self, words: impl Into<String>) {
        self.send(Action::Toast(Toast::note(words)));
    }

    /// See [`Action::PickFile`].
    pub fn pick_file(&self, ask: FileAsk, then: impl FnOnce(PathBuf) -> Action + 'static) {
        self.send(Action::PickFile {
            ask,
            then: Box::new(then),
        });
    }

    #[must_use]
    pub fn into_actions(self) -> Vec<Action> {
        self.actions.into_inner()
    }
}
