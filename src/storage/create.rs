//! A new collection: the tables, the Default deck and preset, the stock note types, and the
//! settings that Anki writes on creation. And the tables that a package of another program lacks.

use super::{Storage, open, stock_notetypes};
use crate::base::error::AtPath as _;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::base::time::{Clock, TimestampMillis, TimestampSecs};
use crate::base::{Error, ErrorKind, Result};
use crate::codec::deck::{deck_common_to_wire, deck_kind_to_wire};
use crate::codec::deck_config::deck_config_to_wire;
use crate::domain::deck::{DeckCommon, DeckKind, NormalDeck};
use crate::domain::deck_config::DeckConfigInner;
use crate::mark;
use rusqlite::{Connection, params};
use std::path::Path;

/// The statements that make the tables added since schema 11, in the order of the schemas.
pub(in crate::storage) mod schema_sql {
    pub(in crate::storage) const BASE: &str = include_str!("sql/base.sql");
    pub(in crate::storage) const TABLES_14: &str = include_str!("sql/tables14.sql");
    pub(in crate::storage) const TABLES_15: &str = include_str!("sql/tables15.sql");
    pub(in crate::storage) const TAGS: &str = include_str!("sql/tags.sql");
    pub(in crate::storage) const GRAVES: &str = include_str!("sql/graves.sql");
}

impl Storage {
    /// Makes a collection and opens it. An empty file counts as none.
    pub fn create(path: &Path, clock: &Clock) -> Result<Self> {
        if Self::schema_version(path)?.is_some() {
            return Err(
                Error::new(ErrorKind::Conflict, mark!("a collection is there already")).at(path),
            );
        }
        write_new(path, clock).map_err(|e| e.at(path))?;
        Self::open(path)
    }

    /// In a package that was unpacked and that nobody has open: tables without which there still
    /// are notes and cards are there afterwards, without rows. A file that has them is not written.
    pub fn add_missing_tables(path: &Path) -> Result<()> {
        add_missing_tables(path).at(path)
    }
}

/// What a package can do without, and since which schema there is such a table.
const DISPENSABLE: [(&str, u8); 5] = [
    ("revlog", 11),
    ("graves", 11),
    ("config", 14),
    ("deck_config", 14),
    ("tags", 14),
];

fn add_missing_tables(path: &Path) -> Result<()> {
    let db = open::connect_immutable(path)?;
    let Some(version) = open::version_of(&db)? else {
        return Ok(());
    };
    let mut lacking = Vec::new();
    let mut exists = db.prepare("select 1 from sqlite_master where name=?")?;
    for (table, since) in DISPENSABLE {
        if version >= since && !exists.exists([table])? {
            lacking.push(table);
        }
    }
    drop(exists);
    drop(db);
    if lacking.is_empty() {
        return Ok(());
    }
    tracing::info!(tables = ?lacking, "a package lacks tables, which count as empty");
    let db = open::connect_to_upgrade(path)?;
    for table in lacking {
        for statement in statements_of(table) {
            db.execute_batch(statement)?;
        }
    }
    db.close().map_err(|(_, e)| e)?;
    Ok(())
}

/// What makes one table and its indexes.
fn statements_of(table: &str) -> impl Iterator<Item = &'static str> {
    let (made, indexed) = (format!("CREATE TABLE {table} ("), format!(" ON {table} ("));
    let all = [
        schema_sql::BASE,
        schema_sql::TABLES_14,
        schema_sql::TAGS,
        schema_sql::GRAVES,
    ];
    let statements = all.into_iter().flat_map(|sql| sql.split(';'));
    statements.filter(move |sql| sql.contains(&made) || sql.contains(&indexed))
}

fn write_new(path: &Path, clock: &Clock) -> Result<()> {
    let db = open::connect_to_create(path)?;
    db.execute_batch("begin exclusive")?;
    for part in [
        schema_sql::BASE,
        schema_sql::TABLES_14,
        schema_sql::TABLES_15,
        "analyze",
        schema_sql::TAGS,
        schema_sql::GRAVES,
    ] {
        db.execute_batch(part)?;
    }
    let now = clock.now();
    db.execute(
        "insert into col values (1, ?, 0, ?, 18, 0, 0, 0, '', '', '', '', '')",
        params![creation_stamp(clock, now).0, now.0],
    )?;
    add_defaults(&db)?;
    let first = add_stock_notetypes(&db, now)?;
    add_config(&db, clock, now, first)?;
    db.execute_batch("commit")?;
    db.close().map_err(|(_, e)| e)?;
    Ok(())
}

/// Four in the morning, local time, of the day that began then.
#[must_use]
fn creation_stamp(clock: &Clock, now: TimestampMillis) -> TimestampSecs {
    let local = clock.local(now);
    let day = if local.hour() < 4 {
        local.yesterday().unwrap_or(local)
    } else {
        local
    };
    let four = day.date().at(4, 0, 0, 0).to_zoned(clock.zone());
    TimestampSecs(four.map_or(now.secs().0, |t| t.timestamp().as_second()))
}

fn add_defaults(db: &Connection) -> Result<()> {
    db.execute(
        "insert into deck_config values (?, 'Default', 0, 0, ?)",
        params![
            DeckConfigId::DEFAULT.0,
            deck_config_to_wire(&DeckConfigInner::default())
        ],
    )?;
    let common = DeckCommon {
        study_collapsed: true,
        browser_collapsed: true,
        ..DeckCommon::default()
    };
    let kind = DeckKind::Normal(NormalDeck {
        config_id: DeckConfigId::DEFAULT,
        ..NormalDeck::default()
    });
    db.execute(
        "insert into decks values (?, 'Default', 0, 0, ?, ?)",
        params![
            DeckId::DEFAULT.0,
            deck_common_to_wire(&common),
            deck_kind_to_wire(&kind)
        ],
    )?;
    Ok(())
}

/// Returns the id of the first, Basic.
fn add_stock_notetypes(db: &Connection, now: TimestampMillis) -> Result<NotetypeId> {
    use crate::codec::notetype::{field_to_wire, notetype_to_wire, template_to_wire};
    let first = now.0 + 1;
    for (id, notetype) in (first..).zip(stock_notetypes(rand::random)) {
        db.execute(
            "insert into notetypes values (?, ?, 0, 0, ?)",
            params![id, notetype.name, notetype_to_wire(&notetype.config)],
        )?;
        for (ord, field) in notetype.fields.iter().enumerate() {
            db.execute(
                "insert into fields values (?, ?, ?, ?)",
                params![id, ord as i64, field.name, field_to_wire(&field.config)],
            )?;
        }
        for (ord, template) in notetype.templates.iter().enumerate() {
            db.execute(
                "insert into templates values (?, ?, ?, 0, 0, ?)",
                params![
                    id,
                    ord as i64,
                    template.name,
                    template_to_wire(&template.config)
                ],
            )?;
        }
    }
    Ok(NotetypeId(first))
}

fn add_config(
    db: &Connection,
    clock: &Clock,
    now: TimestampMillis,
    current_notetype: NotetypeId,
) -> Result<()> {
    let mut insert = db.prepare("insert into config values (?, ?, ?, ?)")?;
    let mut add = |key: &str, usn: i32, mtime: i64, json: String| {
        insert.execute(params![key, usn, mtime, json.into_bytes()])
    };
    for (key, json) in [
        ("activeDecks", "[1]"),
        ("addToCur", "true"),
        ("collapseTime", "1200"),
        ("curDeck", "1"),
        ("dayLearnFirst", "false"),
        ("dueCounts", "true"),
        ("estTimes", "true"),
        ("newSpread", "0"),
        ("nextPos", "1"),
        ("sched2021", "true"),
        ("schedVer", "2"),
        ("sortBackwards", "false"),
        ("sortType", "\"noteFld\""),
        ("timeLim", "0"),
    ] {
        add(key, 0, 0, json.to_owned())?;
    }
    let offset = clock.offset_mins_west(now.secs());
    add("creationOffset", 0, 0, offset.to_string())?;
    add("curModel", -1, now.secs().0, current_notetype.to_string())?;
    Ok(())
}
