//! Bold, colour and their like: put around a selection, or taken off it. Text never changes by it;
//! what would change text is taken back.

use super::colour::Rgb;
use super::edit::{Splice, splice};
use super::field::Field;
use super::project::{Kind, TagKind, Unit};
use super::scan::{attribute, has_attributes, is_format, with_attribute};
use super::style::{Style, declarations};
use std::borrow::Cow;
use std::ops::Range;

/// A look that a selection can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    Bold,
    Italic,
    Underline,
    Strike,
    Subscript,
    Superscript,
    Code,
    Color(Rgb),
    Highlight(Rgb),
}

impl Mark {
    /// Whether a style has it; a colour: whether it has exactly this one.
    #[must_use]
    pub fn is_on(self, s: &Style) -> bool {
        match self {
            Self::Bold => s.bold,
            Self::Italic => s.italic,
            Self::Underline => s.underline,
            Self::Strike => s.strike,
            Self::Subscript => s.shift < 0,
            Self::Superscript => s.shift > 0,
            Self::Code => s.code,
            Self::Color(rgb) => s.color == Some(rgb),
            Self::Highlight(rgb) => s.highlight == Some(rgb),
        }
    }

    /// Whether a style has it in any colour.
    fn is_any(self, s: &Style) -> bool {
        match self {
            Self::Color(_) => s.color.is_some(),
            Self::Highlight(_) => s.highlight.is_some(),
            other => other.is_on(s),
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Bold => &["b", "strong"],
            Self::Italic => &["i", "em"],
            Self::Underline => &["u", "ins"],
            Self::Strike => &["s", "strike", "del"],
            Self::Subscript => &["sub"],
            Self::Superscript => &["sup"],
            Self::Code => &["code", "tt", "kbd"],
            Self::Color(_) => &["font"],
            Self::Highlight(_) => &["mark"],
        }
    }

    /// The CSS property that says the same.
    fn property(self) -> &'static str {
        match self {
            Self::Bold => "font-weight",
            Self::Italic => "font-style",
            Self::Underline | Self::Strike => "text-decoration",
            Self::Subscript | Self::Superscript => "vertical-align",
            Self::Code => "font-family",
            Self::Color(_) => "color",
            Self::Highlight(_) => "background-color",
        }
    }

    /// Tags around what gets it.
    fn tags(self) -> (String, String) {
        let span = |property: &str, [r, g, b]: Rgb| {
            let open = format!("<span style=\"{property}: rgb({r}, {g}, {b});\">");
            (open, "</span>".to_owned())
        };
        match self {
            Self::Color(rgb) => span("color", rgb),
            Self::Highlight(rgb) => span("background-color", rgb),
            other => {
                let name = other.names()[0];
                (format!("<{name}>"), format!("</{name}>"))
            }
        }
    }

    /// What is left of a CSS declaration without it. Both lines are said by one property.
    fn without(self, declaration: &str) -> Option<Cow<'_, str>> {
        if !is_declaration(declaration, self.property()) {
            return Some(declaration.into());
        }
        let line = match self {
            Self::Underline => "underline",
            Self::Strike => "line-through",
            _ => return None,
        };
        let (name, value) = declaration.split_once(':')?;
        let words: Vec<&str> = value.split_whitespace().collect();
        if !words.contains(&line) {
            // Written as no browser does (`underline!important`), it goes with all of it.
            return (!value.contains(line)).then(|| declaration.into());
        }
        let others: Vec<&str> = words.into_iter().filter(|word| *word != line).collect();
        let is_drawn =
            (others.iter()).any(|w| matches!(*w, "underline" | "line-through" | "overline"));
        is_drawn.then(|| format!("{name}: {}", others.join(" ")).into())
    }

    /// Tags that switch it off where it comes from an element that cannot be split.
    fn off(self) -> Option<(String, String)> {
        let value = match self {
            Self::Bold | Self::Italic => "normal",
            Self::Subscript | Self::Superscript => "baseline",
            Self::Highlight(_) => "transparent",
            _ => return None,
        };
        let open = format!("<span style=\"{}: {value};\">", self.property());
        Some((open, "</span>".to_owned()))
    }
}

/// What is taken off.
#[derive(Clone, Copy)]
enum Target {
    Mark(Mark),
    /// Every element that only formats.
    All,
}

impl Target {
    fn is_seen(self, s: &Style) -> bool {
        match self {
            Self::Mark(mark) => mark.is_any(s),
            Self::All => true,
        }
    }

    /// What is left of an open tag without it, and of which element it is then; None when the tag
    /// has nothing to do with it. What else the tag says stays.
    fn without<'a>(self, name: &'a str, raw: &str) -> Option<(String, &'a str)> {
        let mark = match self {
            Self::All => return is_format(name).then(|| (String::new(), name)),
            Self::Mark(mark) if is_format(name) => mark,
            Self::Mark(_) => return None,
        };
        let is_font = name == "font";
        let is_named =
            mark.names().contains(&name) && (!is_font || attribute(raw, "color").is_some());
        let css = attribute(raw, "style").unwrap_or("");
        let all = || declarations(css).map(str::trim).filter(|d| !d.is_empty());
        let kept: Vec<Cow<'_, str>> = all().filter_map(|d| mark.without(d)).collect();
        let is_cut = kept.iter().any(|d| matches!(d, Cow::Owned(_)));
        let is_styled = is_cut || kept.len() < all().count();
        if !is_named && !is_styled {
            return None;
        }
        let mut rest = raw.to_owned();
        if is_styled {
            rest = with_attribute(&rest, "style", &kept.join("; "));
        }
        if is_named && is_font {
            rest = with_attribute(&rest, "color", "");
        }
        Some(match (is_named && !is_font, has_attributes(&rest)) {
            // An element without a look of its own says the rest.
            (true, true) => (format!("<span{}", &rest[1 + name.len()..]), "span"),
            (true, false) => (String::new(), name),
            (false, false) if is_font || name == "span" => (String::new(), name),
            (false, _) => (rest, name),
        })
    }
}

fn is_declaration(declaration: &str, property: &str) -> bool {
    let name = declaration.split(':').next().unwrap_or_default().trim();
    let name = name.to_ascii_lowercase();
    name == property
        || (property == "background-color" && name == "background")
        || (property == "text-decoration" && name == "text-decoration-line")
}

impl Field {
    /// Whether all of the selection has it; an empty one stands for what is typed there.
    #[must_use]
    pub fn has(&self, mark: Mark, selection: Range<usize>) -> bool {
        if selection.is_empty() && self.begins_line(selection.start) {
            return mark.is_on(&self.style_at(selection.start));
        }
        let mut any = false;
        for u in self.marked_units(selection) {
            any = true;
            if !mark.is_on(self.projection().style(u)) {
                return false;
            }
        }
        any
    }

    /// Marks that all of the selection has, or nothing of it, and which; of colours those that all
    /// of it has. For what is to look as it does.
    #[must_use]
    pub fn looks(&self, selection: Range<usize>) -> Vec<(Mark, bool)> {
        let styles = || {
            let units = self.marked_units(selection.clone());
            units.map(|unit| self.projection().style(unit))
        };
        let Some(first) = styles().next() else {
            return vec![];
        };
        let colours = [
            first.color.map(Mark::Color),
            first.highlight.map(Mark::Highlight),
        ];
        let marks = [
            Mark::Bold,
            Mark::Italic,
            Mark::Underline,
            Mark::Strike,
            Mark::Subscript,
            Mark::Superscript,
        ];
        let all = marks.into_iter().chain(colours.into_iter().flatten());
        all.map(|mark| (mark, mark.is_on(first)))
            .filter(|(mark, is_on)| styles().all(|style| mark.is_on(style) == *is_on))
            .collect()
    }

    fn begins_line(&self, p: usize) -> bool {
        let before = p.min(self.len()).checked_sub(1);
        let before = before.and_then(|i| self.projection().units.get(i));
        before.is_none_or(|unit| unit.kind.is_newline())
    }

    /// What the elements around visible position `p` make of text that is typed there.
    fn style_at(&self, p: usize) -> Style {
        let at = self.insertion_point(p);
        // It takes the place of what keeps an empty line open.
        let at = self.filler_at(at).map_or(at, |filler| filler.start);
        let tags = &self.projection().tags;
        let mut open: Vec<usize> = Vec::new();
        for (n, tag) in tags.iter().enumerate() {
            match (tag.kind, tag.partner) {
                _ if tag.start as usize >= at => break,
                (TagKind::Open, _) => open.push(n),
                (TagKind::Close, Some(first)) => {
                    open.truncate(open.partition_point(|t| *t < first as usize));
                }
                _ => {}
            }
        }
        open.into_iter().fold(Style::default(), |style, tag| {
            let (raw, name) = (self.raw(tag), &tags[tag].name);
            let attributes = raw.get(1 + name.len()..raw.len() - 1);
            style.inside(name, attributes.unwrap_or_default())
        })
    }

    fn marked_units(&self, r: Range<usize>) -> impl Iterator<Item = &Unit> {
        let r = if r.is_empty() {
            r.start.saturating_sub(1)..r.end
        } else {
            r
        };
        let units = &self.projection().units;
        let (from, to) = (r.start.min(units.len()), r.end.min(units.len()));
        units[from.min(to)..to]
            .iter()
            .filter(|u| !u.kind.is_newline())
    }

    /// On when some of the selection has it not, else off.
    pub fn toggle(&mut self, mark: Mark, selection: Range<usize>) {
        if self.has(mark, selection.clone()) {
            self.take_off(Target::Mark(mark), selection);
        } else {
            self.put_on(mark, selection);
        }
    }

    /// Gives the whole selection the mark.
    pub fn put_on(&mut self, mark: Mark, selection: Range<usize>) {
        let Some(r) = self.clipped(&selection) else {
            return;
        };
        let steps = self.steps();
        // Sub and super, and two colours, exclude each other.
        let other = match mark {
            Mark::Subscript => Some(Mark::Superscript),
            Mark::Superscript => Some(Mark::Subscript),
            Mark::Color(_) | Mark::Highlight(_) => Some(mark),
            _ => None,
        };
        if let Some(other) = other {
            let any = |f: &Self| {
                f.marked_units(r.clone())
                    .any(|u| other.is_any(f.projection().style(u)))
            };
            if any(self) {
                self.take_off(Target::Mark(other), r.clone());
            }
        }
        let before = self.text().to_owned();
        let (open, close) = mark.tags();
        let plan = self.plan_wrap(mark, r.clone(), &open, &close);
        let needless = match other {
            None => self.plan_needless(mark, &plan),
            Some(_) => Vec::new(),
        };
        let mut is_done = !needless.is_empty();
        if is_done {
            self.apply([plan.clone(), needless].concat(), (r.start, r.end));
            is_done = self.text() == before && self.has(mark, r.clone());
        }
        if !is_done {
            if other.is_none() {
                self.roll_back_to(steps);
            }
            self.apply(plan, (r.start, r.end));
        }
        if self.text() != before {
            self.roll_back_to(steps);
            self.count_refused();
        }
        self.join_steps(steps);
        self.want_selection((r.start, r.end));
    }

    /// Removes all that only formats from the selection.
    pub fn clear_formatting(&mut self, selection: Range<usize>) {
        self.take_off(Target::All, selection);
    }

    /// Takes any colour off.
    pub fn clear_mark(&mut self, mark: Mark, selection: Range<usize>) {
        self.take_off(Target::Mark(mark), selection);
    }

    fn take_off(&mut self, target: Target, selection: Range<usize>) {
        let Some(r) = self.clipped(&selection) else {
            return;
        };
        let steps = self.steps();
        let before = self.text().to_owned();
        self.apply(self.plan_unwrap(target, r.clone()), (r.start, r.end));
        if self.text() != before {
            self.roll_back_to(steps);
        }
        if let Target::Mark(mark) = target
            && let Some((open, close)) = mark.off()
        {
            let left = self.runs_with(mark, r.clone());
            let plan = left.into_iter().flat_map(|(from, to)| {
                [
                    splice(from..from, open.clone()),
                    splice(to..to, close.clone()),
                ]
            });
            self.apply(plan.collect(), (r.start, r.end));
        }
        if self.text() != before {
            self.roll_back_to(steps);
            self.count_refused();
        }
        self.join_steps(steps);
        self.want_selection((r.start, r.end));
    }

    fn clipped(&self, r: &Range<usize>) -> Option<Range<usize>> {
        let r = r.start.min(self.len())..r.end.min(self.len());
        (!r.is_empty()).then_some(r)
    }

    /// Pairs of tags around the longest stretches that are balanced and without block tags.
    fn plan_wrap(&self, mark: Mark, r: Range<usize>, open: &str, close: &str) -> Vec<Splice> {
        let units = &self.projection().units;
        let mut plan = Vec::new();
        let mut i = r.start;
        while i < r.end {
            let u = &units[i];
            let has = mark.is_on(self.projection().style(u)) && u.kind != Kind::Space;
            if u.kind.is_newline() || has {
                i += 1;
                continue;
            }
            let last = self.balanced_until(i, r.end);
            let from = u.start as usize;
            let to = self.behind_closers(units[last].end, u.start);
            plan.push(splice(from..from, open));
            plan.push(splice(to..to, close));
            i = last + 1;
        }
        plan
    }

    /// Tags of the mark within the stretches that get it as a whole, if nothing else is said by them.
    fn plan_needless(&self, mark: Mark, wraps: &[Splice]) -> Vec<Splice> {
        let tags = &self.projection().tags;
        let mut plan = Vec::new();
        for pair in wraps.chunks_exact(2) {
            let (from, to) = (pair[0].range.start, pair[1].range.start);
            let first = tags.partition_point(|t| (t.start as usize) < from);
            for (at, tag) in tags.iter().enumerate().skip(first) {
                let Some(end) = tag.partner.map(|t| &tags[t as usize]) else {
                    continue;
                };
                if tag.start as usize >= to {
                    break;
                }
                let is_within = tag.kind == TagKind::Open && end.end as usize <= to;
                let left = Target::Mark(mark).without(&tag.name, self.raw(at));
                if is_within && left.is_some_and(|(left, _)| left.is_empty()) {
                    plan.push(splice(tag.range(), ""));
                    plan.push(splice(end.range(), ""));
                }
            }
        }
        plan
    }

    /// The last unit up to which the source from unit `i` is balanced.
    fn balanced_until(&self, i: usize, limit: usize) -> usize {
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        let start = units[i].start;
        let opened_here = |p: Option<u32>| p.is_some_and(|p| tags[p as usize].start >= start);
        let mut next_tag = tags.partition_point(|t| t.start < start);
        let mut depth = 0usize;
        let mut best = i;
        for j in i..limit {
            if matches!(units[j].kind, Kind::Break | Kind::BrBreak) {
                break;
            }
            while let Some(t) = tags.get(next_tag).filter(|t| t.start < units[j].end) {
                match t.kind {
                    TagKind::Void => {}
                    _ if t.block => return best,
                    TagKind::Open if t.partner.is_some() => depth += 1,
                    TagKind::Close if opened_here(t.partner) && depth > 0 => depth -= 1,
                    _ => return best,
                }
                next_tag += 1;
            }
            // Ends directly behind this unit count.
            let limit = units.get(j + 1).map_or(u32::MAX, |n| n.start);
            let closers = tags[next_tag..]
                .iter()
                .take_while(|t| {
                    t.start < limit && t.kind == TagKind::Close && opened_here(t.partner)
                })
                .count();
            if depth <= closers {
                best = j;
            }
        }
        best
    }

    /// Behind the inline ends that follow `end` directly and were opened after `start`.
    fn behind_closers(&self, end: u32, start: u32) -> usize {
        let tags = &self.projection().tags;
        let mut end = end;
        for t in &tags[tags.partition_point(|t| t.start < end)..] {
            let mine = t.partner.is_some_and(|p| tags[p as usize].start >= start);
            if t.start != end || t.kind != TagKind::Close || t.block || !mine {
                break;
            }
            end = t.end;
        }
        end as usize
    }

    /// Source stretches that have the mark still.
    fn runs_with(&self, mark: Mark, r: Range<usize>) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for u in self.marked_units(r) {
            if !mark.is_any(self.projection().style(u)) {
                continue;
            }
            match runs.last_mut() {
                Some(last) if last.1 == u.start as usize => last.1 = u.end as usize,
                _ => runs.push((u.start as usize, u.end as usize)),
            }
        }
        runs
    }

    /// For each stretch: close up to the element, and open it again behind.
    fn plan_unwrap(&self, target: Target, r: Range<usize>) -> Vec<Splice> {
        let units = &self.projection().units;
        let is_seen = |u: &Unit| !u.kind.is_newline() && target.is_seen(self.projection().style(u));
        let mut plan = Vec::new();
        let mut i = r.start;
        while i < r.end {
            let u = &units[i];
            if !is_seen(u) {
                i += 1;
                continue;
            }
            let (mut next, mut last) = (i + 1, i);
            while next < r.end
                && (units[next].kind == Kind::Br || is_seen(&units[next]))
                && self.is_inline_between(units[next - 1].end, units[next].start)
            {
                if !units[next].kind.is_newline() {
                    last = next;
                }
                next += 1;
            }
            self.unwrap_run(
                target,
                u.start as usize,
                units[last].end as usize,
                &mut plan,
            );
            i = last + 1;
        }
        plan
    }

    /// Whether nothing stands between two places but tags of pairs that make no line.
    fn is_inline_between(&self, from: u32, to: u32) -> bool {
        if from == to {
            return true;
        }
        let tags = &self.projection().tags;
        let mut at = from;
        for t in &tags[tags.partition_point(|t| t.start < from)..] {
            // A `<br>` is one of the units.
            if at >= to || t.start != at || t.block || t.partner.is_none() {
                break;
            }
            at = t.end;
        }
        at == to
    }

    /// A stretch without blocks: elements that begin or end within it lose the target there, those
    /// around it are split.
    fn unwrap_run(&self, target: Target, from: usize, to: usize, plan: &mut Vec<Splice>) {
        let tags = &self.projection().tags;
        let without = |t: usize| target.without(&tags[t].name, self.raw(t));
        let is_target = |t: &usize| !tags[*t].block && without(*t).is_some();
        // Elements that have a block inside them cannot be split here.
        let split = |at: usize| {
            let mut open = self.open_at(at);
            let block = open.iter().rposition(|t| tags[*t].block);
            open.drain(..block.map_or(0, |k| k + 1));
            let k = open.iter().position(is_target).unwrap_or(open.len());
            open.split_off(k)
        };
        let (first, last) = (split(from), split(to));
        // What an element is within the stretch: its tag, and its end.
        let within = |t: usize| {
            let (raw, name) = (self.raw(t), &*tags[t].name);
            let (open, name) = without(t).unwrap_or_else(|| (raw.to_owned(), name));
            let close = (!open.is_empty()).then(|| format!("</{name}>"));
            (open, close.unwrap_or_default())
        };
        let opened: String = first.iter().map(|t| within(*t).0).collect();
        let closed: String = last.iter().rev().map(|t| within(*t).1).collect();
        // Those that begin or end right here go instead of leaving empty ones.
        let (mut at, mut begun) = (from, first.len());
        while begun > 0 && tags[first[begun - 1]].end as usize == at {
            begun -= 1;
            at = tags[first[begun]].start as usize;
        }
        let (close, _) = self.close_and_open(&first[..begun]);
        plan.push(splice(at..from, close + &opened));
        let (mut at, mut going) = (to, last.len());
        while let Some(end) = (going.checked_sub(1))
            .and_then(|t| tags[last[t]].partner)
            .map(|end| &tags[end as usize])
            .filter(|end| end.start as usize == at)
        {
            going -= 1;
            at = end.end as usize;
        }
        let (_, reopen) = self.close_and_open(&last[..going]);
        plan.push(splice(to..at, closed + &reopen));
        let inside = tags.partition_point(|t| (t.start as usize) < from);
        for (t, tag) in tags.iter().enumerate().skip(inside) {
            if tag.start as usize >= to {
                break;
            }
            let open = match (tag.kind, tag.partner) {
                (TagKind::Open, Some(_)) => t,
                (TagKind::Close, Some(open)) => open as usize,
                _ => continue,
            };
            if is_target(&open) {
                let (opens, closes) = within(open);
                let is_open = tag.kind == TagKind::Open;
                plan.push(splice(tag.range(), if is_open { opens } else { closes }));
            }
        }
    }

    /// Makes a link of the selection, or takes it away when `address` is empty; with nothing
    /// selected, of the link that is there, else the address itself comes as one.
    pub fn set_link(&mut self, address: &str, selection: Range<usize>) {
        let r = selection.start.min(self.len())..selection.end.min(self.len());
        let around = self.link_tag(r.start);
        if r.is_empty() && around.is_none() {
            if !address.is_empty() {
                let value = super::edit::escape_attribute(address);
                let words = super::edit::escape(address);
                self.insert_html(r.start, &format!("<a href=\"{value}\">{words}</a>"));
            }
            return;
        }
        let before = self.text().to_owned();
        let steps = self.steps();
        let plan = match around {
            Some(tag) => self.plan_relink(tag, address),
            None if address.is_empty() => Vec::new(),
            None => {
                let open = format!("<a href=\"{}\">", super::edit::escape_attribute(address));
                // Any mark that nothing has serves: all of it is wrapped.
                self.plan_wrap(Mark::Color([1, 2, 3]), r.clone(), &open, "</a>")
            }
        };
        self.apply(plan, (r.start, r.end));
        if self.text() != before {
            self.roll_back_to(steps);
            self.count_refused();
        }
        self.want_selection((r.start, r.end));
    }

    fn plan_relink(&self, tag: usize, address: &str) -> Vec<Splice> {
        let tags = &self.projection().tags;
        let open = &tags[tag];
        let escaped = super::edit::escape_attribute(address);
        if !address.is_empty() {
            let tag = with_attribute(self.raw(tag), "href", &escaped);
            return vec![splice(open.range(), tag)];
        }
        let end = open.partner.map(|p| tags[p as usize].range());
        let mut plan = vec![splice(open.range(), "")];
        plan.extend(end.map(|end| splice(end, "")));
        plan
    }

    /// The address of the link at a visible position.
    #[must_use]
    pub fn link_at(&self, p: usize) -> Option<String> {
        attribute(self.raw(self.link_tag(p)?), "href").map(super::scan::decode)
    }

    fn link_tag(&self, p: usize) -> Option<usize> {
        let units = &self.projection().units;
        let unit = units.get(p).or_else(|| units.last())?;
        let open = self.open_at(unit.start as usize);
        open.into_iter()
            .rfind(|t| self.projection().tags[*t].name == "a")
    }
}
