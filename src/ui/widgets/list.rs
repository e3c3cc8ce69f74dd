//! Keyboard of a list: one stop of the Tab key; arrows, Page, Home and End move the selection,
//! Enter acts. Rows are drawn by the screen with [`row::sensed`](super::row::sensed).

use super::surface::focus_ring_inside;
use crate::ui::theme::radius;
use eframe::egui::accesskit::Role;
use eframe::egui::{EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Ui, WidgetInfo};

/// What the keys asked for in this frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keys {
    /// The row to select.
    pub select: Option<usize>,
    /// Enter on the selected row.
    pub act: bool,
}

/// The list in `r` with `count` rows, of which `selected` is the current one; `page` is how many
/// rows fit. Call it before drawing the rows, and give rows `Sense::CLICK`, so that Tab leaves the
/// list at once.
pub fn keys(
    ui: &Ui,
    r: Rect,
    salt: &str,
    name: &str,
    count: usize,
    selected: Option<usize>,
    page: usize,
) -> (Response, Keys) {
    let id = ui.make_persistent_id(salt);
    let response = ui.interact(r, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, name));
    if response.gained_focus() {
        let quietly = ui.data_mut(|d| d.remove_temp::<bool>(id.with("quietly")));
        set_ring(ui, id, quietly.is_none());
    }
    let mut keys = Keys::default();
    if response.has_focus() && count > 0 {
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let last = count - 1;
        let at = selected.unwrap_or(0).min(last);
        let moves: [(Key, usize); 6] = [
            (Key::ArrowDown, selected.map_or(0, |s| (s + 1).min(last))),
            (Key::ArrowUp, at.saturating_sub(1)),
            (Key::PageDown, (at + page.max(1)).min(last)),
            (Key::PageUp, at.saturating_sub(page.max(1))),
            (Key::Home, 0),
            (Key::End, last),
        ];
        for (key, to) in moves {
            if pressed(key) {
                keys.select = Some(to);
                set_ring(ui, id, true);
            }
        }
        keys.act = selected.is_some() && pressed(Key::Enter);
    }
    (response, keys)
}

/// Nothing on the page has the keys, as after a dialog: its list takes them. Past the last control
/// Tab is on its way to the first one; until it is pressed again, nothing has them either.
pub fn nothing_has_keys(ui: &Ui) -> bool {
    let id = Id::unique("Tab is on its way");
    let nothing = ui.memory(|m| m.focused().is_none());
    let tab = ui.input(|i| i.key_pressed(Key::Tab));
    // The last control lets go of the keys after the list was drawn.
    let on_its_way = tab || nothing && ui.data(|d| d.get_temp(id)).unwrap_or(false);
    ui.data_mut(|d| d.insert_temp(id, on_its_way));
    nothing && !on_its_way
}

/// Gives the list the keys without a ring: after a click, or when the screen opens.
pub fn focus_quietly(ui: &Ui, list: &Response) {
    if list.has_focus() {
        set_ring(ui, list.id, false);
    } else {
        ui.data_mut(|d| d.insert_temp(list.id.with("quietly"), true));
        list.request_focus();
    }
}

fn set_ring(ui: &Ui, list: Id, shown: bool) {
    ui.data_mut(|d| d.insert_temp(list.with("ring"), shown));
}

/// The ring of the current row while the list has the focus and keys are used.
pub fn ring(ui: &Ui, list: &Response, row: Rect) {
    let shown = ui
        .data(|d| d.get_temp(list.id.with("ring")))
        .unwrap_or(false);
    if shown && list.has_focus() {
        focus_ring_inside(ui, row, radius::SELECTION);
    }
}

/// What rows leave free at their right, where `count` of them, `row` high each, are more than
/// `shown` points: the scroll bar stands there.
#[must_use]
pub fn bar_room(count: usize, row: f32, shown: f32) -> f32 {
    const BAR: f32 = 10.0;
    if count as f32 * row > shown { BAR } else { 0.0 }
}

/// Id salt of row `n`.
#[must_use]
pub fn row_salt(n: usize) -> Id {
    Id::unique(("row", n))
}
