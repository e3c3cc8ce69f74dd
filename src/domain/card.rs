//! A card: the scheduling state of one template of one note.

use crate::base::ids::{CardId, DeckId, NoteId, Usn};
use crate::base::time::TimestampSecs;

/// A due number from here on is a moment in epoch seconds, not a day.
pub const FIRST_MOMENT: i64 = 1_000_000_000;
/// Where a card's memory is concerned, Anki takes every due number above this for a moment.
pub const LAST_DAY: i64 = 365_000;
/// Decay of cards that do not say theirs: that of parameters older than FSRS-6.
pub const OLD_DECAY: f32 = 0.5;

/// How far a card has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum CardType {
    #[default]
    New = 0,
    Learn = 1,
    Review = 2,
    Relearn = 3,
}

/// Where a card waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(i8)]
pub enum CardQueue {
    #[default]
    New = 0,
    /// Intraday learning; due is an epoch second.
    Learn = 1,
    /// Due is a day number.
    Review = 2,
    /// Interday learning; due is a day number.
    DayLearn = 3,
    /// In a filtered deck without rescheduling, after a delayed answer; due is an epoch second.
    PreviewRepeat = 4,
    Suspended = -1,
    /// Buried by the scheduler, as a sibling of an answered card.
    SchedBuried = -2,
    UserBuried = -3,
}

impl CardType {
    #[must_use]
    pub fn from_i64(value: i64) -> Option<Self> {
        Some(match value {
            0 => Self::New,
            1 => Self::Learn,
            2 => Self::Review,
            3 => Self::Relearn,
            _ => return None,
        })
    }
}

impl CardQueue {
    #[must_use]
    pub fn from_i64(value: i64) -> Option<Self> {
        Some(match value {
            0 => Self::New,
            1 => Self::Learn,
            2 => Self::Review,
            3 => Self::DayLearn,
            4 => Self::PreviewRepeat,
            -1 => Self::Suspended,
            -2 => Self::SchedBuried,
            -3 => Self::UserBuried,
            _ => return None,
        })
    }
}

/// What FSRS knows of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FsrsMemory {
    /// Days until recall falls to 90 %; 0.001 to 36,500.
    pub stability: f32,
    /// 1 (easy) to 10 (hard).
    pub difficulty: f32,
}

/// One row of `cards`. Units as in the file: see "Columns and units that surprise" in
/// ARCHITECTURE.md.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    pub id: CardId,
    pub note_id: NoteId,
    /// The present deck; the filtered deck while the card is in one.
    pub deck_id: DeckId,
    /// Template ordinal; for cloze note types the cloze number minus one.
    pub template_idx: u16,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    pub ctype: CardType,
    pub queue: CardQueue,
    /// New: position. Learn: epoch seconds. Review and day learning: day number.
    pub due: i32,
    /// Days; 0 for new and learning cards.
    pub interval: u32,
    /// Ease × 1000; 0 for new and learning cards.
    pub ease_factor: u16,
    pub reps: u32,
    pub lapses: u32,
    /// As in the column; see [`Card::steps_left`].
    pub remaining_steps: u32,
    /// Due before the card went to a filtered deck, else 0.
    pub original_due: i32,
    /// Home deck while in a filtered deck, else 0.
    pub original_deck_id: DeckId,
    /// Low three bits: colour flag 0 to 7. The others are kept.
    pub flags: u32,
    /// Position in the new queue before the card left it.
    pub original_position: Option<u32>,
    pub memory_state: Option<FsrsMemory>,
    /// Desired retention used for the last answer, 0 to 1.
    pub desired_retention: Option<f32>,
    /// Forgetting-curve decay, positive.
    pub decay: Option<f32>,
    pub last_review: Option<TimestampSecs>,
    /// JSON object of custom scheduling code, or empty.
    pub custom_data: String,
}

impl Card {
    /// The deck whose preset rules this card.
    #[must_use]
    pub fn home_deck_id(&self) -> DeckId {
        if self.original_deck_id.0 == 0 {
            self.deck_id
        } else {
            self.original_deck_id
        }
    }

    /// Learning steps left, the present one included. Old versions put those left for today in the
    /// thousands, where other programs leave them.
    #[must_use]
    pub fn steps_left(&self) -> u32 {
        self.remaining_steps % 1000
    }

    /// When the card is due at home, in a filtered deck as well. Old schedulers left an original
    /// due on cards that are at home; in a filtered deck 0 says, as in Anki, that there is none.
    #[must_use]
    pub fn home_due(&self) -> i32 {
        if self.is_filtered() && self.original_due != 0 {
            self.original_due
        } else {
            self.due
        }
    }

    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.original_deck_id.0 != 0
    }

    /// Colour flag, 0 (none) to 7.
    #[must_use]
    pub fn flag(&self) -> u8 {
        (self.flags & 7) as u8
    }

    #[must_use]
    pub fn ease(&self) -> f32 {
        f32::from(self.ease_factor) / 1000.0
    }

    /// The queue that the type and due call for, e.g. after unburying. As in Anki, a position in a
    /// filtered deck counts as a day.
    #[must_use]
    pub fn queue_from_type(&self) -> CardQueue {
        match self.ctype {
            CardType::New => CardQueue::New,
            CardType::Review => CardQueue::Review,
            CardType::Learn | CardType::Relearn if i64::from(self.due) > FIRST_MOMENT => {
                CardQueue::Learn
            }
            CardType::Learn | CardType::Relearn => CardQueue::DayLearn,
        }
    }
}
