//! Preferences > Syncing: the account, when syncs happen by themselves, and what stops one.

use super::model;
use super::parts::{self, Stepper};
use super::{Press, Shown, State};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::text;
use eframe::egui::{Align, Rect, Ui, vec2};
use std::time::Duration;

/// Between two looks at how far the media are.
const REPAINT: Duration = Duration::from_millis(200);

pub(super) fn show(ui: &mut Ui, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let t = Tokens::of(ui);
    super::pages::heading(ui, "Syncing");
    let sync = &mut state.profile.sync;
    let mut account = parts::group(ui, "Account", if sync.logged_in { 3 } else { 1 });
    let (words, label, press) = if sync.logged_in {
        let who = format!("{} at {}", sync.user, sync.server);
        (who, "Log out", Press::LogOut)
    } else {
        let nobody = "Nobody is logged in; no server is contacted".to_owned();
        (nobody, "Log in…", Press::LogIn)
    };
    let mut r = parts::row(ui, &mut account, "");
    let button = Button::new(label).height(size::CONTROL_SMALL);
    let mut pressed = button::row(ui, r, Align::Max, vec![button])[0]
        .clicked()
        .then_some(press);
    r.max.x -= 120.0;
    text::label(ui, r, Align::Min, &words, font::body(), t.text);
    if sync.logged_in {
        let r = parts::row(ui, &mut account, "");
        text::label(ui, r, Align::Min, &shown.sync, font::body(), t.text2);
        pressed = pressed.or(media(ui, &mut account, shown));
    }
    let mut changed = false;
    let mut when = parts::group(ui, "When", 3);
    let words = "Sync when the profile is opened and closed";
    changed |= parts::switch(ui, &mut when, words, &mut sync.automatic);
    let words = "Also sync sounds and pictures";
    changed |= parts::switch(ui, &mut when, words, &mut sync.media);
    let words = "Sync sounds and pictures every 15 minutes, too";
    changed |= parts::switch(ui, &mut when, words, &mut sync.periodic_media);
    let mut safety = parts::group(ui, "Safety", 2);
    let stop = Stepper {
        words: "Ask before more than this is deleted",
        unit: "percent",
        limits: model::MOST_DELETED,
        step: 5,
    };
    changed |= stop.show(ui, &mut safety, &mut sync.most_deleted_percent);
    let words = "On next sync, force changes in one direction";
    changed |= parts::switch(ui, &mut safety, words, &mut sync.force_one_way);
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), 22.0));
    let words =
        "100 percent never asks. In one direction: you choose which, both sides are saved first.";
    text::label(ui, r, Align::Min, words, font::small(), t.text3);
    state.profile_changed |= changed;
    pressed
}

/// Sounds and pictures now, or no more of them.
fn media(ui: &mut Ui, group: &mut Rect, shown: &Shown<'_>) -> Option<Press> {
    let t = Tokens::of(ui);
    let (words, label, press) = match &shown.media {
        Some(progress) => (progress.as_str(), "Stop", Press::StopMedia),
        None => ("Sounds and pictures", "Sync now", Press::SyncMedia),
    };
    let mut r = parts::row(ui, group, "");
    let button = Button::new(label).height(size::CONTROL_SMALL);
    let pressed = button::row(ui, r, Align::Max, vec![button])[0].clicked();
    r.max.x -= 120.0;
    text::label(ui, r, Align::Min, words, font::body(), t.text);
    if shown.media.is_some() {
        ui.ctx().request_repaint_after(REPAINT);
    }
    pressed.then_some(press)
}
