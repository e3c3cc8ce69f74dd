//! Passwords and tokens. They are kept by the operating system's keychain or asked for, never in
//! a file of ours. Without a keychain every answer of [`Keychain`] is an error that says so, and
//! [`WhileRunning`] knows what was typed until the program ends.

use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where secrets are kept. `name` says what for, e.g. "sync of User 1"; names are shown by the
/// keychain's own window.
pub trait Secrets: Send + Sync {
    /// None when nothing is kept under this name.
    ///
    /// # Errors
    /// `NoKeychain` when there is no keychain or it stays locked.
    fn get(&self, name: &str) -> Result<Option<String>>;
    fn set(&self, name: &str, secret: &str) -> Result<()>;
    /// As [`Self::set`], in place of a secret that opens nothing any more afterwards.
    ///
    /// # Errors
    /// `NoKeychain` where that one would be kept on, and be found after the next start.
    fn replace(&self, name: &str, secret: &str) -> Result<()> {
        self.set(name, secret)
    }
    /// Also when there is none.
    fn remove(&self, name: &str) -> Result<()>;
}

/// The keychain of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keychain;

const SERVICE: &str = "Engram";

impl Secrets for Keychain {
    fn get(&self, name: &str) -> Result<Option<String>> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring::v1::Error::NoEntry) => Ok(None),
            Err(e) => Err(no_keychain(e)),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<()> {
        entry(name)?.set_password(secret).map_err(no_keychain)
    }

    fn remove(&self, name: &str) -> Result<()> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::v1::Error::NoEntry) => Ok(()),
            Err(e) => Err(no_keychain(e)),
        }
    }
}

fn entry(name: &str) -> Result<keyring::v1::Entry> {
    keyring::v1::Entry::new(SERVICE, name).map_err(no_keychain)
}

/// The error's own words only: some variants carry the secret's bytes.
fn no_keychain(e: keyring::v1::Error) -> Error {
    let why = match e {
        keyring::v1::Error::NoStorageAccess(_) => mark!("the keychain is locked"),
        keyring::v1::Error::BadEncoding(_) | keyring::v1::Error::BadDataFormat(..) => {
            mark!("the keychain holds something else under this name")
        }
        _ => mark!("this system has no keychain to keep passwords in"),
    };
    Error::new(ErrorKind::NoKeychain, why)
}

/// A keychain, and where there is none or it stays locked, what was typed is known for as long as
/// the program runs.
pub struct WhileRunning {
    keychain: Arc<dyn Secrets>,
    known: InMemory,
    is_news: AtomicBool,
}

impl WhileRunning {
    #[must_use]
    pub fn over(keychain: Arc<dyn Secrets>) -> Self {
        Self {
            keychain,
            known: InMemory::default(),
            is_news: AtomicBool::new(false),
        }
    }

    /// Whether the keychain refused a secret since this was asked last: it will be asked for again
    /// after the next start. Another one in place of one that is known so is no news.
    pub fn take_news(&self) -> bool {
        self.is_news.swap(false, Ordering::Relaxed)
    }
}

impl Secrets for WhileRunning {
    fn get(&self, name: &str) -> Result<Option<String>> {
        match self.known.get(name)? {
            Some(known) => Ok(Some(known)),
            None => self.keychain.get(name),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<()> {
        match self.keychain.set(name, secret) {
            Err(error) if error.kind() == ErrorKind::NoKeychain => {
                if self.known.get(name)?.is_none() {
                    self.is_news.store(true, Ordering::Relaxed);
                }
                self.known.set(name, secret)
            }
            Ok(()) => self.known.remove(name),
            failed => failed,
        }
    }

    fn replace(&self, name: &str, secret: &str) -> Result<()> {
        match self.known.get(name)? {
            Some(_) => self.set(name, secret),
            // It is in the keychain, and no memory takes its place there.
            None => self.keychain.set(name, secret),
        }
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.known.remove(name)?;
        self.keychain.remove(name)
    }
}

/// For as long as the program runs: for tests, and in [`WhileRunning`].
#[derive(Debug, Default)]
pub struct InMemory(Mutex<BTreeMap<String, String>>);

impl Secrets for InMemory {
    fn get(&self, name: &str) -> Result<Option<String>> {
        Ok(self.kept().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &str) -> Result<()> {
        self.kept().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.kept().remove(name);
        Ok(())
    }
}

impl InMemory {
    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A system without a keychain.
#[cfg(test)]
pub(crate) struct NoKeychain;

#[cfg(test)]
impl Secrets for NoKeychain {
    fn get(&self, _: &str) -> Result<Option<String>> {
        Err(Error::new(ErrorKind::NoKeychain, "there is no keychain"))
    }

    fn set(&self, _: &str, _: &str) -> Result<()> {
        self.get("").map(drop)
    }

    fn remove(&self, _: &str) -> Result<()> {
        self.get("").map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_keychain_keeps_is_known_and_told_once() {
        let secrets = WhileRunning::over(Arc::new(NoKeychain));
        assert!(secrets.get("disk").is_err() && !secrets.take_news());
        secrets.set("disk", "first").unwrap();
        assert!(secrets.take_news() && !secrets.take_news());
        // As a service that gives another grant with each copy.
        secrets.set("disk", "second").unwrap();
        assert!(!secrets.take_news());
        assert_eq!(secrets.get("disk").unwrap().as_deref(), Some("second"));
    }

    /// A keychain that is locked while it is in use.
    #[derive(Default)]
    struct Locking {
        kept: InMemory,
        is_locked: AtomicBool,
    }

    impl Secrets for Locking {
        fn get(&self, name: &str) -> Result<Option<String>> {
            match self.is_locked.load(Ordering::Relaxed) {
                true => NoKeychain.get(name),
                false => self.kept.get(name),
            }
        }

        fn set(&self, name: &str, secret: &str) -> Result<()> {
            self.get(name)?;
            self.kept.set(name, secret)
        }

        fn remove(&self, name: &str) -> Result<()> {
            self.get(name)?;
            self.kept.remove(name)
        }
    }

    #[test]
    fn what_a_locked_keychain_has_is_replaced_there_or_not_at_all() {
        let keychain = Arc::new(Locking::default());
        let secrets = WhileRunning::over(keychain.clone());
        secrets.set("vault", "old").unwrap();
        keychain.is_locked.store(true, Ordering::Relaxed);
        let refused = secrets.replace("vault", "new").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NoKeychain);
        assert!(!secrets.take_news());
        keychain.is_locked.store(false, Ordering::Relaxed);
        assert_eq!(secrets.get("vault").unwrap().as_deref(), Some("old"));
        // What only memory knows is replaced there.
        let secrets = WhileRunning::over(Arc::new(NoKeychain));
        secrets.set("vault", "old").unwrap();
        secrets.replace("vault", "new").unwrap();
        assert_eq!(secrets.get("vault").unwrap().as_deref(), Some("new"));
    }
}
