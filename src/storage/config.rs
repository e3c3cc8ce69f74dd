//! The `config` table: settings as JSON, by key.

use super::{Cell, Storage, Table, Tx};
use crate::base::ids::Usn;
use crate::base::{Error, Result};
use rusqlite::OptionalExtension as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

impl Storage {
    /// The value of `key`; None when it is missing or not of that type, so that callers take
    /// their default, as Anki does.
    pub fn config_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let stored = self.setting(key)?;
        Ok(stored.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// The value as stored, shared with the cache: every answer reads half a dozen of them.
    fn setting(&self, key: &str) -> Result<Option<Arc<[u8]>>> {
        if let Some(known) = self.cache.settings.borrow().get(key) {
            return Ok(known.clone());
        }
        let stored: Option<Vec<u8>> = self
            .db
            .prepare_cached("select cast(val as blob) from config where key=?")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        let stored: Option<Arc<[u8]>> = stored.map(Into::into);
        let mut settings = self.cache.settings.borrow_mut();
        settings.insert(key.to_owned(), stored.clone());
        Ok(stored)
    }

    /// As [`Self::config_json`], with the default for a missing or unreadable value.
    pub fn config_or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T> {
        Ok(self.config_json(key)?.unwrap_or(default))
    }

    /// Whether the texts of notes are composed (NFC) before they are stored.
    pub fn composes_texts(&self) -> Result<bool> {
        self.config_or("normalize_note_text", true)
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
    /// The place of the next new card among the new ones, which is then taken.
    pub fn take_next_position(&mut self) -> Result<u32> {
        let next = match self.next_position {
            Some(next) => next,
            None => self.config_or("nextPos", 0)?,
        };
        self.next_position = Some(next.wrapping_add(1));
        Ok(next)
    }

    /// Writes down what [`Self::take_next_position`] has given out.
    pub(super) fn keep_next_position(&mut self) -> Result<()> {
        match self.next_position.take() {
            Some(next) => self.set_config("nextPos", &next),
            None => Ok(()),
        }
    }

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
