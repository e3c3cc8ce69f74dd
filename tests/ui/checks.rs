//! Check Database, Check Media and Empty Cards from the Tools menu, on a real collection.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{click, make_deck, press, sees, send, wait_for, with_decks};
use crate::vaults::{add, wait_until_saved};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::service::event::BackupState;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use std::path::Path;

/// A profile with a missing picture, an unused one, one with an unfit name, and a note whose second
/// card is empty.
fn prepare(base: &Path, clock: &Clock) {
    let paths = DataFolder::at(base.to_owned()).create("Ana").unwrap();
    let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
    let both = "Basic (and reversed card)";
    let both = col.storage().notetype_by_name(both).unwrap().unwrap();
    let deck = engram::base::ids::DeckId::DEFAULT;
    let note = |fields: [&str; 2]| NewNote {
        notetype_id: both.id,
        deck_id: deck,
        fields: fields.map(str::to_owned).to_vec(),
        tags: vec![],
    };
    let notes = vec![
        note(["Dog <img src='gone.png'>", "Perro"]),
        note(["Cat", "Gato"]),
    ];
    col.add_notes(notes).unwrap();
    let mut edit = NotetypeEdit::from(both);
    edit.templates[1].now.config.q_format = "{{#Tags}}{{Back}}{{/Tags}}".into();
    col.update_notetype(&edit, &Progress::new()).unwrap();
    std::fs::create_dir_all(col.media_folder()).unwrap();
    for name in ["unused.png", "what?.png"] {
        std::fs::write(col.media_folder().join(name), "x").unwrap();
    }
    col.close().unwrap();
}

fn start() -> TestApp {
    let mut app = TestApp::with(Options::default(), prepare);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

#[track_caller]
fn tool(app: &mut TestApp, entry: &str) {
    press(app, "Tools");
    click(app, Role::MenuItem, entry);
}

#[track_caller]
fn page(app: &mut TestApp, name: &str) {
    click(app, Role::ListBoxOption, name);
}

fn media(app: &TestApp, name: &str) -> bool {
    app.base.join("Ana/collection.media").join(name).exists()
}

/// As in Anki, it ends what can be undone; and whatever was shown may be something else now.
#[test]
fn after_a_check_nothing_is_offered_to_be_undone_and_statistics_are_asked_for_anew() {
    let mut app = with_decks(&[("Spanish", 3)]);
    make_deck(&mut app, "Songs");
    send(&mut app, Action::Go(Route::Stats));
    app.step_until("the numbers", |a| a.app().model().stats.graphs().is_some());
    send(&mut app, Action::Go(Route::Decks));
    let model = app.app().model();
    assert!(model.undo.undo.is_some() && model.stats.asked().is_some());
    tool(&mut app, "Check Database");
    wait_for(&mut app, "Database checked: everything is in order");
    let model = app.app().model();
    assert!(model.undo.undo.is_none() && model.stats.asked().is_none());
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for(&mut app, "There is nothing to undo");
}

#[test]
#[expect(clippy::disallowed_types, reason = "damages a collection")]
fn damage_is_looked_for_without_a_change_and_then_repaired() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 3)]);
        let db = rusqlite::Connection::open(base.join("Ana/collection.anki2")).unwrap();
        db.execute_batch("delete from notes where id = (select min(id) from notes)")
            .unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    let bytes = |app: &TestApp| std::fs::read(app.base.join("Ana/collection.anki2")).unwrap();
    let backups = |app: &TestApp| {
        let folder = app.base.join("Ana/backups");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let named = files.map(|f| f.file_name().to_string_lossy().into_owned());
        named.filter(|n| n.ends_with(".colpkg")).count()
    };
    // The one that is made by itself.
    app.step_until("a backup", |a| {
        backups(a) > 0 && a.app().model().backup.state != BackupState::Running
    });
    let (before, saved) = (bytes(&app), backups(&app));

    tool(&mut app, "Check Without Repairing");
    wait_for(&mut app, "Database checked, not repaired");
    assert!(sees(&app, "1 card had no note"));
    assert_eq!(bytes(&app), before, "looking changes nothing");
    assert_eq!(backups(&app), saved);
    // Closed and asked again: it is still there.
    press(&mut app, "Close");
    assert!(!sees(&app, "not repaired"));
    tool(&mut app, "Check Without Repairing");
    wait_for(&mut app, "1 card had no note");
    assert_eq!(bytes(&app), before);

    press(&mut app, "Repair");
    wait_for(&mut app, "Database checked and mended");
    assert!(sees(&app, "1 card had no note"));
    assert_eq!(backups(&app), saved + 1);
    press(&mut app, "Close");
    tool(&mut app, "Check Without Repairing");
    wait_for(&mut app, "Nothing to repair; nothing was changed");
    tool(&mut app, "Check Database");
    wait_for(&mut app, "everything is in order");
}

#[test]
fn media_is_checked_mended_and_brought_back() {
    let mut app = start();
    tool(&mut app, "Check Media…");
    wait_for(&mut app, "gone.png");
    press(&mut app, "Tag missing");
    wait_for(&mut app, "Notes tagged “missing-media”: 1");

    page(&mut app, "Unfit names");
    assert!(sees(&app, "→ what.png"));
    press(&mut app, "Rename");
    wait_for(&mut app, "1 file renamed");
    assert!(media(&app, "what.png") && !media(&app, "what?.png"));

    page(&mut app, "Unused files");
    press(&mut app, "Delete unused…");
    assert!(sees(&app, "Delete unused media?"));
    press(&mut app, "Move to trash");
    wait_for(&mut app, "2 files moved to the trash");
    assert!(!media(&app, "unused.png"));
    press(&mut app, "Restore deleted");
    wait_for(&mut app, "3 files restored");
    assert!(media(&app, "unused.png") && media(&app, "what?.png"));

    page(&mut app, "Unused files");
    press(&mut app, "Delete unused…");
    press(&mut app, "Move to trash");
    wait_for(&mut app, "2 files moved to the trash");
    press(&mut app, "Empty trash…");
    // What it does is in `it::profile_trash`: here it would be the trash of who runs the tests.
    assert!(sees(&app, "go to the trash of your system"));
    app.key(Key::Escape);
    press(&mut app, "Restore deleted");
    wait_for(&mut app, "2 files restored");
    let restore = app
        .harness
        .get_by_role_and_label(Role::Button, "Restore deleted");
    assert!(restore.accesskit_node().is_disabled());
    press(&mut app, "Close");
    assert!(!sees(&app, "Check Media"));
}

#[test]
fn missing_media_come_back_from_backups_with_media() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        prepare(base, clock);
        // A collection file beside its media, as an old copy in the folder of backups.
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let old = paths.backups().join("old.media");
        std::fs::create_dir_all(&old).unwrap();
        std::fs::copy(paths.collection(), paths.backups().join("old.anki2")).unwrap();
        std::fs::write(old.join("gone.png"), "a dog").unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    tool(&mut app, "Check Media…");
    wait_for(&mut app, "gone.png");
    press(&mut app, "Bring back");
    wait_for(&mut app, "1 brought back");
    let back = app.base.join("Ana/collection.media/gone.png");
    assert_eq!(std::fs::read(back).unwrap(), b"a dog");
}

#[test]
fn empty_cards_are_shown_deleted_and_undone() {
    let mut app = start();
    tool(&mut app, "Empty Cards…");
    wait_for(&mut app, "2 cards of 2 notes have nothing to show");
    assert!(sees(&app, "Card 2"));
    assert!(sees(&app, "Every note keeps other cards."));
    press(&mut app, "Delete cards");
    wait_for(&mut app, "2 cards deleted");
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for(&mut app, "Undone: Empty Cards");
    tool(&mut app, "Empty Cards…");
    wait_for(&mut app, "2 cards of 2 notes have nothing to show");
    press(&mut app, "Cancel");
    assert!(!sees(&app, "nothing to show"));
}

#[test]
fn notes_with_empty_cards_are_looked_at_before() {
    let mut app = start();
    tool(&mut app, "Empty Cards…");
    wait_for(&mut app, "2 cards of 2 notes have nothing to show");
    press(&mut app, "Show in Browse");
    assert_eq!(*app.app().route(), Route::Browse);
    wait_for(&mut app, "of 4 cards selected");
    assert!(!sees(&app, "nothing to show"));
}

#[test]
fn damaged_files_are_found_and_repaired_from_a_vault() {
    let mut app = start();
    let disk = tempfile::tempdir().unwrap();
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    let place = disk.path().join("vault");
    let picture = app.base.join("Ana/collection.media/unused.png");
    // The vault takes names that every system can store.
    std::fs::remove_file(app.base.join("Ana/collection.media/what?.png")).unwrap();
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_until_saved(&mut app);
    send(&mut app, Action::Go(Route::Decks));
    tool(&mut app, "Check Media…");
    wait_for(&mut app, "gone.png");
    page(&mut app, "Damaged files");
    assert!(sees(&app, "Not looked for yet"));
    press(&mut app, "Read all files");
    wait_for(&mut app, "None when last read");
    let time = picture.metadata().unwrap().modified().unwrap();
    std::fs::write(&picture, "y").unwrap();
    let file = std::fs::File::options().write(true).open(&picture).unwrap();
    file.set_modified(time).unwrap();
    press(&mut app, "Read all files");
    wait_for(&mut app, "1 damaged");
    press(&mut app, "Repair");
    wait_for(&mut app, "1 repaired");
    assert_eq!(std::fs::read(&picture).unwrap(), b"x");
    assert!(sees(&app, "None when last read"));
}
