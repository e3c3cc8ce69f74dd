//! Cards in the order of a column.

use super::note_order::positions_of_notes;
use super::sort::{NONE, NoteKey, SortColumn, deck_ranks, float_key, note_keys, notetype_ranks};
use super::sql::WrittenSql;
use super::{SearchMoment, in_parts, matchers};
use crate::base::Result;
use crate::codec::card_data::memory_data;
use crate::domain::notetype::Notetype;
use crate::storage::Storage;
use crate::storage::loose::integer;
use rusqlite::Row;
use std::collections::HashMap;
use std::sync::Arc;

/// A matching card; smaller ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: i64,
    /// Second key of some columns.
    ord: i64,
    /// Decides among equal ones where the column says nothing of cards; else 0.
    note: i64,
    id: i64,
}

/// The ids of the cards that match.
pub(super) fn sorted_cards(
    storage: &Storage,
    written: &WrittenSql,
    column: SortColumn,
    reverse: bool,
    moment: &SearchMoment,
) -> Result<Vec<i64>> {
    let place = match column {
        // The cards of a deck stand as they wait in it. One index holds all of this.
        SortColumn::Deck => "c.due, c.queue",
        _ => "c.nid, c.ord",
    };
    let columns = format!("c.id, {place}, {}", columns_of(column, moment));
    let place = |row: &Row<'_>| {
        Ok(Place {
            key: key_of(column, row, moment)?,
            ord: integer(row, 2)?,
            note: integer(row, 1)?,
            id: row.get(0)?,
        })
    };
    let select = written.select_cards(&columns);
    let mut places = in_parts::rows_of(storage, written, &select, moment, place)?;
    let finish = Finish::new(storage, column, reverse)?;
    if is_of_cards(column) {
        for place in &mut places {
            finish.place(place, &NoteKey::default());
        }
        // They often come in stretches that are in order.
        places.sort();
        return Ok(places.into_iter().map(|place| place.id).collect());
    }
    places.sort_unstable_by_key(|place| (place.note, place.id));
    let mut notes: Vec<i64> = places.iter().map(|place| place.note).collect();
    notes.dedup();
    let keys = match column {
        SortColumn::Position => positions_of_notes(storage, &notes)?,
        _ => note_keys(storage, column, &notes)?,
    };
    let mut keys = keys.into_iter().peekable();
    // A card without its note is in no list.
    places.retain_mut(|place| {
        while keys.next_if(|key| key.id < place.note).is_some() {}
        match keys.peek().filter(|key| key.id == place.note) {
            Some(key) => {
                finish.place(place, key);
                true
            }
            None => false,
        }
    });
    places.sort_unstable();
    Ok(places.into_iter().map(|place| place.id).collect())
}

/// Whether the note has no say.
fn is_of_cards(column: SortColumn) -> bool {
    !matches!(
        column,
        SortColumn::SortField
            | SortColumn::NoteCreated
            | SortColumn::NoteModified
            | SortColumn::Template
            | SortColumn::Position
            | SortColumn::Notetype
            | SortColumn::Tags
    )
}

/// What is read of each card for [`key_of`], besides ids and template.
fn columns_of(column: SortColumn, moment: &SearchMoment) -> String {
    match column {
        SortColumn::CardModified => "c.mod".into(),
        SortColumn::Deck => "c.did".into(),
        SortColumn::Due => due_key(moment),
        SortColumn::Ease => "(c.type = 0), c.factor".into(),
        SortColumn::Interval => "c.ivl".into(),
        SortColumn::Lapses => "c.lapses".into(),
        SortColumn::Reviews => "c.reps".into(),
        SortColumn::Stability | SortColumn::Difficulty => "c.data".into(),
        SortColumn::Retrievability => {
            "c.data, (case when c.odid != 0 then c.odue else c.due end), c.ivl".into()
        }
        SortColumn::SortField
        | SortColumn::NoteCreated
        | SortColumn::NoteModified
        | SortColumn::Template
        | SortColumn::Position
        | SortColumn::Notetype
        | SortColumn::Tags => "0".into(),
    }
}

/// Seconds, but new cards by their positions before everything else.
pub(super) fn due_key(moment: &SearchMoment) -> String {
    format!(
        "(case when c.due > 1000000000 then c.due when c.type = 0 then c.due \
         else (c.due - {}) * 86400 + {} end)",
        moment.today, moment.now.0
    )
}

fn key_of(column: SortColumn, row: &Row<'_>, moment: &SearchMoment) -> Result<i64> {
    let memory = || -> Result<_> { Ok(memory_data(row.get_ref(3)?.as_str().unwrap_or_default())) };
    let or_none = |value: Option<f64>| value.map_or(NONE, float_key);
    Ok(match column {
        SortColumn::Stability => or_none(memory()?.stability.map(f64::from)),
        SortColumn::Difficulty => or_none(memory()?.difficulty.map(f64::from)),
        SortColumn::Retrievability => {
            let (due, interval) = (integer(row, 4)?, integer(row, 5)?);
            or_none(matchers::retrievability(&memory()?, due, interval, moment))
        }
        // New ones last.
        SortColumn::Ease => (integer(row, 3)? << 32).saturating_add(integer(row, 4)?),
        _ => integer(row, 3)?,
    })
}

/// Templates by name; those of one name by note type and number.
fn template_places(notetypes: &[Arc<Notetype>]) -> HashMap<(i64, i64), i64> {
    let mut named: Vec<(unicase::UniCase<&str>, i64, i64)> = notetypes
        .iter()
        .flat_map(|notetype| {
            let id = notetype.id.0;
            (0i64..)
                .zip(&notetype.templates)
                .map(move |(ord, t)| (unicase::UniCase::new(t.name.as_str()), id, ord))
        })
        .collect();
    named.sort_unstable();
    (0i64..)
        .zip(named)
        .map(|(place, (_, notetype, ord))| ((notetype, ord), place))
        .collect()
}

/// What the note and names add to a card's place.
struct Finish {
    column: SortColumn,
    reverse: bool,
    ranks: HashMap<i64, i64>,
    templates: HashMap<(i64, i64), i64>,
}

impl Finish {
    fn new(storage: &Storage, column: SortColumn, reverse: bool) -> Result<Self> {
        let mut templates = HashMap::new();
        let ranks = match column {
            SortColumn::Deck => deck_ranks(storage)?,
            SortColumn::Notetype => notetype_ranks(storage)?,
            SortColumn::Template => {
                let notetypes = storage.known_notetypes()?;
                templates = template_places(&notetypes);
                HashMap::new()
            }
            _ => HashMap::new(),
        };
        Ok(Self {
            column,
            reverse,
            ranks,
            templates,
        })
    }

    fn place(&self, place: &mut Place, note: &NoteKey) {
        let rank = |id: i64| self.ranks.get(&id).copied().unwrap_or(NONE);
        let mut uses_ord = false;
        let mut by_note = false;
        match self.column {
            SortColumn::SortField | SortColumn::NoteModified => {
                place.key = note.key;
                uses_ord = true;
            }
            SortColumn::NoteCreated => {
                place.key = note.id;
                uses_ord = true;
            }
            SortColumn::Tags | SortColumn::Position => {
                place.key = note.key;
                by_note = true;
            }
            SortColumn::Notetype => {
                place.key = rank(note.notetype);
                by_note = true;
            }
            SortColumn::Deck => {
                let rank = rank(place.key);
                place.key = if self.reverse { !rank } else { rank };
                return;
            }
            SortColumn::Template => {
                // Of a cloze note type there is only the first.
                let named = |ord| self.templates.get(&(note.notetype, ord));
                let found = named(place.ord).or_else(|| named(0));
                place.key = found.copied().unwrap_or(NONE);
                uses_ord = true;
            }
            _ => {}
        }
        if !uses_ord {
            place.ord = 0;
        }
        if !by_note {
            place.note = 0;
        }
        if self.reverse {
            place.key = !place.key;
            place.ord = !place.ord;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis, TimestampSecs};

    /// Other programs leave fractions and texts in columns of numbers.
    #[test]
    fn cards_with_odd_numbers_are_sorted_and_searched_like_all_others() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        let storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let sql = "insert into notes select value, 'g'||value, (select min(id) from notetypes), \
                   0, -1, '', 'a', 'a', 0, 0, '' from (select 1 value union select 2); \
                   insert into cards values \
                   (1, 1, 1, 0, 0, -1, 2, 2, 3.5, 2.5, 2500.5, 1.5, 'x', 0, 0, 0, 0, \
                   '{\"s\":3.0,\"d\":5.0}'), \
                   (2, 2, 1, 0, 0, -1, 2, 2, 7, 9, 2600, 3, 1, 0, 0, 0, 0, '')";
        storage.db.execute_batch(sql).unwrap();
        let moment = SearchMoment {
            now: TimestampSecs(1_700_000_000),
            next_day_at: TimestampSecs(1_700_040_000),
            today: 5,
            learn_ahead_secs: 1200,
        };
        for (column, name) in SortColumn::ALL {
            let cards = storage.search_cards("", &moment, Some((column, false)));
            assert_eq!(cards.map(|ids| ids.len()).expect(name), 2, "{name}");
            if !matches!(
                column,
                SortColumn::Stability | SortColumn::Difficulty | SortColumn::Retrievability
            ) {
                let notes = storage.search_notes("", &moment, Some((column, false)));
                assert_eq!(notes.map(|ids| ids.len()).expect(name), 2, "{name}");
            }
        }
        let sorted = storage.search_cards("", &moment, Some((SortColumn::Interval, true)));
        let ids: Vec<i64> = sorted.unwrap().into_iter().map(|id| id.0).collect();
        assert_eq!(ids, [2, 1]);
        let found = storage.search_cards("prop:r>0.1", &moment, None).unwrap();
        assert_eq!(found.len(), 1);
    }
}
