//! Undo and redo across the fields and tags of a note: one order of changes, the latest first,
//! wherever the focus is meanwhile. What is undone shows itself: the focus goes there.

use super::field_row::FieldRow;
use super::form::NoteForm;
use crate::ui::rich_edit::FormatCommand;
use eframe::egui::{Key, Modifiers, Ui};

/// Where in a note something was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Field(usize),
    Tags,
}

/// The keys, in the order in which they are looked for: those with more modifiers first.
const KEYS: [(Modifiers, Key, bool); 3] = [
    (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z, true),
    (Modifiers::COMMAND, Key::Y, true),
    (Modifiers::COMMAND, Key::Z, false),
];

impl NoteForm {
    /// Takes the keys while the fields or the tags have the keyboard, and leaves them to a text
    /// that has an order of its own: an object's, or a tag that is being typed.
    pub(super) fn undo_keys(&mut self, ui: &Ui) {
        let own = match self.keyboard {
            Some(Place::Field(at)) => {
                (self.rows.get(at)).is_none_or(|row| row.rich.object_has_focus())
            }
            Some(Place::Tags) => self.tags.is_typing(),
            None => true,
        };
        if own {
            return;
        }
        for (modifiers, key, redo) in KEYS {
            if !ui.input_mut(|i| i.consume_key(modifiers, key)) {
                continue;
            }
            if redo {
                self.redo();
            } else {
                self.undo();
            }
        }
    }

    /// Takes back the latest change of the note's text, wherever it was made.
    fn undo(&mut self) {
        self.end_typing();
        let fields = self.rows.iter().enumerate();
        let fields =
            fields.filter_map(|(at, row)| Some((row.rich.last_change()?, Place::Field(at))));
        let tags = self.tags.last_change().map(|when| (when, Place::Tags));
        if let Some((_, place)) = fields.chain(tags).max_by_key(|(when, _)| *when) {
            self.turn(place, FormatCommand::Undo);
        }
    }

    /// Makes the change again that was taken back last.
    fn redo(&mut self) {
        let fields = self.rows.iter().enumerate();
        let fields = fields.filter_map(|(at, row)| Some((row.rich.next_redo()?, Place::Field(at))));
        let tags = self.tags.next_redo().map(|when| (when, Place::Tags));
        if let Some((_, place)) = fields.chain(tags).min_by_key(|(when, _)| *when) {
            self.turn(place, FormatCommand::Redo);
        }
    }

    fn turn(&mut self, place: Place, command: FormatCommand) {
        match place {
            Place::Field(at) => {
                let Some(row) = self.rows.get_mut(at) else {
                    return;
                };
                row.rich.run(command);
                row.collapsed = false;
                self.active = Some(at);
            }
            Place::Tags => {
                if command == FormatCommand::Redo {
                    self.tags.redo();
                } else {
                    self.tags.undo();
                }
                self.tags.focus();
            }
        }
        self.arrived = true;
    }

    /// What is typed next, here or elsewhere, is a step of its own.
    fn end_typing(&mut self) {
        for row in &mut self.rows {
            row.rich.end_typing();
        }
    }

    /// After each frame: the keyboard may be elsewhere, and a new change ends all redoing.
    pub(super) fn follow_changes(&mut self, keyboard: Option<Place>) {
        if self.keyboard != keyboard {
            self.end_typing();
            self.keyboard = keyboard;
        }
        let latest = (self.rows.iter().filter_map(|row| row.rich.last_change()))
            .chain(self.tags.last_change())
            .max()
            .unwrap_or(0);
        let redoable = |row: &FieldRow| row.rich.next_redo();
        let first_redo = (self.rows.iter().filter_map(redoable))
            .chain(self.tags.next_redo())
            .min();
        if first_redo.is_some_and(|redo| redo < latest) {
            for row in &mut self.rows {
                row.rich.forget_redo();
            }
            self.tags.forget_redo();
        }
    }
}
