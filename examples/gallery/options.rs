//! Deck options.

use crate::harness::TestApp;
use crate::home::opened;
use crate::{MAIN, SMALL, Scene};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{DeckConfigId, DeckId};
use engram::domain::deck_config::{DeckConfig, DeckConfigInner};
use engram::domain::deck_options::{DeckLimits, DeckOptions, PresetUse, SharedOptions};
use engram::service::event::{DeckEvent, Event};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

/// As large as the Preferences.
const OPTIONS: (f32, f32) = (980.0, 760.0);

pub fn scenes() -> Vec<Scene> {
    let scene = |name, size, act| Scene {
        name,
        size,
        act,
        twice: false,
    };
    vec![
        scene("20_deck_options", OPTIONS, limits),
        scene("20b_deck_options_order", MAIN, order),
        scene("20c_deck_options_easy_days", OPTIONS, easy_days),
        scene("20d_deck_options_advanced", OPTIONS, advanced),
        scene("20i_deck_options_fsrs", OPTIONS, fsrs),
        scene("20e_deck_options_small", SMALL, lapses),
        scene("20f_deck_options_presets", OPTIONS, presets),
        scene("20j_deck_options_choice", OPTIONS, choice),
        scene("20g_deck_options_discard", OPTIONS, discard),
        scene("20h_deck_options_problem", OPTIONS, problem),
    ]
}

fn open(app: &mut TestApp, service: &ScriptedService) {
    let preset = |id, name: &str, decks, change: fn(&mut DeckConfigInner)| {
        let mut inner = DeckConfigInner::default();
        change(&mut inner);
        PresetUse {
            preset: DeckConfig {
                id: DeckConfigId(id),
                name: name.into(),
                mtime: Default::default(),
                usn: Default::default(),
                inner,
            },
            decks,
        }
    };
    opened(app, service);
    let deck = DeckId(4);
    let ctx = app.harness.ctx.clone();
    let go = Action::Go(Route::DeckOptions { deck });
    app.harness.state_mut().send(&ctx, go);
    let options = DeckOptions {
        deck,
        name: "Languages::Spanish".into(),
        preset: DeckConfigId(2),
        presets: vec![
            preset(1, "Default", 12, |_| {}),
            preset(2, "Languages", 4, |c| {
                c.new_per_day = 12;
                c.bury_new = true;
                c.maximum_review_interval = 120;
                c.leech_threshold = 6;
                c.easy_days_percentages = vec![1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0];
            }),
            preset(3, "Medicine finals", 1, |_| {}),
        ],
        limits: DeckLimits {
            review_today: Some(90),
            ..DeckLimits::default()
        },
        shared: SharedOptions::default(),
        subdecks: 3,
    };
    service.say(Event::Deck(DeckEvent::Options(Box::new(options))));
    app.settle();
}

fn section(app: &mut TestApp, name: &str) {
    app.harness
        .get_by_role_and_label(Role::ListBoxOption, name)
        .click();
    app.settle();
    app.harness.remove_cursor();
    app.settle();
}

fn press(app: &mut TestApp, name: &str) {
    app.harness
        .get_by_role_and_label(Role::Button, name)
        .click();
    app.settle();
    app.harness.remove_cursor();
    app.settle();
}

fn limits(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
}

fn order(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Display Order");
    press(app, "Help: Review sort order");
}

fn easy_days(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Easy Days");
}

fn advanced(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Advanced");
}

fn fsrs(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "FSRS");
    app.harness
        .get_by_role_and_label(Role::Switch, "FSRS")
        .click();
    app.settle();
    section(app, "FSRS");
}

fn lapses(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Lapses");
}

fn choice(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Display Order");
    app.harness
        .get_by_role_and_label(Role::ComboBox, "Review sort order")
        .click();
    app.settle();
}

fn presets(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    press(app, "Preset");
}

fn discard(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    app.harness.get_by_label("New cards/day: more").click();
    app.settle();
    press(app, "Cancel");
}

fn problem(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "New Cards");
    app.harness
        .get_by_role_and_label(Role::TextInput, "Learning steps")
        .focus();
    app.settle();
    app.type_text(" soon");
}
