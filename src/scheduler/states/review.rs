//! Cards in the long term: the four answers, lapses and leeches.

use super::{Learning, NormalState, Relearning, StateContext};
use crate::domain::card::FsrsMemory;
use crate::scheduler::fsrs::FsrsNextStates;
use crate::scheduler::fuzz;

const MINIMUM_EASE: f32 = 1.3;

/// A card that waits for days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Review {
    pub scheduled_days: u32,
    pub elapsed_days: u32,
    /// 1.3 and more.
    pub ease: f32,
    pub lapses: u32,
    /// This answer made it a leech.
    pub leeched: bool,
    pub memory: Option<FsrsMemory>,
}

impl Review {
    /// Shown before it was due; only filtered decks do that.
    #[must_use]
    pub fn is_early(&self) -> bool {
        self.elapsed_days < self.scheduled_days
    }

    pub(super) fn successors(self, ctx: &StateContext<'_>) -> [NormalState; 4] {
        let [hard, good, easy] = self.passing_days(ctx);
        let memory = |pick: fn(&FsrsNextStates) -> FsrsMemory| ctx.fsrs.as_ref().map(pick);
        let passed = |days, ease: f32, memory| {
            NormalState::Review(Self {
                scheduled_days: days,
                elapsed_days: 0,
                ease,
                leeched: false,
                memory,
                ..self
            })
        };
        [
            self.again(ctx),
            passed(
                hard,
                (self.ease - 0.15).max(MINIMUM_EASE),
                memory(|f| f.hard.memory),
            ),
            passed(good, self.ease, memory(|f| f.good.memory)),
            passed(easy, self.ease + 0.15, memory(|f| f.easy.memory)),
        ]
    }

    /// Interval and memory after forgetting.
    pub(super) fn failing(&self, ctx: &StateContext<'_>) -> (u32, Option<FsrsMemory>) {
        if let Some(fsrs) = &ctx.fsrs {
            // Neither fuzz nor the longest interval until the card comes back to review.
            let days = (fsrs.again.interval.round() as u32).max(1);
            return (days, Some(fsrs.again.memory));
        }
        let (min, max) = ctx.min_and_max(ctx.preset.minimum_lapse_interval);
        let interval = self.scheduled_days.max(1) as f32 * ctx.preset.lapse_multiplier;
        (ctx.fuzzed(interval, min, max), None)
    }

    fn again(self, ctx: &StateContext<'_>) -> NormalState {
        let lapses = self.lapses.saturating_add(1);
        let (days, memory) = self.failing(ctx);
        let review = Self {
            scheduled_days: days,
            elapsed_days: 0,
            ease: (self.ease - 0.2).max(MINIMUM_EASE),
            lapses,
            leeched: is_leech_at(lapses, ctx.preset.leech_threshold),
            memory,
        };
        let steps = ctx.relearn_steps();
        let relearn = |scheduled_secs| {
            NormalState::Relearning(Relearning {
                learning: Learning {
                    remaining: steps.count(),
                    scheduled_secs,
                    memory,
                },
                review,
            })
        };
        if let Some(secs) = steps.again_secs() {
            return relearn(secs);
        }
        match &ctx.fsrs {
            Some(fsrs) if ctx.is_short_term(fsrs.again.interval, steps) => {
                relearn((fsrs.again.interval * 86_400.0) as u32)
            }
            _ => NormalState::Review(review),
        }
    }

    /// Days of Hard, Good, Easy.
    fn passing_days(&self, ctx: &StateContext<'_>) -> [u32; 3] {
        match &ctx.fsrs {
            Some(fsrs) => self.passing_days_fsrs(ctx, fsrs),
            None if self.is_early() => self.passing_days_early(ctx),
            None => self.passing_days_due(ctx),
        }
    }

    fn passing_days_fsrs(&self, ctx: &StateContext<'_>, fsrs: &FsrsNextStates) -> [u32; 3] {
        // A model that wants a longer interval than the last must get one.
        let at_least = |interval: f32| {
            let previous = self.scheduled_days;
            if interval.round() as u32 > previous {
                previous + 1
            } else if previous <= fuzz::bounds(interval, 1, ctx.min_and_max(1).1).1 {
                previous
            } else {
                0
            }
        };
        let days = |interval: f32, after: u32| {
            let (min, max) = ctx.min_and_max(at_least(interval).max(after));
            ctx.fuzzed(interval, min, max)
        };
        let hard = days(fsrs.hard.interval, 1);
        let good = days(fsrs.good.interval, hard + 1);
        let easy = days(fsrs.easy.interval, good + 1);
        [hard, good, easy]
    }

    fn passing_days_due(&self, ctx: &StateContext<'_>) -> [u32; 3] {
        let preset = ctx.preset;
        let current = self.scheduled_days.max(1) as f32;
        let late = self.elapsed_days.saturating_sub(self.scheduled_days) as f32;
        let days = |interval: f32, after: u32| {
            let (min, max) = ctx.min_and_max(after);
            ctx.fuzzed(interval * preset.interval_multiplier, min, max)
        };
        let growing = preset.hard_multiplier > 1.0;
        let hard_min = if growing { self.scheduled_days + 1 } else { 0 };
        let hard = days(current * preset.hard_multiplier, hard_min);
        let good_min = if growing {
            hard + 1
        } else {
            self.scheduled_days + 1
        };
        let good = days((current + late / 2.0) * self.ease, good_min);
        let easy = days(
            (current + late) * self.ease * preset.easy_multiplier,
            good + 1,
        );
        [hard, good, easy]
    }

    /// No fuzz, and the buttons do not push each other.
    fn passing_days_early(&self, ctx: &StateContext<'_>) -> [u32; 3] {
        let preset = ctx.preset;
        let scheduled = self.scheduled_days as f32;
        let elapsed = self.elapsed_days as f32;
        let days = |interval: f32| {
            let (min, max) = ctx.min_and_max(1);
            ((interval * preset.interval_multiplier).round() as u32).clamp(min, max)
        };
        let hard =
            days((elapsed * preset.hard_multiplier).max(scheduled * preset.hard_multiplier / 2.0));
        let good_interval = (elapsed * self.ease).max(scheduled);
        let easy_multiplier = preset.easy_multiplier - (preset.easy_multiplier - 1.0) / 2.0;
        [
            hard,
            days(good_interval),
            days(good_interval * easy_multiplier),
        ]
    }
}

/// At the threshold, then every half threshold.
fn is_leech_at(lapses: u32, threshold: u32) -> bool {
    if threshold == 0 || lapses < threshold {
        return false;
    }
    (lapses - threshold).is_multiple_of(threshold.div_ceil(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leeches() {
        let at: Vec<u32> = (0..20).filter(|n| is_leech_at(*n, 8)).collect();
        assert_eq!(at, [8, 12, 16]);
        let at: Vec<u32> = (0..10).filter(|n| is_leech_at(*n, 3)).collect();
        assert_eq!(at, [3, 5, 7, 9]);
        assert!(!is_leech_at(5, 0));
    }
}
