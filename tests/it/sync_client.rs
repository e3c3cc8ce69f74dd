//! Our client of a sync on a collection of its own, what a collection holds, and a network that
//! fails at a chosen request.
#![expect(
    clippy::disallowed_types,
    reason = "what a sync left behind is read by SQLite alone, not by the program"
)]

use crate::sync_server::Server;
use engram::base::ids::{DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{Error, ErrorKind, Result};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::net::{Call, Http, Reply, Transport};
use engram::sync::plan::Step;
use engram::sync::{self, Account, Outcome, Session, Wish};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Our client.
pub struct Client {
    folder: tempfile::TempDir,
    pub col: Collection,
    pub account: Account,
}

impl Client {
    pub fn new(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        Self {
            col: Collection::open(&path, Clock::System).unwrap(),
            account: server.log_in(),
            folder,
        }
    }

    /// With a download as its collection.
    pub fn downloaded(server: &Server) -> Self {
        let mut client = Self::new(server);
        client.download();
        client
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("collection.anki2")
    }

    pub fn upload(&mut self) {
        let session = Session::new(&*HTTP, self.account.clone());
        sync::upload(&mut self.col, &session, &Progress::new()).unwrap();
    }

    /// As the program does it: fetched, checked, saved and exchanged by a restore.
    pub fn download(&mut self) {
        use engram::backup::plan::Options;
        use engram::backup::restore::restore;
        let session = Session::new(&*HTTP, self.account.clone());
        let room = tempfile::tempdir().unwrap();
        let progress = Progress::new();
        let fetched = sync::download(&session, room.path(), &progress).unwrap();
        let other = Collection::open(&room.path().join("other.anki2"), Clock::System).unwrap();
        std::mem::replace(&mut self.col, other).close().unwrap();
        let folder = self.folder.path();
        let clock = Clock::System;
        restore(
            folder,
            &fetched.path(),
            Options::DOWNLOAD,
            &clock,
            &progress,
        )
        .unwrap();
        self.col = Collection::open(&self.path(), clock).unwrap();
    }

    pub fn step(&mut self) -> Step {
        let mut session = Session::new(&*HTTP, self.account.clone());
        sync::look(&self.col, &mut session, &Progress::new())
            .unwrap()
            .step
    }

    pub fn sync_over(&mut self, net: &dyn Transport, wish: Wish) -> Result<Outcome> {
        let progress = Progress::new();
        let mut session = Session::new(net, self.account.clone());
        let look = sync::look(&self.col, &mut session, &progress)?;
        assert!(!matches!(look.step, Step::OneWay(_)), "{look:?}");
        sync::normal(&mut self.col, &session, &look, wish, &progress)
    }

    pub fn sync(&mut self) -> Outcome {
        let outcome = self.sync_over(&*HTTP, Wish::default()).unwrap();
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        outcome
    }

    pub fn add(&mut self, front: &str) -> NoteId {
        let types = self.col.storage().all_notetypes().unwrap();
        let basic = types.iter().find(|t| t.name.starts_with("Basic")).unwrap();
        let new = NewNote {
            notetype_id: basic.id,
            deck_id: DeckId::DEFAULT,
            fields: vec![front.into(), "back".into()],
            tags: vec!["a".into()],
        };
        self.col.add_note(new).unwrap().value
    }

    pub fn edit(&mut self, note: NoteId, front: &str) {
        let edit = |tx: &mut engram::storage::Tx<'_>| {
            let mut note = tx.get_note(note)?.unwrap();
            note.fields[0] = front.to_owned();
            let notetype = tx.notetype(note.notetype_id)?.unwrap();
            note.prepare(&notetype, true);
            tx.update_note(&note)
        };
        self.col.transact(Op::UpdateNote, edit).unwrap();
    }

    /// Gives the note type of [`Self::add`] this style sheet.
    pub fn style(&mut self, css: &str) {
        let types = self.col.storage().all_notetypes().unwrap();
        let basic = types.iter().find(|t| t.name.starts_with("Basic")).unwrap();
        let mut edit = NotetypeEdit::from(basic.clone());
        edit.config.css = css.to_owned();
        self.col.update_notetype(&edit, &Progress::new()).unwrap();
    }

    pub fn front(&self, note: NoteId) -> Option<String> {
        let note = self.col.storage().get_note(note).unwrap()?;
        Some(note.fields[0].clone())
    }

    /// Every row that a sync is about; and the stamps of this side, last.
    pub fn rows(&self) -> Vec<String> {
        self.col.storage().checkpoint().unwrap();
        let copy = tempfile::tempdir().unwrap();
        let copy = copy.path().join("copy.anki2");
        std::fs::copy(self.path(), &copy).unwrap();
        rows(&copy)
    }
}

pub static HTTP: std::sync::LazyLock<Http> = std::sync::LazyLock::new(Http::new);

/// Every row that a sync is about, as text.
pub fn rows(path: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(path).unwrap();
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .unwrap();
    let mut rows = Vec::new();
    for (table, columns) in [
        ("notes", "*"),
        ("cards", "*"),
        ("revlog", "*"),
        ("graves", "oid, type"),
        ("decks", "*"),
        ("deck_config", "*"),
        ("notetypes", "*"),
        ("fields", "*"),
        ("templates", "ntid, ord, name, config"),
        ("tags", "tag"),
        ("config", "key, cast(val as text)"),
        ("col", "crt, mod, scm, usn, ls"),
    ] {
        let mut statement = db
            .prepare(&format!("select {columns} from {table}"))
            .unwrap();
        let count = statement.column_count();
        let found = statement
            .query_map([], |row| {
                let cells: rusqlite::Result<Vec<rusqlite::types::Value>> =
                    (0..count).map(|i| row.get(i)).collect();
                Ok(format!("{table} {:?}", cells?))
            })
            .unwrap();
        let mut found: Vec<String> = found.map(Result::unwrap).collect();
        found.sort();
        rows.append(&mut found);
    }
    rows
}

/// The rows that only one of the two has.
pub fn difference(a: &[String], b: &[String]) -> String {
    let only = |x: &[String], y: &[String], sign: &str| -> String {
        let lines = x.iter().filter(|row| !y.contains(row)).take(8);
        let lines: Vec<String> = lines.map(|row| format!("{sign} {row}\n")).collect();
        lines.concat()
    };
    only(a, b, "<") + &only(b, a, ">")
}

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not reach the server.
    Lost,
    /// The server does it, but its answer does not arrive.
    AnswerLost,
    /// The answer ends in the middle.
    Cut,
    /// A byte of the answer is another.
    Damaged,
    Status(u16),
    /// An answer with this JSON instead of the server's.
    Says(&'static str),
}

/// The real network until a request fails: the one with this number, counted from 0.
pub struct Failing {
    pub at: usize,
    pub fault: Fault,
    pub sent: AtomicUsize,
}

impl Failing {
    pub fn at(at: usize, fault: Fault) -> Self {
        Self {
            at,
            fault,
            sent: AtomicUsize::new(0),
        }
    }

    pub fn was_reached(&self) -> bool {
        self.sent.load(Ordering::SeqCst) > self.at
    }
}

fn reply(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Reply {
    Reply {
        status,
        headers,
        body: Box::new(std::io::Cursor::new(body)),
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Network, "the connection failed")
}

impl Transport for Failing {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        if self.sent.fetch_add(1, Ordering::SeqCst) != self.at {
            return HTTP.send(call);
        }
        match self.fault {
            Fault::Lost => return Err(lost()),
            Fault::Status(status) => return Ok(reply(status, Vec::new(), b"sorry".to_vec())),
            _ => {}
        }
        let mut real = HTTP.send(call)?;
        let mut body = Vec::new();
        real.body.read_to_end(&mut body).unwrap();
        match self.fault {
            Fault::Says(json) => {
                let size = ("anki-original-size".to_owned(), json.len().to_string());
                let body = zstd::encode_all(json.as_bytes(), 0).unwrap();
                return Ok(reply(200, vec![size], body));
            }
            Fault::AnswerLost => return Err(lost()),
            Fault::Cut => body.truncate(body.len() - 1),
            _ => body[0] ^= 0x55,
        }
        Ok(reply(real.status, real.headers, body))
    }
}
