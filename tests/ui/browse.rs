//! The Browse page on a real collection, by role and label.

use crate::explorer::card_shows;
use crate::harness::{Options, TestApp, ana};
use crate::steps::{
    ana_is_open, choose, click, fill, focus, press, sees, send, wait_for, with_decks, with_decks_in,
};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Event as Input, ImeEvent, Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::{CardId, NoteId};
use engram::domain::browse::{Layout, Row};
use engram::domain::changes::Changes;
use engram::domain::explorer::Since;
use engram::domain::op::Op;
use engram::domain::package::{ImportReport, LoggedNote};
use engram::domain::reposition::RepositionDefaults;
use engram::explain::UserMessage;
use engram::service::browse::{BrowseAction, BrowseEvent, BrowseRequest, CardPreview, Chosen};
use engram::service::bulk::{BulkEvent, BulkRequest, DuplicateGroup};
use engram::service::event::{CardSide, Event, PackageEvent, UndoStatus, Undone};
use engram::service::notes::NoteRequest;
use engram::service::request::{DeckRequest, Request};
use engram::service::settings::PaneLayout;
use engram::ui::action::Action;
use engram::ui::browse::command::BrowseCommand;
use engram::ui::command::Command;
use engram::ui::dialog_host::Trouble;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::sync::Arc;

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_ALT: Modifiers = Modifiers {
    alt: true,
    ..Modifiers::COMMAND
};

/// Ana's window with French (2 notes) and Spanish (5), on the Browse page with all of them.
pub fn browsing() -> TestApp {
    // So high that the whole sidebar is in view.
    browsing_in(Vec2::new(1100.0, 1200.0))
}

/// As [`browsing`], in a window of that size.
pub fn browsing_in(size: Vec2) -> TestApp {
    let options = Options {
        size,
        ..Options::default()
    };
    let mut app = with_decks_in(options, &[("French", 2), ("Spanish", 5)]);
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    assert_eq!(*app.app().route(), Route::Browse);
    search(&mut app, "");
    wait_for(&mut app, "1 of 7 cards selected");
    wait_for(&mut app, "Word 5, Card 1");
    app
}

/// As typed, with Enter.
pub fn search(app: &mut TestApp, text: &str) {
    app.keys(CTRL, Key::F);
    app.keys(CTRL, Key::A);
    if text.is_empty() {
        app.key(Key::Delete);
    } else {
        app.type_text(text);
    }
    app.key(Key::Enter);
}

/// Names of the rows in view, from the top.
fn rows(app: &TestApp) -> Vec<String> {
    let mut rows: Vec<_> = app
        .harness
        .query_all_by_role(Role::ListBoxOption)
        .map(|n| {
            let y = n.accesskit_node().bounding_box().map_or(0.0, |b| b.y0);
            (y as i64, n.accesskit_node().label().unwrap_or_default())
        })
        .collect();
    rows.sort();
    rows.into_iter().map(|(_, name)| name).collect()
}

fn first_cells(app: &TestApp) -> Vec<String> {
    let first = |row: &String| row.split(", ").next().unwrap_or_default().to_owned();
    rows(app).iter().map(first).collect()
}

#[test]
fn a_search_fills_the_table_and_a_heading_sorts_it() {
    let mut app = browsing();
    assert_eq!(rows(&app).len(), 7);
    search(&mut app, "deck:Spanish -Word*4");
    wait_for(&mut app, "of 4 cards selected");
    wait_for(&mut app, "Word 5, Card 1");
    assert_eq!(first_cells(&app), ["Word 1", "Word 2", "Word 3", "Word 5"]);
    let heading = |app: &TestApp, name: &str| {
        let node = app.harness.get_by_role_and_label(Role::ColumnHeader, name);
        node.click();
    };
    heading(&app, "Sort Field, ascending");
    app.step_until("the other way round", |a| {
        first_cells(a) == ["Word 5", "Word 3", "Word 2", "Word 1"]
    });
    heading(&app, "Due");
    app.step_until("by due", |a| {
        sees(a, "Due, descending") && first_cells(a).first().is_some_and(|c| c == "Word 5")
    });
    // A restart finds the same order.
    let (dir, clock) = app.into_dir();
    let mut app = TestApp::on(dir, clock, Options::default());
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    wait_for(&mut app, "Due, descending");
}

#[test]
fn what_is_wrong_with_a_search_is_said_and_the_rows_stay() {
    let mut app = browsing();
    search(&mut app, "(deck:French");
    wait_for(&mut app, "no closing bracket");
    assert_eq!(rows(&app).len(), 7);
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    assert!(!sees(&app, "no closing bracket"));
    search(&mut app, "nothing like this");
    wait_for(&mut app, "No cards found");
    press(&mut app, "Earlier searches");
    wait_for(&mut app, "deck:French");
    assert!(!sees(&app, "(deck:French"), "it is not offered again");
}

/// In one frame, as where the window is slow.
#[test]
fn what_is_typed_behind_the_key_of_the_search_field_stays_in_it() {
    let mut app = browsing();
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    let find = eframe::egui::Event::Key {
        key: Key::F,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: CTRL,
    };
    let typed = eframe::egui::Event::Text("wo".to_owned());
    app.harness.input_mut().events.extend([find, typed]);
    app.settle();
    app.type_text("rd");
    assert_eq!(searched(&app), "word");
}

#[test]
fn a_long_search_is_offered_again_within_the_window() {
    let mut app = browsing();
    let ids: Vec<String> = (1..120)
        .map(|n| (1_700_000_000_000_i64 + n).to_string())
        .collect();
    let long = format!("nid:{}", ids.join(","));
    search(&mut app, &long);
    wait_for(&mut app, "No cards found");
    press(&mut app, "Earlier searches");
    let entry = app.harness.get_by_role_and_label(Role::MenuItem, &long);
    let r = entry.rect();
    assert!(r.min.x >= 0.0 && r.max.x <= 1100.0, "{r}");
}

#[test]
fn a_search_that_finds_nothing_is_cleared_by_a_button() {
    let mut app = browsing();
    assert!(!sees(&app, "Clear search"));
    search(&mut app, "nothing like this");
    wait_for(&mut app, "No cards found");
    press(&mut app, "Clear search");
    wait_for(&mut app, "of 7 cards selected");
    assert!(!sees(&app, "Clear search"));
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
    assert_eq!(field.value().unwrap_or_default(), "");
}

/// Types into the search field in place of what is there.
fn type_search(app: &mut TestApp, text: &str) {
    app.keys(CTRL, Key::F);
    app.keys(CTRL, Key::A);
    app.type_text(text);
}

/// Whether the list under the search field has it.
fn suggests(app: &TestApp, name: &str) -> bool {
    let found = app
        .harness
        .query_by_role_and_label(Role::ListBoxOption, name);
    found.is_some()
}

#[test]
fn a_search_goes_on_with_what_the_collection_has() {
    let mut app = browsing();
    wait_for(&mut app, "Current Deck");
    type_search(&mut app, "de");
    assert!(suggests(&app, "deck:") && !suggests(&app, "flag:"));
    app.key(Key::Tab);
    assert_eq!(searched(&app), "deck:");
    assert!(suggests(&app, "current") && suggests(&app, "Spanish"));
    app.type_text("fr");
    assert!(suggests(&app, "French") && !suggests(&app, "Spanish"));
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    // It is typed, and searched for by the next Enter.
    assert_eq!(searched(&app), "deck:French");
    assert!(!suggests(&app, "French"));
    assert!(sees(&app, "of 7 cards selected"));
    app.key(Key::Enter);
    wait_for(&mut app, "of 2 cards selected");
    type_search(&mut app, "preset:d");
    assert!(suggests(&app, "Default"));
}

#[test]
fn what_is_suggested_changes_no_search_by_itself() {
    let mut app = browsing();
    type_search(&mut app, "is:s");
    assert!(suggests(&app, "suspended"));
    // Esc closes the list, not the page.
    app.key(Key::Escape);
    assert!(!suggests(&app, "suspended"));
    assert_eq!(*app.app().route(), Route::Browse);
    app.type_text("u");
    assert!(suggests(&app, "suspended"));
    app.key(Key::Enter);
    wait_for(&mut app, "“su”");
    assert!(!suggests(&app, "suspended"));
    assert_eq!(searched(&app), "is:su");
    // Once it is closed, the arrows lead to the table.
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.key(Key::ArrowDown);
    app.settle();
    app.key(Key::End);
    app.keys(Modifiers::SHIFT, Key::ArrowUp);
    wait_for(&mut app, "2 of 2 cards selected");
}

#[test]
fn what_is_suggested_is_taken_by_a_click() {
    let mut app = browsing();
    wait_for(&mut app, "Current Deck");
    // As by hand: the button is down for more than a moment.
    let click = |app: &mut TestApp, name: &str| {
        let line = app.harness.get_by_role_and_label(Role::ListBoxOption, name);
        let at = line.rect().center();
        app.harness.hover_at(at);
        app.harness.drag_at(at);
        app.harness.step();
        app.harness.step();
        app.harness.drop_at(at);
        app.settle();
    };
    type_search(&mut app, "-fl");
    click(&mut app, "flag:");
    // The same click takes nothing of the next list.
    assert_eq!(searched(&app), "-flag:");
    assert!(suggests(&app, "0") && suggests(&app, "7"));
    type_search(&mut app, "\"back");
    assert!(!suggests(&app, "Back:"));
    type_search(&mut app, "back");
    click(&mut app, "Back Extra:");
    app.type_text("no such");
    assert_eq!(searched(&app), "\"Back Extra:no such\"");
    type_search(&mut app, "note:basic");
    click(&mut app, "Basic");
    assert_eq!(searched(&app), "note:Basic");
    app.key(Key::Enter);
    wait_for(&mut app, "of 7 cards selected");
}

#[test]
fn earlier_searches_are_suggested_in_an_empty_field() {
    let mut app = browsing();
    for (deck, found) in [("French", "of 2 cards"), ("Spanish", "of 5 cards")] {
        search(&mut app, &format!("deck:{deck}"));
        wait_for(&mut app, found);
    }
    app.keys(CTRL, Key::F);
    assert!(!suggests(&app, "deck:Spanish"));
    app.key(Key::Delete);
    assert!(suggests(&app, "deck:Spanish"));
    app.key(Key::ArrowDown);
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    wait_for(&mut app, "of 2 cards selected");
    assert_eq!(searched(&app), "deck:French");
    assert!(!suggests(&app, "deck:Spanish"));
}

#[test]
fn three_cards_are_suspended_and_brought_back_by_one_undo() {
    let mut app = browsing();
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    app.step_until("the rows", |a| {
        rows(a).len() == 5 && rows(a).iter().all(|row| !row.contains('…'))
    });
    app.harness.get_by_label_contains("Word 2, Card 1").click();
    app.settle();
    app.keys(Modifiers::SHIFT, Key::ArrowDown);
    app.keys(Modifiers::SHIFT, Key::ArrowDown);
    wait_for(&mut app, "3 of 5 cards selected");
    app.keys(CTRL, Key::J);
    wait_for(&mut app, "3 cards suspended");
    app.step_until("their rows say so", |a| {
        rows(a).iter().filter(|row| row.contains("(New #")).count() == 3
    });
    search(&mut app, "is:suspended");
    wait_for(&mut app, "of 3 cards selected");
    app.keys(Modifiers::NONE, Key::Tab);
    app.keys(Modifiers::NONE, Key::Tab);
    app.keys(CTRL, Key::Z);
    wait_for(&mut app, "Undone: Suspend");
    app.step_until("their rows say so", |a| {
        rows(a).iter().all(|row| !row.contains("(New #"))
    });
}

#[test]
fn what_is_done_to_cards_says_to_how_many() {
    let mut app = browsing();
    app.keys(CTRL_ALT, Key::A);
    wait_for(&mut app, "7 of 7 cards selected");
    let ctrl_shift = CTRL | Modifiers::SHIFT;
    for (modifiers, said) in [
        (CTRL, "7 cards suspended"),
        (CTRL, "7 cards unsuspended"),
        (ctrl_shift, "7 cards buried until tomorrow"),
        (ctrl_shift, "7 cards unburied"),
    ] {
        app.keys(modifiers, Key::J);
        wait_for(&mut app, said);
    }
    app.keys(ctrl_shift, Key::D);
    app.settle();
    app.key(Key::Enter);
    wait_for(&mut app, "Due date of 7 cards set");
}

#[test]
fn notes_are_rows_too_and_the_columns_are_chosen() {
    let mut app = browsing();
    app.keys(CTRL_ALT, Key::T);
    wait_for(&mut app, "notes selected");
    wait_for(&mut app, "Word 1, Basic, 1, ");
    app.harness
        .get_by_role_and_label(Role::ColumnHeader, "Note Type")
        .click_secondary();
    app.settle();
    click(&mut app, Role::MenuItemCheckBox, "Deck");
    wait_for(&mut app, "Word 1, Basic, 1, , French");
    click(&mut app, Role::RadioButton, "Rows: Cards");
    wait_for(&mut app, "cards selected");
    wait_for(&mut app, "Word 1, Card 1, New #1, French");
}

#[test]
fn the_chosen_row_stays_in_view_among_many_more() {
    let mut app = with_decks(&[("French", 300), ("Spanish", 60)]);
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "1 of 60 cards selected");
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    app.key(Key::End);
    let last = |row: &String| row.starts_with("Word 9, ") && row.ends_with("Spanish");
    app.step_until("the last row", |a| rows(a).iter().any(last));
    search(&mut app, "");
    wait_for(&mut app, "1 of 360 cards selected");
    app.step_until("the same row", |a| rows(a).iter().any(last));
    for _ in 0..60 {
        app.harness.step();
    }
    assert!(rows(&app).iter().any(last), "{:?}", rows(&app));
}

#[test]
fn what_was_chosen_stays_chosen_in_another_order_as_notes_and_after_another_page() {
    let mut app = browsing();
    app.harness.get_by_label_contains("Word 3, Card 1").click();
    app.settle();
    app.keys(Modifiers::SHIFT, Key::ArrowDown);
    app.keys(Modifiers::SHIFT, Key::ArrowDown);
    wait_for(&mut app, "3 of 7 cards selected");
    app.harness
        .get_by_role_and_label(Role::ColumnHeader, "Sort Field, ascending")
        .click();
    app.step_until("the other way round", |a| {
        first_cells(a).first().is_some_and(|word| word == "Word 5")
    });
    wait_for(&mut app, "3 of 7 cards selected");
    app.keys(CTRL_ALT, Key::T);
    wait_for(&mut app, "3 of 7 notes selected");
    app.keys(CTRL_ALT, Key::T);
    wait_for(&mut app, "3 of 7 cards selected");
    send(&mut app, Action::Go(Route::Decks));
    app.settle();
    send(&mut app, Action::Go(Route::Browse));
    for _ in 0..20 {
        app.settle();
    }
    wait_for(&mut app, "3 of 7 cards selected");
    // Of those, what another search finds, too.
    search(&mut app, "Word*4 or Word*5");
    wait_for(&mut app, "2 of 2 cards selected");
}

#[test]
fn home_and_end_reach_the_first_and_the_last_row_wherever_nobody_types() {
    let mut app = browsing();
    // None until the note of the row is there.
    let first_field = |app: &TestApp| {
        let mut fields = app.harness.query_all_by_role(Role::MultilineTextInput);
        fields.find_map(|field| {
            let node = field.accesskit_node();
            node.value()
                .filter(|_| node.label().as_deref() == Some("Front"))
        })
    };
    let shows = |app: &TestApp, word: &str| first_field(app).as_deref() == Some(word);
    focus(&mut app, Role::Button, "Preview");
    app.key(Key::End);
    app.step_until("the last note", |a| shows(a, "Word 5"));
    app.key(Key::Home);
    app.step_until("the first note", |a| shows(a, "Word 1"));
    // With Shift up to there.
    app.keys(Modifiers::SHIFT, Key::End);
    wait_for(&mut app, "7 of 7 cards selected");
    app.key(Key::End);
    wait_for(&mut app, "1 of 7 cards selected");
    app.keys(Modifiers::SHIFT, Key::Home);
    wait_for(&mut app, "7 of 7 cards selected");
    app.key(Key::Home);
    app.step_until("the first note again", |a| shows(a, "Word 1"));
    // In a text they go to its ends.
    app.keys(CTRL, Key::F);
    app.key(Key::End);
    app.type_text("nothing");
    assert!(shows(&app, "Word 1"));
}

#[test]
fn the_keys_move_and_choose_and_delete() {
    let mut app = browsing();
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    app.key(Key::End);
    app.keys(Modifiers::SHIFT, Key::ArrowUp);
    wait_for(&mut app, "2 of 7 cards selected");
    app.keys(CTRL, Key::A);
    wait_for(&mut app, "7 of 7 cards selected");
    app.key(Key::Home);
    wait_for(&mut app, "1 of 7 cards selected");
    app.keys(CTRL_ALT, Key::S);
    wait_for(&mut app, "6 of 7 cards selected");
    app.keys(CTRL, Key::Delete);
    wait_for(&mut app, "6 notes deleted");
    wait_for(&mut app, "1 of 1 card selected");
    app.keys(CTRL, Key::Z);
    wait_for(&mut app, "of 7 cards selected");
}

#[track_caller]
/// A saved search is clicked until it finds what was saved under its name a moment ago.
fn saved_entry(app: &mut TestApp, name: &str, finds: &str) {
    app.step_until(finds, |a| {
        entry(a, name, Modifiers::NONE);
        sees(a, finds)
    });
}

pub fn entry(app: &TestApp, name: &str, modifiers: Modifiers) {
    let node = app.harness.get_by_role_and_label(Role::TreeItem, name);
    node.click_modifiers(modifiers);
}

#[test]
fn the_sidebar_searches_and_joins() {
    let mut app = browsing();
    wait_for(&mut app, "Current Deck");
    entry(&app, "French", Modifiers::NONE);
    wait_for(&mut app, "of 2 cards selected");
    entry(&app, "Spanish", Modifiers::SHIFT);
    wait_for(&mut app, "of 7 cards selected");
    entry(&app, "Due", CTRL);
    wait_for(&mut app, "No cards found");
    entry(&app, "New", Modifiers::ALT);
    app.step_until("all that is not new", |a| {
        let field = a.harness.get_by_role_and_label(Role::TextInput, "Search");
        field.accesskit_node().value().as_deref() == Some("-is:new")
    });
    // By keys alone: the filter, down to the deck, Enter.
    app.keys(CTRL | Modifiers::SHIFT, Key::F);
    app.type_text("spa");
    app.step_until("only the deck", |a| !sees(a, "Current Deck"));
    app.key(Key::Enter);
    app.settle();
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    wait_for(&mut app, "of 5 cards selected");
    app.key(Key::F2);
    wait_for(&mut app, "Rename deck");
    app.keys(CTRL, Key::A);
    app.type_text("Spanish words");
    app.key(Key::Enter);
    wait_for(&mut app, "Spanish words");
    app.keys(CTRL, Key::Z);
    app.step_until("undone", |a| !sees(a, "Spanish words"));
}

#[test]
fn a_flag_gets_a_name_of_its_own() {
    let mut app = browsing();
    wait_for(&mut app, "Turquoise");
    app.harness
        .get_by_role_and_label(Role::TreeItem, "Pink")
        .click_secondary();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::MenuItem, "Rename…")
        .click();
    wait_for(&mut app, "Rename flag");
    app.keys(CTRL, Key::A);
    app.type_text("Ask the teacher");
    app.key(Key::Enter);
    wait_for(&mut app, "Ask the teacher");
    // The menus call it so too, until it is undone.
    let name = |a: &TestApp| a.app().model().flag_name(5).map(str::to_owned);
    app.step_until("it is known", |a| {
        name(a).as_deref() == Some("Ask the teacher")
    });
    press(&mut app, "Cards");
    click(&mut app, Role::MenuItem, "Flag");
    let entry = Role::MenuItem;
    assert!(
        app.harness
            .query_by_role_and_label(entry, "Ask the teacher")
            .is_some()
    );
    app.key(Key::Escape);
    send(&mut app, Action::Command(Command::Undo));
    app.step_until("its usual name", |a| name(a).is_none());
}

#[test]
fn the_preview_follows_the_table_and_turns_cards_over() {
    let mut app = browsing();
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    app.keys(CTRL | Modifiers::SHIFT, Key::P);
    wait_for(&mut app, "Show Answer");
    app.step_until("the card is there", |a| a.app().model().browse.preview);
    app.key(Key::ArrowRight);
    wait_for(&mut app, "Show Question");
    app.key(Key::ArrowRight);
    wait_for(&mut app, "Show Answer");
    let toggled = |app: &TestApp, nth: usize| {
        let mut rows: Vec<_> = app.harness.query_all_by_role(Role::ListBoxOption).collect();
        rows.sort_by_key(|n| n.accesskit_node().bounding_box().map_or(0, |b| b.y0 as i64));
        rows[nth].accesskit_node().toggled()
    };
    assert_eq!(
        toggled(&app, 1),
        Some(eframe::egui::accesskit::Toggled::True),
        "the second row"
    );
    app.key(Key::B);
    wait_for(&mut app, "Show Question");
    app.keys(CTRL | Modifiers::SHIFT, Key::P);
    app.step_until("closed", |a| !sees(a, "Show Question"));
}

#[test]
fn the_previews_keys_work_wherever_it_was_opened_and_after_a_click_in_it() {
    let mut app = browsing();
    // From the search field.
    app.keys(CTRL, Key::F);
    app.keys(CTRL | Modifiers::SHIFT, Key::P);
    wait_for(&mut app, "Show Answer");
    app.key(Key::ArrowRight);
    wait_for(&mut app, "Show Question");
    press(&mut app, "Show Question");
    wait_for(&mut app, "Show Answer");
    app.key(Key::ArrowRight);
    wait_for(&mut app, "Show Question");
    app.key(Key::ArrowRight);
    wait_for(&mut app, "Show Answer");
}

/// Whoever is faster than the worker loses no press, and skips no card.
#[test]
fn a_card_is_turned_over_before_it_has_come() {
    let (mut app, worker) = scripted(3);
    answer_rows(&mut app, &worker);
    run(&mut app, BrowseCommand::Preview);
    app.settle();
    let asked = || {
        let asked = worker.take_requests().into_iter();
        let cards = asked.filter_map(|request| match request {
            Request::Browse(BrowseRequest::Preview(card)) => Some(card.0),
            _ => None,
        });
        cards.collect::<Vec<_>>()
    };
    let comes = |app: &mut TestApp, card: i64| {
        let side = |name: &str| CardSide {
            html: format!("{name} {card}"),
            sounds: vec![],
        };
        worker.say(Event::Browse(BrowseEvent::Preview(Arc::new(CardPreview {
            card: CardId(card),
            question: side("question"),
            answer: side("answer"),
            css: String::new(),
            body_class: "card".into(),
        }))));
        let words = format!("answer {card}");
        app.step_until(&words, |a| card_shows(a, &words));
    };
    assert_eq!(asked(), [1]);
    app.key(Key::ArrowRight);
    comes(&mut app, 1);
    assert!(sees(&app, "Show Question"));
    app.key(Key::ArrowRight);
    assert_eq!(asked(), [2]);
    assert!(sees(&app, "Show Answer"), "of the one that is to come");
    assert!(card_shows(&app, "answer 1"), "until then");
    app.key(Key::ArrowRight);
    assert!(asked().is_empty(), "the same card is on its way");
    comes(&mut app, 2);
    assert!(sees(&app, "Show Question"));
}

#[test]
fn a_note_that_a_busy_worker_does_not_read_can_be_asked_for_again() {
    let (mut app, worker) = scripted(3);
    worker.set_full(true);
    answer_rows(&mut app, &worker);
    let words = "The note could not be read: Engram is busy; try again in a moment";
    wait_for(&mut app, words);
    worker.set_full(false);
    press(&mut app, "Try Again");
    app.settle();
    let load = Request::Note(NoteRequest::Load(NoteId(1)));
    assert!(worker.take_requests().contains(&load));
    assert!(!sees(&app, words));
}

#[test]
fn what_is_ticked_before_the_worker_answers_stays_ticked() {
    let (mut app, worker) = scripted(3);
    answer_rows(&mut app, &worker);
    run(&mut app, BrowseCommand::Reposition);
    app.settle();
    click(&mut app, Role::CheckBox, "Shift position of existing cards");
    let _asked = worker.take_requests();
    let defaults = RepositionDefaults {
        range: Some((1, 7)),
        random: true,
        shift: false,
    };
    worker.say(Event::Browse(BrowseEvent::Reposition(defaults)));
    wait_for(&mut app, "from 1 to 7 now");
    press(&mut app, "Reposition");
    app.settle();
    let asked = worker.take_requests().into_iter();
    let done = asked.filter_map(|request| match request {
        Request::Browse(BrowseRequest::Do {
            action: BrowseAction::Reposition(how),
            ..
        }) => Some((how.random, how.shift)),
        _ => None,
    });
    assert_eq!(done.collect::<Vec<_>>(), [(true, true)]);
}

#[test]
fn an_import_that_is_undone_leaves_no_deleted_rows() {
    let (mut app, worker) = scripted(3);
    let done = |op, undone, affected| Event::Done {
        op,
        undone,
        changes: Changes::ALL,
        affected,
        status: UndoStatus::default(),
    };
    for (op, again) in [(Op::Import, true), (Op::UpdateNote, false)] {
        let _ = worker.take_requests();
        worker.say(done(op, Undone::Undo, 3));
        app.settle();
        let asked = worker.take_requests();
        let searched = asked
            .iter()
            .any(|r| matches!(r, Request::Browse(BrowseRequest::Search { .. })));
        assert_eq!(searched, again, "{op:?}");
    }
    // The rows may be of cards that are gone: only the days that were typed are kept then.
    for op in [Op::SetDueDate, Op::ResetCards] {
        worker.say(done(op, Undone::No, 0));
        wait_for(&mut app, "No cards changed");
        assert!(!sees(&app, "Due date set") && !sees(&app, "Card reset"));
    }
}

#[test]
fn the_preview_of_a_card_that_goes_away_is_no_trouble() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.keys(CTRL | Modifiers::SHIFT, Key::P);
    wait_for(&mut app, "Show Answer");
    let decks = app.app().model().decks.ready().unwrap();
    let french = decks
        .root
        .children
        .iter()
        .find(|deck| deck.name == "French");
    let ids = vec![french.unwrap().id];
    send(
        &mut app,
        Action::Ask(Request::Deck(DeckRequest::Delete { ids })),
    );
    app.step_until("the rows say so", |a| rows(a) == ["(deleted)", "(deleted)"]);
    wait_for(&mut app, "No card");
    assert!(!sees(&app, "Copy details"), "no error covers the page");
}

#[test]
fn the_previews_buttons_stand_beside_one_another_in_a_narrow_window() {
    let mut app = browsing_in(Vec2::new(800.0, 600.0));
    app.keys(CTRL | Modifiers::SHIFT, Key::P);
    wait_for(&mut app, "Show Answer");
    let of = |name| {
        let node = app.harness.get_by_label(name);
        node.accesskit_node().bounding_box().unwrap()
    };
    let names = [
        "Show Answer",
        "Back Side Only",
        "Previous card",
        "Next card",
    ];
    for (n, name) in names.iter().enumerate() {
        for other in &names[n + 1..] {
            let (a, b) = (of(name), of(other));
            let apart = a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0;
            assert!(apart, "{name} {a:?} and {other} {b:?}");
        }
    }
}

/// The words of “Fields…” stand 14 points within its button, the sign of “Bold” 8.
#[test]
fn what_stands_over_a_note_begins_where_its_fields_do() {
    let mut app = browsing_in(Vec2::new(1100.0, 760.0));
    wait_for(&mut app, "Fields…");
    let begin = |name| {
        let button = app.harness.get_by_role_and_label(Role::Button, name);
        button.rect().min
    };
    let (preview, fields, bold) = (begin("Preview"), begin("Fields…"), begin("Bold"));
    assert!(fields.y < bold.y, "{fields:?} {bold:?}");
    assert_eq!([fields.x + 14.0, bold.x + 8.0], [preview.x; 2]);
}

#[test]
fn a_narrow_window_leaves_the_table_what_it_can_and_is_forgotten_in_a_wide_one() {
    let mut app = browsing_in(Vec2::new(900.0, 600.0));
    let table = |app: &TestApp| {
        let from = (app.harness).get_by_role_and_label(Role::Splitter, "Sidebar width");
        let to = (app.harness).get_by_role_and_label(Role::Splitter, "Pane width");
        (from.rect().center().x, to.rect().center().x)
    };
    assert_eq!(table(&app), (156.0, 534.0));
    app.harness.set_size(Vec2::new(1100.0, 760.0));
    app.settle();
    assert_eq!(table(&app), (210.0, 687.0), "as at first");
}

/// 1280 by 720 pixels at one and a half times the size.
#[test]
fn the_note_stays_in_view_where_the_chosen_layout_has_no_room() {
    let mut app = browsing_in(Vec2::new(853.0, 480.0));
    let has_note = |app: &TestApp| {
        app.harness
            .query_by_role_and_label(Role::Button, "More")
            .is_some()
    };
    assert!(has_note(&app));
    for layout in [PaneLayout::Vertical, PaneLayout::Horizontal] {
        run(&mut app, BrowseCommand::Panes(layout));
        app.step_until("that is kept", |a| {
            a.app().model().settings.browser.panes == layout
        });
        assert!(has_note(&app), "{layout:?}");
    }
}

#[test]
fn cards_are_graded_reset_and_repositioned() {
    let mut app = browsing();
    app.keys(CTRL_ALT, Key::A);
    app.keys(CTRL | Modifiers::SHIFT, Key::S);
    wait_for(&mut app, "from 1 to 7 now");
    focus(&mut app, Role::TextInput, "Start position");
    app.keys(CTRL, Key::A);
    app.type_text("100");
    app.key(Key::Tab);
    app.harness
        .get_by_role_and_label(Role::Button, "Reposition")
        .click();
    wait_for(&mut app, "New #100");
    // Enter in a number does it too.
    app.keys(CTRL | Modifiers::SHIFT, Key::S);
    wait_for(&mut app, "from 100 to");
    fill(&mut app, "Start position", "200");
    app.key(Key::Enter);
    wait_for(&mut app, "New #200");
    app.keys(CTRL | Modifiers::SHIFT, Key::G);
    wait_for(&mut app, "Grade Now");
    app.harness
        .get_by_role_and_label(Role::Button, "Easy")
        .click();
    app.step_until("none is new", |a| !sees(a, "New #"));
    app.keys(CTRL_ALT, Key::N);
    wait_for(&mut app, "Reset 7 cards?");
    app.harness
        .get_by_role_and_label(Role::Button, "Reset")
        .click();
    wait_for(&mut app, "7 cards reset");
    wait_for(&mut app, "New #");
}

/// A command as its menu entry would do it.
pub fn run(app: &mut TestApp, command: BrowseCommand) {
    send(app, Action::Command(Command::Browse(command)));
}

#[test]
fn tags_are_added_renamed_in_the_sidebar_and_taken_off() {
    let mut app = browsing();
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    app.keys(CTRL_ALT, Key::A);
    app.keys(CTRL | Modifiers::SHIFT, Key::A);
    wait_for(&mut app, "For 5 cards");
    app.type_text("lang::es");
    app.key(Key::Enter);
    app.step_until("the tag is in the sidebar", |a| sees(a, "Expand Tags"));
    press(&mut app, "Expand Tags");
    wait_for(&mut app, "Untagged");
    app.step_until("the tag's parent is there", |a| sees(a, "Expand lang"));
    press(&mut app, "Expand lang");
    entry(&app, "es", Modifiers::NONE);
    app.step_until("those with the tag", |a| {
        let field = a.harness.get_by_role_and_label(Role::TextInput, "Search");
        field.accesskit_node().value().as_deref() == Some("tag:lang::es")
    });
    wait_for(&mut app, "of 5 cards selected");
    app.key(Key::F2);
    wait_for(&mut app, "Rename tag");
    app.keys(CTRL, Key::A);
    app.type_text("lang::spanish");
    app.key(Key::Enter);
    wait_for(&mut app, "spanish");
    // Another number in between tells when the search has been done.
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    search(&mut app, "tag:lang::spanish");
    wait_for(&mut app, "of 5 cards selected");
    // Completion: the beginning, Tab, Enter.
    app.keys(CTRL_ALT, Key::A);
    run(&mut app, BrowseCommand::RemoveTags);
    wait_for(&mut app, "From 5 cards");
    app.type_text("lang::s");
    app.key(Key::Tab);
    // The next one is typed behind it.
    app.type_text("x");
    let typed = app
        .harness
        .query_all_by_role_and_label(Role::TextInput, "Tags")
        .any(|n| n.accesskit_node().value().as_deref() == Some("lang::spanish x"));
    assert!(typed, "the keyboard is still in the field");
    app.key(Key::Enter);
    search(&mut app, "tag:lang::spanish");
    wait_for(&mut app, "No cards found");
}

#[test]
fn enter_on_cancel_adds_no_tags() {
    let mut app = browsing();
    app.keys(CTRL_ALT, Key::A);
    run(&mut app, BrowseCommand::AddTags);
    wait_for(&mut app, "Separate tags with spaces.");
    app.type_text("hard");
    focus(&mut app, Role::Button, "Cancel");
    app.key(Key::Enter);
    assert!(!sees(&app, "Separate tags with spaces."));
    search(&mut app, "tag:hard");
    wait_for(&mut app, "No cards found");
}

#[test]
fn cards_move_to_another_deck() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.keys(CTRL_ALT, Key::A);
    wait_for(&mut app, "Current Deck");
    app.keys(CTRL, Key::D);
    wait_for(&mut app, "Change the deck of 2 cards");
    app.type_text("span");
    app.key(Key::Enter);
    app.step_until("the rows say so", |a| {
        rows(a).iter().all(|row| row.ends_with("Spanish"))
    });
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 7 cards selected");
}

#[test]
fn what_enter_would_take_is_in_view_while_decks_are_narrowed_down() {
    let names: Vec<String> = (10..60).map(|n| format!("D{n}")).collect();
    let decks: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let mut app = with_decks(&decks);
    let is_chosen = |a: &TestApp, name: &str| {
        let mut rows = a.harness.query_all_by_role(Role::ListBoxOption);
        rows.any(|row| {
            let row = row.accesskit_node();
            row.label().as_deref() == Some(name) && row.toggled() == Some(Toggled::True)
        })
    };
    for (command, title) in [
        (Command::StudyDeck, "Study Deck"),
        (
            Command::Browse(BrowseCommand::ChangeDeck),
            "Change the deck of 1 card",
        ),
    ] {
        if title != "Study Deck" {
            app.key(Key::B);
            wait_for(&mut app, "cards selected");
            search(&mut app, "");
            wait_for(&mut app, "1 of 50 cards selected");
        }
        send(&mut app, Action::Command(command));
        wait_for(&mut app, title);
        for _ in 0..20 {
            app.key(Key::ArrowDown);
        }
        assert!(!is_chosen(&app, "D10"), "{title}");
        app.type_text("d");
        app.settle();
        assert!(is_chosen(&app, "D10"), "{title}");
        app.key(Key::Escape);
    }
}

#[test]
fn a_deck_is_made_where_cards_are_to_move() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    wait_for(&mut app, "Current Deck");
    app.keys(CTRL, Key::D);
    wait_for(&mut app, "Change the deck of 1 card");
    press(&mut app, "Create Deck…");
    wait_for(&mut app, "Create Deck");
    app.type_text("Greek");
    app.key(Key::Enter);
    app.step_until("it is in the sidebar", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "Greek")
            .is_some()
    });
    app.keys(CTRL, Key::D);
    wait_for(&mut app, "Change the deck of 1 card");
    app.type_text("greek");
    app.key(Key::Enter);
    wait_for(&mut app, "1 card moved");
}

/// What failed meanwhile lies above the question: Enter closes it, and moves no card.
#[test]
fn keys_are_for_the_topmost_dialog_alone() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    wait_for(&mut app, "Current Deck");
    app.keys(CTRL, Key::D);
    wait_for(&mut app, "Change the deck of 1 card");
    app.type_text("span");
    let message = UserMessage {
        what: "Could not copy the backup".into(),
        ..UserMessage::default()
    };
    send(&mut app, Action::Open(Box::new(Trouble::new(message))));
    app.key(Key::Enter);
    assert!(!sees(&app, "Could not copy the backup"));
    assert!(sees(&app, "Change the deck of 1 card"));
    app.key(Key::Escape);
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
}

#[test]
fn find_and_replace_changes_the_chosen_notes() {
    let mut app = browsing();
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    app.keys(CTRL_ALT, Key::F);
    wait_for(&mut app, "Selected notes only (1 card)");
    // Fields of what is chosen are offered, without it those of all note types.
    let offers = |app: &TestApp, field: &str| {
        let entry = Role::MenuItemCheckBox;
        let found = app.harness.query_by_role_and_label(entry, field);
        found.is_some()
    };
    click(&mut app, Role::ComboBox, "In");
    app.step_until("its fields", |a| offers(a, "Front"));
    assert!(!offers(&app, "Back Extra"));
    app.key(Key::Escape);
    click(&mut app, Role::CheckBox, "Selected notes only (1 card)");
    click(&mut app, Role::ComboBox, "In");
    app.step_until("all fields", |a| offers(a, "Back Extra"));
    app.key(Key::Escape);
    fill(&mut app, "Find", "WORD");
    fill(&mut app, "Replace with", "Palabra");
    press(&mut app, "Replace All");
    app.step_until("the rows follow", |a| {
        rows(a).iter().all(|row| row.starts_with("Palabra"))
    });
    search(&mut app, "Palabra");
    wait_for(&mut app, "of 7 cards selected");
    app.key(Key::Escape);
    send(&mut app, Action::Ask(Request::Undo));
    wait_for(&mut app, "Undone: Find and Replace");
}

#[test]
fn every_box_of_find_and_replace_is_about_its_own_option() {
    let selected = "Selected notes only (1 card)";
    for (ticked, wanted) in [
        (None, (true, false, false)),
        (Some(selected), (false, false, false)),
        (Some("Ignore case"), (true, true, false)),
        (
            Some("Treat input as regular expression"),
            (true, false, true),
        ),
    ] {
        let (mut app, worker) = scripted(3);
        answer_rows(&mut app, &worker);
        run(&mut app, BrowseCommand::FindReplace);
        wait_for(&mut app, selected);
        if let Some(name) = ticked {
            click(&mut app, Role::CheckBox, name);
        }
        fill(&mut app, "Find", "a");
        press(&mut app, "Replace All");
        app.settle();
        let asked = worker.take_requests().into_iter();
        let done = asked.filter_map(|request| match request {
            Request::Browse(BrowseRequest::Do {
                action: BrowseAction::FindReplace(what),
                ..
            }) => Some((true, what.match_case, what.regex)),
            Request::Bulk(BulkRequest::FindReplace { what, .. }) => {
                Some((false, what.match_case, what.regex))
            }
            _ => None,
        });
        assert_eq!(done.collect::<Vec<_>>(), [wanted], "{ticked:?}");
    }
}

#[test]
fn find_and_replace_begins_with_what_was_typed_the_last_time() {
    let mut app = browsing();
    let shown = |app: &TestApp, name: &str| {
        let field = app.harness.get_by_role_and_label(Role::TextInput, name);
        field.value().unwrap_or_default()
    };
    for (nth, (find, replacement)) in [("one", "two"), ("w.rd", "")].into_iter().enumerate() {
        app.keys(CTRL_ALT, Key::F);
        wait_for(&mut app, "Treat input as regular expression");
        fill(&mut app, "Find", find);
        if replacement.is_empty() {
            app.harness
                .get_by_role_and_label(Role::CheckBox, "Treat input as regular expression")
                .click();
            fill(&mut app, "Replace with", "x");
            app.key(Key::Backspace);
        } else {
            fill(&mut app, "Replace with", replacement);
        }
        press(&mut app, "Replace All");
        app.step_until("it is kept", |a| {
            a.app().model().settings.browser.replace.finds.len() > nth
        });
    }
    app.keys(CTRL_ALT, Key::F);
    wait_for(&mut app, "Treat input as regular expression");
    assert_eq!(
        (shown(&app, "Find"), shown(&app, "Replace with")),
        ("w.rd".into(), String::new())
    );
    let regex = app
        .harness
        .get_by_role_and_label(Role::CheckBox, "Treat input as regular expression");
    assert_eq!(regex.accesskit_node().toggled(), Some(Toggled::True));
    for (field, earlier) in [("Find", "one"), ("Replace with", "two")] {
        press(&mut app, &format!("{field}: earlier texts"));
        click(&mut app, Role::MenuItem, earlier);
        assert_eq!(shown(&app, field), earlier);
    }
}

#[test]
fn replacing_what_is_nowhere_says_so_and_offers_no_undo_of_something_else() {
    let mut app = browsing();
    app.keys(CTRL_ALT, Key::F);
    wait_for(&mut app, "Selected notes only (1 card)");
    fill(&mut app, "Find", "not there");
    fill(&mut app, "Replace with", "anything");
    app.key(Key::Enter);
    wait_for(&mut app, "No notes changed");
    let undo = app.harness.query_by_role_and_label(Role::Button, "Undo");
    assert!(undo.is_none());
}

#[test]
fn duplicates_are_found_and_lead_into_the_table() {
    let mut app = browsing();
    run(&mut app, BrowseCommand::FindDuplicates);
    wait_for(&mut app, "Find Duplicates");
    app.step_until("the fields are known", |a| {
        let combo = a
            .harness
            .get_by_role_and_label(Role::ComboBox, "Look in field");
        combo
            .accesskit_node()
            .value()
            .is_some_and(|v| !v.is_empty())
    });
    click(&mut app, Role::ComboBox, "Look in field");
    click(&mut app, Role::MenuItemCheckBox, "Front");
    app.step_until("Enter finds", |a| {
        let find = a.harness.get_by_role_and_label(Role::Button, "Find");
        find.is_focused()
    });
    app.key(Key::Enter);
    // "Word 1" and "Word 2" are in both decks.
    wait_for(&mut app, "2 duplicate texts with 4 notes");
    app.harness.get_by_label("Word 1, 2 notes").click();
    app.settle();
    wait_for(&mut app, "of 2 cards selected");
}

#[test]
fn very_many_duplicates_are_shown_without_a_search_for_each() {
    let (mut app, worker) = scripted(30);
    answer_rows(&mut app, &worker);
    run(&mut app, BrowseCommand::FindDuplicates);
    let notes: Vec<NoteId> = (1..=1001).map(NoteId).collect();
    worker.say(Event::Bulk(BulkEvent::Duplicates {
        field: "Front".into(),
        search: String::new(),
        groups: vec![DuplicateGroup {
            text: "same".into(),
            notes: notes.clone(),
        }],
    }));
    app.settle();
    let _before = worker.take_requests();
    app.harness.get_by_label("same, 1,001 notes").click();
    app.settle();
    let asked = worker.take_requests();
    assert!(asked.iter().any(|request| matches!(
        request,
        Request::Browse(BrowseRequest::NotesOf { chosen, choose: false })
            if chosen.notes && chosen.rows.len() == 1001
    )));
    worker.say(Event::Browse(BrowseEvent::NotesOf {
        rows: Arc::new(Since {
            cards: (1..=1001).map(CardId).collect(),
            notes: notes.into_iter().collect(),
        }),
        choose: false,
    }));
    app.settle();
    assert_eq!(searched(&app), "");
    assert!(sees(&app, "The 1,001 notes that were selected"));
}

#[test]
fn very_many_imported_notes_are_shown_in_the_table() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let new = (1..=6000).map(|n| LoggedNote {
        id: NoteId(n),
        text: format!("word {n}"),
    });
    worker.say(Event::Package(PackageEvent::Merged {
        file: "words.apkg".into(),
        report: Box::new(ImportReport {
            new: new.collect(),
            ..ImportReport::default()
        }),
    }));
    app.settle();
    assert!(sees(&app, "Imported “words.apkg”"));
    press(&mut app, "Show in Browse");
    assert_eq!(*app.app().route(), Route::Browse);
    let asked = worker.take_requests();
    assert!(asked.iter().any(|request| matches!(
        request,
        Request::Browse(BrowseRequest::NotesOf { chosen, choose: false })
            if chosen.notes && chosen.rows.len() == 6000
    )));
    worker.say(Event::Browse(BrowseEvent::NotesOf {
        rows: Arc::new(Since {
            cards: (1..=6000).map(CardId).collect(),
            notes: (1..=6000).map(NoteId).collect(),
        }),
        choose: false,
    }));
    app.settle();
    assert!(sees(&app, "The 6,000 notes that were selected"));
}

#[test]
fn notes_change_their_type() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.keys(CTRL_ALT, Key::A);
    wait_for(&mut app, "Current Deck");
    app.keys(CTRL | Modifiers::SHIFT, Key::M);
    wait_for(&mut app, "now “Basic”");
    click(&mut app, Role::ComboBox, "New note type");
    click(
        &mut app,
        Role::MenuItemCheckBox,
        "Basic (and reversed card)",
    );
    wait_for(&mut app, "Old card for Card 2");
    press(&mut app, "Change");
    search(&mut app, "\"note:Basic (and reversed card)\"");
    wait_for(&mut app, "of 4 cards selected");
    // The templates open at the card that is chosen, here the second one of a note.
    search(&mut app, "card:2");
    wait_for(&mut app, "1 of 2 cards selected");
    wait_for(&mut app, "Cards…");
    app.harness.get_by_label("Cards…").click();
    app.step_until("its second template", |a| {
        matches!(a.app().route(), Route::CardTemplates { ord: 1, .. })
    });
}

/// Before the worker has answered, or was even asked.
#[test]
fn keys_right_after_a_search_are_about_what_it_finds() {
    let mut app = browsing();
    app.keys(CTRL, Key::F);
    app.keys(CTRL, Key::A);
    app.type_text("deck:French");
    let key = |key, modifiers| Input::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    };
    let frame = |app: &mut TestApp, keys: &[Input]| {
        app.harness.input_mut().events.extend_from_slice(keys);
        app.harness.step();
    };
    frame(&mut app, &[key(Key::Enter, Modifiers::NONE)]);
    frame(&mut app, &[key(Key::A, CTRL_ALT), key(Key::J, CTRL)]);
    app.step_until("they are suspended", |a| {
        a.app().model().undo.undo.is_some()
    });
    search(&mut app, "is:suspended deck:French");
    wait_for(&mut app, "of 2 cards selected");
    search(&mut app, "deck:Spanish -is:suspended");
    wait_for(&mut app, "of 5 cards selected");
}

#[test]
fn an_input_method_writes_a_search() {
    let mut app = browsing();
    app.keys(CTRL, Key::F);
    app.keys(CTRL, Key::A);
    for text in ["d", "deck:Fr"] {
        app.harness.event(Input::Ime(ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        }));
        app.settle();
    }
    assert!(sees(&app, "of 7 cards selected"), "not before it is done");
    app.harness
        .event(Input::Ime(ImeEvent::Commit("deck:French".to_owned())));
    app.settle();
    app.key(Key::Enter);
    wait_for(&mut app, "of 2 cards selected");
}

#[test]
fn a_search_is_saved_updated_and_deleted() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    let menu = |app: &mut TestApp, name: &str, choice: &str| {
        let node = app.harness.get_by_role_and_label(Role::TreeItem, name);
        node.click_secondary();
        app.settle();
        click(app, Role::MenuItem, choice);
    };
    wait_for(&mut app, "Saved Searches");
    menu(&mut app, "Saved Searches", "Save Current Search…");
    wait_for(&mut app, "Save current search");
    app.type_text("Mine");
    app.key(Key::Enter);
    wait_for(&mut app, "Mine");
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    menu(&mut app, "Mine", "Update with Current Search");
    search(&mut app, "");
    wait_for(&mut app, "of 7 cards selected");
    saved_entry(&mut app, "Mine", "of 5 cards selected");
    menu(&mut app, "Mine", "Delete…");
    press(&mut app, "Delete search");
    app.step_until("gone", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "Mine")
            .is_none()
    });
}

#[test]
fn a_saved_search_is_replaced_only_when_that_is_wanted() {
    let mut app = browsing();
    let save = |app: &mut TestApp| {
        app.harness
            .get_by_role_and_label(Role::TreeItem, "Saved Searches")
            .click_secondary();
        app.settle();
        click(app, Role::MenuItem, "Save Current Search…");
        wait_for(app, "Save current search");
        app.type_text("Mine");
        app.key(Key::Enter);
    };
    wait_for(&mut app, "Saved Searches");
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    save(&mut app);
    app.step_until("it is saved", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "Mine")
            .is_some()
    });
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    save(&mut app);
    wait_for(&mut app, "It looks for deck:French now");
    press(&mut app, "Cancel");
    entry(&app, "Mine", Modifiers::NONE);
    wait_for(&mut app, "of 2 cards selected");
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    save(&mut app);
    wait_for(&mut app, "Replace the saved search “Mine”?");
    press(&mut app, "Replace");
    search(&mut app, "");
    wait_for(&mut app, "of 7 cards selected");
    saved_entry(&mut app, "Mine", "of 5 cards selected");
}

#[test]
fn the_note_beside_the_table_is_edited_and_its_row_follows() {
    let mut app = browsing();
    search(&mut app, "deck:French Front:Word*1");
    wait_for(&mut app, "1 of 1 card selected");
    app.step_until("the note is there", |a| {
        let is_text = |role| matches!(role, Role::TextInput | Role::MultilineTextInput);
        a.harness
            .query_all_by(move |n| is_text(n.role()))
            .any(|n| n.accesskit_node().label().as_deref() == Some("Front"))
    });
    app.keys(CTRL | Modifiers::SHIFT, Key::N);
    app.key(Key::End);
    app.type_text(" changed");
    app.step_until("its row says so", |a| first_cells(a) == ["Word 1 changed"]);
}

#[test]
fn esc_ends_offered_tags_and_not_the_page() {
    let mut app = browsing();
    let tags = |app: &mut TestApp, typed: &str| {
        click(app, Role::TextInput, "Tags");
        app.type_text(typed);
    };
    app.step_until("the note", |a| {
        let field = a.harness.query_by_role_and_label(Role::TextInput, "Tags");
        field.is_some()
    });
    tags(&mut app, "verbs");
    app.key(Key::Enter);
    app.step_until("it is saved", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNote)
    });
    press(&mut app, "Remove tag verbs");
    tags(&mut app, "ver");
    app.step_until("the offer", |a| suggests(a, "verbs"));
    app.key(Key::Escape);
    assert!(!suggests(&app, "verbs"));
    assert_eq!(*app.app().route(), Route::Browse);
    assert!(sees(&app, "Remove tag ver"));
    app.key(Key::Escape);
    assert_eq!(*app.app().route(), Route::Decks);
}

#[test]
fn other_pages_lead_here_with_a_search() {
    let mut app = browsing();
    app.key(Key::Escape);
    send(&mut app, Action::Go(Route::Decks));
    send(&mut app, Action::Browse("deck:French  word".into()));
    wait_for(&mut app, "of 2 cards selected");
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
    let typed = field.accesskit_node().value();
    assert_eq!(typed.as_deref(), Some("deck:French word"));
}

/// A worker that finds `n` cards, and the window on the Browse page.
pub fn scripted(n: i64) -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    app.key(Key::B);
    worker.say(Event::Browse(BrowseEvent::Opened {
        layouts: [Layout::of(false), Layout::of(true)],
        notes: false,
    }));
    app.settle();
    worker.say(Event::Browse(BrowseEvent::Found {
        serial: 1,
        notes: false,
        ids: (1..=n).collect(),
        carried: None,
    }));
    app.settle();
    (app, worker)
}

/// Answers questions for rows; returns how many ids were asked for in each.
pub fn answer_rows(app: &mut TestApp, worker: &ScriptedService) -> Vec<usize> {
    let mut asked = vec![];
    for request in worker.take_requests() {
        if let Request::Browse(BrowseRequest::Rows {
            ids,
            notes,
            columns,
        }) = request
        {
            asked.push(ids.len());
            let rows = ids
                .iter()
                .map(|id| Row {
                    cells: Some(columns.iter().map(|_| format!("row {id}")).collect()),
                    note: NoteId(*id),
                    card: CardId(*id),
                    ..Row::deleted(*id)
                })
                .collect();
            worker.say(Event::Browse(BrowseEvent::Rows {
                notes,
                columns,
                rows,
            }));
        }
    }
    app.settle();
    asked
}

#[test]
fn a_hundred_thousand_rows_are_asked_for_as_they_are_seen() {
    let (mut app, worker) = scripted(100_000);
    assert!(answer_rows(&mut app, &worker).iter().sum::<usize>() < 100);
    wait_for(&mut app, "1 of 100,000 cards selected");
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    for (key, row) in [
        (Key::PageDown, "row 22"),
        (Key::PageDown, "row 43"),
        (Key::End, "row 100000"),
    ] {
        app.key(key);
        let asked = answer_rows(&mut app, &worker);
        assert!(
            asked.len() <= 4 && asked.iter().all(|n| *n <= 90),
            "{asked:?}"
        );
        assert!(sees(&app, row), "{row}: {:?}", rows(&app));
    }
    assert!(rows(&app).len() < 40, "only rows in view are drawn");
    app.keys(CTRL_ALT, Key::A);
    wait_for(&mut app, "100,000 of 100,000 cards selected");
}

#[test]
fn every_command_of_the_page_does_something() {
    for &command in BrowseCommand::ALL {
        let (mut app, worker) = scripted(30);
        answer_rows(&mut app, &worker);
        app.keys(CTRL | Modifiers::SHIFT, Key::L);
        app.key(Key::ArrowDown);
        answer_rows(&mut app, &worker);
        let look = |app: &TestApp| {
            let nodes = app.harness.query_all_by(|_| true);
            let seen = nodes.map(|n| {
                let node = n.accesskit_node();
                let focus = node.is_focused();
                format!(
                    "{:?} {:?} {:?} {focus}",
                    node.label(),
                    node.value(),
                    node.toggled()
                )
            });
            seen.collect::<Vec<_>>()
        };
        // These want something to do.
        if command.needs_preview() {
            app.keys(CTRL | Modifiers::SHIFT, Key::P);
            let _asked = worker.take_requests();
        }
        if command == BrowseCommand::SearchTool {
            app.keys(Modifiers::ALT, Key::Num2);
        } else if command == BrowseCommand::Find {
            app.keys(CTRL | Modifiers::SHIFT, Key::L);
        } else if command == BrowseCommand::CardList {
            app.keys(CTRL, Key::F);
        }
        let before = look(&app);
        send(&mut app, Action::Command(Command::Browse(command)));
        let asked = worker.take_requests();
        // One is heard, one wants a note, which has a test of its own, and one is so already.
        let is_heard = matches!(
            command,
            BrowseCommand::PreviewReplay
                | BrowseCommand::Note
                | BrowseCommand::Panes(PaneLayout::Automatic)
        );
        assert!(
            is_heard || !asked.is_empty() || look(&app) != before,
            "{command:?} does nothing"
        );
    }
}

#[test]
fn chosen_rows_are_exported_as_notes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.apkg");
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    app.keys(CTRL, Key::A);
    app.keys(CTRL | Modifiers::SHIFT, Key::E);
    wait_for(&mut app, "Export notes");
    choose(&mut app, "Include", "All Decks");
    wait_for(&mut app, "Export a deck");
    choose(&mut app, "Include", "2 selected cards");
    wait_for(&mut app, "Export notes");
    app.script.will_pick(&file);
    app.harness
        .get_by_role_and_label(Role::Button, "Export…")
        .click();
    wait_for(&mut app, "2 notes and 2 cards exported to some.apkg");
    assert!(file.exists());
}

#[test]
fn the_current_row_decides_whether_rows_are_marked() {
    let mut app = browsing();
    let focus_table = |app: &mut TestApp| app.keys(CTRL | Modifiers::SHIFT, Key::L);
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    focus_table(&mut app);
    app.key(Key::End);
    app.keys(CTRL, Key::K);
    search(&mut app, "tag:marked");
    wait_for(&mut app, "1 of 1 card selected");
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    focus_table(&mut app);
    app.key(Key::Home);
    app.keys(CTRL_ALT, Key::A);
    app.keys(CTRL, Key::K);
    // Another number in between tells when the search has been done.
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    search(&mut app, "tag:marked");
    wait_for(&mut app, "of 2 cards selected");
}

/// What the search field holds.
pub fn searched(app: &TestApp) -> String {
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
    field.accesskit_node().value().unwrap_or_default()
}

#[test]
fn select_notes_shows_and_chooses_all_cards_of_the_chosen_notes() {
    let mut app = browsing();
    app.keys(CTRL | Modifiers::SHIFT, Key::L);
    app.key(Key::End);
    app.keys(Modifiers::SHIFT, Key::ArrowUp);
    wait_for(&mut app, "2 of 7 cards selected");
    run(&mut app, BrowseCommand::SelectNotes);
    wait_for(&mut app, "2 of 2 cards selected");
    let ids = searched(&app);
    let ids = ids.strip_prefix("nid:").expect("a search for notes");
    assert_eq!(ids.split(',').count(), 2);
    // A later search chooses as always.
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    assert!(!sees(&app, "5 of 5"));
}

#[test]
fn select_notes_chooses_nothing_of_a_search_that_comes_after_it() {
    let (mut app, worker) = scripted(30);
    answer_rows(&mut app, &worker);
    run(&mut app, BrowseCommand::SelectNotes);
    worker.say(Event::Browse(BrowseEvent::NotesOf {
        rows: Arc::new(Since {
            notes: [NoteId(1)].into(),
            cards: [CardId(1)].into(),
        }),
        choose: true,
    }));
    app.settle();
    assert_eq!(searched(&app), "nid:1");
    // Before that is answered, something else is looked for.
    search(&mut app, "deck:Other");
    let asked = worker.take_requests().into_iter();
    let serials = asked.filter_map(|request| match request {
        Request::Browse(BrowseRequest::Search { serial, .. }) => Some(serial),
        _ => None,
    });
    worker.say(Event::Browse(BrowseEvent::Found {
        serial: serials.max().expect("a search"),
        notes: false,
        ids: (1..=30).collect(),
        carried: None,
    }));
    app.settle();
    assert!(sees(&app, "1 of 30 cards selected"));
}

#[test]
fn a_search_becomes_the_second_filter_of_a_filtered_deck() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    app.keys(CTRL_ALT, Key::G);
    wait_for(&mut app, "Create Filtered Deck");
    let second = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Search 2");
    let typed = second.accesskit_node().value();
    assert_eq!(typed.as_deref(), Some("deck:French"));
    let first = app
        .harness
        .query_all_by_role_and_label(Role::TextInput, "Search")
        .filter_map(|n| n.accesskit_node().value())
        .any(|text| text.contains("is:due"));
    assert!(first, "the first filter is the suggestion");
}

#[test]
fn what_is_open_in_the_sidebar_and_how_cards_are_previewed_is_found_again() {
    let mut app = browsing();
    wait_for(&mut app, "Turquoise");
    app.keys(CTRL | Modifiers::SHIFT, Key::F);
    app.type_text("flags");
    app.key(Key::Enter);
    app.settle();
    app.keys(CTRL | Modifiers::SHIFT, Key::F);
    app.keys(CTRL, Key::A);
    app.key(Key::Delete);
    entry(&app, "Flags", Modifiers::NONE);
    app.settle();
    app.keys(CTRL | Modifiers::SHIFT, Key::R);
    app.key(Key::ArrowLeft);
    app.step_until("the flags are shut", |a| !sees(a, "Turquoise"));
    app.step_until("that is kept", |a| {
        let kept = &a.app().model().settings.browser.sidebar_open;
        kept.get("flags") == Some(&false)
    });
    run(&mut app, BrowseCommand::Preview);
    wait_for(&mut app, "Back Side Only");
    run(&mut app, BrowseCommand::PreviewBackSide);
    app.step_until("that is kept too", |a| {
        a.app().model().settings.browser.back_side_only
    });
    let (dir, clock) = app.into_dir();
    let options = Options {
        size: Vec2::new(1100.0, 1200.0),
        ..Options::default()
    };
    let mut app = TestApp::on(dir, clock, options);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    wait_for(&mut app, "Flags");
    assert!(!sees(&app, "Turquoise"));
    run(&mut app, BrowseCommand::Preview);
    wait_for(&mut app, "Back Side Only");
    let only = app.harness.get_by_label("Back Side Only");
    let toggled = only.accesskit_node().toggled();
    assert_eq!(toggled, Some(eframe::egui::accesskit::Toggled::True));
}

#[test]
fn the_page_opens_with_the_search_of_the_preferences() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("French", 2), ("Spanish", 5)]);
    });
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    app.keys(CTRL, Key::P);
    wait_for(&mut app, "Changes are saved at once");
    click(&mut app, Role::ListBoxOption, "Editing");
    fill(
        &mut app,
        "Browse looks for this when it opens",
        "deck:French",
    );
    app.step_until("it is saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.default_search == "deck:French")
    });
    send(&mut app, Action::Go(Route::Browse));
    wait_for(&mut app, "of 2 cards selected");
    assert_eq!(searched(&app), "deck:French");
}

#[test]
fn accents_are_ignored_where_the_preferences_say_so() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("French", 2), ("Spanish", 5)]);
    });
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    send(&mut app, Action::Go(Route::Browse));
    search(&mut app, "wörd");
    wait_for(&mut app, "No cards found");
    app.key(Key::Escape);
    app.keys(CTRL, Key::P);
    wait_for(&mut app, "Changes are saved at once");
    click(&mut app, Role::ListBoxOption, "Editing");
    app.harness
        .get_by_role_and_label(Role::Switch, "Ignore accents in search (slower)")
        .click();
    app.step_until("it is saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.ignore_accents)
    });
    send(&mut app, Action::Go(Route::Browse));
    search(&mut app, "wörd");
    wait_for(&mut app, "of 7 cards selected");
}

/// More rows than are changed at once have the collection to themselves, and can be stopped.
#[test]
fn many_rows_are_changed_with_progress() {
    let mut app = browsing();
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    run(&mut app, BrowseCommand::SelectNotes);
    wait_for(&mut app, "1 of 1 card selected");
    let note: i64 = searched(&app).trim_start_matches("nid:").parse().unwrap();
    let chosen = Chosen {
        rows: vec![note; 10_001],
        notes: true,
        current: note,
    };
    let action = BrowseAction::ToggleSuspend;
    let request = BrowseRequest::Do { chosen, action };
    send(&mut app, Action::Ask(Request::Browse(request)));
    wait_for(&mut app, "card suspended");
    search(&mut app, "is:suspended");
    wait_for(&mut app, "1 of 1 card selected");
    send(&mut app, Action::Command(Command::Undo));
    wait_for(&mut app, "Undone: Suspend");
    search(&mut app, "is:suspended ");
    wait_for(&mut app, "No cards found");
}
