//! The frame of every graph: quiet lines across, nothing that moves or can be dragged. What is
//! drawn in it, and the words around it, are the graph's own.

use super::surface::hline;
use crate::ui::theme::Tokens;
use eframe::egui::{Rect, Ui, vec2};
use egui_plot::Plot;

/// An empty plot as large as `area`, with a line at every `step` up to `top`.
pub fn quiet<'a>(
    ui: &Ui,
    id: impl std::hash::Hash + std::fmt::Debug,
    area: Rect,
    step: f64,
    top: f64,
) -> Plot<'a> {
    let lines = (top / step).round() as u32;
    for n in 0..=lines {
        line(ui, area, f64::from(n) * step / top);
    }
    bare(id, area)
}

/// A hair line over the whole width, at `share` of the height from below: painted here, because
/// egui's own grid halves those at the edges and blurs the rest.
pub fn line(ui: &Ui, area: Rect, share: f64) {
    let y = area.max.y - share as f32 * area.height();
    hline(ui, area, y.round(), Tokens::of(ui).border);
}

/// As [`quiet`], without lines.
pub fn bare<'a>(id: impl std::hash::Hash + std::fmt::Debug, area: Rect) -> Plot<'a> {
    Plot::new(id)
        .width(area.width())
        .height(area.height())
        .show_axes(false)
        .show_grid(false)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .show_crosshair(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(vec2(0.0, 0.0))
        .label_formatter(|_| None)
}
