//! What we wrote into a mirror: a text file in it with one line a note, so that it is small and can
//! be looked at. A damaged one is begun anew: then every file is looked at once.

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files;
use crate::base::ids::NoteId;
use crate::base::time::TimestampSecs;
use crate::mark;
use std::collections::BTreeMap;
use std::path::{Component, Path};

const FILE: &str = ".engram-mirror";
const HEAD: &str = "engram-mirror 1";
/// More is no file of ours: a million notes with long paths.
const LARGEST: u64 = 1 << 30;

/// The first half of a BLAKE3 hash.
pub(super) type Hash = [u8; 16];

pub(super) fn hash_of(bytes: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    hash
}

/// A file as we wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of the note and its cards, from `Storage::note_stamps`.
    pub stamp: u64,
    pub hash: Hash,
    /// Inside the mirror, with `/`.
    pub path: String,
}

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The profile, by `mirror::owner_of`.
    pub owner: String,
    /// Of decks and note types, from `Storage::names_stamp`.
    pub names: u64,
    /// When the collection was looked at.
    pub updated: TimestampSecs,
    pub entries: BTreeMap<NoteId, Entry>,
}

impl Manifest {
    pub fn new(owner: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            names: 0,
            updated: TimestampSecs(0),
            entries: BTreeMap::new(),
        }
    }

    /// None when the folder has none.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        match std::fs::metadata(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::from(e).at(&path)),
            Ok(meta) if meta.len() > LARGEST => {
                return Err(
                    Error::corrupt(mark!("the list of mirrored files is too large")).at(&path),
                );
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(&path).at(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let head = lines.next().and_then(head).ok_or_else(|| {
            Error::corrupt(mark!(
                "the list of mirrored files is damaged; remove it to begin anew"
            ))
            .at(&path)
        })?;
        let mut manifest = head;
        let body: Option<BTreeMap<_, _>> = lines.map(entry).collect();
        match body {
            Some(entries) => manifest.entries = entries,
            None => manifest.names = 0,
        }
        Ok(Some(manifest))
    }

    pub fn write(&self, folder: &Path) -> Result<()> {
        files::write_atomic(&folder.join(FILE), |out| {
            let (owner, updated) = (&self.owner, self.updated.0);
            writeln!(out, "{HEAD}\t{owner}\t{updated}\t{:016x}", self.names)?;
            for (id, entry) in &self.entries {
                let hash = u128::from_be_bytes(entry.hash);
                writeln!(
                    out,
                    "{}\t{:016x}\t{hash:032x}\t{}",
                    id.0, entry.stamp, entry.path
                )?;
            }
            Ok(())
        })
    }
}

fn head(line: &str) -> Option<Manifest> {
    let mut parts = line.strip_prefix(HEAD)?.strip_prefix('\t')?.split('\t');
    let owner = parts.next()?;
    let updated = TimestampSecs(parts.next()?.parse().ok()?);
    Some(Manifest {
        names: u64::from_str_radix(parts.next()?, 16).ok()?,
        updated,
        ..Manifest::new(owner)
    })
}

fn entry(line: &str) -> Option<(NoteId, Entry)> {
    let mut parts = line.splitn(4, '\t');
    let id = NoteId(parts.next()?.parse().ok()?);
    let stamp = u64::from_str_radix(parts.next()?, 16).ok()?;
    let hash = u128::from_str_radix(parts.next()?, 16).ok()?.to_be_bytes();
    let path = parts.next()?.to_owned();
    is_inside(&path).then_some((id, Entry { stamp, hash, path }))
}

/// Nothing outside of the folder is ever looked at, whatever a list says.
pub(super) fn is_inside(path: &str) -> bool {
    let inside = |c| matches!(c, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_leads_outside() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), None);
        let mut manifest = Manifest::new("abc");
        let entry = Entry {
            stamp: u64::MAX,
            hash: hash_of(b"x"),
            path: "A b/1.txt".into(),
        };
        manifest.names = 5;
        manifest.entries.insert(NoteId(1), entry);
        manifest.write(folder.path()).unwrap();
        assert_eq!(
            Manifest::read(folder.path()).unwrap(),
            Some(manifest.clone())
        );
        let path = folder.path().join(FILE);
        for bad in ["../1.txt", "/etc/x", ""] {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("A b/1.txt", bad)).unwrap();
            let read = Manifest::read(folder.path()).unwrap().unwrap();
            assert!(read.entries.is_empty() && read.names == 0, "{bad}");
            manifest.write(folder.path()).unwrap();
        }
        std::fs::write(&path, "something else").unwrap();
        assert!(Manifest::read(folder.path()).is_err());
    }
}
