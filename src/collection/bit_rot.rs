//! Rot of media files: bytes that are other ones than when they were last read, though size and
//! time of the file say that nobody wrote it. Looking reads every file and changes none.

use super::Collection;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::domain::media_report::UnusedFile;
use crate::media::folder::{self, MediaFile, stamp};
use crate::media::hash::content_hash;
use crate::storage::media_hashes::{KnownFile, MediaHashes};
use crate::{mark, t};
use std::collections::HashMap;
use std::path::Path;

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RotLook {
    pub files: u64,
    /// Of them, those that were not known before, and those that somebody changed.
    pub new: u64,
    pub changed: u64,
    pub rotten: u64,
}

impl RotLook {
    /// For people.
    #[must_use]
    pub fn told(&self) -> String {
        let Self {
            files, new, rotten, ..
        } = self;
        match rotten {
            0 => mark!(
                "{files} files read, {new} of them for the first time, none is damaged",
                files,
                new
            ),
            n => mark!("{files} files read, {n} damaged", files, n),
        }
    }
}

impl Collection {
    /// Reads all media files and compares them with what they were.
    pub fn look_for_rot(&self, now: TimestampMillis, progress: &Progress) -> Result<RotLook> {
        look_at(self.storage.path(), now, progress)
    }

    /// Files that were damaged at the last look and have not been written since, and when that was.
    pub fn known_rot(&self) -> Result<(Vec<UnusedFile>, Option<TimestampMillis>)> {
        let Some(hashes) = MediaHashes::open_existing(self.storage.path())? else {
            return Ok((vec![], None));
        };
        let media = self.media_folder();
        let still = |file: &KnownFile| {
            file.rotten
                && stamp(&media.join(&file.name))
                    .is_ok_and(|(size, mtime)| size == file.size && mtime == file.mtime)
        };
        let mut rotten: Vec<UnusedFile> = (hashes.all()?.into_values())
            .filter(still)
            .map(|file| UnusedFile {
                name: file.name,
                bytes: file.size,
            })
            .collect();
        rotten.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((rotten, hashes.last_look()?))
    }
}

/// Reads all media files beside the `collection`, which may be in use, and compares them with what
/// they were.
pub fn look_at(collection: &Path, now: TimestampMillis, progress: &Progress) -> Result<RotLook> {
    let mut hashes = MediaHashes::open(collection)?;
    look(
        &mut hashes,
        &collection.with_extension("media"),
        now,
        progress,
    )
}

/// When all media files of the `collection` were read last.
pub fn last_look(collection: &Path) -> Result<Option<TimestampMillis>> {
    match MediaHashes::open_existing(collection)? {
        Some(hashes) => hashes.last_look(),
        None => Ok(None),
    }
}

fn look(
    hashes: &mut MediaHashes,
    media: &Path,
    now: TimestampMillis,
    progress: &Progress,
) -> Result<RotLook> {
    let mut known = hashes.all()?;
    let mut files = folder::list(media)?;
    files.retain(MediaFile::is_unicode);
    let bytes = files.iter().map(|f| f.size).sum();
    progress.stage(t!("Reading the media files"), bytes)?;
    let mut done = RotLook::default();
    let mut read = Vec::new();
    for file in &files {
        let before = known.remove(&file.name);
        let Some(found) = read_file(file, progress)? else {
            continue;
        };
        done.files += 1;
        let judged = judge(before.as_ref(), found);
        match (&before, judged.rotten) {
            (_, true) => done.rotten += 1,
            (None, _) => done.new += 1,
            (Some(before), _) if before.blake3 != judged.blake3 => done.changed += 1,
            _ => {}
        }
        if before.as_ref() != Some(&judged) {
            read.push(judged);
        }
    }
    let gone: Vec<String> = gone(known, &files);
    hashes.note(&read, &gone, Some(now))?;
    Ok(done)
}

fn gone(known: HashMap<String, KnownFile>, files: &[MediaFile]) -> Vec<String> {
    let there = |name: &String| files.iter().any(|f| f.name == *name);
    known.into_keys().filter(|name| !there(name)).collect()
}

/// What is known from now on. The hash of a rotten file stays the one of its right bytes.
fn judge(before: Option<&KnownFile>, found: KnownFile) -> KnownFile {
    match before {
        Some(before)
            if before.size == found.size
                && before.mtime == found.mtime
                && before.blake3 != found.blake3 =>
        {
            KnownFile {
                rotten: true,
                ..before.clone()
            }
        }
        _ => found,
    }
}

/// None: it went away, or somebody is writing it.
fn read_file(file: &MediaFile, progress: &Progress) -> Result<Option<KnownFile>> {
    let Ok((size, mtime)) = stamp(&file.path) else {
        return Ok(None);
    };
    let blake3 = content_hash(&file.path, progress)?;
    let same = stamp(&file.path).is_ok_and(|after| after == (size, mtime));
    Ok(same.then(|| KnownFile {
        name: file.name.clone(),
        size,
        mtime,
        blake3,
        rotten: false,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_bytes_under_the_same_stamp_are_rot() {
        let file = |size, mtime, byte| KnownFile {
            name: "a".to_owned(),
            size,
            mtime,
            blake3: [byte; 32],
            rotten: false,
        };
        let before = file(5, 7, 1);
        assert_eq!(judge(None, file(5, 7, 2)), file(5, 7, 2));
        assert_eq!(judge(Some(&before), file(5, 7, 1)), before);
        assert_eq!(judge(Some(&before), file(5, 8, 2)), file(5, 8, 2));
        assert_eq!(judge(Some(&before), file(6, 7, 2)), file(6, 7, 2));
        let rotten = judge(Some(&before), file(5, 7, 2));
        assert_eq!((rotten.rotten, rotten.blake3), (true, before.blake3));
        assert_eq!(judge(Some(&rotten), file(5, 7, 2)), rotten, "and stays so");
        assert_eq!(
            judge(Some(&rotten), file(5, 7, 1)),
            before,
            "a passing error"
        );
    }
}
