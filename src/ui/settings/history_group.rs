//! Preferences > Backups > Note history: how long former versions are kept, what they take, and
//! deleting older ones.

use super::model;
use super::parts::{Group, Sheet, Stepper};
use super::{Press, Shown, State};
use crate::service::settings::ProfileSettings;
use crate::ui::backups::words;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text::{self, bytes};
use crate::{t, tn};
use eframe::egui::Align;

pub(super) fn show(sheet: &mut Sheet<'_>, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    sheet.group(t!("Note history"), |group| {
        state.profile_changed |= limits(group, &mut state.profile);
        let label = t!("Delete older…");
        let mut r = group.room(label)?;
        let pressed = group.cut_buttons(&mut r, &[label]);
        let ui = group.ui();
        let t = Tokens::of(ui);
        text::label(ui, r, Align::Min, &used(shown), font::small(), t.text2);
        pressed.map(|_| Press::DeleteHistory)
    })
}

/// True when one was changed.
fn limits(group: &mut Group<'_, '_>, profile: &mut ProfileSettings) -> bool {
    let limits = &mut profile.history;
    let mut changed = false;
    let mut some_days = limits.days.is_some();
    let options = [(false, t!("For all time")), (true, t!("For some days"))];
    if group.choice(t!("Keep note history"), 200.0, &mut some_days, &options) {
        limits.days = some_days.then_some(model::HISTORY_DAYS_DEFAULT);
        changed = true;
    }
    if let Some(days) = &mut limits.days {
        let stepper = Stepper {
            words: t!("Versions of the last"),
            unit: t!("days"),
            limits: model::HISTORY_DAYS,
            step: 30,
        };
        changed |= group.number(stepper, days);
    }
    let most = Stepper {
        words: t!("At most (the oldest go first)"),
        unit: t!("MB"),
        limits: model::HISTORY_MEGABYTES,
        step: 100,
    };
    changed |= group.number(most, &mut limits.megabytes);
    let trash = Stepper {
        words: t!("Deleted notes can be put back for at least"),
        unit: t!("days"),
        limits: model::TRASH_DAYS,
        step: 10,
    };
    changed | group.number(trash, &mut limits.trash_days)
}

/// "4,211 versions since 3 Mar, 12.3 MB".
fn used(shown: &Shown<'_>) -> String {
    let Some(space) = shown.history else {
        return String::new();
    };
    let Some(oldest) = space.oldest else {
        return t!("No former version is kept yet").to_owned();
    };
    tn!(
        space.versions,
        "{n} version since {date}, {size}",
        "{n} versions since {date}, {size}",
        date = words::short_date(oldest, shown.now),
        size = bytes(space.bytes),
    )
}
