//! The deck list: a tree in a card with New, Learn and Due, the line of today's study below, and
//! the buttons of the bottom bar. Also the small windows about decks: chooser, description,
//! About.

mod about;
mod chooser;
mod description;
pub mod model;
mod tree;

pub use about::About;
pub use chooser::Chooser;
pub use description::EditDescription;

use crate::base::ids::DeckId;
use crate::base::lang;
use crate::service::request::{DeckRequest, Request};
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::AskText;
use crate::ui::dialogs::Prompt;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut, menu, surface, text};
use crate::{mark, t};
use eframe::egui::{Align, Key, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use model::Row;

/// Asks for the name of a new deck, which begins with `name`, and makes it.
#[must_use]
pub fn create_deck(name: &str) -> AskText {
    name_deck(name, |name| {
        Action::Ask(Request::Deck(DeckRequest::Create { name }))
    })
}

/// As [`create_deck`]; `then` gets the name.
#[must_use]
pub fn name_deck(name: &str, then: impl FnOnce(String) -> Action + 'static) -> AskText {
    AskText::new(
        Prompt {
            title: t!("Create Deck").into(),
            label: t!("Name").into(),
            hint: t!("Languages::Spanish").into(),
            value: name.to_owned(),
            action: t!("Create Deck").into(),
            ..Default::default()
        },
        then,
    )
}

/// Passing state of the list.
#[derive(Debug, Default)]
pub struct DeckScreen {
    /// The row that the arrow keys have reached.
    cursor: Option<DeckId>,
    scroll_to_cursor: bool,
    /// Its menu opens when it is drawn.
    menu_by_key: bool,
}

/// Above the tree card.
const ABOVE: f32 = 24.0;
/// The card's heading.
const HEADING: f32 = 44.0;
/// Below the list of a collection without cards.
const NOTHING_YET: &str = mark!("No cards yet. Add some, import a file, or get a shared deck.");

impl DeckScreen {
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let mut r = ui.max_rect();
        let bar = bottom_bar::cut(&mut r);
        if let Some(list) = cx.model.decks.ready() {
            let rows = model::rows(&list.root);
            if cx.keys_free {
                self.keys(cx, ui, &rows);
            }
            let page = UiBuilder::new().max_rect(r).id_salt("deck list");
            ui.scope_builder(page, |ui| {
                ScrollArea::vertical()
                    .id_salt("decks")
                    .auto_shrink(false)
                    .show(ui, |ui| self.list(cx, ui, &rows));
            });
        }
        let taken = button::row_width(ui, &BUTTONS.map(|(_, label)| lang::say(label)));
        let middle = bottom_bar::ui(cx, ui, bar, taken);
        buttons(cx, ui, middle);
    }

    fn list(&mut self, cx: &UiContext<'_>, ui: &mut Ui, rows: &[Row]) {
        let Some(list) = cx.model.decks.ready() else {
            return;
        };
        let width = ui.max_rect().width();
        let card_width = size::PAGE_WIDTH.min(width - 48.0);
        let card_height = HEADING + 4.0 + rows.len() as f32 * size::ROW_DECK + 6.0;
        let whole = ABOVE + card_height + 16.0 + 24.0 + 16.0;
        let (_, all) = ui.allocate_space(vec2(width, whole));
        let card = Rect::from_min_size(
            pos2(
                (all.center().x - card_width / 2.0).round(),
                all.min.y + ABOVE,
            ),
            vec2(card_width, card_height),
        );
        surface::card(ui, card);
        let mut inside = card;
        tree::heading(cx, ui, inside.cut_top(HEADING));
        inside.cut_top(4.0);
        let clip = ui.clip_rect();
        for (i, row) in rows.iter().enumerate() {
            let r = Rect::from_min_size(
                inside.min + vec2(0.0, i as f32 * size::ROW_DECK),
                vec2(card_width, size::ROW_DECK),
            );
            let at_cursor = self.cursor == Some(row.id);
            if at_cursor && self.scroll_to_cursor {
                ui.scroll_to_rect(r.expand(8.0), None);
            }
            // Only what can be seen is drawn: lists may have thousands of decks.
            if clip.intersects(r) {
                let marks = tree::Marks {
                    current: row.id == list.current,
                    at_cursor,
                    menu_by_key: at_cursor && std::mem::take(&mut self.menu_by_key),
                };
                tree::row(cx, ui, r.pad(8.0, 0.0), row, marks);
            }
        }
        self.scroll_to_cursor = false;
        let t = Tokens::of(ui);
        let below = Rect::from_min_size(
            pos2(card.min.x, card.max.y + 16.0),
            vec2(card.width(), 24.0),
        );
        let words = if model::is_empty(&list.root) && list.today.cards == 0 {
            lang::say(NOTHING_YET).to_owned()
        } else {
            model::studied_today(list.today)
        };
        text::label(ui, below, Align::Center, &words, font::small(), t.text2);
    }

    /// Arrows, Home, End move; left and right close and open; Enter opens the deck's page,
    /// Shift+F10 or the menu key its menu.
    fn keys(&mut self, cx: &UiContext<'_>, ui: &Ui, rows: &[Row]) {
        // A focused button or field has the arrows and Enter.
        if rows.is_empty() || ui.memory(|m| m.focused().is_some()) {
            return;
        }
        let current = cx.model.current_deck();
        let at = rows
            .iter()
            .position(|r| Some(r.id) == self.cursor.or(current))
            .unwrap_or(0);
        let pressed = |key: Key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
        let last = rows.len() - 1;
        let to = if pressed(Key::ArrowDown) {
            Some((at + 1).min(last))
        } else if pressed(Key::ArrowUp) {
            Some(at.saturating_sub(1))
        } else if pressed(Key::Home) {
            Some(0)
        } else if pressed(Key::End) {
            Some(last)
        } else {
            None
        };
        if let Some(to) = to {
            self.cursor = Some(rows[to].id);
            self.scroll_to_cursor = true;
            return;
        }
        let row = &rows[at];
        if menu::take_context_key(ui.ctx()) {
            self.cursor = Some(row.id);
            (self.scroll_to_cursor, self.menu_by_key) = (true, true);
            return;
        }
        let fold = match row.open {
            Some(true) if pressed(Key::ArrowLeft) => Some(true),
            Some(false) if pressed(Key::ArrowRight) => Some(false),
            _ => None,
        };
        if let Some(collapsed) = fold {
            cx.ask(Request::Deck(DeckRequest::SetCollapsed {
                id: row.id,
                collapsed,
            }));
        } else if pressed(Key::Enter) {
            open(cx, row.id);
        }
    }
}

/// Makes the deck current and shows its page.
fn open(cx: &UiContext<'_>, id: DeckId) {
    cx.ask(Request::Deck(DeckRequest::Select(id)));
    cx.go(Route::Overview);
}

/// In the middle of the bottom bar.
const BUTTONS: [(Command, &str); 3] = [
    (Command::GetShared, mark!("Get Shared")),
    (Command::CreateDeck, mark!("Create Deck")),
    (Command::Import, mark!("Import File")),
];

fn buttons(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect) {
    let tips = BUTTONS.map(|(c, _)| (c.info().tooltip, c.shown_keys()));
    let list = BUTTONS
        .iter()
        .zip(&tips)
        .map(|((c, label), (tip, keys))| {
            Button::new(lang::say(label))
                .tip_key(tip, keys)
                .enabled(c.usable(cx.model, cx.route).is_ok())
        })
        .collect();
    let pressed = button::squeezed_row(ui, bar, list);
    for ((command, _), response) in BUTTONS.iter().zip(pressed) {
        if response.clicked() {
            cx.command(*command);
        }
    }
}
