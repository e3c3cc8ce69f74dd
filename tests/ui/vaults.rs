//! Copies Elsewhere: a place is added with its password, saved to, verified and removed; what goes
//! wrong is said beside what was typed or on the card.

use crate::fake_clouds::FakeCloud;
use crate::harness::{NOW, Options, TestApp};
use crate::steps::{click, make_deck, press, sees, send, wait_for, with_ana};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::time::Clock;
use engram::net::{Body, Call, Http, Transport as _};
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use std::sync::Arc;

pub fn fill(app: &mut TestApp, label: &str, words: &str) {
    app.harness
        .get_all_by_label(label)
        .find(|node| {
            matches!(
                node.accesskit_node().role(),
                Role::TextInput | Role::PasswordInput
            )
        })
        .unwrap()
        .focus();
    app.settle();
    app.type_text(words);
}

fn page() -> TestApp {
    let mut app = with_ana();
    make_deck(&mut app, "First");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    app
}

pub fn add(app: &mut TestApp, place: &str, password: &str) {
    press(app, "Add a place…");
    fill(app, "Place", place);
    fill(app, "Password of the vault", password);
    fill(app, "The same again", password);
    press(app, "Add");
}

/// An entry of the menu of a place.
#[track_caller]
pub fn more(app: &mut TestApp, entry: &str) {
    press(app, "More");
    click(app, Role::MenuItem, entry);
}

/// A new place is saved to by itself when there are notes.
#[track_caller]
pub fn wait_until_saved(app: &mut TestApp) {
    app.step_until("it is saved", |a| {
        sees(a, "of which") && sees(a, "Saves automatically")
    });
}

#[test]
fn a_place_is_added_saved_to_verified_and_removed() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    assert!(place.join("config").exists());
    press(&mut app, "Save now");
    wait_for(&mut app, "of which");
    assert!(sees(&app, "Not yet read through"));
    press(&mut app, "Verify");
    wait_for(&mut app, "Read through just now");
    // The password is nowhere in the profile.
    let kept = std::fs::read_to_string(app.base.join("Ana/vaults.json")).unwrap();
    assert!(kept.contains("vault") && !kept.contains("four words"));
    press(&mut app, "More");
    let entry = app.harness.get_by_role_and_label(Role::MenuItem, "Remove…");
    let wide = entry.rect().width();
    assert!(wide < 300.0, "the menu is as wide as its words: {wide}");
    entry.click();
    app.settle();
    press(&mut app, "Remove");
    wait_for(&mut app, "No copy elsewhere yet");
    assert!(place.join("config").exists(), "what is there stays");
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Decks);
}

#[test]
fn enter_in_the_last_password_adds_the_place() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    press(&mut app, "Add a place…");
    fill(&mut app, "Place", place.to_str().unwrap());
    fill(&mut app, "Password of the vault", "four words or five");
    // Half of it is nothing to add.
    app.key(Key::Enter);
    assert!(sees(&app, "Add a place for copies"));
    fill(&mut app, "The same again", "four words or five");
    app.key(Key::Enter);
    wait_for(&mut app, "Nothing is saved there yet.");
}

#[test]
fn a_recovery_sheet_has_the_password_only_when_it_is_ticked() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    let out = folder.path().join("sheet.html");
    for (with, told) in [(false, "Print it and write"), (true, "Delete it once")] {
        more(&mut app, "Recovery sheet…");
        if with {
            click(
                &mut app,
                Role::CheckBox,
                "Print the password of the vault on it",
            );
            assert!(sees(&app, "can read all cards"));
        }
        app.script.will_pick(&out);
        press(&mut app, "Save…");
        wait_for(&mut app, told);
        let page = std::fs::read_to_string(&out).unwrap();
        assert_eq!(page.contains("four words or five"), with);
        assert!(page.contains(place.to_str().unwrap()));
    }
}

#[test]
fn the_password_is_changed_and_the_place_goes_on_with_the_new_one() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    let key = || {
        let keys = std::fs::read_dir(place.join("keys")).unwrap();
        keys.map(|key| key.unwrap().file_name()).collect::<Vec<_>>()
    };
    let before = key();
    more(&mut app, "Change the password…");
    fill(&mut app, "Password of the vault", "quartz lemon bridge");
    fill(&mut app, "The same again", "quartz lemon bridg");
    app.settle();
    assert!(sees(&app, "The two passwords are not the same."));
    app.type_text("e");
    app.settle();
    press(&mut app, "Change");
    wait_for(&mut app, "The new password opens the vault");
    assert_eq!(key().len(), 1);
    assert_ne!(key(), before);
    press(&mut app, "Save now");
    wait_for(&mut app, "of which");
}

#[test]
fn what_is_wrong_is_said_beside_what_was_typed() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    let place = place.to_str().unwrap();
    add(&mut app, "gopher://host", "four words or five");
    wait_for(&mut app, "is not a kind of place");
    press(&mut app, "Cancel");
    add(&mut app, place, "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    more(&mut app, "Remove…");
    press(&mut app, "Remove");
    wait_for(&mut app, "No copy elsewhere yet");
    // A vault that is there opens with its password only.
    add(&mut app, place, "something else");
    wait_for(&mut app, "does not open this vault");
    press(&mut app, "Cancel");
}

#[test]
fn a_disk_that_is_away_is_a_state_on_the_card() {
    let mut app = page();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    std::fs::rename(&place, folder.path().join("away")).unwrap();
    press(&mut app, "Save now");
    wait_for(&mut app, "the disk may not be connected");
}

/// What a browser does with the page that was opened last: back with a yes or a no.
pub fn browse(page: &str, answer: &str) {
    let page = url::Url::parse(page).unwrap();
    let value = |wanted: &str| {
        let mut pairs = page.query_pairs();
        pairs
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
            .into_owned()
    };
    let back = value("redirect_uri");
    let url = format!("{back}?{answer}&state={}", value("state"));
    let call = Call {
        method: "GET",
        url: &url,
        headers: &[],
        body: Body::None,
    };
    assert_eq!(Http::new().send(call).unwrap().status, 200);
}

/// The page that was opened as the `n`th.
pub fn page_opened(app: &mut TestApp, n: usize) -> String {
    app.step_until("the browser has the page", |a| a.script.opened().len() >= n);
    app.script.opened()[n - 1].clone()
}

/// The dialog that adds a place, at Google Drive, before the sign-in.
fn signing_in(cloud: &FakeCloud) -> TestApp {
    let dir = tempfile::tempdir().unwrap();
    let data = DataFolder::at(dir.path().to_owned());
    data.create("Ana").unwrap();
    let clock = Clock::fixed(NOW, 0);
    let net = Arc::new(cloud.net());
    let mut app = TestApp::reaching(net, dir, clock, Options::default());
    app.step_until("the profile is open", |a| a.app().model().is_open());
    make_deck(&mut app, "First");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    press(&mut app, "Add a place…");
    click(&mut app, Role::ComboBox, "Kind");
    click(&mut app, Role::MenuItemCheckBox, "Google Drive");
    wait_for(&mut app, "Desktop app");
    fill(&mut app, "Client ID", "app");
    fill(&mut app, "Client secret", "GOCSPX-1");
    app
}

#[test]
fn google_drive_is_entered_by_browser_and_entered_again_when_that_ends() {
    let cloud = FakeCloud::start();
    let mut app = signing_in(&cloud);
    // No, then nothing, then yes.
    press(&mut app, "Sign in…");
    browse(&page_opened(&mut app, 1), "error=access_denied");
    wait_for(&mut app, "not to let Engram in");
    press(&mut app, "Sign in…");
    page_opened(&mut app, 2);
    wait_for(&mut app, "Waiting for your browser");
    press(&mut app, "Stop waiting");
    app.step_until("the port is free again", |a| {
        !sees(a, "Stop") && std::net::TcpStream::connect(port_of(&a.script.opened()[1])).is_err()
    });
    press(&mut app, "Sign in…");
    browse(&page_opened(&mut app, 3), "code=good");
    wait_for(&mut app, "You are signed in.");
    fill(&mut app, "Password of the vault", "four words or five");
    fill(&mut app, "The same again", "four words or five");
    press(&mut app, "Add");
    wait_for(&mut app, "Nothing is saved there yet.");
    assert!(sees(&app, "Google Drive: Engram"));
    press(&mut app, "Save now");
    wait_for(&mut app, "of which");
    let kept = std::fs::read_to_string(app.base.join("Ana/vaults.json")).unwrap();
    assert!(
        !kept.contains("GOCSPX") && !kept.contains("grant"),
        "{kept}"
    );
    // The user takes it back at the service, then lets us in again.
    cloud.state().refresh = "another".into();
    press(&mut app, "Save now");
    wait_for(&mut app, "not valid any more");
    app.key(Key::Escape);
    press(&mut app, "Sign in…");
    browse(&page_opened(&mut app, 4), "code=good");
    app.step_until("the failure is gone", |a| !sees(a, "not valid any more"));
    press(&mut app, "Save now");
    wait_for(&mut app, "Saved just now");
    assert!(!sees(&app, "Failed"));
}

/// The sign-in is in no keychain yet when the service renews it and then has no room.
#[test]
fn a_sign_in_renewed_by_a_place_that_could_not_be_added_is_not_lost() {
    let cloud = FakeCloud::start();
    cloud.state().rotates = true;
    let mut app = signing_in(&cloud);
    press(&mut app, "Sign in…");
    browse(&page_opened(&mut app, 1), "code=good");
    wait_for(&mut app, "You are signed in.");
    fill(&mut app, "Password of the vault", "four words or five");
    fill(&mut app, "The same again", "four words or five");
    cloud.state().full = true;
    press(&mut app, "Add");
    wait_for(&mut app, "no space left");
    cloud.state().full = false;
    press(&mut app, "Add");
    wait_for(&mut app, "Nothing is saved there yet.");
    press(&mut app, "Save now");
    wait_for(&mut app, "of which");
}

fn port_of(page: &str) -> std::net::SocketAddr {
    let page = url::Url::parse(page).unwrap();
    let mut pairs = page.query_pairs();
    let back = pairs.find(|(name, _)| name == "redirect_uri").unwrap().1;
    let port = url::Url::parse(&back).unwrap().port().unwrap();
    ([127, 0, 0, 1], port).into()
}
