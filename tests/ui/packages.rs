//! Export and import of whole collections, a file dropped or given at the start.

use crate::harness::{Options, TestApp};
use crate::steps::{has_deck, make_deck, press, sees, send, wait_for, with_ana};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::ui::action::Action;
use engram::ui::app::StartWith;
use engram::ui::command::Command;
use std::path::Path;

/// Exports the collection of a new profile with the deck `Exported`.
fn exported(app: &mut TestApp, to: &Path) {
    make_deck(app, "Exported");
    app.script.will_pick(to);
    send(app, Action::Command(Command::Export));
    assert!(sees(app, "Export your collection"));
    press(app, "Export…");
    wait_for(app, "verified)");
    assert!(to.is_file());
}

#[test]
fn a_collection_is_exported_and_imported_again() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    let mut app = with_ana();
    exported(&mut app, &file);
    let asked = app.script.asked();
    assert_eq!(asked[0].suggested, "collection-2026-11-21@15-30-00.colpkg");

    make_deck(&mut app, "Later");
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Replace your collection with this file?");
    let no = app.harness.get_by_role_and_label(Role::Button, "No");
    assert!(no.is_focused(), "No is the default");
    press(&mut app, "Yes, import");
    app.step_until("it is imported", |a| {
        has_deck(a, "Exported") && !has_deck(a, "Later")
    });
}

#[test]
fn a_file_at_the_first_start_becomes_the_first_profile() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    let mut first = with_ana();
    exported(&mut first, &file);
    drop(first);
    let options = Options {
        start: StartWith {
            profile: None,
            file: Some(file),
        },
        ..Options::default()
    };
    let mut app = TestApp::with(options, |_, _| {});
    app.step_until("it is imported", |a| has_deck(a, "Exported"));
    assert_eq!(app.app().model().profile().unwrap().name, "User 1");
}

#[test]
fn other_files_are_refused_with_what_to_do() {
    let mut app = with_ana();
    app.script.will_pick("/somewhere/deck.apkg");
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Could not import “deck.apkg”");
    press(&mut app, "Close");
    assert!(!sees(&app, "Could not import"));
}

#[test]
fn a_damaged_package_changes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("torn.colpkg");
    std::fs::write(&file, b"PK\x03\x04 and nothing else").unwrap();
    let mut app = with_ana();
    make_deck(&mut app, "Mine");
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "Yes, import");
    wait_for(&mut app, "Could not import the collection");
    press(&mut app, "Close");
    app.step_until("the collection is as it was", |a| has_deck(a, "Mine"));
}
