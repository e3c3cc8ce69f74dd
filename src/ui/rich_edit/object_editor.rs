//! The strip below a field in which one object is edited: a formula's TeX, a picture's size, a
//! table's HTML.

use super::doc::{formula_body, formula_delimiters};
use super::parts::{self, Parts};
use super::{FieldOptions, RichField};
use crate::field_html::{
    Field, Float, Kind, Object, decode, escape, escape_attribute, without_size,
};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::{Button, check, surface, typed};
use eframe::egui::{Frame, Key, Margin, Modifiers, TextBuffer, TextEdit, Ui};

/// An object that is being edited.
#[derive(Debug)]
pub(super) struct ObjectEditor {
    unit: usize,
    kind: Object,
    /// The object's HTML when it was opened: another one there means that it is gone.
    source: String,
    /// TeX, HTML, or an image's address.
    text: String,
    width: String,
    height: String,
    float: Float,
    /// An image's tag that the size and the rest go into.
    base: String,
    /// The texts of a table or ruby, unless all of it is edited as HTML.
    parts: Option<Parts>,
    just_opened: bool,
    /// It had the keyboard in the last frame: Escape takes that away before anybody sees the key.
    had_focus: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edited {
    Going,
    Done,
}

impl ObjectEditor {
    /// None when there is no object.
    pub fn open(field: &Field, unit: usize) -> Option<Self> {
        let u = field.projection().units.get(unit)?;
        let Kind::Object(kind) = u.kind else {
            return None;
        };
        let source = field.html()[u.range()].to_owned();
        let value = |name| crate::field_html::attribute(&source, name).unwrap_or("");
        let text = match kind {
            Object::Formula => decode(formula_body(&source)),
            Object::Image => decode(value("src")),
            _ => source.clone(),
        };
        Some(Self {
            unit,
            kind,
            text,
            width: value("width").to_owned(),
            height: value("height").to_owned(),
            float: Float::of(&source),
            base: source.clone(),
            parts: match kind {
                Object::Block => Parts::open(&source, field),
                _ => None,
            },
            source,
            just_opened: true,
            had_focus: false,
        })
    }

    /// The field of a part that commands are for.
    pub fn part(&mut self) -> Option<&mut RichField> {
        self.parts.as_mut().and_then(Parts::active)
    }

    /// As [`Self::part`], to be looked at.
    pub fn part_now(&self) -> Option<&RichField> {
        self.parts.as_ref().and_then(Parts::active_now)
    }

    /// The field of a part that keeps a place for what comes.
    pub fn part_with_place(&mut self, ticket: u64) -> Option<&mut RichField> {
        self.parts.as_mut()?.with_place(ticket)
    }

    /// The texts of the block; what is typed is in the field at once.
    fn parts_ui(
        &mut self,
        ui: &mut Ui,
        options: &mut FieldOptions<'_>,
        field: &mut Field,
        shown: &mut parts::Shown,
    ) -> Edited {
        let t = Tokens::of(ui);
        let mut edited = Edited::Going;
        let frame = Frame::new().fill(t.canvas);
        frame.inner_margin(Margin::symmetric(11, 8)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let id = options.id.with("object editor");
            if let Some(parts) = &mut self.parts {
                *shown = parts.ui(ui, id, options, field, self.unit, &mut self.source);
            }
            let had_focus = std::mem::replace(&mut self.had_focus, shown.has_focus);
            let escaped =
                had_focus && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
            ui.horizontal(|ui| {
                let done = Button::new("Done").tip_key("Back to the field", "Esc");
                if ui.add(done).clicked() || escaped {
                    field.select(self.unit + 1..self.unit + 1);
                    edited = Edited::Done;
                }
                let html = Button::ghost("HTML").tip("Edit all of it as HTML");
                if ui.add(html).clicked() {
                    self.parts = None;
                    self.text.clone_from(&self.source);
                    self.just_opened = true;
                }
            });
        });
        surface::hline(ui, ui.min_rect(), ui.min_rect().bottom(), t.border);
        edited
    }

    /// Draws the strip; changes go to the field when it is done.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        options: &mut FieldOptions<'_>,
        field: &mut Field,
        shown: &mut parts::Shown,
    ) -> Edited {
        let id = options.id;
        let t = Tokens::of(ui);
        let current = field.projection().units.get(self.unit).map(|u| u.range());
        if current.is_none_or(|r| field.html()[r] != *self.source) {
            return Edited::Done;
        }
        if self.parts.is_some() {
            return self.parts_ui(ui, options, field, shown);
        }
        let mut done = None;
        Frame::new()
            .fill(t.canvas)
            .inner_margin(Margin::symmetric(11, 8))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.label(eframe::egui::RichText::new(self.title()).font(font::caption_strong()));
                ui.add_space(4.0);
                let box_id = id.with("object editor");
                let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
                    typed::plain(ui, text.as_str(), &font::mono(), t.text, true, room)
                };
                let editor = TextEdit::multiline(&mut self.text)
                    .id(box_id)
                    .font(font::mono())
                    .layouter(&mut layouter)
                    .desired_rows(if self.kind == Object::Image { 1 } else { 2 })
                    .desired_width(f32::INFINITY);
                let shown = typed::show(ui, editor).response.response;
                let response = shown.accessible_name(self.title());
                if std::mem::take(&mut self.just_opened) {
                    response.request_focus();
                }
                if self.kind == Object::Image {
                    self.picture_ui(ui);
                }
                ui.add_space(6.0);
                ui.horizontal(|ui| {
                    if ui
                        .add(Button::new("Done").tip_key("Done", "Ctrl+Enter"))
                        .clicked()
                    {
                        done = Some(true);
                    }
                    if ui.add(Button::ghost("Cancel")).clicked() {
                        done = Some(false);
                    }
                });
                let inside = ui.memory(|m| m.has_focus(box_id));
                let had_focus = std::mem::replace(&mut self.had_focus, inside);
                if inside || had_focus {
                    let key = |ui: &mut Ui, m, k| ui.input_mut(|i| i.consume_key(m, k));
                    if key(ui, Modifiers::COMMAND, Key::Enter) {
                        done = Some(true);
                    } else if key(ui, Modifiers::NONE, Key::Escape) {
                        done = Some(false);
                    }
                }
            });
        surface::hline(ui, ui.min_rect(), ui.min_rect().bottom(), t.border);
        match done {
            Some(true) => {
                let html = self.html();
                if html != self.source {
                    field.replace_unit(self.unit, &html);
                }
                field.select(self.unit + 1..self.unit + 1);
                Edited::Done
            }
            Some(false) => Edited::Done,
            None => Edited::Going,
        }
    }

    /// Size in numbers, and where the text flows.
    fn picture_ui(&mut self, ui: &mut Ui) {
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            for (name, value) in [("Width", &mut self.width), ("Height", &mut self.height)] {
                ui.label(name);
                let field = TextEdit::singleline(value).desired_width(64.0);
                ui.add(field.hint_text("real")).accessible_name(name);
            }
            let real = Button::ghost("Original size");
            if ui.add(real.tip("As large as the picture is")).clicked() {
                self.width.clear();
                self.height.clear();
                self.base = without_size(&self.base);
            }
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label("Text flows");
            ui.spacing_mut().item_spacing.x = sp::L;
            for (words, side) in [
                ("right of it", Float::Left),
                ("not around it", Float::None),
                ("left of it", Float::Right),
            ] {
                if check::radio(ui, self.float == side, words).clicked() {
                    self.float = side;
                }
            }
        });
    }

    fn title(&self) -> &'static str {
        match self.kind {
            Object::Formula => "Formula",
            Object::Image => "Image file",
            _ => "HTML of this part",
        }
    }

    fn html(&self) -> String {
        match self.kind {
            Object::Formula => {
                if decode(formula_body(&self.source)) == self.text {
                    return self.source.clone();
                }
                let (open, close) = formula_delimiters(&self.source);
                let body = escape(self.text.trim());
                format!("{open}{body}{close}")
            }
            Object::Image => {
                let with = |tag: &str, name: &str, value: &str| {
                    crate::field_html::with_attribute(tag, name, value)
                };
                let tag = with(&self.float.put_on(&self.base), "width", self.width.trim());
                let tag = with(&tag, "height", self.height.trim());
                let old = crate::field_html::attribute(&tag, "src").map(decode);
                if old.as_deref() == Some(self.text.trim()) {
                    tag
                } else {
                    with(&tag, "src", &escape_attribute(self.text.trim()))
                }
            }
            _ => self.text.clone(),
        }
    }
}
