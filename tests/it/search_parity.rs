//! Searches over a varied collection that the real Anki made: the same cards and notes, the same
//! normal form, the same errors, the same orders; also with accents ignored, with fields that are
//! left out of searches, and with texts that are not brought into composed form. Where Anki negates
//! wrongly, what is right here.

use crate::oracle;
use engram::base::ErrorKind;
use engram::base::ids::{CardId, DeckId};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note_edit::NewNote;
use engram::search;
use engram::storage::search::SortColumn;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn ids(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_i64().unwrap())
        .collect()
}

/// What Anki finds for the lines of `searches`, and a line for each that is different here; None
/// without the real Anki.
pub fn differences(searches: &str) -> Option<(Value, String)> {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let list = room.path().join("searches.txt");
    std::fs::write(&list, searches).unwrap();
    let output = oracle::run(
        include_str!("oracle/search.py"),
        [path.as_os_str(), list.as_os_str()],
    )?;
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let mut wrong = String::new();
    for mode in ["plain", "folded", "hidden", "both", "apart"] {
        let path = room.path().join(format!("collection-{mode}.anki2"));
        let mut col = Collection::open(&path, Clock::System).unwrap();
        for (query, expected) in theirs[mode].as_object().unwrap() {
            for difference in compare(&mut col, query, expected) {
                let _ = writeln!(wrong, "{mode}: {query}: {difference}");
            }
        }
    }
    Some((theirs, wrong))
}

#[test]
fn searches_find_what_anki_finds() {
    let Some((theirs, wrong)) = differences(include_str!("oracle/searches.txt")) else {
        return;
    };
    for mode in ["plain", "folded", "hidden", "both", "apart"] {
        let least = if mode == "plain" { 700 } else { 300 };
        let searches = theirs[mode].as_object().unwrap();
        assert!(searches.len() > least, "{}", searches.len());
    }
    assert!(wrong.is_empty(), "{wrong}");
    // The settings are not without effect on what is searched for.
    for mode in ["folded", "hidden", "both", "apart"] {
        let changed = |query: &str| theirs["plain"][query] != theirs[mode][query];
        let differs = changed("uber") || changed("dog") || changed("u\u{308}ber");
        assert!(differs, "{mode}");
    }
}

/// How what we find differs from what Anki finds.
fn compare(col: &mut Collection, query: &str, expected: &Value) -> Vec<String> {
    let found = col.find_cards(query, None);
    if let Some(error) = expected["error"].as_str() {
        return match found {
            Err(e) if e.kind() == ErrorKind::InvalidInput => vec![],
            other => vec![format!("Anki says {error}, we find {other:?}")],
        };
    }
    let (cards, notes) = match (found, col.find_notes(query, None)) {
        (Ok(cards), Ok(notes)) => (cards, notes),
        (cards, notes) => return vec![format!("{:?} {:?}", cards.err(), notes.err())],
    };
    let mut cards: Vec<i64> = cards.iter().map(|id| id.0).collect();
    let mut notes: Vec<i64> = notes.iter().map(|id| id.0).collect();
    cards.sort_unstable();
    notes.sort_unstable();
    let mut wrong = Vec::new();
    for (what, ours, theirs) in [
        ("cards", cards, ids(&expected["cards"])),
        ("notes", notes, ids(&expected["notes"])),
    ] {
        if ours != theirs {
            let missing = theirs.iter().filter(|id| !ours.contains(id)).count();
            let extra = ours.iter().filter(|id| !theirs.contains(id)).count();
            wrong.push(format!(
                "{what}: {missing} of theirs missing, {extra} too many, {} right",
                theirs.len() - missing
            ));
        }
    }
    let normal = search::print(&search::parse(query).unwrap());
    if normal != expected["normal"].as_str().unwrap() {
        wrong.push(format!("normal {normal} not {}", expected["normal"]));
    }
    wrong
}

#[test]
fn orders_equal_ankis() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let none = room.path().join("none.txt");
    std::fs::write(&none, "").unwrap();
    let Some(output) = oracle::run(
        include_str!("oracle/search.py"),
        [path.as_os_str(), none.as_os_str()],
    ) else {
        return;
    };
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let mut wrong = String::new();
    for rows in ["cards_by", "notes_by"] {
        for (key, expected) in theirs[rows].as_object().unwrap() {
            let (name, reverse) = key.split_once(' ').unwrap();
            // These have no order of notes: Anki leaves them as they are found, we refuse.
            if rows == "notes_by" && ["stability", "difficulty", "retrievability"].contains(&name) {
                continue;
            }
            let sort = Some((SortColumn::named(name).unwrap(), reverse == "True"));
            let ours: Result<Vec<i64>, _> = if rows == "cards_by" {
                col.find_cards("deck:*", sort)
                    .map(|found| found.iter().map(|id| id.0).collect())
            } else {
                col.find_notes("deck:*", sort)
                    .map(|found| found.iter().map(|id| id.0).collect())
            };
            match (ours, expected.as_str()) {
                (Ok(ours), None) => {
                    let expected = ids(expected);
                    let same = ours
                        .iter()
                        .zip(&expected)
                        .take_while(|(a, b)| a == b)
                        .count();
                    if ours != expected {
                        let _ =
                            writeln!(wrong, "{rows} {key}: same for {same} of {}", expected.len());
                    }
                }
                (Err(_), Some(_)) => {}
                (ours, _) => {
                    let _ = writeln!(wrong, "{rows} {key}: ours {ours:?}, theirs {expected}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The real Anki turns half of the condition of `sc:` around.
#[test]
fn a_minus_finds_what_the_search_does_not_and_a_second_search_narrows_the_first() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let other = col.deck_create("Other").unwrap().value;
    let mut all = vec![];
    for (notetype, front, deck_id) in [
        ("Basic", "dog", DeckId::DEFAULT),
        ("Basic", "hot dog", other),
        ("Basic", "bird", other),
        ("Cloze", "{{c1::d}}og", DeckId::DEFAULT),
        ("Cloze", "{{c1::bird}}", other),
    ] {
        let notetype = col.storage().notetype_by_name(notetype).unwrap().unwrap();
        let new = NewNote {
            notetype_id: notetype.id,
            deck_id,
            fields: vec![front.into(), String::new()],
            tags: vec![],
        };
        let note = col.add_note(new).unwrap().value;
        all.extend(col.storage().cards_of_note(note).unwrap());
    }
    let all: BTreeSet<CardId> = all.into_iter().map(|card| card.id).collect();
    assert_eq!(all.len(), 5);
    let mut found = |query: &str| -> BTreeSet<CardId> {
        let cards = col.find_cards(query, None).unwrap();
        cards.into_iter().collect()
    };
    let [here, there] = [DeckId::DEFAULT, other].map(|id| format!("did:{}", id.0));
    let both = format!("{there},{}", DeckId::DEFAULT.0);
    for (query, cards) in [
        (here.as_str(), 2),
        (there.as_str(), 3),
        (both.as_str(), 5),
        ("sc:dog", 1),
        ("sc:b*d", 1),
    ] {
        let those = found(query);
        assert_eq!(those.len(), cards, "{query}");
        let others = found(&format!("-{query}"));
        assert_eq!(others, &all - &those, "-{query}");
        for second in ["dog", "bird", "note:Cloze"] {
            let both = found(&format!("{query} {second}"));
            assert_eq!(both, &those & &found(second), "{query} {second}");
            let neither = found(&format!("-({query} or {second})"));
            assert_eq!(neither, &others - &found(second), "{query} {second}");
        }
    }
}
