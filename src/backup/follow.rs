//! Verifying behind the writer: a second thread reads back what has reached the file so far,
//! decompresses it and hashes it, while the rest is still being compressed. A third sends what was
//! written to the disk in small portions, so that no answer's commit waits behind the whole file.

use crate::base::error::{Error, Result};
use crate::formats::writer::Packed;
use crate::formats::zip_guard::read_error;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes between two syncs.
const SYNC_EVERY: u64 = 8 << 20;
const CHUNK: usize = 1 << 18;

/// How far the writer is; shared with the follower.
#[derive(Debug, Default)]
pub struct Written {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    end: u64,
    /// Set once: nothing more will come; false when the writer failed.
    finished: Option<bool>,
}

impl Written {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self, end: u64) {
        let mut state = self.lock();
        if end > state.end {
            state.end = end;
            self.changed.notify_all();
        }
    }

    /// Where the bytes that have reached the file end.
    pub fn end(&self) -> u64 {
        self.lock().end
    }

    /// Nothing more will be written; `whole` is false after a failure.
    pub fn finish(&self, whole: bool) {
        self.lock().finished.get_or_insert(whole);
        self.changed.notify_all();
    }

    /// Waits until bytes after `position` are there; returns where they end, or less than that at
    /// the end of the file.
    fn wait_beyond(&self, position: u64) -> io::Result<u64> {
        let mut state = self.lock();
        loop {
            if state.finished == Some(false) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if state.end > position || state.finished.is_some() {
                return Ok(state.end);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Finishes the shared state when the writer ends in any way.
pub struct FinishOnDrop<'a>(pub &'a Written);

impl Drop for FinishOnDrop<'_> {
    fn drop(&mut self) {
        self.0.finish(false);
    }
}

/// Passes everything on to the file and tells how far it is.
#[derive(Debug)]
pub struct Tracked<'a> {
    file: &'a mut File,
    position: u64,
    written: &'a Written,
}

impl<'a> Tracked<'a> {
    /// `file` stands at its beginning.
    pub fn new(file: &'a mut File, written: &'a Written) -> Self {
        Self {
            file,
            position: 0,
            written,
        }
    }
}

impl Write for Tracked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.position += n as u64;
        self.written.reached(self.position);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Tracked<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

/// Sends what is written to the file at `path` to the disk, all along until the writer is done.
pub fn sync_along(path: &Path, written: &Written) -> Result<()> {
    // Opened for writing only because some systems sync no other handles.
    let file = File::options().write(true).open(path)?;
    let mut synced = 0;
    loop {
        let end = written.wait_beyond(synced + SYNC_EVERY - 1)?;
        if end < synced + SYNC_EVERY {
            // The writer is done and the rest is synced with the file's name.
            return Ok(());
        }
        file.sync_data()?;
        synced = end;
    }
}

/// Reads the zstd frame that begins at `start` of the file at `path`, as it grows; returns what it
/// decodes to.
pub fn follow(path: &Path, start: u64, written: &Written) -> Result<Packed> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let source = Growing {
        file,
        position: start,
        written,
    };
    let decoder = zstd::stream::read::Decoder::new(source).map_err(read_error)?;
    let mut decoder = decoder.single_frame();
    let mut hash = blake3::Hasher::new();
    let mut bytes = 0;
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = decoder.read(&mut buffer).map_err(read_error)?;
        if n == 0 {
            return Ok(Packed {
                bytes,
                blake3: *hash.finalize().as_bytes(),
            });
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}

struct Growing<'a> {
    file: File,
    position: u64,
    written: &'a Written,
}

impl Read for Growing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.written.wait_beyond(self.position)?;
        let there = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let want = buffer.len().min(there);
        let n = self.file.read(&mut buffer[..want])?;
        if n == 0 && want > 0 {
            return Err(Error::corrupt("the file is shorter than what was written to it").into());
        }
        self.position += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_decoded_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let data: Vec<u8> = (0..2_000_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = zstd::encode_all(&data[..], 1).unwrap();
        let written = Written::default();
        let mut file = File::create(&path).unwrap();
        let found = std::thread::scope(|scope| {
            let follower = scope.spawn(|| follow(&path, 5, &written));
            let mut out = Tracked::new(&mut file, &written);
            out.write_all(b"12345").unwrap();
            for part in packed.chunks(70_001) {
                out.write_all(part).unwrap();
            }
            out.write_all(b"PK and more").unwrap();
            written.finish(true);
            follower.join().unwrap().unwrap()
        });
        assert_eq!(found.bytes, data.len() as u64);
        assert_eq!(found.blake3, *blake3::hash(&data).as_bytes());
    }

    #[test]
    fn a_failed_writer_ends_the_follower() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "").unwrap();
        let written = Written::default();
        drop(FinishOnDrop(&written));
        assert!(follow(&path, 0, &written).is_err());
    }
}
