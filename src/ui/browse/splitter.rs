//! The line between two panes: a drag moves it.

use crate::ui::theme::Tokens;
use crate::ui::widgets::surface::vline;
use eframe::egui::accesskit::Role;
use eframe::egui::{CursorIcon, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

/// Draws the line at `x`; returns how far it was dragged to the right in this frame, and whether
/// that was the end of it.
pub(super) fn at(ui: &Ui, x: f32, r: Rect, name: &str) -> (f32, bool) {
    let t = Tokens::of(ui);
    let grip = Rect::from_center_size(pos2(x, r.center().y), vec2(8.0, r.height()));
    let response = ui.interact(
        grip,
        ui.make_persistent_id(("splitter", name)),
        Sense::drag(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, name));
    let lit = response.hovered() || response.dragged();
    if lit {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    vline(ui, x, r, if lit { t.accent } else { t.border });
    (response.drag_delta().x, response.drag_stopped())
}
