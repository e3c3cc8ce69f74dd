//! The field: its source, what is seen of it, and its history. Undo is exact: a step holds the
//! bytes before and after.

use super::edit::{Splice, splice};
use super::place::Place;
use super::project::{Projection, project};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One undoable change: the hull of its splices.
#[derive(Clone, Debug)]
struct Step {
    at: usize,
    removed: String,
    inserted: String,
    selection: (usize, usize),
    /// Characters typed one after the other become one step.
    typing: bool,
    /// Its place in the order of all changes.
    when: u64,
}

/// Numbers changes in the order in which they are made, so that several fields can be undone in it.
#[must_use]
pub fn next_change() -> u64 {
    static CHANGES: AtomicU64 = AtomicU64::new(1);
    CHANGES.fetch_add(1, Ordering::Relaxed)
}

/// One field of a note. See the module's words.
#[derive(Debug, Default)]
pub struct Field {
    source: String,
    projection: Arc<Projection>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    wanted: Option<(usize, usize)>,
    revision: u64,
    refused: u64,
    /// The revision and the offset of the no-break space that the last edit wrote only because a
    /// space would not have been seen there.
    pub(super) stand_in: Option<(u64, usize)>,
    pub(super) places: Vec<Place>,
}

impl Field {
    /// Keeps every byte.
    #[must_use]
    pub fn open(html: &str) -> Self {
        Self {
            source: html.to_owned(),
            projection: Arc::new(project(html)),
            ..Self::default()
        }
    }
    #[must_use]
    pub fn html(&self) -> &str {
        &self.source
    }
    /// What is seen, one [`OBJECT`](super::OBJECT) for each picture, sound…
    #[must_use]
    pub fn text(&self) -> &str {
        &self.projection.text
    }
    #[must_use]
    pub fn projection(&self) -> &Projection {
        &self.projection
    }
    /// To be kept while the field changes.
    #[must_use]
    pub fn shared_projection(&self) -> Arc<Projection> {
        self.projection.clone()
    }
    /// Visible characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.projection.units.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }
    /// When the change was made that undo takes back; see [`next_change`].
    #[must_use]
    pub fn last_change(&self) -> Option<u64> {
        self.undo.last().map(|s| s.when)
    }
    /// When the change was made that redo makes again.
    #[must_use]
    pub fn next_redo(&self) -> Option<u64> {
        self.redo.last().map(|s| s.when)
    }
    /// There is something newer: what was taken back stays so.
    pub fn forget_redo(&mut self) {
        self.redo.clear();
    }
    /// Goes up with each change, undo included.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }
    /// How many edits were done only in part or not at all, because they would have changed other
    /// text than asked.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }
    /// The selection that the last change asks for, once; visible character indices.
    pub fn take_selection(&mut self) -> Option<(usize, usize)> {
        self.wanted.take()
    }

    /// Asks for a selection of visible characters.
    pub fn select(&mut self, range: std::ops::Range<usize>) {
        self.wanted = Some((range.start, range.end));
    }
    pub(super) fn want_selection(&mut self, selection: (usize, usize)) {
        self.wanted = Some(selection);
    }
    pub(super) fn count_refused(&mut self) {
        self.refused += 1;
    }
    fn source_mut_for(&mut self, at: usize, old: usize, new: &str) {
        self.source.replace_range(at..at + old, new);
        self.shift_places(at, old, new.len());
        self.projection = Arc::new(project(&self.source));
        self.revision += 1;
    }

    /// Applies splices as one step; `selection` is what undo selects again.
    pub(super) fn apply(&mut self, mut plan: Vec<Splice>, selection: (usize, usize)) {
        plan.retain(|s| !(s.range.is_empty() && s.with.is_empty()));
        plan.sort_by_key(|s| (s.range.start, s.range.end));
        let (Some(first), Some(to)) = (plan.first(), plan.iter().map(|s| s.range.end).max()) else {
            return;
        };
        let from = first.range.start;
        let mut inserted = String::new();
        let mut at = from;
        for s in &plan {
            if s.range.start > at {
                inserted += &self.source[at..s.range.start];
            }
            inserted += &s.with;
            at = at.max(s.range.end);
        }
        inserted += &self.source[at..to];
        let removed = self.source[from..to].to_owned();
        if removed == inserted {
            return;
        }
        self.source_mut_for(from, removed.len(), &inserted);
        self.redo.clear();
        self.undo.push(Step {
            at: from,
            removed,
            inserted,
            selection,
            typing: false,
            when: next_change(),
        });
    }

    /// How many steps there are: what was applied since can be rolled back.
    pub(super) fn steps(&self) -> usize {
        self.undo.len()
    }

    /// Takes the newest step back as if it had never been.
    fn roll_back(&mut self) {
        if let Some(s) = self.undo.pop() {
            self.source_mut_for(s.at, s.inserted.len(), &s.removed);
        }
    }
    pub(super) fn roll_back_to(&mut self, steps: usize) {
        while self.undo.len() > steps {
            self.roll_back();
        }
    }

    /// Makes one step of all that came after `steps`.
    pub fn join_steps(&mut self, steps: usize) {
        if self.undo.len() < steps + 2 {
            return;
        }
        let late = self.undo.split_off(steps);
        let mut before = self.source.clone();
        for s in late.iter().rev() {
            before.replace_range(s.at..s.at + s.inserted.len(), &s.removed);
        }
        let (at, removed, inserted) = diff(&before, &self.source);
        if removed.is_empty() && inserted.is_empty() {
            return;
        }
        self.undo.push(Step {
            at,
            removed: removed.to_owned(),
            inserted: inserted.to_owned(),
            selection: late.first().map_or((0, 0), |s| s.selection),
            typing: false,
            when: next_change(),
        });
    }

    /// The number of steps, for [`Field::join_steps`].
    #[must_use]
    pub fn mark_history(&self) -> usize {
        self.undo.len()
    }

    /// The newest step is a typed character: it joins the typing before it.
    pub(super) fn coalesce_typing(&mut self, steps: usize) {
        if self.undo.len() != steps + 1 {
            return;
        }
        let Some(mut last) = self.undo.pop() else {
            return;
        };
        // The first letter may take the place of what kept its line open.
        last.typing = last.removed.is_empty() || last.removed.starts_with("<br");
        match self.undo.last_mut() {
            // It may change the end of what was typed before.
            Some(before)
                if before.typing
                    && before.at <= last.at
                    && before.at + before.inserted.len() == last.at + last.removed.len() =>
            {
                before.inserted.truncate(last.at - before.at);
                before.inserted += &last.inserted;
                before.when = last.when;
            }
            _ => self.undo.push(last),
        }
    }

    /// The next typed character begins a step of its own.
    pub fn end_typing(&mut self) {
        if let Some(last) = self.undo.last_mut() {
            last.typing = false;
        }
    }

    /// False when there is nothing to undo.
    pub fn undo(&mut self) -> bool {
        let Some(s) = self.undo.pop() else {
            return false;
        };
        self.source_mut_for(s.at, s.inserted.len(), &s.removed);
        self.wanted = Some(s.selection);
        self.redo.push(s);
        true
    }

    /// False when there is nothing to redo.
    pub fn redo(&mut self) -> bool {
        let Some(s) = self.redo.pop() else {
            return false;
        };
        self.source_mut_for(s.at, s.removed.len(), &s.inserted);
        let caret = self.visible_at(s.at + s.inserted.len());
        self.wanted = Some((caret, caret));
        self.undo.push(s);
        true
    }

    /// The visible position that a source offset belongs to.
    #[must_use]
    pub fn visible_at(&self, offset: usize) -> usize {
        let units = &self.projection.units;
        units.partition_point(|u| (u.end as usize) <= offset)
    }

    /// The whole source was changed elsewhere (HTML view, find and replace): one step that holds
    /// only what differs.
    pub fn set_html(&mut self, html: &str) {
        let (at, old, new) = diff(&self.source, html);
        let (old, new) = (old.len(), new.to_owned());
        self.apply(vec![splice(at..at + old, new)], (0, 0));
    }
}

/// Where two texts differ: offset of the first difference and the differing middle of both.
#[must_use]
pub fn diff<'a, 'b>(a: &'a str, b: &'b str) -> (usize, &'a str, &'b str) {
    let mut head = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(head) || !b.is_char_boundary(head) {
        head -= 1;
    }
    let most = a.len().min(b.len()) - head;
    let mut tail = (a.bytes().rev().zip(b.bytes().rev()))
        .take(most)
        .take_while(|(x, y)| x == y)
        .count();
    while !a.is_char_boundary(a.len() - tail) || !b.is_char_boundary(b.len() - tail) {
        tail -= 1;
    }
    (head, &a[head..a.len() - tail], &b[head..b.len() - tail])
}
