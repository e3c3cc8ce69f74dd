//! Find and Replace over the chosen notes, or all: in all fields, one field, or the tags.

use super::act::words;
use crate::service::browse::{BrowseAction, BrowseRequest, Chosen};
use crate::service::bulk::{BulkEvent, BulkRequest, FindReplace, ReplaceIn};
use crate::service::event::Event;
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::{Field, combo, line};
use crate::ui::widgets::{Button, Kind, dialog};
use eframe::egui::{Context, Response, Ui};

const WIDTH: f32 = 500.0;
const LABEL: f32 = 110.0;

/// See the module header.
pub(super) struct FindReplaceDialog {
    /// None when no row is chosen: all notes.
    chosen: Option<Chosen>,
    only_chosen: bool,
    what: FindReplace,
    fields: Vec<String>,
    focused: bool,
}

impl FindReplaceDialog {
    /// The names of fields come with the worker's answer to [`load`].
    pub(super) fn new(chosen: Option<Chosen>) -> Self {
        Self {
            only_chosen: chosen.is_some(),
            chosen,
            what: FindReplace {
                find: String::new(),
                replacement: String::new(),
                regex: false,
                match_case: false,
                place: ReplaceIn::AllFields,
            },
            fields: vec![],
            focused: false,
        }
    }

    fn form(&mut self, ui: &mut Ui) {
        let find = line(ui, LABEL, t!("Find"), |ui| {
            Field::new(&mut self.what.find, t!("Find")).show(ui)
        });
        if !self.focused {
            self.focused = true;
            find.request_focus();
        }
        line(ui, LABEL, t!("Replace with"), |ui| {
            Field::new(&mut self.what.replacement, t!("Replace with")).show(ui)
        });
        line(ui, LABEL, t!("In" in "where to replace"), |ui| {
            let mut places = vec![
                (ReplaceIn::AllFields, t!("All fields")),
                (ReplaceIn::Tags, t!("Tags")),
            ];
            let named = |name: &String| (ReplaceIn::Field(name.clone()), name.clone());
            let own: Vec<_> = self.fields.iter().map(named).collect();
            places.extend(
                own.iter()
                    .map(|(place, name)| (place.clone(), name.as_str())),
            );
            let width = ui.available_width();
            let name = t!("In" in "where to replace");
            combo(ui, name, width, &mut self.what.place, &places);
        });
        if let Some(chosen) = &self.chosen {
            let label = t!("Selected notes only ({chosen})", chosen = words(chosen));
            checkbox(ui, &mut self.only_chosen, &label);
        }
        let mut ignore_case = !self.what.match_case;
        checkbox(ui, &mut ignore_case, t!("Ignore case"));
        self.what.match_case = !ignore_case;
        checkbox(
            ui,
            &mut self.what.regex,
            t!("Treat input as regular expression"),
        );
    }

    fn request(&self) -> Request {
        let what = self.what.clone();
        match self.chosen.clone().filter(|_| self.only_chosen) {
            Some(chosen) => Request::Browse(BrowseRequest::Do {
                chosen,
                action: BrowseAction::FindReplace(what),
            }),
            None => Request::Bulk(BulkRequest::FindReplace { notes: None, what }),
        }
    }
}

/// What is asked of the worker: the names of the fields of the chosen notes, or of all.
pub(super) fn load(chosen: Option<&Chosen>) -> Request {
    match chosen {
        Some(chosen) => Request::Browse(BrowseRequest::LoadFieldNames(chosen.clone())),
        None => Request::Bulk(BulkRequest::LoadFieldNames { notes: None }),
    }
}

impl Dialog for FindReplaceDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let mut yes = false;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Find and Replace"));
            let before = self.only_chosen;
            self.form(ui);
            if self.only_chosen != before {
                let chosen = self.chosen.as_ref().filter(|_| self.only_chosen);
                cx.ask(load(chosen));
            }
            let ready = !self.what.find.is_empty();
            let footer = dialog::footer(
                ui,
                vec![],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(t!("Replace All"))
                        .kind(Kind::Primary)
                        .enabled(ready),
                ],
            );
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            yes = ready && footer.choices.get(1).is_some_and(Response::clicked);
        });
        if yes {
            cx.ask(self.request());
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Event::Bulk(BulkEvent::FieldNames(names)) = event {
            self.fields.clone_from(names);
            if let ReplaceIn::Field(chosen) = &self.what.place
                && !names.contains(chosen)
            {
                self.what.place = ReplaceIn::AllFields;
            }
        }
        Flow::Stay
    }
}
