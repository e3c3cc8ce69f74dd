//! The pre-pass: rewrites one card side's HTML so that the engine draws what a browser would.
//! Each pass mends one thing the engine lacks (the table is in the comments of the passes) or
//! removes what a card may not do. Scripts are never run. Knows names of media files, reads none.

mod film;
mod foreign_text;
mod formula;
mod generated;
mod legacy;
mod linked;
mod mathml;
mod media;
mod occlusion;
mod ruby;

pub use film::{STILL_SCHEME, WAITS};
pub(super) use generated::{MOST_BYTES as MOST_GENERATED, with_pictures};
pub use media::{PLAY_FILE_SCHEME, PLAY_IMAGE, PLAY_SOUND_SCHEME};
pub use occlusion::TOGGLES;
pub(super) use occlusion::svg_size;

use super::css;
use super::parse::parse;
use super::resources::Resources;
use super::svg;
use super::tree::{NodeIndex, Tree};
use crate::base::limits;
use crate::t;

/// How a card is to be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options<'a> {
    /// Show the buttons that play the card's sounds.
    pub play_buttons: bool,
    /// The note type's style sheet, for what is drawn by it but not laid out.
    pub css: &'a str,
}

/// Parses and rewrites; see the module header.
pub(super) fn prepare(html: &str, resources: &dyn Resources, options: Options<'_>) -> Tree {
    if html.len() > limits::MAX_CARD_HTML_BYTES {
        return notice(t!("This card is too large to be drawn."), "");
    }
    let mut tree = parse(html);
    let mut upright = None;
    let mut looks = mathml::MOST_LOOKS;
    let mut left = MOST_GENERATED;
    // Passes append nodes that need no further pass, so the length is read once.
    for node in 0..tree.len() {
        if tree
            .attr(node, "style")
            .is_some_and(|style| !css::is_safe(style))
        {
            tree.remove_attr(node, "style");
        }
        let style = tree.attr(node, "style").and_then(css::renamed);
        if let Some(style) = style {
            tree.set_attr(node, "style", &style);
        }
        let Some(tag) = tree.tag(node) else {
            if tree.text(node).is_some() {
                media::play_buttons(&mut tree, node, options.play_buttons);
            }
            foreign(&mut tree, node, resources, &mut left);
            if tree.foreign_tag(node) == Some("math") {
                mathml::math(&mut tree, node, &mut looks);
            }
            continue;
        };
        match tag {
            // What is said to browsers without scripts is not seen in Anki, which runs them.
            "script" | "noscript" | "template" | "meta" | "base" | "title" | "embed" | "canvas" => {
                tree.detach(node);
            }
            "link" => linked::style_sheet(&mut tree, node, resources),
            "object" => linked::object(&mut tree, node, resources),
            "style" => guard_style_element(&mut tree, node, resources, &mut left),
            "img" => {
                legacy::beside(&mut tree, node);
                media::picture(&mut tree, node, resources);
            }
            "video" | "audio" => media::player(&mut tree, node, resources),
            "iframe" => media::frame(&mut tree, node),
            "font" => legacy::font(&mut tree, node),
            "i" | "em" | "cite" | "dfn" | "var" => {
                let upright = upright.get_or_insert_with(|| legacy::upright(&tree));
                legacy::italic(&mut tree, node, upright);
            }
            "ol" | "ul" | "li" => legacy::list(&mut tree, node),
            "td" | "th" => {
                legacy::spans(&mut tree, node);
                legacy::cell(&mut tree, node);
            }
            "tr" | "tbody" | "thead" | "tfoot" => legacy::cell(&mut tree, node),
            "col" | "colgroup" => legacy::spans(&mut tree, node),
            "table" => legacy::table(&mut tree, node),
            "hr" => legacy::rule(&mut tree, node),
            "select" => legacy::select(&mut tree, node),
            "details" => legacy::details(&mut tree, node),
            "input" => legacy::input(&mut tree, node),
            "progress" | "meter" => legacy::gauge(&mut tree, node),
            "ruby" => ruby::split_pairs(&mut tree, node),
            _ => {}
        }
    }
    if html.contains(occlusion::CONTAINER) {
        occlusion::draw(&mut tree, options.css, resources);
    }
    // Last, because it moves texts that the other passes work on.
    if html.contains("\\(") || html.contains("\\[") {
        let mut macros = formula::macros(&tree);
        for node in 0..tree.len() {
            formula::in_text(&mut tree, node, &mut macros);
        }
    }
    tree
}

/// A page that says why the card is not there, with what is known of its text.
pub(super) fn notice(message: &str, text: &str) -> Tree {
    let mut tree = Tree::new();
    let root = tree.root;
    let paragraph = tree.add_element("div", &[("class", "engram-notice")]);
    let words = tree.add_text(message);
    tree.append(paragraph, words);
    tree.append(root, paragraph);
    if !text.is_empty() {
        let rest = tree.add_element("div", &[]);
        let words = tree.add_text(text);
        tree.append(rest, words);
        tree.append(root, rest);
    }
    tree
}

/// A drawing as a node of the tree, not yet below another one.
fn graft(tree: &mut Tree, svg: &str) -> Option<NodeIndex> {
    let drawn = parse(svg);
    let root = *drawn.children(drawn.root).first()?;
    let copy = tree.add(drawn.kind(root).clone());
    let mut todo = vec![(root, copy)];
    while let Some((from, to)) = todo.pop() {
        for &child in drawn.children(from) {
            let new = tree.add(drawn.kind(child).clone());
            tree.append(to, new);
            todo.push((child, new));
        }
    }
    Some(copy)
}

/// SVG and MathML: what the engine does by an element's name alone, whatever its language.
fn foreign(tree: &mut Tree, node: NodeIndex, resources: &dyn Resources, left: &mut usize) {
    match tree.foreign_tag(node) {
        Some("script" | "template" | "link" | "iframe" | "object" | "embed" | "canvas") => {
            tree.detach(node);
        }
        Some("foreignObject") => foreign_text::to_letters(tree, node),
        Some("style") => {
            guard_style_element(tree, node, resources, left);
            for child in tree.children(node).to_vec() {
                if let Some(text) = tree.text_mut(child)
                    && let Some(known) = svg::with_known_families(text)
                {
                    *text = known;
                }
            }
        }
        Some(_) => {
            if let Some(families) = tree.attr(node, "font-family") {
                let families = format!("{families}, {}", svg::FAMILIES);
                tree.set_attr(node, "font-family", &families);
            }
            let style = tree.attr(node, "style");
            if let Some(style) = style.and_then(svg::with_known_families) {
                tree.set_attr(node, "style", &style);
            }
        }
        None => {}
    }
}

fn guard_style_element(
    tree: &mut Tree,
    node: NodeIndex,
    resources: &dyn Resources,
    left: &mut usize,
) {
    if !css::is_safe(&tree.text_below(node)) {
        return tree.detach(node);
    }
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        if let Some(text) = tree.text_mut(node) {
            if let Some(pictured) = with_pictures(text, resources, left) {
                *text = pictured;
            }
            if let Some(known) = css::known(text) {
                *text = known;
            }
            if text.contains('&') {
                *text = css::with_entities(text);
            }
        }
        todo.extend(tree.children(node));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Resources where only these exist.
    pub struct Few;
    impl Resources for Few {
        fn read(&self, name: &str) -> Option<Vec<u8>> {
            self.exists(name).then(Vec::new)
        }
        fn exists(&self, name: &str) -> bool {
            matches!(name, "there.png" | "a b.png" | "C#.png" | "_x.css")
        }
    }

    pub fn check(html: &str, expect: &str) {
        let options = Options {
            play_buttons: true,
            css: "",
        };
        assert_eq!(prepare(html, &Few, options).to_html(), expect, "of {html}");
    }

    #[test]
    fn scripts_and_page_tags_go_but_their_neighbours_stay() {
        check(
            "a<script>document.write('x')</script><link rel=stylesheet href=x.css>b",
            "ab",
        );
        check("a<noscript>gone <b>too</b></noscript>b", "ab");
    }

    #[test]
    fn css_made_to_overflow_a_stack_is_dropped() {
        let deep = "(".repeat(1000);
        check(&format!("<style>a{{b:{deep}</style>x"), "x");
        check(&format!("<b style=\"width:calc{deep}\">x</b>"), "<b>x</b>");
        check("<style>a{b:c}</style>x", "<style>a{b:c}</style>x");
        check(
            &format!("<svg><g style=\"width:calc{deep}\"></g><style>a{{b:{deep}</style></svg>x"),
            "<svg><g></g></svg>x",
        );
    }

    #[test]
    fn in_svg_nothing_is_loaded_that_html_may_not_load() {
        check(
            "<svg><iframe src=x></iframe><link rel=stylesheet href=x.css></link><g></g></svg>",
            "<svg><g></g></svg>",
        );
    }

    #[test]
    fn style_sheets_keep_what_looks_like_an_entity() {
        // The engine decodes what the parser rightly does not.
        check(
            "<style>a::before{content:'&lt;'} b{&:hover{c:d}}</style>",
            "<style>a::before{content:'&amp;lt;'} b{&amp;:hover{c:d}}</style>",
        );
    }

    #[test]
    fn too_large_a_card_gives_a_notice() {
        let huge = "x".repeat(limits::MAX_CARD_HTML_BYTES + 1);
        let tree = prepare(
            &huge,
            &Few,
            Options {
                play_buttons: true,
                css: "",
            },
        );
        assert!(tree.to_html().contains("too large"));
    }
}
