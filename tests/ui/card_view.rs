//! The card widget in a real egui frame, with the real render thread.

use crate::notetypes::{has_font, installed_font};
use eframe::egui::accesskit::Role;
use eframe::egui::{self, CentralPanel, Frame, Key, Modifiers, PointerButton, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use engram::render::{CardPage, NoResources, SoundSide};
use engram::ui::card_view::{CardRef, CardView, Link, Play, TypeInStyle};
use engram::ui::theme;
use std::sync::Arc;
use std::time::Duration;

/// A window with nothing but a card.
struct State {
    view: Option<CardView>,
    page: Arc<CardPage>,
    next: Option<Arc<CardPage>>,
    type_in: bool,
    font: &'static str,
    played: Vec<Play>,
    links: Vec<Link>,
    submitted: Option<String>,
    copied: bool,
}

fn page(html: &str) -> Arc<CardPage> {
    Arc::new(CardPage {
        html: html.to_owned(),
        css: ".card { font-family: arial; font-size: 20px; text-align: center; }".to_owned(),
        body_class: "card card1".to_owned(),
        play_buttons: true,
        ..CardPage::default()
    })
}

fn ui(ui: &mut egui::Ui, state: &mut State) {
    let view = state.view.get_or_insert_with(|| {
        theme::install(ui.ctx());
        let mut view = CardView::new(Arc::new(NoResources), ui.ctx());
        view.set_patience(Duration::from_secs(20));
        view
    });
    CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
        let style = TypeInStyle {
            font: state.font,
            font_size: 20.0,
            right_to_left: false,
        };
        let card = CardRef {
            page: &state.page,
            type_in: state.type_in.then_some(style),
        };
        let rect = ui.max_rect();
        let done = view.show(ui, rect, card);
        if let Some(next) = &state.next {
            view.prepare(ui.ctx(), next);
        }
        state.played.extend(done.play);
        state.links.extend(done.links);
        state.copied |= done.copied;
        if done.submitted {
            state.submitted = Some(view.typed().to_owned());
        }
    });
}

fn window(html: &str) -> Harness<'static, State> {
    let state = State {
        view: None,
        page: page(html),
        next: None,
        type_in: false,
        font: "",
        played: Vec::new(),
        links: Vec::new(),
        submitted: None,
        copied: false,
    };
    let mut harness = Harness::builder()
        .with_size(vec2(400.0, 200.0))
        .build_ui_state(ui, state);
    harness.step();
    harness
}

/// Steps until something is true; the render thread answers when it can.
fn step_until(harness: &mut Harness<'_, State>, what: &str, done: impl Fn(&State) -> bool) {
    for _ in 0..400 {
        harness.step();
        if done(harness.state()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("did not happen: {what}");
}

fn click(harness: &mut Harness<'_, State>, x: f32, y: f32) {
    for pressed in [true, false] {
        harness.event(egui::Event::PointerMoved(pos2(x, y)));
        harness.event(egui::Event::PointerButton {
            pos: pos2(x, y),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.step();
    }
}

#[test]
fn a_card_is_read_by_a_screen_reader_and_drawn_in_the_first_frame() {
    let mut harness = window("capital of <b>France</b>");
    harness.step();
    harness.get_by_role_and_label(Role::Document, "capital of France");
    let state = harness.state();
    assert!(
        state
            .view
            .as_ref()
            .is_some_and(|view| view.has_drawn(&state.page))
    );
}

#[test]
fn the_next_card_is_drawn_before_it_is_needed() {
    let mut harness = window("one");
    let next = page("two");
    harness.state_mut().next = Some(next.clone());
    step_until(&mut harness, "picture in advance", |state| {
        state
            .view
            .as_ref()
            .is_some_and(|view| view.has_drawn(&next))
    });
    harness.get_by_role_and_label(Role::Document, "one");
    // Without patience: the picture must be there in the very frame of the change.
    let state = harness.state_mut();
    state.view.as_mut().unwrap().set_patience(Duration::ZERO);
    state.page = next;
    harness.step();
    harness.get_by_role_and_label(Role::Document, "two");
}

#[test]
fn a_frame_with_a_new_card_draws_none_in_advance() {
    let mut harness = window("one");
    let (shown, early, later) = (page("two"), page("early"), page("later"));
    let state = harness.state_mut();
    (state.page, state.next) = (shown, Some(early.clone()));
    harness.step();
    harness.get_by_role_and_label(Role::Document, "two");
    // What is drawn in advance is drawn in the order in which it was asked for.
    harness.state_mut().next = Some(later.clone());
    let drawn = |state: &State, page: &CardPage| {
        let view = state.view.as_ref();
        view.is_some_and(|view| view.has_drawn(page))
    };
    step_until(&mut harness, "picture in advance", |state| {
        drawn(state, &later)
    });
    assert!(!drawn(harness.state(), &early), "asked for by the new card");
    harness.state_mut().next = Some(early.clone());
    step_until(&mut harness, "picture in advance", |state| {
        drawn(state, &early)
    });
}

#[test]
fn links_and_play_buttons_reach_the_window() {
    let mut harness = window(
        "<a style='display:block;height:60px' href='https://example.org/x'>link</a>[anki:play:a:1]",
    );
    click(&mut harness, 200.0, 40.0);
    step_until(&mut harness, "link", |state| !state.links.is_empty());
    assert_eq!(
        harness.state().links,
        [Link::Web("https://example.org/x".into())]
    );
    click(&mut harness, 200.0, 103.0);
    step_until(&mut harness, "sound", |state| !state.played.is_empty());
    assert_eq!(
        harness.state().played,
        [Play::Sound {
            side: SoundSide::Answer,
            index: 1
        }]
    );
}

#[test]
fn an_answer_is_typed_and_sent_with_enter() {
    let mut harness = window("<input id=typeans>");
    harness.state_mut().type_in = true;
    harness.step();
    harness.step();
    harness
        .get_by_role_and_label(Role::TextInput, "Type the answer")
        .type_text("Paris");
    harness.step();
    harness.key_press(Key::Enter);
    harness.step();
    harness.step();
    assert_eq!(harness.state().submitted.as_deref(), Some("Paris"));
}

/// Nobody else asks for it.
#[test]
fn an_answer_is_typed_in_the_font_of_its_field_where_it_is_installed() {
    let Some(name) = installed_font() else {
        println!("skipped: none of the usual typefaces is installed");
        return;
    };
    let mut harness = window("<input id=typeans>");
    harness.state_mut().type_in = true;
    harness.state_mut().font = name;
    let ctx = harness.ctx.clone();
    step_until(&mut harness, "the font", |_| has_font(&ctx, name));
}

#[test]
fn what_was_typed_stays_when_the_theme_changes() {
    let mut harness = window("<input id=typeans>");
    harness.state_mut().type_in = true;
    harness.step();
    harness.step();
    harness
        .get_by_role_and_label(Role::TextInput, "Type the answer")
        .type_text("Par");
    harness.step();
    let state = harness.state_mut();
    let mut night = (*state.page).clone();
    night.night = true;
    state.page = Arc::new(night);
    for _ in 0..3 {
        harness.step();
    }
    harness
        .get_by_role_and_label(Role::TextInput, "Type the answer")
        .type_text("is");
    harness.step();
    harness.key_press(Key::Enter);
    harness.step();
    harness.step();
    assert_eq!(harness.state().submitted.as_deref(), Some("Paris"));
    // Another card begins anew.
    harness.state_mut().page = page("<input id=typeans> other");
    harness.step();
    assert_eq!(harness.state().view.as_ref().unwrap().typed(), "");
}

#[test]
fn selected_text_is_copied() {
    let mut harness = window("some words");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.event(egui::Event::Copy);
    step_until(&mut harness, "copy", |state| state.copied);
}

#[test]
fn an_input_method_writes_into_the_box() {
    let mut harness = window("<input id=typeans>");
    harness.state_mut().type_in = true;
    harness.step();
    harness.step();
    let preedit = |text: &str| {
        egui::Event::Ime(egui::ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        })
    };
    for event in [
        preedit("´"),
        preedit("caf´e"),
        egui::Event::Ime(egui::ImeEvent::Commit("café".to_owned())),
    ] {
        harness.event(event);
        harness.step();
    }
    harness.key_press(Key::Enter);
    harness.step();
    harness.step();
    assert_eq!(harness.state().submitted.as_deref(), Some("café"));
}
