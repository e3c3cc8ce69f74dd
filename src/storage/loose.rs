//! Columns whose values are of another type than the column says (SQLite's columns take any, and
//! other programs write what they like): read as what they can only mean.

use crate::base::Error;
use crate::mark;
use rusqlite::Row;
use rusqlite::types::{Type, ValueRef};
use std::borrow::Cow;

/// A column that should be an integer; 0 when it is no number.
pub(in crate::storage) fn integer(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(value) => value,
        ValueRef::Real(value) => value as i64,
        _ => 0,
    })
}

/// A column that should be a number with fractions; 0 when it is no number.
pub(in crate::storage) fn fraction(row: &Row<'_>, column: usize) -> rusqlite::Result<f64> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(value) => value as f64,
        ValueRef::Real(value) => value,
        _ => 0.0,
    })
}

/// 0 when it does not fit.
pub(in crate::storage) fn fit<T: TryFrom<i64> + Default>(value: i64) -> T {
    T::try_from(value).unwrap_or_default()
}

/// A column that should be a text. Bytes that are no UTF-8 become U+FFFD.
pub(in crate::storage) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => utf8(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => String::new(),
    })
}

/// Bytes that should be a text; what is no UTF-8 becomes U+FFFD.
pub(in crate::storage) fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    // Looking for odd bytes goes from letter to letter; nearly always there are none.
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// A column that should be binary data; nothing when it holds neither that nor a text.
pub(in crate::storage) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

/// What a column holds, for messages.
pub(in crate::storage) fn in_words(held: Type) -> &'static str {
    match held {
        Type::Null => "nothing",
        Type::Integer => mark!("an integer"),
        Type::Real => mark!("a fraction"),
        Type::Text => mark!("a text"),
        Type::Blob => mark!("binary data"),
    }
}

/// What a row is that cannot be decoded.
#[derive(Debug, Clone, Copy)]
pub(in crate::storage) enum Kind {
    Deck,
    Preset,
    Notetype,
}

/// For what cannot be decoded: says of which deck, preset or note type it is.
pub(in crate::storage) fn named(kind: Kind, name: &str, error: &Error) -> Error {
    let what = error.what();
    let what = match kind {
        Kind::Deck => mark!("{what} (deck “{name}”)", what, name),
        Kind::Preset => mark!("{what} (preset “{name}”)", what, name),
        Kind::Notetype => mark!("{what} (note type “{name}”)", what, name),
    };
    Error::new(error.kind(), what)
}
