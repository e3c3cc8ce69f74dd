//! Dialogs: focus, Enter, Esc, what is copied.

use crate::harness::{NOW, Options, TestApp};
use crate::steps::{press, sees, send};
use crate::vaults::fill;
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::NoteId;
use engram::base::job::Progress;
use engram::domain::history::Trashed;
use engram::explain::UserMessage;
use engram::service::event::{Event, JobId};
use engram::service::history::{HistoryEvent, HistoryRequest, Trash};
use engram::service::jobs::JobView;
use engram::service::request::{DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::dialog_host::{AskText, Question, Trouble};
use engram::ui::dialogs::{Confirm, Prompt, Weight};
use engram::ui::history::TrashDialog;
use engram::ui::testing::ScriptedService;

fn window() -> (TestApp, ScriptedService) {
    let (mut app, service) = TestApp::scripted(Options::default());
    app.settle();
    let _at_start = service.take_requests();
    (app, service)
}

fn ask(app: &mut TestApp, weight: Weight) {
    let confirm = Confirm {
        title: "Delete it?".into(),
        body: "It is gone then.".into(),
        cancel: "Cancel".into(),
        action: "Delete it".into(),
        weight,
        ..Confirm::default()
    };
    let yes = Action::Ask(Request::Undo);
    send(app, Action::Open(Box::new(Question::new(confirm, yes))));
}

fn is_focused(app: &TestApp, label: &str) -> bool {
    app.harness
        .get_by_role_and_label(Role::Button, label)
        .is_focused()
}

/// What a button puts on the clipboard.
fn what_copies(app: &mut TestApp, button: &str) -> String {
    app.harness
        .get_by_role_and_label(Role::Button, button)
        .click();
    let mut copied = String::new();
    for _ in 0..4 {
        app.harness.step();
        for command in &app.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(text) = command {
                copied.clone_from(text);
            }
        }
    }
    copied
}

#[test]
fn what_removes_something_has_cancel_as_default() {
    for weight in [Weight::Destructive, Weight::Replace] {
        let (mut app, service) = window();
        ask(&mut app, weight);
        assert!(is_focused(&app, "Cancel"), "{weight:?}");
        app.key(Key::Enter);
        assert!(!sees(&app, "Delete it?"), "Enter means Cancel");
        assert!(service.take_requests().is_empty());
    }
}

#[test]
fn the_action_is_one_press_away_and_done_once() {
    let (mut app, service) = window();
    ask(&mut app, Weight::Destructive);
    press(&mut app, "Delete it");
    assert_eq!(service.take_requests(), [Request::Undo]);
    assert!(!sees(&app, "Delete it?"));
}

#[test]
fn a_harmless_question_has_its_action_as_default() {
    let (mut app, service) = window();
    ask(&mut app, Weight::Harmless);
    assert!(is_focused(&app, "Delete it"));
    app.key(Key::Enter);
    assert_eq!(service.take_requests(), [Request::Undo]);
}

#[test]
fn escape_closes_without_doing_anything() {
    let (mut app, service) = window();
    ask(&mut app, Weight::Harmless);
    app.key(Key::Escape);
    assert!(!sees(&app, "Delete it?"));
    assert!(service.take_requests().is_empty());
}

#[test]
fn tab_stays_inside_the_dialog() {
    let (mut app, _service) = window();
    ask(&mut app, Weight::Destructive);
    app.key(Key::Tab);
    assert!(is_focused(&app, "Delete it"));
    app.key(Key::Tab);
    assert!(is_focused(&app, "Cancel"));
}

#[test]
fn an_error_can_be_copied_and_stays_open() {
    let (mut app, _service) = window();
    let message = UserMessage {
        what: "Could not create the backup".into(),
        cause: "The disk is full.".into(),
        remedy: "Free some space.".into(),
        details: "DiskFull: /backups".into(),
        ..UserMessage::default()
    };
    send(&mut app, Action::Open(Box::new(Trouble::new(message))));
    let copied = what_copies(&mut app, "Copy details");
    assert!(copied.contains("Could not create the backup"), "{copied}");
    assert!(copied.contains("DiskFull: /backups"), "{copied}");
    assert!(sees(&app, "The disk is full."));
    app.key(Key::Escape);
    assert!(!sees(&app, "The disk is full."));
}

#[test]
fn a_key_that_was_on_its_way_does_not_close_an_error() {
    let (mut app, _service) = window();
    let message = UserMessage {
        what: "Could not save the answer".into(),
        cause: "The disk is full.".into(),
        ..UserMessage::default()
    };
    let ctx = app.harness.ctx.clone();
    let error = Action::Open(Box::new(Trouble::new(message)));
    app.harness.state_mut().send(&ctx, error);
    app.harness.step();
    // A frame of the harness lasts a quarter of a second.
    app.key(Key::Enter);
    assert!(sees(&app, "The disk is full."));
    app.key(Key::Enter);
    assert!(!sees(&app, "The disk is full."));
}

#[test]
fn a_name_is_typed_checked_and_taken_with_enter() {
    let (mut app, service) = window();
    let prompt = Prompt {
        title: "Create deck".into(),
        label: "Name".into(),
        action: "Create".into(),
        ..Prompt::default()
    };
    let dialog = AskText::new(prompt, |name| {
        Action::Ask(Request::Deck(DeckRequest::Create { name }))
    })
    .check(|text| text.contains('/').then(|| "No slashes.".into()));
    send(&mut app, Action::Open(Box::new(dialog)));
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Name");
    assert!(field.is_focused());
    app.type_text("a/b");
    assert!(sees(&app, "No slashes."));
    app.key(Key::Enter);
    assert!(
        service.take_requests().is_empty(),
        "a bad name is not taken"
    );
    app.key(Key::Backspace);
    app.key(Key::Backspace);
    app.key(Key::Enter);
    let wanted = Request::Deck(DeckRequest::Create { name: "a".into() });
    assert_eq!(service.take_requests(), [wanted]);
}

/// The worker looks through all of them, also those that are not listed; while it does, what is
/// typed waits.
#[test]
fn deleted_notes_are_searched_one_question_at_a_time() {
    let (mut app, service) = window();
    for action in TrashDialog::open() {
        send(&mut app, action);
    }
    let asked = |search: &str| Request::History(HistoryRequest::Trash(search.into()));
    assert_eq!(service.take_requests(), [asked("")]);
    let answer = |app: &mut TestApp, search: &str, titles: &[&str]| {
        let notes = (1..).zip(titles).map(|(number, title)| Trashed {
            number,
            note: NoteId(number),
            deleted: NOW,
            title: (*title).into(),
            line: String::new(),
            cards: 1,
        });
        service.say(Event::History(HistoryEvent::Trash(Trash {
            search: search.into(),
            notes: notes.collect(),
            subjects: vec![],
        })));
        app.settle();
    };
    answer(&mut app, "", &["one", "two"]);
    assert!(sees(&app, "one, deleted") && sees(&app, "two, deleted"));
    app.harness.get_by_label_contains("one, deleted").click();
    app.settle();
    fill(&mut app, "Search what was deleted", "tw");
    app.type_text("o");
    assert_eq!(service.take_requests(), [asked("tw")]);
    answer(&mut app, "tw", &["two", "twelve"]);
    assert!(
        !sees(&app, "twelve, deleted"),
        "no longer what is looked for"
    );
    assert_eq!(service.take_requests(), [asked("two")]);
    answer(&mut app, "two", &["two"]);
    assert!(!sees(&app, "one, deleted") && sees(&app, "two, deleted"));
    app.type_text("x");
    assert_eq!(service.take_requests(), [asked("twox")]);
    answer(&mut app, "twox", &[]);
    assert!(sees(&app, "Nothing matches “twox”."));
    // What was ticked before the search is put back with the rest.
    press(&mut app, "Put back 1 note");
    let put_back = Request::History(HistoryRequest::PutBack(vec![1]));
    assert_eq!(service.take_requests(), [put_back]);
}

#[test]
fn deleted_notes_wait_for_no_answer_to_what_the_worker_did_not_take() {
    let (mut app, service) = window();
    service.set_full(true);
    for action in TrashDialog::open() {
        send(&mut app, action);
    }
    assert!(sees(&app, "Engram is busy; try again in a moment"));
    assert!(!sees(&app, "Looking for deleted notes…"));
    service.set_full(false);
    for action in TrashDialog::open() {
        send(&mut app, action);
    }
    assert!(sees(&app, "Looking for deleted notes…"));
    service.say(Event::History(HistoryEvent::Trash(Trash {
        search: String::new(),
        notes: vec![],
        subjects: vec![],
    })));
    app.settle();
    let _first = service.take_requests();
    service.set_full(true);
    fill(&mut app, "Search what was deleted", "tw");
    app.settle();
    service.set_full(false);
    app.type_text("o");
    app.settle();
    let asked = Request::History(HistoryRequest::Trash("two".into()));
    assert_eq!(service.take_requests(), [asked]);
}

#[test]
fn progress_counts_and_can_be_cancelled() {
    let (mut app, service) = window();
    let progress = Progress::new();
    let _running = progress.stage("Copying media", 10);
    let _running = progress.step(4);
    service.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Importing x.colpkg".into(),
        exclusive: true,
        progress: progress.view(),
    }]);
    app.step_until("the progress is shown", |a| {
        sees(a, "Copying media: 4 of 10")
    });
    assert!(sees(&app, "Nothing changes until it is done."));
    press(&mut app, "Cancel");
    app.step_until("it is gone", |a| !sees(a, "Copying media"));
}

#[test]
fn about_and_a_report_say_what_draws_the_window() {
    let (mut app, _service) = window();
    send(&mut app, Action::Command(Command::About));
    let graphics = "Graphics: llvmpipe, painted by Engram";
    assert!(sees(&app, graphics));
    let report = what_copies(&mut app, "Copy debug info");
    assert!(report.contains(graphics), "{report}");
    assert!(report.contains("Data folder: /home/ana"), "{report}");
}
