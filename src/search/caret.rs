//! The term at the caret of a search that is still being typed. Where [`parse`](super::parse) would
//! refuse a text (an open quote), it is cut as it will be once it is whole.

use super::parse::{find_unescaped, split_unescaped};
use std::ops::Range;

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term<'a> {
    /// Bytes of the text that another term may take the place of: with its quotes, without a minus
    /// before it. While the key is typed, up to its colon.
    pub place: Range<usize>,
    /// As typed, before the colon.
    pub key: Option<&'a str>,
    /// Between the colon, or the begin of the term, and the caret; without the opening quote.
    pub value: &'a str,
    /// A quote stands before all of it.
    pub quoted: bool,
}

/// `caret` in bytes.
#[must_use]
pub fn at_caret(text: &str, caret: usize) -> Term<'_> {
    let (before, after) = text.split_at_checked(caret).unwrap_or((text, ""));
    let (start, in_quotes) = beginning(before);
    let typed = &before[start..];
    let quoted = typed.starts_with('"');
    let (key, value) = match split_unescaped(typed.trim_start_matches('"'), ':') {
        Some((key, value)) if in_quotes && !quoted => (Some(key), &value[1..]),
        Some((key, value)) => (Some(key), value),
        None => (None, typed.strip_prefix('"').unwrap_or(typed)),
    };
    let length = length(after, key.is_some(), in_quotes);
    Term {
        place: start..before.len() + length,
        key,
        value,
        quoted,
    }
}

/// Where the last term of the text begins, and whether a quote is open at its end.
fn beginning(text: &str) -> (usize, bool) {
    // Behind what separates terms; and behind a minus there, too.
    let (mut free, mut start) = (0, 0);
    let mut in_quotes = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let next = at + c.len_utf8();
        match c {
            '\\' => {
                chars.next();
            }
            '"' if in_quotes => {
                in_quotes = false;
                (free, start) = (next, next);
            }
            '"' => {
                in_quotes = true;
                // Elsewhere a quote begins a term of its own.
                if !is_key(&text[start..at]) {
                    start = at;
                }
            }
            _ if in_quotes => {}
            '-' if at == free => start = next,
            c if ends_term(c) => (free, start) = (next, next),
            _ => {}
        }
    }
    (start, in_quotes)
}

/// How much of what stands behind the caret belongs to the term.
fn length(after: &str, has_key: bool, in_quotes: bool) -> usize {
    if in_quotes && has_odd_quotes(after) {
        return find_unescaped(after, &['"']).map_or(after.len(), |at| at + 1);
    }
    let mut chars = after.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            ':' if !has_key => return at + 1,
            '"' => return at,
            c if ends_term(c) => return at,
            _ => {}
        }
    }
    after.len()
}

/// A quote that is open before the text is closed in it; else its quotes are those of other terms.
fn has_odd_quotes(mut text: &str) -> bool {
    let mut odd = false;
    while let Some(at) = find_unescaped(text, &['"']) {
        odd = !odd;
        text = &text[at + 1..];
    }
    odd
}

fn is_key(text: &str) -> bool {
    text.len() > 1 && find_unescaped(text, &[':']) == Some(text.len() - 1)
}

fn ends_term(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The caret is where the bar stands.
    #[track_caller]
    fn check(text: &str, place: &str, key: Option<&str>, value: &str) {
        let caret = text.find('|').unwrap();
        let text = text.replace('|', "");
        let term = at_caret(&text, caret);
        let seen = (&text[term.place.clone()], term.key, term.value);
        assert_eq!(seen, (place, key, value), "{text}");
    }

    #[test]
    fn the_term_at_the_caret_is_found() {
        check("|", "", None, "");
        check("de|", "de", None, "de");
        check("deck:Fr|", "deck:Fr", Some("deck"), "Fr");
        check("a deck:F|r b", "deck:Fr", Some("deck"), "F");
        check("a -(tag:x -de|)", "de", None, "de");
        check("--x|", "-x", None, "-x");
        check("ta|g:x", "tag:", None, "ta");
        check(
            "deck:a\\:b\\\"c|",
            "deck:a\\:b\\\"c",
            Some("deck"),
            "a\\:b\\\"c",
        );
        check("ä\u{3000}tag:é|", "tag:é", Some("tag"), "é");
        check("a |", "", None, "");
        check("a\\|", "a\\", None, "a\\");
    }

    #[test]
    fn quotes_hold_a_term_together() {
        check(
            "deck:\"My De|ck\" x",
            "deck:\"My Deck\"",
            Some("deck"),
            "My De",
        );
        check(
            "\"deck:My De|ck\" x",
            "\"deck:My Deck\"",
            Some("deck"),
            "My De",
        );
        check("-\"deck:My| \"", "\"deck:My \"", Some("deck"), "My");
        check("\"my de|", "\"my de", None, "my de");
        check("a\"b c|\"", "\"b c\"", None, "b c");
        check("\"a b\"c|", "c", None, "c");
        check("deck:\"My\" ta|", "ta", None, "ta");
    }

    /// What stands behind it keeps its quotes.
    #[test]
    fn an_open_quote_ends_with_its_word() {
        check(
            "deck:\"My De|ck tag:\"a b\"",
            "deck:\"My Deck",
            Some("deck"),
            "My De",
        );
        check(
            "deck:\"My De|ck\" tag:\"a b\"",
            "deck:\"My Deck\"",
            Some("deck"),
            "My De",
        );
    }

    #[test]
    fn any_text_and_caret_are_taken() {
        for text in [
            "",
            "\"",
            "\"\"",
            ":\"",
            "a:\"\"\"",
            "-\"-:",
            "\\\"é:\"\\",
            "é(\"é:\u{3000}",
        ] {
            for caret in 0..=text.len() + 1 {
                let term = at_caret(text, caret);
                assert!(text.get(term.place).is_some(), "{text} {caret}");
            }
        }
    }
}
