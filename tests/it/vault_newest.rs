//! Which snapshot of a vault is the newest: the one that was made last, whatever made it and whatever
//! the clock said then. It is what a trial tries and a restore takes, and nothing takes it away.

use crate::cheap_vault;
use crate::cli_commands::Cli;
use crate::vault_folder::{PASSWORD, Saved, has, restic};
use engram::backup::entry::{KeepReason, Rules};
use engram::backup::vault::retention::{Keep, Retention};
use engram::backup::vault::tidy::Wanted;
use engram::backup::vault::{Opened, Patience, Setting, Snapshot, Vault, push, tidy};
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::base::{Result, Secret};
use engram::collection::Collection;
use engram::net::Http;
use engram::storage::snapshot::FrozenFile;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[test]
fn a_trial_takes_the_newest_that_holds_a_collection_whatever_made_it() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    let ann = saved.profile_dir();
    let ann = ann.to_str().unwrap();
    let tried = || saved.ok("drill", &[]);
    restic(&saved.to, &["backup", ann]);
    let done = tried();
    assert_eq!((&done["ok"], &done["notes"]), (&json!(true), &json!(500)));
    assert_eq!(done["media_files"], 41);
    // Of something else, later.
    let letters = saved.cli.path("letters");
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(Path::new(&letters).join("a.txt"), "Dear Ann").unwrap();
    restic(&saved.to, &["backup", &letters]);
    assert_eq!(tried()["notes"], 500);
    // One of ours that is newer, and then one of restic again.
    saved.add_note("one more");
    saved.ok("push", &[]);
    assert_eq!(tried()["notes"], 501);
    saved.add_note("and another");
    restic(&saved.to, &["backup", ann]);
    assert_eq!(tried()["notes"], 502);
    // The same one comes to a new machine, under the name of its folder.
    let other = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let password = saved.cli.path("password");
    let restored = other.ok(&saved.args("restore", &password));
    assert_eq!(
        (&restored["profile"], &restored["notes"]),
        (&json!("Ann"), &json!(502))
    );
    // Another profile's is not taken for it.
    saved.cli.ok(&["profile", "create", "Bob"]);
    let bob = |verb: &str| {
        let args = saved.args(verb, &password);
        saved.cli.ok(&[&["--profile", "Bob"], &args[..]].concat())
    };
    bob("push");
    let ann = |verb| [&["--profile", "Ann"], &saved.args(verb, &password)[..]].concat();
    assert_eq!(saved.cli.ok(&ann("drill"))["notes"], 502);
    assert_eq!(bob("drill")["notes"], 0);
}

#[test]
fn of_several_profiles_in_one_snapshot_the_one_of_that_name_is_taken() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    saved.cli.ok(&["profile", "create", "Aaron"]);
    saved.cli.ok(&["--profile", "Aaron", "info"]);
    restic(&saved.to, &["backup", saved.cli.base().to_str().unwrap()]);
    let password = saved.cli.path("password");
    for (name, notes) in [("Ann", 500), ("Aaron", 0)] {
        let named = |verb| [&["--profile", name], &saved.args(verb, &password)[..]].concat();
        assert_eq!(saved.cli.ok(&named("drill"))["notes"], notes, "{name}");
        assert_eq!(saved.cli.ok(&named("restore"))["notes"], notes, "{name}");
    }
}

#[test]
fn a_vault_without_any_collection_says_so() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    let letters = saved.cli.path("letters");
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(Path::new(&letters).join("a.txt"), "Dear Ann").unwrap();
    restic(&saved.to, &["backup", &letters]);
    for verb in ["drill", "restore"] {
        assert_eq!(saved.fails(verb, &[]), (1, "not-found".into()), "{verb}");
    }
    assert_eq!(saved.cli.ok(&["info"])["notes"], 500);
}

/// A profile whose clock is turned by hand.
struct Turned {
    room: tempfile::TempDir,
    clock: Clock,
}

const DAY: i64 = 86_400_000;
const START: i64 = 1_790_000_000_000;

impl Turned {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        cheap_vault::make(&room.path().join("vault"));
        let turned = Self {
            room,
            clock: Clock::fixed(TimestampMillis(START), 0),
        };
        for name in ["Ann", "Bob"] {
            std::fs::create_dir(turned.profile(name)).unwrap();
            let path = turned.profile(name).join("collection.anki2");
            let collection = Collection::open(&path, turned.clock.clone()).unwrap();
            collection.close().unwrap();
        }
        turned
    }

    fn profile(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn vault(&self) -> Vault {
        let to = self.room.path().join("vault");
        let setting = Setting {
            destination: to.to_str().unwrap().parse().unwrap(),
            account: None,
            keep: None,
            password: Secret::new(PASSWORD),
            opened: Opened::default(),
            net: Arc::new(Http::new()),
            clock: self.clock.clone(),
            progress: Progress::new(),
            patience: Patience::default(),
        };
        setting.open().unwrap()
    }

    /// So many days after the start.
    fn push(&self, name: &str, day: i64) -> Snapshot {
        let now = self.clock.now().0;
        self.clock.advance_millis(START + day * DAY - now);
        let folder = self.profile(name);
        let frozen = FrozenFile::of_closed(&folder.join("collection.anki2")).unwrap();
        let prepared = push::Prepared::copy(&folder, &frozen, &Progress::new()).unwrap();
        let pushed = push::push(&self.vault(), &folder, name, &prepared).unwrap();
        assert_eq!(pushed.snapshot.time, self.clock.now());
        pushed.snapshot
    }

    /// What these rules keep of Ann.
    fn wanted(&self, rules: Rules) -> Wanted {
        Wanted {
            label: "Ann".into(),
            former: Vec::new(),
            retention: Retention {
                keep: Keep::LikeBackups,
                quota: None,
            },
            backups: rules,
            clock: self.clock.clone(),
        }
    }

    fn ids(&self) -> Vec<String> {
        let all = self.vault().snapshots().unwrap();
        all.into_iter().map(|snapshot| snapshot.id).collect()
    }
}

#[test]
fn with_the_clock_set_back_the_last_one_made_is_the_newest_and_stays() {
    let turned = Turned::new();
    let made: Vec<String> = [100, 101, 3, 2, 4]
        .map(|day| turned.push("Ann", day).id)
        .into_iter()
        .collect();
    let newest_first: Vec<String> = made.iter().rev().cloned().collect();
    assert_eq!(turned.ids(), newest_first);
    let vault = turned.vault();
    let latest = vault.find("latest", Some("Ann")).unwrap();
    assert_eq!(latest.id, made[4]);
    let refused = tidy::forget(&vault, &made[4..]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    // The last three are those that were made last.
    let rules = |n| Rules {
        keep_last: Some(n),
        ..Rules::default()
    };
    let planned = tidy::plan(&vault, &turned.wanted(rules(3))).unwrap();
    let dropped: Vec<_> = planned.dropped.into_iter().map(|(s, _)| s.id).collect();
    assert_eq!(dropped, [made[1].clone(), made[0].clone()]);
    // A year later nothing is recent, and no rule keeps anything.
    turned.clock.advance_millis(365 * DAY);
    let none = Rules {
        daily: 0,
        weekly: 0,
        monthly: 0,
        ..Rules::default()
    };
    for rules in [rules(0), none] {
        let planned = tidy::plan(&vault, &turned.wanted(rules)).unwrap();
        let kept: Vec<_> = planned.kept.iter().map(|(s, why)| (&s.id, why)).collect();
        assert_eq!(kept, [(&made[4], &vec![KeepReason::NewestVerified])]);
    }
    tidy::thin(&vault, &turned.wanted(rules(0))).unwrap();
    assert_eq!(turned.ids(), [made[4].clone()]);
    // After the clock is right again.
    let right = turned.push("Ann", 700).id;
    assert_eq!(turned.ids(), [right, made[4].clone()]);
}

#[test]
fn the_newest_of_a_profile_stays_whatever_others_saved_later() {
    let turned = Turned::new();
    let ann = turned.push("Ann", 0).id;
    let bob = turned.push("Bob", 1).id;
    let vault = turned.vault();
    turned.clock.advance_millis(365 * DAY);
    let rules = Rules {
        keep_last: Some(0),
        ..Rules::default()
    };
    tidy::thin(&vault, &turned.wanted(rules)).unwrap();
    assert_eq!(turned.ids(), [bob, ann]);
}

#[test]
fn restic_reads_what_was_saved_with_the_clock_set_back() {
    if !has("restic") {
        return;
    }
    let turned = Turned::new();
    turned.push("Ann", 9);
    let last = turned.push("Ann", 1);
    let to = turned.room.path().join("vault");
    let to = to.to_str().unwrap();
    let listed = restic(to, &["snapshots", "--json"]).stdout;
    let listed: serde_json::Value = serde_json::from_slice(&listed).unwrap();
    let times: Vec<_> = (listed.as_array().unwrap().iter())
        .map(|snapshot| snapshot["time"].as_str().unwrap()[..10].to_owned())
        .collect();
    let day = |n: i64| {
        let at = turned.clock.local(TimestampMillis(START + n * DAY));
        at.date().to_string()
    };
    assert_eq!(times, [day(1), day(9)]);
    restic(to, &["check", "--read-data"]);
    let out = turned.room.path().join("out");
    restic(
        to,
        &["restore", &last.id, "--target", out.to_str().unwrap()],
    );
    assert!(out.join("engram/Ann/collection.anki2").exists());
    let found: Result<Snapshot> = turned.vault().find(&last.id[..8], None);
    assert_eq!(found.unwrap(), last);
}
