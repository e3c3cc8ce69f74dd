//! The browser's columns. Rows are put into order here rather than by SQLite, which is slower at
//! it: `card_order` and `note_order` say how, with rows that are equal in a column in the order in
//! which Anki has them where it searches for everything; this file has what both need.

use crate::base::Result;
use crate::storage::Storage;
use crate::storage::loose::integer;
use rusqlite::types::ValueRef;
use std::collections::HashMap;

/// A column of the browser by which rows can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortColumn {
    SortField,
    NoteCreated,
    NoteModified,
    CardModified,
    Template,
    Deck,
    Due,
    Ease,
    Interval,
    Lapses,
    Reviews,
    Position,
    Notetype,
    Tags,
    Stability,
    Difficulty,
    Retrievability,
}

impl SortColumn {
    /// The names that Anki stores.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::SortField, "noteFld"),
        (Self::NoteCreated, "noteCrt"),
        (Self::NoteModified, "noteMod"),
        (Self::CardModified, "cardMod"),
        (Self::Template, "template"),
        (Self::Deck, "deck"),
        (Self::Due, "cardDue"),
        (Self::Ease, "cardEase"),
        (Self::Interval, "cardIvl"),
        (Self::Lapses, "cardLapses"),
        (Self::Reviews, "cardReps"),
        (Self::Position, "originalPosition"),
        (Self::Notetype, "note"),
        (Self::Tags, "noteTags"),
        (Self::Stability, "stability"),
        (Self::Difficulty, "difficulty"),
        (Self::Retrievability, "retrievability"),
    ];

    /// By Anki's name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(column, _)| *column)
    }
}

/// Where no value stands: before all others.
pub(super) const NONE: i64 = i64::MIN;

/// A number whose order is that of the floats.
pub(super) fn float_key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    if bits < 0 { !bits ^ i64::MIN } else { bits }
}

/// Names to their places; equal names share one.
fn name_ranks<K: std::hash::Hash + Eq>(
    names: impl IntoIterator<Item = (K, String)>,
) -> HashMap<K, i64> {
    let mut names: Vec<(unicase::UniCase<String>, K)> = names
        .into_iter()
        .map(|(key, name)| (unicase::UniCase::new(name), key))
        .collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    let mut ranks = HashMap::new();
    let mut rank = 0;
    let mut previous: Option<unicase::UniCase<String>> = None;
    for (name, key) in names {
        rank += i64::from(previous.as_ref().is_some_and(|p| *p != name));
        previous = Some(name);
        ranks.insert(key, rank);
    }
    ranks
}

/// Decks by their native names, so that children follow their parents.
pub(super) fn deck_ranks(storage: &Storage) -> Result<HashMap<i64, i64>> {
    let decks = storage.all_decks()?;
    Ok(name_ranks(
        decks
            .iter()
            .map(|deck| (deck.id.0, deck.name.as_native().to_owned())),
    ))
}

pub(super) fn notetype_ranks(storage: &Storage) -> Result<HashMap<i64, i64>> {
    let names = storage.notetype_names()?;
    Ok(name_ranks(
        names.into_iter().map(|(notetype, name)| (notetype.0, name)),
    ))
}

/// What is known of a note for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NoteKey {
    pub id: i64,
    pub notetype: i64,
    pub key: i64,
}

/// Keys of the notes in `wanted` (ascending, each once) that there are, ascending by id. Only for
/// columns whose values are in the table of notes.
pub(super) fn note_keys(
    storage: &Storage,
    column: SortColumn,
    wanted: &[i64],
) -> Result<Vec<NoteKey>> {
    match column {
        SortColumn::SortField => ranked_texts(storage, wanted, "sfld", true),
        SortColumn::Tags => ranked_texts(storage, wanted, "tags", false),
        SortColumn::NoteModified => {
            let mut keys = Vec::with_capacity(wanted.len());
            each_note(storage, wanted, "mod", |id, value| {
                let key = value.as_i64().unwrap_or(NONE);
                keys.push(NoteKey {
                    id,
                    notetype: 0,
                    key,
                });
            })?;
            Ok(keys)
        }
        _ => notetypes_of(storage, wanted),
    }
}

/// Through the index, which is a fraction of the table.
fn notetypes_of(storage: &Storage, wanted: &[i64]) -> Result<Vec<NoteKey>> {
    let mut statement = storage
        .db
        .prepare_cached("select id, mid from notes order by mid, id")?;
    let mut rows = statement.query([])?;
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(wanted.len());
    while let Some(row) = rows.next()? {
        all.push((row.get(0)?, integer(row, 1)?));
    }
    all.sort_unstable();
    let mut keys = Vec::with_capacity(wanted.len());
    let mut all = all.into_iter().peekable();
    for &id in wanted {
        while all.next_if(|(other, _)| *other < id).is_some() {}
        if let Some((_, notetype)) = all.next_if(|(other, _)| *other == id) {
            keys.push(NoteKey {
                id,
                notetype,
                key: 0,
            });
        }
    }
    Ok(keys)
}

/// A column of text as places in its order.
fn ranked_texts(
    storage: &Storage,
    wanted: &[i64],
    column: &str,
    any_case: bool,
) -> Result<Vec<NoteKey>> {
    let mut texts = Texts::new(any_case);
    each_note(storage, wanted, column, |id, value| texts.push(id, value))?;
    Ok(texts.ranked())
}

/// Calls `each` with one column of the wanted notes, ascending by id.
fn each_note(
    storage: &Storage,
    wanted: &[i64],
    column: &str,
    mut each: impl FnMut(i64, ValueRef<'_>),
) -> Result<()> {
    /// Below this share of all notes each is looked up.
    const LOOKED_UP: i64 = 8;
    let total: i64 = storage
        .db
        .prepare_cached("select count() from notes")?
        .query_row([], |row| row.get(0))?;
    if (wanted.len() as i64).saturating_mul(LOOKED_UP) < total {
        let mut statement = storage
            .db
            .prepare_cached(&format!("select {column} from notes where id = ?"))?;
        for &id in wanted {
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()? {
                each(id, row.get_ref(0)?);
            }
        }
        return Ok(());
    }
    let mut statement = storage
        .db
        .prepare_cached(&format!("select id, {column} from notes order by id"))?;
    let mut rows = statement.query([])?;
    let mut wanted = wanted.iter().peekable();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        while wanted.next_if(|other| **other < id).is_some() {}
        if wanted.next_if(|other| **other == id).is_some() {
            each(id, row.get_ref(1)?);
        }
    }
    Ok(())
}

/// Values as SQLite orders them: nothing, numbers, texts. Their first bytes decide nearly always.
struct Texts {
    any_case: bool,
    arena: Vec<u8>,
    /// Class, first bytes or number, place in the arena, id.
    rows: Vec<(u8, u64, std::ops::Range<usize>, i64)>,
}

impl Texts {
    fn new(any_case: bool) -> Self {
        Self {
            any_case,
            arena: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn push(&mut self, id: i64, value: ValueRef<'_>) {
        let start = self.arena.len();
        let (class, first) = match value {
            ValueRef::Null => (0, 0),
            ValueRef::Integer(number) => (1, number_key(number as f64)),
            ValueRef::Real(number) => (1, number_key(number)),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                self.arena.extend_from_slice(text);
                if self.any_case
                    && let Some(own) = self.arena.get_mut(start..)
                {
                    own.make_ascii_lowercase();
                }
                let class = if matches!(value, ValueRef::Text(_)) {
                    2
                } else {
                    3
                };
                (
                    class,
                    first_bytes(self.arena.get(start..).unwrap_or_default()),
                )
            }
        };
        self.rows.push((class, first, start..self.arena.len(), id));
    }

    fn ranked(mut self) -> Vec<NoteKey> {
        let arena = &self.arena;
        let text = |range: &std::ops::Range<usize>| arena.get(range.clone()).unwrap_or_default();
        let order = |a: &(u8, u64, std::ops::Range<usize>, i64), b: &(u8, u64, _, i64)| {
            (a.0, a.1)
                .cmp(&(b.0, b.1))
                .then_with(|| text(&a.2).cmp(text(&b.2)))
        };
        self.rows.sort_unstable_by(order);
        let mut rank = 0;
        let mut keys = Vec::with_capacity(self.rows.len());
        let mut previous = None;
        for row in &self.rows {
            if previous.is_some_and(|p| order(p, row).is_ne()) {
                rank += 1;
            }
            previous = Some(row);
            keys.push(NoteKey {
                id: row.3,
                notetype: 0,
                key: rank,
            });
        }
        keys.sort_unstable_by_key(|key| key.id);
        keys
    }
}

fn number_key(number: f64) -> u64 {
    float_key(number).cast_unsigned() ^ (1 << 63)
}

fn first_bytes(text: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(text) {
        *to = *from;
    }
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_texts_keep_their_order() {
        let floats = [f64::NEG_INFINITY, -2.5, -0.5, 0.0, 1e-9, 3.0, f64::INFINITY];
        assert!(floats.map(float_key).is_sorted());
        let mut texts = Texts::new(true);
        let values = [
            ValueRef::Null,
            ValueRef::Integer(-3),
            ValueRef::Real(2.5),
            ValueRef::Integer(10),
            ValueRef::Text(b""),
            ValueRef::Text(b"Abcdefgh"),
            ValueRef::Text(b"abcdefghI"),
            ValueRef::Text("É".as_bytes()),
        ];
        for (id, value) in (0..).zip(values) {
            texts.push(id, value);
        }
        let ranks: Vec<i64> = texts.ranked().iter().map(|key| key.key).collect();
        assert_eq!(ranks, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
