//! Errors for people, made in one place: what happened, why, what to do. Used by the window and
//! the command line, so that both say the same.

use crate::base::error::{Error, ErrorKind};
use crate::base::lang;
use crate::{mark, t};

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
    /// `cause` in English, for files; `lang::known_sentence` translates it.
    pub kept: String,
}

const CANCELLED: &str = mark!("It was cancelled.");

impl UserMessage {
    /// Nothing failed: somebody stopped it.
    #[must_use]
    pub fn is_cancel(&self) -> bool {
        self.cause == lang::say(CANCELLED)
    }

    /// What failed and why, for one line.
    #[must_use]
    pub fn in_short(&self) -> String {
        format!("{}. {}", self.what, self.cause)
    }

    /// Why, and what to do: where it is plain what failed.
    #[must_use]
    pub fn why(&self) -> String {
        format!("{} {}", self.cause, self.remedy)
            .trim_end()
            .to_owned()
    }

    /// What failed, why, and what to do.
    #[must_use]
    pub fn in_full(&self) -> String {
        format!("{}. {}", self.what, self.why())
            .trim_end()
            .to_owned()
    }
}

/// What could be undone before cannot be any more; `lang::say` translates it.
pub const HISTORY_OF_ANOTHER_STATE: &str = mark!(
    "Earlier changes cannot be undone any more: \
    the collection was changed since, by a sync, an import, another program or a crash"
);
/// As above, for another reason.
pub const HISTORY_UNREADABLE: &str = mark!(
    "Earlier changes cannot be undone any more: \
    the file that kept them is damaged"
);

/// `doing` completes "Could not …", e.g. "create the backup", in the language of the window: there
/// it is what one wants to do, so that a sentence of any language can end with it.
#[must_use]
pub fn explain(doing: &str, error: &Error) -> UserMessage {
    let (cause, remedy) = cause_and_remedy(error);
    let kept = match error.kind() {
        ErrorKind::Interrupted => CANCELLED.to_owned(),
        _ => finished(error.what()),
    };
    let remedy = match (error.kind(), error.path()) {
        // Which one it is stands nowhere else in the window.
        (ErrorKind::PermissionDenied, Some(path)) => t!(
            "Choose another place, or allow writing to {path}",
            path = path.display()
        ),
        _ => remedy.to_owned(),
    };
    UserMessage {
        what: t!("Could not {doing}", doing),
        cause,
        remedy,
        details: format!("{:?}: {error}", error.kind()),
        kept,
    }
}

/// As [`explain`], of something in a backup: mending the collection that is open does not mend it.
#[must_use]
pub fn explain_of_backup(doing: &str, error: &Error) -> UserMessage {
    let mut message = explain(doing, error);
    if error.kind() == ErrorKind::Inconsistent {
        message.remedy = t!(
            "The backup has it like this; another one may have it whole. If this one is restored, \
             Tools > Check Database mends it then."
        )
        .to_owned();
    }
    message
}

fn cause_and_remedy(error: &Error) -> (String, &'static str) {
    let what = sentence(error.what());
    match error.kind() {
        ErrorKind::Interrupted => (lang::say(CANCELLED).into(), t!("Nothing was changed.")),
        ErrorKind::NotFound if error.path().is_some() => {
            (what, t!("Check that the file or folder is still there."))
        }
        ErrorKind::NotFound => (
            what,
            t!("It may have another name, or be gone; look again."),
        ),
        ErrorKind::InvalidInput => (what, t!("Change it and try again.")),
        ErrorKind::Corrupt => (
            what,
            t!("Nothing was changed. Use another copy of the file, or restore a backup."),
        ),
        ErrorKind::Inconsistent => (
            what,
            t!("Use Tools > Check Database, which makes a backup first."),
        ),
        ErrorKind::TooOld => (
            what,
            t!("Open it once in Anki 2.1.50 or later, then open it here."),
        ),
        ErrorKind::TooNew => (what, t!("Install a newer version of Engram to open it.")),
        ErrorKind::Refused => (
            what,
            t!("Nothing was changed. If you trust the file, ask its author for a clean copy."),
        ),
        ErrorKind::Taken => (
            what,
            t!("Nothing was changed. Choose another place, or move what is there out of the way."),
        ),
        ErrorKind::Locked => (
            what,
            t!("Close the other program (Anki or another Engram window) and try again."),
        ),
        ErrorKind::DiskFull => (
            what,
            t!("Free some space and try again. What was there before is untouched."),
        ),
        ErrorKind::PermissionDenied => (
            what,
            t!("Check the account and its password, or allow writing there."),
        ),
        ErrorKind::Io => (what, t!("Check the disk and try again.")),
        ErrorKind::WrongPassword => (
            what,
            t!("Nothing was changed. Try again with the right one."),
        ),
        ErrorKind::Network => (
            what,
            t!("Check the connection and the address, and try again. Nothing was lost."),
        ),
        ErrorKind::Server => (
            what,
            t!("Nothing was lost. If it happens again, ask whoever runs the server."),
        ),
        ErrorKind::SignedOut => (what, t!("Sign in again. Nothing was lost.")),
        ErrorKind::Conflict => (what, t!("Look at it as it is now, and try again.")),
        ErrorKind::NoKeychain => (
            what,
            t!(
                "Unlock the system’s keychain, or install one (on Linux GNOME Keyring or KWallet), \
                 and try again."
            ),
        ),
        ErrorKind::Unavailable => (what, t!("Try again when that has finished.")),
        ErrorKind::Bug => (
            what,
            t!("This is a mistake in Engram. Copy the details and report it."),
        ),
    }
}

/// Something that was not as it should be, though nothing failed: one sentence.
#[must_use]
pub fn told(warning: &Error) -> String {
    sentence(warning.what())
}

fn sentence(what: &str) -> String {
    finished(&lang::known(what))
}

fn finished(what: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_may_not_be_written_is_named() {
        let refused = || Error::new(ErrorKind::PermissionDenied, "no permission");
        let folder = refused().at(Path::new("/srv/cards"));
        let said = explain("create the profile", &folder).remedy;
        assert!(said.contains("/srv/cards"), "{said}");
        let account = explain("send the mail", &refused()).remedy;
        assert!(account.contains("account"), "{account}");
    }
}
