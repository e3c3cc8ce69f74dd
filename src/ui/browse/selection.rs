//! Which rows of the table are chosen: pure. Rows are numbered from 0.

/// See the module header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    on: Vec<bool>,
    count: usize,
    current: Option<usize>,
    /// Where a range that grows with Shift begins.
    anchor: usize,
}

impl Selection {
    /// Nothing chosen among `rows` rows but `current`, if it is one.
    #[must_use]
    pub fn of(rows: usize, current: Option<usize>) -> Self {
        let mut new = Self {
            on: vec![false; rows],
            ..Self::default()
        };
        if let Some(row) = current.filter(|row| *row < rows) {
            new.only(row);
        }
        new
    }

    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.on.get(row).copied().unwrap_or(false)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The row that the keys move from, and that panes show.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// The chosen rows, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        let chosen = self.on.iter().enumerate().filter(|(_, on)| **on);
        chosen.map(|(row, _)| row)
    }

    /// A click.
    pub fn only(&mut self, row: usize) {
        self.clear();
        self.anchor = row;
        self.set(row, true);
        self.current = Some(row);
    }

    /// A click with Ctrl.
    pub fn toggle(&mut self, row: usize) {
        let on = !self.contains(row);
        self.set(row, on);
        self.anchor = row;
        self.current = Some(row);
    }

    /// A click with Shift: all between the anchor and `row`, with Ctrl beside what is chosen.
    pub fn extend_to(&mut self, row: usize, keep: bool) {
        if !keep {
            self.clear();
        }
        let last = self.on.len().saturating_sub(1);
        let (from, to) = (self.anchor.min(row), self.anchor.max(row).min(last));
        for between in from..=to {
            self.set(between, true);
        }
        self.current = Some(row.min(last));
    }

    pub fn all(&mut self) {
        self.on.fill(true);
        self.count = self.on.len();
        if self.current.is_none() && self.count > 0 {
            self.current = Some(0);
        }
    }

    pub fn invert(&mut self) {
        for on in &mut self.on {
            *on = !*on;
        }
        self.count = self.on.len() - self.count;
        if !self.current.is_some_and(|row| self.contains(row)) {
            self.current = self.on.iter().position(|on| *on);
        }
    }

    /// Chooses exactly the rows for which `wanted` says so.
    pub fn choose(&mut self, wanted: impl Fn(usize) -> bool) {
        self.clear();
        for row in 0..self.on.len() {
            self.set(row, wanted(row));
        }
        self.current = self.on.iter().position(|on| *on);
        self.anchor = self.current.unwrap_or(0);
    }

    /// The keys move from `row` now; what is chosen stays.
    pub fn go_to(&mut self, row: usize) {
        self.anchor = row;
        self.current = Some(row);
    }

    fn clear(&mut self) {
        self.on.fill(false);
        self.count = 0;
    }

    fn set(&mut self, row: usize, on: bool) {
        if let Some(present) = self.on.get_mut(row)
            && *present != on
        {
            *present = on;
            if on {
                self.count += 1;
            } else {
                self.count -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(s: &Selection) -> Vec<usize> {
        assert_eq!(s.rows().count(), s.count());
        s.rows().collect()
    }

    #[test]
    fn clicks_choose_as_in_every_list() {
        let mut s = Selection::of(6, None);
        s.only(1);
        s.extend_to(3, false);
        assert_eq!(chosen(&s), [1, 2, 3]);
        s.extend_to(0, false);
        assert_eq!(chosen(&s), [0, 1], "the anchor stays");
        s.toggle(4);
        s.extend_to(5, true);
        assert_eq!(chosen(&s), [0, 1, 4, 5]);
        s.toggle(5);
        assert_eq!((chosen(&s), s.current()), (vec![0, 1, 4], Some(5)));
        s.invert();
        assert_eq!((chosen(&s), s.current()), (vec![2, 3, 5], Some(5)));
        s.all();
        assert_eq!(s.count(), 6);
        s.extend_to(99, false);
        assert_eq!((chosen(&s), s.current()), (vec![5], Some(5)));
        s.choose(|row| row == 2);
        assert_eq!((chosen(&s), s.current()), (vec![2], Some(2)));
    }

    #[test]
    fn no_rows_are_no_trouble() {
        let mut s = Selection::of(0, Some(3));
        s.all();
        s.invert();
        s.only(0);
        s.extend_to(4, false);
        assert_eq!((s.count(), chosen(&s)), (0, vec![]));
    }
}
