//! Reads from the collection what FSRS learns from: the review log of the cards of a search.

use super::Collection;
use super::card_states::ignore_before;
use crate::base::Result;
use crate::base::job::Progress;
use crate::base::time::TimestampMillis;
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::revlog::RevlogEntry;
use crate::scheduler::training::TrainingSet;

/// Minutes.
const DAY: f32 = 24.0 * 60.0;

/// What an optimisation or evaluation of one preset is about. Made from a preset as it is on the
/// screen, saved or not.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingOptions {
    /// Cards whose log is read.
    pub search: String,
    /// Answers before are left out; 0 for none.
    pub ignore_before: TimestampMillis,
    /// Relearning steps that count: those within one day, but see [`Self::among_all`].
    pub relearning_steps: usize,
    /// The parameters in use; empty means the defaults.
    pub params: Vec<f32>,
    /// Optimising also tells whether FSRS can predict this memory, which takes longer.
    pub check_health: bool,
}

impl TrainingOptions {
    #[must_use]
    pub fn of(name: &str, preset: &DeckConfigInner) -> Self {
        let search = preset.param_search.trim();
        Self {
            search: if search.is_empty() {
                default_search(name)
            } else {
                search.to_owned()
            },
            ignore_before: ignore_before(preset),
            relearning_steps: steps_within_a_day(&preset.relearn_steps),
            params: preset.fsrs_params().to_vec(),
            check_health: false,
        }
    }

    /// The same where all presets are optimised at once: Anki then counts every relearning step.
    #[must_use]
    pub fn among_all(name: &str, preset: &DeckConfigInner) -> Self {
        Self {
            relearning_steps: preset.relearn_steps.len(),
            ..Self::of(name, preset)
        }
    }
}

/// The search of a preset that has none of its own.
#[must_use]
pub fn default_search(preset_name: &str) -> String {
    let name = preset_name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("preset:\"{name}\" -is:suspended")
}

fn steps_within_a_day(steps: &[f32]) -> usize {
    let mut minutes = 0.0;
    steps
        .iter()
        .take_while(|step| {
            minutes += **step;
            minutes < DAY
        })
        .count()
}

impl Collection {
    /// The review log of the cards of a search, card by card.
    fn log_of_search(&mut self, search: &str, progress: &Progress) -> Result<Vec<RevlogEntry>> {
        let cards = self.find_cards(search, None)?;
        self.storage.revlog_of_cards(&cards, progress)
    }

    /// What the options' cards were answered. Needs the collection only while this runs.
    pub fn training_set(
        &mut self,
        options: &TrainingOptions,
        progress: &Progress,
    ) -> Result<TrainingSet> {
        let log = self.log_of_search(&options.search, progress)?;
        let next_day_at = self.timing()?.next_day_at;
        Ok(TrainingSet::new(&log, options.ignore_before, next_day_at))
    }
}
