//! Parts into packs: hashed, packed by zstd where that makes them smaller, sealed, and written when
//! there are enough of them. What the vault has already is not written again. Any number of threads
//! may add parts; a pack is filled while the one before it is written, and no third is in memory.

use super::Repo;
use super::packs::line;
use super::seal::{Opener, Seal};
use crate::base::{Error, Result};
use bytes::Bytes;
use rustic_core::repofile::{BlobType, SnapshotSummary};
use rustic_core::{DataId, FileType, Id, WriteBackend as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

/// What the vault has: no part is in it twice.
pub(super) type Known = HashSet<(BlobType, Id)>;

/// The list at the end of a pack stays short.
const MOST_PARTS: usize = 10_000;
/// A file of the index stays small.
const MOST_INDEXED: usize = 50_000;
/// Of pictures and sounds nothing gets smaller, which a piece of them tells at a fraction of the work.
const SAMPLE: usize = 4 << 10;
/// Larger parts are not packed whole to find that out.
const SAMPLED: usize = 8 * SAMPLE;

/// A part in a pack, as the index lists it.
#[derive(Debug, Serialize)]
struct Part {
    id: Id,
    #[serde(rename = "type")]
    kind: BlobType,
    /// In the pack.
    offset: u32,
    /// Bytes in the pack.
    length: u32,
    /// Bytes of what is in it; None: it is not packed.
    #[serde(skip_serializing_if = "Option::is_none")]
    uncompressed_length: Option<NonZeroU32>,
}

/// A pack that is being filled.
#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    /// What it ends with, before that is sealed.
    list: Vec<u8>,
    parts: Vec<Part>,
}

impl Pack {
    fn add(&mut self, named: Named, sealed: &[u8], unpacked: Option<NonZeroU32>) -> Result<()> {
        let length = short(sealed.len())?;
        self.parts.push(Part {
            id: Id::new(named.hash),
            kind: named.kind,
            offset: short(self.bytes.len())?,
            length,
            uncompressed_length: unpacked,
        });
        self.list.extend(line(named.kind, length, unpacked));
        self.list.extend_from_slice(&named.hash);
        self.bytes.extend_from_slice(sealed);
        Ok(())
    }
}

/// What a part is called.
#[derive(Debug, Clone, Copy)]
struct Named {
    kind: BlobType,
    hash: [u8; 32],
}

impl Named {
    fn of(kind: BlobType, plain: &[u8]) -> Self {
        let hash = Sha256::digest(plain).into();
        Self { kind, hash }
    }
}

fn short(bytes: usize) -> Result<u32> {
    u32::try_from(bytes).map_err(|e| Error::bug("a pack is too large").because(e))
}

#[derive(Debug, Serialize)]
struct Indexed {
    id: Id,
    blobs: Vec<Part>,
}

/// A file of the index.
#[derive(Debug, Default, Serialize)]
struct Index {
    packs: Vec<Indexed>,
}

/// What was written.
#[derive(Debug, Default, Clone, Copy)]
struct Added {
    parts: u64,
    bytes: u64,
    packed: u64,
}

#[derive(Default)]
struct Written {
    /// Whose file is not written yet.
    index: Index,
    indexed: usize,
    data: Added,
    trees: Added,
}

/// What one thread needs, used again for each part.
struct Tools {
    plain: Vec<u8>,
    packed: Vec<u8>,
    sealed: Vec<u8>,
    zstd: Option<Compressor<'static>>,
    opener: Opener,
}

/// See the module header.
pub(super) struct Packer<'a> {
    repo: &'a Repo,
    seal: Seal,
    /// As [`Repo::level`].
    level: Option<i32>,
    /// Bytes from which on a pack is written.
    size: usize,
    known: Mutex<Known>,
    tools: Mutex<Vec<Tools>>,
    open: Mutex<Pack>,
    /// Taken while a pack is written; then its memory waits here for the next. Taken after `open`.
    full: Mutex<Pack>,
    written: Mutex<Written>,
}

impl<'a> Packer<'a> {
    /// `stored`: bytes that lie in packs, which are larger in large vaults.
    pub(super) fn new(repo: &'a Repo, known: Known, stored: u64) -> Result<Self> {
        let config = repo.inner.config();
        let (size, growth, most) = config.packsize(BlobType::Data);
        let size = u64::from(size) + stored.isqrt() * u64::from(growth);
        Ok(Self {
            repo,
            seal: Seal::of(&repo.inner.key())?,
            level: repo.level()?,
            size: usize::try_from(size.min(u64::from(most))).unwrap_or(usize::MAX),
            known: Mutex::new(known),
            tools: Mutex::default(),
            open: Mutex::default(),
            full: Mutex::default(),
            written: Mutex::default(),
        })
    }

    /// Puts what `read` gives into the vault, unless it is there; returns its name.
    pub(super) fn add(&self, read: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<DataId> {
        self.with_tools(|tools| {
            read(&mut tools.plain)?;
            let named = Named::of(BlobType::Data, &tools.plain);
            self.put(named, tools)?;
            Ok(DataId::from(Id::new(named.hash)))
        })
    }

    /// As [`Self::add`], the list of a folder's files; returns whether it is new.
    pub(super) fn add_tree(&self, list: Vec<u8>) -> Result<bool> {
        self.with_tools(|tools| {
            tools.plain = list;
            self.put(Named::of(BlobType::Tree, &tools.plain), tools)
        })
    }

    fn with_tools<T>(&self, work: impl FnOnce(&mut Tools) -> Result<T>) -> Result<T> {
        let taken = lock(&self.tools).pop();
        let mut tools = match taken {
            Some(tools) => tools,
            None => {
                let zstd = self.level.map(Compressor::new).transpose();
                Tools {
                    plain: Vec::new(),
                    packed: Vec::new(),
                    sealed: Vec::new(),
                    zstd: zstd
                        .map_err(|e| Error::bug("the compressor cannot be made").because(e))?,
                    opener: Opener::new(&self.seal)?,
                }
            }
        };
        let done = work(&mut tools);
        lock(&self.tools).push(tools);
        done
    }

    /// Of several threads with the same part one puts it in.
    fn put(&self, named: Named, tools: &mut Tools) -> Result<bool> {
        if !lock(&self.known).insert((named.kind, Id::new(named.hash))) {
            return Ok(false);
        }
        let unpacked = tools.seal(named.kind, &self.seal)?;
        let mut open = lock(&self.open);
        open.add(named, &tools.sealed, unpacked)?;
        if open.bytes.len() >= self.size || open.parts.len() >= MOST_PARTS {
            self.write(open)?;
        }
        Ok(true)
    }

    /// Writes what is there of a pack, so that nothing else comes into it.
    pub(super) fn end_pack(&self) -> Result<()> {
        let open = lock(&self.open);
        match open.parts.is_empty() {
            true => Ok(()),
            false => self.write(open),
        }
    }

    /// Writes a pack while the next one is filled. Where packs come faster than they go, nobody adds
    /// to the next one until the one before it is written.
    fn write(&self, mut open: MutexGuard<'_, Pack>) -> Result<()> {
        let mut full = lock(&self.full);
        std::mem::swap(&mut *open, &mut *full);
        drop(open);
        let mut pack = std::mem::take(&mut *full);
        let end = pack.bytes.len();
        self.seal.close_onto(&pack.list, &mut pack.bytes)?;
        let length = short(pack.bytes.len() - end)?;
        pack.bytes.extend_from_slice(&length.to_le_bytes());
        let id = Id::new(Sha256::digest(&pack.bytes).into());
        let bytes = Bytes::from(pack.bytes);
        self.repo.write(FileType::Pack, id, bytes.clone())?;
        full.bytes = Vec::from(bytes);
        full.bytes.clear();
        drop(full);
        let mut written = lock(&self.written);
        written.add(Indexed {
            id,
            blobs: pack.parts,
        });
        if written.indexed >= MOST_INDEXED {
            self.write_index(&mut written)?;
        }
        Ok(())
    }

    fn write_index(&self, written: &mut Written) -> Result<()> {
        let index = std::mem::take(&mut written.index);
        written.indexed = 0;
        self.repo.write_sealed(FileType::Index, &index).map(drop)
    }

    /// Writes what is left. After this everything that was added is in the vault and listed; what
    /// that was is noted in `summary`.
    pub(super) fn finish(self, summary: &mut SnapshotSummary) -> Result<()> {
        self.end_pack()?;
        let mut written = lock(&self.written);
        if written.indexed > 0 {
            self.write_index(&mut written)?;
        }
        let Written { data, trees, .. } = *written;
        summary.data_blobs = data.parts;
        summary.data_added_files = data.bytes;
        summary.data_added_files_packed = data.packed;
        summary.tree_blobs = trees.parts;
        summary.data_added_trees = trees.bytes;
        summary.data_added_trees_packed = trees.packed;
        summary.data_added = data.bytes + trees.bytes;
        summary.data_added_packed = data.packed + trees.packed;
        Ok(())
    }
}

impl Written {
    fn add(&mut self, pack: Indexed) {
        for part in &pack.blobs {
            let added = match part.kind {
                BlobType::Data => &mut self.data,
                BlobType::Tree => &mut self.trees,
            };
            let bytes = part
                .uncompressed_length
                .map_or(part.length, NonZeroU32::get);
            added.parts += 1;
            added.bytes += u64::from(bytes);
            added.packed += u64::from(part.length);
        }
        self.indexed += pack.blobs.len();
        self.index.packs.push(pack);
    }
}

impl Tools {
    /// Seals `plain` as it lies in a pack, and opens it again to see that it is the same. Returns its
    /// bytes where it is packed.
    fn seal(&mut self, kind: BlobType, seal: &Seal) -> Result<Option<NonZeroU32>> {
        let Self {
            plain,
            packed,
            sealed,
            zstd,
            opener,
        } = self;
        let is_packed = match zstd {
            // Programs that read the format ask for lists to be packed.
            Some(zstd) if kind == BlobType::Tree => pack(zstd, plain, packed)? > 0,
            Some(zstd) => shrinks(zstd, plain, packed)?,
            None => false,
        };
        let (inside, unpacked) = match is_packed {
            true => (&*packed, NonZeroU32::new(short(plain.len())?)),
            false => (&*plain, None),
        };
        sealed.clear();
        seal.close_onto(inside, sealed)?;
        if opener.open_copy(sealed, unpacked)? == plain.as_slice() {
            return Ok(unpacked);
        }
        Err(Error::bug("a part of the vault was not sealed as it is"))
    }
}

/// Packs `plain` to `packed`, in the place of what was there; returns its bytes.
fn pack(zstd: &mut Compressor<'_>, plain: &[u8], packed: &mut Vec<u8>) -> Result<usize> {
    packed.clear();
    packed.reserve(compress_bound(plain.len()));
    zstd.compress_to_buffer(plain, packed)
        .map_err(|e| Error::bug("a part of the vault cannot be packed").because(e))
}

/// Whether `plain` gets smaller; then it is in `packed`.
fn shrinks(zstd: &mut Compressor<'_>, plain: &[u8], packed: &mut Vec<u8>) -> Result<bool> {
    if plain.len() >= SAMPLED {
        let mut is_noise = true;
        // What a file begins with is often a text of its own.
        for at in [plain.len() / 3, plain.len() / 3 * 2] {
            let sample = pack(zstd, &plain[at..at + SAMPLE], packed)?;
            is_noise &= sample + SAMPLE / 32 > SAMPLE;
        }
        if is_noise {
            return Ok(false);
        }
    }
    Ok(pack(zstd, plain, packed)? < plain.len())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Repo {
    /// Of zstd; None: nothing is packed in this vault, as in all of the first version of the format.
    pub(super) fn level(&self) -> Result<Option<i32>> {
        self.call(|| self.inner.config().zstd())
    }

    fn write(&self, kind: FileType, name: Id, bytes: Bytes) -> Result<()> {
        let backend = self.backends.repository();
        self.call(|| backend.write_bytes(kind, &name, false, bytes.into()))
    }

    /// Writes a file of the index or a snapshot; returns its name.
    pub(super) fn write_sealed(&self, kind: FileType, file: &impl Serialize) -> Result<Id> {
        let bug =
            |e: std::io::Error| Error::bug("a file of the vault cannot be written").because(e);
        let text = serde_json::to_vec(file).map_err(|e| bug(e.into()))?;
        let plain = match self.level()? {
            None => text,
            Some(level) => {
                // So it begins where it is packed.
                let mut packed = vec![2];
                zstd::stream::copy_encode(&text[..], &mut packed, level).map_err(bug)?;
                let unpacked = zstd::decode_all(&packed[1..]).map_err(bug)?;
                if unpacked != text {
                    return Err(Error::bug("a file of the vault was not packed as it is"));
                }
                packed
            }
        };
        let seal = Seal::of(&self.inner.key())?;
        let sealed = seal.close(&plain)?;
        if *seal.open(&mut sealed.clone())? != *plain {
            return Err(Error::bug("a file of the vault was not sealed as it is"));
        }
        let name = Id::new(Sha256::digest(&sealed).into());
        self.write(kind, name, Bytes::from(sealed))?;
        Ok(name)
    }
}
