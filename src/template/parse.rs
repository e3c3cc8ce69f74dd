//! Tokens to a checked template. The tree is kept flat (a section knows where it ends), so that
//! neither expanding nor dropping a deeply nested template recurses.

use super::lex::{Token, tokens};
use crate::t;
use std::fmt;

/// A template that can be expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParsedTemplate {
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Replacement {
        key: String,
        /// In order of application: nearest the field first.
        filters: Vec<String>,
    },
    /// Its content is the nodes from the next one up to `end` (exclusive).
    Section {
        key: String,
        /// Shown when the key is empty.
        inverted: bool,
        end: usize,
    },
}

/// Why a template cannot be used; shown on the card in its stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    NotClosed(String),
    NotOpen(String),
    /// Closing tag of another section than the open one.
    Mismatch {
        closing: String,
        open: String,
    },
    NoSuchField {
        tag: String,
        key: String,
    },
}

impl fmt::Display for TemplateError {
    /// HTML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = |tag: &str| super::message::quoted(&format!("{{{{{tag}}}}}"));
        let words = match self {
            Self::NotClosed(key) => t!("Missing {tag}", tag = tag(&format!("/{key}"))),
            Self::NotOpen(key) => t!(
                "Found {tag}, but missing {open} or {inverted}",
                tag = tag(&format!("/{key}")),
                open = tag(&format!("#{key}")),
                inverted = tag(&format!("^{key}"))
            ),
            Self::Mismatch { closing, open } => t!(
                "Found {tag}, but expected {open}",
                tag = tag(&format!("/{closing}")),
                open = tag(&format!("/{open}"))
            ),
            Self::NoSuchField { tag: found, key } => t!(
                "Found {tag}, but there is no field called {field}",
                tag = tag(found),
                field = super::message::quoted(key)
            ),
        };
        f.write_str(&words)
    }
}

impl ParsedTemplate {
    /// Checks that sections pair up; fields are checked when expanding.
    pub fn parse(template: &str) -> Result<Self, TemplateError> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for token in tokens(template) {
            match token {
                Token::Text(text) => nodes.push(Node::Text(text.to_owned())),
                Token::Replacement(tag) => nodes.push(replacement(tag)),
                Token::OpenSection(key) | Token::OpenInverted(key) => {
                    open.push(nodes.len());
                    nodes.push(Node::Section {
                        key: key.to_owned(),
                        inverted: matches!(token, Token::OpenInverted(_)),
                        end: 0,
                    });
                }
                Token::CloseSection(closing) => close(&mut nodes, &mut open, closing)?,
            }
        }
        match open.last().and_then(|i| nodes.get(*i)) {
            Some(Node::Section { key, .. }) => Err(TemplateError::NotClosed(key.clone())),
            _ => Ok(Self { nodes }),
        }
    }
}

fn replacement(tag: &str) -> Node {
    let mut parts = tag.rsplit(':');
    let key = parts.next().unwrap_or_default().to_owned();
    Node::Replacement {
        key,
        filters: parts.map(str::to_owned).collect(),
    }
}

fn close(nodes: &mut [Node], open: &mut Vec<usize>, closing: &str) -> Result<(), TemplateError> {
    let len = nodes.len();
    let Some(Node::Section { key, end, .. }) = open.pop().and_then(|i| nodes.get_mut(i)) else {
        return Err(TemplateError::NotOpen(closing.to_owned()));
    };
    if key != closing {
        return Err(TemplateError::Mismatch {
            closing: closing.to_owned(),
            open: key.clone(),
        });
    }
    *end = len;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_pair_up_or_say_what_is_missing() {
        for (template, error) in [
            ("{{#A}}{{#B}}x", "Missing {{/B}}"),
            ("{{/A}}", "Found {{/A}}, but missing {{#A}} or {{^A}}"),
            ("{{#A}}{{/B}}", "Found {{/B}}, but expected {{/A}}"),
        ] {
            let message = ParsedTemplate::parse(template).unwrap_err().to_string();
            let plain: String = message
                .replace("&#x27;", "")
                .chars()
                .filter(|c| !"\u{2068}\u{2069}".contains(*c))
                .collect();
            assert_eq!(plain, error);
        }
    }

    #[test]
    fn deep_nesting_is_no_recursion() {
        let deep = format!("{}x{}", "{{#A}}".repeat(300_000), "{{/A}}".repeat(300_000));
        assert_eq!(ParsedTemplate::parse(&deep).unwrap().nodes.len(), 300_001);
    }

    #[test]
    fn filters_are_kept_nearest_the_field_first() {
        let parsed = ParsedTemplate::parse("{{b:a:F}}").unwrap();
        assert_eq!(
            parsed.nodes,
            [Node::Replacement {
                key: "F".into(),
                filters: vec!["a".into(), "b".into()]
            }]
        );
    }
}
