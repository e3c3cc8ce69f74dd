//! Borders of dashes and dots around something so large that they would take all memory, and lines
//! of dashes, dots and waves below words that are as far apart: the engine makes each of them, seen
//! or not. They are drawn as plain lines.

use super::mend::put;
use blitz_dom::{BaseDocument, Node, NodeId, RestyleHint, UserAgentStylesheet};
use parley::PositionedLayoutItem;
use std::collections::HashMap;
use style::properties::generated::longhands::text_decoration_style::computed_value::T as LineStyle;
use style::values::computed::{BorderStyle, Length};
use style::values::generics::text::GenericTextDecorationInset;

/// Dashes of all borders of a page, and those of all lines below its words.
const MOST_DASHES: f32 = 1e6;
/// Boxes that styles make cannot be given a style one by one.
const PLAIN_MADE_BOXES: &str = "*::before, *::after {
    border-style: none !important; text-decoration-style: solid !important }";

/// On a page that is laid out; true when it must be styled again. What is given stays.
pub(super) fn join(document: &mut BaseDocument) -> bool {
    let order = in_order(document);
    let nodes = order.iter().filter_map(|id| document.get_node(*id));
    let borders = nodes.flat_map(|node| {
        let sides = dashes(node).into_iter();
        sides.map(|(property, dashes)| (node.id, property, dashes))
    });
    let below = below_words(document);
    let below = order.iter().filter_map(|id| {
        let dashes = *below.get(id)?;
        Some((*id, "text-decoration-style", dashes))
    });
    let many = [too_many(borders), too_many(below)].concat();
    let (made, own): (Vec<_>, Vec<_>) =
        many.into_iter().partition(|(id, _)| is_made(document, *id));
    let solid = |(id, property)| (id, property, "solid".to_owned());
    let own = own.into_iter().map(solid).collect();
    if !made.is_empty() {
        document.add_user_agent_stylesheet(UserAgentStylesheet::parse(PLAIN_MADE_BOXES));
        let root = document.root_element().id;
        if let Some(root) = document.get_node_mut(root) {
            root.set_restyle_hint(RestyleHint::restyle_subtree());
        }
    }
    put(document, own).count() > 0 || !made.is_empty()
}

/// All of a page from its top, with what styles put before and after elements.
fn in_order(document: &BaseDocument) -> Vec<NodeId> {
    let mut order = Vec::new();
    let mut todo = vec![document.root_element().id];
    while let Some(id) = todo.pop() {
        if let Some(node) = document.get_node(id) {
            order.push(id);
            todo.extend(node.after());
            todo.extend(node.children.iter().rev());
            todo.extend(node.before());
        }
    }
    order
}

/// Those that there is no room for, after those that have taken it.
fn too_many(all: impl Iterator<Item = (NodeId, &'static str, f32)>) -> Vec<(NodeId, &'static str)> {
    let mut left = MOST_DASHES;
    let mut many = Vec::new();
    for (id, property, dashes) in all {
        // What is no number is no room for them either.
        if dashes <= left {
            left -= dashes;
        } else {
            many.push((id, property));
        }
    }
    many
}

/// Whether it is the `::before` or `::after` of an element.
fn is_made(document: &BaseDocument, id: NodeId) -> bool {
    let parent = document.get_node(id).and_then(|node| node.parent);
    let parent = parent.and_then(|id| document.get_node(id)?.element_data());
    parent.is_some_and(|element| element.before == Some(id) || element.after == Some(id))
}

/// The sides of an element that have some, and how many there may be: where its corners are round
/// each side is drawn all around it, and cut.
fn dashes(node: &Node) -> Vec<(&'static str, f32)> {
    let style = node.primary_styles();
    let Some(style) = style.filter(|_| node.element_data().is_some()) else {
        return Vec::new();
    };
    let border = style.get_border();
    let size = node.final_layout().size;
    let around = 2.0 * (size.width + size.height);
    let sides = [
        (
            "border-top-style",
            border.border_top_style,
            border.border_top_width.0,
        ),
        (
            "border-bottom-style",
            border.border_bottom_style,
            border.border_bottom_width.0,
        ),
        (
            "border-left-style",
            border.border_left_style,
            border.border_left_width.0,
        ),
        (
            "border-right-style",
            border.border_right_style,
            border.border_right_width.0,
        ),
    ];
    let has_some = |style| matches!(style, BorderStyle::Dashed | BorderStyle::Dotted);
    let sides = sides.into_iter().filter(|(_, style, _)| has_some(*style));
    let sides = sides.map(|(property, _, width)| (property, width.to_f32_px()));
    // A side that has no width has none.
    let sides = sides.filter(|(_, width)| *width > 0.0);
    sides
        .map(|(property, width)| (property, around / width))
        .collect()
}

/// The elements whose words have such lines, and how many dashes there may be: those of a line of
/// text reach from its first word of the element to its last one, and are a pixel long at least.
fn below_words(document: &BaseDocument) -> HashMap<NodeId, f32> {
    let nodes = || document.tree().iter().map(|(_, node)| node);
    let decorates = |node: &&Node| has_dashes_below(node);
    let mut found: HashMap<_, _> = nodes().filter(decorates).map(|n| (n.id, 0.0)).collect();
    if found.is_empty() {
        return found;
    }
    for node in nodes() {
        let text = node
            .element_data()
            .and_then(|element| element.inline_layout_data.as_ref());
        for line in text.iter().flat_map(|text| text.layout.lines()) {
            let mut reach: HashMap<NodeId, (f32, f32)> = HashMap::new();
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(run) = item else {
                    continue;
                };
                let (from, to) = (run.offset(), run.offset() + run.advance());
                let mut within = Some(run.style().brush.id);
                while let Some(id) = within {
                    if found.contains_key(&id) {
                        let (first, last) = reach.entry(id).or_insert((from, to));
                        (*first, *last) = (first.min(from), last.max(to));
                    }
                    let parent = || document.get_node(id).and_then(|node| node.parent);
                    within = (id != node.id).then(parent).flatten();
                }
            }
            for (id, (first, last)) in reach {
                let inset = document
                    .get_node(id)
                    .map_or(0.0, |of| inset(of, last - first));
                *found.entry(id).or_default() += last - first + inset;
            }
        }
    }
    found
}

fn has_dashes_below(node: &Node) -> bool {
    let style = node.primary_styles();
    style.is_some_and(|style| {
        let text = style.get_text();
        let is_dashed = matches!(
            text.text_decoration_style,
            LineStyle::Dashed | LineStyle::Dotted | LineStyle::Wavy
        );
        is_dashed && !text.text_decoration_line.is_empty()
    })
}

/// How much longer than the words the line may be made.
fn inset(node: &Node, width: f32) -> f32 {
    let Some(style) = node.primary_styles() else {
        return 0.0;
    };
    match &style.get_text().text_decoration_inset {
        GenericTextDecorationInset::LengthPercentage { start, end } => {
            let sides = [start, end].map(|side| side.resolve(Length::new(width)).px().abs());
            sides.iter().sum()
        }
        GenericTextDecorationInset::Auto => 0.0,
    }
}
