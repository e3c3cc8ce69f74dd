//! Guards on style sheets before the engine sees them. Its CSS parser recurses per bracket; it has
//! a limit of its own, which also holds for what is imported, and this one is below it.

use crate::base::limits;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::OnceLock;

/// False when brackets nest so deep that parsing could overflow a stack.
pub(super) fn is_safe(css: &str) -> bool {
    let mut depth = 0usize;
    for byte in css.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > limits::MAX_CSS_DEPTH {
                    return false;
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// A note type's style sheet as text for a `<style>` element: nothing in it can end the element.
pub(super) fn for_style_element(css: &str) -> String {
    if !is_safe(css) || css.len() > limits::MAX_CARD_HTML_BYTES {
        return String::new();
    }
    let lower = css.to_ascii_lowercase();
    let mut out = String::with_capacity(css.len());
    let mut from = 0;
    for (at, _) in lower.match_indices("</style") {
        out.push_str(&css[from..at]);
        out.push_str("<\\/");
        from = at + 2;
    }
    out.push_str(&css[from..]);
    with_entities(&veiled(&out))
}

/// The engine paints no blur: what a card blurs, so that it is not read at once, is not seen at all
/// instead, and seen where the blur is taken back.
pub(super) fn veiled(css: &str) -> Cow<'_, str> {
    static FILTER: OnceLock<Option<Regex>> = OnceLock::new();
    if !css.contains("blur(") {
        return Cow::Borrowed(css);
    }
    let filter = FILTER.get_or_init(|| {
        Regex::new(
            r"(^|[;{\s])filter\s*:\s*(?:blur\(\s*([0-9.]+)[a-z]*\s*\)|none|unset|initial|revert)(\s*!\s*important)?",
        )
        .ok()
    });
    let Some(filter) = filter else {
        return Cow::Borrowed(css);
    };
    filter.replace_all(css, |found: &Captures<'_>| {
        let blur: f32 = found
            .get(2)
            .map_or(0.0, |n| n.as_str().parse().unwrap_or(0.0));
        let opacity = if blur > 0.0 { 0 } else { 1 };
        format!(
            "{}opacity:{opacity}{};{}",
            &found[1],
            found.get(3).map_or("", |_| "!important"),
            &found[0][found[1].len()..]
        )
    })
}

/// The engine decodes entities in `<style>`, which browsers do not: `&lt;` would become `<`.
pub(super) fn with_entities(css: &str) -> String {
    css.replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_style_element_early() {
        assert_eq!(for_style_element("a{}</STYLE><b>"), "a{}<\\/STYLE><b>");
        assert_eq!(
            for_style_element(".card { color: red }"),
            ".card { color: red }"
        );
        assert_eq!(
            for_style_element("a::after { content: '&lt;' }"),
            "a::after { content: '&amp;lt;' }"
        );
    }

    #[test]
    fn what_is_blurred_is_not_seen_until_the_blur_is_taken_back() {
        for (css, expect) in [
            (
                ".x{filter: blur(5px)}.x:hover{ filter:none }",
                ".x{opacity:0;filter: blur(5px)}.x:hover{ opacity:1;filter:none }",
            ),
            (
                ".x{filter:blur(.3em)!important}.x:active{filter:blur(0)}",
                ".x{opacity:0!important;filter:blur(.3em)!important}.x:active{opacity:1;filter:blur(0)}",
            ),
            ("filter:blur(4px)", "opacity:0;filter:blur(4px)"),
            (
                ".x{backdrop-filter:blur(5px);filter:grayscale(1)}",
                ".x{backdrop-filter:blur(5px);filter:grayscale(1)}",
            ),
            (".x{filter:none}", ".x{filter:none}"),
        ] {
            assert_eq!(veiled(css), expect);
        }
    }

    #[test]
    fn depth_is_limited() {
        assert!(is_safe("a { b: c(d[e]) }"));
        assert!(!is_safe(&"{".repeat(100)));
        assert_eq!(for_style_element(&"(".repeat(100)), "");
    }
}
