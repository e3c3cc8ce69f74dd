//! Change Note Type: which old field and card becomes which new one. The worker suggests; what is
//! not used is named before it is lost.

use super::act::words;
use crate::base::ids::NotetypeId;
use crate::domain::notetype_change::NotetypeChangeDraft;
use crate::domain::sidebar::SidebarNotetype;
use crate::service::browse::{BrowseAction, BrowseRequest, Chosen};
use crate::service::bulk::BulkEvent;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::field::{combo, line};
use crate::ui::widgets::{Button, Kind, dialog, text};
use eframe::egui::{Align, Context, Ui, vec2};

const WIDTH: f32 = 580.0;
const LABEL: f32 = 200.0;

/// See the module header.
pub(super) struct ChangeNotetypeDialog {
    chosen: Chosen,
    notetypes: Vec<SidebarNotetype>,
    new: Option<NotetypeId>,
    draft: Option<Box<NotetypeChangeDraft>>,
}

/// What the worker is asked: None for the new type suggests the old one itself.
pub(super) fn load(chosen: &Chosen, new: Option<NotetypeId>) -> Request {
    Request::Browse(BrowseRequest::LoadNotetypeChange {
        chosen: chosen.clone(),
        new,
    })
}

impl ChangeNotetypeDialog {
    pub(super) fn new(chosen: Chosen, notetypes: Vec<SidebarNotetype>) -> Self {
        Self {
            chosen,
            notetypes,
            new: None,
            draft: None,
        }
    }

    fn choose_type(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let Some(draft) = &self.draft else {
            return;
        };
        let choices: Vec<(NotetypeId, &str)> = self
            .notetypes
            .iter()
            .map(|n| (n.id, n.name.as_str()))
            .collect();
        let mut new = draft.suggested.new;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let t = Tokens::of(ui);
            let (_, r) = ui.allocate_space(vec2(LABEL, size::CONTROL));
            text::label(
                ui,
                r,
                Align::Min,
                t!("New note type"),
                font::body(),
                t.text2,
            );
            let width = ui.available_width();
            if combo(ui, t!("New note type"), width, &mut new, &choices) {
                cx.ask(load(&self.chosen, Some(new)));
            }
        });
        self.new = Some(new);
    }

    fn mapping(&mut self, ui: &mut Ui) {
        let Some(draft) = &mut self.draft else {
            return;
        };
        heading(ui, t!("Fields"));
        let fields = &mut draft.suggested.fields;
        map(
            ui,
            What::Field,
            &draft.new_fields,
            &draft.old_fields,
            fields,
        );
        lost(ui, What::Field, &draft.old_fields, fields);
        if let Some(templates) = &mut draft.suggested.templates {
            heading(ui, t!("Cards"));
            map(
                ui,
                What::Card,
                &draft.new_templates,
                &draft.old_templates,
                templates,
            );
            lost(ui, What::Card, &draft.old_templates, templates);
        }
    }
}

fn heading(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    ui.add_space(sp::M);
    text::heading_in(ui, words, font::small_strong(), t.text2);
}

/// What is mapped.
#[derive(Clone, Copy)]
enum What {
    Field,
    Card,
}

/// A choice of an old one for each new one.
fn map(ui: &mut Ui, what: What, new: &[String], old: &[String], chosen: &mut [Option<usize>]) {
    let mut choices: Vec<(Option<usize>, &str)> = vec![(None, t!("(nothing)"))];
    choices.extend(
        old.iter()
            .enumerate()
            .map(|(n, name)| (Some(n), name.as_str())),
    );
    for (name, chosen) in new.iter().zip(chosen) {
        line(ui, LABEL, name, |ui| {
            let width = ui.available_width();
            let name = match what {
                What::Field => t!("Old field for {name}", name),
                What::Card => t!("Old card for {name}", name),
            };
            combo(ui, &name, width, chosen, &choices);
        });
    }
}

/// What would be lost, in red.
fn lost(ui: &mut Ui, what: What, old: &[String], chosen: &[Option<usize>]) {
    let unused: Vec<&str> = old
        .iter()
        .enumerate()
        .filter(|(n, _)| !chosen.contains(&Some(*n)))
        .map(|(_, name)| name.as_str())
        .collect();
    if !unused.is_empty() {
        let t = Tokens::of(ui);
        let names = unused.join(", ");
        let line = match what {
            What::Field => t!("The content of {names} will be removed.", names),
            What::Card => t!("Cards of {names} will be removed.", names),
        };
        text::paragraph_in(ui, &line, font::small(), t.danger);
    }
}

impl Dialog for ChangeNotetypeDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let mut yes = false;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Change Note Type"));
            let notes = words(&self.chosen);
            let what = match &self.draft {
                Some(draft) => t!(
                    "For {notes}, now “{notetype}”. This changes the collection’s structure: the \
                     next sync is one-way. You can undo this.",
                    notes,
                    notetype = draft.old_name
                ),
                None => t!(
                    "For {notes}. This changes the collection’s structure: the next sync is \
                     one-way. You can undo this.",
                    notes
                ),
            };
            text::paragraph(ui, &what);
            ui.add_space(sp::S);
            self.choose_type(cx, ui);
            self.mapping(ui);
            let footer = dialog::footer(
                ui,
                vec![],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(t!("Change" in "button"))
                        .kind(Kind::Primary)
                        .enabled(self.draft.is_some()),
                ],
            );
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            yes = footer.chosen(1);
        });
        if yes && let Some(draft) = self.draft.take() {
            let chosen = self.chosen.clone();
            cx.ask(Request::Browse(BrowseRequest::Do {
                chosen,
                action: BrowseAction::ChangeNotetype(draft.suggested),
            }));
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Bulk(BulkEvent::NotetypeChange(draft)) => {
                self.draft = Some(draft.clone());
                Flow::Stay
            }
            // The message says why; nothing can be chosen here.
            Event::Failed { request, .. }
                if matches!(
                    **request,
                    Request::Browse(BrowseRequest::LoadNotetypeChange { .. })
                ) =>
            {
                Flow::Close
            }
            _ => Flow::Stay,
        }
    }
}
