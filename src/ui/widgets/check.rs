//! Check box, radio button, switch.

use super::surface::{dot, fill, focus_ring, outline};
use super::text::{left, width};
use crate::ui::theme::{Tokens, font, radius};
use eframe::egui;
use eframe::egui::accesskit::Role;
use eframe::egui::{Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

/// Of a line with a check box or a radio button.
pub const HEIGHT: f32 = 26.0;

/// A check box with its words; a click on either toggles it.
pub fn checkbox(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    checkbox_up_to(ui, on, label, f32::INFINITY)
}

/// As [`checkbox`], for words of any length: what has no room is cut, and told by a hint.
pub fn checkbox_within(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    let room = ui.available_width();
    let response = checkbox_up_to(ui, on, label, room);
    match 24.0 + width(ui, label, font::body()) > room {
        true => super::tooltip::words(response, label),
        false => response,
    }
}

fn checkbox_up_to(ui: &mut Ui, on: &mut bool, label: &str, room: f32) -> Response {
    let w = (24.0 + width(ui, label, font::body())).min(room);
    let (r, mut response) = ui.allocate_exact_size(vec2(w, HEIGHT), Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, *on, label));
    paint_checkbox(ui, pos2(r.min.x + 8.0, r.center().y), Some(*on));
    paint_label(ui, r, label, &response, radius::SMALL);
    response
}

/// A check box without words in the middle of `r`; `name` is for screen readers.
pub fn checkbox_at(ui: &Ui, r: Rect, on: &mut bool, name: &str) -> Response {
    let b = Rect::from_center_size(r.center().round(), Vec2::splat(24.0));
    let id = ui.make_persistent_id(("check box", name));
    let mut response = ui.interact(b, id, Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, *on, name));
    paint_checkbox(ui, b.center(), Some(*on));
    if response.has_focus() {
        focus_ring(ui, b.shrink(4.0), radius::SMALL);
    }
    response
}

/// A radio button with its words; true when it was just chosen.
pub fn radio(ui: &mut Ui, chosen: bool, label: &str) -> Response {
    let w = 24.0 + width(ui, label, font::body());
    let (r, mut response) = ui.allocate_exact_size(vec2(w, HEIGHT), Sense::click());
    if response.clicked() && !chosen {
        response.mark_changed();
    }
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, label));
    paint_radio(ui, pos2(r.min.x + 8.0, r.center().y), chosen);
    paint_label(ui, r, label, &response, 8);
    response
}

/// A switch for settings rows; `name` is for screen readers, the row shows the words.
pub fn switch(ui: &mut Ui, on: &mut bool, name: &str) -> Response {
    let (r, mut response) = ui.allocate_exact_size(vec2(34.0, 20.0), Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Switch, enabled, *on, name));
    let t = Tokens::of(ui);
    let shift = ui
        .ctx()
        .animate_bool_responsive(response.id.with("shift"), *on);
    fill(ui, r, 10, if *on { t.accent } else { t.border_strong });
    let x = egui::lerp(r.min.x + 10.0..=r.max.x - 10.0, shift);
    dot(ui, pos2(x, r.center().y), 8.0, t.on_accent);
    if response.has_focus() {
        focus_ring(ui, r, 10);
    }
    response
}

fn paint_label(ui: &Ui, r: Rect, label: &str, response: &Response, radius: u8) {
    let t = Tokens::of(ui);
    let c = if ui.is_enabled() { t.text } else { t.disabled };
    left(
        ui,
        Rect::from_min_max(pos2(r.min.x + 24.0, r.min.y), r.max),
        label,
        font::body(),
        c,
    );
    if response.has_focus() {
        let b = Rect::from_center_size(pos2(r.min.x + 8.0, r.center().y), Vec2::splat(16.0));
        focus_ring(ui, b, radius);
    }
}

/// Accent fill with a white tick; a dash for "some".
pub fn paint_checkbox(ui: &Ui, c: Pos2, on: Option<bool>) {
    let t = Tokens::of(ui);
    let r = Rect::from_center_size(pos2(c.x.round(), c.y.round()), Vec2::splat(16.0));
    match on {
        Some(false) => {
            fill(ui, r, radius::SMALL, t.surface);
            outline(ui, r, radius::SMALL, t.border_input);
        }
        Some(true) => {
            fill(ui, r, radius::SMALL, t.accent);
            let p = |x: f32, y: f32| pos2(r.min.x + x, r.min.y + y);
            ui.painter().add(Shape::line(
                vec![p(4.0, 8.2), p(6.9, 11.1), p(12.0, 5.2)],
                Stroke::new(1.8, t.on_accent),
            ));
        }
        None => {
            fill(ui, r, radius::SMALL, t.accent);
            let dash = Rect::from_center_size(r.center(), vec2(8.0, 2.0));
            fill(ui, dash, 1, t.on_accent);
        }
    }
}

fn paint_radio(ui: &Ui, c: Pos2, on: bool) {
    let t = Tokens::of(ui);
    if on {
        dot(ui, c, 8.0, t.accent);
        dot(ui, c, 3.0, t.on_accent);
    } else {
        // As large to the eye as the filled one.
        dot(ui, c, 7.0, t.surface);
        ui.painter()
            .circle_stroke(c, 7.0, Stroke::new(1.0, t.border_input));
    }
}
