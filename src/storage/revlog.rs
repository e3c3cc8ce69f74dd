//! The `revlog` table: one row an answer.

use super::{Storage, Table, Tx};
use crate::base::Result;
use crate::base::ids::{CardId, RevlogId, Usn};
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use rusqlite::Row;

fn entry_from_row(row: &Row<'_>) -> rusqlite::Result<RevlogEntry> {
    // Old add-ons wrote real numbers and numbers out of range here.
    let number = |column: usize| -> rusqlite::Result<i64> {
        use rusqlite::types::ValueRef;
        Ok(match row.get_ref(column)? {
            ValueRef::Integer(v) => v,
            ValueRef::Real(v) => v as i64,
            _ => 0,
        })
    };
    Ok(RevlogEntry {
        id: RevlogId(row.get(0)?),
        card_id: CardId(number(1)?),
        usn: Usn(i32::try_from(number(2)?).unwrap_or_default()),
        button: u8::try_from(number(3)?).unwrap_or_default(),
        interval: clamp(number(4)?),
        last_interval: clamp(number(5)?),
        ease_factor: u32::try_from(number(6)?).unwrap_or_default(),
        taken_millis: u32::try_from(number(7)?).unwrap_or_default(),
        kind: RevlogKind::from_i64(number(8)?),
    })
}

fn clamp(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

impl Storage {
    /// Oldest first.
    pub fn revlog_of_card(&self, card: CardId) -> Result<Vec<RevlogEntry>> {
        let mut statement = self.db.prepare_cached(
            "select id, cid, usn, ease, ivl, lastIvl, factor, time, type from revlog \
             where cid=? order by id",
        )?;
        let entries = statement
            .query_map([card.0], entry_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(entries)
    }
}

impl Tx<'_> {
    /// Adds a row with the pending usn. Its id is kept when free, else the next free one is
    /// taken; returns the id.
    pub fn add_revlog(&mut self, mut entry: RevlogEntry) -> Result<RevlogId> {
        entry.id = RevlogId(self.free_id("revlog", entry.id.0)?);
        entry.usn = Usn::PENDING;
        self.insert_row(
            Table::Revlog,
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
            ],
        )?;
        Ok(entry.id)
    }
}
