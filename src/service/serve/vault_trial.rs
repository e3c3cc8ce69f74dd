//! Restore drills of vaults: by the button and, when nobody works, every month.

use super::vaults::tell;
use crate::backup::policy;
use crate::backup::vault::Destination;
use crate::backup::vault::book::Entry;
use crate::backup::vault::drill as vault_drill;
use crate::base::error::Result;
use crate::explain::UserMessage;
use crate::mark;
use crate::service::vaults::VaultEvent;
use crate::service::worker::{Job, Worker};
use std::time::Duration;

/// Whoever asked for nothing for so long is not held up by a trial.
const IDLE_BEFORE_TRIAL: Duration = Duration::from_secs(60);
/// A trial fetches all that is there: not more often than this by itself.
const MONTH_DAYS: u32 = 30;

/// Restores what was saved there last for a trial.
pub(super) fn drill(worker: &mut Worker, address: &str, asked: bool) -> Result<()> {
    worker.refuse_when_busy()?;
    let locked = worker.locked(address)?;
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let address = address.to_owned();
    let kept = address.clone();
    let about = address.clone();
    let id = worker.vault_job(
        Job {
            quiet: !asked,
            ..Job::shown(
                "vault-drill",
                mark!("Restoring from the vault for a trial"),
                mark!("restore from the vault for a trial"),
            )
        },
        move |progress| {
            vault_drill::drill(
                || locked.unlock(progress)?.open(),
                (&about, "latest"),
                &paths.folder,
                &paths.name,
                &clock,
            )
        },
        move |worker, result| {
            worker.vaults.busy = None;
            let now = worker.config.clock.now();
            let cancelled = result.as_ref().is_err_and(UserMessage::is_cancel);
            if cancelled {
                worker.vaults.to_try.clear();
            } else if let Ok(entry) = worker.entry_mut(&kept) {
                let failed = result.as_ref().err().map(|message| message.kept.clone());
                entry.was_tried(now, failed);
                worker.keep_or_notice();
            }
            if let Ok(drilled) = result {
                let address = kept;
                tell(
                    worker,
                    VaultEvent::Drilled {
                        address,
                        drilled,
                        asked,
                    },
                );
            }
            worker.tell_places();
        },
    )?;
    worker.vaults.busy = Some((address, Some(id)));
    worker.tell_places();
    Ok(())
}

impl Worker {
    /// Tries all places to which something was saved, one after another.
    pub(super) fn try_vaults(&mut self) {
        let saved = self.vaults.entries.iter().filter(|e| e.last.is_some());
        self.vaults.to_try = saved.map(|e| e.destination.to_string()).collect();
    }

    /// The next place whose restore is to be tried, and whether somebody asked for it.
    pub(super) fn next_trial(&mut self, idle: Duration) -> Option<(String, bool)> {
        if let Some(address) = self.vaults.to_try.pop_front() {
            return Some((address, true));
        }
        let days = self.profile.as_ref()?.settings.restore_drill_days;
        if days == 0 || idle < IDLE_BEFORE_TRIAL || self.backups.is_suspended() {
            return None;
        }
        let now = self.config.clock.now();
        let due = |entry: &&Entry| {
            let due = policy::drill_due(&entry.drills(), days.max(MONTH_DAYS), now);
            due.is_some_and(|due| due <= now)
        };
        let due: Vec<Destination> = self
            .vaults
            .entries
            .iter()
            .filter(due)
            .map(|entry| entry.destination.clone())
            .collect();
        let any_far = due.iter().any(Destination::is_far);
        if due.is_empty() || !self.knows_machine(any_far) {
            return None;
        }
        let free = due
            .iter()
            .find(|place| self.held(place.is_far()).is_none())?;
        Some((free.to_string(), false))
    }
}
