//! Rows as cells, and changes of rows: what undo is made of. Which tables there are, with their
//! keys and columns in the file's order.

use crate::base::ids::{CardId, DeckId, NoteId};
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// One value of a row, exactly as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    /// Text that is not UTF-8: damage, but kept as it is.
    BadText(Vec<u8>),
}

impl Cell {
    /// The value as SQLite takes it.
    pub(super) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Int(v) => ValueRef::Integer(*v),
            Self::Real(v) => ValueRef::Real(*v),
            Self::Text(v) => ValueRef::Text(v.as_bytes()),
            Self::Blob(v) => ValueRef::Blob(v),
            Self::BadText(v) => ValueRef::Text(v),
        }
    }

    /// Whether writing `self` over `stored` would change anything. Integers in text form are
    /// stored as integers by the sort field's column.
    fn same_as(&self, stored: &Self) -> bool {
        match (self, stored) {
            (Self::Text(text), Self::Int(number)) => {
                text.len() <= 20 && *text == number.to_string()
            }
            _ => self == stored,
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

impl FromSql for Cell {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(v) => Self::Int(v),
            ValueRef::Real(v) => Self::Real(v),
            ValueRef::Text(v) => match std::str::from_utf8(v) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::BadText(v.to_vec()),
            },
            ValueRef::Blob(v) => Self::Blob(v.to_vec()),
        })
    }
}

/// The first `columns` of a row, in memory that is taken once: collecting results begins small and
/// grows several times, for each of very many rows.
pub(super) fn cells_of(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<Cell>> {
    let mut cells = Vec::with_capacity(columns);
    for column in 0..columns {
        cells.push(row.get(column)?);
    }
    Ok(cells)
}

macro_rules! cell_from {
    ($($type:ty => $variant:ident $conv:expr;)*) => {
        $(impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                Self::$variant($conv(value))
            }
        })*
    };
}
cell_from! {
    i64 => Int |v| v;
    i32 => Int i64::from;
    u32 => Int i64::from;
    u16 => Int i64::from;
    u8 => Int i64::from;
    bool => Int i64::from;
    &str => Text str::to_owned;
    String => Text |v| v;
    Vec<u8> => Blob |v| v;
}

/// The tables whose rows can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Table {
    Cards,
    Notes,
    Revlog,
    Decks,
    DeckConfig,
    Notetypes,
    Fields,
    Templates,
    Tags,
    Config,
    Graves,
}

/// One row written or removed, as much of it as taking that back needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowChange {
    pub table: Table,
    pub edit: RowEdit,
}

/// Rows have all columns of their table, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RowEdit {
    Added(Vec<Cell>),
    Removed(Vec<Cell>),
    Changed {
        key: Key,
        /// What differs: the column's number and what it held.
        before: Box<[(u8, Cell)]>,
        /// For a card: the decks that it was and is in; for a note: its change times.
        watched: Option<(i64, i64)>,
    },
}

/// The key columns of a row: one in most tables, of whose rows there can be very many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Cell>", into = "Vec<Cell>")]
pub enum Key {
    One(Cell),
    More(Box<[Cell]>),
}

impl Deref for Key {
    type Target = [Cell];
    fn deref(&self) -> &[Cell] {
        match self {
            Self::One(cell) => std::slice::from_ref(cell),
            Self::More(cells) => cells,
        }
    }
}

impl From<Vec<Cell>> for Key {
    fn from(cells: Vec<Cell>) -> Self {
        match <[Cell; 1]>::try_from(cells) {
            Ok([cell]) => Self::One(cell),
            Err(cells) => Self::More(cells.into()),
        }
    }
}

impl From<Key> for Vec<Cell> {
    fn from(key: Key) -> Self {
        match key {
            Key::One(cell) => vec![cell],
            Key::More(cells) => cells.into(),
        }
    }
}

/// `cards.did`.
const CARD_DECK: usize = 2;
/// `notes.mod`.
const NOTE_MOD: usize = 3;

/// New rows of one table with one key column, written in bulk: undo removes them, and reads them
/// before it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRows {
    pub table: Table,
    pub ids: Vec<i64>,
}

impl NewRows {
    /// Ids that follow each other.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[i64]> {
        self.ids.chunk_by(|a, b| a.checked_add(1) == Some(*b))
    }
}

impl RowChange {
    /// An update of the columns `changed`.
    pub(super) fn changed(
        table: Table,
        before: &[Cell],
        after: &[impl Borrow<Cell>],
        changed: &[usize],
    ) -> Self {
        let watched = match table {
            Table::Cards => Some(CARD_DECK),
            Table::Notes => Some(NOTE_MOD),
            _ => None,
        };
        let watched = watched.and_then(|column| {
            let after: Option<&Cell> = after.get(column).map(Borrow::borrow);
            match (before.get(column), after) {
                (Some(Cell::Int(was)), Some(Cell::Int(is))) => Some((*was, *is)),
                _ => None,
            }
        });
        let key: Vec<Cell> = after[..table.sql().key_columns]
            .iter()
            .map(|cell| Borrow::<Cell>::borrow(cell).clone())
            .collect();
        let cells = changed.iter().filter_map(|&column| {
            let number = u8::try_from(column).ok()?;
            Some((number, before.get(column)?.clone()))
        });
        Self {
            table,
            edit: RowEdit::Changed {
                key: key.into(),
                before: cells.collect(),
                watched,
            },
        }
    }

    /// An update of a card that was known in numbers: the columns that change with what they held,
    /// and the decks it was and is in.
    pub(super) fn of_card(id: i64, before: Vec<(u8, Cell)>, decks: (i64, i64)) -> Self {
        Self {
            table: Table::Cards,
            edit: RowEdit::Changed {
                key: Key::One(Cell::Int(id)),
                before: before.into(),
                watched: Some(decks),
            },
        }
    }

    /// An update of a note's tags: what they were, the change times before and now, and the usn
    /// when that changed.
    pub(super) fn of_tags(id: i64, tags: String, times: (i64, i64), usn: Option<i64>) -> Self {
        const USN: u8 = 4;
        const TAGS: u8 = 5;
        let usn = usn.map(|usn| (USN, Cell::Int(usn)));
        let mtime = (NOTE_MOD as u8, Cell::Int(times.0));
        Self {
            table: Table::Notes,
            edit: RowEdit::Changed {
                key: Key::One(Cell::Int(id)),
                before: std::iter::once(mtime)
                    .chain(usn)
                    .chain([(TAGS, Cell::Text(tags))])
                    .collect(),
                watched: Some(times),
            },
        }
    }

    /// The columns of a table that any of the changes writes.
    pub(super) fn columns(table: Table, changes: &[Self]) -> Vec<&'static str> {
        let all = table.sql().columns;
        let mut written = vec![false; all.len()];
        for change in changes.iter().filter(|change| change.table == table) {
            match &change.edit {
                RowEdit::Added(_) | RowEdit::Removed(_) => return all.to_vec(),
                RowEdit::Changed { before, .. } => {
                    for (column, _) in before {
                        written[usize::from(*column)] = true;
                    }
                }
            }
        }
        all.iter()
            .zip(written)
            .filter_map(|(name, written)| written.then_some(*name))
            .collect()
    }

    /// The key and, unless the row was only changed, all that follows.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        match &self.edit {
            RowEdit::Added(row) | RowEdit::Removed(row) => row,
            RowEdit::Changed { key, .. } => key,
        }
    }

    /// Where a card was before and is now.
    #[must_use]
    pub fn decks(&self) -> (Option<DeckId>, Option<DeckId>) {
        let deck = |row: &[Cell]| match row.get(CARD_DECK) {
            Some(Cell::Int(id)) if self.table == Table::Cards => Some(DeckId(*id)),
            _ => None,
        };
        match &self.edit {
            RowEdit::Added(row) => (None, deck(row)),
            RowEdit::Removed(row) => (deck(row), None),
            RowEdit::Changed { watched, .. } => watched
                .filter(|_| self.table == Table::Cards)
                .map_or((None, None), |(was, is)| {
                    (Some(DeckId(was)), Some(DeckId(is)))
                }),
        }
    }

    /// Makes this and a later change of the same note one, when that came within `seconds`.
    /// False when they are something else.
    pub fn absorb(&mut self, later: &Self, seconds: i64) -> bool {
        if self.table != Table::Notes || later.table != Table::Notes {
            return false;
        }
        let (
            RowEdit::Changed {
                key,
                before,
                watched: Some((_, changed)),
            },
            RowEdit::Changed {
                key: later_key,
                before: later_before,
                watched: Some((_, now)),
            },
        ) = (&mut self.edit, &later.edit)
        else {
            return false;
        };
        if key != later_key || !(*changed..*changed + seconds).contains(now) {
            return false;
        }
        let known: Vec<u8> = before.iter().map(|(column, _)| *column).collect();
        let more = later_before
            .iter()
            .filter(|(column, _)| !known.contains(column));
        *before = before.iter().chain(more).cloned().collect();
        *changed = *now;
        true
    }

    /// The first key column of the row, where it is a number.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match self.cells().first()? {
            Cell::Int(id) => Some(*id),
            _ => None,
        }
    }

    /// The card, if this is a row of `cards`.
    #[must_use]
    pub fn card_id(&self) -> Option<CardId> {
        (self.table == Table::Cards).then(|| self.id().map(CardId))?
    }

    /// The note, if this is a row of `notes`.
    #[must_use]
    pub fn note_id(&self) -> Option<NoteId> {
        (self.table == Table::Notes).then(|| self.id().map(NoteId))?
    }
}

/// The statements for one table.
pub(super) struct TableSql {
    pub(super) select: String,
    pub(super) insert: String,
    pub(super) delete: String,
    pub(super) columns: &'static [&'static str],
    pub(super) key_columns: usize,
    pub(super) name: &'static str,
    /// Texts of updates by the set of their columns: an answer needs half a dozen of them.
    updates: Mutex<HashMap<u32, Arc<str>>>,
}

impl Table {
    const ALL: [Self; 11] = [
        Self::Cards,
        Self::Notes,
        Self::Revlog,
        Self::Decks,
        Self::DeckConfig,
        Self::Notetypes,
        Self::Fields,
        Self::Templates,
        Self::Tags,
        Self::Config,
        Self::Graves,
    ];

    /// Name, number of key columns, columns.
    fn shape(self) -> (&'static str, usize, &'static [&'static str]) {
        match self {
            Self::Cards => (
                "cards",
                1,
                &[
                    "id", "nid", "did", "ord", "mod", "usn", "type", "queue", "due", "ivl",
                    "factor", "reps", "lapses", "left", "odue", "odid", "flags", "data",
                ],
            ),
            Self::Notes => (
                "notes",
                1,
                &[
                    "id", "guid", "mid", "mod", "usn", "tags", "flds", "sfld", "csum", "flags",
                    "data",
                ],
            ),
            Self::Revlog => (
                "revlog",
                1,
                &[
                    "id", "cid", "usn", "ease", "ivl", "lastIvl", "factor", "time", "type",
                ],
            ),
            Self::Decks => (
                "decks",
                1,
                &["id", "name", "mtime_secs", "usn", "common", "kind"],
            ),
            Self::DeckConfig => (
                "deck_config",
                1,
                &["id", "name", "mtime_secs", "usn", "config"],
            ),
            Self::Notetypes => (
                "notetypes",
                1,
                &["id", "name", "mtime_secs", "usn", "config"],
            ),
            Self::Fields => ("fields", 2, &["ntid", "ord", "name", "config"]),
            Self::Templates => (
                "templates",
                2,
                &["ntid", "ord", "name", "mtime_secs", "usn", "config"],
            ),
            Self::Tags => ("tags", 1, &["tag", "usn", "collapsed", "config"]),
            Self::Config => ("config", 1, &["KEY", "usn", "mtime_secs", "val"]),
            Self::Graves => ("graves", 2, &["oid", "type", "usn"]),
        }
    }

    pub(super) fn sql(self) -> &'static TableSql {
        static SQL: LazyLock<Vec<TableSql>> =
            LazyLock::new(|| Table::ALL.iter().map(|t| TableSql::of(*t)).collect());
        &SQL[self as usize]
    }
}

impl TableSql {
    fn of(table: Table) -> Self {
        let (name, key_columns, columns) = table.shape();
        let key: Vec<String> = columns[..key_columns]
            .iter()
            .enumerate()
            .map(|(i, column)| format!("{column}=?{}", i + 1))
            .collect();
        let key = key.join(" and ");
        let list = columns.join(",");
        let marks = vec!["?"; columns.len()].join(",");
        Self {
            select: format!("select {list} from {name} where {key}"),
            insert: format!("insert into {name} ({list}) values ({marks})"),
            delete: format!("delete from {name} where {key}"),
            columns,
            key_columns,
            name,
            updates: Mutex::default(),
        }
    }

    /// An update of just the columns that differ, so that indexes on the others stay untouched;
    /// the indexes of those columns. None when nothing differs.
    pub(super) fn update(
        &self,
        before: &[Cell],
        after: &[impl Borrow<Cell>],
    ) -> Option<(Arc<str>, Vec<usize>)> {
        let changed: Vec<usize> = (0..self.columns.len())
            .filter(|&i| {
                let after: &Cell = after[i].borrow();
                !after.same_as(&before[i])
            })
            .collect();
        if changed.is_empty() {
            return None;
        }
        let columns = changed.iter().fold(0, |set, i| set | 1 << i);
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = updates
            .entry(columns)
            .or_insert_with(|| self.update_of(&changed));
        Some((Arc::clone(sql), changed))
    }

    fn update_of(&self, changed: &[usize]) -> Arc<str> {
        let mut sql = format!("update {} set ", self.name);
        for (n, &i) in changed.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            sql.push_str(&format!("{comma}{}=?", self.columns[i]));
        }
        for (i, column) in self.columns[..self.key_columns].iter().enumerate() {
            let word = if i > 0 { "and" } else { "where" };
            sql.push_str(&format!(" {word} {column}=?"));
        }
        sql.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_the_right_columns() {
        let sql = Table::Graves.sql();
        assert_eq!(
            sql.select,
            "select oid,type,usn from graves where oid=?1 and type=?2"
        );
        assert_eq!(
            sql.insert,
            "insert into graves (oid,type,usn) values (?,?,?)"
        );
        let before = [Cell::Int(1), Cell::Int(2), Cell::Int(3)];
        let after = [Cell::Int(1), Cell::Int(2), Cell::Int(4)];
        assert_eq!(
            sql.update(&before, &after),
            Some((
                "update graves set usn=? where oid=? and type=?".into(),
                vec![2]
            ))
        );
        assert_eq!(sql.update(&before, &before), None);
    }

    #[test]
    fn changes_survive_being_written_down() {
        let change = RowChange {
            table: Table::Notes,
            edit: RowEdit::Added(vec![Cell::Int(5), Cell::BadText(vec![0xff]), Cell::Null]),
        };
        let json = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<RowChange>(&json).unwrap(), change);
        assert_eq!(change.note_id(), Some(NoteId(5)));
        assert_eq!(change.card_id(), None);
    }
}
