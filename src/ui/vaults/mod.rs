//! Backups > Copies Elsewhere: the encrypted copies of the profile on other disks and machines,
//! how each stands, and what can be done with it. A place is added in `add`, services are
//! entered in `sign_in`, what stays there is said in `keep`, what goes by hand in `forget`, its password
//! in `password`; the words are in `model`.

mod add;
mod forget;
mod keep;
mod mail;
pub mod model;
mod password;
mod restore;
mod schedule;
mod sheet;
mod sign_in;

pub use restore::RestoreElsewhere;

use crate::base::lang;
use crate::service::event::Event;
use crate::service::mail::{MailEvent, MailRequest, Mailing};
use crate::service::request::Request;
use crate::service::vaults::{Place, Schedule, VaultEvent, VaultRequest};
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::Question;
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::{Cut as _, check, empty, ic, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Key, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

/// A card's height.
const CARD: f32 = 149.0;
const GAP: f32 = 14.0;
/// A card wider than this parts its words from its switch.
const WIDEST: f32 = 900.0;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct VaultsScreen {
    places: Option<Vec<Place>>,
    mailing: Option<Box<Mailing>>,
    opened: bool,
}

impl VaultsScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if !std::mem::replace(&mut self.opened, true) {
            cx.ask(Request::Vault(VaultRequest::List));
            cx.ask(Request::Mail(MailRequest::Get));
        }
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        let mut body = surface::middle(r, 24.0, WIDEST);
        body.cut_top(18.0);
        let mut title = body.cut_top(28.0);
        bottom_bar::sign(cx, ui, &mut title);
        let words = t!("Copies Elsewhere");
        text::heading(ui, title, Align::Min, words, font::title(), t.text);
        let line = body.cut_top(22.0);
        let about =
            t!("Cards, media, history and preferences, encrypted; only what is new is sent.");
        text::label(ui, line, Align::Min, about, font::small(), t.text2);
        body.cut_top(14.0);
        let mailing = self.mailing.as_deref();
        match &self.places {
            None => {}
            Some(places) if places.is_empty() && mailing.is_none() => nothing(ui, body),
            Some(places) => list(cx, ui, body, places, mailing),
        }
        surface::hline(ui, foot, foot.min.y, t.border);
        self.footer(cx, ui, surface::middle(foot, 24.0, WIDEST));
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
    }

    fn close(&mut self, cx: &UiContext<'_>) {
        self.opened = false;
        cx.send(Action::Back);
    }

    fn footer(&mut self, cx: &UiContext<'_>, ui: &mut Ui, foot: Rect) {
        let add = Button::primary(t!("Add a place…")).icon(ic::ADD);
        let mail = Button::new(t!("By e-mail…")).enabled(self.mailing.is_none());
        let restore = Button::new(t!("Restore from another place…"));
        let pressed = button::row(ui, foot, Align::Min, vec![add, mail, restore]);
        if pressed[0].clicked() {
            cx.open(add::AddPlace::default());
        }
        if pressed[1].clicked() {
            cx.open(mail::SetUpMail::new(None));
        }
        if pressed[2].clicked() {
            cx.open(RestoreElsewhere::anywhere(profile(cx)));
        }
        if button::row(ui, foot, Align::Max, vec![Button::new(t!("Close"))])[0].clicked() {
            self.close(cx);
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Vault(VaultEvent::Places(places)) => self.places = Some(places.clone()),
            Event::Mail(MailEvent::State(mailing)) => self.mailing.clone_from(mailing),
            Event::Profile(_) => *self = Self::default(),
            _ => {}
        }
    }
}

/// What is told wherever the user is.
#[must_use]
pub fn on_event(event: &VaultEvent) -> Vec<Action> {
    let words = match event {
        VaultEvent::Fetched { path } => {
            let path = Some(path.clone());
            return vec![Action::Go(Route::Explorer { path })];
        }
        VaultEvent::Restored {
            profile,
            notes,
            cards,
        } => {
            let words = t!(
                "Restored {notes} and {cards} to “{profile}”",
                notes = tn!(*notes, "{n} note", "{n} notes"),
                cards = tn!(*cards, "{n} card", "{n} cards"),
                profile
            );
            return vec![Action::Toast(Toast::new(words))];
        }
        VaultEvent::SheetWritten { out, with_password } => {
            let name =
                text::name(&out.file_name().unwrap_or_default().to_string_lossy()).into_owned();
            let words = match with_password {
                true => t!("{name} is saved. Delete it once it is printed", name),
                false => {
                    t!(
                        "{name} is saved. Print it and write the password on it",
                        name
                    )
                }
            };
            return vec![Action::Toast(Toast::new(words))];
        }
        VaultEvent::PasswordChanged { old_opens: None } => {
            t!("The new password opens the vault. Keep it safe")
        }
        VaultEvent::PasswordChanged {
            old_opens: Some(why),
        } => {
            let why = lang::known(why);
            let words = t!(
                "The new password opens the vault, but the old one still does: {why}",
                why
            );
            return vec![Action::Toast(Toast::note(words))];
        }
        VaultEvent::Pushed { asked: true, .. } => t!("Saved, and what is there was looked through"),
        VaultEvent::Verified {
            findings, spare: 0, ..
        } if findings.is_empty() => t!("Everything in the vault was read and is sound"),
        VaultEvent::Verified {
            findings, spare, ..
        } if findings.is_empty() => {
            let words = tn!(
                *spare,
                "All snapshots were read and are sound; {n} damaged file there belongs to none of them",
                "All snapshots were read and are sound; {n} damaged files there belong to none of them"
            );
            return vec![Action::Toast(Toast::note(words))];
        }
        VaultEvent::Verified { .. } => {
            let words = t!("The vault is damaged: save to another place now");
            return vec![Action::Toast(Toast::note(words))];
        }
        VaultEvent::Drilled {
            drilled,
            asked: true,
            ..
        } => {
            let words = t!("The newest snapshot was restored for a trial: every row is right");
            return vec![Action::Toast(Toast::tried(words, &drilled.warnings))];
        }
        VaultEvent::Added { made: true, .. } => t!("The vault is made. Keep its password safe"),
        VaultEvent::Added { .. } => t!("The vault that is there is used"),
        // In the dialog that adds a place it is said there.
        VaultEvent::SignedIn { again: true, .. } => t!("You are signed in"),
        VaultEvent::Forgotten { snapshots } => {
            let words = tn!(
                *snapshots,
                "{n} snapshot was deleted",
                "{n} snapshots were deleted"
            );
            return vec![Action::Toast(Toast::new(words))];
        }
        VaultEvent::Places(_)
        | VaultEvent::WouldStay(_)
        | VaultEvent::Deletable { .. }
        | VaultEvent::Looked(_)
        | VaultEvent::NotLooked(_)
        | VaultEvent::Pushed { .. }
        | VaultEvent::Drilled { .. }
        | VaultEvent::NotAdded(_)
        | VaultEvent::SignInAt { .. }
        | VaultEvent::SignedIn { .. }
        | VaultEvent::NotSignedIn { .. } => return vec![],
    };
    vec![Action::Toast(Toast::new(words))]
}

fn profile(cx: &UiContext<'_>) -> Option<String> {
    cx.model.profile_name().map(str::to_owned)
}

/// As [`on_event`], of mails.
#[must_use]
pub fn on_mail_event(event: &MailEvent) -> Vec<Action> {
    let words = match event {
        MailEvent::SetUp => t!("A test mail was sent. Check that it arrived").to_owned(),
        MailEvent::Sent { to } => t!("The backup was sent to {to}", to = to.join(", ")),
        MailEvent::State(_) | MailEvent::NotSetUp(_) => return vec![],
    };
    vec![Action::Toast(Toast::new(words))]
}

fn nothing(ui: &Ui, body: Rect) {
    let lines = [
        t!("A fire, a theft or a broken disk takes the backups on this disk with it.").to_owned(),
        t!("Add a folder on another disk, a server or a cloud, or have it sent by e-mail.")
            .to_owned(),
    ];
    let at = pos2(body.center().x, body.min.y + 90.0);
    empty::place(
        ui,
        at,
        body.width(),
        ic::BACKUP,
        t!("No copy elsewhere yet"),
        &lines,
    );
}

fn list(cx: &UiContext<'_>, ui: &mut Ui, body: Rect, places: &[Place], mailing: Option<&Mailing>) {
    // The bar is at the edge of the window, as on other pages, not on the cards.
    let area = body.with_max_x(ui.max_rect().max.x);
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt("vaults"));
    child.set_clip_rect(area.expand2(vec2(4.0, 0.0)).intersect(ui.clip_rect()));
    let any_busy = places.iter().any(|place| place.busy);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            for place in places {
                let (_, r) = ui.allocate_space(vec2(body.width(), CARD));
                ui.push_id(&place.address, |ui| card(cx, ui, r, place, any_busy));
                ui.add_space(GAP);
            }
            if let Some(mailing) = mailing {
                let (_, r) = ui.allocate_space(vec2(body.width(), mail::HEIGHT));
                mail::card(cx, ui, r, mailing);
            }
        });
}

fn card(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, place: &Place, any_busy: bool) {
    let t = Tokens::of(ui);
    let now = cx.clock.local(cx.now);
    let destination = &place.entry.destination;
    surface::card(ui, r);
    let mut inner = r.pad(16.0, 10.0);
    let mut first = inner.cut_top(24.0);
    let free = !any_busy;
    let ended = destination
        .cloud()
        .filter(|_| place.entry.failure.is_some());
    if let Some(service) = ended {
        let button = Button::new(t!("Sign in…")).height(size::CONTROL_SMALL);
        let at = first.cut_right(button.wanted_width(ui) + 12.0);
        let middle = vec2(at.width() - 12.0, size::CONTROL_SMALL);
        let at = Rect::from_min_size(pos2(at.min.x + 12.0, at.min.y), middle);
        if button.enabled(free).place(ui, at).clicked() {
            cx.open(sign_in::SignInAgain::at(service, place.address.clone()));
        }
    }
    text::label(
        ui,
        first,
        Align::Min,
        &destination.label(),
        font::strong(),
        t.text,
    );
    let line = inner.cut_top(21.0);
    let saved = model::saved(place, &now);
    text::label(ui, line, Align::Min, &saved, font::small(), t.text2);
    let line = inner.cut_top(21.0);
    let checks = model::checks(place, &now);
    text::label(ui, line, Align::Min, &checks, font::small(), t.text2);
    let line = inner.cut_top(21.0);
    let (words, bad) = model::state(place, cx.model.is_suspended(), &now);
    let color = if bad { t.danger } else { t.text2 };
    text::label(ui, line, Align::Min, &words, font::small(), color);
    inner.cut_top(8.0);
    let address = || place.address.clone();
    let saved_once = place.entry.last.is_some();
    let buttons = vec![
        Button::new(t!("Save now")).enabled(free),
        Button::new(t!("Verify"))
            .enabled(free && saved_once)
            .tip(t!("Reads everything that is there")),
        Button::new(t!("Try a restore"))
            .enabled(free && saved_once)
            .tip(t!(
                "Fetches the newest snapshot into a temporary profile and compares every row"
            )),
        Button::new(t!("Restore…")).enabled(free).tip(t!(
            "See what is there; restore it, or take single notes out of it"
        )),
        Button::new(t!("More")).opens_menu().enabled(free),
    ];
    let mut row = inner.cut_top(size::CONTROL);
    let words = t!("Every night");
    // The switch, the words and what parts them.
    let wide = 42.0 + text::width(ui, words, font::small()).ceil() + 4.0;
    let mut switch = row.cut_right(wide.max(150.0));
    let pressed = button::row(ui, row, Align::Min, buttons);
    if pressed[0].clicked() {
        copy_by_hand(
            cx,
            Request::Vault(VaultRequest::Push { address: address() }),
        );
    }
    if pressed[1].clicked() {
        cx.ask(Request::Vault(VaultRequest::Verify { address: address() }));
    }
    if pressed[2].clicked() {
        cx.ask(Request::Vault(VaultRequest::Drill { address: address() }));
    }
    if pressed[3].clicked() {
        cx.open(RestoreElsewhere::from_place(address(), profile(cx)));
    }
    menu::popup(&pressed[4], |ui| more(cx, ui, place, free));
    let mut nightly = place.entry.schedule.nightly;
    let at = switch.cut_right(34.0);
    let at = Rect::from_center_size(at.center(), vec2(34.0, 20.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(at));
    if check::switch(&mut child, &mut nightly, words).changed() {
        let schedule = Schedule {
            nightly,
            ..place.entry.schedule
        };
        let address = address();
        cx.ask(Request::Vault(VaultRequest::SetSchedule {
            address,
            schedule,
        }));
    }
    switch.cut_right(8.0);
    text::right(ui, switch, words, font::small(), t.text2);
}

/// While much that changed waits for an answer, it is asked whether that shall be copied.
fn copy_by_hand(cx: &UiContext<'_>, request: Request) {
    let Some(alarm) = &cx.model.backup.alarm else {
        cx.ask(request);
        return;
    };
    let confirm = Confirm {
        title: t!("Copy it all the same?").into(),
        body: format!(
            "{} {}",
            alarm.told(),
            t!(
                "Nobody has said yet that this is all right. If it was not you, look at what changed before \
                 it is copied; what was copied before stays there."
            )
        ),
        cancel: t!("Cancel").into(),
        action: t!("Copy all the same").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    };
    cx.open(Question::new(confirm, Action::Ask(request)));
}

/// What is seldom wanted.
fn more(cx: &UiContext<'_>, ui: &mut Ui, place: &Place, free: bool) {
    let when = Entry::new(t!("When it is saved…"))
        .tip(t!("After each night, and some hours after the last copy"));
    if when.show(ui).clicked() {
        cx.open(schedule::WhenSaved::of(place));
    }
    let stays = Entry::new(t!("What stays…")).tip(t!(
        "Which snapshots stay there, and how much room they may take"
    ));
    if stays.show(ui).clicked() {
        cx.open(keep::WhatStays::of(place));
    }
    let delete = Entry::new(t!("Delete snapshots…")).enabled(free).tip(t!(
        "Single ones that are not wanted any more, or are damaged"
    ));
    if delete.show(ui).clicked() {
        cx.open(forget::DeleteSnapshots::of(place));
    }
    let page = Entry::new(t!("Recovery sheet…")).tip(t!(
        "A page to print, with all that is needed to get everything back"
    ));
    if page.show(ui).clicked() {
        cx.open(sheet::RecoverySheet::of(place));
    }
    let password = Entry::new(t!("Change the password…")).enabled(free);
    if password.show(ui).clicked() {
        cx.open(password::ChangePassword::of(place));
    }
    menu::separator(ui);
    if Entry::new(t!("Remove…")).show(ui).clicked() {
        cx.open(remove(place));
    }
}

fn remove(place: &Place) -> Question {
    let confirm = Confirm {
        title: t!("Remove this place from the list?").into(),
        body: t!("Nothing is saved there any more, and its password is forgotten here. What is there stays there.").into(),
        cancel: t!("Cancel").into(),
        action: t!("Remove").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    };
    let address = place.address.clone();
    let request = Request::Vault(VaultRequest::Remove { address });
    Question::new(confirm, Action::Ask(request))
}
