//! The study queue in the order of the real Anki for every gathering, sorting, mixing and burying
//! option, over nested decks with limits; with the deck list's counts and the finished screen. And
//! what undo and redo make of a queue that is being studied.

use super::clocked;
use engram::base::ids::{DeckConfigId, DeckId};
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use serde_json::{Value, json};
use std::path::Path;

const SCRIPT: &str = include_str!("oracle/queue.py");
const UNDO_SCRIPT: &str = include_str!("oracle/queue_undo.py");

fn number(value: &Value, key: &str) -> i32 {
    value[key].as_i64().unwrap() as i32
}

/// Sets the options of a case in all presets and selects its deck.
fn apply(col: &mut Collection, case: &Value, presets: &[DeckConfigId]) {
    col.transact(Op::UpdatePreferences, |tx| {
        tx.set_config("fsrs", &case["fsrs"])?;
        tx.set_config("newCardsIgnoreReviewLimit", &case["ignore"])?;
        tx.set_config("applyAllParentLimits", &case["parents"])?;
        let bury = number(case, "bury");
        for id in presets {
            let mut preset = tx.get_deck_config(*id)?.unwrap();
            let options = &mut preset.inner;
            options.new_card_gather_priority = number(case, "gather");
            options.new_card_sort_order = number(case, "sort");
            options.review_order = number(case, "review");
            options.new_mix = number(case, "mix");
            options.interday_learning_mix = number(case, "daymix");
            if let Some(reviews) = case["reviews"].as_u64() {
                options.reviews_per_day = reviews as u32;
            }
            options.bury_new = bury & 1 != 0;
            options.bury_reviews = bury & 2 != 0;
            options.bury_interday_learning = bury & 4 != 0;
            tx.update_deck_config(&preset)?;
        }
        Ok(())
    })
    .unwrap();
    let root = DeckId(case["root"].as_i64().unwrap());
    col.set_current_deck(root).unwrap();
}

fn tree(node: &DeckTreeNode) -> Value {
    let children: Vec<Value> = node.children.iter().map(tree).collect();
    json!([
        node.id.0,
        node.new,
        node.learn,
        node.review,
        node.total_cards,
        children
    ])
}

#[test]
fn every_order_equals_ankis() {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let presets: Vec<DeckConfigId> = theirs["presets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| DeckConfigId(id.as_i64().unwrap()))
        .collect();
    let mut wrong = Vec::new();
    for entry in theirs["cases"].as_array().unwrap() {
        let case = &entry["case"];
        col.clock()
            .set(TimestampMillis(entry["now"].as_i64().unwrap()));
        apply(&mut col, case, &presets);
        let order: Vec<Value> = col
            .queue_order()
            .unwrap()
            .iter()
            .map(|(card, kind)| json!([card.0, *kind as i64]))
            .collect();
        let counts = col.counts().unwrap();
        let congrats = col.congrats().unwrap();
        let ours = json!({
            "case": case,
            "tree": tree(&col.deck_tree().unwrap()),
            "counts": [counts.new, counts.learning, counts.review],
            "order": order,
            "congrats": [
                congrats.learn_remaining, congrats.review_remaining, congrats.new_remaining,
                congrats.have_sched_buried, congrats.have_user_buried, congrats.is_filtered,
                congrats.secs_until_next_learn
            ],
        });
        for key in ["tree", "counts", "order", "congrats"] {
            if ours[key] != entry[key] {
                wrong.push(format!(
                    "{case}: {key}\nAnki: {}\nours: {}",
                    entry[key], ours[key]
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The first step after which the queue is another one.
fn compare_undo(path: &Path, steps: &Value) -> Option<String> {
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(path, clock).unwrap();
    for (i, step) in steps.as_array().unwrap().iter().enumerate() {
        col.clock()
            .set(TimestampMillis(step["at"].as_i64().unwrap()));
        match step["what"].as_str().unwrap() {
            "answer" => {
                let shown = col.next_card().unwrap().unwrap();
                let rating = Rating::ALL[step["rating"].as_u64().unwrap() as usize];
                col.answer(shown.answer(rating, 0)).unwrap();
            }
            "undo" => assert_eq!(col.undo().unwrap().value, Op::AnswerCard),
            "redo" => assert_eq!(col.redo().unwrap().value, Op::AnswerCard),
            _ => {}
        }
        // As the window does, after each step.
        col.next_card().unwrap();
        let order = col.queue_order().unwrap();
        let order: Vec<i64> = order.iter().map(|(card, _)| card.0).collect();
        let counts = col.counts().unwrap();
        let counts = [counts.new, counts.learning, counts.review];
        if json!(order) != step["order"] || json!(counts) != step["counts"] {
            return Some(format!("step {i}: {step}\nours: {order:?} {counts:?}"));
        }
    }
    None
}

#[test]
fn undo_and_redo_leave_the_queue_that_anki_has() {
    let folder = tempfile::tempdir().unwrap();
    let seeds = ["3", "10", "15", "23", "24"];
    let args = [folder.path().to_str().unwrap()].into_iter().chain(seeds);
    let Some(theirs) = clocked::run(UNDO_SCRIPT, args) else {
        return;
    };
    let wrong: Vec<String> = (seeds.iter().zip(theirs.as_array().unwrap()))
        .filter_map(|(seed, steps)| {
            let copy = folder.path().join(seed).join("copy.anki2");
            compare_undo(&copy, steps).map(|wrong| format!("seed {seed}, {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
