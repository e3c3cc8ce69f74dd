//! Preferences > Backups > Note history: how long former versions are kept, what they take, and
//! deleting older ones.

use super::model;
use super::parts::{self, Stepper};
use super::{Press, Shown, State};
use crate::ui::backups::words;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::text::{bytes, counted};
use crate::ui::widgets::{Cut as _, text};
use eframe::egui::{Align, Ui};

pub(super) fn show(ui: &mut Ui, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let limits = &mut state.profile.history;
    let rows = if limits.days.is_some() { 5 } else { 4 };
    let mut group = parts::group(ui, "Note history", rows);
    let mut some_days = limits.days.is_some();
    let options = [(false, "For all time"), (true, "For some days")];
    let words = "Keep note history";
    if parts::choice(ui, &mut group, words, 200.0, &mut some_days, &options) {
        limits.days = some_days.then_some(model::HISTORY_DAYS_DEFAULT);
        state.profile_changed = true;
    }
    if let Some(days) = &mut limits.days {
        let stepper = Stepper {
            words: "Versions of the last",
            unit: "days",
            limits: model::HISTORY_DAYS,
            step: 30,
        };
        state.profile_changed |= stepper.show(ui, &mut group, days);
    }
    let most = Stepper {
        words: "At most, the oldest go first",
        unit: "MB",
        limits: model::HISTORY_MEGABYTES,
        step: 100,
    };
    state.profile_changed |= most.show(ui, &mut group, &mut limits.megabytes);
    let trash = Stepper {
        words: "Deleted notes can be put back for at least",
        unit: "days",
        limits: model::TRASH_DAYS,
        step: 10,
    };
    state.profile_changed |= trash.show(ui, &mut group, &mut limits.trash_days);
    let mut r = group.cut_top(size::ROW_SETTING);
    let delete = Button::new("Delete older…").height(size::CONTROL_SMALL);
    let w = delete.wanted_width(ui);
    let pressed = button::row(ui, r, Align::Max, vec![delete])[0].clicked();
    r.max.x -= w + 12.0;
    let t = Tokens::of(ui);
    text::label(ui, r, Align::Min, &used(shown), font::small(), t.text2);
    pressed.then_some(Press::DeleteHistory)
}

/// "4,211 versions since 3 Mar, 12.3 MB".
fn used(shown: &Shown<'_>) -> String {
    let Some(space) = shown.history else {
        return String::new();
    };
    let Some(oldest) = space.oldest else {
        return "No former version is kept yet".to_owned();
    };
    let versions = counted(space.versions, "version", "versions");
    let since = words::short_date(oldest, shown.now);
    format!("{versions} since {since}, {}", bytes(space.bytes))
}
