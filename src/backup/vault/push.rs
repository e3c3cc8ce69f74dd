//! A profile into the vault: the collection as it is at this moment, the media folder, the history
//! of notes and the preferences. Only what the vault does not have is sent.

use super::repo::{Findings, Repo, Snapshot};
use super::source::{Item, Verdict};
use super::tidy::Tidied;
use crate::backup::entry::Contents;
use crate::backup::journal::{COLLECTION, MEDIA};
use crate::backup::preferences;
use crate::backup::runs::Outcome;
use crate::backup::write::{contents_of, spawn};
use crate::base::error::AtPath as _;
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::formats::zip_guard::require_space;
use crate::media::folder;
use crate::storage::history;
use crate::storage::inspect::{self, Depth};
use crate::storage::snapshot::FrozenFile;
use crate::{mark, t};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;

pub(super) const HISTORY: &str = "collection.history";
/// Texts of deleted notes.
pub(super) const DELETED: &str = "deleted.txt";
/// Snapshots of profiles are below it.
const ROOT: &str = "/engram";
/// A media file may come or go while the vault is written.
const TRIES: u32 = 3;

/// What was saved.
#[derive(Debug)]
pub struct Pushed {
    pub snapshot: Snapshot,
    /// Bytes that were sent.
    pub sent: u64,
    /// Of the look at the vault afterwards. Errors: what was saved before is damaged.
    pub findings: Findings,
    /// How the vault was thinned afterwards, and how much it takes; None: nobody looked.
    pub thinned: Option<Result<Tidied>>,
    /// For people.
    pub notice: Option<&'static str>,
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

/// The collection as it was at one moment, copied; it goes away with the value.
#[derive(Debug)]
pub struct Prepared {
    staging: StagingDir,
    contents: Contents,
    collection_mod: TimestampMillis,
}

impl Prepared {
    /// Copies the frozen collection of the profile in `profile_dir`: a matter of moments.
    pub fn copy(profile_dir: &Path, frozen: &FrozenFile, progress: &Progress) -> Result<Self> {
        require_space(profile_dir, frozen.size() + FREE_SPACE_RESERVE)?;
        let staging = StagingDir::create_in(profile_dir)?;
        progress.stage(t!("Copying the collection"), 0)?;
        let copy = staging.path().join(COLLECTION);
        frozen.compact_copy(&copy, progress)?;
        let counts = inspect::open_watched(&copy, progress)
            .and_then(|storage| storage.counts())
            .at(&copy)?;
        Ok(Self {
            staging,
            contents: Contents {
                notes: counts.notes,
                cards: counts.cards,
                revlog: counts.revlog,
            },
            collection_mod: frozen.collection_mod(),
        })
    }

    /// `col.mod` of what is saved.
    #[must_use]
    pub fn collection_mod(&self) -> TimestampMillis {
        self.collection_mod
    }

    fn check(&self, progress: &Progress) -> Result<()> {
        let copy = self.staging.path().join(COLLECTION);
        if contents_of(&inspect::check(&copy, Depth::Full, progress)?) == self.contents {
            return Ok(());
        }
        Err(Error::corrupt(mark!(
            "the collection is damaged: its tables are not read the same twice"
        )))
    }
}

/// Saves the profile `name` in `profile_dir`, whose collection is `prepared`. It is checked while it
/// is sent, and there is no snapshot of one that is damaged.
pub fn push(vault: &Repo, profile_dir: &Path, name: &str, prepared: &Prepared) -> Result<Pushed> {
    vault.exclusively(|| {
        let verdict = &Verdict::default();
        let progress = vault.progress();
        let notice = vault.end_change().unwrap_or_else(|error| {
            tracing::warn!("whether the password is being changed is not known: {error}");
            None
        });
        let saved = thread::scope(|scope| {
            spawn(scope, "vault-check", move || {
                let checked = catch_unwind(AssertUnwindSafe(|| prepared.check(&progress)));
                let died = |_| Err(Error::bug("checking the collection ended unexpectedly"));
                verdict.give(checked.unwrap_or_else(died));
                Ok(())
            })?;
            save(vault, profile_dir, name, prepared, verdict)
        });
        let mut snapshot = match saved {
            // The lists of files of the snapshot before may be among what was lost.
            Err(e)
                if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Corrupt)
                    && vault.has_lost().unwrap_or(false) =>
            {
                vault.make_index()?;
                save(vault, profile_dir, name, prepared, verdict)?
            }
            saved => saved?,
        };
        let mut findings = vault.check(false)?;
        if (findings.unlisted || findings.lost) && !findings.errors.is_empty() {
            let is_lost = findings.lost && vault.has_lost()?;
            if findings.unlisted || is_lost {
                vault.make_index()?;
            }
            if is_lost {
                // It was taken for sent, and is here still: now it is sent again.
                let again = save(vault, profile_dir, name, prepared, verdict)?;
                vault.unlist(&[&std::mem::replace(&mut snapshot, again)])?;
            }
            findings = vault.check(false)?;
        }
        Ok(Pushed {
            snapshot,
            sent: vault.sent(),
            findings,
            thinned: None,
            notice,
        })
    })
}

/// Again when a media file came or went meanwhile.
fn save(
    vault: &Repo,
    profile_dir: &Path,
    name: &str,
    prepared: &Prepared,
    verdict: &Verdict,
) -> Result<Snapshot> {
    let folder = inside(name);
    let mut tries = 1;
    loop {
        let items = items(profile_dir, prepared.staging.path(), &folder)?;
        match vault.save(&folder, items, name, prepared.contents.counted(), verdict) {
            Err(e)
                if tries < TRIES
                    && matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Conflict)
                    && e.path().is_some_and(|path| path.starts_with(profile_dir)) =>
            {
                tries += 1;
            }
            saved => return saved,
        }
    }
}

/// Where the profile `name` is inside a snapshot.
pub(super) fn inside(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

fn items(profile_dir: &Path, staging: &Path, folder: &Path) -> Result<Vec<Item>> {
    let item = |name: &str, path: PathBuf| Item {
        inside: folder.join(name),
        path,
        is_replaced_whole: false,
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
        // Whatever it is: the format stores any name.
        inside: (folder.join(MEDIA)).join(file.path.file_name().unwrap_or_default()),
        path: file.path,
        is_replaced_whole: true,
    }));
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::super::{Opened, Setting};
    use super::*;
    use crate::base::time::Clock;
    use crate::storage::Storage;

    #[test]
    fn a_damaged_collection_gives_no_snapshot() {
        let room = tempfile::tempdir().unwrap();
        let profile = room.path().join("Ann");
        std::fs::create_dir(&profile).unwrap();
        let path = profile.join(COLLECTION);
        let created = Storage::create(&path, &Clock::System).unwrap();
        created.close().unwrap();
        let to = room.path().join("vault");
        let setting = Setting::of_folder(&to, "a", &Opened::default());
        let vault = setting.init().unwrap();
        let prepared = || {
            let frozen = FrozenFile::of_closed(&path).unwrap();
            Prepared::copy(&profile, &frozen, &setting.progress).unwrap()
        };
        let damaged = prepared();
        let copy = damaged.staging.path().join(COLLECTION);
        let mut bytes = std::fs::read(&copy).unwrap();
        let last_page = bytes.len() - 4096;
        bytes[last_page..].fill(0xff);
        std::fs::write(&copy, bytes).unwrap();
        let error = push(&vault, &profile, "Ann", &damaged).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert!(vault.snapshots().unwrap().is_empty());
        let pushed = push(&vault, &profile, "Ann", &prepared()).unwrap();
        assert!(pushed.findings.errors.is_empty());
        assert_eq!(vault.snapshots().unwrap(), [pushed.snapshot]);
    }
}
