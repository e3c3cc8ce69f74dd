//! The rich-text editor of one field of a note: `field_html::Field` seen and edited through egui's
//! text widget. It stores nothing and reads no file: what it needs from outside (a file to be added,
//! a sound to be played) comes back as [`FieldOutput`]s, and pictures come from a function. The
//! note's panel (`ui::note_editor`) holds one [`RichField`] a field and draws one [`toolbar`].

mod buf;
pub mod clipboard;
mod commands;
mod doc;
mod input;
mod later;
mod layout;
mod object_editor;
mod paint;
mod parts;
mod resize;
mod source;
mod toolbar;

pub use commands::{FormatCommand, FormatState, Formula};
pub use input::{is_media_file, is_picture_file};
pub use toolbar::{BUTTON, Group, last_colours, take_kept_colours, toolbar};

use crate::field_html::{Field, Mark, with_size};
use crate::render::FormulaPicture;
use crate::ui::picture_menu::PictureUse;
use crate::ui::theme::{Tokens, radius, typeface};
use crate::ui::widgets::{surface, typed};
use buf::Buf;
use doc::Doc;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::{TextEditOutput, TextEditState};
use eframe::egui::{
    self, Frame, Id, Margin, Response, Shape, TextBuffer, TextEdit, TextureHandle, Ui, vec2,
};
use layout::PictureView;
use object_editor::{Edited, ObjectEditor};
use paint::Touched;
use resize::Pulled;
use std::cell::RefCell;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Height of a line of words, as a part of the font's size.
const LINE: f32 = 1.2;

/// One field being edited: its HTML with history, selection and view.
#[derive(Debug)]
pub struct RichField {
    field: Field,
    /// Visible characters; where the caret was last when the field has no focus.
    selection: Range<usize>,
    /// What the next typed text toggles: Ctrl+B without a selection.
    pending: Vec<Mark>,
    /// The caret goes where `pending` counts still: to a line that was just begun, or to where
    /// something was deleted.
    pending_carries: bool,
    wants_focus: bool,
    /// The HTML view while it is open.
    source: Option<SourceText>,
    /// The revision that the last frame told of.
    told: u64,
    object: Option<ObjectEditor>,
    object_focused: bool,
    /// Steps before the running composition of an input method.
    composing_since: Option<usize>,
    /// It ended in the last frame.
    composition_over: bool,
    cache: layout::Cache,
    /// What the last frame showed.
    doc: Option<Arc<Doc>>,
    pictures: PictureView,
    /// Asked for by commands, told with the next frame.
    outputs: Vec<FieldOutput>,
}

/// The text of the HTML view, and the revision of the field that it shows.
#[derive(Debug)]
struct SourceText {
    text: String,
    revision: u64,
    /// Bytes that are chosen there, while it has the keyboard or had it last in this field.
    chosen: Option<Range<usize>>,
    /// `chosen` is to become the view's.
    is_moved: bool,
    wants_focus: bool,
}

/// How a field is shown in a frame.
pub struct FieldOptions<'a> {
    /// Of its own for each field of each note, or the caret leaks between notes.
    pub id: Id,
    /// The field's name, for screen readers and tests.
    pub label: &'a str,
    /// The field's font; one that is not installed is shown in the window's.
    pub font_family: Option<&'a str>,
    /// Points.
    pub font_size: f32,
    pub rtl: bool,
    /// Shown while the field is empty.
    pub placeholder: &'a str,
    /// Pastes text only.
    pub plain_text: bool,
    /// Pasting drops colours and fonts.
    pub paste_strips: bool,
    /// The highest cloze number in the note's other fields; None: no cloze note type.
    pub highest_cloze: Option<u32>,
    /// The field that files are dropped on in this frame; None: the one with the keyboard.
    pub dropped_on: Option<Id>,
    /// The picture of a media file or formula, when it is loaded; asked in each frame.
    pub images: &'a mut dyn FnMut(Picture<'_>) -> Option<TextureHandle>,
}

/// A picture that a field shows.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// By its name in the media folder.
    File(&'a str),
    /// As many pixels as it has are shown on the screen.
    Formula(&'a FormulaPicture),
}

/// What a frame did.
pub struct FieldResponse {
    /// Of the rich text; `has_focus` also while the HTML view has it.
    pub response: Response,
    /// The HTML is another one than before this frame.
    pub changed: bool,
    /// The field, its HTML view or its object editor has the keyboard.
    pub has_focus: bool,
    pub outputs: Vec<FieldOutput>,
}

/// What a field wants from outside. Files get a name in the media folder; then
/// [`RichField::insert_html`] puts `<img src="…">` or `[sound:…]` at the caret.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldOutput {
    /// A pasted picture, RGBA.
    AddImage {
        width: u32,
        height: u32,
        rgba: Vec<u8>,
    },
    /// A pasted or dropped file.
    AddFile(PathBuf),
    /// Pictures of a pasted page that are on the web, by address; what was stored goes to
    /// [`RichField::replace_pictures`].
    FetchPictures(Vec<String>),
    /// F3 or the paper clip.
    Attach,
    /// F5 or the microphone.
    Record,
    /// `[sound:…]` or `[anki:tts …]` as it stands in the field.
    PlaySound(String),
    OpenLink(String),
    /// A picture of the media folder, by name.
    UsePicture(String, PictureUse),
    /// A cloze was asked for and the note type has none.
    NotAClozeType,
}

impl RichField {
    #[must_use]
    pub fn new(html: &str) -> Self {
        let field = Field::open(html);
        let told = field.revision();
        Self {
            field,
            told,
            selection: 0..0,
            pending: Vec::new(),
            pending_carries: false,
            wants_focus: false,
            source: None,
            object: None,
            object_focused: false,
            composing_since: None,
            composition_over: false,
            cache: layout::Cache::default(),
            doc: None,
            pictures: PictureView::default(),
            outputs: Vec::new(),
        }
    }
    /// Byte for byte what was opened while nothing was edited.
    #[must_use]
    pub fn html(&self) -> &str {
        self.field.html()
    }
    /// Changed elsewhere (find and replace, a sticky field): one undo step.
    pub fn set_html(&mut self, html: &str) {
        let nothing_to_tell = self.told == self.field.revision();
        self.field.set_html(html);
        if nothing_to_tell {
            self.told = self.field.revision();
        }
    }
    /// Another note: history and selection are forgotten.
    pub fn reset(&mut self, html: &str) {
        let source = self.source.is_some();
        *self = Self::new(html);
        self.field.select(0..0);
        self.set_source_view(source);
    }
    #[must_use]
    pub fn is_source_view(&self) -> bool {
        self.source.is_some()
    }
    /// Shows the HTML below the rich text.
    pub fn set_source_view(&mut self, on: bool) {
        self.source = on.then(|| SourceText {
            text: self.html().to_owned(),
            revision: self.field.revision(),
            chosen: None,
            is_moved: false,
            wants_focus: false,
        });
    }
    /// At the caret, in place of the selection.
    pub fn insert_html(&mut self, html: &str) {
        if let Some(part) = self.part() {
            part.insert_html(html);
            return;
        }
        let steps = self.field.mark_history();
        let r = self.selection.clone();
        self.field.delete(r.clone());
        self.field.insert_html(r.start, html);
        self.field.join_steps(steps);
        // Something else may come before the next frame.
        if let Some((from, to)) = self.field.take_selection() {
            self.select(from..to);
        }
        self.wants_focus = true;
    }
    /// Pictures that were fetched: address and name in the media folder.
    pub fn replace_pictures(&mut self, names: &[(String, String)]) {
        if let Some(part) = self.part() {
            part.replace_pictures(names);
        }
        let caret = self.selection.clone();
        if self.field.replace_pictures(names) > 0 {
            self.field.select(caret);
        }
    }
    /// The field of a table's cell, while it has the keyboard or had it last.
    fn part(&mut self) -> Option<&mut Self> {
        let object = self.object.as_mut().filter(|_| self.object_focused);
        object.and_then(ObjectEditor::part)
    }
    /// The keyboard goes here with the next frame.
    pub fn request_focus(&mut self) {
        self.wants_focus = true;
    }
    /// Visible characters that are selected.
    #[must_use]
    pub fn selection(&self) -> Range<usize> {
        self.selection.clone()
    }
    /// Selects visible characters.
    pub fn select(&mut self, range: Range<usize>) {
        self.field.select(range.clone());
        self.selection = range;
    }
    /// Highest cloze number in this field.
    #[must_use]
    pub fn highest_cloze(&self) -> u32 {
        self.field.highest_cloze()
    }

    /// When the change was made that undo takes back, as [`next_change`](crate::field_html::next_change)
    /// counts.
    #[must_use]
    pub fn last_change(&self) -> Option<u64> {
        self.field.last_change()
    }
    /// When the change was made that redo makes again.
    #[must_use]
    pub fn next_redo(&self) -> Option<u64> {
        self.field.next_redo()
    }
    /// Something newer was done elsewhere in the note.
    pub fn forget_redo(&mut self) {
        self.field.forget_redo();
    }
    /// The next typed character begins a step of its own.
    pub fn end_typing(&mut self) {
        self.field.end_typing();
    }
    /// The strip of one object has the keyboard: its text has an undo of its own.
    #[must_use]
    pub fn object_has_focus(&self) -> bool {
        self.object_focused
    }

    /// The strip of one object has it, and its keys that end it.
    #[must_use]
    pub fn strip_has_keyboard(&self) -> bool {
        self.object.as_ref().is_some_and(ObjectEditor::has_keyboard)
    }

    fn open_object(&mut self, unit: usize) {
        self.object = ObjectEditor::open(&self.field, unit);
        // The keyboard is the strip's.
        self.wants_focus &= self.object.is_none();
    }

    /// Draws the field and lets it be edited. What the toolbar or a file that arrived did since
    /// the last frame counts as changed too.
    pub fn ui(&mut self, ui: &mut Ui, options: FieldOptions<'_>) -> FieldResponse {
        let mut options = options;
        let (response, mut focused) = self.rich_ui(ui, &mut options);
        if let Some(object) = &mut self.object {
            let mut shown = parts::Shown::default();
            let edited = object.ui(ui, &mut options, &mut self.field, &mut shown);
            self.outputs.append(&mut shown.outputs);
            if edited == Edited::Going {
                focused |= shown.has_focus;
            } else {
                self.object = None;
                self.wants_focus = true;
            }
        }
        // Until the field itself has it again: a button of the tool bar is for the cell.
        let in_field = ui.memory(|m| m.has_focus(options.id));
        self.object_focused =
            self.object.is_some() && !in_field && (focused || self.object_focused);
        focused |= self.source_ui(ui, &options);
        let revision = self.field.revision();
        let changed = std::mem::replace(&mut self.told, revision) != revision;
        if self.wants_focus || changed {
            ui.ctx().request_repaint();
        }
        FieldResponse {
            response,
            changed,
            has_focus: focused,
            outputs: std::mem::take(&mut self.outputs),
        }
    }

    fn rich_ui(&mut self, ui: &mut Ui, options: &mut FieldOptions<'_>) -> (Response, bool) {
        let id = options.id;
        // A dialog that has just closed would still take it away.
        if self.wants_focus && ui.memory(|m| m.allows_interaction(ui.layer_id())) {
            self.wants_focus = false;
            ui.memory_mut(|m| m.request_focus(id));
        }
        if ui.input(|i| !i.pointer.any_down() && !i.pointer.any_released()) {
            self.pictures.resizing = None;
        }
        let focused = ui.memory(|m| m.has_focus(id));
        if focused {
            if let Some(source) = &mut self.source {
                source.chosen = None;
            }
            self.take_input(ui, options);
        } else {
            self.end_composition();
        }
        let dropped = self.take_dropped(ui, options, focused);
        self.load_selection(ui, id, focused);
        let t = Tokens::of(ui);
        let under = ui.painter().add(Shape::Noop);
        let doc = self.doc.take();
        let doc = doc.filter(|doc| doc.revision == self.field.revision());
        let doc = RefCell::new(doc.unwrap_or_else(|| Doc::of(&self.field)));
        let shown = self.show(ui, options, &doc);
        let rect = shown.response.response.rect;
        ui.painter()
            .set(under, Shape::rect_filled(rect, radius::CONTROL, t.surface));
        surface::outline(ui, rect, radius::CONTROL, t.border_input);
        if ui.memory(|m| m.has_focus(id)) {
            surface::focus_ring_inside(ui, rect, radius::CONTROL);
        }
        // `widget_info` would make a single-line field of it: only the name is added.
        let label = options.label.to_owned();
        ui.ctx().accesskit_node_builder(id, |n| n.set_label(label));
        self.store_selection(ui, id, &shown);
        if dropped {
            self.follow_pointer(ui, &shown);
        }
        let doc = doc.into_inner();
        self.doc = Some(doc.clone());
        let mut pictures = layout::Pictures {
            get: options.images,
            font_size: options.font_size,
            view: &self.pictures,
        };
        match paint::decorate(ui, id, &doc, &shown, &self.selection, &mut pictures) {
            Some(Touched::Play(source)) => self.outputs.push(FieldOutput::PlaySound(source)),
            Some(Touched::Select(unit)) => {
                self.select(unit..unit + 1);
                self.wants_focus = true;
            }
            Some(Touched::Open(unit)) => self.open_object(unit),
            Some(Touched::Expand(unit, file)) => {
                self.pictures.toggle(&file);
                self.select(unit..unit + 1);
                self.wants_focus = true;
            }
            Some(Touched::Pull(pulled)) => self.pull(ui, pulled),
            Some(Touched::Clipboard(unit, request)) => {
                self.select(unit..unit + 1);
                self.wants_focus = true;
                ui.ctx().send_viewport_cmd(request);
            }
            Some(Touched::Use(file, what)) => {
                self.outputs.push(FieldOutput::UsePicture(file, what));
            }
            None => {}
        }
        self.open_link(ui, &shown);
        (shown.response.response, focused)
    }

    /// A picture's corner was dragged; let go, its size is written as one step.
    fn pull(&mut self, ui: &Ui, pulled: Pulled) {
        let now = match pulled {
            Pulled::Going(drag) => Some(drag),
            Pulled::Done(_) | Pulled::Left => None,
        };
        let before = std::mem::replace(&mut self.pictures.resizing, now);
        if before != now {
            ui.ctx().request_repaint();
        }
        if let (Pulled::Left, Some(drag)) = (pulled, before) {
            self.select(drag.unit..drag.unit + 1);
            self.wants_focus = true;
        }
        let Pulled::Done(drag) = pulled else {
            return;
        };
        let Some(unit) = self.field.projection().units.get(drag.unit).copied() else {
            return;
        };
        let pixels = |points: f32| points.round().max(1.0) as u32;
        let tag = &self.field.html()[unit.range()];
        let tag = with_size(tag, pixels(drag.size.x), pixels(drag.size.y));
        self.field.end_typing();
        self.field.replace_unit(drag.unit, &tag);
        self.select(drag.unit..drag.unit + 1);
        self.wants_focus = true;
    }

    fn show(
        &mut self,
        ui: &mut Ui,
        options: &mut FieldOptions<'_>,
        doc: &RefCell<Arc<Doc>>,
    ) -> TextEditOutput {
        let setting = layout::Setting {
            family: typeface::by_name(ui.ctx(), options.font_family),
            size: options.font_size,
            rtl: options.rtl,
        };
        let cache = &mut self.cache;
        let mut pictures = layout::Pictures {
            get: &mut *options.images,
            font_size: options.font_size,
            view: &self.pictures,
        };
        let mut layouter = |ui: &Ui, _: &dyn TextBuffer, wrap: f32| {
            let doc = doc.borrow().clone();
            cache.galley(ui, &doc, &setting, wrap, &mut pictures)
        };
        let composing = self.composing_since.is_some();
        let marks = (&mut self.pending, &mut self.pending_carries);
        let mut buffer = Buf::new(&mut self.field, doc, marks, composing);
        let hint = egui::RichText::new(options.placeholder)
            .font(egui::FontId::new(options.font_size, setting.family.clone()))
            .color(Tokens::of(ui).text3);
        let edit = TextEdit::multiline(&mut buffer)
            .id(options.id)
            .desired_width(f32::INFINITY)
            .desired_rows(1)
            .min_size(vec2(0.0, 40.0))
            .frame(Frame::NONE.inner_margin(Margin::symmetric(11, 9)))
            .layouter(&mut layouter);
        let edit = if options.placeholder.is_empty() {
            edit
        } else {
            edit.hint_text(hint)
        };
        typed::leave_out_deleting_keys(ui, options.id);
        typed::page_keys(ui, options.id, options.font_size * LINE);
        let shown = typed::show(ui, edit);
        buffer.end();
        shown
    }

    /// What a command asked for becomes the widget's selection, else the other way round.
    fn load_selection(&mut self, ui: &Ui, id: Id, focused: bool) {
        if let Some((from, to)) = self.field.take_selection() {
            let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
            self.set_selection(ui, id, &mut state, from..to);
        } else if focused
            && let Some(state) = TextEdit::load_state(ui.ctx(), id)
            && let Some(range) = state.cursor.char_range()
        {
            let r = range.as_sorted_char_range();
            self.note_selection(r.start.0..r.end.0);
        }
    }

    fn store_selection(&mut self, ui: &Ui, id: Id, shown: &TextEditOutput) {
        let mut state = shown.state.clone();
        if let Some((from, to)) = self.field.take_selection() {
            self.set_selection(ui, id, &mut state, from..to);
        } else if ui.memory(|m| m.has_focus(id))
            && let Some(range) = state.cursor.char_range()
        {
            let r = range.as_sorted_char_range();
            self.note_selection(r.start.0..r.end.0);
        }
    }

    fn note_selection(&mut self, range: Range<usize>) {
        let last = self.field.len();
        let range = range.start.min(last)..range.end.min(last);
        let carries = std::mem::take(&mut self.pending_carries);
        if range != self.selection && self.composing_since.is_none() && !carries {
            // The caret went elsewhere: what Ctrl+B meant is over.
            self.pending.clear();
        }
        self.selection = range;
    }

    fn set_selection(&mut self, ui: &Ui, id: Id, state: &mut TextEditState, range: Range<usize>) {
        let last = self.field.len();
        let range = range.start.min(last)..range.end.min(last);
        let cursor = CCursorRange::two(CCursor::new(range.start), CCursor::new(range.end));
        state.cursor.set_char_range(Some(cursor));
        state.clone().store(ui.ctx(), id);
        self.selection = range;
    }

    /// What was dropped comes where the pointer is, when that is on the text.
    fn follow_pointer(&mut self, ui: &Ui, shown: &TextEditOutput) {
        let pointer = ui.input(|i| i.pointer.latest_pos());
        let on_text = |p: &egui::Pos2| shown.response.response.rect.contains(*p);
        let Some(p) = pointer.filter(on_text) else {
            return;
        };
        let at = typed::cursor_at(&shown.galley, p - shown.galley_pos)
            .index
            .0;
        self.select(at..at);
        if let Some(source) = &mut self.source {
            source.chosen = None;
        }
        self.wants_focus = true;
    }

    /// Ctrl with a click on a link opens it.
    fn open_link(&mut self, ui: &Ui, shown: &TextEditOutput) {
        let response = &shown.response.response;
        if !response.clicked() || !ui.input(|i| i.modifiers.command) {
            return;
        }
        let Some(p) = response.interact_pointer_pos() else {
            return;
        };
        let at = typed::cursor_at(&shown.galley, p - shown.galley_pos)
            .index
            .0;
        if let Some(address) = self.field.link_at(at.saturating_sub(1)) {
            self.outputs.push(FieldOutput::OpenLink(address));
        }
    }

    /// Whether the HTML view has the keyboard.
    fn source_ui(&mut self, ui: &mut Ui, options: &FieldOptions<'_>) -> bool {
        if self.source.is_none() {
            return false;
        }
        let id = options.id.with("source");
        let focused = ui.memory(|m| m.has_focus(id));
        if focused {
            let (commands, asks) = commands::take_keys(ui, id.with("chord"));
            if asks.contains(&commands::KeyAsk::SourceView) {
                self.source = None;
                self.wants_focus = true;
                return false;
            }
            self.source_keys(ui, id, commands, asks, options.highest_cloze);
            self.take_files_into_source(ui, options);
        }
        let Some(source) = &mut self.source else {
            return false;
        };
        // Whatever changed the field, nothing older is ever typed into.
        if source.revision != self.field.revision() {
            self.field.html().clone_into(&mut source.text);
            source.revision = self.field.revision();
        }
        if source.wants_focus && ui.memory(|m| m.allows_interaction(ui.layer_id())) {
            source.wants_focus = false;
            ui.memory_mut(|m| m.request_focus(id));
        }
        if std::mem::take(&mut source.is_moved)
            && let Some(chosen) = &source.chosen
        {
            source::choose(ui.ctx(), id, &source.text, chosen);
        }
        let t = Tokens::of(ui);
        ui.add_space(4.0);
        let under = ui.painter().add(Shape::Noop);
        let response = source::source_ui(ui, id, options.label, &mut source.text);
        let fill = Shape::rect_filled(response.rect, radius::CONTROL, t.canvas);
        ui.painter().set(under, fill);
        surface::outline(ui, response.rect, radius::CONTROL, t.border_input);
        if focused {
            surface::focus_ring_inside(ui, response.rect, radius::CONTROL);
        }
        if response.changed() {
            self.field.set_html(&source.text);
            self.field.take_selection();
            source.revision = self.field.revision();
        }
        if focused && response.has_focus() {
            source.chosen = source::chosen(ui.ctx(), id, &source.text);
        }
        focused
    }

    /// What keys ask for in the HTML view: marks around what is chosen there.
    fn source_keys(
        &mut self,
        ui: &Ui,
        id: Id,
        commands: Vec<FormatCommand>,
        asks: Vec<commands::KeyAsk>,
        others: Option<u32>,
    ) {
        use commands::KeyAsk;
        let mut marks = Vec::new();
        for command in commands {
            match command {
                FormatCommand::Undo => drop(self.field.undo()),
                FormatCommand::Redo => drop(self.field.redo()),
                FormatCommand::Formula(kind) => {
                    let (before, after) = kind.around();
                    marks.push((before.to_owned(), after.to_owned()));
                }
                FormatCommand::Toggle(mark) => marks.extend(source::tags_of(mark)),
                _ => {}
            }
        }
        for ask in asks {
            match ask {
                KeyAsk::ClozeNew | KeyAsk::ClozeSame => {
                    let Some(others) = others else {
                        self.outputs.push(FieldOutput::NotAClozeType);
                        continue;
                    };
                    let number = self.next_cloze(others, ask == KeyAsk::ClozeNew);
                    marks.push((format!("{{{{c{number}::"), "}}".to_owned()));
                }
                KeyAsk::PasteOther => {
                    let text = clipboard::of(ui.ctx()).text();
                    marks.extend(text.map(|text| (text, String::new())));
                }
                KeyAsk::Attach => self.outputs.push(FieldOutput::Attach),
                KeyAsk::Record => self.outputs.push(FieldOutput::Record),
                _ => {}
            }
        }
        for (before, after) in marks {
            let Some(source) = &mut self.source else {
                return;
            };
            source::wrap(ui.ctx(), id, &mut source.text, &before, &after);
            self.field.set_html(&source.text);
            self.field.take_selection();
            source.revision = self.field.revision();
        }
    }
}
