//! Styles that tables are laid out by. Of what is to be calculated (`calc()`) in the style of a
//! table or a cell, the engine keeps no more than a pointer when it makes the table's grid, and
//! follows it whenever the table is laid out, also when the element has another style by then. So
//! styles stay here for as long as the grid that was made of them.

use blitz_dom::node::SpecialElementData;
use blitz_dom::{BaseDocument, NodeId};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use style::properties::ComputedValues;
use style::servo_arc;

/// Of one element.
type Style = servo_arc::Arc<ComputedValues>;

/// A table's grid in the engine, with the styles that it points into.
type Grid = (Arc<dyn Any>, Vec<Style>);

/// The grids that were made last.
#[derive(Default)]
pub(super) struct Kept(HashMap<NodeId, Grid>);

impl Kept {
    /// To be called each time that the engine has laid out: elements have the styles then that
    /// new grids were made of.
    pub fn keep(&mut self, document: &BaseDocument) {
        let mut before = std::mem::take(&mut self.0);
        // Also what is generated, which is no element's child.
        for (id, node) in document.tree().iter() {
            let data = node.element_data().map(|element| &element.special_data);
            let Some(SpecialElementData::TableRoot(grid)) = data else {
                continue;
            };
            let is_made_of =
                |(made, _): &Grid| std::ptr::addr_eq(Arc::as_ptr(made), Arc::as_ptr(grid));
            let kept = before.remove(&id).filter(is_made_of).unwrap_or_else(|| {
                let cells = grid.cells.iter().map(|cell| cell.node_id);
                let nodes = cells.chain([id]).filter_map(|id| document.get_node(id));
                let styles = nodes.filter_map(|node| Some(node.primary_styles()?.clone()));
                (grid.clone() as Arc<dyn Any>, styles.collect())
            });
            self.0.insert(id, kept);
        }
    }
}
