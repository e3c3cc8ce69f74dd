//! What the statistics screen shows without bars: four figures, today, card counts, true
//! retention.

use super::charts::percent;
use super::counts::{
    card_counts as counts_of, has_reviews, kind_name, row_of_days, streaks, today_lines,
};
use super::links;
use super::model::GraphId;
use super::plot::color;
use super::save;
use super::sheet::{HEAD, Sheet};
use crate::base::count::decimal;
use crate::base::lang;
use crate::domain::stats::{Graphs, Retention};
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::Cut;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::surface::{card, fill, focus_ring_inside, hline, region};
use crate::ui::widgets::text::{heading, label, number, width};
use crate::{mark, t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, CornerRadius, CursorIcon, Layout, Rect, Sense, Ui, WidgetInfo, pos2, vec2,
};

/// Height of the card with the counts.
pub const COUNTS: f32 = HEAD + 190.0;
const ROW: f32 = 30.0;

/// The four figures at the top.
pub fn figures(ui: &Ui, r: Rect, g: &Graphs, all_history: bool) {
    let (now, longest) = streaks(g);
    let month = &g.true_retention.month;
    let right = Retention::rate(month.passed(), month.failed());
    let longest = if all_history {
        t!("longest {number}", number = number(u64::from(longest)))
    } else {
        t!(
            "longest {number} in a year",
            number = number(u64::from(longest))
        )
    };
    let row = row_of_days(now, has_reviews(g, 0), all_history);
    let minutes = g.today.answer_millis as f64 / 60_000.0;
    let figures = [
        (
            t!("Reviews today"),
            number(u64::from(g.today.answer_count)),
            t!("{number} minutes", number = decimal(minutes, 1)),
        ),
        (
            t!("Right answers"),
            right.map_or_else(|| "–".to_owned(), percent),
            t!("last 30 days").to_owned(),
        ),
        (t!("Days in a row"), row, longest),
        (
            t!("Notes"),
            number(u64::from(g.notes)),
            tn!(u64::from(g.cards), "{n} card", "{n} cards"),
        ),
    ];
    let gap = 16.0;
    let w = (r.width() - 3.0 * gap) / 4.0;
    for (n, (name, value, more)) in figures.iter().enumerate() {
        let at = pos2(r.min.x + n as f32 * (w + gap), r.min.y);
        figure(
            ui,
            Rect::from_min_size(at, vec2(w, r.height())),
            name,
            value,
            more,
        );
    }
}

fn figure(ui: &Ui, r: Rect, name: &str, value: &str, more: &str) {
    let t = Tokens::of(ui);
    card(ui, r);
    let id = ui.make_persistent_id(("figure", name));
    let response = ui.interact(r, id, Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            t!("{name}: {value}, {more}", name, value, more),
        )
    });
    let mut i = r.pad(16.0, 14.0);
    let top = i.cut_top(20.0);
    crate::ui::widgets::text::left(ui, top, name, font::small(), t.text2);
    let big = crate::ui::widgets::text::left(ui, i, value, font::display(), t.text);
    let rest = Rect::from_min_max(pos2(big.max.x + 10.0, i.min.y + 6.0), i.max);
    if width(ui, more, font::caption()) <= rest.width() {
        crate::ui::widgets::text::left(ui, rest, more, font::caption(), t.text2);
    }
}

const TODAY_LINE: f32 = 24.0;

/// As high as what it has to say.
pub fn today_height(g: &Graphs) -> f32 {
    HEAD + today_lines(&g.today).len() as f32 * TODAY_LINE + 12.0
}

pub fn today(ui: &Ui, r: Rect, g: &Graphs) {
    let t = Tokens::of(ui);
    card(ui, r);
    let mut i = r.pad(16.0, 0.0);
    heading(
        ui,
        i.cut_top(HEAD),
        Align::Min,
        t!("Today"),
        font::heading(),
        t.text,
    );
    for line in today_lines(&g.today) {
        label(
            ui,
            i.cut_top(TODAY_LINE),
            Align::Min,
            &line,
            font::body(),
            t.text2,
        );
    }
}

/// One strip of all cards, and a row for each kind; the search of the row that was clicked.
pub fn card_counts(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    r: Rect,
    g: &Graphs,
    separate: &mut bool,
) -> Option<String> {
    let t = Tokens::of(ui);
    let mut sheet = Sheet::begin(ui, r, GraphId::CardCounts);
    let words = t!("Separate suspended and buried cards");
    sheet.control(width(ui, words, font::body()) + 32.0, |r| {
        region(ui, r, Layout::left_to_right(Align::Center), |ui| {
            checkbox(ui, separate, words);
        });
    });
    sheet.menu(cx, ui, || save::of_counts(g, *separate));
    sheet.title(ui, &tn!(u64::from(g.cards), "{n} card", "{n} cards"));
    let mut body = r.pad(16.0, 0.0);
    body.cut_top(HEAD);
    let counts = counts_of(g, *separate);
    let total: u32 = counts.iter().map(|(_, n, _)| n).sum();
    let strip = body.cut_top(28.0);
    let mut x = strip.min.x;
    fill(ui, strip, radius::CHIP, t.pressed);
    for (_, n, tone) in &counts {
        let w = strip.width() * *n as f32 / total.max(1) as f32;
        let part = Rect::from_min_size(pos2(x, strip.min.y), vec2(w, strip.height()));
        // As round as the strip, where it ends there.
        let round = |is: bool| if is { radius::CHIP } else { 0 };
        let left = round(part.min.x <= strip.min.x);
        let right = round(part.max.x > strip.max.x - 0.5);
        let corners = CornerRadius {
            nw: left,
            sw: left,
            ne: right,
            se: right,
        };
        ui.painter().rect_filled(part, corners, color(t, *tone));
        x += w;
    }
    body.cut_top(14.0);
    // Two columns: seven rows at most.
    let half = (body.width() - 32.0) / 2.0;
    let mut clicked = None;
    for (n, (name, count, tone)) in counts.iter().enumerate() {
        let (column, row) = (n / 4, n % 4);
        let at = pos2(
            body.min.x + column as f32 * (half + 32.0),
            body.min.y + row as f32 * ROW,
        );
        let line = Rect::from_min_size(at, vec2(half, ROW));
        if count_row(ui, line, kind_name(name), *count, total, color(t, *tone)) {
            clicked = Some(links::of_count(name, *separate));
        }
    }
    clicked
}

/// True when it was clicked.
fn count_row(
    ui: &Ui,
    r: Rect,
    name: &str,
    count: u32,
    total: u32,
    tone: eframe::egui::Color32,
) -> bool {
    let t = Tokens::of(ui);
    let share = f64::from(count) / f64::from(total.max(1)) * 100.0;
    let (count, share) = (
        number(u64::from(count)),
        t!("{number}%", number = decimal(share, 2)),
    );
    let response = ui.interact(r, ui.make_persistent_id(("count", name)), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Link,
            true,
            t!("{name}: {count} ({share})", name, count, share),
        )
    });
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if response.hovered() {
        fill(ui, r.expand2(vec2(6.0, 0.0)), radius::CHIP, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, r.expand2(vec2(6.0, 0.0)), radius::CHIP);
    }
    let mark = Rect::from_center_size(pos2(r.min.x + 6.0, r.center().y), vec2(12.0, 12.0));
    fill(ui, mark, 3, tone);
    let mut i = r;
    i.cut_left(20.0);
    crate::ui::widgets::text::left(ui, i, name, font::body(), t.text);
    let last = i.cut_right(84.0);
    crate::ui::widgets::text::right(ui, last, &share, font::body(), t.text2);
    crate::ui::widgets::text::right(ui, i, &count, font::strong(), t.text);
    response.clicked()
}

/// The rows of true retention, named for `lang::say`.
#[must_use]
pub fn retention_rows(g: &Graphs, all: bool) -> Vec<(&'static str, Retention)> {
    let of = &g.true_retention;
    let mut rows = vec![
        (mark!("Today"), of.today),
        (mark!("Yesterday"), of.yesterday),
        (mark!("Last week"), of.week),
        (mark!("Last month"), of.month),
        (mark!("Last year"), of.year),
    ];
    if all {
        rows.push((mark!("All time"), of.all_time));
    }
    rows
}

/// Young, mature, both, and how many answers.
#[must_use]
pub fn retention_cells(of: &Retention) -> [String; 4] {
    let rate =
        |passed, failed| Retention::rate(passed, failed).map_or_else(|| "–".to_owned(), percent);
    [
        rate(of.young_passed, of.young_failed),
        rate(of.mature_passed, of.mature_failed),
        rate(of.passed(), of.failed()),
        number(u64::from(of.passed() + of.failed())),
    ]
}

/// For `lang::say`.
pub const RETENTION_COLUMNS: [&str; 4] = [
    mark!("Young"),
    mark!("Mature"),
    mark!("Total"),
    mark!("Count"),
];

#[must_use]
pub fn retention_height(all: bool) -> f32 {
    HEAD + ROW * if all { 7.0 } else { 6.0 } + 14.0
}

pub fn retention(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, g: &Graphs, all: bool) {
    let t = Tokens::of(ui);
    let sheet = Sheet::begin(ui, r, GraphId::TrueRetention);
    sheet.menu(cx, ui, || save::of_retention(g, all));
    sheet.title(ui, GraphId::TrueRetention.explanation());
    let mut body = r.pad(16.0, 0.0);
    body.cut_top(HEAD);
    let cell = |line: Rect, n: usize| {
        let w = (line.width() - 160.0) / 4.0;
        Rect::from_min_size(
            pos2(line.min.x + 160.0 + n as f32 * w, line.min.y),
            vec2(w, line.height()),
        )
    };
    let head = body.cut_top(ROW);
    for (n, words) in RETENTION_COLUMNS.map(lang::say).iter().enumerate() {
        label(
            ui,
            cell(head, n),
            Align::Max,
            words,
            font::small_strong(),
            t.text2,
        );
    }
    for (name, of) in retention_rows(g, all) {
        let name = lang::say(name);
        let line = body.cut_top(ROW);
        hline(ui, line, line.min.y, t.border);
        let cells = retention_cells(&of);
        let response = ui.interact(
            line,
            ui.make_persistent_id(("retention", name)),
            Sense::hover(),
        );
        response.widget_info(|| {
            let [young, mature, total, count] = &cells;
            WidgetInfo::labeled(
                Role::Row,
                true,
                t!(
                    "{name}: young {young}, mature {mature}, total {total}, count {count}",
                    name,
                    young,
                    mature,
                    total,
                    count
                ),
            )
        });
        crate::ui::widgets::text::left(ui, line, name, font::body(), t.text);
        for (n, words) in cells.iter().enumerate() {
            let (f, c) = if n == 2 {
                (font::strong(), t.text)
            } else {
                (font::body(), t.text2)
            };
            crate::ui::widgets::text::right(ui, cell(line, n), words, f, c);
        }
    }
}
