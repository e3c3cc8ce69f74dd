//! Studying with the keyboard, on a real collection.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{ana_is_open, click, hit, press, send, study, wait_for, with_decks};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::{DeckConfigId, DeckId};
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::{CardQueue, CardType};
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::op::Op;
use engram::domain::study::{Buried, Counts, QueueKind, StudiedToday};
use engram::service::event::{CardSide, DeckEvent, DeckOverview, Event, StudyCard, StudyEvent};
use engram::service::profiles::DataFolder;
use engram::service::request::{
    Changed, CollectionSettings, DeckRequest, Request, SettingsRequest, StudyRequest,
};
use engram::storage::Storage;
use engram::ui::action::Action;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::path::{Path, PathBuf};

/// Ana with one deck, on its first question.
pub fn studying(notes: usize) -> TestApp {
    studying_in(notes, Options::default())
}

fn studying_in(notes: usize, options: Options) -> TestApp {
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("Spanish", notes)]);
    });
    study(&mut app, "span");
    app
}

pub fn question(app: &TestApp) -> bool {
    app.app().model().study.shows(Side::Question)
}

fn shown(app: &TestApp) -> u64 {
    app.app().model().study.shown()
}

fn finished(app: &TestApp) -> bool {
    *app.app().route() == Route::Congrats
}

/// The answer, then the next card or the end.
fn rate(app: &mut TestApp, key: Key) {
    let before = shown(app);
    app.key(Key::Space);
    assert!(app.app().model().study.shows(Side::Answer));
    app.key(key);
    app.step_until("the next card or the end", |a| {
        finished(a) || question(a) && shown(a) > before
    });
}

#[test]
fn a_deck_is_studied_to_the_end_with_the_keyboard_only() {
    let mut app = studying(3);
    app.harness.get_by_label("3 new");
    // Good, Again, Hard, Good… and Easy at last, so that every key is used.
    let keys = [Key::Space, Key::Num1, Key::Num2, Key::Num3, Key::Num4];
    let mut answers = 0;
    while !finished(&app) {
        let key = if answers < keys.len() {
            keys[answers]
        } else {
            Key::Num4
        };
        rate(&mut app, key);
        answers += 1;
        assert!(answers < 30, "it never ends");
    }
    app.harness.get_by_label("Congratulations!");
    app.harness
        .get_by_label("You have finished Spanish for now.");
    app.key(Key::D);
    app.step_until("today's line", |a| {
        a.app()
            .model()
            .decks
            .ready()
            .is_some_and(|d| d.today.cards as usize == answers)
    });
    // What comes next is there at once when the deck is chosen again, and S is no way round it.
    app.harness.get_by_label_contains("Spanish, 0 new").click();
    app.step_until("the end of that deck", finished);
    app.key(Key::S);
    assert!(finished(&app), "also while the worker looks");
    app.harness.get_by_label("Congratulations!");
}

/// Letters that no key is named after: the system tells the key's place, and what it types.
#[test]
fn keys_do_the_same_while_the_keyboard_types_hangul() {
    let mut app = studying(3);
    let first = app.app().model().study.card.as_ref().map(|c| c.id);
    let before = shown(&app);
    hit(&mut app, Key::Space, " ");
    assert!(app.app().model().study.shows(Side::Answer));
    hit(&mut app, Key::Num3, "3");
    app.step_until("the next card", |a| question(a) && shown(a) > before);
    let now = |app: &TestApp| app.app().model().study.card.as_ref().map(|c| c.id);
    assert_ne!(now(&app), first);
    hit(&mut app, Key::U, "\u{3155}");
    app.step_until("the answer is taken back", |a| now(a) == first);
    hit(&mut app, Key::Num8, "*");
    hit(&mut app, Key::E, "\u{3137}");
    app.step_until("the editor", |a| {
        matches!(a.app().route(), Route::EditNote { .. })
    });
    app.step_until("the note", |a| {
        let is_word =
            |n: &egui_kittest::Node<'_>| n.accesskit_node().value().as_deref() == Some("Word 1");
        [Role::TextInput, Role::MultilineTextInput]
            .into_iter()
            .any(|role| a.harness.query_all_by_role(role).any(|n| is_word(&n)))
    });
    let (dir, clock) = app.into_dir();
    let mut col = Collection::open(&collection_in(dir.path()), clock).unwrap();
    let marked = col.find_notes("tag:marked", None).unwrap();
    let typed = col.find_notes("\u{3137}", None).unwrap();
    assert_eq!(
        (marked.len(), typed.len()),
        (1, 0),
        "* marks, and \u{3137} opens only"
    );
    col.close().unwrap();
}

#[test]
fn undo_takes_answers_back_and_redo_gives_them_again() {
    let mut app = studying(4);
    let first = app.app().model().study.card.as_ref().map(|c| c.id);
    rate(&mut app, Key::Num4);
    rate(&mut app, Key::Num4);
    app.key(Key::U);
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("the first card again", |a| {
        question(a) && a.app().model().study.card.as_ref().map(|c| c.id) == first
    });
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    app.step_until("another card", |a| {
        question(a) && a.app().model().study.card.as_ref().map(|c| c.id) != first
    });
}

#[test]
fn an_answer_that_is_taken_back_shows_the_question_of_the_only_card_too() {
    let mut app = studying(1);
    rate(&mut app, Key::Num1);
    app.key(Key::Space);
    assert!(app.app().model().study.shows(Side::Answer));
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("its question", |a| {
        question(a) && a.app().model().study.counts.new == 1
    });
}

fn collection_in(base: &Path) -> PathBuf {
    let data = DataFolder::at(base.to_owned());
    data.profile("Ana").unwrap().collection()
}

#[test]
fn answers_are_taken_back_after_a_restart_and_it_is_told_when_they_cannot_be() {
    let mut app = studying(3);
    rate(&mut app, Key::Num4);
    rate(&mut app, Key::Num4);
    let (dir, clock) = app.into_dir();
    let mut app = TestApp::on(dir, clock, Options::default());
    wait_for(&mut app, "Spanish, 1 new");
    app.keys(Modifiers::COMMAND, Key::Z);
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for(&mut app, "Spanish, 3 new");
    study(&mut app, "span");
    rate(&mut app, Key::Num4);
    let (dir, clock) = app.into_dir();
    // Another program has the collection meanwhile.
    let mut other = Storage::open(&collection_in(dir.path())).unwrap();
    let later = TimestampMillis(clock.now().0 + 60_000);
    other.tx(later, |tx| tx.set_config("x", &1)).unwrap();
    other.close().unwrap();
    let mut app = TestApp::on(dir, clock, Options::default());
    wait_for(&mut app, "Earlier changes cannot be undone any more");
    assert_eq!(app.app().model().undo.undo, None);
}

/// A card to be reviewed that becomes a leech at its first lapse, and is suspended then.
fn nearly_a_leech(base: &Path, clock: &Clock) {
    ana(base, clock, &[("Spanish", 1)]);
    let mut col = Collection::open(&collection_in(base), clock.clone()).unwrap();
    let id = col.find_cards("deck:Spanish", None).unwrap()[0];
    col.transact(Op::UpdatePreferences, |tx| {
        let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
        preset.inner.leech_threshold = 1;
        preset.inner.leech_action = 0;
        tx.update_deck_config(&preset)?;
        let mut card = tx.get_card(id)?.unwrap();
        (card.ctype, card.queue) = (CardType::Review, CardQueue::Review);
        (card.due, card.interval, card.ease_factor) = (0, 10, 2500);
        tx.update_card(&card)
    })
    .unwrap();
    col.close().unwrap();
}

#[test]
fn a_leech_is_told_tagged_and_suspended() {
    let mut app = TestApp::with(Options::default(), nearly_a_leech);
    study(&mut app, "span");
    rate(&mut app, Key::Num1);
    assert!(finished(&app));
    app.harness
        .get_by_label("The card is a leech. It was suspended.");
    let (dir, clock) = app.into_dir();
    let mut col = Collection::open(&collection_in(dir.path()), clock).unwrap();
    let found = col.find_cards("tag:leech is:suspended", None).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn flags_and_stars_leave_the_card_where_it_is() {
    let mut app = studying(2);
    app.key(Key::Space);
    app.keys(Modifiers::COMMAND, Key::Num1);
    app.step_until("the flag", |a| {
        a.harness.query_by_label("Flag: Red").is_some()
    });
    app.type_text("*");
    app.step_until("the star", |a| {
        a.harness.query_by_label("Marked note").is_some()
    });
    assert!(app.app().model().study.shows(Side::Answer));
    app.keys(Modifiers::COMMAND, Key::Num1);
    app.step_until("no flag", |a| {
        a.harness.query_by_label("Flag: Red").is_none()
    });
}

#[test]
fn cards_are_suspended_buried_and_deleted_and_come_back() {
    let mut app = studying(4);
    for (act, toast) in [
        ("@", "1 card suspended"),
        ("-", "1 card buried until tomorrow"),
    ] {
        let before = shown(&app);
        app.type_text(act);
        app.step_until("another card", |a| question(a) && shown(a) > before);
        app.harness.get_by_label(toast);
    }
    let before = shown(&app);
    app.keys(Modifiers::COMMAND, Key::Delete);
    app.step_until("the last card", |a| question(a) && shown(a) > before);
    app.harness.get_by_label("Note deleted");
    app.harness.get_by_label("Undo").click();
    app.step_until("undone", |a| {
        a.harness.query_by_label("Undone: Delete Note").is_some()
    });
}

#[test]
fn a_key_that_is_held_down_buries_one_card() {
    let mut app = studying(3);
    let first = shown(&app);
    // It is not let go; each time that it comes again its sign comes with it.
    let hold = |app: &mut TestApp| {
        let key = eframe::egui::Event::Key {
            key: Key::Minus,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let sign = eframe::egui::Event::Text("-".to_owned());
        app.harness.input_mut().events.extend([key, sign]);
        app.settle();
    };
    hold(&mut app);
    app.step_until("the next card", |a| question(a) && shown(a) > first);
    let second = shown(&app);
    for _ in 0..5 {
        hold(&mut app);
    }
    app.harness.run_steps(20);
    assert_eq!(shown(&app), second);
    app.harness.get_by_label("2 new");
}

#[test]
fn the_due_date_is_asked_for_and_set() {
    let mut app = studying(2);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    app.harness.get_by_role_and_label(Role::TextInput, "Days");
    app.type_text("5");
    app.key(Key::Enter);
    app.step_until("the toast", |a| {
        a.harness.query_by_label("Due date set").is_some()
    });
}

#[test]
fn questions_about_a_card_begin_with_the_last_answers() {
    let mut app = studying(3);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    app.type_text("3-7");
    app.key(Key::Enter);
    app.step_until("it is gone", |a| {
        a.harness.query_by_label("Due date set").is_some() && question(a)
    });
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    app.step_until("what was typed before", |a| {
        let field = a.harness.query_by_role_and_label(Role::TextInput, "Days");
        field.is_some_and(|f| f.value().as_deref() == Some("3-7"))
    });
    app.key(Key::Escape);
    let ctrl_alt = Modifiers::COMMAND | Modifiers::ALT;
    let is = |a: &TestApp, label: &str, on: bool| {
        let found = a.harness.query_by_role_and_label(Role::CheckBox, label);
        let wanted = if on { Toggled::True } else { Toggled::False };
        found.is_some_and(|b| b.accesskit_node().toggled() == Some(wanted))
    };
    let (position, counts) = (
        "Restore original position where possible",
        "Reset repetition and lapse counts",
    );
    app.keys(ctrl_alt, Key::N);
    assert!(is(&app, position, true) && is(&app, counts, false));
    app.harness.get_by_label(counts).click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Reset")
        .click();
    app.step_until("it is new", |a| {
        a.harness.query_by_label("Card reset").is_some() && question(a)
    });
    app.keys(ctrl_alt, Key::N);
    app.step_until("what was chosen before", |a| {
        is(a, position, true) && is(a, counts, true)
    });
}

#[test]
fn s_and_d_lead_out_of_the_card_and_back() {
    let mut app = studying(2);
    app.key(Key::S);
    app.step_until("the overview", |a| *a.app().route() == Route::Overview);
    app.key(Key::S);
    app.step_until("the card", |a| {
        *a.app().route() == Route::Review && question(a)
    });
    app.key(Key::D);
    app.step_until("the decks", |a| *a.app().route() == Route::Decks);
}

/// As in Anki.
#[test]
fn a_card_begins_anew_after_the_decks_and_the_overview() {
    let mut app = studying(2);
    app.key(Key::Space);
    assert!(app.app().model().study.shows(Side::Answer));
    for leave in [Key::S, Key::D] {
        let card = app.app().model().study.card.as_ref().map(|card| card.id);
        app.key(leave);
        app.step_until("another page", |a| *a.app().route() != Route::Review);
        if leave == Key::D {
            app.type_text("/");
            app.type_text("span");
            app.key(Key::Enter);
            app.step_until("the overview", |a| *a.app().route() == Route::Overview);
        }
        app.key(Key::S);
        app.step_until("the question", |a| {
            *a.app().route() == Route::Review && question(a)
        });
        let again = app.app().model().study.card.as_ref().map(|card| card.id);
        assert_eq!(again, card);
        app.key(Key::Space);
        assert!(app.app().model().study.shows(Side::Answer));
    }
}

#[test]
fn a_timebox_asks_whether_to_go_on() {
    let mut app = studying(5);
    let settings = app.app().model().collection_settings.clone().unwrap();
    let five_minutes = CollectionSettings {
        timebox_mins: 5,
        ..settings.clone()
    };
    let save = SettingsRequest::SaveCollection(Box::new(Changed {
        shown: settings,
        wanted: five_minutes,
    }));
    send(&mut app, Action::Ask(Request::Settings(save)));
    app.step_until("the preference", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.timebox_mins == 5)
    });
    rate(&mut app, Key::Num4);
    assert!(app.harness.query_by_label("Continue").is_none());
    app.clock.advance_millis(5 * 60_000);
    let document = |app: &TestApp| {
        let card = app.harness.query_by_role(Role::Document)?;
        card.accesskit_node().label()
    };
    app.key(Key::Space);
    app.step_until("the answer is drawn", |a| {
        document(a).is_some_and(|words| !words.is_empty())
    });
    let answered = document(&app);
    app.key(Key::Num4);
    let told = "You studied 2 cards in 5 minutes";
    wait_for(&mut app, told);
    app.settle();
    assert_eq!(document(&app), answered, "what was answered stays behind");
    assert!(
        app.harness.query_by_label("Show Answer").is_none(),
        "the next card waits"
    );
    app.key(Key::Enter);
    assert!(app.harness.query_by_label(told).is_none());
    rate(&mut app, Key::Num4);
    assert!(app.harness.query_by_label("Continue").is_none());
    app.clock.advance_millis(5 * 60_000);
    rate(&mut app, Key::Num4);
    app.harness.get_by_label(told);
    app.harness.get_by_label("Finish").click();
    app.step_until("the decks", |a| *a.app().route() == Route::Decks);
    assert!(app.harness.query_by_label(told).is_none());
}

#[test]
fn learning_cards_that_fall_due_lead_from_the_end_back_to_the_deck() {
    let mut app = studying(1);
    // Hard: again in some minutes, beyond the learn-ahead limit of 0.
    let settings = app.app().model().collection_settings.clone().unwrap();
    let no_ahead = CollectionSettings {
        learn_ahead_mins: 0,
        ..settings.clone()
    };
    let no_ahead = SettingsRequest::SaveCollection(Box::new(Changed {
        shown: settings,
        wanted: no_ahead,
    }));
    send(&mut app, Action::Ask(Request::Settings(no_ahead)));
    app.step_until("the preference", |a| {
        let settings = a.app().model().collection_settings.as_ref();
        settings.is_some_and(|s| s.learn_ahead_mins == 0)
    });
    rate(&mut app, Key::Num2);
    assert!(finished(&app));
    app.clock.advance_millis(10 * 60_000);
    app.step_until("the deck's page", |a| *a.app().route() == Route::Overview);
    let learning = app
        .app()
        .model()
        .overview
        .as_ref()
        .map(|o| o.counts.learning);
    assert_eq!(learning, Some(1));
}

/// A card without a collection.
fn card(id: i64) -> StudyCard {
    StudyCard {
        id: id.into(),
        note: id.into(),
        card_type: 0,
        deck: "A::B".into(),
        kind: QueueKind::New,
        flag: 0,
        marked: false,
        css: String::new(),
        body_class: "card".into(),
        question: CardSide {
            html: "front".into(),
            sounds: vec![],
        },
        answer: CardSide {
            html: "back".into(),
            sounds: vec![],
        },
        type_in: None,
        intervals: ["1m", "6m", "10m", "4d"].map(str::to_owned),
        show_timer: true,
        time_cap_secs: 60,
        stop_timer_on_answer: false,
        autoplay: false,
        auto_advance: Default::default(),
        replay_answer_only: false,
    }
}

#[test]
fn the_next_card_waits_until_the_answer_is_on_disk() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let ctx = app.harness.ctx.clone();
    app.harness
        .state_mut()
        .send(&ctx, Action::Go(Route::Review));
    let say = |id| {
        worker.say(Event::Study(StudyEvent::Card {
            card: Box::new(card(id)),
            counts: Counts::default(),
        }));
    };
    say(1);
    app.settle();
    app.harness.get_by_label("A  ›  B");
    app.harness.get_by_label("0:00");
    app.key(Key::Num3);
    app.key(Key::Space);
    let _before = worker.take_requests();
    app.key(Key::Num3);
    app.key(Key::Num3);
    app.key(Key::Num4);
    let asked = worker.take_requests();
    assert!(
        matches!(
            asked[..],
            [Request::Study(StudyRequest::Answer { taken_ms, .. })] if taken_ms < 60_000
        ),
        "one answer, whatever is pressed meanwhile: {asked:?}"
    );
    assert_eq!(
        app.app().model().study.card.as_ref().map(|c| c.id.0),
        Some(1)
    );
    say(2);
    app.settle();
    assert!(question(&app));
    assert_eq!(
        app.app().model().study.card.as_ref().map(|c| c.id.0),
        Some(2)
    );
}

#[test]
fn unbury_asks_what_where_cards_were_buried_by_hand_and_as_siblings() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    worker.say(Event::Deck(DeckEvent::Tree {
        root: DeckTreeNode::default(),
        current: DeckId(4),
        today: StudiedToday::default(),
    }));
    let deck = |siblings| {
        Event::Deck(DeckEvent::Overview(DeckOverview {
            id: DeckId(4),
            name: "A".into(),
            have_user_buried: true,
            have_sched_buried: siblings,
            ..DeckOverview::default()
        }))
    };
    let asked = || {
        let requests = worker.take_requests().into_iter();
        let which = requests.filter_map(|request| match request {
            Request::Deck(DeckRequest::UnburyDeck { which, .. }) => Some(which),
            _ => None,
        });
        which.collect::<Vec<_>>()
    };
    worker.say(deck(true));
    app.settle();
    send(&mut app, Action::Go(Route::Overview));
    app.key(Key::U);
    app.harness.get_by_label("What would you like to unbury?");
    assert!(asked().is_empty());
    press(&mut app, "Buried Siblings");
    assert_eq!(asked(), [Buried::Siblings]);
    // Only one kind is left: there is nothing to ask.
    worker.say(deck(false));
    app.settle();
    app.key(Key::U);
    assert_eq!(asked(), [Buried::All]);
}

#[test]
fn options_of_a_card_in_a_child_deck_ask_which_deck_is_meant() {
    let mut app = with_decks(&[("Languages", 0), ("Languages::Spanish", 1)]);
    study(&mut app, "languages");
    app.key(Key::O);
    wait_for(&mut app, "Options of which deck?");
    let child = app
        .harness
        .get_by_role_and_label(Role::Button, "Languages::Spanish");
    child.click();
    app.step_until("the options", |a| {
        matches!(a.app().route(), Route::DeckOptions { .. })
    });
    let decks = app.app().model().decks.ready().unwrap();
    let current = decks.current;
    assert_ne!(*app.app().route(), Route::DeckOptions { deck: current });
}

#[test]
fn a_menu_that_is_higher_than_the_window_is_scrolled() {
    const HEIGHT: f32 = 520.0;
    let small = Options {
        size: eframe::egui::Vec2::new(760.0, HEIGHT),
        ..Options::default()
    };
    let mut app = studying_in(1, small);
    press(&mut app, "More");
    let last = |app: &TestApp| {
        app.harness
            .get_by_role_and_label(Role::MenuItemCheckBox, "Auto Advance")
            .rect()
    };
    assert!(last(&app).max.y > HEIGHT, "the menu is higher");
    app.harness
        .get_by_role_and_label(Role::MenuItemCheckBox, "Auto Advance")
        .scroll_to_me();
    app.settle();
    assert!(last(&app).max.y < HEIGHT, "{:?}", last(&app));
    click(&mut app, Role::MenuItemCheckBox, "Auto Advance");
    assert!(app.app().model().study.auto_advance);
}

#[test]
fn in_a_narrow_window_answers_have_room_for_their_names() {
    for (width, is_narrow) in [(480.0, true), (760.0, false)] {
        let mut app = studying_in(
            1,
            Options {
                size: eframe::egui::Vec2::new(width, 640.0),
                ..Options::default()
            },
        );
        let place = |app: &TestApp, name: &str| {
            let button = app.harness.get_by_role_and_label(Role::Button, name);
            button.rect()
        };
        let corners = ["Edit", "More"];
        let before = corners.map(|name| place(&app, name));
        app.key(Key::Space);
        app.step_until("the answer", |a| a.app().model().study.shows(Side::Answer));
        assert_eq!(corners.map(|name| place(&app, name)), before, "{width}");
        for name in ["Again", "Hard", "Good", "Easy"] {
            let answer = place(&app, name);
            assert!(answer.width() > 80.0, "{width}: {answer:?}");
            for corner in before {
                assert_eq!(corner.max.y <= answer.min.y, is_narrow, "{width}");
                assert!(!corner.intersects(answer), "{width}: {corner:?} {answer:?}");
            }
        }
    }
}
