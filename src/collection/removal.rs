//! Removing cards and notes. Every route goes through here, so that every deleted note reaches
//! `deleted.txt` first and leaves a grave for sync.

use super::deleted_log;
use crate::base::Result;
use crate::base::ids::{CardId, NoteId};
use crate::domain::note::Note;
use crate::storage::Tx;
use std::collections::{BTreeMap, HashSet};

/// How much was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    pub cards: usize,
    pub notes: usize,
}

/// Removes notes with all their cards.
pub(super) fn remove_notes(tx: &mut Tx<'_>, ids: &[NoteId]) -> Result<Removed> {
    let notes = existing_notes(tx, ids.iter().copied())?;
    deleted_log::write(tx, &notes)?;
    let mut removed = Removed::default();
    for note in &notes {
        for card in tx.cards_of_note(note.id)? {
            tx.remove_card(card.id)?;
            removed.cards += 1;
        }
        tx.remove_note(note.id)?;
        removed.notes += 1;
    }
    Ok(removed)
}

/// Removes cards, and the notes that have no other card.
pub(super) fn remove_cards(tx: &mut Tx<'_>, ids: &[CardId]) -> Result<Removed> {
    let mut doomed: BTreeMap<NoteId, HashSet<CardId>> = BTreeMap::new();
    for &id in ids {
        if let Some(card) = tx.get_card(id)? {
            doomed.entry(card.note_id).or_default().insert(id);
        }
    }
    let mut without_cards = Vec::new();
    for (&note, cards) in &doomed {
        if tx.cards_of_note(note)?.len() == cards.len() {
            without_cards.push(note);
        }
    }
    let notes = existing_notes(tx, without_cards)?;
    deleted_log::write(tx, &notes)?;
    let mut removed = Removed::default();
    for card in doomed.into_values().flatten() {
        tx.remove_card(card)?;
        removed.cards += 1;
    }
    for note in &notes {
        tx.remove_note(note.id)?;
        removed.notes += 1;
    }
    Ok(removed)
}

fn existing_notes(tx: &Tx<'_>, ids: impl IntoIterator<Item = NoteId>) -> Result<Vec<Note>> {
    let mut seen = HashSet::new();
    let mut notes = Vec::new();
    for id in ids {
        if seen.insert(id) {
            notes.extend(tx.get_note(id)?);
        }
    }
    Ok(notes)
}
