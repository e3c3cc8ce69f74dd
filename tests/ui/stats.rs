//! Statistics and card info on a real collection, by role and label.

use crate::harness::{Options, TestApp};
use crate::steps::{ana_is_open, click, focus, press, sees, send, study, wait_for, with_decks_in};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::domain::sidebar::Sidebar;
use engram::domain::stats::{ByKind, GraphPreferences, Graphs, WeekStart};
use engram::service::browse::{BrowseEvent, BrowseRequest};
use engram::service::event::{Event, StatsEvent};
use engram::service::request::{CardRequest, Request, StatsRequest};
use engram::ui::action::Action;
use engram::ui::card_info::CardInfoDialog;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::Path;
use std::sync::Arc;

/// A window in which all graphs have room.
const TALL: f32 = 4000.0;
/// As high as a picture of a card may be.
const USUAL: f32 = 1900.0;

fn ana_with(notes: usize, height: f32) -> TestApp {
    let options = Options {
        size: Vec2::new(1100.0, height),
        ..Options::default()
    };
    with_decks_in(options, &[("French", 2), ("Spanish", notes)])
}

fn has(app: &TestApp, label: &str) -> bool {
    app.harness.query_by_label(label).is_some()
}

/// On the first question of Spanish.
fn studying(notes: usize) -> TestApp {
    let mut app = ana_with(notes, USUAL);
    study(&mut app, "span");
    app
}

fn answer_one(app: &mut TestApp) {
    let before = app.app().model().study.shown();
    app.key(Key::Space);
    app.key(Key::Num4);
    app.step_until("the next card", |a| {
        a.app().model().study.shown() > before || *a.app().route() == Route::Congrats
    });
}

#[test]
fn t_shows_the_deck_and_shift_t_the_collection() {
    let mut app = studying(3);
    answer_one(&mut app);
    app.key(Key::T);
    app.step_until("the numbers of the deck", |a| has(a, "Notes: 3, 3 cards"));
    assert!(sees(&app, "Reviews today: 1, 0."));
    app.harness
        .get_by_label("Days in a row: 1, longest 1 in a year");
    app.harness.get_by_label("Again count: 0 (100.0% correct)");
    app.harness.get_by_label("New: 2 (66.67%)");
    app.keys(Modifiers::SHIFT, Key::T);
    app.step_until("the numbers of all", |a| has(a, "Notes: 5, 5 cards"));
    let cards = app.harness.get_by_role_and_label(Role::ComboBox, "Cards");
    assert_eq!(
        cards.accesskit_node().value().as_deref(),
        Some("Whole collection")
    );
}

/// As it closes Anki's window of statistics.
#[test]
fn escape_leads_back_from_statistics() {
    let mut app = ana_with(2, USUAL);
    app.key(Key::T);
    app.step_until("the page", |a| *a.app().route() == Route::Stats);
    app.key(Key::Escape);
    app.step_until("the decks", |a| *a.app().route() == Route::Decks);
}

#[test]
fn every_graph_is_there_with_a_sentence_that_says_what_it_shows() {
    let mut app = studying(3);
    answer_one(&mut app);
    app.key(Key::T);
    app.step_until("the numbers", |a| has(a, "Notes: 3, 3 cards"));
    for title in [
        "Today",
        "Future due",
        "Calendar",
        "Reviews",
        "Card counts",
        "Review intervals",
        "Card ease",
        "Hourly breakdown",
        "Answer buttons",
        "Added",
        "True retention",
    ] {
        app.harness.get_by_role_and_label(Role::Heading, title);
    }
    for sentence in [
        "Reviews. The number of questions you have answered. average 0 a day, studied on 1 of 31 \
         days. Days studied: 1 of 31 (3.2%). Total: 1 review.",
        "Answer buttons. The number of times you have pressed each button. 1 answer.",
        "Added. The number of new cards you have added. average 0 a day. Total: 3 cards.",
        "Calendar 2026. 1 review on 1 day.",
    ] {
        let found = app
            .harness
            .query_all_by_role(Role::Image)
            .filter_map(|node| node.accesskit_node().label())
            .any(|label| label.starts_with(sentence));
        assert!(found, "{sentence}");
    }
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Range: All")
        .click();
    let all_time = "All time: young –, mature –, total –, count 0";
    app.step_until("all history", |a| has(a, all_time));
    // The columns of the table end where its lines do.
    let line = app.harness.get_by_label(all_time).rect();
    let count = app
        .harness
        .get_by_role_and_label(Role::Label, "Count")
        .rect();
    assert!((line.max.x - count.max.x).abs() < 2.0, "{line:?} {count:?}");
}

#[test]
fn searches_choose_cards_and_bad_ones_say_why() {
    let mut app = ana_with(3, TALL);
    app.keys(Modifiers::SHIFT, Key::T);
    app.step_until("the numbers of all", |a| has(a, "Notes: 5, 5 cards"));
    let search = |app: &mut TestApp, text: &str| {
        focus(app, Role::TextInput, "Search");
        app.keys(Modifiers::COMMAND, Key::A);
        app.type_text(text);
        app.key(Key::Enter);
    };
    search(&mut app, "front:Word*2");
    app.step_until("what was found", |a| has(a, "Notes: 2, 2 cards"));
    search(&mut app, "(front:x");
    app.step_until("the reason", |a| has(a, "Could not gather the statistics"));
    // The field still has the keys, and what is typed takes the place of what it holds.
    app.type_text("deck:French");
    app.key(Key::Enter);
    app.step_until("what was typed next", |a| has(a, "Notes: 2, 2 cards"));
    app.type_text("front:Word*");
    app.key(Key::Enter);
    app.step_until("all of them", |a| has(a, "Notes: 5, 5 cards"));
    click(&mut app, Role::ComboBox, "Cards");
    app.harness
        .get_by_role_and_label(Role::MenuItemCheckBox, "French")
        .click();
    app.step_until("the deck", |a| has(a, "Notes: 2, 2 cards"));
}

#[test]
fn a_graph_is_saved_as_a_table_and_as_a_picture() {
    let mut app = ana_with(3, TALL);
    app.keys(Modifiers::SHIFT, Key::T);
    app.step_until("the numbers", |a| has(a, "Notes: 5, 5 cards"));
    let room = tempfile::tempdir().unwrap();
    for (graph, entry, file) in [
        ("Added", "Save as Table…", "added.csv"),
        ("Added", "Save as Picture…", "added.png"),
        ("Card counts", "Save as Picture…", "counts.png"),
        ("Calendar", "Save as Table…", "calendar.csv"),
        ("True retention", "Save as Table…", "retention.csv"),
    ] {
        let path = room.path().join(file);
        save_graph(&mut app, graph, entry, &path);
        app.step_until(file, |a| has(a, &format!("Saved {file}")));
        let bytes = std::fs::read(&path).unwrap();
        if file.ends_with("png") {
            let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
            let ground = picture.get_pixel(4, 4);
            let drawn = picture.pixels().filter(|p| *p != ground).count();
            assert!(picture.width() > 1000 && drawn > 2000, "{file}: {drawn}");
        }
    }
    let table = std::fs::read_to_string(room.path().join("added.csv")).unwrap();
    assert!(
        table.starts_with("from,to,label,\"Cards added\",\"Running total\"\n"),
        "{table}"
    );
    assert!(table.contains("0,1,\"Today\",5,5"), "{table}");
    let days = std::fs::read_to_string(room.path().join("calendar.csv")).unwrap();
    assert!(days.contains("2026-11-21,0"), "{days}");
}

#[test]
fn what_is_saved_takes_the_place_of_no_collection() {
    let mut app = ana_with(3, TALL);
    app.keys(Modifiers::SHIFT, Key::T);
    app.step_until("the numbers", |a| has(a, "Notes: 5, 5 cards"));
    let collection = app.base.join("Ana/collection.anki2");
    for (entry, said) in [
        ("Save as Picture…", "Could not save the picture"),
        ("Save as Table…", "Could not save the table"),
    ] {
        save_graph(&mut app, "Added", entry, &collection);
        wait_for(&mut app, said);
        assert!(sees(&app, "own folder is not a place"), "{entry}");
        let bytes = std::fs::read(&collection).unwrap();
        assert!(bytes.starts_with(b"SQLite format 3"), "{entry}");
    }
}

/// By the graph's menu.
fn save_graph(app: &mut TestApp, graph: &str, entry: &str, path: &Path) {
    app.script.will_pick(path);
    press(app, &format!("{graph}: more"));
    app.harness
        .get_by_role_and_label(Role::MenuItem, entry)
        .click();
}

#[test]
fn all_graphs_are_saved_as_one_pdf() {
    let mut app = ana_with(3, TALL);
    app.keys(Modifiers::SHIFT, Key::T);
    app.step_until("the numbers", |a| has(a, "Notes: 5, 5 cards"));
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("statistics.pdf");
    app.script.will_pick(&path);
    app.harness
        .get_by_role_and_label(Role::Button, "Save as PDF…")
        .click();
    app.step_until("the file", |a| has(a, "Saved statistics.pdf"));
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.4\n") && bytes.ends_with(b"%%EOF\n"));
    // Calendar, card counts, true retention, and the charts that have a bar.
    let file = String::from_utf8_lossy(&bytes);
    let pictures = file.matches("/Subtype /Image").count();
    assert!(pictures > 3, "{pictures}");
    assert!(file.contains("/Type /Page /Parent"));
}

#[test]
fn answers_are_saved_while_statistics_are_gathered_and_count() {
    let mut app = studying(4);
    answer_one(&mut app);
    app.key(Key::T);
    app.step_until("one answer", |a| sees(a, "Reviews today: 1, 0."));
    app.key(Key::S);
    app.key(Key::S);
    app.step_until("a question", |a| {
        a.app().model().study.shows(Side::Question)
    });
    answer_one(&mut app);
    app.key(Key::T);
    app.step_until("two answers", |a| sees(a, "Reviews today: 2, 0."));
}

#[test]
fn card_info_tells_of_this_card_and_the_one_before() {
    let mut app = studying(3);
    app.key(Key::I);
    app.step_until("card info", |a| has(a, "Deck: Spanish"));
    app.harness.get_by_label("Card Info");
    app.harness.get_by_label("Position: 3");
    app.harness.get_by_label("Note type: Basic");
    press(&mut app, "Copy");
    let copied = app.harness.output().platform_output.commands.iter().any(|c| {
        matches!(c, eframe::egui::OutputCommand::CopyText(text) if text.contains("Deck\tSpanish"))
    });
    assert!(
        copied || has(&app, "Copied"),
        "the text is on the clipboard"
    );
    app.key(Key::Escape);
    app.settle();
    assert!(!has(&app, "Deck: Spanish"));
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::I);
    app.settle();
    assert!(!has(&app, "Previous Card Info"), "there is none yet");
    answer_one(&mut app);
    app.keys(Modifiers::COMMAND | Modifiers::ALT, Key::I);
    app.step_until("the card before", |a| has(a, "Reviews: 1"));
    app.harness.get_by_label("Previous Card Info");
    // It has grown from the line of waiting as far as it goes, at once: the log is in sight.
    app.settle();
    let foot = |app: &TestApp| {
        let close = app.harness.get_by_role_and_label(Role::Button, "Close");
        close.rect().min.y
    };
    let before = foot(&app);
    let log = app.harness.get_by_label("Review log").rect();
    assert!(log.max.y < before, "{log:?} {before}");
    app.harness.run_steps(30);
    assert_eq!(foot(&app), before);
}

#[test]
fn card_info_tells_what_rescheduled_a_card_without_an_answer() {
    let mut app = studying(3);
    let card = app.app().model().study.card.as_ref().unwrap().id;
    for days in ["4!", "10!"] {
        let due = CardRequest::SetDueDate {
            cards: vec![card],
            days: days.to_owned(),
        };
        send(&mut app, Action::Ask(Request::Card(due)));
    }
    for action in CardInfoDialog::open("Card Info", card) {
        send(&mut app, action);
    }
    app.step_until("card info", |a| has(a, "Scheduling changes"));
    for change in ["no interval → 4 days, ease 250%", "4 days → 10 days"] {
        let row = format!("2026-11-21 15:30, Due date set, {change}");
        app.harness.get_by_role_and_label(Role::Row, &row);
    }
    app.key(Key::Escape);
    app.keys(Modifiers::COMMAND, Key::Z);
    app.settle();
    for action in CardInfoDialog::open("Card Info", card) {
        send(&mut app, action);
    }
    app.step_until("one is left", |a| {
        let rows = a.harness.query_all_by_role(Role::Row);
        let names = rows.filter_map(|row| row.accesskit_node().label());
        names.filter(|name| name.contains("Due date set")).count() == 1
    });
}

/// A click on a row of the counts and on a bar shows its cards, within what the page is about.
#[test]
fn clicks_on_graphs_lead_to_their_cards() {
    let mut app = studying(3);
    answer_one(&mut app);
    app.key(Key::T);
    app.step_until("the numbers of the deck", |a| has(a, "Notes: 3, 3 cards"));
    app.harness.get_by_label("New: 2 (66.67%)").click();
    app.settle();
    let searched = |app: &TestApp| {
        let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
        field.accesskit_node().value().unwrap_or_default()
    };
    app.step_until("the cards", |a| {
        let words = "of 2 cards selected";
        a.harness.query_all_by_label_contains(words).count() > 0
    });
    let search = searched(&app);
    assert!(
        search.contains("deck:Spanish") && search.ends_with("is:new"),
        "{search}"
    );
    send(&mut app, Action::Go(Route::Stats));
    app.step_until("the numbers again", |a| has(a, "New: 2 (66.67%)"));
    let reviews = app
        .harness
        .query_all_by_label_contains("Reviews. ")
        .next()
        .map(|n| n.rect())
        .expect("the graph");
    // The last bar is today.
    let today = eframe::egui::pos2(reviews.max.x - 6.0, reviews.center().y);
    app.harness.hover_at(today);
    app.settle();
    app.harness.drag_at(today);
    app.harness.drop_at(today);
    app.settle();
    app.step_until("the cards", |a| *a.app().route() == Route::Browse);
    let search = searched(&app);
    assert!(search.ends_with("prop:rated=0"), "{search}");
}

/// The page waits for its numbers.
fn scripted_stats() -> (TestApp, ScriptedService) {
    let options = Options {
        size: Vec2::new(1100.0, TALL),
        ..Options::default()
    };
    let (mut app, worker) = TestApp::scripted(options);
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Go(Route::Stats));
    (app, worker)
}

/// A sync may have brought them; what is chosen here then takes nothing of that back.
#[test]
fn what_was_chosen_for_the_graphs_elsewhere_is_followed() {
    let (mut app, worker) = scripted_stats();
    let numbers = |preferences| {
        let mut graphs = Graphs {
            preferences,
            ..Graphs::default()
        };
        graphs.future_due.have_backlog = true;
        Event::Stats(StatsEvent::Graphs {
            search: String::new(),
            days: 365,
            graphs: Box::new(graphs),
        })
    };
    worker.say(numbers(GraphPreferences::default()));
    app.settle();
    let elsewhere = GraphPreferences {
        week_start: WeekStart::Monday,
        ..GraphPreferences::default()
    };
    worker.say(numbers(elsewhere));
    app.settle();
    let _so_far = worker.take_requests();
    click(&mut app, Role::CheckBox, "Backlog");
    let chosen = GraphPreferences {
        backlog: false,
        ..elsewhere
    };
    let save = Request::Stats(StatsRequest::SavePreferences(chosen));
    assert!(worker.take_requests().contains(&save));
}

#[test]
fn graphs_of_nothing_tell_no_averages() {
    let (mut app, worker) = scripted_stats();
    worker.say(Event::Stats(StatsEvent::Graphs {
        search: String::new(),
        days: 365,
        graphs: Box::default(),
    }));
    app.settle();
    let is_there = |words| app.harness.query_all_by_label(words).next().is_some();
    assert!(is_there("Added") && is_there("Hourly breakdown"));
    assert!(!is_there("average 0 a day") && !is_there("0.0% correct"));
    assert!(!is_there("Backlog"), "nothing is overdue");
}

/// A thousand days in a row. Only a year is read, until an earlier one of the calendar is wanted.
#[test]
fn days_in_a_row_beyond_what_was_read_are_told_as_more() {
    let (mut app, worker) = scripted_stats();
    let studied = |days: u32, rows: i32| {
        let mut graphs = Graphs::default();
        let one = ByKind {
            learn: 1,
            ..ByKind::default()
        };
        graphs.reviews.count = (0..rows).map(|day| (-day, one)).collect();
        Event::Stats(StatsEvent::Graphs {
            search: String::new(),
            days,
            graphs: Box::new(graphs),
        })
    };
    worker.say(studied(365, 366));
    app.settle();
    app.harness
        .get_by_label("Days in a row: 366+, longest 366 in a year");
    press(&mut app, "‹");
    let all = Request::Stats(StatsRequest::Graphs {
        search: String::new(),
        days: 0,
    });
    assert!(worker.take_requests().contains(&all));
    worker.say(studied(0, 1000));
    app.settle();
    app.harness
        .get_by_label("Days in a row: 1,000, longest 1,000");
}

/// The window stays open over night: what was "today" is asked for again, though nothing changed.
#[test]
fn a_new_day_gathers_the_numbers_anew() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Go(Route::Stats));
    worker.say(Event::Stats(StatsEvent::Graphs {
        search: String::new(),
        days: 365,
        graphs: Box::default(),
    }));
    app.settle();
    let asked = || {
        let requests = worker.take_requests();
        let graphs = |r: &&Request| matches!(r, Request::Stats(StatsRequest::Graphs { .. }));
        requests.iter().filter(graphs).count()
    };
    let _before = asked();
    for (new_day, times) in [(false, 0), (true, 1)] {
        worker.say(Event::TimePassed { new_day });
        app.settle();
        assert_eq!(asked(), times, "a new day: {new_day}");
    }
}

/// They may be others then: of another profile, or after a change.
#[test]
fn names_that_searches_are_completed_with_are_asked_for_anew() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    let load = Request::Browse(BrowseRequest::LoadSidebar);
    let offered = |app: &TestApp| {
        let lines = app.harness.query_all_by_label_contains("vocabulary");
        lines.count() > 0
    };
    for _profile in 0..2 {
        ana_is_open(&mut app, &worker);
        send(&mut app, Action::Go(Route::Stats));
        worker.say(Event::Stats(StatsEvent::Graphs {
            search: String::new(),
            days: 365,
            graphs: Box::default(),
        }));
        app.settle();
        let _before = worker.take_requests();
        focus(&mut app, Role::TextInput, "Search");
        app.type_text("tag:v");
        app.settle();
        assert!(!offered(&app));
        assert!(worker.take_requests().contains(&load));
        worker.say(Event::Browse(BrowseEvent::Sidebar(Arc::new(Sidebar {
            tags: vec!["vocabulary".into()],
            ..Sidebar::default()
        }))));
        app.settle();
        assert!(offered(&app));
    }
}
