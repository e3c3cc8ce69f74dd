//! The media of one snapshot, a few files at a time as they are asked for. They stay in a folder
//! beside the fetched collection, where everything finds them that reads the media of a backup.

use super::repo::{Repo, Snapshot};
use super::restore::{fetch_some, names};
use crate::backup::journal::MEDIA;
use crate::base::error::{AtPath as _, Result};
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// See the module header.
pub struct SnapshotMedia {
    vault: Repo,
    snapshot: Snapshot,
    folder: PathBuf,
    names: BTreeSet<String>,
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
        })
    }

    /// Of the files in the snapshot.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.names.len() as u64
    }

    /// Those of `wanted` that the snapshot has and that are not here yet.
    #[must_use]
    pub fn lacking(&self, wanted: &BTreeSet<String>) -> BTreeSet<String> {
        let away = |name: &&String| !self.folder.join(name).exists();
        wanted
            .intersection(&self.names)
            .filter(away)
            .cloned()
            .collect()
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
            std::fs::rename(&from, self.folder.join(name)).at(&from)?;
        }
        Ok(())
    }
}
