//! Columns of tables whose widths are said in per cent, which the engine knows only of tables with
//! `table-layout: fixed`: elsewhere it takes them for `auto`. Cells of the first row get their part
//! of the table's width in pixels instead, and anew when that is another one. Columns of which no
//! width is said share what is left by how wide they would be without breaking a line, where the
//! engine gives each the same; how wide that is, a layout of its own tells. Where all columns say
//! their widths, those that say pixels share what is left, which the engine leaves empty. Where
//! something does not fit then, the columns are given back: they are as wide as that, whatever is
//! said of them.

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
                // Something came to be seen that makes its column wider.
                if table.given && !table.free.is_empty() && !fits(document, node) {
                    table.width = 0.0;
                }
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
            if table.asked {
                give_back(document, *id, "width");
                changes.extend(table.hear(document, *id));
            } else if let Some(node) = document.get_node(*id).filter(|_| table.width > 0.0) {
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
            if node.is_some_and(|node| !fits(document, node)) {
                table.take_back(document, *id);
                found = true;
            }
        }
        found
    }
}

/// A table that has a width of its own, by what its first row says when it is first looked at.
#[derive(Default)]
struct Table {
    columns: usize,
    /// Cells that say their part of the table's width, and that part.
    shares: Vec<(NodeId, f32)>,
    /// Cells that say nothing, where none says its part, and how wide they would be.
    free: Vec<(NodeId, f32)>,
    /// Cells, or columns, that say their width in pixels, where each says a width, and that width.
    fixed: Vec<(NodeId, f32)>,
    /// What cells have that say their width. CSS pixels.
    taken: f32,
    /// It is being laid out to tell how wide its columns would be.
    asked: bool,
    /// Its width when they got theirs, and what its columns share then. CSS pixels.
    width: f32,
    room: f32,
    /// They have theirs.
    given: bool,
}

impl Table {
    fn of(document: &BaseDocument, table: &Node) -> Self {
        let mut new = Self::default();
        let mut left = 1.0_f32;
        let said = said_of_columns(document, table);
        let mut is_plain = said.is_empty();
        for cell in first_row(document, table) {
            let span = number(cell, "colspan");
            let said = said.get(new.columns).copied().flatten();
            new.columns += span;
            is_plain &= span == 1;
            // The engine heeds what a column says before what its cells do.
            let pixels = match said {
                Some(Width::Pixels(column, wide)) => Some((column, wide)),
                Some(Width::Share(_)) => None,
                None => pixels_of(cell).map(|wide| (cell.id, wide + around(document, cell.id))),
            };
            let style = cell.primary_styles();
            if style.is_some_and(|style| style.clone_width().is_auto()) {
                new.free.push((cell.id, 0.0));
            }
            let share = match said {
                Some(Width::Share(share)) => Some(share),
                _ => share(cell),
            };
            let share = share.filter(|_| span == 1).map(|share| share.min(left));
            if let Some(share) = share.filter(|share| *share > 0.0) {
                left -= share;
                new.shares.push((cell.id, share));
            } else if let Some(fixed) = pixels.filter(|(_, wide)| *wide > 0.0) {
                new.fixed.push(fixed);
            }
        }
        if new.shares.len() + new.fixed.len() < new.columns {
            new.fixed.clear();
        }
        if new.columns > MOST_COLUMNS {
            new.shares.clear();
            new.fixed.clear();
            new.free.clear();
        }
        // Alone it has what is left in any case.
        if !is_plain || !new.shares.is_empty() || new.free.len() < 2 {
            new.free.clear();
        }
        // Nobody else takes what is left.
        if new.shares.len() == new.columns {
            let whole = 1.0 - left;
            new.shares.iter_mut().for_each(|(_, share)| *share /= whole);
        }
        new
    }

    /// What its cells get; nothing where they got that already.
    fn give(&mut self, document: &BaseDocument, table: &Node) -> Vec<Change> {
        let width = table.final_layout().size.width;
        let has_some = !self.shares.is_empty() || !self.fixed.is_empty() || !self.free.is_empty();
        // Nobody sees less than a pixel.
        if self.asked || !has_some || width < 1.0 || (width - self.width).abs() < 1.0 {
            return Vec::new();
        }
        let first = self.width <= 0.0;
        self.width = width;
        self.room = self.room(document, table);
        if first && !self.free.is_empty() {
            self.asked = true;
            let mut changes = self.nothing(document, table.id);
            changes.push((table.id, "width", "max-content".to_owned()));
            return changes;
        }
        self.widths(document, table.id)
    }

    /// What its cells get, after it was laid out to tell how wide they would be.
    fn hear(&mut self, document: &BaseDocument, table: NodeId) -> Vec<Change> {
        self.asked = false;
        let wide = |cell: &Node| cell.final_layout().size.width;
        for (cell, natural) in &mut self.free {
            *natural = document.get_node(*cell).map_or(0.0, wide);
        }
        let node = document.get_node(table);
        let row = node.map(|table| first_row(document, table));
        let whole: f32 = row.into_iter().flatten().map(wide).sum();
        self.taken = whole - self.natural();
        self.widths(document, table)
    }

    /// Cells of which nothing is said have no widths again.
    fn nothing(&mut self, document: &BaseDocument, table: NodeId) -> Vec<Change> {
        self.given = false;
        let free = self.free.iter();
        let mut changes: Vec<Change> = free
            .map(|(cell, _)| (*cell, "width", "auto".to_owned()))
            .collect();
        changes.push(rebuilt(document, table));
        changes
    }

    /// How wide all columns would be of which nothing is said.
    fn natural(&self) -> f32 {
        self.free.iter().map(|(_, natural)| natural).sum()
    }

    fn widths(&mut self, document: &BaseDocument, table: NodeId) -> Vec<Change> {
        let natural = self.natural();
        let left = self.room - self.taken;
        // Lines are to be broken, or nothing is in any of them.
        if !self.free.is_empty() && (natural > left || natural <= 0.0) {
            return self.nothing(document, table);
        }
        let whole: f32 = self.fixed.iter().map(|(_, wide)| wide).sum();
        // They need more than there is.
        if self.shares.is_empty() && whole >= self.room {
            return Vec::new();
        }
        self.given = true;
        let shares = self
            .shares
            .iter()
            .map(|(cell, share)| (*cell, self.room * share));
        let shared: f32 = self.shares.iter().map(|(_, share)| self.room * share).sum();
        let rest = self.room - shared;
        let fixed = self
            .fixed
            .iter()
            .map(|(cell, own)| (*cell, own * rest / whole));
        let shares = shares.chain(fixed);
        let free = self
            .free
            .iter()
            .map(|(cell, own)| (*cell, own * left / natural));
        let mut changes = Vec::new();
        for (cell, wide) in shares.chain(free) {
            let own = (wide - around(document, cell)).max(1.0);
            changes.push((cell, "width", format!("{own}px")));
        }
        // A word that has to be broken does not fit.
        changes.push((table, "overflow-wrap", "normal".to_owned()));
        changes.push(rebuilt(document, table));
        changes
    }

    fn take_back(&mut self, document: &mut BaseDocument, table: NodeId) {
        self.given = false;
        let cells = self.shares.iter().chain(&self.fixed);
        for (cell, _) in cells.chain(&self.free) {
            give_back(document, *cell, "width");
        }
        give_back(document, table, "overflow-wrap");
        let (_, property, value) = rebuilt(document, table);
        document.set_style_property(table, property, &value);
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

/// Of an attribute; 1 where it says nothing.
fn number(node: &Node, name: &str) -> usize {
    let said = node.attr(LocalName::from(name));
    let number = said.and_then(|said| said.parse::<u16>().ok()).unwrap_or(1);
    usize::from(number.max(1))
}

/// How wide a column is to be.
#[derive(Clone, Copy)]
enum Width {
    /// Part of the table's width.
    Share(f32),
    /// The column, and CSS pixels.
    Pixels(NodeId, f32),
}

/// What each `<col>` says of its column.
fn said_of_columns(document: &BaseDocument, table: &Node) -> Vec<Option<Width>> {
    let parts = children(document, table);
    let groups = parts.filter(|part| is(part, "col") || is(part, "colgroup"));
    let columns = groups.flat_map(|part| {
        let is_column = is(part, "col");
        let own = is_column.then_some(part);
        let inner = children(document, part).filter(move |part| !is_column && is(part, "col"));
        own.into_iter().chain(inner)
    });
    let spans = columns.flat_map(|column| {
        let times = number(column, "span");
        let share = share(column).map(Width::Share);
        let pixels = || pixels_of(column).map(|wide| Width::Pixels(column.id, wide));
        let said = share.or_else(pixels);
        std::iter::repeat_n(said, times)
    });
    spans.take(MOST_COLUMNS).collect()
}

/// The part of the table's width that a cell or column is to have.
fn share(part: &Node) -> Option<f32> {
    match part.primary_styles()?.clone_width() {
        Size::LengthPercentage(width) => width.0.to_percentage().map(|part| part.0),
        _ => None,
    }
}

/// The width that a cell or column is to have. CSS pixels.
fn pixels_of(part: &Node) -> Option<f32> {
    match part.primary_styles()?.clone_width() {
        Size::LengthPercentage(width) => width.0.to_length().map(|length| length.px()),
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
