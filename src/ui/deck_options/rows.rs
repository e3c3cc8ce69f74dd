//! Rows of options in a card: the name with its help at the left, the control at the right, and
//! behind it an arrow back to the default while the value is another one.

use super::words::Words;
use crate::base::lang;
use crate::t;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{self, Field};
use crate::ui::widgets::{
    Cut as _, Number as NumberField, check, ic, segments, surface, text, tooltip,
};
use eframe::egui::{Align, Id, Layout, Margin, Rect, Sense, Ui, UiBuilder, pos2, vec2};
use std::ops::RangeInclusive;

/// The names of the options whose help is open.
pub type OpenHelp = Vec<&'static str>;

/// The rows of one card.
pub struct Rows<'a> {
    pub ui: &'a mut Ui,
    help: &'a mut OpenHelp,
    first: bool,
}

/// Room for the arrow back to the default.
const RESET: f32 = 36.0;
/// Room for a unit, so that the fields of a page stand below one another.
const UNIT: f32 = 40.0;
const NUMBER: f32 = 88.0;
const COMBO: f32 = 256.0;
const TEXT: f32 = 256.0;
/// Below a control that stands below its name.
const BELOW: f32 = 8.0;

/// A heading and a card with what `content` adds.
pub fn section(ui: &mut Ui, title: &str, help: &mut OpenHelp, content: impl FnOnce(&mut Rows<'_>)) {
    let t = Tokens::of(ui);
    let (_, heading) = ui.allocate_space(vec2(ui.available_width(), 28.0));
    text::heading(
        ui,
        heading,
        Align::Min,
        title,
        font::small_strong(),
        t.text2,
    );
    surface::card_frame(ui)
        .inner_margin(Margin::symmetric(16, 0))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let mut rows = Rows {
                ui,
                help,
                first: true,
            };
            content(&mut rows);
        });
    ui.add_space(16.0);
}

impl Rows<'_> {
    /// A row of `control` at the right, in the room that the name leaves; true when the arrow back
    /// to the default was pressed.
    pub fn row(
        &mut self,
        w: &'static Words,
        at_default: bool,
        control: impl FnOnce(&mut Ui, Rect),
    ) -> bool {
        self.row_of(size::ROW_SETTING, 0.0, w, at_default, control)
    }

    /// A row `height` high; where the name leaves less than `wide` beside it, the control stands below.
    fn row_of(
        &mut self,
        height: f32,
        wide: f32,
        w: &'static Words,
        at_default: bool,
        control: impl FnOnce(&mut Ui, Rect),
    ) -> bool {
        let t = Tokens::of(self.ui);
        let width = self.ui.available_width();
        let (_, r) = self.ui.allocate_space(vec2(width, height));
        if !self.first {
            surface::hline(self.ui, r, r.min.y, t.border);
        }
        self.first = false;
        let mut line = r;
        let reset = line.cut_right(RESET);
        let end = self.name(
            Rect::from_min_size(line.min, vec2(line.width(), size::ROW_SETTING)),
            w,
        );
        line.min.x = end.min(line.max.x);
        if line.width() < wide {
            let (_, below) = self.ui.allocate_space(vec2(width, size::CONTROL + BELOW));
            line = below.with_max_x(line.max.x);
            line.max.y -= BELOW;
        }
        let mut child = self.ui.new_child(
            UiBuilder::new()
                .max_rect(line)
                .layout(Layout::left_to_right(Align::Min))
                .id_salt(w.label),
        );
        control(&mut child, line);
        let pressed = !at_default && {
            let name = t!("Reset {option}", option = w.name());
            let c = pos2(reset.max.x - 14.0, r.min.y + size::ROW_SETTING / 2.0);
            let at = Rect::from_center_size(c, vec2(28.0, 28.0));
            Button::icon_only(ic::UNDO, &name)
                .tip(t!("Back to the default"))
                .place(self.ui, at)
                .clicked()
        };
        if self.help.contains(&w.label) {
            self.paragraph(lang::say(w.help));
        }
        pressed
    }

    /// The label, whether it holds for all decks, and the button for help.
    /// Also says where its end is.
    fn name(&mut self, r: Rect, w: &'static Words) -> f32 {
        let t = Tokens::of(self.ui);
        let label = text::label(self.ui, r, Align::Min, w.name(), font::body(), t.text);
        let mut x = label.rect.max.x + 8.0;
        if w.shared {
            let mut chip = r;
            chip.min.x = x;
            let used = text::left(self.ui, chip, t!("all decks"), font::caption(), t.text3);
            let id = self.ui.make_persistent_id(("shared", w.label));
            let said = self.ui.interact(used, id, Sense::hover());
            tooltip::words(said, t!("Holds for the whole collection"));
            x = used.max.x + 6.0;
        }
        if w.help.is_empty() {
            return x;
        }
        let at = Rect::from_center_size(pos2(x + 10.0, r.center().y), vec2(24.0, 24.0));
        let is_open = self.help.contains(&w.label);
        let name = t!("Help: {option}", option = w.name());
        let help = Button::icon_only(ic::INFO, &name)
            .height(24.0)
            .tip(lang::say(w.help))
            .highlighted(is_open)
            .place(self.ui, at);
        if help.clicked() {
            if is_open {
                self.help.retain(|open| *open != w.label);
            } else {
                self.help.push(w.label);
            }
        }
        at.max.x + sp::S
    }

    /// Words below a row.
    pub fn paragraph(&mut self, words: &str) {
        let t = Tokens::of(self.ui);
        self.note(words, t.text2);
    }

    /// Words above the first row.
    pub fn paragraph_first(&mut self, words: &str) {
        self.ui.add_space(12.0);
        self.paragraph(words);
        self.first = false;
    }

    /// Something to think about, below a row.
    pub fn warning(&mut self, words: &str) {
        let t = Tokens::of(self.ui);
        self.note(words, t.warn);
    }

    fn note(&mut self, words: &str, color: eframe::egui::Color32) {
        let f = font::small();
        let width = self.ui.available_width();
        let lines = text::para_height(self.ui, width - RESET, words, f.clone());
        let (_, mut r) = self.ui.allocate_space(vec2(width, lines + 10.0));
        r.cut_right(RESET);
        text::para(self.ui, r, words, f, color);
    }

    pub fn switch(&mut self, w: &'static Words, value: &mut bool, default: bool) {
        let reset = self.row(w, *value == default, |ui, r| {
            let at = Rect::from_center_size(pos2(r.max.x - 17.0, r.center().y), vec2(34.0, 20.0));
            ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
                check::switch(ui, value, w.name());
            });
        });
        if reset {
            *value = default;
        }
    }

    pub fn choice(
        &mut self,
        w: &'static Words,
        value: &mut i32,
        default: i32,
        options: &[(i32, &str)],
    ) {
        let wide = field::combo_width(self.ui, COMBO, options);
        let reset = self.row_of(size::ROW_SETTING, wide, w, *value == default, |ui, r| {
            let wide = wide.min(r.width());
            let at = Rect::from_min_size(
                pos2(r.max.x - wide, r.center().y - size::CONTROL / 2.0),
                vec2(wide, size::CONTROL),
            );
            ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
                field::combo(ui, w.name(), wide, value, options);
            });
        });
        if reset {
            *value = default;
        }
    }

    pub fn count(
        &mut self,
        w: &'static Words,
        unit: &str,
        value: &mut u32,
        default: u32,
        limits: &RangeInclusive<u32>,
    ) {
        let look = Number::whole(limits, unit);
        let mut number = f64::from(*value);
        let reset = self.row(w, *value == default, |ui, r| {
            look.show(ui, r, w.name(), &mut number);
        });
        *value = if reset {
            default
        } else {
            number.round() as u32
        };
    }

    /// A number with digits after the point.
    pub fn decimal(&mut self, w: &'static Words, value: &mut f32, default: f32, look: &Number) {
        let before = look.shown(*value);
        let mut number = before;
        let reset = self.row(w, *value == default, |ui, r| {
            look.show(ui, r, w.name(), &mut number);
        });
        if reset {
            *value = default;
        } else if number != before {
            *value = look.value(number);
        }
    }

    /// A line of text, with what is wrong with it below; true when it was changed.
    pub fn text(
        &mut self,
        w: &'static Words,
        value: &mut String,
        default: &str,
        problem: Option<&str>,
        hint: &str,
    ) -> bool {
        let before = value.clone();
        let reset = self.row_of(size::ROW_SETTING, TEXT, w, value == default, |ui, r| {
            let at = Rect::from_min_size(
                pos2(r.max.x - TEXT, r.center().y - size::CONTROL / 2.0),
                vec2(TEXT, size::CONTROL),
            );
            ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
                Field::new(value, w.name()).hint(hint).width(TEXT).show(ui);
            });
        });
        if reset {
            default.clone_into(value);
        }
        if let Some(problem) = problem {
            let t = Tokens::of(self.ui);
            self.note(problem, t.danger);
        }
        *value != before
    }

    /// Several lines of code over the whole width; true when it was changed.
    pub fn code(
        &mut self,
        w: &'static Words,
        value: &mut String,
        rows: usize,
        hint: &str,
        problem: Option<&str>,
    ) -> bool {
        let before = value.clone();
        if self.row(w, value.is_empty(), |_, _| {}) {
            value.clear();
        }
        Field::new(value, w.name())
            .mono()
            .rows(rows)
            .hint(hint)
            .show(self.ui);
        self.ui.add_space(6.0);
        if let Some(problem) = problem {
            let t = Tokens::of(self.ui);
            self.note(problem, t.danger);
        }
        self.ui.add_space(8.0);
        *value != before
    }

    /// A number below a choice of where it is set; true when the arrow back was pressed.
    pub fn scoped(
        &mut self,
        w: &'static Words,
        at_default: bool,
        scope: &mut usize,
        scopes: &[&str],
        number: &mut f64,
        look: &Number,
    ) -> bool {
        self.row_of(84.0, 0.0, w, at_default, |ui, r| {
            let mut r = r;
            let mut top = r.cut_top(size::ROW_SETTING);
            let mut low = r.translate(vec2(0.0, -4.0));
            // Where the name leaves no room for it, the choice is the lower one.
            if segments::close_width(ui, scopes) > top.width() {
                std::mem::swap(&mut top, &mut low);
            }
            choices(ui, top, w.name(), scope, scopes);
            look.show(ui, low, w.name(), number);
        })
    }

    /// Buttons side by side; which of them was pressed.
    pub fn buttons(&mut self, w: &'static Words, labels: &[&str], enabled: bool) -> Option<usize> {
        let wide = button::row_width(self.ui, labels);
        let mut pressed = None;
        self.row_of(size::ROW_SETTING, wide, w, true, |ui, r| {
            let all = labels
                .iter()
                .map(|label| Button::new(label).enabled(enabled));
            let clicks = button::row(ui, r, Align::Max, all.collect());
            pressed = clicks.iter().position(|click| click.clicked());
        });
        pressed
    }

    /// A row of segments.
    pub fn segmented(
        &mut self,
        w: &'static Words,
        at_default: bool,
        chosen: &mut usize,
        options: &[&str],
    ) -> bool {
        self.row(w, at_default, |ui, r| {
            choices(ui, r, w.name(), chosen, options);
        })
    }
}

/// How a number is shown and how far it goes.
#[derive(Debug, Clone)]
pub struct Number {
    /// As shown.
    limits: RangeInclusive<f64>,
    step: f64,
    decimals: usize,
    /// What is shown is the value times this: 100 for percentages.
    scale: f64,
    unit: String,
}

impl Number {
    pub fn whole(limits: &RangeInclusive<u32>, unit: &str) -> Self {
        Self {
            limits: f64::from(*limits.start())..=f64::from(*limits.end()),
            step: 1.0,
            decimals: 0,
            scale: 1.0,
            unit: unit.into(),
        }
    }

    /// A plain multiplier.
    pub fn factor(limits: &RangeInclusive<f32>) -> Self {
        Self {
            limits: exact(*limits.start())..=exact(*limits.end()),
            step: 0.05,
            decimals: 2,
            scale: 1.0,
            unit: String::new(),
        }
    }

    /// A fraction, shown times 100.
    pub fn percent(limits: &RangeInclusive<f32>) -> Self {
        Self {
            limits: exact(*limits.start()) * 100.0..=exact(*limits.end()) * 100.0,
            step: 1.0,
            decimals: 0,
            scale: 100.0,
            unit: "%".into(),
        }
    }

    pub fn seconds(limits: &RangeInclusive<f32>) -> Self {
        Self {
            step: 0.5,
            decimals: 1,
            unit: "s".into(),
            ..Self::factor(limits)
        }
    }

    /// What the field shows for a value.
    pub fn shown(&self, value: f32) -> f64 {
        exact(value) * self.scale
    }

    /// The value of what the field shows.
    pub fn value(&self, shown: f64) -> f32 {
        (shown / self.scale) as f32
    }

    fn show(&self, ui: &mut Ui, r: Rect, name: &str, value: &mut f64) {
        let t = Tokens::of(ui);
        let mut r = r;
        if !self.unit.is_empty() {
            // The widest unit, so that the fields stand below one another.
            let days = text::width(ui, t!("days"), font::body());
            let mut words = r.cut_right((days + 8.0).ceil().max(UNIT));
            words.cut_left(8.0);
            text::left(ui, words, &self.unit, font::body(), t.text2);
        }
        let field =
            NumberField::decimal(name, self.limits.clone(), self.decimals).decimal_step(self.step);
        field.clone().place_decimal(ui, r.cut_right(NUMBER), value);
        // What is typed counts before the field is left, so that closing the window asks about it.
        // What is no number stands for the value from before, as when the field is left.
        let id = Id::unique(("before typing", name));
        let before = ui.data(|d| d.get_temp(id)).unwrap_or(*value);
        if let Some(typed) = field.pending_decimal(ui, before) {
            ui.data_mut(|d| d.insert_temp(id, before));
            *value = typed;
        } else {
            ui.data_mut(|d| d.remove::<f64>(id));
        }
    }
}

/// The decimal digits that the short form of a 32-bit number has, not its neighbour's.
fn exact(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// Choices side by side, at the right of `r`; each is a radio button "row: choice".
fn choices(ui: &Ui, r: Rect, row: &str, chosen: &mut usize, options: &[&str]) {
    let made = segments::place_close(ui, r.max.x, r.center().y, row, options, *chosen);
    *chosen = made.unwrap_or(*chosen);
}
