//! The headings of the table: a click sorts, a drag moves a column, the edge makes it wider, the
//! secondary button chooses which columns there are.

use super::BrowseScreen;
use crate::domain::browse::{Column, Layout};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::surface::{fill, focus_ring_inside, hline, vline};
use crate::ui::widgets::text::{icon, left, right, width};
use crate::ui::widgets::{Cut, ic, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    CursorIcon, FontId, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

pub(super) const HEADING: f32 = 30.0;
/// Left and right of what is in a cell.
pub(super) const PAD: f32 = 8.0;
/// Left and right of all columns.
pub(super) const SIDE: f32 = 6.0;
const NARROWEST: f32 = 56.0;
/// Of the column that takes what the others leave.
const LEAST_WIDE: f32 = 120.0;
const EDGE: f32 = 4.0;
/// Beside the name of the column that the table is sorted by.
const ARROW: f32 = 18.0;
/// Up to this wide a table has no room to spare.
const USUAL_ROOM: f32 = 800.0;

/// How wide the user made columns, in points.
#[derive(Debug, Clone, Default)]
pub(super) struct Widths(HashMap<Column, f32>);

impl Widths {
    /// As kept, by the columns' names.
    pub(super) fn from_kept(kept: &BTreeMap<String, u32>) -> Self {
        let known = kept.iter().filter_map(|(name, w)| {
            let w = (*w as f32).clamp(NARROWEST, 2000.0);
            Some((Column::named(name)?, w))
        });
        Self(known.collect())
    }

    pub(super) fn to_keep(&self) -> BTreeMap<String, u32> {
        let all = self.0.iter();
        all.map(|(column, w)| (column.key().to_owned(), w.round() as u32))
            .collect()
    }

    /// In a table of `room` points; words get more of a wide one. A note's card type is the number
    /// of its cards.
    fn of(&self, column: Column, notes: bool, room: f32) -> f32 {
        let growth = (room / USUAL_ROOM).clamp(1.0, 2.5);
        self.0.get(&column).copied().unwrap_or(match column {
            Column::Question | Column::Answer | Column::SortField => 180.0 * growth,
            Column::Deck | Column::Tags | Column::Notetype => 130.0 * growth,
            Column::Template if !notes => 104.0 * growth,
            Column::Created | Column::CardModified | Column::NoteModified => 136.0,
            // "(2026-11-18)", the due day of a suspended card.
            Column::Due => 112.0,
            _ => 84.0,
        })
    }
}

/// The column that takes the room that is left: the first with text.
fn elastic(columns: &[Column]) -> usize {
    let wide = |c: &Column| matches!(c, Column::SortField | Column::Question | Column::Answer);
    let found = columns.iter().position(wide);
    found.unwrap_or(0)
}

/// How much each column needs to show its heading whole, and the day where it holds one, in the
/// letters of its `cells`.
pub(super) fn least(ui: &Ui, layout: &Layout, notes: bool, cells: &FontId) -> Vec<f32> {
    let needed = |column: &Column| {
        let name = width(ui, column.label(notes), font::small_strong());
        let arrow = if layout.sort == *column { ARROW } else { 0.0 };
        let day = match column {
            // Of a suspended card.
            Column::Due => width(ui, "(2026-12-28)", cells.clone()),
            _ => 0.0,
        };
        (name + arrow).max(day).ceil() + 2.0 * PAD
    };
    layout.columns.iter().map(needed).collect()
}

/// Whether so many columns are wider than `room` points: nobody could read them if they were
/// squeezed in, so each is as wide as it is wanted and the table moves sideways.
pub(super) fn moves_sideways(columns: usize, room: f32) -> bool {
    columns as f32 * NARROWEST > room
}

/// Where each column is, from left to right. Where there is too little room for all as wide as
/// they are wanted, each gives of what it has beyond `least`, and only then of that. Only in a table
/// that [`moves_sideways`] do they take more than `room`.
pub(super) fn spans(
    (columns, least): (&[Column], &[f32]),
    (widths, notes): (&Widths, bool),
    from: f32,
    room: f32,
) -> Vec<(f32, f32)> {
    let elastic = elastic(columns);
    let mut wide: Vec<f32> = columns.iter().map(|c| widths.of(*c, notes, room)).collect();
    let others: f32 = wide.iter().sum::<f32>() - wide.get(elastic).copied().unwrap_or(0.0);
    if moves_sideways(columns.len(), room) {
        return side_by_side(wide, from);
    }
    if let Some(w) = wide.get_mut(elastic) {
        *w = (room - others).max(LEAST_WIDE);
    }
    let spare: Vec<f32> = wide
        .iter()
        .zip(least)
        .map(|(w, least)| (w - least).max(0.0))
        .collect();
    let (all, sum): (f32, f32) = (wide.iter().sum(), spare.iter().sum());
    if all > room && sum > 0.0 {
        let given = ((all - room) / sum).min(1.0);
        for (w, spare) in wide.iter_mut().zip(spare) {
            *w -= spare * given;
        }
    }
    let all: f32 = wide.iter().sum();
    let scale = if all > room { room / all } else { 1.0 };
    side_by_side(wide.into_iter().map(|w| w * scale), from)
}

fn side_by_side(wide: impl IntoIterator<Item = f32>, from: f32) -> Vec<(f32, f32)> {
    let mut x = from;
    wide.into_iter()
        .map(|w| {
            let to = (x + w).round();
            let span = (x, to);
            x = to;
            span
        })
        .collect()
}

/// A column on its way to another place.
struct Dragged(Column);

impl BrowseScreen {
    pub(super) fn headings(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        spans: &[(f32, f32)],
    ) {
        let t = Tokens::of(ui);
        fill(ui, r, 0, t.sidebar);
        hline(ui, r, r.max.y - 1.0, t.border);
        let columns = self.layout().columns.clone();
        let place = UiBuilder::new().max_rect(r).id_salt("headings");
        ui.scope_builder(place, |ui| {
            ui.shrink_clip_rect(r);
            for (n, (column, span)) in columns.iter().zip(spans).enumerate() {
                let area = Rect::from_min_max(pos2(span.0, r.min.y), pos2(span.1, r.max.y));
                if self.heading(cx, ui, area, *column).gained_focus() {
                    self.show_aside(r, *span);
                }
                if n > 0 {
                    vline(ui, area.min.x, area.pad(0.0, 8.0), t.border_strong);
                    self.edge(ui, area, &columns, n, r.width() - 2.0 * SIDE);
                }
            }
        });
    }

    /// A column that the Tab key came to is brought into view.
    fn show_aside(&mut self, r: Rect, (from, to): (f32, f32)) {
        if from < r.min.x {
            self.aside_wanted = Some(self.scrolled_aside - (r.min.x + SIDE - from));
        } else if to > r.max.x {
            self.aside_wanted = Some(self.scrolled_aside + (to - r.max.x + SIDE));
        }
    }

    fn heading(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect, column: Column) -> Response {
        let t = Tokens::of(ui);
        let layout = self.layout();
        let sorted = (layout.sort == column).then_some(layout.backwards);
        let name = column.label(self.notes);
        let id = ui.make_persistent_id(("heading", column.key()));
        let response = ui.interact(r, id, Sense::click_and_drag());
        response.widget_info(|| {
            let spoken = match sorted {
                None => name.to_owned(),
                Some(false) => t!("{column}, ascending", column = name),
                Some(true) => t!("{column}, descending", column = name),
            };
            WidgetInfo::labeled(Role::ColumnHeader, true, spoken)
        });
        if response.hovered() {
            fill(ui, r.pad(0.0, 1.0), 0, t.hover);
        }
        if response.has_focus() {
            focus_ring_inside(ui, r.pad(1.0, 1.0), 4);
        }
        let at_right = column.is_right_aligned(self.notes);
        let is_whole = paint_name(ui, r.pad(PAD, 0.0), name, at_right, sorted);
        self.drag(cx, ui, r, column, &response);
        if response.clicked() {
            self.sort_by(cx, column);
        }
        menu::context(&response, |ui| self.choose_columns(cx, ui));
        let tip = match (is_whole, column.tip(self.notes)) {
            (true, tip) => Cow::Borrowed(tip),
            (false, "") => Cow::Borrowed(name),
            (false, tip) => Cow::Owned(format!("{name}: {tip}")),
        };
        if tip.is_empty() {
            response
        } else {
            tooltip::words(response, &tip)
        }
    }

    fn drag(&mut self, cx: &UiContext<'_>, ui: &Ui, r: Rect, column: Column, response: &Response) {
        let t = Tokens::of(ui);
        if response.drag_started() {
            response.dnd_set_drag_payload(Dragged(column));
        }
        if response.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        }
        // It lands where the column under the pointer is, which makes way.
        if let Some(moved) = response.dnd_hover_payload::<Dragged>()
            && moved.0 != column
        {
            fill(ui, r.pad(0.0, 1.0), 0, t.selected);
        }
        if let Some(moved) = response.dnd_release_payload::<Dragged>()
            && moved.0 != column
        {
            let columns = moved_to(&self.layout().columns, moved.0, column);
            self.set_columns(cx, columns);
        }
    }

    /// The line between column `n` and the one before it.
    fn edge(&mut self, ui: &Ui, r: Rect, columns: &[Column], n: usize, room: f32) {
        let grip =
            Rect::from_center_size(pos2(r.min.x, r.center().y), vec2(EDGE * 2.0, r.height()));
        let id = ui.make_persistent_id(("edge", n));
        let response = ui.interact(grip, id, Sense::DRAG);
        if response.hovered() || response.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        self.keep |= response.drag_stopped();
        let by = response.drag_delta().x;
        if by == 0.0 {
            return;
        }
        // Left of the one that takes the rest the edge moves with the left column, right of it
        // with the right one. In a table that moves sideways none takes a rest.
        let takes_rest = !moves_sideways(columns.len(), room);
        let (column, by) = if takes_rest && n > elastic(columns) {
            (columns.get(n), -by)
        } else {
            (columns.get(n - 1), by)
        };
        if let Some(column) = column {
            let w = (self.widths.of(*column, self.notes, room) + by).max(NARROWEST);
            self.widths.0.insert(*column, w);
        }
    }

    fn choose_columns(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        ui.set_width(200.0);
        let mut columns = self.layout().columns.clone();
        let mut changed = false;
        ScrollArea::vertical().max_height(480.0).show(ui, |ui| {
            ui.set_min_width(200.0);
            for (column, _) in Column::ALL {
                let on = columns.contains(&column);
                let entry = Entry::new(column.label(self.notes))
                    .checked(on)
                    // One column stays.
                    .enabled(!on || columns.len() > 1);
                if entry.show(ui).clicked() {
                    changed = true;
                    if on {
                        columns.retain(|c| *c != column);
                    } else {
                        columns.push(column);
                    }
                }
            }
        });
        if changed {
            self.set_columns(cx, columns);
        }
    }
}

/// False when the name had to be cut.
fn paint_name(ui: &Ui, r: Rect, name: &str, at_right: bool, sorted: Option<bool>) -> bool {
    let t = Tokens::of(ui);
    let mut area = r;
    let arrow = |ui: &Ui, x: f32, backwards: bool| {
        let glyph = if backwards { ic::DOWN } else { ic::UP };
        icon(ui, pos2(x, r.center().y), glyph, size::ICON_SMALL, t.text2);
    };
    let f = font::small_strong();
    let name_width = width(ui, name, f.clone());
    if at_right {
        if let Some(backwards) = sorted {
            area.cut_right(ARROW);
            arrow(ui, r.max.x - 7.0, backwards);
        }
        right(ui, area, name, f, t.text2);
    } else {
        if sorted.is_some() {
            area.cut_right(ARROW);
        }
        left(ui, area, name, f, t.text2);
        if let Some(backwards) = sorted {
            let end = (r.min.x + name_width + 12.0).min(r.max.x - 7.0);
            arrow(ui, end, backwards);
        }
    }
    name_width <= area.width() + 0.5
}

/// The columns with `moved` where `at` is now.
fn moved_to(columns: &[Column], moved: Column, at: Column) -> Vec<Column> {
    let Some(to) = columns.iter().position(|c| *c == at) else {
        return columns.to_vec();
    };
    let mut out: Vec<Column> = columns.iter().copied().filter(|c| *c != moved).collect();
    out.insert(to.min(out.len()), moved);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use Column::{Deck, Due, SortField, Template};

    #[test]
    fn a_column_takes_the_place_it_is_dropped_on() {
        let all = [SortField, Template, Due, Deck];
        assert_eq!(
            moved_to(&all, Deck, Template),
            [SortField, Deck, Template, Due]
        );
        assert_eq!(
            moved_to(&all, SortField, Deck),
            [Template, Due, Deck, SortField]
        );
    }

    #[test]
    fn columns_fill_the_room_and_never_more() {
        let all = [SortField, Template, Due, Deck];
        let least = [98.0, 78.0, 95.0, 56.0];
        for room in [230.0, 480.0, 1200.0] {
            let spans = spans((&all, &least), (&Widths::default(), false), 10.0, room);
            assert_eq!(spans[0].0, 10.0);
            assert!((spans[3].1 - 10.0 - room).abs() <= 4.0, "{room}: {spans:?}");
            assert!(spans.iter().all(|s| s.1 > s.0));
        }
    }

    #[test]
    fn more_columns_than_there_is_room_for_keep_their_width() {
        let all: Vec<Column> = Column::ALL.iter().map(|(column, _)| *column).collect();
        let least = vec![98.0; all.len()];
        let mut widths = Widths::default();
        widths.0.insert(Deck, 300.0);
        let spans = spans((&all, &least), (&widths, false), 10.0, 480.0);
        assert!(moves_sideways(all.len(), 480.0) && !moves_sideways(8, 480.0));
        for (column, span) in all.iter().zip(&spans) {
            assert_eq!(span.1 - span.0, widths.of(*column, false, 480.0));
        }
    }

    #[test]
    fn headings_stay_whole_as_long_as_there_is_room_for_them() {
        let all = [SortField, Template, Due, Deck];
        let least = [98.0, 78.0, 95.0, 56.0];
        for room in [327.0, 340.0, 400.0] {
            let spans = spans((&all, &least), (&Widths::default(), false), 0.0, room);
            for (span, least) in spans.iter().zip(least) {
                assert!(span.1 - span.0 > least - 1.0, "{room}: {spans:?}");
            }
        }
    }

    #[test]
    fn names_get_more_of_a_wide_table_unless_the_user_said_otherwise() {
        let all = [SortField, Template, Due, Deck];
        let mut widths = Widths::default();
        let wide = |widths: &Widths, n: usize, room: f32| {
            let span = spans((&all, &[56.0; 4]), (widths, false), 0.0, room)[n];
            span.1 - span.0
        };
        assert_eq!(wide(&widths, 3, 800.0), 130.0);
        assert_eq!(wide(&widths, 3, 1600.0), 260.0);
        assert_eq!(wide(&widths, 2, 1600.0), wide(&widths, 2, 800.0));
        widths.0.insert(Deck, 90.0);
        assert_eq!(wide(&widths, 3, 1600.0), 90.0);
    }
}
