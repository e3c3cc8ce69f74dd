//! Cards in the order of a column.

use super::note_order::positions_of_notes;
use super::sort::{NONE, NoteKey, SortColumn, deck_ranks, float_key, note_keys, notetype_ranks};
use super::sql::WrittenSql;
use super::{SearchMoment, matchers};
use crate::base::Result;
use crate::codec::card_data::memory_data;
use crate::domain::notetype::Notetype;
use crate::storage::Storage;
use rusqlite::Row;
use std::collections::HashMap;

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
    // An order by decks is made of what one index holds.
    let place = match column {
        SortColumn::Deck => "0, 0",
        _ => "c.nid, c.ord",
    };
    let columns = format!("c.id, {place}, {}", columns_of(column, moment));
    let mut statement = storage.db.prepare(&written.select_cards(&columns))?;
    let mut rows = statement.query(rusqlite::params_from_iter(&written.values))?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let mut place = Place {
            key: key_of(column, row, moment)?,
            ord: row.get(2)?,
            note: row.get(1)?,
            id: row.get(0)?,
        };
        if column == SortColumn::Deck {
            // The cards of a deck stand as they wait in it.
            (place.ord, place.note) = (row.get(4)?, row.get(5)?);
        }
        places.push(place);
    }
    drop(rows);
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
        SortColumn::Deck => "c.did, c.queue, c.due".into(),
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
        SortColumn::Stability => or_none(memory()?.memory.map(|m| m.stability.into())),
        SortColumn::Difficulty => or_none(memory()?.memory.map(|m| m.difficulty.into())),
        SortColumn::Retrievability => {
            let (due, interval) = (row.get(4)?, row.get(5)?);
            or_none(matchers::retrievability(&memory()?, due, interval, moment))
        }
        // New ones last.
        SortColumn::Ease => {
            let (new, factor): (i64, i64) = (row.get(3)?, row.get(4)?);
            (new << 32) + factor
        }
        _ => row.get(3)?,
    })
}

/// Templates by name; those of one name by note type and number.
fn template_places(notetypes: &[Notetype]) -> HashMap<(i64, i64), i64> {
    let mut named: Vec<(unicase::UniCase<&str>, i64, i64)> = notetypes
        .iter()
        .flat_map(|notetype| {
            (0i64..)
                .zip(&notetype.templates)
                .map(|(ord, t)| (unicase::UniCase::new(t.name.as_str()), notetype.id.0, ord))
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
                let notetypes = storage.all_notetypes()?;
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
