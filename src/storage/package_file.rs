//! The collection inside a deck package, written from nothing: rows first, indexes at the end. It
//! is thrown away unless it is finished, so no log and no waiting for the disk; it is written from
//! its beginning to its end, so little of it is kept in memory. What goes in is decided in
//! `collection::packages`.

use super::{Storage, Table};
use crate::base::error::AtPath as _;
use crate::base::ids::{DeckId, NoteId, Usn};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampSecs};
use crate::base::{Error, Result};
use crate::domain::card::Card;
use crate::domain::deck::Deck;
use crate::domain::deck_config::DeckConfig;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::revlog::RevlogEntry;
use crate::storage::Cell;
use crate::t;
use rusqlite::params_from_iter;
use std::path::{Path, PathBuf};

/// See the module header.
#[derive(Debug)]
pub struct PackageFile {
    storage: Storage,
    path: PathBuf,
    /// The indexes which were dropped: table and statement.
    indexes: Vec<(String, String)>,
}

/// Of the collection that the package is taken from: what day numbers count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub created: TimestampSecs,
    /// Minutes west of UTC.
    pub creation_offset: Option<i32>,
}

impl PackageFile {
    /// Makes the file, with the Default deck and preset and nothing else.
    pub fn create(path: &Path, origin: Origin, clock: &Clock) -> Result<Self> {
        let storage = Storage::create(path, clock)?;
        let prepare = || -> Result<Vec<(String, String)>> {
            storage.spare_memory()?;
            let db = &storage.db;
            super::open::leave_wal(db)?;
            db.pragma_update(None, "journal_mode", "off")?;
            db.pragma_update(None, "synchronous", "off")?;
            db.execute_batch(
                "begin; delete from notetypes; delete from fields; delete from templates",
            )?;
            db.execute("update col set crt=?", [origin.created.0])?;
            match origin.creation_offset {
                Some(offset) => db.execute(
                    "update config set val=cast(? as blob) where key='creationOffset'",
                    [offset.to_string()],
                )?,
                None => db.execute("delete from config where key='creationOffset'", [])?,
            };
            let indexes: Vec<(String, String, String)> = db
                .prepare(
                    "select name, tbl_name, sql from sqlite_master where type='index' and sql is not null \
                     and tbl_name in ('notes', 'cards', 'revlog')",
                )?
                .query_map([], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            for (name, ..) in &indexes {
                db.execute_batch(&format!("drop index {name}"))?;
            }
            Ok(indexes
                .into_iter()
                .map(|(_, table, sql)| (table, sql))
                .collect())
        };
        let indexes = prepare().at(path)?;
        storage.cache.forget_all();
        Ok(Self {
            storage,
            path: path.to_owned(),
            indexes,
        })
    }

    pub fn add_note(&self, note: &Note) -> Result<()> {
        self.insert(Table::Notes, &super::note::row_of(note))
    }

    pub fn add_card(&self, card: &Card) -> Result<()> {
        self.insert(Table::Cards, &super::card::row_of(card))
    }

    pub fn add_reviews(&self, entries: &[RevlogEntry]) -> Result<()> {
        super::revlog::insert_all(&self.storage.db, entries)
    }

    /// In place of the package's own Default deck, if it has its id or its name.
    pub fn put_deck(&self, deck: &Deck) -> Result<()> {
        self.storage.db.execute(
            "delete from decks where id=?1 or (id=?2 and name=?3)",
            (deck.id.0, DeckId::DEFAULT.0, deck.name.as_native()),
        )?;
        self.insert(Table::Decks, &super::deck::row_of(deck))
    }

    /// In place of the Default preset, if it has its id.
    pub fn put_preset(&self, preset: &DeckConfig) -> Result<()> {
        self.storage
            .db
            .execute("delete from deck_config where id=?", [preset.id.0])?;
        self.insert(Table::DeckConfig, &super::deck_config::row_of(preset))
    }

    pub fn add_notetype(&self, notetype: &Notetype) -> Result<()> {
        self.insert(Table::Notetypes, &super::notetype::row_of(notetype))?;
        for (ord, field) in notetype.fields.iter().enumerate() {
            self.insert(
                Table::Fields,
                &super::notetype::field_row(notetype.id, ord, field),
            )?;
        }
        for (ord, template) in notetype.templates.iter().enumerate() {
            let row = super::notetype::template_row(notetype.id, ord, template);
            self.insert(Table::Templates, &row)?;
        }
        Ok(())
    }

    /// Tags for the list of tags.
    pub fn add_tags<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for tag in tags {
            self.storage
                .db
                .prepare_cached(
                    "insert or ignore into tags (tag, usn, collapsed) values (?, ?, 1)",
                )?
                .execute((tag, Usn::PENDING.0))?;
        }
        Ok(())
    }

    fn insert(&self, table: Table, row: &[Cell]) -> Result<()> {
        self.storage
            .db
            .prepare_cached(&table.sql().insert)?
            .execute(params_from_iter(row))?;
        Ok(())
    }

    /// Builds the indexes of notes and cards, of which there are all now.
    pub fn index_notes_and_cards(&mut self) -> Result<()> {
        let (reviews, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.indexes)
            .into_iter()
            .partition(|(table, _)| table == Table::Revlog.sql().name);
        self.indexes = reviews;
        for (_, index) in others {
            self.storage.db.execute_batch(&index)?;
        }
        Ok(())
    }

    /// Builds the indexes that are missing and closes the file; in schema 11 if `legacy`.
    pub fn finish(self, legacy: bool, progress: &Progress) -> Result<()> {
        let finish = |storage: &Storage| -> Result<()> {
            progress.stage(t!("Building the indexes"), self.indexes.len() as u64)?;
            for (_, index) in &self.indexes {
                storage.db.execute_batch(index)?;
                progress.step(1)?;
            }
            storage.db.execute_batch("commit")?;
            Ok(())
        };
        finish(&self.storage).at(&self.path)?;
        let mut storage = self.storage;
        storage.cache.forget_all();
        if legacy {
            // Rolling back must be possible for that.
            storage
                .db
                .pragma_update(None, "journal_mode", "delete")
                .map_err(Error::from)?;
            storage.downgrade_to_11(progress)?;
        }
        storage.close()
    }
}

impl Storage {
    /// Notes with a card that is in one of the decks, or calls it home.
    pub fn note_ids_in_decks(&self, decks: &[DeckId]) -> Result<std::collections::HashSet<NoteId>> {
        let mut statement = self
            .db
            .prepare_cached("select nid from cards where did=?1 or (odid=?1 and odid!=0)")?;
        let mut found = std::collections::HashSet::new();
        for deck in decks {
            let mut rows = statement.query([deck.0])?;
            while let Some(row) = rows.next()? {
                found.insert(NoteId(row.get(0)?));
            }
        }
        Ok(found)
    }
}
