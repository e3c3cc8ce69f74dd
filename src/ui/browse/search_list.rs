//! The list under the search field: what `suggest` says about the typed text, and the keys that
//! choose from it. It opens while something is typed; nothing is worked out while it is closed.

use super::suggest::{Suggestion, Suggestions, Then, suggest};
use super::{BrowseScreen, Focus};
use crate::ui::widgets::offers;
use eframe::egui::widgets::text_edit::TextEditState;
use eframe::egui::{Context, Id, Key, Modifiers, Rect, Ui};

const WIDEST: f32 = 520.0;

/// What the list keeps between frames.
#[derive(Debug, Default)]
pub(super) struct SearchList {
    open: bool,
    /// Where the caret was when the lines were made, in bytes.
    caret: Option<usize>,
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

    pub(super) fn close(&mut self) {
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
        if !self.search_list.open {
            return;
        }
        if !had_focus && !ui.memory(|m| m.has_focus(field)) {
            self.search_list.close();
            return;
        }
        let caret = caret(ui.ctx(), field, &self.typed);
        if caret != self.search_list.caret {
            self.search_list.at = 0;
            self.search_list.caret = caret;
            let data = self.sidebar.data().map(|data| &**data);
            let found = caret.map(|at| suggest(&self.typed, at, data, &self.history));
            self.search_list.found = found.unwrap_or_default();
        }
        let lines = &self.search_list.found.lines;
        if lines.is_empty() {
            return;
        }
        offers::hold_keys(ui, field, self.search_list.completes(), true);
        let rows = lines.iter().map(|line| (&*line.name, &*line.about));
        let rows: Vec<_> = rows.collect();
        let (_, pressed) = offers::show(ui, field, r, WIDEST, &rows, self.search_list.at);
        if let Some(line) = pressed.and_then(|n| lines.get(n)).cloned() {
            self.take_line(ui.ctx(), &line, true);
        }
    }

    /// A line takes the place of its term; a whole search is searched for if `search`.
    fn take_line(&mut self, ctx: &Context, line: &Suggestion, search: bool) {
        let place = self.search_list.found.place.clone();
        self.search_list.close();
        ctx.request_repaint();
        if line.then == Then::Search && search {
            self.search_within(&line.text);
            self.focus = Some(Focus::Search);
            return;
        }
        if self.typed.get(place.clone()).is_none() {
            return;
        }
        let caret = place.start + line.caret();
        self.typed.replace_range(place, &line.text);
        self.mark = Some(caret..caret);
        if line.then == Then::More {
            self.search_list.open();
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
