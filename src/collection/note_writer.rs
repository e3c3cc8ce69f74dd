//! Writes many notes in one operation. What is the same for all of them is worked out once: how
//! tags are spelled, and which cards a note type makes of which filled fields.

use super::notes::add_cards;
use crate::base::Result;
use crate::base::ids::NotetypeId;
use crate::domain::html::is_blank;
use crate::domain::note::Note;
use crate::domain::note_fields::normal_tags;
use crate::domain::notetype::Notetype;
use crate::storage::Tx;
use crate::template::cards::generated_ords;
use std::collections::HashMap;
use std::sync::Arc;

/// See the module header; for one transaction.
pub(super) struct NoteWriter {
    nfc: bool,
    spelled: HashMap<String, Vec<String>>,
    /// Which fields are filled, and whether there are tags, by note type; the cards they make.
    made: HashMap<(NotetypeId, Vec<bool>), Vec<u16>>,
}

impl NoteWriter {
    pub(super) fn new(tx: &Tx<'_>) -> Result<Self> {
        Ok(Self {
            nfc: tx.composes_texts()?,
            spelled: HashMap::new(),
            made: HashMap::new(),
        })
    }

    /// The tag in its normal form, as the list of tags spells it; a new one is entered there. More
    /// than one when there is a space in it, none when there is nothing in it.
    pub(super) fn spelled(&mut self, tx: &mut Tx<'_>, tag: &str) -> Result<Vec<String>> {
        if let Some(known) = self.spelled.get(tag) {
            return Ok(known.clone());
        }
        let spelled = tx.register_tags(&normal_tags(&[tag]))?;
        self.spelled.insert(tag.to_owned(), spelled.clone());
        Ok(spelled)
    }

    /// Writes a note whose fields were changed, and adds the cards that they make now.
    pub(super) fn save(
        &mut self,
        tx: &mut Tx<'_>,
        note: &mut Note,
        notetype: &Arc<Notetype>,
    ) -> Result<()> {
        note.prepare(notetype, self.nfc);
        tx.update_note(note)?;
        let mut ords = self.ords_of(note, notetype);
        let existing = tx.ords_of_note(note.id)?;
        if ords.is_empty() && existing.is_empty() {
            ords.push(0);
        }
        ords.retain(|ord| !existing.contains(ord));
        if !ords.is_empty() {
            add_cards(tx, note, notetype, &ords, None)?;
        }
        Ok(())
    }

    fn ords_of(&mut self, note: &Note, notetype: &Notetype) -> Vec<u16> {
        let has_tags = !note.tags.is_empty();
        if notetype.is_cloze() {
            return generated_ords(notetype, &note.fields, has_tags);
        }
        let mut filled: Vec<bool> = note.fields.iter().map(|f| !is_blank(f)).collect();
        filled.push(has_tags);
        self.made
            .entry((notetype.id, filled))
            .or_insert_with(|| generated_ords(notetype, &note.fields, has_tags))
            .clone()
    }
}
