//! What is shown and written of collections that were made in random ways: text files, the browser's
//! rows and orders, the deck tree and empty cards are the real Anki's. `ENGRAM_FUZZ=20..40` tries
//! other seeds.

use super::apkg_import::{NOW, clock_at};
use super::{browse_parity, clocked, oracle, parity_answers, parity_empty_cards, text_export};
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::domain::browse::{Column, Layout};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const SCRIPT: &str = concat!(
    include_str!("oracle/hand.py"),
    include_str!("oracle/read_mixed.py")
);

fn browsed(col: &mut Collection, theirs: &Value, wrong: &mut String) {
    let columns = Column::ALL.map(|(column, _)| column);
    for (name, notes) in [("cards", false), ("notes", true)] {
        let expected = theirs[name].as_object().unwrap();
        let ids: Vec<i64> = expected.keys().map(|id| id.parse().unwrap()).collect();
        for row in col.browse_rows(&ids, notes, &columns).unwrap() {
            browse_parity::compare(&row, &expected[&row.id.to_string()], wrong);
        }
        for order in theirs[format!("{name} by")].as_array().unwrap() {
            let key = order[0].as_str().unwrap();
            let column = Column::ALL
                .into_iter()
                .find(|(column, _)| column.key() == key);
            let layout = Layout {
                sort: column.unwrap().0,
                backwards: order[1].as_bool().unwrap(),
                ..Layout::of(notes)
            };
            let ours = json!(col.browse("deck:*", &layout).unwrap());
            if ours != order[2] {
                let _ = writeln!(
                    wrong,
                    "{name} by {key} {}: {ours}, Anki {}",
                    order[1], order[2]
                );
            }
        }
    }
}

fn differing(theirs: &Value) -> String {
    let mut wrong = String::new();
    let path = theirs["path"].as_str().unwrap();
    let mut col = Collection::open(Path::new(path), clock_at(NOW)).unwrap();
    let deck = DeckId(theirs["deck"].as_i64().unwrap());
    for file in theirs["files"].as_array().unwrap() {
        let (count, text) = text_export::written(&col, deck, &file["order"]);
        if json!(count) != file["count"] {
            let _ = writeln!(wrong, "{}: {count}, Anki {}", file["order"], file["count"]);
        }
        let theirs = file["text"].as_str().unwrap();
        if text != theirs {
            let order = &file["order"];
            let mut lines = text.lines().zip(theirs.lines());
            let first = lines.find(|(ours, theirs)| ours != theirs);
            let _ = writeln!(wrong, "{order} ours, Anki: {first:?}");
        }
    }
    let report = col.find_empty_cards(&Progress::new()).unwrap();
    let empty = parity_empty_cards::as_anki_tells(&report);
    if empty != theirs["empty"] {
        let _ = writeln!(wrong, "empty {empty}, Anki {}", theirs["empty"]);
    }
    let tree = parity_answers::tree(&col.deck_tree().unwrap());
    if tree != theirs["tree"] {
        let _ = writeln!(wrong, "tree {tree}, Anki {}", theirs["tree"]);
    }
    browsed(&mut col, theirs, &mut wrong);
    col.close().unwrap();
    wrong
}

#[test]
fn mixed_collections_read_as_in_anki() {
    let folder = tempfile::tempdir().unwrap();
    let seeds = oracle::fuzz_seeds().unwrap_or(0..3);
    let args = std::iter::once(folder.path().to_str().unwrap().to_owned())
        .chain(seeds.clone().map(|seed| seed.to_string()));
    let Some(all) = clocked::run(SCRIPT, args) else {
        return;
    };
    let mut wrong = String::new();
    for (seed, theirs) in seeds.zip(all.as_array().unwrap()) {
        let found = differing(theirs);
        if !found.is_empty() {
            let _ = writeln!(wrong, "seed {seed}:\n{found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
