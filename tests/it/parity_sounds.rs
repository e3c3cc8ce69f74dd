//! Sounds and speech of cards equal those of the real Anki: what is shown in their place, and what
//! is played in which order.

use super::oracle;
use engram::base::ids::CardId;
use engram::collection::card_html::render_card;
use engram::storage::Storage;
use engram::template::av::AvTag;
use serde_json::{Value, json};

fn tags(found: &[AvTag]) -> Value {
    let tag = |tag: &AvTag| match tag {
        AvTag::Sound(name) => json!(["sound", name]),
        AvTag::Speech(s) => {
            let speed = (f64::from(s.speed) * 1000.0).round() / 1000.0;
            let mut other = s.other.clone();
            // Anki gives these in no order.
            other.sort();
            json!(["speech", s.text, s.lang, s.voices, speed, other])
        }
    };
    found.iter().map(tag).collect()
}

#[test]
fn sounds_and_speech_are_those_of_anki() {
    let room = tempfile::tempdir().unwrap();
    let Some(printed) = oracle::run(include_str!("oracle/sounds.py"), [room.path()]) else {
        return;
    };
    let cards: Vec<Value> = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    assert!(cards.len() > 30);
    let storage = Storage::open_read_only(&room.path().join("collection.anki2")).unwrap();
    for theirs in cards {
        let card = render_card(&storage, CardId(theirs["id"].as_i64().unwrap())).unwrap();
        let ours = json!({
            "id": theirs["id"],
            "question": card.question,
            "answer": card.answer,
            "question_av": tags(&card.question_av),
            "answer_av": tags(&card.answer_av),
        });
        assert_eq!(ours, theirs);
    }
}
