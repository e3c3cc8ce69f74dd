//! Fitting the parameters to the reviews, and telling how well they fit: buttons below the
//! parameters, and what came of them. Nothing is saved before the options are.

use super::model::Draft;
use super::rows::Rows;
use super::words as w;
use crate::base::ids::DeckConfigId;
use crate::service::event::Event;
use crate::service::fsrs::{FsrsEvent, FsrsRequest, Optimised, TrainingOptions};
use crate::service::request::Request;
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::text::counted;
use eframe::egui::Align;

/// What runs and what was said last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Training {
    ask: Option<FsrsRequest>,
    running: bool,
    said: Option<(DeckConfigId, String)>,
}

impl Training {
    /// The buttons and the result.
    pub fn rows(&mut self, rows: &mut Rows<'_>, draft: &Draft) {
        let Some(preset) = draft.preset() else {
            return;
        };
        let can = !self.running && draft.problem().is_none();
        let mut pressed = None;
        rows.row(&w::TRAINING, true, |ui, r| {
            let labels = ["Optimize", "Optimize all presets", "Evaluate"];
            let buttons = labels.map(|label| Button::new(label).enabled(can));
            let clicks = button::row(ui, r, Align::Max, buttons.into());
            pressed = clicks.iter().position(|click| click.clicked());
        });
        let options = |preset: &crate::domain::deck_config::DeckConfig| {
            let options = TrainingOptions::of(&preset.name, &preset.inner);
            (preset.id, options)
        };
        self.ask = match pressed {
            Some(0) => Some(FsrsRequest::Optimise(vec![options(preset)])),
            Some(1) => {
                let presets = draft.presets().iter();
                Some(FsrsRequest::Optimise(
                    presets.map(|p| options(&p.preset)).collect(),
                ))
            }
            Some(_) => {
                let (id, options) = options(preset);
                Some(FsrsRequest::Evaluate(id, options))
            }
            None => None,
        };
        if self.running {
            rows.paragraph("Working… You can go on studying when the reviews are read");
        } else if let Some((of, said)) = &self.said
            && *of == preset.id
        {
            rows.paragraph(said);
        }
    }

    /// The request of a button that was pressed in this frame.
    pub fn take_ask(&mut self) -> Option<Request> {
        let ask = self.ask.take()?;
        self.running = true;
        self.said = None;
        Some(Request::Fsrs(ask))
    }

    /// Takes results into the draft.
    pub fn on_event(&mut self, event: &Event, draft: &mut Draft) {
        match event {
            Event::Fsrs(FsrsEvent::Optimised(results)) => {
                for (preset, result) in results {
                    if !result.kept_old {
                        draft.take_params(*preset, &result.params);
                    }
                }
                self.end(draft.selected(), optimised_words(results));
            }
            Event::Fsrs(FsrsEvent::Evaluated(preset, evaluation)) => {
                let words = format!(
                    "Log loss {:.4}, RMSE (bins) {:.2} %. Smaller numbers fit better",
                    evaluation.log_loss,
                    evaluation.rmse_bins * 100.0
                );
                self.end(*preset, words);
            }
            Event::Fsrs(FsrsEvent::Ended(message)) => {
                self.end(draft.selected(), message.what.clone());
            }
            Event::Failed { request, message } if matches!(**request, Request::Fsrs(_)) => {
                self.end(draft.selected(), message.what.clone());
            }
            _ => {}
        }
    }

    fn end(&mut self, preset: DeckConfigId, said: String) {
        self.running = false;
        self.said = Some((preset, said));
    }
}

fn optimised_words(results: &[(DeckConfigId, Optimised)]) -> String {
    if let [(_, one)] = results {
        return match one {
            Optimised { answers: 0, .. } => {
                "There are no reviews to learn from; the parameters stay".into()
            }
            Optimised { kept_old: true, .. } => {
                "The parameters in use fit at least as well; they stay".into()
            }
            _ => format!(
                "Fitted to {}",
                counted(one.answers as u64, "review", "reviews")
            ),
        };
    }
    let changed = results.iter().filter(|(_, one)| !one.kept_old).count();
    format!(
        "{} fitted anew, {} unchanged",
        counted(changed as u64, "preset", "presets"),
        results.len() - changed
    )
}
