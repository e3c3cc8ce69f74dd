//! Lines of tables whose cells share their borders (`border-collapse: collapse`). The engine draws
//! one grid of the lines that the first cell has, also through cells that span columns or rows.
//! Where that is not what the style sheet says, each cell draws its own part of the lines: borders
//! no longer collapse, and of two that meet one is left.

use super::mend::{all_within, pixels, put};
use blitz_dom::{BaseDocument, LocalName, Node, NodeId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Larger tables stay as the engine draws them.
const MOST_CELLS: usize = 600;
/// Also without a cell in most of them: a cell may go over all that follow.
const MOST_ROWS: usize = MOST_CELLS;
const MOST_COLUMNS: usize = 100;

/// Sides of a box, as an index into what is kept of each.
const TOP: usize = 0;
const RIGHT: usize = 1;
const BOTTOM: usize = 2;
const LEFT: usize = 3;

/// Properties of the border of each side: style, width, colour.
const PROPERTIES: [[&str; 3]; 4] = [
    ["border-top-style", "border-top-width", "border-top-color"],
    [
        "border-right-style",
        "border-right-width",
        "border-right-color",
    ],
    [
        "border-bottom-style",
        "border-bottom-width",
        "border-bottom-color",
    ],
    [
        "border-left-style",
        "border-left-width",
        "border-left-color",
    ],
];

/// Of two borders that are as wide, the one whose style comes first is drawn.
const STYLES: [&str; 8] = [
    "double", "solid", "dashed", "dotted", "ridge", "outset", "groove", "inset",
];

/// Tables that were looked at: what was put into their cells would be taken for the card's.
#[derive(Default)]
pub(super) struct Lattice(HashSet<NodeId>);

#[derive(Debug, Clone, PartialEq)]
struct Border {
    /// CSS pixels; 0: none is drawn.
    width: f32,
    style: String,
    color: String,
}

impl Border {
    fn of(document: &BaseDocument, id: NodeId, side: usize) -> Self {
        let [style, width, color] = PROPERTIES[side];
        let style = document.resolved_style_value(id, style);
        let drawn = STYLES.contains(&&*style);
        let width = pixels(document, id, width).filter(|width| drawn && *width > 0.0);
        match width {
            Some(width) => Self {
                width,
                color: document.resolved_style_value(id, color),
                style,
            },
            None if style == "hidden" => Self {
                style,
                ..Self::none()
            },
            None => Self::none(),
        }
    }

    fn none() -> Self {
        Self {
            width: 0.0,
            style: "none".to_owned(),
            color: "currentcolor".to_owned(),
        }
    }

    /// What is drawn where this one and `other`, which counts less, meet.
    fn over(&self, other: &Self) -> Self {
        let hides = |border: &Self| border.style == "hidden";
        let rank = |border: &Self| STYLES.iter().position(|style| border.style == *style);
        let by_style = || rank(other).cmp(&rank(self));
        let is_less = self
            .width
            .total_cmp(&other.width)
            .then_with(by_style)
            .is_lt();
        match hides(self) || !hides(other) && !is_less {
            true => self.clone(),
            false => other.clone(),
        }
    }
}

/// The borders of a box: top, right, bottom, left.
type Borders = [Border; 4];

fn borders(document: &BaseDocument, id: NodeId) -> Borders {
    [TOP, RIGHT, BOTTOM, LEFT].map(|side| Border::of(document, id, side))
}

struct Cell {
    id: NodeId,
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
}

/// The cells of a table, and where they are.
#[derive(Default)]
struct Grid {
    cells: Vec<Cell>,
    /// Rows, each with the group that it is the first or last one of.
    rows: Vec<Row>,
    columns: usize,
    /// The cell at a row and column.
    at: BTreeMap<(usize, usize), usize>,
}

struct Row {
    id: NodeId,
    group: NodeId,
    is_first: bool,
    is_last: bool,
}

impl Lattice {
    /// On a page that is laid out; true when it must be laid out again.
    pub fn draw(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let mut changes = Vec::new();
        for (id, node) in all_within(document, content) {
            if is(node, &["table"])
                && is_shown(node)
                && document.resolved_style_value(id, "border-collapse") == "collapse"
                && self.0.insert(id)
            {
                changes.extend(lines(document, node).unwrap_or_default());
            }
        }
        put(document, changes).count() > 0
    }
}

/// What makes the cells of a table draw its lines; None where the engine does it right.
fn lines(document: &BaseDocument, table: &Node) -> Option<Vec<(NodeId, &'static str, String)>> {
    let grid = Grid::of(document, table)?;
    let own: Vec<Borders> = grid.cells.iter().map(|c| borders(document, c.id)).collect();
    let meant = grid.meant(document, table.id, &own);
    let first = meant.first()?[TOP].clone();
    let is_plain = first.width == 0.0 || first.style == "solid";
    let spans = grid.cells.iter().any(|c| c.rows > 1 || c.columns > 1);
    if !spans && is_plain && meant.iter().flatten().all(|border| *border == first) {
        return None;
    }
    let mut changes = vec![
        (table.id, "border-collapse", "separate".to_owned()),
        (table.id, "border-spacing", "0px".to_owned()),
    ];
    for [style, ..] in PROPERTIES {
        changes.push((table.id, style, "none".to_owned()));
    }
    // The engine makes a table's grid anew only when such a property changes.
    if document.resolved_style_value(table.id, "position") == "static" {
        changes.push((table.id, "position", "relative".to_owned()));
    }
    for (cell, (own, drawn)) in grid.cells.iter().zip(own.iter().zip(grid.drawn(meant))) {
        for (side, border) in drawn.into_iter().enumerate() {
            if border != own[side] {
                let [style, width, color] = PROPERTIES[side];
                changes.push((cell.id, style, border.style));
                changes.push((cell.id, width, format!("{}px", border.width)));
                changes.push((cell.id, color, border.color));
            }
        }
    }
    Some(changes)
}

impl Grid {
    /// None for tables without cells, and for very large ones.
    fn of(document: &BaseDocument, table: &Node) -> Option<Self> {
        let mut groups: Vec<&Node> = children(document, table).collect();
        // Heads come first and feet last, wherever they stand.
        groups.sort_by_key(|group| (is(group, &["tfoot"]), !is(group, &["thead"])));
        let mut grid = Self::default();
        for group in groups
            .into_iter()
            .filter(|g| is(g, &["thead", "tbody", "tfoot"]))
        {
            let rows: Vec<&Node> = children(document, group)
                .filter(|r| is(r, &["tr"]))
                .collect();
            let last = rows.len().saturating_sub(1);
            let begins = grid.rows.len();
            if begins + rows.len() > MOST_ROWS {
                return None;
            }
            for (n, row) in rows.iter().enumerate() {
                grid.rows.push(Row {
                    id: row.id,
                    group: group.id,
                    is_first: n == 0,
                    is_last: n == last,
                });
                grid.take_row(document, row, begins + n, begins + last)?;
            }
        }
        (!grid.cells.is_empty()).then_some(grid)
    }

    /// Takes in the cells of a row; `last` is the last one of its group, which no cell leaves.
    fn take_row(
        &mut self,
        document: &BaseDocument,
        node: &Node,
        row: usize,
        last: usize,
    ) -> Option<()> {
        let mut column = 0;
        for cell in children(document, node).filter(|cell| is(cell, &["td", "th"])) {
            while self.at.contains_key(&(row, column)) {
                column += 1;
            }
            let columns = span(cell, "colspan");
            let rows = span(cell, "rowspan").min(last + 1 - row);
            if self.cells.len() == MOST_CELLS || column + columns > MOST_COLUMNS {
                return None;
            }
            for place in
                (row..row + rows).flat_map(|r| (column..column + columns).map(move |c| (r, c)))
            {
                self.at.entry(place).or_insert(self.cells.len());
            }
            self.columns = self.columns.max(column + columns);
            self.cells.push(Cell {
                id: cell.id,
                row,
                column,
                rows,
                columns,
            });
            column += columns;
        }
        Some(())
    }

    /// What each cell has at each side, with what its row, its group and the table have there.
    fn meant(&self, document: &BaseDocument, table: NodeId, own: &[Borders]) -> Vec<Borders> {
        let mut known: HashMap<NodeId, Borders> = HashMap::new();
        let mut around = |id: NodeId, side: usize| -> Border {
            known.entry(id).or_insert_with(|| borders(document, id))[side].clone()
        };
        let mut meant = own.to_vec();
        for (cell, borders) in self.cells.iter().zip(&mut meant) {
            let (first, last) = (cell.row, cell.row + cell.rows - 1);
            let right = cell.column + cell.columns == self.columns;
            let ends = [
                (TOP, first, self.rows[first].is_first, first == 0),
                (
                    BOTTOM,
                    last,
                    self.rows[last].is_last,
                    last + 1 == self.rows.len(),
                ),
                (LEFT, first, cell.column == 0, cell.column == 0),
                (RIGHT, first, right, right),
            ];
            for (side, row, of_group, of_table) in ends {
                let border = &mut borders[side];
                let row = &self.rows[row];
                if matches!(side, TOP | BOTTOM) || of_group {
                    *border = border.over(&around(row.id, side));
                }
                if of_group {
                    *border = border.over(&around(row.group, side));
                }
                if of_table {
                    *border = border.over(&around(table, side));
                }
            }
        }
        meant
    }

    /// Of two borders that meet the one that counts, on the cell that has fewer neighbours there.
    fn drawn(&self, meant: Vec<Borders>) -> Vec<Borders> {
        let mut shared: HashMap<(usize, usize), Border> = HashMap::new();
        let mut met = BTreeSet::new();
        for (&(row, column), &cell) in &self.at {
            for (place, side, back) in [
                ((row, column + 1), RIGHT, LEFT),
                ((row + 1, column), BOTTOM, TOP),
            ] {
                let Some(&next) = self.at.get(&place).filter(|next| **next != cell) else {
                    continue;
                };
                let border = meant[cell][side].over(&meant[next][back]);
                let length = |cell: usize| match side {
                    RIGHT => self.cells[cell].rows,
                    _ => self.cells[cell].columns,
                };
                let owner = match length(cell) <= length(next) {
                    true => (cell, side),
                    false => (next, back),
                };
                met.extend([(cell, side), (next, back)]);
                let drawn = shared.entry(owner).or_insert_with(|| border.clone());
                *drawn = drawn.over(&border);
            }
        }
        let mut drawn = meant;
        for (cell, side) in met {
            let border = shared.remove(&(cell, side));
            drawn[cell][side] = border.unwrap_or_else(Border::none);
        }
        drawn
    }
}

fn children<'a>(document: &'a BaseDocument, node: &'a Node) -> impl Iterator<Item = &'a Node> {
    let children = node.children.iter();
    children
        .filter_map(|child| document.get_node(*child))
        .filter(|child| is_shown(child))
}

fn is(node: &Node, names: &[&str]) -> bool {
    let element = node.element_data();
    element.is_some_and(|element| names.contains(&&*element.name.local))
}

fn is_shown(node: &Node) -> bool {
    let style = node.primary_styles();
    style.is_some_and(|style| !style.clone_display().is_none())
}

/// Over how many columns or rows a cell goes, as the engine lays it out: 0 and what is no number up
/// to 65535 are 1.
fn span(cell: &Node, name: &str) -> usize {
    let said = cell.attr(LocalName::from(name));
    let span = said.and_then(|said| said.parse::<u16>().ok()).unwrap_or(1);
    usize::from(span.max(1))
}
