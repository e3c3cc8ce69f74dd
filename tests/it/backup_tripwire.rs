//! Much of a collection changes without a reason: the backups until then stay, and nothing is copied by
//! itself, until somebody says that it is well.

use crate::backup_profile::{HOUR, Profile, add_notes};
use crate::cli_commands::Cli;
use crate::safety_first::import;
use crate::service_story::World;
use engram::backup::entry::{ALARM_PIN, Alarm, Damage, Entry, KeepReason, Reason, Rules};
use engram::backup::tripwire::Explains;
use engram::backup::{catalog, tripwire};
use engram::base::ids::CardId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::{Card, CardQueue, CardType};
use engram::domain::op::Op;
use engram::service::event::{BackupEvent, CopiesState, Event, Undone};
use engram::service::request::{BackupRequest, CardRequest, Changed, Request, SettingsRequest};
use engram::service::settings::ProfileSettings;
use engram::storage::Storage;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const DAY: i64 = 24 * HOUR;

/// As another program or device does it: without a word.
fn remove_notes(collection: &Path, clock: &Clock, count: u32) {
    let mut storage = Storage::open(collection).unwrap();
    let notes = storage.sample_of_notes(count).unwrap();
    assert_eq!(notes.len(), count as usize);
    clock.advance_millis(1);
    storage
        .tx(clock.now(), |tx| {
            notes.iter().try_for_each(|note| tx.remove_note(*note))
        })
        .unwrap();
    storage.close().unwrap();
}

/// Changes each card.
fn change_cards(profile: &Profile, change: impl Fn(&mut Card)) {
    let mut storage = Storage::open(&profile.collection()).unwrap();
    let notes = storage.sample_of_notes(1000).unwrap();
    let mut cards = Vec::new();
    for note in notes {
        cards.extend(storage.cards_of_note(note).unwrap());
    }
    profile.clock.advance_millis(1);
    storage
        .tx(profile.clock.now(), |tx| {
            for mut card in cards {
                change(&mut card);
                tx.update_card(&card)?;
            }
            Ok(())
        })
        .unwrap();
    storage.close().unwrap();
}

fn alarm(profile: &Profile) -> Option<Alarm> {
    tripwire::alarm(&profile.backups())
}

fn later_backup(profile: &Profile, millis: i64) -> Entry {
    profile.clock.advance_millis(millis);
    profile.back_up(Reason::Interval)
}

fn thin(profile: &Profile) -> Vec<PathBuf> {
    let rules = Rules {
        keep_last: Some(1),
        ..Rules::default()
    };
    catalog::thin(profile.dir(), &rules, &profile.clock, &Progress::new()).unwrap()
}

fn modified(profile: &Profile) -> TimestampMillis {
    let storage = Storage::open_read_only(&profile.collection()).unwrap();
    storage.col_row().unwrap().mtime
}

/// As when more is done while a backup is being packed: its note comes before the comparison.
#[test]
fn what_is_done_while_a_backup_is_made_takes_no_reason_from_what_is_in_it() {
    let profile = Profile::with_notes(100);
    profile.back_up(Reason::Manual);
    remove_notes(&profile.collection(), &profile.clock, 60);
    let done = modified(&profile);
    let more = TimestampMillis(done.0 + 5000);
    for at in [done, more] {
        tripwire::explain(&profile.backups(), Explains::NOTES, at);
    }
    later_backup(&profile, 1000);
    assert_eq!(alarm(&profile), None);
    // What was done meanwhile is expected in the next one.
    profile.clock.advance_millis(HOUR);
    remove_notes(&profile.collection(), &profile.clock, 25);
    later_backup(&profile, 1000);
    assert_eq!(alarm(&profile), None);
    // And then no more.
    profile.add_notes(100);
    later_backup(&profile, HOUR);
    remove_notes(&profile.collection(), &profile.clock, 60);
    later_backup(&profile, HOUR);
    assert!(alarm(&profile).is_some());
}

#[test]
fn what_waits_for_the_answer_is_not_said_to_go() {
    let profile = Profile::with_notes(100);
    let good = profile.back_up(Reason::Manual);
    let rules = Rules {
        keep_last: Some(1),
        ..Rules::default()
    };
    for _ in 0..4 {
        profile.add_notes(1);
        later_backup(&profile, 10 * DAY);
    }
    let goes = |path: &Path| {
        let planned = catalog::forecast(profile.dir(), &rules, &profile.clock, 60).unwrap();
        let found = planned.into_iter().find(|(entry, _)| entry.path == path);
        let (entry, goes) = found.unwrap();
        let waits = entry.keep.contains(&KeepReason::NotAnswered);
        (waits, goes.is_some())
    };
    assert_eq!(goes(&good.path), (false, true), "it is over a month old");
    remove_notes(&profile.collection(), &profile.clock, 60);
    later_backup(&profile, HOUR);
    assert!(alarm(&profile).is_some());
    assert_eq!(goes(&good.path), (true, false));
    assert!(!thin(&profile).contains(&good.path));
    tripwire::accept(&profile.backups()).unwrap();
    assert_eq!(goes(&good.path), (false, true));
}

#[test]
fn what_is_done_while_the_first_backup_is_made_is_expected_in_the_second() {
    let profile = Profile::with_notes(100);
    std::fs::create_dir_all(profile.backups()).unwrap();
    let done = TimestampMillis(modified(&profile).0 + 5000);
    tripwire::explain(&profile.backups(), Explains::NOTES, done);
    profile.back_up(Reason::Manual);
    profile.clock.advance_millis(HOUR);
    remove_notes(&profile.collection(), &profile.clock, 60);
    later_backup(&profile, HOUR);
    assert_eq!(alarm(&profile), None);
}

#[test]
fn when_notes_vanish_the_good_backup_is_pinned_and_thinning_stops_until_the_answer() {
    let profile = Profile::with_notes(100);
    let good = profile.back_up(Reason::Manual);
    remove_notes(&profile.collection(), &profile.clock, 60);
    let bad = later_backup(&profile, HOUR);
    let alarmed = alarm(&profile).unwrap();
    let gone = Damage::NotesGone { count: 60, of: 100 };
    assert_eq!(alarmed.found, [gone]);
    assert_eq!(alarmed.good.as_ref(), Some(&good.path));
    assert_eq!(alarmed.good_at, Some(good.created));
    let pins = |entry: &Entry| entry.pinned.clone();
    let entry = |path: &Path| {
        let found = profile.list().into_iter().find(|e| e.path == path);
        found.unwrap()
    };
    assert_eq!(pins(&entry(&good.path)).as_deref(), Some(ALARM_PIN));
    assert_eq!(pins(&entry(&bad.path)), None);
    for _ in 0..6 {
        profile.add_notes(1);
        later_backup(&profile, DAY);
        assert!(!thin(&profile).contains(&bad.path));
    }
    assert_eq!(
        profile.list().len(),
        4,
        "of later ones as many as the rules say"
    );
    assert_eq!(alarm(&profile).unwrap(), alarmed, "nobody answered");
    assert!(tripwire::accept(&profile.backups()).unwrap());
    assert_eq!(alarm(&profile), None);
    assert!(thin(&profile).contains(&bad.path));
    assert!(good.path.is_file(), "it stays pinned");
    // What there was at the answer is what counts from now on.
    profile.add_notes(1);
    later_backup(&profile, DAY);
    assert_eq!(alarm(&profile), None);
    remove_notes(&profile.collection(), &profile.clock, 30);
    later_backup(&profile, DAY);
    assert!(alarm(&profile).is_some());
}

#[test]
fn what_would_go_is_told_as_it_is_while_nothing_goes() {
    let profile = Profile::with_notes(100);
    profile.back_up(Reason::Manual);
    remove_notes(&profile.collection(), &profile.clock, 60);
    let bad = later_backup(&profile, HOUR);
    for _ in 0..4 {
        profile.add_notes(1);
        later_backup(&profile, DAY);
    }
    let rules = Rules {
        keep_last: Some(1),
        ..Rules::default()
    };
    let planned = || {
        let all = catalog::forecast(profile.dir(), &rules, &profile.clock, 30).unwrap();
        all.into_iter().find(|(e, _)| e.path == bad.path).unwrap()
    };
    let (entry, goes) = planned();
    assert_eq!((entry.keep, goes), (vec![KeepReason::NotAnswered], None));
    assert!(tripwire::accept(&profile.backups()).unwrap());
    let (entry, goes) = planned();
    let today = profile.clock.local(profile.clock.now()).date();
    assert_eq!((entry.keep, goes), (vec![], Some(today)));
}

#[test]
fn what_was_done_before_the_answer_explains_nothing_that_comes_after_it() {
    let profile = Profile::with_notes(100);
    profile.back_up(Reason::Manual);
    remove_notes(&profile.collection(), &profile.clock, 40);
    later_backup(&profile, HOUR);
    let now = profile.clock.now();
    tripwire::explain(&profile.backups(), Explains::ALL, now);
    profile.add_notes(1);
    later_backup(&profile, HOUR);
    assert!(tripwire::accept(&profile.backups()).unwrap());
    remove_notes(&profile.collection(), &profile.clock, 40);
    later_backup(&profile, HOUR);
    assert!(alarm(&profile).is_some());
}

#[test]
fn due_dates_that_move_without_an_answer_are_asked_about() {
    let profile = Profile::with_notes(100);
    change_cards(&profile, |card| {
        card.ctype = CardType::Review;
        card.queue = CardQueue::Review;
        card.due = 100;
        card.reps = 3;
    });
    profile.back_up(Reason::Manual);
    change_cards(&profile, |card| {
        card.due += 40;
        card.reps += 1;
    });
    later_backup(&profile, HOUR);
    assert_eq!(alarm(&profile), None, "they were answered");
    change_cards(&profile, |card| card.queue = CardQueue::Suspended);
    later_backup(&profile, HOUR);
    assert_eq!(alarm(&profile), None, "suspended ones keep their day");
    change_cards(&profile, |card| card.due += 40);
    later_backup(&profile, HOUR);
    let moved = Damage::DueDatesMoved {
        count: 100,
        of: 100,
    };
    assert_eq!(alarm(&profile).unwrap().found, [moved]);
}

#[test]
fn a_restore_of_the_good_backup_answers_the_alarm() {
    let profile = Profile::with_notes(100);
    let good = profile.back_up(Reason::Manual);
    remove_notes(&profile.collection(), &profile.clock, 60);
    later_backup(&profile, HOUR);
    assert!(alarm(&profile).is_some());
    profile.restore(&good.path).unwrap();
    assert_eq!(alarm(&profile), None);
    profile.add_notes(1);
    later_backup(&profile, HOUR);
    assert_eq!(alarm(&profile), None, "the first of another collection");
}

#[test]
fn media_files_whose_bytes_change_by_themselves_are_asked_about() {
    let profile = Profile::with_notes(1);
    let good = profile.back_up(Reason::Manual);
    let (folder, clock) = (profile.backups(), &profile.clock);
    assert!(!tripwire::media_changed(&folder, 20, 20, clock).unwrap());
    assert!(!tripwire::media_changed(&folder, 30, 300, clock).unwrap());
    assert!(tripwire::media_changed(&folder, 90, 300, clock).unwrap());
    let alarmed = alarm(&profile).unwrap();
    let changed = Damage::MediaChanged { count: 90, of: 300 };
    assert_eq!(
        (alarmed.found, alarmed.good),
        (vec![changed], Some(good.path))
    );
}

#[test]
fn media_files_that_something_encrypts_are_asked_about() {
    let profile = Profile::with_notes(1);
    let write = |n: u32, words: &str| {
        profile.write_media(&format!("{n}.jpg"), format!("{words} {n}").as_bytes());
    };
    let file = |n: u32| profile.media().join(format!("{n}.jpg"));
    let back_up = || {
        profile.add_notes(1);
        later_backup(&profile, HOUR)
    };
    (0..100).for_each(|n| write(n, "picture"));
    back_up();
    // New files, and the same bytes written again, are no reason to ask.
    (0..160).for_each(|n| write(n, "picture"));
    let good = back_up();
    assert_eq!(alarm(&profile), None);
    // Some keep their names, others do not.
    (0..30).for_each(|n| write(n, "e09f0a8c77"));
    for n in 30..48 {
        std::fs::rename(file(n), profile.media().join(format!("{n}.jpg.locked"))).unwrap();
    }
    back_up();
    let alarmed = alarm(&profile).unwrap();
    let changed = Damage::MediaChanged { count: 48, of: 160 };
    let found = (alarmed.found, alarmed.good);
    assert_eq!(found, (vec![changed], Some(good.path)));
    assert!(tripwire::accept(&profile.backups()).unwrap());
    back_up();
    assert_eq!(alarm(&profile), None, "it was answered");
    // What was done here on purpose is expected once.
    let take_away = |from: u32| {
        (from..from + 40).for_each(|n| std::fs::remove_file(file(n)).unwrap());
    };
    take_away(50);
    let now = profile.clock.now();
    tripwire::explain(&profile.backups(), Explains::MEDIA, now);
    back_up();
    assert_eq!(alarm(&profile), None);
    take_away(90);
    back_up();
    let gone = Damage::MediaChanged { count: 40, of: 120 };
    assert_eq!(alarm(&profile).unwrap().found, [gone]);
}

#[test]
fn media_files_that_something_encrypted_since_the_last_backup_are_not_copied_elsewhere() {
    let cli = Cli::with_profile();
    cli.ok(&["info"]);
    let write = |n: u32, words: &str| {
        let file = cli.base().join(format!("Ann/collection.media/{n}.jpg"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("{words} {n}")).unwrap();
    };
    (0..100).for_each(|n| write(n, "picture"));
    cli.ok(&["backup", "create"]);
    let (vault, key) = (cli.path("vault"), cli.path("key"));
    std::fs::write(&key, "four words").unwrap();
    let on_vault =
        |verb: &'static str| cli.json(&["vault", verb, "--to", &vault, "--password-file", &key]);
    assert_eq!(on_vault("init").0, 0);
    assert_eq!(on_vault("push").0, 0);
    (0..30).for_each(|n| write(n, "e09f0a8c77"));
    let (_, refused) = on_vault("push");
    assert_eq!(refused["error"]["kind"], "conflict");
    let count = || on_vault("list").1["snapshots"].as_array().unwrap().len();
    assert_eq!(count(), 1);
    let changed = json!([{"kind": "media-changed", "count": 30, "of": 100}]);
    assert_eq!(cli.ok(&["health"])["alarm"]["found"], changed);
    assert_eq!(cli.ok(&["backup", "accept"])["accepted"], true);
    assert_eq!(on_vault("push").0, 0);
    assert_eq!(count(), 2);
}

#[test]
fn the_terminal_tells_an_alarm_and_takes_the_answer() {
    let cli = Cli::with_profile();
    cli.ok(&["info"]);
    let collection = cli.base().join("Ann/collection.anki2");
    let clock = Clock::System;
    let mut storage = Storage::open(&collection).unwrap();
    add_notes(&mut storage, &clock, 100);
    storage.close().unwrap();
    let good = cli.ok(&["backup", "create"])["path"].clone();
    assert_eq!(cli.ok(&["backup", "list"])["alarm"], Value::Null);
    remove_notes(&collection, &clock, 40);
    cli.ok(&["backup", "create"]);
    for command in [&["backup", "list"][..], &["health"]] {
        let alarm = cli.ok(command)["alarm"].clone();
        let gone = json!([{"kind": "notes-gone", "count": 40, "of": 100}]);
        assert_eq!((&alarm["found"], &alarm["good"]), (&gone, &good));
    }
    // By hand nothing is copied or thinned before the answer either, unless that is said.
    let (vault, key, disk) = (cli.path("vault"), cli.path("key"), cli.path("usb"));
    std::fs::write(&key, "four words").unwrap();
    std::fs::create_dir(&disk).unwrap();
    let at = ["--to", &vault, "--password-file", &key];
    let with_vault = |command: &[&'static str]| {
        let mut all: Vec<&str> = command.to_vec();
        all.extend(at);
        all
    };
    cli.ok(&with_vault(&["vault", "init"]));
    for command in [
        with_vault(&["vault", "push"]),
        with_vault(&["vault", "forget", "--keep-last", "1"]),
        vec!["backup", "copy", "--to", &disk],
    ] {
        assert_eq!(cli.fails(&command).1, "conflict", "{command:?}");
    }
    let saved = || cli.ok(&with_vault(&["vault", "list"]))["snapshots"].clone();
    assert_eq!(saved(), json!([]));
    assert_eq!(std::fs::read_dir(&disk).unwrap().count(), 0);
    cli.ok(&with_vault(&["vault", "push", "--force"]));
    assert_eq!(saved().as_array().unwrap().len(), 1);
    let id = saved()[0]["id"].as_str().unwrap().to_owned();
    let mut named = with_vault(&["vault", "forget"]);
    named.push(&id);
    assert_eq!(cli.fails(&named).1, "conflict");
    assert_eq!(cli.ok(&["backup", "accept"])["accepted"], true);
    cli.ok(&with_vault(&["vault", "push"]));
    assert_eq!(cli.ok(&["backup", "accept"])["accepted"], false);
    assert_eq!(cli.ok(&["health"])["alarm"], Value::Null);
}

fn copies_are_known(event: &Event) -> Option<u64> {
    match event {
        Event::Backup(BackupEvent::Copies(Some(CopiesState::Known(copies)))) => Some(copies.whole),
        _ => None,
    }
}

fn copy_to(world: &World, disk: &Path) {
    let shown = ProfileSettings::default();
    let wanted = ProfileSettings {
        second_backups_folder: Some(disk.to_owned()),
        ..shown.clone()
    };
    let change = Box::new(Changed { shown, wanted });
    world.send(Request::Settings(SettingsRequest::SaveProfile(change)));
}

#[test]
fn what_is_done_here_asks_nothing_and_what_comes_from_elsewhere_holds_up_copies() {
    let world = World::with_sample();
    let many = import(&world, "many", 200);
    world.clock.advance_millis(HOUR);
    world.send(Request::Card(CardRequest::DeleteNotes {
        notes: many[..100].to_vec(),
    }));
    world.wait("the change", |e| match e {
        Event::Done {
            op: Op::DeleteNotes,
            undone: Undone::No,
            ..
        } => Some(()),
        _ => None,
    });
    world.clock.advance_millis(HOUR);
    // The timer may have made it.
    let _made = world.create_backup();
    assert_eq!(tripwire::alarm(&world.backups()), None);
    let disk = world.dir.path().join("usb");
    std::fs::create_dir(&disk).unwrap();
    copy_to(&world, &disk);
    let whole = world.wait("the first copies", copies_are_known);
    let path = world.data().profile("Ana").unwrap().collection();
    let (dir, clock) = world.shut_down();
    let mut other = Collection::open(&path, clock.clone()).unwrap();
    clock.advance_millis(HOUR);
    other.delete_notes(&many[100..]).unwrap();
    other.close().unwrap();
    let world = World::again(dir, clock);
    let alarm = world.wait("the alarm", |e| match e {
        Event::Backup(BackupEvent::Status(status)) => status.alarm.clone(),
        _ => None,
    });
    assert!(matches!(
        alarm.found[..],
        [Damage::NotesGone { count: 100, .. }]
    ));
    // Also after a restart.
    let (dir, clock) = world.shut_down();
    let world = World::again(dir, clock);
    world.wait("the alarm again", |e| match e {
        Event::Backup(BackupEvent::Status(status)) => status.alarm.clone(),
        _ => None,
    });
    world.send(Request::Backup(BackupRequest::AcceptChanges));
    world.wait("the answer", |e| match e {
        Event::Backup(BackupEvent::Status(status)) => status.alarm.is_none().then_some(()),
        _ => None,
    });
    // Only now is the backup of what is left copied.
    assert!(world.wait("the copies", copies_are_known) > whole);
    assert_eq!(tripwire::alarm(&world.backups()), None);
}

/// The sample is the same from one look to the next.
#[test]
fn the_sample_is_spread_and_stays() {
    let profile = Profile::with_notes(3000);
    let storage = Storage::open(&profile.collection()).unwrap();
    let notes = storage.sample_of_notes(1000).unwrap();
    assert_eq!(notes, storage.sample_of_notes(1000).unwrap());
    let middle = storage.sample_of_notes(3000).unwrap();
    let mut all: Vec<i64> = middle.iter().map(|note| note.0).collect();
    all.sort_unstable();
    let below = notes.iter().filter(|note| note.0 < all[1500]).count();
    assert!((400..600).contains(&below), "{below}");
    assert_eq!(storage.standing(CardId(1)).unwrap(), None);
    storage.close().unwrap();
}
