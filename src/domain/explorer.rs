//! What the Backup Explorer shows of an earlier collection, as plain values; and the difference
//! of two texts, word by word.

use super::recovery::Recovered;
use crate::base::ids::{DeckId, NoteId};
use crate::base::time::TimestampSecs;
use similar::{Algorithm, ChangeTag, capture_diff_slices};
use std::path::PathBuf;

/// How something differs, seen from the earlier collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Only the earlier one has it.
    Deleted,
    /// Both have it, with other content.
    Changed,
    /// Only the present one has it.
    Added,
}

/// Which notes of the backup are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Show {
    /// Deleted since, or with other fields, tags or note type now.
    #[default]
    Changes,
    Deleted,
    /// With another schedule of a card now.
    Rescheduled,
    All,
}

/// What is in an opened backup, and how much of it differs from the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub path: PathBuf,
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
    /// Notes deleted or changed since.
    pub changes: u64,
    pub deleted: u64,
    pub rescheduled: u64,
    /// Decks with notes that changed, by name (`A::B`).
    pub decks: Vec<Group>,
    /// Tags of notes that changed.
    pub tags: Vec<Group>,
}

/// A deck or tag of the side bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    /// Notes of it that were deleted or changed since.
    pub changes: u64,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: NoteId,
    /// The sort field, as one line of text.
    pub title: String,
    /// The next field that is not empty.
    pub line: String,
}

/// The notes that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub show: Show,
    pub search: String,
    /// None: as it is in the collection.
    pub notes: Vec<(NoteId, Option<Change>)>,
}

/// A note of the backup beside what the collection has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub id: NoteId,
    pub title: String,
    pub change: Option<Change>,
    pub notetype: String,
    /// When it was last changed, in the backup.
    pub modified: TimestampSecs,
    pub deck: DeckId,
    pub deck_name: String,
    pub fields: Vec<Compared>,
    pub tags: Compared,
    pub cards: Vec<CardCompared>,
}

/// A field as text: in the backup and now (None: it is not there).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub name: String,
    pub was: String,
    pub is: Option<String>,
}

/// The schedule of a card: in the backup and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCompared {
    pub name: String,
    pub was: String,
    /// None: the card is not there.
    pub is: Option<String>,
    /// Reviews in the log since the backup.
    pub reviews_since: u64,
}

/// What a recovery from the Explorer did, media included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredFrom {
    pub done: Recovered,
    pub media_added: usize,
    /// Wanted, and neither in the media folder nor in the package.
    pub media_missing: Vec<String>,
}

/// A stretch of two texts compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    /// Only in the earlier text.
    Was(String),
    /// Only in the present one.
    Is(String),
}

/// Both texts in one, word by word; what was stands before what is.
#[must_use]
pub fn word_diff(was: &str, is: &str) -> Vec<Piece> {
    let (old, new) = (words(was), words(is));
    let mut pieces: Vec<Piece> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        for change in op.iter_changes(&old, &new) {
            let word = change.value();
            match (change.tag(), pieces.last_mut()) {
                (ChangeTag::Equal, Some(Piece::Same(text)))
                | (ChangeTag::Delete, Some(Piece::Was(text)))
                | (ChangeTag::Insert, Some(Piece::Is(text))) => text.push_str(word),
                (ChangeTag::Equal, _) => pieces.push(Piece::Same(word.to_owned())),
                (ChangeTag::Delete, _) => pieces.push(Piece::Was(word.to_owned())),
                (ChangeTag::Insert, _) => pieces.push(Piece::Is(word.to_owned())),
            }
        }
    }
    joined(pieces)
}

/// A space between two changes belongs to them: whole phrases are easier to read.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    let mut change = (String::new(), String::new());
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Was(text) => change.0.push_str(&text),
            Piece::Is(text) => change.1.push_str(&text),
            Piece::Same(text) => {
                let inside = !change.0.is_empty()
                    && !change.1.is_empty()
                    && text.trim().is_empty()
                    && pieces.peek().is_some();
                if inside {
                    change.0.push_str(&text);
                    change.1.push_str(&text);
                } else {
                    flush(&mut change, &mut out);
                    out.push(Piece::Same(text));
                }
            }
        }
    }
    flush(&mut change, &mut out);
    out
}

fn flush(change: &mut (String, String), out: &mut Vec<Piece>) {
    let (was, is) = std::mem::take(change);
    out.extend((!was.is_empty()).then_some(Piece::Was(was)));
    out.extend((!is.is_empty()).then_some(Piece::Is(is)));
}

/// Words, and what is between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<bool> = None;
    for (at, c) in text.char_indices() {
        let is_word = c.is_alphanumeric();
        if before.is_some_and(|b| b != is_word || !is_word) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(is_word);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stayed_and_what_did_not() {
        let pieces = word_diff("small hours, early morning", "small hours, dawn");
        assert_eq!(
            pieces,
            [
                Piece::Same("small hours, ".into()),
                Piece::Was("early morning".into()),
                Piece::Is("dawn".into()),
            ]
        );
        let pieces = word_diff("woke de madrugada, y", "woke al amanecer, y");
        assert_eq!(pieces[1], Piece::Was("de madrugada".into()));
        assert_eq!(pieces[2], Piece::Is("al amanecer".into()));
        assert!(word_diff("", "").is_empty());
        assert_eq!(word_diff("日", "日本").len(), 2);
    }

    #[test]
    fn both_texts_can_be_read_from_it() {
        for (was, is) in [
            ("a b c", "a x c d"),
            ("", "new"),
            ("gone", ""),
            ("é😀 x", "😀 é"),
        ] {
            let (mut old, mut new) = (String::new(), String::new());
            for piece in word_diff(was, is) {
                match piece {
                    Piece::Same(text) => {
                        old.push_str(&text);
                        new.push_str(&text);
                    }
                    Piece::Was(text) => old.push_str(&text),
                    Piece::Is(text) => new.push_str(&text),
                }
            }
            assert_eq!((old.as_str(), new.as_str()), (was, is));
        }
    }
}
