//! Verifying behind the writer: a second thread reads back what has reached the file so far,
//! decompresses it and compares it with the source, while the rest is still being compressed. A third sends what was
//! written to the disk in small portions, so that no answer's commit waits behind the whole file.

use crate::base::error::{Error, Result};
use crate::base::files::BUFFER;
use crate::codec::meta::Generation;
use crate::formats::reader::{ReadBack, read_back};
use crate::mark;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes between two syncs: few, as a commit beside waits for one to its end.
const SYNC_EVERY: u64 = 2 << 20;
/// How far the writer may be ahead of a disk that is slower. Each sync takes all that there is:
/// without a limit the last ones would take the most of the file.
const AHEAD: u64 = 8 << 20;

/// How far the writer is; shared with the follower.
#[derive(Debug, Default)]
pub struct Written {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    end: u64,
    /// How much of that is on the disk, while a thread sees to it.
    synced: Option<u64>,
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

    fn synced(&self, end: Option<u64>) {
        self.lock().synced = end;
        self.changed.notify_all();
    }

    /// Waits while the disk is too far behind.
    fn wait_for_disk(&self) {
        let mut state = self.lock();
        while state.synced.is_some_and(|end| state.end > end + AHEAD) {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
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

/// The writer waits for the disk no longer when the thread that syncs ends in any way.
struct Syncing<'a>(&'a Written);

impl Drop for Syncing<'_> {
    fn drop(&mut self) {
        self.0.synced(None);
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
        self.written.wait_for_disk();
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

/// Sends what is written to the file at `path` to the disk, all along until the writer is done,
/// which waits where the disk is far behind.
pub fn sync_along(path: &Path, written: &Written) -> Result<()> {
    // Opened for writing only because some systems sync no other handles.
    let file = File::options().write(true).open(path)?;
    let _syncing = Syncing(written);
    let mut synced = 0;
    loop {
        written.synced(Some(synced));
        let end = written.wait_beyond(synced + SYNC_EVERY - 1)?;
        if end < synced + SYNC_EVERY {
            // The writer is done; whoever names the file syncs the rest.
            return Ok(());
        }
        file.sync_data()?;
        synced = end;
    }
}

/// Reads back the collection's entry, which begins where `packed` stands, as it grows, and compares
/// what it holds with `source`.
pub fn follow(
    packed: impl Read,
    generation: Generation,
    source: &mut dyn Read,
) -> Result<ReadBack> {
    let mut expected = Vec::new();
    let read = read_back(
        BufReader::with_capacity(BUFFER, packed),
        generation,
        &mut |chunk| {
            expected.resize(chunk.len(), 0);
            match source.read_exact(&mut expected) {
                Ok(()) if expected == chunk => Ok(()),
                Err(e) if e.kind() != io::ErrorKind::UnexpectedEof => Err(e.into()),
                _ => Err(differs()),
            }
        },
    )?;
    if source.read(&mut [0])? > 0 {
        return Err(differs());
    }
    Ok(read)
}

/// The error of a file that does not hold what was to be written.
pub fn differs() -> Error {
    Error::corrupt(mark!(
        "the written file differs from the collection; the disk may be failing"
    ))
}

/// Reads a file as it grows, until the writer is done.
pub struct Growing<'a> {
    file: File,
    position: u64,
    written: &'a Written,
}

impl<'a> Growing<'a> {
    /// From `start` on, of the file at `path`.
    pub fn at(path: &Path, start: u64, written: &'a Written) -> Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            file,
            position: start,
            written,
        })
    }
}

impl Read for Growing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.written.wait_beyond(self.position)?;
        let there = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let want = buffer.len().min(there);
        let n = self.file.read(&mut buffer[..want])?;
        if n == 0 && want > 0 {
            return Err(
                Error::corrupt(mark!("the file is shorter than what was written to it")).into(),
            );
        }
        self.position += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows `packed` as it is written between other bytes.
    fn followed(packed: &[u8], generation: Generation, source: &[u8]) -> Result<ReadBack> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let written = Written::default();
        let mut file = File::create(&path).unwrap();
        std::thread::scope(|scope| {
            let mut source = source;
            let (path, written) = (&path, &written);
            let follower = scope
                .spawn(move || follow(Growing::at(path, 5, written)?, generation, &mut source));
            let mut out = Tracked::new(&mut file, written);
            out.write_all(b"12345PK\x03\x04").unwrap();
            out.write_all(&[0; 22]).unwrap();
            out.write_all(b"\x01\0\x02\0nxx").unwrap();
            for part in packed.chunks(70_001) {
                out.write_all(part).unwrap();
            }
            out.write_all(b"PK and more").unwrap();
            written.finish(true);
            follower.join().unwrap()
        })
    }

    #[test]
    fn an_entry_is_compared_while_it_grows() {
        let data: Vec<u8> = (0..2_000_000u32).flat_map(u32::to_le_bytes).collect();
        let zstd = zstd::encode_all(&data[..], 1).unwrap();
        let mut deflate =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(&data).unwrap();
        let deflate = deflate.finish().unwrap();
        for (packed, generation, summed) in [
            (&zstd, Generation::Latest, &zstd),
            (&deflate, Generation::Legacy2, &data),
        ] {
            let read = followed(packed, generation, &data).unwrap();
            assert_eq!((read.bytes, read.header_bytes), (data.len() as u64, 33));
            assert_eq!(read.packed_bytes, packed.len() as u64);
            assert_eq!(read.crc32, crc32fast::hash(summed));
            let mut other = data.clone();
            other[7_000_000] ^= 1;
            let longer = [&data[..], b"x"].concat();
            for source in [&other[..], &data[1..], &data[..7_999_999], &longer[..]] {
                let error = followed(packed, generation, source).unwrap_err();
                assert_eq!(error.kind(), crate::base::ErrorKind::Corrupt);
            }
        }
    }

    #[test]
    fn a_writer_waits_for_a_disk_that_is_far_behind() {
        const PIECE: u64 = 1 << 20;
        let folder = tempfile::tempdir().unwrap();
        let mut file = File::create(folder.path().join("x")).unwrap();
        let written = &Written::default();
        let (to, wrote) = crossbeam_channel::unbounded();
        let soon = std::time::Duration::from_millis(50);
        std::thread::scope(|scope| {
            let syncing = Syncing(written);
            written.synced(Some(0));
            scope.spawn(move || {
                let mut out = Tracked::new(&mut file, written);
                for _ in 0..4 * AHEAD / PIECE {
                    out.write_all(&vec![7; PIECE as usize]).unwrap();
                    to.send(()).unwrap();
                }
            });
            let come = |pieces: u64| (0..pieces).for_each(|_| wrote.recv().unwrap());
            come(AHEAD / PIECE + 1);
            assert!(wrote.recv_timeout(soon).is_err());
            assert_eq!(written.end(), AHEAD + PIECE);
            written.synced(Some(AHEAD));
            come(AHEAD / PIECE);
            assert!(wrote.recv_timeout(soon).is_err());
            // Whoever cannot sync says so; the writer goes on.
            drop(syncing);
            come(2 * AHEAD / PIECE - 1);
        });
        assert_eq!(written.end(), 4 * AHEAD);
    }

    #[test]
    fn a_failed_writer_ends_the_follower() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "").unwrap();
        let written = Written::default();
        drop(FinishOnDrop(&written));
        let growing = Growing::at(&path, 0, &written).unwrap();
        let found = follow(growing, Generation::Latest, &mut &b""[..]);
        assert!(found.is_err());
    }
}
