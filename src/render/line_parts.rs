//! The texts and boxes that a line is made of, to find what of them stands where in it. The engine
//! tells the letters of a line alone; spaces are not counted, which it leaves out or not.

use blitz_dom::{BaseDocument, Node, NodeId};

/// A part of a line.
pub(super) enum Part {
    Text(NodeId),
    /// Letters that a style puts there: how many.
    Generated(usize),
    Box(NodeId),
}

/// The parts of the lines of an element, in order, each with how many letters it has; None where
/// these are not those that were laid out: with markers, or letters that became several.
pub(super) fn line_parts(document: &BaseDocument, root: &Node) -> Option<Vec<(Part, usize)>> {
    let text = &root.element_data()?.inline_layout_data.as_ref()?.text;
    let parts = parts(document, root.id).into_iter().map(|part| {
        let count = match &part {
            Part::Text(id) => {
                let text = document.get_node(*id).and_then(Node::text_data);
                text.map_or(0, |text| count(&text.content))
            }
            Part::Generated(letters) => *letters,
            Part::Box(_) => 0,
        };
        (part, count)
    });
    let parts: Vec<(Part, usize)> = parts.collect();
    let all: usize = parts.iter().map(|(_, count)| count).sum();
    (all == count(text)).then_some(parts)
}

fn parts(document: &BaseDocument, root: NodeId) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut todo = vec![(root, false)];
    while let Some((id, is_generated)) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if let Some(text) = node.text_data() {
            parts.push(match is_generated {
                true => Part::Generated(count(&text.content)),
                false => Part::Text(id),
            });
            continue;
        }
        let Some(style) = node.primary_styles() else {
            continue;
        };
        let display = style.clone_display();
        let value = |property: &str| document.resolved_style_value(id, property);
        let is_line = node.is_non_atomic_inline() || display.is_contents();
        if display.is_none() {
            continue;
        }
        if id != root && !is_line {
            let is_apart = matches!(&*value("position"), "absolute" | "fixed");
            if !is_apart && value("float") == "none" {
                parts.push(Part::Box(id));
            }
            continue;
        }
        let generated = |part: Option<NodeId>| part.map(|part| (part, true));
        todo.extend(generated(node.after()));
        todo.extend(node.children.iter().rev().map(|id| (*id, is_generated)));
        todo.extend(generated(node.before()));
    }
    parts
}

/// Letters of a text.
pub(super) fn count(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The byte of a text behind so many letters.
pub(super) fn behind(text: &str, letters: usize) -> usize {
    let mut found = text.char_indices().filter(|(_, c)| !c.is_whitespace());
    let last = letters.checked_sub(1).and_then(|at| found.nth(at));
    last.map_or(0, |(at, letter)| at + letter.len_utf8())
}
