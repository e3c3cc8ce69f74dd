//! The files that SQLite keeps beside a collection while it is open, when they came along with a copy
//! of it: a write-ahead log (`-wal`) holds what the file lacks yet, a rollback journal (`-journal`)
//! what must be taken back. SQLite itself passes over the damaged rest of either in silence; here it
//! is told.

use super::open::connect_to_upgrade;
use super::snapshot::{beside, has_log};
use crate::base::error::AtPath as _;
use crate::base::files::{BUFFER, if_there};
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

/// Its lowest bit says in which order of bytes the sums are made.
const WAL_MAGIC: u32 = 0x377f_0682;
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const JOURNAL_HEADER: usize = 28;
/// As many records as there are.
const ALL_RECORDS: u32 = u32::MAX;
/// Each so many bytes of a page count in a journal's sum.
const SUM_STEP: usize = 200;
const LARGEST_PAGE: usize = 1 << 16;

/// Makes one file of a copy that nobody has open and the log that lies beside it. A damaged log is
/// refused, and nothing is changed.
pub fn fold_in(path: &Path) -> Result<()> {
    if has_log(path) {
        require_sound(path)?;
        fold(path)?;
    }
    Ok(())
}

/// Refuses a log from which SQLite would leave something out.
pub fn require_sound(path: &Path) -> Result<()> {
    wal_is_sound(path)?;
    journal_is_sound(path)
}

/// As [`fold_in`], and takes of a damaged log what SQLite takes.
pub(super) fn fold(path: &Path) -> Result<()> {
    // Of another run of a program; it is made anew.
    if_there(std::fs::remove_file(beside(path, "-shm"))).at(path)?;
    let db = connect_to_upgrade(path).at(path)?;
    let folded = || -> Result<()> {
        // A journal is taken back by the first reading.
        db.query_row("select count(*) from sqlite_master", [], |_| Ok(()))?;
        db.query_row("pragma journal_mode=delete", [], |_| Ok(()))?;
        Ok(())
    };
    folded().at(path)?;
    db.close().map_err(|(_, e)| Error::from(e)).at(path)?;
    if has_log(path) {
        let what = mark!("the log beside the collection could not be read");
        return Err(Error::corrupt(what).at(path));
    }
    Ok(())
}

fn damaged(of: &Path, how: &'static str) -> Error {
    let name = of.file_name().unwrap_or_default().to_string_lossy();
    Error::new(
        ErrorKind::Corrupt,
        mark!(
            "the log beside the collection ({name}) is damaged: {how}; what is readable can be had \
             by “engram-cli salvage”",
            name,
            how
        ),
    )
}

/// Reads as much as there is.
fn fill(file: &mut BufReader<File>, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

/// None: there is none, or nothing is in it.
fn opened(path: &Path) -> Result<Option<BufReader<File>>> {
    match if_there(File::open(path))? {
        Some(file) if file.metadata()?.len() > 0 => {
            Ok(Some(BufReader::with_capacity(BUFFER, file)))
        }
        _ => Ok(None),
    }
}

/// A number of the file format; 0 beyond the end.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|b| b.try_into().ok());
    four.map_or(0, u32::from_be_bytes)
}

/// The sums of a write-ahead log, each over all before it.
struct Sums {
    big_endian: bool,
    sums: (u32, u32),
}

impl Sums {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(8) {
            let word = |at| {
                let word = be32(pair, at);
                if self.big_endian {
                    word
                } else {
                    word.swap_bytes()
                }
            };
            let (first, second) = (word(0), word(4));
            self.sums.0 = self.sums.0.wrapping_add(first).wrapping_add(self.sums.1);
            self.sums.1 = self.sums.1.wrapping_add(second).wrapping_add(self.sums.0);
        }
    }

    fn are_at(&self, bytes: &[u8], at: usize) -> bool {
        self.sums == (be32(bytes, at), be32(bytes, at + 4))
    }
}

fn wal_is_sound(collection: &Path) -> Result<()> {
    let path = beside(collection, "-wal");
    let Some(mut file) = opened(&path).at(&path)? else {
        return Ok(());
    };
    let mut header = [0; WAL_HEADER];
    let filled = fill(&mut file, &mut header).at(&path)?;
    if header.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    let magic = be32(&header, 0);
    let mut sums = Sums {
        big_endian: magic & 1 == 1,
        sums: (0, 0),
    };
    sums.add(&header[..24]);
    let page = be32(&header, 8) as usize;
    let known = filled == WAL_HEADER
        && magic & !1 == WAL_MAGIC
        && page.is_power_of_two()
        && (512..=LARGEST_PAGE).contains(&page);
    if !known || !sums.are_at(&header, 24) {
        return Err(damaged(&path, mark!("its beginning is not readable")));
    }
    let mut frame = vec![0; FRAME_HEADER + page];
    let mut sound = true;
    loop {
        let filled = fill(&mut file, &mut frame).at(&path)?;
        // The last one may have been on its way when the program or the copy was cut off.
        if filled < frame.len() {
            return Ok(());
        }
        // Others are left of what was in the file before.
        let is_current = frame[8..16] == header[16..24];
        if sound {
            sums.add(&frame[..8]);
            sums.add(&frame[FRAME_HEADER..]);
            sound = is_current && sums.are_at(&frame, 16);
        }
        // A transaction that was never finished may be torn; one that was must be whole.
        let finishes = be32(&frame, 4) != 0;
        if !sound && is_current && finishes {
            return Err(damaged(&path, mark!("changes at its end are not readable")));
        }
    }
}

fn journal_is_sound(collection: &Path) -> Result<()> {
    let path = beside(collection, "-journal");
    let Some(mut file) = opened(&path).at(&path)? else {
        return Ok(());
    };
    let mut header = [0; JOURNAL_HEADER];
    let mut filled = fill(&mut file, &mut header).at(&path)?;
    // Overwritten when the transaction was finished.
    if header[..8].iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    let (sector, page) = (be32(&header, 20) as usize, be32(&header, 24) as usize);
    let fits = |size: usize| size.is_power_of_two() && (32..=LARGEST_PAGE).contains(&size);
    if filled < JOURNAL_HEADER || header[..8] != JOURNAL_MAGIC || !fits(sector) || !fits(page) {
        return Err(damaged(&path, mark!("its beginning is not readable")));
    }
    let mut record = vec![0; page + 8];
    let mut rest = vec![0; sector];
    let mut position = 0;
    // Each part begins with a header at the beginning of a sector.
    while filled == JOURNAL_HEADER && header[..8] == JOURNAL_MAGIC {
        let (records, first) = (be32(&header, 8), be32(&header, 12));
        position += sector;
        fill(&mut file, &mut rest[..sector - JOURNAL_HEADER]).at(&path)?;
        for _ in 0..records {
            let whole = fill(&mut file, &mut record).at(&path)? == record.len();
            let places = (1..).map(|n| page.checked_sub(n * SUM_STEP));
            let bytes = places.map_while(|at| at.filter(|at| *at > 0));
            let sum = bytes.fold(first, |sum, at| sum.wrapping_add(u32::from(record[4 + at])));
            if !whole || sum != be32(&record, page + 4) {
                if records == ALL_RECORDS {
                    return Ok(());
                }
                return Err(damaged(
                    &path,
                    mark!("what it would take back is not readable"),
                ));
            }
            position += record.len();
        }
        let gap = position.next_multiple_of(sector) - position;
        position += gap;
        fill(&mut file, &mut rest[..gap]).at(&path)?;
        filled = fill(&mut file, &mut header).at(&path)?;
    }
    Ok(())
}
