//! The text of a laid-out page: for screen readers and tests, and what a selection copies.

use super::ellipses::{DOTS, SIGN};
use super::formula::{DISPLAY_CLASS, SOURCE};
use super::mend::KEEP;
use blitz_dom::{BaseDocument, NodeId, local_name};
use std::collections::HashSet;

/// Visible text, a line for each block; pictures by their alternative text.
pub(super) fn visible_text(document: &BaseDocument) -> String {
    let content = document.get_element_by_id("qa");
    content.map_or_else(String::new, |content| text_of(document, content))
}

fn text_of(document: &BaseDocument, from: NodeId) -> String {
    let mut out = Lines::default();
    let seen = document.root_element().primary_styles();
    let seen = seen.map(|style| style.clone_visibility());
    enum Step {
        Enter(NodeId),
        Leave(&'static str),
    }
    let mut todo = vec![Step::Enter(from)];
    while let Some(step) = todo.pop() {
        let id = match step {
            Step::Enter(id) => id,
            Step::Leave(tail) => {
                out.push(tail);
                continue;
            }
        };
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if let Some(text) = node.text_data() {
            let around = node.parent.and_then(|parent| document.get_node(parent));
            let style = around.and_then(|around| around.primary_styles());
            if style.map(|style| style.clone_visibility()) != seen {
                continue;
            }
            out.push_collapsed(text.content.trim_start_matches(KEEP));
            continue;
        }
        let Some(element) = node.element_data() else {
            continue;
        };
        let hidden = node
            .primary_styles()
            .is_none_or(|style| style.clone_display().is_none());
        if hidden {
            continue;
        }
        let tag: &str = &element.name.local;
        match tag {
            "svg" => {
                let source = formula_source(node);
                out.push_collapsed(source.unwrap_or_default());
                continue;
            }
            "style" | DOTS => continue,
            "br" => out.line(),
            "img" => {
                if let Some(alt) = node.attr(blitz_dom::local_name!("alt")) {
                    out.push_collapsed(alt);
                }
            }
            "a" if has_class(node.attr(blitz_dom::local_name!("class")), "replay-button") => {
                continue;
            }
            "rt" => {
                out.push("(");
                todo.push(Step::Leave(")"));
            }
            _ if is_display_formula(node.attr(blitz_dom::local_name!("class"))) => {
                out.line();
                todo.push(Step::Leave("\n"));
            }
            "td" | "th" => out.push(" "),
            _ if is_block(tag) => {
                out.line();
                todo.push(Step::Leave("\n"));
            }
            _ => {}
        }
        todo.extend(node.children.iter().rev().map(|&child| Step::Enter(child)));
    }
    out.finish()
}

/// What is selected, a line for each block; None when nothing is.
pub(super) fn selected_text(document: &BaseDocument) -> Option<String> {
    let mut out = String::new();
    // Boxes in lines whose text was given where they stand.
    let mut given = HashSet::new();
    for (node, start, end) in document.get_text_selection_ranges() {
        if is_within(document, node, &given) {
            continue;
        }
        let layout = document
            .get_node(node)?
            .element_data()?
            .inline_layout_data
            .as_ref()?;
        if !out.is_empty() {
            out.push('\n');
        }
        let mut from = start;
        for inline in layout.layout.inline_boxes() {
            // One at an end of the selection is beside it, unless that is the end of the text.
            let (at, last) = (inline.index, layout.text.len());
            let begins_before = start < at || start == 0;
            let ends_behind = at < end || at == end && end == last;
            if begins_before && ends_behind {
                out.extend(letters(&layout.text, from, inline.index));
                out.push_str(&box_text(document, inline.id));
                given.insert(NodeId::from_u64(inline.id));
                from = inline.index;
            }
        }
        out.extend(letters(&layout.text, from, end));
        let end = out.trim_end_matches('\n').len();
        out.truncate(end);
    }
    (!out.is_empty()).then_some(out)
}

/// True for one of these boxes, what is in one, and parts of a formula.
fn is_within(document: &BaseDocument, node: NodeId, boxes: &HashSet<NodeId>) -> bool {
    let mut at = Some(node);
    while let Some(id) = at {
        let Some(node) = document.get_node(id) else {
            return false;
        };
        if boxes.contains(&id) || formula_source(node).is_some() {
            return true;
        }
        at = node.parent.or(node.layout_parent.get());
    }
    false
}

/// What a box in a line is copied as: a formula as its source, ruby, words with a frame and the
/// like as their text, a picture as nothing.
fn box_text(document: &BaseDocument, id: u64) -> String {
    if let Some(source) = formula_in(document, id) {
        return source;
    }
    let id = NodeId::from_u64(id);
    let node = document.get_node(id);
    if node.is_some_and(|node| node.data.is_element_with_tag_name(&local_name!("img"))) {
        return String::new();
    }
    let text = text_of(document, id);
    let layout = node
        .and_then(|node| node.element_data()?.inline_layout_data.as_ref())
        .filter(|layout| layout.layout.inline_boxes().len() == 0);
    match layout {
        // Lines, such as those of code, stay lines.
        Some(layout) if !text.is_empty() && layout.text.contains('\n') => {
            let lines: String = letters(&layout.text, 0, layout.text.len()).collect();
            lines.trim_end_matches('\n').to_owned()
        }
        _ => text,
    }
}

fn letters(text: &str, start: usize, end: usize) -> impl Iterator<Item = char> + '_ {
    let part = text.get(start..end).unwrap_or_default();
    let [_, dots] = SIGN;
    part.split(KEEP).enumerate().flat_map(move |(at, text)| {
        let own = text.strip_prefix(dots).filter(|_| at > 0);
        own.unwrap_or(text).chars()
    })
}

/// The source of the formula that an inline box is, alone or as a line of its own.
fn formula_in(document: &BaseDocument, id: u64) -> Option<String> {
    let node = document.get_node(NodeId::from_u64(id))?;
    let inner = || {
        let mut children = node.children.iter();
        children.find_map(|&child| formula_source(document.get_node(child)?))
    };
    formula_source(node).or_else(inner).map(str::to_owned)
}

fn formula_source(node: &blitz_dom::Node) -> Option<&str> {
    let attrs = node.element_data()?.attrs();
    let source = attrs.iter().find(|attr| &*attr.name.local == SOURCE)?;
    Some(&source.value)
}

fn is_display_formula(class: Option<&str>) -> bool {
    has_class(class, DISPLAY_CLASS)
}

fn has_class(classes: Option<&str>, wanted: &str) -> bool {
    classes.is_some_and(|classes| classes.split_whitespace().any(|class| class == wanted))
}

pub(super) fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "caption"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tr"
            | "ul"
    )
}

/// Text with white space collapsed as on a page.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn push(&mut self, text: &str) {
        match text {
            "\n" => self.line(),
            " " => self.space(),
            _ => self.text.push_str(text),
        }
    }

    fn push_collapsed(&mut self, text: &str) {
        for (at, word) in text.split([' ', '\t', '\n', '\r']).enumerate() {
            if at > 0 {
                self.space();
            }
            self.text.push_str(word);
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn line(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn finish(self) -> String {
        self.text.trim().to_owned()
    }
}
