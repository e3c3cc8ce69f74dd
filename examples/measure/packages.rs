//! Whole packages out and in, Check Database and Check Media.

use crate::bench::Bench;
use crate::operations::collection;
use engram::backup::export::{ExportOptions, export_colpkg, import_colpkg};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub fn colpkg(b: &mut Bench) {
    let package = b.empty_folder("out").join("out.colpkg");
    exporting(b, "export_colpkg", &package, false, false);
    importing(b, "import_colpkg", &package);
    exporting(b, "export_colpkg_legacy", &package, false, true);
    if b.has_media() {
        exporting(b, "export_colpkg_media", &package, true, false);
        importing(b, "import_colpkg_media", &package);
    }
}

fn exporting(b: &mut Bench, name: &str, package: &Path, media: bool, legacy: bool) {
    let run = |(path, col): (PathBuf, Collection)| {
        let room = path.parent().expect("a folder");
        let media_folder = room.join("collection.media");
        let options = ExportOptions {
            media: media.then_some(media_folder.as_path()),
            legacy,
            data_folder: None,
            room,
            lock: None,
        };
        let frozen = col.storage().freeze().expect("it is frozen");
        let exported = export_colpkg(&frozen, package, &options, &Progress::new());
        col.storage().unfreeze();
        let exported = exported.expect("it is exported");
        (col, json!({"bytes": exported.size}))
    };
    let open = |b: &Bench| {
        let path = b.fresh("exp", media);
        let col = collection(&path);
        (path, col)
    };
    let close = |col: Collection| col.close().expect("it closes");
    b.measure(name, b.reps, open, run, close);
}

fn importing(b: &mut Bench, name: &str, package: &Path) {
    let run = |folder: std::path::PathBuf| -> ((), Value) {
        let done = import_colpkg(&folder, package, &Clock::System, &Progress::new());
        let done = done.expect("it is imported");
        (
            (),
            json!({"files": done.media_added, "notes": done.contents.notes}),
        )
    };
    // A folder of its own for each: some disks are slow to make files where many were just deleted.
    let mut round = 0;
    let folder = |b: &Bench| {
        round += 1;
        b.empty_folder(&format!("imp-{name}-{round}"))
    };
    b.measure(name, b.reps, folder, run, |()| ());
}

/// What Tools > Check Database does after its backup.
pub fn check(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let run = |()| {
        let problems = col.check_database(&Progress::new()).expect("it is checked");
        ((), json!({"ok": true, "problems": problems.len()}))
    };
    b.measure("check_database", b.reps, |_| (), run, |()| ());
    col.close().expect("it closes");
}

/// Check Media the first time after the start, and again.
pub fn media_check(b: &mut Bench) {
    if !b.has_media() {
        return;
    }
    let path = b.fresh("work", false);
    let media = path.with_extension("media");
    std::fs::create_dir_all(&media).expect("a folder");
    for file in std::fs::read_dir(b.data.join("collection.media")).expect("media") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), media.join(file.file_name())).expect("a copy");
    }
    let col = collection(&path);
    let look = |()| {
        let found = col.check_media(&Progress::new()).expect("it is checked");
        ((), json!({"unused": found.unused.len()}))
    };
    let warm = std::mem::take(&mut b.warm);
    b.measure("media_check_first", 1, |_| (), look, |()| ());
    b.warm = warm;
    b.measure("media_check", b.reps, |_| (), look, |()| ());
    col.close().expect("it closes");
}
