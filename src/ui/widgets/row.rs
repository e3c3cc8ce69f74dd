//! Rows of lists and trees that can be clicked, and chips.

use super::surface::{fill, focus_ring_inside};
use super::text::{center, icon, left, width};
use super::{bidi, icons as ic};
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Color32, FontId, Id, LayerId, Order, Pos2, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2,
};

/// Senses a whole row and paints hover, selection and focus under what is drawn on it afterwards.
pub fn place(ui: &Ui, r: Rect, salt: Id, name: &str, selected: bool) -> Response {
    sensed(ui, r, salt, name, selected, Sense::click())
}

/// As [`place`], with drag.
pub fn sensed(ui: &Ui, r: Rect, salt: Id, name: &str, selected: bool, sense: Sense) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(r, ui.make_persistent_id(salt), sense);
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, selected, name));
    let shape = r.shrink2(vec2(0.0, 1.0));
    if selected {
        fill(ui, shape, radius::SELECTION, t.selected);
    } else if response.hovered() || response.contains_pointer() && enabled {
        fill(ui, shape, radius::SELECTION, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, shape, radius::SELECTION);
    }
    response
}

/// A title and what is said of it, close together in the middle of a row of 44.
pub fn two_lines(ui: &Ui, r: Rect, title: &str, line: &str) {
    let t = Tokens::of(ui);
    let at = |y: f32| {
        Rect::from_center_size(pos2(r.center().x, r.center().y + y), vec2(r.width(), 20.0))
    };
    left(ui, at(-7.5), title, font::strong(), t.text);
    left(ui, at(8.5), line, font::caption(), t.text2);
}

/// The name of a row beside the pointer, while the row is dragged.
pub fn ghost(ui: &Ui, name: &str, font: FontId) {
    let Some(p) = ui.ctx().pointer_interact_pos() else {
        return;
    };
    let t = Tokens::of(ui);
    let layer = LayerId::new(Order::Tooltip, Id::unique("dragged row"));
    let painter = ui.ctx().layer_painter(layer);
    let galley = painter.layout_no_wrap(bidi::seen(name).into_owned(), font, t.text);
    let r = Rect::from_min_size(p + vec2(14.0, 8.0), galley.size() + vec2(20.0, 12.0));
    painter.add(t.shadow_menu().as_shape(r, radius::SELECTION));
    painter.rect_filled(r, radius::SELECTION, t.raised);
    painter.galley(r.min + vec2(10.0, 6.0), galley, t.text);
}

/// The little arrow of a tree: painted only.
pub fn paint_chevron(ui: &Ui, c: Pos2, open: bool) {
    let t = Tokens::of(ui);
    let (glyph, at) = if open {
        (ic::DOWN, c + vec2(0.0, 1.0))
    } else {
        (ic::RIGHT, c)
    };
    icon(ui, at, glyph, size::ICON, t.text3);
}

/// A rounded word of 20 high with its left middle at `p`.
pub fn chip(ui: &Ui, p: Pos2, s: &str, bg: Color32, fg: Color32) -> Rect {
    let w = width(ui, s, font::caption_strong());
    let r = Rect::from_min_size(
        pos2(p.x.round(), (p.y - 10.0).round()),
        vec2((w + 14.0).ceil(), 20.0),
    );
    fill(ui, r, radius::CHIP, bg);
    center(ui, r, s, font::caption_strong(), fg);
    r
}
