//! Stories of the backups document through the window: a mail a day with everything in it, and a
//! copy a night at each of three services.

use crate::fake_clouds::{FakeCloud, port_of_dropbox};
use crate::harness::{NOW, Options, TestApp};
use crate::mail::filled as set_up_mail;
use crate::smtp_server::Server;
use crate::steps::{click, make_deck, press, sees, send, wait_for};
use crate::vaults::{browse, fill, page_opened};
use crate::whole::{self, assert_same_profile, assert_same_rows};
use eframe::egui::accesskit::Role;
use engram::backup::encrypt::unseal_to;
use engram::backup::export::import_colpkg;
use engram::backup::vault::{Opened, Patience, Setting, restore};
use engram::base::Secret;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::formats::encryption::Key;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "four words or five";
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// On the page of copies elsewhere, with something of everything in the profile.
fn page(options: Options, cloud: Option<&FakeCloud>) -> TestApp {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW, 0);
    let made = DataFolder::at(dir.path().to_owned()).create("Ana").unwrap();
    whole::fill(&made.folder, &clock);
    let mut app = match cloud {
        Some(cloud) => TestApp::reaching(Arc::new(cloud.net()), dir, clock, options),
        None => TestApp::on(dir, clock, options),
    };
    app.step_until("the profile is open", |a| a.app().model().is_open());
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    app
}

#[test]
fn s06_one_encrypted_mail_a_day_and_each_brings_everything_back() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let mut app = page(Options::default(), None);
    set_up_mail(&mut app, "localhost", server.port);
    wait_for(&mut app, "E-mail to bob@localhost");
    // The first is the test; then one by itself on each day.
    for day in 1..=3 {
        app.step_until("the mail of the day", |a| {
            server.mails().len() == 1 + day && sees(a, "Sent")
        });
        app.clock.advance_millis(DAY_MILLIS);
    }
    let third = server.mails().pop().unwrap();
    let (dir, clock) = app.into_dir();
    let progress = Progress::new();
    let sealed = server.attachment(&third, dir.path());
    let plain = dir.path().join("received.colpkg");
    unseal_to(
        &sealed,
        &plain,
        &Key::Password(Secret::new(PASSWORD)),
        &progress,
    )
    .unwrap();
    let other = DataFolder::at(dir.path().to_owned())
        .create("Other")
        .unwrap();
    import_colpkg(&other.folder, &plain, &clock, &progress).unwrap();
    assert_same_rows(&dir.path().join("Ana"), &other.folder);
}

/// Signs in at a service and makes a vault there.
fn add(app: &mut TestApp, kind: &str, secret: bool) {
    press(app, "Add a place…");
    click(app, Role::ComboBox, "Kind");
    click(app, Role::MenuItemCheckBox, kind);
    fill(app, "Client ID", "app");
    if secret {
        fill(app, "Client secret", "GOCSPX-1");
    }
    press(app, "Sign in…");
    browse(&page_opened(app, 1), "code=good");
    wait_for(app, "You are signed in.");
    fill(app, "Password of the vault", PASSWORD);
    fill(app, "The same again", PASSWORD);
    press(app, "Add");
}

/// A place is added; it is saved to at once and after a night; another machine gets everything.
fn every_night_to(kind: &str, scheme: &str) {
    let cloud = FakeCloud::start();
    let mut app = page(Options::default(), Some(&cloud));
    add(&mut app, kind, kind == "Google Drive");
    app.step_until("it is saved", |a| sees(a, "of which"));
    send(&mut app, Action::Go(Route::Decks));
    make_deck(&mut app, "Of the next day");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    app.clock.advance_millis(DAY_MILLIS);
    let snapshots = |clock: &Clock| {
        let account = Some(Secret::new(&*cloud.state().refresh));
        let setting = Setting {
            destination: format!("{scheme}://Engram?client=app").parse().unwrap(),
            account,
            keep: None,
            password: Secret::new(PASSWORD),
            opened: Opened::default(),
            net: Arc::new(cloud.net()),
            clock: clock.clone(),
            progress: Progress::new(),
            patience: Patience {
                tries: 2,
                first_pause: Duration::from_millis(5),
            },
        };
        let vault = setting.open().unwrap();
        (vault.snapshots().unwrap(), vault)
    };
    app.step_until("it is saved by itself after the night", |a| {
        sees(a, "Saved just now")
    });
    let (dir, clock) = app.into_dir();
    let (found, vault) = snapshots(&clock);
    assert_eq!(found.len(), 2);
    let other = DataFolder::at(dir.path().to_owned())
        .create("Other")
        .unwrap();
    restore::restore(&vault, &found[0], &other.folder, &clock).unwrap();
    assert_same_profile(&dir.path().join("Ana"), &other.folder);
}

#[test]
fn s07_every_night_to_dropbox() {
    // Another test may be signing in.
    let _port = port_of_dropbox();
    every_night_to("Dropbox", "dropbox");
}

#[test]
fn s07_every_night_to_google_drive() {
    every_night_to("Google Drive", "gdrive");
}

#[test]
fn s07_every_night_to_onedrive() {
    every_night_to("OneDrive", "onedrive");
}
