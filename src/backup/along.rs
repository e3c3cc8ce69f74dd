//! What goes along in an encrypted export beside what Anki puts into a package: the profile's
//! preferences, the former versions of notes, and a text that says how to open all of it. Other
//! programs pass over these files; an import here brings them back.

use super::journal::COLLECTION;
use super::preferences;
use crate::base::error::{Error, Result};
use crate::base::job::Progress;
use crate::formats::collection_files::{CollectionFile, by_name};
use crate::formats::reader::Package;
use crate::formats::writer::Extra;
use crate::storage::{history, log_file};
use crate::t;
use std::path::Path;

const PREFERENCES: &str = "preferences.json";
const HISTORY: &str = "collection.history";
const README: &str = "README.txt";
const README_TEXT: &str = "\
This is a collection of flashcards, exported by Engram. Anki and Engram import the file as it is
(File > Import) when its name ends in .colpkg. Without either of them:

  age -d NAME.colpkg.age > NAME.colpkg     takes the encryption off
  unzip NAME.colpkg                        takes out what is in it
  zstd -d collection.anki21b -o notes.sqlite
  sqlite3 notes.sqlite 'select flds from notes'

collection.anki21b  all notes, cards and reviews: an SQLite database, compressed by zstd.
                    (collection.anki2 in the package is a placeholder for old programs;
                    exports for old versions have collection.anki21, not compressed, instead)
media               the names of sounds and pictures, which lie in files 0, 1, 2 …, all
                    compressed by zstd
media-names.json    the names that sounds and pictures have in notes, where other systems refuse
                    these
preferences.json    the preferences of the profile
collection.history  former versions of notes: an SQLite database
";

/// What goes along, of the profile in `profile_dir`; `staging` takes copies for as long as they are
/// packed.
pub fn gather(profile_dir: &Path, staging: &Path, progress: &Progress) -> Result<Vec<Extra>> {
    let mut extras = vec![Extra::text(README, README_TEXT)];
    if let Some(value) = preferences::read(profile_dir) {
        let text = serde_json::to_string_pretty(&value)
            .map_err(|e| Error::bug("preferences cannot be written").because(e))?;
        extras.push(Extra::text(PREFERENCES, &text));
    }
    progress.stage(t!("Copying the history of notes"), 0)?;
    let copy = staging.join(HISTORY);
    if history::copy_of(&profile_dir.join(COLLECTION), &copy)? {
        extras.push(Extra::file(HISTORY, copy));
    }
    Ok(extras)
}

/// What a package brought along.
#[derive(Debug, Default)]
pub(super) struct Along {
    pub preferences: Option<serde_json::Value>,
    history: bool,
}

/// Looks for it in `package`, and unpacks the history into the folder `staging`.
pub(super) fn unpack(package: &Path, staging: &Path, progress: &Progress) -> Result<Along> {
    if by_name(package) != Some(CollectionFile::Package) {
        return Ok(Along::default());
    }
    let mut opened = Package::open(package)?;
    let mut text = Vec::new();
    let preferences =
        if opened.unpack_extra(PREFERENCES, preferences::LARGEST, &mut text, progress)? {
            serde_json::from_slice(&text)
                .ok()
                .filter(serde_json::Value::is_object)
        } else {
            None
        };
    let mut file = std::fs::File::create(staging.join(HISTORY))?;
    let most = crate::base::limits::MAX_EXTRA_BYTES;
    let history = opened.unpack_extra(HISTORY, most, &mut file, progress)?;
    Ok(Along {
        preferences,
        history,
    })
}

impl Along {
    /// What lies in the folder `staging` under the names of a profile.
    pub(super) fn beside(staging: &Path) -> Self {
        Self {
            preferences: preferences::read(staging),
            history: staging.join(HISTORY).is_file(),
        }
    }

    /// Adds the versions of notes that came along to those that are there. Nobody may have the
    /// collection open.
    pub(super) fn add_history(&self, profile_dir: &Path, staging: &Path) -> Result<()> {
        if self.history {
            let came = staging.join(HISTORY);
            log_file::require_sound(&came)?;
            history::add_from(&profile_dir.join(COLLECTION), &came)?;
        }
        Ok(())
    }
}
