//! Searches made by the program: terms for names that mean only themselves, and searches joined,
//! turned around and partly replaced. What the sidebar and links of the window search for. Typed
//! text is `parse`'s; `print` writes what is made here.

use super::ast::{Node, Search, TextMode};
use super::glob;
use crate::base::ids::NotetypeId;

/// How two searches become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joiner {
    And,
    Or,
}

/// The deck and its children.
#[must_use]
pub fn deck(name: &str) -> Search {
    Search::Deck(in_capitals(name, &["current", "filtered"]).unwrap_or_else(|| itself(name)))
}

/// The tag and its children.
#[must_use]
pub fn tag(name: &str) -> Search {
    // In tags wildcards stand for no white space; U+3000 is in none.
    if name.contains(|c: char| is_odd_space(c) && c != '\u{3000}') {
        let sign = |c: char| if c.is_whitespace() { '.' } else { c };
        let pattern: String = regex::escape(name).chars().map(sign).collect();
        return Search::Tag {
            tag: format!(r"\A{pattern}(?:::.*)?\z"),
            mode: TextMode::Regex,
        };
    }
    Search::Tag {
        tag: in_capitals(name, &["none"]).unwrap_or_else(|| escaped(name)),
        mode: TextMode::Wildcards,
    }
}

/// Notes without tags.
#[must_use]
pub fn untagged() -> Search {
    Search::Tag {
        tag: "none".to_owned(),
        mode: TextMode::Wildcards,
    }
}

#[must_use]
pub fn notetype(name: &str) -> Search {
    Search::Notetype(itself(name))
}

/// The cards of the templates of that name.
#[must_use]
pub fn template_named(name: &str) -> Search {
    Search::TemplateName(itself(name))
}

/// The cards of a template, counted from 0.
#[must_use]
pub fn template(ord: u16) -> Search {
    Search::TemplateOrd(ord)
}

/// Notes in which the field is not empty.
#[must_use]
pub fn has_field(name: &str) -> Search {
    Search::Field {
        name: field_name(name),
        text: "_*".to_owned(),
        mode: TextMode::Wildcards,
    }
}

/// Notes whose field is exactly `text`.
#[must_use]
pub fn field_is(name: &str, text: &str) -> Search {
    Search::Field {
        name: field_name(name),
        text: glob::escape(text),
        mode: TextMode::Wildcards,
    }
}

/// Notes with the text anywhere.
#[must_use]
pub fn text(text: &str) -> Search {
    Search::Text(glob::escape(text))
}

/// Notes of the type whose first field is the same.
#[must_use]
pub fn duplicates(notetype: NotetypeId, first_field: &str) -> Search {
    Search::Duplicates {
        notetype,
        text: first_field.to_owned(),
    }
}

/// All searches must hold, or one of them; each keeps its meaning.
#[must_use]
pub fn all_of(searches: impl IntoIterator<Item = Vec<Node>>, joiner: Joiner) -> Vec<Node> {
    let mut searches: Vec<Vec<Node>> = searches.into_iter().filter(|s| !s.is_empty()).collect();
    if searches.len() < 2 {
        return searches.pop().unwrap_or_default();
    }
    let mut joined = Vec::new();
    for search in searches {
        if !joined.is_empty() {
            joined.push(operator(joiner));
        }
        joined.push(bracketed(search));
    }
    joined
}

/// What the search does not find. Twice is the search itself.
#[must_use]
pub fn negate(search: Vec<Node>) -> Vec<Node> {
    match bracketed(search) {
        Node::Not(inner) => match *inner {
            Node::Group(nodes) => nodes,
            node => vec![node],
        },
        node => vec![Node::Not(Box::new(node))],
    }
}

/// Each term of the kind of `replacement` becomes it (in `deck:a -deck:b x` both decks do). A
/// replacement of several terms replaces nothing. None when nothing was there to replace.
#[must_use]
pub fn replace(existing: &[Node], replacement: &[Node]) -> Option<Vec<Node>> {
    let [Node::Search(replacement)] = replacement else {
        return None;
    };
    let mut replaced = existing.to_vec();
    replace_in(&mut replaced, replacement).then_some(replaced)
}

fn replace_in(nodes: &mut [Node], replacement: &Search) -> bool {
    let mut any = false;
    for node in nodes {
        any |= match node {
            Node::And | Node::Or => false,
            Node::Not(inner) => replace_in(std::slice::from_mut(inner), replacement),
            Node::Group(inner) => replace_in(inner, replacement),
            Node::Search(search) => {
                let same = kind(search) == kind(replacement);
                if same {
                    *search = replacement.clone();
                }
                same
            }
        };
    }
    any
}

/// Terms of one kind stand for each other: all of `card:`, and `rated:` with `resched:`.
fn kind(search: &Search) -> std::mem::Discriminant<Search> {
    match search {
        Search::TemplateName(_) => std::mem::discriminant(&Search::TemplateOrd(0)),
        Search::Rescheduled(_) => std::mem::discriminant(&Search::Rated {
            days: 0,
            button: None,
        }),
        other => std::mem::discriminant(other),
    }
}

fn operator(joiner: Joiner) -> Node {
    match joiner {
        Joiner::And => Node::And,
        Joiner::Or => Node::Or,
    }
}

/// As one node.
fn bracketed(mut nodes: Vec<Node>) -> Node {
    if nodes.len() == 1
        && let Some(only) = nodes.pop()
    {
        only
    } else {
        Node::Group(nodes)
    }
}

/// As [`escaped`]; white space that a search takes for a plain space is found as any sign.
fn itself(text: &str) -> String {
    let sign = |c: char| if is_odd_space(c) { '_' } else { c };
    escaped(text).chars().map(sign).collect()
}

/// Every sign stands for itself, but `_*` for something that is there.
fn escaped(text: &str) -> String {
    if text == "_*" {
        text.to_owned()
    } else {
        glob::escape(text)
    }
}

fn is_odd_space(c: char) -> bool {
    c != ' ' && c.is_whitespace()
}

/// A name that is a word of the language is found in capitals, as case does not count in names.
fn in_capitals(name: &str, words: &[&str]) -> Option<String> {
    words.contains(&name).then(|| name.to_ascii_uppercase())
}

/// A field that is called as a keyword is found by all letters but the last.
fn field_name(name: &str) -> String {
    let mut escaped = itself(name);
    if super::terms::is_keyword(name) {
        escaped.pop();
        escaped.push('_');
    }
    escaped
}
