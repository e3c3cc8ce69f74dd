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
        let plan: Vec<Splice> = if r.is_empty() {
            let at = self.insertion_point(r.start);
            vec![splice(at..at, format!("{open}}}}}"))]
        } else {
            let units = &self.projection().units;
            let from = units[r.start].start as usize;
            let to = units[r.end - 1].end as usize;
            vec![splice(from..from, open), splice(to..to, "}}")]
        };
        self.apply(plan, (r.start, r.end));
        // White space that collapsed into the last space of the selection.
        self.drop_revealed_space(r.end + length + 2, wanted);
        self.join_steps(steps);
        if self.len() != wanted {
            self.roll_back_to(steps);
            self.count_refused();
            return;
        }
        self.want_selection((r.start + length, r.end + length));
    }
}
