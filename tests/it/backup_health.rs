//! Backup health: the log of runs, notes that survive renames, the restore drill that finds what
//! is wrong, the forecast that thinning follows, and all of it from the terminal.

use crate::backup_profile::{HOUR, Profile};
use crate::cli_commands::Cli;
use engram::backup::entry::{Reason, Rules, Verification};
use engram::backup::health::{Known, gather};
use engram::backup::runs::{Kind, Outcome};
use engram::backup::{catalog, drill, runs};
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use serde_json::json;

const DAY: i64 = 24 * HOUR;

#[test]
fn backups_restores_and_drills_are_in_the_log() {
    let profile = Profile::with_notes(5);
    let made = profile.back_up(Reason::BeforeImport);
    let progress = Progress::new();
    let drilled = drill::drill(profile.dir(), None, &profile.clock, &progress).unwrap();
    assert_eq!(drilled.backup, made.path);
    assert_eq!((drilled.contents.notes, drilled.contents.revlog), (5, 5));
    assert!(drilled.rows > 15);
    profile.add_notes(1);
    profile.restore(&made.path).unwrap();
    let runs = runs::read(&profile.backups()).unwrap();
    let kinds: Vec<_> = runs.iter().map(|r| (r.begun.kind, r.outcome)).collect();
    // The safety backup of the restore is inside it.
    assert_eq!(
        kinds,
        [
            (Kind::Backup, Outcome::Done),
            (Kind::Restore, Outcome::Done),
            (Kind::Drill, Outcome::Done),
            (Kind::Backup, Outcome::Done),
        ]
    );
    assert_eq!(runs[3].begun.reason, Some(Reason::BeforeImport));
    assert_eq!(runs[0].begun.reason, Some(Reason::BeforeRestore));
    assert!(runs.iter().all(|r| r.took_ms.is_some()));
    let left = std::fs::read_dir(profile.dir()).unwrap();
    let trial = left.map(|e| e.unwrap().file_name().into_string().unwrap());
    assert!(!trial.into_iter().any(|n| n.starts_with(".engram-tmp-")));
}

#[test]
fn a_drill_finds_a_backup_that_is_not_what_was_written() {
    let profile = Profile::with_notes(5);
    let good = profile.back_up(Reason::Manual);
    profile.clock.advance_millis(HOUR);
    profile.add_notes(3);
    let newest = profile.back_up(Reason::Manual);
    // Another sound package under its name, with the same size in the list.
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(profile.backups().join(catalog::MANIFEST)).unwrap())
            .unwrap();
    std::fs::copy(&good.path, &newest.path).unwrap();
    let name = newest.path.file_name().unwrap().to_str().unwrap();
    manifest["entries"][name]["size"] = std::fs::metadata(&newest.path).unwrap().len().into();
    let text = serde_json::to_vec(&manifest).unwrap();
    std::fs::write(profile.backups().join(catalog::MANIFEST), text).unwrap();
    let progress = Progress::new();
    let error = drill::drill(profile.dir(), None, &profile.clock, &progress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    let health = gather(known(&profile, Rules::default()), &profile.clock).unwrap();
    let (at, why) = health.drill.failed.unwrap();
    assert_eq!(at, profile.clock.now());
    assert!(why.contains("not the one"), "{why}");
    assert_eq!(health.drill.done_at, None);
    // It counts no more: the next drill tries the one before.
    let listed = profile.list();
    assert!(
        matches!(&listed[0].verification, Verification::Failed { finding, .. } if finding.contains("not the one")),
        "{:?}",
        listed[0]
    );
    let last = catalog::last_verified(profile.dir(), &profile.clock).unwrap();
    assert_eq!(last.unwrap().at, good.created);
    let drilled = drill::drill(profile.dir(), None, &profile.clock, &progress).unwrap();
    assert_eq!(drilled.backup, good.path);
    // Damage inside the package is found too.
    let mut bytes = std::fs::read(&newest.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&newest.path, bytes).unwrap();
    let error = drill::drill(profile.dir(), Some(&newest.path), &profile.clock, &progress);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Corrupt);
    let good = drill::drill(profile.dir(), Some(&good.path), &profile.clock, &progress);
    good.unwrap();
}

fn known(profile: &Profile, rules: Rules) -> Known {
    Known {
        profile_dir: profile.dir().to_owned(),
        rules,
        drill_days: 7,
        at_risk: None,
        next_backup: None,
        others: vec![],
        mail: Default::default(),
        media_check: (0, None),
    }
}

#[test]
fn pins_and_notes_survive_another_name() {
    let profile = Profile::with_notes(2);
    let first = profile.back_up(Reason::Manual);
    profile.add_notes(40);
    profile.back_up(Reason::Manual);
    catalog::pin(&first.path, "Exam", &profile.clock).unwrap();
    catalog::annotate(&first.path, "  all of chapter 3 ", &profile.clock).unwrap();
    let renamed = first.path.with_file_name("chapter three.colpkg");
    std::fs::rename(&first.path, &renamed).unwrap();
    let find = || {
        let list = profile.list();
        list.into_iter().find(|e| e.path == renamed).unwrap()
    };
    let entry = find();
    assert_eq!(entry.pinned.as_deref(), Some("Exam"));
    assert_eq!(entry.note, "all of chapter 3");
    assert_eq!(entry.created, first.created);
    assert_eq!(entry.verification, Verification::Unverified);
    // Also after the list was written anew.
    profile.add_notes(1);
    profile.back_up(Reason::Manual);
    assert_eq!(find().note, "all of chapter 3");
    catalog::annotate(&renamed, "", &profile.clock).unwrap();
    assert_eq!(find().note, "");
}

#[test]
fn the_forecast_is_what_thinning_does() {
    let profile = Profile::with_notes(1);
    let rules = Rules {
        daily: 2,
        weekly: 1,
        monthly: 1,
        ..Rules::default()
    };
    for _ in 0..6 {
        profile.add_notes(1);
        profile.back_up(Reason::Interval);
        profile.clock.advance_millis(DAY);
    }
    profile.add_notes(1);
    profile.back_up(Reason::Interval);
    let health = gather(known(&profile, rules.clone()), &profile.clock).unwrap();
    assert_eq!(health.backups, 7);
    let today = profile.clock.local(profile.clock.now()).date();
    for _ in 0..8 {
        let left: Vec<_> = profile.list().into_iter().map(|e| e.path).collect();
        let progress = Progress::new();
        catalog::thin(profile.dir(), &rules, &profile.clock, &progress).unwrap();
        let now = profile.clock.local(profile.clock.now()).date();
        for planned in &health.planned {
            let path = &planned.entry.path;
            let gone = planned.goes.is_some_and(|day| day <= now);
            assert_eq!(
                !path.exists(),
                gone,
                "{path:?} of {today} on {now} {left:?}"
            );
        }
        profile.clock.advance_millis(DAY);
        profile.add_notes(1);
        profile.back_up(Reason::Interval);
    }
    assert!(health.planned.iter().any(|p| p.goes.is_some()));
}

#[test]
fn a_second_folder_whose_disk_is_absent_is_listed_and_not_counted() {
    let cli = Cli::with_profile();
    let second = cli.path("usb");
    std::fs::create_dir(&second).unwrap();
    cli.ok(&["backup", "create"]);
    cli.ok(&["backup", "copy", "--to", &second]);
    let of = |health: &serde_json::Value| {
        let places = health["places"].as_array().unwrap();
        let named = |p: &&serde_json::Value| p["name"] == "Second backups folder";
        let absent = places.iter().find(named).unwrap()["absent"].clone();
        (absent, health["three_two_one"]["copies"].clone())
    };
    assert_eq!(of(&cli.ok(&["health"])), (false.into(), 3.into()));
    std::fs::rename(&second, cli.path("unplugged")).unwrap();
    assert_eq!(of(&cli.ok(&["health"])), (true.into(), 2.into()));
}

/// Of the main backups folder: the page is there for such a day.
#[test]
fn while_the_disk_of_the_backups_is_away_the_rest_is_told() {
    let cli = Cli::with_profile();
    let disk = cli.path("usb");
    std::fs::create_dir(&disk).unwrap();
    cli.ok(&["backup", "create"]);
    cli.ok(&["backup", "folder", "--to", &disk]);
    let of = |health: &serde_json::Value| {
        let places = health["places"].as_array().unwrap();
        let named = |p: &&serde_json::Value| p["name"] == "Backups folder";
        let absent = places.iter().find(named).unwrap()["absent"].clone();
        (absent, health["three_two_one"]["copies"].clone())
    };
    assert_eq!(of(&cli.ok(&["health"])), (false.into(), 2.into()));
    std::fs::rename(&disk, cli.path("unplugged")).unwrap();
    let health = cli.ok(&["health"]);
    assert_eq!(of(&health), (true.into(), 1.into()));
    assert_eq!(health["last_verified"], serde_json::Value::Null);
    let info = cli.ok(&["info"]);
    let told = ["backups_away", "changed_since_backup", "last_backup"].map(|fact| &info[fact]);
    assert_eq!(json!(told), json!([true, null, null]));
    assert_eq!(
        (&info["profile"], &info["notes"]),
        (&"Ann".into(), &0.into())
    );
    let said = String::from_utf8(cli.run(&["info"]).stderr).unwrap();
    assert!(said.contains("connect its disk"), "{said}");
    // Also where its place answers with an error, as a machine that is gone.
    std::fs::create_dir(&disk).unwrap();
    std::fs::write(format!("{disk}/Engram main backups of Ann"), "no folder").unwrap();
    assert_eq!(of(&cli.ok(&["health"])), (true.into(), 1.into()));
    std::fs::remove_dir_all(&disk).unwrap();
    std::fs::rename(cli.path("unplugged"), &disk).unwrap();
    let info = cli.ok(&["info"]);
    let told = ["backups_away", "changed_since_backup"].map(|fact| &info[fact]);
    assert_eq!(json!(told), json!([false, false]));
    assert!(info["last_backup"].is_i64(), "{info}");
}

#[test]
fn health_and_drill_from_the_terminal() {
    let cli = Cli::with_profile();
    let health = cli.ok(&["health"]);
    assert_eq!(health["last_verified"], serde_json::Value::Null);
    assert_eq!(health["three_two_one"]["copies"], 1);
    assert_eq!(cli.fails(&["backup", "drill"]).1, "not-found");
    let made = cli.ok(&["backup", "create"]);
    let path = made["path"].as_str().unwrap();
    cli.ok(&["backup", "pin", path, "--name", "First"]);
    cli.ok(&["backup", "note", path, "as it began"]);
    let drilled = cli.ok(&["backup", "drill"]);
    assert_eq!(drilled["ok"], true);
    assert_eq!(drilled["path"], path);
    let health = cli.ok(&["health"]);
    assert_eq!(health["last_verified"], made["created"]);
    assert_eq!(health["at_risk"]["reviews"], 0);
    assert_eq!(health["three_two_one"]["copies"], 2);
    assert_eq!(health["three_two_one"]["ok"], false);
    let [begun, ended] = [&health["drill"]["last_success"], &drilled["at"]];
    let [begun, ended] = [begun, ended].map(|at| at.as_i64().unwrap());
    assert!((begun - ended).abs() < 5000, "{begun} {ended}");
    assert_eq!(health["drill"]["every_days"], 7);
    let kept = &health["retention"][0];
    assert_eq!(kept["note"], "as it began");
    assert_eq!(kept["goes"], serde_json::Value::Null, "pinned");
    assert_eq!(health["space"]["bytes"], made["size"]);
    let kinds: Vec<_> = health["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["kind"].clone())
        .collect();
    assert_eq!(kinds, ["drill", "backup"]);
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(path, bytes).unwrap();
    let (status, told) = cli.json(&["backup", "drill", path]);
    assert_eq!((status, &told["ok"]), (3, &serde_json::json!(false)));
    assert_eq!(
        cli.ok(&["health"])["drill"]["failed"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn the_terminal_says_what_the_page_says_of_the_last_backup_and_what_it_lacks() {
    let cli = Cli::with_profile();
    let said = |line: &str| {
        let text = String::from_utf8(cli.run(&["health"]).stdout).unwrap();
        assert!(text.lines().any(|l| l == line), "{line}: {text}");
    };
    said("Last verified backup: none yet");
    said("Lost if this disk fails now: nothing");
    cli.ok(&["backup", "create"]);
    std::fs::write(cli.path("notes.txt"), "front\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    said("Lost if this disk fails now: 1 note added or changed");
}

#[test]
fn copies_and_the_mirror_are_in_the_log_when_they_did_something() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "front\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    cli.ok(&["backup", "create"]);
    let second = tempfile::tempdir().unwrap();
    let mirror = tempfile::tempdir().unwrap();
    let to = second.path().to_str().unwrap();
    cli.ok(&["backup", "copy", "--to", to]);
    let folder = mirror.path().join("notes");
    for _ in 0..2 {
        cli.ok(&["mirror", folder.to_str().unwrap()]);
    }
    let health = cli.ok(&["health"]);
    let runs = health["runs"].as_array().unwrap();
    let of = |kind: &str| runs.iter().filter(|run| run["kind"] == kind).count();
    assert_eq!((of("copy"), of("mirror")), (1, 1), "{runs:?}");
    assert!(
        runs.iter()
            .any(|r| r["said"].as_str().unwrap().contains("copied, compared"))
    );
    let places = health["places"].as_array().unwrap();
    assert_eq!(places.len(), 3);
    assert!(places[2]["verified"].is_number());
}
