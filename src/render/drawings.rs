//! What style sheets say of the shapes and letters of drawings. The library that draws SVG is given
//! a source alone, so it becomes part of that, for as long as the style sheet says it.

use super::mend::{all_within, inline_value};
use super::prepare::PLAY_IMAGE;
use super::svg::FAMILIES;
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

/// What is said of letters, which have what is around the drawing where nothing is.
const OF_LETTERS: [&str; 4] = ["font-family", "font-size", "font-weight", "font-style"];

/// The cost of a drawing is counted for letters up to this size. CSS pixels.
const MOST_SIZE: f32 = 100.0;

/// Attributes that were changed, as the source has them.
#[derive(Default)]
pub(super) struct Drawings(HashMap<(NodeId, &'static str), Option<String>>);

/// Whose shapes are looked at.
#[derive(Clone, Copy)]
enum Within {
    Page,
    PlayButton,
    Drawing,
    /// A drawing with letters.
    Lettered,
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
                let mut is_whole = false;
                let properties: &[&'static str] = match within {
                    Within::PlayButton if !is_button => &IN_DRAWING[..3],
                    Within::Drawing | Within::Lettered => &IN_DRAWING,
                    Within::Page if &*element.name.local == "svg" => {
                        within = match has_letters(document, id) {
                            true => Within::Lettered,
                            false => Within::Drawing,
                        };
                        is_whole = true;
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
                if matches!(within, Within::Lettered) {
                    changes.extend(self.letters(document, id, is_whole));
                }
            }
            todo.extend(node.children.iter().map(|&child| (child, within)));
        }
        self.write(document, changes)
    }

    /// What is to be changed of an element's letters.
    fn letters(
        &self,
        document: &BaseDocument,
        id: NodeId,
        is_whole: bool,
    ) -> Vec<(NodeId, &'static str, Option<String>)> {
        let mut changes = Vec::new();
        for property in OF_LETTERS {
            let source = self.source(document, id, property);
            let said = letters_paint(document, id, property, source, is_whole);
            let wanted = said.or_else(|| source.map(str::to_owned));
            if wanted.as_deref() != svg_attr(document, id, property) {
                changes.push((id, property, wanted));
            }
        }
        changes
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

fn has_letters(document: &BaseDocument, drawing: NodeId) -> bool {
    all_within(document, drawing).any(|(_, node)| {
        let element = node.element_data();
        element.is_some_and(|element| &*element.name.local == "text")
    })
}

/// What is computed for an element's letters, where a style sheet says it, or for the whole drawing
/// where its source does not.
fn letters_paint(
    document: &BaseDocument,
    id: NodeId,
    property: &str,
    source: Option<&str>,
    is_whole: bool,
) -> Option<String> {
    let said = sheet_paint(document, id, property, source);
    let own = svg_attr(document, id, "style").unwrap_or_default();
    let is_own = ["font", property]
        .iter()
        .any(|name| inline_value(own, name).is_some());
    let inherited = || document.resolved_style_value(id, property);
    let said = said.or_else(|| (is_whole && source.is_none()).then(inherited));
    let said = said.filter(|said| !is_own && !said.is_empty())?;
    Some(match property {
        // Those of the page need not be known to the library that draws SVG.
        "font-family" => format!("{said}, {FAMILIES}"),
        "font-size" => match said.strip_suffix("px").map(str::parse::<f32>) {
            Some(Ok(size)) => format!("{}px", size.min(MOST_SIZE)),
            _ => said,
        },
        _ => said,
    })
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
