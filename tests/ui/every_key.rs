//! Every key of the reviewer, of a deck's page and of the pages of notes does something, every
//! entry of the More menu and every button is there and does the same. Made from the command table,
//! so that none is forgotten.

use crate::harness::{Options, TestApp};
use crate::steps;
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::note::Note;
use engram::domain::notetype::{Field, FieldConfig, Notetype};
use engram::domain::op::Op;
use engram::domain::study::{Congrats, Counts, QueueKind, StudiedToday};
use engram::service::event::{
    BackupEvent, BackupStatus, CardSide, DeckEvent, DeckOverview, Event, ProfileEvent, StudyCard,
    StudyEvent, UndoStatus, Undone,
};
use engram::service::notes::{Adding, FieldsState, NoteEvent, NoteView};
use engram::ui::action::Action;
use engram::ui::command::{Command, Scope};
use engram::ui::keys::Keys;
use engram::ui::menu::MENUS;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::sync::Arc;

/// Where keys are pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Overview,
    FilteredOverview,
    Finished,
    Question,
    Answer,
    Adding,
    Editing,
}

const PLACES: [Place; 7] = [
    Place::Overview,
    Place::FilteredOverview,
    Place::Finished,
    Place::Question,
    Place::Answer,
    Place::Adding,
    Place::Editing,
];

fn card() -> StudyCard {
    let side = |html: &str| CardSide {
        html: html.into(),
        sounds: vec![],
    };
    StudyCard {
        id: 1.into(),
        note: 1.into(),
        card_type: 0,
        deck: "A".into(),
        kind: QueueKind::New,
        flag: 0,
        marked: false,
        css: String::new(),
        body_class: "card".into(),
        question: side("front"),
        answer: side("back"),
        type_in: None,
        intervals: ["1m", "6m", "10m", "4d"].map(str::to_owned),
        show_timer: false,
        time_cap_secs: 60,
        stop_timer_on_answer: false,
        autoplay: false,
        auto_advance: Default::default(),
        replay_answer_only: false,
    }
}

fn notetype() -> Arc<Notetype> {
    let field = |name: &str| Field {
        name: name.to_owned(),
        config: FieldConfig::default(),
    };
    Arc::new(Notetype {
        id: 7.into(),
        name: "Basic".into(),
        fields: vec![field("Front"), field("Back")],
        ..Notetype::default()
    })
}

fn editing(note: engram::base::ids::NoteId) -> Route {
    Route::EditNote { note, card_type: 0 }
}

fn at(place: Place) -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: Default::default(),
    }));
    worker.say(Event::Deck(DeckEvent::Tree {
        root: DeckTreeNode::default(),
        current: DeckId(4),
        today: StudiedToday::default(),
    }));
    app.settle();
    let ctx = app.harness.ctx.clone();
    let mut go = |route| app.harness.state_mut().send(&ctx, Action::Go(route));
    match place {
        Place::Overview | Place::FilteredOverview => {
            worker.say(Event::Deck(DeckEvent::Overview(DeckOverview {
                id: DeckId(4),
                name: "A".into(),
                have_user_buried: true,
                buried: Counts {
                    new: 2,
                    ..Counts::default()
                },
                filtered: place == Place::FilteredOverview,
                ..DeckOverview::default()
            })));
            go(Route::Overview);
        }
        Place::Finished => {
            go(Route::Review);
            worker.say(Event::Study(StudyEvent::Finished {
                deck: "A".into(),
                congrats: Congrats {
                    have_user_buried: true,
                    ..Congrats::default()
                },
            }));
        }
        Place::Adding => {
            go(Route::Add);
            let notetype = notetype();
            worker.say(Event::Note(NoteEvent::Adding(Box::new(Adding {
                notetypes: vec![(notetype.id, notetype.name.clone())],
                notetype,
                deck_id: DeckId(1),
                fields: vec!["front".into(), String::new()],
                tags: vec![],
                from_draft: false,
                instead_of_copy: None,
            }))));
            // For its history.
            worker.say(Event::Note(NoteEvent::Added {
                id: 9.into(),
                summary: "an older note".into(),
            }));
        }
        Place::Editing => {
            let note = Note {
                id: 1.into(),
                notetype_id: notetype().id,
                fields: vec!["front".into(), "back".into()],
                ..Note::default()
            };
            go(editing(note.id));
            worker.say(Event::Note(NoteEvent::Loaded(Box::new(NoteView {
                note,
                notetype: notetype(),
                state: FieldsState::Fine,
            }))));
        }
        Place::Question | Place::Answer => {
            go(Route::Review);
            worker.say(Event::Study(StudyEvent::Answered {
                card: 7.into(),
                leech: false,
                suspended: false,
            }));
            worker.say(Event::Study(StudyEvent::Card {
                card: Box::new(card()),
                counts: Counts::default(),
            }));
        }
    }
    worker.say(Event::Done {
        op: Op::SetFlag,
        undone: Undone::No,
        changes: Default::default(),
        affected: 1,
        status: UndoStatus {
            undo: Some(Op::SetFlag),
            redo: Some(Op::SetFlag),
        },
    });
    app.settle();
    if place == Place::Answer {
        app.key(Key::Space);
    }
    let _before = worker.take_requests();
    (app, worker)
}

fn press(app: &mut TestApp, keys: Keys) {
    match keys {
        Keys::Key(modifiers, key) => app.keys(modifiers, key),
        Keys::Sign(sign) => app.type_text(&sign.to_string()),
    }
}

/// What a command can change, as far as one sees it.
fn seen(app: &TestApp) -> Vec<String> {
    let model = app.app().model();
    let mut out = vec![
        format!("{:?}", app.app().route()),
        format!("{:?} {}", model.study.side(), model.study.auto_advance),
        format!("{:?}", model.settings),
        format!("{:?} {:?}", app.script.asked(), app.script.opened()),
    ];
    let labels = app.harness.query_all_by(|_| true);
    out.extend(labels.filter_map(|n| n.accesskit_node().label()));
    out
}

/// Seen only by the window system, or heard; sounds have tests of their own.
fn is_unseen(command: Command) -> bool {
    matches!(
        command,
        Command::Quit | Command::FullScreen | Command::ReplayAudio | Command::Audio(_)
    )
}

/// `act` on a fresh window changes something or asks the worker.
#[track_caller]
fn does_something(place: Place, what: &str, act: impl FnOnce(&mut TestApp)) {
    let (mut app, worker) = at(place);
    let before = seen(&app);
    act(&mut app);
    let asked = worker.take_requests();
    assert!(
        !asked.is_empty() || seen(&app) != before,
        "{what} does nothing at {place:?}"
    );
}

fn is_usable(command: Command, scope: Scope, place: Place) -> bool {
    let (app, _) = at(place);
    let (model, route) = (app.app().model(), app.app().route());
    scope.is_active(model, route) && command.usable(model, route).is_ok()
}

#[test]
fn every_key_of_study_decks_and_notes_does_something() {
    for &command in Command::ALL.iter().filter(|c| !is_unseen(**c)) {
        for &(scope, keys) in command.info().keys {
            // Those of the Browse page are in `every_entry`.
            let elsewhere = [Scope::DeckOptions, Scope::Preferences, Scope::Browse];
            if scope == Scope::Everywhere || elsewhere.contains(&scope) {
                continue;
            }
            let place = PLACES
                .into_iter()
                .find(|p| is_usable(command, scope, *p))
                .unwrap_or_else(|| panic!("{command:?} can nowhere be used in {scope:?}"));
            let what = format!("{command:?} by {}", keys.shown());
            does_something(place, &what, |app| press(app, keys));
        }
    }
}

#[test]
fn keys_for_everywhere_work_while_studying_and_on_a_decks_page() {
    for place in [Place::Overview, Place::Answer] {
        for &command in Command::ALL.iter().filter(|c| !is_unseen(**c)) {
            for &(scope, keys) in command.info().keys {
                let usable = || is_usable(command, scope, place);
                // Two go where one is already.
                let stays = command == Command::ZoomReset;
                if scope == Scope::Everywhere && !stays && usable() {
                    let what = format!("{command:?} by {}", keys.shown());
                    does_something(place, &what, |app| press(app, keys));
                }
            }
        }
    }
}

/// Keys that work on both sides of a card, but for those that are not about the card.
fn about_cards() -> impl Iterator<Item = Command> {
    let in_review = |c: &Command| c.info().keys.iter().any(|(s, _)| *s == Scope::Review);
    Command::ALL.iter().copied().filter(move |c| {
        let own = [Command::Undo, Command::MoreMenu, Command::EditNote];
        in_review(c) && !own.contains(c)
    })
}

fn is_entry(role: Role) -> bool {
    matches!(role, Role::MenuItem | Role::MenuItemCheckBox)
}

#[track_caller]
fn open_more(app: &mut TestApp, command: Command) {
    app.key(Key::M);
    if matches!(command, Command::Flag(_)) {
        app.harness.get_by_label("Flag Card").click();
        app.settle();
    }
}

#[test]
fn every_entry_of_the_more_menu_does_something() {
    for command in about_cards() {
        let label = command.info().label;
        let (mut app, worker) = at(Place::Answer);
        let before = seen(&app);
        open_more(&mut app, command);
        app.harness
            .get_by(|n| n.label().as_deref() == Some(label) && is_entry(n.role()))
            .click();
        app.settle();
        let asked = worker.take_requests();
        assert!(
            is_unseen(command) || !asked.is_empty() || seen(&app) != before,
            "{label} does nothing"
        );
    }
}

/// Chosen already in a fresh window.
fn is_chosen(command: Command) -> bool {
    matches!(command, Command::ZoomReset | Command::ThemeSystem)
}

/// `Undo Set Flag` is Undo.
fn names(entry: &str, command: &str) -> bool {
    let rest = entry.strip_prefix(command);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[test]
fn every_entry_of_the_menus_does_something() {
    let mut dead = Vec::new();
    for menu in MENUS {
        for &command in Command::ALL.iter().filter(|c| menu.contains(**c)) {
            // Shown after a restore alone.
            if command == Command::ResumeBackups {
                continue;
            }
            let label = command.info().label;
            let (mut app, worker) = at(Place::Overview);
            worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
                folder: Some("/backups".into()),
                ..BackupStatus::default()
            })));
            app.settle();
            let before = seen(&app);
            steps::press(&mut app, menu.name);
            app.harness
                .get_by(|n| n.label().is_some_and(|l| names(&l, label)) && is_entry(n.role()))
                .click();
            app.settle();
            let nothing = worker.take_requests().is_empty() && seen(&app) == before;
            if nothing && !is_unseen(command) && !is_chosen(command) {
                dead.push(label);
            }
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn every_command_of_a_decks_page_has_a_button() {
    for &command in Command::ALL {
        let keys = command.info().keys;
        if !keys.iter().any(|(s, _)| *s == Scope::Overview) {
            continue;
        }
        for place in [Place::Overview, Place::FilteredOverview, Place::Finished] {
            if is_usable(command, Scope::Overview, place) {
                does_something(place, command.info().label, |app| {
                    steps::press(app, command.info().label);
                });
            }
        }
    }
}

#[test]
fn modifiers_are_taken_exactly() {
    let (mut app, worker) = at(Place::Answer);
    app.keys(Modifiers::ALT, Key::Num1);
    app.keys(Modifiers::SHIFT, Key::Num3);
    assert!(worker.take_requests().is_empty());
}
