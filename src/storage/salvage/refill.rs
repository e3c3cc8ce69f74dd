//! What a salvaged collection lacks is made anew, so that it opens and its notes have a type: the
//! row of the collection, the usual deck, preset and settings, note types without fields or
//! templates. Check Database does the rest.

use crate::base::Result;
use crate::base::ids::DeckConfigId;
use crate::base::time::DAY_SECS;
use crate::codec::deck::{
    deck_common_from_wire, deck_common_to_wire, deck_kind_from_wire, deck_kind_to_wire,
};
use crate::codec::deck_config::{deck_config_from_wire, deck_config_to_wire};
use crate::codec::notetype::{
    field_from_wire, field_to_wire, notetype_from_wire, notetype_to_wire, template_from_wire,
    template_to_wire,
};
use crate::domain::deck::{DeckCommon, DeckKind, NormalDeck};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::notetype::{FieldConfig, NotetypeConfig, NotetypeKind, TemplateConfig};
use crate::storage::loose::{bytes, text};
use crate::t;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

const SEPARATOR: char = '\u{1f}';

/// Takes out what a new collection has, and keeps it for where nothing is found.
pub(super) fn set_aside(db: &Connection, is_old: bool) -> Result<()> {
    if is_old {
        return Ok(());
    }
    for table in [
        "decks",
        "deck_config",
        "config",
        "notetypes",
        "fields",
        "templates",
    ] {
        db.execute_batch(&format!(
            "create temp table usual_{table} as select * from main.{table}; \
             delete from main.{table};"
        ))?;
    }
    Ok(())
}

/// See the module header. `col` is the row of the damaged file. Whether note types are lacking that
/// can be made anew only once the collection is of the present schema.
pub(super) fn complete(
    db: &Connection,
    col: Option<&[Value]>,
    is_old: bool,
    rebuilt: &mut Vec<String>,
) -> Result<bool> {
    let mut lacks_notetypes = false;
    match col {
        Some(col) if is_old => {
            let mut col = col.to_vec();
            lacks_notetypes = replace_lists(db, &mut col, rebuilt)?;
            replace_col(db, &col, 11)?;
        }
        Some(col) => replace_col(db, col, 18)?,
        None => estimate_creation(db, rebuilt)?,
    }
    if is_old {
        return Ok(lacks_notetypes);
    }
    replace_unreadable(db, rebuilt)?;
    for (table, key, what) in [
        ("decks", "id", t!("the Default deck")),
        ("deck_config", "id", t!("the Default preset")),
        ("config", "key", t!("usual settings")),
    ] {
        let added = db.execute(
            &format!(
                "insert or ignore into main.{table} select * from temp.usual_{table} \
                 where {key} not in (select {key} from main.{table})"
            ),
            [],
        )?;
        if added > 0 {
            rebuilt.push(what.to_owned());
        }
    }
    let notetypes: i64 = db.query_row("select count(*) from notetypes", [], |row| row.get(0))?;
    if notetypes == 0 {
        for table in ["notetypes", "fields", "templates"] {
            db.execute_batch(&format!(
                "insert or ignore into main.{table} select * from temp.usual_{table}"
            ))?;
        }
    }
    complete_notetypes(db, rebuilt)?;
    for table in [
        "decks",
        "deck_config",
        "config",
        "notetypes",
        "fields",
        "templates",
    ] {
        db.execute_batch(&format!("drop table temp.usual_{table}"))?;
    }
    Ok(false)
}

/// One entry that cannot be decoded would keep the whole collection from opening: its settings
/// become the usual ones, under its name. A template is made anew with what it must show.
fn replace_unreadable(db: &Connection, rebuilt: &mut Vec<String>) -> Result<()> {
    /// Table, column, whether its bytes can be decoded, what it has usually, and what one of that
    /// name is.
    type Part = (
        &'static str,
        &'static str,
        fn(&[u8]) -> bool,
        Option<Vec<u8>>,
        fn(String) -> String,
    );
    let normal = DeckKind::Normal(NormalDeck {
        config_id: DeckConfigId::DEFAULT,
        ..NormalDeck::default()
    });
    let parts: [Part; 6] = [
        (
            "decks",
            "common",
            |bytes| deck_common_from_wire(bytes).is_ok(),
            Some(deck_common_to_wire(&DeckCommon::default())),
            |name| t!("counts of the deck {name}", name),
        ),
        (
            "decks",
            "kind",
            |bytes| deck_kind_from_wire(bytes).is_ok(),
            Some(deck_kind_to_wire(&normal)),
            |name| t!("settings of the deck {name}", name),
        ),
        (
            "deck_config",
            "config",
            |bytes| deck_config_from_wire(bytes).is_ok(),
            Some(deck_config_to_wire(&DeckConfigInner::default())),
            |name| t!("settings of the preset {name}", name),
        ),
        (
            "notetypes",
            "config",
            |bytes| notetype_from_wire(bytes).is_ok(),
            Some(notetype_to_wire(&NotetypeConfig::default())),
            |name| t!("settings of the note type {name}", name),
        ),
        (
            "fields",
            "config",
            |bytes| field_from_wire(bytes).is_ok(),
            Some(field_to_wire(&FieldConfig::default())),
            |name| t!("settings of the field {name}", name),
        ),
        (
            "templates",
            "config",
            |bytes| template_from_wire(bytes).is_ok(),
            None,
            |name| t!("the card type {name}", name),
        ),
    ];
    for (table, column, is_readable, usual, what) in parts {
        let found: Vec<(String, Vec<u8>)> = db
            .prepare(&format!("select name, {column} from {table}"))?
            .query_map([], |row| Ok((text(row, 0)?, bytes(row, 1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (name, damaged) in found.iter().filter(|(_, bytes)| !is_readable(bytes)) {
            match &usual {
                Some(usual) => db.execute(
                    &format!("update {table} set {column}=?1 where {column} is ?2"),
                    params![usual, damaged],
                )?,
                None => db.execute(
                    &format!("delete from {table} where {column} is ?1"),
                    params![damaged],
                )?,
            };
            rebuilt.push(what(name.replace(SEPARATOR, "::")));
        }
    }
    Ok(())
}

/// Of the lists in the row of an older collection, those that cannot be read become the usual ones.
/// Whether that of note types did.
fn replace_lists(db: &Connection, col: &mut [Value], rebuilt: &mut Vec<String>) -> Result<bool> {
    const CONF: usize = 8;
    const MODELS: usize = 9;
    let mut lacks_notetypes = false;
    for (at, column, what) in [
        (CONF, "conf", t!("usual settings")),
        (MODELS, "models", t!("note types, whose list was damaged")),
        (10, "decks", t!("decks, whose list was damaged")),
        (11, "dconf", t!("presets, whose list was damaged")),
        (12, "tags", t!("the list of tags")),
    ] {
        let Some(list) = col.get_mut(at) else {
            continue;
        };
        let of_objects = (MODELS..=11).contains(&at);
        if !is_list(list, of_objects) {
            let usual = format!("select {column} from col");
            *list = db.query_row(&usual, [], |row| row.get(0))?;
            rebuilt.push(what.to_owned());
            lacks_notetypes |= at == MODELS;
        }
    }
    Ok(lacks_notetypes)
}

fn is_list(list: &Value, of_objects: bool) -> bool {
    let Value::Text(text) = list else {
        return false;
    };
    let list = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    list.is_ok_and(|list| !of_objects || list.values().all(serde_json::Value::is_object))
}

fn replace_col(db: &Connection, col: &[Value], ver: i64) -> Result<()> {
    db.execute("delete from col", [])?;
    let marks = vec!["?"; col.len()].join(",");
    let values = params_from_iter(col.iter());
    db.execute(&format!("insert into col values ({marks})"), values)?;
    db.execute("update col set id=1, ver=?", [ver])?;
    Ok(())
}

/// Days are counted from the creation: it follows from reviews and the due days they led to.
fn estimate_creation(db: &Connection, rebuilt: &mut Vec<String>) -> Result<()> {
    let mut query = db.prepare(
        "select max(r.id) / 1000 / ?1 + r.ivl - c.due from cards c join revlog r on r.cid = c.id \
         where c.type = 2 and c.odid = 0 and r.ivl > 0 group by c.id",
    )?;
    let mut days = query
        .query_map([DAY_SECS], |row| row.get::<_, Option<i64>>(0))?
        .filter_map(|day| day.ok().flatten())
        .collect::<Vec<i64>>();
    days.sort_unstable();
    let Some(&day) = days.get(days.len() / 2) else {
        let what = t!("the date of creation was lost; due days count from today");
        rebuilt.push(what.to_owned());
        return Ok(());
    };
    let now: i64 = db.query_row("select crt from col", [], |row| row.get(0))?;
    let back = now.div_euclid(DAY_SECS).saturating_sub(day).max(0);
    db.execute(
        "update col set crt = ?",
        [now - back.saturating_mul(DAY_SECS)],
    )?;
    rebuilt.push(t!("the date of creation was estimated from reviews").to_owned());
    Ok(())
}

/// Note types that notes name, with as many fields and templates as notes and cards need.
pub(super) fn complete_notetypes(db: &Connection, rebuilt: &mut Vec<String>) -> Result<()> {
    // Fields and templates of note types that nobody needs say nothing.
    for table in ["fields", "templates"] {
        db.execute_batch(&format!(
            "delete from {table} where ntid not in (select id from notetypes) \
             and ntid not in (select mid from notes)"
        ))?;
    }
    let wanted: Vec<i64> = db
        .prepare("select id from notetypes union select distinct mid from notes")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in wanted {
        let known: bool = db
            .prepare_cached("select 1 from notetypes where id = ?")?
            .exists([id])?;
        if !known {
            let config = NotetypeConfig {
                kind: if has_clozes(db, id)? {
                    NotetypeKind::Cloze
                } else {
                    NotetypeKind::Normal
                },
                css: ".card { font-family: arial; font-size: 20px; text-align: center; }"
                    .to_owned(),
                ..NotetypeConfig::default()
            };
            db.execute(
                "insert into notetypes values (?, ?, 0, -1, ?)",
                params![id, format!("Recovered {id}"), notetype_to_wire(&config)],
            )?;
            rebuilt.push(t!("the note type {name}", name = format!("Recovered {id}")));
        }
        let fields = complete_fields(db, id, rebuilt)?;
        complete_templates(db, id, &fields, rebuilt)?;
    }
    Ok(())
}

fn has_clozes(db: &Connection, id: i64) -> Result<bool> {
    let mut query =
        db.prepare_cached("select 1 from notes where mid = ? and flds like '%{{c_::%'")?;
    Ok(query.exists([id])?)
}

/// Places that are taken in a table of parts, and their names.
fn parts(db: &Connection, table: &str, id: i64) -> Result<Vec<(i64, String)>> {
    let sql = format!("select ord, name from {table} where ntid = ? order by ord");
    let parts = db
        .prepare(&sql)?
        .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(parts)
}

/// As [`parts`], after those with a damaged place, at or behind `limit`, came to places that are free.
fn settled(db: &Connection, table: &str, id: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let mut there = parts(db, table, id)?;
    for at in 0..there.len() {
        let damaged = there[at].0;
        if (0..limit).contains(&damaged) {
            continue;
        }
        let is_free = |place: &i64| there.iter().all(|(taken, _)| taken != place);
        if let Some(free) = (0..limit).find(is_free) {
            let sql = format!("update {table} set ord = ? where ntid = ? and ord = ?");
            db.execute(&sql, [free, id, damaged])?;
            there[at].0 = free;
        }
    }
    Ok(there)
}

/// Returns the name of the first field.
fn complete_fields(db: &Connection, id: i64, rebuilt: &mut Vec<String>) -> Result<String> {
    let mut notes = db.prepare_cached("select flds from notes where mid = ?")?;
    let mut rows = notes.query([id])?;
    let mut tally = std::collections::BTreeMap::<i64, u64>::new();
    while let Some(row) = rows.next()? {
        let fields: String = row.get(0)?;
        *tally
            .entry(fields.split(SEPARATOR).count() as i64)
            .or_default() += 1;
    }
    // What most notes have: a single damaged one must not add fields to all.
    let usual = tally
        .iter()
        .max_by_key(|(_, notes)| **notes)
        .map(|(n, _)| *n);
    let known = parts(db, "fields", id)?.len() as i64;
    let most = known.max(usual.unwrap_or(1)).clamp(1, 1000);
    let there = settled(db, "fields", id, most)?;
    let mut added = 0;
    for ord in 0..most {
        if !there.iter().any(|(at, _)| *at == ord) {
            let config = FieldConfig {
                font_name: "Arial".to_owned(),
                font_size: 20,
                ..FieldConfig::default()
            };
            let name = format!("Field {}", ord + 1);
            added += db.execute(
                "insert or ignore into fields values (?, ?, ?, ?)",
                params![id, ord, name, field_to_wire(&config)],
            )?;
        }
    }
    if added > 0 {
        rebuilt.push(t!("{added} fields of the note type {id}", added, id));
    }
    let first = parts(db, "fields", id)?.into_iter().next();
    Ok(first.map_or_else(String::new, |(_, name)| name))
}

fn complete_templates(
    db: &Connection,
    id: i64,
    field: &str,
    rebuilt: &mut Vec<String>,
) -> Result<()> {
    let wire: Vec<u8> = db.query_row("select config from notetypes where id = ?", [id], |row| {
        row.get(0)
    })?;
    let kind = crate::codec::notetype::notetype_from_wire(&wire).map(|config| config.kind);
    let is_cloze = matches!(kind, Ok(NotetypeKind::Cloze));
    let mut most = parts(db, "templates", id)?.len() as i64;
    let mut used = db.prepare_cached(
        "select cast(ord as integer), count(*) from cards \
         where nid in (select id from notes where mid = ?) group by 1 order by 1",
    )?;
    let mut used = used.query([id])?;
    while let Some(row) = used.next()?.filter(|_| !is_cloze) {
        let (ord, cards): (i64, i64) = (row.get(0)?, row.get(1)?);
        // A single card with a damaged number must not add card types to all notes.
        if ord == most || (ord > most && cards > 1) {
            most = ord.saturating_add(1);
        }
    }
    let most = most.clamp(1, 500);
    let there = settled(db, "templates", id, most)?;
    let mut added = 0;
    for ord in 0..most {
        if there.iter().any(|(at, _)| *at == ord) {
            continue;
        }
        let filter = if is_cloze { "cloze:" } else { "" };
        let config = TemplateConfig {
            q_format: format!("{{{{{filter}{field}}}}}"),
            a_format: format!("{{{{{filter}{field}}}}} ({})", ord + 1),
            ..TemplateConfig::default()
        };
        let name = format!("Recovered {}", ord + 1);
        added += db.execute(
            "insert or ignore into templates values (?, ?, ?, 0, -1, ?)",
            params![id, ord, name, template_to_wire(&config)],
        )?;
    }
    if added > 0 {
        rebuilt.push(t!("{added} templates of the note type {id}", added, id));
    }
    Ok(())
}
