//! `text-shadow`. The engine paints runs of letters without it, and tells the renderer their font
//! and places alone: by these it is found again what a run belongs to.

use anyrender::Glyph;
use blitz_dom::util::ToColorColor as _;
use blitz_dom::{BaseDocument, Node};
use parley::{FontData, PositionedLayoutItem};
use std::collections::HashMap;
use vello_cpu::kurbo::Vec2;
use vello_cpu::peniko::Color;

/// More of one run are not drawn: each takes as long as the letters themselves.
const MOST: usize = 16;

/// One that falls farther is not drawn: it is not seen. CSS pixels.
const FARTHEST: f64 = 20_000.0;

/// One shadow of letters, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextShadow {
    pub offset: Vec2,
    /// Of the blur.
    pub deviation: f32,
    pub color: Color,
}

/// Where the font of a run is kept, which no two texts share, and the place of its first letter.
type Run = (usize, u32, u32);

/// The shadows of a page that is about to be painted.
#[derive(Debug, Default)]
pub(super) struct Shadows(HashMap<Run, Vec<TextShadow>>);

impl Shadows {
    /// Holds until the page changes.
    pub fn of(document: &BaseDocument) -> Self {
        let mut found = Self::default();
        let nodes = || document.tree().iter().map(|(_, node)| node);
        if nodes().any(has_shadow) {
            nodes().for_each(|node| found.add(document, node));
        }
        found
    }

    fn add(&mut self, document: &BaseDocument, node: &Node) {
        let text = node
            .element_data()
            .and_then(|element| element.inline_layout_data.as_ref());
        let Some(text) = text else {
            return;
        };
        for line in text.layout.lines() {
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(run) = item else {
                    continue;
                };
                let of = document.get_node(run.style().brush.id);
                let shadows = of.map(shadows_of).unwrap_or_default();
                if let Some(first) = run.positioned_glyphs().next()
                    && !shadows.is_empty()
                {
                    let key = key(run.run().font(), first.x, first.y);
                    self.0.insert(key, shadows);
                }
            }
        }
    }

    /// Those of a run, the topmost first.
    pub fn below(&self, font: &FontData, first: Option<Glyph>) -> &[TextShadow] {
        first
            .and_then(|first| self.0.get(&key(font, first.x, first.y)))
            .map_or(&[], Vec::as_slice)
    }
}

fn key(font: &FontData, x: f32, y: f32) -> Run {
    let place = std::ptr::from_ref(font).addr();
    (place, x.to_bits(), y.to_bits())
}

fn has_shadow(node: &Node) -> bool {
    let style = node.primary_styles();
    style.is_some_and(|style| !style.get_inherited_text().text_shadow.0.is_empty())
}

fn shadows_of(node: &Node) -> Vec<TextShadow> {
    let Some(style) = node.primary_styles() else {
        return Vec::new();
    };
    let own = style.clone_color();
    let all = style.get_inherited_text().text_shadow.0.iter();
    all.take(MOST)
        .map(|shadow| TextShadow {
            offset: Vec2::new(
                f64::from(shadow.horizontal.px()),
                f64::from(shadow.vertical.px()),
            ),
            // As CSS has it.
            deviation: shadow.blur.0.px() / 2.0,
            color: shadow.color.resolve_to_absolute(&own).as_color_color(),
        })
        .filter(|shadow| shadow.color.components[3] > 0.0)
        .filter(|shadow| shadow.offset.x.abs().max(shadow.offset.y.abs()) <= FARTHEST)
        .collect()
}
