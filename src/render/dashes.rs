//! Borders of dashes and dots around something so large that they would take all memory, and such
//! lines below words that are as far apart: the engine makes each of them, seen or not. They are
//! drawn as lines.

use super::mend::{all_within, put};
use blitz_dom::{BaseDocument, Node, NodeId};
use parley::PositionedLayoutItem;
use std::collections::HashMap;
use style::properties::generated::longhands::text_decoration_style::computed_value::T as LineStyle;
use style::values::computed::{BorderStyle, Length};
use style::values::generics::text::GenericTextDecorationInset;

/// Dashes and dots of all borders of a page, and those and waves of all lines of its texts.
const MOST_DASHES: f32 = 1e6;

/// On a page that is laid out; true when it must be styled again. What is given stays.
pub(super) fn join(document: &mut BaseDocument) -> bool {
    let mut left = MOST_DASHES;
    let mut changes = Vec::new();
    for (id, dashes) in below_words(document) {
        if dashes <= left {
            left -= dashes;
        } else {
            changes.push((id, "text-decoration-style", "solid".to_owned()));
        }
    }
    let mut left = MOST_DASHES;
    for (id, node) in all_within(document, document.root_element().id) {
        for (property, dashes) in dashes(node) {
            // What is no number is no room for them either.
            if dashes <= left {
                left -= dashes;
            } else {
                changes.push((id, property, "solid".to_owned()));
            }
        }
    }
    put(document, changes).count() > 0
}

/// The sides of an element that have some, and how many there may be.
fn dashes(node: &Node) -> Vec<(&'static str, f32)> {
    let style = node.primary_styles();
    let Some(style) = style.filter(|_| node.element_data().is_some()) else {
        return Vec::new();
    };
    let border = style.get_border();
    let size = node.final_layout().size;
    let sides = [
        (
            "border-top-style",
            border.border_top_style,
            border.border_top_width.0,
            size.width,
        ),
        (
            "border-bottom-style",
            border.border_bottom_style,
            border.border_bottom_width.0,
            size.width,
        ),
        (
            "border-left-style",
            border.border_left_style,
            border.border_left_width.0,
            size.height,
        ),
        (
            "border-right-style",
            border.border_right_style,
            border.border_right_width.0,
            size.height,
        ),
    ];
    let has_some = |style| matches!(style, BorderStyle::Dashed | BorderStyle::Dotted);
    let sides = sides.into_iter().filter(|(_, style, ..)| has_some(*style));
    let counted = sides.map(|(property, _, width, length)| (property, length / width.to_f32_px()));
    // A side that has no width has none.
    counted
        .filter(|(_, dashes)| *dashes != f32::INFINITY)
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
