//! From a card row to its state, and from the chosen state back to the row and its log entry.
//! The transaction around it is `collection::answer`.

use crate::base::ids::{DeckId, RevlogId, Usn};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::card::{Card, CardQueue, CardType, FsrsMemory};
use crate::domain::deck::{DeckKind, FilteredDeck};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::revlog::RevlogEntry;
use crate::domain::study::Rating;
use crate::scheduler::fsrs::difficulty_as_factor;
use crate::scheduler::fuzz;
use crate::scheduler::states::{
    CardState, Interval, Learning, NormalState, Preview, PreviewDelays, Relearning, Review,
};
use crate::scheduler::steps::Steps;
use crate::scheduler::timing::SchedTiming;

/// The state of `card`, which is in a deck of `kind`; `preset` is that of its home deck.
#[must_use]
pub fn state_of(
    card: &Card,
    kind: &DeckKind,
    preset: &DeckConfigInner,
    timing: &SchedTiming,
) -> CardState {
    let normal = normal_state(card, preset, timing);
    match kind {
        DeckKind::Filtered(deck) if deck.reschedule => CardState::Rescheduling(normal),
        DeckKind::Filtered(deck) => CardState::Preview(Preview {
            scheduled_secs: preview_delays(deck).again,
            finished: false,
        }),
        DeckKind::Normal(_) => CardState::Normal(normal),
    }
}

#[must_use]
pub fn preview_delays(deck: &FilteredDeck) -> PreviewDelays {
    PreviewDelays {
        again: deck.preview_again_secs,
        hard: deck.preview_hard_secs,
        good: deck.preview_good_secs,
    }
}

fn normal_state(card: &Card, preset: &DeckConfigInner, timing: &SchedTiming) -> NormalState {
    let today = i64::from(timing.days_elapsed);
    let due = i64::from(card.home_due());
    let learning = |steps: &[f32]| {
        let remaining = card.steps_left();
        Learning {
            remaining,
            scheduled_secs: Steps::new(steps).current_secs(remaining).unwrap_or(0),
            memory: card.memory_state,
        }
    };
    let review = |elapsed_days| Review {
        scheduled_days: card.interval,
        elapsed_days,
        ease: card.ease(),
        lapses: card.lapses,
        leeched: false,
        memory: card.memory_state,
    };
    match card.ctype {
        CardType::New => NormalState::New {
            position: u32::try_from(due).unwrap_or(0),
        },
        CardType::Learn => NormalState::Learning(learning(&preset.learn_steps)),
        CardType::Review => {
            let due = if card.is_filtered() {
                due
            } else {
                due.min(today)
            };
            let elapsed = i64::from(card.interval) - (due - today);
            NormalState::Review(review(u32::try_from(elapsed).unwrap_or(0)))
        }
        CardType::Relearn => NormalState::Relearning(Relearning {
            learning: learning(&preset.relearn_steps),
            review: review(card.interval),
        }),
    }
}

/// What [`apply`] needs besides the states.
#[derive(Debug, Clone, Copy)]
pub struct AnswerContext {
    /// Of the card before the answer, computed from its log where none was stored.
    pub memory: Option<FsrsMemory>,
    pub timing: SchedTiming,
    /// Time of the answer.
    pub at: TimestampMillis,
    /// Of the card's fuzz, before the answer.
    pub seed: u64,
    /// Desired retention and decay; None while FSRS is off.
    pub fsrs: Option<(f32, f32)>,
}

/// Writes the chosen state into the row. Change time and leech suspension are the caller's.
pub fn apply(card: &mut Card, current: CardState, next: CardState, ctx: &AnswerContext) {
    match next {
        CardState::Preview(preview) => apply_preview(card, preview, ctx),
        CardState::Normal(state) | CardState::Rescheduling(state) => {
            card.reps = card.reps.saturating_add(1);
            if let Some(NormalState::New { position }) = current.normal() {
                card.original_position = Some(position);
            }
            apply_normal(card, state, ctx);
            card.memory_state = next.memory();
            if let Some((retention, decay)) = ctx.fsrs {
                card.desired_retention = Some(retention);
                card.decay = Some(decay);
            } else {
                card.desired_retention = None;
            }
            card.last_review = Some(ctx.at.secs());
        }
    }
}

fn apply_normal(card: &mut Card, next: NormalState, ctx: &AnswerContext) {
    match next {
        NormalState::New { position } => {
            card.ctype = CardType::New;
            card.queue = CardQueue::New;
            card.due = i32::try_from(position).unwrap_or(i32::MAX);
        }
        NormalState::Learning(learning) => {
            card.ctype = CardType::Learn;
            wait_for_step(card, learning, ctx);
        }
        NormalState::Relearning(relearning) => {
            card.ctype = CardType::Relearn;
            card.interval = relearning.review.scheduled_days;
            card.ease_factor = ease_as_factor(relearning.review.ease);
            card.lapses = relearning.review.lapses;
            wait_for_step(card, relearning.learning, ctx);
        }
        NormalState::Review(review) => {
            leave_filtered_deck(card);
            card.ctype = CardType::Review;
            card.queue = CardQueue::Review;
            card.interval = review.scheduled_days;
            card.ease_factor = ease_as_factor(review.ease);
            card.lapses = review.lapses;
            card.remaining_steps = 0;
            card.due = day_number(ctx.timing.days_elapsed, review.scheduled_days);
        }
    }
}

fn wait_for_step(card: &mut Card, learning: Learning, ctx: &AnswerContext) {
    card.remaining_steps = learning.remaining;
    let until = ctx.timing.secs_until_rollover();
    match Interval::Secs(learning.scheduled_secs).days_if_past(until) {
        Interval::Secs(secs) => {
            card.queue = CardQueue::Learn;
            card.due = seconds_due(ctx.at.secs(), secs, ctx.seed);
        }
        Interval::Days(days) => {
            card.queue = CardQueue::DayLearn;
            card.due = day_number(ctx.timing.days_elapsed, days);
        }
    }
    if card.is_filtered() {
        card.original_due = card.due;
    }
}

fn apply_preview(card: &mut Card, preview: Preview, ctx: &AnswerContext) {
    // A preview changes no memory, but what was computed for it is kept.
    if let Some((_, decay)) = ctx.fsrs {
        card.memory_state = ctx.memory;
        card.decay = Some(decay);
    }
    if preview.finished {
        return_home(card);
    } else {
        card.queue = CardQueue::PreviewRepeat;
        card.due = seconds_due(ctx.at.secs(), preview.scheduled_secs, ctx.seed);
    }
}

fn seconds_due(now: TimestampSecs, secs: u32, seed: u64) -> i32 {
    let due = now.0 + i64::from(fuzz::learning_secs(secs, Some(seed)));
    i32::try_from(due).unwrap_or(i32::MAX)
}

fn day_number(today: u32, days: u32) -> i32 {
    i32::try_from(today.saturating_add(days)).unwrap_or(i32::MAX)
}

fn ease_as_factor(ease: f32) -> u16 {
    (ease * 1000.0).round() as u16
}

fn leave_filtered_deck(card: &mut Card) {
    if card.is_filtered() {
        card.deck_id = card.original_deck_id;
        card.original_deck_id = DeckId(0);
        card.original_due = 0;
    }
}

/// Takes a card out of a filtered deck as it was before it came in; others are left alone.
pub fn return_home(card: &mut Card) {
    if !card.is_filtered() {
        return;
    }
    // As in Anki, a due of 0 is remembered as "none" (no review falls due on a collection's first
    // day, and a new card at position 0 keeps it).
    if card.original_due != 0 {
        card.due = card.original_due;
    }
    leave_filtered_deck(card);
    if card.queue as i8 >= 0 {
        card.queue = card.queue_from_type();
    }
}

/// The log row of an answer.
#[must_use]
pub fn revlog_entry(
    card: &Card,
    current: CardState,
    next: CardState,
    rating: Rating,
    taken_millis: u32,
    ctx: &AnswerContext,
) -> RevlogEntry {
    let until = ctx.timing.secs_until_rollover();
    RevlogEntry {
        id: RevlogId(ctx.at.0),
        card_id: card.id,
        usn: Usn::PENDING,
        button: rating as u8,
        interval: next.interval().days_if_past(until).as_revlog(),
        last_interval: current.interval().days_if_past(until).as_revlog(),
        ease_factor: log_factor(next),
        taken_millis,
        kind: current.revlog_kind(),
    }
}

fn log_factor(next: CardState) -> u32 {
    let Some(state) = next.normal() else { return 0 };
    if let Some(memory) = next.memory() {
        return difficulty_as_factor(memory.difficulty);
    }
    match state {
        NormalState::New { .. } | NormalState::Learning(_) => 0,
        NormalState::Review(review) => u32::from(ease_as_factor(review.ease)),
        NormalState::Relearning(state) => u32::from(ease_as_factor(state.review.ease)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deck::NormalDeck;

    /// As Anki 26.9.3 has them.
    #[test]
    fn only_in_a_filtered_deck_the_original_due_counts() {
        let timing = SchedTiming {
            now: TimestampSecs(100 * 86_400),
            days_elapsed: 100,
            next_day_at: TimestampSecs(101 * 86_400),
        };
        let state = |ctype, due, home: i64| {
            let card = Card {
                ctype,
                due,
                interval: 10,
                original_due: 5,
                original_deck_id: DeckId(home),
                ..Card::default()
            };
            let kind = DeckKind::Normal(NormalDeck::default());
            state_of(&card, &kind, &DeckConfigInner::default(), &timing).normal()
        };
        let position = |home| match state(CardType::New, 7, home) {
            Some(NormalState::New { position }) => Some(position),
            _ => None,
        };
        assert_eq!((position(0), position(1)), (Some(7), Some(5)));
        let elapsed = |home| match state(CardType::Review, 98, home) {
            Some(NormalState::Review(review)) => Some(review.elapsed_days),
            _ => None,
        };
        assert_eq!((elapsed(0), elapsed(1)), (Some(12), Some(105)));
    }
}
