//! The Add page's choices and the notes added since the start. No egui here.

use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};

/// What a chooser or a question of the Add page decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddAction {
    ChooseDeck(DeckId),
    /// Makes a deck and chooses it; it is none of `known`.
    CreateDeck {
        name: String,
        known: Vec<DeckId>,
    },
    ChooseNotetype(NotetypeId),
    /// Although there is no cloze.
    AddAnyway,
    /// Begins with what the note of this card holds.
    Copy(CardId),
    /// The same; what was typed is given up.
    CopyInstead(CardId),
    /// Close the page; what was typed is given up.
    Discard,
}

/// Longest words of a row.
const WORDS: usize = 60;
/// Rows that are kept.
const ROWS: usize = 20;

/// Notes added since the start, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History(Vec<(NoteId, String)>);

impl History {
    pub fn add(&mut self, note: NoteId, summary: &str) {
        let mut words: String = summary.chars().take(WORDS).collect();
        if words.len() < summary.len() {
            words.push('…');
        }
        self.0.insert(0, (note, words));
        self.0.truncate(ROWS);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn rows(&self) -> impl Iterator<Item = (NoteId, &str)> {
        self.0.iter().map(|(id, words)| (*id, words.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_note_comes_first_and_long_ones_are_cut() {
        let mut history = History::default();
        for n in 0..30 {
            history.add(NoteId(n), &"ä".repeat(61));
        }
        let (id, words) = history.rows().next().unwrap_or_default();
        assert_eq!((id, words.chars().count()), (NoteId(29), 61));
        assert_eq!(history.rows().count(), ROWS);
    }
}
