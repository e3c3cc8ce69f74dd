//! Note history and trash, between faces and the worker: what is asked and what is answered. Done
//! in `serve::history`.

use crate::base::ids::NoteId;
use crate::domain::history::{HistorySpace, InBackups, NoteHistory, Older, Trashed};
use crate::domain::subject::{Subject, SubjectHistory, TrashedSubject};
use crate::t;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryRequest {
    /// Former versions of a note.
    Load(NoteId),
    /// Makes a version of the note the present one, or adds it as another note.
    Restore {
        note: NoteId,
        version: i64,
        as_copy: bool,
    },
    /// Makes one line of a version, a field or the tags, the present one.
    RestoreLine {
        note: NoteId,
        version: i64,
        line: usize,
    },
    /// Forgets the versions of a note for good.
    Purge(NoteId),
    /// Looks for the note in all backups of the profile and keeps what the history lacks.
    FindInBackups(NoteId),
    /// What was deleted and can be put back, as far as it has the words of a search.
    Trash(String),
    /// Puts deleted decks, presets and note types back, by their versions.
    PutBackSubjects(Vec<i64>),
    /// Puts deleted notes back, by their versions.
    PutBack(Vec<i64>),
    /// Former versions of a deck, preset or note type.
    LoadSubject(Subject),
    /// Makes one of them the present one.
    RestoreSubject { subject: Subject, version: i64 },
    /// What the history takes.
    Space,
    /// How much is older than so many days.
    Older(u32),
    /// Forgets what is older than so many days for good.
    PurgeOlder(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryEvent {
    Loaded(Box<NoteHistory>),
    Trash(Trash),
    /// What the backups have, and how many versions were new; `Loaded` comes next.
    InBackups(Box<InBackups>, usize),
    /// The backups could not be searched.
    NotFound(NoteId),
    Subject(Box<SubjectHistory>),
    Space(HistorySpace),
    Older {
        days: u32,
        found: Older,
    },
    /// So many versions were forgotten for good.
    Purged(usize),
}

/// What was deleted and can be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trash {
    /// The words that all of it has.
    pub search: String,
    pub notes: Vec<Trashed>,
    pub subjects: Vec<TrashedSubject>,
}

impl HistoryRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Load(_) => t!("show the history of the note"),
            Self::LoadSubject(_) => t!("show the history"),
            Self::Restore { .. } | Self::RestoreLine { .. } | Self::RestoreSubject { .. } => {
                t!("restore the version")
            }
            Self::Purge(_) => t!("forget the versions of the note"),
            Self::FindInBackups(_) => t!("look for the note in the backups"),
            Self::Trash(_) => t!("list what was deleted"),
            Self::PutBackSubjects(_) => t!("put back what was deleted"),
            Self::PutBack(_) => t!("put the notes back"),
            Self::Space | Self::Older(_) => t!("look at the size of the history"),
            Self::PurgeOlder(_) => t!("delete the older history"),
        }
    }
}
