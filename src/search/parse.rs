//! The search text to its nodes. The grammar and the words of its errors are Anki's.

use super::ast::{Node, Search};
use super::error::SearchError;
use super::terms::{search_for, unknown_escape};
use crate::mark;
use std::ops::Range;

/// Groups in groups; deeper ones are refused.
const MAX_DEPTH: usize = 100;

type Result<T> = std::result::Result<T, SearchError>;

/// Parses a search. Blank means the whole collection.
pub fn parse(text: &str) -> Result<Vec<Node>> {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    if spaced.trim().is_empty() {
        return Ok(vec![Node::Search(Search::WholeCollection)]);
    }
    let mut parser = Parser {
        len: spaced.len(),
        rest: &spaced,
        depth: 0,
    };
    parser.whole().map_err(|mut error| {
        error.span = place_in(text, error.span.start)..place_in(text, error.span.end);
        error
    })
}

/// Where in the text is what is at this place once each white space is one byte.
fn place_in(text: &str, place: usize) -> usize {
    let mut seen = 0;
    for (i, c) in text.char_indices() {
        if seen >= place {
            return i;
        }
        seen += if c.is_whitespace() { 1 } else { c.len_utf8() };
    }
    text.len()
}

fn invalid(span: Range<usize>, what: impl Into<String>) -> SearchError {
    SearchError {
        span,
        what: what.into(),
    }
}

struct Parser<'a> {
    /// Bytes of the whole text.
    len: usize,
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
    fn whole(&mut self) -> Result<Vec<Node>> {
        let nodes = self.sequence()?;
        if self.rest.is_empty() {
            return Ok(nodes);
        }
        Err(invalid(
            self.place()..self.place() + 1,
            mark!(
                "a closing bracket `)` was found, but there was no opening bracket `(` preceding \
                 it. If you want to search for a literal `)`, wrap it in double quotes or prepend \
                 a backslash: `\")\"` or `\\)`."
            ),
        ))
    }

    fn place(&self) -> usize {
        self.len - self.rest.len()
    }

    /// From a place to where the parser is.
    fn since(&self, start: usize) -> Range<usize> {
        start..self.place()
    }

    /// Up to the end or an unmatched `)`.
    fn sequence(&mut self) -> Result<Vec<Node>> {
        let mut nodes: Vec<Node> = Vec::new();
        let start = self.place();
        let mut last_start = start;
        loop {
            self.rest = self.rest.trim_start_matches(' ');
            if self.rest.is_empty() || self.rest.starts_with(')') {
                break;
            }
            last_start = self.place();
            let node = self.node()?;
            let after_term = nodes
                .last()
                .is_some_and(|n| !matches!(n, Node::And | Node::Or));
            match node {
                Node::And | Node::Or if !after_term => {
                    return Err(misplaced(&node, self.since(last_start)));
                }
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
            // A bracket with nothing behind it is told as one that is not closed.
            None if self.depth == 0 || self.rest.is_empty() => Ok(nodes),
            None => Err(invalid(
                start - 1..self.place() + 1,
                mark!(
                    "a group `(...)` was found, but there was nothing between the brackets to \
                     search for. If you want to search for literal brackets, wrap them in double \
                     quotes: `\"( )\"`."
                ),
            )),
            Some(last @ (Node::And | Node::Or)) => {
                let end = last_start + if matches!(last, Node::And) { 3 } else { 2 };
                Err(misplaced(last, last_start..end))
            }
            Some(_) => Ok(nodes),
        }
    }

    fn node(&mut self) -> Result<Node> {
        if let Some(after) = self.rest.strip_prefix('-')
            && !after.is_empty()
            && !after.starts_with([' ', ')'])
        {
            let start = self.place();
            self.rest = after;
            let node = self.group_or_term()?;
            return match node {
                Node::And | Node::Or => Err(misplaced(&node, self.since(start))),
                node => Ok(Node::Not(Box::new(node))),
            };
        }
        self.group_or_term()
    }

    fn group_or_term(&mut self) -> Result<Node> {
        let start = self.place();
        if let Some(after) = self.rest.strip_prefix('(') {
            if self.depth == MAX_DEPTH {
                return Err(invalid(
                    start..start + 1,
                    mark!("brackets are nested too deeply."),
                ));
            }
            self.rest = after;
            self.depth += 1;
            let nodes = self.sequence()?;
            self.depth -= 1;
            self.rest = self.rest.strip_prefix(')').ok_or_else(|| {
                invalid(
                    start..self.len,
                    mark!(
                        "an opening bracket `(` was found, but there was no closing bracket `)` \
                         following it. If you want to search for a literal `(`, wrap it in double \
                         quotes or prepend a backslash: `\"(\"` or `\\(`."
                    ),
                )
            })?;
            return Ok(Node::Group(nodes));
        }
        let term = match self.term()? {
            Term::Text(text, false) if text.eq_ignore_ascii_case("and") => return Ok(Node::And),
            Term::Text(text, false) if text.eq_ignore_ascii_case("or") => return Ok(Node::Or),
            Term::Text(text, _) => match split_unescaped(text, ':') {
                Some((key, value)) => search_for(key, value),
                None => super::terms::unescape(text).map(Search::Text),
            },
            Term::Keyed(key, value) => search_for(key, value),
        };
        term.map(Node::Search)
            .map_err(|what| invalid(self.since(start), what))
    }

    fn term(&mut self) -> Result<Term<'a>> {
        if let Some(after) = self.rest.strip_prefix('"') {
            let text = self.quoted(after)?;
            return Ok(Term::Text(text, true));
        }
        let end = find_unescaped(self.rest, &[' ', '(', ')', '"']).unwrap_or(self.rest.len());
        let (text, after) = self.rest.split_at(end);
        if let Some(at) = dangling_backslash(text) {
            let start = self.place() + at;
            return Err(invalid(
                start..self.place() + end,
                unknown_escape(&text[at..]),
            ));
        }
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
        let opening = self.len - after.len() - 1;
        match find_unescaped(after, &['"']) {
            Some(0) => Err(invalid(
                opening..opening + 2,
                mark!(
                    "a pair of double quotes `\"\"` was found, but there was nothing between them \
                     to search for. If you want to search for literal double quotes, prepend \
                     backslashes: `\\\"\\\"`."
                ),
            )),
            Some(end) => {
                self.rest = &after[end + 1..];
                Ok(&after[..end])
            }
            None => Err(invalid(
                opening..self.len,
                mark!(
                    "an opening double quote `\"` was found, but there was no second one to close \
                     it. If you want to search for a literal `\"`, prepend a backslash: `\\\"`."
                ),
            )),
        }
    }
}

fn misplaced(operator: &Node, span: Range<usize>) -> SearchError {
    let word = if matches!(operator, Node::And) {
        "and"
    } else {
        "or"
    };
    let what = mark!(
        "an `{word}` was found but it is not connecting two search terms. If you want to search \
         for the word itself, wrap it in double quotes: `\"{word}\"`.",
        word
    );
    invalid(span, what)
}

/// Where the first of `wanted` is that has no backslash before it.
pub(super) fn find_unescaped(text: &str, wanted: &[char]) -> Option<usize> {
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

/// A backslash outside quotes with nothing to escape behind it, whatever the term is.
fn dangling_backslash(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && matches!(chars.next(), None | Some((_, ' '))) {
            return Some(i);
        }
    }
    None
}

pub(super) fn split_unescaped(text: &str, at: char) -> Option<(&str, &str)> {
    find_unescaped(text, &[at]).map(|i| (&text[..i], &text[i + at.len_utf8()..]))
}
