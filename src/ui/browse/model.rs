//! What a search found, and which of its rows are known. Pure: rows are asked for as they come
//! into view, so that a result of any length costs the same.

use super::selection::Selection;
use crate::domain::browse::Row;
use crate::service::browse::Carried;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Rows kept beyond those in view.
const KEPT: usize = 2000;

/// See the module header.
#[derive(Debug, Default)]
pub struct Results {
    ids: Arc<[i64]>,
    notes: bool,
    pub selection: Selection,
    rows: HashMap<i64, (u64, Row)>,
    /// Counts changes of what rows may say.
    version: u64,
    /// Rows were asked for and have not come yet.
    waiting: bool,
}

/// The answer to a search.
#[derive(Debug)]
pub struct Found<'a> {
    pub ids: Arc<[i64]>,
    /// Whether rows are notes.
    pub notes: bool,
    /// What was chosen before, when rows were the other thing.
    pub carried: Option<&'a Carried>,
}

impl Results {
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Changes whenever what rows say may have.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether rows are notes.
    #[must_use]
    pub fn notes(&self) -> bool {
        self.notes
    }

    #[must_use]
    pub fn id(&self, row: usize) -> Option<i64> {
        self.ids.get(row).copied()
    }

    /// Another result. What was chosen stays so where it was found again, and the current row stays
    /// the same; when none of them was, it is (`in_place`) the row that has its number now.
    pub fn found(&mut self, found: Found<'_>, in_place: bool) {
        let Found {
            ids,
            notes,
            carried,
        } = found;
        let before = self.selection.current();
        let (chosen, current): (HashSet<i64>, _) = match carried {
            Some(carried) => (carried.rows.iter().copied().collect(), carried.current),
            // A card and a note may have the same number.
            None if notes != self.notes => (HashSet::new(), None),
            None => {
                let current = before.and_then(|row| self.id(row));
                (self.chosen().into_iter().collect(), current)
            }
        };
        let again = current.and_then(|id| ids.iter().position(|found| *found == id));
        let mut selection = Selection::of(ids.len(), None);
        selection.choose(|row| ids.get(row).is_some_and(|id| chosen.contains(id)));
        if selection.count() == 0 {
            let nearest = before
                .filter(|_| in_place)
                .map(|row| row.min(ids.len().saturating_sub(1)));
            selection = Selection::of(ids.len(), again.or(nearest));
        } else if let Some(row) = again {
            selection.go_to(row);
        }
        if notes != self.notes {
            self.rows.clear();
        }
        self.selection = selection;
        self.ids = ids;
        self.notes = notes;
        self.outdate();
    }

    /// What rows say may have changed: they are asked for again, and shown as they were until then.
    pub fn outdate(&mut self) {
        self.version += 1;
        self.waiting = false;
    }

    /// As [`Self::outdate`], with nothing to show until then: the columns are others.
    pub fn forget_rows(&mut self) {
        self.rows.clear();
        self.outdate();
    }

    pub fn take(&mut self, rows: Vec<Row>) {
        self.waiting = false;
        for row in rows {
            self.rows.insert(row.id, (self.version, row));
        }
    }

    /// What came for rows was of other columns.
    pub fn stop_waiting(&mut self) {
        self.waiting = false;
    }

    #[must_use]
    pub fn row(&self, row: usize) -> Option<&Row> {
        let id = self.id(row)?;
        self.rows.get(&id).map(|(_, row)| row)
    }

    /// The row that panes show.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.row(self.selection.current()?)
    }

    /// Ids to ask for while `visible` is in view: those and a page before and after. Nothing while
    /// an answer is awaited or all is known.
    pub fn missing(&mut self, visible: Range<usize>) -> Option<Vec<i64>> {
        let is_known =
            |id: &i64| (self.rows.get(id)).is_some_and(|(version, _)| *version == self.version);
        let last = self.ids.len();
        let seen = self
            .ids
            .get(visible.start.min(last)..visible.end.min(last))?;
        let current = self.selection.current().and_then(|row| self.id(row));
        let current = current.filter(|id| !is_known(id));
        if self.waiting || seen.iter().all(is_known) && current.is_none() {
            return None;
        }
        let page = visible.len();
        let around = visible.start.saturating_sub(page)..(visible.end + page).min(last);
        let window = self.ids.get(around)?;
        let mut missing: Vec<i64> = window.iter().filter(|id| !is_known(id)).copied().collect();
        missing.extend(current.filter(|id| !window.contains(id)));
        if self.rows.len() > KEPT {
            let keep: std::collections::HashSet<i64> = window.iter().copied().collect();
            self.rows
                .retain(|id, _| keep.contains(id) || current == Some(*id));
        }
        self.waiting = true;
        Some(missing)
    }

    /// Ids of the chosen rows.
    #[must_use]
    pub fn chosen(&self) -> Vec<i64> {
        self.selection
            .rows()
            .filter_map(|row| self.id(row))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(n: i64) -> Results {
        let mut results = Results::default();
        find(&mut results, (0..n).collect(), false);
        results
    }

    /// Finds cards.
    fn find(results: &mut Results, ids: Vec<i64>, in_place: bool) {
        let found = Found {
            ids: ids.into(),
            notes: false,
            carried: None,
        };
        results.found(found, in_place);
    }

    /// Finds notes.
    fn find_notes(results: &mut Results, ids: Vec<i64>, carried: Option<&Carried>) {
        let ids = ids.into();
        let found = Found {
            ids,
            notes: true,
            carried,
        };
        results.found(found, false);
    }

    fn answer(results: &mut Results, ids: Vec<i64>) {
        results.take(ids.into_iter().map(Row::deleted).collect());
    }

    #[test]
    fn only_what_is_seen_is_asked_for_and_only_once() {
        let mut r = results(100_000);
        let asked = r.missing(500..530).unwrap();
        assert_eq!(asked, (470..560).collect::<Vec<_>>());
        assert_eq!(r.missing(500..530), None, "an answer is awaited");
        answer(&mut r, asked);
        assert_eq!(r.missing(500..530), None, "all is known");
        assert_eq!(r.missing(520..550), None, "and a page more");
        for page in 0..200 {
            let at = 1000 + page * 30;
            if let Some(asked) = r.missing(at..at + 30) {
                assert!(asked.len() <= 90);
                answer(&mut r, asked);
            }
        }
        assert!(
            r.rows.len() <= KEPT + 180,
            "what is out of view is forgotten"
        );
        r.outdate();
        assert!(
            r.missing(6970..7000).is_some(),
            "changed rows are asked for again"
        );
    }

    #[test]
    fn the_current_row_is_found_again() {
        let mut r = results(10);
        r.selection.only(4);
        find(&mut r, vec![8, 4, 2], false);
        assert_eq!(r.selection.current(), Some(1));
        find(&mut r, vec![8, 2], true);
        assert_eq!(r.selection.current(), Some(1), "gone: the one in its place");
        find(&mut r, vec![8], false);
        assert_eq!((r.selection.current(), r.selection.count()), (None, 0));
        r.selection.only(0);
        find_notes(&mut r, vec![8], None);
        assert_eq!(r.selection.current(), None, "a note is no card");
    }

    #[test]
    fn what_was_chosen_stays_chosen_where_it_is_found_again() {
        let mut r = results(10);
        r.selection.only(2);
        r.selection.extend_to(5, false);
        // In another order.
        find(&mut r, (0..10).rev().collect(), true);
        assert_eq!(r.chosen(), [5, 4, 3, 2]);
        assert_eq!(r.selection.current(), Some(4));
        // Only some, without the current one.
        find(&mut r, vec![0, 2, 4, 6], false);
        assert_eq!(r.chosen(), [2, 4]);
        let current = r.selection.current().and_then(|row| r.id(row));
        assert_eq!(
            current,
            Some(2),
            "one of the chosen, and no other beside them"
        );
        // A row that was taken out of the choice stays the current one.
        r.selection.toggle(2);
        find(&mut r, vec![4, 2], true);
        assert_eq!((r.chosen(), r.selection.current()), (vec![2], Some(0)));
        find(&mut r, vec![6, 0], true);
        assert_eq!((r.chosen(), r.selection.current()), (vec![6], Some(0)));
    }

    #[test]
    fn cards_become_their_notes() {
        let mut r = results(10);
        r.selection.only(2);
        r.selection.extend_to(5, false);
        let carried = Carried {
            rows: vec![20, 21],
            current: Some(21),
        };
        find_notes(&mut r, vec![30, 21, 20], Some(&carried));
        assert_eq!((r.chosen(), r.selection.current()), (vec![21, 20], Some(1)));
    }
}
