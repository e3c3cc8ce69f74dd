//! Stories of the backups document through the window, where no test of a screen tells the whole:
//! a backup a day, the menu to its folder, an old version of a note brought back, a deleted note
//! recovered as a new one. More in `stories_whole` and `stories_places`; from a terminal in the tests of
//! `engram-cli`.

use crate::explorer::{choose_mode, explore, one_deleted, three_notes};
use crate::harness::TestApp;
use crate::notes::{CTRL, is_focused, question, studying};
use crate::steps::{choose, click, make_deck, press, sees, wait_for, with_ana};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note::Note;
use engram::ui::route::Route;
use std::collections::BTreeSet;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// The days of which there is a backup.
fn days(app: &TestApp) -> BTreeSet<String> {
    let Ok(folder) = std::fs::read_dir(app.base.join("Ana/backups")) else {
        return BTreeSet::new();
    };
    let names = folder.map(|e| e.unwrap().file_name().into_string().unwrap());
    let packages = names.filter(|name| name.ends_with(".colpkg"));
    let dates = packages.map(|name| name["backup-".len()..][..10].to_owned());
    dates.collect()
}

#[test]
fn s04_a_backup_is_made_on_every_day_while_the_program_runs() {
    let mut app = three_notes();
    for day in 1..=3 {
        // A slow machine may have made one before the first of the days, too.
        let before = days(&app);
        app.clock.advance_millis(DAY_MILLIS);
        make_deck(&mut app, &format!("Day {day}"));
        app.step_until("the backup of the day", |a| !days(a).is_subset(&before));
    }
    assert!(days(&app).len() >= 3);
}

#[test]
fn s05_a_menu_opens_the_folder_of_backups() {
    let mut app = with_ana();
    press(&mut app, "Backups");
    app.harness.get_by_label("Open Backups Location").click();
    app.settle();
    let opened = app.script.opened();
    assert!(opened[0].ends_with("Ana/backups"), "{opened:?}");
}

fn write(app: &mut TestApp, words: &str) {
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.keys(CTRL, Key::A);
    app.type_text(words);
    app.key(Key::Escape);
    app.step_until("it is on the card", |a| {
        *a.app().route() == Route::Review && question(a).contains(words)
    });
}

#[test]
fn s08_the_first_of_three_versions_is_restored_and_the_others_stay() {
    let mut app = studying();
    let first = question(&app);
    for words in ["second", "third", "fourth"] {
        write(&mut app, words);
        app.clock.advance_millis(600_000);
    }
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::H);
    wait_for(&mut app, "Restore as copy");
    // The list begins with the newest; its last line is the oldest.
    for _ in 0..9 {
        app.key(Key::ArrowDown);
    }
    press(&mut app, "Restore");
    app.step_until("the first text", |a| question(a) == first);
    let (dir, clock) = app.into_dir();
    let path = dir.path().join("Ana/collection.anki2");
    let mut col = Collection::open(&path, clock).unwrap();
    let changed = notes_of(&col).into_iter().find_map(|note| {
        let versions = col.note_versions(note.id).unwrap();
        (!versions.is_empty()).then_some(versions)
    });
    let kept = changed.unwrap();
    for words in ["second", "third", "fourth"] {
        assert!(kept.iter().any(|v| v.note.fields[0] == words), "{words}");
    }
}

#[test]
fn versions_are_compared_with_each_other_and_one_field_comes_back() {
    let mut app = studying();
    for words in ["second", "third"] {
        write(&mut app, words);
        app.clock.advance_millis(600_000);
    }
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::H);
    wait_for(&mut app, "Restore as copy");
    assert!(sees(&app, ", 1 character less"), "“third” took its place");
    assert!(app.harness.query_by_label("Deck").is_some());
    let comes_back = |app: &TestApp| {
        let button = app
            .harness
            .query_by_role_and_label(Role::Button, "Restore Front");
        button.is_some()
    };
    assert!(comes_back(&app));
    let place = |name: &str| {
        let button = app.harness.get_by_role_and_label(Role::Button, name);
        button.rect()
    };
    let below = place("Restore as copy").min.y - place("Restore Front").max.y;
    assert!(below > 100.0, "the buttons are below the versions: {below}");
    // Its words, fourteen points within it, end where the fields do.
    let beyond = place("Restore Front").max.x - place("Restore").max.x;
    assert!((beyond - 14.0).abs() < 1.5, "{beyond}");
    // Arrows lead on from the choice that is shown, whatever had the keys before.
    click(&mut app, Role::ComboBox, "Compare with");
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    assert!(!comes_back(&app), "that is neither of both");
    choose(&mut app, "Compare with", "The note as it is now");
    assert!(comes_back(&app));
    // With the oldest one, which is the last of the choices.
    click(&mut app, Role::ComboBox, "Compare with");
    let choices = app.harness.query_all_by_role(Role::MenuItemCheckBox);
    choices.last().unwrap().click();
    app.settle();
    assert!(!comes_back(&app), "that is neither of both");
    choose(&mut app, "Compare with", "The note as it is now");
    press(&mut app, "Restore Front");
    app.step_until("the second text", |a| question(a).contains("second"));
}

/// What the profile in a folder that nobody uses holds.
fn notes((dir, clock): (tempfile::TempDir, Clock)) -> Vec<Note> {
    let path = dir.path().join("Ana/collection.anki2");
    notes_of(&Collection::open(&path, clock).unwrap())
}

fn notes_of(col: &Collection) -> Vec<Note> {
    let storage = col.storage();
    let types = storage.all_notetypes().unwrap();
    let ids = types
        .iter()
        .flat_map(|t| storage.note_ids_of_notetype(t.id).unwrap());
    ids.map(|id| storage.get_note(id).unwrap().unwrap())
        .collect()
}

#[test]
fn s09_a_deleted_note_is_recovered_as_a_new_one_and_no_other_changes() {
    let mut app = one_deleted();
    let left = notes(app.killed());
    assert_eq!(left.len(), 2);
    explore(&mut app);
    wait_for(&mut app, "0 of 1 note ticked");
    click(&mut app, Role::CheckBox, "Tick all");
    choose_mode(&mut app, "As new notes");
    press(&mut app, "Recover 1 note");
    wait_for(&mut app, "1 note recovered");
    let mut found = notes(app.into_dir());
    let at = found
        .iter()
        .position(|n| left.iter().all(|l| l.fields != n.fields));
    let new = found.remove(at.unwrap());
    assert_eq!(found, left);
    assert!(left.iter().all(|n| n.id != new.id && n.guid != new.guid));
    assert!(!new.tags.is_empty(), "a tag says where it is from");
}
