//! Rows out of pages that may be damaged: what can be read is read, what cannot is left out.

use super::raw::{Raw, be16};
use crate::storage::log_file::be32;
use crate::storage::record::{local_len, varint};
use rusqlite::types::Value;

/// No field of a collection is larger.
const MAX_RECORD: usize = 256 << 20;

/// What a page says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    TableLeaf,
    Index,
    IndexLeaf,
}

/// A page that was understood.
pub(super) struct Page {
    pub kind: Kind,
    bytes: Vec<u8>,
    header: usize,
    cells: usize,
}

/// A record and its rowid (0 in indexes).
pub(super) struct Row {
    pub rowid: i64,
    pub values: Vec<Value>,
}

impl Page {
    /// None for what is no page of a b-tree.
    pub fn read(raw: &Raw, number: u32) -> Option<Self> {
        let bytes = raw.page(number);
        let header = if number == 1 { 100 } else { 0 };
        let kind = match bytes.get(header)? {
            2 => Kind::Index,
            5 => Kind::Table,
            10 => Kind::IndexLeaf,
            13 => Kind::TableLeaf,
            _ => return None,
        };
        let cells = be16(&bytes, header + 3);
        (cells <= raw.usable / 4).then_some(Self {
            kind,
            bytes,
            header,
            cells,
        })
    }

    pub fn cells(&self) -> usize {
        self.cells
    }

    /// Whether it is of a table with rowids.
    pub fn has_rowids(&self) -> bool {
        matches!(self.kind, Kind::Table | Kind::TableLeaf)
    }

    pub fn is_leaf(&self) -> bool {
        matches!(self.kind, Kind::TableLeaf | Kind::IndexLeaf)
    }

    fn pointer(&self, cell: usize) -> usize {
        let first = self.header + if self.is_leaf() { 8 } else { 12 };
        be16(&self.bytes, first + 2 * cell)
    }

    /// Pages below, in order.
    pub fn children(&self) -> Vec<u32> {
        if self.is_leaf() {
            return Vec::new();
        }
        let mut all: Vec<u32> = (0..self.cells)
            .map(|cell| be32(&self.bytes, self.pointer(cell)))
            .collect();
        all.push(be32(&self.bytes, self.header + 8));
        all
    }

    /// The record of a cell; the pages of its overflow go to `used`.
    pub fn row(&self, raw: &Raw, cell: usize, used: &mut Vec<u32>) -> Option<Row> {
        let mut at = self.pointer(cell);
        if self.kind == Kind::Table || at < self.header + 8 {
            return None;
        }
        if self.kind == Kind::Index {
            at += 4;
        }
        let mut number = || {
            let (value, n) = varint(self.bytes.get(at..raw.usable)?)?;
            at += n;
            Some(value)
        };
        let len = usize::try_from(number()?).ok()?;
        let rowid = match self.kind {
            Kind::TableLeaf => number()?.cast_signed(),
            _ => 0,
        };
        if len > MAX_RECORD {
            return None;
        }
        let local = local_len(raw.usable, len, self.kind == Kind::TableLeaf);
        let mut record = self.bytes.get(at..at + local)?.to_vec();
        if local < len {
            let first = be32(self.bytes.get(..raw.usable)?, at + local);
            overflow(raw, first, len, &mut record, used)?;
        }
        Some(Row {
            rowid,
            values: values(&record)?,
        })
    }
}

fn overflow(
    raw: &Raw,
    first: u32,
    len: usize,
    record: &mut Vec<u8>,
    used: &mut Vec<u32>,
) -> Option<()> {
    let mut next = first;
    while record.len() < len {
        if !raw.has(next) || used.len() > raw.count as usize {
            return None;
        }
        used.push(next);
        let page = raw.page(next);
        let take = (len - record.len()).min(raw.usable - 4);
        record.extend_from_slice(page.get(4..4 + take)?);
        next = be32(&page, 0);
    }
    Some(())
}

/// None when head and values do not fit together.
fn values(record: &[u8]) -> Option<Vec<Value>> {
    let (head, n) = varint(record)?;
    let head = usize::try_from(head).ok()?;
    let mut types = record.get(n..head)?;
    let mut rest = record.get(head..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        let (kind, n) = varint(types)?;
        types = types.get(n..)?;
        let (value, after) = value(kind, rest)?;
        values.push(value);
        rest = after;
    }
    rest.is_empty().then_some(values)
}

fn value(kind: u64, bytes: &[u8]) -> Option<(Value, &[u8])> {
    let len = match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        long => usize::try_from((long - 12) / 2).ok()?,
    };
    let (own, rest) = bytes.split_at_checked(len)?;
    let value = match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        7 => Value::Real(f64::from_be_bytes(own.try_into().ok()?)),
        1..=6 => {
            let first = i64::from(own.first()?.cast_signed());
            let number = own[1..].iter().fold(first, |n, b| n << 8 | i64::from(*b));
            Value::Integer(number)
        }
        // Damage may have made it no text any more: what is readable of it is kept.
        odd if odd % 2 == 1 => Value::Text(String::from_utf8_lossy(own).into_owned()),
        _ => Value::Blob(own.to_vec()),
    };
    Some((value, rest))
}
