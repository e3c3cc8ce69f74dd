//! The browser's search on the open collection, as of now.

use super::Collection;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::storage::search::{SearchMoment, SortColumn};

/// A column, and whether its order is turned around.
pub type SortBy = Option<(SortColumn, bool)>;

/// Seconds; Anki's default.
const DEFAULT_LEARN_AHEAD: u32 = 1200;

impl Collection {
    /// Cards that match, by id or as sorted.
    pub fn find_cards(&mut self, query: &str, sort: SortBy) -> Result<Vec<CardId>> {
        let moment = self.search_moment()?;
        self.storage.search_cards(query, &moment, sort)
    }

    /// Notes that match or have a card that does, by id or as sorted.
    pub fn find_notes(&mut self, query: &str, sort: SortBy) -> Result<Vec<NoteId>> {
        let moment = self.search_moment()?;
        self.storage.search_notes(query, &moment, sort)
    }

    /// The moment that searches are about now.
    pub fn search_moment(&mut self) -> Result<SearchMoment> {
        let timing = self.timing()?;
        Ok(SearchMoment {
            now: timing.now,
            next_day_at: timing.next_day_at,
            today: timing.days_elapsed,
            learn_ahead_secs: self
                .storage
                .config_or("collapseTime", DEFAULT_LEARN_AHEAD)?,
        })
    }
}
