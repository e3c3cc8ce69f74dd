//! A small HTML tree in one vector: what the pre-pass works on between the parser and the engine.
//! Nothing here recurses, so depth costs no stack. Made by `parse`, changed by `prepare`, handed
//! to the engine by `document`.

use html5ever::{LocalName, QualName, ns};
use std::collections::BTreeMap;

/// Index of a node in its [`Tree`].
pub(super) type NodeIndex = usize;

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
    /// The node whose children are the card's content.
    pub root: NodeIndex,
    /// Declarations of old HTML, and the number of each.
    hints: BTreeMap<String, usize>,
}

/// An element that has the declarations of this number.
const HINT: &str = "data-engram-hint-";

#[derive(Debug)]
struct TreeNode {
    parent: Option<NodeIndex>,
    children: Vec<NodeIndex>,
    kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// The document itself, comments, and whatever else is not drawn.
    Other,
    Element {
        name: QualName,
        attrs: Vec<(QualName, String)>,
    },
    Text(String),
}

impl Tree {
    /// A tree with node 0 as document and root.
    pub fn new() -> Self {
        let document = TreeNode {
            parent: None,
            children: Vec::new(),
            kind: Kind::Other,
        };
        Self {
            nodes: vec![document],
            root: 0,
            hints: BTreeMap::new(),
        }
    }

    /// Nodes ever made, detached ones too; indexes below it are valid.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn add(&mut self, kind: Kind) -> NodeIndex {
        self.nodes.push(TreeNode {
            parent: None,
            children: Vec::new(),
            kind,
        });
        self.nodes.len() - 1
    }

    /// A new HTML element with attributes of no namespace.
    pub fn add_element(&mut self, name: &str, attrs: &[(&str, &str)]) -> NodeIndex {
        let attrs = attrs
            .iter()
            .map(|(name, value)| (attr_name(name), (*value).to_owned()))
            .collect();
        self.add(Kind::Element {
            name: html_name(name),
            attrs,
        })
    }

    pub fn add_text(&mut self, text: impl Into<String>) -> NodeIndex {
        self.add(Kind::Text(text.into()))
    }

    pub fn kind(&self, node: NodeIndex) -> &Kind {
        &self.nodes[node].kind
    }

    pub fn parent(&self, node: NodeIndex) -> Option<NodeIndex> {
        self.nodes[node].parent
    }

    pub fn children(&self, node: NodeIndex) -> &[NodeIndex] {
        &self.nodes[node].children
    }

    pub fn append(&mut self, parent: NodeIndex, child: NodeIndex) {
        self.detach(child);
        self.nodes[child].parent = Some(parent);
        self.nodes[parent].children.push(child);
    }

    /// Does nothing when `sibling` has no parent.
    pub fn insert_before(&mut self, sibling: NodeIndex, child: NodeIndex) {
        self.detach(child);
        if let Some((parent, at)) = self.place(sibling) {
            self.nodes[child].parent = Some(parent);
            self.nodes[parent].children.insert(at, child);
        }
    }

    /// Puts `new` where `old` was.
    pub fn replace(&mut self, old: NodeIndex, new: NodeIndex) {
        self.insert_before(old, new);
        self.detach(old);
    }

    /// Takes a node with all below it out of the tree.
    pub fn detach(&mut self, node: NodeIndex) {
        if let Some((parent, at)) = self.place(node) {
            self.nodes[parent].children.remove(at);
        }
        self.nodes[node].parent = None;
    }

    pub fn take_children(&mut self, node: NodeIndex) -> Vec<NodeIndex> {
        let children = std::mem::take(&mut self.nodes[node].children);
        for &child in &children {
            self.nodes[child].parent = None;
        }
        children
    }

    /// The node before `node` among its siblings.
    pub fn previous_sibling(&self, node: NodeIndex) -> Option<NodeIndex> {
        let (parent, at) = self.place(node)?;
        Some(self.nodes[parent].children[at.checked_sub(1)?])
    }

    // Parsers insert near the end and passes take out at the start, so both are looked at first.
    fn place(&self, node: NodeIndex) -> Option<(NodeIndex, usize)> {
        let parent = self.nodes[node].parent?;
        let children = &self.nodes[parent].children;
        let count = children.len();
        let mut ends = (0..count.div_ceil(2)).flat_map(|at| [count - 1 - at, at]);
        let at = ends.find(|&at| children[at] == node)?;
        Some((parent, at))
    }

    /// True for an HTML element of this (lower-case) name.
    pub fn is(&self, node: NodeIndex, tag: &str) -> bool {
        self.tag(node) == Some(tag)
    }

    /// Name of an HTML element; None for text and for SVG and MathML.
    pub fn tag(&self, node: NodeIndex) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Element { name, .. } if name.ns == ns!(html) => Some(&name.local),
            _ => None,
        }
    }

    /// Name of an SVG or MathML element.
    pub fn foreign_tag(&self, node: NodeIndex) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Element { name, .. } if name.ns != ns!(html) => Some(&name.local),
            _ => None,
        }
    }

    pub fn text(&self, node: NodeIndex) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn text_mut(&mut self, node: NodeIndex) -> Option<&mut String> {
        match &mut self.nodes[node].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn set_tag(&mut self, node: NodeIndex, tag: &str) {
        if let Kind::Element { name, .. } = &mut self.nodes[node].kind {
            *name = html_name(tag);
        }
    }

    pub fn attr(&self, node: NodeIndex, wanted: &str) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Element { attrs, .. } => attrs
                .iter()
                .find(|(name, _)| &*name.local == wanted)
                .map(|(_, value)| value.as_str()),
            _ => None,
        }
    }

    pub fn set_attr(&mut self, node: NodeIndex, wanted: &str, value: &str) {
        if let Kind::Element { attrs, .. } = &mut self.nodes[node].kind {
            match attrs.iter_mut().find(|(name, _)| &*name.local == wanted) {
                Some((_, old)) => value.clone_into(old),
                None => attrs.push((attr_name(wanted), value.to_owned())),
            }
        }
    }

    pub fn remove_attr(&mut self, node: NodeIndex, wanted: &str) -> Option<String> {
        match &mut self.nodes[node].kind {
            Kind::Element { attrs, .. } => {
                let at = attrs.iter().position(|(name, _)| &*name.local == wanted)?;
                Some(attrs.remove(at).1)
            }
            _ => None,
        }
    }

    /// Adds attributes that the element does not have yet.
    pub fn add_missing_attrs(&mut self, node: NodeIndex, more: Vec<(QualName, String)>) {
        if let Kind::Element { attrs, .. } = &mut self.nodes[node].kind {
            for (name, value) in more {
                if attrs.iter().all(|(have, _)| *have != name) {
                    attrs.push((name, value));
                }
            }
        }
    }

    /// What attributes of old HTML say of an element's style: below all that style sheets say.
    pub fn hint(&mut self, node: NodeIndex, declarations: String) {
        if !declarations.is_empty() {
            let next = self.hints.len();
            let number = *self.hints.entry(declarations).or_insert(next);
            self.set_attr(node, &format!("{HINT}{number}"), "");
        }
    }

    /// The style sheet with what [`hint`](Self::hint) was given, to be the first.
    pub fn hint_sheet(&self) -> String {
        let mut sheet = String::new();
        for (declarations, number) in &self.hints {
            sheet += &format!(":where([{HINT}{number}]){{{declarations}}}");
        }
        sheet
    }

    /// All text below `node`, without spaces added.
    pub fn text_below(&self, node: NodeIndex) -> String {
        let mut text = String::new();
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            if let Kind::Text(part) = &self.nodes[node].kind {
                text.push_str(part);
            }
            todo.extend(self.nodes[node].children.iter().rev());
        }
        text
    }

    /// As HTML, for tests to look at.
    #[cfg(test)]
    pub fn to_html(&self) -> String {
        enum Step {
            Open(NodeIndex),
            Close(String),
        }
        let mut html = String::new();
        let mut todo: Vec<Step> = self
            .children(self.root)
            .iter()
            .rev()
            .map(|&n| Step::Open(n))
            .collect();
        while let Some(step) = todo.pop() {
            match step {
                Step::Close(tag) => html.push_str(&format!("</{tag}>")),
                Step::Open(node) => match &self.nodes[node].kind {
                    Kind::Other => {}
                    Kind::Text(text) => html.push_str(text),
                    Kind::Element { name, attrs } => {
                        html.push_str(&format!("<{}", name.local));
                        for (name, value) in attrs {
                            let number = name.local.strip_prefix(HINT);
                            let hint = self.hints.iter().find(|(_, n)| {
                                number.is_some_and(|number| number == n.to_string())
                            });
                            html.push_str(&match hint {
                                Some((hint, _)) => format!(" hint=\"{hint}\""),
                                None => format!(" {}=\"{value}\"", name.local),
                            });
                        }
                        html.push('>');
                        if !is_void(&name.local) {
                            todo.push(Step::Close(name.local.to_string()));
                        }
                        todo.extend(self.children(node).iter().rev().map(|&n| Step::Open(n)));
                    }
                },
            }
        }
        html
    }
}

/// Elements that never have content or an end tag.
pub(super) fn is_void(tag: &str) -> bool {
    matches!(
        tag,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

fn html_name(tag: &str) -> QualName {
    QualName::new(None, ns!(html), LocalName::from(tag))
}

fn attr_name(name: &str) -> QualName {
    QualName::new(None, ns!(), LocalName::from(name))
}
