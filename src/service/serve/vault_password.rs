//! Another password for a place: in the vault, then in the keychain, then the old one goes.

use super::vaults::{tell, vault_secret};
use crate::base::Secret;
use crate::base::error::Result;
use crate::mark;
use crate::service::secret_names;
use crate::service::vaults::VaultEvent;
use crate::service::worker::{Job, Worker};

pub(super) fn change(worker: &mut Worker, address: &str, new: &Secret) -> Result<()> {
    worker.refuse_when_busy()?;
    let locked = worker.locked(address)?;
    let profile = worker.open_profile_mut()?.paths.folder.clone();
    let (data, secrets) = (worker.config.data.clone(), worker.secrets());
    let (new, at) = (new.clone(), address.to_owned());
    let job = Job::shown(
        "vault-password",
        mark!("Changing the password of the vault"),
        mark!("change the password of the vault"),
    );
    let id = worker.vault_job(
        job,
        move |progress| {
            let setting = locked.unlock(progress)?;
            let old = setting.password.clone();
            setting.change_password(&new, || {
                // A keychain that was locked meanwhile has the old one on: then that stays in use.
                secrets.replace(&vault_secret(&profile, &at), new.expose())?;
                // The others save there as well with what they have.
                let others = secret_names::renew_vault(&*secrets, &data, &at, &old, &new);
                if let Err(error) = others {
                    tracing::warn!("another profile has the old password of a vault: {error}");
                }
                Ok(())
            })
        },
        |worker, result| {
            worker.vaults.busy = None;
            worker.tell_places();
            if let Ok(left) = result {
                let old_opens = left.map(|error| error.what().to_owned());
                tell(worker, VaultEvent::PasswordChanged { old_opens });
            }
        },
    )?;
    worker.vaults.busy = Some((address.to_owned(), Some(id)));
    worker.tell_places();
    Ok(())
}
