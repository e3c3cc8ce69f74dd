//! The table itself: rows in view, their colours, choosing them with pointer and keys. Rows are
//! placed by number, so that a hundred thousand cost no more than thirty.

use super::heading::{HEADING, PAD, SIDE, least, moves_sideways, spans};
use super::model::Results;
use super::{BrowseScreen, Focus};
use crate::domain::browse::{Column, Row, RowColor};
use crate::service::browse::BrowseRequest;
use crate::service::request::Request;
use crate::service::settings::TableLook;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::keys;
use crate::ui::theme::{Tokens, font, size, typeface};
use crate::ui::widgets::surface::{fill, hline};
use crate::ui::widgets::text::{ends, path, text, width};
use crate::ui::widgets::{Button, Cut, button, empty, ic, list, menu, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::style::ScrollAnimation;
use eframe::egui::{
    Align, Color32, EventFilter, FontId, Key, Modifiers, Rect, Response, ScrollArea, Sense, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// Letters of a cell that a tooltip shows.
const LONGEST_TIP: usize = 400;
/// Least height for a picture over what is said where nothing was found.
const PICTURED: f32 = 260.0;
/// Largest text that fits a row, as a share of its height.
const LARGEST: f32 = 0.64;

impl BrowseScreen {
    pub(super) fn table(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let t = Tokens::of(ui);
        let head = r.cut_top(HEADING);
        let columns = self.layout().columns.clone();
        let look = &cx.model.settings.browser.table;
        self.row_height = look.row_height();
        let least = least(ui, self.layout(), self.notes, &plain(ui, look));
        let (from, room) = (r.min.x + SIDE - self.scrolled_aside, r.width() - 2.0 * SIDE);
        let spans = spans((&columns, &least), (&self.widths, self.notes), from, room);
        self.headings(cx, ui, head, &spans);
        fill(ui, r, 0, t.surface);
        if self.results.is_empty() {
            if moves_sideways(columns.len(), room) {
                // The headings move with the rows, also where there is none.
                let none = ui.interact(r, ui.make_persistent_id("no results"), Sense::hover());
                self.rows(cx, ui, r, &spans, &columns, &none);
            }
            self.nothing(ui, r);
            return;
        }
        let page = ((r.height() / self.row_height) as usize).max(1);
        let list = self.keys(cx, ui, r, page);
        let visible = self.rows(cx, ui, r, &spans, &columns, &list);
        if let Some(ids) = self.results.missing(visible) {
            cx.ask(Request::Browse(BrowseRequest::Rows {
                ids,
                notes: self.results.notes(),
                columns,
            }));
        }
    }

    fn nothing(&mut self, ui: &mut Ui, r: Rect) {
        if self.under_way.is_some() || self.wanted.is_some() || self.unclear.is_some() {
            return;
        }
        let narrowed = self.narrowed.as_ref().filter(|_| self.search.is_empty());
        let line = if let Some(narrowed) = narrowed {
            narrowed.none_left().to_owned()
        } else if self.search.is_empty() {
            t!("The collection is empty.").to_owned()
        } else {
            let room = (r.width() - 160.0).clamp(0.0, 400.0);
            let search = ends(ui, &self.search, room, &font::body());
            t!("Nothing matches “{search}”.", search)
        };
        let title = match self.notes {
            true => t!("No notes found"),
            false => t!("No cards found"),
        };
        let lines = [line];
        let (x, wide) = (r.center().x, r.width());
        // With the button below, which is about as high as the title.
        let end = if r.height() < PICTURED {
            let top = (r.center().y - 52.0).max(r.min.y);
            empty::words(ui, pos2(x, top), wide, title, &lines)
        } else {
            let disc = pos2(x, r.min.y + (r.height() * 0.3).min(140.0));
            empty::place(ui, disc, wide, ic::SEARCH, title, &lines)
        };
        if self.search.is_empty() {
            return;
        }
        let row = Rect::from_center_size(pos2(x, end + 27.0), vec2(wide, size::CONTROL));
        let clear = vec![Button::new(t!("Clear search"))];
        if button::row(ui, row, Align::Center, clear)
            .iter()
            .any(|b| b.clicked())
        {
            self.search_within("");
            self.focus = Some(Focus::Search);
        }
    }

    /// The table as one stop of the Tab key, and what its keys do.
    fn keys(&mut self, cx: &UiContext<'_>, ui: &Ui, r: Rect, page: usize) -> Response {
        let id = ui.make_persistent_id("results");
        let list = ui.interact(r, id, Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, t!("Results")));
        if self.focus == Some(Focus::Table) {
            self.focus = None;
            list::focus_quietly(ui, &list);
        }
        let last = self.results.len().saturating_sub(1);
        if cx.keys_free && !list.has_focus() {
            // Wherever the keyboard is, as Home and End alone.
            for (key, to) in [(Key::Home, 0), (Key::End, last)] {
                if ui.input_mut(|i| i.consume_key(Modifiers::SHIFT, key)) {
                    self.results.selection.extend_to(to, false);
                    self.reveal = true;
                }
            }
        }
        if !list.has_focus() || cx.covered {
            return list;
        }
        let filter = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: self.preview.shown,
            ..EventFilter::default()
        };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        let at = self.results.selection.current();
        if let Some(row) = at
            && menu::take_context_key(ui.ctx())
        {
            // As with a click: the menu is about the row it stands at.
            if !self.results.selection.contains(row) {
                self.results.selection.only(row);
            }
            (self.menu_by_key, self.reveal) = (true, true);
        }
        let here = at.unwrap_or(0);
        let moves = [
            (Key::ArrowDown, at.map_or(0, |row| (row + 1).min(last))),
            (Key::ArrowUp, here.saturating_sub(1)),
            (Key::PageDown, (here + page).min(last)),
            (Key::PageUp, here.saturating_sub(page)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        for (key, to) in moves {
            let pressed = |m: Modifiers| ui.input_mut(|i| i.consume_key(m, key));
            if pressed(Modifiers::SHIFT) {
                self.results.selection.extend_to(to, false);
                self.reveal = true;
            } else if pressed(Modifiers::NONE) {
                self.results.selection.only(to);
                self.reveal = true;
            }
        }
        if self.preview.shown {
            let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
            let turn = if pressed(Key::ArrowLeft) {
                self.preview.back()
            } else if pressed(Key::ArrowRight) || pressed(Key::Enter) {
                self.preview.on()
            } else {
                None
            };
            if let Some(turn) = turn {
                self.turn(turn);
            }
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::A)) {
            self.results.selection.all();
        }
        list
    }

    /// Draws what is in view, and says which rows that is.
    fn rows(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        spans: &[(f32, f32)],
        columns: &[Column],
        list: &Response,
    ) -> Range<usize> {
        let (count, high) = (self.results.len(), self.row_height);
        let sideways = moves_sideways(columns.len(), r.width() - 2.0 * SIDE);
        let wide = match (sideways, spans.first(), spans.last()) {
            (true, Some(first), Some(last)) => (last.1 - first.0 + 2.0 * SIDE).max(r.width()),
            _ => r.width(),
        };
        let mut scroll = ScrollArea::new([sideways, true])
            .id_salt("results")
            .animated(false)
            .auto_shrink(false);
        if let Some(aside) = self.aside_wanted.take() {
            scroll = scroll.horizontal_scroll_offset(aside.max(0.0));
        }
        let reveal = count > 0 && std::mem::take(&mut self.reveal);
        let current = self.results.selection.current();
        let mut wanted = current
            .filter(|_| reveal)
            .and_then(|row| self.offset_showing(row, r.height()));
        // Beyond the end of the rows before, egui takes it for a pull past the end and springs back:
        // then it waits until these rows are known.
        if let Some(offset) = wanted.take_if(|offset| *offset <= self.scroll_end) {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let place = UiBuilder::new().max_rect(r).id_salt("rows");
        let mut visible = 0..0;
        ui.scope_builder(place, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let shown = scroll.show_viewport(ui, |ui, view| {
                ui.set_height(high * count as f32);
                ui.set_width(wide);
                let first = (view.min.y / high).max(0.0) as usize;
                let last = ((view.max.y / high).ceil() as usize).min(count);
                visible = first..last;
                for row in first..last {
                    // From the viewport's edge: far down, whole coordinates are too coarse.
                    let y = r.min.y + (row as f32 - view.min.y / high) * high;
                    let area = Rect::from_min_max(
                        pos2(r.min.x, y.round()),
                        pos2(r.max.x, y.round() + high),
                    );
                    self.row(cx, ui, area, row, spans, columns, list);
                }
                if let Some(offset) = wanted {
                    let by = vec2(0.0, view.min.y - offset);
                    ui.scroll_with_delta_animation(by, ScrollAnimation::none());
                    let first = (offset / high) as usize;
                    visible = first..(first + visible.len()).min(count);
                }
            });
            self.scroll_end = shown.content_size.y - shown.inner_rect.height();
            let offset = shown.state.clamped_offset();
            if self.scrolled_aside != offset.x {
                ui.ctx().request_repaint(); // The headings and cells of this frame are where they were.
            }
            (self.scrolled_aside, self.scrolled_to) = (offset.x, offset.y);
        });
        visible
    }

    /// None when the row is in view already.
    fn offset_showing(&self, row: usize, height: f32) -> Option<f32> {
        let high = self.row_height;
        let (top, bottom) = (row as f32 * high, (row + 1) as f32 * high);
        if top < self.scrolled_to {
            Some(top)
        } else if bottom > self.scrolled_to + height {
            Some(bottom - height)
        } else {
            None
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a row is drawn from all of them")]
    fn row(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        row: usize,
        spans: &[(f32, f32)],
        columns: &[Column],
        list: &Response,
    ) {
        let Some(id) = self.results.id(row) else {
            return;
        };
        let look = &cx.model.settings.browser.table;
        let selected = self.results.selection.contains(row);
        let name = spoken(self.results.row(row));
        let response = ui.interact(r, ui.make_persistent_id(("row", id)), Sense::CLICK);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected, &name));
        paint(
            ui,
            r,
            self.results.row(row),
            selected,
            response.hovered(),
            (spans, columns, self.notes, look),
        );
        if self.results.selection.current() == Some(row) {
            let t = Tokens::of(ui);
            fill(
                ui,
                Rect::from_min_max(r.min, pos2(r.min.x + 3.0, r.max.y)),
                0,
                t.accent,
            );
            list::ring(ui, list, r);
            if std::mem::take(&mut self.menu_by_key) {
                menu::open_by_key(&response);
            }
        }
        if response.clicked() {
            let m = ui.input(keys::held_at_click);
            click(&mut self.results, row, m);
            list::focus_quietly(ui, list);
        }
        if response.secondary_clicked() {
            if !selected {
                self.results.selection.only(row);
            }
            list::focus_quietly(ui, list);
        }
        menu::context(&response, |ui| super::act::row_menu(cx, ui));
        let row = self.results.row(row);
        if let Some(whole) =
            row.and_then(|row| cut_cell(ui, &response, row, (spans, columns, look)))
        {
            tooltip::words(response, &whole);
        }
    }
}

/// The whole text of the cell that the pointer is on, if the column is too narrow for it.
fn cut_cell(
    ui: &Ui,
    response: &Response,
    row: &Row,
    (spans, columns, look): (&[(f32, f32)], &[Column], &TableLook),
) -> Option<String> {
    let x = response.hover_pos()?.x;
    let at = spans
        .iter()
        .position(|span| (span.0..span.1).contains(&x))?;
    let (cell, span) = (row.cells.as_ref()?.get(at)?, spans.get(at)?);
    let is_text = is_text(*columns.get(at)?);
    let shown: String = cell.chars().take(LONGEST_TIP).collect();
    let font = font_of(ui, row, is_text, look);
    let is_cut = width(ui, &shown, font) > span.1 - span.0 - 2.0 * PAD + 0.5;
    let more = if shown.len() < cell.len() { "…" } else { "" };
    is_cut.then(|| shown + more)
}

fn is_text(column: Column) -> bool {
    matches!(
        column,
        Column::SortField | Column::Question | Column::Answer
    )
}

fn click(results: &mut Results, row: usize, m: Modifiers) {
    let add = m.command || m.ctrl;
    match (m.shift, add) {
        (true, keep) => results.selection.extend_to(row, keep),
        (false, true) => results.selection.toggle(row),
        (false, false) => results.selection.only(row),
    }
}

/// What a screen reader says of a row.
fn spoken(row: Option<&Row>) -> String {
    match row {
        None => "…".to_owned(),
        Some(Row { cells: None, .. }) => t!("(deleted)").to_owned(),
        Some(Row {
            cells: Some(cells), ..
        }) => cells.join(", "),
    }
}

fn paint(
    ui: &Ui,
    r: Rect,
    row: Option<&Row>,
    selected: bool,
    hovered: bool,
    (spans, columns, notes, look): (&[(f32, f32)], &[Column], bool, &TableLook),
) {
    let t = Tokens::of(ui);
    let own = row.and_then(|row| color(t, row.color));
    let ground = match (selected, own) {
        (true, _) => Some(t.selected),
        (false, Some(own)) => Some(own),
        (false, None) => hovered.then_some(t.hover),
    };
    if let Some(ground) = ground {
        fill(ui, r, 0, ground);
    }
    hline(ui, r, r.max.y - 1.0, t.border);
    let Some(row) = row else {
        return;
    };
    let Some(cells) = &row.cells else {
        let area = Rect::from_min_max(pos2(r.min.x + SIDE + PAD, r.min.y), r.max);
        text(
            ui,
            area,
            Align::Min,
            t!("(deleted)"),
            plain(ui, look),
            t.text3,
        );
        return;
    };
    for ((cell, column), span) in cells.iter().zip(columns).zip(spans) {
        let area = Rect::from_min_max(pos2(span.0 + PAD, r.min.y), pos2(span.1 - PAD, r.max.y));
        let is_text = is_text(*column);
        let at_right =
            column.is_right_aligned(notes) || *column == Column::SortField && row.right_to_left;
        let align = if at_right { Align::Max } else { Align::Min };
        let color = if is_text { t.text } else { t.text2 };
        let font = font_of(ui, row, is_text, look);
        // As in Anki, a path alone loses its middle.
        let shown = match column {
            Column::Deck => path(ui, cell, "::", area.width(), &font),
            _ => cell.into(),
        };
        text(ui, area, align, &shown, font, color);
    }
}

/// Size and typeface of the table.
fn plain(ui: &Ui, look: &TableLook) -> FontId {
    FontId::new(
        look.text_size(),
        typeface::by_name(ui.ctx(), Some(&look.font)),
    )
}

/// For words of the card, the size and typeface of its template, where it has some.
fn font_of(ui: &Ui, row: &Row, is_text: bool, look: &TableLook) -> FontId {
    let mut font = plain(ui, look);
    if is_text && row.font_size > 0 {
        font.size = (row.font_size as f32).clamp(9.0, look.row_height() * LARGEST);
    }
    if is_text && !row.font_name.is_empty() {
        font.family = typeface::by_name(ui.ctx(), Some(&row.font_name));
    }
    font
}

fn color(t: &Tokens, color: RowColor) -> Option<Color32> {
    let tinted = |tint: Color32| {
        let share = if t.dark { 0.26 } else { 0.16 };
        t.surface.lerp_to_gamma(tint, share)
    };
    match color {
        RowColor::Plain => None,
        RowColor::Flag(n) => t.flag(n).map(tinted),
        RowColor::Marked => t.flag(7).map(tinted),
        RowColor::Suspended => Some(t.warn_soft),
        RowColor::Buried => Some(tinted(t.graph_buried)),
    }
}
