//! The backups in a folder that the user chose: moved there and back with all that lies among them,
//! a disk that is away, and folders that cannot serve.

use crate::backup_profile::{HOUR, Profile};
use crate::cli_commands::Cli;
use crate::faults_disk::SmallDisk;
use crate::kill_child::{done, ready};
use crate::kill_harness::Series;
use crate::service_story::World;
use engram::backup::entry::{Reason, Rules};
use engram::backup::{catalog, place};
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::service::event::{BackupEvent, Event};
use engram::service::request::{BackupRequest, Request};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names, contents and times of the files in a folder.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, String)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let modified = format!("{:?}", path.metadata().unwrap().modified().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            all.insert(name, (std::fs::read(&path).unwrap(), modified));
        }
    }
    all
}

/// Two backups, one of them pinned, and somebody's file.
fn with_backups() -> Profile {
    let profile = Profile::with_notes(20);
    let first = profile.back_up(Reason::Manual);
    catalog::pin(&first.path, "keep", &profile.clock).unwrap();
    profile.clock.advance_millis(HOUR);
    profile.add_notes(5);
    profile.back_up(Reason::Interval);
    std::fs::write(profile.backups().join("read me too.txt"), "mine").unwrap();
    profile
}

fn move_to(profile: &Profile, to: Option<&Path>) -> Result<PathBuf, ErrorKind> {
    let moved = place::move_to(profile.dir(), to, &Progress::new());
    let moved = moved.map_err(|e| e.kind())?;
    assert!(moved.stayed.is_empty(), "{:?}", moved.stayed);
    Ok(moved.folder)
}

/// What is known of each backup, wherever it lies.
fn known(profile: &Profile) -> Vec<String> {
    let describe = |mut entry: engram::backup::entry::Entry| {
        entry.path = entry.path.file_name().unwrap().into();
        format!("{entry:?}")
    };
    profile.list().into_iter().map(describe).collect()
}

#[test]
fn backups_move_with_all_that_is_known_of_them_and_come_back() {
    let profile = with_backups();
    let own = profile.backups();
    let (listed, there) = (known(&profile), files(&own));
    let disk = tempfile::tempdir().unwrap();
    let new = move_to(&profile, Some(disk.path())).unwrap();
    assert!(
        new.starts_with(disk.path().canonicalize().unwrap()),
        "{new:?}"
    );
    assert_eq!(profile.backups(), new);
    assert_eq!(known(&profile), listed);
    assert!(
        files(&new) == there,
        "the same files, to the byte and the second"
    );
    assert!(!own.exists(), "nothing stays behind");

    // New ones go there, and one of there restores.
    profile.clock.advance_millis(HOUR);
    profile.add_notes(1);
    assert!(profile.back_up(Reason::Interval).path.starts_with(&new));
    let restored = profile.restore(&profile.list().last().unwrap().path.clone());
    assert_eq!(restored.unwrap().contents.notes, 20);
    assert!(!own.exists());

    let (listed, there) = (known(&profile), files(&new));
    std::fs::create_dir(new.join("a folder of somebody")).unwrap();
    assert_eq!(move_to(&profile, None).unwrap(), own);
    assert_eq!(known(&profile), listed);
    assert!(files(&own) == there);
    assert!(new.join("a folder of somebody").is_dir() && files(&new).is_empty());
}

#[test]
fn preferences_are_noted_with_backups_wherever_these_are() {
    let profile = with_backups();
    let disk = tempfile::tempdir().unwrap();
    move_to(&profile, Some(disk.path())).unwrap();
    let settings = profile.dir().join("settings.json");
    std::fs::write(&settings, r#"{"theme":"Dark"}"#).unwrap();
    let made = profile.back_up(Reason::Manual);
    std::fs::write(&settings, r#"{"theme":"Light"}"#).unwrap();
    profile.restore(&made.path).unwrap();
    let kept = std::fs::read_to_string(&settings).unwrap();
    assert!(kept.contains("Dark"), "{kept}");
}

#[test]
fn a_disk_that_is_away_is_told_and_never_replaced_by_an_empty_folder() {
    let profile = with_backups();
    let place = tempfile::tempdir().unwrap();
    let (disk, away) = (place.path().join("usb"), place.path().join("away"));
    std::fs::create_dir(&disk).unwrap();
    let new = move_to(&profile, Some(&disk)).unwrap();
    let listed = known(&profile);
    std::fs::rename(&disk, &away).unwrap();
    // The place where the disk belongs is there, empty.
    std::fs::create_dir(&disk).unwrap();
    let failed = profile.try_back_up(Reason::Manual, &Progress::new());
    let failed = failed.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unavailable);
    assert!(failed.to_string().contains("connect its disk"), "{failed}");
    let list = catalog::list(profile.dir(), &Rules::default(), &profile.clock);
    assert_eq!(list.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(std::fs::read_dir(&disk).unwrap().next().is_none());

    std::fs::remove_dir(&disk).unwrap();
    std::fs::rename(&away, &disk).unwrap();
    assert_eq!(known(&profile), listed);
    profile.back_up(Reason::Manual);

    // It never comes back: new backups are made in the profile.
    std::fs::rename(&disk, &away).unwrap();
    let own = move_to(&profile, None).unwrap();
    assert!(own.starts_with(profile.dir()) && profile.list().is_empty());
    assert!(profile.back_up(Reason::Manual).path.starts_with(&own));
    assert!(!new.exists());
}

#[test]
fn a_folder_that_cannot_serve_changes_nothing() {
    let profile = with_backups();
    let (own, there) = (profile.backups(), files(&profile.backups()));
    let inside = profile.dir().join("collection.media");
    std::fs::create_dir(&inside).unwrap();
    for (folder, kind) in [
        (profile.dir().to_owned(), ErrorKind::InvalidInput),
        (own.clone(), ErrorKind::InvalidInput),
        (inside, ErrorKind::InvalidInput),
        (profile.dir().join("nowhere"), ErrorKind::NotFound),
        (profile.collection(), ErrorKind::NotFound),
    ] {
        assert_eq!(move_to(&profile, Some(&folder)), Err(kind), "{folder:?}");
    }
    let disk = tempfile::tempdir().unwrap();
    let cancelled = Progress::new();
    cancelled.cancel();
    let stopped = place::move_to(profile.dir(), Some(disk.path()), &cancelled);
    assert!(stopped.unwrap_err().is_interrupted());
    let new = move_to(&profile, Some(disk.path())).unwrap();
    assert_eq!(
        move_to(&profile, Some(&new)),
        Err(ErrorKind::InvalidInput),
        "a folder in itself"
    );
    assert_eq!(move_to(&profile, None), Ok(own.clone()));
    assert!(files(&own) == there);
    if let Some(small) = SmallDisk::mount(1) {
        let filler = std::fs::write(small.path().join("full"), vec![7; 2 << 20]);
        assert!(filler.is_err(), "it is full");
        assert_eq!(
            move_to(&profile, Some(small.path())),
            Err(ErrorKind::DiskFull)
        );
    }
    assert!(files(&profile.backups()) == there);
}

#[test]
fn what_an_interrupted_move_left_is_used_by_the_next() {
    let profile = with_backups();
    let there = files(&profile.backups());
    let disk = tempfile::tempdir().unwrap();
    let new = move_to(&profile, Some(disk.path())).unwrap();
    let own = move_to(&profile, None).unwrap();
    // As if it had ended after the first file, in the middle of the second.
    std::fs::create_dir_all(&new).unwrap();
    let first = there.keys().find(|name| name.ends_with("colpkg")).unwrap();
    std::fs::copy(own.join(first), new.join(first)).unwrap();
    std::fs::write(new.join(".engram-tmp-half"), "half").unwrap();
    assert_eq!(move_to(&profile, Some(disk.path())), Ok(new.clone()));
    let found: Vec<String> = files(&new).into_keys().collect();
    assert_eq!(found, there.into_keys().collect::<Vec<_>>());

    // As if it had ended before the old files were deleted.
    for (name, (content, _)) in files(&new) {
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join(name), content).unwrap();
    }
    profile.clock.advance_millis(HOUR);
    profile.add_notes(1);
    profile.back_up(Reason::Manual);
    let listed = known(&profile);
    assert_eq!(move_to(&profile, None), Ok(own));
    assert_eq!(known(&profile), listed);
}

#[test]
fn the_command_line_moves_backups_and_says_where_they_are() {
    let cli = Cli::with_profile();
    cli.ok(&["backup", "create"]);
    let disk = cli.path("disk");
    assert_eq!(cli.fails(&["backup", "folder", "--to", &disk]).0, 1);
    std::fs::create_dir(&disk).unwrap();
    let own = cli.ok(&["backup", "folder"])["folder"].clone();
    let moved = cli.ok(&["backup", "folder", "--to", &disk]);
    let listed = cli.ok(&["backup", "list"]);
    assert_eq!(listed["folder"], moved["folder"]);
    assert_ne!(listed["folder"], own);
    assert_eq!(listed["backups"].as_array().unwrap().len(), 1);
    std::fs::rename(&disk, cli.path("away")).unwrap();
    assert_eq!(cli.ok(&["backup", "folder"])["is_there"], false);
    cli.fails(&["backup", "list"]);
    std::fs::rename(cli.path("away"), &disk).unwrap();
    assert_eq!(cli.ok(&["backup", "folder", "--back"])["folder"], own);
    assert_eq!(cli.ok(&["backup", "list"])["folder"], own);
}

#[test]
fn while_a_profile_is_open_its_next_backup_goes_to_the_new_folder() {
    let world = World::with_sample();
    let disk = world.dir.path().join("usb");
    std::fs::create_dir(&disk).unwrap();
    let to = Some(disk.clone());
    world.send(Request::Backup(BackupRequest::MoveFolder(to)));
    let folder = world.wait("the move", |event| match event {
        Event::Backup(BackupEvent::Status(s)) if s.folder_is_chosen => s.folder.clone(),
        _ => None,
    });
    let card = world.study().expect("a card");
    world.answer(&card, engram::domain::study::Rating::Good);
    let made = world.create_backup().expect("a backup");
    assert!(made.starts_with(&folder) && made.starts_with(disk.canonicalize().unwrap()));
    assert_eq!(world.backups(), folder);
}

/// Moves them there and back, over and over.
pub fn work(profile: &Path) {
    let disk = std::fs::read_to_string(profile.join("disk.txt")).unwrap();
    let progress = Progress::new();
    ready();
    for round in 0.. {
        let to = (round % 2 == 0).then_some(Path::new(&disk));
        place::move_to(profile, to, &progress).unwrap();
        done(round);
    }
}

#[test]
fn a_move_that_is_killed_loses_no_backup() {
    let profile = with_backups();
    let big: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
    std::fs::write(profile.backups().join("holiday.bin"), big).unwrap();
    let disk = tempfile::tempdir().unwrap();
    std::fs::write(
        profile.dir().join("disk.txt"),
        disk.path().to_str().unwrap(),
    )
    .unwrap();
    let contents = |folder: &Path| {
        let mut all = files(folder);
        all.retain(|name, _| !name.starts_with(".engram-"));
        all
    };
    let (listed, there) = (known(&profile), contents(&profile.backups()));
    let mut series = Series::new("move", 20);
    let (mut kills, mut away) = (0, 0);
    // Some have to hit the time between the two halves of a move.
    while kills < series.kills || (away == 0 && kills < 20 * series.kills) {
        kills += 1;
        series.kill_once(profile.dir(), 3);
        assert_eq!(known(&profile), listed);
        assert!(contents(&profile.backups()) == there);
        away += usize::from(place::chosen(profile.dir()).is_some());
        assert!(move_to(&profile, None).unwrap().starts_with(profile.dir()));
        assert_eq!(known(&profile), listed);
        assert!(contents(&profile.backups()) == there);
    }
    assert!(away > 0, "the kills came at odd times only");
}
