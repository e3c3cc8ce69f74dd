//! HTML within an SVG drawing (`<foreignObject>`), which the library that draws SVG leaves out: its
//! words become letters of the drawing, so that the labels of a diagram can be read. What else it
//! has is left out still.

use super::media;
use crate::render::mend::inline_value;
use crate::render::readout::is_block;
use crate::render::tree::{Kind, NodeIndex, Tree};
use crate::render::{css, svg};
use html5ever::{LocalName, QualName, ns};

/// Further lines are not drawn.
const MOST_LINES: usize = 200;
/// The width of a letter in em, about; those of East Asia have one.
const LETTER: f32 = 0.5;
const FIRST_EAST_ASIAN: char = '\u{2e80}';
/// A block that is no more than this part wider than its place, as far as is known, stays a line.
const TIGHT: f32 = 1.2;

/// Puts words in the place of a `<foreignObject>`; what stands behind it in a `<switch>` is drawn
/// in its stead by itself.
pub(super) fn to_letters(tree: &mut Tree, node: NodeIndex) {
    let parent = tree.parent(node);
    if parent.is_none_or(|parent| tree.foreign_tag(parent) == Some("switch")) {
        return;
    }
    without_play_tags(tree, node);
    let number = |name: &str| {
        let value = tree.attr(node, name)?.trim();
        let value = value.strip_suffix("px").unwrap_or(value);
        value
            .parse::<f32>()
            .ok()
            .filter(|number| number.is_finite())
    };
    let (x, y) = (number("x").unwrap_or(0.0), number("y").unwrap_or(0.0));
    let (width, height) = (number("width"), number("height"));
    let said = |name: &str| said(tree, node, name);
    let size = said("font-size").and_then(|size| size.strip_suffix("px")?.parse::<f32>().ok());
    let is_one_line = said("white-space").is_some_and(|space| space == "nowrap");
    let room = width
        .filter(|_| !is_one_line)
        .map(|w| w / size.unwrap_or(16.0));
    let lines = lines(&blocks(tree, node), room);
    let mut style = String::new();
    for name in [
        "color",
        "font-family",
        "font-size",
        "font-weight",
        "font-style",
    ] {
        if let Some(value) = said(name) {
            style += &format!("{name}: {value}; ");
        }
    }
    let is_middle = said("text-align").is_some_and(|align| align == "center");
    let middle = width.zip(height).filter(|_| is_middle);
    let moved = tree.attr(node, "transform").map(str::to_owned);
    let text = element(tree, "text", &[("fill", "currentColor")]);
    if let Some(moved) = moved {
        tree.set_attr(text, "transform", &moved);
    }
    let (x, y, first) = match middle {
        Some((width, height)) => {
            tree.set_attr(text, "text-anchor", "middle");
            let above = lines.len().saturating_sub(1) as f32 * 0.6;
            (x + width / 2.0, y + height / 2.0, 0.35 - above)
        }
        None => (x, y, 0.95),
    };
    tree.set_attr(text, "y", &y.to_string());
    if !style.is_empty() && css::is_safe(&style) {
        let style = svg::with_known_families(&style).unwrap_or(style);
        tree.set_attr(text, "style", style.trim_end());
    }
    for (at, line) in lines.iter().enumerate() {
        let down = if at == 0 { first } else { 1.2 };
        let (x, down) = (x.to_string(), format!("{down}em"));
        let span = element(tree, "tspan", &[("x", &x), ("dy", &down)]);
        let words = tree.add_text(line);
        tree.append(span, words);
        tree.append(text, span);
    }
    tree.replace(node, text);
}

/// Buttons are not drawn here, and their places in the text are no words.
fn without_play_tags(tree: &mut Tree, root: NodeIndex) {
    let mut todo = tree.children(root).to_vec();
    while let Some(node) = todo.pop() {
        media::play_buttons(tree, node, false);
        if tree.tag(node).is_some() {
            todo.extend(tree.children(node));
        }
    }
}

fn element(tree: &mut Tree, name: &str, attrs: &[(&str, &str)]) -> NodeIndex {
    let element = tree.add(Kind::Element {
        name: QualName::new(None, ns!(svg), LocalName::from(name)),
        attrs: Vec::new(),
    });
    for (name, value) in attrs {
        tree.set_attr(element, name, value);
    }
    element
}

/// What the styles say of a property, of the innermost of the elements that hold all there is.
fn said<'a>(tree: &'a Tree, node: NodeIndex, property: &str) -> Option<&'a str> {
    let is_more = |child: NodeIndex| {
        let text = tree.text(child);
        text.is_none_or(|text| !text.trim().is_empty())
    };
    let mut found = None;
    let mut at = Some(node);
    while let Some(node) = at {
        let style = tree.attr(node, "style").unwrap_or_default();
        found = inline_value(style, property).or(found);
        let mut children = tree.children(node).iter().copied();
        let first = children.find(|&child| is_more(child));
        let is_only = !children.any(is_more);
        at = first.filter(|&child| is_only && tree.tag(child).is_some());
    }
    found
}

/// The words of each block, with single spaces.
fn blocks(tree: &Tree, root: NodeIndex) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut todo = vec![(root, true)];
    while let Some((node, is_begin)) = todo.pop() {
        if let Some(text) = tree.text(node) {
            if let Some(block) = found.last_mut() {
                block.push_str(text);
            }
            continue;
        }
        let tag = tree.tag(node).unwrap_or_default();
        // A drawing within has words of its own.
        let is_other = tag.is_empty() && node != root;
        if is_other || matches!(tag, "style" | "script" | "template" | "title") {
            continue;
        }
        if tag == "br" || is_block(tag) {
            found.push(String::new());
        }
        if is_begin {
            todo.push((node, false));
            todo.extend(tree.children(node).iter().rev().map(|&child| (child, true)));
        }
    }
    let words = |block: &String| block.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let blocks = found.iter().map(words);
    blocks.filter(|block| !block.is_empty()).collect()
}

/// Lines that fit into `room` (em), about.
fn lines(blocks: &[String], room: Option<f32>) -> Vec<String> {
    let wide = |text: &str| -> f32 {
        let letters = text
            .chars()
            .map(|c| if c < FIRST_EAST_ASIAN { LETTER } else { 1.0 });
        letters.sum()
    };
    let mut found = Vec::new();
    for block in blocks {
        let room = room.filter(|room| *room > 1.0 && wide(block) > room * TIGHT);
        let Some(room) = room else {
            found.push(block.clone());
            continue;
        };
        let mut line = String::new();
        let mut taken = 0.0;
        for word in block.split_inclusive(|c| c == ' ' || c >= FIRST_EAST_ASIAN) {
            let width = wide(word.trim_end());
            if !line.is_empty() && taken + width > room {
                found.push(std::mem::take(&mut line).trim_end().to_owned());
                taken = 0.0;
            }
            line.push_str(word);
            taken += wide(word);
        }
        found.push(line.trim_end().to_owned());
    }
    found.truncate(MOST_LINES);
    found
}

#[cfg(test)]
mod tests {
    use crate::render::prepare::tests::check;

    #[test]
    fn words_within_drawings_become_letters() {
        check(
            "<svg><foreignObject x=10 y=20 width=100 height=40><div>a <b>b</b>\n<br>c</div>\
             </foreignObject></svg>",
            "<svg><text fill=\"currentColor\" y=\"20\"><tspan x=\"10\" dy=\"0.95em\">a b</tspan>\
             <tspan x=\"10\" dy=\"1.2em\">c</tspan></text></svg>",
        );
        // A label of a diagram.
        check(
            "<svg><foreignObject width=40 height=24><div style='text-align: center; color: red'>\
             <span><p>Start</p></span></div></foreignObject></svg>",
            "<svg><text fill=\"currentColor\" text-anchor=\"middle\" y=\"12\" style=\"color: red;\">\
             <tspan x=\"20\" dy=\"0.35em\">Start</tspan></text></svg>",
        );
        check(
            "<svg><foreignObject transform='translate(5 6)'>a</foreignObject></svg>",
            "<svg><text fill=\"currentColor\" transform=\"translate(5 6)\" y=\"0\">\
             <tspan x=\"0\" dy=\"0.95em\">a</tspan></text></svg>",
        );
        check(
            "<svg><foreignObject><p>a[anki:play:q:0] b</p></foreignObject></svg>",
            "<svg><text fill=\"currentColor\" y=\"0\"><tspan x=\"0\" dy=\"0.95em\">a b</tspan>\
             </text></svg>",
        );
        // What was written for programs that cannot draw it.
        let known =
            "<svg><switch><foreignObject><p>a</p></foreignObject><text>a</text></switch></svg>";
        check(known, known);
    }

    #[test]
    fn long_blocks_are_broken_into_lines() {
        check(
            "<svg><foreignObject width=80 height=99><p>one two three four</p><p>日本語日本語日</p>\
             </foreignObject></svg>",
            "<svg><text fill=\"currentColor\" y=\"0\"><tspan x=\"0\" dy=\"0.95em\">one two</tspan>\
             <tspan x=\"0\" dy=\"1.2em\">three four</tspan>\
             <tspan x=\"0\" dy=\"1.2em\">日本語日本</tspan>\
             <tspan x=\"0\" dy=\"1.2em\">語日</tspan></text></svg>",
        );
    }
}
