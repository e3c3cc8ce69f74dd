//! The line of tags: a chip each, a field for the next one, and below it the tags that it may
//! become. Space and Enter put the typed tag in, Tab completes it, Backspace takes the last chip
//! back into the field.

use super::tag_completion::offers;
use crate::field_html::next_change;
use crate::t;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::surface::{fill, focus_ring_inside, outline};
use crate::ui::widgets::text::{center, icon, path, width};
use crate::ui::widgets::{ic, menu, offers as list, tooltip, typed};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    self, Event, Frame, Id, Key, Margin, Modifiers, Popup, Rect, Response, Sense, TextBuffer,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};

/// What ends a tag; tabs come with what is pasted.
const SPACES: [char; 3] = [' ', '\t', '\u{3000}'];
const CHIP: f32 = 22.0;
const GAP: f32 = 6.0;
/// Narrowest room for typing.
const TYPING: f32 = 120.0;
const WIDEST_LIST: f32 = 360.0;

/// See the module header.
#[derive(Debug, Default)]
pub struct TagLine {
    pub tags: Vec<String>,
    typed: String,
    /// The chosen one of the offers.
    at: usize,
    /// Esc was pressed: no offers until something is typed.
    quiet: bool,
    focus: bool,
    focused: bool,
    /// The keyboard has left the field, maybe for its menu.
    is_left: bool,
    /// Where the list of offers stood in the last frame: a press on it chooses one.
    list: Option<Rect>,
    /// When the tags were changed, and what they were before.
    undo: Vec<(u64, Vec<String>)>,
    /// When the changes that were taken back were made, and what the tags were after them.
    redo: Vec<(u64, Vec<String>)>,
}

impl TagLine {
    /// Tags of a note that was loaded.
    pub fn set(&mut self, tags: Vec<String>) {
        self.tags = tags;
        self.typed.clear();
        self.undo.clear();
        self.redo.clear();
    }

    /// When the change was made that [`TagLine::undo`] takes back, as fields count.
    pub(super) fn last_change(&self) -> Option<u64> {
        self.undo.last().map(|(when, _)| *when)
    }

    /// When the change was made that [`TagLine::redo`] makes again.
    pub(super) fn next_redo(&self) -> Option<u64> {
        self.redo.last().map(|(when, _)| *when)
    }

    pub(super) fn forget_redo(&mut self) {
        self.redo.clear();
    }

    pub(super) fn undo(&mut self) {
        if let Some((when, before)) = self.undo.pop() {
            self.redo
                .push((when, std::mem::replace(&mut self.tags, before)));
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some((when, after)) = self.redo.pop() {
            self.undo
                .push((when, std::mem::replace(&mut self.tags, after)));
        }
    }

    /// The keyboard is in the line.
    pub(super) fn has_focus(&self) -> bool {
        self.focused
    }

    /// A tag stands in the field, not yet among the others.
    pub(super) fn is_typing(&self) -> bool {
        !self.typed.is_empty()
    }

    /// The tags with the one that is being typed.
    #[must_use]
    pub fn with_typed(&self) -> Vec<String> {
        let mut tags = self.tags.clone();
        tags.extend(words(&self.typed));
        tags
    }

    /// The note is left: a tag that was only typed counts, too.
    pub fn finish(&mut self) {
        let before = self.tags.clone();
        self.take_typed();
        self.note_change(before);
    }

    /// Tags are offered, and Esc is theirs.
    #[must_use]
    pub fn is_offering(&self) -> bool {
        self.list.is_some()
    }

    /// It is not drawn for a while: nothing is offered.
    pub fn hide(&mut self) {
        self.list = None;
    }

    /// The field gets the focus in the next frame.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Draws the line into the width of `ui`; true when the tags changed.
    pub fn ui(&mut self, ui: &mut Ui, all: &[String]) -> bool {
        let before = self.tags.clone();
        let id = ui.make_persistent_id("tags");
        let focused = ui.memory(|m| m.has_focus(id));
        self.focused = focused;
        // The keys are a menu's that is open.
        let has_keys = focused && !Popup::is_any_open(ui.ctx());
        let is_entered = has_keys && self.keys(ui, all);
        let chose_offer = self.list.take().is_some_and(|list| clicked_in(ui, list));
        let (field, rect) = self.line(ui, id);
        if std::mem::take(&mut self.focus) {
            field.request_focus();
        }
        self.is_left |= field.lost_focus() && !chose_offer;
        // The field's own menu is about what is typed.
        if self.is_left && !menu::is_open(&field) {
            self.is_left = false;
            if !field.has_focus() {
                self.take_typed();
            }
        }
        if field.changed() {
            self.at = 0;
            self.quiet = false;
            if ui.input(|i| i.events.iter().any(|e| matches!(e, Event::Paste(_)))) {
                // A line of tags.
                if self.typed.contains(SPACES) {
                    self.take_typed();
                }
            } else {
                self.take_finished();
            }
        }
        if is_entered {
            self.take_typed();
        }
        if focused && !self.quiet && !menu::is_open(&field) {
            self.offers_ui(ui, rect, all, id);
        }
        self.note_change(before)
    }

    /// For undo; true when the tags differ from those before.
    fn note_change(&mut self, before: Vec<String>) -> bool {
        let changed = self.tags != before;
        if changed {
            self.undo.push((next_change(), before));
            self.redo.clear();
        }
        changed
    }

    fn take_typed(&mut self) {
        let typed = std::mem::take(&mut self.typed);
        for tag in words(&typed) {
            if !self.tags.iter().any(|t| t.eq_ignore_ascii_case(&tag)) {
                self.tags.push(tag);
            }
        }
        self.at = 0;
    }

    /// The words before the one that is still being typed.
    fn take_finished(&mut self) {
        let Some((done, rest)) = self.typed.rsplit_once(SPACES) else {
            return;
        };
        let (done, rest) = (done.len(), rest.to_owned());
        self.typed.truncate(done);
        self.take_typed();
        self.typed = rest;
    }

    /// Taken before the field sees them; true when Enter ends what the field holds after this frame:
    /// in a slow one its letters come together with it.
    fn keys(&mut self, ui: &Ui, all: &[String]) -> bool {
        let offered = if self.quiet {
            vec![]
        } else {
            offers(all, &self.typed, &self.tags)
        };
        let take = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let comes = ui.input(|i| {
            let mut events = i.events.iter();
            events.any(|e| matches!(e, Event::Text(_) | Event::Paste(_)))
        });
        let typing = comes || !self.typed.trim().is_empty();
        if !offered.is_empty() {
            if take(Key::ArrowDown) {
                self.at = (self.at + 1).min(offered.len());
            }
            if take(Key::ArrowUp) {
                self.at = self.at.saturating_sub(1);
            }
            if take(Key::Escape) {
                self.quiet = true;
            }
            // The first arrow chooses the first offer; Tab takes it without.
            let chosen = self.at.checked_sub(1).and_then(|at| offered.get(at));
            let completed = chosen.or(offered.first()).filter(|_| take(Key::Tab));
            if let Some(tag) = completed.or(chosen.filter(|_| take(Key::Enter))) {
                self.typed = (*tag).to_owned();
                self.take_typed();
                return false;
            }
        }
        if self.typed.is_empty() && !comes && take(Key::Backspace) {
            self.typed = self.tags.pop().unwrap_or_default();
        }
        // Without a word it ends nothing, and must not end the typing: the next letters would be
        // commands.
        take(Key::Enter) && typing
    }

    /// Chips and field; the field's response, and the place of all of it.
    fn line(&mut self, ui: &mut Ui, id: Id) -> (Response, Rect) {
        let t = Tokens::of(ui);
        let wide = ui.available_width();
        let under = ui.painter().add(egui::Shape::Noop);
        let start = ui.cursor().min;
        let edge = start.x + wide - 10.0;
        let mut at = pos2(start.x + 36.0, start.y + 8.0);
        let mut remove = None;
        for (n, tag) in self.tags.iter().enumerate() {
            let w = chip_width(ui, tag).min(wide - 60.0);
            if at.x + w > edge {
                at = pos2(start.x + 36.0, at.y + CHIP + GAP);
            }
            let r = Rect::from_min_size(at, vec2(w, CHIP));
            if chip(ui, r, tag, n) {
                remove = Some(n);
            }
            at.x += w + GAP;
        }
        if at.x + TYPING > edge {
            at = pos2(start.x + 36.0, at.y + CHIP + GAP);
        }
        let field = Rect::from_min_max(at, pos2(edge, at.y + CHIP));
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
            typed::plain(ui, text.as_str(), &font::body(), t.text, false, room)
        };
        let edit = TextEdit::singleline(&mut self.typed)
            .id(id)
            .layouter(&mut layouter)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(2, 2)))
            .hint_text(egui::RichText::new(t!("Add a tag")).color(t.text3))
            .desired_width(field.width())
            .font(font::body());
        let edit = |ui: &mut Ui| typed::show(ui, edit).response.response;
        let response = ui.put(field, edit).accessible_name(t!("Tags"));
        let rect = Rect::from_min_max(start, pos2(start.x + wide, at.y + CHIP + 8.0));
        ui.allocate_rect(rect, Sense::hover());
        ui.painter().set(
            under,
            egui::Shape::rect_filled(rect, radius::SELECTION, t.surface),
        );
        outline(ui, rect, radius::SELECTION, t.border_input);
        icon(
            ui,
            pos2(start.x + 18.0, start.y + 19.0),
            ic::TAG,
            size::ICON,
            t.text3,
        );
        if response.has_focus() {
            focus_ring_inside(ui, rect, radius::SELECTION);
        }
        if let Some(n) = remove {
            self.tags.remove(n);
        }
        (response, rect)
    }

    /// The list under the line.
    fn offers_ui(&mut self, ui: &Ui, line: Rect, all: &[String], id: Id) {
        let offered = offers(all, &self.typed, &self.tags);
        if offered.is_empty() {
            return;
        }
        list::hold_keys(ui, id, true, false);
        let rows: Vec<_> = offered.iter().map(|tag| (*tag, "")).collect();
        let (list, pressed) = list::show(ui, id, line, WIDEST_LIST, &rows, self.at);
        self.list = Some(list);
        let taken = pressed.and_then(|n| offered.get(n));
        if let Some(tag) = taken.map(|tag| (*tag).to_owned()) {
            self.typed = tag;
            self.take_typed();
            self.focus = true;
        }
    }
}

/// The click takes the keyboard from the field.
fn clicked_in(ui: &Ui, place: Rect) -> bool {
    ui.input(|i| {
        let at = i.pointer.interact_pos();
        i.pointer.any_click() && at.is_some_and(|at| place.contains(at))
    })
}

fn words(typed: &str) -> impl Iterator<Item = String> {
    typed
        .split(SPACES)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
}

fn chip_width(ui: &Ui, tag: &str) -> f32 {
    (width(ui, tag, font::caption_strong()) + 34.0).ceil()
}

/// A tag with its ✕; true when that was pressed.
fn chip(ui: &Ui, r: Rect, tag: &str, n: usize) -> bool {
    let t = Tokens::of(ui);
    fill(ui, r, radius::CHIP, t.accent_soft);
    let mut words = r;
    words.max.x -= 20.0;
    let f = font::caption_strong();
    let shown = path(ui, tag, "::", words.width() - 10.0, &f);
    center(
        ui,
        words.translate(vec2(3.0, 0.0)),
        &shown,
        f,
        t.accent_text,
    );
    if shown != tag {
        let id = ui.make_persistent_id(("whole tag", n));
        tooltip::words(ui.interact(words, id, Sense::hover()), tag);
    }
    let x = Rect::from_center_size(pos2(r.max.x - 12.0, r.center().y), vec2(18.0, 18.0));
    // Not a stop for Tab: the keyboard removes with Backspace.
    let response = ui.interact(x, ui.make_persistent_id(("remove", n)), Sense::CLICK);
    let name = t!("Remove tag {tag}", tag);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() {
        fill(ui, x, radius::SMALL, t.hover);
    }
    icon(ui, x.center(), ic::CLOSE, 14.0, t.accent_text);
    response.clicked()
}
