//! What copies elsewhere that nobody asked for wait for: another network, the charger. The machine is
//! asked by a job, and only when a copy is due.

use crate::backup::vault::policy::{Hold, Machine, Thrift, hold};
use crate::base::time::TimestampMillis;
use crate::mark;
use crate::service::worker::{Job, Worker};
use std::sync::atomic::AtomicBool;

/// What is known holds for so long.
const FRESH_MILLIS: i64 = 60_000;

/// What was read of the machine.
#[derive(Debug, Default)]
pub(super) struct Looked {
    known: Option<(TimestampMillis, Machine)>,
    looking: bool,
}

impl Worker {
    fn thrift(&self) -> Thrift {
        let settings = self.profile.as_ref().map(|profile| &profile.settings);
        settings.map_or_else(Thrift::default, |settings| Thrift {
            on_metered: settings.copies_wait_on_metered,
            on_battery: settings.copies_wait_on_battery,
        })
    }

    /// What a place, far or not, has to wait for, as far as is known.
    pub(super) fn held(&self, is_far: bool) -> Option<Hold> {
        let machine = self.vaults.looked.known.map(|(_, machine)| machine);
        hold(machine.unwrap_or_default(), self.thrift(), is_far)
    }

    /// Whether what is known says enough to begin something at a place; else the machine is asked.
    pub(super) fn knows_machine(&mut self, is_far: bool) -> bool {
        let thrift = self.thrift();
        let matters = thrift.on_battery || thrift.on_metered && is_far;
        if !matters {
            return true;
        }
        let now = self.config.clock.now();
        let is_fresh = |at: TimestampMillis| (0..FRESH_MILLIS).contains(&now.since(at));
        if self.vaults.looked.known.is_some_and(|(at, _)| is_fresh(at)) {
            return true;
        }
        if std::mem::replace(&mut self.vaults.looked.looking, true) {
            return false;
        }
        let sources = self.config.machine.clone();
        let started = self.background(
            Job::quiet("machine-look", mark!("look at power and network")),
            move |_| Ok(sources.look(&AtomicBool::new(false))),
            |worker, result| {
                let now = worker.config.clock.now();
                let looked = &mut worker.vaults.looked;
                looked.looking = false;
                // What cannot be known holds nothing up.
                looked.known = Some((now, result.unwrap_or_default()));
            },
        );
        if started.is_err() {
            self.vaults.looked.looking = false;
        }
        started.is_err()
    }
}
