//! What the killed process does: the same thing over and over, with a line after each that is done.
//! As a test of its own it does nothing; `kill_harness` starts it again with a work to do.

use crate::kill_harness::{DONE, READY};
use crate::{backup_moves, kill_copies, kill_exports, kill_transfers};
use engram::backup::entry::Reason;
use engram::backup::export::{ExportOptions, export_colpkg, import_colpkg};
use engram::backup::plan::Options;
use engram::backup::restore;
use engram::backup::write::create;
use engram::base::ids::{DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::Card;
use engram::domain::note::Note;
use engram::domain::op::Op;
use engram::domain::revlog::RevlogEntry;
use engram::domain::study::Rating;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[test]
fn work() {
    let Ok(work) = std::env::var("ENGRAM_KILL_WORK") else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os("ENGRAM_KILL_FOLDER").expect("a folder"));
    let seed = std::env::var("ENGRAM_KILL_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .expect("a seed");
    let random = StdRng::seed_from_u64(seed);
    match work.as_str() {
        "write" => write(&folder, random),
        "answer" => answer(&folder, random),
        "backup" => backup(&folder, random),
        "restore" => restore_and_undo(&folder),
        "import" => import(&folder),
        "export" => export(&folder),
        "move" => backup_moves::work(&folder),
        "second-folder" => kill_copies::second_folder_work(&folder),
        "mirror" => kill_copies::mirror_work(&folder, random),
        "mail" => kill_copies::mail_work(&folder),
        "recover" => kill_copies::recover_work(&folder),
        "repair" => kill_copies::repair_work(&folder),
        "transfer" => kill_transfers::work(&folder),
        "vault-restore" => kill_copies::vault_work(&folder),
        kind if kind.ends_with("-package") => kill_exports::work(&folder, kind),
        other => panic!("no such work: {other}"),
    }
}

pub fn ready() {
    tell(READY);
}

pub fn done(what: impl std::fmt::Display) {
    tell(&format!("{DONE}{what}"));
}

/// One write call a line, so that a kill leaves a whole line or none.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush())
        .expect("somebody listens");
}

/// Adds a note, its card and a review of it in one transaction; returns the note's id.
fn add(collection: &mut Collection, guid: u64, field: String) -> NoteId {
    add_note(collection, guid, field, true)
}

fn add_note(collection: &mut Collection, guid: u64, field: String, reviewed: bool) -> NoteId {
    let notetype = collection.storage().all_notetypes().expect("note types")[0].id;
    let mut note = Note {
        guid: guid.to_string(),
        notetype_id: notetype,
        fields: vec![field, "back".to_owned()],
        ..Note::default()
    };
    let added = collection.transact(Op::AddNote, |tx| {
        tx.add_note(&mut note)?;
        let mut card = Card {
            note_id: note.id,
            deck_id: DeckId::DEFAULT,
            ..Card::default()
        };
        tx.add_card(&mut card)?;
        if reviewed {
            tx.add_revlog(RevlogEntry {
                card_id: card.id,
                button: 3,
                ..RevlogEntry::default()
            })?;
        }
        Ok(note.id)
    });
    added.expect("it is written").value
}

/// A collection of some size, so that what is done with it takes a while.
pub fn grow(collection: &mut Collection, notes: u64, random: &mut StdRng) {
    for _ in 0..notes {
        // Text that does not shrink much.
        let words: Vec<String> = (0..60)
            .map(|_| random.random::<u64>().to_string())
            .collect();
        add(collection, random.random(), words.join(" "));
    }
}

/// New cards to study.
pub fn grow_new(collection: &mut Collection, notes: u64) {
    for guid in 0..notes {
        add_note(collection, guid, format!("word {guid}"), false);
    }
}

/// Transactions, sometimes taken back and done again.
fn write(folder: &Path, mut random: StdRng) {
    let mut collection = open(folder);
    ready();
    loop {
        let id = add(&mut collection, random.random(), "front".repeat(200));
        done(id);
        if random.random_ratio(1, 4) {
            collection.undo().expect("undone");
            done("undone");
            collection.redo().expect("redone");
            done("redone");
        }
    }
}

/// Days that were studied so far, in the collection itself.
const DAYS: &str = "killTestDays";
/// When the studying began; the clock stands still but for what we move it.
pub const FIRST_DAY: TimestampMillis = TimestampMillis(1_700_000_000_000);

/// Studies: every answer acknowledged as card and number of its repetitions.
fn answer(folder: &Path, mut random: StdRng) {
    let path = folder.join("collection.anki2");
    let clock = Clock::fixed(FIRST_DAY, 0);
    let mut collection = Collection::open(&path, clock.clone()).expect("it opens");
    let days: i64 = collection.storage().config_or(DAYS, 0).expect("a number");
    let answers = collection.storage().counts().expect("counts").revlog;
    clock.advance_millis(days * 86_400_000 + answers.cast_signed() * 20_000);
    ready();
    loop {
        let Some(card) = collection.next_card().expect("a queue") else {
            let days: i64 = collection.storage().config_or(DAYS, 0).expect("a number");
            let tomorrow = collection.transact(Op::SkipUndo, |tx| tx.set_config(DAYS, &(days + 1)));
            tomorrow.expect("it is written");
            clock.advance_millis(86_400_000);
            continue;
        };
        let rating = Rating::ALL[random.random_range(0..4)];
        let answered = collection.answer(card.answer(rating, 4000));
        let card = answered.expect("it is answered").value.card;
        clock.advance_millis(20_000);
        done(format!("{} {}", card.id, card.reps));
    }
}

/// Backups from the frozen file while writing goes on, as in the window.
fn backup(folder: &Path, mut random: StdRng) {
    let mut collection = open(folder);
    ready();
    loop {
        add(&mut collection, random.random(), "one more".to_owned());
        let frozen = collection.storage().freeze().expect("it is frozen");
        let made = std::thread::scope(|threads| {
            let job = threads.spawn(|| {
                let progress = Progress::new();
                create(&frozen, folder, Reason::Interval, &Clock::System, &progress)
            });
            while !job.is_finished() {
                done(add(
                    &mut collection,
                    random.random(),
                    "meanwhile".to_owned(),
                ));
            }
            job.join().expect("no panic")
        });
        collection.storage().unfreeze();
        done(made.expect("a backup").path.display());
    }
}

/// Names of the two packages that are restored and imported in turn; see `kill_moments`.
pub const PACKAGES: [&str; 2] = ["a.colpkg", "b.colpkg"];

/// Restores the second package and takes it back, as the window does: a start finishes or undoes
/// what was interrupted.
fn restore_and_undo(folder: &Path) {
    let progress = Progress::new();
    restore::resume(folder).expect("what was interrupted is settled");
    let other = folder.join(PACKAGES[1]);
    ready();
    loop {
        if restore::undoable(folder).expect("known").is_some() {
            restore::undo(folder, &Clock::System, &progress).expect("it is undone");
            done("a");
        }
        restore::restore(folder, &other, Options::RESTORE, &Clock::System, &progress)
            .expect("it is restored");
        done("b");
    }
}

/// Imports the two packages in turn.
fn import(folder: &Path) {
    let progress = Progress::new();
    restore::resume(folder).expect("what was interrupted is settled");
    ready();
    loop {
        for (name, state) in PACKAGES.iter().zip(["a", "b"]) {
            import_colpkg(folder, &folder.join(name), &Clock::System, &progress)
                .expect("it is imported");
            done(state);
        }
    }
}

/// Exports into the folder `out` beside the profile, in both formats, under few names.
fn export(folder: &Path) {
    let collection = open(folder);
    let media = folder.join("collection.media");
    let out = folder.parent().expect("a folder").join("out");
    ready();
    for round in 0_u32.. {
        let frozen = collection.storage().freeze().expect("it is frozen");
        let options = ExportOptions {
            media: Some(&media),
            legacy: round % 4 == 3,
            data_folder: Some(folder),
            room: folder,
            lock: None,
        };
        let target = out.join(format!("{}.colpkg", round % 3));
        let exported = export_colpkg(&frozen, &target, &options, &Progress::new());
        collection.storage().unfreeze();
        done(exported.expect("it is exported").path.display());
    }
}

pub fn open(folder: &Path) -> Collection {
    Collection::open(&folder.join("collection.anki2"), Clock::System).expect("it opens")
}
