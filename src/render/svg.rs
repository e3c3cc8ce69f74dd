//! SVG pictures: the engine's SVG library leaves out text whose font family is not installed, so
//! families that may be are added to every list of families.

use regex::bytes::{Captures, Regex};
use std::sync::OnceLock;

/// Tried after what the picture names.
const FAMILIES: &str = "Liberation Sans, DejaVu Sans, Noto Sans, Segoe UI, Helvetica Neue";

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
                let closing = (named.last() == Some(&b'"') || named.last() == Some(&b'\''))
                    && found.get(1).is_some();
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

fn families() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN
        .get_or_init(|| {
            Regex::new(
                r#"(?-u)(font-family\s*=)\s*(?:"[^"]*"|'[^']*')|(font-family\s*:)\s*[^;"}<>]+"#,
            )
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
        check("no picture", "no picture");
    }
}
