//! Boxes that style sheets cut to a number of lines (`-webkit-line-clamp`), and those that are laid
//! out as if nothing was in them (`contain: size`). The engine knows neither, so they get heights.

use super::css::{INTRINSIC, LINES};
use super::mend::give_back;
use blitz_dom::{BaseDocument, Node, NodeId};
use std::collections::HashMap;

/// Heights that were given.
#[derive(Default)]
pub(super) struct Cut(HashMap<NodeId, (&'static str, String)>);

impl Cut {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn cut(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let wanted = self.wanted(document, content);
        let changed = wanted != self.0;
        for (id, (property, _)) in &self.0 {
            if wanted.get(id).is_none_or(|(now, _)| now != property) {
                give_back(document, *id, property);
                give_back(document, *id, "transition-property");
            }
        }
        for (id, (property, height)) in &wanted {
            if self.0.get(id) != wanted.get(id) {
                // It comes at once, even where changes are to take time.
                document.set_style_property(*id, "transition-property", "none");
                document.set_style_property(*id, property, height);
            }
        }
        self.0 = wanted;
        changed
    }

    fn wanted(
        &self,
        document: &BaseDocument,
        content: NodeId,
    ) -> HashMap<NodeId, (&'static str, String)> {
        let mut found = HashMap::new();
        let mut todo = vec![(content, String::new())];
        while let Some((id, around)) = todo.pop() {
            let Some(node) = document.get_node(id) else {
                continue;
            };
            let style = node.primary_styles();
            let Some(style) = style.filter(|_| node.element_data().is_some()) else {
                continue;
            };
            let lines = match style.custom_properties().is_empty() {
                true => String::new(),
                false => document.resolved_style_value(id, LINES).trim().to_owned(),
            };
            let own = Some(&lines).filter(|lines| **lines != around);
            let count = own.and_then(|lines| lines.parse::<usize>().ok());
            let cut = count.filter(|_| document.resolved_style_value(id, "display") == "flow-root");
            if let Some(height) = cut.and_then(|count| height_of(document, node, count)) {
                found.insert(id, ("max-height", format!("{height}px")));
            } else if !style.clone_contain().is_empty()
                && (style.clone_height().is_auto() || self.0.contains_key(&id))
                && is_empty(document, node)
            {
                found.insert(id, ("height", "0px".to_owned()));
            }
            todo.extend(node.children.iter().map(|&child| (child, lines.clone())));
        }
        found
    }
}

/// Height down to the end of a line, as `max-height` counts; None when there are not so many.
fn height_of(document: &BaseDocument, cut: &Node, count: usize) -> Option<f32> {
    let top = cut.absolute_position(0.0, 0.0).y;
    let mut left = count.checked_sub(1)?;
    let mut todo = vec![cut.id];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let text = node
            .element_data()
            .and_then(|data| data.inline_layout_data.as_ref());
        if let Some(text) = text.filter(|_| node.flags.is_inline_root()) {
            let mut lines = text.layout.lines();
            let here = lines.len();
            if let Some(line) = lines.nth(left) {
                let (layout, own) = (node.final_layout(), cut.final_layout());
                let edge = layout.border.top + layout.padding.top + text.block_offset;
                let end = line.metrics().block_max_coord / document.viewport().scale();
                let height = node.absolute_position(0.0, 0.0).y - top + edge + end;
                let inner = height - own.border.top - own.padding.top;
                let sizing = document.resolved_style_value(cut.id, "box-sizing");
                let around = match &*sizing {
                    "border-box" => {
                        let (border, padding) = (own.border, own.padding);
                        border.top + border.bottom + padding.top + padding.bottom
                    }
                    _ => 0.0,
                };
                return Some(inner + around);
            }
            left -= here;
        } else if let Some(children) = node.layout_children.borrow().as_ref() {
            todo.extend(children.iter().rev());
        }
    }
    None
}

/// True for one that is as high as if it was empty, where its height is not said.
fn is_empty(document: &BaseDocument, node: &Node) -> bool {
    let value = |property: &str| document.resolved_style_value(node.id, property);
    let contain = value("contain");
    let display_around = node
        .parent
        .map(|parent| document.resolved_style_value(parent, "display"));
    contain.split_whitespace().any(|word| matches!(word, "size" | "strict"))
        && !node.children.is_empty()
        && !node.is_non_atomic_inline()
        && !value("display").starts_with("table")
        && matches!(&*value("position"), "static" | "relative")
        && value("aspect-ratio") == "auto"
        && value(INTRINSIC).is_empty()
        // Which may stretch it.
        && display_around.is_none_or(|around| !around.contains("flex") && !around.contains("grid"))
}
