//! Copies elsewhere that nobody asked for wait for the charger or another network when the user wants
//! that; what is asked for is done at once, and when the waiting is over the copy is made.

use crate::service_story::World;
use engram::backup::runs::{self, Kind, Outcome};
use engram::backup::vault::book::{self, Entry};
use engram::backup::vault::machine::Sources;
use engram::base::Secret;
use engram::domain::study::Rating;
use engram::service::event::Event;
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request};
use engram::service::settings::ProfileSettings;
use engram::service::vaults::{Hold, NewPlace, Place, VaultEvent, VaultRequest};
use engram::service::{ServiceConfig, ServiceHandle};
use std::path::Path;

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// A profile with notes on a machine that tells what stands in a folder; `entries` are its places.
fn on_machine(settings: &ProfileSettings, entries: &[Entry]) -> World {
    let (dir, clock) = World::with_sample().shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let paths = data.profile("Ana").unwrap();
    engram::service::settings::save(&paths.settings(), settings).unwrap();
    book::save(&paths.folder, entries).unwrap();
    let machine = dir.path().join("machine");
    std::fs::create_dir_all(machine.join("power/BAT0")).unwrap();
    std::fs::create_dir(machine.join("programs")).unwrap();
    std::fs::write(machine.join("power/BAT0/type"), "Battery\n").unwrap();
    battery(dir.path(), "Discharging");
    #[cfg(unix)]
    network(dir.path(), "u 1");
    let worker = ServiceHandle::spawn(ServiceConfig {
        clock: clock.clone(),
        machine: Sources {
            power: machine.join("power"),
            programs: vec![machine.join("programs")],
        },
        ..ServiceConfig::without_keychain(data)
    })
    .unwrap();
    let world = World { dir, clock, worker };
    let name = "Ana".to_owned();
    world.send(Request::Profile(ProfileRequest::Open { name }));
    world.opened();
    world
}

fn battery(dir: &Path, status: &str) {
    std::fs::write(dir.join("machine/power/BAT0/status"), status).unwrap();
}

fn place(world: &World, what: &str, pick: impl Fn(&Place) -> bool) -> Place {
    world.wait(what, |event| match event {
        Event::Vault(VaultEvent::Places(places)) => places.iter().find(|p| pick(p)).cloned(),
        _ => None,
    })
}

fn pushed(world: &World) -> bool {
    world.wait("a copy", |event| match event {
        Event::Vault(VaultEvent::Pushed { asked, .. }) => Some(*asked),
        _ => None,
    })
}

#[test]
fn it_waits_for_the_charger_and_not_when_asked() {
    let settings = ProfileSettings {
        copies_wait_on_battery: true,
        ..ProfileSettings::default()
    };
    let world = on_machine(&settings, &[]);
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("vault").to_str().unwrap().to_owned();
    world.send(Request::Vault(VaultRequest::Add(NewPlace {
        address: address.clone(),
        account: Secret::default(),
        password: Secret::new("four words or five"),
    })));
    let held = place(&world, "a place that waits", |p| {
        p.hold == Some(Hold::Battery)
    });
    assert!(held.entry.last.is_none() && !held.busy && held.entry.failure.is_none());
    world.send(Request::Vault(VaultRequest::Push { address }));
    assert!(pushed(&world), "by the button it is made at once");
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    world.clock.advance_millis(DAY);
    let held = place(&world, "the next one waits", |p| {
        p.hold == Some(Hold::Battery)
    });
    assert!(held.entry.last.is_some());
    battery(world.dir.path(), "Charging");
    world.clock.advance_millis(2 * MINUTE);
    assert!(!pushed(&world), "nobody asked for it");
}

/// Nothing is written in plain or under another password; the place and the log of runs say why.
#[test]
fn a_copy_by_itself_whose_password_the_keychain_lost_fails_loudly_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().to_str().unwrap();
    let entry = Entry::new(address.parse().unwrap());
    let world = on_machine(&ProfileSettings::default(), &[entry]);
    let tried = place(&world, "an attempt", |p| p.entry.failure.is_some());
    let lost = "does not have the password of the vault any more";
    let why = tried.entry.failure.unwrap().what;
    assert!(why.contains(lost), "{why}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let profile = world.dir.path().join("data/Ana");
    let log = runs::of_profile(&profile).unwrap();
    let run = log.iter().find(|run| run.begun.kind == Kind::Vault);
    let run = run.expect("it is in the log");
    assert_eq!(run.outcome, Outcome::Failed);
    assert!(run.said.contains(lost), "{}", run.said);
}

#[cfg(unix)]
fn network(dir: &Path, said: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = dir.join("machine/programs/busctl");
    let new = path.with_extension("new");
    std::fs::write(&new, format!("#!/bin/sh\necho '{said}'\n")).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::rename(new, path).unwrap();
}

#[cfg(unix)]
#[test]
fn what_goes_over_a_metered_network_waits_by_itself() {
    let entry = Entry::new("webdav+http://ann@127.0.0.1:9/engram".parse().unwrap());
    let world = on_machine(&ProfileSettings::default(), &[entry]);
    let held = place(&world, "a place that waits", |p| {
        p.hold == Some(Hold::Metered)
    });
    assert!(!held.busy && held.entry.failure.is_none());
    network(world.dir.path(), "u 4");
    world.clock.advance_millis(2 * MINUTE);
    // There is no server; it was tried.
    let tried = place(&world, "an attempt", |p| p.entry.failure.is_some());
    assert_eq!(tried.hold, None);
}
