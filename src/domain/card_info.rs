//! Everything that the card info window tells of a card.

use crate::base::ids::{CardId, NoteId};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::card::FsrsMemory;
use crate::domain::revlog::RevlogKind;

/// See the module header.
#[derive(Debug, Clone, PartialEq)]
pub struct CardInfo {
    pub card: CardId,
    pub note: NoteId,
    pub added: TimestampSecs,
    pub first_review: Option<TimestampSecs>,
    pub latest_review: Option<TimestampSecs>,
    /// None for new cards.
    pub due: Option<TimestampSecs>,
    /// Among the new cards: now, or before it was studied.
    pub position: Option<i64>,
    /// Days; 0 for new and learning cards.
    pub interval: u32,
    /// Ease × 1000; 0 for new and learning cards.
    pub ease: u32,
    pub memory: Option<FsrsMemory>,
    /// Chance of recall now, 0 to 1.
    pub retrievability: Option<f32>,
    /// 0 to 1.
    pub desired_retention: Option<f32>,
    /// Of the forgetting curve, positive.
    pub decay: f32,
    pub reviews: u32,
    pub lapses: u32,
    /// Of all answers; 0 without any.
    pub average_secs: f32,
    pub total_secs: f32,
    /// Name of the template.
    pub card_type: String,
    pub notetype: String,
    /// Where it is now, `A::B`.
    pub deck: String,
    /// Its home, while it is in a filtered deck.
    pub original_deck: Option<String>,
    pub preset: Option<String>,
    /// JSON of custom scheduling code, or empty.
    pub custom_data: String,
    /// Of the preset; empty for the defaults.
    pub fsrs_params: Vec<f32>,
    pub fsrs: bool,
    /// Newest first.
    pub log: Vec<PastAnswer>,
}

/// One row of the review log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastAnswer {
    pub at: TimestampMillis,
    pub kind: RevlogKind,
    /// 1 to 4; 0 when no one answered.
    pub button: u8,
    /// Seconds.
    pub interval: u32,
    /// Seconds.
    pub last_interval: u32,
    /// SM-2: ease × 1000. FSRS: difficulty as 100 to 1100.
    pub ease: u32,
    pub taken_secs: f32,
    /// After this answer, with the preset's present parameters.
    pub memory: Option<FsrsMemory>,
}
