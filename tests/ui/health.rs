//! Backup Health: what would be lost, copies, the drill by its button, the log, notes on backups.

use crate::backups::can_restore;
use crate::harness::{NOW, Options, TestApp};
use crate::steps::{ana_is_open, make_deck, press, sees, send, wait_for, with_ana};
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use engram::backup::health::{DrillReport, Health, Place, Verdict};
use engram::base::job::Progress;
use engram::base::time::Stopwatch;
use engram::collection::bit_rot;
use engram::explain::UserMessage;
use engram::service::event::{BackupEvent, BackupStatus, Event, JobId};
use engram::service::jobs::JobView;
use engram::service::profiles::DataFolder;
use engram::service::request::{BackupRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn backed_up() -> TestApp {
    let mut app = with_ana();
    make_deck(&mut app, "First");
    send(&mut app, Action::Command(Command::CreateBackup));
    wait_for(&mut app, "Backup made and verified");
    app
}

#[test]
fn the_page_says_how_safe_everything_is_and_tries_a_restore() {
    let mut app = backed_up();
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(&mut app, "Everything is in a verified backup");
    assert!(sees(&app, "2 copies, 1 disk, 0 elsewhere"));
    assert!(sees(&app, "All copies are on one disk."));
    assert!(sees(&app, "1 backup"));
    assert!(sees(&app, "never"), "no restore was tried");
    assert!(sees(&app, "Backup (made by you)"));
    press(&mut app, "Try a restore");
    wait_for(&mut app, "every row is right");
    wait_for(&mut app, "Restore drill");
    app.step_until("the date is shown", |a| !sees(a, "never"));
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Decks);
}

#[test]
fn while_the_disk_of_the_backups_is_away_the_page_says_so_and_shows_the_rest() {
    let mut app = backed_up();
    let away = app.base.join("usb/Engram main backups of Ana");
    let pointer = app.base.join("Ana/backups-folder.txt");
    std::fs::write(pointer, away.to_str().unwrap()).unwrap();
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(
        &mut app,
        "No verified backup is within reach: a disk is absent",
    );
    assert!(sees(
        &app,
        "The disk is absent; what is there does not count"
    ));
    assert!(sees(&app, "1 copy, 1 disk, 0 elsewhere"));
    app.key(Key::Escape);
    assert_eq!(app.app().route(), &Route::Decks);
}

fn asks_for_health(worker: &ScriptedService) -> bool {
    let asked = worker.take_requests();
    asked
        .iter()
        .any(|r| matches!(r, Request::Backup(BackupRequest::Health { .. })))
}

/// A job that has the collection makes it unknown, and not unreadable.
#[test]
fn while_a_job_has_the_collection_nothing_is_asked_until_it_ends() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::BackupHealth));
    assert!(asks_for_health(&worker));
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Syncing".to_owned(),
        exclusive: true,
        progress: Progress::new().view(),
    }]);
    let status = BackupStatus {
        last_verified: Some(NOW),
        ..Default::default()
    };
    worker.say(Event::Backup(BackupEvent::Status(status)));
    app.settle();
    assert!(!asks_for_health(&worker));
    worker.set_jobs(vec![]);
    app.settle();
    assert!(asks_for_health(&worker));
}

#[test]
fn what_keeps_the_page_from_knowing_stays_on_it() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::BackupHealth));
    let profile = "Ana".to_owned();
    worker.say(Event::Failed {
        request: Box::new(Request::Backup(BackupRequest::Health { profile })),
        message: UserMessage {
            what: "Could not look how safe everything is".into(),
            cause: "The list of backups was written by a newer version".into(),
            ..UserMessage::default()
        },
    });
    app.settle();
    app.key(Key::Escape);
    assert!(sees(&app, "The list of backups was written by a newer"));
    assert!(!sees(&app, "Looking…"));
}

#[test]
fn a_value_that_is_too_long_for_its_line_takes_more() {
    let path = format!("/media/ana/{}", "a-folder-with-a-long-name/".repeat(12));
    let height = |path: &str| {
        let (mut app, service) = TestApp::scripted(Options::default());
        let profile = "Ana".to_owned();
        let route = Route::Health {
            profile: profile.clone(),
        };
        send(&mut app, Action::Go(route));
        let health = Box::new(Health {
            at: NOW,
            last_verified: None,
            at_risk: None,
            alarm: None,
            places: vec![Place {
                name: "Second folder".into(),
                path: path.into(),
                ..Place::default()
            }],
            verdict: Verdict::default(),
            backups: 0,
            bytes: 0,
            free: None,
            planned: vec![],
            drill: DrillReport {
                done_at: None,
                failed: None,
                due: None,
                every_days: 0,
            },
            next_backup: None,
            mail: None,
            next_media_check: None,
            runs: vec![],
        });
        service.say(Event::Backup(BackupEvent::Health { profile, health }));
        app.settle();
        app.harness.get_by_label(path).rect().height()
    };
    let (one, more) = (height("/media/ana"), height(&path));
    assert!(
        more > 2.0 * one,
        "{more} for a long path, {one} for a short one"
    );
}

#[test]
fn a_failed_drill_is_loud_and_stays_on_the_page() {
    let mut app = backed_up();
    let folder = app.base.join("Ana/backups");
    let package = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "colpkg"))
        .unwrap();
    let mut bytes = std::fs::read(&package).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&package, bytes).unwrap();
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(&mut app, "Backup Health");
    wait_for(&mut app, "Everything is in a verified backup");
    press(&mut app, "Try a restore");
    wait_for(&mut app, "Could not restore a backup for a trial");
    app.key(Key::Escape);
    wait_for(&mut app, "The restore drill failed");
}

#[test]
fn a_backup_gets_a_comment() {
    let mut app = backed_up();
    send(&mut app, Action::Command(Command::OpenBackup));
    // Until then its buttons move.
    app.step_until("it was compared", can_restore);
    press(&mut app, "Add a comment…");
    app.type_text("before chapter two");
    app.key(Key::Enter);
    wait_for(&mut app, "before chapter two");
    press(&mut app, "Change the comment…");
}

#[test]
fn a_vault_counts_is_tried_by_the_button_and_remembers_when() {
    let mut app = backed_up();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    crate::vaults::add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    press(&mut app, "Save now");
    crate::vaults::wait_until_saved(&mut app);
    assert!(sees(&app, "never restored for a trial"));
    press(&mut app, "Close");
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(&mut app, "3 copies");
    assert!(sees(&app, "never  ·  never"));
    assert!(sees(&app, place.to_str().unwrap()));
    press(&mut app, "Try a restore");
    wait_for(&mut app, "Restore drill of a vault");
    wait_for(&mut app, "The newest snapshot was restored for a trial");
    app.step_until("the dates are shown", |a| !sees(a, "  ·  never"));
    // Damage counts it out.
    press(&mut app, "Close");
    let pack = largest(&place.join("data"));
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    press(&mut app, "Verify");
    wait_for(&mut app, "The vault is damaged");
    press(&mut app, "Close");
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(&mut app, "2 copies, 1 disk, 0 elsewhere");
    assert!(sees(&app, "Trouble there"));
}

#[test]
fn the_check_of_media_that_runs_by_itself_can_be_cancelled_and_comes_another_day() {
    let options = Options {
        calm: Duration::from_secs(1),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, _| {
        let ana = DataFolder::at(base.to_owned()).create("Ana").unwrap();
        std::fs::create_dir_all(ana.media()).unwrap();
        // Takes a while to read, and little room.
        let long = std::fs::File::create(ana.media().join("long.mp4")).unwrap();
        long.set_len(8 << 30).unwrap();
    });
    app.step_until("the profile is open", |a| a.app().model().is_open());
    send(&mut app, Action::Command(Command::BackupHealth));
    wait_for(&mut app, "Backup Health");
    let reads = |app: &TestApp| !app.app().model().jobs.is_empty();
    app.step_until("it runs", |a| sees(a, "Cancel the check of media"));
    press(&mut app, "Cancel the check of media");
    app.step_until("it ends", |a| !reads(a));
    wait_for(&mut app, "Sun 22 Nov 2026");
    assert!(!sees(&app, "Cancel the check of media"));
    let hashes = app.base.join("Ana/collection.anki2");
    assert_eq!(bit_rot::last_look(&hashes).unwrap(), None);
    let waited = Stopwatch::start();
    app.step_until("nobody works", |_| waited.elapsed().as_secs() >= 3);
    assert!(!reads(&app), "not again today");
    app.clock.advance_millis(25 * 60 * 60 * 1000);
    app.step_until("it comes again", reads);
}

/// The largest file below `folder`.
fn largest(folder: &Path) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
        .into_iter()
        .max_by_key(|f| f.metadata().unwrap().len())
        .unwrap()
}
