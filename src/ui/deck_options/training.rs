//! Fitting the parameters to the reviews, and telling how well they fit: buttons below the
//! parameters, and what came of them. Nothing is saved before the options are.

use super::model::Draft;
use super::rows::Rows;
use super::words as w;
use crate::base::count::decimal;
use crate::base::ids::DeckConfigId;
use crate::base::lang;
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::service::event::Event;
use crate::service::fsrs::{
    Evaluation, FsrsEvent, FsrsRequest, Optimised, SimulationScope, TrainingOptions,
};
use crate::service::request::Request;
use crate::ui::simulator::form::Form;
use crate::ui::simulator::{SimulatorDialog, Tool};
use crate::{mark, t, tn};

/// What runs and what was said last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Training {
    ask: Option<FsrsRequest>,
    running: bool,
    /// The preset that was chosen when it was asked.
    asked: DeckConfigId,
    /// What was fitted, until the options of one of these presets are on show.
    fitted: Vec<(DeckConfigId, Optimised)>,
    said: Option<(DeckConfigId, String)>,
    /// Seconds a year for each desired retention, of a preset.
    costs: Option<(DeckConfigId, Vec<(u8, f32)>)>,
    costs_asked: Option<DeckConfigId>,
    simulator: Option<(Tool, SimulationScope, Form)>,
}

impl Training {
    /// The buttons and the result.
    pub fn rows(&mut self, rows: &mut Rows<'_>, draft: &Draft) {
        let Some(preset) = draft.preset() else {
            return;
        };
        let labels = [t!("Optimize"), t!("Optimize all presets"), t!("Evaluate")];
        let pressed = rows.buttons(&w::TRAINING, &labels, self.can_ask(draft));
        let of = |preset: &DeckConfig| {
            Some((preset.id, options_of(draft, preset, TrainingOptions::of)?))
        };
        let asked = match pressed {
            None => None,
            Some(0) => of(preset).map(|(id, options)| {
                let options = TrainingOptions {
                    check_health: draft.shared.fsrs_health_check,
                    ..options
                };
                FsrsRequest::Optimise(vec![(id, options)])
            }),
            Some(1) => {
                let of = |preset: &DeckConfig| {
                    Some((
                        preset.id,
                        options_of(draft, preset, TrainingOptions::among_all)?,
                    ))
                };
                let presets = draft.presets().iter();
                Some(FsrsRequest::Optimise(
                    presets.filter_map(|p| of(&p.preset)).collect(),
                ))
            }
            Some(_) => of(preset).map(|(id, options)| FsrsRequest::Evaluate(id, options)),
        };
        if asked.is_some() {
            (self.ask, self.asked) = (asked, preset.id);
        }
        if draft.moves_decks() {
            rows.paragraph(t!("Save first: the preset belongs to other decks then"));
        } else if self.running {
            rows.paragraph(t!(
                "Working… You can go on studying once the reviews are read: the result is here \
                 when you come back"
            ));
        } else if let Some((of, said)) = &self.said
            && *of == preset.id
        {
            rows.paragraph(said);
        }
    }

    /// Cards are found by the preset that their decks have on disk.
    fn can_ask(&self, draft: &Draft) -> bool {
        !self.running && draft.problem().is_none() && !draft.moves_decks()
    }

    /// The buttons of the simulator.
    pub fn simulator_row(&mut self, rows: &mut Rows<'_>, draft: &Draft) {
        let labels = [t!("Simulate…"), t!("Help me decide…")];
        let pressed = rows.buttons(&w::SIMULATOR, &labels, self.can_ask(draft));
        let tool = match pressed {
            Some(0) => Tool::Simulator,
            Some(_) => Tool::HelpMeDecide,
            None => return,
        };
        if let (Some(scope), Some(form)) = (scope(draft), Form::of(draft)) {
            self.simulator = Some((tool, scope, form));
        }
    }

    /// The dialog of a button that was pressed in this frame.
    pub fn take_simulator(&mut self) -> Option<SimulatorDialog> {
        let (tool, scope, form) = self.simulator.take()?;
        Some(SimulatorDialog::new(tool, scope, form))
    }

    /// How much work `percent` is beside `before`; asks for what it takes to know that when they
    /// differ.
    pub fn workload_words(&mut self, draft: &Draft, percent: u8, before: u8) -> Option<String> {
        if percent == before {
            return None;
        }
        let preset = draft.selected();
        if let Some((of, costs)) = &self.costs
            && *of == preset
        {
            return workload_words(costs, percent, before);
        }
        let can = self.can_ask(draft) && self.ask.is_none();
        if can && self.costs_asked != Some(preset) {
            (self.costs_asked, self.asked) = (Some(preset), preset);
            self.ask = Some(FsrsRequest::RetentionCosts(preset, scope(draft)?));
        }
        None
    }

    /// The request of a button that was pressed in this frame.
    pub fn take_ask(&mut self) -> Option<Request> {
        let ask = self.ask.take()?;
        self.running = true;
        if !matches!(ask, FsrsRequest::RetentionCosts(..)) {
            self.said = None;
        }
        Some(Request::Fsrs(ask))
    }

    /// For another page: what runs goes on, and what came of it waits.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        Self {
            running: self.running,
            asked: self.asked,
            fitted: self.fitted,
            said: self.said,
            ..Self::default()
        }
    }

    /// The options are left without saving.
    pub fn leave(&mut self) {
        self.said = None;
    }

    /// Takes fitted parameters into the options of a preset that was asked about.
    pub fn take_fitted(&mut self, draft: &mut Draft) {
        let chosen = draft.selected();
        if self.fitted.iter().all(|(preset, _)| *preset != chosen) {
            return;
        }
        let results = std::mem::take(&mut self.fitted);
        for (preset, result) in &results {
            if !result.kept_old {
                draft.take_params(*preset, &result.params);
            }
        }
        // Other parameters, other workloads.
        (self.costs, self.costs_asked) = (None, None);
        self.said = Some((chosen, optimised_words(&results)));
    }

    /// Keeps results.
    pub fn on_event(&mut self, event: &Event) {
        if !self.running {
            return;
        }
        match event {
            Event::Fsrs(FsrsEvent::Optimised(results)) => {
                self.running = false;
                self.fitted.clone_from(results);
            }
            Event::Fsrs(FsrsEvent::Evaluated(preset, evaluation)) => {
                self.end(*preset, evaluated_words(evaluation.as_ref()));
            }
            Event::Fsrs(FsrsEvent::RetentionCosts(preset, costs)) => {
                self.running = false;
                self.costs = Some((*preset, costs.clone()));
            }
            Event::Fsrs(FsrsEvent::Ended(message)) => self.end(self.asked, message.what.clone()),
            Event::Failed { request, message } if matches!(**request, Request::Fsrs(_)) => {
                self.end(self.asked, message.what.clone());
            }
            _ => {}
        }
    }

    fn end(&mut self, preset: DeckConfigId, said: String) {
        self.running = false;
        self.said = Some((preset, said));
    }
}

/// What `make` makes of a preset as it is edited, but by the name that it has on disk; None when it
/// is not there yet.
fn options_of(
    draft: &Draft,
    preset: &DeckConfig,
    make: fn(&str, &DeckConfigInner) -> TrainingOptions,
) -> Option<TrainingOptions> {
    let mut stored = draft.stored().presets.iter();
    let stored = stored.find(|stored| stored.preset.id == preset.id)?;
    Some(make(&stored.preset.name, &preset.inner))
}

/// The cards that a preset's optimisation is about.
fn scope(draft: &Draft) -> Option<SimulationScope> {
    let preset = draft.preset()?;
    Some(SimulationScope {
        search: options_of(draft, preset, TrainingOptions::of)?.search,
        params: preset.inner.fsrs_params().to_vec(),
        historical_retention: preset.inner.historical_retention,
    })
}

fn workload_words(costs: &[(u8, f32)], percent: u8, before: u8) -> Option<String> {
    let of = |percent| costs.iter().find(|(p, _)| *p == percent).map(|(_, c)| *c);
    let (now, then) = (of(percent)?, of(before)?);
    (then > 0.0).then(|| {
        t!(
            "Approximate workload: {factor}× that of {before}% desired retention",
            factor = decimal((now / then).into(), 2),
            before
        )
    })
}

fn evaluated_words(evaluation: Option<&Evaluation>) -> String {
    let Some(evaluation) = evaluation else {
        return t!("There are no reviews to measure the parameters by").to_owned();
    };
    t!(
        "Log loss {loss}, RMSE (bins) {error}%. Smaller numbers fit better",
        loss = decimal(evaluation.log_loss.into(), 4),
        error = decimal((evaluation.rmse_bins * 100.0).into(), 2)
    )
}

const HEALTHY: &str = mark!("Health check: FSRS can adapt to your memory well");
const UNHEALTHY: &str = mark!(
    "Health check: your memory is difficult for FSRS to predict. Suspend or \
    rewrite cards that you keep forgetting. Use the answer buttons in the same way every time: \
    Hard means that you remembered, never that you forgot. Understand before you memorize. Then \
    it gets better over some months"
);

fn optimised_words(results: &[(DeckConfigId, Optimised)]) -> String {
    if let [(_, one)] = results {
        let words = match one {
            Optimised { answers: 0, .. } => {
                t!("There are no reviews to learn from; the parameters stay").into()
            }
            Optimised { kept_old: true, .. } => {
                t!("The parameters in use fit at least as well; they stay").into()
            }
            _ => tn!(
                one.answers as u64,
                "Fitted to {n} review",
                "Fitted to {n} reviews"
            ),
        };
        return match one.healthy {
            None => words,
            Some(true) => format!("{words}. {}", lang::say(HEALTHY)),
            Some(false) => format!("{words}. {}", lang::say(UNHEALTHY)),
        };
    }
    let changed = results.iter().filter(|(_, one)| !one.kept_old).count();
    tn!(
        changed as u64,
        "{n} preset fitted anew, {others} unchanged",
        "{n} presets fitted anew, {others} unchanged",
        others = results.len() - changed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::DeckId;
    use crate::domain::deck_options::{DeckLimits, DeckOptions, PresetUse, SharedOptions};

    const PRESETS: [DeckConfigId; 2] = [DeckConfigId(1), DeckConfigId(9)];

    /// The options of a deck with one of the presets.
    fn draft(preset: DeckConfigId) -> Draft {
        let preset_use = |id: DeckConfigId| PresetUse {
            preset: DeckConfig {
                id,
                name: format!("Preset {}", id.0),
                mtime: Default::default(),
                usn: Default::default(),
                inner: DeckConfigInner::default(),
            },
            decks: 1,
        };
        Draft::new(DeckOptions {
            deck: DeckId(5),
            name: "D".into(),
            preset,
            presets: PRESETS.map(preset_use).into(),
            limits: DeckLimits::default(),
            shared: SharedOptions::default(),
            subdecks: 0,
        })
    }

    fn fitted(preset: DeckConfigId) -> Event {
        let optimised = Optimised {
            params: vec![0.5; 21],
            kept_old: false,
            answers: 240,
            healthy: None,
        };
        Event::Fsrs(FsrsEvent::Optimised(vec![(preset, optimised)]))
    }

    #[test]
    fn what_is_fitted_after_the_options_were_left_waits_for_its_preset() {
        let [first, other] = PRESETS;
        let mut training = Training {
            asked: first,
            ask: Some(FsrsRequest::Optimise(vec![])),
            ..Training::default()
        };
        assert!(training.take_ask().is_some());
        training.leave();
        training.on_event(&fitted(first));
        // The options of a deck with another preset have nothing to do with it.
        let mut training = training.elsewhere();
        let mut elsewhere = draft(other);
        training.take_fitted(&mut elsewhere);
        assert!(!elsewhere.is_changed());
        let mut training = training.elsewhere();
        let mut back = draft(first);
        training.take_fitted(&mut back);
        assert_eq!(back.preset().unwrap().inner.fsrs_params_6, vec![0.5; 21]);
        let said = Some((first, "Fitted to 240 reviews".to_owned()));
        assert_eq!(training.said, said);
        // Once.
        let mut again = draft(first);
        training.take_fitted(&mut again);
        assert!(!again.is_changed());
        // Nobody asked.
        training.on_event(&fitted(first));
        training.take_fitted(&mut again);
        assert!(!again.is_changed());
    }
}
