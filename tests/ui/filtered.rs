//! Filtered decks and Custom Study with the keyboard and the pointer, on a real collection.

use crate::harness::{Options, TestApp};
use crate::steps::{ana_is_open, click, fill, hit, press, send, with_decks};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::domain::filtered::FilteredDraft;
use engram::domain::op::Op;
use engram::explain::UserMessage;
use engram::service::event::{DeckOverview, Event};
use engram::service::filtered::{FilteredEvent, FilteredRequest};
use engram::service::request::{DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

fn decks() -> TestApp {
    with_decks(&[("History", 30), ("Spanish", 4)])
}

fn page_of(name: &str) -> TestApp {
    let mut app = decks();
    app.type_text("/");
    app.type_text(name);
    app.key(Key::Enter);
    on_page(&mut app, name);
    app
}

fn overview(app: &TestApp) -> Option<&DeckOverview> {
    app.app().model().overview.as_ref()
}

#[track_caller]
fn on_page(app: &mut TestApp, name: &str) {
    on_page_with(app, name, |o| o.name == name);
}

/// The page may show the deck while its dialog is still there, which would take the next key.
#[track_caller]
fn on_page_with(app: &mut TestApp, what: &str, is_it: impl Fn(&DeckOverview) -> bool) {
    app.step_until(what, |a| {
        *a.app().route() == Route::Overview
            && overview(a).is_some_and(&is_it)
            && a.harness.query_by_label("Cancel").is_none()
    });
}

#[test]
fn the_label_of_a_search_shows_what_it_finds() {
    let mut app = page_of("Spanish");
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    fill(&mut app, "Search", "deck:Spanish");
    press(&mut app, "Search");
    app.step_until("its cards", |a| {
        let status = "1 of 4 cards selected";
        *a.app().route() == Route::Browse && a.harness.query_by_label(status).is_some()
    });
}

#[test]
fn searches_are_completed_while_they_are_typed() {
    let mut app = page_of("Spanish");
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    let search = |app: &TestApp| {
        let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
        field.value().unwrap_or_default()
    };
    let offered = |app: &TestApp| {
        let lines = app.harness.query_all_by_label("History");
        lines.count()
    };
    let before = offered(&app);
    fill(&mut app, "Search", "deck:his");
    app.step_until("the names", |a| offered(a) > before);
    // Escape is the list's, then the dialog's.
    app.key(Key::Escape);
    assert!(app.harness.query_by_label("Create Filtered Deck").is_some());
    assert_eq!(offered(&app), before);
    app.type_text("t");
    app.step_until("the list again", |a| offered(a) > before);
    app.key(Key::Tab);
    assert_eq!(search(&app), "deck:History");
}

fn waits_for(app: &mut TestApp, label: &str) {
    app.step_until(label, |a| a.harness.query_by_label(label).is_some());
}

#[test]
fn a_filtered_deck_is_made_studied_changed_emptied_and_undone() {
    let mut app = page_of("Spanish");
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    // A search that cannot be read says so under its field, and nothing is built.
    fill(&mut app, "Search", "(is:new");
    let problem = app.harness.query_by_label_contains("closing bracket “)”");
    assert!(problem.is_some());
    app.key(Key::Enter);
    assert!(app.harness.query_by_label("Create Filtered Deck").is_some());
    // It has the keys again, and not the first field.
    app.step_until("the search has the keys", |a| {
        let search = a.harness.get_by_role_and_label(Role::TextInput, "Search");
        search.is_focused()
    });
    // One that matches nothing is refused by the engine, in the same place.
    fill(&mut app, "Search", "tag:nothing");
    press(&mut app, "Build");
    app.step_until("the refusal", |a| {
        a.harness
            .query_by_label_contains("No cards match")
            .is_some()
    });
    fill(&mut app, "Search", "deck:Spanish");
    fill(&mut app, "Name", "Cram");
    app.key(Key::Enter);
    on_page(&mut app, "Cram");
    assert_eq!(overview(&app).unwrap().counts.new, 4);
    // E sends the cards home, R gathers them again, O changes the deck.
    app.key(Key::E);
    app.step_until("no cards", |a| overview(a).unwrap().counts.new == 0);
    app.key(Key::R);
    app.step_until("the cards", |a| overview(a).unwrap().counts.new == 4);
    app.key(Key::O);
    waits_for(&mut app, "Filtered deck options");
    app.harness
        .get_by_label("Reschedule cards based on my answers in this deck")
        .click();
    app.settle();
    fill(&mut app, "Delay of Again", "0");
    // Enter builds from a number as from a line of text.
    fill(&mut app, "Limit", "3");
    app.key(Key::Enter);
    on_page_with(&mut app, "three cards as reviews", |o| {
        o.counts.review == 3 && !o.reschedule
    });
    // Studied without a change to the schedule: Again sends the card home at once.
    app.key(Key::Space);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.key(Key::Space);
    app.key(Key::Num1);
    app.step_until("two left", |a| {
        let model = a.app().model();
        model.study.counts.review == 2 && model.undo.undo == Some(Op::AnswerCard)
    });
    for left in ["the answer", "the change", "the cards", "no cards"] {
        let undo = app.app().model().undo.undo;
        app.keys(Modifiers::COMMAND, Key::Z);
        app.step_until(left, |a| {
            a.app().model().undo.undo != undo || left == "no cards"
        });
    }
}

#[test]
fn cards_that_match_and_are_not_gathered_are_shown() {
    let mut app = page_of("Spanish");
    app.key(Key::Space);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    app.type_text("@");
    app.step_until("it is suspended", |a| {
        a.harness.query_by_label("1 card suspended").is_some()
    });
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    fill(&mut app, "Search", "deck:Spanish");
    press(&mut app, "Show Excluded");
    app.step_until("the one that is suspended", |a| {
        let status = "1 of 1 card selected";
        *a.app().route() == Route::Browse && a.harness.query_by_label(status).is_some()
    });
}

#[test]
fn undo_after_building_shows_the_deck_that_was_current() {
    let mut app = page_of("Spanish");
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    fill(&mut app, "Search", "is:new");
    app.harness.get_by_label("Enable second filter").click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::TextInput, "Search 2");
    press(&mut app, "Build");
    on_page_with(&mut app, "the filtered deck", |o| o.filtered);
    assert_eq!(app.app().model().undo.undo, Some(Op::BuildFilteredDeck));
    app.keys(Modifiers::COMMAND, Key::Z);
    on_page(&mut app, "Spanish");
    assert!(!overview(&app).unwrap().filtered);
}

#[test]
fn a_filtered_deck_may_be_made_empty_and_is_changed_from_its_gear() {
    let mut app = decks();
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    fill(&mut app, "Name", "Later");
    fill(&mut app, "Search", "tag:nothing");
    app.harness
        .get_by_label("Create this deck even if empty")
        .click();
    app.settle();
    press(&mut app, "Build");
    waits_for(&mut app, "You have finished Later for now.");
    app.step_until("the end of it", |a| {
        *a.app().route() == Route::Congrats && a.harness.query_by_label("Cancel").is_none()
    });
    app.key(Key::D);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    app.step_until("its row", |a| {
        a.harness
            .query_by_role_and_label(Role::Button, "Options of Later")
            .is_some()
    });
    press(&mut app, "Options of Later");
    app.harness
        .get_by_role_and_label(Role::MenuItem, "Options…")
        .click();
    waits_for(&mut app, "Filtered deck options");
    click(&mut app, Role::ComboBox, "Order");
    app.harness.get_by_label("Latest added first").click();
    app.settle();
    let order = app.harness.get_by_role_and_label(Role::ComboBox, "Order");
    assert_eq!(
        order.accesskit_node().value().as_deref(),
        Some("Latest added first")
    );
    fill(&mut app, "Search", "deck:History");
    fill(&mut app, "Limit", "5");
    app.key(Key::Tab);
    press(&mut app, "Save and rebuild");
    on_page(&mut app, "Later");
    app.step_until("five cards", |a| {
        overview(a).is_some_and(|o| o.counts.new == 5)
    });
}

#[test]
fn custom_study_raises_todays_limit() {
    let mut app = page_of("History");
    app.step_until("today's new cards", |a| {
        overview(a).is_some_and(|o| o.counts.new == 20)
    });
    app.key(Key::C);
    waits_for(&mut app, "Custom Study");
    app.harness.get_by_label("Available new cards: 30");
    fill(&mut app, "Increase today’s new card limit by", "7");
    app.key(Key::Tab);
    press(&mut app, "Change limit");
    on_page_with(&mut app, "seven more", |o| o.counts.new == 27);
    // Remembered for the next time.
    app.key(Key::C);
    app.step_until("the dialog again", |a| {
        let name = "Increase today’s new card limit by";
        let field = a.harness.query_by_role_and_label(Role::TextInput, name);
        field.is_some()
    });
    let field = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Increase today’s new card limit by");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("7"));
    app.key(Key::Escape);
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("the old limit", |a| {
        overview(a).is_some_and(|o| o.counts.new == 20)
    });
}

/// As in Anki: the number has the keyboard at once and after each choice, and Enter does it.
#[test]
fn custom_study_is_done_by_typing_the_number() {
    let mut app = page_of("History");
    app.step_until("today's new cards", |a| {
        overview(a).is_some_and(|o| o.counts.new == 20)
    });
    app.key(Key::C);
    waits_for(&mut app, "Custom Study");
    let has_keys = |app: &TestApp, name: &str| {
        let field = app.harness.query_by_role_and_label(Role::TextInput, name);
        field.is_some_and(|f| f.is_focused())
    };
    let way = (Role::RadioButton, "Review ahead");
    app.harness.get_by_role_and_label(way.0, way.1).click();
    app.step_until("the days", |a| has_keys(a, "Review ahead by"));
    let way = (Role::RadioButton, "Increase today’s new card limit");
    app.harness.get_by_role_and_label(way.0, way.1).click();
    let more = "Increase today’s new card limit by";
    app.step_until("the cards", |a| has_keys(a, more));
    app.type_text("7");
    let button = (Role::Button, "Change limit");
    let button = app.harness.get_by_role_and_label(button.0, button.1);
    assert!(!button.accesskit_node().is_disabled(), "it counts at once");
    app.key(Key::Enter);
    on_page_with(&mut app, "seven more", |o| o.counts.new == 27);
    // What it holds is chosen, and replaced by what is typed.
    app.key(Key::C);
    app.step_until("the dialog again", |a| has_keys(a, more));
    app.type_text("3");
    app.key(Key::Enter);
    app.step_until("three more", |a| {
        overview(a).is_some_and(|o| o.counts.new == 30)
    });
}

/// A default that cannot be pressed does not keep Tab from all the rest.
#[test]
fn tab_moves_while_custom_study_would_change_nothing() {
    let mut app = page_of("History");
    app.key(Key::C);
    waits_for(&mut app, "Custom Study");
    fill(&mut app, "Increase today’s new card limit by", "0");
    let first = (Role::RadioButton, "Increase today’s new card limit");
    app.harness.get_by_role_and_label(first.0, first.1).click();
    app.step_until("nothing to change", |a| {
        let button = (Role::Button, "Change limit");
        let button = a.harness.get_by_role_and_label(button.0, button.1);
        button.accesskit_node().is_disabled()
    });
    app.key(Key::Tab);
    let first = app.harness.get_by_role_and_label(first.0, first.1);
    assert!(first.is_focused());
}

#[test]
fn custom_study_makes_a_session_and_says_when_nothing_matches() {
    let mut app = page_of("Spanish");
    app.key(Key::C);
    waits_for(&mut app, "Custom Study");
    app.harness.get_by_label("Review forgotten cards").click();
    app.settle();
    press(&mut app, "Study");
    app.step_until("the refusal", |a| {
        a.harness
            .query_by_label_contains("No cards match")
            .is_some()
    });
    app.harness.get_by_label("Preview new cards").click();
    app.settle();
    press(&mut app, "Study");
    on_page(&mut app, "Custom Study Session");
    assert_eq!(overview(&app).unwrap().counts.review, 4);
    assert!(!overview(&app).unwrap().reschedule);
    // A filtered deck offers no Custom Study.
    app.key(Key::C);
    assert!(
        app.harness
            .query_by_label("Review forgotten cards")
            .is_none()
    );
}

/// From the page of the deck.
fn study_to_the_end(app: &mut TestApp) {
    app.key(Key::Space);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    let mut answers = 0;
    while *app.app().route() != Route::Congrats {
        let before = app.app().model().study.shown();
        app.key(Key::Space);
        app.key(Key::Num4);
        app.step_until("the next card or the end", |a| {
            *a.app().route() == Route::Congrats || a.app().model().study.shown() > before
        });
        answers += 1;
        assert!(answers < 10, "it never ends");
    }
}

#[test]
fn a_filtered_deck_that_is_filled_anew_at_its_end_shows_its_page() {
    let mut app = page_of("Spanish");
    app.key(Key::F);
    waits_for(&mut app, "Create Filtered Deck");
    fill(&mut app, "Search", "deck:Spanish");
    fill(&mut app, "Name", "Cram");
    app.key(Key::Enter);
    on_page(&mut app, "Cram");
    study_to_the_end(&mut app);
    press(&mut app, "Rebuild");
    on_page(&mut app, "Cram");
}

#[test]
fn custom_study_starts_from_the_finished_screen() {
    let mut app = page_of("Spanish");
    study_to_the_end(&mut app);
    press(&mut app, "Custom Study…");
    waits_for(&mut app, "Custom Study");
    app.harness
        .get_by_label("Study by card state or tag")
        .click();
    app.settle();
    app.harness
        .get_by_label("All cards in random order (don’t reschedule)")
        .click();
    app.settle();
    press(&mut app, "Study");
    on_page(&mut app, "Custom Study Session");
    assert_eq!(overview(&app).unwrap().counts.review, 4);
}

#[test]
fn a_button_that_is_pressed_twice_opens_one_dialog() {
    let mut app = page_of("History");
    let button = app
        .harness
        .get_by_role_and_label(Role::Button, "Custom Study…");
    // Both before the worker answers.
    button.click();
    button.click();
    app.step_until("the dialog", |a| {
        a.harness.query_by_label("Cancel").is_some()
    });
    // What is asked last is answered last.
    let name = "Answered".to_owned();
    send(
        &mut app,
        Action::Ask(Request::Deck(DeckRequest::Create { name })),
    );
    app.step_until("both are answered", |a| {
        a.app().model().undo.undo == Some(Op::AddDeck)
    });
    app.key(Key::Escape);
    assert!(app.harness.query_by_label("Cancel").is_none());
}

/// The keys of Create Filtered Deck and of Add, before the worker has answered.
fn create_and_type_on() -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let before = app.app().route().clone();
    hit(&mut app, Key::F, "f");
    hit(&mut app, Key::A, "a");
    assert_eq!(*app.app().route(), before, "the dialog is on its way");
    (app, worker)
}

#[test]
fn what_is_typed_before_the_dialog_comes_is_for_it() {
    let (mut app, worker) = create_and_type_on();
    worker.say(Event::Filtered(FilteredEvent::Draft {
        draft: Box::new(FilteredDraft {
            id: None,
            name: "Mine".into(),
            deck: Default::default(),
            allow_empty: false,
        }),
        second: false,
    }));
    app.settle();
    let mut fields = app.harness.query_all_by_role(Role::TextInput);
    let typed = fields.find(|f| f.is_focused()).and_then(|f| f.value());
    assert_eq!(typed.as_deref(), Some("a"));
}

#[test]
fn keys_are_commands_again_when_the_dialog_does_not_come() {
    let (mut app, worker) = create_and_type_on();
    let is_load = |r: &Request| matches!(r, Request::Filtered(FilteredRequest::Load { .. }));
    let request = worker.take_requests().into_iter().find(is_load);
    worker.say(Event::Failed {
        request: Box::new(request.expect("the dialog was asked for")),
        message: UserMessage::default(),
    });
    app.settle();
    app.key(Key::Escape);
    assert_ne!(*app.app().route(), Route::Add, "what was kept is nobody’s");
    hit(&mut app, Key::A, "a");
    assert_eq!(*app.app().route(), Route::Add);
}
