//! The note type or deck of the note being added, chosen by typing parts of its name.

use super::AddAction;
use crate::base::ids::{DeckId, NotetypeId};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::decks::{self, model::Row};
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::name_list::NameList;
use crate::ui::widgets::{Kind, dialog};
use eframe::egui::{Context, Key, Modifiers};

/// See the module header.
pub struct Chooser {
    title: &'static str,
    nothing: &'static str,
    list: NameList,
    items: Vec<(AddAction, String)>,
    /// Of decks: there may be another one. Those that there are, filtered ones too.
    known: Option<Vec<DeckId>>,
}

impl Chooser {
    /// Of note types, beginning at the present one.
    #[must_use]
    pub fn notetypes(all: &[(NotetypeId, String)], now: Option<NotetypeId>) -> Self {
        let at = all.iter().position(|(id, _)| Some(*id) == now);
        let items = all.iter().map(|(id, name)| {
            let choice = AddAction::ChooseNotetype(*id);
            (choice, name.clone())
        });
        Self {
            title: t!("Choose Note Type"),
            nothing: t!("No note types match"),
            list: NameList::at(at.unwrap_or(0)),
            items: items.collect(),
            known: None,
        }
    }

    /// Of decks that can hold cards for good, beginning at the present one.
    #[must_use]
    pub fn decks(cx: &UiContext<'_>, now: DeckId) -> Self {
        let rows = normal_decks(cx);
        let at = rows.iter().position(|(id, _)| *id == now);
        let items = rows.into_iter().map(|(id, name)| {
            let choice = AddAction::ChooseDeck(id);
            (choice, name)
        });
        Self {
            title: t!("Choose Deck"),
            nothing: t!("No decks match"),
            list: NameList::at(at.unwrap_or(0)),
            items: items.collect(),
            known: Some(all_decks(cx).into_iter().map(|row| row.id).collect()),
        }
    }
}

fn all_decks(cx: &UiContext<'_>) -> Vec<Row> {
    let decks = cx.model.decks.ready();
    let rows = decks.map(|d| decks::model::all_rows(&d.root));
    rows.unwrap_or_default()
}

/// Ids and full names of the decks that are not filtered ones, in the list's order.
pub(super) fn normal_decks(cx: &UiContext<'_>) -> Vec<(DeckId, String)> {
    let rows = all_decks(cx).into_iter();
    rows.filter(|row| !row.filtered)
        .map(|row| (row.id, row.full_name))
        .collect()
}

impl Dialog for Chooser {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let names: Vec<&str> = self.items.iter().map(|(_, name)| name.as_str()).collect();
        let mut chosen = None;
        let mut close = false;
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            dialog::title(ui, self.title);
            let creates = self.known.is_some();
            let add = creates && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::N));
            chosen = self.list.show(ui, &names, self.nothing);
            let marked = self.list.chosen(&names);
            let choose = Button::new(t!("Choose"))
                .kind(Kind::Primary)
                .enabled(marked.is_some());
            let create = creates.then(|| Button::ghost(t!("Create Deck…")));
            let choices = vec![Button::new(t!("Cancel")), choose];
            let footer = dialog::footer(ui, create.into_iter().collect(), choices);
            close = footer.chosen(0);
            if add || footer.quiet.iter().any(|b| b.clicked()) {
                close = true;
                let known = self.known.take().unwrap_or_default();
                cx.open(decks::name_deck(self.list.words(), |name| {
                    Action::Add(AddAction::CreateDeck { name, known })
                }));
            }
            if footer.chosen(1) {
                chosen = marked;
            }
        });
        if let Some((choice, _)) = chosen.and_then(|at| self.items.get(at)) {
            cx.send(Action::Add(choice.clone()));
            return Flow::Close;
        }
        Flow::close_if(close || shown.dismissed)
    }
}
