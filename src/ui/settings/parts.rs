//! Parts of preference pages: groups of rows in a white card, a number with arrows, a row with a
//! switch. A row has its words at the left and its control at the right.

use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::{Cut as _, Number, check, field, surface, text};
use eframe::egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};
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

/// A row with a line of text; true when it was changed.
pub(super) fn line(
    ui: &mut Ui,
    group: &mut Rect,
    words: &str,
    hint: &str,
    value: &mut String,
) -> bool {
    const WIDTH: f32 = 260.0;
    let r = row(ui, group, words);
    let at = Rect::from_min_size(
        pos2(r.max.x - WIDTH, r.center().y - size::CONTROL / 2.0),
        vec2(WIDTH, size::CONTROL),
    );
    let mut child = child_at(ui, at, words);
    let field = field::Field::new(value, words).hint(hint).width(WIDTH);
    field.show(&mut child).changed()
}

/// A row with one sign, taken over as soon as it is typed; `problem` refuses some with a reason.
pub(super) fn sign(
    ui: &mut Ui,
    group: &mut Rect,
    words: &str,
    value: &mut String,
    problem: impl Fn(char) -> Option<String>,
) -> bool {
    let t = Tokens::of(ui);
    let mut r = row(ui, group, words);
    let box_ = r.cut_right(48.0);
    let at = Rect::from_center_size(box_.center(), vec2(48.0, size::CONTROL));
    r.cut_right(12.0);
    let id = ui.make_persistent_id(("refused", words));
    let mut typed = value.clone();
    let name = format!("Key of {words}");
    let mut child = child_at(ui, at, words);
    let field = field::Field::new(&mut typed, &name)
        .width(48.0)
        .show(&mut child);
    if field.gained_focus() {
        field::select_all(ui.ctx(), field.id, &typed);
    }
    if field.lost_focus() {
        ui.data_mut(|d| d.remove::<String>(id));
    }
    let mut changed = false;
    if field.changed()
        && let Some(sign) = typed.chars().rev().find(|c| !value.contains(*c))
    {
        let sign = sign.to_lowercase().next().unwrap_or(sign);
        match problem(sign) {
            Some(why) => {
                ui.data_mut(|d| d.insert_temp(id, why));
            }
            None => {
                ui.data_mut(|d| d.remove::<String>(id));
                *value = sign.to_string();
                changed = true;
            }
        }
    }
    if let Some(why) = ui.data(|d| d.get_temp::<String>(id)) {
        text::label(ui, r, Align::Max, &why, font::small(), t.danger);
    }
    changed
}

fn child_at(ui: &mut Ui, at: Rect, salt: &str) -> Ui {
    ui.new_child(
        UiBuilder::new()
            .max_rect(at)
            .layout(Layout::left_to_right(Align::Min))
            .id_salt(salt.to_owned()),
    )
}

/// A number with arrows and its unit.
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
        let limits = i64::from(*self.limits.start())..=i64::from(*self.limits.end());
        let mut n = i64::from(*value);
        let changed = Number::new(self.words, limits)
            .step(i64::from(self.step))
            .place(ui, r.cut_right(80.0), &mut n);
        if changed {
            *value = u32::try_from(n).unwrap_or(*value);
        }
        changed
    }
}
