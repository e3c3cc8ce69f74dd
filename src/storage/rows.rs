//! Rows of one table packed behind each other, for handing very many to another thread: no row has
//! memory of its own.

use super::Cell;
use rusqlite::Row;
use rusqlite::types::ValueRef;

/// See the module header. All rows have the same number of columns.
#[derive(Debug, Default)]
pub struct Rows {
    values: Vec<Packed>,
    bytes: Vec<u8>,
    rows: usize,
}

#[derive(Debug, Clone, Copy)]
enum Packed {
    Null,
    Int(i64),
    Real(f64),
    /// Length of what follows in the bytes.
    Text(usize),
    Blob(usize),
}

impl Rows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
        self.bytes.clear();
        self.rows = 0;
    }

    /// Takes the first `columns` of a row; gives what takes it back with [`Self::cut`].
    pub(super) fn push(&mut self, row: &Row<'_>, columns: usize) -> rusqlite::Result<Mark> {
        let mark = Mark {
            values: self.values.len(),
            bytes: self.bytes.len(),
        };
        for column in 0..columns {
            self.pack(row.get_ref(column)?);
        }
        self.rows += 1;
        Ok(mark)
    }

    /// Takes a whole row.
    pub(super) fn push_cells(&mut self, row: &[Cell]) {
        for cell in row {
            self.pack(cell.as_ref());
        }
        self.rows += 1;
    }

    fn pack(&mut self, value: ValueRef<'_>) {
        let packed = match value {
            ValueRef::Null => Packed::Null,
            ValueRef::Integer(number) => Packed::Int(number),
            ValueRef::Real(number) => Packed::Real(number),
            ValueRef::Text(text) => {
                self.bytes.extend_from_slice(text);
                Packed::Text(text.len())
            }
            ValueRef::Blob(blob) => {
                self.bytes.extend_from_slice(blob);
                Packed::Blob(blob.len())
            }
        };
        self.values.push(packed);
    }

    /// Takes the last row back.
    pub(super) fn cut(&mut self, mark: &Mark) {
        self.values.truncate(mark.values);
        self.bytes.truncate(mark.bytes);
        self.rows -= 1;
    }

    /// Each row's values.
    pub(super) fn each<const COLUMNS: usize>(
        &self,
    ) -> impl Iterator<Item = [ValueRef<'_>; COLUMNS]> {
        let mut rest = self.bytes.as_slice();
        let (rows, _) = self.values.as_chunks::<COLUMNS>();
        rows.iter().map(move |row| {
            row.map(|value| {
                let mut take = |length: usize| {
                    let (taken, behind) = rest.split_at(length);
                    rest = behind;
                    taken
                };
                match value {
                    Packed::Null => ValueRef::Null,
                    Packed::Int(number) => ValueRef::Integer(number),
                    Packed::Real(number) => ValueRef::Real(number),
                    Packed::Text(length) => ValueRef::Text(take(length)),
                    Packed::Blob(length) => ValueRef::Blob(take(length)),
                }
            })
        })
    }
}

/// Where a row begins.
pub(super) struct Mark {
    values: usize,
    bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn what_goes_in_comes_out_but_for_what_was_taken_back() {
        let db = Connection::open_in_memory().unwrap();
        let mut statement = db
            .prepare("values (1, 'a', x'00ff', 2.5), (null, '', 'ü', -3), (4, 'b', 'c', 'd')")
            .unwrap();
        let mut found = statement.query([]).unwrap();
        let mut rows = Rows::default();
        while let Some(row) = found.next().unwrap() {
            let mark = rows.push(row, 4).unwrap();
            if row.get_ref(1).unwrap() == ValueRef::Text(b"") {
                rows.cut(&mark);
            }
        }
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        let got: Vec<[ValueRef<'_>; 4]> = rows.each().collect();
        assert_eq!(
            got,
            [
                [
                    ValueRef::Integer(1),
                    text("a"),
                    ValueRef::Blob(&[0, 255]),
                    ValueRef::Real(2.5)
                ],
                [ValueRef::Integer(4), text("b"), text("c"), text("d")]
            ]
        );
        rows.clear();
        assert!(rows.is_empty() && rows.each::<4>().next().is_none());
    }
}
