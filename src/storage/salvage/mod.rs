//! Readable rows out of a damaged collection file into a new one, with the losses in numbers. The
//! pages are walked by hand, so that damage in one costs only what lies there: first the trees of
//! the tables as far as they hold together, then pages that no tree leads to any more, told apart
//! by the shape of their rows. The damaged file is only read.

mod cells;
mod raw;
mod refill;

use super::Storage;
use super::open::connect_to_upgrade;
use crate::base::Result;
use crate::base::error::{AtPath as _, Error};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::{mark, t};
use cells::{Kind, Page, Row};
use raw::Raw;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// SQLite's own limit.
const MAX_DEPTH: usize = 20;

/// What a column must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The rowid under another name.
    Id,
    Number,
    Text,
    Blob,
    Any,
}

use Shape::{Any, Blob, Id, Number, Text};

/// A table of a collection.
struct Table {
    name: &'static str,
    shapes: &'static [Shape],
    /// Indexes with one entry for each row.
    counted_by: &'static [&'static str],
}

const CARD: [Shape; 18] = {
    let mut shapes = [Number; 18];
    shapes[0] = Id;
    shapes[17] = Text;
    shapes
};

/// In the order in which rows of doubtful origin are tried.
const TABLES: [Table; 12] = [
    table(
        "col",
        &[
            Id, Number, Number, Number, Number, Number, Number, Number, Text, Text, Text, Text,
            Text,
        ],
        &[],
    ),
    table(
        "notes",
        &[
            Id, Text, Number, Number, Number, Text, Text, Any, Number, Number, Text,
        ],
        &["ix_notes_usn", "ix_notes_csum", "idx_notes_mid"],
    ),
    table(
        "cards",
        &CARD,
        &["ix_cards_nid", "ix_cards_usn", "ix_cards_sched"],
    ),
    table(
        "revlog",
        &[
            Id, Number, Number, Number, Number, Number, Number, Number, Number,
        ],
        &["ix_revlog_cid", "ix_revlog_usn"],
    ),
    table(
        "decks",
        &[Id, Text, Number, Number, Blob, Blob],
        &["idx_decks_name"],
    ),
    table(
        "notetypes",
        &[Id, Text, Number, Number, Blob],
        &["idx_notetypes_name", "idx_notetypes_usn"],
    ),
    table("deck_config", &[Id, Text, Number, Number, Blob], &[]),
    table(
        "fields",
        &[Number, Number, Text, Blob],
        &["idx_fields_name_ntid"],
    ),
    table(
        "templates",
        &[Number, Number, Text, Number, Number, Blob],
        &["idx_templates_name_ntid", "idx_templates_usn"],
    ),
    table("config", &[Text, Number, Number, Blob], &[]),
    table("tags", &[Text, Number, Number, Any], &[]),
    table("graves", &[Number, Number, Number], &["idx_graves_pending"]),
];

const COL: usize = 0;
const NOTETYPES: usize = 5;
const DECK_CONFIG: usize = 6;
/// Never taken from loose pages: entries of an index look the same.
const GRAVES: usize = 11;

const fn table(
    name: &'static str,
    shapes: &'static [Shape],
    counted_by: &'static [&'static str],
) -> Table {
    Table {
        name,
        shapes,
        counted_by,
    }
}

/// Rows of a table: how many there must have been, and how many were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableLoss {
    pub table: &'static str,
    /// From the table and its indexes, whichever knows of more; what all of them lost is unknown.
    pub expected: u64,
    pub got: u64,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Salvaged {
    pub tables: Vec<TableLoss>,
    /// Of the file, and those that are neither free nor could be understood.
    pub pages: u32,
    pub unreadable_pages: u32,
    /// Rows that no tree led to any more.
    pub found_loose: u64,
    /// What had to be made anew, each a sentence.
    pub rebuilt: Vec<String>,
}

impl Salvaged {
    /// Rows known to be lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        let lost = |t: &TableLoss| t.expected.saturating_sub(t.got);
        self.tables.iter().map(lost).sum()
    }
}

/// Writes a new collection of the present schema to `out`, which must not exist, from what can be
/// read of `damaged`. An error of kind `Corrupt` when there is nothing to read.
pub fn salvage(damaged: &Path, out: &Path, clock: &Clock, progress: &Progress) -> Result<Salvaged> {
    let raw = Raw::open(damaged)?;
    progress.stage(t!("Reading what can be read"), u64::from(raw.count))?;
    let mut scan = Scan::new(&raw, progress);
    scan.read_schema();
    let col = scan.find_col()?;
    Storage::create(out, clock)?.close()?;
    let is_old = col.as_ref().is_some_and(|col| version(col) == Some(11));
    if is_old {
        let mut storage = Storage::open(out)?;
        storage.downgrade_to_11(progress)?;
        storage.close()?;
    }
    let db = connect_to_upgrade(out)?;
    let mut sink = Sink::new(&db, is_old)?;
    let mut found = scan.collect(&mut sink)?;
    if sink.got[1] + sink.got[2] + sink.got[3] == 0 {
        return Err(Error::corrupt(mark!(
            "no note, card or review in it can be read"
        )))
        .at(damaged);
    }
    drop(sink);
    let lacks_notetypes = refill::complete(&db, col.as_deref(), is_old, &mut found.rebuilt)?;
    db.execute_batch("commit")?;
    db.close().map_err(|(_, e)| e)?;
    if is_old {
        Storage::upgrade(out, clock, progress)?;
    }
    if lacks_notetypes {
        let db = connect_to_upgrade(out)?;
        db.execute_batch("begin exclusive")?;
        refill::complete_notetypes(&db, &mut found.rebuilt)?;
        db.execute_batch("commit")?;
        db.close().map_err(|(_, e)| e)?;
    }
    Ok(found)
}

fn version(col: &[Value]) -> Option<i64> {
    match col.get(4) {
        Some(Value::Integer(version)) => Some(*version),
        _ => None,
    }
}

/// Where rows go.
struct Sink<'a> {
    db: &'a Connection,
    inserts: Vec<Option<rusqlite::Statement<'a>>>,
    got: [u64; TABLES.len()],
}

impl<'a> Sink<'a> {
    /// Begins the transaction and takes out what a new collection has of itself.
    fn new(db: &'a Connection, is_old: bool) -> Result<Self> {
        db.execute_batch("begin exclusive")?;
        refill::set_aside(db, is_old)?;
        let mut inserts = Vec::new();
        for (at, table) in TABLES.iter().enumerate() {
            let there = db
                .prepare("select 1 from sqlite_master where type='table' and name=?")?
                .exists([table.name])?;
            if at == COL || !there {
                inserts.push(None);
                continue;
            }
            let marks = vec!["?"; table.shapes.len()].join(",");
            let sql = format!("insert or ignore into {} values ({marks})", table.name);
            inserts.push(Some(db.prepare(&sql)?));
        }
        Ok(Self {
            db,
            inserts,
            got: [0; TABLES.len()],
        })
    }

    /// Whether it is new and fits.
    fn put(&mut self, table: usize, values: Vec<Value>) -> Result<bool> {
        let Some(insert) = &mut self.inserts[table] else {
            return Ok(false);
        };
        let done = insert.execute(params_from_iter(values));
        let added = match done {
            Ok(n) => n > 0,
            Err(rusqlite::Error::SqliteFailure(e, _))
                if e.code == rusqlite::ErrorCode::ConstraintViolation
                    || e.code == rusqlite::ErrorCode::TypeMismatch =>
            {
                false
            }
            Err(e) => return Err(e.into()),
        };
        self.got[table] += u64::from(added);
        Ok(added)
    }

    fn has_notes_of(&self, notetype: i64) -> Result<bool> {
        let mut query = self.db.prepare_cached(
            "select 1 from notes where mid=?1 union select 1 from fields where ntid=?1",
        )?;
        Ok(query.exists([notetype])?)
    }
}

/// A walk over the file.
struct Scan<'a> {
    raw: &'a Raw,
    progress: &'a Progress,
    seen: Vec<bool>,
    /// By name: table or index and its root.
    roots: BTreeMap<String, u32>,
}

impl<'a> Scan<'a> {
    fn new(raw: &'a Raw, progress: &'a Progress) -> Self {
        Self {
            raw,
            progress,
            seen: vec![false; raw.count as usize + 1],
            roots: BTreeMap::new(),
        }
    }

    fn take(&mut self, page: u32) -> bool {
        self.raw.has(page) && !std::mem::replace(&mut self.seen[page as usize], true)
    }

    fn read_schema(&mut self) {
        for row in self.rows_below(1) {
            if let [_, Value::Text(name), _, Value::Integer(root), ..] = &row.values[..]
                && let Ok(root) = u32::try_from(*root)
            {
                self.roots.insert(name.clone(), root);
            }
        }
    }

    /// All rows of a small tree.
    fn rows_below(&mut self, root: u32) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut keep = |row: Row| {
            rows.push(row);
            Ok(true)
        };
        // Only the sink fails.
        let _ = self.walk(root, &mut keep);
        rows
    }

    /// Calls `each` for every row of a tree, as far as it can be followed; it says whether the row
    /// is of that tree.
    fn walk(&mut self, root: u32, each: &mut dyn FnMut(Row) -> Result<bool>) -> Result<()> {
        match self.page(root) {
            Some(page) => self.walk_below(root, MAX_DEPTH, page.has_rowids(), each),
            None => Ok(()),
        }
    }

    fn page(&self, number: u32) -> Option<Page> {
        (self.raw.has(number))
            .then(|| Page::read(self.raw, number))
            .flatten()
    }

    fn walk_below(
        &mut self,
        number: u32,
        depth: usize,
        has_rowids: bool,
        each: &mut dyn FnMut(Row) -> Result<bool>,
    ) -> Result<()> {
        if depth == 0 || !self.take(number) {
            return Ok(());
        }
        let page = Page::read(self.raw, number).filter(|page| page.has_rowids() == has_rowids);
        let Some(page) = page else {
            // It stays for the tree whose it is, or for the search of loose pages.
            self.seen[number as usize] = false;
            return Ok(());
        };
        self.progress.step(1)?;
        for child in page.children() {
            self.walk_below(child, depth - 1, has_rowids, each)?;
        }
        let fits = self.rows(&page, each)?;
        // So does a leaf of another tree, to which a wrong pointer led. Other pages do not: they are
        // met no more than once, so that circles end.
        if fits == Some(false) && page.is_leaf() {
            self.seen[number as usize] = false;
        }
        Ok(())
    }

    /// Whether any of the rows was wanted; None when none can be read.
    fn rows(
        &mut self,
        page: &Page,
        each: &mut dyn FnMut(Row) -> Result<bool>,
    ) -> Result<Option<bool>> {
        let mut fits = None;
        for cell in 0..page.cells() {
            let mut used = Vec::new();
            if let Some(row) = page.row(self.raw, cell, &mut used) {
                for page in used {
                    self.take(page);
                }
                fits = Some(each(row)? | fits.unwrap_or(false));
            }
        }
        Ok(fits)
    }

    /// The one row of the collection, wherever it is.
    fn find_col(&mut self) -> Result<Option<Vec<Value>>> {
        let fitting = |row: Row| fit(&TABLES[COL], row, false);
        if let Some(&root) = self.roots.get("col") {
            let mut found = None;
            self.walk(root, &mut |row| {
                let col = fitting(row);
                let fits = col.is_some();
                found = found.take().or(col);
                Ok(fits)
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        for number in 1..=self.raw.count {
            self.progress.check()?;
            let Some(page) = Page::read(self.raw, number) else {
                continue;
            };
            if page.kind != Kind::TableLeaf || self.raw.free.contains(&number) {
                continue;
            }
            for cell in 0..page.cells() {
                let row = page.row(self.raw, cell, &mut Vec::new());
                if let Some(col) = row.and_then(|row| fit(&TABLES[COL], row, true)) {
                    return Ok(Some(col));
                }
            }
        }
        Ok(None)
    }

    /// All rows into the sink, those of trees first.
    fn collect(mut self, sink: &mut Sink<'_>) -> Result<Salvaged> {
        for (at, table) in TABLES.iter().enumerate() {
            if let Some(&root) = self.roots.get(table.name).filter(|_| at != COL) {
                self.walk(root, &mut |row| match fit(table, row, false) {
                    Some(values) => sink.put(at, values).map(|_| true),
                    None => Ok(false),
                })?;
            }
        }
        let counts = self.count_indexes()?;
        let (found_loose, unreadable_pages) = self.collect_loose(sink)?;
        let tables = TABLES.iter().enumerate().filter(|(at, _)| *at != COL);
        let tables = tables.map(|(at, table)| {
            let by_index = table.counted_by.iter().filter_map(|name| counts.get(*name));
            TableLoss {
                table: table.name,
                expected: by_index
                    .copied()
                    .max()
                    .unwrap_or_default()
                    .max(sink.got[at]),
                got: sink.got[at],
            }
        });
        Ok(Salvaged {
            tables: tables.collect(),
            pages: self.raw.count,
            unreadable_pages,
            found_loose,
            rebuilt: Vec::new(),
        })
    }

    /// Entries of each index that can be followed; its pages are no loose ones.
    fn count_indexes(&mut self) -> Result<BTreeMap<String, u64>> {
        let is_index = |name: &&String| !TABLES.iter().any(|t| t.name == name.as_str());
        let roots: Vec<(String, u32)> = self
            .roots
            .iter()
            .filter(|(name, _)| is_index(name))
            .map(|(name, root)| (name.clone(), *root))
            .collect();
        let mut counts = BTreeMap::new();
        for (name, root) in roots {
            let mut count = 0;
            if self.page(root).is_some_and(|page| !page.has_rowids()) {
                self.walk(root, &mut |_| {
                    count += 1;
                    Ok(true)
                })?;
            }
            counts.insert(name, count);
        }
        Ok(counts)
    }

    /// Rows of pages that no tree leads to; returns how many, and how many pages say nothing.
    fn collect_loose(&mut self, sink: &mut Sink<'_>) -> Result<(u64, u32)> {
        let (mut found, mut unreadable) = (0, 0);
        for number in 2..=self.raw.count {
            self.progress.check()?;
            if self.seen[number as usize] || self.raw.free.contains(&number) {
                continue;
            }
            let Some(page) = Page::read(self.raw, number) else {
                unreadable += 1;
                continue;
            };
            let in_table = page.kind == Kind::TableLeaf;
            self.rows(&page, &mut |row| {
                if let Some((at, values)) = recognise(row, in_table, sink)? {
                    found += u64::from(sink.put(at, values)?);
                }
                Ok(true)
            })?;
        }
        Ok((found, unreadable))
    }
}

/// The values of a row of `table`, mended where that loses nothing; None when it is no such row.
/// `exactly`: nothing is mended, because other tables could be meant.
fn fit(table: &Table, row: Row, exactly: bool) -> Option<Vec<Value>> {
    if row.values.len() != table.shapes.len() {
        return None;
    }
    let rowid = row.rowid;
    let fitting = row
        .values
        .into_iter()
        .zip(table.shapes)
        .map(|(value, shape)| match (shape, value) {
            (Id, Value::Null) => Some(Value::Integer(rowid)),
            (Number, value @ (Value::Integer(_) | Value::Real(_)))
            | (Text, value @ Value::Text(_))
            | (Blob, value @ Value::Blob(_))
            | (Any, value) => Some(value),
            (Text, Value::Blob(bytes)) if !exactly => {
                Some(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            (Text, Value::Integer(number)) if !exactly => Some(Value::Text(number.to_string())),
            (Blob, Value::Text(text)) => Some(Value::Blob(text.into_bytes())),
            _ => None,
        });
    fitting.collect()
}

/// Which table a loose row is of.
fn recognise(row: Row, in_table: bool, sink: &Sink<'_>) -> Result<Option<(usize, Vec<Value>)>> {
    let rowid = row.rowid;
    let at = TABLES.iter().enumerate().position(|(at, table)| {
        let has_rowid = table.shapes[0] == Id;
        let same = row.values.len() == table.shapes.len();
        let shapes = || {
            row.values.iter().zip(table.shapes).all(|(value, shape)| {
                matches!(
                    (shape, value),
                    (Id, Value::Null)
                        | (Number, Value::Integer(_))
                        | (Text, Value::Text(_))
                        | (Blob, Value::Blob(_) | Value::Text(_))
                        | (Any, _)
                )
            })
        };
        at != COL && at != GRAVES && has_rowid == in_table && same && shapes()
    });
    let Some(mut at) = at else { return Ok(None) };
    // Note types and presets have the same columns.
    if at == NOTETYPES && !sink.has_notes_of(rowid)? {
        at = DECK_CONFIG;
    }
    Ok(fit(&TABLES[at], row, true).map(|values| (at, values)))
}
