//! Reposition: where new cards stand among those to be learned.

use crate::base::ids::NoteId;

/// How positions are given out: one a note, in the order in which its first card was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reposition {
    /// Of the first note; up to 2,147,483,647.
    pub start: u32,
    /// From one note to the next; 0 puts all at the same place.
    pub step: u32,
    /// The notes in a random order.
    pub random: bool,
    /// New cards that stand at `start` or later make room.
    pub shift: bool,
}

/// What the question about new positions begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RepositionDefaults {
    /// First and last position of new cards outside filtered decks; None when there is none.
    pub range: Option<(i32, i32)>,
    /// As chosen the last time.
    pub random: bool,
    /// As chosen the last time.
    pub shift: bool,
}

/// Each note once, in order of its first appearance.
#[must_use]
pub fn notes_in_order(notes: impl IntoIterator<Item = NoteId>) -> Vec<NoteId> {
    let mut seen = std::collections::HashSet::new();
    notes
        .into_iter()
        .filter(|note| seen.insert(*note))
        .collect()
}
