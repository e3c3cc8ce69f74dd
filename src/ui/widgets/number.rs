//! A whole number in a field with arrows: typed, stepped with the arrows or the arrow keys. What is
//! typed is taken over when the field is left.

use super::cut::Cut as _;
use super::{ic, surface, text};
use crate::ui::theme::{Tokens, font, radius};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Frame, Id, Key, Layout, Margin, Modifiers, Rect, Sense, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use std::ops::RangeInclusive;

/// See the module header.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    name: &'a str,
    limits: RangeInclusive<i64>,
    step: i64,
}

const HEIGHT: f32 = 30.0;
const ARROWS: f32 = 26.0;

impl<'a> Number<'a> {
    /// `name` is what screen readers and tests call it; unique on its screen.
    #[must_use]
    pub fn new(name: &'a str, limits: RangeInclusive<i64>) -> Self {
        Self {
            name,
            limits,
            step: 1,
        }
    }

    /// What an arrow adds; 1 unless told.
    #[must_use]
    pub fn step(mut self, step: i64) -> Self {
        self.step = step;
        self
    }

    /// Takes space of `width` in a `Ui`; true when the value was changed.
    pub fn show(self, ui: &mut Ui, width: f32, value: &mut i64) -> bool {
        let (_, r) = ui.allocate_space(vec2(width, 32.0));
        let frame = Rect::from_center_size(r.center(), vec2(width, HEIGHT));
        self.place(ui, frame, value)
    }

    /// In the middle of `r`, as wide as it; true when the value was changed.
    pub fn place(self, ui: &mut Ui, r: Rect, value: &mut i64) -> bool {
        let frame = Rect::from_center_size(r.center(), vec2(r.width(), HEIGHT));
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(frame)
                .layout(Layout::left_to_right(Align::Min))
                .id_salt(self.name.to_owned()),
        );
        let before = *value;
        self.field(&mut child, frame, value);
        *value != before
    }

    fn field(&self, ui: &mut Ui, frame: Rect, value: &mut i64) {
        let t = Tokens::of(ui);
        surface::fill(ui, frame, radius::CONTROL, t.surface);
        surface::outline(ui, frame, radius::CONTROL, t.border_input);
        let id = Id::unique(("number", self.name));
        let focused = ui.memory(|m| m.has_focus(id));
        let mut typed: String = if focused {
            ui.data(|d| d.get_temp(id))
                .unwrap_or_else(|| value.to_string())
        } else {
            value.to_string()
        };
        let mut room = frame;
        let arrows = room.cut_right(ARROWS);
        let edit = TextEdit::singleline(&mut typed)
            .id(id)
            .font(font::body())
            .align(Align2::RIGHT_CENTER)
            .frame(Frame::NONE.inner_margin(Margin {
                left: 8,
                right: 0,
                top: 5,
                bottom: 7,
            }))
            .desired_width(room.width() - 8.0)
            .char_limit(self.digits());
        let response = ui.put(room, edit).accessible_name(self.name);
        if response.has_focus() {
            ui.data_mut(|d| d.insert_temp(id, typed.clone()));
            surface::focus_ring_inside(ui, frame, radius::CONTROL);
            let mut stepped = None;
            ui.input_mut(|i| {
                if i.consume_key(Modifiers::NONE, Key::ArrowUp) {
                    stepped = Some(true);
                }
                if i.consume_key(Modifiers::NONE, Key::ArrowDown) {
                    stepped = Some(false);
                }
            });
            if let Some(up) = stepped {
                let from = typed_number(&typed, &self.limits).unwrap_or(*value);
                *value = self.stepped(from, up);
                ui.data_mut(|d| d.insert_temp(id, value.to_string()));
            }
        }
        if response.lost_focus() {
            if let Some(n) = typed_number(&typed, &self.limits) {
                *value = n;
            }
            ui.data_mut(|d| d.remove::<String>(id));
        }
        for (up, glyph, y, h) in [
            (true, ic::UP, -5.0, arrows.min.y),
            (false, ic::DOWN, 6.0, arrows.center().y),
        ] {
            let half = Rect::from_min_size(pos2(arrows.min.x, h), vec2(ARROWS, HEIGHT / 2.0));
            if self.arrow(ui, half, up) {
                *value = self.stepped(*value, up);
                ui.data_mut(|d| d.remove::<String>(id));
            }
            let c = pos2(frame.max.x - 13.0, frame.center().y + y);
            text::icon(ui, c, glyph, 14.0, t.text2);
        }
    }

    /// Room for the longest number within the limits and one that is being corrected.
    fn digits(&self) -> usize {
        let length = |n: &i64| n.to_string().len();
        length(self.limits.start()).max(length(self.limits.end())) + 1
    }

    /// Not a stop of the Tab key: the arrow keys do the same in the field.
    fn arrow(&self, ui: &Ui, r: Rect, up: bool) -> bool {
        let t = Tokens::of(ui);
        let id = Id::unique(("arrow", self.name, up));
        let response = ui.interact(r, id, Sense::CLICK);
        let name = format!("{}: {}", self.name, if up { "more" } else { "less" });
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            let r = r.shrink2(vec2(4.0, 1.0));
            surface::fill(ui, r, radius::SMALL, t.hover);
        }
        response.clicked()
    }

    fn stepped(&self, from: i64, up: bool) -> i64 {
        let to = if up {
            from.saturating_add(self.step)
        } else {
            from.saturating_sub(self.step)
        };
        to.clamp(*self.limits.start(), *self.limits.end())
    }
}

/// What was typed, brought into the limits; None when it is no number.
#[must_use]
fn typed_number(text: &str, limits: &RangeInclusive<i64>) -> Option<i64> {
    let n: i64 = text.trim().replace('−', "-").parse().ok()?;
    Some(n.clamp(*limits.start(), *limits.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_brought_into_the_limits() {
        let limits = -5..=100;
        for (text, want) in [
            ("7", Some(7)),
            (" 250 ", Some(100)),
            ("−9", Some(-5)),
            ("", None),
            ("many", None),
        ] {
            assert_eq!(typed_number(text, &limits), want, "{text}");
        }
    }
}
