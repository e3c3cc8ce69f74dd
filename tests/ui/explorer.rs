//! The Backup Explorer on real files: what was deleted since a backup is found, looked at and
//! brought back, and nothing else changes.

use crate::harness::{NOW, Options, TestApp, ana};
use crate::steps::{
    ana_is_open, back_up, choose, click, drop_on_window, focus, has_deck, press, sees, send, study,
    wait_for, with_decks,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{HoveredFile, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::entry::{Entry, Reason, Verification};
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::base::ids::{DeckId, NotetypeId};
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::changes::Changes;
use engram::domain::explorer::Opened;
use engram::domain::op::Op;
use engram::service::event::{BackupEvent, Event, JobId, ProfileEvent, UndoStatus, Undone};
use engram::service::explorer::{ExplorerEvent, ExplorerRequest};
use engram::service::jobs::JobView;
use engram::service::notes::NoteRequest;
use engram::service::request::{CardRequest, DeckRequest, Request};
use engram::storage::Storage;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::import_export::PackageAction;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ana with a deck of three notes.
pub fn three_notes() -> TestApp {
    with_decks(&[("Spanish", 3)])
}

/// The same; one of them deleted after a backup.
pub fn one_deleted() -> TestApp {
    let mut app = three_notes();
    back_up(&mut app);
    delete_one(&mut app);
    app
}

fn delete_one(app: &mut TestApp) {
    study(app, "span");
    let note = app.app().model().study.card.as_ref().unwrap().note;
    let delete = CardRequest::DeleteNotes { notes: vec![note] };
    send(app, Action::Ask(Request::Card(delete)));
    app.step_until("the next question", |a| {
        a.app()
            .model()
            .study
            .card
            .as_ref()
            .is_some_and(|c| c.note != note)
    });
}

pub fn explore(app: &mut TestApp) {
    send(app, Action::Command(Command::ExploreBackup));
    wait_for(app, "Deleted 1");
}

pub fn choose_mode(app: &mut TestApp, mode: &str) {
    click(app, Role::ComboBox, "How notes come back");
    click(app, Role::MenuItemCheckBox, mode);
}

#[test]
fn a_deleted_note_is_put_back_and_undo_takes_it_away_again() {
    let mut app = one_deleted();
    explore(&mut app);
    wait_for(&mut app, "Changes 1");
    wait_for(&mut app, "0 of 1 note ticked");
    app.step_until("the note is shown", |a| sees(a, "Schedule"));
    click(&mut app, Role::CheckBox, "Tick all");
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
fn what_would_be_due_is_shown_before_a_schedule_comes_back() {
    let mut app = three_notes();
    back_up(&mut app);
    study(&mut app, "span");
    let due = CardRequest::SetDueDate {
        cards: vec![app.app().model().study.card.as_ref().unwrap().id],
        days: "0!".to_owned(),
    };
    send(&mut app, Action::Ask(Request::Card(due)));
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "Rescheduled 1");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: Rescheduled 1")
        .click();
    wait_for(&mut app, "0 of 1 note ticked");
    click(&mut app, Role::CheckBox, "Tick all");
    assert!(!sees(&app, "Cards due"), "as a new note it moves no other");
    choose_mode(&mut app, "Schedule only");
    let words = "Cards due: today 1 → 0 · within 7 days 1 → 0 · within 30 days 1 → 0";
    wait_for(&mut app, words);
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    wait_for(&mut app, "Rescheduled 0");
    assert!(!sees(&app, "Cards due"), "nothing is ticked any more");
}

/// The others would come as new notes; a line of the list says how this one does.
#[test]
fn a_ticked_note_may_come_back_in_a_way_of_its_own() {
    let mut app = one_deleted();
    explore(&mut app);
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: Deleted 1")
        .click();
    wait_for(&mut app, "0 of 1 note ticked");
    app.step_until("the note is shown", |a| sees(a, "Schedule"));
    let own = "How this note comes back";
    let is_offered = |app: &TestApp| {
        let combo = (app.harness).query_by_role_and_label(Role::ComboBox, own);
        combo.is_some()
    };
    assert!(!is_offered(&app));
    click(&mut app, Role::CheckBox, "Tick all");
    assert!(is_offered(&app));
    let may_bring_media = |app: &TestApp| {
        let tick = app
            .harness
            .get_by_role_and_label(Role::CheckBox, "With media");
        !tick.accesskit_node().is_disabled()
    };
    choose_mode(&mut app, "Schedule only");
    assert!(!may_bring_media(&app), "a schedule has none");
    choose(&mut app, own, "Put back what was deleted");
    assert!(may_bring_media(&app), "that note has");
    assert!(sees(&app, ", Deleted, Put back what was deleted"));
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    // A new note would leave the deleted one deleted.
    wait_for(&mut app, "Deleted 0");
}

#[test]
fn a_backup_that_is_gone_after_a_recovery_is_told() {
    let mut app = one_deleted();
    explore(&mut app);
    wait_for(&mut app, "0 of 1 note ticked");
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "Put back what was deleted");
    let Route::Explorer { path: Some(path) } = app.app().route().clone() else {
        panic!("{:?}", app.app().route());
    };
    std::fs::remove_file(path).unwrap();
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    wait_for(&mut app, "Could not open the backup");
    assert!(!sees(&app, "of 1 note ticked"));
}

#[test]
fn the_whole_backup_can_be_searched_and_narrowed() {
    let mut app = one_deleted();
    explore(&mut app);
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: All notes 3")
        .click();
    wait_for(&mut app, "0 of 3 notes ticked");
    let narrow = |app: &mut TestApp| {
        app.harness.get_by_label("Basic, 3 notes").click();
        app.settle();
    };
    narrow(&mut app);
    let search = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Search this backup");
    search.focus();
    app.settle();
    app.type_text("front:none OR deck:Spanish");
    wait_for(&mut app, "0 of 3 notes ticked");
    // A mistake that is taken back brings the notes back.
    let lists = |a: &TestApp| {
        let tick = (a.harness).query_by_role_and_label(Role::CheckBox, "Tick all");
        tick.is_some()
    };
    app.type_text(" (");
    app.step_until("the mistake is told", |a| !lists(a));
    assert!(!sees(&app, ".."), "one period ends a sentence");
    app.key(Key::Backspace);
    app.key(Key::Backspace);
    app.step_until("the notes are there again", lists);
    app.keys(Modifiers::COMMAND, Key::A);
    app.key(Key::Backspace);
    narrow(&mut app);
    let search = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Search this backup");
    search.focus();
    app.settle();
    app.type_text("deck:French");
    wait_for(&mut app, "No note of this backup matches");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: Changes 1")
        .click();
    wait_for(&mut app, "No note of this list matches");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: All notes 3")
        .click();
    wait_for(&mut app, "No note of this backup matches");
    focus(&mut app, Role::TextInput, "Search this backup");
    app.type_text(" OR (");
    wait_for(&mut app, "0 of 0 notes ticked");
    app.key(Key::Escape);
}

/// They come back too.
#[test]
fn notes_that_are_ticked_and_not_listed_any_more_are_counted() {
    let mut app = one_deleted();
    explore(&mut app);
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: All notes 3")
        .click();
    wait_for(&mut app, "0 of 3 notes ticked");
    app.harness
        .get_by_role_and_label(Role::CheckBox, "Tick all")
        .click();
    wait_for(&mut app, "3 of 3 notes ticked");
    let search = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Search this backup");
    search.focus();
    app.settle();
    app.type_text("front:none");
    wait_for(&mut app, "3 ticked");
    assert!(!sees(&app, "of 0 notes ticked"));
    assert!(sees(&app, "Recover 3 notes"));
}

/// The collection has no such deck any more.
#[test]
fn a_search_is_completed_with_the_names_inside_the_backup() {
    let mut app = three_notes();
    back_up(&mut app);
    delete_deck(&mut app);
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "Deleted 3");
    let search = |a: &TestApp| {
        let name = "Search this backup";
        let field = a.harness.get_by_role_and_label(Role::TextInput, name);
        field.accesskit_node().value().unwrap_or_default()
    };
    let name = "Search this backup";
    let field = (app.harness).get_by_role_and_label(Role::TextInput, name);
    field.focus();
    app.settle();
    app.type_text("deck:sp");
    let offered = (app.harness).query_by_role_and_label(Role::ListBoxOption, "Spanish");
    assert!(offered.is_some());
    app.key(Key::Tab);
    assert_eq!(search(&app), "deck:Spanish");
    wait_for(&mut app, "0 of 3 notes ticked");
    // Esc closes the list, then the page.
    app.type_text(" ta");
    app.key(Key::Escape);
    assert!(matches!(app.app().route(), Route::Explorer { .. }));
}

/// Nothing differs: it is looked into all the same.
#[test]
fn a_backup_without_a_difference_shows_all_that_it_holds() {
    let mut app = three_notes();
    back_up(&mut app);
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "Changes 0");
    for counted in ["3 notes", "3 cards", "0 reviews"] {
        (app.harness).get_by_role_and_label(Role::Label, counted);
    }
    assert!(!sees(&app, "Spanish, "));
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: All notes 3")
        .click();
    wait_for(&mut app, "0 of 3 notes ticked");
    assert!(sees(&app, "Basic, 3 notes"));
    app.harness.get_by_label("Spanish, 3 notes").click();
    app.settle();
    // What narrows the list stays in sight.
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: Changes 0")
        .click();
    wait_for(&mut app, "Spanish, 0 changed");
    assert!(!sees(&app, "Basic, "));
}

#[test]
fn what_was_added_since_is_counted_and_leads_to_browse() {
    let mut basic = NotetypeId(0);
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 3)]);
        let path = base.join("Ana/collection.anki2");
        let col = Collection::open(&path, clock.clone()).unwrap();
        basic = col.storage().notetype_by_name("Basic").unwrap().unwrap().id;
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    back_up(&mut app);
    let note = NewNote {
        notetype_id: basic,
        deck_id: DeckId::DEFAULT,
        fields: vec!["New word".into(), "New meaning".into()],
        tags: vec![],
    };
    send(&mut app, Action::Ask(Request::Note(NoteRequest::Add(note))));
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "1 note added since…");
    app.harness.get_by_label("1 note added since…").click();
    wait_for(&mut app, "Added since today, 15:30");
    wait_for(&mut app, "New word, Card 1");
    assert!(!sees(&app, "Word 1, Card 1"));
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
    let on_show = |a: &TestApp| a.app().model().study.card.as_ref().map(|card| card.note);
    let before = on_show(&app);
    send(&mut app, Action::Command(Command::DeletedNotes));
    wait_for(&mut app, "Word 1, deleted");
    app.harness.get_by_label_contains("Word 1, deleted").click();
    app.settle();
    press(&mut app, "Put back 1 note");
    wait_for(&mut app, "No deleted note is kept");
    press(&mut app, "Close");
    app.step_until("the note is the next card again", |a| {
        a.app().model().study.shows(Side::Question) && on_show(a) != before
    });
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::H);
    app.step_until("the versions are there", |a| {
        sees(a, "before it was deleted")
    });
    press(&mut app, "Delete history…");
    wait_for(&mut app, "Delete the history of this note?");
    press(&mut app, "Cancel");
    assert!(sees(&app, "before it was deleted"));
    press(&mut app, "Delete history…");
    press(&mut app, "Delete for good");
    wait_for(&mut app, "This note has not changed since");
    press(&mut app, "Close");
}

fn delete_deck(app: &mut TestApp) {
    let decks = app.app().model().decks.ready().unwrap();
    let mut decks = decks.root.children.iter();
    let deck = decks.find(|d| d.name == "Spanish").unwrap().id;
    let delete = DeckRequest::Delete { ids: vec![deck] };
    send(app, Action::Ask(Request::Deck(delete)));
    app.step_until("it is gone", |a| !has_deck(a, "Spanish"));
}

#[test]
fn a_deleted_deck_is_put_back_and_then_its_notes() {
    let mut app = three_notes();
    delete_deck(&mut app);
    send(&mut app, Action::Command(Command::DeletedNotes));
    wait_for(&mut app, "Word 1, deleted");
    press(&mut app, "Tick all");
    assert!(sees(&app, "Put back 3 notes"));
    press(&mut app, "Untick all");
    assert!(sees(&app, "Put back 0 notes"));
    // Shift and a click tick all up to there.
    for (nth, modifiers) in [(0, Modifiers::NONE), (2, Modifiers::SHIFT)] {
        let mut rows = app.harness.query_all_by_label_contains(", deleted ");
        rows.nth(nth).unwrap().click_modifiers(modifiers);
        drop(rows);
        app.settle();
    }
    assert!(sees(&app, "Put back 3 notes"));
    press(&mut app, "Untick all");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Decks and options")
        .click();
    wait_for(&mut app, "Spanish, deleted");
    app.harness
        .get_by_label_contains("Spanish, deleted")
        .click();
    app.settle();
    press(&mut app, "Put back 1");
    wait_for(&mut app, "No deleted deck");
    press(&mut app, "Close");
    app.step_until("it is listed again", |a| has_deck(a, "Spanish"));
}

/// The page that the Explorer was opened from shows what was recovered there.
#[test]
fn a_deck_that_came_back_with_its_notes_is_in_the_list_behind_the_explorer() {
    let mut app = three_notes();
    back_up(&mut app);
    delete_deck(&mut app);
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "Deleted 3");
    wait_for(&mut app, "0 of 3 notes ticked");
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "Put back what was deleted");
    press(&mut app, "Recover 3 notes");
    wait_for(&mut app, "3 notes recovered");
    wait_for(&mut app, "Changes 0");
    press(&mut app, "Close");
    app.step_until("it is listed again", |a| has_deck(a, "Spanish"));
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

/// No note was changed, and yet it is told.
#[test]
fn a_note_type_that_changed_is_shown_part_by_part() {
    let mut app = three_notes();
    back_up(&mut app);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    wait_for(&mut app, "Cloze");
    click(&mut app, Role::ListBoxOption, "Basic");
    press(&mut app, "Rename…");
    focus(&mut app, Role::TextInput, "Name");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Words");
    app.key(Key::Enter);
    app.step_until("it is renamed", |a| sees(a, "Words"));
    press(&mut app, "Close");
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "1 note type differs");
    app.harness
        .get_by_label_contains("1 note type differs")
        .click();
    wait_for(&mut app, "Note types that differ");
    assert!(sees(&app, "Basic, 1 part differs"));
    assert!(sees(&app, "Name: Basic; now: Words"));
}

/// Writes the deck to a package.
fn export_deck(app: &mut TestApp, file: &Path) {
    let deck = app.app().model().decks.ready().unwrap().root.children[0].id;
    app.script.will_pick(file);
    send(app, Action::Package(PackageAction::ExportDeck(deck)));
    press(app, "Export…");
    wait_for(app, "verified)");
}

#[test]
fn a_dropped_package_is_explored_and_a_deleted_note_comes_back_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spanish.apkg");
    let mut app = three_notes();
    export_deck(&mut app, &file);
    delete_one(&mut app);
    drop_on_window(&mut app, &[&file]);
    wait_for(&mut app, "Import or explore “spanish.apkg”?");
    let explore = app.harness.get_by_role_and_label(Role::Button, "Explore");
    assert!(explore.is_focused(), "what changes nothing is the default");
    press(&mut app, "Explore");
    wait_for(&mut app, "Deleted 1");
    app.step_until("the note is shown", |a| sees(a, "Schedule"));
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "Put back what was deleted");
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    wait_for(&mut app, "Changes 0");
}

#[test]
fn a_file_that_is_dropped_while_a_note_type_is_edited_has_to_wait() {
    let folder = tempfile::tempdir().unwrap();
    let words = folder.path().join("words.csv");
    std::fs::write(&words, "Wort,word\n").unwrap();
    let mut app = three_notes();
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    wait_for(&mut app, "Cloze");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    drop_on_window(&mut app, &[&words]);
    wait_for(&mut app, "Finish what is open first");
    assert!(!sees(&app, "words.csv"));
    press(&mut app, "Cancel");
    app.step_until("the list", |a| *a.app().route() == Route::NoteTypes);
    drop_on_window(&mut app, &[&words]);
    wait_for(&mut app, "1 new note");
}

#[test]
fn a_dropped_package_can_be_imported_and_a_text_is_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spanish.apkg");
    let words = folder.path().join("words.csv");
    std::fs::write(&words, "Wort,word\n").unwrap();
    let mut app = three_notes();
    export_deck(&mut app, &file);
    drop_on_window(&mut app, &[&file, &words]);
    wait_for(
        &mut app,
        "One file at a time: “spanish.apkg” was taken, not “words.csv”",
    );
    press(&mut app, "Import…");
    wait_for(&mut app, "0 new notes, 3 unchanged");
    drop_on_window(&mut app, &[&words]);
    wait_for(&mut app, "Finish what is open first");
    assert!(!sees(&app, "1 new note"));
    press(&mut app, "Cancel");
    drop_on_window(&mut app, &[&words]);
    wait_for(&mut app, "1 new note");
    press(&mut app, "Cancel");
    drop_on_window(&mut app, &[words.as_path(); 40]);
    wait_for(&mut app, "“words.csv” was taken, not the 39 others");
    wait_for(&mut app, "1 new note");
    press(&mut app, "Cancel");
    drop_on_window(&mut app, &[Path::new("/somewhere/notes.odt")]);
    wait_for(&mut app, "Could not import “notes.odt”");
}

#[test]
fn a_file_held_over_the_window_is_told_what_becomes_of_it() {
    let mut app = three_notes();
    for (name, words) in [
        ("deck.apkg", "Drop to import or explore"),
        ("words.txt", "Drop to import"),
        ("default.db", "A database of Mnemosyne"),
        ("mine.colpkg.age", "Drop to open"),
        ("notes.odt", "This file cannot be opened"),
    ] {
        app.harness.input_mut().hovered_files = vec![HoveredFile {
            path: Some(name.into()),
            ..HoveredFile::default()
        }];
        app.settle();
        assert!(sees(&app, words), "{name}");
    }
    app.harness.input_mut().hovered_files.clear();
    app.settle();
    assert!(!sees(&app, "Drop to"));
}

#[test]
fn what_cannot_be_explored_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("torn.apkg");
    std::fs::write(&file, b"PK\x03\x04 and nothing else").unwrap();
    let mut app = three_notes();
    drop_on_window(&mut app, &[&file]);
    press(&mut app, "Explore");
    wait_for(&mut app, "Could not open the backup");
}

/// A profile with one note that shows a picture, and a package of it with the picture, which the
/// media folder has lost since.
pub fn with_picture(package: &Path) -> TestApp {
    TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[]);
        let folder = base.join("Ana");
        let (path, media) = (
            folder.join("collection.anki2"),
            folder.join("collection.media"),
        );
        std::fs::create_dir_all(&media).unwrap();
        std::fs::write(media.join("a b.png"), PNG).unwrap();
        let mut col = Collection::open(&path, clock.clone()).unwrap();
        let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
        col.add_note(NewNote {
            notetype_id: basic.id,
            deck_id: DeckId::DEFAULT,
            fields: vec!["The sea <img src=\"a b.png\">".into(), "el mar".into()],
            tags: vec![],
        })
        .unwrap();
        let frozen = col.storage().freeze().unwrap();
        let options = ExportOptions {
            media: Some(&media),
            legacy: false,
            data_folder: None,
            room: package.parent().unwrap(),
            lock: None,
        };
        export_colpkg(&frozen, package, &options, &Progress::new()).unwrap();
        col.storage().unfreeze();
        col.close().unwrap();
        std::fs::remove_file(media.join("a b.png")).unwrap();
    })
}

/// One white point.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDAT\x78\x9c\x63\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xee\x56\0\0\0\0IEND\xaeB\x60\x82";

/// Opens a package and lists all its notes.
fn explore_all(app: &mut TestApp, package: &Path) {
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    let path = Some(package.to_owned());
    send(app, Action::Go(Route::Explorer { path }));
    wait_for(app, "All notes 1");
    click(app, Role::RadioButton, "Show: All notes 1");
    wait_for(app, "Schedule");
}

pub fn card_shows(app: &TestApp, words: &str) -> bool {
    let cards = app.harness.query_all_by_role(Role::Document);
    cards.into_iter().any(|card| {
        let label = card.accesskit_node().label();
        label.is_some_and(|label| label.contains(words))
    })
}

#[test]
fn a_card_of_the_backup_is_shown_with_its_own_media() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("mine.colpkg");
    let mut app = with_picture(&package);
    explore_all(&mut app, &package);
    assert!(sees(&app, "a b.png: only in the backup"));
    click(&mut app, Role::RadioButton, "Note type");
    assert!(sees(&app, "“Basic” is as it was."));
    click(&mut app, Role::RadioButton, "Card");
    app.step_until("the question", |a| card_shows(a, "The sea"));
    assert!(!card_shows(&app, "el mar"));
    press(&mut app, "Show Answer");
    app.step_until("the answer", |a| card_shows(a, "el mar"));
    assert!(!sees(&app, "The backup has no media"));
    let profile = app.base.join("Ana");
    let staged = |name: &str| {
        let folders = std::fs::read_dir(&profile).unwrap();
        let mut files = folders.map(|f| f.unwrap().path().join("media").join(name));
        files.find(|file| file.is_file())
    };
    let picture = staged("a b.png").expect("it was unpacked for the card");
    assert_eq!(std::fs::read(&picture).unwrap(), PNG);
    assert!(!profile.join("collection.media/a b.png").exists());
    press(&mut app, "Close");
    app.step_until("it goes away", move |_| !picture.exists());
}

/// No note has to be ticked for it.
#[test]
fn a_media_file_is_ticked_by_itself_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("mine.colpkg");
    let mut app = with_picture(&package);
    explore_all(&mut app, &package);
    app.harness.get_by_label("Media files, 1").click();
    app.settle();
    app.harness.get_by_label("a b.png, Deleted").click();
    app.settle();
    assert!(sees(&app, "only in the backup"));
    // No note is on show.
    let find = (app.harness).get_by_role_and_label(Role::Button, "Find in all backups");
    assert!(find.accesskit_node().is_disabled());
    click(&mut app, Role::CheckBox, "Tick a b.png");
    press(&mut app, "Recover 1 item");
    wait_for(&mut app, "1 media file recovered");
    let there = app.base.join("Ana/collection.media/a b.png");
    assert_eq!(std::fs::read(there).unwrap(), PNG);
    app.step_until("it is as in the backup", |a| {
        a.harness.query_by_label("a b.png").is_some()
    });
}

/// Looking is all that can be done with it: no key studies, and the file stays as it is.
#[test]
fn a_backup_is_searched_and_its_cards_are_shown_without_a_write_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("mine.colpkg");
    let mut app = with_picture(&package);
    let before = std::fs::read(&package).unwrap();
    explore_all(&mut app, &package);
    click(&mut app, Role::RadioButton, "Card");
    app.step_until("the question", |a| card_shows(a, "The sea"));
    press(&mut app, "Show Answer");
    app.step_until("the answer", |a| card_shows(a, "el mar"));
    for key in [Key::Num1, Key::Num3, Key::Num4] {
        app.key(key);
    }
    assert!(card_shows(&app, "el mar"), "nothing was answered");
    focus(&mut app, Role::TextInput, "Search this backup");
    app.type_text("front:none");
    wait_for(&mut app, "No note of this backup matches");
    press(&mut app, "Close");
    assert!(!matches!(app.app().route(), Route::Explorer { .. }));
    assert_eq!(std::fs::read(&package).unwrap(), before);
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "nothing is left beside it");
    let collection = app.base.join("Ana/collection.anki2");
    let (_dir, _) = app.into_dir();
    let storage = Storage::open_read_only(&collection).unwrap();
    assert_eq!(storage.counts().unwrap().revlog, 0);
}

#[test]
fn headings_and_decks_of_the_side_bar_fold_by_click_and_by_key() {
    let mut app = with_decks(&[("Spanish::Verbs", 3), ("Spanish", 2)]);
    back_up(&mut app);
    delete_one(&mut app);
    explore(&mut app);
    let box_ = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Backup")
        .accesskit_node()
        .value();
    assert_eq!(box_.as_deref(), Some("Today, 15:30 · verified"));
    let verbs = "Spanish::Verbs, 1 changed";
    let tree = |app: &TestApp| (sees(app, "Spanish, 1 changed"), sees(app, verbs));
    assert_eq!(tree(&app), (true, true));
    press(&mut app, "Collapse Spanish");
    assert_eq!(tree(&app), (true, false));
    press(&mut app, "Expand Spanish");
    press(&mut app, "Collapse Decks");
    assert_eq!(tree(&app), (false, false));
    assert!(sees(&app, "Basic, 1 changed"));
    // By key, on the heading and on the deck.
    app.harness.get_by_label("Expand Decks").focus();
    app.settle();
    app.key(Key::ArrowRight);
    assert_eq!(tree(&app), (true, true));
    app.harness.get_by_label("Spanish, 1 changed").focus();
    app.settle();
    app.key(Key::ArrowLeft);
    assert_eq!(tree(&app), (true, false));
    // What is folded stays so when the backup is explored again.
    press(&mut app, "Close");
    explore(&mut app);
    assert_eq!(tree(&app), (true, false));
}

/// The one that was chosen before it may be ready only now.
#[test]
fn only_the_chosen_backup_is_shown_and_it_is_compared_again_after_an_undo() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let path = PathBuf::from("/backups/chosen.colpkg");
    let opened = |path: &Path, changes: u64| {
        Event::Explorer(ExplorerEvent::Opened(Box::new(Opened {
            path: path.to_owned(),
            notes: 9,
            cards: 9,
            revlog: 0,
            changes,
            deleted: 0,
            rescheduled: 0,
            added: 0,
            modified: NOW,
            decks: vec![],
            tags: vec![],
            notetypes: vec![],
            differing: vec![],
            names: Arc::default(),
            items: vec![].into(),
        })))
    };
    let route = Route::Explorer {
        path: Some(path.clone()),
    };
    send(&mut app, Action::Go(route));
    worker.say(opened(Path::new("/backups/before.colpkg"), 7));
    app.settle();
    assert!(!sees(&app, "Changes 7"));
    worker.say(opened(&path, 2));
    app.settle();
    assert!(sees(&app, "Changes 2"));
    let _so_far = worker.take_requests();
    let open = Request::Explorer(ExplorerRequest::Open { path });
    // What goes on beside it, maybe for hours, is not waited for.
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Copying".into(),
        exclusive: false,
        progress: Progress::new().view(),
    }]);
    for (op, undone, again) in [
        (Op::RecoverNotes, Undone::No, false),
        (Op::RecoverNotes, Undone::Undo, true),
    ] {
        worker.say(Event::Done {
            op,
            undone,
            changes: Changes::ALL,
            affected: 1,
            status: UndoStatus::default(),
        });
        app.settle();
        assert_eq!(worker.take_requests().contains(&open), again, "{undone:?}");
    }
}

#[test]
fn the_newest_backup_is_that_of_the_profile_and_of_now() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let listed = |profile: &str, name: &str| {
        Event::Backup(BackupEvent::Listed {
            profile: profile.into(),
            entries: vec![Entry {
                path: name.into(),
                created: NOW,
                size: 1000,
                reason: Reason::Manual,
                verification: Verification::Unverified,
                pinned: None,
                note: String::new(),
                contents: None,
                keep: vec![],
            }],
        })
    };
    worker.say(listed("Ben", "/backups/ben.colpkg"));
    for _ in 0..2 {
        ana_is_open(&mut app, &worker);
        let _so_far = worker.take_requests();
        send(&mut app, Action::Command(Command::ExploreBackup));
        assert_eq!(*app.app().route(), Route::Explorer { path: None });
        worker.say(listed("Ana", "/backups/ana.colpkg"));
        app.settle();
        let path = PathBuf::from("/backups/ana.colpkg");
        let route = Route::Explorer {
            path: Some(path.clone()),
        };
        assert_eq!(*app.app().route(), route);
        // Anew after the profile was closed: the worker has nothing open.
        let open = Request::Explorer(ExplorerRequest::Open { path });
        assert!(worker.take_requests().contains(&open));
        worker.say(Event::Profile(ProfileEvent::Closed));
        app.settle();
    }
}
