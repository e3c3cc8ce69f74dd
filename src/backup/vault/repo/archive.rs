//! Saves files as a snapshot: what did not change since the last one is not read, what the vault has
//! is not sent. All parts are in the vault and in its index before there is a snapshot of them.

use super::cuts::Cutter;
use super::packing::{Known, Packer};
use super::parallel::in_parallel;
use super::seal::{Opener, Seal, damaged};
use super::{Repo, Snapshot, listed};
use crate::backup::vault::backend::theirs;
use crate::backup::vault::newest;
use crate::backup::vault::source::{self, Item, Listed, Verdict};
use crate::base::error::AtPath as _;
use crate::base::time::Stopwatch;
use crate::base::{Error, Result};
use crate::t;
use rustic_core::repofile::{
    BlobType, IndexBlob, IndexFile, Metadata, Node, NodeType, SnapshotFile, SnapshotSummary, Tree,
};
use rustic_core::{DataId, FileType, Id, ReadBackend as _, SnapshotOptions, TreeId};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A file that is replaced whole is one part up to this size: nothing of another version of it would
/// be the same.
const WHOLE: usize = 512 << 10;
/// Threads that send; one more than there are processors, as one of them waits for the disk.
const MOST_AT_ONCE: usize = 8;
/// Of folders, so that what is restored can be entered.
const FOLDER_MODE: u32 = 0o755;

/// What lies in the vault before something is saved.
#[derive(Default)]
struct Stored {
    parts: Known,
    /// Lists of files, each with its pack.
    trees: HashMap<Id, (Id, IndexBlob)>,
    /// Of the data in packs.
    bytes: u64,
}

/// A file of the snapshot before.
struct Before {
    meta: Metadata,
    content: Vec<DataId>,
}

type FilesBefore = HashMap<PathBuf, Before>;

/// What is known of a file after the first round.
enum Content {
    Known(Vec<DataId>),
    /// It is so large that its parts are sent by whoever is free.
    Cut(Vec<Range<u64>>),
}

impl Repo {
    /// Saves `items` as a snapshot of `folder`; there is none unless `verdict` says that they are
    /// sound.
    pub(in crate::backup::vault) fn save(
        &self,
        folder: &Path,
        items: Vec<Item>,
        label: &str,
        description: String,
        verdict: &Verdict,
    ) -> Result<Snapshot> {
        let (now, took) = (self.clock.now(), Stopwatch::start());
        let files = source::listed(items)?;
        let all = self.before()?;
        let mut options = SnapshotOptions::default()
            .label(label.to_owned())
            .description(description)
            .time(self.clock.local(now));
        if let Some(tag) = newest::tag_after(&all, now) {
            options = options.add_tags(&tag).map_err(|e| theirs(&e))?;
        }
        let mut snapshot = options.to_snapshot().map_err(|e| theirs(&e))?;
        snapshot.paths.add(folder.to_string_lossy().into_owned());
        let stored = self.stored()?;
        let last = all.into_iter().find(|known| {
            known.label == label
                && known.machine == snapshot.hostname
                && Path::new(&known.path) == folder
        });
        let before = match last {
            None => FilesBefore::new(),
            Some(last) => {
                let id = last.id.parse().map_err(|_| damaged())?;
                snapshot.parent = Some(id);
                snapshot.parents = vec![id];
                let last = self.call(|| self.inner.get_file::<SnapshotFile>(&id))?;
                self.files_of_before(last.tree, folder, &stored)?
            }
        };
        let mut summary = SnapshotSummary::default();
        summary.backup_start = self.clock.local(now);
        count(&files, &before, &mut summary);
        let packer = Packer::new(self, stored.parts, stored.bytes)?;
        let contents = match self.send(&files, &before, &packer) {
            Ok(contents) => contents,
            Err(error) => {
                // Where a file came or went all is saved again, and what was sent is found then.
                if error.path().is_some()
                    && let Err(left) = packer.finish(&mut summary)
                {
                    tracing::warn!("what was sent is not in the index yet: {left}");
                }
                return Err(error);
            }
        };
        packer.end_pack()?;
        let node = |(file, content): (Listed, Vec<DataId>)| {
            let name = file.item.inside.file_name().unwrap_or_default();
            let mut node = Node::new_node(name, NodeType::File, file.meta);
            node.content = Some(content);
            (file.item.inside, node)
        };
        let mut nodes: Vec<_> = files.into_iter().zip(contents).map(node).collect();
        snapshot.tree = add_tree(&packer, &mut nodes, 1, &mut summary)?;
        packer.finish(&mut summary)?;
        verdict.wait()?;
        summary.backup_end = self.clock.local(self.clock.now());
        summary.backup_duration = took.elapsed().as_secs_f64();
        summary.total_duration = summary.backup_duration;
        snapshot.summary = Some(summary);
        let id = self.write_sealed(FileType::Snapshot, &snapshot)?;
        snapshot.id = id.into();
        Ok(listed(&snapshot))
    }

    fn stored(&self) -> Result<Stored> {
        let (mut index, damaged) = self.files_of::<IndexFile>()?;
        if damaged > 0 {
            self.make_index()?;
            (index, _) = self.files_of::<IndexFile>()?;
        }
        let mut stored = Stored::default();
        for pack in index.into_iter().flat_map(|(_, file)| file.packs) {
            for part in pack.blobs {
                let id = *part.id;
                stored.parts.insert((part.tpe, id));
                match part.tpe {
                    BlobType::Tree => {
                        stored.trees.insert(id, (*pack.id, part));
                    }
                    BlobType::Data => stored.bytes += u64::from(part.location.length),
                }
            }
        }
        Ok(stored)
    }

    /// The files of an earlier snapshot below `folder` whose parts are all there. A list of them that
    /// is damaged costs only time; one whose pack is lost is an error.
    fn files_of_before(&self, root: TreeId, folder: &Path, stored: &Stored) -> Result<FilesBefore> {
        let mut opener = Opener::new(&Seal::of(&self.inner.key())?)?;
        let mut files = FilesBefore::new();
        let mut open = vec![(PathBuf::from("/"), root)];
        while let Some((path, id)) = open.pop() {
            let Some(tree) = self.tree(id, stored, &mut opener)? else {
                tracing::warn!("the list of files before in {} is damaged", path.display());
                continue;
            };
            for node in tree.nodes {
                let path = path.join(node.name());
                if let Some(tree) = node.subtree {
                    if path.starts_with(folder) || folder.starts_with(&path) {
                        open.push((path, tree));
                    }
                    continue;
                }
                let content = node.content.unwrap_or_default();
                let is_there = |id: &DataId| stored.parts.contains(&(BlobType::Data, **id));
                if matches!(node.node_type, NodeType::File) && content.iter().all(is_there) {
                    let meta = node.meta;
                    files.insert(path, Before { meta, content });
                }
            }
        }
        Ok(files)
    }

    /// None where it is damaged, or the index does not know it.
    fn tree(&self, id: TreeId, stored: &Stored, opener: &mut Opener) -> Result<Option<Tree>> {
        let Some((pack, part)) = stored.trees.get(&*id) else {
            return Ok(None);
        };
        let at = part.location;
        let backend = self.backends.repository();
        let sealed =
            self.call(|| backend.read_partial(FileType::Pack, pack, false, at.offset, at.length))?;
        let text = opener.open(sealed, at.uncompressed_length);
        Ok(text.ok().and_then(|text| serde_json::from_slice(text).ok()))
    }

    /// Sends what is new of the files; returns the parts of each.
    fn send(
        &self,
        files: &[Listed],
        before: &FilesBefore,
        packer: &Packer<'_>,
    ) -> Result<Vec<Vec<DataId>>> {
        let progress = &self.progress();
        let bytes = files.iter().map(|file| file.meta.size).sum();
        progress.stage_bytes(t!("Sending what is new"), bytes)?;
        let cutter = Cutter::of(self.inner.config())?;
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let at_once = processors.min(MOST_AT_ONCE) + 1;
        let part = |file: &Listed, bytes: Range<u64>| {
            let length = bytes.end - bytes.start;
            let id = packer.add(|into| file.read(bytes, into))?;
            progress.step(length)?;
            Ok::<_, Error>(id)
        };
        let contents = in_parallel("vault-cut", files, at_once, |file| {
            let size = file.meta.size;
            if let Some(before) = unchanged(file, before) {
                progress.step(size)?;
                return Ok(Content::Known(before.content.clone()));
            }
            if size == 0 {
                file.read(0..0, &mut Vec::new())?;
                return Ok(Content::Known(Vec::new()));
            }
            let whole = match file.item.is_replaced_whole {
                true => WHOLE.min(cutter.largest).max(cutter.smallest),
                false => cutter.smallest,
            };
            if size <= whole as u64 {
                return Ok(Content::Known(vec![part(file, 0..size)?]));
            }
            let parts = cutter
                .parts(file.open()?, || progress.check())
                .at(&file.item.path)?;
            file.require(parts.last().map_or(0, |part| part.end), size)?;
            Ok(Content::Cut(parts))
        })?;
        let mut all = Vec::new();
        let mut cut = Vec::new();
        for (at, content) in contents.into_iter().enumerate() {
            all.push(match content {
                Content::Known(ids) => ids,
                Content::Cut(parts) => {
                    cut.extend(parts.into_iter().map(|bytes| (at, bytes)));
                    Vec::new()
                }
            });
        }
        let sent = in_parallel("vault-send", &cut, at_once, |(at, bytes)| {
            part(&files[*at], bytes.clone())
        })?;
        for ((at, _), id) in cut.iter().zip(sent) {
            all[*at].push(id);
        }
        Ok(all)
    }
}

/// What the snapshot before has of a file, unless it changed since.
fn unchanged<'a>(file: &Listed, before: &'a FilesBefore) -> Option<&'a Before> {
    let known = before.get(&file.item.inside)?;
    let (then, now) = (&known.meta, &file.meta);
    let is_same = then.size == now.size
        && then.mtime == now.mtime
        && then.ctime.zip(now.ctime).is_none_or(|(a, b)| a == b);
    is_same.then_some(known)
}

fn count(files: &[Listed], before: &FilesBefore, summary: &mut SnapshotSummary) {
    for file in files {
        summary.total_files_processed += 1;
        summary.total_bytes_processed += file.meta.size;
        if unchanged(file, before).is_some() {
            summary.files_unmodified += 1;
        } else if before.contains_key(&file.item.inside) {
            summary.files_changed += 1;
        } else {
            summary.files_new += 1;
        }
    }
}

/// Adds the list of a folder and of those in it. `nodes`: what is below it, in order, by paths of which
/// the first `depth` parts are those of the folder.
fn add_tree(
    packer: &Packer<'_>,
    nodes: &mut [(PathBuf, Node)],
    depth: usize,
    summary: &mut SnapshotSummary,
) -> Result<TreeId> {
    let mut tree = Tree::default();
    for below in nodes.chunk_by_mut(|(a, _), (b, _)| a.iter().nth(depth) == b.iter().nth(depth)) {
        let name = below[0].0.iter().nth(depth).unwrap_or_default().to_owned();
        let is_folder = below[0].0.iter().nth(depth + 1).is_some();
        tree.nodes.push(if is_folder {
            let meta = Metadata {
                mode: Some(FOLDER_MODE),
                ..Metadata::default()
            };
            let mut node = Node::new_node(&name, NodeType::Dir, meta);
            node.subtree = Some(add_tree(packer, below, depth + 1, summary)?);
            node
        } else {
            std::mem::take(&mut below[0].1)
        });
    }
    let (list, id) = tree
        .serialize()
        .map_err(|e| Error::bug("a list of files cannot be written").because(e))?;
    summary.total_dirs_processed += 1;
    summary.total_dirsize_processed += list.len() as u64;
    if packer.add_tree(list)? {
        summary.dirs_new += 1;
    } else {
        summary.dirs_unmodified += 1;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::super::Repository;
    use super::*;
    use crate::backup::vault::{Opened, Setting};
    use rustic_core::{BackupOptions, PathList};

    /// Bytes that do not get smaller.
    fn noise(seed: u64, bytes: usize) -> Vec<u8> {
        let mut state = seed * 2 + 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        (0..bytes / 8).flat_map(|_| next()).collect()
    }

    /// A vault and a folder of files that are saved to it.
    struct World {
        room: tempfile::TempDir,
        vault: Repo,
    }

    impl World {
        fn new() -> Self {
            let room = tempfile::tempdir().unwrap();
            std::fs::create_dir(room.path().join("files")).unwrap();
            let to = room.path().join("vault");
            let vault = Setting::of_folder(&to, "a", &Opened::default()).init();
            let vault = vault.unwrap();
            Self { room, vault }
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            std::fs::write(self.room.path().join("files").join(name), bytes).unwrap();
        }

        /// Saves all of them; what ends in `.jpg` is replaced whole.
        fn try_save(&self) -> Result<Snapshot> {
            let files = std::fs::read_dir(self.room.path().join("files")).unwrap();
            let item = |file: std::io::Result<std::fs::DirEntry>| {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap();
                Item {
                    inside: Path::new("/engram/Ann").join(name),
                    is_replaced_whole: path.extension().is_some_and(|end| end == "jpg"),
                    path,
                }
            };
            let items = files.map(item).collect();
            let verdict = Verdict::default();
            verdict.give(Ok(()));
            let (folder, told) = (Path::new("/engram/Ann"), String::new());
            self.vault.save(folder, items, "Ann", told, &verdict)
        }

        fn save(&self) -> (Snapshot, SnapshotSummary) {
            let saved = self.try_save().unwrap();
            let found = self.vault.check(true).unwrap();
            assert!(found.errors.is_empty(), "{found:?}");
            let id = saved.id.parse().unwrap();
            let file: SnapshotFile = self.vault.inner.get_file(&id).unwrap();
            (saved, file.summary.unwrap())
        }

        fn packs(&self) -> usize {
            self.vault.place.list("data").unwrap().len()
        }
    }

    #[test]
    fn what_the_crate_cut_before_is_not_sent_again() {
        let world = World::new();
        let text: String = (0..300_000).map(|n| format!("{n} ")).collect();
        world.write(
            "collection.anki2",
            &[noise(1, 3_000_000), text.into()].concat(),
        );
        world.write("small", b"a few bytes");
        world.write("whole.jpg", &noise(2, 64 << 10));
        let folder = world.room.path().join("files");
        let source = PathList::from_string(folder.to_str().unwrap()).unwrap();
        let snapshot = SnapshotOptions::default().to_snapshot().unwrap();
        let indexed = world.vault.again().and_then(Repository::to_indexed_ids);
        indexed
            .unwrap()
            .backup(&BackupOptions::default(), &source, snapshot)
            .unwrap();
        let (_, summary) = world.save();
        // The lists of the folder, of that above it and of the root are new.
        assert_eq!((summary.data_blobs, summary.tree_blobs), (0, 3));
        assert_eq!(summary.files_new, 3);
    }

    #[test]
    fn files_of_any_size_are_whole_and_only_what_is_new_is_sent() {
        let world = World::new();
        let text: String = (0..100_000).map(|n| format!("{n} ")).collect();
        let mut large = noise(7, 5_000_000);
        let sizes = [0, 1, 4095, 64 << 10, (64 << 10) + 1, 512 << 10, 600 << 10];
        for size in sizes {
            for end in ["jpg", "txt"] {
                world.write(
                    &format!("{size}.{end}"),
                    &noise(size as u64, size + 8)[..size],
                );
            }
        }
        world.write("large", &large);
        world.write("text.jpg", text.as_bytes());
        let (first, summary) = world.save();
        let bytes: usize = sizes.iter().map(|size| size * 2).sum();
        assert_eq!(first.files, 16);
        assert_eq!(first.bytes, (bytes + large.len() + text.len()) as u64);
        // Of two files with the same parts one is sent, and texts get smaller.
        let most = bytes / 2 + (1 << 20) + large.len() + text.len() / 2;
        assert!(summary.data_added_files_packed < most as u64, "{summary:?}");
        assert_eq!(summary.files_new, 16);
        let contents = world.vault.contents().unwrap();
        let folder = Path::new("/engram/Ann");
        let read = contents.read(&first, folder, |_| true).unwrap();
        assert_eq!((read.sound.len(), read.findings.len()), (16, 0));
        for (path, size) in read.sound {
            let file = world.room.path().join("files").join(&path);
            assert_eq!(file.metadata().unwrap().len(), size, "{path:?}");
        }

        let (_, again) = world.save();
        assert_eq!((again.data_blobs, again.tree_blobs), (0, 0));
        assert_eq!(again.files_unmodified, 16);

        large[2_000_000] ^= 1;
        world.write("large", &large);
        world.write("1.txt", b"2");
        world.write("4095.txt", &noise(4095, 4103)[..4095]);
        let (_, changed) = world.save();
        assert_eq!(changed.files_changed, 3);
        assert!((2..=4).contains(&changed.data_blobs), "{changed:?}");
    }

    #[test]
    fn what_was_sent_before_a_file_failed_is_not_sent_again() {
        let world = World::new();
        for n in 0..3 {
            world.write(&format!("{n}.jpg"), &noise(n, 100_000));
        }
        // The last one, so that the others are on their way.
        let unreadable = world.room.path().join("files/unreadable");
        std::fs::create_dir(&unreadable).unwrap();
        let error = world.try_save().unwrap_err();
        assert_eq!(error.path(), Some(unreadable.as_path()));
        assert!(world.vault.snapshots().unwrap().is_empty());
        std::fs::remove_dir(&unreadable).unwrap();
        let (saved, summary) = world.save();
        assert_eq!((saved.files, summary.data_blobs), (3, 0));
        // Of the files, and of the lists.
        assert_eq!(world.packs(), 2);
    }

    #[test]
    fn packs_end_when_they_are_full_and_hold_each_part_once() {
        let world = World::new();
        for n in 0..42 {
            let bytes = noise(n, 500_000);
            world.write(&format!("{n}.jpg"), &bytes);
            world.write(&format!("{n} again.jpg"), &bytes);
        }
        world.write(
            "text.txt",
            "a question and an answer".repeat(2000).as_bytes(),
        );
        world.write(
            "short text.txt",
            "a question and an answer".repeat(9).as_bytes(),
        );
        let (_, summary) = world.save();
        assert_eq!(summary.data_blobs, 44);
        // What does not get smaller lies there as it is; lists are packed.
        let (index, _) = world.vault.files_of::<IndexFile>().unwrap();
        let packs = index.into_iter().flat_map(|(_, file)| file.packs);
        let parts: Vec<IndexBlob> = packs.flat_map(|pack| pack.blobs).collect();
        let packed = |kind: BlobType| {
            let is_packed =
                |part: &&IndexBlob| part.tpe == kind && part.location.uncompressed_length.is_some();
            parts.iter().filter(is_packed).count()
        };
        assert_eq!(packed(BlobType::Data), 2);
        assert_eq!(packed(BlobType::Tree), 3);
        // Two of 16 MiB and less, and that of the lists.
        assert_eq!(world.packs(), 3);
        let sent = world.vault.sent();
        assert!((21_000_000..21_500_000).contains(&sent), "{sent}");
    }
}
