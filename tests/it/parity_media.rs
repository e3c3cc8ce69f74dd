//! Check Media says of a folder with odd names what the real Anki says, and renaming changes notes
//! as Anki does. Where ours is meant to differ, the test says how.

use super::oracle;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::media_report::MissingFrom;
use engram::media::trash;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCRIPT: &str = include_str!("oracle/media.py");

fn names(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().unwrap().iter();
    list.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_report_and_the_new_names_are_ankis() {
    let folder = tempfile::tempdir().unwrap();
    let Some(printed) = oracle::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let theirs: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
    let path = folder.path().join("copy").join("collection.anki2");
    let mut col = Collection::open(&path, clock).unwrap();
    let progress = Progress::new();
    let report = col.check_media(&progress).unwrap();

    let in_notes = |from: &MissingFrom| matches!(from, MissingFrom::Notes { .. });
    let missing: BTreeSet<String> = (report.missing.iter())
        .filter(|m| in_notes(&m.from))
        .map(|m| m.name.clone())
        .collect();
    let mut wanted = names(&theirs["missing"]);
    // We typeset formulas: images that LaTeX would have made are nothing to miss.
    wanted.retain(|name| !name.starts_with("latex-"));
    assert_eq!(missing, wanted);
    let notes: Vec<i64> = report.notes_missing.iter().map(|id| id.0).collect();
    let formula = (theirs["fields"].as_array().unwrap().iter())
        .find(|row| row[1].as_str().unwrap().contains("[latex]x[/latex]"))
        .map(|row| row[0].clone());
    let mut wanted = theirs["notes"].as_array().unwrap().clone();
    wanted.retain(|id| Some(id) != formula.as_ref());
    assert_eq!(json!(notes), json!(wanted));
    let unused: BTreeSet<String> = report.unused.iter().map(|f| f.name.clone()).collect();
    assert_eq!(unused, names(&theirs["unused"]));
    let mut renamed: Vec<[&str; 2]> = (report.renames.iter())
        .map(|r| [r.old.as_str(), r.new.as_str()])
        .collect();
    renamed.sort_unstable();
    assert_eq!(json!(renamed), theirs["renamed"]);
    let oversize: Vec<&str> = report.oversize.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(json!(oversize), theirs["oversize"]);
    assert_eq!(json!(report.folders), theirs["folders"]);

    let count = col.rename_media(&progress).unwrap().value;
    assert_eq!(count, renamed.len());
    let fields = |col: &Collection| -> Vec<Value> {
        let ids = theirs["fields"].as_array().unwrap().iter();
        ids.map(|row| {
            let id = engram::base::ids::NoteId(row[0].as_i64().unwrap());
            let note = col.storage().get_note(id).unwrap().unwrap();
            json!([
                id.0,
                note.fields.join("\x1f"),
                note.sort_field,
                note.checksum
            ])
        })
        .collect()
    };
    let after = fields(&col);
    for (ours, theirs) in after.iter().zip(theirs["fields"].as_array().unwrap()) {
        assert_eq!(ours, theirs);
    }
    let again = col.check_media(&progress).unwrap();
    assert!(again.renames.is_empty(), "{:?}", again.renames);
    // The files under their old names can be brought back.
    assert_eq!(again.trash.0 as usize, count);
    col.undo().unwrap();
    assert_ne!(fields(&col), after);
    let restored = trash::restore(&col.media_folder(), &progress).unwrap();
    assert_eq!(restored as usize, count);
    assert!(col.media_folder().join("a:b.png").exists());
}

/// Fields that name files in random ways, right and wrong. `ENGRAM_FUZZ=100..200` tries more.
#[test]
fn mixed_references_are_found_as_anki_finds_them() {
    for seed in oracle::fuzz_seeds().unwrap_or(0..1) {
        let random = &mut StdRng::seed_from_u64(seed);
        let fields: Vec<String> = (0..250).map(|_| references(random)).collect();
        compare_references(&fields, seed);
    }
}

const FILES: &[&str] = &[
    "a.png",
    "b c.png",
    "é.png",
    "x&y.mp3",
    "d'e.jpg",
    "f.MP3",
    "g+h.png",
    "i%20j.png",
    "k(l).webp",
    "m#n.png",
    "o.p.q",
    "r",
    "日本.png",
    "s;t.png",
    "_u.png",
    "v=w.png",
    "x,y.ogg",
    "z!.png",
];

fn one<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

fn references(random: &mut StdRng) -> String {
    (0..random.random_range(1..4))
        .map(|_| reference(random))
        .collect()
}

fn reference(random: &mut StdRng) -> String {
    let there = random.random_bool(0.7);
    let name = if there {
        one(random, FILES).to_owned()
    } else {
        format!("gone{}-{}", random.random_range(0..20), one(random, FILES))
    };
    let name = match random.random_range(0..10) {
        0 => name.replace('&', "&amp;").replace('\'', "&#39;"),
        1 => name
            .replace(' ', "%20")
            .replace('é', "%C3%A9")
            .replace('#', "%23"),
        2 => name.replace('é', "&eacute;").replace(' ', "&nbsp;"),
        3 => format!(" {name}"),
        4 => format!("{name} "),
        5 => name.to_uppercase(),
        _ => name,
    };
    if random.random_bool(0.25) {
        return match random.random_range(0..8) {
            0 => format!("[sound:{name}"),
            1 => format!("[Sound:{name}]"),
            2 => format!("[sound: {name}]"),
            3 => format!("[[sound:{name}]]"),
            4 => format!("[sound:{name}\n]"),
            _ => format!("[sound:{name}]"),
        };
    }
    let tag = one(
        random,
        &[
            "img", "img", "IMG", "audio", "video", "source", "object", "embed", "iframe", "a",
            "div", "image", "imgx",
        ],
    );
    let attribute = one(
        random,
        &[
            "src", "src", "src", "SRC", "data", "href", "data-src", "poster", "srcset", "xsrc",
        ],
    );
    let before = one(
        random,
        &[
            "",
            "",
            " class=x",
            " alt=\"a > b\"",
            " alt='src=no.png'",
            "\n",
            "\t",
            " data-x",
            "/",
        ],
    );
    let equals = one(random, &["=", "=", "=", " = ", "= ", " ="]);
    let quote = one(random, &["\"", "\"", "'", "", "`"]);
    let after = one(
        random,
        &[
            "", "", " ", "/", " /", " width=3", " alt='x'", "\n", "\"", ">",
        ],
    );
    let end = one(random, &[">", ">", ">", ">", "", " >", "</img>", "/>"]);
    format!("<{tag} {before} {attribute}{equals}{quote}{name}{quote}{after}{end} text ")
}

fn compare_references(fields: &[String], seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let list = |name: &str, list: Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, list.to_string()).unwrap();
        path
    };
    let (texts, files) = (
        list("fields.json", json!(fields)),
        list("files.json", json!(FILES)),
    );
    let arguments = [folder.path(), &texts, &files];
    let Some(printed) = oracle::run(include_str!("oracle/media_mixed.py"), arguments) else {
        return;
    };
    let theirs: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
    let path = folder.path().join("copy").join("collection.anki2");
    let mut col = Collection::open(&path, clock).unwrap();
    let report = col.check_media(&Progress::new()).unwrap();
    let missing: BTreeSet<String> = report.missing.iter().map(|m| m.name.clone()).collect();
    let unused: BTreeSet<String> = report.unused.iter().map(|f| f.name.clone()).collect();
    let mut ids = col.find_notes("", None).unwrap();
    ids.sort_unstable();
    let notes: BTreeSet<usize> = report
        .notes_missing
        .iter()
        .map(|id| ids.binary_search(id).unwrap())
        .collect();
    let wanted: BTreeSet<usize> = serde_json::from_value(theirs["notes"].clone()).unwrap();
    let odd = notes.symmetric_difference(&wanted);
    let mut wrong: Vec<String> = odd.map(|n| format!("{:?}", fields[*n])).collect();
    for (what, ours, theirs) in [
        ("missing", missing, names(&theirs["missing"])),
        ("unused", unused, names(&theirs["unused"])),
    ] {
        wrong.extend(
            ours.difference(&theirs)
                .map(|name| format!("{what} here {name:?}")),
        );
        wrong.extend(
            theirs
                .difference(&ours)
                .map(|name| format!("{what} there {name:?}")),
        );
    }
    assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
}

fn collection() -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
    let col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    std::fs::create_dir(col.media_folder()).unwrap();
    (folder, col)
}

#[test]
fn two_names_that_become_one_lose_no_file() {
    let (_folder, mut col) = collection();
    let media = col.media_folder();
    for (name, content) in [("a:b.png", "1"), ("a|b.png", "2"), ("ab.png", "3")] {
        std::fs::write(media.join(name), content).unwrap();
    }
    let progress = Progress::new();
    let renames = col.check_media(&progress).unwrap().renames;
    assert_eq!(renames.len(), 2);
    assert!(renames.iter().all(|r| r.new != "ab.png"), "{renames:?}");
    col.rename_media(&progress).unwrap();
    let report = col.check_media(&progress).unwrap();
    assert_eq!(report.unused.len(), 3);
    let contents: BTreeSet<String> = (report.unused.iter())
        .map(|f| std::fs::read_to_string(media.join(&f.name)).unwrap())
        .collect();
    assert_eq!(contents.into_iter().collect::<String>(), "123");
}

#[test]
fn files_that_are_the_same_count_each() {
    let (_folder, col) = collection();
    let media = col.media_folder();
    // The last one is how the Finder shows a folder, and told by nobody.
    for name in ["a:b.png", "ab.png", ".DS_Store"] {
        std::fs::write(media.join(name), "1").unwrap();
    }
    assert_eq!(col.check_media(&Progress::new()).unwrap().files, 2);
}

#[test]
fn an_unused_file_with_an_unfit_name_goes_to_the_trash() {
    let (_folder, col) = collection();
    let media = col.media_folder();
    std::fs::write(media.join("Old:one.png"), "x").unwrap();
    let progress = Progress::new();
    let unused = col.check_media(&progress).unwrap().unused;
    let names: Vec<String> = unused.into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["oldone.png"], "by the name that it should have");
    assert_eq!(col.discard_media(&names, &progress).unwrap(), 1);
    assert!(!media.join("Old:one.png").exists());
    assert!(col.check_media(&progress).unwrap().is_clean());
}

#[cfg(target_os = "linux")]
#[test]
fn renaming_that_fails_leaves_no_file_under_a_second_name() {
    let (_folder, mut col) = collection();
    let media = col.media_folder();
    std::fs::write(media.join("a:b.png"), "x").unwrap();
    // It opens, but cannot be read.
    std::os::unix::fs::symlink("/proc/self/mem", media.join("z:z.png")).unwrap();
    assert!(col.rename_media(&Progress::new()).is_err());
    assert!(!media.join("ab.png").exists());
    assert!(media.join("a:b.png").exists());
}

#[test]
fn files_of_templates_are_used_and_missed_and_unused_ones_come_back() {
    use engram::domain::notetype_edit::NotetypeEdit;
    let (_folder, mut col) = collection();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let mut edit = NotetypeEdit::from(basic);
    edit.config
        .css
        .push_str("@font-face { src: url('_gone.ttf') }");
    let front = &mut edit.templates[0].now.config.q_format;
    front.push_str("<img src=logo.png><img src='{{Back}}'>");
    // As a browser reads addresses, and we draw them.
    front.push_str("<img src='./my%20Logo.png'><img src='e\u{301}.svg?v=2'>");
    let progress = Progress::new();
    col.update_notetype(&edit, &progress).unwrap();
    let media = col.media_folder();
    for name in ["logo.png", "my logo.png", "é.svg", "old.png"] {
        std::fs::write(media.join(name), "x").unwrap();
    }
    let report = col.check_media(&progress).unwrap();
    let unused: Vec<String> = report.unused.iter().map(|f| f.name.clone()).collect();
    // Anki would call the picture of the template unused, and offer to delete it.
    assert_eq!(unused, ["old.png"]);
    let missing: Vec<&str> = report.missing.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(missing, ["_gone.ttf"]);
    assert_eq!(col.discard_media(&unused, &progress).unwrap(), 1);
    assert!(!media.join("old.png").exists());
    assert_eq!(col.check_media(&progress).unwrap().trash, (1, 1));
    assert_eq!(trash::restore(&media, &progress).unwrap(), 1);
    assert!(media.join("old.png").exists());
}

/// As files from a Mac are named; notes name them in the composed form.
#[test]
fn a_picture_whose_letters_are_composed_otherwise_is_used_and_keeps_its_capitals() {
    use engram::base::ids::DeckId;
    use engram::collection::notes::NewNote;
    let (_folder, mut col) = collection();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = NewNote {
        notetype_id: basic.id,
        deck_id: DeckId(1),
        fields: vec!["<img src=\"\u{dc}bung.png\">".into(), String::new()],
        tags: vec![],
    };
    col.add_note(note).unwrap();
    let media = col.media_folder();
    std::fs::write(media.join("U\u{308}bung.png"), "x").unwrap();
    let progress = Progress::new();
    let report = col.check_media(&progress).unwrap();
    assert!(
        report.unused.is_empty() && report.missing.is_empty(),
        "{report:?}"
    );
    col.rename_media(&progress).unwrap();
    assert!(media.join("\u{dc}bung.png").exists());
    let report = col.check_media(&progress).unwrap();
    assert!(
        report.unused.is_empty() && report.missing.is_empty(),
        "{report:?}"
    );
    assert!(report.renames.is_empty(), "{report:?}");
}

#[test]
fn a_renamed_file_that_cannot_go_to_the_trash_stays_and_is_tried_again() {
    let (_folder, mut col) = collection();
    let media = col.media_folder();
    let old = media.join("U\u{308}bung?.png");
    std::fs::write(&old, "x").unwrap();
    let in_the_way = media.with_file_name("media.trash");
    std::fs::write(&in_the_way, "x").unwrap();
    let progress = Progress::new();
    // What was done is known, and can be undone.
    assert_eq!(col.rename_media(&progress).unwrap().value, 0);
    let names = || {
        let files = std::fs::read_dir(&media).unwrap();
        let name = |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name();
        files.map(name).collect::<std::collections::BTreeSet<_>>()
    };
    let both = names();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(old.exists());
    std::fs::remove_file(in_the_way).unwrap();
    assert_eq!(col.rename_media(&progress).unwrap().value, 1);
    let one = names();
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(both.is_superset(&one) && !old.exists());
}

#[test]
fn notes_with_missing_files_get_a_tag_once() {
    use engram::base::ids::DeckId;
    use engram::collection::notes::NewNote;
    let (_folder, mut col) = collection();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["<img src='gone.png'>".into()],
        tags: vec!["t".into()],
    };
    let id = col.add_note(note).unwrap().value;
    let report = col.check_media(&Progress::new()).unwrap();
    assert_eq!(report.notes_missing, [id]);
    assert_eq!(
        col.tag_missing_media(&report.notes_missing).unwrap().value,
        1
    );
    assert_eq!(
        col.tag_missing_media(&report.notes_missing).unwrap().value,
        0
    );
    let tags = |col: &Collection| col.storage().get_note(id).unwrap().unwrap().tags;
    assert_eq!(tags(&col), ["missing-media", "t"]);
    col.undo().unwrap();
    assert_eq!(tags(&col), ["t"]);
}

#[cfg(unix)]
#[test]
fn files_of_a_media_folder_on_another_disk_go_to_the_trash_and_come_back() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    let (folder, mut col) = collection();
    let media = col.media_folder();
    let device = |path: &std::path::Path| std::fs::metadata(path).map(|m| m.dev()).ok();
    let elsewhere = tempfile::tempdir_in("/dev/shm").ok();
    let elsewhere = elsewhere.filter(|other| device(other.path()) != device(folder.path()));
    let Some(elsewhere) = elsewhere else {
        oracle::skip("no second disk at /dev/shm");
        return;
    };
    std::fs::remove_dir(&media).unwrap();
    symlink(elsewhere.path(), &media).unwrap();
    std::fs::write(media.join("old.png"), "old").unwrap();
    std::fs::write(media.join("a:b.png"), "odd").unwrap();
    let progress = Progress::new();
    assert_eq!(
        col.discard_media(&["old.png".into()], &progress).unwrap(),
        1
    );
    assert_eq!(col.rename_media(&progress).unwrap().value, 1);
    let mut left: Vec<_> = std::fs::read_dir(elsewhere.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["ab.png"]);
    assert_eq!(trash::restore(&media, &progress).unwrap(), 2);
    assert_eq!(std::fs::read(media.join("old.png")).unwrap(), b"old");
    assert_eq!(std::fs::read(media.join("a:b.png")).unwrap(), b"odd");
}
