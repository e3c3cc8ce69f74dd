//! When copies are saved at a place by themselves: after each night, and so many hours after the
//! last one.

use super::mail::{aside, row};
use crate::service::request::Request;
use crate::service::vaults::{Place, Schedule, VaultRequest};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::number::Number;
use crate::ui::widgets::{check, dialog, text};
use eframe::egui::{Context, Ui};

const WIDTH: f32 = 480.0;
const NUMBER: f32 = 80.0;
/// Hours that are offered first.
const HOURS: u32 = 6;
const MOST_HOURS: i64 = 168;

/// See the module header.
pub struct WhenSaved {
    address: String,
    title: String,
    nightly: bool,
    by_hours: bool,
    hours: i64,
}

enum Choice {
    Cancel,
    Save,
}

impl WhenSaved {
    pub fn of(place: &Place) -> Self {
        let schedule = place.entry.schedule;
        Self {
            address: place.address.clone(),
            title: place.entry.destination.label(),
            nightly: schedule.nightly,
            by_hours: schedule.every_hours.is_some(),
            hours: i64::from(schedule.every_hours.unwrap_or(HOURS)),
        }
    }

    fn schedule(&self) -> Schedule {
        let hours = u32::try_from(self.hours).unwrap_or(HOURS).max(1);
        Schedule {
            nightly: self.nightly,
            every_hours: self.by_hours.then_some(hours),
        }
    }

    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("When it is saved"));
        text::paragraph_in(ui, &self.title, font::small(), t.text2);
        ui.add_space(sp::M);
        check::checkbox(ui, &mut self.nightly, t!("After each night"));
        ui.add_space(sp::S);
        let words = t!("Some hours after the last copy");
        check::checkbox(ui, &mut self.by_hours, words);
        ui.add_space(sp::S);
        if self.by_hours {
            row(ui, t!("How long after"), |ui, _| {
                let limits = 1..=MOST_HOURS;
                Number::new(t!("Hours after the last copy"), limits).show(
                    ui,
                    NUMBER,
                    &mut self.hours,
                );
                aside(ui, t!("hours"));
            });
        }
        let words = t!("Only when something has changed, and while Engram runs.");
        text::paragraph_in(ui, words, font::small(), t.text2);
        let save = Button::new(t!("Save")).kind(Kind::Primary);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), save]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if footer.chosen(1) => Some(Choice::Save),
            () => None,
        }
    }
}

impl Dialog for WhenSaved {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        if matches!(shown.inner, Some(Choice::Save)) {
            cx.ask(Request::Vault(VaultRequest::SetSchedule {
                address: self.address.clone(),
                schedule: self.schedule(),
            }));
        }
        Flow::close_if(shown.inner.is_some() || shown.dismissed)
    }
}
