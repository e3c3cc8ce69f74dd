//! Vaults that are damaged at any place or made to harm: what cannot be read is told, what can be
//! restored is right, and neither reading nor failing changes a byte of the vault or the profile.
//! `ENGRAM_FUZZ=100` tries more damages.

use crate::vault_folder::Saved;
use engram::backup::vault::{Destination, Opened, Patience, Setting, restore};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{Error, ErrorKind, Secret};
use engram::net::Http;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn setting(folder: &Path) -> Setting {
    Setting {
        destination: folder.to_str().unwrap().parse::<Destination>().unwrap(),
        account: None,
        keep: None,
        password: Secret::new("correct horse battery"),
        opened: Opened::default(),
        net: Arc::new(Http::new()),
        clock: Clock::System,
        progress: Progress::new(),
        patience: Patience::default(),
    }
}

/// Every file below `folder`.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            all.insert(path, bytes);
        }
    }
    all
}

fn put(files: &BTreeMap<PathBuf, Vec<u8>>) {
    for (path, bytes) in files {
        // They are read-only.
        let _ = std::fs::remove_file(path);
        std::fs::write(path, bytes).unwrap();
    }
}

fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn is_told(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Corrupt | ErrorKind::NotFound | ErrorKind::WrongPassword | ErrorKind::Refused
    )
}

/// A vault with one snapshot, and its files.
fn vault() -> (Saved, PathBuf, BTreeMap<PathBuf, Vec<u8>>) {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let folder = PathBuf::from(&saved.to);
    let whole = files(&folder);
    (saved, folder, whole)
}

#[test]
fn keys_made_to_harm_are_refused() {
    let (saved, folder, whole) = vault();
    let key = whole.keys().find(|p| p.starts_with(folder.join("keys")));
    let key = key.unwrap();
    let good: serde_json::Value = serde_json::from_slice(&whole[key]).unwrap();
    let mut hostile: Vec<(String, Vec<u8>)> = Vec::new();
    for (n, r, p) in [
        (0, 8, 1),
        (1, 8, 1),
        (3, 8, 1),
        (1 << 31, 8, 1),
        (1 << 15, 1 << 20, 1),
        (1 << 15, u32::MAX, 1),
        (2, 8, u32::MAX),
        (1 << 15, 0, 1),
        (1 << 15, 8, 0),
        (u32::MAX, u32::MAX, u32::MAX),
    ] {
        let mut key = good.clone();
        (key["N"], key["r"], key["p"]) = (n.into(), r.into(), p.into());
        hostile.push((format!("{n} {r} {p}"), key.to_string().into_bytes()));
    }
    for (name, value) in [("data", ""), ("data", "AAAA"), ("salt", "?")] {
        let mut key = good.clone();
        key[name] = value.into();
        hostile.push((format!("{name} {value}"), key.to_string().into_bytes()));
    }
    hostile.push(("nothing".into(), Vec::new()));
    hostile.push(("no JSON".into(), b"{\"N\":".to_vec()));
    hostile.push(("deep".into(), b"[".repeat(500_000)));
    hostile.push(("large".into(), vec![b' '; 3 << 20]));
    for (name, bytes) in hostile {
        overwrite(key, &bytes);
        match setting(&folder).open() {
            Ok(_) => panic!("{name} is opened"),
            Err(error) => assert!(is_told(&error), "{name}: {error:?}"),
        }
    }
    put(&whole);
    assert_eq!(
        saved.ok("list", &[])["snapshots"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn what_an_attempt_to_make_a_vault_left_locks_nobody_out() {
    let room = tempfile::tempdir().unwrap();
    let to = room.path().join("vault");
    let setting = setting(&to);
    // Each ended when its key was there and its `config` was not.
    for _ in 0..4 {
        setting.init().unwrap();
        std::fs::remove_file(to.join("config")).unwrap();
    }
    let own = to.join("keys/notes.txt");
    std::fs::write(&own, "mine").unwrap();
    setting.init().unwrap();
    setting.open().unwrap().snapshots().unwrap();
    let keys = std::fs::read_dir(to.join("keys")).unwrap().count();
    assert_eq!(keys, 2, "the key, and somebody's file");
    let before = std::fs::read_dir(to.join("keys-before")).unwrap().count();
    assert_eq!(before, 4, "none is lost");
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
}

#[test]
fn a_disk_that_is_taken_away_is_no_damage() {
    let (_saved, folder, _) = vault();
    let vault = setting(&folder).open().unwrap();
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    for data in [false, true] {
        let error = vault.check(data).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
}

#[test]
fn damage_anywhere_is_told_or_harmless_and_reading_changes_nothing() {
    let (saved, folder, whole) = vault();
    let profile = files(&saved.profile_dir());
    let cases = std::env::var("ENGRAM_FUZZ").map_or(5, |n| n.parse().unwrap());
    let paths: Vec<&PathBuf> = whole.keys().collect();
    // Packs are many, the others few: each kind in turn.
    let kinds = ["config", "keys", "snapshots", "index", "data"];
    for seed in 0..cases {
        let mut random = StdRng::seed_from_u64(seed);
        let kind = kinds[seed as usize % kinds.len()];
        let of_kind: Vec<&&PathBuf> = paths
            .iter()
            .filter(|p| p.starts_with(folder.join(kind)))
            .collect();
        let path = of_kind[random.random_range(0..of_kind.len())];
        let mut bytes = whole[*path].clone();
        let at = random.random_range(0..bytes.len());
        let what = random.random_range(0..5);
        match what {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes.truncate(at),
            2 => bytes.extend(vec![7; at]),
            3 => bytes = whole[paths[random.random_range(0..paths.len())]].clone(),
            _ => bytes = (0..at).map(|_| random.random()).collect(),
        }
        overwrite(path, &bytes);
        let damaged = files(&folder);
        let told = format!("seed {seed}: {kind}, {what} at {at}");
        let room = tempfile::tempdir().unwrap();
        let restored = setting(&folder).open().and_then(|vault| {
            let _findings = vault.check(true)?;
            let snapshot = vault.find("latest", None)?;
            restore::restore(&vault, &snapshot, room.path(), &Clock::System)
        });
        // An index is made anew where it cannot be read.
        let is_index = kind == "index";
        let error = restored.as_ref().err();
        assert!(!is_index || error.is_none(), "{told}: {error:?}");
        match restored {
            Ok(restored) => {
                assert_eq!(restored.contents.notes, 500, "{told}");
                let media = |folder: &Path| -> Vec<Vec<u8>> {
                    files(&folder.join("collection.media"))
                        .into_values()
                        .collect()
                };
                assert_eq!(media(room.path()), media(&saved.profile_dir()), "{told}");
            }
            Err(error) => {
                assert!(is_told(&error), "{told}: {error:?}");
                assert!(!room.path().join("collection.anki2").exists(), "{told}");
            }
        }
        let (mut left, mut damaged) = (files(&folder), damaged);
        if is_index {
            let index = folder.join(kind);
            left.retain(|path, _| !path.starts_with(&index));
            damaged.retain(|path, _| !path.starts_with(&index));
            std::fs::remove_dir_all(&index).unwrap();
            std::fs::create_dir(&index).unwrap();
        }
        assert!(left == damaged, "{told}");
        put(&whole);
    }
    assert!(files(&saved.profile_dir()) == profile);
    saved.ok("verify", &["--read-data"]);
}
