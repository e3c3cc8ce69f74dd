//! Asks whether the password is to stand on the recovery sheet of a place, and where it is written to.

use crate::base::lang;
use crate::service::request::Request;
use crate::service::vaults::{Place, VaultRequest};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{check, dialog, text};
use crate::{mark, t};
use eframe::egui::{Context, Ui};

const WIDTH: f32 = 540.0;
const ABOUT: &str = mark!(
    "A page to print and keep elsewhere: where the copy is, and how to get everything \
    back from it on any computer, with Engram and without."
);
const WITHOUT: &str = mark!("There is a line on which to write the password by hand.");
const WITH: &str = mark!(
    "Whoever has the page and reaches the place can read all cards. Delete the file once \
    it is printed."
);

/// See the module header.
pub struct RecoverySheet {
    address: String,
    title: String,
    with_password: bool,
}

enum Choice {
    Cancel,
    Save,
}

impl RecoverySheet {
    pub fn of(place: &Place) -> Self {
        Self {
            address: place.address.clone(),
            title: place.entry.destination.label(),
            with_password: false,
        }
    }

    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Recovery sheet"));
        text::paragraph_in(ui, &self.title, font::small(), t.text2);
        ui.add_space(sp::M);
        text::paragraph_in(ui, lang::say(ABOUT), font::body(), t.text);
        ui.add_space(sp::M);
        let label = t!("Print the password of the vault on it");
        check::checkbox(ui, &mut self.with_password, label);
        ui.add_space(sp::XS);
        let words = if self.with_password { WITH } else { WITHOUT };
        text::paragraph_in(ui, lang::say(words), font::small(), t.text2);
        let save = Button::new(t!("Save…")).kind(Kind::Primary);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), save]);
        footer.focus_choice(1);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if footer.chosen(1) => Some(Choice::Save),
            () => None,
        }
    }
}

impl Dialog for RecoverySheet {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        match shown.inner {
            Some(Choice::Save) => {
                let ask =
                    FileAsk::save(t!("Save the recovery sheet"), "engram-recovery-sheet.html");
                let ask = ask.filter(t!("Web page"), &["html"]).ending("html");
                let (address, with_password) = (self.address.clone(), self.with_password);
                cx.pick_file(ask, move |out| {
                    Action::Ask(Request::Vault(VaultRequest::RecoverySheet {
                        address,
                        out,
                        with_password,
                    }))
                });
                Flow::Close
            }
            Some(Choice::Cancel) => Flow::Close,
            None if shown.dismissed => Flow::Close,
            None => Flow::Stay,
        }
    }
}
