//! The difference of two texts, word by word, for people to read.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// A stretch of two texts compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    /// Only in the earlier text.
    Was(String),
    /// Only in the present one.
    Is(String),
}

/// With more pairs of words to compare than this, which takes some tenths of a second, what lies
/// between the first and the last word that differ is one change.
const MOST_PAIRS: usize = 16_000_000;

/// Both texts in one, word by word; what was stands before what is.
#[must_use]
pub fn word_diff(was: &str, is: &str) -> Vec<Piece> {
    let (old, new) = (words(was), words(is));
    let both = || old.iter().zip(&new);
    let before = both().take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let behind = old_rest.iter().rev().zip(new_rest.iter().rev());
    let behind = behind.take_while(|(a, b)| a == b).count();
    let (was_until, is_until) = (old.len() - behind, new.len() - behind);
    if (was_until - before).saturating_mul(is_until - before) > MOST_PAIRS {
        let pieces = [
            Piece::Same(old[..before].concat()),
            Piece::Was(old[before..was_until].concat()),
            Piece::Is(new[before..is_until].concat()),
            Piece::Same(old[was_until..].concat()),
        ];
        let holds = |piece: &Piece| match piece {
            Piece::Same(text) | Piece::Was(text) | Piece::Is(text) => !text.is_empty(),
        };
        return pieces.into_iter().filter(holds).collect();
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        for change in op.iter_changes(&old, &new) {
            let word = change.value();
            match (change.tag(), pieces.last_mut()) {
                (ChangeTag::Equal, Some(Piece::Same(text)))
                | (ChangeTag::Delete, Some(Piece::Was(text)))
                | (ChangeTag::Insert, Some(Piece::Is(text))) => text.push_str(word),
                (ChangeTag::Equal, _) => pieces.push(Piece::Same(word.to_owned())),
                (ChangeTag::Delete, _) => pieces.push(Piece::Was(word.to_owned())),
                (ChangeTag::Insert, _) => pieces.push(Piece::Is(word.to_owned())),
            }
        }
    }
    joined(pieces)
}

/// A space between two changes belongs to them: whole phrases are easier to read.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    let mut change = (String::new(), String::new());
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Was(text) => change.0.push_str(&text),
            Piece::Is(text) => change.1.push_str(&text),
            Piece::Same(text) => {
                let inside = !change.0.is_empty()
                    && !change.1.is_empty()
                    && text.trim().is_empty()
                    && pieces.peek().is_some();
                if inside {
                    change.0.push_str(&text);
                    change.1.push_str(&text);
                } else {
                    flush(&mut change, &mut out);
                    out.push(Piece::Same(text));
                }
            }
        }
    }
    flush(&mut change, &mut out);
    out
}

fn flush(change: &mut (String, String), out: &mut Vec<Piece>) {
    let (was, is) = std::mem::take(change);
    out.extend((!was.is_empty()).then_some(Piece::Was(was)));
    out.extend((!is.is_empty()).then_some(Piece::Is(is)));
}

/// Words, and what is between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<bool> = None;
    for (at, c) in text.char_indices() {
        let is_word = c.is_alphanumeric();
        if before.is_some_and(|b| b != is_word || !is_word) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(is_word);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stayed_and_what_did_not() {
        let pieces = word_diff("small hours, early morning", "small hours, dawn");
        assert_eq!(
            pieces,
            [
                Piece::Same("small hours, ".into()),
                Piece::Was("early morning".into()),
                Piece::Is("dawn".into()),
            ]
        );
        let pieces = word_diff("woke de madrugada, y", "woke al amanecer, y");
        assert_eq!(pieces[1], Piece::Was("de madrugada".into()));
        assert_eq!(pieces[2], Piece::Is("al amanecer".into()));
        assert!(word_diff("", "").is_empty());
        assert_eq!(word_diff("日", "日本").len(), 2);
    }

    #[test]
    fn very_long_texts_that_differ_everywhere_are_one_change() {
        let text = |first: usize| {
            let words: Vec<String> = (first..first + 9_000).map(|n| n.to_string()).collect();
            format!("begin {} end", words.join(" "))
        };
        let (was, is) = (text(10_000), text(30_000));
        let inside = |text: &str| text[6..text.len() - 4].to_owned();
        assert_eq!(
            word_diff(&was, &is),
            [
                Piece::Same("begin ".into()),
                Piece::Was(inside(&was)),
                Piece::Is(inside(&is)),
                Piece::Same(" end".into()),
            ]
        );
        assert_eq!(word_diff(&was, &was), [Piece::Same(was.clone())]);
    }

    #[test]
    fn both_texts_can_be_read_from_it() {
        for (was, is) in [
            ("a b c", "a x c d"),
            ("", "new"),
            ("gone", ""),
            ("é😀 x", "😀 é"),
        ] {
            let (mut old, mut new) = (String::new(), String::new());
            for piece in word_diff(was, is) {
                match piece {
                    Piece::Same(text) => {
                        old.push_str(&text);
                        new.push_str(&text);
                    }
                    Piece::Was(text) => old.push_str(&text),
                    Piece::Is(text) => new.push_str(&text),
                }
            }
            assert_eq!((old.as_str(), new.as_str()), (was, is));
        }
    }
}
