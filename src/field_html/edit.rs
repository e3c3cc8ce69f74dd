//! Typing. Every edit proposes splices, applies them, projects again and compares what is seen with
//! what was asked; when they differ the next proposal is tried, and the last resort changes less.

use super::field::Field;
use super::project::{Kind, Object, Projection, Tag, TagKind};
use std::ops::Range;

/// Bytes of the source and what takes their place.
#[derive(Clone, Debug)]
pub(super) struct Splice {
    pub range: Range<usize>,
    pub with: String,
}

pub(super) fn splice(range: Range<usize>, with: impl Into<String>) -> Splice {
    Splice {
        range,
        with: with.into(),
    }
}

/// Text as HTML: `&`, `<`, `>`, no-break spaces and line ends.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '\u{a0}' => out += "&nbsp;",
            '\n' => out += "<br>",
            c => out.push(c),
        }
    }
    out
}

/// A value between double quotes.
#[must_use]
pub fn escape_attribute(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// What is seen of the first `count` units.
fn first_chars(p: &Projection, count: usize) -> &str {
    // All of one byte: nothing has to be counted.
    let end = if p.text.len() == p.units.len() {
        count.min(p.text.len())
    } else {
        let at = p.text.char_indices().nth(count);
        at.map_or(p.text.len(), |(at, _)| at)
    };
    &p.text[..end]
}

/// No-break spaces and spaces look alike.
pub(super) fn same_text(a: &str, b: &str) -> bool {
    let plain = |c: char| if c == '\u{a0}' || c == '\t' { ' ' } else { c };
    a.chars().map(plain).eq(b.chars().map(plain))
}

/// Which elements are open at places of the source that are asked for in their order.
pub(super) struct OpenTags<'a> {
    tags: &'a [Tag],
    next: usize,
    open: Vec<usize>,
}

impl<'a> OpenTags<'a> {
    pub fn of(tags: &'a [Tag]) -> Self {
        Self {
            tags,
            next: 0,
            open: Vec::new(),
        }
    }

    /// Those that have an end, from the outermost to the innermost.
    pub fn at(&mut self, at: usize) -> &[usize] {
        while let Some(tag) = self.tags.get(self.next)
            && (tag.start as usize) < at
        {
            match (tag.kind, tag.partner) {
                (TagKind::Open, Some(_)) => self.open.push(self.next),
                (TagKind::Close, Some(open)) => {
                    let open = open as usize;
                    self.open.truncate(self.open.partition_point(|t| *t < open));
                }
                _ => {}
            }
            self.next += 1;
        }
        &self.open
    }
}

impl Field {
    /// Where in the source text goes that is typed at visible position `p`.
    pub(super) fn insertion_point(&self, p: usize) -> usize {
        let p = p.min(self.len());
        let units = &self.projection().units;
        let before = p.checked_sub(1).and_then(|i| units.get(i));
        let after = units.get(p);
        match (before, after) {
            (Some(b), _) if !b.kind.is_newline() => b.end as usize,
            (_, Some(a)) if !a.kind.is_newline() => a.start as usize,
            (Some(b), _) => b.end as usize,
            (None, Some(a)) => a.start as usize,
            (None, None) => {
                let tags = &self.projection().tags;
                // Nothing is seen: before the `<br>` that keeps an empty block open, else inside
                // what is open at the start.
                let filler = tags.iter().find(|t| t.name == "br").map(|t| t.start);
                let start = tags.iter().take_while(|t| t.kind == TagKind::Open).last();
                filler.or(start.map(|t| t.end)).unwrap_or(0) as usize
            }
        }
    }

    /// Types `text` at visible position `p`; how many visible characters came (typing the `]` of
    /// a sound makes that fewer, and asks for a selection).
    pub fn insert(&mut self, p: usize, text: &str) -> usize {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let p = p.min(self.len());
        if text.is_empty() {
            return 0;
        }
        let steps = self.steps();
        let before = self.len();
        let wanted = text.chars().count();
        let at = self.insertion_point(p);
        let plan = self.plan_insert(p, at, &text);
        let mut end = at + plan.first().map_or(0, |s| s.with.len());
        // The one behind a line end.
        let keeps_space = plan.len() > 1;
        let old = self.shared_projection();
        let unchanged = first_chars(&old, p);
        let mut alternatives = self.insert_alternatives(p, &text, &plan);
        let mut first = plan.clone();
        if let (Some(filler), false) = (self.filler_at(at), text.contains('\n')) {
            alternatives.insert(0, plan.clone());
            end += filler.start - at;
            first[0].range = filler;
        } else if let (Some(end), "\n") = (self.heading_end(at), text.as_str()) {
            alternatives.insert(0, plan.clone());
            first = vec![splice(end..end, "<div><br></div>")];
        } else if let Some(space) = self.stand_in_beside(p, &text) {
            alternatives.insert(0, plan.clone());
            first.push(space);
        }
        let is_right = |f: &Self| {
            let start = first_chars(f.projection(), p + wanted);
            f.len() >= before + wanted
                && match start.strip_prefix(unchanged) {
                    Some(typed) => same_text(typed, &text),
                    None => same_text(start, &(unchanged.to_owned() + &text)),
                }
        };
        self.apply(first, (p, p));
        if !is_right(self) {
            let found = alternatives.into_iter().any(|plan| {
                self.roll_back_to(steps);
                self.apply(plan, (p, p));
                is_right(self)
            });
            if !found {
                self.roll_back_to(steps);
                self.apply(plan, (p, p));
            }
        }
        self.drop_revealed_space(p + wanted, before + wanted);
        self.join_steps(steps);
        if wanted == 1 && text != "\n" {
            self.coalesce_typing(steps);
        }
        let came = self.len().saturating_sub(before);
        let space = match text.ends_with([' ', '\t']) {
            true => (p + came).checked_sub(1),
            false => keeps_space.then_some(p + came),
        };
        self.note_stand_in(space);
        if came != wanted {
            let caret = self.visible_at(end);
            self.want_selection((caret, caret));
        }
        came
    }

    /// White space that was collapsed behind the insertion point would become visible: right there,
    /// or behind the space there that had to become a no-break one.
    pub(super) fn drop_revealed_space(&mut self, at: usize, wanted: usize) {
        while self.len() == wanted + 1 {
            let units = &self.projection().units;
            let kept = usize::from(units.get(at).is_some_and(|u| u.ch == '\u{a0}'));
            let Some(unit) = units.get(at + kept).filter(|u| u.kind == Kind::Space) else {
                return;
            };
            self.apply(vec![splice(unit.range(), "")], (at, at));
        }
    }

    fn plan_insert(&self, p: usize, at: usize, text: &str) -> Vec<Splice> {
        let units = &self.projection().units;
        let mut html = String::new();
        let mut previous = p.checked_sub(1).and_then(|i| units.get(i)).map(|u| u.kind);
        let item = self.is_in_item(at);
        let (close, open) = if item {
            self.inline_open_at(at, "li")
        } else {
            Default::default()
        };
        for c in text.chars() {
            previous = Some(match c {
                '\n' if item => {
                    html += &format!("{close}</li><li>{open}");
                    Kind::Br
                }
                '\n' => {
                    html += "<br>";
                    Kind::Br
                }
                ' ' | '\t' => match previous {
                    Some(Kind::Char | Kind::Object(_)) => {
                        html.push(' ');
                        Kind::Space
                    }
                    _ => {
                        html += "&nbsp;";
                        Kind::Char
                    }
                },
                c => {
                    html += &escape(c.encode_utf8(&mut [0; 4]));
                    Kind::Char
                }
            });
        }
        let mut rest = Vec::new();
        // A collapsible space behind would vanish.
        if let Some(next) = units.get(p).filter(|u| u.kind == Kind::Space) {
            if previous == Some(Kind::Space) {
                html.pop();
                html += "&nbsp;";
            }
            if text.ends_with('\n') {
                rest.push(splice(next.range(), "&nbsp;"));
            }
        }
        let mut plan = vec![splice(at..at, html)];
        plan.append(&mut rest);
        plan
    }

    /// Other ways to write it: a `<br>` that a boundary would swallow, a bare `<` or `&` in front
    /// that would make a tag or an entity of what is typed.
    fn insert_alternatives(&self, p: usize, text: &str, plan: &[Splice]) -> Vec<Vec<Splice>> {
        let Some(first) = plan.first() else {
            return Vec::new();
        };
        let mut all = Vec::new();
        if text.ends_with('\n') {
            let html = &first.with;
            let units = &self.projection().units;
            let before = p.checked_sub(1).and_then(|i| units.get(i));
            let mut others = [
                format!("{html}<br>"),
                format!("<br>{html}"),
                format!("<br>{html}<br>"),
            ];
            // At the start of a line the new one before it is the empty one.
            if before.is_none_or(|u| u.kind.is_newline()) {
                others.swap(0, 1);
            }
            for other in others {
                let mut plan = plan.to_vec();
                plan[0].with = other;
                all.push(plan);
            }
        }
        let mut escaped = plan.to_vec();
        for u in &self.projection().units[p.saturating_sub(40)..p] {
            if u.end - u.start == 1 && matches!(u.ch, '<' | '&') {
                escaped.push(splice(u.range(), escape(u.ch.encode_utf8(&mut [0; 4]))));
            }
        }
        if escaped.len() > plan.len() {
            all.push(escaped);
        }
        all
    }

    /// Behind the end of the heading whose words end at `at`: Enter there begins a plain line.
    fn heading_end(&self, at: usize) -> Option<usize> {
        let tags = &self.projection().tags;
        let mut end = at as u32;
        for tag in &tags[tags.partition_point(|t| (t.start as usize) < at)..] {
            if tag.kind != TagKind::Close || tag.start != end || tag.partner.is_none() {
                return None;
            }
            end = tag.end;
            if matches!(tag.name.as_ref(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
                return Some(end as usize);
            }
        }
        None
    }

    /// Remembers that the no-break space at a visible position stands for a space.
    pub(super) fn note_stand_in(&mut self, p: Option<usize>) {
        let unit = p.and_then(|p| self.projection().units.get(p));
        let space = unit.filter(|u| u.ch == '\u{a0}');
        self.stand_in = space.map(|u| (self.revision(), u.start as usize));
    }

    /// A no-break space that the edit before had to write becomes a space again, once words are on
    /// both sides of it: searches would not find them, and lines not break there.
    fn stand_in_beside(&self, p: usize, text: &str) -> Option<Splice> {
        let (revision, offset) = self.stand_in?;
        let units = &self.projection().units;
        let is_it = |at: usize| units.get(at).is_some_and(|u| u.start as usize == offset);
        let is_word = |at: usize| {
            let unit = units.get(at);
            unit.is_some_and(|u| matches!(u.kind, Kind::Char | Kind::Object(_)))
        };
        let before = p
            .checked_sub(2)
            .is_some_and(|at| is_word(at) && is_it(at + 1))
            && !text.starts_with(char::is_whitespace);
        let after = is_it(p) && is_word(p + 1) && !text.ends_with(char::is_whitespace);
        let at = if before { p - 1 } else { p };
        let is_free = revision == self.revision() && (before || after);
        is_free.then(|| splice(units[at].range(), " "))
    }

    /// The `<br>` that keeps the empty line at `at` open where a block ends or begins behind it: with
    /// words in that line it is needless. It may be bold.
    pub(super) fn filler_at(&self, at: usize) -> Option<Range<usize>> {
        let tags = &self.projection().tags;
        let first = tags.partition_point(|t| (t.start as usize) < at);
        let before = tags.get(first.checked_sub(1)?)?;
        let is_empty = before.end as usize == at
            && (before.name == "br" || (before.kind == TagKind::Open && before.block));
        // Tags of `kind` that only format, right behind each other; what comes behind them.
        let behind_formats = |from: usize, mut place: usize, kind: TagKind| {
            let mut rest = tags[from..].iter();
            rest.find(|t| {
                let is_one = t.format && t.kind == kind && t.start as usize == place;
                place = if is_one { t.end as usize } else { place };
                !is_one
            })
            .filter(|t| t.start as usize == place)
        };
        let filler = behind_formats(first, at, TagKind::Open).filter(|t| t.name == "br")?;
        let behind = tags.partition_point(|t| t.start < filler.end);
        let next = behind_formats(behind, filler.end as usize, TagKind::Close)?;
        (is_empty && next.block).then(|| filler.range())
    }

    fn is_in_item(&self, at: usize) -> bool {
        let tags = &self.projection().tags;
        let open = self.open_at(at);
        let mut blocks = open.iter().rev().map(|t| &tags[*t]).filter(|t| t.block);
        // Word processors write a paragraph into each.
        let block = blocks.find(|t| !matches!(t.name.as_ref(), "p" | "div"));
        block.is_some_and(|t| t.name == "li")
    }

    /// Paired tags that are open at an offset between tokens, outermost first.
    pub(super) fn open_at(&self, at: usize) -> Vec<usize> {
        OpenTags::of(&self.projection().tags).at(at).to_vec()
    }

    /// A tag as it is written.
    pub(super) fn raw(&self, tag: usize) -> &str {
        &self.html()[self.projection().tags[tag].range()]
    }

    /// What closes and opens again the elements inside the nearest `name` that are open at `at`.
    fn inline_open_at(&self, at: usize, name: &str) -> (String, String) {
        let tags = &self.projection().tags;
        let open = self.open_at(at);
        let from = open
            .iter()
            .rposition(|t| tags[*t].name == name)
            .map_or(0, |k| k + 1);
        self.close_and_open(&open[from..])
    }

    /// What closes these tags, innermost first, and what opens them again.
    pub(super) fn close_and_open(&self, open: &[usize]) -> (String, String) {
        let tags = &self.projection().tags;
        let close = (open.iter().rev()).map(|t| format!("</{}>", tags[*t].name));
        let reopen = open.iter().map(|t| self.raw(*t));
        (close.collect(), reopen.collect())
    }

    /// Puts HTML (a picture, a sound, something pasted) at a visible position and asks for the
    /// caret behind it.
    pub fn insert_html(&mut self, p: usize, html: &str) {
        let p = p.min(self.len());
        let behind = self.len() - p;
        let at = self.insertion_point(p);
        let html = self.fit_for(at, html);
        self.apply(vec![splice(at..at, html)], (p, p));
        let caret = self.len().saturating_sub(behind).max(p);
        self.want_selection((caret, caret));
    }

    /// Blocks do not go into a paragraph or a heading: a parser would end it there.
    fn fit_for(&self, at: usize, html: &str) -> String {
        let tags = &self.projection().tags;
        let has_block = super::project::project(html).tags.iter().any(|t| t.block);
        if !has_block {
            return html.to_owned();
        }
        let open = self.open_at(at);
        let paragraph = open.iter().position(|t| {
            let name = tags[*t].name.as_ref();
            matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        });
        let first = paragraph.or_else(|| {
            let blocks = open.iter().rposition(|t| tags[*t].block);
            let inline = blocks.map_or(0, |k| k + 1);
            (inline < open.len()).then_some(inline)
        });
        let Some(k) = first else {
            return html.to_owned();
        };
        let (close, reopen) = self.close_and_open(&open[k..]);
        format!("{close}{html}{reopen}")
    }

    /// The selection as HTML that stands by itself: what is open around it is opened and closed,
    /// but for blocks around all of it: a word of a list is no list.
    #[must_use]
    pub fn html_of(&self, range: Range<usize>) -> String {
        let units = &self.projection().units;
        let (from, to) = (range.start.min(units.len()), range.end.min(units.len()));
        if from >= to {
            return String::new();
        }
        let start = units[from].start as usize;
        let end = units[to - 1].end as usize;
        let source = &self.html()[start..end];
        let (mut opened, mut closed) = (self.open_at(start), self.open_at(end));
        let around = self.blocks_around(&opened, &closed, source);
        opened.retain(|t| !around.contains(t));
        closed.retain(|t| !around.contains(t));
        let (_, opens) = self.close_and_open(&opened);
        let (closes, _) = self.close_and_open(&closed);
        format!("{opens}{source}{closes}")
    }

    /// Blocks that are open at both ends of a selection and that it can do without: items need
    /// their list, white space its `<pre>`.
    fn blocks_around(&self, opened: &[usize], closed: &[usize], source: &str) -> Vec<usize> {
        let tags = &self.projection().tags;
        let common = opened.iter().zip(closed).take_while(|(a, b)| a == b);
        let common: Vec<usize> = common.map(|(t, _)| *t).collect();
        let mut rest = (opened[common.len()..].iter()).chain(&closed[common.len()..]);
        let has_items = rest.any(|t| matches!(tags[*t].name.as_ref(), "li" | "dt" | "dd"));
        let list = common.iter().rfind(|t| tags[**t].block);
        let list = list.copied().filter(|_| has_items);
        let has_space = source.contains('\n') || source.contains("  ");
        let is_needless = |t: &usize| {
            let tag = &tags[*t];
            tag.block && Some(*t) != list && !(tag.name == "pre" && has_space)
        };
        common.into_iter().filter(is_needless).collect()
    }

    /// The selection as plain text: sounds and formulas as they are written, pictures left out.
    #[must_use]
    pub fn text_of(&self, range: Range<usize>) -> String {
        let units = &self.projection().units;
        let (from, to) = (range.start.min(units.len()), range.end.min(units.len()));
        let mut text = String::new();
        for u in &units[from.min(to)..to] {
            match u.kind {
                Kind::Object(Object::Sound | Object::Formula) => text += &self.html()[u.range()],
                Kind::Object(_) => {}
                _ if u.ch == '\u{a0}' => text.push(' '),
                // Shown in place of what cannot be shown.
                _ if u.ch == '\u{FFFD}' => text += &super::scan::decode(&self.html()[u.range()]),
                _ => text.push(u.ch),
            }
        }
        text
    }

    /// Replaces bytes of the source that a strip shows, whatever becomes of them.
    pub fn replace_bytes(&mut self, range: Range<usize>, html: &str) {
        if self.html().get(range.clone()).is_some() {
            let caret = self.visible_at(range.start);
            self.apply(vec![splice(range, html)], (caret, caret));
        }
    }

    /// Replaces one unit's bytes: an object that was edited as HTML. `false` when it is gone.
    pub fn replace_unit(&mut self, unit: usize, html: &str) -> bool {
        let Some(u) = self.projection().units.get(unit).copied() else {
            return false;
        };
        self.apply(vec![splice(u.range(), html)], (unit, unit + 1));
        true
    }
}
