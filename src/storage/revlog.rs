//! The `revlog` table: one row an answer.

use super::{Cell, Storage, Table, Tx};
use crate::base::Result;
use crate::base::ids::{CardId, RevlogId, Usn};
use crate::base::job::Progress;
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::t;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use std::collections::HashSet;

/// A pass over the whole log costs as much as looking up the rows of this share of its length
/// in cards.
const ROWS_PER_LOOKUP: u64 = 50;
/// Rows between two looks at the cancel flag.
const ROWS_PER_STEP: u64 = 4096;

/// The columns in the order that [`entry_from_row`] wants.
pub(in crate::storage) const ENTRY_COLUMNS: &str =
    "id, cid, usn, ease, ivl, lastIvl, factor, time, type";

pub(in crate::storage) fn entry_from_row(row: &Row<'_>) -> rusqlite::Result<RevlogEntry> {
    let number = |column| number(row, column);
    Ok(RevlogEntry {
        id: RevlogId(row.get(0)?),
        card_id: card_of(row)?,
        usn: Usn(i32::try_from(number(2)?).unwrap_or_default()),
        button: u8::try_from(number(3)?).unwrap_or_default(),
        interval: clamp(number(4)?),
        last_interval: clamp(number(5)?),
        ease_factor: u32::try_from(number(6)?).unwrap_or_default(),
        taken_millis: u32::try_from(number(7)?).unwrap_or_default(),
        kind: RevlogKind::from_i64(number(8)?),
    })
}

/// The card of a row of [`ENTRY_COLUMNS`].
pub(in crate::storage) fn card_of(row: &Row<'_>) -> rusqlite::Result<CardId> {
    Ok(CardId(number(row, 1)?))
}

/// Old add-ons wrote real numbers and numbers out of range.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(v) => v,
        ValueRef::Real(v) => v as i64,
        _ => 0,
    })
}

fn clamp(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

pub(in crate::storage) fn row_of(entry: &RevlogEntry) -> Vec<Cell> {
    vec![
        entry.id.0.into(),
        entry.card_id.0.into(),
        entry.usn.0.into(),
        entry.button.into(),
        entry.interval.into(),
        entry.last_interval.into(),
        entry.ease_factor.into(),
        entry.taken_millis.into(),
        (entry.kind as u8).into(),
    ]
}

/// New rows, all through one statement.
pub(in crate::storage) fn insert_all(db: &Connection, entries: &[RevlogEntry]) -> Result<()> {
    let mut insert = db.prepare_cached(&Table::Revlog.sql().insert)?;
    for entry in entries {
        insert.execute(params![
            entry.id.0,
            entry.card_id.0,
            entry.usn.0,
            entry.button,
            entry.interval,
            entry.last_interval,
            entry.ease_factor,
            entry.taken_millis,
            entry.kind as u8,
        ])?;
    }
    Ok(())
}

impl Storage {
    /// Oldest first.
    pub fn revlog_of_card(&self, card: CardId) -> Result<Vec<RevlogEntry>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {ENTRY_COLUMNS} from revlog where cid=? order by id"
        ))?;
        let entries = statement
            .query_map([card.0], entry_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(entries)
    }

    /// The rows of some cards, card by card in order of their ids, the oldest first. Counts the
    /// rows of the log in `progress`.
    pub fn revlog_of_cards(
        &self,
        cards: &[CardId],
        progress: &Progress,
    ) -> Result<Vec<RevlogEntry>> {
        let rows: i64 = self
            .db
            .prepare_cached("select count(*) from revlog")?
            .query_row([], |row| row.get(0))?;
        let rows = u64::try_from(rows).unwrap_or(0);
        progress.stage(t!("Reading the review log"), rows)?;
        let mut entries = Vec::new();
        if (cards.len() as u64) * ROWS_PER_LOOKUP < rows {
            for card in cards {
                entries.extend(self.revlog_of_card(*card)?);
                progress.check()?;
            }
        } else {
            let wanted: HashSet<CardId> = cards.iter().copied().collect();
            let mut statement = self
                .db
                .prepare_cached(&format!("select {ENTRY_COLUMNS} from revlog"))?;
            let mut rows = statement.query([])?;
            let mut read = 0;
            while let Some(row) = rows.next()? {
                let entry = entry_from_row(row)?;
                if wanted.contains(&entry.card_id) {
                    entries.push(entry);
                }
                read += 1;
                if read == ROWS_PER_STEP {
                    progress.step(read)?;
                    read = 0;
                }
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.card_id, entry.id));
        Ok(entries)
    }
}

impl Tx<'_> {
    /// Whether the log has a row of this id.
    pub fn has_revlog(&self, id: RevlogId) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached("select 1 from revlog where id=?")?
            .exists([id.0])?)
    }

    /// Adds a row with the pending usn. Its id is kept when free, else the next free one is
    /// taken; returns the id.
    pub fn add_revlog(&mut self, mut entry: RevlogEntry) -> Result<RevlogId> {
        entry.id = RevlogId(self.free_id("revlog", entry.id.0)?);
        entry.usn = Usn::PENDING;
        self.insert_row(Table::Revlog, row_of(&entry))?;
        Ok(entry.id)
    }

    /// Writes a row of the log that is there, with the pending usn.
    pub fn update_revlog(&mut self, mut entry: RevlogEntry) -> Result<()> {
        entry.usn = Usn::PENDING;
        self.put_row(Table::Revlog, row_of(&entry))?;
        Ok(())
    }
}
