//! The deck list with its counts, as the deck screen shows it.

use crate::base::ids::DeckId;

/// A deck and its children; the root has id 0, level 0 and no name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeckTreeNode {
    pub id: DeckId,
    /// What follows the name of the deck above it: the last component, or more where decks between
    /// are missing.
    pub name: String,
    /// How deep it stands in the list, 1 at the top.
    pub level: usize,
    pub collapsed: bool,
    pub filtered: bool,
    /// Within the day's limits, children included.
    pub new: u32,
    /// Within the day's limits, children included.
    pub learn: u32,
    /// Within the day's limits, children included.
    pub review: u32,
    /// Cards in this deck and its children, of any state.
    pub total_cards: u32,
    pub children: Vec<DeckTreeNode>,
}

impl DeckTreeNode {
    /// The node of `id` below this one.
    #[must_use]
    pub fn find(&self, id: DeckId) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.children.iter().find_map(|c| c.find(id))
    }
}
