//! The frame of every graph: quiet lines across, nothing that moves or can be dragged. What is
//! drawn in it, and the words around it, are the graph's own.

use super::surface::hline;
use crate::ui::theme::Tokens;
use eframe::egui::{Color32, Rect, Ui, vec2};
use egui_plot::{Line, Plot, PlotPoints};

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

/// A curve through `points`. Where they lie closer together than pixels egui would draw an area as
/// high as they are, which is a wedge beside each sudden rise.
pub fn curve<'a>(name: &str, points: Vec<[f64; 2]>, color: Color32) -> Line<'a> {
    Line::new(name, PlotPoints::from(points))
        .color(color)
        .width(2.0)
        .allow_hover(false)
        .allow_band(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Context, RawInput, Shape, pos2};
    use egui_plot::PlotBounds;

    #[test]
    fn a_curve_stays_a_line_where_its_points_are_close_together() {
        let fall = |from: f64| {
            let steps = (0..=60).map(f64::from);
            steps.map(move |step| [from + step / 60.0, 90.0 - step])
        };
        let points: Vec<[f64; 2]> = fall(0.0).chain(fall(1.0)).collect();
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(60.0, 50.0));
        let mut output = Context::default().run_ui(RawInput::default(), |ui| {
            bare("a curve", area).show(ui, |plot| {
                plot.set_plot_bounds(PlotBounds::from_min_max([0.0, 0.0], [2.0, 100.0]));
                plot.line(curve("left", points.clone(), Color32::RED));
            });
        });
        output.textures_delta.clear();
        let is_line = |shape: &Shape| match shape {
            Shape::Path(path) => path.points.len() == points.len(),
            _ => false,
        };
        assert!(output.shapes.iter().any(|clipped| is_line(&clipped.shape)));
    }
}
