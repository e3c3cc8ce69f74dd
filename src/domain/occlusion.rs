//! The masks of an image-occlusion note, as Anki writes them into its first field: one cloze a mask
//! (`{{c1::image-occlusion:rect:left=.1:top=.2:width=.3:height=.4}}<br>`), coordinates in fractions
//! of the picture. A mask that nobody changed keeps its text, and so does what stands between.
//! Drawing is `render::prepare::occlusion`, editing `ui::occlusion_edit`.

use std::collections::HashSet;
use std::fmt::Write as _;

/// The colour that is not written down.
pub const DEFAULT_FILL: &str = "#ffeba2";
/// The colour of a label that is not written down.
pub const TEXT_FILL: &str = "#000000";

/// A point or size in fractions of the picture's width and height.
pub type Point = (f64, f64);

/// The form of a mask.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    Rect {
        width: f64,
        height: f64,
        /// Rounded corners.
        rx: f64,
        ry: f64,
    },
    Ellipse {
        rx: f64,
        ry: f64,
    },
    Polygon {
        points: Vec<Point>,
    },
    Text {
        text: String,
        scale: f64,
        /// Fraction of the picture's height.
        font_size: f64,
    },
}

/// One mask or label.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// The cloze number: masks with the same are one card. 0: on every card, as labels are.
    pub ordinal: u32,
    pub left: f64,
    pub top: f64,
    /// Degrees, clockwise about the left top corner.
    pub angle: f64,
    /// None: the usual colour.
    pub fill: Option<String>,
    /// Hidden also while other masks are asked for: "hide all, guess one".
    pub hides_all: bool,
    pub shape: Shape,
}

#[derive(Debug, Clone, PartialEq)]
struct Part {
    mask: Mask,
    /// As it was read, with what it meant then.
    read: Option<(String, Mask)>,
    /// What follows it.
    after: String,
}

/// All masks of a note, with the text that they were read from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Masks {
    before: String,
    parts: Vec<Part>,
}

impl Masks {
    /// Reads the field "Occlusion". What is no mask is kept and written again.
    #[must_use]
    pub fn parse(field: &str) -> Self {
        let mut masks = Self::default();
        let mut rest = field;
        // Where the next mask ends: looked for once, however many begin before it.
        let mut end = None;
        while let Some(at) = rest.find("{{c") {
            let (between, tail) = rest.split_at(at);
            let from = field.len() - tail.len();
            if end.is_none_or(|end| end < from) {
                end = Some(tail.find("}}").map_or(usize::MAX, |n| from + n));
            }
            let ended = end.filter(|end| *end < field.len()).map(|end| end - from);
            let read = ended.and_then(|length| Some((read_mask(&tail[..length])?, length + 2)));
            let Some((mask, length)) = read else {
                let (kept, tail) = tail.split_at(3);
                masks.keep(between);
                masks.keep(kept);
                rest = tail;
                continue;
            };
            masks.keep(between);
            masks.parts.push(Part {
                read: Some((tail[..length].to_owned(), mask.clone())),
                mask,
                after: String::new(),
            });
            rest = &tail[length..];
        }
        masks.keep(rest);
        masks
    }

    fn keep(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(part) => part.after += text,
            None => self.before += text,
        }
    }

    /// The field's text. Unchanged masks as they were.
    #[must_use]
    pub fn to_field(&self) -> String {
        let mut out = self.before.clone();
        for part in &self.parts {
            match &part.read {
                Some((text, mask)) if *mask == part.mask => out += text,
                _ => out += &written(&part.mask),
            }
            out += &part.after;
        }
        out
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
    /// In the order in which they are drawn.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Mask> + ExactSizeIterator {
        self.parts.iter().map(|p| &p.mask)
    }
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Mask> {
        self.parts.get(at).map(|p| &p.mask)
    }
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Mask> {
        self.parts.get_mut(at).map(|p| &mut p.mask)
    }
    /// On top of the others.
    pub fn push(&mut self, mask: Mask) {
        self.parts.push(Part {
            mask,
            read: None,
            after: "<br>".to_owned(),
        });
    }
    /// Takes a mask and its line end away.
    pub fn remove(&mut self, at: usize) {
        if at < self.parts.len() {
            let part = self.parts.remove(at);
            let kept = part.after.strip_prefix("<br>").unwrap_or(&part.after);
            match at.checked_sub(1).and_then(|i| self.parts.get_mut(i)) {
                Some(before) => before.after += kept,
                None => self.before += kept,
            }
        }
    }

    /// The lowest number from 1 that no mask has.
    #[must_use]
    pub fn free_ordinal(&self) -> u32 {
        let taken: HashSet<u32> = self.iter().map(|m| m.ordinal).collect();
        (1..).find(|n| !taken.contains(n)).unwrap_or(1)
    }

    /// Whether the note hides all and asks for one.
    #[must_use]
    pub fn hides_all(&self) -> bool {
        self.iter().any(|m| m.hides_all)
    }
    /// Anki writes it on each mask.
    pub fn set_hides_all(&mut self, on: bool) {
        if on != self.hides_all() {
            for part in &mut self.parts {
                part.mask.hides_all = on;
            }
        }
    }
}

/// What a mask may say of itself.
const KNOWN: [&str; 13] = [
    "left", "top", "width", "height", "rx", "ry", "angle", "fill", "points", "text", "scale", "fs",
    "oi",
];

/// The mask that `text` is, without its closing braces.
fn read_mask(text: &str) -> Option<Mask> {
    let digits = text
        .get(3..)?
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let ordinal = text.get(3..3 + digits)?.parse().ok()?;
    let body = text[3 + digits..].strip_prefix("::image-occlusion:")?;
    let (kind, mut properties) = body.split_once(':').unwrap_or((body, ""));
    let mut all: Vec<(&str, String)> = Vec::new();
    // A name that is not known is not looked through: it may be as long as the field.
    let is_known = |text: &str| {
        let mut names = KNOWN.iter();
        names.any(|name| text.strip_prefix(name).is_some_and(|v| v.starts_with('=')))
    };
    while is_known(properties)
        && let Some((name, value, tail)) = next_property(properties)
    {
        all.push((name, value));
        properties = tail;
    }
    // Written by something newer: not to be touched.
    if !properties.is_empty() {
        return None;
    }
    let value = |name: &str| {
        all.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    };
    let number = |name: &str| -> f64 {
        let number = value(name).and_then(|v| v.trim().parse::<f64>().ok());
        number.filter(|n| n.is_finite()).unwrap_or(0.0)
    };
    let shape = match kind {
        "rect" => Shape::Rect {
            width: number("width"),
            height: number("height"),
            rx: number("rx"),
            ry: number("ry"),
        },
        "ellipse" => {
            let half = |r: f64, whole: f64| if r > 0.0 { r } else { whole / 2.0 };
            Shape::Ellipse {
                rx: half(number("rx"), number("width")),
                ry: half(number("ry"), number("height")),
            }
        }
        "polygon" => Shape::Polygon {
            points: value("points").map(read_points).unwrap_or_default(),
        },
        "text" => Shape::Text {
            text: value("text").unwrap_or_default().to_owned(),
            scale: Some(number("scale")).filter(|s| *s > 0.0).unwrap_or(1.0),
            font_size: number("fs"),
        },
        _ => return None,
    };
    Some(Mask {
        ordinal,
        left: number("left"),
        top: number("top"),
        angle: number("angle") / 10_000.0 * 360.0,
        fill: value("fill").map(str::to_owned),
        hides_all: value("oi") == Some("1"),
        shape,
    })
}

fn read_points(text: &str) -> Vec<Point> {
    text.split_whitespace()
        .filter_map(|point| {
            let (x, y) = point.split_once(',')?;
            let (x, y): (f64, f64) = (x.parse().ok()?, y.parse().ok()?);
            (x.is_finite() && y.is_finite()).then_some((x, y))
        })
        .collect()
}

/// `name=value` and what follows its colon. In values `\:` and `\\` stand for themselves; other
/// escapes and empty parts cannot be read.
#[must_use]
pub fn next_property(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let mut value = String::new();
    let mut chars = rest.char_indices();
    let mut tail = "";
    while let Some((at, c)) = chars.next() {
        match c {
            ':' => {
                tail = &rest[at + 1..];
                break;
            }
            '\\' => value.push(
                chars
                    .next()
                    .map(|(_, c)| c)
                    .filter(|c| r":\".contains(*c))?,
            ),
            c => value.push(c),
        }
    }
    (!name.is_empty() && !value.is_empty()).then_some((name, value, tail))
}

/// A mask as Anki writes it, without the line end.
fn written(mask: &Mask) -> String {
    let mut out = format!("{{{{c{}::image-occlusion:", mask.ordinal);
    out += match mask.shape {
        Shape::Rect { .. } => "rect",
        Shape::Ellipse { .. } => "ellipse",
        Shape::Polygon { .. } => "polygon",
        Shape::Text { .. } => "text",
    };
    let mut put = |name: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace(':', "\\:");
        // Writing to a String cannot fail.
        let _ = write!(out, ":{name}={value}");
    };
    put("left", &fraction(mask.left));
    put("top", &fraction(mask.top));
    let angle = (mask.angle.rem_euclid(360.0) / 360.0 * 10_000.0).round();
    if angle != 0.0 {
        put("angle", &format!("{angle}"));
    }
    let usual = match &mask.shape {
        Shape::Text { .. } => TEXT_FILL,
        _ => DEFAULT_FILL,
    };
    if let Some(fill) = mask
        .fill
        .as_deref()
        .filter(|f| *f != usual && !f.is_empty())
    {
        put("fill", fill);
    }
    match &mask.shape {
        Shape::Rect {
            width,
            height,
            rx,
            ry,
        } => {
            put("width", &fraction(*width));
            put("height", &fraction(*height));
            if *rx > 0.0 || *ry > 0.0 {
                put("rx", &fraction(*rx));
                put("ry", &fraction(*ry));
            }
        }
        Shape::Ellipse { rx, ry } => {
            put("rx", &fraction(*rx));
            put("ry", &fraction(*ry));
        }
        Shape::Polygon { points } => {
            let points = points
                .iter()
                .map(|(x, y)| format!("{},{}", fraction(*x), fraction(*y)));
            put("points", &points.collect::<Vec<_>>().join(" "));
        }
        Shape::Text {
            text,
            scale,
            font_size,
        } => {
            // Braces would end the cloze.
            let text = text.replace("}}", "} }").replace("{{", "{ {");
            put("text", if text.is_empty() { " " } else { &text });
            put("scale", &fraction(*scale));
            if *font_size > 0.0 {
                put("fs", &fraction(*font_size));
            }
        }
    }
    if mask.hides_all {
        put("oi", "1");
    }
    out + "}}"
}

/// Four decimals, without the zero in front.
fn fraction(value: f64) -> String {
    let text = format!("{:.4}", if value.abs() < 0.000_05 { 0.0 } else { value });
    match text.strip_prefix("-0.") {
        Some(rest) => format!("-.{rest}"),
        None => text.strip_prefix('0').map_or(text.clone(), str::to_owned),
    }
}

/// A label that has no size is written with this one, in pixels of the picture.
pub const LABEL_SIZE: f64 = 40.0;

/// Width of one line of a label in em; near enough for its ground.
#[must_use]
pub fn label_width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | ' ' | 't' | 'f' | 'r' => 0.3,
            'm' | 'w' | 'M' | 'W' => 0.85,
            c if c.is_uppercase() => 0.68,
            '\u{1100}'.. => 1.0,
            _ => 0.55,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "{{c1::image-occlusion:rect:left=.1:top=.2:width=.5:height=.25:oi=1}}<br>\
        {{c2::image-occlusion:ellipse:left=.1:top=.2:rx=.1:ry=.05:fill=#ff0000}}<br>\n\
        {{c3::a word}}{{c2::image-occlusion:polygon:points=0,0 .5,.5 .1,1:angle=250}}<br>\
        {{c0::image-occlusion:text:left=.3:top=.4:text=a\\:b c:scale=1.5:fs=.05}}";

    #[test]
    fn what_is_not_changed_keeps_its_text() {
        for field in [
            "",
            "x",
            FIELD,
            "{{c1::image-occlusion:star:left=.1}}",
            "{{c",
            "{{c1::",
        ] {
            assert_eq!(Masks::parse(field).to_field(), field);
        }
        assert_eq!(Masks::parse(FIELD).len(), 4);
    }

    /// The end was looked for anew from each of them.
    #[test]
    fn many_masks_that_begin_and_do_not_end_take_no_time() {
        for begin in [
            "{{c1::image-occlusion:",
            "{{c1::image-occlusion:rect:left=.1:",
        ] {
            for end in ["", "}}"] {
                let field = begin.repeat(100_000) + end;
                assert_eq!(Masks::parse(&field).to_field(), field);
            }
        }
    }

    #[test]
    fn a_changed_mask_is_written_anew_and_no_other() {
        let mut masks = Masks::parse(FIELD);
        masks.get_mut(0).unwrap().left = 0.0;
        let text = masks.get(3).unwrap().clone();
        assert_eq!(text.ordinal, 0);
        assert!(matches!(&text.shape, Shape::Text { text, .. } if text == "a:b c"));
        masks.get_mut(2).unwrap().angle = 90.0;
        let field = masks.to_field();
        assert!(field.starts_with(
            "{{c1::image-occlusion:rect:left=.0000:top=.2000:width=.5000:height=.2500:oi=1}}<br>\
             {{c2::image-occlusion:ellipse:left=.1:top=.2:rx=.1:ry=.05:fill=#ff0000}}<br>\n\
             {{c3::a word}}{{c2::image-occlusion:polygon:left=.0000:top=.0000:angle=2500:points="
        ));
        assert_eq!(Masks::parse(&field).get(2), masks.get(2));
    }

    #[test]
    fn masks_come_and_go() {
        let mut masks = Masks::parse(FIELD);
        assert_eq!(masks.free_ordinal(), 3);
        assert!(masks.hides_all());
        masks.set_hides_all(false);
        assert!(!masks.to_field().contains("oi=1"));
        masks.remove(1);
        masks.remove(0);
        masks.remove(0);
        masks.remove(0);
        assert_eq!(masks.to_field(), "\n{{c3::a word}}");
    }
}
