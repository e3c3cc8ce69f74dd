//! Adding and editing notes with the keyboard and the pointer, on a real collection.

use crate::fake_http::{Answer, Led, serve};
use crate::harness::{NOW, Options, TestApp, ana};
use crate::shell::ask_to_close;
use crate::steps::{
    ana_is_open, click, drop_on_window, focus, hit, press, send, wait_for, with_decks,
};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Color32, ColorImage, Event, Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::collection::Collection;
use engram::domain::note::Note;
use engram::domain::note_edit::NoteEdit;
use engram::domain::notetype::{Field, FieldConfig, Notetype};
use engram::domain::op::Op;
use engram::explain::UserMessage;
use engram::service::event;
use engram::service::notes::{Adding, FieldsState, NoteEvent, NoteRequest, NoteView};
use engram::service::profiles::DataFolder;
use engram::service::request::{CardRequest, Request};
use engram::ui::action::Action;
use engram::ui::rich_edit::clipboard::{self, Clipboard};
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::PathBuf;
use std::sync::Arc;

pub const CTRL: Modifiers = Modifiers::COMMAND;

fn decks() -> TestApp {
    with_decks(&[("History", 3), ("Spanish", 4)])
}

fn adding() -> TestApp {
    let mut app = decks();
    app.key(Key::A);
    has_field(&mut app, "Front");
    app
}

#[track_caller]
fn has_field(app: &mut TestApp, name: &str) {
    app.step_until(name, |a| field(a, name).is_some());
}

fn field<'a>(app: &'a TestApp, name: &'a str) -> Option<egui_kittest::Node<'a>> {
    let is_text = |role| matches!(role, Role::TextInput | Role::MultilineTextInput);
    app.harness
        .query_by(move |n| n.label().as_deref() == Some(name) && is_text(n.role()))
}

pub fn is_focused(app: &TestApp, name: &str) -> bool {
    field(app, name).is_some_and(|node| node.is_focused())
}

fn content(app: &TestApp, name: &str) -> String {
    let node = field(app, name).unwrap_or_else(|| panic!("no field {name}"));
    node.accesskit_node().value().unwrap_or_default()
}

#[track_caller]
fn says(app: &mut TestApp, words: &str) {
    app.step_until(words, |a| {
        a.harness
            .query_all_by_label_contains(words)
            .next()
            .is_some()
    });
}

/// All notes of the profile, after the window was closed.
fn notes_on_disk(app: TestApp) -> Vec<Note> {
    let (dir, clock) = app.into_dir();
    read_notes(dir.path(), &clock)
}

fn read_notes(base: &std::path::Path, clock: &engram::base::time::Clock) -> Vec<Note> {
    let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
    let col = Collection::open(&paths.collection(), clock.clone()).unwrap();
    let mut notes = vec![];
    for notetype in col.storage().all_notetypes().unwrap() {
        for id in col.storage().note_ids_of_notetype(notetype.id).unwrap() {
            notes.push(col.storage().get_note(id).unwrap().unwrap());
        }
    }
    col.close().unwrap();
    notes.sort_by_key(|note| note.id);
    notes
}

#[track_caller]
fn added(app: &mut TestApp) {
    app.step_until("the note is added", |a| {
        a.app().model().undo.undo == Some(Op::AddNote) && content(a, "Back").is_empty()
    });
}

#[test]
fn a_basic_note_is_added_with_the_keyboard_alone() {
    let mut app = adding();
    app.type_text("madrugar");
    app.key(Key::Tab);
    app.type_text("to get up early");
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("verbs");
    app.key(Key::Enter);
    app.type_text("unit::7");
    app.keys(CTRL, Key::Enter);
    added(&mut app);
    assert_eq!(content(&app, "Front"), "");
    // The tags stay for the next one, the caret is in the first field again.
    app.harness
        .get_by_role_and_label(Role::Button, "Remove tag verbs");
    app.type_text("otro");
    assert_eq!(content(&app, "Front"), "otro");
    app.keys(CTRL, Key::Enter);
    app.step_until("the second note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let last: Vec<_> = notes.iter().rev().take(2).collect();
    assert_eq!(last[1].fields, ["madrugar", "to get up early"]);
    assert_eq!(last[1].tags, ["unit::7", "verbs"]);
    assert_eq!(last[0].fields, ["otro", ""]);
}

/// The worker has not answered yet.
#[test]
fn what_is_typed_right_after_adding_is_of_the_next_note() {
    let mut app = adding();
    app.type_text("uno");
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    // One frame after the other.
    let enter = |pressed| Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: CTRL,
    };
    app.harness.event(enter(true));
    app.type_text("dos");
    app.harness.event(enter(false));
    assert_eq!(content(&app, "Front"), "dos");
    assert_eq!(content(&app, "Tags"), "");
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let fronts = notes.iter().rev().take(2).map(|n| n.fields[0].as_str());
    assert_eq!(fronts.collect::<Vec<_>>(), ["dos", "uno"]);
}

#[test]
fn words_become_clozes_by_a_key() {
    let mut app = adding();
    app.keys(CTRL, Key::N);
    says(&mut app, "Choose Note Type");
    app.type_text("cloze");
    app.key(Key::Enter);
    app.step_until("the field", |a| is_focused(a, "Text"));
    app.type_text("Rome");
    app.keys(CTRL, Key::A);
    app.keys(CTRL | Modifiers::SHIFT, Key::C);
    assert_eq!(content(&app, "Text"), "{{c1::Rome}}");
    app.key(Key::End);
    app.type_text(" fell in ");
    app.keys(CTRL | Modifiers::SHIFT, Key::C);
    app.type_text("476");
    assert_eq!(content(&app, "Text"), "{{c1::Rome}} fell in {{c2::476}}");
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Text").is_empty());
    let (dir, clock) = app.into_dir();
    let paths = DataFolder::at(dir.path().to_owned())
        .profile("Ana")
        .unwrap();
    let col = Collection::open(&paths.collection(), clock).unwrap();
    let cloze = col.storage().notetype_by_name("Cloze").unwrap().unwrap();
    let notes = col.storage().note_ids_of_notetype(cloze.id).unwrap();
    assert_eq!(col.storage().cards_of_note(notes[0]).unwrap().len(), 2);
    col.close().unwrap();
}

#[test]
fn ctrl_and_a_digit_take_a_row_of_the_choosers() {
    let mut app = adding();
    app.type_text("uno");
    app.keys(CTRL, Key::N);
    says(&mut app, "Choose Note Type");
    // Of Anki's, in the order of their names.
    app.keys(CTRL, Key::Num5);
    has_field(&mut app, "Text");
    assert_eq!(content(&app, "Text"), "uno");
    app.keys(CTRL, Key::N);
    says(&mut app, "Choose Note Type");
    app.type_text("reversed");
    app.keys(CTRL, Key::Num1);
    has_field(&mut app, "Back");
    assert_eq!(content(&app, "Front"), "uno");
}

#[test]
fn an_empty_first_field_and_a_missing_cloze_are_named_before_adding() {
    let mut app = adding();
    app.keys(CTRL, Key::Enter);
    says(&mut app, "The first field is empty.");
    app.type_text("no gap");
    app.keys(CTRL, Key::N);
    says(&mut app, "Choose Note Type");
    app.type_text("cloze");
    app.key(Key::Enter);
    has_field(&mut app, "Text");
    // What was typed comes along.
    assert_eq!(content(&app, "Text"), "no gap");
    app.keys(CTRL, Key::Enter);
    says(&mut app, "have not made any cloze deletions");
    press(&mut app, "No");
    assert_eq!(content(&app, "Text"), "no gap");
    app.keys(CTRL, Key::Enter);
    says(&mut app, "have not made any cloze deletions");
    press(&mut app, "Add anyway");
    app.step_until("the note", |a| content(a, "Text").is_empty());
    let notes = notes_on_disk(app);
    assert_eq!(notes.len(), 8);
    assert_eq!(notes.last().unwrap().fields, ["no gap", ""]);
}

#[test]
fn a_first_field_that_is_there_already_is_marked() {
    let mut app = adding();
    app.type_text("Word 2");
    says(&mut app, "A note with this first field exists already.");
    press(&mut app, "Show Duplicates");
    app.step_until("the other one", |a| *a.app().route() == Route::Browse);
    app.harness.get_by_role_and_label(Role::Tab, "Add").click();
    app.step_until("what was typed", |a| {
        field(a, "Front").is_some() && content(a, "Front") == "Word 2"
    });
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.key(Key::End);
    app.type_text("!");
    app.step_until("no warning", |a| {
        a.harness
            .query_by_label_contains("exists already")
            .is_none()
    });
}

/// A note was added whose first field is kept.
fn with_kept_text() -> TestApp {
    let mut app = adding();
    app.type_text("Rome");
    app.key(Key::F9);
    app.key(Key::Tab);
    app.type_text("753");
    app.keys(CTRL, Key::Enter);
    added(&mut app);
    app
}

#[test]
fn sticky_fields_keep_their_text_and_stay_sticky() {
    let mut app = with_kept_text();
    app.step_until("the kept text", |a| content(a, "Front") == "Rome");
    says(&mut app, "Added");
    // The caret waits in the field that is to be filled.
    app.type_text("476");
    assert_eq!(content(&app, "Back"), "476");
    app.keys(CTRL, Key::Enter);
    app.keys(CTRL, Key::H);
    says(&mut app, "Edit “Rome, 476”");
    app.key(Key::Escape);
    // Kept text alone is no input: the page closes without a question.
    app.key(Key::Escape);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    app.key(Key::A);
    has_field(&mut app, "Front");
    let pin = app
        .harness
        .get_by_role_and_label(Role::Button, "Keep Front after adding");
    assert_eq!(pin.accesskit_node().toggled(), Some(Toggled::True));
}

/// A note with a mistake was added; the history of Add leads to it.
fn leaving_by_history() -> TestApp {
    let mut app = adding();
    app.type_text("Wrod 9");
    app.keys(CTRL, Key::Enter);
    added(&mut app);
    // Then it is in the history too.
    says(&mut app, "Added");
    app.keys(CTRL, Key::H);
    says(&mut app, "Edit “Wrod 9”");
    app.harness.get_by_label("Edit “Wrod 9”").click();
    app
}

#[test]
fn history_leads_to_the_notes_that_were_added() {
    let mut app = leaving_by_history();
    app.step_until("its page", |a| {
        matches!(a.app().route(), Route::EditNote { .. }) && is_focused(a, "Front")
    });
    assert_eq!(content(&app, "Front"), "Wrod 9");
    // No next note follows here that could keep the text.
    let pin = (Role::Button, "Keep Front after adding");
    assert!(app.harness.query_by_role_and_label(pin.0, pin.1).is_none());
    app.keys(CTRL, Key::A);
    app.type_text("Word 9");
    app.key(Key::Escape);
    app.step_until("the Add page", |a| *a.app().route() == Route::Add);
    app.step_until("it is saved", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNote)
    });
    assert_eq!(notes_on_disk(app).last().unwrap().fields[0], "Word 9");
}

#[test]
fn a_note_that_is_gone_is_said_to_be_and_comes_back_with_redo() {
    let mut app = leaving_by_history();
    app.step_until("its page", |a| is_focused(a, "Front"));
    send(&mut app, Action::Ask(Request::Undo));
    says(&mut app, "No note");
    send(&mut app, Action::Ask(Request::Redo));
    has_field(&mut app, "Front");
    assert_eq!(content(&app, "Front"), "Wrod 9");
}

#[test]
fn closing_asks_before_it_discards() {
    let mut app = adding();
    app.type_text("half a though");
    app.key(Key::Escape);
    says(&mut app, "Discard current input?");
    press(&mut app, "Keep editing");
    assert_eq!(content(&app, "Front"), "half a though");
    app.key(Key::Escape);
    press(&mut app, "Discard");
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    app.key(Key::A);
    has_field(&mut app, "Front");
    assert_eq!(content(&app, "Front"), "");
}

/// Or the next letters would be commands.
#[test]
fn the_keyboard_is_back_in_its_field_after_a_dialog() {
    let mut app = adding();
    app.keys(Modifiers::NONE, Key::Tab);
    app.step_until("the next field", |a| is_focused(a, "Back"));
    let mut typed = String::new();
    let dialogs = [
        (CTRL, Key::D, "Choose Deck"),
        (CTRL, Key::N, "Choose Note Type"),
        (Modifiers::NONE, Key::Escape, "Discard current input?"),
    ];
    for (modifiers, key, title) in dialogs {
        for end in [Key::Escape, Key::Enter] {
            app.type_text("b");
            typed.push('b');
            app.keys(modifiers, key);
            says(&mut app, title);
            app.key(end);
            app.step_until("the field again", |a| is_focused(a, "Back"));
        }
    }
    app.type_text("!");
    assert_eq!(content(&app, "Back"), typed + "!");
    // By the mouse as well.
    let deck = |app: &mut TestApp| {
        click(app, Role::ComboBox, "Deck");
        says(app, "Choose Deck");
    };
    for end in [Key::Escape, Key::Enter] {
        deck(&mut app);
        app.key(end);
        app.step_until("the field again", |a| is_focused(a, "Back"));
    }
    press(&mut app, "Formula");
    app.key(Key::Escape);
    app.step_until("the field again", |a| is_focused(a, "Back"));
}

#[test]
fn what_was_typed_survives_a_program_that_is_killed() {
    let mut app = adding();
    app.type_text("half a thought");
    let draft = app.base.join("Ana/draft.json");
    app.step_until("the draft", |_| draft.exists());
    let (dir, clock) = app.killed();
    let mut app = TestApp::on(dir, clock, Options::default());
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::A);
    app.step_until("the draft", |a| {
        field(a, "Front").is_some() && content(a, "Front") == "half a thought"
    });
    // Added, it is gone.
    app.keys(CTRL, Key::Enter);
    added(&mut app);
    assert!(!app.base.join("Ana/draft.json").exists());
}

/// As in Anki, without leaving the note.
#[test]
fn a_deck_is_made_for_the_note_that_is_added() {
    let mut app = adding();
    app.type_text("uno");
    app.keys(CTRL, Key::D);
    says(&mut app, "Choose Deck");
    app.type_text("Greek::Verbs");
    app.keys(CTRL, Key::N);
    says(&mut app, "Create Deck");
    app.key(Key::Enter);
    app.step_until("the new deck", |a| {
        let deck = a.harness.get_by_role_and_label(Role::ComboBox, "Deck");
        deck.accesskit_node().value().as_deref() == Some("Greek::Verbs")
    });
    assert_eq!(content(&app, "Front"), "uno");
}

#[test]
fn deck_and_note_type_are_chosen_by_typing_and_remembered() {
    let mut app = adding();
    app.keys(CTRL, Key::D);
    says(&mut app, "Choose Deck");
    app.type_text("span");
    app.key(Key::Enter);
    app.settle();
    let deck = app.harness.get_by_role_and_label(Role::ComboBox, "Deck");
    assert_eq!(deck.accesskit_node().value().as_deref(), Some("Spanish"));
    app.keys(CTRL, Key::N);
    says(&mut app, "Choose Note Type");
    app.type_text("reversed card");
    app.key(Key::Enter);
    app.step_until("the note type", |a| {
        let kind = a.harness.get_by_role_and_label(Role::ComboBox, "Note type");
        kind.accesskit_node().value().as_deref() == Some("Basic (and reversed card)")
    });
    has_field(&mut app, "Front");
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.type_text("hola");
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let shown = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Note type");
    app_has(&shown, "Basic (and reversed card)");
}

#[track_caller]
fn app_has(node: &egui_kittest::Node<'_>, value: &str) {
    assert_eq!(node.accesskit_node().value().as_deref(), Some(value));
}

pub fn studying() -> TestApp {
    let mut app = decks();
    app.type_text("/");
    app.type_text("Spanish");
    app.key(Key::Enter);
    app.step_until("the deck's page", |a| {
        *a.app().route() == Route::Overview
            && a.app()
                .model()
                .overview
                .as_ref()
                .is_some_and(|o| o.name == "Spanish")
    });
    app.key(Key::Space);
    app.step_until("a question", |a| a.app().model().study.card.is_some());
    app
}

pub fn question(app: &TestApp) -> String {
    let card = app.app().model().study.card.as_ref();
    card.map(|c| c.question.html.clone()).unwrap_or_default()
}

#[test]
fn edit_current_changes_the_card_on_show() {
    let mut app = studying();
    app.key(Key::Space);
    let before = question(&app);
    assert!(before.contains("Word"), "{before}");
    app.key(Key::E);
    has_field(&mut app, "Front");
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.keys(CTRL, Key::A);
    app.type_text("palabra");
    // No button: it is saved shortly after the last key.
    app.step_until("it is saved", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNote)
    });
    app.key(Key::Escape);
    app.step_until("the card", |a| {
        *a.app().route() == Route::Review && question(a).contains("palabra")
    });
    app.keys(CTRL, Key::Z);
    app.step_until("the old text", |a| question(a) == before);
}

#[test]
fn leaving_at_once_loses_nothing() {
    let mut app = studying();
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.type_text("X");
    app.key(Key::Escape);
    app.step_until("the card", |a| question(a).contains('X'));
}

#[test]
fn a_copy_begins_with_what_the_note_holds() {
    let mut app = studying();
    app.keys(CTRL | Modifiers::ALT, Key::E);
    app.step_until("the copy", |a| {
        field(a, "Front").is_some() && content(a, "Front").starts_with("Word")
    });
    says(&mut app, "exists already");
    let deck = app.harness.get_by_role_and_label(Role::ComboBox, "Deck");
    app_has(&deck, "Spanish");
    app.key(Key::Escape);
    says(&mut app, "Discard current input?");
}

#[test]
fn tags_are_completed() {
    let mut app = adding();
    for word in ["one", "two"] {
        app.type_text(word);
        app.keys(CTRL | Modifiers::SHIFT, Key::T);
        app.type_text("school::biology");
        app.keys(CTRL, Key::Enter);
        app.step_until("the note", |a| content(a, "Front").is_empty());
        press(&mut app, "Remove tag school::biology");
        focus(&mut app, Role::MultilineTextInput, "Front");
    }
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("bio");
    says(&mut app, "school::biology");
    app.key(Key::Tab);
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Remove tag school::biology");
    // The keyboard stays for the next one.
    app.type_text("more");
    assert_eq!(content(&app, "Tags"), "more");
    // So does what is typed, while the field's own menu has it.
    app.keys(Modifiers::SHIFT, Key::F10);
    let paste = app.harness.query_by_role_and_label(Role::MenuItem, "Paste");
    assert!(paste.is_some());
    app.key(Key::Escape);
    app.settle();
    assert_eq!(content(&app, "Tags"), "more");
}

#[test]
fn undo_goes_on_in_the_field_that_was_changed_before() {
    let mut app = adding();
    app.type_text("uno");
    app.key(Key::Tab);
    app.type_text("one");
    for (front, back) in [("uno", ""), ("", "")] {
        app.keys(CTRL, Key::Z);
        assert_eq!(
            (
                content(&app, "Front").as_str(),
                content(&app, "Back").as_str()
            ),
            (front, back)
        );
    }
    app.keys(CTRL | Modifiers::SHIFT, Key::Z);
    assert_eq!(content(&app, "Front"), "uno");
}

/// One order across fields and tags, whatever had the focus meanwhile; the focus follows.
#[test]
fn undo_keeps_one_order_across_fields_and_tags() {
    let mut app = adding();
    let go = |app: &mut TestApp, name: &str| {
        let field = app
            .harness
            .get_by_role_and_label(Role::MultilineTextInput, name);
        field.focus();
        app.settle();
    };
    app.type_text("uno");
    app.key(Key::Tab);
    app.type_text("one");
    go(&mut app, "Front");
    app.type_text("!");
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("numbers");
    app.key(Key::Enter);
    let state = |app: &TestApp| {
        let tag = app
            .harness
            .query_by_role_and_label(Role::Button, "Remove tag numbers");
        (
            content(app, "Front"),
            content(app, "Back"),
            tag.is_some(),
            ["Front", "Back", "Tags"].map(|name| is_focused(app, name)),
        )
    };
    let then = |front: &str, back: &str, tagged, focus: usize| {
        let mut focused = [false; 3];
        focused[focus] = true;
        (front.to_owned(), back.to_owned(), tagged, focused)
    };
    let steps = [
        then("uno!", "one", true, 2),
        then("uno!", "one", false, 2),
        then("uno", "one", false, 0),
        then("uno", "", false, 1),
        then("", "", false, 0),
    ];
    assert_eq!(state(&app), steps[0]);
    for step in &steps[1..] {
        app.keys(CTRL, Key::Z);
        app.settle();
        assert_eq!(state(&app), *step);
    }
    let again = [
        then("uno", "", false, 0),
        then("uno", "one", false, 1),
        then("uno!", "one", false, 0),
    ];
    for step in &again {
        app.keys(CTRL | Modifiers::SHIFT, Key::Z);
        app.settle();
        assert_eq!(state(&app), *step);
    }
    // Something new: the tag does not come back.
    app.type_text("?");
    app.keys(CTRL | Modifiers::SHIFT, Key::Z);
    app.settle();
    assert_eq!(state(&app), then("uno!?", "one", false, 0));
}

#[test]
fn a_change_from_elsewhere_takes_away_nothing_that_is_being_typed() {
    let mut app = studying();
    let note = app.app().model().study.card.as_ref().unwrap().note;
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.keys(CTRL, Key::A);
    app.type_text("typed");
    // Another window, say: the note gets a tag and another back.
    let ctx = app.harness.ctx.clone();
    let mark = Action::Ask(Request::Card(CardRequest::ToggleMark { notes: vec![note] }));
    app.harness.state_mut().send(&ctx, mark);
    app.step_until("the tag", |a| {
        a.harness
            .query_by_role_and_label(Role::Button, "Remove tag marked")
            .is_some()
    });
    assert_eq!(content(&app, "Front"), "typed");
    app.key(Key::Escape);
    app.step_until("the card", |a| question(a).contains("typed"));
    let notes = notes_on_disk(app);
    let stored = notes.iter().find(|n| n.id == note).unwrap();
    assert_eq!((stored.fields[0].as_str(), stored.tags.len()), ("typed", 1));
}

/// A note of one field, as a worker that a test plays tells of it.
fn one_field(front: &str) -> Box<NoteView> {
    let front_field = Field {
        name: "Front".into(),
        config: FieldConfig::default(),
    };
    Box::new(NoteView {
        note: Note {
            id: 1.into(),
            fields: vec![front.into()],
            ..Note::default()
        },
        notetype: Arc::new(Notetype {
            fields: vec![front_field],
            ..Notetype::default()
        }),
        state: FieldsState::Fine,
    })
}

/// The worker may be busy. Letters would be commands: D leads to the decks, Y syncs.
#[test]
fn what_is_typed_before_the_fields_are_there_goes_into_the_first_one() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    hit(&mut app, Key::A, "a");
    hit(&mut app, Key::D, "d");
    hit(&mut app, Key::Y, "y");
    assert_eq!(*app.app().route(), Route::Add);
    let NoteView { notetype, .. } = *one_field("");
    worker.say(event::Event::Note(NoteEvent::Adding(Box::new(Adding {
        notetypes: vec![(notetype.id, "Basic".into())],
        notetype,
        deck_id: DeckId::DEFAULT,
        fields: vec![],
        tags: vec![],
        from_draft: false,
        instead_of_copy: None,
    }))));
    app.step_until("the fields", |a| is_focused(a, "Front"));
    assert_eq!(content(&app, "Front"), "dy");
    hit(&mut app, Key::S, "s");
    assert_eq!(content(&app, "Front"), "dys");
    // A note that is opened to be edited, too; on another page nothing of it is left.
    let edit = |note: i64| {
        let (note, card_type) = (note.into(), 0);
        Action::Go(Route::EditNote { note, card_type })
    };
    send(&mut app, edit(1));
    hit(&mut app, Key::T, "t");
    send(&mut app, Action::Go(Route::Browse));
    assert_eq!(crate::browse::searched(&app), "deck:current");
    send(&mut app, edit(1));
    hit(&mut app, Key::D, "d");
    worker.say(event::Event::Note(NoteEvent::Loaded(one_field("x"))));
    app.step_until("the note", |a| is_focused(a, "Front"));
    let typed = content(&app, "Front");
    assert!(typed == "dx" || typed == "xd", "{typed}");
    // One that is gone has no fields to wait for.
    send(&mut app, Action::Go(Route::Decks));
    send(&mut app, edit(2));
    worker.say(event::Event::Note(NoteEvent::Gone(2.into())));
    app.settle();
    hit(&mut app, Key::D, "d");
    assert_eq!(*app.app().route(), Route::Decks);
}

/// Opens it, its text chosen.
fn edit_one_field(app: &mut TestApp, worker: &ScriptedService) {
    let note = 1.into();
    send(app, Action::Go(Route::EditNote { note, card_type: 0 }));
    app.settle();
    let loaded = NoteEvent::Loaded(one_field("front"));
    worker.say(event::Event::Note(loaded));
    app.step_until("the focus", |a| is_focused(a, "Front"));
}

/// The saves that the worker was asked for since the last look.
fn saves(worker: &ScriptedService) -> Vec<NoteEdit> {
    let asked = worker.take_requests().into_iter();
    let saves = asked.filter_map(|request| match request {
        Request::Note(NoteRequest::Update(edit)) => Some(edit),
        Request::Shutdown => panic!("closed"),
        _ => None,
    });
    saves.collect()
}

/// With so much to do that no request comes into its queue.
#[test]
fn a_save_that_a_busy_worker_does_not_take_is_sent_again() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    edit_one_field(&mut app, &worker);
    worker.set_full(true);
    app.keys(CTRL, Key::A);
    app.type_text("typed");
    app.key(Key::Escape);
    assert_eq!(saves(&worker), []);
    ask_to_close(&mut app);
    says(&mut app, "Close without saving a note?");
    press(&mut app, "Stay");
    worker.set_full(false);
    ask_to_close(&mut app);
    app.settle();
    assert_eq!(saves(&worker).len(), 1, "tried again");
}

/// No field comes for what is typed then.
#[test]
fn letters_are_commands_where_a_busy_worker_does_not_take_the_question_for_a_note() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    worker.set_full(true);
    for page in [
        Route::Add,
        Route::EditNote {
            note: 1.into(),
            card_type: 0,
        },
    ] {
        send(&mut app, Action::Go(page.clone()));
        assert_eq!(*app.app().route(), page);
        app.key(Key::D);
        assert_eq!(*app.app().route(), Route::Decks, "{page:?}");
    }
}

/// A note was left before the disk said that it is full.
#[test]
fn what_could_not_be_saved_is_there_again_and_closing_asks() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let edit = |app: &mut TestApp| edit_one_field(app, &worker);
    let saves = || saves(&worker);
    edit(&mut app);
    app.keys(CTRL, Key::A);
    app.type_text("typed");
    app.key(Key::Escape);
    // At once, before there is an answer: closing waits for it.
    ask_to_close(&mut app);
    app.settle();
    let sent = saves().remove(0);
    worker.say(event::Event::Failed {
        request: Box::new(Request::Note(NoteRequest::Update(sent.clone()))),
        message: UserMessage {
            what: "Could not save the note".into(),
            cause: "The disk is full.".into(),
            ..UserMessage::default()
        },
    });
    says(&mut app, "Close without saving a note?");
    press(&mut app, "Stay");
    says(&mut app, "Could not save the note");
    app.key(Key::Escape);
    saves();
    ask_to_close(&mut app);
    says(&mut app, "Close without saving a note?");
    assert_eq!(saves(), std::slice::from_ref(&sent), "tried again");
    press(&mut app, "Stay");
    edit(&mut app);
    assert_eq!(content(&app, "Front"), "typed");
    says(&mut app, "Not saved: The disk is full.");
    app.settle();
    assert!(saves().contains(&sent));
    let say_saved = |edit: NoteEdit| {
        let view = one_field(edit.fields[0].1.as_str());
        worker.say(event::Event::Note(NoteEvent::Saved { edit, view }));
    };
    say_saved(sent);
    app.settle();
    app.type_text("!");
    ask_to_close(&mut app);
    app.settle();
    let sent = saves().remove(0);
    // Nobody answers for seconds.
    says(&mut app, "Close without saving a note?");
    press(&mut app, "Stay");
    ask_to_close(&mut app);
    app.settle();
    saves();
    say_saved(sent);
    app.settle();
    assert!(worker.take_requests().contains(&Request::Shutdown));
}

/// Browse has the note, Edit Current changes it, Browse has it as it is now.
#[test]
fn what_was_changed_in_edit_current_is_what_browse_goes_on_with() {
    let mut app = studying();
    let note = app.app().model().study.card.as_ref().unwrap().note;
    send(&mut app, Action::Browse(format!("nid:{}", note.0)));
    app.step_until("the note", |a| {
        field(a, "Front").is_some() && content(a, "Front").starts_with("Word")
    });
    send(&mut app, Action::Back);
    app.step_until("the card", |a| *a.app().route() == Route::Review);
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.keys(CTRL, Key::A);
    app.type_text("palabra");
    app.key(Key::Escape);
    app.step_until("the card", |a| question(a).contains("palabra"));
    app.key(Key::B);
    app.step_until("the new text", |a| {
        field(a, "Front").is_some() && content(a, "Front") == "palabra"
    });
    let front = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Front");
    front.focus();
    app.settle();
    app.key(Key::End);
    app.type_text("!");
    let notes = notes_on_disk(app);
    let stored = notes.iter().find(|n| n.id == note).unwrap();
    assert_eq!(stored.fields[0], "palabra!");
}

#[test]
fn a_typed_tag_counts_without_its_enter() {
    let mut app = studying();
    let note = app.app().model().study.card.as_ref().unwrap().note;
    let tags = |app: &mut TestApp, typed: &str| {
        app.keys(CTRL | Modifiers::SHIFT, Key::T);
        app.type_text(typed);
    };
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    // One to be offered.
    tags(&mut app, "verbs");
    app.key(Key::Enter);
    app.step_until("it is saved", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNote)
    });
    press(&mut app, "Remove tag verbs");
    tags(&mut app, "ver");
    app.step_until("the offer", |a| a.harness.query_by_label("verbs").is_some());
    let front = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Front");
    front.click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Remove tag ver");
    // The list was closed before.
    tags(&mut app, "verb");
    app.step_until("the offer", |a| a.harness.query_by_label("verbs").is_some());
    // Esc ends the offers, not the page.
    app.key(Key::Escape);
    app.step_until("no offer", |a| a.harness.query_by_label("verbs").is_none());
    assert!(matches!(app.app().route(), Route::EditNote { .. }));
    app.keys(CTRL, Key::Enter);
    app.step_until("the card", |a| *a.app().route() == Route::Review);
    let notes = notes_on_disk(app);
    let stored = notes.iter().find(|n| n.id == note).unwrap();
    assert_eq!(stored.tags, ["ver", "verb"]);
}

/// In a slow frame several keys come together.
#[test]
fn tags_are_whole_however_many_keys_a_frame_has() {
    let mut app = adding();
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("one tw");
    app.type_text("o");
    assert_eq!(content(&app, "Tags"), "two");
    let enter = Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    app.harness
        .input_mut()
        .events
        .extend([Event::Text("fold".to_owned()), enter.clone()]);
    app.settle();
    app.harness
        .input_mut()
        .events
        .extend([Event::Text("three".to_owned()), enter]);
    app.settle();
    // The cells of a table.
    app.harness.event(Event::Paste("four\tfive".to_owned()));
    app.settle();
    // The keyboard stays, also where Enter has nothing to end.
    app.key(Key::Enter);
    app.type_text("six");
    assert_eq!(content(&app, "Tags"), "six");
    for tag in ["one", "twofold", "three", "four", "five"] {
        app.harness
            .get_by_role_and_label(Role::Button, &format!("Remove tag {tag}"));
    }
}

#[test]
fn esc_ends_offered_tags_and_not_the_add_page() {
    let mut app = adding();
    app.type_text("palabra");
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("verbs");
    app.key(Key::Enter);
    app.keys(CTRL, Key::Enter);
    added(&mut app);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    press(&mut app, "Remove tag verbs");
    app.keys(CTRL | Modifiers::SHIFT, Key::T);
    app.type_text("ver");
    app.step_until("the offer", |a| a.harness.query_by_label("verbs").is_some());
    app.key(Key::Escape);
    assert!(app.harness.query_by_label("verbs").is_none());
    assert_eq!(*app.app().route(), Route::Add);
    app.harness
        .get_by_role_and_label(Role::Button, "Remove tag ver");
}

#[test]
fn an_offered_tag_is_chosen_by_a_click() {
    let mut app = studying();
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    let tags = |app: &mut TestApp, typed: &str| {
        app.keys(CTRL | Modifiers::SHIFT, Key::T);
        app.type_text(typed);
    };
    tags(&mut app, "verbs");
    app.key(Key::Enter);
    app.step_until("it is saved", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNote)
    });
    press(&mut app, "Remove tag verbs");
    tags(&mut app, "ver");
    app.step_until("the offer", |a| a.harness.query_by_label("verbs").is_some());
    app.harness.get_by_label("verbs").click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Remove tag verbs");
    let half = app
        .harness
        .query_by_role_and_label(Role::Button, "Remove tag ver");
    assert!(half.is_none());
}

/// Whoever is told that adding failed adds the note a second time.
#[test]
fn a_draft_that_cannot_be_removed_is_told_and_the_note_counts_as_added() {
    let mut app = adding();
    app.type_text("madrugar");
    let draft = app.base.join("Ana/draft.json");
    app.step_until("the draft", |_| draft.exists());
    std::fs::remove_file(&draft).unwrap();
    std::fs::create_dir_all(draft.join("something")).unwrap();
    app.keys(CTRL, Key::Enter);
    says(&mut app, "Could not remove the draft");
    app.step_until("an empty page", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let new = notes.iter().filter(|n| n.fields[0] == "madrugar");
    assert_eq!(new.count(), 1);
}

#[test]
fn a_copy_does_not_take_the_place_of_what_a_crash_left() {
    let mut app = adding();
    app.type_text("half a thought");
    let draft = app.base.join("Ana/draft.json");
    app.step_until("the draft", |_| draft.exists());
    for (answer, begins) in [("Keep editing", "half a thought"), ("Discard", "Word")] {
        let (dir, clock) = app.killed();
        app = TestApp::on(dir, clock, Options::default());
        app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
        send(&mut app, Action::Browse("deck:Spanish".into()));
        wait_for(&mut app, "of 4 cards selected");
        app.step_until("the note", |a| {
            field(a, "Front").is_some() && content(a, "Front").starts_with("Word")
        });
        app.keys(CTRL | Modifiers::ALT, Key::E);
        says(&mut app, "Discard current input?");
        assert_eq!(content(&app, "Front"), "half a thought");
        press(&mut app, answer);
        app.step_until(begins, |a| {
            *a.app().route() == Route::Add
                && field(a, "Front").is_some()
                && content(a, "Front").starts_with(begins)
        });
    }
}

#[test]
fn kept_text_and_a_chosen_deck_are_there_after_another_page() {
    let mut app = with_kept_text();
    let away = |app: &mut TestApp| {
        send(app, Action::Go(Route::Browse));
        send(app, Action::Go(Route::Add));
        app.step_until("the page", |a| field(a, "Front").is_some());
        for _ in 0..20 {
            app.settle();
        }
    };
    away(&mut app);
    assert_eq!(content(&app, "Front"), "Rome");
    app.keys(CTRL, Key::D);
    says(&mut app, "Choose Deck");
    app.type_text("span");
    app.key(Key::Enter);
    app.settle();
    away(&mut app);
    let deck = app.harness.get_by_role_and_label(Role::ComboBox, "Deck");
    app_has(&deck, "Spanish");
    assert_eq!(content(&app, "Front"), "Rome");
    // Kept text alone is no input.
    app.key(Key::Escape);
    app.step_until("another page", |a| *a.app().route() != Route::Add);
}

#[test]
fn a_picture_from_the_clipboard_goes_into_the_media_folder() {
    let mut app = adding();
    let red = ColorImage::filled([3, 2], Color32::RED);
    app.harness.event(Event::PasteImage(Arc::new(red)));
    app.settle();
    let media = app.base.join("Ana/collection.media");
    app.step_until("the file", |_| {
        std::fs::read_dir(&media)
            .unwrap()
            .flatten()
            .next()
            .is_some()
    });
    app.keys(CTRL | Modifiers::SHIFT, Key::X);
    app.step_until("its place in the field", |a| {
        let html = a.harness.query_all_by_role(Role::MultilineTextInput);
        let mut html = html.filter_map(|n| n.accesskit_node().value());
        html.any(|html| html.starts_with("<img src=\"paste-") && html.ends_with(".jpg\">"))
    });
}

/// The strip of a formula is inside the page: the keys that end it do not end the page, and what is
/// typed into it is in the note without them.
#[test]
fn the_keys_of_a_strip_leave_the_page_open() {
    let mut app = adding();
    let write_formula = |app: &mut TestApp, tex: &str| {
        app.keys(CTRL, Key::M);
        app.key(Key::M);
        app.step_until("the strip", |a| is_focused(a, "Formula"));
        app.type_text(tex);
    };
    write_formula(&mut app, "x^2");
    app.keys(CTRL, Key::Enter);
    assert!(is_focused(&app, "Front") && field(&app, "Formula").is_none());
    write_formula(&mut app, "lost");
    app.key(Key::Escape);
    app.step_until("the field", |a| is_focused(a, "Front"));
    assert!(field(&app, "Formula").is_none());
    assert!(!content(&app, "Front").is_empty(), "no note was added yet");
    app.type_text("!");
    write_formula(&mut app, "y");
    app.keys(CTRL, Key::Enter);
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let front = &notes.last().unwrap().fields[0];
    assert!(
        front.starts_with("\\(x^2\\)") && front.ends_with("\\(y\\)"),
        "{front}"
    );
    assert!(!front.contains("lost"), "{front}");
}

#[test]
fn a_formula_is_saved_when_the_page_is_left_without_ending_it() {
    let mut app = studying();
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.keys(CTRL, Key::M);
    app.key(Key::M);
    app.step_until("the strip", |a| is_focused(a, "Formula"));
    app.type_text("x^2");
    press(&mut app, "Close");
    app.step_until("the card", |a| question(a).contains("\\(x^2\\)"));
}

/// Large enough that other answers come first.
fn large_picture() -> Event {
    Event::PasteImage(Arc::new(ColorImage::filled([2400, 1600], Color32::RED)))
}

#[test]
fn a_note_is_added_with_the_file_that_is_on_its_way() {
    let mut app = adding();
    app.type_text("a");
    app.harness.event(large_picture());
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let front = &notes.last().unwrap().fields[0];
    assert!(front.starts_with("a<img src=\"paste-"), "{front}");
}

#[test]
fn files_come_where_the_caret_is_in_the_html_view() {
    let mut app = adding();
    app.type_text("ab");
    app.keys(CTRL | Modifiers::SHIFT, Key::X);
    app.step_until("the view", |a| field(a, "Front HTML").is_some());
    field(&app, "Front HTML").unwrap().focus();
    app.settle();
    app.keys(CTRL, Key::Home);
    app.key(Key::ArrowRight);
    let path = app.base.join("bell.mp3");
    std::fs::write(&path, "not really").unwrap();
    drop_on_window(&mut app, &[&path]);
    app.step_until("the sound", |a| {
        content(a, "Front HTML") == "a[sound:bell.mp3]b"
    });
    app.harness.event(large_picture());
    app.step_until("the picture", |a| {
        content(a, "Front HTML").starts_with("a[sound:bell.mp3]<img src=\"paste-")
    });
}

#[test]
fn files_go_into_the_field_that_they_are_dropped_on() {
    let mut app = adding();
    app.type_text("a");
    app.key(Key::Tab);
    app.type_text("b");
    app.keys(Modifiers::SHIFT, Key::Tab);
    app.step_until("the caret in Front", |a| is_focused(a, "Front"));
    let path = app.base.join("bell.mp3");
    std::fs::write(&path, "not really").unwrap();
    let beside_b = field(&app, "Back").unwrap().rect().right_center() - vec2(8.0, 0.0);
    app.harness.hover_at(beside_b);
    app.settle();
    drop_on_window(&mut app, &[&path]);
    app.step_until("the sound in Back", |a| {
        is_focused(a, "Back") && content(a, "Back").chars().count() == 2
    });
    // Where nothing tells the pointer's place, the caret's field has them.
    app.harness.event(Event::PointerGone);
    app.settle();
    let picture = app.base.join("b.png");
    std::fs::write(&picture, "not really").unwrap();
    drop_on_window(&mut app, &[&picture]);
    app.step_until("the picture too", |a| {
        content(a, "Back").chars().count() == 3
    });
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let fields = &notes.last().unwrap().fields;
    assert_eq!(fields[..2], ["a", "b[sound:bell.mp3]<img src=\"b.png\">"]);
}

#[test]
fn a_picture_dropped_beside_the_fields_is_told_where_to_go() {
    let mut app = adding();
    field(&app, "Tags").unwrap().focus();
    app.step_until("the caret in Tags", |a| is_focused(a, "Tags"));
    let picture = app.base.join("b.png");
    std::fs::write(&picture, "not really").unwrap();
    app.harness.event(Event::PointerGone);
    app.settle();
    drop_on_window(&mut app, &[&picture]);
    says(&mut app, "Drop it on a field");
}

#[test]
fn a_package_dropped_beside_a_field_does_not_come_into_it() {
    let mut app = adding();
    app.type_text("a");
    let path = app.base.join("words.apkg");
    std::fs::write(&path, "not really").unwrap();
    drop_on_window(&mut app, &[&path]);
    says(&mut app, "Import or explore “words.apkg”?");
    press(&mut app, "Cancel");
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    assert_eq!(notes.last().unwrap().fields[0], "a");
}

#[test]
fn the_colour_that_was_chosen_last_is_kept() {
    let mut app = adding();
    app.type_text("one");
    app.keys(CTRL, Key::A);
    press(&mut app, "Choose text colour");
    app.harness.get_by_label("Red").click();
    app.step_until("it is kept", |a| {
        a.app().model().settings.editor_colours.text == Some([217, 43, 43])
    });
    field(&app, "Back").unwrap().focus();
    app.settle();
    app.type_text("two");
    app.keys(CTRL, Key::A);
    app.key(Key::F7);
    app.keys(CTRL, Key::Enter);
    app.step_until("the note", |a| content(a, "Front").is_empty());
    let notes = notes_on_disk(app);
    let red = |word: &str| format!("<span style=\"color: rgb(217, 43, 43);\">{word}</span>");
    assert_eq!(notes.last().unwrap().fields[..2], [red("one"), red("two")]);
}

#[test]
fn leaving_at_once_keeps_the_file_that_is_on_its_way() {
    let mut app = studying();
    app.key(Key::E);
    app.step_until("the focus", |a| is_focused(a, "Front"));
    app.harness.event(large_picture());
    app.key(Key::Escape);
    app.step_until("the card", |a| question(a).contains("<img src=\"paste-"));
}

/// A clipboard that holds a part of a web page.
pub struct Page(pub String);

impl Clipboard for Page {
    fn write(&self, _html: &str, _text: &str) -> bool {
        false
    }
    fn html(&self) -> Option<String> {
        Some(self.0.clone())
    }
    fn text(&self) -> Option<String> {
        None
    }
    fn files(&self) -> Vec<PathBuf> {
        vec![]
    }
}

/// The Add page in a world with one web server, and a clipboard with a page of it.
fn with_a_page() -> TestApp {
    let port = serve(|asked| match asked.path() {
        "/moved.png" => Answer::status(302).with("location", "/Cat.png"),
        "/Cat.png" => Answer::status(200)
            .with("content-type", "image/png")
            .with_body(b"not really".to_vec()),
        _ => Answer::status(404),
    });
    let dir = tempfile::tempdir().unwrap();
    let clock = engram::base::time::Clock::fixed(NOW, 0);
    ana(dir.path(), &clock, &[("Spanish", 1)]);
    let net = Arc::new(Led::to(port));
    let mut app = TestApp::reaching(net, dir, clock, Options::default());
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    let page = "<p>A cat <img src=\"https://cats.example/moved.png\"> and none \
                <img src='https://cats.example/gone.png'></p>";
    clipboard::set(&app.harness.ctx, Arc::new(Page(page.into())));
    app
}

fn html_of(app: &TestApp) -> String {
    let html = app.harness.query_all_by_role(Role::MultilineTextInput);
    let html = html.filter_map(|n| n.accesskit_node().value());
    html.filter(|html| html.contains("<img")).collect()
}

fn paste(app: &mut TestApp) {
    app.key(Key::A);
    has_field(app, "Front");
    app.harness.event(Event::Paste("A cat and none".into()));
    app.settle();
    app.keys(CTRL | Modifiers::SHIFT, Key::X);
}

#[test]
fn pictures_of_a_pasted_page_are_fetched_and_links_stay_where_none_is() {
    let mut app = with_a_page();
    paste(&mut app);
    app.step_until("the file's name", |a| {
        html_of(a).contains("<img src=\"cat.png\">")
    });
    says(
        &mut app,
        "A pasted picture could not be fetched; its link stays",
    );
    assert!(html_of(&app).contains("https://cats.example/gone.png"));
    let stored = std::fs::read(app.base.join("Ana/collection.media/cat.png")).unwrap();
    assert_eq!(stored, b"not really");
    app.keys(CTRL, Key::Z);
    assert!(html_of(&app).contains("https://cats.example/moved.png"));
}

fn leave_the_web_alone(app: &mut TestApp) {
    app.keys(CTRL, Key::P);
    says(app, "Changes are saved at once");
    click(app, Role::ListBoxOption, "Editing");
    app.harness
        .get_by_role_and_label(Role::Switch, "Fetch pictures of pasted web pages")
        .click();
    app.step_until("it is saved", |a| {
        !a.app().model().settings.fetch_pasted_pictures
    });
    press(app, "Close");
}

#[test]
fn pictures_of_a_pasted_page_stay_links_when_the_preferences_say_so() {
    let mut app = with_a_page();
    leave_the_web_alone(&mut app);
    paste(&mut app);
    for _ in 0..20 {
        app.settle();
    }
    assert!(html_of(&app).contains("https://cats.example/moved.png"));
    let media = app.base.join("Ana/collection.media");
    let empty = std::fs::read_dir(media).map_or(0, Iterator::count) == 0;
    assert!(empty, "nothing was fetched");
}

#[test]
fn a_word_processors_pictures_are_stored_whatever_is_fetched_from_the_web() {
    let mut app = with_a_page();
    leave_the_web_alone(&mut app);
    let cat = app.base.join("cat 1.png");
    std::fs::write(&cat, "not really").unwrap();
    let cat = format!("file://{}", cat.display()).replace(' ', "%20");
    let page = format!("<p>A <img src=\"{cat}\"> and <img src=\"data:image/gif;base64,aGk=\"></p>");
    clipboard::set(&app.harness.ctx, Arc::new(Page(page)));
    paste(&mut app);
    app.step_until("the files' names", |a| {
        let html = html_of(a);
        html.contains("<img src=\"cat 1.png\">") && html.contains("<img src=\"paste-")
    });
    let media = app.base.join("Ana/collection.media");
    assert_eq!(
        std::fs::read(media.join("cat 1.png")).unwrap(),
        b"not really"
    );
}
