//! Many bytes that are written, and then read once: few of them are in memory meanwhile.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, Write};

/// Bytes that go from memory to the file together.
const TOGETHER: usize = 1 << 20;

/// Its bytes go to a file without a name in the system's folder for temporary files; where there is
/// no such folder, or no room in it, they stay in memory.
#[derive(Debug, Default)]
pub struct Spool {
    file: Option<File>,
    /// Bytes in the file.
    filed: u64,
    /// Those behind them.
    memory: Vec<u8>,
    /// The file takes no more.
    is_full: bool,
}

impl Spool {
    /// All of it, from the beginning.
    ///
    /// # Errors
    /// When the file cannot go back.
    pub fn into_reader(self) -> io::Result<impl Read> {
        let filed: Box<dyn Read> = match self.file {
            Some(mut file) => {
                file.rewind()?;
                Box::new(file.take(self.filed))
            }
            None => Box::new(io::empty()),
        };
        Ok(filed.chain(Cursor::new(self.memory)))
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.memory)
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.memory.extend_from_slice(bytes);
        if self.memory.len() >= TOGETHER && !self.is_full {
            self.is_full = self.pass_on().is_err();
            if !self.is_full {
                self.filed += self.memory.len() as u64;
                self.memory.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_in_little_memory_or_in_all_that_it_takes() {
        let named = tempfile::NamedTempFile::new().unwrap();
        // As where there is no room: a file that may only be read takes nothing.
        let full = Spool {
            file: Some(File::open(named.path()).unwrap()),
            ..Spool::default()
        };
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 7) as u8).collect();
        for (mut spool, is_full) in [(Spool::default(), false), (full, true)] {
            for part in bytes.chunks(70_001) {
                spool.write_all(part).unwrap();
            }
            assert_eq!(spool.is_full, is_full);
            assert_eq!(spool.memory.len() == bytes.len(), is_full);
            assert!(is_full || spool.memory.len() < TOGETHER);
            let mut back = Vec::new();
            spool.into_reader().unwrap().read_to_end(&mut back).unwrap();
            assert!(back == bytes);
        }
    }
}
