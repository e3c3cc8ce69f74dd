//! The vault: an encrypted, deduplicated store of collection and media in the format of restic, on
//! another disk or machine. What is put there goes in as a snapshot: only what is new is sent, and
//! the standard `restic` command can list, check and restore it.
//!
//! `repo` alone names the crate that knows the format, `destinations` alone the one that knows the
//! services. Between them: `backend` (retries, cancel, the first failure is kept), `source` (what
//! goes in), `lock` (one writer), `newest` (which snapshot is meant). `push`, `restore`, `media`,
//! `drill`, `tidy` and `sheet` are what users do; `policy` says when (`machine` what it may wait
//! for), `retention` what stays, and `book` remembers the places of a profile and how each stands.

mod backend;
pub mod book;
pub mod destinations;
pub mod drill;
mod lock;
pub mod machine;
pub mod media;
mod newest;
pub mod policy;
pub mod push;
mod repo;
pub mod restore;
pub mod retention;
pub mod sheet;
mod source;
pub mod tidy;
mod watch;

pub use destinations::{Account, Cloud, Destination};
pub use repo::{Findings, Listing, Opened, Repo as Vault, Snapshot};
pub use watch::Patience;

use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::base::{Result, Secret};
use crate::net::Transport;
use crate::net::oauth::Keep;
use crate::t;
use std::sync::Arc;

/// What every operation needs.
#[derive(Clone)]
pub struct Setting {
    pub destination: Destination,
    /// Of the account at the service, where it asks for one.
    pub account: Account,
    /// Where a sign-in that the service renewed is put.
    pub keep: Option<Keep>,
    /// Opens the vault itself.
    pub password: Secret,
    /// What opened vaults before.
    pub opened: Opened,
    pub net: Arc<dyn Transport>,
    pub clock: Clock,
    pub progress: Progress,
    pub patience: Patience,
}

impl Setting {
    /// Makes a new vault where there is none.
    pub fn init(&self) -> Result<Vault> {
        self.progress.stage(t!("Making the vault"), 0)?;
        Vault::init(self)
    }

    /// Opens the vault.
    ///
    /// # Errors
    /// `NotFound` when there is none or its disk is away, `WrongPassword`, `Corrupt`, `Network`.
    pub fn open(&self) -> Result<Vault> {
        self.progress.stage(t!("Opening the vault"), 0)?;
        Vault::open(self)
    }

    /// The same, with another password.
    #[must_use]
    pub fn with_password(&self, password: &Secret) -> Self {
        Self {
            password: password.clone(),
            ..self.clone()
        }
    }

    /// A vault in a folder, for tests of this module.
    #[cfg(test)]
    fn of_folder(to: &std::path::Path, password: &str, opened: &Opened) -> Self {
        Self {
            destination: to.to_str().unwrap().parse().unwrap(),
            account: None,
            keep: None,
            password: Secret::new(password),
            opened: opened.clone(),
            net: Arc::new(crate::net::Http::new()),
            clock: Clock::System,
            progress: Progress::new(),
            patience: Patience::default(),
        }
    }
}
