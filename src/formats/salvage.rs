//! The collection out of a damaged package, as far as it can be unpacked: by the archive's directory,
//! and where that does not lead to all of it, entries are looked for by their own heads, so that a
//! torn end or a damaged directory costs nothing. Bytes after damage in a compressed entry are lost;
//! those before it are kept. What stands in a package for old programs is not taken for the
//! collection.

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::job::Progress;
use crate::base::limits::MAX_COLLECTION_BYTES;
use crate::codec::meta::Generation;
use crate::{mark, t};
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

const HEAD: &[u8] = b"PK\x03\x04";
const SQLITE: &[u8] = b"SQLite format 3\0";
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const CHUNK: usize = 1 << 16;
const SECTOR: usize = 512;
/// Best first.
const NAMES: [&str; 3] = [
    "collection.anki21b",
    "collection.anki21",
    "collection.anki2",
];

/// Writes to `out` what can be unpacked of the collection in `file`: a package, a compressed
/// collection file, or, if it is neither, the file as it is. Returns whether everything was read
/// without an error.
pub fn unpack(file: &Path, out: &Path, progress: &Progress) -> Result<bool> {
    progress.stage(t!("Unpacking what can be read"), 0)?;
    let mut first = [0; 16];
    let n = File::open(file)
        .and_then(|mut f| f.read(&mut first))
        .at(file)?;
    let is_package = file
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("colpkg") || e.eq_ignore_ascii_case("apkg"));
    if first[..n].starts_with(SQLITE) || !(is_package || first[..n].starts_with(HEAD)) {
        if first[..n].starts_with(&ZSTD) {
            let reader = BufReader::new(File::open(file).at(file)?);
            return decompressed(reader, out, progress);
        }
        return copy_readable(file, out, progress);
    }
    match by_directory(file, out, progress)? {
        Some(whole) if std::fs::metadata(out).at(out)?.len() > 0 => Ok(whole),
        _ => by_heads(file, out, progress),
    }
}

/// Copies what can be read of a file, with zeroes where it cannot. Returns whether all could.
pub fn copy_readable(file: &Path, out: &Path, progress: &Progress) -> Result<bool> {
    let mut source = File::open(file).at(file)?;
    let len = source.metadata().at(file)?.len();
    let to = File::create(out).at(out)?;
    let read = |at: u64, bytes: &mut [u8]| {
        source.seek(SeekFrom::Start(at))?;
        source.read_exact(bytes)
    };
    copy_blocks(len, read, to, progress).at(out)
}

fn copy_blocks(
    len: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> std::io::Result<()>,
    mut to: impl std::io::Write,
    progress: &Progress,
) -> Result<bool> {
    let mut chunk = vec![0; CHUNK];
    let (mut at, mut whole) = (0, true);
    while at < len {
        progress.check()?;
        let n = usize::try_from(len - at).map_or(CHUNK, |left| left.min(CHUNK));
        if read(at, &mut chunk[..n]).is_err() {
            // A bad sector costs no more than itself.
            for (number, block) in chunk[..n].chunks_mut(SECTOR).enumerate() {
                if read(at + (number * SECTOR) as u64, block).is_err() {
                    block.fill(0);
                    whole = false;
                }
            }
        }
        to.write_all(&chunk[..n])?;
        at += n as u64;
    }
    Ok(whole)
}

/// None: the directory leads to no collection. Else whether all of it could be read.
fn by_directory(file: &Path, out: &Path, progress: &Progress) -> Result<Option<bool>> {
    let reader = BufReader::with_capacity(CHUNK, File::open(file).at(file)?);
    let Ok(mut archive) = ZipArchive::new(reader) else {
        return Ok(None);
    };
    let Some(rank) = NAMES
        .iter()
        .position(|name| archive.index_for_name(name).is_some())
    else {
        return Ok(None);
    };
    match archive.by_name(NAMES[rank]) {
        Ok(entry) => unpacked(entry, rank, out, progress).map(Some),
        Err(_) => Ok(None),
    }
}

fn by_heads(file: &Path, out: &Path, progress: &Progress) -> Result<bool> {
    // Of the entries that the package may have for its collection, the best that was met.
    let mut met = NAMES.len();
    let mut least = NAMES.len() - 1;
    let (mut found, mut whole) = (false, true);
    let mut from = 0;
    while let Some(at) = next_head(file, from)? {
        from = at + 1;
        let mut reader = BufReader::with_capacity(CHUNK, File::open(file).at(file)?);
        reader.seek(SeekFrom::Start(at)).at(file)?;
        let Some(mut entry) = Entry::of(&mut reader, file, at)? else {
            whole = false;
            continue;
        };
        if entry.name == "meta" {
            let mut meta = Vec::new();
            // All that have been written are two bytes long.
            let _read = (&mut entry.content).take(2).read_to_end(&mut meta);
            let generation = Generation::from_meta(&meta).ok();
            let rank =
                generation.and_then(|g| NAMES.iter().position(|n| *n == g.collection_entry()));
            least = rank.unwrap_or(least);
        }
        let rank = NAMES.iter().position(|name| entry.name == *name);
        if let Some(rank) = rank.filter(|rank| *rank < met && *rank <= least) {
            met = rank;
            whole &= unpacked(entry.content, rank, out, progress)?;
            found = std::fs::metadata(out).at(out)?.len() > 0;
        }
        // What lies in an entry may look like a head.
        from = from.max(at.saturating_add(entry.packed));
    }
    match found {
        true => Ok(whole),
        false => Err(Error::corrupt(mark!("no collection can be found in it")).at(file)),
    }
}

/// An entry by its own head.
struct Entry<'r> {
    name: String,
    /// Bytes of its content as it is packed, as far as the head says so.
    packed: u64,
    content: Box<dyn Read + 'r>,
}

impl<'r> Entry<'r> {
    /// None when its head makes no sense.
    fn of(reader: &'r mut BufReader<File>, file: &Path, at: u64) -> Result<Option<Self>> {
        const FIXED: usize = 30;
        const SIZES_FOLLOW: u8 = 8;
        let mut head = [0; FIXED];
        if reader.read_exact(&mut head).is_err() {
            return Ok(None);
        }
        let number = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let is_stored = number(8) == 0;
        // Whoever writes without going back writes the sizes behind the content.
        if head[6] & SIZES_FOLLOW != 0 && is_stored {
            let mut name = vec![0; number(26)];
            if reader.read_exact(&mut name).is_err()
                || reader.seek_relative(number(28) as i64).is_err()
            {
                return Ok(None);
            }
            return Ok(Some(Self {
                name: String::from_utf8_lossy(&name).into_owned(),
                packed: 0,
                content: Box::new(reader),
            }));
        }
        reader.seek(SeekFrom::Start(at)).at(file)?;
        let Ok(Some(entry)) = read_zipfile_from_stream(reader) else {
            return Ok(None);
        };
        Ok(Some(Self {
            name: entry
                .name()
                .map(|name| name.to_string())
                .unwrap_or_default(),
            packed: entry.compressed_size(),
            content: Box::new(entry),
        }))
    }
}

fn unpacked(content: impl Read, rank: usize, out: &Path, progress: &Progress) -> Result<bool> {
    if rank == 0 {
        decompressed(content, out, progress)
    } else {
        copied(content, out, progress)
    }
}

/// Where the next entry begins.
fn next_head(file: &Path, from: u64) -> Result<Option<u64>> {
    let mut reader = File::open(file).at(file)?;
    reader.seek(SeekFrom::Start(from)).at(file)?;
    let (mut kept, mut at) = (Vec::new(), from);
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = reader.read(&mut chunk).at(file)?;
        if n == 0 {
            return Ok(None);
        }
        kept.extend_from_slice(&chunk[..n]);
        if let Some(found) = kept.windows(HEAD.len()).position(|bytes| bytes == HEAD) {
            return Ok(Some(at + found as u64));
        }
        let gone = kept.len().saturating_sub(HEAD.len() - 1);
        kept.drain(..gone);
        at += gone as u64;
    }
}

fn decompressed(packed: impl Read, out: &Path, progress: &Progress) -> Result<bool> {
    // What follows the collection is not of it.
    let decoder = zstd::Decoder::new(packed).at(out)?.single_frame();
    copied(decoder, out, progress)
}

/// Until the end or the first error, which is no error here.
fn copied(mut from: impl Read, out: &Path, progress: &Progress) -> Result<bool> {
    let mut to = File::create(out).at(out)?;
    let mut chunk = vec![0; CHUNK];
    let mut written = 0;
    loop {
        progress.check()?;
        match from.read(&mut chunk) {
            Ok(0) => return Ok(true),
            Ok(n) => {
                written += n as u64;
                if written > MAX_COLLECTION_BYTES {
                    return Ok(false);
                }
                to.write_all(&chunk[..n]).at(out)?;
            }
            Err(_) => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_sector_costs_no_more_than_itself() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n as u8 | 1).collect();
        let bad = 70_000 / SECTOR * SECTOR;
        let read = |at: u64, out: &mut [u8]| {
            let at = at as usize;
            if (at..at + out.len()).contains(&bad) {
                return Err(std::io::ErrorKind::Other.into());
            }
            out.copy_from_slice(&bytes[at..at + out.len()]);
            Ok(())
        };
        let mut copy = Vec::new();
        let whole = copy_blocks(bytes.len() as u64, read, &mut copy, &Progress::new()).unwrap();
        assert!(!whole);
        let mut wanted = bytes.clone();
        wanted[bad..bad + SECTOR].fill(0);
        assert!(copy == wanted);
    }
}
