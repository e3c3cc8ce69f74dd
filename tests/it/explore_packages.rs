//! Whatever holds a collection can be looked into, compared and taken from, without importing it:
//! deck packages of both generations and bare collection files, as the real Anki writes them.

use crate::cli_commands::Cli;
use crate::oracle;
use std::path::Path;

const WRITE: &str = r#"
import sys, zipfile
from anki.collection import Collection, ExportAnkiPackageOptions
room = sys.argv[1]
c = Collection(room + "/theirs.anki2")
c.media.write_data("a.png", b"picture")
for i in range(3):
    n = c.new_note(c.models.by_name("Basic"))
    n["Front"] = f"front {i} <img src='a.png'>"; n["Back"] = f"back {i}"; n.tags = ["theirs"]
    c.add_note(n, c.decks.id("A::B"))
c.decks.set_current(c.decks.id("A::B"))
for _ in range(2):
    card = c.sched.get_queued_cards().cards[0]
    from anki.cards import Card
    k = Card(c, backend_card=card.card); k.start_timer()
    c.sched.answer_card(c.sched.build_answer(card=k, states=card.states, rating=4-1))
for name, legacy in (("old", True), ("new", False)):
    c.export_anki_package(out_path=f"{room}/{name}.apkg", limit=None,
        options=ExportAnkiPackageOptions(with_scheduling=True, with_media=True,
                                         with_deck_configs=True, legacy=legacy))
c.close()
with zipfile.ZipFile(room + "/new.apkg") as z:
    open(room + "/inner.anki21b", "wb").write(z.read("collection.anki21b"))
"#;

const READ: &str = r#"
import sys, json
from anki.collection import Collection
c = Collection(sys.argv[1])
problems, ok = c.fix_integrity()
print(json.dumps({"ok": ok, "media": sorted(c.media.check().missing), "notes": sorted(
    [n["Front"], n["Back"], n.tags, c.decks.name(n.cards()[0].did), n.cards()[0].type, n.cards()[0].ivl]
    for n in (c.get_note(i) for i in c.find_notes("")))}))
"#;

/// A folder with the files; None without the real Anki.
fn written_by_anki() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    oracle::run(WRITE, [folder.path()])?;
    Some(folder)
}

fn path_in(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn everything_with_a_collection_in_it_is_looked_into_and_compared() {
    let Some(files) = written_by_anki() else {
        return;
    };
    let cli = Cli::with_profile();
    for name in ["old.apkg", "new.apkg", "theirs.anki2", "inner.anki21b"] {
        let file = path_in(&files, name);
        let shown = cli.ok(&["backup", "show", &file, "--search", "front:\"front 1*\""]);
        assert_eq!(
            (&shown["notes"], &shown["cards"]),
            (&3.into(), &3.into()),
            "{name}"
        );
        assert_eq!(shown["items"][0]["fields"][1], "back 1", "{name}");
        let diff = cli.ok(&["backup", "diff", &file]);
        assert_eq!(diff["notes"]["deleted"], 3, "{name}");
        assert_eq!(diff["cards"]["deleted"], 3, "{name}");
    }
    cli.ok(&["import", &path_in(&files, "new.apkg")]);
    for name in ["old.apkg", "new.apkg", "inner.anki21b"] {
        let diff = cli.ok(&["backup", "diff", &path_in(&files, name)]);
        assert_eq!(diff["notes"]["deleted"], 0, "{name}: {diff}");
        assert_eq!(diff["notes"]["changed"], 0, "{name}: {diff}");
    }
}

#[test]
fn notes_come_out_of_deck_packages_with_cards_and_media_and_anki_agrees() {
    let Some(files) = written_by_anki() else {
        return;
    };
    for name in ["old.apkg", "new.apkg", "theirs.anki2"] {
        let cli = Cli::with_profile();
        let file = path_in(&files, name);
        let before = std::fs::read(&file).unwrap();
        let done = cli.ok(&[
            "backup",
            "recover",
            &file,
            "--search",
            "is:learn or is:review",
            "--mode",
            "put-back",
            "--media",
        ]);
        assert_eq!(done["recovered"]["notes"], 2, "{name}: {done}");
        assert_eq!(done["recovered"]["revlog"], 2, "{name}: {done}");
        assert_eq!(
            std::fs::read(&file).unwrap(),
            before,
            "{name} was only read"
        );
        let collection = cli.base().join("Ann/collection.anki2");
        let kept = cli.base().join("Ann/collection.media/a.png");
        assert!(kept.exists(), "{name}");
        let seen = oracle::run(READ, [&collection]).unwrap();
        let seen: serde_json::Value = serde_json::from_str(seen.lines().last().unwrap()).unwrap();
        assert_eq!(seen["ok"], true, "{name}: {seen}");
        let notes = seen["notes"].as_array().unwrap();
        assert_eq!(notes.len(), 2, "{name}: {seen}");
        for note in notes {
            assert_eq!(note[2], serde_json::json!(["theirs"]), "{name}");
            assert_eq!(note[3], "A::B", "{name}");
            assert_ne!(note[4], 0, "{name}: not a new card any more");
        }
    }
}

#[test]
fn other_files_are_refused_with_the_reason() {
    let cli = Cli::with_profile();
    let file = cli.path("notes.odt");
    std::fs::write(&file, "text").unwrap();
    let output = cli.run(&["backup", "show", &file]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains("neither a package (.colpkg, .apkg)"),
        "{words}"
    );
    assert_eq!(
        cli.fails(&["backup", "diff", &file]),
        (2, "invalid-input".into())
    );
    let torn = cli.path("torn.apkg");
    std::fs::write(&torn, b"PK\x03\x04 and nothing else").unwrap();
    let (_, kind) = cli.fails(&["backup", "recover", &torn, "--search", ""]);
    assert_eq!(kind, "corrupt");
    assert!(Path::new(&torn).exists());
    // Looking into a deck package never makes it one that a collection can be replaced by.
    let (_, kind) = cli.fails(&["backup", "restore", &torn]);
    assert_eq!(kind, "invalid-input");
}
