//! A backup is made while answers are being written: it holds the state of the moment it was
//! asked for, the answers go on, and the collection stays locked against other programs.

use crate::backup_profile::{Profile, add_notes};
use engram::backup::entry::Reason;
use engram::backup::inspect;
use engram::backup::write;
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::storage::Storage;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn answers_go_on_and_the_backup_holds_the_moment() {
    let profile = Profile::with_notes(20_000);
    let mut storage = Storage::open(&profile.collection()).unwrap();
    add_notes(&mut storage, &profile.clock, 5);
    let frozen = storage.freeze().unwrap();
    let done = AtomicBool::new(false);
    let mut answers = 0;
    let entry = std::thread::scope(|scope| {
        let backup = scope.spawn(|| {
            let progress = Progress::new();
            let made = write::create(
                &frozen,
                profile.dir(),
                Reason::Interval,
                &profile.clock,
                &progress,
            );
            done.store(true, Ordering::SeqCst);
            made
        });
        while !done.load(Ordering::SeqCst) {
            add_notes(&mut storage, &profile.clock, 1);
            storage.checkpoint_if_due().unwrap();
            answers += 1;
        }
        backup.join().unwrap().unwrap()
    });
    assert!(answers > 0);
    assert_eq!(entry.contents.unwrap().notes, 20_005);
    let second = Storage::open(&profile.collection()).unwrap_err();
    assert_eq!(
        second.kind(),
        ErrorKind::Locked,
        "the lock survived the backup"
    );
    storage.unfreeze();
    storage.close().unwrap();
    assert_eq!(profile.notes(), 20_005 + answers);
    let progress = Progress::new();
    let report = inspect::verify(&entry.path, profile.dir(), &profile.clock, &progress).unwrap();
    assert!(report.ok);
    assert_eq!(report.contents, entry.contents);
}

#[test]
fn a_file_that_changes_under_the_backup_is_noticed() {
    let profile = Profile::with_notes(500);
    let storage = Storage::open(&profile.collection()).unwrap();
    let frozen = storage.freeze().unwrap();
    let file = std::fs::File::options()
        .append(true)
        .open(profile.collection())
        .unwrap();
    file.set_len(frozen.size() + 4096).unwrap();
    let progress = Progress::new();
    let (dir, clock) = (profile.dir(), &profile.clock);
    let error = write::create(&frozen, dir, Reason::Manual, clock, &progress).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Corrupt),
        "{error:?}"
    );
    assert!(profile.list().is_empty());
}
