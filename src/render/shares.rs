//! Columns of tables whose widths are said in per cent, which the engine knows only of tables with
//! `table-layout: fixed`: elsewhere it takes them for `auto`. A width that has to be calculated it
//! takes as it is, so cells of the first row get theirs as such a one. A column in which something
//! does not fit then is given back: it is as wide as that, whatever is said of it.

use super::mend::{all_within, give_back, put};
use blitz_dom::{BaseDocument, LocalName, Node, NodeId};
use std::collections::{HashMap, HashSet};
use style::values::computed::Size;

/// More are no table for people.
const MOST_COLUMNS: usize = 100;

/// Tables that were looked at, and the cells that were given a width.
#[derive(Default)]
pub(super) struct Shares {
    seen: HashSet<NodeId>,
    given: HashMap<NodeId, Vec<NodeId>>,
}

impl Shares {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn give(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let mut changes = Vec::new();
        for (id, node) in all_within(document, content) {
            if is(node, "table") && has_own_width(document, node) && self.seen.insert(id) {
                let cells = widths(document, node);
                if !cells.is_empty() {
                    self.given
                        .insert(id, cells.iter().map(|cell| cell.0).collect());
                    changes.extend(cells);
                    changes.extend(rebuilt(document, id));
                }
            }
        }
        put(document, changes).count() > 0
    }

    /// Takes back what leaves something no room, after it was laid out; true when it must be laid
    /// out again.
    pub fn fit(&mut self, document: &mut BaseDocument) -> bool {
        let mut tight = Vec::new();
        self.given.retain(|_, cells| {
            let fits = cells.iter().all(|cell| fits(document, *cell));
            if !fits {
                tight.append(cells);
            }
            fits
        });
        for cell in &tight {
            give_back(document, *cell, "width");
        }
        !tight.is_empty()
    }
}

fn is(node: &Node, name: &str) -> bool {
    let element = node.element_data();
    element.is_some_and(|element| &*element.name.local == name)
}

fn value(document: &BaseDocument, id: NodeId, property: &str) -> String {
    document.resolved_style_value(id, property)
}

/// Of what takes its width from its content, parts are not known before.
fn has_own_width(document: &BaseDocument, table: &Node) -> bool {
    let style = table.primary_styles();
    let has_width = style.is_some_and(|style| !style.clone_width().is_auto());
    has_width && value(document, table.id, "table-layout") == "auto"
}

/// What each cell of the first row gets.
fn widths(document: &BaseDocument, table: &Node) -> Vec<(NodeId, &'static str, String)> {
    let mut said = Vec::new();
    let mut columns = 0;
    let mut left = 1.0_f32;
    for cell in first_row(document, table).into_iter().flatten() {
        let span = span(cell);
        columns += span;
        let share = share(cell)
            .filter(|_| span == 1)
            .map(|share| share.min(left));
        if let Some(share) = share.filter(|share| *share > 0.0) {
            left -= share;
            said.push((cell.id, share));
        }
    }
    if columns > MOST_COLUMNS {
        return Vec::new();
    }
    // Nobody else takes what is left.
    let whole = if said.len() == columns {
        1.0 - left
    } else {
        1.0
    };
    said.into_iter()
        .map(|(id, share)| {
            // A length that nobody sees, so that it is a width to be calculated.
            let width = format!("calc({}% + 0.01px)", share / whole * 100.0);
            (id, "width", width)
        })
        .collect()
}

fn first_row<'a>(document: &'a BaseDocument, table: &'a Node) -> Option<Vec<&'a Node>> {
    let groups: Vec<&Node> = children(document, table).collect();
    let head = groups.iter().find(|group| is(group, "thead"));
    let group = head.or_else(|| groups.iter().find(|group| is(group, "tbody")))?;
    let row = children(document, group).find(|row| is(row, "tr"))?;
    Some(children(document, row).collect())
}

fn children<'a>(document: &'a BaseDocument, node: &'a Node) -> impl Iterator<Item = &'a Node> {
    let children = node.children.iter();
    children
        .filter_map(|child| document.get_node(*child))
        .filter(|child| child.primary_styles().is_some())
        .filter(|child| child.element_data().is_some())
}

fn span(cell: &Node) -> usize {
    let said = cell.attr(LocalName::from("colspan"));
    let span = said.and_then(|said| said.parse::<u16>().ok()).unwrap_or(1);
    usize::from(span.max(1))
}

/// The part of the table's width that a cell is to have.
fn share(cell: &Node) -> Option<f32> {
    match cell.primary_styles()?.clone_width() {
        Size::LengthPercentage(width) => width.0.to_percentage().map(|part| part.0),
        _ => None,
    }
}

/// The engine makes a table's grid anew only when such a property changes.
fn rebuilt(document: &BaseDocument, table: NodeId) -> Option<(NodeId, &'static str, String)> {
    let is_static = value(document, table, "position") == "static";
    is_static.then(|| (table, "position", "relative".to_owned()))
}

fn fits(document: &BaseDocument, cell: NodeId) -> bool {
    document.get_node(cell).is_none_or(|node| {
        let layout = node.final_layout();
        layout.scrollable_overflow_rect.right <= layout.size.width + 1.0
    })
}
