//! Corrections to what the engine cannot paint: boxes of inline elements and those that are hidden,
//! round corners of borders on some sides, lines around what is not shown, and what is in the
//! files around: drawings, pale text, numbers. They need the cascade's result, so they come after
//! the first layout; the price is a second one for the cards concerned. Where style sheets may say
//! something else since (the pointer, a click), they follow.

use super::blends::Blends;
use super::captions::Captions;
use super::columns::Columns;
use super::corners;
use super::counters::Counters;
use super::cut::Cut;
use super::drawings::Drawings;
use super::ellipses::Ellipses;
use super::fill::Filled;
use super::first_letters::FirstLetters;
use super::first_lines::FirstLines;
use super::lattice::Lattice;
use super::legends::Legends;
use super::pale::Pale;
use super::resources::decode_percent;
use super::rows;
use super::shares::Shares;
use super::small_caps::SmallCaps;
use super::stacks;
use super::unseen::Unseen;
use crate::t;
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use std::collections::HashSet;
use style::values::computed::OutlineStyle;

/// Put into text by this pass; never part of what is copied or read out.
pub(super) const KEEP: char = '\u{200b}';

/// Longer inline text keeps flowing without its box: as one block it could not break into lines.
const MAX_BOXED_TEXT: usize = 60;

/// What of a page was changed.
#[derive(Default)]
pub(super) struct Mends {
    begun: bool,
    /// What was not shown once: as a box it would stay when it is to go again.
    gone: HashSet<NodeId>,
    drawings: Drawings,
    first_letters: FirstLetters,
    small_caps: SmallCaps,
    blends: Blends,
    filled: Filled,
    pale: Pale,
    counters: Counters,
    cut: Cut,
    captions: Captions,
    columns: Columns,
    lattice: Lattice,
    legends: Legends,
    shares: Shares,
    first_lines: FirstLines,
    ellipses: Ellipses,
    unseen: Unseen,
}

impl Mends {
    /// Takes back what stands in the way of another look; true when the page must be laid out
    /// before.
    pub fn take_back(&mut self, document: &mut BaseDocument) -> bool {
        let was_cut = self.ellipses.take_back(document) | self.first_lines.take_back(document);
        let is_other = content_of(document).is_some_and(|content| {
            let other =
                self.filled.is_other(document, content) || self.pale.is_other(document, content);
            // Both set colours of the same elements.
            if other {
                self.filled.take_back(document);
                self.pale.take_back(document);
            }
            other
        });
        was_cut || is_other
    }

    /// Gives letters the looks of first ones and small capitals, and the colours that they are
    /// filled with, before these are made paler, and tells what is blended; true when the page must
    /// be laid out again.
    pub fn fill(&mut self, document: &mut BaseDocument) -> bool {
        content_of(document).is_some_and(|content| {
            let styled = self.first_letters.style(document, content);
            let made = self.small_caps.make(document, content);
            let told = self.blends.tell(document, content);
            self.filled.paint(document, content) || styled || made || told
        })
    }

    /// Changes what cannot be painted; true when the page must be laid out again.
    pub fn mend(&mut self, document: &mut BaseDocument) -> bool {
        let Some(content) = content_of(document) else {
            return false;
        };
        let first = !std::mem::replace(&mut self.begun, true);
        let named = first && name_pictures(document, content);
        let (boxed, mut changed) = mend_boxes(document, content, &mut self.gone);
        if first || !boxed.is_empty() {
            changed |= keep_spaces(document, content, &boxed);
        }
        changed |= corners::complete(document, content);
        changed |= stacks::order(document, content);
        changed |= rows::unstretch(document, content);
        changed |= self.cut.cut(document, content);
        changed |= self.captions.place(document, content);
        changed |= self.columns.place(document, content);
        changed |= self.lattice.draw(document, content);
        changed |= self.legends.place(document, content);
        changed |= self.shares.give(document, content);
        changed |= self.drawings.paint(document, content);
        changed |= self.pale.paint(document, content, &boxed);
        changed |= self.counters.write(document);
        // Last, because it moves elements.
        if first {
            changed |= keep_lines(document, content);
        }
        changed || named
    }

    /// Changes what does not fit as it is laid out now; true when it must be laid out again.
    pub fn fit(&mut self, document: &mut BaseDocument) -> bool {
        self.shares.fit(document)
    }

    /// Gives first lines their looks as they are laid out now; true when it must be laid out again,
    /// after which they may have fewer words.
    pub fn line_up(&mut self, document: &mut BaseDocument) -> bool {
        content_of(document).is_some_and(|content| self.first_lines.style(document, content))
    }

    /// Cuts lines that are too long as they are laid out now; true when the page must be laid out
    /// again.
    pub fn shorten(&mut self, document: &mut BaseDocument) -> bool {
        content_of(document).is_some_and(|content| self.ellipses.cut(document, content))
    }

    /// Hides what is not to be seen where it is laid out now; true when it must be styled again.
    pub fn hide(&mut self, document: &mut BaseDocument) -> bool {
        content_of(document).is_some_and(|content| self.unseen.hide(document, content))
    }
}

fn content_of(document: &BaseDocument) -> Option<NodeId> {
    document.get_element_by_id("qa")
}

/// A node and all that is in it, in no order.
pub(super) fn all_within(
    document: &BaseDocument,
    root: NodeId,
) -> impl Iterator<Item = (NodeId, &Node)> {
    let mut todo = vec![root];
    std::iter::from_fn(move || {
        loop {
            let id = todo.pop()?;
            if let Some(node) = document.get_node(id) {
                todo.extend(&node.children);
                return Some((id, node));
            }
        }
    })
}

/// What is computed for a length, where it is one.
pub(super) fn pixels(document: &BaseDocument, id: NodeId, property: &str) -> Option<f32> {
    let value = document.resolved_style_value(id, property);
    value.strip_suffix("px")?.parse().ok()
}

/// A picture that the engine cannot read, damaged or of a kind it does not know, gives way to its
/// name: nothing would be seen of it.
fn name_pictures(document: &mut BaseDocument, content: NodeId) -> bool {
    let mut unread = Vec::new();
    for (id, node) in all_within(document, content) {
        let picture = node
            .element_data()
            .filter(|element| &*element.name.local == "img");
        let is_unread = picture.is_some_and(|picture| {
            picture.raster_image_data().is_none() && picture.svg_data().is_none()
        });
        if is_unread {
            unread.push((id, picture_name(node)));
        }
    }
    let mut mutator = document.mutate();
    for (id, name) in &unread {
        let attr = |name: &str, value: &str| Attribute {
            name: QualName::new(None, ns!(), LocalName::from(name)),
            value: value.into(),
        };
        let attrs = vec![
            attr("class", "engram-missing"),
            attr("title", t!("This picture cannot be drawn")),
        ];
        let name_of_span = QualName::new(None, ns!(html), LocalName::from("span"));
        let shown = mutator.create_element(name_of_span, attrs);
        let text = mutator.create_text_node(name);
        mutator.append_children(shown, &[text]);
        mutator.replace_node_with(*id, &[shown]);
    }
    !unread.is_empty()
}

/// What stands for a picture: what it says of itself, or the name of its file.
fn picture_name(node: &Node) -> String {
    let alt = node.attr(local_name!("alt")).unwrap_or_default().trim();
    let src = node.attr(local_name!("src")).unwrap_or_default().trim();
    let path = src.split('?').next().unwrap_or_default();
    match (alt, path) {
        ("", "") => t!("This picture cannot be drawn").to_owned(),
        ("", data) if data.starts_with("data:") => t!("This picture cannot be drawn").to_owned(),
        ("", path) => {
            let name = decode_percent(path.trim_start_matches("./"));
            String::from_utf8_lossy(&name).into_owned()
        }
        (alt, _) => alt.to_owned(),
    }
}

/// Elements of lines that became boxes, and whether anything was changed.
fn mend_boxes(
    document: &mut BaseDocument,
    content: NodeId,
    gone: &mut HashSet<NodeId>,
) -> (HashSet<NodeId>, bool) {
    let mut changes: Vec<(NodeId, &str, &str)> = Vec::new();
    let mut generated: Vec<(NodeId, &str)> = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        todo.extend(&node.children);
        for (part, boxed) in [(node.before(), BOXED_BEFORE), (node.after(), BOXED_AFTER)] {
            let part = part.and_then(|part| document.get_node(part));
            let part = part.filter(|part| part.is_non_atomic_inline());
            let look = part.and_then(|part| Look::of(document, part.id));
            let is_boxed =
                |look: &Look, part| look.hides || look.has_box && text_fits(document, part);
            let look = look
                .zip(part)
                .filter(|(look, part)| is_boxed(look, part.id));
            generated.extend(look.map(|_| (id, boxed)));
        }
        let Some(look) = Look::of(document, id) else {
            continue;
        };
        let display = node.primary_styles().map(|style| style.clone_display());
        if display.is_some_and(|display| display.is_none()) {
            gone.insert(id);
        } else if display.is_some_and(|display| display.is_contents()) {
            // It has no box that could be left out.
            if look.turns && has_line(document, node) {
                changes.push((id, "display", "inline-block"));
            }
        } else if node.is_non_atomic_inline() {
            if gone.contains(&id) {
                continue;
            }
            if look.hides || look.has_box && text_fits(document, id) {
                changes.push((id, "display", "inline-block"));
            }
        } else if loses_marker(document, node) {
            changes.push((id, "list-style-position", "outside"));
        }
    }
    for (id, property, value) in &changes {
        document.set_style_property(*id, property, value);
    }
    let boxed = changes
        .iter()
        .filter(|(_, property, _)| *property == "display")
        .map(|(id, ..)| *id)
        .collect();
    let mut mutator = document.mutate();
    for (id, boxed) in &generated {
        let name = QualName::new(None, ns!(), LocalName::from(*boxed));
        mutator.set_attribute(*id, name, "");
    }
    drop(mutator);
    (boxed, !changes.is_empty() || !generated.is_empty())
}

/// Attributes of elements whose generated content is to be a box: see the style sheet.
const BOXED_BEFORE: &str = "data-engram-boxed-before";
const BOXED_AFTER: &str = "data-engram-boxed-after";

/// True for a list item whose marker is to stand within its first line: where that is a block of
/// its own the engine leaves the marker out. At the right it would be no better outside.
fn loses_marker(document: &BaseDocument, node: &Node) -> bool {
    let style = node.primary_styles();
    let is =
        |property: &str, value: &str| document.resolved_style_value(node.id, property) == value;
    style.is_some_and(|style| style.get_box().display.is_list_item())
        && !node.flags.is_inline_root()
        && is("list-style-position", "inside")
        && !is("direction", "rtl")
}

/// True for an element in which something stands that is part of a line.
fn has_line(document: &BaseDocument, node: &Node) -> bool {
    let mut children = node.children.iter();
    children.any(|&child| Part::of(document, child) == Part::Line)
}

/// The value of a property in an inline style.
pub(super) fn inline_value<'a>(style: &'a str, property: &str) -> Option<&'a str> {
    let mut all = style.split(';').filter_map(|one| one.split_once(':'));
    let (_, value) = all.find(|(name, _)| name.trim().eq_ignore_ascii_case(property))?;
    Some(value.trim())
}

/// Gives elements these values of properties; each is what [`give_back`] takes back.
pub(super) fn put(
    document: &mut BaseDocument,
    changes: Vec<(NodeId, &'static str, String)>,
) -> impl Iterator<Item = (NodeId, &'static str)> + use<> {
    for (id, property, value) in &changes {
        document.set_style_property(*id, property, value);
    }
    changes.into_iter().map(|(id, property, _)| (id, property))
}

/// Gives an element its own value of a property back.
pub(super) fn give_back(document: &mut BaseDocument, id: NodeId, property: &str) {
    let Some(node) = document.get_node(id) else {
        return;
    };
    // The engine leaves the attribute as it was.
    let style = node.attr(local_name!("style")).unwrap_or_default();
    // Also where it is said along with others, as by `background`.
    match document.style_attr_get_property(style, property) {
        own if own.is_empty() => document.remove_style_property(id, property),
        own => document.set_style_property(id, property, &own),
    }
}

/// A space between two boxes in a line is lost after a line break, because the engine collapses it
/// with the break before the first box. A zero-width space in front keeps it.
fn keep_spaces(document: &mut BaseDocument, content: NodeId, boxed: &HashSet<NodeId>) -> bool {
    let mut texts = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let mut after_box = false;
        for &child in &node.children {
            let Some(child_node) = document.get_node(child) else {
                continue;
            };
            match child_node.text_data() {
                Some(text) if after_box && text.content.starts_with([' ', '\n', '\t']) => {
                    texts.push((child, format!("{KEEP}{}", text.content)));
                }
                _ => {}
            }
            after_box = boxed.contains(&child)
                || child_node.element_data().is_some_and(|element| {
                    let class = element.attr(blitz_dom::local_name!("class"));
                    matches!(&*element.name.local, "img" | "ruby" | "button" | "input")
                        || class.is_some_and(|class| class.starts_with("engram-"))
                });
        }
        todo.extend(&node.children);
    }
    let found = !texts.is_empty();
    let mut mutator = document.mutate();
    for (id, text) in texts {
        mutator.set_node_text(id, &text);
    }
    found
}

/// Class of what is put around an element that is not shown.
pub(super) const UNBROKEN: &str = "engram-unbroken";

/// An element that is not shown would part the line in which it stands, where there are blocks
/// beside that line. Within an element of the line it does not. A box that is ticked by its label
/// stays where it is, because what it shows is found by its place, and takes no room there.
fn keep_lines(document: &mut BaseDocument, content: NodeId) -> bool {
    let mut hidden = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let parts: Vec<(NodeId, Part)> = (node.children.iter())
            .map(|&child| (child, Part::of(document, child)))
            .collect();
        let has_block = parts.iter().any(|(_, part)| *part == Part::Block);
        // What is not shown since the last part of a line.
        let mut since: Option<Vec<NodeId>> = None;
        for (child, part) in parts {
            match part {
                Part::Line if has_block => {
                    hidden.extend(since.replace(Vec::new()).into_iter().flatten());
                }
                Part::Block => since = None,
                Part::Hidden => since.iter_mut().for_each(|since| since.push(child)),
                Part::Nothing if is_input(document, child) => {
                    since.iter_mut().for_each(|since| since.push(child));
                }
                Part::Line | Part::Nothing => {}
            }
            if matches!(part, Part::Line | Part::Block) {
                todo.push(child);
            }
        }
    }
    let is_changed = !hidden.is_empty();
    let is_box = |id: &mut NodeId| is_input(document, *id);
    let boxes: Vec<NodeId> = hidden.extract_if(.., is_box).collect();
    for id in boxes {
        for (property, value) in NO_ROOM {
            document.set_style_property(id, property, value);
        }
    }
    let mut mutator = document.mutate();
    for id in &hidden {
        let name = |name: &str, space| QualName::new(None, space, LocalName::from(name));
        let class = Attribute {
            name: name("class", ns!()),
            value: UNBROKEN.into(),
        };
        let line = mutator.create_element(name("span", ns!(html)), vec![class]);
        mutator.insert_nodes_before(*id, &[line]);
        mutator.append_children(line, &[*id]);
    }
    is_changed
}

/// A part of a line of which nothing is seen.
const NO_ROOM: [(&str, &str); 7] = [
    ("display", "inline-block"),
    ("visibility", "hidden"),
    ("width", "0"),
    ("height", "0"),
    ("margin", "0"),
    ("padding", "0"),
    ("border", "0"),
];

fn is_input(document: &BaseDocument, id: NodeId) -> bool {
    let node = document.get_node(id).and_then(Node::element_data);
    node.is_some_and(|element| &*element.name.local == "input")
}

/// How a node takes part in its parent's layout.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Line,
    Block,
    Hidden,
    Nothing,
}

impl Part {
    pub fn of(document: &BaseDocument, id: NodeId) -> Self {
        let Some(node) = document.get_node(id) else {
            return Self::Nothing;
        };
        if let Some(text) = node.text_data() {
            let blank = text.content.trim_ascii().is_empty();
            return if blank { Self::Nothing } else { Self::Line };
        }
        let Some(element) = node.element_data() else {
            return Self::Nothing;
        };
        let style = node.primary_styles();
        match style.is_none_or(|style| style.clone_display().is_none()) {
            // A style sheet is read again where it is moved to; what a box that is ticked by its
            // label shows is found by its place.
            true if matches!(&*element.name.local, "style" | "link" | "input") => Self::Nothing,
            // What a style sheet hides may be found by its place among its neighbours.
            true if node.attr(local_name!("hidden")).is_none()
                && inline_value(
                    node.attr(local_name!("style")).unwrap_or_default(),
                    "display",
                )
                .is_none() =>
            {
                Self::Nothing
            }
            true => Self::Hidden,
            false if node.is_or_contains_block() => Self::Block,
            false => Self::Line,
        }
    }
}

/// What of an element's style matters here.
struct Look {
    /// Border, outline, rounding, padding, margins or filter: more than a plain background; or seen
    /// through, or moved, or what is in it has its place by it.
    has_box: bool,
    /// Not to be seen or read, or not whole, which the engine knows of boxes only.
    hides: bool,
    /// It is seen and what is around it is not, or the other way round.
    turns: bool,
}

impl Look {
    fn of(document: &BaseDocument, id: NodeId) -> Option<Self> {
        let node = document.get_node(id)?;
        node.element_data()?;
        let style = node.primary_styles()?;
        let border = style.get_border();
        let sides = [
            (border.border_top_width.0, border.border_top_style),
            (border.border_right_width.0, border.border_right_style),
            (border.border_bottom_width.0, border.border_bottom_style),
            (border.border_left_width.0, border.border_left_style),
        ];
        let bordered = sides
            .iter()
            .any(|(width, style)| width.to_f32_px() > 0.0 && !style.none_or_hidden());
        let corners = [
            &border.border_top_left_radius,
            &border.border_top_right_radius,
            &border.border_bottom_left_radius,
            &border.border_bottom_right_radius,
        ];
        // A percentage has no length yet; it is not zero.
        let rounded = corners.iter().any(|corner| {
            let width = corner.0.width.0.to_length();
            width.is_none_or(|length| length.px() > 0.0)
        });
        let padding = style.get_padding();
        let padded = [&padding.padding_left, &padding.padding_right]
            .iter()
            .any(|side| side.0.to_length().is_some_and(|length| length.px() > 0.0));
        let opacity = style.get_effects().opacity;
        let filtered = !style.get_effects().filter.0.is_empty();
        let blurred = filtered
            && document
                .resolved_style_value(id, "filter")
                .contains("blur(");
        let in_line = node.is_non_atomic_inline();
        let is_cut = in_line
            && ["clip-path", "mask-image"]
                .iter()
                .any(|cut| !matches!(&*document.resolved_style_value(id, cut), "" | "none"));
        let moved = if in_line { way(document, id) } else { 0.0 };
        // The engine paints none of a line's, and places nothing by an element of a line.
        let is_painted = in_line
            && !matches!(
                &*document.resolved_style_value(id, "background-image"),
                "" | "none"
            );
        let is_place = in_line && places(document, node);
        let is_apart = in_line
            && ["margin-left", "margin-right"].iter().any(|side| {
                pixels(document, id, side).is_some_and(|margin| margin.abs() >= LEAST_MARGIN)
            });
        let outline = style.get_outline();
        let is_outlined = in_line
            && outline.outline_width.0.to_f32_px() > 0.0
            && matches!(outline.outline_style,
                OutlineStyle::BorderStyle(style) if !style.none_or_hidden());
        let parent = node.parent.and_then(|parent| document.get_node(parent));
        let turns = parent
            .and_then(|parent| parent.primary_styles())
            .is_some_and(|around| around.clone_visibility() != style.clone_visibility());
        Some(Self {
            has_box: bordered
                || rounded
                || padded
                || opacity < 1.0
                || filtered
                || moved > 0.0
                || is_painted
                || is_place
                || is_apart
                || is_outlined,
            hides: turns || opacity <= 0.0 || blurred || is_cut || moved >= FAR,
            turns,
        })
    }
}

/// True when what is in an element has its place by that.
fn places(document: &BaseDocument, node: &Node) -> bool {
    let position = |id| document.resolved_style_value(id, "position");
    let parts = [node.before(), node.after()].into_iter().flatten();
    let mut parts = parts.chain(node.children.iter().copied());
    let is_absolute = |part| {
        let element = document
            .get_node(part)
            .filter(|part| part.element_data().is_some());
        element.is_some_and(|part| part.primary_styles().is_some()) && position(part) == "absolute"
    };
    position(node.id) == "relative" && parts.any(is_absolute)
}

/// Less is not worth a box, in which words do not flow with the line. CSS pixels.
const LEAST_MARGIN: f32 = 4.0;
/// Moved farther than this is moved out of sight. CSS pixels.
const FAR: f32 = 500.0;

/// How far an element of a line is moved from its place.
fn way(document: &BaseDocument, id: NodeId) -> f32 {
    let margin = pixels(document, id, "margin-left");
    if let Some(away) = margin.filter(|margin| *margin <= -FAR) {
        return -away;
    }
    if document.resolved_style_value(id, "position") != "relative" {
        return 0.0;
    }
    let sides = ["top", "right", "bottom", "left"].iter();
    let far = sides.filter_map(|side| pixels(document, id, side));
    far.map(f32::abs).fold(0.0, f32::max)
}

fn text_fits(document: &BaseDocument, id: NodeId) -> bool {
    let mut letters = 0;
    for (_, node) in all_within(document, id) {
        if let Some(text) = node.text_data() {
            letters += text.content.chars().count();
            if letters > MAX_BOXED_TEXT {
                return false;
            }
        }
    }
    letters > 0
}
