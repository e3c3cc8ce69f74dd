//! What drawings (SVG) cost: about the bytes that the engine makes of them. Dashes, markers,
//! patterns, masks and copies multiply, so that a short drawing can take for ever. Counted from the
//! tree before the engine sees it, going the ways that it goes, rather too high than too low.

use super::resources::decode_data_url;
use super::svg_lengths::{Sizes, dash, distance, path_length};
use super::tree::{Kind, NodeIndex, Tree};
use crate::base::limits::{MAX_CARD_DRAWING_BYTES, MAX_CARD_FILE_BYTES, MAX_IMAGE_PIXELS};
use roxmltree::{Document, Node, NodeId, ParsingOptions};
use simplecss::{AttributeOperator, DeclarationTokenizer, PseudoClass, StyleSheet};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};
use std::ops::Range;
use std::rc::Rc;
use svgtypes::{Length, PointsParser};

const ELEMENT: f64 = 1000.0;
/// Of one that is read and not drawn where it stands.
const UNDRAWN: f64 = 250.0;
/// Of each rule for each element.
const RULE: f64 = 10.0;
/// Of each point of a path in all its forms.
const PATH_POINT: f64 = 150.0;
const TEXT_BYTE: f64 = 500.0;
const DASH: f64 = 300.0;
const LAYER: f64 = 10_000.0;
/// Elements that are looked at, copies among them.
const MOST_LOOKS: usize = 1_000_000;
/// References within what is referred to.
const MOST_NESTED: usize = 200;
/// Of markers, or of fills, that one element may have.
const MOST_NAMES: usize = 64;
/// Attributes and declarations of all elements.
const MOST_VALUES: usize = 3_000_000;
/// Drawings within drawings.
const MOST_WITHIN: usize = 4;
/// What is kept of a mask or clip path is not made again.
const AGAIN: f64 = 1.0 / 16.0;
/// Letters are about so many times their size long.
const LETTER: f64 = 20.0;

/// A drawing that may be drawn.
pub(super) struct Weighed {
    pub bytes: Vec<u8>,
    pub cost: u64,
}

/// The source without what names files: the engine would read those, wherever they are. None when
/// it costs too much. What is no drawing comes back as it is.
pub(super) fn weighed(bytes: Vec<u8>) -> Option<Weighed> {
    let source = match std::str::from_utf8(&bytes) {
        Ok(source) if is_markup(source) => source,
        _ => return Some(Weighed { bytes, cost: 0 }),
    };
    let Some(document) = parsed(source) else {
        // Nor does the engine take it.
        return Some(Weighed { bytes, cost: 0 });
    };
    let cost = cost(&document, MOST_WITHIN)?;
    let mut files = files_named(&document);
    files.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(source.len());
    let mut done = 0;
    for (range, name) in files {
        // Out of an entity, or written with some.
        if range.start < done || source.get(range.clone()) != Some(name) {
            return None;
        }
        out.push_str(&source[done..range.start]);
        done = range.end;
    }
    if done == 0 {
        return Some(Weighed { bytes, cost });
    }
    out.push_str(&source[done..]);
    Some(Weighed {
        bytes: out.into_bytes(),
        cost,
    })
}

/// What the drawing costs that stands in a card; None for too much.
pub(super) fn cost_in_card(tree: &Tree, svg: NodeIndex) -> Option<u64> {
    let source = xml(tree, svg);
    cost(&parsed(&source)?, MOST_WITHIN)
}

/// Names of files, which a drawing in a card has no right to either.
pub(super) fn is_file(tag: &str, attr: &str, value: &str) -> bool {
    let is_picture = tag.eq_ignore_ascii_case("image") || tag.eq_ignore_ascii_case("feImage");
    is_picture && attr == "href" && !value.starts_with('#') && !is_data(value)
}

/// Drawings that are compressed as what they are; too large ones as nothing.
pub(super) fn unzipped(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut out = Vec::new();
    let read = flate2::read::GzDecoder::new(&*bytes)
        .take(MAX_CARD_FILE_BYTES)
        .read_to_end(&mut out);
    match read {
        Ok(length) if (length as u64) < MAX_CARD_FILE_BYTES => out,
        _ => Vec::new(),
    }
}

fn is_markup(source: &str) -> bool {
    let start = source.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<')
}

fn is_data(value: &str) -> bool {
    let value = value.trim_start().as_bytes();
    value
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"data:"))
}

fn parsed(source: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(source, options).ok()
}

fn files_named<'a>(document: &'a Document<'_>) -> Vec<(Range<usize>, &'a str)> {
    let mut files = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        for attr in node.attributes() {
            if is_file(node.tag_name().name(), attr.name(), attr.value()) {
                files.push((attr.range_value(), attr.value()));
            }
        }
    }
    files
}

/// As the engine writes it for the library that draws.
fn xml(tree: &Tree, svg: NodeIndex) -> String {
    enum Step {
        Open(NodeIndex),
        Close(NodeIndex),
    }
    let mut out = String::new();
    let mut todo = vec![Step::Open(svg)];
    while let Some(step) = todo.pop() {
        match step {
            Step::Close(node) => {
                if let Kind::Element { name, .. } = tree.kind(node) {
                    let _ = write!(out, "</{}>", plain_name(&name.local).unwrap_or("x"));
                }
            }
            Step::Open(node) => match tree.kind(node) {
                Kind::Other => {}
                Kind::Text(text) => push_escaped(&mut out, text),
                Kind::Element { name, attrs } => {
                    let _ = write!(out, "<{}", plain_name(&name.local).unwrap_or("x"));
                    if node == svg {
                        out.push_str(" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
                    }
                    for (name, value) in attrs {
                        let is_known = name.local.starts_with("xmlns");
                        let Some(plain) = plain_name(&name.local).filter(|_| !is_known) else {
                            continue;
                        };
                        let prefix = match &name.prefix {
                            Some(prefix) if &**prefix == "xlink" => "xlink:",
                            Some(_) => continue,
                            None => "",
                        };
                        let _ = write!(out, " {prefix}{plain}=\"");
                        push_escaped(&mut out, value);
                        out.push('"');
                    }
                    out.push('>');
                    todo.push(Step::Close(node));
                    let children = tree.children(node).iter().rev();
                    todo.extend(children.map(|&child| Step::Open(child)));
                }
            },
        }
    }
    out
}

fn plain_name(name: &str) -> Option<&str> {
    let is_plain = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_plain.then_some(name)
}

fn push_escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
}

/// None for too much.
fn cost(document: &Document<'_>, within: usize) -> Option<u64> {
    let mut css = String::new();
    for style in document
        .descendants()
        .filter(|n| n.has_tag_name_of("style"))
    {
        for text in style.children().filter_map(|child| child.text()) {
            css.push_str(text);
            css.push('\n');
        }
    }
    let sheet = StyleSheet::parse(&css);
    let weigher = Weigher::new(document, &sheet, within)?;
    weigher.weigh(document.root_element())
}

trait Named {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Named for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

/// What an element says, wherever it says it.
#[derive(Default)]
struct Own<'a> {
    /// Beside dashes and what is within it or referred to.
    cost: f64,
    /// Along its outline, and its corners.
    length: f64,
    corners: f64,
    /// Shortest turn of its dashes.
    dash: Option<f64>,
    ends: Vec<&'a str>,
    corner: Vec<&'a str>,
    paints: Vec<&'a str>,
    /// Masks, clip paths, filters.
    effects: Vec<&'a str>,
    href: Option<&'a str>,
}

/// What is said of the elements within one, too. What they say themselves comes to it.
#[derive(Clone, Default)]
struct Around<'a> {
    dash: Option<f64>,
    ends: Vec<&'a str>,
    corner: Vec<&'a str>,
    paints: Vec<&'a str>,
}

impl Around<'_> {
    fn has_many(&self) -> bool {
        let lists = [&self.ends, &self.corner, &self.paints];
        lists.iter().any(|list| list.len() > MOST_NAMES)
    }
}

/// References on the way to an element.
struct Way {
    to: NodeId,
    length: usize,
    before: Option<Rc<Way>>,
}

enum Step {
    New(Rc<Way>),
    /// It is on the way already.
    Known,
}

/// None where it goes too deep.
fn step(before: Option<&Rc<Way>>, to: NodeId) -> Option<Step> {
    let mut at = before;
    while let Some(way) = at {
        if way.to == to {
            return Some(Step::Known);
        }
        at = way.before.as_ref();
    }
    let length = before.map_or(0, |way| way.length) + 1;
    (length <= MOST_NESTED).then(|| {
        Step::New(Rc::new(Way {
            to,
            length,
            before: before.cloned(),
        }))
    })
}

/// An element to be looked at.
struct Look<'a, 'i> {
    node: Node<'a, 'i>,
    around: Rc<Around<'a>>,
    times: f64,
    way: Option<Rc<Way>>,
    is_drawn: bool,
    /// It was referred to.
    is_target: bool,
}

struct Weigher<'a, 'i> {
    ids: HashMap<&'a str, Node<'a, 'i>>,
    own: HashMap<NodeId, Own<'a>>,
    /// Masks and clip paths that the engine keeps.
    kept: HashSet<NodeId>,
    /// What is said around what is referred to.
    places: HashMap<NodeId, Rc<Around<'a>>>,
}

impl<'a, 'i> Weigher<'a, 'i> {
    fn new(document: &'a Document<'i>, sheet: &'a StyleSheet<'_>, within: usize) -> Option<Self> {
        let elements = || document.descendants().filter(Node::is_element);
        let mut rules = Vec::new();
        for rule in &sheet.rules {
            // It is looked for among all elements above.
            let parts = rule.selector.to_string().replace(" > ", ">");
            let parts = parts.replace(" + ", "+").matches(' ').count();
            let steps = RULE * 4f64.powi(i32::try_from(parts).unwrap_or(i32::MAX).min(20));
            rules.push((rule, steps));
        }
        let each = rules.iter().fold(0.0, |sum, (_, steps)| sum + steps);
        if is_too_much(each * elements().count() as f64) {
            return None;
        }
        let (mut said, mut count) = (Vec::new(), 0);
        let mut sizes = Sizes::default();
        for node in elements() {
            let mut values: Vec<(&'a str, &'a str)> = node
                .attributes()
                .map(|attr| (attr.name(), attr.value()))
                .collect();
            for (rule, _) in &rules {
                if rule.selector.matches(&Styled(node)) {
                    values.extend(rule.declarations.iter().map(|d| (d.name, d.value)));
                }
            }
            if let Some(style) = node.attribute("style") {
                values.extend(DeclarationTokenizer::from(style).map(|d| (d.name, d.value)));
            }
            count += values.len();
            if count > MOST_VALUES {
                return None;
            }
            sizes.see(&values);
            said.push((node, values));
        }
        let mut weigher = Self {
            ids: HashMap::new(),
            own: HashMap::new(),
            kept: HashSet::new(),
            places: HashMap::new(),
        };
        for (node, _) in &said {
            if let Some(id) = node.attribute("id") {
                weigher.ids.entry(id).or_insert(*node);
            }
        }
        for (node, values) in said {
            let mut own = own(node, &values, &sizes, within)?;
            own.cost += ELEMENT + each;
            if let Some(path) = own.href.filter(|_| node.has_tag_name_of("textPath")) {
                // Each letter is looked for along it.
                let path = weigher.ids.get(path).and_then(|path| path.attribute("d"));
                own.cost += text_bytes(node) * path.map_or(0.0, |d| d.len() as f64 / 4.0);
            }
            weigher.own.insert(node.id(), own);
        }
        Some(weigher)
    }

    fn weigh(mut self, root: Node<'a, 'i>) -> Option<u64> {
        let mut todo = vec![Look {
            node: root,
            around: Rc::default(),
            times: 1.0,
            way: None,
            is_drawn: true,
            is_target: true,
        }];
        let (mut all, mut looks) = (0.0, 0);
        while let Some(look) = todo.pop() {
            looks += 1;
            all += self.look(&look, &mut todo)?;
            if is_too_much(all) || looks + todo.len() > MOST_LOOKS {
                return None;
            }
        }
        Some(all as u64)
    }

    /// What it costs itself; what it leads to is to be looked at.
    fn look(&mut self, look: &Look<'a, 'i>, todo: &mut Vec<Look<'a, 'i>>) -> Option<f64> {
        let node = look.node;
        let own = self.own.get(&node.id())?;
        let tag = node.tag_name().name();
        let around = joined(&look.around, own);
        if around.has_many() {
            return None;
        }
        let is_drawn = look.is_drawn && (look.is_target || !is_store(tag));
        let within = |child, around: &Rc<Around<'a>>| Look {
            node: child,
            around: around.clone(),
            times: look.times,
            way: look.way.clone(),
            is_drawn,
            is_target: false,
        };
        for child in node.children().filter(Node::is_element) {
            todo.push(within(child, &around));
        }
        if tag == "use"
            && let Some(&target) = own.href.and_then(|id| self.ids.get(id))
            && let Step::New(way) = step(look.way.as_ref(), target.id())?
        {
            todo.push(Look {
                way: Some(way),
                is_target: true,
                ..within(target, &around)
            });
        }
        if !is_drawn {
            return Some(look.times * (UNDRAWN + own.cost / 4.0));
        }
        let mut cost = own.cost;
        if let Some(dash) = around.dash.filter(|_| own.length > 0.0) {
            cost += own.length / dash * DASH;
        }
        let mut led: Vec<(&'a str, f64)> = Vec::new();
        led.extend(own.effects.iter().map(|&id| (id, 1.0)));
        if matches!(tag, "pattern" | "filter" | "feImage") {
            led.extend(own.href.map(|id| (id, 1.0)));
        }
        if own.length > 0.0 {
            led.extend(around.paints.iter().map(|&id| (id, 1.0)));
        }
        if own.corners > 0.0 {
            led.extend(around.ends.iter().map(|&id| (id, 1.0)));
            led.extend(around.corner.iter().map(|&id| (id, own.corners)));
        }
        for (id, count) in led {
            self.follow(look, id, count, todo)?;
        }
        Some(look.times * cost)
    }

    /// What is said around an element where it stands.
    fn around(&mut self, node: Node<'a, 'i>) -> Option<Rc<Around<'a>>> {
        if let Some(around) = self.places.get(&node.id()) {
            return Some(around.clone());
        }
        let mut around: Rc<Around<'a>> = Rc::default();
        let above: Vec<_> = node.ancestors().filter(Node::is_element).collect();
        for node in above.iter().skip(1).rev() {
            around = joined(&around, self.own.get(&node.id())?);
            if around.has_many() {
                return None;
            }
        }
        self.places.insert(node.id(), around.clone());
        Some(around)
    }

    /// To what is drawn `count` times for an element; None when it comes to itself.
    fn follow(
        &mut self,
        look: &Look<'a, 'i>,
        id: &str,
        count: f64,
        todo: &mut Vec<Look<'a, 'i>>,
    ) -> Option<()> {
        let Some(&target) = self.ids.get(id) else {
            return Some(());
        };
        let tag = target.tag_name().name();
        if tag.ends_with("Gradient") {
            return Some(());
        }
        let way = match step(look.way.as_ref(), target.id())? {
            Step::New(way) => way,
            // The engine leaves these out itself.
            Step::Known if tag == "marker" => return Some(()),
            Step::Known => return None,
        };
        let mut times = look.times * count;
        if is_kept(target) && !self.kept.insert(target.id()) {
            times *= AGAIN;
        }
        let around = self.around(target)?;
        todo.push(Look {
            node: target,
            around,
            times,
            way: Some(way),
            is_drawn: true,
            is_target: true,
        });
        Some(())
    }
}

/// Also what is no number.
fn is_too_much(cost: f64) -> bool {
    cost.is_nan() || cost > MAX_CARD_DRAWING_BYTES as f64
}

/// What is in it is drawn where it is referred to.
fn is_store(tag: &str) -> bool {
    matches!(
        tag,
        "defs"
            | "symbol"
            | "marker"
            | "mask"
            | "pattern"
            | "clipPath"
            | "filter"
            | "linearGradient"
            | "radialGradient"
    )
}

/// A mask or clip path that is the same for all that have it.
fn is_kept(node: Node<'_, '_>) -> bool {
    let units = |name: &str| node.attribute(name);
    match node.tag_name().name() {
        "clipPath" => units("clipPathUnits") != Some("objectBoundingBox"),
        "mask" => {
            units("maskUnits") == Some("userSpaceOnUse")
                && units("maskContentUnits") != Some("objectBoundingBox")
        }
        _ => false,
    }
}

fn joined<'a>(around: &Rc<Around<'a>>, own: &Own<'a>) -> Rc<Around<'a>> {
    let lists = [&own.ends, &own.corner, &own.paints];
    if own.dash.is_none() && lists.iter().all(|list| list.is_empty()) {
        return around.clone();
    }
    let mut all = Around::clone(around);
    all.dash = match (all.dash, own.dash) {
        (Some(outer), Some(inner)) => Some(outer.min(inner)),
        (outer, inner) => outer.or(inner),
    };
    let into = [&mut all.ends, &mut all.corner, &mut all.paints];
    for (into, from) in into.into_iter().zip(lists) {
        for &id in from {
            if !into.contains(&id) {
                into.push(id);
            }
        }
    }
    Rc::new(all)
}

/// Of `url(#id)`, also of several.
fn ids(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|rest| {
        let (id, _) = rest.split_once(')')?;
        let is_around = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'');
        id.trim_matches(is_around).strip_prefix('#').map(str::trim)
    })
}

fn own<'a>(
    node: Node<'a, '_>,
    values: &[(&'a str, &'a str)],
    sizes: &Sizes,
    within: usize,
) -> Option<Own<'a>> {
    let mut own = Own::default();
    let mut has_layer = false;
    for &(name, value) in values {
        match name {
            "marker" => {
                own.ends.extend(ids(value));
                own.corner.extend(ids(value));
            }
            "marker-start" | "marker-end" => own.ends.extend(ids(value)),
            "marker-mid" => own.corner.extend(ids(value)),
            "fill" | "stroke" => own.paints.extend(ids(value)),
            "mask" | "clip-path" | "filter" => {
                own.effects.extend(ids(value));
                has_layer = true;
            }
            "opacity" | "mix-blend-mode" => has_layer = true,
            "stroke-dasharray" => {
                let least = own.dash.unwrap_or(f64::INFINITY);
                own.dash = dash(value, sizes).map(|dash| dash.min(least)).or(own.dash);
            }
            _ => {}
        }
    }
    let lists = [&own.ends, &own.corner, &own.paints, &own.effects];
    if lists.iter().any(|list| list.len() > MOST_NAMES) {
        return None;
    }
    // What a marker draws is cut to its box.
    if has_layer || node.has_tag_name_of("marker") {
        own.cost += LAYER;
    }
    let href = node
        .attributes()
        .filter(|attr| attr.name() == "href")
        .min_by_key(|attr| attr.namespace().is_some())
        .map(|attr| attr.value().trim());
    own.href = href.and_then(|href| href.strip_prefix('#'));
    if let Some(data) = href.filter(|href| is_data(href)) {
        own.cost += picture_cost(data, within)?;
    }
    shape(node, sizes, &mut own);
    Some(own)
}

/// What it costs itself, and how long it is.
fn shape(node: Node<'_, '_>, sizes: &Sizes, own: &mut Own<'_>) {
    let sum = |names: &[&str]| {
        let values = names.iter().filter_map(|name| node.attribute(*name));
        let lengths = values.filter_map(|value| value.parse::<Length>().ok());
        lengths.fold(0.0, |sum, length| sum + sizes.long(length))
    };
    match node.tag_name().name() {
        "path" => {
            let d = node.attribute("d").unwrap_or_default();
            (own.length, own.corners) = path_length(d);
            own.cost += d.len() as f64 + own.corners * PATH_POINT;
        }
        "polyline" | "polygon" => {
            let points = node.attribute("points").unwrap_or_default();
            let mut last = None;
            for at in PointsParser::from(points) {
                own.length += last.map_or(0.0, |last| distance(last, at));
                own.corners += 1.0;
                last = Some(at);
            }
            own.length *= 2.0;
            own.cost += own.corners * PATH_POINT;
        }
        "line" => {
            own.length = sum(&["x1", "y1", "x2", "y2"]);
            own.corners = 2.0;
        }
        // Without one of its sides it may be as wide as all.
        "rect" => own.length = 2.0 * sum(&["width", "height"]),
        "circle" | "ellipse" => own.length = 7.0 * sum(&["r", "rx", "ry"]),
        "text" | "tspan" | "textPath" | "tref" => {
            let bytes = text_bytes(node);
            own.cost += bytes * TEXT_BYTE;
            let far = if sizes.are_relative { 100.0 } else { 1.0 };
            own.length = bytes * LETTER * sizes.largest_font * far;
        }
        _ => {}
    }
}

fn text_bytes(node: Node<'_, '_>) -> f64 {
    let texts = node.children().filter(Node::is_text);
    let lengths = texts.filter_map(|text| text.text());
    lengths.fold(0.0, |sum, text| sum + text.len() as f64)
}

/// Of a picture within the drawing.
fn picture_cost(href: &str, within: usize) -> Option<f64> {
    let bytes = href.get("data:".len()..).and_then(decode_data_url);
    let bytes = unzipped(bytes.unwrap_or_default());
    if let Ok(source) = std::str::from_utf8(&bytes)
        && is_markup(source)
    {
        let Some(document) = parsed(source) else {
            return Some(0.0);
        };
        return Some(cost(&document, within.checked_sub(1)?)? as f64);
    }
    let reader = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    let pixels = size.map_or(0, |(width, height)| u64::from(width) * u64::from(height));
    (pixels <= MAX_IMAGE_PIXELS).then_some(pixels as f64 * 4.0)
}

struct Styled<'a, 'i>(Node<'a, 'i>);

impl simplecss::Element for Styled<'_, '_> {
    fn parent_element(&self) -> Option<Self> {
        self.0.parent_element().map(Self)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.0.prev_sibling_element().map(Self)
    }

    fn has_local_name(&self, name: &str) -> bool {
        self.0.tag_name().name() == name
    }

    fn attribute_matches(&self, name: &str, operator: AttributeOperator<'_>) -> bool {
        self.0
            .attribute(name)
            .is_some_and(|value| operator.matches(value))
    }

    fn pseudo_class_matches(&self, class: PseudoClass<'_>) -> bool {
        matches!(class, PseudoClass::FirstChild) && self.0.prev_sibling_element().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inner: &str) -> Option<u64> {
        let svg = format!("<svg xmlns:xlink='http://www.w3.org/1999/xlink'>{inner}</svg>");
        weighed(svg.into_bytes()).map(|drawing| drawing.cost)
    }

    #[test]
    fn what_is_said_around_and_in_sheets_counts() {
        let line = "<path id='a' d='M0 0h1e7'/>";
        for long in [
            format!("<g stroke-dasharray='1e-5'>{line}</g>"),
            format!("<style>g > path{{stroke-dasharray:1e-5}}</style><g>{line}</g>"),
            format!("<defs>{line}</defs><use xlink:href='#a' style='stroke-dasharray:1e-5'/>"),
            format!("<g stroke-dasharray='1%'><svg viewBox='0 0 1e-6 1e-6'>{line}</svg></g>"),
            "<mask id='m'><g mask='url(#m)'/></mask><g mask='url(#m)'/>".to_owned(),
            "<text stroke-dasharray='1e-6'>abc</text>".to_owned(),
        ] {
            assert_eq!(check(&long), None, "{long}");
        }
    }

    #[test]
    fn usual_drawings_cost_little() {
        for usual in [
            "<path d='M0 0h1e7' stroke-dasharray='none'/>",
            "<path d='M0 0h1e7' stroke-dasharray='0 0'/>",
            "<path d='M0 0h1e7' stroke-dasharray='0px'/>",
            "<path d='M0 0A9 9 0 0 1 9 9h900z' stroke-dasharray='2,1.5'/>",
            "<style>path{marker-end:url(#m)}</style><marker id='m'><path d='M0 0h9'/></marker>\
             <path d='M0 0h9'/>",
            "<g id='a'><a href='#a'><use xlink:href='#a'/></a></g>",
            "<linearGradient id='a' xlink:href='#b'/><linearGradient id='b' href='#a'/>\
             <rect width='9' fill='url(#a)'/>",
        ] {
            assert!(check(usual).is_some_and(|cost| cost < 1_000_000), "{usual}");
        }
    }

    #[test]
    fn names_of_files_are_taken_out() {
        for (source, expect) in [
            (
                "<svg><image href='/dev/zero'/></svg>",
                "<svg><image href=''/></svg>",
            ),
            (
                "<svg><image href = \"a.png\"/><image href='data:,x'/><use href='#a'/></svg>",
                "<svg><image href = \"\"/><image href='data:,x'/><use href='#a'/></svg>",
            ),
            ("body { color: red }", "body { color: red }"),
        ] {
            let drawing = weighed(source.as_bytes().to_vec()).unwrap();
            assert_eq!(String::from_utf8(drawing.bytes).unwrap(), expect);
        }
        let hidden = "<!DOCTYPE svg [<!ENTITY a '/dev/zero'>]><svg><image href='&a;'/></svg>";
        assert!(weighed(hidden.as_bytes().to_vec()).is_none());
    }
}
