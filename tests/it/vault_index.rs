//! A vault whose index, or a part of it, was lost or damaged: what lies in it is listed again, and no
//! trace of a panic is seen; what is really gone is told, and keeps nobody from the rest.

use crate::vault_folder::{Saved, has, noise, restic};
use serde_json::{Value, json};
use std::path::Path;

/// Runs a command on the vault; what it printed, and what stood on standard error.
fn said(saved: &Saved, verb: &str) -> (i32, Value, String) {
    let password = saved.cli.path("password");
    let args = [&["--json"], &saved.args(verb, &password)[..]].concat();
    let output = saved.cli.run(&args);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!errors.contains("panicked"), "{verb}: {errors}");
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), value, errors)
}

fn pushed_twice() -> Saved {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    saved.add_note("a study day");
    saved.ok("push", &[]);
    saved
}

fn lose(saved: &Saved, kind: &str, count: usize) {
    for file in saved.files(kind).into_iter().take(count) {
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn a_vault_without_its_index_is_told_and_put_in_order_by_a_save() {
    let saved = pushed_twice();
    lose(&saved, "index", 99);
    let (status, found, _) = said(&saved, "verify");
    assert_eq!((status, &found["ok"]), (3, &json!(false)));
    let findings = found["findings"].to_string();
    assert!(!findings.contains("rustic"), "{findings}");
    assert!(findings.contains("not in its index"), "{findings}");
    assert_eq!(saved.files("index").len(), 0, "a look changes nothing");
    saved.add_note("another");
    let (status, pushed, _) = said(&saved, "push");
    assert_eq!((status, &pushed["verified"]), (0, &json!(true)));
    // What is there is not sent again.
    assert!(pushed["sent"].as_u64().unwrap() < 300_000, "{pushed}");
    assert_eq!(said(&saved, "verify").0, 0);
    if has("restic") {
        restic(&saved.to, &["check", "--read-data"]);
    }
}

#[test]
fn a_restore_and_a_trial_find_everything_without_the_index() {
    for verb in ["drill", "restore"] {
        let saved = pushed_twice();
        lose(&saved, "index", 99);
        let (status, done, _) = said(&saved, verb);
        assert_eq!((status, &done["notes"]), (0, &json!(501)), "{verb}");
        assert_eq!(said(&saved, "verify").0, 0);
    }
}

#[test]
fn a_part_of_the_index_that_was_lost_is_made_anew_by_a_save() {
    let saved = pushed_twice();
    assert!(saved.files("index").len() > 1);
    lose(&saved, "index", 1);
    assert_eq!(said(&saved, "verify").0, 3);
    saved.add_note("another");
    let (status, pushed, _) = said(&saved, "push");
    assert_eq!((status, &pushed["verified"]), (0, &json!(true)), "{pushed}");
    assert_eq!(said(&saved, "verify").0, 0);
    let ids = saved.ok("list", &[]);
    for snapshot in ids["snapshots"].as_array().unwrap() {
        saved.ok("restore", &[snapshot["id"].as_str().unwrap()]);
    }
}

#[test]
fn a_save_is_whole_where_a_part_of_the_data_was_lost_too() {
    let saved = pushed_twice();
    lose(&saved, "index", 99);
    lose(&saved, "data", 1);
    saved.add_note("another");
    let (_, pushed, _) = said(&saved, "push");
    assert_eq!(said(&saved, "verify").1["ok"], pushed["verified"]);
    assert_eq!(saved.ok("drill", &[])["notes"], 502);
}

type Harm = fn(&Path);

#[test]
fn what_was_lost_of_the_data_is_sent_again_by_a_save() {
    let damages: [(&str, Harm); 3] = [
        ("missing", |pack| std::fs::remove_file(pack).unwrap()),
        ("empty", |pack| std::fs::write(pack, "").unwrap()),
        ("truncated", |pack| {
            let bytes = std::fs::read(pack).unwrap();
            std::fs::write(pack, &bytes[..bytes.len() / 2]).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let saved = Saved::in_folder();
        saved.ok("push", &[]);
        let packs = saved.files("data").into_iter();
        let largest = packs.max_by_key(|pack| pack.metadata().unwrap().len());
        damage(&largest.unwrap());
        assert_eq!(said(&saved, "verify").0, 3, "{name}");
        saved.add_note("another");
        let (_, pushed, _) = said(&saved, "push");
        assert!(pushed["sent"].as_u64().unwrap() > 1_000_000, "{pushed}");
        let listed = saved.ok("list", &[]);
        let snapshots = listed["snapshots"].as_array().unwrap();
        assert_eq!(snapshots.len(), 2, "{name}");
        assert_eq!(snapshots[0]["id"], pushed["id"], "{name}");
        assert_eq!(saved.ok("drill", &[])["notes"], 501, "{name}");
        // What the next one sends is its own again.
        saved.add_note("and another");
        let (_, pushed, _) = said(&saved, "push");
        assert!(pushed["sent"].as_u64().unwrap() < 300_000, "{pushed}");
        assert_eq!(saved.ok("drill", &[])["notes"], 502, "{name}");
    }
}

#[test]
fn lists_of_files_that_were_lost_keep_nobody_from_saving() {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    // The smallest, which is the last: what was saved takes more room than the lists of its files.
    std::fs::remove_file(saved.files("data").pop().unwrap()).unwrap();
    saved.add_note("another");
    let (_, pushed, _) = said(&saved, "push");
    let listed = saved.ok("list", &[]);
    assert_eq!(listed["snapshots"][0]["id"], pushed["id"], "{pushed}");
    assert_eq!(saved.ok("drill", &[])["notes"], 501);
}

/// Or the vault would be called damaged for ever.
#[test]
fn a_snapshot_whose_list_of_files_was_lost_can_be_deleted_by_its_id() {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    std::fs::remove_file(saved.files("data").pop().unwrap()).unwrap();
    saved.add_note("another");
    let (_, pushed, _) = said(&saved, "push");
    assert_eq!(said(&saved, "verify").0, 3, "{pushed}");
    let listed = saved.ok("list", &[]);
    let lost = listed["snapshots"][1]["id"].as_str().unwrap();
    saved.ok("forget", &[lost]);
    assert_eq!(said(&saved, "verify").0, 0);
    assert_eq!(
        saved.ok("list", &[])["snapshots"].as_array().unwrap().len(),
        1
    );
    assert_eq!(saved.ok("drill", &[])["notes"], 501);
}

#[test]
fn an_empty_file_among_the_data_keeps_nobody_from_saving() {
    let saved = pushed_twice();
    lose(&saved, "index", 99);
    let name = "00".repeat(32);
    let empty = Path::new(&saved.to).join("data/00").join(name);
    std::fs::create_dir_all(empty.parent().unwrap()).unwrap();
    std::fs::write(&empty, "").unwrap();
    saved.add_note("another");
    let (status, pushed, _) = said(&saved, "push");
    assert_eq!((status, &pushed["verified"]), (0, &json!(true)), "{pushed}");
    assert_eq!(saved.ok("drill", &[])["notes"], 502);
}

fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_damaged_snapshot_is_told_and_keeps_nobody_from_the_others() {
    let saved = pushed_twice();
    let listed = saved.ok("list", &[]);
    assert_eq!(listed["damaged"], 0);
    let id = |at: usize| listed["snapshots"][at]["id"].as_str().unwrap().to_owned();
    damage(&Path::new(&saved.to).join("snapshots").join(id(0)));
    let (status, left, errors) = said(&saved, "list");
    assert_eq!((status, &left["damaged"]), (0, &json!(1)));
    assert_eq!(left["snapshots"].as_array().unwrap().len(), 1);
    assert!(errors.contains("1 snapshot cannot be read"), "{errors}");
    let (status, found, _) = said(&saved, "verify");
    assert_eq!((status, &found["ok"]), (3, &json!(false)));
    let told = "1 snapshot cannot be read: its file is damaged";
    assert_eq!(found["findings"], json!([told]));
    // Nobody knows whether it was the newest.
    assert_eq!(saved.fails("restore", &[]), (3, "corrupt".into()));
    assert_eq!(said(&saved, "drill").0, 3);
    assert_eq!(saved.ok("restore", &[&id(1)])["notes"], 500);
    let (status, pushed, _) = said(&saved, "push");
    assert_eq!((status, &pushed["findings"]), (3, &json!([told])));
    let kept = saved.fails("forget", &["--keep-last", "1"]);
    assert_eq!(kept, (3, "corrupt".into()), "nothing is deleted");
}

#[test]
fn a_damaged_index_is_made_anew_by_a_save_and_by_a_restore() {
    for verb in ["push", "restore"] {
        let saved = pushed_twice();
        damage(&saved.files("index")[0]);
        let (status, found, _) = said(&saved, "verify");
        let findings = found["findings"].to_string();
        assert_eq!(status, 3, "{findings}");
        assert!(findings.contains("the next save"), "{findings}");
        assert!(!findings.contains("rustic"), "{findings}");
        let (status, done, _) = said(&saved, verb);
        assert_eq!(status, 0, "{verb}: {done}");
        if verb == "push" {
            // What is there is not sent again.
            assert!(done["sent"].as_u64().unwrap() < 300_000, "{done}");
        } else {
            assert_eq!(done["notes"], 501);
        }
        assert_eq!(said(&saved, "verify").0, 0, "{verb}");
        if has("restic") {
            restic(&saved.to, &["check", "--read-data"]);
        }
    }
}

#[test]
fn damage_that_no_snapshot_needs_is_told_apart() {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let needed = saved.files("data");
    let film = saved.profile_dir().join("collection.media/film.mp4");
    std::fs::write(film, noise(77, 3_000_000)).unwrap();
    let pushed = saved.ok("push", &[]);
    // As one that was forgotten, and no room was made since.
    let id = pushed["id"].as_str().unwrap();
    std::fs::remove_file(Path::new(&saved.to).join("snapshots").join(id)).unwrap();
    let spare = saved
        .files("data")
        .into_iter()
        .find(|f| !needed.contains(f));
    damage(&spare.unwrap());
    let verify = || {
        let password = saved.cli.path("password");
        let args = [&["--json"], &saved.args("verify", &password)[..]].concat();
        let output = saved.cli.run(&[&args[..], &["--read-data"]].concat());
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), found)
    };
    let (status, found) = verify();
    assert_eq!((status, &found["findings"]), (0, &json!([])), "{found}");
    let told = found["warnings"].to_string();
    assert!(told.contains("no snapshot needs it"), "{told}");
    // Of a snapshot that cannot be read, nobody knows what it needs.
    let torn = Path::new(&saved.to).join(format!("snapshots/{}", "ab".repeat(32)));
    std::fs::write(&torn, "torn").unwrap();
    let (status, found) = verify();
    assert_eq!(status, 3, "{found}");
    let told = found["findings"].to_string();
    assert!(told.contains("is damaged or incomplete"), "{told}");
    let told = found["warnings"].to_string();
    assert!(!told.contains("no snapshot needs it"), "{told}");
    std::fs::remove_file(torn).unwrap();
    if has("restic") {
        restic(&saved.to, &["prune"]);
        assert_eq!(verify().1["warnings"], json!([]));
    }
    damage(needed.iter().find(|file| file.exists()).unwrap());
    let (status, found) = verify();
    assert_eq!(status, 3, "{found}");
    let told = found["findings"].to_string();
    assert!(told.contains("is damaged or incomplete"), "{told}");
}
