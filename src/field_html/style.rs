//! How a stretch of visible text looks: what the tags around it say.

use super::colour::{Rgb, parse_colour};
use super::scan::{attribute, entity};

/// The look of a unit. Small, compared and interned by the projection.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct Style {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub code: bool,
    pub link: bool,
    /// -1 subscript, 1 superscript.
    pub shift: i8,
    /// 1 to 6 inside `<h1>` to `<h6>`, else 0.
    pub heading: u8,
    pub color: Option<Rgb>,
    pub highlight: Option<Rgb>,
    /// How many clozes are around.
    pub cloze: u8,
    /// How many lists are around.
    pub list: u8,
    /// How many quotes or indents are around.
    pub indent: u8,
    /// 0 start, 1 centre, 2 end, 3 justified.
    pub align: u8,
}

impl Style {
    /// What it becomes inside the element.
    pub(super) fn inside(&self, name: &str, attributes: &str) -> Self {
        let mut s = self.clone();
        match name {
            "b" | "strong" => s.bold = true,
            "i" | "em" => s.italic = true,
            "u" | "ins" => s.underline = true,
            "s" | "strike" | "del" => s.strike = true,
            "code" | "tt" | "kbd" | "pre" => s.code = true,
            "mark" => s.highlight = Some([255, 240, 120]),
            "sub" => s.shift = -1,
            "sup" => s.shift = 1,
            "a" => s.link = true,
            "font" => {
                s.color = attribute(attributes, "color")
                    .and_then(parse_colour)
                    .or(s.color)
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                s.bold = true;
                s.heading = name.as_bytes().get(1).map_or(0, |d| d - b'0');
            }
            "ul" | "ol" => s.list = s.list.saturating_add(1),
            "blockquote" => s.indent = s.indent.saturating_add(1),
            "center" => s.align = 1,
            _ => {}
        }
        if !attributes.is_empty() {
            if let Some(align) = attribute(attributes, "align").and_then(alignment) {
                s.align = align;
            }
            if let Some(css) = attribute(attributes, "style") {
                s.apply(css, self);
            }
        }
        s
    }

    fn apply(&mut self, css: &str, outer: &Self) {
        for declaration in declarations(css) {
            let Some((property, value)) = declaration.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match property.trim().to_ascii_lowercase().as_str() {
                "color" => self.color = parse_colour(value).or(self.color),
                "background-color" | "background" => {
                    self.highlight = match value {
                        "transparent" | "none" | "initial" => None,
                        _ => parse_colour(value).or(self.highlight),
                    };
                }
                "font-weight" => {
                    self.bold = matches!(value, "bold" | "bolder")
                        || value.parse::<u32>().is_ok_and(|w| w >= 600);
                }
                "font-style" => {
                    self.italic = value.starts_with("italic") || value.starts_with("oblique");
                }
                "text-decoration" | "text-decoration-line" => {
                    // Lines of what is around go through all that is in it.
                    self.underline = outer.underline || value.contains("underline");
                    self.strike = outer.strike || value.contains("line-through");
                }
                "vertical-align" => {
                    self.shift = match value {
                        "sub" => -1,
                        "super" => 1,
                        _ => 0,
                    };
                }
                "text-align" => self.align = alignment(value).unwrap_or(0),
                _ => {}
            }
        }
    }
}

/// The declarations of a style as it is written in a tag, with the spaces around them: parted by
/// the `;` that end no entity and are in no quotes and brackets.
pub(super) fn declarations(css: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(css);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quote, mut depth, mut at) = (None, 0_u32, 0);
        while let Some(c) = text[at..].chars().next() {
            let (length, c) = match c {
                '&' => entity(&text[at..]).unwrap_or((1, c)),
                c => (c.len_utf8(), c),
            };
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => depth = depth.saturating_sub(1),
                (None, ';') if depth == 0 => {
                    rest = Some(&text[at + length..]);
                    return Some(&text[..at]);
                }
                (None, _) => {}
            }
            at += length;
        }
        rest = None;
        Some(text)
    })
}

fn alignment(value: &str) -> Option<u8> {
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "left" | "start" => 0,
        "center" => 1,
        "right" | "end" => 2,
        "justify" => 3,
        _ => return None,
    })
}
