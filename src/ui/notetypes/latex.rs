//! Options of a note type: what stands before and after its LaTeX formulas. They stay open until
//! they are on disk.

use super::draft::Draft;
use crate::base::ids::NotetypeId;
use crate::service::event::Event;
use crate::service::notetypes::{NotetypeEvent, NotetypeRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Kind, dialog, text};
use eframe::egui::{Context, ScrollArea};

/// See the module header.
pub struct LatexDialog {
    id: NotetypeId,
    draft: Option<Draft>,
    /// Save was pressed: closes when it is done. Until then it can be pressed again.
    saving: bool,
}

impl LatexDialog {
    #[must_use]
    pub fn new(id: NotetypeId) -> Self {
        Self {
            id,
            draft: None,
            saving: false,
        }
    }
}

impl Dialog for LatexDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let Some(draft) = &mut self.draft else {
            return Flow::Stay;
        };
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 560.0, |ui| {
            let t = Tokens::of(ui);
            dialog::title(
                ui,
                &t!("Options for {notetype}", notetype = draft.stored().name),
            );
            let room = ctx.content_rect().height() - 200.0;
            ScrollArea::vertical().max_height(room).show(ui, |ui| {
                let config = &mut draft.edit.config;
                checkbox(
                    ui,
                    &mut config.latex_svg,
                    t!("Create scalable images with dvisvgm"),
                );
                for (name, value, rows) in [
                    (t!("Header"), &mut config.latex_pre, 8),
                    (t!("Footer"), &mut config.latex_post, 2),
                ] {
                    ui.add_space(sp::M);
                    text::paragraph_in(ui, name, font::small_strong(), t.text2);
                    ui.add_space(sp::XS);
                    Field::new(value, name).rows(rows).mono().show(ui);
                }
                ui.add_space(sp::S);
                let words = t!("Engram draws formulas itself; Anki and other programs use these.");
                text::paragraph_in(ui, words, font::small(), t.text3);
            });
            let save = Button::new(t!("Save")).kind(Kind::Primary);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), save]);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                if draft.is_changed() {
                    self.saving = true;
                    let edit = Box::new(draft.edit.clone());
                    cx.ask(Request::Notetype(NotetypeRequest::Save(edit)));
                } else {
                    flow = Flow::Close;
                }
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Notetype(NotetypeEvent::Loaded(facts))
                if facts.notetype.id == self.id && self.draft.is_none() =>
            {
                self.draft = Some(Draft::new((**facts).clone()));
                Flow::Stay
            }
            Event::Failed { request, .. }
                if **request == Request::Notetype(NotetypeRequest::Load(self.id)) =>
            {
                Flow::Close
            }
            Event::Notetype(NotetypeEvent::Saved) if self.saving => Flow::Close,
            _ => Flow::Stay,
        }
    }
}
