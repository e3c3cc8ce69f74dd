//! What a new note starts with: note type and deck as they were used last, by the rule of the
//! preferences ("when adding, default to current deck" or "change deck depending on note type").

use super::Collection;
use crate::base::ids::{CardId, DeckId, NotetypeId};
use crate::base::{Error, Result};
use crate::domain::note_edit::AddingDefaults;
use crate::mark;
use crate::storage::{Storage, Tx};

/// Config: the deck follows the current one, not the note type.
const FOLLOW_DECK: &str = "addToCur";
/// Config: the note type used last.
pub(super) const CURRENT_NOTETYPE: &str = "curModel";

impl Collection {
    /// Note type and deck to begin with; `studied` is the card on show.
    pub fn adding_defaults(&self, studied: Option<CardId>) -> Result<AddingDefaults> {
        let storage = &self.storage;
        let here = deck_to_add_to(storage, studied)?;
        if storage.config_or(FOLLOW_DECK, true)? {
            let of_deck = storage.config_json(&last_notetype_key(here))?;
            return Ok(AddingDefaults {
                notetype_id: existing_notetype(storage, of_deck)?,
                deck_id: here,
            });
        }
        let notetype_id = existing_notetype(storage, None)?;
        Ok(AddingDefaults {
            notetype_id,
            deck_id: last_deck(storage, notetype_id)?.unwrap_or(here),
        })
    }

    /// The deck to change to when this note type is chosen; None to stay.
    pub fn deck_for_notetype(&self, notetype: NotetypeId) -> Result<Option<DeckId>> {
        if self.storage.config_or(FOLLOW_DECK, true)? {
            return Ok(None);
        }
        last_deck(&self.storage, notetype)
    }
}

/// Notes down with what a note was added.
pub(super) fn remember(tx: &mut Tx<'_>, notetype: NotetypeId, deck: DeckId) -> Result<()> {
    tx.set_config(&last_deck_key(notetype), &deck)?;
    tx.set_config(&last_notetype_key(deck), &notetype)?;
    tx.set_config(CURRENT_NOTETYPE, &notetype)
}

pub(super) fn last_deck_key(notetype: NotetypeId) -> String {
    format!("_nt_{notetype}_lastDeck")
}

fn last_notetype_key(deck: DeckId) -> String {
    format!("_deck_{deck}_lastNotetype")
}

fn last_deck(storage: &Storage, notetype: NotetypeId) -> Result<Option<DeckId>> {
    let deck: Option<DeckId> = storage.config_json(&last_deck_key(notetype))?;
    match deck {
        Some(id) if is_normal(storage, id)? => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// The current deck; while that is a filtered one, the home deck of the card on show, else Default.
fn deck_to_add_to(storage: &Storage, studied: Option<CardId>) -> Result<DeckId> {
    let current = storage.config_or("curDeck", DeckId::DEFAULT)?;
    if is_normal(storage, current)? {
        return Ok(current);
    }
    if let Some(card) = studied
        && let Some(card) = storage.get_card(card)?
        && is_normal(storage, card.home_deck_id())?
    {
        return Ok(card.home_deck_id());
    }
    Ok(DeckId::DEFAULT)
}

fn is_normal(storage: &Storage, id: DeckId) -> Result<bool> {
    Ok(storage.deck(id)?.is_some_and(|deck| !deck.is_filtered()))
}

/// The wanted note type, else the one used last, else the first by name.
fn existing_notetype(storage: &Storage, wanted: Option<NotetypeId>) -> Result<NotetypeId> {
    let used_last = storage.config_json(CURRENT_NOTETYPE)?;
    for id in [wanted, used_last].into_iter().flatten() {
        if storage.readable_notetype(id)?.is_some() {
            return Ok(id);
        }
    }
    for (id, _) in storage.notetype_names()? {
        if storage.readable_notetype(id)?.is_some() {
            return Ok(id);
        }
    }
    Err(Error::not_found(mark!("the collection has no note type")))
}
