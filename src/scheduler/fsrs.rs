//! The memory model: the only file that names the `fsrs` crate. Arithmetic is 32-bit throughout,
//! so that intervals equal those of other programs to the day. Which log rows make a card's
//! memory is decided in `memory`.

use crate::base::error::{Error, Result};
use crate::domain::card::FsrsMemory;
use crate::domain::deck_config::DeckConfigInner;
use crate::mark;
use ::fsrs as model;

/// Decay written to cards whose preset has no parameters of its own.
const DEFAULT_DECAY: f32 = model::FSRS6_DEFAULT_DECAY;

/// A set of parameters, checked.
#[derive(Debug, Clone)]
pub struct Model(model::FSRS);

/// What one button does to the memory, and the interval it calls for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FsrsNext {
    pub memory: FsrsMemory,
    /// Days, unrounded.
    pub interval: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FsrsNextStates {
    pub again: FsrsNext,
    pub hard: FsrsNext,
    pub good: FsrsNext,
    pub easy: FsrsNext,
}

/// One answer of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastReview {
    /// 1 to 4.
    pub rating: u32,
    /// Scheduler days since the answer before.
    pub delta_days: u32,
}

impl Model {
    /// 0, 17, 19 or 21 finite values; none means the defaults.
    pub fn new(params: &[f32]) -> Result<Self> {
        model::FSRS::new(params).map(Self).map_err(|e| {
            Error::invalid(mark!("the FSRS parameters of a preset are not valid")).because(e)
        })
    }

    pub fn next_states(
        &self,
        memory: Option<FsrsMemory>,
        desired_retention: f32,
        days: u32,
    ) -> Result<FsrsNextStates> {
        let next = self
            .0
            .next_states(memory.map(to_model), desired_retention, days)
            .map_err(failed)?;
        let of = |state: model::ItemState| FsrsNext {
            memory: from_model(state.memory),
            interval: state.interval,
        };
        Ok(FsrsNextStates {
            again: of(next.again),
            hard: of(next.hard),
            good: of(next.good),
            easy: of(next.easy),
        })
    }

    /// Days until recall falls to `desired_retention`, unrounded.
    #[must_use]
    pub fn next_interval(&self, memory: FsrsMemory, desired_retention: f32) -> f32 {
        self.0
            .next_interval(Some(memory.stability), desired_retention, 0)
    }

    /// Memory that an SM-2 ease (2.5) and interval (days) correspond to.
    pub fn from_sm2(&self, ease: f32, interval: f32, retention: f32) -> Result<FsrsMemory> {
        self.0
            .memory_state_from_sm2(ease, interval, retention)
            .map(from_model)
            .map_err(failed)
    }

    /// Pushes the stability after each of `reviews`, beginning from nothing.
    pub(super) fn stabilities(&self, reviews: &[PastReview], into: &mut Vec<f32>) -> Result<()> {
        let states = self
            .0
            .historical_memory_states(item_of(reviews), None)
            .map_err(failed)?;
        into.extend(states.iter().map(|state| state.stability));
        Ok(())
    }

    /// Memory after `reviews`, beginning from `start` or from nothing.
    pub fn replay(&self, start: Option<FsrsMemory>, reviews: &[PastReview]) -> Result<FsrsMemory> {
        self.0
            .memory_state(item_of(reviews), start.map(to_model))
            .map(from_model)
            .map_err(failed)
    }

    /// As [`Self::replay`], after each of the reviews; `start`, if any, comes first.
    pub fn history(
        &self,
        start: Option<FsrsMemory>,
        reviews: &[PastReview],
    ) -> Result<Vec<FsrsMemory>> {
        let states = self
            .0
            .historical_memory_states(item_of(reviews), start.map(to_model))
            .map_err(failed)?;
        Ok(states.into_iter().map(from_model).collect())
    }
}

/// Probability of recall after `days` (fractions count).
#[must_use]
pub fn retrievability(memory: FsrsMemory, days: f32, decay: f32) -> f32 {
    model::current_retrievability(to_model(memory), days, decay)
}

/// Decay that belongs to a parameter set, as written to cards.
#[must_use]
pub fn decay_of(params: &[f32]) -> f32 {
    match params.len() {
        0 => DEFAULT_DECAY,
        21.. => params[20],
        _ => model::FSRS5_DEFAULT_DECAY,
    }
}

/// Whether the parameters say anything about reviews on the same day.
#[must_use]
pub fn allows_short_term(preset: &DeckConfigInner) -> bool {
    let params = preset.fsrs_params();
    params.is_empty() || (params.len() >= 19 && params[17] > 0.0 && params[18] > 0.0)
}

/// Difficulty as the review log keeps it in place of the ease: 100 to 1100.
#[must_use]
pub fn difficulty_as_factor(difficulty: f32) -> u32 {
    difficulty_in_permille(difficulty).round() as u32
}

/// The number that [`difficulty_as_factor`] rounds.
#[must_use]
pub fn difficulty_in_permille(difficulty: f32) -> f32 {
    ((difficulty - 1.0) / 9.0 + 0.1) * 1000.0
}

/// As the crate wants a history.
pub(super) fn item_of(reviews: &[PastReview]) -> model::FSRSItem {
    let reviews = reviews.iter().map(|review| model::FSRSReview {
        rating: review.rating,
        delta_t: review.delta_days,
    });
    model::FSRSItem {
        reviews: reviews.collect(),
    }
}

fn to_model(memory: FsrsMemory) -> model::MemoryState {
    model::MemoryState {
        stability: memory.stability,
        difficulty: memory.difficulty,
    }
}

fn from_model(memory: model::MemoryState) -> FsrsMemory {
    FsrsMemory {
        stability: memory.stability,
        difficulty: memory.difficulty,
    }
}

fn failed(e: model::FSRSError) -> Error {
    Error::invalid(mark!("FSRS could not compute a card's memory")).because(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: FsrsMemory, stability: f32, difficulty: f32) {
        assert!(
            (got.stability - stability).abs() < 1e-3 && (got.difficulty - difficulty).abs() < 1e-3,
            "{got:?}"
        );
    }

    #[test]
    fn reference_vectors() {
        let model = Model::new(&[]).unwrap();
        let new = model.next_states(None, 0.9, 0).unwrap();
        close(new.again.memory, 0.2120, 6.4133);
        close(new.easy.memory, 8.2956, 1.0);
        let known = Some(FsrsMemory {
            stability: 10.0,
            difficulty: 5.0,
        });
        let late = model.next_states(known, 0.9, 10).unwrap();
        close(late.again.memory, 1.3920, 8.3418);
        close(late.hard.memory, 23.2469, 6.6660);
        close(late.good.memory, 32.0267, 4.9902);
        close(late.easy.memory, 51.2539, 3.3145);
        let same_day = model.next_states(known, 0.9, 0).unwrap();
        assert!((same_day.again.memory.stability - 3.0512).abs() < 1e-3);
        close(model.from_sm2(2.3, 50.0, 0.9).unwrap(), 50.0, 6.3699);
    }

    #[test]
    fn parameters_are_checked() {
        assert!(Model::new(&[1.0; 18]).is_err());
        assert!(Model::new(&[f32::NAN; 21]).is_err());
        assert!((decay_of(&[]) - 0.1542).abs() < 1e-6);
        assert!((decay_of(&[1.0; 19]) - 0.5).abs() < 1e-6);
    }
}
