//! A profile for tests about backups: a folder with a collection that can grow, media, a clock
//! that stands still, and what a look at it says.

use engram::backup::catalog;
use engram::backup::entry::{Entry, Reason, Rules};
use engram::backup::plan::Options;
use engram::backup::restore::{Restored, restore};
use engram::backup::write;
use engram::base::error::Result;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::domain::card::Card;
use engram::domain::note::Note;
use engram::domain::revlog::RevlogEntry;
use engram::storage::Storage;
use engram::storage::snapshot::FrozenFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Noon UTC on a Wednesday.
pub const NOON: i64 = 1_799_841_600_000;
pub const HOUR: i64 = 3_600_000;

pub struct Profile {
    folder: tempfile::TempDir,
    pub clock: Clock,
}

impl Profile {
    /// With `notes` notes, a card and a review each.
    pub fn with_notes(notes: usize) -> Self {
        let profile = Self::empty();
        Storage::create(&profile.collection(), &profile.clock)
            .unwrap()
            .close()
            .unwrap();
        profile.add_notes(notes);
        profile
    }

    /// Without a collection.
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir_in(place()).unwrap(),
            clock: Clock::fixed(TimestampMillis(NOON), 0),
        }
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub fn collection(&self) -> PathBuf {
        self.dir().join("collection.anki2")
    }

    pub fn backups(&self) -> PathBuf {
        catalog::folder(self.dir())
    }

    pub fn media(&self) -> PathBuf {
        self.dir().join("collection.media")
    }

    pub fn write_media(&self, name: &str, content: &[u8]) {
        std::fs::create_dir_all(self.media()).unwrap();
        std::fs::write(self.media().join(name), content).unwrap();
    }

    pub fn add_notes(&self, notes: usize) {
        let mut storage = Storage::open(&self.collection()).unwrap();
        add_notes(&mut storage, &self.clock, notes);
        storage.close().unwrap();
    }

    /// A backup of the closed collection.
    pub fn back_up(&self, reason: Reason) -> Entry {
        self.try_back_up(reason, &Progress::new()).unwrap()
    }

    pub fn try_back_up(&self, reason: Reason, progress: &Progress) -> Result<Entry> {
        let frozen = FrozenFile::of_closed(&self.collection())?;
        write::create(&frozen, self.dir(), reason, &self.clock, progress)
    }

    pub fn restore(&self, file: &Path) -> Result<Restored> {
        restore(
            self.dir(),
            file,
            Options::RESTORE,
            &self.clock,
            &Progress::new(),
        )
    }

    pub fn list(&self) -> Vec<Entry> {
        catalog::list(self.dir(), &Rules::default(), &self.clock).unwrap()
    }

    /// Opens as the program does and counts the notes.
    pub fn notes(&self) -> u64 {
        let storage = Storage::open(&self.collection()).unwrap();
        let notes = storage.counts().unwrap().notes;
        storage.close().unwrap();
        notes
    }

    /// Every file with its content, our temporary ones included; not the backups and not the
    /// deleted media.
    pub fn picture(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.dir(), self.dir(), &mut files);
        files.retain(|path, _| !path.starts_with("backups") && !path.starts_with("media.trash"));
        files
    }
}

/// Memory where there is enough of it: these tests sync thousands of files.
fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if engram::base::files::free_space(memory).is_ok_and(|free| free > 4 << 30) {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// In one transaction.
pub fn add_notes(storage: &mut Storage, clock: &Clock, notes: usize) {
    let notetype = storage.all_notetypes().unwrap()[0].id;
    clock.advance_millis(1);
    storage
        .tx(clock.now(), |tx| {
            for n in 0..notes {
                let mut note = Note {
                    guid: format!("{}-{n}", tx.now().0),
                    notetype_id: notetype,
                    fields: vec![format!("front {n} {}", "x".repeat(n % 300)), "back".into()],
                    ..Note::default()
                };
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
            }
            Ok(())
        })
        .unwrap();
}
