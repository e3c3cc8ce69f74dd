//! Letters that are not filled with `color`: by `-webkit-text-fill-color`, or by a background that
//! is clipped to them, of which they take the first colour; and what is skipped, by
//! `content-visibility`. The engine knows none of them, so they come to it under names of their own.

use super::css::{CLIP, FILL, SECRET, SKIP};
use super::mend::{give_back, put};
use blitz_dom::{BaseDocument, NodeId};

/// What is longer is no colour.
const MAX_COLOR_BYTES: usize = 200;

/// What of a page is filled.
#[derive(Default)]
pub(super) struct Filled {
    /// What style sheets say of it, when it was last looked at.
    seen: Vec<Said>,
    /// Properties that were set.
    changed: Vec<(NodeId, &'static str)>,
}

#[derive(Clone, PartialEq)]
struct Said {
    id: NodeId,
    clip: bool,
    fill: String,
    /// It is within one that is clipped; both are inherited, as they come to the engine.
    in_clip: bool,
    /// Its fill is that of the element around it.
    inherits: bool,
    /// It is skipped, and what is around it is not.
    skip: bool,
}

impl Filled {
    /// True when elements have other colours than their own, and style sheets say something else
    /// now.
    pub fn is_other(&self, document: &BaseDocument, content: NodeId) -> bool {
        !self.changed.is_empty() && said(document, content) != self.seen
    }

    /// Gives elements their own colours back.
    pub fn take_back(&mut self, document: &mut BaseDocument) {
        for (id, property) in self.changed.drain(..) {
            give_back(document, id, property);
        }
        self.seen.clear();
    }

    /// True when anything was changed.
    pub fn paint(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let seen = said(document, content);
        if seen == self.seen {
            return false;
        }
        self.seen = seen;
        let mut changes: Vec<(NodeId, &'static str, String)> = Vec::new();
        for said in &self.seen {
            if said.skip {
                changes.push((said.id, "visibility", "hidden".to_owned()));
                // At once, even where changes are to take time.
                changes.push((said.id, "transition-property", "none".to_owned()));
            }
            let own = match &*said.fill {
                "" => document.resolved_style_value(said.id, "color"),
                fill => fill.to_owned(),
            };
            if said.clip && !said.in_clip {
                let seen = if is_clear(&own) {
                    of_background(document, said.id)
                } else {
                    own
                };
                changes.push((said.id, "color", seen));
                changes.push((said.id, "background-image", "none".to_owned()));
                changes.push((said.id, "background-color", "transparent".to_owned()));
            } else if said.in_clip && said.inherits && is_clear(&own) {
                // What is around it shows through, as it does around it.
                changes.push((said.id, "color", "inherit".to_owned()));
            } else if !said.fill.is_empty() {
                changes.push((said.id, "color", own));
            }
        }
        let found = !changes.is_empty();
        self.changed.extend(put(document, changes));
        found
    }
}

/// True when an element is skipped, itself or with what is around it.
pub(super) fn is_skipped(document: &BaseDocument, id: NodeId) -> bool {
    let said = document.resolved_style_value(id, SKIP);
    said.trim().eq_ignore_ascii_case("hidden")
}

/// Elements of which a style sheet says any of it, in the order of the page.
fn said(document: &BaseDocument, content: NodeId) -> Vec<Said> {
    let mut found = Vec::new();
    let mut todo = vec![(content, false, String::new(), false)];
    while let Some((id, in_clip, around, in_skip)) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        let style = node.primary_styles();
        let Some(style) = style.filter(|_| node.element_data().is_some()) else {
            continue;
        };
        let is_plain = style.custom_properties().is_empty();
        let value = |name| match is_plain {
            true => String::new(),
            false => document.resolved_style_value(id, name),
        };
        let clip = value(CLIP).trim().eq_ignore_ascii_case("text");
        let skips = !is_plain && is_skipped(document, id);
        let fill = value(FILL).trim().to_ascii_lowercase();
        // It is kept for each element within.
        let is_color = fill != "currentcolor" && fill.len() <= MAX_COLOR_BYTES;
        let fill = if is_color { fill } else { String::new() };
        // Browsers show dots.
        let secret = value(SECRET).trim().to_ascii_lowercase();
        let fill = match &*secret {
            "disc" | "circle" | "square" => "transparent".to_owned(),
            _ => fill,
        };
        let children = node.children.iter().rev();
        todo.extend(children.map(|&child| (child, clip, fill.clone(), skips)));
        let skip = skips && !in_skip;
        if clip || !fill.is_empty() || skip {
            let inherits = fill == around;
            found.push(Said {
                id,
                clip,
                fill,
                in_clip,
                inherits,
                skip,
            });
        }
    }
    found
}

/// The first colour of an element's background; that of the text around it when it has none.
fn of_background(document: &BaseDocument, id: NodeId) -> String {
    let image = document.resolved_style_value(id, "background-image");
    let first = first_color(&image).map(str::to_owned);
    let plain = || document.resolved_style_value(id, "background-color");
    let parent = document.get_node(id).and_then(|node| node.parent);
    first
        .or_else(|| Some(plain()).filter(|color| !is_clear(color)))
        .or_else(|| parent.map(|parent| document.resolved_style_value(parent, "color")))
        .unwrap_or_default()
}

/// That is seen: gradients may begin with none.
fn first_color(image: &str) -> Option<&str> {
    const STARTS: [&str; 7] = [
        "rgb(", "rgba(", "color(", "oklch(", "oklab(", "lab(", "lch(",
    ];
    let mut rest = image;
    loop {
        let starts = STARTS.iter().filter_map(|start| rest.find(start));
        let color = &rest[starts.min()?..];
        let (color, behind) = color.split_at(color.find(')')? + 1);
        if !is_clear(color) {
            return Some(color);
        }
        rest = behind;
    }
}

pub(super) fn is_clear(color: &str) -> bool {
    let color: String = color.split_whitespace().collect();
    if let Some(digits) = color.strip_prefix('#') {
        return digits.len() == 4 && digits.ends_with('0')
            || digits.len() == 8 && digits.ends_with("00");
    }
    let alpha = color.strip_suffix(')').and_then(|color| {
        let by_commas = color.rsplit_once(',');
        let by_commas = by_commas.filter(|_| color.matches(',').count() == 3);
        Some(color.rsplit_once('/').or(by_commas)?.1)
    });
    let alpha = alpha.and_then(|alpha| alpha.trim_end_matches('%').parse::<f32>().ok());
    color == "transparent" || alpha.is_some_and(|alpha| alpha <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::{first_color, is_clear};

    #[test]
    fn colours_are_found_in_backgrounds() {
        for (image, expect) in [
            (
                "linear-gradient(45deg, rgb(1, 2, 3) 0%, rgba(4, 5, 6, 0.5))",
                Some("rgb(1, 2, 3)"),
            ),
            (
                "radial-gradient(rgba(4, 5, 6, 0.5), rgb(1, 2, 3))",
                Some("rgba(4, 5, 6, 0.5)"),
            ),
            (
                "linear-gradient(rgba(0, 0, 0, 0), color(srgb 1 0 0))",
                Some("color(srgb 1 0 0)"),
            ),
            ("linear-gradient(rgba(0, 0, 0, 0), rgba(1, 2, 3, 0))", None),
            ("url(\"a.png\")", None),
            ("none", None),
        ] {
            assert_eq!(first_color(image), expect, "{image}");
        }
        for clear in [
            "transparent",
            "rgba(1, 2, 3, 0)",
            "rgba(1, 2, 3, 0.0)",
            "rgb(0 0 0 / 0)",
            "hsl(0 0% 0% / 0%)",
            "#fff0",
            "#12345600",
        ] {
            assert!(is_clear(clear), "{clear}");
        }
        for seen in [
            "rgb(1, 2, 0)",
            "rgba(1, 2, 3, 0.5)",
            "red",
            "#000",
            "#000000",
        ] {
            assert!(!is_clear(seen), "{seen}");
        }
    }
}
