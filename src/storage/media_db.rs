//! What the media folder held when it was last looked at, and what the server has not heard of
//! yet: `collection.media.db2` beside the collection, in Anki's format, so that people can come
//! and go. It can always be made anew from the folder and the server: a damaged one is set aside.

use super::aside::open_or_begin;
use crate::base::{Error, Result};
use crate::codec::media_sync::{sha1_from_hex, sha1_to_hex};
use crate::mark;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SCHEMA: &str = "
    create table if not exists media (fname text not null primary key, csum text,
      mtime int not null, dirty int not null) without rowid;
    create index if not exists idx_media_dirty on media (dirty) where dirty = 1;
    create table if not exists meta (dirMod int, lastUsn int);
    insert into meta select 0, 0 where not exists (select 1 from meta);";
/// Anki may be writing for a moment.
const BUSY: Duration = Duration::from_secs(5);

/// As a file's last change: the file is the server's alone, as the folder cannot have one of its name
/// beside others, or as the server has lost it.
pub const NOT_HERE: i64 = -1;

/// One file as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRecord {
    pub name: String,
    /// SHA-1; None when the file was deleted.
    pub sha1: Option<[u8; 20]>,
    /// Epoch milliseconds of the file's last change; 0 when it was deleted; or [`NOT_HERE`].
    pub mtime: i64,
    /// The server has not heard of it.
    pub pending: bool,
}

impl MediaRecord {
    /// That the server lists the file, and the folder does not have it; see [`NOT_HERE`].
    #[must_use]
    pub fn not_here(name: String, sha1: Option<[u8; 20]>) -> Self {
        Self {
            name,
            sha1,
            mtime: NOT_HERE,
            pending: false,
        }
    }
}

/// A change of the records, written together with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaRecordChange {
    Set(MediaRecord),
    Forget(String),
}

/// The open database.
pub struct MediaDb {
    db: Connection,
}

impl std::fmt::Debug for MediaDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaDb").finish_non_exhaustive()
    }
}

/// Where the database of the collection at `collection` is.
#[must_use]
pub fn path_of(collection: &Path) -> PathBuf {
    collection.with_extension("media.db2")
}

impl MediaDb {
    /// Opens or begins it; a damaged one is set aside first.
    pub fn open(collection: &Path) -> Result<Self> {
        let path = path_of(collection);
        open_or_begin(&path, Self::open_at)
    }

    fn open_at(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        // A power cut may take the last records: the folder is then looked at again.
        db.pragma_update(None, "synchronous", "normal")?;
        db.execute_batch(SCHEMA)?;
        let sound: String = db.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(Error::corrupt(mark!(
                "the list of known media files is damaged"
            )));
        }
        // Fails when the columns are not Anki's.
        db.prepare("select fname, csum, mtime, dirty, dirMod, lastUsn from media, meta")
            .map_err(|e| {
                Error::corrupt(mark!("the list of known media files is damaged")).because(e)
            })?;
        Ok(Self { db })
    }

    /// The server's number of the last change that was taken in.
    pub fn last_usn(&self) -> Result<i64> {
        Ok(self
            .db
            .query_row("select lastUsn from meta", [], |row| row.get(0))?)
    }

    /// All records by name.
    pub fn all(&self) -> Result<HashMap<String, MediaRecord>> {
        let mut statement = self
            .db
            .prepare("select fname, csum, mtime, dirty from media")?;
        let mut all = HashMap::new();
        for record in statement.query_map([], from_row)? {
            let record = record??;
            all.insert(record.name.clone(), record);
        }
        Ok(all)
    }

    pub fn get(&self, name: &str) -> Result<Option<MediaRecord>> {
        self.db
            .prepare_cached("select fname, csum, mtime, dirty from media where fname=?")?
            .query_row([name], from_row)
            .optional()?
            .transpose()
    }

    /// Up to `limit` records that the server has not heard of.
    pub fn pending(&self, limit: usize) -> Result<Vec<MediaRecord>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.db
            .prepare_cached("select fname, csum, mtime, dirty from media where dirty=1 limit ?")?
            .query_map([limit], from_row)?
            .map(|record| record?)
            .collect()
    }

    /// The files that are the server's alone.
    pub fn not_here(&self) -> Result<Vec<MediaRecord>> {
        let mut statement = self.db.prepare(
            "select fname, csum, mtime, dirty from media where mtime=? and csum is not null
             order by fname",
        )?;
        statement
            .query_map([NOT_HERE], from_row)?
            .map(|record| record?)
            .collect()
    }

    /// How many of the pending ones tell of a file, and how many of a deletion.
    pub fn pending_counts(&self) -> Result<(u64, u64)> {
        let (files, gone): (i64, i64) = self.db.query_row(
            "select count(csum), count(*) - count(csum) from media where dirty=1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok((files.unsigned_abs(), gone.unsigned_abs()))
    }

    /// How many files there are.
    pub fn files(&self) -> Result<u64> {
        let files: i64 = self
            .db
            .query_row("select count(csum) from media", [], |row| row.get(0))?;
        Ok(files.unsigned_abs())
    }

    /// Writes all in one transaction. `folder_mtime` (epoch milliseconds) and `last_usn` stay as
    /// they are when None.
    pub fn write(
        &mut self,
        changes: &[MediaRecordChange],
        folder_mtime: Option<i64>,
        last_usn: Option<i64>,
    ) -> Result<()> {
        let tx = self.db.transaction()?;
        for change in changes {
            match change {
                MediaRecordChange::Set(record) => {
                    tx.prepare_cached(
                        "insert or replace into media (fname, csum, mtime, dirty) values (?,?,?,?)",
                    )?
                    .execute(params![
                        record.name,
                        record.sha1.map(|sha1| sha1_to_hex(&sha1)),
                        record.mtime,
                        record.pending
                    ])?;
                }
                MediaRecordChange::Forget(name) => {
                    tx.prepare_cached("delete from media where fname=?")?
                        .execute([name])?;
                }
            }
        }
        // What is so already is not written: the disk is not waited for when nothing changed.
        tx.execute(
            "update meta set dirMod=coalesce(?1,dirMod), lastUsn=coalesce(?2,lastUsn) \
             where dirMod is not coalesce(?1,dirMod) or lastUsn is not coalesce(?2,lastUsn)",
            params![folder_mtime, last_usn],
        )?;
        tx.commit()?;
        Ok(())
    }

    /// Forgets everything: the next sync compares all files with the server's.
    pub fn reset(&mut self) -> Result<()> {
        let tx = self.db.transaction()?;
        tx.execute("delete from media", [])?;
        tx.execute("update meta set dirMod=0, lastUsn=0", [])?;
        tx.commit()?;
        Ok(())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Result<MediaRecord>> {
    let name: String = row.get(0)?;
    let sha1: Option<String> = row.get(1)?;
    let record = MediaRecord {
        name,
        sha1: None,
        mtime: row.get(2)?,
        pending: row.get(3)?,
    };
    // Old versions wrote an empty text for deleted files.
    Ok(match sha1.filter(|text| !text.is_empty()) {
        None => Ok(record),
        Some(text) => match sha1_from_hex(&text) {
            Some(sha1) => Ok(MediaRecord {
                sha1: Some(sha1),
                ..record
            }),
            None => Err(Error::corrupt(mark!(
                "the list of known media files holds a checksum that is none"
            ))),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, sha1: Option<u8>, pending: bool) -> MediaRecord {
        MediaRecord {
            name: name.into(),
            sha1: sha1.map(|byte| [byte; 20]),
            mtime: 7,
            pending,
        }
    }

    #[test]
    fn records_stay_and_a_damaged_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let collection = folder.path().join("collection.anki2");
        let mut db = MediaDb::open(&collection).unwrap();
        let changes = [
            MediaRecordChange::Set(record("a", Some(1), false)),
            MediaRecordChange::Set(record("b", None, true)),
            MediaRecordChange::Set(record("c", Some(3), true)),
            MediaRecordChange::Set(record("d", Some(4), true)),
            MediaRecordChange::Forget("d".into()),
        ];
        db.write(&changes, Some(5), Some(6)).unwrap();
        drop(db);
        let mut db = MediaDb::open(&collection).unwrap();
        assert_eq!(db.last_usn().unwrap(), 6);
        assert_eq!(db.all().unwrap().len(), 3);
        assert_eq!(db.get("a").unwrap(), Some(record("a", Some(1), false)));
        assert_eq!(db.pending_counts().unwrap(), (1, 1));
        assert_eq!(db.pending(1).unwrap(), [record("b", None, true)]);
        assert_eq!(db.files().unwrap(), 2);
        let written = |db: &MediaDb| db.db.total_changes();
        let before = written(&db);
        for (mtime, usn) in [(None, None), (Some(5), None), (Some(5), Some(6))] {
            db.write(&[], mtime, usn).unwrap();
        }
        assert_eq!(written(&db), before, "nothing is new");
        db.write(&[], Some(6), None).unwrap();
        assert_eq!(db.last_usn().unwrap(), 6);
        assert!(written(&db) > before);
        db.reset().unwrap();
        assert_eq!((db.files().unwrap(), db.last_usn().unwrap()), (0, 0));
        drop(db);
        let path = path_of(&collection);
        std::fs::write(&path, "not a database, but long enough to be looked at").unwrap();
        assert_eq!(MediaDb::open(&collection).unwrap().files().unwrap(), 0);
        assert!(folder.path().join("collection.media.db2-damaged").exists());
    }
}
