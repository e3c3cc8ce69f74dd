//! Reads the whole log and all cards for statistics, a stretch of ids at a time.

use super::Storage;
use super::row::Table;
use super::table_rows::TableRow;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::codec::card_data::memory_data;
use crate::domain::card::{CardQueue, CardType};
use crate::domain::revlog::RevlogKind;
use crate::domain::stats::{CardRow, ReviewRow};
use std::ops::RangeInclusive;

fn review(row: &TableRow<'_, 9>) -> ReviewRow {
    let [
        at,
        card,
        _usn,
        button,
        _interval,
        last_interval,
        ease,
        millis,
        kind,
    ] = row.numbers;
    ReviewRow {
        at,
        card: CardId(card),
        button: u8::try_from(button).unwrap_or_default(),
        last_interval: i32::try_from(last_interval).unwrap_or_default(),
        ease_factor: u32::try_from(ease).unwrap_or_default(),
        taken_millis: u32::try_from(millis).unwrap_or_default(),
        kind: RevlogKind::from_i64(kind),
    }
}

fn card(row: &TableRow<'_, 17>) -> CardRow {
    let [
        id,
        note,
        _deck,
        _ord,
        _mod,
        _usn,
        ctype,
        queue,
        due,
        interval,
        ease,
        ..,
    ] = row.numbers;
    let [.., original_due, original_deck, _flags] = row.numbers;
    let due = if original_deck != 0 {
        original_due
    } else {
        due
    };
    let memory = memory_data(row.text);
    CardRow {
        id: CardId(id),
        note: NoteId(note),
        ctype: CardType::from_i64(ctype).unwrap_or_default(),
        queue: CardQueue::from_i64(queue).unwrap_or_default(),
        due: i64::from(i32::try_from(due).unwrap_or_default()),
        interval: u32::try_from(interval).unwrap_or_default(),
        ease_factor: u32::try_from(ease).unwrap_or_default(),
        memory: memory.memory(),
        decay: memory.decay,
        last_review: memory.last_review,
    }
}

impl Storage {
    /// Rows of the log whose id is in `ids`, by time.
    pub fn reviews_between(&self, ids: RangeInclusive<i64>) -> Result<Vec<ReviewRow>> {
        self.table_rows(Table::Revlog, ids, review)
    }

    /// Cards whose id is in `ids`.
    pub fn cards_between(&self, ids: RangeInclusive<i64>) -> Result<Vec<CardRow>> {
        self.table_rows(Table::Cards, ids, card)
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
