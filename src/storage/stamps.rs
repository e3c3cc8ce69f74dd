//! Numbers that change when a note, its cards, or the names around them change: what a copy of the
//! notes elsewhere is compared by, without reading their fields.

use super::Storage;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::base::time::TimestampSecs;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::collections::HashMap;

/// FNV-1a, which is the same on every machine and in every release.
#[derive(Debug, Clone, Copy)]
struct Stamp(u64);

impl Stamp {
    const START: Self = Self(0xcbf2_9ce4_8422_2325);

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn add_row(&mut self, row: &Row<'_>, columns: usize) -> rusqlite::Result<()> {
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => self.add(&[0]),
                ValueRef::Integer(n) => self.add(&n.to_le_bytes()),
                ValueRef::Real(n) => self.add(&n.to_le_bytes()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    self.add(&(bytes.len() as u64).to_le_bytes());
                    self.add(bytes);
                }
            }
        }
        Ok(())
    }
}

impl Storage {
    /// Of each note, in order of their ids: a number that its fields, tags, note type and cards
    /// decide, and when the note or one of its cards was last changed.
    pub fn note_stamps(&self) -> Result<Vec<(NoteId, u64, TimestampSecs)>> {
        let mut cards: HashMap<i64, (Stamp, i64)> = HashMap::new();
        let mut statement = self.db.prepare(
            "select id, ord, did, odid, mod, type, queue, due, odue, ivl, factor, reps, lapses, \
             flags, nid from cards order by id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let entry = cards.entry(row.get(14)?).or_insert((Stamp::START, 0));
            entry.0.add_row(row, 14)?;
            entry.1 = entry.1.max(row.get(4).unwrap_or_default());
        }
        let mut statement = self
            .db
            .prepare("select id, mod, mid, csum, tags from notes order by id")?;
        let mut rows = statement.query([])?;
        let mut stamps = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let changed: i64 = row.get(1).unwrap_or_default();
            let (mut stamp, latest) = cards.remove(&id).unwrap_or((Stamp::START, 0));
            stamp.add_row(row, 5)?;
            stamps.push((NoteId(id), stamp.0, TimestampSecs(changed.max(latest))));
        }
        Ok(stamps)
    }

    /// A number that the names of decks, note types, fields and templates decide.
    pub fn names_stamp(&self) -> Result<u64> {
        let mut stamp = Stamp::START;
        for (sql, columns) in [
            ("select id, name from decks order by id", 2),
            ("select id, name from notetypes order by id", 2),
            ("select ntid, ord, name from fields order by ntid, ord", 3),
            (
                "select ntid, ord, name from templates order by ntid, ord",
                3,
            ),
        ] {
            let mut statement = self.db.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                stamp.add_row(row, columns)?;
            }
        }
        Ok(stamp.0)
    }
}
