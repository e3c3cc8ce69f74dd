//! Text with accents folded away, as `nc:` and the setting "ignore accents" compare it.

use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Decomposed, without marks; a few letters become their ASCII cousins. ASCII case stays.
#[must_use]
pub fn without_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    Cow::Owned(out)
}

/// As [`without_accents`], put behind what is in `out`.
fn fold_into(text: &str, out: &mut String) {
    let (mut kept, mut at) = (0, 0);
    loop {
        at += ascii_start(&text.as_bytes()[at..]);
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        let end = at + c.len_utf8();
        if let Some(Some(folded)) = FOLDED.get(c as usize) {
            out.push_str(text.get(kept..at).unwrap_or_default());
            out.push_str(folded);
            kept = end;
        } else if c as usize >= FOLDED.len() && !is_ideograph(c) {
            out.push_str(text.get(kept..at).unwrap_or_default());
            fold_char(c, out);
            kept = end;
        }
        at = end;
    }
    out.push_str(text.get(kept..).unwrap_or_default());
}

/// How many bytes there are before the first that is not ASCII. Most text is ASCII for the most
/// part, and is stepped over in large steps.
fn ascii_start(bytes: &[u8]) -> usize {
    const STEP: usize = 16;
    let whole = bytes.chunks_exact(STEP).take_while(|step| step.is_ascii());
    let start = whole.count() * STEP;
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

/// Characters up to here are looked up: accented letters of all alphabets, but not the
/// thousands of Hangul.
const LOOKED_UP: u32 = 0x3400;

/// What a character becomes; None when it stays.
static FOLDED: LazyLock<Vec<Option<Box<str>>>> = LazyLock::new(|| {
    (0..LOOKED_UP)
        .map(|code| {
            let c = char::from_u32(code)?;
            let mut folded = String::new();
            fold_char(c, &mut folded);
            (folded.as_str() != c.encode_utf8(&mut [0; 4])).then(|| folded.into_boxed_str())
        })
        .collect()
});

/// Whether it is one of the thousands of ideographs, which all stay.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

fn fold_char(c: char, out: &mut String) {
    for c in std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)) {
        match cousin(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
}

fn cousin(c: char) -> Option<&'static str> {
    Some(match c {
        'Æ' => "AE",
        'æ' => "ae",
        'Ð' | 'Đ' => "D",
        'ð' | 'đ' => "d",
        'Ø' => "O",
        'ø' => "o",
        'Þ' => "TH",
        'þ' => "th",
        'ß' => "s",
        'Ħ' => "H",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "k",
        'Ł' => "L",
        'ł' => "l",
        'Ŋ' => "N",
        'ŋ' => "n",
        'Œ' => "OE",
        'œ' => "oe",
        'Ŧ' => "T",
        'ŧ' => "t",
        'Ə' | '€' => "E",
        'ǝ' => "e",
        'ɑ' => "a",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_some_letters_change() {
        assert_eq!(without_accents("Éa\u{301} ßŒﬁ"), "Ea sOEfi");
        assert_eq!(without_accents("plain"), "plain");
    }

    #[test]
    fn ideographs_stay() {
        for c in ('\u{3400}'..='\u{9fff}').filter(|c| is_ideograph(*c)) {
            let mut folded = String::new();
            fold_char(c, &mut folded);
            assert_eq!(folded, c.to_string());
        }
        assert_eq!(without_accents("한é漢字"), "\u{1112}\u{1161}\u{11ab}e漢字");
    }
}
