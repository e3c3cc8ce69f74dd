//! A fixed part of the notes and cards of a collection, small however large that is: what tells a
//! backup from the next whether much has changed that nobody meant to change.

use super::Storage;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use rusqlite::OptionalExtension as _;

/// Where a card stands. One in a filtered deck stands where it stood at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub card: CardId,
    pub due: i64,
    /// Rises with each answer.
    pub reps: i64,
    /// It has a day on which it is due.
    pub is_review: bool,
}

const STANDING: &str = "id, cast(case when odid <> 0 and odue <> 0 then odue else due end as \
                        integer), cast(reps as integer), type = 2";
/// Ids are times: near ones were made together, and are taken apart.
const SPREAD: &str = "id % 1000003 * 618034 % 1000003, id";

impl Storage {
    /// At most so many notes from everywhere; the same ones as long as they are there.
    pub fn sample_of_notes(&self, most: u32) -> Result<Vec<NoteId>> {
        let query = format!("select id from notes order by {SPREAD} limit ?");
        let mut statement = self.db.prepare_cached(&query)?;
        let notes = statement
            .query_map([most], |row| row.get(0).map(NoteId))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(notes)
    }

    /// As [`Self::sample_of_notes`], of cards with a day on which they are due.
    pub fn sample_of_due_cards(&self, most: u32) -> Result<Vec<Standing>> {
        let query =
            format!("select {STANDING} from cards where type = 2 order by {SPREAD} limit ?");
        let mut statement = self.db.prepare_cached(&query)?;
        let cards = statement
            .query_map([most], standing)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }

    /// How many cards have a day on which they are due.
    pub fn count_due_cards(&self) -> Result<u64> {
        let count: i64 = self
            .db
            .prepare_cached("select count(*) from cards where type = 2")?
            .query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub fn standing(&self, card: CardId) -> Result<Option<Standing>> {
        let query = format!("select {STANDING} from cards where id = ?");
        let mut statement = self.db.prepare_cached(&query)?;
        Ok(statement.query_row([card.0], standing).optional()?)
    }

    pub fn has_note(&self, note: NoteId) -> Result<bool> {
        let mut statement = self.db.prepare_cached("select 1 from notes where id = ?")?;
        Ok(statement.exists([note.0])?)
    }
}

fn standing(row: &rusqlite::Row<'_>) -> rusqlite::Result<Standing> {
    Ok(Standing {
        card: CardId(row.get(0)?),
        due: row.get(1)?,
        reps: row.get(2)?,
        is_review: row.get(3)?,
    })
}
