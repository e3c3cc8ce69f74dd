//! Text in columns (`columns`), which the engine does not know: the blocks of it, as items and
//! paragraphs, stand in columns as wholes. Text that is no more than one block stays in one.

use super::mend::{Part, all_within, give_back, pixels};
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, ns};
use std::collections::HashMap;

/// An attribute of what is laid out so: see the style sheet, whose word on it counts less than that
/// of the card, which may hide it again.
const COLUMNED: &str = "data-engram-columned";

/// More are no text for people.
const MOST_COLUMNS: usize = 50;
const MOST_BLOCKS: usize = 1000;
/// Elements around all blocks, each the only one in the one around it.
const MOST_AROUND: usize = 8;

/// What was set, with how many columns, rows, and pixels between columns.
#[derive(Default)]
pub(super) struct Columns(HashMap<NodeId, Grid>);

#[derive(Clone, Copy, PartialEq)]
struct Grid {
    columns: usize,
    rows: usize,
    gap: f32,
}

impl Grid {
    fn declarations(self) -> [(&'static str, String); 5] {
        [
            ("grid-auto-flow", "column".to_owned()),
            (
                "grid-template-columns",
                format!("repeat({}, minmax(0, 1fr))", self.columns),
            ),
            ("grid-template-rows", format!("repeat({}, auto)", self.rows)),
            ("column-gap", format!("{}px", self.gap)),
            ("align-items", "start".to_owned()),
        ]
    }
}

impl Columns {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn place(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let wanted = self.wanted(document, content);
        let changed = wanted != self.0;
        for (id, grid) in &self.0 {
            if !wanted.contains_key(id) {
                document.mutate().clear_attribute(*id, columned());
                for (property, _) in grid.declarations() {
                    give_back(document, *id, property);
                }
            }
        }
        for (id, grid) in &wanted {
            if self.0.get(id) != Some(grid) {
                document.mutate().set_attribute(*id, columned(), "");
                for (property, value) in grid.declarations() {
                    document.set_style_property(*id, property, &value);
                }
            }
        }
        self.0 = wanted;
        changed
    }

    fn wanted(&self, document: &BaseDocument, content: NodeId) -> HashMap<NodeId, Grid> {
        let mut found = HashMap::new();
        for (_, node) in all_within(document, content) {
            let style = node
                .primary_styles()
                .filter(|_| node.element_data().is_some());
            if style.is_some_and(|style| style.get_column().is_multicol()) {
                found.extend(self.grid(document, node));
            }
        }
        found
    }

    /// The element whose blocks are to stand in the columns of this one.
    fn grid(&self, document: &BaseDocument, around: &Node) -> Option<(NodeId, Grid)> {
        let mut node = around;
        let mut blocks = self.blocks(document, node)?;
        for _ in 0..MOST_AROUND {
            let [only] = blocks.as_slice() else { break };
            node = document.get_node(*only)?;
            blocks = self.blocks(document, node)?;
        }
        let columns = columns(document, around).min(MOST_COLUMNS);
        let is_some = (2..=MOST_BLOCKS).contains(&blocks.len()) && columns > 1;
        let gap = gap(document, around);
        let rows = blocks.len().div_ceil(columns.max(1));
        is_some.then_some((node.id, Grid { columns, rows, gap }))
    }

    /// Of a block of which there is nothing else.
    fn blocks(&self, document: &BaseDocument, node: &Node) -> Option<Vec<NodeId>> {
        let display = document.resolved_style_value(node.id, "display");
        let is_block = matches!(&*display, "block" | "flow-root" | "list-item");
        if !is_block && !self.0.contains_key(&node.id) || node.before().or(node.after()).is_some() {
            return None;
        }
        let mut blocks = Vec::new();
        for &child in &node.children {
            match Part::of(document, child) {
                Part::Block => blocks.push(child),
                Part::Line => return None,
                Part::Hidden | Part::Nothing => {}
            }
        }
        Some(blocks)
    }
}

fn columned() -> QualName {
    QualName::new(None, ns!(), LocalName::from(COLUMNED))
}

/// Between two columns.
fn gap(document: &BaseDocument, node: &Node) -> f32 {
    let said = pixels(document, node.id, "column-gap");
    let normal = || pixels(document, node.id, "font-size");
    said.or_else(normal).unwrap_or_default()
}

/// How many columns there is room for.
fn columns(document: &BaseDocument, node: &Node) -> usize {
    let most = document.resolved_style_value(node.id, "column-count");
    let most = most.parse::<usize>().ok();
    let Some(width) = pixels(document, node.id, "column-width") else {
        return most.unwrap_or(1);
    };
    let gap = gap(document, node);
    let layout = node.final_layout();
    let (border, padding) = (layout.border, layout.padding);
    let around = border.left + border.right + padding.left + padding.right;
    let room = (layout.size.width - around + gap) / (width + gap).max(1.0);
    most.unwrap_or(MOST_COLUMNS).min(room as usize).max(1)
}
