//! The Backup Explorer on real files: what was deleted since a backup is found, looked at and
//! brought back, and nothing else changes.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{press, sees, send, wait_for};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::service::request::{CardRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::review::model::Side;
use engram::ui::route::Route;

/// Ana with a deck of three notes; one of them deleted after a backup.
fn one_deleted() -> TestApp {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 3)]);
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    send(&mut app, Action::Command(Command::CreateBackup));
    app.step_until("a verified backup", |a| {
        a.app().model().backup.last_verified.is_some()
    });
    app.type_text("/");
    app.type_text("span");
    app.key(Key::Enter);
    app.step_until("the overview", |a| a.app().model().overview.is_some());
    app.key(Key::Space);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    let note = app.app().model().study.card.as_ref().unwrap().note;
    let delete = CardRequest::DeleteNotes { notes: vec![note] };
    send(&mut app, Action::Ask(Request::Card(delete)));
    app.step_until("the next question", |a| {
        a.app()
            .model()
            .study
            .card
            .as_ref()
            .is_some_and(|c| c.note != note)
    });
    app
}

fn explore(app: &mut TestApp) {
    send(app, Action::Command(Command::ExploreBackup));
    wait_for(app, "Deleted 1");
}

fn choose_mode(app: &mut TestApp, mode: &str) {
    app.harness
        .get_by_role_and_label(Role::ComboBox, "How notes come back")
        .click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::MenuItemCheckBox, mode)
        .click();
    app.settle();
}

#[test]
fn a_deleted_note_is_put_back_and_undo_takes_it_away_again() {
    let mut app = one_deleted();
    explore(&mut app);
    wait_for(&mut app, "Changes 1");
    wait_for(&mut app, "0 of 1 note ticked");
    app.step_until("the note is shown", |a| sees(a, "Schedule"));
    app.harness
        .get_by_role_and_label(Role::CheckBox, "Tick all")
        .click();
    app.settle();
    choose_mode(&mut app, "Put back what was deleted");
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    wait_for(&mut app, "Changes 0");
    wait_for(&mut app, "Nothing here");
    send(&mut app, Action::Command(Command::Undo));
    press(&mut app, "Close");
    assert!(!matches!(app.app().route(), Route::Explorer { .. }));
    explore(&mut app);
}

#[test]
fn the_whole_backup_can_be_searched_and_narrowed() {
    let mut app = one_deleted();
    explore(&mut app);
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: All notes 3")
        .click();
    wait_for(&mut app, "0 of 3 notes ticked");
    let search = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Search this backup");
    search.focus();
    app.settle();
    app.type_text("deck:French");
    wait_for(&mut app, "No note of this backup matches");
    app.type_text(" OR (");
    wait_for(&mut app, "0 of 0 notes ticked");
    app.key(Key::Escape);
}

#[test]
fn without_backups_it_says_so() {
    let mut app = crate::steps::with_ana();
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "No backups yet");
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Decks);
}

/// The trash knows the note too, without any backup.
#[test]
fn a_deleted_note_is_put_back_from_the_trash_and_its_history_is_shown() {
    let mut app = one_deleted();
    send(&mut app, Action::Command(Command::DeletedNotes));
    wait_for(&mut app, "Word 1, deleted");
    app.harness.get_by_label_contains("Word 1, deleted").click();
    app.settle();
    press(&mut app, "Put back 1 note");
    wait_for(&mut app, "No deleted note is kept");
    press(&mut app, "Close");
    app.step_until("the note is the next card again", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::H);
    app.step_until("the versions are there", |a| {
        sees(a, "before it was deleted") || sees(a, "was not changed since")
    });
    press(&mut app, "Close");
}

#[test]
fn a_note_is_found_in_all_backups_and_put_back_from_there() {
    let mut app = one_deleted();
    explore(&mut app);
    app.step_until("the note is shown", |a| sees(a, "Schedule"));
    press(&mut app, "Find in all backups");
    wait_for(
        &mut app,
        "Looked in 1 backup: 0 versions were not known before.",
    );
    press(&mut app, "Put back");
    app.step_until("it is there again", |a| sees(a, "Restore"));
    press(&mut app, "Explore backup");
    assert!(matches!(
        app.app().route(),
        Route::Explorer { path: Some(_) }
    ));
}
