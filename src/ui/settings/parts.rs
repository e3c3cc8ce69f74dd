//! Parts of preference pages: a page made of groups, a group of rows in a white card. A row has
//! its words at the left and its control at the right. A row that the search does not find is not
//! there, nor is a group or page without rows.

use super::model::{Find, Page};
use crate::t;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, Number, check, field, surface, text};
use eframe::egui::layers::ShapeIdx;
use eframe::egui::{Align, Layout, Rect, Shape, Ui, UiBuilder, pos2, vec2};
use std::ops::RangeInclusive;

/// Between a group and what follows.
const GAP: f32 = 14.0;
/// Above and below the words below a group.
const NOTE: f32 = 2.0;

/// A page while it is drawn.
pub(super) struct Sheet<'a> {
    pub ui: &'a mut Ui,
    page: Page,
    find: &'a Find,
    has_title: bool,
    /// A line or number is being typed: its value is not to be saved yet.
    pub is_typed: bool,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(ui: &'a mut Ui, page: Page, find: &'a Find) -> Self {
        Self {
            ui,
            page,
            find,
            has_title: false,
            is_typed: false,
        }
    }

    /// Whether all of the page is shown, what belongs to no row too.
    pub(super) fn is_whole(&self) -> bool {
        self.find.is_empty()
    }

    /// Where something was found, or always.
    fn title(&mut self) {
        if self.has_title {
            return;
        }
        self.has_title = true;
        let t = Tokens::of(self.ui);
        let (_, r) = self
            .ui
            .allocate_space(vec2(self.ui.available_width(), 30.0));
        text::heading(
            self.ui,
            r,
            Align::Min,
            self.page.label(),
            font::title(),
            t.text,
        );
        self.ui.add_space(GAP);
    }

    /// Instead of the title.
    pub(super) fn own_title<R>(&mut self, draw: impl FnOnce(&mut Ui) -> R) -> R {
        self.has_title = true;
        draw(self.ui)
    }

    /// Whether anything was found.
    pub(super) fn has_title(&self) -> bool {
        self.has_title
    }

    pub(super) fn group<R>(
        &mut self,
        title: &str,
        rows: impl FnOnce(&mut Group<'_, 'a>) -> R,
    ) -> R {
        self.noted(title, "", rows)
    }

    /// A group with words of explanation below it, which is searched for each of its rows.
    pub(super) fn noted<R>(
        &mut self,
        title: &str,
        note: &str,
        rows: impl FnOnce(&mut Group<'_, 'a>) -> R,
    ) -> R {
        let mut group = Group {
            sheet: self,
            title,
            note,
            card: None,
        };
        let done = rows(&mut group);
        group.finish();
        done
    }
}

/// Rows in a white card below a title.
pub(super) struct Group<'s, 'a> {
    sheet: &'s mut Sheet<'a>,
    title: &'s str,
    note: &'s str,
    /// Where it is painted, below its rows, and how large it is so far.
    card: Option<(ShapeIdx, Rect)>,
}

impl Group<'_, '_> {
    pub(super) fn ui(&mut self) -> &mut Ui {
        self.sheet.ui
    }

    /// Room for the next row, unless nobody looks for it by these words.
    pub(super) fn room(&mut self, words: &str) -> Option<Rect> {
        let page = self.sheet.page.label();
        if !self.sheet.find.finds(&[page, self.title, self.note, words]) {
            return None;
        }
        self.sheet.title();
        let ui = &mut *self.sheet.ui;
        let t = Tokens::of(ui);
        let width = ui.available_width();
        let card = self.card.get_or_insert_with(|| {
            let (_, heading) = ui.allocate_space(vec2(width, 26.0));
            let line = Rect::from_min_size(heading.min, vec2(width, 24.0));
            text::heading(
                ui,
                line,
                Align::Min,
                self.title,
                font::small_strong(),
                t.text2,
            );
            let under = ui.painter().add(Shape::Noop);
            let top = Rect::from_min_size(heading.left_bottom(), vec2(width, 0.0));
            (under, top)
        });
        let (_, r) = ui.allocate_space(vec2(width, size::ROW_SETTING));
        let inner = r.pad(16.0, 0.0);
        if card.1.height() > 0.0 {
            surface::hline(ui, inner, r.min.y, t.border);
        }
        card.1.max.y = r.max.y;
        Some(inner)
    }

    fn finish(self) {
        let Some((under, r)) = self.card else { return };
        let ui = &mut *self.sheet.ui;
        let card = surface::card_shape(ui, r);
        ui.painter().set(under, card);
        ui.add_space(GAP);
        if !self.note.is_empty() {
            let t = Tokens::of(ui);
            ui.add_space(NOTE);
            text::paragraph_in(ui, self.note, font::small(), t.text3);
            ui.add_space(NOTE + GAP);
        }
    }

    /// The next row, with words at its left that leave `taken` points at the right to its control.
    fn row(&mut self, words: &str, taken: f32) -> Option<Rect> {
        self.row_found_by(words, words, taken)
    }

    /// A row that is also found by words that do not stand in it.
    fn row_found_by(&mut self, words: &str, found_by: &str, taken: f32) -> Option<Rect> {
        let r = self.room(found_by)?;
        self.words(r, words, taken);
        Some(r)
    }

    /// Words at the left of a row, up to its control; in two lines where one is too short for them.
    fn words(&mut self, r: Rect, words: &str, taken: f32) {
        let ui = self.ui();
        let t = Tokens::of(ui);
        let left = r.with_max_x(r.max.x - taken - sp::M);
        let high = text::para_height(ui, left.width(), words, font::body());
        if text::width(ui, words, font::body()) > left.width() && high <= left.height() {
            let at = Rect::from_center_size(left.center(), vec2(left.width(), high));
            text::para(ui, at, words, font::body(), t.text);
        } else {
            text::label(ui, left, Align::Min, words, font::body(), t.text);
        }
    }

    /// A row with a switch; true when it was changed.
    pub(super) fn switch(&mut self, words: &str, on: &mut bool) -> bool {
        let Some(r) = self.row(words, 34.0) else {
            return false;
        };
        let at = Rect::from_center_size(pos2(r.max.x - 17.0, r.center().y), vec2(34.0, 20.0));
        let mut child = child_at(self.ui(), at, words);
        check::switch(&mut child, on, words).changed()
    }

    /// A row with a choice of a few, `least` wide or as its longest choice where the words leave
    /// room for that; true when it was changed.
    pub(super) fn choice<T: PartialEq + Clone>(
        &mut self,
        words: &str,
        least: f32,
        value: &mut T,
        options: &[(T, &str)],
    ) -> bool {
        let mut found_by = words.to_owned();
        for (_, option) in options {
            found_by.push(' ');
            found_by.push_str(option);
        }
        let Some(r) = self.room(&found_by) else {
            return false;
        };
        let ui = self.ui();
        let room = r.width() - text::width(ui, words, font::body()) - sp::M;
        let width = field::combo_width(ui, least, options).min(room.max(least));
        let at = Rect::from_min_size(
            pos2(r.max.x - width, r.center().y - size::CONTROL / 2.0),
            vec2(width, size::CONTROL),
        );
        self.words(r, words, width);
        let mut child = child_at(self.ui(), at, words);
        field::combo(&mut child, words, width, value, options)
    }

    /// A row with a line of text; true when it was changed and nothing more was typed for a moment,
    /// or it was left. Until then the value is what is typed, but is not to be saved unless the page
    /// is left: saving takes time, and is a step of undo.
    pub(super) fn line(&mut self, words: &str, hint: &str, value: &mut String) -> bool {
        const WIDTH: f32 = 260.0;
        const REST_SECS: f64 = 0.4;
        let Some(r) = self.row(words, WIDTH) else {
            return false;
        };
        let at = Rect::from_min_size(
            pos2(r.max.x - WIDTH, r.center().y - size::CONTROL / 2.0),
            vec2(WIDTH, size::CONTROL),
        );
        let ui = self.ui();
        let id = ui.make_persistent_id(("typed", words));
        let now = ui.input(|i| i.time);
        let kept: Option<Typed> = ui.data_mut(|d| d.remove_temp(id));
        let mut typed = kept.unwrap_or_else(|| Typed {
            text: value.clone(),
            since: None,
        });
        let mut child = child_at(ui, at, words);
        let field = field::Field::new(&mut typed.text, words)
            .hint(hint)
            .width(WIDTH);
        let field = field.show(&mut child);
        if field.changed() {
            typed.since = Some(now);
        }
        let rests = typed.since.is_some_and(|since| now - since >= REST_SECS);
        let done = field.lost_focus() || field.has_focus() && rests;
        let differs = typed.text != *value;
        let changed = done && differs;
        value.clone_from(&typed.text);
        let mut is_typed = false;
        if field.has_focus() {
            typed.since = typed.since.filter(|_| !rests);
            is_typed = typed.since.is_some() && !changed;
            if typed.since.is_some() {
                ui.ctx().request_repaint_after_secs(REST_SECS as f32);
            }
            // Until it is heard to be saved; then what is stored is shown, also by Undo.
            if differs || typed.since.is_some() {
                ui.data_mut(|d| d.insert_temp(id, typed));
            }
        }
        self.sheet.is_typed |= is_typed;
        changed
    }

    /// A row with buttons; which one was pressed.
    pub(super) fn buttons(&mut self, words: &str, labels: &[&str]) -> Option<usize> {
        let mut r = self.room(&format!("{words} {}", labels.join(" ")))?;
        let pressed = self.cut_buttons(&mut r, labels);
        // The buttons have cut off their room already.
        self.words(r, words, -sp::M);
        pressed
    }

    /// Buttons at the right end of a row, which is cut off; which one was pressed.
    pub(super) fn cut_buttons(&mut self, r: &mut Rect, labels: &[&str]) -> Option<usize> {
        let small = |label| Button::new(label).height(size::CONTROL_SMALL);
        let all = labels.iter().map(|label| small(label)).collect();
        let pressed = button::row(self.ui(), *r, Align::Max, all);
        if let Some(first) = pressed.first() {
            r.max.x = first.rect.min.x - sp::M;
        }
        pressed.iter().position(|response| response.clicked())
    }

    /// A row with one sign or none, taken over as soon as it is typed; `problem` refuses some with
    /// a reason.
    pub(super) fn sign(
        &mut self,
        words: &str,
        value: &mut String,
        problem: impl Fn(char) -> Option<String>,
    ) -> bool {
        let Some(mut r) = self.row(words, 48.0) else {
            return false;
        };
        let ui = self.ui();
        let t = Tokens::of(ui);
        let box_ = r.cut_right(48.0);
        let at = Rect::from_center_size(box_.center(), vec2(48.0, size::CONTROL));
        r.cut_right(12.0);
        let id = ui.make_persistent_id(("refused", words));
        let mut typed = value.clone();
        let name = t!("Key of {answer}", answer = words);
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
        if field.changed() && typed.is_empty() {
            ui.data_mut(|d| d.remove::<String>(id));
            value.clear();
            changed = true;
        } else if field.changed()
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

    /// A number with arrows and its unit; true when it was changed. While it is typed, as with
    /// [`Self::line`].
    pub(super) fn number(&mut self, stepper: Stepper<'_>, value: &mut u32) -> bool {
        let found_by = format!("{} {}", stepper.words, stepper.unit);
        let unit = unit_width(self.ui(), stepper.unit);
        let taken = unit + BEFORE_UNIT + NUMBER;
        let Some(mut r) = self.row_found_by(stepper.words, &found_by, taken) else {
            return false;
        };
        let ui = self.ui();
        let t = Tokens::of(ui);
        let unit = r.cut_right(unit);
        text::left(ui, unit, stepper.unit, font::body(), t.text2);
        r.cut_right(BEFORE_UNIT);
        let limits = i64::from(*stepper.limits.start())..=i64::from(*stepper.limits.end());
        let mut n = i64::from(*value);
        let number = Number::new(stepper.words, limits).step(i64::from(stepper.step));
        let changed = number.clone().place(ui, r.cut_right(NUMBER), &mut n);
        let pending = number.pending(ui, n).filter(|_| !changed);
        *value = u32::try_from(pending.unwrap_or(n)).unwrap_or(*value);
        self.sheet.is_typed |= pending.is_some();
        changed
    }
}

/// What stands in a line of text that has the keys.
#[derive(Debug, Clone, Default)]
struct Typed {
    text: String,
    /// When the last letter was typed that is not saved.
    since: Option<f64>,
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

/// Width of a number's field, and from it to the unit.
const NUMBER: f32 = 80.0;
const BEFORE_UNIT: f32 = 10.0;
/// Least room for the unit.
const UNIT: f32 = 60.0;

/// Room for the unit: the same for the usual ones, so that the fields of a page stand below one
/// another.
fn unit_width(ui: &Ui, unit: &str) -> f32 {
    let units = [unit, t!("days"), t!("weeks"), t!("months"), t!("minutes")];
    let widths = units.map(|unit| text::width(ui, unit, font::body()).ceil());
    widths.into_iter().fold(UNIT, f32::max)
}
