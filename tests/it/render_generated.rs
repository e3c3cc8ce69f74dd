//! Question and answer of generated note types: nested conditionals, chained filters, special
//! fields, clozes in clozes, odd spacing, broken templates, other delimiters. The real Anki shows
//! the same cards; what each side shows and plays is compared, and which cards a note makes.

use crate::oracle;
use crate::template_grammar::Grammar;
use engram::base::ids::{CardId, NoteId};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::card_html::RenderedCard;
use engram::storage::Storage;
use engram::template::av::AvTag;
use engram::template::cards::{generated_ords, requirements};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Enough that each pair of features meets; a run takes a few seconds.
const NOTE_TYPES: usize = 400;

#[test]
fn generated_templates_show_what_anki_shows() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let wanted = room.path().join("cases.json");
    // Other seeds, to look further: `ENGRAM_TEMPLATE_SEED=7`.
    let seed = std::env::var("ENGRAM_TEMPLATE_SEED").map_or(1, |s| s.parse().unwrap());
    let mut grammar = Grammar::new(seed);
    let cases: Vec<Value> = (0..NOTE_TYPES).map(|i| grammar.notetype(i)).collect();
    std::fs::write(&wanted, serde_json::to_vec(&cases).unwrap()).unwrap();
    let Some(output) = oracle::run(
        include_str!("oracle/render.py"),
        [path.as_os_str(), wanted.as_os_str()],
    ) else {
        return;
    };
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let collection = Collection::open(&path, Clock::System).unwrap();
    let mut wrong = Vec::new();
    let cards = theirs["cards"].as_object().unwrap();
    for (id, expected) in cards {
        let id = CardId(id.parse().unwrap());
        let ours = collection.render_card(id).unwrap();
        if let Some(difference) = difference(&ours, expected) {
            wrong.push(format!("{difference}\n{}", describe(&path, id)));
        }
    }
    drop(collection);
    let storage = Storage::open_read_only(&path).unwrap();
    for (id, expected) in theirs["ords"].as_object().unwrap() {
        let note = storage
            .get_note(NoteId(id.parse().unwrap()))
            .unwrap()
            .unwrap();
        let notetype = storage.notetype(note.notetype_id).unwrap().unwrap();
        let mut ours = generated_ords(&notetype, &note.fields, !note.tags.is_empty());
        if ours.is_empty() {
            ours.push(0);
        }
        if json!(ours) != *expected {
            wrong.push(format!(
                "{}: cards {ours:?} not {expected}\nfronts {:?}\nfields {:?}\ntags {:?}",
                notetype.name,
                notetype
                    .templates
                    .iter()
                    .map(|t| &t.config.q_format)
                    .collect::<Vec<_>>(),
                notetype
                    .fields
                    .iter()
                    .map(|f| &f.name)
                    .zip(&note.fields)
                    .collect::<Vec<_>>(),
                note.tags
            ));
        }
        if requirements(&notetype) != notetype.config.reqs {
            wrong.push(format!(
                "{}: requirements {:?} not {:?}",
                notetype.name,
                requirements(&notetype),
                notetype.config.reqs
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cards\n{}",
        wrong.len(),
        cards.len(),
        wrong
            .iter()
            .take(12)
            .fold(String::new(), |all, one| all + one + "\n\n")
    );
    let count = |needle: &str| {
        cards
            .values()
            .filter(|c| c[0].as_str().unwrap().contains(needle))
            .count()
    };
    // The generator reaches what it is for: whole cards, and each kind of message.
    let problems = count("template has a problem");
    assert!(
        cards.len() > 1000 && problems * 2 < cards.len(),
        "{problems} of {}",
        cards.len()
    );
    for needle in [
        "template has a problem",
        "front of this card is blank",
        "cloze-inactive",
        "data-cloze",
        "class=hint",
        "<ruby>",
        "[[type:",
        "class=latex",
        "[anki:play:q:",
    ] {
        assert!(count(needle) > 5, "{needle}: {}", count(needle));
    }
}

fn difference(ours: &RenderedCard, theirs: &Value) -> Option<String> {
    let mut text = String::new();
    for (side, ours, theirs) in [
        ("question", &ours.question, &theirs[0]),
        ("answer", &ours.answer, &theirs[1]),
    ] {
        if ours != theirs.as_str().unwrap() {
            let _ = writeln!(
                text,
                "{side}\n  ours   {ours:?}\n  theirs {:?}",
                theirs.as_str().unwrap()
            );
        }
    }
    for (side, ours, theirs) in [
        ("question", &ours.question_av, &theirs[2]),
        ("answer", &ours.answer_av, &theirs[3]),
    ] {
        let ours: Vec<Value> = ours.iter().map(play).collect();
        if json!(ours) != *theirs {
            let _ = writeln!(
                text,
                "{side} plays\n  ours   {}\n  theirs {theirs}",
                json!(ours)
            );
        }
    }
    (!text.is_empty()).then_some(text)
}

fn play(tag: &AvTag) -> Value {
    match tag {
        AvTag::Sound(name) => json!(["sound", name]),
        AvTag::Speech(s) => {
            let speed = (f64::from(s.speed) * 1000.0).round() / 1000.0;
            json!(["speech", s.text, s.lang, s.voices, speed, s.other])
        }
    }
}

/// What the card is made of, to find the cause.
fn describe(path: &std::path::Path, id: CardId) -> String {
    let storage = Storage::open_read_only(path).unwrap();
    let card = storage.get_card(id).unwrap().unwrap();
    let note = storage.get_note(card.note_id).unwrap().unwrap();
    let notetype = storage.notetype(note.notetype_id).unwrap().unwrap();
    let template = &notetype.template_of(card.template_idx).unwrap().config;
    let fields: Vec<String> = notetype
        .fields
        .iter()
        .zip(&note.fields)
        .map(|(field, value)| format!("{:?}: {value:?}", field.name))
        .collect();
    format!(
        "{} ord {}\n  front  {:?}\n  back   {:?}\n  fields {}",
        notetype.name,
        card.template_idx,
        template.q_format,
        template.a_format,
        fields.join("\n         ")
    )
}
