//! `text-overflow: ellipsis`, which the engine does not know: of a line that is cut off by its box,
//! the letters that there is no room for take none, and three dots stand before them.

use super::css::OVERFLOW;
use super::line_parts::{Part, behind, count, line_parts};
use super::mend::{KEEP, all_within, give_back};
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use parley::InlineBoxKind;
use std::collections::HashMap;

/// Name of the element with the dots, which are no part of the text.
pub(super) const DOTS: &str = "engram-dots";
/// What is put there; nothing else begins so.
pub(super) const SIGN: [char; 2] = [KEEP, '…'];
/// Texts of a page that may be cut.
const MOST_TEXTS: usize = 2000;
/// The look of letters without room.
const NO_ROOM: &str = "font-size:0;letter-spacing:0;word-spacing:0";

/// What of a page was cut.
#[derive(Default)]
pub(super) struct Ellipses {
    /// Texts that were cut at some time.
    cuts: HashMap<NodeId, Cut>,
    /// Those that are cut now, each with all of its letters.
    active: Vec<(NodeId, String)>,
    /// Boxes in lines behind the dots.
    hidden: Vec<NodeId>,
}

/// The texts behind one that was cut. They stay, and are empty when it is whole.
#[derive(Clone, Copy)]
struct Cut {
    dots: NodeId,
    rest: NodeId,
}

/// What is to become of a line.
struct Plan {
    /// The text with the dots, and the byte of it where they stand.
    dots: (NodeId, usize),
    texts: Vec<NodeId>,
    boxes: Vec<NodeId>,
}

impl Ellipses {
    /// Makes all lines whole; true when the page must be laid out again.
    pub fn take_back(&mut self, document: &mut BaseDocument) -> bool {
        let changed = !self.active.is_empty() || !self.hidden.is_empty();
        for (id, whole) in self.active.drain(..) {
            let Some(cut) = self.cuts.get(&id) else {
                continue;
            };
            let mut mutator = document.mutate();
            mutator.set_node_text(id, &whole);
            mutator.set_node_text(cut.dots, "");
            mutator.set_node_text(cut.rest, "");
        }
        for id in self.hidden.drain(..) {
            give_back(document, id, "display");
        }
        changed
    }

    /// Cuts lines as they are laid out now, where all are whole; true when the page must be laid
    /// out again.
    pub fn cut(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let nodes = all_within(document, content).map(|(_, node)| node);
        let plans = nodes.filter_map(|node| plan(document, node));
        let plans: Vec<Plan> = plans.take(MOST_TEXTS).collect();
        for plan in plans {
            let texts = plan.texts.iter();
            let new = texts.filter(|id| !self.cuts.contains_key(id)).count();
            if self.cuts.len() + new > MOST_TEXTS {
                break;
            }
            for id in plan.texts {
                let text = document.get_node(id).and_then(Node::text_data);
                let whole = text.map(|text| text.content.to_string());
                let whole = whole.unwrap_or_default();
                let (at, dots) = match plan.dots {
                    (dotted, at) if dotted == id => (at, String::from_iter(SIGN)),
                    _ => (0, String::new()),
                };
                let cut = self.cuts.entry(id).or_insert_with(|| part(document, id));
                let mut mutator = document.mutate();
                mutator.set_node_text(cut.dots, &dots);
                mutator.set_node_text(cut.rest, &whole[at..]);
                mutator.set_node_text(id, &whole[..at]);
                self.active.push((id, whole));
            }
            for id in plan.boxes {
                document.set_style_property(id, "display", "none");
                self.hidden.push(id);
            }
        }
        !self.active.is_empty()
    }
}

/// Puts two texts behind one: for dots, and for letters without room.
fn part(document: &mut BaseDocument, text: NodeId) -> Cut {
    let mut mutator = document.mutate();
    let [(dots, dots_text), (rest, rest_text)] =
        [(DOTS, ""), ("engram-rest", NO_ROOM)].map(|(name, look)| {
            let style = Attribute {
                name: QualName::new(None, ns!(), local_name!("style")),
                value: look.into(),
            };
            let name = QualName::new(None, ns!(html), LocalName::from(name));
            let element = mutator.create_element(name, vec![style]);
            let letters = mutator.create_text_node("");
            mutator.append_children(element, &[letters]);
            (element, letters)
        });
    mutator.insert_nodes_after(text, &[dots, rest]);
    Cut {
        dots: dots_text,
        rest: rest_text,
    }
}

/// What is to become of the line of an element; None where it has room, or may stand out, or is
/// not to have dots.
fn plan(document: &BaseDocument, node: &Node) -> Option<Plan> {
    let style = node.primary_styles()?;
    if !node.flags.is_inline_root() || style.custom_properties().is_empty() {
        return None;
    }
    let value = |property: &str| document.resolved_style_value(node.id, property);
    let asks = value(OVERFLOW).to_ascii_lowercase().contains("ellipsis");
    if !asks || value("overflow-x") == "visible" {
        return None;
    }
    let (letters, cut_box) = place(node)?;
    let parts = line_parts(document, node)?;
    let mut before = 0;
    let mut dots = None;
    let mut last_text = None;
    let (mut texts, mut boxes) = (Vec::new(), Vec::new());
    for (part, count) in &parts {
        match part {
            Part::Box(id) => {
                if dots.is_none() && cut_box == Some(*id) {
                    dots = Some(last_text?);
                    texts.extend(last_text.map(|(id, _)| id));
                }
                if dots.is_some() {
                    boxes.push(*id);
                }
            }
            Part::Text(id) if dots.is_some() => texts.push(*id),
            Part::Text(id) => {
                let text = &document.get_node(*id)?.text_data()?.content;
                last_text = Some((*id, text.len()));
                if cut_box.is_none() && letters < before + count {
                    dots = Some((*id, behind(text, letters - before)));
                    texts.push(*id);
                }
            }
            // It cannot be cut.
            Part::Generated(_) if dots.is_some() && *count > 0 => return None,
            Part::Generated(_) => {}
        }
        before += count;
    }
    Some(Plan {
        dots: dots?,
        texts,
        boxes,
    })
}

/// How many letters there is room for before dots, and the box for which there is none any more.
fn place(node: &Node) -> Option<(usize, Option<NodeId>)> {
    let text = node.element_data()?.inline_layout_data.as_ref()?;
    let layout = &text.layout;
    if layout.len() != 1 {
        return None;
    }
    let line = layout.lines().next()?;
    let own = node.final_layout();
    let around = own.padding.left + own.padding.right + own.border.left + own.border.right;
    let room = (own.size.width - around) * layout.scale();
    let metrics = line.metrics();
    // Not by the fraction of a pixel that sizes are rounded by.
    if metrics.advance - metrics.hanging_advance <= room + 1.0 {
        return None;
    }
    let boxes = layout.inline_boxes();
    let boxes = boxes.filter(|part| matches!(part.kind, InlineBoxKind::InFlow));
    let boxes = boxes.map(|part| (part.index, part.width, None, Some(part.id)));
    let letters = line.runs().flat_map(|run| {
        let size = run.font_size();
        let clusters = run.clusters();
        clusters.map(move |one| (one.text_range().start, one.advance(), Some(size), None))
    });
    let mut parts: Vec<_> = boxes.chain(letters).collect();
    // A box stands before the letter of its place.
    parts.sort_by_key(|(at, _, size, _)| (*at, size.is_some()));
    // They are as wide as the letters are high.
    let mut dots = 0.0;
    let mut taken = 0.0;
    for (at, width, size, inline) in parts {
        dots = size.unwrap_or(dots);
        if taken + width + dots > room {
            let letters = count(text.text.get(..at)?);
            let inline = inline.map(NodeId::from_u64);
            return (letters > 0 || inline.is_some()).then_some((letters, inline));
        }
        taken += width;
    }
    None
}
