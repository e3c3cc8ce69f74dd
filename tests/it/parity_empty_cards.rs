//! Empty Cards finds what the real Anki finds, and deletes as much, with notes kept and not.

use super::oracle;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::empty_cards::EmptyCards;
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/empty_cards.py");

/// Ids of all notes and cards.
fn left(col: &Collection) -> (Value, Value) {
    let storage = col.storage();
    let mut notes = Vec::new();
    let mut cards = Vec::new();
    for notetype in storage.all_notetypes().unwrap() {
        for id in storage.note_ids_of_notetype(notetype.id).unwrap() {
            notes.push(id.0);
            cards.extend(storage.cards_of_note(id).unwrap().iter().map(|c| c.id.0));
        }
    }
    notes.sort_unstable();
    cards.sort_unstable();
    (json!(notes), json!(cards))
}

/// Note, its empty cards, and whether all of its cards are empty; sorted.
pub fn as_anki_tells(report: &[EmptyCards]) -> Value {
    let mut all: Vec<(i64, Vec<i64>, bool)> = (report.iter())
        .map(|note| {
            let mut cards: Vec<i64> = note.cards.iter().map(|id| id.0).collect();
            cards.sort_unstable();
            (note.note.0, cards, note.whole_note)
        })
        .collect();
    all.sort();
    json!(all)
}

#[test]
fn the_same_cards_are_empty_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let Some(printed) = oracle::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let theirs: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let before = left(&col);
    for (key, keep) in [("keep", true), ("all", false)] {
        let theirs = &theirs[key];
        let report = col.find_empty_cards(&Progress::new()).unwrap();
        let ours = as_anki_tells(&report);
        let mut wanted = theirs["notes"].as_array().unwrap().clone();
        wanted.sort_by_key(|note| note[0].as_i64());
        assert_eq!(ours, json!(wanted));
        assert!(report.len() > 20 && report.iter().any(|note| note.whole_note));
        col.remove_empty_cards(&report, keep).unwrap();
        let (notes, cards) = left(&col);
        assert_eq!(notes, theirs["left"], "notes, {key}");
        assert_eq!(cards, theirs["cards"], "cards, {key}");
        col.undo().unwrap();
        assert_eq!(left(&col), before);
    }
}
