//! Deck options.

use crate::harness::TestApp;
use crate::home::opened;
use crate::screens::press;
use crate::steps::{click, focus};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{DeckConfigId, DeckId};
use engram::domain::deck_config::{DeckConfig, DeckConfigInner};
use engram::domain::deck_options::{
    DeckLimits, DeckOptions, PresetUse, ReschedulePreview, SharedOptions,
};
use engram::service::event::{DeckEvent, Event};
use engram::service::fsrs::{
    FsrsEvent, RETENTIONS, RetentionWorkload, Simulation, SimulationOptions, Workload,
};
use engram::service::request::{DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

/// As large as the Preferences.
const OPTIONS: (f32, f32) = (980.0, 760.0);

pub fn scenes() -> Vec<Scene> {
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
        scene("20k_simulator", OPTIONS, simulator),
        scene("20l_help_me_decide", OPTIONS, help_me_decide),
        scene("20m_simulator_small", SMALL, simulator),
        scene("20n_reschedule", OPTIONS, reschedule),
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
    click(app, Role::ListBoxOption, name);
    app.harness.remove_cursor();
    app.settle();
}

/// For a button that is scrolled out of sight.
fn by_key(app: &mut TestApp, name: &str) {
    focus(app, Role::Button, name);
    app.key(Key::Enter);
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
    click(app, Role::Switch, "FSRS");
    section(app, "FSRS");
}

fn lapses(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Lapses");
}

fn choice(app: &mut TestApp, service: &ScriptedService) {
    open(app, service);
    section(app, "Display Order");
    click(app, Role::ComboBox, "Review sort order");
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
    focus(app, Role::TextInput, "Learning steps");
    app.type_text(" soon");
}

/// Reviews of the coming days for a desired retention.
fn run(app: &mut TestApp, service: &ScriptedService, retention: f32, reviews: f32) {
    press(app, "Simulate");
    let options = SimulationOptions {
        params: vec![],
        desired_retention: retention,
        extra_new: 0,
        days: 365,
        new_per_day: 12,
        reviews_per_day: 200,
        max_interval: 120,
        new_ignore_review_limit: false,
        easy_days: vec![],
        review_order: 0,
        suspend_after_lapses: None,
        learning_steps: 2,
        relearning_steps: 1,
    };
    let day = |n: u32| reviews * (1.0 + (n as f32 / 60.0).sin() / 4.0 + n as f32 / 800.0);
    let run = Simulation {
        reviews: (0..365).map(|n| day(n) as u32).collect(),
        new: vec![12; 365],
        seconds: (0..365).map(|n| day(n) * 9.0).collect(),
        memorised: (0..365)
            .map(|n| 900.0 + n as f32 * retention * 11.0)
            .collect(),
    };
    let run = Box::new((options, run));
    service.say(Event::Fsrs(FsrsEvent::Simulated(run)));
    app.settle();
}

fn simulator(app: &mut TestApp, service: &ScriptedService) {
    fsrs(app, service);
    by_key(app, "Simulate…");
    run(app, service, 0.85, 70.0);
    run(app, service, 0.9, 95.0);
}

fn help_me_decide(app: &mut TestApp, service: &ScriptedService) {
    fsrs(app, service);
    by_key(app, "Help me decide…");
    press(app, "Simulate");
    let retentions = RETENTIONS
        .map(|percent| {
            let far = f32::from(percent - 70) / 30.0;
            RetentionWorkload {
                percent,
                seconds: 180_000.0 + 900_000.0 * far.powi(4),
                answers: (20_000.0 + 100_000.0 * far.powi(4)) as u32,
                memorised: 4000.0 + 1100.0 * far,
            }
        })
        .collect();
    let workload = Box::new(Workload {
        retentions,
        memorised_without_study: 900.0,
        days: 365,
    });
    service.say(Event::Fsrs(FsrsEvent::Workload(workload)));
    app.settle();
}

fn reschedule(app: &mut TestApp, service: &ScriptedService) {
    fsrs(app, service);
    click(app, Role::Switch, "Reschedule cards on change");
    app.keys(Modifiers::COMMAND, Key::Enter);
    let asked = service
        .take_requests()
        .into_iter()
        .find_map(|request| match request {
            Request::Deck(DeckRequest::PreviewOptions(update)) => Some(update),
            _ => None,
        });
    let update = asked.expect("the preview was asked for");
    let preview = ReschedulePreview {
        cards: 5230,
        moved: 4100,
        days: (0..30).map(|n| (120 - n * 2, 190 - n * 4)).collect(),
    };
    service.say(Event::Deck(DeckEvent::OptionsPreview { update, preview }));
    app.settle();
}
