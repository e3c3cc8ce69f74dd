//! Names of the options, and what each one does.

use crate::base::lang;
use crate::mark;

/// An option's name and the help under it, for `lang::say`.
#[derive(Debug)]
pub struct Words {
    pub label: &'static str,
    /// Empty where it stands above a group.
    pub help: &'static str,
    /// Holds for the whole collection, whatever the preset.
    pub shared: bool,
}

impl Words {
    /// As people see it; the label is English, for what must not change with the language.
    pub fn name(&self) -> &'static str {
        lang::say(self.label)
    }
}

const fn of_preset(label: &'static str, help: &'static str) -> Words {
    Words {
        label,
        help,
        shared: false,
    }
}

const fn of_all(label: &'static str, help: &'static str) -> Words {
    Words {
        label,
        help,
        shared: true,
    }
}

pub const NEW_PER_DAY: Words = of_preset(
    mark!("New cards/day"),
    mark!(
        "How many new cards are introduced each day. Every new card means more reviews for days to \
     come, so begin low and raise it once you know the daily work. “This deck” and “Today only” \
     set the number here without changing the preset."
    ),
);
pub const REVIEWS_PER_DAY: Words = of_preset(
    mark!("Maximum reviews/day"),
    mark!(
        "How many review cards are shown each day when that many are due. What is left waits for the \
     next day, so a low limit builds a backlog."
    ),
);
pub const IGNORE_REVIEW_LIMIT: Words = of_all(
    mark!("New cards ignore review limit"),
    mark!(
        "Normally new cards count against the review limit too, and none are shown once it is \
     reached. Switch this on to introduce new cards whatever reviews are waiting."
    ),
);
pub const LIMITS_FROM_TOP: Words = of_all(
    mark!("Limits start from top"),
    mark!(
        "Normally the limits of decks above the one you study do not matter. Switch this on to have \
     them hold as well, however deep the deck is that you open."
    ),
);

pub const LEARN_STEPS: Words = of_preset(
    mark!("Learning steps"),
    mark!(
        "Waiting times between the first repetitions of a new card, one after the other. Good moves \
     on by a step, Again begins with the first. After the last step the card is a review card. \
     Units: s, m, h, d."
    ),
);
pub const GRADUATING: Words = of_preset(
    mark!("Graduating interval"),
    mark!("Days until a card comes back after its last learning step was answered with Good."),
);
pub const EASY_INTERVAL: Words = of_preset(
    mark!("Easy interval"),
    mark!("Days until a card comes back when Easy takes it out of learning at once."),
);
pub const INSERT_ORDER: Words = of_preset(
    mark!("Insertion order"),
    mark!(
        "The position that notes get in the row of new cards. A change numbers the new cards of all \
     decks with this preset anew."
    ),
);

pub const RELEARN_STEPS: Words = of_preset(
    mark!("Relearning steps"),
    mark!(
        "Waiting times for a review card that was forgotten. Without any step it goes straight back \
     to review."
    ),
);
pub const MINIMUM_INTERVAL: Words = of_preset(
    mark!("Minimum interval"),
    mark!("The shortest interval in days that a card has after it was forgotten."),
);
pub const LEECH_THRESHOLD: Words = of_preset(
    mark!("Leech threshold"),
    mark!(
        "A card forgotten this often is a leech: it costs more time than it is worth. Reword it, or \
     find out what it is mixed up with."
    ),
);
pub const LEECH_ACTION: Words = of_preset(
    mark!("Leech action"),
    mark!(
        "What happens to a leech. Its note gets the tag “leech” in both cases; a suspended card is \
     not shown until you unsuspend it."
    ),
);

pub const GATHER: Words = of_preset(
    mark!("New card gather order"),
    mark!(
        "Which new cards are taken when a deck has more of them than the day allows. By deck, the \
     decks come one after the other; by position, all subdecks are treated as one."
    ),
);
pub const SORT: Words = of_preset(
    mark!("New card sort order"),
    mark!(
        "The order in which the gathered new cards are shown. Card type shows all first cards of the \
     notes before the second ones."
    ),
);
pub const NEW_MIX: Words = of_preset(
    mark!("New/review order"),
    mark!("When new cards come among the reviews."),
);
pub const DAY_LEARN_MIX: Words = of_preset(
    mark!("Interday learning/review order"),
    mark!("When learning cards whose step crosses a day come among the reviews."),
);
pub const REVIEW_ORDER: Words = of_preset(
    mark!("Review sort order"),
    mark!(
        "The order of the reviews of a day. It matters most while there is a backlog: due date keeps \
     the schedule closest, descending retrievability saves what is easiest to save."
    ),
);

pub const FSRS: Words = of_all(
    mark!("FSRS"),
    mark!(
        "The Free Spaced Repetition Scheduler models how well you remember each card and plans the \
     next review from that. It replaces ease and the multipliers of the older scheduler. Every \
     device that studies this collection has to know it."
    ),
);
pub const DESIRED_RETENTION: Words = of_preset(
    mark!("Desired retention"),
    mark!(
        "How likely you are to remember a card when it comes back. A higher value means more reviews, \
     and far more of them above 95%. “This deck” sets it here without changing the preset."
    ),
);
pub const FSRS_PARAMS: Words = of_preset(
    mark!("FSRS parameters"),
    mark!(
        "Numbers that fit the model to your memory. Empty uses the defaults. They come from \
     optimizing; changing them by hand is rarely useful."
    ),
);
pub const TRAINING: Words = of_preset(
    mark!("Fit to your reviews"),
    mark!(
        "Optimizing finds the parameters that predict your own answers best, from the review history \
     of the preset’s cards, or of those that a search under Advanced finds. Once a month is \
     enough. The old ones stay when they fit at least as well. Evaluating tells how well those in \
     use predict."
    ),
);
pub const SIMULATOR: Words = of_preset(
    mark!("Look ahead"),
    mark!(
        "The simulator plays the coming days out with your cards and your way of answering: reviews, \
     time and what you would remember. “Help me decide” does so for each desired retention. \
     Nothing is changed before you put it into the options and save them."
    ),
);
pub const HEALTH_CHECK: Words = of_all(
    mark!("Check health when optimizing"),
    mark!(
        "Warns when FSRS has trouble adapting to your memory. Only Optimize checks this, not Optimize \
     all presets; it takes several times as long."
    ),
);
pub const RESCHEDULE: Words = of_all(
    mark!("Reschedule cards on change"),
    mark!(
        "Also moves the due days of review cards when their memory is computed anew. It holds for \
     this one save and adds a row to the history of each card that moves."
    ),
);
pub const HISTORICAL_RETENTION: Words = of_preset(
    mark!("Historical retention"),
    mark!(
        "Where a part of the review history is missing, FSRS assumes that you remembered this share \
     of your cards until then."
    ),
);
pub const IGNORE_BEFORE: Words = of_preset(
    mark!("Ignore cards reviewed before"),
    mark!(
        "Reviews before this date are left out of memory and optimizing: useful when cards were \
     imported, or studied in another way. Empty uses everything."
    ),
);

pub const PARAM_SEARCH: Words = of_preset(
    mark!("Search to optimize by"),
    mark!(
        "The parameters are fitted to the reviews of the cards that this search finds, and the \
     simulator begins with these cards. Empty means the preset’s cards but suspended ones."
    ),
);

pub const BURY_NEW: Words = of_preset(
    mark!("Bury new siblings"),
    mark!("Other new cards of a note wait until the next day once one of its cards was shown."),
);
pub const BURY_REVIEWS: Words = of_preset(
    mark!("Bury review siblings"),
    mark!("Other review cards of a note wait until the next day once one of its cards was shown."),
);
pub const BURY_DAY_LEARN: Words = of_preset(
    mark!("Bury interday learning siblings"),
    mark!("The same for learning cards whose step is a day or longer."),
);

pub const NO_AUTOPLAY: Words = of_preset(
    mark!("Don’t play audio automatically"),
    mark!("Sounds of a card are played only when you press their button or R."),
);
pub const SKIP_QUESTION: Words = of_preset(
    mark!("Skip question when replaying answer"),
    mark!("Replay on the answer side leaves out the sounds of the question."),
);

pub const MAX_SECONDS: Words = of_preset(
    mark!("Maximum answer seconds"),
    mark!(
        "An answer that takes longer counts as this many seconds, so that a break does not spoil the \
     statistics."
    ),
);
pub const SHOW_TIMER: Words = of_preset(
    mark!("Show on-screen timer"),
    mark!("Shows on the study screen how long you have looked at the card."),
);
pub const STOP_TIMER: Words = of_preset(
    mark!("Stop on-screen timer on answer"),
    mark!("The timer shown stops when you turn the card over. The time that is counted goes on."),
);

pub const SECONDS_QUESTION: Words = of_preset(
    mark!("Seconds to show question for"),
    mark!(
        "While Auto Advance is on, the question action follows after this many seconds. 0 waits for \
     you."
    ),
);
pub const SECONDS_ANSWER: Words = of_preset(
    mark!("Seconds to show answer for"),
    mark!(
        "While Auto Advance is on, the answer action follows after this many seconds. 0 waits for \
     you."
    ),
);
pub const WAIT_FOR_AUDIO: Words = of_preset(
    mark!("Wait for audio"),
    mark!("The seconds are counted, but nothing happens before the sounds have ended."),
);
pub const QUESTION_ACTION: Words = of_preset(
    mark!("Question action"),
    mark!("What Auto Advance does when the time of the question is over."),
);
pub const ANSWER_ACTION: Words = of_preset(
    mark!("Answer action"),
    mark!("What Auto Advance does when the time of the answer is over."),
);

pub const EASY_DAYS: &str = mark!(
    "How much is to be due on each weekday. The day of a new interval is \
                             shifted within its usual spread; a day with the least gets cards \
                             only when there is no other."
);

/// Monday first, as they are stored.
pub static WEEKDAYS: [Words; 7] = [
    of_preset(mark!("Monday"), ""),
    of_preset(mark!("Tuesday"), ""),
    of_preset(mark!("Wednesday"), ""),
    of_preset(mark!("Thursday"), ""),
    of_preset(mark!("Friday"), ""),
    of_preset(mark!("Saturday"), ""),
    of_preset(mark!("Sunday"), ""),
];

/// Holds for all of them, and is said once above them.
pub const WEEKDAY: &str = mark!(
    "Normal has the usual share of the reviews, reduced about half of it, \
                       minimum as few as the intervals allow."
);

pub const MAX_INTERVAL: Words = of_preset(
    mark!("Maximum interval"),
    mark!(
        "The longest time in days that a card may wait. Lower it only when everything has to be \
     seen again by some day; it costs many more reviews."
    ),
);
pub const STARTING_EASE: Words = of_preset(
    mark!("Starting ease"),
    mark!("The number that Good multiplies the interval with when a card has just been learnt."),
);
pub const EASY_BONUS: Words = of_preset(
    mark!("Easy bonus"),
    mark!("Easy multiplies the interval with this, on top of the ease."),
);
pub const INTERVAL_MODIFIER: Words = of_preset(
    mark!("Interval modifier"),
    mark!(
        "All intervals of reviews are multiplied with this. Below 1 cards come sooner, above 1 later."
    ),
);
pub const HARD_INTERVAL: Words = of_preset(
    mark!("Hard interval"),
    mark!("Hard multiplies the last interval with this."),
);
pub const NEW_INTERVAL: Words = of_preset(
    mark!("New interval"),
    mark!("A forgotten card keeps this share of its interval. 0 begins again."),
);
pub const CUSTOM_SCHEDULING: Words = of_all(
    mark!("Custom scheduling"),
    mark!(
        "JavaScript that Anki runs on each answer. It is kept and can be edited for Anki; Engram does \
     not run it."
    ),
);
