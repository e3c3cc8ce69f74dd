//! Errors for people, made in one place: what happened, why, what to do. Used by the window and
//! the command line, so that both say the same.

use crate::base::error::{Error, ErrorKind};

/// Four short texts; no final period in `what`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserMessage {
    /// What failed, as a title.
    pub what: String,
    /// Why.
    pub cause: String,
    /// What to do.
    pub remedy: String,
    /// For Copy details.
    pub details: String,
}

const CANCELLED: &str = "It was cancelled.";

impl UserMessage {
    /// Nothing failed: somebody stopped it.
    #[must_use]
    pub fn is_cancel(&self) -> bool {
        self.cause == CANCELLED
    }
}

/// What could be undone before cannot be any more.
pub const HISTORY_OF_ANOTHER_STATE: &str = "Earlier changes cannot be undone any more: \
    the collection was changed since, by an import, another program or a crash";
/// As above, for another reason.
pub const HISTORY_UNREADABLE: &str = "Earlier changes cannot be undone any more: \
    the file that kept them is damaged";

/// `doing` completes "Could not …", e.g. "create the backup".
#[must_use]
pub fn explain(doing: &str, error: &Error) -> UserMessage {
    let (cause, remedy) = cause_and_remedy(error);
    UserMessage {
        what: format!("Could not {doing}"),
        cause,
        remedy: remedy.to_owned(),
        details: format!("{:?}: {error}", error.kind()),
    }
}

fn cause_and_remedy(error: &Error) -> (String, &'static str) {
    let what = sentence(error.what());
    match error.kind() {
        ErrorKind::Interrupted => (CANCELLED.into(), "Nothing was changed."),
        ErrorKind::NotFound if error.path().is_some() => {
            (what, "Check that the file or folder is still there.")
        }
        ErrorKind::NotFound => (what, "It may have another name, or be gone; look again."),
        ErrorKind::InvalidInput => (what, "Change it and try again."),
        ErrorKind::Corrupt => (
            what,
            "Nothing was changed. Use another copy of the file, or restore a backup.",
        ),
        ErrorKind::TooOld => (
            what,
            "Open it once in Anki 2.1.50 or later, then open it here.",
        ),
        ErrorKind::TooNew => (what, "Install a newer version of Engram to open it."),
        ErrorKind::Refused => (
            what,
            "Nothing was changed. If you trust the file, ask its author for a clean copy.",
        ),
        ErrorKind::Locked => (
            what,
            "Close the other program (Anki or another Engram window) and try again.",
        ),
        ErrorKind::DiskFull => (
            what,
            "Free some space and try again. What was there before is untouched.",
        ),
        ErrorKind::PermissionDenied => {
            (what, "Choose another folder, or allow writing to this one.")
        }
        ErrorKind::Io => (what, "Check the disk and try again."),
        ErrorKind::WrongPassword => (what, "Nothing was changed. Try again with the right one."),
        ErrorKind::Network => (
            what,
            "Check the connection and the address, and try again. Nothing was lost.",
        ),
        ErrorKind::Server => (
            what,
            "Nothing was lost. If it happens again, ask whoever runs the server.",
        ),
        ErrorKind::SignedOut => (what, "Sign in again. Nothing was lost."),
        ErrorKind::Conflict => (what, "Look at it as it is now, and try again."),
        ErrorKind::Unavailable => (what, "Try again when that has finished."),
        ErrorKind::Bug => (
            what,
            "This is a mistake in Engram. Copy the details and report it.",
        ),
    }
}

/// Something that was not as it should be, though nothing failed: one sentence.
#[must_use]
pub fn told(warning: &Error) -> String {
    sentence(warning.what())
}

fn sentence(what: &str) -> String {
    let what = crate::base::lang::known(what);
    let mut chars = what.chars();
    let mut text: String = chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default();
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}
