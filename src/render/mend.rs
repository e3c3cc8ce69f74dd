//! Corrections to computed styles that the engine cannot paint: boxes of inline elements, a border
//! on some sides of a rounded box, and colours within play buttons. They need the cascade's result,
//! so they come after the first layout; the price is a second one for the cards concerned.

use super::prepare::PLAY_IMAGE;
use blitz_dom::{BaseDocument, LocalName, NodeId, QualName, local_name, ns};
use std::collections::HashSet;

/// Put into text by this pass; never part of what is copied or read out.
pub(super) const KEEP: char = '\u{200b}';

/// Longer inline text keeps flowing without its box: as one block it could not break into lines.
const MAX_BOXED_TEXT: usize = 60;

/// Changes what cannot be painted; true when the page must be laid out again.
pub(super) fn mend(document: &mut BaseDocument) -> bool {
    let Some(content) = document.get_element_by_id("qa") else {
        return false;
    };
    let mut changes: Vec<(NodeId, &str, &str)> = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        todo.extend(&node.children);
        let Some(look) = Look::of(document, id) else {
            continue;
        };
        if node.is_non_atomic_inline() {
            if look.has_box && text_fits(document, id) {
                changes.push((id, "display", "inline-block"));
            }
        } else if look.rounded && (1..4).contains(&look.sides) {
            changes.push((id, "border-radius", "0"));
        }
    }
    for (id, property, value) in &changes {
        document.set_style_property(*id, property, value);
    }
    let boxed: HashSet<NodeId> = changes
        .iter()
        .filter(|(_, property, _)| *property == "display")
        .map(|(id, ..)| *id)
        .collect();
    let spaced = keep_spaces(document, content, &boxed);
    let painted = paint_buttons(document, content);
    spaced || painted || !changes.is_empty()
}

/// The library that draws SVG is given its source alone, so what the style sheet says of the shapes
/// in play buttons becomes part of it.
fn paint_buttons(document: &mut BaseDocument, content: NodeId) -> bool {
    let mut changes: Vec<(NodeId, &str, String)> = Vec::new();
    let mut todo = vec![(content, false)];
    while let Some((id, mut in_button)) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if in_button && let Some(element) = node.element_data() {
            for property in ["fill", "stroke", "stroke-width"] {
                let wanted = document.resolved_style_value(id, property);
                let has = element.attrs().iter().find(|a| &*a.name.local == property);
                let has = has.map_or(unset(property), |attr| &*attr.value);
                if wanted != has && !wanted.is_empty() {
                    changes.push((id, property, wanted));
                }
            }
        }
        in_button |= node
            .attr(local_name!("class"))
            .is_some_and(|class| class == PLAY_IMAGE);
        todo.extend(node.children.iter().map(|&child| (child, in_button)));
    }
    let found = !changes.is_empty();
    let mut mutator = document.mutate();
    for (id, property, value) in changes {
        let name = QualName::new(None, ns!(), LocalName::from(property));
        mutator.set_attribute(id, name, &value);
    }
    found
}

/// What a shape has that says nothing else.
fn unset(property: &str) -> &'static str {
    match property {
        "fill" => "rgb(0, 0, 0)",
        "stroke" => "none",
        _ => "1px",
    }
}

/// A space between two boxes in a line is lost after a line break, because the engine collapses it
/// with the break before the first box. A zero-width space in front keeps it.
fn keep_spaces(document: &mut BaseDocument, content: NodeId, boxed: &HashSet<NodeId>) -> bool {
    let mut texts = Vec::new();
    let mut todo = vec![content];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let mut after_box = false;
        for &child in &node.children {
            let Some(child_node) = document.get_node(child) else {
                continue;
            };
            match child_node.text_data() {
                Some(text) if after_box && text.content.starts_with([' ', '\n', '\t']) => {
                    texts.push((child, format!("{KEEP}{}", text.content)));
                }
                _ => {}
            }
            after_box = boxed.contains(&child)
                || child_node.element_data().is_some_and(|element| {
                    let class = element.attr(blitz_dom::local_name!("class"));
                    matches!(&*element.name.local, "img" | "ruby" | "button" | "input")
                        || class.is_some_and(|class| class.starts_with("engram-"))
                });
        }
        todo.extend(&node.children);
    }
    let found = !texts.is_empty();
    let mut mutator = document.mutate();
    for (id, text) in texts {
        mutator.set_node_text(id, &text);
    }
    found
}

/// What of an element's style matters here.
struct Look {
    /// Sides with a visible border.
    sides: usize,
    rounded: bool,
    /// Border, rounding or padding: more than a background.
    has_box: bool,
}

impl Look {
    fn of(document: &BaseDocument, id: NodeId) -> Option<Self> {
        let node = document.get_node(id)?;
        node.element_data()?;
        let style = node.primary_styles()?;
        let border = style.get_border();
        let sides = [
            (border.border_top_width.0, border.border_top_style),
            (border.border_right_width.0, border.border_right_style),
            (border.border_bottom_width.0, border.border_bottom_style),
            (border.border_left_width.0, border.border_left_style),
        ];
        let sides = sides
            .iter()
            .filter(|(width, style)| width.to_f32_px() > 0.0 && !style.none_or_hidden())
            .count();
        let corners = [
            &border.border_top_left_radius,
            &border.border_top_right_radius,
            &border.border_bottom_left_radius,
            &border.border_bottom_right_radius,
        ];
        // A percentage has no length yet; it is not zero.
        let rounded = corners.iter().any(|corner| {
            let width = corner.0.width.0.to_length();
            width.is_none_or(|length| length.px() > 0.0)
        });
        let padding = style.get_padding();
        let padded = [&padding.padding_left, &padding.padding_right]
            .iter()
            .any(|side| side.0.to_length().is_some_and(|length| length.px() > 0.0));
        Some(Self {
            sides,
            rounded,
            has_box: sides > 0 || rounded || padded,
        })
    }
}

fn text_fits(document: &BaseDocument, id: NodeId) -> bool {
    let mut letters = 0;
    let mut todo = vec![id];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if let Some(text) = node.text_data() {
            letters += text.content.chars().count();
            if letters > MAX_BOXED_TEXT {
                return false;
            }
        }
        todo.extend(&node.children);
    }
    letters > 0
}
