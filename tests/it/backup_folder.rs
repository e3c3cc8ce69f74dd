//! The list of backups: what is in the folder and what we noted of it, and which files thinning
//! touches.

use crate::backup_profile::{HOUR, Profile};
use crate::cli_commands::Cli;
use crate::{clocked, oracle};
use engram::backup::catalog;
use engram::backup::entry::{KeepReason, Reason, Rules, Verification};
use engram::backup::inspect;
use engram::backup::safety::save_present;
use engram::base::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use serde_json::Value;
use std::path::Path;

const DAY: i64 = 24 * HOUR;

fn none_kept() -> Rules {
    Rules {
        daily: 0,
        weekly: 0,
        monthly: 0,
        ..Rules::default()
    }
}

fn names(profile: &Profile) -> Vec<String> {
    let name =
        |e: engram::backup::entry::Entry| e.path.file_name().unwrap().to_str().unwrap().to_owned();
    profile.list().into_iter().map(name).collect()
}

#[test]
fn several_in_one_second_get_the_next_seconds() {
    let profile = Profile::with_notes(1);
    for _ in 0..3 {
        profile.back_up(Reason::Manual);
    }
    assert_eq!(
        names(&profile),
        [
            "backup-2027-01-13-12.00.02.colpkg",
            "backup-2027-01-13-12.00.01.colpkg",
            "backup-2027-01-13-12.00.00.colpkg",
        ]
    );
}

#[test]
fn foreign_files_are_listed_when_they_are_packages_and_never_thinned() {
    let profile = Profile::with_notes(1);
    let first = profile.back_up(Reason::Manual);
    profile.back_up(Reason::Manual);
    let folder = profile.backups();
    for name in [
        "old copy.colpkg",
        "backup-3.apkg",
        "collection.anki2",
        "notes.txt",
        // A Mac's, on a disk that is not its own.
        "._old copy.colpkg",
    ] {
        std::fs::write(folder.join(name), b"x").unwrap();
    }
    std::fs::create_dir(folder.join("folder.colpkg")).unwrap();
    profile.clock.advance_millis(40 * DAY);
    three_more(&profile);
    let list = profile.list();
    assert_eq!(list.len(), 8);
    let foreign = |e: &&engram::backup::entry::Entry| e.reason == Reason::Unknown;
    assert_eq!(list.iter().filter(foreign).count(), 3);
    assert!(
        list.iter()
            .filter(foreign)
            .all(|e| e.keep == [KeepReason::Foreign])
    );
    let progress = Progress::new();
    let dropped = catalog::thin(profile.dir(), &none_kept(), &profile.clock, &progress).unwrap();
    assert_eq!(dropped, [first.path]);
    assert_eq!(profile.list().len(), 7);
}

/// The rules may take what is older, but for one.
fn three_more(profile: &Profile) {
    for _ in 0..3 {
        profile.add_notes(1);
        profile.back_up(Reason::Interval);
    }
}

#[test]
fn three_verified_ones_and_one_of_a_month_ago_stay() {
    let profile = Profile::with_notes(1);
    let [first, second] = [0; 2].map(|_| profile.back_up(Reason::Interval).path);
    let last_one = Rules {
        keep_last: Some(1),
        ..Rules::default()
    };
    let thin = || {
        let progress = Progress::new();
        catalog::thin(profile.dir(), &last_one, &profile.clock, &progress).unwrap()
    };
    let why = |path: &Path| {
        let listed = catalog::list(profile.dir(), &last_one, &profile.clock).unwrap();
        let mut entries = listed.into_iter();
        entries.find(|entry| entry.path == path).unwrap().keep
    };
    profile.clock.advance_millis(40 * DAY);
    let third = profile.back_up(Reason::Interval).path;
    assert_eq!(why(&second), [KeepReason::OneOfThree]);
    assert!(thin().is_empty(), "three are left");
    three_more(&profile);
    assert_eq!(thin(), [first]);
    assert_eq!(why(&second), [KeepReason::AnOlderOne]);
    // That one takes its place when it is a month old.
    assert_eq!(why(&third), [KeepReason::AnOlderOne]);
}

#[test]
fn pinned_ones_and_the_newest_verified_stay() {
    let profile = Profile::with_notes(1);
    let first = profile.back_up(Reason::Manual);
    catalog::pin(&first.path, "before the exam", &profile.clock).unwrap();
    let [second, third] = [0; 2].map(|_| profile.back_up(Reason::Interval).path);
    profile.clock.advance_millis(400 * DAY);
    let thin = || {
        let progress = Progress::new();
        catalog::thin(profile.dir(), &none_kept(), &profile.clock, &progress).unwrap()
    };
    assert!(thin().is_empty());
    three_more(&profile);
    assert_eq!(thin(), [third, second]);
    let pinned = profile.list().pop().unwrap();
    assert_eq!(pinned.pinned.as_deref(), Some("before the exam"));
    catalog::unpin(&first.path, &profile.clock).unwrap();
    assert!(thin().is_empty(), "the only one of a month ago");
    profile.clock.advance_millis(40 * DAY);
    profile.back_up(Reason::Interval);
    assert!(thin().contains(&first.path));
}

#[test]
fn a_file_that_cannot_be_deleted_keeps_no_other_one() {
    let profile = Profile::with_notes(1);
    let [gone, stuck, old, month] = [0; 4].map(|_| profile.back_up(Reason::Interval).path);
    profile.clock.advance_millis(400 * DAY);
    three_more(&profile);
    let (folder, rules, progress) = (profile.backups(), none_kept(), Progress::new());
    // At the last moment one is deleted by somebody else, and one cannot be deleted any more.
    let meanwhile = |name: &str| {
        let path = folder.join(name);
        if path == gone || path == stuck {
            std::fs::remove_file(&path).unwrap();
        }
        if path == stuck {
            std::fs::create_dir(&path).unwrap();
        }
        true
    };
    let thinned = catalog::thin_folder(&folder, &rules, &profile.clock, &progress, meanwhile);
    let error = thinned.unwrap_err();
    assert_eq!(error.path(), Some(&*stuck), "{error}");
    assert!(!gone.exists() && !old.exists() && month.exists());
    let records = catalog::records(&folder).unwrap();
    assert_eq!(records.len(), 5, "what stayed is still listed");
}

#[test]
fn what_was_saved_before_a_replacement_is_pinned_until_the_next() {
    let profile = Profile::with_notes(1);
    let mut own = profile.back_up(Reason::Manual);
    let (dir, clock, progress) = (profile.dir(), &profile.clock, Progress::new());
    for reason in [
        Reason::BeforeRestore,
        Reason::BeforeImport,
        Reason::BeforeUpgrade,
        Reason::BeforeDeleteProfile,
        Reason::BeforeDownload,
        Reason::BeforeSync,
        Reason::BeforeRestore,
    ] {
        let saved = save_present(dir, reason, clock, &progress).unwrap();
        let mut pinned = profile.list();
        pinned.retain(|entry| entry.pinned.is_some());
        if let Some(at) = pinned.iter().position(|entry| entry.path == own.path) {
            pinned.remove(at);
        } else {
            // Somebody pins their own under the same name: it stays.
            let name = pinned[0].pinned.clone().unwrap();
            catalog::pin(&own.path, &name, clock).unwrap();
            own.pinned = Some(name);
        }
        let paths: Vec<_> = pinned.iter().map(|entry| &*entry.path).collect();
        assert_eq!(paths, [saved.path().unwrap()], "{reason:?}");
    }
    let list = profile.list();
    let of_own = list.iter().find(|entry| entry.path == own.path).unwrap();
    assert_eq!(of_own.pinned, own.pinned);
}

#[test]
fn file_times_do_not_matter() {
    let profile = Profile::with_notes(1);
    let made = profile.back_up(Reason::Manual);
    let file = std::fs::File::options()
        .write(true)
        .open(&made.path)
        .unwrap();
    let long_ago = std::fs::metadata(profile.collection())
        .unwrap()
        .modified()
        .unwrap()
        - std::time::Duration::from_secs(900_000_000);
    file.set_modified(long_ago).unwrap();
    assert_eq!(profile.list()[0].created, profile.clock.now());
    let last = catalog::last_verified(profile.dir(), &profile.clock).unwrap();
    assert_eq!(last.unwrap().at, profile.clock.now());
}

#[test]
fn a_damaged_list_costs_nothing_that_its_predecessor_knew() {
    let profile = Profile::with_notes(1);
    let first = profile.back_up(Reason::BeforeCheck);
    profile.back_up(Reason::Manual);
    let manifest = profile.backups().join(catalog::MANIFEST);
    std::fs::write(&manifest, b"{ not json").unwrap();
    let list = profile.list();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1].reason, Reason::BeforeCheck);
    assert_eq!(list[0].reason, Reason::Unknown);
    assert_eq!(list[0].verification, Verification::Unverified);
    profile.back_up(Reason::Manual);
    std::fs::remove_file(&manifest).unwrap();
    for entry in std::fs::read_dir(profile.backups()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(profile.list().len(), 3);
    profile.clock.advance_millis(900 * DAY);
    let progress = Progress::new();
    let dropped = catalog::thin(profile.dir(), &none_kept(), &profile.clock, &progress).unwrap();
    assert!(dropped.is_empty(), "nothing newer is verified");
    let report = inspect::verify(&first.path, profile.dir(), &profile.clock, &progress).unwrap();
    assert!(report.ok);
}

/// The timer tries again every few minutes, and thinning reads that list too.
#[test]
fn a_list_that_cannot_be_read_is_told_before_a_file_is_written() {
    let profile = Profile::with_notes(1);
    profile.back_up(Reason::Manual);
    let files = || std::fs::read_dir(profile.backups()).unwrap().count();
    let manifest = profile.backups().join(catalog::MANIFEST);
    std::fs::write(&manifest, br#"{"version": 4000000000, "entries": {}}"#).unwrap();
    let before = files();
    let tried = profile.try_back_up(Reason::Interval, &Progress::new());
    assert_eq!(tried.unwrap_err().kind(), ErrorKind::TooNew);
    assert_eq!(files(), before);
}

#[test]
fn a_clock_set_back_and_the_hour_that_repeats() {
    let profile = Profile::with_notes(1);
    let first = profile.back_up(Reason::Manual);
    // An hour back: the same local time again, as when summer time ends.
    profile.clock.advance_millis(HOUR / 2);
    let second = profile.back_up(Reason::Manual);
    profile.clock.advance_millis(-HOUR / 2);
    profile.add_notes(1);
    let third = profile.back_up(Reason::Manual);
    assert!(third.path != first.path && third.path != second.path);
    let last = catalog::last_verified(profile.dir(), &profile.clock)
        .unwrap()
        .unwrap();
    assert_eq!(last.at, third.created, "the newest is the one made last");
    assert!(last.collection_mod > TimestampMillis(0));
    // Years back: the newest stays, whatever its date.
    profile.clock.advance_millis(-3000 * DAY);
    let fourth = profile.back_up(Reason::Manual);
    profile.clock.advance_millis(6000 * DAY);
    let progress = Progress::new();
    catalog::thin(profile.dir(), &none_kept(), &profile.clock, &progress).unwrap();
    let left: Vec<_> = profile.list().into_iter().map(|e| e.path).collect();
    assert_eq!(left.len(), 3);
    assert!(left.contains(&fourth.path) && !left.contains(&first.path));
}

/// The program itself, where clocks are put back and forward: names are those of the clock on the
/// wall, no two are the same, and the list is in the order in which they were made.
#[test]
fn the_hours_of_daylight_saving_time() {
    let Some(library) = clocked::library() else {
        return oracle::skip("no libfaketime (package faketime)");
    };
    let cli = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let run = |at: i64, args: &[&str]| -> Value {
        let at = at.to_string();
        let variables = [
            ("TZ", "CET-1CEST,M3.5.0,M10.5.0/3"),
            ("FAKETIME_FMT", "%s"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("FAKETIME", &at),
        ]
        .map(|(name, value)| (name, Path::new(value)));
        let library = [("LD_PRELOAD", library.as_path())];
        let all = [&["--json", "--quiet"], args].concat();
        let done = cli.run_with(&all, &[&variables[..], &library].concat());
        assert!(done.status.success(), "{args:?}: {done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    };
    // 2026-10-25 02:30 in summer, an hour later in winter; 2027-03-28 01:59:59 and a second later.
    let moments = [1_792_888_200, 1_792_891_800, 1_806_195_599, 1_806_195_600];
    run(moments[0] - 60, &["profile", "create", "Ann"]);
    let text = cli.path("notes.txt");
    for at in moments {
        std::fs::write(&text, format!("front\tback {at}\n")).unwrap();
        run(at, &["import", &text]);
        assert_eq!(run(at, &["backup", "create"])["unchanged"], false);
    }
    let listed = run(moments[3] + 5, &["backup", "list"]);
    let backups = listed["backups"].as_array().unwrap();
    let names = backups.iter().map(|backup| {
        let path = Path::new(backup["path"].as_str().unwrap());
        path.file_name().unwrap().to_str().unwrap()
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "backup-2027-03-28-03.00.00.colpkg",
            "backup-2027-03-28-01.59.59.colpkg",
            "backup-2026-10-25-02.30.01.colpkg",
            "backup-2026-10-25-02.30.00.colpkg",
        ]
    );
    for (backup, at) in backups.iter().rev().zip(moments) {
        assert_eq!(backup["created"], at * 1000);
        assert_eq!(backup["verified"], true);
    }
}

#[test]
fn a_replaced_file_is_not_verified_any_more() {
    let profile = Profile::with_notes(1);
    let made = profile.back_up(Reason::Manual);
    std::fs::write(&made.path, b"something else").unwrap();
    assert_eq!(profile.list()[0].verification, Verification::Unverified);
    let progress = Progress::new();
    let report = inspect::verify(&made.path, profile.dir(), &profile.clock, &progress).unwrap();
    assert!(!report.ok && !report.findings.is_empty());
    assert!(matches!(
        profile.list()[0].verification,
        Verification::Failed { .. }
    ));
    assert!(
        catalog::last_verified(profile.dir(), &profile.clock)
            .unwrap()
            .is_none()
    );
}

#[test]
fn another_collection_under_the_name_is_noticed() {
    let profile = Profile::with_notes(1);
    let made = profile.back_up(Reason::Manual);
    let other = Profile::with_notes(2);
    let theirs = other.back_up(Reason::Manual);
    std::fs::copy(&theirs.path, &made.path).unwrap();
    let progress = Progress::new();
    let report = inspect::verify(&made.path, profile.dir(), &profile.clock, &progress).unwrap();
    assert!(!report.ok, "{report:?}");
}

#[test]
fn a_pin_or_a_note_does_not_make_a_replaced_file_verified() {
    let profile = Profile::with_notes(1);
    let [pinned, noted, unpinned] = [0; 3].map(|_| profile.back_up(Reason::Manual).path);
    catalog::pin(&unpinned, "", &profile.clock).unwrap();
    for path in [&pinned, &noted, &unpinned] {
        std::fs::write(path, b"cut off").unwrap();
    }
    catalog::pin(&pinned, "exam", &profile.clock).unwrap();
    catalog::annotate(&noted, "odd", &profile.clock).unwrap();
    catalog::unpin(&unpinned, &profile.clock).unwrap();
    let list = profile.list();
    for entry in &list {
        assert_eq!(entry.verification, Verification::Unverified, "{entry:?}");
        assert_eq!(entry.contents, None, "{entry:?}");
    }
    let words: Vec<_> = list
        .iter()
        .map(|e| (e.pinned.as_deref(), &*e.note))
        .collect();
    assert_eq!(words, [(None, ""), (None, "odd"), (Some("exam"), "")]);
    let last = catalog::last_verified(profile.dir(), &profile.clock).unwrap();
    assert!(last.is_none());
}

#[cfg(unix)]
#[test]
fn what_is_noted_of_a_link_stays_while_its_disk_is_away() {
    let profile = Profile::with_notes(1);
    let pinned = profile.back_up(Reason::Manual).path;
    catalog::pin(&pinned, "exam", &profile.clock).unwrap();
    let room = tempfile::tempdir().unwrap();
    let (disk, drawer) = (room.path().join("disk"), room.path().join("drawer"));
    std::fs::copy(&pinned, &disk).unwrap();
    std::fs::remove_file(&pinned).unwrap();
    std::os::unix::fs::symlink(&disk, &pinned).unwrap();
    std::fs::rename(&disk, &drawer).unwrap();
    profile.clock.advance_millis(HOUR);
    profile.add_notes(1);
    profile.back_up(Reason::Interval);
    assert_eq!(profile.list().len(), 1);
    std::fs::rename(&drawer, &disk).unwrap();
    let back = profile.list().into_iter().find(|e| e.path == pinned);
    let back = back.unwrap();
    assert_eq!(back.pinned.as_deref(), Some("exam"));
    assert!(matches!(back.verification, Verification::Verified { .. }));
}

#[test]
fn changes_of_the_list_at_the_same_time_are_all_kept() {
    let profile = Profile::with_notes(1);
    let paths: Vec<_> = (0..8)
        .map(|_| profile.back_up(Reason::Manual).path)
        .collect();
    std::thread::scope(|threads| {
        for path in &paths {
            let clock = &profile.clock;
            threads.spawn(move || {
                catalog::pin(path, "mine", clock).unwrap();
                catalog::annotate(path, "words", clock).unwrap();
            });
        }
    });
    for entry in profile.list() {
        assert_eq!(
            (entry.pinned.as_deref(), &*entry.note),
            (Some("mine"), "words")
        );
    }
}
