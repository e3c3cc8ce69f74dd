//! What notes are until a transaction puts others in their place, or removes them: sent on as they
//! are read, so that a second thread keeps them while the transaction goes on.

use super::homes::{home_of, number};
use super::{History, Homes, Inserts, NOTE_CELLS, content_changes};
use crate::base::Result;
use crate::base::time::TimestampMillis;
use crate::storage::{Cell, RowEdit, Rows, Table, Tx};
use rusqlite::types::ValueRef;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// Notes that are handed over at once.
const BATCH: usize = 64;
/// Columns of `cards`.
const CARD_CELLS: usize = 18;

/// Notes on their way to the history. Packed: memory of each row that one thread takes and the other
/// gives back would have them wait for each other.
#[derive(Debug, Default)]
pub struct Sent {
    /// What notes were that stay.
    pub changed: Rows,
    removed: Rows,
    /// For each of the removed ones.
    with: Vec<RemovedWith>,
    /// All cards of the removed ones.
    cards: Rows,
}

/// What goes with a note.
#[derive(Debug)]
struct RemovedWith {
    /// How many cards.
    cards: usize,
    /// The names of their decks, a line each.
    decks: Option<Arc<str>>,
}

impl Sent {
    /// Notes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changed.len() + self.removed.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where they go.
#[derive(Debug)]
pub(in crate::storage) struct SentFormers {
    /// None once nobody listens any more, who says why when it is joined.
    to: Option<SyncSender<Sent>>,
    batch: Sent,
    /// The places among the changes of removed cards, by their notes, which may go only later.
    cards: HashMap<i64, Vec<usize>>,
    /// The names of the decks that removed cards were in, by these decks.
    decks: HashMap<Vec<i64>, Option<Arc<str>>>,
}

impl SentFormers {
    fn send_many(&mut self) {
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if let Some(to) = &self.to
            && to.send(batch).is_err()
        {
            self.to = None;
        }
    }
}

impl Tx<'_> {
    /// From now on notes are sent there, as they are before [`Tx::remove_new_rows`] removes them or
    /// [`Tx::apply_inverse`] changes them.
    pub fn send_formers(&mut self, to: SyncSender<Sent>) {
        self.formers = Some(SentFormers {
            to: Some(to),
            batch: Sent::default(),
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

    /// Tells what a note was whose columns `before` have changed.
    pub(in crate::storage) fn tell_changed(&mut self, row: &[Cell], before: &[(u8, Cell)]) {
        if let Some(formers) = &mut self.formers
            && content_changes(before)
        {
            formers.batch.changed.push_cells(row);
            formers.send_many();
        }
    }

    /// Of the changes from `start` on, the notes that are removed, with their cards, which are told
    /// by then, and the decks of these.
    pub(in crate::storage) fn tell_removed(&mut self, start: usize) -> Result<()> {
        let storage = self.storage;
        let Some(formers) = &mut self.formers else {
            return Ok(());
        };
        for (place, change) in self.changes.iter().enumerate().skip(start) {
            let RowEdit::Removed(row) = &change.edit else {
                continue;
            };
            if change.table == Table::Cards {
                let note = number(row, 1);
                formers.cards.entry(note).or_default().push(place);
            }
            if change.table != Table::Notes {
                continue;
            }
            let places = formers.cards.remove(&number(row, 0)).unwrap_or_default();
            let cards = places.iter().map(|&place| self.changes[place].cells());
            let mut decks: Vec<i64> = cards.clone().map(home_of).collect();
            decks.sort_unstable();
            decks.dedup();
            let decks = match formers.decks.entry(decks) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(new) => {
                    let names = Homes::names_of(new.key(), storage)?;
                    new.insert(names).clone()
                }
            };
            formers.batch.removed.push_cells(row);
            cards.for_each(|card| formers.batch.cards.push_cells(card));
            formers.batch.with.push(RemovedWith {
                cards: places.len(),
                decks,
            });
            formers.send_many();
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
        sent: &Receiver<Sent>,
    ) -> Result<()> {
        let tx = self.db.transaction()?;
        let mut inserts = Inserts::new(&tx)?;
        for batch in sent {
            if batch.is_empty() {
                drop(inserts);
                tx.commit()?;
                return Ok(());
            }
            for note in batch.changed.each::<NOTE_CELLS>() {
                let decks = match note[0] {
                    ValueRef::Integer(id) => homes.cell(id),
                    _ => ValueRef::Null,
                };
                inserts.version(now, origin, false, note, decks)?;
            }
            let mut cards = batch.cards.each::<CARD_CELLS>();
            let removed = batch.removed.each::<NOTE_CELLS>();
            for (note, with) in removed.zip(&batch.with) {
                let decks = with.decks.as_deref();
                let decks = decks.map_or(ValueRef::Null, |names| ValueRef::Text(names.as_bytes()));
                let version = inserts.version(now, origin, true, note, decks)?;
                for card in cards.by_ref().take(with.cards) {
                    inserts.card(version, card)?;
                }
            }
        }
        Ok(())
    }
}
