//! What was typed into notes that were left since, until it is on disk: a save that fails after its
//! note was left comes back into the fields when the note is shown again, and closing asks. Sends
//! nothing itself.

use crate::base::ids::{NoteId, NotetypeId};
use crate::domain::note_edit::NoteEdit;
use crate::t;
use crate::ui::action::Action;
use crate::ui::dialog_host::Question;
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::sync::Closing;

/// The newest save of each note that was left before it was answered, and why it failed if it did.
#[derive(Default)]
pub(super) struct Left(Vec<(NoteEdit, Option<String>)>);

impl Left {
    /// A note is left while this save of it is on its way.
    pub fn add(&mut self, edit: NoteEdit) {
        self.0.retain(|(left, _)| left.id != edit.id);
        self.0.push((edit, None));
    }

    /// It is on disk. What failed before of the same fields is older, in whichever editor this was
    /// typed: sent once more, it would take the place of this.
    pub fn saved(&mut self, edit: &NoteEdit) {
        self.0.retain(|(left, _)| left != edit);
        let note = (edit.id, edit.notetype_id);
        let failed = self.0.iter_mut().filter(|(_, why)| why.is_some());
        for (left, _) in failed.filter(|(left, _)| (left.id, left.notetype_id) == note) {
            let is_newer = |at: &usize| edit.fields.iter().any(|(saved, _)| saved == at);
            left.fields.retain(|(at, _)| !is_newer(at));
            if edit.tags.is_some() {
                left.tags = None;
            }
        }
        self.0.retain(|(left, _)| !left.is_empty());
    }

    /// It is not; those of other editors are none of these.
    pub fn failed(&mut self, edit: &NoteEdit, why: &str) {
        if let Some((_, failed)) = self.0.iter_mut().find(|(left, _)| left == edit) {
            *failed = Some(why.to_owned());
        }
    }

    /// What failed of a note that is shown again, and why. Of another note type the numbers of its
    /// fields say nothing: then it stays here, and closing tells of it.
    pub fn take(&mut self, note: NoteId, notetype: NotetypeId) -> Option<(NoteEdit, String)> {
        let is_it = |edit: &NoteEdit| edit.id == note && edit.notetype_id == notetype;
        let mut all = self.0.iter();
        let at = all.position(|(edit, why)| is_it(edit) && why.is_some())?;
        let (edit, why) = self.0.swap_remove(at);
        Some((edit, why?))
    }

    /// It was deleted meanwhile: closing waits for no save of it any more. One that failed stays:
    /// the note may come back by Undo.
    pub fn gone(&mut self, note: NoteId) {
        self.0
            .retain(|(left, why)| left.id != note || why.is_some());
    }

    /// Whether a save is on its way still.
    pub fn is_awaited(&self) -> bool {
        self.0.iter().any(|(_, why)| why.is_none())
    }

    /// Those that failed, to be sent once more.
    pub fn failures(&self) -> impl Iterator<Item = &NoteEdit> {
        let failed = self.0.iter().filter(|(_, why)| why.is_some());
        failed.map(|(edit, _)| edit)
    }
}

/// The question before the program or the profile is closed with such a note.
#[must_use]
pub fn ask_to_close(closing: Closing) -> Question {
    let confirm = Confirm {
        title: t!("Close without saving a note?").into(),
        body: t!(
            "What was typed into a note could not be saved so far. It may be lost when this is closed."
        )
        .into(),
        cancel: t!("Stay").into(),
        action: t!("Close anyway").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    };
    Question::new(confirm, Action::Close(closing)).once()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(note: i64, text: &str) -> NoteEdit {
        NoteEdit {
            id: NoteId(note),
            fields: vec![(0, text.to_owned())],
            ..NoteEdit::default()
        }
    }

    #[test]
    fn only_the_newest_save_of_each_note_comes_back_and_only_when_it_failed() {
        let basic = NotetypeId::default();
        let mut left = Left::default();
        left.add(edit(1, "a"));
        left.add(edit(1, "ab"));
        left.add(edit(2, "c"));
        assert_eq!(left.take(NoteId(1), basic), None, "on its way");
        assert!(left.is_awaited());
        left.failed(&edit(1, "a"), "full");
        assert_eq!(left.failures().count(), 0, "a newer one is on its way");
        left.failed(&edit(1, "ab"), "full");
        left.failed(&edit(3, "of another editor"), "full");
        assert_eq!(left.failures().collect::<Vec<_>>(), [&edit(1, "ab")]);
        left.saved(&edit(2, "c"));
        left.failed(&edit(2, "c"), "full");
        assert_eq!(left.take(NoteId(2), basic), None);
        let back = Some((edit(1, "ab"), "full".to_owned()));
        assert_eq!(left.take(NoteId(1), NotetypeId(7)), None, "another by now");
        assert_eq!(left.take(NoteId(1), basic), back);
        assert_eq!(left.failures().count(), 0);
        assert!(!left.is_awaited());
        left.add(edit(4, "deleted elsewhere"));
        left.gone(NoteId(4));
        assert!(!left.is_awaited());
    }

    #[test]
    fn what_failed_takes_no_newer_text_away() {
        let mut left = Left::default();
        let mut both = edit(1, "old");
        both.fields.push((1, "other".to_owned()));
        left.add(both.clone());
        // Sent before it, so that it is older.
        left.saved(&edit(1, "older"));
        left.failed(&both, "full");
        assert_eq!(left.failures().collect::<Vec<_>>(), [&both]);
        // In another editor.
        left.saved(&edit(2, "new"));
        left.saved(&edit(1, "new"));
        both.fields.remove(0);
        assert_eq!(left.failures().collect::<Vec<_>>(), [&both]);
        left.saved(&both);
        assert_eq!(left.failures().count(), 0);
    }
}
