//! What the media files held when they were last read: a database of ours beside the collection
//! (`collection.hashes`), by which rot is told from change. It can always be made anew from the
//! folder, at the price of not noticing what has rotted by then: a damaged one is set aside.

use super::aside::open_or_begin;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const FORMAT: i64 = 1;
const SCHEMA: &str = "
    create table if not exists files (name text not null primary key, size integer not null,
      mtime integer not null, blake3 blob not null, rotten integer not null) without rowid;
    create table if not exists looks (at integer not null);
    pragma user_version = 1;";

/// One file as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of the last change, nanoseconds since 1970.
    pub mtime: i64,
    pub blake3: [u8; 32],
    /// Its bytes were other ones when it was last read, though nobody had written it.
    pub rotten: bool,
}

/// The open database.
pub struct MediaHashes {
    db: Connection,
}

impl std::fmt::Debug for MediaHashes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaHashes").finish_non_exhaustive()
    }
}

/// Where the database of the collection at `collection` is.
#[must_use]
pub fn path_of(collection: &Path) -> PathBuf {
    collection.with_extension("hashes")
}

impl MediaHashes {
    /// Opens or begins it; a damaged one is set aside first.
    pub fn open(collection: &Path) -> Result<Self> {
        let path = path_of(collection);
        open_or_begin(&path, Self::open_at)
    }

    /// Opens it where there is one.
    pub fn open_existing(collection: &Path) -> Result<Option<Self>> {
        match path_of(collection).exists() {
            true => Self::open(collection).map(Some),
            false => Ok(None),
        }
    }

    fn open_at(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "normal")?;
        let format: i64 = db.query_row("pragma user_version", [], |row| row.get(0))?;
        if format > FORMAT {
            return Err(Error::new(
                ErrorKind::TooNew,
                mark!("the list of hashes was written by a newer version"),
            ));
        }
        db.execute_batch(SCHEMA)?;
        let sound: String = db.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(Error::corrupt(mark!("the list of hashes is damaged")));
        }
        Ok(Self { db })
    }

    /// All files by name.
    pub fn all(&self) -> Result<HashMap<String, KnownFile>> {
        let mut statement = self
            .db
            .prepare("select name, size, mtime, blake3, rotten from files")?;
        let mut rows = statement.query([])?;
        let mut all = HashMap::new();
        while let Some(row) = rows.next()? {
            let size: i64 = row.get(1)?;
            let file = KnownFile {
                name: row.get(0)?,
                size: size.unsigned_abs(),
                mtime: row.get(2)?,
                blake3: row.get(3)?,
                rotten: row.get(4)?,
            };
            all.insert(file.name.clone(), file);
        }
        Ok(all)
    }

    /// When all files were last read.
    pub fn last_look(&self) -> Result<Option<TimestampMillis>> {
        let at = self
            .db
            .query_row("select max(at) from looks", [], |row| row.get(0))
            .optional()?
            .flatten();
        Ok(at.map(TimestampMillis))
    }

    /// Notes what was read and forgets what is gone; `look`: everything was read then.
    pub fn note(
        &mut self,
        read: &[KnownFile],
        gone: &[String],
        look: Option<TimestampMillis>,
    ) -> Result<()> {
        let tx = self.db.transaction()?;
        {
            let mut insert = tx.prepare(
                "insert or replace into files (name, size, mtime, blake3, rotten)
                 values (?, ?, ?, ?, ?)",
            )?;
            for file in read {
                let size = file.size.cast_signed();
                insert.execute(params![
                    file.name,
                    size,
                    file.mtime,
                    file.blake3,
                    file.rotten
                ])?;
            }
            let mut delete = tx.prepare("delete from files where name=?")?;
            for name in gone {
                delete.execute([name])?;
            }
        }
        if let Some(at) = look {
            tx.execute("delete from looks", [])?;
            tx.execute("insert into looks values (?)", [at.0])?;
        }
        tx.commit()?;
        Ok(())
    }
}
