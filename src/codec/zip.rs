//! What stands in a zip archive beside the content of its files: their headers, the lines of the
//! directory at its end, and what ends that (APPNOTE 6.3.10), in 64 bits where a number needs them.
//! Times are always the same, so that the same files give the same bytes.

/// How a file lies in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Stored,
    Deflated,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// With `/` between folders, of at most [`LONGEST_NAME`] bytes.
    pub name: String,
    pub method: Method,
    /// Of the content.
    pub crc32: u32,
    /// Bytes of the content.
    pub size: u64,
    /// Bytes in the archive.
    pub packed: u64,
    /// Where its header begins.
    pub start: u64,
    /// Its checksum and sizes are told behind the content, as they were not known before.
    pub is_told_behind: bool,
    /// Its sizes take 64 bits, whatever they are.
    pub is_large: bool,
}

pub const LONGEST_NAME: usize = u16::MAX as usize;
/// Bytes of a file's header before its name.
pub const HEADER: usize = 30;
const LOCAL: u32 = 0x0403_4b50;
const DIRECTORY: u32 = 0x0201_4b50;
const BEHIND: u32 = 0x0807_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// Of the format that readers must know.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// Made by a program for Unix; then `MODE` says who may read the file.
const UNIX: u16 = 3 << 8;
const MODE: u32 = 0o100_644 << 16;
/// 1 January 1980, the first day that the format knows.
const DAY: u16 = 0x21;
const TOLD_BEHIND: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;
/// The number stands in the field for 64 bits.
const ELSEWHERE: u32 = u32::MAX;
const FIELD_64: u16 = 1;

impl Entry {
    /// Of content that is known before: its header says it all.
    #[must_use]
    pub fn known(name: &str, method: Method, crc32: u32, size: u64, packed: u64) -> Self {
        Self {
            name: name.to_owned(),
            method,
            crc32,
            size,
            packed,
            start: 0,
            is_told_behind: false,
            is_large: is_long(size) || is_long(packed),
        }
    }

    /// What stands before its content.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let (crc32, size, packed) = match self.is_told_behind {
            true => (0, 0, 0),
            false => (self.crc32, self.size, self.packed),
        };
        let mut out = Vec::with_capacity(HEADER + self.name.len() + 20);
        out.extend(LOCAL.to_le_bytes());
        self.common(&mut out, crc32, size, packed);
        let extra: &[u64] = match self.is_large {
            true => &[size, packed],
            false => &[],
        };
        self.named(&mut out, extra, &[]);
        out
    }

    /// What stands behind its content, where [`Self::is_told_behind`].
    #[must_use]
    pub fn behind(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(BEHIND.to_le_bytes());
        out.extend(self.crc32.to_le_bytes());
        for bytes in [self.packed, self.size] {
            let bytes = bytes.to_le_bytes();
            out.extend(&bytes[..if self.is_large { 8 } else { 4 }]);
        }
        out
    }

    /// Its line in the directory.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        let mut extra = Vec::new();
        if self.is_large {
            extra.extend([self.size, self.packed]);
        }
        if is_long(self.start) {
            extra.push(self.start);
        }
        let mut out = Vec::with_capacity(46 + self.name.len() + 28);
        out.extend(DIRECTORY.to_le_bytes());
        out.extend((UNIX | self.version()).to_le_bytes());
        self.common(&mut out, self.crc32, self.size, self.packed);
        let mut rest = Vec::with_capacity(14);
        // No comment, the first disk, nothing known of the content.
        rest.extend([0; 6]);
        rest.extend(MODE.to_le_bytes());
        rest.extend(short(self.start).to_le_bytes());
        self.named(&mut out, &extra, &rest);
        out
    }

    fn version(&self) -> u16 {
        match self.is_large || is_long(self.start) {
            true => VERSION_64,
            false => VERSION,
        }
    }

    /// From the version that is needed to the sizes.
    fn common(&self, out: &mut Vec<u8>, crc32: u32, size: u64, packed: u64) {
        let told_behind = if self.is_told_behind { TOLD_BEHIND } else { 0 };
        let utf8 = if self.name.is_ascii() { 0 } else { UTF8 };
        let method: u16 = match self.method {
            Method::Stored => 0,
            Method::Deflated => 8,
        };
        for number in [self.version(), told_behind | utf8, method, 0, DAY] {
            out.extend(number.to_le_bytes());
        }
        out.extend(crc32.to_le_bytes());
        for bytes in [packed, size] {
            let bytes = if self.is_large {
                ELSEWHERE
            } else {
                short(bytes)
            };
            out.extend(bytes.to_le_bytes());
        }
    }

    /// The lengths of name and field for 64 bits, `between`, and both.
    fn named(&self, out: &mut Vec<u8>, extra: &[u64], between: &[u8]) {
        let name = &self.name.as_bytes()[..self.name.len().min(LONGEST_NAME)];
        let extra_bytes = extra.len() as u16 * 8;
        let field = if extra.is_empty() { 0 } else { extra_bytes + 4 };
        out.extend((name.len() as u16).to_le_bytes());
        out.extend(field.to_le_bytes());
        out.extend(between);
        out.extend(name);
        if !extra.is_empty() {
            out.extend(FIELD_64.to_le_bytes());
            out.extend(extra_bytes.to_le_bytes());
            out.extend(extra.iter().flat_map(|number| number.to_le_bytes()));
        }
    }

    /// Reads the header of a file that begins at `start` and was [`Self::known`]. `more` gives the
    /// next bytes. None where it is no header as [`Self::header`] writes it.
    ///
    /// # Errors
    /// As `more` does.
    pub fn read<E>(
        fixed: &[u8; HEADER],
        start: u64,
        mut more: impl FnMut(usize) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Self>, E> {
        let two = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let four = |at: usize| u32::from(two(at)) | u32::from(two(at + 2)) << 16;
        let name = more(two(26).into())?;
        let extra = more(two(28).into())?;
        let eight = |at: usize| {
            let bytes = extra.get(at..at + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?))
        };
        let is_large = !extra.is_empty();
        let sizes = match is_large {
            true => eight(4).zip(eight(12)),
            false => Some((four(22).into(), four(18).into())),
        };
        let (Some((size, packed)), Ok(name)) = (sizes, String::from_utf8(name)) else {
            return Ok(None);
        };
        let method = match two(8) {
            0 => Method::Stored,
            _ => Method::Deflated,
        };
        let mut read = Self::known(&name, method, four(14), size, packed);
        (read.start, read.is_large) = (start, is_large);
        let stands = [&fixed[..], name.as_bytes(), &extra].concat();
        Ok((read.header() == stands).then_some(read))
    }
}

/// What ends an archive of so many files, whose directory has so many bytes and begins at `start`.
#[must_use]
pub fn end(files: u64, bytes: u64, start: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let is_many = files >= u64::from(u16::MAX);
    if is_many || is_long(bytes) || is_long(start) {
        out.extend(END_64.to_le_bytes());
        // Bytes of what follows in this.
        out.extend(44_u64.to_le_bytes());
        out.extend((UNIX | VERSION_64).to_le_bytes());
        out.extend(VERSION_64.to_le_bytes());
        // The first disk, twice.
        out.extend([0; 8]);
        for number in [files, files, bytes, start] {
            out.extend(number.to_le_bytes());
        }
        out.extend(LOCATOR_64.to_le_bytes());
        out.extend([0; 4]);
        out.extend((start + bytes).to_le_bytes());
        // Disks.
        out.extend(1_u32.to_le_bytes());
    }
    let files = u16::try_from(files).unwrap_or(u16::MAX);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(files.to_le_bytes());
    out.extend(files.to_le_bytes());
    out.extend(short(bytes).to_le_bytes());
    out.extend(short(start).to_le_bytes());
    // No comment.
    out.extend([0; 2]);
    out
}

fn is_long(number: u64) -> bool {
    number >= u64::from(ELSEWHERE)
}

fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &[u8], start: u64) -> Option<Entry> {
        let (fixed, mut rest) = header.split_first_chunk::<HEADER>()?;
        let more = |bytes: usize| {
            let (taken, left) = rest.split_at_checked(bytes).ok_or(())?;
            rest = left;
            Ok::<_, ()>(taken.to_vec())
        };
        Entry::read(fixed, start, more).ok()?
    }

    #[test]
    fn a_header_is_read_as_it_was_written_and_no_other() {
        let long = u64::from(u32::MAX);
        for (name, size, packed) in [
            ("a", 0, 2),
            ("ü/b.txt", 7, 7),
            ("c", long, 9),
            ("d", 9, long + 5),
        ] {
            let mut entry = Entry::known(name, Method::Deflated, 0x1234_5678, size, packed);
            entry.start = long + 9;
            let header = entry.header();
            assert_eq!(read(&header, long + 9), Some(entry.clone()));
            assert_eq!(header.len() > HEADER + name.len(), entry.is_large);
            for at in [0, 4, 6, 8, 10, 28] {
                let mut other = header.clone();
                other[at] ^= 0x40;
                assert_ne!(read(&other, long + 9), Some(entry.clone()), "{at}");
            }
            // Where it begins is a number of 64 bits too.
            let line = entry.line();
            assert!(line.ends_with(&(long + 9).to_le_bytes()));
        }
    }

    #[test]
    fn an_end_says_in_64_bits_what_is_more() {
        assert_eq!(end(65_534, 7, 9).len(), 22);
        for (files, bytes, start) in [(65_535, 7, 9), (1, 7, 1 << 32), (1, 1 << 32, 9)] {
            let end = end(files, bytes, start);
            assert_eq!(end.len(), 56 + 20 + 22);
            assert_eq!(end[64..72], (start + bytes).to_le_bytes());
            assert_eq!(end[32..40], files.to_le_bytes());
        }
    }
}
