//! Notes added and edited: rows, cards, tags and settings are those of the real Anki, and so is
//! what a new note starts with.

use super::clocked;
use super::parity_cards::card_row;
use engram::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::note::Note;
use engram::domain::note_edit::{FieldsState, NewNote, NoteEdit};
use engram::domain::op::Op;
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/notes.py");

fn strings(value: &Value) -> Vec<String> {
    let all = value.as_array().unwrap().iter();
    all.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Anki's number of the state.
fn number(state: FieldsState) -> i64 {
    match state {
        FieldsState::Fine => 0,
        FieldsState::FirstEmpty => 1,
        FieldsState::Duplicate => 2,
        FieldsState::MissingCloze => 3,
        FieldsState::NotetypeNotCloze => 4,
        FieldsState::FieldNotCloze => 5,
    }
}

/// Does the step and returns the note and what was to be said about its fields before.
fn run_step(col: &mut Collection, step: &Value) -> (NoteId, i64) {
    let what = step["what"].as_str().unwrap();
    if what == "undo" {
        let undone = col.undo().unwrap().value;
        assert_eq!(undone.label(), step["label"].as_str().unwrap());
        return (NoteId(step["id"].as_i64().unwrap()), 0);
    }
    let (fields, tags) = (strings(&step["fields"]), strings(&step["tags"]));
    let mut note = Note {
        notetype_id: NotetypeId(step["notetype"].as_i64().unwrap()),
        fields: fields.clone(),
        ..Note::default()
    };
    if what == "add" {
        let state = number(col.check_fields(&note).unwrap());
        let new = NewNote {
            notetype_id: note.notetype_id,
            deck_id: DeckId(step["deck"].as_i64().unwrap()),
            fields,
            tags,
        };
        return (col.add_note(new).unwrap().value, state);
    }
    note.id = NoteId(step["note"].as_i64().unwrap());
    if let Some(moved) = step["move"].as_array() {
        let id = CardId(moved[0].as_i64().unwrap());
        col.transact(Op::SkipUndo, |tx| {
            let mut card = tx.get_card(id)?.unwrap();
            card.deck_id = DeckId(moved[1].as_i64().unwrap());
            tx.update_card(&card)
        })
        .unwrap();
    }
    let state = number(col.check_fields(&note).unwrap());
    let edit = NoteEdit {
        id: note.id,
        notetype_id: note.notetype_id,
        fields: fields.into_iter().enumerate().collect(),
        tags: Some(tags),
    };
    col.update_notes(&[edit]).unwrap();
    (note.id, state)
}

fn note_row(col: &Collection, id: NoteId) -> Value {
    let Some(note) = col.storage().get_note(id).unwrap() else {
        return json!([]);
    };
    let tags = if note.tags.is_empty() {
        String::new()
    } else {
        format!(" {} ", note.tags.join(" "))
    };
    json!([[
        note.id.0,
        note.notetype_id.0,
        note.mtime.0,
        note.usn.0,
        tags,
        note.fields.join("\u{1f}"),
        note.sort_field,
        note.checksum
    ]])
}

fn compare(wrong: &mut Vec<String>, step: &Value, what: &str, ours: &Value, theirs: &Value) {
    if ours != theirs {
        wrong.push(format!(
            "{what} after {} {} {}\nAnki: {theirs}\nours: {ours}",
            step["what"], step["fields"], step["tags"]
        ));
    }
}

#[test]
fn a_thousand_random_edits_leave_the_rows_that_anki_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path().to_str().unwrap()]) else {
        return;
    };
    let path = folder.path().join("copy.anki2");
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&path, clock).unwrap();
    let mut wrong = Vec::new();
    for step in theirs["steps"].as_array().unwrap() {
        let at = step["at"].as_i64().unwrap();
        col.clock().set(TimestampMillis(at));
        let (id, state) = run_step(&mut col, step);
        if step["what"] != "undo" {
            compare(&mut wrong, step, "state", &json!(state), &step["state"]);
        }
        compare(&mut wrong, step, "note", &note_row(&col, id), &step["row"]);
        let cards: Vec<Value> = col
            .storage()
            .cards_of_note(id)
            .unwrap()
            .iter()
            .map(|card| card_row(&col, &json!(card.id.0)))
            .collect();
        let mut cards = cards;
        cards.sort_by_key(|row| row[0].as_i64());
        compare(&mut wrong, step, "cards", &json!(cards), &step["cards"]);
        let next: Option<i64> = col.storage().config_json("nextPos").unwrap();
        compare(&mut wrong, step, "position", &json!(next), &step["next"]);
        assert!(wrong.len() < 10, "{}", wrong.join("\n"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let tags: Vec<&str> = theirs["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[0].as_str().unwrap())
        .collect();
    assert_eq!(col.storage().tags().unwrap(), tags);
    for row in theirs["config"].as_array().unwrap() {
        let key = row[0].as_str().unwrap();
        let ours: Option<Value> = col.storage().config_json(key).unwrap();
        let theirs: Value = serde_json::from_str(row[1].as_str().unwrap()).unwrap();
        assert_eq!(ours, Some(theirs), "{key}");
    }
    same_defaults(&mut col, theirs["defaults"].as_array().unwrap());
}

fn same_defaults(col: &mut Collection, all: &[Value]) {
    for want in all {
        col.transact(Op::SkipUndo, |tx| {
            tx.set_config("addToCur", &want["follow"])?;
            tx.set_config("curDeck", &want["current"])?;
            tx.set_config("curModel", &want["model"])
        })
        .unwrap();
        let got = col
            .adding_defaults(want["card"].as_i64().map(CardId))
            .unwrap();
        let chosen = NotetypeId(want["chosen"].as_i64().unwrap());
        let its_deck = col.deck_for_notetype(chosen).unwrap();
        assert_eq!(
            json!([got.notetype_id, got.deck_id, its_deck]),
            json!([want["notetype"], want["deck"], want["its_deck"]]),
            "{want}"
        );
    }
}
