//! `base[reading]` in Japanese text.

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Ruby markup.
#[must_use]
pub fn ruby(text: &str) -> String {
    replace(text, |base, reading| {
        format!("<ruby><rb>{base}</rb><rt>{reading}</rt></ruby>")
    })
}

/// The readings in place of their bases.
#[must_use]
pub fn reading(text: &str) -> String {
    replace(text, |_, reading| reading.to_owned())
}

/// The bases without their readings.
#[must_use]
pub fn base(text: &str) -> String {
    replace(text, |base, _| base.to_owned())
}

fn replace(text: &str, with: impl Fn(&str, &str) -> String) -> String {
    static PAIR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r" ?([^ >]+?)\[(.+?)\]").ok());
    let text = text.replace("&nbsp;", " ");
    let Some(pair) = PAIR.as_ref() else {
        return text;
    };
    pair.replace_all(&text, |c: &Captures<'_>| {
        if c[2].starts_with("sound:") {
            c[0].to_owned()
        } else {
            with(&c[1], &c[2])
        }
    })
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_reach_back_to_a_space_or_tag() {
        for (text, reading_, base_) in [
            (
                "日本語[にほんご] を 話[はな]す",
                "にほんご をはなす",
                "日本語 を話す",
            ),
            ("<b>人</b>[ひと]", "<b>人</b>[ひと]", "<b>人</b>[ひと]"),
            ("a[sound:x.mp3] b[c]", "a[sound:x.mp3]c", "a[sound:x.mp3]b"),
            ("a&nbsp;b[c]", "ac", "ab"),
        ] {
            assert_eq!(reading(text), reading_);
            assert_eq!(base(text), base_);
        }
        assert_eq!(ruby("a b[c]"), "a<ruby><rb>b</rb><rt>c</rt></ruby>");
    }
}
