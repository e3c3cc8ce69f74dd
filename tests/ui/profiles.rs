//! First start and the profiles window.

use crate::harness::{Options, TestApp, ana};
use crate::shell::ask_to_close;
use crate::steps::{ana_is_open, click, has_deck, press, sees, send, wait_for};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::collection::Collection;
use engram::explain::UserMessage;
use engram::service::event::{AnkiProfile, Event, ImportedProfile, ProfileEvent, ProfileSummary};
use engram::service::profiles::{DataFolder, ProfileLock};
use engram::service::request::{ProfileRequest, Request};
use engram::service::sync::{SyncEvent, SyncRequest, SyncStatus};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::model::Phase;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::Path;

fn make(base: &Path, names: &[&str]) {
    let data = DataFolder::at(base.to_owned());
    for name in names {
        data.create(name).unwrap();
    }
}

fn window(names: &'static [&'static str]) -> TestApp {
    let mut app = TestApp::with(Options::default(), |base, _| make(base, names));
    wait_for(&mut app, "Each profile has its own collection");
    app
}

fn names(app: &TestApp) -> Vec<String> {
    let list = app.app().model().profiles.ready();
    let names = |all: &[ProfileSummary]| all.iter().map(|p| p.name.clone()).collect();
    list.map(|l| names(&l.profiles)).unwrap_or_default()
}

#[test]
fn the_first_start_makes_a_profile_with_something_to_study() {
    let mut app = TestApp::start();
    wait_for(&mut app, "Welcome to Engram");
    press(&mut app, "Create profile");
    app.step_until("the sample deck is there", |a| {
        has_deck(a, engram::collection::sample::DECK_NAME)
    });
    assert_eq!(app.app().route(), &Route::Decks);
    assert_eq!(app.app().model().profile().unwrap().name, "User 1");
    assert_eq!(app.app().model().undo.undo, None, "the cards are to stay");
    // Browse and Add begin there, Add with a plain note.
    app.key(Key::B);
    wait_for(&mut app, "das Fernweh");
    let (dir, clock) = app.into_dir();
    let paths = DataFolder::at(dir.path().to_owned()).profile("User 1");
    let col = Collection::open(&paths.unwrap().collection(), clock).unwrap();
    let begin = col.adding_defaults(None).unwrap();
    assert_eq!(begin.deck_id, col.current_deck().unwrap());
    let notetypes = col.storage().notetype_names().unwrap();
    assert!(notetypes.contains(&(begin.notetype_id, "Basic".to_owned())));
    col.close().unwrap();
}

/// With the keyboard alone: Enter takes what stands out.
#[test]
fn enter_at_the_first_start_begins() {
    let mut app = TestApp::start();
    wait_for(&mut app, "Welcome to Engram");
    app.key(Key::Enter);
    app.step_until("the sample deck is there", |a| {
        has_deck(a, engram::collection::sample::DECK_NAME)
    });
}

#[test]
fn nothing_is_copied_while_no_anki_profile_is_ticked() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let ana = AnkiProfile {
        name: "Ana".into(),
        path: "/home/ana/Anki2/Ana".into(),
        collection_size: 1000,
    };
    worker.say(Event::Profile(ProfileEvent::Listed {
        profiles: vec![],
        anki: vec![ana],
    }));
    app.settle();
    let can_copy = |app: &TestApp| {
        let copy = app
            .harness
            .get_by_role_and_label(Role::Button, "Copy profile");
        !copy.accesskit_node().is_disabled()
    };
    assert!(can_copy(&app));
    let tick = |app: &mut TestApp| {
        app.harness.get_by_role(Role::CheckBox).click();
        app.settle();
    };
    tick(&mut app);
    assert!(!can_copy(&app));
    tick(&mut app);
    assert!(can_copy(&app));
}

/// Two profiles of which nothing is known.
pub fn ana_and_ben() -> [ProfileSummary; 2] {
    ["Ana", "Ben"].map(|name| ProfileSummary {
        name: name.into(),
        path: name.into(),
        last_opened: None,
        collection_size: None,
        cards: None,
        last_backup: None,
    })
}

#[test]
fn profiles_are_brought_from_anki_also_where_there_are_some_already() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let here = ana_and_ben();
    let list = |anki: &[&str]| {
        let found = anki.iter().map(|name| AnkiProfile {
            name: (*name).into(),
            path: name.into(),
            collection_size: 1000,
        });
        Event::Profile(ProfileEvent::Listed {
            profiles: here.to_vec(),
            anki: found.collect(),
        })
    };
    let copy = |base: Option<&Path>, names: &[&str]| {
        Request::Profile(ProfileRequest::ImportAnki {
            base: base.map(Path::to_owned),
            names: names.iter().map(ToString::to_string).collect(),
        })
    };
    worker.say(list(&["Cleo", "Dora"]));
    app.settle();
    press(&mut app, "From Anki…");
    click(&mut app, Role::CheckBox, "Cleo · 1.0 kB");
    // Meanwhile Anki has got another one, with a name that has no room.
    let list_again = Request::Profile(ProfileRequest::List);
    assert!(worker.take_requests().contains(&list_again));
    let long = "Emil ".repeat(19).trim().to_owned();
    worker.say(list(&["Cleo", "Dora", &long]));
    app.settle();
    let label = format!("{long} · 1.0 kB");
    let tick = app.harness.get_by_role_and_label(Role::CheckBox, &label);
    let button = app
        .harness
        .get_by_role_and_label(Role::Button, "Copy profiles");
    assert!(tick.rect().right() <= button.rect().right());
    press(&mut app, "Copy profiles");
    assert!(
        worker
            .take_requests()
            .contains(&copy(None, &["Dora", &long]))
    );
    // Where none was found the folder is asked for at once.
    worker.say(list(&[]));
    app.settle();
    let folder = app.base.join("Anki2");
    app.script.will_pick(&folder);
    press(&mut app, "From Anki…");
    let asked = copy(Some(&folder), &[]);
    app.step_until("it is asked for", |_| {
        worker.take_requests().contains(&asked)
    });
}

/// A dialog takes the keys, and the list has them again afterwards.
#[test]
fn enter_opens_the_profile_after_a_dialog_was_closed() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let here = ana_and_ben();
    worker.say(Event::Profile(ProfileEvent::Listed {
        profiles: here.to_vec(),
        anki: vec![],
    }));
    app.settle();
    press(&mut app, "Rename");
    app.key(Key::Escape);
    app.key(Key::Enter);
    let open = Request::Profile(ProfileRequest::Open { name: "Ana".into() });
    assert!(worker.take_requests().contains(&open));
}

/// Moving in is one click: what came is told, and opens.
#[test]
fn a_profile_that_was_brought_from_anki_is_told_and_opens() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    worker.say(Event::Profile(ProfileEvent::Listed {
        profiles: vec![],
        anki: vec![],
    }));
    app.settle();
    let _before = worker.take_requests();
    let ana = ImportedProfile {
        name: "Ana".into(),
        notes: 2,
        cards: 3,
        media: 1,
    };
    worker.say(Event::Profile(ProfileEvent::Imported {
        profiles: vec![ana.clone()],
    }));
    app.settle();
    assert!(sees(
        &app,
        "Copied from Anki: 2 notes, 3 cards, 1 media file"
    ));
    let open = |name: &str| Request::Profile(ProfileRequest::Open { name: name.into() });
    assert!(worker.take_requests().contains(&open("Ana")));
    // Of several nobody knows which is wanted.
    let ben = ImportedProfile {
        name: "Ben".into(),
        ..ana.clone()
    };
    worker.say(Event::Profile(ProfileEvent::Imported {
        profiles: vec![ana, ben],
    }));
    app.settle();
    let asked = worker.take_requests();
    assert!(!asked.contains(&open("Ana")) && !asked.contains(&open("Ben")));
}

#[test]
fn a_single_profile_opens_by_itself() {
    let mut app = TestApp::with(Options::default(), |base, _| make(base, &["Ana"]));
    app.step_until("it is open", |a| a.app().model().is_open());
}

#[test]
fn nothing_is_done_in_a_profile_that_is_being_closed() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let close = Request::Profile(ProfileRequest::Close);
    let switch = |app: &mut TestApp| {
        let _before = worker.take_requests();
        send(app, Action::Command(Command::SwitchProfile));
        assert!(worker.take_requests().contains(&close));
        assert!(sees(app, "Closing Ana…"));
    };
    switch(&mut app);
    app.key(Key::A);
    assert_eq!(*app.app().route(), Route::Decks);
    assert_eq!(worker.take_requests(), vec![]);
    // Refused: it is open as before.
    worker.say(Event::Failed {
        request: Box::new(close.clone()),
        message: UserMessage {
            what: "Could not close the profile".into(),
            ..UserMessage::default()
        },
    });
    app.settle();
    press(&mut app, "Close");
    assert!(app.app().model().is_open() && !sees(&app, "Closing Ana…"));
    switch(&mut app);
    worker.say(Event::Profile(ProfileEvent::Closed));
    app.settle();
    assert_eq!(*app.app().route(), Route::Profiles);
}

/// A profile that syncs before it is closed is open.
fn syncing_on_close() -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    worker.say(Event::Sync(SyncEvent::Status(SyncStatus {
        on_close: true,
        ..SyncStatus::default()
    })));
    app.settle();
    (app, worker)
}

#[test]
fn a_profile_that_could_not_be_closed_after_its_sync_can_be_closed_again() {
    let (mut app, worker) = syncing_on_close();
    let sync = Request::Sync(SyncRequest::BeforeClosing);
    let close = Request::Profile(ProfileRequest::Close);
    for _ in 0..2 {
        send(&mut app, Action::Command(Command::SwitchProfile));
        assert!(worker.take_requests().contains(&sync));
        worker.say(Event::Sync(SyncEvent::BeforeClosing(None)));
        app.settle();
        assert!(worker.take_requests().contains(&close));
        worker.say(Event::Failed {
            request: Box::new(close.clone()),
            message: UserMessage::default(),
        });
        app.settle();
        app.key(Key::Escape);
    }
}

#[test]
fn a_window_whose_worker_ends_during_the_last_sync_can_be_closed() {
    let (mut app, worker) = syncing_on_close();
    ask_to_close(&mut app);
    let sync = Request::Sync(SyncRequest::BeforeClosing);
    assert!(worker.take_requests().contains(&sync));
    worker.say(Event::Fault(UserMessage {
        what: "Engram has to be started again".into(),
        ..UserMessage::default()
    }));
    app.settle();
    app.key(Key::Escape);
    ask_to_close(&mut app);
    assert_eq!(app.app().model().phase, Phase::Stopped);
}

#[test]
fn profiles_are_opened_with_the_keyboard() {
    let mut app = window(&["Ana", "Ben"]);
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    app.step_until("it is open", |a| a.app().model().is_open());
    assert_eq!(app.app().model().profile().unwrap().name, "Ben");
}

#[test]
fn a_profile_is_opened_with_a_double_click() {
    let mut app = window(&["Ana", "Ben"]);
    // A frame of the harness lasts a quarter of a second.
    let slow = |o: &mut eframe::egui::Options| o.input_options.max_double_click_delay = 2.0;
    app.harness.ctx.options_mut(slow);
    let row = app.harness.get_by_label("Ben");
    row.click();
    row.click();
    app.step_until("it is open", |a| a.app().model().is_open());
    assert_eq!(app.app().model().profile().unwrap().name, "Ben");
}

#[test]
fn a_profile_is_added_after_its_name_was_checked() {
    let mut app = window(&["Ana", "Ben"]);
    press(&mut app, "Add");
    app.type_text("ana");
    assert!(sees(&app, "There is already a profile of this name."));
    let add = app
        .harness
        .get_by_role_and_label(Role::Button, "Add profile");
    assert!(add.accesskit_node().is_disabled());
    app.type_text(" 2");
    press(&mut app, "Add profile");
    app.step_until("it is open", |a| a.app().model().is_open());
    assert_eq!(app.app().model().profile().unwrap().name, "ana 2");
}

#[test]
fn a_profile_is_renamed() {
    let mut app = window(&["Ana", "Ben"]);
    press(&mut app, "Rename");
    app.type_text("Anna");
    app.key(Key::Enter);
    app.step_until("it is renamed", |a| names(a).contains(&"Anna".into()));
    assert!(app.base.join("Anna").is_dir());
    assert!(!app.base.join("Ana").exists());
}

#[test]
fn a_renamed_profile_stays_the_chosen_one() {
    let mut app = window(&["Ana", "Ben", "Cleo"]);
    app.harness.get_by_label("Ben").click();
    app.settle();
    press(&mut app, "Rename");
    app.type_text("Zoe");
    app.key(Key::Enter);
    app.step_until("it is renamed", |a| names(a).contains(&"Zoe".into()));
    press(&mut app, "Open");
    app.step_until("it is open", |a| a.app().model().is_open());
    assert_eq!(app.app().model().profile().unwrap().name, "Zoe");
}

#[test]
fn deleting_a_profile_asks_first_with_cancel_as_default() {
    let mut app = window(&["Ana", "Ben"]);
    press(&mut app, "Delete");
    assert!(sees(&app, "Delete the profile “Ana”?"));
    let cancel = app.harness.get_by_role_and_label(Role::Button, "Cancel");
    assert!(cancel.is_focused());
    app.key(Key::Enter);
    assert!(!sees(&app, "Delete the profile"));
    assert_eq!(names(&app), ["Ana", "Ben"]);
    assert!(app.base.join("Ana").is_dir());
}

#[test]
fn a_broken_collection_is_explained_and_leads_to_its_backups() {
    let mut app = TestApp::with(Options::default(), |base, _| {
        make(base, &["Ana"]);
        std::fs::write(base.join("Ana/collection.anki2"), b"no database at all").unwrap();
    });
    wait_for(&mut app, "The collection of “Ana” cannot be opened");
    // The filled button has the focus; the window behind has one of the same name.
    app.key(Key::Enter);
    let there = Route::Backups {
        profile: "Ana".into(),
    };
    app.step_until("its backups", |a| a.app().route() == &there);
    wait_for(&mut app, "No backups of “Ana” yet");
}

/// No new collection, all in order and without a card, takes the place of one that was lost.
#[test]
fn a_collection_that_is_gone_leads_to_its_backups() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 3)]);
    });
    app.step_until("it is open", |a| a.app().model().is_open());
    // The close makes a backup.
    let (dir, clock) = app.into_dir();
    std::fs::remove_file(dir.path().join("Ana/collection.anki2")).unwrap();
    let mut again = TestApp::on(dir, clock, Options::default());
    wait_for(&mut again, "The collection of “Ana” cannot be opened");
    assert!(sees(&again, "The file is missing or empty"));
    again.key(Key::Enter);
    let there = Route::Backups {
        profile: "Ana".into(),
    };
    again.step_until("its backups", |a| a.app().route() == &there);
    wait_for(&mut again, "Restore…");
}

#[test]
fn a_profile_whose_collection_is_broken_is_renamed() {
    let mut app = TestApp::with(Options::default(), |base, _| {
        make(base, &["Ana"]);
        std::fs::write(base.join("Ana/collection.anki2"), b"no database at all").unwrap();
    });
    wait_for(&mut app, "The collection of “Ana” cannot be opened");
    press(&mut app, "Close");
    press(&mut app, "Rename");
    app.type_text("Zoe");
    app.key(Key::Enter);
    app.step_until("it is renamed", |a| names(a) == ["Zoe"]);
}

#[test]
fn a_broken_collection_is_salvaged_and_opened_with_the_old_file_kept() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 300)]);
        let path = base.join("Ana/collection.anki2");
        let mut bytes = std::fs::read(&path).unwrap();
        // The root of the tables is gone, and a page in the middle.
        let middle = bytes.len() / 8192 * 4096;
        for at in [0, middle] {
            bytes[at..at + 4096].fill(0x5a);
        }
        std::fs::write(&path, bytes).unwrap();
    });
    wait_for(&mut app, "The collection of “Ana” cannot be opened");
    press(&mut app, "Salvage…");
    wait_for(
        &mut app,
        "Open what was salvaged as the collection of “Ana”?",
    );
    assert!(sees(&app, "could be read") && sees(&app, "pages of the file"));
    for raw in ["rows", "revlog", "deck_config"] {
        assert!(!sees(&app, raw), "a word of the file format: {raw}");
    }
    press(&mut app, "Open it");
    app.step_until("the salvaged collection", |a| {
        a.app().model().is_open() && has_deck(a, "Spanish")
    });
    let files: Vec<String> = ["Ana", "Ana/backups"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(app.base.join(folder)).unwrap())
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        files
            .iter()
            .any(|f| f.starts_with("salvaged-") && f.ends_with(".anki2"))
    );
    let kept = files
        .iter()
        .find(|f| f.ends_with(".anki2") && !f.starts_with("salvaged") && *f != "collection.anki2");
    assert!(kept.is_some(), "the damaged file: {files:?}");
    let log = std::fs::read_to_string(app.base.join("Ana/backups/.engram-runs.jsonl")).unwrap();
    assert!(log.contains("salvage"), "{log}");
}

#[test]
fn a_second_window_on_the_same_profile_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), &["Ana"]);
    let paths = DataFolder::at(dir.path().to_owned())
        .profile("Ana")
        .unwrap();
    let _first = ProfileLock::acquire(&paths).unwrap();
    let clock = engram::base::time::Clock::fixed(crate::harness::NOW, 0);
    let mut app = TestApp::on(dir, clock, Options::default());
    wait_for(&mut app, "Close the other program");
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Profiles);
}
