//! The foot of the Explorer: how many notes are ticked, how they come back, and the buttons.

use super::ExplorerScreen;
use crate::base::ids::NoteId;
use crate::domain::recovery::Mode;
use crate::service::explorer::ExplorerRequest;
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::history::NoteHistoryDialog;
use crate::ui::import_export::{PasswordDialog, backup_ask};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{combo, combo_width};
use crate::ui::widgets::text::number;
use crate::ui::widgets::{Cut as _, check, ic, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Layout, Rect, Ui, vec2};

/// Narrower, it says how many notes are ticked, and not of how many.
const SHORT: f32 = 140.0;

impl ExplorerScreen {
    /// How notes come back, at the right end of `r`, which keeps `others` where it can.
    fn mode_choice(&mut self, ui: &mut Ui, r: &mut Rect, others: f32) {
        const LEAST: f32 = 220.0;
        let modes: Vec<(Mode, &str)> = Mode::ALL.iter().map(|m| (*m, m.label())).collect();
        let room = (r.width() - others - 12.0).max(LEAST);
        let choice = r
            .cut_right(combo_width(ui, LEAST, &modes).min(room))
            .pad(0.0, (r.height() - size::CONTROL) / 2.0);
        surface::region(ui, choice, Layout::left_to_right(Align::Min), |ui| {
            let name = t!("How notes come back");
            combo(ui, name, choice.width(), &mut self.mode, &modes)
        });
        r.cut_right(12.0);
    }

    pub(super) fn foot(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let t = Tokens::of(ui);
        let mut r = r;
        let (notes, items) = (self.ticked.len() as u64, self.items.ticked().len() as u64);
        let action = match (notes, items) {
            (0, 0) => t!("Recover").to_owned(),
            (n, 0) => tn!(n, "Recover {n} note", "Recover {n} notes"),
            (n, m) => tn!(n + m, "Recover {n} item", "Recover {n} items"),
        };
        let lent = cx.model.jobs.iter().any(|job| job.exclusive);
        let recover = Button::primary(&action).enabled(notes + items > 0 && !lent);
        let close = Button::new(t!("Close"));
        let file = Button::icon_only(ic::FOLDER, t!("Open a file…"))
            .tip(t!("Explore a backup from elsewhere"));
        let find = Button::icon_only(ic::HISTORY, t!("Find in all backups"))
            .tip(t!("All versions of the note on show, from all backups"))
            .enabled(self.chosen.is_some() && self.items.kind().is_none());
        let buttons = [&find, &file, &close, &recover];
        let width = buttons.map(|b| b.wanted_width(ui) + 8.0).iter().sum();
        let buttons = r.cut_right(width);
        let pressed = button::row(ui, buttons, Align::Max, vec![find, file, close, recover]);
        r.cut_right(12.0);
        let tick_width = text::width(ui, t!("With media"), font::body()) + 28.0;
        // The tick and how many notes are ticked stand before it.
        self.mode_choice(ui, &mut r, tick_width + 12.0 + SHORT);
        // Of some ways all is media, or nothing; others leave the choice.
        let is_used = |wanted: fn(Mode) -> bool| match self.ticked.is_empty() {
            true => wanted(self.mode),
            false => {
                let mut own = self.ticked.values();
                own.any(|own| wanted(own.unwrap_or(self.mode)))
            }
        };
        let is_free = is_used(|mode| !mode.is_schedule() && mode != Mode::Media);
        let mut media = match is_free {
            true => !self.without_media,
            false => is_used(|mode| mode == Mode::Media),
        };
        let tick = r.cut_right(tick_width);
        let tick = tick.pad(0.0, (tick.height() - 20.0) / 2.0);
        let tick = tick.translate(vec2(0.0, -2.0));
        surface::region(ui, tick, Layout::left_to_right(Align::Center), |ui| {
            ui.add_enabled_ui(is_free, |ui| {
                check::checkbox(ui, &mut media, t!("With media"));
            });
        });
        if is_free {
            self.without_media = !media;
        }
        r.cut_right(12.0);
        if self.listing.is_some() || self.items.kind().is_some() {
            let words = self.how_many_ticked(ui, r.width());
            text::label(ui, r, Align::Min, &words, font::small(), t.text2);
        }
        if let Some(note) = self.chosen.filter(|_| pressed[0].clicked()) {
            for action in NoteHistoryDialog::find_in_backups(note) {
                cx.send(action);
            }
        }
        if pressed[1].clicked() {
            cx.pick_file(backup_ask(), |path| {
                PasswordDialog::before(path, |path| {
                    let path = Some(path);
                    Action::Replace(Route::Explorer { path })
                })
            });
        }
        if pressed[2].clicked() {
            self.close(cx);
        }
        if pressed[3].clicked() {
            self.recover(cx);
        }
    }

    fn how_many_ticked(&self, ui: &Ui, room: f32) -> String {
        if self.items.kind().is_some() {
            return t!("{n} ticked", n = number(self.items.ticked().len() as u64));
        }
        let of = self.listing.as_ref().map_or(0, |l| l.notes.len());
        let ticked = number(self.ticked.len() as u64);
        // Those that were ticked in another list come back too.
        let any_elsewhere = self.ticked_here < self.ticked.len();
        if room < SHORT || any_elsewhere {
            return t!("{n} ticked", n = ticked);
        }
        let words = tn!(
            of as u64,
            "{ticked} of {n} note ticked",
            "{ticked} of {n} notes ticked",
            ticked
        );
        let more = t!("{words} · nothing is touched yet", words);
        match text::width(ui, &more, font::small()) <= room {
            true => more,
            false => words,
        }
    }

    fn recover(&self, cx: &UiContext<'_>) {
        let own = |(id, own): (&NoteId, &Option<Mode>)| own.map(|mode| (*id, mode));
        cx.ask(Request::Explorer(ExplorerRequest::Recover {
            notes: self.ticked.keys().copied().collect(),
            mode: self.mode,
            modes: self.ticked.iter().filter_map(own).collect(),
            media: !self.without_media,
            items: self.items.ticked().iter().cloned().collect(),
        }));
    }
}
