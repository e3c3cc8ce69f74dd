//! Collections that we make and write, judged by the real Anki: equal to its own when new, sound
//! in its database check after use, and with deleted notes that its importer takes back.

use crate::oracle;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::limits::DELETED_LOG_BYTES;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::text_import::TextWishes;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

fn stock(col: &Collection, name: &str) -> engram::base::ids::NotetypeId {
    col.storage().notetype_by_name(name).unwrap().unwrap().id
}

fn note(col: &Collection, notetype: &str, deck_id: DeckId, fields: &[&str]) -> NewNote {
    NewNote {
        notetype_id: stock(col, notetype),
        deck_id,
        fields: fields.iter().map(|&f| f.to_owned()).collect(),
        tags: vec!["A::b".into(), "c".into()],
    }
}

#[test]
fn a_new_collection_equals_one_that_anki_makes() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.anki2");
    Collection::open(&ours, Clock::System)
        .unwrap()
        .close()
        .unwrap();
    let script = r#"
import sys, sqlite3, re
from anki.collection import Collection
ours, theirs = sys.argv[1:3]
Collection(theirs).close()
def dump(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    ids = {id: n for n, (id,) in enumerate(db.execute("select id from notetypes order by id"))}
    out = {"schema": [r for r in db.execute("select type, name, sql from sqlite_master order by rowid")
        if not (r[0] == "index" and r[1].startswith("sqlite_"))]}
    out["header"] = open(path, "rb").read(100)[16:24] + open(path, "rb").read(100)[44:72]
    out["col"] = db.execute("select id,crt,mod,ver,dty,usn,ls,conf,models,decks,dconf,tags from col").fetchall()
    for t in ("deck_config", "decks", "tags", "graves", "notes", "cards", "revlog"):
        out[t] = db.execute(f"select * from {t}").fetchall()
    out["config"] = db.execute("select key, usn, val from config where key != 'curModel' order by key").fetchall()
    current, = db.execute("select val from config where key = 'curModel'").fetchone()
    out["current"] = ids[int(current)]
    out["notetypes"] = [(ids[r[0]],) + r[1:] for r in db.execute("select * from notetypes order by id")]
    # the random ids of fields and templates differ: 9 and 8 as varints
    strip = lambda v, tag: re.sub(tag + rb"[\x80-\xff]{7,9}[\x00-\x7f]", b"", v)
    out["fields"] = [(ids[r[0]], r[1], r[2], strip(r[3], b"\x48")) for r in db.execute("select * from fields order by ntid, ord")]
    out["templates"] = [(ids[r[0]],) + r[1:5] + (strip(r[5], b"\x40"),) for r in db.execute("select * from templates order by ntid, ord")]
    return out
a, b = dump(theirs), dump(ours)
for k in a:
    if a[k] != b[k]:
        print(k); print("  anki:", a[k]); print("  ours:", b[k])
"#;
    let theirs = folder.path().join("theirs.anki2");
    if let Some(differences) = oracle::run(script, [ours, theirs]) {
        assert_eq!(differences, "");
    }
}

/// Runs Anki's Check Database; prints what it found, and counts.
const CHECK: &str = r#"
import sys
from anki.collection import Collection
c = Collection(sys.argv[1])
problems, ok = c.fix_integrity()
print(ok, problems.strip())
print(c.note_count(), c.card_count(), c.decks.count(), sorted(c.tags.all()))
for nid in c.find_notes("", order=False):
    n = c.get_note(nid)
    print(n.fields, n.tags, [(card.ord, c.decks.name(card.did), card.due) for card in n.cards()])
c.close()
"#;

#[test]
fn anki_finds_nothing_wrong_with_what_we_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let deck = col.deck_create("Über::Deck").unwrap().value;
    let notes = vec![
        note(&col, "Basic", deck, &["fr\r\0ont e\u{301}", "<b>back</b>"]),
        note(&col, "Basic (and reversed card)", deck, &["12", "34"]),
        note(
            &col,
            "Cloze",
            DeckId::DEFAULT,
            &["{{c1::a}} {{c3::b {{c2::c}}}}"],
        ),
        note(
            &col,
            "Basic (optional reversed card)",
            deck,
            &["no", "reverse"],
        ),
        note(&col, "Basic", deck, &["", "empty front"]),
    ];
    let ids = col.add_notes(notes).unwrap().value;
    col.toggle_mark(&ids[..2]).unwrap();
    col.toggle_mark(&ids[1..2]).unwrap();
    col.delete_notes(&ids[3..4]).unwrap();
    col.deck_rename(deck, "Moved::Deck").unwrap();
    col.undo().unwrap();
    col.close().unwrap();
    let Some(seen) = oracle::run(CHECK, [&path]) else {
        return;
    };
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[0], "True Database rebuilt and optimized.", "{seen}");
    assert_eq!(lines[1], "4 7 3 ['A::b', 'c', 'marked']");
    for line in [
        "['front é', '<b>back</b>'] ['A::b', 'c', 'marked'] [(0, 'Über::Deck', 1)]",
        "['12', '34'] ['A::b', 'c'] [(0, 'Über::Deck', 2), (1, 'Über::Deck', 2)]",
        "['{{c1::a}} {{c3::b {{c2::c}}}}', ''] ['A::b', 'c'] \
         [(0, 'Default', 3), (1, 'Default', 3), (2, 'Default', 3)]",
        "['', 'empty front'] ['A::b', 'c'] [(0, 'Über::Deck', 5)]",
    ] {
        assert!(lines.contains(&line), "{line} not in\n{seen}");
    }
    // And back again.
    Collection::open(&path, Clock::System)
        .unwrap()
        .close()
        .unwrap();
}

#[test]
fn deleted_notes_of_mixed_types_come_back_by_importing_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let deck = col.deck_create("Deck::Sub").unwrap().value;
    let notes = vec![
        note(
            &col,
            "Basic",
            deck,
            &["tab\there \"quoted\"", "line\nbreak <br> &amp;"],
        ),
        note(&col, "Cloze", deck, &["{{c1::x}}", "#extra"]),
        note(
            &col,
            "Basic (optional reversed card)",
            DeckId::DEFAULT,
            &["#a", "b", "y"],
        ),
    ];
    let ids = col.add_notes(notes).unwrap().value;
    let before: Vec<_> = ids
        .iter()
        .map(|&id| col.storage().get_note(id).unwrap().unwrap())
        .collect();
    col.delete_notes(&ids[..1]).unwrap();
    col.deck_delete(&[deck]).unwrap();
    col.delete_notes(&ids[2..]).unwrap();
    assert_eq!(col.storage().counts().unwrap().notes, 0);
    col.close().unwrap();
    let script = r#"
import sys
from anki.collection import Collection, ImportCsvRequest
c = Collection(sys.argv[1])
metadata = c.get_csv_metadata(path=sys.argv[2], delimiter=None)
c.import_csv(ImportCsvRequest(path=sys.argv[2], metadata=metadata))
for nid in c.find_notes("", order="n.id asc"):
    n = c.get_note(nid)
    print(repr((n.guid, n.note_type()["name"], c.decks.name(n.cards()[0].did), n.tags, n.fields)))
print(c.note_count())
c.close()
"#;
    let log = folder.path().join("deleted.txt");
    let Some(seen) = oracle::run(script, [&path, &log]) else {
        return;
    };
    assert!(seen.ends_with("3\n"), "{seen}");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    for old in &before {
        let id = col.storage().guids().unwrap().get(&old.guid).copied();
        let new = col
            .storage()
            .get_note(id.expect("by its guid"))
            .unwrap()
            .unwrap();
        assert_eq!((&new.fields, &new.tags), (&old.fields, &old.tags));
        assert_eq!(new.notetype_id, old.notetype_id);
        assert_eq!(new.checksum, old.checksum);
        assert_eq!(new.sort_field, old.sort_field);
    }
    assert!(seen.contains("'Deck::Sub'") && seen.contains("'Default'"));
    col.delete_notes(&ids).unwrap();
    col.close().unwrap();
}

/// Whatever stands in a field, the file of deleted notes gives it back as it was.
#[test]
fn deleted_notes_with_odd_texts_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let decks = ["#d", "\"q\" d::s", "x;y,z", "123"];
    let decks = decks.map(|name| col.deck_create(name).unwrap().value);
    let texts = [
        "a",
        "\"",
        "\"\"",
        "\"a",
        "a\"",
        "#x",
        " lead",
        "\ta",
        "a\nb",
        "a\r\nb",
        "a\rb",
        "\\n",
        "&lt;",
        "\u{2028}x",
        "\u{feff}x",
        "=1+1",
        "a;b,c",
        "#separator:tab",
        "#",
        "-",
        "\u{a0}",
        "\u{b}x",
    ];
    for (n, text) in texts.into_iter().enumerate() {
        let notetype = if n % 2 == 0 {
            "Basic"
        } else {
            "Basic (and reversed card)"
        };
        let mut new = note(&col, notetype, decks[n % decks.len()], &[text, text]);
        new.tags.push("\"q\"".into());
        col.add_note(new).unwrap();
    }
    let ids = col.find_notes("", None).unwrap();
    let read = |col: &Collection, id| col.storage().get_note(id).unwrap().unwrap();
    let before: Vec<_> = ids.iter().map(|&id| read(&col, id)).collect();
    assert_eq!(before.len(), texts.len());
    col.delete_notes(&ids).unwrap();
    let log = folder.path().join("deleted.txt");
    let look = col.look_at_text(&log, &TextWishes::default()).unwrap();
    col.import_text(&log, &look.options, &Progress::new())
        .unwrap();
    let guids = col.storage().guids().unwrap();
    assert_eq!(guids.len(), before.len());
    for old in before {
        let new = read(&col, *guids.get(&old.guid).expect("by its guid"));
        assert_eq!((&new.fields, &new.tags), (&old.fields, &old.tags));
        assert_eq!(new.notetype_id, old.notetype_id, "{:?}", old.fields);
    }
    col.close().unwrap();
}

#[test]
fn a_cancelled_deletion_leaves_no_entry_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let log = folder.path().join("deleted.txt");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let add = |col: &mut Collection, front: &str| {
        let new = note(col, "Basic", DeckId::DEFAULT, &[front, "b"]);
        col.add_note(new).unwrap().value
    };
    let (first, second) = (add(&mut col, "first"), add(&mut col, "second"));
    let cancelled = Progress::new();
    cancelled.cancel();
    let stopped = |col: &mut Collection| {
        let done = col.watched(&cancelled, |col| col.delete_notes(&[second]));
        assert!(done.unwrap_err().is_interrupted());
        assert!(col.storage().get_note(second).unwrap().is_some());
    };
    stopped(&mut col);
    assert!(!log.exists());
    col.delete_notes(&[first]).unwrap();
    let before = std::fs::read(&log).unwrap();
    stopped(&mut col);
    assert_eq!(std::fs::read(&log).unwrap(), before);
    col.delete_notes(&[second]).unwrap();
    let after = std::fs::read_to_string(&log).unwrap();
    assert_eq!(
        (
            after.matches("first").count(),
            after.matches("second").count()
        ),
        (1, 1)
    );
}

#[test]
fn a_foreign_or_torn_file_of_deleted_notes_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let log = folder.path().join("deleted.txt");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let mut delete_one = |expected_files: usize| {
        let new = note(&col, "Basic", DeckId::DEFAULT, &["a", "b"]);
        let id = col.add_note(new).unwrap().value;
        col.delete_notes(&[id]).unwrap();
        assert_eq!(text_files(folder.path()), expected_files);
    };
    std::fs::write(
        &log,
        "#guid column:1\n#notetype column:2\n#nid\tmid\tfields\n1\t2\ta\n",
    )
    .unwrap();
    delete_one(2);
    delete_one(2);
    let mut torn = std::fs::read(&log).unwrap();
    torn.pop();
    std::fs::write(&log, torn).unwrap();
    delete_one(3);
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().count(), 7, "{text}");
    // One that has grown too large, sound as it is.
    let mut grown = std::fs::OpenOptions::new().write(true).open(&log).unwrap();
    grown.seek(SeekFrom::Start(DELETED_LOG_BYTES)).unwrap();
    grown.write_all(b"\n").unwrap();
    drop(grown);
    delete_one(4);
    assert!(std::fs::metadata(&log).unwrap().len() < 1000);
}

fn text_files(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .filter(|e| {
            e.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|x| x == "txt")
        })
        .count()
}
