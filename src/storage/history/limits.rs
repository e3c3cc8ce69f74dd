//! The size of the history, what is too old or too much, and deleting for good: what goes is
//! overwritten, and after a purge neither the file nor its log holds a byte of it.

use super::History;
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::history::{HistorySpace, Older};
use crate::domain::history_policy::{Aged, Numbered};
use crate::mark;
use rusqlite::{Connection, params};

/// Bytes of a version beside its texts: numbers, page and index entries.
const OVERHEAD: u64 = 120;
/// A card of a deleted note.
const CARD_BYTES: u64 = 110;
/// With so many of a hundred pages free, the file is packed anew.
const FREE_PERCENT: u64 = 50;

/// Of a row of a deck, preset or note type, beside its cells.
const PART_BYTES: u64 = 40;

/// Up to where [`History::oldest`] has looked: time of a version, whether it is one of a note (0) or
/// of something else (1), and its number.
pub type Place = (i64, i64, i64);

/// The versions after a [`Place`] (?1 to ?3), in the order of time, at most ?4.
const OLDEST: &str = "
    select * from (
      select until, 0 as source, version,
        length(flds) + length(tags) + length(sfld) + ifnull(length(decks), 0) as cells,
        (select count(*) from cards c where c.version = v.version) as extra,
        deleted = 1 and version = (select max(version) from versions x
          where x.id = v.id and x.deleted = 1) as last_of_deleted,
        version = (select version from versions x where x.id = v.id
          order by until desc, version desc limit 1) as newest
      from versions v where until >= ?1 and (until > ?1 or (0, version) > (?2, ?3))
      order by until, version limit ?4)
    union all
    select * from (
      select until, 1, version,
        (select sum(ifnull(length(c1), 0) + ifnull(length(c2), 0) + ifnull(length(c3), 0)
          + ifnull(length(c4), 0) + ifnull(length(c5), 0) + ifnull(length(c6), 0))
          from parts p where p.version = s.version),
        (select count(*) from parts p where p.version = s.version),
        deleted,
        version = (select version from subjects x where x.kind = s.kind and x.id = s.id
          order by until desc, version desc limit 1)
      from subjects s where until >= ?1 and (until > ?1 or (1, version) > (?2, ?3))
      order by until, version limit ?4)
    order by 1, 2, 3 limit ?4";

impl History {
    /// What all versions take.
    pub fn space(&self) -> Result<HistorySpace> {
        let (versions, oldest) = self.db.query_row(
            "select count(*), min(until) from \
                 (select until from versions union all select until from subjects)",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
        )?;
        let (used, free) = pages(&self.db)?;
        Ok(HistorySpace {
            versions: versions.unsigned_abs(),
            bytes: used + free,
            oldest: oldest.map(TimestampMillis),
        })
    }

    /// Bytes that versions use, without free pages.
    pub fn used(&self) -> Result<u64> {
        Ok(pages(&self.db)?.0)
    }

    /// Whether any version is from before `when`.
    pub fn any_before(&self, when: TimestampMillis) -> Result<bool> {
        let sql = "select exists (select 1 from versions where until < ?1) \
                   or exists (select 1 from subjects where until < ?1)";
        Ok(self.db.query_row(sql, [when.0], |row| row.get(0))?)
    }

    /// The oldest versions after `place`, at most `limit`, and the place of the last of them.
    pub fn oldest(&self, place: Place, limit: u32) -> Result<(Vec<Aged>, Place)> {
        let mut statement = self.db.prepare_cached(OLDEST)?;
        let mut end = place;
        let aged = statement
            .query_map(params![place.0, place.1, place.2, limit], |row| {
                end = (row.get(0)?, row.get(1)?, row.get(2)?);
                let cells: Option<i64> = row.get(3)?;
                let extra: i64 = row.get(4)?;
                let (number, each) = match end.1 {
                    0 => (Numbered::OfNote(end.2), CARD_BYTES),
                    _ => (Numbered::OfSubject(end.2), PART_BYTES),
                };
                Ok(Aged {
                    number,
                    until: TimestampMillis(end.0),
                    bytes: OVERHEAD
                        + cells.unwrap_or(0).unsigned_abs()
                        + extra.unsigned_abs() * each,
                    last_of_deleted: row.get(5)?,
                    newest: row.get(6)?,
                })
            })?
            .collect::<rusqlite::Result<Vec<Aged>>>()?;
        Ok((aged, end))
    }

    /// Removes versions by their numbers.
    pub fn remove(&mut self, versions: &[Numbered]) -> Result<()> {
        let tx = self.db.transaction()?;
        {
            let mut cards = tx.prepare_cached("delete from cards where version=?")?;
            let mut rows = tx.prepare_cached("delete from versions where version=?")?;
            let mut parts = tx.prepare_cached("delete from parts where version=?")?;
            let mut subjects = tx.prepare_cached("delete from subjects where version=?")?;
            for &version in versions {
                let (of, whole, version) = match version {
                    Numbered::OfNote(version) => (&mut cards, &mut rows, version),
                    Numbered::OfSubject(version) => (&mut parts, &mut subjects, version),
                };
                of.execute([version])?;
                whole.execute([version])?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// Gives room back when much of the file is free.
    pub fn tidy(&mut self) -> Result<()> {
        let (used, free) = pages(&self.db)?;
        if free > (used + free) / 100 * FREE_PERCENT {
            return self.scour();
        }
        Ok(())
    }

    /// Versions from before `when`.
    pub fn older(&self, when: TimestampMillis) -> Result<Older> {
        let sql = "select count(*) + (select count(*) from subjects where until < ?1), \
                   coalesce(sum(deleted = 1 and version = (select max(version) \
                   from versions x where x.id = v.id and x.deleted = 1)), 0) \
                   from versions v where until < ?1";
        let count = |row: &rusqlite::Row<'_>, n| row.get::<_, i64>(n).map(i64::unsigned_abs);
        Ok(self.db.query_row(sql, [when.0], |row| {
            Ok(Older {
                versions: count(row, 0)?,
                deleted_notes: count(row, 1)?,
            })
        })?)
    }

    /// Forgets the versions of one note, or of all, for good. Returns how many.
    pub fn purge(&mut self, note: Option<NoteId>) -> Result<usize> {
        self.purge_where("?1 is null or id=?1", note.map(|note| note.0))
    }

    /// Forgets all versions from before `when` for good, the last ones of deleted notes too.
    /// Returns how many.
    pub fn purge_before(&mut self, when: TimestampMillis) -> Result<usize> {
        let subjects = self.forget_subjects_before(when, when)?;
        Ok(subjects + self.purge_where("until < ?1", Some(when.0))?)
    }

    fn purge_where(&mut self, which: &str, value: Option<i64>) -> Result<usize> {
        let tx = self.db.transaction()?;
        tx.execute(
            &format!(
                "delete from cards where version in (select version from versions where {which})"
            ),
            [value],
        )?;
        let gone = tx.execute(&format!("delete from versions where {which}"), [value])?;
        tx.commit()?;
        self.scour()?;
        Ok(gone)
    }

    /// What was deleted must not stay in free pages or in the log.
    fn scour(&self) -> Result<()> {
        self.db.execute_batch("vacuum")?;
        let busy: bool = self
            .db
            .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        if busy {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!(
                    "the history is being read, so what was deleted may still be in its log; \
                     delete it again in a moment"
                ),
            ));
        }
        Ok(())
    }
}

/// Bytes in use, and bytes of free pages.
fn pages(db: &Connection) -> Result<(u64, u64)> {
    let number = |name: &str| -> Result<u64> {
        let n: i64 = db.query_row(&format!("pragma {name}"), [], |row| row.get(0))?;
        Ok(n.unsigned_abs())
    };
    let (all, free, size) = (
        number("page_count")?,
        number("freelist_count")?,
        number("page_size")?,
    );
    Ok(((all - free) * size, free * size))
}
