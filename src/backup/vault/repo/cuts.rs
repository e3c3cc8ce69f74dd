//! Where large files are cut into parts: where the hash of the last bytes says so, so that a change
//! moves only the cuts beside it. Which hash, and how long parts are, is said in the settings of the
//! vault; `restic` and the crate that knows the format cut at the same places.

use crate::backup::vault::backend::theirs;
use crate::base::error::Result;
use rustic_cdc::{Rabin64, RollingHash64 as _};
use rustic_core::repofile::ConfigFile;
use std::io::{ErrorKind, Read};
use std::ops::Range;

/// The hash is that of so many bytes.
const WINDOW: usize = 64;
const READ_AT_ONCE: usize = 1 << 20;

pub(super) struct Cutter {
    rabin: Rabin64,
    /// Bits of the hash that are 0 at a cut.
    mask: u64,
    /// Bytes of a part, but of the last one of a file.
    pub(super) smallest: usize,
    pub(super) largest: usize,
}

impl Cutter {
    pub(super) fn of(config: &ConfigFile) -> Result<Self> {
        let polynom = config.poly().map_err(|e| theirs(&e))?;
        Ok(Self {
            rabin: Rabin64::new_with_polynom(6, &polynom),
            mask: (config.chunk_size() as u64).saturating_sub(1),
            smallest: config.chunk_min_size().max(1),
            largest: config.chunk_max_size().max(1),
        })
    }

    /// The parts of what is read from `file`, one behind the other. `goes_on` is asked after each
    /// mebibyte or so.
    pub(super) fn parts(
        &self,
        mut file: impl Read,
        goes_on: impl Fn() -> Result<()>,
    ) -> Result<Vec<Range<u64>>> {
        let mut bytes = vec![0; self.largest + READ_AT_ONCE];
        let (mut start, mut end, mut is_read) = (0, 0, false);
        let mut parts: Vec<Range<u64>> = Vec::new();
        loop {
            if end - start < self.largest && !is_read {
                bytes.copy_within(start..end, 0);
                (start, end) = (0, end - start);
                while !is_read && end < bytes.len() {
                    match file.read(&mut bytes[end..]) {
                        Err(e) if e.kind() == ErrorKind::Interrupted => {}
                        read => {
                            let read = read?;
                            is_read = read == 0;
                            end += read;
                        }
                    }
                }
                goes_on()?;
            }
            if start == end {
                return Ok(parts);
            }
            let length = self.first(&bytes[start..end]);
            let at = parts.last().map_or(0, |part| part.end);
            parts.push(at..at + length as u64);
            start += length;
        }
    }

    /// Bytes of the first part of these.
    fn first(&self, bytes: &[u8]) -> usize {
        let most = bytes.len().min(self.largest);
        if most <= self.smallest {
            return most;
        }
        let mut rabin = self.rabin.clone();
        let before = &bytes[self.smallest.saturating_sub(WINDOW)..self.smallest];
        rabin.reset_and_prefill_window(&mut before.iter().copied());
        let mut end = self.smallest;
        while end < most && rabin.hash & self.mask != 0 {
            rabin.slide(bytes[end]);
            end += 1;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let most = into.len().min(70_001);
            self.0.read(&mut into[..most])
        }
    }

    #[test]
    fn parts_depend_on_what_is_in_them_and_lie_between_the_limits() {
        let config = ConfigFile {
            chunker_polynomial: "3da3358b4dc173".to_owned(),
            chunk_size: Some(64 << 10),
            chunk_min_size: Some(64 << 10),
            chunk_max_size: Some(512 << 10),
            ..ConfigFile::default()
        };
        let cutter = Cutter::of(&config).unwrap();
        let mut state = 7_u64;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        let mut bytes: Vec<u8> = (0..5_000_000).map(|_| noise()).collect();
        let parts = |bytes: &[u8]| cutter.parts(bytes, || Ok(())).unwrap();
        let cut = parts(&bytes);
        assert_eq!(cutter.parts(Slow(&bytes), || Ok(())).unwrap(), cut);
        assert!(cut.len() > 20, "{}", cut.len());
        assert_eq!(cut.first().unwrap().start, 0);
        assert_eq!(cut.last().unwrap().end, 5_000_000);
        assert!(cut.windows(2).all(|two| two[0].end == two[1].start));
        for part in &cut[..cut.len() - 1] {
            let length = part.end - part.start;
            assert!((64 << 10..=512 << 10).contains(&length), "{length}");
        }
        // What comes in moves the parts behind it, and makes no others of them.
        bytes.splice(1_000_000..1_000_000, *b"a few");
        let moved = parts(&bytes);
        let lengths = |parts: &[Range<u64>]| -> Vec<u64> {
            parts.iter().map(|part| part.end - part.start).collect()
        };
        let (one, other) = (lengths(&cut), lengths(&moved));
        assert_eq!(one[one.len() - 15..], other[other.len() - 15..]);
        // Nothing gives no part, and what is the same throughout is cut at a limit.
        assert_eq!(parts(&[]), []);
        assert_eq!(lengths(&parts(&[1; 10])), [10]);
        for same in lengths(&parts(&[0; 2 << 20])) {
            assert!([64 << 10, 512 << 10].contains(&same), "{same}");
        }
    }
}
