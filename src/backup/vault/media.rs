//! The media of one snapshot, a few files at a time as they are asked for. They stay in a folder
//! beside the fetched collection, where everything finds them that reads the media of a backup.

use super::repo::{Repo, Snapshot};
use super::restore::{fetch_some, names, profile_in};
use crate::backup::journal::{COLLECTION, MEDIA};
use crate::base::error::{AtPath as _, Result};
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module header.
pub struct SnapshotMedia {
    vault: Repo,
    snapshot: Snapshot,
    folder: PathBuf,
    names: BTreeSet<String>,
    /// Files that were fetched and cannot be called so here: nobody waits for them again.
    stay_away: Mutex<BTreeSet<String>>,
}

/// What reading all files of a snapshot but the collection found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MediaRead {
    /// Media files that are sound.
    pub files: u64,
    /// Of these.
    pub bytes: u64,
    /// What is damaged, media or not, for people.
    pub findings: Vec<String>,
}

impl std::fmt::Debug for SnapshotMedia {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SnapshotMedia({} files)", self.names.len())
    }
}

impl SnapshotMedia {
    /// Of a snapshot whose collection was fetched to `collection`. A snapshot without media gets
    /// no folder.
    pub fn beside(collection: &Path, vault: Repo, snapshot: &Snapshot) -> Result<Self> {
        let folder = collection.with_extension("media");
        let names = names(&vault, snapshot, Path::new(MEDIA))?;
        if !names.is_empty() {
            std::fs::create_dir_all(&folder).at(&folder)?;
        }
        Ok(Self {
            vault,
            snapshot: snapshot.clone(),
            folder,
            names,
            stay_away: Mutex::default(),
        })
    }

    /// Of the files in the snapshot.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.names.len() as u64
    }

    /// Of all its files.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Those of `wanted` that the snapshot has and that are not here yet.
    #[must_use]
    pub fn lacking(&self, wanted: &BTreeSet<String>) -> BTreeSet<String> {
        let gone = self.stay_away();
        let away = |name: &&String| !gone.contains(*name) && !self.folder.join(name).exists();
        wanted
            .intersection(&self.names)
            .filter(away)
            .cloned()
            .collect()
    }

    /// Reads every media file, the history and the preferences where they lie, and compares them with
    /// the hashes by which the vault knows them.
    pub fn read_through(&self, progress: &Progress) -> Result<MediaRead> {
        self.vault.follow(progress);
        let vault = self.vault.contents()?;
        let files = vault.files(&self.snapshot)?;
        let folder = profile_in(&files, &self.snapshot.label)?;
        let rest = |path: &Path| path != Path::new(COLLECTION);
        let read = vault.read(&self.snapshot, folder, rest)?;
        let media = read.sound.iter().filter(|(path, _)| {
            let name = path.strip_prefix(MEDIA).ok().and_then(Path::to_str);
            name.is_some_and(|name| self.names.contains(name))
        });
        let (mut files, mut bytes) = (0, 0);
        for (_, size) in media {
            files += 1;
            bytes += size;
        }
        Ok(MediaRead {
            files,
            bytes,
            findings: read.findings,
        })
    }

    fn stay_away(&self) -> MutexGuard<'_, BTreeSet<String>> {
        let known = self.stay_away.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings what is [`Self::lacking`].
    pub fn bring(&self, wanted: &BTreeSet<String>, progress: &Progress) -> Result<()> {
        let lacking = self.lacking(wanted);
        if lacking.is_empty() {
            return Ok(());
        }
        self.vault.follow(progress);
        let room = StagingDir::create_in(&self.folder)?;
        let is_wanted = |path: &Path| {
            let name = path.strip_prefix(MEDIA).ok().and_then(Path::to_str);
            name.is_some_and(|name| lacking.contains(name))
        };
        fetch_some(&self.vault, &self.snapshot, is_wanted, room.path())?;
        for name in &lacking {
            let from = room.path().join(MEDIA).join(name);
            // What cannot be called so here stays away.
            if !from.exists() {
                self.stay_away().insert(name.clone());
                continue;
            }
            std::fs::rename(&from, self.folder.join(name)).at(&from)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::push::{Prepared, push};
    use super::super::restore::fetch_collection;
    use super::super::{Opened, Setting};
    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::time::Clock;
    use crate::storage::Storage;
    use crate::storage::snapshot::FrozenFile;

    #[test]
    fn reading_through_counts_media_and_can_be_cancelled() {
        let room = tempfile::tempdir().unwrap();
        let profile = room.path().join("Ann");
        std::fs::create_dir_all(profile.join(MEDIA)).unwrap();
        let path = profile.join(COLLECTION);
        let created = Storage::create(&path, &Clock::System).unwrap();
        created.close().unwrap();
        // Two of the same: their parts are in the vault once.
        for (name, size) in [("a.png", 5000), ("b.png", 5000), ("c.png", 0), ("d.png", 7)] {
            std::fs::write(profile.join(MEDIA).join(name), vec![7; size]).unwrap();
        }
        let disk = room.path().join("vault");
        let setting = Setting::of_folder(&disk, "a", &Opened::default());
        let vault = setting.init().unwrap();
        let frozen = FrozenFile::of_closed(&path).unwrap();
        let prepared = Prepared::copy(&profile, &frozen, &setting.progress).unwrap();
        let snapshot = push(&vault, &profile, "Ann", &prepared).unwrap().snapshot;
        let to = room.path().join("fetched");
        std::fs::create_dir(&to).unwrap();
        let collection = fetch_collection(&vault, &snapshot, &to).unwrap();
        let mut media = SnapshotMedia::beside(&collection, vault, &snapshot).unwrap();
        let read = media.read_through(&Progress::new()).unwrap();
        let expected = MediaRead {
            files: 4,
            bytes: 10_007,
            findings: Vec::new(),
        };
        assert_eq!(read, expected);
        // A name that this system cannot have is not asked for again and again.
        media.names.insert("nowhere.png".to_owned());
        let both = BTreeSet::from(["a.png", "nowhere.png"].map(str::to_owned));
        assert_eq!(media.lacking(&both), both);
        media.bring(&both, &Progress::new()).unwrap();
        assert!(media.folder.join("a.png").exists());
        assert!(media.lacking(&both).is_empty());

        let cancelled = Progress::new();
        cancelled.cancel();
        let error = media.read_through(&cancelled).unwrap_err();
        assert!(error.is_interrupted(), "{error}");

        // A disk that goes away after the list of files was read is not damage.
        let vault = setting.open().unwrap();
        let contents = vault.contents().unwrap();
        let files = contents.files(&snapshot).unwrap();
        let pulled = |path: &Path| {
            if path.starts_with(MEDIA) && disk.exists() {
                std::fs::rename(&disk, room.path().join("away")).unwrap();
            }
            true
        };
        let folder = profile_in(&files, "Ann").unwrap();
        let error = contents.read(&snapshot, folder, pulled).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(!disk.exists());
    }
}
