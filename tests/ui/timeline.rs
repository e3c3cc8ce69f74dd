//! The timeline: what stands out is chosen, and the Backup Explorer opens on the backup of before.

use crate::harness::{NOW, Options, TestApp, ana};
use crate::steps::{ana_is_open, back_up, click, click_at, press, sees, send, wait_for};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::entry::{Entry, Reason, Verification};
use engram::base::Error;
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::collection::Collection;
use engram::domain::timeline::{Fact, Kind, Timeline};
use engram::explain::{UserMessage, explain};
use engram::service::event::{BackupEvent, Event, JobId};
use engram::service::jobs::JobView;
use engram::service::looks::TIMELINE;
use engram::service::request::{BackupRequest, CardRequest, Request};
use engram::ui::action::Action;
use engram::ui::backups::words;
use engram::ui::command::Command;
use engram::ui::route::Route;
use std::path::PathBuf;

const DAY: i64 = 86_400_000;

fn row(app: &mut TestApp, words: &str) {
    let row = app
        .harness
        .query_all_by_role(Role::ListBoxOption)
        .find(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|l| l.contains(words))
        })
        .unwrap_or_else(|| panic!("no row says {words}"));
    row.click();
    app.settle();
}

#[test]
fn a_day_on_which_many_notes_went_leads_to_the_backup_that_has_them() {
    let mut notes = Vec::new();
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 30)]);
        let file = base.join("Ana/collection.anki2");
        let col = Collection::open(&file, clock.clone()).unwrap();
        notes = col.storage().all_note_ids().unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    back_up(&mut app);
    app.clock.advance_millis(60_000);
    notes.truncate(25);
    let delete = CardRequest::DeleteNotes { notes };
    send(&mut app, Action::Ask(Request::Card(delete)));
    wait_for(&mut app, "25 notes deleted");
    send(&mut app, Action::Command(Command::OpenBackup));
    press(&mut app, "Timeline");
    assert_eq!(*app.app().route(), Route::Timeline);
    wait_for(&mut app, "25 notes deleted: Delete Note");
    assert!(sees(&app, "30 notes added, 25 notes deleted"));
    row(&mut app, "25 notes deleted: Delete Note");
    press(&mut app, "Explore the last backup before");
    wait_for(&mut app, "Deleted 25");
    press(&mut app, "Close");
    assert_eq!(*app.app().route(), Route::Timeline, "the way back");
}

fn backup(days_ago: i64, whole: bool) -> Entry {
    let at = TimestampMillis(NOW.0 - days_ago * DAY);
    Entry {
        path: PathBuf::from(format!("/backups/{days_ago}.colpkg")),
        created: at,
        size: 1000,
        reason: Reason::Interval,
        verification: match whole {
            true => Verification::Verified { at },
            false => Verification::Failed {
                at,
                finding: "torn".into(),
            },
        },
        pinned: None,
        note: String::new(),
        contents: None,
        keep: vec![],
    }
}

fn told(app: &TestApp) -> Event {
    let fact = |days: i64, kind, origin: &str, count| Fact {
        at: TimestampMillis(NOW.0 - days * DAY),
        kind,
        origin: origin.to_owned(),
        count,
    };
    let facts = vec![
        fact(10, Kind::Changed, "Find and Replace", 4012),
        fact(50, Kind::Rescheduled, "", 300),
        fact(500, Kind::Added, "Import", 700),
    ];
    let clock = app.clock.clone();
    let timeline = Timeline::of(facts, &[], |at| clock.local(at).date());
    Event::Backup(BackupEvent::Timeline {
        profile: "Ana".into(),
        timeline: Box::new(timeline),
        backups: vec![
            backup(5, true),
            backup(11, false),
            backup(12, true),
            backup(60, true),
        ],
    })
}

#[test]
fn keys_choose_and_open_and_a_day_before_all_backups_opens_nothing() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let _before = worker.take_requests();
    send(&mut app, Action::Command(Command::Timeline));
    let ask = Request::Backup(BackupRequest::Timeline);
    assert!(worker.take_requests().contains(&ask));
    assert!(sees(&app, "Looking…"));
    worker.say(told(&app));
    app.settle();
    assert!(sees(&app, "4,012 notes changed: Find and Replace"));
    assert!(!sees(&app, "700 notes added"), "it is more than a year ago");
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    let of = |days: i64| Route::Explorer {
        path: Some(PathBuf::from(format!("/backups/{days}.colpkg"))),
    };
    assert_eq!(*app.app().route(), of(60));
    send(&mut app, Action::Back);
    assert!(
        worker.take_requests().contains(&ask),
        "it may be another one"
    );
    row(&mut app, "4,012 notes changed: Find and Replace");
    press(&mut app, "Explore the last backup before");
    assert_eq!(*app.app().route(), of(12), "not the damaged one");
    send(&mut app, Action::Back);
    click(&mut app, Role::RadioButton, "Range: All");
    row(&mut app, "700 notes added: Import");
    assert!(sees(&app, "No backup from before was found"));
    let open = "Explore the last backup before";
    let button = app.harness.get_by_role_and_label(Role::Button, open);
    assert!(button.accesskit_node().is_disabled());
}

/// Two rows of what stands out are seen whole there.
#[test]
fn in_a_low_window_the_bars_leave_room_to_the_lists() {
    let (mut app, worker) = TestApp::scripted(Options {
        size: vec2(760.0, 520.0),
        ..Options::default()
    });
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::Timeline));
    worker.say(told(&app));
    app.settle();
    let rows = app.harness.query_all_by_role(Role::ListBoxOption);
    let second = rows.map(|row| row.rect()).nth(1).expect("two rows");
    let days = app.harness.get_by_role_and_label(Role::Heading, "Days");
    // Ten points are between the lists, and some around their rows and names.
    assert!(second.max.y < days.rect().min.y - 16.0, "{second:?}");
}

#[test]
fn a_bar_chooses_its_day_where_it_is_seen_and_has_the_keys() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::Timeline));
    let fact = |days: i64| Fact {
        at: TimestampMillis(NOW.0 - days * DAY),
        kind: Kind::Added,
        origin: String::new(),
        count: 30 + days.unsigned_abs() % 2,
    };
    let clock = app.clock.clone();
    let mut facts: Vec<Fact> = (0..300).map(fact).collect();
    facts.push(Fact {
        kind: Kind::Changed,
        count: 500,
        ..fact(100)
    });
    worker.say(Event::Backup(BackupEvent::Timeline {
        profile: "Ana".into(),
        timeline: Box::new(Timeline::of(facts, &[], |at| clock.local(at).date())),
        backups: vec![backup(200, true), backup(5, true)],
    }));
    app.settle();
    let oldest = words::short_date(TimestampMillis(NOW.0 - 299 * DAY), &clock.local(NOW));
    let said = format!("{oldest}, 31 notes added");
    assert!(!sees(&app, &said), "far below");
    click(&mut app, Role::RadioButton, "Range: All");
    let bars = app
        .harness
        .get_by_role_and_label(Role::Image, "Notes and cards by day")
        .rect();
    // Nothing is before it.
    let at = bars.left_center() + vec2(2.0, 0.0);
    click_at(&mut app, at);
    assert!(sees(&app, &said));
    assert!(sees(&app, "No backup from before was found"));
    app.key(Key::End);
    app.key(Key::Home);
    app.key(Key::Enter);
    let newest = PathBuf::from("/backups/5.colpkg");
    let newest = Route::Explorer { path: Some(newest) };
    assert_eq!(*app.app().route(), newest, "the keys are in the days");
}

#[test]
fn after_a_job_that_had_the_collection_it_is_told_anew() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::Timeline));
    worker.say(told(&app));
    app.settle();
    let ask = Request::Backup(BackupRequest::Timeline);
    assert!(worker.take_requests().contains(&ask));
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Syncing".to_owned(),
        exclusive: true,
        progress: Progress::new().view(),
    }]);
    app.settle();
    assert!(!worker.take_requests().contains(&ask));
    worker.set_jobs(vec![]);
    app.settle();
    let asked = worker.take_requests();
    assert_eq!(asked.iter().filter(|r| **r == ask).count(), 1);
}

#[test]
fn a_long_look_can_be_cancelled() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::Timeline));
    assert!(!sees(&app, "Cancel"), "it waits for another job");
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: TIMELINE.to_owned(),
        exclusive: false,
        progress: Progress::new().view(),
    }]);
    app.settle();
    press(&mut app, "Cancel");
    assert!(app.app().model().jobs.is_empty(), "it is cancelled");
    let ask = Request::Backup(BackupRequest::Timeline);
    let _before = worker.take_requests();
    worker.say(Event::Failed {
        request: Box::new(ask.clone()),
        message: explain("find out what changed when", &Error::interrupted()),
    });
    app.settle();
    assert!(sees(&app, "Stopped") && !sees(&app, "It was cancelled."));
    assert!(!worker.take_requests().contains(&ask), "not by itself");
    press(&mut app, "Look again");
    assert!(worker.take_requests().contains(&ask));
    assert!(sees(&app, "Looking…") && !sees(&app, "Look again"));
    app.key(Key::Escape);
    let stop = Request::Backup(BackupRequest::StopTimeline);
    assert!(worker.take_requests().contains(&stop), "nobody waits");
}

#[test]
fn what_cannot_be_read_is_said_on_the_page() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::Timeline));
    worker.say(Event::Failed {
        request: Box::new(Request::Backup(BackupRequest::Timeline)),
        message: UserMessage {
            cause: "The collection is busy".into(),
            ..UserMessage::default()
        },
    });
    app.settle();
    assert!(sees(&app, "The collection is busy"));
    app.key(Key::Escape);
    send(&mut app, Action::Command(Command::Timeline));
    assert!(sees(&app, "Looking…"), "it looks again");
    assert!(!sees(&app, "The collection is busy"));
    worker.say(told(&app));
    app.settle();
    assert!(sees(&app, "300 cards rescheduled"));
    app.key(Key::Escape);
    assert_eq!(*app.app().route(), Route::Decks);
}
