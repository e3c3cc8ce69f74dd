//! The timeline of the collection: what was done on which of many days is found there, with the
//! backup of before, also where notes bring the ids of another time.

use crate::backup_profile::{HOUR, NOON, Profile};
use crate::cli_commands::Cli;
use engram::backup::entry::{Reason, Rules, newest_before};
use engram::backup::timeline::gather;
use engram::base::ids::{DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::card::Card;
use engram::domain::op::Op;
use engram::domain::timeline::Kind;
use serde_json::Value;

const DAY: i64 = 24 * HOUR;

fn add(col: &mut Collection, front: &str) -> NoteId {
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let new = NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![front.to_owned(), "back".to_owned()],
        tags: vec![],
    };
    col.add_note(new).unwrap().value
}

/// Another text in each of these notes, in one operation.
fn rewrite(col: &mut Collection, op: Op, notes: &[NoteId], text: &str) {
    col.transact(op, |tx| {
        for id in notes {
            let mut note = tx.get_note(*id)?.unwrap();
            note.fields[1] = text.to_owned();
            let notetype = tx.notetype(note.notetype_id)?.unwrap();
            note.prepare(&notetype, true);
            tx.update_note(&note)?;
        }
        Ok(())
    })
    .unwrap();
}

/// Notes that were made on the second day, somewhere else.
fn bring(col: &mut Collection, count: i64) -> Vec<NoteId> {
    let like = add(col, "like");
    let brought = col.transact(Op::Import, |tx| {
        let like = tx.get_note(like)?.unwrap();
        let mut brought = Vec::new();
        for n in 0..count {
            let mut note = like.clone();
            note.id = NoteId(NOON + 2 * DAY - 2 * HOUR + n);
            note.guid = format!("brought {n}");
            tx.add_note(&mut note)?;
            tx.add_card(&mut Card {
                note_id: note.id,
                deck_id: DeckId::DEFAULT,
                ..Card::default()
            })?;
            brought.push(note.id);
        }
        Ok(brought)
    });
    brought.unwrap().value
}

/// Two hundred days with a few new and changed notes each, a backup every fourth evening, and five
/// days on which much was done.
#[test]
fn five_events_in_two_hundred_days_are_found_on_their_days() {
    let profile = Profile::empty();
    let mut notes = Vec::new();
    let mut brought = Vec::new();
    for day in 0..200 {
        profile.clock.set(TimestampMillis(NOON + day * DAY));
        let mut col = Collection::open(&profile.collection(), profile.clock.clone()).unwrap();
        for n in 0..3 {
            notes.push(add(&mut col, &format!("note {n} of day {day}")));
        }
        let text = format!("of day {day}");
        for note in notes.iter().rev().take(2) {
            rewrite(&mut col, Op::UpdateNote, &[*note], &text);
        }
        profile.clock.advance_millis(HOUR);
        match day {
            20 => brought = bring(&mut col, 150),
            60 => rewrite(&mut col, Op::FindAndReplace, &notes[..80], &text),
            100 => {
                col.delete_notes(&brought[..70]).unwrap();
            }
            140 => {
                let cards = col.cards_of_notes(&notes[..60]).unwrap();
                col.set_due_date(&cards, "5", None).unwrap();
            }
            180 => rewrite(&mut col, Op::Sync, &notes[..50], &text),
            _ => {}
        }
        col.close().unwrap();
        if day % 4 == 0 {
            profile.clock.advance_millis(6 * HOUR);
            profile.back_up(Reason::Interval);
        }
    }
    let mut col = Collection::open(&profile.collection(), profile.clock.clone()).unwrap();
    let facts = col.timeline_facts(&Progress::new()).unwrap();
    col.close().unwrap();
    let rules = Rules::default();
    let (timeline, backups) = gather(profile.dir(), facts, &rules, &profile.clock).unwrap();
    let day_of = |at: TimestampMillis| (at.0 - NOON) / DAY;
    let found: Vec<_> = timeline
        .spikes
        .iter()
        .map(|spike| {
            let fact = &spike.fact;
            let backup = newest_before(&backups, fact.at).unwrap();
            let days = (day_of(fact.at), day_of(backup.created));
            (days, fact.kind, fact.count, fact.origin.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            ((180, 176), Kind::Changed, 50, "Sync"),
            ((140, 136), Kind::Rescheduled, 60, ""),
            ((100, 96), Kind::Deleted, 70, "Delete Note"),
            ((60, 56), Kind::Changed, 80, "Find and Replace"),
            ((20, 16), Kind::Added, 150, "Import"),
        ]
    );
    assert_eq!(timeline.days.len(), 200);
    let counts = |day: usize| timeline.days[199 - day].counts;
    assert_eq!(counts(2).of(Kind::Added), 3, "not when they were made");
    assert_eq!(counts(20).of(Kind::Import), 1);
    assert_eq!(counts(180).of(Kind::Sync), 1);
    assert_eq!(counts(199).of(Kind::Changed), 2);
}

fn stands_out(cli: &Cli, kind: &str) -> Value {
    let told = cli.ok(&["timeline", "--days", "1"]);
    let all = told["stands_out"].as_array().unwrap().clone();
    let found = all.into_iter().find(|spike| spike["kind"] == kind);
    found.unwrap_or_else(|| panic!("{kind}: {told}"))
}

#[test]
fn scripts_see_what_imports_added_and_changed_and_the_backup_of_before() {
    let cli = Cli::with_profile();
    let file = cli.path("notes.txt");
    let rows = |back: &str| {
        let rows = (0..30).map(|n| format!("word {n}\t{back}\n"));
        std::fs::write(&file, rows.collect::<String>()).unwrap();
    };
    rows("first");
    cli.ok(&["import", &file]);
    let added = stands_out(&cli, "added");
    assert_eq!(added["count"], 30);
    assert_eq!(added["origin"], "Import");
    assert_eq!(added["backup"], Value::Null);
    let text = String::from_utf8(cli.run(&["timeline"]).stdout).unwrap();
    assert!(text.contains("30 added, 1 import\n"), "{text}");
    rows("second");
    let done = cli.ok(&["import", &file]);
    let changed = stands_out(&cli, "changed");
    assert_eq!(changed["count"], 30);
    assert_eq!(changed["backup"], done["safety_backup"]);
    let told = cli.ok(&["timeline"]);
    let day = &told["days"][0];
    assert_eq!(day["imports"], 2);
    assert_eq!(day["added"], 30);
    assert_eq!(day["changed"], 30);
    assert_eq!(day["deleted"], 0);
    let text = String::from_utf8(cli.run(&["timeline"]).stdout).unwrap();
    assert!(text.contains("30 added, 30 changed, 2 imports"), "{text}");
    assert!(text.contains("30 changed (Import)"), "{text}");
}

#[test]
fn a_collection_from_elsewhere_counts_on_the_day_it_came() {
    let (there, here) = (Cli::with_profile(), Cli::with_profile());
    let rows = (0..25).map(|n| format!("word {n}\tback\n"));
    std::fs::write(there.path("notes.txt"), rows.collect::<String>()).unwrap();
    there.ok(&["import", &there.path("notes.txt")]);
    let whole = there.path("whole.colpkg");
    there.ok(&["export", &whole]);
    std::fs::write(here.path("one.txt"), "one\tback\n").unwrap();
    here.ok(&["import", &here.path("one.txt")]);
    here.ok(&["import", &whole]);
    let added = stands_out(&here, "added");
    assert_eq!(added["origin"], "Import");
    assert_eq!(added["count"], 26, "the one that went as well");
    let day = here.ok(&["timeline"])["days"][0].clone();
    assert_eq!(day["imports"], 2);
    assert_eq!(day["deleted"], 1);
}
