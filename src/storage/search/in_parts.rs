//! Searches that go through all notes or all cards. The table is cut into parts, and a second
//! thread takes parts beside ours, through a connection of its own, so that two processors share
//! the work. That needs a file in which everything is: what lies in the log or in an open
//! transaction, what SQLite finds by an index or gathers from reviews first, and small tables are
//! searched by one connection alone, as is everything where there is but one processor.

use super::sql::WrittenSql;
use super::{SearchMoment, matchers};
use crate::base::{Error, Result};
use crate::storage::Storage;
use crate::storage::open::connect_immutable;
use crate::storage::pages::{Stop, Walk, sure};
use crate::storage::row::Table;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A table of fewer parts (some thirteen megabytes) is searched in a few milliseconds, and a second
/// thread takes as long to begin as it saves.
const PARTS_AT_LEAST: usize = 10;
/// A shorter file hardly has such a table, and need not hold everything for a search.
const FILE_AT_LEAST: u64 = 8 << 20;
/// The second thread begins none of the last parts, one in so many.
const LAST_SHARE: usize = 8;

/// That this program may use. On a single one a second thread only takes turns with ours, and reads
/// through its own connection what ours has in memory.
static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZeroUsize::get));

/// A search of one table part by part.
struct InParts<'a, F> {
    written: &'a WrittenSql,
    /// Also binds the first and the last id of a part.
    select: String,
    parts: Vec<RangeInclusive<i64>>,
    make: F,
    /// How many parts somebody has taken.
    taken: AtomicUsize,
}

/// What `make` makes of each row of `select`, which is one of `written`, in no particular order. The
/// connection knows the functions of the search already.
pub(super) fn rows_of<R: Send>(
    storage: &Storage,
    written: &WrittenSql,
    select: &str,
    moment: &SearchMoment,
    make: impl Fn(&Row<'_>) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    // Why the parts could not be searched is told by searching without them.
    if let Ok((alias, parts)) = parts_of(storage, written, select, *PROCESSORS) {
        let bound = written.values.len();
        let (from, to) = (bound + 1, bound + 2);
        let search = InParts {
            written,
            select: format!("{select} and {alias}.id between ?{from} and ?{to}"),
            parts,
            make: &make,
            taken: AtomicUsize::new(0),
        };
        match search.on_two_threads(storage, moment) {
            Ok(rows) => return Ok(rows),
            Err(error) => tracing::debug!("a search is run again as a whole: {error}"),
        }
    }
    let mut statement = storage.db.prepare(select)?;
    let mut rows = statement.query(params_from_iter(&written.values))?;
    let mut made = Vec::new();
    while let Some(row) = rows.next()? {
        made.push(make(row)?);
    }
    Ok(made)
}

/// The parts of the table that SQLite would go through on so many processors, and what the select
/// calls it.
fn parts_of(
    storage: &Storage,
    written: &WrittenSql,
    select: &str,
    processors: usize,
) -> Walk<(&'static str, Vec<RangeInclusive<i64>>)> {
    sure(written.looks_at_each && processors > 1)?;
    let first_step = || -> Result<String> {
        let mut plan = storage
            .db
            .prepare(&format!("explain query plan {select}"))?;
        let values = params_from_iter(&written.values);
        Ok(plan.query_row(values, |row| row.get(3))?)
    };
    let (alias, table) = match first_step()?.as_str() {
        "SCAN c" => ("c", Table::Cards),
        // All notes, those of one type, or those of each card in turn.
        "SCAN n"
        | "SEARCH n USING INDEX idx_notes_mid (mid=?)"
        | "SCAN c USING COVERING INDEX ix_cards_nid" => ("n", Table::Notes),
        _ => return Err(Stop::Doubtful),
    };
    let live = storage.live_file();
    let length = live.and_then(|file| Some(file.metadata().ok()?.len()));
    sure(length.is_some_and(|length| length >= FILE_AT_LEAST))?;
    let parts = storage.table_parts(table)?;
    sure(parts.len() >= PARTS_AT_LEAST)?;
    Ok((alias, parts))
}

impl<R, F> InParts<'_, F>
where
    R: Send,
    F: Fn(&Row<'_>) -> Result<R> + Sync,
{
    fn on_two_threads(&self, storage: &Storage, moment: &SearchMoment) -> Result<Vec<R>> {
        let path = storage.path();
        let count = self.parts.len();
        let (mut found, beside) = thread::scope(|scope| {
            let beside = thread::Builder::new()
                .name("search-beside".into())
                .spawn_scoped(scope, || {
                    // Of SQLite too, which keeps the lock of the first when it closes this one.
                    let db = connect_immutable(path)?;
                    matchers::register(&db, &self.written.matchers, moment)?;
                    // The last parts are ours: on a busy machine this thread may have to wait
                    // for a processor in the midst of one, and we should not wait for it.
                    self.take(&db, (0..count).rev(), count / LAST_SHARE)
                })?;
            // Always from the beginning: those pages are in the connection's cache then.
            let found = self.take(&storage.db, 0..count, 0);
            let beside = beside
                .join()
                .map_err(|_| Error::bug("searching ended unexpectedly"))?;
            Ok::<_, Error>((found?, beside?))
        })?;
        found.extend(beside.into_iter().rev());
        Ok(found.into_iter().flatten().collect())
    }

    /// The rows of each part that could be taken in this order, until only `leave` are left. Two
    /// that come from both ends have all parts when they meet.
    fn take(
        &self,
        db: &Connection,
        order: impl Iterator<Item = usize>,
        leave: usize,
    ) -> Result<Vec<Vec<R>>> {
        let mut statement = db.prepare(&self.select)?;
        let mut found = Vec::new();
        let count = self.parts.len();
        for at in order {
            if self.taken.load(Ordering::Relaxed) + leave >= count
                || self.taken.fetch_add(1, Ordering::Relaxed) >= count
            {
                break;
            }
            let part = &self.parts[at];
            let ends = [*part.start(), *part.end()].map(Value::from);
            let values = self.written.values.iter().chain(&ends);
            let mut rows = statement.query(params_from_iter(values))?;
            let mut made = Vec::new();
            while let Some(row) = rows.next()? {
                made.push((self.make)(row)?);
            }
            found.push(made);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis, TimestampSecs};
    use crate::storage::search::SortColumn;

    const MOMENT: SearchMoment = SearchMoment {
        now: TimestampSecs(2_000_000_000),
        next_day_at: TimestampSecs(2_000_010_000),
        today: 50,
        learn_ahead_secs: 1200,
    };
    const NOTES: i64 = 30_000;

    /// Enough notes, of two types, and twice as many cards, for parts of both tables.
    fn collection(folder: &std::path::Path) -> Storage {
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let storage = Storage::create(&folder.join("c.anki2"), &clock).unwrap();
        storage.set_frozen(true);
        let sql = format!(
            "with recursive n(i) as (select 1 union all select i+1 from n where i<{NOTES}) \
             insert into notes select i*i, 'g'||i, \
             (select iif(i%3, min(id), max(id)) from notetypes), i, -1, iif(i%7, '', ' seven '), \
             iif(i%5, 'Über ', 'five ')||i||char(31)||printf('%.700c', 'x'), i, i, 0, '' from n; \
             insert into cards select id*2+ord, id, 1, ord, mod, -1, 2, iif(mod%11, 2, -1), \
             mod%100, mod%30, 2500, mod%13, 0, 0, 0, 0, mod%8, \
             printf('{{\"s\":%d.5,\"d\":5.0,\"cd\":\"%.300c\"}}', mod%90, 'x') \
             from notes, (select 0 ord union select 1); \
             analyze"
        );
        storage.db.execute_batch(&sql).unwrap();
        storage.set_frozen(false);
        storage
    }

    fn parts(storage: &Storage, query: &str) -> Option<(&'static str, usize)> {
        parts_on(2, storage, query)
    }

    fn parts_on(n: usize, storage: &Storage, query: &str) -> Option<(&'static str, usize)> {
        let resolved = storage.resolve_search(query).unwrap();
        let written = super::super::SqlWriter::new(&MOMENT, false);
        let written = written.write(&resolved).unwrap();
        matchers::register(&storage.db, &written.matchers, &MOMENT).unwrap();
        let select = written.select_cards("c.id");
        let (alias, parts) = parts_of(storage, &written, &select, n).ok()?;
        Some((alias, parts.len()))
    }

    #[test]
    fn parts_have_together_what_the_whole_has() {
        let folder = tempfile::tempdir().unwrap();
        let storage = collection(folder.path());
        assert_eq!(parts(&storage, "five"), None, "all of it lies in the log");
        assert!(storage.checkpoint_if_due().unwrap());
        let found = |query: &str, sort| {
            let cards = storage.search_cards(query, &MOMENT, sort).unwrap();
            let notes = storage.search_notes(query, &MOMENT, sort).unwrap();
            (cards, notes)
        };
        for (query, table) in [
            ("five", "n"),
            ("nc:uber -five", "n"),
            ("w:17 or re:1.7", "n"),
            ("Front:five*", "n"),
            ("note:Basic five", "n"),
            ("tag:seven -is:suspended prop:ivl>10", "n"),
            ("prop:s>30", "c"),
            ("flag:3", "c"),
            ("prop:r<0.9", "c"),
            ("nowhere", "n"),
        ] {
            let (alias, count) = parts(&storage, query).expect(query);
            assert!(alias == table && count >= PARTS_AT_LEAST, "{query}");
            let sorts = [None, Some((SortColumn::NoteModified, true))];
            let in_parts = sorts.map(|sort| found(query, sort));
            let whole = {
                // Nothing is searched in parts inside a transaction.
                let _open = storage.db.unchecked_transaction().unwrap();
                assert_eq!(parts(&storage, query), None);
                sorts.map(|sort| found(query, sort))
            };
            assert_eq!(in_parts, whole, "{query}");
            assert_eq!(whole[0].0.is_empty(), query == "nowhere", "{query}");
        }
        for query in [
            "",
            "deck:*",
            "is:due",
            "nid:1,4 five",
            "cid:2 five",
            "flag:3 or rated:9",
            "five -introduced:9",
        ] {
            assert_eq!(parts(&storage, query), None, "{query}");
        }
        assert_eq!(parts_on(1, &storage, "five"), None, "nobody would help");
        // Another program has put something else in the place of the file.
        #[cfg(unix)]
        {
            assert!(parts(&storage, "five").is_some());
            std::fs::rename(storage.path(), folder.path().join("aside")).unwrap();
            std::fs::write(storage.path(), "something else").unwrap();
            assert_eq!(parts(&storage, "five"), None);
        }
    }

    #[test]
    fn what_was_just_written_is_found_and_soon_again_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let storage = collection(folder.path());
        assert!(storage.checkpoint().unwrap());
        let five = |storage: &Storage| storage.search_cards("five", &MOMENT, None).unwrap().len();
        assert_eq!(five(&storage), 2 * NOTES as usize / 5);
        storage
            .db
            .execute_batch("update notes set flds = 'five' where id = 1")
            .unwrap();
        assert!(storage.pending_pages() > 0);
        storage.checkpoint_if_due().unwrap();
        assert!(storage.pending_pages() > 0, "a few pages only");
        assert_eq!(five(&storage), 2 * NOTES as usize / 5 + 2);
        storage.checkpoint_if_due().unwrap();
        assert_eq!(storage.pending_pages(), 0, "a search wants it");
        assert!(parts(&storage, "five").is_some());
        assert_eq!(five(&storage), 2 * NOTES as usize / 5 + 2);
        // Though it is never much at a time, some time much has gathered.
        let is_enough = |_| {
            let some = "update notes set mod = mod + 1 where id < 10000";
            storage.db.execute_batch(some).unwrap();
            five(&storage);
            storage.checkpoint_if_due().unwrap()
        };
        assert!(!is_enough(0));
        assert!((1..40).any(is_enough));
    }
}
