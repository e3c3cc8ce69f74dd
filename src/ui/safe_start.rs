//! Shift held while the program starts, as in Anki: nothing is synced by itself until it is
//! started again. Whether it is held is known only when the window has the keyboard, so the sync
//! at the start waits for that; nothing else does.

use crate::service::request::Request;
use crate::service::sync::SyncRequest;
use crate::t;
use crate::ui::action::Action;
use crate::ui::notifications::Toast;
use eframe::egui::Context;
use std::time::Duration;

/// Once the window has the keyboard, the system tells held keys within this. In seconds.
const SOON: f64 = 0.3;
/// A window that stays behind others does not get the keyboard.
const AT_THE_LATEST: f64 = 3.0;

/// See the module header.
#[derive(Debug, Default)]
pub struct SafeStart {
    known: bool,
    /// When the window had the keyboard first.
    focused_at: Option<f64>,
    /// A profile was opened and waits for its sync.
    sync_waits: bool,
}

impl SafeStart {
    /// `asked` by the command line.
    #[must_use]
    pub fn new(asked: bool) -> (Self, Option<Action>) {
        let start = Self {
            known: asked,
            ..Self::default()
        };
        (start, asked.then_some(nothing_by_itself()))
    }

    /// A profile was opened.
    pub fn opened(&mut self) {
        self.sync_waits = true;
    }

    /// Before each frame: what follows.
    pub fn look(&mut self, ctx: &Context) -> Vec<Action> {
        let mut follow = vec![];
        if !self.known {
            let (time, focused, shift) = ctx.input(|i| (i.time, i.focused, i.modifiers.shift));
            if focused && self.focused_at.is_none() {
                self.focused_at = Some(time);
            }
            let waited = self.focused_at.is_some_and(|at| time - at >= SOON);
            if shift {
                follow.push(nothing_by_itself());
                let words = t!(
                    "Shift was held: nothing is synced by itself until Engram is started \
                             again"
                );
                follow.push(Action::Toast(Toast::note(words)));
            }
            self.known = shift || waited || time >= AT_THE_LATEST;
            ctx.request_repaint_after(Duration::from_secs_f64(SOON));
        }
        if self.known && std::mem::take(&mut self.sync_waits) {
            follow.push(Action::Ask(Request::Sync(SyncRequest::Opened)));
        }
        follow
    }
}

fn nothing_by_itself() -> Action {
    Action::Ask(Request::Sync(SyncRequest::NotByItself))
}
