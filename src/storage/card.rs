//! The `cards` table.

use super::loose::{fit, integer};
use super::{Cell, Storage, Table, Tx};
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId, Usn};
use crate::base::time::TimestampSecs;
use crate::codec::card_data::{card_data_into, card_data_of};
use crate::domain::card::{Card, CardQueue, CardType};
use rusqlite::{OptionalExtension as _, Row};

/// The columns in the order that [`card_from_row`] wants, for queries of other files.
pub(in crate::storage) const CARD_COLUMNS: &str = "id, nid, did, ord, mod, usn, type, queue, due, \
     ivl, factor, reps, lapses, left, odue, odid, flags, data";

/// Reads a row of [`CARD_COLUMNS`]. Numbers out of range count as 0 (real numbers are cut), so
/// that one odd card never stops anything; Check Database mends them.
pub(in crate::storage) fn card_from_row(row: &Row<'_>) -> rusqlite::Result<Card> {
    let mut card = card_of_numbers(|column| integer(row, column))?;
    card.id = CardId(row.get(0)?);
    if let rusqlite::types::ValueRef::Text(data) = row.get_ref(17)?
        && let Ok(data) = std::str::from_utf8(data)
    {
        card_data_into(&mut card, data);
    }
    Ok(card)
}

/// A card without what is in its last column.
pub(in crate::storage) fn card_of_numbers<E>(
    integer: impl Fn(usize) -> Result<i64, E>,
) -> Result<Card, E> {
    let queue = CardQueue::from_i64(integer(7)?);
    let mut card = Card {
        id: CardId(integer(0)?),
        note_id: NoteId(integer(1)?),
        deck_id: DeckId(integer(2)?),
        template_idx: fit(integer(3)?),
        mtime: TimestampSecs(integer(4)?),
        usn: Usn(fit(integer(5)?)),
        ctype: CardType::from_i64(integer(6)?).unwrap_or_default(),
        queue: CardQueue::Suspended,
        due: fit(integer(8)?),
        interval: fit(integer(9)?),
        ease_factor: fit(integer(10)?),
        reps: fit(integer(11)?),
        lapses: fit(integer(12)?),
        remaining_steps: fit(integer(13)?),
        original_due: fit(integer(14)?),
        original_deck_id: DeckId(integer(15)?),
        flags: fit(integer(16)?),
        ..Card::default()
    };
    card.queue = queue.unwrap_or_else(|| card.queue_from_type());
    Ok(card)
}

pub(in crate::storage) fn row_of(card: &Card) -> Vec<Cell> {
    vec![
        card.id.0.into(),
        card.note_id.0.into(),
        card.deck_id.0.into(),
        card.template_idx.into(),
        card.mtime.0.into(),
        card.usn.0.into(),
        (card.ctype as u8).into(),
        i64::from(card.queue as i8).into(),
        card.due.into(),
        card.interval.into(),
        card.ease_factor.into(),
        card.reps.into(),
        card.lapses.into(),
        card.remaining_steps.into(),
        card.original_due.into(),
        card.original_deck_id.0.into(),
        card.flags.into(),
        card_data_of(card).into(),
    ]
}

impl Storage {
    pub fn get_card(&self, id: CardId) -> Result<Option<Card>> {
        Ok(self
            .db
            .prepare_cached(&format!("select {CARD_COLUMNS} from cards where id=?"))?
            .query_row([id.0], card_from_row)
            .optional()?)
    }

    /// The templates of which the note has cards.
    pub fn ords_of_note(&self, note: NoteId) -> Result<Vec<u16>> {
        let mut statement = self
            .db
            .prepare_cached("select ord from cards where nid=?")?;
        let ords = statement
            .query_map([note.0], |row| row.get(0).map(fit))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ords)
    }

    /// In order of their templates.
    pub fn cards_of_note(&self, note: NoteId) -> Result<Vec<Card>> {
        self.cards_where("nid=? order by ord", note.0)
    }

    /// Cards that are in the deck now, filtered or not; not those of its children.
    pub fn cards_in_deck(&self, deck: DeckId) -> Result<Vec<Card>> {
        self.cards_where("did=? order by id", deck.0)
    }

    /// Ids of the cards in the deck, and of those that call it home while in a filtered deck.
    pub fn card_ids_of_deck(&self, deck: DeckId) -> Result<Vec<CardId>> {
        let mut statement = self.db.prepare_cached(
            "select id from cards where did=?1 union \
             select id from cards where odid=?1 and odid!=0 order by 1",
        )?;
        let ids = statement
            .query_map([deck.0], |row| row.get(0).map(CardId))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// Cards of one type that live in the deck, those visiting filtered decks included.
    pub fn cards_at_home(&self, deck: DeckId, ctype: CardType) -> Result<Vec<Card>> {
        // The queues that such cards wait in: the index finds them without reading the others.
        let queues = match ctype {
            CardType::New => "0,-1,-2,-3",
            CardType::Review => "2,-1,-2,-3",
            CardType::Learn | CardType::Relearn => "1,3,-1,-2,-3",
        };
        let mut statement = self.db.prepare_cached(&format!(
            "select {CARD_COLUMNS} from cards \
             where did=?1 and queue in ({queues}) and odid=0 and type=?2 union all \
             select {CARD_COLUMNS} from cards where odid=?1 and odid!=0 and type=?2"
        ))?;
        let cards = statement
            .query_map([deck.0, ctype as i64], card_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }

    /// New cards outside filtered decks whose position is `start` or later.
    pub fn new_cards_from(&self, start: u32) -> Result<Vec<Card>> {
        self.cards_where("type=0 and odid=0 and due>=?", i64::from(start))
    }

    /// First and last position of the new cards outside filtered decks.
    pub fn new_positions(&self) -> Result<Option<(i32, i32)>> {
        let (first, last): (Option<i64>, Option<i64>) = self
            .db
            .prepare_cached("select min(due), max(due) from cards where type=0 and odid=0")?
            .query_one([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.zip(last).map(|(first, last)| (fit(first), fit(last))))
    }

    /// Cards that call the deck home and are not new, in order of their ids.
    pub fn studied_cards_at_home(&self, deck: DeckId) -> Result<Vec<Card>> {
        let mut cards = self.cards_where("did=? and odid=0 and type!=0", deck.0)?;
        cards.extend(self.cards_where("odid=? and odid!=0 and type!=0", deck.0)?);
        cards.sort_unstable_by_key(|card| card.id);
        Ok(cards)
    }

    /// As [`Self::studied_cards_at_home`], those without a stored memory.
    pub fn forgotten_cards_at_home(&self, deck: DeckId) -> Result<Vec<Card>> {
        let condition = r#"type!=0 and data not like '%"s":%'"#;
        let mut cards = self.cards_where(&format!("did=? and odid=0 and {condition}"), deck.0)?;
        let visiting = format!("odid=? and odid!=0 and {condition}");
        cards.extend(self.cards_where(&visiting, deck.0)?);
        cards.sort_unstable_by_key(|card| card.id);
        Ok(cards)
    }

    fn cards_where(&self, condition: &str, value: i64) -> Result<Vec<Card>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {CARD_COLUMNS} from cards where {condition}"
        ))?;
        let cards = statement
            .query_map([value], card_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }
}

impl Tx<'_> {
    /// Adds a card, giving it a free id (unless it has one), the time and the pending usn.
    pub fn add_card(&mut self, card: &mut Card) -> Result<()> {
        self.make_new_card(card)?;
        self.insert_row(Table::Cards, row_of(card))
    }

    /// As [`Self::add_card`], as one of many, that nothing else writes to: undo keeps its id only.
    pub fn add_card_in_bulk(&mut self, card: &mut Card) -> Result<()> {
        self.make_new_card(card)?;
        self.insert_in_bulk(Table::Cards, &row_of(card))
    }

    fn make_new_card(&self, card: &mut Card) -> Result<()> {
        if card.id.0 == 0 {
            card.id = CardId(self.free_id("cards", self.now().0)?);
        }
        card.mtime = self.now_secs();
        card.usn = Usn::PENDING;
        Ok(())
    }

    /// Adds a card that was deleted, as one of many, under its old id and with its old time. Its
    /// grave goes away. Fails when the id is taken.
    pub fn put_back_card(&mut self, card: &Card) -> Result<()> {
        let mut row = row_of(card);
        row[5] = Usn::PENDING.0.into();
        self.insert_in_bulk(Table::Cards, &row)?;
        self.remove_grave(card.id.0, super::tag::Grave::Card)
    }

    /// Writes a card with the present time and the pending usn.
    pub fn update_card(&mut self, card: &Card) -> Result<()> {
        let mut row = row_of(card);
        row[4] = self.now_secs().0.into();
        row[5] = Usn::PENDING.0.into();
        self.put_row(Table::Cards, row)?;
        Ok(())
    }

    /// Writes a card exactly as given, its time and usn included (a flag keeps the time).
    pub fn update_card_as_is(&mut self, card: &Card) -> Result<()> {
        self.put_row(Table::Cards, row_of(card))?;
        Ok(())
    }

    /// Lets `edit` change where a card is, its queue and its flags, which is quick for many cards:
    /// nothing else is written, and what `cards.data` holds (memory, position) is not even read.
    /// With `touch` the card's change time becomes now. False when the card is gone or `edit` says
    /// that it leaves it alone.
    pub fn edit_place(
        &mut self,
        id: CardId,
        touch: bool,
        edit: impl FnOnce(&mut Card) -> bool,
    ) -> Result<bool> {
        let now = self.now_secs();
        self.edit_row(Table::Cards, &[id.0.into()], |before| {
            let number = |column: usize| {
                Ok::<_, std::convert::Infallible>(match before.get(column) {
                    Some(Cell::Int(value)) => *value,
                    Some(Cell::Real(value)) => *value as i64,
                    _ => 0,
                })
            };
            let Ok(mut card) = card_of_numbers(number);
            if !edit(&mut card) {
                return None;
            }
            let mut after = before.to_vec();
            let mut set = |column: usize, value: Cell| after[column] = value;
            set(2, card.deck_id.0.into());
            if touch {
                set(4, now.0.into());
            }
            set(5, Usn::PENDING.0.into());
            set(7, i64::from(card.queue as i8).into());
            set(8, card.due.into());
            set(14, card.original_due.into());
            set(15, card.original_deck_id.0.into());
            set(16, card.flags.into());
            Some(after)
        })
    }

    /// Writes a card exactly as given; undo will not know of it. For unburying at rollover.
    pub fn update_card_untracked(&mut self, card: &Card) -> Result<()> {
        self.put_row_untracked(Table::Cards, &row_of(card))
    }

    /// Removes a card and leaves a grave for sync. Its reviews stay, as in Anki.
    pub fn remove_card(&mut self, id: CardId) -> Result<()> {
        if self.delete_row(Table::Cards, &[id.0.into()])? {
            self.add_grave(id.0, super::tag::Grave::Card)?;
        }
        Ok(())
    }
}
