//! One row of the review log.

use crate::base::ids::{CardId, RevlogId, Usn};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum RevlogKind {
    #[default]
    Learning = 0,
    Review = 1,
    Relearning = 2,
    /// Early review, or a preview when the factor is 0.
    Filtered = 3,
    /// Set due date, reset.
    Manual = 4,
    Rescheduled = 5,
}

impl RevlogKind {
    #[must_use]
    pub fn from_i64(value: i64) -> Self {
        match value {
            1 => Self::Review,
            2 => Self::Relearning,
            3 => Self::Filtered,
            4 => Self::Manual,
            5 => Self::Rescheduled,
            _ => Self::Learning,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RevlogEntry {
    /// Time of the answer in milliseconds.
    pub id: RevlogId,
    pub card_id: CardId,
    pub usn: Usn,
    /// 1 again, 2 hard, 3 good, 4 easy; 0 manual or rescheduled.
    pub button: u8,
    /// Days if positive, seconds if negative.
    pub interval: i32,
    /// As `interval`.
    pub last_interval: i32,
    /// SM-2: ease × 1000. FSRS: difficulty as 100 to 1100. 0 for learning, previews and resets.
    pub ease_factor: u32,
    pub taken_millis: u32,
    pub kind: RevlogKind,
}

impl RevlogEntry {
    /// Whether the card became new here: answers before it count no more.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        self.kind == RevlogKind::Manual && self.ease_factor == 0
    }
}
