//! The backup by mail, between faces and the worker: what is asked and what is answered. Done in
//! `serve::mail`.

use crate::base::Secret;
use crate::explain::UserMessage;
use crate::t;

pub use crate::backup::mail::{MailSettings, MailState};
pub use crate::net::smtp::Security;

/// Everything that is typed to set mail up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    pub settings: MailSettings,
    /// Of the mail server; None: the one that is kept stays.
    pub server_password: Option<Secret>,
    /// What encrypts the backup; None: the one that is kept stays.
    pub backup_password: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailRequest {
    /// `MailEvent::State`.
    Get,
    /// Keeps the passwords, sends a mail that only says that mail arrives, and keeps the settings
    /// when it was taken.
    SetUp(Box<NewMail>),
    /// Sends none by itself, or begins again; how often stays.
    Pause(bool),
    /// Forgets server, addresses and passwords.
    Remove,
    /// Packs, encrypts and sends the collection now.
    Send,
}

/// How mail stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    pub settings: MailSettings,
    pub state: MailState,
    /// A mail is being made or sent.
    pub busy: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MailEvent {
    /// None: not set up.
    State(Option<Box<Mailing>>),
    /// The test mail was taken by the server, and the settings are kept.
    SetUp,
    NotSetUp(UserMessage),
    /// A mail that was asked for was taken by the server.
    Sent {
        to: Vec<String>,
    },
}

impl MailRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Get => t!("look at the backups by mail"),
            Self::SetUp(_) => t!("set up backups by mail"),
            Self::Pause(_) => t!("change when mail is sent"),
            Self::Remove => t!("end the backups by mail"),
            Self::Send => t!("send the backup by mail"),
        }
    }
}
