//! Restoring a profile from a backup, and going back.

use crate::backup_profile::{HOUR, Profile};
use engram::backup::entry::{KeepReason, Reason, Verification};
use engram::backup::inspect::{self, Current};
use engram::backup::restore::{self, Resumed};
use engram::backup::safety::Safety;
use engram::backup::{drill, export};
use engram::base::error::ErrorKind;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::domain::card::CardQueue;
use engram::domain::deck::DeckName;
use engram::domain::deck_config::DeckConfigInner;
use engram::storage::Storage;
use std::path::Path;

#[test]
fn a_backup_comes_back_after_a_safety_backup() {
    let profile = Profile::with_notes(50);
    let backup = profile.back_up(Reason::Manual);
    profile.clock.advance_millis(HOUR);
    profile.add_notes(7);
    let restored = profile.restore(&backup.path).unwrap();
    assert_eq!(profile.notes(), 50);
    assert_eq!(restored.contents.notes, 50);
    let safety = restored.safety.path().unwrap();
    let entry = profile
        .list()
        .into_iter()
        .find(|e| e.path == safety)
        .unwrap();
    assert_eq!(entry.reason, Reason::BeforeRestore);
    assert_eq!(entry.contents.unwrap().notes, 57);
    assert!(matches!(entry.verification, Verification::Verified { .. }));
    assert!(entry.keep.contains(&KeepReason::Pinned));
    let storage = Storage::open(&profile.collection()).unwrap();
    let row = storage.col_row().unwrap();
    assert_eq!(
        (row.scm, row.mtime),
        (profile.clock.now(), profile.clock.now())
    );
    storage.close().unwrap();
    profile.restore(safety).unwrap();
    assert_eq!(profile.notes(), 57);
}

#[test]
#[expect(clippy::disallowed_types, reason = "writes what an add-on would")]
fn what_an_addon_keeps_in_the_collection_is_backed_up_and_restored() {
    let profile = Profile::with_notes(12);
    let progress = Progress::new();
    let db = rusqlite::Connection::open(profile.collection()).unwrap();
    db.execute_batch(
        "create view soon as select id from cards where due < 5; \
         create trigger tidies after update on col begin delete from notes; end; \
         create virtual table words using fts5(text); \
         insert into words values ('one two');",
    )
    .unwrap();
    drop(db);
    let mut collection = Collection::open(&profile.collection(), profile.clock.clone()).unwrap();
    collection.check_database(&progress).unwrap();
    collection.close().unwrap();
    let backup = profile.back_up(Reason::Manual);
    let room = tempfile::tempdir().unwrap();
    let report = inspect::verify(&backup.path, room.path(), &profile.clock, &progress).unwrap();
    assert!(report.ok, "{:?}", report.findings);
    let drilled = drill::drill(profile.dir(), None, &profile.clock, &progress).unwrap();
    assert_eq!(drilled.contents.notes, 12);
    profile.add_notes(1);
    profile.restore(&backup.path).unwrap();
    assert_eq!(profile.notes(), 12);
    // All but what would act by itself elsewhere.
    let db = rusqlite::Connection::open(profile.collection()).unwrap();
    let names: String = db
        .query_row(
            "select group_concat(name, ' ') from (select name from sqlite_master \
             where name in ('soon', 'tidies', 'words') order by name)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(names, "soon words");
    drop(db);
    // Under the name of a package it could be anyone's.
    let import = export::import_colpkg(profile.dir(), &backup.path, &profile.clock, &progress);
    assert_eq!(import.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(profile.notes(), 12);
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "damages what the program would not"
)]
fn a_backup_with_damaged_settings_comes_back_with_new_ones_and_says_which() {
    let profile = Profile::with_notes(12);
    let db = rusqlite::Connection::open(profile.collection()).unwrap();
    db.create_collation("unicase", |a: &str, b: &str| a.cmp(b))
        .unwrap();
    db.execute_batch("update deck_config set config=x'ff' where id=1")
        .unwrap();
    drop(db);
    let backup = profile.back_up(Reason::Manual);
    assert!(matches!(backup.verification, Verification::Verified { .. }));
    let drilled = drill::drill(profile.dir(), None, &profile.clock, &Progress::new()).unwrap();
    assert_eq!(drilled.contents.notes, 12);
    assert!(
        drilled.warnings[0].contains("have the options of new ones: Default"),
        "{:?}",
        drilled.warnings
    );
    let restored = profile.restore(&backup.path).unwrap();
    let told = restored.warnings.iter().map(ToString::to_string);
    let told = told.collect::<Vec<_>>().join("; ");
    assert!(
        told.contains("presets of deck options are damaged") && told.contains("Default"),
        "{told}"
    );
    assert_eq!(profile.notes(), 12);
    let storage = Storage::open(&profile.collection()).unwrap();
    let presets = storage.all_deck_configs().unwrap();
    assert_eq!(presets.len(), 1);
    assert_eq!(presets[0].inner, DeckConfigInner::default());
    storage.close().unwrap();
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "damages what the program would not"
)]
fn a_backup_with_a_damaged_note_type_comes_back_as_it_was_and_says_which() {
    let profile = Profile::with_notes(12);
    let db = rusqlite::Connection::open(profile.collection()).unwrap();
    db.create_collation("unicase", |a: &str, b: &str| a.cmp(b))
        .unwrap();
    db.execute_batch("update notetypes set config=x'ff' where name='Basic'")
        .unwrap();
    drop(db);
    let backup = profile.back_up(Reason::Manual);
    assert!(matches!(backup.verification, Verification::Verified { .. }));
    let drilled = drill::drill(profile.dir(), None, &profile.clock, &Progress::new()).unwrap();
    assert_eq!(drilled.contents.notes, 12);
    let restored = profile.restore(&backup.path).unwrap();
    let told = restored.warnings.iter().map(ToString::to_string);
    let told = told.collect::<Vec<_>>().join("; ");
    assert!(
        told.contains("these note types are damaged in the backup too") && told.contains("Basic"),
        "{told}"
    );
    assert_eq!(profile.notes(), 12);
    let db = rusqlite::Connection::open(profile.collection()).unwrap();
    let kept: Vec<u8> = db
        .query_row(
            "select config from notetypes where id=(select mid from notes)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, [0xff]);
}

#[test]
fn undo_gives_back_every_byte() {
    let profile = Profile::with_notes(20);
    profile.write_media("both.png", b"mine");
    profile.write_media("same.png", b"same");
    let package = profile.dir().join("backups/with-media.colpkg");
    let other = Profile::with_notes(3);
    other.write_media("both.png", b"theirs");
    other.write_media("same.png", b"same");
    other.write_media("new.png", b"new");
    std::fs::create_dir_all(profile.backups()).unwrap();
    crate::colpkg_round_trip::export(&other, &package, true, false);
    let before = profile.picture();
    assert!(restore::undoable(profile.dir()).unwrap().is_none());
    let restored = profile.restore(&package).unwrap();
    assert_eq!((restored.media_added, restored.media_replaced), (1, 1));
    assert_eq!(
        std::fs::read(profile.media().join("both.png")).unwrap(),
        b"theirs"
    );
    assert!(restore::undoable(profile.dir()).unwrap().is_some());
    assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Nothing);
    profile.add_notes(1);
    let safety = restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    let after = profile.picture();
    assert!(after == before, "{:?}", after.keys());
    assert_eq!(profile.notes(), 20);
    // What was studied in between is not lost either.
    profile.restore(safety.path().unwrap()).unwrap();
    assert_eq!(profile.notes(), 4);
    let error = {
        restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
        restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap_err()
    };
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[cfg(unix)]
#[test]
fn media_come_to_a_folder_on_another_disk_and_go_back() {
    use std::os::unix::fs::{MetadataExt as _, symlink};
    let profile = Profile::with_notes(5);
    let device = |path: &Path| std::fs::metadata(path).map(|m| m.dev()).ok();
    let elsewhere = [std::path::PathBuf::from("/dev/shm"), std::env::temp_dir()]
        .into_iter()
        .filter_map(|place| tempfile::tempdir_in(place).ok())
        .find(|other| device(other.path()) != device(profile.dir()));
    let Some(elsewhere) = elsewhere else {
        crate::oracle::skip("no second disk");
        return;
    };
    symlink(elsewhere.path(), profile.media()).unwrap();
    profile.write_media("both.png", b"mine");
    let other = Profile::with_notes(3);
    other.write_media("both.png", b"theirs");
    other.write_media("new.png", b"new");
    let package = profile.dir().join("with-media.colpkg");
    crate::colpkg_round_trip::export(&other, &package, true, false);
    let found = || {
        let mut found: Vec<(String, String)> = std::fs::read_dir(elsewhere.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect();
        found.sort();
        found
    };
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let restored = profile.restore(&package).unwrap();
    assert_eq!((restored.media_added, restored.media_replaced), (1, 1));
    assert_eq!(
        found(),
        [file("both.png", "theirs"), file("new.png", "new")]
    );
    restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    assert_eq!(found(), [file("both.png", "mine")]);
    assert_eq!(profile.notes(), 5);
}

#[cfg(unix)]
#[test]
fn while_the_disk_of_the_media_is_absent_a_backup_comes_and_goes_without_them() {
    let profile = Profile::with_notes(5);
    let backup = profile.back_up(Reason::Manual).path;
    profile.clock.advance_millis(HOUR);
    profile.add_notes(2);
    let other = Profile::with_notes(3);
    other.write_media("new.png", b"new");
    let package = profile.dir().join("with-media.colpkg");
    crate::colpkg_round_trip::export(&other, &package, true, false);
    let disk = profile.dir().join("disk");
    std::os::unix::fs::symlink(&disk, profile.media()).unwrap();
    let refused = profile.restore(&package).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused}");
    // It was not begun: the profile opens as it was.
    assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Nothing);
    assert_eq!(profile.notes(), 7);
    profile.restore(&backup).unwrap();
    assert_eq!(profile.notes(), 5);
    restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    assert_eq!(profile.notes(), 7);
    assert!(!disk.exists(), "nothing is made in its place");
}

#[test]
fn an_unreadable_collection_is_kept_as_it_is_with_its_log() {
    let profile = Profile::with_notes(5);
    let backup = profile.back_up(Reason::Manual);
    std::fs::write(profile.collection(), b"not a database at all, not any more").unwrap();
    std::fs::write(profile.dir().join("collection.anki2-wal"), b"a log").unwrap();
    let before = profile.picture();
    let restored = profile.restore(&backup.path).unwrap();
    assert_eq!(profile.notes(), 5);
    let Safety::RawCopy(copy) = &restored.safety else {
        panic!("{:?}", restored.safety);
    };
    assert!(std::fs::read(copy).unwrap().starts_with(b"not a database"));
    let log = format!("{}-wal", copy.display());
    assert_eq!(std::fs::read(log).unwrap(), b"a log");
    assert!(profile.list().iter().any(|e| &e.path == copy));
    restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    assert!(profile.picture() == before);
}

#[test]
fn restores_where_there_is_no_collection() {
    let source = Profile::with_notes(5);
    let backup = source.back_up(Reason::Manual);
    let profile = Profile::empty();
    let restored = profile.restore(&backup.path).unwrap();
    assert_eq!(restored.safety, Safety::NothingToSave);
    assert_eq!(profile.notes(), 5);
    restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    assert!(!profile.collection().exists());
}

#[test]
fn refused_while_another_program_has_the_collection() {
    let profile = Profile::with_notes(5);
    let backup = profile.back_up(Reason::Manual);
    let open = Storage::open(&profile.collection()).unwrap();
    let error = profile.restore(&backup.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    open.close().unwrap();
    assert_eq!(profile.notes(), 5);
}

#[test]
fn says_what_a_restore_takes_away() {
    let profile = Profile::with_notes(30);
    let backup = profile.back_up(Reason::Manual);
    profile.clock.advance_millis(HOUR);
    profile.add_notes(4);
    let mut storage = Storage::open(&profile.collection()).unwrap();
    let notetype = storage.all_notetypes().unwrap()[0].id;
    let ids = storage.note_ids_of_notetype(notetype).unwrap();
    storage
        .tx(profile.clock.now(), |tx| {
            let mut note = tx.get_note(ids[0])?.unwrap();
            note.fields[0] = "changed".into();
            note.mtime = tx.now_secs();
            tx.update_note(&note)?;
            for card in tx.cards_of_note(ids[1])? {
                tx.remove_card(card.id)?;
            }
            tx.remove_note(ids[1])?;
            let mut card = tx.cards_of_note(ids[2])?.remove(0);
            card.queue = CardQueue::Suspended;
            tx.update_card(&card)?;
            let mut deck = tx.all_decks()?.remove(0);
            (deck.id, deck.name) = (DeckId(0), DeckName::from_human("Later"));
            tx.add_deck(&mut deck)?;
            tx.update_notetype(&tx.get_notetype(notetype)?.unwrap())
        })
        .unwrap();
    // The collection stays open: its frozen file is compared.
    let frozen = storage.freeze().unwrap();
    let room = profile.dir();
    let progress = Progress::new();
    let seen = inspect::inspect(&backup.path, Current::Frozen(&frozen), room, &progress).unwrap();
    storage.unfreeze();
    storage.close().unwrap();
    let loss = seen.loss.unwrap();
    assert_eq!(
        (loss.reviews, loss.notes_added, loss.cards_added),
        (4, 4, 4)
    );
    assert_eq!(
        (loss.notes_changed, loss.notes_deleted, loss.cards_deleted),
        (1, 1, 1)
    );
    assert_eq!(
        (loss.cards_changed, loss.decks_added, loss.notetypes_changed),
        (1, 1, 1)
    );
    assert_eq!(seen.contents.notes, 30);
    assert_eq!(seen.decks[0].name, "Default");
    assert_eq!(seen.decks[0].cards, 30);
    let closed = Current::Closed(&profile.collection());
    let again = inspect::inspect(&backup.path, closed, room, &progress).unwrap();
    assert_eq!(again.loss, Some(loss));
    let none = inspect::inspect(&backup.path, Current::None, room, &progress).unwrap();
    assert_eq!(none.loss, None);
}

#[test]
fn raw_and_old_files_restore_too() {
    let source = Profile::with_notes(6);
    let backup = source.back_up(Reason::Manual);
    let profile = Profile::with_notes(1);
    for name in [
        "collection.apkg",
        "backup-12.apkg",
        "collection-2014-05-06-07-08.colpkg",
    ] {
        let path = source.dir().join(name);
        std::fs::copy(&backup.path, &path).unwrap();
        profile.restore(&path).unwrap();
        assert_eq!(profile.notes(), 6, "{name}");
        restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
        assert_eq!(profile.notes(), 1);
    }
    profile.restore(&source.collection()).unwrap();
    assert_eq!(profile.notes(), 6);
    let error = profile.restore(Path::new("deck.apkg")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
