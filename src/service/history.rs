//! Note history and trash, between faces and the worker: what is asked and what is answered. Done
//! in `serve::history`.

use crate::base::ids::NoteId;
use crate::domain::history::{HistorySpace, InBackups, NoteHistory, Older, Trashed};
use crate::domain::subject::{Subject, SubjectHistory, TrashedSubject};

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
    /// Forgets the versions of a note for good.
    Purge(NoteId),
    /// Looks for the note in all backups of the profile and keeps what the history lacks.
    FindInBackups(NoteId),
    /// What was deleted and can be put back.
    Trash,
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
    Trash(Vec<Trashed>, Vec<TrashedSubject>),
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

impl HistoryRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Load(_) => "show the history of the note",
            Self::LoadSubject(_) => "show the history",
            Self::Restore { .. } | Self::RestoreSubject { .. } => "restore the version",
            Self::Purge(_) => "forget the versions of the note",
            Self::FindInBackups(_) => "look for the note in the backups",
            Self::Trash => "list what was deleted",
            Self::PutBackSubjects(_) => "put back what was deleted",
            Self::PutBack(_) => "put the notes back",
            Self::Space | Self::Older(_) => "look at the size of the history",
            Self::PurgeOlder(_) => "delete the older history",
        }
    }
}
