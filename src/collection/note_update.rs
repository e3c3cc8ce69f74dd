//! Changing notes: what was edited is cleaned, sorted under its new field, and makes the cards
//! that it did not make before. What did not change is not written.

use super::note_writer::NoteWriter;
use super::notes::set_tags;
use super::{Collection, OpOutput};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::NoteId;
use crate::domain::html::strip_html_preserving_media_names;
use crate::domain::note::Note;
use crate::domain::note_edit::{FieldsState, NoteEdit, NoteView};
use crate::domain::note_fields::{composed, field_checksum};
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::mark;
use crate::storage::{Storage, Tx};
use crate::template::cards;

impl Collection {
    /// Changes notes in one operation. Returns how many differ from before.
    pub fn update_notes(&mut self, edits: &[NoteEdit]) -> Result<OpOutput<usize>> {
        self.transact(Op::UpdateNote, |tx| {
            let mut writer = NoteWriter::new(tx)?;
            let mut changed = 0;
            for edit in edits {
                let note = edited(tx, edit)?;
                changed += usize::from(save_note(tx, &mut writer, note)?);
            }
            Ok(changed)
        })
    }

    /// The note as an editor shows it; None when it is gone.
    pub fn note_view(&self, id: NoteId) -> Result<Option<NoteView>> {
        let Some(note) = self.storage.get_note(id)? else {
            return Ok(None);
        };
        let Some(notetype) = self.storage.notetype(note.notetype_id)? else {
            return Err(Error::not_found(mark!("the note’s type does not exist")));
        };
        let state = fields_state(&self.storage, &note, &notetype)?;
        Ok(Some(NoteView {
            note,
            notetype,
            state,
        }))
    }

    /// What is to be said about these fields of a note (id 0: of one still to be added).
    pub fn check_fields(&self, note: &Note) -> Result<FieldsState> {
        match self.storage.notetype(note.notetype_id)? {
            Some(notetype) => fields_state(&self.storage, note, &notetype),
            None => Err(Error::not_found(mark!("the note type does not exist"))),
        }
    }
}

/// The note on disk with the edit applied.
fn edited(tx: &Tx<'_>, edit: &NoteEdit) -> Result<Note> {
    let Some(mut note) = tx.get_note(edit.id)? else {
        return Err(Error::not_found(mark!("the note was deleted")));
    };
    if note.notetype_id != edit.notetype_id {
        return Err(Error::new(
            ErrorKind::Conflict,
            mark!("the note has another note type by now"),
        ));
    }
    for (at, html) in &edit.fields {
        match note.fields.get_mut(*at) {
            Some(field) => field.clone_from(html),
            None => return Err(Error::new(ErrorKind::Conflict, mark!("the field is gone"))),
        }
    }
    if let Some(tags) = &edit.tags {
        note.tags.clone_from(tags);
    }
    Ok(note)
}

/// Stores a note whose fields or tags were changed: clean fields, sort field, checksum, tags in
/// the list, cards that its content makes now. False when that is what is stored already.
fn save_note(tx: &mut Tx<'_>, writer: &mut NoteWriter, mut note: Note) -> Result<bool> {
    let Some(before) = tx.get_note(note.id)? else {
        return Err(Error::not_found(mark!("the note was deleted")));
    };
    let Some(notetype) = tx.notetype(note.notetype_id)? else {
        return Err(Error::not_found(mark!("the note’s type does not exist")));
    };
    if note.fields.len() != notetype.fields.len() {
        return Err(Error::invalid(mark!(
            "the note has {fields} fields, but its type “{name}” has {wanted}",
            fields = note.fields.len(),
            name = notetype.name,
            wanted = notetype.fields.len()
        )));
    }
    note.prepare(&notetype, tx.composes_texts()?);
    set_tags(tx, &mut note)?;
    if note.fields == before.fields && note.tags == before.tags {
        return Ok(false);
    }
    writer.save(tx, &mut note, &notetype)?;
    Ok(true)
}

/// As [`Collection::check_fields`].
fn fields_state(storage: &Storage, note: &Note, notetype: &Notetype) -> Result<FieldsState> {
    let state = cards::fields_state(&note.fields, notetype);
    if state != FieldsState::Fine {
        return Ok(state);
    }
    let first = note.fields.first().map_or("", String::as_str);
    let nfc = storage.composes_texts()?;
    let first = if nfc { composed(first) } else { first.into() };
    let text = strip_html_preserving_media_names(&first);
    let others = storage.first_fields_with_checksum(notetype.id, field_checksum(&first))?;
    let same = others
        .iter()
        .any(|(id, other)| *id != note.id && strip_html_preserving_media_names(other) == text);
    Ok(if same {
        FieldsState::Duplicate
    } else {
        FieldsState::Fine
    })
}
