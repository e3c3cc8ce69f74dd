//! Sync: the login, the choice when both sides have parted, progress, and the preferences.

use super::home::{decks, opened};
use super::screens::ago;
use crate::harness::TestApp;
use crate::screens::collection_settings;
use crate::steps::{click, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use engram::base::job::Progress;
use engram::service::event::{Event, JobId};
use engram::service::jobs::JobView;
use engram::service::settings::ProfileSettings;
use engram::service::sync::{
    Difference, MergeInto, MergeReport, Parted, ServerCopy, Side, SyncEvent, SyncSettings,
    SyncState, SyncStatus,
};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("19_sync_login", MAIN, login),
        scene("19b_sync_choice", MAIN, choice),
        scene("19c_sync_choice_small", SMALL, choice),
        scene("19d_sync_first", MAIN, first),
        scene("19e_sync_progress", MAIN, progress),
        scene("19f_sync_preferences", MAIN, preferences),
        scene("19g_sync_preferences_small", SMALL, preferences),
        scene("19h_sync_changes", SMALL, changes),
    ]
}

fn login(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    say_status(service, SyncState::NotSetUp);
    app.settle();
    app.key(Key::Y);
    app.settle();
}

fn say_status(service: &ScriptedService, state: SyncState) {
    service.say(Event::Sync(SyncEvent::Status(SyncStatus {
        state,
        last: Some(ago(35)),
        ..SyncStatus::default()
    })));
}

fn here() -> Side {
    Side {
        notes: 5_012,
        cards: 9_871,
        reviews: 120_442,
        changed: Some(ago(4)),
        only_here: Difference {
            notes_added: 12,
            cards_added: 24,
            reviews: 310,
            notes_changed: 3,
            ..Difference::default()
        },
    }
}

fn parted(app: &mut TestApp, service: &ScriptedService, there: Side) {
    decks(app, service);
    say_status(service, SyncState::OneWay);
    let can_download = !there.is_empty();
    let first = there.is_empty();
    service.say(Event::Sync(SyncEvent::Parted(Box::new(Parted {
        here: here(),
        there,
        server: ServerCopy {
            modified: ago(1),
            backup: "backup.colpkg".into(),
        },
        can_upload: true,
        can_download,
        forced: false,
        first,
        merge: can_download.then_some(MergeReport {
            into: MergeInto::Theirs,
            notes: 15,
            cards: 96,
            reviews: 310,
            others: 4,
            deleted: 2,
            older: 3,
            ..MergeReport::default()
        }),
    }))));
    app.settle();
}

fn choice(app: &mut TestApp, service: &ScriptedService) {
    let there = Side {
        notes: 5_003,
        cards: 9_853,
        reviews: 120_211,
        changed: Some(ago(2 * 1440)),
        only_here: Difference {
            notes_added: 3,
            cards_added: 6,
            reviews: 79,
            notes_changed: 3,
            ..Difference::default()
        },
    };
    parted(app, service, there);
}

fn first(app: &mut TestApp, service: &ScriptedService) {
    parted(app, service, Side::default());
}

fn progress(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    say_status(service, SyncState::Changes);
    let progress = Progress::new();
    // A progress that nobody cancelled goes on.
    let _running = progress.stage("Sending cards and notes", 1_204);
    let _running = progress.step(750);
    service.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Syncing".into(),
        exclusive: true,
        progress: progress.view(),
    }]);
    for _ in 0..10 {
        app.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn preferences(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let sync = SyncSettings {
        server: "http://192.168.1.20:8080/".into(),
        user: "ana".into(),
        logged_in: true,
        ..SyncSettings::default()
    };
    service.say(Event::Settings {
        profile: Box::new(ProfileSettings {
            sync,
            ..ProfileSettings::default()
        }),
        collection: collection_settings(0),
    });
    say_status(service, SyncState::Changes);
    send(app, Action::Go(Route::Preferences));
    click(app, Role::ListBoxOption, "Syncing");
}

fn changes(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    say_status(service, SyncState::Changes);
    app.settle();
}
