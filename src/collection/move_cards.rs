//! Change Deck: cards to another deck.

use super::fsrs_memory::{MemoryMoment, forget, missing_memory};
use super::{Collection, OpOutput};
use crate::base::ids::{CardId, DeckId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::scheduler::answer::return_home;

impl Collection {
    /// Moves cards to a normal deck; those in filtered decks leave them. What FSRS
    /// knows of them follows from the options there. Returns how many moved.
    pub fn set_deck(
        &mut self,
        cards: &[CardId],
        deck: DeckId,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        let now = MemoryMoment::of(self)?;
        self.transact(Op::SetDeck, |tx| {
            match tx.deck(deck)? {
                None => return Err(Error::not_found("the deck does not exist any more")),
                Some(deck) if deck.is_filtered() => {
                    return Err(Error::invalid(
                        "a filtered deck takes cards only by its search",
                    ));
                }
                Some(_) => {}
            }
            progress.stage("Moving cards", cards.len() as u64)?;
            let mut moved = 0;
            for &id in cards {
                progress.step(1)?;
                let Some(mut card) = tx.get_card(id)?.filter(|card| card.deck_id != deck) else {
                    continue;
                };
                return_home(&mut card);
                card.deck_id = deck;
                forget(&mut card);
                tx.update_card(&card)?;
                moved += 1;
            }
            if moved > 0 {
                // As in Anki, those that had none before get one too.
                for card in missing_memory(tx, deck, &now, progress)? {
                    tx.update_card(&card)?;
                }
            }
            Ok(moved)
        })
    }
}
