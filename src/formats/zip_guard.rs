//! What stands between an archive from outside and our disk: limits on sizes and expansion, free
//! space, entry names. Beyond a limit the whole file is refused; nothing is truncated.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files::free_space;
use crate::base::limits::{
    FREE_SPACE_RESERVE, MAX_EXPANSION_RATIO, MAX_EXTRA_FILES, MAX_MEDIA_FILES,
    MAX_WHOLE_EXPANSION_RATIO, RATIO_FREE_BYTES, WHOLE_FREE_BYTES,
};
use crate::mark;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

/// How often free space is asked for while unpacking.
const SPACE_CHECK_BYTES: u64 = 32 << 20;
/// Entries that are not media: meta, collections, media list.
const OWN_ENTRIES: usize = 5;

/// How much all of a package may still grow while it is unpacked.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Bytes of the package.
    input: u64,
    written: u64,
}

impl Whole {
    #[must_use]
    pub fn new(input: u64) -> Self {
        Self {
            input: input.max(1),
            written: 0,
        }
    }

    fn take(&mut self, n: u64) -> Result<()> {
        self.written += n;
        if self.written > WHOLE_FREE_BYTES && self.written / self.input > MAX_WHOLE_EXPANSION_RATIO
        {
            return Err(refused(mark!(
                "the package unpacks to over {n} times its size, as only a trap does",
                n = MAX_WHOLE_EXPANSION_RATIO
            )));
        }
        Ok(())
    }
}

/// How much one entry may still grow while it is unpacked.
#[derive(Debug)]
pub struct Budget<'a> {
    whole: &'a mut Whole,
    what: &'static str,
    /// Bytes of the entry inside the archive.
    input: u64,
    limit: u64,
    written: u64,
    /// Where it is unpacked to, if anywhere.
    folder: Option<PathBuf>,
    next_space_check: u64,
}

impl<'a> Budget<'a> {
    /// For an entry of `input` packed bytes that may become `limit` bytes in `folder`.
    #[must_use]
    pub fn new(
        whole: &'a mut Whole,
        what: &'static str,
        input: u64,
        limit: u64,
        folder: Option<&Path>,
    ) -> Self {
        Self {
            whole,
            what,
            input: input.max(1),
            limit,
            written: 0,
            folder: folder.map(Path::to_owned),
            next_space_check: 0,
        }
    }

    /// Counts `n` more bytes, before they are written.
    pub fn take(&mut self, n: u64) -> Result<()> {
        self.written += n;
        if self.written > self.limit {
            return Err(refused(mark!(
                "{what} is larger than it may be ({limit} bytes)",
                what = self.what,
                limit = self.limit
            )));
        }
        if self.written > RATIO_FREE_BYTES && self.written / self.input > MAX_EXPANSION_RATIO {
            return Err(refused(mark!(
                "{what} unpacks to over {n} times its size, as only a trap does",
                what = self.what,
                n = MAX_EXPANSION_RATIO
            )));
        }
        self.whole.take(n)?;
        if let Some(folder) = &self.folder
            && self.written >= self.next_space_check
        {
            self.next_space_check = self.written + SPACE_CHECK_BYTES;
            require_space(folder, n + FREE_SPACE_RESERVE)?;
        }
        Ok(())
    }

    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }
}

/// Fails with `DiskFull` unless `bytes` more fit on the file system of `folder`.
pub fn require_space(folder: &Path, bytes: u64) -> Result<()> {
    if free_space(folder)? < bytes {
        return Err(Error::new(ErrorKind::DiskFull, mark!("the disk is full")).at(folder));
    }
    Ok(())
}

/// Looks at the directory of an archive before anything is unpacked.
pub fn check_archive<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<()> {
    if archive.len() > MAX_MEDIA_FILES + MAX_EXTRA_FILES + OWN_ENTRIES {
        return Err(refused(mark!("the package holds too many files")));
    }
    if archive.has_duplicate_names() {
        return Err(refused(mark!(
            "the package holds two files of the same name"
        )));
    }
    for name in archive.file_names() {
        check_entry_name(&name.map_err(zip_error)?)?;
    }
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(zip_error)?;
        let method = entry.compression();
        if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return Err(unusual());
        }
    }
    if archive.has_overlapping_entries().map_err(zip_error)? {
        return Err(refused(mark!("files inside the package overlap")));
    }
    Ok(())
}

/// Looks at how much there is in an archive beside what packages are made of and the media they
/// list: `wanted` says of a name that it is one of these.
pub fn check_extra<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    wanted: impl Fn(&str) -> bool,
) -> Result<()> {
    let mut extra = 0;
    for name in archive.file_names() {
        extra += usize::from(!wanted(&name.map_err(zip_error)?));
    }
    if extra > MAX_EXTRA_FILES {
        return Err(refused(mark!(
            "the package holds {n} files that do not belong in it",
            n = extra
        )));
    }
    Ok(())
}

/// No entry of ours ever has a path; names that climb out of a folder are an attack even where
/// they would not be unpacked.
fn check_entry_name(name: &str) -> Result<()> {
    let climbs = name.split(['/', '\\']).any(|part| part == "..");
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    if climbs || absolute || name.contains('\0') {
        return Err(refused(mark!(
            "the package holds a file name that leads out of its folder"
        )));
    }
    Ok(())
}

/// The meaning of an archive's error.
pub fn zip_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(e) => read_error(e),
        ZipError::FileNotFound => {
            Error::corrupt(mark!("the package lacks a file that it must have"))
        }
        ZipError::UnsupportedArchive(_)
        | ZipError::CompressionMethodNotSupported(_)
        | ZipError::InvalidPassword => unusual().because(error),
        other => Error::corrupt(mark!("the file is not a valid package")).because(other),
    }
}

/// The meaning of an error while unpacking: decoders report damage as a plain IO error without a
/// number from the system.
pub fn read_error(error: std::io::Error) -> Error {
    let ours = error.get_ref().is_some_and(|e| e.is::<Error>());
    if ours || error.raw_os_error().is_some() {
        return error.into();
    }
    Error::corrupt(mark!("the file is damaged")).because(error)
}

fn unusual() -> Error {
    refused(mark!(
        "the package uses a kind of compression or encryption that packages never use"
    ))
}

fn refused(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Refused, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_stopped_by_its_ratio() {
        let mut whole = Whole::new(1 << 40);
        let mut budget = Budget::new(&mut whole, "x", 60_000, 1 << 40, None);
        let mut taken = 0;
        let error = loop {
            match budget.take(1 << 20) {
                Ok(()) => taken += 1 << 20,
                Err(e) => break e,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(taken <= RATIO_FREE_BYTES + (2 << 20));
    }

    #[test]
    fn an_honest_entry_passes_and_the_limit_holds() {
        let mut whole = Whole::new(100 << 20);
        let mut budget = Budget::new(&mut whole, "x", 100 << 20, 1 << 30, None);
        budget.take(1 << 30).unwrap();
        assert_eq!(budget.take(1).unwrap_err().kind(), ErrorKind::Refused);
    }

    #[test]
    fn many_small_bombs_are_stopped_together() {
        let mut whole = Whole::new(1 << 20);
        let mut taken = 0_u64;
        let error = loop {
            let mut budget = Budget::new(&mut whole, "x", 2000, 1 << 30, None);
            match budget.take(RATIO_FREE_BYTES) {
                Ok(()) => taken += RATIO_FREE_BYTES,
                Err(e) => break e,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(taken, WHOLE_FREE_BYTES);
    }

    #[test]
    fn names_that_climb_are_refused() {
        for bad in ["../x", "a/../b", "..\\x", "/etc/x", "C:\\x", "a\0b"] {
            assert!(check_entry_name(bad).is_err(), "{bad}");
        }
        for good in ["0", "media", "collection.anki2", "__MACOSX/._meta", "..x"] {
            assert!(check_entry_name(good).is_ok(), "{good}");
        }
    }
}
