//! What would be due if the ticked notes got the schedules of the backup: asked for whenever other notes
//! are ticked, and shown above the foot of the page.

use super::rows::Ticked;
use crate::base::ids::NoteId;
use crate::domain::recovery::{Mode, WorkloadChange};
use crate::service::explorer::ExplorerRequest;
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::widgets::text::number;

/// See the module header.
#[derive(Default)]
pub(super) struct Load {
    /// Which notes were asked for last, and how they come back.
    asked: Vec<(NoteId, Mode)>,
    number: u64,
    /// No other question is asked until this one is answered.
    waits: bool,
    counted: Option<WorkloadChange>,
}

impl Load {
    /// Asks when other notes are ticked than before, or other ways chosen.
    pub(super) fn ask(&mut self, cx: &UiContext<'_>, ticked: &Ticked, mode: Mode) {
        let wanted = ticked.iter().map(|(id, own)| (*id, own.unwrap_or(mode)));
        let wanted = wanted.filter(|(_, mode)| mode.is_schedule());
        let is_lent = cx.model.jobs.iter().any(|job| job.exclusive);
        if self.waits || wanted.clone().eq(self.asked.iter().copied()) {
            return;
        }
        if is_lent {
            // What was counted is of other notes; these are asked about afterwards.
            self.asked.clear();
            self.counted = None;
            return;
        }
        self.asked = wanted.collect();
        self.counted = None;
        self.waits = !self.asked.is_empty();
        if self.waits {
            self.number += 1;
            cx.ask(Request::Explorer(ExplorerRequest::Workload {
                number: self.number,
                modes: self.asked.iter().copied().collect(),
            }));
        }
    }

    /// An answer, or None where there is none.
    pub(super) fn answered(&mut self, number: u64, load: Option<WorkloadChange>) {
        if number == self.number {
            self.waits = false;
            self.counted = load;
        }
    }

    /// The backup or the collection is another one.
    pub(super) fn forget(&mut self) {
        *self = Self {
            number: self.number + 1,
            ..Self::default()
        };
    }

    /// Whether an answer is to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.waits
    }

    /// None: nothing of it is known, or wanted.
    pub(super) fn words(&self) -> Option<String> {
        if self.waits {
            return Some(t!("Counting what would be due…").to_owned());
        }
        let WorkloadChange { before, after } = self.counted?;
        let from_to = |a: u64, b: u64| format!("{} → {}", number(a), number(b));
        Some(t!(
            "Cards due: today {today} · within 7 days {week} · within 30 days {month}",
            today = from_to(before.today, after.today),
            week = from_to(before.days_7, after.days_7),
            month = from_to(before.days_30, after.days_30)
        ))
    }
}
