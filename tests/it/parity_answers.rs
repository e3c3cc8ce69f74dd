//! The same pseudo-random answers in the real Anki and here, on the same collection with the same
//! clock: the same cards are shown with the same counts and intervals, and afterwards cards,
//! review log, decks and notes are equal in every column.

use super::clocked;
use super::fsrs_memory::card_row;
use engram::base::ids::DeckId;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::study::Rating;
use serde_json::Value;
use std::path::Path;

const SCRIPT: &str = include_str!("oracle/answers.py");
const DUMP: &str = include_str!("oracle/dump.py");

fn int(value: &Value, key: &str) -> i64 {
    value[key]
        .as_i64()
        .unwrap_or_else(|| panic!("{key}: {value}"))
}

/// As the script writes it.
pub(super) fn tree(node: &DeckTreeNode) -> Value {
    let children: Vec<Value> = node.children.iter().map(tree).collect();
    serde_json::json!([
        node.id.0,
        node.new,
        node.learn,
        node.review,
        node.total_cards,
        children
    ])
}

/// Replays one step; what differs is the error.
pub(super) fn replay(col: &mut Collection, step: &Value) -> Result<(), String> {
    col.clock().set(TimestampMillis(int(step, "at")));
    if step.get("select").is_some() {
        let deck = DeckId(int(step, "select"));
        col.set_current_deck(deck).map_err(|e| e.to_string())?;
        let tree = tree(&col.deck_tree().map_err(|e| e.to_string())?);
        return if tree == step["tree"] {
            Ok(())
        } else {
            Err(format!("deck tree {tree}"))
        };
    }
    let shown = col.next_card().map_err(|e| e.to_string())?;
    let counts = col.counts().map_err(|e| e.to_string())?;
    let counts = serde_json::json!([counts.new, counts.learning, counts.review]);
    let Some(shown) = shown else {
        if step.get("done").is_none() {
            return Err(format!("nothing shown, counts {counts}"));
        }
        return if counts == step["counts"] {
            Ok(())
        } else {
            Err(format!("counts {counts}"))
        };
    };
    if step.get("card").is_none() {
        return Err(format!("shown {:?}, counts {counts}", shown.card));
    }
    let texts = serde_json::json!(shown.intervals);
    let same = shown.card.id.0 == int(step, "card")
        && texts == step["texts"]
        && counts == step["counts"]
        && shown.kind as i64 == int(step, "kind");
    if !same {
        return Err(format!(
            "shown {} {:?} {texts} {counts}\n{:?}\n{:?}",
            shown.card.id, shown.kind, shown.card, shown.states
        ));
    }
    col.clock().set(TimestampMillis(int(step, "answered")));
    let rating = Rating::ALL[usize::try_from(int(step, "rating")).unwrap_or(1) - 1];
    let taken = u32::try_from(int(step, "taken")).unwrap_or(0);
    if step.get("refused").is_some() {
        // The day ended while the card was shown: ours would accept the answer.
        return Ok(());
    }
    let done = col.answer(shown.answer(rating, taken));
    let done = done.map_err(|e| e.to_string())?;
    let row = &step["row"];
    let stored = col.storage().get_card(done.value.card.id);
    let stored = stored.map_err(|e| e.to_string())?;
    let stored = stored.ok_or("the card is gone")?;
    let ours = card_row(&stored);
    if ours != *row {
        return Err(format!("written {ours} {stored:?}\n{:?}", shown.states));
    }
    Ok(())
}

fn answers_agree(variant: &str, seed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [path, variant, "2000", seed]) else {
        return;
    };
    let ours = folder.path().join("copy.anki2");
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_000), clocked::OFFSET_WEST);
    let mut col = Collection::open(&ours, clock).unwrap();
    let steps = theirs["steps"].as_array().unwrap();
    for (i, step) in steps.iter().enumerate() {
        if let Err(e) = replay(&mut col, step) {
            let before: Vec<String> = steps[i.saturating_sub(3)..i]
                .iter()
                .map(Value::to_string)
                .collect();
            panic!(
                "{variant}, step {i}:\nAnki: {step}\nours: {e}\nbefore:\n{}",
                before.join("\n")
            );
        }
    }
    let answered = steps.iter().filter(|step| step.get("row").is_some());
    assert_eq!(answered.count(), 2000, "{variant}: too few cards to answer");
    col.close().unwrap();
    compare_tables(&ours, &theirs["end"], variant);
}

fn compare_tables(ours: &Path, theirs: &Value, variant: &str) {
    let Some(ours) = clocked::run(DUMP, [ours]) else {
        return;
    };
    for table in ["cards", "revlog", "decks", "notes", "config"] {
        let (ours, theirs) = (
            ours[table].as_array().unwrap(),
            theirs[table].as_array().unwrap(),
        );
        let differing: Vec<String> = theirs
            .iter()
            .zip(ours)
            .filter(|(a, b)| a != b)
            .take(5)
            .map(|(a, b)| format!("Anki: {a}\nours: {b}"))
            .collect();
        assert!(
            differing.is_empty(),
            "{variant}, {table}:\n{}",
            differing.join("\n")
        );
        assert_eq!(ours.len(), theirs.len(), "{variant}, {table}");
    }
}

#[test]
fn sm2_answers() {
    answers_agree("sm2", "1");
}

#[test]
fn fsrs_answers() {
    answers_agree("fsrs", "1");
}
