//! History of a deck, its preset, or a note type: what it was before each change, what differs
//! now, and the way back as one step. The worker keeps the versions.

use super::{Beside, compared, versions};
use crate::domain::history::ShownVersion;
use crate::domain::subject::{Lines, Subject, SubjectHistory};
use crate::service::event::Event;
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{Cut as _, dialog, segments, surface, text};
use eframe::egui::{Context, Key, Modifiers, Ui, vec2};

const WIDTH: f32 = 760.0;
const HEIGHT: f32 = 380.0;
const LIST: f32 = 224.0;

/// The versions of one subject or, to switch between, of a few.
#[derive(Debug)]
pub struct SubjectHistoryDialog {
    /// Each with its name.
    subjects: Vec<(Subject, String)>,
    at: usize,
    history: Option<Box<SubjectHistory>>,
    chosen: usize,
    /// Why nothing can be restored now.
    locked: Option<&'static str>,
    restoring: bool,
}

impl SubjectHistoryDialog {
    /// The dialog, and the question that fills it. `locked` says why nothing can be restored.
    #[must_use]
    pub fn open(subjects: Vec<(Subject, String)>, locked: Option<&'static str>) -> Vec<Action> {
        let Some(first) = subjects.first().map(|(subject, _)| *subject) else {
            return Vec::new();
        };
        let dialog = Self {
            subjects,
            at: 0,
            history: None,
            chosen: 0,
            locked,
            restoring: false,
        };
        vec![
            Action::Open(Box::new(dialog)),
            Action::Ask(Request::History(HistoryRequest::LoadSubject(first))),
        ]
    }

    fn subject(&self) -> Option<Subject> {
        self.subjects.get(self.at).map(|(subject, _)| *subject)
    }

    fn version(&self) -> Option<&ShownVersion> {
        self.history.as_ref()?.versions.get(self.chosen)
    }

    /// "Preset" or "Deck", when there is a choice.
    fn switch(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if self.subjects.len() < 2 {
            return;
        }
        let names: Vec<&str> = self
            .subjects
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), 40.0));
        let right = r.min.x + segments::wanted_width(ui, &names);
        let made = segments::place(ui, right, r.center().y - 4.0, "", &names, self.at);
        if let Some(n) = made.filter(|n| *n != self.at) {
            self.at = n;
            self.chosen = 0;
            self.history = None;
            if let Some(subject) = self.subject() {
                cx.ask(Request::History(HistoryRequest::LoadSubject(subject)));
            }
        }
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let (_, area) = ui.allocate_space(vec2(ui.available_width(), HEIGHT));
        let t = Tokens::of(ui);
        let Some(history) = &self.history else {
            text::para(
                ui,
                area,
                t!("Looking for former versions…"),
                font::body(),
                t.text2,
            );
            return;
        };
        if history.versions.is_empty() {
            let words = t!(
                "There is no former version yet. From now on each change keeps what was there \
                 before it, wherever it comes from."
            );
            text::para(ui, area, words, font::body(), t.text2);
            return;
        }
        let mut pane = area;
        let list = pane.cut_left(LIST);
        surface::card(ui, list);
        pane.cut_left(16.0);
        let last = history.versions.len() - 1;
        self.chosen = self.chosen.min(last);
        for (key, to) in [
            (Key::ArrowUp, self.chosen.saturating_sub(1)),
            (Key::ArrowDown, self.chosen + 1),
        ] {
            if ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
                self.chosen = to.min(last);
            }
        }
        if let Some(n) = versions(cx, ui, list, (&history.versions, &[]), self.chosen) {
            self.chosen = n;
        }
        let Some(version) = history.versions.get(self.chosen) else {
            return;
        };
        let (then, now) = differing(version, history.present.as_ref());
        if then.fields.is_empty() {
            let words = t!("Nothing differs from what it is now.");
            text::para(ui, pane, words, font::body(), t.text2);
        } else {
            let with = Beside {
                lines: now.as_deref(),
                decks: "",
                label: t!("now"),
                restores: false,
            };
            compared(ui, pane, &then, &with);
        }
    }
}

/// The lines that differ now, also those that only one of both has.
fn differing(version: &ShownVersion, present: Option<&Lines>) -> (ShownVersion, Option<Lines>) {
    let Some(present) = present else {
        return (version.clone(), None);
    };
    let text = |lines: &Lines, name: &str| {
        let found = lines.iter().find(|(n, _)| n == name);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut names: Vec<&String> = version.fields.iter().map(|(name, _)| name).collect();
    let known = |name: &String| version.fields.iter().any(|(n, _)| n == name);
    names.extend(
        present
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !known(name)),
    );
    let (mut then, mut now) = (Lines::new(), Lines::new());
    for name in names {
        let (was, is) = (text(&version.fields, name), text(present, name));
        if was != is {
            then.push((name.clone(), was));
            now.push((name.clone(), is));
        }
    }
    let version = ShownVersion {
        fields: then,
        ..version.clone()
    };
    (version, Some(now))
}

impl Dialog for SubjectHistoryDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("History"));
            self.switch(cx, ui);
            self.content(cx, ui);
            if let Some(words) = self.locked {
                ui.add_space(12.0);
                text::paragraph_in(ui, words, font::small(), Tokens::of(ui).text2);
            }
            let any = self.version().is_some();
            let exists = self.history.as_ref().is_some_and(|h| h.present.is_some());
            let restore = if exists {
                t!("Restore")
            } else {
                t!("Put back")
            };
            let mut choices = vec![Button::new(t!("Close"))];
            if any {
                let may = self.locked.is_none() && !self.restoring;
                choices.push(Button::primary(restore).enabled(may));
            }
            let footer = dialog::footer(ui, vec![], choices);
            footer.focus_choice(0);
            let version = self.version().filter(|_| footer.chosen(1));
            if let Some((version, subject)) = version.map(|v| v.number).zip(self.subject()) {
                cx.ask(Request::History(HistoryRequest::RestoreSubject {
                    subject,
                    version,
                }));
                self.chosen = 0;
                self.restoring = true;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::History(HistoryEvent::Subject(history))
                if Some(history.subject) == self.subject() =>
            {
                self.history = Some(history.clone());
                self.restoring = false;
                Flow::Stay
            }
            Event::Failed { request, .. } => {
                self.restoring = false;
                match **request {
                    Request::History(HistoryRequest::LoadSubject(_)) => Flow::Close,
                    _ => Flow::Stay,
                }
            }
            _ => Flow::Stay,
        }
    }
}
