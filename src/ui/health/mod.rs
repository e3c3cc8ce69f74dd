//! Backups > Backup Health: what would be lost now, how many copies there are and where, whether a
//! restore was tried, what runs next, what thinning will take, and the log of runs. Numbers come
//! from the worker; the words are in `model`.

pub mod model;

use crate::service::event::{BackupEvent, Event, JobEvent, JobId};
use crate::service::health::Health;
use crate::service::health::READING_MEDIA;
use crate::service::jobs::JobView;
use crate::service::request::{BackupRequest, Request};
use crate::service::vaults::VaultEvent;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, ic, surface, text};
use eframe::egui::{
    self, Align, Color32, Key, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2,
};
use jiff::Zoned;
use model::{Fact, Mark};

/// Above this width two columns stand side by side.
const TWO_COLUMNS: f32 = 860.0;
/// A row wider than this parts its words from its value.
const WIDEST: f32 = 1280.0;
const GAP: f32 = 20.0;
/// Rows of a long list that are seen at once.
const LIST_ROWS: f32 = 7.0;

/// The screen's own state, for one profile at a time.
#[derive(Debug, Default)]
pub struct HealthScreen {
    profile: String,
    health: Option<Box<Health>>,
    /// What is shown may be old.
    stale: bool,
    opened: bool,
}

impl HealthScreen {
    /// Draws the screen for `profile` into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, profile: &str) {
        if !self.opened || self.profile != profile {
            *self = Self {
                profile: profile.to_owned(),
                stale: true,
                opened: true,
                ..Self::default()
            };
        }
        if std::mem::take(&mut self.stale) {
            cx.ask(Request::Backup(BackupRequest::Health {
                profile: profile.to_owned(),
            }));
        }
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, foot, foot.min.y, t.border);
        self.footer(cx, ui, foot.pad(24.0, 0.0));
        let now = cx.clock.local(cx.now);
        let mut body = r.pad(24.0_f32.max((r.width() - WIDEST) / 2.0), 0.0);
        body.cut_top(18.0);
        let title = body.cut_top(28.0);
        text::label(
            ui,
            title,
            Align::Min,
            "Backup health",
            font::title(),
            t.text,
        );
        let line = body.cut_top(22.0);
        let Some(health) = &self.health else {
            text::label(ui, line, Align::Min, "Looking…", font::small(), t.text2);
            return;
        };
        let (mark, words) = model::headline(health, &now);
        let color = color(t, mark);
        let glyph = glyph(mark);
        text::icon_filled(
            ui,
            pos2(line.min.x + 8.0, line.center().y),
            glyph,
            16.0,
            color,
        );
        let mut after = line;
        after.cut_left(22.0);
        text::label(ui, after, Align::Min, &words, font::small(), t.text2);
        body.cut_top(14.0);
        let reading = cx.model.jobs.iter().find(|job| job.title == READING_MEDIA);
        if let Some(job) = content(ui, body, health, reading, &now) {
            cx.send(Action::CancelJob(job));
        }
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
    }

    fn close(&mut self, cx: &UiContext<'_>) {
        self.opened = false;
        cx.send(Action::Back);
    }

    fn footer(&mut self, cx: &UiContext<'_>, ui: &mut Ui, foot: Rect) {
        let is_open = cx.model.is_open();
        let has_backup = self
            .health
            .as_ref()
            .is_some_and(|h| h.last_verified.is_some());
        let tip = "Restore the newest backup into a temporary profile and compare every row";
        let left = vec![
            Button::new("Back up now").enabled(is_open),
            Button::new("Try a restore")
                .enabled(is_open && has_backup)
                .tip(tip),
            Button::new("Open Backup…").icon(ic::HISTORY),
        ];
        let pressed = button::row(ui, foot, Align::Min, left);
        if pressed[0].clicked() {
            cx.send(Action::Command(Command::CreateBackup));
        }
        if pressed[1].clicked() {
            cx.ask(Request::Backup(BackupRequest::Drill));
        }
        if pressed[2].clicked() {
            cx.send(Action::Command(Command::OpenBackup));
        }
        if button::row(ui, foot, Align::Max, vec![Button::new("Close")])[0].clicked() {
            self.close(cx);
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Backup(BackupEvent::Health { profile, health }) if *profile == self.profile => {
                self.health = Some(health.clone());
            }
            Event::Backup(
                BackupEvent::Created { .. }
                | BackupEvent::Drilled { .. }
                | BackupEvent::Status(_)
                | BackupEvent::Restored { .. },
            )
            | Event::Vault(VaultEvent::Places(_))
            | Event::Job(JobEvent::Failed { .. } | JobEvent::Cancelled { .. }) => {
                self.stale = true;
            }
            _ => {}
        }
    }
}

fn color(t: &Tokens, mark: Mark) -> Color32 {
    match mark {
        Mark::Good => t.ok,
        Mark::Warn => t.warn,
        Mark::Bad => t.danger,
        Mark::Plain => t.text3,
    }
}

fn glyph(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => ic::CHECK_CIRCLE,
        Mark::Warn | Mark::Plain => ic::WARN,
        Mark::Bad => ic::ERROR,
    }
}

/// Returns the job whose Cancel was pressed.
fn content(
    ui: &mut Ui,
    body: Rect,
    health: &Health,
    reading: Option<&JobView>,
    now: &Zoned,
) -> Option<JobId> {
    let mut pressed = None;
    let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt("health"));
    child.set_clip_rect(body.expand2(vec2(4.0, 0.0)).intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let width = ui.available_width() - 8.0;
            let now_facts = model::now_facts(health, now);
            let copies = model::copies(health, now);
            let next = model::next(health, reading, now);
            let space = model::space(health);
            if width >= TWO_COLUMNS {
                // What is at the left is longer.
                let column = ((width - GAP) * 0.56).round();
                let top = ui.cursor().min;
                let left = Rect::from_min_size(top, vec2(column, 4000.0));
                let rest = vec2(width - column - GAP, 4000.0);
                let right = Rect::from_min_size(top + vec2(column + GAP, 0.0), rest);
                let ends = [
                    groups(
                        ui,
                        left,
                        &[("Now", &now_facts), ("Copies", &copies)],
                        &mut pressed,
                    ),
                    groups(
                        ui,
                        right,
                        &[("What comes next", &next), ("Space", &space)],
                        &mut pressed,
                    ),
                ];
                ui.allocate_space(vec2(width, ends[0].max(ends[1]) - top.y));
            } else {
                let top = ui.cursor().min;
                let all = Rect::from_min_size(top, vec2(width, 4000.0));
                let end = groups(
                    ui,
                    all,
                    &[
                        ("Now", &now_facts),
                        ("Copies", &copies),
                        ("What comes next", &next),
                        ("Space", &space),
                    ],
                    &mut pressed,
                );
                ui.allocate_space(vec2(width, end - top.y));
            }
            list(
                ui,
                width,
                "What stays and what goes",
                &model::planned(health, now),
            );
            list(ui, width, "Log", &model::log(health, now));
        });
    pressed
}

fn height(fact: &Fact) -> f32 {
    if fact.under {
        size::CONTROL_SMALL
    } else {
        size::ROW_DECK
    }
}

/// Headings with their rows in cards; returns where the last one ends.
fn groups(
    ui: &mut Ui,
    mut r: Rect,
    groups: &[(&str, &[Fact])],
    pressed: &mut Option<JobId>,
) -> f32 {
    let t = Tokens::of(ui);
    for (title, facts) in groups {
        let line = r.cut_top(24.0);
        text::label(ui, line, Align::Min, title, font::small_strong(), t.text2);
        let rows: f32 = facts.iter().map(height).sum();
        let card = r.cut_top(rows + 8.0);
        surface::card(ui, card);
        let mut inner = card.pad(16.0, 4.0);
        for (n, fact) in facts.iter().enumerate() {
            let mut row = inner.cut_top(height(fact));
            if fact.under {
                row.max.y -= 6.0;
                self::row(ui, row, fact, font::small());
                continue;
            }
            if n > 0 {
                surface::hline(ui, row, row.min.y, t.border);
            }
            if let Some(job) = fact.job {
                let cancel = Button::new("Cancel").named("Cancel the check of media");
                let width = cancel.wanted_width(ui);
                let at = row.cut_right(width);
                let at = Rect::from_center_size(at.center(), vec2(width, size::CONTROL_SMALL));
                row.cut_right(10.0);
                if cancel.place(ui, at).clicked() {
                    *pressed = Some(job);
                }
            }
            self::row(ui, row, fact, font::body());
        }
        r.cut_top(16.0);
    }
    r.min.y
}

/// Words at the left, what is known at the right.
fn row(ui: &mut Ui, mut r: Rect, fact: &Fact, words: egui::FontId) {
    let t = Tokens::of(ui);
    if fact.mark != Mark::Plain {
        let at = r.cut_left(24.0);
        let at = pos2(at.min.x + 8.0, at.center().y);
        text::icon_filled(
            ui,
            at,
            glyph(fact.mark),
            size::ICON_SMALL,
            color(t, fact.mark),
        );
    }
    let value_color = if fact.mark == Mark::Bad {
        t.danger
    } else {
        t.text2
    };
    let wanted = text::width(ui, &fact.value, font::small()) + 2.0;
    let name = text::width(ui, &fact.name, words.clone()) + 2.0;
    let room = r.width() - 14.0;
    // What does not fit is cut where there is more of it.
    let value = wanted.min((room - name).max(room * 0.5));
    let at = r.cut_right(value);
    r.cut_right(14.0);
    text::label(ui, r, Align::Min, &fact.name, words, t.text);
    if !fact.value.is_empty() {
        text::label(ui, at, Align::Max, &fact.value, font::small(), value_color);
    }
}

/// A card with a list that scrolls in itself when it is long.
fn list(ui: &mut Ui, width: f32, title: &str, facts: &[Fact]) {
    let t = Tokens::of(ui);
    let (_, line) = ui.allocate_space(vec2(width, 24.0));
    text::label(ui, line, Align::Min, title, font::small_strong(), t.text2);
    let rows = (facts.len() as f32).clamp(1.0, LIST_ROWS);
    let (_, card) = ui.allocate_space(vec2(width, rows * size::ROW + 12.0));
    surface::card(ui, card);
    let inner = card.pad(4.0, 6.0);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(title.to_owned()));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ScrollArea::vertical()
        .id_salt(title.to_owned())
        .auto_shrink(false)
        .show_rows(&mut child, size::ROW, facts.len(), |ui, shown| {
            for fact in &facts[shown] {
                let (_, r) = ui.allocate_space(vec2(inner.width(), size::ROW));
                row(ui, r.pad(12.0, 0.0), fact, font::small());
            }
        });
    ui.add_space(16.0);
}
