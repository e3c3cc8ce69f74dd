//! A parsed template and a note's fields to HTML; which fields reach a side at all.
//! Pure; the messages for failures are in `message`.

use super::filters;
use super::parse::{Node, ParsedTemplate, TemplateError};
use crate::base::limits::MAX_CARD_HTML_BYTES;
use crate::domain::html::is_blank;
use std::borrow::Cow;
use std::collections::HashMap;

/// Bytes of a side beyond which no more fields are added: many times what is drawn of one, and no
/// template can fill the memory by naming a large field again and again.
const MOST_BYTES: usize = 8 * MAX_CARD_HTML_BYTES;

/// Name of the field that holds the rendered question on the answer side.
pub const FRONT_SIDE: &str = "FrontSide";

/// Values by key: the special ones first, then the note's fields, which win.
#[derive(Debug, Clone, Default)]
pub struct Values<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Values<'a> {
    /// Sets a value, replacing an earlier one of that name.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.insert(key.into(), value.into());
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(AsRef::as_ref)
    }

    /// Whether a section on `key` counts as filled; None for an unknown key. `c7` and the like
    /// are known and empty.
    fn is_filled(&self, key: &str) -> Option<bool> {
        match self.get(key) {
            Some(value) => Some(!is_blank(value)),
            None => is_cloze_key(key).then_some(false),
        }
    }
}

/// `c` and a number.
pub(super) fn is_cloze_key(key: &str) -> bool {
    key.strip_prefix('c')
        .is_some_and(|n| n.parse::<u32>().is_ok())
}

/// What a side is rendered with.
#[derive(Debug, Clone, Copy)]
pub struct SideContext<'a> {
    pub values: &'a Values<'a>,
    pub card_ord: u16,
    /// The rendered question; None while rendering it.
    pub front: Option<&'a str>,
}

impl SideContext<'_> {
    #[must_use]
    pub fn is_question(&self) -> bool {
        self.front.is_none()
    }
}

/// The side's HTML, or the first mark (in the order of the template, untaken sections included)
/// that names no field.
pub fn expand(template: &ParsedTemplate, cx: &SideContext<'_>) -> Result<String, TemplateError> {
    check_keys(template, cx.values)?;
    let mut out = String::new();
    visit_reachable(template, cx.values, |node| match node {
        Node::Text(text) => out.push_str(text),
        Node::Replacement { .. } if out.len() > MOST_BYTES => {}
        Node::Replacement { key, .. } if key == FRONT_SIDE => {
            out.push_str(cx.front.unwrap_or_default());
        }
        Node::Replacement { key, filters } => {
            if let Some(value) = cx.values.get(key) {
                out.push_str(&filters::apply(value, filters, key, cx));
            }
        }
        Node::Section { .. } => {}
    });
    Ok(out)
}

/// Whether anything of the note reaches this side: a replacement of a filled key in a taken
/// section. Text alone does not count.
#[must_use]
pub fn is_filled(template: &ParsedTemplate, values: &Values<'_>) -> bool {
    let mut filled = false;
    visit_reachable(template, values, |node| {
        if let Node::Replacement { key, .. } = node {
            filled |= values.is_filled(key) == Some(true);
        }
    });
    filled
}

/// As [`is_filled`] with inverted sections always taken: what old clients understand.
#[must_use]
pub fn is_filled_ignoring_inverted(
    template: &ParsedTemplate,
    is_filled: impl Fn(&str) -> bool,
) -> bool {
    let mut at = 0;
    while let Some(node) = template.nodes.get(at) {
        match node {
            Node::Replacement { key, .. } if is_filled(key) => return true,
            Node::Section {
                key,
                inverted: false,
                end,
            } if !is_filled(key) => at = (*end).max(at + 1),
            _ => at += 1,
        }
    }
    false
}

fn visit_reachable(template: &ParsedTemplate, values: &Values<'_>, mut visit: impl FnMut(&Node)) {
    let mut at = 0;
    while let Some(node) = template.nodes.get(at) {
        at = match node {
            Node::Section { key, inverted, end }
                if values.is_filled(key).unwrap_or(false) == *inverted =>
            {
                (*end).max(at + 1)
            }
            node => {
                visit(node);
                at + 1
            }
        };
    }
}

fn check_keys(template: &ParsedTemplate, values: &Values<'_>) -> Result<(), TemplateError> {
    for node in &template.nodes {
        match node {
            Node::Replacement { key, filters } => {
                let known = values.get(key).is_some()
                    || key == FRONT_SIDE
                    || (key.is_empty() && !filters.is_empty());
                if !known {
                    let mut tag = String::new();
                    for filter in filters.iter().rev() {
                        tag.push_str(filter);
                        tag.push(':');
                    }
                    tag.push_str(key);
                    return Err(TemplateError::NoSuchField {
                        tag,
                        key: key.clone(),
                    });
                }
            }
            Node::Section { key, inverted, .. } => {
                if values.is_filled(key).is_none() {
                    let mark = if *inverted { '^' } else { '#' };
                    return Err(TemplateError::NoSuchField {
                        tag: format!("{mark}{key}"),
                        key: key.clone(),
                    });
                }
            }
            Node::Text(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, front: Option<&str>) -> Result<String, String> {
        let mut values = Values::default();
        values.set("A", "x");
        values.set("Empty", "<br>");
        values.set("c1", "1");
        let parsed = ParsedTemplate::parse(template).unwrap();
        let cx = SideContext {
            values: &values,
            card_ord: 0,
            front,
        };
        expand(&parsed, &cx).map_err(|e| e.to_string())
    }

    #[test]
    fn sections_follow_the_fields() {
        for (template, html) in [
            ("{{#A}}1{{/A}}{{^A}}2{{/A}}", "1"),
            ("{{#Empty}}1{{/Empty}}{{^Empty}}2{{/Empty}}", "2"),
            (
                "{{#A}}a{{#Empty}}b{{/Empty}}{{^Empty}}c{{/Empty}}d{{/A}}e",
                "acde",
            ),
            ("{{#c1}}1{{/c1}}{{#c2}}2{{/c2}}{{^c2}}3{{/c2}}", "13"),
            ("{{Empty}}{{cloze:}}", "<br>"),
        ] {
            assert_eq!(render(template, None).unwrap(), html, "{template}");
        }
    }

    #[test]
    fn a_large_field_named_again_and_again_ends() {
        let mut values = Values::default();
        values.set("A", "x".repeat(1 << 20));
        let parsed = ParsedTemplate::parse(&"{{A}}".repeat(100_000)).unwrap();
        let cx = SideContext {
            values: &values,
            card_ord: 0,
            front: None,
        };
        let size = expand(&parsed, &cx).unwrap().len();
        assert_eq!(size, MOST_BYTES + (1 << 20));
    }

    #[test]
    fn front_side_is_copied_whatever_its_filters() {
        assert_eq!(render("{{FrontSide}}|{{A}}", None).unwrap(), "|x");
        assert_eq!(
            render("{{text:FrontSide}}|{{A}}", Some("<b>q</b>")).unwrap(),
            "<b>q</b>|x"
        );
    }

    #[test]
    fn unknown_keys_are_errors_also_where_they_are_not_shown() {
        assert!(render("{{^A}}{{Nope}}{{/A}}", None).is_err());
        assert!(render("{{#FrontSide}}{{/FrontSide}}", None).is_err());
        assert!(
            render("{{a:b:Nope}}", None)
                .unwrap_err()
                .contains("{{a:b:Nope}}")
        );
    }
}
