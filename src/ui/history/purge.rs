//! Preferences > Backups > Delete older…: history from before so many days, deleted for good after
//! its size was told.

use crate::domain::history::Older;
use crate::service::event::Event;
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, Number, dialog, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, Ui, vec2};

const WIDTH: f32 = 480.0;
const DAYS: u32 = 365;

/// See the module header. It asks what would go whenever the number changes.
#[derive(Debug)]
pub struct PurgeDialog {
    days: u32,
    /// Of these days.
    found: Option<(u32, Older)>,
    purging: bool,
}

impl PurgeDialog {
    /// The dialog, and the question that fills it.
    #[must_use]
    pub fn open() -> Vec<Action> {
        let dialog = Self {
            days: DAYS,
            found: None,
            purging: false,
        };
        vec![
            Action::Open(Box::new(dialog)),
            Action::Ask(Request::History(HistoryRequest::Older(DAYS))),
        ]
    }

    /// What would go, once that is known of the number as it is.
    fn known(&self) -> Option<Older> {
        let (_, found) = self.found.filter(|(days, _)| *days == self.days)?;
        Some(found)
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let (_, mut line) = ui.allocate_space(vec2(ui.available_width(), 36.0));
        let words = t!("Older than" in "so many days");
        let width = text::width(ui, words, font::body()) + 12.0;
        text::label(
            ui,
            line.cut_left(width),
            Align::Min,
            words,
            font::body(),
            t.text,
        );
        let mut days = i64::from(self.days);
        let field = Number::new(t!("Older than so many days"), 0..=36_500).step(30);
        if field.place(ui, line.cut_left(84.0), &mut days) {
            self.days = u32::try_from(days).unwrap_or(self.days);
            cx.ask(Request::History(HistoryRequest::Older(self.days)));
        }
        line.cut_left(10.0);
        text::label(
            ui,
            line,
            Align::Min,
            t!("days" in "older than"),
            font::body(),
            t.text2,
        );
        ui.add_space(10.0);
        text::paragraph(ui, &self.words());
    }

    fn words(&self) -> String {
        let Some(found) = self.known() else {
            return t!("Counting…").to_owned();
        };
        if found.versions == 0 {
            return t!("No version is as old as that.").to_owned();
        }
        let mut words = tn!(
            found.versions,
            "{n} former version would be deleted for good, overwritten in the file.",
            "{n} former versions would be deleted for good, overwritten in the file."
        );
        if found.deleted_notes > 0 {
            words.push(' ');
            words.push_str(&tn!(
                found.deleted_notes,
                "{n} deleted note could not be put back any more.",
                "{n} deleted notes could not be put back any more."
            ));
        }
        words.push(' ');
        words.push_str(t!(
            "The notes stay as they are. Backups, exports and Undo may still hold what they were."
        ));
        words
    }
}

impl Dialog for PurgeDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Delete older note history?"));
            self.content(cx, ui);
            let any = self.known().is_some_and(|found| found.versions > 0);
            let delete = Button::new(t!("Delete for good"))
                .kind(Kind::Danger)
                .enabled(any && !self.purging);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), delete]);
            footer.focus_choice(0);
            if footer.chosen(1) && any {
                cx.ask(Request::History(HistoryRequest::PurgeOlder(self.days)));
                self.purging = true;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::History(HistoryEvent::Older { days, found }) => {
                self.found = Some((*days, *found));
                Flow::Stay
            }
            Event::History(HistoryEvent::Purged(_)) => Flow::Close,
            Event::Failed { request, .. } if matches!(**request, Request::History(_)) => {
                Flow::Close
            }
            _ => Flow::Stay,
        }
    }
}
