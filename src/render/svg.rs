//! SVG pictures: the engine's SVG library leaves out text whose font family is not installed, so
//! families that may be are added to every list of families.

use regex::bytes::{Captures, Regex};
use std::sync::OnceLock;

/// Tried after what the picture names.
pub(super) const FAMILIES: &str =
    "Liberation Sans, DejaVu Sans, Noto Sans, Segoe UI, Helvetica Neue";

/// The picture with more families to choose from; anything but SVG text comes back unchanged.
pub(super) fn with_known_fonts(bytes: Vec<u8>) -> Vec<u8> {
    let start = &bytes[..bytes.len().min(4096)];
    let Some(root) = find(start, b"<svg").filter(|_| find(&bytes, b"<text").is_some()) else {
        return bytes;
    };
    let after_tag = root + b"<svg".len();
    let mut out = bytes[..after_tag].to_vec();
    let root_end = find(&bytes[after_tag..], b">").unwrap_or(0);
    if find(&bytes[after_tag..after_tag + root_end], b"font-family").is_none() {
        out.extend(format!(" font-family=\"{FAMILIES}\"").into_bytes());
    }
    match families() {
        Some(pattern) => {
            let rest = pattern.replace_all(&bytes[after_tag..], |found: &Captures<'_>| {
                let mut named = found[0].to_vec();
                // A quoted attribute ends after its list; in CSS the quotes are part of a name.
                let closing = found.get(1).is_some();
                let quote = if closing { named.pop() } else { None };
                named.extend(format!(", {FAMILIES}").into_bytes());
                named.extend(quote);
                named
            });
            out.extend_from_slice(&rest);
        }
        None => out.extend_from_slice(&bytes[after_tag..]),
    }
    out
}

/// Declarations, or a style sheet, with more families to choose from; None when they name none.
pub(super) fn with_known_families(css: &str) -> Option<String> {
    let pattern = families().filter(|_| css.contains("font"))?;
    let known = pattern.replace_all(css.as_bytes(), |found: &Captures<'_>| {
        let mut named = found[0].to_vec();
        named.extend(format!(", {FAMILIES}").into_bytes());
        named
    });
    let known = String::from_utf8(known.into_owned()).ok()?;
    (known != css).then_some(known)
}

fn families() -> Option<&'static Regex> {
    // A name in a list; that in quotes has no sign by which the quote would be that of an attribute.
    const NAME: &str = r#"(?:&(?:quot|apos|#3[49]);[^&;<>"']*&(?:quot|apos|#3[49]);|"[^"<>{};=]*"|'[^'<>{};=]*'|[^;"'{}<>&,!]+)"#;
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN
        .get_or_init(|| {
            Regex::new(&format!(
                r#"(?-u)(font-family\s*=)\s*(?:"[^"]*"|'[^']*')|(?:font-family\s*:|(?:^|[{{;"'])\s*font\s*:(?:[^;"'{{}}<>&,!]*\s)?)\s*{NAME}(?:\s*,\s*{NAME})*"#
            ))
            .ok()
        })
        .as_ref()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(svg: &str, expect: &str) {
        let out = with_known_fonts(svg.as_bytes().to_vec());
        assert_eq!(
            String::from_utf8(out).unwrap().replace(FAMILIES, "F"),
            expect
        );
    }

    #[test]
    fn declarations_name_more_families() {
        for (css, expect) in [
            (
                "font-family:B!important;x:y",
                Some("font-family:B, F!important;x:y"),
            ),
            (
                "font: italic 13px sans-serif",
                Some("font: italic 13px sans-serif, F"),
            ),
            ("font-size:9px", None),
            ("fill:red", None),
        ] {
            let known = with_known_families(css).map(|css| css.replace(FAMILIES, "F"));
            assert_eq!(known.as_deref(), expect, "{css}");
        }
    }

    #[test]
    fn every_list_of_families_grows_and_the_root_gets_one() {
        check(
            "<svg width='1'><text font-family=\"Arial\">x</text></svg>",
            "<svg font-family=\"F\" width='1'><text font-family=\"Arial, F\">x</text></svg>",
        );
        check(
            "<svg font-family='A'><text style=\"font-family:Times; x:y\">x</text></svg>",
            "<svg font-family='A, F'><text style=\"font-family:Times, F; x:y\">x</text></svg>",
        );
        check("<svg><circle/></svg>", "<svg><circle/></svg>");
        // Names in quotes stay whole, and so do their marks.
        check(
            "<svg font-family=\"A\"><text style=\"font-family:&quot;B C&quot;, serif\" x=\"1\">x</text></svg>",
            "<svg font-family=\"A, F\"><text style=\"font-family:&quot;B C&quot;, serif, F\" x=\"1\">x</text></svg>",
        );
        check(
            "<svg font-family='A'><style>text{font-family: \"B\"} a{font: 13px 'C'}</style><text>x</text></svg>",
            "<svg font-family='A, F'><style>text{font-family: \"B\", F} a{font: 13px 'C', F}</style><text>x</text></svg>",
        );
        check("no picture", "no picture");
    }
}
