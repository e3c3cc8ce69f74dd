//! Draws the lines of a simulator graph with their scale, a tooltip and a sentence for screen
//! readers.

use super::curves::Curves;
use crate::ui::stats::model::nice_scale;
use crate::ui::stats::plot::labels_left;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text::{center, left, right};
use crate::ui::widgets::{plot, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Rect, RichText, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_plot::{LineStyle, PlotBounds, VLine};

const LEFT: f32 = 64.0;
const BELOW: f32 = 26.0;
const ABOVE: f32 = 34.0;

/// The lines in `r`; the place that was clicked.
pub fn show(ui: &mut Ui, r: Rect, curves: &Curves) -> Option<f64> {
    let t = Tokens::of(ui);
    let area = Rect::from_min_max(
        pos2(r.min.x + LEFT, r.min.y + ABOVE),
        pos2(r.max.x - 8.0, r.max.y - BELOW),
    );
    let (step, top) = nice_scale(curves.highest(), false);
    let (x0, x1) = curves.x_range();
    let title = Rect::from_min_max(r.min, pos2(r.max.x, area.min.y - 14.0));
    left(ui, title, curves.title, font::small_strong(), t.text2);
    legend(ui, title, curves, t);
    labels_left(ui, area, LEFT, (step, top), |value| {
        curves.unit.short(value)
    });
    below(ui, area, curves, (x0, x1));
    let place = UiBuilder::new().max_rect(area).id_salt(curves.title);
    let response = ui
        .scope_builder(place, |ui| plot(ui, area, curves, step, top))
        .inner;
    let summary = format!("{}. {}", curves.title, curves.legend_words());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    let pointer = response.hover_pos()?;
    let share = f64::from((pointer.x - area.min.x) / area.width()).clamp(0.0, 1.0);
    let x = (x0 + share * (x1 - x0)).round();
    let at = area.min.x + ((x - x0) / (x1 - x0)) as f32 * area.width();
    ui.painter()
        .vline(at, area.y_range(), (1.0, t.border_strong));
    let clicked = response.clicked().then_some(x);
    tooltip::drawn_at_pointer(response, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (n, words) in curves.at(x).into_iter().enumerate() {
            let (f, c) = if n == 0 {
                (font::small_strong(), t.text)
            } else {
                (font::small(), t.text2)
            };
            ui.label(RichText::new(words).font(f).color(c));
        }
    });
    clicked
}

/// Told apart in both themes; the newest run has the accent.
fn color(t: &Tokens, n: usize, count: usize) -> Color32 {
    let older = [
        t.graph_learning,
        t.graph_mature,
        t.graph_suspended,
        t.graph_filtered,
        t.graph_buried,
    ];
    if n + 1 == count {
        t.accent_text
    } else {
        older[n % older.len()]
    }
}

/// Names of several lines at the right end of the title line.
fn legend(ui: &Ui, r: Rect, curves: &Curves, t: &Tokens) {
    let count = curves.lines.len();
    if count < 2 {
        return;
    }
    let mut room = r;
    for (n, line) in curves.lines.iter().enumerate().rev() {
        let used = right(ui, room, &line.name, font::caption(), t.text2);
        let dot = pos2(used.min.x - 8.0, used.center().y);
        ui.painter().circle_filled(dot, 4.0, color(t, n, count));
        room.max.x = used.min.x - 22.0;
        if room.width() < 140.0 {
            break;
        }
    }
}

fn below(ui: &Ui, area: Rect, curves: &Curves, (x0, x1): (f64, f64)) {
    let t = Tokens::of(ui);
    let (step, _) = nice_scale(x1 - x0, true);
    let mut x = (x0 / step).ceil() * step;
    while x <= x1 + 1e-9 {
        let at = area.min.x + ((x - x0) / (x1 - x0)) as f32 * area.width();
        let r = Rect::from_center_size(pos2(at, area.max.y + 15.0), vec2(60.0, 16.0));
        center(ui, r, &curves.axis.tick(x), font::caption(), t.text2);
        x += step;
    }
}

fn plot(ui: &mut Ui, area: Rect, curves: &Curves, step: f64, top: f64) -> eframe::egui::Response {
    let t = Tokens::of(ui);
    let (x0, x1) = curves.x_range();
    plot::quiet(ui, curves.title, area, step, top)
        .sense(Sense::click())
        .show(ui, move |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([x0, 0.0], [x1, top]));
            if let Some(x) = curves.marked {
                let line = VLine::new("marked", x)
                    .color(t.due)
                    .style(LineStyle::dashed_loose())
                    .allow_hover(false);
                plot.vline(line);
            }
            let count = curves.lines.len();
            for (n, curve) in curves.lines.iter().enumerate() {
                let color = color(t, n, count);
                plot.line(plot::curve(&curve.name, curve.points.clone(), color));
            }
        })
        .response
}
