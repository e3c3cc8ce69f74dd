//! Reads all packs through, each as one: their hashes and those of all parts, and whether they hold
//! what the index says; and whether what is damaged is needed. (The crate that knows the format can
//! read too. It mostly sleeps a tenth of a second before, until its own threads are gone, and ends
//! with a panic where zstd finds damage.)

use super::Repo;
use super::parallel::in_parallel;
use super::seal::{Opener, Openers, damaged};
use super::weigh::Known;
use crate::backup::vault::backend;
use crate::base::{ErrorKind, Result};
use crate::{mark, t};
use rustic_core::repofile::{BlobType, IndexBlob, IndexFile, IndexPack};
use rustic_core::{FileType, Id, TreeId};
use sha2::{Digest as _, Sha256};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroUsize};

/// Packs that are in memory at once.
const MOST_AT_ONCE: usize = 4;
/// Bytes of a hash in the list at the end of a pack.
const HASH: usize = 32;
/// Bytes of the length of that list, behind it.
const LENGTH: usize = 4;

impl Repo {
    /// The packs of the index that are damaged, without those that are gone.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub(super) fn damaged_packs(&self) -> Result<Vec<IndexPack>> {
        let (index, _) = self.files_of::<IndexFile>()?;
        let packs = index.into_iter().flat_map(|(_, file)| file.packs);
        let packs: HashMap<Id, IndexPack> = packs.map(|pack| (*pack.id, pack)).collect();
        let mut packs: Vec<IndexPack> = packs.into_values().collect();
        // The last ones are small, so that all threads end at one time.
        packs.sort_unstable_by_key(|pack| Reverse(pack.pack_size()));
        let bytes = packs.iter().map(|pack| u64::from(pack.pack_size())).sum();
        self.progress()
            .stage_bytes(t!("Reading the vault"), bytes)?;
        let openers = Openers::of(&self.inner.key())?;
        let at_once = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let found = in_parallel("vault-read", &packs, at_once.min(MOST_AT_ONCE), |pack| {
            let path = backend::path(FileType::Pack, &pack.id);
            let read = self.read_pack(&path, pack, &openers);
            self.progress().step(u64::from(pack.pack_size()))?;
            match read {
                Err(e) if e.kind() == ErrorKind::Corrupt => Ok(Some(pack.clone())),
                read => read.map(|()| None),
            }
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What damage of these `packs` means, for people: first what snapshots with these `trees` need,
    /// then what none of them does. Where a list of their files cannot be read, or not all snapshots
    /// can (None), all may be needed.
    pub(super) fn by_need(
        &self,
        packs: &[IndexPack],
        trees: Option<&[TreeId]>,
    ) -> Result<(Vec<String>, Vec<String>)> {
        use ErrorKind::{Bug, Corrupt, NotFound};
        if packs.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut known = Known::default();
        let walked = trees.map(|trees| {
            self.call(|| {
                let indexed = self.again()?.to_indexed()?;
                trees
                    .iter()
                    .try_for_each(|tree| known.add(&indexed, *tree).map(drop))
            })
        });
        let all = match walked {
            None => true,
            Some(Err(e)) if matches!(e.kind(), NotFound | Corrupt | Bug) => {
                self.require_vault()?;
                true
            }
            Some(walked) => walked.map(|()| false)?,
        };
        let is_needed = |pack: &&IndexPack| all || pack.blobs.iter().any(|part| known.has(part.id));
        let (needed, spare): (Vec<_>, Vec<_>) = packs.iter().partition(is_needed);
        let path = |pack: &IndexPack| backend::path(FileType::Pack, &pack.id);
        let needed = needed.into_iter().map(path);
        let spare = spare.into_iter().map(path);
        Ok((
            needed
                .map(|file| mark!("{file} is damaged or incomplete", file))
                .collect(),
            spare
                .map(|file| {
                    mark!(
                        "{file} is damaged, but no snapshot needs it; “restic prune” removes it",
                        file
                    )
                })
                .collect(),
        ))
    }

    fn read_pack(&self, path: &str, pack: &IndexPack, openers: &Openers) -> Result<()> {
        let bytes = match self.watch.patiently(|| self.place.read(path, None)) {
            // Of a vault that is there, the list of its packs tells that.
            Err(e) if e.kind() == ErrorKind::NotFound => return self.require_vault(),
            read => read?,
        };
        if Id::new(Sha256::digest(&bytes).into()) != *pack.id {
            return Err(damaged());
        }
        openers.with(|opener| compare(pack, Vec::from(bytes), opener))
    }
}

/// Fails with `Corrupt` where a pack does not hold the parts that the index says, each under its hash and
/// in the list at its end.
fn compare(pack: &IndexPack, mut bytes: Vec<u8>, opener: &mut Opener) -> Result<()> {
    let mut parts: Vec<&IndexBlob> = pack.blobs.iter().collect();
    parts.sort_unstable_by_key(|part| part.location.offset);
    let mut end = 0;
    for part in &parts {
        let at = part.location;
        let start = at.offset as usize;
        end = start.saturating_add(at.length as usize);
        let sealed = bytes.get_mut(start..end).ok_or_else(damaged)?;
        let opened = opener.open_there(sealed, at.uncompressed_length)?;
        if Id::new(Sha256::digest(opened).into()) != *part.id {
            return Err(damaged());
        }
    }
    let (list, length) = bytes[end..]
        .split_last_chunk_mut::<LENGTH>()
        .ok_or_else(damaged)?;
    if list.len() != u32::from_le_bytes(*length) as usize {
        return Err(damaged());
    }
    let mut list: &[u8] = opener.open_there(list, None)?;
    for part in parts {
        let at = part.location;
        let line = line(part.tpe, at.length, at.uncompressed_length);
        let rest = list.strip_prefix(&line[..]).ok_or_else(damaged)?;
        let (hash, rest) = rest.split_first_chunk::<HASH>().ok_or_else(damaged)?;
        if Id::new(*hash) != *part.id {
            return Err(damaged());
        }
        list = rest;
    }
    if list.is_empty() {
        Ok(())
    } else {
        Err(damaged())
    }
}

/// What the list says of a part before its hash: its kind, and its bytes in the pack and unpacked.
pub(super) fn line(kind: BlobType, length: u32, unpacked: Option<NonZeroU32>) -> Vec<u8> {
    let is_tree = u8::from(kind == BlobType::Tree);
    let length = length.to_le_bytes();
    match unpacked {
        None => [&[is_tree][..], &length].concat(),
        Some(unpacked) => [&[2 + is_tree][..], &length, &unpacked.get().to_le_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seal::Seal;
    use super::*;
    use rustic_core::repofile::MasterKey;

    /// A pack as the format lays it out, and what the index says of it.
    fn pack(seal: &Seal) -> (IndexPack, Vec<u8>) {
        let (mut index, mut bytes, mut list) = (IndexPack::default(), Vec::new(), Vec::new());
        for (n, kind) in [BlobType::Data, BlobType::Tree, BlobType::Data]
            .into_iter()
            .enumerate()
        {
            let plain = vec![n as u8; 1000];
            let packed = zstd::encode_all(&plain[..], 1).unwrap();
            let is_packed = n > 0;
            let sealed = seal.close(if is_packed { &packed } else { &plain });
            let sealed = sealed.unwrap();
            let hash: [u8; HASH] = Sha256::digest(&plain).into();
            let mut part = serde_json::json!({
                "id": Id::new(hash).to_hex().as_str(),
                "type": if kind == BlobType::Tree { "tree" } else { "data" },
                "offset": bytes.len(),
                "length": sealed.len(),
            });
            if is_packed {
                part["uncompressed_length"] = plain.len().into();
            }
            list.push(u8::from(kind == BlobType::Tree) + 2 * u8::from(is_packed));
            list.extend(u32::try_from(sealed.len()).unwrap().to_le_bytes());
            if is_packed {
                list.extend(1000_u32.to_le_bytes());
            }
            list.extend(hash);
            index.blobs.push(serde_json::from_value(part).unwrap());
            bytes.extend(sealed);
        }
        let list = seal.close(&list).unwrap();
        bytes.extend(&list);
        bytes.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
        (index, bytes)
    }

    #[test]
    fn a_pack_holds_what_the_index_says_and_nothing_else() {
        let key = MasterKey::new();
        let openers = Openers::of(&key).unwrap();
        let (index, bytes) = pack(&Seal::of(&key).unwrap());
        let is_sound = |index: &IndexPack, bytes: &[u8]| {
            let compared = openers.with(|opener| compare(index, bytes.to_vec(), opener));
            match compared {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
                    false
                }
                Ok(()) => true,
            }
        };
        assert!(is_sound(&index, &bytes));
        // The index need not have the order of the pack.
        let mut turned = index.clone();
        turned.blobs.reverse();
        assert!(is_sound(&turned, &bytes));
        for n in 0..bytes.len() {
            let mut touched = bytes.clone();
            touched[n] ^= 1;
            assert!(!is_sound(&index, &touched), "byte {n}");
        }
        for short in [0, 3, bytes.len() - 1] {
            assert!(!is_sound(&index, &bytes[..short]), "{short}");
        }
        let mut fewer = index.clone();
        fewer.blobs.pop();
        assert!(!is_sound(&fewer, &bytes));
        fewer.blobs.clear();
        assert!(!is_sound(&fewer, &bytes));
        let mut other = index.clone();
        other.blobs[0].id = other.blobs[1].id;
        assert!(!is_sound(&other, &bytes));
        let mut other = index;
        other.blobs[0].tpe = BlobType::Tree;
        assert!(!is_sound(&other, &bytes), "its list says what it is");
    }
}
