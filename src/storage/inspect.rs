//! Reads collection files that are not the live one (backups, staged copies, the frozen main
//! file): are they sound, what is in them, how do two differ. Never writes.

use super::Storage;
use super::card::CARD_COLUMNS;
use super::col::Counts;
use super::layout::Layout;
use super::note::NOTE_COLUMNS;
use super::pages::{self, Stop};
use super::revlog::ENTRY_COLUMNS;
use super::snapshot::FrozenFile;
use crate::base::error::AtPath as _;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

/// Virtual machine steps between two looks at the cancel flag.
pub(super) const STEPS_PER_LOOK: i32 = 20_000;
/// Tables without which there is nothing to study, and the columns that are read of them.
const NEEDED: [(&str, &str); 5] = [
    ("col", "crt, mod, scm, ver, usn, ls"),
    ("notes", NOTE_COLUMNS),
    ("cards", CARD_COLUMNS),
    ("revlog", ENTRY_COLUMNS),
    ("graves", "oid, type, usn"),
];

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Structure of every page and row, as SQLite's `quick_check`. Enough for a file that SQLite
    /// wrote just now.
    Quick,
    /// Also that every index agrees with its table: as strong as `integrity_check` against
    /// accidents.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Added ones.
    pub reviews: u64,
    pub notes_added: u64,
    pub notes_changed: u64,
    /// A restore of the earlier one brings them back.
    pub notes_deleted: u64,
    pub cards_added: u64,
    pub cards_deleted: u64,
    /// Of those that both have, without a review that is among [`Self::reviews`]: suspended, moved,
    /// rescheduled.
    pub cards_changed: u64,
    pub decks_added: u64,
    /// Added ones, too.
    pub notetypes_changed: u64,
    pub presets_changed: u64,
}

/// Opens `path` (no log beside it counts), which no collection has open, and checks it. Damage is
/// an error of kind `Corrupt` with the first finding; columns that compute what they tell are
/// `Refused`.
pub fn check(path: &Path, depth: Depth, progress: &Progress) -> Result<Checked> {
    let open = || Ok(File::open(path)?);
    open()
        .and_then(|file| check_inner(path, &file, depth, progress))
        .at(path)
}

/// As [`check`], for the live file while nothing is written to it.
pub fn check_frozen(frozen: &FrozenFile, depth: Depth, progress: &Progress) -> Result<Checked> {
    check_inner(frozen.path(), frozen.file(), depth, progress).at(frozen.path())
}

fn check_inner(path: &Path, file: &File, depth: Depth, progress: &Progress) -> Result<Checked> {
    let storage = open_watched(path, progress)?;
    let schema = schema(&storage)?;
    refuse_computed_columns(&storage)?;
    // What is in a virtual table has no page of its own.
    let mut exists = storage
        .db
        .prepare("select 1 from sqlite_master where type='table' and rootpage>0 and name=?")?;
    for (table, columns) in NEEDED {
        if !exists.exists([table])? {
            return Err(Error::corrupt(mark!("it lacks the table {table}", table)));
        }
        let readable = storage
            .db
            .prepare(&format!("select {columns} from {table}"));
        if let Err(error) = readable {
            let what = mark!("its table {table} is another one", table);
            return Err(Error::corrupt(what).because(error));
        }
    }
    drop(exists);
    if let Some(counts) = sound_pages(&storage.db, file, depth, progress)? {
        return Ok(Checked {
            schema,
            counts,
            wrong_index: None,
        });
    }
    quick_check(&storage.db)?;
    let wrong_index = match depth {
        Depth::Quick => None,
        Depth::Full => index_finding(&storage.db)?,
    };
    Ok(Checked {
        schema,
        counts: storage.counts()?,
        wrong_index,
    })
}

/// The counts when the file is sound beyond doubt; None: SQLite must look at all of it.
fn sound_pages(
    db: &Connection,
    file: &File,
    depth: Depth,
    progress: &Progress,
) -> Result<Option<Counts>> {
    let Some(layout) = Layout::of(db, depth)? else {
        return Ok(None);
    };
    let threads = match depth {
        // Beside others who pack.
        Depth::Quick => 1,
        Depth::Full => 2,
    };
    let seen = match pages::walk(file, &layout.trees, threads, progress) {
        Ok(seen) => seen,
        Err(Stop::Failed(e)) => return Err(e),
        Err(Stop::Doubtful) => return Ok(None),
    };
    if depth == Depth::Full && !layout.indexes_agree(&seen) {
        return Ok(None);
    }
    let pragma = match depth {
        Depth::Quick => "quick_check",
        Depth::Full => "integrity_check",
    };
    for table in layout.for_sqlite() {
        if table_finding(db, pragma, table)?.is_some() {
            return Ok(None);
        }
    }
    Ok(Some(Counts {
        notes: layout.rows("notes", &seen),
        cards: layout.rows("cards", &seen),
        revlog: layout.rows("revlog", &seen),
    }))
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

/// Refuses triggers, views and virtual tables in a file that comes from others: in a program that
/// trusts them they act on their own. One's own collection may have them, from an add-on.
pub fn refuse_active_content(path: &Path) -> Result<()> {
    let storage = Storage::open_read_only(path)?;
    match storage.foreign_schema_objects()?.first() {
        Some(object) => Err(Error::new(
            ErrorKind::Refused,
            mark!(
                "the collection contains a {object}, which could change or hide data",
                object
            ),
        )),
        None => Ok(()),
    }
}

/// No collection has them, and what is written to such a column is lost.
fn refuse_computed_columns(storage: &Storage) -> Result<()> {
    let computed: Option<String> = storage
        .db
        .query_row(
            "select m.name || '.' || c.name from sqlite_master m, pragma_table_xinfo(m.name) c \
             where m.type='table' and m.rootpage>0 and c.hidden<>0 limit 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match computed {
        Some(column) => Err(Error::new(
            ErrorKind::Refused,
            mark!(
                "the collection contains the computed column {column}",
                column
            ),
        )),
        None => Ok(()),
    }
}

fn quick_check(db: &Connection) -> Result<()> {
    match first_finding(db, "quick_check(1)")? {
        None => Ok(()),
        Some(finding) => Err(Error::corrupt(mark!(
            "the collection is damaged: {finding}",
            finding
        ))),
    }
}

/// The first finding of a check; None: ok.
fn first_finding(db: &Connection, pragma: &str) -> Result<Option<String>> {
    let finding: String = db.query_row(&format!("pragma {pragma}"), [], |row| row.get(0))?;
    Ok((finding != "ok").then_some(finding))
}

/// The first index that disagrees with its table.
fn index_finding(db: &Connection) -> Result<Option<String>> {
    let tables = db
        .prepare("select name from sqlite_master where type='table' and name not like 'sqlite_%'")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for table in tables {
        let finding = table_finding(db, "integrity_check", &table)?;
        if finding.is_some() {
            return Ok(finding);
        }
    }
    Ok(None)
}

fn table_finding(db: &Connection, pragma: &str, table: &str) -> Result<Option<String>> {
    let quoted = table.replace('"', "\"\"");
    first_finding(db, &format!("{pragma}(\"{quoted}\")"))
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

/// Lists what is in a file of any schema that we read.
pub fn summarize(path: &Path, progress: &Progress) -> Result<Summary> {
    let storage = open_watched(path, progress)?;
    summarize_inner(&storage).at(path)
}

/// When a note, a card, a deck, its options or a note type was changed last, or a card studied: servers
/// count each download as a change of the whole.
pub fn last_change(path: &Path, progress: &Progress) -> Result<TimestampMillis> {
    last_change_inner(&open_watched(path, progress)?).at(path)
}

fn last_change_inner(storage: &Storage) -> Result<TimestampMillis> {
    let db = &storage.db;
    let newest = |query: &str| -> Result<Option<i64>> {
        let newest: Option<i64> = db.query_row(query, [], |row| row.get(0))?;
        Ok(newest.filter(|at| *at > 0))
    };
    let mut columns = vec![("mod", "notes"), ("mod", "cards")];
    if has_table(db, "notetypes")? {
        for table in ["decks", "deck_config", "notetypes"] {
            columns.push(("mtime_secs", table));
        }
    }
    let mut all = vec![newest("select max(id) from revlog")?];
    for (column, table) in columns {
        let query = format!("select max(cast({column} as integer)) from {table}");
        // In a file that others wrote they may be anything.
        all.push(newest(&query)?.map(|secs| secs.saturating_mul(1000)));
    }
    let of_all = newest("select cast(mod as integer) from col")?.unwrap_or_default();
    let newest = all.into_iter().flatten().max();
    Ok(TimestampMillis(newest.map_or(of_all, |at| at.min(of_all))))
}

fn summarize_inner(storage: &Storage) -> Result<Summary> {
    let db = &storage.db;
    let schema = schema(storage)?;
    let has_tables = has_table(db, "notetypes")?;
    let (notetypes, names) = if has_tables {
        let notetypes: u32 =
            db.query_row("select count(*) from notetypes", [], |row| row.get(0))?;
        let names = db
            .prepare("select id, cast(name as text) from decks")?
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
    let collection_mod =
        db.query_row("select cast(mod as integer) from col", [], |row| row.get(0))?;
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
        serde_json::from_str(text).map_err(|e| {
            Error::corrupt(mark!("the list of decks or note types is damaged")).because(e)
        })
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
/// any schema; decks, note types and presets are compared only where both are of schema 15 or later.
pub fn difference(earlier: &Path, present: &Path, progress: &Progress) -> Result<Difference> {
    let old = open_watched(earlier, progress)?;
    let new = open_watched(present, progress)?;
    let mut found = Difference::default();
    let mut reviewed = HashSet::new();
    merge(
        &old,
        &new,
        "select id, cast(cid as integer) from revlog order by id",
        |side, (_, card)| {
            if side == Side::OnlyNew {
                found.reviews += 1;
                reviewed.insert(card);
            }
        },
    )?;
    merge(
        &old,
        &new,
        "select id, cast(mod as integer) from notes order by id",
        |side, _| match side {
            Side::OnlyNew => found.notes_added += 1,
            Side::OnlyOld => found.notes_deleted += 1,
            Side::Changed => found.notes_changed += 1,
        },
    )?;
    merge(
        &old,
        &new,
        "select id, cast(mod as integer) from cards order by id",
        |side, (card, _)| match side {
            Side::OnlyNew => found.cards_added += 1,
            Side::OnlyOld => found.cards_deleted += 1,
            Side::Changed => found.cards_changed += u64::from(!reviewed.contains(&card)),
        },
    )?;
    if has_table(&old.db, "deck_config")? && has_table(&new.db, "deck_config")? {
        let presets = "select id, cast(mtime_secs as integer) from deck_config order by id";
        merge(&old, &new, presets, |_, _| found.presets_changed += 1)?;
    }
    if has_table(&old.db, "notetypes")? && has_table(&new.db, "notetypes")? {
        // Decks are written with each answer.
        merge(
            &old,
            &new,
            "select id, 0 from decks order by id",
            |side, _| {
                found.decks_added += u64::from(side == Side::OnlyNew);
            },
        )?;
        let notetypes = "select id, cast(mtime_secs as integer) from notetypes order by id";
        merge(&old, &new, notetypes, |side, _| {
            found.notetypes_changed += u64::from(side != Side::OnlyOld);
        })?;
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    OnlyOld,
    OnlyNew,
    Changed,
}

/// Walks the same query of (id, stamp), ascending, in both files. What differs is told with its row,
/// the present one where there is one.
fn merge(
    old: &Storage,
    new: &Storage,
    query: &str,
    mut differs: impl FnMut(Side, (i64, i64)),
) -> Result<()> {
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
            (Some(x), Some(y)) if x.0 == y.0 => {
                if x.1 != y.1 {
                    differs(Side::Changed, y);
                }
                (a, b) = (next(&mut old)?, next(&mut new)?);
            }
            (Some(x), y) if y.is_none_or(|y| x.0 < y.0) => {
                differs(Side::OnlyOld, x);
                a = next(&mut old)?;
            }
            (_, Some(y)) => {
                differs(Side::OnlyNew, y);
                b = next(&mut new)?;
            }
            (_, None) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Clock;
    use crate::storage::snapshot::{self, beside};
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};
    use std::path::PathBuf;

    /// A closed collection with deep trees, records on several pages, free blocks and free pages.
    fn filled(folder: &Path) -> PathBuf {
        let path = folder.join("c.anki2");
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let storage = Storage::create(&path, &clock).unwrap();
        storage
            .db
            .execute_batch(
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) \
                 insert into revlog select 1600000000000 + i * 977, i % 300 * 7919, i % 3 - 1, \
                 i % 4 + 1, i, -i, 2500, i * 13, 1 from n; \
                 with recursive n(i) as (select 1 union all select i + 1 from n where i < 600) \
                 insert into cards select i * 1000, i / 2, i % 9, 0, i, -1, 2, 2, i % 50, i, 2500, \
                 i, 0, 0, 0, i % 3, 0, '{}' from n; \
                 with recursive n(i) as (select 1 union all select i + 1 from n where i < 400) \
                 insert into notes select i * 1000, 'guid' || i, 5, i, -1, '', \
                 printf('%.*c', case when i % 50 = 0 then 9000 else i end, 'x'), \
                 case i % 3 when 0 then i else 'text ' || i end, i * 31, 0, '' from n; \
                 delete from revlog where id % 5 = 0; delete from notes where id % 7000 = 0; \
                 drop table graves; create table graves (oid integer not null, type integer not \
                 null, usn integer not null, primary key (oid, type)) without rowid;",
            )
            .unwrap();
        storage.close().unwrap();
        path
    }

    fn vouched(path: &Path, depth: Depth) -> bool {
        let progress = Progress::new();
        let look = || -> Result<bool> {
            let storage = open_watched(path, &progress)?;
            let file = File::open(path)?;
            Ok(sound_pages(&storage.db, &file, depth, &progress)?.is_some())
        };
        look().unwrap_or(false)
    }

    fn sqlite_finding(path: &Path, pragma: &str) -> Option<String> {
        let look = || first_finding(&open_watched(path, &Progress::new())?.db, pragma);
        look().unwrap_or_else(|e| Some(e.to_string()))
    }

    #[test]
    fn a_sound_file_is_vouched_for_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        assert!(vouched(&path, Depth::Quick) && vouched(&path, Depth::Full));
        let storage = Storage::open_read_only(&path).unwrap();
        let counts = storage.counts().unwrap();
        for depth in [Depth::Quick, Depth::Full] {
            let checked = check(&path, depth, &Progress::new()).unwrap();
            assert_eq!((checked.counts, checked.wrong_index), (counts, None));
        }
    }

    #[test]
    fn the_last_change_is_one_of_the_parts_and_not_after_that_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        for (of_a_note, last) in [
            ("1750000000", 1_750_000_000_000),
            ("9223372036854775807", 1_800_000_000_000),
            ("1e300", 1_800_000_000_000),
        ] {
            let db = Connection::open(&path).unwrap();
            let change = format!("update notes set mod={of_a_note} where id=1000");
            db.execute_batch(&change).unwrap();
            db.execute_batch("update col set mod=1800000000000")
                .unwrap();
            db.query_row("pragma journal_mode=delete", [], |_| Ok(()))
                .unwrap();
            db.close().unwrap();
            let found = last_change(&path, &Progress::new()).unwrap();
            assert_eq!(found, TimestampMillis(last), "{of_a_note}");
        }
    }

    #[test]
    fn tables_without_a_column_are_refused_as_damaged() {
        let folder = tempfile::tempdir().unwrap();
        for change in [
            "alter table notes rename column flds to f",
            "alter table cards drop column data",
            "alter table revlog drop column factor",
            "alter table col drop column ls",
        ] {
            let path = filled(folder.path());
            let db = Connection::open(&path).unwrap();
            db.create_collation("unicase", |a: &str, b: &str| a.cmp(b))
                .unwrap();
            db.execute_batch(change).unwrap();
            db.query_row("pragma journal_mode=delete", [], |_| Ok(()))
                .unwrap();
            db.close().unwrap();
            let error = check(&path, Depth::Full, &Progress::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{change}: {error}");
            std::fs::remove_file(&path).unwrap();
        }
    }

    /// Whatever SQLite finds, we do not vouch for.
    #[test]
    fn no_damage_that_sqlite_finds_is_vouched_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let mut random = StdRng::seed_from_u64(1);
        let (mut quick, mut full) = (0, 0);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            // Mostly where the structure is: the head of a page, its cell pointers, its cells.
            let page = random.random_range(0..bytes.len() / 4096) * 4096;
            let within = *[12, 100, 4096].get(random.random_range(0..3)).unwrap();
            let at = page + random.random_range(0..within);
            bytes[at] = match random.random_range(0..3) {
                0 => random.random(),
                1 => bytes[at] ^ 1 << random.random_range(0..8),
                _ => bytes[at].wrapping_add(1),
            };
            std::fs::write(&path, &bytes).unwrap();
            for (pragma, depth, found) in [
                ("quick_check(1)", Depth::Quick, &mut quick),
                ("integrity_check(1)", Depth::Full, &mut full),
            ] {
                if let Some(finding) = sqlite_finding(&path, pragma) {
                    *found += 1;
                    assert!(!vouched(&path, depth), "byte {at}: {finding}");
                }
            }
        }
        assert!(quick > 60 && full > quick, "{quick} and {full} of 300");
    }

    /// Rows that SQLite complains about, made by SQLite itself.
    #[test]
    fn rows_against_their_table_are_not_vouched_for() {
        let folder = tempfile::tempdir().unwrap();
        for (schema, row) in [
            ("x integer not null", "null"),
            ("x text", "5"),
            ("x integer", "'5'"),
            ("x real", "' 1e5 '"),
        ] {
            let path = filled(folder.path());
            let db = Connection::open(&path).unwrap();
            db.execute_batch(&format!(
                "create table t (id integer primary key, x blob); \
                 insert into t values (1, {row}); pragma writable_schema=on; update sqlite_master \
                 set sql='create table t (id integer primary key, {schema})' where name='t';"
            ))
            .unwrap();
            db.query_row("pragma journal_mode=delete", [], |_| Ok(()))
                .unwrap();
            db.close().unwrap();
            assert!(!snapshot::has_log(&path));
            assert!(
                sqlite_finding(&path, "quick_check(1)").is_some(),
                "{schema} with {row}"
            );
            assert!(!vouched(&path, Depth::Quick), "{schema} with {row}");
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(beside(&path, suffix));
            }
        }
    }
}
