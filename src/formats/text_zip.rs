//! An archive of plain text files that any `unzip` opens. The same files give the same bytes: no
//! times of today, the order is the caller's.

use super::source::Source;
use super::zip_guard::zip_error;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::BUFFER;
use crate::base::job::Progress;
use crate::mark;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek, Write};
use std::path::Path;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Larger files get 64-bit sizes.
const LARGE: u64 = 3 << 30;

/// An archive being written.
pub struct TextZip<W: Write + Seek> {
    zip: ZipWriter<W>,
    files: usize,
}

impl<W: Write> TextZip<StreamWriter<W>> {
    /// As [`Self::new`], without ever going back in `out`: the sizes of files follow them.
    pub fn streaming(out: W) -> Self {
        Self {
            zip: ZipWriter::new_stream(out),
            files: 0,
        }
    }
}

impl<W: Write + Seek> TextZip<W> {
    pub fn new(out: W) -> Self {
        Self {
            zip: ZipWriter::new(out),
            files: 0,
        }
    }

    /// Adds a text at a path with `/` between folders.
    pub fn add_text(&mut self, path: &str, text: &str) -> Result<()> {
        self.begin(path, CompressionMethod::Deflated, 0)?;
        Ok(self.zip.write_all(text.as_bytes())?)
    }

    /// Adds a file as it is: sounds and pictures do not shrink.
    pub fn add_file(&mut self, path: &str, source: &Path, progress: &Progress) -> Result<()> {
        let mut file = File::open(source).at(source)?;
        let size = file.metadata().at(source)?.len();
        self.begin(path, CompressionMethod::Stored, size)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let n = file.read(&mut buffer).at(source)?;
            if n == 0 {
                return Ok(());
            }
            self.zip.write_all(&buffer[..n])?;
            progress.check()?;
        }
    }

    fn begin(&mut self, path: &str, method: CompressionMethod, size: u64) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(size > LARGE);
        self.files += 1;
        self.zip.start_file(path, options).map_err(zip_error)
    }

    /// Ends the archive; returns how many files are in it.
    pub fn finish(self) -> Result<usize> {
        self.zip.finish().map_err(zip_error)?.flush()?;
        Ok(self.files)
    }
}

/// Reads every file of an archive to its end, so that each checksum is compared.
///
/// # Errors
/// `Corrupt` when there are not `files` of them, or one is damaged.
pub fn verify(written: Source, files: usize, progress: &Progress) -> Result<()> {
    let written = BufReader::with_capacity(BUFFER, written);
    let mut archive = ZipArchive::new(written).map_err(zip_error)?;
    if archive.len() != files {
        return Err(Error::corrupt(mark!("the written archive lacks files")));
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(zip_error)?;
        std::io::copy(&mut entry, &mut std::io::sink())?;
        progress.check()?;
    }
    Ok(())
}
