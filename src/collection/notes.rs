//! Notes: adding, deleting, marking; which cards a note's content makes.

use super::gather::preset_of;
use super::removal::{self, Removed};
use super::{Collection, OpOutput, adding};
use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::base::{Error, Result};
use crate::domain::card::Card;
use crate::domain::note::{MARKED, Note};
use crate::domain::note_fields::{guid_of, normal_tags};
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::mark;
use crate::storage::Tx;
use crate::template;
use rand::{Rng as _, SeedableRng as _};
use std::sync::Arc;

pub use crate::domain::note_edit::NewNote;

impl Collection {
    /// Adds a note and its cards.
    pub fn add_note(&mut self, note: NewNote) -> Result<OpOutput<NoteId>> {
        self.transact(Op::AddNote, |tx| add_note(tx, note))
    }

    /// Adds notes in one operation, in their order.
    pub fn add_notes(&mut self, notes: Vec<NewNote>) -> Result<OpOutput<Vec<NoteId>>> {
        self.transact(Op::AddNote, |tx| {
            notes.into_iter().map(|note| add_note(tx, note)).collect()
        })
    }

    /// What a copy of a card's note begins with; it would go to the card's home deck.
    pub fn copy_of(&self, card: CardId) -> Result<NewNote> {
        let gone = || Error::not_found(mark!("the note does not exist any more"));
        let card = self.storage.get_card(card)?.ok_or_else(gone)?;
        let note = self.storage.get_note(card.note_id)?.ok_or_else(gone)?;
        Ok(NewNote {
            notetype_id: note.notetype_id,
            deck_id: card.home_deck_id(),
            fields: note.fields,
            tags: note.tags,
        })
    }

    /// Says for each field of a note type whether it keeps its content after adding.
    pub fn set_sticky(&mut self, id: NotetypeId, sticky: &[bool]) -> Result<OpOutput<()>> {
        self.transact(Op::UpdateNotetype, |tx| {
            let Some(before) = tx.notetype(id)? else {
                return Err(Error::not_found(mark!("the note type does not exist")));
            };
            let mut notetype = (*before).clone();
            for (field, sticky) in notetype.fields.iter_mut().zip(sticky) {
                field.config.sticky = *sticky;
            }
            if notetype != *before {
                tx.update_notetype(&notetype)?;
            }
            Ok(())
        })
    }

    /// Deletes notes with their cards; written to `deleted.txt` first.
    pub fn delete_notes(&mut self, ids: &[NoteId]) -> Result<OpOutput<Removed>> {
        self.transact(Op::DeleteNotes, |tx| removal::remove_notes(tx, ids))
    }

    /// Adds the tag `marked` to the notes; takes it from them when the first of them has it.
    pub fn toggle_mark(&mut self, ids: &[NoteId]) -> Result<OpOutput<usize>> {
        self.transact(Op::ToggleMark, |tx| {
            let first = ids.first().map(|&id| tx.get_note(id)).transpose()?;
            let marked = first.flatten().is_some_and(|note| note.is_marked());
            let mut changed = 0;
            for &id in ids {
                let Some(mut note) = tx.get_note(id)? else {
                    continue;
                };
                if note.is_marked() != marked {
                    continue;
                }
                if marked {
                    note.tags.retain(|tag| !tag.eq_ignore_ascii_case(MARKED));
                } else {
                    note.tags.push(MARKED.to_owned());
                    set_tags(tx, &mut note)?;
                }
                tx.update_note(&note)?;
                changed += 1;
            }
            Ok(changed)
        })
    }
}

/// Brings the note's tags into their normal form, spelled as the list of tags has them, and
/// enters new ones there.
pub(crate) fn set_tags(tx: &mut Tx<'_>, note: &mut Note) -> Result<()> {
    note.tags = tx.register_tags(&normal_tags(&note.tags))?;
    Ok(())
}

fn add_note(tx: &mut Tx<'_>, new: NewNote) -> Result<NoteId> {
    let Some(notetype) = tx.notetype(new.notetype_id)? else {
        return Err(Error::not_found(mark!("the note type does not exist")));
    };
    let mut fields = new.fields;
    if fields.len() > notetype.fields.len() {
        return Err(Error::invalid(mark!(
            "the note type “{name}” has only {fields} fields",
            name = notetype.name,
            fields = notetype.fields.len()
        )));
    }
    fields.resize(notetype.fields.len(), String::new());
    let mut note = Note {
        guid: guid_of(rand::random()),
        notetype_id: notetype.id,
        tags: new.tags,
        fields,
        ..Note::default()
    };
    note.prepare(&notetype, tx.composes_texts()?);
    set_tags(tx, &mut note)?;
    tx.add_note(&mut note)?;
    add_missing_cards(tx, &note, &notetype, Some(new.deck_id), true)?;
    adding::remember(tx, notetype.id, new.deck_id)?;
    Ok(note.id)
}

/// Adds the cards that the note's content makes and that are not there. A note without any gets
/// its first card if `at_least_one`. They go where the others are; of a note without any into
/// `wanted_deck`, by default where notes of its type were added last. Returns how many were added.
pub(crate) fn add_missing_cards(
    tx: &mut Tx<'_>,
    note: &Note,
    notetype: &Arc<Notetype>,
    wanted_deck: Option<DeckId>,
    at_least_one: bool,
) -> Result<usize> {
    let existing = tx.cards_of_note(note.id)?;
    let mut ords = template::cards::generated_ords(notetype, &note.fields, !note.tags.is_empty());
    if ords.is_empty() && existing.is_empty() && at_least_one {
        ords.push(0);
    }
    ords.retain(|ord| existing.iter().all(|card| card.template_idx != *ord));
    if ords.is_empty() {
        return Ok(0);
    }
    add_cards(tx, note, notetype, &ords, wanted_deck)?;
    Ok(ords.len())
}

/// The cards of a note that has none yet, at least one, as [`add_missing_cards`] would add them.
pub(super) fn first_cards(
    tx: &mut Tx<'_>,
    note: &Note,
    notetype: &Notetype,
    wanted_deck: Option<DeckId>,
) -> Result<Vec<Card>> {
    let mut ords = template::cards::generated_ords(notetype, &note.fields, !note.tags.is_empty());
    if ords.is_empty() {
        ords.push(0);
    }
    made_cards(tx, note, notetype, &ords, wanted_deck)
}

/// Adds [`first_cards`] as some of many, as their note may be one of many: undo must find both in the
/// same place. Returns how many were added.
pub(super) fn add_first_cards(
    tx: &mut Tx<'_>,
    note: &Note,
    notetype: &Notetype,
    wanted_deck: Option<DeckId>,
) -> Result<usize> {
    let mut made = first_cards(tx, note, notetype, wanted_deck)?;
    for card in &mut made {
        tx.add_card_in_bulk(card)?;
    }
    Ok(made.len())
}

/// Adds cards of these templates, which are not there yet.
pub(super) fn add_cards(
    tx: &mut Tx<'_>,
    note: &Note,
    notetype: &Notetype,
    ords: &[u16],
    wanted_deck: Option<DeckId>,
) -> Result<()> {
    let mut made = made_cards(tx, note, notetype, ords, wanted_deck)?;
    made.iter_mut().try_for_each(|card| tx.add_card(card))
}

/// Cards of these templates, to be added.
fn made_cards(
    tx: &mut Tx<'_>,
    note: &Note,
    notetype: &Notetype,
    ords: &[u16],
    wanted_deck: Option<DeckId>,
) -> Result<Vec<Card>> {
    let existing = tx.cards_of_note(note.id)?;
    let wished = match shared_home_deck(&existing).or(wanted_deck) {
        None => tx.config_json(&adding::last_deck_key(notetype.id))?,
        wished => wished,
    };
    let kept = existing
        .iter()
        .find(|card| card.ctype == crate::domain::card::CardType::New)
        .map(|card| {
            let due = if card.is_filtered() {
                card.original_due
            } else {
                card.due
            };
            due.max(0)
        });
    let mut next = None;
    let mut made = Vec::with_capacity(ords.len());
    for &ord in ords {
        let override_deck = notetype
            .template_of(ord)
            .map(|t| DeckId(t.config.target_deck_id))
            .filter(|id| id.0 != 0);
        let deck_id = usable_deck(tx, [override_deck, wished])?;
        let due = match (kept, next) {
            (Some(due), _) => due,
            (None, Some(next)) => position_in(tx, deck_id, next)?,
            (None, None) => {
                let next = *next.insert(tx.take_next_position()?);
                position_in(tx, deck_id, next)?
            }
        };
        made.push(Card {
            note_id: note.id,
            deck_id,
            template_idx: ord,
            due,
            ..Card::default()
        });
    }
    Ok(made)
}

/// The deck that all cards of a note have in common.
fn shared_home_deck(cards: &[Card]) -> Option<DeckId> {
    let first = cards.first()?.home_deck_id();
    cards
        .iter()
        .all(|card| card.home_deck_id() == first)
        .then_some(first)
}

/// The first wish that is a normal deck; a wish that is not counts as Default.
fn usable_deck(tx: &Tx<'_>, wishes: [Option<DeckId>; 2]) -> Result<DeckId> {
    let Some(id) = wishes.into_iter().flatten().next() else {
        return Ok(DeckId::DEFAULT);
    };
    Ok(match tx.deck(id)? {
        Some(deck) if !deck.is_filtered() => id,
        _ => DeckId::DEFAULT,
    })
}

/// The position of a new card in this deck for a note whose turn is `next`.
fn position_in(tx: &Tx<'_>, deck_id: DeckId, next: u32) -> Result<i32> {
    let preset = match tx.deck(deck_id)? {
        Some(deck) => preset_of(tx, &deck)?,
        None => None,
    };
    let random = preset.is_some_and(|preset| preset.inner.new_card_insert_order == 1);
    let position = if random {
        rand::rngs::StdRng::seed_from_u64(next.into()).random_range(1..next.max(1000))
    } else {
        next
    };
    Ok(i32::try_from(position).unwrap_or(i32::MAX))
}
