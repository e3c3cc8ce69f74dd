//! What refers to files of the media folder: tags and sounds in fields and templates, `url()` in
//! styling. Addresses of the web are no references.

use crate::domain::html::{decode_entities, escape_html, media_tag_names};
use regex::Regex;
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

/// Names in a field or template, decoded, in their order; one may occur several times.
#[must_use]
pub fn in_html(html: &str) -> Vec<String> {
    spans(html)
        .into_iter()
        .filter_map(|span| html.get(span))
        .map(|name| decode_entities(name).into_owned())
        .collect()
}

/// Names in a style sheet.
#[must_use]
pub fn in_css(css: &str) -> Vec<String> {
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

/// The field with other names for some of its files; None when nothing changes.
#[must_use]
pub fn renamed(html: &str, new_name: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    for span in spans(html) {
        let Some(name) = html.get(span.clone()) else {
            continue;
        };
        if let Some(new) = new_name(&decode_entities(name)) {
            out.push_str(html.get(from..span.start).unwrap_or_default());
            out.push_str(&escape_html(&new));
            from = span.end;
        }
    }
    if from == 0 {
        return None;
    }
    out.push_str(html.get(from..).unwrap_or_default());
    Some(out)
}

/// Where names stand, in the order of the text.
fn spans(html: &str) -> Vec<Range<usize>> {
    let mut spans = media_tag_names(html);
    if html.contains("[sound:")
        && let Some(sound) = SOUND.as_ref()
    {
        let sounds = sound.captures_iter(html);
        spans.extend(sounds.filter_map(|c| Some(c.get(1)?.range())));
        spans.sort_by_key(|span| span.start);
    }
    spans.retain(|span| html.get(span.clone()).is_some_and(|name| !is_address(name)));
    spans
}

fn is_address(name: &str) -> bool {
    let lower = name.get(..12).unwrap_or(name).to_ascii_lowercase();
    ["http://", "https://", "ftp://", "data:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_decoded() {
        let html = "<img src='b&amp;c.png'>[sound:a.mp3]<img src=x.png width=3>\
                    <img src=\"https://x/y.png\"><img src='data:image/png;base64,xx'>[sound:]";
        assert_eq!(in_html(html), ["b&c.png", "a.mp3", "x.png"]);
        let css = "@import url('_a.css'); @import \"_b.css\"; x{background:url( c d.png )}";
        assert_eq!(in_css(css), ["_a.css", "_b.css", "c d.png"]);
    }

    #[test]
    fn names_are_replaced_where_they_stand() {
        let new = |name: &str| (name == "a?b.png").then(|| "a&b.png".to_owned());
        assert_eq!(
            renamed("a?b.png <img src='a?b.png'>é[sound:a?b.png]", new).as_deref(),
            Some("a?b.png <img src='a&amp;b.png'>é[sound:a&amp;b.png]")
        );
        assert_eq!(renamed("<img src='other.png'>", new), None);
    }
}
