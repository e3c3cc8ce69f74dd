//! What a field asked for and gets later (a file that is stored, a recording): it comes where it
//! was asked for, however the field was changed since. Undo and caret are the field's.

use super::RichField;

impl RichField {
    /// Something is asked for that comes later: it is wanted where the caret is now, in place of
    /// what is chosen now.
    pub fn keep_place(&mut self, ticket: u64) {
        if let Some(part) = self.part() {
            part.keep_place(ticket);
        } else if let Some(chosen) = self.source.as_ref().and_then(|s| s.chosen.clone()) {
            self.field.keep_source_place(ticket, chosen);
        } else {
            self.field.keep_place(ticket, self.selection.clone());
        }
    }

    #[must_use]
    pub(super) fn has_place(&self, ticket: u64) -> bool {
        self.field.has_place(ticket)
    }

    /// It does not come.
    pub fn forget_place(&mut self, ticket: u64) {
        self.field.forget_place(ticket);
    }

    /// What was asked for comes. Caret and selection stay with the text that they are in; with
    /// `focus` the keyboard goes where it was asked for.
    pub fn fill_place(&mut self, ticket: u64, html: &str, focus: bool) {
        let open = self.object.as_mut();
        if let Some(part) = open.and_then(|object| object.part_with_place(ticket)) {
            part.fill_place(ticket, html, focus);
            return;
        }
        if !self.field.has_place(ticket) {
            // The cell that asked is closed.
            let end = self.selection.end;
            self.field.keep_place(ticket, end..end);
        }
        let Some(filled) = self.field.fill_place(ticket, html) else {
            return;
        };
        if !filled.is_source {
            self.select(filled.moved(&self.selection));
            self.wants_focus |= focus && !self.object_focused;
        } else if let Some(source) = &mut self.source {
            source.chosen = source.chosen.as_ref().map(|chosen| filled.moved(chosen));
            source.is_moved = true;
            source.wants_focus |= focus;
        }
    }
}
