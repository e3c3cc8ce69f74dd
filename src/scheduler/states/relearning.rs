//! Forgotten cards in their relearning steps; the review part waits behind them.

use super::{Learning, NormalState, Review, StateContext};
use crate::scheduler::fsrs::FsrsNext;

/// A lapsed card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relearning {
    pub learning: Learning,
    /// What it becomes after the steps.
    pub review: Review,
}

impl Relearning {
    pub(super) fn successors(self, ctx: &StateContext<'_>) -> [NormalState; 4] {
        let steps = ctx.relearn_steps();
        let remaining = self.learning.remaining;
        let fsrs = ctx.fsrs.as_ref();
        [
            self.again(ctx),
            self.step_or_leave(
                ctx,
                steps.hard_secs(remaining),
                remaining,
                fsrs.map(|f| &f.hard),
            ),
            self.step_or_leave(
                ctx,
                steps.good_secs(remaining),
                steps.remaining_after_good(remaining),
                fsrs.map(|f| &f.good),
            ),
            self.easy(ctx),
        ]
    }

    fn again(self, ctx: &StateContext<'_>) -> NormalState {
        let steps = ctx.relearn_steps();
        if let Some(scheduled_secs) = steps.again_secs() {
            let (days, memory) = self.review.failing(ctx);
            return NormalState::Relearning(Self {
                learning: Learning {
                    remaining: steps.count(),
                    scheduled_secs,
                    memory,
                },
                review: Review {
                    scheduled_days: days.max(1),
                    elapsed_days: 0,
                    memory,
                    ..self.review
                },
            });
        }
        self.step_or_leave(
            ctx,
            None,
            steps.count(),
            ctx.fsrs.as_ref().map(|f| &f.again),
        )
    }

    /// The next step if there is one; else back to review, or with FSRS a short wait.
    fn step_or_leave(
        self,
        ctx: &StateContext<'_>,
        delay: Option<u32>,
        remaining: u32,
        fsrs: Option<&FsrsNext>,
    ) -> NormalState {
        let memory = fsrs.map(|next| next.memory);
        let stay = |scheduled_secs, scheduled_days| {
            NormalState::Relearning(Self {
                learning: Learning {
                    remaining,
                    scheduled_secs,
                    memory,
                },
                review: Review {
                    scheduled_days,
                    elapsed_days: 0,
                    memory,
                    ..self.review
                },
            })
        };
        if let Some(secs) = delay {
            return stay(secs, self.review.scheduled_days);
        }
        let days = match fsrs {
            Some(next) if ctx.is_short_term(next.interval, ctx.relearn_steps()) => {
                let days = next.interval.round().max(1.0) as u32;
                return stay((next.interval * 86_400.0) as u32, days);
            }
            Some(next) => {
                let (min, max) = ctx.min_and_max(1);
                ctx.fuzzed(next.interval.round().max(1.0), min, max)
            }
            None => self.review.scheduled_days,
        };
        NormalState::Review(Review {
            scheduled_days: days,
            elapsed_days: 0,
            leeched: false,
            // As in Anki, a memory stored while FSRS was on stays when it is off now.
            memory: memory.or(self.review.memory),
            ..self.review
        })
    }

    fn easy(self, ctx: &StateContext<'_>) -> NormalState {
        let (days, memory) = match &ctx.fsrs {
            Some(fsrs) => (ctx.fsrs_easy_interval(fsrs), Some(fsrs.easy.memory)),
            None => (self.review.scheduled_days + 1, None),
        };
        NormalState::Review(Review {
            scheduled_days: days,
            elapsed_days: 0,
            leeched: false,
            memory,
            ..self.review
        })
    }
}
