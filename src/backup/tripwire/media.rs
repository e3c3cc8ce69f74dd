//! What the trip wire knows of media files: a sample of them, each with the hash of its beginning.
//! Encryption changes that of every file, or takes its name away. A file whose size and time are as
//! they were is not read.

use super::Share;
use crate::base::error::{AtPath as _, ErrorKind, Result};
use crate::media::folder::{self, MediaFile, stamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Files that are looked at: a larger folder is estimated from so many, and a slow disk finds them in a
/// few seconds the first time.
const SAMPLE: usize = 400;
/// So much of each is read.
const BEGINNING: u64 = 64 << 10;

/// One file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    name: String,
    size: u64,
    mtime: i64,
    beginning: String,
}

/// How many files there are, and a sample of them that is the same from one look to the next. What is
/// `known` and was not written since is not read again.
pub(super) fn sample(media: &Path, known: &[Seen]) -> Result<(u64, Vec<Seen>)> {
    let mut files = folder::list(media)?;
    files.retain(MediaFile::is_unicode);
    let count = files.len() as u64;
    files.sort_by_cached_key(|file| *blake3::hash(file.name.as_bytes()).as_bytes());
    files.truncate(SAMPLE);
    let known: HashMap<&str, &Seen> = known.iter().map(|seen| (&*seen.name, seen)).collect();
    let mut sample = Vec::with_capacity(files.len());
    for file in files {
        // One that is gone or cannot be read by now says nothing about the next time.
        let Ok((size, mtime)) = stamp(&file.path) else {
            continue;
        };
        let known = known.get(&*file.name);
        let known = known.filter(|seen| (seen.size, seen.mtime) == (size, mtime));
        let beginning = match known {
            Some(seen) => Ok(seen.beginning.clone()),
            None => beginning(&file.path),
        };
        sample.extend(beginning.map(|beginning| Seen {
            name: file.name,
            size,
            mtime,
            beginning,
        }));
    }
    Ok((count, sample))
}

/// How many of `before` are gone or begin with other bytes.
pub(super) fn changed(media: &Path, before: &[Seen]) -> Share {
    let mut share = Share::default();
    for seen in before {
        let path = media.join(&seen.name);
        share.add(match stamp(&path) {
            Ok(now) if now == (seen.size, seen.mtime) => false,
            Ok(_) => beginning(&path).is_ok_and(|now| now != seen.beginning),
            Err(error) => error.kind() == ErrorKind::NotFound,
        });
    }
    share
}

fn beginning(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    read.at(path)?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}
