//! Add a place: of what kind, where, the account or the sign-in there, and the password of the vault, twice.

use super::password::NewPassword;
use super::sign_in::CloudForm;
use crate::base::Secret;
use crate::base::lang;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::vaults::{Cloud, NewPlace, VaultEvent, VaultRequest};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::{self, Field, named};
use crate::ui::widgets::{check, dialog, text};
use crate::{mark, t};
use eframe::egui::{Context, Response, Ui};

const WIDTH: f32 = 540.0;
const ABOUT: &str = mark!(
    "A folder on another disk, webdav+https://user@host/path, or \
    s3://bucket/prefix?key=ACCESS_KEY_ID&endpoint=https://host"
);

/// See the module header.
#[derive(Default)]
pub struct AddPlace {
    /// None: a place that has an address.
    cloud: Option<CloudForm>,
    address: String,
    account: String,
    password: NewPassword,
    shown: bool,
    busy: bool,
    /// Why it did not work.
    problem: String,
    opened: bool,
}

enum Choice {
    Cancel,
    Add,
}

impl AddPlace {
    fn is_ready(&self) -> bool {
        let placed = match &self.cloud {
            Some(cloud) => cloud.account().is_some(),
            None => !self.address.trim().is_empty(),
        };
        !self.busy && placed && self.password.ready().is_some()
    }

    fn kind(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let mut options = vec![(None, t!("Folder, WebDAV or S3"))];
        options.extend(Cloud::ALL.map(|cloud| (Some(cloud), cloud.name())));
        let mut kind = self.cloud.as_ref().map(|cloud| cloud.service);
        named(ui, t!("Kind"));
        let width = ui.available_width();
        if field::combo(ui, t!("Kind"), width, &mut kind, &options) {
            self.cancel(cx);
            self.cloud = kind.map(CloudForm::of);
            self.problem.clear();
        }
        ui.add_space(sp::M);
    }

    fn cancel(&mut self, cx: &UiContext<'_>) {
        if let Some(cloud) = &mut self.cloud {
            cloud.cancel(cx);
        }
    }

    fn place(&mut self, ui: &mut Ui) {
        let field = place(ui, &mut self.address, &mut self.account, !self.shown);
        if !std::mem::replace(&mut self.opened, true) {
            field.request_focus();
        }
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Add a place for copies"));
        self.kind(cx, ui);
        match &mut self.cloud {
            Some(cloud) => cloud.ui(cx, ui),
            None => self.place(ui),
        }
        let entered = self.password.fields(ui, !self.shown);
        ui.add_space(sp::S);
        check::checkbox(ui, &mut self.shown, t!("Show the passwords"));
        ui.add_space(sp::S);
        let (words, bad) = match self.password.verdict() {
            _ if self.busy => (t!("Asking…"), false),
            _ if !self.problem.is_empty() => (self.problem.as_str(), true),
            verdict => verdict,
        };
        let color = if bad { t.danger } else { t.text2 };
        text::paragraph_in(ui, words, font::small(), color);
        let add = Button::new(t!("Add"))
            .kind(Kind::Primary)
            .enabled(self.is_ready());
        ui.add_space(-sp::M);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), add]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if self.is_ready() && (footer.chosen(1) || entered) => Some(Choice::Add),
            () => None,
        }
    }
}

/// Whether a place asks for an account of its own.
fn has_account(address: &str) -> bool {
    address.contains("://") && !address.starts_with("file://")
}

/// Where a vault is, and the account there if it has one; returns the field of the place.
pub(super) fn place(
    ui: &mut Ui,
    address: &mut String,
    account: &mut String,
    hidden: bool,
) -> Response {
    let t = Tokens::of(ui);
    named(ui, t!("Place"));
    let field = Field::new(address, t!("Place"))
        .hint("/media/usb/flashcards")
        .show(ui);
    ui.add_space(sp::XS);
    text::paragraph_in(ui, lang::say(ABOUT), font::small(), t.text2);
    ui.add_space(sp::M);
    if has_account(address) {
        named(ui, t!("Password of the account, or secret key"));
        Field::new(account, t!("Password of the account"))
            .hidden(hidden)
            .show(ui);
        ui.add_space(sp::M);
    }
    field
}

impl Dialog for AddPlace {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(cx, ui));
        match shown.inner {
            Some(Choice::Cancel) => {
                self.cancel(cx);
                return Flow::Close;
            }
            Some(Choice::Add) => {
                self.busy = true;
                self.problem.clear();
                let (address, account) = match &self.cloud {
                    Some(cloud) => (cloud.address(), cloud.account().cloned()),
                    None => (self.address.clone(), Some(Secret::new(&*self.account))),
                };
                cx.ask(Request::Vault(VaultRequest::Add(NewPlace {
                    address,
                    account: account.unwrap_or_default(),
                    password: self.password.ready().unwrap_or_default(),
                })));
            }
            None => {}
        }
        if shown.dismissed {
            self.cancel(cx);
            Flow::Close
        } else {
            Flow::Stay
        }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Some(cloud) = &mut self.cloud {
            cloud.on_event(event);
        }
        match event {
            Event::Vault(VaultEvent::Added { .. }) if self.busy => return Flow::Close,
            Event::Vault(VaultEvent::NotAdded(message)) if self.busy => {
                self.busy = false;
                self.problem = message.why();
            }
            _ => {}
        }
        Flow::Stay
    }
}
