//! Log in to a sync server: where it is, who you are, the password.

use crate::base::Secret;
use crate::base::lang;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::sync::{Login, SyncEvent, SyncRequest, SyncSettings};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::{Field, is_entered, named};
use crate::ui::widgets::{check, dialog, text};
use crate::{mark, t};
use eframe::egui::{Context, Ui};

const WIDTH: f32 = 520.0;
const ABOUT: &str = mark!(
    "Syncing is optional: everything works without it. The address is that of your \
    own sync server, for example one that comes with Anki."
);
const TERMS: &str = mark!(
    "Public servers have their own terms, which may allow only their own programs. \
    Read them before you use one."
);

/// See the module header.
pub struct LoginDialog {
    server: String,
    user: String,
    password: String,
    remember: bool,
    /// Sync as soon as the login worked.
    then_sync: bool,
    busy: bool,
    /// Why it did not work.
    problem: String,
    opened: bool,
}

enum Choice {
    Cancel,
    LogIn,
}

impl LoginDialog {
    #[must_use]
    pub fn new(known: &SyncSettings, then_sync: bool) -> Self {
        Self {
            server: known.server.clone(),
            user: known.user.clone(),
            password: String::new(),
            remember: true,
            then_sync,
            busy: false,
            problem: String::new(),
            opened: false,
        }
    }

    /// Says why somebody is asked.
    #[must_use]
    pub fn problem(mut self, words: &str) -> Self {
        words.clone_into(&mut self.problem);
        self
    }

    fn is_ready(&self) -> bool {
        !self.busy
            && !self.server.trim().is_empty()
            && !self.user.trim().is_empty()
            && !self.password.is_empty()
    }

    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Log in to a sync server"));
        text::paragraph(ui, lang::say(ABOUT));
        ui.add_space(sp::M);
        named(ui, t!("Server"));
        let server = Field::new(&mut self.server, t!("Server"))
            .hint("http://192.168.1.20:8080/")
            .show(ui);
        ui.add_space(sp::XS);
        text::paragraph_in(ui, lang::say(TERMS), font::small(), t.text2);
        ui.add_space(sp::M);
        named(ui, t!("User"));
        Field::new(&mut self.user, t!("User")).show(ui);
        ui.add_space(sp::S);
        named(ui, t!("Password"));
        let password = Field::new(&mut self.password, t!("Password"))
            .hidden(true)
            .show(ui);
        let enter = is_entered(ui, &password);
        if !std::mem::replace(&mut self.opened, true) {
            // What is known already needs no typing.
            let first = self.server.is_empty() || self.user.is_empty();
            if first { &server } else { &password }.request_focus();
        }
        ui.add_space(sp::S);
        let words = t!("Stay logged in (the keychain keeps a key, not the password)");
        check::checkbox(ui, &mut self.remember, words);
        ui.add_space(sp::S);
        let (words, color) = if self.busy {
            (t!("Asking the server…"), t.text2)
        } else {
            (self.problem.as_str(), t.danger)
        };
        if !words.is_empty() {
            text::paragraph_in(ui, words, font::small(), color);
        }
        let label = if self.then_sync {
            t!("Log in and sync")
        } else {
            t!("Log in")
        };
        let action = Button::new(label)
            .kind(Kind::Primary)
            .enabled(self.is_ready());
        ui.add_space(-sp::M);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), action]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if self.is_ready() && (footer.chosen(1) || enter) => Some(Choice::LogIn),
            () => None,
        }
    }
}

impl Dialog for LoginDialog {
    fn subject(&self) -> Option<String> {
        Some(t!("Log in").to_owned())
    }

    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        let closed = shown.dismissed || matches!(shown.inner, Some(Choice::Cancel));
        if closed && self.busy {
            cx.ask(Request::Sync(SyncRequest::StopLogIn));
        }
        match shown.inner {
            Some(Choice::Cancel) => return Flow::Close,
            Some(Choice::LogIn) => {
                self.busy = true;
                self.problem.clear();
                cx.ask(Request::Sync(SyncRequest::LogIn(Login {
                    server: self.server.clone(),
                    user: self.user.clone(),
                    password: Secret::new(&*self.password),
                    remember: self.remember,
                    then_sync: self.then_sync,
                })));
            }
            None => {}
        }
        Flow::close_if(shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Sync(SyncEvent::LoggedIn { .. }) if self.busy => return Flow::Close,
            Event::Sync(SyncEvent::NotLoggedIn(message)) if self.busy => {
                self.busy = false;
                self.problem = message.why();
            }
            _ => {}
        }
        Flow::Stay
    }
}
