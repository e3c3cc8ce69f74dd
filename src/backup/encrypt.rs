//! Files around which there is an encryption: written whole or not at all, opened again behind the
//! writer and compared with the plain bytes; and opened into a folder of their own, that goes away
//! with the value. Memory does not grow with the file.

use super::export::refuse_inside;
use super::follow::{FinishOnDrop, Growing, Tracked, Written, sync_along};
use super::readme;
use super::write::{join, spawn};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{PartialFile, StagingDir, parent};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::domain::encrypted::plain_name;
use crate::formats::encryption::{self, Key, Lock, Sealing};
use crate::formats::zip_guard::require_space;
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

const BUFFER: usize = 1 << 18;

/// Has `write` make the file `out`; with a lock it makes a plain one in a folder inside `room` that
/// nobody else may read, and `out` is that one, encrypted and checked. Returns what `write` did and
/// the size of `out`.
pub fn maybe_sealed<T>(
    out: &Path,
    lock: Option<&Lock>,
    room: &Path,
    data_folder: &Path,
    progress: &Progress,
    write: impl FnOnce(&Path) -> Result<T>,
) -> Result<(T, u64)> {
    refuse_inside(out, Some(data_folder))?;
    let done = match lock {
        None => write(out)?,
        Some(lock) => {
            let staging = StagingDir::create_in(room)?;
            let name = plain_name(out);
            let name = name.file_name().ok_or_else(|| no_name(out))?;
            let plain = staging.path().join(name);
            let done = seal_made(&plain, out, lock, progress, || write(&plain))?;
            readme::beside_export(out);
            done
        }
    };
    Ok((done, std::fs::metadata(out).at(out)?.len()))
}

/// Encrypts `plain` to `out`, which appears only when it was opened again and compared.
pub fn seal(plain: &Path, out: &Path, lock: &Lock, progress: &Progress) -> Result<()> {
    seal_made(plain, out, lock, progress, || Ok(()))
}

/// As [`seal`], with `plain` made by `make`. The keys to encrypt and to check are made from the
/// password meanwhile: that takes longer than most encryptions.
fn seal_made<T>(
    plain: &Path,
    out: &Path,
    lock: &Lock,
    progress: &Progress,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let mut partial = PartialFile::create(out)?;
    let path = &partial.path().to_owned();
    let file = partial.file();
    let written = &Written::default();
    let made = thread::scope(|scope| {
        let guard = FinishOnDrop(written);
        let sealing = spawn(scope, "seal-key", move || {
            let sealing = Sealing::new(lock)?;
            let check = sealing.check.clone();
            let out = BufWriter::with_capacity(BUFFER, Tracked::new(file, written));
            let mut sealed = sealing.into(out)?;
            // The checking key comes from what stands in the header.
            sealed.flush()?;
            let follower = spawn(scope, "seal-verify", move || {
                let opened = encryption::open(Growing::at(path, 0, written)?, &check)?;
                same(opened, plain)
            })?;
            Ok((sealed, follower))
        })?;
        let made = make()?;
        let size = std::fs::metadata(plain).at(plain)?.len();
        require_space(parent(out)?, size + FREE_SPACE_RESERVE)?;
        progress.stage("Encrypting and checking the file", size)?;
        let syncer = spawn(scope, "seal-sync", move || sync_along(path, written))?;
        let (mut sealed, follower) = join(sealing)?;
        let mut source = File::open(plain).at(plain)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let n = source.read(&mut buffer).at(plain)?;
            if n == 0 {
                break;
            }
            sealed.write_all(&buffer[..n]).at(out)?;
            progress.step(n as u64)?;
        }
        sealed.finish().and_then(|mut out| out.flush()).at(out)?;
        written.finish(true);
        drop(guard);
        join(syncer).at(out)?;
        join(follower).at(out)?;
        Ok::<_, Error>(made)
    })?;
    partial.commit()?;
    Ok(made)
}

/// Compares what was decrypted with the file it came from.
fn same(mut opened: impl Read, plain: &Path) -> Result<()> {
    let differs =
        || Error::corrupt("the written file does not open as it should; the disk may be failing");
    let (mut found, mut expected) = (vec![0; BUFFER], vec![0; BUFFER]);
    // Waits until the file is made.
    let mut n = opened.read(&mut found)?;
    let mut source = File::open(plain).at(plain)?;
    while n > 0 {
        match source.read_exact(&mut expected[..n]) {
            Ok(()) if expected[..n] == found[..n] => {}
            Err(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => return Err(e.into()),
            _ => return Err(differs()),
        }
        n = opened.read(&mut found)?;
    }
    if source.read(&mut [0])? > 0 {
        return Err(differs());
    }
    Ok(())
}

/// Decrypts `file` to `out`, which must not exist; nobody else may read it. Returns its size.
pub fn unseal_to(file: &Path, out: &Path, key: &Key, progress: &Progress) -> Result<u64> {
    let size = std::fs::metadata(file).at(file)?.len();
    let sealed = File::open(file).at(file)?;
    let mut opened = encryption::open(sealed, key).at(file)?;
    // Readable by its owner alone, as all temporary files.
    let mut partial = PartialFile::create(out)?;
    require_space(parent(out)?, size + FREE_SPACE_RESERVE)?;
    progress.stage("Decrypting the file", size)?;
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
        let mut partial = PartialFile::create(out)?;
        require_space(parent(out)?, size + FREE_SPACE_RESERVE)?;
        progress.stage("Saving the decrypted file", size)?;
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
    Error::invalid("this is not the name of a file").at(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ErrorKind, Secret};

    #[test]
    fn a_file_is_sealed_opened_and_goes_away() {
        let room = tempfile::tempdir().unwrap();
        let (plain, out) = (room.path().join("x.bin"), room.path().join("x.bin.age"));
        let bytes: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
        std::fs::write(&plain, &bytes).unwrap();
        let lock = Lock::Password(Secret::new("a"));
        let progress = Progress::new();
        seal(&plain, &out, &lock, &progress).unwrap();
        let key = Key::Password(Secret::new("a"));
        let inside = {
            let opened = Unsealed::open(&out, &key, room.path(), &progress).unwrap();
            assert!(std::fs::read(opened.path()).unwrap() == bytes);
            assert!(opened.path().ends_with("x.bin"));
            opened.path().to_owned()
        };
        assert!(!inside.exists());
        let error = unseal_to(&out, &plain, &key, &progress).unwrap_err();
        assert!(std::fs::read(&plain).unwrap() == bytes, "{error}");
    }

    #[test]
    fn cancelled_or_damaged_leaves_nothing() {
        let room = tempfile::tempdir().unwrap();
        let (plain, out) = (room.path().join("x"), room.path().join("x.age"));
        std::fs::write(&plain, vec![7; 1 << 20]).unwrap();
        let lock = Lock::Password(Secret::new("a"));
        let cancelled = Progress::new();
        cancelled.cancel();
        let error = seal(&plain, &out, &lock, &cancelled).unwrap_err();
        assert!(error.is_interrupted());
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 1);
        seal(&plain, &out, &lock, &Progress::new()).unwrap();
        let mut sealed = std::fs::read(&out).unwrap();
        sealed[500_000] ^= 1;
        std::fs::write(&out, sealed).unwrap();
        let key = Key::Password(Secret::new("a"));
        let back = room.path().join("back");
        let error = unseal_to(&out, &back, &key, &Progress::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 2);
    }
}
