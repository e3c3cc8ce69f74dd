//! Writes zip archives whose directory does not lie in memory: its lines go to a file without a name,
//! encrypted with a key that nobody keeps, for what is written may be encrypted too.
//! How an archive is laid out is `codec::zip`'s; who reads them uses the library.

use super::payload::{OpeningReader, PayloadKey, SealingWriter};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::spool::Spool;
use crate::codec::zip::{self, Entry, LONGEST_NAME, Method};
use crate::mark;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{self, Seek, SeekFrom, Write};

/// Files of unknown size that are larger than this get 64-bit sizes, also when they should not
/// shrink.
const LARGE: u64 = 3 << 30;

/// An archive being written.
pub struct ZipWriter<W: Write> {
    out: W,
    /// Bytes so far.
    at: u64,
    files: u64,
    directory: SealingWriter<Spool>,
    directory_bytes: u64,
    directory_key: PayloadKey,
    /// Writes bytes at an earlier place, where `out` goes back.
    patch: Option<Patch<W>>,
}

type Patch<W> = fn(&mut W, u64, &[u8]) -> io::Result<()>;

impl<W: Write + Seek> ZipWriter<W> {
    /// As [`Self::streaming`], of an `out` that goes back: headers tell the sizes of all files.
    pub fn new(out: W) -> Self {
        Self {
            patch: Some(patch),
            ..Self::streaming(out)
        }
    }
}

fn patch<W: Write + Seek>(out: &mut W, place: u64, bytes: &[u8]) -> io::Result<()> {
    out.seek(SeekFrom::Start(place))?;
    out.write_all(bytes)?;
    out.seek(SeekFrom::End(0)).map(drop)
}

impl<W: Write> ZipWriter<W> {
    /// `out` stands at its beginning. Sizes that are not known before follow their files.
    pub fn streaming(out: W) -> Self {
        let key = PayloadKey::new(&rand::random());
        Self {
            out,
            at: 0,
            files: 0,
            directory: SealingWriter::new(Spool::default(), key.clone()),
            directory_bytes: 0,
            directory_key: key,
            patch: None,
        }
    }

    /// How many files there are so far.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// Writes out what is whole: the next file begins there.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Adds a file of which all is known; `write` writes its `entry.packed` bytes.
    ///
    /// # Errors
    /// As `write` does, and where it writes another number of bytes, or the name is too long.
    pub fn add(
        &mut self,
        entry: Entry,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let packed = entry.packed;
        let mut raw = self.begin(entry)?;
        write(&mut raw)?;
        let Raw { entry, written, .. } = raw;
        if written != packed {
            return Err(Error::bug("a file of an archive has another size"));
        }
        self.list(&entry)
    }

    /// Adds a file of which nothing is known but that it has about `bytes`; the answer takes its
    /// content and ends with [`FileWriter::finish`].
    pub fn file(
        &mut self,
        name: &str,
        packing: Option<Compression>,
        bytes: u64,
    ) -> Result<FileWriter<'_, W>> {
        let method = packing.map_or(Method::Stored, |_| Method::Deflated);
        let mut entry = Entry::known(name, method, 0, 0, 0);
        entry.is_told_behind = self.patch.is_none();
        entry.is_large = bytes > LARGE;
        let raw = self.begin(entry)?;
        Ok(FileWriter {
            to: match packing {
                None => Packing::Stored(raw),
                Some(level) => Packing::Deflated(DeflateEncoder::new(raw, level)),
            },
            content: Summed::default(),
        })
    }

    /// Adds a file that is small.
    pub fn stored(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let size = content.len() as u64;
        let crc32 = crc32fast::hash(content);
        let entry = Entry::known(name, Method::Stored, crc32, size, size);
        self.add(entry, |out| Ok(out.write_all(content)?))
    }

    fn begin(&mut self, mut entry: Entry) -> Result<Raw<'_, W>> {
        if entry.name.len() > LONGEST_NAME {
            return Err(Error::bug("the name of a file in an archive is too long"));
        }
        entry.start = self.at;
        let header = entry.header();
        self.out.write_all(&header)?;
        self.at += header.len() as u64;
        Ok(Raw {
            zip: self,
            entry,
            written: 0,
        })
    }

    fn list(&mut self, entry: &Entry) -> Result<()> {
        let line = entry.line();
        self.directory.write_all(&line)?;
        self.directory_bytes += line.len() as u64;
        self.files += 1;
        Ok(())
    }

    /// Writes the directory; returns what was written to, unflushed.
    pub fn finish(mut self) -> Result<W> {
        let lines = self.directory.finish()?.into_reader()?;
        let mut lines = OpeningReader::new(lines, self.directory_key, 0);
        let bytes = io::copy(&mut lines, &mut self.out)?;
        if bytes != self.directory_bytes {
            return Err(Error::bug("the directory of an archive has another size"));
        }
        let end = zip::end(self.files, bytes, self.at);
        self.out.write_all(&end)?;
        Ok(self.out)
    }
}

/// Sums up what is written to it.
#[derive(Debug, Default, Clone)]
pub struct Summed {
    pub hash: crc32fast::Hasher,
    pub bytes: u64,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes what lies in the archive of one file.
struct Raw<'a, W: Write> {
    zip: &'a mut ZipWriter<W>,
    entry: Entry,
    written: u64,
}

impl<W: Write> Write for Raw<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.zip.out.write(bytes)?;
        self.zip.at += n as u64;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.out.flush()
    }
}

/// Takes the content of one file.
pub struct FileWriter<'a, W: Write> {
    to: Packing<'a, W>,
    content: Summed,
}

enum Packing<'a, W: Write> {
    Stored(Raw<'a, W>),
    Deflated(DeflateEncoder<Raw<'a, W>>),
}

impl<W: Write> FileWriter<'_, W> {
    /// Ends the file; without this the archive has none of it.
    pub fn finish(self) -> Result<()> {
        let raw = match self.to {
            Packing::Stored(raw) => raw,
            Packing::Deflated(encoder) => encoder.finish()?,
        };
        let Raw {
            zip,
            mut entry,
            written,
        } = raw;
        let Summed { hash, bytes } = self.content;
        (entry.crc32, entry.size, entry.packed) = (hash.finalize(), bytes, written);
        if !entry.is_large && bytes.max(written) >= u32::MAX.into() {
            return Err(Error::new(
                ErrorKind::Conflict,
                mark!("the file changed while it was being saved"),
            ));
        }
        if let Some(patch) = zip.patch {
            patch(&mut zip.out, entry.start, &entry.header())?;
        } else {
            let behind = entry.behind();
            zip.out.write_all(&behind)?;
            zip.at += behind.len() as u64;
        }
        zip.list(&entry)
    }
}

impl<W: Write> Write for FileWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = match &mut self.to {
            Packing::Stored(raw) => raw.write(bytes),
            Packing::Deflated(encoder) => encoder.write(bytes),
        }?;
        self.content.write_all(&bytes[..n])?;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            Packing::Stored(raw) => raw.flush(),
            Packing::Deflated(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::zip::ZipArchive;
    use std::io::{Cursor, Read as _};

    /// Three files, one of each kind.
    fn fill<W: Write>(mut zip: ZipWriter<W>, text: &[u8]) -> W {
        zip.stored("a/ü.txt", b"small").unwrap();
        for packing in [None, Some(Compression::fast())] {
            let name = format!("b {}", packing.is_some());
            let mut file = zip.file(&name, packing, 0).unwrap();
            for part in text.chunks(70_001) {
                file.write_all(part).unwrap();
            }
            file.finish().unwrap();
        }
        assert_eq!(zip.files(), 3);
        zip.finish().unwrap()
    }

    #[test]
    fn the_library_reads_what_is_written() {
        let text: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let sought = fill(ZipWriter::new(Cursor::new(Vec::new())), &text).into_inner();
        let streamed = fill(ZipWriter::streaming(Vec::new()), &text);
        // A word and three numbers behind each of the two files.
        assert_eq!(streamed.len(), sought.len() + 32);
        for bytes in [sought, streamed] {
            let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert_eq!(archive.len(), 3);
            for (name, content) in [
                ("a/ü.txt", &b"small"[..]),
                ("b false", &text[..]),
                ("b true", &text[..]),
            ] {
                let mut file = archive.by_name(name).unwrap();
                assert_eq!(file.unix_mode(), Some(0o100_644));
                let mut back = Vec::new();
                file.read_to_end(&mut back).unwrap();
                assert!(back == content, "{name}");
            }
            assert!(!archive.has_overlapping_entries().unwrap());
        }
    }

    #[test]
    fn more_files_than_sixteen_bits_count_are_all_there() {
        let mut zip = ZipWriter::streaming(Vec::new());
        for n in 0..70_000 {
            zip.stored(&format!("notes/{n}.txt"), b"").unwrap();
        }
        let bytes = zip.finish().unwrap();
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 70_000);
        for n in [0, 65_535, 69_999] {
            let file = archive.by_index(n).unwrap();
            assert!(file.name().unwrap() == format!("notes/{n}.txt"));
        }
    }

    /// Counts, and throws most away: more bytes than 32 bits count.
    struct Far {
        passed: u64,
        last: Vec<u8>,
    }

    impl Write for Far {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.passed += bytes.len() as u64;
            if bytes.len() < 1 << 20 {
                self.last.extend_from_slice(bytes);
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn more_bytes_than_32_bits_count_are_told() {
        let far = Far {
            passed: 0,
            last: Vec::new(),
        };
        let mut zip = ZipWriter::streaming(far);
        let piece = vec![0; 1 << 20];
        let size = 5 << 30;
        let entry = Entry::known("large", Method::Stored, 7, size, size);
        let write = |out: &mut dyn Write| {
            for _ in 0..size >> 20 {
                out.write_all(&piece)?;
            }
            Ok(())
        };
        zip.add(entry, write).unwrap();
        zip.stored("behind", b"x").unwrap();
        let far = zip.finish().unwrap();
        let header = 30 + 5 + 20;
        let second = size + header;
        let told = |number: u64| {
            let bytes = number.to_le_bytes();
            far.last.windows(8).filter(|eight| *eight == bytes).count()
        };
        // Twice in the header and in the line; where the second file begins, in its line.
        assert_eq!((told(size), told(second)), (4, 1));
        // Where the directory begins.
        assert_eq!(told(second + 30 + 6 + 1), 1);
    }

    #[test]
    fn what_is_not_written_whole_is_an_error() {
        let mut zip = ZipWriter::streaming(Vec::new());
        let entry = || Entry::known("a", Method::Stored, 0, 2, 2);
        assert!(zip.add(entry(), |out| Ok(out.write_all(b"x")?)).is_err());
        assert!(zip.stored(&"x".repeat(65_536), b"").is_err());
    }
}
