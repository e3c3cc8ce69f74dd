//! Words and the forgetting curve of a card. No egui here.

use crate::base::count::decimal;
use crate::base::lang;
use crate::base::time::{Clock, TimestampMillis, TimestampSecs};
use crate::domain::card_info::{CardInfo, PastAnswer, Rescheduling, ScheduleChange, ease_in_words};
use crate::domain::revlog::RevlogKind;
use crate::domain::timespan;
use crate::{mark, t};
use std::fmt::Write as _;

const DAY: f64 = 86_400.0;
/// Heading of the changes that were no answers.
pub const CHANGES: &str = mark!("Scheduling changes");

/// None beyond the year 9999, as in the table of Browse: no date is better than a wrong one.
fn date(clock: &Clock, at: TimestampSecs) -> Option<String> {
    jiff::Timestamp::from_second(at.0).ok()?;
    let local = clock.local(at.millis());
    Some(local.strftime("%Y-%m-%d").to_string())
}

fn date_and_time(clock: &Clock, at: TimestampMillis) -> String {
    clock.local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `87%`.
#[must_use]
pub fn percent(percent: f64) -> String {
    t!("{percent}%", percent = format!("{percent:.0}"))
}

/// Percent of the range of difficulties.
fn difficulty(value: f32) -> String {
    percent(f64::from((value - 1.0) / 9.0 * 100.0))
}

fn days(n: f64) -> String {
    timespan::precise(n * DAY)
}

/// Names and values, in the order of the window.
#[must_use]
pub fn facts(info: &CardInfo, clock: &Clock) -> Vec<(&'static str, String)> {
    let mut out = vec![];
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            out.push((name, value));
        }
    };
    let day = |at| date(clock, at);
    add(t!("Added"), day(info.added));
    add(t!("First review"), info.first_review.and_then(day));
    add(t!("Latest review"), info.latest_review.and_then(day));
    add(t!("Due"), info.due.and_then(day));
    add(t!("Position"), info.position.map(|n| n.to_string()));
    if info.interval > 0 {
        add(
            t!("Interval"),
            Some(timespan::long(f64::from(info.interval) * DAY)),
        );
    }
    match info.memory {
        Some(memory) => {
            add(t!("Stability"), Some(days(f64::from(memory.stability))));
            add(t!("Difficulty"), Some(difficulty(memory.difficulty)));
        }
        None if info.ease > 0 => add(t!("Ease"), Some(percent(f64::from(info.ease / 10)))),
        None => {}
    }
    let share = |share: f32| percent(f64::from(share * 100.0));
    add(t!("Retrievability"), info.retrievability.map(share));
    add(
        t!("Desired retention"),
        info.desired_retention.filter(|_| info.fsrs).map(share),
    );
    add(t!("Reviews"), Some(info.reviews.to_string()));
    add(t!("Lapses"), Some(info.lapses.to_string()));
    if info.total_secs > 0.0 {
        add(
            t!("Average time"),
            Some(timespan::precise(f64::from(info.average_secs))),
        );
        add(
            t!("Total time"),
            Some(timespan::precise(f64::from(info.total_secs))),
        );
    }
    add(t!("Card type"), Some(info.card_type.clone()));
    add(t!("Note type"), Some(info.notetype.clone()));
    add(t!("Deck"), Some(info.deck.clone()));
    add(t!("Home deck"), info.original_deck.clone());
    add(t!("Preset"), info.preset.clone());
    add(t!("Card ID"), Some(info.card.to_string()));
    add(t!("Note ID"), Some(info.note.to_string()));
    add(t!("Custom data"), Some(info.custom_data.clone()));
    out
}

/// Headings of the review log.
#[must_use]
pub fn log_columns(info: &CardInfo) -> [&'static str; 7] {
    let state = if info.fsrs {
        t!("Difficulty")
    } else {
        t!("Ease")
    };
    [
        t!("Date"),
        t!("Type" in "review log"),
        t!("Rating"),
        t!("Interval"),
        state,
        t!("Stability"),
        t!("Time" in "review log"),
    ]
}

fn kind_word(kind: RevlogKind) -> &'static str {
    match kind {
        RevlogKind::Learning => t!("Learn" in "review log"),
        RevlogKind::Review => t!("Review" in "review log"),
        RevlogKind::Relearning => t!("Relearn" in "review log"),
        RevlogKind::Filtered => t!("Filtered" in "review log"),
        RevlogKind::Manual => t!("Manual" in "review log"),
        RevlogKind::Rescheduled => t!("Rescheduled" in "review log"),
    }
}

#[must_use]
fn rating_word(button: u8) -> &'static str {
    match button {
        1 => t!("Again"),
        2 => t!("Hard"),
        3 => t!("Good"),
        4 => t!("Easy"),
        _ => "",
    }
}

/// The cells of a row of the log.
#[must_use]
pub fn log_row(info: &CardInfo, row: &PastAnswer, clock: &Clock) -> [String; 7] {
    let state = match (info.fsrs, row.memory) {
        (true, Some(memory)) => difficulty(memory.difficulty),
        (false, _) if row.ease > 0 => percent(f64::from(row.ease / 10)),
        _ => String::new(),
    };
    let stability = row
        .memory
        .filter(|_| info.fsrs)
        .map(|memory| days(f64::from(memory.stability)));
    let interval = if row.interval == 0 {
        String::new()
    } else {
        timespan::long(f64::from(row.interval))
    };
    [
        date_and_time(clock, row.at),
        kind_word(row.kind).to_owned(),
        rating_word(row.button).to_owned(),
        interval,
        state,
        stability.unwrap_or_default(),
        t!("{n}s", n = decimal(f64::from(row.taken_secs), 1)),
    ]
}

/// Columns of the log that are `usual` wide, each one that needs more at the cost of those that
/// need less.
#[must_use]
pub fn widths(usual: [f32; 7], needs: [f32; 7]) -> [f32; 7] {
    let pairs = || usual.iter().zip(needs);
    let lacks: f32 = pairs().map(|(is, need)| (need - is).max(0.0)).sum();
    let spare: f32 = pairs().map(|(is, need)| (is - need).max(0.0)).sum();
    let part = if spare > 0.0 {
        (lacks / spare).min(1.0)
    } else {
        0.0
    };
    std::array::from_fn(|n| match (usual[n], needs[n]) {
        (is, need) if is < need => need,
        (is, need) => is - (is - need) * part,
    })
}

/// A change of the schedule that was no answer: when, what did it, and before → after.
#[must_use]
pub fn change_row(change: &ScheduleChange, clock: &Clock) -> [String; 3] {
    let words = |side: usize| {
        let interval = match change.interval[side] {
            0 => t!("no interval").to_owned(),
            secs => timespan::long(f64::from(secs)),
        };
        match ease_in_words(change.ease[side]) {
            // A reset card keeps nothing.
            _ if side == 1 && change.by == Rescheduling::Reset => {
                t!("new" in "card state").to_owned()
            }
            Some(ease) if change.ease[0] != change.ease[1] => format!("{interval}, {ease}"),
            _ => interval,
        }
    };
    [
        date_and_time(clock, change.at),
        change.by.label().to_owned(),
        format!("{} → {}", words(0), words(1)),
    ]
}

/// Everything in the window, with tabs between columns.
#[must_use]
pub fn as_text(info: &CardInfo, clock: &Clock) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for (name, value) in facts(info, clock) {
        let _ = writeln!(out, "{name}\t{value}");
    }
    if !info.fsrs_params.is_empty() {
        let _ = writeln!(out, "{}\t{:?}", t!("FSRS parameters"), info.fsrs_params);
    }
    for (n, change) in info.schedule_changes().iter().enumerate() {
        if n == 0 {
            let _ = writeln!(out, "\n{}", lang::say(CHANGES));
        }
        let _ = writeln!(out, "{}", change_row(change, clock).join("\t"));
    }
    if !info.log.is_empty() {
        let _ = writeln!(out, "\n{}", log_columns(info).join("\t"));
        for row in &info.log {
            let _ = writeln!(out, "{}", log_row(info, row, clock).join("\t"));
        }
    }
    out
}

/// Chance of recall in percent over days since the first review that is known, until now or the
/// due date, whichever comes later. Empty without FSRS or reviews.
#[must_use]
pub fn forgetting_curve(info: &CardInfo, now: TimestampMillis) -> Vec<[f64; 2]> {
    const STEPS: u32 = 60;
    let known: Vec<(f64, f64)> = info
        .log
        .iter()
        .rev()
        .filter(|row| row.button > 0)
        .filter_map(|row| {
            Some((
                row.at.0 as f64 / 1000.0 / DAY,
                f64::from(row.memory?.stability),
            ))
        })
        .collect();
    let Some(&(first, _)) = known.first().filter(|_| info.fsrs) else {
        return vec![];
    };
    let due = info.due.map_or(0.0, |at| at.0 as f64 / DAY);
    let end = due.max(now.0 as f64 / 1000.0 / DAY);
    let decay = f64::from(info.decay);
    let factor = 0.9_f64.powf(-1.0 / decay) - 1.0;
    let mut out = vec![];
    for (n, &(from, stability)) in known.iter().enumerate() {
        let to = known.get(n + 1).map_or(end, |next| next.0).max(from);
        for step in 0..=STEPS {
            let at = f64::from(step) / f64::from(STEPS) * (to - from);
            let recall = (1.0 + factor * at / stability.max(0.001)).powf(-decay);
            out.push([from - first + at, recall * 100.0]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::FsrsMemory;

    fn info() -> CardInfo {
        let row = |day: i64, stability| PastAnswer {
            at: TimestampMillis(day * 86_400_000),
            kind: RevlogKind::Review,
            button: 3,
            interval: 10 * 86_400,
            last_interval: 0,
            ease: 2500,
            taken_secs: 7.25,
            memory: Some(FsrsMemory {
                stability,
                difficulty: 5.5,
            }),
        };
        CardInfo {
            card: 5.into(),
            note: 4.into(),
            added: TimestampSecs(86_400),
            first_review: Some(TimestampSecs(2 * 86_400)),
            latest_review: Some(TimestampSecs(12 * 86_400)),
            due: Some(TimestampSecs(22 * 86_400)),
            position: None,
            interval: 45,
            ease: 2500,
            memory: Some(FsrsMemory {
                stability: 10.0,
                difficulty: 5.5,
            }),
            retrievability: Some(0.873),
            desired_retention: Some(0.9),
            decay: 0.5,
            reviews: 2,
            lapses: 0,
            average_secs: 7.25,
            total_secs: 14.5,
            card_type: "Card 1".into(),
            notetype: "Basic".into(),
            deck: "A::B".into(),
            original_deck: None,
            preset: Some("Default".into()),
            custom_data: String::new(),
            fsrs_params: vec![],
            fsrs: true,
            log: vec![row(12, 10.0), row(2, 3.0)],
        }
    }

    fn utc() -> Clock {
        Clock::fixed(TimestampMillis(0), 0)
    }

    #[test]
    fn the_text_says_what_the_window_says() {
        let text = as_text(&info(), &utc());
        for line in [
            "Added\t1970-01-02",
            "Interval\t1.5 months",
            "Stability\t10 days",
            "Difficulty\t50%",
            "Retrievability\t87%",
            "Average time\t7.25 seconds",
            "1970-01-13 00:00\tReview\tGood\t10 days\t50%\t10 days\t7.2s",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("Ease"), "{text}");
    }

    #[test]
    fn a_column_that_needs_more_takes_it_from_those_that_have_more() {
        let usual = [140.0, 80.0, 70.0, 110.0, 80.0, 100.0, 60.0];
        let needs = [120.0, 110.0, 60.0, 70.0, 80.0, 70.0, 60.0];
        let wide = widths(usual, needs);
        let sums = [usual, wide].map(|widths| widths.iter().sum::<f32>());
        assert!((sums[0] - sums[1]).abs() < 0.01, "{wide:?}");
        assert!(
            wide.iter().zip(needs).all(|(wide, need)| *wide >= need),
            "{wide:?}"
        );
        // English needs nothing of the kind.
        let same = widths(usual, [60.0; 7]).map(f32::to_bits);
        assert_eq!(same, usual.map(f32::to_bits));
    }

    #[test]
    fn a_day_that_no_calendar_has_is_left_out() {
        let far = |days: i64| CardInfo {
            due: Some(TimestampSecs(days * 86_400)),
            ..info()
        };
        assert!(as_text(&far(9_999), &utc()).contains("\nDue\t1997-05-18"));
        let text = as_text(&far(99_999_999), &utc());
        assert!(!text.contains("\nDue\t"), "{text}");
    }

    #[test]
    fn changes_without_an_answer_say_before_and_after() {
        const DAY: u32 = 86_400;
        let answered = info().log[0];
        let by_hand = |day: i64, kind, [last_interval, interval]: [u32; 2], ease| PastAnswer {
            at: TimestampMillis(day * 86_400_000),
            kind,
            button: 0,
            interval,
            last_interval,
            ease,
            ..answered
        };
        let log = vec![
            by_hand(17, RevlogKind::Manual, [0, 5 * DAY], 2500),
            by_hand(16, RevlogKind::Manual, [40 * DAY, 0], 0),
            by_hand(15, RevlogKind::Rescheduled, [30 * DAY, 40 * DAY], 600),
            by_hand(14, RevlogKind::Manual, [10 * DAY, 30 * DAY], 550),
            PastAnswer {
                ease: 550,
                ..answered
            },
        ];
        let info = CardInfo { log, ..info() };
        let rows = info.schedule_changes();
        let rows: Vec<_> = rows.iter().map(|row| change_row(row, &utc())).collect();
        let words: Vec<[&str; 2]> = rows.iter().map(|r| [&*r[1], &*r[2]]).collect();
        assert_eq!(
            words,
            [
                ["Due date set", "no interval → 5 days, ease 250%"],
                ["Reset to new", "1.3 months, difficulty 50% → new"],
                [
                    "New options",
                    "30 days, difficulty 45% → 1.3 months, difficulty 50%"
                ],
                ["Due date set", "10 days → 30 days"],
            ]
        );
        assert_eq!(rows[3][0], "1970-01-15 00:00");
        let text = as_text(&info, &utc());
        assert!(
            text.contains("\nScheduling changes\n1970-01-18 00:00\tDue date set\t"),
            "{text}"
        );
    }

    #[test]
    fn the_curve_falls_between_reviews_and_rises_at_each() {
        let curve = forgetting_curve(&info(), TimestampMillis(15 * 86_400_000));
        assert_eq!(curve[0], [0.0, 100.0]);
        let end = curve.last().unwrap();
        assert!((end[0] - 20.0).abs() < 1e-9, "it ends when the card is due");
        assert!(
            (end[1] - 90.0).abs() < 1e-3,
            "stability is where 90% are left"
        );
        let before = curve.iter().rev().find(|p| p[0] < 10.0).unwrap();
        assert!(before[1] < 90.0, "{before:?}");
        let sm2 = CardInfo {
            fsrs: false,
            ..info()
        };
        assert!(forgetting_curve(&sm2, TimestampMillis(0)).is_empty());
    }
}
