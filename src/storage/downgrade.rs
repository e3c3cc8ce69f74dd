//! From schema 18 to 11, for exports that support older versions. Only ever done to a copy: the
//! `unknown` fields of newer versions and fractions of a percent have no place in schema 11.

use super::{Storage, open};
use crate::base::Result;
use crate::base::job::Progress;
use crate::codec::schema11::deck::deck_to_json;
use crate::codec::schema11::notetype::notetype_to_json;
use crate::codec::schema11::preset::preset_to_json;
use crate::t;
use rusqlite::params;
use serde_json::{Map, Value};

impl Storage {
    /// Turns this collection, which must be a copy, into one of schema 11 in a plain rollback
    /// journal. Close it afterwards: nothing else works on it any more.
    pub fn downgrade_to_11(&mut self, progress: &Progress) -> Result<()> {
        progress.stage(t!("Writing the older format"), 0)?;
        // A power cut may take the copy; it is made for one package and thrown away.
        self.db.pragma_update(None, "synchronous", "off")?;
        let notetypes = by_id(
            self.all_notetypes()?
                .iter()
                .map(|n| (n.id.0, notetype_to_json(n))),
        );
        let decks = by_id(self.all_decks()?.iter().map(|d| (d.id.0, deck_to_json(d))));
        let presets = by_id(
            self.all_deck_configs()?
                .iter()
                .map(|c| (c.id.0, preset_to_json(c))),
        );
        let conf = self.config_object()?;
        let tags = self.tag_object()?;
        progress.check()?;
        let transaction = self.db.unchecked_transaction()?;
        transaction.execute(
            "update col set ver=11, conf=?, models=?, decks=?, dconf=?, tags=?",
            params![
                conf.to_string(),
                notetypes.to_string(),
                decks.to_string(),
                presets.to_string(),
                tags.to_string()
            ],
        )?;
        transaction.execute_batch(include_str!("sql/downgrade.sql"))?;
        transaction.commit()?;
        self.cache.forget_all();
        open::leave_wal(&self.db)
    }

    pub(super) fn config_object(&self) -> Result<Value> {
        let mut statement = self
            .db
            .prepare("select key, cast(val as blob) from config order by key")?;
        let mut rows = statement.query([])?;
        let mut object = Map::new();
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(1)?;
            // A value that is not JSON counts as missing everywhere else too.
            if let Ok(value) = serde_json::from_slice(&bytes) {
                object.insert(row.get(0)?, value);
            }
        }
        Ok(Value::Object(object))
    }

    fn tag_object(&self) -> Result<Value> {
        let mut statement = self
            .db
            .prepare("select cast(tag as text), cast(usn as integer) from tags order by tag")?;
        let mut rows = statement.query([])?;
        let mut object = Map::new();
        while let Some(row) = rows.next()? {
            object.insert(row.get(0)?, row.get::<_, i64>(1)?.into());
        }
        Ok(Value::Object(object))
    }
}

fn by_id(objects: impl Iterator<Item = (i64, Value)>) -> Value {
    Value::Object(objects.map(|(id, value)| (id.to_string(), value)).collect())
}
