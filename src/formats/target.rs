//! Where an export is written to: a file, or an encryption on its way to one, which never goes back.

use std::fs::File;
use std::io::{self, BufWriter, Write};

/// See the module header.
pub enum Target<'a> {
    File(BufWriter<&'a mut File>),
    Sealed(&'a mut dyn Write),
}

impl Write for Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Sealed(onward) => onward.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Sealed(onward) => onward.flush(),
        }
    }
}
