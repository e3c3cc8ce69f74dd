//! Salvage of damaged collections and backups: never a panic, the damaged file stays as it is,
//! what is lost is told in numbers, `sqlite3 .recover` keeps no more, and the real Anki finds
//! nothing wrong with what comes out.

use crate::backup_profile::{Profile, add_notes};
use crate::cli_commands::Cli;
use crate::oracle;
use engram::backup::entry::Reason;
use engram::base::error::ErrorKind;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::collection::salvage::{Rescue, salvage};
use engram::domain::card::Card;
use engram::storage::Storage;
use engram::storage::snapshot::beside;
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

/// Made in 2023: the real Anki, whose clock is the machine's, mends times in the future.
fn with_notes(notes: usize) -> Profile {
    let profile = Profile::empty();
    profile.clock.set(TimestampMillis(1_700_000_000_000));
    let made = Storage::create(&profile.collection(), &profile.clock);
    made.unwrap().close().unwrap();
    profile.add_notes(notes);
    profile
}

fn rescue(profile: &Profile, damaged: &Path, out: &Path) -> engram::base::Result<Rescue> {
    salvage(damaged, out, &profile.clock, &Progress::new())
}

fn rows(sqlite: &str, file: &Path, table: &str) -> u64 {
    let query = format!("select count(*) from {table}");
    let output = Command::new(sqlite).arg(file).arg(query).output().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .unwrap_or(0)
}

/// Pages of the file overwritten with noise, from a seed.
fn damage(bytes: &mut [u8], places: &[usize], length: usize) {
    for (n, place) in places.iter().enumerate() {
        let at = place % bytes.len();
        let end = (at + length).min(bytes.len());
        for (k, byte) in bytes[at..end].iter_mut().enumerate() {
            *byte = (k as u8).wrapping_mul(31).wrapping_add(n as u8 + 7);
        }
    }
}

#[test]
fn a_sound_collection_comes_out_whole() {
    let profile = with_notes(500);
    let out = profile.dir().join("out.anki2");
    let done = rescue(&profile, &profile.collection(), &out).unwrap();
    assert_eq!((done.notes, done.cards, done.revlog), (500, 500, 500));
    assert_eq!(done.salvaged.lost(), 0, "{:?}", done.salvaged);
    assert!(
        done.salvaged.rebuilt.is_empty(),
        "{:?}",
        done.salvaged.rebuilt
    );
    assert_eq!(done.salvaged.unreadable_pages, 0);
    let again = rescue(&profile, &profile.collection(), &out).unwrap_err();
    assert_eq!(
        again.kind(),
        ErrorKind::InvalidInput,
        "nothing is overwritten"
    );
}

#[test]
fn the_log_beside_a_collection_counts() {
    let profile = with_notes(20);
    let mut storage = Storage::open(&profile.collection()).unwrap();
    storage.freeze().unwrap();
    add_notes(&mut storage, &profile.clock, 30);
    let copy = profile.dir().join("copy.anki2");
    std::fs::copy(profile.collection(), &copy).unwrap();
    std::fs::copy(beside(&profile.collection(), "-wal"), beside(&copy, "-wal")).unwrap();
    storage.unfreeze();
    storage.close().unwrap();
    let done = rescue(&profile, &copy, &profile.dir().join("out.anki2")).unwrap();
    assert_eq!((done.notes, done.cards), (50, 50));
    assert_eq!(done.salvaged.lost(), 0);
}

#[test]
fn damage_at_many_places_costs_what_lies_there() {
    let profile = with_notes(3000);
    let sound = std::fs::read(profile.collection()).unwrap();
    let room = tempfile::tempdir().unwrap();
    for round in 0..3usize {
        let mut bytes = sound.clone();
        let places: Vec<usize> = (0..8)
            .map(|n| (n + 1) * 104_729 * (round * 7 + 3))
            .collect();
        damage(&mut bytes, &places, 3000);
        let damaged = room.path().join(format!("{round}.anki2"));
        std::fs::write(&damaged, &bytes).unwrap();
        let out = room.path().join(format!("{round}.out.anki2"));
        let done = rescue(&profile, &damaged, &out).unwrap();
        assert_eq!(std::fs::read(&damaged).unwrap(), bytes, "only read");
        assert!(done.notes > 2000, "{round}: {done:?}");
        recover_keeps_no_more(&damaged, &out, room.path(), round);
        anki_finds_nothing(&out);
    }
}

fn recover_keeps_no_more(damaged: &Path, out: &Path, room: &Path, round: usize) {
    let sqlite = "sqlite3";
    let Ok(dump) = Command::new(sqlite).arg(damaged).arg(".recover").output() else {
        oracle::skip("sqlite3 is not there");
        return;
    };
    // The collation is Anki's own.
    let sql = String::from_utf8_lossy(&dump.stdout).replace("COLLATE unicase", "");
    let recovered = room.join(format!("{round}.recovered"));
    let script = room.join(format!("{round}.sql"));
    std::fs::write(&script, sql).unwrap();
    let read = format!(".read {}", script.display());
    Command::new(sqlite)
        .arg(&recovered)
        .arg(read)
        .output()
        .unwrap();
    for table in ["notes", "cards", "revlog"] {
        let (theirs, ours) = (rows(sqlite, &recovered, table), rows(sqlite, out, table));
        assert!(ours >= theirs, "{round} {table}: {ours} of {theirs}");
    }
}

fn anki_finds_nothing(out: &Path) {
    let script = "import sys\nfrom anki.collection import Collection\n\
                  col = Collection(sys.argv[1])\ntext, ok = col.fix_integrity()\n\
                  print(ok, text)\ncol.close()\n";
    let Some(python) = oracle::python() else {
        return;
    };
    let output = Command::new(python)
        .args(["-c", script])
        .arg(out)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("True"), "{said} {errors}");
    assert!(
        !said.contains("missing") && !said.contains("invalid"),
        "{said}"
    );
}

#[test]
fn a_damaged_list_of_an_old_collection_costs_only_itself() {
    let profile = with_notes(10);
    let mut storage = Storage::open(&profile.collection()).unwrap();
    storage.downgrade_to_11(&Progress::new()).unwrap();
    storage.close().unwrap();
    let sound = std::fs::read(profile.collection()).unwrap();
    let damaged = profile.dir().join("damaged.anki2");
    for (n, (key, made_anew)) in [
        ("\"schedVer\":", "usual settings"),
        ("\"latexPre\":", "note types, whose list was damaged"),
        ("\"browserCollapsed\":", "decks, whose list was damaged"),
        ("\"maxTaken\":", "presets, whose list was damaged"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut bytes = sound.clone();
        let found = |bytes: &[u8]| bytes.windows(key.len()).position(|b| b == key.as_bytes());
        while let Some(at) = found(&bytes) {
            bytes[at + key.len() - 1] = 1;
        }
        assert!(bytes != sound, "{key}");
        std::fs::write(&damaged, bytes).unwrap();
        let out = profile.dir().join(format!("{n}.anki2"));
        let done = rescue(&profile, &damaged, &out).unwrap();
        assert_eq!((done.notes, done.cards, done.revlog), (10, 10, 10));
        let rebuilt = &done.salvaged.rebuilt;
        assert_eq!(rebuilt[0], made_anew);
        // Of note types also those that notes have.
        assert!(rebuilt.len() == 1 || key.contains("latex"), "{rebuilt:?}");
    }
}

#[test]
fn a_card_with_a_damaged_number_adds_no_card_types() {
    let profile = with_notes(5);
    let mut storage = Storage::open(&profile.collection()).unwrap();
    let note_id = storage.all_note_ids().unwrap()[0];
    let mut card = Card {
        note_id,
        deck_id: DeckId::DEFAULT,
        template_idx: 102,
        ..Card::default()
    };
    let now = profile.clock.now();
    storage.tx(now, |tx| tx.add_card(&mut card)).unwrap();
    storage.close().unwrap();
    let out = profile.dir().join("out.anki2");
    let done = rescue(&profile, &profile.collection(), &out).unwrap();
    assert_eq!((done.notes, done.cards), (5, 5));
    assert!(done.salvaged.rebuilt.is_empty(), "{done:?}");
}

#[test]
fn a_field_with_a_damaged_place_adds_no_fields() {
    // The third field, as its row has it: the place, then the name.
    const ROW: &[u8] = b"\x02Add Reverse";
    let profile = with_notes(5);
    let mut bytes = std::fs::read(profile.collection()).unwrap();
    let at = bytes.windows(ROW.len()).position(|part| part == ROW);
    bytes[at.unwrap()] = 102;
    let damaged = profile.dir().join("damaged.anki2");
    std::fs::write(&damaged, bytes).unwrap();
    let out = profile.dir().join("out.anki2");
    let done = rescue(&profile, &damaged, &out).unwrap();
    assert!(done.salvaged.rebuilt.is_empty(), "{done:?}");
    let storage = Storage::open_read_only(&out).unwrap();
    let notetypes = storage.all_notetypes().unwrap();
    let fields = |name: &str| {
        notetypes
            .iter()
            .find(|n| n.name == name)
            .unwrap()
            .fields
            .len()
    };
    assert_eq!(fields("Basic (optional reversed card)"), 3);
}

/// Where the tables begin, by `sqlite3`.
fn roots(file: &Path) -> Option<Vec<usize>> {
    let query = "select rootpage from sqlite_master where name in ('notes', 'cards', 'revlog') \
                 and type = 'table' order by name";
    let Ok(output) = Command::new("sqlite3").arg(file).arg(query).output() else {
        oracle::skip("sqlite3 is not there");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|root| root.parse().unwrap()).collect())
}

#[test]
fn a_pointer_into_another_table_costs_neither_of_them() {
    const PAGE: usize = 4096;
    const LAST_CHILD: usize = 8;
    let profile = with_notes(3000);
    let Some(roots) = roots(&profile.collection()) else {
        return;
    };
    let [_, notes, revlog] = roots[..] else {
        panic!("{roots:?}")
    };
    let mut bytes = std::fs::read(profile.collection()).unwrap();
    let at = (notes - 1) * PAGE;
    assert_eq!(bytes[at], 5, "more than one page");
    let pointer = at + LAST_CHILD;
    bytes[pointer..pointer + 4].copy_from_slice(&(revlog as u32).to_be_bytes());
    let damaged = profile.dir().join("damaged.anki2");
    std::fs::write(&damaged, bytes).unwrap();
    let done = rescue(&profile, &damaged, &profile.dir().join("out.anki2")).unwrap();
    assert_eq!((done.notes, done.cards, done.revlog), (3000, 3000, 3000));
    assert_eq!(done.salvaged.lost(), 0, "{:?}", done.salvaged);
    assert!(done.salvaged.found_loose > 0);
}

/// A pipe that nobody writes to would never end.
#[test]
fn what_is_no_file_is_refused() {
    let cli = Cli::with_profile();
    let (folder, out) = (cli.path("folder"), cli.path("out.anki2"));
    std::fs::create_dir(&folder).unwrap();
    let refused = cli.fails(&["salvage", &folder, &out]);
    assert_eq!(refused, (2, "invalid-input".into()));
    assert!(!Path::new(&out).exists());
}

#[test]
fn without_its_first_page_the_rows_are_still_there() {
    let profile = with_notes(400);
    let mut bytes = std::fs::read(profile.collection()).unwrap();
    bytes[..4096].fill(0);
    let damaged = profile.dir().join("headless.anki2");
    std::fs::write(&damaged, &bytes).unwrap();
    let out = profile.dir().join("out.anki2");
    let done = rescue(&profile, &damaged, &out).unwrap();
    assert_eq!((done.notes, done.cards, done.revlog), (400, 400, 400));
    assert!(done.salvaged.found_loose >= 1200);
    anki_finds_nothing(&out);
}

#[test]
fn a_torn_backup_gives_what_was_before_the_tear() {
    let profile = with_notes(3000);
    let made = profile.back_up(Reason::Manual);
    let bytes = std::fs::read(&made.path).unwrap();
    let torn = profile.dir().join("torn.colpkg");
    let out = profile.dir().join("out.anki2");
    std::fs::write(&torn, &bytes).unwrap();
    let done = rescue(&profile, &torn, &out).unwrap();
    assert_eq!((done.notes, done.unpacked_whole), (3000, true));
    std::fs::remove_file(&out).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() * 3 / 4]).unwrap();
    match rescue(&profile, &torn, &out) {
        Ok(done) => {
            assert!(!done.unpacked_whole);
            assert!(done.notes + done.cards + done.revlog > 0);
            anki_finds_nothing(&out);
        }
        Err(e) => assert_eq!(e.kind(), ErrorKind::Corrupt, "{e}"),
    }
    std::fs::write(&torn, b"PK nothing at all").unwrap();
    let none = rescue(&profile, &torn, &profile.dir().join("none.anki2")).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Corrupt);
    assert!(!profile.dir().join("none.anki2").exists());
}

#[test]
#[expect(clippy::disallowed_types, reason = "damages a collection")]
fn an_entry_that_cannot_be_decoded_costs_only_itself() {
    let profile = with_notes(20);
    let out = profile.dir().join("out.anki2");
    for (table, column) in [
        ("decks", "common"),
        ("decks", "kind"),
        ("deck_config", "config"),
        ("notetypes", "config"),
        ("fields", "config"),
        ("templates", "config"),
    ] {
        let damaged = profile.dir().join("damaged.anki2");
        std::fs::copy(profile.collection(), &damaged).unwrap();
        let db = rusqlite::Connection::open(&damaged).unwrap();
        db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
            .unwrap();
        db.execute_batch(&format!("update {table} set {column} = x'ffffffffff'"))
            .unwrap();
        drop(db);
        let done = rescue(&profile, &damaged, &out).unwrap();
        assert_eq!(
            (done.notes, done.cards, done.revlog),
            (20, 20, 20),
            "{table}"
        );
        assert!(!done.salvaged.rebuilt.is_empty(), "{table}");
        anki_finds_nothing(&out);
        std::fs::remove_file(&out).unwrap();
    }
}

#[test]
fn what_a_package_holds_for_old_programs_is_not_the_collection() {
    let profile = with_notes(50);
    let made = profile.back_up(Reason::Manual);
    let bytes = std::fs::read(&made.path).unwrap();
    let hurt = profile.dir().join("hurt.colpkg");
    let out = profile.dir().join("out.anki2");
    let name = b"collection.anki21b";
    let at = bytes.windows(name.len()).position(|w| w == name).unwrap();
    // The head of the entry, its name, the beginning of what is in it; with and without the
    // archive's directory.
    for (from, to) in [
        (at - 30, at - 20),
        (at, at + 4),
        (at + name.len(), at + name.len() + 40),
    ] {
        for torn in [false, true] {
            let mut damaged = bytes.clone();
            damaged[from..to].fill(0xff);
            if torn {
                damaged.truncate(bytes.len() - 22);
            }
            std::fs::write(&hurt, damaged).unwrap();
            match rescue(&profile, &hurt, &out) {
                Err(e) => assert_eq!(e.kind(), ErrorKind::Corrupt, "{e}"),
                Ok(done) => {
                    assert_eq!(done.notes, 50, "{from} {torn}");
                    std::fs::remove_file(&out).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_package_that_was_written_in_one_go_comes_out_whole() {
    let profile = with_notes(50);
    let made = profile.back_up(Reason::Manual);
    let streamed = profile.dir().join("streamed.colpkg");
    let out = profile.dir().join("out.anki2");
    let mut from = zip::ZipArchive::new(std::fs::File::open(&made.path).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new_stream(std::fs::File::create(&streamed).unwrap());
    for at in 0..from.len() {
        let mut entry = from.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let stored = zip::CompressionMethod::Stored;
        let options = zip::write::SimpleFileOptions::default().compression_method(stored);
        to.start_file(name, options).unwrap();
        std::io::copy(&mut entry, &mut to).unwrap();
    }
    to.finish().unwrap();
    let bytes = std::fs::read(&streamed).unwrap();
    for torn in [false, true] {
        let cut = if torn { bytes.len() - 22 } else { bytes.len() };
        std::fs::write(&streamed, &bytes[..cut]).unwrap();
        let done = rescue(&profile, &streamed, &out).unwrap();
        assert_eq!((done.notes, done.unpacked_whole), (50, true), "{torn}");
        std::fs::remove_file(&out).unwrap();
    }
}

#[test]
fn from_the_terminal() {
    let cli = Cli::with_profile();
    let text = cli.room.path().join("a.txt");
    std::fs::write(&text, "one\ttwo\nthree\tfour\n").unwrap();
    cli.ok(&["import", text.to_str().unwrap()]);
    let live = cli.base().join("Ann/collection.anki2");
    let out = cli.room.path().join("out.anki2");
    let done = cli.ok(&["salvage", live.to_str().unwrap(), out.to_str().unwrap()]);
    assert_eq!((&done["notes"], &done["lost_rows"]), (&2.into(), &0.into()));
    let shown = cli.ok(&["backup", "show", out.to_str().unwrap()]);
    assert_eq!(shown["notes"], 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn noise_never_panics_and_the_input_stays(
        places in proptest::collection::vec(any::<usize>(), 1..40),
        length in 1usize..9000,
        cut in 0usize..4,
    ) {
        thread_local! {
            static SOUND: (Profile, Vec<u8>) = {
                let profile = with_notes(60);
                let bytes = std::fs::read(profile.collection()).unwrap();
                (profile, bytes)
            };
        }
        SOUND.with(|(profile, sound)| {
            let mut bytes = sound.clone();
            bytes.truncate(sound.len() - sound.len() * cut / 5);
            damage(&mut bytes, &places, length);
            let room = tempfile::tempdir().unwrap();
            let damaged = room.path().join("damaged.anki2");
            std::fs::write(&damaged, &bytes).unwrap();
            let done = rescue(profile, &damaged, &room.path().join("out.anki2"));
            assert_eq!(std::fs::read(&damaged).unwrap(), bytes);
            if let Err(e) = done {
                assert_eq!(e.kind(), ErrorKind::Corrupt, "{e:?}");
            }
        });
    }
}
