//! Backups > Backup Health: what would be lost now, how many copies there are and where, whether a
//! restore was tried, what runs next, what thinning will take, and the log of runs. Numbers come
//! from the worker; the words are in `model`.

pub mod model;

use crate::service::event::{BackupEvent, Event, JobEvent, JobId};
use crate::service::health::Health;
use crate::service::health::READING_MEDIA;
use crate::service::request::{BackupRequest, Request};
use crate::service::vaults::VaultEvent;
use crate::t;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, ic, surface, text};
use eframe::egui::{
    self, Align, Color32, Key, Modifiers, Rangef, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2,
};
use jiff::Zoned;
use model::{Fact, Mark};

/// Above this width two columns stand side by side.
const TWO_COLUMNS: f32 = 860.0;
/// A row wider than this parts its words from its value.
const WIDEST: f32 = 1280.0;
const GAP: f32 = 20.0;
/// Words begin below one another where some rows of a card have a mark.
const MARK: f32 = 24.0;
/// Rows of a long list that are seen at once.
const LIST_ROWS: f32 = 7.0;

/// The screen's own state, for one profile at a time.
#[derive(Debug, Default)]
pub struct HealthScreen {
    profile: String,
    health: Option<Box<Health>>,
    /// Why there is nothing to show.
    failed: Option<String>,
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
        // While a job has the collection, nobody knows what only that has.
        let lent = cx.model.exclusive_job().is_some();
        if !lent && std::mem::take(&mut self.stale) {
            cx.ask(Request::Backup(BackupRequest::Health {
                profile: profile.to_owned(),
            }));
        }
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.close(cx);
        }
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        self.body(cx, ui, r);
        surface::hline(ui, foot, foot.min.y, Tokens::of(ui).border);
        self.footer(cx, ui, foot.pad(24.0, 0.0));
    }

    fn body(&self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let t = Tokens::of(ui);
        let now = cx.clock.local(cx.now);
        let mut body = r.pad(24.0_f32.max((r.width() - WIDEST) / 2.0), 0.0);
        body.cut_top(18.0);
        let title = body.cut_top(28.0);
        text::heading(
            ui,
            title,
            Align::Min,
            t!("Backup Health"),
            font::title(),
            t.text,
        );
        let line = body.cut_top(22.0);
        let Some(health) = &self.health else {
            let (words, color) = match &self.failed {
                Some(why) => (why.as_str(), t.danger),
                None => (t!("Looking…"), t.text2),
            };
            text::label(ui, line, Align::Min, words, font::small(), color);
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
        let reading = cx.model.job_called(READING_MEDIA);
        let next = match cx.model.is_suspended() {
            true => model::next_while_suspended(),
            false => model::next(health, reading, &now),
        };
        if let Some(job) = content(ui, body, health, &next, &now) {
            cx.send(Action::CancelJob(job));
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
        let tip = t!("Restore the newest backup into a temporary profile and compare every row");
        let left = vec![
            Button::new(t!("Back up now")).enabled(is_open),
            Button::new(t!("Try a restore"))
                .enabled(is_open && has_backup)
                .tip(tip),
            match cx.model.is_suspended() {
                true => Button::new(t!("Resume now")).tip(Command::ResumeBackups.info().tooltip),
                false => Button::new(t!("Open Backup…")).icon(ic::HISTORY),
            },
        ];
        let pressed = button::row(ui, foot, Align::Min, left);
        if pressed[0].clicked() {
            cx.send(Action::Command(Command::CreateBackup));
        }
        if pressed[1].clicked() {
            cx.ask(Request::Backup(BackupRequest::Drill));
        }
        if pressed[2].clicked() {
            cx.command(match cx.model.is_suspended() {
                true => Command::ResumeBackups,
                false => Command::OpenBackup,
            });
        }
        if button::row(ui, foot, Align::Max, vec![Button::new(t!("Close"))])[0].clicked() {
            self.close(cx);
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Backup(BackupEvent::Health { profile, health }) if *profile == self.profile => {
                self.health = Some(health.clone());
                self.failed = None;
            }
            Event::Failed { request, message } => {
                if let Request::Backup(BackupRequest::Health { profile }) = &**request
                    && *profile == self.profile
                {
                    self.failed = Some(message.cause.clone());
                }
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
fn content(ui: &mut Ui, body: Rect, health: &Health, next: &[Fact], now: &Zoned) -> Option<JobId> {
    let mut pressed = None;
    // The bar is at the edge of the window, as on other pages, not on the cards.
    let area = body.with_max_x(ui.max_rect().max.x);
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt("health"));
    child.set_clip_rect(area.expand2(vec2(4.0, 0.0)).intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let width = body.width();
            let now_facts = model::now_facts(health, now);
            let copies = model::copies(health, now);
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
                        &[(t!("Now"), &now_facts), (t!("Copies"), &copies)],
                        &mut pressed,
                    ),
                    groups(
                        ui,
                        right,
                        &[
                            (t!("What comes next"), next),
                            (t!("Space" in "disk"), &space),
                        ],
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
                        (t!("Now"), &now_facts),
                        (t!("Copies"), &copies),
                        (t!("What comes next"), next),
                        (t!("Space" in "disk"), &space),
                    ],
                    &mut pressed,
                );
                ui.allocate_space(vec2(width, end - top.y));
            }
            list(
                ui,
                width,
                t!("What stays and what goes"),
                &model::planned(health, now),
            );
            list(ui, width, t!("Log"), &model::log(health, now));
        });
    pressed
}

/// Height of a row of a card.
fn height(ui: &Ui, fact: &Fact, width: f32) -> f32 {
    if fact.under {
        height_from(ui, fact, width, size::CONTROL_SMALL, font::small())
    } else {
        height_from(ui, fact, width, size::ROW_DECK, font::body())
    }
}

/// Height of a row of that width that is `least` high with one line: a value that does not fit
/// beside its words takes more lines.
fn height_from(ui: &Ui, fact: &Fact, width: f32, least: f32, words: egui::FontId) -> f32 {
    let value = text::para_height(
        ui,
        value_width(ui, fact, &words, width),
        &fact.value,
        font::small(),
    );
    let one = text::para_height(ui, f32::INFINITY, "1", font::small());
    least + value - one
}

/// Room for the value beside the words, in a row of that width.
fn value_width(ui: &Ui, fact: &Fact, words: &egui::FontId, width: f32) -> f32 {
    let wanted = text::width(ui, &fact.value, font::small()).ceil() + 2.0;
    let name = text::width(ui, &fact.name, words.clone()) + 2.0;
    let room = width - 14.0;
    wanted.min((room - name).max(room * 0.5))
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
        text::heading(ui, line, Align::Min, title, font::small_strong(), t.text2);
        let marked = facts.iter().any(|fact| fact.mark != Mark::Plain);
        let indent = if marked { MARK } else { 0.0 };
        let room = r.width() - 32.0 - indent;
        let heights: Vec<f32> = facts
            .iter()
            .map(|fact| height(ui, fact, room - cancel_width(ui, fact)))
            .collect();
        let card = r.cut_top(heights.iter().sum::<f32>() + 8.0);
        surface::card(ui, card);
        let mut inner = card.pad(16.0, 4.0);
        for (n, fact) in facts.iter().enumerate() {
            let mut row = inner.cut_top(heights[n]);
            let mark = row.cut_left(indent);
            if fact.under {
                row.max.y -= 6.0;
                self::mark(ui, mark.with_max_y(row.max.y), fact);
                self::row(ui, row, fact, font::small());
                continue;
            }
            if n > 0 {
                surface::hline(ui, row.with_min_x(mark.min.x), row.min.y, t.border);
            }
            self::mark(ui, mark, fact);
            if let Some(job) = fact.job {
                let at = row.cut_right(cancel_width(ui, fact));
                let at = at.with_min_x(at.min.x + 10.0);
                let at = Rect::from_center_size(at.center(), vec2(at.width(), size::CONTROL_SMALL));
                if cancel().place(ui, at).clicked() {
                    *pressed = Some(job);
                }
            }
            self::row(ui, row, fact, font::body());
        }
        r.cut_top(16.0);
    }
    r.min.y
}

fn cancel<'a>() -> Button<'a> {
    Button::new(t!("Cancel")).named(t!("Cancel the check of media"))
}

/// What the button of a running job takes of its row.
fn cancel_width(ui: &Ui, fact: &Fact) -> f32 {
    fact.job.map_or(0.0, |_| cancel().wanted_width(ui) + 10.0)
}

fn mark(ui: &Ui, r: Rect, fact: &Fact) {
    let t = Tokens::of(ui);
    if fact.mark != Mark::Plain {
        text::icon_filled(
            ui,
            pos2(r.min.x + 8.0, r.center().y),
            glyph(fact.mark),
            size::ICON_SMALL,
            color(t, fact.mark),
        );
    }
}

/// Words at the left, what is known at the right, in as many lines as that takes.
fn row(ui: &mut Ui, mut r: Rect, fact: &Fact, words: egui::FontId) {
    let t = Tokens::of(ui);
    let value_color = if fact.mark == Mark::Bad {
        t.danger
    } else {
        t.text2
    };
    let value = value_width(ui, fact, &words, r.width());
    let at = r.cut_right(value);
    r.cut_right(14.0);
    text::label(ui, r, Align::Min, &fact.name, words, t.text);
    let f = font::small();
    let lines = text::para_height(ui, value, &fact.value, f.clone());
    if lines > r.height() || text::width(ui, &fact.value, f.clone()) <= value {
        text::label(ui, at, Align::Max, &fact.value, f, value_color);
    } else {
        let at = Rect::from_center_size(at.center(), vec2(value, lines));
        text::para_aligned(ui, at, Align::Max, &fact.value, f, value_color);
    }
}

/// A card with a list that scrolls in itself when it is long.
fn list(ui: &mut Ui, width: f32, title: &str, facts: &[Fact]) {
    let t = Tokens::of(ui);
    let (_, line) = ui.allocate_space(vec2(width, 24.0));
    text::heading(ui, line, Align::Min, title, font::small_strong(), t.text2);
    let marked = facts.iter().any(|fact| fact.mark != Mark::Plain);
    let room = width - 32.0 - if marked { MARK } else { 0.0 };
    let heights: Vec<f32> = facts
        .iter()
        .map(|fact| height_from(ui, fact, room, size::ROW, font::small()))
        .collect();
    let whole: f32 = heights.iter().sum();
    let seen = whole.clamp(size::ROW, LIST_ROWS * size::ROW);
    let (_, card) = ui.allocate_space(vec2(width, seen + 12.0));
    surface::card(ui, card);
    let inner = card.pad(4.0, 6.0);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(title.to_owned()));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    child.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ScrollArea::vertical()
        .id_salt(title.to_owned())
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, shown| {
            let (_, mut all) = ui.allocate_space(vec2(inner.width(), whole));
            let top = all.min.y;
            for (fact, height) in facts.iter().zip(heights) {
                let mut r = all.cut_top(height).pad(12.0, 0.0);
                let at = Rangef::new(r.min.y - top, r.max.y - top);
                if !at.intersects(shown.y_range()) {
                    continue;
                }
                if marked {
                    mark(ui, r.cut_left(MARK), fact);
                }
                row(ui, r, fact, font::small());
            }
        });
    ui.add_space(16.0);
}
