//! A database of Mnemosyne 2 made into a deck package, which is then merged as any other: with a
//! rehearsal, updated when it is imported again, undone in one step. [`types`] says which note
//! types its card types become, [`notes`] does the rest.

mod notes;
mod types;

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampSecs};
use crate::codec::meta::Generation;
use crate::domain::deck::{Deck, DeckCommon, DeckKind, DeckName, NormalDeck};
use crate::formats::writer::{Effort, PackageWriter};
use crate::scheduler::timing::{SchedTiming, TimingInput, timing_at};
use crate::storage::{Origin, PackageFile, mnemosyne};
use crate::t;
use notes::{Converted, Days};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What a database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Day numbers count from so many days ago: Mnemosyne is younger.
const DAYS_BACK: i64 = 10_000;
const ROLLOVER_HOUR: u8 = 4;
/// The name that Mnemosyne gives a database.
const USUAL_NAME: &str = "default";

/// Whether the file is a database at all; which one is seen when it is read.
pub(super) fn is_database(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path)
        .at(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut head)
        .at(path)?;
    Ok(head == MAGIC)
}

/// Writes the package into the folder `staging`. The database and its media folder are only read.
pub(super) fn to_package(
    path: &Path,
    staging: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<PathBuf> {
    let copy = copied(path, staging)?;
    // The path of the copy says nothing to anyone.
    let read = mnemosyne::read(&copy, progress)
        .map_err(|e| Error::new(e.kind(), e.what().to_owned()).at(path))?;
    progress.check()?;
    let (origin, timing) = calendar(clock);
    let days = Days {
        day_number: timing.days_elapsed,
        now: timing.now,
        shift: i64::from(clock.offset_mins_west(timing.now)) * 60 + i64::from(ROLLOVER_HOUR) * 3600,
    };
    let deck = deck_for(path, timing.now);
    let converted = notes::convert(&read, deck.id, days, &media_folder(path))?;
    let content = staging.join("mnemosyne.anki2");
    write_content(&content, origin, &deck, &converted, clock, progress)?;
    let package = staging.join("mnemosyne.apkg");
    pack(&content, &converted, &package, progress)?;
    Ok(package)
}

/// With what an unfinished transaction has left beside it.
fn copied(path: &Path, staging: &Path) -> Result<PathBuf> {
    let copy = staging.join("mnemosyne.db");
    files::copy_to_write(path, &copy)?;
    for ending in ["-journal", "-wal"] {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let from = beside(path);
        if from.is_file() {
            files::copy_to_write(&from, &beside(&copy))?;
        }
    }
    Ok(copy)
}

/// Mnemosyne keeps the media of `x.db` in `x.db_media`.
fn media_folder(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("_media");
    PathBuf::from(name)
}

fn calendar(clock: &Clock) -> (Origin, SchedTiming) {
    let now = clock.now_secs();
    let offset = clock.offset_mins_west(now);
    let origin = Origin {
        created: TimestampSecs(now.0 - DAYS_BACK * 86_400),
        creation_offset: Some(offset),
    };
    let timing = timing_at(&TimingInput {
        created: origin.created,
        now,
        creation_offset: origin.creation_offset,
        local_offset: offset,
        rollover_hour: ROLLOVER_HOUR,
        scheduler_version: 2,
    });
    (origin, timing)
}

/// A deck of the database's name.
fn deck_for(path: &Path, now: TimestampSecs) -> Deck {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match DeckName::from_human(&stem) {
        name if name.as_native().trim().is_empty() || stem.eq_ignore_ascii_case(USUAL_NAME) => {
            DeckName::from_human("Mnemosyne")
        }
        name => name,
    };
    Deck {
        id: types::id_of(&format!("deck {}", name.human())).into(),
        name,
        mtime: now,
        usn: crate::base::ids::Usn::PENDING,
        common: DeckCommon::default(),
        kind: DeckKind::Normal(NormalDeck {
            config_id: crate::base::ids::DeckConfigId::DEFAULT,
            ..NormalDeck::default()
        }),
    }
}

fn write_content(
    path: &Path,
    origin: Origin,
    deck: &Deck,
    converted: &Converted,
    clock: &Clock,
    progress: &Progress,
) -> Result<()> {
    progress.stage(t!("Reading the notes"), converted.notes.len() as u64)?;
    let mut file = PackageFile::create(path, origin, clock)?;
    file.put_deck(deck)?;
    for notetype in &converted.notetypes {
        file.add_notetype(notetype)?;
    }
    for note in &converted.notes {
        progress.step(1)?;
        file.add_note(note)?;
        file.add_tags(note.tags.iter().map(String::as_str))?;
    }
    converted
        .cards
        .iter()
        .try_for_each(|card| file.add_card(card))?;
    file.index_notes_and_cards()?;
    file.add_reviews(&converted.reviews)?;
    file.finish(false, progress)
}

fn pack(content: &Path, converted: &Converted, out: &Path, progress: &Progress) -> Result<()> {
    let write = || -> Result<()> {
        let mut writer = PackageWriter::start(File::create_new(out)?, Generation::Latest)?;
        let mut source = File::open(content)?;
        let len = source.metadata()?.len();
        writer.write_collection(&mut source, len, Effort::for_size(len), progress)?;
        for media in &converted.media {
            let mut source = File::open(&media.path).at(&media.path)?;
            writer.add_media(&media.name, &mut source, progress)?;
        }
        writer.finish()?;
        Ok(())
    };
    write().at(out)
}
