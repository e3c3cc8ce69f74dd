//! Places of cards that are changed in memory first and written at the end, each card once: those
//! of a filtered deck go home, are found there by its searches, and many of them come back.

use super::{Found, NUMBERS, PLACE, Place, Updates, change, name_of, places_of};
use crate::base::ids::{CardId, DeckId};
use crate::base::{Error, Result};
use crate::domain::card::Card;
use crate::storage::row::Table;
use crate::storage::tx::Tx;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use std::collections::HashMap;

/// Gives SQL the columns of held cards.
const FUNCTION: &str = "engram_held";
/// The deck in [`PLACE`].
const DECK: usize = 0;
/// The home deck in [`PLACE`], 0 at home.
const HOME: usize = 6;
/// What an index goes by, as bits of [`PLACE`]: all but the change time.
const INDEXED: u8 = 0b0101_1101;

/// Cards with places that are not written yet.
#[derive(Default)]
pub struct HeldPlaces {
    cards: HashMap<i64, Held>,
    /// The deck of which all cards are held.
    emptied: Option<DeckId>,
    /// Cards of other decks are held too.
    has_others: bool,
    /// Cards that could not be held, and are written.
    written: usize,
}

struct Held {
    was: Place,
    /// As they are to be.
    numbers: [i64; NUMBERS],
}

impl Held {
    fn of(numbers: [i64; NUMBERS]) -> Self {
        let was = PLACE.map(|column| numbers[column]);
        Self { was, numbers }
    }

    fn is(&self) -> Place {
        PLACE.map(|column| self.numbers[column])
    }

    fn move_to(&mut self, place: &Place) {
        for (column, number) in PLACE.into_iter().zip(place) {
            self.numbers[column] = *number;
        }
    }
}

impl HeldPlaces {
    /// Whether a search outside the emptied deck finds the card where it is not any more.
    pub(in crate::storage) fn is_elsewhere(&self, card: CardId) -> bool {
        self.has_others && self.cards.contains_key(&card.0)
    }

    /// How many cards of the emptied deck visit it, in the file.
    pub(in crate::storage) fn away(&self) -> usize {
        let in_emptied = |held: &&Held| self.emptied == Some(DeckId(held.was[DECK]));
        let visitors = self.cards.values().filter(in_emptied);
        visitors.filter(|held| held.was[HOME] != 0).count()
    }

    /// The deck whose rows do not count as they are in the file, and what is searched instead of
    /// them. This needs [`Self::register`].
    pub(in crate::storage) fn instead(&self) -> Option<(DeckId, String)> {
        let deck = self.emptied.filter(|_| !self.cards.is_empty())?;
        let columns: Vec<String> = (Table::Cards.sql().columns.iter().enumerate())
            .map(
                |(column, name)| match PLACE.iter().position(|p| *p == column) {
                    Some(at) => format!("{FUNCTION}(id,{at}) as {name}"),
                    None => (*name).to_owned(),
                },
            )
            .collect();
        let columns = columns.join(",");
        Some((
            deck,
            format!("(select {columns} from cards where did={deck})"),
        ))
    }

    /// Tells the connection where the cards of the emptied deck are now.
    pub(in crate::storage) fn register(&self, db: &Connection) -> Result<()> {
        let places: HashMap<i64, Place> = (self.cards.iter())
            .filter(|(_, held)| self.emptied == Some(DeckId(held.was[DECK])))
            .map(|(id, held)| (*id, held.is()))
            .collect();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        db.create_scalar_function(FUNCTION, 2, flags, move |cx: &Context<'_>| {
            let (id, at): (i64, u8) = (cx.get(0)?, cx.get(1)?);
            let place = places.get(&id);
            Ok(place.and_then(|place| place.get(usize::from(at)).copied()))
        })?;
        Ok(())
    }

    /// The opposite of [`Self::register`].
    pub(in crate::storage) fn forget(db: &Connection) -> Result<()> {
        Ok(db.remove_function(FUNCTION, 2)?)
    }
}

impl Tx<'_> {
    /// Lets `edit` change where all cards are that are in the deck now, as [`Tx::edit_place`] does
    /// for one card, without writing them yet.
    pub fn hold_places_in_deck(
        &mut self,
        deck: DeckId,
        touch: bool,
        mut edit: impl FnMut(&mut Card) -> bool,
    ) -> Result<HeldPlaces> {
        let mut held = HeldPlaces::default();
        // Sorting them by id costs more than going to them in the order of the index.
        for card in self.read_places("cards c where c.did=?1", deck.0)? {
            self.hold(&mut held, card, touch, &mut edit)?;
        }
        held.emptied = Some(deck);
        Ok(held)
    }

    /// The same for the given cards in their order; of those held before, `edit` sees what they are
    /// to be. Cards that are gone are passed over.
    pub fn hold_each_place(
        &mut self,
        held: &mut HeldPlaces,
        cards: &[CardId],
        touch: bool,
        mut edit: impl FnMut(&mut Card) -> bool,
    ) -> Result<()> {
        let ids = cards.iter().map(|id| id.0);
        let mut ids: Vec<i64> = ids.filter(|id| !held.cards.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let ids = serde_json::to_string(&ids).map_err(|_| Error::bug("ids are no JSON"))?;
        let found = self.read_places(
            "json_each(?1) wanted cross join cards c where c.id=wanted.value",
            ids,
        )?;
        let mut found: HashMap<i64, Found> = found.into_iter().map(|f| (f.id, f)).collect();
        for id in cards {
            if let Some(card) = found.remove(&id.0) {
                held.has_others = true;
                self.hold(held, card, touch, &mut edit)?;
            } else if let Some(card) = held.cards.get_mut(&id.0)
                && let Some((_, is)) = self.place(&card.numbers, touch, &mut edit)
            {
                card.move_to(&is);
            }
        }
        Ok(())
    }

    fn hold(
        &mut self,
        held: &mut HeldPlaces,
        card: Found,
        touch: bool,
        edit: &mut impl FnMut(&mut Card) -> bool,
    ) -> Result<()> {
        let Some(numbers) = card.numbers else {
            held.written += usize::from(self.edit_place(CardId(card.id), touch, edit)?);
            return Ok(());
        };
        self.count(Table::Cards)?;
        if let Some((_, is)) = self.place(&numbers, touch, edit) {
            let mut card_held = Held::of(numbers);
            card_held.move_to(&is);
            held.cards.insert(card.id, card_held);
        }
        Ok(())
    }

    /// Writes what is held, in order of ids: neighbours are in the same pages. How many cards were
    /// changed.
    pub fn write_held(&mut self, held: HeldPlaces) -> Result<usize> {
        let mut planned: Vec<(i64, Place, Place)> = (held.cards.into_iter())
            .map(|(id, held)| (id, held.was, held.is()))
            .filter(|(_, was, is)| was != is)
            .collect();
        planned.sort_unstable_by_key(|(id, _, _)| *id);
        let written = held.written + planned.len();
        let moved = |(_, was, is): &&(i64, Place, Place)| differing(was, is) & INDEXED != 0;
        if self.is_great_share(Table::Cards, planned.iter().filter(moved).count())? {
            let all = planned
                .iter()
                .fold(0, |all, (_, was, is)| all | differing(was, is));
            let columns: Vec<&str> = places_of(all).map(name_of).collect();
            self.with_indexes_apart(Table::Cards, &columns, |tx| tx.write_planned(&planned))?;
        } else {
            self.write_planned(&planned)?;
        }
        Ok(written)
    }

    fn write_planned(&mut self, planned: &[(i64, Place, Place)]) -> Result<()> {
        let mut updates = Updates::of(self.storage);
        self.changes.reserve(planned.len());
        for (id, was, is) in planned {
            updates.write(*id, was, is)?;
            self.changes.push(change(*id, was, is));
        }
        Ok(())
    }
}

/// The columns of [`PLACE`] that differ, one bit each.
pub(super) fn differing(was: &Place, is: &Place) -> u8 {
    (0..PLACE.len())
        .filter(|&at| was[at] != is[at])
        .fold(0, |set, at| set | 1 << at)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{CARDS, collection, state};
    use crate::base::Result;
    use crate::base::ids::{CardId, DeckId};
    use crate::base::time::TimestampMillis;
    use crate::domain::card::Card;
    use crate::storage::Tx;

    const DECK: DeckId = DeckId(2);

    fn away(card: &mut Card) -> bool {
        card.deck_id = DeckId(1);
        true
    }

    /// Half of those that were in the deck, and many of the others, some by two names.
    fn chosen() -> Vec<CardId> {
        let ids = (1..=CARDS).map(|n| CardId(n * 3));
        ids.filter(|id| id.0 % 4 < 2).chain([CardId(9)]).collect()
    }

    fn back(position: &mut i32) -> impl FnMut(&mut Card) -> bool {
        |card| {
            *position += 1;
            card.due = *position;
            std::mem::replace(&mut card.deck_id, DECK) != DECK
        }
    }

    #[test]
    fn cards_that_leave_and_come_back_are_written_once_and_as_if_twice() {
        let folder = tempfile::tempdir().unwrap();
        let mut twice = collection(&folder.path().join("a.anki2"));
        let mut once = collection(&folder.path().join("b.anki2"));
        let before = state(&once);
        let now = TimestampMillis(2_000_000);
        let each = |tx: &mut Tx<'_>| -> Result<()> {
            tx.edit_places_in_deck(DECK, true, away)?;
            tx.edit_each_place(&chosen(), true, back(&mut 0))?;
            Ok(())
        };
        twice.tx(now, each).unwrap();
        let held = |tx: &mut Tx<'_>| {
            let mut held = tx.hold_places_in_deck(DECK, true, away)?;
            tx.hold_each_place(&mut held, &chosen(), true, back(&mut 0))?;
            tx.write_held(held)
        };
        let (written, changes) = once.tx(now, held).unwrap();
        let after = state(&once);
        assert_eq!(after, state(&twice));
        assert!(after != before);
        // Two cards with odd columns are not held.
        let mut cards: Vec<_> = changes.iter().filter_map(|change| change.id()).collect();
        cards.sort_unstable();
        cards.dedup();
        assert!((written..=written + 2).contains(&changes.len()));
        assert!(cards.len() + 2 >= changes.len());
        let undo = |tx: &mut Tx<'_>| tx.apply_inverse(&changes);
        once.tx(TimestampMillis(7_000_000), undo).unwrap();
        assert_eq!(state(&once), before);
    }
}
