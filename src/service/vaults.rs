//! Copies elsewhere, between faces and the worker: what is asked and what is answered. Done in
//! `serve::vaults`.

use crate::base::Secret;
use crate::base::time::TimestampMillis;
use crate::explain::UserMessage;

pub use crate::backup::drill::Drilled;
pub use crate::backup::vault::book::{Copy, Entry, Failure};
pub use crate::backup::vault::policy::Schedule;

/// A place as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// As `engram-cli vault --to` takes it.
    pub address: String,
    /// Of the account at the server; may be empty.
    pub account: Secret,
    /// Of the vault.
    pub password: Secret,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultRequest {
    /// `VaultEvent::Places`.
    List,
    /// Makes a vault there, or opens the one that is there, and remembers it.
    Add(NewPlace),
    /// Forgets a place; what is there stays.
    Remove {
        address: String,
    },
    /// Saves the profile there now.
    Push {
        address: String,
    },
    /// Reads everything in it.
    Verify {
        address: String,
    },
    /// Restores what was saved there last for a trial.
    Drill {
        address: String,
    },
    SetSchedule {
        address: String,
        schedule: Schedule,
    },
}

/// One place as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub address: String,
    pub entry: Entry,
    /// Something is done with it at this moment.
    pub busy: bool,
    /// When it is saved to by itself; None: when something changes.
    pub next: Option<TimestampMillis>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum VaultEvent {
    Places(Vec<Place>),
    /// It is remembered now.
    Added {
        address: String,
        made: bool,
    },
    NotAdded(UserMessage),
    Pushed {
        address: String,
        asked: bool,
    },
    /// It was restored for a trial, and every row was right.
    Drilled {
        address: String,
        drilled: Drilled,
        /// Somebody waits for it.
        asked: bool,
    },
    /// Empty: nothing is wrong.
    Verified {
        address: String,
        findings: Vec<String>,
    },
}

impl VaultRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::List => "list the copies elsewhere",
            Self::Add(_) => "add the place",
            Self::Remove { .. } => "remove the place",
            Self::Push { .. } => "save to the vault",
            Self::Verify { .. } => "verify the vault",
            Self::Drill { .. } => "restore from the vault for a trial",
            Self::SetSchedule { .. } => "change when it is saved",
        }
    }
}
