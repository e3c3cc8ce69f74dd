//! A restore that a kill, a cancel or a failure interrupts: the old state or the new one, never a
//! mixture.

use crate::backup_profile::Profile;
use crate::colpkg_round_trip::export;
use engram::backup::entry::Reason;
use engram::backup::plan::Options;
use engram::backup::restore::{self, Resumed};
use engram::base::error::Error;
use engram::base::job::Progress;
use std::path::{Path, PathBuf};

/// A profile of 10 notes and a package of 4 with media, one of which replaces.
fn scene() -> (Profile, PathBuf) {
    let source = Profile::with_notes(4);
    source.write_media("both.png", b"theirs");
    source.write_media("new.png", b"new");
    let profile = Profile::with_notes(10);
    profile.write_media("both.png", b"mine");
    std::fs::create_dir_all(profile.backups()).unwrap();
    let package = profile.backups().join("theirs.colpkg");
    export(&source, &package, true, false);
    (profile, package)
}

fn media(profile: &Profile) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let read = |name: &str| std::fs::read(profile.media().join(name)).ok();
    (read("both.png"), read("new.png"))
}

fn assert_old(profile: &Profile) {
    assert_eq!(profile.notes(), 10);
    assert_eq!(media(profile), (Some(b"mine".to_vec()), None));
}

fn assert_new(profile: &Profile) {
    assert_eq!(profile.notes(), 4);
    assert_eq!(
        media(profile),
        (Some(b"theirs".to_vec()), Some(b"new".to_vec()))
    );
}

/// Turns the finished exchange back into one that was killed before its step `step`:
/// 0 before the media moved, 1 between, 2 before the collection moved, 3 after it.
fn kill_before(profile: &Profile, step: usize) {
    let folder = profile.dir().join(".engram-restore");
    let journal = folder.join("journal.json");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replace("\"done\"", "\"swap\"")).unwrap();
    let move_back = |from: &Path, to: &Path| std::fs::rename(from, to).unwrap();
    if step <= 2 {
        move_back(
            &profile.collection(),
            &folder.join("staged/collection.anki2"),
        );
        std::fs::hard_link(
            folder.join("previous/collection.anki2"),
            profile.collection(),
        )
        .unwrap();
    }
    if step <= 1 {
        move_back(
            &profile.media().join("new.png"),
            &folder.join("staged/media/new.png"),
        );
    }
    if step == 0 {
        move_back(
            &profile.media().join("both.png"),
            &folder.join("staged/media/both.png"),
        );
        let kept = folder.join("previous/media/both.png");
        std::fs::hard_link(kept, profile.media().join("both.png")).unwrap();
    }
}

#[test]
fn a_kill_between_any_two_steps_is_finished_at_the_next_start() {
    for step in 0..=3 {
        let (profile, package) = scene();
        let before = profile.picture();
        profile.restore(&package).unwrap();
        kill_before(&profile, step);
        assert_eq!(
            restore::resume(profile.dir()).unwrap(),
            Resumed::Finished,
            "{step}"
        );
        assert_new(&profile);
        assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Nothing);
        restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
        assert!(profile.picture() == before, "step {step}");
    }
}

#[test]
fn a_kill_during_undo_is_finished_too() {
    for step in 0..=3 {
        let (profile, package) = scene();
        let before = profile.picture();
        profile.restore(&package).unwrap();
        let folder = profile.dir().join(".engram-restore");
        let journal = folder.join("journal.json");
        let text = std::fs::read_to_string(&journal).unwrap();
        std::fs::write(&journal, text.replace("\"done\"", "\"undo\"")).unwrap();
        if step >= 1 {
            std::fs::remove_file(profile.media().join("new.png")).unwrap();
        }
        if step >= 2 {
            let kept = folder.join("previous/media/both.png");
            std::fs::rename(kept, profile.media().join("both.png")).unwrap();
        }
        if step >= 3 {
            let kept = folder.join("previous/collection.anki2");
            std::fs::rename(kept, profile.collection()).unwrap();
        }
        assert_eq!(
            restore::resume(profile.dir()).unwrap(),
            Resumed::Undone,
            "{step}"
        );
        assert!(profile.picture() == before, "step {step}");
        assert_old(&profile);
    }
}

#[test]
fn a_kill_before_the_journal_changes_nothing() {
    let (profile, package) = scene();
    let before = profile.picture();
    profile.restore(&package).unwrap();
    kill_before(&profile, 0);
    std::fs::remove_file(profile.dir().join(".engram-restore/journal.json")).unwrap();
    std::fs::create_dir(profile.dir().join(".engram-tmp-left")).unwrap();
    std::fs::write(profile.backups().join(".engram-tmp-x"), b"half").unwrap();
    assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Nothing);
    assert!(profile.picture() == before);
    assert!(!profile.backups().join(".engram-tmp-x").exists());
}

#[test]
fn a_backups_folder_that_cannot_be_looked_into_keeps_nobody_from_opening() {
    let profile = Profile::with_notes(3);
    // As a folder on a machine that does not answer.
    let chosen = profile.dir().join("mount");
    std::fs::write(&chosen, "no folder").unwrap();
    let pointer = profile.dir().join("backups-folder.txt");
    std::fs::write(pointer, chosen.to_str().unwrap()).unwrap();
    let left = profile.dir().join(".engram-tmp-left");
    std::fs::write(&left, "half").unwrap();
    assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Nothing);
    assert!(!left.exists());
    assert_eq!(profile.notes(), 3);
}

#[test]
fn a_log_of_the_old_collection_never_meets_the_new_one() {
    let (profile, package) = scene();
    std::fs::write(profile.collection(), b"garbage").unwrap();
    let log = profile.dir().join("collection.anki2-wal");
    std::fs::write(&log, b"old log").unwrap();
    profile.restore(&package).unwrap();
    assert!(!log.exists());
    kill_before(&profile, 2);
    // As if the kill had come before the log was moved.
    std::fs::rename(
        profile
            .dir()
            .join(".engram-restore/previous/collection.anki2-wal"),
        &log,
    )
    .unwrap();
    assert_eq!(restore::resume(profile.dir()).unwrap(), Resumed::Finished);
    assert_new(&profile);
    restore::undo(profile.dir(), &profile.clock, &Progress::new()).unwrap();
    assert_eq!(std::fs::read(&log).unwrap(), b"old log");
}

/// Cancels when the work has taken `steps` looks at the flag.
pub fn cancelled_after(steps: u64) -> Progress {
    let progress = Progress::new();
    let watched = progress.clone();
    let spawned = std::thread::Builder::new().spawn(move || {
        for _ in 0..steps {
            std::thread::yield_now();
        }
        watched.cancel();
    });
    spawned.unwrap();
    progress
}

#[test]
fn cancelling_at_any_moment_leaves_the_old_state() {
    let (profile, package) = scene();
    // What notes were may stand in the history already: a version too many does no harm.
    let state = || {
        let mut files = profile.picture();
        files.retain(|path, _| {
            path.file_stem().is_none_or(|stem| stem != "collection") || {
                !path
                    .extension()
                    .is_some_and(|e| e.to_string_lossy().starts_with("history"))
            }
        });
        files
    };
    let before = state();
    let (mut cancelled, mut finished) = (0, 0);
    for round in 0..60 {
        let progress = cancelled_after(round * round * 20);
        let clock = &profile.clock;
        match restore::restore(profile.dir(), &package, Options::IMPORT, clock, &progress) {
            Ok(_) => {
                finished += 1;
                assert_new(&profile);
                restore::undo(profile.dir(), clock, &Progress::new()).unwrap();
            }
            Err(e) => {
                assert!(Error::is_interrupted(&e), "{e:?}");
                cancelled += 1;
            }
        }
        assert!(state() == before, "round {round}");
    }
    assert!(cancelled > 0, "{cancelled} cancelled, {finished} finished");
}

#[test]
fn a_cancelled_backup_or_export_leaves_no_file() {
    let profile = Profile::with_notes(3000);
    for round in 0..30 {
        let progress = cancelled_after(round * round * 20);
        if let Err(e) = profile.try_back_up(Reason::Manual, &progress) {
            assert!(e.is_interrupted(), "{e:?}");
        }
        let names = std::fs::read_dir(profile.backups())
            .unwrap()
            .map(|e| e.unwrap().file_name());
        for name in names {
            let name = name.to_str().unwrap().to_owned();
            assert!(!name.starts_with(".engram-tmp-"), "{name}");
        }
        let list = profile.list();
        assert!(list.iter().all(|e| e.reason == Reason::Manual));
    }
}
