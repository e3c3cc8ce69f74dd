//! Custom Study: the six ways, and what its dialog starts with.

use crate::base::ids::DeckId;
use crate::t;

/// Beyond today's schedule of one deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomStudy {
    /// Changes how many new cards come today; negative takes away.
    NewLimit { delta: i32 },
    /// Changes how many reviews come today; negative takes away.
    ReviewLimit { delta: i32 },
    /// Cards answered Again in the last days.
    Forgotten { days: u32 },
    /// Cards due within the next days.
    Ahead { days: u32 },
    /// New cards added in the last days, without touching their schedule.
    Preview { days: u32 },
    /// By state and tags.
    Cram {
        kind: CramKind,
        /// Most cards to take.
        limit: u32,
        /// At least one of these, when any.
        include: Vec<String>,
        /// None of these.
        exclude: Vec<String>,
    },
}

/// Which cards are studied by state or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CramKind {
    #[default]
    New,
    Due,
    Review,
    /// Everything, without touching the schedule.
    All,
}

impl CramKind {
    /// As the dialog lists them.
    pub const ALL: [Self; 4] = [Self::New, Self::Due, Self::Review, Self::All];

    /// In Anki's words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::New => t!("New cards only"),
            Self::Due => t!("Due cards only"),
            Self::Review => t!("All review cards in random order"),
            Self::All => t!("All cards in random order (don’t reschedule)"),
        }
    }
}

/// Cards that limits keep back, or that could come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Available {
    /// In the deck itself.
    pub here: u32,
    /// In the decks below it.
    pub in_children: u32,
}

/// A tag of the deck's cards, with what was chosen the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagChoice {
    pub name: String,
    pub include: bool,
    pub exclude: bool,
}

/// What the dialog starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomStudyDefaults {
    pub deck: DeckId,
    /// `A::B`.
    pub name: String,
    /// Sorted.
    pub tags: Vec<TagChoice>,
    /// The last increase of each limit.
    pub extend_new: u32,
    pub extend_review: u32,
    pub new: Available,
    pub review: Available,
}
