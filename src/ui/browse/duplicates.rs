//! Find Duplicates: notes with the same text in a field, as a list that leads into the table.

use super::MOST_SEARCHED;
use super::act::{of_notes, show};
use crate::base::ids::NoteId;
use crate::service::bulk::{BulkEvent, BulkRequest, DuplicateGroup};
use crate::service::event::Event;
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::field::{Field, combo, is_entered, line};
use crate::ui::widgets::text::{left, right};
use crate::ui::widgets::{Button, Cut, Kind, dialog, ic, row as rows, text};
use crate::{t, tn};
use eframe::egui::{Context, Sense, Ui, vec2};

const WIDTH: f32 = 560.0;
const LABEL: f32 = 110.0;
const LIST: f32 = 10.0 * size::ROW;

/// See the module header.
#[derive(Default)]
pub(super) struct DuplicatesDialog {
    fields: Vec<String>,
    field: String,
    search: String,
    groups: Option<Vec<DuplicateGroup>>,
    waiting: bool,
}

/// What Tag Duplicates adds.
const TAG: &str = "duplicate";

impl DuplicatesDialog {
    fn form(&mut self, ui: &mut Ui) -> bool {
        let mut enter = false;
        line(ui, LABEL, t!("Look in field"), |ui| {
            let choices: Vec<(String, &str)> = self
                .fields
                .iter()
                .map(|name| (name.clone(), name.as_str()))
                .collect();
            let width = ui.available_width();
            combo(ui, t!("Look in field"), width, &mut self.field, &choices);
        });
        line(ui, LABEL, t!("Among"), |ui| {
            let field = Field::new(&mut self.search, t!("Optional limit"))
                .hint(t!("All notes; or a search: deck:Spanish"))
                .icon(ic::SEARCH)
                .show(ui);
            enter = is_entered(ui, &field);
        });
        enter
    }

    fn results(&self, cx: &UiContext<'_>, ui: &mut Ui, groups: &[DuplicateGroup]) -> Flow {
        let t = Tokens::of(ui);
        let notes: usize = groups.iter().map(|group| group.notes.len()).sum();
        let summary = if groups.is_empty() {
            t!("No duplicates").to_owned()
        } else {
            let texts = groups.len() as u64;
            t!(
                "{texts} with {notes}",
                texts = tn!(texts, "{n} duplicate text", "{n} duplicate texts"),
                notes = tn!(notes as u64, "{n} note", "{n} notes")
            )
        };
        text::paragraph(ui, &summary);
        ui.add_space(sp::XS);
        let mut flow = Flow::Stay;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), LIST));
        let (mut child, list) = dialog::scrolled(ui, r, "groups");
        child.spacing_mut().item_spacing.y = 0.0;
        list.show_rows(&mut child, size::ROW, groups.len(), |ui, range| {
            for n in range {
                let Some(group) = groups.get(n) else { continue };
                let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                let count = tn!(group.notes.len() as u64, "{n} note", "{n} notes");
                let name = format!("{}, {count}", group.text);
                let salt = ui.make_persistent_id(("group", n));
                let response = rows::sensed(ui, r, salt, &name, false, Sense::click());
                let mut area = r.pad(10.0, 0.0);
                right(ui, area.cut_right(80.0), &count, font::small(), t.text3);
                left(ui, area, &group.text, font::body(), t.text);
                if response.clicked() {
                    show(&group.notes).into_iter().for_each(|act| cx.send(act));
                    flow = Flow::Close;
                }
            }
        });
        flow
    }
}

impl Dialog for DuplicatesDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let mut find = false;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Find Duplicates"));
            find = self.form(ui);
            if let Some(groups) = &self.groups {
                flow = self.results(cx, ui, groups);
            }
            let all: Vec<NoteId> = self
                .groups
                .iter()
                .flatten()
                .flat_map(|group| group.notes.iter().copied())
                .collect();
            let quiet = Button::ghost(t!("Tag Duplicates"))
                .tip(t!("Adds the tag “duplicate” to all of them"))
                .enabled(!all.is_empty());
            let ready = !self.field.is_empty() && !self.waiting;
            let footer = dialog::footer(
                ui,
                vec![quiet],
                vec![
                    Button::new(t!("Close")),
                    Button::new(t!("Find")).kind(Kind::Primary).enabled(ready),
                ],
            );
            footer.focus_choice(1);
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                cx.ask(Request::Bulk(BulkRequest::AddTags {
                    notes: all.clone(),
                    tags: TAG.into(),
                }));
                cx.send(Action::Browse(if all.len() > MOST_SEARCHED {
                    format!("tag:{TAG}")
                } else {
                    of_notes(&all)
                }));
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            find = ready && (find || footer.chosen(1));
        });
        if find {
            self.waiting = true;
            cx.ask(Request::Bulk(BulkRequest::FindDuplicates {
                field: self.field.clone(),
                search: self.search.trim().to_owned(),
            }));
        }
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Bulk(BulkEvent::FieldNames(names)) => {
                self.fields.clone_from(names);
                if self.field.is_empty() {
                    self.field = names.first().cloned().unwrap_or_default();
                }
            }
            Event::Bulk(BulkEvent::Duplicates { groups, .. }) => {
                self.groups = Some(groups.clone());
                self.waiting = false;
            }
            Event::Failed { .. } => self.waiting = false,
            _ => {}
        }
        Flow::Stay
    }
}
