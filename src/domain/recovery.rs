//! Taking single notes back from an earlier collection: the ways to do it, and what came of it.

use crate::base::ids::NoteId;
use crate::t;
use serde::{Deserialize, Serialize};

/// How a note comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As another note with new ids and new cards and a tag that says where from. Nothing that
    /// exists is touched.
    #[default]
    New,
    /// What was deleted comes back under its old ids: the note, its cards, their reviews.
    PutBack,
    /// Fields and tags of a note that still exists become what they were.
    Content,
    /// The schedule of cards that still exist becomes what it was; reviews since then stay in
    /// the log.
    Scheduling,
    /// As [`Self::Scheduling`], and what was answered since counts from there, as if it were answered
    /// again.
    Replay,
    /// The files that notes which still exist name come back, nothing else. A file whose name is
    /// taken by another one comes under a new name, and the note names that.
    Media,
}

impl Mode {
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::PutBack,
        Self::Content,
        Self::Scheduling,
        Self::Replay,
        Self::Media,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::New => t!("As new notes"),
            Self::PutBack => t!("Put back what was deleted"),
            Self::Content => t!("Fields and tags only"),
            Self::Scheduling => t!("Schedule only"),
            Self::Replay => t!("Schedule and answers since"),
            Self::Media => t!("Media files only"),
        }
    }

    /// Whether only the schedule comes back.
    #[must_use]
    pub fn is_schedule(self) -> bool {
        matches!(self, Self::Scheduling | Self::Replay)
    }
}

/// Why a note was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skip {
    NotInBackup,
    /// Put back: the note and all its cards are still there.
    NothingMissing,
    /// Put back: its note type has no longer the card types of the cards that are missing.
    NoCardType,
    /// Put back: another note has its identity (its guid).
    GuidTaken,
    /// The note of its id is another one.
    IdTaken,
    /// The backup does not have its note type.
    NoNotetype,
    /// Damaged, here or in the backup.
    Unreadable,
    /// Content, scheduling, media: the note does not exist any more.
    Deleted,
    /// Scheduling: a card is not there any more, and the others are as they were.
    CardGone,
    /// It is as it was.
    Unchanged,
    /// Scheduling: that is as it was, whatever else of the note is not.
    SameSchedule,
    /// The note types have no field of the same name.
    NoCommonField,
    /// Media: the note names its files as they are called here.
    FilesAreThere,
}

impl Skip {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NotInBackup => t!("it is not in the backup"),
            Self::NothingMissing => t!("the note and all its cards are still there"),
            Self::NoCardType => {
                t!("its note type does not have the card types of its lost cards any more")
            }
            Self::GuidTaken => t!("another note stands for it now: it was imported again"),
            Self::IdTaken => t!("another note has its number now: recover it as a new note"),
            Self::NoNotetype => t!("its note type is missing in the backup"),
            Self::Unreadable => t!("it is damaged, here or in the backup"),
            Self::Deleted => t!("it was deleted: put it back instead"),
            Self::CardGone => t!("one of its cards was deleted: put it back instead"),
            Self::Unchanged => t!("it is as it was in the backup"),
            Self::SameSchedule => t!("its schedule is as it was in the backup"),
            Self::FilesAreThere => t!("its files are there, under the names it has for them"),
            Self::NoCommonField => t!("its note type has no field of the same name any more"),
        }
    }
}

/// How many cards fall due: today with what is overdue, and in so many days, today included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Workload {
    pub today: u64,
    pub days_7: u64,
    pub days_30: u64,
}

impl Workload {
    /// One more card, which is due on that day from today.
    pub fn count(&mut self, day: i64) {
        self.today += u64::from(day <= 0);
        self.days_7 += u64::from(day < 7);
        self.days_30 += u64::from(day < 30);
    }
}

/// The workload before schedules come back and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct WorkloadChange {
    pub before: Workload,
    pub after: Workload,
}

/// What a recovery did. Everything here was done in one step that can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// The notes that were added or changed, by their ids now.
    pub notes: Vec<NoteId>,
    /// Cards added or changed.
    pub cards: u64,
    /// Rows of the review log that came back.
    pub revlog: u64,
    /// Cards whose reset counts no more here, and still does on other devices: a sync sends the
    /// schedule, but overwrites no row of the log.
    pub synced_resets: u64,
    /// Cards whose answers since were not given again, because the settings of their deck cannot be
    /// read: they have the schedule of the backup alone.
    pub not_replayed: u64,
    /// Names of note types, decks and presets that had to come along.
    pub notetypes: Vec<String>,
    pub decks: Vec<String>,
    pub presets: Vec<String>,
    /// Names of presets and saved searches that were asked for and are again as they were, and of decks
    /// that were damaged here.
    pub put_back: Vec<String>,
    /// Of the decks, those whose settings are damaged in the backup: they have those of a new deck.
    pub damaged_decks: Vec<String>,
    /// Presets that decks needed and that are damaged in the backup: those decks have the Default one.
    pub damaged_presets: Vec<String>,
    pub skipped: Vec<(NoteId, Skip)>,
}
