//! What would stay in a vault and what would go. Thinning itself follows each copy.

use super::vaults::tell;
use crate::backup::vault::book::Former;
use crate::backup::vault::retention::Retention;
use crate::backup::vault::tidy::{self, Wanted};
use crate::base::lang::say;
use crate::mark;
use crate::service::vaults::VaultEvent;
use crate::service::worker::{Job, Worker};

/// Nothing is deleted.
pub(super) fn preview(worker: &mut Worker, address: &str, retention: Retention) {
    const DOING: &str = mark!("look what would stay in the vault");
    let started = worker.locked(address).and_then(|locked| {
        let label = worker.open_profile_mut()?.paths.name.clone();
        let former = worker.entry_mut(address)?.former.clone();
        let wanted = worker.wanted(&label, former, retention);
        worker.background(
            Job::quiet("vault-preview", DOING),
            move |progress| tidy::plan(&locked.unlock(progress)?.open()?, &wanted),
            |worker, result| {
                let event = match result {
                    Ok(tidied) => VaultEvent::WouldStay(Box::new(tidied)),
                    Err(message) => VaultEvent::NotLooked(message),
                };
                tell(worker, event);
            },
        )
    });
    // The dialog tells it.
    if let Err(error) = started {
        let message = crate::explain::explain(say(DOING), &error);
        tell(worker, VaultEvent::NotLooked(message));
    }
}

impl Worker {
    /// What is to stay of the profile `label`.
    pub(super) fn wanted(&self, label: &str, former: Vec<Former>, retention: Retention) -> Wanted {
        Wanted {
            label: label.to_owned(),
            former,
            retention,
            backups: self.backups.rules().clone(),
            clock: self.config.clock.clone(),
        }
    }
}
