//! A normal sync: both sides send what changed since the last one. Everything that arrives is
//! written in one transaction, which ends only when both sides have agreed; whatever fails before
//! leaves this side as it was, and the server is told to forget.

use super::plan::{Step, is_too_much, next_step};
use super::session::Session;
use crate::base::ids::{NoteId, Usn};
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::sync::{self as messages, Changes, Chunk, Graves, Meta, SanityAnswer, VERSION};
use crate::collection::timing::bring_back_buried;
use crate::collection::{Collection, deleted_log};
use crate::domain::op::Op;
use crate::storage::sync::Sender;
use crate::storage::{Storage, Tx};
use crate::{mark, t};
use serde_json::{Value, json};

/// What a look at both sides found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub step: Step,
    /// The server's number of its latest media change, for `sync::media`.
    pub media_usn: i64,
    /// To be shown, if not empty.
    pub message: String,
    /// When the server's collection was changed last.
    pub remote_modified: TimestampMillis,
    remote: Usn,
}

/// Limits of a normal sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Stop when more than this share of the notes (percent) would be deleted, here or there;
    /// 100: never.
    pub stop_percent: u32,
}

impl Default for Wish {
    fn default() -> Self {
        Self { stop_percent: 10 }
    }
}

/// What a normal sync did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done(Counts),
    /// Nothing was done, because so many notes would go.
    TooManyDeletions(Deletions),
    /// Nothing was done, because the sides do not fit together any more: the next sync is
    /// one-way. Says why.
    OneWayNeeded(String),
}

/// Objects that travelled, deleted ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub sent: u64,
    pub received: u64,
    pub notes_deleted_here: u64,
    pub notes_deleted_there: u64,
}

/// Notes that a sync would delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletions {
    pub here: u64,
    pub there: u64,
    /// Notes here now.
    pub notes: u64,
}

/// Asks the server how it stands, and says what has to be done. Changes nothing.
///
/// # Errors
/// As the module of sync says; `InvalidInput` when the clocks differ too much.
pub fn look(col: &Collection, session: &mut Session<'_>, progress: &Progress) -> Result<Look> {
    progress.stage(t!("Asking the server"), 0)?;
    let body = json!({"v": VERSION, "cv": super::client_long()});
    let remote: Meta = messages::parse(&session.following("sync/meta", &body, progress)?)?;
    let row = col.storage().col_row()?;
    let local = Meta {
        modified: row.mtime.0,
        schema: row.scm.0,
        usn: row.usn.0,
        now: col.clock().now_secs().0,
        message: String::new(),
        go_on: true,
        empty: col.storage().has_no_cards()?,
        media_usn: 0,
    };
    Ok(Look {
        step: next_step(&local, &remote)?,
        media_usn: remote.media_usn,
        message: remote.message,
        remote_modified: TimestampMillis(remote.modified),
        remote: Usn(remote.usn),
    })
}

/// Carries out what [`look`] found, if that is a normal sync; call it with the same session.
///
/// # Errors
/// As the module of sync says. Nothing has changed here then.
pub fn normal(
    col: &mut Collection,
    session: &Session<'_>,
    look: &Look,
    wish: Wish,
    progress: &Progress,
) -> Result<Outcome> {
    let Step::Normal { local_newer } = look.step else {
        return Ok(Outcome::Done(Counts::default()));
    };
    let mut run = Run {
        session,
        progress,
        usn: look.remote,
        local_newer,
        wish,
        counts: Counts::default(),
        stopped: None,
        finishing: false,
    };
    let today = col.today()?;
    let result = col.transact(Op::Sync, |tx| {
        bring_back_buried(tx, today)?;
        run.run(tx)
    });
    let Run {
        stopped,
        counts,
        finishing,
        ..
    } = run;
    let Err(error) = result else {
        return Ok(Outcome::Done(counts));
    };
    if finishing {
        // The server may have it all: what it was told of must not be taken back in silence here.
        col.clear_undo();
        if let Err(e) = col.save_undo() {
            tracing::warn!("that nothing can be undone any more was not noted: {e}");
        }
    }
    // The server forgets by itself what it is not told to; a cancelled job tells it too.
    if let Err(e) = session.last_word("sync/abort") {
        tracing::debug!("the server was not told that the sync ended: {e}");
    }
    match stopped {
        Some(Stop::Deletions(deletions)) => Ok(Outcome::TooManyDeletions(deletions)),
        Some(Stop::Apart) => {
            col.transact(Op::Sync, |tx| {
                tx.set_scm()?;
                tx.mark_untracked();
                Ok(())
            })?;
            Ok(Outcome::OneWayNeeded(error.what().to_owned()))
        }
        None => Err(error),
    }
}

/// Why the transaction was left although nothing failed.
enum Stop {
    Deletions(Deletions),
    Apart,
}

struct Run<'a> {
    session: &'a Session<'a>,
    progress: &'a Progress,
    /// The server's number of this sync.
    usn: Usn,
    local_newer: bool,
    wish: Wish,
    counts: Counts,
    stopped: Option<Stop>,
    /// The server was asked to keep it all.
    finishing: bool,
}

impl Run<'_> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.graves(tx)?;
        self.changes(tx)?;
        self.receive(tx)?;
        self.send(tx)?;
        self.check(tx)?;
        self.progress.check()?;
        self.finishing = true;
        // Once it has answered there is no way back: a cancel comes too late.
        let modified: i64 = messages::parse(&self.say("finish", &json!({}))?)?;
        tx.mark_synced(TimestampMillis(modified), Usn(self.usn.0.saturating_add(1)))
    }

    fn ask(&self, method: &str, body: &Value) -> Result<Vec<u8>> {
        self.progress.check()?;
        let answer = self.say(method, body)?;
        self.progress.check()?;
        Ok(answer)
    }

    fn say(&self, method: &str, body: &Value) -> Result<Vec<u8>> {
        let path = format!("sync/{method}");
        self.session.json(&path, body, &Progress::new())
    }

    fn graves(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.progress.stage(t!("Exchanging changes"), 0)?;
        let body = json!({
            "minUsn": tx.col_row()?.usn.0,
            "lnewer": self.local_newer,
            "graves": null,
        });
        let theirs: Graves = messages::parse(&self.ask("start", &body)?)?;
        self.stop_at_many_deletions(tx, &theirs)?;
        let ours = tx.take_graves(Sender::Client(self.usn))?;
        for chunk in ours.chunks() {
            self.ask("applyGraves", &json!({"chunk": chunk}))?;
        }
        self.counts.sent += (ours.cards.len() + ours.notes.len() + ours.decks.len()) as u64;
        let received = theirs.cards.len() + theirs.notes.len() + theirs.decks.len();
        self.counts.received += received as u64;
        let mut notes = Vec::new();
        for id in &theirs.notes {
            notes.extend(tx.get_note(NoteId(*id))?);
        }
        deleted_log::write(tx, &notes)?;
        tx.apply_graves(&theirs, self.usn)
    }

    /// Before anything is deleted on either side.
    fn stop_at_many_deletions(&mut self, storage: &Storage, theirs: &Graves) -> Result<()> {
        let here = storage.count_notes_among(&theirs.notes)?;
        let there = storage.count_note_graves()?;
        let notes = storage.counts()?.notes;
        self.counts.notes_deleted_here = here;
        self.counts.notes_deleted_there = there;
        let percent = self.wish.stop_percent;
        if percent < 100
            && (is_too_much(here, notes, percent) || is_too_much(there, notes + there, percent))
        {
            self.stopped = Some(Stop::Deletions(Deletions { here, there, notes }));
            return Err(Error::new(
                ErrorKind::Refused,
                mark!("many notes would be deleted"),
            ));
        }
        Ok(())
    }

    fn changes(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let ours = tx.take_changes(Sender::Client(self.usn), self.local_newer)?;
        let theirs = self.ask("applyChanges", &json!({"changes": ours}))?;
        let theirs: Changes = messages::parse(&theirs)?;
        self.counts.sent += ours.len() as u64;
        self.counts.received += theirs.len() as u64;
        let applied = tx.apply_changes(theirs, self.usn);
        self.apart(applied)
    }

    /// Two sides that do not fit together need a one-way sync.
    fn apart(&mut self, result: Result<()>) -> Result<()> {
        if result
            .as_ref()
            .is_err_and(|e| e.kind() == ErrorKind::Conflict)
        {
            self.stopped = Some(Stop::Apart);
        }
        result
    }

    fn receive(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.progress.stage(t!("Receiving cards and notes"), 0)?;
        loop {
            let chunk: Chunk = messages::parse(&self.ask("chunk", &json!({}))?)?;
            let (done, len) = (chunk.done, chunk.len() as u64);
            if len == 0 && !done {
                return Err(Error::new(
                    ErrorKind::Server,
                    mark!("the server says that more is to come and sends nothing"),
                ));
            }
            tx.apply_chunk(chunk, Sender::Client(self.usn))?;
            self.counts.received += len;
            self.progress.step(len)?;
            if done {
                return Ok(());
            }
        }
    }

    fn send(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let sender = Sender::Client(self.usn);
        let mut pending = tx.pending_rows(sender)?;
        self.progress
            .stage(t!("Sending cards and notes"), pending.len() as u64)?;
        loop {
            let chunk = tx.take_chunk(&mut pending, sender)?;
            let (done, len) = (chunk.done, chunk.len() as u64);
            self.ask("applyChunk", &json!({"chunk": chunk}))?;
            self.counts.sent += len;
            self.progress.step(len)?;
            if done {
                return Ok(());
            }
        }
    }

    fn check(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.progress.stage(t!("Comparing both sides"), 0)?;
        if let Some(table) = tx.unsent_table()? {
            return Err(Error::bug(format!("something in {table} was not sent")));
        }
        let body = tx.sanity_counts()?.request();
        let answer: SanityAnswer = messages::parse(&self.ask("sanityCheck2", &body)?)?;
        if answer.status == "ok" {
            return Ok(());
        }
        self.stopped = Some(Stop::Apart);
        Err(Error::new(
            ErrorKind::Conflict,
            mark!("both sides do not hold the same after the sync"),
        ))
    }
}
