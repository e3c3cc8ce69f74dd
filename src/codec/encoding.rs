//! Bytes of a text file to text: by its byte order mark, as UTF-8 when it is that, else as the
//! encoding that its letters look like, or the one that the user chose.

use encoding_rs::{Encoding, UTF_8};
use std::borrow::Cow;

/// Labels of the encodings to choose from, the usual ones first.
pub const CHOICES: [&str; 14] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "ISO-8859-2",
    "KOI8-R",
    "Shift_JIS",
    "EUC-JP",
    "gb18030",
    "Big5",
    "EUC-KR",
    "windows-1256",
];

/// Text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Without a byte order mark.
    pub text: Cow<'a, str>,
    pub encoding: &'static str,
    /// Some bytes could not be read and stand as U+FFFD.
    pub damaged: bool,
}

/// Reads `bytes`; `chosen` is a label, and a byte order mark is stronger.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], chosen: Option<&str>) -> Decoded<'a> {
    let encoding = chosen
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .unwrap_or_else(|| guess(bytes));
    let (text, encoding, damaged) = encoding.decode(bytes);
    Decoded {
        text,
        encoding: encoding.name(),
        damaged,
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let check = |bytes: &[u8], text: &str, encoding: &str| {
            let decoded = decode(bytes, None);
            assert_eq!((&*decoded.text, decoded.encoding), (text, encoding));
        };
        check("h\u{e9}llo".as_bytes(), "h\u{e9}llo", "UTF-8");
        check(b"\xef\xbb\xbfabc", "abc", "UTF-8");
        check(b"\xff\xfea\0b\0", "ab", "UTF-16LE");
        check(b"gr\xfc\xdfe aus K\xf6ln", "grüße aus Köln", "windows-1252");
        assert_eq!(decode(b"\xcf\xf0\xe8", Some("windows-1251")).text, "При");
        assert!(decode(b"a\xff", Some("UTF-8")).damaged);
    }

    #[test]
    fn every_choice_is_known() {
        for label in CHOICES {
            assert_eq!(
                Encoding::for_label(label.as_bytes()).map(Encoding::name),
                Some(label)
            );
        }
    }
}
