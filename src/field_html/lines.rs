//! The visible lines of a field and what holds each of them in the source: the ground for lists,
//! alignment and indents.

use super::edit::OpenTags;
use super::field::Field;
use super::project::{Tag, TagKind};
use std::ops::Range;

/// Blocks that hold one line and may be exchanged for another.
const WRAPPERS: &[&str] = &[
    "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "center", "li", "dt", "dd",
];

/// One visible line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Units without the line's end.
    pub units: Range<usize>,
    /// Bytes between the block tags and `<br>`s around it.
    pub content: Range<usize>,
    /// The tag that opens a block with nothing but this line.
    pub wrapper: Option<usize>,
    /// The innermost other block around it.
    pub container: Option<usize>,
}

impl Field {
    /// The lines that a selection touches.
    pub(super) fn lines_of(&self, selection: &Range<usize>) -> Vec<Line> {
        let units = &self.projection().units;
        let (from, to) = (
            selection.start.min(units.len()),
            selection.end.min(units.len()),
        );
        let mut start = units[..from]
            .iter()
            .rposition(|u| u.kind.is_newline())
            .map_or(0, |i| i + 1);
        let mut open = OpenTags::of(&self.projection().tags);
        let mut lines = Vec::new();
        loop {
            let end = units[start..]
                .iter()
                .position(|u| u.kind.is_newline())
                .map_or(units.len(), |i| start + i);
            lines.push(self.line(start..end, &mut open));
            // A selection that ends at a line's start does not touch that line.
            if end >= to || end + 1 >= units.len().max(1) || (end + 1 >= to && to > from) {
                return lines;
            }
            start = end + 1;
        }
    }

    fn line(&self, range: Range<usize>, open: &mut OpenTags<'_>) -> Line {
        let units = &self.projection().units;
        let tags = &self.projection().tags;
        let before = range.start.checked_sub(1).map(|i| units[i]);
        let after = units.get(range.end).copied();
        let first = units.get(range.start).filter(|_| !range.is_empty());
        let is_edge = |t: &&Tag| t.block || t.kind == TagKind::Void;
        let from = before.map_or_else(
            || {
                let limit = first.map_or(u32::MAX, |u| u.start);
                let opens = tags.iter().take_while(|t| t.end <= limit);
                let opens = opens.take_while(|t| t.kind == TagKind::Open);
                opens.filter(|t| t.block).last().map_or(0, |t| t.end)
            },
            |u| u.end,
        );
        let to = after.map_or_else(
            || {
                let last = units[range.clone()].last().map_or(from, |u| u.end);
                let next = tags.iter().filter(is_edge).find(|t| t.start >= last);
                next.map_or(self.html().len() as u32, |t| t.start)
            },
            |u| u.start,
        );
        let content = from as usize..(to as usize).max(from as usize);
        let blocks: Vec<usize> = (open.at(content.start).iter().copied())
            .filter(|t| tags[*t].block)
            .collect();
        let holds_only_this = |t: usize| {
            let close = tags[t].partner.map_or(u32::MAX, |p| tags[p as usize].start);
            WRAPPERS.contains(&tags[t].name.as_ref())
                && before.is_none_or(|u| tags[t].start >= u.start)
                && after.is_none_or(|u| close < u.end)
        };
        let innermost = blocks.last().copied();
        let wrapper = innermost.filter(|t| holds_only_this(*t));
        let container = if wrapper.is_some() {
            blocks.len().checked_sub(2).map(|i| blocks[i])
        } else {
            innermost
        };
        Line {
            units: range,
            content,
            wrapper,
            container,
        }
    }

    /// Bytes of a line with its wrapper.
    pub(super) fn hull(&self, line: &Line) -> Range<usize> {
        match line.wrapper {
            Some(tag) => self.element(tag),
            None => line.content.clone(),
        }
    }

    /// Bytes from an open tag's start to its partner's end.
    pub(super) fn element(&self, open: usize) -> Range<usize> {
        let tags = &self.projection().tags;
        let end = tags[open]
            .partner
            .map_or(tags[open].end, |p| tags[p as usize].end);
        tags[open].start as usize..end as usize
    }

    /// Neighbouring lines with the same container.
    pub(super) fn grouped(lines: Vec<Line>) -> Vec<Vec<Line>> {
        let mut groups: Vec<Vec<Line>> = Vec::new();
        for line in lines {
            match groups.last_mut() {
                Some(group)
                    if group.last().is_some_and(|l| {
                        l.container == line.container && l.units.end + 1 == line.units.start
                    }) =>
                {
                    group.push(line);
                }
                _ => groups.push(vec![line]),
            }
        }
        groups
    }
}
