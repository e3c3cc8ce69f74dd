//! Where something is wanted that comes later: a file that is being stored, a recording. The place
//! moves with every change of the field, so that what comes stands where it was asked for, and
//! takes the place of what was chosen then and of nothing that was chosen since.

use super::edit::splice;
use super::field::Field;
use std::ops::Range;

/// See the module's words.
#[derive(Clone, Debug)]
pub(super) struct Place {
    id: u64,
    /// Bytes that go when it comes; empty at a caret.
    range: Range<usize>,
    /// Chosen in the source: exactly these bytes.
    is_source: bool,
}

/// What took a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What was chosen, before: visible characters, or bytes where it was chosen in the source.
    pub chosen: Range<usize>,
    /// How much came instead.
    pub came: usize,
    pub is_source: bool,
}

impl Filled {
    /// Where a position or selection of before is now; what was chosen itself becomes a caret
    /// behind what came.
    #[must_use]
    pub fn moved(&self, selection: &Range<usize>) -> Range<usize> {
        let behind = self.chosen.start + self.came;
        if *selection == self.chosen {
            return behind..behind;
        }
        let moved = |at: usize| {
            if at >= self.chosen.end {
                at - self.chosen.len() + self.came
            } else {
                at.min(self.chosen.start)
            }
        };
        moved(selection.start)..moved(selection.end)
    }
}

impl Field {
    /// Keeps the place of a selection of visible characters.
    pub fn keep_place(&mut self, id: u64, selection: Range<usize>) {
        let units = &self.projection().units;
        let (from, to) = (selection.start, selection.end.min(units.len()));
        let range = if from < to {
            units[from].start as usize..units[to - 1].end as usize
        } else {
            let at = self.insertion_point(from);
            at..at
        };
        self.places.push(Place {
            id,
            range,
            is_source: false,
        });
    }

    /// Keeps the place of bytes of the source.
    pub fn keep_source_place(&mut self, id: u64, range: Range<usize>) {
        if self.html().get(range.clone()).is_some() {
            self.places.push(Place {
                id,
                range,
                is_source: true,
            });
        }
    }

    #[must_use]
    pub fn has_place(&self, id: u64) -> bool {
        self.places.iter().any(|place| place.id == id)
    }

    /// Nothing comes.
    pub fn forget_place(&mut self, id: u64) {
        self.places.retain(|place| place.id != id);
    }

    /// Puts HTML where it was asked for, as one step; None when no such place is kept.
    pub fn fill_place(&mut self, id: u64, html: &str) -> Option<Filled> {
        let at = self.places.iter().position(|place| place.id == id)?;
        let place = self.places.remove(at);
        let steps = self.steps();
        self.end_typing();
        let filled = if place.is_source {
            self.fill_source(&place, html)
        } else {
            let chosen = self.visible_at(place.range.start)..self.visible_at(place.range.end);
            self.delete(chosen.clone());
            let (left, bytes) = (self.len(), self.html().len());
            // What was asked for later at the same spot comes behind this.
            let later: Vec<u64> = (self.places.iter())
                .filter(|p| p.id > id && self.visible_at(p.range.start) == chosen.start)
                .map(|p| p.id)
                .collect();
            let at = self.insertion_point(chosen.start);
            self.insert_html(chosen.start, html);
            let behind = at + self.html().len().saturating_sub(bytes);
            self.move_places(&later, behind);
            Filled {
                came: self.len().saturating_sub(left),
                chosen,
                is_source: false,
            }
        };
        self.take_selection();
        self.join_steps(steps);
        Some(filled)
    }

    fn fill_source(&mut self, place: &Place, html: &str) -> Filled {
        let chosen = place.range.clone();
        let later: Vec<u64> = (self.places.iter())
            .filter(|p| p.id > place.id && p.range.start == chosen.start)
            .map(|p| p.id)
            .collect();
        let caret = self.visible_at(chosen.start);
        self.apply(vec![splice(chosen.clone(), html)], (caret, caret));
        self.move_places(&later, chosen.start + html.len());
        Filled {
            chosen,
            came: html.len(),
            is_source: true,
        }
    }

    fn move_places(&mut self, ids: &[u64], at: usize) {
        for place in &mut self.places {
            if ids.contains(&place.id) {
                place.range = at..at;
            }
        }
    }

    /// The source changes: `old` bytes at `at` become `new` ones.
    pub(super) fn shift_places(&mut self, at: usize, old: usize, new: usize) {
        let end = at + old;
        let moved = |x: usize| {
            if x <= at {
                x
            } else if x >= end {
                x - old + new
            } else {
                at + new
            }
        };
        for place in &mut self.places {
            let Range { start, end: stop } = place.range;
            // Somebody worked on what was chosen: it stays. What is typed beside it is not in it.
            let touched = at < stop && end > start;
            let in_front = old == 0 && at == start && start < stop;
            let to = moved(stop);
            place.range = match (touched, in_front) {
                (true, _) => to..to,
                (_, true) => start + new..to,
                _ => moved(start)..to,
            };
        }
    }
}
