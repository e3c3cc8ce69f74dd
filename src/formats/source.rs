//! Where a package is read from: a file, or an encrypted one, decrypted where it is read. Clones
//! read the same file independently, so that several threads do so after it was opened once.

use super::encryption::{Opened, Reopening};
use crate::base::error::{AtPath as _, Result};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Of the headers of entries, that are read one by one. What is in the entries is read in large
/// portions, past this: a larger one would be filled again for each header.
const HEADER: usize = 1 << 12;

/// See the module header.
#[derive(Debug)]
pub struct Source(BufReader<Input>);

impl Source {
    /// Of a file from its beginning.
    pub fn plain(file: File) -> Self {
        Self::of(Input::Plain(Positioned::new(file)))
    }

    /// Of an encrypted file that was opened before.
    pub fn sealed(path: &Path, reopening: Reopening) -> Result<Self> {
        let file = Positioned::new(File::open(path).at(path)?);
        Ok(Self::of(Input::Sealed {
            file,
            reopening: Box::new(reopening),
            opened: None,
        }))
    }

    fn of(input: Input) -> Self {
        Self(BufReader::with_capacity(HEADER, input))
    }
}

/// Its place is not that of the original: seek first.
impl Clone for Source {
    fn clone(&self) -> Self {
        Self::of(self.0.get_ref().clone())
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.0.consume(n);
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

enum Input {
    Plain(Positioned),
    Sealed {
        file: Positioned,
        reopening: Box<Reopening>,
        /// From the first reading on.
        opened: Option<Box<Opened<Positioned>>>,
    },
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Sealed { .. } => "Sealed",
        })
    }
}

impl Clone for Input {
    fn clone(&self) -> Self {
        match self {
            Self::Plain(file) => Self::Plain(file.clone()),
            Self::Sealed {
                file, reopening, ..
            } => Self::Sealed {
                file: file.clone(),
                reopening: reopening.clone(),
                opened: None,
            },
        }
    }
}

/// What is read from in both cases.
trait Readable: Read + Seek {}

impl<T: Read + Seek> Readable for T {}

impl Input {
    /// The plain bytes; an encrypted file is opened at the first call.
    fn bytes(&mut self) -> io::Result<&mut dyn Readable> {
        match self {
            Self::Plain(file) => Ok(file),
            Self::Sealed {
                file,
                reopening,
                opened,
            } => {
                let known = match opened.take() {
                    Some(known) => known,
                    None => Box::new(reopening.open(file.clone())?),
                };
                Ok(opened.insert(known))
            }
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes()?.read(buffer)
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes()?.seek(to)
    }
}

/// A file with a place of its own in each clone.
#[derive(Debug, Clone)]
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl Positioned {
    fn new(file: File) -> Self {
        Self {
            file: Arc::new(file),
            at: 0,
        }
    }
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Positioned {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let before_start = || io::Error::from(io::ErrorKind::InvalidInput);
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = place.ok_or_else(before_start)?;
        Ok(self.at)
    }
}
