//! A selection becomes a formula: its delimiters are put around the source, so that pictures,
//! sounds and formatting in it keep their bytes. And a formula's TeX as it is typed, with line ends
//! where the source has `<br>`.

use super::edit::{Splice, escape, splice};
use super::field::Field;
use super::project::{Kind, Object, TagKind};
use super::scan::{RawTag, decode};
use super::scanner::Scanner;
use std::ops::Range;

/// What a formula's source says between its delimiters, to be edited: TeX, or the HTML itself
/// where it has more tags than line ends, which no TeX stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tex {
    Plain(String),
    Html(String),
}

impl Tex {
    #[must_use]
    pub fn of(body: &str) -> Self {
        let mut text = String::with_capacity(body.len());
        let mut scanner = Scanner::new(body);
        let mut from = 0;
        let mut at = 0;
        while let Some(k) = body[at..].find('<') {
            let start = at + k;
            at = match scanner.tag(start, body.len()) {
                Some((end, RawTag::Open(name, _))) if name.eq_ignore_ascii_case("br") => {
                    text += &decode(&body[from..start]);
                    text.push('\n');
                    from = end;
                    end
                }
                Some(_) => return Self::Html(body.to_owned()),
                None => start + 1,
            };
        }
        Self::Plain(text + &decode(&body[from..]))
    }

    /// The source of TeX that was typed.
    #[must_use]
    pub fn source(text: &str) -> String {
        escape(text.trim())
    }
}

impl Field {
    /// Makes one formula of the selection; `false`, and nothing is changed, where none can be made
    /// of it (there is a formula in it, or an end of one).
    pub fn wrap_formula(&mut self, selection: Range<usize>, open: &str, close: &str) -> bool {
        let r = self.without_outer_spaces(selection);
        let (steps, units) = (self.steps(), self.len());
        let is_one = |f: &Self| {
            let unit = f.projection().units.get(r.start);
            f.len() == units - r.len() + 1
                && unit.is_some_and(|u| u.kind == Kind::Object(Object::Formula))
        };
        let plans = self.plans_around(&r, open, close);
        let found = plans.into_iter().any(|plan| {
            self.roll_back_to(steps);
            self.apply(plan, (r.start, r.end));
            is_one(self)
        });
        if !found {
            self.roll_back_to(steps);
            // Over several blocks: each line by itself.
            let lines: Vec<String> = self.lines_in(&r).map(|line| self.html_of(line)).collect();
            self.delete(r.clone());
            let html = format!("{open}{}{close}", lines.join("<br>"));
            self.insert_html(r.start, &html);
            if !is_one(self) {
                self.roll_back_to(steps);
                self.count_refused();
                self.want_selection((r.start, r.end));
                return false;
            }
            self.join_steps(steps);
        }
        self.want_selection((r.start + 1, r.start + 1));
        true
    }

    /// As it is; and with formatting that only begins or ends in the selection split at its ends.
    fn plans_around(&self, r: &Range<usize>, open: &str, close: &str) -> Vec<Vec<Splice>> {
        let tags = &self.projection().tags;
        let (from, to) = self.balanced(r);
        let mut plans = vec![vec![splice(from..from, open), splice(to..to, close)]];
        let (mut opened, mut closed) = (self.open_at(from), self.open_at(to));
        let common = opened.iter().zip(&closed).take_while(|(a, b)| a == b);
        let common = common.count();
        opened.drain(..common);
        closed.drain(..common);
        let mut split = opened.iter().chain(&closed);
        if split.all(|t| tags[*t].format) {
            let (end, again) = self.close_and_open(&opened);
            let first = splice(from..from, format!("{end}{open}{again}"));
            let (end, again) = self.close_and_open(&closed);
            let last = splice(to..to, format!("{end}{close}{again}"));
            plans.push(vec![first, last]);
        }
        plans
    }

    fn without_outer_spaces(&self, selection: Range<usize>) -> Range<usize> {
        let units = &self.projection().units;
        let end = selection.end.min(units.len());
        let mut r = selection.start.min(end)..end;
        let is_blank = |at: usize| units[at].ch.is_whitespace();
        while !r.is_empty() && is_blank(r.start) {
            r.start += 1;
        }
        while !r.is_empty() && is_blank(r.end - 1) {
            r.end -= 1;
        }
        r
    }

    /// Bytes of a stretch, with tags right beside it whose other half is inside.
    fn balanced(&self, r: &Range<usize>) -> (usize, usize) {
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        if r.is_empty() {
            let at = self.insertion_point(r.start);
            return (at, at);
        }
        let (mut from, mut to) = (units[r.start].start, units[r.end - 1].end);
        let partner = |tag: &super::Tag| tag.partner.map(|p| &tags[p as usize]);
        let mut a = tags.partition_point(|t| t.start < from);
        let mut b = tags.partition_point(|t| t.start < to);
        while let Some(tag) = a.checked_sub(1).map(|i| &tags[i])
            && tag.end == from
            && tag.kind == TagKind::Open
            && partner(tag).is_some_and(|close| close.end <= to)
        {
            from = tag.start;
            a -= 1;
        }
        while let Some(tag) = tags.get(b)
            && tag.start == to
            && tag.kind == TagKind::Close
            && partner(tag).is_some_and(|open| open.start >= from)
        {
            to = tag.end;
            b += 1;
        }
        (from as usize, to as usize)
    }

    /// The stretches of a selection between line ends.
    fn lines_in(&self, r: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let units = &self.projection().units;
        let ends = r.clone().filter(|at| units[*at].kind.is_newline());
        let ends: Vec<usize> = ends.chain([r.end]).collect();
        let mut from = r.start;
        ends.into_iter()
            .map(move |end| std::mem::replace(&mut from, end + 1)..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_a_formula_are_typed_and_written_as_such() {
        for (source, shown) in [
            ("a<br>b", Tex::Plain("a\nb".to_owned())),
            (
                "a<BR/>x&lt;b&nbsp;c<br />",
                Tex::Plain("a\nx<b\u{a0}c\n".to_owned()),
            ),
            ("a < b", Tex::Plain("a < b".to_owned())),
            ("a<div>b</div>", Tex::Html("a<div>b</div>".to_owned())),
            ("<b>a</b>&lt;", Tex::Html("<b>a</b>&lt;".to_owned())),
        ] {
            assert_eq!(Tex::of(source), shown, "{source}");
        }
        assert_eq!(Tex::source("a\nx<b "), "a<br>x&lt;b");
    }
}
