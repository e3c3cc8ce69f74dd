//! From schema 11, 14, 15, 16 or 17 to 18, in one exclusive transaction: a crash, a full disk or
//! a cancel leaves the old collection as it was. The caller makes a backup first.
//!
//! Each step leaves what the schema of that number looks like, so that files which stopped on
//! the way are taken up there. The scheduler's own upgrade is in `scheduler_upgrade`.

use super::create::schema_sql;
use super::open::{SCHEMA, connect_to_upgrade, require_schema, version_of};
use super::{Storage, scheduler_upgrade};
use crate::base::error::AtPath as _;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId, Usn};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampSecs};
use crate::base::{Error, Result};
use crate::codec::deck::{deck_common_to_wire, deck_kind_to_wire};
use crate::codec::deck_config::{deck_config_as_stored, deck_config_to_wire};
use crate::codec::notetype::{field_to_wire, notetype_to_wire, template_to_wire};
use crate::codec::schema11::preset::preset_from_json;
use crate::codec::schema11::{self, deck::deck_from_json, notetype::notetype_from_json};
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, NormalDeck};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::domain::distinct::DistinctNames;
use crate::domain::notetype::Notetype;
use crate::{mark, t};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashSet;
use std::path::Path;
use unicode_normalization::UnicodeNormalization as _;

impl Storage {
    /// Whether [`Self::upgrade`] has anything to do. Errors name schemas that cannot be read.
    pub fn needs_upgrade(path: &Path) -> Result<bool> {
        match Self::schema_version(path)? {
            None => Ok(false),
            Some(11 | 14..=17) => Ok(true),
            other => require_schema(other).at(path).map(|()| false),
        }
    }

    /// Makes a collection of schema 11 or 14 to 17 one of schema 18 with the third scheduler.
    /// One of schema 18 is left alone, except for its scheduler.
    pub fn upgrade(path: &Path, clock: &Clock, progress: &Progress) -> Result<()> {
        let run = || -> Result<()> {
            let db = connect_to_upgrade(path)?;
            let version = version_of(&db)?;
            if !matches!(version, Some(11 | 14..=17)) {
                require_schema(version)?;
            }
            db.execute_batch("begin exclusive")?;
            // A failure leaves the transaction open, and closing rolls it back.
            upgrade_from(&db, version.unwrap_or(SCHEMA), clock, progress)?;
            db.execute_batch("commit")?;
            db.close().map_err(|(_, e)| e)?;
            Ok(())
        };
        run().at(path)
    }
}

fn upgrade_from(db: &Connection, version: u8, clock: &Clock, progress: &Progress) -> Result<()> {
    let now = clock.now_secs();
    if version < 14 {
        progress.stage(t!("Upgrading settings"), 0)?;
        to_14(db)?;
    }
    if version < 15 {
        progress.stage(t!("Upgrading note types and decks"), 0)?;
        to_15(db, now)?;
    }
    if version < 16 {
        progress.stage(t!("Upgrading presets"), 0)?;
        to_16(db)?;
    }
    if version < 17 {
        recreate(
            db,
            "tags",
            "tag, usn, collapsed",
            "tag, usn, 1",
            schema_sql::TAGS,
        )?;
    }
    if version < 18 {
        recreate(
            db,
            "graves",
            "oid, type, usn",
            "oid, type, usn",
            schema_sql::GRAVES,
        )?;
        db.execute("update col set ver=18", [])?;
    }
    progress.stage(t!("Upgrading the scheduler"), 0)?;
    scheduler_upgrade::run(db, clock)?;
    progress.check()
}

/// Settings, tags and presets leave `col`; presets stay JSON for now.
fn to_14(db: &Connection) -> Result<()> {
    db.execute_batch(schema_sql::TABLES_14)?;
    db.execute_batch(
        "create table tags (tag text not null primary key collate unicase, usn integer not null) \
         without rowid",
    )?;
    let (presets, tags, conf): (String, String, String) =
        db.query_row("select dconf, tags, conf from col", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let mut insert = db.prepare("insert or replace into deck_config values (?, ?, 0, 0, ?)")?;
    for (id, preset) in schema11::objects_by_id(&presets, "presets")? {
        insert.execute(params![id, "", preset.to_string().into_bytes()])?;
    }
    let mut insert = db.prepare("insert or ignore into tags values (?, ?)")?;
    for (tag, usn) in schema11::entries(&tags, "tags")? {
        let usn = usn.as_i64().and_then(|v| i32::try_from(v).ok());
        insert.execute(params![tag, usn.unwrap_or(0)])?;
    }
    let mut insert = db.prepare("insert or replace into config values (?, 0, 0, ?)")?;
    for (key, value) in schema11::entries(&conf, "settings")? {
        insert.execute(params![key, schema11::sorted_json(&value)])?;
    }
    db.execute("update col set dconf='', tags='', conf=''", [])?;
    Ok(())
}

/// Note types and decks leave `col`; presets become protobuf, their ease still in percent.
fn to_15(db: &Connection, now: TimestampSecs) -> Result<()> {
    db.execute_batch(schema_sql::TABLES_15)?;
    let (notetypes, decks): (String, String) =
        db.query_row("select models, decks from col", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    add_notetypes(db, schema11::objects_by_id(&notetypes, "note types")?)?;
    add_decks(db, schema11::objects_by_id(&decks, "decks")?, now)?;
    convert_presets(db)?;
    db.execute("update col set models='', decks=''", [])?;
    db.execute_batch("analyze")?;
    Ok(())
}

fn add_notetypes(db: &Connection, mut objects: Vec<(i64, serde_json::Value)>) -> Result<()> {
    objects.sort_by_key(|(id, _)| *id);
    let mut names = DistinctNames::default();
    for (id, object) in objects {
        let mut notetype = notetype_from_json(id, object)?;
        if id == 0 {
            notetype.id = NotetypeId(rand::random_range(1..1_i64 << 53));
        }
        notetype.name = nfc(&notetype.name);
        names.take(&mut notetype.name, "_");
        let mut parts = DistinctNames::default();
        for field in &mut notetype.fields {
            field.name = nfc(&field.name);
            parts.take(&mut field.name, "+");
        }
        let mut parts = DistinctNames::default();
        for template in &mut notetype.templates {
            template.name = nfc(&template.name);
            parts.take(&mut template.name, "+");
        }
        insert_notetype(db, &notetype)?;
    }
    Ok(())
}

fn nfc(name: &str) -> String {
    name.nfc().collect()
}

fn insert_notetype(db: &Connection, notetype: &Notetype) -> Result<()> {
    let id = notetype.id.0;
    db.prepare_cached("insert into notetypes values (?, ?, ?, ?, ?)")?
        .execute(params![
            id,
            notetype.name,
            notetype.mtime.0,
            notetype.usn.0,
            notetype_to_wire(&notetype.config)
        ])?;
    let mut insert = db.prepare_cached("insert into fields values (?, ?, ?, ?)")?;
    for (ord, field) in notetype.fields.iter().enumerate() {
        insert.execute(params![
            id,
            ord as i64,
            field.name,
            field_to_wire(&field.config)
        ])?;
    }
    let mut insert = db.prepare_cached("insert into templates values (?, ?, ?, 0, 0, ?)")?;
    for (ord, template) in notetype.templates.iter().enumerate() {
        insert.execute(params![
            id,
            ord as i64,
            template.name,
            template_to_wire(&template.config)
        ])?;
    }
    Ok(())
}

fn add_decks(
    db: &Connection,
    mut objects: Vec<(i64, serde_json::Value)>,
    now: TimestampSecs,
) -> Result<()> {
    objects.sort_by_key(|(id, _)| *id);
    let mut decks: Vec<Deck> = objects
        .into_iter()
        .map(|(id, object)| deck_from_json(id, object))
        .collect::<Result<_>>()?;
    if !decks.iter().any(|deck| deck.id == DeckId::DEFAULT) {
        decks.push(default_deck(now));
    }
    let mut names = DistinctNames::default();
    let mut insert = db.prepare("insert into decks values (?, ?, ?, ?, ?, ?)")?;
    for mut deck in decks {
        let mut name = deck.name.as_native().to_owned();
        if names.take(&mut name, "_") {
            deck.name = DeckName::from_native(name);
            deck.mtime = now;
            deck.usn = Usn::PENDING;
        }
        insert.execute(params![
            deck.id.0,
            deck.name.as_native(),
            deck.mtime.0,
            deck.usn.0,
            deck_common_to_wire(&deck.common),
            deck_kind_to_wire(&deck.kind)
        ])?;
    }
    Ok(())
}

fn default_deck(now: TimestampSecs) -> Deck {
    Deck {
        id: DeckId::DEFAULT,
        name: DeckName::from_native("Default"),
        mtime: now,
        usn: Usn::PENDING,
        common: DeckCommon::default(),
        kind: DeckKind::Normal(NormalDeck {
            config_id: DeckConfigId::DEFAULT,
            ..NormalDeck::default()
        }),
    }
}

/// The JSON that schema 14 keeps in the blob becomes protobuf.
fn convert_presets(db: &Connection) -> Result<()> {
    let mut presets = Vec::new();
    {
        let mut statement = db.prepare("select id, config from deck_config")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let json: Vec<u8> = row.get(1)?;
            let value = serde_json::from_slice(&json)
                .map_err(|e| Error::corrupt(mark!("a preset cannot be read")).because(e))?;
            presets.push(preset_from_json(row.get(0)?, value)?);
        }
    }
    if !presets.iter().any(|p| p.id == DeckConfigId::DEFAULT) {
        presets.push(DeckConfig {
            id: DeckConfigId::DEFAULT,
            name: "Default".to_owned(),
            mtime: TimestampSecs::default(),
            usn: Usn::default(),
            inner: DeckConfigInner::default(),
        });
    }
    let mut insert = db.prepare("insert or replace into deck_config values (?, ?, ?, ?, ?)")?;
    for mut preset in presets {
        // Exactly a tenth of the JSON's thousandths, as Anki stores it in between.
        preset.inner.initial_ease = (preset.inner.initial_ease * 1000.0).round() / 10.0;
        insert.execute(params![
            preset.id.0,
            preset.name,
            preset.mtime.0,
            preset.usn.0,
            deck_config_to_wire(&preset.inner)
        ])?;
    }
    Ok(())
}

/// The ease of presets becomes a factor; where it was absurdly low, so that cards got stuck at
/// it, it is reset, and the cards of decks with that preset are raised.
fn to_16(db: &Connection) -> Result<()> {
    let presets: Vec<(i64, Vec<u8>)> = db
        .prepare("select id, config from deck_config")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut low = HashSet::new();
    for (id, blob) in presets {
        let mut inner = deck_config_as_stored(&blob)?;
        inner.initial_ease /= 100.0;
        if inner.initial_ease <= 1.3 {
            inner.initial_ease = 2.5;
            low.insert(DeckConfigId(id));
        }
        db.prepare_cached("update deck_config set config=? where id=?")?
            .execute(params![deck_config_to_wire(&inner), id])?;
    }
    if low.is_empty() {
        return Ok(());
    }
    let decks: Vec<(i64, Vec<u8>)> = db
        .prepare("select id, kind from decks")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, kind) in decks {
        if let DeckKind::Normal(normal) = crate::codec::deck::deck_kind_from_wire(&kind)?
            && low.contains(&normal.config_id)
        {
            db.prepare_cached(
                "update cards set factor=2500 where factor!=0 and factor<=2000 \
                 and (did=?1 or odid=?1)",
            )?
            .execute([id])?;
        }
    }
    Ok(())
}

/// Makes a table anew with `sql` and copies its rows.
fn recreate(db: &Connection, table: &str, columns: &str, values: &str, sql: &str) -> Result<()> {
    let exists: Option<i64> = db
        .query_row(
            "select 1 from sqlite_master where type='table' and name=?",
            [table],
            |row| row.get(0),
        )
        .optional()?;
    if exists.is_none() {
        db.execute_batch(sql)?;
        return Ok(());
    }
    db.execute_batch(&format!("alter table {table} rename to {table}_old"))?;
    // Its indexes keep their names, which the new table wants.
    let indexes: Vec<String> = db
        .prepare(
            "select name from sqlite_master where type='index' and tbl_name=? and sql notnull",
        )?
        .query_map([format!("{table}_old")], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for index in indexes {
        db.execute_batch(&format!("drop index \"{}\"", index.replace('"', "\"\"")))?;
    }
    db.execute_batch(sql)?;
    db.execute_batch(&format!(
        "insert or ignore into {table} ({columns}) select {values} from {table}_old; \
         drop table {table}_old"
    ))?;
    Ok(())
}
