//! An archive of plain text files that any `unzip` opens. The same files give the same bytes: no
//! times of today, the order is the caller's. Memory does not grow with their number, neither where
//! it is written nor where it is read back.

use super::source::Source;
use super::zip_guard::read_error;
use super::zip_writer::{Summed, ZipWriter};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::BUFFER;
use crate::base::job::Progress;
use crate::codec::zip::{self, Entry, HEADER, Method};
use crate::mark;
use flate2::bufread::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// What deflate may add to a text that does not shrink.
const MOST_ADDED: usize = 1 << 10;

/// An archive being written.
pub struct TextZip<W: Write> {
    zip: ZipWriter<W>,
    deflate: Compress,
    packed: Vec<u8>,
}

impl<W: Write> TextZip<W> {
    pub fn new(out: W) -> Self {
        Self {
            zip: ZipWriter::streaming(out),
            deflate: Compress::new(Compression::default(), false),
            packed: Vec::new(),
        }
    }

    /// Adds a text at a path with `/` between folders.
    pub fn add_text(&mut self, path: &str, text: &str) -> Result<()> {
        let text = text.as_bytes();
        self.deflate.reset();
        self.packed.clear();
        loop {
            self.packed.reserve(text.len() / 2 + MOST_ADDED);
            let taken = self.deflate.total_in() as usize;
            let (out, last) = (&mut self.packed, FlushCompress::Finish);
            let done = self.deflate.compress_vec(&text[taken..], out, last);
            if done.map_err(|e| Error::bug("a text cannot be packed").because(e))?
                == Status::StreamEnd
            {
                break;
            }
        }
        let (crc32, size) = (crc32fast::hash(text), text.len() as u64);
        let packed = &self.packed;
        let entry = Entry::known(path, Method::Deflated, crc32, size, packed.len() as u64);
        self.zip.add(entry, |out| Ok(out.write_all(packed)?))
    }

    /// Adds a file as it is: sounds and pictures do not shrink.
    ///
    /// # Errors
    /// `Conflict` when it changes meanwhile.
    pub fn add_file(&mut self, path: &str, source: &Path, progress: &Progress) -> Result<()> {
        // What stands before it says what it is.
        let (crc32, size) = read_through(source, progress, |_| Ok(()))?;
        let entry = Entry::known(path, Method::Stored, crc32, size, size);
        self.zip.add(entry, |out| {
            let copied = read_through(source, progress, |part| Ok(out.write_all(part)?))?;
            if copied == (crc32, size) {
                return Ok(());
            }
            let what = mark!("the file changed while it was being saved");
            Err(Error::new(ErrorKind::Conflict, what).at(source))
        })
    }

    /// Ends the archive; returns how many files are in it.
    pub fn finish(self) -> Result<u64> {
        let files = self.zip.files();
        self.zip.finish()?.flush()?;
        Ok(files)
    }
}

/// Gives all parts of a file; returns its checksum and its bytes.
fn read_through(
    path: &Path,
    progress: &Progress,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<(u32, u64)> {
    let mut file = File::open(path).at(path)?;
    let mut sum = Summed::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = file.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok((sum.hash.finalize(), sum.bytes));
        }
        sum.write_all(&buffer[..n])?;
        take(&buffer[..n])?;
        progress.check()?;
    }
}

/// Reads an archive of [`TextZip`] from its first byte to its last: each file is what its checksum
/// says, and the directory tells of these files and of nothing else.
///
/// # Errors
/// `Corrupt` when there are not `files` of them, or anything is damaged.
pub fn verify(written: Source, files: u64, progress: &Progress) -> Result<()> {
    let mut written = BufReader::with_capacity(BUFFER, written);
    let (mut at, mut lines, mut lines_bytes) = (0, blake3::Hasher::new(), 0);
    for _ in 0..files {
        let mut fixed = [0; HEADER];
        written.read_exact(&mut fixed).map_err(read_error)?;
        let mut extra = 0;
        let more = |bytes: usize| {
            extra += bytes as u64;
            let mut more = vec![0; bytes];
            written.read_exact(&mut more).map(|()| more)
        };
        let entry = Entry::read(&fixed, at, more).map_err(read_error)?;
        let entry = entry.ok_or_else(lacking)?;
        read_file(&mut written, &entry)?;
        let line = entry.line();
        lines.update(&line);
        lines_bytes += line.len() as u64;
        at += HEADER as u64 + extra + entry.packed;
        progress.check()?;
    }
    let mut found = blake3::Hasher::new();
    let directory = (&mut written).take(lines_bytes);
    found.update_reader(directory).map_err(read_error)?;
    let mut end = Vec::new();
    let wanted = zip::end(files, lines_bytes, at);
    let mut rest = written.take(wanted.len() as u64 + 1);
    rest.read_to_end(&mut end).map_err(read_error)?;
    if found.finalize() == lines.finalize() && end == wanted {
        return Ok(());
    }
    Err(lacking())
}

/// Reads the content of a file and compares what its header says.
fn read_file(written: &mut impl BufRead, entry: &Entry) -> Result<()> {
    let mut packed = written.take(entry.packed);
    let mut out = Summed::default();
    match entry.method {
        Method::Stored => std::io::copy(&mut packed, &mut out),
        Method::Deflated => std::io::copy(&mut DeflateDecoder::new(&mut packed), &mut out),
    }
    .map_err(read_error)?;
    if packed.limit() == 0 && out.bytes == entry.size && out.hash.finalize() == entry.crc32 {
        return Ok(());
    }
    Err(Error::corrupt(mark!("the file is damaged")))
}

fn lacking() -> Error {
    Error::corrupt(mark!("the written archive lacks files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and contents, as the library reads them.
    fn files_in(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut zip = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let files = zip.len();
        let file = |n| {
            let mut file = zip.by_index(n).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().to_string(), content)
        };
        (0..files).map(file).collect()
    }

    #[test]
    fn what_is_written_is_verified_and_no_damage_passes() {
        let room = tempfile::tempdir().unwrap();
        let (path, picture) = (room.path().join("x.zip"), room.path().join("p.png"));
        let progress = Progress::new();
        let noise: Vec<u8> = (0..300_000_u32)
            .map(|n| (n.wrapping_mul(n) / 7) as u8)
            .collect();
        std::fs::write(&picture, noise).unwrap();
        let mut bytes = Vec::new();
        let mut zip = TextZip::new(&mut bytes);
        for text in ["", "Größe", "Größe ".repeat(9999).as_str()] {
            let path = format!("notes/ü{}.txt", text.len());
            zip.add_text(&path, text).unwrap();
        }
        zip.add_file("media/p.png", &picture, &progress).unwrap();
        assert_eq!(zip.finish().unwrap(), 4);
        let verified = |bytes: &[u8], files: u64| {
            std::fs::write(&path, bytes).unwrap();
            let source = Source::plain(File::open(&path).unwrap());
            match verify(source, files, &progress) {
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::Corrupt, "{e}");
                    false
                }
                Ok(()) => true,
            }
        };
        assert!(verified(&bytes, 4));
        assert!(!verified(&bytes, 3) && !verified(&bytes, 5));
        let files = files_in(&bytes);
        assert_eq!(files.len(), 4);
        let places = (0..400).chain((400..bytes.len()).step_by(9001));
        for at in places.chain(bytes.len() - 300..bytes.len()) {
            let mut other = bytes.clone();
            other[at] ^= 1;
            // Packed otherwise, it may be the same.
            assert!(!verified(&other, 4) || files_in(&other) == files, "{at}");
            assert!(!verified(&bytes[..at], 4), "{at}");
        }
        assert!(!verified(&[&bytes[..], b"x"].concat(), 4));
    }
}
