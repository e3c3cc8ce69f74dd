//! What Preferences change while studying: keys of the answers, bars out of sight, minimalist mode;
//! and cards that go on by themselves. On a real collection.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{choose, click_at, focus, preferences, press, study, wait_for};
use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, PointerButton, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::DeckConfigId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note_edit::NoteEdit;
use engram::domain::op::Op;
use engram::service::profiles::DataFolder;
use engram::service::settings::HideBar;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::cell::Cell;
use std::path::Path;

fn start() -> TestApp {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 6)]);
        hands_free(base, clock);
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

/// A second for each side, and then Good.
fn hands_free(base: &Path, clock: &Clock) {
    let data = DataFolder::at(base.to_owned());
    let path = data.profile("Ana").unwrap().collection();
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    col.transact(Op::UpdatePreferences, |tx| {
        let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
        preset.inner.seconds_to_show_question = 1.0;
        preset.inner.seconds_to_show_answer = 1.0;
        preset.inner.answer_action = 2;
        tx.update_deck_config(&preset)
    })
    .unwrap();
    col.close().unwrap();
}

fn has_button(app: &TestApp, name: &str) -> bool {
    app.harness
        .query_by_role_and_label(Role::Button, name)
        .is_some()
}

#[test]
fn answers_have_the_keys_that_were_chosen() {
    let mut app = start();
    preferences(&mut app, "Review");
    focus(&mut app, Role::TextInput, "Key of Again");
    app.type_text("2");
    app.harness.get_by_label("2 is the key of Hard");
    app.type_text("j");
    app.step_until("the key is saved", |a| {
        a.app().model().settings.answer_keys.concat() == "j234"
    });
    app.key(Key::Escape);
    app.key(Key::Escape);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    study(&mut app, "Spanish");
    app.key(Key::Space);
    app.key(Key::Num1);
    assert!(!app.app().model().study.is_waiting(), "1 is free now");
    app.key(Key::J);
    app.step_until("a learning card", |a| {
        a.app().model().study.counts.learning == 1
    });
}

#[test]
fn an_answer_whose_key_is_left_empty_has_none() {
    let mut app = start();
    preferences(&mut app, "Review");
    focus(&mut app, Role::TextInput, "Key of Again");
    app.key(Key::Backspace);
    app.step_until("the key is saved", |a| {
        a.app().model().settings.answer_keys.concat() == "234"
    });
    app.key(Key::Escape);
    app.key(Key::Escape);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    study(&mut app, "Spanish");
    app.key(Key::Space);
    app.key(Key::Num1);
    assert!(app.app().model().study.shows(Side::Answer));
    assert!(!app.app().model().study.is_waiting());
    app.key(Key::Num2);
    app.step_until("a learning card", |a| {
        a.app().model().study.counts.learning == 1
    });
}

#[test]
fn space_and_enter_rate_no_card_where_that_is_not_wanted() {
    let mut app = start();
    preferences(&mut app, "Review");
    app.harness
        .get_by_role_and_label(Role::Switch, "Space and Enter also answer Good")
        .click();
    app.step_until("it is saved", |a| {
        !a.app().model().settings.space_answers_good
    });
    app.key(Key::Escape);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    study(&mut app, "Spanish");
    for key in [Key::Space, Key::Space, Key::Enter] {
        app.key(key);
        assert!(app.app().model().study.shows(Side::Answer), "{key:?}");
    }
    app.key(Key::Num3);
    app.step_until("a learning card", |a| {
        a.app().model().study.counts.learning == 1
    });
}

#[test]
fn hidden_bars_come_back_at_the_edges_of_the_window() {
    let mut app = start();
    preferences(&mut app, "Appearance");
    choose(&mut app, "Hide top bar during review", "Always");
    app.step_until("the first is saved", |a| {
        a.app().model().settings.hide_top_bar == HideBar::Always
    });
    choose(&mut app, "Hide bottom bar during review", "Always");
    app.step_until("the second is saved", |a| {
        a.app().model().settings.hide_bottom_bar == HideBar::Always
    });
    app.key(Key::Escape);
    assert!(has_button(&app, "File"), "only while studying");
    study(&mut app, "Spanish");
    app.harness.hover_at(pos2(500.0, 300.0));
    app.settle();
    assert!(!has_button(&app, "File"));
    assert!(!has_button(&app, "Show Answer"));
    app.harness.hover_at(pos2(500.0, 2.0));
    app.settle();
    assert!(has_button(&app, "File"));
    app.harness.hover_at(pos2(500.0, 758.0));
    app.settle();
    assert!(has_button(&app, "Show Answer") && !has_button(&app, "File"));
    // Keys need no bar, and M opens the menu with it.
    app.harness.hover_at(pos2(500.0, 300.0));
    app.settle();
    app.key(Key::Space);
    assert!(app.app().model().study.shows(Side::Answer));
    app.key(Key::M);
    app.harness
        .get_by_role_and_label(Role::MenuItem, "Bury Card");
}

#[test]
fn minimalist_mode_leaves_the_card_and_its_buttons() {
    let mut app = start();
    preferences(&mut app, "Appearance");
    app.harness
        .get_by_role_and_label(
            Role::Switch,
            "Minimalist mode: only the card and its buttons",
        )
        .click();
    app.step_until("it is saved", |a| a.app().model().settings.minimalist);
    app.key(Key::Escape);
    study(&mut app, "Spanish");
    assert!(app.harness.query_by_label("Spanish").is_none());
    app.harness.get_by_label("6 new");
    app.key(Key::Space);
    for answer in ["Again", "Hard", "Good", "Easy"] {
        assert!(has_button(&app, answer), "{answer}");
    }
    let place = |app: &TestApp, name: &str| {
        let button = app.harness.get_by_role_and_label(Role::Button, name);
        button.rect()
    };
    assert!(place(&app, "More").max.y > place(&app, "Again").min.y);
    // Where their names would be cut, they have a row of their own.
    app.harness.set_size(vec2(480.0, 640.0));
    app.settle();
    let again = place(&app, "Again");
    assert!(place(&app, "More").max.y <= again.min.y && again.width() > 80.0);
}

#[test]
fn cards_go_on_by_themselves_after_the_presets_seconds() {
    let mut app = start();
    study(&mut app, "Spanish");
    let first = app.app().model().study.shown();
    app.keys(Modifiers::SHIFT, Key::A);
    app.harness.get_by_label("Auto Advance is on");
    app.step_until("the answer", |a| a.app().model().study.shows(Side::Answer));
    app.step_until("the next card", |a| a.app().model().study.shown() > first);
    assert_eq!(app.app().model().study.counts.learning, 1, "Good was given");
    app.keys(Modifiers::SHIFT, Key::A);
    app.harness.get_by_label("Auto Advance is off");
    let now = app.app().model().study.shown();
    app.harness.run_steps(30);
    assert_eq!(app.app().model().study.shown(), now);
}

/// Nobody moves anything that would draw another frame.
#[test]
fn the_answer_that_comes_by_itself_is_drawn_at_once() {
    let mut app = start();
    study(&mut app, "Spanish");
    // Each frame from here on is looked at.
    app.harness.key_press_modifiers(Modifiers::SHIFT, Key::A);
    let is_drawn = Cell::new(false);
    app.step_until("the answer", |a| {
        let frames = &a.harness.output().viewport_output;
        is_drawn.set(frames.values().any(|of| of.repaint_delay.is_zero()));
        a.app().model().study.shows(Side::Answer)
    });
    assert!(is_drawn.get());
}

#[test]
fn cards_wait_when_the_user_goes_to_another_window_or_page() {
    let mut app = start();
    study(&mut app, "Spanish");
    app.keys(Modifiers::SHIFT, Key::A);
    app.harness.get_by_label("Auto Advance is on");
    app.harness.event(Event::WindowFocused(false));
    app.step_until("it is off", |a| !a.app().model().study.auto_advance);
    app.harness.get_by_label("Auto Advance is off");
    let now = app.app().model().study.shown();
    app.harness.run_steps(30);
    assert_eq!(app.app().model().study.shown(), now);
    app.keys(Modifiers::SHIFT, Key::A);
    assert!(app.app().model().study.auto_advance);
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    app.keys(Modifiers::COMMAND, Key::P);
    assert_eq!(app.app().route(), &Route::Preferences);
    assert!(!app.app().model().study.auto_advance);
}

/// A card whose whole front is a link.
fn with_link(href: &'static str) -> TestApp {
    with_front(format!(
        "<a href='{href}' style='display:block;height:500px'>paper</a>"
    ))
}

/// A card with that front, in which the word `paper` is; the media folder has a `cat.png`.
fn with_front(front: String) -> TestApp {
    let mut app = TestApp::with(Options::default(), move |base, clock| {
        ana(base, clock, &[("Spanish", 1)]);
        let data = DataFolder::at(base.to_owned());
        let path = data.profile("Ana").unwrap().collection();
        let mut col = Collection::open(&path, clock.clone()).unwrap();
        let id = col.storage().all_note_ids().unwrap()[0];
        let note = col.storage().get_note(id).unwrap().unwrap();
        let edit = NoteEdit {
            id,
            notetype_id: note.notetype_id,
            fields: vec![(0, front)],
            tags: None,
        };
        col.update_notes(&[edit]).unwrap();
        col.close().unwrap();
        let media = base.join("Ana").join("collection.media");
        std::fs::create_dir_all(&media).unwrap();
        let cat = image::RgbImage::from_pixel(70, 40, image::Rgb([120, 60, 0]));
        cat.save(media.join("cat.png")).unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    study(&mut app, "Spanish");
    wait_for(&mut app, "paper");
    app
}

fn click_card(app: &mut TestApp) {
    click_at(app, pos2(500.0, 330.0));
}

#[test]
fn links_of_unusual_kinds_ask_until_they_are_always_opened() {
    const LINK: &str = "zotero://select/1";
    let opened = |app: &TestApp| app.script.opened().iter().filter(|o| *o == LINK).count();
    let mut app = with_link(LINK);
    click_card(&mut app);
    wait_for(&mut app, "Open this link?");
    press(&mut app, "Cancel");
    assert_eq!(opened(&app), 0);
    click_card(&mut app);
    wait_for(&mut app, "Open this link?");
    app.harness
        .get_by_role_and_label(Role::Button, "Always open “zotero:”")
        .click();
    app.step_until("it is remembered", |a| {
        a.app().model().settings.open_links == "zotero"
    });
    assert_eq!(opened(&app), 1);
    click_card(&mut app);
    app.step_until("it opens at once", |a| opened(a) == 2);
}

#[test]
fn a_file_that_may_be_a_program_is_opened_only_after_a_question() {
    let opened = |app: &TestApp| app.script.opened();
    let mut app = with_link("show me.desktop");
    click_card(&mut app);
    wait_for(&mut app, "Open this file?");
    press(&mut app, "Cancel");
    assert!(opened(&app).is_empty());
    click_card(&mut app);
    wait_for(&mut app, "Open this file?");
    app.harness
        .get_by_role_and_label(Role::Button, "Open")
        .click();
    app.step_until("it opens", |a| {
        opened(a).iter().any(|o| o.ends_with("show me.desktop"))
    });
}

#[test]
fn a_link_opens_pictures_at_once_and_nothing_outside_of_the_media_folder() {
    let mut app = with_link("a.png");
    click_card(&mut app);
    app.step_until("it opens", |a| {
        a.script.opened().iter().any(|o| o.ends_with("a.png"))
    });
    for outside in ["%2Fetc%2Fpasswd.txt", "..%2F..%2Fx.txt"] {
        let mut app = with_link(outside);
        click_card(&mut app);
        app.harness.run_steps(30);
        assert!(app.script.opened().is_empty(), "{outside}");
        assert!(app.harness.query_by_label("Open this file?").is_none());
        assert!(app.harness.query_by_label("Open this link?").is_none());
    }
}

/// An entry of the menu of what is in the middle of the card, which tells it when it can.
fn pick_of_card(app: &mut TestApp, name: &str) {
    let at = pos2(500.0, 330.0);
    for _ in 0..200 {
        app.harness.hover_at(at);
        app.settle();
        // Pressed for longer, it is no click.
        for pressed in [true, false] {
            app.harness.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Secondary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        app.settle();
        if let Some(entry) = app.harness.query_by_role_and_label(Role::MenuItem, name) {
            entry.click();
            app.settle();
            return;
        }
        app.key(Key::Escape);
        app.harness.run_steps(20);
    }
    panic!("no {name}");
}

#[test]
fn a_picture_is_copied_and_opened_from_the_menu_of_the_card() {
    let picture = "<img src='cat.png' style='width:700px;height:400px'> paper";
    let mut app = with_front(picture.to_owned());
    pick_of_card(&mut app, "Copy Image");
    wait_for(&mut app, "Copied");
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("kept.png");
    app.script.will_pick(&file);
    pick_of_card(&mut app, "Save Image As…");
    wait_for(&mut app, "Saved kept.png");
    let own = app.base.join("Ana/collection.media/cat.png");
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(own).unwrap());
    assert_eq!(app.script.asked()[0].suggested, "cat.png");
    pick_of_card(&mut app, "Open Image");
    app.step_until("it opens", |a| {
        a.script.opened().iter().any(|o| o.ends_with("cat.png"))
    });
}
