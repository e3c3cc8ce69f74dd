//! The note type or deck of the note being added, chosen by typing parts of its name.

use super::AddAction;
use crate::base::ids::{DeckId, NotetypeId};
use crate::service::event::Event;
use crate::service::notes::NoteEvent;
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
        Self {
            title: t!("Choose Note Type"),
            nothing: t!("No note types match"),
            list: NameList::at(at.unwrap_or(0)),
            items: choices_of_notetype(all),
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

fn choices_of_notetype(all: &[(NotetypeId, String)]) -> Vec<(AddAction, String)> {
    let choice = |(id, name): &(NotetypeId, String)| (AddAction::ChooseNotetype(*id), name.clone());
    all.iter().map(choice).collect()
}

fn names(items: &[(AddAction, String)]) -> Vec<&str> {
    items.iter().map(|(_, name)| name.as_str()).collect()
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
        let names = names(&self.items);
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
    /// The note types may have changed right before; the page has asked for them anew by then.
    fn on_event(&mut self, event: &Event) -> Flow {
        let all = match event {
            Event::Note(NoteEvent::NotetypeChosen { notetypes, .. }) => notetypes,
            Event::Note(NoteEvent::Adding(adding)) => &adding.notetypes,
            _ => return Flow::Stay,
        };
        if self.known.is_none() {
            let before = self.list.chosen(&names(&self.items));
            let before = before.map(|at| std::mem::take(&mut self.items).swap_remove(at).0);
            self.items = choices_of_notetype(all);
            let now = self
                .items
                .iter()
                .position(|(it, _)| Some(it) == before.as_ref());
            self.list.mark(&names(&self.items), now);
        }
        Flow::Stay
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notetype::Notetype;
    use std::sync::Arc;

    #[test]
    fn note_types_that_come_later_can_be_chosen() {
        let named = |all: &[(i64, &str)]| -> Vec<_> {
            let named = all
                .iter()
                .map(|&(id, name)| (NotetypeId(id), name.to_owned()));
            named.collect()
        };
        let mut chooser = Chooser::notetypes(&named(&[(1, "Basic"), (2, "Cloze")]), None);
        chooser.list = NameList::at(1);
        chooser.on_event(&Event::Note(NoteEvent::NotetypeChosen {
            notetype: Arc::new(Notetype::default()),
            notetypes: named(&[(1, "Basic"), (3, "Birds"), (2, "Cloze")]),
            deck: None,
        }));
        let names = names(&chooser.items);
        assert_eq!(names, ["Basic", "Birds", "Cloze"]);
        assert_eq!(chooser.list.chosen(&names), Some(2), "Cloze stays marked");
    }
}
