//! Image-occlusion shapes: a cloze's properties to the element that the page draws over the image.

use super::cloze::encode_attribute;
use crate::domain::occlusion::next_property;
use std::fmt::Write as _;

/// Property in the note, attribute on the page.
const PROPERTIES: [(&str, &str); 13] = [
    ("left", "left"),
    ("top", "top"),
    ("width", "width"),
    ("height", "height"),
    ("rx", "rx"),
    ("ry", "ry"),
    ("angle", "angle"),
    ("fill", "fill"),
    ("points", "points"),
    ("text", "text"),
    ("scale", "scale"),
    ("fs", "font-size"),
    ("oi", "occludeInactive"),
];
/// `0` means absent.
const SIZES: [&str; 5] = ["width", "height", "rx", "ry", "scale"];

/// `properties` is what follows `image-occlusion:`, e.g. `rect:left=.1:top=.2`.
pub(super) fn shape_html(class: &str, ordinals: &str, properties: &str) -> String {
    let mut out = format!("<div class=\"{class}\" data-ordinal=\"{ordinals}\" ");
    if let Some((shape, mut rest)) = properties.split_once(':') {
        if ["rect", "ellipse", "polygon", "text"].contains(&shape) {
            let _ = write!(out, "data-shape=\"{shape}\" ");
        }
        // What follows the first that cannot be read is left out.
        while let Some((name, value, tail)) = next_property(rest) {
            put(&mut out, name, &value);
            rest = tail;
        }
    }
    out.push_str("></div>");
    out
}

fn put(out: &mut String, name: &str, value: &str) {
    let Some((_, attribute)) = PROPERTIES.iter().find(|(property, _)| *property == name) else {
        return;
    };
    let value = match name {
        "text" => encode_attribute(value),
        "points" => {
            let pairs: Vec<&str> = value.split(' ').filter(|p| p.contains(',')).collect();
            pairs.join(" ")
        }
        _ => value.to_owned(),
    };
    if !(value.is_empty() || SIZES.contains(&name) && value == "0") {
        // Writing to a String cannot fail.
        let _ = write!(out, "data-{attribute}=\"{value}\" ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_become_attributes_in_their_order() {
        for (properties, attributes) in [
            (
                "rect:left=.1:top=.2:width=.3:height=0:oi=1",
                "data-shape=\"rect\" data-left=\".1\" data-top=\".2\" data-width=\".3\" \
                 data-occludeInactive=\"1\" ",
            ),
            (
                "text:text=a\\:b\\\\c<",
                "data-shape=\"text\" data-text=\"a&#x3A;b&#x5C;c&lt;\" ",
            ),
            (
                "polygon:angle=0:points=.1,.2 x  .3,.4:fill=a",
                "data-shape=\"polygon\" data-angle=\"0\" data-points=\".1,.2 .3,.4\" \
                 data-fill=\"a\" ",
            ),
            ("", ""),
            ("rect", ""),
            ("blob:what=1:left=2", "data-left=\"2\" "),
            (
                "rect:left=1:fill=\\(:top=2",
                "data-shape=\"rect\" data-left=\"1\" ",
            ),
            ("rect:left=:top=2", "data-shape=\"rect\" "),
        ] {
            assert_eq!(
                shape_html("cloze", "1", properties),
                format!("<div class=\"cloze\" data-ordinal=\"1\" {attributes}></div>"),
                "{properties}"
            );
        }
    }
}
