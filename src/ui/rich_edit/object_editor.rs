//! The strip below a field in which one object is edited: a formula's TeX, a picture's size, a
//! table's HTML.

use super::doc::{formula_body, formula_delimiters};
use crate::field_html::{Field, Kind, Object, decode, escape, escape_attribute};
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::{Button, surface};
use eframe::egui::{Frame, Id, Key, Margin, Modifiers, TextEdit, Ui};

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
    just_opened: bool,
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
            source,
            just_opened: true,
        })
    }

    /// Draws the strip; changes go to the field when it is done.
    pub fn ui(&mut self, ui: &mut Ui, id: Id, field: &mut Field) -> Edited {
        let t = Tokens::of(ui);
        let current = field.projection().units.get(self.unit).map(|u| u.range());
        if current.is_none_or(|r| field.html()[r] != *self.source) {
            return Edited::Done;
        }
        let mut done = None;
        Frame::new()
            .fill(t.canvas)
            .inner_margin(Margin::symmetric(11, 8))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.label(eframe::egui::RichText::new(self.title()).font(font::caption_strong()));
                let box_id = id.with("object editor");
                let editor = TextEdit::multiline(&mut self.text)
                    .id(box_id)
                    .font(font::mono())
                    .desired_rows(if self.kind == Object::Image { 1 } else { 2 })
                    .desired_width(f32::INFINITY);
                let response = ui.add(editor).accessible_name(self.title());
                if std::mem::take(&mut self.just_opened) {
                    response.request_focus();
                }
                if self.kind == Object::Image {
                    ui.horizontal(|ui| {
                        for (name, value) in
                            [("Width", &mut self.width), ("Height", &mut self.height)]
                        {
                            ui.label(name);
                            let field = TextEdit::singleline(value).desired_width(64.0);
                            ui.add(field.hint_text("real")).accessible_name(name);
                        }
                    });
                }
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
                if inside {
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
                let tag = with(&self.source, "width", self.width.trim());
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
