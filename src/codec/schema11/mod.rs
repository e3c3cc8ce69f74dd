//! The JSON of schema 11: note types, decks and presets as objects in columns of `col`. Read when
//! an old collection is upgraded or an old package imported, written for exports that support
//! older versions.
//!
//! Reading is lenient as Anki's is: numbers may be strings or floats, booleans may be numbers,
//! optional keys may be missing. Keys that we do not know go to the `other` blob of the value and
//! come back out on writing.

pub mod deck;
mod lenient;
pub mod notetype;
pub mod preset;

use crate::base::{Error, Result};
use crate::mark;
use lenient::Object;
use serde_json::{Map, Value};

/// The objects of a column such as `col.models`: id and object. The id in the object goes before
/// the key, as in Anki, unless it is that of another one; where neither is a number, it is 0.
pub fn objects_by_id(json: &str, what: &str) -> Result<Vec<(i64, Value)>> {
    let value: Value = if json.trim().is_empty() {
        return Ok(Vec::new());
    } else {
        serde_json::from_str(json)
            .map_err(|e| Error::corrupt(mark!("the {what} cannot be read", what)).because(e))?
    };
    let Value::Object(map) = value else {
        return Err(Error::corrupt(mark!(
            "the {what} are not a JSON object",
            what
        )));
    };
    let ids: Vec<i64> = map
        .iter()
        .map(|(key, value)| id_of(&map, key, value))
        .collect();
    Ok(ids
        .into_iter()
        .zip(map.into_iter().map(|(_, value)| value))
        .collect())
}

fn id_of(all: &Map<String, Value>, key: &str, value: &Value) -> i64 {
    let inner = value.get("id").filter(|id| !id.is_f64());
    let inner = inner.and_then(lenient::int).filter(|id| *id > 0);
    let free = inner.filter(|id| !all.contains_key(&id.to_string()));
    free.or_else(|| key.trim().parse().ok()).unwrap_or(0)
}

/// The entries of a column that maps plain keys to values: `col.conf`, `col.tags`.
pub fn entries(json: &str, what: &str) -> Result<Vec<(String, Value)>> {
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Ok(map.into_iter().collect()),
        Ok(_) => Err(Error::corrupt(mark!(
            "the {what} are not a JSON object",
            what
        ))),
        Err(e) => Err(Error::corrupt(mark!("the {what} cannot be read", what)).because(e)),
    }
}

/// A JSON value as Anki stores it: keys of objects sorted.
#[must_use]
pub fn sorted_json(value: &Value) -> Vec<u8> {
    lenient::sorted(value).to_string().into_bytes()
}

fn object(value: Value, what: &str) -> Result<Object> {
    match value {
        Value::Object(map) => Ok(Object::new(map)),
        _ => Err(Error::corrupt(mark!("{what} is not a JSON object", what))),
    }
}
