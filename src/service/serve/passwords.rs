//! Passwords of encrypted exports that the keychain remembers because the user said so. A new one
//! takes no earlier one's place: older files stay open to whoever relies on the keychain. The
//! keychain may ask the user, so jobs ask it.

use crate::base::error::{Error, Result};
use crate::base::{ErrorKind, Secret};
use crate::formats::encryption::Lock;
use crate::secrets::Secrets;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::NewPassword;
use crate::service::serve::vault_sheet;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::Path;

/// In the keychain, for all profiles: a file may be opened in another one. A JSON list, newest
/// first.
const NAME: &str = "encrypted exports";

/// What is to be done once an encrypted file is there.
#[derive(Debug, Default)]
pub(super) struct Afterwards {
    remember: Option<Secret>,
    sheet: Option<Lock>,
}

/// What a file is encrypted with.
pub(super) fn lock(password: Option<NewPassword>) -> (Option<Lock>, Afterwards) {
    let Some(password) = password else {
        return (None, Afterwards::default());
    };
    let remember = password.remember.then(|| password.secret.clone());
    let lock = Lock::Password(password.secret);
    let sheet = password.sheet.then(|| lock.clone());
    (Some(lock), Afterwards { remember, sheet })
}

impl Afterwards {
    /// The file is at `file`.
    pub(super) fn follow(self, worker: &mut Worker, file: &Path) {
        if let Some(lock) = &self.sheet {
            vault_sheet::beside_export(worker, file, lock);
        }
        remember(worker, self.remember);
    }
}

/// Newest first.
pub(super) fn remembered(secrets: &dyn Secrets) -> Result<Vec<Secret>> {
    let all = texts(secrets)?;
    Ok(all.into_iter().map(Secret::new).collect())
}

fn texts(secrets: &dyn Secrets) -> Result<Vec<String>> {
    let Some(kept) = secrets.get(NAME)? else {
        return Ok(vec![]);
    };
    // What was there is not quoted: it may be a password.
    let damaged = |_| {
        let what = mark!("the keychain holds something else under the name of the passwords");
        Error::new(ErrorKind::Unavailable, what)
    };
    serde_json::from_str(&kept).map_err(damaged)
}

fn add(secrets: &dyn Secrets, password: &Secret) -> Result<()> {
    let mut all = texts(secrets)?;
    all.retain(|known| known != password.expose());
    all.insert(0, password.expose().to_owned());
    let all = serde_json::json!(all).to_string();
    secrets.set(NAME, &all)
}

/// Keeps the password of a file that is there now.
fn remember(worker: &mut Worker, password: Option<Secret>) {
    let Some(password) = password else { return };
    let secrets = worker.config.secrets.clone();
    let job = Job::quiet("remember", mark!("keep the password in the keychain"));
    let started = worker.background(
        job,
        move |_| add(&*secrets, &password),
        |worker, result| {
            if let Err(message) = result {
                worker.emit(Event::Notice(message.in_short()));
            }
        },
    );
    if let Err(error) = started {
        worker.notice(t!("keep the password in the keychain"), &error);
    }
}

/// Where there is no keychain, none is remembered.
pub(super) fn ask(worker: &mut Worker) -> Result<()> {
    let secrets = worker.config.secrets.clone();
    let job = Job::quiet("remembered", mark!("ask the keychain"));
    let work = move |_: &_| Ok(remembered(&*secrets)?.len());
    let asked = worker.background(job, work, |worker, result| {
        let any = result.is_ok_and(|passwords| passwords > 0);
        worker.emit(Event::Package(PackageEvent::Remembered(any)));
    });
    asked.map(drop)
}

pub(super) fn forget(worker: &mut Worker) -> Result<()> {
    let secrets = worker.config.secrets.clone();
    let job = Job::quiet("forget", mark!("forget the passwords"));
    let forgot = worker.background(
        job,
        move |_| secrets.remove(NAME),
        |worker, result| {
            if let Err(message) = &result {
                worker.emit(Event::Notice(message.in_short()));
            }
            let any = result.is_err();
            worker.emit(Event::Package(PackageEvent::Remembered(any)));
        },
    );
    forgot.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::InMemory;

    #[test]
    fn a_new_password_is_first_and_no_other_is_lost() {
        let secrets = InMemory::default();
        assert!(remembered(&secrets).unwrap().is_empty());
        for word in ["one", "two", "one", "three"] {
            add(&secrets, &Secret::new(word)).unwrap();
        }
        let all = remembered(&secrets).unwrap();
        assert_eq!(all, ["three", "one", "two"].map(Secret::new));
    }

    #[test]
    fn what_is_there_and_not_ours_is_neither_replaced_nor_shown() {
        let secrets = InMemory::default();
        secrets.set(NAME, "hush").unwrap();
        let error = add(&secrets, &Secret::new("new")).unwrap_err();
        assert!(!format!("{error:?}").contains("hush"));
        assert_eq!(secrets.get(NAME).unwrap().as_deref(), Some("hush"));
    }
}
