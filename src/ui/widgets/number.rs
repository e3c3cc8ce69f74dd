//! A number in a field with arrows: typed, stepped with the arrows or the arrow keys. What is typed
//! is taken over when the field is left, out of range brought to the nearest end.

use super::cut::Cut as _;
use super::field::select_all;
use super::{ic, surface, text, typed};
use crate::base::count::decimal;
use crate::t;
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Direction, Frame, Id, Key, Layout, Margin, Modifiers, Rect, Sense, TextEdit, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use std::ops::RangeInclusive;

/// See the module header.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    name: &'a str,
    limits: RangeInclusive<f64>,
    step: f64,
    /// Digits after the point.
    decimals: usize,
}

/// Between thousands, as people of the window's languages write them.
const SEPARATORS: [char; 7] = [',', '.', ' ', '\'', '’', '\u{a0}', '\u{202f}'];
/// Characters: what is too long is brought into the limits, not cut to another number.
const LONGEST: usize = 32;
const ARROWS: f32 = 26.0;

impl<'a> Number<'a> {
    /// A whole number. `name` is what screen readers and tests call it; unique on its screen.
    #[must_use]
    pub fn new(name: &'a str, limits: RangeInclusive<i64>) -> Self {
        Self::decimal(name, *limits.start() as f64..=*limits.end() as f64, 0)
    }

    /// A number with so many digits after the point.
    #[must_use]
    pub fn decimal(name: &'a str, limits: RangeInclusive<f64>, decimals: usize) -> Self {
        Self {
            name,
            limits,
            step: 1.0,
            decimals,
        }
    }

    /// What an arrow adds; 1 unless told.
    #[must_use]
    pub fn step(mut self, step: i64) -> Self {
        self.step = step as f64;
        self
    }

    /// As [`Self::step`], with a fraction.
    #[must_use]
    pub fn decimal_step(mut self, step: f64) -> Self {
        self.step = step;
        self
    }

    /// Takes space of `width` in a `Ui`; true when the value was changed.
    pub fn show(self, ui: &mut Ui, width: f32, value: &mut i64) -> bool {
        let (_, r) = ui.allocate_space(vec2(width, size::CONTROL));
        self.place(ui, r, value)
    }

    /// In the middle of `r`, as wide as it; true when the value was changed.
    pub fn place(self, ui: &mut Ui, r: Rect, value: &mut i64) -> bool {
        let mut number = *value as f64;
        let changed = self.place_decimal(ui, r, &mut number);
        if changed {
            *value = number.round() as i64;
        }
        changed
    }

    /// As [`Self::place`], for a number with a fraction.
    pub fn place_decimal(self, ui: &mut Ui, r: Rect, value: &mut f64) -> bool {
        let frame = Rect::from_center_size(r.center(), vec2(r.width(), size::CONTROL));
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

    /// While it has the keyboard: what leaving it would make of `value`.
    #[must_use]
    pub fn pending(&self, ui: &Ui, value: i64) -> Option<i64> {
        let pending = self.pending_decimal(ui, value as f64)?;
        Some(pending.round() as i64)
    }

    /// As [`Self::pending`], for a number with a fraction.
    #[must_use]
    pub fn pending_decimal(&self, ui: &Ui, value: f64) -> Option<f64> {
        let id = self.id();
        let has_focus = ui.memory(|m| m.has_focus(id));
        let typed: String = ui.data(|d| d.get_temp(id)).filter(|_| has_focus)?;
        // One beyond the limits, or with more digits than are shown, stays as it is unless it was
        // changed.
        if typed == self.text(value) {
            return Some(value);
        }
        Some(self.typed(&typed).unwrap_or(value))
    }

    /// Gives it the keyboard, what it holds chosen, so that typing replaces it.
    pub fn focus(&self, ui: &Ui, value: i64) {
        let id = self.id();
        ui.memory_mut(|m| m.request_focus(id));
        select_all(ui.ctx(), id, &self.text(value as f64));
    }

    /// Enter left it in this frame; asked after it was drawn, when what was typed is taken over.
    #[must_use]
    pub fn entered(&self, ui: &Ui) -> bool {
        let id = self.id();
        let left = ui.memory(|m| m.had_focus_last_frame(id) && !m.has_focus(id));
        left && ui.input(|i| i.key_pressed(Key::Enter))
    }

    fn id(&self) -> Id {
        Id::unique(("number", self.name))
    }

    fn field(&self, ui: &mut Ui, frame: Rect, value: &mut f64) {
        let t = Tokens::of(ui);
        surface::fill(ui, frame, radius::CONTROL, t.surface);
        surface::outline(ui, frame, radius::CONTROL, t.border_input);
        let id = self.id();
        let shown = self.text(*value);
        // In the frame that takes the focus away, what was typed still counts.
        let editing = ui.memory(|m| m.has_focus(id) || m.had_focus_last_frame(id));
        let mut typed: String = ui
            .data(|d| d.get_temp(id).filter(|_| editing))
            .unwrap_or_else(|| shown.clone());
        let mut room = frame;
        let arrows = room.cut_right(ARROWS);
        let edit = TextEdit::singleline(&mut typed)
            .id(id)
            .font(font::body())
            .align(Align2::RIGHT_CENTER)
            .frame(Frame::NONE.inner_margin(Margin {
                left: 8,
                right: 0,
                // The digits stand on the line of the labels beside them.
                top: 7,
                bottom: 8,
            }))
            .desired_width(room.width() - 8.0)
            .char_limit(LONGEST);
        let layout = Layout::centered_and_justified(Direction::TopDown);
        let edit = surface::region(ui, room, layout, |ui| typed::show(ui, edit));
        let response = edit.response.response.accessible_name(self.name);
        if response.has_focus() {
            surface::focus_ring_inside(ui, frame, radius::CONTROL);
            if let Some(up) = arrow_key(ui) {
                let from = self.typed(&typed).unwrap_or(*value);
                *value = self.stepped(from, up);
                typed = self.text(*value);
            }
            ui.data_mut(|d| d.insert_temp(id, typed.clone()));
        }
        if response.lost_focus() {
            // A value with more digits than are shown stays as it is unless it was changed.
            if typed != shown
                && let Some(n) = self.typed(&typed)
            {
                *value = n;
            }
            ui.data_mut(|d| d.remove::<String>(id));
        }
        for (up, glyph, y, h) in [
            (true, ic::UP, -5.0, arrows.min.y),
            (false, ic::DOWN, 6.0, arrows.center().y),
        ] {
            let half =
                Rect::from_min_size(pos2(arrows.min.x, h), vec2(ARROWS, size::CONTROL / 2.0));
            if self.arrow(ui, half, up) {
                *value = self.stepped(*value, up);
                ui.data_mut(|d| d.remove::<String>(id));
            }
            let c = pos2(frame.max.x - 13.0, frame.center().y + y);
            text::icon(ui, c, glyph, 14.0, t.text2);
        }
    }

    fn typed(&self, text: &str) -> Option<f64> {
        typed_number(text, self.decimals == 0, &self.limits)
    }

    fn text(&self, value: f64) -> String {
        decimal(value, self.decimals)
    }

    /// Not a stop of the Tab key: the arrow keys do the same in the field.
    fn arrow(&self, ui: &Ui, r: Rect, up: bool) -> bool {
        let t = Tokens::of(ui);
        let id = Id::unique(("arrow", self.name, up));
        let response = ui.interact(r, id, Sense::CLICK);
        let name = if up {
            t!("{name}: more", name = self.name)
        } else {
            t!("{name}: less", name = self.name)
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            let r = r.shrink2(vec2(4.0, 1.0));
            surface::fill(ui, r, radius::SMALL, t.hover);
        }
        response.clicked()
    }

    fn stepped(&self, from: f64, up: bool) -> f64 {
        let to = if up {
            from + self.step
        } else {
            from - self.step
        };
        to.clamp(*self.limits.start(), *self.limits.end())
    }
}

fn arrow_key(ui: &Ui) -> Option<bool> {
    ui.input_mut(|i| {
        if i.consume_key(Modifiers::NONE, Key::ArrowUp) {
            Some(true)
        } else if i.consume_key(Modifiers::NONE, Key::ArrowDown) {
            Some(false)
        } else {
            None
        }
    })
}

/// What was typed, brought into the limits; None when it is no number. Where numbers are `whole`
/// signs may part thousands; otherwise a dot or comma is before the fraction.
#[must_use]
fn typed_number(text: &str, whole: bool, limits: &RangeInclusive<f64>) -> Option<f64> {
    let plain = text.trim().replace('−', "-");
    let plain = if whole && is_grouped(&plain) {
        plain.replace(SEPARATORS, "")
    } else {
        plain.replace(',', ".")
    };
    let n: f64 = plain.parse().ok()?;
    n.is_finite()
        .then(|| n.clamp(*limits.start(), *limits.end()))
}

/// One to three digits, then groups of three, parted by one and the same sign. What begins with a
/// zero is a fraction.
fn is_grouped(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let Some(sign) = digits.chars().find(|c| SEPARATORS.contains(c)) else {
        return false;
    };
    let is_group = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = digits.split(sign);
    let first = parts.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && first.bytes().all(|b| b.is_ascii_digit())
        && parts.all(is_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_brought_into_the_limits() {
        let limits = -5.0..=100.0;
        for (text, want) in [
            ("7", Some(7.0)),
            (" 250 ", Some(100.0)),
            ("−9", Some(-5.0)),
            ("7,5", Some(7.5)),
            ("", None),
            ("many", None),
            ("NaN", None),
            ("inf", None),
        ] {
            assert_eq!(typed_number(text, false, &limits), want, "{text}");
        }
    }

    #[test]
    fn thousands_may_be_parted_in_whole_numbers() {
        let limits = 0.0..=100_000.0;
        for (text, whole, fraction) in [
            ("1,000", Some(1000.0), Some(1.0)),
            ("1.000", Some(1000.0), Some(1.0)),
            ("10 000", Some(10_000.0), None),
            ("7,5", Some(7.5), Some(7.5)),
            ("0.95", Some(0.95), Some(0.95)),
            ("0.500", Some(0.5), Some(0.5)),
            ("-0,500", Some(0.0), Some(0.0)),
            ("0 500", None, None),
            ("1000", Some(1000.0), Some(1000.0)),
            (",", None, None),
            ("-1,000", Some(0.0), Some(0.0)),
            // Doubtful: a fraction, or not taken.
            ("1000.000", Some(1000.0), Some(1000.0)),
            ("12,34", Some(12.34), Some(12.34)),
            ("1,0000", Some(1.0), Some(1.0)),
            ("1.000,000", None, None),
            ("10 00", None, None),
            (",000", Some(0.0), Some(0.0)),
        ] {
            assert_eq!(typed_number(text, true, &limits), whole, "{text}");
            assert_eq!(typed_number(text, false, &limits), fraction, "{text}");
        }
    }
}
