//! What the Sync button of the top bar looks like: blue with changes, red when one side has to
//! replace the other or the last sync failed.

use super::model;
use crate::service::sync::{SyncState, SyncStatus};
use crate::ui::context::UiContext;
use crate::ui::theme::Tokens;
use eframe::egui::Color32;

/// Colour of the word.
#[must_use]
pub fn color(status: &SyncStatus, t: &Tokens) -> Color32 {
    match status.state {
        _ if status.suspended || status.running => t.text3,
        _ if status.failed.is_some() => t.danger,
        SyncState::OneWay => t.danger,
        SyncState::Changes => t.accent_text,
        SyncState::NotSetUp | SyncState::Nothing => t.text,
    }
}

/// What the colour means, in words.
#[must_use]
pub fn tip(cx: &UiContext<'_>) -> String {
    model::state(&cx.model.sync, &cx.clock.local(cx.now))
}
