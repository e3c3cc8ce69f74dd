//! A card under study, left for another page and come back to: it is there as it was, or as it is
//! by now.

use crate::harness::{Options, TestApp, ana};
use crate::review::{question, studying};
use crate::steps::{press, send, study, wait_for};
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{CardId, NoteId, NotetypeId};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::card_answers::ResetHow;
use engram::domain::note_edit::{NewNote, NoteEdit};
use engram::service::notes::NoteRequest;
use engram::service::profiles::DataFolder;
use engram::service::request::{CardRequest, Request};
use engram::ui::action::Action;
use engram::ui::import_export::PackageAction;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::path::Path;

fn card(app: &TestApp) -> Option<(CardId, NoteId)> {
    let card = app.app().model().study.card.as_ref()?;
    Some((card.id, card.note))
}

fn answer_up(notes: usize) -> TestApp {
    let mut app = studying(notes);
    app.key(Key::Space);
    assert!(app.app().model().study.shows(Side::Answer));
    app
}

/// To another page and, after something was asked for there, back.
fn away(app: &mut TestApp, page: &Route, ask: Option<Request>) {
    send(app, Action::Go(page.clone()));
    app.step_until("another page", |a| a.app().route() == page);
    if let Some(request) = ask {
        send(app, Action::Ask(request));
        for _ in 0..40 {
            app.settle();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    send(app, Action::Back);
}

fn collection(base: &Path, clock: Clock) -> Collection {
    let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
    Collection::open(&paths.collection(), clock).unwrap()
}

fn notetype_of(app: &TestApp, note: NoteId) -> NotetypeId {
    let (dir, clock) = app.killed();
    let col = collection(dir.path(), clock);
    col.storage().get_note(note).unwrap().unwrap().notetype_id
}

fn pages(note: NoteId) -> Vec<Route> {
    vec![
        Route::Browse,
        Route::Stats,
        Route::Add,
        Route::EditNote { note, card_type: 0 },
        Route::Preferences,
        Route::NoteTypes,
    ]
}

#[test]
fn a_card_is_on_the_side_that_was_up_after_every_other_page() {
    let mut app = answer_up(3);
    let before = card(&app).unwrap();
    let shown = app.app().model().study.shown();
    for page in pages(before.1) {
        away(&mut app, &page, None);
        app.step_until("the answer", |a| {
            *a.app().route() == Route::Review && a.app().model().study.shows(Side::Answer)
        });
        app.settle();
        assert_eq!(card(&app), Some(before), "{page:?}");
        assert!(app.app().model().study.shows(Side::Answer), "{page:?}");
        assert_eq!(app.app().model().study.shown(), shown, "{page:?}");
    }
}

#[test]
fn the_time_before_another_page_counts() {
    let mut app = answer_up(2);
    std::thread::sleep(std::time::Duration::from_millis(700));
    app.settle();
    let (id, _) = card(&app).unwrap();
    away(&mut app, &Route::Browse, None);
    let before = app.app().model().study.shown();
    app.key(Key::Num3);
    app.step_until("the next card", |a| a.app().model().study.shown() > before);
    let (dir, clock) = app.into_dir();
    let col = collection(dir.path(), clock);
    let log = col.storage().revlog_of_card(id).unwrap();
    assert!(log[0].taken_millis >= 700, "{:?}", log[0]);
}

#[test]
fn what_was_changed_meanwhile_is_shown_on_the_side_that_was_up() {
    let mut app = answer_up(2);
    let (_, note) = card(&app).unwrap();
    for (page, words) in [
        (Route::Browse, "first change"),
        (Route::Add, "second change"),
    ] {
        let edit = NoteEdit {
            id: note,
            notetype_id: notetype_of(&app, note),
            fields: vec![(1, words.into())],
            tags: None,
        };
        away(
            &mut app,
            &page,
            Some(Request::Note(NoteRequest::Update(edit))),
        );
        app.step_until(words, |a| {
            let study = &a.app().model().study;
            study.shows(Side::Answer) && study.content().unwrap().html.contains(words)
        });
    }
}

#[test]
fn a_card_that_is_gone_meanwhile_makes_room_for_the_next() {
    for page in [Route::Browse, Route::Stats, Route::Add, Route::Preferences] {
        let mut app = answer_up(3);
        let (id, note) = card(&app).unwrap();
        let request = CardRequest::Suspend { cards: vec![id] };
        away(&mut app, &page, Some(Request::Card(request)));
        app.step_until("the next card", |a| {
            *a.app().route() == Route::Review && question(a) && card(a).unwrap().0 != id
        });
        let second = card(&app).unwrap();
        let notes = vec![second.1];
        away(
            &mut app,
            &page,
            Some(Request::Card(CardRequest::DeleteNotes { notes })),
        );
        app.step_until("the third card", |a| {
            question(a) && ![note, second.1].contains(&card(a).unwrap().1)
        });
    }
}

#[test]
fn when_no_card_is_left_meanwhile_the_end_is_there() {
    for page in [Route::Browse, Route::Stats, Route::Add, Route::Preferences] {
        let mut app = answer_up(1);
        let (id, _) = card(&app).unwrap();
        let request = CardRequest::Suspend { cards: vec![id] };
        away(&mut app, &page, Some(Request::Card(request)));
        app.step_until("the end", |a| *a.app().route() == Route::Congrats);
        wait_for(&mut app, "Congratulations");
    }
}

#[test]
fn a_finished_deck_that_has_cards_meanwhile_shows_its_page() {
    let mut app = answer_up(1);
    let (id, _) = card(&app).unwrap();
    app.key(Key::Num4);
    app.step_until("the end", |a| *a.app().route() == Route::Congrats);
    let request = CardRequest::Reset {
        cards: vec![id],
        how: ResetHow::default(),
    };
    away(&mut app, &Route::Stats, Some(Request::Card(request)));
    app.step_until("the deck's page", |a| *a.app().route() == Route::Overview);
    app.harness.get_by_label("Study Now");
}

#[test]
fn a_typed_answer_is_compared_again_with_what_the_note_is_by_now() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 1)]);
        let mut col = collection(base, clock.clone());
        let typing = col.storage().all_notetypes().unwrap();
        let typing = typing
            .into_iter()
            .find(|n| n.name == "Basic (type in the answer)");
        let deck = col.deck_create("Typed").unwrap().value;
        let note = NewNote {
            notetype_id: typing.unwrap().id,
            deck_id: deck,
            fields: vec!["the dog".into(), "el gato".into()],
            tags: vec![],
        };
        col.add_notes(vec![note]).unwrap();
        col.close().unwrap();
    });
    study(&mut app, "typed");
    app.step_until("the box", |a| {
        let boxes = a.harness.query_by_label("Type the answer");
        boxes.is_some_and(|b| b.is_focused())
    });
    app.type_text("el perro");
    app.key(Key::Enter);
    let wrong = |a: &TestApp| {
        let study = &a.app().model().study;
        study.shows(Side::Answer) && study.content().unwrap().html.contains("typeBad")
    };
    app.step_until("the comparison", wrong);
    let (_, note) = card(&app).unwrap();
    let edit = NoteEdit {
        id: note,
        notetype_id: notetype_of(&app, note),
        fields: vec![(1, "el perro".into())],
        tags: None,
    };
    let update = Request::Note(NoteRequest::Update(edit));
    away(&mut app, &Route::Browse, Some(update));
    app.step_until("the comparison with the new text", |a| {
        let study = &a.app().model().study;
        study.shows(Side::Answer) && !wrong(a) && study.content().unwrap().html.contains("typeGood")
    });
}

#[test]
fn a_card_is_answered_after_something_else_had_the_collection() {
    let mut app = answer_up(3);
    let before = card(&app).unwrap();
    let words = app.base.join("words.txt");
    std::fs::write(&words, "one\ttwo\n").unwrap();
    send(&mut app, Action::Package(PackageAction::Offer(words)));
    wait_for(&mut app, "1 new note");
    press(&mut app, "Cancel");
    app.step_until("the answer", |a| a.app().model().study.shows(Side::Answer));
    assert_eq!(card(&app), Some(before));
    app.key(Key::Num3);
    app.step_until("the next card", |a| {
        card(a).is_some_and(|now| now != before)
    });
}
