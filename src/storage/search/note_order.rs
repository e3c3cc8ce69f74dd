//! Notes in the order of a column. Columns of cards take all cards of a note together.

use super::SearchMoment;
use super::card_order::due_key;
use super::sort::{NONE, NoteKey, SortColumn, deck_ranks, float_key, note_keys, notetype_ranks};
use crate::base::{Error, Result};
use crate::codec::card_data::original_position_of;
use crate::mark;
use crate::storage::Storage;
use crate::storage::loose::integer;
use rusqlite::Row;
use std::collections::{HashMap, HashSet};

/// Puts ids of notes into the order of a column.
pub(super) fn sort_notes(
    storage: &Storage,
    mut ids: Vec<i64>,
    column: SortColumn,
    reverse: bool,
    moment: &SearchMoment,
) -> Result<Vec<i64>> {
    ids.sort_unstable();
    ids.dedup();
    let mut keys = match column {
        SortColumn::NoteCreated => {
            if reverse {
                ids.reverse();
            }
            return Ok(ids);
        }
        SortColumn::SortField | SortColumn::NoteModified | SortColumn::Tags => {
            note_keys(storage, column, &ids)?
        }
        SortColumn::Notetype => {
            let ranks = notetype_ranks(storage)?;
            let mut keys = note_keys(storage, column, &ids)?;
            for key in &mut keys {
                key.key = ranks.get(&key.notetype).copied().unwrap_or(NONE);
            }
            keys
        }
        SortColumn::Stability | SortColumn::Difficulty | SortColumn::Retrievability => {
            return Err(Error::invalid(mark!(
                "notes cannot be sorted by this column"
            )));
        }
        SortColumn::Position => {
            let mut keys = positions_of_notes(storage, &ids)?;
            let placed: HashSet<i64> = keys.iter().map(|key| key.id).collect();
            let without_cards = ids.into_iter().filter(|id| !placed.contains(id));
            keys.extend(without_cards.map(|id| NoteKey {
                id,
                notetype: 0,
                key: NONE,
            }));
            return Ok(in_places(keys, reverse));
        }
        _ => {
            let keys = of_cards(storage, &ids, column, moment)?;
            return Ok(in_places(keys, reverse));
        }
    };
    if reverse {
        for key in &mut keys {
            key.key = !key.key;
        }
    }
    keys.sort_unstable_by_key(|key| (key.key, key.id));
    Ok(keys.into_iter().map(|key| key.id).collect())
}

/// Each note has a place of its own, by key and then age, and all of it is turned around; notes
/// without a value stand together, oldest first.
fn in_places(mut keys: Vec<NoteKey>, reverse: bool) -> Vec<i64> {
    keys.sort_unstable_by_key(|key| (key.key, key.id));
    let ids = |keys: &[NoteKey]| keys.iter().map(|key| key.id).collect::<Vec<i64>>();
    let without = keys.partition_point(|key| key.key == NONE);
    let (nothing, placed) = keys.split_at(without);
    if !reverse {
        return ids(&keys);
    }
    let mut order = ids(placed);
    order.reverse();
    order.extend(ids(nothing));
    order
}

/// A place for each note by the position of its first card.
pub(super) fn positions_of_notes(storage: &Storage, notes: &[i64]) -> Result<Vec<NoteKey>> {
    let mut firsts: HashMap<i64, (i64, i64)> = HashMap::new();
    each_card(storage, "c.type, c.due, c.data", |note, card, row| {
        let position = || -> Result<i64> {
            let (kind, due) = (integer(row, 2)?, integer(row, 3)?);
            let stored = original_position_of(row.get_ref(4)?.as_str().unwrap_or_default());
            Ok(stored
                .map(i64::from)
                .or((kind == 0).then_some(due))
                .unwrap_or(0))
        };
        if firsts.get(&note).is_none_or(|(first, _)| card < *first) {
            firsts.insert(note, (card, position()?));
        }
        Ok(())
    })?;
    let mut keys: Vec<NoteKey> = notes
        .iter()
        .filter_map(|id| {
            let (_, key) = firsts.get(id)?;
            Some(NoteKey {
                id: *id,
                notetype: 0,
                key: *key,
            })
        })
        .collect();
    keys.sort_unstable_by_key(|key| (key.key, key.id));
    for (place, key) in (0i64..).zip(&mut keys) {
        key.key = place;
    }
    keys.sort_unstable_by_key(|key| key.id);
    Ok(keys)
}

/// What a note's cards come to.
#[derive(Default)]
struct Sum {
    cards: i64,
    /// Those that count in the column.
    counted: i64,
    total: i64,
    smallest: Option<i64>,
    greatest: Option<i64>,
    decks: HashSet<i64>,
    first: Option<(i64, i64)>,
}

fn of_cards(
    storage: &Storage,
    notes: &[i64],
    column: SortColumn,
    moment: &SearchMoment,
) -> Result<Vec<NoteKey>> {
    let value = match column {
        SortColumn::CardModified => "c.mod, 1".to_owned(),
        SortColumn::Due => format!(
            "{}, (c.odid = 0 and c.type != 0 and c.queue > 0)",
            due_key(moment)
        ),
        SortColumn::Ease => "c.factor, (c.type != 0)".to_owned(),
        SortColumn::Interval => "c.ivl, (c.type in (2, 3))".to_owned(),
        SortColumn::Lapses => "c.lapses, 1".to_owned(),
        SortColumn::Reviews => "c.reps, 1".to_owned(),
        _ => "c.did, 1".to_owned(),
    };
    let mut sums: HashMap<i64, Sum> = notes.iter().map(|id| (*id, Sum::default())).collect();
    each_card(storage, &value, |note, card, row| {
        if let Some(sum) = sums.get_mut(&note) {
            let (value, counts) = (integer(row, 2)?, integer(row, 3)? != 0);
            sum.add(card, value, counts, column == SortColumn::Deck);
        }
        Ok(())
    })?;
    let decks = match column {
        SortColumn::Deck => deck_ranks(storage)?,
        _ => HashMap::new(),
    };
    let key = |sum: &Sum| sum.key(column, &decks).unwrap_or(NONE);
    Ok(notes
        .iter()
        .map(|id| NoteKey {
            id: *id,
            notetype: 0,
            key: sums.get(id).map_or(NONE, key),
        })
        .collect())
}

impl Sum {
    fn add(&mut self, card: i64, value: i64, counts: bool, is_deck: bool) {
        self.cards += 1;
        if self.first.is_none_or(|(first, _)| card < first) {
            self.first = Some((card, value));
        }
        if is_deck {
            self.decks.insert(value);
        }
        if counts {
            self.counted += 1;
            self.total = self.total.saturating_add(value);
            self.smallest = Some(self.smallest.map_or(value, |s| s.min(value)));
            self.greatest = Some(self.greatest.map_or(value, |g| g.max(value)));
        }
    }

    fn key(&self, column: SortColumn, decks: &HashMap<i64, i64>) -> Option<i64> {
        let average = || (self.counted > 0).then(|| self.total as f64 / self.counted as f64);
        let any = (self.cards > 0).then_some(());
        match column {
            SortColumn::CardModified => self.greatest,
            SortColumn::Due => self.smallest,
            SortColumn::Ease | SortColumn::Interval => average().map(float_key),
            SortColumn::Lapses | SortColumn::Reviews => any.map(|()| self.total),
            SortColumn::Deck => {
                let (_, first) = self.first?;
                let rank = decks.get(&first).copied().unwrap_or_default();
                Some(((self.decks.len() as i64) << 32) + rank)
            }
            _ => any.map(|()| self.cards),
        }
    }
}

/// Calls `each` with every card: its note, its id, and a row with more columns from the third on.
fn each_card(
    storage: &Storage,
    columns: &str,
    mut each: impl FnMut(i64, i64, &Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = storage
        .db
        .prepare_cached(&format!("select c.nid, c.id, {columns} from cards c"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(integer(row, 0)?, row.get(1)?, row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::NoteId;
    use crate::base::time::{Clock, TimestampMillis, TimestampSecs};

    /// Other programs leave such notes; Anki has them in all orders.
    #[test]
    fn notes_without_cards_are_listed_in_every_order() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let sql = "insert into notes select value, 'g'||value, (select min(id) from notetypes), \
                   0, -1, '', 'a', 'a', 0, 0, '' \
                   from (select 1 value union select 2 union select 3 union select 4); \
                   insert into cards values \
                   (1, 1, 1, 0, 0, -1, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, ''), \
                   (2, 3, 1, 0, 0, -1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, '')";
        storage.db.execute_batch(sql).unwrap();
        let moment = SearchMoment {
            now: TimestampSecs(1_700_000_000),
            next_day_at: TimestampSecs(1_700_040_000),
            today: 5,
            learn_ahead_secs: 1200,
        };
        for (reverse, order) in [(false, [2, 4, 3, 1]), (true, [1, 3, 2, 4])] {
            let sort = Some((SortColumn::Position, reverse));
            let notes = storage.search_notes("", &moment, sort).unwrap();
            assert_eq!(notes, order.map(NoteId));
        }
        for (column, name) in SortColumn::ALL {
            if let Ok(notes) = storage.search_notes("", &moment, Some((column, true))) {
                assert_eq!(notes.len(), 4, "{name}");
            }
        }
    }
}
