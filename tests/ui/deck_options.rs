//! The options of a deck: opened from the page and the gear, changed, saved, undone, refused.

use crate::harness::{Options, TestApp, ana};
use crate::shell::ask_to_close;
use crate::steps::{
    ana_is_open, back_up, choose, click, fill, focus, press, sees, send, wait_for, with_decks,
    with_decks_in,
};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, ViewportCommand, vec2,
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::{DeckConfigId, DeckId};
use engram::domain::changes::Changes;
use engram::domain::deck_config::{DeckConfig, DeckConfigInner};
use engram::domain::deck_options::{DeckLimits, DeckOptions, PresetUse, SharedOptions};
use engram::domain::op::Op;
use engram::service::event::{DeckEvent, Event as Told, UndoStatus, Undone};
use engram::ui::action::Action;
use engram::ui::model::Phase;
use engram::ui::route::Route;

/// Opens the options of `deck` with the gear's menu.
#[track_caller]
fn open(app: &mut TestApp, deck: &str) {
    press(app, &format!("Options of {deck}"));
    app.harness
        .get_by_role_and_label(Role::MenuItem, "Options…")
        .click();
    wait_for(app, &format!("Options for {deck}"));
}

/// The options of a deck in a window so many points wide, and so high that many are in view.
pub fn options_in(width: f32, seen: &str) -> TestApp {
    let narrow = Options {
        size: vec2(width, 1500.0),
        ..Options::default()
    };
    let mut app = with_decks_in(narrow, &[("Deck", 2)]);
    send(&mut app, Action::Go(Route::DeckOptions { deck: DeckId(1) }));
    wait_for(&mut app, seen);
    app
}

/// No name lies under its field. How many there are of fields of these roles.
pub fn names_beside_fields(app: &TestApp, roles: &[Role]) -> usize {
    let mut seen = 0;
    for field in (roles.iter()).flat_map(|role| app.harness.query_all_by_role(*role)) {
        let name = field.accesskit_node().label().unwrap_or_default();
        let field = field.rect();
        for words in app.harness.query_all_by_role_and_label(Role::Label, &name) {
            let words = words.rect();
            let is_free = words.max.x <= field.min.x || words.max.y <= field.min.y;
            assert!(is_free, "{name}: {words} {field}");
            seen += 1;
        }
    }
    seen
}

/// In a small window whose text is large.
#[test]
fn names_are_not_under_their_fields_where_there_is_little_room() {
    let app = options_in(510.0, "New/review order");
    let seen = names_beside_fields(&app, &[Role::ComboBox, Role::TextInput]);
    assert!(seen > 8, "{seen}");
    // Where nothing is to be said nothing is read out.
    let labels = app.harness.query_all_by_role(Role::Label);
    let said = labels.filter_map(|label| label.accesskit_node().value());
    assert_eq!(said.filter(String::is_empty).count(), 0);
}

#[test]
fn the_bar_of_a_long_choice_lies_beside_its_rows() {
    let mut app = options_in(1100.0, "Review sort order");
    let rect = |app: &TestApp, role, name: &str| {
        let node = app.harness.get_by_role_and_label(role, name);
        node.rect()
    };
    section(&mut app, "Display Order");
    click(&mut app, Role::ComboBox, "Review sort order");
    let choice = rect(&app, Role::ComboBox, "Review sort order");
    // The list is as wide as the choice, six points around it.
    let row = rect(&app, Role::MenuItemCheckBox, "Due date, then random");
    assert!(row.max.x < choice.max.x - 12.0, "{row:?} {choice:?}");
}

#[test]
fn a_wide_window_shows_the_options_in_two_columns() {
    let at = |app: &TestApp, name: &str| {
        let heading = app.harness.get_by_role_and_label(Role::Heading, name);
        heading.rect()
    };
    for (width, columns) in [(1100.0, 1), (1900.0, 2)] {
        let size = eframe::egui::vec2(width, 900.0);
        let options = Options {
            size,
            ..Options::default()
        };
        let mut app = with_decks_in(options, &[("A", 1)]);
        open(&mut app, "A");
        let (first, other) = (at(&app, "Daily Limits"), at(&app, "Burying"));
        let beside = first.min.y == other.min.y && first.max.x < other.min.x;
        assert_eq!(beside, columns == 2, "{width}");
        // What is chosen at the left is scrolled to, in either column.
        section(&mut app, "Advanced");
        let heading = at(&app, "Advanced");
        assert!(heading.min.y > 0.0 && heading.max.y < 900.0, "{heading:?}");
        section(&mut app, "Daily Limits");
        assert_eq!(at(&app, "Daily Limits"), first);
    }
}

#[test]
fn the_list_at_the_left_follows_the_wheel() {
    let mut app = with_decks(&[("A", 1)]);
    open(&mut app, "A");
    let is_at = |app: &TestApp, name: &str| {
        let entry = (Role::ListBoxOption, name);
        let entry = app.harness.get_by_role_and_label(entry.0, entry.1);
        entry.accesskit_node().toggled() == Some(Toggled::True)
    };
    assert!(is_at(&app, "Daily Limits"));
    let middle = app.harness.ctx.content_rect().center();
    app.harness.hover_at(middle);
    app.settle();
    for (delta, name) in [(-20_000.0, "Advanced"), (20_000.0, "Daily Limits")] {
        app.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, delta),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        app.step_until(name, |a| is_at(a, name));
    }
}

#[test]
fn a_list_of_choices_is_as_wide_as_its_box() {
    let mut app = with_decks(&[("A", 1)]);
    open(&mut app, "A");
    section(&mut app, "Display Order");
    let combo = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Review sort order");
    let wide = combo.rect().width();
    combo.click();
    app.settle();
    let entry = app
        .harness
        .get_by_role_and_label(Role::MenuItemCheckBox, "Ascending ease");
    let entry = entry.rect().width();
    assert!(entry > wide - 40.0 && entry <= wide, "{entry} of {wide}");
}

#[track_caller]
fn section(app: &mut TestApp, name: &str) {
    click(app, Role::ListBoxOption, name);
}

#[track_caller]
fn value(app: &TestApp, field: &str) -> String {
    app.harness
        .get_by_role_and_label(Role::TextInput, field)
        .accesskit_node()
        .value()
        .unwrap_or_default()
}

#[track_caller]
fn is_on(app: &TestApp, switch: &str) -> bool {
    let node = app.harness.get_by_role_and_label(Role::Switch, switch);
    node.accesskit_node().toggled() == Some(Toggled::True)
}

#[track_caller]
fn chosen(app: &TestApp, combo: &str) -> String {
    app.harness
        .get_by_role_and_label(Role::ComboBox, combo)
        .accesskit_node()
        .value()
        .unwrap_or_default()
}

#[track_caller]
fn preset(app: &mut TestApp, entry: &str) {
    press(app, "Preset");
    click(app, Role::MenuItem, entry);
}

/// Saves with the key and waits for the deck list.
#[track_caller]
fn save(app: &mut TestApp) {
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("the options are saved", |a| {
        a.app().route() == &Route::Decks && sees(a, "Options saved")
    });
}

#[test]
fn options_are_changed_saved_with_the_key_and_undone() {
    let mut app = with_decks(&[("Songs", 30)]);
    open(&mut app, "Songs");
    assert_eq!(value(&app, "New cards/day"), "20");
    fill(&mut app, "New cards/day", "7");
    // The field still has the focus: what is typed counts.
    save(&mut app);
    app.step_until("seven new cards", |a| sees(a, "Songs, 7 new"));
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("twenty again", |a| sees(a, "Songs, 20 new"));
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    app.step_until("seven again", |a| sees(a, "Songs, 7 new"));
}

/// What would be typed into them is lost as soon as they come.
#[test]
fn saved_options_are_not_shown_again_before_they_are_read_anew() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let deck = DeckId(1);
    let preset = DeckConfig {
        id: DeckConfigId(1),
        name: "Default".into(),
        mtime: Default::default(),
        usn: Default::default(),
        inner: DeckConfigInner::default(),
    };
    send(&mut app, Action::Go(Route::DeckOptions { deck }));
    let options = Box::new(DeckOptions {
        deck,
        name: "Songs".into(),
        preset: preset.id,
        presets: vec![PresetUse { preset, decks: 1 }],
        limits: DeckLimits::default(),
        shared: SharedOptions::default(),
        subdecks: 0,
    });
    worker.say(Told::Deck(DeckEvent::Options(options)));
    app.settle();
    assert!(sees(&app, "Options for Songs"));
    worker.say(Told::Done {
        op: Op::UpdateDeckOptions,
        undone: Undone::No,
        changes: Changes::ALL,
        affected: 1,
        status: UndoStatus::default(),
    });
    app.settle();
    assert_eq!(*app.app().route(), Route::Decks);
    send(&mut app, Action::Go(Route::DeckOptions { deck }));
    assert!(!sees(&app, "Options for Songs"));
}

#[test]
fn every_kind_of_control_is_there_again_after_saving() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    click(
        &mut app,
        Role::RadioButton,
        "Maximum reviews/day: This deck",
    );
    fill(&mut app, "Maximum reviews/day", "55");
    section(&mut app, "New Cards");
    fill(&mut app, "Learning steps", "30s 15m 2d");
    section(&mut app, "Lapses");
    choose(&mut app, "Leech action", "Suspend Card");
    section(&mut app, "Burying");
    click(&mut app, Role::Switch, "Bury new siblings");
    section(&mut app, "Easy Days");
    click(&mut app, Role::RadioButton, "Sunday: Minimum");
    section(&mut app, "Advanced");
    fill(&mut app, "Hard interval", "0.95");
    focus(&mut app, Role::MultilineTextInput, "Custom scheduling");
    app.type_text("states.good;");
    save(&mut app);

    open(&mut app, "Songs");
    assert_eq!(value(&app, "Maximum reviews/day"), "55");
    section(&mut app, "New Cards");
    assert_eq!(value(&app, "Learning steps"), "30s 15m 2d");
    section(&mut app, "Lapses");
    assert_eq!(chosen(&app, "Leech action"), "Suspend Card");
    section(&mut app, "Burying");
    assert!(is_on(&app, "Bury new siblings") && !is_on(&app, "Bury review siblings"));
    section(&mut app, "Easy Days");
    let sunday = app
        .harness
        .get_by_role_and_label(Role::RadioButton, "Sunday: Minimum");
    assert_eq!(sunday.accesskit_node().toggled(), Some(Toggled::True));
    section(&mut app, "Advanced");
    assert_eq!(value(&app, "Hard interval"), "0.95");
    let code = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Custom scheduling");
    assert_eq!(code.accesskit_node().value().unwrap(), "states.good;");
    // Opening and saving changes nothing and leaves at once.
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("left", |a| a.app().route() == &Route::Decks);
}

#[test]
fn a_changed_value_has_an_arrow_back_to_the_default_and_help() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    assert!(app.harness.query_by_label("Reset New cards/day").is_none());
    app.harness.get_by_label("New cards/day: more").click();
    app.settle();
    assert_eq!(value(&app, "New cards/day"), "21");
    press(&mut app, "Reset New cards/day");
    assert_eq!(value(&app, "New cards/day"), "20");
    assert!(!sees(&app, "How many new cards are introduced"));
    press(&mut app, "Help: New cards/day");
    assert!(sees(&app, "How many new cards are introduced"));
    press(&mut app, "Help: New cards/day");
    assert!(!sees(&app, "How many new cards are introduced"));
}

#[test]
fn a_number_has_the_menu_of_text_fields_and_is_never_another_than_meant() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    let field = "New cards/day";
    app.harness
        .get_by_role_and_label(Role::TextInput, field)
        .click_secondary();
    app.settle();
    for entry in ["Cut", "Copy", "Paste"] {
        app.harness.get_by_role_and_label(Role::MenuItem, entry);
    }
    click(&mut app, Role::MenuItem, "Select All");
    app.type_text("7");
    assert_eq!(value(&app, field), "7");
    // A fraction is rounded; what is too long for the field is too much.
    for (typed, number) in [("0.500", "1"), ("1,000", "1000"), ("10,000", "9999")] {
        fill(&mut app, field, typed);
        app.key(Key::Tab);
        assert_eq!(value(&app, field), number, "{typed}");
    }
}

/// Logging out waits for no answer.
#[test]
fn a_window_that_the_system_ends_asks_nothing_about_unsaved_changes() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    app.harness.get_by_label("New cards/day: more").click();
    app.settle();
    ask_to_close(&mut app);
    app.settle();
    assert!(sees(&app, "Discard the changes?"), "who is there is asked");
    press(&mut app, "Keep editing");
    engram::ui::app::end(&app.harness.ctx);
    ask_to_close(&mut app);
    app.step_until("the worker has ended", |a| {
        a.app().model().phase == Phase::Stopped
    });
}

#[test]
fn the_field_with_the_preset_has_room_for_a_long_name() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    let width = |app: &TestApp| {
        let combo = app.harness.get_by_role_and_label(Role::ComboBox, "Preset");
        combo.rect().width()
    };
    let before = width(&app);
    preset(&mut app, "Add Preset…");
    app.type_text("Languages that are spoken in the south");
    app.key(Key::Enter);
    assert!(width(&app) > before + 20.0, "{before}, {}", width(&app));
}

#[test]
fn presets_are_added_cloned_renamed_and_removed() {
    let mut app = with_decks(&[("Songs", 3), ("Words", 3)]);
    open(&mut app, "Songs");
    assert_eq!(chosen(&app, "Preset"), "Default (used by 3 decks)");
    preset(&mut app, "Add Preset…");
    app.type_text("Default");
    assert!(sees(&app, "There is a preset with this name."));
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Music");
    app.key(Key::Enter);
    assert_eq!(chosen(&app, "Preset"), "Music (used by 1 deck)");
    fill(&mut app, "New cards/day", "2");
    save(&mut app);
    app.step_until("two new cards here only", |a| {
        sees(a, "Songs, 2 new") && sees(a, "Words, 3 new")
    });

    open(&mut app, "Words");
    choose(&mut app, "Preset", "Music (used by 1 deck)");
    assert_eq!(value(&app, "New cards/day"), "2");
    preset(&mut app, "Clone Preset…");
    app.key(Key::Enter);
    assert_eq!(chosen(&app, "Preset"), "Music (copy) (used by 1 deck)");
    preset(&mut app, "Rename Preset…");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Vocabulary");
    app.key(Key::Enter);
    save(&mut app);
    app.step_until("the clone holds", |a| sees(a, "Words, 2 new"));

    open(&mut app, "Words");
    assert_eq!(chosen(&app, "Preset"), "Vocabulary (used by 1 deck)");
    preset(&mut app, "Remove Preset…");
    press(&mut app, "Remove preset");
    assert_eq!(chosen(&app, "Preset"), "Default (used by 2 decks)");
    save(&mut app);
    app.step_until("the default holds", |a| sees(a, "Words, 3 new"));
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("the preset is back", |a| sees(a, "Words, 2 new"));
}

#[test]
fn all_subdecks_get_the_preset() {
    let mut app = with_decks(&[("Songs", 5), ("Songs::Old", 5), ("Words", 5)]);
    open(&mut app, "Words");
    let all = |app: &TestApp| {
        app.harness
            .get_by_role_and_label(Role::Button, "Save to All Subdecks")
            .accesskit_node()
            .is_disabled()
    };
    assert!(all(&app), "there are none");
    press(&mut app, "Cancel");
    assert_eq!(app.app().route(), &Route::Decks);
    open(&mut app, "Songs");
    assert!(!all(&app));
    preset(&mut app, "Add Preset…");
    app.type_text("Few");
    app.key(Key::Enter);
    fill(&mut app, "New cards/day", "1");
    app.key(Key::Tab);
    press(&mut app, "Save to All Subdecks");
    app.step_until("saved", |a| a.app().route() == &Route::Decks);
    press(&mut app, "Expand Songs");
    app.step_until("one new card in each", |a| sees(a, "Old, 1 new"));
}

#[test]
fn unsaved_changes_are_asked_about_and_can_be_dropped() {
    let mut app = with_decks(&[("Songs", 3)]);
    back_up(&mut app);
    open(&mut app, "Songs");
    app.key(Key::Escape);
    assert_eq!(app.app().route(), &Route::Decks, "nothing to lose");

    open(&mut app, "Songs");
    app.harness.get_by_label("New cards/day: more").click();
    app.settle();
    // Keys that lead elsewhere do nothing here.
    app.type_text("/");
    app.keys(Modifiers::COMMAND, Key::P);
    assert!(sees(&app, "Options for Songs"));
    press(&mut app, "Backed up just now ·  verified");
    assert!(sees(&app, "Save or cancel the changes first"));
    assert!(sees(&app, "Options for Songs"));
    app.key(Key::Escape);
    app.harness.get_by_label("Discard the changes?");
    press(&mut app, "Keep editing");
    assert_eq!(value(&app, "New cards/day"), "21");
    app.harness.ctx.send_viewport_cmd(ViewportCommand::Close);
    app.settle();
    press(&mut app, "Cancel");
    press(&mut app, "Discard changes");
    assert_eq!(app.app().route(), &Route::Decks);
    open(&mut app, "Songs");
    assert_eq!(value(&app, "New cards/day"), "20");
}

/// The field still has the keys, and the window is closed.
#[test]
fn a_number_that_is_being_typed_is_asked_about_too() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    for (name, typed, then) in [
        ("New cards/day", "7", "7"),
        ("Maximum reviews/day", "", "200"),
    ] {
        fill(&mut app, name, typed);
        ask_to_close(&mut app);
        app.settle();
        press(&mut app, "Keep editing");
        assert_eq!(value(&app, name), then);
    }
    // Emptied digit by digit it is what it was, too.
    fill(&mut app, "Maximum reviews/day", "34");
    app.key(Key::Backspace);
    app.key(Key::Backspace);
    app.key(Key::Tab);
    assert_eq!(value(&app, "Maximum reviews/day"), "200");
    press(&mut app, "Cancel");
    press(&mut app, "Discard changes");
    open(&mut app, "Songs");
    assert_eq!(value(&app, "New cards/day"), "20");
}

#[test]
fn what_cannot_be_read_is_said_and_not_saved() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    section(&mut app, "New Cards");
    fill(&mut app, "Learning steps", "1m soon");
    assert!(sees(&app, "“soon” is not a time like 30s, 10m, 4h or 1d"));
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.settle();
    assert!(sees(&app, "Options for Songs"));
    let save = app.harness.get_by_role_and_label(Role::Button, "Save");
    assert!(save.accesskit_node().is_disabled());
    fill(&mut app, "Learning steps", "");
    assert!(!sees(&app, "is not a time"));
    section(&mut app, "Daily Limits");
    fill(&mut app, "New cards/day", "99999");
    app.key(Key::Tab);
    assert_eq!(value(&app, "New cards/day"), "9999", "the largest");
}

#[test]
fn o_opens_them_from_the_page_and_from_a_card_and_they_hold_at_once() {
    let mut app = with_decks(&[("Songs", 3)]);
    app.key(Key::End);
    app.key(Key::Enter);
    wait_for(&mut app, "Study Now");
    app.key(Key::O);
    wait_for(&mut app, "Options for");
    press(&mut app, "Cancel");
    assert_eq!(app.app().route(), &Route::Overview);
    press(&mut app, "Options…");
    wait_for(&mut app, "Options for");
    app.key(Key::Escape);
    assert_eq!(app.app().route(), &Route::Overview);
}

#[test]
fn a_new_limit_ends_the_study_of_a_deck() {
    let mut app = with_decks(&[("Songs", 3)]);
    app.key(Key::End);
    app.key(Key::Enter);
    wait_for(&mut app, "Study Now");
    press(&mut app, "Study Now");
    app.step_until("a card", |a| a.app().model().study.card.is_some());
    app.key(Key::O);
    wait_for(&mut app, "Options for Songs");
    fill(&mut app, "New cards/day", "0");
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("nothing is left", |a| a.app().route() == &Route::Congrats);
}

#[test]
fn options_of_the_whole_collection_hold_at_once() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    fill(&mut app, "Maximum reviews/day", "0");
    save(&mut app);
    app.step_until("no new cards", |a| sees(a, "Songs, 0 new"));
    app.key(Key::End);
    app.key(Key::Enter);
    app.step_until("no card", |a| a.app().route() == &Route::Congrats);
    app.key(Key::O);
    wait_for(&mut app, "Options for Songs");
    click(&mut app, Role::Switch, "New cards ignore review limit");
    press(&mut app, "Save");
    app.step_until("its page", |a| a.app().route() == &Route::Overview);
}

#[test]
fn fsrs_is_switched_on_with_its_options_and_undone() {
    let mut app = with_decks(&[("Songs", 3)]);
    open(&mut app, "Songs");
    section(&mut app, "Advanced");
    assert!(sees(&app, "Starting ease") && !sees(&app, "Historical retention"));
    section(&mut app, "FSRS");
    assert!(!sees(&app, "Desired retention"));
    click(&mut app, Role::Switch, "FSRS");
    click(&mut app, Role::RadioButton, "Desired retention: This deck");
    fill(&mut app, "Desired retention", "85");
    section(&mut app, "Advanced");
    assert!(!sees(&app, "Starting ease") && sees(&app, "Historical retention"));
    fill(&mut app, "Ignore cards reviewed before", "31 January");
    assert!(sees(&app, "Type a date like 2026-01-31, or nothing"));
    fill(&mut app, "Ignore cards reviewed before", "2026-01-31");
    save(&mut app);

    open(&mut app, "Songs");
    section(&mut app, "FSRS");
    assert!(is_on(&app, "FSRS"));
    assert_eq!(value(&app, "Desired retention"), "85");
    focus(&mut app, Role::MultilineTextInput, "FSRS parameters");
    app.type_text("1, 2, 3");
    assert!(sees(&app, "FSRS needs 21, 19 or 17 parameters, not 3"));
    app.key(Key::Escape);
    press(&mut app, "Discard changes");
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for(&mut app, "Undone: Deck Options");
    open(&mut app, "Songs");
    section(&mut app, "FSRS");
    assert!(!is_on(&app, "FSRS"));
}

/// Studied for weeks: five answers a card.
fn studied(base: &std::path::Path, clock: &engram::base::time::Clock) {
    use engram::base::ids::RevlogId;
    use engram::domain::card::{CardQueue, CardType};
    use engram::domain::revlog::{RevlogEntry, RevlogKind};
    ana(base, clock, &[("Songs", 60)]);
    let paths = engram::service::profiles::DataFolder::at(base.to_owned())
        .profile("Ana")
        .unwrap();
    let mut col = engram::collection::Collection::open(&paths.collection(), clock.clone()).unwrap();
    let cards = col.find_cards("deck:Songs", None).unwrap();
    let now = clock.now().0;
    col.transact(Op::AddNote, |tx| {
        for (n, card) in (0_i64..).zip(cards) {
            let mut reviewed = tx.get_card(card)?.unwrap();
            reviewed.ctype = CardType::Review;
            reviewed.queue = CardQueue::Review;
            (reviewed.due, reviewed.interval, reviewed.ease_factor) = (3, 60, 2500);
            tx.update_card(&reviewed)?;
            let mut day = 100 - n % 20;
            for answer in 0..5_i64 {
                tx.add_revlog(RevlogEntry {
                    id: RevlogId(now - day * 86_400_000 + n),
                    card_id: card,
                    button: if (n + answer) % 6 == 5 { 1 } else { 3 },
                    interval: 1,
                    ease_factor: 2500,
                    kind: if answer == 0 {
                        RevlogKind::Learning
                    } else {
                        RevlogKind::Review
                    },
                    ..RevlogEntry::default()
                })?;
                day -= 2 + answer * 3;
            }
        }
        Ok(())
    })
    .unwrap();
    col.close().unwrap();
}

#[test]
fn parameters_are_optimized_evaluated_and_saved() {
    let mut app = TestApp::with(Options::default(), studied);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    open_with_fsrs(&mut app);
    section(&mut app, "FSRS");
    press(&mut app, "Evaluate");
    wait_for(&mut app, "Log loss");
    press(&mut app, "Optimize");
    wait_for(&mut app, "Fitted to 240 reviews");
    let params = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "FSRS parameters")
        .accesskit_node()
        .value()
        .unwrap_or_default();
    assert_eq!(params.split(", ").count(), 21, "{params}");
    press(&mut app, "Optimize all presets");
    wait_for(&mut app, "fit at least as well; they stay");
    save(&mut app);
    open(&mut app, "Songs");
    section(&mut app, "FSRS");
    let saved = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "FSRS parameters")
        .accesskit_node()
        .value();
    assert_eq!(saved, Some(params));
}

#[test]
fn without_reviews_nothing_is_evaluated_and_nothing_fails() {
    let mut app = with_decks(&[("Songs", 2)]);
    open_with_fsrs(&mut app);
    section(&mut app, "FSRS");
    press(&mut app, "Evaluate");
    wait_for(
        &mut app,
        "There are no reviews to measure the parameters by",
    );
    press(&mut app, "Optimize");
    wait_for(&mut app, "There are no reviews to learn from");
}

#[test]
fn the_simulator_and_help_me_decide_go_into_the_options() {
    let mut app = TestApp::with(Options::default(), studied);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    open_with_fsrs(&mut app);
    section(&mut app, "FSRS");
    press(&mut app, "Simulate…");
    wait_for(&mut app, "Press Simulate to see the coming days");
    // The option behind the dialog has the same name.
    press(&mut app, "Simulate");
    wait_for(&mut app, "90%, 20 new: ");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Graph: Memorized")
        .click();
    wait_for(&mut app, "Cards remembered. 90%, 20 new: ");
    press(&mut app, "Clear last simulation");
    wait_for(&mut app, "Press Simulate to see the coming days");
    press(&mut app, "Close");
    press(&mut app, "Help me decide…");
    fill(&mut app, "Simulator: Days to simulate", "30");
    press(&mut app, "Simulate");
    wait_for(&mut app, "At 90%: ");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Graph: Time")
        .click();
    wait_for(&mut app, "Time each day. ");
    fill(&mut app, "Simulator: Additional new cards", "5");
    press(&mut app, "Simulator: Maximum interval: less");
    click(&mut app, Role::Switch, "Suspend leeches");
    fill(&mut app, "Simulator: Leech threshold", "3");
    app.key(Key::Tab);
    press(&mut app, "Use in Options");
    section(&mut app, "Advanced");
    assert_eq!(value(&app, "Maximum interval"), "36499");
    section(&mut app, "Lapses");
    assert_eq!(value(&app, "Leech threshold"), "3");
}

#[test]
fn the_rows_of_the_simulator_are_equally_high() {
    let mut app = with_decks(&[("Songs", 1)]);
    open_with_fsrs(&mut app);
    section(&mut app, "FSRS");
    press(&mut app, "Simulate…");
    wait_for(&mut app, "Press Simulate to see the coming days");
    let at = |role, name| app.harness.get_by_role_and_label(role, name).rect();
    let number = at(Role::TextInput, "Simulator: Days to simulate");
    let next = at(Role::TextInput, "Simulator: Additional new cards");
    let row = next.center().y - number.center().y;
    let leeches = at(Role::Switch, "Suspend leeches");
    let smooth = at(Role::Switch, "Smooth lines");
    let between = smooth.center().y - leeches.center().y;
    assert!((between - row).abs() < 1.0, "{between}, not {row}");
    let monday = at(Role::ComboBox, "Simulator: Monday");
    let tuesday = at(Role::ComboBox, "Simulator: Tuesday");
    let between = tuesday.center().y - monday.center().y;
    assert!((between - row).abs() < 1.0, "{between}, not {row}");
    // With a unit or without, the numbers stand below one another.
    let percent = at(Role::TextInput, "Simulator: Desired retention");
    assert!(
        (percent.min.x - number.min.x).abs() < 1.0 && (percent.max.x - number.max.x).abs() < 1.0,
        "{percent} {number}"
    );
    // The largest number of cards has six digits: 55 points, and 8 before them.
    assert!(next.width() > 63.0, "{next}");
}

#[test]
fn what_holds_for_all_days_of_the_week_is_said_once() {
    let mut app = with_decks(&[("Songs", 1)]);
    open(&mut app, "Songs");
    section(&mut app, "Easy Days");
    assert!(sees(&app, "Normal has the usual share of the reviews"));
    let help = app.harness.query_by_label("Help: Monday");
    assert!(help.is_none());
}

/// The options of the deck Songs, with FSRS switched on.
fn open_with_fsrs(app: &mut TestApp) {
    open(app, "Songs");
    section(app, "FSRS");
    click(app, Role::Switch, "FSRS");
}

#[test]
fn another_retention_says_what_it_costs_and_rescheduling_shows_what_moves() {
    let mut app = TestApp::with(Options::default(), studied);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    open_with_fsrs(&mut app);
    section(&mut app, "FSRS");
    fill(&mut app, "Desired retention", "95");
    app.key(Key::Tab);
    wait_for(&mut app, "Approximate workload: ");
    section(&mut app, "FSRS");
    click(&mut app, Role::Switch, "Reschedule cards on change");
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(&mut app, "get another due day");
    press(&mut app, "Keep editing");
    assert!(sees(&app, "Not saved yet"));
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(&mut app, "get another due day");
    press(&mut app, "Save and reschedule");
    app.step_until("the options are saved", |a| {
        a.app().route() == &Route::Decks && sees(a, "Options saved")
    });
}

#[test]
fn a_former_version_of_the_preset_and_of_the_deck_comes_back() {
    let mut app = with_decks(&[("Spanish", 1)]);
    open(&mut app, "Spanish");
    fill(&mut app, "New cards/day", "7");
    app.key(Key::Enter);
    press(&mut app, "History…");
    wait_for(&mut app, "Save or discard the changes");
    press(&mut app, "Close");
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(&mut app, "Options saved");
    open(&mut app, "Spanish");
    assert_eq!(value(&app, "New cards/day"), "7");
    press(&mut app, "History…");
    wait_for(&mut app, "before Deck Options");
    assert!(sees(&app, "New cards/day"));
    press(&mut app, "Restore");
    wait_for(&mut app, "before Restore Version");
    press(&mut app, "Close");
    app.step_until("the options are shown anew", |a| {
        value(a, "New cards/day") == "20"
    });
    press(&mut app, "History…");
    wait_for(&mut app, "before Restore Version");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Deck")
        .click();
    wait_for(&mut app, "There is no former version yet");
    press(&mut app, "Close");
}

/// FSRS is on, with parameters of an earlier version of it.
fn with_older_parameters(base: &std::path::Path, clock: &engram::base::time::Clock) {
    ana(base, clock, &[("Songs", 3)]);
    let paths = engram::service::profiles::DataFolder::at(base.to_owned())
        .profile("Ana")
        .unwrap();
    let mut col = engram::collection::Collection::open(&paths.collection(), clock.clone()).unwrap();
    col.transact(Op::UpdateDeckOptions, |tx| {
        tx.set_config("fsrs", &true)?;
        let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
        preset.inner.fsrs_params_5 = vec![0.5; 19];
        tx.update_deck_config(&preset)
    })
    .unwrap();
    col.close().unwrap();
}

#[test]
fn parameters_of_an_earlier_version_of_fsrs_stay_until_they_are_emptied() {
    let params = |app: &TestApp| {
        let field = app
            .harness
            .get_by_role_and_label(Role::MultilineTextInput, "FSRS parameters");
        field.accesskit_node().value().unwrap_or_default()
    };
    let mut app = TestApp::with(Options::default(), with_older_parameters);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    open(&mut app, "Songs");
    section(&mut app, "FSRS");
    let before = params(&app);
    assert_eq!(before.split(", ").count(), 19, "{before}");
    section(&mut app, "Daily Limits");
    fill(&mut app, "New cards/day", "7");
    save(&mut app);
    open(&mut app, "Songs");
    assert_eq!(value(&app, "New cards/day"), "7");
    section(&mut app, "FSRS");
    assert_eq!(params(&app), before);
    press(&mut app, "Reset FSRS parameters");
    save(&mut app);
    open(&mut app, "Songs");
    section(&mut app, "FSRS");
    assert_eq!(params(&app), "");
}

#[test]
fn the_search_to_optimize_by_is_typed_and_kept() {
    let mut app = with_decks(&[("Songs", 3)]);
    open_with_fsrs(&mut app);
    section(&mut app, "Advanced");
    fill(&mut app, "Search to optimize by", "(tag:old");
    assert!(sees(&app, "there was no closing bracket “)”"));
    fill(&mut app, "Search to optimize by", "deck:Songs -tag:old");
    assert!(!sees(&app, "there was no closing bracket"));
    save(&mut app);
    open(&mut app, "Songs");
    section(&mut app, "Advanced");
    assert_eq!(value(&app, "Search to optimize by"), "deck:Songs -tag:old");
}

#[test]
fn a_preset_that_is_renamed_or_moved_is_optimized_as_it_is_on_disk() {
    let mut app = TestApp::with(Options::default(), studied);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    open_with_fsrs(&mut app);
    preset(&mut app, "Rename Preset…");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Vocabulary");
    app.key(Key::Enter);
    section(&mut app, "FSRS");
    press(&mut app, "Evaluate");
    wait_for(&mut app, "Log loss");
    assert!(!sees(&app, "Save first"));
    // Nobody knows yet which cards a new preset will have.
    preset(&mut app, "Add Preset…");
    app.type_text("Few");
    app.key(Key::Enter);
    section(&mut app, "FSRS");
    assert!(sees(&app, "Save first"));
    for button in ["Optimize", "Optimize all presets", "Evaluate", "Simulate…"] {
        let button = app.harness.get_by_role_and_label(Role::Button, button);
        assert!(button.accesskit_node().is_disabled());
    }
}
