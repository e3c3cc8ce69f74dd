//! A progress bar, 6 high, with its text beside and never inside; a small spinner.

use super::surface::fill;
use crate::ui::theme::{Tokens, size};
use eframe::egui::accesskit::Role;
use eframe::egui::{Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use std::f32::consts::TAU;

/// `fraction` is None while the total is unknown: a piece then travels along the bar.
pub fn bar(ui: &mut Ui, fraction: Option<f32>, name: &str) -> Response {
    let t = Tokens::of(ui);
    let (r, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = fraction.map(|f| f64::from(f * 100.0).round());
        info
    });
    fill(ui, r, 3, t.pressed);
    let (from, to) = match fraction {
        Some(f) => (0.0, f.clamp(0.0, 1.0)),
        None => {
            ui.ctx().request_repaint();
            let phase = ui.input(|i| (i.time * 0.8).fract()) as f32;
            ((phase * 1.3 - 0.3).max(0.0), (phase * 1.3).min(1.0))
        }
    };
    let x = |f: f32| r.min.x + r.width() * f;
    let done = Rect::from_min_max(pos2(x(from), r.min.y), pos2(x(to), r.max.y));
    if done.width() >= 1.0 {
        fill(ui, done, 3, t.accent);
    }
    response
}

/// A spinner of 16 around `center`: three quarters of a ring that turns once a second.
pub fn spinner_at(ui: &mut Ui, center: Pos2) {
    let t = Tokens::of(ui);
    let r = Rect::from_center_size(center, Vec2::splat(size::ICON_SMALL));
    if !ui.is_rect_visible(r) {
        return;
    }
    ui.ctx().request_repaint();
    let turned = ui.input(|i| i.time.fract()) as f32;
    let radius = size::ICON_SMALL / 2.0 - 2.0;
    let point = |n: u8| center + radius * Vec2::angled((turned + f32::from(n) / 32.0) * TAU);
    let ring = (0..=24).map(point).collect();
    ui.painter()
        .add(Shape::line(ring, Stroke::new(2.0, t.text3)));
}
