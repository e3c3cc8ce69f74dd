//! The line between two panes: a drag moves it.

use crate::ui::theme::Tokens;
use crate::ui::widgets::surface::{hline, vline};
use eframe::egui::accesskit::Role;
use eframe::egui::{CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

/// Draws the line at `x`; returns how far it was dragged to the right in this frame, and whether
/// that was the end of it.
pub(super) fn at(ui: &Ui, x: f32, r: Rect, name: &str) -> (f32, bool) {
    let t = Tokens::of(ui);
    let grip = Rect::from_center_size(pos2(x, r.center().y), vec2(8.0, r.height()));
    let response = sensed(ui, grip, name, CursorIcon::ResizeHorizontal);
    vline(
        ui,
        x,
        r,
        if is_lit(&response) {
            t.accent
        } else {
            t.border
        },
    );
    (response.drag_delta().x, response.drag_stopped())
}

/// As [`at`], of panes one above the other: at `y`, and how far down.
pub(super) fn across(ui: &Ui, y: f32, r: Rect, name: &str) -> (f32, bool) {
    let t = Tokens::of(ui);
    let grip = Rect::from_center_size(pos2(r.center().x, y), vec2(r.width(), 8.0));
    let response = sensed(ui, grip, name, CursorIcon::ResizeVertical);
    hline(
        ui,
        r,
        y,
        if is_lit(&response) {
            t.accent
        } else {
            t.border
        },
    );
    (response.drag_delta().y, response.drag_stopped())
}

fn sensed(ui: &Ui, grip: Rect, name: &str, cursor: CursorIcon) -> Response {
    let id = ui.make_persistent_id(("splitter", name));
    let response = ui.interact(grip, id, Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, name));
    if is_lit(&response) {
        ui.ctx().set_cursor_icon(cursor);
    }
    response
}

fn is_lit(response: &Response) -> bool {
    response.hovered() || response.dragged()
}
