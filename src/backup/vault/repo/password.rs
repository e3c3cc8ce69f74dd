//! Another password for a vault: the new one is added and seen to open it before the old one goes, so
//! that whatever ends the work, one of them opens the vault.

use super::Repo;
use crate::backup::vault::{Opened, Setting};
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::{mark, t};

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
        self.opened_by(&self.password)?.add_password(new)?;
        let vault = self.opened_by(new)?;
        keep()?;
        Ok(self.take_back(&vault).err())
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

#[cfg(test)]
mod tests {
    use super::*;

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
