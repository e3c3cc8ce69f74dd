//! Rot of media files: other bytes under the same size and time are found, changes by somebody are
//! not mistaken for it, and only right bytes come back, with the damaged file kept.

use crate::cli_commands::Cli;
use engram::backup::media_repair::Repair;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::service::event::Event;
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request};
use engram::service::{ServiceConfig, ServiceHandle};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn with_media() -> (Cli, PathBuf) {
    let cli = Cli::with_profile();
    let notes = "one <img src=a.png>\tback\ntwo <img src=b.png>\tback\n";
    std::fs::write(cli.path("notes.txt"), notes).unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let media = cli.base().join("Ann/collection.media");
    for (name, byte) in [("a.png", 1), ("b.png", 2)] {
        std::fs::write(media.join(name), vec![byte; 20_000]).unwrap();
    }
    (cli, media)
}

/// A backup with media lies in the second backups folder.
fn keep_in_second_folder(cli: &Cli) {
    let out = cli.path("all.colpkg");
    cli.ok(&["export", &out, "--media"]);
    let second = cli.path("second");
    std::fs::create_dir(&second).unwrap();
    let copy = cli.ok(&["backup", "copy", "--to", &second])["copy"].clone();
    let folder = Path::new(copy["path"].as_str().unwrap());
    std::fs::create_dir_all(folder).unwrap();
    std::fs::rename(&out, folder.join("backup-2026-01-01-10.00.00.colpkg")).unwrap();
}

/// One bit, as a failing disk changes it: nobody wrote the file.
fn rot(file: &Path) {
    let time = file.metadata().unwrap().modified().unwrap();
    let mut bytes = std::fs::read(file).unwrap();
    bytes[777] ^= 0x10;
    std::fs::write(file, bytes).unwrap();
    File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

fn look(cli: &Cli) -> Value {
    cli.ok(&["check-media", "--bit-rot"])
}

#[cfg(unix)]
#[test]
fn names_that_other_systems_refuse_do_not_stop_the_look() {
    let (cli, media) = with_media();
    // Windows has no such file.
    let odd = media.join("con.png");
    std::fs::write(&odd, vec![4; 20_000]).unwrap();
    look(&cli);
    rot(&odd);
    let found = look(&cli);
    assert_eq!(found["damaged"], serde_json::json!(["con.png"]), "{found}");
    assert_eq!(cli.ok(&["info"])["media_files"], 3);
}

#[test]
fn rot_is_told_from_change_and_stays_told() {
    let (cli, media) = with_media();
    assert_eq!(look(&cli)["ok"], true);
    rot(&media.join("a.png"));
    std::fs::write(media.join("b.png"), vec![3; 20_000]).unwrap();
    let found = look(&cli);
    assert_eq!(
        (&found["ok"], &found["damaged"]),
        (&false.into(), &serde_json::json!(["a.png"]))
    );
    // Nothing was read this time; it is known.
    let found = cli.ok(&["check-media"]);
    assert_eq!(found["damaged"], serde_json::json!(["a.png"]));
    let runs = cli.ok(&["health"])["runs"].clone();
    let outcomes: Vec<_> = (runs.as_array().unwrap().iter())
        .filter(|run| run["kind"] == "media-check")
        .map(|run| run["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["failed", "done"]);
    // Somebody writes it anew.
    std::fs::write(media.join("a.png"), "new").unwrap();
    assert_eq!(look(&cli)["ok"], true);
    // A list that is damaged is begun anew, and says so by knowing nothing.
    std::fs::write(cli.base().join("Ann/collection.hashes"), [7; 9000]).unwrap();
    rot(&media.join("b.png"));
    assert_eq!(look(&cli)["ok"], true);
    assert!(cli.base().join("Ann/collection.hashes-damaged").exists());
}

#[test]
fn right_bytes_come_back_from_a_backup_with_media_and_others_do_not() {
    let (cli, media) = with_media();
    let right = std::fs::read(media.join("a.png")).unwrap();
    look(&cli);
    let put_package = |name: &str| {
        let out = cli.path("all.colpkg");
        cli.ok(&["export", &out, "--media"]);
        let backups = cli.base().join("Ann/backups");
        std::fs::create_dir_all(&backups).unwrap();
        std::fs::rename(&out, backups.join(name)).unwrap();
    };
    rot(&media.join("a.png"));
    let rotten = std::fs::read(media.join("a.png")).unwrap();
    look(&cli);
    // A package made of the damaged file has it as it is now.
    put_package("backup-2026-01-02-10.00.00.colpkg");
    let done = cli.ok(&["check-media", "--repair"]);
    assert_eq!(done["not_repaired"], serde_json::json!(["a.png"]));
    assert_eq!(std::fs::read(media.join("a.png")).unwrap(), rotten);
    std::fs::write(media.join("c.tmp"), &right).unwrap();
    std::fs::rename(media.join("a.png"), cli.path("aside")).unwrap();
    std::fs::rename(media.join("c.tmp"), media.join("a.png")).unwrap();
    put_package("backup-2026-01-01-10.00.00.colpkg");
    std::fs::rename(cli.path("aside"), media.join("a.png")).unwrap();
    let done = cli.ok(&["check-media", "--repair"]);
    assert_eq!(done["repaired"], serde_json::json!(["a.png"]));
    assert_eq!(
        (&done["ok"], &done["damaged"]),
        (&true.into(), &serde_json::json!([]))
    );
    assert_eq!(std::fs::read(media.join("a.png")).unwrap(), right);
    assert_eq!(look(&cli)["ok"], true);
    let kept = std::fs::read(cli.base().join("Ann/media.trash/a.png")).unwrap();
    assert_eq!(kept, rotten, "the damaged file is kept");
}

#[test]
fn missing_files_come_back_from_the_newest_package_and_nothing_is_overwritten() {
    let (cli, media) = with_media();
    let backups = cli.base().join("Ann/backups");
    std::fs::create_dir_all(&backups).unwrap();
    for (day, byte) in [("01", 7), ("02", 8)] {
        std::fs::write(media.join("a.png"), vec![byte; 9000]).unwrap();
        let out = cli.path("all.colpkg");
        cli.ok(&["export", &out, "--media"]);
        let name = format!("backup-2026-01-{day}-10.00.00.colpkg");
        std::fs::rename(&out, backups.join(name)).unwrap();
    }
    std::fs::remove_file(media.join("a.png")).unwrap();
    std::fs::write(media.join("b.png"), "mine").unwrap();
    let collection = cli.base().join("Ann/collection.anki2");
    let names = ["a.png", "b.png", "c.png", "../a.png"].map(str::to_owned);
    let progress = Progress::new();
    let mut repair = Repair::of_missing(&collection, &names).unwrap();
    repair.try_trash(&progress).unwrap();
    for day in ["02", "01"] {
        let name = format!("backup-2026-01-{day}-10.00.00.colpkg");
        repair.try_package(&backups.join(name), &progress).unwrap();
    }
    let done = repair.finish();
    assert_eq!(
        done.told(),
        "1 brought back, 1 not: there is no copy of them"
    );
    assert_eq!(std::fs::read(media.join("a.png")).unwrap(), vec![8; 9000]);
    assert_eq!(std::fs::read(media.join("b.png")).unwrap(), b"mine");
}

#[test]
fn right_bytes_come_from_the_second_folder_while_the_first_ones_disk_is_away() {
    let (cli, media) = with_media();
    let right = std::fs::read(media.join("a.png")).unwrap();
    look(&cli);
    keep_in_second_folder(&cli);
    rot(&media.join("a.png"));
    look(&cli);
    let away = cli.path("disk/Engram main backups of Ann");
    std::fs::write(cli.base().join("Ann/backups-folder.txt"), away).unwrap();
    let done = cli.ok(&["check-media", "--repair"]);
    assert_eq!(done["repaired"], serde_json::json!(["a.png"]), "{done}");
    assert_eq!(std::fs::read(media.join("a.png")).unwrap(), right);
    // What could not be looked into is told.
    let collection = cli.base().join("Ann/collection.anki2");
    let mut repair = Repair::of_missing(&collection, &["x.png".to_owned()]).unwrap();
    let gone: engram::base::Result<u8> = Err(engram::base::Error::invalid("it is away"));
    assert_eq!(repair.reached("A disk", gone).unwrap(), 0);
    assert!(repair.finish().told().ends_with("; A disk: it is away"));
}

/// The worker reads the files when nobody works, and finds the right bytes in the second folder.
#[test]
fn rot_is_found_by_itself_once_a_month_and_mended_from_the_second_folder() {
    let (cli, media) = with_media();
    let right = std::fs::read(media.join("a.png")).unwrap();
    look(&cli);
    keep_in_second_folder(&cli);
    rot(&media.join("a.png"));
    let later = Clock::System.now().0 + 31 * 86_400_000;
    let worker = ServiceHandle::spawn(ServiceConfig {
        clock: Clock::fixed(TimestampMillis(later), 0),
        calm: Duration::ZERO,
        ..ServiceConfig::without_keychain(DataFolder::at(cli.base()))
    })
    .unwrap();
    let open = ProfileRequest::Open { name: "Ann".into() };
    assert!(worker.request(Request::Profile(open)));
    let told = loop {
        let event = worker.wait_event(Duration::from_secs(20));
        match event.expect("the worker says what it found") {
            Event::Notice(words) if words.contains("damaged") => break words,
            _ => {}
        }
    };
    assert_eq!(told, "Media files damaged on the disk: 1. 1 repaired");
    assert_eq!(std::fs::read(media.join("a.png")).unwrap(), right);
    assert!(worker.request(Request::Shutdown));
    while worker.wait_event(Duration::from_secs(20)) != Some(Event::Stopped) {}
    drop(worker);
    let runs = cli.ok(&["health"])["runs"].clone();
    let of = |kind: &str| {
        let runs = runs.as_array().unwrap().iter();
        let found = runs.filter(|run| run["kind"] == kind);
        let outcomes = found.map(|run| run["outcome"].as_str().unwrap().to_owned());
        outcomes.collect::<Vec<_>>()
    };
    assert_eq!(of("media-check"), ["failed", "done"]);
    assert_eq!(of("media-repair"), ["done"]);
}
