//! What secrets are called in the system's keychain, whose own window shows these names. They bear
//! the profile's name, and follow it when it is renamed.

use crate::backup::mail::{lock_secret, server_secret};
use crate::backup::vault::book;
use crate::base::{ErrorKind, Result, Secret};
use crate::secrets::Secrets;
use crate::service::profiles::DataFolder;
use crate::service::settings;

/// Of the account at a sync server.
#[must_use]
pub fn sync(profile: &str) -> String {
    format!("sync of {profile}")
}

/// Of the vault at `address`.
#[must_use]
pub fn vault(address: &str, profile: &str) -> String {
    format!("vault {address} of {profile}")
}

/// Whether a profile saves to a place with this account.
pub fn is_used(data: &DataFolder, account: &str) -> Result<bool> {
    for profile in data.list()? {
        let entries = book::load(&data.profile(&profile.name)?.folder)?;
        if entries
            .iter()
            .any(|e| e.destination.account_name() == account)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// After the password of the vault at `address` was changed: profiles that have the `old` one get the
/// `new` one. A keychain that does not answer has nothing. One that cannot be kept keeps none of the
/// others: it is the error in the end.
pub fn renew_vault(
    secrets: &dyn Secrets,
    data: &DataFolder,
    address: &str,
    old: &Secret,
    new: &Secret,
) -> Result<()> {
    let mut renewed = Ok(());
    for profile in data.list()? {
        let name = vault(address, &profile.name);
        let kept = secrets.get(&name).ok().flatten();
        if kept.as_deref() == Some(old.expose()) {
            renewed = renewed.and(secrets.set(&name, new.expose()));
        }
    }
    renewed
}

/// After the profile `old` was renamed to `new`: its secrets under its new name. One that does not
/// come along keeps none of the others: it is the error in the end. A keychain that cannot be used
/// is none for a profile that has nothing to sign in to.
pub fn take_along(secrets: &dyn Secrets, data: &DataFolder, old: &str, new: &str) -> Result<()> {
    let profile = data.profile(new)?;
    let places = book::load(&profile.folder)?;
    let (settings, _) = settings::load(&profile.settings())?;
    let signs_in =
        !(places.is_empty() && settings.sync.user.is_empty() && settings.mail.host.is_empty());
    let names = |profile: &str| {
        let vaults = places
            .iter()
            .map(|entry| vault(&entry.destination.to_string(), profile));
        let mut names: Vec<String> = vaults.collect();
        names.extend([sync(profile), server_secret(profile), lock_secret(profile)]);
        names
    };
    let take = |from: &str, to: &str| -> Result<()> {
        if let Some(secret) = secrets.get(from)? {
            secrets.set(to, &secret)?;
            secrets.remove(from)?;
        }
        Ok(())
    };
    let mut taken = Ok(());
    for (from, to) in names(old).into_iter().zip(names(new)) {
        taken = taken.and(take(&from, &to));
    }
    match taken {
        Err(error) if error.kind() == ErrorKind::NoKeychain && !signs_in => Ok(()),
        taken => taken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{InMemory, NoKeychain, WhileRunning};
    use std::sync::Arc;

    #[test]
    fn all_profiles_that_had_the_old_password_of_a_vault_get_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().to_owned());
        let secrets = InMemory::default();
        for (profile, kept) in [("Ann", "old"), ("Beth", "old"), ("Carl", "another")] {
            data.create(profile).unwrap();
            secrets.set(&vault("/usb", profile), kept).unwrap();
        }
        secrets.set(&vault("/disk", "Ann"), "old").unwrap();
        let (old, new) = (Secret::new("old"), Secret::new("new"));
        renew_vault(&secrets, &data, "/usb", &old, &new).unwrap();
        let kept = |at: &str, profile| secrets.get(&vault(at, profile)).unwrap().unwrap();
        let of_usb = ["Ann", "Beth", "Carl"].map(|profile| kept("/usb", profile));
        assert_eq!(of_usb, ["new", "new", "another"]);
        assert_eq!(kept("/disk", "Ann"), "old");
    }

    #[test]
    fn secrets_follow_a_profile_to_its_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().to_owned());
        let secrets = InMemory::default();
        let profile = data.create("Ann").unwrap();
        let place = folder.path().join("disk").display().to_string();
        let entry = book::Entry::new(place.parse().unwrap());
        let account = entry.destination.account_name();
        book::save(&profile.folder, std::slice::from_ref(&entry)).unwrap();
        let address = entry.destination.to_string();
        for name in [vault(&address, "Ann"), sync("Ann"), lock_secret("Ann")] {
            secrets.set(&name, &name).unwrap();
        }
        assert!(is_used(&data, &account).unwrap());
        data.rename("Ann", "Beth").unwrap();
        take_along(&secrets, &data, "Ann", "Beth").unwrap();
        let kept = |name: String| secrets.get(&name).unwrap();
        assert_eq!(kept(vault(&address, "Beth")), Some(vault(&address, "Ann")));
        assert_eq!(kept(sync("Beth")), Some(sync("Ann")));
        assert_eq!(kept(lock_secret("Beth")), Some(lock_secret("Ann")));
        assert_eq!(kept(server_secret("Beth")), None);
        assert_eq!(kept(sync("Ann")), None);
        book::save(&data.profile("Beth").unwrap().folder, &[]).unwrap();
        assert!(!is_used(&data, &account).unwrap());
    }

    #[test]
    fn secrets_that_no_keychain_keeps_follow_a_profile_too() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().to_owned());
        data.create("Ann").unwrap();
        let secrets = WhileRunning::over(Arc::new(NoKeychain));
        for name in [server_secret("Ann"), lock_secret("Ann")] {
            secrets.set(&name, &name).unwrap();
        }
        data.rename("Ann", "Beth").unwrap();
        take_along(&secrets, &data, "Ann", "Beth").unwrap();
        for (old, new) in [
            (server_secret("Ann"), server_secret("Beth")),
            (lock_secret("Ann"), lock_secret("Beth")),
        ] {
            assert_eq!(secrets.get(&new).unwrap(), Some(old.clone()));
            assert!(secrets.get(&old).is_err(), "it is not known any more");
        }
    }

    #[test]
    fn a_keychain_that_cannot_be_used_is_told_where_it_may_have_something() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().to_owned());
        let profile = data.create("Ann").unwrap();
        let renamed = |old, new| {
            data.rename(old, new).unwrap();
            take_along(&NoKeychain, &data, old, new).map_err(|error| error.kind())
        };
        assert_eq!(renamed("Ann", "Beth"), Ok(()));
        assert_eq!(renamed("Beth", "Ann"), Ok(()));
        let entry = book::Entry::new("/disk".parse().unwrap());
        book::save(&profile.folder, std::slice::from_ref(&entry)).unwrap();
        assert_eq!(renamed("Ann", "Beth"), Err(ErrorKind::NoKeychain));
        book::save(&data.profile("Beth").unwrap().folder, &[]).unwrap();
        assert_eq!(renamed("Beth", "Ann"), Ok(()));
        let (mut noted, _) = settings::load(&profile.settings()).unwrap();
        noted.sync.user = "ann@example.com".to_owned();
        settings::save(&profile.settings(), &noted).unwrap();
        assert_eq!(renamed("Ann", "Beth"), Err(ErrorKind::NoKeychain));
    }
}
