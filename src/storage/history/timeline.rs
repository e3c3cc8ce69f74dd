//! What the timeline of the collection is told from: when notes were changed and deleted, and by
//! which operation; when cards were rescheduled; what imports and syncs brought, as their notes keep
//! the ids, and so the times, of where they were made; and which notes came back, with old times too.

use super::History;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;
use crate::domain::revlog::RevlogKind;
use crate::domain::timeline::{Arrival, Fact, Kind, SPAN_MILLIS};
use crate::storage::{NewRows, RowEdit, Storage, Table, Tx};
use rusqlite::params;
use std::collections::BTreeSet;

pub(super) const SCHEMA: &str = "create table if not exists arrivals (at integer not null, \
    origin text not null, notes blob not null); \
    create index if not exists arrivals_by_time on arrivals (at);";

/// Adds those of the attached file `other` that are not known yet.
pub(super) const MERGE: &str = "insert into main.arrivals select at, origin, notes \
    from other.arrivals o where not exists (select 1 from main.arrivals m \
      where m.at = o.at and m.origin = o.origin);";

impl History {
    /// Keeps that an import, a sync or another operation called `origin` brought these notes, perhaps
    /// none.
    pub fn keep_arrival(
        &self,
        origin: &str,
        at: TimestampMillis,
        notes: impl IntoIterator<Item = NoteId>,
    ) -> Result<()> {
        let ids = notes.into_iter().flat_map(|note| note.0.to_le_bytes());
        let ids: Vec<u8> = ids.collect();
        self.db
            .prepare_cached("insert into arrivals (at, origin, notes) values (?,?,?)")?
            .execute(params![at.0, origin, ids])?;
        Ok(())
    }

    /// What imports, syncs and others brought, in the order of time.
    pub fn arrivals(&self) -> Result<Vec<Arrival>> {
        let mut statement = self
            .db
            .prepare_cached("select at, origin, notes from arrivals order by at")?;
        let arrivals = statement.query_map([], |row| {
            let ids: Vec<u8> = row.get(2)?;
            let (ids, _) = ids.as_chunks::<8>();
            Ok(Arrival {
                at: TimestampMillis(row.get(0)?),
                origin: row.get(1)?,
                notes: ids.iter().map(|id| i64::from_le_bytes(*id)).collect(),
            })
        })?;
        Ok(arrivals.collect::<rusqlite::Result<_>>()?)
    }

    /// The notes that were changed at `at` or later and not deleted, whatever times they have.
    pub fn changed_notes_since(&self, at: TimestampMillis) -> Result<BTreeSet<i64>> {
        let mut statement = self
            .db
            .prepare_cached("select distinct id from versions where until >= ? and deleted = 0")?;
        let ids = statement.query_map([at.0], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Changes and deletions of notes.
    pub fn note_changes(&self) -> Result<Vec<Fact>> {
        let mut statement = self.db.prepare_cached(
            "select min(until), deleted, origin, count(distinct id) from versions \
             where until > 0 group by until / ?, deleted, origin",
        )?;
        let facts = statement.query_map([SPAN_MILLIS], |row| {
            Ok(Fact {
                at: TimestampMillis(row.get(0)?),
                kind: match row.get(1)? {
                    true => Kind::Deleted,
                    false => Kind::Changed,
                },
                origin: row.get(2)?,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        Ok(facts.collect::<rusqlite::Result<_>>()?)
    }

    /// The notes that were deleted at some time, in order.
    pub fn deleted_ids(&self) -> Result<Vec<NoteId>> {
        let mut statement = self
            .db
            .prepare_cached("select distinct id from versions where deleted = 1 order by id")?;
        let ids = statement.query_map([], |row| row.get(0).map(NoteId))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

impl Storage {
    /// Cards whose due dates were set by hand or by new options.
    pub fn reschedules(&self) -> Result<Vec<Fact>> {
        let mut statement = self.db.prepare_cached(
            "select min(id), count(distinct cid) from revlog where type in (?, ?) and id > 0 \
             group by id / ?",
        )?;
        let kinds = [RevlogKind::Manual, RevlogKind::Rescheduled].map(|kind| kind as i64);
        let facts = statement.query_map([kinds[0], kinds[1], SPAN_MILLIS], |row| {
            Ok(Fact {
                at: TimestampMillis(row.get(0)?),
                kind: Kind::Rescheduled,
                origin: String::new(),
                count: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        })?;
        Ok(facts.collect::<rusqlite::Result<_>>()?)
    }
}

impl Tx<'_> {
    /// The notes that were not there before this transaction, and are now.
    #[must_use]
    pub fn added_notes(&self) -> BTreeSet<NoteId> {
        let (mut added, mut replaced) = (BTreeSet::new(), BTreeSet::new());
        for change in self.changes() {
            let (Table::Notes, Some(id)) = (change.table, change.id()) else {
                continue;
            };
            let note = NoteId(id);
            match &change.edit {
                RowEdit::Added(_) if !replaced.contains(&note) => {
                    added.insert(note);
                }
                RowEdit::Removed(_) if !added.remove(&note) => {
                    replaced.insert(note);
                }
                _ => {}
            }
        }
        let notes = |rows: &&NewRows| rows.table == Table::Notes;
        let in_bulk = self.new_rows().iter().filter(notes);
        added.extend(in_bulk.flat_map(|rows| rows.ids.iter().map(|id| NoteId(*id))));
        added
    }

    /// Those of [`Self::added_notes`] that say they were changed before it.
    pub fn added_with_old_times(&self) -> Result<BTreeSet<NoteId>> {
        let (added, mut old) = (self.added_notes(), BTreeSet::new());
        if added.is_empty() {
            return Ok(old);
        }
        let mut is_older =
            (self.storage.db).prepare_cached("select 1 from notes where id = ? and mod < ?")?;
        for note in added {
            if is_older.exists([note.0, self.now_secs().0])? {
                old.insert(note);
            }
        }
        Ok(old)
    }
}
