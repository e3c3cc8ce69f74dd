//! The Backup Explorer, between faces and the worker: what is asked and what is answered. Done in
//! `serve::explorer`.

use crate::base::ids::{CardId, NoteId};
use crate::domain::explorer::{Detail, Item, Listing, Opened, RecoveredFrom, Row, Show};
use crate::domain::recovery::{Mode, WorkloadChange};
use crate::explain::UserMessage;
use crate::service::browse::CardPreview;
use crate::t;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

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
    /// Both sides of a card of the backup.
    Card { card: CardId },
    /// How many cards are due, and would be if these notes came back so. The number comes back with the
    /// answer.
    Workload {
        number: u64,
        modes: BTreeMap<NoteId, Mode>,
    },
    /// Brings notes back; `media`: with the files that they name.
    Recover {
        notes: Vec<NoteId>,
        mode: Mode,
        /// Those that come back another way.
        modes: BTreeMap<NoteId, Mode>,
        media: bool,
        /// What comes back by itself, in the same step.
        items: Vec<Item>,
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
    /// A card of the backup.
    Card(Arc<BackupCard>),
    /// Why it cannot be shown.
    NoCard {
        card: CardId,
        message: UserMessage,
    },
    Workload {
        number: u64,
        load: WorkloadChange,
    },
    /// The comparison was made again: `Opened` comes next.
    Recovered(Box<RecoveredFrom>),
}

/// Both sides of a card of the backup, and where the files are that they name.
#[derive(Debug, Clone, PartialEq)]
pub struct BackupCard {
    pub sides: CardPreview,
    pub media: PathBuf,
    /// The backup is without media: what is shown is what the collection has now.
    pub media_of_now: bool,
}

impl ExplorerRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Open { .. } => t!("open the backup"),
            Self::List { .. } => t!("search the backup"),
            Self::Rows { .. } | Self::Detail { .. } => t!("show the notes of the backup"),
            Self::Card { .. } => t!("show the card"),
            Self::Workload { .. } => t!("count what would be due"),
            Self::Recover { .. } => t!("recover the notes"),
            Self::Close => t!("close the backup"),
        }
    }
}
