//! The size of a picture and the side it floats to, written into its tag as Anki's editor writes
//! them: `width` as an attribute, the side in `style`. What else the tag says keeps its words.

use super::edit::{escape_attribute, splice};
use super::field::Field;
use super::project::{Kind, Object, Unit, project};
use super::scan::{attribute, decode, with_attribute};
use super::style::declarations;

/// Where text flows around a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Float {
    Left,
    #[default]
    None,
    Right,
}

impl Float {
    /// What an `<img …>` tag says.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        match property(attribute(tag, "style").unwrap_or(""), "float") {
            Some(side) if side.eq_ignore_ascii_case("left") => Self::Left,
            Some(side) if side.eq_ignore_ascii_case("right") => Self::Right,
            _ => Self::None,
        }
    }

    /// An `<img …>` tag with this side.
    #[must_use]
    pub fn put_on(self, tag: &str) -> String {
        let side = match self {
            _ if self == Self::of(tag) => return tag.to_owned(),
            Self::Left => "left",
            Self::Right => "right",
            Self::None => "",
        };
        with_style(tag, "float", side)
    }
}

/// An `<img …>` tag with a width of so many pixels. A height is written only where one was: in
/// `style` or as an attribute. Else it follows from the picture.
#[must_use]
pub fn with_size(tag: &str, width: u32, height: u32) -> String {
    let css = attribute(tag, "style").unwrap_or("");
    let (wide, tall) = (property(css, "width"), property(css, "height"));
    let mut tag = tag.to_owned();
    for (name, value, in_style) in [
        ("width", width, wide.is_some()),
        ("height", height, tall.is_some()),
    ] {
        if in_style {
            tag = with_style(&tag, name, &format!("{value}px"));
        } else if name == "width" || attribute(&tag, name).is_some() {
            tag = with_attribute(&tag, name, &value.to_string());
        }
    }
    tag
}

/// What an `<img …>` tag says of its `width` or `height`: in its style, which counts first, without
/// the unit of pixels, else as an attribute.
#[must_use]
pub fn length<'a>(tag: &'a str, name: &str) -> &'a str {
    let css = attribute(tag, "style").unwrap_or("");
    match property(css, name) {
        Some(value) => value.strip_suffix("px").unwrap_or(value),
        None => attribute(tag, name).unwrap_or(""),
    }
}

/// An `<img …>` tag with that length where it was said before; an empty one says none.
#[must_use]
pub fn with_length(tag: &str, name: &str, value: &str) -> String {
    if value == length(tag, name) {
        return tag.to_owned();
    }
    let css = attribute(tag, "style").unwrap_or("");
    if property(css, name).is_none() {
        return with_attribute(tag, name, value);
    }
    let is_number = value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let unit = if is_number { "px" } else { "" };
    let tag = with_style(tag, name, &format!("{value}{unit}"));
    match value {
        // Else the attribute would count that the style was before.
        "" => with_attribute(&tag, name, ""),
        _ => tag,
    }
}

/// An `<img …>` tag that says no size: the picture is as large as it is.
#[must_use]
pub fn without_size(tag: &str) -> String {
    let mut tag = tag.to_owned();
    for name in ["width", "height"] {
        tag = with_attribute(&with_style(&tag, name, ""), name, "");
    }
    tag
}

/// The value of a property of an inline style.
#[must_use]
pub fn property<'a>(css: &'a str, name: &str) -> Option<&'a str> {
    declarations(css).find_map(|declaration| {
        let (is, value) = declaration.split_once(':')?;
        (is.trim().eq_ignore_ascii_case(name)).then(|| value.trim())
    })
}

/// Addresses of pictures that are not in the media folder, each once: on the web, in a file of this
/// machine, or written into the page itself (`data:`).
#[must_use]
pub fn pictures_elsewhere(html: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    for unit in project(html).units {
        if let Some(url) = source_of(html, &unit)
            && (is_on_the_web(&url) || starts(&url, "file://") || starts(&url, "data:image/"))
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}

/// Whether an address leads to another machine.
#[must_use]
pub fn is_on_the_web(url: &str) -> bool {
    starts(url, "http://") || starts(url, "https://")
}

fn starts(url: &str, with: &str) -> bool {
    url.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// What the tag of a picture names.
fn source_of(html: &str, unit: &Unit) -> Option<String> {
    (unit.kind == Kind::Object(Object::Image)).then_some(())?;
    Some(decode(attribute(&html[unit.range()], "src")?))
}

impl Field {
    /// Pictures from elsewhere become those of the media folder that they were stored as: address
    /// and name. One step; how many there were.
    pub fn replace_pictures(&mut self, names: &[(String, String)]) -> usize {
        let (html, mut plan) = (self.html(), vec![]);
        for unit in &self.projection().units {
            let source = source_of(html, unit);
            let stored = names.iter().find(|(url, _)| source.as_ref() == Some(url));
            if let Some((_, name)) = stored {
                let tag = &html[unit.range()];
                let tag = with_attribute(tag, "src", &escape_attribute(name));
                plan.push(splice(unit.range(), tag));
            }
        }
        let count = plan.len();
        self.apply(plan, (0, 0));
        count
    }
}

fn with_style(tag: &str, name: &str, value: &str) -> String {
    let css = attribute(tag, "style").unwrap_or("");
    let is_it = |declaration: &&str| {
        let is = declaration.split_once(':').map_or("", |(is, _)| is);
        is.trim().eq_ignore_ascii_case(name)
    };
    if !declarations(css).any(|d| is_it(&d)) && value.is_empty() {
        return tag.to_owned();
    }
    let mut kept: Vec<String> = declarations(css)
        .filter(|d| !is_it(d) && !d.trim().is_empty())
        .map(str::to_owned)
        .collect();
    if !value.is_empty() {
        let space = if kept.is_empty() { "" } else { " " };
        kept.push(format!("{space}{name}: {value}"));
    }
    let mut css = kept.join(";");
    if !css.is_empty() {
        css.push(';');
    }
    with_attribute(tag, "style", css.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_written_as_anki_writes_it() {
        let wide = |tag: &str| with_size(tag, 505, 336);
        assert_eq!(
            wide(r#"<img src="q.png">"#),
            r#"<img src="q.png" width="505">"#
        );
        assert_eq!(
            wide(r#"<img width="300" height="50" src="q.png" />"#),
            r#"<img width="505" height="336" src="q.png" />"#
        );
        assert_eq!(
            wide(r#"<img src="q.png" style="width: 250px; opacity: 1">"#),
            r#"<img src="q.png" style="opacity: 1; width: 505px;">"#
        );
    }

    #[test]
    fn the_real_size_needs_no_words() {
        let tag = r#"<img src="q.png" width="3" style="height:2px; float: left;">"#;
        assert_eq!(
            without_size(tag),
            r#"<img src="q.png" style="float: left;">"#
        );
        assert_eq!(without_size("<img src=a>"), "<img src=a>");
    }

    #[test]
    fn a_length_stays_where_it_was_said() {
        let styled = r#"<img src="q.png" style="width: 300px;">"#;
        assert_eq!(length(styled, "width"), "300");
        assert_eq!(with_length(styled, "width", "300"), styled);
        assert_eq!(
            with_length(styled, "width", "80"),
            r#"<img src="q.png" style="width: 80px;">"#
        );
        assert_eq!(
            with_length(styled, "width", "50%"),
            r#"<img src="q.png" style="width: 50%;">"#
        );
        let both = r#"<img src="q.png" width="100" style="width: 300px;">"#;
        assert_eq!(with_length(both, "width", ""), r#"<img src="q.png">"#);
        assert_eq!(
            with_length(r#"<img src="q.png">"#, "width", "80"),
            r#"<img src="q.png" width="80">"#
        );
    }

    #[test]
    fn pictures_from_elsewhere_become_files() {
        let html = "<img src='https://a.b/c?x=1&amp;y'> <img src=\"d.png\"> \
                    <IMG src=HTTP://e.f/g.png> <img src=\"https://a.b/c?x=1&amp;y\"> \
                    <img src='file:///x.gif'> <img src='data:image/png;base64,aGk='> \
                    <img src='data:text/plain,x'>";
        let web = [
            "https://a.b/c?x=1&y",
            "HTTP://e.f/g.png",
            "file:///x.gif",
            "data:image/png;base64,aGk=",
        ];
        assert_eq!(pictures_elsewhere(html), web);
        let mut field = Field::open(html);
        let names = [(web[0].to_owned(), "a \"b\".png".to_owned())];
        assert_eq!(field.replace_pictures(&names), 2);
        assert_eq!(pictures_elsewhere(field.html()), web[1..]);
        assert_eq!(field.html().matches("a &quot;b&quot;.png").count(), 2);
        assert!(field.undo() && !field.can_undo());
        assert_eq!(field.html(), html);
    }

    #[test]
    fn a_picture_floats_and_floats_no_more() {
        let tag = r#"<img src="q.png">"#;
        let left = Float::Left.put_on(tag);
        assert_eq!(left, r#"<img src="q.png" style="float: left;">"#);
        assert_eq!(Float::of(&left), Float::Left);
        assert_eq!(Float::None.put_on(&left), tag);
        assert_eq!(Float::None.put_on(tag), tag);
    }
}
