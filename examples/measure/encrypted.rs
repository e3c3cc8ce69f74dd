//! The encrypted export of the collection, with the media where there are some, beside what can be
//! compared with it: the export in plain, and Debian's `age` alone on the bytes of that.

use crate::bench::Bench;
use crate::operations::collection;
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::formats::encryption::{Lock, Recipient};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Encrypted for a key, as `age -r` does it: the time that a password takes on purpose says nothing.
const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

pub fn encrypted(b: &mut Bench) {
    let out = b.empty_folder("out");
    let (plain, sealed) = (out.join("plain.colpkg"), out.join("sealed.colpkg.age"));
    let lock = Lock::Recipients(vec![Recipient::parse(KEY).expect("a key")]);
    exporting(b, "export_plain_beside", &plain, None);
    let alone = || {
        let target = out.join("alone.age");
        let done = Command::new("age")
            .args(["-r", KEY, "-o"])
            .args([&target, &plain])
            .status();
        assert!(done.expect("age is installed").success(), "age failed");
        // Ours is on the disk when it has its name.
        let written = File::open(&target).and_then(|file| file.sync_all());
        written.expect("it is on the disk");
        target
    };
    let remove = |file: PathBuf| std::fs::remove_file(file).expect("removed");
    b.measure(
        "age_alone",
        b.reps,
        |_| (),
        |()| (alone(), json!({})),
        remove,
    );
    exporting(b, "export_encrypted", &sealed, Some(&lock));
    let least = |b: &Bench, name: &str| b.ops[name]["min"].as_f64().unwrap_or(0.0);
    let (ours, age) = (least(b, "export_encrypted"), least(b, "age_alone"));
    let both = least(b, "export_plain_beside") + age;
    let ratio = |than: f64| json!((ours / than.max(1e-9) * 100.0).round() / 100.0);
    if let Some(Value::Object(op)) = b.ops.get_mut("export_encrypted") {
        op.insert("times_age".into(), ratio(age));
        op.insert("times_export_and_age".into(), ratio(both));
    }
}

fn exporting(b: &mut Bench, name: &str, out: &Path, lock: Option<&Lock>) {
    let media = b.has_media();
    let run = |(path, col): (PathBuf, Collection)| {
        let room = path.parent().expect("a folder");
        let folder = room.join("collection.media");
        let options = ExportOptions {
            media: media.then_some(folder.as_path()),
            legacy: false,
            data_folder: None,
            room,
            lock,
        };
        let frozen = col.storage().freeze().expect("it is frozen");
        let exported = export_colpkg(&frozen, out, &options, &Progress::new());
        col.storage().unfreeze();
        let exported = exported.expect("it is exported");
        (col, json!({ "bytes": exported.size }))
    };
    let open = |b: &Bench| {
        // As what `age` makes: to replace a large file costs the deletion of that one.
        let _ = std::fs::remove_file(out);
        let path = b.fresh("exp", media);
        let col = collection(&path);
        (path, col)
    };
    b.measure(name, b.reps, open, run, |col| {
        col.close().expect("it closes")
    });
}
