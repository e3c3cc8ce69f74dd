//! Carries a plan out: the note type, then its notes, then its cards. What is to happen was
//! decided in `plan`.

use super::plan::Plan;
use crate::base::Result;
use crate::base::ids::{DeckId, NoteId};
use crate::base::job::Progress;
use crate::collection::notes::add_missing_cards;
use crate::domain::notetype::Notetype;
use crate::storage::Tx;
use crate::t;
use std::sync::Arc;

pub(super) fn apply(
    tx: &mut Tx<'_>,
    stored: &Notetype,
    plan: &Plan,
    progress: &Progress,
) -> Result<()> {
    if plan.is_structural() {
        tx.set_scm()?;
    }
    tx.update_notetype(&plan.notetype)?;
    let rewrites = plan.fields.is_some() || plan.sort_field_changed;
    if !rewrites && plan.templates.is_none() && !plan.makes_cards {
        return Ok(());
    }
    let notes = tx.note_ids_of_notetype(stored.id)?;
    progress.stage(t!("Updating notes"), notes.len() as u64)?;
    let notetype = Arc::new(plan.notetype.clone());
    let nfc = tx.composes_texts()?;
    for id in notes {
        progress.step(1)?;
        let mut cardless = false;
        // Cards of a cloze note type are numbered by deletions, whatever its templates are.
        if let Some(places) = plan.templates.as_ref().filter(|_| !stored.is_cloze()) {
            cardless = move_cards(tx, id, places)?;
        }
        let Some(mut note) = tx.get_note(id)? else {
            continue;
        };
        if rewrites {
            if let Some(from) = &plan.fields {
                let mut old: Vec<Option<String>> = note.fields.into_iter().map(Some).collect();
                let mut take = |was: Option<usize>| old.get_mut(was?)?.take();
                note.fields = from
                    .iter()
                    .map(|was| take(*was).unwrap_or_default())
                    .collect();
            }
            note.prepare(&notetype, nfc);
            tx.update_note(&note)?;
        }
        // A note whose last card went with its card type gets one of those that are left; Anki
        // leaves it without any, to be found by nobody. Of cards in several decks none says where
        // the next one goes, nor, as in Anki, does the deck that was used last.
        if plan.makes_cards || cardless {
            let deck = (!cardless).then_some(DeckId::DEFAULT);
            add_missing_cards(tx, &note, &notetype, deck, true)?;
        }
    }
    Ok(())
}

/// Gives the cards of a note their card types' new places, and removes those whose type is gone.
/// True when none is left.
fn move_cards(tx: &mut Tx<'_>, note: NoteId, places: &[Option<usize>]) -> Result<bool> {
    let mut cardless = true;
    for mut card in tx.cards_of_note(note)? {
        let Some(place) = places.get(usize::from(card.template_idx)) else {
            cardless = false;
            continue;
        };
        cardless &= place.is_none();
        match place.and_then(|place| u16::try_from(place).ok()) {
            None => tx.remove_card(card.id)?,
            Some(place) if place != card.template_idx => {
                card.template_idx = place;
                tx.update_card(&card)?;
            }
            Some(_) => {}
        }
    }
    Ok(cardless)
}
