//! Copies Elsewhere: a place is added with its password, saved to, verified and removed; what goes
//! wrong is said beside what was typed or on the card.

use crate::harness::TestApp;
use crate::steps::{make_deck, press, sees, send, wait_for, with_ana};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;

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

/// A new place is saved to by itself when there are notes.
#[track_caller]
pub fn wait_until_saved(app: &mut TestApp) {
    app.step_until("it is saved", |a| {
        sees(a, "of which") && sees(a, "Saves by itself")
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
    press(&mut app, "Remove…");
    press(&mut app, "Remove");
    wait_for(&mut app, "No copy elsewhere yet");
    assert!(place.join("config").exists(), "what is there stays");
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Decks);
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
    press(&mut app, "Remove…");
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
