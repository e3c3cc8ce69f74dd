//! `::first-letter`. The engine knows how such a letter is to look and does not draw it so: the
//! letter gets an element of its own with that look.

use super::mend::all_within;
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use regex::Regex;
use std::collections::HashMap;
use std::sync::OnceLock;
use style::properties::style_structs::Font;
use style::properties::{ComputedValues, LonghandId, PropertyDeclarationId};
use style::selector_parser::PseudoElement;

/// Letters of a page that get a look of their own.
const MOST_LETTERS: usize = 2000;
/// Nodes that are looked at for them.
const MOST_STEPS: usize = 200_000;
/// Name of the element that such a letter is put into.
const LETTER: &str = "engram-letter";

/// What of a letter's look is asked for.
const LOOK: [LonghandId; 40] = [
    LonghandId::BackgroundColor,
    LonghandId::BackgroundImage,
    LonghandId::BaselineShift,
    LonghandId::BorderBottomColor,
    LonghandId::BorderBottomLeftRadius,
    LonghandId::BorderBottomRightRadius,
    LonghandId::BorderBottomStyle,
    LonghandId::BorderBottomWidth,
    LonghandId::BorderLeftColor,
    LonghandId::BorderLeftStyle,
    LonghandId::BorderLeftWidth,
    LonghandId::BorderRightColor,
    LonghandId::BorderRightStyle,
    LonghandId::BorderRightWidth,
    LonghandId::BorderTopColor,
    LonghandId::BorderTopLeftRadius,
    LonghandId::BorderTopRightRadius,
    LonghandId::BorderTopStyle,
    LonghandId::BorderTopWidth,
    LonghandId::BoxShadow,
    LonghandId::Color,
    LonghandId::Float,
    LonghandId::FontFamily,
    LonghandId::FontSize,
    LonghandId::FontStyle,
    LonghandId::FontWeight,
    LonghandId::LetterSpacing,
    LonghandId::LineHeight,
    LonghandId::MarginBottom,
    LonghandId::MarginLeft,
    LonghandId::MarginRight,
    LonghandId::MarginTop,
    LonghandId::PaddingBottom,
    LonghandId::PaddingLeft,
    LonghandId::PaddingRight,
    LonghandId::PaddingTop,
    LonghandId::TextDecorationColor,
    LonghandId::TextDecorationLine,
    LonghandId::TextShadow,
    LonghandId::TextTransform,
];

/// The letters of a page, by the block that each is the first one of, and their looks.
#[derive(Default)]
pub(super) struct FirstLetters {
    given: HashMap<NodeId, (NodeId, String)>,
}

impl FirstLetters {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn style(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let initial = ComputedValues::initial_values_with_font_override(Font::initial_values());
        let styled = all_within(document, content).filter_map(|(id, node)| {
            let look = look(node, &initial)?;
            Some((id, look))
        });
        // Of two that begin with the same letter, the inner one counts: it comes later.
        let mut styled: Vec<(NodeId, String)> = styled.take(MOST_LETTERS).collect();
        styled.reverse();
        let mut changed = false;
        let mut steps = MOST_STEPS;
        for (block, look) in styled {
            match self.given.get_mut(&block) {
                Some((_, known)) if *known == look => {}
                Some((letter, known)) => {
                    let name = QualName::new(None, ns!(), local_name!("style"));
                    document.mutate().set_attribute(*letter, name, &look);
                    *known = look;
                    changed = true;
                }
                None => {
                    let place = place_of_letter(document, block, &mut steps);
                    if let Some(letter) = place.map(|place| part(document, &place, &look)) {
                        self.given.insert(block, (letter, look));
                        changed = true;
                    }
                }
            }
        }
        changed
    }
}

/// What the first letter of an element has that the element, or a part of a line in general, has
/// not; None for one whose first letter is like others.
fn look(node: &Node, initial: &ComputedValues) -> Option<String> {
    let data = node.try_stylo_element_data()?.get()?;
    let letter = data.styles.pseudos.get(&PseudoElement::FirstLetter)?;
    let own = data.styles.get_primary()?;
    let mut look = String::new();
    for property in LOOK {
        let value = |style: &ComputedValues| {
            style.computed_value_to_string(PropertyDeclarationId::Longhand(property))
        };
        let usual = if property.inherited() { own } else { initial };
        let asked = value(letter);
        if asked != value(usual) {
            look += &format!("{}:{asked};", property.name());
        }
    }
    Some(look)
}

/// A letter with what belongs to it, in bytes of a text.
struct Place {
    text: NodeId,
    begin: usize,
    end: usize,
}

/// Where the first letter of a block is; None where something else stands before it.
fn place_of_letter(document: &BaseDocument, block: NodeId, steps: &mut usize) -> Option<Place> {
    let mut todo = vec![block];
    while let Some(id) = todo.pop() {
        *steps = steps.checked_sub(1)?;
        let Some(node) = document.get_node(id) else {
            continue;
        };
        if let Some(text) = node.text_data() {
            if text.content.trim_ascii().is_empty() {
                continue;
            }
            let found = pattern().captures(&text.content)?.get(1)?;
            return Some(Place {
                text: id,
                begin: found.start(),
                end: found.end(),
            });
        }
        let style = node.primary_styles();
        let Some(style) = style.filter(|_| node.element_data().is_some()) else {
            continue;
        };
        let display = style.clone_display();
        let is_apart = matches!(
            &*document.resolved_style_value(id, "position"),
            "absolute" | "fixed"
        );
        if display.is_none() || is_apart && id != block {
            continue;
        }
        // A letter that has its look, words that a style puts there, a picture, a row of boxes.
        let name = node.element_data().map(|element| &*element.name.local);
        let is_end = matches!(name, Some(LETTER | "br"));
        let is_line = node.is_non_atomic_inline() || display.is_contents();
        let value = document.resolved_style_value(id, "display");
        let holds_lines = match &*value {
            "block" | "flow-root" | "list-item" => true,
            "inline-block" | "table-cell" | "table-caption" => id == block,
            _ => is_line && id != block,
        };
        if is_end || !holds_lines || node.before().is_some() {
            return None;
        }
        todo.extend(node.children.iter().rev());
    }
    None
}

/// A letter, and what of punctuation is before and behind it.
fn pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    PATTERN.get_or_init(|| {
        let pattern = r"^\s*((?:\p{P}\s*)*[^\p{P}\s](?:\p{M}|\u{200d}.)*\p{P}*)";
        Regex::new(pattern).expect("a pattern of ours")
    })
}

/// Puts a letter into an element of its own, which is returned.
fn part(document: &mut BaseDocument, place: &Place, look: &str) -> NodeId {
    let text = document.get_node(place.text).and_then(Node::text_data);
    let text = text.map(|text| text.content.clone()).unwrap_or_default();
    let mut mutator = document.mutate();
    let style = Attribute {
        name: QualName::new(None, ns!(), local_name!("style")),
        value: look.into(),
    };
    let name = QualName::new(None, ns!(html), LocalName::from(LETTER));
    let letter = mutator.create_element(name, vec![style]);
    let inner = mutator.create_text_node(&text[place.begin..place.end]);
    mutator.append_children(letter, &[inner]);
    let before = mutator.create_text_node(&text[..place.begin]);
    mutator.insert_nodes_before(place.text, &[before, letter]);
    mutator.set_node_text(place.text, &text[place.end..]);
    letter
}
