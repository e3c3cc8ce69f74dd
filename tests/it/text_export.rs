//! Notes and cards in plain text are byte for byte what the real Anki writes.

use super::apkg_import::{NOW, clock_at};
use super::clocked;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::collection::text_export::{export_cards, export_notes};
use engram::domain::package::{NoteColumns, Selection};
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/text_export.py");

/// What is written with these options, and of how many.
pub fn written(col: &Collection, deck: DeckId, order: &Value) -> (u64, String) {
    let storage = col.storage();
    let progress = Progress::new();
    let on = |key: &str| order[key].as_bool().unwrap();
    let selection = if on("one_deck") {
        Selection::Deck(deck)
    } else {
        Selection::Everything
    };
    let mut out = Vec::new();
    let html = on("with_html");
    let count = if on("cards") {
        export_cards(storage, &selection, html, &mut out, &progress).unwrap()
    } else {
        let columns = NoteColumns {
            guid: on("with_guid"),
            notetype: on("with_notetype"),
            deck: on("with_deck"),
            tags: on("with_tags"),
        };
        export_notes(storage, &selection, html, columns, &mut out, &progress).unwrap()
    };
    (count, String::from_utf8(out).unwrap())
}

#[test]
fn text_files_are_ankis() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let Some(made) = clocked::run(SCRIPT, [path.to_str().unwrap()]) else {
        return;
    };
    let deck = DeckId(made["deck"].as_i64().unwrap());
    let col = Collection::open(&path, clock_at(NOW)).unwrap();
    for file in made["files"].as_array().unwrap() {
        let order = &file["order"];
        let (count, text) = written(&col, deck, order);
        assert_eq!(text, file["text"], "{order}");
        assert_eq!(json!(count), file["count"], "{order}");
    }
}
