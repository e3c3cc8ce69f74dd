//! What style sheets say of the shapes of drawings. The library that draws SVG is given a source
//! alone, so it becomes part of that, for as long as the style sheet says it.

use super::mend::inline_value;
use super::prepare::PLAY_IMAGE;
use blitz_dom::{BaseDocument, LocalName, NodeId, QualName, local_name, ns};
use std::collections::HashMap;

/// What a style sheet can say of shapes; the first three also of the whole drawing.
const IN_DRAWING: [&str; 6] = [
    "fill",
    "stroke",
    "stroke-width",
    "visibility",
    "opacity",
    "display",
];

/// Attributes that were changed, as the source has them.
#[derive(Default)]
pub(super) struct Drawings(HashMap<(NodeId, &'static str), Option<String>>);

/// Whose shapes are looked at.
#[derive(Clone, Copy)]
enum Within {
    Page,
    PlayButton,
    Drawing,
}

impl Drawings {
    /// True when anything was changed.
    pub fn paint(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let mut changes: Vec<(NodeId, &'static str, Option<String>)> = Vec::new();
        let mut todo = vec![(content, Within::Page)];
        while let Some((id, mut within)) = todo.pop() {
            let Some(node) = document.get_node(id) else {
                continue;
            };
            if let Some(element) = node.element_data() {
                // What is not shown has no style yet, nor has what is in it; it is painted when it
                // is shown.
                let style = node.primary_styles();
                if style.is_none_or(|style| {
                    matches!(within, Within::Page) && style.clone_display().is_none()
                }) {
                    continue;
                }
                let class = node.attr(local_name!("class"));
                let is_button = class.is_some_and(|class| class == PLAY_IMAGE);
                if is_button {
                    within = Within::PlayButton;
                }
                let properties: &[&'static str] = match within {
                    Within::PlayButton if !is_button => &IN_DRAWING[..3],
                    Within::Drawing => &IN_DRAWING,
                    Within::Page if &*element.name.local == "svg" => {
                        within = Within::Drawing;
                        // The rest is done to its box.
                        &IN_DRAWING[..3]
                    }
                    _ => &[],
                };
                let mut hidden = false;
                for &property in properties {
                    let source = self.source(document, id, property);
                    let said = match within {
                        Within::PlayButton => button_paint(document, id, property, source),
                        _ => sheet_paint(document, id, property, source),
                    };
                    hidden |= property == "display" && said.is_some();
                    let wanted = said.or_else(|| source.map(str::to_owned));
                    if wanted.as_deref() != svg_attr(document, id, property) {
                        changes.push((id, property, wanted));
                    }
                }
                if hidden {
                    continue;
                }
            }
            todo.extend(node.children.iter().map(|&child| (child, within)));
        }
        self.write(document, changes)
    }

    /// An attribute as the card has it.
    fn source<'a>(
        &'a self,
        document: &'a BaseDocument,
        id: NodeId,
        property: &'static str,
    ) -> Option<&'a str> {
        match self.0.get(&(id, property)) {
            Some(source) => source.as_deref(),
            None => svg_attr(document, id, property),
        }
    }

    fn write(
        &mut self,
        document: &mut BaseDocument,
        changes: Vec<(NodeId, &'static str, Option<String>)>,
    ) -> bool {
        let found = !changes.is_empty();
        for (id, property, _) in &changes {
            let has = svg_attr(document, *id, property).map(str::to_owned);
            self.0.entry((*id, *property)).or_insert(has);
        }
        let mut mutator = document.mutate();
        for (id, property, wanted) in changes {
            let name = QualName::new(None, ns!(), LocalName::from(property));
            match wanted {
                Some(value) => mutator.set_attribute(id, name, &value),
                None => mutator.clear_attribute(id, name),
            }
        }
        found
    }
}

/// What is computed for a shape of a play button, where it differs from its source.
fn button_paint(
    document: &BaseDocument,
    id: NodeId,
    property: &str,
    source: Option<&str>,
) -> Option<String> {
    let wanted = document.resolved_style_value(id, property);
    let has = source.unwrap_or(unset(property));
    (wanted != has && !wanted.is_empty()).then_some(wanted)
}

/// What a style sheet says of an element of a drawing. The engine computes nothing from a shape's
/// attributes, so a value counts where it is not the one of the element around.
fn sheet_paint(
    document: &BaseDocument,
    id: NodeId,
    property: &str,
    source: Option<&str>,
) -> Option<String> {
    let parent = document.get_node(id).and_then(|node| node.parent);
    let wanted = document.resolved_style_value(id, property);
    let said = match property {
        "opacity" => wanted != "1",
        "display" => wanted == "none",
        _ => parent.is_some_and(|p| document.resolved_style_value(p, property) != wanted),
    };
    let own = svg_attr(document, id, "style").unwrap_or_default();
    let known = inline_value(own, property).is_some() || source == Some(wanted.as_str());
    // What it costs was counted without patterns that come later.
    let is_plain = !wanted.is_empty() && !wanted.contains("url(");
    (said && !known && is_plain).then_some(wanted)
}

fn svg_attr<'a>(document: &'a BaseDocument, id: NodeId, name: &str) -> Option<&'a str> {
    let attrs = document.get_node(id)?.element_data()?.attrs();
    let attr = attrs.iter().find(|attr| &*attr.name.local == name)?;
    Some(&attr.value)
}

/// What a shape has that says nothing else.
fn unset(property: &str) -> &'static str {
    match property {
        "fill" => "rgb(0, 0, 0)",
        "stroke" => "none",
        _ => "1px",
    }
}
