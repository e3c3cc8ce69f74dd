//! Lines of text with Arabic, Hebrew and other scripts that are read from right to left. The
//! layouter underneath turns each such word the right way, but puts the words of a line from left
//! to right whatever their script: here they are put in the order in which they are to be seen.

use std::borrow::Cow;
use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

/// A line as the layouter must get it, by the order of the Unicode Bidirectional Algorithm; the
/// first letter with a direction tells that of the whole line.
#[must_use]
pub fn seen(line: &str) -> Cow<'_, str> {
    if !has_right_to_left(line) {
        return Cow::Borrowed(line);
    }
    let info = BidiInfo::new(line, None);
    let [paragraph] = info.paragraphs.as_slice() else {
        return Cow::Borrowed(line);
    };
    let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
    let mut out = String::with_capacity(line.len());
    for run in runs {
        let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
        match (line.get(run), rtl) {
            (Some(text), true) => turned(text, &mut out),
            (Some(text), false) => out.push_str(text),
            (None, _) => return Cow::Borrowed(line),
        }
    }
    Cow::Owned(out)
}

/// Whether a letter of the line is read from right to left.
#[must_use]
pub fn has_right_to_left(line: &str) -> bool {
    !line.is_ascii() && line.chars().any(is_letter)
}

fn is_letter(c: char) -> bool {
    matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// What stands on such a letter, or between two of them without a place of its own.
fn belongs_to_word(c: char) -> bool {
    is_letter(c) || matches!(bidi_class(c), BidiClass::NSM | BidiClass::BN)
}

/// Words stay as they are, for the layouter turns them; they and the signs between them come in
/// the opposite order.
fn turned(run: &str, out: &mut String) {
    let mut rest = run;
    let mut pieces = Vec::new();
    while let Some(first) = rest.chars().next() {
        let end = match is_letter(first) {
            true => rest.find(|c| !belongs_to_word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    for piece in pieces.into_iter().rev() {
        match piece.chars().next().map(|c| (c, mirrored(c))) {
            Some((c, other)) if c != other => out.push(other),
            _ => out.push_str(piece),
        }
    }
}

/// Brackets look the other way between words that are read from right to left.
fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        other => other,
    }
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
