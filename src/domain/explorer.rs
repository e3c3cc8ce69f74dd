//! What the Backup Explorer shows of an earlier collection, as plain values.

use super::notetype_diff::NotetypeDiff;
use super::recovery::Recovered;
use super::sidebar::Sidebar;
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::t;
use std::collections::HashSet;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;

/// How something differs, seen from the earlier collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Only the earlier one has it.
    Deleted,
    /// Both have it, with other content.
    Changed,
    /// Only the present one has it.
    Added,
}

/// Which notes of the backup are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Show {
    /// Deleted since, or with other fields, tags or note type now.
    #[default]
    Changes,
    Deleted,
    /// With another schedule of a card now, or without one of the cards.
    Rescheduled,
    All,
}

/// Which changes since a backup the browser shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinceKinds {
    pub added: bool,
    /// Notes with other fields, tags or note type.
    pub changed: bool,
    /// Cards with another schedule, deck or flag.
    pub rescheduled: bool,
}

/// The notes and cards with such changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Since {
    pub notes: HashSet<NoteId>,
    pub cards: HashSet<CardId>,
}

impl Since {
    /// Whether a row of the browser is one of them.
    #[must_use]
    pub fn has(&self, id: i64, is_note: bool) -> bool {
        if is_note {
            self.notes.contains(&NoteId(id))
        } else {
            self.cards.contains(&CardId(id))
        }
    }
}

/// What is in an opened backup, and how much of it differs from the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub path: PathBuf,
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
    /// Notes deleted or changed since.
    pub changes: u64,
    pub deleted: u64,
    /// Notes that are there, with a card that has another schedule now or is gone.
    pub rescheduled: u64,
    /// Notes that only the collection has.
    pub added: u64,
    /// When the collection of the backup was last changed.
    pub modified: TimestampMillis,
    /// Decks with notes, by name (`A::B`).
    pub decks: Vec<Group>,
    /// Tags of notes.
    pub tags: Vec<Group>,
    /// Note types of notes.
    pub notetypes: Vec<Group>,
    /// Note types that are other ones now, whether notes changed or not.
    pub differing: Vec<NotetypeDiff>,
    /// What searches of it are completed with.
    pub names: Arc<Sidebar>,
    /// What is no note: media files, presets, saved searches, each by name.
    pub items: Arc<[ListedItem]>,
}

/// What a backup has beside notes, and what comes back by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Media(String),
    Preset(DeckConfigId),
    /// A saved search, by name.
    Search(String),
}

/// The sorts of [`Item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    Media,
    Preset,
    Search,
}

impl ItemKind {
    pub const ALL: [Self; 3] = [Self::Media, Self::Preset, Self::Search];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Media => t!("Media files"),
            Self::Preset => t!("Presets"),
            Self::Search => t!("Saved searches"),
        }
    }
}

impl Item {
    #[must_use]
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Media(_) => ItemKind::Media,
            Self::Preset(_) => ItemKind::Preset,
            Self::Search(_) => ItemKind::Search,
        }
    }
}

/// An [`Item`] beside what the collection has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedItem {
    pub item: Item,
    pub name: String,
    /// None: as it is here, or nobody knows. Of a media file its size is looked at.
    pub change: Option<Change>,
    /// What differs.
    pub parts: Vec<Compared>,
    /// Bytes of a media file, where they are known.
    pub size: Option<u64>,
}

impl ListedItem {
    /// Whether it belongs to a list.
    #[must_use]
    pub fn is_in(&self, show: Show) -> bool {
        match show {
            Show::All => true,
            Show::Changes => self.change.is_some(),
            Show::Deleted => self.change == Some(Change::Deleted),
            Show::Rescheduled => false,
        }
    }
}

/// A deck, tag or note type of the side bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub notes: Listed,
}

/// How many notes each list of the backup has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    pub changes: u64,
    pub deleted: u64,
    pub rescheduled: u64,
    pub all: u64,
}

impl Listed {
    #[must_use]
    pub fn in_list(self, show: Show) -> u64 {
        match show {
            Show::Changes => self.changes,
            Show::Deleted => self.deleted,
            Show::Rescheduled => self.rescheduled,
            Show::All => self.all,
        }
    }
}

impl AddAssign for Listed {
    fn add_assign(&mut self, other: Self) {
        self.changes += other.changes;
        self.deleted += other.deleted;
        self.rescheduled += other.rescheduled;
        self.all += other.all;
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: NoteId,
    /// The sort field, as one line of text.
    pub title: String,
    /// The next field that is not empty.
    pub line: String,
}

/// The notes that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub show: Show,
    pub search: String,
    /// None: as it is in the collection.
    pub notes: Vec<(NoteId, Option<Change>)>,
}

/// A note of the backup beside what the collection has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub id: NoteId,
    pub title: String,
    pub change: Option<Change>,
    pub notetype: String,
    /// When it was last changed, in the backup.
    pub modified: TimestampSecs,
    pub deck: DeckId,
    pub deck_name: String,
    /// Those of the backup, then what only the note of now has, and its note type if it has
    /// another one.
    pub fields: Vec<Compared>,
    pub tags: Compared,
    pub cards: Vec<CardCompared>,
    /// How the note type differs from the one of now.
    pub notetype_now: NotetypeNow,
    /// The files that the note names, then or now.
    pub media: Vec<MediaCompared>,
}

/// What became of a note type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NotetypeNow {
    #[default]
    Same,
    /// The collection has none of that id.
    Gone,
    /// The parts that differ: names, fields, templates, styling.
    Changed(Vec<Compared>),
}

/// A media file of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaCompared {
    pub name: String,
    pub state: MediaState,
}

/// A media file then and now, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaState {
    Same,
    /// Another file has the name now.
    Changed,
    /// Only the backup has it.
    Lost,
    /// In the media folder, and not in the backup to compare with.
    Kept,
    /// The note names it only since.
    Added,
    /// The backup's cannot be read.
    Damaged,
    /// Neither the backup nor the media folder has it.
    Missing,
}

impl MediaState {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Same => t!("unchanged"),
            Self::Changed => t!("another file now"),
            Self::Lost => t!("only in the backup"),
            Self::Kept => t!("in your collection"),
            Self::Added => t!("added since"),
            Self::Damaged => t!("damaged in the backup"),
            Self::Missing => t!("missing"),
        }
    }
}

/// A field as text: in the backup and now (None: it is not there).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub name: String,
    pub was: String,
    pub is: Option<String>,
}

/// The schedule of a card: in the backup and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCompared {
    pub id: CardId,
    pub name: String,
    pub was: String,
    /// None: the card is not there.
    pub is: Option<String>,
    /// Reviews in the log since the backup.
    pub reviews_since: u64,
    /// Due date, ease, memory, deck and the like, where they differ.
    pub facts: Vec<Compared>,
}

/// What a recovery from the Explorer did, media included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredFrom {
    pub done: Recovered,
    pub media_added: usize,
    /// Wanted, and neither in the media folder nor in the package, or damaged there.
    pub media_missing: Vec<String>,
    /// Ticked by themselves, and their names belong to other files now: what they are called here.
    pub media_renamed: Vec<String>,
    /// Ticked by themselves; templates may share the files that have their names here, which stay.
    pub media_left: Vec<String>,
}
