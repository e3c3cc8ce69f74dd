//! The browser's table in words: its columns (keys and labels are Anki's), how it is laid out, and
//! one row of it. Filling rows is `collection::browse`.

use crate::base::ids::{CardId, NoteId};
use crate::t;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Answer,
    CardModified,
    Template,
    Created,
    Deck,
    Difficulty,
    Due,
    Ease,
    Interval,
    Lapses,
    NoteModified,
    Notetype,
    Position,
    Question,
    Retrievability,
    Reviews,
    SortField,
    Stability,
    Tags,
}

impl Column {
    /// In order of their labels, with the names that Anki stores.
    pub const ALL: [(Self, &'static str); 19] = [
        (Self::Answer, "answer"),
        (Self::CardModified, "cardMod"),
        (Self::Template, "template"),
        (Self::Created, "noteCrt"),
        (Self::Deck, "deck"),
        (Self::Difficulty, "difficulty"),
        (Self::Due, "cardDue"),
        (Self::Ease, "cardEase"),
        (Self::Interval, "cardIvl"),
        (Self::Lapses, "cardLapses"),
        (Self::NoteModified, "noteMod"),
        (Self::Notetype, "note"),
        (Self::Position, "originalPosition"),
        (Self::Question, "question"),
        (Self::Retrievability, "retrievability"),
        (Self::Reviews, "cardReps"),
        (Self::SortField, "noteFld"),
        (Self::Stability, "stability"),
        (Self::Tags, "noteTags"),
    ];

    /// The name that Anki stores.
    #[must_use]
    pub fn key(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(column, _)| *column == self)
            .map_or("", |(_, key)| key)
    }

    /// By Anki's name.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == key)
            .map(|(column, _)| *column)
    }

    /// The heading.
    #[must_use]
    pub fn label(self, notes: bool) -> &'static str {
        match self {
            Self::Answer => t!("Answer" in "column"),
            Self::CardModified => t!("Card Modified"),
            Self::Template if notes => t!("Cards"),
            Self::Template => t!("Card Type"),
            Self::Created => t!("Created"),
            Self::Deck => t!("Deck"),
            Self::Difficulty => t!("Difficulty"),
            Self::Due => t!("Due" in "column"),
            Self::Ease if notes => t!("Avg. Ease"),
            Self::Ease => t!("Ease"),
            Self::Interval if notes => t!("Avg. Interval"),
            Self::Interval => t!("Interval"),
            Self::Lapses => t!("Lapses"),
            Self::NoteModified => t!("Note Modified"),
            Self::Notetype => t!("Note Type"),
            Self::Position => t!("Position"),
            Self::Question => t!("Question"),
            Self::Retrievability => t!("Retrievability"),
            Self::Reviews => t!("Reviews"),
            Self::SortField => t!("Sort Field"),
            Self::Stability => t!("Stability"),
            Self::Tags => t!("Tags"),
        }
    }

    /// What the heading's tooltip says; empty when the label says it all.
    #[must_use]
    pub fn tip(self, notes: bool) -> &'static str {
        match self {
            Self::Answer => t!("The back of a card, as the card templates show it here"),
            Self::Question => t!("The front of a card, as the card templates show it here"),
            Self::CardModified => {
                t!("The last time a card was changed: reviews, flags and deck changes count")
            }
            Self::NoteModified => {
                t!("The last time a note was changed, usually its fields or its tags")
            }
            Self::Template if notes => t!("How many cards a note has"),
            Self::Template => t!("The name of a card’s template"),
            Self::Notetype => t!("The name of a note’s type"),
            _ => "",
        }
    }

    /// Whether the table can be sorted by it.
    #[must_use]
    pub fn is_sortable(self, notes: bool) -> bool {
        match self {
            Self::Answer | Self::Question => false,
            Self::Stability | Self::Difficulty | Self::Retrievability => !notes,
            _ => true,
        }
    }

    /// Whether the first click on its heading shows the largest first.
    #[must_use]
    pub fn begins_descending(self) -> bool {
        !matches!(
            self,
            Self::SortField | Self::Deck | Self::Notetype | Self::Tags
        )
    }

    /// Numbers and dates stand at the right; of `notes`, a template is how many cards there are.
    #[must_use]
    pub fn is_right_aligned(self, notes: bool) -> bool {
        match self {
            Self::Template => notes,
            Self::Answer
            | Self::Question
            | Self::SortField
            | Self::Deck
            | Self::Notetype
            | Self::Tags => false,
            _ => true,
        }
    }
}

/// What stands in the table and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// One row a note, else one a card.
    pub notes: bool,
    /// From left to right; never empty.
    pub columns: Vec<Column>,
    pub sort: Column,
    /// The order is turned around.
    pub backwards: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self::of(false)
    }
}

impl Layout {
    /// Anki's first layout.
    #[must_use]
    pub fn of(notes: bool) -> Self {
        let columns = if notes {
            [
                Column::SortField,
                Column::Notetype,
                Column::Template,
                Column::Tags,
            ]
        } else {
            [
                Column::SortField,
                Column::Template,
                Column::Due,
                Column::Deck,
            ]
        };
        Self {
            notes,
            columns: columns.to_vec(),
            sort: Column::SortField,
            backwards: false,
        }
    }
}

/// Why a row has a colour; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowColor {
    #[default]
    Plain,
    /// 1 to 7.
    Flag(u8),
    Marked,
    Suspended,
    Buried,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of the card or the note.
    pub id: i64,
    /// In the order of the columns asked for; None when the card or note is gone.
    pub cells: Option<Vec<String>>,
    /// The note; 0 when it is gone.
    pub note: NoteId,
    /// The card, or the note's first; 0 when it is gone.
    pub card: CardId,
    /// Of that card: the index of its template.
    pub card_type: usize,
    pub color: RowColor,
    /// Of the card template, for the text columns; empty and 0 for the usual one.
    pub font_name: String,
    /// Points.
    pub font_size: u32,
    /// The sort field is written from right to left.
    pub right_to_left: bool,
}

impl Row {
    /// A row whose card or note does not exist any more.
    #[must_use]
    pub fn deleted(id: i64) -> Self {
        Self {
            id,
            cells: None,
            note: NoteId(0),
            card: CardId(0),
            card_type: 0,
            color: RowColor::Plain,
            font_name: String::new(),
            font_size: 0,
            right_to_left: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_the_right() {
        for (column, cards, notes) in [
            (Column::Template, false, true),
            (Column::Due, true, true),
            (Column::SortField, false, false),
            (Column::Tags, false, false),
        ] {
            assert_eq!(column.is_right_aligned(false), cards, "{column:?}");
            assert_eq!(column.is_right_aligned(true), notes, "{column:?}");
        }
    }
}
