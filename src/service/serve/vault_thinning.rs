//! What would stay in a vault and what would go, and what goes because somebody chose it. Thinning
//! itself follows each copy.

use super::vaults::{tell, verify};
use crate::backup::vault::Vault;
use crate::backup::vault::book::Former;
use crate::backup::vault::retention::Retention;
use crate::backup::vault::tidy::{self, Wanted};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::lang::say;
use crate::service::vaults::VaultEvent;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

const WAITS: &str = mark!(
    "much has changed without a reason and nobody has said that it is all right, so nothing is deleted"
);

/// Nothing is deleted.
pub(super) fn preview(worker: &mut Worker, address: &str, retention: Retention) {
    const DOING: &str = mark!("look what would stay in the vault");
    let wanted = worker.wanted_at(address, retention);
    let work = move |vault: &Vault| {
        let tidied = tidy::plan(vault, &wanted?)?;
        Ok(VaultEvent::WouldStay(Box::new(tidied)))
    };
    ask(worker, address, DOING, work);
}

/// As [`preview`], which snapshots there are and which of them are damaged.
pub(super) fn look_at_each(worker: &mut Worker, address: &str) {
    const DOING: &str = mark!("look at the snapshots");
    let asked = address.to_owned();
    let work = move |vault: &Vault| {
        let snapshots = tidy::deletable(vault)?;
        Ok(VaultEvent::Deletable {
            address: asked,
            snapshots,
        })
    };
    ask(worker, address, DOING, work);
}

/// What the vault says, for the dialog that asks; it tells a failure too.
fn ask(
    worker: &mut Worker,
    address: &str,
    doing: &'static str,
    work: impl FnOnce(&Vault) -> Result<VaultEvent> + Send + 'static,
) {
    let started = worker.locked(address).and_then(|locked| {
        worker.background(
            Job::quiet("vault-preview", doing),
            move |progress| work(&locked.unlock(progress)?.open()?),
            |worker, result| tell(worker, result.unwrap_or_else(VaultEvent::NotLooked)),
        )
    });
    if let Err(error) = started {
        let message = crate::explain::explain(say(doing), &error);
        tell(worker, VaultEvent::NotLooked(message));
    }
}

/// Snapshots that somebody chose go, all of them or none.
pub(super) fn forget(worker: &mut Worker, address: &str, snapshots: &[String]) -> Result<()> {
    worker.refuse_when_busy()?;
    if worker.backups.is_alarmed() {
        return Err(Error::new(ErrorKind::Conflict, WAITS));
    }
    let locked = worker.locked(address)?;
    let (snapshots, kept) = (snapshots.to_vec(), address.to_owned());
    let job = Job::shown(
        "vault-forget",
        mark!("Deleting snapshots"),
        mark!("delete the snapshots"),
    );
    let id = worker.vault_job(
        job,
        move |progress| {
            let vault = locked.unlock(progress)?.open()?;
            let gone = tidy::forget(&vault, &snapshots)?;
            // They are gone, whether the rest can be measured or not.
            Ok((gone.len() as u64, vault.used().ok()))
        },
        move |worker, result| {
            worker.vaults.busy = None;
            if let Ok((snapshots, bytes)) = result {
                worker.shrank(&kept, bytes);
                tell(worker, VaultEvent::Forgotten { snapshots });
            }
            worker.tell_places();
        },
    )?;
    worker.vaults.busy = Some((address.to_owned(), Some(id)));
    worker.tell_places();
    Ok(())
}

impl Worker {
    /// After snapshots were deleted there. Where something was damaged, all that is left is read: that
    /// was what they were deleted for.
    fn shrank(&mut self, address: &str, bytes: Option<u64>) {
        let now = self.config.clock.now();
        let Ok(entry) = self.entry_mut(address) else {
            return;
        };
        entry.shrank(now, bytes);
        let is_in_doubt = entry.damaged;
        self.keep_or_notice();
        if is_in_doubt && let Err(error) = verify(self, address) {
            self.notice(t!("verify the vault"), &error);
        }
    }

    fn wanted_at(&mut self, address: &str, retention: Retention) -> Result<Wanted> {
        let label = self.open_profile_mut()?.paths.name.clone();
        let former = self.entry_mut(address)?.former.clone();
        Ok(self.wanted(&label, former, retention))
    }

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
