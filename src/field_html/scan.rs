//! The smallest pieces of HTML: tags, attributes, entities. Never fails: what is no tag is text.
//! Whole sources, with the texts that count as one piece, are read by `scanner`.

use super::scanner::Scanner;
use html5ever::data::NAMED_ENTITIES;
use std::borrow::Cow;
use std::ops::Range;

/// Elements that stand on lines of their own.
const BLOCK: &[&str] = &[
    "div",
    "p",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "center",
    "pre",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "header",
    "footer",
    "figure",
    "figcaption",
    "address",
    "main",
    "nav",
    "aside",
    "body",
    "html",
];
/// Elements that are shown as one quiet block.
const OPAQUE: &[&str] = &[
    "table",
    "ruby",
    "script",
    "style",
    "svg",
    "math",
    "iframe",
    "video",
    "audio",
    "object",
    "select",
    "textarea",
    "details",
    "canvas",
    "template",
    "anki-mathjax",
    "title",
    "noscript",
    "button",
];
const VOID: &[&str] = &[
    "br", "img", "hr", "input", "meta", "link", "wbr", "source", "area", "base", "col", "embed",
    "track",
];
/// Inline elements that only format.
const FORMAT: &[&str] = &[
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "sub", "sup", "code", "tt", "kbd",
    "mark", "font", "span", "small", "big",
];

pub(super) fn is_block(name: &str) -> bool {
    BLOCK.iter().any(|known| known.eq_ignore_ascii_case(name))
}
/// Elements without an end tag.
#[must_use]
pub fn is_void(name: &str) -> bool {
    VOID.iter().any(|known| known.eq_ignore_ascii_case(name))
}
pub(super) fn is_format(name: &str) -> bool {
    FORMAT.contains(&name)
}

/// What is known of an element by its name, in lower case.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub name: Cow<'static, str>,
    pub block: bool,
    pub opaque: bool,
    pub void: bool,
    pub format: bool,
}

impl Element {
    pub fn of(name: &str) -> Self {
        let known = [BLOCK, OPAQUE, VOID, FORMAT, &["a"]];
        let known = known.iter().copied().flatten().find(|n| **n == name);
        Self {
            name: match known {
                Some(known) => Cow::Borrowed(*known),
                None => Cow::Owned(name.to_owned()),
            },
            block: is_block(name),
            opaque: OPAQUE.contains(&name),
            void: is_void(name),
            format: is_format(name),
        }
    }
}

/// One piece of markup as it stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawTag<'a> {
    /// Name and everything behind it up to the `>`.
    Open(&'a str, &'a str),
    Close(&'a str),
    /// Also `<!doctype>` and `<?…>`.
    Comment,
}

/// The markup that begins at `at` and its end, or None when the `<` there is plain text.
pub(super) fn scan_tag(s: &str, at: usize) -> Option<(usize, RawTag<'_>)> {
    let b = s.as_bytes();
    let next = *b.get(at + 1)?;
    if s[at..].starts_with("<!--") {
        // An unterminated comment is text: swallowing the rest would hide it from its owner.
        let end = s[at + 4..].find("-->")?;
        return Some((at + 4 + end + 3, RawTag::Comment));
    }
    if next == b'!' || next == b'?' {
        let end = s[at..].find('>')?;
        return Some((at + end + 1, RawTag::Comment));
    }
    let close = next == b'/';
    let name_at = if close { at + 2 } else { at + 1 };
    if !b.get(name_at)?.is_ascii_alphabetic() {
        return None;
    }
    let name_end = b[name_at..]
        .iter()
        .position(|c| c.is_ascii_whitespace() || *c == b'/' || *c == b'>')
        .map(|k| name_at + k)?;
    let end = tag_end(b, name_end)?;
    let tag = if close {
        RawTag::Close(&s[name_at..name_end])
    } else {
        RawTag::Open(&s[name_at..name_end], &s[name_end..end - 1])
    };
    Some((end, tag))
}

/// Behind the `>` that is in no quoted value.
fn tag_end(b: &[u8], from: usize) -> Option<usize> {
    let mut quote = 0;
    let mut after_equals = false;
    for (i, &c) in b.iter().enumerate().skip(from) {
        if quote != 0 {
            if c == quote {
                quote = 0;
                after_equals = false;
            }
        } else if c == b'>' {
            return Some(i + 1);
        } else if (c == b'"' || c == b'\'') && after_equals {
            quote = c;
        } else if c == b'=' {
            after_equals = true;
        } else if !c.is_ascii_whitespace() {
            after_equals = false;
        }
    }
    None
}

/// One attribute in what stands between a tag's name and its `>`.
struct Attribute<'a> {
    name: &'a str,
    /// Without quotes, entities as they are.
    value: &'a str,
}

struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let b = self.text.as_bytes();
        let mut i = self.at;
        let is = |i: usize, f: &dyn Fn(u8) -> bool| b.get(i).is_some_and(|c| f(*c));
        while is(i, &|c| c.is_ascii_whitespace() || c == b'/' || c == b'=') {
            i += 1;
        }
        let start = i;
        while is(i, &|c| !c.is_ascii_whitespace() && c != b'=' && c != b'/') {
            i += 1;
        }
        if i == start {
            return None;
        }
        let name = &self.text[start..i];
        let mut k = i;
        while is(k, &|c| c.is_ascii_whitespace()) {
            k += 1;
        }
        let mut value = "";
        if is(k, &|c| c == b'=') {
            k += 1;
            while is(k, &|c| c.is_ascii_whitespace()) {
                k += 1;
            }
            let quoted = b.get(k).copied().filter(|c| *c == b'"' || *c == b'\'');
            let from = k + usize::from(quoted.is_some());
            let end = b[from.min(b.len())..]
                .iter()
                .position(|c| quoted.map_or(c.is_ascii_whitespace(), |q| *c == q))
                .map_or(b.len(), |n| from + n);
            value = &self.text[from.min(end)..end];
            i = (end + usize::from(quoted.is_some())).min(b.len());
        }
        self.at = i;
        Some(Attribute { name, value })
    }
}

/// The raw value of an attribute; `tag` is a whole tag or what is behind its name. Entities are
/// left as they are.
#[must_use]
pub fn attribute<'a>(tag: &'a str, wanted: &str) -> Option<&'a str> {
    let text = match scan_tag(tag, 0) {
        Some((_, RawTag::Open(_, text))) if tag.starts_with('<') => text,
        _ => tag,
    };
    Attributes { text, at: 0 }
        .find(|a| a.name.eq_ignore_ascii_case(wanted))
        .map(|a| a.value)
}

/// Whether an open tag says more than its name.
pub(super) fn has_attributes(tag: &str) -> bool {
    match scan_tag(tag, 0) {
        Some((_, RawTag::Open(_, text))) => Attributes { text, at: 0 }.next().is_some(),
        _ => false,
    }
}

/// The tag with an attribute set to a value that is escaped already; an empty one takes it away.
#[must_use]
pub fn with_attribute(tag: &str, name: &str, value: &str) -> String {
    let Some((end, RawTag::Open(element, text))) = scan_tag(tag, 0) else {
        return tag.to_owned();
    };
    let old = attribute(tag, name);
    if old.unwrap_or("") == value && (old.is_some() || value.is_empty()) {
        return tag.to_owned();
    }
    let mut kept = String::new();
    let mut found = false;
    for a in (Attributes { text, at: 0 }) {
        let is_it = a.name.eq_ignore_ascii_case(name);
        found |= is_it;
        if is_it && value.is_empty() {
            continue;
        }
        let value = if is_it { value } else { a.value };
        let quote = if value.contains('"') { '\'' } else { '"' };
        kept += &format!(" {}={quote}{value}{quote}", a.name);
    }
    if !found && !value.is_empty() {
        kept += &format!(" {name}=\"{value}\"");
    }
    let close = if text.trim_end().ends_with('/') {
        " /"
    } else {
        ""
    };
    format!("<{element}{kept}{close}>{}", &tag[end..])
}

/// The entity that `s` begins with: its length and the one character it stands for.
pub(super) fn entity(s: &str) -> Option<(usize, char)> {
    let end = s.bytes().take(34).position(|c| c == b';')?;
    let name = s.get(1..end)?;
    let c = if let Some(digits) = name.strip_prefix('#') {
        let value = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        char::from_u32(value).filter(|c| !c.is_control())?
    } else {
        match NAMED_ENTITIES.get(s.get(1..=end)?)? {
            (first, 0) if *first != 0 => char::from_u32(*first).filter(|c| !c.is_control())?,
            _ => return None,
        }
    };
    Some((end + 1, c))
}

/// A value with its entities decoded, as a file name needs it.
#[must_use]
pub fn decode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut at = 0;
    while let Some(c) = value[at..].chars().next() {
        let found = if c == '&' { entity(&value[at..]) } else { None };
        let (length, c) = found.unwrap_or((c.len_utf8(), c));
        out.push(c);
        at += length;
    }
    out
}

/// What a stretch of source is, for the colours of the HTML view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    Text,
    Tag,
    Entity,
    Comment,
    /// `{{c1::` and `}}`.
    Cloze,
    /// Sounds and formulas.
    Atom,
}

/// A stretch of source of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub range: Range<usize>,
    pub kind: SpanKind,
}

/// The whole source, cut into stretches without gaps.
#[must_use]
pub fn spans(s: &str) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    let mut scanner = Scanner::new(s);
    let mut at = 0;
    while let Some(c) = s[at..].chars().next() {
        let (end, kind) = span_at(&mut scanner, s, at, c);
        match all.last_mut() {
            Some(last) if last.kind == kind => last.range.end = end,
            _ => all.push(Span {
                range: at..end,
                kind,
            }),
        }
        at = end;
    }
    all
}

fn span_at(scanner: &mut Scanner<'_>, s: &str, at: usize, c: char) -> (usize, SpanKind) {
    let found = match c {
        '<' => scanner.tag(at, s.len()).map(|(end, tag)| match tag {
            RawTag::Comment => (end, SpanKind::Comment),
            _ => (end, SpanKind::Tag),
        }),
        '&' => entity(&s[at..]).map(|(length, _)| (at + length, SpanKind::Entity)),
        '[' | '\\' => scanner.atom(at).map(|(end, _)| (end, SpanKind::Atom)),
        '{' => super::cloze::opening(&s[at..]).map(|length| (at + length, SpanKind::Cloze)),
        '}' if s[at..].starts_with("}}") => Some((at + 2, SpanKind::Cloze)),
        _ => None,
    };
    found.unwrap_or((at + c.len_utf8(), SpanKind::Text))
}
