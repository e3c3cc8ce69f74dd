//! What stays in a vault: a quota and rules for each place. The oldest snapshots go, the newest never;
//! a vault that takes more all the same says so; what is left is whole to `restic`.

use crate::cli_commands::Cli;
use crate::vault_folder::{PASSWORD, Saved, has, noise, restic};
use engram::backup::media_repair::Repair;
use engram::backup::vault::book::{self, Entry};
use engram::backup::vault::{Opened, Patience, Setting};
use engram::base::Secret;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::net::Http;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// A profile of which a vault is in the list.
fn listed() -> Saved {
    let saved = Saved::in_folder();
    let entry = Entry::new(saved.to.parse().unwrap());
    book::save(&saved.profile_dir(), &[entry]).unwrap();
    saved
}

/// Half of the media, a megabyte, becomes another one, and is saved.
fn push_other_media(saved: &Saved, seed: u32) -> Value {
    let media = saved.profile_dir().join("collection.media");
    for n in 0..20 {
        let bytes = noise(1000 * seed + n, 50_000);
        std::fs::write(media.join(format!("p{n}.png")), bytes).unwrap();
    }
    saved.ok("push", &[])
}

fn ids(saved: &Saved) -> Vec<String> {
    let listed = saved.ok("list", &[]);
    let all = listed["snapshots"].as_array().unwrap();
    let id = |snapshot: &Value| snapshot["id"].as_str().unwrap().to_owned();
    all.iter().map(id).collect()
}

fn size(saved: &Saved) -> u64 {
    let files = ["data", "index", "snapshots", "keys"].map(|kind| saved.files(kind));
    let all = files.iter().flatten();
    all.map(|file| file.metadata().unwrap().len()).sum()
}

fn keep(saved: &Saved, more: &[&str]) -> Value {
    let args = [&["vault", "keep", "--to", &saved.to], more].concat();
    saved.cli.ok(&args)
}

#[test]
fn the_oldest_go_when_a_copy_takes_more_than_the_quota() {
    let saved = listed();
    let first = saved.ok("push", &[]);
    assert_eq!(first["used"], size(&saved));
    assert_eq!(keep(&saved, &[])["quota"], Value::Null);
    keep(&saved, &["--quota", "4.5MB"]);
    let mut made = vec![first["id"].as_str().unwrap().to_owned()];
    let mut dropped = Vec::new();
    for seed in 1..=5 {
        let pushed = push_other_media(&saved, seed);
        made.push(pushed["id"].as_str().unwrap().to_owned());
        let gone = pushed["dropped"].as_array().unwrap();
        dropped.extend(gone.iter().map(|id| id.as_str().unwrap().to_owned()));
        assert_eq!(pushed["used"], size(&saved));
        assert!(size(&saved) <= 4_500_000, "{pushed}");
        assert_eq!(pushed["above_quota"], false);
    }
    // Three of them fit: a megabyte for all, one for each, and a little.
    made.reverse();
    assert_eq!(ids(&saved), made[..3]);
    assert_eq!(dropped, made[3..].iter().rev().cloned().collect::<Vec<_>>());
    let told = keep(&saved, &[]);
    assert_eq!(
        (&told["quota"], &told["used"]),
        (&json!(4_500_000), &json!(size(&saved)))
    );
    assert!(
        saved.ok("verify", &["--read-data"])["ok"]
            .as_bool()
            .unwrap()
    );
    if has("restic") {
        restic(&saved.to, &["check", "--read-data"]);
    }
    assert_eq!(saved.ok("restore", &[])["notes"], 500);
}

#[test]
fn what_would_go_is_told_and_stays() {
    let saved = listed();
    saved.ok("push", &[]);
    for seed in 1..=3 {
        push_other_media(&saved, seed);
    }
    let before = (ids(&saved), size(&saved));
    let told = saved.ok("forget", &["--quota", "4MB", "--dry-run"]);
    let gone = told["dropped_items"].as_array().unwrap();
    assert_eq!(gone.len(), 2, "{told}");
    assert!(gone.iter().all(|item| item["why"] == "quota"));
    assert_eq!((ids(&saved), size(&saved)), before);
    let done = saved.ok("forget", &["--quota", "4MB"]);
    assert_eq!(done["dropped"], told["dropped"]);
    let (estimated, used) = (
        told["used"].as_u64().unwrap(),
        done["used"].as_u64().unwrap(),
    );
    assert!(used <= 4_000_000, "{used}");
    assert!(estimated.abs_diff(used) < 100_000, "{estimated} {used}");
    // For once: the place itself has no quota.
    assert_eq!(keep(&saved, &[])["quota"], Value::Null);
}

#[test]
fn a_quota_that_is_too_small_is_told_and_the_newest_stays() {
    let saved = listed();
    saved.ok("push", &[]);
    keep(&saved, &["--quota", "1MB"]);
    for seed in 1..=2 {
        let pushed = push_other_media(&saved, seed);
        assert_eq!(pushed["above_quota"], true, "{pushed}");
        assert_eq!(ids(&saved), [pushed["id"].as_str().unwrap()]);
    }
    assert!(size(&saved) > 2_000_000);
    let entry = &book::load(&saved.profile_dir()).unwrap()[0];
    assert_eq!(entry.full(), Some(1_000_000));
    let health = saved.cli.ok(&["health"]);
    assert!(
        health.to_string().contains("more than the quota"),
        "{health}"
    );
    // More room: nothing is full any more.
    keep(&saved, &["--quota", "1GB"]);
    assert_eq!(book::load(&saved.profile_dir()).unwrap()[0].full(), None);
    assert_eq!(saved.ok("restore", &[])["notes"], 500);
}

#[test]
fn other_profiles_in_the_vault_stay() {
    let saved = listed();
    let other = Cli::with_profile();
    let password = saved.cli.path("password");
    let args = [
        "vault",
        "push",
        "--to",
        &saved.to,
        "--password-file",
        &password,
    ];
    std::fs::rename(other.base().join("Ann"), other.base().join("Bob")).unwrap();
    std::fs::write(
        other.base().join("Bob/collection.media/b.png"),
        noise(7, 500_000),
    )
    .unwrap();
    let of_bob = other.ok(&args)["id"].clone();
    saved.ok("push", &[]);
    keep(&saved, &["--quota", "500kB"]);
    let pushed = push_other_media(&saved, 1);
    assert_eq!(pushed["above_quota"], true);
    assert_eq!(
        ids(&saved),
        [pushed["id"].as_str().unwrap(), of_bob.as_str().unwrap()]
    );
}

#[test]
fn what_was_saved_under_a_former_name_is_tried_and_thinned_with_the_rest() {
    let saved = listed();
    for note in ["one", "two"] {
        saved.add_note(note);
        saved.ok("push", &[]);
    }
    saved.cli.ok(&["profile", "rename", "Ann", "Beth"]);
    // Nothing is saved under the new name yet.
    assert_eq!(saved.ok("drill", &[])["notes"], 502);
    let newest = saved.ok("push", &[])["id"].clone();
    saved.ok("forget", &["--keep-last", "1"]);
    assert_eq!(ids(&saved), [newest.as_str().unwrap()]);
}

#[test]
fn media_come_back_from_what_was_saved_under_a_former_name() {
    let saved = listed();
    saved.ok("push", &[]);
    saved.cli.ok(&["profile", "rename", "Ann", "Beth"]);
    let profile = saved.cli.base().join("Beth");
    let file = profile.join("collection.media/p1.png");
    let right = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let vault = || {
        let setting = Setting {
            destination: saved.to.parse().unwrap(),
            account: None,
            keep: None,
            password: Secret::new(PASSWORD),
            opened: Opened::default(),
            net: Arc::new(Http::new()),
            clock: Clock::System,
            progress: Progress::new(),
            patience: Patience::default(),
        };
        setting.open()
    };
    let former = book::load(&profile).unwrap().remove(0).former;
    for (former, found) in [(vec![], 0), (former, 1)] {
        let collection = profile.join("collection.anki2");
        let mut repair = Repair::of_missing(&collection, &["p1.png".to_owned()]).unwrap();
        repair
            .try_vault("a vault", vault(), ("Beth", &former))
            .unwrap();
        assert_eq!(repair.finish().repaired.len(), found);
    }
    assert_eq!(std::fs::read(&file).unwrap(), right);
}

#[test]
fn a_place_has_rules_of_its_own() {
    let saved = listed();
    let count = |saved: &Saved| ids(saved).len();
    for n in 0..3 {
        saved.add_note(&format!("note {n}"));
        saved.ok("push", &[]);
    }
    assert_eq!(count(&saved), 3, "all stay");
    let told = keep(&saved, &["--keep-last", "2"]);
    assert_eq!(told["keep"], json!({"last": 2}));
    saved.add_note("one more");
    let pushed = saved.ok("push", &[]);
    assert_eq!(pushed["dropped"].as_array().unwrap().len(), 2);
    assert_eq!(count(&saved), 2);
    let told = keep(&saved, &["--daily", "3", "--monthly", "2"]);
    assert_eq!(
        told["keep"]["calendar"],
        json!({"daily": 3, "weekly": 0, "monthly": 2})
    );
    keep(&saved, &["--weekly", "1"]);
    let told = keep(&saved, &["--no-quota"]);
    assert_eq!(
        told["keep"]["calendar"],
        json!({"daily": 3, "weekly": 1, "monthly": 2})
    );
    keep(&saved, &["--all"]);
    saved.add_note("and one");
    saved.ok("push", &[]);
    assert_eq!(count(&saved), 3);
}

#[test]
fn a_damaged_vault_is_not_thinned() {
    let saved = listed();
    saved.ok("push", &[]);
    push_other_media(&saved, 1);
    let before = ids(&saved);
    std::fs::remove_file(&saved.files("data")[0]).unwrap();
    assert_eq!(saved.fails("forget", &["--quota", "1MB"]).1, "corrupt");
    assert_eq!(ids(&saved), before);
}

#[test]
fn odd_sizes_and_unknown_places_are_refused() {
    let saved = listed();
    for odd in ["0", "many", "5 apples", "-1", "", "0.0001kB"] {
        let args = [
            "vault",
            "keep",
            "--to",
            &saved.to,
            &format!("--quota={odd}"),
        ];
        assert_eq!(saved.cli.json(&args).0, 2, "{odd}");
    }
    let elsewhere = Path::new(&saved.to).join("../other");
    let args = ["vault", "keep", "--to", elsewhere.to_str().unwrap()];
    assert_eq!(saved.cli.fails(&args), (1, "not-found".into()));
}
