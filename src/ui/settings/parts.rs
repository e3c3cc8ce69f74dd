//! Parts of preference pages: groups of rows in a white card, a number with arrows, a row with a
//! switch. A row has its words at the left and its control at the right.

use super::model;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::{Cut as _, check, field, ic, surface, text};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Frame, Id, Key, Layout, Margin, Modifiers, Rect, Sense, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use std::ops::RangeInclusive;

/// Space for a heading and a card with `rows` rows; returns the rows, padded.
pub(super) fn group(ui: &mut Ui, title: &str, rows: usize) -> Rect {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let (_, heading) = ui.allocate_space(vec2(width, 26.0));
    let line = Rect::from_min_size(heading.min, vec2(width, 24.0));
    text::label(ui, line, Align::Min, title, font::small_strong(), t.text2);
    let height = rows as f32 * size::ROW_SETTING;
    let (_, card) = ui.allocate_space(vec2(width, height));
    surface::card(ui, card);
    let inner = card.pad(16.0, 0.0);
    for k in 1..rows {
        let y = card.min.y + k as f32 * size::ROW_SETTING;
        surface::hline(ui, inner, y, t.border);
    }
    ui.add_space(14.0);
    inner
}

/// The next row of a group.
pub(super) fn row(ui: &Ui, group: &mut Rect, words: &str) -> Rect {
    let t = Tokens::of(ui);
    let r = group.cut_top(size::ROW_SETTING);
    text::label(ui, r, Align::Min, words, font::body(), t.text);
    r
}

/// A row with a switch; true when it was changed.
pub(super) fn switch(ui: &mut Ui, group: &mut Rect, words: &str, on: &mut bool) -> bool {
    let r = row(ui, group, words);
    let at = Rect::from_center_size(pos2(r.max.x - 17.0, r.center().y), vec2(34.0, 20.0));
    let mut child = child_at(ui, at, words);
    check::switch(&mut child, on, words).changed()
}

/// A row with a choice of a few; true when it was changed.
pub(super) fn choice<T: PartialEq + Clone>(
    ui: &mut Ui,
    group: &mut Rect,
    words: &str,
    width: f32,
    value: &mut T,
    options: &[(T, &str)],
) -> bool {
    let r = row(ui, group, words);
    let at = Rect::from_min_size(
        pos2(r.max.x - width, r.center().y - size::CONTROL / 2.0),
        vec2(width, size::CONTROL),
    );
    let mut child = child_at(ui, at, words);
    field::combo(&mut child, words, width, value, options)
}

fn child_at(ui: &mut Ui, at: Rect, salt: &str) -> Ui {
    ui.new_child(
        UiBuilder::new()
            .max_rect(at)
            .layout(Layout::left_to_right(Align::Min))
            .id_salt(salt.to_owned()),
    )
}

/// A number with arrows and its unit; what is typed is taken over when the field is left.
pub(super) struct Stepper<'a> {
    pub words: &'a str,
    pub unit: &'a str,
    pub limits: RangeInclusive<u32>,
    pub step: u32,
}

/// Room for the unit, so that the fields of a page stand below one another.
const UNIT: f32 = 60.0;

impl Stepper<'_> {
    /// True when the value was changed.
    pub(super) fn show(self, ui: &mut Ui, group: &mut Rect, value: &mut u32) -> bool {
        let t = Tokens::of(ui);
        let mut r = row(ui, group, self.words);
        let unit = r.cut_right(UNIT);
        text::left(ui, unit, self.unit, font::body(), t.text2);
        r.cut_right(10.0);
        let box_ = r.cut_right(64.0);
        let frame = Rect::from_center_size(box_.center(), vec2(64.0, 30.0));
        let mut child = child_at(ui, frame, self.words);
        let before = *value;
        self.field(&mut child, frame, value);
        *value != before
    }

    fn field(&self, ui: &mut Ui, frame: Rect, value: &mut u32) {
        let t = Tokens::of(ui);
        surface::fill(ui, frame, radius::CONTROL, t.surface);
        surface::outline(ui, frame, radius::CONTROL, t.border_input);
        let id = Id::unique(("number", self.words));
        let focused = ui.memory(|m| m.has_focus(id));
        let mut typed: String = if focused {
            ui.data(|d| d.get_temp(id))
                .unwrap_or_else(|| value.to_string())
        } else {
            value.to_string()
        };
        let mut room = frame;
        let arrows = room.cut_right(26.0);
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
            .char_limit(5);
        let response = ui.put(room, edit).accessible_name(self.words);
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
                let from = model::typed(&typed, &self.limits).unwrap_or(*value);
                *value = self.stepped(from, up);
                ui.data_mut(|d| d.insert_temp(id, value.to_string()));
            }
        }
        if response.lost_focus() {
            if let Some(n) = model::typed(&typed, &self.limits) {
                *value = n;
            }
            ui.data_mut(|d| d.remove::<String>(id));
        }
        for (up, glyph, y, h) in [
            (true, ic::UP, -5.0, arrows.min.y),
            (false, ic::DOWN, 6.0, arrows.center().y),
        ] {
            let half = Rect::from_min_size(pos2(arrows.min.x, h), vec2(26.0, 15.0));
            if self.arrow(ui, half, up) {
                *value = self.stepped(*value, up);
                ui.data_mut(|d| d.remove::<String>(id));
            }
            let c = pos2(frame.max.x - 13.0, frame.center().y + y);
            text::icon(ui, c, glyph, 14.0, t.text2);
        }
    }

    /// Not a stop of the Tab key: the arrow keys do the same in the field.
    fn arrow(&self, ui: &Ui, r: Rect, up: bool) -> bool {
        let t = Tokens::of(ui);
        let id = Id::unique(("arrow", self.words, up));
        let response = ui.interact(r, id, Sense::CLICK);
        let name = format!("{}: {}", self.words, if up { "more" } else { "less" });
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            let r = r.shrink2(vec2(4.0, 1.0));
            surface::fill(ui, r, radius::SMALL, t.hover);
        }
        response.clicked()
    }

    fn stepped(&self, from: u32, up: bool) -> u32 {
        let to = if up {
            from.saturating_add(self.step)
        } else {
            from.saturating_sub(self.step)
        };
        to.clamp(*self.limits.start(), *self.limits.end())
    }
}
