//! `mix-blend-mode`. The engine knows it and paints as if it did not; it tells the renderer of
//! filters alone, so an element that is to be blended gets one that says how and draws nothing. A
//! filter of its own comes before that, which may be what hides it: it is not blended then.

use super::mend::all_within;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, ns};
use std::collections::HashMap;
use style::computed_values::mix_blend_mode::T as Mode;
use vello_cpu::peniko::{Color, Mix};

/// By their places in this list they are told.
const MODES: [(Mode, Mix); 15] = [
    (Mode::Multiply, Mix::Multiply),
    (Mode::Screen, Mix::Screen),
    (Mode::Overlay, Mix::Overlay),
    (Mode::Darken, Mix::Darken),
    (Mode::Lighten, Mix::Lighten),
    (Mode::ColorDodge, Mix::ColorDodge),
    (Mode::ColorBurn, Mix::ColorBurn),
    (Mode::HardLight, Mix::HardLight),
    (Mode::SoftLight, Mix::SoftLight),
    (Mode::Difference, Mix::Difference),
    (Mode::Exclusion, Mix::Exclusion),
    (Mode::Hue, Mix::Hue),
    (Mode::Saturation, Mix::Saturation),
    (Mode::Color, Mix::Color),
    (Mode::Luminosity, Mix::Luminosity),
];
/// Red and blue of the clear shadow whose green is such a place.
const SIGN: (u8, u8) = (31, 99);

/// An attribute of elements that have such a filter, with that place.
const BLENDED: &str = "data-engram-blended";

/// What is said of them below all that the card says.
pub(super) fn sheet() -> String {
    let (red, blue) = SIGN;
    let rules = (0..MODES.len()).map(|place| {
        let sign = format!("drop-shadow(rgba({red}, {place}, {blue}, 0) 0 0 0)");
        format!("[{BLENDED}=\"{place}\"] {{ filter: {sign} }}\n")
    });
    rules.collect()
}

/// Elements that have the attribute.
#[derive(Default)]
pub(super) struct Blends(HashMap<NodeId, usize>);

impl Blends {
    /// On a page that is laid out; true when it must be styled again.
    pub fn tell(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let wanted = all_within(document, content);
        let wanted: HashMap<NodeId, usize> = wanted
            .filter_map(|(id, node)| Some((id, place_of(node)?)))
            .collect();
        if wanted == self.0 {
            return false;
        }
        let mut mutator = document.mutate();
        let name = || QualName::new(None, ns!(), LocalName::from(BLENDED));
        for id in self.0.keys().filter(|id| !wanted.contains_key(id)) {
            mutator.clear_attribute(*id, name());
        }
        for (id, place) in &wanted {
            if self.0.get(id) != Some(place) {
                mutator.set_attribute(*id, name(), &place.to_string());
            }
        }
        drop(mutator);
        self.0 = wanted;
        true
    }
}

/// How an element is to be blended with what is behind it, if otherwise than usual. The parts of a
/// drawing are painted as one.
fn place_of(node: &Node) -> Option<usize> {
    let name = &node.element_data()?.name;
    let is_box = name.ns == ns!(html) || &*name.local == "svg";
    let mode = node
        .primary_styles()
        .filter(|_| is_box)?
        .clone_mix_blend_mode();
    MODES.iter().position(|(known, _)| *known == mode)
}

/// What a shadow of this colour says.
pub(super) fn told_by(color: Color) -> Option<Mix> {
    let [red, green, blue, alpha] = color.components;
    let byte = |part: f32| (255.0 * part).round() as u8;
    let is_sign = alpha == 0.0 && (byte(red), byte(blue)) == SIGN;
    let told = MODES.get(usize::from(byte(green)));
    told.filter(|_| is_sign).map(|(_, mix)| *mix)
}
