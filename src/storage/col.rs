//! The one row of `col`, and how much there is.

use super::loose::{fit, integer};
use super::{Storage, Tx};
use crate::base::Result;
use crate::base::ids::Usn;
use crate::base::time::{TimestampMillis, TimestampSecs};
use rusqlite::types::ValueRef;

/// The row of `col`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColRow {
    /// Creation: day 0 of the scheduler begins here.
    pub crt: TimestampSecs,
    /// Last change of anything.
    pub mtime: TimestampMillis,
    /// Last change that forces a one-way sync.
    pub scm: TimestampMillis,
    pub usn: Usn,
    /// Last sync; 0 never.
    pub ls: TimestampMillis,
}

/// Rows in the tables that matter most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
}

impl Storage {
    pub fn col_row(&self) -> Result<ColRow> {
        Ok(self
            .db
            .prepare_cached("select crt, mod, scm, usn, ls from col")?
            .query_row([], |row| {
                Ok(ColRow {
                    // The days of all cards count from it: no guess.
                    crt: TimestampSecs(match row.get_ref(0)? {
                        ValueRef::Real(secs) => secs as i64,
                        _ => row.get(0)?,
                    }),
                    mtime: TimestampMillis(integer(row, 1)?),
                    scm: TimestampMillis(integer(row, 2)?),
                    usn: Usn(fit(integer(row, 3)?)),
                    ls: TimestampMillis(integer(row, 4)?),
                })
            })?)
    }

    /// Fails when anything but rows of notes, cards and reviews cannot be read.
    pub(in crate::storage) fn require_readable(&self) -> Result<()> {
        self.require_studyable()?;
        self.all_notetypes()?;
        Ok(())
    }

    /// Fails when what every screen needs cannot be read. A damaged note type keeps only its own
    /// notes from being studied.
    pub(in crate::storage) fn require_studyable(&self) -> Result<()> {
        self.col_row()?;
        self.all_decks()?;
        self.all_deck_configs()?;
        Ok(())
    }

    /// Notes, cards and reviews. Scans an index of each: milliseconds on large collections.
    pub fn counts(&self) -> Result<Counts> {
        let count = |table: &str| -> Result<u64> {
            let count: i64 = self
                .db
                .prepare_cached(&format!("select count(*) from {table}"))?
                .query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        Ok(Counts {
            notes: count("notes")?,
            cards: count("cards")?,
            revlog: count("revlog")?,
        })
    }

    /// True when there is no note, without counting them.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(!self
            .db
            .prepare_cached("select 1 from notes limit 1")?
            .exists([])?)
    }
}

impl Tx<'_> {
    /// Marks a change that forces a one-way sync. Undo leaves it set: that is safe, only slower.
    pub fn set_scm(&mut self) -> Result<()> {
        let now = self.now();
        self.db
            .prepare_cached("update col set scm=?")?
            .execute([now.0])?;
        Ok(())
    }
}
