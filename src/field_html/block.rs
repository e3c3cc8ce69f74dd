//! Lists, alignment and indents: the lines of a selection get other blocks around them. Text stays
//! the same; where it would not, nothing is done.

use super::edit::{Splice, splice};
use super::field::Field;
use super::lines::Line;
use super::scan::{attribute, with_attribute};
use super::style::declarations;
use std::ops::Range;

/// Kinds of list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum List {
    Bullets,
    Numbers,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Bullets => "ul",
            Self::Numbers => "ol",
        }
    }
}

/// Where lines stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Center,
    Right,
    Justify,
}

impl Align {
    fn value(self) -> &'static str {
        ["left", "center", "right", "justify"][self as usize]
    }
}

/// As browsers write an indent.
const INDENT: &str = "<blockquote style=\"margin: 0px 0px 0px 40px; border: none; padding: 0px;\">";

impl Field {
    /// The kind of list that the line of a visible position is in.
    #[must_use]
    pub fn list_at(&self, p: usize) -> Option<List> {
        let list = self.around(p, &["ul", "ol"])?;
        Some(match self.projection().tags[list].name.as_ref() {
            "ol" => List::Numbers,
            _ => List::Bullets,
        })
    }

    /// How the line of a visible position stands.
    #[must_use]
    pub fn align_at(&self, p: usize) -> Align {
        let line = self.lines_of(&(p..p)).pop();
        let unit = line.and_then(|l| self.projection().units.get(l.units.start));
        match unit.map_or(0, |u| self.projection().style(u).align) {
            1 => Align::Center,
            2 => Align::Right,
            3 => Align::Justify,
            _ => Align::Left,
        }
    }

    /// Makes a list of the lines; lines in such a list become plain ones, lines in the other kind
    /// change it.
    pub fn toggle_list(&mut self, list: List, selection: Range<usize>) {
        let lines = self.lines_of(&selection);
        let Some(first) = lines.first() else {
            return;
        };
        match self.list_at(first.units.start) {
            Some(now) if now == list => self.each_item(&selection, |f, item| f.plan_unlist(item)),
            Some(_) => {
                let Some(tag) = self.around(first.units.start, &["ul", "ol"]) else {
                    return;
                };
                let plan = self.plan_rename(tag, list.name());
                self.keep_if_same_text(vec![plan], &selection);
            }
            None => {
                let (open, close) = (format!("<{}>", list.name()), format!("</{}>", list.name()));
                self.rewrap(&selection, &open, &close, |attributes, content| {
                    let content = if content.is_empty() { "<br>" } else { content };
                    format!("<li{attributes}>{content}</li>")
                });
            }
        }
    }

    /// Aligns the lines.
    pub fn align(&mut self, align: Align, selection: Range<usize>) {
        let steps = self.steps();
        // Lines with a block of their own: all at once, however many they are.
        let lines = self.lines_of(&selection);
        let tags = lines.iter().filter_map(|line| line.wrapper);
        let plan = tags.map(|tag| self.plan_align(tag, align)).collect();
        self.keep_if_same_text(vec![plan], &selection);
        // The others get one, those below each other in one go.
        let mut bare = self.lines_of(&selection);
        bare.retain(|line| {
            let plain = align == Align::Left && self.align_at(line.units.start) == align;
            line.wrapper.is_none() && !plain
        });
        let style = format!(" style=\"text-align: {};\"", align.value());
        let each = |_: &str, content: &str| {
            let content = if content.is_empty() { "<br>" } else { content };
            format!("<div{style}>{content}</div>")
        };
        for group in Self::grouped(bare).into_iter().rev() {
            let plans = self.plan_rewrap(&group, "", "", &each);
            if self.apply_same_text(plans, &selection) {
                continue;
            }
            for line in group {
                let at = line.units.start..line.units.start;
                self.rewrap(&at, "", "", each);
            }
        }
        self.join_steps(steps);
        self.want_selection((selection.start, selection.end));
    }

    fn plan_align(&self, tag: usize, align: Align) -> Splice {
        let open = with_property(self.raw(tag), "text-align", "");
        let whole = align == Align::Left && open != self.raw(tag);
        let open = if whole {
            open
        } else {
            with_property(self.raw(tag), "text-align", align.value())
        };
        splice(self.projection().tags[tag].range(), open)
    }

    /// Items go one level deeper, other lines are indented.
    pub fn indent(&mut self, selection: Range<usize>) {
        if self.around(selection.start, &["li"]).is_some() {
            self.each_item(&selection, |f, item| f.plan_nest(item));
            return;
        }
        self.rewrap(
            &selection,
            INDENT,
            "</blockquote>",
            |attributes, content| {
                let content = if content.is_empty() { "<br>" } else { content };
                format!("<div{attributes}>{content}</div>")
            },
        );
    }

    /// The other way round; an item of the outermost list becomes a plain line.
    pub fn outdent(&mut self, selection: Range<usize>) {
        if self.around(selection.start, &["li"]).is_some() {
            self.each_item(&selection, |f, item| f.plan_unlist(item));
            return;
        }
        let Some(quote) = self.around(selection.start, &["blockquote"]) else {
            return;
        };
        let lines = self.lines_of(&selection);
        let hulls: Vec<Range<usize>> = lines.iter().map(|l| self.hull(l)).collect();
        let whole = self.element(quote);
        let (Some(first), Some(last)) = (hulls.first(), hulls.last()) else {
            return;
        };
        if first.start < whole.start || last.end > whole.end {
            return;
        }
        let plan = self.plan_lift(quote, first.start, last.end);
        self.keep_if_same_text(vec![plan], &selection);
    }

    /// The innermost such element around the line of a visible position.
    fn around(&self, p: usize, names: &[&str]) -> Option<usize> {
        let line = self.lines_of(&(p..p)).pop()?;
        let tags = &self.projection().tags;
        self.open_at(line.content.start)
            .into_iter()
            .rfind(|t| names.contains(&tags[*t].name.as_ref()))
    }

    /// Applies the first plan that leaves the text as it was; where none does, that is counted.
    fn keep_if_same_text(&mut self, plans: Vec<Vec<Splice>>, selection: &Range<usize>) {
        if !self.apply_same_text(plans, selection) {
            self.count_refused();
        }
    }

    /// Applies the first plan that leaves the text as it was; `false` when none does.
    fn apply_same_text(&mut self, plans: Vec<Vec<Splice>>, selection: &Range<usize>) -> bool {
        let before = self.text().to_owned();
        let steps = self.steps();
        for plan in plans {
            self.apply(plan, (selection.start, selection.end));
            if self.text() == before {
                self.want_selection((selection.start, selection.end));
                return true;
            }
            self.roll_back_to(steps);
        }
        false
    }

    /// Does something with each list item of the selection, last first, as one step.
    fn each_item(
        &mut self,
        selection: &Range<usize>,
        plan: impl Fn(&Self, usize) -> Option<Vec<Splice>>,
    ) {
        let steps = self.steps();
        let mut lines: Vec<usize> = (self.lines_of(selection).iter())
            .map(|l| l.units.start)
            .collect();
        let mut done: Option<usize> = None;
        lines.reverse();
        for p in lines {
            let Some(item) = self.around(p, &["li"]) else {
                continue;
            };
            // Two lines of one item: tags before a changed item keep their index.
            if done.replace(item) == Some(item) {
                continue;
            }
            if let Some(plan) = plan(self, item) {
                self.keep_if_same_text(vec![plan], selection);
            }
        }
        self.join_steps(steps);
        self.want_selection((selection.start, selection.end));
    }

    fn plan_rename(&self, tag: usize, name: &str) -> Vec<Splice> {
        let tags = &self.projection().tags;
        let open = &tags[tag];
        let at = open.start as usize + 1;
        let mut plan = vec![splice(at..at + open.name.len(), name)];
        if let Some(close) = open.partner.map(|p| &tags[p as usize]) {
            plan.push(splice(close.range(), format!("</{name}>")));
        }
        plan
    }

    /// Takes an item out of its list: one level up, or to a plain line.
    fn plan_unlist(&self, item: usize) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let open = self.open_at(tags[item].start as usize);
        let list = *open
            .iter()
            .rfind(|t| matches!(tags[**t].name.as_ref(), "ul" | "ol"))?;
        let outer = (open.iter()).rfind(|t| **t < list && tags[**t].name == "li");
        match outer {
            Some(outer) => self.plan_raise(item, list, *outer),
            None => {
                let end = tags[item].partner.map(|p| tags[p as usize].range())?;
                let hull = self.element(item);
                let mut plan = self.plan_lift(list, hull.start, hull.end);
                plan.push(splice(tags[item].range(), "<div>"));
                plan.push(splice(end, "</div>"));
                Some(plan)
            }
        }
    }

    /// `<li>a<ul><li>b</li></ul></li>` → `<li>a</li><li>b</li>`.
    fn plan_raise(&self, item: usize, list: usize, outer: usize) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let partner = |t: usize| tags[t].partner.map(|p| tags[p as usize].range());
        let (item_end, list_end, outer_end) = (partner(item)?, partner(list)?, partner(outer)?);
        let list_open = tags[list].range();
        let is_first = self.is_blank(list_open.end..tags[item].start as usize);
        let is_last = self.is_blank(item_end.end..list_end.start);
        if !self.is_blank(list_end.end..outer_end.start) {
            return None;
        }
        let name = &tags[list].name;
        let mut plan = Vec::new();
        if is_first {
            plan.push(splice(list_open, "</li>"));
        } else {
            let at = tags[item].start as usize;
            plan.push(splice(at..at, format!("</{name}></li>")));
        }
        if is_last {
            plan.push(splice(list_end, ""));
            plan.push(splice(outer_end, ""));
        } else {
            plan.push(splice(item_end, self.raw(list)));
        }
        Some(plan)
    }

    /// `<li>a</li><li>b</li>` → `<li>a<ul><li>b</li></ul></li>`.
    fn plan_nest(&self, item: usize) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let open = self.open_at(tags[item].start as usize);
        let list = *open
            .iter()
            .rfind(|t| matches!(tags[**t].name.as_ref(), "ul" | "ol"))?;
        let name = &tags[list].name;
        let hull = self.element(item);
        // The item before.
        let before = (tags.iter())
            .rfind(|t| t.name == "li" && t.end as usize <= hull.start && t.partner.is_some())?;
        let between = before.end as usize..hull.start;
        if before.kind != super::TagKind::Close || !self.is_blank(between) {
            return None;
        }
        // It may end with a list of its own: the item joins it.
        let inner = (tags.iter())
            .rfind(|t| t.end == before.start && t.name == *name && t.partner.is_some());
        let at = hull.start;
        let mut plan = Vec::new();
        if let Some(inner) = inner {
            plan.push(splice(inner.range(), ""));
            plan.push(splice(before.range(), ""));
        } else {
            plan.push(splice(before.range(), ""));
            plan.push(splice(at..at, format!("<{name}>")));
        }
        plan.push(splice(hull.end..hull.end, format!("</{name}></li>")));
        Some(plan)
    }

    /// Takes `from..to` out of the element: its tags go, or it is split.
    fn plan_lift(&self, element: usize, from: usize, to: usize) -> Vec<Splice> {
        let tags = &self.projection().tags;
        let open = &tags[element];
        let Some(close) = open.partner.map(|p| &tags[p as usize]) else {
            return Vec::new();
        };
        let mut plan = Vec::new();
        if self.is_blank(open.end as usize..from) {
            plan.push(splice(open.range(), ""));
        } else {
            plan.push(splice(from..from, format!("</{}>", open.name)));
        }
        if self.is_blank(to..close.start as usize) {
            plan.push(splice(close.range(), ""));
        } else {
            plan.push(splice(to..to, self.raw(element)));
        }
        plan
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        self.html().get(range).is_some_and(|s| s.trim().is_empty())
    }

    /// Puts the lines into other blocks. `each` gets the attributes of the block that held the line
    /// and its content.
    fn rewrap(
        &mut self,
        selection: &Range<usize>,
        open: &str,
        close: &str,
        each: impl Fn(&str, &str) -> String,
    ) {
        let steps = self.steps();
        let groups = Self::grouped(self.lines_of(selection));
        // From the end, so that the offsets before stay right.
        for group in groups.into_iter().rev() {
            let plans = self.plan_rewrap(&group, open, close, &each);
            self.keep_if_same_text(plans, selection);
        }
        self.join_steps(steps);
        self.want_selection((selection.start, selection.end));
    }

    fn plan_rewrap(
        &self,
        group: &[Line],
        open: &str,
        close: &str,
        each: &impl Fn(&str, &str) -> String,
    ) -> Vec<Vec<Splice>> {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return Vec::new();
        };
        let (from, to) = (self.hull(first).start, self.hull(last).end);
        let mut html = String::from(open);
        for line in group {
            let attributes = line.wrapper.map_or("", |t| self.attributes_of(t));
            let (_, reopen) = self.inline_in(line.container, line.content.start);
            let (ends, _) = self.inline_in(line.container, line.content.end);
            let content = &self.html()[line.content.clone()];
            html += &each(attributes, &format!("{reopen}{content}{ends}"));
        }
        html += close;
        let (ends, _) = self.inline_in(first.container, from);
        let (_, reopen) = self.inline_in(last.container, to);
        let html = format!("{ends}{html}{reopen}");
        // The blocks' boundaries take the place of a `<br>` before and after.
        let units = &self.projection().units;
        let br = |i: Option<usize>| {
            let unit = i.and_then(|i| units.get(i))?;
            (unit.kind == super::Kind::Br).then(|| unit.range())
        };
        let before = br(first.units.start.checked_sub(1));
        let after = br(Some(last.units.end));
        let mut plans = Vec::new();
        for (b, a) in [(true, true), (true, false), (false, true), (false, false)] {
            let start = before.clone().filter(|_| b).map_or(from, |r| r.start);
            let end = after.clone().filter(|_| a).map_or(to, |r| r.end);
            plans.push(vec![splice(start..end, html.clone())]);
        }
        plans
    }

    /// What closes and reopens the inline elements that are open at `at` inside a container.
    fn inline_in(&self, container: Option<usize>, at: usize) -> (String, String) {
        let tags = &self.projection().tags;
        let open = self.open_at(at);
        let from = container
            .and_then(|c| open.iter().position(|t| *t == c))
            .map_or(0, |k| k + 1);
        let inline: Vec<usize> = (open[from..].iter().copied())
            .filter(|t| !tags[*t].block)
            .collect();
        self.close_and_open(&inline)
    }

    /// What stands behind a tag's name.
    fn attributes_of(&self, tag: usize) -> &str {
        let name = self.projection().tags[tag].name.len();
        let raw = self.raw(tag);
        raw.get(1 + name..raw.len() - 1)
            .unwrap_or("")
            .trim_end_matches('/')
    }
}

/// An open tag with a CSS property set, or without it when `value` is empty.
fn with_property(raw: &str, property: &str, value: &str) -> String {
    let declaration = format!("{property}: {value};");
    let Some(css) = attribute(raw, "style") else {
        if value.is_empty() {
            return raw.to_owned();
        }
        let end = raw.len() - 1;
        return format!(
            "{} style=\"{declaration}\">",
            raw[..end].trim_end_matches('/')
        );
    };
    let is_it = |d: &str| {
        d.split(':')
            .next()
            .is_some_and(|p| p.trim().eq_ignore_ascii_case(property))
    };
    let mut kept: String = declarations(css)
        .map(str::trim)
        .filter(|d| !d.is_empty() && !is_it(d))
        .map(|d| format!("{d}; "))
        .collect();
    if !value.is_empty() {
        kept += &declaration;
    }
    with_attribute(raw, "style", kept.trim())
}
