//! Preferences: saved at once, effective, and there after a restart.

use crate::explorer::one_deleted;
use crate::harness::{Options, TestApp};
use crate::steps::{
    click, fill, focus, make_deck, preferences, press, sees, send, wait_for, with_ana,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, Shape, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::collection::Collection;
use engram::service::language;
use engram::service::profiles::DataFolder;
use engram::service::request::{Changed, CollectionSettings, Request, SettingsRequest};
use engram::service::settings::ThemeChoice;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;

fn flip(app: &mut TestApp, name: &str) {
    click(app, Role::Switch, name);
}

/// Of two pages on which something is found the second begins apart from the first.
#[test]
fn what_is_found_on_two_pages_stands_apart() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    fill(&mut app, "Search preferences", "card");
    let at = |role, name| app.harness.get_by_role_and_label(role, name).rect();
    let last = at(
        Role::Label,
        "Minimalist mode: only the card and its buttons",
    );
    // Rows are 46 high, the heading is 30.
    let between = at(Role::Heading, "Review").center().y - last.center().y - 23.0 - 15.0;
    assert!(between > 20.0, "{between}");
}

#[test]
fn the_first_page_is_open_at_first_and_the_last_one_afterwards() {
    let mut app = with_ana();
    let open = |app: &mut TestApp| {
        app.step_until("settings are known", |a| {
            a.app().model().collection_settings.is_some()
        });
        app.keys(Modifiers::COMMAND, Key::P);
        wait_for(app, "Changes are saved at once");
    };
    open(&mut app);
    assert!(has(&app, Role::ComboBox, "Colours"));
    app.key(Key::Escape);
    preferences(&mut app, "Backups");
    app.key(Key::Escape);
    assert_eq!(app.app().route(), &Route::Decks);
    open(&mut app);
    assert!(has(&app, Role::ComboBox, "Keep backups"));
}

#[test]
fn a_number_stands_on_the_line_of_its_unit() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    let topmost = |words: &str| {
        let shapes = app.harness.output().shapes.iter();
        let places = shapes.filter_map(|clipped| match &clipped.shape {
            Shape::Text(text) if text.galley.job.text == words => Some(text.pos.y),
            _ => None,
        });
        places.min_by(f32::total_cmp).unwrap()
    };
    let (number, unit) = (topmost("30"), topmost("minutes"));
    assert!((number - unit).abs() < 0.3, "{number}, not {unit}");
}

#[test]
fn switches_of_both_kinds_are_saved_and_survive_a_restart() {
    let mut app = with_ana();
    preferences(&mut app, "Review");
    flip(&mut app, "Show how many cards remain");
    app.step_until("the collection has it", |a| {
        a.app()
            .model()
            .collection_settings
            .as_ref()
            .is_some_and(|c| !c.show_remaining)
    });
    flip(&mut app, "Show play buttons on cards");
    flip(&mut app, "Stop the sound when a card is answered");
    flip(&mut app, "Space and Enter also answer Good");
    app.step_until("the profile has it", |a| {
        !a.app().model().settings.space_answers_good
    });
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Decks);

    let (dir, clock) = app.into_dir();
    // Where Anki keeps them.
    let path = DataFolder::at(dir.path().to_owned())
        .profile("Ana")
        .unwrap();
    let col = Collection::open(&path.collection(), clock.clone()).unwrap();
    for (key, value) in [
        ("hideAudioPlayButtons", true),
        ("interruptAudioWhenAnswering", false),
        ("dueCounts", false),
    ] {
        let kept: Option<bool> = col.storage().config_json(key).unwrap();
        assert_eq!(kept, Some(value), "{key}");
    }
    col.close().unwrap();
    let mut again = TestApp::on(dir, clock, Options::default());
    again.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    let model = again.app().model();
    assert!(!model.collection_settings.as_ref().unwrap().show_remaining);
    assert!(!model.settings.space_answers_good);
}

#[test]
fn numbers_are_typed_stepped_and_kept_in_their_limits() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    let interval = |a: &TestApp| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.map_or(0, |c| c.backups.minimum_interval_mins)
    };
    assert_eq!(interval(&app), 30);
    app.harness.get_by_label("Back up every: more").click();
    app.step_until("a step more", |a| interval(a) == 35);
    let field = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Back up every");
    field.focus();
    app.settle();
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("1");
    app.key(Key::Enter);
    app.step_until("not below the limit", |a| interval(a) == 5);
}

#[test]
fn the_timebox_is_set_in_steps_of_five_minutes() {
    let mut app = with_ana();
    preferences(&mut app, "Review");
    let more = "Remind me after studying for (0: never): more";
    app.harness.get_by_label(more).click();
    app.step_until("it is saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.timebox_mins == 5)
    });
}

/// The caret is in a line of the preferences.
fn in_default_search() -> TestApp {
    let mut app = with_ana();
    preferences(&mut app, "Editing");
    focus(
        &mut app,
        Role::TextInput,
        "Browse looks for this when it opens",
    );
    app
}

#[test]
fn a_line_that_is_typed_is_saved_whole_and_undone_at_once() {
    let mut app = in_default_search();
    for letter in ["d", "e", "c", "k"] {
        app.harness.event(Event::Text(letter.to_owned()));
    }
    let is = |a: &TestApp, search: &str| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.default_search == search)
    };
    app.step_until("it is saved", |a| is(a, "deck"));
    send(&mut app, Action::Command(Command::Undo));
    app.step_until("all of it is undone", |a| is(a, ""));
}

#[test]
fn a_line_that_is_typed_is_saved_when_a_key_leaves_the_page_at_once() {
    let mut app = in_default_search();
    app.harness.event(Event::Text("deck".to_owned()));
    let leave = Modifiers::COMMAND | Modifiers::SHIFT;
    app.harness.key_press_modifiers(leave, Key::N);
    app.step_until("it is left and saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        let is_saved = settings.is_some_and(|s| s.default_search == "deck");
        is_saved && *a.app().route() == Route::NoteTypes
    });
}

#[test]
fn a_number_that_is_typed_is_saved_when_a_key_leaves_the_page() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    focus(&mut app, Role::TextInput, "Back up every");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("45");
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    app.step_until("it is saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.backups.minimum_interval_mins == 45)
    });
    assert_eq!(*app.app().route(), Route::NoteTypes);
}

/// Anki lets cards be learned a day ahead.
#[test]
fn a_number_beyond_the_limits_stays_when_a_key_leaves_the_page() {
    let mut app = with_ana();
    let settings = |a: &TestApp| a.app().model().collection_settings.clone();
    let ahead = |a: &TestApp| settings(a).map(|s| s.learn_ahead_mins);
    app.step_until("settings are known", |a| ahead(a).is_some());
    let shown = settings(&app).unwrap();
    let wanted = CollectionSettings {
        learn_ahead_mins: 1440,
        ..shown.clone()
    };
    let save = SettingsRequest::SaveCollection(Box::new(Changed { shown, wanted }));
    send(&mut app, Action::Ask(Request::Settings(save)));
    app.step_until("as Anki had it", |a| ahead(a) == Some(1440));
    preferences(&mut app, "Review");
    focus(&mut app, Role::TextInput, "Learn ahead limit");
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    assert_eq!(*app.app().route(), Route::NoteTypes);
    app.harness.run_steps(30);
    assert_eq!(ahead(&app), Some(1440));
}

#[test]
fn the_count_mode_changes_what_is_shown_and_kept() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    assert!(sees(&app, "daily: 12 days"));
    click(&mut app, Role::ComboBox, "Keep backups");
    app.harness.get_by_label("The last ones").click();
    app.step_until("the rules are saved", |a| {
        a.app().model().settings.keep_last_backups == Some(30)
    });
    wait_for(&mut app, "the last 30 backups");
    assert!(!sees(&app, "daily: 12 days"));
}

#[test]
fn the_theme_follows_at_once() {
    let mut app = with_ana();
    preferences(&mut app, "Appearance");
    click(&mut app, Role::ComboBox, "Colours");
    app.harness.get_by_label("Dark").click();
    app.step_until("it is saved", |a| {
        a.app().model().settings.theme == ThemeChoice::Dark
    });
    app.settle();
    assert_eq!(app.harness.ctx.theme(), Theme::Dark);
}

#[test]
fn the_language_is_kept_for_the_next_start() {
    const NAME: &str = "Language of the window";
    let shown = |app: &TestApp, words: &str| {
        let mut boxes = app.harness.get_all_by_role_and_label(Role::ComboBox, NAME);
        boxes.any(|found| found.accesskit_node().value().as_deref() == Some(words))
    };
    let mut app = with_ana();
    preferences(&mut app, "Appearance");
    assert!(sees(&app, "Takes effect when Engram starts again."));
    let system = format!("As the system ({})", language::of_the_system().name);
    assert!(shown(&app, &system));
    click(&mut app, Role::ComboBox, NAME);
    app.harness
        .get_by_role_and_label(Role::MenuItemCheckBox, "Deutsch")
        .click();
    app.step_until("it is saved", |a| shown(a, "Deutsch"));
    assert_eq!(language::load(&app.base).as_deref(), Some("de"));
    press(&mut app, "Close");

    let (dir, clock) = app.into_dir();
    let mut again = TestApp::on(dir, clock, Options::default());
    preferences(&mut again, "Appearance");
    assert!(shown(&again, "Deutsch"));
    click(&mut again, Role::ComboBox, NAME);
    again
        .harness
        .get_by_role_and_label(Role::MenuItemCheckBox, &system)
        .click();
    again.step_until("it is saved", |a| shown(a, &system));
    assert_eq!(language::load(&again.base), None);
}

#[test]
fn the_backups_location_is_opened_outside() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    press(&mut app, "Open Backups Location");
    let opened = app.script.opened();
    assert!(opened[0].ends_with("backups"), "{opened:?}");
}

/// On the page of backups it stands above.
#[test]
fn the_backup_status_is_on_every_page() {
    let mut app = with_ana();
    make_deck(&mut app, "Something");
    preferences(&mut app, "Backups");
    press(&mut app, "Back up now");
    wait_for(&mut app, "Backup made and verified");
    let status = "Backed up just now ·  verified";
    wait_for(&mut app, "Backed up just now");
    assert!(!has(&app, Role::Button, status), "not twice");
    for page in ["Review", "Appearance"] {
        preferences(&mut app, page);
        assert!(has(&app, Role::Button, status), "{page}");
    }
}

#[test]
fn each_backup_goes_to_a_second_folder_too() {
    let disk = tempfile::tempdir().unwrap();
    let mut app = with_ana();
    make_deck(&mut app, "Something");
    preferences(&mut app, "Backups");
    press(&mut app, "Back up now");
    wait_for(&mut app, "Backup made and verified");
    app.script.will_pick(disk.path());
    press(&mut app, "Choose…");
    wait_for(
        &mut app,
        "1 verified, the newest just now, but this is the disk of the backups",
    );
    let copies = std::fs::read_dir(disk.path().join("Engram backups of Ana")).unwrap();
    let names = copies.map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|n| n.ends_with(".colpkg")).count(), 1);

    let gone = disk.path().join("drawer");
    app.script.will_pick(&gone);
    press(&mut app, "Choose…");
    wait_for(&mut app, "Waiting for the disk of");
    press(&mut app, "Stop");
    app.step_until("copying is off", |a| {
        a.app().model().settings.second_backups_folder.is_none() && a.app().model().copies.is_none()
    });
    assert!(!sees(&app, "Waiting for the disk of"));
}

#[test]
fn the_backups_move_to_another_folder_and_back() {
    let disk = tempfile::tempdir().unwrap();
    let mut app = with_ana();
    make_deck(&mut app, "Something");
    preferences(&mut app, "Backups");
    press(&mut app, "Back up now");
    wait_for(&mut app, "Backup made and verified");
    assert!(!sees(&app, "Back to the profile"));
    app.script.will_pick(disk.path());
    press(&mut app, "Move…");
    wait_for(&mut app, "Back to the profile");
    let folder = disk.path().join("Engram main backups of Ana");
    let packages = || {
        let files = std::fs::read_dir(&folder).into_iter().flatten();
        let names = files.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".colpkg")).count()
    };
    assert!(packages() > 0);
    press(&mut app, "Open Backups Location");
    assert!(app.script.opened()[0].ends_with("Engram main backups of Ana"));
    press(&mut app, "Back to the profile");
    app.step_until("they are back", |a| {
        !a.app().model().backup.folder_is_chosen
    });
    assert_eq!(packages(), 0);
    press(&mut app, "Open Backups Location");
    assert!(app.script.opened()[1].ends_with("backups"));
}

#[test]
fn a_folder_of_text_files_is_chosen_filled_and_given_up() {
    const SWITCH: &str = "Keep every note as a text file in a folder";
    let room = tempfile::tempdir().unwrap();
    let (folder, full) = (room.path().join("notes"), room.path().join("full"));
    std::fs::create_dir_all(&full).unwrap();
    std::fs::write(full.join("letter.odt"), "x").unwrap();
    let words = room.path().join("words.csv");
    std::fs::write(&words, "Wort,word\nBaum,tree\n").unwrap();
    // High enough for the whole page.
    let tall = Options {
        size: vec2(1100.0, 1200.0),
        ..Options::default()
    };
    let mut app = TestApp::with(tall, |base, _| {
        DataFolder::at(base.to_owned()).create("Ana").unwrap();
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    app.script.will_pick(&words);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "2 new notes");
    press(&mut app, "Import");
    wait_for(&mut app, "Imported “words.csv”");
    press(&mut app, "Close");
    preferences(&mut app, "Backups");
    // A folder with other things in it is refused, and the page says why.
    app.script.will_pick(&full);
    flip(&mut app, SWITCH);
    app.step_until("it failed", |a| a.app().model().mirror.failed.is_some());
    assert_eq!(std::fs::read_dir(&full).unwrap().count(), 1);
    assert!(sees(&app, "There are other files in the folder"));
    app.script.will_pick(&folder);
    press(&mut app, "Choose another…");
    app.step_until("it is filled", |a| a.app().model().mirror.notes == 2);
    let files = std::fs::read_dir(folder.join("Default")).unwrap().count();
    assert_eq!(files, 2);
    // Its disk is pulled out: nothing is filled in its place.
    let away = room.path().join("away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::create_dir(&folder).unwrap();
    press(&mut app, "Close");
    let more = room.path().join("more.csv");
    std::fs::write(&more, "Haus,house\n").unwrap();
    app.script.will_pick(&more);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "1 new note");
    press(&mut app, "Import");
    wait_for(&mut app, "Imported “more.csv”");
    press(&mut app, "Close");
    app.step_until("it is missed", |a| a.app().model().mirror.failed.is_some());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    preferences(&mut app, "Backups");
    assert!(sees(&app, "Its disk may be away"));
    flip(&mut app, SWITCH);
    app.step_until("it is given up", |a| {
        a.app().model().settings.mirror.is_none() && a.app().model().mirror.folder.is_none()
    });
    assert!(away.join("Default").is_dir(), "what is there stays");
    // Chosen anew, it is filled anew.
    app.script.will_pick(&folder);
    flip(&mut app, SWITCH);
    app.step_until("it is filled", |a| a.app().model().mirror.notes == 3);
}

#[test]
fn how_long_history_is_kept_is_set_and_older_history_is_deleted() {
    let mut app = one_deleted();
    app.clock.advance_millis(2 * 86_400_000);
    preferences(&mut app, "Backups");
    wait_for(&mut app, "1 version since");
    let combo = (Role::ComboBox, "Keep note history");
    app.harness
        .get_by_role_and_label(combo.0, combo.1)
        .scroll_to_me();
    app.settle();
    click(&mut app, combo.0, combo.1);
    app.harness.get_by_label("For some days").click();
    app.step_until("the limit is saved", |a| {
        a.app().model().settings.history.days == Some(365)
    });
    app.harness
        .get_by_label("Versions of the last: less")
        .click();
    app.step_until("a step less", |a| {
        a.app().model().settings.history.days == Some(335)
    });
    press(&mut app, "Delete older…");
    wait_for(&mut app, "No version is as old as that.");
    let days = "Older than so many days";
    focus(&mut app, Role::TextInput, days);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("1");
    app.key(Key::Enter);
    wait_for(&mut app, "1 former version would be deleted for good");
    assert!(sees(&app, "1 deleted note could not be put back"));
    press(&mut app, "Cancel");
    assert!(sees(&app, "1 version since"), "Cancel deletes nothing");
    press(&mut app, "Delete older…");
    focus(&mut app, Role::TextInput, days);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("1");
    app.key(Key::Enter);
    wait_for(&mut app, "1 former version would be deleted for good");
    press(&mut app, "Delete for good");
    wait_for(&mut app, "No former version is kept yet");
}

/// Whether a control of a setting is on show.
fn has(app: &TestApp, role: Role, name: &str) -> bool {
    let mut found = app.harness.query_all_by_role_and_label(role, name);
    found.next().is_some()
}

#[test]
fn what_copies_elsewhere_wait_for_is_kept() {
    let mut app = with_ana();
    preferences(&mut app, "Backups");
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("copies elsewhere wait");
    flip(&mut app, "Wait while the network is metered");
    flip(&mut app, "Wait while this computer runs on its battery");
    app.step_until("the profile has both", |a| {
        let settings = &a.app().model().settings;
        !settings.copies_wait_on_metered && settings.copies_wait_on_battery
    });
}

#[test]
fn settings_of_all_pages_are_found_and_changed_where_they_are_found() {
    let mut app = with_ana();
    preferences(&mut app, "Appearance");
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("CÄRD shów");
    // On Review by its words; nothing of Appearance has both.
    let cards = "Show how many cards remain";
    assert!(has(&app, Role::Switch, cards));
    assert!(has(&app, Role::Switch, "Show play buttons on cards"));
    assert!(!has(&app, Role::Switch, "Reduce motion"));
    assert!(!has(&app, Role::Switch, "Space and Enter also answer Good"));
    flip(&mut app, cards);
    app.step_until("it is saved", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| !s.show_remaining)
    });
    // Esc clears, on the page from before, and then leaves.
    app.key(Key::Escape);
    assert!(has(&app, Role::Switch, "Reduce motion"));
    assert!(!has(&app, Role::Switch, cards));
    assert_eq!(app.app().route(), &Route::Preferences);

    // By what a choice offers, by the title of a group, by the words below one.
    for (typed, role, name) in [
        ("dark", Role::ComboBox, "Colours"),
        ("distractions motion", Role::Switch, "Reduce motion"),
        (
            "both sides are saved",
            Role::Switch,
            "On next sync, force changes in one direction",
        ),
        ("keep monthly", Role::ComboBox, "Keep backups"),
        (
            "media damage",
            Role::TextInput,
            "Read all media files for damage every (0: never)",
        ),
        ("open location", Role::Button, "Open Backups Location"),
        (
            "elsewhere metered",
            Role::Switch,
            "Wait while the network is metered",
        ),
    ] {
        app.keys(Modifiers::COMMAND, Key::F);
        app.type_text(typed);
        assert!(has(&app, role, name), "{typed}");
        assert!(!has(&app, Role::Switch, "Paste clipboard images as PNG"));
    }
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("piano");
    assert!(sees(&app, "No setting found"));
    // A page is one click away, all of it.
    click(&mut app, Role::ListBoxOption, "Editing");
    assert!(has(&app, Role::Switch, "Paste clipboard images as PNG"));
    app.key(Key::Escape);
    assert_eq!(app.app().route(), &Route::Decks);
}
