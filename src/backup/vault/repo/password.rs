//! Another password for a vault: the new one is added and seen to open it before the old one goes, so
//! that whatever ends the work, one of them opens the vault. That it goes on is noted in the vault: where
//! it was cut short, the next save ends it or tells it.

use super::Repo;
use crate::backup::vault::{Opened, Setting};
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::{mark, t};
use bytes::Bytes;
use rustic_core::Id;
use serde::{Deserialize, Serialize};

/// Beside the locks; no lock is called so.
const CHANGE: &str = "engram-locks/password-change";

/// The key files of the old and the new password.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    old: String,
    /// None: it may not be there yet.
    new: Option<String>,
}

impl Setting {
    /// From now on `new` opens the vault and the password of this setting does not; others that do
    /// stay. `keep` puts the new one where it is read from. Some: it is changed, and why the old one
    /// still opens the vault.
    ///
    /// # Errors
    /// Then the old one opens the vault as before.
    pub fn change_password(
        &self,
        new: &Secret,
        keep: impl FnOnce() -> Result<()>,
    ) -> Result<Option<Error>> {
        self.progress.stage(t!("Changing the password"), 0)?;
        if *new == self.password {
            return Err(Error::invalid(mark!("this is its password already")));
        }
        let changed = self.begin_change(new).and_then(|vault| {
            keep()?;
            Ok(vault)
        });
        let vault = match changed {
            Ok(vault) => vault,
            Err(error) => {
                // It is told, and nobody has the new one. With a wrong password nothing was noted.
                if error.kind() != ErrorKind::WrongPassword {
                    self.opened_by(&self.password)
                        .and_then(|vault| vault.forget_change())
                        .unwrap_or_else(|e| {
                            tracing::warn!("the change of a password stays noted: {e}")
                        });
                }
                return Err(error);
            }
        };
        let ended = self.take_back(&vault).and_then(|()| vault.forget_change());
        Ok(ended.err())
    }

    /// Afterwards both passwords open the vault; this is by the new one.
    fn begin_change(&self, new: &Secret) -> Result<Repo> {
        let old = self.opened_by(&self.password)?;
        let mut change = Change {
            old: old.key_file_name(),
            new: None,
        };
        old.note_change(&change)?;
        old.add_password(new)?;
        let vault = self.opened_by(new)?;
        change.new = Some(vault.key_file_name());
        vault.note_change(&change)?;
        Ok(vault)
    }

    /// By the password itself, not by a key that was seen before.
    fn opened_by(&self, password: &Secret) -> Result<Repo> {
        Repo::open(&Self {
            password: password.clone(),
            opened: Opened::default(),
            ..self.clone()
        })
    }

    /// `vault` was opened by another password.
    fn take_back(&self, vault: &Repo) -> Result<()> {
        let mut gone = Vec::new();
        // Several keys may have one password.
        loop {
            let old = match self.opened_by(&self.password) {
                Ok(old) => old,
                Err(e) if e.kind() == ErrorKind::WrongPassword => return Ok(()),
                Err(e) => return Err(e),
            };
            match *old.inner.key_id() {
                // A service may list for a while what it does not have any more.
                Some(key) if !gone.contains(&key) => {
                    vault.call(|| vault.inner.delete_key(&key))?;
                    gone.push(key);
                }
                _ => return Ok(()),
            }
        }
    }
}

impl Repo {
    /// Of the password by which it was opened; empty where that is not known.
    fn key_file_name(&self) -> String {
        let file = self.key_file.map(|file| file.to_hex());
        file.map_or_else(String::new, |hex| hex.as_str().to_owned())
    }

    fn note_change(&self, change: &Change) -> Result<()> {
        let text = serde_json::to_vec(change)
            .map_err(|e| Error::bug("the change of a password cannot be noted").because(e))?;
        let text = Bytes::from(text);
        self.asked(|| self.place.write(CHANGE, vec![text.clone()]))
    }

    fn forget_change(&self) -> Result<()> {
        self.asked(|| self.place.remove(CHANGE))
    }

    fn asked<T>(&self, request: impl FnMut() -> Result<T>) -> Result<T> {
        self.watch.patiently(request)
    }

    /// Ends a change of the password that was cut short after the new one was kept: opened by that, the
    /// old one goes. Some, for people: before that. As the only writer.
    pub(in crate::backup::vault) fn end_change(&self) -> Result<Option<&'static str>> {
        if self.asked(|| self.place.size(CHANGE))?.is_none() {
            return Ok(None);
        }
        let text = self.asked(|| self.place.read(CHANGE, None))?;
        let change: Option<Change> = serde_json::from_slice(&text).ok();
        let mine = self.key_file_name();
        match change {
            Some(Change {
                old,
                new: Some(new),
            }) if new == mine && old != mine && old.parse::<Id>().is_ok() => {
                self.asked(|| self.place.remove(&format!("keys/{old}")))?;
                self.forget_change()?;
                tracing::info!("a change of the password that was cut short was ended");
                Ok(None)
            }
            _ => Ok(Some(mark!(
                "A change of the vault's password was cut short: the new one may open it as well as \
                 the old one. Change it again."
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_is_cut_short_is_ended_or_told_by_the_next_save() {
        let room = tempfile::tempdir().unwrap();
        let to = room.path().join("vault");
        let opened = Opened::default();
        let by = |password: &str| Setting::of_folder(&to, password, &opened);
        let opens = |password: &str| by(password).open().is_ok();
        let saves = |password: &str| {
            let vault = by(password).open().unwrap();
            vault.exclusively(|| vault.end_change()).unwrap()
        };
        by("old").init().unwrap();
        assert_eq!(saves("old"), None);
        // The program is killed before the new one was kept: who has the old one is told.
        drop(by("old").begin_change(&Secret::new("new")).unwrap());
        assert!(saves("old").is_some() && opens("old") && opens("new"));
        // And after it.
        assert_eq!(saves("new"), None);
        assert!(!opens("old") && opens("new"));
        assert_eq!(saves("new"), None);
        // Opened by what was seen to open it before, as the window does.
        drop(by("new").begin_change(&Secret::new("newer")).unwrap());
        assert!(opens("newer") && opens("new"));
        assert!(saves("new").is_some());
        assert!(opens("newer"));
        assert_eq!(saves("newer"), None);
        assert!(!opens("new"));
        // One that ends by itself, or with an error, leaves no note.
        let newest = Secret::new("newest");
        let failed = by("newer").change_password(&newest, || Err(Error::bug("locked")));
        assert!(failed.is_err());
        assert_eq!(saves("newer"), None);
        let left = by("newer").change_password(&newest, || Ok(())).unwrap();
        assert!(left.is_none(), "{left:?}");
        assert_eq!(saves("newest"), None);
        assert!(!to.join(CHANGE).exists());
    }

    /// So do services for a while after a password was taken back.
    #[cfg(unix)]
    #[test]
    fn a_key_that_is_listed_and_gone_keeps_no_other_from_opening() {
        let room = tempfile::tempdir().unwrap();
        let to = room.path().join("vault");
        let setting = Setting::of_folder(&to, "right", &Opened::default());
        setting.init().unwrap();
        let gone = to.join("keys").join("ab".repeat(32));
        std::os::unix::fs::symlink(room.path().join("nothing"), gone).unwrap();
        setting.open().unwrap();
        let wrong = Setting::of_folder(&to, "wrong", &Opened::default());
        let error = wrong.open().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPassword);
    }

    #[test]
    fn at_each_moment_a_password_opens_the_vault() {
        let room = tempfile::tempdir().unwrap();
        let to = room.path().join("vault");
        let opened = Opened::default();
        let by = |password: &str| Setting::of_folder(&to, password, &opened);
        let opens = |password: &str| by(password).open().is_ok();
        let keys = || std::fs::read_dir(to.join("keys")).unwrap().count();
        let old = by("old");
        old.init().unwrap();
        old.open()
            .unwrap()
            .add_password(&Secret::new("kept elsewhere"))
            .unwrap();
        let new = Secret::new("new");
        let refused =
            |wrong: &Setting, new: &Secret| wrong.change_password(new, || Ok(())).is_err();
        assert!(refused(&by("wrong"), &new));
        assert!(refused(&old, &Secret::default()));
        assert!(refused(&old, &Secret::new("old")));
        assert_eq!(keys(), 2);
        // It cannot be put where it is read from, or the program ends there.
        let failed = old.change_password(&new, || {
            assert!(opens("old") && opens("new"));
            Err(Error::bug("the keychain is locked"))
        });
        assert!(failed.is_err() && opens("old"));
        // What that left behind is no harm, also when the old one has a second key.
        old.open()
            .unwrap()
            .add_password(&Secret::new("old"))
            .unwrap();
        let left = old.change_password(&new, || Ok(())).unwrap();
        assert!(left.is_none(), "{left:?}");
        assert!(!opens("old") && opens("new") && opens("kept elsewhere"));
        assert_eq!(keys(), 3);
    }
}
