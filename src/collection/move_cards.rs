//! Change Deck: cards to another deck.

use super::card_states::home_preset;
use super::fsrs_memory::{MemoryMoment, forget, missing_memory};
use super::gather::preset_of;
use super::{Collection, OpOutput};
use crate::base::ids::{CardId, DeckId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardType};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::op::Op;
use crate::scheduler::answer::return_home;
use crate::scheduler::steps::remaining_after_change;
use crate::{mark, t};

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
            let target = match tx.deck(deck)? {
                None => return Err(Error::not_found(mark!("the deck does not exist any more"))),
                Some(deck) if deck.is_filtered() => {
                    return Err(Error::invalid(mark!(
                        "a filtered deck takes cards only by its search"
                    )));
                }
                Some(target) => preset_of(tx, &target)?,
            };
            progress.stage(t!("Moving cards"), cards.len() as u64)?;
            let mut moved = 0;
            for &id in cards {
                progress.step(1)?;
                let Some(mut card) = tx.get_card(id)?.filter(|card| card.deck_id != deck) else {
                    continue;
                };
                if let (Ok(old), Some(new)) = (home_preset(tx, &card), &target) {
                    adjust_steps(&mut card, &old.inner, &new.inner);
                }
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

/// A card in the middle of its steps goes on where it stood by their delays.
fn adjust_steps(card: &mut Card, old: &DeckConfigInner, new: &DeckConfigInner) {
    let (old, new) = match card.ctype {
        CardType::Learn => (&old.learn_steps, &new.learn_steps),
        CardType::Relearn => (&old.relearn_steps, &new.relearn_steps),
        CardType::New | CardType::Review => return,
    };
    let remaining = remaining_after_change(card.steps_left(), old, new);
    if remaining != card.steps_left() {
        card.remaining_steps = remaining;
    }
}
