//! What the study screens show: ratings, counts, the finished screen.

use crate::domain::card::CardQueue;
use crate::t;
use serde::{Deserialize, Serialize};

/// The four answer buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Rating {
    Again = 1,
    Hard = 2,
    Good = 3,
    Easy = 4,
}

impl Rating {
    pub const ALL: [Self; 4] = [Self::Again, Self::Hard, Self::Good, Self::Easy];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Again => t!("Again"),
            Self::Hard => t!("Hard"),
            Self::Good => t!("Good"),
            Self::Easy => t!("Easy"),
        }
    }
}

/// When cards go on by themselves, from the preset.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AutoAdvanceOptions {
    /// 0 or less: never.
    pub question_secs: f32,
    /// 0 or less: never.
    pub answer_secs: f32,
    pub question: QuestionAction,
    pub answer: AnswerAction,
    /// Not before the side's sounds have ended.
    pub wait_for_audio: bool,
}

/// After the question's seconds. The numbers are the file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuestionAction {
    #[default]
    ShowAnswer = 0,
    Remind = 1,
}

/// After the answer's seconds. The numbers are the file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnswerAction {
    #[default]
    Bury = 0,
    Again = 1,
    Good = 2,
    Hard = 3,
    Remind = 4,
}

impl QuestionAction {
    #[must_use]
    pub fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::Remind,
            _ => Self::ShowAnswer,
        }
    }
}

impl AnswerAction {
    #[must_use]
    pub fn from_i32(n: i32) -> Self {
        match n {
            1 => Self::Again,
            2 => Self::Good,
            3 => Self::Hard,
            4 => Self::Remind,
            _ => Self::Bury,
        }
    }
}

/// Cards left in the present session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub new: u32,
    pub learning: u32,
    pub review: u32,
}

/// Which of the three counts a card belongs to (underlined while it is shown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueKind {
    New,
    Learning,
    Review,
}

/// "Studied n cards in t today".
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StudiedToday {
    pub cards: u32,
    pub seconds: f64,
}

/// The screen after the last card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Congrats {
    /// Intraday learning cards left in the deck and its children.
    pub learn_remaining: u32,
    /// A review is due but beyond today's limit.
    pub review_remaining: bool,
    /// New cards wait beyond today's limit.
    pub new_remaining: bool,
    pub have_sched_buried: bool,
    pub have_user_buried: bool,
    pub is_filtered: bool,
    /// 86,400 when no learning card waits today.
    pub secs_until_next_learn: u32,
    /// The deck's: HTML, or Markdown.
    pub description: String,
    pub markdown: bool,
}

/// Which buried cards are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buried {
    All,
    /// Those that somebody buried.
    ByHand,
    /// Those whose siblings were studied.
    Siblings,
}

impl Buried {
    #[must_use]
    pub fn holds(self, queue: CardQueue) -> bool {
        match queue {
            CardQueue::UserBuried => self != Self::Siblings,
            CardQueue::SchedBuried => self != Self::ByHand,
            _ => false,
        }
    }
}

/// A deck before it is studied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    pub id: crate::base::ids::DeckId,
    /// `A::B`.
    pub name: String,
    /// HTML, or Markdown.
    pub description: String,
    pub markdown: bool,
    pub counts: Counts,
    /// Within today's limits but kept away by siblings.
    pub buried: Counts,
    /// Cards that wait for tomorrow because a sibling was studied.
    pub have_sched_buried: bool,
    /// Cards that somebody buried.
    pub have_user_buried: bool,
    pub filtered: bool,
    /// Search texts of a filtered deck, one a line.
    pub search: Option<String>,
    /// A filtered deck moves its cards' schedule.
    pub reschedule: bool,
}
