//! Random things done to random collections beside the real Anki: filtered decks, Custom Study,
//! answers in them, cards changed by hand, and the undoing of each. What every step gives and every
//! row after it must be equal. A search for
//! rare differences, not a gate: it runs where `ENGRAM_FUZZ=100..200` names the seeds.

use super::{clocked, fsrs_memory, oracle, parity_answers, parity_cards, parity_filtered};
use engram::base::ids::{CardId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::codec::card_data::{card_data_into, card_data_of};
use engram::collection::Collection;
use engram::domain::card::Card;
use engram::domain::reposition::Reposition;
use engram::domain::study::Rating;
use fsrs_memory::card_row;
use parity_filtered::{deck_rows, differing, is_random};
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/study_fuzz.py");

fn cards_of(step: &Value) -> Vec<CardId> {
    let ids = step["cards"].as_array().unwrap().iter();
    ids.map(|id| CardId(id.as_i64().unwrap())).collect()
}

fn counts(col: &mut Collection) -> engram::base::Result<Value> {
    let counts = col.counts()?;
    Ok(json!([counts.new, counts.learning, counts.review]))
}

/// Does one step; what it gave, as the script has it.
fn run(col: &mut Collection, step: &Value) -> engram::base::Result<Value> {
    let arg = &step["arg"];
    let what = step["what"].as_str().unwrap();
    Ok(match what {
        "save" => {
            let mut draft = parity_filtered::draft_of(arg);
            if draft.id.is_some() {
                // What the dialog does not show stays.
                let old = col.filtered_draft(draft.id)?.deck;
                draft.deck.preview_delay = old.preview_delay;
            }
            json!(col.filtered_save(&draft)?.value.deck.0)
        }
        "tree" => parity_answers::tree(&col.deck_tree()?),
        "redo" => col.redo().map(|_| Value::Null)?,
        "answer" => {
            let shown = col.next_card()?;
            let counts = counts(col)?;
            match shown {
                None => json!([0, counts]),
                Some(shown) => {
                    let rating = Rating::ALL[usize::try_from(arg.as_i64().unwrap()).unwrap() - 1];
                    col.answer(shown.answer(rating, 0))?;
                    json!([shown.card.id.0, counts, shown.intervals])
                }
            }
        }
        "bury" => json!(
            col.bury_cards(&cards_of(step), arg[0].as_bool().unwrap())?
                .value
        ),
        "suspend" => json!(col.suspend_cards(&cards_of(step))?.value),
        "flag" => {
            let flag = u8::try_from(arg[0].as_i64().unwrap()).unwrap();
            json!(col.set_flag(&cards_of(step), flag)?.value)
        }
        "move" => {
            let deck = DeckId(arg[0].as_i64().unwrap());
            let moved = col.set_deck(&cards_of(step), deck, &Progress::default())?;
            json!(moved.value)
        }
        "notes" => {
            let ids: Vec<NoteId> = (arg[0].as_array().unwrap().iter())
                .map(|id| NoteId(id.as_i64().unwrap()))
                .collect();
            json!(col.delete_notes(&ids)?.value.cards)
        }
        "rename" => {
            let deck = DeckId(arg[0].as_i64().unwrap());
            col.deck_rename(deck, arg[1].as_str().unwrap())
                .map(|_| Value::Null)?
        }
        "reposition" => {
            let number = |i: usize| u32::try_from(arg[i].as_i64().unwrap()).unwrap();
            let how = Reposition {
                start: number(0),
                step: number(1),
                random: arg[2].as_bool().unwrap(),
                shift: arg[3].as_bool().unwrap(),
            };
            json!(col.reposition_new_cards(&cards_of(step), how)?.value)
        }
        "due" | "reset" | "unsuspend" | "unbury" | "unbury cards" | "grade" => {
            let step = json!({"what": what, "cards": step["cards"], "args": arg});
            parity_cards::run_step(col, &step).map(|()| Value::Null)?
        }
        _ => parity_filtered::run(col, what, arg)?,
    })
}

fn rows_of_cards(col: &Collection) -> Vec<Value> {
    let storage = col.storage();
    let mut rows = Vec::new();
    for deck in storage.all_decks().unwrap() {
        for card in storage.cards_in_deck(deck.id).unwrap() {
            let mut row = card_row(&card);
            if is_random(&deck) && card.due < 0 {
                row[8] = Value::Null;
            }
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| row[0].as_i64());
    rows
}

fn state(col: &Collection, log_of: &Value) -> Value {
    let storage = col.storage();
    let mut keys = storage.config_keys_with_prefix("").unwrap();
    // Kept for older programs.
    keys.retain(|key| key != "activeDecks");
    keys.sort();
    let config: Vec<Value> = keys
        .iter()
        .map(|k| json!([k, storage.config_json::<Value>(k).unwrap().unwrap()]))
        .collect();
    let mut cards: Vec<i64> = (log_of.as_array().unwrap().iter())
        .map(|row| row[1].as_i64().unwrap())
        .collect();
    let rows = rows_of_cards(col);
    cards.extend(rows.iter().map(|row| row[0].as_i64().unwrap()));
    cards.sort_unstable();
    cards.dedup();
    let cards: Vec<Value> = cards.into_iter().map(|card| json!([card])).collect();
    let log = parity_cards::log_rows(col, &cards);
    let mut notes: Vec<i64> = rows.iter().map(|row| row[1].as_i64().unwrap()).collect();
    notes.sort_unstable();
    notes.dedup();
    let notes: Vec<Value> = notes
        .into_iter()
        .map(|id| {
            let note = storage.get_note(NoteId(id)).unwrap().unwrap();
            let tags = match note.tags.join(" ") {
                none if none.is_empty() => none,
                some => format!(" {some} "),
            };
            json!([id, note.mtime.0, note.usn.0, tags])
        })
        .collect();
    json!({"decks": deck_rows(col), "cards": rows, "config": config, "revlog": log, "notes": notes})
}

/// Rows of cards with their data as ours are here: read, so that the last digit of a number is that
/// of the nearest one in 32 bits.
fn read(rows: &Value) -> Value {
    let mut rows = rows.clone();
    for row in rows.as_array_mut().unwrap() {
        let mut card = Card::default();
        card_data_into(&mut card, row[17].as_str().unwrap());
        row[17] = json!(card_data_of(&card));
    }
    rows
}

/// Where chance decided, what it decided.
fn without_chance(table: &str, rows: &Value, what: &str) -> Value {
    let columns: &[usize] = match (what, table) {
        ("reposition", "cards") => &[8, 14],
        ("due", "cards") => &[8, 9],
        ("due", "revlog") => &[4],
        _ => &[],
    };
    let mut rows = rows.clone();
    for row in rows.as_array_mut().unwrap() {
        for &column in columns {
            row[column] = Value::Null;
        }
    }
    rows
}

/// The first difference.
fn compare(seed: u64) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let theirs = clocked::run(SCRIPT, [path, &seed.to_string(), "150"])?;
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let steps = theirs["steps"].as_array().unwrap();
    for (i, step) in steps.iter().enumerate() {
        let what = step["what"].as_str().unwrap();
        let place = format!(
            "seed {seed}, fsrs {}, step {i}: {what} {} {}",
            theirs["fsrs"], step["arg"], step["cards"]
        );
        col.clock()
            .set(TimestampMillis(step["at"].as_i64().unwrap()));
        if step["queue"] == true {
            // While there is a queue, Grade Now balances the days as an answer does.
            col.next_card().unwrap();
        }
        match (run(&mut col, step), step.get("error")) {
            (Ok(_), Some(error)) => return Some(format!("{place}\nAnki refused: {error}")),
            (Err(error), None) => {
                return Some(format!(
                    "{place}\nours refused: {error}\nAnki: {}",
                    step["gave"]
                ));
            }
            (Ok(gave), None) if gave != step["gave"] => {
                let before: Vec<String> = (steps[i.saturating_sub(8)..i].iter())
                    .map(|s| format!("{} {} {} {}", s["what"], s["arg"], s["gave"], s["error"]))
                    .collect();
                return Some(format!(
                    "{place}\nAnki: {}\nours: {gave}\n{}\n{:?}",
                    step["gave"],
                    before.join("\n"),
                    col.queue_order()
                ));
            }
            _ => {}
        }
        let ours = state(&col, &step["state"]["revlog"]);
        for table in ["decks", "cards", "config", "revlog", "notes"] {
            let (mut ours, mut theirs) = (ours[table].clone(), step["state"][table].clone());
            if table == "cards" {
                theirs = read(&theirs);
            }
            if step.get("random").is_some() {
                ours = without_chance(table, &ours, what);
                theirs = without_chance(table, &theirs, what);
            }
            let wrong = differing(&ours, &theirs);
            if !wrong.is_empty() {
                return Some(format!("{place}, {table}:\n{}", wrong.join("\n")));
            }
        }
    }
    None
}

#[test]
fn random_study_equals_ankis() {
    let Some(seeds) = oracle::fuzz_seeds() else {
        oracle::skip("a search for rare differences (set ENGRAM_FUZZ=1..20)");
        return;
    };
    let wrong: Vec<String> = seeds.filter_map(compare).collect();
    assert!(
        wrong.is_empty(),
        "{} seeds differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
