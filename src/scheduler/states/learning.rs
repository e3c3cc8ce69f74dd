//! New cards and those in their first steps.

use super::{NormalState, Review, StateContext};
use crate::domain::card::FsrsMemory;
use crate::scheduler::fsrs::FsrsNext;

/// A card in its learning steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// Steps left, the present one included.
    pub remaining: u32,
    /// Delay of the present step.
    pub scheduled_secs: u32,
    pub memory: Option<FsrsMemory>,
}

impl Learning {
    pub(super) fn successors(self, ctx: &StateContext<'_>) -> [NormalState; 4] {
        let steps = ctx.learn_steps();
        let fsrs = ctx.fsrs.as_ref();
        [
            self.step_or_leave(
                ctx,
                steps.again_secs(),
                steps.count(),
                fsrs.map(|f| &f.again),
            ),
            self.step_or_leave(
                ctx,
                steps.hard_secs(self.remaining),
                self.remaining,
                fsrs.map(|f| &f.hard),
            ),
            match steps.good_secs(self.remaining) {
                None => self.step_or_leave(ctx, None, self.remaining, fsrs.map(|f| &f.good)),
                next => {
                    let remaining = steps.remaining_after_good(self.remaining);
                    self.step_or_leave(ctx, next, remaining, fsrs.map(|f| &f.good))
                }
            },
            self.easy(ctx),
        ]
    }

    /// The next step if there is one; else graduation, or with FSRS a short wait.
    fn step_or_leave(
        self,
        ctx: &StateContext<'_>,
        delay: Option<u32>,
        remaining: u32,
        fsrs: Option<&FsrsNext>,
    ) -> NormalState {
        let memory = fsrs.map(|next| next.memory);
        if let Some(scheduled_secs) = delay {
            return NormalState::Learning(Self {
                remaining,
                scheduled_secs,
                memory,
            });
        }
        let interval = fsrs.map_or(ctx.preset.graduating_interval_good as f32, |n| n.interval);
        if fsrs.is_some() && ctx.is_short_term(interval, ctx.learn_steps()) {
            return NormalState::Learning(Self {
                remaining,
                scheduled_secs: (interval * 86_400.0) as u32,
                memory,
            });
        }
        let (min, max) = ctx.min_and_max(1);
        NormalState::Review(graduated(
            ctx,
            ctx.fuzzed(interval.round().max(1.0), min, max),
            memory,
        ))
    }

    fn easy(self, ctx: &StateContext<'_>) -> NormalState {
        let (days, memory) = match &ctx.fsrs {
            Some(fsrs) => (ctx.fsrs_easy_interval(fsrs), Some(fsrs.easy.memory)),
            None => {
                let (min, max) = ctx.min_and_max(1);
                let interval = ctx.preset.graduating_interval_easy as f32;
                (ctx.fuzzed(interval, min, max), None)
            }
        };
        NormalState::Review(graduated(ctx, days, memory))
    }
}

fn graduated(ctx: &StateContext<'_>, days: u32, memory: Option<FsrsMemory>) -> Review {
    Review {
        scheduled_days: days,
        elapsed_days: 0,
        ease: ctx.preset.initial_ease,
        lapses: 0,
        leeched: false,
        memory,
    }
}
