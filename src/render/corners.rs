//! Rounded boxes with a border at the left or right and none above or below it. The engine does not
//! find the end of such a border in the round corner, and paints nothing: it gets one there that is
//! not seen, in the place of a pixel of the padding.

use super::mend::{all_within, pixels, put};
use blitz_dom::{BaseDocument, Node, NodeId};
use style::values::computed::{BorderCornerRadius, BorderStyle};

type Change = (NodeId, &'static str, String);

/// On a page that is laid out; true when it must be laid out again. What is given stays.
pub(super) fn complete(document: &mut BaseDocument, content: NodeId) -> bool {
    let body = document.get_node(content).and_then(|node| node.parent);
    let body = body.and_then(|body| document.get_node(body));
    let nodes = all_within(document, content).map(|(_, node)| node);
    let changes = body.into_iter().chain(nodes);
    let changes: Vec<Change> = changes.flat_map(|node| missing(document, node)).collect();
    put(document, changes).count() > 0
}

/// What the border of an element needs.
fn missing(document: &BaseDocument, node: &Node) -> Vec<Change> {
    let style = node.primary_styles();
    let Some(style) = style.filter(|_| node.element_data().is_some()) else {
        return Vec::new();
    };
    let border = style.get_border();
    let is_seen = |width: f32, style: BorderStyle| width > 0.0 && !style.none_or_hidden();
    let left = is_seen(
        border.border_left_width.0.to_f32_px(),
        border.border_left_style,
    );
    let right = is_seen(
        border.border_right_width.0.to_f32_px(),
        border.border_right_style,
    );
    if !left && !right {
        return Vec::new();
    }
    let value = |property: &str| document.resolved_style_value(node.id, property);
    let collapses = value("display").starts_with("table") && value("border-collapse") == "collapse";
    let top = is_seen(
        border.border_top_width.0.to_f32_px(),
        border.border_top_style,
    );
    let top_corners = left && is_round(&border.border_top_left_radius)
        || right && is_round(&border.border_top_right_radius);
    let bottom = is_seen(
        border.border_bottom_width.0.to_f32_px(),
        border.border_bottom_style,
    );
    let bottom_corners = left && is_round(&border.border_bottom_left_radius)
        || right && is_round(&border.border_bottom_right_radius);
    let mut changes = Vec::new();
    if collapses {
        // Browsers round none of these.
        if top_corners && !top || bottom_corners && !bottom {
            changes.push((node.id, "border-radius", "0".to_owned()));
        }
        return changes;
    }
    // Another one is as high with it.
    let grows = value("box-sizing") != "border-box" || style.clone_height().is_auto();
    if top_corners && !top {
        let gives = grows && !style.clone_margin_top().is_auto();
        changes.extend(unseen(document, node.id, &TOP, gives));
    }
    if bottom_corners && !bottom {
        let gives = grows && !style.clone_margin_bottom().is_auto();
        changes.extend(unseen(document, node.id, &BOTTOM, gives));
    }
    changes
}

/// The properties of a side.
struct Side {
    width: &'static str,
    style: &'static str,
    color: &'static str,
    padding: &'static str,
    margin: &'static str,
}

const TOP: Side = Side {
    width: "border-top-width",
    style: "border-top-style",
    color: "border-top-color",
    padding: "padding-top",
    margin: "margin-top",
};
const BOTTOM: Side = Side {
    width: "border-bottom-width",
    style: "border-bottom-style",
    color: "border-bottom-color",
    padding: "padding-bottom",
    margin: "margin-bottom",
};

/// A border of a pixel, and what gives it its room: the padding, or else the margin if that may.
fn unseen(document: &BaseDocument, id: NodeId, side: &Side, gives: bool) -> Vec<Change> {
    let mut changes = vec![
        (id, side.width, "1px".to_owned()),
        (id, side.style, "solid".to_owned()),
        (id, side.color, "transparent".to_owned()),
    ];
    let padding = pixels(document, id, side.padding).unwrap_or_default();
    if padding >= 1.0 {
        changes.push((id, side.padding, format!("{}px", padding - 1.0)));
    } else if let Some(margin) = pixels(document, id, side.margin).filter(|_| gives) {
        changes.push((id, side.margin, format!("{}px", margin - 1.0)));
    }
    changes
}

fn is_round(corner: &BorderCornerRadius) -> bool {
    // A percentage has no length yet; it is not zero.
    let width = corner.0.width.0.to_length();
    width.is_none_or(|length| length.px() > 0.0)
}
