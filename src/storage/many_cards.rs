//! Changing where many cards are: their decks, queues and flags. Only those columns are read and
//! written.
//!
//! A great share of all cards is changed in one pass over the table, neighbours that become the
//! same by one statement, and the indexes are made anew at the end: sorting once costs far less
//! than moving each entry. The indexes come and go inside the transaction.

mod held;

pub use held::HeldPlaces;

use super::Storage;
use super::card::card_of_numbers;
use super::row::{Cell, RowChange, Table};
use super::tx::Tx;
use crate::base::ids::{CardId, DeckId, Usn};
use crate::base::{Error, Result};
use crate::domain::card::Card;
use held::differing;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Row, ToSql, params_from_iter};

/// Fewer rows are written one by one.
const MANY: usize = 2000;
/// So are those that are less than this share of the table, one in so many.
const SHARE: usize = 4;
/// Columns that hold numbers only; `cards.data` follows.
const NUMBERS: usize = 17;
const MTIME: usize = 4;
const USN: usize = 5;
const TYPE: usize = 6;
/// The columns of `cards` that say where a card is, in the table's order.
const PLACE: [usize; 8] = [2, MTIME, USN, 7, 8, 14, 15, 16];
/// What is read of each card: its id, its type and its place.
const READ: [usize; 10] = [0, 2, MTIME, USN, TYPE, 7, 8, 14, 15, 16];

/// What stands in the columns of [`PLACE`].
type Place = [i64; PLACE.len()];

/// Columns of [`PLACE`] to set, one bit each, and to what; 0 in the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Assigned {
    columns: u8,
    values: Place,
}

/// Neighbours in the table whose changed columns get the same values.
struct Run {
    first: i64,
    last: i64,
    cards: usize,
    set: Assigned,
}

impl Tx<'_> {
    /// Lets `edit` change where each card is, its queue and its flags, as [`Tx::edit_place`] does
    /// for one card; of the rest, `edit` may look at the card's id and type only. Cards that are
    /// gone are passed over. How many were changed.
    pub fn edit_places(
        &mut self,
        cards: &[CardId],
        touch: bool,
        edit: impl Fn(&mut Card) -> bool,
    ) -> Result<usize> {
        if !self.is_great_share(Table::Cards, cards.len())? {
            return self.edit_each_place(cards, touch, edit);
        }
        let mut wanted: Vec<i64> = cards.iter().map(|id| id.0).collect();
        wanted.sort_unstable();
        let before = self.changes.len();
        let (mut runs, odd) = self.plan_places(&wanted, touch, &edit)?;
        runs.sort_by_key(|run| run.set.columns);
        let all = runs.iter().fold(0, |all, run| all | run.set.columns);
        let columns: Vec<&str> = places_of(all).map(name_of).collect();
        self.with_indexes_apart(Table::Cards, &columns, |tx| {
            runs.chunk_by(|a, b| a.set.columns == b.set.columns)
                .try_for_each(|runs| tx.write_runs(runs))
        })?;
        for id in odd {
            self.edit_place(CardId(id), touch, &edit)?;
        }
        Ok(self.changes.len() - before)
    }

    /// As [`Tx::edit_places`]; `edit` sees the cards in the given order.
    pub fn edit_each_place(
        &mut self,
        cards: &[CardId],
        touch: bool,
        edit: impl FnMut(&mut Card) -> bool,
    ) -> Result<usize> {
        let mut held = HeldPlaces::default();
        self.hold_each_place(&mut held, cards, touch, edit)?;
        self.write_held(held)
    }

    /// As [`Tx::edit_places`], for all cards that are in the deck now.
    pub fn edit_places_in_deck(
        &mut self,
        deck: DeckId,
        touch: bool,
        edit: impl FnMut(&mut Card) -> bool,
    ) -> Result<usize> {
        let held = self.hold_places_in_deck(deck, touch, edit)?;
        self.write_held(held)
    }

    fn read_places(&self, of: &str, value: impl ToSql) -> Result<Vec<Found>> {
        let mut statement = self.storage.db.prepare_cached(&select_places(of))?;
        let found = statement
            .query_map([value], |row| {
                Ok(Found {
                    id: row.get(0)?,
                    numbers: numbers_of(row),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(found)
    }

    /// Whether so many rows are better written with the table's indexes apart.
    pub(super) fn is_great_share(&self, table: Table, rows: usize) -> Result<bool> {
        if rows < MANY {
            return Ok(false);
        }
        Ok(rows.saturating_mul(SHARE) as u64 >= self.rows_of(table)?)
    }

    /// Whether so few cards stay when so many go that the indexes are better made anew. Cards that
    /// were added together stand together in most indexes too, and taking them out costs little.
    pub(super) fn few_cards_stay_without(&self, cards: usize) -> Result<bool> {
        if cards < MANY {
            return Ok(false);
        }
        let all = self.rows_of(Table::Cards)?;
        Ok(cards as u64 >= all.saturating_sub(cards as u64).saturating_mul(2))
    }

    /// Runs `write`, which adds about so many rows to a table and does not look for any of it but by
    /// ids: while its indexes are gone, when these are more rows than it has.
    pub fn with_many_rows<T>(
        &mut self,
        table: Table,
        incoming: u64,
        write: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let sql = table.sql();
        if incoming < MANY as u64 || incoming < self.rows_of(table)? {
            return write(self);
        }
        self.with_indexes_apart(table, sql.columns, write)
    }

    /// Runs `write`, which changes many rows of a table, while its indexes on any of `columns` are
    /// gone; they are made anew after it, as they were.
    pub(super) fn with_indexes_apart<T>(
        &mut self,
        table: Table,
        columns: &[&str],
        write: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let indexes: Vec<(String, String)> = self
            .db
            .prepare_cached(
                "select name, sql from sqlite_master as m where type='index' and tbl_name=?1 \
                 and sql is not null and exists (select 1 from pragma_index_info(m.name) as i \
                 where i.name in (select value from json_each(?2))) order by rowid",
            )?
            .query_map(
                (table.sql().name, serde_json::json!(columns).to_string()),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .collect::<rusqlite::Result<_>>()?;
        for (name, _) in &indexes {
            let name = name.replace('"', "\"\"");
            self.db.execute(&format!("drop index \"{name}\""), [])?;
        }
        let written = write(self)?;
        for (_, sql) in &indexes {
            self.db.execute(sql, [])?;
        }
        Ok(written)
    }

    /// One pass over the cards: notes what each was, and gives what is to be written, and the
    /// cards whose columns hold something else than numbers.
    fn plan_places(
        &mut self,
        wanted: &[i64],
        touch: bool,
        edit: &impl Fn(&mut Card) -> bool,
    ) -> Result<(Vec<Run>, Vec<i64>)> {
        let (mut runs, mut odd) = (Vec::<Run>::new(), vec![]);
        self.changes.reserve(wanted.len());
        let mut wanted = wanted.iter().peekable();
        let mut adjacent = false;
        let sql = select_places("cards c where c.id>=?1 order by c.id");
        let mut statement = self.storage.db.prepare_cached(&sql)?;
        let first = wanted.peek().map_or(0, |id| **id);
        let mut rows = statement.query([first])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            while wanted.next_if(|wanted| **wanted < id).is_some() {}
            let Some(&next) = wanted.peek() else { break };
            if *next != id {
                adjacent = false;
                continue;
            }
            self.count(Table::Cards)?;
            let Some(numbers) = numbers_of(row) else {
                odd.push(id);
                adjacent = false;
                continue;
            };
            let Some((was, is)) = self.place(&numbers, touch, &mut |card| edit(card)) else {
                adjacent = false;
                continue;
            };
            self.changes.push(change(id, &was, &is));
            let set = Assigned::of(&was, &is, touch);
            match runs.last_mut() {
                Some(run) if adjacent && run.set == set => {
                    run.last = id;
                    run.cards += 1;
                }
                _ => runs.push(Run {
                    first: id,
                    last: id,
                    cards: 1,
                    set,
                }),
            }
            adjacent = true;
        }
        drop(rows);
        drop(statement);
        // Where no card's usn changes, its index need not be touched.
        if !RowChange::columns(Table::Cards, &self.changes).contains(&"usn") {
            for run in &mut runs {
                run.set.leave(USN);
            }
        }
        Ok((runs, odd))
    }

    /// Where a card was and is to be; None when it stays as it is.
    fn place(
        &self,
        numbers: &[i64; NUMBERS],
        touch: bool,
        edit: &mut impl FnMut(&mut Card) -> bool,
    ) -> Option<(Place, Place)> {
        let of = |column: usize| Ok::<_, std::convert::Infallible>(numbers[column]);
        let Ok(mut card) = card_of_numbers(of);
        if !edit(&mut card) {
            return None;
        }
        let was = PLACE.map(|column| numbers[column]);
        let is = [
            card.deck_id.0,
            if touch { self.now_secs().0 } else { was[1] },
            i64::from(Usn::PENDING.0),
            i64::from(card.queue as i8),
            i64::from(card.due),
            i64::from(card.original_due),
            card.original_deck_id.0,
            i64::from(card.flags),
        ];
        (was != is).then_some((was, is))
    }

    /// Runs that set the same columns.
    fn write_runs(&self, runs: &[Run]) -> Result<()> {
        let columns = runs.first().map_or(0, |run| run.set.columns);
        let list: Vec<String> = places_of(columns)
            .map(|at| format!("{}=?", name_of(at)))
            .collect();
        let sql = format!(
            "update cards set {} where id between ? and ?",
            list.join(",")
        );
        let mut statement = self.storage.db.prepare_cached(&sql)?;
        for run in runs {
            let values = places_of(columns).map(|at| run.set.values[at]);
            let values = values.chain([run.first, run.last]);
            if statement.execute(params_from_iter(values))? != run.cards {
                return Err(Error::bug("other cards would have been changed than meant"));
            }
        }
        Ok(())
    }
}

/// A card that was read to be changed; without numbers when one of its columns holds none.
struct Found {
    id: i64,
    numbers: Option<[i64; NUMBERS]>,
}

/// Updates of single cards, a prepared statement for each set of columns.
struct Updates<'a> {
    storage: &'a Storage,
    statements: Vec<(u8, CachedStatement<'a>)>,
}

impl<'a> Updates<'a> {
    fn of(storage: &'a Storage) -> Self {
        Self {
            storage,
            statements: vec![],
        }
    }

    /// Writes the columns that differ.
    fn write(&mut self, id: i64, was: &Place, is: &Place) -> Result<()> {
        let columns = differing(was, is);
        let known = self.statements.iter().position(|(of, _)| *of == columns);
        let known = match known {
            Some(known) => known,
            None => {
                let list: Vec<String> = places_of(columns)
                    .map(|at| format!("{}=?", name_of(at)))
                    .collect();
                let sql = format!("update cards set {} where id=?", list.join(","));
                let statement = self.storage.db.prepare_cached(&sql)?;
                self.statements.push((columns, statement));
                self.statements.len() - 1
            }
        };
        let values = places_of(columns).map(|at| is[at]).chain([id]);
        self.statements[known].1.execute(params_from_iter(values))?;
        Ok(())
    }
}

/// A select of the columns of [`READ`], of the cards `c`.
fn select_places(of: &str) -> String {
    let columns = READ.map(|column| format!("c.{}", Table::Cards.sql().columns[column]));
    format!("select {} from {of}", columns.join(","))
}

fn name_of(at: usize) -> &'static str {
    Table::Cards.sql().columns[PLACE[at]]
}

/// The places in [`PLACE`] that `columns` has a bit for.
fn places_of(columns: u8) -> impl Iterator<Item = usize> {
    (0..PLACE.len()).filter(move |at| columns & (1 << at) != 0)
}

impl Assigned {
    /// What to set. The change time and the usn are the same for all, so that neighbours of which
    /// one has them already stay together.
    fn of(was: &Place, is: &Place, touch: bool) -> Self {
        let mut set = Self::default();
        for at in 0..PLACE.len() {
            if was[at] != is[at] || PLACE[at] == USN || touch && PLACE[at] == MTIME {
                set.columns |= 1 << at;
                set.values[at] = is[at];
            }
        }
        set
    }

    fn leave(&mut self, column: usize) {
        for at in (0..PLACE.len()).filter(|&at| PLACE[at] == column) {
            self.columns &= !(1 << at);
            self.values[at] = 0;
        }
    }
}

/// The columns of [`READ`] in their places; None when one of them is no whole number.
fn numbers_of(row: &Row<'_>) -> Option<[i64; NUMBERS]> {
    let mut numbers = [0; NUMBERS];
    for (at, column) in READ.into_iter().enumerate() {
        match row.get_ref(at) {
            Ok(ValueRef::Integer(number)) => numbers[column] = number,
            _ => return None,
        }
    }
    Some(numbers)
}

fn change(id: i64, was: &Place, is: &Place) -> RowChange {
    let changed = || (0..PLACE.len()).filter(|&at| was[at] != is[at]);
    let mut before = Vec::with_capacity(changed().count());
    before.extend(changed().map(|at| (PLACE[at] as u8, Cell::Int(was[at]))));
    RowChange::of_card(id, before, (was[0], is[0]))
}

#[cfg(test)]
mod tests {
    use crate::base::ids::{CardId, DeckId, NoteId};
    use crate::base::time::{Clock, TimestampMillis};
    use crate::domain::card::{Card, CardQueue};
    use crate::storage::Storage;
    use std::path::Path;

    pub(super) const CARDS: i64 = 3000;

    pub(super) fn collection(path: &Path) -> Storage {
        let clock = Clock::fixed(TimestampMillis(1_000_000_000_000), 0);
        let mut storage = Storage::create(path, &clock).unwrap();
        let fill = |tx: &mut crate::storage::Tx<'_>| {
            for n in 1..=CARDS {
                let mut card = Card {
                    id: CardId(n * 3),
                    note_id: NoteId(n / 2),
                    deck_id: DeckId(1 + n % 3),
                    due: (n % 90) as i32,
                    flags: (n % 2) as u32,
                    queue: match n % 7 {
                        0 => CardQueue::Suspended,
                        1 | 2 => CardQueue::Review,
                        _ => CardQueue::New,
                    },
                    ..Card::default()
                };
                tx.add_card(&mut card)?;
            }
            Ok(())
        };
        storage.tx(TimestampMillis(1), fill).unwrap();
        storage
            .db
            .execute_batch(
                "update cards set usn=4 where id%5<3; update cards set due='soon' where id=300; \
                 update cards set flags=2.5 where id=303;",
            )
            .unwrap();
        storage
    }

    /// All rows, the indexes, and whether they agree.
    pub(super) fn state(storage: &Storage) -> Vec<String> {
        let mut all = vec![];
        for sql in [
            "select json_array(id,did,mod,usn,queue,due,odue,odid,flags,typeof(due)) from cards",
            "select name || sql from sqlite_master where type='index' and sql is not null \
             order by name",
            "pragma integrity_check",
        ] {
            let mut statement = storage.db.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0));
            all.extend(rows.unwrap().map(Result::unwrap));
        }
        all
    }

    fn suspend(card: &mut Card) -> bool {
        std::mem::replace(&mut card.queue, CardQueue::Suspended) != CardQueue::Suspended
    }

    fn flag(card: &mut Card) -> bool {
        std::mem::replace(&mut card.flags, 1) != 1
    }

    #[test]
    fn many_cards_become_what_each_alone_would_and_can_be_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut one_by_one = collection(&folder.path().join("a.anki2"));
        let mut at_once = collection(&folder.path().join("b.anki2"));
        let ids: Vec<CardId> = (1..=CARDS)
            .map(|n| CardId(n * 3))
            // Some are left out, one is named twice, one does not exist.
            .filter(|id| id.0 % 11 != 0)
            .chain([CardId(3), CardId(1_000_000)])
            .collect();
        let mut now = 2_000_000;
        for (touch, edit) in [(true, suspend as fn(&mut Card) -> bool), (false, flag)] {
            let (before, now_at) = (state(&at_once), TimestampMillis(now));
            let each = one_by_one.tx(now_at, |tx| {
                let mut changed = 0;
                for id in &ids {
                    changed += usize::from(tx.edit_place(*id, touch, edit)?);
                }
                Ok(changed)
            });
            let (all, changes) = at_once
                .tx(now_at, |tx| tx.edit_places(&ids, touch, edit))
                .unwrap();
            assert_eq!(all, each.unwrap().0);
            let after = state(&at_once);
            assert_eq!(after, state(&one_by_one));
            assert!(after != before);
            let undo = |tx: &mut crate::storage::Tx<'_>| tx.apply_inverse(&changes);
            let (_, redo) = at_once.tx(TimestampMillis(now + 5000), undo).unwrap();
            assert_eq!(state(&at_once), before);
            let again = |tx: &mut crate::storage::Tx<'_>| tx.apply_inverse(&redo);
            at_once.tx(TimestampMillis(now + 9000), again).unwrap();
            assert_eq!(state(&at_once), after);
            now += 1_000_000;
        }
    }
}
