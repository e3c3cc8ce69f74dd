//! Cards in a filtered deck that does not reschedule: shown again until they are done.

use super::{CardState, NextStates, StateContext};

/// A previewed card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    pub scheduled_secs: u32,
    /// The card goes home.
    pub finished: bool,
}

impl Preview {
    pub(super) fn next_states(self, ctx: &StateContext<'_>) -> NextStates {
        let after = |secs| {
            CardState::Preview(Self {
                scheduled_secs: secs,
                finished: secs == 0,
            })
        };
        NextStates {
            current: CardState::Preview(self),
            again: after(ctx.preview.again),
            hard: after(ctx.preview.hard),
            good: after(ctx.preview.good),
            easy: after(0),
        }
    }
}
