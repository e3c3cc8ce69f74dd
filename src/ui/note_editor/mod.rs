//! The editor of a stored note: fields and tags with toolbar, saved by itself shortly after each
//! change. Used by Edit Current and by the Browse page; the Add page uses its [`form`].
//!
//! How to embed it: keep a [`NotePanel`] in the screen's state; call [`NotePanel::show`] when
//! another note is chosen (what was typed into the one before is sent first), [`NotePanel::ui`]
//! each frame, [`NotePanel::on_event`] with every event, and list [`NotePanel::unsaved`] in
//! `Screens::unsaved`, which sends what is not on disk before anything else happens (undo, another
//! profile, closing), [`NotePanel::awaits_save`] in `Screens::awaits_saves` and
//! [`NotePanel::failed_saves`] in `Screens::failed_saves`; call [`NotePanel::finish`] and
//! [`NotePanel::leave`] when its page is left. The panel asks for the note, saves, takes in changes
//! from elsewhere field by field, and never takes away what is being typed.

mod field_row;
pub mod form;
mod left;
mod masks;
mod media;
mod pictures;
mod record;
mod sounds;
pub mod tag_completion;
mod tag_line;
mod undo;

pub use left::ask_to_close;
pub use record::{RecordDialog, Store};
pub use sounds::Sounds;

use crate::base::ids::NoteId;
use crate::domain::note_edit::{NoteEdit, NoteView};
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::notes::{NoteEvent, NoteRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::{Button, Cut as _, surface, text};
use eframe::egui::{Align, Ui};
use form::NoteForm;
use left::Left;
use std::collections::VecDeque;

/// From the last change to saving.
const PAUSE_SECS: f64 = 0.3;
/// After that long without an answer a save is sent again.
const PATIENCE_SECS: f64 = 5.0;

/// See the module header.
#[derive(Default)]
pub struct NotePanel {
    wanted: Option<NoteId>,
    /// It was deleted; it may come back by Undo.
    is_gone: bool,
    stored: Option<Stored>,
    form: NoteForm,
    /// When the text changed last, in seconds of egui's clock.
    changed_at: Option<f64>,
    /// Saves that are on their way, the first sent first.
    sent: VecDeque<NoteEdit>,
    /// When the last one was sent; None until the next frame tells the time.
    sent_at: Option<f64>,
    /// Why the last save failed.
    problem: Option<String>,
    /// Why the note could not be read, or not be read again after it was changed elsewhere.
    unread: Option<String>,
    /// Of notes that were shown before.
    left: Left,
}

/// What is known to be on disk.
struct Stored {
    view: NoteView,
    /// HTML of each field that stands for what is stored (it may differ in ways that are tidied
    /// when saving).
    seen: Vec<String>,
    seen_tags: Vec<String>,
}

impl NotePanel {
    /// Another note, or none: what was typed is sent, then the new one is asked for. Its card
    /// templates open at `card_type`.
    pub fn show(&mut self, cx: &UiContext<'_>, note: Option<NoteId>, card_type: usize) {
        self.form.card_type = card_type;
        if self.wanted == note {
            return;
        }
        // A file of the note on show comes first, a moment later.
        if self.form.waits_for_file() {
            return;
        }
        self.finish();
        for request in self.unsaved() {
            cx.ask(request);
        }
        self.leave();
        self.form.card_type = card_type;
        self.form.is_stored = true;
        self.wanted = note;
        if let Some(id) = note {
            cx.ask(Request::Note(NoteRequest::Load(id)));
        }
    }

    /// The note on show, once it is loaded.
    #[must_use]
    pub fn note(&self) -> Option<NoteId> {
        self.stored.as_ref().map(|s| s.view.note.id)
    }

    /// A file for the note on show is on its way.
    #[must_use]
    pub fn waits_for_file(&self) -> bool {
        self.form.waits_for_file()
    }

    /// See [`NoteForm::media_asked`].
    pub fn media_asked(&mut self, ticket: u64, sent: bool) {
        self.form.media_asked(ticket, sent);
    }

    /// See [`NoteForm::strip_has_keyboard`].
    #[must_use]
    pub fn strip_has_keyboard(&self) -> bool {
        self.form.strip_has_keyboard()
    }

    /// See [`NoteForm::edits_masks`].
    #[must_use]
    pub fn edits_masks(&self) -> bool {
        self.form.edits_masks()
    }

    /// Tags are offered below the note, and Esc is theirs.
    #[must_use]
    pub fn offers_tags(&self) -> bool {
        self.form.tags.is_offering()
    }

    /// Shows no note any more. What was sent of it is awaited still.
    pub fn leave(&mut self) {
        let mut left = std::mem::take(&mut self.left);
        if let Some(edit) = self.sent.pop_back() {
            left.add(edit);
        } else if let (Some(edit), Some(why)) = (self.edit(), self.problem.take()) {
            // It was not even taken to be sent.
            left.add(edit.clone());
            left.failed(&edit, &why);
        }
        *self = Self {
            left,
            ..Self::default()
        };
    }

    /// What was typed and could not be saved, to be tried once more: of the note on show, and of
    /// those before it.
    #[must_use]
    pub fn failed_saves(&self) -> Vec<Request> {
        let shown = self.problem.as_ref().and_then(|_| self.edit());
        let failed = shown.into_iter().chain(self.left.failures().cloned());
        let update = |edit| Request::Note(NoteRequest::Update(edit));
        failed.map(update).collect()
    }

    /// A save is on its way: whether it comes to the disk is not known yet.
    #[must_use]
    pub fn awaits_save(&self) -> bool {
        !self.sent.is_empty() || self.left.is_awaited()
    }

    /// Empties the panel, as after closing a profile.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Puts the focus into the first field.
    pub fn focus(&mut self) {
        self.form.focus_field(0);
    }

    /// The note is left: what stands in the line of tags becomes a tag, to be saved with the rest.
    pub fn finish(&mut self) {
        self.form.tags.finish();
    }

    /// Requests that put on disk what is not there, each once.
    pub fn unsaved(&mut self) -> Vec<Request> {
        let Some(edit) = self.edit() else {
            return vec![];
        };
        if self.sent.back() == Some(&edit) {
            return vec![];
        }
        self.changed_at = None;
        self.sent_at = None;
        self.sent.push_back(edit.clone());
        vec![Request::Note(NoteRequest::Update(edit))]
    }

    /// What differs from what is stored.
    fn edit(&self) -> Option<NoteEdit> {
        let stored = self.stored.as_ref()?;
        let fields = stored.seen.iter().enumerate().filter_map(|(at, seen)| {
            let now = self.form.field(at)?;
            (now != seen).then(|| (at, now.to_owned()))
        });
        let tags = self.form.tags.tags.clone();
        let edit = NoteEdit {
            id: stored.view.note.id,
            notetype_id: stored.view.notetype.id,
            fields: fields.collect(),
            tags: (tags != stored.seen_tags).then_some(tags),
        };
        (!edit.is_empty()).then_some(edit)
    }

    /// Draws the panel into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if self.stored.is_none() {
            if self.unread.is_some() {
                self.unread_ui(cx, ui);
            } else if self.wanted.is_none() || self.is_gone {
                let (r, t) = (ui.max_rect(), Tokens::of(ui));
                let words = t!("No note");
                text::label(ui, r, Align::Center, words, font::body(), t.text3);
            }
            return;
        }
        let changed = self.form.ui(cx, ui);
        let now = ui.input(|i| i.time);
        if changed {
            self.changed_at = Some(now);
            self.problem = None;
        }
        self.save_when_due(cx, ui, now);
        if let Some(problem) = &self.problem {
            let t = Tokens::of(ui);
            let mut line = ui.max_rect();
            line.min.y = line.max.y - 28.0;
            surface::fill(ui, line, 0, t.danger_soft);
            let words = t!("Not saved: {problem}", problem);
            text::label(ui, line, Align::Center, &words, font::small(), t.danger);
        } else {
            self.unread_ui(cx, ui);
        }
    }

    /// Why there is no note to edit, or an old one; and the way to ask for it again.
    fn unread_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let (Some(why), Some(note)) = (&self.unread, self.wanted) else {
            return;
        };
        let t = Tokens::of(ui);
        let words = t!("The note could not be read: {why}", why);
        let again = Button::new(t!("Try Again")).height(size::CONTROL_SMALL);
        let mut area = ui.max_rect();
        let room = area.width() - again.wanted_width(ui) - 3.0 * sp::M;
        let high = text::para_height(ui, room, &words, font::small()).max(size::CONTROL_SMALL);
        area.min.y = area.max.y - high - 2.0 * sp::S;
        surface::fill(ui, area, 0, t.danger_soft);
        let mut r = area.pad(sp::M, sp::S);
        let mut button = r.cut_right(again.wanted_width(ui));
        button.max.y = button.min.y + size::CONTROL_SMALL;
        r.cut_right(sp::M);
        text::para(ui, r, &words, font::small(), t.danger);
        if again.place(ui, button).clicked() {
            self.unread = None;
            cx.ask(Request::Note(NoteRequest::Load(note)));
        }
    }

    fn save_when_due(&mut self, cx: &UiContext<'_>, ui: &Ui, now: f64) {
        if !self.sent.is_empty() {
            let since = *self.sent_at.get_or_insert(now);
            if now - since < PATIENCE_SECS {
                ui.request_repaint_after_secs(PATIENCE_SECS as f32);
                return;
            }
            self.sent.clear();
            self.changed_at = Some(now - PAUSE_SECS);
        }
        let Some(changed) = self.changed_at else {
            return;
        };
        let left = PAUSE_SECS - (now - changed);
        if left > 0.0 {
            ui.request_repaint_after_secs(left as f32);
            return;
        }
        self.changed_at = None;
        for request in self.unsaved() {
            cx.ask(request);
        }
    }

    /// Takes in what concerns the note; returns what has to be asked because of it.
    pub fn on_event(&mut self, event: &Event) -> Option<Request> {
        match event {
            Event::Note(event) => self.on_note_event(event),
            Event::Failed { request, message } => {
                if let Request::Note(request) = &**request
                    && let Some(ticket) = request.ticket()
                {
                    self.form.media_failed(ticket);
                }
                if let Request::Note(NoteRequest::Load(id)) = &**request
                    && self.wanted == Some(*id)
                {
                    self.unread = Some(message.cause.clone());
                }
                if let Request::Note(NoteRequest::Update(edit)) = &**request {
                    if self.sent.contains(edit) {
                        self.sent.clear();
                        self.problem = Some(message.cause.clone());
                    } else {
                        self.left.failed(edit, &message.cause);
                    }
                }
            }
            Event::Done {
                op,
                undone,
                changes,
                ..
            } => {
                let own = *op == Op::UpdateNote && *undone == Undone::No;
                if (changes.note || changes.notetype) && !own {
                    self.form.forget_all_tags();
                    let id = self.wanted?;
                    return Some(Request::Note(NoteRequest::Load(id)));
                }
            }
            _ => {}
        }
        None
    }

    fn on_note_event(&mut self, event: &NoteEvent) {
        match event {
            NoteEvent::Saved { edit, .. } => self.left.saved(edit),
            NoteEvent::Gone(id) => self.left.gone(*id),
            _ => {}
        }
        match event {
            NoteEvent::Loaded(view) if self.wanted == Some(view.note.id) => self.load(view),
            NoteEvent::Saved { edit, view } if self.note() == Some(edit.id) => {
                self.saved(edit, view);
            }
            NoteEvent::Gone(id) if self.wanted == Some(*id) => {
                self.stored = None;
                self.is_gone = true;
                self.unread = None;
                self.sent.clear();
            }
            event => self.form.on_event(event),
        }
    }

    /// The note as it is on disk: into an empty panel all of it; into one that shows the note,
    /// those fields that nobody is changing here.
    pub fn load(&mut self, view: &NoteView) {
        self.wanted = Some(view.note.id);
        self.is_gone = false;
        self.unread = None;
        let same = self.stored.as_ref().is_some_and(|stored| {
            stored.view.note.id == view.note.id
                && stored.view.notetype.id == view.notetype.id
                && stored.seen.len() == view.note.fields.len()
        });
        if same {
            self.merge(view);
            return;
        }
        let (note, notetype) = (&view.note, view.notetype.clone());
        self.form.set(notetype, &note.fields, note.tags.clone());
        self.form.state = view.state;
        self.stored = Some(Stored {
            seen: note.fields.clone(),
            seen_tags: note.tags.clone(),
            view: view.clone(),
        });
        self.take_up(view);
    }

    /// What could not be saved when the note was left stands in its fields again, to be saved now.
    fn take_up(&mut self, view: &NoteView) {
        let Some((edit, why)) = self.left.take(view.note.id, view.notetype.id) else {
            return;
        };
        for (at, html) in &edit.fields {
            self.form.set_field(*at, html);
        }
        if let Some(tags) = edit.tags {
            self.form.tags.set(tags);
        }
        self.problem = Some(why);
        self.changed_at = Some(0.0);
    }

    fn merge(&mut self, view: &NoteView) {
        let Some(stored) = &mut self.stored else {
            return;
        };
        if view.notetype != stored.view.notetype {
            self.form.set_notetype(view.notetype.clone());
        }
        self.form.state = view.state;
        let fields = view.note.fields.iter().zip(&stored.view.note.fields);
        for (at, (theirs, before)) in fields.enumerate() {
            let Some(seen) = stored.seen.get_mut(at) else {
                continue;
            };
            if theirs == before {
                continue;
            }
            // What is being typed here wins, and is saved over it; undo has the other text.
            if self.form.field(at) == Some(seen.as_str()) {
                self.form.set_field(at, theirs);
            }
            seen.clone_from(theirs);
        }
        if view.note.tags != stored.view.note.tags {
            if self.form.tags.tags == stored.seen_tags {
                self.form.tags.set(view.note.tags.clone());
            }
            stored.seen_tags.clone_from(&view.note.tags);
        }
        stored.view = view.clone();
    }

    /// An edit of the note is on disk: one of this panel, or one that was made elsewhere (in Edit
    /// Current while Browse has the note, say), which is taken in as every change from elsewhere.
    fn saved(&mut self, edit: &NoteEdit, view: &NoteView) {
        // Answers come in the order of the questions: what was sent before has none any more.
        let own = self.sent.iter().position(|sent| sent == edit);
        if let Some(at) = own {
            self.sent.drain(..=at);
            self.problem = None;
            self.stored_now(edit, view);
        }
        if edit.tags.is_some() {
            self.form.forget_all_tags();
        }
        self.load(view);
        if self.edit().is_none() {
            self.problem = None;
        }
        // Typed while the save was on its way.
        if own.is_some() && self.edit().is_some() && self.changed_at.is_none() {
            self.changed_at = Some(0.0);
        }
    }

    /// What was sent from here is what is stored, however it was tidied for that.
    fn stored_now(&mut self, sent: &NoteEdit, view: &NoteView) {
        let Some(stored) = &mut self.stored else {
            return;
        };
        for (at, html) in &sent.fields {
            if let Some(seen) = stored.seen.get_mut(*at) {
                seen.clone_from(html);
            }
            let before = stored.view.note.fields.get_mut(*at);
            if let (Some(before), Some(now)) = (before, view.note.fields.get(*at)) {
                before.clone_from(now);
            }
        }
        if let Some(tags) = &sent.tags {
            // Spelled and sorted as they are stored, unless they were changed meanwhile.
            if self.form.tags.tags == *tags {
                self.form.tags.tags.clone_from(&view.note.tags);
                stored.seen_tags.clone_from(&view.note.tags);
            } else {
                stored.seen_tags.clone_from(tags);
            }
            stored.view.note.tags.clone_from(&view.note.tags);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::note::Note;
    use crate::domain::note_edit::FieldsState;
    use crate::domain::notetype::{Field, Notetype};
    use crate::explain::UserMessage;
    use std::sync::Arc;

    fn view(front: &str, back: &str, tags: &[&str]) -> NoteView {
        let field = |name: &str| Field {
            name: name.into(),
            config: crate::domain::notetype::FieldConfig::default(),
        };
        NoteView {
            note: Note {
                id: NoteId(7),
                fields: vec![front.into(), back.into()],
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                ..Note::default()
            },
            notetype: Arc::new(Notetype {
                fields: vec![field("Front"), field("Back")],
                ..Notetype::default()
            }),
            state: FieldsState::Fine,
        }
    }

    fn edit(fields: &[(usize, &str)], tags: Option<&[&str]>) -> NoteEdit {
        let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        NoteEdit {
            id: NoteId(7),
            fields: (fields.iter())
                .map(|(at, html)| (*at, (*html).to_owned()))
                .collect(),
            tags: tags.map(owned),
            ..NoteEdit::default()
        }
    }

    fn saved(panel: &mut NotePanel, edit: NoteEdit, view: NoteView) {
        let view = Box::new(view);
        panel.on_event(&Event::Note(NoteEvent::Saved { edit, view }));
    }

    fn sends(panel: &mut NotePanel) -> Vec<NoteEdit> {
        let sent = panel.unsaved().into_iter();
        let edits = sent.filter_map(|request| match request {
            Request::Note(NoteRequest::Update(edit)) => Some(edit),
            _ => None,
        });
        edits.collect()
    }

    #[test]
    fn what_was_saved_elsewhere_is_taken_in_and_not_written_back() {
        let mut panel = NotePanel::default();
        panel.load(&view("old", "back", &[]));
        let other = edit(&[(0, "new")], Some(&["tag"]));
        saved(&mut panel, other, view("new", "back", &["tag"]));
        assert_eq!(panel.form.field(0), Some("new"));
        assert_eq!(panel.form.tags.tags, ["tag"]);
        assert_eq!(sends(&mut panel), []);
        panel.form.set_field(1, "back!");
        assert_eq!(sends(&mut panel), [edit(&[(1, "back!")], None)]);
    }

    #[test]
    fn a_change_from_elsewhere_between_a_save_and_its_answer_is_no_answer() {
        let mut panel = NotePanel::default();
        panel.load(&view("old", "back", &[]));
        panel.form.set_field(0, "typed");
        let own = sends(&mut panel).remove(0);
        let other = edit(&[(1, "other")], None);
        saved(&mut panel, other, view("old", "other", &[]));
        assert_eq!(panel.form.fields(), ["typed", "other"]);
        assert_eq!(
            panel.sent,
            std::slice::from_ref(&own),
            "its answer is still awaited"
        );
        saved(&mut panel, own, view("typed", "other", &[]));
        assert!(panel.sent.is_empty());
        assert_eq!(sends(&mut panel), []);
        // In the other order, and the answer brings what was changed elsewhere meanwhile.
        panel.form.set_field(0, "again");
        let own = sends(&mut panel).remove(0);
        saved(&mut panel, own, view("again", "third", &[]));
        assert_eq!(panel.form.fields(), ["again", "third"]);
        assert_eq!(sends(&mut panel), []);
    }

    /// A save of the panel that cannot be done.
    fn fails(panel: &mut NotePanel, edit: NoteEdit) {
        let request = Box::new(Request::Note(NoteRequest::Update(edit)));
        let message = UserMessage {
            cause: "The disk is full.".into(),
            ..UserMessage::default()
        };
        panel.on_event(&Event::Failed { request, message });
    }

    #[test]
    fn what_could_not_be_saved_when_the_note_was_left_comes_back_with_it() {
        let mut panel = NotePanel::default();
        panel.load(&view("old", "back", &[]));
        panel.form.set_field(0, "typed");
        let own = sends(&mut panel).remove(0);
        panel.leave();
        fails(&mut panel, own.clone());
        assert_eq!(panel.failed_saves().len(), 1, "closing asks");
        // The same note, as it is on disk.
        panel.load(&view("old", "back", &[]));
        assert_eq!(panel.form.fields(), ["typed", "back"]);
        assert_eq!(panel.problem.as_deref(), Some("The disk is full."));
        assert_eq!(sends(&mut panel), std::slice::from_ref(&own));
        saved(&mut panel, own, view("typed", "back", &[]));
        assert!(panel.problem.is_none() && panel.failed_saves().is_empty());
    }

    #[test]
    fn what_was_not_even_taken_to_be_sent_comes_back_too() {
        let mut panel = NotePanel::default();
        panel.load(&view("old", "back", &[]));
        panel.form.set_field(0, "typed");
        let own = sends(&mut panel).remove(0);
        // At once, before the note is left.
        fails(&mut panel, own);
        panel.leave();
        assert_eq!(panel.failed_saves().len(), 1, "closing asks");
        panel.load(&view("old", "back", &[]));
        assert_eq!(panel.form.fields(), ["typed", "back"]);
    }
}
