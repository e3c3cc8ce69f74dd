//! Cloze deletions: `{{c1::text::hint}}`, nested, with several numbers; what each side shows of
//! them. Image-occlusion shapes are clozes too and drawn by `occlusion`.

use super::occlusion;
use crate::base::limits::MAX_CARD_HTML_BYTES;
use crate::domain::html::strip_tags;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Clozes open at once; deeper openings are dropped.
const MAX_DEPTH: usize = 10;
/// A hidden text's copy in an attribute; nested ones grow by a factor per level, so larger ones
/// are left out.
const MAX_ATTRIBUTE_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node<'a> {
    Text(&'a str),
    Cloze(Cloze<'a>),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Cloze<'a> {
    /// Sorted, each once.
    numbers: Vec<u16>,
    nodes: Vec<Node<'a>>,
    hint: Option<&'a str>,
}

impl<'a> Cloze<'a> {
    fn is_active(&self, number: u16) -> bool {
        self.numbers.contains(&number)
    }

    fn ordinals(&self) -> String {
        let numbers: Vec<String> = self.numbers.iter().map(u16::to_string).collect();
        numbers.join(",")
    }

    /// The hint in brackets, or dots.
    fn placeholder(&self) -> &'a str {
        self.hint.unwrap_or("...")
    }

    /// The text with inner clozes in place.
    fn plain_text(&self) -> Cow<'a, str> {
        match self.nodes.as_slice() {
            [Node::Text(text)] => Cow::Borrowed(text),
            nodes => {
                let mut out = String::new();
                for node in nodes {
                    match node {
                        Node::Text(text) => out.push_str(text),
                        Node::Cloze(inner) => out.push_str(&inner.plain_text()),
                    }
                }
                Cow::Owned(out)
            }
        }
    }

    /// The properties behind `image-occlusion:`.
    fn occlusion(&self) -> Option<&'a str> {
        match self.nodes.first() {
            Some(Node::Text(text)) => text.strip_prefix("image-occlusion:"),
            _ => None,
        }
    }

    fn add_text(&mut self, text: &'a str) {
        if text.is_empty() {
            return;
        }
        // A shape's properties have colons of their own.
        let hint = (!text.starts_with("image-occlusion:")).then(|| text.split_once("::"));
        match hint.flatten() {
            Some((shown, hint)) => {
                self.hint = Some(hint);
                if !shown.is_empty() {
                    self.nodes.push(Node::Text(shown));
                }
            }
            None => self.nodes.push(Node::Text(text)),
        }
    }
}

enum Token<'a> {
    Open(Vec<u16>),
    Text(&'a str),
    Close,
}

/// Splits off the first token.
fn next_token(text: &str) -> (Token<'_>, &str) {
    if let Some((numbers, rest)) = opening(text) {
        return (Token::Open(numbers), rest);
    }
    if let Some(rest) = text.strip_prefix("}}") {
        return (Token::Close, rest);
    }
    let mut end = text.len();
    for (i, _) in text.match_indices(['{', '}']) {
        if i > 0 && (text[i..].starts_with("}}") || opening(&text[i..]).is_some()) {
            end = i;
            break;
        }
    }
    (Token::Text(&text[..end]), &text[end..])
}

/// `{{c1,2::` with at least one valid number.
fn opening(text: &str) -> Option<(Vec<u16>, &str)> {
    let inner = text.strip_prefix("{{c")?;
    let len = inner
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b',')
        .count();
    let rest = inner[len..].strip_prefix("::")?;
    let numbers: BTreeSet<u16> = inner[..len]
        .split(',')
        .filter_map(|n| n.parse().ok())
        .collect();
    (!numbers.is_empty()).then(|| (numbers.into_iter().collect(), rest))
}

/// Clozes that are never closed are left out, with what they contain.
fn parse(text: &str) -> Vec<Node<'_>> {
    let mut open: Vec<Cloze<'_>> = Vec::new();
    let mut done = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, tail) = next_token(rest);
        match token {
            Token::Open(numbers) => {
                if open.len() < MAX_DEPTH {
                    open.push(Cloze {
                        numbers,
                        ..Cloze::default()
                    });
                }
            }
            Token::Text(text) => match open.last_mut() {
                Some(cloze) => cloze.add_text(text),
                None => done.push(Node::Text(text)),
            },
            Token::Close => match open.pop() {
                Some(cloze) => match open.last_mut() {
                    Some(outer) => outer.nodes.push(Node::Cloze(cloze)),
                    None => done.push(Node::Cloze(cloze)),
                },
                None => done.push(Node::Text("}}")),
            },
        }
        rest = tail;
    }
    done
}

/// The numbers of all clozes, 0 included.
#[must_use]
pub fn numbers(text: &str) -> BTreeSet<u16> {
    fn collect(nodes: &[Node<'_>], into: &mut BTreeSet<u16>) {
        for node in nodes {
            if let Node::Cloze(cloze) = node {
                into.extend(&cloze.numbers);
                collect(&cloze.nodes, into);
            }
        }
    }
    let mut numbers = BTreeSet::new();
    if text.contains("{{c") {
        collect(&parse(text), &mut numbers);
    }
    numbers
}

/// The field as the card of `card_ord` shows it; empty when it has no cloze of that number.
#[must_use]
pub fn reveal(text: &str, card_ord: u16, question: bool) -> String {
    let nodes = parse(text);
    let mut reveal = Reveal {
        number: card_ord.saturating_add(1),
        question,
        any_active: false,
    };
    let mut out = String::with_capacity(text.len());
    reveal.nodes(&nodes, &mut out);
    if reveal.any_active {
        strip_tags_in_math(&out).into_owned()
    } else {
        String::new()
    }
}

struct Reveal {
    number: u16,
    question: bool,
    any_active: bool,
}

impl Reveal {
    fn nodes(&mut self, nodes: &[Node<'_>], out: &mut String) {
        for node in nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Cloze(cloze) => self.cloze(cloze, out),
            }
        }
    }

    fn cloze(&mut self, cloze: &Cloze<'_>, out: &mut String) {
        let active = cloze.is_active(self.number);
        self.any_active |= active;
        if let Some(shape) = cloze.occlusion() {
            let always = cloze.numbers.contains(&0);
            let class = match (active, self.question) {
                _ if always => "cloze",
                (true, true) => "cloze",
                (true, false) => "cloze-highlight",
                (false, _) => "cloze-inactive",
            };
            out.push_str(&occlusion::shape_html(class, &cloze.ordinals(), shape));
            return;
        }
        let ordinals = cloze.ordinals();
        if active && self.question {
            let mut hidden = String::new();
            self.nodes(&cloze.nodes, &mut hidden);
            if hidden.len() > MAX_ATTRIBUTE_BYTES || out.len() > MAX_CARD_HTML_BYTES {
                hidden.clear();
            }
            let _ = write!(
                out,
                "<span class=\"cloze\" data-cloze=\"{}\" data-ordinal=\"{ordinals}\">[{}]</span>",
                encode_attribute(&hidden),
                cloze.placeholder()
            );
        } else {
            let class = if active { "cloze" } else { "cloze-inactive" };
            let _ = write!(out, "<span class=\"{class}\" data-ordinal=\"{ordinals}\">");
            self.nodes(&cloze.nodes, out);
            out.push_str("</span>");
        }
    }
}

/// The active clozes' texts (on the question their hints) and nothing else.
#[must_use]
pub fn reveal_only(text: &str, card_ord: u16, question: bool) -> String {
    let nodes = parse(text);
    let mut found = Vec::new();
    active_clozes(&nodes, card_ord.saturating_add(1), &mut found);
    let texts: Vec<Cow<'_, str>> = found
        .into_iter()
        .map(|cloze| {
            if question {
                Cow::Borrowed(cloze.placeholder())
            } else {
                cloze.plain_text()
            }
        })
        .collect();
    texts.join(", ")
}

/// What has to be typed for `{{type:cloze:Field}}`.
#[must_use]
pub fn expected_answer(text: &str, card_ord: u16) -> String {
    let nodes = parse(text);
    let mut found = Vec::new();
    active_clozes(&nodes, card_ord.saturating_add(1), &mut found);
    let texts: Vec<Cow<'_, str>> = found.into_iter().map(Cloze::plain_text).collect();
    match texts.first() {
        Some(first) if texts.iter().all(|t| t == first) => first.to_string(),
        _ => texts.join(", "),
    }
}

fn active_clozes<'n, 'a>(nodes: &'n [Node<'a>], number: u16, found: &mut Vec<&'n Cloze<'a>>) {
    for node in nodes {
        if let Node::Cloze(cloze) = node {
            if cloze.is_active(number) {
                found.push(cloze);
            }
            active_clozes(&cloze.nodes, number, found);
        }
    }
}

/// Every character below U+0100 but ASCII letters and digits as an entity.
/// For an attribute in double quotes.
pub fn encode_attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_ascii_alphanumeric() || u32::from(c) >= 0x100 => out.push(c),
            c => {
                let _ = write!(out, "&#x{:02X};", u32::from(c));
            }
        }
    }
    out
}

/// Formulas may not contain tags; entities stay. As Anki's, one ends at the first end of either
/// kind.
fn strip_tags_in_math(html: &str) -> Cow<'_, str> {
    static FORMULA: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?s)\\[(\[].*?\\[)\]]").ok());
    match FORMULA.as_ref() {
        Some(formula) => formula.replace_all(html, |found: &Captures<'_>| {
            strip_tags(&found[0]).into_owned()
        }),
        None => Cow::Borrowed(html),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_shows_its_clozes() {
        for (text, question, answer) in [
            (
                "{{c1::a::h}} {{c2::b}}",
                "<span class=\"cloze\" data-cloze=\"a\" data-ordinal=\"1\">[h]</span> \
                 <span class=\"cloze-inactive\" data-ordinal=\"2\">b</span>",
                "<span class=\"cloze\" data-ordinal=\"1\">a</span> \
                 <span class=\"cloze-inactive\" data-ordinal=\"2\">b</span>",
            ),
            ("{{c2::b}}", "", ""),
            (
                "{{c3,1::é日'a_b}}}}",
                "<span class=\"cloze\" data-cloze=\"&#xE9;日&#x27;a&#x5F;b\" \
                 data-ordinal=\"1,3\">[...]</span>}}",
                "<span class=\"cloze\" data-ordinal=\"1,3\">é日'a_b</span>}}",
            ),
        ] {
            assert_eq!(reveal(text, 0, true), question);
            assert_eq!(reveal(text, 0, false), answer);
        }
    }

    #[test]
    fn numbers_and_texts() {
        assert_eq!(
            numbers("{{c1::a {{c3::b}}}} {{c2,70000::x}} {{c9::open"),
            [1, 2, 3].into()
        );
        assert_eq!(expected_answer("{{c1::x {{c1::y}} z}}", 0), "x y z, y");
        assert_eq!(expected_answer("{{c1::x}}{{c1::x}}", 0), "x");
        assert_eq!(reveal_only("{{c1::x::h}} {{c1::y}}", 0, true), "h, ...");
    }

    /// As Anki 26.9.3 does.
    #[test]
    fn formulas_lose_their_tags_up_to_the_first_end() {
        for (text, shown) in [
            ("\\(a<b>x</b>\\) <b>\\[<i>\n\\]", "\\(ax\\) <b>\\[\n\\]"),
            ("\\(a<b>x</b>\\]", "\\(ax\\]"),
            ("\\[<b>\\)<i>\\]", "\\[\\)<i>\\]"),
            ("\\(\\)<b>\\)", "\\(\\)<b>\\)"),
            ("\\(&lt;b&gt;<b>", "\\(&lt;b&gt;<b>"),
        ] {
            let html = reveal(&format!("{{{{c1::a}}}}{text}"), 0, false);
            assert_eq!(
                html.split_once("</span>").map(|(_, rest)| rest),
                Some(shown)
            );
        }
    }

    #[test]
    fn hostile_nesting_stays_small_and_fast() {
        let deep = "{{c1::".repeat(50_000) + &"}}".repeat(50_000);
        assert!(reveal(&deep, 0, true).len() < 10 * MAX_CARD_HTML_BYTES);
        let growing = format!(
            "{}{}{}",
            "{{c1::<".repeat(10),
            "<>&".repeat(20_000),
            "}}".repeat(10)
        );
        assert!(reveal(&growing, 0, true).len() < 2 * MAX_CARD_HTML_BYTES);
        let _ = reveal(&"{{c1".repeat(300_000), 0, true);
        let _ = reveal(&"\\(".repeat(300_000), 0, true);
        // Beginnings of formulas without an end, between others that have one.
        let formulas = "\\(\\[<b>x</b>\\]".repeat(300_000) + "{{c1::a}}";
        assert!(reveal(&formulas, 0, false).starts_with("\\(\\[x\\]\\(\\[x\\]"));
    }
}
