//! Whatever moment the process is killed at: the collection opens and is sound, what was
//! acknowledged is there, what is half done has no final name.

#![expect(
    clippy::disallowed_types,
    reason = "asks SQLite itself whether a file is sound"
)]

use crate::kill_child::{FIRST_DAY, PACKAGES, grow, grow_new};
use crate::kill_harness::Series;
use engram::backup::catalog;
use engram::backup::entry::Rules;
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::backup::restore::{self, Resumed};
use engram::base::files::remove_leftovers;
use engram::base::ids::{CardId, NoteId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::formats::reader::Package;
use engram::storage::Storage;
use engram::storage::inspect::{Checked, Depth, check};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Opens it as the program does and closes it again, having asked SQLite whether it is sound.
pub fn sound<T>(collection: &Path, look: impl FnOnce(&Storage) -> T) -> T {
    let opened = Collection::open(collection, Clock::System).expect("the collection opens");
    let seen = look(opened.storage());
    opened.close().expect("it closes");
    assert_eq!(quick_check(collection), "ok");
    seen
}

fn quick_check(collection: &Path) -> String {
    let db = rusqlite::Connection::open(collection).expect("SQLite opens it");
    // Only the presence of the collation matters to this check.
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .and_then(|()| db.query_row("pragma quick_check", [], |row| row.get(0)))
        .expect("the check runs")
}

#[test]
fn a_transaction_is_whole_or_absent() {
    let folder = tempfile::tempdir().expect("a folder");
    let collection = folder.path().join("collection.anki2");
    let mut series = Series::new("write", 100);
    for _ in 0..series.kills {
        let done = series.kill_once(folder.path(), 12);
        sound(&collection, |storage| {
            let counts = storage.counts().expect("counts");
            assert_eq!(counts.notes, counts.cards, "a note without its card");
            assert_eq!(counts.notes, counts.revlog, "a card without its review");
            // The last one may have been taken back: then, or unacknowledged now.
            let notes = done.iter().filter_map(|line| line.parse().ok()).map(NoteId);
            let notes: Vec<NoteId> = notes.collect();
            let last_is_safe = done.last().is_some_and(|line| line == "redone");
            let safe = notes.len().saturating_sub(usize::from(!last_is_safe));
            for id in &notes[..safe] {
                let note = storage.get_note(*id).expect("readable");
                assert!(note.is_some(), "note {id} was acknowledged");
            }
        });
    }
}

#[test]
fn an_acknowledged_answer_is_never_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("collection.anki2");
    let clock = Clock::fixed(FIRST_DAY, 0);
    let mut collection = Collection::open(&path, clock).expect("a collection");
    grow_new(&mut collection, 300);
    collection.close().expect("it closes");
    let mut series = Series::new("answer", 100);
    let mut known: BTreeMap<CardId, u32> = BTreeMap::new();
    for _ in 0..series.kills {
        for line in series.kill_once(folder.path(), 15) {
            let (card, reps) = line.split_once(' ').expect("card and repetitions");
            known.insert(
                card.parse().expect("an id"),
                reps.parse().expect("a number"),
            );
        }
        sound(&path, |storage| {
            let mut unacknowledged = 0;
            for (id, reps) in &mut known {
                let card = storage.get_card(*id).expect("readable").expect("there");
                assert!(card.reps >= *reps, "card {id}: an answer is gone");
                let reviews = storage.revlog_of_card(*id).expect("readable");
                assert_eq!(
                    reviews.len(),
                    card.reps as usize,
                    "card {id}: half an answer"
                );
                unacknowledged += card.reps - *reps;
                *reps = card.reps;
            }
            assert!(
                unacknowledged <= 1,
                "one may be written and not yet acknowledged"
            );
        });
    }
    println!(
        "{} cards, {} answers",
        known.len(),
        known.values().sum::<u32>()
    );
}

#[test]
fn a_backup_with_a_name_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("collection.anki2");
    let mut collection = Collection::open(&path, Clock::System).expect("a collection");
    grow(&mut collection, 1500, &mut StdRng::seed_from_u64(1));
    collection.close().expect("it closes");
    let mut series = Series::new("backup", 50);
    let mut known = Packages::default();
    let mut halves = 0;
    for _ in 0..series.kills {
        let done = series.kill_once(folder.path(), 60);
        sound(&path, |storage| {
            for line in &done {
                if let Ok(id) = line.parse() {
                    let note = storage.get_note(NoteId(id)).expect("readable");
                    assert!(note.is_some(), "note {id} was acknowledged");
                } else {
                    assert!(Path::new(line).exists(), "{line} was acknowledged");
                }
            }
        });
        known.check_all(&catalog::folder(folder.path()));
        catalog::list(folder.path(), &Rules::default(), &Clock::System).expect("a list");
        halves += remove_leftovers(&catalog::folder(folder.path())).expect("removed");
    }
    println!("{} packages, {halves} killed half-way", known.0.len());
    assert!(
        halves > 0 && !known.0.is_empty(),
        "the kills came at odd times only"
    );
}

/// Two states of a profile, told apart by the number of notes and the content of a media file.
const NOTES: [u64; 2] = [700, 400];
const SHARED_FILE: &str = "which.txt";

/// Profile in the first state, and a package of each beside the collection.
fn two_states(folder: &Path) {
    for state in [1, 0] {
        let path = folder.join("collection.anki2");
        let media = folder.join("collection.media");
        std::fs::create_dir_all(&media).expect("a folder");
        let _ = std::fs::remove_file(&path);
        let mut collection = Collection::open(&path, Clock::System).expect("a collection");
        let mut random = StdRng::seed_from_u64(state as u64);
        grow(&mut collection, NOTES[state], &mut random);
        std::fs::write(media.join(SHARED_FILE), state.to_string()).expect("media");
        for file in 0..20 {
            let name = media.join(format!("{state}-{file}.bin"));
            std::fs::write(name, random.random::<[u8; 32]>().repeat(500)).expect("media");
        }
        let frozen = collection.storage().freeze().expect("it is frozen");
        let options = ExportOptions {
            media: Some(&media),
            legacy: false,
            data_folder: None,
            room: folder,
            lock: None,
        };
        let package = folder.join(PACKAGES[state]);
        export_colpkg(&frozen, &package, &options, &Progress::new()).expect("it is exported");
        collection.storage().unfreeze();
        collection.close().expect("it closes");
        if state == 1 {
            std::fs::remove_dir_all(&media).expect("removed");
        }
    }
}

/// Which of the two states the profile is in, having made sure that it is wholly in it.
fn state_of(folder: &Path) -> usize {
    let path = folder.join("collection.anki2");
    let notes = sound(&path, |storage| storage.counts().expect("counts").notes);
    let state = NOTES.iter().position(|n| *n == notes);
    let state = state.unwrap_or_else(|| panic!("{notes} notes: neither the old nor the new"));
    let media = folder.join("collection.media");
    let which = std::fs::read_to_string(media.join(SHARED_FILE)).expect("media");
    assert_eq!(
        which,
        state.to_string(),
        "collection and media are of different states"
    );
    for file in 0..20 {
        let size = std::fs::metadata(media.join(format!("{state}-{file}.bin"))).map(|m| m.len());
        assert_eq!(
            size.ok(),
            Some(16_000),
            "media file {file} of state {state}"
        );
    }
    state
}

/// Kills a work that moves a profile between the two states.
pub fn moved_between_two_states(work: &'static str, kills: u32, prepare: fn(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    two_states(folder.path());
    prepare(folder.path());
    let mut series = Series::new(work, kills);
    let mut known = Packages::default();
    let mut seen = [0; 2];
    let mut settled = 0;
    for _ in 0..series.kills {
        // What comes after the last acknowledged one may be done too, so that the state says
        // nothing about it; that it is one of the two, whole, is the point.
        series.kill_once(folder.path(), 2);
        let resumed = restore::resume(folder.path()).expect("what was interrupted is settled");
        settled += u32::from(resumed != Resumed::Nothing);
        let state = state_of(folder.path());
        seen[state] += 1;
        let backups = catalog::folder(folder.path());
        known.check_all(&backups);
        catalog::list(folder.path(), &Rules::default(), &Clock::System).expect("a list");
        remove_leftovers(&backups).expect("removed");
        remove_leftovers(folder.path()).expect("removed");
    }
    println!("{work}: states {seen:?}, {settled} settled at the start");
    assert!(seen.iter().all(|n| *n > 0), "only one state was ever seen");
}

#[test]
fn a_restore_is_done_or_not() {
    moved_between_two_states("restore", 40, |_| ());
}

#[test]
fn an_import_is_done_or_not() {
    moved_between_two_states("import", 30, |_| ());
}

#[test]
fn an_export_appears_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let out = folder.path().join("out");
    std::fs::create_dir_all(&profile).expect("a folder");
    std::fs::create_dir_all(&out).expect("a folder");
    two_states(&profile);
    let mut series = Series::new("export", 30);
    let mut halves = 0;
    for _ in 0..series.kills {
        let done = series.kill_once(&profile, 3);
        for path in &done {
            assert!(Path::new(path).exists(), "{path} was acknowledged");
        }
        // The names are used again, so look at all each time.
        Packages::default().check_all(&out);
        halves += remove_leftovers(&out).expect("removed");
        remove_leftovers(&profile).expect("removed");
        assert_eq!(state_of(&profile), 0);
    }
    assert!(halves > 0, "the kills came at odd times only");
}

/// The packages of a folder that were found whole; each is looked at once.
#[derive(Default)]
struct Packages(BTreeMap<PathBuf, Checked>);

impl Packages {
    /// Unpacks and checks every file with a package's name.
    fn check_all(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return; // killed before the first
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "colpkg") && !self.0.contains_key(&path) {
                let checked = check_package(&path);
                self.0.insert(path, checked);
            }
        }
    }
}

pub fn check_package(path: &Path) -> Checked {
    let progress = Progress::new();
    let unpacked = tempfile::tempdir().expect("a folder");
    let target = unpacked.path().join("collection.anki2");
    let mut out = File::create(&target).expect("a file");
    let named = path.display();
    let mut package = Package::open(path).unwrap_or_else(|e| panic!("{named}: {e}"));
    package
        .unpack_collection(&mut out, None, &progress)
        .and_then(|_| package.read_through(&progress))
        .and_then(|()| check(&target, Depth::Full, &progress))
        .unwrap_or_else(|e| panic!("{named}: {e}"))
}
