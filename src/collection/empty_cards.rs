//! Tools > Empty Cards: cards whose front the note's content no longer fills. Shown first, and
//! removed only as shown; notes that would lose their last card can be kept.

use super::removal::{self, Removed};
use super::{Collection, OpOutput};
use crate::base::Result;
use crate::base::ids::{CardId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::domain::html::html_to_text_line;
use crate::domain::op::Op;
use crate::t;
use crate::template;

/// The empty cards of one note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyCards {
    pub note: NoteId,
    pub notetype: NotetypeId,
    pub cards: Vec<CardId>,
    /// Names of their templates, or `Cloze 1, 3`.
    pub names: Vec<String>,
    /// The text that the note is sorted by.
    pub title: String,
    /// The note has no other cards.
    pub whole_note: bool,
}

impl Collection {
    /// All empty cards, by note type and note. Changes nothing.
    pub fn find_empty_cards(&self, progress: &Progress) -> Result<Vec<EmptyCards>> {
        let mut found = Vec::new();
        let notetypes = self.storage.readable_notetypes()?;
        for notetype in &notetypes {
            let notes = self.storage.note_ids_of_notetype(notetype.id)?;
            progress.stage(t!("Looking for empty cards"), notes.len() as u64)?;
            for id in notes {
                progress.step(1)?;
                let Some(note) = self.storage.get_note(id)? else {
                    continue;
                };
                let filled =
                    template::cards::generated_ords(notetype, &note.fields, !note.tags.is_empty());
                let cards = self.storage.cards_of_note(id)?;
                let empty: Vec<_> = cards
                    .iter()
                    .filter(|card| !filled.contains(&card.template_idx))
                    .collect();
                if empty.is_empty() {
                    continue;
                }
                found.push(EmptyCards {
                    note: id,
                    notetype: notetype.id,
                    cards: empty.iter().map(|card| card.id).collect(),
                    names: empty
                        .iter()
                        .map(|card| {
                            if notetype.is_cloze() {
                                t!("Cloze {n}", n = u32::from(card.template_idx) + 1)
                            } else {
                                notetype
                                    .template_of(card.template_idx)
                                    .map_or_else(|| "?".to_owned(), |t| t.name.clone())
                            }
                        })
                        .collect(),
                    title: html_to_text_line(&note.sort_field, true),
                    whole_note: empty.len() == cards.len(),
                });
            }
        }
        Ok(found)
    }

    /// Removes the cards of a report; with `keep_notes` the first card of each note that would
    /// vanish stays. Notes that do vanish are written to `deleted.txt` first.
    pub fn remove_empty_cards(
        &mut self,
        report: &[EmptyCards],
        keep_notes: bool,
    ) -> Result<OpOutput<Removed>> {
        let doomed: Vec<CardId> = report
            .iter()
            .flat_map(|note| {
                let kept = usize::from(keep_notes && note.whole_note);
                note.cards.iter().copied().skip(kept)
            })
            .collect();
        self.transact(Op::EmptyCards, |tx| removal::remove_cards(tx, &doomed))
    }
}
