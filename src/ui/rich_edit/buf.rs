//! The text widget's buffer: its edits go to the field, its text is what the field shows.

use super::doc::Doc;
use crate::field_html::{Field, Mark, diff};
use eframe::egui::TextBuffer;
use eframe::egui::text::{CCursor, CharIndex};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// A deletion that an insertion may follow in the same event (a replaced selection, an input
/// method, a screen reader): then only what differs is changed.
struct Cut {
    at: usize,
    text: String,
    revision: u64,
    /// Whether the deletion is the field's newest step.
    is_step: bool,
    /// Marks that what comes in its place needs switched to look as all of it did.
    switched: Vec<Mark>,
}

pub(super) struct Buf<'a> {
    field: &'a mut Field,
    /// The newest snapshot; the layouter reads it.
    doc: &'a RefCell<Arc<Doc>>,
    /// Marks that the next typed text toggles.
    pending: &'a mut Vec<Mark>,
    /// A line was begun: they are for what is typed there.
    carries: &'a mut bool,
    cut: Option<Cut>,
    /// An input method is at work: what it does becomes one step when it has ended.
    composing: bool,
}

impl<'a> Buf<'a> {
    pub fn new(
        field: &'a mut Field,
        doc: &'a RefCell<Arc<Doc>>,
        (pending, carries): (&'a mut Vec<Mark>, &'a mut bool),
        composing: bool,
    ) -> Self {
        Self {
            field,
            doc,
            pending,
            carries,
            cut: None,
            composing,
        }
    }

    fn changed(&mut self) {
        if self.doc.borrow().revision != self.field.revision() {
            *self.doc.borrow_mut() = Doc::of(self.field);
        }
    }

    /// The frame is over: what is typed in the next in the place of what was deleted looks as that
    /// did.
    pub fn end(self) {
        let current = self.field.revision();
        if let Some(cut) = self.cut.filter(|cut| cut.revision == current)
            && !cut.switched.is_empty()
        {
            *self.pending = cut.switched;
            *self.carries = true;
        }
    }

    /// Changes only what differs between the deleted and the inserted text.
    fn replaced(&mut self, text: &str, at: usize) -> bool {
        let Some(cut) = self.cut.take() else {
            return false;
        };
        if !cut.is_step || cut.at != at || cut.revision != self.field.revision() || text.is_empty()
        {
            return false;
        }
        let (offset, old, new) = diff(&cut.text, text);
        if old.len() == cut.text.len() || !self.field.undo() {
            return false;
        }
        let p = at + cut.text[..offset].chars().count();
        let count = old.chars().count();
        let steps = self.field.mark_history();
        self.field.delete(p..p + count);
        self.field.insert(p, new);
        self.field.join_steps(steps);
        self.field.take_selection();
        true
    }

    /// Deletes whole letters; the caret stands where they were, which may be before `range`.
    fn delete_letters(&mut self, range: Range<usize>) -> usize {
        let whole = self.field.whole_letters(range);
        if whole.is_empty() {
            return whole.start;
        }
        let steps = self.field.mark_history();
        let units = &self.field.projection().units;
        let text: String = units[whole.clone()].iter().map(|u| u.ch).collect();
        let looks = match self.composing {
            true => vec![],
            false => self.field.looks(whole.clone()),
        };
        self.field.delete(whole.clone());
        let now = |mark: Mark| self.field.has(mark, whole.start..whole.start);
        let differ = looks.into_iter().filter(|(mark, was)| now(*mark) != *was);
        let switched = differ.map(|(mark, _)| mark).collect();
        self.cut = Some(Cut {
            at: whole.start,
            text,
            revision: self.field.revision(),
            is_step: self.field.mark_history() == steps + 1,
            switched,
        });
        // What an input method takes away comes back in other signs.
        if !self.composing {
            self.pending.clear();
        }
        self.changed();
        whole.start
    }

    /// Begins a line, in which what was switched is to look as it would have here.
    fn line_begun(&mut self, at: usize) -> usize {
        let has = |field: &Field, mark: Mark, at: usize| field.has(mark, at..at);
        let marks = std::mem::take(self.pending).into_iter();
        let wanted: Vec<_> = marks
            .map(|mark| (mark, !has(self.field, mark, at)))
            .collect();
        let came = self.field.insert(at, "\n");
        let differ = wanted
            .into_iter()
            .filter(|(mark, is_on)| has(self.field, *mark, at + came) != *is_on);
        self.pending.extend(differ.map(|(mark, _)| mark));
        *self.carries = true;
        came
    }

    fn typed(&mut self, text: &str, at: usize) -> usize {
        if text == "\n" && !self.composing {
            return self.line_begun(at);
        }
        let steps = self.field.mark_history();
        let came = self.field.insert(at, text);
        let marks = match self.composing {
            true => self.pending.clone(),
            false => std::mem::take(self.pending),
        };
        if !marks.is_empty() && came > 0 {
            for mark in marks {
                let typed = at..at + came;
                match mark {
                    // Chosen, and not switched: it may be there already.
                    Mark::Color(_) | Mark::Highlight(_) if self.field.has(mark, typed.clone()) => {}
                    _ => self.field.toggle(mark, typed),
                }
            }
            self.field.join_steps(steps);
            self.field.take_selection();
        }
        came
    }
}

impl TextBuffer for Buf<'_> {
    fn is_mutable(&self) -> bool {
        true
    }

    fn as_str(&self) -> &str {
        self.field.text()
    }

    fn insert_text(&mut self, text: &str, at: CharIndex) -> usize {
        // What takes the place of a selection is one step with its deletion.
        let cut = self.cut.as_ref().filter(|cut| {
            let same = cut.at == at.0 && cut.revision == self.field.revision();
            cut.is_step && same && !self.composing
        });
        let since = cut.map(|_| self.field.mark_history() - 1);
        let switched = cut.map_or_else(Vec::new, |cut| cut.switched.clone());
        // What is to look otherwise than what is around it is written whole.
        let came = if self.pending.is_empty() && self.replaced(text, at.0) {
            text.chars().count()
        } else {
            self.pending.extend(switched);
            let came = self.typed(text, at.0);
            if let Some(since) = since {
                self.field.join_steps(since);
            }
            came
        };
        self.changed();
        came
    }

    /// What is typed can make one sign of those before it (the end of a formula or of a sound): the
    /// caret is where the field says then, for another key of the same frame too.
    fn insert_text_at(&mut self, caret: &mut CCursor, text: &str, _limit: usize) {
        if !self.composing {
            // Of a deletion just before: the caret is there.
            self.field.take_selection();
        }
        caret.index += self.insert_text(text, caret.index);
        if !self.composing
            && let Some((_, to)) = self.field.take_selection()
        {
            caret.index = CharIndex(to);
        }
    }

    fn delete_char_range(&mut self, range: Range<CharIndex>) {
        self.delete_letters(range.start.0..range.end.0);
    }

    /// The widget would take the start of what it asked for: another key in the same frame would
    /// then delete elsewhere.
    fn delete_selected_ccursor_range(&mut self, [min, max]: [CCursor; 2]) -> CCursor {
        CCursor {
            index: CharIndex(self.delete_letters(min.index.0..max.index.0)),
            prefer_next_row: true,
        }
    }

    /// The widget's own undo would write plain text.
    fn replace_with(&mut self, text: &str) {
        let old = self.field.text().to_owned();
        let (offset, gone, new) = diff(&old, text);
        let p = old[..offset].chars().count();
        let count = gone.chars().count();
        let steps = self.field.mark_history();
        self.field.delete(p..p + count);
        self.field.insert(p, new);
        self.field.join_steps(steps);
        self.changed();
    }

    fn type_id(&self) -> std::any::TypeId {
        std::any::TypeId::of::<Field>()
    }
}
