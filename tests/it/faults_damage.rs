//! Truncated and bit-flipped packages are never taken for sound, and damage to a collection that
//! is being backed up is noticed.

use crate::backup_profile::Profile;
use crate::colpkg_round_trip::export;
use crate::service_story::World;
use engram::backup::entry::Reason;
use engram::backup::stage::{Backup, MediaWish};
use engram::base::error::ErrorKind;
use engram::base::ids::CardId;
use engram::base::job::Progress;
use engram::service::event::Event;
use engram::service::explorer::{ExplorerEvent, ExplorerRequest};
use engram::service::request::Request;
use engram::storage::Storage;
use engram::storage::inspect::{self, Depth};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// BLAKE3 of the collection in it, when it is taken for sound.
fn accepted(path: &Path, room: &Path) -> Option<[u8; 32]> {
    match Backup::at(path)
        .unwrap()
        .verify(room, MediaWish::Check, &Progress::new())
    {
        Ok(backup) => backup.blake3(),
        Err(e) => {
            assert!(
                matches!(
                    e.kind(),
                    ErrorKind::Corrupt | ErrorKind::Refused | ErrorKind::TooNew
                ),
                "{e:?}"
            );
            None
        }
    }
}

#[test]
fn cut_and_flipped_packages_are_never_accepted_silently() {
    let profile = Profile::with_notes(200);
    profile.write_media("a.bin", &[3; 4000]);
    let other = Profile::empty();
    let folder = other.dir();
    let mut random = StdRng::seed_from_u64(1);
    for legacy in [false, true] {
        let whole = folder.join("whole.colpkg");
        export(&profile, &whole, true, legacy);
        let bytes = std::fs::read(&whole).unwrap();
        let hash = accepted(&whole, folder).expect("the whole file is sound");
        let path = folder.join("damaged.colpkg");
        for _ in 0..150 {
            let cut = random.random_range(0..bytes.len());
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert_eq!(accepted(&path, folder), None, "cut at {cut}");
        }
        let mut harmless = 0;
        for _ in 0..400 {
            let (at, bit) = (
                random.random_range(0..bytes.len()),
                random.random_range(0..8),
            );
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            std::fs::write(&path, &damaged).unwrap();
            if let Some(found) = accepted(&path, folder) {
                // A time stamp or the like inside the archive: what is restored is the same.
                assert_eq!(found, hash, "bit {bit} of byte {at}");
                harmless += 1;
            }
        }
        assert!(harmless < 60, "{harmless} of 400");
    }
}

#[test]
fn a_damaged_collection_is_not_backed_up_as_if_it_were_sound() {
    let profile = Profile::with_notes(2000);
    let path = profile.collection();
    let mut bytes = std::fs::read(&path).unwrap();
    for page in [20, 40, 60] {
        bytes[page * 4096..page * 4096 + 200].fill(0xAA);
    }
    std::fs::write(&path, bytes).unwrap();
    let error = profile
        .try_back_up(Reason::Manual, &Progress::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(profile.list().is_empty());
}

#[test]
fn one_wrong_key_in_an_index_is_found_and_mended_on_restore() {
    let profile = Profile::with_notes(3000);
    let path = profile.collection();
    let root = {
        let bytes = std::fs::read(&path).unwrap();
        index_leaf(&bytes)
    };
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[root] ^= 1;
    let raw = profile.dir().join("damaged.anki2");
    std::fs::write(&raw, bytes).unwrap();
    let progress = Progress::new();
    assert_eq!(
        inspect::check(&raw, Depth::Quick, &progress)
            .unwrap()
            .wrong_index,
        None
    );
    let found = inspect::check(&raw, Depth::Full, &progress).unwrap();
    assert!(found.wrong_index.is_some());
    let restored = profile.restore(&raw).unwrap();
    assert!(restored.indexes_mended);
    let mended = inspect::check(&path, Depth::Full, &progress).unwrap();
    assert_eq!(mended.wrong_index, None);
    Storage::open(&path).unwrap().close().unwrap();
}

/// Where the low byte of a card id lies in a leaf of the reviews' index by card: an index leaf
/// (10) whose records have two 6-byte integers (serial type 5).
fn index_leaf(bytes: &[u8]) -> usize {
    for page in (0..bytes.len() / 4096).rev() {
        let page = page * 4096;
        if bytes[page] != 10 {
            continue;
        }
        let cell = page + usize::from(bytes[page + 8]) * 256 + usize::from(bytes[page + 9]);
        // Payload length, header length 3, two serial types, then the key.
        if bytes[cell + 1..cell + 4] == [3, 5, 5] {
            return cell + 4 + 5;
        }
    }
    panic!("no leaf of the index found");
}

#[test]
#[expect(clippy::disallowed_types, reason = "asks where a table begins")]
fn damage_is_found_at_a_close_without_changes_and_told_at_the_next_start() {
    let world = World::with_sample();
    let live = world.data().profile("Ana").unwrap().collection();
    // A page that nothing reads any more before the close.
    let copy = world.dir.path().join("copy.anki2");
    std::fs::copy(&live, &copy).unwrap();
    let db = rusqlite::Connection::open(&copy).unwrap();
    let number = |sql: &str| -> u32 { db.query_row(sql, [], |row| row.get(0)).unwrap() };
    let page = number("select rootpage from sqlite_master where name = 'graves'");
    let size = number("pragma page_size");
    drop(db);
    let damaged = File::options().write(true).open(&live).unwrap();
    damaged
        .write_all_at(&[0x55; 8], u64::from((page - 1) * size))
        .unwrap();
    drop(damaged);
    let backups = world.backup_files();
    let (dir, clock) = world.shut_down();
    let world = World::again(dir, clock);
    let told = world.wait("what was found at the close", |event| match event {
        Event::Notice(words) if words.starts_with("Last time") => Some(words.clone()),
        _ => None,
    });
    assert!(told.contains("Could not check the collection"), "{told}");
    assert_eq!(
        world.backup_files(),
        backups,
        "no new backup of damaged pages"
    );
}

#[test]
#[expect(clippy::disallowed_types, reason = "damages the backup")]
fn a_card_that_a_backup_cannot_show_is_not_to_be_mended_in_the_collection() {
    let world = World::with_sample();
    let live = world.data().profile("Ana").unwrap().collection();
    let copy = world.dir.path().join("copy.anki2");
    std::fs::copy(&live, &copy).unwrap();
    let db = rusqlite::Connection::open(&copy).unwrap();
    let card: i64 = db
        .query_row("select min(id) from cards", [], |row| row.get(0))
        .unwrap();
    let damage = "update notes set mid = 99 where id = (select nid from cards where id = ?)";
    db.execute(damage, [card]).unwrap();
    drop(db);
    world.send(Request::Explorer(ExplorerRequest::Open { path: copy }));
    world.wait("the backup", |event| {
        matches!(event, Event::Explorer(ExplorerEvent::Opened(_))).then_some(())
    });
    let card = CardId(card);
    world.send(Request::Explorer(ExplorerRequest::Card { card }));
    let told = world.wait("why it is not shown", |event| match event {
        Event::Explorer(ExplorerEvent::NoCard { message, .. }) => Some(message.clone()),
        _ => None,
    });
    assert!(told.cause.contains("is not there"), "{told:?}");
    assert!(
        told.remedy.starts_with("The backup has it like this"),
        "{told:?}"
    );
}
