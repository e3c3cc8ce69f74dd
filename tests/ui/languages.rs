//! The window in other languages, each in a program of its own: a language is chosen once.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{press, sees, send, wait_for};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::base::lang::{self, PSEUDO};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::menu::MENUS;
use engram::ui::route::Route;
use std::collections::BTreeSet;

/// Set in the program that runs the test itself.
const CHILD: &str = "ENGRAM_LANGUAGE_CHILD";

/// Runs this very test again in a program that speaks `code`; true there.
fn speaks(code: &str, test: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        lang::choose(code).unwrap();
        return true;
    }
    let name = format!("languages::{test}");
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name.as_str(), "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

fn with_two_cards() -> TestApp {
    // Marks make each text longer by a third.
    let options = Options {
        size: vec2(1800.0, 1000.0),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("Deck", 2)]);
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    app
}

#[test]
fn a_deck_is_studied_in_german() {
    if !speaks("de", "a_deck_is_studied_in_german") {
        return;
    }
    let mut app = with_two_cards();
    app.harness
        .get_by_role_and_label(Role::ListBoxOption, "Deck, 2 neu, 0 in Lernphase, 0 fällig")
        .click();
    app.settle();
    wait_for(&mut app, "Jetzt lernen");
    press(&mut app, "Jetzt lernen");
    wait_for(&mut app, "Antwort zeigen");
    app.key(Key::Space);
    wait_for(&mut app, "Gut");
    app.key(Key::Num3);
    wait_for(&mut app, "Antwort zeigen");
    // The menu; the other button of that name edits the card.
    app.harness
        .get_all_by_role_and_label(Role::Button, "Bearbeiten")
        .next()
        .unwrap()
        .click();
    app.settle();
    assert!(sees(&app, "rückgängig machen"));
}

/// What the window says that was not translated, by the words for people and screen readers.
fn plain_words(app: &TestApp) -> BTreeSet<String> {
    let nodes = app.harness.query_all_by(|_| true);
    nodes
        .flat_map(|node| {
            let node = node.accesskit_node();
            [
                node.label(),
                node.value(),
                node.placeholder().map(str::to_owned),
            ]
        })
        .flatten()
        .filter(|words| !words.contains('⟦') && is_words(words))
        .collect()
}

fn is_words(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|w| w.chars().count() > 2)
}

#[test]
fn every_text_of_the_pages_and_menus_is_translated() {
    if !speaks(PSEUDO, "every_text_of_the_pages_and_menus_is_translated") {
        return;
    }
    let mut app = with_two_cards();
    let mut found = BTreeSet::new();
    let mut look = |app: &TestApp, place: String| {
        for words in plain_words(app) {
            if !THE_SAME.iter().any(|same| words.starts_with(same)) {
                found.insert((words, place.clone()));
            }
        }
    };
    for menu in MENUS {
        press(&mut app, menu.title());
        look(&app, format!("menu {:?}", menu.title()));
        app.key(Key::Escape);
    }
    let profile = || "Ana".to_owned();
    for route in [
        Route::Decks,
        Route::Stats,
        Route::Browse,
        Route::Backups { profile: profile() },
        Route::Health { profile: profile() },
        Route::Vaults,
        Route::Preferences,
        Route::Add,
        Route::NoteTypes,
        Route::DeckOptions { deck: DeckId(1) },
        Route::Profiles,
    ] {
        send(&mut app, Action::Go(route.clone()));
        for _ in 0..20 {
            app.harness.step();
        }
        look(&app, format!("{route:?}"));
        send(&mut app, Action::Go(Route::Decks));
    }
    for command in [
        Command::Import,
        Command::Export,
        Command::CreateBackup,
        Command::CheckMedia,
        Command::EmptyCards,
        Command::FindProblems,
        Command::Guide,
        Command::About,
        Command::DeletedNotes,
        Command::CreateDeck,
        Command::CreateFilteredDeck,
        Command::Sync,
    ] {
        send(&mut app, Action::Command(command));
        for _ in 0..20 {
            app.harness.step();
        }
        look(&app, format!("{command:?}"));
        app.key(Key::Escape);
        app.key(Key::Escape);
        send(&mut app, Action::Go(Route::Decks));
    }
    let lines: Vec<String> = found.iter().map(|(w, p)| format!("{w:?} on {p}")).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// Names, addresses and searches, which are the same in every language, by how they begin.
const THE_SAME: &[&str] = &[
    "/",
    "Ana",
    "Back",
    "Basic",
    "Cloze",
    "Deck",
    "Default",
    "Engram",
    "FSRS",
    "Filtered Deck ",
    "Front",
    "Image Occlusion",
    "deck:",
    "http://",
];
