//! Reads rows of a table as numbers, very many of them: straight from the pages of the file, which
//! takes a fraction of the time that SQLite needs to hand out each value. Whatever is not as
//! expected there, and whatever still lies in the log, is left to SQLite.

use super::Storage;
use super::pages::{Kind, MAX_DEPTH, Pages, Stop, Walk, be16, be32, sure};
use super::record::Values;
use super::row::Table;
use crate::base::Result;
use crate::base::files::leads_to;
use rusqlite::types::ValueRef;
use std::ops::RangeInclusive;

/// What is read of a row: its first `N` columns, in the table's order, and the one after them.
pub(super) struct TableRow<'a, const N: usize> {
    /// 0 for what is no number; real numbers, which old programs wrote here and there, cut.
    pub numbers: [i64; N],
    /// Column `N`: text in UTF-8; empty for anything else, and in a table of `N` columns.
    pub text: &'a str,
}

/// The rows whose ids are asked for, and what each becomes.
struct Wanted<'a, const N: usize, R> {
    pages: Pages<'a>,
    columns: usize,
    ids: RangeInclusive<i64>,
    make: fn(&TableRow<'_, N>) -> R,
    rows: Vec<R>,
    /// The rowid before: they ascend, so that no page is met twice.
    last: Option<i64>,
}

impl Storage {
    /// Rows of a table whose first column is its key, by that key.
    pub(super) fn table_rows<const N: usize, R>(
        &self,
        table: Table,
        ids: RangeInclusive<i64>,
        make: fn(&TableRow<'_, N>) -> R,
    ) -> Result<Vec<R>> {
        match self.rows_of_pages(table, ids.clone(), make) {
            Ok(rows) => Ok(rows),
            Err(Stop::Failed(e)) => Err(e),
            Err(Stop::Doubtful) => self.rows_of_sqlite(table, &ids, make),
        }
    }

    fn rows_of_pages<const N: usize, R>(
        &self,
        table: Table,
        ids: RangeInclusive<i64>,
        make: fn(&TableRow<'_, N>) -> R,
    ) -> Walk<Vec<R>> {
        let file = self.live_file().ok_or(Stop::Doubtful)?;
        // What cannot be moved out of the log now is in the log all the same.
        sure(self.db.is_autocommit() && self.checkpoint().unwrap_or(false))?;
        let root = self.root_of(table)?.ok_or(Stop::Doubtful)?;
        let mut wanted = Wanted {
            pages: Pages::open(&file)?,
            columns: table.sql().columns.len(),
            ids,
            make,
            rows: Vec::new(),
            last: None,
        };
        wanted.page(root, MAX_DEPTH)?;
        Ok(wanted.rows)
    }

    /// Stretches of ids that together are all there are, each with a few hundred pages of the table.
    /// Doubtful while the file does not hold everything, and when its path leads to another one.
    pub(super) fn table_parts(&self, table: Table) -> Walk<Vec<RangeInclusive<i64>>> {
        let file = self.live_file().ok_or(Stop::Doubtful)?;
        sure(leads_to(self.path(), &file) && self.is_folded()?)?;
        let root = self.root_of(table)?.ok_or(Stop::Doubtful)?;
        let mut cuts = Vec::new();
        add_cuts(&Pages::open(&file)?, root, MAX_DEPTH, &mut cuts)?;
        let starts = std::iter::once(i64::MIN).chain(cuts.iter().map(|cut| cut + 1));
        let ends = cuts.iter().copied().chain([i64::MAX]);
        Ok(starts.zip(ends).map(|(start, end)| start..=end).collect())
    }

    /// First page of the table, if it has the columns that it should have.
    fn root_of(&self, table: Table) -> Result<Option<u32>> {
        let sql = table.sql();
        let mut statement = self.db.prepare_cached(
            "select rootpage, (select group_concat(name || iif(pk, lower(' ' || type), ''), ',') \
             from (select * from pragma_table_info(?1) order by cid)) \
             from sqlite_master where type = 'table' and name = ?1",
        )?;
        let found: (u32, String) =
            statement.query_row([sql.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let expected = sql.columns.join(",").replacen(',', " integer,", 1);
        Ok((found.1 == expected).then_some(found.0))
    }

    fn rows_of_sqlite<const N: usize, R>(
        &self,
        table: Table,
        ids: &RangeInclusive<i64>,
        make: fn(&TableRow<'_, N>) -> R,
    ) -> Result<Vec<R>> {
        let sql = table.sql();
        let key = sql.columns[0];
        let mut statement = self.db.prepare_cached(&format!(
            "select {} from {} where {key} between ?1 and ?2 order by {key}",
            sql.columns.join(","),
            sql.name
        ))?;
        let mut found = statement.query([ids.start(), ids.end()])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let mut read = TableRow {
                numbers: [0; N],
                text: "",
            };
            for (column, number) in read.numbers.iter_mut().enumerate() {
                *number = match row.get_ref(column)? {
                    ValueRef::Integer(value) => value,
                    ValueRef::Real(value) => value as i64,
                    _ => 0,
                };
            }
            if N < sql.columns.len()
                && let ValueRef::Text(text) = row.get_ref(N)?
            {
                read.text = std::str::from_utf8(text).unwrap_or_default();
            }
            rows.push(make(&read));
        }
        Ok(rows)
    }
}

/// Adds the last ids of what lies below a page, unless that is leaves, for each page below it but
/// the last one.
fn add_cuts(pages: &Pages<'_>, number: u32, depth_left: usize, cuts: &mut Vec<i64>) -> Walk<()> {
    sure(depth_left > 0 && pages.has(number))?;
    let page = pages.read(number)?;
    let kind = Kind::of(page[0])?;
    sure(kind.has_rowids)?;
    if kind.is_leaf {
        return Ok(());
    }
    let cells = be16(&page, 3);
    sure(12 + 2 * cells <= page.len())?;
    let last = be32(&page, 8);
    sure(pages.has(last))?;
    if Kind::of(pages.read(last)?[0])?.is_leaf {
        return Ok(());
    }
    for index in 0..cells {
        let at = be16(&page, 12 + 2 * index);
        let cell = pages.cell(&page, at, kind).ok_or(Stop::Doubtful)?;
        add_cuts(pages, cell.child, depth_left - 1, cuts)?;
        // They ascend, so that no page is met twice.
        sure(cuts.last().is_none_or(|before| *before < cell.rowid) && cell.rowid < i64::MAX)?;
        cuts.push(cell.rowid);
    }
    add_cuts(pages, last, depth_left - 1, cuts)
}

impl<const N: usize, R> Wanted<'_, N, R> {
    /// Takes what is below a page, in order.
    fn page(&mut self, number: u32, depth_left: usize) -> Walk<()> {
        sure(depth_left > 0 && self.pages.has(number))?;
        let page = self.pages.read(number)?;
        let kind = Kind::of(page[0])?;
        sure(kind.has_rowids)?;
        let pointers = if kind.is_leaf { 8 } else { 12 };
        let cells = be16(&page, 3);
        sure(pointers + 2 * cells <= page.len())?;
        // Only a table without rows has such a page.
        sure(cells > 0 || !kind.is_leaf || depth_left == MAX_DEPTH)?;
        for index in 0..cells {
            let at = be16(&page, pointers + 2 * index);
            let cell = self.pages.cell(&page, at, kind).ok_or(Stop::Doubtful)?;
            if kind.is_leaf {
                sure(self.last.is_none_or(|last| last < cell.rowid))?;
                self.last = Some(cell.rowid);
            }
            if cell.rowid < *self.ids.start() {
                continue;
            }
            if !kind.is_leaf {
                self.page(cell.child, depth_left - 1)?;
            } else if cell.rowid > *self.ids.end() {
                return Ok(());
            } else {
                // What goes on in other pages is rare: SQLite gathers it.
                sure(cell.local == cell.len)?;
                let record = &page[cell.start..cell.start + cell.len];
                self.row(cell.rowid, record).ok_or(Stop::Doubtful)?;
            }
            if cell.rowid >= *self.ids.end() {
                return Ok(());
            }
        }
        if kind.is_leaf {
            Ok(())
        } else {
            self.page(be32(&page, 8), depth_left - 1)
        }
    }

    /// None when it is not whole.
    fn row(&mut self, rowid: i64, record: &[u8]) -> Option<()> {
        let mut values = Values::of(record)?;
        let mut row = TableRow {
            numbers: [0; N],
            text: "",
        };
        for number in &mut row.numbers {
            *number = values.number()?;
        }
        if N < self.columns {
            row.text = values.text()?;
        }
        values.end()?;
        // The key lies in the cell.
        row.numbers[0] = rowid;
        self.rows.push((self.make)(&row));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};

    type Numbers = ([i64; 8], String);
    const ALL: RangeInclusive<i64> = i64::MIN..=i64::MAX;

    fn copy(row: &TableRow<'_, 8>) -> Numbers {
        (row.numbers, row.text.to_owned())
    }

    /// With a log of 5,000 rows: of all lengths of numbers, some real, some text.
    fn storage(folder: &tempfile::TempDir) -> Storage {
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let sql = "with recursive n(i) as (select 0 union all select i+1 from n where i<4999) \
                   insert into revlog select (i-100)*(i-100)*(i-100)*31, i%7, -1, i%5, \
                   iif(i%9, 1<<(i%63), -(1<<(i%63))), iif(i%11, -i*i*i*i, i/3.0), \
                   iif(i%13, i, 'text '||i), iif(i%17, 0, x'0102'), iif(i%19, 'é '||i, 1) from n";
        storage.db.execute_batch(sql).unwrap();
        storage
    }

    fn of_sqlite(storage: &Storage, ids: RangeInclusive<i64>) -> Vec<Numbers> {
        storage.rows_of_sqlite(Table::Revlog, &ids, copy).unwrap()
    }

    fn of_pages(storage: &Storage, ids: RangeInclusive<i64>) -> Option<Vec<Numbers>> {
        storage.rows_of_pages(Table::Revlog, ids, copy).ok()
    }

    #[test]
    fn pages_hold_what_sqlite_says() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        let all = of_sqlite(&storage, ALL);
        assert_eq!(all.len(), 5_000);
        let mut ranges = vec![
            ALL,
            0..=0,
            1..=30,
            RangeInclusive::new(5, 4),
            i64::MAX..=i64::MAX,
            -7..=i64::MAX,
        ];
        for step in (0..5_000).step_by(61) {
            let (from, to) = (all[step].0[0], all[(step * 7 + 13) % 5_000].0[0]);
            ranges.extend([from..=to, from + 1..=to - 1, i64::MIN..=from, from..=from]);
        }
        for ids in ranges {
            let seen = of_pages(&storage, ids.clone()).expect("sound pages");
            assert_eq!(seen, of_sqlite(&storage, ids.clone()), "{ids:?}");
        }
    }

    #[test]
    fn what_pages_do_not_tell_is_asked_of_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        let table_rows = || storage.table_rows(Table::Revlog, ALL, copy).unwrap();
        storage.set_frozen(true);
        let sql = "insert into revlog values (1, 2, 3, 4, 5, 6, 7, 8, 9)";
        storage.db.execute_batch(sql).unwrap();
        assert_eq!(of_pages(&storage, ALL), None, "a row lies in the log");
        assert_eq!(table_rows().len(), 5_001);
        storage.set_frozen(false);
        assert_eq!(of_pages(&storage, ALL).unwrap().len(), 5_001);

        let sql = "update revlog set type = printf('%.9000c', 'x') where id = 1";
        storage.db.execute_batch(sql).unwrap();
        assert_eq!(of_pages(&storage, ALL), None, "a row of several pages");
        assert!(table_rows().iter().any(|row| row.1.len() == 9_000));

        let sql = "create table other (id integer primary key, cid, ease, usn, ivl, lastIvl, \
                   factor, time, type); insert into other select id, cid, ease, usn, ivl, lastIvl, \
                   factor, time, 0 from revlog; drop table revlog; \
                   alter table other rename to revlog";
        storage.db.execute_batch(sql).unwrap();
        assert_eq!(of_pages(&storage, ALL), None, "columns in another order");
        assert!(table_rows().iter().any(|row| row.0[..5] == [1, 2, 3, 4, 5]));
    }

    #[test]
    fn no_page_is_met_twice_whatever_a_damaged_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        assert!(of_pages(&storage, ALL).is_some());
        let path = folder.path().join("c.anki2");
        let sound = std::fs::read(&path).unwrap();
        let size = storage
            .db
            .query_row("pragma page_size", [], |row| row.get::<_, i64>(0));
        let size = usize::try_from(size.unwrap()).unwrap();
        let root = storage.root_of(Table::Revlog).unwrap().unwrap();
        let start = size * (root as usize - 1);
        let cell = |index: usize| start + be16(&sound, start + 12 + 2 * index);
        let child = |index: usize| &sound[cell(index)..cell(index) + 4];
        // A leaf twice, one again at the end, and the root below itself.
        let own = root.to_be_bytes();
        for (at, to) in [(cell(5), child(4)), (start + 8, child(0)), (cell(2), &own)] {
            let mut damaged = sound.clone();
            damaged[at..at + 4].copy_from_slice(to);
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(of_pages(&storage, ALL), None, "{at}");
        }
        std::fs::write(&path, sound).unwrap();
        assert!(of_pages(&storage, ALL).is_some());
    }
}
