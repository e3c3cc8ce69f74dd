//! Deleted profiles, and media of an emptied trash, go to the system's trash; profiles after a backup
//! that stays. When the trash cannot take them, nothing is deleted. Both faces: the command line, and the window's worker in a child
//! process, because the trash is found by the environment.
#![cfg(target_os = "linux")]

use crate::cli_commands::Cli;
use crate::service_story::World;
use engram::service::checks::{CheckEvent, CheckRequest};
use engram::service::event::{Event, JobEvent, ProfileEvent};
use engram::service::request::{ProfileRequest, Request};
use std::path::{Path, PathBuf};
use std::process::Command;

const CHILD: &str = "ENGRAM_TRASH_CHILD";

/// Where the environment of these tests has its trash.
fn trash(home: &Path) -> PathBuf {
    home.join("Trash")
}

fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return vec![];
    };
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Everything in a profile but the lock, with its size.
fn contents(profile: &Path) -> Vec<(String, u64)> {
    files(profile)
        .into_iter()
        .filter(|name| name != ".lock" && name != "backups")
        .map(|name| {
            let len = std::fs::metadata(profile.join(&name)).unwrap().len();
            (name, len)
        })
        .collect()
}

#[test]
fn the_command_line_moves_a_profile_to_the_trash() {
    let cli = Cli::with_profile();
    let home = cli.room.path().join("home");
    std::fs::create_dir(&home).unwrap();
    cli.ok(&["info"]);
    let before = contents(&cli.base().join("Ann"));
    let deleted = cli.run_with(&["profile", "delete", "Ann"], &[("XDG_DATA_HOME", &home)]);
    assert!(deleted.status.success(), "{deleted:?}");
    assert!(!cli.base().join("Ann").exists());
    assert_eq!(contents(&trash(&home).join("files/Ann")), before);
    assert_eq!(files(&trash(&home).join("info")), ["Ann.trashinfo"]);
    let kept = files(&cli.base().join("backups-of-deleted-profiles"));
    assert!(
        kept.len() == 1 && kept[0].starts_with("Ann backup-"),
        "{kept:?}"
    );
}

#[test]
fn the_command_line_deletes_nothing_when_the_trash_fails() {
    let cli = Cli::with_profile();
    cli.ok(&["info"]);
    let home = cli.room.path().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(trash(&home), b"in the way").unwrap();
    let before = contents(&cli.base().join("Ann"));
    let args = ["--json", "profile", "delete", "Ann"];
    let refused = cli.run_with(&args, &[("XDG_DATA_HOME", &home)]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stdout).unwrap();
    assert!(said.contains("nothing was deleted"), "{said}");
    assert_eq!(contents(&cli.base().join("Ann")), before);
    cli.ok(&["info"]);
}

/// Runs this very test again with a home folder of its own; true in the child.
fn in_child(test: &str, home: &Path) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let name = format!("profile_trash::{test}");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name.as_str(), "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("XDG_DATA_HOME", home)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// A worker with Ana's profile closed, asked to delete it.
fn deleting() -> World {
    let world = World::with_sample();
    world.send(Request::Profile(ProfileRequest::Close));
    world.wait("the profiles", |e| {
        matches!(e, Event::Profile(ProfileEvent::Closed)).then_some(())
    });
    world.send(Request::Profile(ProfileRequest::Delete {
        name: "Ana".into(),
    }));
    world
}

#[test]
fn the_window_moves_a_profile_to_the_trash() {
    let home = tempfile::tempdir().unwrap();
    if !in_child("the_window_moves_a_profile_to_the_trash", home.path()) {
        let deck = trash(home.path()).join("files/Ana/collection.anki2");
        assert!(deck.is_file());
        return;
    }
    let world = deleting();
    world.wait("the list without it", |e| match e {
        Event::Profile(ProfileEvent::Listed { profiles, .. }) => profiles.is_empty().then_some(()),
        _ => None,
    });
    let base = world.data();
    assert!(!base.path().join("Ana").exists());
    let kept = files(&base.deleted_backups().unwrap());
    assert!(
        kept.len() == 1 && kept[0].starts_with("Ana backup-"),
        "{kept:?}"
    );
}

#[test]
fn the_window_deletes_nothing_when_the_trash_fails() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(trash(home.path()), b"in the way").unwrap();
    if !in_child(
        "the_window_deletes_nothing_when_the_trash_fails",
        home.path(),
    ) {
        return;
    }
    let world = deleting();
    let cause = world.wait("a failure", |e| match e {
        Event::Job(JobEvent::Failed { message, .. }) => Some(message.cause.clone()),
        _ => None,
    });
    assert!(cause.contains("nothing was deleted"), "{cause}");
    world.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    world.opened();
    assert!(world.study().is_some(), "all cards are there");
}

/// A worker with Ana's profile and one file in the trash beside her media, asked to empty it.
fn emptying() -> (World, PathBuf) {
    let world = World::with_sample();
    let profile = world.data().profile("Ana").unwrap();
    let trash = profile.folder.join("media.trash");
    std::fs::create_dir_all(&trash).unwrap();
    std::fs::write(trash.join("cat.jpg"), b"meow").unwrap();
    world.send(Request::Check(CheckRequest::EmptyMediaTrash));
    (world, trash)
}

#[test]
fn media_of_the_emptied_trash_go_to_the_trash_of_the_system() {
    let home = tempfile::tempdir().unwrap();
    let name = "media_of_the_emptied_trash_go_to_the_trash_of_the_system";
    if !in_child(name, home.path()) {
        let file = trash(home.path()).join("files/media.trash/cat.jpg");
        assert_eq!(std::fs::read(file).unwrap(), b"meow");
        return;
    }
    let (world, folder) = emptying();
    let said = world.wait("what was done", |e| match e {
        Event::Check(CheckEvent::Media { said, report }) if report.trash.0 == 0 => {
            Some(said.clone())
        }
        _ => None,
    });
    assert_eq!(said, "1 file moved to the system’s trash");
    assert!(!folder.exists());
}

#[test]
fn media_stay_when_the_trash_of_the_system_fails() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(trash(home.path()), b"in the way").unwrap();
    if !in_child("media_stay_when_the_trash_of_the_system_fails", home.path()) {
        return;
    }
    let (world, folder) = emptying();
    let cause = world.wait("a failure", |e| match e {
        Event::Job(JobEvent::Failed { message, .. }) => Some(message.cause.clone()),
        _ => None,
    });
    assert!(cause.contains("nothing was deleted"), "{cause}");
    assert!(folder.join("cat.jpg").is_file());
}
