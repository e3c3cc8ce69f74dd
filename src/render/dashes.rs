//! Borders of dashes and dots around something so large that they would take all memory: the engine
//! makes each of them, seen or not. They are drawn as lines.

use super::mend::{all_within, put};
use blitz_dom::{BaseDocument, Node};
use style::values::computed::BorderStyle;

/// Dashes and dots of all borders of a page.
const MOST_DASHES: f32 = 1e6;

/// On a page that is laid out; true when it must be styled again. What is given stays.
pub(super) fn join(document: &mut BaseDocument) -> bool {
    let mut left = MOST_DASHES;
    let mut changes = Vec::new();
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
