//! Draws a [`Chart`]: bars and a curve in a plot, labels around it, a tooltip for the bar under
//! the pointer, a sentence for screen readers.

use super::links;
use super::model::{Bar, Chart, Tone, nice_scale};
use crate::base::count::decimal;
use crate::base::lang;
use crate::t;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text::{center, left, number, right, width};
use crate::ui::widgets::{plot, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Color32, CursorIcon, Rect, Response, RichText, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use egui_plot::{BarChart, PlotBounds};

/// Part of a bar's place that the bar fills.
const BAR_WIDTH: f64 = 0.72;
/// Room for the labels: left, right, below.
const LEFT: f32 = 62.0;
const RIGHT: f32 = 62.0;
const BELOW: f32 = 26.0;

/// The colour of a meaning.
#[must_use]
pub fn color(t: &Tokens, tone: Tone) -> Color32 {
    match tone {
        Tone::Mature => t.graph_mature,
        Tone::Young => t.graph_young,
        Tone::Learning => t.graph_learning,
        Tone::Relearning => t.graph_relearning,
        Tone::Filtered => t.graph_filtered,
        Tone::New | Tone::Easy => t.graph_new,
        Tone::Suspended => t.graph_suspended,
        Tone::Buried => t.graph_buried,
        Tone::Again => t.graph_learning,
        Tone::Hard => t.graph_suspended,
        Tone::Good => t.graph_mature,
        Tone::Line => t.accent_text,
    }
}

/// The chart in `r`; the search of the bar that was clicked.
pub fn show(ui: &mut Ui, r: Rect, chart: &Chart) -> Option<String> {
    let t = Tokens::of(ui);
    let mut area = r;
    area.min.x += LEFT;
    area.max.x -= if chart.curve.is_some() { RIGHT } else { 8.0 };
    area.max.y -= BELOW;
    let (step, top) = nice_scale(chart.highest(), true);
    let (x0, x1) = chart.x_range();
    labels_left(ui, area, LEFT, (step, top), short);
    labels_below(ui, area, chart);
    let curve_top = curve_scale(chart);
    if let Some((curve_step, curve_top)) = curve_top {
        labels_right(ui, area, chart, curve_step, curve_top);
    }
    let bounds = PlotBounds::from_min_max([x0, 0.0], [x1, top]);
    let response = ui
        .scope_builder(UiBuilder::new().max_rect(area).id_salt(chart.graph), |ui| {
            plot(ui, area, chart, bounds, step, curve_top.map(|(_, top)| top))
        })
        .inner;
    let summary = chart.summary();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    if let Some(pointer) = response.hover_pos() {
        let share = f64::from((pointer.x - area.min.x) / area.width());
        if let Some(bar) = chart.bar_at(x0 + share * (x1 - x0)) {
            mark(ui, area, chart, bar);
            let counts = bar.values.iter().any(|n| *n > 0.0);
            let search = links::of_bar(chart.graph, bar).filter(|_| counts);
            let response = match &search {
                Some(_) => response.on_hover_cursor(CursorIcon::PointingHand),
                None => response,
            };
            let clicked = response.clicked();
            tooltip::drawn_at_pointer(response, |ui| {
                described(ui, t, chart, bar);
                if search.is_some() {
                    let words = RichText::new(t!("Click: show these cards"));
                    ui.label(words.font(font::caption()).color(t.text2));
                }
            });
            return search.filter(|_| clicked);
        }
    }
    None
}

/// Distance of the lines and the highest one on the scale of the curve, if there is one.
pub fn curve_scale(chart: &Chart) -> Option<(f64, f64)> {
    let curve = chart.curve.as_ref().filter(|c| !c.points.is_empty())?;
    if curve.percent {
        return Some((25.0, 100.0));
    }
    let highest = curve.points.iter().map(|p| p[1]).fold(0.0, f64::max);
    Some(nice_scale(highest, true))
}

fn plot(
    ui: &mut Ui,
    area: Rect,
    chart: &Chart,
    bounds: PlotBounds,
    step: f64,
    curve_top: Option<f64>,
) -> Response {
    let t = Tokens::of(ui);
    let top = bounds.max()[1];
    plot::quiet(ui, chart.graph, area, step, top)
        .sense(Sense::CLICK)
        .show(ui, move |plot| {
            plot.set_plot_bounds(bounds);
            for (n, (name, tone)) in chart.series.iter().enumerate() {
                let bars = chart.bars.iter().map(|bar| plot_bar(t, bar, n, *tone));
                plot.bar_chart(BarChart::new(*name, bars.collect()).allow_hover(false));
            }
            if let (Some(curve), Some(curve_top)) = (&chart.curve, curve_top) {
                let scaled = curve.points.iter().map(|[x, y]| [*x, y / curve_top * top]);
                plot.line(plot::curve(curve.name, scaled.collect(), t.accent_text));
            }
        })
        .response
}

fn plot_bar(t: &Tokens, bar: &Bar, series: usize, tone: Tone) -> egui_plot::Bar {
    let below: f64 = bar.values[..series].iter().sum();
    egui_plot::Bar::new(f64::midpoint(bar.from, bar.to), bar.values[series])
        .base_offset(below)
        .width((bar.to - bar.from) * BAR_WIDTH)
        .fill(color(t, bar.tone.unwrap_or(tone)))
}

/// The words at the lines of a plot, `room` wide, on its left.
pub fn labels_left(
    ui: &Ui,
    area: Rect,
    room: f32,
    (step, top): (f64, f64),
    words: impl Fn(f64) -> String,
) {
    let t = Tokens::of(ui);
    let lines = (top / step).round() as u32;
    for n in 0..=lines {
        let value = f64::from(n) * step;
        let y = area.max.y - (value / top) as f32 * area.height();
        let r = Rect::from_min_max(
            pos2(area.min.x - room, y - 8.0),
            pos2(area.min.x - 8.0, y + 8.0),
        );
        right(ui, r, &words(value), font::caption(), t.text2);
    }
}

/// What the scale of a curve says at `value`.
pub fn curve_label(chart: &Chart, value: f64) -> String {
    if chart.curve.as_ref().is_some_and(|c| c.percent) {
        t!("{number}%", number = format!("{value:.0}"))
    } else {
        short(value)
    }
}

fn labels_right(ui: &Ui, area: Rect, chart: &Chart, step: f64, top: f64) {
    let t = Tokens::of(ui);
    let lines = (top / step).round() as u32;
    for n in 0..=lines {
        let value = f64::from(n) * step;
        let y = area.max.y - (value / top) as f32 * area.height();
        let r = Rect::from_min_max(
            pos2(area.max.x + 8.0, y - 8.0),
            pos2(area.max.x + RIGHT, y + 8.0),
        );
        left(
            ui,
            r,
            &curve_label(chart, value),
            font::caption(),
            t.accent_text,
        );
    }
}

/// Those that have room.
fn labels_below(ui: &Ui, area: Rect, chart: &Chart) {
    let t = Tokens::of(ui);
    let (x0, x1) = chart.x_range();
    let mut taken = f32::MIN;
    let last = chart.ticks.len().saturating_sub(1);
    for (n, (at, words)) in chart.ticks.iter().enumerate() {
        let x = area.min.x + ((at - x0) / (x1 - x0)) as f32 * area.width();
        let half = width(ui, words, font::caption()) / 2.0;
        // The ends may stand a little beside their place rather than be cut.
        let x = if n == last && n > 0 {
            x.min(area.max.x + 16.0 - half)
        } else {
            x
        };
        if x - half < taken {
            continue;
        }
        taken = x + half + 10.0;
        let r = Rect::from_center_size(pos2(x, area.max.y + 15.0), vec2(half * 2.0 + 2.0, 16.0));
        center(ui, r, words, font::caption(), t.text2);
    }
}

/// `950`, `12,000`, `1.5M`.
pub fn short(value: f64) -> String {
    if value >= 1_000_000.0 {
        let millions = (value / 100_000.0).round() / 10.0;
        let (_, point) = lang::separators();
        let number = millions.to_string().replacen('.', point, 1);
        t!("{number}M", number)
    } else {
        number(value.round() as u64)
    }
}

/// A light band behind the bar under the pointer.
fn mark(ui: &Ui, area: Rect, chart: &Chart, bar: &Bar) {
    let t = Tokens::of(ui);
    let (x0, x1) = chart.x_range();
    let at = |x: f64| area.min.x + ((x - x0) / (x1 - x0)) as f32 * area.width();
    let band = Rect::from_min_max(pos2(at(bar.from), area.min.y), pos2(at(bar.to), area.max.y));
    ui.painter()
        .rect_filled(band, 2, t.accent_text.gamma_multiply(0.10));
}

fn described(ui: &mut Ui, t: &Tokens, chart: &Chart, bar: &Bar) {
    let line = |ui: &mut Ui, words: String, strong: bool| {
        let f = if strong {
            font::small_strong()
        } else {
            font::small()
        };
        let c = if strong { t.text } else { t.text2 };
        ui.label(RichText::new(words).font(f).color(c));
    };
    ui.spacing_mut().item_spacing.y = 2.0;
    for (n, words) in tooltip_lines(chart, bar).into_iter().enumerate() {
        line(ui, words, n == 0);
    }
}

/// What the tooltip of a bar says.
#[must_use]
fn tooltip_lines(chart: &Chart, bar: &Bar) -> Vec<String> {
    let mut out = vec![bar.title.clone()];
    let shown = |value: f64| {
        if value.fract() == 0.0 {
            number(value as u64)
        } else {
            decimal(value, 1)
        }
    };
    for ((name, _), value) in chart.series.iter().zip(&bar.values) {
        if *value > 0.0 || chart.series.len() == 1 {
            let name = lang::say(name);
            out.push(t!("{name}: {value}", name, value = shown(*value)));
        }
    }
    let total: f64 = bar.values.iter().sum();
    if bar.values.iter().filter(|v| **v > 0.0).count() > 1 {
        out.push(t!(
            "{name}: {value}",
            name = t!("Total"),
            value = shown(total)
        ));
    }
    out.extend(bar.notes.iter().cloned());
    if let (Some(curve), Some(value)) = (&chart.curve, chart.curve_at(bar))
        && !curve.percent
    {
        let name = lang::say(curve.name);
        out.push(t!("{name}: {value}", name, value = shown(value)));
    }
    out
}
