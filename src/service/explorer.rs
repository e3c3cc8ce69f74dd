//! The Backup Explorer, between faces and the worker: what is asked and what is answered. Done in
//! `serve::explorer`.

use crate::base::ids::NoteId;
use crate::domain::explorer::{Detail, Listing, Opened, RecoveredFrom, Row, Show};
use crate::domain::recovery::Mode;
use crate::explain::UserMessage;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExplorerRequest {
    /// Unpacks and checks a backup and compares it with the open collection. Takes the place of
    /// the one that was open.
    Open { path: PathBuf },
    /// Which notes to show.
    List { show: Show, search: String },
    /// The lines of some of them.
    Rows { notes: Vec<NoteId> },
    /// One note beside what the collection has of it.
    Detail { note: NoteId },
    /// Brings notes back; `media`: with the files that they name.
    Recover {
        notes: Vec<NoteId>,
        mode: Mode,
        media: bool,
    },
    /// The unpacked copy goes away.
    Close,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExplorerEvent {
    Opened(Box<Opened>),
    /// It could not be opened.
    NotOpened(UserMessage),
    Listed(Box<Listing>),
    Rows(Vec<Row>),
    Detail(Box<Detail>),
    /// The comparison was made again: `Opened` comes next.
    Recovered(Box<RecoveredFrom>),
}

impl ExplorerRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open the backup",
            Self::List { .. } => "search the backup",
            Self::Rows { .. } | Self::Detail { .. } => "show the notes of the backup",
            Self::Recover { .. } => "recover the notes",
            Self::Close => "close the backup",
        }
    }
}
