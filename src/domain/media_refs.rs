//! The media files that a field or template names: `<img src>`, `<audio>`, `<video>`, `<source>`,
//! `<object data>`, `[sound:…]`, and those of a style sheet. What is on the web or in a data
//! address is none of them.

use super::html::{decode_entities, escape_html, media_tags};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

static SOUND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\[sound:([^\]]+?)\]").ok());
static CSS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?xsi) url\( \s* (?: "([^"]+)" | '([^']+)' | ([^)"']+?) ) \s* \)
        | @import \s+ (?: "([^"]+)" | '([^']+)' )"#,
    )
    .ok()
});

/// One place that names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRef<'t> {
    /// The name as it is in the media folder: entities decoded.
    pub name: Cow<'t, str>,
    /// Bytes of the written name.
    pub range: Range<usize>,
    /// Bytes of the tag or mark that it is in.
    tag: Range<usize>,
}

/// All references in order, also those that repeat; the same as Anki finds.
pub fn media_refs(html: &str) -> impl Iterator<Item = MediaRef<'_>> {
    let mut ranges = media_tags(html);
    if html.contains("[sound:")
        && let Some(sound) = SOUND.as_ref()
    {
        let sounds = sound.captures_iter(html);
        ranges.extend(sounds.filter_map(|c| Some([c.get(1)?.range(), c.get(1)?.range()])));
        ranges.sort_by_key(|[_, name]| name.start);
    }
    ranges.into_iter().filter_map(|[tag, range]| {
        let written = html.get(range.clone())?;
        let is_name = !written.trim_matches(['"', '\'']).is_empty(); // `src=""` names nothing.
        (is_name && !is_address(written)).then(|| MediaRef {
            name: decode_entities(written),
            range,
            tag,
        })
    })
}

/// Names in a style sheet.
#[must_use]
pub fn css_media_names(css: &str) -> Vec<String> {
    let Some(pattern) = CSS.as_ref() else {
        return Vec::new();
    };
    let names = pattern.captures_iter(css);
    names
        .filter_map(|c| (1..=5).find_map(|group| c.get(group)))
        .map(|name| name.as_str().trim().to_owned())
        .filter(|name| !is_address(name))
        .collect()
}

fn is_address(name: &str) -> bool {
    let starts_with = |scheme: &str| {
        let head = name.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    ["http://", "https://", "ftp://", "data:"]
        .into_iter()
        .any(starts_with)
}

/// The text with other names where `renamed` knows one. A tag may say the name more than once, as
/// in `alt`; it is escaped where it was.
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
        // A sound mark inside of a tag that is written already.
        if reference.tag.start < kept {
            continue;
        }
        let written = &html[reference.range];
        let plain = written == reference.name && decode_entities(&name) == name;
        let name = if plain {
            name
        } else {
            escape_html(&name).into_owned()
        };
        out.push_str(&html[kept..reference.tag.start]);
        out.push_str(&html[reference.tag.clone()].replace(written, &name));
        kept = reference.tag.end;
    }
    if kept == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[kept..]);
    Cow::Owned(out)
}

/// `%41` to `A`; what is not a valid escape stays.
#[must_use]
pub fn decode_percent(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        });
        match (bytes[at], escape) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Files of these names are never renamed and never count as unused.
#[must_use]
pub fn is_static(name: &str) -> bool {
    name.starts_with('_') || name.starts_with("latex-")
}

/// Names of static files in templates and styling: in quotes, in `url()`, or in `@import`.
pub fn static_names(text: &str) -> Vec<String> {
    static STATIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?xsi)
            \b(?:src|data|href)\s*=\s*(?: "(_[^"]+)" | '(_[^']+)' | (_[^\s>"']+) )
            | url\(\s*(?: "(_[^"]+)" | '(_[^']+)' | (_[^)"'\s]+) )\s*\)
            | @import\s+(?: "(_[^"]+)" | '(_[^']+)' )"#,
        )
        .ok()
    });
    let Some(pattern) = STATIC.as_ref() else {
        return Vec::new();
    };
    pattern
        .captures_iter(text)
        .filter_map(|found| found.iter().skip(1).flatten().next())
        .map(|name| decode_entities(name.as_str()).into_owned())
        .collect()
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
    fn style_sheets_name_files_too() {
        let css = "@import url('_a.css'); @import \"_b.css\"; x{background:url( c d.png )}";
        assert_eq!(css_media_names(css), ["_a.css", "_b.css", "c d.png"]);
    }

    #[test]
    fn what_is_elsewhere_is_no_file() {
        assert!(
            names("<img src=\"https://x.example/a.png\"><img src='data:image/png;base64,'>")
                .is_empty()
        );
        assert!(names("<a href=\"a.png\">src=b.png</a>").is_empty());
        assert!(names("<img src=\"\"><img src=''>").is_empty());
    }

    #[test]
    fn names_change_and_nothing_else_does() {
        let html = "a<img src=\"x&y.png\" alt='x&y.png'>[sound:x&amp;y.png]x&y.png<img src=y.png>";
        let rename = |new: &str| {
            rename_media(html, |name| (name == "x&y.png").then(|| new.to_owned())).into_owned()
        };
        assert_eq!(
            rename("x&1.png"),
            "a<img src=\"x&1.png\" alt='x&1.png'>[sound:x&amp;1.png]x&y.png<img src=y.png>"
        );
        assert!(rename("x&lt;.png").starts_with("a<img src=\"x&amp;lt;.png\" "));
        assert!(matches!(rename_media(html, |_| None), Cow::Borrowed(_)));
    }

    #[test]
    fn static_files_of_templates() {
        let css = "@font-face{src:url('_f.ttf')} @import \"_x.css\"; a{b:url(_p.png)} url(q.png)";
        assert_eq!(static_names(css), ["_f.ttf", "_x.css", "_p.png"]);
        assert_eq!(static_names(r#"<img src="_logo.svg">"#), ["_logo.svg"]);
    }
}
