//! Study Deck (/): a deck is chosen by typing parts of its name.

use super::model::all_rows;
use crate::service::request::{DeckRequest, Request};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::route::Route;
use crate::ui::widgets::button::Button;
use crate::ui::widgets::name_list::NameList;
use crate::ui::widgets::{Kind, dialog};
use eframe::egui::{Context, Key, Modifiers};

#[derive(Debug, Default)]
pub struct Chooser {
    list: NameList,
}

impl Dialog for Chooser {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let decks = cx.model.decks.ready();
        let all = decks.map(|d| all_rows(&d.root)).unwrap_or_default();
        let names: Vec<&str> = all.iter().map(|row| row.full_name.as_str()).collect();
        let mut chosen = None;
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            dialog::title(ui, t!("Study Deck"));
            let add = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::N));
            chosen = self.list.show(ui, &names, t!("No decks match"));
            let marked = self.list.chosen(&names);
            let footer = dialog::footer(
                ui,
                vec![Button::ghost(t!("Create Deck…"))],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(t!("Study"))
                        .kind(Kind::Primary)
                        .enabled(marked.is_some()),
                ],
            );
            if footer.quiet.first().is_some_and(|b| b.clicked()) || add {
                cx.open(super::create_deck(self.list.words()));
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                chosen = marked;
            }
        });
        if let Some(row) = chosen.and_then(|at| all.get(at)) {
            cx.ask(Request::Deck(DeckRequest::Select(row.id)));
            cx.go(Route::Overview);
            return Flow::Close;
        }
        if shown.dismissed {
            return Flow::Close;
        }
        flow
    }
}
