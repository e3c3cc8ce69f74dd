//! From HTML source to what is seen: one unit a visible character, each with its bytes. Never
//! changes the source and never fails. Bytes that belong to no unit (tags, comments, unknown
//! elements, collapsed white space) are not shown and not touched.

use super::OBJECT;
use super::scan::{Element, RawTag, entity};
use super::scanner::Scanner;
use super::style::Style;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What one [`OBJECT`] character stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Object {
    Image,
    Sound,
    Formula,
    /// A table, ruby, script…: an element shown as one piece and edited as HTML.
    Block,
    Rule,
}

/// What a unit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Char,
    /// A run of collapsible white space.
    Space,
    /// `<br>`, or a line end inside `<pre>`.
    Br,
    /// `<br>` directly before a block's boundary: both make one break.
    BrBreak,
    /// A block's boundary.
    Break,
    Object(Object),
}

impl Kind {
    #[must_use]
    pub fn is_newline(self) -> bool {
        matches!(self, Self::Br | Self::BrBreak | Self::Break)
    }
}

/// One visible character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Bytes in the source.
    pub start: u32,
    pub end: u32,
    pub ch: char,
    /// Index into [`Projection::styles`].
    pub style: u16,
    pub kind: Kind,
}

impl Unit {
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TagKind {
    Open,
    Close,
    Void,
}

/// A tag that is not part of a unit, or a `<br>`.
#[derive(Clone, Debug)]
pub struct Tag {
    pub start: u32,
    pub end: u32,
    pub kind: TagKind,
    pub block: bool,
    /// Only formats: bold, colour…
    pub format: bool,
    /// Index of the other tag of a pair.
    pub partner: Option<u32>,
    /// Lower case.
    pub name: Cow<'static, str>,
}

impl Tag {
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What stands before the first line of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Bullet,
    Number(u32),
}

/// Everything that is derived from a source.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// As many characters as there are units.
    pub text: String,
    /// Ascending, never overlapping, on character boundaries.
    pub units: Vec<Unit>,
    pub tags: Vec<Tag>,
    pub styles: Vec<Style>,
    /// First unit of a list item's first line.
    pub markers: Vec<(u32, Marker)>,
}

impl Projection {
    /// The look of a unit.
    #[must_use]
    pub fn style(&self, unit: &Unit) -> &Style {
        &self.styles[unit.style as usize]
    }
}

/// Elements of a source that are looked up once; more are looked up each time.
const REMEMBERED: usize = 16;

struct Open {
    name: Cow<'static, str>,
    tag: u32,
    style: u16,
    item: u32,
}

struct Projector<'a> {
    s: &'a str,
    scanner: Scanner<'a>,
    out: Projection,
    interned: HashMap<Style, u16>,
    /// By their names as they are written.
    elements: Vec<(&'a str, Element)>,
    current: u16,
    open: Vec<Open>,
    /// How many of them have a name.
    open_names: HashMap<Cow<'static, str>, u32>,
    /// Which of them are lists.
    lists: Vec<usize>,
    /// A block's boundary since the last unit: its hull in the source.
    gap: Option<(usize, usize)>,
    has_content: bool,
    marker: Option<Marker>,
    preformatted: u32,
    cloze: u8,
}

/// What is seen of `s`. Linear in its length.
#[must_use]
pub fn project(s: &str) -> Projection {
    let mut p = Projector {
        s,
        scanner: Scanner::new(s),
        out: Projection {
            text: String::with_capacity(s.len()),
            units: Vec::with_capacity(s.len()),
            ..Projection::default()
        },
        interned: HashMap::new(),
        elements: Vec::new(),
        current: 0,
        open: Vec::new(),
        open_names: HashMap::new(),
        lists: Vec::new(),
        gap: None,
        has_content: false,
        marker: None,
        preformatted: 0,
        cloze: 0,
    };
    p.current = p.intern(Style::default());
    let mut at = 0;
    while at < s.len() {
        at = p.step(at);
    }
    p.drop_filler();
    p.out
}

/// Whether the byte is a visible character by itself, wherever it stands.
fn is_plain(c: u8) -> bool {
    c.is_ascii_graphic() && !matches!(c, b'<' | b'&' | b'[' | b'\\' | b'{' | b'}')
}

impl<'a> Projector<'a> {
    /// Reads what begins at `at`; where it ends.
    fn step(&mut self, at: usize) -> usize {
        let (s, b) = (self.s, self.s.as_bytes());
        let c = b[at];
        if is_plain(c) {
            return self.plain(at);
        }
        if c == b'<'
            && let Some((end, tag)) = self.scanner.tag(at, s.len())
        {
            return match tag {
                RawTag::Comment => end,
                RawTag::Open(name, attributes) => {
                    let element = self.element(name);
                    self.open_tag(at, end, element, attributes)
                }
                RawTag::Close(name) => {
                    let element = self.element(name);
                    self.close_tag(at, end, element);
                    end
                }
            };
        }
        if matches!(c, b'[' | b'\\')
            && self.preformatted == 0
            && let Some((end, object)) = self.scanner.atom(at)
        {
            self.push(at, end, OBJECT, Kind::Object(object));
            return end;
        }
        if c == b'{' && super::cloze::opening(&s[at..]).is_some() {
            self.cloze = self.cloze.saturating_add(1);
        }
        if c == b'&'
            && let Some((length, ch)) = entity(&s[at..])
        {
            self.push(at, at + length, ch, Kind::Char);
            return at + length;
        }
        if c.is_ascii_whitespace() || c == 0x0b {
            return self.white_space(at);
        }
        let Some(ch) = s[at..].chars().next() else {
            return s.len();
        };
        let end = at + ch.len_utf8();
        self.push(at, end, shown(ch), Kind::Char);
        self.end_cloze(at, c);
        end
    }

    /// A run of characters that are only themselves, all of one look.
    fn plain(&mut self, at: usize) -> usize {
        let b = self.s.as_bytes();
        let length = b[at..].iter().take_while(|c| is_plain(**c)).count();
        self.push(at, at + 1, char::from(b[at]), Kind::Char);
        let style = self.out.units.last().map_or(self.current, |u| u.style);
        let rest = at + 1..at + length;
        self.out.units.extend(rest.clone().map(|i| Unit {
            start: i as u32,
            end: i as u32 + 1,
            ch: char::from(b[i]),
            style,
            kind: Kind::Char,
        }));
        self.out.text.push_str(&self.s[rest]);
        at + length
    }

    fn element(&mut self, name: &'a str) -> Element {
        if let Some((_, known)) = self.elements.iter().find(|(n, _)| *n == name) {
            return known.clone();
        }
        let element = Element::of(&name.to_ascii_lowercase());
        if self.elements.len() < REMEMBERED {
            self.elements.push((name, element.clone()));
        }
        element
    }

    fn end_cloze(&mut self, at: usize, c: u8) {
        let units = &self.out.units;
        let after_brace = at > 0 && self.s.as_bytes()[at - 1] == b'}';
        if c == b'}' && self.cloze > 0 && after_brace && units.len() >= 2 {
            // `}}}}` ends two clozes: the second brace of a pair does not begin another.
            let run = units.iter().rev().take_while(|u| u.ch == '}').count();
            if run.is_multiple_of(2) {
                self.cloze -= 1;
            }
        }
    }

    fn white_space(&mut self, at: usize) -> usize {
        let b = self.s.as_bytes();
        if self.preformatted > 0 {
            let (ch, kind) = if matches!(b[at], b'\n' | b'\r') {
                ('\n', Kind::Br)
            } else {
                (' ', Kind::Char)
            };
            let end = at + if b[at..].starts_with(b"\r\n") { 2 } else { 1 };
            self.push(at, end, ch, kind);
            return end;
        }
        let length = b[at..]
            .iter()
            .take_while(|c| c.is_ascii_whitespace() || **c == 0x0b)
            .count();
        let collapsed = self.gap.is_some()
            || self
                .out
                .units
                .last()
                .is_none_or(|u| u.kind.is_newline() || u.kind == Kind::Space);
        if !collapsed {
            self.push(at, at + length, ' ', Kind::Space);
        }
        at + length
    }

    fn open_tag(&mut self, at: usize, end: usize, e: Element, attributes: &str) -> usize {
        let name: &str = &e.name;
        let object = match name {
            "img" => Some((end, Object::Image)),
            "hr" => Some((end, Object::Rule)),
            _ if e.opaque => self.scanner.opaque_end(name, end).map(|end| match name {
                "anki-mathjax" => (end, Object::Formula),
                _ => (end, Object::Block),
            }),
            _ => None,
        };
        if let Some((end, object)) = object {
            self.push(at, end, OBJECT, Kind::Object(object));
            return end;
        }
        if name == "br" {
            self.push(at, end, '\n', Kind::Br);
            self.tag(at, end, TagKind::Void, None, &e);
            return end;
        }
        if e.void {
            return end;
        }
        let tag = self.tag(at, end, TagKind::Open, None, &e);
        if e.block {
            self.widen_gap(at, end);
        }
        if name == "li" {
            self.marker = Some(self.next_marker());
        }
        if name == "pre" {
            self.preformatted += 1;
        }
        let outer = &self.out.styles[self.current as usize];
        let style = outer.inside(name, attributes);
        if matches!(name, "ul" | "ol") {
            self.lists.push(self.open.len());
        }
        *self.open_names.entry(e.name.clone()).or_default() += 1;
        self.open.push(Open {
            name: e.name,
            tag,
            style: self.current,
            item: 0,
        });
        let outer = &self.out.styles[self.current as usize];
        if style != *outer {
            self.current = self.intern(style);
        }
        end
    }

    fn next_marker(&mut self) -> Marker {
        let list = self.lists.last().map(|list| &mut self.open[*list]);
        list.map_or(Marker::Bullet, |list| {
            list.item += 1;
            if list.name == "ol" {
                Marker::Number(list.item)
            } else {
                Marker::Bullet
            }
        })
    }

    fn close_tag(&mut self, at: usize, end: usize, e: Element) {
        // Looked for only where there is one: many open elements and ends of others take no time.
        let is_open = self.open_names.get(&e.name).is_some_and(|count| *count > 0);
        let position = is_open.then(|| self.open.iter().rposition(|o| o.name == e.name));
        let Some(k) = position.flatten() else {
            self.out.tags.push(Tag {
                start: at as u32,
                end: end as u32,
                kind: TagKind::Close,
                block: false,
                format: e.format,
                partner: None,
                name: e.name,
            });
            return;
        };
        let (partner, style) = (self.open[k].tag, self.open[k].style);
        for ended in self.open.drain(k..) {
            if ended.name == "pre" {
                self.preformatted = 0;
            }
            if let Some(count) = self.open_names.get_mut(&ended.name) {
                *count -= 1;
            }
        }
        while self.lists.last().is_some_and(|list| *list >= k) {
            self.lists.pop();
        }
        self.current = style;
        if e.name == "li" {
            self.marker = None;
        }
        let tag = self.tag(at, end, TagKind::Close, Some(partner), &e);
        self.out.tags[partner as usize].partner = Some(tag);
        if e.block {
            self.widen_gap(at, end);
        }
    }

    fn tag(
        &mut self,
        at: usize,
        end: usize,
        kind: TagKind,
        partner: Option<u32>,
        e: &Element,
    ) -> u32 {
        let index = self.out.tags.len() as u32;
        self.out.tags.push(Tag {
            start: at as u32,
            end: end as u32,
            kind,
            block: kind != TagKind::Void && e.block,
            format: e.format,
            partner,
            name: e.name.clone(),
        });
        index
    }

    fn widen_gap(&mut self, at: usize, end: usize) {
        self.gap.get_or_insert((at, end)).1 = end;
    }

    fn push(&mut self, start: usize, end: usize, ch: char, kind: Kind) {
        if let Some((from, to)) = self.gap.take()
            && self.has_content
        {
            self.push_break(from, to);
        }
        if let Some(marker) = self.marker.take() {
            let at = self.out.units.len() as u32;
            self.out.markers.push((at, marker));
        }
        let style = self.style_here();
        self.add(start, end, ch, style, kind);
        self.has_content = true;
    }

    /// A `<br>` right before the boundary and the boundary are one break.
    fn push_break(&mut self, from: usize, to: usize) {
        let b = self.s.as_bytes();
        if let Some(last) = self.out.units.last_mut()
            && last.kind == Kind::Br
            && b[last.start as usize] == b'<'
        {
            last.kind = Kind::BrBreak;
            last.end = to as u32;
        } else {
            self.add(from, to, '\n', self.current, Kind::Break);
        }
    }

    fn add(&mut self, start: usize, end: usize, ch: char, style: u16, kind: Kind) {
        self.out.units.push(Unit {
            start: start as u32,
            end: end as u32,
            ch,
            style,
            kind,
        });
        self.out.text.push(ch);
    }

    fn style_here(&mut self) -> u16 {
        if self.cloze == 0 {
            return self.current;
        }
        let mut style = self.out.styles[self.current as usize].clone();
        style.cloze = self.cloze;
        self.intern(style)
    }

    fn intern(&mut self, style: Style) -> u16 {
        // Most sources have few: looking at them is quicker than a hash.
        let mut few = self.out.styles.iter().take(REMEMBERED);
        if let Some(id) = few.position(|known| *known == style) {
            return id as u16;
        }
        if let Some(id) = self.interned.get(&style) {
            return *id;
        }
        // More looks than a u16 counts: the last one serves.
        let id = self.out.styles.len().min(usize::from(u16::MAX) - 1) as u16;
        if self.out.styles.len() < usize::from(u16::MAX) {
            self.out.styles.push(style.clone());
        }
        self.interned.insert(style, id);
        id
    }

    /// A `<br>` that only fills the last block is no line of its own.
    fn drop_filler(&mut self) {
        let b = self.s.as_bytes();
        let is_filler = self
            .out
            .units
            .last()
            .is_some_and(|u| u.kind == Kind::Br && b[u.start as usize] == b'<');
        if self.gap.is_some() && is_filler {
            self.out.units.pop();
            self.out.text.pop();
        }
    }
}

/// Characters that lay text out by themselves are shown as what they are: strange.
fn shown(ch: char) -> char {
    let strange = ch.is_control() || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{85}' | OBJECT);
    if strange { '\u{FFFD}' } else { ch }
}
