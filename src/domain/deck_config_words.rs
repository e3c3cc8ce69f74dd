//! The choices of a preset in words, and a preset as lines of text.

use super::deck_config::DeckConfig;

/// A stored number and what it is called.
pub type Choices = [(i32, &'static str)];

pub const INSERT_ORDERS: [(i32, &str); 2] = [(0, "Sequential (oldest cards first)"), (1, "Random")];
pub const LEECH_ACTIONS: [(i32, &str); 2] = [(0, "Suspend Card"), (1, "Tag Only")];
pub const MIXES: [(i32, &str); 3] = [
    (0, "Mix with reviews"),
    (1, "Show after reviews"),
    (2, "Show before reviews"),
];
pub const REVIEW_ORDERS: [(i32, &str); 13] = [
    (0, "Due date, then random"),
    (1, "Due date, then deck"),
    (2, "Deck, then due date"),
    (3, "Ascending intervals"),
    (4, "Descending intervals"),
    (5, "Ascending ease"),
    (6, "Descending ease"),
    (7, "Ascending retrievability"),
    (11, "Descending retrievability"),
    (12, "Relative overdueness"),
    (8, "Random"),
    (9, "Order added"),
    (10, "Reverse order added"),
];
pub const GATHER_ORDERS: [(i32, &str); 6] = [
    (0, "Deck"),
    (5, "Deck, then random notes"),
    (1, "Ascending position"),
    (2, "Descending position"),
    (3, "Random notes"),
    (4, "Random cards"),
];
pub const SORT_ORDERS: [(i32, &str); 5] = [
    (0, "Card type, then order gathered"),
    (1, "Order gathered"),
    (2, "Card type, then random"),
    (3, "Random note, then card type"),
    (4, "Random"),
];
pub const QUESTION_ACTIONS: [(i32, &str); 2] = [(0, "Show Answer"), (1, "Show Reminder")];
pub const ANSWER_ACTIONS: [(i32, &str); 5] = [
    (0, "Bury Card"),
    (1, "Answer Again"),
    (2, "Answer Good"),
    (3, "Answer Hard"),
    (4, "Show Reminder"),
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
    let percent = |share: f32| format!("{:.0} %", share * 100.0);
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    line("Name", preset.name.clone());
    line("New cards/day", c.new_per_day.to_string());
    line("Maximum reviews/day", c.reviews_per_day.to_string());
    line("Learning steps", from_steps(&c.learn_steps));
    line("Graduating interval", days(c.graduating_interval_good));
    line("Easy interval", days(c.graduating_interval_easy));
    line(
        "Insertion order",
        word(&INSERT_ORDERS, c.new_card_insert_order),
    );
    line("Relearning steps", from_steps(&c.relearn_steps));
    line("Minimum interval", days(c.minimum_lapse_interval));
    line("Leech threshold", c.leech_threshold.to_string());
    line("Leech action", word(&LEECH_ACTIONS, c.leech_action));
    line(
        "New card gather order",
        word(&GATHER_ORDERS, c.new_card_gather_priority),
    );
    line(
        "New card sort order",
        word(&SORT_ORDERS, c.new_card_sort_order),
    );
    line("New/review order", word(&MIXES, c.new_mix));
    line(
        "Interday learning/review order",
        word(&MIXES, c.interday_learning_mix),
    );
    line("Review sort order", word(&REVIEW_ORDERS, c.review_order));
    line("Desired retention", percent(c.desired_retention));
    line("FSRS parameters", from_params(c.fsrs_params()));
    line("Search to optimize by", c.param_search.clone());
    line("Historical retention", percent(c.historical_retention));
    line(
        "Ignore cards reviewed before",
        c.ignore_revlogs_before_date.clone(),
    );
    line("Bury new siblings", yes(c.bury_new));
    line("Bury review siblings", yes(c.bury_reviews));
    line(
        "Bury interday learning siblings",
        yes(c.bury_interday_learning),
    );
    line("Don’t play audio automatically", yes(c.disable_autoplay));
    line(
        "Skip question when replaying answer",
        yes(c.skip_question_when_replaying_answer),
    );
    line(
        "Maximum answer seconds",
        c.cap_answer_time_to_secs.to_string(),
    );
    line("Show on-screen timer", yes(c.show_timer));
    line(
        "Stop on-screen timer on answer",
        yes(c.stop_timer_on_answer),
    );
    line(
        "Seconds to show question for",
        c.seconds_to_show_question.to_string(),
    );
    line(
        "Seconds to show answer for",
        c.seconds_to_show_answer.to_string(),
    );
    line("Wait for audio", yes(c.wait_for_audio));
    line(
        "Question action",
        word(&QUESTION_ACTIONS, c.question_action),
    );
    line("Answer action", word(&ANSWER_ACTIONS, c.answer_action));
    let shares: Vec<String> = c
        .easy_days_percentages
        .iter()
        .map(|s| percent(*s))
        .collect();
    line("Easy days, Monday first", shares.join(" "));
    line("Maximum interval", days(c.maximum_review_interval));
    line("Starting ease", c.initial_ease.to_string());
    line("Easy bonus", c.easy_multiplier.to_string());
    line("Interval modifier", c.interval_multiplier.to_string());
    line("Hard interval", c.hard_multiplier.to_string());
    line("New interval", c.lapse_multiplier.to_string());
    lines
}

fn word(choices: &Choices, value: i32) -> String {
    let found = choices.iter().find(|(number, _)| *number == value);
    found.map_or_else(|| value.to_string(), |(_, word)| (*word).to_owned())
}

fn days(n: u32) -> String {
    format!("{n} {}", if n == 1 { "day" } else { "days" })
}

pub(super) fn yes(on: bool) -> String {
    if on { "yes" } else { "no" }.to_owned()
}
