//! Reads the whole log and all cards for statistics, a stretch of ids at a time.
//!
//! SQLite hands each row to an aggregate function of ours: with two million rows that is half the
//! time that reading them column by column takes.

use super::Storage;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::codec::card_data::memory_data;
use crate::domain::card::{CardQueue, CardType};
use crate::domain::revlog::RevlogKind;
use crate::domain::stats::{CardRow, ReviewRow};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

/// The state of a fold, where both SQLite's callbacks and we find it.
type Slot<S> = Arc<Mutex<Option<S>>>;

/// Takes the state from the slot with the first row and puts it back after the last.
struct Fold<S, R> {
    slot: Slot<S>,
    read: fn(&Context<'_>) -> R,
    add: fn(&mut S, &R),
}

impl<S: Send, R> Aggregate<AssertUnwindSafe<Option<S>>, i64> for Fold<S, R> {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<AssertUnwindSafe<Option<S>>> {
        Ok(AssertUnwindSafe(take(&self.slot)))
    }

    fn step(
        &self,
        cx: &mut Context<'_>,
        state: &mut AssertUnwindSafe<Option<S>>,
    ) -> rusqlite::Result<()> {
        if let Some(state) = &mut state.0 {
            (self.add)(state, &(self.read)(cx));
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        state: Option<AssertUnwindSafe<Option<S>>>,
    ) -> rusqlite::Result<i64> {
        if let Some(AssertUnwindSafe(Some(state))) = state {
            *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
        }
        Ok(0)
    }
}

fn take<S>(slot: &Slot<S>) -> Option<S> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

const REVIEW_COLUMNS: i32 = 7;
const CARD_COLUMNS: i32 = 10;

fn review(cx: &Context<'_>) -> ReviewRow {
    ReviewRow {
        at: integer(cx, 0),
        card: CardId(integer(cx, 1)),
        button: u8::try_from(integer(cx, 2)).unwrap_or_default(),
        last_interval: i32::try_from(integer(cx, 3)).unwrap_or_default(),
        ease_factor: u32::try_from(integer(cx, 4)).unwrap_or_default(),
        taken_millis: u32::try_from(integer(cx, 5)).unwrap_or_default(),
        kind: RevlogKind::from_i64(integer(cx, 6)),
    }
}

fn card(cx: &Context<'_>) -> CardRow {
    let (due, original_due, original_deck) = (integer(cx, 4), integer(cx, 7), integer(cx, 8));
    let due = if original_deck != 0 {
        original_due
    } else {
        due
    };
    let data = match cx.get_raw(9) {
        ValueRef::Text(text) => std::str::from_utf8(text).unwrap_or_default(),
        _ => "",
    };
    let memory = memory_data(data);
    CardRow {
        id: CardId(integer(cx, 0)),
        note: NoteId(integer(cx, 1)),
        ctype: CardType::from_i64(integer(cx, 2)).unwrap_or_default(),
        queue: CardQueue::from_i64(integer(cx, 3)).unwrap_or_default(),
        due: i64::from(i32::try_from(due).unwrap_or_default()),
        interval: u32::try_from(integer(cx, 5)).unwrap_or_default(),
        ease_factor: u32::try_from(integer(cx, 6)).unwrap_or_default(),
        memory: memory.memory,
        decay: memory.decay,
        last_review: memory.last_review,
    }
}

/// Old programs wrote real numbers here and there.
fn integer(cx: &Context<'_>, column: usize) -> i64 {
    match cx.get_raw(column) {
        ValueRef::Integer(value) => value,
        ValueRef::Real(value) => value as i64,
        _ => 0,
    }
}

impl Storage {
    /// Gives `add` each row of the log whose id is in `ids`, by time, and gives back the state.
    pub fn fold_reviews<S: Send + 'static>(
        &self,
        ids: RangeInclusive<i64>,
        state: S,
        add: fn(&mut S, &ReviewRow),
    ) -> Result<S> {
        let sql = "select engram_fold(id, cid, ease, lastIvl, factor, time, type) from revlog \
                   where id between ?1 and ?2";
        self.fold(sql, REVIEW_COLUMNS, ids, state, review, add)
    }

    /// Gives `add` each card whose id is in `ids`, and gives back the state.
    pub fn fold_cards<S: Send + 'static>(
        &self,
        ids: RangeInclusive<i64>,
        state: S,
        add: fn(&mut S, &CardRow),
    ) -> Result<S> {
        let sql = "select engram_fold(id, nid, type, queue, due, ivl, factor, odue, odid, data) \
                   from cards where id between ?1 and ?2";
        self.fold(sql, CARD_COLUMNS, ids, state, card, add)
    }

    fn fold<S: Send + 'static, R: 'static>(
        &self,
        sql: &str,
        columns: i32,
        ids: RangeInclusive<i64>,
        state: S,
        read: fn(&Context<'_>) -> R,
        add: fn(&mut S, &R),
    ) -> Result<S> {
        let slot: Slot<S> = Arc::new(Mutex::new(Some(state)));
        let fold = Fold {
            slot: Arc::clone(&slot),
            read,
            add,
        };
        self.db.create_aggregate_function(
            "engram_fold",
            columns,
            FunctionFlags::SQLITE_UTF8,
            fold,
        )?;
        let mut statement = self.db.prepare(sql)?;
        statement.query_row([ids.start(), ids.end()], |_| Ok(()))?;
        take(&slot).ok_or_else(|| crate::base::Error::bug("the state of a fold was lost"))
    }

    /// Smallest and largest id of the log; None when it is empty.
    pub fn review_ids(&self) -> Result<Option<(i64, i64)>> {
        self.id_range("select (select min(id) from revlog), (select max(id) from revlog)")
    }

    /// Smallest and largest id of the cards; None when there are none.
    pub fn card_id_range(&self) -> Result<Option<(i64, i64)>> {
        self.id_range("select (select min(id) from cards), (select max(id) from cards)")
    }

    fn id_range(&self, sql: &str) -> Result<Option<(i64, i64)>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let (first, last): (Option<i64>, Option<i64>) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.zip(last))
    }
}
