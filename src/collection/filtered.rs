//! Filtered decks: sending their visitors home, and gathering them anew.

use super::decks::existing;
use super::{Collection, OpOutput};
use crate::base::ids::DeckId;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardQueue};
use crate::domain::deck::DeckKind;
use crate::domain::deck::{Deck, FilteredDeck};
use crate::domain::op::Op;
use crate::storage::Tx;

/// Where positions in a filtered deck begin: before everything with a real due date.
const FIRST_POSITION: i32 = -100_000;

impl Collection {
    /// Sends all cards of a filtered deck home. Returns how many.
    pub fn filtered_empty(&mut self, id: DeckId) -> Result<OpOutput<usize>> {
        self.transact(Op::EmptyFilteredDeck, |tx| {
            filtered_deck(tx, id)?;
            return_all(tx, id)
        })
    }
}

fn filtered_deck(tx: &Tx<'_>, id: DeckId) -> Result<(Deck, FilteredDeck)> {
    let deck = existing(tx, id)?;
    match &deck.kind {
        DeckKind::Filtered(filtered) => {
            let filtered = filtered.clone();
            Ok((deck, filtered))
        }
        DeckKind::Normal(_) => Err(Error::invalid("the deck is not a filtered one")),
    }
}

/// Sends all cards home that are in the deck now.
pub(super) fn return_all(tx: &mut Tx<'_>, id: DeckId) -> Result<usize> {
    let cards = tx.cards_in_deck(id)?;
    let count = cards.len();
    for mut card in cards {
        return_home(&mut card);
        tx.update_card(&card)?;
    }
    Ok(count)
}

/// Back to the home deck, due as before and waiting where its type says; suspended and buried
/// cards stay so. A card that has lost its home goes to Default.
fn return_home(card: &mut Card) {
    card.deck_id = if card.original_deck_id.0 == 0 {
        DeckId::DEFAULT
    } else {
        card.original_deck_id
    };
    if card.original_due != 0 {
        card.due = card.original_due;
    }
    card.original_due = 0;
    card.original_deck_id = DeckId(0);
    if card.queue as i8 >= 0 {
        card.queue = card.queue_from_type();
    }
}

/// Into the filtered deck, at `position` unless it is overdue by its own reckoning.
fn move_in(card: &mut Card, deck: DeckId, reschedule: bool, position: i32) {
    card.original_deck_id = card.deck_id;
    card.original_due = card.due;
    card.deck_id = deck;
    if card.due > 0 {
        card.due = position;
    }
    if !reschedule {
        card.queue = CardQueue::Review;
    }
}
