//! The media files that a field or template names: `<img src>`, `<audio>`, `<source>`,
//! `<object data>` and `[sound:…]`. What is on the web or in a data address is none of them.

use super::html::{decode_entities, escape_html};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xsi)
        < (?: img | audio | source | object ) \b [^>]*? \s (?: src | data ) \s*=\s*
            (?: "([^"]*)" | '([^']*)' | ([^\s>"']+) )
        | \[sound:([^\]]+)\]"#,
    )
    .expect("the pattern is sound")
});

static ELSEWHERE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)^(?:[a-z][a-z0-9+.-]+:|//)").expect("the pattern is sound"));

/// One place that names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRef<'t> {
    /// The name as it is in the media folder: entities decoded.
    pub name: Cow<'t, str>,
    /// Bytes of the written name.
    pub range: Range<usize>,
}

/// All references in order, also those that repeat.
pub fn media_refs(html: &str) -> impl Iterator<Item = MediaRef<'_>> {
    REFERENCE.captures_iter(html).filter_map(|found| {
        let written = (1..=4).find_map(|group| found.get(group))?;
        let is_sound = found.get(4).is_some();
        if !is_sound && ELSEWHERE.is_match(written.as_str()) {
            return None;
        }
        Some(MediaRef {
            name: decode_entities(written.as_str()),
            range: written.range(),
        })
    })
}

/// The text with other names where `renamed` knows one.
#[must_use]
pub fn rename_media<'t>(
    html: &'t str,
    mut renamed: impl FnMut(&str) -> Option<String>,
) -> Cow<'t, str> {
    let mut out = String::new();
    let mut kept = 0;
    for reference in media_refs(html) {
        let Some(name) = renamed(&reference.name) else {
            continue;
        };
        out.push_str(&html[kept..reference.range.start]);
        out.push_str(&escape_html(&name));
        kept = reference.range.end;
    }
    if kept == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[kept..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(html: &str) -> Vec<String> {
        media_refs(html).map(|r| r.name.into_owned()).collect()
    }

    #[test]
    fn files_are_found_wherever_anki_puts_them() {
        assert_eq!(
            names(
                "<img class=\"x\" src=\"a b.png\">[sound:c.mp3]<IMG SRC='d.jpg'><img src=e.gif>\
                 <object data=\"f.svg\"></object><audio controls src=g.ogg></audio>"
            ),
            ["a b.png", "c.mp3", "d.jpg", "e.gif", "f.svg", "g.ogg"]
        );
        assert_eq!(names("<img src=\"a&amp;b.png\">"), ["a&b.png"]);
    }

    #[test]
    fn what_is_elsewhere_is_no_file() {
        assert!(
            names("<img src=\"https://x.example/a.png\"><img src='data:image/png;base64,'>")
                .is_empty()
        );
        assert!(names("<a href=\"a.png\">src=b.png</a>").is_empty());
    }

    #[test]
    fn names_change_and_nothing_else_does() {
        let html = "a<img src=\"x.png\" alt='x.png'>[sound:x.png]<img src=y.png>";
        let out = rename_media(html, |name| (name == "x.png").then(|| "x&1.png".to_owned()));
        assert_eq!(
            out,
            "a<img src=\"x&amp;1.png\" alt='x.png'>[sound:x&amp;1.png]<img src=y.png>"
        );
        assert!(matches!(rename_media(html, |_| None), Cow::Borrowed(_)));
    }
}
