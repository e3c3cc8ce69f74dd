//! What the killed process does: the same thing over and over, with a line after each that is done.
//! As a test of its own it does nothing; `kill_harness` starts it again with a work to do.

use crate::kill_harness::{DONE, READY};
use engram::base::ids::DeckId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::card::Card;
use engram::domain::note::Note;
use engram::domain::op::Op;
use engram::domain::revlog::RevlogEntry;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
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
        other => panic!("no such work: {other}"),
    }
}

fn ready() {
    tell(READY);
}

fn done(what: impl std::fmt::Display) {
    tell(&format!("{DONE}{what}"));
}

/// One write call a line, so that a kill leaves a whole line or none.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush())
        .expect("somebody listens");
}

/// A note, its card and a review of it in one transaction, then sometimes back and forth.
fn write(folder: &Path, mut random: StdRng) {
    use rand::Rng as _;
    let mut collection =
        Collection::open(&folder.join("collection.anki2"), Clock::System).expect("it opens");
    let notetype = collection.storage().all_notetypes().expect("note types")[0].id;
    ready();
    loop {
        let guid: u64 = random.random();
        let mut note = Note {
            guid: guid.to_string(),
            notetype_id: notetype,
            fields: vec!["front".repeat(200), "back".to_owned()],
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
            tx.add_revlog(RevlogEntry {
                card_id: card.id,
                button: 3,
                ..RevlogEntry::default()
            })?;
            Ok(note.id)
        });
        done(added.expect("it is written").value);
        if random.random_ratio(1, 4) {
            collection.undo().expect("undone");
            done("undone");
            collection.redo().expect("redone");
            done("redone");
        }
    }
}
