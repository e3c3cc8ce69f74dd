//! `*` and `_` in the texts of a search, for SQL and for regular expressions. `\\`, `\*` and `\_`
//! stand for themselves.

use regex::{Regex, RegexBuilder, bytes};

/// Bytes of the largest compiled pattern, as in Anki.
const REGEX_SIZE: usize = 10 << 20;
/// Bytes that an expression keeps beside it of what it has worked out.
const REGEX_CACHE: usize = 4 << 20;

enum Piece {
    Any,
    One,
    Literal(char),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut chars = text.chars();
    std::iter::from_fn(move || {
        Some(match chars.next()? {
            '*' => Piece::Any,
            '_' => Piece::One,
            '\\' => Piece::Literal(chars.next().unwrap_or('\\')),
            c => Piece::Literal(c),
        })
    })
}

/// Whether there is a wildcard.
#[must_use]
pub fn is_glob(text: &str) -> bool {
    pieces(text).any(|p| !matches!(p, Piece::Literal(_)))
}

/// The text with escapes, so that every sign stands for itself.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The text with an escape for each backslash that escapes nothing, so that it stands for itself.
#[must_use]
pub fn with_lone_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            let escaped = chars.next_if(|c| matches!(c, '*' | '_' | '\\'));
            out.push(escaped.unwrap_or('\\'));
        }
    }
    out
}

/// The text without its escapes.
#[must_use]
pub fn to_literal(text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Any => '*',
            Piece::One => '_',
            Piece::Literal(c) => c,
        })
        .collect()
}

/// A pattern in which a wildcard matches characters of `class` (a regular expression for one).
#[must_use]
pub fn to_pattern(text: &str, class: &str) -> String {
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Any => {
                out.push_str(class);
                out.push('*');
            }
            Piece::One => out.push_str(class),
            Piece::Literal(c) => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

/// A bounded regular expression.
pub fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(REGEX_SIZE)
        .dfa_size_limit(REGEX_CACHE)
        .build()
}

/// The same for texts as they are stored: nobody has looked whether they are UTF-8.
pub fn build_for_bytes(pattern: &str) -> Result<bytes::Regex, regex::Error> {
    // Without a hyphen none turns Unicode off, to be about bytes that are no text.
    if pattern.contains('-') {
        build(pattern)?;
    }
    bytes::RegexBuilder::new(pattern)
        .size_limit(REGEX_SIZE)
        .dfa_size_limit(REGEX_CACHE)
        .build()
}

/// LIKE's meaning over bytes: ASCII letters match in either case.
#[derive(Clone)]
pub enum Like {
    /// Letters that may stand anywhere: most of what is searched for.
    Within(Needle),
    Expression(bytes::Regex),
}

impl Like {
    /// `anywhere`: with or without wildcards around it.
    pub fn new(text: &str, anywhere: bool) -> Result<Self, regex::Error> {
        // What anything may stand before or after is looked for in any place.
        let is_any = |piece: Option<&Piece>| matches!(piece, Some(Piece::Any));
        let pieces: Vec<Piece> = pieces(text).collect();
        let from_start = !anywhere && !is_any(pieces.first());
        let to_end = !anywhere && !is_any(pieces.last());
        let first = pieces.iter().take_while(|p| is_any(Some(p))).count();
        let behind = pieces[first..].iter().rev();
        let last = pieces.len() - behind.take_while(|p| is_any(Some(p))).count();
        let pieces = &pieces[first..last];
        let literal: Option<String> = pieces
            .iter()
            .map(|piece| match *piece {
                Piece::Literal(c) => Some(c),
                _ => None,
            })
            .collect();
        match literal {
            Some(literal) if !from_start && !to_end => Ok(Self::Within(Needle::new(&literal))),
            _ => expression(pieces, from_start, to_end).map(Self::Expression),
        }
    }

    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Self::Within(needle) => needle.is_in(text),
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

fn expression(
    pieces: &[Piece],
    from_start: bool,
    to_end: bool,
) -> Result<bytes::Regex, regex::Error> {
    let mut pattern = String::from(if from_start { "(?s-u)\\A" } else { "(?s-u)" });
    for piece in pieces {
        match *piece {
            Piece::Any => pattern.push_str(".*"),
            Piece::One => pattern.push_str("(?u:.)"),
            Piece::Literal(c) if c.is_ascii() => {
                pattern.push_str("(?i:");
                pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                pattern.push(')');
            }
            Piece::Literal(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    pattern.push_str(&format!("\\x{byte:02x}"));
                }
            }
        }
    }
    if to_end {
        pattern.push_str("\\z");
    }
    bytes::RegexBuilder::new(&pattern)
        .size_limit(REGEX_SIZE)
        .dfa_size_limit(REGEX_CACHE)
        .build()
}

/// Bytes that are looked for by the rarest of them.
#[derive(Clone)]
pub struct Needle {
    bytes: Vec<u8>,
    /// Where the rarest one is; nothing in an empty text.
    rarest: Option<usize>,
}

impl Needle {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes().to_ascii_lowercase();
        let rarest = (0..bytes.len()).max_by_key(|at| rarity(bytes[*at]));
        Self { bytes, rarest }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let Some(at) = self.rarest else { return true };
        // Where it may be: with all of the others around it.
        let Some(end) = (text.len() + at + 1).checked_sub(self.bytes.len()) else {
            return false;
        };
        let Some(may_be) = text.get(at..end) else {
            return false;
        };
        let byte = self.bytes[at];
        memchr::memchr2_iter(byte, byte.to_ascii_uppercase(), may_be)
            .any(|start| text[start..start + self.bytes.len()].eq_ignore_ascii_case(&self.bytes))
    }
}

/// How seldom a byte stands in the fields of notes; a guess, for speed alone.
fn rarity(byte: u8) -> usize {
    const COMMON: &[u8] = b" etaoinsrhldcumfpgwyb<>/v.,k=\"-&;:x0123456789jqz";
    let place = COMMON.iter().position(|common| *common == byte);
    // Of other scripts the first byte of a sign is the same in most.
    let unknown = if byte.is_ascii() || byte < 0xc0 {
        100
    } else {
        20
    };
    place.unwrap_or(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes() {
        assert_eq!(to_pattern("a*.\\*", "[^ ]"), "a[^ ]*\\.\\*");
        assert_eq!(to_literal("a\\*b"), "a*b");
        assert!(is_glob("a_") && !is_glob("a\\_"));
    }

    #[test]
    fn expressions_are_about_texts() {
        let word = build_for_bytes(r"(?i)\bÉTÉ.\b").unwrap();
        assert!(word.is_match("un étéß".as_bytes()) && !word.is_match("étéß2".as_bytes()));
        assert!(build_for_bytes(r"(?i)(?-u:\w)").is_ok(), "as Anki has it");
        assert!(
            build_for_bytes(r"(?i)(?-u:\xff)").is_err(),
            "no text has it"
        );
    }

    #[test]
    fn the_expression_equals_like() {
        let like = Like::new("É*b_", false).unwrap();
        assert!(like.is_match("Éxx\nBß".as_bytes()));
        assert!(!like.is_match("éxxbx".as_bytes()));
        assert!(Like::new("b", true).unwrap().is_match(b"aBc"));
        for (text, anywhere, is, is_not) in [
            ("*b", false, "abb", "bc"),
            ("b*", false, "bc", "ab"),
            ("*b*", false, "abc", "ac"),
            ("**", false, "", "-"),
            ("*", true, "", "-"),
            ("", false, "", "a"),
            ("*b*c*", true, "abac", "acab"),
            ("*Just*", false, "xjUST", "jus"),
            ("just", true, "ju just", "xjus"),
            ("aab", true, "aaab", "aa-b"),
            ("é1", true, "É é1", "É1"),
            ("ab", true, "ab", "b"),
        ] {
            let like = Like::new(text, anywhere).unwrap();
            assert!(like.is_match(is.as_bytes()), "{text} {is}");
            assert!(
                is_not == "-" || !like.is_match(is_not.as_bytes()),
                "{text} {is_not}"
            );
        }
    }
}
