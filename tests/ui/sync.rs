//! Sync in the window, with the server of the real Anki: logging in, the key, the choice when the
//! sides have parted, progress, closing, and what is said when something is wrong.

use crate::harness::{Options, TestApp, ana};
use crate::shell::ask_to_close;
use crate::steps::{ana_is_open, has_deck, make_deck, preferences, press, sees, send, wait_for};
use crate::sync_server::{PASSWORD, Server, USER};
use crate::vaults::fill;
use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::base::time::Clock;
use engram::domain::notetype_edit::{Edited, NotetypeEdit};
use engram::net::{Http, Transport};
use engram::service::notetypes::NotetypeRequest;
use engram::service::profiles::DataFolder;
use engram::service::request::{BackupRequest, DeckRequest, ProfileRequest, Request};
use engram::service::sync::{SyncRequest, SyncState};
use engram::storage::Storage;
use engram::ui::action::Action;
use engram::ui::app::StartWith;
use engram::ui::command::Command;
use engram::ui::model::Phase;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A window with a profile of so many notes; servers compare clocks, so it has the real one.
pub fn with_notes(notes: usize) -> TestApp {
    let dir = tempfile::tempdir().unwrap();
    ana(dir.path(), &Clock::System, &[("First", notes)]);
    opened(dir)
}

/// A window with a new profile.
pub fn computer() -> TestApp {
    let dir = tempfile::tempdir().unwrap();
    let data = DataFolder::at(dir.path().to_owned());
    data.create("Ana").unwrap();
    opened(dir)
}

fn opened(dir: tempfile::TempDir) -> TestApp {
    reaching(Arc::new(Http::new()), dir)
}

/// As a window on this folder, with another way to the server.
pub fn reaching(net: Arc<dyn Transport>, dir: tempfile::TempDir) -> TestApp {
    let mut app = TestApp::reaching(net, dir, Clock::System, Options::default());
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    app
}

pub fn type_over(app: &mut TestApp, label: &str, words: &str) {
    fill(app, label, "");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text(words);
}

pub fn log_in(app: &mut TestApp, server: &str) {
    app.key(Key::Y);
    wait_for(app, "Public servers have their own terms");
    type_over(app, "Server", server);
    type_over(app, "User", USER);
    type_over(app, "Password", PASSWORD);
    press(app, "Log in and sync");
}

/// A computer whose collection, with a deck, is on the server.
pub fn uploaded(server: &str) -> TestApp {
    upload(with_notes(2), server)
}

pub fn upload(mut app: TestApp, server: &str) -> TestApp {
    log_in(&mut app, server);
    wait_for(&mut app, "Which side is to stay?");
    press(&mut app, "Keep this computer’s (upload)");
    wait_for(&mut app, "The server has what this computer has now");
    settled(&mut app);
    app
}

/// Another one, which took what is on the server.
pub fn downloaded(server: &str) -> TestApp {
    download(computer(), server)
}

pub fn download(mut app: TestApp, server: &str) -> TestApp {
    log_in(&mut app, server);
    wait_for(&mut app, "Which side is to stay?");
    press(&mut app, "Keep the server’s (download)");
    app.step_until("the deck came", |a| has_deck(a, "First"));
    settled(&mut app);
    app
}

/// Until nothing runs any more, media included.
pub fn settled(app: &mut TestApp) {
    app.step_until("the sync is over", |a| {
        let sync = &a.app().model().sync;
        !sync.running && !sync.media_running && sync.state == SyncState::Nothing
    });
}

pub fn state(app: &TestApp) -> SyncState {
    app.app().model().sync.state
}

#[test]
fn what_is_wrong_with_a_login_is_said_beside_it_and_the_right_one_syncs() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = computer();
    assert_eq!(state(&app), SyncState::NotSetUp);
    app.key(Key::Y);
    wait_for(&mut app, "Syncing is optional");
    fill(&mut app, "Server", "example");
    fill(&mut app, "User", USER);
    fill(&mut app, "Password", "wrong");
    press(&mut app, "Log in and sync");
    wait_for(&mut app, "begins with https:// or http://");
    type_over(&mut app, "Server", &server.url);
    press(&mut app, "Log in and sync");
    wait_for(&mut app, "does not know this user with this password");
    type_over(&mut app, "Password", PASSWORD);
    press(&mut app, "Log in and sync");
    // The server has nothing yet: nothing can be lost there.
    wait_for(&mut app, "Which side is to stay?");
    assert!(sees(&app, "Nothing yet"));
    let upload = (Role::Button, "Keep this computer’s (upload)");
    let upload = app.harness.get_by_role_and_label(upload.0, upload.1);
    assert!(upload.accesskit_node().is_focused());
    app.key(Key::Enter);
    wait_for(&mut app, "The server has what this computer has now");
    settled(&mut app);
    let last = |a: &TestApp| a.app().model().sync.last;
    let uploaded_at = last(&app);
    app.key(Key::Y);
    wait_for(&mut app, "Up to date");
    app.step_until("the last sync is that one", |a| last(a) > uploaded_at);
    let kept = std::fs::read_to_string(app.base.join("Ana/settings.json")).unwrap();
    assert!(kept.contains(&server.url) && !kept.contains("wrong"));
}

#[test]
fn two_computers_exchange_changes_and_pictures_by_a_key() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    let mut there = downloaded(&server.url);
    make_deck(&mut there, "Second");
    there.step_until("the change is known", |a| state(a) == SyncState::Changes);
    std::fs::write(there.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    there.key(Key::Y);
    wait_for(&mut there, "Media: 1 out");
    here.key(Key::Y);
    here.step_until("the deck came", |a| has_deck(a, "Second"));
    wait_for(&mut here, "Media: 1 in");
    let picture = here.base.join("Ana/collection.media/p.png");
    assert_eq!(std::fs::read(picture).unwrap(), b"p");
    settled(&mut here);
    // Before anything changed here, a verified backup was made.
    assert!(packages(&here) >= 2);
}

/// How many backups there are.
fn packages(app: &TestApp) -> usize {
    let names = std::fs::read_dir(app.base.join("Ana/backups")).unwrap();
    let names = names.map(|e| e.unwrap().path());
    names
        .filter(|path| path.extension().is_some_and(|x| x == "colpkg"))
        .count()
}

#[test]
fn a_choice_that_is_cancelled_changes_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let here = uploaded(&server.url);
    let mut there = computer();
    make_deck(&mut there, "Only there");
    log_in(&mut there, &server.url);
    wait_for(&mut there, "Which side is to stay?");
    assert!(sees(&there, "Lost by a download") && sees(&there, "Lost by an upload"));
    // The harmless answer has the focus, and Esc gives it too.
    let cancel = there.harness.get_by_role_and_label(Role::Button, "Cancel");
    assert!(cancel.accesskit_node().is_focused());
    there.key(Key::Escape);
    assert!(!sees(&there, "Which side is to stay?"));
    // Asked again while nothing has changed, both sides are saved already.
    let saved = packages(&there);
    there.key(Key::Y);
    wait_for(&mut there, "Which side is to stay?");
    assert_eq!(packages(&there), saved);
    there.key(Key::Escape);
    assert!(has_deck(&there, "Only there") && !has_deck(&there, "First"));
    assert_eq!(state(&there), SyncState::OneWay);
    drop(here);
    // The server still has the first deck.
    let third = downloaded(&server.url);
    assert!(!has_deck(&third, "Only there"));
}

#[test]
fn a_download_leaves_the_preferences_as_they_are() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    let mut there = downloaded(&server.url);
    part(&mut here, &mut there);
    there.key(Key::Y);
    wait_for(&mut there, "Which side is to stay?");
    there.key(Key::Escape);
    // The server's collection is saved; what is chosen from now on is not of that day.
    preferences(&mut there, "Syncing");
    let switch = "Sync sounds and pictures every 15 minutes, too";
    there
        .harness
        .get_by_role_and_label(Role::Switch, switch)
        .click();
    there.step_until("it is kept", |a| {
        a.app().model().settings.sync.periodic_media
    });
    press(&mut there, "Close");
    there.key(Key::Y);
    wait_for(&mut there, "Which side is to stay?");
    press(&mut there, "Keep the server’s (download)");
    wait_for(&mut there, "This computer has what the server has now");
    settled(&mut there);
    let kept = std::fs::read_to_string(there.base.join("Ana/settings.json")).unwrap();
    assert!(kept.contains("\"periodic_media\": true"), "{kept}");
}

/// One side has a deck more, the other another one and a changed note type.
pub fn part(here: &mut TestApp, there: &mut TestApp) {
    make_deck(here, "Second");
    here.key(Key::Y);
    settled(here);
    make_deck(there, "Third");
    let remodel = Request::Notetype(NotetypeRequest::Save(Box::new(longer(there))));
    send(there, Action::Ask(remodel));
    there.step_until("the sides have parted", |a| state(a) == SyncState::OneWay);
}

#[test]
fn both_sides_are_merged_where_only_one_changed_its_note_types() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    let mut there = downloaded(&server.url);
    part(&mut here, &mut there);
    there.key(Key::Y);
    wait_for(&mut there, "Which side is to stay?");
    wait_for(
        &mut there,
        "Or keep both: only one side changed its note types",
    );
    std::fs::write(there.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    press(&mut there, "Merge both");
    wait_for(&mut there, "Both sides have everything of both now");
    wait_for(&mut there, "Media: 1 out");
    settled(&mut there);
    there.step_until("the decks of both are there", |a| {
        has_deck(a, "Second") && has_deck(a, "Third")
    });
    // For the other one there is a new beginning.
    here.key(Key::Y);
    wait_for(&mut here, "Which side is to stay?");
    press(&mut here, "Keep the server’s (download)");
    here.step_until("the deck came", |a| has_deck(a, "Third"));
    assert!(has_deck(&here, "Second"));
}

/// A note type of the profile with one field more.
fn longer(app: &TestApp) -> NotetypeEdit {
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().join("copy.anki2");
    std::fs::copy(app.base.join("Ana/collection.anki2"), &copy).unwrap();
    let types = Storage::open_read_only(&copy)
        .unwrap()
        .all_notetypes()
        .unwrap();
    let mut edit = NotetypeEdit::from(types.into_iter().find(|t| t.name == "Basic").unwrap());
    let mut field = edit.fields[0].now.clone();
    field.name = "Extra".into();
    field.config.id = None;
    edit.fields.push(Edited {
        was: None,
        now: field,
    });
    edit
}

#[test]
fn a_server_that_is_away_is_told_and_everything_stays() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = uploaded(&server.url);
    make_deck(&mut app, "Second");
    drop(server);
    app.key(Key::Y);
    wait_for(&mut app, "Could not sync");
    assert!(sees(&app, "Check the connection and the address"));
    press(&mut app, "Close");
    assert!(has_deck(&app, "Second"));
    assert_eq!(state(&app), SyncState::Changes);
    assert!(app.app().model().sync.failed.is_some());
    // Nobody is kept in because of that.
    send(&mut app, Action::Command(Command::SwitchProfile));
    wait_for(&mut app, "Close anyway");
    press(&mut app, "Stay");
    assert_eq!(app.app().route(), &Route::Decks);
    send(&mut app, Action::Command(Command::SwitchProfile));
    wait_for(&mut app, "Close anyway");
    press(&mut app, "Close anyway");
    app.step_until("the profile is closed", |a| {
        a.app().model().phase == Phase::Profiles
    });
}

#[test]
fn closing_and_opening_a_profile_sync_by_themselves() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    make_deck(&mut here, "Second");
    send(&mut here, Action::Command(Command::SwitchProfile));
    here.step_until("the profile is closed", |a| {
        a.app().model().phase == Phase::Profiles
    });
    let mut there = downloaded(&server.url);
    assert!(has_deck(&there, "Second"));
    make_deck(&mut there, "Third");
    there.key(Key::Y);
    wait_for(&mut there, "Synced: 0 in");
    settled(&mut there);
    let open = ProfileRequest::Open { name: "Ana".into() };
    send(&mut here, Action::Ask(Request::Profile(open)));
    here.step_until("the deck came by itself", |a| has_deck(a, "Third"));
}

/// What was asked of the worker about sync when the window opened.
fn asked_at_the_start(shift: bool) -> Vec<SyncRequest> {
    let held = match shift {
        true => Modifiers::SHIFT,
        false => Modifiers::NONE,
    };
    let (mut app, worker) = TestApp::scripted(Options {
        held,
        ..Options::default()
    });
    app.settle();
    assert_eq!(sees(&app, "Shift was held"), shift);
    app.harness
        .event(egui::Event::ModifiersChanged(Modifiers::NONE));
    ana_is_open(&mut app, &worker);
    let asked = worker.take_requests().into_iter();
    let asked = asked.filter_map(|r| match r {
        Request::Sync(request) => Some(request),
        _ => None,
    });
    asked.collect()
}

#[test]
fn shift_held_at_the_start_is_told_before_the_first_sync() {
    assert_eq!(asked_at_the_start(false), [SyncRequest::Opened]);
    assert_eq!(
        asked_at_the_start(true),
        [SyncRequest::NotByItself, SyncRequest::Opened]
    );
}

#[test]
fn a_program_started_safely_syncs_only_when_asked() {
    let Some(server) = Server::start() else {
        return;
    };
    let here = uploaded(&server.url);
    let mut there = downloaded(&server.url);
    make_deck(&mut there, "Third");
    there.key(Key::Y);
    wait_for(&mut there, "Synced: 0 in");
    settled(&mut there);
    let (dir, clock) = here.into_dir();
    let options = Options {
        start: StartWith {
            safe: true,
            ..StartWith::default()
        },
        ..Options::default()
    };
    let mut here = TestApp::on(dir, clock, options);
    here.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    here.harness.run_steps(8);
    assert!(!here.app().model().sync.running && !here.app().model().sync.on_close);
    assert!(!has_deck(&here, "Third"));
    // The key of the login went with the program: only who asks for a sync is asked for it.
    let login = "The login is not known";
    assert!(!sees(&here, login));
    here.key(Key::Y);
    wait_for(&mut here, login);
}

#[test]
fn a_window_that_is_closed_syncs_first() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = uploaded(&server.url);
    make_deck(&mut here, "Second");
    ask_to_close(&mut here);
    here.step_until("the worker has ended", |a| {
        a.app().model().phase == Phase::Stopped
    });
    let there = downloaded(&server.url);
    assert!(has_deck(&there, "Second"));
}

#[test]
fn a_card_that_is_studied_is_there_after_a_sync() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = uploaded(&server.url);
    let id = deck(&app, "First");
    send(
        &mut app,
        Action::Ask(Request::Deck(DeckRequest::Select(id))),
    );
    send(&mut app, Action::Go(Route::Review));
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.key(Key::Space);
    app.key(Key::Num4);
    app.step_until("the next question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.key(Key::Y);
    wait_for(&mut app, "Synced: 0 in");
    settled(&mut app);
    assert_eq!(app.app().route(), &Route::Review);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.key(Key::Space);
    app.key(Key::Num4);
    app.step_until("the answer counts", |a| *a.app().route() == Route::Congrats);
}

#[test]
fn a_sync_shows_its_progress_and_can_be_cancelled() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = uploaded(&line.url);
    make_deck(&mut app, "Second");
    line.hold(true);
    app.key(Key::Y);
    wait_for(&mut app, "Asking the server…");
    press(&mut app, "Cancel");
    // The server has not answered yet.
    wait_for(&mut app, "The sync was cancelled. Nothing was changed");
    line.hold(false);
    assert_eq!(state(&app), SyncState::Changes);
    app.key(Key::Y);
    wait_for(&mut app, "Synced: 0 in");
}

#[test]
fn preferences_force_one_direction_and_log_out() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = uploaded(&server.url);
    preferences(&mut app, "Syncing");
    assert!(sees(&app, &format!("{USER} at {}", server.url)));
    let force = "On next sync, force changes in one direction";
    app.harness
        .get_by_role_and_label(Role::Switch, force)
        .click();
    app.step_until("it is kept", |a| state(a) == SyncState::OneWay);
    press(&mut app, "Close");
    // At the door nobody is asked.
    send(&mut app, Action::Command(Command::SwitchProfile));
    app.step_until("the profile is closed", |a| {
        a.app().model().phase == Phase::Profiles
    });
    let open = ProfileRequest::Open { name: "Ana".into() };
    send(&mut app, Action::Ask(Request::Profile(open)));
    wait_for(&mut app, "You asked for it in the preferences");
    press(&mut app, "Keep the server’s (download)");
    wait_for(&mut app, "This computer has what the server has now");
    settled(&mut app);
    assert!(!app.app().model().settings.sync.force_one_way);
    preferences(&mut app, "Syncing");
    press(&mut app, "Log out");
    wait_for(&mut app, "Nobody is logged in");
    assert_eq!(state(&app), SyncState::NotSetUp);
}

#[test]
fn many_deletions_are_asked_about_first() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = upload(with_notes(40), &server.url);
    let id = deck(&app, "First");
    send(
        &mut app,
        Action::Ask(Request::Deck(DeckRequest::Delete { ids: vec![id] })),
    );
    app.step_until("the deck is gone", |a| !has_deck(a, "First"));
    app.key(Key::Y);
    wait_for(&mut app, "40 on the server would be deleted");
    press(&mut app, "Cancel");
    assert_eq!(state(&app), SyncState::Changes);
    app.key(Key::Y);
    wait_for(&mut app, "40 on the server would be deleted");
    press(&mut app, "Sync and delete");
    wait_for(&mut app, "Synced: 0 in");
    settled(&mut app);
}

#[test]
fn nothing_is_synced_after_a_restore_until_the_profile_is_opened_again() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = uploaded(&server.url);
    let backups = std::fs::read_dir(app.base.join("Ana/backups")).unwrap();
    let mut packages: Vec<_> = backups.flatten().map(|e| e.path()).collect();
    packages.retain(|path| path.extension().is_some_and(|x| x == "colpkg"));
    packages.sort();
    let (profile, path) = ("Ana".to_owned(), packages.pop().unwrap());
    send(
        &mut app,
        Action::Ask(Request::Backup(BackupRequest::Restore { profile, path })),
    );
    app.step_until("it is restored", |a| {
        a.app().model().profile().is_some_and(|p| p.restored)
            && a.app().model().decks.ready().is_some()
    });
    app.step_until("the button knows", |a| a.app().model().sync.suspended);
    app.key(Key::Y);
    wait_for(&mut app, "nothing is synced until Engram is started again");
    assert_eq!(state(&app), SyncState::OneWay);
    send(&mut app, Action::Command(Command::SwitchProfile));
    app.step_until("the profile is closed without a sync", |a| {
        a.app().model().phase == Phase::Profiles
    });
    // Opened again, it is synced by itself, and asks.
    let open = ProfileRequest::Open { name: "Ana".into() };
    send(&mut app, Action::Ask(Request::Profile(open)));
    wait_for(&mut app, "Which side is to stay?");
}

#[test]
fn media_are_compared_from_the_beginning_with_another_server() {
    let (Some(first), Some(second)) = (Server::start(), Server::start()) else {
        return;
    };
    let picture = |app: &TestApp, name: &str| app.base.join("Ana/collection.media").join(name);
    let elsewhere = with_notes(1);
    std::fs::write(picture(&elsewhere, "other.png"), b"other").unwrap();
    let _elsewhere = upload(elsewhere, &second.url);
    let here = with_notes(2);
    std::fs::write(picture(&here, "mine.png"), b"mine").unwrap();
    let mut here = upload(here, &first.url);
    preferences(&mut here, "Syncing");
    press(&mut here, "Log out");
    wait_for(&mut here, "Nobody is logged in");
    press(&mut here, "Close");
    // Both servers have counted one file so far.
    let mut here = upload(here, &second.url);
    let other = picture(&here, "other.png");
    wait_until_there(&mut here, &other);
    let mut third = downloaded(&second.url);
    let mine = picture(&third, "mine.png");
    wait_until_there(&mut third, &mine);
}

#[test]
fn media_are_synced_every_quarter_of_an_hour_where_that_is_wished() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut app = crate::steps::with_ana();
    preferences(&mut app, "Syncing");
    press(&mut app, "Log in…");
    type_over(&mut app, "Server", &server.url);
    type_over(&mut app, "User", USER);
    type_over(&mut app, "Password", PASSWORD);
    press(&mut app, "Log in");
    wait_for(&mut app, &format!("{USER} at {}", server.url));
    let switch = "Sync sounds and pictures every 15 minutes, too";
    app.harness
        .get_by_role_and_label(Role::Switch, switch)
        .click();
    app.step_until("it is kept", |a| {
        a.app().model().settings.sync.periodic_media
    });
    press(&mut app, "Close");
    std::fs::write(app.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    // The worker counts from its first look, which is within a second: time passes until then, too.
    app.step_until("media travel by themselves", |a| {
        a.clock.advance_millis(20_000);
        sees(a, "Media: 1 out")
    });
}

#[test]
fn media_are_synced_and_stopped_by_a_button() {
    let Some(server) = Server::start() else {
        return;
    };
    let line = Line::to(&server.url);
    let mut app = uploaded(&line.url);
    std::fs::write(app.base.join("Ana/collection.media/p.png"), b"p").unwrap();
    preferences(&mut app, "Syncing");
    line.hold(true);
    press(&mut app, "Sync now");
    app.step_until("media are being synced", |a| {
        a.app().model().sync.media_running && sees(a, "Stop")
    });
    press(&mut app, "Stop");
    // Before the server answers.
    settled(&mut app);
    line.hold(false);
    assert!(!sees(&app, "Media: 1 out"));
    press(&mut app, "Sync now");
    wait_for(&mut app, "Media: 1 out");
}

fn wait_until_there(app: &mut TestApp, file: &Path) {
    let file = file.to_owned();
    app.step_until("the file came", move |_| file.exists());
}

fn deck(app: &TestApp, name: &str) -> DeckId {
    let decks = app.app().model().decks.ready().unwrap();
    let found = decks.root.children.iter().find(|deck| deck.name == name);
    found.unwrap().id
}

/// A line to the server on which everything can be held up.
pub struct Line {
    pub url: String,
    held: Arc<AtomicBool>,
}

impl Line {
    pub fn to(server: &str) -> Self {
        let target = server
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let held = Arc::new(AtomicBool::new(false));
        let hold = held.clone();
        thread(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&target) else {
                    return;
                };
                let (a, b) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                carry(a, server, hold.clone());
                carry(b, client, hold.clone());
            }
        });
        Self { url, held }
    }

    pub fn hold(&self, hold: bool) {
        self.held.store(hold, Ordering::SeqCst);
    }
}

fn thread(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().spawn(work).unwrap();
}

fn carry(mut from: TcpStream, mut to: TcpStream, held: Arc<AtomicBool>) {
    thread(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n) = from.read(&mut buffer) {
            while held.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            if n == 0 || to.write_all(&buffer[..n]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
