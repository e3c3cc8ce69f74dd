//! Pictures that style sheets generate (`content: url()`), which the engine knows as backgrounds
//! only: what is before or after an element becomes a box of the picture's size.

use super::media::Source;
use super::occlusion::svg_size;
use crate::render::parse::parse;
use crate::render::resources::{Resources, decode_data_url};
use image::ImageReader;
use regex::{Captures, Regex};
use std::io::Cursor;
use std::sync::OnceLock;

/// More pictures of one style sheet are not looked at; nor are larger ones, in CSS pixels.
const MOST: usize = 50;
/// Of files that are read for one card, each of which counts as no less than the second.
pub(in crate::render) const MOST_BYTES: usize = 32 << 20;
const LEAST_BYTES: usize = 16 << 10;
const LARGEST: f64 = 4000.0;

/// The style sheet with backgrounds in the place of generated pictures; None when there are none.
/// `left` is how much may still be read for the card.
pub(in crate::render) fn with_pictures(
    css: &str,
    resources: &dyn Resources,
    left: &mut usize,
) -> Option<String> {
    if !css.contains("content") || !css.contains("url(") {
        return None;
    }
    let mut out = String::new();
    let mut from = 0;
    for found in pattern().captures_iter(css).take(MOST) {
        let (Some(sign), Some(whole)) = (found.get(1), found.get(0)) else {
            continue;
        };
        // Of two in one rule the first has the box.
        let mut size = |address: &str| size(address, resources, left);
        let rule = rule(&css[..sign.end()], &found, &mut size);
        let Some(rule) = rule.filter(|rule| rule.open >= from) else {
            continue;
        };
        // What the rule says itself of the box counts more.
        out.push_str(&css[from..rule.open]);
        out.push_str(&rule.box_style);
        out.push_str(&css[rule.open..sign.end()]);
        out.push_str(&rule.content);
        from = whole.end();
    }
    (from > 0).then(|| out + &css[from..])
}

/// What becomes of a rule.
struct Rule {
    /// Where its declarations begin.
    open: usize,
    box_style: String,
    content: String,
}

/// `css` is what is before the declaration.
fn rule(
    css: &str,
    found: &Captures<'_>,
    size: &mut dyn FnMut(&str) -> Option<(f64, f64)>,
) -> Option<Rule> {
    let open = css.rfind('{')?;
    let selector = &css[..open];
    let selector = &selector[selector.rfind(['{', '}', ';']).map_or(0, |at| at + 1)..];
    let selector = selector.to_ascii_lowercase();
    if !selector.contains(":before") && !selector.contains(":after") {
        return None;
    }
    let address = found[2].trim_matches(['"', '\'']);
    let (width, height) = size(address)?;
    let rest = found[3].trim();
    let (words, important) = match rest.strip_suffix("!important") {
        Some(words) => (words.trim_end(), "!important"),
        None => (rest, ""),
    };
    // What follows a slash is for readers.
    let words = if words.starts_with('/') { "" } else { words };
    if words.contains("url(") {
        return None;
    }
    let room = match words {
        "" => format!("width:{width}px;height:{height}px"),
        _ => format!("padding-left:{width}px;min-height:{height}px"),
    };
    let words = if words.is_empty() { "\"\"" } else { words };
    Some(Rule {
        open: open + 1,
        box_style: format!(
            "display:inline-block;background-image:url({});background-repeat:no-repeat;{room};",
            &found[2]
        ),
        content: format!("content:{words}{important}"),
    })
}

fn pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    PATTERN.get_or_init(|| {
        Regex::new(
            r#"(?i)([{;\s])content\s*:\s*url\(\s*("[^"]*"|'[^']*'|[^)\s"']*)\s*\)\s*([^;}]*)"#,
        )
        .expect("a pattern of ours")
    })
}

/// Of a picture, in CSS pixels.
fn size(address: &str, resources: &dyn Resources, left: &mut usize) -> Option<(f64, f64)> {
    if *left == 0 {
        return None;
    }
    let bytes = match Source::of(address) {
        Source::Media(name) => resources.read(&name),
        Source::Data => decode_data_url(address.trim().strip_prefix("data:")?),
        Source::Web(_) => return None,
    };
    let length = bytes.as_ref().map_or(0, Vec::len);
    *left = left.saturating_sub(length.max(LEAST_BYTES));
    let bytes = bytes?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format();
    let raster = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    let (width, height) = match raster {
        Some((width, height)) => (f64::from(width), f64::from(height)),
        None => drawing_size(str::from_utf8(&bytes).ok()?)?,
    };
    let fits = |side: f64| side > 0.0 && side <= LARGEST;
    (fits(width) && fits(height)).then_some((width, height))
}

/// Its own size comes before that of its view box.
fn drawing_size(svg: &str) -> Option<(f64, f64)> {
    let root = &svg[svg.find("<svg")?..];
    let tree = parse(&root[..=root.find('>')?]);
    let root = *tree.children(tree.root).first()?;
    let number = |name: &str| -> Option<f64> {
        let value = tree.attr(root, name)?.trim();
        value.trim_end_matches("px").parse().ok()
    };
    let own = number("width").zip(number("height"));
    own.or_else(|| svg_size(svg))
}

#[cfg(test)]
mod tests {
    use super::{LEAST_BYTES, MOST_BYTES, with_pictures};
    use crate::render::Resources;

    /// Drawings of 40 to 20 pixels.
    struct Drawings;
    impl Resources for Drawings {
        fn read(&self, name: &str) -> Option<Vec<u8>> {
            let drawing = "<svg width='40px' height='20' viewBox='0 0 9 9'/>";
            self.exists(name).then(|| drawing.into())
        }
        fn exists(&self, name: &str) -> bool {
            name == "a.svg"
        }
    }

    fn pictured(css: &str) -> Option<String> {
        let mut left = MOST_BYTES;
        with_pictures(css, &Drawings, &mut left)
    }

    #[test]
    fn generated_pictures_become_backgrounds() {
        const BOX: &str =
            "display:inline-block;background-image:url(a.svg);background-repeat:no-repeat;";
        for (css, expect) in [
            (
                "b::before{content:url(a.svg)}i{c:d}",
                "b::before{BOXwidth:40px;height:20px;content:\"\"}i{c:d}",
            ),
            (
                "b{&:AFTER{color:red; content : url( a.svg ) \" x\" !important; e:f}}",
                "b{&:AFTER{BOXpadding-left:40px;min-height:20px;color:red; \
                 content:\" x\"!important; e:f}}",
            ),
            (
                "a:before{\u{a0}content:url(a.svg) / \"A\"}a:after{content:url(a.svg)}",
                "a:before{BOXwidth:40px;height:20px;\u{a0}content:\"\"}\
                 a:after{BOXwidth:40px;height:20px;content:\"\"}",
            ),
        ] {
            let expect = expect.replace("BOX", BOX);
            assert_eq!(pictured(css), Some(expect));
        }
        for css in [
            "b::before{content:url(gone.svg)}",
            "b::before{content:url(https://a.b/a.svg)}",
            "b{content:url(a.svg)}",
            "b::before{content:url(a.svg) url(a.svg)}",
            "content:url(a.svg)",
            "b::before{content:url(",
        ] {
            assert_eq!(pictured(css), None, "{css}");
        }
    }

    #[test]
    fn no_more_is_read_than_one_card_may_have() {
        let css = "b::before{content:url(a.svg)}";
        let mut left = LEAST_BYTES + 1;
        for reads in [true, true, false] {
            assert_eq!(with_pictures(css, &Drawings, &mut left).is_some(), reads);
        }
    }
}
