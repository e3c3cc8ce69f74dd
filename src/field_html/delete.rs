//! Deleting: characters go, tags between them stay, lines are joined. A deletion that would change
//! other text than asked is replaced by one that keeps the line breaks.

use super::edit::{Splice, same_text, splice};
use super::field::Field;
use super::project::{Kind, Tag, TagKind};
use super::scan::scan_tag;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation as _;

impl Field {
    /// Deletes visible characters.
    pub fn delete(&mut self, range: Range<usize>) {
        let (p, q) = (range.start.min(self.len()), range.end.min(self.len()));
        if p >= q {
            return;
        }
        if p == 0 && q == self.len() && self.delete_everything() {
            return;
        }
        let steps = self.steps();
        // What keeps an empty line open goes with that line.
        let ends_line = self.projection().units[q - 1].kind.is_newline();
        let opener = match ends_line {
            true => self.filler_at(self.insertion_point(q)),
            false => None,
        };
        let was_space = (self.projection().units.get(q)).is_some_and(|u| u.kind == Kind::Space);
        for join in [true, false] {
            let units = self.projection().units.iter().enumerate();
            let kept = units.filter(|(i, u)| !(p..q).contains(i) || (!join && u.kind.is_newline()));
            let wanted: String = kept.map(|(_, u)| u.ch).collect();
            // A block that loses its last letter would be no line any more: a `<br>` keeps it
            // open, as browsers write it.
            let plans = [(opener.clone(), ""), (None, ""), (None, "<br>")];
            for (opener, filler) in plans.into_iter().skip(usize::from(opener.is_none())) {
                let start = self.projection().units[p].start as usize;
                let mut plan = self.plan_delete(p, q, join);
                plan.push(splice(start..start, filler));
                plan.extend(opener.map(|range| splice(range, "")));
                self.apply(plan, (p, q));
                if same_text(self.text(), &wanted) {
                    if !join {
                        self.want_selection((p, p));
                    }
                    if was_space {
                        self.note_stand_in(Some(p));
                    }
                    return;
                }
                self.roll_back_to(steps);
            }
            if join {
                self.count_refused();
            }
        }
        self.want_selection((p, p));
    }

    /// Nothing is to be seen any more: nothing stays, so that an empty list or a colour does not
    /// wait for the next word. Markup that only `<style>` and scripts carry is an object, so it was
    /// selected too.
    fn delete_everything(&mut self) -> bool {
        let all = self.html().len();
        self.apply(vec![splice(0..all, "")], (0, self.len()));
        true
    }

    /// A deletion of `range` widened to whole letters: a letter with its accents, an emoji of
    /// several signs, never half of one. Only the last sign alone, which Backspace takes away, is
    /// that of a letter too, as in browsers: a wrong tone mark or vowel sign is typed anew.
    #[must_use]
    pub fn whole_letters(&self, range: Range<usize>) -> Range<usize> {
        let units = &self.projection().units;
        let end = range.end.min(units.len());
        let start = range.start.min(end);
        let near = start.saturating_sub(32)..(end + 32).min(units.len());
        let plain = |r: Range<usize>| units[r].iter().all(|u| u.ch.is_ascii());
        if start == end || plain(near.clone()) {
            return start..end;
        }
        let text: String = units[near.clone()].iter().map(|u| u.ch).collect();
        let (mut from, mut to) = (start, end);
        let mut at = near.start;
        for letter in text.graphemes(true) {
            let next = at + letter.chars().count();
            let is_last_sign = start + 1 == end && end == next && !is_emoji(letter);
            if at < from && from < next && !is_last_sign {
                from = at;
            }
            if at < to && to < next {
                to = next;
            }
            at = next;
        }
        from..to
    }

    fn plan_delete(&self, p: usize, q: usize, join: bool) -> Vec<Splice> {
        let units = &self.projection().units;
        let mut plan: Vec<Splice> = Vec::new();
        for u in &units[p..q] {
            match u.kind {
                Kind::Break | Kind::BrBreak => {}
                Kind::Br if !join => {}
                _ => match plan.last_mut() {
                    Some(last) if last.range.end == u.start as usize => {
                        last.range.end = u.end as usize;
                    }
                    _ => plan.push(splice(u.range(), "")),
                },
            }
        }
        let across = units[p..q]
            .iter()
            .any(|u| matches!(u.kind, Kind::Break | Kind::BrBreak));
        if across && join {
            for u in units[p..q].iter().filter(|u| u.kind == Kind::BrBreak) {
                if let Some((end, _)) = scan_tag(self.html(), u.start as usize) {
                    plan.push(splice(u.start as usize..end, ""));
                }
            }
        }
        self.plan_tags(p, q, across && join, &mut plan);
        if !across {
            self.widen_to_emptied(p, q, &mut plan);
        }
        let before = p.checked_sub(1).map(|i| units[i].kind);
        let after_gap = before.is_none_or(|k| k == Kind::Space || k.is_newline());
        if let Some(next) = units.get(q)
            && next.kind == Kind::Space
            && after_gap
        {
            plan.push(splice(next.range(), "&nbsp;"));
        }
        plan
    }

    /// Tags inside the deleted stretch: pairs that become empty go; the ends and beginnings of
    /// blocks that are joined are matched with each other.
    fn plan_tags(&self, p: usize, q: usize, across: bool, plan: &mut Vec<Splice>) {
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        let hull = units[p].start..units[q - 1].end;
        let inside = |t: &Tag| hull.contains(&t.start) && t.end <= hull.end;
        let from = tags.partition_point(|t| t.start < hull.start);
        let to = tags.partition_point(|t| t.start < hull.end);
        let (mut closes, mut opens) = (Vec::new(), Vec::new());
        for (i, t) in tags.iter().enumerate().take(to).skip(from) {
            let Some(partner) = t.partner.map(|p| &tags[p as usize]) else {
                continue;
            };
            if inside(partner) {
                if t.format || (t.block && across) {
                    plan.push(splice(t.range(), ""));
                }
            } else if t.block && across {
                if t.kind == TagKind::Close {
                    closes.push(i);
                } else {
                    opens.push(i);
                }
            }
        }
        if !across {
            return;
        }
        // The innermost ends with the innermost beginnings: `</x></y><y><x>`.
        let pairs = closes.len().min(opens.len());
        for (c, o) in closes.iter().zip(opens.iter().rev()) {
            let (close, open) = (&tags[*c], &tags[*o]);
            plan.push(splice(close.range(), ""));
            plan.push(splice(open.range(), ""));
            if close.name != open.name
                && let Some(end) = open.partner
            {
                let end = tags[end as usize].range();
                plan.push(splice(end, format!("</{}>", close.name)));
            }
        }
        let outermost = opens.get(opens.len() - pairs).filter(|_| pairs > 0);
        let joined = outermost.and_then(|open| tags[*open].partner);
        let joined_end = joined.map(|end| tags[end as usize].end as usize);
        let closes = closes.split_off(pairs);
        opens.truncate(opens.len() - pairs);
        self.plan_surplus(q, &closes, &opens, joined_end, plan);
    }

    /// Ends or beginnings of blocks without a counterpart move to the end of the joined line; ends
    /// behind that of the outermost block that was joined, which is in theirs now.
    fn plan_surplus(
        &self,
        q: usize,
        closes: &[usize],
        opens: &[usize],
        joined_end: Option<usize>,
        plan: &mut Vec<Splice>,
    ) {
        if closes.is_empty() && opens.is_empty() {
            return;
        }
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        let text = |l: &[usize]| l.iter().map(|i| self.raw(*i)).collect::<String>();
        for &i in closes.iter().chain(opens) {
            plan.push(splice(tags[i].range(), ""));
        }
        let line_end = units[q..].iter().find(|u| u.kind.is_newline());
        if !closes.is_empty() {
            plan.push(match (joined_end, line_end) {
                (Some(end), _) => splice(end..end, text(closes)),
                (None, Some(u)) if u.kind == Kind::Br => splice(u.range(), text(closes)),
                (None, Some(u)) => splice(u.start as usize..u.start as usize, text(closes)),
                (None, None) => splice(self.html().len()..self.html().len(), text(closes)),
            });
            return;
        }
        match line_end {
            Some(u) if u.kind == Kind::Br => plan.push(splice(u.range(), text(opens))),
            Some(u) => {
                let mut opens = opens.to_vec();
                let from = tags.partition_point(|t| t.start < u.start);
                let to = tags.partition_point(|t| t.start < u.end);
                let mut left = 0;
                let mut at = u.start as usize;
                for (j, t) in tags.iter().enumerate().take(to).skip(from) {
                    if !t.block {
                        continue;
                    }
                    let closes_last = opens
                        .last()
                        .is_some_and(|l| tags[*l].partner == Some(j as u32));
                    if left == 0 && closes_last {
                        opens.pop();
                        plan.push(splice(t.range(), ""));
                        at = t.end as usize;
                    } else {
                        left += 1;
                    }
                }
                plan.push(splice(at..at, text(&opens)));
                if left == 0 && opens.is_empty() {
                    plan.push(splice(at..at, "<br>"));
                }
            }
            None => {
                for end in opens.iter().filter_map(|i| tags[*i].partner) {
                    plan.push(splice(tags[end as usize].range(), ""));
                }
            }
        }
    }

    /// Formatting elements that would be left without content go too.
    fn widen_to_emptied(&self, p: usize, q: usize, plan: &mut [Splice]) {
        let [only] = plan else {
            return;
        };
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        let (mut start, mut end) = (units[p].start, units[q - 1].end);
        let mut a = tags.partition_point(|t| t.start < start);
        let mut b = tags.partition_point(|t| t.start < end);
        while a > 0 && b < tags.len() {
            let (open, close) = (&tags[a - 1], &tags[b]);
            let around = open.end == start
                && close.start == end
                && open.partner == Some(b as u32)
                && open.kind == TagKind::Open;
            if !around || !open.format {
                break;
            }
            (start, end) = (open.start, close.end);
            a -= 1;
            b += 1;
        }
        only.range = start as usize..end as usize;
    }
}

/// Whether the signs of one letter are a picture, of which half would be another one.
fn is_emoji(letter: &str) -> bool {
    letter.chars().any(|c| {
        // Keycaps and what else is made a picture, arrows and symbols, and the planes of emoji.
        matches!(
            c,
            '\u{20e3}' | '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}'
        )
    })
}
