//! The FSRS simulator: what the coming days would be like with other options, and what each
//! desired retention costs ("Help me decide"). A dialog of the deck options; what is tried here
//! goes into the options only with "Use in Options". The numbers typed are `form`, the lines
//! drawn `curves` and `plot`.

pub mod curves;
pub mod form;
pub mod plot;

use crate::service::event::Event;
use crate::service::fsrs::{
    FsrsEvent, FsrsRequest, Simulation, SimulationOptions, SimulationScope, Workload,
};
use crate::service::request::Request;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::deck_options::{Edit, WEEKDAYS, choose_easy, easy_choice, easy_choices};
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::switch;
use crate::ui::widgets::text::{label, left};
use crate::ui::widgets::{Cut as _, Kind, Number, dialog, field, segments, text};
use curves::{DayGraph, RetentionGraph};
use eframe::egui::{Align, Context, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use form::{Form, NumberRow};

const WIDTH: f32 = 920.0;
const FORM: f32 = 330.0;
/// Of form and graph; less in a low window.
const HEIGHT: f32 = 430.0;
const LOWEST: f32 = 350.0;
/// Of a line of the form: a field, and as much below it as in other forms.
const ROW: f32 = size::CONTROL + sp::S;
/// Width of a number's field, for six digits, and from it to the unit.
const NUMBER: f32 = 92.0;
const UNIT_GAP: f32 = 6.0;
/// Runs that are kept for comparison.
const MOST_RUNS: usize = 6;

/// Which of the two tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Simulator,
    HelpMeDecide,
}

/// See the module header.
pub struct SimulatorDialog {
    tool: Tool,
    scope: SimulationScope,
    form: Form,
    runs: Vec<(SimulationOptions, Simulation)>,
    workload: Option<Workload>,
    by_day: DayGraph,
    by_retention: RetentionGraph,
    smooth: bool,
    running: bool,
    said: String,
}

impl SimulatorDialog {
    #[must_use]
    pub fn new(tool: Tool, scope: SimulationScope, form: Form) -> Self {
        Self {
            tool,
            scope,
            form,
            runs: vec![],
            workload: None,
            by_day: DayGraph::Reviews,
            by_retention: RetentionGraph::Efficiency,
            smooth: true,
            running: false,
            said: String::new(),
        }
    }

    fn form_ui(&mut self, ui: &mut Ui) {
        for row in NumberRow::FIRST {
            let is_answer = self.tool == Tool::HelpMeDecide && row == NumberRow::Retention;
            let words = if is_answer {
                t!("Retention to look at")
            } else {
                row.label()
            };
            number_row(ui, words, row, &mut self.form);
        }
        let orders = crate::ui::deck_options::review_orders(true);
        let order = &mut self.form.review_order;
        combo_row(ui, t!("Review order"), order, &orders);
        let ignore = &mut self.form.new_ignore_review_limit;
        switch_row(ui, t!("New cards ignore review limit"), ignore);
        switch_row(ui, t!("Suspend leeches"), &mut self.form.suspend_leeches);
        if self.form.suspend_leeches {
            let row = NumberRow::LeechThreshold;
            number_row(ui, row.label(), row, &mut self.form);
        }
        if self.tool == Tool::Simulator {
            switch_row(ui, t!("Smooth lines"), &mut self.smooth);
        }
        ui.add_space(sp::S);
        let (_, r) = ui.allocate_space(vec2(FORM, ROW));
        let t = Tokens::of(ui);
        left(ui, r, t!("Easy Days"), font::small_strong(), t.text2);
        let [minimum, reduced, normal] = easy_choices();
        let choices = [(0, minimum), (1, reduced), (2, normal)];
        let days = &mut self.form.easy_days;
        for (day, words) in WEEKDAYS.iter().enumerate() {
            let mut chosen = easy_choice(days, day);
            combo_row(ui, words.name(), &mut chosen, &choices);
            choose_easy(days, day, chosen);
        }
    }

    fn graph_ui(&mut self, ui: &mut Ui, r: Rect) {
        let mut plot = r;
        let head = plot.cut_top(44.0);
        let (right, y) = (head.max.x, head.center().y - 4.0);
        match self.tool {
            Tool::Simulator => {
                let names = DayGraph::ALL.map(DayGraph::label);
                let at = DayGraph::ALL.iter().position(|g| *g == self.by_day);
                let made = segments::place(ui, right, y, t!("Graph"), &names, at.unwrap_or(0));
                if let Some(n) = made {
                    self.by_day = DayGraph::ALL[n];
                }
            }
            Tool::HelpMeDecide => {
                let names = RetentionGraph::ALL.map(RetentionGraph::label);
                let at = RetentionGraph::ALL
                    .iter()
                    .position(|g| *g == self.by_retention);
                let made = segments::place(ui, right, y, t!("Graph"), &names, at.unwrap_or(0));
                if let Some(n) = made {
                    self.by_retention = RetentionGraph::ALL[n];
                }
            }
        }
        let foot = plot.cut_bottom(44.0);
        let curves = match (self.tool, &self.workload) {
            (Tool::Simulator, _) => curves::by_day(self.by_day, &self.runs, self.smooth),
            (Tool::HelpMeDecide, Some(workload)) => {
                curves::by_retention(self.by_retention, workload, self.form.retention)
            }
            (Tool::HelpMeDecide, None) => None,
        };
        let t = Tokens::of(ui);
        let Some(curves) = curves else {
            let words = if self.running {
                t!("Working…")
            } else {
                self.tool.invitation()
            };
            label(ui, plot, Align::Center, words, font::body(), t.text2);
            return;
        };
        if let Some(x) = plot::show(ui, plot, &curves)
            && self.tool == Tool::HelpMeDecide
        {
            self.form.retention = x.round().clamp(70.0, 99.0) as i64;
        }
        let words = match (&self.workload, self.tool) {
            (Some(workload), Tool::HelpMeDecide) => {
                curves::at_retention(workload, self.form.retention)
            }
            _ => curves.legend_words(),
        };
        if text::width(ui, &words, font::small()) > foot.width() {
            text::para(ui, foot, &words, font::small(), t.text2);
        } else {
            label(ui, foot, Align::Min, &words, font::small(), t.text2);
        }
    }

    fn run(&mut self, cx: &UiContext<'_>) {
        self.running = true;
        self.said.clear();
        let options = Box::new(self.form.options());
        let scope = self.scope.clone();
        cx.ask(Request::Fsrs(match self.tool {
            Tool::Simulator => FsrsRequest::Simulate(scope, options),
            Tool::HelpMeDecide => FsrsRequest::Workload(scope, options),
        }));
    }
}

impl Tool {
    fn title(self) -> &'static str {
        match self {
            Self::Simulator => t!("FSRS simulator"),
            Self::HelpMeDecide => t!("Help me decide"),
        }
    }

    fn invitation(self) -> &'static str {
        match self {
            Self::Simulator => t!("Press Simulate to see the coming days"),
            Self::HelpMeDecide => t!("Press Simulate to compare desired retentions"),
        }
    }
}

impl Dialog for SimulatorDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let window = ctx.content_rect();
        let width = WIDTH.min(window.width() - 32.0);
        let height = (window.height() - 200.0).clamp(LOWEST, HEIGHT);
        let shown = dialog::show(ctx, id, width, |ui| {
            dialog::title(ui, self.tool.title());
            let (_, area) = ui.allocate_space(vec2(ui.available_width(), height));
            let mut graph = area;
            let mut form = graph.cut_left(FORM);
            graph.cut_left(sp::XL);
            // What scrolls it stands in the gap.
            form.max.x += sp::L;
            ui.scope_builder(UiBuilder::new().max_rect(form), |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                ScrollArea::vertical()
                    .id_salt("simulator")
                    .auto_shrink(false)
                    .show(ui, |ui| self.form_ui(ui));
            });
            self.graph_ui(ui, graph);
            // The form and the graph were placed side by side in the area.
            ui.advance_cursor_after_rect(area);
            let t = Tokens::of(ui);
            if !self.said.is_empty() {
                text::paragraph_in(ui, &self.said, font::small(), t.danger);
            }
            let clear = Button::new(t!("Clear last simulation"))
                .kind(Kind::Ghost)
                .enabled(!self.runs.is_empty() && !self.running);
            let quiet = match self.tool {
                Tool::Simulator => vec![clear],
                Tool::HelpMeDecide => vec![],
            };
            let footer = dialog::footer(
                ui,
                quiet,
                vec![
                    Button::new(t!("Close")),
                    Button::new(t!("Use in Options")).tip(t!("Put these numbers into the options")),
                    Button::primary(t!("Simulate")).enabled(!self.running),
                ],
            );
            footer.focus_choice(2);
            if footer.quiet.first().is_some_and(|clear| clear.clicked()) {
                self.runs.pop();
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                cx.send(Action::DeckOptions(Edit::TakeSimulated(self.form.clone())));
                flow = Flow::Close;
            }
            if footer.chosen(2) {
                self.run(cx);
            }
        });
        if shown.dismissed {
            return Flow::Close;
        }
        flow
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Fsrs(FsrsEvent::Simulated(run)) if self.running => {
                self.running = false;
                self.runs.push((**run).clone());
                if self.runs.len() > MOST_RUNS {
                    self.runs.remove(0);
                }
            }
            Event::Fsrs(FsrsEvent::Workload(workload)) if self.running => {
                self.running = false;
                self.workload = Some((**workload).clone());
            }
            Event::Fsrs(FsrsEvent::Ended(message)) if self.running => {
                self.running = false;
                self.said = format!("{} {}", message.what, message.cause);
            }
            Event::Failed { request, message }
                if self.running && matches!(**request, Request::Fsrs(_)) =>
            {
                self.running = false;
                self.said = format!("{} {}", message.what, message.cause);
            }
            _ => {}
        }
        Flow::Stay
    }
}

/// The name of a field of the form.
fn in_simulator(field: &str) -> String {
    t!("Simulator: {field}", field)
}

fn number_row(ui: &mut Ui, words: &str, row: NumberRow, form: &mut Form) {
    let (_, mut r) = ui.allocate_space(vec2(FORM, ROW));
    let t = Tokens::of(ui);
    // The widest unit, so that the fields stand below one another.
    let wide = text::width(ui, t!("days"), font::body()).ceil();
    let unit = r.cut_right(wide);
    left(ui, unit, row.unit(), font::body(), t.text2);
    r.cut_right(UNIT_GAP);
    let room = r.cut_right(NUMBER);
    left(ui, r, words, font::body(), t.text);
    // The options behind the dialog have fields of the same names.
    let name = in_simulator(row.label());
    Number::new(&name, row.limits()).place(ui, room, form.number_mut(row));
}

fn combo_row<T: PartialEq + Clone>(ui: &mut Ui, words: &str, value: &mut T, choices: &[(T, &str)]) {
    let (_, mut r) = ui.allocate_space(vec2(FORM, ROW));
    let t = Tokens::of(ui);
    let words_at = left(ui, r, words, font::body(), t.text);
    let room = (r.max.x - words_at.max.x - sp::S).max(190.0);
    let wide = field::combo_width(ui, 190.0, choices).min(room);
    let at = r.cut_right(wide);
    let at = Rect::from_center_size(at.center(), vec2(wide, size::CONTROL));
    let mut child = ui.new_child(UiBuilder::new().max_rect(at).id_salt(words));
    field::combo(&mut child, &in_simulator(words), wide, value, choices);
}

fn switch_row(ui: &mut Ui, words: &str, on: &mut bool) {
    let (_, r) = ui.allocate_space(vec2(FORM, ROW));
    let t = Tokens::of(ui);
    left(ui, r, words, font::body(), t.text);
    let at = Rect::from_center_size(pos2(r.max.x - 17.0, r.center().y), vec2(34.0, 20.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(at).id_salt(words));
    switch(&mut child, on, words);
}
