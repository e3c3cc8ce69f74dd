//! A damaged database file as pages: what its header says where that can be believed, with the
//! write-ahead log beside it laid over. Opened for reading only; nothing here fails because of
//! what is in the file.

use crate::base::error::{AtPath as _, Result};
use crate::storage::log_file::be32;
use crate::storage::snapshot::{beside, read_at};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Of a log, with its checksums in little or in big endian.
const LOG_LITTLE: u32 = 0x377f_0682;
const LOG_BIG: u32 = 0x377f_0683;
const LOG_HEAD: u64 = 32;
const FRAME_HEAD: usize = 24;
const SIZES: [usize; 8] = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];
/// Pages that are looked at to find their size.
const LOOKS: u64 = 4000;

/// See the module header.
pub(super) struct Raw {
    file: File,
    log: Option<File>,
    /// Where the newest committed version of a page lies in the log.
    logged: HashMap<u32, u64>,
    pub size: usize,
    /// Bytes of a page that SQLite uses.
    pub usable: usize,
    pub count: u32,
    pub free: HashSet<u32>,
}

pub(super) fn be16(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| usize::from(b[0]) << 8 | usize::from(b[1]))
}

/// As much as there is; the rest stays zero.
fn fill(file: &File, bytes: &mut [u8], at: u64) -> usize {
    let mut done = 0;
    while done < bytes.len() {
        match read_at(file, &mut bytes[done..], at + done as u64) {
            Ok(n) if n > 0 => done += n,
            // A bad sector costs the rest of its page.
            _ => break,
        }
    }
    done
}

impl Raw {
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).at(path)?;
        let len = file.metadata().at(path)?.len();
        let mut head = [0; 100];
        fill(&file, &mut head, 0);
        let said = match be16(&head, 16) {
            1 => 1 << 16,
            size => size,
        };
        let believed = head.starts_with(MAGIC) && said.is_power_of_two() && said >= 512;
        let size = if believed {
            said
        } else {
            guess_size(&file, len)
        };
        let kept = usize::from(head[20]);
        let usable = if believed && size - kept >= 480 {
            size - kept
        } else {
            size
        };
        let mut raw = Self {
            file,
            log: None,
            logged: HashMap::new(),
            size,
            usable,
            count: u32::try_from(len.div_ceil(size as u64)).unwrap_or(u32::MAX),
            free: HashSet::new(),
        };
        raw.read_log(&beside(path, "-wal"));
        raw.walk_free_list();
        Ok(raw)
    }

    /// A page, with zeroes where it could not be read. Numbers begin with 1.
    pub fn page(&self, number: u32) -> Vec<u8> {
        let mut bytes = vec![0; self.size];
        match (self.logged.get(&number), &self.log) {
            (Some(&at), Some(log)) => fill(log, &mut bytes, at),
            _ => {
                let at = u64::from(number.saturating_sub(1)) * self.size as u64;
                fill(&self.file, &mut bytes, at)
            }
        };
        bytes
    }

    pub fn has(&self, number: u32) -> bool {
        number > 0 && number <= self.count
    }

    /// Whole transactions of the log, as far as its checksums are right.
    fn read_log(&mut self, path: &Path) {
        let Ok(log) = File::open(path) else { return };
        let mut head = [0; LOG_HEAD as usize];
        if fill(&log, &mut head, 0) < head.len() || be32(&head, 8) as usize != self.size {
            return;
        }
        let big = match be32(&head, 0) {
            LOG_LITTLE => false,
            LOG_BIG => true,
            _ => return,
        };
        let mut sum = checksum((0, 0), &head[..24], big);
        if sum != (be32(&head, 24), be32(&head, 28)) {
            return;
        }
        let mut frame = vec![0; FRAME_HEAD + self.size];
        let mut at = LOG_HEAD;
        let mut open = Vec::new();
        while fill(&log, &mut frame, at) == frame.len() && frame[8..16] == head[16..24] {
            sum = checksum(sum, &frame[..8], big);
            sum = checksum(sum, &frame[FRAME_HEAD..], big);
            if sum != (be32(&frame, 16), be32(&frame, 20)) {
                break;
            }
            open.push((be32(&frame, 0), at + FRAME_HEAD as u64));
            let pages = be32(&frame, 4);
            if pages > 0 {
                self.logged.extend(open.drain(..));
                self.count = self.count.max(pages);
            }
            at += frame.len() as u64;
        }
        self.log = Some(log);
    }

    fn walk_free_list(&mut self) {
        let mut trunk = be32(&self.page(1), 32);
        while self.has(trunk) && self.free.insert(trunk) {
            let page = self.page(trunk);
            let leaves = (be32(&page, 4) as usize).min(self.usable / 4 - 2);
            for leaf in 0..leaves {
                let number = be32(&page, 8 + 4 * leaf);
                if self.has(number) {
                    self.free.insert(number);
                }
            }
            trunk = be32(&page, 0);
        }
    }
}

fn checksum(mut sum: (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let four = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
            if big {
                u32::from_be_bytes(four)
            } else {
                u32::from_le_bytes(four)
            }
        };
        sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
    }
    sum
}

/// The smallest size at which nearly as much looks like pages as at the best one.
fn guess_size(file: &File, len: u64) -> usize {
    let covered = SIZES.map(|size| {
        let pages = (len / size as u64).min(LOOKS * 4096 / size as u64);
        let mut head = [0; 8];
        let plausible = (0..pages).filter(|page| {
            fill(file, &mut head, page * size as u64) == head.len() && looks_like_page(&head, size)
        });
        plausible.count() * size
    });
    let best = covered.iter().max().copied().unwrap_or_default();
    let fitting = SIZES
        .iter()
        .zip(covered)
        .find(|(_, c)| best > 0 && c * 10 >= best * 8);
    fitting.map_or(4096, |(size, _)| *size)
}

fn looks_like_page(head: &[u8], size: usize) -> bool {
    let (cells, start) = (be16(head, 3), be16(head, 5));
    matches!(head[0], 2 | 5 | 10 | 13) && cells > 0 && cells * 2 + 8 <= start && start <= size
}
