//! Runs searches: text → query (`search`) → SQL with bound values → ids. No search text ever
//! becomes part of the SQL; comparisons that SQL cannot make are `matchers`.

mod candidates;
mod card_order;
mod in_parts;
mod matchers;
mod note_order;
mod sort;
mod sql;

pub use candidates::{Candidate, CandidateFacts};
pub use sort::SortColumn;

use super::Storage;
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId};
use crate::base::time::TimestampSecs;
use crate::base::{Error, Result};
use crate::domain::deck::Deck;
use crate::domain::notetype::Notetype;
use crate::mark;
use crate::search::parse;
use crate::search::resolve::{Names, Query, resolve};
use sql::SqlWriter;
use std::sync::Arc;

/// The moment that a search is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchMoment {
    pub now: TimestampSecs,
    /// Start of tomorrow.
    pub next_day_at: TimestampSecs,
    /// Day number of today.
    pub today: u32,
    pub learn_ahead_secs: u32,
}

/// Whether rows are cards or notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Cards,
    Notes,
}

impl Storage {
    /// Cards that match, in no particular order, or as sorted.
    pub fn search_cards(
        &self,
        query: &str,
        moment: &SearchMoment,
        sort: Option<(SortColumn, bool)>,
    ) -> Result<Vec<CardId>> {
        Ok(self
            .search_ids(query, moment, Rows::Cards, sort)?
            .into_iter()
            .map(CardId)
            .collect())
    }

    /// Notes that match, or have a card that does; in no particular order, or as sorted.
    pub fn search_notes(
        &self,
        query: &str,
        moment: &SearchMoment,
        sort: Option<(SortColumn, bool)>,
    ) -> Result<Vec<NoteId>> {
        Ok(self
            .search_ids(query, moment, Rows::Notes, sort)?
            .into_iter()
            .map(NoteId)
            .collect())
    }

    fn search_ids(
        &self,
        query: &str,
        moment: &SearchMoment,
        rows: Rows,
        sort: Option<(SortColumn, bool)>,
    ) -> Result<Vec<i64>> {
        let resolved = self.resolve_search(query)?;
        let fold_all = self.config_or("ignoreAccentsInSearch", false)?;
        let written = SqlWriter::new(moment, fold_all).write(&resolved)?;
        matchers::register(&self.db, &written.matchers, moment)?;
        let unsorted = || -> Result<Vec<i64>> {
            let select = written.select_ids(rows);
            let id = |row: &rusqlite::Row<'_>| Ok(row.get(0)?);
            let mut ids = in_parts::rows_of(self, &written, &select, moment, id)?;
            if rows == Rows::Notes {
                // Each comes with every card of it that matches.
                ids.sort_unstable();
                ids.dedup();
            }
            Ok(ids)
        };
        match (sort, rows) {
            (None, _) => unsorted(),
            (Some((column, reverse)), Rows::Cards) => {
                card_order::sorted_cards(self, &written, column, reverse, moment)
            }
            (Some((column, reverse)), Rows::Notes) => {
                note_order::sort_notes(self, unsorted()?, column, reverse, moment)
            }
        }
        .map_err(said_of_the_search)
    }

    fn resolve_search(&self, query: &str) -> Result<Query> {
        let nodes = parse(query)?;
        let nfc = self.composes_texts()?;
        resolve(&nodes, self, nfc)
    }
}

/// What SQLite says of a search that is too large for it.
fn said_of_the_search(error: Error) -> Error {
    let text = error.to_string();
    if text.contains("too many SQL variables") || text.contains("Expression tree is too large") {
        Error::invalid(mark!("Invalid search: it has too many terms")).because(error)
    } else {
        error
    }
}

impl Names for Storage {
    fn decks(&self) -> Result<Arc<[Deck]>> {
        self.deck_list()
    }

    fn notetypes(&self) -> Result<Vec<Arc<Notetype>>> {
        self.known_notetypes()
    }

    fn presets_named(&self, name: &str) -> Result<Vec<DeckConfigId>> {
        Ok(self
            .all_deck_configs()?
            .iter()
            .filter(|config| super::tag::same_name(&config.name, name))
            .map(|config| config.id)
            .collect())
    }

    fn current_deck(&self) -> Result<DeckId> {
        Ok(DeckId(self.config_or("curDeck", DeckId::DEFAULT.0)?))
    }
}
