//! Backups > Timeline: how much of the collection changed on which day, what stands out, and from
//! there to the newest backup of before. Numbers come from the worker; the words are in `model`.

pub mod model;

use crate::backup::entry::{Entry, newest_before};
use crate::domain::timeline::{Day, Kind, Timeline};
use crate::service::event::{BackupEvent, Event};
use crate::service::looks::TIMELINE;
use crate::service::request::{BackupRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::backups::list::Picked;
use crate::ui::backups::words;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::route::Route;
use crate::ui::stats::model::Range;
use crate::ui::theme::{Tokens, font, size, time};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, ic, list, row, segments, surface, text};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Color32, Key, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::Zoned;
use jiff::civil::Date;
use model::{Line, Lines};

/// A row wider than this parts a date from its words.
const WIDEST: f32 = 1280.0;
/// Above this width the two lists stand side by side.
const TWO_COLUMNS: f32 = 860.0;
const GAP: f32 = 20.0;
/// Height of the bars with their key: less in a low window, which the lists need more.
const BARS: f32 = 132.0;
const BARS_LOW: f32 = 84.0;
const BARS_SHARE: f32 = 0.25;
const WHEN: f32 = 112.0;

/// The row that the keys are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Spike(usize),
    Day(usize),
}

/// The screen's own state.
#[derive(Debug)]
pub struct TimelineScreen {
    profile: String,
    timeline: Option<Box<Timeline>>,
    /// Newest first.
    backups: Vec<Entry>,
    /// Why there is nothing to show.
    failed: Option<String>,
    /// The look was cancelled.
    stopped: bool,
    range: Range,
    lines: Lines,
    /// Of which range and day `lines` are.
    made: Option<(Range, Date)>,
    chosen: Option<Chosen>,
    /// The keys go to the lists.
    fresh: bool,
    /// What is shown may be old.
    stale: bool,
    /// The frame in which it was drawn last.
    drawn: Option<u64>,
}

impl Default for TimelineScreen {
    fn default() -> Self {
        Self {
            profile: String::new(),
            timeline: None,
            backups: Vec::new(),
            failed: None,
            stopped: false,
            range: Range::Year,
            lines: Lines::default(),
            made: None,
            chosen: None,
            fresh: false,
            stale: false,
            drawn: None,
        }
    }
}

impl TimelineScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let frame = ui.ctx().cumulative_frame_nr();
        if self.drawn.is_none_or(|drawn| drawn + 1 < frame) {
            self.profile = cx.model.profile_name().unwrap_or_default().to_owned();
            self.fresh = true;
            self.stale = true;
        }
        self.drawn = Some(frame);
        // A job that has the collection may change it.
        let lent = cx.model.exclusive_job().is_some();
        if !lent && std::mem::take(&mut self.stale) {
            self.ask(cx);
        }
        self.stale |= lent;
        let now = cx.clock.local(cx.now);
        self.refresh(&now);
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, foot, foot.min.y, t.border);
        let mut body = surface::middle(r, 24.0, WIDEST);
        body.cut_top(18.0);
        self.head(cx, ui, body.cut_top(50.0));
        body.cut_top(12.0);
        body.cut_bottom(16.0);
        let mut act = false;
        match (&self.failed, &self.timeline) {
            (Some(why), _) => {
                let line = body.cut_top(24.0);
                text::label(ui, line, Align::Min, why, font::body(), t.danger);
            }
            (None, None) => self.looking(cx, ui, body.cut_top(24.0)),
            (None, Some(timeline)) => {
                let first = model::begins(self.range, &now)
                    .or_else(|| self.lines.days.last().map(|line| line.date))
                    .map_or(now.date(), |first| first.min(now.date()));
                let high = (body.height() * BARS_SHARE).round().clamp(BARS_LOW, BARS);
                let picked = bars(ui, body.cut_top(high), &timeline.days, first, now.date());
                body.cut_top(16.0);
                if let Some(date) = picked {
                    let at = self.lines.days.iter().position(|line| line.date == date);
                    self.chosen = at.map(Chosen::Day).or(self.chosen);
                    self.fresh = true;
                }
                act = self.lists(ui, body);
            }
        }
        self.footer(cx, ui, foot.pad(24.0, 0.0), &now, act);
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            cx.send(Action::Back);
        }
    }

    fn ask(&mut self, cx: &UiContext<'_>) {
        self.failed = None;
        self.stopped = false;
        cx.ask(Request::Backup(BackupRequest::Timeline));
    }

    /// While there is nothing to show yet: that, with a way to stop it or to begin again.
    fn looking(&mut self, cx: &UiContext<'_>, ui: &mut Ui, line: Rect) {
        let t = Tokens::of(ui);
        let words = match self.stopped {
            true => t!("Stopped"),
            false => t!("Looking…"),
        };
        let said = text::label(ui, line, Align::Min, words, font::body(), t.text2);
        let after = line.with_min_x(said.rect.max.x + 16.0);
        let small = |words: &'static str| vec![Button::new(words).height(size::CONTROL_SMALL)];
        if self.stopped {
            let again = small(t!("Look again"));
            if button::row(ui, after, Align::Min, again)[0].clicked() {
                self.ask(cx);
            }
            return;
        }
        // Nothing tells that the job began, which can be cancelled then.
        ui.request_repaint_after_secs(time::PROGRESS_AFTER as f32);
        if let Some(job) = cx.model.job_called(TIMELINE)
            && button::row(ui, after, Align::Min, small(t!("Cancel")))[0].clicked()
        {
            cx.send(Action::CancelJob(job.id));
        }
    }

    /// The lines of another range, or of another day.
    fn refresh(&mut self, now: &Zoned) {
        let wanted = Some((self.range, now.date()));
        let Some(timeline) = self.timeline.as_ref().filter(|_| self.made != wanted) else {
            return;
        };
        let lines = Lines::of(timeline, self.range, now);
        self.made = wanted;
        if self.lines == lines && self.chosen.is_some() {
            return;
        }
        self.chosen = match (lines.spikes.is_empty(), lines.days.is_empty()) {
            (false, _) => Some(Chosen::Spike(0)),
            (true, false) => Some(Chosen::Day(0)),
            (true, true) => None,
        };
        self.lines = lines;
    }

    fn head(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let t = Tokens::of(ui);
        bottom_bar::sign(cx, ui, &mut r);
        let labels = Range::ALL.map(Range::label);
        let chosen = Range::ALL.iter().position(|range| *range == self.range);
        let chosen = chosen.unwrap_or(0);
        let made = segments::cut_end(ui, &mut r, GAP, t!("Range"), &labels, chosen);
        if let Some(n) = made {
            self.range = Range::ALL[n];
        }
        let title = r.cut_top(28.0);
        text::heading(ui, title, Align::Min, t!("Timeline"), font::title(), t.text);
        let about = t!("What changed when, with the last backup before");
        text::label(ui, r, Align::Min, about, font::small(), t.text2);
    }

    /// True: the chosen row is to be looked into.
    fn lists(&mut self, ui: &mut Ui, mut r: Rect) -> bool {
        let (left, right) = if r.width() >= TWO_COLUMNS {
            let left = r.cut_left(((r.width() - GAP) / 2.0).round());
            r.cut_left(GAP);
            (left, r)
        } else {
            let top = r.cut_top(((r.height() - GAP) * 0.45).round());
            r.cut_top(GAP / 2.0);
            (top, r)
        };
        let fresh = std::mem::take(&mut self.fresh) && self.chosen.is_some();
        let (spike, day) = match self.chosen {
            Some(Chosen::Spike(n)) => (Some(n), None),
            Some(Chosen::Day(n)) => (None, Some(n)),
            None => (None, None),
        };
        let stands_out = Table {
            name: t!("What stands out"),
            empty: t!("Nothing stands out"),
            lines: &self.lines.spikes,
            selected: spike,
            focus: fresh && spike.is_some(),
        };
        let in_spikes = stands_out.ui(ui, left);
        let days = Table {
            name: t!("Days"),
            empty: t!("Nothing changed"),
            lines: &self.lines.days,
            selected: day,
            focus: fresh && day.is_some(),
        };
        let in_days = days.ui(ui, right);
        let spike = in_spikes.select.map(Chosen::Spike);
        let day = in_days.select.map(Chosen::Day);
        self.chosen = spike.or(day).or(self.chosen);
        in_spikes.act || in_days.act
    }

    fn footer(&self, cx: &UiContext<'_>, ui: &mut Ui, foot: Rect, now: &Zoned, act: bool) {
        let t = Tokens::of(ui);
        let line = match self.chosen {
            Some(Chosen::Spike(n)) => self.lines.spikes.get(n),
            Some(Chosen::Day(n)) => self.lines.days.get(n),
            None => None,
        };
        let backup = line.and_then(|line| newest_before(&self.backups, line.at));
        let explore = Button::primary(t!("Explore the last backup before"))
            .icon(ic::SEARCH)
            .enabled(backup.is_some());
        let left = button::row(ui, foot, Align::Min, vec![explore]);
        let right = button::row(ui, foot, Align::Max, vec![Button::new(t!("Close"))]);
        let words = match (line, backup) {
            (None, _) => String::new(),
            (_, Some(backup)) => t!(
                "Backup of {when}",
                when = words::moment(backup.created, now)
            ),
            (Some(_), None) => t!("No backup from before was found").to_owned(),
        };
        let from = left[0].rect.max.x + 14.0;
        let between = Rect::from_min_max(
            pos2(from, foot.min.y),
            pos2((right[0].rect.min.x - 14.0).max(from), foot.max.y),
        );
        if !words.is_empty() {
            text::label(ui, between, Align::Min, &words, font::small(), t.text2);
        }
        if let Some(backup) = backup.filter(|_| act || left[0].clicked()) {
            cx.go(Route::Explorer {
                path: Some(backup.path.clone()),
            });
        }
        if right[0].clicked() {
            cx.send(Action::Back);
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Backup(BackupEvent::Timeline {
                profile,
                timeline,
                backups,
            }) if *profile == self.profile => {
                self.timeline = Some(timeline.clone());
                self.backups.clone_from(backups);
                self.failed = None;
                self.stopped = false;
                self.made = None;
            }
            Event::Failed { request, message }
                if matches!(**request, Request::Backup(BackupRequest::Timeline)) =>
            {
                self.stopped = message.is_cancel();
                self.failed = Some(message.cause.clone()).filter(|_| !self.stopped);
            }
            Event::Profile(_) => *self = Self::default(),
            _ => {}
        }
    }
}

/// One of the lists.
struct Table<'a> {
    name: &'a str,
    /// Said where there are no lines.
    empty: &'a str,
    lines: &'a [Line],
    selected: Option<usize>,
    /// It gets the keys, and its selected row is seen.
    focus: bool,
}

impl Table<'_> {
    fn ui(&self, ui: &mut Ui, mut r: Rect) -> Picked {
        let t = Tokens::of(ui);
        let title = r.cut_top(26.0);
        let f = font::small_strong();
        text::heading(ui, title, Align::Min, self.name, f, t.text2);
        surface::card(ui, r);
        let body = r.pad(6.0, 6.0);
        if self.lines.is_empty() {
            text::label(ui, body, Align::Center, self.empty, font::body(), t.text2);
            return Picked::default();
        }
        let count = self.lines.len();
        let page = (body.height() / size::ROW_BACKUP) as usize;
        let (focus, keys) = list::keys(ui, body, self.name, self.name, count, self.selected, page);
        if self.focus {
            list::focus_quietly(ui, &focus);
        }
        let mut picked = Picked {
            select: keys.select,
            act: keys.act,
        };
        let width = body.width() - list::bar_room(count, size::ROW_BACKUP, body.height());
        let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt(("rows", self.name)));
        child.set_clip_rect(body.intersect(ui.clip_rect()));
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(&mut child, |ui, view| {
                ui.set_height(count as f32 * size::ROW_BACKUP);
                let origin = ui.min_rect().min;
                let place = |n: usize| {
                    let top = origin + vec2(0.0, n as f32 * size::ROW_BACKUP);
                    Rect::from_min_size(top, vec2(width, size::ROW_BACKUP))
                };
                let reveal = self.selected.filter(|_| self.focus);
                if let Some(n) = keys.select.or(reveal) {
                    ui.scroll_to_rect(place(n), None);
                }
                let first = (view.min.y / size::ROW_BACKUP).max(0.0) as usize;
                let seen = (view.height() / size::ROW_BACKUP).ceil() as usize + 1;
                for (n, line) in self.lines.iter().enumerate().skip(first).take(seen) {
                    let is = self.selected == Some(n);
                    let response = one(ui, place(n), n, line, is);
                    if is {
                        list::ring(ui, &focus, place(n).shrink2(vec2(0.0, 1.0)));
                    }
                    if response.clicked() {
                        picked.select = Some(n);
                        list::focus_quietly(ui, &focus);
                    }
                    picked.act |= response.double_clicked();
                }
            });
        picked
    }
}

fn one(ui: &Ui, r: Rect, n: usize, line: &Line, is: bool) -> eframe::egui::Response {
    let t = Tokens::of(ui);
    let spoken = format!("{}, {}", line.when, line.words);
    let response = row::sensed(ui, r, list::row_salt(n), &spoken, is, Sense::CLICK);
    let mut rest = r.pad(12.0, 0.0);
    let when = rest.cut_left(WHEN);
    text::left(ui, when, &line.when, font::strong(), t.text);
    text::left(ui, rest, &line.words, font::small(), t.text2);
    response
}

fn color(t: &Tokens, kind: Kind) -> Color32 {
    match kind {
        Kind::Added | Kind::Import => t.good,
        Kind::Changed | Kind::Sync => t.new,
        Kind::Deleted => t.danger,
        Kind::Rescheduled => t.hard,
    }
}

/// A bar a day, from below in the order of the key above them. Heights are those of square roots,
/// or ordinary days would not be seen beside one that stands out. Returns the day that was clicked.
fn bars(ui: &Ui, mut r: Rect, days: &[Day], first: Date, today: Date) -> Option<Date> {
    let t = Tokens::of(ui);
    surface::card(ui, r);
    r = r.pad(16.0, 10.0);
    let mut key = r.cut_top(20.0);
    for (kind, name) in
        Kind::SIZES
            .into_iter()
            .zip([t!("Added"), t!("Changed"), t!("Deleted"), t!("Rescheduled")])
    {
        surface::dot(
            ui,
            pos2(key.min.x + 4.0, key.center().y),
            4.0,
            color(t, kind),
        );
        key.cut_left(14.0);
        let end = text::left(ui, key, name, font::caption(), t.text2).max.x;
        key.min.x = end + 16.0;
    }
    r.cut_top(6.0);
    let shown = |day: &&Day| (first..=today).contains(&day.date);
    let place = |date: Date| first.until(date).map_or(0, |span| span.get_days()) as f32;
    let width = r.width() / (place(today) + 1.0);
    let tallest = days.iter().filter(shown).map(|day| day.counts.size()).max();
    let tallest = tallest.unwrap_or(0).max(1) as f32;
    let bar = (width * 0.8).clamp(1.0, 16.0);
    for day in days.iter().filter(shown) {
        let all = day.counts.size() as f32;
        let height = (all / tallest).sqrt() * r.height();
        let middle = r.min.x + (place(day.date) + 0.5) * width;
        let mut bottom = r.max.y;
        for kind in Kind::SIZES {
            let part = height * day.counts.of(kind) as f32 / all.max(1.0);
            let top = bottom - part;
            let at = Rect::from_min_max(
                pos2(middle - bar / 2.0, top),
                pos2(middle + bar / 2.0, bottom),
            );
            if part > 0.0 {
                surface::fill(ui, at, 0, color(t, kind));
            }
            bottom = top;
        }
    }
    surface::hline(ui, r, r.max.y, t.border_strong);
    let response = ui.interact(
        r,
        ui.make_persistent_id("days of the timeline"),
        Sense::CLICK,
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, t!("Notes and cards by day")));
    let at = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())?;
    let wanted = (at.x - r.min.x) / width - 0.5;
    let near = days.iter().filter(shown).min_by(|a, b| {
        let far = |day: &Day| (place(day.date) - wanted).abs();
        far(a).total_cmp(&far(b))
    });
    near.map(|day| day.date)
}
