//! The Backup Explorer: a package opened and listed, and what differs from the collection.

use crate::bench::Bench;
use crate::operations::collection;
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::backup::stage::{Backup, MediaWish};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::explore::Explorer;
use engram::domain::explorer::Show;
use engram::storage::compare::compare;
use engram::storage::inspect::open_watched;
use serde_json::json;

pub fn explorer(b: &mut Bench) {
    let path = b.fresh("work", false);
    let package = b.empty_folder("out").join("out.colpkg");
    let progress = Progress::new();
    let mut col = collection(&path);
    let options = ExportOptions {
        media: None,
        legacy: false,
        data_folder: None,
        room: &b.scratch,
        lock: None,
    };
    let frozen = col.storage().freeze().expect("it is frozen");
    let exported = export_colpkg(&frozen, &package, &options, &progress);
    col.storage().unfreeze();
    exported.expect("it is exported");
    let notes = col
        .storage()
        .search_notes(
            "",
            &engram::collection::find::moment_of(col.storage(), &Clock::System).expect("now"),
            None,
        )
        .expect("notes");
    col.delete_notes(&notes[..500]).expect("deleted");
    col.toggle_mark(&notes[1000..3000]).expect("marked");
    col.close().expect("it closes");
    let room = b.scratch.clone();
    let data = b.fresh("earlier", false);
    let open = |()| {
        let backup = Backup::to_explore(&package).expect("a package");
        let backup = backup.verify(&room, MediaWish::Ignore, &progress);
        let backup = backup.expect("it is sound");
        let storage = backup.open(&Clock::System, &progress).expect("it opens");
        let present = open_watched(&path, &progress).expect("it opens");
        let (file, clock) = (package.clone(), Clock::System);
        let explorer = Explorer::new(file, storage, Some(&present), clock, &progress);
        let explorer = explorer.expect("it is compared");
        let listing = explorer.list(Show::All, "").expect("it is listed");
        let rows = listing.notes.iter().take(60).map(|(id, _)| *id);
        let rows: Vec<_> = rows.collect();
        explorer.rows(&rows).expect("rows");
        let changes = explorer.opened().changes;
        let figures = json!({"notes": listing.notes.len(), "changes": changes});
        drop(explorer);
        (backup, figures)
    };
    b.measure("explorer_open", b.reps, |_| (), open, drop);
    let difference = |()| {
        let earlier = open_watched(&data, &progress).expect("it opens");
        let present = open_watched(&path, &progress).expect("it opens");
        let found = compare(&earlier, &present, &progress).expect("it is compared");
        (
            (),
            json!({"notes": found.notes.len(), "cards": found.cards.len()}),
        )
    };
    b.measure("explorer_difference", b.reps, |_| (), difference, |()| ());
}
