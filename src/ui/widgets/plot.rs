//! The frame of every graph: quiet lines across, nothing that moves or can be dragged. What is
//! drawn in it, and the words around it, are the graph's own.

use crate::ui::theme::Tokens;
use eframe::egui::{Rect, Ui, vec2};
use egui_plot::{GridMark, Plot};

/// An empty plot as large as `area`, with a line at every `step` up to `top`.
pub fn quiet<'a>(
    ui: &Ui,
    id: impl std::hash::Hash + std::fmt::Debug,
    area: Rect,
    step: f64,
    top: f64,
) -> Plot<'a> {
    Plot::new(id)
        .width(area.width())
        .height(area.height())
        .show_axes(false)
        .show_grid([false, true])
        .grid_color(Tokens::of(ui).border)
        .grid_fade(0.0)
        .y_grid_spacer(move |_| {
            let lines = (top / step).round() as u32;
            (0..=lines)
                .map(|n| GridMark {
                    value: f64::from(n) * step,
                    step_size: top,
                })
                .collect()
        })
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
