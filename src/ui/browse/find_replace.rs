//! Find and Replace over the chosen notes, or all: in all fields, one field, or the tags. What was
//! typed and chosen is there again the next time, earlier texts behind a button.

use super::MAX_HISTORY;
use super::act::words;
use super::search_bar::LONGEST_HISTORY;
use crate::service::browse::{BrowseAction, BrowseRequest, Chosen};
use crate::service::bulk::{BulkEvent, BulkRequest, FindReplace, ReplaceIn};
use crate::service::event::Event;
use crate::service::request::{Changed, Request, SettingsRequest};
use crate::service::settings::{ProfileSettings, ReplaceSettings};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::size;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::{Field, combo, line, select_all};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::{Button, Kind, dialog, ic};
use eframe::egui::{Context, Key, Response, ScrollArea, Ui};

const WIDTH: f32 = 500.0;
const LABEL: f32 = 110.0;

/// See the module header.
pub(super) struct FindReplaceDialog {
    /// None when no row is chosen: all notes.
    chosen: Option<Chosen>,
    only_chosen: bool,
    what: FindReplace,
    /// Earlier texts, as they were when the dialog opened; None before.
    kept: Option<ReplaceSettings>,
    /// None while they are asked for.
    fields: Option<Vec<String>>,
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
            kept: None,
            fields: None,
        }
    }

    /// As the dialog was left the last time.
    fn restore(&mut self, kept: &ReplaceSettings) {
        self.what = FindReplace {
            find: kept.finds.first().cloned().unwrap_or_default(),
            replacement: kept.replacements.first().cloned().unwrap_or_default(),
            regex: kept.regex,
            match_case: kept.match_case,
            place: kept.place.clone(),
        };
        self.kept = Some(kept.clone());
        self.offer_place();
    }

    /// Once the names of fields are known, one that is not there any more is not kept.
    fn offer_place(&mut self) {
        if let ReplaceIn::Field(chosen) = &self.what.place
            && let Some(fields) = &self.fields
            && !fields.contains(chosen)
        {
            self.what.place = ReplaceIn::AllFields;
        }
    }

    /// For the next time.
    fn keep(&self, cx: &UiContext<'_>) {
        let shown = cx.model.settings.clone();
        let mut wanted: ProfileSettings = shown.clone();
        let kept = &mut wanted.browser.replace;
        remember(&mut kept.finds, &self.what.find);
        remember(&mut kept.replacements, &self.what.replacement);
        kept.regex = self.what.regex;
        kept.match_case = self.what.match_case;
        kept.place.clone_from(&self.what.place);
        if wanted != shown {
            let change = Box::new(Changed { shown, wanted });
            cx.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
    }

    /// True where Enter was pressed in one of the lines.
    fn form(&mut self, ui: &mut Ui, opened: bool) -> bool {
        let kept = self.kept.clone().unwrap_or_default();
        let find = with_earlier(ui, t!("Find"), &mut self.what.find, &kept.finds);
        if opened {
            find.request_focus();
            select_all(ui.ctx(), find.id, &self.what.find);
        }
        let earlier = &kept.replacements;
        let replacement = &mut self.what.replacement;
        let replace = with_earlier(ui, t!("Replace with"), replacement, earlier);
        let left = find.lost_focus() || replace.lost_focus();
        let enter = left && ui.input(|i| i.key_pressed(Key::Enter));
        line(ui, LABEL, t!("In" in "where to replace"), |ui| {
            let mut places = vec![
                (ReplaceIn::AllFields, t!("All fields")),
                (ReplaceIn::Tags, t!("Tags")),
            ];
            let named = |name: &String| (ReplaceIn::Field(name.clone()), name.clone());
            let own: Vec<_> = self.fields.iter().flatten().map(named).collect();
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
        enter
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

fn remember(texts: &mut Vec<String>, text: &str) {
    texts.retain(|old| old != text);
    texts.insert(0, text.to_owned());
    texts.truncate(MAX_HISTORY);
}

/// A line to type in, with a button for what was typed there before.
fn with_earlier(ui: &mut Ui, name: &str, text: &mut String, earlier: &[String]) -> Response {
    line(ui, LABEL, name, |ui| {
        let width = ui.available_width() - size::CONTROL;
        let field = Field::new(text, name).width(width).show(ui);
        let words = t!("{name}: earlier texts", name);
        let earlier: Vec<_> = earlier.iter().filter(|text| !text.is_empty()).collect();
        let button = Button::icon_only(ic::HISTORY, &words).enabled(!earlier.is_empty());
        let button = ui.add(button);
        menu::popup(&button, |ui| {
            ui.set_width(width);
            let list = ScrollArea::vertical().max_height(LONGEST_HISTORY);
            list.show(ui, |ui| {
                for old in earlier {
                    if Entry::new(old).show(ui).clicked() {
                        text.clone_from(old);
                    }
                }
            });
        });
        field
    })
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
        let opened = self.kept.is_none();
        if opened {
            self.restore(&cx.model.settings.browser.replace);
        }
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Find and Replace"));
            let before = self.only_chosen;
            let enter = self.form(ui, opened);
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
            yes = ready && (enter || footer.choices.get(1).is_some_and(Response::clicked));
        });
        if yes {
            self.keep(cx);
            cx.ask(self.request());
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Event::Bulk(BulkEvent::FieldNames(names)) = event {
            self.fields = Some(names.clone());
            self.offer_place();
        }
        Flow::Stay
    }
}
