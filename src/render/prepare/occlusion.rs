//! Image occlusion: the masks that Anki's script draws on a canvas over the picture, as an SVG
//! picture over it. Shapes are the elements that the template made (`template::occlusion`):
//! `cloze` is asked for, `cloze-highlight` was asked for, `cloze-inactive` belongs to other cards
//! of the note and is drawn only where the note hides all.

use super::graft;
use crate::domain::occlusion::{DEFAULT_FILL, TEXT_FILL, label_width};
use crate::render::parse::parse;
use crate::render::resources::{Resources, decode_percent};
use crate::render::tree::{NodeIndex, Tree};
use image::ImageDecoder as _;
use image::metadata::Orientation;
use regex::Regex;
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::LazyLock;

/// Id of the canvas in the note type's template; the drawing takes its place.
const CANVAS: &str = "image-occlusion-canvas";
pub(super) const CONTAINER: &str = "image-occlusion-container";
/// Names the element that a click hides and shows again.
pub const TOGGLES: &str = "data-engram-toggles";

const FONTS: &str = "Arial, Liberation Sans, DejaVu Sans, Noto Sans, Segoe UI, Helvetica Neue";
/// Borders are meant for a picture about this wide on the screen.
const USUAL_WIDTH: f64 = 700.0;

/// Draws the masks of a page that has them, and makes its button work.
pub(super) fn draw(tree: &mut Tree, css: &str, resources: &dyn Resources) {
    let by_id = |tree: &Tree, id: &str| {
        (0..tree.len()).find(|&node| tree.attr(node, "id") == Some(id) && is_there(tree, node))
    };
    let Some(container) = by_id(tree, CONTAINER) else {
        return;
    };
    let picture =
        (0..tree.len()).find(|&node| tree.is(node, "img") && is_below(tree, node, container));
    let Some(picture) = picture else { return };
    // Without masks the question would show its answer.
    let size = picture_size(tree.attr(picture, "src").unwrap_or_default(), resources);
    let size = size.unwrap_or((USUAL_WIDTH, USUAL_WIDTH));
    let svg = drawing(tree, &Look::of(css), size);
    let Some(overlay) = graft(tree, &svg) else {
        return;
    };
    let frame = tree.add_element("span", &[("class", "engram-occlusion")]);
    tree.replace(picture, frame);
    tree.append(frame, picture);
    tree.append(frame, overlay);
    if let Some(button) = by_id(tree, "toggle") {
        if hides_all(tree) {
            tree.set_attr(button, TOGGLES, CANVAS);
        } else {
            tree.set_attr(button, "style", "display:none");
        }
    }
}

/// Whether masks stay on the answer. Where none do there is nothing to toggle, and as in Anki no
/// button.
fn hides_all(tree: &Tree) -> bool {
    (0..tree.len())
        .any(|node| tree.attr(node, "data-occludeinactive") == Some("1") && is_there(tree, node))
}

fn is_there(tree: &Tree, node: NodeIndex) -> bool {
    is_below(tree, node, tree.root)
}

fn is_below(tree: &Tree, node: NodeIndex, ancestor: NodeIndex) -> bool {
    let mut at = Some(node);
    while let Some(node) = at {
        if node == ancestor {
            return true;
        }
        at = tree.parent(node);
    }
    false
}

/// Width and height of a picture of the media folder, as it is shown.
fn picture_size(src: &str, resources: &dyn Resources) -> Option<(f64, f64)> {
    let name = String::from_utf8(decode_percent(src)).ok()?;
    let bytes = resources.read(&name)?;
    let reader = image::ImageReader::new(Cursor::new(&bytes))
        .with_guessed_format()
        .ok()?;
    if reader.format().is_some() {
        let mut decoder = reader.into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        let size = (f64::from(width), f64::from(height));
        // The way the camera was held.
        return Some(match decoder.orientation() {
            Ok(
                Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH,
            ) => (size.1, size.0),
            _ => size,
        });
    }
    svg_size(&String::from_utf8_lossy(&bytes))
}

/// Of the root element: its view box, or its own size.
pub(in crate::render) fn svg_size(svg: &str) -> Option<(f64, f64)> {
    let root = &svg[svg.find("<svg")?..];
    let tree = parse(&root[..=root.find('>')?]);
    let root = *tree.children(tree.root).first()?;
    let numbers = |name: &str| -> Vec<f64> {
        let value = tree.attr(root, name).unwrap_or_default();
        value
            .split([' ', ','])
            // The units are those of both sides.
            .filter_map(|number| number.trim_end_matches(char::is_alphabetic).parse().ok())
            .collect()
    };
    match (
        numbers("viewBox").as_slice(),
        numbers("width").as_slice(),
        numbers("height").as_slice(),
    ) {
        ([_, _, width, height], ..) | (_, [width], [height]) if *width > 0.0 && *height > 0.0 => {
            Some((*width, *height))
        }
        _ => None,
    }
}

/// Colours and borders, which a note type can set.
struct Look {
    active: Paint,
    inactive: Paint,
    highlight: Paint,
}

struct Paint {
    fill: String,
    border: String,
    border_width: f64,
}

impl Look {
    // From the variables of the canvas in the style sheet; the last one counts.
    fn of(css: &str) -> Self {
        static VARIABLES: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"--([a-z]+-shape-(?:color|border))\s*:\s*([^;}]+)").ok());
        let find = |name: &str, default: &str| {
            let found = VARIABLES.as_ref().and_then(|variables| {
                variables
                    .captures_iter(css)
                    .filter(|found| &found[1] == name)
                    .last()
            });
            found.map_or_else(|| default.to_owned(), |found| safe(&found[2]))
        };
        let paint = |kind: &str, fill: &str, border: &str| {
            let border = find(&format!("{kind}-shape-border"), border);
            let (width, color) = border.split_once(' ').unwrap_or(("1px", &border));
            Paint {
                fill: find(&format!("{kind}-shape-color"), fill),
                border: color.trim().trim_start_matches("solid ").to_owned(),
                border_width: width.trim_end_matches("px").parse().unwrap_or(1.0),
            }
        };
        Self {
            active: paint("active", "#ff8e8e", "1px #212121"),
            inactive: paint("inactive", DEFAULT_FILL, "1px #212121"),
            highlight: paint("highlight", "#ff8e8e00", "1px #ff8e8e"),
        }
    }
}

// As part of an attribute.
fn safe(value: &str) -> String {
    value
        .trim()
        .chars()
        .filter(|c| !"\"'<>&;{}\\".contains(*c))
        .collect()
}

/// The masks, in the order in which Anki draws them: those of other cards first.
fn drawing(tree: &Tree, look: &Look, size: (f64, f64)) -> String {
    let mut shapes = String::new();
    let line = (size.0 / USUAL_WIDTH).max(0.5);
    for class in ["cloze-inactive", "cloze", "cloze-highlight"] {
        for node in 0..tree.len() {
            let is_shape = tree.attr(node, "class") == Some(class)
                && tree.attr(node, "data-shape").is_some()
                && is_there(tree, node);
            if !is_shape {
                continue;
            }
            let shape = Shape {
                tree,
                node,
                size,
                line,
            };
            let all = shape.attr("data-occludeinactive") == "1";
            match class {
                "cloze-inactive" if !all => {}
                "cloze-inactive" => shape.write(&look.inactive, true, &mut shapes),
                "cloze" => shape.write(&look.active, true, &mut shapes),
                _ => shape.write(&look.highlight, false, &mut shapes),
            }
        }
    }
    format!(
        "<svg id=\"{CANVAS}\" class=\"engram-masks\" xmlns=\"http://www.w3.org/2000/svg\" \
         viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\">{shapes}</svg>",
        size.0, size.1
    )
}

struct Shape<'a> {
    tree: &'a Tree,
    node: NodeIndex,
    size: (f64, f64),
    /// One pixel of the screen, in pixels of the picture.
    line: f64,
}

impl Shape<'_> {
    fn attr(&self, name: &str) -> &str {
        self.tree.attr(self.node, name).unwrap_or_default()
    }

    /// A fraction of the picture; 0 when it is not there.
    fn number(&self, name: &str) -> f64 {
        let number: f64 = self.attr(name).parse().unwrap_or(0.0);
        if number.is_finite() { number } else { 0.0 }
    }

    fn x(&self, name: &str) -> f64 {
        self.number(name) * self.size.0
    }

    fn y(&self, name: &str) -> f64 {
        self.number(name) * self.size.1
    }

    /// `own_fill`: a colour that the note gives this shape wins.
    fn write(&self, paint: &Paint, own_fill: bool, out: &mut String) {
        let own = safe(self.attr("data-fill"));
        if self.attr("data-shape") == "text" {
            // Labels stand on every side.
            return self.write_text(if own.is_empty() { TEXT_FILL } else { &own }, out);
        }
        let fill = if own_fill && !own.is_empty() && own != DEFAULT_FILL {
            &own
        } else {
            &paint.fill
        };
        let (fill, opacity) = with_opacity(fill);
        let style = format!(
            "fill=\"{fill}\" fill-opacity=\"{opacity}\" stroke=\"{}\" stroke-width=\"{}\"",
            paint.border,
            paint.border_width * self.line
        );
        let (left, top) = (self.x("data-left"), self.y("data-top"));
        let _ = match self.attr("data-shape") {
            "rect" => write!(
                out,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"{}\" ry=\"{}\" {style}{}/>",
                self.x("data-width").max(0.0),
                self.y("data-height").max(0.0),
                self.x("data-rx").max(0.0),
                self.y("data-ry").max(0.0),
                self.turn(left, top),
            ),
            "ellipse" => {
                let half =
                    |radius: f64, whole: f64| if radius > 0.0 { radius } else { whole / 2.0 };
                let rx = half(self.x("data-rx"), self.x("data-width"));
                let ry = half(self.y("data-ry"), self.y("data-height"));
                write!(
                    out,
                    "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{rx}\" ry=\"{ry}\" {style}{}/>",
                    left + rx,
                    top + ry,
                    self.turn(left, top),
                )
            }
            _ => {
                let points = self.points();
                let first = |pick: fn(&(f64, f64)) -> f64| {
                    points.iter().map(pick).fold(f64::INFINITY, f64::min)
                };
                let turn = self.turn(first(|p| p.0), first(|p| p.1));
                let list: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
                write!(
                    out,
                    "<polygon points=\"{}\" {style}{turn}/>",
                    list.join(" ")
                )
            }
        };
    }

    fn points(&self) -> Vec<(f64, f64)> {
        self.attr("data-points")
            .split_whitespace()
            .filter_map(|point| {
                let (x, y) = point.split_once(',')?;
                let (x, y): (f64, f64) = (x.parse().ok()?, y.parse().ok()?);
                (x.is_finite() && y.is_finite()).then_some((x * self.size.0, y * self.size.1))
            })
            .collect()
    }

    // On white, so that it can be read on any picture.
    fn write_text(&self, color: &str, out: &mut String) {
        let text = self.attr("data-text");
        let scale = match self.number("data-scale") {
            scale if scale > 0.0 => scale,
            _ => 1.0,
        };
        let font = match self.y("data-font-size") {
            size if size > 0.0 => size,
            _ => 40.0,
        } * scale;
        let (left, top) = (self.x("data-left"), self.y("data-top"));
        let pad = 5.0 * scale;
        let lines: Vec<&str> = text.lines().collect();
        let width = lines
            .iter()
            .map(|line| label_width(line))
            .fold(0.0, f64::max)
            * font;
        let height = 1.2 * font * lines.len() as f64;
        let turn = self.turn(left, top);
        let _ = write!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"#ffffff\"{turn}/>",
            width + 2.0 * pad,
            height + 2.0 * pad,
        );
        for (at, line) in lines.iter().enumerate() {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"{FONTS}\" \
                 font-size=\"{font}\" fill=\"{color}\"{turn}>{}</text>",
                left + pad + width / 2.0,
                top + pad + font * (0.95 + 1.2 * at as f64),
                crate::domain::html::escape_html(line),
            );
        }
    }

    // Ten thousandths of a turn, about the left top corner.
    fn turn(&self, x: f64, y: f64) -> String {
        let angle = self.number("data-angle") / 10_000.0 * 360.0;
        if angle == 0.0 {
            return String::new();
        }
        format!(" transform=\"rotate({angle} {x} {y})\"")
    }
}

/// `#rrggbbaa` as colour and opacity, which SVG keeps apart.
fn with_opacity(color: &str) -> (&str, f64) {
    match (color.len(), color.get(..7), color.get(7..)) {
        (9, Some(rgb), Some(alpha)) if color.starts_with('#') => {
            let alpha = u8::from_str_radix(alpha, 16).unwrap_or(u8::MAX);
            (rgb, f64::from(alpha) / 255.0)
        }
        _ => (color, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Picture;
    impl Resources for Picture {
        fn read(&self, name: &str) -> Option<Vec<u8>> {
            let svg = "<svg xmlns='x' viewBox='0 0 200 100'></svg>";
            (name == "a b.svg").then(|| svg.as_bytes().to_vec())
        }
        fn exists(&self, name: &str) -> bool {
            self.read(name).is_some()
        }
    }

    /// The shapes drawn, without their style.
    fn check(shapes: &str, expect: &[&str]) {
        let mut tree = parse(&format!(
            "<div>{shapes}</div><div id={CONTAINER}><img src='a%20b.svg'></div>\
             <button id=toggle>x</button>"
        ));
        draw(&mut tree, "", &Picture);
        let html = tree.to_html();
        let drawn = html.split_once("engram-masks").expect("masks").1;
        let drawn = drawn.split_once("</svg>").expect("an end").0;
        let found: Vec<String> = drawn
            .split('<')
            .skip(1)
            .filter(|tag| !tag.starts_with('/'))
            .map(|tag| {
                let style = tag.find(" fill=").unwrap_or(tag.len());
                let turn = tag
                    .find(" transform=")
                    .map_or("", |at| &tag[at..tag.len() - 1]);
                format!("{}{turn}", &tag[..style]).replace('"', "")
            })
            .collect();
        assert_eq!(found, expect, "{shapes}");
        let toggles = shapes.contains("data-occludeInactive=1");
        assert_eq!(html.contains(&format!("{TOGGLES}=\"{CANVAS}\"")), toggles);
        assert_eq!(html.contains("display:none"), !toggles);
    }

    #[test]
    fn shapes_are_drawn_in_pixels_of_the_picture() {
        check(
            "<div class=cloze data-shape=rect data-left=.1 data-top=.2 data-width=.5 data-height=.25></div>",
            &["rect x=20 y=20 width=100 height=25 rx=0 ry=0"],
        );
        check(
            "<div class=cloze-highlight data-shape=ellipse data-left=.1 data-top=.2 data-rx=.1 data-ry=.1 data-angle=2500></div>",
            &["ellipse cx=40 cy=30 rx=20 ry=10 transform=rotate(90 20 20)"],
        );
        check(
            "<div class=cloze data-shape=polygon data-points='0,0 .5,.5 x,1 1,0'></div>",
            &["polygon points=0,0 100,50 200,0"],
        );
    }

    #[test]
    fn pictures_say_their_size_in_any_unit_or_not_at_all() {
        for (svg, size) in [
            ("<svg width='21cm' height='29.5cm'/>", Some((21.0, 29.5))),
            ("<svg width='30pt' height='20pt'>", Some((30.0, 20.0))),
            ("<svg width='100%' height='100%'>", None),
            ("<svg>", None),
        ] {
            assert_eq!(svg_size(svg), size, "{svg}");
        }
        let shape = "data-shape=rect data-left=.1 data-top=.1 data-width=.2 data-height=.2";
        let mut tree = parse(&format!(
            "<div class=cloze {shape}></div><div id={CONTAINER}><img src=unknown.png></div>"
        ));
        draw(&mut tree, "", &Picture);
        assert!(tree.to_html().contains("<rect"), "the answer is covered");
    }

    #[test]
    fn masks_of_other_cards_are_drawn_only_where_all_are_hidden() {
        let shape = "data-shape=rect data-left=0 data-top=0 data-width=1 data-height=1";
        check(&format!("<div class=cloze-inactive {shape}></div>"), &[]);
        check(
            &format!("<div class=cloze-inactive {shape} data-occludeInactive=1></div>"),
            &["rect x=0 y=0 width=200 height=100 rx=0 ry=0"],
        );
    }

    #[test]
    fn colours_come_from_the_style_sheet_and_the_note() {
        let look = Look::of(
            "#c { --active-shape-color: blue; --active-shape-border: 3px red; \
             --highlight-shape-color: #11223380 }",
        );
        assert_eq!(
            (look.active.fill.as_str(), look.active.border.as_str()),
            ("blue", "red")
        );
        assert_eq!(look.active.border_width, 3.0);
        assert_eq!(with_opacity(&look.highlight.fill).0, "#112233");
        assert_eq!(look.inactive.fill, DEFAULT_FILL);
        assert_eq!(safe("\"><script>"), "script");
    }
}
