//! Preferences > Syncing: the account, when syncs happen by themselves, and what stops one.

use super::model;
use super::parts::{Group, Sheet, Stepper};
use super::{Press, Shown, State};
use crate::t;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text;
use eframe::egui::Align;
use std::time::Duration;

/// Between two looks at how far the media are.
const REPAINT: Duration = Duration::from_millis(200);

pub(super) fn show(sheet: &mut Sheet<'_>, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let sync = &mut state.profile.sync;
    let pressed = sheet.group(t!("Account"), |group| {
        if !sync.logged_in {
            let nobody = t!("Nobody is logged in; no server is contacted");
            return with_button(group, nobody, t!("Log in…")).then_some(Press::LogIn);
        }
        let who = t!("{user} at {server}", user = sync.user, server = sync.server);
        let log_out = with_button(group, &who, t!("Log out")).then_some(Press::LogOut);
        if let Some(r) = group.room(t!("Log out")) {
            let t = Tokens::of(group.ui());
            text::label(
                group.ui(),
                r,
                Align::Min,
                &shown.sync,
                font::body(),
                t.text2,
            );
        }
        log_out.or(media(group, shown))
    });
    let mut changed = sheet.group(t!("When"), |group| {
        group.switch(
            t!("Sync when the profile is opened and closed"),
            &mut sync.automatic,
        ) | group.switch(t!("Also sync sounds and pictures"), &mut sync.media)
            | group.switch(
                t!("Sync sounds and pictures every 15 minutes, too"),
                &mut sync.periodic_media,
            )
    });
    let note = t!(
        "At 100% nothing is asked. In one direction: you choose which, both sides are saved first."
    );
    changed |= sheet.noted(t!("Safety"), note, |group| {
        let stop = Stepper {
            words: t!("Ask before more than this is deleted"),
            unit: "%",
            limits: model::MOST_DELETED,
            step: 5,
        };
        let one_way = t!("On next sync, force changes in one direction");
        group.number(stop, &mut sync.most_deleted_percent)
            | group.switch(one_way, &mut sync.force_one_way)
    });
    state.profile_changed |= changed;
    pressed
}

/// Words that leave room for their button; true when that was pressed.
fn with_button(group: &mut Group<'_, '_>, words: &str, label: &str) -> bool {
    let Some(mut r) = group.room(&format!("{words} {label}")) else {
        return false;
    };
    let pressed = group.cut_buttons(&mut r, &[label]).is_some();
    let t = Tokens::of(group.ui());
    text::label(group.ui(), r, Align::Min, words, font::body(), t.text);
    pressed
}

/// Sounds and pictures now, or no more of them.
fn media(group: &mut Group<'_, '_>, shown: &Shown<'_>) -> Option<Press> {
    let (words, label, press) = match &shown.media {
        Some(progress) => (progress.as_str(), t!("Stop"), Press::StopMedia),
        None => (t!("Sounds and pictures"), t!("Sync now"), Press::SyncMedia),
    };
    if shown.media.is_some() {
        group.ui().ctx().request_repaint_after(REPAINT);
    }
    with_button(group, words, label).then_some(press)
}
