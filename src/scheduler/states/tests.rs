//! The four buttons in each state, with figures observed in the reference engine.

use super::*;
use crate::domain::deck_config::DeckConfigInner;

fn ctx(preset: &DeckConfigInner) -> StateContext<'_> {
    StateContext {
        preset,
        fuzz_factor: None,
        balance: None,
        fsrs: None,
        fsrs_short_term_with_steps: false,
        fsrs_allow_short_term: true,
        preview: PreviewDelays {
            again: 60,
            hard: 600,
            good: 0,
        },
    }
}

fn review(days: u32, elapsed: u32) -> Review {
    Review {
        scheduled_days: days,
        elapsed_days: elapsed,
        ease: 2.5,
        lapses: 0,
        leeched: false,
        memory: None,
    }
}

fn days(state: CardState) -> i32 {
    state.interval().as_revlog()
}

fn intervals(state: CardState, ctx: &StateContext<'_>) -> [i32; 4] {
    let next = state.next_states(ctx);
    [next.again, next.hard, next.good, next.easy].map(days)
}

#[test]
fn a_new_card() {
    let preset = DeckConfigInner::default();
    let state = CardState::Normal(NormalState::New { position: 3 });
    assert_eq!(intervals(state, &ctx(&preset)), [-60, -330, -600, 4]);
}

#[test]
fn a_review_on_time_and_late() {
    let preset = DeckConfigInner::default();
    let on_time = CardState::Normal(NormalState::Review(review(1, 1)));
    assert_eq!(intervals(on_time, &ctx(&preset)), [-600, 2, 3, 4]);
    let late = CardState::Normal(NormalState::Review(review(10, 20)));
    assert_eq!(intervals(late, &ctx(&preset)), [-600, 12, 38, 65]);
}

#[test]
fn an_early_review_grows_less() {
    let preset = DeckConfigInner::default();
    let early = CardState::Rescheduling(NormalState::Review(review(100, 50)));
    assert_eq!(intervals(early, &ctx(&preset)), [-600, 60, 125, 144]);
    assert_eq!(
        early.revlog_kind(),
        crate::domain::revlog::RevlogKind::Filtered
    );
}

#[test]
fn a_lapse_without_steps_stays_a_review() {
    let preset = DeckConfigInner {
        relearn_steps: vec![],
        lapse_multiplier: 0.5,
        ..Default::default()
    };
    let next = CardState::Normal(NormalState::Review(review(10, 10))).next_states(&ctx(&preset));
    let Some(NormalState::Review(after)) = next.again.normal() else {
        panic!("{:?}", next.again)
    };
    assert_eq!((after.scheduled_days, after.lapses), (5, 1));
    assert!((after.ease - 2.3).abs() < 1e-6);
}

#[test]
fn fsrs_without_steps_waits_a_part_of_a_day() {
    let preset = DeckConfigInner {
        learn_steps: vec![],
        ..Default::default()
    };
    let model = crate::scheduler::fsrs::Model::new(&[]).unwrap();
    let mut ctx = ctx(&preset);
    ctx.fsrs = Some(model.next_states(None, 0.9, 0).unwrap());
    let next = CardState::Normal(NormalState::New { position: 0 }).next_states(&ctx);
    assert_eq!(days(next.again), -18316);
}

#[test]
fn a_preview_leaves_when_its_delay_is_nothing() {
    let preset = DeckConfigInner::default();
    let state = CardState::Preview(Preview {
        scheduled_secs: 60,
        finished: false,
    });
    assert_eq!(intervals(state, &ctx(&preset)), [-60, -600, 0, 0]);
}
