//! What a sync server knows of a user's media: `media.db` in the folder of the user, in the format
//! of Anki's server, so that the folder can go from one to the other. Each change has a number, and
//! clients ask for those after the last one that they know.

use crate::base::error::AtPath as _;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::media_sync::ServerChange;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::time::Duration;

const VERSION: i64 = 4;
const SCHEMA: &str = "
    begin;
    create table media (fname text not null primary key, csum blob not null,
      size int not null, usn int not null, mtime int not null);
    create index ix_usn on media (usn);
    create table meta (last_usn int not null, total_bytes int not null,
      total_nonempty_files int not null);
    insert into meta values (0, 0, 0);
    pragma user_version = 4;
    commit;";
const BUSY: Duration = Duration::from_secs(5);
/// Changes that are told at once.
const ROWS: i64 = 1000;

/// A file that was added or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedMedia {
    pub name: String,
    pub sha1: [u8; 20],
    /// Bytes; 0: it was deleted.
    pub size: u64,
}

/// The open database.
pub struct MediaServerDb {
    db: Connection,
}

impl std::fmt::Debug for MediaServerDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaServerDb").finish_non_exhaustive()
    }
}

impl MediaServerDb {
    /// Opens or begins it.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_inner(path).at(path)
    }

    fn open_inner(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        let version: i64 = db.query_row("pragma user_version", [], |row| row.get(0))?;
        match version {
            VERSION => {}
            0 => db.execute_batch(SCHEMA)?,
            _ => {
                let what = format!("the list of media has version {version}, not {VERSION}");
                return Err(Error::new(ErrorKind::TooNew, what));
            }
        }
        Ok(Self { db })
    }

    /// The number of the latest change.
    pub fn last_usn(&self) -> Result<i64> {
        Ok(self
            .db
            .query_row("select last_usn from meta", [], |row| row.get(0))?)
    }

    /// How many files there are.
    pub fn files(&self) -> Result<u64> {
        let files: i64 = self
            .db
            .query_row("select total_nonempty_files from meta", [], |row| {
                row.get(0)
            })?;
        Ok(files.unsigned_abs())
    }

    /// The next changes after this number.
    pub fn changes_after(&self, usn: i64) -> Result<Vec<ServerChange>> {
        let mut statement = self.db.prepare_cached(
            "select fname, usn, csum, size from media where usn>? order by usn limit ?",
        )?;
        let rows = statement.query_map([usn, ROWS], |row| {
            let (sha1, size): ([u8; 20], i64) = (row.get(2)?, row.get(3)?);
            Ok(ServerChange {
                name: row.get(0)?,
                usn: row.get(1)?,
                sha1: (size > 0).then_some(sha1),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What is known of a file, also of one that was deleted.
    pub fn get(&self, name: &str) -> Result<Option<ServedMedia>> {
        Ok(self
            .db
            .prepare_cached("select csum, size from media where fname=?")?
            .query_row([name], |row| {
                Ok(ServedMedia {
                    name: name.to_owned(),
                    sha1: row.get(0)?,
                    size: row.get::<_, i64>(1)?.unsigned_abs(),
                })
            })
            .optional()?)
    }

    /// Whether there is a file whose name differs from this one only in upper and lower case.
    pub fn has_nearly(&self, name: &str) -> Result<bool> {
        let small = name.to_lowercase();
        let mut statement = self
            .db
            .prepare_cached("select fname from media where size>0 and fname<>?")?;
        let mut rows = statement.query([name])?;
        while let Some(row) = rows.next()? {
            let other: String = row.get(0)?;
            if other.to_lowercase() == small {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes all in one transaction, each with a number of its own; `now` is in epoch seconds.
    pub fn write(&mut self, changes: &[ServedMedia], now: i64) -> Result<()> {
        let tx = self.db.transaction()?;
        for change in changes {
            let before: i64 = tx
                .prepare_cached("select size from media where fname=?")?
                .query_row([&change.name], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            let size = i64::try_from(change.size).unwrap_or(i64::MAX);
            tx.prepare_cached(
                "update meta set last_usn=last_usn+1, total_bytes=total_bytes+?1-?2,
                 total_nonempty_files=total_nonempty_files+(?1>0)-(?2>0)",
            )?
            .execute([size, before])?;
            tx.prepare_cached(
                "insert or replace into media (fname, csum, size, usn, mtime)
                 values (?,?,?,(select last_usn from meta),?)",
            )?
            .execute(params![change.name, change.sha1, size, now])?;
        }
        tx.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_numbered_and_files_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("media.db");
        let served = |name: &str, byte: u8, size: u64| ServedMedia {
            name: name.to_owned(),
            sha1: [byte; 20],
            size,
        };
        let mut db = MediaServerDb::open(&path).unwrap();
        let two = [served("a", 1, 5), served("b", 2, 7)];
        db.write(&two, 9).unwrap();
        db.write(&[served("a", 1, 0)], 9).unwrap();
        drop(db);
        let db = MediaServerDb::open(&path).unwrap();
        assert_eq!((db.last_usn().unwrap(), db.files().unwrap()), (3, 1));
        assert_eq!(db.get("a").unwrap(), Some(served("a", 1, 0)));
        assert_eq!(db.get("c").unwrap(), None);
        let told: Vec<_> = db.changes_after(0).unwrap();
        let told: Vec<_> = told.iter().map(|c| (&*c.name, c.usn, c.sha1)).collect();
        assert_eq!(told, [("b", 2, Some([2; 20])), ("a", 3, None)]);
        assert!(db.changes_after(3).unwrap().is_empty());
    }
}
