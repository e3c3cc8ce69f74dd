//! The small deck that a new profile starts with: it shows what cards can do and how the program
//! works, by being studied. Text of our own. The note types are the stock ones, looked up by
//! their stock number, so that a translated collection works too.

use super::notes::NewNote;
use super::{Collection, adding};
use crate::base::ids::DeckId;
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::mark;

/// Name of the deck.
pub const DECK_NAME: &str = "Welcome to Engram";

/// HTML shown on the deck's page.
const DECK_DESCRIPTION: &str = "Twenty short notes that show how Engram works. Study them, change them, \
     or delete the deck when you are done: it is yours.";

/// Which stock note type a sample note uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Basic,
    Reversed,
    Cloze,
}

impl Kind {
    /// `original_stock_kind` of the note type.
    #[must_use]
    fn stock_number(self) -> i32 {
        match self {
            Self::Basic => 1,
            Self::Reversed => 2,
            Self::Cloze => 5,
        }
    }
}

/// One note: two fields of HTML (for cloze notes text and extra).
#[derive(Debug, Clone, Copy)]
pub struct SampleNote {
    pub kind: Kind,
    pub fields: [&'static str; 2],
    pub tag: &'static str,
}

const fn basic(front: &'static str, back: &'static str, tag: &'static str) -> SampleNote {
    SampleNote {
        kind: Kind::Basic,
        fields: [front, back],
        tag,
    }
}

const fn reversed(front: &'static str, back: &'static str, tag: &'static str) -> SampleNote {
    SampleNote {
        kind: Kind::Reversed,
        fields: [front, back],
        tag,
    }
}

const fn cloze(text: &'static str, extra: &'static str, tag: &'static str) -> SampleNote {
    SampleNote {
        kind: Kind::Cloze,
        fields: [text, extra],
        tag,
    }
}

/// In the order in which they are studied.
pub const NOTES: &[SampleNote] = &[
    basic(
        "This is a card. Try to answer it in your head, then press <b>Space</b>.<br><br>\
         What is the capital of Iceland?",
        "<b>Reykjavík</b><br><br>Did you know it? Press <b>Space</b> for Good, or <b>1</b> for Again.",
        "first-steps",
    ),
    basic(
        "What do the four answer buttons mean?",
        "<b>Again</b>: I did not know it<br><b>Hard</b>: I knew it, with effort<br>\
         <b>Good</b>: I knew it<br><b>Easy</b>: far too easy<br><br>\
         The time on each button is when the card comes back.",
        "first-steps",
    ),
    basic(
        "Which keys answer a card?",
        "<b>1</b> Again, <b>2</b> Hard, <b>3</b> Good, <b>4</b> Easy.<br>\
         <b>Space</b> or <b>Enter</b> shows the answer, then means Good.",
        "first-steps",
    ),
    basic(
        "You pressed the wrong button. What now?",
        "<b>Ctrl+Z</b> takes the answer back, as often as you like.<br>\
         <b>Ctrl+Shift+Z</b> does it again.",
        "first-steps",
    ),
    cloze(
        "The three numbers beside a deck are {{c1::<span style=\"color:#1f5fcc\">new</span>}} cards, \
         cards being {{c2::<span style=\"color:#ba381a\">learned</span>}} and cards \
         {{c3::<span style=\"color:#1c7540\">due</span>::the green ones}} for review.",
        "This is a cloze card: one sentence, several gaps, a card for each.",
        "first-steps",
    ),
    basic(
        "Why do cards come back after longer and longer times?",
        "Each time you recall something just before you would forget it, you keep it longer. \
         This is called <b>spaced repetition</b>.",
        "memory",
    ),
    cloze(
        "{{c1::Hermann Ebbinghaus}} measured his own forgetting in {{c2::1885}}, with lists of \
         {{c3::syllables without meaning::of what?}}.",
        "Half of a list was gone within the hour, but each repetition slowed the loss.",
        "memory",
    ),
    basic(
        "Which is better for memory: reading a page again, or closing the book and recalling it?",
        "<b>Recalling it.</b> Being tested strengthens a memory more than seeing the answer once more.",
        "memory",
    ),
    cloze(
        "A good card asks {{c1::one thing}}, and its answer is {{c2::short}}.",
        "Several small cards are easier to learn than a long one.",
        "memory",
    ),
    basic(
        "Should you learn from cards what you do not understand yet?",
        "No. <b>Understand first</b>, then make cards so as not to forget.",
        "memory",
    ),
    reversed("la madrugada", "the small hours, early morning", "spanish"),
    reversed("das Fernweh", "the longing for far-away places", "german"),
    reversed(
        "<ruby>木<rt>き</rt></ruby><ruby>漏<rt>も</rt></ruby>れ<ruby>日<rt>び</rt></ruby>",
        "sunlight that falls through leaves",
        "japanese",
    ),
    reversed(
        "<div dir=\"rtl\" style=\"font-size:28px\">كتاب</div>",
        "book (kitāb)",
        "arabic",
    ),
    basic(
        "Cards can hold tables. Which planet is the largest?\
         <table style=\"margin:14px auto;border-collapse:collapse\" border=\"1\" cellpadding=\"6\">\
         <tr><th>Planet</th><th>Diameter</th></tr>\
         <tr><td>Earth</td><td>12,742 km</td></tr>\
         <tr><td>Saturn</td><td>116,460 km</td></tr>\
         <tr><td>?</td><td>139,820 km</td></tr></table>",
        "<b>Jupiter</b>",
        "science",
    ),
    cloze(
        "Water is made of two atoms of {{c1::hydrogen}} and one of {{c2::oxygen}}: \
         {{c3::H<sub>2</sub>O}}.",
        "",
        "science",
    ),
    basic(
        "How does a card look that has a bit of style?\
         <div style=\"margin-top:16px;padding:14px 18px;border-radius:12px;background:#5b4bcb;color:#fff\">\
         Any HTML and CSS you like</div>",
        "Like this one. The look of all cards of a kind is set once, in their note type.",
        "science",
    ),
    basic(
        "Where are your cards kept?",
        "On this computer, in your profile's folder, in the same file format as Anki's. \
         Nothing leaves it unless you say so.",
        "safety",
    ),
    basic(
        "What happens to your cards if something goes wrong?",
        "Engram makes a <b>backup</b> every 30 minutes when something changed, and checks each one \
         by opening it. The bottom bar says when the last one was made.",
        "safety",
    ),
    basic(
        "How do you go back to an earlier state?",
        "<b>File &gt; Switch Profile &gt; Open Backup…</b> shows every backup with its date and what you would \
         lose. A restore can be undone as well.",
        "safety",
    ),
    cloze(
        "Automatic backups stay on this computer and leave out {{c1::sounds and pictures}}. For a copy \
         elsewhere, use {{c2::File &gt; Export}} with {{c3::media}} included.",
        "Keep that file on another disk or another computer.",
        "safety",
    ),
];

/// Adds the deck with its notes; an existing deck of that name gets them too. It becomes the deck
/// that is studied, browsed and added to, at first with Basic notes. Nothing of it can be undone:
/// that is for what its owner did.
pub fn add_sample_deck(collection: &mut Collection) -> Result<DeckId> {
    let deck = collection.deck_create(DECK_NAME)?.value;
    collection.deck_set_description(deck, DECK_DESCRIPTION, false)?;
    let notetypes = collection.storage().all_notetypes()?;
    let notetype_of = |kind: Kind| {
        notetypes
            .iter()
            .find(|n| n.config.original_stock_kind == kind.stock_number())
            .map(|n| n.id)
            .ok_or_else(|| Error::not_found(mark!("a stock note type is missing")))
    };
    let notes = NOTES
        .iter()
        .map(|sample| {
            Ok(NewNote {
                notetype_id: notetype_of(sample.kind)?,
                deck_id: deck,
                fields: sample.fields.iter().map(|f| (*f).to_owned()).collect(),
                tags: vec![sample.tag.to_owned()],
            })
        })
        .collect::<Result<Vec<_>>>()?;
    collection.add_notes(notes)?;
    let basic = notetype_of(Kind::Basic)?;
    collection.transact(Op::SkipUndo, |tx| adding::remember(tx, basic, deck))?;
    collection.set_current_deck(deck)?;
    collection.clear_undo();
    Ok(deck)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_note_asks_something_and_is_different() {
        let mut fronts = HashSet::new();
        for note in NOTES {
            assert!(!note.fields[0].trim().is_empty());
            assert!(fronts.insert(note.fields[0]), "twice: {}", note.fields[0]);
            if note.kind == Kind::Cloze {
                assert!(note.fields[0].contains("{{c1::"), "{}", note.fields[0]);
            } else {
                assert!(!note.fields[1].is_empty(), "{}", note.fields[0]);
            }
            assert!(!note.tag.contains(' '));
        }
        for kind in [Kind::Basic, Kind::Reversed, Kind::Cloze] {
            assert!(NOTES.iter().any(|n| n.kind == kind));
        }
    }
}
