//! What lies in a cell of a database page: a record of values, each after its type. Only what
//! `pages` needs to say whether it is whole and of the types that its table wants.

/// What a column of a table wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub not_null: bool,
    pub affinity: Affinity,
    /// An index compares its numbers.
    pub wanted: bool,
}

/// What SQLite makes of values in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    /// The rowid under another name: stored as NULL.
    Rowid,
    /// Numbers become text.
    Text,
    /// Text that is a number becomes one.
    Numeric,
    /// Anything.
    Blob,
}

impl Affinity {
    /// By SQLite's rules about the declared type.
    pub fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_lowercase();
        let says = |word: &str| declared.contains(word);
        if says("int") {
            Self::Numeric
        } else if says("char") || says("clob") || says("text") {
            Self::Text
        } else if says("blob") || declared.is_empty() {
            Self::Blob
        } else {
            Self::Numeric
        }
    }
}

/// How much of a record lies in its page.
pub(super) fn local_len(usable: usize, len: usize, in_table: bool) -> usize {
    let least = (usable - 12) * 32 / 255 - 23;
    let most = if in_table {
        usable - 35
    } else {
        (usable - 12) * 64 / 255 - 23
    };
    if len <= most {
        return len;
    }
    let fitting = least + (len - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

/// A number of 1 to 9 bytes, and how many they are.
#[inline]
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    match *bytes.first()? {
        first if first < 0x80 => Some((u64::from(first), 1)),
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (n, &byte) in bytes.iter().enumerate().take(9) {
        if n == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((value, n + 1));
        }
    }
    None
}

/// The types of a record and the values after them.
pub(super) struct Values<'a> {
    types: &'a [u8],
    values: &'a [u8],
}

impl<'a> Values<'a> {
    #[inline]
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (head, n) = varint(bytes)?;
        let head = usize::try_from(head).ok()?;
        Some(Self {
            types: bytes.get(n..head)?,
            values: bytes.get(head..)?,
        })
    }

    /// The type of the next value and its bytes.
    #[inline]
    fn next(&mut self) -> Option<(u64, &'a [u8])> {
        let (kind, n) = varint(self.types)?;
        self.types = &self.types[n..];
        let (value, rest) = self.values.split_at_checked(value_len(kind)?)?;
        self.values = rest;
        Some((kind, value))
    }

    /// The next value as a number, real ones cut; 0 for anything else.
    #[inline]
    pub(super) fn number(&mut self) -> Option<i64> {
        let (kind, value) = self.next()?;
        match kind {
            1..=6 | 8 | 9 => whole_number(kind, value),
            7 => Some(f64::from_be_bytes(value.try_into().ok()?) as i64),
            _ => Some(0),
        }
    }

    /// The next value as text in UTF-8; empty for anything else.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let (kind, value) = self.next()?;
        let is_text = kind >= 13 && kind % 2 == 1;
        let text = is_text.then(|| std::str::from_utf8(value).unwrap_or_default());
        Some(text.unwrap_or_default())
    }

    /// None when something is left over.
    pub(super) fn end(&self) -> Option<()> {
        (self.types.is_empty() && self.values.is_empty()).then_some(())
    }
}

/// Bytes of a value of this type; None for a type that does not exist.
#[inline]
fn value_len(kind: u64) -> Option<usize> {
    if kind >= SHORT as u64 {
        return usize::try_from((kind - 12) / 2).ok();
    }
    let len = LENGTHS[kind as usize];
    (len != NO_TYPE).then_some(usize::from(len))
}

/// Types whose number is one byte.
const SHORT: usize = 128;
const NO_TYPE: u8 = u8::MAX;
/// Bytes of their values.
const LENGTHS: [u8; SHORT] = {
    let mut lengths = [0; SHORT];
    let mut kind = 0;
    while kind < SHORT {
        lengths[kind] = match kind {
            0..=4 => kind as u8,
            5 => 6,
            6 | 7 => 8,
            8 | 9 => 0,
            10 | 11 => NO_TYPE,
            long => ((long - 12) / 2) as u8,
        };
        kind += 1;
    }
    lengths
};

/// Whether the types and the values fill the record.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let len = || -> Option<usize> {
        let mut values = Values::of(bytes)?;
        let mut len = 0usize;
        while !values.types.is_empty() {
            let (kind, n) = varint(values.types)?;
            values.types = &values.types[n..];
            len = len.checked_add(value_len(kind)?)?;
        }
        (len == values.values.len()).then_some(len)
    };
    len().is_some()
}

/// Checks a row against its columns and puts the wanted numbers into `numbers`, by column. None
/// for anything that is not as expected.
pub(super) fn check_row(bytes: &[u8], columns: &[Column], numbers: &mut Vec<i64>) -> Option<()> {
    numbers.resize(columns.len(), 0);
    let mut values = Values::of(bytes)?;
    for (column, number) in columns.iter().zip(numbers) {
        let (kind, value) = values.next()?;
        let as_wanted = match (kind, column.affinity) {
            (0, Affinity::Rowid) => true,
            (_, Affinity::Rowid) => false,
            (0, _) => !column.not_null,
            (1..=9, affinity) => affinity != Affinity::Text,
            (long, Affinity::Numeric) => long % 2 == 0 || !is_text_of_number(value),
            _ => true,
        };
        if !as_wanted {
            return None;
        }
        if column.wanted {
            *number = whole_number(kind, value)?;
        }
    }
    values.end()
}

/// Reads a record of `count` whole numbers.
pub(super) fn read_numbers(bytes: &[u8], count: usize, numbers: &mut Vec<i64>) -> Option<()> {
    numbers.clear();
    let mut values = Values::of(bytes)?;
    for _ in 0..count {
        let (kind, value) = values.next()?;
        numbers.push(whole_number(kind, value)?);
    }
    values.end()
}

#[inline]
fn whole_number(kind: u64, value: &[u8]) -> Option<i64> {
    match kind {
        8 => Some(0),
        9 => Some(1),
        1..=6 => match *value {
            [a] => Some(i64::from(a.cast_signed())),
            [a, b] => Some(i64::from(i16::from_be_bytes([a, b]))),
            [a, b, c] => Some(i64::from(i32::from_be_bytes([a, b, c, 0]) >> 8)),
            [a, b, c, d] => Some(i64::from(i32::from_be_bytes([a, b, c, d]))),
            [a, b, c, d, e, f] => Some(i64::from_be_bytes([a, b, c, d, e, f, 0, 0]) >> 16),
            _ => Some(i64::from_be_bytes(value.try_into().ok()?)),
        },
        _ => None,
    }
}

/// Text that SQLite would have stored as a number.
fn is_text_of_number(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    if text.first().is_none_or(u8::is_ascii_alphabetic) {
        return false;
    }
    let could_be = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    text.iter().all(could_be)
        && std::str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length() {
        for (bytes, want) in [
            (&[0x05][..], Some((5, 1))),
            (&[0x81, 0x00], Some((128, 2))),
            (&[0xFF; 9], Some((u64::MAX, 9))),
            (&[0x80], None),
            (&[], None),
        ] {
            assert_eq!(varint(bytes), want, "{bytes:x?}");
        }
        let read = |kind, value: &[u8]| whole_number(kind, value);
        assert_eq!(read(1, &[0xFF]), Some(-1));
        assert_eq!(read(2, &[0x01, 0x00]), Some(256));
        assert_eq!(read(6, &i64::MIN.to_be_bytes()), Some(i64::MIN));
        assert_eq!(read(9, &[]), Some(1));
        assert_eq!(read(7, &[0; 8]), None);
    }

    #[test]
    fn text_that_is_a_number() {
        for yes in ["1", " 12 ", "-1.5", "1e5", ".5"] {
            assert!(is_text_of_number(yes.as_bytes()), "{yes}");
        }
        for no in ["", "-", "1a", "inf", "nan", "1 2", "e", "３"] {
            assert!(!is_text_of_number(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn a_row_is_as_its_table_wants_it() {
        let column = |affinity, not_null| Column {
            not_null,
            affinity,
            wanted: affinity == Affinity::Numeric,
        };
        let columns = [
            column(Affinity::Rowid, false),
            column(Affinity::Numeric, true),
            column(Affinity::Text, true),
        ];
        let check = |bytes: &[u8]| {
            let mut numbers = Vec::new();
            check_row(bytes, &columns, &mut numbers).map(|()| numbers)
        };
        assert_eq!(check(&[4, 0, 1, 15, 7, b'x']), Some(vec![0, 7, 0]));
        for (what, bytes) in [
            ("NULL where none may be", &[4, 0, 0, 15, b'x'][..]),
            ("a number in a column of text", &[4, 0, 1, 1, 7, 7]),
            ("a byte too many", &[4, 0, 1, 15, 7, b'x', 0]),
            ("a byte too few", &[4, 0, 1, 15, 7]),
            ("a value too few", &[3, 0, 1, 7]),
            ("a value too many", &[5, 0, 1, 15, 0, 7, b'x']),
            ("a type that does not exist", &[4, 0, 1, 11, 7]),
            ("a head beyond the end", &[9, 0, 1, 15, 7, b'x']),
        ] {
            assert_eq!(check(bytes), None, "{what}");
        }
    }
}
