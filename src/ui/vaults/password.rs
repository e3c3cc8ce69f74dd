//! The password of a vault: chosen and typed twice where a place is added, and changed later.

use crate::base::Secret;
use crate::base::lang;
use crate::domain::encrypted::is_weak;
use crate::service::request::Request;
use crate::service::vaults::{Place, VaultRequest};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::{Field, named};
use crate::ui::widgets::{check, dialog, text};
use crate::{mark, t};
use eframe::egui::{Context, Key, Ui};

const WIDTH: f32 = 540.0;
const WARNING: &str = mark!(
    "Write this password down and keep it elsewhere. Without it nobody can open \
    the copies, not even you, and it cannot be reset."
);
const ABOUT: &str = mark!(
    "What is there stays, and the new password opens it. Recovery sheets with the old one open \
    nothing any more. On other computers that save there, remove the place and add it again."
);

/// A new password, typed twice.
#[derive(Default)]
pub(super) struct NewPassword {
    first: String,
    again: String,
}

impl NewPassword {
    /// True when Enter was pressed in one of them.
    pub(super) fn fields(&mut self, ui: &mut Ui, hidden: bool) -> bool {
        ui.columns(2, |columns| {
            named(&mut columns[0], t!("Password of the vault"));
            let first = Field::new(&mut self.first, t!("Password of the vault"))
                .hidden(hidden)
                .show(&mut columns[0]);
            named(&mut columns[1], t!("The same again"));
            let again = Field::new(&mut self.again, t!("The same again"))
                .hidden(hidden)
                .show(&mut columns[1]);
            let left = first.lost_focus() || again.lost_focus();
            left && columns[0].input(|i| i.key_pressed(Key::Enter))
        })
    }

    /// What is to be said of it, and whether that is bad.
    pub(super) fn verdict(&self) -> (&'static str, bool) {
        let warning = lang::say(WARNING);
        match () {
            () if self.first.is_empty() => (warning, false),
            () if self.first != self.again && self.again.is_empty() => (warning, false),
            () if self.first != self.again => (t!("The two passwords are not the same."), true),
            () if is_weak(&self.first) => (
                t!("Easily guessed. Four or five words that do not belong together are better."),
                false,
            ),
            () => (warning, false),
        }
    }

    /// None until both are there and the same.
    pub(super) fn ready(&self) -> Option<Secret> {
        let same = !self.first.is_empty() && self.first == self.again;
        same.then(|| Secret::new(&*self.first))
    }
}

/// See the module header.
pub(super) struct ChangePassword {
    address: String,
    title: String,
    new: NewPassword,
    shown: bool,
}

enum Choice {
    Cancel,
    Change(Secret),
}

impl ChangePassword {
    pub(super) fn of(place: &Place) -> Self {
        Self {
            address: place.address.clone(),
            title: place.entry.destination.label(),
            new: NewPassword::default(),
            shown: false,
        }
    }

    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Change the password of the vault"));
        text::paragraph_in(ui, &self.title, font::small(), t.text2);
        ui.add_space(sp::M);
        text::paragraph_in(ui, lang::say(ABOUT), font::body(), t.text);
        ui.add_space(sp::M);
        let entered = self.new.fields(ui, !self.shown);
        ui.add_space(sp::S);
        check::checkbox(ui, &mut self.shown, t!("Show the passwords"));
        ui.add_space(sp::S);
        let (words, bad) = self.new.verdict();
        let color = if bad { t.danger } else { t.text2 };
        text::paragraph_in(ui, words, font::small(), color);
        let ready = self.new.ready();
        let change = Button::new(t!("Change" in "button"))
            .kind(Kind::Primary)
            .enabled(ready.is_some());
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), change]);
        match ready {
            _ if footer.chosen(0) => Some(Choice::Cancel),
            Some(new) if footer.chosen(1) || entered => Some(Choice::Change(new)),
            _ => None,
        }
    }
}

impl Dialog for ChangePassword {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        match shown.inner {
            Some(Choice::Change(new)) => {
                let address = self.address.clone();
                cx.ask(Request::Vault(VaultRequest::ChangePassword {
                    address,
                    new,
                }));
                Flow::Close
            }
            Some(Choice::Cancel) => Flow::Close,
            None if shown.dismissed => Flow::Close,
            None => Flow::Stay,
        }
    }
}
