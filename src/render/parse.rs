//! HTML text to a [`Tree`], by the standard's own algorithm (html5ever) with guards against input
//! that is made to be slow or huge. Never fails: any text is some HTML.

use super::tree::{Kind, NodeIndex, Tree, is_void};
use crate::base::limits;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, QualName, ns};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

/// Parses the content of one card side as a browser would parse it inside a `div`.
pub(super) fn parse(html: &str) -> Tree {
    let sink = Sink {
        tree: RefCell::new(Tree::new()),
    };
    let context = sink.tree.borrow_mut().add_element("div", &[]);
    let opts = TreeBuilderOpts {
        // Nothing here runs scripts; what is in `noscript` is left out by `prepare`.
        scripting_enabled: false,
        drop_doctype: true,
        ..Default::default()
    };
    let guard = Guard {
        builder: TreeBuilder::new_for_fragment(sink, context, None, opts),
        open: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // `feed` stops at each script end tag; scripts are dropped, so it just goes on.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let mut tree = tokenizer.sink.builder.sink.tree.into_inner();
    if let Some(&root) = tree.children(0).last() {
        tree.root = root;
    }
    tree
}

/// Stands between tokenizer and tree builder and drops tags beyond the limits; text always goes
/// through. The tree builder walks its stack of open elements for many tags, so unlimited nesting
/// would cost quadratic time.
struct Guard {
    builder: TreeBuilder<NodeIndex, Sink>,
    /// Start tags without their end tag so far; elements that close by themselves are not counted.
    open: Cell<usize>,
}

/// Far above [`limits::MAX_HTML_DEPTH`], because badly closed but honest HTML counts too high.
const MAX_OPEN_TAGS: usize = 1024;

impl TokenSink for Guard {
    type Handle = NodeIndex;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeIndex> {
        if let Token::TagToken(tag) = &token {
            let full = self.builder.sink.tree.borrow().len() > limits::MAX_CARD_NODES;
            if full {
                return TokenSinkResult::Continue;
            }
            let is_shape = tag.self_closing && is_svg_shape(&tag.name);
            if !is_void(&tag.name) && !closes_itself(&tag.name) && !is_shape {
                match tag.kind {
                    TagKind::StartTag if self.open.get() >= MAX_OPEN_TAGS => {
                        return TokenSinkResult::Continue;
                    }
                    TagKind::StartTag => self.open.set(self.open.get() + 1),
                    TagKind::EndTag => self.open.set(self.open.get().saturating_sub(1)),
                }
            }
        }
        match self.builder.process_token(token, line) {
            // No script is run, and a page cannot change its encoding here.
            TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) => {
                TokenSinkResult::Continue
            }
            other => other,
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

// Closed by their slash, as pictures of hundreds of them do.
fn is_svg_shape(tag: &str) -> bool {
    matches!(
        tag,
        "path" | "rect" | "circle" | "ellipse" | "line" | "polyline" | "polygon" | "use" | "stop"
    )
}

fn closes_itself(tag: &str) -> bool {
    matches!(
        tag,
        "p" | "li"
            | "td"
            | "th"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "dt"
            | "dd"
            | "option"
            | "rt"
            | "rp"
            | "rb"
            | "rtc"
    )
}

/// Receives the tree builder's orders.
struct Sink {
    tree: RefCell<Tree>,
}

fn convert(attrs: Vec<html5ever::Attribute>) -> Vec<(QualName, String)> {
    attrs
        .into_iter()
        .map(|attr| (attr.name, attr.value.to_string()))
        .collect()
}

impl Sink {
    fn append_text(&self, before: Option<NodeIndex>, parent: Option<NodeIndex>, text: &StrTendril) {
        let mut tree = self.tree.borrow_mut();
        let neighbour = match (before, parent) {
            (Some(sibling), _) => tree.previous_sibling(sibling),
            (None, Some(parent)) => tree.children(parent).last().copied(),
            (None, None) => None,
        };
        if let Some(existing) = neighbour.and_then(|n| tree.text_mut(n)) {
            existing.push_str(text);
            return;
        }
        let node = tree.add(Kind::Text(text.to_string()));
        match (before, parent) {
            (Some(sibling), _) => tree.insert_before(sibling, node),
            (None, Some(parent)) => tree.append(parent, node),
            (None, None) => {}
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeIndex;
    type Output = ();
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) {}

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeIndex {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a NodeIndex) -> Ref<'a, QualName> {
        Ref::map(self.tree.borrow(), |tree| match tree.kind(*target) {
            Kind::Element { name, .. } => name,
            // The tree builder asks for elements only; if not, any name is as wrong as another.
            Kind::Other | Kind::Text(_) => no_name(),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attrs: Vec<html5ever::Attribute>,
        _flags: ElementFlags,
    ) -> NodeIndex {
        self.tree.borrow_mut().add(Kind::Element {
            name,
            attrs: convert(attrs),
        })
    }

    fn create_comment(&self, _text: StrTendril) -> NodeIndex {
        self.tree.borrow_mut().add(Kind::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> NodeIndex {
        self.tree.borrow_mut().add(Kind::Other)
    }

    fn append(&self, parent: &NodeIndex, child: NodeOrText<NodeIndex>) {
        match child {
            NodeOrText::AppendNode(node) => self.tree.borrow_mut().append(*parent, node),
            NodeOrText::AppendText(text) => self.append_text(None, Some(*parent), &text),
        }
    }

    fn append_before_sibling(&self, sibling: &NodeIndex, child: NodeOrText<NodeIndex>) {
        match child {
            NodeOrText::AppendNode(node) => self.tree.borrow_mut().insert_before(*sibling, node),
            NodeOrText::AppendText(text) => self.append_text(Some(*sibling), None, &text),
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeIndex,
        previous: &NodeIndex,
        child: NodeOrText<NodeIndex>,
    ) {
        let has_parent = self.tree.borrow().parent(*element).is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &NodeIndex) -> NodeIndex {
        *target
    }

    fn same_node(&self, x: &NodeIndex, y: &NodeIndex) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &NodeIndex, attrs: Vec<html5ever::Attribute>) {
        self.tree
            .borrow_mut()
            .add_missing_attrs(*target, convert(attrs));
    }

    fn remove_from_parent(&self, target: &NodeIndex) {
        self.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeIndex, new_parent: &NodeIndex) {
        let mut tree = self.tree.borrow_mut();
        for child in tree.take_children(*node) {
            tree.append(*new_parent, child);
        }
    }
}

fn no_name() -> &'static QualName {
    static NONE: std::sync::OnceLock<QualName> = std::sync::OnceLock::new();
    NONE.get_or_init(|| QualName::new(None, ns!(), LocalName::from("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &str) {
        assert_eq!(parse(html).to_html(), expect);
    }

    #[test]
    fn parses_as_a_browser_does() {
        check("a<b>c</b><!-- x -->d", "a<b>c</b>d");
        check("<p>one<p>two", "<p>one</p><p>two</p>");
        check("<b>x<i>y</b>z</i>", "<b>x<i>y</i></b><i>z</i>");
        check("</div></body></html>x", "x");
        check("<script>1<2</script>y", "<script>1<2</script>y");
        check(
            "<table>lost<tr><td>in</table>",
            "lost<table><tbody><tr><td>in</td></tr></tbody></table>",
        );
    }

    #[test]
    fn nesting_and_node_bombs_end_quickly_and_keep_the_text() {
        let deep = "<div>".repeat(100_000) + "text";
        assert!(parse(&deep).to_html().contains("text"));
        let formatting: String = (0..5_000).map(|i| format!("<font a={i}>")).collect();
        let bomb = formatting + &"<p>x".repeat(5_000);
        let tree = parse(&bomb);
        assert!(tree.len() < limits::MAX_CARD_NODES + 10_000);
        let spans = "<span>".repeat(50_000) + &"</x>".repeat(200_000);
        parse(&spans);
    }
}
