//! The cards that a filtered deck can take, with what its orders look at. The order itself is
//! made by `collection::filtered`.

use super::sql::SqlWriter;
use super::{SearchMoment, matchers, said_of_the_search};
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::storage::Storage;
use crate::storage::card::{fit, integer};

/// What is read of each card besides its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateFacts {
    Numbers,
    /// The time of its newest review.
    LastReview,
    /// `cards.data`, for memory states.
    Memory,
}

/// A matching card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub id: CardId,
    pub note: NoteId,
    pub template_idx: u16,
    /// Epoch seconds.
    pub mtime: i64,
    pub due: i64,
    pub interval: i64,
    pub ease_factor: i64,
    pub lapses: i64,
    /// Epoch milliseconds; 0 without a review or when not asked for.
    pub last_review: i64,
    /// JSON; empty when not asked for.
    pub data: &'a str,
}

impl Storage {
    /// Calls `each` with every card that matches, in no particular order.
    pub fn search_candidates(
        &self,
        query: &str,
        moment: &SearchMoment,
        facts: CandidateFacts,
        mut each: impl FnMut(&Candidate<'_>),
    ) -> Result<()> {
        let resolved = self.resolve_search(query)?;
        let fold_all = self.config_or("ignoreAccentsInSearch", false)?;
        let written = SqlWriter::new(moment, fold_all).write(&resolved)?;
        let more = match facts {
            CandidateFacts::Numbers => "0, ''",
            CandidateFacts::LastReview => "(select max(id) from revlog where cid = c.id), ''",
            CandidateFacts::Memory => "0, c.data",
        };
        let columns =
            format!("c.id, c.nid, c.ord, c.mod, c.due, c.ivl, c.factor, c.lapses, {more}");
        let text = written.select_cards(&columns);
        matchers::register(&self.db, written.matchers, moment)?;
        let mut run = || -> Result<()> {
            let mut statement = self.db.prepare(&text)?;
            let mut rows = statement.query(rusqlite::params_from_iter(&written.values))?;
            while let Some(row) = rows.next()? {
                let data = match row.get_ref(9)? {
                    rusqlite::types::ValueRef::Text(data) => std::str::from_utf8(data),
                    _ => Ok(""),
                };
                each(&Candidate {
                    id: CardId(row.get(0)?),
                    note: NoteId(integer(row, 1)?),
                    template_idx: fit(integer(row, 2)?),
                    mtime: integer(row, 3)?,
                    due: integer(row, 4)?,
                    interval: integer(row, 5)?,
                    ease_factor: integer(row, 6)?,
                    lapses: integer(row, 7)?,
                    last_review: integer(row, 8)?,
                    data: data.unwrap_or_default(),
                });
            }
            Ok(())
        };
        run().map_err(said_of_the_search)
    }
}
