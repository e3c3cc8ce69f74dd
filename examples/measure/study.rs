//! What is done to many cards at once: suspending, burying, flags, filtered decks; and FSRS over
//! the whole log.

use crate::bench::Bench;
use crate::operations::{collection, select_study_deck};
use engram::base::ids::{CardId, DeckId};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::collection::Collection;
use engram::collection::fsrs_training::TrainingOptions;
use engram::domain::deck::{FilteredDeck, FilteredSearchTerm};
use engram::domain::deck_options::DeckOptionsUpdate;
use engram::domain::filtered::{FilteredDraft, FilteredOrder};
use engram::scheduler::training::TrainingProgress;
use serde_json::json;

/// Done, then taken back by its opposite, over and over; each counts.
type Change = fn(&mut Collection, &[CardId], bool) -> usize;

/// The peer's benchmark times it among what is done to notes.
const SUSPEND: &[(&str, Change)] = &[("suspend_all_cards", |col, cards, on| {
    let done = if on {
        col.suspend_cards(cards)
    } else {
        col.unsuspend_cards(cards)
    };
    done.expect("it is written").value
})];

const BURY_AND_FLAG: &[(&str, Change)] = &[
    ("bury_all_cards", |col, cards, on| {
        let done = if on {
            col.bury_cards(cards, true)
        } else {
            col.unsuspend_cards(cards)
        };
        done.expect("it is written").value
    }),
    ("flag_all_cards", |col, cards, on| {
        col.set_flag(cards, u8::from(on))
            .expect("it is written")
            .value
    }),
];

/// Every card of the collection suspended and unsuspended.
pub fn suspend(b: &mut Bench) {
    change_all(b, SUSPEND);
}

/// Every card of the collection buried and unburied, flagged.
pub fn cards(b: &mut Bench) {
    change_all(b, BURY_AND_FLAG);
}

fn change_all(b: &mut Bench, changes: &[(&str, Change)]) {
    let mut col = collection(&b.fresh("work", false));
    let cards = col.find_cards("deck:*", None).expect("all cards");
    for (name, change) in changes {
        let mut on = false;
        let run = |()| {
            on = !on;
            let changed = change(&mut col, &cards, on);
            ((), json!({ "changed": changed }))
        };
        b.measure(name, b.reps.max(4), |_| (), run, |()| ());
    }
    col.close().expect("it closes");
}

/// Searches, orders and limits of filtered decks that are filled anew.
const FILTERED: &[(&str, &str, u32, FilteredOrder)] = &[
    (
        "filtered_due_1000",
        "is:due",
        1000,
        FilteredOrder::OldestReviewed,
    ),
    (
        "filtered_deck_9999",
        "deck:Languages",
        9999,
        FilteredOrder::Random,
    ),
    (
        "filtered_overdue_100",
        "is:due",
        100,
        FilteredOrder::RelativeOverdueness,
    ),
];

pub fn filtered(b: &mut Bench) {
    for (name, search, limit, order) in FILTERED {
        let mut col = collection(&b.fresh("work", false));
        let id = filtered_deck(&mut col, search, *limit, *order);
        let run = |()| {
            let built = col.filtered_rebuild(id).expect("it is filled");
            ((), json!({ "cards": built.value }))
        };
        b.measure(
            &format!("rebuild:{name}"),
            b.reps.max(5),
            |_| (),
            run,
            |()| (),
        );
        col.close().expect("it closes");
    }
}

fn filtered_deck(col: &mut Collection, search: &str, limit: u32, order: FilteredOrder) -> DeckId {
    let term = FilteredSearchTerm {
        search: search.to_owned(),
        limit,
        order: order as i32,
        unknown: vec![],
    };
    let draft = FilteredDraft {
        id: None,
        name: "Filtered".to_owned(),
        deck: FilteredDeck {
            reschedule: true,
            search_terms: vec![term],
            ..FilteredDeck::default()
        },
        allow_empty: true,
    };
    col.filtered_save(&draft).expect("it is made").value.deck
}

/// Once each on the largest collection, as the peer's benchmark does it.
pub fn fsrs(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let large = b.meta_str("size") == "L";
    let (reps, warm) = (if large { 1 } else { b.reps }, b.warm);
    b.warm = if b.meta_str("size") == "S" { warm } else { 0 };
    let options = every_answer();
    let mut params = Vec::new();
    let optimise = |()| {
        let set = col.training_set(&options, &Progress::new()).expect("a log");
        let fitted = set.optimise(&[], 1, &TrainingProgress::default());
        params = fitted.expect("parameters").params;
        ((), json!({"fsrs_items": set.len(), "params": params}))
    };
    b.measure("fsrs_optimise", reps, |_| (), optimise, |()| ());
    // What tells whether FSRS fits somebody; Anki's other evaluation is the group `fsrseval`.
    let evaluate = |()| {
        let set = col.training_set(&options, &Progress::new()).expect("a log");
        let found = set.foresight(1, &TrainingProgress::default());
        let found = found.expect("an evaluation");
        ((), json!({ "log_loss": found.log_loss }))
    };
    b.measure("fsrs_evaluate", reps, |_| (), evaluate, |()| ());
    select_study_deck(b, &mut col);
    let deck = col.current_deck().expect("the study deck");
    let mut round = 0.0;
    let recompute = |()| {
        round += 1.0;
        let shown = col.deck_options(deck).expect("options");
        let presets = shown.presets.iter().map(|used| {
            let mut preset = used.preset.clone();
            let mut params = params.clone();
            params[0] += 0.001 * round;
            preset.inner.fsrs_params_6 = params;
            preset
        });
        let mut update = DeckOptionsUpdate {
            deck,
            selected: shown.preset,
            presets: presets.collect(),
            removed: vec![],
            apply_to_subdecks: false,
            limits: shown.limits,
            shared: shown.shared,
            reschedule: false,
        };
        update.shared.fsrs = true;
        let saved = col.update_deck_options(&update, &Progress::new());
        saved.expect("it is saved");
        ((), json!({}))
    };
    b.measure("fsrs_recompute_memory", reps, |_| (), recompute, |()| ());
    b.warm = warm;
    col.close().expect("it closes");
}

/// How well the default parameters predict every answer.
pub fn evaluate(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let options = every_answer();
    let evaluate = |()| {
        let set = col.training_set(&options, &Progress::new()).expect("a log");
        let found = set.evaluate(&[]).expect("an evaluation");
        ((), json!({ "log_loss": found.log_loss }))
    };
    b.measure("fsrs_evaluate_params", b.reps, |_| (), evaluate, |()| ());
    col.close().expect("it closes");
}

fn every_answer() -> TrainingOptions {
    TrainingOptions {
        search: "deck:*".to_owned(),
        ignore_before: TimestampMillis(0),
        relearning_steps: 1,
        params: vec![],
        check_health: false,
    }
}
