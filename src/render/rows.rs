//! Pictures in flexible rows. One that is stretched (as all are where nothing else is said) is made
//! by the engine as tall as its `max-height` lets it be, and as wide as that makes it, before the
//! height of the row is known; every picture of a card has such a limit. It gets the size of its own
//! in the row: where what stands beside it is taller, browsers draw it out to that height.

use super::mend::all_within;
use blitz_dom::{BaseDocument, Node, NodeId};

/// On a page that is laid out; true when it must be laid out again. What is given stays: without
/// it the picture would have a wrong size again.
pub(super) fn unstretch(document: &mut BaseDocument, content: NodeId) -> bool {
    let mut stretched = Vec::new();
    for (id, node) in all_within(document, content) {
        if is_stretched(document, node) {
            stretched.push(id);
        }
    }
    for id in &stretched {
        document.set_style_property(*id, "align-self", "flex-start");
    }
    !stretched.is_empty()
}

/// A picture without a height of its own that is to be as tall as its row.
fn is_stretched(document: &BaseDocument, node: &Node) -> bool {
    let is_picture = (node.element_data()).is_some_and(|element| &*element.name.local == "img");
    let style = node.primary_styles().filter(|_| is_picture);
    let is_free = style.is_some_and(|style| style.clone_height().is_auto());
    let Some(row) = node.parent.filter(|_| is_free) else {
        return false;
    };
    let is = |id: NodeId, property: &str, values: &[&str]| {
        values.contains(&&*document.resolved_style_value(id, property))
    };
    let own = document.resolved_style_value(node.id, "align-self");
    let is_drawn_out = match &*own {
        "auto" => is(row, "align-items", &["normal", "stretch"]),
        own => matches!(own, "normal" | "stretch"),
    };
    is_drawn_out
        && is(row, "display", &["flex", "inline-flex"])
        && is(row, "flex-direction", &["row", "row-reverse"])
        && !is(node.id, "max-height", &["none"])
}
