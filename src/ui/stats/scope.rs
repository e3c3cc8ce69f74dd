//! Which cards the statistics are about: a deck, the whole collection, or what a search finds.

use crate::search;
use crate::service::event::Event;
use crate::t;
use crate::ui::browse::search_list::{Names, SearchList};
use crate::ui::context::UiContext;
use crate::ui::decks::model::all_rows;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::field::{Field, is_entered, select_all};
use crate::ui::widgets::ic;
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::surface::{fill, focus_ring_inside, outline, region};
use crate::ui::widgets::text::{self, icon, left};
use crate::ui::widgets::tooltip;
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Layout, Rect, Response, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// See the module header.
#[derive(Debug, Default)]
pub struct Scope {
    /// The search that is in force; empty means the whole collection.
    search: String,
    /// What is typed.
    typed: String,
    /// The deck that was chosen; None when it was not a deck.
    deck: Option<String>,
    list: SearchList,
    names: Names,
}

impl Scope {
    /// A deck and those inside it.
    pub fn deck(name: &str) -> Self {
        let search = search::print(&[search::ast::Node::Search(search::build::deck(name))]);
        Self {
            typed: search.clone(),
            search,
            deck: Some(name.to_owned()),
            ..Self::default()
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        self.names.on_event(event);
    }

    pub fn search(&self) -> &str {
        &self.search
    }

    fn label(&self) -> &str {
        match &self.deck {
            Some(deck) => deck,
            None if self.search.is_empty() => t!("Whole collection"),
            None => t!("Search"),
        }
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        if cx.covered {
            // It would stand above the dialog.
            self.list.close();
        }
        let combo_width = 220.0_f32.min(r.width() / 2.0 - 8.0);
        let y = (r.center().y - size::CONTROL / 2.0).round();
        let combo = Rect::from_min_size(pos2(r.min.x, y), vec2(combo_width, size::CONTROL));
        let button = button(ui, combo, self.label());
        let mut chosen = None;
        menu::popup(&button, |ui| chosen = self.choices(cx, ui, combo_width));
        if let Some(scope) = chosen {
            *self = scope;
        }
        let from = combo.max.x + 12.0;
        let field = Rect::from_min_size(
            pos2(from, y),
            vec2((r.max.x - from).clamp(80.0, 320.0), size::CONTROL),
        );
        region(ui, field, Layout::left_to_right(Align::Min), |ui| {
            let id = ui.make_persistent_id("search of the statistics");
            let (names, typed) = (&mut self.names, &mut self.typed);
            let draw = |ui: &mut Ui, shown: Field<'_>| {
                let shown = shown.hint(t!("Search: tag:verbs, is:due…"));
                shown.icon(ic::SEARCH).width(field.width()).show(ui)
            };
            let list = &mut self.list;
            let response = list.field(cx, ui, names, (id, t!("Search")), typed, draw);
            if is_entered(ui, &response) {
                self.typed = self.typed.trim().to_owned();
                self.list.close();
                // What is typed next is another search, as in Browse, not keys of the window.
                response.request_focus();
                select_all(ui.ctx(), response.id, &self.typed);
                if self.typed != self.search {
                    self.search.clone_from(&self.typed);
                    self.deck = None;
                }
            }
        });
    }

    /// The whole collection, and every deck.
    fn choices(&self, cx: &UiContext<'_>, ui: &mut Ui, width: f32) -> Option<Self> {
        let decks = cx.model.decks.ready();
        let rows = decks.map(|d| all_rows(&d.root)).unwrap_or_default();
        let mut chosen = None;
        let widest = rows
            .iter()
            .map(|row| text::name(&row.full_name))
            .map(|name| Entry::new(&name).checked(false).wanted_width(ui))
            .fold(width - 12.0, f32::max);
        ui.set_width(widest.min(420.0));
        ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            let whole = self.deck.is_none() && self.search.is_empty();
            if Entry::new(t!("Whole collection"))
                .checked(whole)
                .show(ui)
                .clicked()
            {
                chosen = Some(Self::default());
            }
            menu::separator(ui);
            for row in &rows {
                let on = self.deck.as_deref() == Some(row.full_name.as_str());
                let name = text::name(&row.full_name);
                if Entry::new(&name).checked(on).show(ui).clicked() {
                    chosen = Some(Self::deck(&row.full_name));
                }
            }
        });
        chosen
    }
}

fn button(ui: &Ui, r: Rect, shown: &str) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(r, ui.make_persistent_id("cards"), Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), t!("Cards"));
        info.current_text_value = Some(shown.to_owned());
        info
    });
    fill(
        ui,
        r,
        radius::CONTROL,
        if response.hovered() {
            t.hover
        } else {
            t.surface
        },
    );
    outline(ui, r, radius::CONTROL, t.border_input);
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CONTROL);
    }
    let y = r.center().y;
    icon(
        ui,
        pos2(r.min.x + 17.0, y),
        ic::DECK,
        size::ICON_SMALL,
        t.text2,
    );
    let words = Rect::from_min_max(pos2(r.min.x + 32.0, r.min.y), pos2(r.max.x - 30.0, r.max.y));
    let seen = text::path(ui, shown, "::", words.width(), &font::body());
    let is_cut = text::width(ui, shown, font::body()) > words.width();
    left(ui, words, &seen, font::body(), t.text);
    icon(
        ui,
        pos2(r.max.x - 18.0, y + 1.0),
        ic::DOWN,
        size::ICON_SMALL,
        t.text2,
    );
    match is_cut {
        true => tooltip::words(response, shown),
        false => response,
    }
}
