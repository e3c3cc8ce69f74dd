//! Columns of tables whose widths are said in per cent, which the engine knows only of tables with
//! `table-layout: fixed`: elsewhere it takes them for `auto`. Cells of the first row get their part
//! of the table's width in pixels instead, and anew when that is another one. Where something does
//! not fit then, the columns are given back: they are as wide as that, whatever is said of them.

use super::mend::{all_within, give_back, put};
use blitz_dom::{BaseDocument, LocalName, Node, NodeId};
use std::collections::HashMap;
use style::values::computed::Size;

/// More are no table for people.
const MOST_COLUMNS: usize = 100;

/// An element, a property and its value.
type Change = (NodeId, &'static str, String);

/// Tables that were looked at.
#[derive(Default)]
pub(super) struct Shares(HashMap<NodeId, Table>);

impl Shares {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn give(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let mut changes = Vec::new();
        for (id, node) in all_within(document, content) {
            if is(node, "table") && has_own_width(document, node) {
                let new = || Table::of(document, node);
                let table = self.0.entry(id).or_insert_with(new);
                changes.extend(table.give(document, node));
            }
        }
        put(document, changes).count() > 0
    }

    /// Takes back what leaves something no room, after it was laid out; true when it must be laid
    /// out again.
    pub fn fit(&mut self, document: &mut BaseDocument) -> bool {
        let mut changes = Vec::new();
        for (id, table) in &mut self.0 {
            if let Some(node) = document.get_node(*id) {
                changes.extend(table.give(document, node));
            }
        }
        // Tables in columns of others have another width now.
        if !changes.is_empty() {
            return put(document, changes).count() > 0;
        }
        let mut found = false;
        for (id, table) in &mut self.0 {
            let node = document.get_node(*id).filter(|_| table.given);
            if node.is_none_or(|node| fits(document, node)) {
                continue;
            }
            table.given = false;
            for (cell, _) in &table.shares {
                give_back(document, *cell, "width");
            }
            give_back(document, *id, "overflow-wrap");
            let (_, property, value) = rebuilt(document, *id);
            document.set_style_property(*id, property, &value);
            found = true;
        }
        found
    }
}

/// A table that has a width of its own, by what its first row says when it is first looked at.
struct Table {
    columns: usize,
    /// Cells that say their part of the table's width, and that part.
    shares: Vec<(NodeId, f32)>,
    /// Its width when they got theirs. CSS pixels.
    width: f32,
    /// They have theirs.
    given: bool,
}

impl Table {
    fn of(document: &BaseDocument, table: &Node) -> Self {
        let mut shares = Vec::new();
        let mut columns = 0;
        let mut left = 1.0_f32;
        for cell in first_row(document, table) {
            let span = span(cell);
            columns += span;
            let share = share(cell)
                .filter(|_| span == 1)
                .map(|share| share.min(left));
            if let Some(share) = share.filter(|share| *share > 0.0) {
                left -= share;
                shares.push((cell.id, share));
            }
        }
        if columns > MOST_COLUMNS {
            shares.clear();
        }
        // Nobody else takes what is left.
        if shares.len() == columns {
            let whole = 1.0 - left;
            shares.iter_mut().for_each(|(_, share)| *share /= whole);
        }
        Self {
            columns,
            shares,
            width: 0.0,
            given: false,
        }
    }

    /// What its cells get; nothing where they got that already.
    fn give(&mut self, document: &BaseDocument, table: &Node) -> Vec<Change> {
        let width = table.final_layout().size.width;
        // Nobody sees less than a pixel.
        if self.shares.is_empty() || width < 1.0 || (width - self.width).abs() < 1.0 {
            return Vec::new();
        }
        self.width = width;
        self.given = true;
        let room = self.room(document, table);
        let mut changes = Vec::new();
        for (cell, share) in &self.shares {
            let own = (room * share - around(document, *cell)).max(1.0);
            changes.push((*cell, "width", format!("{own}px")));
        }
        // A word that has to be broken does not fit.
        changes.push((table.id, "overflow-wrap", "normal".to_owned()));
        changes.push(rebuilt(document, table.id));
        changes
    }

    /// What its columns share. CSS pixels.
    fn room(&self, document: &BaseDocument, table: &Node) -> f32 {
        let layout = table.final_layout();
        let padding = layout.padding.left + layout.padding.right;
        let border = layout.border.left + layout.border.right;
        let (gap, around) = match &*value(document, table.id, "border-collapse") {
            // The engine lays out the first cell's borders as gaps.
            "collapse" => {
                let row = first_row(document, table);
                (row.first().map_or(0.0, |cell| left_border(cell)), padding)
            }
            _ => {
                let style = table.primary_styles();
                let gap = style.map_or(0.0, |style| style.clone_border_spacing().0.width.px());
                (gap, padding + border)
            }
        };
        layout.size.width - around - gap * (self.columns + 1) as f32
    }
}

/// True when nothing stands out of the cells of a table, nor they out of it.
fn fits(document: &BaseDocument, table: &Node) -> bool {
    let row = first_row(document, table).into_iter();
    let width: f32 = row.map(|cell| cell.final_layout().size.width).sum();
    let rows = children(document, table).flat_map(|group| children(document, group));
    let mut cells = rows.flat_map(|row| children(document, row));
    width <= table.final_layout().size.width + 1.0
        && cells.all(|cell| {
            let layout = cell.final_layout();
            layout.scrollable_overflow_rect.right <= layout.size.width + 1.0
        })
}

fn is(node: &Node, name: &str) -> bool {
    let element = node.element_data();
    element.is_some_and(|element| &*element.name.local == name)
}

fn is_cell(node: &Node) -> bool {
    is(node, "td") || is(node, "th")
}

fn value(document: &BaseDocument, id: NodeId, property: &str) -> String {
    document.resolved_style_value(id, property)
}

/// True for a table that is shown. Of what takes its width from its content, parts are not known
/// before.
fn has_own_width(document: &BaseDocument, table: &Node) -> bool {
    let style = table
        .primary_styles()
        .filter(|style| !style.clone_display().is_none());
    let has_width = style.is_some_and(|style| !style.clone_width().is_auto());
    has_width && value(document, table.id, "table-layout") == "auto"
}

/// The cells of the row that is laid out first.
fn first_row<'a>(document: &'a BaseDocument, table: &'a Node) -> Vec<&'a Node> {
    let groups: Vec<&Node> = children(document, table).collect();
    let head = groups.iter().find(|group| is(group, "thead"));
    let group = head.or_else(|| groups.iter().find(|group| is(group, "tbody")));
    let row = group.and_then(|group| children(document, group).find(|row| is(row, "tr")));
    let cells = row.map(|row| children(document, row).filter(|cell| is_cell(cell)));
    cells.into_iter().flatten().collect()
}

/// Elements that are shown.
fn children<'a>(document: &'a BaseDocument, node: &'a Node) -> impl Iterator<Item = &'a Node> {
    let children = node.children.iter();
    children
        .filter_map(|child| document.get_node(*child))
        .filter(|child| child.element_data().is_some())
        .filter(|child| {
            let style = child.primary_styles();
            style.is_some_and(|style| !style.clone_display().is_none())
        })
}

fn span(cell: &Node) -> usize {
    let said = cell.attr(LocalName::from("colspan"));
    let span = said.and_then(|said| said.parse::<u16>().ok()).unwrap_or(1);
    usize::from(span.max(1))
}

/// The part of the table's width that a cell is to have.
fn share(cell: &Node) -> Option<f32> {
    match cell.primary_styles()?.clone_width() {
        Size::LengthPercentage(width) => width.0.to_percentage().map(|part| part.0),
        _ => None,
    }
}

/// What of a cell's width is not in its property `width`.
fn around(document: &BaseDocument, cell: NodeId) -> f32 {
    if value(document, cell, "box-sizing") == "border-box" {
        return 0.0;
    }
    document.get_node(cell).map_or(0.0, |cell| {
        let layout = cell.final_layout();
        let padding = layout.padding.left + layout.padding.right;
        padding + layout.border.left + layout.border.right
    })
}

fn left_border(cell: &Node) -> f32 {
    let style = cell.primary_styles();
    style.map_or(0.0, |style| {
        let border = style.get_border();
        match border.border_left_style.none_or_hidden() {
            true => 0.0,
            false => border.border_left_width.0.to_f32_px(),
        }
    })
}

/// The engine makes a table's grid anew only when such a property changes; of this one nothing is
/// seen.
fn rebuilt(document: &BaseDocument, table: NodeId) -> Change {
    let other = match &*value(document, table, "text-rendering") {
        "optimizelegibility" => "auto",
        _ => "optimizelegibility",
    };
    (table, "text-rendering", other.to_owned())
}
