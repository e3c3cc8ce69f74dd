//! `::first-line`, which the engine does not know: the letters of that line get elements of their
//! own with its look.

use super::css::FIRST_LINE;
use super::line_parts::{Part, behind, count, line_parts};
use super::mend::all_within;
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use std::collections::HashMap;

/// Texts of a page that may have letters of first lines.
const MOST_TEXTS: usize = 2000;

/// What of a page has a look of its own.
#[derive(Default)]
pub(super) struct FirstLines {
    /// Texts that once were on such a line.
    texts: HashMap<NodeId, Styled>,
    /// Those that are now, each with all of its letters.
    active: Vec<(NodeId, String)>,
    /// Elements whose first lines have their looks, by the texts of these and how many of their
    /// letters have it.
    lines: HashMap<NodeId, (Vec<NodeId>, usize)>,
}

/// What stands before a text that is on a first line, and has its letters of that. It stays, and
/// is empty when there are none.
#[derive(Clone, Copy)]
struct Styled {
    element: NodeId,
    letters: NodeId,
}

impl FirstLines {
    /// Makes all lines alike; true when the page must be laid out again.
    pub fn take_back(&mut self, document: &mut BaseDocument) -> bool {
        let changed = !self.active.is_empty();
        for (id, whole) in self.active.drain(..) {
            if let Some(styled) = self.texts.get(&id) {
                let mut mutator = document.mutate();
                mutator.set_node_text(styled.letters, "");
                mutator.set_node_text(id, &whole);
            }
        }
        self.lines.clear();
        changed
    }

    /// Gives first lines their looks, and fewer letters than before where these need more room than
    /// there is; true when the page must be laid out again.
    pub fn style(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let asked = all_within(document, content).filter_map(|(id, node)| {
            let look = look(document, node)?;
            Some((lines_of(document, id)?, look))
        });
        let mut changed = false;
        for (root, look) in asked.take(MOST_TEXTS).collect::<Vec<_>>() {
            changed |= self.style_line(document, root, &look).unwrap_or_default();
        }
        changed
    }

    /// Of the lines of an element; None where they are not known.
    fn style_line(
        &mut self,
        document: &mut BaseDocument,
        root: NodeId,
        look: &str,
    ) -> Option<bool> {
        let node = document.get_node(root)?;
        let text = node.element_data()?.inline_layout_data.as_ref()?;
        let line = text.layout.lines().next()?;
        let end = line.text_range().end;
        let letters = count(text.text.get(..end)?);
        if self
            .lines
            .get(&root)
            .is_some_and(|(_, had)| letters >= *had)
        {
            return Some(false);
        }
        if let Some((texts, _)) = self.lines.remove(&root) {
            return Some(self.shorten(document, root, &texts, letters));
        }
        let mut texts = Vec::new();
        let mut left = letters;
        for (part, count) in line_parts(document, node)? {
            if let Part::Text(id) = part
                && left > 0
                && count > 0
            {
                texts.push((id, left.min(count)));
            }
            left = left.saturating_sub(count);
        }
        let new = texts.iter().filter(|(id, _)| !self.texts.contains_key(id));
        if self.texts.len() + new.count() > MOST_TEXTS {
            return None;
        }
        for (id, letters) in &texts {
            let text = document.get_node(*id).and_then(Node::text_data);
            let whole = text.map(|text| text.content.to_string());
            let whole = whole.unwrap_or_default();
            let styled = self.texts.entry(*id);
            let styled = *styled.or_insert_with(|| part(document, *id));
            let name = QualName::new(None, ns!(), local_name!("style"));
            document.mutate().set_attribute(styled.element, name, look);
            split(document, *id, styled, &whole, *letters);
            self.active.push((*id, whole));
        }
        let texts: Vec<NodeId> = texts.into_iter().map(|(id, _)| id).collect();
        let changed = !texts.is_empty();
        self.lines.insert(root, (texts, letters));
        Some(changed)
    }

    /// So many letters of a line keep its look.
    fn shorten(
        &mut self,
        document: &mut BaseDocument,
        root: NodeId,
        texts: &[NodeId],
        letters: usize,
    ) -> bool {
        let mut left = letters;
        for id in texts {
            let whole = self.active.iter().find(|(active, _)| active == id);
            let Some(((_, whole), styled)) = whole.zip(self.texts.get(id)) else {
                continue;
            };
            split(document, *id, *styled, whole, left.min(count(whole)));
            left = left.saturating_sub(count(whole));
        }
        self.lines.insert(root, (texts.to_vec(), letters));
        true
    }
}

/// Puts an element for letters before a text.
fn part(document: &mut BaseDocument, text: NodeId) -> Styled {
    let mut mutator = document.mutate();
    let style = Attribute {
        name: QualName::new(None, ns!(), local_name!("style")),
        value: "".into(),
    };
    let name = QualName::new(None, ns!(html), LocalName::from("engram-line"));
    let element = mutator.create_element(name, vec![style]);
    let letters = mutator.create_text_node("");
    mutator.append_children(element, &[letters]);
    mutator.insert_nodes_before(text, &[element]);
    Styled { element, letters }
}

/// Gives so many letters of a text to the element before it.
fn split(document: &mut BaseDocument, text: NodeId, styled: Styled, whole: &str, letters: usize) {
    let at = match letters < count(whole) {
        true => behind(whole, letters),
        false => whole.len(),
    };
    let mut mutator = document.mutate();
    mutator.set_node_text(styled.letters, &whole[..at]);
    mutator.set_node_text(text, &whole[at..]);
}

/// The declarations for the first line of an element, where they are its own: they are inherited,
/// as they come to the engine.
fn look(document: &BaseDocument, node: &Node) -> Option<String> {
    let style = node.primary_styles()?;
    if style.custom_properties().is_empty() {
        return None;
    }
    let value = |id| document.resolved_style_value(id, FIRST_LINE);
    let own = value(node.id);
    let own = own.trim();
    let around = node.parent.map(value).unwrap_or_default();
    let is_own = !own.is_empty() && own != around.trim();
    is_own.then(|| own.trim_matches(['"', ' ']).to_owned())
}

/// The element whose lines begin with the first one of an element.
fn lines_of(document: &BaseDocument, id: NodeId) -> Option<NodeId> {
    let mut id = id;
    loop {
        let node = document.get_node(id)?;
        let display = document.resolved_style_value(id, "display");
        if !matches!(
            &*display,
            "block" | "flow-root" | "list-item" | "inline-block" | "table-cell"
        ) {
            return None;
        }
        if node.flags.is_inline_root() {
            return Some(id);
        }
        let mut children = node.children.iter().filter_map(|id| document.get_node(*id));
        let first = children.find(|child| {
            let text = child.text_data();
            let has_text = text.is_some_and(|text| !text.content.trim_ascii().is_empty());
            let style = child.primary_styles();
            has_text || style.is_some_and(|style| !style.clone_display().is_none())
        });
        id = first.filter(|child| child.element_data().is_some())?.id;
    }
}
