//! A new file into the media folder: under a name that every system can store, in lower case, and
//! not twice. Where another file has that name already, the content's hash makes it another one;
//! nothing is ever written over.

use super::hash::{MediaHash, hash, hash_file};
use super::names::{self, MAX_EXTENSION_BYTES, MAX_NAME_BYTES};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{self, if_there};
use crate::base::hex;
use crate::mark;
use std::path::Path;

/// What is to be added.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

impl Content<'_> {
    fn hash(self) -> Result<MediaHash> {
        match self {
            Self::Bytes(bytes) => Ok(hash(bytes)),
            Self::File(path) => hash_file(path),
        }
    }
}

/// Adds the content under `wanted` or a name made from it; returns the name it has now. Fails
/// when nothing of the name may stand in the folder.
pub fn add(folder: &Path, wanted: &str, content: Content<'_>) -> Result<String> {
    let name = names::normalize(wanted);
    if name.is_empty() {
        return Err(Error::invalid(mark!(
            "a media file cannot be called \u{201c}{wanted}\u{201d}",
            wanted
        )));
    }
    let hash = content.hash()?;
    if holds(&folder.join(&*name), hash)? == Some(true) {
        return Ok(name.into_owned());
    }
    let lower = name.to_lowercase();
    let name = match holds(&folder.join(&lower), hash)? {
        Some(true) => return Ok(lower),
        Some(false) => with_hash(&lower, hash),
        None => lower,
    };
    let target = folder.join(&name);
    if holds(&target, hash)? != Some(true) {
        std::fs::create_dir_all(folder).at(folder)?;
        match content {
            Content::Bytes(bytes) => {
                files::write_atomic(&target, |out| out.write_all(bytes).at(&target))?;
            }
            Content::File(path) => copy(path, &target)?,
        }
    }
    Ok(name)
}

/// Copies a file, whole or not at all.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    files::write_atomic(to, |out| {
        let mut file = std::fs::File::open(from).at(from)?;
        std::io::copy(&mut file, out).at(from)?;
        Ok(())
    })
}

/// Whether the file has this content; None when there is no such file.
fn holds(path: &Path, hash: MediaHash) -> Result<Option<bool>> {
    match if_there(std::fs::symlink_metadata(path)).at(path)? {
        Some(_) => Ok(Some(hash_file(path)? == hash)),
        None => Ok(None),
    }
}

/// `a.png` → `a-<hash>.png`, cut to the longest name that may be.
#[must_use]
pub fn with_hash(name: &str, hash: MediaHash) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let digits = hex(&hash);
    let extension = &extension[..extension.floor_char_boundary(MAX_EXTENSION_BYTES)];
    let room = MAX_NAME_BYTES.saturating_sub(extension.len() + digits.len() + 3);
    let stem = &stem[..stem.floor_char_boundary(room)];
    // Without an extension it ends with a period, which Anki leaves to Check Media.
    names::normalize(&format!("{stem}-{digits}.{extension}")).into_owned()
}
