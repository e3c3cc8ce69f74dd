//! Restore from a copy elsewhere in three steps: on an empty machine, over what is there with a way
//! back, and single notes through the Backup Explorer.

use crate::explorer::{PNG, card_shows, choose_mode, with_picture};
use crate::harness::TestApp;
use crate::steps::{click, has_deck, make_deck, press, sees, send, wait_for, with_decks};
use crate::vaults::{add, fill, wait_until_saved};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::service::request::{BackupRequest, DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use std::path::{Path, PathBuf};

const PASSWORD: &str = "four words or five";

/// Ana with three notes, saved to a vault in `place`.
fn saved_to(place: &Path) -> TestApp {
    let mut app = with_decks(&[("Spanish", 3)]);
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    add(&mut app, place.to_str().unwrap(), PASSWORD);
    wait_until_saved(&mut app);
    app
}

fn say_where(app: &mut TestApp, place: &str, password: &str) {
    fill(app, "Place", place);
    fill(app, "Password of the vault", password);
    press(app, "Next");
}

#[test]
fn enter_leads_through_the_three_steps() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    drop(saved_to(&place));
    let mut app = TestApp::start();
    wait_for(&mut app, "Welcome to Engram");
    press(&mut app, "Restore…");
    fill(&mut app, "Place", place.to_str().unwrap());
    fill(&mut app, "Password of the vault", PASSWORD);
    app.key(Key::Enter);
    wait_for(&mut app, "Step 2 of 3");
    wait_for(&mut app, "“Ana”");
    app.key(Key::Enter);
    wait_for(&mut app, "Step 3 of 3");
    app.key(Key::Enter);
    wait_for(&mut app, "Restored 3 notes and 3 cards to “Ana”");
}

#[test]
fn an_empty_machine_gets_everything_back_in_three_steps() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    drop(saved_to(&place));
    let place = place.to_str().unwrap();
    let mut app = TestApp::start();
    wait_for(&mut app, "Welcome to Engram");
    press(&mut app, "Restore…");
    wait_for(&mut app, "Step 1 of 3");
    say_where(&mut app, "/nowhere/vault", PASSWORD);
    wait_for(&mut app, "may not be connected");
    press(&mut app, "Cancel");
    press(&mut app, "Restore…");
    say_where(&mut app, place, "something else");
    wait_for(&mut app, "does not open this vault");
    assert!(sees(&app, "Step 1 of 3"));
    press(&mut app, "Cancel");
    press(&mut app, "Restore…");
    say_where(&mut app, place, PASSWORD);
    wait_for(&mut app, "Step 2 of 3");
    assert!(sees(&app, "“Ana”") && sees(&app, "3 notes, 3 cards, 0 reviews"));
    press(&mut app, "Next");
    wait_for(&mut app, "To a new profile");
    press(&mut app, "Restore");
    wait_for(&mut app, "Restored 3 notes and 3 cards to “Ana”");
    app.step_until("the deck is there", |a| has_deck(a, "Spanish"));
    assert_eq!(app.app().model().profile_name(), Some("Ana"));
    let left = std::fs::read_dir(app.base.join("Ana")).unwrap();
    let left = left.map(|e| e.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|n| n.starts_with(".engram-tmp")));
}

#[test]
fn a_profile_is_replaced_with_a_way_back_and_a_name_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = saved_to(&folder.path().join("vault"));
    send(&mut app, Action::Go(Route::Decks));
    make_deck(&mut app, "Later");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "of which");
    press(&mut app, "Restore…");
    wait_for(&mut app, "3 notes, 3 cards");
    press(&mut app, "Next");
    wait_for(&mut app, "Step 3 of 3");
    fill(&mut app, "Name of the new profile", "");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("ana");
    app.step_until("the name is refused", |a| {
        let restore = a.harness.get_by_role_and_label(Role::Button, "Restore");
        restore.accesskit_node().is_disabled()
    });
    click(&mut app, Role::RadioButton, "Replace what is in “Ana”");
    press(&mut app, "Restore");
    app.step_until("the earlier state", |a| {
        a.app().model().is_open() && !has_deck(a, "Later")
    });
    let profile = "Ana".to_owned();
    let undo = BackupRequest::UndoRestore { profile };
    send(&mut app, Action::Ask(Request::Backup(undo)));
    wait_for(&mut app, "The restore was undone");
    send(&mut app, Action::Ask(Request::Deck(DeckRequest::LoadTree)));
    app.step_until("the later state", |a| has_deck(a, "Later"));
}

#[test]
fn a_snapshot_opens_in_the_explorer() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = saved_to(&folder.path().join("vault"));
    press(&mut app, "Restore…");
    wait_for(&mut app, "3 notes, 3 cards");
    press(&mut app, "Explore…");
    app.step_until("the Explorer", |a| {
        matches!(a.app().route(), Route::Explorer { .. })
    });
    wait_for(&mut app, "Deleted 0");
    app.key(Key::Escape);
    wait_for(&mut app, "Copies Elsewhere");
}

/// Exploring a snapshot with a picture that the media folder lost since; where that was.
fn exploring_with_picture(place: &Path) -> (TestApp, PathBuf) {
    let mut app = with_picture(&place.with_extension("colpkg"));
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    let live = app.base.join("Ana/collection.media/a b.png");
    std::fs::write(&live, PNG).unwrap();
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    add(&mut app, place.to_str().unwrap(), PASSWORD);
    wait_until_saved(&mut app);
    std::fs::remove_file(&live).unwrap();
    press(&mut app, "Restore…");
    wait_for(&mut app, "1 note, 1 card");
    press(&mut app, "Explore…");
    wait_for(&mut app, "All notes 1");
    (app, live)
}

#[test]
fn media_of_a_snapshot_are_shown_compared_and_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    let (mut app, live) = exploring_with_picture(&place);
    click(&mut app, Role::RadioButton, "Show: All notes 1");
    wait_for(&mut app, "a b.png: only in the backup");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Card")
        .click();
    app.step_until("the question", |a| card_shows(a, "The sea"));
    assert!(!sees(&app, "The backup has no media"));
    assert!(!live.exists(), "looking changes nothing");
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "As new notes");
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    assert_eq!(std::fs::read(&live).unwrap(), PNG);
}

/// A disk that was taken away while the snapshot is looked at is told, and nothing is changed.
#[test]
fn a_vault_that_goes_away_meanwhile_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault");
    let (mut app, live) = exploring_with_picture(&place);
    std::fs::rename(&place, folder.path().join("away")).unwrap();
    click(&mut app, Role::RadioButton, "Show: All notes 1");
    wait_for(&mut app, "Could not fetch the media of the backup");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Card")
        .click();
    wait_for(&mut app, "Could not fetch the media of the backup.");
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "As new notes");
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "Could not recover the notes");
    std::fs::rename(folder.path().join("away"), &place).unwrap();
    wait_for(&mut app, "Tick all");
    assert!(!live.exists());
}
