//! What notes are until a transaction puts others in their place, or removes them: sent on as they
//! are read, so that a second thread keeps them while the transaction goes on.

use super::homes::home_of;
use super::{CONTENT, Former, History, Homes, Inserts};
use crate::base::Result;
use crate::base::time::TimestampMillis;
use crate::storage::{Cell, RowChange, RowEdit, Table, Tx};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::mpsc::{Receiver, SyncSender};

/// Notes that are handed over at once.
const BATCH: usize = 128;

/// Where they go.
#[derive(Debug)]
pub(in crate::storage) struct SentFormers {
    /// None once nobody listens any more, who says why when it is joined.
    to: Option<SyncSender<Vec<Former>>>,
    batch: Vec<Former>,
    /// Cards that were removed, by their notes, which may go only later.
    cards: HashMap<i64, Vec<Vec<Cell>>>,
    /// The names of the decks that removed cards were in, by these decks.
    decks: HashMap<Vec<i64>, Cell>,
}

impl SentFormers {
    fn push(&mut self, former: Former) {
        self.batch.push(former);
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let sent = self.to.as_ref().map(|to| to.send(batch));
        if sent.is_some_and(|sent| sent.is_err()) {
            self.to = None;
        }
    }
}

impl Tx<'_> {
    /// From now on notes are sent there, as they are before [`Tx::apply_inverse`] changes them.
    pub fn send_formers(&mut self, to: SyncSender<Vec<Former>>) {
        self.formers = Some(SentFormers {
            to: Some(to),
            batch: Vec::new(),
            cards: HashMap::new(),
            decks: HashMap::new(),
        });
    }

    /// Sends the rest, and an empty batch, which says that all is there.
    pub fn end_formers(&mut self) {
        if let Some(mut formers) = self.formers.take() {
            if !formers.batch.is_empty() {
                formers.send();
            }
            formers.send();
        }
    }

    /// Whether a row is to be told whose columns `before` are about to change.
    pub(in crate::storage) fn tells_change(&self, table: Table, before: &[(u8, Cell)]) -> bool {
        let is_content = |(column, _): &(u8, Cell)| CONTENT.contains(&usize::from(*column));
        self.formers.is_some() && table == Table::Notes && before.iter().any(is_content)
    }

    pub(in crate::storage) fn tell_changed(&mut self, row: Vec<Cell>) {
        if let Some(formers) = &mut self.formers {
            formers.push(Former {
                row,
                deleted: false,
                cards: Vec::new(),
                decks: Cell::Null,
            });
        }
    }

    /// Of the changes from `start` on, the notes that are removed, with their cards and the decks of
    /// these.
    pub(in crate::storage) fn tell_removed(&mut self, start: usize) -> Result<()> {
        let storage = self.storage;
        let Some(formers) = &mut self.formers else {
            return Ok(());
        };
        let removed = |change: &RowChange| match &change.edit {
            RowEdit::Removed(row) => Some((change.table, row.clone())),
            _ => None,
        };
        let mut notes = Vec::new();
        let number = |row: &[Cell], column: usize| match row.get(column) {
            Some(Cell::Int(number)) => *number,
            _ => 0,
        };
        for (table, row) in self.changes.iter().skip(start).filter_map(removed) {
            match table {
                Table::Notes => notes.push(row),
                Table::Cards => formers.cards.entry(number(&row, 1)).or_default().push(row),
                _ => {}
            }
        }
        for row in notes {
            let cards = formers.cards.remove(&number(&row, 0));
            let cards = cards.unwrap_or_default();
            let mut decks: Vec<i64> = cards.iter().map(|card| home_of(card)).collect();
            decks.sort_unstable();
            decks.dedup();
            let decks = match formers.decks.entry(decks) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(new) => {
                    let names = Homes::names_of(new.key(), storage)?;
                    new.insert(names).clone()
                }
            };
            formers.push(Former {
                row,
                deleted: true,
                cards,
                decks,
            });
        }
        Ok(())
    }
}

impl History {
    /// Keeps the notes that come through `sent`, those that stay with the decks that `homes` has for
    /// them, once an empty batch says that all were sent; where that does not come, nothing.
    pub fn keep_sent(
        &mut self,
        origin: &str,
        now: TimestampMillis,
        homes: &Homes,
        sent: &Receiver<Vec<Former>>,
    ) -> Result<()> {
        let tx = self.db.transaction()?;
        let mut inserts = Inserts::new(&tx)?;
        for mut batch in sent {
            if batch.is_empty() {
                drop(inserts);
                tx.commit()?;
                return Ok(());
            }
            for former in &mut batch {
                if !former.deleted {
                    let decks = former.id().and_then(|id| homes.of(id.0));
                    former.decks = decks.map_or(Cell::Null, Cell::from);
                }
                inserts.keep(now, origin, former.deleted, former)?;
            }
        }
        Ok(())
    }
}
