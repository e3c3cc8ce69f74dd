//! Where new cards stand in the order of learning: Reposition, and what its question begins with.
//! The preset's insertion order, which numbers a whole deck, is in `options`.

use super::{Collection, OpOutput};
use crate::base::ids::CardId;
use crate::base::{Error, Result};
use crate::domain::card::{Card, CardType};
use crate::domain::op::Op;
use crate::domain::reposition::{Reposition, RepositionDefaults, notes_in_order};
use crate::mark;
use rand::seq::SliceRandom as _;
use std::collections::HashMap;

const RANDOM: &str = "randomOrderReposition";
const SHIFT: &str = "shiftPositionOfExistingCards";

impl Collection {
    /// Gives new cards other positions, one a note; cards that are not new any more are passed
    /// over. Tells how many were given one (those that made room are not counted).
    pub fn reposition_new_cards(
        &mut self,
        cards: &[CardId],
        how: Reposition,
    ) -> Result<OpOutput<usize>> {
        self.transact(Op::Reposition, |tx| {
            let mut moved: Vec<Card> = Vec::new();
            for id in cards {
                moved.extend(tx.get_card(*id)?);
            }
            // Those that are not new take places too, as in Anki.
            let mut notes = notes_in_order(moved.iter().map(|card| card.note_id));
            moved.retain(|card| card.ctype == CardType::New);
            if how.random {
                notes.shuffle(&mut rand::rng());
            }
            let position = |i: usize| -> Option<i32> {
                let offset = u32::try_from(i).ok()?.checked_mul(how.step)?;
                i32::try_from(how.start.checked_add(offset)?).ok()
            };
            // A place a card, as in Anki, though a note's cards share theirs.
            let room = position(cards.len()).ok_or_else(too_far)? - position(0).unwrap_or(0);
            if how.shift {
                for mut card in tx.new_cards_from(how.start)? {
                    card.due = card.due.checked_add(room).ok_or_else(too_far)?;
                    tx.update_card(&card)?;
                }
            }
            let positions: HashMap<_, i32> = (0..)
                .zip(notes)
                .filter_map(|(i, note)| Some((note, position(i)?)))
                .collect();
            for card in &mut moved {
                if let Some(position) = positions.get(&card.note_id) {
                    if card.is_filtered() {
                        card.original_due = *position;
                    } else {
                        card.due = *position;
                    }
                    tx.update_card(card)?;
                }
            }
            tx.set_config(RANDOM, &how.random)?;
            tx.set_config(SHIFT, &how.shift)?;
            Ok(moved.len())
        })
    }

    /// What the question about new positions begins with.
    pub fn reposition_defaults(&self) -> Result<RepositionDefaults> {
        Ok(RepositionDefaults {
            range: self.storage.new_positions()?,
            random: self.storage.config_or(RANDOM, false)?,
            shift: self.storage.config_or(SHIFT, false)?,
        })
    }
}

fn too_far() -> Error {
    Error::invalid(mark!(
        "positions end at 2,147,483,647; choose a smaller start or step"
    ))
}
