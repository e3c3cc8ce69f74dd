//! The `config` table: settings as JSON, by key.

use super::{Cell, Storage, Table, Tx};
use crate::base::ids::Usn;
use crate::base::{Error, Result};
use rusqlite::OptionalExtension as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Storage {
    /// The value of `key`; None when it is missing or not of that type, so that callers take
    /// their default, as Anki does.
    pub fn config_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let bytes: Option<Vec<u8>> = self
            .db
            .prepare_cached("select cast(val as blob) from config where key=?")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// As [`Self::config_json`], with the default for a missing or unreadable value.
    pub fn config_or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T> {
        Ok(self.config_json(key)?.unwrap_or(default))
    }

    /// Keys that begin with `prefix`.
    pub fn config_keys_with_prefix(&self, prefix: &str) -> Result<Vec<String>> {
        let mut statement = self
            .db
            .prepare_cached("select key from config where substr(key, 1, length(?1)) = ?1")?;
        let keys = statement
            .query_map([prefix], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(keys)
    }
}

impl Tx<'_> {
    /// Writes a value; nothing happens when it is already so.
    pub fn set_config<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        if self.config_is(key, value)? {
            return Ok(());
        }
        let row = self.config_row(key, value)?;
        self.put_row(Table::Config, row)?;
        Ok(())
    }

    /// As [`Self::set_config`], but undo will not take it back.
    pub fn set_config_untracked<T: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &T,
    ) -> Result<()> {
        if self.config_is(key, value)? {
            return Ok(());
        }
        let row = self.config_row(key, value)?;
        self.put_row_untracked(Table::Config, &row)
    }

    pub fn remove_config(&mut self, key: &str) -> Result<()> {
        self.delete_row(Table::Config, &[key.into()])?;
        Ok(())
    }

    fn config_is<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<bool> {
        let old: Option<serde_json::Value> = self.config_json(key)?;
        let new = serde_json::to_value(value).map_err(not_json)?;
        Ok(old.is_some_and(|old| old == new))
    }

    fn config_row<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<Vec<Cell>> {
        let bytes = serde_json::to_vec(value).map_err(not_json)?;
        Ok(vec![
            key.into(),
            Usn::PENDING.0.into(),
            self.now_secs().0.into(),
            bytes.into(),
        ])
    }
}

fn not_json(e: serde_json::Error) -> Error {
    Error::bug("a setting cannot be written as JSON").because(e)
}
