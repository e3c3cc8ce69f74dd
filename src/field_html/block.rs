//! Lists, alignment and indents: the lines of a selection get other blocks around them. Text stays
//! the same; where it would not, nothing is done.

use super::edit::{OpenTags, Splice, splice};
use super::field::Field;
use super::lines::Line;
use super::project::TagKind;
use super::scan::{attribute, with_attribute};
use super::style::declarations;
use std::collections::HashSet;
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

/// Bytes that one command may read again and again: some tenths of a second.
const MOST_READ: usize = 16 << 20;

/// A list item by its opening tag, with the list and the item that it is in.
struct Item {
    tag: usize,
    list: usize,
    outer: Option<usize>,
    /// The list is right in another one, as browsers indent items.
    in_list: bool,
}

impl Field {
    /// The kind of list that the line of a visible position is in.
    #[must_use]
    pub fn list_at(&self, p: usize) -> Option<List> {
        let line = self.lines_of(&(p..p)).pop()?;
        let left_open = self.left_open(&line.content).into_iter();
        let left_open = left_open.map(|(tag, _)| tag);
        let lists = left_open.filter(|t| self.projection().tags[*t].name != "li");
        // The inner one begins later.
        let list = self
            .around(p, &["ul", "ol"])
            .into_iter()
            .chain(lists)
            .max()?;
        Some(match self.projection().tags[list].name.as_ref() {
            "ol" => List::Numbers,
            _ => List::Bullets,
        })
    }

    /// Whether the line of a visible position is a list's item without a word in it.
    #[must_use]
    pub fn is_empty_item(&self, p: usize) -> bool {
        let at = self.insertion_point(p);
        let tags = &self.projection().tags;
        let mut start = at;
        for tag in tags.iter().rev().skip_while(|t| t.end as usize > at) {
            if tag.kind != TagKind::Open || tag.end as usize != start {
                return false;
            }
            match tag.name.as_ref() {
                "li" => return self.filler_at(at).is_some(),
                "p" | "div" => start = tag.start as usize,
                _ => return false,
            }
        }
        false
    }

    /// How the line of a visible position stands.
    #[must_use]
    pub fn align_at(&self, p: usize) -> Align {
        let line = self.lines_of(&(p..p)).pop();
        line.map_or(Align::Left, |line| self.align_of(&line))
    }

    fn align_of(&self, line: &Line) -> Align {
        let unit = self.projection().units.get(line.units.start);
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
        self.with_lists_closed(&selection, false, |f| f.toggle_closed(list, &selection));
    }

    fn toggle_closed(&mut self, list: List, selection: &Range<usize>) {
        let lines = self.lines_of(selection);
        let Some(first) = lines.first() else {
            return;
        };
        match self.list_at(first.units.start) {
            Some(now) if now == list => self.each_run(selection, false),
            Some(_) => {
                let Some(tag) = self.around(first.units.start, &["ul", "ol"]) else {
                    return;
                };
                let plan = self.plan_rename(tag, list.name());
                self.keep_if_same_text(vec![plan], selection);
            }
            None => {
                let (open, close) = (format!("<{}>", list.name()), format!("</{}>", list.name()));
                self.rewrap(selection, &open, &close, |attributes, content| {
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
            let plain = align == Align::Left && self.align_of(line) == align;
            line.wrapper.is_none() && !plain
        });
        let style = format!(" style=\"text-align: {};\"", align.value());
        let each = |_: &str, content: &str| {
            let content = if content.is_empty() { "<br>" } else { content };
            format!("<div{style}>{content}</div>")
        };
        let groups = Self::grouped(bare);
        if groups.len() > self.most_tries() {
            self.roll_back_to(steps);
            self.count_refused();
            return;
        }
        for group in groups.into_iter().rev() {
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
        // The item before takes the first one in.
        self.with_lists_closed(&selection, true, |f| {
            if f.around(selection.start, &["li"]).is_some() {
                f.each_run(&selection, true);
                return;
            }
            let each = |attributes: &str, content: &str| {
                let content = if content.is_empty() { "<br>" } else { content };
                format!("<div{attributes}>{content}</div>")
            };
            f.rewrap(&selection, INDENT, "</blockquote>", each);
        });
    }

    /// The other way round; an item of the outermost list becomes a plain line.
    pub fn outdent(&mut self, selection: Range<usize>) {
        self.with_lists_closed(&selection, false, |f| f.outdent_closed(&selection));
    }

    fn outdent_closed(&mut self, selection: &Range<usize>) {
        if self.around(selection.start, &["li"]).is_some() {
            self.each_run(selection, false);
            return;
        }
        let Some(quote) = self.around(selection.start, &["blockquote"]) else {
            return;
        };
        let lines = self.lines_of(selection);
        let hulls: Vec<Range<usize>> = lines.iter().map(|l| self.hull(l)).collect();
        let whole = self.element(quote);
        let (Some(first), Some(last)) = (hulls.first(), hulls.last()) else {
            return;
        };
        if first.start < whole.start || last.end > whole.end {
            return;
        }
        let plan = self.plan_lift(quote, first.start, last.end);
        self.keep_if_same_text(vec![plan], selection);
    }

    /// Lists and items around a part of the source that have no end there, and where they end for
    /// who reads it: an item at the next one, each at the end of what is around it.
    fn left_open(&self, part: &Range<usize>) -> Vec<(usize, usize)> {
        let tags = &self.projection().tags;
        let is = |t: usize, names: &[&str]| names.contains(&tags[t].name.as_ref());
        let mut found = Vec::new();
        let (mut open, mut lists) = (Vec::<usize>::new(), Vec::<usize>::new());
        let mut end = |open: &mut Vec<usize>, lists: &mut Vec<usize>, keep: usize, at: usize| {
            lists.truncate(lists.partition_point(|k| *k < keep));
            for t in open.drain(keep..).rev() {
                let is_around = (tags[t].start as usize) < part.end && part.start <= at;
                if tags[t].partner.is_none() && is(t, &["ul", "ol", "li"]) && is_around {
                    found.push((t, at));
                }
            }
        };
        for (t, tag) in tags.iter().enumerate() {
            let start = tag.start as usize;
            if tag.kind == TagKind::Close
                && let Some(first) = tag.partner
            {
                let keep = open.partition_point(|t| *t < first as usize);
                end(&mut open, &mut lists, keep, start);
            } else if tag.kind == TagKind::Open {
                let inner = lists.last().copied().filter(|_| tag.name == "li");
                if let Some(keep) = inner.filter(|k| is(open[*k], &["li"])) {
                    end(&mut open, &mut lists, keep, start);
                }
                if is(t, &["ul", "ol", "li"]) {
                    lists.push(open.len());
                }
                open.push(t);
            }
        }
        end(&mut open, &mut lists, 0, self.html().len());
        found
    }

    /// Lists and items around the selection (and with `before` the item before it) whose end the
    /// source leaves out get it, as long as something is done with them.
    fn with_lists_closed(
        &mut self,
        selection: &Range<usize>,
        before: bool,
        f: impl FnOnce(&mut Self),
    ) {
        let steps = self.steps();
        let lines = self.lines_of(selection);
        if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
            let tags = &self.projection().tags;
            let (start, end) = (first.content.start, last.content.end);
            let mut found = self.left_open(&(start..end));
            let items = found.iter().map(|(t, _)| *t);
            let items = items.chain(self.around(selection.start, &["li"]));
            let is_around = |t: &usize| tags[*t].name == "li" && (tags[*t].start as usize) < start;
            if before && let Some(item) = items.filter(is_around).max() {
                // The item before ends where this one begins.
                let item = tags[item].start as usize;
                found = self.left_open(&(item..end));
                found.retain(|(_, at)| *at == item || *at >= start);
            }
            let ends = found.iter();
            let ends = ends.map(|(t, at)| splice(*at..*at, format!("</{}>", tags[*t].name)));
            // Ends that would change the text are not written.
            let plan: Vec<Splice> = ends.collect();
            self.apply_same_text(vec![plan], selection);
        }
        let closed = self.steps();
        f(self);
        if self.steps() == closed {
            self.roll_back_to(steps);
        }
        self.join_steps(steps);
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

    /// The items of the selection, in their order.
    fn items_of(&self, selection: &Range<usize>) -> Vec<Item> {
        let tags = &self.projection().tags;
        let is = |t: usize, names: &[&str]| names.contains(&tags[t].name.as_ref());
        let mut open = OpenTags::of(tags);
        let mut seen = HashSet::new();
        let mut items = Vec::new();
        for line in self.lines_of(selection) {
            let around = open.at(line.content.start);
            let Some(item) = around.iter().rposition(|t| is(*t, &["li"])) else {
                continue;
            };
            let Some(list) = around[..item].iter().rposition(|t| is(*t, &["ul", "ol"])) else {
                continue;
            };
            // An item may have several lines.
            if seen.insert(around[item]) {
                items.push(Item {
                    tag: around[item],
                    list: around[list],
                    outer: around[..list].iter().copied().rfind(|t| is(*t, &["li"])),
                    in_list: around[..list].last().is_some_and(|t| is(*t, &["ul", "ol"])),
                });
            }
        }
        items
    }

    /// The items of the selection go one level deeper, or one up; as one step. Those that follow
    /// each other in a list go together, and so do lists that do not lie in each other. Nothing is
    /// done where the source would have to be read too often for that.
    fn each_run(&mut self, selection: &Range<usize>, deeper: bool) {
        let steps = self.steps();
        let mut items = self.items_of(selection);
        if deeper {
            // Those within an item go with it.
            let all: HashSet<usize> = items.iter().map(|item| item.tag).collect();
            items.retain(|item| item.outer.is_none_or(|outer| !all.contains(&outer)));
        }
        let runs: Vec<&[Item]> = items.chunk_by(|a, b| a.list == b.list).collect();
        let mut left = self.most_tries() + 1;
        let mut waiting: Vec<(&[Item], Vec<Splice>)> = Vec::new();
        // From the end: tags before those that change keep their index.
        for run in runs.into_iter().rev() {
            if left == 0 {
                break;
            }
            let mut plan = self.plan_run(run, deeper);
            let begins = waiting.last().map(|(run, plan)| self.beginning(run, plan));
            let end = plan.iter().flatten().map(|splice| splice.range.end).max();
            let is_apart = begins.is_none_or(|begins| end.is_some_and(|end| end <= begins));
            if !is_apart {
                self.move_runs(std::mem::take(&mut waiting), deeper, selection, &mut left);
                plan = self.plan_run(run, deeper);
            }
            waiting.extend(plan.map(|plan| (run, plan)));
        }
        self.move_runs(waiting, deeper, selection, &mut left);
        self.join_steps(steps);
        if left == 0 {
            self.roll_back_to(steps);
            self.count_refused();
        }
        self.want_selection((selection.start, selection.end));
    }

    /// Where the first thing is that moving a run changes or depends on.
    fn beginning(&self, run: &[Item], plan: &[Splice]) -> usize {
        let tags = run.iter().flat_map(|item| [Some(item.list), item.outer]);
        let tags = tags
            .flatten()
            .map(|tag| self.projection().tags[tag].start as usize);
        let changed = plan.iter().map(|splice| splice.range.start);
        tags.chain(changed).min().unwrap_or(0)
    }

    fn plan_run(&self, run: &[Item], deeper: bool) -> Option<Vec<Splice>> {
        match deeper {
            true => self.plan_nest(run),
            false => self.plan_unlist(run),
        }
    }

    /// All at once, or, where that would change the text, one after the other. No more than are
    /// `left` to try; none are left once that was too few.
    fn move_runs(
        &mut self,
        runs: Vec<(&[Item], Vec<Splice>)>,
        deeper: bool,
        selection: &Range<usize>,
        left: &mut usize,
    ) {
        if runs.is_empty() || *left == 0 {
            return;
        }
        let single = runs.len() == 1;
        // In the order of the source: two may write at the same place.
        let plans = runs.iter().rev().flat_map(|(_, plan)| plan.iter().cloned());
        let plans = plans.collect();
        *left -= 1;
        if self.apply_same_text(vec![plans], selection) {
            return;
        }
        if single {
            self.count_refused();
            return;
        }
        for (run, _) in runs {
            if *left == 0 {
                return;
            }
            *left -= 1;
            if let Some(plan) = self.plan_run(run, deeper) {
                self.keep_if_same_text(vec![plan], selection);
            }
        }
    }

    /// How often the source may be read again for one command.
    fn most_tries(&self) -> usize {
        (MOST_READ / self.html().len().max(1)).max(64)
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

    /// Takes items out of their list: one level up, or to plain lines.
    fn plan_unlist(&self, run: &[Item]) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let (first, last) = (run.first()?, run.last()?);
        if let Some(outer) = first.outer.filter(|_| !first.in_list) {
            return self.plan_raise(first, last, outer);
        }
        // One may be in another, without a list between them.
        let stop = run.iter().filter_map(|item| tags[item.tag].partner).max()? as usize;
        let (from, to) = (tags[first.tag].start as usize, tags[stop].end as usize);
        let mut plan = self.plan_lift(first.list, from, to);
        if first.in_list {
            return Some(plan);
        }
        // Items between them that have no line too: outside of a list they would be bullets still.
        let mut at = first.tag;
        while let Some(tag) = tags.get(at).filter(|_| at < stop) {
            at += 1;
            let (TagKind::Open, Some(end)) = (tag.kind, tag.partner) else {
                continue;
            };
            match tag.name.as_ref() {
                "li" => {
                    plan.push(splice(tag.range(), "<div>"));
                    plan.push(splice(tags[end as usize].range(), "</div>"));
                }
                // What is in a list within it stays as it is.
                "ul" | "ol" => at = end as usize + 1,
                _ => {}
            }
        }
        Some(plan)
    }

    /// `<li>a<ul><li>b</li></ul></li>` → `<li>a</li><li>b</li>`.
    fn plan_raise(&self, first: &Item, last: &Item, outer: usize) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let partner = |t: usize| tags[t].partner.map(|p| tags[p as usize].range());
        let list = first.list;
        let (last_end, list_end, outer_end) = (partner(last.tag)?, partner(list)?, partner(outer)?);
        let list_open = tags[list].range();
        let is_first = self.is_blank(list_open.end..tags[first.tag].start as usize);
        let is_last = self.is_blank(last_end.end..list_end.start);
        if !self.is_blank(list_end.end..outer_end.start) {
            return None;
        }
        let name = &tags[list].name;
        let mut plan = Vec::new();
        if is_first {
            plan.push(splice(list_open, "</li>"));
        } else {
            let at = tags[first.tag].start as usize;
            plan.push(splice(at..at, format!("</{name}></li>")));
        }
        if is_last {
            plan.push(splice(list_end, ""));
            plan.push(splice(outer_end, ""));
        } else {
            plan.push(splice(last_end, self.raw(list)));
        }
        Some(plan)
    }

    /// `<li>a</li><li>b</li>` → `<li>a<ul><li>b</li></ul></li>`. The first item of a list stays.
    fn plan_nest(&self, run: &[Item]) -> Option<Vec<Splice>> {
        let tags = &self.projection().tags;
        let before = |item: &Item| {
            let start = tags[item.tag].start as usize;
            let mut ends = tags[..item.tag].iter();
            let before =
                ends.rfind(|t| t.name == "li" && t.end as usize <= start && t.partner.is_some())?;
            let follows = self.is_blank(before.end as usize..start);
            (before.kind == TagKind::Close && follows).then_some(before)
        };
        let (first, before) = run.iter().take(2).find_map(|i| Some((i, before(i)?)))?;
        let name = &tags[first.list].name;
        let at = tags[first.tag].start as usize;
        let end = self.element(run.last()?.tag).end;
        // It may end with a list of its own: the items join it.
        let inner = tags[..tags.partition_point(|t| t.start < before.start)].last();
        let inner =
            inner.filter(|t| t.end == before.start && t.name == *name && t.partner.is_some());
        let mut plan = Vec::new();
        if let Some(inner) = inner {
            plan.push(splice(inner.range(), ""));
            plan.push(splice(before.range(), ""));
        } else {
            plan.push(splice(before.range(), ""));
            plan.push(splice(at..at, format!("<{name}>")));
        }
        plan.push(splice(end..end, format!("</{name}></li>")));
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
        if groups.len() > self.most_tries() {
            self.count_refused();
            return;
        }
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
        let tags = &self.projection().tags;
        let (mut starts, mut stops) = (OpenTags::of(tags), OpenTags::of(tags));
        for line in group {
            let attributes = line.wrapper.map_or("", |t| self.attributes_of(t));
            let (_, reopen) = self.inline_in(line.container, starts.at(line.content.start));
            let (ends, _) = self.inline_in(line.container, stops.at(line.content.end));
            let content = &self.html()[line.content.clone()];
            html += &each(attributes, &format!("{reopen}{content}{ends}"));
        }
        html += close;
        let (ends, _) = self.inline_in(first.container, &self.open_at(from));
        let (_, reopen) = self.inline_in(last.container, &self.open_at(to));
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

    /// What closes and reopens those of the open elements that are inline, inside a container.
    fn inline_in(&self, container: Option<usize>, open: &[usize]) -> (String, String) {
        let tags = &self.projection().tags;
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
