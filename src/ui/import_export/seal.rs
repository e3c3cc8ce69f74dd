//! Passwords of files: the part of the export dialog that asks for a new one, twice, and the dialog
//! that asks for that of an encrypted file.

use super::export::option;
use super::model;
use crate::base::Secret;
use crate::domain::encrypted::is_weak;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::{NewPassword, PackageRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button, Kind};
use crate::ui::widgets::field::{Field, is_entered, select_all};
use crate::ui::widgets::{dialog, text};
use eframe::egui::{Align, Context, Key, Ui, vec2};
use std::path::{Path, PathBuf};

const WIDTH: f32 = 460.0;

/// A new password being typed.
#[derive(Default)]
pub(super) struct Seal {
    on: bool,
    password: String,
    repeated: String,
    shown: bool,
    remember: bool,
    sheet: bool,
    /// Enter was pressed in one of the two fields in this frame.
    entered: bool,
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

    /// Enter in a password begins the export, as soon as it can begin.
    pub(super) fn begins(&self) -> bool {
        self.entered && self.is_ready()
    }

    pub(super) fn password(&self) -> Option<NewPassword> {
        (self.on && self.is_ready()).then(|| NewPassword {
            secret: Secret::new(&*self.password),
            remember: self.remember,
            sheet: self.sheet,
        })
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, about: &str) {
        let below = if self.on { "" } else { about };
        self.entered = false;
        option(ui, &mut self.on, t!("Encrypt with a password"), below);
        if !self.on {
            return;
        }
        let t = Tokens::of(ui);
        ui.add_space(sp::XS);
        for (name, value) in [
            (t!("Password"), &mut self.password),
            (t!("Password again"), &mut self.repeated),
        ] {
            super::export::named_out(ui, name, |ui, width| {
                let field = Field::new(value, name).width(width).hidden(!self.shown);
                let left = field.show(ui).lost_focus();
                self.entered |= left && ui.input(|i| i.key_pressed(Key::Enter));
            });
        }
        option(ui, &mut self.shown, t!("Show the password"), "");
        option(
            ui,
            &mut self.remember,
            t!("Remember it in the system’s keychain"),
            "",
        );
        let below = match self.sheet {
            true => t!(
                "How to open the file on any computer, with Engram and without. The password is not on \
                 it: write it there by hand."
            ),
            false => "",
        };
        let label = t!("Recovery sheet beside it, to print");
        option(ui, &mut self.sheet, label, below);
        ui.add_space(sp::XS);
        let (words, color) = match self.verdict() {
            Verdict::Missing => (about, t.text2),
            Verdict::Differs if self.repeated.is_empty() => (about, t.text2),
            Verdict::Differs => (t!("The two passwords are not the same."), t.danger),
            Verdict::Weak => (
                t!("Easily guessed. Four or five words that do not belong together are better."),
                t.warn,
            ),
            Verdict::Good if self.remember => (
                t!("Write it down too: on another machine nobody can open the file without it."),
                t.text2,
            ),
            Verdict::Good => (
                t!("Without this password nobody can open the file, and it cannot be reset."),
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
    /// Whether the keychain remembers passwords; None: not asked yet.
    remembered: Option<bool>,
    /// Asked of the worker.
    busy: Option<With>,
    /// What did not open it.
    wrong: Option<With>,
    fresh: bool,
}

/// Which password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Typed,
    Remembered,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Cancel,
    Open(With),
    Forget,
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
            remembered: None,
            busy: None,
            wrong: None,
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

    fn content(&mut self, ui: &mut Ui) -> Option<Pressed> {
        let t = Tokens::of(ui);
        dialog::title(
            ui,
            &t!("Open “{file}”", file = model::file_name(&self.file)),
        );
        text::paragraph(ui, t!("The file is encrypted."));
        ui.add_space(sp::M);
        text::paragraph_in(ui, t!("Password"), font::small_strong(), t.text2);
        ui.add_space(sp::XS);
        let field = Field::new(&mut self.password, t!("Password"))
            .hidden(!self.shown)
            .show(ui);
        if std::mem::replace(&mut self.fresh, false) {
            field.request_focus();
            select_all(ui.ctx(), field.id, &self.password);
        }
        ui.add_space(6.0);
        let said = match (self.busy, self.wrong) {
            (Some(_), _) => (t!("Decrypting…"), t.text2),
            (None, Some(With::Typed)) => (
                t!("This password does not open the file. Try again."),
                t.danger,
            ),
            (None, Some(With::Remembered)) => (
                t!("No remembered password opens the file. Type it."),
                t.danger,
            ),
            (None, None) => (" ", t.text2),
        };
        text::paragraph_in(ui, said.0, font::small(), said.1);
        ui.add_space(sp::XS);
        option(ui, &mut self.shown, t!("Show the password"), "");
        let keychain = self.keychain(ui);
        ui.add_space(-sp::M);
        let ready = !self.password.is_empty() && self.busy.is_none();
        let open = Button::new(t!("Open" in "button"))
            .kind(Kind::Primary)
            .enabled(ready);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), open]);
        let enter = is_entered(ui, &field);
        match () {
            () if footer.chosen(0) => Some(Pressed::Cancel),
            () if ready && (enter || footer.chosen(1)) => Some(Pressed::Open(With::Typed)),
            () => keychain,
        }
    }

    /// What can be done with remembered passwords, if there are any.
    fn keychain(&self, ui: &mut Ui) -> Option<Pressed> {
        if self.remembered != Some(true) {
            return None;
        }
        ui.add_space(sp::XS);
        let (_, row) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        let idle = self.busy.is_none();
        let list = vec![
            Button::new(t!("Use the remembered password")).enabled(idle),
            Button::ghost(t!("Forget it")).enabled(idle).tip(t!(
                "Takes all passwords of encrypted exports out of the keychain"
            )),
        ];
        let pressed = button::row(ui, row, Align::Min, list);
        ui.add_space(sp::M);
        match () {
            () if pressed[0].clicked() => Some(Pressed::Open(With::Remembered)),
            () if pressed[1].clicked() => Some(Pressed::Forget),
            () => None,
        }
    }

    fn is_mine(&self, file: &Path) -> bool {
        self.busy.is_some() && self.file == file
    }
}

impl Dialog for PasswordDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if let Some(next) = self.next.take() {
            cx.send(next);
            return Flow::Close;
        }
        if self.remembered.is_none() {
            self.remembered = Some(false);
            cx.ask(Request::Package(PackageRequest::AskRemembered));
        }
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        match shown.inner {
            Some(Pressed::Open(with)) => {
                self.busy = Some(with);
                self.wrong = None;
                cx.ask(Request::Package(PackageRequest::Unlock {
                    file: self.file.clone(),
                    password: (with == With::Typed).then(|| Secret::new(&*self.password)),
                }));
            }
            Some(Pressed::Forget) => {
                cx.ask(Request::Package(PackageRequest::ForgetRemembered));
            }
            Some(Pressed::Cancel) => return Flow::Close,
            None => {}
        }
        Flow::close_if(shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Package(PackageEvent::Unlocked { file, plain }) if self.is_mine(file) => {
                self.next = self.then.take().map(|then| then(plain.clone()));
            }
            Event::Package(PackageEvent::WrongPassword { file }) if self.is_mine(file) => {
                self.wrong = self.busy.take();
                self.fresh = true;
            }
            Event::Package(PackageEvent::Remembered(any)) => self.remembered = Some(*any),
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
        assert!(seal.is_ready() && seal.password().is_none());
        seal.on = true;
        assert!(!seal.is_ready());
        seal.password = "correct horse battery".into();
        assert_eq!(seal.verdict(), Verdict::Differs);
        seal.repeated.clone_from(&seal.password);
        assert_eq!(seal.verdict(), Verdict::Good);
        let password = NewPassword {
            secret: Secret::new("correct horse battery"),
            remember: false,
            sheet: false,
        };
        assert_eq!(seal.password(), Some(password));
        (seal.password, seal.repeated) = ("abc".into(), "abc".into());
        assert!(seal.verdict() == Verdict::Weak && seal.is_ready());
    }
}
