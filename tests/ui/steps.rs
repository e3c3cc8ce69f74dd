//! Steps that several tests and the pictures take: press a button, wait for words, make a deck, open
//! a profile.

use crate::harness::{Options, TestApp, ana};
use eframe::egui::accesskit::Role;
use eframe::egui::{DroppedFile, Event as Input, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::DeckId;
use engram::domain::deck_tree::DeckTreeNode;
use engram::service::event::{BackupState, Event, ProfileEvent, UndoStatus};
use engram::service::profiles::DataFolder;
use engram::service::request::{DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A window in which the profile `Ana` (new, empty) has opened by itself.
pub fn with_ana() -> TestApp {
    with_ana_in(Options::default())
}

pub fn with_ana_in(options: Options) -> TestApp {
    let mut app = TestApp::with(options, |base, _| {
        DataFolder::at(base.to_owned())
            .create("Ana")
            .expect("a profile");
    });
    app.step_until("the profile is open", |a| a.app().model().is_open());
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    app
}

/// Ana's window with these decks, each of so many notes, at the list of them.
pub fn with_decks(decks: &[(&str, usize)]) -> TestApp {
    with_decks_in(Options::default(), decks)
}

pub fn with_decks_in(options: Options, decks: &[(&str, usize)]) -> TestApp {
    let mut app = TestApp::with(options, |base, clock| ana(base, clock, decks));
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

/// The profile `Ana` is open, by the word of a worker that a test plays.
pub fn ana_is_open(app: &mut TestApp, worker: &ScriptedService) {
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: UndoStatus::default(),
    }));
    app.settle();
}

/// A click on what has this role and name.
#[track_caller]
pub fn click(app: &mut TestApp, role: Role, label: &str) {
    app.harness.get_by_role_and_label(role, label).click();
    app.settle();
}

/// A click on a button.
#[track_caller]
pub fn press(app: &mut TestApp, label: &str) {
    click(app, Role::Button, label);
}

/// A key and what it types, which come at once.
pub fn hit(app: &mut TestApp, key: Key, typed: &str) {
    let event = |pressed| Input::Key {
        key,
        physical_key: Some(key),
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let events = &mut app.harness.input_mut().events;
    events.extend([event(true), Input::Text(typed.to_owned())]);
    app.settle();
    app.harness.event(event(false));
    app.settle();
}

/// The keyboard goes to what has this role and name.
#[track_caller]
pub fn focus(app: &mut TestApp, role: Role, label: &str) {
    app.harness.get_by_role_and_label(role, label).focus();
    app.settle();
}

/// An option of a combo box.
#[track_caller]
pub fn choose(app: &mut TestApp, combo: &str, option: &str) {
    click(app, Role::ComboBox, combo);
    click(app, Role::MenuItemCheckBox, option);
}

/// What is in a line of text becomes `text`.
#[track_caller]
pub fn fill(app: &mut TestApp, field: &str, text: &str) {
    focus(app, Role::TextInput, field);
    app.keys(Modifiers::COMMAND, Key::A);
    if text.is_empty() {
        app.key(Key::Delete);
    } else {
        app.type_text(text);
    }
}

/// Opens a page of the preferences.
#[track_caller]
pub fn preferences(app: &mut TestApp, page: &str) {
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    app.keys(Modifiers::COMMAND, Key::P);
    wait_for(app, "Changes are saved at once");
    click(app, Role::ListBoxOption, page);
}

pub fn sees(app: &TestApp, words: &str) -> bool {
    app.harness
        .query_all_by_label_contains(words)
        .next()
        .is_some()
}

#[track_caller]
pub fn wait_for(app: &mut TestApp, words: &str) {
    let what = words.to_owned();
    app.step_until(words, move |a| sees(a, &what));
}

/// As a screen would send it.
pub fn send(app: &mut TestApp, action: Action) {
    let ctx = app.harness.ctx.clone();
    app.harness.state_mut().send(&ctx, action);
    app.settle();
}

/// Presses the button of the mouse, moves and lets go.
pub fn drag(app: &mut TestApp, from: Pos2, to: Pos2) {
    app.harness.hover_at(from);
    app.harness.step();
    app.harness.drag_at(from);
    app.harness.step();
    for part in [0.3, 0.6, 1.0] {
        app.harness.hover_at(from + (to - from) * part);
        app.harness.step();
    }
    app.harness.event(Input::PointerButton {
        pos: to,
        button: PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    app.settle();
}

/// A click where no widget has a name; pressed for longer, it would be none.
pub fn click_at(app: &mut TestApp, at: Pos2) {
    app.harness.hover_at(at);
    app.settle();
    for pressed in [true, false] {
        app.harness.event(Input::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    app.settle();
}

/// From the list of decks to the first question of the deck that these letters find.
#[track_caller]
pub fn study(app: &mut TestApp, letters: &str) {
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.type_text("/");
    app.type_text(letters);
    app.key(Key::Enter);
    app.step_until("the overview", |a| a.app().model().overview.is_some());
    app.key(Key::Space);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
}

/// Where there are notes the first backup of all is made by itself at once: until it is there, and the
/// window says so.
#[track_caller]
pub fn wait_for_first_backup(app: &mut TestApp) {
    app.step_until("the first backup", |a| {
        let backup = &a.app().model().backup;
        backup.last_verified.is_some() && backup.state != BackupState::Running
    });
}

/// Makes a backup and waits until it is verified.
#[track_caller]
pub fn back_up(app: &mut TestApp) {
    send(app, Action::Command(Command::CreateBackup));
    app.step_until("a verified backup", |a| {
        a.app().model().backup.last_verified.is_some()
    });
}

/// Waits until it is on disk and in the list.
#[track_caller]
pub fn make_deck(app: &mut TestApp, name: &str) {
    let create = DeckRequest::Create { name: name.into() };
    send(app, Action::Ask(Request::Deck(create)));
    let wanted = name.to_owned();
    app.step_until("the deck is in the list", move |a| has_deck(a, &wanted));
}

pub fn has_deck(app: &TestApp, name: &str) -> bool {
    fn inside(node: &DeckTreeNode, name: &str) -> bool {
        node.name == name || node.children.iter().any(|c| inside(c, name))
    }
    app.app()
        .model()
        .decks
        .ready()
        .is_some_and(|d| inside(&d.root, name))
}

/// A file that the system hands over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

/// Files let go over the window.
pub fn drop_on_window(app: &mut TestApp, files: &[&Path]) {
    let files = files
        .iter()
        .map(|f| Arc::new(Dropped((*f).to_owned())) as _);
    app.harness.input_mut().dropped_files = files.collect();
    app.settle();
}

/// The pages of Ana's window that are entered from a menu or the top bar.
pub fn pages() -> [Route; 11] {
    let profile = || "Ana".to_owned();
    [
        Route::Decks,
        Route::Stats,
        Route::Browse,
        Route::Backups { profile: profile() },
        Route::Health { profile: profile() },
        Route::Timeline,
        Route::Vaults,
        Route::Preferences,
        Route::Add,
        Route::NoteTypes,
        Route::DeckOptions { deck: DeckId(1) },
    ]
}
