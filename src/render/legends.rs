//! Legends of field sets, which the engine lays out as their first line: they stand in the border
//! above it, which ends where they begin.

use super::fill::is_clear;
use super::mend::{all_within, pixels, put};
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use std::collections::HashSet;

type Change = (NodeId, &'static str, String);

/// Field sets whose legends have their place.
#[derive(Default)]
pub(super) struct Legends(HashSet<NodeId>);

impl Legends {
    /// On a page that is laid out; true when it must be laid out again. What is given stays.
    pub fn place(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let nodes = all_within(document, content).map(|(_, node)| node);
        let sets = nodes.filter(|node| is(node, "fieldset") && !self.0.contains(&node.id));
        let plans: Vec<Plan> = sets.filter_map(|set| plan(document, set)).collect();
        let found = !plans.is_empty();
        for plan in plans {
            self.0.insert(plan.set);
            if let Some(look) = plan.above {
                let style = Attribute {
                    name: QualName::new(None, ns!(), local_name!("style")),
                    value: look.as_str().into(),
                };
                let name = QualName::new(None, ns!(html), LocalName::from("engram-above"));
                let mut mutator = document.mutate();
                let above = mutator.create_element(name, vec![style]);
                mutator.insert_nodes_before(plan.set, &[above]);
            }
            put(document, plan.changes).for_each(drop);
        }
        found
    }
}

/// What a field set with a border and a legend gets.
struct Plan {
    set: NodeId,
    /// The look of what keeps the room above it, where its margin could be one with others.
    above: Option<String>,
    changes: Vec<Change>,
}

fn is(node: &Node, name: &str) -> bool {
    let element = node.element_data();
    element.is_some_and(|element| &*element.name.local == name)
}

/// None for a field set that has no border or no legend.
fn plan(document: &BaseDocument, set: &Node) -> Option<Plan> {
    let value = |id: NodeId, property: &str| document.resolved_style_value(id, property);
    let mut children = set.children.iter().filter_map(|id| document.get_node(*id));
    let legend = children.find(|child| is(child, "legend"))?;
    let style = legend.primary_styles()?;
    let in_flow = value(legend.id, "float") == "none"
        && matches!(&*value(legend.id, "position"), "static" | "relative");
    if value(set.id, "display") != "block" || style.clone_display().is_none() || !in_flow {
        return None;
    }
    let (height, around) = (legend.final_layout().size.height, set.final_layout());
    let (border, padding) = (around.border.top, around.padding.top);
    if border <= 0.0 || height <= border {
        return None;
    }
    let length = |id, property| pixels(document, id, property).unwrap_or_default();
    // The middle of the one is that of the other.
    let above = (height - border) / 2.0;
    let margin = length(set.id, "margin-top");
    let display_around = value(set.parent?, "display");
    let is_item = display_around.contains("flex") || display_around.contains("grid");
    let keeps = format!("display:block;height:{above}px;margin-top:{margin}px");
    let own = if is_item { margin + above } else { 0.0 };
    let behind = length(legend.id, "margin-bottom") + padding;
    let raised = -(padding + border + above);
    let mut changes: Vec<Change> = vec![
        (set.id, "margin-top", format!("{own}px")),
        (legend.id, "margin-top", format!("{raised}px")),
        (legend.id, "margin-bottom", format!("{behind}px")),
    ];
    if style.clone_width().is_auto() {
        changes.push((legend.id, "width", "fit-content".to_owned()));
    }
    let align = value(legend.id, "text-align");
    let is_rtl = value(legend.id, "direction") == "rtl";
    let (left, right) = match &*align {
        other if other.ends_with("center") => (true, true),
        other if other.ends_with("right") => (true, false),
        other if other.ends_with("left") => (false, true),
        other => {
            let at_end = other == "end";
            (at_end != is_rtl, at_end == is_rtl)
        }
    };
    for (is_free, side) in [(left, "margin-left"), (right, "margin-right")] {
        if is_free {
            changes.push((legend.id, side, "auto".to_owned()));
        }
    }
    if is_clear(&value(legend.id, "background-color")) {
        let behind = std::iter::successors(Some(set.id), |id| document.get_node(*id)?.parent);
        let mut colors = behind.map(|id| value(id, "background-color"));
        let seen = colors.find(|color| !color.is_empty() && !is_clear(color));
        changes.extend(seen.map(|color| (legend.id, "background-color", color)));
    }
    Some(Plan {
        set: set.id,
        above: (!is_item).then_some(keeps),
        changes,
    })
}
