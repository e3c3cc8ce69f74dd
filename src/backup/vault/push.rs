//! A profile into the vault: the collection as it is at this moment, the media folder, the history
//! of notes and the preferences. Only what the vault does not have is sent.

use super::repo::{Findings, Repo, Snapshot};
use super::source::Item;
use crate::backup::journal::{COLLECTION, MEDIA};
use crate::backup::preferences;
use crate::backup::runs::Outcome;
use crate::backup::write::contents_of;
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::TimestampMillis;
use crate::base::{ErrorKind, Result};
use crate::formats::zip_guard::require_space;
use crate::media::folder;
use crate::storage::history;
use crate::storage::inspect::{self, Depth};
use crate::storage::snapshot::FrozenFile;
use std::path::{Path, PathBuf};

pub(super) const HISTORY: &str = "collection.history";
/// Texts of deleted notes.
const DELETED: &str = "deleted.txt";
/// Snapshots of profiles are below it.
const ROOT: &str = "/engram";
/// A media file may come or go while the vault is written.
const TRIES: u32 = 3;

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub snapshot: Snapshot,
    /// Bytes that were sent.
    pub sent: u64,
    /// Of the look at the vault afterwards. Errors: what was saved before is damaged.
    pub findings: Findings,
}

impl Pushed {
    /// For the log of runs.
    #[must_use]
    pub fn told(&self) -> (Outcome, String) {
        match self.findings.errors.first() {
            Some(error) => (Outcome::Failed, error.clone()),
            None => (Outcome::Done, self.snapshot.description.clone()),
        }
    }
}

/// The collection as it was at one moment, copied and checked; it goes away with the value.
#[derive(Debug)]
pub struct Prepared {
    staging: StagingDir,
    description: String,
    collection_mod: TimestampMillis,
}

impl Prepared {
    /// Copies the frozen collection of the profile in `profile_dir`: a matter of moments.
    pub fn copy(profile_dir: &Path, frozen: &FrozenFile, progress: &Progress) -> Result<Self> {
        require_space(profile_dir, frozen.size() + FREE_SPACE_RESERVE)?;
        let staging = StagingDir::create_in(profile_dir)?;
        progress.stage("Copying the collection", 0)?;
        let copy = staging.path().join(COLLECTION);
        frozen.compact_copy(&copy, progress)?;
        let contents = contents_of(&inspect::check(&copy, Depth::Full, progress)?);
        Ok(Self {
            staging,
            description: contents.counted(),
            collection_mod: frozen.collection_mod(),
        })
    }

    /// `col.mod` of what is saved.
    #[must_use]
    pub fn collection_mod(&self) -> TimestampMillis {
        self.collection_mod
    }
}

/// Saves the profile `name` in `profile_dir`, whose collection is `prepared`.
pub fn push(vault: &Repo, profile_dir: &Path, name: &str, prepared: &Prepared) -> Result<Pushed> {
    let folder = inside(name);
    vault.exclusively(|| {
        let mut tries = 1;
        let snapshot = loop {
            let items = items(profile_dir, prepared.staging.path(), &folder)?;
            match vault.save(&folder, items, name, prepared.description.clone()) {
                Err(e)
                    if tries < TRIES
                        && matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Conflict)
                        && e.path().is_some_and(|path| path.starts_with(profile_dir)) =>
                {
                    tries += 1;
                }
                saved => break saved?,
            }
        };
        let findings = vault.check(false)?;
        Ok(Pushed {
            snapshot,
            sent: vault.sent(),
            findings,
        })
    })
}

/// Where the profile `name` is inside a snapshot.
fn inside(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

fn items(profile_dir: &Path, staging: &Path, folder: &Path) -> Result<Vec<Item>> {
    let item = |name: &str, path: PathBuf| Item {
        inside: folder.join(name),
        path,
    };
    let mut items = vec![item(COLLECTION, staging.join(COLLECTION))];
    let history = staging.join(HISTORY);
    if history.is_file() || history::copy_of(&profile_dir.join(COLLECTION), &history)? {
        items.push(item(HISTORY, history));
    }
    for name in [preferences::FILE, DELETED] {
        let path = profile_dir.join(name);
        if path.is_file() {
            items.push(item(name, path));
        }
    }
    let media = folder::list(&profile_dir.join(MEDIA))?;
    items.extend(media.into_iter().map(|file| Item {
        inside: folder.join(MEDIA).join(&file.name),
        path: file.path,
    }));
    Ok(items)
}
