//! Study with what Preferences take away or add: minimalist mode, hidden bars, the timebox.

use crate::harness::TestApp;
use crate::home;
use crate::screens::collection_settings;
use crate::{MAIN, Scene, scene};
use eframe::egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;
use engram::service::event::{Event, StudyEvent};
use engram::service::settings::{HideBar, ProfileSettings};
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("02e_minimalist", MAIN, minimalist),
        scene("02f_hidden_bars", MAIN, hidden_bars),
        scene("02g_bar_at_the_edge", MAIN, bar_at_the_edge),
        scene("02h_timebox", MAIN, timebox),
        scene("02j_recording", MAIN, recording),
        scene("02k_nothing_recorded", MAIN, nothing_recorded),
    ]
}

fn settings(service: &ScriptedService, profile: ProfileSettings, timebox_mins: u32) {
    service.say(Event::Settings {
        profile: Box::new(profile),
        collection: collection_settings(timebox_mins),
    });
}

fn recording(app: &mut TestApp, service: &ScriptedService) {
    home::study(app, service);
    app.keys(Modifiers::SHIFT, Key::V);
    app.step_until("the recording", |a| {
        let notice = a.harness.query_by_label_contains("Recording 0:");
        notice.is_some()
    });
}

fn nothing_recorded(app: &mut TestApp, service: &ScriptedService) {
    home::study(app, service);
    app.key(Key::V);
}

fn minimalist(app: &mut TestApp, service: &ScriptedService) {
    home::study(app, service);
    let profile = ProfileSettings {
        minimalist: true,
        ..ProfileSettings::default()
    };
    settings(service, profile, 0);
    app.harness.remove_cursor();
    app.settle();
}

fn hidden_bars(app: &mut TestApp, service: &ScriptedService) {
    home::study(app, service);
    let profile = ProfileSettings {
        hide_top_bar: HideBar::Always,
        hide_bottom_bar: HideBar::Always,
        ..ProfileSettings::default()
    };
    settings(service, profile, 0);
    app.harness.hover_at(pos2(200.0, 560.0));
    app.settle();
}

fn bar_at_the_edge(app: &mut TestApp, service: &ScriptedService) {
    hidden_bars(app, service);
    app.harness.hover_at(pos2(550.0, 757.0));
    app.settle();
}

fn timebox(app: &mut TestApp, service: &ScriptedService) {
    home::study(app, service);
    settings(service, ProfileSettings::default(), 5);
    app.settle();
    app.clock.advance_millis(5 * 60_000);
    app.key(Key::Num3);
    service.say(Event::Study(StudyEvent::Answered {
        card: 7.into(),
        leech: false,
        suspended: false,
    }));
    app.settle();
    home::next_card(service);
    app.harness.remove_cursor();
    app.settle();
}
