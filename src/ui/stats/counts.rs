//! Numbers of the statistics that are no bars: today, days in a row, cards by kind. Pure.

use super::charts::percent;
use super::model::Tone;
use crate::base::lang;
use crate::domain::stats::{Graphs, Today};
use crate::domain::study::StudiedToday;
use crate::ui::decks::model::studied_today;
use crate::ui::widgets::text::number;
use crate::{mark, t};

/// The lines of the Today card.
#[must_use]
pub fn today_lines(t: &Today) -> Vec<String> {
    if t.answer_count == 0 {
        return vec![t!("No cards have been studied today.").to_owned()];
    }
    let again = t.answer_count - t.correct_count;
    let share = f64::from(t.correct_count) / f64::from(t.answer_count);
    let mature = if t.mature_count == 0 {
        t!("No mature cards were studied today.").to_owned()
    } else {
        t!(
            "Correct answers on mature cards: {right}/{all} ({share})",
            right = t.mature_correct,
            all = t.mature_count,
            share = percent(f64::from(t.mature_correct) / f64::from(t.mature_count))
        )
    };
    vec![
        studied_today(StudiedToday {
            cards: t.answer_count,
            seconds: t.answer_millis as f64 / 1000.0,
        }),
        t!(
            "Again count: {again} ({share} correct)",
            again,
            share = percent(share)
        ),
        t!(
            "Learn: {learn}, Review: {review}, Relearn: {relearn}, Filtered: {filtered}",
            learn = t.learn_count,
            review = t.review_count,
            relearn = t.relearn_count,
            filtered = t.early_review_count
        ),
        mature,
    ]
}

/// Days back of which the reviews are read, unless all are.
pub const YEAR_DAYS: u32 = 365;

/// The present row of days, which may count today; of one that reaches back to the end of what was
/// read, that it may be longer.
#[must_use]
pub fn row_of_days(days: u32, with_today: bool, all_history: bool) -> String {
    let more = if all_history || days < YEAR_DAYS + u32::from(with_today) {
        ""
    } else {
        "+"
    };
    format!("{}{more}", number(u64::from(days)))
}

/// Whether there are reviews of a day: 0 is today, -1 yesterday.
#[must_use]
pub fn has_reviews(g: &Graphs, day: i32) -> bool {
    g.reviews.count.get(&day).is_some_and(|k| k.total() > 0)
}

/// Days in a row with reviews up to now (a day that has only begun does not break the row), and
/// the longest row.
#[must_use]
pub fn streaks(g: &Graphs) -> (u32, u32) {
    let start = if has_reviews(g, 0) { 0 } else { -1 };
    let mut now = 0;
    while has_reviews(g, start - now) {
        now += 1;
    }
    let (mut longest, mut row, mut before) = (0, 0_u32, i32::MIN);
    for (&day, _) in g.reviews.count.range(..=0).filter(|(_, k)| k.total() > 0) {
        row = if day == before.saturating_add(1) {
            row + 1
        } else {
            1
        };
        longest = longest.max(row);
        before = day;
    }
    (now.unsigned_abs(), longest)
}

/// A kind of [`card_counts`] as people see it.
#[must_use]
pub fn kind_name(kind: &'static str) -> &'static str {
    match kind {
        "New" => t!("New" in "card state"),
        _ => lang::say(kind),
    }
}

/// Kinds for [`kind_name`], counts and colours of the card counts, without those that are not
/// told apart.
#[must_use]
pub fn card_counts(g: &Graphs, separate: bool) -> Vec<(&'static str, u32, Tone)> {
    let of = if separate {
        &g.card_counts.excluding_inactive
    } else {
        &g.card_counts.including_inactive
    };
    let mut out = vec![
        ("New", of.new, Tone::New),
        (mark!("Learning"), of.learn, Tone::Learning),
        (mark!("Relearning"), of.relearn, Tone::Relearning),
        (mark!("Young"), of.young, Tone::Young),
        (mark!("Mature"), of.mature, Tone::Mature),
    ];
    if separate {
        out.push((mark!("Suspended"), of.suspended, Tone::Suspended));
        out.push((mark!("Buried"), of.buried, Tone::Buried));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stats::ByKind;

    #[test]
    fn today_is_said_as_in_the_deck_list() {
        let today = Today {
            answer_count: 142,
            answer_millis: 1_104_000,
            correct_count: 129,
            ..Today::default()
        };
        let lines = today_lines(&today);
        assert_eq!(
            lines[..2],
            [
                "Studied 142 cards in 18.4 minutes today (7.77s/card)",
                "Again count: 13 (90.8% correct)"
            ]
        );
    }

    #[test]
    fn rows_of_days_are_counted() {
        let studied = |days: &[i32]| {
            let mut g = Graphs::default();
            for day in days {
                let kinds = ByKind {
                    learn: 1,
                    ..ByKind::default()
                };
                g.reviews.count.insert(*day, kinds);
            }
            g
        };
        assert_eq!(streaks(&studied(&[])), (0, 0));
        assert_eq!(streaks(&studied(&[0, -1, -2, -5, -6])), (3, 3));
        assert_eq!(streaks(&studied(&[-1, -2])), (2, 2));
        assert_eq!(streaks(&studied(&[-2, -3, -4])), (0, 3));
        assert_eq!(streaks(&studied(&[0, 1])), (1, 1));
        // Today and the 365 days before it are read.
        let told = [
            (364, false, false),
            (365, false, false),
            (365, true, false),
            (366, true, false),
            (366, true, true),
            (1_000, true, true),
        ]
        .map(|(days, with_today, all)| row_of_days(days, with_today, all));
        assert_eq!(told, ["364", "365+", "365", "366+", "366", "1,000"]);
    }
}
