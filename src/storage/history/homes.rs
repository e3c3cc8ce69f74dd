//! In which decks the cards of notes are, or were before an operation, by name: kept with each
//! version of a note.

use super::super::{Cell, RowEdit, Storage, Table, Tx, loose};
use super::MANY;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::domain::deck::DeckName;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Rows, params_from_iter};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::iter::repeat_n;
use std::sync::Arc;

/// The home deck of each card with its note; a card in a filtered deck is at home elsewhere.
const HOMES: &str = "select id, nid, case odid when 0 then did else odid end from cards";
/// Notes whose cards are looked for by one statement: each costs more to begin than a note's cards.
const TOGETHER: usize = 128;
/// Columns of `cards`.
const NID: usize = 1;
const DID: usize = 2;
const ODID: usize = 15;

/// See the module header. In little room, as most notes have all cards in one deck.
#[derive(Debug, Default)]
pub struct Homes {
    /// The place of each note's decks among the sets.
    of: HashMap<i64, usize>,
    sets: Vec<Vec<i64>>,
    known: HashMap<Vec<i64>, usize>,
    /// The names of each set, a line each.
    names: Vec<String>,
}

impl Homes {
    fn add(&mut self, note: i64, deck: i64) {
        let before = self.of.get(&note).and_then(|&set| self.sets.get(set));
        if before.is_some_and(|decks| decks.contains(&deck)) {
            return;
        }
        let mut decks = before.cloned().unwrap_or_default();
        decks.push(deck);
        let sets = &mut self.sets;
        let set = *self.known.entry(decks).or_insert_with_key(|decks| {
            sets.push(decks.clone());
            sets.len() - 1
        });
        self.of.insert(note, set);
    }

    fn name(&mut self, name_of: impl Fn(i64) -> Result<Option<String>>) -> Result<()> {
        for set in &self.sets {
            let mut names = BTreeSet::new();
            for &deck in set {
                names.extend(name_of(deck)?.map(|name| DeckName::from_native(name).human()));
            }
            let names: Vec<String> = names.into_iter().collect();
            self.names.push(names.join("\n"));
        }
        Ok(())
    }

    /// The names of decks as a note with cards in all of them has them.
    pub(super) fn names_of(decks: &[i64], storage: &Storage) -> Result<Option<Arc<str>>> {
        let mut homes = Self::default();
        for &deck in decks {
            homes.add(0, deck);
        }
        homes.name(|deck| storage.native_name(deck))?;
        Ok(homes.of(0).map(Arc::from))
    }

    /// A line for each deck, in order; None: it has no cards.
    #[must_use]
    pub fn of(&self, note: i64) -> Option<&str> {
        let names = self.names.get(*self.of.get(&note)?)?;
        (!names.is_empty()).then_some(names)
    }

    pub(super) fn cell(&self, note: i64) -> ValueRef<'_> {
        self.of(note)
            .map_or(ValueRef::Null, |names| ValueRef::Text(names.as_bytes()))
    }
}

impl Storage {
    /// Of these notes, or of all; of others too where these are many.
    pub fn homes(&self, notes: Option<&[NoteId]>) -> Result<Homes> {
        let mut homes = Homes::default();
        let few = match notes {
            Some(notes) if notes.len() < MANY || self.is_small_part(notes.len())? => Some(notes),
            // All at once are read sooner than so many one by one.
            _ => None,
        };
        self.each_home(few, |_, note, deck| homes.add(note, deck))?;
        homes.name(|deck| self.native_name(deck))?;
        Ok(homes)
    }

    /// Card, note, home deck.
    fn each_home(
        &self,
        notes: Option<&[NoteId]>,
        mut each: impl FnMut(i64, i64, i64),
    ) -> Result<()> {
        let mut read = |mut rows: Rows<'_>| -> Result<()> {
            while let Some(row) = rows.next()? {
                let number = |column| loose::integer(row, column);
                each(number(0)?, number(1)?, number(2)?);
            }
            Ok(())
        };
        match notes {
            None => read(self.db.prepare_cached(HOMES)?.query([])?),
            Some([note]) => {
                let mut statement = self.db.prepare_cached(&format!("{HOMES} where nid=?"))?;
                read(statement.query([note.0])?)
            }
            Some(notes) => {
                let marks = vec!["?"; TOGETHER].join(",");
                let sql = format!("{HOMES} where nid in ({marks})");
                let mut statement = self.db.prepare_cached(&sql)?;
                for part in notes.chunks(TOGETHER) {
                    // No card has null as its note.
                    let rest = repeat_n(None, TOGETHER - part.len());
                    let ids = part.iter().map(|note| Some(note.0)).chain(rest);
                    read(statement.query(params_from_iter(ids))?)?;
                }
                Ok(())
            }
        }
    }

    pub(in crate::storage) fn native_name(&self, deck: i64) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached("select name from decks where id=?")?
            .query_row([deck], |row| loose::text(row, 0))
            .optional()?)
    }
}

impl Tx<'_> {
    /// As [`Storage::homes`], before this transaction.
    pub(super) fn homes_before(&self, notes: Option<&[NoteId]>) -> Result<Homes> {
        let wanted: Option<HashSet<i64>> = notes.map(|n| n.iter().map(|id| id.0).collect());
        // What was written, taken back step by step; None: the card was not there.
        let mut cards: HashMap<i64, Option<Vec<Cell>>> = HashMap::new();
        let mut names: HashMap<i64, String> = HashMap::new();
        for change in self.changes().iter().rev() {
            let Some(id) = change.id() else { continue };
            match (change.table, &change.edit) {
                (Table::Cards, RowEdit::Added(_)) => drop(cards.insert(id, None)),
                (Table::Cards, RowEdit::Removed(row)) => drop(cards.insert(id, Some(row.clone()))),
                (Table::Cards, RowEdit::Changed { before, .. }) => {
                    let moves =
                        |(column, _): &(u8, Cell)| [NID, DID, ODID].contains(&usize::from(*column));
                    if !before.iter().any(moves) {
                        continue;
                    }
                    if let Entry::Vacant(entry) = cards.entry(id) {
                        entry.insert(self.row(Table::Cards, id)?);
                    }
                    let Some(Some(row)) = cards.get_mut(&id) else {
                        continue;
                    };
                    for (column, cell) in before {
                        if let Some(place) = row.get_mut(usize::from(*column)) {
                            place.clone_from(cell);
                        }
                    }
                }
                (Table::Decks, RowEdit::Removed(row)) => {
                    names.extend(text(row.get(1)).map(|name| (id, name)));
                }
                (Table::Decks, RowEdit::Changed { before, .. }) => {
                    let name = before.iter().find(|(column, _)| *column == 1);
                    names.extend(text(name.map(|(_, cell)| cell)).map(|name| (id, name)));
                }
                _ => {}
            }
        }
        let mut homes = Homes::default();
        self.each_home(notes, |card, note, deck| {
            if !cards.contains_key(&card) {
                homes.add(note, deck);
            }
        })?;
        for row in cards.values().flatten() {
            let note = number(row, NID);
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&note)) {
                homes.add(note, home_of(row));
            }
        }
        homes.name(|deck| match names.get(&deck) {
            Some(name) => Ok(Some(name.clone())),
            None => self.native_name(deck),
        })?;
        Ok(homes)
    }
}

/// The home deck of a card, by its row.
pub(super) fn home_of(card: &[Cell]) -> i64 {
    match number(card, ODID) {
        0 => number(card, DID),
        home => home,
    }
}

/// 0 where it is no number.
pub(super) fn number(row: &[Cell], column: usize) -> i64 {
    match row.get(column) {
        Some(Cell::Int(number)) => *number,
        _ => 0,
    }
}

fn text(cell: Option<&Cell>) -> Option<String> {
    match cell {
        Some(Cell::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
