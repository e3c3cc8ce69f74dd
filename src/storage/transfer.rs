//! Rows on their way from one collection to another: whole tables read row by row, and rows
//! written with the times and ids that they bring along. What goes where is decided in
//! `collection::packages`.

use super::card::{CARD_COLUMNS, card_from_row};
use super::loose::{self, integer};
use super::note::{NOTE_COLUMNS, OddValue, note_from_row};
use super::revlog::{ENTRY_COLUMNS, card_of, entry_from_row};
use super::{Storage, Table, Tx};
use crate::base::Result;
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId, NotetypeId, RevlogId, Usn};
use crate::base::time::TimestampSecs;
use crate::domain::card::Card;
use crate::domain::deck::Deck;
use crate::domain::deck_config::DeckConfig;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::revlog::RevlogEntry;
use rusqlite::{OptionalExtension as _, Row};
use std::collections::{HashMap, HashSet};

/// Fewer notes than one in this many are looked up one by one; more are found by reading all.
const LOOKUP_SHARE: u64 = 16;

/// What tells whether a note is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHead {
    pub id: NoteId,
    pub guid: String,
    pub notetype_id: NotetypeId,
    pub mtime: TimestampSecs,
}

/// Which notes to read: all that have a card, or some of them.
#[derive(Debug, Clone, Copy)]
pub enum MatchedNotes<'a> {
    All,
    Some(&'a HashSet<NoteId>),
}

impl Storage {
    /// All notes, without their content.
    pub fn note_heads(&self) -> Result<Vec<NoteHead>> {
        let mut statement = self
            .db
            .prepare_cached("select id, guid, mid, mod from notes")?;
        let heads = statement
            .query_map([], |row| {
                let head = || -> rusqlite::Result<NoteHead> {
                    Ok(NoteHead {
                        id: NoteId(row.get(0)?),
                        guid: row.get(1)?,
                        notetype_id: NotetypeId(row.get(2)?),
                        mtime: TimestampSecs(integer(row, 3)?),
                    })
                };
                head().map_err(|error| OddValue::of_note(row, error))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(heads)
    }

    /// Notes that have a card, in order of their ids.
    pub fn each_note(
        &self,
        notes: MatchedNotes<'_>,
        mut take: impl FnMut(Note) -> Result<()>,
    ) -> Result<()> {
        if let Some(ids) = self.few(notes)? {
            for id in ids {
                if let Some(note) = self.get_note(id)? {
                    take(note)?;
                }
            }
            return Ok(());
        }
        self.each(
            &format!("select {NOTE_COLUMNS} from notes order by id"),
            note_from_row,
            |note| {
                if notes.include(note.id) {
                    take(note)?;
                }
                Ok(())
            },
        )
    }

    /// Cards of the notes, in order of their ids.
    pub fn each_card_of(
        &self,
        notes: MatchedNotes<'_>,
        mut take: impl FnMut(Card) -> Result<()>,
    ) -> Result<()> {
        if let Some(ids) = self.few(notes)? {
            let mut cards = Vec::new();
            let mut statement = self
                .db
                .prepare_cached(&format!("select {CARD_COLUMNS} from cards where nid=?"))?;
            for id in ids {
                for card in statement.query_map([id.0], whole_card_from_row)? {
                    cards.push(card?);
                }
            }
            cards.sort_unstable_by_key(|card| card.id);
            return cards.into_iter().try_for_each(take);
        }
        self.each(
            &format!(
                "select {CARD_COLUMNS} from cards where nid in (select id from notes) order by id"
            ),
            whole_card_from_row,
            |card| {
                if notes.include(card.note_id) {
                    take(card)?;
                }
                Ok(())
            },
        )
    }

    /// Reviews of the cards that are wanted, in order of their ids.
    pub fn each_review_of(
        &self,
        cards: &HashSet<CardId>,
        mut take: impl FnMut(RevlogEntry) -> Result<()>,
    ) -> Result<()> {
        if (cards.len() as u64) * LOOKUP_SHARE < self.rows_of(Table::Cards)? {
            let mut entries = Vec::new();
            for card in cards {
                entries.extend(self.revlog_of_card(*card)?);
            }
            entries.sort_unstable_by_key(|entry| entry.id);
            return entries.into_iter().try_for_each(take);
        }
        let sql = format!("select {ENTRY_COLUMNS} from revlog order by id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if cards.contains(&card_of(row)?) {
                take(entry_from_row(row)?)?;
            }
        }
        Ok(())
    }

    /// Reads row after row of `sql`.
    fn each<T>(
        &self,
        sql: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(read(row)?)?;
        }
        Ok(())
    }

    /// The note types of the notes, and how many each has.
    pub fn notetypes_of(&self, notes: MatchedNotes<'_>) -> Result<HashMap<NotetypeId, u64>> {
        let mut found: HashMap<NotetypeId, u64> = HashMap::new();
        self.each_by_note(notes, "mid", "notes", "id", |_, row| {
            *found.entry(NotetypeId(row.get(1)?)).or_default() += 1;
            Ok(())
        })?;
        Ok(found)
    }

    /// Where the cards of the notes lie and what decks they call home, and how many there are.
    pub fn places_of(&self, notes: MatchedNotes<'_>) -> Result<HashMap<(DeckId, DeckId), u64>> {
        let mut found: HashMap<(DeckId, DeckId), u64> = HashMap::new();
        let columns = "did, odid, ifnull(nid in (select id from notes), 0)";
        self.each_by_note(notes, columns, "cards", "nid", |_, row| {
            let (deck, original) = (DeckId(integer(row, 1)?), DeckId(integer(row, 2)?));
            let home = if original.0 == 0 { deck } else { original };
            if row.get(3)? {
                *found.entry((deck, home)).or_default() += 1;
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The deck of each note's first card.
    pub fn decks_of(&self, notes: MatchedNotes<'_>) -> Result<HashMap<NoteId, DeckId>> {
        let mut first: HashMap<NoteId, (i64, DeckId)> = HashMap::new();
        self.each_by_note(notes, "ord, did", "cards", "nid", |note, row| {
            let (ord, deck) = (integer(row, 1)?, DeckId(integer(row, 2)?));
            let found = first.entry(note).or_insert((ord, deck));
            if ord < found.0 {
                *found = (ord, deck);
            }
            Ok(())
        })?;
        Ok(first
            .into_iter()
            .map(|(note, (_, deck))| (note, deck))
            .collect())
    }

    /// Calls `take` with rows of `table`, whose column `key` is a note's id, for the notes: columns
    /// from 1 on as named.
    fn each_by_note(
        &self,
        notes: MatchedNotes<'_>,
        columns: &str,
        table: &str,
        key: &str,
        mut take: impl FnMut(NoteId, &Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let all = format!("select {key}, {columns} from {table}");
        let Some(ids) = self.few(notes)? else {
            let mut statement = self.db.prepare_cached(&all)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let note = NoteId(integer(row, 0)?);
                if notes.include(note) {
                    take(note, row)?;
                }
            }
            return Ok(());
        };
        let mut statement = self.db.prepare_cached(&format!("{all} where {key}=?"))?;
        for id in ids {
            let mut rows = statement.query([id.0])?;
            while let Some(row) = rows.next()? {
                take(id, row)?;
            }
        }
        Ok(())
    }

    /// The notes in order of their ids, if they are so few that each is better looked up.
    fn few(&self, notes: MatchedNotes<'_>) -> Result<Option<Vec<NoteId>>> {
        let MatchedNotes::Some(ids) = notes else {
            return Ok(None);
        };
        if (ids.len() as u64) * LOOKUP_SHARE > self.rows_of(Table::Notes)? {
            return Ok(None);
        }
        let mut ids: Vec<NoteId> = ids.iter().copied().collect();
        ids.sort_unstable();
        Ok(Some(ids))
    }

    /// How many rows a table has.
    pub fn rows_of(&self, table: Table) -> Result<u64> {
        let rows: i64 = self
            .db
            .prepare_cached(&format!("select count(*) from {}", table.sql().name))?
            .query_row([], |row| row.get(0))?;
        Ok(rows.unsigned_abs())
    }

    /// Template ordinals of the note's cards.
    pub fn ordinals_of_note(&self, note: NoteId) -> Result<Vec<u16>> {
        let mut statement = self
            .db
            .prepare_cached("select ord from cards where nid=?")?;
        let ordinals = statement
            .query_map([note.0], |row| integer(row, 0).map(loose::fit))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ordinals)
    }

    /// The note types that were made from others, by the id of that one and then by name. What is
    /// damaged is left out.
    pub fn notetypes_by_original(&self) -> Result<HashMap<NotetypeId, Vec<NotetypeId>>> {
        let mut made: HashMap<NotetypeId, Vec<NotetypeId>> = HashMap::new();
        for notetype in self.readable_notetypes()? {
            if let Some(original) = notetype.config.original_id.map(NotetypeId)
                && original != notetype.id
            {
                made.entry(original).or_default().push(notetype.id);
            }
        }
        Ok(made)
    }

    /// Whether any note is of the type.
    pub fn notetype_is_used(&self, id: NotetypeId) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached("select 1 from notes where mid=? limit 1")?
            .exists([id.0])?)
    }

    fn id_is_taken(&self, table: &str, id: i64) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached(&format!("select 1 from {table} where id=?"))?
            .query_row([id], |_| Ok(()))
            .optional()?
            .is_some())
    }

    pub fn card_id_is_taken(&self, id: CardId) -> Result<bool> {
        self.id_is_taken("cards", id.0)
    }

    pub fn review_id_is_taken(&self, id: RevlogId) -> Result<bool> {
        self.id_is_taken("revlog", id.0)
    }
}

/// As studying reads it, with the steps left for today that old versions noted too.
fn whole_card_from_row(row: &Row<'_>) -> rusqlite::Result<Card> {
    let mut card = card_from_row(row)?;
    card.remaining_steps = loose::fit(integer(row, 13)?);
    Ok(card)
}

impl MatchedNotes<'_> {
    fn include(&self, id: NoteId) -> bool {
        match self {
            Self::All => true,
            Self::Some(ids) => ids.contains(&id),
        }
    }
}

/// Rows that keep the id and time that they have. The pending usn is set on each.
impl Tx<'_> {
    /// One of many new notes.
    pub fn add_transferred_note(&mut self, note: &mut Note) -> Result<()> {
        note.usn = Usn::PENDING;
        self.insert_in_bulk(Table::Notes, &super::note::row_of(note))
    }

    pub fn update_transferred_note(&mut self, note: &mut Note) -> Result<()> {
        note.usn = Usn::PENDING;
        self.put_row(Table::Notes, super::note::row_of(note))?;
        Ok(())
    }

    /// One of many new cards.
    pub fn add_transferred_card(&mut self, card: &mut Card) -> Result<()> {
        card.usn = Usn::PENDING;
        self.insert_in_bulk(Table::Cards, &super::card::row_of(card))
    }

    /// Some of many new reviews.
    pub fn add_transferred_reviews(&mut self, entries: &mut [RevlogEntry]) -> Result<()> {
        for entry in &mut *entries {
            entry.usn = Usn::PENDING;
        }
        super::revlog::insert_all(&self.storage.db, entries)?;
        self.note_new_rows(Table::Revlog, entries.iter().map(|entry| entry.id.0));
        Ok(())
    }

    /// New, or in place of the one with its id.
    pub fn put_transferred_notetype(&mut self, notetype: &mut Notetype) -> Result<()> {
        if notetype.id.0 == 0 {
            notetype.id = NotetypeId(self.free_id("notetypes", self.now().0)?);
        }
        notetype.usn = Usn::PENDING;
        self.put_row(Table::Notetypes, super::notetype::row_of(notetype))?;
        self.write_parts(notetype)
    }

    pub fn add_transferred_preset(&mut self, preset: &mut DeckConfig) -> Result<()> {
        preset.usn = Usn::PENDING;
        self.insert_row(Table::DeckConfig, super::deck_config::row_of(preset))
    }

    pub fn add_transferred_deck(&mut self, deck: &mut Deck) -> Result<()> {
        if deck.id.0 == 0 {
            deck.id = DeckId(self.free_id("decks", self.now().0)?);
        }
        deck.usn = Usn::PENDING;
        self.insert_row(Table::Decks, super::deck::row_of(deck))
    }

    pub fn has_preset(&self, id: DeckConfigId) -> Result<bool> {
        self.id_is_taken("deck_config", id.0)
    }

    /// Removes a note type that no note has any more: a change that forces a one-way sync.
    pub fn remove_unused_notetype(&mut self, id: NotetypeId) -> Result<()> {
        self.remove_notetype(id)?;
        self.set_scm()
    }
}
