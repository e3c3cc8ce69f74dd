//! The bar above the table: cards or notes, the search field with its history (the list under it is
//! `search_list`); what is wrong with a search stands below. And the line under the table: how many
//! rows are chosen.

use super::{BrowseScreen, Focus};
use crate::explain::UserMessage;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::field::{Field, select_all};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::surface::{fill, hline, region};
use crate::ui::widgets::text::{icon, label, number, para, para_height, quoted};
use crate::ui::widgets::{Button, Cut, ic, progress, segments};
use crate::{t, tn};
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::widgets::text_edit::TextEditState;
use eframe::egui::{Align, Context, Id, Key, Layout, Rect, ScrollArea, Ui, pos2, vec2};
use std::ops::Range;

pub(super) const LONGEST_HISTORY: f32 = 320.0;

impl BrowseScreen {
    pub(super) fn search_bar(&mut self, cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
        let mut r = bar.pad(12.0, 0.0);
        let choices = [t!("Cards"), t!("Notes")];
        let w = segments::wanted_width(ui, &choices);
        let switch = r.cut_left(w);
        let chosen = usize::from(self.notes);
        let made = segments::place(ui, switch.max.x, r.center().y, t!("Rows"), &choices, chosen);
        if let Some(n) = made {
            self.show_notes(cx, n == 1);
        }
        r.cut_left(10.0);
        let history = r.cut_right(size::CONTROL);
        r.cut_right(4.0);
        let y = (r.center().y - size::CONTROL / 2.0).round();
        let field = Rect::from_min_size(pos2(r.min.x, y), vec2(r.width(), size::CONTROL));
        self.field(cx, ui, field);
        self.history_menu(ui, history);
    }

    fn field(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let id = ui.make_persistent_id("search field");
        if cx.covered {
            self.search_list.close();
        }
        if self.focus == Some(Focus::Search) {
            // Before it takes what was typed since, maybe in this very frame.
            self.focus = None;
            ui.memory_mut(|m| m.request_focus(id));
            select_all(ui.ctx(), id, &self.typed);
        }
        self.list_keys(ui, id);
        let had_focus = ui.memory(|m| m.has_focus(id));
        let response = region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            Field::new(&mut self.typed, t!("Search"))
                .id(id)
                .hint(t!("Search: deck:Spanish, tag:verbs…"))
                .icon(ic::SEARCH)
                .width(r.width())
                .show(ui)
        });
        if let Some(bytes) = self.mark.take() {
            response.request_focus();
            select(ui.ctx(), response.id, &self.typed, &bytes);
        }
        let pressed = |key| ui.input(|i| i.key_pressed(key));
        if response.lost_focus() && pressed(Key::Enter) {
            let typed = self.typed.clone();
            self.search_within(&typed);
            self.focus = Some(Focus::Search);
        } else if response.has_focus() && pressed(Key::ArrowDown) {
            self.focus = Some(Focus::Table);
        }
        let wants_list = response.changed() || response.clicked() && self.typed.is_empty();
        self.list_ui(ui, id, r, had_focus, wants_list);
        if self.under_way.is_some() {
            progress::spinner_at(ui, pos2(r.max.x - 18.0, r.center().y));
        }
    }

    fn history_menu(&mut self, ui: &mut Ui, r: Rect) {
        let at = Rect::from_center_size(r.center(), vec2(size::CONTROL_SMALL, size::CONTROL_SMALL));
        let button = Button::icon_only(ic::HISTORY, t!("Earlier searches"))
            .enabled(!self.history.is_empty())
            .place(ui, at);
        let mut again = None;
        menu::popup(&button, |ui| {
            ui.set_width(320.0);
            let list = ScrollArea::vertical().max_height(LONGEST_HISTORY);
            list.show(ui, |ui| {
                for search in &self.history {
                    if Entry::new(search).show(ui).clicked() {
                        again = Some(search.clone());
                    }
                }
            });
        });
        if let Some(search) = again {
            self.search_within(&search);
        }
    }

    /// "1 of 1,204 cards selected".
    pub(super) fn status(&self, ui: &Ui, r: Rect) {
        let t = Tokens::of(ui);
        hline(ui, r, r.min.y, t.border);
        let chosen = number(self.results.selection.count() as u64);
        let all = self.results.len() as u64;
        let words = match self.results.notes() {
            true => tn!(
                all,
                "{chosen} of {n} note selected",
                "{chosen} of {n} notes selected",
                chosen
            ),
            false => tn!(
                all,
                "{chosen} of {n} card selected",
                "{chosen} of {n} cards selected",
                chosen
            ),
        };
        label(
            ui,
            r.pad(14.0, 0.0),
            Align::Min,
            &words,
            font::small(),
            t.text2,
        );
    }
}

/// Chooses a part of the text, given in bytes.
pub(super) fn select(ctx: &Context, field: Id, text: &str, bytes: &Range<usize>) {
    let at = |byte: usize| CCursor::new(text.get(..byte).map_or(0, |part| part.chars().count()));
    let mut state = TextEditState::load(ctx, field).unwrap_or_default();
    let range = CCursorRange::two(at(bytes.start), at(bytes.end));
    state.cursor.set_char_range(Some(range));
    state.store(ctx, field);
}

/// Why the search cannot be understood, under the field.
pub(super) fn trouble(ui: &Ui, r: &mut Rect, message: &UserMessage) {
    let t = Tokens::of(ui);
    let words = &quoted(&message.cause);
    let height = para_height(ui, r.width() - 64.0, words, font::small());
    let area = r.cut_top(height + 14.0);
    fill(ui, area, 0, t.danger_soft);
    icon(
        ui,
        pos2(area.min.x + 24.0, area.center().y),
        ic::ERROR,
        size::ICON,
        t.danger,
    );
    let mut text = area.pad(0.0, 7.0);
    text.cut_left(42.0);
    text.cut_right(16.0);
    para(ui, text, words, font::small(), t.text);
}
