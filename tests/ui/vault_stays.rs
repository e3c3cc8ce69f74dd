//! What stays at a place: rules and room are chosen, what would go is shown, the next copy deletes it,
//! and a place that is full all the same says so on its card.

use crate::harness::{Options, TestApp};
use crate::steps::{ana_is_open, choose, click, make_deck, press, sees, send, wait_for, with_ana};
use crate::vaults::{add, fill, more};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::vault::book;
use engram::service::event::Event;
use engram::service::vaults::{
    Deletable, Destination, Entry, Keep, Place, Retention, Snapshot, VaultEvent,
};
use engram::ui::action::Action;
use engram::ui::command::Command;
use std::path::Path;

/// Bytes that cannot be compressed.
fn noise(seed: u32, bytes: usize) -> Vec<u8> {
    let mut state = u64::from(seed) * 2 + 1;
    let mut next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(&mut next).collect()
}

fn snapshots(place: &Path) -> usize {
    std::fs::read_dir(place.join("snapshots")).map_or(0, |all| all.count())
}

fn retention(app: &TestApp) -> Retention {
    book::load(&app.base.join("Ana")).unwrap()[0].retention
}

/// On the page of copies elsewhere, with one at `place` to which nothing is saved yet.
fn with_vault(place: &Path) -> TestApp {
    let mut app = with_ana();
    make_deck(&mut app, "First");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    app
}

/// Saves with a picture that is in no snapshot yet, until `count` are there and `words` are seen.
fn save(app: &mut TestApp, place: &Path, picture: (u32, usize), count: usize, words: &str) {
    let media = app.base.join("Ana/collection.media");
    std::fs::write(media.join("p.png"), noise(picture.0, picture.1)).unwrap();
    press(app, "Save now");
    app.step_until(words, |a| {
        !sees(a, "Working on it") && sees(a, words) && snapshots(place) == count
    });
}

#[test]
fn a_quota_lets_the_oldest_go_and_a_full_place_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let place = &folder.path().join("vault");
    let mut app = with_vault(place);
    save(&mut app, place, (1, 600_000), 1, "takes 6");
    save(&mut app, place, (2, 600_000), 2, "takes 1.2 MB");
    more(&mut app, "What stays…");
    click(&mut app, Role::CheckBox, "Not more than");
    let middle = |role, name| {
        let node = app.harness.get_by_role_and_label(role, name);
        node.rect().center().y
    };
    let unit = middle(Role::ComboBox, "Unit of the quota");
    assert_eq!(middle(Role::CheckBox, "Not more than"), unit);
    choose(&mut app, "Unit of the quota", "MB");
    press(&mut app, "What would go");
    wait_for(&mut app, "1 of 2 snapshots would go");
    assert!(sees(&app, "goes: oldest, to stay within the quota"));
    assert!(sees(&app, "stays  ·  “Ana”"));
    assert_eq!(snapshots(place), 2, "nothing went yet");
    press(&mut app, "Save");
    wait_for(&mut app, "takes 1.2 MB of 1.0 MB");
    assert_eq!(retention(&app).quota, Some(1_000_000));
    assert!(!sees(&app, "Full:"), "the next copy makes room");
    save(&mut app, place, (3, 700_000), 1, "of 1.0 MB");
    assert!(!sees(&app, "Full:") && !sees(&app, "Failed"));
    save(
        &mut app,
        place,
        (4, 1_300_000),
        1,
        "Full: what has to stay takes more than 1.0 MB",
    );
    // The note is still there.
    press(&mut app, "Verify");
    wait_for(&mut app, "Read through just now");
    // With more room it is not full any more.
    more(&mut app, "What stays…");
    click(&mut app, Role::CheckBox, "Not more than");
    press(&mut app, "Save");
    app.step_until("it is not full", |a| !sees(a, "Full:"));
}

#[test]
fn copies_are_made_some_hours_after_the_last_one_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let place = &folder.path().join("vault");
    let mut app = with_vault(place);
    save(&mut app, place, (1, 1_000), 1, "Saves automatically");
    more(&mut app, "When it is saved…");
    for box_name in ["After each night", "Some hours after the last copy"] {
        click(&mut app, Role::CheckBox, box_name);
    }
    press(&mut app, "Save");
    let schedule = |app: &TestApp| book::load(&app.base.join("Ana")).unwrap()[0].schedule;
    app.step_until("it is kept", |a| schedule(a).every_hours == Some(6));
    assert!(!schedule(&app).nightly);
    let shows_it = |app: &mut TestApp| {
        more(app, "When it is saved…");
        let hours = (Role::TextInput, "Hours after the last copy");
        let hours = app.harness.query_by_role_and_label(hours.0, hours.1);
        hours.is_some()
    };
    // The card knows it a moment after the disk does.
    let is_there = (0..100).any(|_| {
        let shown = shows_it(&mut app);
        if !shown {
            press(&mut app, "Cancel");
        }
        shown
    });
    assert!(is_there, "kept, and not shown");
}

#[test]
fn a_damaged_snapshot_is_named_and_deleted_after_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let place = &folder.path().join("vault");
    let mut app = with_vault(place);
    save(&mut app, place, (1, 600_000), 1, "takes 6");
    // The lists of its files take less room than they.
    let packs = std::fs::read_dir(place.join("data")).unwrap();
    let packs = packs.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let packs = packs.map(|pack| pack.unwrap().path());
    let smallest = packs.min_by_key(|pack| pack.metadata().unwrap().len());
    std::fs::remove_file(smallest.unwrap()).unwrap();
    save(&mut app, place, (2, 600_000), 2, "The vault is damaged");
    more(&mut app, "Delete snapshots…");
    wait_for(&mut app, "“Ana”  ·  damaged");
    assert!(sees(&app, "“Ana”  ·  the newest one stays"));
    {
        let boxes: Vec<_> = app.harness.query_all_by_role(Role::CheckBox).collect();
        assert_eq!(boxes.len(), 1, "the newest one cannot be ticked");
        boxes[0].click();
    }
    app.settle();
    press(&mut app, "Delete…");
    wait_for(&mut app, "Delete 1 snapshot?");
    assert!(sees(&app, "is gone for good"));
    assert_eq!(snapshots(place), 2, "nothing went yet");
    press(&mut app, "Delete");
    // What is left is read by itself.
    wait_for(&mut app, "Read through just now");
    assert_eq!(snapshots(place), 1);
    assert!(!sees(&app, "press Verify"));
}

#[test]
fn what_was_deleted_by_hand_takes_no_room_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let place = &folder.path().join("vault");
    let mut app = with_vault(place);
    save(&mut app, place, (1, 600_000), 1, "takes 6");
    save(&mut app, place, (2, 600_000), 2, "takes 1.2 MB");
    more(&mut app, "Delete snapshots…");
    wait_for(&mut app, "the newest one stays");
    app.harness.get_by_role(Role::CheckBox).click();
    app.settle();
    press(&mut app, "Delete…");
    wait_for(&mut app, "Delete 1 snapshot?");
    press(&mut app, "Delete");
    wait_for(&mut app, "1 snapshot was deleted");
    assert!(sees(&app, "takes 6"));
}

/// The first place may answer when the dialog of another one is open by then.
#[test]
fn snapshots_of_another_place_are_not_offered() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    let destination: Destination = "/mnt/usb/vault".parse().unwrap();
    // Other computers may have saved there, and this one never.
    let place = Place {
        address: destination.to_string(),
        entry: Entry::new(destination),
        busy: false,
        next: None,
        hold: None,
    };
    let own = place.address.clone();
    worker.say(Event::Vault(VaultEvent::Places(vec![place])));
    app.settle();
    more(&mut app, "Delete snapshots…");
    for (address, offered) in [("/mnt/other/vault".to_owned(), 0), (own, 2)] {
        let of = |machine: &str| Deletable {
            snapshot: Snapshot {
                id: machine.repeat(16),
                label: "Ana".to_owned(),
                machine: machine.to_owned(),
                ..Snapshot::default()
            },
            is_newest: false,
            is_damaged: true,
        };
        let snapshots = vec![of("desk"), of("book")];
        worker.say(Event::Vault(VaultEvent::Deletable { address, snapshots }));
        app.settle();
        let boxes = app.harness.query_all_by_role(Role::CheckBox);
        assert_eq!(boxes.count(), offered);
    }
    assert!(sees(&app, "“Ana”  ·  from desk  ·  damaged"));
    assert!(sees(&app, "“Ana”  ·  from book  ·  damaged"));
}

fn shows_the_last_ones(app: &mut TestApp) -> bool {
    more(app, "What stays…");
    let shown = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Snapshots that stay");
    shown.accesskit_node().value().as_deref() == Some("The last ones")
}

#[test]
fn the_rules_of_a_place_are_chosen_and_shown_again() {
    let mut app = with_ana();
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    let folder = tempfile::tempdir().unwrap();
    let place = &folder.path().join("vault");
    add(&mut app, place.to_str().unwrap(), "four words or five");
    wait_for(&mut app, "Nothing is saved there yet.");
    assert_eq!(retention(&app), Retention::default());
    more(&mut app, "What stays…");
    press(&mut app, "What would go");
    wait_for(&mut app, "Nothing would go now");
    choose(&mut app, "Snapshots that stay", "The last ones");
    assert!(
        !sees(&app, "Nothing would go now"),
        "that was asked of other rules"
    );
    fill(&mut app, "How many snapshots", "5");
    press(&mut app, "Save");
    app.step_until(
        "it is kept",
        |a| matches!(retention(a).keep, Keep::Last(n) if n.to_string().contains('5')),
    );
    let kept = retention(&app).keep;
    // The card knows it a moment after the disk does.
    while !shows_the_last_ones(&mut app) {
        press(&mut app, "Cancel");
    }
    choose(&mut app, "Snapshots that stay", "Daily, weekly, monthly");
    assert!(sees(&app, "Weekly snapshots"));
    press(&mut app, "Cancel");
    assert_eq!(retention(&app).keep, kept);
}
