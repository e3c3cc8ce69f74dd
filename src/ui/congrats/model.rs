//! What the finished screen says. No egui here.

use crate::domain::study::Congrats;
use crate::domain::timespan;
use crate::ui::overview::model::leaf;
use crate::{t, tn};

/// Learning cards that come later than this are not of today.
const DAY_SECS: u32 = 86_400;

/// The lines below "Congratulations!".
#[must_use]
pub fn lines(deck: &str, c: &Congrats) -> Vec<String> {
    let mut out = vec![t!("You have finished {deck} for now.", deck = leaf(deck))];
    if c.secs_until_next_learn < DAY_SECS && c.learn_remaining > 0 {
        out.push(tn!(
            u64::from(c.learn_remaining),
            "The next learning card is ready in {wait}; {n} card is left today.",
            "The next learning card is ready in {wait}; {n} cards are left today.",
            wait = wait(c.secs_until_next_learn)
        ));
    }
    if c.review_remaining {
        out.push(t!("Today’s review limit was reached, but more cards are due.").into());
    }
    if c.new_remaining {
        out.push(t!("More new cards are there, but today’s limit was reached.").into());
    }
    if c.have_sched_buried || c.have_user_buried {
        out.push(t!("Some cards are buried until tomorrow. Unbury shows them now.").into());
    }
    out
}

/// "40 seconds", "1.5 minutes", "3 hours".
#[must_use]
pub fn wait(secs: u32) -> String {
    timespan::long(f64::from(secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_one_unit() {
        for (secs, want) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (90, "1.5 minutes"),
            (600, "10 minutes"),
            (10_800, "3 hours"),
        ] {
            assert_eq!(wait(secs), want);
        }
    }

    #[test]
    fn every_reason_has_its_line() {
        let all = Congrats {
            learn_remaining: 2,
            review_remaining: true,
            new_remaining: true,
            have_user_buried: true,
            secs_until_next_learn: 600,
            ..Default::default()
        };
        let lines = lines("A::Spanish", &all);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0], "You have finished Spanish for now.");
        assert_eq!(
            lines[1],
            "The next learning card is ready in 10 minutes; 2 cards are left today."
        );
        let done = Congrats {
            secs_until_next_learn: DAY_SECS,
            ..Default::default()
        };
        assert_eq!(super::lines("Spanish", &done).len(), 1);
    }
}
