//! Lines of text with Arabic, Hebrew and other scripts that are read from right to left. The
//! layouter underneath turns each such word the right way, but puts the words of a line from left
//! to right whatever their script: here they are put in the order in which they are to be seen.

use std::borrow::Cow;
use std::ops::Range;
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};
use unicode_segmentation::UnicodeSegmentation;

/// What stands together in a line, in bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub range: Range<usize>,
    /// Shown instead: brackets that look the other way.
    pub other: Option<char>,
    /// Read from right to left.
    pub turned: bool,
}

/// A line as the layouter must get it, by the order of the Unicode Bidirectional Algorithm; the
/// first letter with a direction tells that of the whole line.
#[must_use]
pub fn seen(line: &str) -> Cow<'_, str> {
    if !has_right_to_left(line) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for piece in order(line, std::slice::from_ref(&(0..line.len())), &[]).concat() {
        match piece.other {
            Some(other) => out.push(other),
            None => out.push_str(&line[piece.range]),
        }
    }
    Cow::Owned(out)
}

/// The lines of a paragraph, each in the order in which it is seen. No word reaches over one of
/// the `cuts` (ascending), where the look changes.
#[must_use]
pub fn order(paragraph: &str, lines: &[Range<usize>], cuts: &[usize]) -> Vec<Vec<Piece>> {
    order_from(paragraph, lines, cuts, None)
}

/// As [`order`], with the direction of the whole paragraph when it is known.
#[must_use]
pub fn order_from(
    paragraph: &str,
    lines: &[Range<usize>],
    cuts: &[usize],
    base: Option<Level>,
) -> Vec<Vec<Piece>> {
    let as_read = |range| Piece {
        range,
        other: None,
        turned: false,
    };
    let info = BidiInfo::new(paragraph, base);
    let [whole] = info.paragraphs.as_slice() else {
        return lines
            .iter()
            .map(|line| vec![as_read(line.clone())])
            .collect();
    };
    let line_seen = |line: &Range<usize>| {
        let mut pieces = vec![];
        if line.is_empty() {
            return pieces;
        }
        let (levels, runs) = info.visual_runs(whole, line.clone());
        for run in runs {
            if levels.get(run.start).is_some_and(|level| level.is_rtl()) {
                turned(paragraph, run, cuts, &mut pieces);
            } else {
                pieces.push(as_read(run));
            }
        }
        pieces
    };
    lines.iter().map(line_seen).collect()
}

/// The lines of a paragraph that is broken between words to be no wider than `room`, and within
/// words that are wider. Words are as wide in one order as in the other. The spaces where a line
/// ends belong to it.
pub fn broken(
    paragraph: &str,
    room: f32,
    width: impl Fn(Range<usize>) -> f32,
) -> Vec<Range<usize>> {
    let mut lines = vec![];
    let (mut start, mut at, mut used) = (0, 0, 0.0);
    for word in paragraph.split_inclusive(may_end_line) {
        let (begin, bare) = (at, at + word.trim_end_matches(may_end_line).len());
        at += word.len();
        if used > 0.0 && used + width(begin..bare) > room {
            lines.push(start..begin);
            (start, used) = (begin, 0.0);
        }
        while used == 0.0 && start < bare && width(start..bare) > room {
            let letters = paragraph[start..bare].grapheme_indices(true);
            let ends: Vec<usize> = letters
                .map(|(n, letter)| start + n + letter.len())
                .collect();
            let kept = ends.partition_point(|&end| width(start..end) <= room);
            let end = ends.get(kept.saturating_sub(1)).copied().unwrap_or(bare);
            if end == bare {
                break;
            }
            lines.push(start..end);
            start = end;
        }
        used += width(begin.max(start)..at);
    }
    lines.push(start..paragraph.len());
    lines
}

/// As [`broken`]; the spaces where a line ends belong to none.
pub fn broken_without_spaces(
    paragraph: &str,
    room: f32,
    width: impl Fn(Range<usize>) -> f32,
) -> Vec<Range<usize>> {
    let mut lines = broken(paragraph, room, width);
    for line in &mut lines {
        line.end = line.start + paragraph[line.clone()].trim_end_matches(may_end_line).len();
    }
    lines
}

fn may_end_line(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// Whether a letter of the text is read from right to left.
#[must_use]
pub fn has_right_to_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_letter)
}

/// Whether the first letter that has a direction is such a letter.
#[must_use]
pub fn begins_at_right(text: &str) -> bool {
    let mut letters = text
        .chars()
        .filter(|&c| is_letter(c) || bidi_class(c) == BidiClass::L);
    has_right_to_left(text) && letters.next().is_some_and(is_letter)
}

fn is_letter(c: char) -> bool {
    // No other range has any; most text need not be looked up.
    let maybe = matches!(
        c,
        '\u{590}'..='\u{8ff}'
            | '\u{200f}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    );
    maybe && matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// What stands on such a letter, or between two of them without a place of its own.
fn belongs_to_word(c: char) -> bool {
    is_letter(c) || matches!(bidi_class(c), BidiClass::NSM | BidiClass::BN)
}

/// Words stay as they are, for the layouter turns them; they and the signs between them come in
/// the opposite order.
fn turned(text: &str, run: Range<usize>, cuts: &[usize], out: &mut Vec<Piece>) {
    let before = out.len();
    let mut at = run.start;
    while at < run.end {
        let rest = &text[at..run.end];
        let first = rest.graphemes(true).next().unwrap_or(rest);
        let length = match rest.chars().next().is_some_and(is_letter) {
            true => rest.find(|c| !belongs_to_word(c)).unwrap_or(rest.len()),
            false => first.len(),
        };
        let next_cut = cuts.get(cuts.partition_point(|&cut| cut <= at));
        let end = next_cut.map_or(at + length, |&cut| cut.min(at + length));
        out.push(Piece {
            range: at..end,
            other: mirrored(first),
            turned: true,
        });
        at = end;
    }
    out[before..].reverse();
}

/// Brackets look the other way between words that are read from right to left.
fn mirrored(sign: &str) -> Option<char> {
    Some(match sign {
        "(" => ')',
        ")" => '(',
        "[" => ']',
        "]" => '[',
        "{" => '}',
        "}" => '{',
        "<" => '>',
        ">" => '<',
        "«" => '»',
        "»" => '«',
        _ => return None,
    })
}

/// Longest line that a screen has room for, in letters.
const LONGEST: usize = 1000;

/// [`seen`], cut at the end of what is read where the whole does not fit; also whether it was.
/// Words are as wide in one order as in the other: `fits` gets them as they are read.
#[must_use]
pub fn fitting(line: &str, fits: impl Fn(&str) -> bool) -> (String, bool) {
    let ends: Vec<usize> = line
        .char_indices()
        .map(|(at, _)| at)
        .take(LONGEST)
        .collect();
    if ends.len() < LONGEST && fits(line) {
        return (seen(line).into_owned(), false);
    }
    let cut = |end: usize| format!("{}…", line[..end].trim_end());
    let kept = ends.partition_point(|&end| fits(&cut(end)));
    let end = ends.get(kept.saturating_sub(1)).copied().unwrap_or(0);
    (seen(&cut(end)).into_owned(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_the_order_in_which_they_are_seen() {
        for (line, expected) in [
            ("plain words", "plain words"),
            ("", ""),
            ("עברית", "עברית"),
            ("עברית למתחילים", "למתחילים עברית"),
            ("تعلّم اللغة العربية", "العربية اللغة تعلّم"),
            ("Deck עברית למתחילים end", "Deck למתחילים עברית end"),
            ("עברית Basic 2 מתחילים", "מתחילים Basic 2 עברית"),
            ("שיעור 12 (חדש)", "(חדש) 12 שיעור"),
            ("שיעור::אוצר", "אוצר::שיעור"),
        ] {
            assert_eq!(seen(line), expected);
        }
    }

    #[test]
    fn signs_of_several_letters_stay_whole() {
        assert_eq!(seen("שלום 👩‍🚀 ❤️ עולם"), "עולם ❤️ 👩‍🚀 שלום");
    }

    #[test]
    fn a_paragraph_is_broken_as_it_is_read_and_each_line_put_in_order() {
        let text = "עברית למתחילים (שיעור 12) abcdefgh";
        let width = |range: Range<usize>| text[range].chars().count() as f32;
        let lines = |room| {
            let broken = broken_without_spaces(text, room, width);
            let seen = |line: Vec<Piece>| -> String {
                let shown = |piece: Piece| match piece.other {
                    Some(other) => other.to_string(),
                    None => text[piece.range].to_owned(),
                };
                line.into_iter().map(shown).collect()
            };
            let order = order(text, &broken, &[]).into_iter().map(seen);
            order.collect::<Vec<_>>()
        };
        let whole = "abcdefgh (12 שיעור) למתחילים עברית";
        assert_eq!(lines(99.0), [whole]);
        assert_eq!(lines(15.0), ["למתחילים עברית", "(12 שיעור)", "abcdefgh"]);
        let narrow = ["עברית", "למתחי", "לים", "שיעו)", "(12 ר", "abcde", "fgh"];
        assert_eq!(lines(5.0), narrow);
    }

    #[test]
    fn the_first_letter_with_a_direction_tells_where_a_text_begins() {
        for (text, expected) in [
            ("12 שיעור a", true),
            ("a שיעור", false),
            ("words", false),
            ("", false),
        ] {
            assert_eq!(begins_at_right(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_loses_the_end_of_what_is_read() {
        let room = |n: usize| move |s: &str| s.chars().count() <= n;
        assert_eq!(
            fitting("עברית למתחילים", room(20)),
            ("למתחילים עברית".into(), false)
        );
        assert_eq!(
            fitting("עברית למתחילים", room(9)),
            ("…למ עברית".into(), true)
        );
        assert_eq!(fitting("עברית", room(0)), ("…".into(), true));
    }
}
