//! The Backup Explorer under random hands: clicks, ticks, folds, searches, keys, other backups, and
//! leaving it while it loads. The window stays, and the collection is what it was until Recover is
//! pressed; then it has what was ticked, and nothing of it is lost.

use crate::harness::{Options, TestApp};
use crate::steps::{back_up, click, press, send, wait_for};
use crate::whole::{self, assert_same_rows, rows};
use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::op::Op;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::path::Path;

const STEPS: usize = 160;

/// What changes the collection or what is kept of it, or opens a window of the system.
fn is_serious(button: &str) -> bool {
    ["Recover", "Put back", "Restore", "Delete", "Open a file"]
        .iter()
        .any(|word| button.starts_with(word))
}

/// A collection with something of everything, a backup of it, and what happened to it since.
fn prepare(folder: &Path, clock: &Clock) {
    whole::fill(folder, clock);
    let path = folder.join("collection.anki2");
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let backups = folder.join("backups");
    std::fs::create_dir_all(&backups).unwrap();
    let frozen = col.storage().freeze().unwrap();
    let options = ExportOptions {
        media: None,
        legacy: false,
        data_folder: None,
        room: &backups,
        lock: None,
    };
    let backup = backups.join("backup-2026-11-19-21.10.00.colpkg");
    export_colpkg(&frozen, &backup, &options, &Progress::new()).unwrap();
    col.storage().unfreeze();
    let mut notes = col.storage().all_note_ids().unwrap();
    notes.sort();
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(notes[4])?.unwrap();
        note.fields[0] = "something else".to_owned();
        note.tags = vec!["other".to_owned()];
        let notetype = tx.notetype(note.notetype_id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let deck = col.deck_create("New::Deck").unwrap().value;
    let new = |n: usize| NewNote {
        notetype_id: basic.id,
        deck_id: deck,
        fields: vec![format!("new {n}"), String::new()],
        tags: vec![],
    };
    // Before any goes, or new ones would get the ids of those: the clock stands still.
    col.add_notes((0..5).map(new).collect()).unwrap();
    col.delete_notes(&notes[..3]).unwrap();
    col.close().unwrap();
}

fn started() -> TestApp {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        let made = DataFolder::at(base.to_owned()).create("Ana").unwrap();
        prepare(&made.folder, clock);
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    back_up(&mut app);
    app
}

struct Hands {
    dice: StdRng,
    /// What was done, for whoever reads a failure.
    done: Vec<String>,
}

impl Hands {
    fn act(&mut self, app: &mut TestApp) {
        if !matches!(app.app().route(), Route::Explorer { .. }) {
            self.done.push("open".into());
            let ctx = app.harness.ctx.clone();
            let explore = Action::Command(Command::ExploreBackup);
            app.harness.state_mut().send(&ctx, explore);
        } else {
            match self.dice.random_range(0..14) {
                0 | 1 => self.search(app),
                2 | 3 => self.key(app),
                4 => self.scroll(app),
                _ => self.click(app),
            }
        }
        for _ in 0..self.dice.random_range(1..5) {
            app.harness.step();
            if self.dice.random_bool(0.3) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }

    /// Anything that can be pressed, if nothing serious lies there.
    fn click(&mut self, app: &TestApp) {
        let label = |n: &egui_kittest::Node<'_>| n.accesskit_node().label().unwrap_or_default();
        let serious: Vec<_> = app
            .harness
            .query_all_by_role(Role::Button)
            .filter(|n| is_serious(&label(n)))
            .map(|n| n.rect())
            .collect();
        let nodes: Vec<_> = app
            .harness
            .query_all_by(|n| {
                matches!(
                    n.role(),
                    Role::Button
                        | Role::CheckBox
                        | Role::RadioButton
                        | Role::ListBoxOption
                        | Role::ComboBox
                        | Role::MenuItemCheckBox
                )
            })
            .filter(|n| !serious.iter().any(|r| r.contains(n.rect().center())))
            .collect();
        if let Some(node) = nodes.choose(&mut self.dice) {
            self.done.push(format!("click {}", label(node)));
            node.click();
        }
    }

    fn search(&mut self, app: &mut TestApp) {
        const WORDS: [&str; 9] = [
            "deck:Spanish",
            "tag:t::1 OR (",
            "is:new -is:suspended",
            "front",
            "nid:1",
            "\"",
            "re:(",
            "größe",
            "prop:ivl>0",
        ];
        let field = app
            .harness
            .query_by_role_and_label(Role::TextInput, "Search this backup");
        let Some(field) = field else { return };
        field.focus();
        app.harness.step();
        if self.dice.random_bool(0.6) {
            app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
            app.harness.step();
        }
        let focused = app
            .harness
            .query_by_role_and_label(Role::TextInput, "Search this backup")
            .is_some_and(|f| f.is_focused());
        if focused {
            let words = *WORDS.choose(&mut self.dice).unwrap();
            self.done.push(format!("type {words}"));
            app.harness.event(Event::Text(words.to_owned()));
        }
    }

    fn key(&mut self, app: &TestApp) {
        const KEYS: [Key; 13] = [
            Key::ArrowDown,
            Key::ArrowUp,
            Key::ArrowLeft,
            Key::ArrowRight,
            Key::PageDown,
            Key::PageUp,
            Key::Home,
            Key::End,
            Key::Tab,
            Key::Space,
            Key::Enter,
            Key::Escape,
            Key::F10,
        ];
        let key = *KEYS.choose(&mut self.dice).unwrap();
        let mut focused = app.harness.query_all_by(|n| n.is_focused());
        let on_serious = focused.any(|n| {
            let label = n.accesskit_node().label().unwrap_or_default();
            is_serious(&label)
        });
        if !on_serious {
            self.done.push(format!("key {key:?}"));
            app.harness.key_press(key);
        }
    }

    fn scroll(&mut self, app: &TestApp) {
        let at = app.harness.ctx.content_rect().lerp_inside(vec2(
            self.dice.random_range(0.0..1.0),
            self.dice.random_range(0.1..0.9),
        ));
        app.harness.hover_at(at);
        app.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, self.dice.random_range(-300.0..300.0)),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
    }
}

/// Back on the page below, whatever is open.
fn leave(app: &mut TestApp) {
    for _ in 0..12 {
        if !matches!(app.app().route(), Route::Explorer { .. }) {
            break;
        }
        app.key(Key::Escape);
    }
    assert!(!matches!(app.app().route(), Route::Explorer { .. }));
    app.step_until("nothing is under way", |a| a.app().model().jobs.is_empty());
}

#[test]
fn random_hands_change_nothing_until_recover_is_pressed() {
    let mut app = started();
    let (before, _) = app.killed();
    for seed in 1..=4 {
        let mut hands = Hands {
            dice: StdRng::seed_from_u64(seed),
            done: Vec::new(),
        };
        for _ in 0..STEPS {
            let acted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                hands.act(&mut app);
            }));
            assert!(acted.is_ok(), "seed {seed}: {:#?}", hands.done);
        }
        leave(&mut app);
        let (after, _) = app.killed();
        assert_same_rows(&before.path().join("Ana"), &after.path().join("Ana"));
    }
    let before = rows(&before.path().join("Ana/collection.anki2"));
    let after = recovered(app);
    for table in [
        "notes",
        "cards",
        "revlog",
        "decks",
        "notetypes",
        "fields",
        "templates",
    ] {
        let lost: Vec<_> = before[table]
            .iter()
            .filter(|row| !after[table].contains(row))
            .collect();
        assert!(lost.is_empty(), "{table}: {lost:?}");
    }
    assert_eq!(after["notes"].len(), before["notes"].len() + 3);
}

/// What was deleted since the older backup is put back; all rows afterwards.
fn recovered(mut app: TestApp) -> std::collections::BTreeMap<String, Vec<String>> {
    let path = app
        .base
        .join("Ana/backups/backup-2026-11-19-21.10.00.colpkg");
    send(&mut app, Action::Go(Route::Explorer { path: Some(path) }));
    wait_for(&mut app, "Show: Deleted 3");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Show: Deleted 3")
        .click();
    wait_for(&mut app, "0 of 3 notes ticked");
    click(&mut app, Role::CheckBox, "Tick all");
    crate::explorer::choose_mode(&mut app, "Put back what was deleted");
    press(&mut app, "Recover 3 notes");
    wait_for(&mut app, "3 notes recovered");
    leave(&mut app);
    let (after, _) = app.killed();
    rows(&after.path().join("Ana/collection.anki2"))
}
