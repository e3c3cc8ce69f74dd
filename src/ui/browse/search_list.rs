//! The list under a search field: what `suggest` says about the typed text, and the keys that
//! choose from it. It opens while something is typed; nothing is worked out while it is closed.
//! [`SearchList::field`] is a field with its list on other pages and in dialogs.

use super::search_bar::select;
use super::suggest::{Suggestion, Suggestions, Then, suggest};
use super::{BrowseScreen, Focus};
use crate::domain::sidebar::Sidebar;
use crate::service::browse::{BrowseEvent, BrowseRequest};
use crate::service::event::{Event, ProfileEvent};
use crate::service::request::Request;
use crate::ui::context::UiContext;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::offers;
use eframe::egui::widgets::text_edit::TextEditState;
use eframe::egui::{Context, Id, Key, Modifiers, Rect, Response, Ui};
use std::ops::Range;
use std::sync::Arc;

const WIDEST: f32 = 520.0;

/// The names of the collection that are offered; asked for when a list opens for the first time.
#[derive(Debug, Default)]
pub struct Names {
    data: Option<Arc<Sidebar>>,
    asked: bool,
}

impl Names {
    /// Those of something else than the collection.
    pub fn of(data: Arc<Sidebar>) -> Self {
        Self {
            data: Some(data),
            asked: true,
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Browse(BrowseEvent::Sidebar(data)) => self.data = Some(Arc::clone(data)),
            // They may be others now; the next list asks.
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed)
            | Event::DatabaseChecked { .. } => *self = Self::default(),
            Event::Done { changes, .. } if changes.any() => *self = Self::default(),
            _ => {}
        }
    }

    fn load(&mut self, cx: &UiContext<'_>) {
        if cx.model.exclusive_job().is_none() && !std::mem::replace(&mut self.asked, true) {
            cx.ask(Request::Browse(BrowseRequest::LoadSidebar));
        }
    }
}

/// What the list keeps between frames.
#[derive(Debug, Default)]
pub struct SearchList {
    open: bool,
    /// Where the caret was when the lines were made, in bytes, and whether names were known.
    caret: Option<(usize, bool)>,
    found: Suggestions,
    /// The chosen line, from 1.
    at: usize,
}

impl SearchList {
    /// With the next frame in which the field has the keyboard.
    pub(super) fn open(&mut self) {
        *self = Self {
            open: true,
            ..Self::default()
        };
    }

    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// The line that a key takes; called before the field sees the keys.
    fn keys(&mut self, ui: &Ui) -> Option<Suggestion> {
        let lines = &self.found.lines;
        if lines.is_empty() || ui.input(|i| i.modifiers.any()) {
            return None;
        }
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            self.at = (self.at + 1).min(lines.len());
        }
        if pressed(Key::ArrowUp) {
            self.at = self.at.saturating_sub(1);
        }
        let chosen = self.at.checked_sub(1).and_then(|at| lines.get(at));
        // The first arrow chooses the first line; Tab takes it without.
        let first = lines.first().filter(|_| self.completes());
        let by_tab = chosen.or(first).filter(|_| pressed(Key::Tab));
        let taken = by_tab.or_else(|| chosen.filter(|_| pressed(Key::Enter)));
        let taken = taken.cloned();
        if pressed(Key::Escape) {
            self.close();
        }
        taken
    }

    /// A search field with its list; `draw` shows it. Earlier searches are Browse's.
    pub fn field(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        names: &mut Names,
        (id, name): (Id, &str),
        typed: &mut String,
        draw: impl FnOnce(&mut Ui, Field<'_>) -> Response,
    ) -> Response {
        let mut chosen = None;
        let had_focus = ui.memory(|m| m.has_focus(id));
        if self.open && had_focus {
            let line = self.keys(ui);
            chosen = line.and_then(|line| self.put(typed, &line));
        }
        let response = draw(ui, Field::new(typed, name).id(id));
        if response.changed() || response.clicked() && typed.is_empty() {
            self.open();
            names.load(cx);
        }
        let go_on = |typed: &str, caret: &Range<usize>| {
            response.request_focus();
            select(ui.ctx(), id, typed, caret);
            ui.ctx().request_repaint();
        };
        if let Some(caret) = &chosen {
            go_on(typed, caret);
        }
        let data = names.data.as_deref();
        let line = self.show(ui, (id, response.rect), had_focus, typed, data, &[]);
        if let Some(caret) = line.and_then(|line| self.put(typed, &line)) {
            go_on(typed, &caret);
        }
        response
    }

    /// The line takes the place of its term; where the caret is then.
    fn put(&mut self, typed: &mut String, line: &Suggestion) -> Option<Range<usize>> {
        let place = self.found.place.clone();
        self.close();
        typed.get(place.clone())?;
        let caret = place.start + line.caret();
        typed.replace_range(place, &line.text);
        if line.then == Then::More {
            self.open();
        }
        Some(caret..caret)
    }

    /// The list, after its field was drawn; `had_focus` before. The line that was clicked.
    fn show(
        &mut self,
        ui: &Ui,
        (field, r): (Id, Rect),
        had_focus: bool,
        typed: &str,
        data: Option<&Sidebar>,
        history: &[String],
    ) -> Option<Suggestion> {
        if !self.open {
            return None;
        }
        if !had_focus && !ui.memory(|m| m.has_focus(field)) {
            self.close();
            return None;
        }
        let caret = caret(ui.ctx(), field, typed);
        let now = caret.map(|at| (at, data.is_some()));
        if now != self.caret {
            self.at = 0;
            self.caret = now;
            let found = caret.map(|at| suggest(typed, at, data, history));
            self.found = found.unwrap_or_default();
        }
        let lines = &self.found.lines;
        if lines.is_empty() {
            return None;
        }
        offers::hold_keys(ui, field, self.completes(), true);
        let rows = lines.iter().map(|line| (&*line.name, &*line.about));
        let rows: Vec<_> = rows.collect();
        let (_, pressed) = offers::show(ui, field, r, WIDEST, &rows, self.at);
        pressed.and_then(|n| lines.get(n)).cloned()
    }

    /// Whether Tab takes a line. A whole search has to be chosen for that.
    fn completes(&self) -> bool {
        let first = self.found.lines.first();
        self.at > 0 || first.is_some_and(|line| line.then != Then::Search)
    }
}

impl BrowseScreen {
    /// Before the field is drawn.
    pub(super) fn list_keys(&mut self, ui: &Ui, field: Id) {
        if !self.search_list.open || !ui.memory(|m| m.has_focus(field)) {
            return;
        }
        let by_tab = ui.input(|i| i.key_pressed(Key::Tab));
        if let Some(line) = self.search_list.keys(ui) {
            self.take_line(ui.ctx(), &line, !by_tab);
        }
    }

    /// After it: `had_focus` before, `wanted` by typing or a click.
    pub(super) fn list_ui(&mut self, ui: &Ui, field: Id, r: Rect, had_focus: bool, wanted: bool) {
        if wanted {
            self.search_list.open();
        }
        let data = self.sidebar.data().map(|data| &**data);
        let at = (field, r);
        let list = &mut self.search_list;
        let line = list.show(ui, at, had_focus, &self.typed, data, &self.history);
        if let Some(line) = line {
            self.take_line(ui.ctx(), &line, true);
        }
    }

    /// A line takes the place of its term; a whole search is searched for if `search`.
    fn take_line(&mut self, ctx: &Context, line: &Suggestion, search: bool) {
        ctx.request_repaint();
        if line.then == Then::Search && search {
            self.search_within(&line.text);
            self.focus = Some(Focus::Search);
            return;
        }
        if let Some(caret) = self.search_list.put(&mut self.typed, line) {
            self.mark = Some(caret);
        }
    }
}

/// In bytes; None while a part of the text is chosen.
fn caret(ctx: &Context, field: Id, text: &str) -> Option<usize> {
    let range = TextEditState::load(ctx, field)?.cursor.char_range()?;
    let at = range.is_empty().then_some(range.primary.index)?;
    let mut ends = text.char_indices().map(|(byte, _)| byte);
    Some(ends.nth(at.0).unwrap_or(text.len()))
}
