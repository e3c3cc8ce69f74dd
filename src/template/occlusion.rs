//! Image-occlusion shapes: a cloze's properties to the element that the page draws over the image.

use super::cloze::encode_attribute;
use std::fmt::Write as _;

/// Property in the note, attribute on the page, whether `0` means absent.
const PROPERTIES: [(&str, &str, bool); 13] = [
    ("left", "left", false),
    ("top", "top", false),
    ("width", "width", true),
    ("height", "height", true),
    ("rx", "rx", true),
    ("ry", "ry", true),
    ("angle", "angle", true),
    ("fill", "fill", false),
    ("points", "points", false),
    ("text", "text", false),
    ("scale", "scale", true),
    ("fs", "font-size", true),
    ("oi", "occludeInactive", true),
];

/// `properties` is what follows `image-occlusion:`, e.g. `rect:left=.1:top=.2`.
pub(super) fn shape_html(class: &str, ordinals: &str, properties: &str) -> String {
    let parts = split_unescaped(properties);
    let mut out = format!("<div class=\"{class}\" data-ordinal=\"{ordinals}\" ");
    if let Some(shape) = parts.first()
        && ["rect", "ellipse", "polygon", "text"].contains(&shape.as_str())
    {
        let _ = write!(out, "data-shape=\"{shape}\" ");
    }
    for (property, attribute, zero_is_absent) in PROPERTIES {
        let value = parts
            .iter()
            .skip(1)
            .rev()
            .find_map(|part| part.strip_prefix(property)?.strip_prefix('='));
        match value {
            Some(value) if !(value.is_empty() || zero_is_absent && value == "0") => {
                let value = if property == "text" {
                    encode_attribute(value)
                } else {
                    value.to_owned()
                };
                let _ = write!(out, "data-{attribute}=\"{value}\" ");
            }
            _ => {}
        }
    }
    out.push_str("></div>");
    out
}

/// Split at `:`; `\:` and `\\` stand for themselves.
fn split_unescaped(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            ':' => {
                parts.push(String::new());
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_become_attributes() {
        assert_eq!(
            shape_html("cloze", "1", "rect:left=.1:top=.2:width=.3:height=0:oi=1"),
            "<div class=\"cloze\" data-ordinal=\"1\" data-shape=\"rect\" data-left=\".1\" \
             data-top=\".2\" data-width=\".3\" data-occludeInactive=\"1\" ></div>"
        );
        assert_eq!(
            shape_html("cloze", "1", "text:text=a\\:b\\\\c<"),
            "<div class=\"cloze\" data-ordinal=\"1\" data-shape=\"text\" \
             data-text=\"a&#x3A;b&#x5C;c&lt;\" ></div>"
        );
        assert_eq!(
            shape_html("cloze", "1", ""),
            "<div class=\"cloze\" data-ordinal=\"1\" ></div>"
        );
    }
}
