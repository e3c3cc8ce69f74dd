//! Backup Health: with a copy elsewhere and a failed run, and on a small window.

use super::home::opened;
use super::screens::{ago, entries};
use crate::harness::{NOW, TestApp};
use crate::steps::send;
use crate::{MAIN, SMALL, Scene, scene};
use engram::backup::health::{DrillReport, Health, NextMail, Place, Planned, Verdict};
use engram::backup::runs::{Begun, Kind, Outcome, Run};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::service::event::{BackupEvent, Event, JobId};
use engram::service::health::READING_MEDIA;
use engram::service::jobs::JobView;
use engram::storage::compare::ChangedSince;
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("17_backup_health", MAIN, health),
        scene("17b_backup_health_small", SMALL, health),
    ]
}

fn health(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let profile = "Ana".to_owned();
    let route = Route::Health {
        profile: profile.clone(),
    };
    send(app, Action::Go(route));
    let health = Box::new(state());
    service.say(Event::Backup(BackupEvent::Health { profile, health }));
    let progress = Progress::new();
    progress.stage(READING_MEDIA, 100).expect("it goes on");
    progress.step(34).expect("it goes on");
    service.set_jobs(vec![JobView {
        id: JobId(1),
        title: READING_MEDIA.to_owned(),
        exclusive: false,
        progress: progress.view(),
    }]);
    app.settle();
}

fn state() -> Health {
    let places = vec![
        place(
            "The collection",
            "/home/ana/.local/share/engram/Ana",
            None,
            1,
            false,
        ),
        place(
            "Backups",
            "/home/ana/.local/share/engram/Ana/backups",
            Some(4),
            1,
            false,
        ),
        place(
            "Second folder",
            "/media/ana/blue-disk/engram",
            Some(4),
            2,
            false,
        ),
        Place {
            disk: None,
            verified: Some(ago(7 * 1440)),
            tried: Some(Some(ago(9 * 1440))),
            ..place(
                "Vault",
                "WebDAV: cloud.example.org/flashcards",
                Some(10 * 60),
                0,
                true,
            )
        },
        Place {
            disk: None,
            trouble: Some("The server was not found".to_owned()),
            ..place(
                "Vault",
                "S3 at s3.example.org: ana-flashcards/vault",
                Some(3 * 1440),
                0,
                true,
            )
        },
    ];
    let goes = |n: usize| {
        let day = jiff::civil::date(2027, 2, 1);
        day.checked_add(jiff::Span::new().days(n as i64 * 9)).ok()
    };
    let planned = entries().into_iter().enumerate();
    let planned = planned.map(|(n, entry)| Planned {
        entry,
        goes: if n % 3 == 0 { None } else { goes(n) },
    });
    Health {
        alarm: None,
        at: NOW,
        last_verified: Some(ago(4)),
        at_risk: Some(ChangedSince {
            reviews: 12,
            cards_answered: 11,
            notes: 1,
            modified: true,
        }),
        verdict: Verdict::of(&places),
        places,
        backups: 31,
        bytes: 1_274_000_000,
        free: Some(182_000_000_000),
        planned: planned.collect(),
        drill: DrillReport {
            done_at: Some(ago(3 * 1440)),
            failed: None,
            due: Some(TimestampMillis(NOW.0 + 4 * 86_400_000)),
            every_days: 7,
        },
        next_backup: Some(TimestampMillis(NOW.0 + 26 * 60_000)),
        mail: Some(NextMail {
            sent_at: Some(ago(600)),
            failed: None,
            next: Some(ago(-840)),
        }),
        next_media_check: Some(ago(-60 * 24 * 11)),
        runs: vec![
            run(Kind::Backup, 4, Outcome::Done, "14,502 cards, 41.1 MB"),
            run(Kind::Copy, 4, Outcome::Failed, "The disk is not connected"),
            run(
                Kind::Backup,
                18 * 60,
                Outcome::Done,
                "14,502 cards, 41.1 MB",
            ),
            run(Kind::Drill, 3 * 1440, Outcome::Done, "Every row is right"),
        ],
    }
}

fn place(name: &str, path: &str, minutes: Option<i64>, disk: u64, elsewhere: bool) -> Place {
    Place {
        name: name.to_owned(),
        path: path.to_owned(),
        at: minutes.map(ago),
        disk: Some(disk),
        elsewhere,
        verified: minutes.map(ago),
        ..Place::default()
    }
}

fn run(kind: Kind, minutes: i64, outcome: Outcome, said: &str) -> Run {
    Run {
        begun: Begun {
            kind,
            at: ago(minutes),
            reason: None,
            about: None,
        },
        took_ms: Some(1840),
        outcome,
        said: said.to_owned(),
    }
}
