//! Type in the answer: what has to be typed, the comparison with what was typed, and both in the
//! card's HTML. The comparison is that of Python's difflib, with Anki's own heuristics for long texts.

use super::av;
use crate::base::limits::MAX_CARD_HTML_BYTES;
use crate::domain::html::{escape_html, line_ends_to_spaces, strip_html};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Beyond this many pairs of characters nothing is aligned: all is wrong and all was missed.
const MAX_PAIRS: usize = 16_000_000;
/// And so many of them are looked at again and again, between the matches that were found; what is
/// left then is wrong or was missed. Usual texts take some times their pairs.
const MAX_STEPS: usize = 500_000_000;

/// A `[[type:…]]` mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMark {
    pub field: String,
    /// Only the active clozes' texts.
    pub cloze: bool,
    /// Accents do not count.
    pub ignore_accents: bool,
}

/// The first mark in the HTML, which decides.
#[must_use]
pub fn first_mark(html: &str) -> Option<TypeMark> {
    let start = html.find(MARK)? + MARK.len();
    let inner = &html[start..start + html[start..].find("]]")?];
    let (cloze, ignore_accents, field) = if let Some(field) = inner.strip_prefix("cloze:") {
        (true, false, field)
    } else if let Some(field) = inner.strip_prefix("nc:") {
        (false, true, field)
    } else {
        (false, false, inner)
    };
    Some(TypeMark {
        field: field.to_owned(),
        cloze,
        ignore_accents,
    })
}

const MARK: &str = "[[type:";

/// The HTML with every mark replaced.
#[must_use]
pub fn replace_marks(html: &str, with: &str) -> String {
    let mut out = String::with_capacity(html.len() + with.len());
    let mut rest = html;
    while let Some(start) = rest.find(MARK) {
        let Some(len) = rest[start..].find("]]") else {
            break;
        };
        // No card of this size is drawn: it need not grow by each of many marks.
        if out.len() > MAX_CARD_HTML_BYTES {
            break;
        }
        out.push_str(&rest[..start]);
        out.push_str(with);
        rest = &rest[start + len + 2..];
    }
    out.push_str(rest);
    out
}

/// The answer side with the comparison where the mark is, below the rule that divides it from the
/// question.
#[must_use]
pub fn with_comparison(answer: &str, comparison: &str) -> String {
    const RULE: &str = "<hr id=answer>";
    if !answer.contains(MARK) {
        return answer.to_owned();
    }
    if answer.contains(RULE) {
        return replace_marks(&answer.replace(RULE, ""), &format!("{RULE}{comparison}"));
    }
    replace_marks(answer, comparison)
}

/// The field's HTML as the text to be typed.
#[must_use]
pub fn expected_text(html: &str) -> String {
    let text = av::strip(html);
    let text = line_ends_to_spaces(&text);
    strip_html(&text).trim().to_owned()
}

/// `expected` is HTML, `typed` is text. Gives the `<code>` element of Anki's page.
#[must_use]
pub fn compare(expected: &str, typed: &str, ignore_accents: bool) -> String {
    let expected = expected_text(expected);
    let body = if typed.is_empty() {
        escape_html(&expected).into_owned()
    } else if ignore_accents {
        compare_without_accents(&expected, typed)
    } else {
        let wanted: Vec<char> = expected.nfc().collect();
        let typed: Vec<char> = typed.nfc().collect();
        if typed == wanted {
            right(&String::from_iter(wanted))
        } else {
            spans(&typed, &wanted, |range| wanted[range].iter().collect())
        }
    };
    format!("<code id=typeans>{body}</code>")
}

fn right(expected: &str) -> String {
    format!("<span class=typeGood>{}</span>", escape_html(expected))
}

fn compare_without_accents(expected: &str, typed: &str) -> String {
    let typed: Vec<char> = typed.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let decomposed: Vec<char> = expected.nfkd().collect();
    // Position in `decomposed` of each character that counts.
    let positions: Vec<usize> = (0..decomposed.len())
        .filter(|i| !is_combining_mark(decomposed[*i]))
        .collect();
    let bare: Vec<char> = positions.iter().map(|i| decomposed[*i]).collect();
    if typed == bare {
        // As the field has it, with its marks and ligatures.
        return right(expected);
    }
    // Each character with the marks that follow it; marks before the first are not shown.
    spans(&typed, &bare, |range| {
        let start = |index: usize| positions.get(index).copied().unwrap_or(decomposed.len());
        decomposed[start(range.start)..start(range.end)]
            .iter()
            .collect()
    })
}

/// `shown` gives the text to show for a range of `expected`.
fn spans(
    typed: &[char],
    expected: &[char],
    shown: impl Fn(std::ops::Range<usize>) -> String,
) -> String {
    let (mut upper, mut lower) = (String::new(), String::new());
    let (mut i, mut j) = (0, 0);
    let blocks = matching_blocks(typed, expected);
    let end = Block {
        a: typed.len(),
        b: expected.len(),
        len: 0,
    };
    for block in blocks.into_iter().chain([end]) {
        let extra: String = typed[i..block.a].iter().collect();
        let missed = j..block.b;
        match (extra.is_empty(), missed.is_empty()) {
            (false, true) => upper.push_str(&span("typeBad", &extra)),
            (true, false) => {
                upper.push_str(&span("typeMissed", &"-".repeat(missed.len())));
                lower.push_str(&span("typeMissed", &shown(missed)));
            }
            (false, false) => {
                upper.push_str(&span("typeBad", &extra));
                lower.push_str(&span("typeMissed", &shown(missed)));
            }
            (true, true) => {}
        }
        if block.len > 0 {
            let good: String = typed[block.a..block.a + block.len].iter().collect();
            upper.push_str(&span("typeGood", &good));
            lower.push_str(&span("typeGood", &shown(block.b..block.b + block.len)));
        }
        (i, j) = (block.a + block.len, block.b + block.len);
    }
    format!("{upper}<br><span id=typearrow>&darr;</span><br>{lower}")
}

fn span(class: &str, text: &str) -> String {
    // A mark alone would sit on the span before it.
    let lead = if text.starts_with(is_combining_mark) {
        "\u{a0}"
    } else {
        ""
    };
    format!("<span class={class}>{lead}{}</span>", escape_html(text))
}

/// `a[a..a+len] == b[b..b+len]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    a: usize,
    b: usize,
    len: usize,
}

/// Difflib's matching blocks, adjacent ones joined.
fn matching_blocks(a: &[char], b: &[char]) -> Vec<Block> {
    if a.len().saturating_mul(b.len()) > MAX_PAIRS {
        return vec![];
    }
    let mut positions: HashMap<char, Vec<usize>> = HashMap::new();
    for (j, c) in b.iter().enumerate() {
        positions.entry(*c).or_default().push(j);
    }
    let mut blocks = Vec::new();
    // In long texts Anki lets only frequent characters start a match (difflib: only rare ones).
    if b.len() >= 200 {
        let rare = b.len() / 100 + 1;
        positions.retain(|_, found| found.len() > rare);
    }
    let mut queue = vec![(0, a.len(), 0, b.len())];
    let mut left = MAX_STEPS;
    while let Some((alo, ahi, blo, bhi)) = queue.pop() {
        let Some(rest) = left.checked_sub((ahi - alo) * (bhi - blo)) else {
            break;
        };
        left = rest;
        let block = longest_match(a, b, &positions, (alo, ahi, blo, bhi));
        if block.len > 0 {
            queue.push((alo, block.a, blo, block.b));
            queue.push((block.a + block.len, ahi, block.b + block.len, bhi));
            blocks.push(block);
        }
    }
    blocks.sort_unstable();
    let mut joined: Vec<Block> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last) if last.a + last.len == block.a && last.b + last.len == block.b => {
                last.len += block.len;
            }
            _ => joined.push(block),
        }
    }
    joined
}

/// The first of the longest.
fn longest_match(
    a: &[char],
    b: &[char],
    positions: &HashMap<char, Vec<usize>>,
    (alo, ahi, blo, bhi): (usize, usize, usize, usize),
) -> Block {
    let mut best = Block {
        a: alo,
        b: blo,
        len: 0,
    };
    // Lengths of the matches that end at each place of `b`, for the character of `a` before this
    // one; shifted by one, so that the first has a predecessor.
    let mut before = vec![0; bhi - blo + 1];
    let mut lengths = before.clone();
    for (i, c) in a.iter().enumerate().take(ahi).skip(alo) {
        lengths.fill(0);
        for &j in positions.get(c).map_or(&[][..], Vec::as_slice) {
            if j < blo {
                continue;
            }
            if j >= bhi {
                break;
            }
            let len = before[j - blo] + 1;
            lengths[j - blo + 1] = len;
            if len > best.len {
                best = Block {
                    a: i + 1 - len,
                    b: j + 1 - len,
                    len,
                };
            }
        }
        std::mem::swap(&mut before, &mut lengths);
    }
    // The others extend one.
    while best.a > alo && best.b > blo && a[best.a - 1] == b[best.b - 1] {
        best = Block {
            a: best.a - 1,
            b: best.b - 1,
            len: best.len + 1,
        };
    }
    while best.a + best.len < ahi
        && best.b + best.len < bhi
        && a[best.a + best.len] == b[best.b + best.len]
    {
        best.len += 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_marked_on_both_lines() {
        for (expected, typed, body) in [
            ("abc", "", "abc"),
            ("<b>a</b>&lt;", "a<", "<span class=typeGood>a&lt;</span>"),
            (
                "abcd",
                "acbd",
                "<span class=typeGood>a</span><span class=typeMissed>-</span>\
                 <span class=typeGood>c</span><span class=typeBad>b</span>\
                 <span class=typeGood>d</span><br><span id=typearrow>&darr;</span><br>\
                 <span class=typeGood>a</span><span class=typeMissed>b</span>\
                 <span class=typeGood>c</span><span class=typeGood>d</span>",
            ),
        ] {
            assert_eq!(
                compare(expected, typed, false),
                format!("<code id=typeans>{body}</code>")
            );
        }
        for (expected, typed, shown) in [
            ("é", "e", "Good>é<"),
            ("ﬁ", "fi", "Good>ﬁ<"),
            ("é", "ex", "Good>e\u{301}<"),
            ("\u{301}b", "bc", "><span class=typeGood>b<"),
        ] {
            let page = compare(expected, typed, true);
            assert!(page.contains(shown), "{page}");
        }
        assert!(compare("\u{301}a", "\u{301}a", false).contains("Good>\u{301}a<"));
        assert!(compare("\u{301}a", "x", false).contains("Missed>\u{a0}\u{301}a<"));
    }

    #[test]
    fn marks_are_found_and_replaced() {
        let answer = "Q<hr id=answer>[[type:nc:Back]]";
        let mark = first_mark(answer).unwrap();
        assert_eq!((mark.field.as_str(), mark.ignore_accents), ("Back", true));
        assert_eq!(with_comparison(answer, "X"), "Q<hr id=answer>X");
        assert_eq!(replace_marks("a[[type:b", "X"), "a[[type:b");
        let many = replace_marks(&"[[type:F]]".repeat(100_000), &"x".repeat(100_000));
        let size = many.len();
        assert!((MAX_CARD_HTML_BYTES..2 * MAX_CARD_HTML_BYTES).contains(&size));
    }

    #[test]
    fn long_texts_end() {
        let text = "ab ".repeat(3000);
        assert!(compare(&text, &"ba ".repeat(1000), false).len() > 1000);
        // Each match leaves all but one letter to be looked at again.
        let typed: String = ('a'..='y').cycle().take(2_800).collect();
        let expected: String = typed.chars().flat_map(|c| [c, 'z']).collect();
        let page = compare(&expected, &typed, false);
        assert!(page.starts_with("<code id=typeans><span class=typeGood>a</span>"));
        let rest = page.split("<span class=typeBad>").nth(1);
        assert!(rest.is_some_and(|rest| rest.find('<') > Some(1_000)));
    }
}
