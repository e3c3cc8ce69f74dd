//! The menu of a text field, at the pointer on a secondary click or by Shift+F10: Cut, Copy, Paste
//! and Select All. What is chosen reaches the field with the next frame, as if by its keys.

use crate::t;
use crate::ui::widgets::menu::{self, Entry, separator};
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditOutput;
use eframe::egui::{Id, PointerButton, Popup, Ui, ViewportCommand};

const WIDTH: f32 = 180.0;
const KEPT: &str = "typed: chosen before";

/// `hidden`: dots stand for what is typed, and none of it goes to the clipboard.
pub(super) fn ui(ui: &Ui, shown: &mut TextEditOutput, hidden: bool) {
    keep_chosen(ui, shown);
    let id = shown.response.response.id;
    // A click on the menu takes the keyboard from the field, and with it what is chosen.
    let before = menu::is_open(&shown.response.response).then(|| before(ui, id));
    let range = before.flatten().or(shown.state.cursor.char_range());
    let copies = range.is_some_and(|r| !r.is_empty()) && !hidden;
    let end = shown.galley.text().chars().count();
    let mut request = None;
    let mut all = false;
    // A field in an open menu: a second one would close that.
    if Popup::is_any_open(ui.ctx()) && !menu::is_open(&shown.response.response) {
        return;
    }
    menu::context(&shown.response.response, |ui| {
        ui.set_width(WIDTH);
        for (words, keys, usable, what) in [
            (t!("Cut"), "Ctrl+X", copies, ViewportCommand::RequestCut),
            (t!("Copy"), "Ctrl+C", copies, ViewportCommand::RequestCopy),
            (t!("Paste"), "Ctrl+V", true, ViewportCommand::RequestPaste),
        ] {
            let entry = Entry::new(words).keys(keys).enabled(usable);
            if entry.show(ui).clicked() {
                request = Some(what);
            }
        }
        separator(ui);
        let entry = Entry::new(t!("Select All")).keys("Ctrl+A").enabled(end > 0);
        all = entry.show(ui).clicked();
    });
    if all {
        let whole = CCursorRange::two(CCursor::new(0), CCursor::new(end));
        choose(ui, shown, whole);
    }
    if all || request.is_some() {
        ui.memory_mut(|m| m.request_focus(id));
        ui.ctx().request_repaint();
    }
    if let Some(request) = request {
        if let Some(range) = range {
            choose(ui, shown, range);
        }
        ui.ctx().send_viewport_cmd(request);
    }
}

fn choose(ui: &Ui, shown: &mut TextEditOutput, range: CCursorRange) {
    shown.state.cursor.set_char_range(Some(range));
    let id = shown.response.response.id;
    shown.state.clone().store(ui.ctx(), id);
}

/// What was chosen in the field when it last had the keyboard.
fn before(ui: &Ui, field: Id) -> Option<CCursorRange> {
    let kept: Option<(Id, CCursorRange)> = ui.data(|d| d.get_temp(Id::unique(KEPT)));
    kept.filter(|(of, _)| *of == field).map(|(_, range)| range)
}

/// A secondary click within what is chosen leaves it chosen; egui puts the caret there.
fn keep_chosen(ui: &Ui, shown: &mut TextEditOutput) {
    let response = &shown.response.response;
    let Some(now) = shown.state.cursor.char_range() else {
        return;
    };
    let pressed = ui.input(|i| i.pointer.button_pressed(PointerButton::Secondary));
    let here = pressed && response.contains_pointer();
    if let Some(range) = before(ui, response.id)
        && here
    {
        let [from, to] = range.sorted_cursors().map(|c| c.index);
        if (from..=to).contains(&now.primary.index) {
            choose(ui, shown, range);
            ui.ctx().request_repaint();
            return;
        }
    }
    if here || response.has_focus() && !menu::is_open(response) {
        let id = response.id;
        ui.data_mut(|d| d.insert_temp(Id::unique(KEPT), (id, now)));
    }
}
