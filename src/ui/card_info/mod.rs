//! Card info: everything about one card, its forgetting curve and its review log.

pub mod model;

use crate::base::ids::CardId;
use crate::base::lang;
use crate::domain::card_info::CardInfo;
use crate::domain::timespan;
use crate::service::event::{Event, StatsEvent};
use crate::service::request::{Request, StatsRequest};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::surface::hline;
use crate::ui::widgets::text::{self, label, left, right};
use crate::ui::widgets::{Cut, dialog, plot, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Color32, Context, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{HLine, LineStyle, PlotBounds};

const WIDTH: f32 = 720.0;
const ROW: f32 = 26.0;
const CURVE: f32 = 150.0;

/// The window of one card; it asks for the facts when it opens.
#[derive(Debug)]
pub struct CardInfoDialog {
    title: &'static str,
    card: CardId,
    info: Option<Box<CardInfo>>,
}

impl CardInfoDialog {
    /// The dialog, and the question that fills it.
    #[must_use]
    pub fn open(title: &'static str, card: CardId) -> Vec<Action> {
        let dialog = Self {
            title,
            card,
            info: None,
        };
        vec![
            Action::Open(Box::new(dialog)),
            Action::Ask(Request::Stats(StatsRequest::CardInfo(card))),
        ]
    }
}

impl Dialog for CardInfoDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let room = (ctx.content_rect().height() - 220.0).max(200.0);
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, self.title);
            match &self.info {
                Some(info) => {
                    ScrollArea::vertical()
                        .max_height(room)
                        // The sheet grows from the line that was there before at once.
                        .min_scrolled_height(room)
                        .auto_shrink([false, true])
                        .show(ui, |ui| content(cx, ui, info));
                }
                None => {
                    text::paragraph(ui, t!("Looking the card up…"));
                }
            }
            let footer = dialog::footer(
                ui,
                vec![
                    Button::ghost(t!("Copy")).tip(t!("Copy everything as text")),
                    Button::ghost(t!("Browse")).tip(t!("Show the card in Browse")),
                ],
                vec![Button::new(t!("Close"))],
            );
            footer.focus_choice(0);
            if footer.quiet.first().is_some_and(|b| b.clicked())
                && let Some(info) = &self.info
            {
                cx.send(Action::Copy(model::as_text(info, cx.clock)));
                cx.toast(t!("Copied"));
            }
            if footer.quiet.get(1).is_some_and(|b| b.clicked()) {
                cx.send(Action::Browse(format!("cid:{}", self.card.0)));
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Stats(StatsEvent::CardInfo(info)) if info.card == self.card => {
                self.info = Some(info.clone());
                Flow::Stay
            }
            Event::Failed { request, .. } if matches!(**request, Request::Stats(StatsRequest::CardInfo(card)) if card == self.card) => {
                Flow::Close
            }
            _ => Flow::Stay,
        }
    }
}

fn content(cx: &UiContext<'_>, ui: &mut Ui, info: &CardInfo) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    // The scroll bar has its own room.
    let width = ui.available_width() - sp::L;
    let facts = model::facts(info, cx.clock);
    // Two columns, read downwards.
    let rows = facts.len().div_ceil(2);
    let (_, area) = ui.allocate_space(vec2(width, rows as f32 * ROW));
    let half = (width - 32.0) / 2.0;
    for (column, facts) in facts.chunks(rows.max(1)).enumerate() {
        let widths = facts
            .iter()
            .map(|(name, _)| text::width(ui, name, font::body()));
        let names = widths.map(|w| w.ceil() + sp::M).fold(128.0, f32::max);
        for (n, (name, value)) in facts.iter().enumerate() {
            let down = vec2(column as f32 * (half + 32.0), n as f32 * ROW);
            let r = Rect::from_min_size(area.min + down, vec2(half, ROW));
            fact(ui, r, names.min(half * 0.7), name, value);
        }
    }
    let curve = model::forgetting_curve(info, cx.now);
    if !curve.is_empty() {
        heading(ui, width, t!("Forgetting curve"));
        forgetting_curve(ui, width, info, curve);
    }
    changes(cx, ui, width, info);
    if info.log.is_empty() {
        return;
    }
    heading(ui, width, t!("Review log"));
    let headings = model::log_columns(info).map(str::to_owned);
    let lines = info.log.iter();
    let lines: Vec<_> = (lines.map(|row| model::log_row(info, row, cx.clock))).collect();
    let widths = log_widths(ui, width, &headings, &lines);
    log_line(ui, widths, &headings, None);
    for (row, line) in info.log.iter().zip(&lines) {
        let (_, above) = ui.allocate_space(vec2(width, 1.0));
        hline(ui, above, above.min.y, t.border);
        let tone = match row.button {
            1 => t.again,
            2 => t.hard,
            3 => t.good,
            4 => t.easy,
            _ => t.text2,
        };
        log_line(ui, widths, line, Some(tone));
    }
}

/// What gave the card another schedule without an answer.
fn changes(cx: &UiContext<'_>, ui: &mut Ui, width: f32, info: &CardInfo) {
    const SHARES: [f32; 3] = [0.22, 0.18, 0.6];
    let t = Tokens::of(ui);
    for (n, change) in info.schedule_changes().iter().enumerate() {
        if n == 0 {
            heading(ui, width, lang::say(model::CHANGES));
        }
        let (_, line) = ui.allocate_space(vec2(width, ROW));
        hline(ui, line, line.min.y, t.border);
        let cells = model::change_row(change, cx.clock);
        let salt = ui.make_persistent_id(("change", n));
        let response = ui.interact(line, salt, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, cells.join(", ")));
        let mut rest = line;
        for (words, share) in cells.iter().zip(SHARES) {
            let r = rest.cut_left(width * share);
            label(ui, r, Align::Min, words, font::small(), t.text);
        }
    }
}

fn heading(ui: &mut Ui, width: f32, words: &str) {
    let t = Tokens::of(ui);
    ui.add_space(sp::L);
    let (_, r) = ui.allocate_space(vec2(width, 30.0));
    text::heading(ui, r, Align::Min, words, font::heading(), t.text);
}

fn fact(ui: &Ui, r: Rect, label: f32, name: &str, value: &str) {
    let t = Tokens::of(ui);
    let response = ui.interact(r, ui.make_persistent_id(("fact", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    let mut i = r;
    left(ui, i.cut_left(label), name, font::body(), t.text2);
    let used = left(ui, i, value, font::body(), t.text);
    if used.width() >= i.width() - 4.0 {
        tooltip::words(response, value);
    }
}

/// Of the log's columns; what words of other languages need more is taken from columns that have
/// more room than they need.
fn log_widths(ui: &Ui, width: f32, headings: &[String; 7], lines: &[[String; 7]]) -> [f32; 7] {
    const SHARES: [f32; 7] = [0.22, 0.13, 0.11, 0.17, 0.12, 0.15, 0.10];
    let needs = std::array::from_fn(|n| {
        let heading = text::width(ui, &headings[n], font::small_strong());
        // The one with most letters; digits are not equally wide.
        let longest = lines.iter().map(|cells| &cells[n]);
        let longest = longest.max_by_key(|words| words.chars().count());
        let longest = longest.map(|words| words.replace(|c: char| c.is_ascii_digit(), "0"));
        // Ratings are strong.
        let words = text::width(ui, &longest.unwrap_or_default(), font::small_strong());
        heading.max(words) + 9.0
    });
    model::widths(SHARES.map(|share| width * share), needs)
}

/// The heading (no colour) or a row of the log.
fn log_line(ui: &mut Ui, widths: [f32; 7], cells: &[String; 7], tone: Option<Color32>) {
    let t = Tokens::of(ui);
    let (_, line) = ui.allocate_space(vec2(widths.iter().sum(), ROW));
    let spoken: Vec<&str> = cells
        .iter()
        .map(String::as_str)
        .filter(|c| !c.is_empty())
        .collect();
    let id = ui.make_persistent_id(("log", line.min.y as i32));
    let response = ui.interact(line, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, spoken.join(", ")));
    let mut x = line.min.x;
    for (n, (words, w)) in cells.iter().zip(widths).enumerate() {
        let r = Rect::from_min_size(pos2(x, line.min.y), vec2(w - 8.0, ROW));
        x += w;
        let (f, c) = match tone {
            None => (font::small_strong(), t.text2),
            Some(tone) if n == 2 => (font::small_strong(), tone),
            Some(_) => (font::small(), t.text),
        };
        if n < 3 {
            left(ui, r, words, f, c);
        } else {
            right(ui, r, words, f, c);
        }
    }
}

fn forgetting_curve(ui: &mut Ui, width: f32, info: &CardInfo, curve: Vec<[f64; 2]>) {
    let t = Tokens::of(ui);
    let days = curve.last().map_or(1.0, |p| p[0]).max(1.0);
    let lowest = curve.iter().map(|p| p[1]).fold(100.0, f64::min);
    let floor = (lowest / 10.0).floor() * 10.0;
    let (_, r) = ui.allocate_space(vec2(width, CURVE + 22.0));
    let marks = [floor, f64::midpoint(floor, 100.0), 100.0];
    let widths = marks.map(|percent| text::width(ui, &model::percent(percent), font::caption()));
    let axis = widths.into_iter().fold(36.0, f32::max).ceil() + sp::S;
    let area = Rect::from_min_max(
        pos2(r.min.x + axis, r.min.y + 6.0),
        pos2(r.max.x - 8.0, r.min.y + CURVE),
    );
    // The line of a memory that is whole is not halved by the edge.
    let ceiling = 100.5;
    for percent in marks {
        let share = (percent - floor) / (ceiling - floor);
        plot::line(ui, area, share);
        let y = area.max.y - share as f32 * area.height();
        let at = Rect::from_min_max(pos2(r.min.x, y - 8.0), pos2(area.min.x - 8.0, y + 8.0));
        right(ui, at, &model::percent(percent), font::caption(), t.text2);
    }
    let below = Rect::from_min_max(
        pos2(area.min.x, area.max.y + 4.0),
        pos2(area.max.x, r.max.y),
    );
    left(ui, below, t!("First review"), font::caption(), t.text2);
    right(
        ui,
        below,
        &timespan::long(days * 86_400.0),
        font::caption(),
        t.text2,
    );
    let place = eframe::egui::UiBuilder::new()
        .max_rect(area)
        .id_salt("curve");
    let desired = info.desired_retention;
    let response = {
        // Not a scope: the cursor stays below what was allocated.
        let ui = &mut ui.new_child(place);
        plot::bare("forgetting curve", area)
            .sense(Sense::hover())
            .show(ui, |plot| {
                plot.set_plot_bounds(PlotBounds::from_min_max([0.0, floor], [days, ceiling]));
                if let Some(desired) = desired {
                    let line = HLine::new(t!("Desired retention"), f64::from(desired) * 100.0)
                        .color(t.due)
                        .style(LineStyle::dashed_loose())
                        .allow_hover(false);
                    plot.hline(line);
                }
                let name = t!("Retrievability");
                plot.line(plot::curve(name, curve.clone(), t.accent_text));
            })
            .response
    };
    let time = timespan::long(days * 86_400.0);
    let mut summary = t!(
        "Forgetting curve over {time}; at least {percent}.",
        time,
        percent = model::percent(lowest)
    );
    if let Some(share) = info.retrievability {
        let percent = model::percent(f64::from(share * 100.0));
        summary = format!("{summary} {}", t!("Retrievability now {percent}.", percent));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    if let Some(pointer) = response.hover_pos() {
        let day = f64::from((pointer.x - area.min.x) / area.width()) * days;
        if let Some([at, percent]) = curve.iter().rev().find(|p| p[0] <= day) {
            let after = timespan::long(at * 86_400.0);
            tooltip::words_at_pointer(
                response,
                &t!(
                    "After {time}: {percent}",
                    time = after,
                    percent = model::percent(*percent)
                ),
            );
        }
    }
}
