//! The second folder of backups: copies that are whole, a disk that comes and goes, that is full
//! or rots, and files of others in it.

use crate::backup_profile::{HOUR, NOON, Profile};
use crate::cli_commands::Cli;
use crate::faults_disk::SmallDisk;
use crate::service_story::World;
use engram::backup::catalog;
use engram::backup::copies::{self, Recheck};
use engram::backup::entry::{Copies, Reason, Rules};
use engram::backup::place;
use engram::base::error::{ErrorKind, Result};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::domain::study::Rating;
use engram::service::event::{BackupEvent, CopiesState, Event};
use engram::service::request::{BackupRequest, Changed, Request, SettingsRequest};
use engram::service::settings::ProfileSettings;
use std::path::{Path, PathBuf};

fn run(profile: &Profile, chosen: &Path, recheck: Recheck) -> Result<Copies> {
    let (rules, progress) = (Rules::default(), Progress::new());
    let dir = profile.dir();
    copies::run(dir, chosen, &rules, recheck, &profile.clock, &progress)
}

fn packages(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "colpkg"))
        .collect();
    all.sort();
    all
}

#[test]
fn each_backup_is_copied_and_the_copy_restores() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    let first = profile.back_up(Reason::Manual);
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert!(
        (found.whole, found.absent, found.damaged) == (1, false, 0),
        "{found:?}"
    );
    assert_eq!(found.newest, Some(first.created));
    profile.clock.advance_millis(HOUR);
    profile.add_notes(5);
    let second = profile.back_up(Reason::Interval);
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!(found.whole, 2);
    for backup in [&first, &second] {
        let copy = found.folder.join(backup.path.file_name().unwrap());
        assert!(std::fs::read(copy).unwrap() == std::fs::read(&backup.path).unwrap());
    }
    // The device is lost; the copies restore by themselves.
    let copy = found.folder.join(first.path.file_name().unwrap());
    let empty = Profile::empty();
    let restored = empty.restore(&copy).unwrap();
    assert_eq!(restored.contents.notes, 20);
}

#[test]
fn an_absent_disk_is_waited_for_and_then_caught_up() {
    let profile = Profile::with_notes(3);
    let room = tempfile::tempdir().unwrap();
    let mount = room.path().join("usb");
    profile.back_up(Reason::Manual);
    assert!(run(&profile, &mount, Recheck::Oldest).unwrap().absent);
    assert!(!mount.exists(), "a place for a disk is never made");
    std::fs::create_dir(&mount).unwrap();
    assert_eq!(run(&profile, &mount, Recheck::Oldest).unwrap().whole, 1);
    // Taken out: the empty place stays, and is not the disk.
    let out = room.path().join("in the drawer");
    std::fs::rename(&mount, &out).unwrap();
    std::fs::create_dir(&mount).unwrap();
    for _ in 0..2 {
        profile.clock.advance_millis(HOUR);
        profile.add_notes(1);
        profile.back_up(Reason::Interval);
        assert!(run(&profile, &mount, Recheck::Oldest).unwrap().absent);
    }
    assert_eq!(std::fs::read_dir(&mount).unwrap().count(), 0);
    std::fs::remove_dir(&mount).unwrap();
    std::fs::rename(&out, &mount).unwrap();
    assert_eq!(run(&profile, &mount, Recheck::Oldest).unwrap().whole, 3);
}

#[test]
fn while_the_backups_are_away_with_their_disk_no_other_folder_is_begun() {
    let profile = Profile::with_notes(3);
    let room = tempfile::tempdir().unwrap();
    let [main, second, drawer] = ["main", "second", "drawer"].map(|name| room.path().join(name));
    std::fs::create_dir(&main).unwrap();
    std::fs::create_dir(&second).unwrap();
    profile.back_up(Reason::Manual);
    place::move_to(profile.dir(), Some(&main), &Progress::new()).unwrap();
    assert_eq!(run(&profile, &second, Recheck::Oldest).unwrap().whole, 1);
    std::fs::rename(&main, &drawer).unwrap();
    for _ in 0..2 {
        let away = run(&profile, &second, Recheck::Oldest).unwrap_err();
        assert_eq!(away.kind(), ErrorKind::Unavailable, "{away}");
    }
    std::fs::rename(&drawer, &main).unwrap();
    assert_eq!(run(&profile, &second, Recheck::Oldest).unwrap().whole, 1);
    assert_eq!(std::fs::read_dir(&second).unwrap().count(), 1);
}

#[test]
fn a_damaged_copy_is_noticed_and_made_anew() {
    let profile = Profile::with_notes(30);
    let disk = tempfile::tempdir().unwrap();
    let backup = profile.back_up(Reason::Manual);
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    let copy = found.folder.join(backup.path.file_name().unwrap());
    let whole = std::fs::read(&copy).unwrap();
    let mut rotten = whole.clone();
    rotten[whole.len() / 2] ^= 1;
    let shorter = whole[..whole.len() - 7].to_vec();
    for damage in [rotten.clone(), shorter] {
        std::fs::write(&copy, damage).unwrap();
        let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
        assert_eq!((found.whole, found.damaged), (1, 0));
        assert!(std::fs::read(&copy).unwrap() == whole);
    }
    // With the backup gone, the damage is told and the file stays.
    std::fs::remove_file(&backup.path).unwrap();
    std::fs::write(&copy, &rotten).unwrap();
    let found = run(&profile, disk.path(), Recheck::All).unwrap();
    assert_eq!((found.whole, found.damaged), (0, 1));
    assert!(std::fs::read(&copy).unwrap() == rotten);
}

#[test]
fn a_copy_that_was_cut_off_before_it_was_noted_is_taken_over() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    let first = profile.back_up(Reason::Manual);
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    for list in std::fs::read_dir(&folder).unwrap().flatten() {
        if list.file_name().to_str().unwrap().starts_with('.') {
            std::fs::remove_file(list.path()).unwrap();
        }
    }
    profile.clock.advance_millis(HOUR);
    profile.add_notes(5);
    profile.back_up(Reason::Interval);
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (2, 0));
    // It is ours again: damage is noticed, and it is replaced.
    let copy = folder.join(first.path.file_name().unwrap());
    std::fs::write(&copy, b"short").unwrap();
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (2, 0));
    assert!(std::fs::read(&copy).unwrap() == std::fs::read(&first.path).unwrap());
}

#[test]
fn a_copy_that_was_noted_and_never_opened_is_opened_later() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    let backup = profile.back_up(Reason::Manual);
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    let name = backup.path.file_name().unwrap().to_str().unwrap();
    // Copied from a backup that had rotted before.
    let copy = folder.join(name);
    let mut rotten = std::fs::read(&copy).unwrap();
    let middle = rotten.len() / 2;
    rotten[middle] ^= 1;
    std::fs::write(&copy, &rotten).unwrap();
    std::fs::write(&backup.path, &rotten).unwrap();
    edit_list(&folder, name, |record| {
        record["verification"] = serde_json::json!({"state": "unverified"});
        record["file_blake3"] = blake3::hash(&rotten).to_hex().as_str().into();
    });
    let error = run(&profile, disk.path(), Recheck::Oldest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(error.path(), Some(&*backup.path));
}

/// The list before the last one says of the newest copy that it was not opened yet.
#[test]
fn a_copy_whose_newest_list_is_lost_is_opened_again() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    profile.back_up(Reason::Manual);
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    std::fs::remove_file(folder.join(catalog::MANIFEST)).unwrap();
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (1, 0));
}

#[test]
fn a_file_in_the_way_is_told_and_does_not_stop_the_others() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    let first = profile.back_up(Reason::Manual);
    // Of the same size too.
    let foreign = folder.join(first.path.file_name().unwrap());
    let size = usize::try_from(first.size).unwrap();
    std::fs::write(&foreign, vec![7; size]).unwrap();
    profile.clock.advance_millis(HOUR);
    profile.add_notes(5);
    let second = profile.back_up(Reason::Interval);
    let error = run(&profile, disk.path(), Recheck::Oldest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Taken);
    assert_eq!(error.path(), Some(&*foreign));
    assert!(std::fs::read(&foreign).unwrap() == vec![7; size]);
    let copy = folder.join(second.path.file_name().unwrap());
    assert!(std::fs::read(copy).unwrap() == std::fs::read(&second.path).unwrap());
    std::fs::remove_file(&foreign).unwrap();
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (2, 0));
}

/// Changes what a folder's list says of one file.
fn edit_list(folder: &Path, name: &str, edit: impl FnOnce(&mut serde_json::Value)) {
    let list = folder.join(catalog::MANIFEST);
    let mut all: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    edit(&mut all["entries"][name]);
    std::fs::write(&list, serde_json::to_vec(&all).unwrap()).unwrap();
}

/// A file that is there and cannot be read, as on a disk with a bad place.
#[cfg(target_os = "linux")]
fn make_unreadable(copy: &Path) {
    std::fs::remove_file(copy).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", copy).unwrap();
    assert!(std::fs::read(copy).is_err());
    let name = copy.file_name().unwrap().to_str().unwrap();
    edit_list(copy.parent().unwrap(), name, |record| {
        record["size"] = 0.into();
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_copy_that_cannot_be_read_is_made_anew_and_does_not_stop_the_others() {
    let profile = Profile::with_notes(20);
    let disk = tempfile::tempdir().unwrap();
    let first = profile.back_up(Reason::Manual);
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    let copy = folder.join(first.path.file_name().unwrap());
    let back_up = || {
        profile.clock.advance_millis(HOUR);
        profile.add_notes(5);
        profile.back_up(Reason::Interval);
    };
    make_unreadable(&copy);
    back_up();
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (2, 0));
    assert!(std::fs::read(&copy).unwrap() == std::fs::read(&first.path).unwrap());
    // With the backup gone, the damage is told.
    let whole = std::fs::read(&first.path).unwrap();
    std::fs::remove_file(&first.path).unwrap();
    make_unreadable(&copy);
    back_up();
    let found = run(&profile, disk.path(), Recheck::All).unwrap();
    assert_eq!((found.whole, found.damaged), (2, 1));
    // The disk is well again.
    std::fs::remove_file(&copy).unwrap();
    std::fs::write(&copy, &whole).unwrap();
    let name = copy.file_name().unwrap().to_str().unwrap();
    edit_list(&folder, name, |record| record["size"] = first.size.into());
    let found = run(&profile, disk.path(), Recheck::All).unwrap();
    assert_eq!((found.whole, found.damaged), (3, 0));
}

#[test]
fn a_backup_that_rots_is_told_when_it_is_copied() {
    let profile = Profile::with_notes(30);
    let disk = tempfile::tempdir().unwrap();
    let backup = profile.back_up(Reason::Manual);
    let mut bytes = std::fs::read(&backup.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&backup.path, bytes).unwrap();
    let error = run(&profile, disk.path(), Recheck::Oldest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(error.path(), Some(&*backup.path));
    // It is not taken for a verified one any more.
    let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
    assert_eq!((found.whole, found.damaged), (0, 1));
}

#[test]
fn copies_are_thinned_as_backups_and_files_of_others_stay() {
    let profile = Profile::with_notes(1);
    let disk = tempfile::tempdir().unwrap();
    let folder = run(&profile, disk.path(), Recheck::Oldest).unwrap().folder;
    // Of the pattern that thinning knows, but not ours.
    let foreign = folder.join("backup-2026-01-14-05.06.07.colpkg");
    std::fs::write(&foreign, b"mine").unwrap();
    let rules = Rules {
        keep_last: Some(2),
        ..Rules::default()
    };
    let progress = Progress::new();
    let mut last = Vec::new();
    for _ in 0..5 {
        profile.clock.advance_millis(49 * HOUR);
        profile.add_notes(1);
        last.push(profile.back_up(Reason::Interval).path);
        let (dir, clock) = (profile.dir(), &profile.clock);
        catalog::thin(dir, &rules, clock, &progress).unwrap();
        copies::run(dir, disk.path(), &rules, Recheck::Oldest, clock, &progress).unwrap();
    }
    let kept = packages(&profile.backups());
    assert_eq!(kept.len(), 4, "{kept:?}");
    let mut copied = packages(&folder);
    copied.retain(|p| *p != foreign);
    let names = |paths: &[PathBuf]| -> Vec<_> {
        let name = |p: &PathBuf| p.file_name().unwrap().to_owned();
        paths.iter().map(name).collect()
    };
    assert_eq!(names(&copied), names(&kept));
    assert_eq!(std::fs::read(&foreign).unwrap(), b"mine");
    // All backups gone: the copies stay by the same rules.
    for path in &kept {
        std::fs::remove_file(path).unwrap();
    }
    let (dir, clock) = (profile.dir(), &profile.clock);
    let found = copies::run(dir, disk.path(), &rules, Recheck::All, clock, &progress).unwrap();
    assert_eq!(found.whole, 4);
}

#[test]
fn two_devices_with_one_disk_do_not_mix() {
    let disk = tempfile::tempdir().unwrap();
    let folder = || {
        let profile = Profile::with_notes(2);
        let taken = disk.path().join(format!(
            "Engram backups of {}",
            profile.dir().file_name().unwrap().to_str().unwrap()
        ));
        std::fs::create_dir(&taken).unwrap();
        profile.back_up(Reason::Manual);
        let found = run(&profile, disk.path(), Recheck::Oldest).unwrap();
        assert_eq!(std::fs::read_dir(&taken).unwrap().count(), 0);
        assert_eq!(found.whole, 1);
        found.folder
    };
    assert!(folder().to_str().unwrap().ends_with(" 2"));
}

#[test]
fn folders_that_cannot_serve_are_refused() {
    let profile = Profile::with_notes(1);
    profile.back_up(Reason::Manual);
    for chosen in [
        profile.backups(),
        profile.dir().to_owned(),
        profile.collection(),
    ] {
        let error = run(&profile, &chosen, Recheck::Oldest).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{chosen:?}");
    }
    assert_eq!(packages(&profile.backups()).len(), 1);
}

#[test]
fn a_full_disk_leaves_nothing_half() {
    // A little more than what is always left free.
    let Some(disk) = SmallDisk::mount(18) else {
        return;
    };
    let profile = Profile::with_notes(20_000);
    let backup = profile.back_up(Reason::Manual);
    std::fs::write(disk.path().join("filler"), vec![1; 1 << 21]).unwrap();
    let error = run(&profile, disk.path(), Recheck::Oldest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull, "{error} {}", backup.size);
    let look = copies::look(
        profile.dir(),
        disk.path(),
        &Rules::default(),
        &profile.clock,
    );
    let look = look.unwrap();
    assert_eq!(std::fs::read_dir(&look.folder).unwrap().count(), 0);
    assert!(!look.same_disk);
    std::fs::remove_file(disk.path().join("filler")).unwrap();
    // Room again, for the smaller one at least.
    let small = Profile::with_notes(3);
    small.back_up(Reason::Manual);
    assert_eq!(run(&small, disk.path(), Recheck::Oldest).unwrap().whole, 1);
}

#[test]
fn the_command_line_copies_lists_and_stops() {
    let cli = Cli::with_profile();
    let disk = cli.path("disk");
    assert_eq!(cli.fails(&["backup", "copy"]).0, 2);
    assert_eq!(cli.fails(&["backup", "copy", "--to", &disk]).0, 1);
    std::fs::create_dir(&disk).unwrap();
    cli.ok(&["backup", "create"]);
    let made = cli.ok(&["backup", "copy", "--to", &disk]);
    assert_eq!(made["copy"]["state"], "copied");
    assert_eq!(made["copy"]["whole"], 1);
    assert_eq!(made["copy"]["same_disk"], true);
    let kinds = |cli: &Cli| -> Vec<String> {
        let listed = cli.ok(&["backup", "list"]);
        let rows = listed["backups"].as_array().unwrap();
        let kind = |row: &serde_json::Value| row["kind"].as_str().unwrap().to_owned();
        rows.iter().map(kind).collect()
    };
    assert_eq!(kinds(&cli), ["colpkg", "copy"]);
    let health = cli.ok(&["health"]).to_string();
    assert!(health.contains("Second backups folder"), "{health}");
    let stopped = cli.ok(&["backup", "copy", "--off"]);
    assert!(stopped["copy"].is_null());
    assert_eq!(kinds(&cli), ["colpkg"]);
    assert_eq!(
        packages(Path::new(made["copy"]["path"].as_str().unwrap())).len(),
        1
    );
}

#[test]
fn the_worker_copies_after_each_backup_and_when_the_disk_is_back() {
    let world = World::with_sample();
    let mount = world.dir.path().join("usb");
    let shown = ProfileSettings::default();
    let wanted = ProfileSettings {
        second_backups_folder: Some(mount.clone()),
        ..shown.clone()
    };
    let change = Box::new(Changed { shown, wanted });
    world.send(Request::Settings(SettingsRequest::SaveProfile(change)));
    let known = |event: &Event| match event {
        Event::Backup(BackupEvent::Copies(Some(CopiesState::Known(copies)))) => {
            Some(copies.clone())
        }
        _ => None,
    };
    assert!(world.wait("the disk is missed", known).absent);
    std::fs::create_dir(&mount).unwrap();
    world.clock.advance_millis(31_000);
    assert_eq!(world.wait("the first copy", known).whole, 1);
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    world.clock.advance_millis(2_000);
    world.send(Request::Backup(BackupRequest::Create));
    let found = world.wait("the second copy", known);
    assert_eq!(found.whole, 2);
    assert!(found.newest > Some(TimestampMillis(NOON)));
    assert_eq!(packages(&found.folder).len(), 2);
}

#[test]
fn after_open_backup_nothing_is_copied_until_the_restart() {
    let world = World::with_sample();
    let old = world.backup_files()[0].clone();
    let disk = world.dir.path().join("usb");
    std::fs::create_dir(&disk).unwrap();
    world.send(Request::Backup(BackupRequest::Restore {
        profile: "Ana".into(),
        path: old,
    }));
    world.wait("the restore", |event| {
        matches!(event, Event::Backup(BackupEvent::Restored { .. })).then_some(())
    });
    assert_eq!(world.opened(), (true, true));
    let shown = ProfileSettings::default();
    let wanted = ProfileSettings {
        second_backups_folder: Some(disk.clone()),
        ..shown.clone()
    };
    let change = Box::new(Changed { shown, wanted });
    world.send(Request::Settings(SettingsRequest::SaveProfile(change)));
    world.clock.advance_millis(120_000);
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(std::fs::read_dir(&disk).unwrap().count(), 0);
}
