//! Editing note types leaves the same rows as the real Anki: note types, fields, templates, notes
//! and cards; what it refuses is refused; and one undo brings everything back. Not compared are
//! time and usn of a note type: Anki moves them even when nothing was changed.

use super::clocked;
use engram::base::hex;
use engram::base::ids::{DeckId, NotetypeId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::codec::notetype::{
    field_from_wire, field_to_wire, notetype_from_wire, notetype_to_wire, template_from_wire,
    template_to_wire,
};
use engram::collection::Collection;
use engram::domain::notetype::{Field, Template};
use engram::domain::notetype_edit::{Edited, NotetypeEdit};
use engram::domain::op::Op;
use serde_json::{Map, Value, json};

const SCRIPT: &str = include_str!("oracle/notetypes.py");
const PARTS: [&str; 7] = [
    "notetypes",
    "fields",
    "templates",
    "notes",
    "cards",
    "config",
    "one_way",
];

fn bytes(value: &Value) -> Vec<u8> {
    value
        .as_str()
        .unwrap()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn place(value: &Value) -> Option<usize> {
    value.as_u64().map(|was| was as usize)
}

fn edit_from(asked: &Value) -> NotetypeEdit {
    let fields: Vec<Edited<Field>> = list(&asked["fields"])
        .iter()
        .map(|field| Edited {
            was: place(&field[0]),
            now: Field {
                name: text(&field[1]),
                config: field_from_wire(&bytes(&field[2])).unwrap(),
            },
        })
        .collect();
    let templates = list(&asked["templates"])
        .iter()
        .map(|template| Edited {
            was: place(&template[0]),
            now: Template {
                name: text(&template[1]),
                config: template_from_wire(&bytes(&template[2])).unwrap(),
                ..Template::default()
            },
        })
        .collect();
    let mut edit = NotetypeEdit {
        id: NotetypeId(asked["id"].as_i64().unwrap()),
        name: text(&asked["name"]),
        config: notetype_from_wire(&bytes(&asked["config"])).unwrap(),
        fields,
        templates,
    };
    // Anki's counts in the order before the edit; of one that goes, the place stays.
    let sort = edit.config.sort_field_idx as usize;
    let moved = edit.fields.iter().position(|f| f.was == Some(sort));
    edit.set_sort_field(moved.unwrap_or(sort));
    edit.set_sort_field(edit.sort_field());
    edit
}

/// Our rows, as the script has Anki's.
fn state(col: &Collection, like: &Value, scm: i64) -> Value {
    let storage = col.storage();
    let mut notetypes = storage.all_notetypes().unwrap();
    notetypes.sort_by_key(|nt| nt.id);
    let mut notes = Vec::new();
    let mut cards = Vec::new();
    for nt in &notetypes {
        for id in storage.note_ids_of_notetype(nt.id).unwrap() {
            notes.push(storage.get_note(id).unwrap().unwrap());
        }
    }
    notes.sort_by_key(|note| note.id);
    for note in &notes {
        let mut of_note = storage.cards_of_note(note.id).unwrap();
        of_note.sort_by_key(|card| card.template_idx);
        cards.extend(of_note);
    }
    let tags = |tags: &[String]| match tags {
        [] => String::new(),
        tags => format!(" {} ", tags.join(" ")),
    };
    let config: Map<String, Value> = like["config"]
        .as_object()
        .unwrap()
        .keys()
        .filter_map(|key| {
            let value: Value = storage.config_json(key).unwrap()?;
            Some((key.clone(), value.to_string().into()))
        })
        .collect();
    json!({
        "notetypes": notetypes.iter().map(|nt| json!([
            nt.id.0, nt.name, hex(&notetype_to_wire(&nt.config)),
        ])).collect::<Vec<_>>(),
        "fields": notetypes.iter().flat_map(|nt| (0..).zip(&nt.fields).map(|(ord, f): (i64, _)| json!([
            nt.id.0, ord, f.name, hex(&field_to_wire(&f.config)),
        ]))).collect::<Vec<_>>(),
        "templates": notetypes.iter().flat_map(|nt| (0..).zip(&nt.templates).map(|(ord, t): (i64, _)| json!([
            nt.id.0, ord, t.name, hex(&template_to_wire(&t.config)),
        ]))).collect::<Vec<_>>(),
        "notes": notes.iter().map(|n| json!([
            n.id.0, n.notetype_id.0, n.mtime.0, n.usn.0, tags(&n.tags), n.fields.join("\x1f"),
            n.sort_field, n.checksum,
        ])).collect::<Vec<_>>(),
        "cards": cards.iter().map(|c| json!([
            c.id.0, c.note_id.0, c.deck_id.0, c.template_idx, c.mtime.0, c.usn.0, c.ctype as i64,
            c.queue as i64, c.due,
        ])).collect::<Vec<_>>(),
        "config": config,
        "one_way": storage.col_row().unwrap().scm.0 != scm,
    })
}

/// The first rows that differ, for a message that can be read.
fn differences(what: &str, theirs: &Value, ours: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in PARTS {
        let (a, b) = (&theirs[key], &ours[key]);
        match (a.as_array(), b.as_array()) {
            _ if a == b => {}
            (Some(a), Some(b)) if a.len() == b.len() => {
                let rows = a.iter().zip(b).filter(|(a, b)| a != b).take(2);
                found.extend(rows.map(|(a, b)| format!("{what} {key}\nAnki {a}\nours {b}")));
            }
            _ => found.push(format!("{what} {key}\nAnki {a}\nours {b}")),
        }
    }
    found
}

/// Anki's message names the card type and the kind of problem; ours must too.
fn same_problem(anki: &str, ours: &str) -> bool {
    let kinds = [
        ("Expected to find a field", "shows no field"),
        ("Expected to find a field", "needs the cloze filter"),
        ("' not found", "there is no field called"),
        ("See the preview", "On the "),
        ("is identical", "is the same as"),
        ("or similar", "needs the cloze filter"),
        ("1 field required", "at least one field"),
        ("1 template required", "at least one card type"),
    ];
    kinds
        .iter()
        .any(|(theirs, words)| anki.contains(theirs) && ours.contains(words))
}

fn without_one_way(state: &Value) -> Value {
    let mut state = state.clone();
    state["one_way"] = Value::Null;
    state
}

#[test]
fn edited_note_types_leave_ankis_rows_and_undo_brings_back_ours() {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let mut wrong = Vec::new();
    let mut snapshots = Vec::new();
    let (mut refused, mut saved) = (0, 0);
    for (n, step) in list(&theirs["steps"]).iter().enumerate() {
        col.clock()
            .set(TimestampMillis(step["now"].as_i64().unwrap()));
        let scm = col.storage().col_row().unwrap().scm.0;
        let before = state(&col, &step["state"], scm);
        let what = format!("step {n}: {} {}\n", step["names"], step["edit"]);
        let done = if step["what"] == "remove" {
            let id = NotetypeId(step["id"].as_i64().unwrap());
            col.remove_notetype(id, &Progress::new()).map(drop)
        } else {
            col.update_notetype(&edit_from(&step["edit"]), &Progress::new())
                .map(drop)
        };
        match (&done, step["error"].as_str()) {
            (Ok(()), None) => saved += 1,
            (Err(ours), Some(anki)) if same_problem(anki, &ours.to_string()) => refused += 1,
            (ours, anki) => wrong.push(format!("{what}{ours:?} Anki {anki:?}")),
        }
        let after = state(&col, &step["state"], scm);
        if without_one_way(&before) != without_one_way(&after) {
            snapshots.push(before);
        }
        wrong.extend(differences(&what, &step["state"], &after));
        if wrong.len() > 2 {
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 15 && saved > 80, "{refused} {saved}");

    let mut undone = 0;
    while undone < 15 {
        let before = snapshots.pop().unwrap();
        let op = col.undo().unwrap().value;
        assert!(matches!(op, Op::UpdateNotetype | Op::RemoveNotetype));
        let after = state(&col, &before, 0);
        let wrong = differences(
            "after undo",
            &without_one_way(&before),
            &without_one_way(&after),
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        undone += 1;
    }
}

#[test]
fn a_note_keeps_a_card_when_its_card_type_goes() {
    use engram::collection::notes::NewNote;
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let name = "Basic (and reversed card)";
    let both = col.storage().notetype_by_name(name).unwrap().unwrap();
    let note = NewNote {
        notetype_id: both.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![String::new(), "only behind".into()],
        tags: vec![],
    };
    let id = col.add_note(note).unwrap().value;
    let cards = |col: &Collection| col.storage().cards_of_note(id).unwrap().len();
    assert_eq!(cards(&col), 1);
    let mut edit = NotetypeEdit::from(both);
    assert!(edit.remove_template(1));
    col.update_notetype(&edit, &Progress::new()).unwrap();
    assert_eq!(cards(&col), 1);
    assert_eq!(col.storage().cards_of_note(id).unwrap()[0].template_idx, 0);
    col.undo().unwrap();
    assert_eq!(col.storage().cards_of_note(id).unwrap()[0].template_idx, 1);
    let versions = col.notetype_versions(edit.id).unwrap();
    let kept: Vec<usize> = (versions.iter().map(|v| v.notetype.templates.len())).collect();
    assert_eq!(kept, [1, 2], "before undo and before the edit");
}

/// As in Anki 26.9.3, whichever deck was used last.
#[test]
fn cards_of_an_added_card_type_go_to_the_deck_of_the_others_or_to_default() {
    use engram::collection::notes::NewNote;
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let name = "Basic (and reversed card)";
    let both = col.storage().notetype_by_name(name).unwrap().unwrap();
    let [home, other] = ["Home", "Other"].map(|name| col.deck_create(name).unwrap().value);
    let note = NewNote {
        notetype_id: both.id,
        deck_id: home,
        fields: vec!["front".into(), "back".into()],
        tags: vec![],
    };
    let together = col.add_note(note.clone()).unwrap().value;
    let apart = col.add_note(note).unwrap().value;
    let mut moved = col.storage().cards_of_note(apart).unwrap()[1].clone();
    moved.deck_id = other;
    col.transact(Op::SetDeck, |tx| tx.update_card(&moved))
        .unwrap();
    let mut edit = NotetypeEdit::from(both);
    edit.add_template("Third", 0);
    edit.templates[2].now.config.q_format.push_str(" again");
    col.update_notetype(&edit, &Progress::new()).unwrap();
    let decks = |note| -> Vec<DeckId> {
        let cards = col.storage().cards_of_note(note).unwrap();
        cards.iter().map(|card| card.deck_id).collect()
    };
    assert_eq!(decks(together), [home; 3]);
    assert_eq!(decks(apart), [home, other, DeckId::DEFAULT]);
}

#[test]
fn cards_of_a_cloze_note_type_with_two_templates_stay_when_one_goes() {
    use engram::collection::notes::NewNote;
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let cloze = |col: &Collection| col.storage().notetype_by_name("Cloze").unwrap().unwrap();
    let mut edit = NotetypeEdit::from(cloze(&col));
    edit.add_template("Second", 0);
    edit.templates[1].now.config.q_format.push_str(" again");
    col.update_notetype(&edit, &Progress::new()).unwrap();
    let note = NewNote {
        notetype_id: edit.id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["{{c1::a}} {{c2::b}} {{c3::c}}".into()],
        tags: vec![],
    };
    let note = col.add_note(note).unwrap().value;
    let cards = |col: &Collection| -> Vec<(i64, u16)> {
        let cards = col.storage().cards_of_note(note).unwrap().into_iter();
        cards.map(|card| (card.id.0, card.template_idx)).collect()
    };
    let before = cards(&col);
    assert_eq!(before.len(), 3);
    for change in [
        |edit: &mut NotetypeEdit| edit.move_template(0, 1),
        |edit: &mut NotetypeEdit| assert!(edit.remove_template(1)),
    ] {
        let mut edit = NotetypeEdit::from(cloze(&col));
        change(&mut edit);
        col.update_notetype(&edit, &Progress::new()).unwrap();
        // They belong to the deletions and not to the templates.
        assert_eq!(cards(&col), before);
    }
    let facts = col.notetype_facts(edit.id).unwrap();
    assert_eq!((facts.notes, facts.cards), (1, vec![0]));
}
