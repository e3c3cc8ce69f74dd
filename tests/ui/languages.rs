//! The window in other languages, each in a program of its own: a language is chosen once.

use crate::deck_options::{names_beside_fields, options_in};
use crate::harness::{NOW, Options, TestApp, ana};
use crate::steps::{
    back_up, click, make_deck, pages, press, sees, send, wait_for, wait_for_first_backup,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::{DeckId, NotetypeId};
use engram::base::job::Progress;
use engram::base::lang::{self, PSEUDO};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note_edit::NewNote;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::menu::MENUS;
use engram::ui::route::Route;
use engram::{search, t};
use std::cell::Cell;
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
    click(
        &mut app,
        Role::ListBoxOption,
        "Deck, 2 neu, 0 in Lernphase, 0 fällig",
    );
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

#[test]
fn a_choice_is_as_wide_as_its_longest_words() {
    if !speaks("de", "a_choice_is_as_wide_as_its_longest_words") {
        return;
    }
    let mut app = with_two_cards();
    send(&mut app, Action::Go(Route::Preferences));
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    let page = t!("Backups");
    click(&mut app, Role::ListBoxOption, page);
    let keep = t!("Keep backups");
    let choice = app.harness.get_by_role_and_label(Role::ComboBox, keep);
    let wide = choice.rect().width();
    // “Täglich, wöchentlich, monatlich” needs 209 points, the arrow and the room beside them 38.
    assert!((230.0..280.0).contains(&wide), "{wide}");
    // And a field as what it says while it is empty: “Nach Datum oder Grund suchen”.
    send(&mut app, Action::Go(Route::Decks));
    back_up(&mut app);
    let profile = "Ana".to_owned();
    send(&mut app, Action::Go(Route::Backups { profile }));
    wait_for(&mut app, t!("Find a backup"));
    let field = app
        .harness
        .get_by_role_and_label(Role::TextInput, t!("Find a backup"));
    let wide = field.rect().width();
    assert!((242.0..280.0).contains(&wide), "{wide}");
}

/// French is long: what a narrow window has no room for on one line goes on two.
#[test]
fn a_narrow_window_cuts_no_words() {
    if !speaks("fr", "a_narrow_window_cuts_no_words") {
        return;
    }
    let options = Options {
        size: vec2(800.0, 600.0),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("Deck", 2)]);
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    let deck = t!(
        "{name}, {new} new, {learn} learn, {due} due",
        name = "Deck",
        new = 2,
        learn = 0,
        due = 0
    );
    app.harness
        .get_by_role_and_label(Role::ListBoxOption, &deck)
        .click();
    app.step_until("its page", |a| a.app().model().overview.is_some());
    app.key(Key::C);
    let before = "Augmenter la limite de nouvelles cartes du jour de";
    wait_for(&mut app, before);
    // On a line of its own, where the number and the words behind it have no room beside it.
    app.harness.get_by_role_and_label(Role::Label, before);
    app.key(Key::Escape);
    app.key(Key::F);
    let search = t!("Search" in "filtered deck");
    let name = |app: &TestApp| {
        let button = app.harness.query_by_role_and_label(Role::Button, search);
        button.map(|button| button.rect())
    };
    app.step_until("a filtered deck", |a| name(a).is_some());
    // “Recherche” needs 71 points, and eight on either side.
    let wide = name(&app).unwrap().width();
    assert!(wide > 85.0, "{wide}");
    app.key(Key::Escape);
    app.key(Key::O);
    let option = t!("Maximum reviews/day");
    wait_for(&mut app, option);
    let name = app
        .harness
        .get_by_role_and_label(Role::Label, option)
        .rect();
    let choice = t!("{row}: {option}", row = option, option = t!("Preset"));
    let choice = app
        .harness
        .get_by_role_and_label(Role::RadioButton, &choice)
        .rect();
    assert!(!name.intersects(choice), "{name:?} {choice:?}");
    app.key(Key::Escape);
    send(&mut app, Action::Go(Route::Preferences));
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    let page = t!("Syncing" in "preferences");
    click(&mut app, Role::ListBoxOption, page);
    let note = t!(
        "At 100% nothing is asked. In one direction: you choose which, both sides are saved first."
    );
    let note = app.harness.get_by_role_and_label(Role::Label, note).rect();
    assert!(note.height() > 30.0, "two lines: {note:?}");
}

#[test]
fn the_list_of_preferences_is_as_wide_as_its_longest_name() {
    if !speaks(
        "es",
        "the_list_of_preferences_is_as_wide_as_its_longest_name",
    ) {
        return;
    }
    let mut app = with_two_cards();
    send(&mut app, Action::Go(Route::Preferences));
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    let page = (Role::ListBoxOption, t!("Backups"));
    click(&mut app, page.0, page.1);
    let name = app.harness.get_by_role_and_label(page.0, page.1);
    let wide = name.rect().width();
    // “Copias de seguridad” needs 138 points when it is chosen, its icon 36, and room at its end.
    assert!((178.0..200.0).contains(&wide), "{wide}");
}

/// In a narrow window the fields stand below names that leave no room beside them.
#[test]
fn names_of_options_are_not_under_their_fields() {
    if !speaks("de", "names_of_options_are_not_under_their_fields") {
        return;
    }
    let mut app = options_in(800.0, t!("New/review order"));
    let seen = names_beside_fields(&app, &[Role::ComboBox]);
    assert!(seen > 4, "{seen}");
    // Nor under buttons: those of FSRS want more room than “An Wiederholungen anpassen” leaves.
    click(&mut app, Role::ListBoxOption, t!("FSRS"));
    click(&mut app, Role::Switch, t!("FSRS"));
    wait_for(&mut app, t!("Optimize"));
    let button = |label| app.harness.get_by_role_and_label(Role::Button, label);
    let help = t!("Help: {option}", option = t!("Fit to your reviews"));
    let (help, first) = (button(&help).rect(), button(t!("Optimize")).rect());
    let is_free = help.max.x <= first.min.x || help.max.y <= first.min.y;
    assert!(is_free, "{help:?} {first:?}");
}

/// What has no room beside the parts of a template and of its preview stands below them.
#[test]
fn the_tools_of_a_template_do_not_lie_over_each_other() {
    if !speaks("de", "the_tools_of_a_template_do_not_lie_over_each_other") {
        return;
    }
    let options = Options {
        size: vec2(800.0, 600.0),
        ..Options::default()
    };
    let id = Cell::new(NotetypeId::default());
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[]);
        let profile = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let mut col = Collection::open(&profile.collection(), clock.clone()).unwrap();
        let cloze = col.storage().notetype_by_name("Cloze").unwrap().unwrap();
        id.set(cloze.id);
        let note = NewNote {
            notetype_id: cloze.id,
            deck_id: DeckId::DEFAULT,
            fields: vec!["{{c1::Rome}} {{c2::476}}".into(), String::new()],
            tags: vec![],
        };
        col.add_notes(vec![note]).unwrap();
        col.close().unwrap();
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    let page = Route::CardTemplates {
        id: id.get(),
        ord: 0,
    };
    send(&mut app, Action::Go(page));
    let clozes = |a: &TestApp| {
        let name = t!("Cloze" in "one of a note");
        let combo = a.harness.query_by_role_and_label(Role::ComboBox, name);
        combo.map(|node| node.rect().width())
    };
    app.step_until("the clozes", |a| clozes(a).is_some());
    let wide = clozes(&app).unwrap();
    assert!(wide > 110.0, "“Lückentext 1” can be read: {wide}");
    let part = t!("{row}: {option}", row = t!("Edit"), option = t!("Styling"));
    let part = app
        .harness
        .get_by_role_and_label(Role::RadioButton, &part)
        .rect();
    let button = app
        .harness
        .get_by_role_and_label(Role::Button, t!("Add field"))
        .rect();
    assert!(!part.intersects(button), "{part:?} {button:?}");
}

#[test]
fn the_buttons_of_the_profiles_are_as_wide_as_their_words() {
    if !speaks(
        "fr",
        "the_buttons_of_the_profiles_are_as_wide_as_their_words",
    ) {
        return;
    }
    let mut app = TestApp::with(Options::default(), |base, _| {
        let data = DataFolder::at(base.to_owned());
        for name in ["Ana", "Ben"] {
            data.create(name).unwrap();
        }
    });
    wait_for(&mut app, t!("Rename"));
    let button = |label| app.harness.get_by_role_and_label(Role::Button, label);
    let backup = button(t!("Open Backup…")).rect();
    // “Ouvrir une sauvegarde…” and “Depuis un autre endroit…”, with room beside them.
    assert!(backup.width() > 185.0, "{backup}");
    assert_eq!(backup.width(), button(t!("Quit")).rect().width());
}

#[test]
fn the_ways_to_start_have_buttons_of_one_width() {
    if !speaks("de", "the_ways_to_start_have_buttons_of_one_width") {
        return;
    }
    let mut app = TestApp::start();
    wait_for(&mut app, t!("Welcome to Engram"));
    let wide = |label| {
        let button = app.harness.get_by_role_and_label(Role::Button, label);
        button.rect().width()
    };
    // “Wiederherstellen…” is the longest.
    let longest = wide(t!("Restore…"));
    assert!(longest > 140.0, "{longest}");
    for label in [t!("Create profile"), t!("Open a file…")] {
        assert_eq!(wide(label), longest, "{label}");
    }
}

#[test]
fn errors_are_kept_in_english_and_shown_in_german() {
    if !speaks("de", "errors_are_kept_in_english_and_shown_in_german") {
        return;
    }
    let error = search::parse("(dog").unwrap_err().to_string();
    assert!(error.starts_with("Invalid search: an opening bracket"));
    let shown = lang::known(&error);
    assert!(shown.starts_with("Ungültige Suche: nach einer öffnenden"));

    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW, 0);
    ana(dir.path(), &clock, &[("Deck", 1)]);
    let data = DataFolder::at(dir.path().to_owned());
    let paths = data.profile("Ana").unwrap();
    let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
    let all = col.storage().all_notetypes().unwrap();
    let basic = all.into_iter().find(|n| n.name == "Basic").unwrap();
    let mut edit = NotetypeEdit::from(basic);
    edit.templates[0].now.config.q_format = "text".into();
    let refused = col.update_notetype(&edit, &Progress::new()).unwrap_err();
    assert!(refused.what().contains("shows no field"), "{refused}");
    col.close().unwrap();

    // The backup on close fails, and the next start tells it.
    let mut app = TestApp::on(dir, clock, Options::default());
    wait_for_first_backup(&mut app);
    std::fs::remove_dir_all(paths.backups()).unwrap();
    std::fs::write(paths.backups(), "no folder").unwrap();
    make_deck(&mut app, "Neu");
    let (dir, clock) = app.into_dir();
    std::fs::remove_file(paths.backups()).unwrap();
    let kept = std::fs::read_to_string(dir.path().join("profiles.json")).unwrap();
    let english = "Last time: Could not make the backup on close. ";
    assert!(kept.contains(english), "{kept}");
    // Of two profiles none opens by itself, while nobody looks yet: this is told for seconds.
    data.create("Ben").unwrap();
    let mut app = TestApp::on(dir, clock, Options::default());
    app.step_until("the profiles are listed", |a| {
        *a.app().route() == Route::Profiles
    });
    let name = "Ana".to_owned();
    send(
        &mut app,
        Action::Ask(Request::Profile(ProfileRequest::Open { name })),
    );
    wait_for(
        &mut app,
        "Letztes Mal: Nicht gelungen: Sicherung beim Schließen anlegen. ",
    );
    // It was told.
    app.step_until("it is not told again", |a| {
        let kept = std::fs::read_to_string(a.base.join("profiles.json")).unwrap();
        !kept.contains(english)
    });
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
    for route in pages().into_iter().chain([Route::Profiles]) {
        send(&mut app, Action::Go(route.clone()));
        for _ in 0..20 {
            app.harness.step();
        }
        look(&app, format!("{route:?}"));
        send(&mut app, Action::Go(Route::Decks));
    }
    send(&mut app, Action::Go(Route::Preferences));
    click(&mut app, Role::ListBoxOption, t!("Backups"));
    look(&app, "the preferences of backups".to_owned());
    send(&mut app, Action::Go(Route::Decks));
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
