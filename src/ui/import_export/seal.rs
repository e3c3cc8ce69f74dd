//! Passwords of files: the part of the export dialog that asks for a new one, twice, and the dialog
//! that asks for that of an encrypted file.

use super::export::option;
use super::model;
use crate::base::Secret;
use crate::domain::encrypted::is_weak;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::{PackageRequest, Request};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::{Field, select_all};
use crate::ui::widgets::{dialog, text};
use eframe::egui::{Context, Key, Ui};
use std::path::{Path, PathBuf};

const WIDTH: f32 = 460.0;

/// A new password being typed.
#[derive(Default)]
pub(super) struct Seal {
    on: bool,
    password: String,
    repeated: String,
    shown: bool,
}

/// What may be said of a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Missing,
    Differs,
    Weak,
    Good,
}

impl Seal {
    fn verdict(&self) -> Verdict {
        match () {
            () if self.password.is_empty() => Verdict::Missing,
            () if self.password != self.repeated => Verdict::Differs,
            () if is_weak(&self.password) => Verdict::Weak,
            () => Verdict::Good,
        }
    }

    /// Whether the export can begin.
    pub(super) fn is_ready(&self) -> bool {
        !self.on || matches!(self.verdict(), Verdict::Weak | Verdict::Good)
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        (self.on && self.is_ready()).then(|| Secret::new(&*self.password))
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, about: &str) {
        let below = if self.on { "" } else { about };
        option(ui, &mut self.on, "Encrypt with a password", below);
        if !self.on {
            return;
        }
        let t = Tokens::of(ui);
        ui.add_space(sp::XS);
        for (name, value) in [
            ("Password", &mut self.password),
            ("Password again", &mut self.repeated),
        ] {
            super::export::named(ui, name, |ui, width| {
                let field = Field::new(value, name).width(width).hidden(!self.shown);
                field.show(ui);
            });
        }
        option(ui, &mut self.shown, "Show the password", "");
        ui.add_space(sp::XS);
        let (words, color) = match self.verdict() {
            Verdict::Missing => (about, t.text2),
            Verdict::Differs if self.repeated.is_empty() => (about, t.text2),
            Verdict::Differs => ("The two passwords are not the same.", t.danger),
            Verdict::Weak => (
                "Easily guessed. Four or five words that do not belong together are better.",
                t.warn,
            ),
            Verdict::Good => (
                "Without this password nobody can open the file, and it cannot be reset.",
                t.text2,
            ),
        };
        text::paragraph_in(ui, words, font::small(), color);
    }
}

/// Makes an action of the path at which the plain file is.
type Then = Box<dyn FnOnce(PathBuf) -> Action>;

/// Asks for the password of a file until it fits; see the module header.
pub struct PasswordDialog {
    file: PathBuf,
    then: Option<Then>,
    /// What follows, once the file is open.
    next: Option<Action>,
    password: String,
    shown: bool,
    /// Asked of the worker.
    busy: bool,
    wrong: bool,
    fresh: bool,
}

impl PasswordDialog {
    /// `then` is told where the plain file is.
    pub fn new(file: PathBuf, then: impl FnOnce(PathBuf) -> Action + 'static) -> Self {
        Self {
            file,
            then: Some(Box::new(then)),
            next: None,
            password: String::new(),
            shown: false,
            busy: false,
            wrong: false,
            fresh: true,
        }
    }

    /// Does `then` with the file, after asking for its password if it is encrypted.
    pub fn before(file: PathBuf, then: impl FnOnce(PathBuf) -> Action + 'static) -> Action {
        if crate::domain::encrypted::is_encrypted(&file) {
            Action::Open(Box::new(Self::new(file, then)))
        } else {
            then(file)
        }
    }

    fn content(&mut self, ui: &mut Ui) -> (bool, bool) {
        let t = Tokens::of(ui);
        dialog::title(ui, &format!("Open “{}”", model::file_name(&self.file)));
        text::paragraph(ui, "The file is encrypted.");
        ui.add_space(sp::M);
        text::paragraph_in(ui, "Password", font::small_strong(), t.text2);
        ui.add_space(sp::XS);
        let field = Field::new(&mut self.password, "Password")
            .hidden(!self.shown)
            .show(ui);
        if std::mem::replace(&mut self.fresh, false) {
            field.request_focus();
            select_all(ui.ctx(), field.id, &self.password);
        }
        ui.add_space(6.0);
        let said = match () {
            () if self.busy => ("Decrypting…", t.text2),
            () if self.wrong => ("This password does not open the file. Try again.", t.danger),
            () => (" ", t.text2),
        };
        text::paragraph_in(ui, said.0, font::small(), said.1);
        ui.add_space(sp::XS);
        option(ui, &mut self.shown, "Show the password", "");
        ui.add_space(-sp::M);
        let ready = !self.password.is_empty() && !self.busy;
        let open = Button::new("Open").kind(Kind::Primary).enabled(ready);
        let footer = dialog::footer(ui, vec![], vec![Button::new("Cancel"), open]);
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        (footer.chosen(0), ready && (enter || footer.chosen(1)))
    }

    fn is_mine(&self, file: &Path) -> bool {
        self.busy && self.file == file
    }
}

impl Dialog for PasswordDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if let Some(next) = self.next.take() {
            cx.send(next);
            return Flow::Close;
        }
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        let (cancel, open) = shown.inner;
        if open {
            self.busy = true;
            self.wrong = false;
            cx.ask(Request::Package(PackageRequest::Unlock {
                file: self.file.clone(),
                password: Secret::new(&*self.password),
            }));
        }
        if cancel || shown.dismissed {
            Flow::Close
        } else {
            Flow::Stay
        }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Package(PackageEvent::Unlocked { file, plain }) if self.is_mine(file) => {
                self.next = self.then.take().map(|then| then(plain.clone()));
            }
            Event::Package(PackageEvent::WrongPassword { file }) if self.is_mine(file) => {
                self.busy = false;
                self.wrong = true;
                self.fresh = true;
            }
            // Why is told by a dialog of its own.
            Event::Package(PackageEvent::NotUnlocked { file }) if self.is_mine(file) => {
                return Flow::Close;
            }
            Event::Failed { request, .. } => {
                if let Request::Package(PackageRequest::Unlock { file, .. }) = &**request
                    && self.is_mine(file)
                {
                    return Flow::Close;
                }
            }
            _ => {}
        }
        Flow::Stay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_begins_when_both_passwords_are_the_same() {
        let mut seal = Seal::default();
        assert!(seal.is_ready() && seal.secret().is_none());
        seal.on = true;
        assert!(!seal.is_ready());
        seal.password = "correct horse battery".into();
        assert_eq!(seal.verdict(), Verdict::Differs);
        seal.repeated.clone_from(&seal.password);
        assert_eq!(seal.verdict(), Verdict::Good);
        assert_eq!(seal.secret(), Some(Secret::new("correct horse battery")));
        (seal.password, seal.repeated) = ("abc".into(), "abc".into());
        assert!(seal.verdict() == Verdict::Weak && seal.is_ready());
    }
}
