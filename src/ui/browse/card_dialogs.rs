//! Questions about the chosen cards: which grade, which positions.

use super::act::words;
use crate::base::count;
use crate::domain::reposition::{Reposition, RepositionDefaults};
use crate::domain::study::Rating;
use crate::service::browse::{BrowseAction, BrowseEvent, BrowseRequest, Chosen};
use crate::service::event::Event;
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{size, sp};
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::line;
use crate::ui::widgets::{Button, Kind, Number, dialog, text};
use eframe::egui::{Context, Key, Modifiers, Ui};

const WIDTH: f32 = 460.0;

fn act(cx: &UiContext<'_>, chosen: &Chosen, action: BrowseAction) {
    let chosen = chosen.clone();
    cx.ask(Request::Browse(BrowseRequest::Do { chosen, action }));
}

/// Again, Hard, Good or Easy for all of them.
pub(super) struct GradeDialog {
    chosen: Chosen,
}

impl GradeDialog {
    pub(super) fn new(chosen: Chosen) -> Self {
        Self { chosen }
    }
}

impl Dialog for GradeDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let grades: [(Rating, &str, Key); 4] = [
            (Rating::Again, t!("Again"), Key::Num1),
            (Rating::Hard, t!("Hard"), Key::Num2),
            (Rating::Good, t!("Good"), Key::Num3),
            (Rating::Easy, t!("Easy"), Key::Num4),
        ];
        let mut grade = None;
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Grade Now"));
            let lines = t!(
                "Answers {cards} as if shown now, due or not. Intervals change, and the answers \
                 go into the review history. You can undo this.",
                cards = words(&self.chosen)
            );
            text::paragraph(ui, &lines);
            ui.add_space(sp::M);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = sp::S;
                let w = (ui.available_width() - 3.0 * sp::S) / 4.0;
                for (rating, name, key) in grades {
                    let button = Button::new(name).min_width(w).height(size::CONTROL);
                    let pressed = ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
                    if ui.add(button).clicked() || pressed {
                        grade = Some(rating);
                    }
                }
            });
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel"))]);
            footer.focus_choice(0);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
        });
        if let Some(rating) = grade {
            act(cx, &self.chosen, BrowseAction::GradeNow(rating));
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }
}

/// Cancel and the action; true when the action was chosen, by button or Enter.
fn choices(ui: &mut Ui, action: &str, enabled: bool, flow: &mut Flow) -> bool {
    let footer = dialog::footer(
        ui,
        vec![],
        vec![
            Button::new(t!("Cancel")),
            Button::new(action).kind(Kind::Primary).enabled(enabled),
        ],
    );
    if footer.chosen(0) {
        *flow = Flow::Close;
    }
    if ui.memory(|m| m.focused().is_none()) {
        footer.focus_choice(1);
    }
    enabled && footer.chosen(1)
}

/// Where new cards stand in the order of learning.
pub(super) struct RepositionDialog {
    chosen: Chosen,
    defaults: Option<RepositionDefaults>,
    start: u32,
    step: u32,
    /// None until the worker tells how it was the last time, or somebody ticks it before.
    random: Option<bool>,
    shift: Option<bool>,
}

impl RepositionDialog {
    /// The positions that there are come with the worker's answer.
    pub(super) fn new(chosen: Chosen) -> Self {
        Self {
            chosen,
            defaults: None,
            start: 0,
            step: 1,
            random: None,
            shift: None,
        }
    }

    fn how(&self) -> Reposition {
        Reposition {
            start: self.start,
            step: self.step,
            random: self.random.unwrap_or_default(),
            shift: self.shift.unwrap_or_default(),
        }
    }
}

impl Dialog for RepositionDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let mut yes = false;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Reposition New Cards"));
            let queue = match self.defaults.as_ref().and_then(|d| d.range) {
                Some((first, last)) => t!(
                    "New cards are learned in the order of their positions, which go from {first} \
                     to {last} now. Cards that are not new stay as they are.",
                    first = count::signed(first),
                    last = count::signed(last),
                ),
                None => t!("Cards that are not new stay as they are.").to_owned(),
            };
            text::paragraph(ui, &queue);
            ui.add_space(sp::S);
            let mut enter = number(ui, t!("Start position"), &mut self.start, 0);
            enter |= number(ui, t!("Step"), &mut self.step, 1);
            tick(ui, &mut self.random, t!("Randomize order"));
            tick(ui, &mut self.shift, t!("Shift position of existing cards"));
            let is_known = self.defaults.is_some();
            yes = choices(ui, t!("Reposition"), is_known, &mut flow) || enter && is_known;
        });
        if yes {
            act(cx, &self.chosen, BrowseAction::Reposition(self.how()));
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Browse(BrowseEvent::Reposition(defaults)) => {
                self.random.get_or_insert(defaults.random);
                self.shift.get_or_insert(defaults.shift);
                self.defaults = Some(*defaults);
                Flow::Stay
            }
            Event::Failed { request, .. }
                if **request == Request::Browse(BrowseRequest::LoadReposition) =>
            {
                Flow::Close
            }
            _ => Flow::Stay,
        }
    }
}

fn tick(ui: &mut Ui, value: &mut Option<bool>, words: &str) {
    let mut on = value.unwrap_or_default();
    if checkbox(ui, &mut on, words).changed() {
        *value = Some(on);
    }
}

/// True when Enter left the field.
fn number(ui: &mut Ui, name: &str, value: &mut u32, least: i64) -> bool {
    let mut enter = false;
    line(ui, 160.0, name, |ui| {
        let mut typed = i64::from(*value);
        let number = Number::new(name, least..=i64::from(i32::MAX));
        if number.clone().show(ui, 110.0, &mut typed) {
            *value = u32::try_from(typed).unwrap_or_default();
        }
        enter = number.entered(ui);
    });
    enter
}
