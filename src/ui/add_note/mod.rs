//! The Add page: note type, deck, fields, tags, Add. What is typed stays while other pages are
//! looked at, is kept beside the collection within a second, and is there again after a crash.

mod carry;
mod chooser;
mod model;
#[cfg(test)]
mod tests;

pub use model::AddAction;

use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::domain::deck_tree::DeckTreeNode;
use crate::domain::note_edit::{FieldsState, NewNote};
use crate::domain::notetype::Notetype;
use crate::service::event::{DeckEvent, Event};
use crate::service::notes::{Adding, Draft, NoteEvent, NoteRequest};
use crate::service::request::{DeckRequest, Request};
use crate::t;
use crate::template::cards;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::decks;
use crate::ui::dialog_host::Question;
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::note_editor::form::NoteForm;
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::combo_at;
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::{Cut as _, surface, text, tooltip};
use chooser::Chooser;
use eframe::egui::{Align, Key, Modifiers, Popup, Rect, Ui, UiBuilder, pos2, vec2};
use model::History;
use std::sync::Arc;

/// Height of the line with note type and deck.
const HEAD: f32 = 60.0;
/// Widest page.
const PAGE: f32 = 860.0;
/// From a change to the draft's writing, and to the check of the fields.
const DRAFT_SECS: f64 = 0.5;
const CHECK_SECS: f64 = 0.15;

/// See the module header.
#[derive(Default)]
pub struct AddScreen {
    form: NoteForm,
    deck: DeckId,
    notetypes: Vec<(NotetypeId, String)>,
    /// Fields of another note type that found no place in this one.
    carried: Vec<(String, String)>,
    /// What the fields held of themselves, as the last note left them: not worth a question.
    blank: Vec<String>,
    history: History,
    /// Since when the draft on disk is out of date, in seconds of egui's clock.
    draft_due: Option<f64>,
    /// It is on its way to the disk.
    draft_sent: bool,
    /// It could not be written the last time.
    draft_failed: bool,
    check_due: Option<f64>,
    /// Add was pressed while a file for a field or the note before was on its way: goes on when it
    /// is there.
    add_later: bool,
    /// A note type was chosen while a file was on its way: it is taken when the file has its place.
    notetype_after_files: Option<NotetypeId>,
    /// The note that is on its way to the disk; the fields are those of the next one.
    adding: Option<Sent>,
    focus: bool,
    /// A key that needs a frame to be acted upon.
    pressed: Option<Command>,
    /// A copy was asked for, to begin with when the page comes up.
    copying: bool,
    /// Deck or note type were chosen for the note that is not typed yet.
    chosen: bool,
    /// A deck is being made, to be chosen; the decks that there were before.
    making_deck: Option<Vec<DeckId>>,
}

/// What was sent, and what else the page held of it.
struct Sent {
    note: NewNote,
    blank: Vec<String>,
    carried: Vec<(String, String)>,
}

impl AddScreen {
    /// What has to be asked when the page comes up.
    pub fn enter(&mut self, studied: Option<CardId>) -> Option<Request> {
        self.making_deck = None;
        if std::mem::take(&mut self.copying) {
            return None;
        }
        self.focus = true;
        let request = match self.form.notetype_id() {
            // The note type may have been changed meanwhile.
            Some(notetype) if self.has_input() || self.chosen => {
                NoteRequest::ChooseNotetype(notetype)
            }
            _ => NoteRequest::StartAdding {
                studied,
                copy_of: None,
            },
        };
        Some(Request::Note(request))
    }

    /// What has to be asked when the page is seen again after the note type's pages.
    pub fn come_back(&mut self) -> Option<Request> {
        self.focus = true;
        let notetype = self.form.notetype_id()?;
        Some(Request::Note(NoteRequest::ChooseNotetype(notetype)))
    }

    /// Whether closing would lose something, or may, until the note is on disk.
    #[must_use]
    pub fn has_input(&self) -> bool {
        self.adding.is_some() || self.has_typed()
    }

    fn has_typed(&self) -> bool {
        let fields = self.form.fields();
        let mut fields = fields.iter().enumerate();
        fields.any(|(at, html)| self.is_input(at, html))
    }

    fn is_input(&self, at: usize, html: &str) -> bool {
        let blank = self.blank.get(at).map(String::as_str);
        !html.trim().is_empty() && blank != Some(html)
    }

    /// The first field is to have the keyboard as soon as it is there.
    #[must_use]
    pub fn awaits_fields(&self) -> bool {
        self.focus
    }

    /// Forgets what belongs to a collection.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The draft that is not on disk yet.
    pub fn unsaved(&mut self) -> Option<Request> {
        self.draft_due.take()?;
        self.draft_failed = false;
        self.draft_sent = true;
        Some(self.keep_draft())
    }

    /// A draft is on its way: whether it comes to the disk is not known yet.
    #[must_use]
    pub fn awaits_draft(&self) -> bool {
        self.draft_sent && self.has_typed()
    }

    /// The draft that could not be written, to be tried once more.
    #[must_use]
    pub fn failed_draft(&self) -> Option<Request> {
        (self.draft_failed && self.has_typed()).then(|| self.keep_draft())
    }

    fn keep_draft(&self) -> Request {
        let draft = self.has_typed().then(|| {
            let names = self.form.notetype().map(|n| n.fields.as_slice());
            let names = names.unwrap_or_default().iter().map(|f| f.name.clone());
            Box::new(Draft {
                notetype: self.form.notetype_id().unwrap_or_default(),
                deck: self.deck,
                field_names: names.collect(),
                fields: self.form.fields(),
                tags: self.form.tags.with_typed(),
            })
        });
        Request::Note(NoteRequest::KeepDraft(draft))
    }

    /// Draws the page into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if self.form.notetype().is_none() {
            return;
        }
        let keys = cx.keys_free || !cx.covered && ui.ctx().text_edit_focused();
        let taken = self.form.strip_has_keyboard() || self.form.tags.is_offering();
        if keys && !taken {
            let esc = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
            if esc {
                self.close(cx);
            }
        }
        if std::mem::take(&mut self.focus) {
            self.focus_first();
        }
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, foot, foot.min.y, t.border);
        let wide = r.width().min(PAGE);
        let mut page = Rect::from_center_size(r.center(), vec2(wide, r.height()));
        let head = page.cut_top(HEAD);
        self.head(cx, ui, head);
        let changed = ui
            .scope_builder(UiBuilder::new().max_rect(page).id_salt("form"), |ui| {
                self.form.ui(cx, ui)
            })
            .inner;
        let pressed = self.pressed.take();
        match pressed {
            Some(Command::AddNote) => self.add(cx),
            Some(Command::ChooseNotetype) => self.choose_notetype(cx),
            Some(Command::ChooseDeck) => self.choose_deck(cx),
            _ => {}
        }
        let foot = Rect::from_center_size(foot.center(), vec2(wide, foot.height()));
        self.foot(cx, ui, foot, pressed == Some(Command::AddHistory));
        if changed {
            let now = ui.input(|i| i.time);
            self.draft_due.get_or_insert(now + DRAFT_SECS);
            self.check_due = Some(now + CHECK_SECS);
        }
        self.when_due(cx, ui);
    }

    fn focus_first(&mut self) {
        let sticky = self.form.sticky();
        let first = sticky.iter().position(|sticky| !sticky).unwrap_or(0);
        self.form.focus_field(first);
    }

    fn when_due(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        let now = ui.input(|i| i.time);
        // While the note is on its way to the disk, its draft would come after it.
        let draft_due = self.draft_due.filter(|_| self.adding.is_none());
        if draft_due.is_some_and(|due| due <= now)
            && let Some(request) = self.unsaved()
        {
            cx.ask(request);
        }
        if self.check_due.is_some_and(|due| due <= now) {
            self.check_due = None;
            self.check(cx);
        }
        let next = [draft_due, self.check_due].into_iter().flatten();
        if let Some(next) = next.min_by(f64::total_cmp) {
            ui.request_repaint_after_secs((next - now).max(0.0) as f32);
        }
    }

    fn check(&mut self, cx: &UiContext<'_>) {
        cx.ask(Request::Note(NoteRequest::Check(self.form.as_note())));
    }

    /// Note type and deck.
    fn head(&mut self, cx: &UiContext<'_>, ui: &mut Ui, head: Rect) {
        let t = Tokens::of(ui);
        let mut r = head.pad(20.0, 0.0);
        let half = (r.width() - 24.0) / 2.0;
        let type_name = self.form.notetype().map_or("", |n| n.name.as_str());
        let decks = chooser::normal_decks(cx);
        let deck = decks.iter().find(|(id, _)| *id == self.deck);
        let no_deck = t!("Default" in "name of a deck");
        let deck_name = deck.map_or(no_deck, |(_, name)| name.as_str());
        let mut left = r.cut_left(half);
        r.cut_left(24.0);
        let words = t!("Type" in "note type");
        let word = left.cut_left((text::width(ui, words, font::small()) + 8.0).max(40.0));
        text::label(ui, word, Align::Min, words, font::small(), t.text2);
        if choice(ui, left, t!("Note type"), type_name, "Ctrl+N") {
            self.choose_notetype(cx);
        }
        let words = t!("Deck");
        let word = r.cut_left((text::width(ui, words, font::small()) + 8.0).max(44.0));
        text::label(ui, word, Align::Min, words, font::small(), t.text2);
        if choice(ui, r, words, &text::name(deck_name), "Ctrl+D") {
            self.choose_deck(cx);
        }
    }

    fn choose_notetype(&self, cx: &UiContext<'_>) {
        cx.open(Chooser::notetypes(&self.notetypes, self.form.notetype_id()));
    }

    fn choose_deck(&self, cx: &UiContext<'_>) {
        cx.open(Chooser::decks(cx, self.deck));
    }

    /// History at the left; Close and Add at the right.
    fn foot(&mut self, cx: &UiContext<'_>, ui: &mut Ui, foot: Rect, open: bool) {
        let mut r = foot.pad(20.0, 0.0);
        let place = |r: Rect, w: f32| Rect::from_center_size(r.center(), vec2(w, size::CONTROL));
        let history = Button::new(t!("History"))
            .opens_menu()
            .enabled(!self.history.is_empty())
            .tip_key(t!("Notes added since the start"), "Ctrl+H");
        let w = history.wanted_width(ui);
        let at = place(r.cut_left(w), w);
        let response = history.place(ui, at);
        if open && !self.history.is_empty() {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
        }
        let mut chosen = None;
        menu::popup(&response, |ui| {
            for (id, words) in self.history.rows() {
                let label = t!("Edit “{words}”", words);
                if Entry::new(&label).show(ui).clicked() {
                    chosen = Some(id);
                }
            }
        });
        if let Some(note) = chosen {
            cx.go(Route::EditNote { note, card_type: 0 });
        }
        let add = Button::primary(t!("Add"))
            .enabled(!self.add_later)
            .tip_key(t!("Add the note"), "Ctrl+Enter");
        let w = add.wanted_width(ui);
        let at = place(r.cut_right(w), w);
        if add.place(ui, at).clicked() {
            self.add(cx);
        }
        r.cut_right(8.0);
        let close = Button::new(t!("Close")).tip_key(t!("Leave this page"), "Esc");
        let w = close.wanted_width(ui);
        let at = place(r.cut_right(w), w);
        if close.place(ui, at).clicked() {
            self.close(cx);
        }
    }

    fn close(&self, cx: &UiContext<'_>) {
        cx.send(self.ask_before(AddAction::Discard));
    }

    /// Ctrl+Enter and the button. The keyboard is at the next note at once, without an answer of
    /// the worker.
    fn add(&mut self, cx: &UiContext<'_>) {
        let Some(notetype) = self.form.notetype() else {
            return;
        };
        let state = cards::fields_state(&self.form.fields(), notetype);
        let before = self.adding.is_some();
        self.add_later = self.form.waits() || before && self.has_typed();
        if before || self.add_later {
            return;
        }
        for action in self.add_unless(state) {
            cx.send(action);
        }
    }

    /// Adds the note, or says why not.
    fn add_unless(&mut self, state: FieldsState) -> Vec<Action> {
        let say = |words: &str| vec![Action::Toast(Toast::note(words))];
        match state {
            // The field that holds them is not one to type in.
            FieldsState::FirstEmpty if self.form.lacks_masks() => say(t!(
                "There is no mask on the picture yet: Edit masks draws them."
            )),
            FieldsState::FirstEmpty => {
                self.form.focus_field(0);
                say(t!("The first field is empty."))
            }
            FieldsState::NotetypeNotCloze => {
                say(t!("Cloze deletion can only be used on cloze note types."))
            }
            FieldsState::FieldNotCloze => say(t!(
                "Cloze deletion can only be used in fields which use the “cloze:” filter. This \
                 is typically the first field."
            )),
            FieldsState::MissingCloze => {
                let confirm = Confirm {
                    title: t!("Add the note without a cloze deletion?").into(),
                    body: t!(
                        "You have a cloze note type but have not made any cloze deletions. \
                           Proceed?"
                    )
                    .into(),
                    cancel: t!("No").into(),
                    action: t!("Add anyway").into(),
                    weight: Weight::Harmless,
                    ..Default::default()
                };
                let yes = Action::Add(AddAction::AddAnyway);
                vec![Action::Open(Box::new(Question::new(confirm, yes)))]
            }
            FieldsState::Fine | FieldsState::Duplicate => self.add_now(),
        }
    }

    fn add_now(&mut self) -> Vec<Action> {
        self.add_later = self.form.waits() || self.adding.is_some();
        if self.add_later {
            return vec![];
        }
        let note = self.form.as_note();
        let new = NewNote {
            notetype_id: note.notetype_id,
            deck_id: self.deck,
            fields: note.fields,
            tags: note.tags,
        };
        self.start_next(new.clone());
        vec![Action::Ask(Request::Note(NoteRequest::Add(new)))]
    }

    /// Empty fields for the next note, but for those that are kept.
    fn start_next(&mut self, sent: NewNote) {
        let Some(notetype) = self.form.notetype().cloned() else {
            return;
        };
        let sticky = self.form.sticky();
        let kept = sent.fields.iter().zip(&sticky);
        let kept = kept.map(|(html, sticky)| if *sticky { html.clone() } else { String::new() });
        let kept: Vec<String> = kept.collect();
        self.form.set(notetype, &kept, sent.tags.clone());
        self.form.keep_sticky(&sticky);
        self.adding = Some(Sent {
            note: sent,
            blank: std::mem::replace(&mut self.blank, kept),
            carried: std::mem::take(&mut self.carried),
        });
        self.draft_due = None;
        self.draft_failed = false;
        self.check_due = None;
        self.chosen = false;
        self.focus = true;
    }

    /// The note is not on disk: it is a draft as before, with what was typed since behind it.
    pub fn not_added(&mut self) {
        let Some(sent) = self.adding.take() else {
            return;
        };
        self.add_later = false;
        let sticky = self.form.sticky();
        for (at, html) in sent.note.fields.iter().enumerate() {
            // Of another note type that has fewer, what is left goes into the last one.
            let at = at.min(sticky.len().saturating_sub(1));
            let now = self.form.field(at).unwrap_or_default();
            let whole = match (self.is_input(at, now), sticky.get(at)) {
                (false, _) => html.clone(),
                (true, Some(true)) => continue,
                (true, _) if html.is_empty() => continue,
                (true, _) => format!("{html}<br>{now}"),
            };
            self.form.set_field(at, &whole);
        }
        self.blank = sent.blank;
        self.carried.extend(sent.carried);
        self.draft_due.get_or_insert(0.0);
        self.check_due = Some(0.0);
    }

    /// What a chooser or question of this page decided; returns what follows.
    pub fn act(&mut self, action: AddAction) -> Vec<Action> {
        match action {
            AddAction::ChooseDeck(deck) => {
                self.deck = deck;
                self.chosen = true;
                vec![]
            }
            AddAction::CreateDeck { name, known } => {
                self.making_deck = Some(known);
                let requests = [DeckRequest::Create { name }, DeckRequest::LoadTree];
                let asks = requests.map(|request| Action::Ask(Request::Deck(request)));
                asks.into()
            }
            AddAction::ChooseNotetype(id) => {
                self.chosen = true;
                self.notetype_after_files = Some(id);
                self.go_on()
            }
            AddAction::AddAnyway => self.add_now(),
            AddAction::Copy(card) => self.copy(card),
            AddAction::CopyInstead(card) => {
                let mut out = vec![Action::Ask(Request::Note(NoteRequest::KeepDraft(None)))];
                out.extend(self.copy(card));
                out
            }
            AddAction::Discard => {
                self.start_over();
                vec![
                    Action::Ask(Request::Note(NoteRequest::KeepDraft(None))),
                    Action::Back,
                ]
            }
        }
    }

    /// The innermost of the decks that are new: those around it were made with it.
    fn choose_made_deck(&mut self, root: &DeckTreeNode) {
        let Some(known) = &self.making_deck else {
            return;
        };
        let rows = decks::model::all_rows(root).into_iter();
        let made = rows.filter(|row| !known.contains(&row.id));
        if let Some(made) = made.max_by_key(|row| row.depth) {
            (self.deck, self.chosen, self.making_deck) = (made.id, true, None);
        }
    }

    fn copy(&mut self, card: CardId) -> Vec<Action> {
        self.start_over();
        (self.copying, self.focus) = (true, true);
        let start = NoteRequest::StartAdding {
            studied: None,
            copy_of: Some(card),
        };
        vec![Action::Ask(Request::Note(start)), Action::Go(Route::Add)]
    }

    /// Nothing is left but the list of what was added.
    fn start_over(&mut self) {
        let history = std::mem::take(&mut self.history);
        *self = Self {
            history,
            ..Self::default()
        };
    }

    /// A key of this page; acted upon in the next frame.
    pub fn press(&mut self, command: Command) {
        self.pressed = Some(command);
    }

    /// `action` at once, or after a question when it would take away what was typed.
    #[must_use]
    pub fn ask_before(&self, action: AddAction) -> Action {
        if self.has_input() {
            Action::Open(Box::new(discard(action)))
        } else {
            Action::Add(action)
        }
    }

    /// Takes in what concerns the page; returns what follows.
    pub fn on_event(&mut self, event: &Event) -> Vec<Action> {
        match event {
            Event::Note(event) => self.on_note_event(event),
            Event::Deck(DeckEvent::Tree { root, .. }) => {
                self.choose_made_deck(root);
                vec![]
            }
            Event::Failed { request, .. } => {
                let ticket = match &**request {
                    Request::Note(request) => request.ticket(),
                    _ => None,
                };
                if let Some(ticket) = ticket {
                    self.media_failed(ticket);
                    return self.go_on();
                }
                match **request {
                    Request::Note(NoteRequest::StartAdding { .. }) => self.focus = false,
                    Request::Note(NoteRequest::Add(_)) => self.not_added(),
                    Request::Deck(DeckRequest::Create { .. }) => self.making_deck = None,
                    Request::Note(NoteRequest::KeepDraft(ref draft)) => {
                        self.draft_sent = false;
                        self.draft_failed |= draft.is_some();
                    }
                    _ => {}
                }
                vec![]
            }
            // Nobody answers any more.
            Event::Fault(_) => {
                self.focus = false;
                self.not_added();
                vec![]
            }
            _ => vec![],
        }
    }

    fn on_note_event(&mut self, event: &NoteEvent) -> Vec<Action> {
        match event {
            NoteEvent::Adding(adding) => {
                self.begin(adding);
                let copy = adding.instead_of_copy.map(AddAction::Copy);
                return copy
                    .map(|copy| Action::Open(Box::new(discard(copy))))
                    .into_iter()
                    .collect();
            }
            NoteEvent::DraftKept => (self.draft_sent, self.draft_failed) = (false, false),
            NoteEvent::NotetypeChosen {
                notetype,
                notetypes,
                deck,
            } => {
                self.notetypes.clone_from(notetypes);
                let another = self.form.notetype_id() != Some(notetype.id);
                if let Some(deck) = deck.filter(|_| another) {
                    self.deck = deck;
                }
                self.follow_notetype(notetype);
                return self.go_on();
            }
            NoteEvent::Checked { note, state } if *note == NoteId(0) => {
                // Else it is about the note that is being added; the next one is asked about after.
                if self.adding.is_none() {
                    self.form.state = *state;
                }
            }
            NoteEvent::Added { id, summary } => {
                self.history.add(*id, summary);
                self.adding = None;
                self.form.forget_all_tags();
                self.check_due = Some(0.0);
                let mut out = vec![Action::Toast(Toast::new(t!("Added")).with_undo())];
                out.extend(self.go_on());
                return out;
            }
            NoteEvent::MediaFailed { ticket } => {
                self.media_failed(*ticket);
                return self.go_on();
            }
            event => {
                self.form.on_event(event);
                return self.go_on();
            }
        }
        vec![]
    }

    /// What was put off until the files that are on their way are there: first another note type.
    fn go_on(&mut self) -> Vec<Action> {
        if self.form.waits() {
            return vec![];
        }
        if let Some(id) = self.notetype_after_files.take() {
            return vec![Action::Ask(Request::Note(NoteRequest::ChooseNotetype(id)))];
        }
        if self.add_later && self.adding.is_none() {
            self.press(Command::AddNote);
        }
        vec![]
    }

    /// A file for a field was asked for, or could not be.
    pub fn media_asked(&mut self, ticket: u64, sent: bool) {
        if sent {
            self.form.media_asked(ticket, sent);
        } else {
            self.media_failed(ticket);
        }
    }

    /// The note is not added without a file before the user has seen that it does not come.
    fn media_failed(&mut self, ticket: u64) {
        if self.form.media_failed(ticket) {
            self.add_later = false;
        }
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

    fn begin(&mut self, adding: &Adding) {
        let fresh = adding.fields.is_empty();
        self.notetypes.clone_from(&adding.notetypes);
        if fresh && (self.has_input() || self.chosen) {
            // The page was up already, and something was typed or chosen before this came.
            if !self.chosen {
                self.deck = adding.deck_id;
            }
            self.follow_notetype(&adding.notetype);
            return;
        }
        self.deck = adding.deck_id;
        let (fields, tags) = if fresh {
            // Kept from the note before, as in Anki.
            let sticky = self.form.sticky().into_iter();
            let held = self.held(&adding.notetype).into_iter().zip(sticky);
            let held = held.filter_map(|(field, sticky)| sticky.then_some(field));
            let carried = carry::carry(held.collect(), &names(&adding.notetype));
            self.carried.extend(carried.left);
            (carried.fields, self.form.tags.with_typed())
        } else {
            (adding.fields.clone(), adding.tags.clone())
        };
        self.form.set(adding.notetype.clone(), &fields, tags);
        self.blank = if fresh { fields } else { vec![] };
        self.copying = false;
        self.chosen = false;
        self.check_due = Some(0.0);
        self.focus = true;
        if !fresh && !adding.from_draft {
            self.draft_due = Some(0.0);
        }
    }

    /// Another note type, or this one as it is now; what is typed stays.
    fn follow_notetype(&mut self, notetype: &Arc<Notetype>) {
        if self.has_fields_of(notetype) {
            self.form.set_notetype(notetype.clone());
        } else {
            self.change_notetype(notetype);
        }
        self.check_due = Some(0.0);
    }

    /// Whether it is the note type on show, with the same fields in the same order.
    fn has_fields_of(&self, notetype: &Notetype) -> bool {
        let shown = self.form.notetype().filter(|shown| shown.id == notetype.id);
        shown.is_some_and(|shown| names(shown) == names(notetype))
    }

    /// Names and texts of the fields, those of the note type on show by the names that they have
    /// in `notetype`, if that is what has become of it.
    fn held(&self, notetype: &Notetype) -> Vec<(String, String)> {
        let old = self.form.notetype();
        let fields = old.map(|old| old.fields.as_slice()).unwrap_or_default();
        let names = if old.is_some_and(|old| old.id == notetype.id) {
            carry::names_now(fields, &notetype.fields)
        } else {
            fields.iter().map(|field| field.name.clone()).collect()
        };
        names.into_iter().zip(self.form.fields()).collect()
    }

    fn change_notetype(&mut self, notetype: &Arc<Notetype>) {
        let mut held = self.held(notetype);
        held.append(&mut self.carried);
        let carried = carry::carry(held, &names(notetype));
        let tags = self.form.tags.with_typed();
        self.form.set(notetype.clone(), &carried.fields, tags);
        self.carried = carried.left;
        // Kept text is no more worth a question in another place.
        let blank = carried.fields.iter().map(|html| {
            let kept = self.blank.contains(html);
            if kept { html.clone() } else { String::new() }
        });
        self.blank = blank.collect();
        self.focus = true;
        self.draft_due.get_or_insert(0.0);
    }
}

fn names(notetype: &Notetype) -> Vec<&str> {
    notetype.fields.iter().map(|f| f.name.as_str()).collect()
}

/// The question before `action` takes away what was typed.
fn discard(action: AddAction) -> Question {
    let action = match action {
        AddAction::Copy(card) => AddAction::CopyInstead(card),
        action => action,
    };
    let confirm = Confirm {
        title: t!("Discard current input?").into(),
        body: t!("The note on the Add page has not been added yet.").into(),
        cancel: t!("Keep editing").into(),
        action: t!("Discard").into(),
        weight: Weight::Destructive,
        ..Default::default()
    };
    Question::new(confirm, Action::Add(action))
}

/// A button that looks like a combo box; true when it was pressed.
fn choice(ui: &Ui, r: Rect, name: &str, shown: &str, key: &str) -> bool {
    let at = Rect::from_min_size(
        pos2(r.min.x, r.center().y - size::CONTROL / 2.0),
        vec2(r.width(), size::CONTROL),
    );
    let response = combo_at(ui, at, name, shown);
    tooltip::with_key(response, t!("Choose another"), Some(key)).clicked()
}
