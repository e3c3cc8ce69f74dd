//! Deck options changed one after another in the real Anki and here, over a review log of more
//! than 20,000 reviews: memory states, new due days and rows of the review log are equal.

use super::clocked;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::codec::card_data::card_data_of;
use engram::collection::Collection;
use engram::domain::card::Card;
use engram::domain::deck_config::DeckConfig;
use engram::domain::deck_options::{DeckOptionsUpdate, SharedOptions};
use engram::domain::revlog::RevlogEntry;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The log of `make` in the script of this name.
pub const HISTORY: &str = include_str!("oracle/fsrs_history.py");
const SCRIPT: &str = include_str!("oracle/fsrs_memory.py");

fn floats(value: &Value) -> Vec<f32> {
    let values = value.as_array().unwrap();
    values.iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

/// What the options screen would save for `change`.
fn options_after(col: &mut Collection, change: &Value) -> DeckOptionsUpdate {
    let deck = DeckId(change["deck"].as_i64().unwrap());
    let shown = col.deck_options(deck).unwrap();
    let mut presets: Vec<DeckConfig> = shown.presets.into_iter().map(|p| p.preset).collect();
    for preset in &mut presets {
        let Some(fields) = change["presets"][&preset.name].as_object() else {
            continue;
        };
        let inner = &mut preset.inner;
        for (field, value) in fields {
            let number = || value.as_f64().unwrap() as f32;
            match field.as_str() {
                "desired_retention" => inner.desired_retention = number(),
                "historical_retention" => inner.historical_retention = number(),
                "maximum_review_interval" => inner.maximum_review_interval = number() as u32,
                "fsrs_params_5" => inner.fsrs_params_5 = floats(value),
                "fsrs_params_6" => inner.fsrs_params_6 = floats(value),
                "easy_days_percentages" => inner.easy_days_percentages = floats(value),
                "ignore_revlogs_before_date" => {
                    inner.ignore_revlogs_before_date = value.as_str().unwrap().to_owned();
                }
                other => panic!("{other}"),
            }
        }
    }
    let mut limits = shown.limits;
    if let Some(retention) = change["deck_dr"].as_f64() {
        limits.desired_retention = Some(retention as f32);
    }
    let used = change["use"].as_str();
    let used = used.map(|name| presets.iter().find(|p| p.name == name).unwrap().id);
    DeckOptionsUpdate {
        deck,
        selected: used.unwrap_or(shown.preset),
        presets,
        removed: vec![],
        apply_to_subdecks: false,
        limits,
        shared: SharedOptions {
            fsrs: change["fsrs"].as_bool().unwrap_or(true),
            ..shown.shared
        },
        reschedule: change["reschedule"].as_bool().unwrap_or(false),
    }
}

/// A row of `cards` as the scripts have it.
pub fn card_row(card: &Card) -> Value {
    json!([
        card.id.0,
        card.note_id.0,
        card.deck_id.0,
        card.template_idx,
        card.mtime.0,
        card.usn.0,
        card.ctype as i64,
        card.queue as i64,
        card.due,
        card.interval,
        card.ease_factor,
        card.reps,
        card.lapses,
        card.remaining_steps,
        card.original_due,
        card.original_deck_id.0,
        card.flags,
        card_data_of(card)
    ])
}

/// All cards, by id.
fn cards(col: &Collection) -> Vec<Card> {
    let mut cards: Vec<Card> = col
        .storage()
        .all_decks()
        .unwrap()
        .iter()
        .flat_map(|deck| col.storage().cards_in_deck(deck.id).unwrap())
        .collect();
    cards.sort_by_key(|card| card.id);
    cards
}

/// Rows of the log that are not in `known`, without their ids and in Anki's order.
fn new_log_rows(col: &Collection, known: &mut HashSet<i64>) -> Vec<Value> {
    let ids: Vec<_> = cards(col).iter().map(|card| card.id).collect();
    let log = col
        .storage()
        .revlog_of_cards(&ids, &Progress::new())
        .unwrap();
    log.iter()
        .filter(|row| known.insert(row.id.0))
        .map(log_row)
        .collect()
}

/// A row of the log without its id.
pub fn log_row(row: &RevlogEntry) -> Value {
    json!([
        row.card_id.0,
        row.usn.0,
        row.button,
        row.interval,
        row.last_interval,
        row.ease_factor,
        row.taken_millis,
        row.kind as i64
    ])
}

/// Equal but for the last bit of a stability: the same arithmetic in 32 bits, compiled by another
/// compiler, may differ there, which shows from some 500 days up.
fn same(theirs: &Value, ours: &Value) -> bool {
    let split = |row: &Value| {
        let mut row = row.as_array().unwrap().clone();
        let data = row.pop().unwrap();
        let mut data: Value = serde_json::from_str(data.as_str().unwrap_or("{}")).unwrap();
        let stability = data.as_object_mut().and_then(|data| data.remove("s"));
        (row, data, stability.and_then(|s| s.as_f64()))
    };
    let (theirs, ours) = (split(theirs), split(ours));
    let close = match (theirs.2, ours.2) {
        (Some(theirs), Some(ours)) => (theirs - ours).abs() <= theirs * 2e-7,
        (theirs, ours) => theirs == ours,
    };
    close && (theirs.0, theirs.1) == (ours.0, ours.1)
}

fn differing(what: &str, ours: &[Value], theirs: &Value) -> Vec<String> {
    let theirs = theirs.as_array().unwrap();
    let mut wrong: Vec<String> = theirs
        .iter()
        .zip(ours)
        .filter(|(theirs, ours)| theirs != ours && !same(theirs, ours))
        .map(|(theirs, ours)| format!("{what} Anki: {theirs}\nours: {ours}"))
        .collect();
    if ours.len() != theirs.len() {
        wrong.push(format!("{what}: {} rows of {}", ours.len(), theirs.len()));
    }
    wrong
}

/// Cards whose due day differs.
fn moved(before: &[Card], after: &[Card]) -> u32 {
    let due = |card: &Card| (card.due, card.original_due);
    let pairs = before.iter().zip(after);
    u32::try_from(pairs.filter(|(a, b)| due(a) != due(b)).count()).unwrap()
}

fn agree(cards_made: &str, balance: &str, reviews: u64) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{HISTORY}\n{SCRIPT}");
    let Some(theirs) = clocked::run(
        &script,
        [folder.path().to_str().unwrap(), cards_made, balance],
    ) else {
        return;
    };
    assert!(theirs["reviews"].as_u64().unwrap() > reviews);
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_123), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let mut known = HashSet::new();
    new_log_rows(&col, &mut known);
    let mut undone = Vec::new();
    let mut wrong = Vec::new();
    for (i, step) in theirs["steps"].as_array().unwrap().iter().enumerate() {
        let at = TimestampMillis(step["at"].as_i64().unwrap());
        col.clock().set(at);
        let before = cards(&col);
        let change = &step["change"];
        let update = options_after(&mut col, change);
        let preview = col.preview_deck_options(&update, &Progress::new()).unwrap();
        assert_eq!(cards(&col), before, "a preview writes nothing");
        let saved = col.update_deck_options(&update, &Progress::new()).unwrap();
        assert_eq!(preview.moved, moved(&before, &cards(&col)), "{change}");
        // The same options again are no step to undo.
        if saved.changes.any() {
            undone.push(before);
        }
        let ours: Vec<Value> = cards(&col).iter().map(card_row).collect();
        let mut differing = differing("cards", &ours, &step["cards"]);
        let mut log = new_log_rows(&col, &mut known);
        log.sort_by_key(|row| row[0].as_i64());
        differing.extend(self::differing("log", &log, &step["log"]));
        if !differing.is_empty() {
            let count = differing.len();
            differing.truncate(3);
            wrong.push(format!("{i} {change}: {count}\n{}", differing.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // One step each takes all of it back.
    while let Some(before) = undone.pop() {
        col.undo().unwrap();
        assert_eq!(cards(&col), before);
    }
}

#[test]
fn options_change_memory_and_due_days_as_in_anki() {
    agree("2400", "0", 20_000);
}

/// Each card's day depends on the cards placed before it, so that their order shows.
#[test]
fn balanced_days_too() {
    agree("400", "1", 3000);
}
