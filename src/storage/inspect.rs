//! Reads collection files that are not the live one (backups, staged copies, the frozen main
//! file): are they sound, what is in them, how do two differ. Never writes.

use super::Storage;
use super::col::Counts;
use crate::base::error::AtPath as _;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;
use std::thread;

/// Virtual machine steps between two looks at the cancel flag.
const STEPS_PER_LOOK: i32 = 20_000;
/// Tables without which there is nothing to study.
const NEEDED: [&str; 5] = ["col", "notes", "cards", "revlog", "graves"];

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Structure of every page and row. Enough for a file that SQLite wrote just now.
    Quick,
    /// Also that every index agrees with its table: as strong as `integrity_check` against
    /// accidents, in a third of its time.
    Full,
}

/// What was found in a file whose structure is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub schema: u8,
    pub counts: Counts,
    /// The tables are sound, but an index disagrees: rebuilding the indexes mends it.
    pub wrong_index: Option<String>,
}

/// What is in a collection file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub schema: u8,
    pub counts: Counts,
    pub notetypes: u64,
    /// Name (`A::B`) and cards of its own, by name.
    pub decks: Vec<(String, u64)>,
    pub newest_review: Option<TimestampMillis>,
    pub collection_mod: TimestampMillis,
}

/// What only one of two collections has: the earlier (a backup) and the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference {
    pub reviews_added: u64,
    pub notes_added: u64,
    pub notes_changed: u64,
    pub notes_deleted: u64,
    pub cards_added: u64,
    pub cards_deleted: u64,
    pub presets_changed: u64,
}

/// Opens `path` (no log beside it counts) and checks it. Damage is an error of kind `Corrupt`
/// with the first finding; active content is `Refused`.
pub fn check(path: &Path, depth: Depth, progress: &Progress) -> Result<Checked> {
    check_inner(path, depth, progress).at(path)
}

fn check_inner(path: &Path, depth: Depth, progress: &Progress) -> Result<Checked> {
    let storage = open_watched(path, progress)?;
    let schema = schema(&storage)?;
    refuse_active_content(&storage)?;
    let mut exists = storage
        .db
        .prepare("select 1 from sqlite_master where type='table' and name=?")?;
    for table in NEEDED {
        if !exists.exists([table])? {
            return Err(Error::corrupt(format!("it lacks the table {table}")));
        }
    }
    drop(exists);
    let wrong_index = match depth {
        Depth::Quick => {
            quick_check(&storage.db)?;
            None
        }
        Depth::Full => thread::scope(|scope| {
            let revlog = thread::Builder::new()
                .name("check-revlog".into())
                .spawn_scoped(scope, || revlog_finding(path, progress))?;
            let rest = quick_check(&storage.db).and_then(|()| rest_finding(&storage.db));
            let revlog = revlog
                .join()
                .map_err(|_| Error::bug("checking the reviews ended unexpectedly"))?;
            // Damage to pages shows in both; the structural finding says more.
            rest.and_then(|rest| Ok(rest.or(revlog?)))
        })?,
    };
    Ok(Checked {
        schema,
        counts: storage.counts()?,
        wrong_index,
    })
}

/// Opens a file that nobody writes to; its statements end when the job is cancelled.
pub fn open_watched(path: &Path, progress: &Progress) -> Result<Storage> {
    let mut storage = Storage::open_read_only(path)?;
    let progress = progress.clone();
    storage
        .db
        .progress_handler(STEPS_PER_LOOK, Some(move || progress.is_cancelled()))?;
    Ok(storage)
}

fn schema(storage: &Storage) -> Result<u8> {
    Ok(storage
        .db
        .query_row("select ver from col", [], |row| row.get(0))?)
}

/// Triggers, views, virtual tables and computed columns: no collection has them, and in a
/// program that trusts them they act on their own.
fn refuse_active_content(storage: &Storage) -> Result<()> {
    if let Some(object) = storage.foreign_schema_objects()?.first() {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("the collection contains a {object}, which could change or hide data"),
        ));
    }
    let computed: Option<String> = storage
        .db
        .query_row(
            "select m.name || '.' || c.name from sqlite_master m, pragma_table_xinfo(m.name) c \
             where m.type='table' and c.hidden<>0 limit 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match computed {
        Some(column) => Err(Error::new(
            ErrorKind::Refused,
            format!("the collection contains the computed column {column}"),
        )),
        None => Ok(()),
    }
}

fn quick_check(db: &Connection) -> Result<()> {
    match first_finding(db, "quick_check(1)")? {
        None => Ok(()),
        Some(finding) => Err(Error::corrupt(format!(
            "the collection is damaged: {finding}"
        ))),
    }
}

/// The first finding of a check; None: ok.
fn first_finding(db: &Connection, pragma: &str) -> Result<Option<String>> {
    let finding: String = db.query_row(&format!("pragma {pragma}"), [], |row| row.get(0))?;
    Ok((finding != "ok").then_some(finding))
}

/// Indexes of every table but the review log.
fn rest_finding(db: &Connection) -> Result<Option<String>> {
    let tables = db
        .prepare("select name from sqlite_master where type='table' and name<>'revlog' and name not like 'sqlite_%'")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let finding = first_finding(db, &format!("integrity_check(\"{quoted}\")"))?;
        if finding.is_some() {
            return Ok(finding);
        }
    }
    Ok(None)
}

/// Compares the two usual indexes of the review log with the table, by one scan of each; any
/// other index there is checked by SQLite.
fn revlog_finding(path: &Path, progress: &Progress) -> Result<Option<String>> {
    let storage = open_watched(path, progress)?;
    let db = &storage.db;
    let indexes = db
        .prepare("select name, sql from sqlite_master where type='index' and tbl_name='revlog'")?
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let is_on = |sql: &Option<String>, column: &str| {
        let sql = sql.as_deref().unwrap_or("").to_ascii_lowercase();
        let sql: String = sql.split_whitespace().collect();
        sql.ends_with(&format!("onrevlog({column})"))
    };
    let usual = |name: &str, column: &str| {
        indexes
            .iter()
            .any(|(index, sql)| index == name && is_on(sql, column))
    };
    let cid = usual("ix_revlog_cid", "cid");
    let usn = usual("ix_revlog_usn", "usn");
    if indexes.len() != usize::from(cid) + usize::from(usn) {
        return first_finding(db, "integrity_check(revlog)");
    }
    match wrong_revlog_index(db, cid, usn) {
        // A value that is not a number, which the comparison cannot read.
        Err(e) if e.kind() == ErrorKind::Corrupt => first_finding(db, "integrity_check(revlog)"),
        other => other,
    }
}

fn wrong_revlog_index(db: &Connection, cid: bool, usn: bool) -> Result<Option<String>> {
    let mut sums = [0u64; 2];
    let mut rows = 0u64;
    scan(db, "select cid, usn, id from revlog not indexed", |row| {
        let (cid, usn, id) = (row.get(0)?, row.get(1)?, row.get(2)?);
        sums[0] = sums[0].wrapping_add(mix(cid, id));
        sums[1] = sums[1].wrapping_add(mix(usn, id));
        rows += 1;
        Ok(())
    })?;
    for (column, present, want) in [("cid", cid, sums[0]), ("usn", usn, sums[1])] {
        if present && index_sum(db, column)? != (want, rows, true) {
            return Ok(Some(format!(
                "the index of the reviews by {column} disagrees with the table"
            )));
        }
    }
    Ok(None)
}

/// Sum of the entries of an index, how many there are, and whether they ascend.
fn index_sum(db: &Connection, column: &str) -> Result<(u64, u64, bool)> {
    let (mut sum, mut rows, mut ascending) = (0u64, 0u64, true);
    let mut last = (i64::MIN, i64::MIN);
    let query = format!(
        "select {column}, id from revlog indexed by ix_revlog_{column} order by {column}, id"
    );
    scan(db, &query, |row| {
        let entry = (row.get(0)?, row.get(1)?);
        ascending &= rows == 0 || entry > last;
        last = entry;
        sum = sum.wrapping_add(mix(entry.0, entry.1));
        rows += 1;
        Ok(())
    })?;
    Ok((sum, rows, ascending))
}

fn scan(
    db: &Connection,
    query: &str,
    mut each: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = db.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}

/// Spreads a pair over 64 bits, so that sums of different sets differ.
fn mix(key: i64, id: i64) -> u64 {
    let a = key.cast_unsigned() ^ 0x9E37_79B9_7F4A_7C15;
    let b = id.cast_unsigned().wrapping_add(0xD1B5_4A32_D192_ED03) | 1;
    let product = u128::from(a) * u128::from(b);
    let folded = (product >> 64) as u64 ^ product as u64;
    folded.wrapping_mul(0xA24B_AED4_963E_E407) ^ id.cast_unsigned().rotate_left(29)
}

/// Lists what is in a file of any schema that we read.
pub fn summarize(path: &Path, progress: &Progress) -> Result<Summary> {
    let storage = open_watched(path, progress)?;
    summarize_inner(&storage).at(path)
}

fn summarize_inner(storage: &Storage) -> Result<Summary> {
    let db = &storage.db;
    let schema = schema(storage)?;
    let has_tables = has_table(db, "notetypes")?;
    let (notetypes, names) = if has_tables {
        let notetypes: u32 =
            db.query_row("select count(*) from notetypes", [], |row| row.get(0))?;
        let names = db
            .prepare("select id, name from decks")?
            .query_map([], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?.replace('\x1f', "::")))
            })?
            .collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
        (u64::from(notetypes), names)
    } else {
        json_names(db)?
    };
    let mut cards = std::collections::HashMap::new();
    scan(
        db,
        "select case odid when 0 then did else odid end, count(*) from cards group by 1",
        |row| {
            cards.insert(row.get::<_, i64>(0)?, row.get::<_, u32>(1)?);
            Ok(())
        },
    )?;
    let mut decks: Vec<(String, u64)> = names
        .into_iter()
        .map(|(id, name)| (name, cards.remove(&id).unwrap_or(0).into()))
        .collect();
    decks.sort();
    let newest: Option<i64> = db.query_row("select max(id) from revlog", [], |row| row.get(0))?;
    let collection_mod = db.query_row("select mod from col", [], |row| row.get(0))?;
    Ok(Summary {
        schema,
        counts: storage.counts()?,
        notetypes,
        decks,
        newest_review: newest.map(TimestampMillis),
        collection_mod: TimestampMillis(collection_mod),
    })
}

fn has_table(db: &Connection, name: &str) -> Result<bool> {
    Ok(db
        .prepare("select 1 from sqlite_master where type='table' and name=?")?
        .exists([name])?)
}

/// Number of note types and the decks of schema 11, where both are JSON in `col`.
fn json_names(db: &Connection) -> Result<(u64, Vec<(i64, String)>)> {
    let (models, decks): (String, String) =
        db.query_row("select models, decks from col", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let parse = |text: &str| -> Result<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_str(text)
            .map_err(|e| Error::corrupt("the list of decks or note types is damaged").because(e))
    };
    let decks = parse(&decks)?
        .into_iter()
        .filter_map(|(id, deck)| {
            let name = deck.get("name")?.as_str()?.to_owned();
            Some((id.parse().ok()?, name))
        })
        .collect();
    Ok((parse(&models)?.len() as u64, decks))
}

/// Compares two files by ids and modification times, in one pass over each table. Both may be of
/// any schema; presets are compared only where both are of schema 15 or later.
pub fn difference(earlier: &Path, present: &Path, progress: &Progress) -> Result<Difference> {
    let old = open_watched(earlier, progress)?;
    let new = open_watched(present, progress)?;
    let mut found = Difference::default();
    merge(&old, &new, "select id, 0 from revlog order by id", |side| {
        found.reviews_added += u64::from(side == Side::OnlyNew);
    })?;
    merge(
        &old,
        &new,
        "select id, cast(mod as integer) from notes order by id",
        |side| match side {
            Side::OnlyNew => found.notes_added += 1,
            Side::OnlyOld => found.notes_deleted += 1,
            Side::Changed => found.notes_changed += 1,
        },
    )?;
    merge(
        &old,
        &new,
        "select id, 0 from cards order by id",
        |side| match side {
            Side::OnlyNew => found.cards_added += 1,
            Side::OnlyOld => found.cards_deleted += 1,
            Side::Changed => {}
        },
    )?;
    if has_table(&old.db, "deck_config")? && has_table(&new.db, "deck_config")? {
        let presets = "select id, mtime_secs from deck_config order by id";
        merge(&old, &new, presets, |_| found.presets_changed += 1)?;
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    OnlyOld,
    OnlyNew,
    Changed,
}

/// Walks the same query of (id, stamp), ascending, in both files.
fn merge(old: &Storage, new: &Storage, query: &str, mut differs: impl FnMut(Side)) -> Result<()> {
    let mut old = old.db.prepare(query)?;
    let mut new = new.db.prepare(query)?;
    let (mut old, mut new) = (old.query([])?, new.query([])?);
    let next = |rows: &mut rusqlite::Rows<'_>| -> rusqlite::Result<Option<(i64, i64)>> {
        rows.next()?
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .transpose()
    };
    let (mut a, mut b) = (next(&mut old)?, next(&mut new)?);
    loop {
        match (a, b) {
            (None, None) => return Ok(()),
            (Some(x), Some(y)) if x.0 == y.0 => {
                if x.1 != y.1 {
                    differs(Side::Changed);
                }
                (a, b) = (next(&mut old)?, next(&mut new)?);
            }
            (Some(x), y) if y.is_none_or(|y| x.0 < y.0) => {
                differs(Side::OnlyOld);
                a = next(&mut old)?;
            }
            _ => {
                differs(Side::OnlyNew);
                b = next(&mut new)?;
            }
        }
    }
}
