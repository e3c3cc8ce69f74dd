//! Packages that other programs have written: odd names, places, ids, schedules, file names and
//! archives give the real Anki's rows, or are refused as it refuses them. No file is lost because
//! two names become the same one.

use super::apkg_import::{EVERYTHING, Jobs, NOW, clock_at, import};
use super::oracle;
use crate::backup_profile::Profile;
use engram::backup::entry::Reason;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::{Error, ErrorKind};
use engram::collection::Collection;
use engram::domain::card_answers::ResetHow;
use engram::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, FilteredDeck};
use engram::domain::note_edit::NewNote;
use engram::domain::op::Op;
use engram::domain::package::{Along, ImportOptions};
use engram::storage::inspect;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// All of them; none without Python of the oracle.
fn packages(folder: &Path) -> Vec<PathBuf> {
    let output = oracle::run(include_str!("oracle/odd_packages.py"), [folder]);
    let made = output.map(|output| serde_json::from_str(output.lines().last().unwrap()).unwrap());
    made.unwrap_or_default()
}

#[test]
fn packages_of_other_programs_give_ankis_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = packages(folder.path());
    made.truncate(made.len().saturating_sub(2));
    let mut jobs = Jobs::new();
    for package in made {
        jobs.add(None, &[package], EVERYTHING);
    }
    jobs.check();
}

pub fn with_filtered_deck(path: &Path, name: &str) {
    let mut col = Collection::open(path, clock_at(NOW)).unwrap();
    let mut filtered = Deck {
        id: DeckId(0),
        name: DeckName::from_native(name),
        mtime: Default::default(),
        usn: Default::default(),
        common: DeckCommon::default(),
        kind: DeckKind::Filtered(FilteredDeck::default()),
    };
    col.transact(Op::AddDeck, |tx| tx.add_deck(&mut filtered))
        .unwrap();
    col.close().unwrap();
}

/// As `engram-cli import one.apkg two.apkg` does.
#[test]
fn packages_of_the_same_second_give_their_decks_different_names() {
    let folder = tempfile::tempdir().unwrap();
    let made = packages(folder.path());
    let Some(package) = made.into_iter().find(|p| p.ends_with("child-only.apkg")) else {
        return;
    };
    for (number, filtered) in ["P", "P\x1fC\x1fD"].into_iter().enumerate() {
        let path = folder.path().join(format!("into{number}.anki2"));
        with_filtered_deck(&path, filtered);
        let clock = clock_at(NOW);
        let names = [0; 2].map(|_| {
            let report = import(&path, &package, EVERYTHING, &clock).unwrap();
            report.decks_added.last().unwrap().clone()
        });
        assert_ne!(names[0], names[1], "below {filtered:?}");
    }
}

/// Other programs leave out the decks above; the topmost is a filtered one here.
#[test]
fn a_deck_two_levels_below_a_filtered_one_gets_a_normal_parent() {
    let folder = tempfile::tempdir().unwrap();
    let made = packages(folder.path());
    let Some(package) = made.into_iter().find(|p| p.ends_with("child-only.apkg")) else {
        return;
    };
    let start = folder.path().join("start.anki2");
    with_filtered_deck(&start, "P");
    let mut jobs = Jobs::new();
    jobs.add(Some(&start), &[package], EVERYTHING);
    jobs.check();
}

#[test]
fn decks_below_thousands_of_others_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = packages(folder.path()).into_iter().nth_back(1) else {
        return;
    };
    let path = folder.path().join("collection.anki2");
    let error = import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
}

#[test]
fn files_whose_names_become_the_same_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = packages(folder.path()).pop() else {
        return;
    };
    let path = folder.path().join("collection.anki2");
    let clock = clock_at(NOW);
    let empty = Collection::open(&path, clock.clone()).unwrap();
    empty.close().unwrap();
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.media_added, 3, "{report:?}");
    let mut col = Collection::open(&path, clock).unwrap();
    let note = col.find_notes("", None).unwrap()[0];
    let note = col.storage().get_note(note).unwrap().unwrap();
    // The files are alike but for their last byte.
    let last: Vec<u8> = note.fields[0]
        .split("<img src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|name| std::fs::read(path.with_extension("media").join(name)).unwrap())
        .filter_map(|content| content.last().copied())
        .collect();
    assert_eq!(last, *b"012", "{}", note.fields[0]);
}

/// A package of one note whose row was changed by hand.
#[expect(clippy::disallowed_types, reason = "writes what no storage would")]
pub fn with_row_changed(folder: &Path, number: usize, change: &str) -> PathBuf {
    let clock = clock_at(NOW);
    let inner = folder.join(format!("inner{number}.anki2"));
    let mut col = Collection::open(&inner, clock.clone()).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    col.add_note(NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["front".into(), "back".into()],
        tags: Vec::new(),
    })
    .unwrap();
    col.close().unwrap();
    let db = rusqlite::Connection::open(&inner).unwrap();
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .unwrap();
    db.execute_batch(change).unwrap();
    db.close().unwrap();
    let path = folder.join(format!("odd{number}.apkg"));
    let mut out = ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in [
        ("collection.anki21", std::fs::read(&inner).unwrap()),
        ("media", br#"{"0":"a.png"}"#.to_vec()),
        ("0", b"theirs".to_vec()),
    ] {
        out.start_file(name, SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap();
    path
}

/// With the hash of a file in its name, but other content.
#[test]
fn a_file_whose_hashed_name_is_taken_by_another_is_kept_under_a_further_name() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let change = r#"update notes set flds = '<img src="a.png">' || char(31)"#;
    let package = with_row_changed(folder.path(), 0, change);
    let path = folder.path().join("collection.anki2");
    let media = path.with_extension("media");
    std::fs::create_dir(&media).unwrap();
    let hashed = "a-d16d74303205ee1884bba2395511c1f66af12d14.png";
    for (name, content) in [("a.png", "ours"), (hashed, "another")] {
        std::fs::write(media.join(name), content).unwrap();
    }
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.media_added, 1, "{report:?}");
    let mut col = Collection::open(&path, clock).unwrap();
    let note = col.find_notes("", None).unwrap()[0];
    let note = col.storage().get_note(note).unwrap().unwrap();
    let text = |name: &str| std::fs::read_to_string(media.join(name)).unwrap();
    let name = note.fields[0].split('"').nth(1).unwrap();
    assert_eq!(text(name), "theirs", "{}", note.fields[0]);
    assert_eq!(
        (text("a.png"), text(hashed)),
        ("ours".into(), "another".into())
    );
}

#[cfg(unix)]
#[test]
fn media_of_a_package_come_into_a_folder_on_another_disk() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let device = |path: &Path| std::fs::metadata(path).map(|m| m.dev()).ok();
    let elsewhere = tempfile::tempdir_in("/dev/shm").ok();
    let elsewhere = elsewhere.filter(|other| device(other.path()) != device(folder.path()));
    let Some(elsewhere) = elsewhere else {
        oracle::skip("no second disk at /dev/shm");
        return;
    };
    let clock = clock_at(NOW);
    let change = r#"update notes set flds = '<img src="a.png">' || char(31)"#;
    let package = with_row_changed(folder.path(), 0, change);
    let path = folder.path().join("collection.anki2");
    symlink(elsewhere.path(), path.with_extension("media")).unwrap();
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.media_added, 1, "{report:?}");
    let came = std::fs::read_to_string(elsewhere.path().join("a.png"));
    assert_eq!(came.unwrap(), "theirs");
}

#[test]
fn a_card_from_a_filtered_deck_that_did_not_come_along_goes_home() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let change = "update cards set did = 77, odid = 1, odue = 9, due = -99999, type = 2, queue = 2, ivl = 5, factor = 2500";
    let package = with_row_changed(folder.path(), 0, change);
    let path = folder.path().join("into.anki2");
    import(&path, &package, EVERYTHING, &clock).unwrap();
    let mut col = Collection::open(&path, clock).unwrap();
    let id = col.find_cards("", None).unwrap()[0];
    let card = col.storage().get_card(id).unwrap().unwrap();
    assert_eq!(
        (card.deck_id, card.original_deck_id, card.due),
        (DeckId::DEFAULT, DeckId(0), 9)
    );
}

/// A mistake of the program it would be told as otherwise, to be reported.
#[test]
fn a_package_that_tells_a_wrong_schema_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    for (number, change) in ["update col set ver = 11", "update col set ver = 14"]
        .into_iter()
        .enumerate()
    {
        let package = with_row_changed(folder.path(), number, change);
        let path = folder.path().join(format!("into{number}.anki2"));
        let error = import(&path, &package, EVERYTHING, &clock).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{change}: {error}");
    }
}

#[test]
fn times_that_are_no_integers_are_read_and_what_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    for (number, (change, mtime)) in [
        ("update notes set mod = 1600000000.75", 1_600_000_000),
        ("update notes set mod = 'yesterday', usn = 0.5", 0),
        (
            "update cards set mod = x'00', usn = 'x', due = 1.5",
            1_793_500_000,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let package = with_row_changed(folder.path(), number, change);
        let path = folder.path().join(format!("into{number}.anki2"));
        let report = import(&path, &package, EVERYTHING, &clock).unwrap();
        assert_eq!(report.new.len(), 1, "{change}");
        // The same once more: the row that is there now can be read and compared.
        let again = import(&path, &package, EVERYTHING, &clock).unwrap();
        assert_eq!(again.duplicates.len(), 1, "{change}");
        let col = Collection::open(&path, clock.clone()).unwrap();
        let note = col.storage().get_note(report.new[0].id).unwrap().unwrap();
        assert_eq!(note.mtime.0, mtime, "{change}");
        col.close().unwrap();
    }
    let package = with_row_changed(folder.path(), 9, "update notes set id = 77, guid = x'0001'");
    let path = folder.path().join("into9.anki2");
    let error = import(&path, &package, EVERYTHING, &clock).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(error.path(), Some(package.as_path()));
    for part in ["package", "note 77", "`guid`", "binary data"] {
        assert!(error.what().contains(part), "{part} is not in {error}");
    }
    let col = Collection::open(&path, clock).unwrap();
    assert!(col.storage().all_note_ids().unwrap().is_empty());
}

/// As Anki makes them of the names that a package brings: with spaces and colons around their
/// parts, in decomposed letters, and with nothing between two levels.
#[test]
fn names_of_decks_are_made_fit_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let deck = |id: u32, name: &str| {
        format!(
            "insert into decks select {id}, {name}, mtime_secs, usn, common, kind from decks where id = 1; "
        )
    };
    let change = deck(5, "' A '")
        + &deck(6, "' A ' || char(31) || ':e' || char(769)")
        + &deck(7, "' A ' || char(31) || ':e' || char(769) || char(31)")
        + "update cards set did = 7";
    let package = with_row_changed(folder.path(), 20, &change);
    let path = folder.path().join("into.anki2");
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.decks_added, ["A", "A::\u{e9}", "A::\u{e9}::blank"]);
    let again = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert!(again.decks_added.is_empty(), "{again:?}");
    let mut col = Collection::open(&path, clock).unwrap();
    let found = col.find_cards("deck:A::\u{e9}::blank", None).unwrap();
    assert_eq!(found.len(), 1);
    col.close().unwrap();
}

#[test]
fn limits_for_one_day_count_on_that_day_alone() {
    let folder = tempfile::tempdir().unwrap();
    // Ten days later there than here. 7 reviews on the day 0, which is today here; 4 new cards on
    // the day 10, which is today there.
    let change = "update col set crt = crt - 864000; \
                  update decks set kind = x'0a0c0801420208074a040804100a'";
    let package = with_row_changed(folder.path(), 0, change);
    let mut jobs = Jobs::new();
    jobs.add(None, std::slice::from_ref(&package), EVERYTHING);
    jobs.check();
    let path = folder.path().join("into.anki2");
    import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
    let col = Collection::open(&path, clock_at(NOW)).unwrap();
    let deck = col.storage().get_deck(DeckId::DEFAULT).unwrap().unwrap();
    let DeckKind::Normal(deck) = deck.kind else {
        panic!("not a normal deck");
    };
    let today = deck.new_limit_today.map(|day| (day.limit, day.today));
    assert_eq!((today, deck.review_limit_today), (Some((4, 0)), None));
}

#[test]
fn positions_begin_at_nothing_where_none_was_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let change = "delete from config where key = 'nextPos'; \
                  update cards set type = 2, queue = 2, due = 3, ivl = 4, factor = 2500";
    let package = with_row_changed(folder.path(), 0, change);
    let mut jobs = Jobs::new();
    let without_scheduling = ImportOptions {
        along: Along::default(),
        ..EVERYTHING
    };
    jobs.add(None, &[package], without_scheduling);
    jobs.check();
    // And in the collection itself.
    let mut col = Collection::open(&folder.path().join("inner0.anki2"), clock_at(NOW)).unwrap();
    let cards = col.find_cards("", None).unwrap();
    let to_the_end = ResetHow {
        restore_position: false,
        ..ResetHow::default()
    };
    col.reset_cards(&cards, to_the_end, None).unwrap();
    let card = col.storage().get_card(cards[0]).unwrap().unwrap();
    assert_eq!(card.due, 0);
}

#[test]
fn a_collection_under_the_name_of_a_package_is_named_itself() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let empty = folder.path().join("empty.anki2");
    Collection::open(&empty, clock.clone())
        .unwrap()
        .close()
        .unwrap();
    let package = folder.path().join("empty.apkg");
    std::fs::rename(&empty, &package).unwrap();
    let path = folder.path().join("into.anki2");
    let error = import(&path, &package, EVERYTHING, &clock).unwrap_err();
    assert_eq!(error.path(), Some(package.as_path()), "{error}");
}

/// A filtered deck that holds a card without saying where it belongs could never give it back.
#[test]
fn a_filtered_deck_with_a_card_that_has_no_home_becomes_a_normal_one() {
    let folder = tempfile::tempdir().unwrap();
    let change = "insert into decks select 5, 'Fil', mtime_secs, usn, common, \
                  x'121a120c0a0669733a647565103218031a080000803f00002041200a' from decks where id = 1; \
                  update cards set did = 5, queue = 1, type = 1, due = 1793500600, left = 1001";
    let package = with_row_changed(folder.path(), 0, change);
    let mut jobs = Jobs::new();
    jobs.add(None, std::slice::from_ref(&package), EVERYTHING);
    jobs.check();
    let path = folder.path().join("into.anki2");
    import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
    let col = Collection::open(&path, clock_at(NOW)).unwrap();
    let decks = col.storage().all_decks().unwrap();
    assert_eq!(decks.len(), 2);
    assert!(decks.iter().all(|deck| !deck.is_filtered()), "{decks:?}");
}

#[test]
fn names_that_were_sorted_otherwise_are_sorted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let change = "update notetypes set name = 'ßa' where name = 'Basic'; \
                  update notetypes set name = 'ta' where name = 'Cloze';";
    let package = with_row_changed(folder.path(), 0, change);
    let inner = folder.path().join("inner0.anki2");
    let checked = inspect::check(&inner, inspect::Depth::Full, &Progress::new()).unwrap();
    assert!(checked.wrong_index.is_some(), "the test damages nothing");
    let path = folder.path().join("into.anki2");
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.new.len(), 1);
    let mut col = Collection::open(&path, clock).unwrap();
    assert!(col.storage().notetype_by_name("ßa").unwrap().is_some());
    let found = col.check_database(&Progress::new()).unwrap();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_file_that_is_listed_and_not_there_is_missed_only_by_who_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let clock = clock_at(NOW);
    for (number, (field, goes)) in [("<img src=b.png>", false), ("b.png", true)]
        .into_iter()
        .enumerate()
    {
        let change = format!("update notes set flds = '{field}' || char(31) || 'back'");
        let whole = with_row_changed(folder.path(), number, &change);
        let mut from = zip::ZipArchive::new(std::fs::File::open(&whole).unwrap()).unwrap();
        let package = folder.path().join(format!("lacking{number}.apkg"));
        let mut out = ZipWriter::new(std::fs::File::create(&package).unwrap());
        let entry = from.by_name("collection.anki21").unwrap();
        out.raw_copy_file(entry).unwrap();
        out.start_file("media", SimpleFileOptions::default())
            .unwrap();
        out.write_all(br#"{"0": "b.png"}"#).unwrap();
        out.finish().unwrap();
        match import(&path, &package, EVERYTHING, &clock) {
            Ok(report) => assert!(goes && report.new.len() == 1, "{report:?}"),
            Err(error) => {
                assert!(!goes, "{error}");
                assert!(
                    error.what().contains("lacks the media file b.png"),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn a_collection_with_such_times_is_edited_checked_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    with_row_changed(folder.path(), 0, "update notes set mod = 1600000000.75");
    let mut col = Collection::open(&folder.path().join("inner0.anki2"), clock_at(NOW)).unwrap();
    let id = col.storage().all_note_ids().unwrap()[0];
    col.check_database(&Progress::new()).unwrap();
    col.add_tags(&[id], "odd", &Progress::new()).unwrap();
    let note = col.storage().get_note(id).unwrap().unwrap();
    assert_eq!(
        (note.tags, note.mtime.0),
        (vec!["odd".to_owned()], NOW / 1000)
    );
    col.undo().unwrap();
    let note = col.storage().get_note(id).unwrap().unwrap();
    assert_eq!((note.tags.len(), note.mtime.0), (0, 1_600_000_000));
}

#[test]
fn decks_presets_and_note_types_of_odd_columns_are_read_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    for (number, change) in [
        "update decks set mtime_secs = 1.5, usn = 'x'",
        "update decks set name = cast(name as blob)",
        "update deck_config set mtime_secs = 'yesterday', name = cast(name as blob)",
        "update notetypes set mtime_secs = 2.5, name = cast(name as blob)",
        "update fields set name = cast(name as blob)",
        "update templates set mtime_secs = 2.5, config = cast(config as text)",
        "update col set mod = 1.5, scm = 'x', usn = x'00', crt = crt + 0.5",
        "insert into tags (tag, usn, collapsed) values (x'41', 'x', 'y')",
    ]
    .into_iter()
    .enumerate()
    {
        let package = with_row_changed(folder.path(), number, change);
        let path = folder.path().join(format!("into{number}.anki2"));
        let report = import(&path, &package, EVERYTHING, &clock).unwrap();
        assert_eq!(report.new.len(), 1, "{change}");
        // As a collection of one's own it is studied, checked and written too.
        let inner = folder.path().join(format!("inner{number}.anki2"));
        let mut col = Collection::open(&inner, clock.clone()).unwrap();
        col.check_database(&Progress::new()).expect(change);
        assert_eq!(col.deck_tree().expect(change).children[0].name, "Default");
        col.deck_create("Default::Below").expect(change);
        col.undo().expect(change);
        col.close().expect(change);
        let profile = Profile::with_notes(2);
        let whole = package.with_extension("colpkg");
        std::fs::rename(&package, &whole).unwrap();
        profile.restore(&whole).expect(change);
        assert_eq!(profile.notes(), 1, "{change}");
        let entry = profile.back_up(Reason::Manual);
        assert!(
            inspect::summarize(&profile.collection(), &Progress::new()).is_ok(),
            "{change}"
        );
        assert_eq!(entry.contents.map(|contents| contents.notes), Some(1));
    }
    for (number, (change, parts)) in [
        ("update decks set common = x'ffffff'", ["deck", "“Default”"]),
        ("update decks set kind = 5", ["deck", "“Default”"]),
        (
            "update fields set config = x'ffffff'",
            ["note type", "“Basic"],
        ),
        (
            "update templates set config = x'ffffff'",
            ["note type", "“Basic"],
        ),
        ("update col set crt = 'then'", ["`crt`", "a text"]),
    ]
    .into_iter()
    .enumerate()
    {
        let number = 100 + number;
        let package = with_row_changed(folder.path(), number, change);
        let path = folder.path().join(format!("into{number}.anki2"));
        let error = import(&path, &package, EVERYTHING, &clock).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        for part in parts {
            assert!(error.what().contains(part), "{part} is not in {error}");
        }
        let whole = package.with_extension("colpkg");
        std::fs::rename(&package, &whole).unwrap();
        let profile = Profile::with_notes(2);
        if !change.starts_with("update col") {
            // A backup gives everything else back, and says so.
            let restored = profile.restore(&whole).expect(change);
            assert_eq!(profile.notes(), 1, "{change}");
            let told = restored.warnings.iter().map(Error::what);
            assert!(told.collect::<String>().contains("damaged"), "{change}");
            continue;
        }
        // It becomes the collection of no profile.
        let error = profile.restore(&whole).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert_eq!(profile.notes(), 2, "{change}");
    }
}

/// Of a program that gives fields no numbers of their own, so that they are known by their names.
#[test]
fn merged_note_types_keep_all_texts_and_have_ankis_order() {
    let folder = tempfile::tempdir().unwrap();
    let basic = "(select id from notetypes where name = 'Basic')";
    // The card type shows the second field.
    let plain = format!(
        "update fields set config = x'', ntid = 77 where ntid = {basic}; \
         update templates set config = x'0a087b7b4261636b7d7d', ntid = 77 where ntid = {basic}; \
         update notes set mid = 77, guid = 'first'; \
         update notetypes set id = 77 where name = 'Basic'; "
    );
    let first = with_row_changed(folder.path(), 0, &plain);
    let merging = ImportOptions {
        merge_notetypes: true,
        ..EVERYTHING
    };
    let mut jobs = Jobs::new();
    for (number, change, expected) in [
        (
            1,
            "update fields set name = 'front' where ntid = 77 and ord = 0; ",
            vec![vec!["", "back", "front"], vec!["front", "back", ""]],
        ),
        (
            2,
            "update fields set name = 'Other' where ntid = 77 and ord = 0; \
             insert into fields select 77, 2, 'Third', config from fields where ntid = 77 and ord = 0; \
             update notes set flds = flds || char(31) || 'third'; ",
            vec![
                vec!["", "back", "front", "third"],
                vec!["front", "back", "", ""],
            ],
        ),
    ] {
        let change = plain.clone() + change + "update notes set guid = 'second'";
        let second = with_row_changed(folder.path(), number, &change);
        let packages = [first.clone(), second];
        jobs.add(None, &packages, merging);
        let path = folder.path().join(format!("into{number}.anki2"));
        for package in &packages {
            import(&path, package, merging, &clock_at(NOW)).unwrap();
        }
        let mut col = Collection::open(&path, clock_at(NOW)).unwrap();
        let mut texts: Vec<Vec<String>> = Vec::new();
        for id in col.find_notes("", None).unwrap() {
            texts.push(col.storage().get_note(id).unwrap().unwrap().fields);
        }
        texts.sort();
        assert_eq!(texts, expected);
    }
    jobs.check();
}
