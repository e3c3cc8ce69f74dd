//! Check Database on damaged collections: what we find is named, what we mend leaves nothing for
//! the real Anki's check to find, and looking without mending changes no byte.

use crate::oracle;
use engram::base::ids::NoteId;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note::Note;

/// Damage by name: statements in which C0…C5 and N0…N2 stand for the ids of cards and notes, and
/// the problems that we must report.
const DAMAGE: &[(&str, &str, &[&str])] = &[
    ("clean", "", &[]),
    (
        "last-review",
        "update cards set type=2,queue=2,due=5,ivl=3,factor=2500 where id=C0",
        &["last-review-times 1"],
    ),
    // Anki takes the time away where the log has no answer since a reset.
    (
        "reset",
        "update cards set type=2,queue=2,due=5,ivl=3,factor=2500,data='{\"lrt\":5}'; \
      update cards set data='' where id=C1; update cards set type=0,queue=0,ivl=0 where id=C2; \
      insert into revlog select id+1000,cid,-1,0,0,5,0,0,4 from revlog where cid in (C0,C1,C2,C3); \
      insert into revlog select id+2000,cid,-1,0,7,0,2500,0,4 from revlog where cid=C0 and id=C0; \
      insert into revlog select id+2000,cid,-1,3,7,0,2500,0,1 from revlog where cid=C3 and id=C3; \
      update revlog set type=3,factor=0 where id=C4; delete from revlog where id=C5",
        &["last-review-times 3"],
    ),
    (
        "properties",
        "update cards set due=-5000000000,ivl=2.5 where id=C0; update cards set factor=-3 where id=C1; \
      update cards set type=9 where id=C2; update cards set queue=9 where id=C3; update cards set reps=-1,left=-4 where id=C4; \
      update cards set odid=7,odue=5 where id=C5",
        &["card-properties 7"],
    ),
    (
        "position",
        "update cards set due=2000005 where id=C0",
        &["high-new-positions 1"],
    ),
    (
        "far-review",
        "update cards set type=2,queue=2,ivl=3,due=200000 where id=C0; delete from revlog",
        &["card-properties 1"],
    ),
    (
        "orphans",
        "delete from notes where id=N0",
        &["cards-without-note 2"],
    ),
    (
        "decks",
        "update cards set did=555 where id=C0; update cards set did=0 where id=C1; delete from decks",
        &["card-properties 1", "missing-decks 2"],
    ),
    (
        "cards",
        "delete from cards where nid=N0; delete from cards where id=C3",
        &["missing-cards 3"],
    ),
    (
        "notetype",
        "update notes set mid=77 where id in (N0, N1)",
        &["missing-notetypes 1"],
    ),
    (
        "notetype-zero",
        "update notes set mid=0, mod=5 where id=N0; update notes set mid=77, flds='a' where id=N1; \
      update notes set mid=78, flds='a'||char(31)||'b'||char(31)||'c' where id=N2; \
      update cards set ord=3 where id=C5",
        &["missing-notetypes 3", "field-count 1", "missing-cards 2"],
    ),
    // Anki's check ends there.
    (
        "notetype-no-number",
        "update notes set mid='x' where id=N0; update notes set mid=mid+0.5 where id=N1",
        &["missing-notetypes 1"],
    ),
    (
        "field-settings",
        "update fields set config=x'ffff' where ord=1 and ntid=(select mid from notes where id=N0)",
        &["field-settings 1"],
    ),
    (
        "no-templates",
        "delete from templates where ntid=(select mid from notes where id=N0)",
        &["incomplete-notetypes 1"],
    ),
    (
        "no-fields",
        "delete from fields where ntid=(select mid from notes where id=N0); \
      delete from fields where ntid=(select id from notetypes where name='Cloze')",
        &["incomplete-notetypes 2"],
    ),
    (
        "flags",
        "update cards set flags=-3 where id=C0; update cards set flags=2147483647 where id=C1; \
      update cards set flags=3 where id=C2",
        &["card-properties 2"],
    ),
    (
        "fields",
        "update notes set flds='a' where id=N0; update notes set flds='a'||char(31)||'b'||char(31)||'c'||char(31)||'d' where id=N1",
        &["field-count 2"],
    ),
    (
        "columns",
        "update notes set csum=5 where id=N0; update notes set sfld='zzz' where id=N1",
        &[],
    ),
    (
        "utf8",
        "update notes set flds=cast(x'61ff1f62' as text) where id=N0; update notes set tags=cast(x'2061ff20' as text) where id=N1",
        &["invalid-utf8 2"],
    ),
    (
        "utf8-sorted",
        "update notes set flds=cast(x'61ff1f62' as text), sfld=cast(x'61ff' as text) where id=N0; \
      update notes set sfld=cast(x'ff' as text) where id=N1",
        &["invalid-utf8 2"],
    ),
    (
        "binary",
        "update notes set flds=cast(flds as blob) where id=N0; \
      update notes set tags=cast(tags as blob), guid=cast(guid as blob) where id=N1",
        &["invalid-utf8 2"],
    ),
    (
        "tags",
        "delete from tags; insert into tags values('unused',5,0,null); update notes set tags=' b  a a ' where id=N0",
        &[],
    ),
    (
        "ordinals",
        "update cards set ord=0 where id=C1; update cards set ord=7 where id=C3",
        &[
            "duplicate-cards 1",
            "cards-without-template 1",
            "missing-cards 2",
        ],
    ),
    (
        "reviews",
        "update revlog set type=0,time=0,ease=0 where id=C0; update revlog set ivl=1.5 where id=C1; update revlog set factor=-1 where id=C2; \
      update revlog set lastIvl=5000000000 where id=C3",
        &["review-properties 4"],
    ),
    (
        "numbers-of-cards",
        "update cards set ord=ord+0.5 where id=C0; update revlog set cid='x' where id=C1",
        &["card-properties 1", "review-properties 1"],
    ),
    (
        "parents",
        "insert into decks select 99,'a'||char(31)||'b'||char(31)||'c',0,0,common,kind from decks where id=1",
        &["missing-parents 2"],
    ),
    (
        "deep",
        "insert into decks select 99,'a'||replace(printf('%.149c','x'),'x',char(31)||'a'),0,0,common,kind \
      from decks where id=1",
        &["deep-decks 1", "missing-parents 98"],
    ),
    (
        "future",
        "update cards set id=9999999999999 where id=C0; update notes set id=9999999999998 where id=N1; \
      update cards set nid=9999999999998 where nid=N1; update revlog set id=9999999999999 where id=C2",
        &["ids-in-future 3"],
    ),
];

const MAKE: &str = r#"
import sys, sqlite3, os, shutil
from anki.collection import Collection
folder = sys.argv[1]
base = os.path.join(folder, "base")
c = Collection(base)
m = c.models.by_name("Basic (and reversed card)")
for i in range(3):
    n = c.new_note(m); n["Front"] = f"f{i}"; n["Back"] = "b"; n.tags = ["x"] if i else ["Y"]; c.add_note(n, 1)
c.close()
for name, sql in zip(sys.argv[2::2], sys.argv[3::2]):
    path = os.path.join(folder, name + ".anki2")
    shutil.copy(base, path)
    db = sqlite3.connect(path)
    db.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    db.execute("insert into revlog select id, id, -1, 3, 5, 4, 2500, 1000, 1 from cards")
    for letter, table in (("C", "cards"), ("N", "notes")):
        for k, (id,) in enumerate(db.execute(f"select id from {table} order by id").fetchall()):
            sql = sql.replace(f"{letter}{k}", str(id))
    db.executescript(sql)
    db.commit(); db.close()
"#;

const CHECK: &str = r#"
import sys
from anki.collection import Collection
for path in sys.argv[1:]:
    c = Collection(path)
    problems, ok = c.fix_integrity()
    if not ok: print(path, problems)
    c.close()
"#;

#[test]
fn damage_is_named_and_mended_and_anki_finds_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut args = vec![folder.path().as_os_str().to_owned()];
    for (name, sql, _) in DAMAGE {
        args.push(name.into());
        args.push(sql.into());
    }
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    let mut paths = Vec::new();
    for (name, _, expected) in DAMAGE {
        let path = folder.path().join(format!("{name}.anki2"));
        let mut col = Collection::open(&path, Clock::System).unwrap();
        let words = |problems: Vec<engram::collection::repair::Problem>| -> Vec<String> {
            problems
                .iter()
                .map(|p| format!("{} {}", p.kind, p.count))
                .collect()
        };
        let looked = words(col.find_problems(&Progress::new()).unwrap());
        assert_eq!(looked, *expected, "{name}: looked");
        let mended = words(col.check_database(&Progress::new()).unwrap());
        assert_eq!(mended, *expected, "{name}");
        let again = words(col.check_database(&Progress::new()).unwrap());
        assert_eq!(again, [""; 0], "{name}: a second time");
        assert_eq!(col.undo_status().undo, None);
        col.close().unwrap();
        paths.push(path);
    }
    assert_eq!(oracle::run(CHECK, &paths).unwrap(), "");
}

/// What Anki's check makes of notes whose note types are gone.
const RECOVER: &str = r#"
import sys, sqlite3
from anki.collection import Collection
for path in sys.argv[1:]:
    c = Collection(path)
    c.fix_integrity()
    for (note,) in c.db.all("select id from notes order by id"):
        n = c.get_note(note)
        m = n.note_type()
        mod = c.db.scalar("select mod from notes where id=?", note)
        known = m["id"] in (0, 77, 78)
        name = m["name"].rstrip("+").split("-")
        print(name[0], name[-1] if len(name) > 2 else "", known, mod == 5, [f["name"] for f in m["flds"]],
            [(t["name"], t["qfmt"], t["afmt"]) for t in m["tmpls"]], m["css"], n.fields, n.tags, [k.ord for k in n.cards()])
    c.close()
"#;

#[test]
fn notes_without_note_type_get_a_new_one_as_in_anki() {
    let folder = tempfile::tempdir().unwrap();
    let (name, sql, _) = DAMAGE.iter().find(|d| d.0 == "notetype-zero").unwrap();
    let args = [folder.path().as_os_str(), name.as_ref(), sql.as_ref()];
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    let path = folder.path().join(format!("{name}.anki2"));
    let theirs = folder.path().join("theirs.anki2");
    std::fs::copy(&path, &theirs).unwrap();
    let mut col = Collection::open(&path, Clock::System).unwrap();
    col.check_database(&Progress::new()).unwrap();
    col.close().unwrap();
    let wanted = oracle::run(RECOVER, [&theirs]).unwrap();
    assert!(
        wanted.starts_with("db 2 False True ['Front', 'Back'] "),
        "{wanted}"
    );
    assert_eq!(oracle::run(RECOVER, [&path]).unwrap(), wanted);
}

/// Anki's check deletes such cards, and runs the texts of such notes together.
#[test]
fn notes_and_cards_stay_when_their_note_type_has_lost_its_fields_or_card_types() {
    let folder = tempfile::tempdir().unwrap();
    let of = "ntid=(select mid from notes where id=N0)";
    let damage = [
        ("fields", format!("delete from fields where {of}")),
        ("templates", format!("delete from templates where {of}")),
        (
            "both",
            format!("delete from fields where {of}; delete from templates where {of}"),
        ),
    ];
    let mut args = vec![folder.path().as_os_str().to_owned()];
    for (name, sql) in &damage {
        args.extend([name.into(), sql.into()]);
    }
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    for (name, _) in damage {
        let path = folder.path().join(format!("{name}.anki2"));
        let mut col = Collection::open(&path, Clock::System).unwrap();
        let cards = col.storage().card_ordinals().unwrap();
        assert_eq!(cards.len(), 6, "{name}");
        col.check_database(&Progress::new()).unwrap();
        assert_eq!(col.storage().card_ordinals().unwrap(), cards, "{name}");
        let ids = col.storage().all_note_ids().unwrap().into_iter();
        let notes: Vec<Note> = ids
            .map(|id| col.storage().get_note(id).unwrap().unwrap())
            .collect();
        let texts: Vec<&[String]> = notes.iter().map(|note| note.fields.as_slice()).collect();
        assert_eq!(texts, [["f0", "b"], ["f1", "b"], ["f2", "b"]], "{name}");
        let id = notes[0].notetype_id;
        let notetype = col.storage().get_notetype(id).unwrap().unwrap();
        assert_eq!(notetype.fields.len(), 2, "{name}");
        let fronts: Vec<&str> = notetype
            .templates
            .iter()
            .map(|template| template.config.q_format.as_str())
            .collect();
        assert_eq!(fronts, ["{{Front}}", "{{Back}}"], "{name}");
        col.close().unwrap();
    }
}

/// Anki's check ends at such a note type. It cannot be guessed what its cards were.
#[test]
fn a_note_type_that_cannot_be_read_is_named_and_the_rest_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "update notetypes set config=x'ff' where id=(select mid from notes where id=N0); \
      update notes set mid=(select id from notetypes where name='Basic'), flds='a' where id=N2; \
      delete from tags";
    let args = [folder.path().as_os_str(), "type".as_ref(), sql.as_ref()];
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    let path = folder.path().join("type.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let ids = col.storage().all_note_ids().unwrap();
    let notes = |col: &Collection, ids: &[NoteId]| -> Vec<Note> {
        let note = |id: &NoteId| col.storage().get_note(*id).unwrap().unwrap();
        ids.iter().map(note).collect()
    };
    let before = notes(&col, &ids[..2]);
    let progress = Progress::new();
    let problems = col.check_database(&progress).unwrap();
    let kinds: Vec<&str> = problems.iter().map(|p| p.kind).collect();
    let others = ["cards-without-template", "field-count"];
    assert_eq!(kinds, [&["damaged-notetypes"][..], &others].concat());
    let named = &problems[0].text;
    assert!(named.contains("“Basic (and reversed card)”"), "{named}");
    assert_eq!(notes(&col, &ids[..2]), before);
    assert_eq!(notes(&col, &ids[2..])[0].fields, ["a", ""]);
    assert_eq!(col.storage().counts().unwrap().cards, 5);
    // Those of notes that were left as they are too.
    assert_eq!(col.storage().tags().unwrap(), ["db-check", "x", "Y"]);
    let again = col.check_database(&progress).unwrap();
    assert_eq!(again, problems[..1]);
    // It keeps nothing else from being done.
    let found = |col: &mut Collection, search: &str| col.find_notes(search, None).unwrap();
    assert_eq!(found(&mut col, "f0"), ids[..1]);
    let of_type = "\"note:Basic (and reversed card)\" or tag:db-check";
    assert_eq!(found(&mut col, of_type).len(), 3);
    let names = col.sidebar().unwrap().notetypes;
    let listed = names.iter().find(|n| n.name == "Basic (and reversed card)");
    assert_eq!(listed.map(|n| n.fields.len()), Some(0));
    assert!(col.find_empty_cards(&progress).unwrap().is_empty());
    assert_eq!(col.find_duplicates("Back", "").unwrap(), []);
    let start = col.adding_defaults(None).unwrap().notetype_id;
    assert!(col.storage().notetype(start).unwrap().is_some());
    // Its notes can go, and no other of the Deleted Notes stays away with them.
    col.delete_notes(&[ids[0], ids[2]]).unwrap();
    let trashed = col.trashed("", 10).unwrap();
    let numbers: Vec<i64> = trashed.iter().map(|note| note.number).collect();
    let back = col.restore_trashed(&numbers).unwrap().value;
    assert_eq!((back.notes, back.left.len()), (vec![ids[2]], 1));
    col.close().unwrap();
}

/// The check ended at a text among them that cannot be read, and took cards of which it said that
/// they were left.
#[test]
fn notes_of_a_damaged_note_type_are_left_whatever_else_they_have() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "update notetypes set config=x'ff' where id=(select mid from notes where id=N0); \
      update notes set flds=cast(x'61ff' as text), tags=' y ' where id=N1; \
      update notes set tags=' y ' where id=N2; \
      update cards set ord=0";
    let args = [folder.path().as_os_str(), "left".as_ref(), sql.as_ref()];
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    let path = folder.path().join("left.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let problems = col.check_database(&Progress::new()).unwrap();
    let kinds: Vec<&str> = problems.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, ["damaged-notetypes"]);
    let ids = col.storage().all_note_ids().unwrap();
    assert!(col.storage().get_note(ids[1]).is_err());
    let last = col.storage().get_note(ids[2]).unwrap().unwrap();
    assert_eq!(last.tags, ["Y"]);
    assert_eq!(col.storage().counts().unwrap().cards, 6);
    col.close().unwrap();
}

#[test]
fn a_note_whose_unreadable_text_was_mended_is_sent_by_the_next_sync() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "update notes set usn=5; \
               update notes set guid=cast(x'61ff' as text) where id=N0";
    let args = [folder.path().as_os_str(), "sent".as_ref(), sql.as_ref()];
    if oracle::run(MAKE, args).is_none() {
        return;
    }
    let path = folder.path().join("sent.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    col.check_database(&Progress::new()).unwrap();
    let ids = col.storage().all_note_ids().unwrap().into_iter();
    let usns: Vec<i32> = ids
        .map(|id| col.storage().get_note(id).unwrap().unwrap().usn.0)
        .collect();
    assert_eq!(usns, [-1, 5, 5]);
    col.close().unwrap();
}

#[test]
fn a_cancelled_check_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    col.timing().unwrap();
    let before = col.storage().col_row().unwrap();
    let progress = Progress::new();
    progress.cancel();
    assert!(col.check_database(&progress).unwrap_err().is_interrupted());
    assert!(col.find_problems(&progress).unwrap_err().is_interrupted());
    assert_eq!(col.find_problems(&Progress::new()).unwrap(), []);
    assert_eq!(col.storage().col_row().unwrap(), before);
    col.close().unwrap();
}
