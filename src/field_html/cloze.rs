//! Cloze deletions in the visible text. The markup is plain text with a colour, so that nothing has
//! to be kept in step with it.

use super::edit::{Splice, splice};
use super::field::Field;
use std::ops::Range;

/// Length of the `{{c1::` that `s` begins with.
pub(super) fn opening(s: &str) -> Option<usize> {
    let rest = s.strip_prefix("{{c")?;
    // Cards with several numbers on one deletion: `{{c1,2::…}}`.
    let digits = rest
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b',')
        .count();
    let first = rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
    (first && rest[digits..].starts_with("::")).then_some(3 + digits + 2)
}

/// The numbers used in a text, as they come.
fn numbers(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.match_indices("{{c").flat_map(|(at, _)| {
        let length = opening(&text[at..]).unwrap_or(0);
        text.get(at + 3..(at + length).saturating_sub(2).max(at + 3))
            .unwrap_or("")
            .split(',')
            .filter_map(|n| n.parse().ok())
            .collect::<Vec<u32>>()
    })
}

/// The highest cloze number in a field's HTML; 0 when there is none.
#[must_use]
pub(super) fn highest(text: &str) -> u32 {
    numbers(text).max().unwrap_or(0)
}

impl Field {
    /// The highest cloze number in this field; 0 when there is none. A note's next number is one
    /// above the highest of all its fields.
    #[must_use]
    pub fn highest_cloze(&self) -> u32 {
        highest(self.html())
    }

    /// Puts `{{cN::` and `}}` around the selection and keeps it selected; an empty one gets the
    /// caret between both.
    pub fn wrap_cloze(&mut self, selection: Range<usize>, number: u32) {
        let r = selection.start.min(self.len())..selection.end.min(self.len());
        let open = format!("{{{{c{number}::");
        let length = open.len();
        let (steps, wanted) = (self.steps(), self.len() + length + 2);
        let plans = if r.is_empty() {
            let at = self.insertion_point(r.start);
            vec![vec![splice(at..at, format!("{open}}}}}"))]]
        } else {
            let units = &self.projection().units;
            let from = units[r.start].start as usize;
            let to = units[r.end - 1].end as usize;
            let plain = vec![splice(from..from, open.clone()), splice(to..to, "}}")];
            vec![self.plan_cloze(from..to, &open), plain]
        };
        for plan in plans {
            self.apply(plan, (r.start, r.end));
            // White space that collapsed into the last space of the selection.
            self.drop_revealed_space(r.end + length + 2, wanted);
            self.join_steps(steps);
            if self.len() == wanted {
                self.want_selection((r.start + length, r.end + length));
                return;
            }
            self.roll_back_to(steps);
        }
        self.count_refused();
    }

    /// Both marks with whole elements between them: what is bold at one end only begins or ends
    /// there. Else the rest of the card would be bold where the words are hidden.
    fn plan_cloze(&self, words: Range<usize>, open: &str) -> Vec<Splice> {
        let tags = &self.projection().tags;
        let (mut from, mut to) = (words.start, words.end);
        let (mut first, mut last) = (self.open_at(from), self.open_at(to));
        let common = first.iter().zip(&last).take_while(|(a, b)| a == b).count();
        for open in [&mut first, &mut last] {
            open.drain(..common);
            // Lines stay lines: a mark before one would be a line of its own.
            let block = open.iter().rposition(|t| tags[*t].block);
            open.drain(..block.map_or(0, |k| k + 1));
        }
        while let Some(tag) = (first.last().map(|t| &tags[*t])).filter(|t| t.end as usize == from) {
            from = tag.start as usize;
            first.pop();
        }
        let end_of = |t: &usize| tags[*t].partner.map(|end| &tags[end as usize]);
        while let Some(end) = (last.last().and_then(end_of)).filter(|t| t.start as usize == to) {
            to = end.end as usize;
            last.pop();
        }
        let [open, close] = [(&first, open), (&last, "}}")].map(|(split, mark)| {
            let (close, reopen) = self.close_and_open(split);
            format!("{close}{mark}{reopen}")
        });
        vec![splice(from..from, open), splice(to..to, close)]
    }
}
