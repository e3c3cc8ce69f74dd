//! Whatever moment the process is killed at: the collection opens and is sound, what was
//! acknowledged is there, what is half done has no final name.

#![expect(
    clippy::disallowed_types,
    reason = "asks SQLite itself whether a file is sound"
)]

use crate::kill_harness::Series;
use engram::base::ids::NoteId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::storage::Storage;
use std::path::Path;

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
