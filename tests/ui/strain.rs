//! Windows and names that strain the layouts.

use crate::harness::{Options, TestApp, ana};
use crate::steps::wait_for;
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::service::profiles::DataFolder;

const LONG: &str =
    "Everything that is asked in the second part of the final examination of anatomy";

fn in_window(size: Vec2, deck: &str) -> TestApp {
    let options = Options {
        size,
        ..Options::default()
    };
    let deck = deck.to_owned();
    let mut app = TestApp::with(options, move |base, clock| {
        ana(base, clock, &[(&deck, 2)]);
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

/// The window's words that end with these.
fn ending(app: &TestApp, words: &str) -> Vec<String> {
    let labels = app.harness.query_all_by_role(Role::Label);
    let labels = labels.filter_map(|n| {
        let node = n.accesskit_node();
        node.label().or(node.value())
    });
    labels.filter(|l| l.ends_with(words)).collect()
}

#[test]
fn a_card_wider_than_a_picture_may_be_is_drawn_coarser() {
    let mut app = in_window(Vec2::new(2600.0, 900.0), "French");
    app.harness
        .get_by_label("French, 2 new, 0 learn, 0 due")
        .click();
    wait_for(&mut app, "Study Now");
    app.key(Key::Enter);
    wait_for(&mut app, "Show Answer");
    app.key(Key::Space);
    wait_for(&mut app, "Good");
}

#[test]
fn long_paths_of_decks_lose_their_middle_and_keep_their_ends() {
    let deck = format!("Medicine::{LONG}::{LONG}::Nerves");
    let mut app = in_window(Vec2::new(900.0, 600.0), &deck);
    app.type_text("/");
    wait_for(&mut app, "Study Deck");
    app.type_text("nerves");
    app.key(Key::Enter);
    wait_for(&mut app, "Study Now");
    let path = ending(&app, "Nerves");
    let cut = path.iter().find(|p| p.starts_with("Medicine"));
    let cut = cut.unwrap_or_else(|| panic!("no path: {path:?}"));
    assert!(cut.contains('…'), "{cut}");
    app.key(Key::Enter);
    wait_for(&mut app, "Show Answer");
    let path = ending(&app, "Nerves");
    assert!(path.iter().any(|p| p.starts_with("Medicine")), "{path:?}");
}

#[test]
fn long_names_of_fields_keep_their_ends_and_are_told_whole_by_a_tooltip() {
    let options = Options {
        size: Vec2::new(760.0, 520.0),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("French", 1)]);
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
        let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
        let mut edit = NotetypeEdit::from(basic);
        for (field, end) in edit.fields.iter_mut().zip(["question", "answer"]) {
            field.now.name = format!("{LONG}, {LONG}, {end}");
        }
        col.update_notetype(&edit, &Progress::new()).unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::A);
    let head = format!("Collapse field {LONG}, {LONG}, answer");
    wait_for(&mut app, &head);
    app.harness
        .get_by_role_and_label(Role::Button, &head)
        .hover();
    for _ in 0..60 {
        app.harness.step();
    }
    let told = app.harness.query_all_by_role(Role::Label).any(|n| {
        let node = n.accesskit_node();
        node.label().or(node.value()).as_ref() == Some(&head)
    });
    assert!(told, "no tooltip");
}
