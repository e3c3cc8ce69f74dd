//! The fields and tags of one note as they are being edited, with what is said about them. Knows
//! nothing of saving: the panel of a stored note and the Add page do that in their own ways.

use super::field_row::{self, Around, FieldRow, Pressed};
use super::masks::{MasksState, has_masks, masks_width};
use super::media::{Waiting, with_content};
use super::pictures::Pictures;
use super::tag_line::TagLine;
use super::undo::Place;
use crate::base::ids::NotetypeId;
use crate::domain::html::strip_html_preserving_media_names;
use crate::domain::note::Note;
use crate::domain::note_edit::FieldsState;
use crate::domain::notetype::Notetype;
use crate::field_html::is_on_the_web;
use crate::search;
use crate::search::ast::{Node, Search};
use crate::service::notes::{MediaContent, NoteEvent, NoteRequest};
use crate::service::request::{Changed, Request, SettingsRequest};
use crate::service::settings::EditorColours;
use crate::t;
use crate::template::av;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::environment::FileAsk;
use crate::ui::picture_menu;
use crate::ui::rich_edit::{self, BUTTON, FieldOutput, Group, is_picture_file};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::text::{icon, label, width};
use crate::ui::widgets::{Cut as _, ic, surface};
use eframe::egui::{Align, Id, Key, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use std::collections::HashMap;
use std::sync::Arc;

/// Of the toolbar, when all of it fits on one line.
pub const TOOLBAR: f32 = 40.0;
/// Least width of the buttons of the note type, and of the one for masks.
const TYPE_WIDTH: f32 = 164.0;
const MASKS_WIDTH: f32 = 170.0;
/// From one line of the toolbar to the next.
const LINE: f32 = BUTTON + 4.0;
/// Beside the fields, where there is room for it.
pub const MARGIN: f32 = 20.0;
/// How far the words of a button stand within it.
pub(super) const WORDS_IN: f32 = 14.0;
/// Beside the toolbar: the words of its first button, which has no frame, begin where the fields do.
const BAR_SIDE: f32 = MARGIN - WORDS_IN;
/// Before a line of the toolbar that begins with an icon: it begins there as well, and goes on into
/// the margin at its end if it must.
const ICONS_IN: f32 = WORDS_IN - 8.0;

/// See the module header.
#[derive(Default)]
pub struct NoteForm {
    notetype: Option<Arc<Notetype>>,
    /// Where its card templates are opened: that of the card through which the note is edited.
    pub card_type: usize,
    /// The note is in the collection: no next one follows that could keep a text of it.
    pub is_stored: bool,
    pub(super) rows: Vec<FieldRow>,
    pub tags: TagLine,
    /// The field that has or last had the focus.
    pub(super) active: Option<usize>,
    /// Gets the focus in the next frame.
    focus: Option<usize>,
    pub state: FieldsState,
    /// Files on their way into the media folder, with the field that waits for the name.
    pub(super) waiting: HashMap<u64, Waiting>,
    pub(super) pictures: Pictures,
    pub(super) masks: MasksState,
    /// Grows with each note, so that the caret of one does not come up in another.
    note: u64,
    /// Tags for completion; asked for when the tags are first typed.
    all_tags: Arc<[String]>,
    tags_asked: bool,
    /// A field was changed from outside since the last frame: a file came, undo went on there.
    pub(super) arrived: bool,
    /// What has the keyboard.
    pub(super) keyboard: Option<Place>,
    /// What had it when a dialog came to lie over the page, and the last frame in which one lay.
    covered: Option<(Place, u64)>,
    /// See [`FieldOptions::dropped_on`](crate::ui::rich_edit::FieldOptions::dropped_on).
    dropped_on: Option<Id>,
}

impl NoteForm {
    /// Another note, or none: everything typed before is forgotten.
    pub fn set(&mut self, notetype: Arc<Notetype>, fields: &[String], tags: Vec<String>) {
        let same_type = self.notetype_id() == Some(notetype.id);
        let collapsed: Vec<bool> = if same_type {
            self.rows.iter().map(|row| row.collapsed).collect()
        } else {
            vec![]
        };
        self.rows = notetype
            .fields
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let mut row = FieldRow::new(field, fields.get(at).map_or("", String::as_str));
                if let Some(was) = collapsed.get(at) {
                    row.collapsed = *was;
                }
                row
            })
            .collect();
        self.notetype = Some(notetype);
        self.tags.set(tags);
        self.pictures.look_again(None);
        self.note += 1;
        self.active = None;
        self.keyboard = None;
        self.covered = None;
        self.state = FieldsState::Fine;
        self.waiting.clear();
        self.masks = MasksState::default();
    }

    /// The note type was changed in a way that leaves the fields as they are.
    pub fn set_notetype(&mut self, notetype: Arc<Notetype>) {
        if self.notetype_id() == Some(notetype.id) && self.rows.len() == notetype.fields.len() {
            for (row, field) in self.rows.iter_mut().zip(&notetype.fields) {
                row.follow(field);
            }
            self.notetype = Some(notetype);
        }
    }

    #[must_use]
    pub fn notetype(&self) -> Option<&Arc<Notetype>> {
        self.notetype.as_ref()
    }

    #[must_use]
    pub fn notetype_id(&self) -> Option<NotetypeId> {
        self.notetype.as_ref().map(|n| n.id)
    }

    /// HTML of all fields as they are now.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.html().to_owned()).collect()
    }

    #[must_use]
    pub fn field(&self, at: usize) -> Option<&str> {
        self.rows.get(at).map(FieldRow::html)
    }

    /// Takes a field's new content from elsewhere.
    pub fn set_field(&mut self, at: usize, html: &str) {
        if let Some(row) = self.rows.get_mut(at) {
            row.set_html(html);
        }
    }

    /// The note as it would be checked or added.
    #[must_use]
    pub fn as_note(&self) -> Note {
        Note {
            notetype_id: self.notetype_id().unwrap_or_default(),
            fields: self.fields(),
            tags: self.tags.with_typed(),
            ..Note::default()
        }
    }

    /// For each field, whether it keeps its content after adding.
    #[must_use]
    pub fn sticky(&self) -> Vec<bool> {
        self.rows.iter().map(|row| row.sticky).collect()
    }

    /// As [`Self::sticky`] said before the fields were set: the note type may not know of it yet.
    pub fn keep_sticky(&mut self, sticky: &[bool]) {
        for (row, sticky) in self.rows.iter_mut().zip(sticky) {
            row.sticky = *sticky;
        }
    }

    /// Puts the focus into a field in the next frame.
    pub fn focus_field(&mut self, at: usize) {
        self.focus = Some(at);
    }

    /// Tags may be new: ask again when they are next needed.
    pub fn forget_all_tags(&mut self) {
        self.tags_asked = false;
    }

    /// Takes in what concerns files and tags, whichever note is shown.
    pub fn on_event(&mut self, event: &NoteEvent) {
        match event {
            NoteEvent::Tags(tags) => self.all_tags = tags.clone(),
            NoteEvent::Sticky(notetype) => self.set_notetype(notetype.clone()),
            NoteEvent::MediaAdded { ticket, name } => self.media_came(*ticket, name),
            NoteEvent::MediaFailed { ticket } => {
                self.media_failed(*ticket);
            }
            NoteEvent::PicturesFetched { ticket, names } => self.pictures_came(*ticket, names),
            NoteEvent::Picture { name, picture } => self.pictures.take(name, picture.as_ref()),
            _ => {}
        }
    }

    /// The strip of a formula, picture or table has the keyboard, or a mask with corners is being
    /// drawn: the keys that end the page end that.
    #[must_use]
    pub fn strip_has_keyboard(&self) -> bool {
        let mut rows = self.rows.iter();
        self.masks.has_corners() || rows.any(|row| !row.collapsed && row.rich.strip_has_keyboard())
    }

    /// Masks are being drawn in the place of the fields: single keys and undo are theirs.
    #[must_use]
    pub fn edits_masks(&self) -> bool {
        self.masks.is_open()
    }

    /// Draws the toolbar, the fields and the tags into all of `ui`; true when text or tags changed.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> bool {
        if !cx.covered {
            self.keys(cx, ui);
        }
        let mut changed = std::mem::take(&mut self.arrived);
        if let Some(masked) = self.masks_ui(cx, ui) {
            changed |= masked;
            self.tags.hide();
            self.follow_changes(None);
        } else {
            let mut r = ui.max_rect();
            let lines = self.toolbar_lines(ui, r.width() - 2.0 * BAR_SIDE);
            let bar = r.cut_top(TOOLBAR + LINE * (lines.len() - 1) as f32);
            self.toolbar(cx, ui, bar, &lines);
            let page = UiBuilder::new().max_rect(r).id_salt("fields");
            ui.scope_builder(page, |ui| {
                ui.set_clip_rect(r);
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    changed |= self.page(cx, ui);
                });
            });
        }
        for request in self.pictures.take_wanted() {
            cx.ask(Request::Note(request));
        }
        changed
    }

    /// What stands on each line beside the buttons of the note type, which have the first: all of
    /// the formatting, or beside a table what is inserted, with the rest below.
    fn toolbar_lines(&self, ui: &Ui, width: f32) -> Vec<Vec<Group>> {
        let has_masks = self.notetype().is_some_and(|n| has_masks(n));
        let clozes = self.highest_cloze(self.active).is_some();
        let wide = |words: &str| Button::ghost(words).wanted_width(ui);
        let at_least = |least: f32, buttons: f32| match buttons <= least {
            true => least,
            false => buttons + sp::S,
        };
        let mut first = at_least(TYPE_WIDTH, wide(t!("Fields…")) + wide(t!("Cards…")));
        if has_masks {
            first += at_least(MASKS_WIDTH, masks_width(ui));
        }
        let masks_below = has_masks && first > width;
        let fits = |groups: &[Group], room: f32| Group::width(groups, clozes) <= room;
        let beside = width - first;
        let (mut lines, below) = if fits(&Group::ALL, beside) {
            (vec![Group::ALL.to_vec()], vec![])
        } else if fits(&[Group::Objects], beside) {
            let below = vec![Group::Marks, Group::Colours, Group::Lines];
            (vec![vec![Group::Objects]], below)
        } else {
            (vec![vec![]], Group::ALL.to_vec())
        };
        let mut line = vec![];
        for group in below {
            line.push(group);
            if line.len() > 1 && !fits(&line, width) {
                line.pop();
                lines.push(std::mem::replace(&mut line, vec![group]));
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        // Nothing else has room there.
        if masks_below {
            lines.insert(1, vec![]);
        }
        lines
    }

    fn toolbar(&mut self, cx: &UiContext<'_>, ui: &mut Ui, bar: Rect, lines: &[Vec<Group>]) {
        let kept = cx.model.settings.editor_colours;
        rich_edit::take_kept_colours(ui.ctx(), [kept.text, kept.highlight]);
        let before = rich_edit::last_colours(ui.ctx());
        self.toolbar_ui(cx, ui, bar, lines);
        let [text, highlight] = rich_edit::last_colours(ui.ctx());
        if [text, highlight] != before {
            let shown = cx.model.settings.clone();
            let mut wanted = shown.clone();
            wanted.editor_colours = EditorColours { text, highlight };
            let change = Box::new(Changed { shown, wanted });
            cx.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
    }

    fn toolbar_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, bar: Rect, lines: &[Vec<Group>]) {
        let t = Tokens::of(ui);
        // As wide as the page, however narrow the column of fields is.
        let band = Rect::from_x_y_ranges(ui.clip_rect().x_range(), bar.y_range());
        surface::fill(ui, band, 0, t.sidebar);
        surface::hline(ui, band, band.max.y - 1.0, t.border);
        let mut inner = bar.pad(BAR_SIDE, 0.0);
        inner.min.y += ((TOOLBAR - 1.0 - BUTTON) / 2.0).round();
        // Beside the buttons of the note type, or on the line that is left to it.
        let masks_at = usize::from(lines.get(1).is_some_and(Vec::is_empty));
        for (n, groups) in lines.iter().enumerate() {
            let mut line = inner.cut_top(LINE);
            line.max.y = line.min.y + BUTTON;
            if n == 0 {
                self.notetype_buttons(cx, ui, &mut line);
            }
            if n == masks_at {
                self.masks_button(cx, ui, &mut line);
            } else if n > 0 {
                line.cut_left(ICONS_IN);
            }
            let highest_cloze = self.highest_cloze(self.active);
            // As in Anki, it marks the note there.
            let link_key = match cx.route {
                Route::Browse => "",
                _ => "Ctrl+K",
            };
            let place = UiBuilder::new().max_rect(line).id_salt(("toolbar", n));
            let at = self.active;
            let outputs = ui
                .scope_builder(place, |ui| {
                    let field = at.and_then(|at| self.rows.get_mut(at));
                    let field = field.map(|row| &mut row.rich);
                    rich_edit::toolbar(ui, field, highest_cloze, link_key, groups)
                })
                .inner;
            if let Some(at) = at {
                self.take_outputs(cx, at, outputs);
            }
        }
    }

    /// To the pages of the note type, where a hand that knows Anki looks for them.
    fn notetype_buttons(&self, cx: &UiContext<'_>, ui: &mut Ui, bar: &mut Rect) {
        let Some(id) = self.notetype_id() else {
            return;
        };
        let cards = self.templates(id);
        let buttons = [
            (
                t!("Fields…"),
                t!("Customize fields"),
                "",
                Route::Fields { id },
            ),
            (
                t!("Cards…"),
                t!("Customize card templates"),
                "Ctrl+L",
                cards,
            ),
        ];
        for (label, tip, keys, route) in buttons {
            let button = Button::ghost(label).tip_key(tip, keys).height(BUTTON);
            let at = bar.cut_left(button.wanted_width(ui));
            if button.place(ui, at).clicked() {
                cx.go(route);
            }
        }
        bar.cut_left(sp::S);
    }

    fn templates(&self, id: NotetypeId) -> Route {
        let ord = self.card_type;
        Route::CardTemplates { id, ord }
    }

    fn page(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> bool {
        let mut changed = false;
        let mut keyboard = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        let wide = ui.available_width();
        let margin = MARGIN.min(wide / 20.0);
        let column = Rect::from_min_size(
            ui.cursor().min + vec2(margin, 0.0),
            vec2(wide - 2.0 * margin, f32::INFINITY),
        );
        let inner = ui.scope_builder(UiBuilder::new().max_rect(column), |ui| {
            ui.add_space(sp::M);
            self.dropped_on = self.field_below_files(ui);
            self.keep_keyboard(cx, ui);
            for at in 0..self.rows.len() {
                changed |= self.field_ui(cx, ui, at, &mut keyboard);
                if at == 0 && said(ui, self.state) {
                    self.show_duplicates(cx);
                }
            }
            changed |= self.tags_ui(cx, ui);
            if self.tags.has_focus() {
                keyboard = Some(Place::Tags);
            }
            ui.add_space(sp::XL);
        });
        self.follow_changes(keyboard);
        let used = inner.response.rect;
        ui.allocate_rect(used, Sense::hover());
        changed
    }

    /// The field under the pointer when files are dropped.
    fn field_below_files(&self, ui: &Ui) -> Option<Id> {
        if ui.input(|i| i.raw.dropped_files.is_empty()) {
            return None;
        }
        let note = note_id(ui, self.note);
        let is_below = |id: Id| {
            let response = ui.ctx().read_response(id);
            response.is_some_and(|r| r.contains_pointer())
        };
        (0..self.rows.len())
            .map(|at| note.with(at))
            .find(|field| is_below(*field) || is_below(field.with("source")))
    }

    /// On the Browse page.
    fn show_duplicates(&self, cx: &UiContext<'_>) {
        if let (Some(notetype), Some(first)) = (self.notetype_id(), self.field(0)) {
            cx.send(Action::Browse(duplicates_search(notetype, first)));
        }
    }

    /// The highest cloze number in the other fields; None when the note type has no clozes.
    fn highest_cloze(&self, but: Option<usize>) -> Option<u32> {
        self.notetype.as_ref().filter(|n| n.is_cloze())?;
        let others = self.rows.iter().enumerate();
        let others = others.filter(|(at, _)| Some(*at) != but);
        Some(
            others
                .map(|(_, row)| row.rich.highest_cloze())
                .max()
                .unwrap_or(0),
        )
    }

    fn field_ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        at: usize,
        keyboard: &mut Option<Place>,
    ) -> bool {
        let highest_cloze = self.highest_cloze(Some(at));
        let Some(row) = self.rows.get_mut(at) else {
            return false;
        };
        if self.focus == Some(at) {
            self.focus = None;
            row.collapsed = false;
            row.rich.request_focus();
            self.active = Some(at);
        }
        let around = Around {
            note: note_id(ui, self.note),
            highest_cloze,
            paste_strips: (cx.model.collection_settings.as_ref())
                .is_some_and(|s| s.paste_strips_formatting),
            dropped_on: self.dropped_on,
            pictures: &mut self.pictures,
            wrong: at == 0 && self.state == FieldsState::Duplicate,
            has_pin: !self.is_stored,
        };
        let shown = field_row::show(ui, row, at, around);
        if shown.has_focus {
            self.active = Some(at);
            *keyboard = Some(Place::Field(at));
        }
        match shown.pressed {
            Some(Pressed::Pin) => self.toggle_sticky(cx, Some(at)),
            Some(Pressed::Focus) => self.focus = Some(at),
            None => {}
        }
        self.take_outputs(cx, at, shown.outputs);
        shown.changed
    }

    fn tags_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> bool {
        let t = Tokens::of(ui);
        ui.add_space(sp::XS);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), 24.0));
        label(ui, r, Align::Min, t!("Tags"), font::small_strong(), t.text2);
        ui.add_space(2.0);
        if !self.tags_asked {
            self.tags_asked = true;
            cx.ask(Request::Note(NoteRequest::LoadTags));
        }
        self.tags.ui(ui, &self.all_tags)
    }

    pub(super) fn take_outputs(
        &mut self,
        cx: &UiContext<'_>,
        at: usize,
        outputs: Vec<FieldOutput>,
    ) {
        for output in outputs {
            match output {
                FieldOutput::AddImage {
                    width,
                    height,
                    rgba,
                } => {
                    let content = MediaContent::Picture {
                        width,
                        height,
                        rgba: rgba.into(),
                    };
                    let at = self.field_for_picture(at);
                    let request = self.media(at, Some(content));
                    cx.ask(request);
                }
                FieldOutput::AddFile(path) => {
                    let at = match is_picture_file(&path) {
                        true => self.field_for_picture(at),
                        false => at,
                    };
                    let request = self.media(at, Some(MediaContent::File(path)));
                    cx.ask(request);
                }
                FieldOutput::FetchPictures(mut urls) => {
                    let web = cx.model.settings.fetch_pasted_pictures;
                    urls.retain(|url| web || !is_on_the_web(url));
                    if !urls.is_empty() {
                        let ticket = self.ticket_for(at, true, false);
                        cx.ask(Request::Note(NoteRequest::FetchPictures { ticket, urls }));
                    }
                }
                FieldOutput::Attach => {
                    let request = self.media(at, None);
                    cx.pick_file(FileAsk::open(t!("Add Media")), move |path| {
                        Action::Ask(with_content(request, MediaContent::File(path)))
                    });
                }
                FieldOutput::Record => {
                    let request = self.media(at, None);
                    cx.send(Action::Record(Box::new(move |name, data| {
                        let content = MediaContent::Bytes { name, data };
                        Action::Ask(with_content(request, content))
                    })));
                }
                FieldOutput::PlaySound(source) => {
                    let (_, sounds) = av::extract(&source, true);
                    cx.send(Action::PlaySounds(sounds));
                }
                FieldOutput::OpenLink(url) => cx.send(Action::OpenUrl(url)),
                FieldOutput::UsePicture(name, what) => picture_menu::follow(cx, name, what),
                FieldOutput::NotAClozeType => cx.note(t!(
                    "Warning, cloze deletions will not work until you switch the type at the top \
                     to Cloze."
                )),
            }
        }
    }

    /// One field, or all: if any is free, all stay.
    fn toggle_sticky(&mut self, cx: &UiContext<'_>, at: Option<usize>) {
        match at {
            Some(at) => {
                if let Some(row) = self.rows.get_mut(at) {
                    row.sticky = !row.sticky;
                }
            }
            None => {
                let all = self.rows.iter().all(|row| row.sticky);
                for row in &mut self.rows {
                    row.sticky = !all;
                }
            }
        }
        if let Some(notetype) = self.notetype_id() {
            cx.ask(Request::Note(NoteRequest::SetSticky {
                notetype,
                sticky: self.sticky(),
            }));
        }
    }

    /// After a dialog or a menu the keyboard is back where it was, unless a click has led it to
    /// another field: else what is typed next would be taken for commands.
    fn keep_keyboard(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        let frame = ui.ctx().cumulative_frame_nr();
        if cx.covered {
            // The click that opened it took the keyboard away. In Browse it may have been the table's.
            let is_page = !matches!(cx.route, Route::Browse);
            let last = self.active.filter(|_| is_page).map(Place::Field);
            let kept = self.covered.map(|(place, _)| place);
            let place = self.keyboard.or(kept).or(last);
            self.covered = place.map(|place| (place, frame));
            return;
        }
        let Some((place, last)) = self.covered.take() else {
            return;
        };
        let has_it = |id: Id| ui.memory(|m| m.has_focus(id));
        let note = note_id(ui, self.note);
        let mut fields = (0..self.rows.len()).map(|at| note.with(at));
        let is_elsewhere = fields.any(|id| has_it(id) || has_it(id.with("source")))
            || has_it(ui.make_persistent_id("tags"));
        // Another page that was there meanwhile may have led back with other wishes.
        if is_elsewhere || last + 1 < frame {
            return;
        }
        match place {
            Place::Field(at) if self.rows.get(at).is_some_and(|row| !row.collapsed) => {
                self.focus = Some(at);
            }
            Place::Field(_) => {}
            Place::Tags => self.tags.focus(),
        }
    }

    fn keys(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        let pressed = |modifiers, key| ui.input_mut(|i| i.consume_key(modifiers, key));
        let ctrl_shift = Modifiers::COMMAND | Modifiers::SHIFT;
        if !self.is_stored && pressed(Modifiers::SHIFT, Key::F9) {
            self.toggle_sticky(cx, None);
        }
        if !self.is_stored && pressed(Modifiers::NONE, Key::F9) && self.active.is_some() {
            self.toggle_sticky(cx, self.active);
        }
        if pressed(ctrl_shift, Key::T) {
            self.tags.focus();
        }
        if pressed(Modifiers::COMMAND, Key::L)
            && let Some(id) = self.notetype_id()
        {
            cx.go(self.templates(id));
        }
        self.undo_keys(ui);
    }
}

/// Tells the fields of one note from those of another.
fn note_id(ui: &Ui, note: u64) -> Id {
    ui.make_persistent_id(("note", note))
}

/// The search for the notes of this type with the same first field.
#[must_use]
fn duplicates_search(notetype: NotetypeId, first_field: &str) -> String {
    let text = strip_html_preserving_media_names(first_field).into_owned();
    search::print(&[Node::Search(Search::Duplicates { notetype, text })])
}

/// What is to be said under the first field; true when the duplicates are asked for.
fn said(ui: &mut Ui, state: FieldsState) -> bool {
    let words = match state {
        FieldsState::Duplicate => t!("A note with this first field exists already."),
        FieldsState::NotetypeNotCloze => t!("Cloze deletion can only be used on cloze note types."),
        FieldsState::FieldNotCloze => t!(
            "Cloze deletion can only be used in fields which use the “cloze:” filter. This is \
             typically the first field."
        ),
        FieldsState::Fine | FieldsState::FirstEmpty | FieldsState::MissingCloze => return false,
    };
    let t = Tokens::of(ui);
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), 24.0));
    icon(
        ui,
        pos2(r.min.x + 8.0, r.center().y),
        ic::WARN,
        size::ICON_SMALL,
        t.warn,
    );
    let mut line = r;
    line.cut_left(22.0);
    label(ui, line, Align::Min, words, font::small(), t.warn);
    if state != FieldsState::Duplicate {
        return false;
    }
    let button = Button::ghost(t!("Show Duplicates"));
    let (words, wanted) = (
        width(ui, words, font::small()) + 10.0,
        button.wanted_width(ui),
    );
    if words + wanted <= line.width() {
        line.cut_left(words);
    } else {
        line = ui.allocate_space(vec2(ui.available_width(), 28.0)).1;
        line.cut_left(8.0);
    }
    let at = line.cut_left(wanted);
    button.place(ui, at).clicked()
}
