//! What the finished screen says. No egui here.

use crate::domain::study::Congrats;
use crate::ui::overview::model::leaf;
use crate::ui::widgets::text::counted;

/// Learning cards that come later than this are not of today.
const DAY_SECS: u32 = 86_400;

/// The lines below "Congratulations!".
#[must_use]
pub fn lines(deck: &str, c: &Congrats) -> Vec<String> {
    let mut out = vec![format!("You have finished {} for now.", leaf(deck))];
    if c.secs_until_next_learn < DAY_SECS && c.learn_remaining > 0 {
        out.push(format!(
            "The next learning card is ready in {}; {} today.",
            wait(c.secs_until_next_learn),
            match c.learn_remaining {
                1 => "1 card is left".into(),
                n => format!("{} are left", counted(u64::from(n), "card", "cards")),
            }
        ));
    }
    if c.review_remaining {
        out.push("Today’s review limit was reached, but more cards are due.".into());
    }
    if c.new_remaining {
        out.push("More new cards are there, but today’s limit was reached.".into());
    }
    if c.have_sched_buried || c.have_user_buried {
        out.push("Some cards are buried until tomorrow. Unbury shows them now.".into());
    }
    out
}

/// "40 seconds", "1.5 minutes", "3 hours".
#[must_use]
pub fn wait(secs: u32) -> String {
    let (n, unit) = if secs < 60 {
        (f64::from(secs), "second")
    } else if secs < 3600 {
        (f64::from(secs) / 60.0, "minute")
    } else {
        (f64::from(secs) / 3600.0, "hour")
    };
    let tenths = (n * 10.0).round() / 10.0;
    let s = if tenths == 1.0 { "" } else { "s" };
    if tenths.fract() == 0.0 {
        format!("{tenths:.0} {unit}{s}")
    } else {
        format!("{tenths:.1} {unit}{s}")
    }
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
