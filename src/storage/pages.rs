//! Whether the pages of a database file are sound, read as SQLite lays them out: every page used
//! once, every cell inside its page and apart from the others, rowids ascending, every record
//! whole, NOT NULL and types kept, and indexes of whole numbers equal to their tables. As strict
//! as `quick_check` (and, for those indexes, `integrity_check`), for a third of the work.
//!
//! It never calls a file damaged: what it cannot vouch for it leaves to SQLite, who asks is
//! `inspect`. Reads nothing but pages; `record` reads what lies in a cell.

use super::record::{self, Column};
use crate::base::Error;
use crate::base::job::Progress;
use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// SQLite's own limit.
pub(super) const MAX_DEPTH: usize = 20;
/// SQLite locks bytes here and keeps their page unused.
const LOCK_BYTE: u64 = 1 << 30;
const MAGIC: &[u8] = b"SQLite format 3\0";
const UTF8: u32 = 1;
/// Pages that are read at once where they are wanted one after the other.
const NEIGHBOURS: u32 = 16;

/// One b-tree of the file.
#[derive(Debug)]
pub(super) struct Tree {
    pub root: u32,
    pub content: Content,
}

/// What the records of a tree are.
#[derive(Debug)]
pub(super) enum Content {
    /// Rows of a table with rowids.
    Rows {
        columns: Vec<Column>,
        /// Which indexes to add up for comparing.
        indexes: Vec<IndexOf>,
    },
    /// Entries of an index, or rows of a table without rowids; `numbers` when they are so many
    /// whole numbers, the last of them the rowid, to be added up for comparing.
    Entries { numbers: Option<usize> },
}

/// An index of whole numbers over a table.
#[derive(Debug)]
pub(super) struct IndexOf {
    /// Places in the record.
    pub columns: Vec<usize>,
    /// Only rows that have another number than 0 there.
    pub without_zero: bool,
}

/// What was found in a sound tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub rows: u64,
    /// Of a table: for each index; of an index: its own.
    pub sums: Vec<Sum>,
}

/// Number of entries, and the sum of their hashes in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub entries: u64,
    pub hash: u64,
}

/// Why a walk ended early.
pub(super) enum Stop {
    /// Not as we expect it; SQLite must say what it is.
    Doubtful,
    /// It could not be read, or was cancelled.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(e: Error) -> Self {
        Self::Failed(e)
    }
}

pub(super) type Walk<T> = Result<T, Stop>;

pub(super) fn sure(as_expected: bool) -> Walk<()> {
    if as_expected {
        Ok(())
    } else {
        Err(Stop::Doubtful)
    }
}

/// Walks all `trees`, which must be all there are in the file, on `threads` threads. What was seen
/// in each, in their order.
pub(super) fn walk(
    file: &File,
    trees: &[Tree],
    threads: usize,
    progress: &Progress,
) -> Walk<Vec<Seen>> {
    let pages = Pages::open(file)?;
    let mut used = Used::new(pages.count);
    pages.walk_free_list(&mut used)?;
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(vec![Seen::default(); trees.len()]);
    let work = || -> Walk<Used> {
        let mut walker = Walker {
            pages: &pages,
            used: Used::new(pages.count),
            bytes: vec![0; pages.size.div_ceil(64)],
            cells: Vec::new(),
            read: Vec::new(),
            first: 1,
            spare: Vec::new(),
            progress,
        };
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(tree) = trees.get(at) else {
                return Ok(walker.used);
            };
            let found = walker.tree(tree)?;
            if let Ok(mut seen) = seen.lock() {
                seen[at] = found;
            }
        }
    };
    let parts = thread::scope(|scope| {
        let mut others = Vec::new();
        for _ in 1..threads {
            let other = thread::Builder::new().name("check-pages".into());
            others.push(
                other
                    .spawn_scoped(scope, work)
                    .map_err(|e| Stop::Failed(e.into()))?,
            );
        }
        let mut parts = vec![work()];
        for other in others {
            let part = other.join();
            parts.push(part.unwrap_or_else(|_| {
                Err(Error::bug("checking the pages ended unexpectedly").into())
            }));
        }
        Ok::<_, Stop>(parts)
    })?;
    for part in parts {
        used.join(&part?)?;
    }
    if let Some(page) = pages.lock_page() {
        used.take(page)?;
    }
    used.require_all()?;
    seen.into_inner().map_err(|_| Stop::Doubtful)
}

/// The file as pages.
pub(super) struct Pages<'a> {
    file: &'a File,
    size: usize,
    /// Bytes of a page that SQLite uses.
    usable: usize,
    count: u32,
    free_list: u32,
    free_pages: u32,
}

impl<'a> Pages<'a> {
    pub(super) fn open(file: &'a File) -> Walk<Self> {
        let mut head = [0; 100];
        read_exact_at(file, &mut head, 0)?;
        let size = match be16(&head, 16) {
            1 => 1 << 16,
            size => size,
        };
        sure(head.starts_with(MAGIC) && size.is_power_of_two() && size >= 512)?;
        let usable = size - usize::from(head[20]);
        let len = file.metadata().map_err(Error::from)?.len();
        let pages = Self {
            file,
            size,
            usable,
            count: be32(&head, 28),
            free_list: be32(&head, 32),
            free_pages: be32(&head, 36),
        };
        // Neither moved pages for incremental vacuum nor a count that an old SQLite let grow stale.
        sure(usable >= 480 && be32(&head, 52) == 0 && be32(&head, 56) == UTF8)?;
        sure(be32(&head, 64) == 0 && be32(&head, 24) == be32(&head, 92))?;
        sure(pages.count > 0 && u64::from(pages.count) * size as u64 == len)?;
        Ok(pages)
    }

    pub(super) fn read(&self, page: u32) -> Walk<Vec<u8>> {
        let mut bytes = vec![0; self.size];
        let at = u64::from(page - 1) * self.size as u64;
        read_exact_at(self.file, &mut bytes, at)?;
        Ok(bytes)
    }

    /// None when it does not fit into the page.
    pub(super) fn cell(&self, page: &[u8], at: usize, kind: Kind) -> Option<Cell> {
        let page = &page[..self.usable];
        let mut position = at;
        let child = if kind.is_leaf {
            0
        } else {
            position += 4;
            page.get(at..position).map(|_| be32(page, at))?
        };
        let mut number = || -> Option<u64> {
            let (value, n) = record::varint(page.get(position..)?)?;
            position += n;
            Some(value)
        };
        let has_record = kind.is_leaf || !kind.has_rowids;
        let len = if has_record { number()? } else { 0 };
        let rowid = if kind.has_rowids { number()? } else { 0 };
        let len = i32::try_from(len).ok()? as usize;
        let local = record::local_len(self.usable, len, kind.has_rowids);
        let used = position + local + if local < len { 4 } else { 0 };
        // SQLite gives every cell room for a free block's head.
        let end = used.max(at + 4);
        (end <= page.len()).then_some(Cell {
            child,
            rowid: rowid.cast_signed(),
            start: position,
            len,
            local,
            end,
        })
    }

    pub(super) fn has(&self, page: u32) -> bool {
        page > 0 && page <= self.count
    }

    fn lock_page(&self) -> Option<u32> {
        let page = u32::try_from(LOCK_BYTE / self.size as u64 + 1).ok()?;
        (page <= self.count).then_some(page)
    }

    fn walk_free_list(&self, used: &mut Used) -> Walk<()> {
        let (mut trunk, mut found) = (self.free_list, 0u32);
        while trunk != 0 {
            used.take(trunk)?;
            let page = self.read(trunk)?;
            let leaves = be32(&page, 4) as usize;
            sure(leaves <= self.usable / 4 - 2)?;
            for leaf in 0..leaves {
                used.take(be32(&page, 8 + 4 * leaf))?;
            }
            found += 1 + leaves as u32;
            trunk = be32(&page, 0);
        }
        sure(found == self.free_pages)
    }
}

fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> Walk<()> {
    let mut done = 0;
    while done < bytes.len() {
        let n = super::snapshot::read_at(file, &mut bytes[done..], at + done as u64)
            .map_err(Error::from)?;
        sure(n > 0)?;
        done += n;
    }
    Ok(())
}

/// Which pages have been met.
struct Used {
    bits: Vec<u64>,
    count: u32,
}

impl Used {
    fn new(count: u32) -> Self {
        Self {
            bits: vec![0; count as usize / 64 + 1],
            count,
        }
    }

    /// Doubtful for a page that is not there or was met before.
    fn take(&mut self, page: u32) -> Walk<()> {
        sure(page > 0 && page <= self.count)?;
        let (word, bit) = (page as usize / 64, 1 << (page % 64));
        sure(self.bits[word] & bit == 0)?;
        self.bits[word] |= bit;
        Ok(())
    }

    fn join(&mut self, other: &Self) -> Walk<()> {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            sure(*mine & theirs == 0)?;
            *mine |= theirs;
        }
        Ok(())
    }

    fn require_all(&self) -> Walk<()> {
        let met: u32 = self.bits.iter().map(|word| word.count_ones()).sum();
        sure(met == self.count)
    }
}

struct Walker<'a> {
    pages: &'a Pages<'a>,
    used: Used,
    /// A bit for each byte of the page at hand.
    bytes: Vec<u64>,
    /// Where its cells begin and end.
    cells: Vec<(usize, usize)>,
    /// Pages as they follow each other in the file, from the page `first` on.
    read: Vec<u8>,
    first: u32,
    /// Room of pages that are done with.
    spare: Vec<Vec<u8>>,
    progress: &'a Progress,
}

/// How far a walk through a tree has come.
#[derive(Default)]
struct Cursor {
    seen: Seen,
    /// The last rowid.
    last: Option<i64>,
    /// The last numbers of an index.
    last_entry: Vec<i64>,
    numbers: Vec<i64>,
}

/// A cell of a page.
pub(super) struct Cell {
    pub child: u32,
    pub rowid: i64,
    /// Where the record begins in the page.
    pub start: usize,
    /// Bytes of the record, and how many of them lie in the page.
    pub len: usize,
    pub local: usize,
    end: usize,
}

/// What a page is, from its first byte.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub is_leaf: bool,
    pub has_rowids: bool,
}

impl Kind {
    pub(super) fn of(byte: u8) -> Walk<Self> {
        let (is_leaf, has_rowids) = match byte {
            2 => (false, false),
            5 => (false, true),
            10 => (true, false),
            13 => (true, true),
            _ => return Err(Stop::Doubtful),
        };
        Ok(Self {
            is_leaf,
            has_rowids,
        })
    }
}

impl Walker<'_> {
    fn tree(&mut self, tree: &Tree) -> Walk<Seen> {
        let mut cursor = Cursor::default();
        cursor.seen.sums = match &tree.content {
            Content::Rows { indexes, .. } => vec![Sum::default(); indexes.len()],
            Content::Entries { .. } => vec![Sum::default()],
        };
        self.page(tree.root, MAX_DEPTH, &tree.content, &mut cursor)?;
        Ok(cursor.seen)
    }

    /// Walks what is below a page, in order; returns how many levels that are.
    fn page(
        &mut self,
        number: u32,
        depth_left: usize,
        content: &Content,
        cursor: &mut Cursor,
    ) -> Walk<usize> {
        sure(depth_left > 0)?;
        self.progress.check()?;
        self.used.take(number)?;
        let page = self.read(number)?;
        let header = if number == 1 { 100 } else { 0 };
        let kind = Kind::of(page[header])?;
        let Kind {
            is_leaf,
            has_rowids,
        } = kind;
        sure(has_rowids == matches!(content, Content::Rows { .. }))?;
        let cells = be16(&page, header + 3);
        let content_start = match be16(&page, header + 5) {
            0 => 1 << 16,
            at => at,
        };
        let pointers = header + if is_leaf { 8 } else { 12 };
        sure(pointers + 2 * cells <= content_start && content_start <= self.pages.usable)?;
        let mut taken = 0;
        // As SQLite fills a page: each cell before the last one.
        let mut in_turn = be16(&page, header + 1) == 0;
        let mut low = self.pages.usable;
        self.cells.clear();
        for index in 0..cells {
            let at = be16(&page, pointers + 2 * index);
            sure(at >= content_start)?;
            let cell = self.pages.cell(&page, at, kind).ok_or(Stop::Doubtful)?;
            in_turn &= cell.end <= low;
            low = at;
            self.cells.push((at, cell.end));
            taken += cell.end - at;
            if is_leaf {
                self.visit(&page, &cell, content, cursor)?;
            }
        }
        if !in_turn {
            taken += self.apart(&page, header, content_start)?;
        }
        let scattered = self.pages.usable - content_start - taken;
        sure(scattered == usize::from(page[header + 7]))?;
        if is_leaf {
            self.spare.push(page);
            return Ok(1);
        }
        let mut levels = None;
        for index in 0..cells {
            let at = be16(&page, pointers + 2 * index);
            let cell = self.pages.cell(&page, at, kind).ok_or(Stop::Doubtful)?;
            let below = self.page(cell.child, depth_left - 1, content, cursor)?;
            sure(*levels.get_or_insert(below) == below)?;
            if has_rowids {
                sure(cursor.last.is_none_or(|last| last <= cell.rowid))?;
                cursor.last = Some(cell.rowid);
            } else {
                self.visit(&page, &cell, content, cursor)?;
            }
        }
        let last = be32(&page, header + 8);
        let below = self.page(last, depth_left - 1, content, cursor)?;
        sure(levels.is_none_or(|levels| levels == below))?;
        self.spare.push(page);
        Ok(below + 1)
    }

    /// The bytes of a page that is there.
    fn read(&mut self, number: u32) -> Walk<Vec<u8>> {
        let size = self.pages.size;
        let there = (self.read.len() / size) as u32;
        let mut at = number.wrapping_sub(self.first);
        if at >= there {
            let is_next = at == there;
            let count = if is_next { NEIGHBOURS } else { 1 };
            let count = count.min(self.pages.count - number + 1);
            self.read.resize(count as usize * size, 0);
            let place = u64::from(number - 1) * size as u64;
            read_exact_at(self.pages.file, &mut self.read, place)?;
            (self.first, at) = (number, 0);
        }
        let mut page = self.spare.pop().unwrap_or_default();
        page.clear();
        page.extend_from_slice(&self.read[at as usize * size..][..size]);
        Ok(page)
    }

    /// Doubtful when cells or free blocks of the page overlap. Returns the bytes of the latter.
    fn apart(&mut self, page: &[u8], header: usize, content_start: usize) -> Walk<usize> {
        self.bytes.fill(0);
        for n in 0..self.cells.len() {
            let (start, end) = self.cells[n];
            self.take_bytes(start, end)?;
        }
        self.free_blocks(page, header, content_start)
    }

    /// Marks bytes of the page; doubtful when some are marked already.
    fn take_bytes(&mut self, start: usize, end: usize) -> Walk<()> {
        let mut overlap = 0;
        let mut at = start;
        while at < end {
            let bit = at % 64;
            let n = (64 - bit).min(end - at);
            let mask = (u64::MAX >> (64 - n)) << bit;
            let word = &mut self.bytes[at / 64];
            overlap |= *word & mask;
            *word |= mask;
            at += n;
        }
        sure(overlap == 0)
    }

    /// Bytes in free blocks.
    fn free_blocks(&mut self, page: &[u8], header: usize, content_start: usize) -> Walk<usize> {
        let (mut block, mut taken) = (be16(page, header + 1), 0);
        while block != 0 {
            sure(block >= content_start && block + 4 <= self.pages.usable)?;
            let (next, len) = (be16(page, block), be16(page, block + 2));
            let end = block + len;
            sure(len >= 4 && end <= self.pages.usable && (next == 0 || next > end + 3))?;
            self.take_bytes(block, end)?;
            taken += len;
            block = next;
        }
        Ok(taken)
    }

    /// Looks at a record: whole, as its table wants it, and in order.
    fn visit(
        &mut self,
        page: &[u8],
        cell: &Cell,
        content: &Content,
        cursor: &mut Cursor,
    ) -> Walk<()> {
        cursor.seen.rows += 1;
        let whole;
        let bytes = if cell.local == cell.len {
            &page[cell.start..cell.start + cell.len]
        } else {
            whole = self.gather(page, cell)?;
            &whole
        };
        match content {
            Content::Rows { columns, indexes } => {
                sure(cursor.last.is_none_or(|last| last < cell.rowid))?;
                cursor.last = Some(cell.rowid);
                record::check_row(bytes, columns, &mut cursor.numbers).ok_or(Stop::Doubtful)?;
                for (index, sum) in indexes.iter().zip(&mut cursor.seen.sums) {
                    let key = index.columns.iter().map(|&at| cursor.numbers[at]);
                    if index.without_zero && key.clone().any(|number| number == 0) {
                        continue;
                    }
                    sum.add(key, cell.rowid);
                }
            }
            Content::Entries { numbers: None } => sure(record::is_whole(bytes))?,
            Content::Entries {
                numbers: Some(count),
            } => {
                let entry = &mut cursor.numbers;
                record::read_numbers(bytes, *count, entry).ok_or(Stop::Doubtful)?;
                sure(cursor.last_entry.is_empty() || *entry > cursor.last_entry)?;
                let (rowid, key) = entry.split_last().ok_or(Stop::Doubtful)?;
                cursor.seen.sums[0].add(key.iter().copied(), *rowid);
                std::mem::swap(&mut cursor.numbers, &mut cursor.last_entry);
            }
        }
        Ok(())
    }

    /// A record that goes on in pages of its own.
    fn gather(&mut self, page: &[u8], cell: &Cell) -> Walk<Vec<u8>> {
        let mut bytes = page[cell.start..cell.start + cell.local].to_vec();
        let mut next = be32(page, cell.start + cell.local);
        while bytes.len() < cell.len {
            self.used.take(next)?;
            let page = self.read(next)?;
            let n = (cell.len - bytes.len()).min(self.pages.usable - 4);
            bytes.extend_from_slice(&page[4..4 + n]);
            next = be32(&page, 0);
            self.spare.push(page);
        }
        sure(next == 0)?;
        Ok(bytes)
    }
}

impl Sum {
    fn add(&mut self, key: impl Iterator<Item = i64>, rowid: i64) {
        self.entries += 1;
        let hash = key.fold(rowid.cast_unsigned(), |hash, number| {
            mix(number.cast_unsigned(), hash)
        });
        self.hash = self.hash.wrapping_add(hash);
    }
}

/// Spreads a pair over 64 bits, so that sums of different sets differ.
fn mix(key: u64, id: u64) -> u64 {
    let a = key ^ 0x9E37_79B9_7F4A_7C15;
    let b = id.wrapping_add(0xD1B5_4A32_D192_ED03) | 1;
    let product = u128::from(a) * u128::from(b);
    let folded = (product >> 64) as u64 ^ product as u64;
    folded.wrapping_mul(0xA24B_AED4_963E_E407) ^ id.rotate_left(29)
}

pub(super) fn be16(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])
}

pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(four)
}
