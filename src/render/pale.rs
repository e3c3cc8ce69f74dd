//! Pale text that flows: the engine knows `opacity` of boxes alone, so elements of lines get paler
//! colours instead, and boxes within them their share. Rows of tables are no boxes to it either;
//! their cells get what the rows are to have, blur and the like as well.

use super::mend::{give_back, put};
use blitz_dom::{BaseDocument, Node, NodeId};
use std::collections::HashSet;

/// What of a page is pale.
#[derive(Default)]
pub(super) struct Pale {
    /// Elements of lines and rows with their opacity and filters, when it was last looked at.
    seen: Vec<(NodeId, f32, String)>,
    /// Properties that were set.
    changed: Vec<(NodeId, &'static str)>,
}

impl Pale {
    /// True when elements have other colours than their own, and the opacity of one is another
    /// now.
    pub fn is_other(&self, document: &BaseDocument, content: NodeId) -> bool {
        !self.changed.is_empty() && lines(document, content, &HashSet::new()) != self.seen
    }

    /// Gives elements their own colours back.
    pub fn take_back(&mut self, document: &mut BaseDocument) {
        for (id, property) in self.changed.drain(..) {
            give_back(document, id, property);
        }
        self.seen.clear();
    }

    /// Makes pale what flows; `boxed` is about to become a box. True when anything was changed.
    pub fn paint(
        &mut self,
        document: &mut BaseDocument,
        content: NodeId,
        boxed: &HashSet<NodeId>,
    ) -> bool {
        let seen = lines(document, content, boxed);
        if seen == self.seen {
            return false;
        }
        self.seen = seen;
        let mut changes: Vec<(NodeId, &'static str, String)> = Vec::new();
        let mut todo = vec![(content, 1.0, String::new())];
        while let Some((id, around, mut filters)) = todo.pop() {
            let Some(node) = document.get_node(id) else {
                continue;
            };
            let Some(opacity) = opacity_of(node) else {
                continue;
            };
            let mut within = around;
            let is_row = is_row(document, node);
            if is_row || in_line(node, boxed) {
                within *= opacity;
                for property in ["color", "background-color"]
                    .iter()
                    .filter(|_| within < 1.0)
                {
                    let color = document.resolved_style_value(id, property);
                    let paler = paler(&color, within);
                    changes.extend(paler.map(|paler| (id, *property, paler)));
                }
                if is_row {
                    filters = both(&filters_of(document, node), &filters);
                }
            } else {
                if around < 1.0 {
                    changes.push((id, "opacity", (opacity * around).to_string()));
                    // Not that of the line around it.
                    changes.push((id, "color", document.resolved_style_value(id, "color")));
                    within = 1.0;
                }
                if !filters.is_empty() {
                    let all = both(&filters_of(document, node), &filters);
                    changes.push((id, "filter", all));
                    filters = String::new();
                }
            }
            let children = node.children.iter();
            todo.extend(children.map(|&child| (child, within, filters.clone())));
        }
        let found = !changes.is_empty();
        self.changed.extend(put(document, changes));
        found
    }
}

fn opacity_of(node: &Node) -> Option<f32> {
    node.element_data()?;
    let style = node.primary_styles()?;
    Some(style.get_effects().opacity)
}

fn in_line(node: &Node, boxed: &HashSet<NodeId>) -> bool {
    node.is_non_atomic_inline() && !boxed.contains(&node.id)
}

/// One of a table, which has no box of its own.
fn is_row(document: &BaseDocument, node: &Node) -> bool {
    const ROWS: [&str; 4] = ["tr", "tbody", "thead", "tfoot"];
    let tag = node.element_data().map(|element| &*element.name.local);
    tag.is_some_and(|tag| ROWS.contains(&tag))
        && document
            .resolved_style_value(node.id, "display")
            .starts_with("table-")
}

/// Empty when there are none.
fn filters_of(document: &BaseDocument, node: &Node) -> String {
    let style = node.primary_styles();
    match style.is_some_and(|style| !style.get_effects().filter.0.is_empty()) {
        true => document.resolved_style_value(node.id, "filter"),
        false => String::new(),
    }
}

fn both(one: &str, other: &str) -> String {
    format!("{one} {other}").trim().to_owned()
}

/// Pale elements that flow, and rows that are pale or filtered, in the order of the page.
fn lines(
    document: &BaseDocument,
    content: NodeId,
    boxed: &HashSet<NodeId>,
) -> Vec<(NodeId, f32, String)> {
    let mut found = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if let Some(opacity) = opacity_of(node) {
            let is_row = is_row(document, node);
            let filters = if is_row {
                filters_of(document, node)
            } else {
                String::new()
            };
            let is_pale = opacity < 1.0 && (is_row || in_line(node, boxed));
            if is_pale || !filters.is_empty() {
                found.push((id, opacity, filters));
            }
        }
        todo.extend(node.children.iter().rev());
    }
    found
}

/// A colour as the engine writes it, less of it; None for one of which nothing is seen.
fn paler(color: &str, part: f32) -> Option<String> {
    let inner = color.strip_prefix("rgba(").or(color.strip_prefix("rgb("))?;
    let numbers = inner.strip_suffix(')')?.split(',');
    let numbers: Vec<f32> = numbers.filter_map(|n| n.trim().parse().ok()).collect();
    let (rgb, alpha) = match numbers.as_slice() {
        [red, green, blue] => ([red, green, blue], 1.0),
        [red, green, blue, alpha] => ([red, green, blue], *alpha),
        _ => return None,
    };
    let [red, green, blue] = rgb;
    (alpha > 0.0).then(|| format!("rgba({red}, {green}, {blue}, {})", alpha * part))
}

#[cfg(test)]
mod tests {
    use super::paler;

    #[test]
    fn colours_keep_their_own_transparency() {
        for (color, expect) in [
            ("rgb(1, 2, 3)", Some("rgba(1, 2, 3, 0.5)")),
            ("rgba(1, 2, 3, 0.5)", Some("rgba(1, 2, 3, 0.25)")),
            ("rgba(0, 0, 0, 0)", None),
            ("color(srgb 1 0 0)", None),
        ] {
            assert_eq!(paler(color, 0.5).as_deref(), expect, "{color}");
        }
    }
}
