//! The choices of a preset in words, and a preset as lines of text.

use super::deck_config::DeckConfig;
use crate::base::lang;
use crate::{mark, t};

/// A stored number and what it is called, for `lang::say`.
pub type Choices = [(i32, &'static str)];

pub const INSERT_ORDERS: [(i32, &str); 2] = [
    (0, mark!("Sequential (oldest cards first)")),
    (1, mark!("Random")),
];
pub const LEECH_ACTIONS: [(i32, &str); 2] = [(0, mark!("Suspend Card")), (1, mark!("Tag Only"))];
pub const MIXES: [(i32, &str); 3] = [
    (0, mark!("Mix with reviews")),
    (1, mark!("Show after reviews")),
    (2, mark!("Show before reviews")),
];
pub const REVIEW_ORDERS: [(i32, &str); 13] = [
    (0, mark!("Due date, then random")),
    (1, mark!("Due date, then deck")),
    (2, mark!("Deck, then due date")),
    (3, mark!("Ascending intervals")),
    (4, mark!("Descending intervals")),
    (5, mark!("Ascending ease")),
    (6, mark!("Descending ease")),
    (7, mark!("Ascending retrievability")),
    (11, mark!("Descending retrievability")),
    (12, mark!("Relative overdueness")),
    (8, mark!("Random")),
    (9, mark!("Order added")),
    (10, mark!("Reverse order added")),
];
pub const GATHER_ORDERS: [(i32, &str); 6] = [
    (0, mark!("Deck")),
    (5, mark!("Deck, then random notes")),
    (1, mark!("Ascending position")),
    (2, mark!("Descending position")),
    (3, mark!("Random notes")),
    (4, mark!("Random cards")),
];
pub const SORT_ORDERS: [(i32, &str); 5] = [
    (0, mark!("Card type, then order gathered")),
    (1, mark!("Order gathered")),
    (2, mark!("Card type, then random")),
    (3, mark!("Random note, then card type")),
    (4, mark!("Random")),
];
pub const QUESTION_ACTIONS: [(i32, &str); 2] =
    [(0, mark!("Show Answer")), (1, mark!("Show Reminder"))];
pub const ANSWER_ACTIONS: [(i32, &str); 5] = [
    (0, mark!("Bury Card")),
    (1, mark!("Answer Again")),
    (2, mark!("Answer Good")),
    (3, mark!("Answer Hard")),
    (4, mark!("Show Reminder")),
];

/// Units of a step and their length in minutes, the longest first.
pub const UNITS: [(char, f32); 4] = [('d', 1440.0), ('h', 60.0), ('m', 1.0), ('s', 1.0 / 60.0)];

/// `1m 10m`: each step in the longest unit that gives a whole number.
#[must_use]
pub fn from_steps(minutes: &[f32]) -> String {
    let steps: Vec<String> = minutes.iter().map(|&step| from_step(step)).collect();
    steps.join(" ")
}

fn from_step(minutes: f32) -> String {
    for (unit, length) in UNITS {
        let n = minutes / length;
        // Seconds are not exact in minutes.
        if n >= 0.999 && (n - n.round()).abs() < 0.001 {
            return format!("{}{unit}", n.round());
        }
    }
    format!("{minutes}m")
}

/// `0.212, 1.2931, …`
#[must_use]
pub fn from_params(params: &[f32]) -> String {
    let params: Vec<String> = params.iter().map(ToString::to_string).collect();
    params.join(", ")
}

/// All options of a preset with their names, as the options screen calls them.
#[must_use]
pub fn lines(preset: &DeckConfig) -> Vec<(String, String)> {
    let c = &preset.inner;
    let percent = |share: f32| t!("{share} %", share = (share * 10_000.0).round() / 100.0);
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    line(t!("Name"), preset.name.clone());
    line(t!("New cards/day"), c.new_per_day.to_string());
    line(t!("Maximum reviews/day"), c.reviews_per_day.to_string());
    line(t!("Learning steps"), from_steps(&c.learn_steps));
    line(t!("Graduating interval"), days(c.graduating_interval_good));
    line(t!("Easy interval"), days(c.graduating_interval_easy));
    line(
        t!("Insertion order"),
        word(&INSERT_ORDERS, c.new_card_insert_order),
    );
    line(t!("Relearning steps"), from_steps(&c.relearn_steps));
    line(t!("Minimum interval"), days(c.minimum_lapse_interval));
    line(t!("Leech threshold"), c.leech_threshold.to_string());
    line(t!("Leech action"), word(&LEECH_ACTIONS, c.leech_action));
    line(
        t!("New card gather order"),
        word(&GATHER_ORDERS, c.new_card_gather_priority),
    );
    line(
        t!("New card sort order"),
        word(&SORT_ORDERS, c.new_card_sort_order),
    );
    line(t!("New/review order"), word(&MIXES, c.new_mix));
    line(
        t!("Interday learning/review order"),
        word(&MIXES, c.interday_learning_mix),
    );
    line(
        t!("Review sort order"),
        word(&REVIEW_ORDERS, c.review_order),
    );
    line(t!("Desired retention"), percent(c.desired_retention));
    line(t!("FSRS parameters"), from_params(c.fsrs_params()));
    line(t!("Search to optimize by"), c.param_search.clone());
    line(t!("Historical retention"), percent(c.historical_retention));
    line(
        t!("Ignore cards reviewed before"),
        c.ignore_revlogs_before_date.clone(),
    );
    line(t!("Bury new siblings"), yes(c.bury_new));
    line(t!("Bury review siblings"), yes(c.bury_reviews));
    line(
        t!("Bury interday learning siblings"),
        yes(c.bury_interday_learning),
    );
    line(
        t!("Don’t play audio automatically"),
        yes(c.disable_autoplay),
    );
    line(
        t!("Skip question when replaying answer"),
        yes(c.skip_question_when_replaying_answer),
    );
    line(
        t!("Maximum answer seconds"),
        c.cap_answer_time_to_secs.to_string(),
    );
    line(t!("Show on-screen timer"), yes(c.show_timer));
    line(
        t!("Stop on-screen timer on answer"),
        yes(c.stop_timer_on_answer),
    );
    line(
        t!("Seconds to show question for"),
        c.seconds_to_show_question.to_string(),
    );
    line(
        t!("Seconds to show answer for"),
        c.seconds_to_show_answer.to_string(),
    );
    line(t!("Wait for audio"), yes(c.wait_for_audio));
    line(
        t!("Question action"),
        word(&QUESTION_ACTIONS, c.question_action),
    );
    line(t!("Answer action"), word(&ANSWER_ACTIONS, c.answer_action));
    let shares: Vec<String> = c
        .easy_days_percentages
        .iter()
        .map(|s| percent(*s))
        .collect();
    line(t!("Easy days, Monday first"), shares.join(" "));
    line(t!("Maximum interval"), days(c.maximum_review_interval));
    line(t!("Starting ease"), c.initial_ease.to_string());
    line(t!("Easy bonus"), c.easy_multiplier.to_string());
    line(t!("Interval modifier"), c.interval_multiplier.to_string());
    line(t!("Hard interval"), c.hard_multiplier.to_string());
    line(t!("New interval"), c.lapse_multiplier.to_string());
    lines
}

fn word(choices: &Choices, value: i32) -> String {
    let found = choices.iter().find(|(number, _)| *number == value);
    found.map_or_else(|| value.to_string(), |(_, word)| lang::say(word).to_owned())
}

fn days(n: u32) -> String {
    match n {
        1 => t!("{time} day", time = n),
        _ => t!("{time} days", time = n),
    }
}

pub(super) fn yes(on: bool) -> String {
    if on { t!("yes") } else { t!("no") }.to_owned()
}
