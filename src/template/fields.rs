//! The fields that a template names: which they are, and the template with other names for them.
//! Knows nothing of notes; what is wrong with a template is `check`.

use super::lex::{self, Token, tokens};
use super::parse::{Node, ParsedTemplate};

/// What becomes of a field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewName<'a> {
    Same,
    Renamed(&'a str),
    /// Replacements vanish, sections leave their content.
    Removed,
}

/// Keys of replacements and sections, in the order of the template. Sections on `c1` and the like
/// are no fields.
pub fn keys(template: &ParsedTemplate) -> impl Iterator<Item = &str> {
    template.nodes.iter().filter_map(|node| match node {
        Node::Replacement { key, .. } => Some(key.as_str()),
        Node::Section { key, .. } => (!super::expand::is_cloze_key(key)).then_some(key.as_str()),
        Node::Text(_) => None,
    })
}

/// Whether it replaces anything; sections alone do not.
#[must_use]
pub fn has_replacement(template: &ParsedTemplate) -> bool {
    let is_replacement = |node: &Node| matches!(node, Node::Replacement { .. });
    template.nodes.iter().any(is_replacement)
}

/// Whether a replacement has the filter that shows cloze deletions.
#[must_use]
pub fn has_cloze_filter(template: &ParsedTemplate) -> bool {
    template.nodes.iter().any(|node| match node {
        Node::Replacement { filters, .. } => filters.iter().any(|f| f == "cloze"),
        _ => false,
    })
}

/// The template with its fields renamed; white space in its marks goes, as Anki's does. One that
/// cannot be parsed stays as it is.
#[must_use]
pub fn renamed<'a>(template: &str, new_name: impl Fn(&str) -> NewName<'a>) -> String {
    if ParsedTemplate::parse(template).is_err() {
        return template.to_owned();
    }
    let (mut out, open, close) = match lex::old_delimiters(template) {
        Some(directive) => (directive.to_owned(), "<%", "%>"),
        None => (String::new(), "{{", "}}"),
    };
    for token in tokens(template) {
        let (sign, filters, key) = match token {
            Token::Text(text) => {
                out.push_str(text);
                continue;
            }
            Token::Replacement(tag) => {
                let (filters, key) = tag.split_at(tag.rfind(':').map_or(0, |at| at + 1));
                ("", filters, key)
            }
            Token::OpenSection(key) => ("#", "", key),
            Token::OpenInverted(key) => ("^", "", key),
            Token::CloseSection(key) => ("/", "", key),
        };
        let key = match new_name(key) {
            NewName::Same => key,
            NewName::Renamed(name) => name,
            NewName::Removed => continue,
        };
        for part in [open, sign, filters, key, close] {
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_where_they_are_marks() {
        let new_name = |key: &str| match key {
            "A" => NewName::Renamed("New"),
            "B" => NewName::Removed,
            _ => NewName::Same,
        };
        for (template, expected) in [
            (
                "{{ A }}{{a::b:A}}{{{A}}}{{A",
                "{{New}}{{a::b:New}}{{New}}}{{A",
            ),
            (
                "{{# A }}x{{/A}}<!-- {{A}} -->",
                "{{#New}}x{{/New}}<!-- {{A}} -->",
            ),
            ("{{^B}}{{B}}{{hint:B}}x{{/B}}", "x"),
            ("{{#A}}", "{{#A}}"),
            (" {{=<% %>=}}<%A%>{{A}}", " {{=<% %>=}}<%New%>{{A}}"),
        ] {
            assert_eq!(renamed(template, new_name), expected);
        }
    }
}
