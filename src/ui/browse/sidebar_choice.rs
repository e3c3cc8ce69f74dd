//! The sidebar's two tools, and which entries the one for choosing has chosen. Pure.

use super::tree::{Kind, Line};
use std::collections::HashSet;

/// What a click in the sidebar does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// It searches.
    #[default]
    Search,
    /// It chooses entries, with Ctrl and Shift several.
    Select,
}

/// The chosen entries, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    keys: HashSet<String>,
    /// Where a range begins.
    anchor: Option<String>,
}

impl Choice {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    #[must_use]
    pub fn contains(&self, line: &Line) -> bool {
        self.keys.contains(&line.key)
    }

    /// This and no other.
    pub fn only(&mut self, line: &Line) {
        self.keys.clear();
        self.toggle(line);
    }

    pub fn toggle(&mut self, line: &Line) {
        if !self.keys.remove(&line.key) {
            self.keys.insert(line.key.clone());
        }
        self.anchor = Some(line.key.clone());
    }

    /// From the last one that was chosen by itself to this one.
    pub fn reach(&mut self, line: &Line, lines: &[Line]) {
        let at = |key: &str| lines.iter().position(|l| l.key == key);
        let anchor = self.anchor.as_deref().and_then(at);
        let (Some(from), Some(to)) = (anchor, at(&line.key)) else {
            self.only(line);
            return;
        };
        let range = from.min(to)..=from.max(to);
        self.keys = lines[range].iter().map(|l| l.key.clone()).collect();
    }

    /// Those in view, from the top; when `line` is not among them, it alone.
    #[must_use]
    pub fn with(&self, line: &Line, lines: &[Line]) -> Vec<Line> {
        if !self.contains(line) {
            return vec![line.clone()];
        }
        let chosen = lines.iter().filter(|l| self.contains(l));
        chosen.cloned().collect()
    }
}

/// Entries that can be deleted together: all of one sort.
#[must_use]
pub fn same_sort(lines: &[Line]) -> bool {
    let sort = |line: &Line| match line.kind {
        Kind::Saved(_) => Some(0),
        Kind::Tag(_) => Some(1),
        Kind::Deck(_) | Kind::FilteredDeck(_) => Some(2),
        _ => None,
    };
    let first = lines.first().and_then(sort);
    first.is_some() && lines.iter().all(|line| sort(line) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, kind: Kind) -> Line {
        Line {
            kind,
            name: key.to_owned(),
            whole: key.to_owned(),
            key: key.to_owned(),
            search: format!("tag:{key}"),
            depth: 1,
            open: None,
        }
    }

    fn tags() -> Vec<Line> {
        let tag = |name: &&str| line(name, Kind::Tag((*name).to_owned()));
        ["a", "b", "c", "d"].iter().map(tag).collect()
    }

    fn names(choice: &Choice, lines: &[Line]) -> String {
        let chosen = lines.iter().filter(|l| choice.contains(l));
        chosen.map(|l| l.key.as_str()).collect()
    }

    #[test]
    fn clicks_choose_as_in_lists() {
        let lines = tags();
        let mut choice = Choice::default();
        choice.reach(&lines[2], &lines);
        assert_eq!(names(&choice, &lines), "c", "a range from nowhere");
        choice.reach(&lines[0], &lines);
        assert_eq!(names(&choice, &lines), "abc");
        choice.toggle(&lines[1]);
        assert_eq!(names(&choice, &lines), "ac");
        choice.reach(&lines[3], &lines);
        assert_eq!(names(&choice, &lines), "bcd", "from the last click");
        assert_eq!(choice.with(&lines[2], &lines).len(), 3);
        assert_eq!(choice.with(&lines[0], &lines).len(), 1);
        choice.only(&lines[0]);
        assert_eq!(names(&choice, &lines), "a");
    }

    #[test]
    fn entries_of_one_sort_are_deleted_together() {
        let mut lines = tags();
        assert!(same_sort(&lines));
        lines.push(line("e", Kind::Saved("e".into())));
        assert!(!same_sort(&lines));
        assert!(!same_sort(&[line("f", Kind::Today)]));
        assert!(!same_sort(&[]));
    }
}
