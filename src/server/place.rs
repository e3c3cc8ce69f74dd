//! The folder of one user: `collection.anki2`, `media/` and `media.db` as on Anki's server, and
//! `backups/` and `media.trash/` for what clients replace. One request works on the collection at a
//! time, and one session: another client's ends it and nothing of it is kept, as on Anki's server.

use super::refusal::{Refusal, parse};
use super::session::{Method, Running};
use crate::backup::entry::{Reason, Rules};
use crate::backup::{catalog, safety};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{BUFFER, StagingDir, remove_leftovers, sync_dir};
use crate::base::ids::Usn;
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::codec::sync::VERSION;
use crate::storage::Storage;
use crate::storage::inspect::{self, Depth};
use crate::storage::media_server_db::MediaServerDb;
use crate::storage::snapshot::{self, FrozenFile, beside};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The name of a collection.
const COLLECTION: &str = "collection.anki2";
/// In the words of Anki's server, which clients show.
const DAMAGED: &str = "Your upload was corrupt. Please use Check Database, or restore from backup.";
/// Clients show it.
const LOST: &str = "The collection of this user is missing on the server, although other files of \
     it are there. Whoever runs the server can put a backup in its place as collection.anki2, which \
     engram-cli salvage makes of a file in backups, or, to begin anew, move the folder of the user \
     away.";
const TOO_LARGE: &str = "collection exceeds size limit";

/// See the module header.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) clock: Clock,
    running: Mutex<Option<Running>>,
    /// Held by a request that is about media.
    pub(super) media: Mutex<()>,
}

/// A copy of the collection, in a folder that goes away with this value.
pub(super) struct Copied {
    pub(super) file: File,
    pub(super) size: u64,
    // After the file, which is in it.
    _staging: StagingDir,
}

impl Place {
    pub(super) fn new(folder: PathBuf, clock: Clock) -> Result<Self> {
        let media = folder.join("media");
        std::fs::create_dir_all(&media).at(&media)?;
        for folder in [&folder, &media, &folder.join("backups")] {
            remove_leftovers(folder)?;
        }
        let place = Self {
            folder,
            clock,
            running: Mutex::new(None),
            media: Mutex::new(()),
        };
        // Begun here, where nobody else does the same.
        place.media_db()?;
        Ok(place)
    }

    fn path(&self) -> PathBuf {
        self.folder.join(COLLECTION)
    }

    pub(super) fn media_db(&self) -> Result<MediaServerDb> {
        MediaServerDb::open(&self.folder.join("media.db"))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Alone with the collection: a session that runs is rolled back first.
    fn alone(&self) -> MutexGuard<'_, Option<Running>> {
        let mut running = self.lock();
        running.take();
        running
    }

    /// Nothing is half done any more when this returns.
    pub(super) fn end(&self) {
        drop(self.alone());
        drop(self.media.lock());
    }

    /// A collection that is missing or empty although something else of the user is there is lost,
    /// not new: with one made in its place, clients would be asked to replace theirs by it.
    fn is_lost(&self) -> Result<bool> {
        if Storage::schema_version(&self.path())?.is_some() {
            return Ok(false);
        }
        if self.media_db()?.last_usn()? > 0 {
            return Ok(true);
        }
        let backups = catalog::folder(&self.folder);
        Ok(backups.is_dir() && std::fs::read_dir(&backups).at(&backups)?.next().is_some())
    }

    fn open(&self) -> Result<Storage> {
        let path = self.path();
        match Storage::schema_version(&path)? {
            None if self.is_lost()? => Err(Error::corrupt(LOST).at(&path)),
            None => Storage::create(&path, &self.clock),
            Some(_) => Storage::open(&path),
        }
    }

    /// How this side stands.
    pub(super) fn meta(&self, body: &[u8]) -> Result<Value, Refusal> {
        #[derive(Deserialize)]
        struct Asked {
            v: u32,
        }
        if parse::<Asked>(body)?.v != VERSION {
            return Err(Refusal::of(501));
        }
        let media_usn = self.media_db()?.last_usn()?;
        let _alone = self.alone();
        if self.is_lost()? {
            tracing::warn!("{LOST} {}", self.folder.display());
            return Ok(json!({
                "mod": 0,
                "scm": 0,
                "usn": 0,
                "ts": self.clock.now_secs().0,
                "msg": LOST,
                "cont": false,
                "hostNum": 0,
                "empty": true,
                "media_usn": media_usn,
            }));
        }
        let storage = self.open()?;
        let row = storage.col_row()?;
        let empty = storage.has_no_cards()?;
        storage.close()?;
        Ok(json!({
            "mod": row.mtime.0,
            "scm": row.scm.0,
            "usn": row.usn.0,
            "ts": self.clock.now_secs().0,
            "msg": "",
            "cont": true,
            "hostNum": 0,
            "empty": empty,
            "media_usn": media_usn,
        }))
    }

    /// A request of the session that the client calls `word`.
    pub(super) fn session(
        &self,
        word: &str,
        method: Method,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Refusal> {
        let mut running = self.lock();
        if method == Method::Start {
            running.take();
            self.open()?.close()?;
            let begun = Running::begin(self.path(), self.clock.clone(), word.to_owned())?;
            *running = Some(begun);
        }
        match &*running {
            Some(session) if session.is_of(word) => session.ask(method, body),
            _ => Err(Refusal::CONFLICT),
        }
    }

    pub(super) fn abort(&self, word: &str) {
        let mut running = self.lock();
        if running.as_ref().is_some_and(|r| r.is_of(word)) {
            running.take();
        }
    }

    /// Puts what a client sends in the place of the collection, whose last state becomes a backup;
    /// what the client is told, and what whoever runs the server is: why it was refused, or what was
    /// left out.
    pub(super) fn upload(
        &self,
        sent: &mut dyn Read,
        most: u64,
    ) -> Result<(&'static str, Option<String>), Refusal> {
        let staging = StagingDir::create_in(&self.folder)?;
        let staged = staging.path().join(COLLECTION);
        let mut file = File::create(&staged).at(&staged)?;
        let mut out = BufWriter::with_capacity(BUFFER, &mut file);
        let size = std::io::copy(&mut sent.take(most + 1), &mut out)?;
        out.flush()?;
        drop(out);
        if size > most {
            return Ok((TOO_LARGE, None));
        }
        // The next device would get them from here.
        let triggers = match check(&staged).and_then(|()| snapshot::drop_triggers(&staged)) {
            Ok(triggers) => triggers,
            Err(e) if is_of_this_side(e.kind()) => return Err(e.into()),
            Err(e) => return Ok((DAMAGED, Some(e.to_string()))),
        };
        file.sync_all().at(&staged)?;
        // Closed later, it would take SQLite's lock from who opens the collection then.
        drop(file);
        let _alone = self.alone();
        self.save_present()?;
        let live = self.path();
        for suffix in ["-wal", "-shm", "-journal"] {
            let beside = beside(&live, suffix);
            if beside.exists() {
                std::fs::remove_file(&beside).at(&beside)?;
            }
        }
        std::fs::rename(&staged, &live).at(&live)?;
        sync_dir(&self.folder)?;
        let left_out = match triggers {
            0 => None,
            1 => Some("1 trigger of the collection was left out".to_owned()),
            n => Some(format!("{n} triggers of the collection were left out")),
        };
        Ok(("OK", left_out))
    }

    /// Makes a backup of the collection, unless no client has ever sent anything: without notes there
    /// may be reviews, decks and settings.
    fn save_present(&self) -> Result<()> {
        let opened = match self.open() {
            // Who has it open would go on writing to what is replaced.
            Err(e) if e.kind() == ErrorKind::Locked => return Err(e),
            opened => opened,
        };
        if let Ok(storage) = opened {
            let nothing = storage.is_empty()? && storage.col_row()?.usn == Usn(0);
            storage.close()?;
            if nothing {
                return Ok(());
            }
        }
        let progress = Progress::new();
        let reason = Reason::BeforeSync;
        safety::save_present(&self.folder, reason, &self.clock, &progress)?;
        let thinned = catalog::thin(&self.folder, &Rules::default(), &self.clock, &progress);
        if let Err(e) = thinned {
            tracing::warn!("old backups stay: {e}");
        }
        Ok(())
    }

    /// A copy of the collection for a client.
    pub(super) fn download(&self) -> Result<Copied, Refusal> {
        let staging = StagingDir::create_in(&self.folder)?;
        let path = staging.path().join(COLLECTION);
        let alone = self.alone();
        self.open()?.close()?;
        let frozen = FrozenFile::of_closed(&self.path())?;
        let mut out = BufWriter::with_capacity(BUFFER, File::create(&path).at(&path)?);
        let size = std::io::copy(&mut frozen.reader(), &mut out).at(&path)?;
        out.flush().at(&path)?;
        // In this order, for the same reason as in an upload.
        drop(frozen);
        drop(alone);
        Ok(Copied {
            file: File::open(&path).at(&path)?,
            size,
            _staging: staging,
        })
    }
}

/// As strictly as a backup, and everything that sync reads of it can be read.
fn check(path: &Path) -> Result<()> {
    let checked = inspect::check(path, Depth::Full, &Progress::new())?;
    if let Some(finding) = checked.wrong_index {
        return Err(Error::corrupt(finding));
    }
    let storage = Storage::open(path)?;
    storage.col_row()?;
    storage.all_decks()?;
    storage.all_deck_configs()?;
    storage.all_notetypes()?;
    storage.close()
}

fn is_of_this_side(kind: ErrorKind) -> bool {
    use ErrorKind as Kind;
    matches!(
        kind,
        Kind::DiskFull | Kind::Io | Kind::PermissionDenied | Kind::Locked | Kind::Bug
    )
}
