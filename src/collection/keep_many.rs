//! Operations on very many notes: what each was is written to the history by a second thread while
//! the operation goes on, so that keeping costs little time of its own.

use super::history::{Keeper, KeptBeside};
use super::undo::Step;
use super::{Collection, OpOutput};
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::storage::history::{History, Homes, Sent};
use crate::storage::{RowChange, RowEdit, Rows, Tx};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

/// Notes from which a second thread is worth it.
const MANY: usize = 2000;
/// Notes that are handed over at once.
const BATCH: usize = 256;
/// Batches that may wait, so that a slow disk does not fill the memory.
const WAITING: usize = 16;

/// Where an operation leaves what notes were.
#[derive(Default)]
pub(super) struct Formers {
    to: Option<SyncSender<Sent>>,
    batch: Sent,
}

impl Formers {
    /// Where the next notes go, as they were before the change that is being made.
    pub(super) fn rows(&mut self) -> &mut Rows {
        if self.to.is_none() {
            // Nobody waits for them: the operation's own rows tell the same.
            self.batch.changed.clear();
        } else if self.batch.len() >= BATCH {
            self.send();
        }
        &mut self.batch.changed
    }

    fn send(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        // Whoever does not listen any more says why when it is joined.
        if let Some(to) = &self.to
            && to.send(batch).is_err()
        {
            self.to = None;
        }
    }

    /// The empty batch at the end says that all is there; without it nothing is kept.
    fn finish(&mut self) {
        if !self.batch.is_empty() {
            self.send();
        }
        self.send();
    }
}

impl Collection {
    /// Runs an operation on so many notes that leaves each in [`Formers`] before it changes it, and
    /// changes nothing else that has a history. As [`Self::transact`] in everything else.
    pub(super) fn transact_many<T>(
        &mut self,
        op: Op,
        notes: usize,
        f: impl FnOnce(&mut Tx<'_>, &mut Formers) -> Result<T>,
    ) -> Result<OpOutput<T>> {
        if notes < MANY {
            return self.transact(op, |tx| f(tx, &mut Formers::default()));
        }
        let now = self.clock.now();
        let path = self.storage.path().to_owned();
        let homes = self.storage.homes(None);
        let (keeper, storage) = (&mut self.keeper, &mut self.storage);
        let done = thread::scope(|scope| {
            let mut formers = Formers::default();
            let mut keeping = keeper.lend(&path).map(|history| {
                let (to, sent) = sync_channel::<Sent>(WAITING);
                formers.to = Some(to);
                keep_beside(scope, history, homes, Keeper::origin(op), now, sent)
            });
            let done = storage.tx_with_outcome(now, |tx| {
                let value = f(tx, &mut formers)?;
                formers.finish();
                let ahead = tx.write_ahead();
                keeper.kept_beside(tx, op, joined(keeping.take()));
                ahead.map(|()| value)
            });
            // Of one that failed, the thread learns that nothing comes any more.
            drop(formers);
            keeper.come_back(joined(keeping));
            done
        });
        let (value, outcome) = done?;
        Ok(self.finish_operation(op, value, outcome))
    }

    /// Puts the rows of `step` back while a second thread keeps what its notes were until then;
    /// only for a step that [`Step::is_of_many_notes`].
    pub(super) fn put_back_many(&mut self, step: &Step) -> Result<Vec<RowChange>> {
        let (op, now) = (step.op, self.clock.now());
        let path = self.storage.path().to_owned();
        // Those that go tell their decks by the cards that go with them; those that come were nothing.
        let changed = |row: &&RowChange| matches!(row.edit, RowEdit::Changed { .. });
        let stay = step.rows.iter().filter(changed);
        let notes: Vec<NoteId> = stay.filter_map(RowChange::note_id).collect();
        let homes = self.storage.homes(Some(&notes));
        let (keeper, storage) = (&mut self.keeper, &mut self.storage);
        let done = thread::scope(|scope| {
            let (to, sent) = sync_channel::<Sent>(WAITING);
            let mut keeping = (keeper.lend(&path))
                .map(|history| keep_beside(scope, history, homes, Keeper::origin(op), now, sent));
            let done = storage.tx(now, |tx| {
                if keeping.is_some() {
                    tx.send_formers(to);
                }
                tx.remove_new_rows(&step.new_rows)?;
                tx.apply_inverse(&step.rows)?;
                tx.end_formers();
                let ahead = tx.write_ahead();
                keeper.kept_beside(tx, op, joined(keeping.take()));
                keeper.keep_arrivals(tx, op);
                ahead
            });
            keeper.come_back(joined(keeping));
            done
        });
        let ((), rows) = done?;
        Ok(rows)
    }
}

/// A thread that keeps what notes were.
type Keeping<'scope> = std::io::Result<ScopedJoinHandle<'scope, KeptBeside>>;

/// Starts the thread that writes what is sent to the history, and gives that back.
fn keep_beside<'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut history: History,
    homes: Result<Homes>,
    origin: &'static str,
    now: TimestampMillis,
    sent: Receiver<Sent>,
) -> Keeping<'scope> {
    thread::Builder::new()
        .name("history".into())
        .spawn_scoped(scope, move || {
            let kept = homes.and_then(|homes| history.keep_sent(origin, now, &homes, &sent));
            // So that nobody waits for it to take more.
            drop(sent);
            (Some(history), kept)
        })
}

/// Waits for the thread that keeps what notes were: it is done before their change is on disk.
fn joined(keeping: Option<Keeping<'_>>) -> Option<KeptBeside> {
    let panicked = |_| (None, Err(Error::bug("the history's thread panicked")));
    Some(match keeping? {
        Ok(thread) => thread.join().unwrap_or_else(panicked),
        Err(error) => (None, Err(error.into())),
    })
}
