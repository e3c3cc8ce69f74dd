//! Bytes of a text file to text: by its byte order mark, as UTF-16 or UTF-8 when it is that, else as
//! the encoding that its letters look like, or the one that the user chose.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Bytes that tell UTF-16.
const SAMPLE_BYTES: usize = 64 << 10;
/// One letter of so many, or more, is one that ASCII has too: tabs, commas and ends of lines are.
const LETTERS_TO_ASCII: usize = 40;
/// Letters of UTF-8 beyond ASCII for each place that is none: other encodings have hardly any.
const LETTERS_TO_ONE_BAD: usize = 10;

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
    if let Some(wide) = utf_16(bytes) {
        return wide;
    }
    if is_iso_2022_jp(bytes) {
        return ISO_2022_JP;
    }
    if is_mostly_utf_8(bytes) {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Old mails and programs in Japanese: bytes of ASCII alone, with escapes that change the alphabet.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let has_escape = bytes.windows(2).any(|pair| pair == b"\x1b$");
    has_escape && bytes.is_ascii() && !ISO_2022_JP.decode_without_bom_handling(bytes).1
}

/// UTF-8, or a file of it that was cut off or mended in another encoding here and there: one bad
/// place must not turn all other letters into strange ones.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut letters, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    letters >= bad * LETTERS_TO_ONE_BAD
}

/// Whether these are no letters, but what a picture or a package has: bytes of 0, and others that no
/// text has, in neither UTF-8 nor UTF-16. A stray 0 alone is in many an old file.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    // With a mark of UTF-16 before them: UTF-32, which nothing reads.
    let is_utf_32 = bytes.starts_with(b"\xff\xfe\0\0");
    let is_utf_16 = Encoding::for_bom(bytes).is_some() || utf_16(bytes).is_some();
    // Tabs, ends of lines and pages are text, and so is what changes the alphabet or ends a file of DOS.
    let is_odd = |byte: &u8| matches!(byte, 1..=8 | 0x10..=0x19 | 0x1c..=0x1f);
    let has_odd = bytes.contains(&0) && bytes.iter().any(is_odd);
    is_utf_32 || (has_odd && !is_utf_16 && std::str::from_utf8(bytes).is_err())
}

/// UTF-16 without a byte order mark: letters of ASCII, tabs or ends of lines among them, have a
/// second byte of 0, and always on the same side.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let count = |wanted: &dyn Fn(&[u8]) -> bool| {
        let units = sample.chunks_exact(2);
        units.filter(|unit| wanted(unit)).count()
    };
    let breaks = |low: usize, high: usize| {
        count(&|unit| unit[high] == 0 && matches!(unit[low], b'\t' | b'\n'))
    };
    let is_it = |low: usize, high: usize| {
        let ascii = count(&|unit| unit[high] == 0);
        breaks(low, high) > breaks(high, low) && ascii * LETTERS_TO_ASCII >= sample.len() / 2
    };
    if sample.chunks_exact(2).any(|unit| unit == [0, 0]) || has_stray_zeros(bytes, sample) {
        return None;
    }
    [(0, UTF_16LE), (1, UTF_16BE)]
        .into_iter()
        .find(|(low, _)| is_it(*low, 1 - low))
        .map(|(_, encoding)| encoding)
}

/// UTF-8 that old programs put some bytes of 0 into, at the ends of fields for the most part. Words
/// in UTF-16 that look like it are few: among more of them is one with a byte that no text has.
fn has_stray_zeros(bytes: &[u8], sample: &[u8]) -> bool {
    let zeros = sample.iter().filter(|byte| **byte == 0).count();
    let is_text = |byte: &u8| !matches!(byte, 1..=8 | 0x0b | 0x0e..=0x1f | 0x7f);
    zeros * 4 < sample.len() && sample.iter().all(is_text) && std::str::from_utf8(bytes).is_ok()
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
    fn a_bad_place_leaves_the_rest_of_utf_8_as_it_is() {
        let text = "日本語の単語と読み方\tprzykład żółty\n".repeat(20);
        let cut = &text.as_bytes()[..text.len() - 3];
        let cut = [cut, b"\xc5"].concat();
        let stray = [text.as_bytes(), b"caf\xe9\t1\n"].concat();
        for bytes in [cut, stray] {
            let decoded = decode(&bytes, None);
            assert_eq!((decoded.encoding, decoded.damaged), ("UTF-8", true));
            assert!(decoded.text.starts_with("日本語の"), "{}", decoded.text);
        }
        // Few letters tell nothing.
        assert_ne!(decode(b"gr\xc3\xbcn K\xf6ln", None).encoding, "UTF-8");
    }

    #[test]
    fn japanese_of_old_mails_is_read() {
        let decoded = decode(b"\x1b$BF|K\\8l\x1b(B\tJapanese\n", None);
        let told = (&*decoded.text, decoded.encoding);
        assert_eq!(told, ("日本語\tJapanese\n", "ISO-2022-JP"));
        assert_eq!(decode(b"a\x1b$\tb\n", None).encoding, "UTF-8");
    }

    #[test]
    fn utf_16_needs_no_mark() {
        let text = "#separator:tab\n\u{4e00}\u{4e8c}\u{4e09}\t\u{56db}\u{4e00}\r\n";
        for text in [text, "a\tb\n", "\u{4f60}\u{597d}\t\u{4e00}\u{4e00}\n"] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let decoded = decode(&little, None);
            assert_eq!((&*decoded.text, decoded.encoding), (text, "UTF-16LE"));
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let decoded = decode(&big, None);
            assert_eq!((&*decoded.text, decoded.encoding), (text, "UTF-16BE"));
        }
        let padded: &[u8] = b"house\tHaus\0\ntree\0\tgr\xc3\xbcner Baum\0\n";
        for stray in [
            &b"a\0b\tc\n"[..],
            b"a\tb\nc\0",
            b"\0\0\0\0",
            b"",
            b"a",
            b"word\0\nnext\0\n",
            padded,
        ] {
            assert_eq!(decode(stray, None).encoding, "UTF-8");
            assert!(!is_binary(stray));
        }
        assert!(!is_binary(b"\xff\xfea\0\n\0") && !is_binary(b"gr\xfc\xdfe"));
        assert!(!is_binary(b"gr\xfc\xdfe\t\x0e1\0\r\n"));
        assert!(is_binary(b"PK\x03\x04\0\0\xff\n\0\0\0"));
        assert!(is_binary(b"\xff\xfe\0\0a\0\0\0"));
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
