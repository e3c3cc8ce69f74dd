//! Everything that the card info window tells of a card.

use crate::base::ids::{CardId, NoteId};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::card::FsrsMemory;
use crate::domain::revlog::RevlogKind;
use crate::t;

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

/// What gave a card another schedule without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rescheduling {
    /// Set Due Date.
    DueDate,
    Reset,
    /// Options that changed, with Reschedule cards on change.
    Options,
}

impl Rescheduling {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::DueDate => t!("Due date set"),
            Self::Reset => t!("Reset to new"),
            Self::Options => t!("New options"),
        }
    }
}

/// A change of a card's schedule that was no answer: before and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleChange {
    pub at: TimestampMillis,
    pub by: Rescheduling,
    /// Seconds; 0 for new and learning cards.
    pub interval: [u32; 2],
    /// What the log has as ease: [`PastAnswer::ease`]; 0 where it has none.
    pub ease: [u32; 2],
}

impl CardInfo {
    /// What the log knows of changes without an answer, newest first. Anki's too, and those that
    /// came by a sync.
    #[must_use]
    pub fn schedule_changes(&self) -> Vec<ScheduleChange> {
        let rows = self.log.iter().enumerate();
        rows.filter_map(|(n, row)| {
            let by = match row.kind {
                RevlogKind::Manual if row.ease == 0 && row.interval == 0 => Rescheduling::Reset,
                RevlogKind::Manual => Rescheduling::DueDate,
                RevlogKind::Rescheduled => Rescheduling::Options,
                _ => return None,
            };
            let earlier = self.log.get(n + 1);
            Some(ScheduleChange {
                at: row.at,
                by,
                interval: [row.last_interval, row.interval],
                ease: [earlier.map_or(0, |row| row.ease), row.ease],
            })
        })
        .collect()
    }
}

/// "ease 250%", "difficulty 50%": which of the two the log has is known by its size.
#[must_use]
pub fn ease_in_words(ease: u32) -> Option<String> {
    match ease {
        0 => None,
        1..=1100 => Some(t!(
            "difficulty {percent}%",
            percent = ease.saturating_sub(100) / 10
        )),
        _ => Some(t!("ease {percent}%", percent = ease / 10)),
    }
}
