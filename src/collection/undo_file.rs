//! The undo history beside the collection (`collection.undo`), so that changes can be taken back
//! after the program was closed and opened again. Never inside the collection's own tables.
//!
//! One compressed file of JSON lines: what it belongs to, then one line a step, oldest first. It
//! holds only as long as the collection is exactly as it was when the file was written: another
//! program's changes, a restore or an import end it. Steps are read when the first is needed.

use super::undo::Step;
use crate::base::error::AtPath as _;
use crate::base::files::{self, if_there};
use crate::base::{Error, Result};
use crate::domain::op::Op;
use crate::mark;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter};
use std::path::{Path, PathBuf};

const VERSION: u32 = 2;
/// Rows that are written down; older steps are left out first (about 250 MB to read again). To delete
/// 100,000 notes with their cards takes some 400,000.
const MAX_ROWS: usize = 1_000_000;
/// Fast: a history is mostly repetition, and closing should not be felt.
const LEVEL: i32 = 1;
/// Longest line that is read; a step of [`MAX_ROWS`] rows stays far below.
const MAX_LINE: u64 = 2 << 30;
/// Bytes that are compressed together.
const PIECE: usize = 64 << 10;

/// The state of a collection that a history belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    created: i64,
    changed: i64,
    schema_changed: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    engram_undo: u32,
    stamp: Stamp,
    steps: usize,
    newest: Option<Op>,
}

/// A history on disk whose steps were not read yet.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    /// What Undo would take back; never without one.
    pub(super) newest: Op,
}

/// Why the history of an earlier start is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryLost {
    /// The collection is not as it was when the history was written down.
    CollectionChanged,
    /// The file is damaged, or of a newer version.
    Unreadable,
}

/// Where the history of the collection at `collection` is kept.
#[must_use]
pub fn path_of(collection: &Path) -> PathBuf {
    collection.with_extension("undo")
}

pub(super) fn stamp_of(storage: &Storage) -> Result<Stamp> {
    let col = storage.col_row()?;
    Ok(Stamp {
        created: col.crt.0,
        changed: col.mtime.0,
        schema_changed: col.scm.0,
    })
}

/// The history that belongs to the collection as it is now. One that does not is removed, with
/// the reason.
pub(super) fn find(storage: &Storage) -> Result<(Option<Stored>, Option<HistoryLost>)> {
    let path = path_of(storage.path());
    let Some(file) = if_there(File::open(&path)).at(&path)? else {
        return Ok((None, None));
    };
    let stamp = stamp_of(storage)?;
    let lost = match read_header(file) {
        Ok(header) if header.stamp == stamp => {
            let stored = header.newest.map(|newest| Stored { path, newest });
            return Ok((stored, None));
        }
        // An empty history is nothing to mourn.
        Ok(header) if header.steps == 0 => None,
        Ok(_) => Some(HistoryLost::CollectionChanged),
        Err(_) => Some(HistoryLost::Unreadable),
    };
    if_there(std::fs::remove_file(&path)).at(&path)?;
    Ok((None, lost))
}

impl Stored {
    /// All steps, oldest first.
    pub(super) fn read(&self) -> Result<Vec<Step>> {
        let file = File::open(&self.path).at(&self.path)?;
        let mut lines = lines_of(file)?;
        let header: Header = lines.next()?;
        let mut steps = Vec::new();
        for _ in 0..header.steps {
            steps.push(lines.next()?);
        }
        Ok(steps)
    }
}

/// Writes the newest of `steps` (oldest first) as the history of the collection as it is now;
/// without steps the file is removed.
pub(super) fn write(storage: &Storage, steps: &[&Step]) -> Result<()> {
    let path = path_of(storage.path());
    let mut rows = 0;
    let kept = steps.iter().rev().take_while(|step| {
        rows += step.rows.len();
        rows <= MAX_ROWS
    });
    let steps = &steps[steps.len() - kept.count()..];
    if steps.is_empty() {
        return if_there(std::fs::remove_file(&path)).at(&path).map(drop);
    }
    let header = Header {
        engram_undo: VERSION,
        stamp: stamp_of(storage)?,
        steps: steps.len(),
        newest: steps.last().map(|step| step.op),
    };
    files::write_atomic(&path, |out| {
        let mut out = zstd::Encoder::new(out, LEVEL)?;
        out.include_checksum(true)?;
        // JSON comes in pieces of a few bytes, and each would be a call of its own.
        let mut out = BufWriter::with_capacity(PIECE, out);
        write_line(&mut out, &header)?;
        for step in steps {
            write_line(&mut out, step)?;
        }
        out.into_inner().map_err(|e| e.into_error())?.finish()?;
        Ok(())
    })
}

fn write_line(out: &mut impl std::io::Write, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn read_header(file: File) -> Result<Header> {
    let header: Header = lines_of(file)?.next()?;
    if header.engram_undo != VERSION {
        return Err(unreadable());
    }
    Ok(header)
}

/// JSON values, one a line.
struct Lines<R>(R);

fn lines_of(file: File) -> Result<Lines<impl std::io::BufRead>> {
    Ok(Lines(BufReader::new(zstd::Decoder::new(file)?)))
}

impl<R: std::io::BufRead> Lines<R> {
    fn next<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T> {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut self.0, MAX_LINE);
        limited
            .read_until(b'\n', &mut line)
            .map_err(|_| unreadable())?;
        serde_json::from_slice(&line).map_err(|_| unreadable())
    }
}

fn unreadable() -> Error {
    Error::corrupt(mark!(
        "the undo history beside the collection cannot be read"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};
    use crate::collection::Collection;
    use crate::domain::card::Card;

    fn clock() -> Clock {
        Clock::fixed(TimestampMillis(1_700_000_000_000), -60)
    }

    fn with_cards(path: &Path, count: i64) -> Collection {
        let mut col = Collection::open(path, clock()).unwrap();
        for n in 1..=count {
            let mut card = Card {
                id: crate::base::ids::CardId(n),
                ..Card::default()
            };
            col.transact(Op::AddNote, |tx| tx.add_card(&mut card))
                .unwrap();
        }
        col
    }

    fn cards(col: &Collection) -> u64 {
        col.storage.counts().unwrap().cards
    }

    #[test]
    fn a_hundred_operations_are_taken_back_after_closing_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        with_cards(&path, 120).close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        assert_eq!(col.undo_status().undo, Some(Op::AddNote));
        for _ in 0..50 {
            col.undo().unwrap();
        }
        col.close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        for _ in 0..70 {
            col.undo().unwrap();
        }
        assert_eq!((cards(&col), col.undo_status().undo), (0, None));
        col.close().unwrap();
        assert!(!path_of(&path).exists(), "nothing left to take back");
    }

    #[test]
    fn new_operations_come_on_top_of_those_of_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        with_cards(&path, 2).close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        let mut card = col
            .storage
            .get_card(crate::base::ids::CardId(1))
            .unwrap()
            .unwrap();
        card.flags = 3;
        col.transact(Op::SetFlag, |tx| tx.update_card(&card))
            .unwrap();
        col.close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        let undone: Vec<Op> = (0..3).map(|_| col.undo().unwrap().value).collect();
        assert_eq!(undone, [Op::SetFlag, Op::AddNote, Op::AddNote]);
        assert_eq!(cards(&col), 0);
        assert!(col.undo().is_err());
    }

    #[test]
    fn a_change_from_elsewhere_ends_it_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        with_cards(&path, 3).close().unwrap();
        let mut other = Storage::open(&path).unwrap();
        other
            .tx(TimestampMillis(1_800_000_000_000), |tx| {
                tx.set_config("x", &1)
            })
            .unwrap();
        other.close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        assert_eq!(col.lost_history(), Some(HistoryLost::CollectionChanged));
        assert!(col.undo().is_err());
        assert_eq!(cards(&col), 3);
        col.close().unwrap();
        let col = Collection::open(&path, clock()).unwrap();
        assert_eq!(col.lost_history(), None, "told once");
    }

    #[test]
    fn the_collection_closes_where_the_history_cannot_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        let mut col = with_cards(&path, 3);
        std::fs::create_dir_all(path_of(&path).join("in the way")).unwrap();
        assert!(col.save_undo().is_err(), "who asks is told");
        col.close().unwrap();
        let col = Collection::open(&path, clock()).unwrap();
        assert_eq!(cards(&col), 3);
        assert_eq!(col.lost_history(), Some(HistoryLost::Unreadable));
    }

    #[test]
    fn steps_of_before_that_cannot_be_read_take_no_new_ones_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        with_cards(&path, 2).close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        // The steps are not read before they are needed.
        std::fs::write(path_of(&path), "damaged since").unwrap();
        let id = crate::base::ids::CardId(1);
        let mut card = col.storage.get_card(id).unwrap().unwrap();
        card.flags = 3;
        col.transact(Op::SetFlag, |tx| tx.update_card(&card))
            .unwrap();
        col.close().unwrap();
        let mut col = Collection::open(&path, clock()).unwrap();
        assert_eq!(col.lost_history(), None);
        assert_eq!(col.undo().unwrap().value, Op::SetFlag);
        assert_eq!(col.storage.get_card(id).unwrap().unwrap().flags, 0);
        assert!(col.undo().is_err());
    }

    #[test]
    fn a_damaged_file_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        with_cards(&path, 3).close().unwrap();
        let whole = std::fs::read(path_of(&path)).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            std::fs::write(path_of(&path), &bytes[..]).unwrap();
            let mut col = Collection::open(&path, clock()).unwrap();
            while col.undo().is_ok() {}
            assert!(matches!(cards(&col), 0 | 3));
            while col.redo().is_ok() {}
            // As it was, for the next round.
            drop(col);
        }
    }
}
