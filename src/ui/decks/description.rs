//! The deck's description, edited as the HTML or Markdown that Anki keeps. It stays open until it
//! is on disk.

use crate::base::ids::DeckId;
use crate::domain::op::Op;
use crate::service::event::{DeckEvent, Event};
use crate::service::request::{DeckRequest, Request};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::sp;
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Kind, dialog, text};
use eframe::egui::Context;

#[derive(Debug)]
pub struct EditDescription {
    deck: DeckId,
    /// None until the worker has sent it.
    text: Option<String>,
    markdown: bool,
    /// As it was.
    stored: (String, bool),
    saving: bool,
}

impl EditDescription {
    #[must_use]
    pub fn new(deck: DeckId, description: &str, markdown: bool) -> Self {
        Self {
            deck,
            text: Some(description.to_owned()),
            markdown,
            stored: (description.to_owned(), markdown),
            saving: false,
        }
    }

    /// Opens at once and is filled when the deck's overview arrives.
    #[must_use]
    pub fn when_loaded(deck: DeckId) -> Self {
        Self {
            deck,
            text: None,
            markdown: false,
            stored: (String::new(), false),
            saving: false,
        }
    }

    fn is_changed(&self) -> bool {
        let (text, markdown) = &self.stored;
        let changed = self.text.as_ref().is_some_and(|now| now != text);
        changed || self.markdown != *markdown
    }
}

impl Dialog for EditDescription {
    fn on_event(&mut self, event: &Event) -> Flow {
        if let Event::Deck(DeckEvent::Overview(o)) = event
            && o.id == self.deck
            && self.text.is_none()
        {
            self.text = Some(o.description.clone());
            self.markdown = o.markdown;
            self.stored = (o.description.clone(), o.markdown);
        }
        match event {
            Event::Done {
                op: Op::UpdateDeckDescription,
                ..
            } if self.saving => Flow::Close,
            // What was typed can be saved again.
            Event::Failed { request, .. } if is_save(request) => {
                self.saving = false;
                Flow::Stay
            }
            _ => Flow::Stay,
        }
    }

    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 560.0, |ui| {
            dialog::title(ui, t!("Description"));
            text::paragraph(
                ui,
                t!(
                    "Shown on the deck’s page and when it is finished, with HTML in it or as Markdown."
                ),
            );
            ui.add_space(sp::M);
            let mut waiting = String::new();
            let ready = self.text.is_some();
            let words = self.text.as_mut().unwrap_or(&mut waiting);
            Field::new(words, t!("Description")).rows(8).show(ui);
            ui.add_space(sp::S);
            checkbox(ui, &mut self.markdown, t!("Treat as Markdown"));
            let footer = dialog::footer(
                ui,
                vec![],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(t!("Save")).kind(Kind::Primary).enabled(ready),
                ],
            );
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                if let Some(description) = self.text.clone().filter(|_| self.is_changed()) {
                    self.saving = true;
                    cx.ask(Request::Deck(DeckRequest::SetDescription {
                        id: self.deck,
                        description,
                        markdown: self.markdown,
                    }));
                } else {
                    flow = Flow::Close;
                }
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}

fn is_save(request: &Request) -> bool {
    matches!(request, Request::Deck(DeckRequest::SetDescription { .. }))
}
