//! The files of a snapshot: listed, fetched to a folder, or read through to see that they are whole;
//! and which snapshots cannot be restored whole.

use super::Repo;
use super::parallel::in_parallel;
use super::seal::{Opener, Openers};
use crate::backup::vault::Snapshot;
use crate::base::error::AtPath as _;
use crate::base::{Error, ErrorKind, Result};
use crate::media::hash::{MediaHash, MediaHasher, hash};
use crate::media::names::{self, with_hash};
use crate::{mark, t};
use rustic_core::repofile::Node;
use rustic_core::{
    BlobId, DataId, FileType, Id, IndexedFullStatus, LsOptions, ReadBackend as _, Repository,
    RusticResult, TreeId, WriteBackend,
};
use sha2::{Digest as _, Sha256};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Files that are fetched at once from a disk.
const WORKERS: usize = 4;
/// Packs that are read at once from a disk, a part at a time.
const READERS: usize = 2;
/// Damaged files that are named.
const MOST_NAMED: usize = 20;

/// A vault whose index was read: it is as it was at that moment.
pub(in crate::backup::vault) struct Contents<'a> {
    repo: &'a Repo,
    indexed: Repository<IndexedFullStatus>,
    backend: Arc<dyn WriteBackend>,
    openers: Openers,
}

/// A file of a snapshot.
pub(in crate::backup::vault) struct Listed {
    pub path: PathBuf,
    pub size: u64,
    pub is_file: bool,
}

/// A file that was fetched.
pub(in crate::backup::vault) struct Came<'a> {
    pub path: &'a Path,
    /// In the snapshot, where it may have another name.
    pub listed: &'a Path,
    pub file: File,
    /// Of what the vault gave, which is under the vault's own seals, and was written whole: reading
    /// the file again would only ask the system's memory for the same bytes.
    pub sha1: MediaHash,
}

/// What reading files found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backup::vault) struct FilesRead {
    /// Of each sound file, its path and size.
    pub sound: Vec<(PathBuf, u64)>,
    /// For people; empty when all are sound.
    pub findings: Vec<String>,
}

/// The parts of one pack that are wanted, each with its length.
type Parts = Vec<(BlobId, u64)>;

impl Repo {
    /// To read files of snapshots, as the vault is now. An index that is gone or damaged is made anew
    /// first.
    pub(in crate::backup::vault) fn contents(&self) -> Result<Contents<'_>> {
        if self.lacks_index()? {
            self.exclusively(|| Ok(()))?;
        }
        let mend = || self.exclusively(|| self.make_index());
        Ok(Contents {
            repo: self,
            indexed: self.with_index(Repository::to_indexed, mend)?,
            backend: self.backends.repository(),
            openers: Openers::of(&self.inner.key())?,
        })
    }
}

impl Contents<'_> {
    /// What is in a snapshot.
    pub(in crate::backup::vault) fn files(&self, snapshot: &Snapshot) -> Result<Vec<Listed>> {
        let indexed = &self.indexed;
        let list = || -> RusticResult<Vec<Listed>> {
            let root = indexed.node_from_snapshot_path(&snapshot.id, |_| true)?;
            indexed
                .ls(&root, &LsOptions::default())?
                .map(|item| {
                    let (path, node) = item?;
                    Ok(Listed {
                        path,
                        size: node.meta.size,
                        is_file: node.is_file(),
                    })
                })
                .collect()
        };
        self.repo.call(list)
    }

    /// Writes the files of a snapshot that are below `folder` and `wanted` (by their path in it) to
    /// `to`, a folder that is empty. Each is given to `came` when it is whole, on several threads; it
    /// is not synced yet. Returns how many there were.
    pub(in crate::backup::vault) fn fetch(
        &self,
        snapshot: &Snapshot,
        folder: &Path,
        wanted: impl Fn(&Path) -> bool,
        to: &Path,
        came: impl Fn(Came<'_>) -> Result<()> + Sync,
    ) -> Result<usize> {
        let repo = self.repo;
        let files = self.nodes(snapshot, folder, wanted)?;
        let bytes = files.iter().map(|(_, node)| node.meta.size).sum();
        repo.progress()
            .stage_bytes(t!("Fetching the files"), bytes)?;
        for (path, _) in files.iter().filter(|(_, node)| node.is_dir()) {
            let folder = to.join(inner_path(path)?);
            std::fs::create_dir_all(&folder).at(&folder)?;
        }
        let files: Vec<_> = files.iter().filter(|(_, node)| node.is_file()).collect();
        let far = repo.place.is_far();
        let workers = if far { 1 } else { WORKERS };
        repo.watch.read_whole_packs(far);
        let fetched = in_parallel("vault-fetch", &files, workers, |(path, node)| {
            let (out, mut file) = create_in(to, inner_path(path)?)?;
            let mut hasher = MediaHasher::default();
            self.openers.with(|opener| {
                for id in node.content.iter().flatten() {
                    let part = self.part(id, opener)?;
                    hasher.update(part);
                    file.write_all(part).at(&out)?;
                }
                Ok(())
            })?;
            if file.metadata().at(&out)?.len() != node.meta.size {
                return Err(Error::corrupt(mark!(
                    "{file} could not be fetched whole",
                    file = path.display()
                )));
            }
            came(Came {
                path: &out,
                listed: path,
                file,
                sha1: hasher.finish(),
            })?;
            repo.progress().step(node.meta.size)
        });
        repo.watch.read_whole_packs(false);
        fetched.map(|files| files.len())
    }

    /// Reads the files of a snapshot that are below `folder` and `wanted` (by their path in it), and
    /// compares each part with the hash by which the vault knows it. Nothing is written, and only
    /// a few parts are in memory. Damage is a finding, not an error; a vault that goes away meanwhile
    /// is an error.
    pub(in crate::backup::vault) fn read(
        &self,
        snapshot: &Snapshot,
        folder: &Path,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<FilesRead> {
        let repo = self.repo;
        let files: Vec<_> = self
            .nodes(snapshot, folder, wanted)?
            .into_iter()
            .filter(|(_, node)| node.is_file())
            .collect();
        let ids = || files.iter().flat_map(|(_, node)| parts_of(node));
        let (packs, mut bad) = self.packs_of(ids().collect());
        let all = packs.iter().flatten();
        repo.progress()
            .stage_bytes(t!("Reading the files"), all.map(|(_, length)| length).sum())?;
        let far = repo.place.is_far();
        repo.watch.read_whole_packs(far);
        let found = Mutex::new(Vec::new());
        let readers = if far { 1 } else { READERS };
        let read = in_parallel("vault-read", &packs, readers, |parts| {
            for (id, length) in parts {
                if !self.is_sound(id)? {
                    found
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(*id);
                }
                repo.progress().step(*length)?;
            }
            Ok(())
        });
        repo.watch.read_whole_packs(false);
        read?;
        bad.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut read = FilesRead::default();
        let mut damaged = 0;
        for (path, node) in files {
            if self.is_whole(&node, &bad) {
                read.sound.push((path, node.meta.size));
                continue;
            }
            damaged += 1;
            if damaged <= MOST_NAMED {
                let finding = mark!("{file} is damaged or incomplete", file = path.display());
                read.findings.push(finding);
            }
        }
        if damaged > MOST_NAMED {
            let more = damaged - MOST_NAMED;
            read.findings
                .push(mark!("{n} more files are damaged", n = more));
        }
        Ok(read)
    }

    /// The ids of those of `snapshots` that cannot be restored whole: a list of their files, or a part
    /// of one, lies in no pack that is there. What is in the packs is not read.
    pub(in crate::backup::vault) fn lacking(
        &self,
        snapshots: &[Snapshot],
    ) -> Result<BTreeSet<String>> {
        let lost = self.repo.lost_packs()?;
        let mut known: HashMap<TreeId, Option<Vec<TreeId>>> = HashMap::new();
        let mut lacking = BTreeSet::new();
        for snapshot in snapshots {
            self.repo.progress().check()?;
            let files = || self.indexed.get_snapshots(&[&snapshot.id]);
            let files = self.repo.call(files)?;
            let mut open: Vec<TreeId> = files.iter().map(|file| file.tree).collect();
            let mut seen = HashSet::new();
            while let Some(tree) = open.pop() {
                if !seen.insert(tree) {
                    continue;
                }
                let folders = match known.entry(tree) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(self.folders_in(tree, &lost)?),
                };
                match folders {
                    Some(folders) => open.extend(folders.iter().copied()),
                    None => {
                        lacking.insert(snapshot.id.clone());
                        break;
                    }
                }
            }
        }
        Ok(lacking)
    }

    /// The lists of the folders in one; None where that list, or a part of a file in it, is gone.
    fn folders_in(&self, tree: TreeId, lost: &HashSet<Id>) -> Result<Option<Vec<TreeId>>> {
        let list = || -> RusticResult<Option<Vec<TreeId>>> {
            let mut folders = Vec::new();
            for node in self.indexed.get_tree(&tree)?.nodes {
                for part in node.content.iter().flatten() {
                    if lost.contains(&*self.indexed.get_index_entry(part)?.pack) {
                        return Ok(None);
                    }
                }
                folders.extend(node.subtree);
            }
            Ok(Some(folders))
        };
        match self.repo.call(list) {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {
                self.repo.require_vault()?;
                Ok(None)
            }
            listed => listed,
        }
    }

    /// The parts by the packs they lie in, in the order in which they lie there; and those that the
    /// index does not know.
    fn packs_of(&self, ids: HashSet<BlobId>) -> (Vec<Parts>, HashSet<BlobId>) {
        let mut packs: HashMap<Id, Vec<(u32, BlobId, u64)>> = HashMap::new();
        let mut unknown = HashSet::new();
        for id in ids {
            match self.indexed.get_index_entry(&DataId::from(*id)) {
                Ok(entry) => packs.entry(*entry.pack).or_default().push((
                    entry.location.offset,
                    id,
                    u64::from(entry.data_length()),
                )),
                Err(_) => {
                    unknown.insert(id);
                }
            }
        }
        let in_order = |mut parts: Vec<(u32, BlobId, u64)>| {
            parts.sort_unstable();
            parts
                .into_iter()
                .map(|(_, id, length)| (id, length))
                .collect()
        };
        (packs.into_values().map(in_order).collect(), unknown)
    }

    /// What is in a part.
    fn part<'o>(&self, id: &DataId, opener: &'o mut Opener) -> Result<&'o [u8]> {
        let read = || {
            let entry = self.indexed.get_index_entry(id)?;
            let at = entry.location;
            let bytes = (self.backend).read_partial(
                FileType::Pack,
                &entry.pack,
                false,
                at.offset,
                at.length,
            );
            Ok((bytes?, at.uncompressed_length))
        };
        let (sealed, unpacked) = self.repo.call(read)?;
        opener.open(sealed, unpacked)
    }

    /// Whether a part can be read and is what it should be.
    fn is_sound(&self, id: &BlobId) -> Result<bool> {
        let is_right = |opener: &mut Opener| {
            let part = self.part(&DataId::from(**id), opener)?;
            Ok(Id::new(Sha256::digest(part).into()) == **id)
        };
        match self.openers.with(is_right) {
            Ok(is_right) => Ok(is_right),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {
                self.repo.require_vault()?;
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }

    /// Whether nothing of a file is `bad` and its parts are as long as it.
    fn is_whole(&self, file: &Node, bad: &HashSet<BlobId>) -> bool {
        let mut size = 0;
        for id in parts_of(file) {
            let entry = self.indexed.get_index_entry(&DataId::from(*id));
            let (false, Ok(entry)) = (bad.contains(&id), entry) else {
                return false;
            };
            size += u64::from(entry.data_length());
        }
        size == file.meta.size
    }

    /// The folders and files below `folder`, the files only if they are `wanted`.
    fn nodes(
        &self,
        snapshot: &Snapshot,
        folder: &Path,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<Vec<(PathBuf, Node)>> {
        let indexed = &self.indexed;
        self.repo.call(|| {
            let inside = format!("{}:{}", snapshot.id, folder.to_string_lossy());
            let node = indexed.node_from_snapshot_path(&inside, |_| true)?;
            let all = indexed.ls(&node, &LsOptions::default())?;
            all.filter(|item| {
                let Ok((path, node)) = item else { return true };
                node.is_dir() || wanted(path)
            })
            .collect()
        })
    }
}

/// The parts of a file in their order.
fn parts_of(file: &Node) -> impl Iterator<Item = BlobId> + '_ {
    let ids = file.content.iter().flatten();
    ids.map(|id| BlobId::from(**id))
}

/// A path of a snapshot that stays inside the folder it is fetched to.
fn inner_path(path: &Path) -> Result<&Path> {
    let plain = |part| matches!(part, std::path::Component::Normal(_));
    if path.components().all(plain) {
        Ok(path)
    } else {
        Err(Error::new(
            ErrorKind::Refused,
            mark!("the snapshot holds a file with an unsafe name"),
        )
        .at(path))
    }
}

/// A new file in `to` for that at `path` of a snapshot: under another name where this system cannot
/// store its own, or does not tell it from that of another file.
fn create_in(to: &Path, path: &Path) -> Result<(PathBuf, File)> {
    let own = to.join(path);
    let name = path.file_name().unwrap_or_default();
    let shown = name.to_string_lossy();
    if name.to_str().is_some() && (cfg!(unix) || names::is_normalized(&shown)) {
        match File::create_new(&own) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            // Disks that come from Windows refuse some, whatever the system is.
            Err(_) if !names::is_normalized(&shown) => {}
            created => {
                let file = created.at(&own)?;
                return Ok((own, file));
            }
        }
    }
    let other = with_hash(&names::normalize(&shown), &hash(name.as_encoded_bytes()));
    let other = own.with_file_name(other);
    let file = File::create_new(&other).at(&other)?;
    Ok((other, file))
}
