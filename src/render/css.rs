//! Guards on style sheets before the engine sees them. Its CSS parser recurses per bracket; it has
//! a limit of its own, which also holds for what is imported, and this one is below it. Properties
//! that it does not know get names under which it keeps them.

use crate::base::limits;

/// `background-clip: text` as it comes to the engine, which does not know it.
pub(super) const CLIP: &str = "--engram-clip";
/// As that, `-webkit-text-fill-color`.
pub(super) const FILL: &str = "--engram-fill";

/// A property that the engine does not know, with what its value begins with, and the one that is
/// put in its place.
const RENAMED: [(&str, &str, &str); 5] = [
    ("-webkit-background-clip", "text", CLIP),
    ("background-clip", "text", CLIP),
    ("-webkit-text-fill-color", "", FILL),
    ("content-visibility", "hidden", "visibility"),
    ("content-visibility", "visible", "visibility"),
];

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
    with_entities(&renamed(&out).unwrap_or(out))
}

/// A style sheet, or declarations, with properties that the engine knows in the place of others;
/// None when there are no such.
pub(super) fn renamed(css: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut lower = css.to_ascii_lowercase();
    for (name, value, known) in RENAMED {
        let now = out.as_deref().unwrap_or(css);
        let renamed = rename(now, &lower, name, value, known);
        if let Some(renamed) = renamed {
            lower = renamed.to_ascii_lowercase();
            out = Some(renamed);
        }
    }
    out
}

fn rename(css: &str, lower: &str, name: &str, value: &str, known: &str) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(name) {
        let end = at + name.len();
        let said = lower[end..].trim_ascii_start().strip_prefix(':');
        if said.is_some_and(|said| said.trim_ascii_start().starts_with(value)) {
            out.push_str(&css[from..at]);
            out.push_str(known);
            from = end;
        }
    }
    (from > 0).then(|| out + &css[from..])
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
    fn properties_that_the_engine_does_not_know_have_other_names() {
        for (css, expect) in [
            (
                "a{-webkit-background-clip: text;BACKGROUND-CLIP :text}",
                "a{--engram-clip: text;--engram-clip :text}",
            ),
            (
                "-webkit-text-fill-color:transparent",
                "--engram-fill:transparent",
            ),
            (
                "content-visibility:hidden;content-visibility:auto",
                "visibility:hidden;content-visibility:auto",
            ),
        ] {
            assert_eq!(renamed(css).as_deref(), Some(expect));
        }
        for css in ["a:hover{color:red}ä", "a{background-clip:padding-box}"] {
            assert_eq!(renamed(css), None);
        }
    }

    #[test]
    fn depth_is_limited() {
        assert!(is_safe("a { b: c(d[e]) }"));
        assert!(!is_safe(&"{".repeat(100)));
        assert_eq!(for_style_element(&"(".repeat(100)), "");
    }
}
