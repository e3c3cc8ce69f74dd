//! The search text to its nodes. The grammar and the words of its errors are Anki's.

use super::ast::{Node, Search};
use super::terms::search_for;
use crate::base::{Error, Result};

/// Groups in groups; deeper ones are refused.
const MAX_DEPTH: usize = 100;

/// Parses a search. Blank means the whole collection.
pub fn parse(text: &str) -> Result<Vec<Node>> {
    let text: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    if text.trim().is_empty() {
        return Ok(vec![Node::Search(Search::WholeCollection)]);
    }
    let mut parser = Parser {
        rest: &text,
        depth: 0,
    };
    let nodes = parser.sequence()?;
    if parser.rest.is_empty() {
        Ok(nodes)
    } else {
        Err(invalid(
            "a closing bracket `)` was found, but there was no opening bracket `(` preceding it. If \
             you want to search for a literal `)`, wrap it in double quotes or prepend a \
             backslash: `\")\"` or `\\)`.",
        ))
    }
}

pub(super) fn invalid(what: impl std::fmt::Display) -> Error {
    Error::invalid(format!("Invalid search: {what}"))
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

/// A term before its meaning is looked at.
enum Term<'a> {
    /// Without its quotes; the flag says that there were some around all of it.
    Text(&'a str, bool),
    /// `key:"value"`.
    Keyed(&'a str, &'a str),
}

impl<'a> Parser<'a> {
    /// Up to the end or an unmatched `)`.
    fn sequence(&mut self) -> Result<Vec<Node>> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches(' ');
            if self.rest.is_empty() || self.rest.starts_with(')') {
                break;
            }
            let node = self.node()?;
            let after_term = nodes
                .last()
                .is_some_and(|n| !matches!(n, Node::And | Node::Or));
            match node {
                Node::And | Node::Or if !after_term => return Err(misplaced(&node)),
                Node::And | Node::Or => nodes.push(node),
                term => {
                    if after_term {
                        nodes.push(Node::And);
                    }
                    nodes.push(term);
                }
            }
        }
        match nodes.last() {
            None if self.depth == 0 => Ok(nodes),
            None => Err(invalid(
                "a group `(...)` was found, but there was nothing between the brackets to search \
                 for. If you want to search for literal brackets, wrap them in double quotes: \
                 `\"( )\"`.",
            )),
            Some(last @ (Node::And | Node::Or)) => Err(misplaced(last)),
            Some(_) => Ok(nodes),
        }
    }

    fn node(&mut self) -> Result<Node> {
        if let Some(after) = self.rest.strip_prefix('-')
            && !after.is_empty()
            && !after.starts_with([' ', ')'])
        {
            self.rest = after;
            let node = self.group_or_term()?;
            return match node {
                Node::And | Node::Or => Err(misplaced(&node)),
                node => Ok(Node::Not(Box::new(node))),
            };
        }
        self.group_or_term()
    }

    fn group_or_term(&mut self) -> Result<Node> {
        if let Some(after) = self.rest.strip_prefix('(') {
            if self.depth == MAX_DEPTH {
                return Err(invalid("brackets are nested too deeply."));
            }
            self.rest = after;
            self.depth += 1;
            let nodes = self.sequence()?;
            self.depth -= 1;
            self.rest = self.rest.strip_prefix(')').ok_or_else(|| {
                invalid(
                    "an opening bracket `(` was found, but there was no closing bracket `)` \
                     following it. If you want to search for a literal `(`, wrap it in double \
                     quotes or prepend a backslash: `\"(\"` or `\\(` .",
                )
            })?;
            return Ok(Node::Group(nodes));
        }
        match self.term()? {
            Term::Text(text, false) if text.eq_ignore_ascii_case("and") => Ok(Node::And),
            Term::Text(text, false) if text.eq_ignore_ascii_case("or") => Ok(Node::Or),
            Term::Text(text, _) => {
                let search = match split_unescaped(text, ':') {
                    Some((key, value)) => search_for(key, value)?,
                    None => Search::Text(super::terms::unescape(text)?),
                };
                Ok(Node::Search(search))
            }
            Term::Keyed(key, value) => Ok(Node::Search(search_for(key, value)?)),
        }
    }

    fn term(&mut self) -> Result<Term<'a>> {
        if let Some(after) = self.rest.strip_prefix('"') {
            let text = self.quoted(after)?;
            return Ok(Term::Text(text, true));
        }
        let end = find_unescaped(self.rest, &[' ', '(', ')', '"']).unwrap_or(self.rest.len());
        let (text, after) = self.rest.split_at(end);
        if let Some(inner) = after.strip_prefix('"')
            && let Some(key) = text.strip_suffix(':')
            && !key.is_empty()
            && find_unescaped(text, &[':']) == Some(key.len())
        {
            let value = self.quoted(inner)?;
            return Ok(Term::Keyed(key, value));
        }
        self.rest = after;
        Ok(Term::Text(text, false))
    }

    /// `after` follows the opening quote.
    fn quoted(&mut self, after: &'a str) -> Result<&'a str> {
        match find_unescaped(after, &['"']) {
            Some(0) => Err(invalid(
                "a pair of double quotes `\"\"` was found, but there was nothing between them to \
                 search for. If you want to search for literal double quotes, prepend \
                 backslashes: `\\\"\\\"`.",
            )),
            Some(end) => {
                self.rest = &after[end + 1..];
                Ok(&after[..end])
            }
            None => Err(invalid(
                "an opening double quote `\"` was found, but there was no second one to close it. \
                 If you want to search for a literal `\"`, prepend a backslash: `\\\"`.",
            )),
        }
    }
}

fn misplaced(operator: &Node) -> Error {
    let word = if matches!(operator, Node::And) {
        "and"
    } else {
        "or"
    };
    invalid(format!(
        "an `{word}` was found but it is not connecting two search terms. If you want to search \
         for the word itself, wrap it in double quotes: `\"{word}\"`."
    ))
}

/// Where the first of `wanted` is that has no backslash before it.
fn find_unescaped(text: &str, wanted: &[char]) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if wanted.contains(&c) {
            return Some(i);
        }
    }
    None
}

fn split_unescaped(text: &str, at: char) -> Option<(&str, &str)> {
    find_unescaped(text, &[at]).map(|i| (&text[..i], &text[i + at.len_utf8()..]))
}
