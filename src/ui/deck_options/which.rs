//! "Which deck?": while the cards of a deck's children are studied, Options… may mean the deck
//! that was chosen or the one that the card lives in.

use crate::base::ids::DeckId;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::decks::model::all_rows;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::filtered;
use crate::ui::model::AppModel;
use crate::ui::route::Route;
use crate::ui::theme::{size, sp};
use crate::ui::widgets::{button::Button, dialog, text};
use eframe::egui::Context;

const WIDTH: f32 = 400.0;

/// A deck that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    pub id: DeckId,
    pub name: String,
    pub filtered: bool,
}

/// The decks that may be meant: the current one and, while a card of another is studied, that.
#[must_use]
pub fn meant(model: &AppModel, route: &Route) -> Vec<Meant> {
    // The default deck is not listed while it is empty.
    let Some(decks) = model.decks.ready() else {
        return vec![];
    };
    let of_card = match &model.study.card {
        Some(card) if *route == Route::Review => Some(card.deck.as_str()),
        _ => None,
    };
    let rows = all_rows(&decks.root);
    let listed = rows.iter().find(|row| row.id == decks.current);
    let current = Meant {
        id: decks.current,
        name: listed.map_or_else(
            || t!("Default" in "name of a deck").to_owned(),
            |row| row.full_name.clone(),
        ),
        filtered: model.current_deck_is_filtered(),
    };
    let other = rows
        .iter()
        .find(|row| row.id != decks.current && Some(row.full_name.as_str()) == of_card);
    let other = other.map(|row| Meant {
        id: row.id,
        name: row.full_name.clone(),
        filtered: row.filtered,
    });
    std::iter::once(current).chain(other).collect()
}

/// See the module header.
#[derive(Debug)]
pub struct WhichDeck(pub Vec<Meant>);

impl Dialog for WhichDeck {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Options of which deck?"));
            text::paragraph(
                ui,
                t!("This card is in another deck than the one you study."),
            );
            ui.add_space(sp::M);
            let mut chosen = None;
            for deck in &self.0 {
                let width = ui.available_width();
                let (_, r) = ui.allocate_space(eframe::egui::vec2(width, size::CONTROL));
                if Button::new(&deck.name).salt(deck.id).place(ui, r).clicked() {
                    chosen = Some(deck.clone());
                }
                ui.add_space(sp::S);
            }
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel"))]);
            (chosen, footer.chosen(0))
        });
        let (chosen, cancelled) = shown.inner;
        if let Some(deck) = chosen {
            if deck.filtered {
                cx.ask(filtered::open(Some(deck.id)));
            } else {
                cx.go(Route::DeckOptions { deck: deck.id });
            }
            return Flow::Close;
        }
        Flow::close_if(cancelled || shown.dismissed)
    }
}
