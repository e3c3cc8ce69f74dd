//! Fitting the parameters of the memory model to a review log, and telling how well they fit.
//!
//! The crate wants each answer with a copy of all answers before it. Here the log is kept once
//! ([`TrainingSet`]), copies are made only while the crate trains, and evaluation needs none: the
//! memory of a card is followed once through its whole history. Threads are started by callers.

use crate::base::error::{Error, Result};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::revlog::RevlogEntry;
use crate::mark;
use crate::scheduler::fsrs::{Model, PastReview, decay_of, item_of};
use crate::scheduler::memory::training_reviews;
use ::fsrs as model;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Passes over the answers: as Anki trains, where the crate's default is five.
const EPOCHS: usize = 8;

/// Answers to learn from, with what was before each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrainingSet {
    /// Whole histories, one card after another.
    reviews: Vec<PastReview>,
    /// Where each card's history begins in `reviews`.
    cards: Vec<u32>,
    /// In order of time.
    items: Vec<Item>,
}

/// An answer with its history: `reviews[start..end]`, itself the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    at: TimestampMillis,
    start: u32,
    end: u32,
}

impl TrainingSet {
    /// From rows of the log, card by card, each card's in order of time. Histories whose beginning
    /// is unknown or before `ignore_before` are left out.
    #[must_use]
    pub fn new(
        log: &[RevlogEntry],
        ignore_before: TimestampMillis,
        next_day_at: TimestampSecs,
    ) -> Self {
        let mut set = Self::default();
        for card in log.chunk_by(|a, b| a.card_id == b.card_id) {
            let start = index(set.reviews.len());
            let items = set.items.len();
            for (at, review) in training_reviews(card, ignore_before, next_day_at) {
                set.reviews.push(review);
                let end = index(set.reviews.len());
                // What was answered on the day of the answer before says nothing about memory.
                if end - start > 1 && review.delta_days > 0 {
                    set.items.push(Item { at, start, end });
                }
            }
            if set.items.len() == items {
                set.reviews.truncate(start as usize);
            } else {
                set.cards.push(start);
            }
        }
        set.items.sort_by_key(|item| item.at);
        set
    }

    /// Answers that are learnt from.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn history(&self, item: &Item) -> &[PastReview] {
        &self.reviews[item.start as usize..item.end as usize]
    }

    /// Fits parameters to the answers in `items`. Fewer than 8 give the defaults, fewer than 64
    /// fit the first four only. `relearning_steps` are those that count.
    pub fn fit(
        &self,
        items: Range<usize>,
        relearning_steps: usize,
        progress: &TrainingProgress,
    ) -> Result<Vec<f32>> {
        let items = &self.items[items];
        let histories = items.iter().map(|item| item_of(self.history(item)));
        let input = model::ComputeParametersInput {
            train_set: histories.collect(),
            card_ids: Some(items.iter().map(|item| i64::from(item.start)).collect()),
            progress: Some(Arc::clone(&progress.0)),
            enable_short_term: true,
            num_relearning_steps: Some(relearning_steps),
            training_config: Some(model::TrainingConfig {
                num_epochs: EPOCHS,
                ..Default::default()
            }),
        };
        model::compute_parameters(input).map_err(failed)
    }

    /// How well `params` predict the answers, late ones counting more.
    pub fn evaluate(&self, params: &[f32]) -> Result<Evaluation> {
        let mut tally = Tally::default();
        let last = (self.items.len() as f32 - 1.0).max(1.0);
        let weight = |index: usize| 0.25 + 0.75 * (index as f32 / last).powi(3);
        self.predict(params, 0..self.items.len(), &mut tally, weight)?;
        tally.evaluation()
    }

    fn predict(
        &self,
        params: &[f32],
        items: Range<usize>,
        tally: &mut Tally,
        weight: impl Fn(usize) -> f32,
    ) -> Result<()> {
        let model = Model::new(params)?;
        let stabilities = self.stabilities(&model)?;
        let decay = decay_of(params).clamp(0.1, 0.8);
        for index in items {
            let history = self.history(&self.items[index]);
            let before = self.items[index].end as usize - 2;
            let days = history[history.len() - 1].delta_days as f32;
            let recall = recall(stabilities[before], days, decay);
            if !recall.is_finite() {
                return Err(Error::invalid(mark!("FSRS could not predict an answer")));
            }
            tally.add(recall, history, weight(index));
        }
        Ok(())
    }

    /// Stability after each review.
    fn stabilities(&self, model: &Model) -> Result<Vec<f32>> {
        let mut stabilities = Vec::with_capacity(self.reviews.len());
        let ends = self.cards.iter().skip(1).map(|start| *start as usize);
        let ends = ends.chain([self.reviews.len()]);
        for (start, end) in self.cards.iter().zip(ends) {
            model.stabilities(&self.reviews[*start as usize..end], &mut stabilities)?;
        }
        Ok(stabilities)
    }
}

/// Parts that the answers are cut into, by time, to see how well FSRS predicts what it has not
/// learnt from: each but the first is predicted after learning those before.
const PARTS: usize = 6;

impl TrainingSet {
    /// How well FSRS predicts answers later than those it learnt from: they are cut into parts by
    /// time, and each is predicted by parameters that are fitted to those before it.
    pub fn foresight(
        &self,
        relearning_steps: usize,
        progress: &TrainingProgress,
    ) -> Result<Evaluation> {
        let part = self.items.len() / PARTS;
        let mut tally = Tally::default();
        for n in 1..PARTS {
            let start = n * part;
            let end = if n == PARTS - 1 {
                self.items.len()
            } else {
                start + part
            };
            let params = self.fit(0..start, relearning_steps, progress)?;
            self.predict(&params, start..end, &mut tally, |_| 1.0)?;
        }
        tally.evaluation()
    }

    /// Share of the answers in `items` that were remembered.
    fn retention(&self, items: Range<usize>) -> f32 {
        let items = &self.items[items];
        let remembered = (items.iter())
            .filter(|item| self.reviews[item.end as usize - 1].rating > 1)
            .count();
        remembered as f32 / items.len().max(1) as f32
    }

    /// Whether FSRS can predict this memory; None with too few answers to tell. It cannot when it
    /// foresees later answers worse than a constant guess would, and errs in bins of alike answers
    /// by more than nearly everybody's memory makes it err.
    pub fn is_healthy(
        &self,
        relearning_steps: usize,
        progress: &TrainingProgress,
    ) -> Result<Option<bool>> {
        let answers = self.items.len();
        if answers < MIN_TO_JUDGE {
            return Ok(None);
        }
        let foresight = self.foresight(relearning_steps, progress)?;
        let foreseen = answers / PARTS..answers;
        let guess = entropy(self.retention(foreseen));
        let error = usual_error(answers, self.retention(0..answers));
        Ok(Some(
            foresight.log_loss <= guess || foresight.rmse_bins <= error,
        ))
    }
}

/// Fewer answers say nothing about health.
const MIN_TO_JUDGE: usize = 301;

/// Log loss of guessing `retention` for every answer.
fn entropy(retention: f32) -> f32 {
    let part = |share: f32| {
        if share > 0.0 {
            -share * share.ln()
        } else {
            0.0
        }
    };
    part(retention) + part(1.0 - retention)
}

/// The error over bins that is still usual: the fewer answers and the lower their retention, the
/// more. The numbers make the verdict Anki's, on 1,400 generated logs beside Anki 26.
fn usual_error(answers: usize, retention: f32) -> f32 {
    let thousands = answers as f32 / 1000.0;
    0.1512 + 0.086 * (-0.391 * thousands).exp() - 0.0853 * retention.powf(2.26)
}

/// As the crate's evaluation has it; its function for one card differs in the last bits.
fn recall(stability: f32, days: f32, decay: f32) -> f32 {
    let factor = (0.9_f32.ln() / -decay).exp() - 1.0;
    (days / stability * factor + 1.0).powf(-decay)
}

fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// How well parameters predict answers; smaller is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    pub log_loss: f32,
    /// Root mean square error over bins of alike answers, 0 to 1.
    pub rmse_bins: f32,
}

/// What came of fitting parameters anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimised {
    /// The old ones when they fit at least as well.
    pub params: Vec<f32>,
    pub kept_old: bool,
    /// Answers that were learnt from; none: nothing was done.
    pub answers: usize,
    /// Whether FSRS can predict this memory; None when it was not asked, or too little is known.
    pub healthy: Option<bool>,
}

impl TrainingSet {
    /// Fits parameters to all answers; `old` are those in use (empty: the defaults).
    pub fn optimise(
        &self,
        old: &[f32],
        relearning_steps: usize,
        progress: &TrainingProgress,
    ) -> Result<Optimised> {
        let kept = |kept_old, params: Vec<f32>| Optimised {
            params,
            kept_old,
            answers: self.len(),
            healthy: None,
        };
        if self.is_empty() {
            return Ok(kept(true, old.to_vec()));
        }
        let new = self.fit(0..self.len(), relearning_steps, progress)?;
        // Old ones that cannot be read are no competition.
        let old_loss = self.evaluate(old).map(|old| old.log_loss);
        let new_loss = self.evaluate(&new)?.log_loss;
        Ok(match old_loss {
            Ok(old_loss) if old_loss <= new_loss => kept(true, old.to_vec()),
            _ => kept(false, new),
        })
    }
}

/// Predictions beside what was answered.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Loss times weight, and weight, of each answer. Summed at the end, in this order and in 32
    /// bits, so that the sum equals other programs'.
    losses: Vec<(f32, f32)>,
    bins: BTreeMap<BinKey, Bin>,
}

/// Days, number of reviews and lapses, rounded logarithmically.
type BinKey = (u32, u32, u32);

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    predicted: f32,
    actual: f32,
    count: f32,
    weight: f32,
}

impl Tally {
    fn add(&mut self, recall: f32, history: &[PastReview], weight: f32) {
        let recalled = f32::from(history[history.len() - 1].rating > 1);
        let loss = recalled * recall.ln() + (1.0 - recalled) * (1.0 - recall).ln();
        self.losses.push((loss * weight, weight));
        let bin = self.bins.entry(bin_of(history)).or_default();
        bin.predicted += recall;
        bin.actual += recalled;
        bin.count += 1.0;
        bin.weight += weight;
    }

    /// Fails when nothing was predicted.
    pub fn evaluation(&self) -> Result<Evaluation> {
        let (loss, weights) = self.losses.iter().fold((0.0, 0.0), |sum, (loss, weight)| {
            (sum.0 + loss, sum.1 + weight)
        });
        let squares = self.bins.values().map(|bin| {
            let (predicted, actual) = (bin.predicted / bin.count, bin.actual / bin.count);
            (predicted - actual).powi(2) * bin.weight
        });
        let weight: f32 = self.bins.values().map(|bin| bin.weight).sum();
        let evaluation = Evaluation {
            log_loss: -loss / weights,
            rmse_bins: (squares.sum::<f32>() / weight).sqrt(),
        };
        if evaluation.log_loss.is_finite() && evaluation.rmse_bins.is_finite() {
            Ok(evaluation)
        } else {
            Err(too_few())
        }
    }
}

fn bin_of(history: &[PastReview]) -> BinKey {
    let logarithmic =
        |value: f64, base: f64, factor: f64| factor * base.powf(value.log(base).floor());
    let (last, before) = (history[history.len() - 1], &history[..history.len() - 1]);
    let days = f64::from(last.delta_days);
    let reviews = history
        .iter()
        .filter(|review| review.delta_days > 0)
        .count() as f64
        + 1.0;
    let lapses = before
        .iter()
        .filter(|review| review.rating == 1 && review.delta_days > 0)
        .count() as f64;
    let rounded = |value: f64| value.round() as u32;
    (
        rounded(logarithmic(days, 3.62, 2.48) * 100.0),
        rounded(logarithmic(reviews, 1.89, 1.99)),
        if lapses == 0.0 {
            0
        } else {
            rounded(logarithmic(lapses, 1.73, 1.65))
        },
    )
}

/// How far a fit has come, and the way to end it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TrainingProgress(Arc<Mutex<model::CombinedProgressState>>);

impl TrainingProgress {
    /// Answers done and to do, over all rounds; both 0 before the first.
    #[must_use]
    pub fn done_and_total(&self) -> (u64, u64) {
        let state = self.state();
        (state.current() as u64, state.total() as u64)
    }

    /// The fit ends soon with `Interrupted`.
    pub fn cancel(&self) {
        self.state().want_abort = true;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, model::CombinedProgressState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of too little to learn from.
#[must_use]
fn too_few() -> Error {
    Error::invalid(mark!("there are too few reviews"))
}

fn failed(error: model::FSRSError) -> Error {
    match error {
        model::FSRSError::Interrupted => Error::interrupted(),
        model::FSRSError::NotEnoughData => too_few(),
        other => Error::invalid(mark!("FSRS could not learn from the review log")).because(other),
    }
}
