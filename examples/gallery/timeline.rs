//! The timeline: a year of additions with a few days that stand out.

use super::home::opened;
use super::screens::{ago, entries};
use crate::harness::TestApp;
use crate::steps::send;
use crate::{MAIN, SMALL, Scene, scene};
use engram::domain::timeline::{Fact, Kind, Timeline};
use engram::service::event::{BackupEvent, Event};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::testing::ScriptedService;

const DAY: i64 = 24 * 60;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("36_timeline", MAIN, timeline),
        scene("36b_timeline_small", SMALL, timeline),
    ]
}

fn timeline(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    send(app, Action::Command(Command::Timeline));
    let fact = |days: i64, kind, origin: &str, count| Fact {
        at: ago(days * DAY + 37),
        kind,
        origin: origin.to_owned(),
        count,
    };
    let mut facts = Vec::new();
    for day in (0_i64..340).filter(|day| day % 7 != 3) {
        let few = (day * 5 % 11).unsigned_abs();
        facts.push(fact(day, Kind::Added, "", few + 4));
        facts.push(fact(day, Kind::Changed, "Update Note", few / 2 + 1));
        facts.push(fact(day, Kind::Sync, "Sync", 1 + few / 4));
    }
    facts.extend([
        fact(1, Kind::Changed, "Find and Replace", 4012),
        fact(12, Kind::Deleted, "Delete Note", 212),
        fact(41, Kind::Import, "Import", 1),
        fact(41, Kind::Added, "Import", 1500),
        fact(97, Kind::Rescheduled, "", 2600),
        fact(163, Kind::Changed, "Sync", 880),
        fact(260, Kind::Deleted, "Delete Deck", 340),
    ]);
    let clock = app.clock.clone();
    let told = Timeline::of(facts, &[], |at| clock.local(at).date());
    service.say(Event::Backup(BackupEvent::Timeline {
        profile: "Ana".to_owned(),
        timeline: Box::new(told),
        backups: entries(),
    }));
    app.settle();
}
