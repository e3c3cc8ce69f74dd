//! The sections of the screen but FSRS, in Anki's order and with Anki's names for choices.

use super::model::{Draft, Limit, LimitScope, TextOption};
use super::rows::{Number, Rows};
use super::{text, words as w};
use crate::base::lang;
use crate::domain::deck_config::{DeckConfigInner, range};
use crate::domain::deck_config_words as words;
use crate::service::fsrs::default_search;
use crate::t;

const SCOPES: [LimitScope; 3] = [LimitScope::Preset, LimitScope::Deck, LimitScope::Today];

pub fn limits(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    for (limit, words, default) in [
        (Limit::New, &w::NEW_PER_DAY, default.new_per_day),
        (Limit::Review, &w::REVIEWS_PER_DAY, default.reviews_per_day),
    ] {
        let before = draft.scope(limit);
        let mut scope = SCOPES.iter().position(|s| *s == before).unwrap_or(0);
        let shown = draft.limit(limit);
        let mut number = f64::from(shown);
        let at_default = before == LimitScope::Preset && shown == default;
        let look = Number::whole(&range::PER_DAY, "");
        let reset = rows.scoped(
            words,
            at_default,
            &mut scope,
            &[t!("Preset"), t!("This deck"), t!("Today only")],
            &mut number,
            &look,
        );
        let n = number.round() as u32;
        if n != shown {
            draft.set_limit(limit, n);
        }
        if SCOPES[scope] != before {
            draft.set_scope(limit, SCOPES[scope]);
        }
        if reset {
            draft.set_scope(limit, LimitScope::Preset);
            draft.set_limit(limit, default);
        }
    }
    if !draft.shared.new_cards_ignore_review_limit {
        // Anki's rule of thumb: ten reviews for each new card of a day.
        let new = draft.limit(Limit::New);
        let wanted = (new.saturating_mul(10)).min(*range::PER_DAY.end());
        if draft.limit(Limit::Review) < wanted {
            rows.warning(&t!(
                "With {new} new cards a day, allow at least {wanted} reviews a day",
                new,
                wanted
            ));
        }
    }
    let shared = &mut draft.shared;
    rows.switch(
        &w::IGNORE_REVIEW_LIMIT,
        &mut shared.new_cards_ignore_review_limit,
        false,
    );
    rows.switch(
        &w::LIMITS_FROM_TOP,
        &mut shared.apply_all_parent_limits,
        false,
    );
}

/// A text option of the chosen preset.
fn text_row(
    rows: &mut Rows<'_>,
    draft: &mut Draft,
    words: &'static w::Words,
    option: TextOption,
    default: &str,
    hint: &str,
) {
    let problem = draft.problem_of(option);
    let value = draft.texts.get_mut(option);
    if rows.text(words, value, default, problem.as_deref(), hint) {
        draft.take_text(option);
    }
}

pub fn new_cards(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let steps = text::from_steps(&default.learn_steps);
    text_row(
        rows,
        draft,
        &w::LEARN_STEPS,
        TextOption::LearnSteps,
        &steps,
        "1m 10m",
    );
    let fsrs = draft.shared.fsrs;
    let Some(c) = draft.options_mut() else { return };
    let longest = c.learn_steps.last().copied().unwrap_or_default() / DAY_MINUTES;
    if fsrs {
        long_steps_warning(rows, &c.learn_steps);
    } else {
        rows.count(
            &w::GRADUATING,
            t!("days"),
            &mut c.graduating_interval_good,
            default.graduating_interval_good,
            &range::DAYS,
        );
        if longest > c.graduating_interval_good as f32 {
            rows.warning(t!(
                "The graduating interval is shorter than the last learning step"
            ));
        }
        rows.count(
            &w::EASY_INTERVAL,
            t!("days"),
            &mut c.graduating_interval_easy,
            default.graduating_interval_easy,
            &range::DAYS,
        );
        if c.graduating_interval_easy < c.graduating_interval_good {
            rows.warning(t!(
                "The easy interval is shorter than the graduating interval"
            ));
        }
    }
    rows.choice(
        &w::INSERT_ORDER,
        &mut c.new_card_insert_order,
        default.new_card_insert_order,
        &words::INSERT_ORDERS.map(said),
    );
}

const DAY_MINUTES: f32 = 1440.0;

fn long_steps_warning(rows: &mut Rows<'_>, steps: &[f32]) {
    if steps.iter().any(|step| *step >= DAY_MINUTES) {
        rows.warning(t!("With FSRS, steps of a day or more are not recommended"));
    }
}

pub fn lapses(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let steps = text::from_steps(&default.relearn_steps);
    text_row(
        rows,
        draft,
        &w::RELEARN_STEPS,
        TextOption::RelearnSteps,
        &steps,
        "10m",
    );
    let fsrs = draft.shared.fsrs;
    let Some(c) = draft.options_mut() else { return };
    if fsrs {
        long_steps_warning(rows, &c.relearn_steps);
    } else {
        rows.count(
            &w::MINIMUM_INTERVAL,
            t!("days"),
            &mut c.minimum_lapse_interval,
            default.minimum_lapse_interval,
            &range::DAYS,
        );
        let longest = c.relearn_steps.last().copied().unwrap_or_default() / DAY_MINUTES;
        if longest > c.minimum_lapse_interval as f32 {
            rows.warning(t!(
                "The minimum interval is shorter than the last relearning step"
            ));
        }
    }
    rows.count(
        &w::LEECH_THRESHOLD,
        "",
        &mut c.leech_threshold,
        default.leech_threshold,
        &range::COUNT,
    );
    rows.choice(
        &w::LEECH_ACTION,
        &mut c.leech_action,
        default.leech_action,
        &words::LEECH_ACTIONS.map(said),
    );
}

/// The orders of reviews with their names.
#[must_use]
pub fn review_orders(fsrs: bool) -> [(i32, &'static str); 13] {
    words::REVIEW_ORDERS.map(|(order, name)| match (order, fsrs) {
        // FSRS has difficulty in the place of ease.
        (5, true) => (order, t!("Difficult cards first")),
        (6, true) => (order, t!("Easy cards first")),
        _ => said((order, name)),
    })
}

/// A choice in the language of the window.
fn said((n, words): (i32, &'static str)) -> (i32, &'static str) {
    (n, lang::say(words))
}

pub fn display_order(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let fsrs = draft.shared.fsrs;
    let Some(c) = draft.options_mut() else { return };
    rows.choice(
        &w::GATHER,
        &mut c.new_card_gather_priority,
        default.new_card_gather_priority,
        &words::GATHER_ORDERS.map(said),
    );
    rows.choice(
        &w::SORT,
        &mut c.new_card_sort_order,
        default.new_card_sort_order,
        &words::SORT_ORDERS.map(said),
    );
    rows.choice(
        &w::NEW_MIX,
        &mut c.new_mix,
        default.new_mix,
        &words::MIXES.map(said),
    );
    rows.choice(
        &w::DAY_LEARN_MIX,
        &mut c.interday_learning_mix,
        default.interday_learning_mix,
        &words::MIXES.map(said),
    );
    let orders = review_orders(fsrs);
    rows.choice(
        &w::REVIEW_ORDER,
        &mut c.review_order,
        default.review_order,
        &orders,
    );
    rows.paragraph(t!(
        "The deck that you open to study decides; options of its subdecks do not"
    ));
}

pub fn burying(rows: &mut Rows<'_>, draft: &mut Draft) {
    let Some(c) = draft.options_mut() else { return };
    rows.switch(&w::BURY_NEW, &mut c.bury_new, false);
    rows.switch(&w::BURY_REVIEWS, &mut c.bury_reviews, false);
    rows.switch(&w::BURY_DAY_LEARN, &mut c.bury_interday_learning, false);
}

pub fn audio(rows: &mut Rows<'_>, draft: &mut Draft) {
    let Some(c) = draft.options_mut() else { return };
    rows.switch(&w::NO_AUTOPLAY, &mut c.disable_autoplay, false);
    rows.switch(
        &w::SKIP_QUESTION,
        &mut c.skip_question_when_replaying_answer,
        false,
    );
}

pub fn timers(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let Some(c) = draft.options_mut() else { return };
    rows.count(
        &w::MAX_SECONDS,
        "s",
        &mut c.cap_answer_time_to_secs,
        default.cap_answer_time_to_secs,
        &range::COUNT,
    );
    if c.cap_answer_time_to_secs > 600 {
        rows.warning(t!(
            "Short answers are scheduled better: keep questions small"
        ));
    }
    rows.switch(&w::SHOW_TIMER, &mut c.show_timer, false);
    rows.switch(&w::STOP_TIMER, &mut c.stop_timer_on_answer, false);
}

pub fn auto_advance(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let Some(c) = draft.options_mut() else { return };
    rows.decimal(
        &w::SECONDS_QUESTION,
        &mut c.seconds_to_show_question,
        default.seconds_to_show_question,
        &Number::seconds(&range::SHOW_SECS),
    );
    rows.decimal(
        &w::SECONDS_ANSWER,
        &mut c.seconds_to_show_answer,
        default.seconds_to_show_answer,
        &Number::seconds(&range::SHOW_SECS),
    );
    rows.switch(
        &w::WAIT_FOR_AUDIO,
        &mut c.wait_for_audio,
        default.wait_for_audio,
    );
    rows.choice(
        &w::QUESTION_ACTION,
        &mut c.question_action,
        default.question_action,
        &words::QUESTION_ACTIONS.map(said),
    );
    rows.choice(
        &w::ANSWER_ACTION,
        &mut c.answer_action,
        default.answer_action,
        &words::ANSWER_ACTIONS.map(said),
    );
}

/// Values of the three choices; any other share of a day is "reduced" too.
const EASY_SHARES: [f32; 3] = [0.0, 0.5, 1.0];

/// What a day can have of its reviews.
#[must_use]
pub fn easy_choices() -> [&'static str; 3] {
    [t!("Minimum"), t!("Reduced"), t!("Normal")]
}

/// Which of [`easy_choices`] a day of the week has, Monday being 0.
#[must_use]
pub fn easy_choice(shares: &[f32], day: usize) -> usize {
    match shares.get(day).copied().unwrap_or(1.0) {
        0.0 => 0,
        1.0 => 2,
        _ => 1,
    }
}

/// Gives a day another of [`easy_choices`]; the one that it has leaves its share alone.
pub fn choose_easy(shares: &mut Vec<f32>, day: usize, chosen: usize) {
    if chosen != easy_choice(shares, day) {
        shares.resize(7, 1.0);
        shares[day] = EASY_SHARES[chosen];
    }
}

pub fn easy_days(rows: &mut Rows<'_>, draft: &mut Draft) {
    let Some(c) = draft.options_mut() else { return };
    rows.paragraph_first(lang::say(w::EASY_DAYS));
    rows.paragraph(lang::say(w::WEEKDAY));
    let shares = easy_choices();
    for (day, words) in w::WEEKDAYS.iter().enumerate() {
        let before = easy_choice(&c.easy_days_percentages, day);
        let mut chosen = before;
        if rows.segmented(words, before == 2, &mut chosen, &shares) {
            chosen = 2;
        }
        choose_easy(&mut c.easy_days_percentages, day, chosen);
    }
    let days = &c.easy_days_percentages;
    if days.len() == 7 && days.iter().all(|share| *share < 1.0) {
        rows.warning(t!("At least one day should be normal"));
    }
}

pub fn advanced(rows: &mut Rows<'_>, draft: &mut Draft) {
    let default = DeckConfigInner::default();
    let fsrs = draft.shared.fsrs;
    if let Some(c) = draft.options_mut() {
        rows.count(
            &w::MAX_INTERVAL,
            t!("days"),
            &mut c.maximum_review_interval,
            default.maximum_review_interval,
            &range::DAYS,
        );
        if c.maximum_review_interval < 180 {
            rows.warning(t!(
                "A maximum interval below half a year is not recommended"
            ));
        }
        if fsrs {
            rows.decimal(
                &w::HISTORICAL_RETENTION,
                &mut c.historical_retention,
                default.historical_retention,
                &Number::percent(&range::HISTORICAL_RETENTION),
            );
        } else {
            ease(rows, c, &default);
        }
    }
    if fsrs {
        text_row(
            rows,
            draft,
            &w::IGNORE_BEFORE,
            TextOption::IgnoreBefore,
            "",
            "2026-01-31",
        );
        let hint = default_search(draft.preset().map_or("", |p| p.name.as_str()));
        let option = TextOption::ParamSearch;
        text_row(rows, draft, &w::PARAM_SEARCH, option, "", &hint);
    }
    rows.code(
        &w::CUSTOM_SCHEDULING,
        &mut draft.shared.card_state_customizer,
        4,
        t!("// JavaScript, for Anki only"),
        None,
    );
}

/// Multipliers that only mean something without FSRS.
fn ease(rows: &mut Rows<'_>, c: &mut DeckConfigInner, default: &DeckConfigInner) {
    rows.decimal(
        &w::STARTING_EASE,
        &mut c.initial_ease,
        default.initial_ease,
        &Number::factor(&range::INITIAL_EASE),
    );
    rows.decimal(
        &w::EASY_BONUS,
        &mut c.easy_multiplier,
        default.easy_multiplier,
        &Number::factor(&range::EASY_MULTIPLIER),
    );
    rows.decimal(
        &w::INTERVAL_MODIFIER,
        &mut c.interval_multiplier,
        default.interval_multiplier,
        &Number::factor(&range::INTERVAL_MULTIPLIER),
    );
    rows.decimal(
        &w::HARD_INTERVAL,
        &mut c.hard_multiplier,
        default.hard_multiplier,
        &Number::factor(&range::HARD_MULTIPLIER),
    );
    rows.decimal(
        &w::NEW_INTERVAL,
        &mut c.lapse_multiplier,
        default.lapse_multiplier,
        &Number::factor(&range::LAPSE_MULTIPLIER),
    );
}
