//! Sounds, speech and the user's own voice from the reviewer, on a machine that has none of the
//! devices: keys, menu entries and what is said.

use crate::harness::{Options, TestApp};
use crate::steps::{ana_is_open, press, sees, wait_for};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::domain::study::{Counts, QueueKind};
use engram::service::event::{CardSide, Event, StudyCard, StudyEvent};
use engram::template::av::VOICES_MARK;
use engram::template::av::{AvTag, Speech};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::review::audio_command::AudioCommand;
use engram::ui::route::Route;
use engram::ui::testing::microphone_only;

fn studying(question: CardSide) -> TestApp {
    studying_in(question, true, Options::default())
}

fn studying_in(question: CardSide, autoplay: bool, options: Options) -> TestApp {
    let (mut app, worker) = TestApp::scripted(options);
    ana_is_open(&mut app, &worker);
    let ctx = app.harness.ctx.clone();
    app.harness
        .state_mut()
        .send(&ctx, Action::Go(Route::Review));
    worker.say(Event::Study(StudyEvent::Card {
        card: Box::new(StudyCard {
            id: 1.into(),
            note: 1.into(),
            card_type: 0,
            deck: "A".into(),
            kind: QueueKind::New,
            flag: 0,
            marked: false,
            css: String::new(),
            body_class: "card".into(),
            question,
            answer: CardSide::default(),
            type_in: None,
            intervals: Default::default(),
            show_timer: false,
            time_cap_secs: 60,
            stop_timer_on_answer: false,
            autoplay,
            auto_advance: Default::default(),
            replay_answer_only: false,
        }),
        counts: Counts::default(),
    }));
    app.settle();
    app
}

fn card(html: &str, sounds: Vec<AvTag>) -> CardSide {
    CardSide {
        html: html.into(),
        sounds,
    }
}

#[test]
fn every_audio_command_is_in_the_menu_and_has_ankis_key() {
    let mut app = studying(card("front", vec![]));
    press(&mut app, "More");
    for (command, keys) in [
        (AudioCommand::Pause, "5"),
        (AudioCommand::Back, "6"),
        (AudioCommand::Forward, "7"),
        (AudioCommand::RecordVoice, "Shift+V"),
        (AudioCommand::ReplayVoice, "V"),
    ] {
        let command = Command::Audio(command);
        assert!(sees(&app, command.info().label), "{command:?}");
        assert_eq!(command.shown_keys(), keys);
    }
}

#[test]
fn without_a_microphone_or_a_recording_that_is_said() {
    let mut app = studying(card("front", vec![]));
    app.key(Key::V);
    wait_for(&mut app, "Nothing is recorded yet: Shift+V records");
    app.keys(Modifiers::SHIFT, Key::V);
    wait_for(
        &mut app,
        "No microphone: plug one in, or allow Engram to use it",
    );
    // What has nothing to act on does nothing.
    for key in [Key::Num5, Key::Num6, Key::Num7] {
        app.key(key);
    }
    assert!(app.app().model().study.card.is_some());
}

#[test]
fn a_recording_shows_its_time_and_ends_by_its_button_or_key() {
    let options = Options {
        sound: microphone_only,
        ..Options::default()
    };
    let mut app = studying_in(card("front", vec![]), true, options);
    for by_key in [false, true] {
        app.keys(Modifiers::SHIFT, Key::V);
        wait_for(&mut app, "Recording 0:0");
        if by_key {
            app.keys(Modifiers::SHIFT, Key::V);
        } else {
            press(&mut app, "Stop");
        }
        app.step_until("its end", |a| !sees(a, "Recording 0:0"));
    }
}

const NO_VOICE: &str = "No voice speaks “es_ES” here: install espeak-ng or speech-dispatcher";

fn spoken() -> CardSide {
    let speech = AvTag::Speech(Speech {
        text: "hola".into(),
        lang: "es_ES".into(),
        voices: vec![],
        speed: 1.0,
        other: vec![],
    });
    card("[anki:play:q:0]", vec![speech])
}

#[test]
fn speech_without_a_voice_names_what_is_missing() {
    let mut app = studying(spoken());
    wait_for(&mut app, NO_VOICE);
}

#[test]
fn a_message_does_not_cover_the_button_that_ends_a_recording() {
    let options = Options {
        sound: microphone_only,
        ..Options::default()
    };
    let mut app = studying_in(spoken(), true, options);
    wait_for(&mut app, NO_VOICE);
    app.keys(Modifiers::SHIFT, Key::V);
    wait_for(&mut app, "Recording 0:0");
    let stop = app
        .harness
        .get_by_role_and_label(Role::Button, "Stop")
        .rect();
    let mut messages = app.harness.query_all_by_label(NO_VOICE).peekable();
    assert!(messages.peek().is_some(), "the message is still there");
    assert!(messages.all(|message| !message.rect().intersects(stop)));
}

#[test]
fn r_and_f5_play_what_is_on_the_card() {
    for key in [Key::R, Key::F5] {
        let mut app = studying_in(spoken(), false, Options::default());
        app.harness.run_steps(20);
        assert!(!sees(&app, NO_VOICE), "nothing is played by itself");
        app.key(key);
        wait_for(&mut app, NO_VOICE);
    }
}

#[test]
fn the_list_of_voices_says_when_there_are_none() {
    let mut app = studying(card(&format!("Voices: {VOICES_MARK}"), vec![]));
    app.step_until("the list", |app| {
        app.harness
            .query_by_label_contains("No voices here: install espeak-ng")
            .is_some()
    });
}
