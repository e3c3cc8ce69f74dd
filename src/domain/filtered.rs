//! Filtered decks as people make them: the orders of their searches, and what the dialog edits.

use crate::base::ids::DeckId;
use crate::domain::deck::FilteredDeck;
use crate::t;

/// Which of the matching cards come, and in which order. The numbers are those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum FilteredOrder {
    /// Last review longest ago; never reviewed first.
    OldestReviewed = 0,
    Random = 1,
    IntervalsAscending = 2,
    IntervalsDescending = 3,
    MostLapses = 4,
    Added = 5,
    Due = 6,
    LatestAdded = 7,
    RetrievabilityAscending = 8,
    RetrievabilityDescending = 9,
    RelativeOverdueness = 10,
}

impl FilteredOrder {
    /// As menus list them.
    pub const ALL: [Self; 11] = [
        Self::OldestReviewed,
        Self::Random,
        Self::IntervalsAscending,
        Self::IntervalsDescending,
        Self::MostLapses,
        Self::Added,
        Self::Due,
        Self::LatestAdded,
        Self::RetrievabilityAscending,
        Self::RetrievabilityDescending,
        Self::RelativeOverdueness,
    ];

    /// What newer versions may have added counts as [`Self::OldestReviewed`], as in Anki.
    #[must_use]
    pub fn from_i32(n: i32) -> Self {
        usize::try_from(n)
            .ok()
            .and_then(|n| Self::ALL.get(n))
            .copied()
            .unwrap_or(Self::OldestReviewed)
    }

    /// In Anki's words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OldestReviewed => t!("Oldest seen first"),
            Self::Random => t!("Random"),
            Self::IntervalsAscending => t!("Increasing intervals"),
            Self::IntervalsDescending => t!("Decreasing intervals"),
            Self::MostLapses => t!("Most lapses"),
            Self::Added => t!("Order added"),
            Self::Due => t!("Order due"),
            Self::LatestAdded => t!("Latest added first"),
            Self::RetrievabilityAscending => t!("Ascending retrievability"),
            Self::RetrievabilityDescending => t!("Descending retrievability"),
            Self::RelativeOverdueness => t!("Relative overdueness"),
        }
    }
}

/// A filtered deck as it is edited, saved as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct FilteredDraft {
    /// None for a deck that is to be made.
    pub id: Option<DeckId>,
    /// `A::B`.
    pub name: String,
    pub deck: FilteredDeck,
    /// Saved even when no card matches.
    pub allow_empty: bool,
}

/// A filtered deck after it was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilteredBuilt {
    pub deck: DeckId,
    /// How many came.
    pub cards: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_keep_the_numbers_of_the_file() {
        for (n, order) in (0..).zip(FilteredOrder::ALL) {
            assert_eq!(order as i32, n);
            assert_eq!(FilteredOrder::from_i32(n), order);
        }
        for n in [-1, 11, i32::MAX] {
            assert_eq!(FilteredOrder::from_i32(n), FilteredOrder::OldestReviewed);
        }
    }
}
