//! Media for selective recovery: the files that recovered notes name come out of the package into
//! the media folder. Nothing there is overwritten: a file whose name is taken by another one gets
//! its hash into its name, and the notes are told.

use crate::base::error::{AtPath as _, Result};
use crate::base::files::PartialFile;
use crate::base::job::Progress;
use crate::formats::collection_files::{self, CollectionFile};
use crate::formats::reader::Package;
use crate::media::hash::{MediaHash, hash_file};
use crate::media::names;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

/// What came of the media.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveredMedia {
    /// Files that are in the folder now and were not before.
    pub added: Vec<String>,
    /// Names in the notes → names in the folder, where they differ.
    pub renamed: HashMap<String, String>,
    /// Wanted, and neither in the folder nor in the package (backups are without media).
    pub missing: Vec<String>,
}

/// Brings `wanted` from the package at `path` into the folder `live`.
pub fn recover_media(
    path: &Path,
    wanted: &BTreeSet<String>,
    live: &Path,
    progress: &Progress,
) -> Result<RecoveredMedia> {
    let mut done = RecoveredMedia::default();
    let mut listed = HashMap::new();
    let mut package = None;
    if !wanted.is_empty() && collection_files::to_look_into(path) == Some(CollectionFile::Package) {
        let mut opened = Package::open(path)?;
        for media in opened.media()? {
            if wanted.contains(&media.name) {
                listed.insert(media.name.clone(), media);
            }
        }
        package = Some(opened);
    }
    progress.stage("Recovering media", wanted.len() as u64)?;
    for name in wanted {
        progress.step(1)?;
        let target = live.join(name);
        let (Some(package), Some(media)) = (package.as_mut(), listed.get(name)) else {
            if !names::is_one_component(name) || !target.exists() {
                done.missing.push(name.clone());
            }
            continue;
        };
        let mut part = PartialFile::create(&target)?;
        let sha1 = package.unpack_media(media, part.file(), Some(live), progress)?;
        let Some(free) = free_name(live, name, &sha1)? else {
            continue;
        };
        if free.name != *name {
            done.renamed.insert(name.clone(), free.name.clone());
        }
        if !free.is_there {
            if free.name == *name {
                part.commit_new()?;
            } else {
                // The partial file's target is the taken name.
                let mut other = PartialFile::create(&live.join(&free.name))?;
                part.sync()?;
                let mut from = std::fs::File::open(part.path()).at(part.path())?;
                std::io::copy(&mut from, other.file())?;
                other.commit_new()?;
            }
            done.added.push(free.name);
        }
    }
    Ok(done)
}

struct FreeName {
    name: String,
    /// The folder has this very file under that name.
    is_there: bool,
}

/// Under which name the file can be in the folder. None: it is there under its own name.
fn free_name(live: &Path, name: &str, sha1: &MediaHash) -> Result<Option<FreeName>> {
    let same = |name: &str| -> Result<Option<bool>> {
        let path = live.join(name);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(hash_file(&path)? == *sha1))
    };
    Ok(match same(name)? {
        Some(true) => None,
        None => Some(FreeName {
            name: name.to_owned(),
            is_there: false,
        }),
        Some(false) => {
            let name = with_hash(name, sha1);
            let is_there = same(&name)? == Some(true);
            Some(FreeName { name, is_there })
        }
    })
}

/// `a.png` → `a-da39a3….png`, as Anki renames files on a clash.
fn with_hash(name: &str, sha1: &MediaHash) -> String {
    let mut hash = String::with_capacity(40);
    for byte in sha1 {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let room = names::MAX_NAME_BYTES.saturating_sub(hash.len() + extension.len() + 2);
    let stem = &stem[..stem.floor_char_boundary(room)];
    if extension.is_empty() {
        format!("{stem}-{hash}")
    } else {
        format!("{stem}-{hash}.{extension}")
    }
}
