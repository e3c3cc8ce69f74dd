//! Syncs that end in another way than they began: cancelled, cut off after this side was changed,
//! overtaken by another profile or a restore; and what is said then.

use crate::harness::{Options, TestApp};
use crate::steps::{
    ana_is_open, click, has_deck, make_deck, preferences, press, sees, send, wait_for,
};
use crate::sync::{
    Line, computer, download, downloaded, log_in, part, reaching, settled, state, type_over,
    upload, uploaded, with_notes,
};
use crate::sync_server::{PASSWORD, Server, USER};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use engram::base::{Error, ErrorKind, Result, Secret};
use engram::net::{Call, Http, Reply, Transport};
use engram::service::event::Event;
use engram::service::history::HistoryRequest;
use engram::service::profiles::DataFolder;
use engram::service::request::{BackupRequest, PackageRequest, ProfileRequest, Request};
use engram::service::sync::{Login, MediaDeletions, SyncEvent, SyncRequest, SyncState};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::model::Phase;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The network, on which some requests fail for a while.
struct Without {
    net: Http,
    request: &'static str,
    now: AtomicBool,
}

impl Without {
    fn of(request: &'static str) -> Arc<Self> {
        Arc::new(Self {
            net: Http::new(),
            request,
            now: AtomicBool::new(false),
        })
    }
}

impl Transport for Without {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        if self.now.load(Ordering::SeqCst) && call.url.ends_with(self.request) {
            return Err(Error::new(ErrorKind::Network, "the connection failed"));
        }
        self.net.send(call)
    }
}

#[test]
fn a_merge_that_does_not_reach_the_server_says_what_is_here() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    let dir = tempfile::tempdir().unwrap();
    DataFolder::at(dir.path().to_owned()).create("Ana").unwrap();
    let net = Without::of("sync/upload");
    let mut there = download(reaching(net.clone(), dir), &server.url);
    part(&mut here, &mut there);
    there.key(Key::Y);
    wait_for(&mut there, "Or keep both");
    net.now.store(true, Ordering::SeqCst);
    press(&mut there, "Merge both");
    wait_for(
        &mut there,
        "Could not send the merged collection to the server",
    );
    assert!(sees(&there, "This computer holds the merged collection"));
    press(&mut there, "Close");
    there.step_until("the decks of both are there", |a| {
        has_deck(a, "Second") && has_deck(a, "Third")
    });
    assert!(there.app().model().sync.failed.is_some());
    // What is here reaches the server the next time.
    net.now.store(false, Ordering::SeqCst);
    there.key(Key::Y);
    wait_for(&mut there, "Which side is to stay?");
    press(&mut there, "Keep this computer’s (upload)");
    wait_for(&mut there, "The server has what this computer has now");
}

/// A second computer with a picture that the server does not have, and its network, on which media
/// may fail to be sent.
fn with_a_picture_to_send(server: &Server) -> (TestApp, Arc<Without>) {
    uploaded(&server.url);
    let dir = tempfile::tempdir().unwrap();
    DataFolder::at(dir.path().to_owned()).create("Ana").unwrap();
    let net = Without::of("msync/uploadChanges");
    let there = download(reaching(net.clone(), dir), &server.url);
    std::fs::write(there.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    (there, net)
}

#[test]
fn that_media_did_not_travel_is_told_until_they_do() {
    let Some(server) = Server::start() else {
        return;
    };
    let (mut there, net) = with_a_picture_to_send(&server);
    net.now.store(true, Ordering::SeqCst);
    there.key(Key::Y);
    wait_for(&mut there, "Could not sync the media files");
    there.step_until("the button tells it", |a| {
        a.app().model().sync.failed.is_some()
    });
    preferences(&mut there, "Syncing");
    let media = "Also sync sounds and pictures";
    click(&mut there, Role::Switch, media);
    there.step_until("nothing is told where no media are wanted", |a| {
        a.app().model().sync.failed.is_none()
    });
    click(&mut there, Role::Switch, media);
    there.step_until("the button tells it again", |a| {
        a.app().model().sync.failed.is_some()
    });
    press(&mut there, "Close");
    net.now.store(false, Ordering::SeqCst);
    there.key(Key::Y);
    wait_for(&mut there, "Media: 1 out");
    there.step_until("the button tells it no more", |a| {
        a.app().model().sync.failed.is_none()
    });
}

#[test]
fn media_that_fail_as_a_profile_closes_do_not_count_as_a_failed_sync_of_the_cards() {
    let Some(server) = Server::start() else {
        return;
    };
    let (mut there, net) = with_a_picture_to_send(&server);
    make_deck(&mut there, "Second");
    net.now.store(true, Ordering::SeqCst);
    send(&mut there, Action::Command(Command::SwitchProfile));
    wait_for(&mut there, "Close anyway");
    assert!(sees(&there, "Could not sync the media files"));
    press(&mut there, "Stay");
    there.step_until("the cards are synced", |a| state(a) == SyncState::Nothing);
}

#[test]
fn nothing_is_merged_with_an_account_that_was_never_synced_with() {
    let (Some(first), Some(second)) = (Server::start(), Server::start()) else {
        return;
    };
    let here = uploaded(&first.url);
    let log_out = |mut app: TestApp| {
        preferences(&mut app, "Syncing");
        press(&mut app, "Log out");
        wait_for(&mut app, "Nobody is logged in");
        press(&mut app, "Close");
        app
    };
    // The same notes are on the second server, but not by a sync of this computer.
    let there = log_out(downloaded(&first.url));
    let _there = upload(there, &second.url);
    let mut here = log_out(here);
    assert!(!here.app().model().settings.sync.new_account);
    log_in(&mut here, &second.url);
    wait_for(&mut here, "Which side is to stay?");
    assert!(!sees(&here, "Or keep both"));
    assert!(sees(&here, "the server may hold another collection"));
    assert!(here.app().model().settings.sync.new_account);
    press(&mut here, "Keep the server’s (download)");
    wait_for(&mut here, "This computer has what the server has now");
    settled(&mut here);
    assert!(!here.app().model().settings.sync.new_account);
}

#[test]
fn preferences_of_another_account_ask_for_its_login() {
    let users = [USER, "v"].map(str::to_owned);
    let Some(server) = Server::start_in(tempfile::tempdir().unwrap(), &users) else {
        return;
    };
    let mut app = uploaded(&server.url);
    let path = newest_backup(&app);
    preferences(&mut app, "Syncing");
    press(&mut app, "Log out");
    wait_for(&mut app, "Nobody is logged in");
    press(&mut app, "Log in…");
    type_over(&mut app, "User", "v");
    type_over(&mut app, "Password", PASSWORD);
    press(&mut app, "Log in");
    wait_for(&mut app, &format!("v at {}", server.url));
    press(&mut app, "Close");
    // The preferences that come back are of the first account, the key is of the second.
    let profile = "Ana".to_owned();
    let restore = BackupRequest::Restore { profile, path };
    send(&mut app, Action::Ask(Request::Backup(restore)));
    app.step_until("it is restored", |a| {
        a.app().model().profile().is_some_and(|p| p.restored) && a.app().model().sync.suspended
    });
    send(&mut app, Action::Command(Command::SwitchProfile));
    app.step_until("the profile is closed", |a| {
        a.app().model().phase == Phase::Profiles
    });
    let open = ProfileRequest::Open { name: "Ana".into() };
    send(&mut app, Action::Ask(Request::Profile(open)));
    wait_for(&mut app, "The login is not known or not valid any more");
}

fn newest_backup(app: &TestApp) -> PathBuf {
    let backups = std::fs::read_dir(app.base.join("Ana/backups")).unwrap();
    let mut packages: Vec<_> = backups.flatten().map(|e| e.path()).collect();
    packages.retain(|path| path.extension().is_some_and(|x| x == "colpkg"));
    packages.sort();
    packages.pop().unwrap()
}

/// Asks for a login that the server does not answer yet.
fn begin_login(app: &mut TestApp, line: &Line) {
    line.hold(true);
    log_in(app, &line.url);
    wait_for(app, "Asking the server…");
}

#[test]
fn a_login_that_is_cancelled_does_not_happen() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = computer();
    begin_login(&mut app, &line);
    press(&mut app, "Cancel");
    line.hold(false);
    // The next one is another, and the first says nothing to it.
    app.key(Key::Y);
    wait_for(&mut app, "Public servers have their own terms");
    type_over(&mut app, "Server", &server.url);
    type_over(&mut app, "User", USER);
    type_over(&mut app, "Password", "wrong");
    press(&mut app, "Log in and sync");
    wait_for(&mut app, "does not know this user with this password");
    assert_eq!(state(&app), SyncState::NotSetUp);
    type_over(&mut app, "Password", PASSWORD);
    press(&mut app, "Log in and sync");
    wait_for(&mut app, "Which side is to stay?");
}

#[test]
fn a_login_of_one_profile_is_not_one_of_another() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = computer();
    let data = DataFolder::at(app.base.clone());
    data.create("Ben").unwrap();
    begin_login(&mut app, &line);
    let open = ProfileRequest::Open { name: "Ben".into() };
    send(&mut app, Action::Ask(Request::Profile(open)));
    app.step_until("the other profile is open", |a| {
        a.app().model().profile().is_some_and(|p| p.name == "Ben")
    });
    line.hold(false);
    // The dialog is still open, and hears of this one only.
    let login = SyncRequest::LogIn(Login {
        server: server.url.clone(),
        user: USER.into(),
        password: Secret::new("wrong"),
        remember: true,
        then_sync: false,
    });
    send(&mut app, Action::Ask(Request::Sync(login)));
    wait_for(&mut app, "does not know this user with this password");
    assert_eq!(state(&app), SyncState::NotSetUp);
    for name in ["Ana", "Ben"] {
        let kept = std::fs::read_to_string(data.profile(name).unwrap().settings());
        assert!(!kept.unwrap_or_default().contains(&line.url), "{name}");
    }
}

/// A sync of media that waits for the server.
fn with_media_under_way(line: &Line) -> TestApp {
    let mut app = upload(with_notes(2), &line.url);
    std::fs::write(app.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    preferences(&mut app, "Syncing");
    line.hold(true);
    press(&mut app, "Sync now");
    app.step_until("media are being synced", |a| {
        a.app().model().sync.media_running && sees(a, "Stop")
    });
    app
}

#[test]
fn an_import_of_a_collection_ends_the_sync_of_media_first() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = with_media_under_way(&line);
    let file = newest_backup(&app);
    let import = PackageRequest::ImportCollection { file };
    send(&mut app, Action::Ask(Request::Package(import)));
    wait_for(&mut app, "2 notes and 2 cards imported");
    assert!(!app.app().model().sync.media_running);
    line.hold(false);
}

#[test]
fn a_restore_ends_the_sync_of_media_first() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = with_media_under_way(&line);
    let (profile, path) = ("Ana".to_owned(), newest_backup(&app));
    let restore = BackupRequest::Restore { profile, path };
    send(&mut app, Action::Ask(Request::Backup(restore)));
    app.step_until("it is restored", |a| {
        a.app().model().profile().is_some_and(|p| p.restored) && a.app().model().sync.suspended
    });
    assert!(!app.app().model().sync.media_running);
    line.hold(false);
}

#[test]
fn many_deleted_media_files_are_asked_about() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let deletions = MediaDeletions { gone: 25, all: 30 };
    worker.say(Event::Sync(SyncEvent::MediaStopped(deletions)));
    wait_for(&mut app, "Delete many media files on the server?");
    assert!(sees(&app, "25 of 30 media files are gone"));
}

#[test]
fn notes_that_a_sync_deleted_here_are_one_press_away() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let merged = |trashed| Event::Sync(SyncEvent::Merged { trashed });
    worker.say(merged(0));
    app.settle();
    assert!(sees(&app, "Both sides have everything of both now"));
    worker.say(merged(2));
    app.settle();
    assert!(sees(&app, "Both sides are merged; 2 notes deleted here"));
    press(&mut app, "Deleted Notes…");
    assert!(sees(&app, "Looking for deleted notes…"));
    let asked = worker.take_requests();
    assert!(asked.contains(&Request::History(HistoryRequest::Trash(String::new()))));
}
