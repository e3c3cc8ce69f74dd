//! Why a request is not done: the status that says so, and for whoever runs the server the reason.

use crate::base::{Error, ErrorKind};
use serde::de::DeserializeOwned;
use std::io;

/// See the module header.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// For the log; None where the client alone is to blame.
    pub(super) reason: Option<Error>,
}

impl Refusal {
    pub(super) const BAD_REQUEST: Self = Self::of(400);
    /// Not logged in, or with another password.
    pub(super) const FORBIDDEN: Self = Self::of(403);
    /// Another session took this one's place.
    pub(super) const CONFLICT: Self = Self::of(409);
    pub(super) const TOO_LARGE: Self = Self::of(413);

    pub(super) const fn of(status: u16) -> Self {
        Self {
            status,
            reason: None,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Server
            | ErrorKind::Conflict
            | ErrorKind::Inconsistent
            | ErrorKind::InvalidInput
            | ErrorKind::Refused
            | ErrorKind::Taken => 400,
            ErrorKind::Locked | ErrorKind::Unavailable => 503,
            _ => 500,
        };
        Self {
            status,
            reason: Some(error),
        }
    }
}

impl From<io::Error> for Refusal {
    /// Of a body that is read.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Self::TOO_LARGE,
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem => Self::from(Error::from(error)),
            _ => Self::BAD_REQUEST,
        }
    }
}

/// Reads the JSON that a client sent.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::BAD_REQUEST)
}
