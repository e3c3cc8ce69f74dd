//! Whatever moment the process is killed at: the collection opens and is sound, what was
//! acknowledged is there, what is half done has no final name.

#![expect(
    clippy::disallowed_types,
    reason = "asks SQLite itself whether a file is sound"
)]

use crate::kill_child::{FIRST_DAY, grow, grow_new};
use crate::kill_harness::Series;
use engram::backup::catalog;
use engram::backup::entry::Rules;
use engram::base::files::remove_leftovers;
use engram::base::ids::{CardId, NoteId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::formats::reader::Package;
use engram::storage::Storage;
use engram::storage::inspect::{Checked, Depth, check};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Opens it as the program does and closes it again, having asked SQLite whether it is sound.
fn sound<T>(collection: &Path, look: impl FnOnce(&Storage) -> T) -> T {
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

fn check_package(path: &Path) -> Checked {
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
