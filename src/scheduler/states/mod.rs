//! The state of a card and what each of the four buttons turns it into. One file per state; all
//! interval maths is 32-bit float, as everywhere in this format's world.

mod filtered;
mod learning;
mod relearning;
mod review;

pub use filtered::Preview;
pub use learning::Learning;
pub use relearning::Relearning;
pub use review::Review;

use crate::domain::card::FsrsMemory;
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::revlog::RevlogKind;
use crate::domain::study::Rating;
use crate::scheduler::balance::BalanceContext;
use crate::scheduler::fsrs::FsrsNextStates;
use crate::scheduler::fuzz;
use crate::scheduler::steps::Steps;

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CardState {
    Normal(NormalState),
    /// In a filtered deck that does not reschedule.
    Preview(Preview),
    /// In a filtered deck that reschedules.
    Rescheduling(NormalState),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NormalState {
    New { position: u32 },
    Learning(Learning),
    Review(Review),
    Relearning(Relearning),
}

/// The present state and its four successors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NextStates {
    pub current: CardState,
    pub again: CardState,
    pub hard: CardState,
    pub good: CardState,
    pub easy: CardState,
}

impl NextStates {
    #[must_use]
    pub fn of(&self, rating: Rating) -> CardState {
        match rating {
            Rating::Again => self.again,
            Rating::Hard => self.hard,
            Rating::Good => self.good,
            Rating::Easy => self.easy,
        }
    }
}

/// Until when a card waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    Secs(u32),
    Days(u32),
}

impl Interval {
    /// Seconds that cross the rollover are counted in days from there.
    #[must_use]
    pub fn days_if_past(self, secs_until_rollover: u32) -> Self {
        match self {
            Self::Secs(secs) if secs >= secs_until_rollover => {
                Self::Days((secs - secs_until_rollover) / 86_400 + 1)
            }
            other => other,
        }
    }

    /// As the review log has it: days, or negative seconds.
    #[must_use]
    pub fn as_revlog(self) -> i32 {
        match self {
            Self::Days(days) => i32::try_from(days).unwrap_or(i32::MAX),
            Self::Secs(secs) => -i32::try_from(secs).unwrap_or(i32::MAX),
        }
    }

    #[must_use]
    pub fn as_secs(self) -> u64 {
        match self {
            Self::Days(days) => u64::from(days) * 86_400,
            Self::Secs(secs) => u64::from(secs),
        }
    }
}

/// Everything that the four buttons depend on besides the state.
pub struct StateContext<'a> {
    pub preset: &'a DeckConfigInner,
    /// In [0, 1); None in tests and texts that want no fuzz.
    pub fuzz_factor: Option<f32>,
    pub balance: Option<BalanceContext<'a>>,
    /// The model's answers; None while FSRS is off.
    pub fsrs: Option<FsrsNextStates>,
    pub fsrs_short_term_with_steps: bool,
    pub fsrs_allow_short_term: bool,
    pub preview: PreviewDelays,
}

/// Seconds after which a previewed card is shown again; 0 means it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PreviewDelays {
    pub again: u32,
    pub hard: u32,
    pub good: u32,
}

impl StateContext<'_> {
    fn learn_steps(&self) -> Steps<'_> {
        Steps::new(&self.preset.learn_steps)
    }

    fn relearn_steps(&self) -> Steps<'_> {
        Steps::new(&self.preset.relearn_steps)
    }

    /// `given` and the preset's longest interval as a range that is never empty.
    fn min_and_max(&self, given: u32) -> (u32, u32) {
        let max = self.preset.maximum_review_interval.max(1);
        (given.clamp(1, max), max)
    }

    /// By workload when the balancer has an opinion, else by chance.
    fn fuzzed(&self, interval: f32, min: u32, max: u32) -> u32 {
        self.balance
            .as_ref()
            .and_then(|balance| balance.find_interval(interval, min, max))
            .unwrap_or_else(|| fuzz::apply(interval, self.fuzz_factor, min, max))
    }

    /// Whether FSRS keeps a card without steps in (re)learning for this interval in days.
    fn is_short_term(&self, interval: f32, steps: Steps<'_>) -> bool {
        self.fsrs_allow_short_term
            && (self.fsrs_short_term_with_steps || steps.is_empty())
            && interval < 0.5
    }

    /// Days of a graduation by FSRS on Easy: after those of Good.
    fn fsrs_easy_interval(&self, fsrs: &FsrsNextStates) -> u32 {
        let (min, max) = self.min_and_max(1);
        let good = self.fuzzed(fsrs.good.interval.max(1.0), min, max);
        let (min, max) = self.min_and_max(good + 1);
        self.fuzzed(fsrs.easy.interval.round().max(1.0), min, max)
    }
}

impl CardState {
    /// The four successors.
    #[must_use]
    pub fn next_states(self, ctx: &StateContext<'_>) -> NextStates {
        match self {
            Self::Normal(state) => state.next_states(ctx, Self::Normal),
            Self::Rescheduling(state) => state.next_states(ctx, Self::Rescheduling),
            Self::Preview(state) => state.next_states(ctx),
        }
    }

    #[must_use]
    pub fn interval(self) -> Interval {
        match self {
            Self::Normal(state) | Self::Rescheduling(state) => state.interval(),
            Self::Preview(state) => Interval::Secs(state.scheduled_secs),
        }
    }

    /// The kind of log row of an answer given in this state.
    #[must_use]
    pub fn revlog_kind(self) -> RevlogKind {
        match self {
            Self::Preview(_) => RevlogKind::Filtered,
            Self::Normal(state) | Self::Rescheduling(state) => match state {
                NormalState::New { .. } | NormalState::Learning(_) => RevlogKind::Learning,
                NormalState::Relearning(_) => RevlogKind::Relearning,
                NormalState::Review(review) if review.is_early() => RevlogKind::Filtered,
                NormalState::Review(_) => RevlogKind::Review,
            },
        }
    }

    /// The state without the filtered deck around it; None for a preview.
    #[must_use]
    pub fn normal(self) -> Option<NormalState> {
        match self {
            Self::Normal(state) | Self::Rescheduling(state) => Some(state),
            Self::Preview(_) => None,
        }
    }

    #[must_use]
    pub fn is_leech(self) -> bool {
        match self.normal() {
            Some(NormalState::Review(review)) => review.leeched,
            Some(NormalState::Relearning(relearning)) => relearning.review.leeched,
            _ => false,
        }
    }

    #[must_use]
    pub fn memory(self) -> Option<FsrsMemory> {
        match self.normal()? {
            NormalState::New { .. } => None,
            NormalState::Learning(learning) => learning.memory,
            NormalState::Review(review) => review.memory,
            NormalState::Relearning(relearning) => relearning.learning.memory,
        }
    }
}

impl NormalState {
    fn next_states(self, ctx: &StateContext<'_>, wrap: fn(Self) -> CardState) -> NextStates {
        let [again, hard, good, easy] = match self {
            // A new card is one at its first step that has done none.
            Self::New { .. } => Learning {
                remaining: ctx.learn_steps().count(),
                scheduled_secs: 0,
                memory: None,
            }
            .successors(ctx),
            Self::Learning(state) => state.successors(ctx),
            Self::Review(state) => state.successors(ctx),
            Self::Relearning(state) => state.successors(ctx),
        };
        NextStates {
            current: wrap(self),
            again: wrap(again),
            hard: wrap(hard),
            good: wrap(good),
            easy: wrap(easy),
        }
    }

    #[must_use]
    pub fn interval(self) -> Interval {
        match self {
            Self::New { .. } => Interval::Secs(0),
            Self::Learning(state) => Interval::Secs(state.scheduled_secs),
            Self::Review(state) => Interval::Days(state.scheduled_days),
            Self::Relearning(state) => Interval::Secs(state.learning.scheduled_secs),
        }
    }
}

#[cfg(test)]
mod tests;
