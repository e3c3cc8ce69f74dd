//! Notes of one note type become notes of another one. The structure of the collection changes,
//! so the next sync goes one way.

use super::note_writer::NoteWriter;
use super::{Collection, OpOutput};
use crate::base::ids::{NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::notetype::Notetype;
use crate::domain::notetype_change::{NotetypeChange, NotetypeChangeDraft, draft};
use crate::domain::op::Op;
use crate::storage::Tx;
use crate::{mark, t};
use std::sync::Arc;

impl Collection {
    /// The fields and templates of both, and how they would be matched.
    pub fn notetype_change_draft(
        &self,
        old: NotetypeId,
        new: NotetypeId,
    ) -> Result<NotetypeChangeDraft> {
        let schema = self.storage.col_row()?.scm;
        Ok(draft(
            &*existing(&self.storage, old)?,
            &*existing(&self.storage, new)?,
            schema,
        ))
    }

    /// Changes the notes among `notes` that are of the old type. Fields and cards that are not
    /// mapped are lost (until undone); cards that the fields make now are added. Returns how many
    /// notes changed. `Conflict` when the structure changed since the draft.
    pub fn change_notetype(
        &mut self,
        notes: &[NoteId],
        change: &NotetypeChange,
        progress: &Progress,
    ) -> Result<OpOutput<usize>> {
        self.transact(Op::ChangeNotetype, |tx| {
            if tx.col_row()?.scm != change.schema {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    mark!("note types were changed since the dialog was opened"),
                ));
            }
            let old = existing(tx, change.old)?;
            let new = existing(tx, change.new)?;
            check(change, &old, &new)?;
            tx.set_scm()?;
            progress.stage(t!("Changing notes"), notes.len() as u64)?;
            let mut writer = NoteWriter::new(tx)?;
            let mut changed = 0;
            for &id in notes {
                progress.step(1)?;
                if change_note(tx, id, change, &new, &mut writer)? {
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }
}

fn existing(storage: &crate::storage::Storage, id: NotetypeId) -> Result<Arc<Notetype>> {
    storage
        .notetype(id)?
        .ok_or_else(|| Error::not_found(mark!("the note type does not exist any more")))
}

fn check(change: &NotetypeChange, old: &Notetype, new: &Notetype) -> Result<()> {
    let fits = |map: &[Option<usize>], old: usize, new: usize| {
        map.len() == new && map.iter().flatten().all(|at| *at < old)
    };
    let cloze = old.is_cloze() || new.is_cloze();
    let templates_fit = match &change.templates {
        Some(map) => !cloze && fits(map, old.templates.len(), new.templates.len()),
        None => cloze,
    };
    if templates_fit && fits(&change.fields, old.fields.len(), new.fields.len()) {
        Ok(())
    } else {
        Err(Error::new(
            ErrorKind::Conflict,
            mark!("the fields or templates are not those of the dialog any more"),
        ))
    }
}

fn change_note(
    tx: &mut Tx<'_>,
    id: NoteId,
    change: &NotetypeChange,
    new: &Arc<Notetype>,
    writer: &mut NoteWriter,
) -> Result<bool> {
    let Some(mut note) = tx.get_note(id)?.filter(|n| n.notetype_id == change.old) else {
        return Ok(false);
    };
    move_cards(tx, id, change, new)?;
    note.fields = change
        .fields
        .iter()
        .map(|old| old.and_then(|at| note.fields.get(at).cloned()))
        .map(Option::unwrap_or_default)
        .collect();
    note.notetype_id = new.id;
    writer.save(tx, &mut note, new)?;
    Ok(true)
}

/// Where the cards of an old template go. One that is wanted twice moves: to the last such place
/// that is not its own.
fn place_in(map: &[Option<usize>], old: usize) -> Option<usize> {
    let mut wanting = (0..map.len()).rev().filter(|&new| map[new] == Some(old));
    let last = wanting.next()?;
    if last != old {
        return Some(last);
    }
    wanting.next().or(Some(old))
}

/// Gives the note's cards the numbers of their new templates; those without one go.
fn move_cards(
    tx: &mut Tx<'_>,
    note: NoteId,
    change: &NotetypeChange,
    new: &Notetype,
) -> Result<()> {
    for mut card in tx.cards_of_note(note)? {
        let old = usize::from(card.template_idx);
        let ord = match &change.templates {
            Some(map) => place_in(map, old),
            None if new.is_cloze() || old < new.templates.len() => Some(old),
            None => None,
        };
        match ord.and_then(|ord| u16::try_from(ord).ok()) {
            None => tx.remove_card(card.id)?,
            Some(ord) if ord == card.template_idx => {}
            Some(ord) => {
                card.template_idx = ord;
                tx.update_card(&card)?;
            }
        }
    }
    Ok(())
}
