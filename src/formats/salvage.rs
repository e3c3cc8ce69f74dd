//! The collection out of a damaged package, as far as it can be unpacked: entries are looked for by
//! their own heads, so that a torn end or a damaged directory costs nothing. Bytes after damage in
//! a compressed entry are lost; those before it are kept.

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::job::Progress;
use crate::base::limits::MAX_COLLECTION_BYTES;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use zip::read::read_zipfile_from_stream;

const HEAD: &[u8] = b"PK\x03\x04";
const SQLITE: &[u8] = b"SQLite format 3\0";
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const CHUNK: usize = 1 << 16;
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
    progress.stage("Unpacking what can be read", 0)?;
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
        std::fs::copy(file, out).at(file)?;
        return Ok(true);
    }
    let mut best: Option<usize> = None;
    let mut whole = true;
    let mut from = 0;
    while let Some(at) = next_head(file, from)? {
        from = at + 1;
        let mut reader = BufReader::with_capacity(CHUNK, File::open(file).at(file)?);
        reader.seek(SeekFrom::Start(at)).at(file)?;
        let Ok(Some(entry)) = read_zipfile_from_stream(&mut reader) else {
            whole = false;
            continue;
        };
        let rank = NAMES
            .iter()
            .position(|name| entry.name().is_ok_and(|n| n == *name));
        let packed = entry.compressed_size();
        if let Some(rank) = rank.filter(|rank| best.is_none_or(|best| *rank < best)) {
            let complete = if rank == 0 {
                decompressed(entry, out, progress)?
            } else {
                copied(entry, out, progress)?
            };
            if std::fs::metadata(out).at(out)?.len() > 0 {
                best = Some(rank);
                whole = complete;
            }
        }
        // What lies in an entry may look like a head.
        from = from.max(at + packed);
    }
    match best {
        Some(_) => Ok(whole),
        None => Err(Error::corrupt("no collection can be found in it").at(file)),
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
    let decoder = zstd::Decoder::new(packed).at(out)?;
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
