//! Copies elsewhere, between faces and the worker: what is asked and what is answered. Done in
//! `serve::vaults`.

use crate::base::Secret;
use crate::base::time::TimestampMillis;
use crate::explain::UserMessage;
use crate::t;
use std::path::PathBuf;

pub use crate::backup::drill::Drilled;
pub use crate::backup::vault::Snapshot;
pub use crate::backup::vault::book::{Copy, Entry, Failure};
pub use crate::backup::vault::policy::{Hold, Schedule};
pub use crate::backup::vault::retention::{Keep, Retention, Why};
pub use crate::backup::vault::tidy::{Deletable, Tidied};
pub use crate::backup::vault::{Cloud, Destination};

/// A place as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// As `engram-cli vault --to` takes it.
    pub address: String,
    /// Of the account at the server, or what a sign-in gave; may be empty.
    pub account: Secret,
    /// Of the vault.
    pub password: Secret,
}

/// Which vault is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One in the list of the open profile: the keychain has its passwords.
    Known {
        address: String,
    },
    Typed(NewPlace),
}

/// What a snapshot is restored to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A profile that is made.
    New { name: String },
    /// In the place of what is there, which is saved first; can be undone.
    Over { profile: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultRequest {
    /// `VaultEvent::Looked`; needs no profile.
    Look(Source),
    /// Restores a snapshot; needs no open profile.
    Restore {
        source: Source,
        snapshot: Box<Snapshot>,
        target: Target,
    },
    /// Fetches the collection in a snapshot, to be shown by the Backup Explorer:
    /// `VaultEvent::Fetched`.
    Fetch {
        source: Source,
        snapshot: Box<Snapshot>,
    },
    /// `VaultEvent::Places`.
    List,
    /// Makes a vault there, or opens the one that is there, and remembers it; opens one that is in the
    /// list already, and remembers its passwords anew.
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
    /// What stays there from the next copy on.
    SetRetention {
        address: String,
        retention: Retention,
    },
    /// What would stay there now: `VaultEvent::WouldStay` or `NotLooked`.
    PreviewThinning {
        address: String,
        retention: Retention,
    },
    /// What can be deleted there by hand: `VaultEvent::Deletable` or `NotLooked`.
    LookAtEach {
        address: String,
    },
    /// Deletes these snapshots, all or none: `VaultEvent::Forgotten`.
    Forget {
        address: String,
        /// Their ids.
        snapshots: Vec<String>,
    },
    /// Writes a page to print, from which everything can be got back: `VaultEvent::SheetWritten`.
    RecoverySheet {
        address: String,
        out: PathBuf,
        with_password: bool,
    },
    /// From then on `new` opens the vault there: `VaultEvent::PasswordChanged`.
    ChangePassword {
        address: String,
        new: Secret,
    },
    /// Waits for the user's browser: `VaultEvent::SignInAt`, then `SignedIn` or `NotSignedIn`.
    SignIn(SignInAsked),
    /// Waits no longer for the sign-in of this number. It ends as `NotSignedIn`, or as `SignedIn`
    /// when the browser said already that it worked.
    CancelSignIn {
        number: u64,
    },
}

/// Where to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAsked {
    /// No other one has it: its events bear it too.
    pub number: u64,
    pub address: String,
    /// Some services give one; may be empty, and is known already when signing in again.
    pub client_secret: Secret,
    /// The place is in the list: what the sign-in gives is kept.
    pub again: bool,
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
    /// It is due and waits for this to pass.
    pub hold: Option<Hold>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum VaultEvent {
    /// The snapshots of all profiles in it, newest first.
    Looked(Vec<Snapshot>),
    NotLooked(UserMessage),
    /// It is at `path` until the profile is closed or another one is fetched.
    Fetched {
        path: PathBuf,
    },
    /// A new profile was made of a snapshot.
    Restored {
        profile: String,
        notes: u64,
        cards: u64,
    },
    /// With what was asked about.
    WouldStay(Box<Tidied>),
    Deletable {
        address: String,
        /// Newest first.
        snapshots: Vec<Deletable>,
    },
    /// So many snapshots were deleted.
    Forgotten {
        snapshots: u64,
    },
    /// With the password on it or without.
    SheetWritten {
        out: PathBuf,
        with_password: bool,
    },
    /// Some: why the old one still opens the vault.
    PasswordChanged {
        old_opens: Option<String>,
    },
    Places(Vec<Place>),
    /// It is remembered now.
    Added {
        address: String,
        made: bool,
    },
    NotAdded(UserMessage),
    /// The page that the user's browser is to open.
    SignInAt {
        number: u64,
        page: String,
    },
    SignedIn {
        number: u64,
        /// The account of a place that is added.
        grant: Secret,
        /// The place is in the list, and what the sign-in gave is kept.
        again: bool,
    },
    NotSignedIn {
        number: u64,
        message: UserMessage,
    },
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
    Verified {
        address: String,
        /// Empty: nothing is wrong.
        findings: Vec<String>,
        /// Damaged files there that no snapshot needs.
        spare: u64,
    },
}

impl VaultRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Look(_) => t!("open the vault"),
            Self::Restore { .. } => t!("restore from the vault"),
            Self::Fetch { .. } => t!("open the snapshot"),
            Self::List => t!("list the copies elsewhere"),
            Self::Add(_) => t!("add the place"),
            Self::Remove { .. } => t!("remove the place"),
            Self::Push { .. } => t!("save to the vault"),
            Self::Verify { .. } => t!("verify the vault"),
            Self::Drill { .. } => t!("restore from the vault for a trial"),
            Self::SetSchedule { .. } => t!("change when it is saved"),
            Self::RecoverySheet { .. } => t!("write the recovery sheet"),
            Self::ChangePassword { .. } => t!("change the password of the vault"),
            Self::SetRetention { .. } => t!("change what stays there"),
            Self::PreviewThinning { .. } => t!("look what would stay in the vault"),
            Self::LookAtEach { .. } => t!("look at the snapshots"),
            Self::Forget { .. } => t!("delete the snapshots"),
            Self::SignIn(_) | Self::CancelSignIn { .. } => t!("sign in"),
        }
    }
}
