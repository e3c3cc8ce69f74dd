//! Films in the window: a still with a way to the system's player, in the reviewer and in the
//! preview of the browser.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{click_at, send, study, wait_for};
use eframe::egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;
use engram::collection::Collection;
use engram::domain::note_edit::NoteEdit;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::browse::command::BrowseCommand;
use engram::ui::command::Command;
use engram::ui::route::Route;
use engram::ui::testing::programs_only;

/// Ana with one card that has a film of one red picture.
fn with_film(options: Options) -> TestApp {
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("Spanish", 1)]);
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let film = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sounds/film.mp4");
        std::fs::create_dir_all(paths.media()).unwrap();
        std::fs::copy(film, paths.media().join("film.mp4")).unwrap();
        let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
        let id = col.storage().all_note_ids().unwrap()[0];
        let note = col.storage().get_note(id).unwrap().unwrap();
        let edit = NoteEdit {
            id,
            notetype_id: note.notetype_id,
            fields: vec![(0, "Look: [sound:film.mp4]".into())],
            tags: None,
        };
        col.update_notes(&[edit]).unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

fn says(app: &mut TestApp, words: &str) {
    let what = words.to_owned();
    app.step_until(words, move |a| {
        a.harness.query_by_label_contains(&what).is_some()
    });
}

#[test]
fn the_reviewer_shows_a_still_that_opens_the_player() {
    let mut app = with_film(Options {
        sound: programs_only,
        ..Options::default()
    });
    study(&mut app, "span");
    says(&mut app, "Play the sound");
    let picture = app.harness.render().expect("a picture");
    let red = picture
        .enumerate_pixels()
        .filter(|(_, _, p)| p[0].abs_diff(200) < 20 && p[1].abs_diff(59) < 20 && p[2] < 60);
    let places: Vec<_> = red.map(|(x, y, _)| (x, y)).collect();
    assert!(places.len() > 1_000, "{}", places.len());
    let (x, y) = places[0];
    let at = pos2(x as f32 + 8.0, y as f32 + 8.0);
    click_at(&mut app, at);
    app.step_until("the player", |a| {
        let opened = a.script.opened();
        opened.iter().any(|path| path.ends_with("film.mp4"))
    });
}

#[test]
fn without_the_program_the_reviewer_says_what_a_picture_needs() {
    let mut app = with_film(Options::default());
    study(&mut app, "span");
    says(&mut app, "A picture of it needs the program ffmpeg");
    says(&mut app, "Open in player");
}

#[test]
fn the_preview_of_the_browser_shows_a_still_too() {
    let mut app = with_film(Options {
        sound: programs_only,
        ..Options::default()
    });
    send(&mut app, Action::Go(Route::Browse));
    app.settle();
    app.type_text("deck:Spanish");
    app.key(Key::Enter);
    wait_for(&mut app, "of 1 card");
    app.keys(Modifiers::COMMAND, Key::A);
    send(
        &mut app,
        Action::Command(Command::Browse(BrowseCommand::Preview)),
    );
    says(&mut app, "Play the sound");
}
