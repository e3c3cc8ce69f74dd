//! The strip below a field in which one object is edited: a formula's TeX, a picture's size, a
//! table's HTML. What is typed is in the field at once, as one step; Cancel puts back what was.

use super::doc::{formula_body, formula_delimiters};
use super::parts::{self, Parts};
use super::{FieldOptions, RichField};
use crate::field_html::{
    Field, Float, Kind, Object, Tex, decode, escape_attribute, length, with_length, without_size,
};
use crate::t;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::{Button, check, field, surface, typed};
use eframe::egui::{Frame, Key, Margin, Modifiers, Popup, TextBuffer, TextEdit, Ui};

/// An object that is being edited.
#[derive(Debug)]
pub(super) struct ObjectEditor {
    unit: usize,
    /// Where its HTML begins in the field's. What is typed may be no object for a while.
    at: usize,
    kind: Object,
    /// The object's HTML as this strip knows it: another one there means that it is gone.
    source: String,
    /// What Cancel puts back.
    before: String,
    /// What the strip would write as long as nobody typed: not worth a change.
    untouched: String,
    /// Steps of the field before the strip changed it: all its changes are one step.
    since: usize,
    /// The field as the last change of the strip left it.
    revision: u64,
    /// TeX, HTML, or an image's address.
    text: String,
    /// A formula with tags is edited as HTML.
    is_html: bool,
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
    Cancelled,
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
        let (text, is_html) = match kind {
            Object::Formula => match Tex::of(formula_body(&source)) {
                Tex::Plain(tex) => (tex, false),
                Tex::Html(html) => (html, true),
            },
            Object::Image => (decode(value("src")), false),
            _ => (source.clone(), true),
        };
        let mut editor = Self {
            unit,
            at: u.range().start,
            kind,
            text,
            is_html,
            before: source.clone(),
            untouched: String::new(),
            since: field.mark_history(),
            revision: field.revision(),
            width: length(&source, "width").to_owned(),
            height: length(&source, "height").to_owned(),
            float: Float::of(&source),
            base: source.clone(),
            parts: match kind {
                Object::Block => Parts::open(&source, field),
                _ => None,
            },
            source,
            just_opened: true,
            had_focus: false,
        };
        editor.untouched = editor.html();
        Some(editor)
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

    /// It had the keyboard in the last frame, with all that stands in it.
    pub fn has_keyboard(&self) -> bool {
        self.had_focus
    }

    /// Whether the object is still in the field; it may have moved.
    fn find(&mut self, field: &Field) -> bool {
        let html = field.html();
        let end = self.at + self.source.len();
        if self.parts.is_none() && html.get(self.at..end) == Some(&*self.source) {
            return true;
        }
        let unit = field.projection().units.get(self.unit).map(|u| u.range());
        let unit = unit.filter(|r| html[r.clone()] == *self.source);
        if let Some(range) = &unit {
            self.at = range.start;
        }
        unit.is_some()
    }

    /// Puts what the strip says into the field.
    fn write(&mut self, field: &mut Field, html: String) {
        if html == self.source {
            return;
        }
        if self.revision != field.revision() {
            self.since = field.mark_history();
        }
        field.end_typing();
        field.replace_bytes(self.at..self.at + self.source.len(), &html);
        field.join_steps(self.since);
        self.revision = field.revision();
        self.source = html;
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
            let in_menu = Popup::is_any_open(ui.ctx());
            if let Some(parts) = &mut self.parts {
                *shown = parts.ui(ui, id, options, field, self.unit, &mut self.source);
            }
            let had_focus = std::mem::replace(&mut self.had_focus, shown.has_focus);
            let key = |m, k| ui.input_mut(|i| i.consume_key(m, k));
            let ended = shown.has_focus && key(Modifiers::COMMAND, Key::Enter)
                || had_focus && !in_menu && key(Modifiers::NONE, Key::Escape);
            ui.horizontal(|ui| {
                let done = Button::new(t!("Done")).tip_key(t!("Back to the field"), "Esc");
                if ui.add(done).clicked() || ended {
                    field.select(self.unit + 1..self.unit + 1);
                    edited = Edited::Done;
                }
                let html = Button::ghost("HTML").tip(t!("Edit all of it as HTML"));
                if ui.add(html).clicked() {
                    self.parts = None;
                    self.text.clone_from(&self.source);
                    self.before.clone_from(&self.source);
                    self.untouched.clone_from(&self.source);
                    self.just_opened = true;
                }
            });
        });
        surface::hline(ui, ui.min_rect(), ui.min_rect().bottom(), t.border);
        edited
    }

    /// Draws the strip; `shown` says whether it has the keyboard.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        options: &mut FieldOptions<'_>,
        field: &mut Field,
        shown: &mut parts::Shown,
    ) -> Edited {
        if !self.find(field) {
            return Edited::Done;
        }
        if self.parts.is_some() {
            return self.parts_ui(ui, options, field, shown);
        }
        let t = Tokens::of(ui);
        let mut edited = Edited::Going;
        let frame = Frame::new().fill(t.canvas);
        frame.inner_margin(Margin::symmetric(11, 8)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            edited = self.object_ui(ui, options, shown);
        });
        surface::hline(ui, ui.min_rect(), ui.min_rect().bottom(), t.border);
        let mut html = self.html();
        if edited == Edited::Cancelled || html == self.untouched {
            html.clone_from(&self.before);
        }
        self.write(field, html);
        if edited == Edited::Done {
            let behind = field.visible_at(self.at + self.source.len());
            field.select(behind..behind);
        }
        edited
    }

    /// The text, what else a picture has, and the buttons.
    fn object_ui(
        &mut self,
        ui: &mut Ui,
        options: &FieldOptions<'_>,
        shown: &mut parts::Shown,
    ) -> Edited {
        let t = Tokens::of(ui);
        ui.label(eframe::egui::RichText::new(self.title()).font(font::caption_strong()));
        ui.add_space(4.0);
        let box_id = options.id.with("object editor");
        let in_menu = Popup::is_any_open(ui.ctx());
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
            typed::plain(ui, text.as_str(), &font::mono(), t.text, true, room)
        };
        let editor = TextEdit::multiline(&mut self.text)
            .id(box_id)
            .font(font::mono())
            .layouter(&mut layouter)
            .desired_rows(if self.kind == Object::Image { 1 } else { 2 })
            .desired_width(f32::INFINITY);
        let response = typed::show(ui, editor).response.response;
        let response = response.accessible_name(self.title());
        if std::mem::take(&mut self.just_opened) {
            response.request_focus();
        }
        let mut inside = ui.memory(|m| m.has_focus(box_id));
        if self.kind == Object::Image {
            inside |= self.picture_ui(ui);
        }
        ui.add_space(6.0);
        let mut edited = Edited::Going;
        ui.horizontal(|ui| {
            let done = Button::new(t!("Done")).tip_key(t!("Done"), "Ctrl+Enter");
            if ui.add(done).clicked() {
                edited = Edited::Done;
            }
            let cancel = Button::ghost(t!("Cancel")).tip_key(t!("Leave it as it was"), "Esc");
            if ui.add(cancel).clicked() {
                edited = Edited::Cancelled;
            }
        });
        let had_focus = std::mem::replace(&mut self.had_focus, inside);
        shown.has_focus = inside;
        if inside || had_focus {
            let key = |m, k| ui.input_mut(|i| i.consume_key(m, k));
            if key(Modifiers::COMMAND, Key::Enter) {
                edited = Edited::Done;
            } else if !in_menu && key(Modifiers::NONE, Key::Escape) {
                edited = Edited::Cancelled;
            }
        }
        edited
    }

    /// Size in numbers, and where the text flows; whether a number has the keyboard.
    fn picture_ui(&mut self, ui: &mut Ui) -> bool {
        let mut has_focus = false;
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            for (name, value) in [
                (t!("Width"), &mut self.width),
                (t!("Height"), &mut self.height),
            ] {
                ui.label(name);
                let line = field::Field::new(value, name).width(64.0);
                let line = line.hint(t!("auto" in "size of a picture"));
                has_focus |= line.show(ui).has_focus();
            }
            ui.label(t!("pixels"));
            let real = Button::ghost(t!("Original size"));
            if ui.add(real.tip(t!("As large as the picture is"))).clicked() {
                self.width.clear();
                self.height.clear();
                self.base = without_size(&self.base);
            }
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label(t!("Text flows"));
            ui.spacing_mut().item_spacing.x = sp::L;
            for (words, side) in [
                (t!("right of it"), Float::Left),
                (t!("not around it"), Float::None),
                (t!("left of it"), Float::Right),
            ] {
                if check::radio(ui, self.float == side, words).clicked() {
                    self.float = side;
                }
            }
        });
        has_focus
    }

    fn title(&self) -> &'static str {
        match self.kind {
            Object::Formula if self.is_html => t!("HTML of the formula"),
            Object::Formula => t!("Formula"),
            Object::Image => t!("Image file"),
            _ => t!("HTML of this part"),
        }
    }

    fn html(&self) -> String {
        match self.kind {
            Object::Formula => {
                let (open, close) = formula_delimiters(&self.before);
                match self.is_html {
                    true => format!("{open}{}{close}", self.text),
                    false => format!("{open}{}{close}", Tex::source(&self.text)),
                }
            }
            Object::Image => {
                let with = |tag: &str, name: &str, value: &str| {
                    crate::field_html::with_attribute(tag, name, value)
                };
                let tag = self.float.put_on(&self.base);
                let tag = with_length(&tag, "width", self.width.trim());
                let tag = with_length(&tag, "height", self.height.trim());
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
