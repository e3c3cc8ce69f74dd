//! What is painted above what, where the engine leaves out or lets out what browsers do not. It
//! paints nothing within an element that is not visible, though parts of it may be; and what has a
//! `z-index` is painted apart from the elements around it, past the edges that cut them off.

use super::fill::{is_clear, is_skipped};
use blitz_dom::{BaseDocument, Node, NodeId, local_name};
use std::collections::HashSet;

/// On a page that is laid out; true when it must be laid out again. What is given stays: it does
/// no harm where style sheets say something else later.
pub(super) fn order(document: &mut BaseDocument, content: NodeId) -> bool {
    let mut changes: Vec<(NodeId, &str, &str)> = Vec::new();
    // What is below zero is looked at by itself.
    let mut seen = [HashSet::from([content]), HashSet::from([content])];
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        // The parts of a drawing are painted as one.
        if node.data.is_element_with_tag_name(&local_name!("svg")) {
            continue;
        }
        todo.extend(&node.children);
        let emerges = emerges(document, node);
        if emerges {
            // Painted by what is around all that is hidden.
            if document.resolved_style_value(id, "position") == "static" {
                changes.push((id, "position", "relative"));
            }
            if matches!(&*document.resolved_style_value(id, "z-index"), "auto" | "0") {
                changes.push((id, "z-index", "1"));
            }
        }
        let parts = [node.before(), node.after()].into_iter().flatten();
        let parts = parts.filter_map(|part| Some((node, z_index(document, part)?)));
        let own = z_index(document, id).or(emerges.then_some(1));
        // What is around the content as a whole is not looked at.
        let around = parent(document, node).filter(|_| id != content);
        for (around, z) in parts.chain(around.zip(own)) {
            let sinks = z < 0;
            let mut around = Some(around);
            while let Some(node) = around.filter(|node| seen[usize::from(sinks)].insert(node.id)) {
                if cuts_off(document, node) && !(sinks && covers(document, node, content)) {
                    changes.push((node.id, "isolation", "isolate"));
                    // With this alone the engine does not order anew.
                    if document.resolved_style_value(node.id, "z-index") == "auto" {
                        changes.push((node.id, "z-index", "0"));
                    }
                }
                around = parent(document, node);
            }
        }
    }
    for (id, property, value) in &changes {
        document.set_style_property(*id, property, value);
    }
    !changes.is_empty()
}

fn parent<'a>(document: &'a BaseDocument, node: &Node) -> Option<&'a Node> {
    node.parent.and_then(|parent| document.get_node(parent))
}

/// Visible within what is not.
fn emerges(document: &BaseDocument, node: &Node) -> bool {
    let around = parent(document, node).and_then(|around| around.primary_styles());
    let style = node
        .primary_styles()
        .filter(|_| node.element_data().is_some());
    let (Some(around), Some(style)) = (around, style) else {
        return false;
    };
    around.clone_visibility() != style.clone_visibility()
        && !style.clone_display().is_none()
        && document.resolved_style_value(node.id, "visibility") == "visible"
        && !is_skipped(document, node.id)
}

/// None where it is not said.
fn z_index(document: &BaseDocument, id: NodeId) -> Option<i32> {
    let node = document.get_node(id)?;
    let is_auto = node.primary_styles()?.clone_z_index().is_auto();
    (!is_auto).then(|| node.z_index())
}

fn cuts_off(document: &BaseDocument, node: &Node) -> bool {
    let is =
        |property: &str, value: &str| document.resolved_style_value(node.id, property) == value;
    let clips = !is("overflow-x", "visible") || !is("overflow-y", "visible") || {
        let contains = document.resolved_style_value(node.id, "contain");
        let mut words = contains.split_whitespace();
        words.any(|word| matches!(word, "paint" | "strict" | "content"))
    };
    clips && !is("isolation", "isolate")
}

/// True for one below whose background, or that of what is around it, stands what has a `z-index`
/// below zero: it is not to come out from there.
fn covers(document: &BaseDocument, node: &Node, content: NodeId) -> bool {
    let size = node.final_layout().size;
    if size.width <= 0.0 || size.height <= 0.0 {
        return false;
    }
    let mut around = Some(node);
    while let Some(node) = around {
        if node.is_stacking_context_root(false) {
            return false;
        }
        let value = |property: &str| document.resolved_style_value(node.id, property);
        if !is_clear(&value("background-color")) || value("background-image") != "none" {
            return true;
        }
        around = parent(document, node).filter(|_| node.id != content);
    }
    false
}
