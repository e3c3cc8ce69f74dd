//! Files around which there is an encryption: encrypted while they are written, so that there is
//! none in plain on the disk, whole or not at all, opened again behind the writer and compared with
//! what was written; and opened into a folder of their own, that goes away with the value. Memory
//! does not grow with the file.

use super::export::refuse_inside;
use super::follow::{FinishOnDrop, Growing, Tracked, Written, sync_along};
use super::readme;
use super::write::{join, spawn};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{BUFFER, PartialFile, StagingDir, parent};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::domain::encrypted::plain_name;
use crate::formats::encryption::{self, Key, Lock, Reopening, Sealing};
use crate::formats::source::Source;
use crate::formats::zip_guard::require_space;
use crate::{mark, t};
use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

/// Makes the file `out` of what `write` writes, encrypted on the way with a lock. It appears only
/// when `check` found in it what was written. Returns what `write` did and the size of `out`.
pub fn maybe_sealed<T>(
    out: &Path,
    lock: Option<&Lock>,
    data_folder: &Path,
    progress: &Progress,
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
    check: impl FnOnce(Source, &T) -> Result<()>,
) -> Result<(T, u64)> {
    refuse_inside(out, Some(data_folder))?;
    let mut partial = PartialFile::create_for_user(out)?;
    let path = partial.path().to_owned();
    let (done, written) = match lock {
        None => {
            let mut target = BufWriter::with_capacity(BUFFER, partial.file());
            let done = write(&mut target)?;
            target.flush().at(out)?;
            (done, Source::plain(File::open(&path).at(out)?))
        }
        Some(lock) => {
            require_space(parent(out)?, FREE_SPACE_RESERVE)?;
            let (done, reopening) = seal(partial.file(), &path, lock, write).at(out)?;
            (done, Source::sealed(&path, reopening)?)
        }
    };
    progress.stage(t!("Checking the written file"), 0)?;
    check(written, &done).at(out)?;
    let size = std::fs::metadata(&path).at(out)?.len();
    partial.commit()?;
    if lock.is_some() {
        readme::beside_export(out);
    }
    Ok((done, size))
}

/// Encrypts what `write` writes into the empty `file` at `path`, opens it again behind the writer,
/// and compares the hashes of what went in and what came out.
fn seal<T>(
    file: &mut File,
    path: &Path,
    lock: &Lock,
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
) -> Result<(T, Reopening)> {
    let written = &Written::default();
    thread::scope(|scope| {
        let guard = FinishOnDrop(written);
        let syncer = spawn(scope, "seal-sync", move || sync_along(path, written))?;
        let sealing = Sealing::new(lock)?;
        let check = sealing.check.clone();
        let out = BufWriter::with_capacity(BUFFER, Tracked::new(file, written));
        let mut sealed = sealing.into(out)?;
        // The checking key comes from what stands in the header.
        sealed.flush()?;
        let follower = spawn(scope, "seal-verify", move || {
            let growing = Growing::at(path, 0, written)?;
            let (opened, reopening) = encryption::open_to_reopen(growing, &check)?;
            Ok((hash_of(opened)?, reopening))
        })?;
        let hash = blake3::Hasher::new();
        let mut hashed = BufWriter::with_capacity(BUFFER, Hashed { to: sealed, hash });
        let done = write(&mut hashed)?;
        let Hashed { to: sealed, hash } =
            hashed.into_inner().map_err(IntoInnerError::into_error)?;
        sealed.finish()?.flush()?;
        written.finish(true);
        drop(guard);
        join(syncer)?;
        let (found, reopening) = join(follower)?;
        if found != hash.finalize() {
            let what =
                mark!("the written file does not open as it should; the disk may be failing");
            return Err(Error::corrupt(what));
        }
        Ok((done, reopening))
    })
}

/// Passes everything on and knows its hash.
struct Hashed<W> {
    to: W,
    hash: blake3::Hasher,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn hash_of(mut opened: impl Read) -> Result<blake3::Hash> {
    let mut hash = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = opened.read(&mut buffer)?;
        if n == 0 {
            return Ok(hash.finalize());
        }
        hash.update(&buffer[..n]);
    }
}

/// Decrypts `file` to `out`, which must not exist; nobody else may read it. Returns its size.
pub fn unseal_to(file: &Path, out: &Path, key: &Key, progress: &Progress) -> Result<u64> {
    let size = std::fs::metadata(file).at(file)?.len();
    let sealed = File::open(file).at(file)?;
    let mut opened = encryption::open(sealed, key).at(file)?;
    // Readable by its owner alone, as all temporary files.
    let mut partial = PartialFile::create_in_room(out)?;
    require_space(parent(out)?, size + FREE_SPACE_RESERVE)?;
    progress.stage_bytes(t!("Decrypting the file"), size)?;
    let mut total = 0;
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = opened.read(&mut buffer).at(file)?;
        if n == 0 {
            break;
        }
        partial.file().write_all(&buffer[..n]).at(out)?;
        total += n as u64;
        progress.step(n as u64)?;
    }
    partial.commit_new()?;
    Ok(total)
}

/// A decrypted file in a folder that only its owner may enter; both go away with this.
#[derive(Debug)]
pub struct Unsealed {
    path: PathBuf,
    _staging: StagingDir,
}

impl Unsealed {
    /// Decrypts `file` into a new folder inside `room`.
    pub fn open(file: &Path, key: &Key, room: &Path, progress: &Progress) -> Result<Self> {
        let staging = StagingDir::create_in(room)?;
        let name = plain_name(file);
        let path = staging
            .path()
            .join(name.file_name().ok_or_else(|| no_name(file))?);
        unseal_to(file, &path, key, progress)?;
        Ok(Self {
            path,
            _staging: staging,
        })
    }

    /// Writes the plain file to `out` too, readable by its owner alone. Returns its size.
    pub fn save_to(&self, out: &Path, data_folder: &Path, progress: &Progress) -> Result<u64> {
        refuse_inside(out, Some(data_folder))?;
        let size = std::fs::metadata(&self.path).at(&self.path)?.len();
        let mut partial = PartialFile::create_in_room(out)?;
        require_space(parent(out)?, size + FREE_SPACE_RESERVE)?;
        progress.stage_bytes(t!("Saving the decrypted file"), size)?;
        let mut plain = File::open(&self.path).at(&self.path)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let n = plain.read(&mut buffer).at(&self.path)?;
            if n == 0 {
                break;
            }
            partial.file().write_all(&buffer[..n]).at(out)?;
            progress.step(n as u64)?;
        }
        partial.commit()?;
        Ok(size)
    }

    /// The plain file, under the name without the ending.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn no_name(path: &Path) -> Error {
    Error::invalid(mark!("this is not the name of a file")).at(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ErrorKind, Secret};

    const MARK: &[u8] = b"what nobody may read on the disk";

    /// Seals `parts`, one after the other, and looks after each at what lies in `room` meanwhile.
    fn sealed(room: &Path, out: &Path, parts: &[Vec<u8>], progress: &Progress) -> Result<()> {
        let lock = Lock::Password(Secret::new("a"));
        let write = |target: &mut dyn Write| {
            for part in parts {
                target.write_all(part)?;
                target.flush()?;
                progress.step(1)?;
                assert!(!lies_in(room, MARK));
            }
            Ok(parts.len())
        };
        let check = |mut written: Source, n: &usize| {
            let mut back = Vec::new();
            written.read_to_end(&mut back)?;
            assert_eq!((back == parts.concat(), *n), (true, parts.len()));
            assert!(!lies_in(room, MARK) && !out.exists());
            Ok(())
        };
        let far = tempfile::tempdir().unwrap();
        maybe_sealed(out, Some(&lock), far.path(), progress, write, check).map(drop)
    }

    /// Whether a file in `folder`, or below, holds `mark`.
    fn lies_in(folder: &Path, mark: &[u8]) -> bool {
        std::fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return lies_in(&path, mark);
            }
            let bytes = std::fs::read(&path).unwrap();
            bytes.windows(mark.len()).any(|part| part == mark)
        })
    }

    #[test]
    fn a_file_is_sealed_as_it_is_written_and_none_in_plain_is_seen_meanwhile() {
        let room = tempfile::tempdir().unwrap();
        let out = room.path().join("x.bin.age");
        let parts: Vec<Vec<u8>> = (0..9).map(|n| MARK.repeat(n * 3000)).collect();
        let progress = Progress::new();
        sealed(room.path(), &out, &parts, &progress).unwrap();
        let key = Key::Password(Secret::new("a"));
        let inside = {
            let opened = Unsealed::open(&out, &key, room.path(), &progress).unwrap();
            assert!(std::fs::read(opened.path()).unwrap() == parts.concat());
            assert!(opened.path().ends_with("x.bin"));
            assert!(lies_in(room.path(), MARK));
            opened.path().to_owned()
        };
        assert!(!inside.exists());
        let taken = room.path().join("taken");
        std::fs::write(&taken, "mine").unwrap();
        let error = unseal_to(&out, &taken, &key, &progress).unwrap_err();
        assert!(std::fs::read(&taken).unwrap() == b"mine", "{error}");
    }

    #[test]
    fn cancelled_failed_or_damaged_leaves_nothing() {
        let room = tempfile::tempdir().unwrap();
        let out = room.path().join("x.age");
        let parts = [vec![7; 1 << 20]];
        let cancelled = Progress::new();
        cancelled.cancel();
        let error = sealed(room.path(), &out, &parts, &cancelled).unwrap_err();
        assert!(error.is_interrupted());
        let lock = Lock::Password(Secret::new("a"));
        for lock in [None, Some(&lock)] {
            let write = |target: &mut dyn Write| Ok(target.write_all(MARK)?);
            let check = |_: Source, (): &()| Err(Error::corrupt("not what was written"));
            let data = tempfile::tempdir().unwrap();
            let progress = Progress::new();
            let error = maybe_sealed(&out, lock, data.path(), &progress, write, check).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0);
        sealed(room.path(), &out, &parts, &Progress::new()).unwrap();
        let files = || std::fs::read_dir(room.path()).unwrap().count();
        let before = files();
        let mut sealed = std::fs::read(&out).unwrap();
        sealed[500_000] ^= 1;
        std::fs::write(&out, sealed).unwrap();
        let key = Key::Password(Secret::new("a"));
        let back = room.path().join("back");
        let error = unseal_to(&out, &back, &key, &Progress::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(files(), before);
    }
}
