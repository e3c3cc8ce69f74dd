//! The browser's search on the open collection, as of now.

use super::Collection;
use super::timing::timing_of;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::base::time::Clock;
use crate::storage::Storage;
use crate::storage::search::{SearchMoment, SortColumn};

/// A column, and whether its order is turned around.
pub type SortBy = Option<(SortColumn, bool)>;

/// Seconds; Anki's default.
const DEFAULT_LEARN_AHEAD: u32 = 1200;

impl Collection {
    /// Cards that match, in no particular order or as sorted.
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
        // Notes the zone where it changed.
        self.timing()?;
        moment_of(&self.storage, &self.clock)
    }
}

/// The present moment for searches in any collection file, also in a backup's.
pub fn moment_of(storage: &Storage, clock: &Clock) -> Result<SearchMoment> {
    let timing = timing_of(storage, clock)?;
    Ok(SearchMoment {
        now: timing.now,
        next_day_at: timing.next_day_at,
        today: timing.days_elapsed,
        learn_ahead_secs: storage.config_or("collapseTime", DEFAULT_LEARN_AHEAD)?,
    })
}
