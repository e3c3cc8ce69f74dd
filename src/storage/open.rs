//! Opening and closing: locks, pragmas, the version check. Nothing is written to a file before
//! it is known to be a collection of ours.

use super::{Cache, Storage, wal::WalState};
use crate::base::error::AtPath as _;
use crate::base::files::if_there;
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;
use unicase::UniCase;

/// What SQLite keeps of a collection in memory at most: 64 MB hold the notes and cards of 100,000
/// notes of usual length, so that searching them again, or changing them all, reads each page once.
/// A cache slightly too small is as good as none to one who goes through everything.
const CACHE_KIB: i64 = 65_536;
/// The same for who writes all of it once, from its beginning to its end.
const SPARE_KIB: i64 = 8192;

/// The schema that we write.
pub(in crate::storage) const SCHEMA: u8 = 18;
/// Prepared statements kept; studying uses about forty.
const STATEMENT_CACHE: usize = 160;
const TABLES: [&str; 12] = [
    "col",
    "notes",
    "cards",
    "revlog",
    "deck_config",
    "config",
    "fields",
    "templates",
    "notetypes",
    "decks",
    "tags",
    "graves",
];

/// What is committed is on the disk.
const ON_DISK: &str = "full";

impl Storage {
    /// The schema of the collection at `path`; None when the file is missing or empty. Never
    /// writes, also not to a file that another program left in the middle of something.
    pub fn schema_version(path: &Path) -> Result<Option<u8>> {
        match if_there(std::fs::metadata(path)).at(path)? {
            Some(meta) if meta.len() > 0 => read_version(path).at(path),
            _ => Ok(None),
        }
    }

    /// Opens for reading and writing, exclusively. Only schema 18: see [`Self::upgrade`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_inner(path, ON_DISK).map_err(|e| e.at(path))
    }

    /// As [`Self::open`], of a copy that goes away if it is not finished: nothing waits for the disk,
    /// and who finishes it syncs it as a whole.
    pub(in crate::storage) fn open_staged(path: &Path) -> Result<Self> {
        Self::open_inner(path, "off").map_err(|e| e.at(path))
    }

    fn open_inner(path: &Path, synchronous: &str) -> Result<Self> {
        if Self::schema_version(path)?.is_none() {
            return Err(Error::not_found(mark!("there is no collection")));
        }
        let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        lock_exclusively(&db)?;
        require_schema(version_of(&db)?)?;
        require_tables(&db)?;
        set_pragmas(&db, synchronous)?;
        let wal = WalState::default();
        wal.watch(&mut db)?;
        // Only now: had SQLite been refused, closing this handle could drop the lock of whoever
        // has the file open in this process.
        let live = File::open(path)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            live: Some(Arc::new(live)),
            wal,
            cache: Cache::default(),
            damaged: Default::default(),
            watched: Weak::new(),
        })
    }

    /// Opens a file that nobody writes to: a backup, a copy. Any schema from 11 on, enough for
    /// counting and, from schema 18 on, for all reads. Writes fail.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        let open = || -> Result<Self> {
            let db = connect_immutable(path)?;
            db.pragma_update(None, "query_only", true)?;
            let Some(version) = version_of(&db)? else {
                return Err(Error::corrupt(mark!("the file is not a collection")));
            };
            if version != 11 && !(14..=SCHEMA).contains(&version) {
                require_schema(Some(version))?;
            }
            Ok(Self {
                db,
                path: path.to_owned(),
                live: None,
                wal: WalState::default(),
                cache: Cache::default(),
                damaged: Default::default(),
                watched: Weak::new(),
            })
        };
        open().at(path)
    }

    /// Cards and notes that operations look at are counted there from now on, and a cancel there
    /// ends the operation, of which nothing is kept. Ends when the caller drops `progress`.
    pub fn watch(&mut self, progress: &Arc<Progress>) {
        self.watched = Arc::downgrade(progress);
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A read handle of the live file that stays open for as long as anyone holds it. Never open
    /// the path by other means while the collection is open; see the field.
    #[must_use]
    pub fn live_file(&self) -> Option<Arc<File>> {
        self.live.clone()
    }

    /// For one who makes the indexes of a whole collection anew: a small cache, and what does not
    /// fit into it is sorted in a temporary file. Not inside a transaction.
    pub fn spare_memory(&self) -> Result<()> {
        self.use_memory("file", SPARE_KIB)
    }

    /// After [`Self::spare_memory`]. What was done meanwhile is done: that this fails is no reason to
    /// say otherwise, the collection is only slower until it is opened again.
    pub fn stop_sparing_memory(&self) {
        if let Err(error) = self.use_memory("memory", CACHE_KIB) {
            tracing::warn!("the collection goes on with little memory: {error}");
        }
    }

    fn use_memory(&self, store: &str, kib: i64) -> Result<()> {
        self.db.pragma_update(None, "temp_store", store)?;
        Ok(self.db.pragma_update(None, "cache_size", -kib)?)
    }

    /// Moves everything into the one file and closes it.
    pub fn close(self) -> Result<()> {
        let Self {
            db,
            path,
            live,
            cache,
            ..
        } = self;
        drop(cache);
        let close = || -> Result<()> {
            if live.is_some() {
                db.query_row("pragma wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            db.close().map_err(|(_, e)| e)?;
            Ok(())
        };
        let result = close().at(&path);
        drop(live);
        result
    }

    /// Triggers, views and virtual tables, which no collection of Anki's has. They are inert
    /// here, but would act in other programs: packages that carry them are refused.
    pub fn foreign_schema_objects(&self) -> Result<Vec<String>> {
        let mut statement = self.db.prepare(
            "select type || ' ' || name from sqlite_master where type in ('trigger', 'view') \
             or (type = 'table' and lower(ltrim(sql)) like 'create virtual%') order by 1",
        )?;
        let names = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(names)
    }
}

/// A connection that trusts nothing in the file's schema.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite opens what may not be written for reading, and only fails when it locks it.
    if db.is_readonly(rusqlite::MAIN_DB)? {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            mark!("the collection cannot be opened or written"),
        ));
    }
    prepare(&db)?;
    Ok(db)
}

/// Reads without locks, a log or any other file beside it.
pub(in crate::storage) fn connect_immutable(path: &Path) -> Result<Connection> {
    // SQLite reports a missing file as "cannot open".
    std::fs::metadata(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db =
        Connection::open_with_flags(format!("{}?mode=ro&immutable=1", file_uri(path)?), flags)?;
    prepare(&db)?;
    Ok(db)
}

fn prepare(db: &Connection) -> Result<()> {
    db.busy_timeout(Duration::ZERO)?;
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        // One plan a statement: without it SQLite plans anew each time a range is bound.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        db.set_db_config(option, on)?;
    }
    db.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    db.create_collation("unicase", |a, b| UniCase::new(a).cmp(&UniCase::new(b)))?;
    Ok(())
}

/// The address by which SQLite opens or makes the file at `path`, which need not be Unicode where
/// paths are bytes.
pub(in crate::storage) fn file_uri(path: &Path) -> Result<String> {
    use std::fmt::Write as _;
    let path = std::path::absolute(path)?;
    if !cfg!(unix) && path.to_str().is_none() {
        return Err(Error::invalid(mark!("the path is not valid Unicode")));
    }
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut uri = String::from("file://");
    if !bytes.starts_with(b"/") {
        uri.push('/');
    }
    for byte in bytes {
        match *byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b':' => {
                uri.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    Ok(uri)
}

/// For `create`: an empty file with the right page size.
pub(in crate::storage) fn connect_to_create(path: &Path) -> Result<Connection> {
    let db = connect(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    db.pragma_update(None, "page_size", 4096)?;
    lock_exclusively(&db)?;
    set_pragmas(&db, ON_DISK)?;
    Ok(db)
}

/// For `upgrade`: any schema, locked, its journal mode left as it is.
pub(in crate::storage) fn connect_to_upgrade(path: &Path) -> Result<Connection> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    lock_exclusively(&db)?;
    Ok(db)
}

fn lock_exclusively(db: &Connection) -> Result<()> {
    pragma(db, "locking_mode=exclusive")
}

fn set_pragmas(db: &Connection, synchronous: &str) -> Result<()> {
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // First: a change of the journal's mode is written too.
    db.pragma_update(None, "synchronous", synchronous)?;
    for text in [
        "legacy_file_format=off",
        "journal_mode=wal",
        "temp_store=memory",
        "mmap_size=0",
    ] {
        pragma(db, text)?;
    }
    Ok(())
}

/// For `downgrade`: the file as old programs expect it, without a log beside it.
pub(in crate::storage) fn leave_wal(db: &Connection) -> Result<()> {
    pragma(db, "journal_mode=delete")
}

/// Runs a pragma that may or may not answer with a row.
fn pragma(db: &Connection, text: &str) -> Result<()> {
    let mut statement = db.prepare(&format!("pragma {text}"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn read_version(path: &Path) -> Result<Option<u8>> {
    let has_log = ["-wal", "-journal"].iter().any(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        std::fs::metadata(name).is_ok_and(|meta| meta.len() > 0)
    });
    if !has_log {
        return version_of(&connect_immutable(path)?);
    }
    // A crashed program's last transactions are in the log, or a program is at work. Only a real
    // connection can tell; it must not tidy up when it closes.
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    lock_exclusively(&db)?;
    version_of(&db)
}

/// None when there is nothing in the file.
pub(in crate::storage) fn version_of(db: &Connection) -> Result<Option<u8>> {
    let tables: i64 = db.query_row("select count(*) from sqlite_master", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(None);
    }
    let is_collection: bool = db.query_row(
        "select exists (select 1 from sqlite_master where type='table' and name='col')",
        [],
        |row| row.get(0),
    )?;
    if !is_collection {
        return Err(Error::corrupt(mark!("the database is not a collection")));
    }
    let version: Option<i64> = db
        .query_row("select ver from col limit 1", [], |row| row.get(0))
        .optional()?;
    match version {
        None => Err(Error::corrupt(mark!("the collection lacks its main row"))),
        Some(version) => Ok(Some(u8::try_from(version).unwrap_or(if version < 0 {
            0
        } else {
            u8::MAX
        }))),
    }
}

/// Names the versions that cannot be opened as they are.
pub(in crate::storage) fn require_schema(version: Option<u8>) -> Result<()> {
    match version {
        Some(SCHEMA) => Ok(()),
        None => Err(Error::not_found(mark!("there is no collection"))),
        Some(version @ (11 | 14..=17)) => Err(Error::new(
            ErrorKind::TooOld,
            mark!(
                "the collection has the older schema {version} and must be upgraded first",
                version
            ),
        )),
        Some(version @ (0..=10)) => Err(Error::new(
            ErrorKind::TooOld,
            mark!(
                "the collection has schema {version}, older than any that can be read",
                version
            ),
        )),
        Some(version @ (12 | 13)) => Err(Error::new(
            ErrorKind::TooNew,
            mark!(
                "the collection has schema {version}, which only development versions had",
                version
            ),
        )),
        Some(version) => Err(Error::new(
            ErrorKind::TooNew,
            mark!(
                "the collection has schema {version}, newer than any that can be read",
                version
            ),
        )),
    }
}

fn require_tables(db: &Connection) -> Result<()> {
    let mut exists = db.prepare("select 1 from sqlite_master where type='table' and name=?")?;
    for table in TABLES {
        if !exists.exists([table])? {
            return Err(Error::corrupt(mark!(
                "the collection lacks the table \u{201c}{table}\u{201d}",
                table
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};

    fn clock() -> Clock {
        Clock::fixed(TimestampMillis(1_700_000_000_000), -60)
    }

    #[test]
    fn a_second_opener_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b#?%c.anki2");
        let storage = Storage::create(&path, &clock()).unwrap();
        assert_eq!(Storage::open(&path).unwrap_err().kind(), ErrorKind::Locked);
        storage.close().unwrap();
        assert_eq!(Storage::schema_version(&path).unwrap(), Some(18));
        Storage::open(&path).unwrap().close().unwrap();
    }

    #[test]
    fn opening_and_closing_changes_no_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.anki2");
        Storage::create(&path, &clock()).unwrap().close().unwrap();
        let before = std::fs::read(&path).unwrap();
        Storage::open(&path).unwrap().close().unwrap();
        let read_only = Storage::open_read_only(&path).unwrap();
        assert_eq!(read_only.all_notetypes().unwrap().len(), 6);
        drop(read_only);
        assert!(std::fs::read(&path).unwrap() == before);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    /// An upload that the server took would be told as one that failed.
    #[test]
    fn memory_that_is_not_given_back_is_no_failure_of_what_was_done() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::create(&folder.path().join("c.anki2"), &clock()).unwrap();
        storage.spare_memory().unwrap();
        let busy = "create temp table t(a); begin; insert into t values (1)";
        storage.db.execute_batch(busy).unwrap();
        assert!(storage.use_memory("memory", CACHE_KIB).is_err());
        storage.stop_sparing_memory();
        storage.db.execute_batch("commit").unwrap();
        storage.stop_sparing_memory();
        storage.use_memory("memory", CACHE_KIB).unwrap();
    }

    #[test]
    fn only_a_staged_copy_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.anki2");
        let said = |storage: &Storage, pragma: &str| -> String {
            let said = storage.db.pragma_query_value(None, pragma, |row| {
                let value: rusqlite::types::Value = row.get(0)?;
                Ok(format!("{value:?}"))
            });
            said.unwrap()
        };
        let check = |storage: Storage, synchronous: &str| {
            assert_eq!(said(&storage, "synchronous"), synchronous);
            assert_eq!(said(&storage, "journal_mode"), "Text(\"wal\")");
            storage.close().unwrap();
        };
        check(Storage::create(&path, &clock()).unwrap(), "Integer(2)");
        check(Storage::open_staged(&path).unwrap(), "Integer(0)");
        check(Storage::open(&path).unwrap(), "Integer(2)");
    }

    #[test]
    fn a_log_left_by_a_crash_is_read_and_not_touched_by_looking() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.anki2");
        let mut storage = Storage::create(&path, &clock()).unwrap();
        storage
            .tx(TimestampMillis(5), |tx| tx.set_config("k", &1))
            .unwrap();
        let crashed = folder.path().join("crashed.anki2");
        std::fs::copy(&path, &crashed).unwrap();
        let log = folder.path().join("crashed.anki2-wal");
        std::fs::copy(folder.path().join("c.anki2-wal"), &log).unwrap();
        let size = std::fs::metadata(&log).unwrap().len();
        assert!(size > 0);
        assert_eq!(Storage::schema_version(&crashed).unwrap(), Some(18));
        assert_eq!(std::fs::metadata(&log).unwrap().len(), size);
        let reopened = Storage::open(&crashed).unwrap();
        assert_eq!(reopened.config_json::<i32>("k").unwrap(), Some(1));
        reopened.close().unwrap();
        assert!(!log.exists());
    }

    #[test]
    fn a_log_made_longer_in_idle_time_holds_what_was_written_and_goes_when_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.anki2");
        let log = folder.path().join("c.anki2-wal");
        let mut storage = Storage::create(&path, &clock()).unwrap();
        let write = |storage: &mut Storage, n: i64| {
            let set = |tx: &mut crate::storage::Tx<'_>| tx.set_config("k", &n);
            storage.tx(TimestampMillis(n * 5000), set).unwrap();
        };
        write(&mut storage, 1);
        while storage.lengthen_log().unwrap() {}
        let roomy = std::fs::metadata(&log).unwrap().len();
        assert!(roomy > 8_000_000);
        // Once behind what was there, once from the beginning again.
        for n in 2..=3 {
            write(&mut storage, n);
            let crashed = folder.path().join(format!("crashed{n}.anki2"));
            std::fs::copy(&path, &crashed).unwrap();
            std::fs::copy(&log, folder.path().join(format!("crashed{n}.anki2-wal"))).unwrap();
            let reopened = Storage::open(&crashed).unwrap();
            assert_eq!(reopened.config_json::<i64>("k").unwrap(), Some(n));
            reopened.close().unwrap();
            assert!(storage.checkpoint().unwrap());
        }
        assert_eq!(std::fs::metadata(&log).unwrap().len(), roomy);
        storage.close().unwrap();
        assert!(!log.exists());
    }

    #[test]
    fn versions_are_refused_by_name() {
        for (version, kind) in [
            (0, ErrorKind::TooOld),
            (10, ErrorKind::TooOld),
            (12, ErrorKind::TooNew),
            (17, ErrorKind::TooOld),
            (19, ErrorKind::TooNew),
        ] {
            let error = require_schema(Some(version)).unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.what().contains(&version.to_string()));
        }
    }

    #[test]
    fn checkpoints_happen_in_idle_time_and_never_while_frozen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.anki2");
        let mut storage = Storage::create(&path, &clock()).unwrap();
        assert!(!storage.checkpoint_if_due().unwrap());
        storage.set_frozen(true);
        let before = std::fs::metadata(&path).unwrap().len();
        for n in 0..300 {
            storage
                .tx(TimestampMillis(n), |tx| {
                    tx.set_config(&format!("key{n}"), &"x".repeat(2000))
                })
                .unwrap();
        }
        assert!(storage.pending_pages() >= 200);
        assert!(!storage.checkpoint_if_due().unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), before);
        storage.set_frozen(false);
        assert!(storage.checkpoint_if_due().unwrap());
        assert_eq!(storage.pending_pages(), 0);
        assert!(std::fs::metadata(&path).unwrap().len() > before);
    }
}
