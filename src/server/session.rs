//! One normal sync of one client: a transaction on a thread of its own, which takes requests until
//! the client ends it, something fails, or nothing comes any more. Only the end keeps what was done.

use super::refusal::{Refusal, parse};
use crate::base::error::Result;
use crate::base::ids::Usn;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Error, ErrorKind};
use crate::codec::sync::{Changes, Chunk, Graves, SanityCounts};
use crate::collection::timing::{bring_back_buried, store_rollover, timing_on_server};
use crate::storage::sync::{PendingRows, Sender as Side};
use crate::storage::{Storage, Tx};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// A client from which nothing comes for this long is gone.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a client may ask within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Start,
    ApplyGraves,
    ApplyChanges,
    Chunk,
    ApplyChunk,
    SanityCheck,
    Finish,
}

/// A session that runs; dropped, it is rolled back.
pub(super) struct Running {
    /// What the client calls it.
    word: String,
    asks: Option<SyncSender<Asked>>,
    thread: Option<JoinHandle<()>>,
}

type Reply = Result<Vec<u8>, Refusal>;

struct Asked {
    method: Method,
    body: Vec<u8>,
    reply: SyncSender<Reply>,
}

impl Running {
    /// Opens the collection at `path` for a session of this name.
    pub(super) fn begin(path: PathBuf, clock: Clock, word: String) -> Result<Self> {
        let (asks, asked) = sync_channel(0);
        let thread = Builder::new()
            .name("sync-session".to_owned())
            .spawn(move || run(&path, &clock, &asked))?;
        Ok(Self {
            word,
            asks: Some(asks),
            thread: Some(thread),
        })
    }

    pub(super) fn is_of(&self, word: &str) -> bool {
        self.word == word
    }

    pub(super) fn ask(&self, method: Method, body: Vec<u8>) -> Reply {
        let (reply, replied) = sync_channel(1);
        let asked = Asked {
            method,
            body,
            reply,
        };
        let sent = self.asks.as_ref().is_some_and(|a| a.send(asked).is_ok());
        if !sent {
            return Err(Refusal::CONFLICT);
        }
        replied.recv().unwrap_or_else(|_| {
            let what = "the session ended in the middle";
            Err(Refusal::from(Error::bug(what)))
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.asks.take();
        if let Some(thread) = self.thread.take() {
            // One that panicked has told why, and its transaction is rolled back.
            let _ = thread.join();
        }
    }
}

fn run(path: &Path, clock: &Clock, asked: &Receiver<Asked>) {
    let mut storage = match Storage::open(path) {
        Ok(storage) => storage,
        Err(error) => {
            if let Ok(first) = asked.recv() {
                let _ = first.reply.send(Err(Refusal::from(error)));
            }
            return;
        }
    };
    let mut session = Session {
        clock: clock.clone(),
        since: Usn(0),
        usn: Usn(0),
        is_client_newer: false,
        rows: None,
        last: None,
    };
    let done = storage.tx(clock.now(), |tx| session.run(tx, asked));
    let last = session.last.take();
    if let Err(error) = storage.close() {
        tracing::error!("the collection was not closed: {error}");
    }
    // The client hears of the end when it is on disk, and of a failure when all is as before.
    let Some((reply, said)) = last else { return };
    let said = match done {
        Err(error) if said.is_ok() && error.kind() != ErrorKind::Conflict => {
            Err(Refusal::from(error))
        }
        _ => said,
    };
    let _ = reply.send(said);
}

struct Session {
    clock: Clock,
    /// Up to which number the client has heard of everything.
    since: Usn,
    /// The number of this sync.
    usn: Usn,
    is_client_newer: bool,
    /// What the client was not sent yet.
    rows: Option<PendingRows>,
    /// The reply that ends it all.
    last: Option<(SyncSender<Reply>, Reply)>,
}

impl Session {
    fn run(&mut self, tx: &mut Tx<'_>, asked: &Receiver<Asked>) -> Result<()> {
        loop {
            let Ok(asked) = asked.recv_timeout(PATIENCE) else {
                return Err(Error::interrupted());
            };
            let said = self.step(tx, asked.method, &asked.body);
            let (said, then) = match said {
                Ok(Said(value, then)) => (Ok(value.to_string().into_bytes()), then),
                Err(refusal) => (Err(refusal), Then::Forget),
            };
            if matches!(then, Then::GoOn) {
                // One who does not wait for it is gone, which the next wait tells.
                let _ = asked.reply.send(said);
                continue;
            }
            self.last = Some((asked.reply, said));
            if matches!(then, Then::Keep) {
                return Ok(());
            }
            return Err(nothing_kept());
        }
    }

    fn step(&mut self, tx: &mut Tx<'_>, method: Method, body: &[u8]) -> Result<Said, Refusal> {
        Ok(match method {
            Method::Start => Said(self.start(tx, body)?, Then::GoOn),
            Method::ApplyGraves => {
                let graves: Sent<Graves> = parse(body)?;
                tx.apply_graves(&graves.value, self.usn)?;
                Said(Value::Null, Then::GoOn)
            }
            Method::ApplyChanges => {
                let theirs: Sent<Changes> = parse(body)?;
                let ours = tx.take_changes(self.side(), !self.is_client_newer)?;
                tx.apply_changes(theirs.value, self.usn)?;
                Said(json!(ours), Then::GoOn)
            }
            Method::Chunk => {
                let side = self.side();
                let mut rows = match self.rows.take() {
                    Some(rows) => rows,
                    None => tx.pending_rows(side)?,
                };
                let chunk = tx.take_chunk(&mut rows, side)?;
                self.rows = Some(rows);
                Said(json!(chunk), Then::GoOn)
            }
            Method::ApplyChunk => {
                let chunk: Sent<Chunk> = parse(body)?;
                tx.apply_chunk(chunk.value, self.side())?;
                Said(Value::Null, Then::GoOn)
            }
            Method::SanityCheck => compare(&tx.sanity_counts()?, body)?,
            Method::Finish => {
                // A time that this collection never had: by it clients tell whether anything changed.
                let before = tx.col_row()?.mtime.0;
                let now = self.clock.now().0.max(before.saturating_add(1));
                let next = Usn(self.usn.0.saturating_add(1));
                tx.mark_synced(TimestampMillis(now), next)?;
                Said(json!(now), Then::Keep)
            }
        })
    }

    fn side(&self) -> Side {
        Side::Server(self.since)
    }

    fn start(&mut self, tx: &mut Tx<'_>, body: &[u8]) -> Result<Value, Refusal> {
        #[derive(Deserialize)]
        struct Start {
            #[serde(rename = "minUsn")]
            since: i32,
            #[serde(rename = "lnewer")]
            is_client_newer: bool,
            /// Of old clients; others send them in pieces.
            #[serde(default)]
            graves: Option<Graves>,
        }
        let start: Start = parse(body)?;
        self.since = Usn(start.since);
        self.usn = tx.col_row()?.usn;
        self.is_client_newer = start.is_client_newer;
        store_rollover(tx)?;
        bring_back_buried(tx, timing_on_server(tx, &self.clock)?.days_elapsed)?;
        tx.number_own(self.usn)?;
        let ours = tx.take_graves(self.side())?;
        if let Some(theirs) = start.graves {
            tx.apply_graves(&theirs, self.usn)?;
        }
        Ok(json!(ours))
    }
}

/// An answer, and what becomes of the session.
struct Said(Value, Then);

enum Then {
    GoOn,
    Keep,
    Forget,
}

/// Leaves the transaction; the reply is ready.
fn nothing_kept() -> Error {
    Error::new(ErrorKind::Conflict, "nothing of this sync is kept")
}

/// What clients send is in an object with one name.
#[derive(Deserialize)]
struct Sent<T> {
    #[serde(alias = "chunk", alias = "changes")]
    value: T,
}

/// Both sides have to hold equally much of what both of them know.
fn compare(ours: &SanityCounts, body: &[u8]) -> Result<Said, Refusal> {
    #[derive(Deserialize)]
    struct Asked {
        client: Vec<Value>,
    }
    let theirs: Asked = parse(body)?;
    let ours = ours.request();
    let ours = &ours["client"];
    // What is to be studied and the graves are counted otherwise on each side.
    let is_same = |at: usize| theirs.client.get(at) == ours.get(at);
    let is_same = [1, 2, 3, 5, 6, 7].into_iter().all(is_same);
    let (status, then) = match is_same {
        true => ("ok", Then::GoOn),
        false => ("bad", Then::Forget),
    };
    let said = json!({"status": status, "c": theirs.client, "s": ours});
    Ok(Said(said, then))
}
