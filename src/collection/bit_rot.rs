//! Rot of media files: bytes that are other ones than when they were last read, though size and
//! time of the file say that nobody wrote it. Looking reads every file and changes none.

use super::Collection;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{PartialFile, parent};
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::domain::media_report::UnusedFile;
use crate::media::folder::{self, MediaFile, stamp};
use crate::media::hash::content_hash;
use crate::storage::media_hashes::{KnownFile, MediaHashes};
use crate::{mark, t};
use std::io::Write as _;
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
/// they were. One that the disk does not give any more is damaged, unless the disk gives nothing any
/// more.
///
/// # Errors
/// Also when a file that was never read cannot be; the others are looked at all the same. `Io` when
/// the disk is not there any more.
pub fn look_at(collection: &Path, now: TimestampMillis, progress: &Progress) -> Result<RotLook> {
    let mut hashes = MediaHashes::open(collection)?;
    let mut files = folder::list(&collection.with_extension("media"))?;
    files.retain(MediaFile::is_unicode);
    look(&mut hashes, &files, now, progress)
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
    files: &[MediaFile],
    now: TimestampMillis,
    progress: &Progress,
) -> Result<RotLook> {
    let mut known = hashes.all()?;
    let bytes = files.iter().map(|f| f.size).sum();
    progress.stage_bytes(t!("Reading the media files"), bytes)?;
    let mut done = RotLook::default();
    let mut read = Vec::new();
    let mut unreadable = None;
    for file in files {
        let before = known.remove(&file.name);
        let mut got = read_file(file, progress);
        if got.as_ref().is_err_and(|e| e.kind() == ErrorKind::Io) {
            if let Err(error) = disk_is_there(file) {
                // Of what is on it nobody knows anything now.
                hashes.note(&read, &[], None)?;
                return Err(error);
            }
            got = read_file(file, progress);
        }
        let found = match got {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(error) if error.is_interrupted() => return Err(error),
            Err(error) => {
                if let Some(bad) = lost(before.as_ref(), file, &error) {
                    bad
                } else {
                    unreadable.get_or_insert(error);
                    continue;
                }
            }
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
    let gone: Vec<String> = known.into_keys().collect();
    let looked = unreadable.is_none().then_some(now);
    hashes.note(&read, &gone, looked)?;
    unreadable.map_or(Ok(done), Err)
}

/// Fails when the disk of a file that could not be read takes no other one either: it was pulled, or
/// the system has given it up.
fn disk_is_there(file: &MediaFile) -> Result<()> {
    let probe = || -> Result<()> {
        let mut probe = PartialFile::create(&file.path)?;
        probe.file().write_all(b"is it there?").at(&file.path)?;
        probe.sync()
    };
    match probe() {
        Err(error) if error.kind() != ErrorKind::DiskFull => Err(Error::new(
            ErrorKind::Io,
            mark!(
                "the disk of the media files does not answer, so nothing is known of what is on it"
            ),
        )
        .because(error)
        .at(&file.path)),
        _ => Ok(()),
    }
}

/// What is known of a file that nobody has written since and whose place on the disk is bad.
fn lost(before: Option<&KnownFile>, file: &MediaFile, error: &Error) -> Option<KnownFile> {
    let known = before.filter(|_| error.kind() == ErrorKind::Io)?;
    // What cannot even be opened may be in use by another program, or too many files are open here.
    std::fs::File::open(&file.path).ok()?;
    let same = stamp(&file.path).is_ok_and(|now| now == (known.size, known.mtime));
    same.then(|| KnownFile {
        rotten: true,
        ..known.clone()
    })
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
    let (size, mtime) = match stamp(&file.path) {
        Ok(stamp) => stamp,
        // Not so when its folder went too: its disk did.
        Err(e) if e.kind() == ErrorKind::NotFound && parent(&file.path)?.is_dir() => {
            return Ok(None);
        }
        Err(e) => return Err(Error::new(ErrorKind::Io, e.what()).at(&file.path)),
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_the_disk_does_not_give_any_more_is_damaged_and_stops_no_other() {
        let room = tempfile::tempdir().unwrap();
        let mut hashes = MediaHashes::open(&room.path().join("collection.anki2")).unwrap();
        let file = |name: &str| MediaFile {
            name: name.to_owned(),
            path: room.path().join(name),
            size: 1,
        };
        let files = [file("bad.png"), file("good.png")];
        // Reading it fails as at a bad place of a disk.
        std::os::unix::fs::symlink("/proc/self/mem", &files[0].path).unwrap();
        std::fs::write(&files[1].path, "good").unwrap();
        let (size, mtime) = stamp(&files[0].path).unwrap();
        let known = KnownFile {
            name: "bad.png".to_owned(),
            size,
            mtime,
            blake3: [7; 32],
            rotten: false,
        };
        hashes.note(&[known], &[], None).unwrap();
        let (now, progress) = (TimestampMillis(5), Progress::new());
        let found = look(&mut hashes, &files, now, &progress).unwrap();
        assert_eq!((found.files, found.rotten, found.new), (2, 1, 1));
        let bad = &hashes.all().unwrap()["bad.png"];
        assert_eq!((bad.rotten, bad.blake3), (true, [7; 32]));
        assert_eq!(hashes.last_look().unwrap(), Some(now));
        // Of one that was never read, nobody knows what was in it.
        let all = ["bad.png".to_owned(), "good.png".to_owned()];
        hashes.note(&[], &all, None).unwrap();
        let error = look(&mut hashes, &files, TimestampMillis(6), &progress).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(hashes.all().unwrap().contains_key("good.png"));
        assert_eq!(hashes.last_look().unwrap(), Some(now));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_is_pulled_in_the_middle_damages_no_file() {
        let room = tempfile::tempdir().unwrap();
        let mut hashes = MediaHashes::open(&room.path().join("collection.anki2")).unwrap();
        let file = |name: &str, folder: &Path| MediaFile {
            name: name.to_owned(),
            path: folder.join(name),
            size: 1,
        };
        // Can be opened and not be read, in a folder that takes no files.
        let gone = Path::new("/proc/self");
        let files = [file("a.png", room.path()), file("mem", gone)];
        std::fs::write(&files[0].path, "good").unwrap();
        let (size, mtime) = stamp(&files[1].path).unwrap();
        let known = ["mem", "z.png"].map(|name| KnownFile {
            name: name.to_owned(),
            size,
            mtime,
            blake3: [7; 32],
            rotten: false,
        });
        hashes.note(&known, &[], None).unwrap();
        let folder_gone = file("z.png", &room.path().join("unmounted"));
        for files in [
            vec![files[0].clone(), files[1].clone()],
            vec![folder_gone, files[0].clone()],
        ] {
            let now = TimestampMillis(5);
            let error = look(&mut hashes, &files, now, &Progress::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            assert!(error.what().contains("does not answer"), "{error}");
            let all = hashes.all().unwrap();
            assert!(all.contains_key("a.png") && all.contains_key("z.png"));
            assert!(all.values().all(|file| !file.rotten));
            assert_eq!(hashes.last_look().unwrap(), None);
        }
    }

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
