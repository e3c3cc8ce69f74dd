//! Snapshots that `restic` itself took of a profile while a program had the collection open: what
//! lies in the log beside it is read as well, whichever way the snapshot is looked at, and a damaged
//! log is told.
#![expect(
    clippy::disallowed_types,
    reason = "another program that has the collection open"
)]

use crate::cli_commands::Cli;
use crate::vault_folder::{Saved, has, restic};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const IN_LOG: &str = "only in the log";

/// A vault that `restic` made, and a profile in it whose collection was open.
struct Taken {
    saved: Saved,
}

impl Taken {
    /// `open` leaves the collection open in some state.
    fn with(open: impl FnOnce(&Path) -> Connection, spoil: impl FnOnce(&Path)) -> Option<Self> {
        if !has("restic") {
            return None;
        }
        let saved = Saved::profile();
        restic(&saved.to, &["init"]);
        let dir = saved.profile_dir();
        let db = open(&dir.join("collection.anki2"));
        let copy = PathBuf::from(saved.cli.path("Ann"));
        std::fs::create_dir(&copy).unwrap();
        for name in ["", "-wal", "-journal", "-shm"].map(|end| format!("collection.anki2{end}")) {
            if dir.join(&name).exists() {
                std::fs::copy(dir.join(&name), copy.join(&name)).unwrap();
            }
        }
        spoil(&copy);
        restic(&saved.to, &["backup", copy.to_str().unwrap()]);
        drop(db);
        Some(Self { saved })
    }

    fn address(&self) -> String {
        let listed = self.saved.ok("list", &[]);
        let id = listed["snapshots"][0]["id"].as_str().unwrap().to_owned();
        format!("vault:{}#{id}", self.saved.to)
    }

    fn key(&self) -> String {
        self.saved.cli.path("password")
    }

    /// What the ways into the snapshot say: exit code and JSON.
    fn ways(&self, restored: &Cli) -> Vec<(&'static str, i32, serde_json::Value)> {
        let (address, key) = (self.address(), self.key());
        let cli = &self.saved.cli;
        let shown = cli.json(&["backup", "show", &address, "--vault-password-file", &key]);
        let verified = cli.json(&["backup", "verify", &address, "--vault-password-file", &key]);
        let drilled = cli.json(&["backup", "drill", &address, "--vault-password-file", &key]);
        let mut restore = self.saved.args("restore", &key);
        restore.extend(["latest", "--profile", "Back"]);
        let back = restored.json(&restore);
        [
            ("show", shown),
            ("verify", verified),
            ("drill", drilled),
            ("restore", back),
        ]
        .map(|(way, (code, json))| (way, code, json))
        .into()
    }
}

fn elsewhere() -> Cli {
    Cli {
        room: tempfile::tempdir().unwrap(),
    }
}

fn add_in_log(collection: &Path) -> Connection {
    let db = Connection::open(collection).unwrap();
    let mode: String = db
        .query_row("pragma journal_mode=wal", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    db.execute_batch(&format!(
        "pragma wal_checkpoint(truncate);
         pragma wal_autocheckpoint=0;
         begin;
         insert into notes select max(id)+1, 'inlog', mid, mod, usn, tags, '{IN_LOG}' || char(31) || 'back',
           '{IN_LOG}', csum, flags, data from notes;
         insert into cards select max(id)+1, (select max(id) from notes), did, ord, mod, usn, type, queue,
           due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards;
         commit;"
    ))
    .unwrap();
    db
}

fn notes(json: &serde_json::Value) -> i64 {
    let inner = json.get("results").map_or(json, |results| &results[0]);
    inner["notes"].as_i64().unwrap_or(-1)
}

#[test]
fn what_is_only_in_the_log_is_seen_by_every_way_into_the_snapshot() {
    let Some(taken) = Taken::with(add_in_log, |copy| {
        assert!(copy.join("collection.anki2-wal").metadata().unwrap().len() > 0);
    }) else {
        return;
    };
    let other = elsewhere();
    for (way, code, json) in taken.ways(&other) {
        assert_eq!((code, notes(&json)), (0, 501), "{way}: {json}");
    }
    let found = other.ok(&["search", "--notes", IN_LOG]);
    let id = found["ids"][0].to_string();
    assert_ne!(id, "null", "{found}");
    // And by the search for one note in the snapshots.
    let address = format!("vault:{}", taken.saved.to);
    let key = taken.key();
    let mut find = vec!["backup", "find", &id, "--in", &address];
    find.extend(["--vault-password-file", &key]);
    let found = taken.saved.cli.ok(&find);
    assert!(found.to_string().contains(IN_LOG), "{found}");
}

#[test]
fn a_change_that_was_not_finished_is_taken_back() {
    let begin = |collection: &Path| {
        let db = Connection::open(collection).unwrap();
        db.execute_batch(
            "pragma journal_mode=delete;
             pragma cache_size=1;
             pragma cache_spill=1;
             begin immediate;
             update notes set flds='half done' || hex(zeroblob(400)), sfld='half done';",
        )
        .unwrap();
        db
    };
    let Some(taken) = Taken::with(begin, |copy| {
        let journal = std::fs::read(copy.join("collection.anki2-journal")).unwrap();
        assert_eq!(journal[..4], [0xd9, 0xd5, 0x05, 0xf9]);
        let main = std::fs::read(copy.join("collection.anki2")).unwrap();
        assert!(main.windows(9).any(|found| found == b"half done"));
    }) else {
        return;
    };
    let other = elsewhere();
    for (way, code, json) in taken.ways(&other) {
        assert_eq!((code, notes(&json)), (0, 500), "{way}: {json}");
    }
    let found = other.ok(&["search", "--notes", "half done"]);
    assert_eq!(found["ids"], serde_json::json!([]));
}

#[test]
fn a_damaged_log_is_told_and_changes_nothing() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 3] = [
        ("beginning", |copy| {
            flip(&copy.join("collection.anki2-wal"), 5)
        }),
        ("first change", |copy| {
            flip(&copy.join("collection.anki2-wal"), 100)
        }),
        ("last change", |copy| {
            let log = copy.join("collection.anki2-wal");
            let last = log.metadata().unwrap().len() - 7;
            flip(&log, last);
        }),
    ];
    for (what, spoil) in spoils {
        let Some(taken) = Taken::with(add_in_log, spoil) else {
            return;
        };
        let other = elsewhere();
        for (way, code, json) in taken.ways(&other) {
            assert_eq!(code, 3, "{what}, {way}: {json}");
            let told = json.to_string();
            assert!(
                told.contains("collection.anki2-wal"),
                "{what}, {way}: {told}"
            );
        }
        let profiles = other.ok(&["profile", "list"]);
        assert_eq!(profiles["profiles"], serde_json::json!([]), "{what}");
    }
}

fn flip(file: &Path, at: u64) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 0x20;
    std::fs::write(file, bytes).unwrap();
}
