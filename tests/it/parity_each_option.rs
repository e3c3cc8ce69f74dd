//! The effect of each option of a preset, of a deck and of the collection, set to one value after
//! the other: the queue, the buttons' texts, the rows that answers write, leeches and where a new
//! note goes are the real Anki's.

use super::clocked;
use super::fsrs_memory::log_row;
use super::parity_answers::replay;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::Card;
use engram::domain::note_edit::NewNote;
use serde_json::{Value, json};
use std::path::Path;

const SCRIPT: &str = include_str!("oracle/each_option.py");

/// Options that only the window knows, and what has no effect in Anki 26 either.
const NOT_STUDY: [&str; 11] = [
    "disable_autoplay",
    "show_timer",
    "stop_timer_on_answer",
    "seconds_to_show_question",
    "seconds_to_show_answer",
    "question_action",
    "answer_action",
    "wait_for_audio",
    "skip_question_when_replaying_answer",
    // Which cards parameters are fitted to: `fsrs_training`.
    "param_search",
    "other",
];
/// Options whose values leave study as it is in Anki.
const WITHOUT_EFFECT: [&str; 1] = ["new_per_day_minimum"];
/// Positions of new notes in a random order.
const RANDOM_ORDER: &str = "new_card_insert_order";

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// What differs in one case.
fn differences(case: &Value, start: i64, deck: DeckId, file: &Path) -> Option<String> {
    let steps = list(&case["steps"]);
    let at = TimestampMillis(steps[0]["at"].as_i64().unwrap());
    let clock = Clock::fixed(at, clocked::OFFSET_WEST);
    let mut col = Collection::open(file, clock).unwrap();
    for (n, step) in steps.iter().enumerate() {
        if n == 1 {
            let order: Vec<Value> = (col.queue_order().unwrap().iter())
                .map(|(card, kind)| json!([card.0, *kind as i64]))
                .collect();
            if case["order"] != json!(order) {
                return Some(format!(
                    "queue\nAnki: {}\nours: {}",
                    case["order"],
                    json!(order)
                ));
            }
        }
        if let Err(ours) = replay(&mut col, step) {
            return Some(format!("step {n}\nAnki: {step}\nours: {ours}"));
        }
    }
    let cards: Vec<_> = (col.storage().all_decks().unwrap().iter())
        .flat_map(|deck| col.storage().cards_in_deck(deck.id).unwrap())
        .collect();
    let ids: Vec<_> = cards.iter().map(|card| card.id).collect();
    let mut log = (col.storage())
        .revlog_of_cards(&ids, &Progress::new())
        .unwrap();
    log.retain(|row| row.id.0 >= start);
    log.sort_by_key(|row| row.id);
    let log: Vec<Value> = log
        .iter()
        .map(|row| {
            let mut whole = vec![json!(row.id.0)];
            whole.extend(list(&log_row(row)).iter().cloned());
            Value::Array(whole)
        })
        .collect();
    if case["log"] != json!(log) {
        return Some(format!("log\nAnki: {}\nours: {}", case["log"], json!(log)));
    }
    let tagged = tagged(&col, &cards);
    if case["tagged"] != tagged {
        return Some(format!("tags\nAnki: {}\nours: {tagged}", case["tagged"]));
    }
    let added = added_at(&mut col, deck);
    let random = case["changed"] == json!([RANDOM_ORDER]);
    if random {
        // Nobody's number, but one of those in use.
        return (!(1..=10_000).contains(&added)).then(|| format!("random position {added}"));
    }
    (case["added"] != json!(added)).then(|| format!("position {} {added}", case["added"]))
}

/// Notes with tags, as the script has them.
fn tagged(col: &Collection, cards: &[Card]) -> Value {
    let mut notes: Vec<_> = cards.iter().map(|card| card.note_id).collect();
    notes.sort_unstable();
    notes.dedup();
    let notes = (notes.iter()).map(|id| col.storage().get_note(*id).unwrap().unwrap());
    let tagged = notes.filter(|note| !note.tags.is_empty());
    tagged
        .map(|note| json!([note.id.0, format!(" {} ", note.tags.join(" "))]))
        .collect()
}

/// The position of a note that is added now.
fn added_at(col: &mut Collection, deck: DeckId) -> i32 {
    let basic = (col.storage().all_notetypes().unwrap().into_iter())
        .find(|notetype| notetype.name == "Basic")
        .unwrap();
    let note = NewNote {
        notetype_id: basic.id,
        deck_id: deck,
        fields: vec!["added".into(), String::new()],
        tags: vec![],
    };
    let note = col.add_note(note).unwrap().value;
    col.storage().cards_of_note(note).unwrap()[0].due
}

fn play(group: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let Some(theirs) = clocked::run(SCRIPT, [path.as_os_str(), group.as_ref()]) else {
        return;
    };
    let start = theirs["start"].as_i64().unwrap();
    let deck = DeckId(theirs["deck"].as_i64().unwrap());
    let mut wrong = Vec::new();
    for (n, case) in list(&theirs["cases"]).iter().enumerate() {
        let what = &case["case"];
        let without_effect = WITHOUT_EFFECT.map(|option| json!([option]));
        assert_eq!(
            case["same"].as_bool().unwrap(),
            without_effect.contains(&case["changed"]),
            "{what} {}: the case shows nothing",
            case["changed"]
        );
        let file = path.join(format!("case-{n}.anki2"));
        if let Some(differs) = differences(case, start, deck, &file) {
            wrong.push(format!("{what}: {differs}"));
        }
    }
    let of = list(&theirs["cases"]).len();
    assert!(
        wrong.is_empty(),
        "{} of {of} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn steps_and_graduating() {
    play("steps");
}

#[test]
fn intervals_leeches_and_balance() {
    play("intervals");
}

#[test]
fn new_cards() {
    play("new");
}

#[test]
fn reviews_and_limits() {
    play("reviews");
}

#[test]
fn memory() {
    play("memory");
}

#[test]
fn no_option_is_forgotten() {
    let Some(fields) = clocked::run(SCRIPT, ["", "fields"]) else {
        return;
    };
    for (name, values) in fields.as_object().unwrap() {
        // A switch has one other value.
        let tried = values.as_u64().unwrap() > 0;
        assert_ne!(tried, NOT_STUDY.contains(&name.as_str()), "{name}");
    }
}
