//! What is done to many notes and cards at once: each operation on a copy of a collection of the
//! real Anki's, by it and by us; the same rows, the same counts, the same name of the undo step;
//! and undo brings every row back.

use crate::oracle;
use engram::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::find_replace::{FindReplace, ReplaceIn};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What came of an action: a number, or what was asked for; None when it was refused.
type Outcome = Option<Value>;

#[test]
fn tags_are_changed_as_anki_changes_them() {
    compare(&tag_actions());
}

#[test]
fn texts_are_replaced_as_anki_replaces_them() {
    compare(&replace_actions());
}

#[test]
fn note_types_and_decks_are_changed_as_anki_changes_them() {
    compare(&other_actions());
}

/// Actions put together at random. `ENGRAM_FUZZ=100..200` tries more of them.
#[test]
fn mixed_changes_equal_ankis() {
    for seed in oracle::fuzz_seeds().unwrap_or(0..1) {
        let random = &mut StdRng::seed_from_u64(seed);
        let actions: Vec<Value> = (0..30).map(|_| mixed_action(random)).collect();
        compare(&actions);
    }
}

fn mixed_action(random: &mut StdRng) -> Value {
    let tag = |random: &mut StdRng| some(random, TAGS);
    let notes: Vec<usize> = (0..13).filter(|_| random.random_bool(0.5)).collect();
    match random.random_range(0..12) {
        0 => {
            json!({"do": "add_tags", "tags": format!("{} {}", tag(random), tag(random)), "notes": notes})
        }
        1 => {
            json!({"do": "remove_tags", "tags": format!("{} {}", tag(random), tag(random)), "notes": notes})
        }
        2 => json!({"do": "delete_tags", "tags": tag(random)}),
        3 => json!({"do": "rename_tag", "old": tag(random), "new": some(random, NEW_TAGS)}),
        4 => {
            // Of odd names Anki panics.
            let moved = ["a", "a::b", "c", "lang::de", "t1", "unused::child", "ab"];
            let parents = ["a", "c", "lang", "t1", "new", "a::b::c"];
            let parent = if random.random_bool(0.3) {
                Value::Null
            } else {
                json!(some(random, &parents))
            };
            // A tag above another comes first, as in the sidebar.
            let mut tags = [some(random, &moved), some(random, &moved)];
            tags.sort_unstable();
            json!({"do": "reparent_tags", "tags": tags, "parent": parent})
        }
        5 => json!({"do": "duplicates", "field": some(random, &["Front", "back", "Text", "Extra"]),
                    "search": some(random, &["", "one", "-tag:a", "deck:A", "is:new"])}),
        6 => {
            let kinds = ["Basic", "Cloze", "Three", "Basic (and reversed card)"];
            let pick = |random: &mut StdRng| -> Vec<i64> {
                (0..3).map(|_| random.random_range(-1..2)).collect()
            };
            let (old, new) = (some(random, &kinds), some(random, &kinds));
            let count = |name: &str| match name {
                "Three" => (3, 3),
                "Basic" => (2, 1),
                "Cloze" => (2, 1),
                _ => (2, 2),
            };
            let (mut fields, mut templates) = (pick(random), pick(random));
            fields.truncate(count(new).0);
            templates.truncate(count(new).1);
            let limit = i64::try_from(count(old).1).unwrap();
            for template in &mut templates {
                *template = (*template).min(limit - 1);
            }
            let mut action =
                json!({"do": "change_notetype", "old": old, "new": new, "fields": fields});
            if new != "Cloze" && old != "Cloze" {
                action["templates"] = json!(templates);
            }
            action
        }
        n => {
            let (find, mut with) = (some(random, FINDS), some(random, WITHS));
            // A match that is replaced by itself: Anki counts the note.
            if regex::Regex::new(find).is_ok_and(|find| {
                let same = |text: &str| find.is_match(text) && find.replace(text, with) == text;
                find.is_match("") || ["n", "x", "one"].into_iter().any(same)
            }) {
                with = "X";
            }
            let fields = ["all", "all", "Front", "back", "Text", "Extra"];
            let place = if n == 7 {
                "tags"
            } else {
                some(random, &fields)
            };
            json!({"do": "replace", "find": find, "with": with, "regex": random.random_bool(0.7),
                   "case": random.random_bool(0.5), "in": place, "notes": notes})
        }
    }
}

fn some<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

const TAGS: &[&str] = &[
    "a",
    "a::b",
    "a::b::c",
    "a::d",
    "A",
    "c",
    "z",
    "ab",
    "t1",
    "T2::x",
    "t2",
    "lang",
    "lang::de",
    "LANG::DE",
    "é",
    "É::x",
    "leech",
    "a-b",
    "q_r",
    "unused",
    "unused::child",
    "unlisted",
    "a*",
    "::",
    "a::",
    "::a",
    "x y",
    "nope",
    "a_b",
    "*",
];
const NEW_TAGS: &[&str] = &[
    "new",
    "New::deep::er",
    "x y",
    "",
    "::",
    "q::",
    "::q",
    "n*w",
    "é\u{301}",
    "n\"q",
    "n\u{3000}m",
    "w::::v",
    "-n",
    "n,",
];
const FINDS: &[&str] = &[
    "one",
    "ONE",
    "o",
    "(o)(n)e",
    "^",
    "$",
    "^.",
    ".$",
    "\\s",
    "\\bone\\b",
    "[a-z]+",
    "(?i)O",
    "e$",
    "é",
    "ü",
    "<b>",
    "x*",
    "x+",
    "(?P<name>n)",
    "a|b",
    "\\.",
    "(?s).*",
    "(?m)^",
    "(",
    "[",
    "\\",
    "\\d",
    "c[13]",
    "\\{\\{",
    "two",
    " ",
    "\n",
    "::",
    "t",
    "",
    "(?-i)One",
    "\\p{Lu}",
    "l(.*?)g",
    "img",
    "^$",
    "\\z",
];
const WITHS: &[&str] = &[
    "X",
    "",
    "$1",
    "[$1]",
    "${1}x",
    "$$",
    "$2$1",
    "$name!",
    "${name}!",
    "$1x",
    "\\1",
    "\\n",
    "$",
    "${",
    "$9",
    "<i>",
    "&",
    "&amp;",
    "E\u{301}Q",
    "a::b X",
    " X ",
    "X\u{1f}Y",
    "X\u{7}",
    "{{c2::X}}",
    "$0$0",
    "Ω",
];

fn compare(actions: &[Value]) {
    let room = tempfile::tempdir().unwrap();
    let base = room.path().join("base.anki2");
    let list = room.path().join("actions.json");
    std::fs::write(&list, serde_json::to_string(actions).unwrap()).unwrap();
    let script = include_str!("oracle/bulk.py");
    let Some(output) = oracle::run(
        script,
        ["make".as_ref(), base.as_os_str(), list.as_os_str()],
    ) else {
        return;
    };
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let mut files = vec![base.clone()];
    let mut outcomes = Vec::new();
    for (i, action) in actions.iter().enumerate() {
        let (done, undone) = (path(&base, "ours", i), path(&base, "undone", i));
        outcomes.push(do_and_undo(&base, &done, &undone, action));
        files.extend([done, undone]);
    }
    let mut arguments = vec![std::ffi::OsString::from("dump")];
    arguments.extend(files.into_iter().map(Into::into));
    let dumps = oracle::run(script, arguments).unwrap();
    let dumps: Vec<Value> = serde_json::from_str(dumps.lines().last().unwrap()).unwrap();
    let mut wrong = String::new();
    for (i, action) in actions.iter().enumerate() {
        let (expected, (outcome, label)) = (&theirs[i], &outcomes[i]);
        if let Some(panic) = expected.get("panic") {
            oracle::skip(&format!("Anki panics at {action}: {panic}"));
            continue;
        }
        let refused = expected.get("error").is_some();
        if refused != outcome.is_none() {
            wrong += &format!("{action}: Anki {expected}, we {outcome:?}\n");
            continue;
        }
        if let Some(outcome) = outcome
            && *outcome != expected["value"]
        {
            wrong += &format!("{action}: {outcome} not {}\n", expected["value"]);
        }
        let (ours, undone) = (&dumps[1 + 2 * i], &dumps[2 + 2 * i]);
        for (table, rows) in expected["dump"].as_object().unwrap() {
            wrong += &difference(&format!("{action} {table}"), &ours[table], rows);
            // The mark for a one-way sync stays, and numbers once given are not given again.
            if table != "scm" {
                wrong += &difference(
                    &format!("{action} undone {table}"),
                    &undone[table],
                    &dumps[0][table],
                );
            }
        }
        let changed = ours != &dumps[0];
        if changed && label != expected["label"].as_str().unwrap() {
            wrong += &format!("{action}: called {label}, not {}\n", expected["label"]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn path(base: &Path, whose: &str, i: usize) -> PathBuf {
    base.with_file_name(format!("{whose}-{i}.anki2"))
}

pub(super) fn difference(what: &str, ours: &Value, theirs: &Value) -> String {
    if ours == theirs {
        return String::new();
    }
    let (Some(ours), Some(theirs)) = (ours.as_array(), theirs.as_array()) else {
        return format!("{what}: {ours} not {theirs}\n");
    };
    let mut text = String::new();
    for row in ours.iter().filter(|row| !theirs.contains(row)) {
        text += &format!("{what}: ours   {row}\n");
    }
    for row in theirs.iter().filter(|row| !ours.contains(row)) {
        text += &format!("{what}: theirs {row}\n");
    }
    text
}

/// Leaves one collection with the action done, and one with it done and undone.
fn do_and_undo(base: &Path, done: &Path, undone: &Path, action: &Value) -> (Outcome, String) {
    std::fs::copy(base, done).unwrap();
    let mut col = Collection::open(done, Clock::System).unwrap();
    let outcome = act(&mut col, action);
    let label = col.undo_status().undo.map_or("", |op| op.label());
    col.close().unwrap();
    std::fs::copy(base, undone).unwrap();
    let mut col = Collection::open(undone, Clock::System).unwrap();
    act(&mut col, action);
    if col.undo_status().undo.is_some() {
        col.undo().unwrap();
    }
    col.close().unwrap();
    (outcome, label.to_owned())
}

fn act(col: &mut Collection, action: &Value) -> Outcome {
    let progress = &Progress::new();
    let text = |key: &str| action[key].as_str().unwrap_or_default();
    let mut all: Vec<NoteId> = col.find_notes("", None).unwrap();
    all.sort_unstable();
    let notes: Vec<NoteId> = match action["notes"].as_array() {
        Some(picked) => picked.iter().map(|i| all[index(i)]).collect(),
        None => all.clone(),
    };
    let count = match text("do") {
        "add_tags" => col.add_tags(&notes, text("tags"), progress),
        "remove_tags" => col.remove_tags(&notes, text("tags"), progress),
        "delete_tags" => col.delete_tags(text("tags"), progress),
        "rename_tag" => col.rename_tag(text("old"), text("new"), progress),
        "reparent_tags" => {
            let tags: Vec<String> = serde_json::from_value(action["tags"].clone()).unwrap();
            col.reparent_tags(&tags, action["parent"].as_str(), progress)
        }
        "clear_unused" => col.clear_unused_tags(progress),
        "replace" => {
            let what = FindReplace {
                find: text("find").to_owned(),
                replacement: text("with").to_owned(),
                regex: action["regex"] == true,
                match_case: action["case"] == true,
                place: match text("in") {
                    "all" => ReplaceIn::AllFields,
                    "tags" => ReplaceIn::Tags,
                    field => ReplaceIn::Field(field.to_owned()),
                },
            };
            col.find_replace(Some(&notes), &what, progress)
        }
        "set_deck" => {
            let deck = deck(col, text("deck"));
            let mut all: Vec<CardId> = col.find_cards("", None).unwrap();
            all.sort_unstable();
            let cards: Vec<CardId> = match action["cards"].as_array() {
                Some(picked) => picked.iter().map(|i| all[index(i)]).collect(),
                None => all,
            };
            col.set_deck(&cards, deck, progress)
        }
        "change_notetype" => return change_notetype(col, action, &notes),
        "duplicates" => {
            let groups = col.find_duplicates(text("field"), text("search")).unwrap();
            let rows = groups
                .into_iter()
                .map(|g| json!([g.text, g.notes.iter().map(|n| n.0).collect::<Vec<_>>()]));
            return Some(rows.collect());
        }
        "field_names" => return Some(json!(col.field_names(Some(&notes)).unwrap())),
        "saved" => {
            for (name, search) in action["saved"].as_object().unwrap() {
                col.save_search(name, search.as_str().unwrap()).unwrap();
            }
            assert_eq!(col.saved_searches().unwrap().len(), 1);
            return Some(Value::Null);
        }
        other => panic!("{other}"),
    };
    count.ok().map(|output| json!(output.value))
}

fn index(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn deck(col: &Collection, name: &str) -> DeckId {
    let decks = col.storage().all_decks().unwrap();
    decks.iter().find(|d| d.name.human() == name).unwrap().id
}

fn notetype(col: &Collection, name: &str) -> NotetypeId {
    col.storage().notetype_by_name(name).unwrap().unwrap().id
}

fn change_notetype(col: &mut Collection, action: &Value, notes: &[NoteId]) -> Outcome {
    let id = |key: &str| notetype(col, action[key].as_str().unwrap());
    let draft = col.notetype_change_draft(id("old"), id("new")).unwrap();
    let mut change = draft.suggested;
    let numbers = |map: &[Option<usize>]| -> Vec<i64> {
        map.iter().map(|at| at.map_or(-1, |at| at as i64)).collect()
    };
    let suggested = json!([
        numbers(&change.fields),
        numbers(change.templates.as_deref().unwrap_or_default())
    ]);
    let map = |value: &Value| -> Vec<Option<usize>> {
        let numbers = value.as_array().unwrap().iter();
        numbers
            .map(|n| usize::try_from(n.as_i64().unwrap()).ok())
            .collect()
    };
    if action["fields"].is_array() {
        change.fields = map(&action["fields"]);
    }
    if action["templates"].is_array() {
        change.templates = Some(map(&action["templates"]));
    }
    col.change_notetype(notes, &change, &Progress::new()).ok()?;
    Some(suggested)
}

fn tag_actions() -> Vec<Value> {
    let mut list = vec![json!({"do": "clear_unused"})];
    for tags in [
        "x",
        "x  y\u{3000}w",
        "A",
        "A::q",
        "::",
        "",
        "a::B",
        "q\u{1}r",
        "É::new",
        "b a",
        "unlisted",
    ] {
        list.push(json!({"do": "add_tags", "tags": tags}));
    }
    list.push(json!({"do": "add_tags", "tags": "x", "notes": [1, 2]}));
    for tags in [
        "a", "a z", "a*", "*", "A::b", "é", "lang::de", "nope", "unlisted", "blank",
    ] {
        list.push(json!({"do": "remove_tags", "tags": tags}));
        list.push(json!({"do": "delete_tags", "tags": tags}));
    }
    list.push(json!({"do": "delete_tags", "tags": "unused"}));
    for (old, new) in [
        ("a", "q"),
        ("a", "q r"),
        ("a", ""),
        ("a", "A"),
        ("a", "c"),
        ("a", "Z::y"),
        ("a", "a::x"),
        ("nope", "x"),
        ("a::b", "b"),
        ("a", "::x"),
        ("lang::de", "fr"),
        ("lang", "a::b"),
        ("unused", "used"),
        ("t1", "lang::it"),
        ("unlisted", "listed"),
        ("a::b::c", "c"),
    ] {
        list.push(json!({"do": "rename_tag", "old": old, "new": new}));
    }
    for (tags, parent) in [
        (json!(["a::b"]), Value::Null),
        (json!(["c"]), json!("a")),
        (json!(["a"]), json!("a::b")),
        (json!(["a", "z"]), json!("c")),
        (json!(["a::b"]), json!("a")),
        (json!(["a", "a::b"]), json!("c")),
        (json!(["a"]), json!("new")),
        (json!(["nope"]), json!("c")),
        (json!(["c"]), json!("c")),
        (json!(["lang::de", "lang::en"]), Value::Null),
        (json!(["t1"]), json!("LANG")),
        (json!(["unused::child"]), json!("a")),
    ] {
        list.push(json!({"do": "reparent_tags", "tags": tags, "parent": parent}));
    }
    list
}

fn replace_actions() -> Vec<Value> {
    let mut list = vec![];
    for (find, with, regex, case, place) in [
        ("one", "X", false, false, "all"),
        ("one", "X", false, true, "all"),
        ("one", "$0$1", false, false, "all"),
        ("(o)ne", "[$1]", true, false, "all"),
        ("(o)ne", "[${1}x]$$", true, false, "all"),
        ("one", "X", false, false, "front"),
        ("one", "X", false, false, "Back"),
        ("one", "X", false, false, "nope"),
        ("", "X", false, false, "all"),
        ("^", "X", true, false, "all"),
        ("(", "X", true, false, "all"),
        ("e\u{301}", "E", false, false, "all"),
        ("Ü", "u", false, false, "all"),
        (".", "!", false, false, "all"),
        ("^a.b$", "!", true, false, "all"),
        ("a\nb", "q", false, false, "all"),
        ("one", "o&n<b>\u{7}\u{1f}k", false, false, "all"),
        ("zz", "{{c2::q}}", false, false, "all"),
        ("x", "", false, false, "all"),
        ("o", "$1a", true, false, "all"),
        ("^$", "filled", true, false, "all"),
        ("one", "e\u{301}", false, false, "all"),
        ("t", "Q", false, false, "tags"),
        ("t", "Q", false, true, "tags"),
        ("t1", "a b", false, false, "tags"),
        ("T2::x", "", false, false, "tags"),
        ("(t)", "$1$1", true, false, "tags"),
        ("t1", "::", false, false, "tags"),
        ("^a", "b", true, false, "tags"),
        ("::", "-", false, false, "tags"),
        ("de", "DE", false, false, "tags"),
        ("zz", "aa", false, false, "tags"),
    ] {
        list.push(json!({"do": "replace", "find": find, "with": with, "regex": regex, "case": case, "in": place}));
    }
    list.push(json!({"do": "replace", "find": "one", "with": "X", "regex": false, "case": false, "in": "all", "notes": [0, 3]}));
    list
}

fn other_actions() -> Vec<Value> {
    let mut list = vec![
        json!({"do": "field_names"}),
        json!({"do": "field_names", "notes": [3, 4]}),
        json!({"do": "saved", "saved": {"Ää": "deck:*"}}),
    ];
    for (cards, deck) in [
        (json!("all"), "C"),
        (json!("all"), "A::B"),
        (json!([0, 1]), "Default"),
        (json!("all"), "F"),
    ] {
        list.push(json!({"do": "set_deck", "cards": cards, "deck": deck}));
    }
    for (old, new) in [
        ("Basic", "Cloze"),
        ("Basic", "Basic (and reversed card)"),
        ("Basic (and reversed card)", "Basic"),
        ("Cloze", "Basic"),
        ("Cloze", "Three"),
        ("Three", "Basic"),
        ("Three", "Cloze"),
        ("Basic", "Three"),
        ("Basic (optional reversed card)", "Three"),
        ("Basic", "Basic"),
    ] {
        list.push(json!({"do": "change_notetype", "old": old, "new": new}));
    }
    list.extend([
        json!({"do": "change_notetype", "old": "Three", "new": "Basic (and reversed card)", "fields": [2, 0], "templates": [2, 0]}),
        json!({"do": "change_notetype", "old": "Three", "new": "Basic", "fields": [1, 1], "templates": [-1]}),
        json!({"do": "change_notetype", "old": "Basic", "new": "Three", "fields": [1, -1, 0], "templates": [-1, 0, -1]}),
        json!({"do": "change_notetype", "old": "Basic", "new": "Cloze", "fields": [-1, 0]}),
        json!({"do": "change_notetype", "old": "Basic", "new": "Three", "notes": [0, 3, 4]}),
        json!({"do": "change_notetype", "old": "Basic", "new": "Three", "fields": [0, 0, 0], "templates": [0, 0, -1]}),
        json!({"do": "change_notetype", "old": "Three", "new": "Three", "fields": [2, 1, 0], "templates": [2, 1, 2]}),
        json!({"do": "change_notetype", "old": "Three", "new": "Three", "fields": [2, 2, 2], "templates": [2, 2, -1]}),
        json!({"do": "change_notetype", "old": "Three", "new": "Three", "fields": [0, 0, 0], "templates": [-1, 0, 0]}),
        json!({"do": "change_notetype", "old": "Three", "new": "Three", "fields": [0, 0, 0], "templates": [1, 1, 1]}),
    ]);
    for (field, search) in [
        ("Front", ""),
        ("front", ""),
        ("Back", ""),
        ("Text", ""),
        ("Back", "tag:a"),
        ("Front", "note:Basic"),
        ("nope", ""),
        ("Extra", ""),
    ] {
        list.push(json!({"do": "duplicates", "field": field, "search": search}));
    }
    list
}

#[test]
fn what_stays_the_same_is_not_written() {
    // Anki writes each note with a match, and counts it, though nothing changes.
    let room = tempfile::tempdir().unwrap();
    let mut col = Collection::open(&room.path().join("c.anki2"), Clock::System).unwrap();
    let note = engram::collection::notes::NewNote {
        notetype_id: notetype(&col, "Basic"),
        deck_id: DeckId::DEFAULT,
        fields: vec!["one".into(), "two".into()],
        tags: vec!["t1".into()],
    };
    col.add_note(note).unwrap();
    for place in [ReplaceIn::AllFields, ReplaceIn::Tags] {
        let what = FindReplace {
            find: "[a-z]+".into(),
            replacement: "$0".into(),
            regex: true,
            match_case: false,
            place,
        };
        let output = col.find_replace(None, &what, &Progress::new()).unwrap();
        assert_eq!((output.value, output.changes.any()), (0, false));
    }
}

#[test]
fn a_cancelled_operation_changes_nothing() {
    let room = tempfile::tempdir().unwrap();
    let mut col = Collection::open(&room.path().join("c.anki2"), Clock::System).unwrap();
    let note = engram::collection::notes::NewNote {
        notetype_id: notetype(&col, "Basic"),
        deck_id: DeckId::DEFAULT,
        fields: vec!["one".into()],
        tags: vec!["t1".into()],
    };
    let id = col.add_note(note).unwrap().value;
    let before = col.storage().get_note(id).unwrap();
    let progress = Progress::new();
    progress.cancel();
    assert!(
        col.add_tags(&[id], "x", &progress)
            .unwrap_err()
            .is_interrupted()
    );
    assert!(col.rename_tag("t1", "t2", &progress).is_err());
    let change = col
        .notetype_change_draft(notetype(&col, "Basic"), notetype(&col, "Cloze"))
        .unwrap();
    assert!(
        col.change_notetype(&[id], &change.suggested, &progress)
            .is_err()
    );
    assert_eq!(col.storage().get_note(id).unwrap(), before);
    assert_eq!(col.storage().tags().unwrap(), ["t1"]);
}
