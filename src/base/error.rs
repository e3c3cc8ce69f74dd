//! The one error type that crosses layers: a kind to act on, what failed, the path last.
//! Words for people are made in `explain`.

use crate::mark;
use std::path::{Path, PathBuf};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can act on. Add a variant when somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The user cancelled; never shown or logged as an error.
    Interrupted,
    NotFound,
    /// The caller gave something that cannot be done (a name, a search, a number).
    InvalidInput,
    /// A file that is damaged or not what it claims to be.
    Corrupt,
    /// Rows of a collection that do not fit together; Check Database mends them.
    Inconsistent,
    /// Made by a version older than any we read.
    TooOld,
    /// Made by a version newer than any we read.
    TooNew,
    /// Refused although readable: unsafe names, beyond a limit of `base::limits`.
    Refused,
    /// Something else has this name or place already; it stays as it is.
    Taken,
    /// In use by another process.
    Locked,
    DiskFull,
    /// Read-only folder or medium, or no permission.
    PermissionDenied,
    Io,
    /// A passphrase or key that does not fit.
    WrongPassword,
    /// No answer from another machine.
    Network,
    /// Another machine answered that it cannot do this.
    Server,
    /// Another machine wants the user to sign in, or to sign in again.
    SignedOut,
    /// The system's keychain cannot be used: there is none, or it stays locked.
    NoKeychain,
    /// The thing changed between being shown and being acted upon.
    Conflict,
    /// Not possible in the present state (no collection open, a job has it).
    Unavailable,
    /// A mistake of ours.
    Bug,
}

/// See the module header.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    what: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// `what` is a short clause in plain words, without the path and without a final period.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            path: None,
            source: None,
        }))
    }

    /// The user cancelled.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, mark!("cancelled"))
    }

    #[must_use]
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, what)
    }

    #[must_use]
    pub fn inconsistent(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Inconsistent, what)
    }

    #[must_use]
    pub fn invalid(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, what)
    }

    #[must_use]
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, what)
    }

    #[must_use]
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, what)
    }

    /// Names the file; the innermost name wins.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        if self.0.path.is_none() {
            self.0.path = Some(path.as_ref().to_owned());
        }
        self
    }

    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.kind() == ErrorKind::Interrupted
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.what)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {source}")?;
        }
        if let Some(path) = &self.0.path {
            write!(f, ": {}", path.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| &**e as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        // An `Error` that travelled through a reader or writer comes back out unchanged.
        if e.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            if let Some(Ok(inner)) = e.into_inner().map(|b| b.downcast::<Self>()) {
                return *inner;
            }
            return Self::bug("lost error");
        }
        let (kind, what) = match e.kind() {
            Io::NotFound => (ErrorKind::NotFound, mark!("file or folder not found")),
            Io::PermissionDenied => (ErrorKind::PermissionDenied, mark!("no permission")),
            Io::ReadOnlyFilesystem => (
                ErrorKind::PermissionDenied,
                mark!("the folder is read-only"),
            ),
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => {
                (ErrorKind::DiskFull, mark!("the disk is full"))
            }
            Io::NotADirectory => (
                ErrorKind::InvalidInput,
                mark!("this is a file, not a folder"),
            ),
            Io::IsADirectory => (
                ErrorKind::InvalidInput,
                mark!("this is a folder, not a file"),
            ),
            Io::UnexpectedEof => (ErrorKind::Corrupt, mark!("the file ends too early")),
            Io::InvalidData => (ErrorKind::Corrupt, mark!("the file is damaged")),
            _ => (ErrorKind::Io, mark!("reading or writing failed")),
        };
        Self::new(kind, what).because(e)
    }
}

impl From<Error> for std::io::Error {
    fn from(e: Error) -> Self {
        std::io::Error::other(e)
    }
}

/// Characters of [`foreign_words`].
const MOST_FOREIGN: usize = 500;

/// What a server or another program says, to stand among our words: one line, of a length that fits,
/// with nothing in it that a terminal takes for a command.
#[must_use]
pub fn foreign_words(said: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let words: String = said.trim().chars().take(MOST_FOREIGN).map(plain).collect();
    words.trim_end().to_owned()
}

/// Names the file that an IO result is about.
pub trait AtPath<T> {
    /// As [`Error::at`].
    fn at(self, path: impl AsRef<Path>) -> Result<T>;
}

impl<T, E: Into<Error>> AtPath<T> for std::result::Result<T, E> {
    fn at(self, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|e| e.into().at(path))
    }
}
