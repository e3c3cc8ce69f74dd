//! Guards on style sheets before the engine sees them. Its CSS parser recurses per bracket; it has
//! a limit of its own, which also holds for what is imported, and this one is below it.

use crate::base::limits;

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
    with_entities(&out)
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
    fn depth_is_limited() {
        assert!(is_safe("a { b: c(d[e]) }"));
        assert!(!is_safe(&"{".repeat(100)));
        assert_eq!(for_style_element(&"(".repeat(100)), "");
    }
}
