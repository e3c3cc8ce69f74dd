//! From the worker's numbers to charts: bars, totals and the words around them. Pure.

use super::bins;
use super::model::{Bar, Chart, Curve, GraphId, Range, Share, Tone};
use crate::base::count::{decimal, whole};
use crate::domain::stats::{Buttons, ByKind, Distribution, Graphs, Histogram, Hour, PerRange};
use crate::domain::study::Rating;
use crate::domain::timespan;
use crate::ui::widgets::text::number;
use crate::{mark, t, tn};
use std::ops::RangeInclusive;

/// Days that a graph goes back or ahead at most; what lies beyond came from a wrong clock.
const FARTHEST: i32 = 100_000;

/// What the screen lets people choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    pub range: Range,
    pub intervals: Share,
    pub stability: Share,
    /// Overdue cards in Future due.
    pub backlog: bool,
    /// Reviews by the time they took.
    pub review_time: bool,
    /// Suspended and buried cards on their own.
    pub separate_inactive: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            range: Range::Month,
            intervals: Share::Most,
            stability: Share::Most,
            backlog: true,
            review_time: false,
            separate_inactive: true,
        }
    }
}

/// Everything with bars that the screen shows, in order.
#[must_use]
pub fn all(g: &Graphs, c: &Choices) -> Vec<Chart> {
    let mut out = vec![future_due(g, c), reviews(g, c)];
    out.push(intervals(g, c.intervals));
    if g.fsrs {
        out.push(stability(g, c.stability));
        out.push(difficulty(&g.difficulty));
        out.push(retrievability(g));
    } else {
        out.push(eases(&g.eases));
    }
    out.push(hours(g, c.range));
    out.push(buttons(g, c.range));
    out.push(added(g, c.range));
    out
}

fn per_day(reviews: f64) -> String {
    let n = reviews.round().max(0.0) as u64;
    tn!(n, "{n} review/day", "{n} reviews/day")
}

pub(super) fn percent(share: f64) -> String {
    percent_of(&decimal(share * 100.0, 1))
}

fn sum_of(histogram: &Histogram, days: &RangeInclusive<i32>) -> u64 {
    if days.is_empty() {
        return 0;
    }
    histogram
        .range(days.clone())
        .map(|(_, n)| u64::from(*n))
        .sum()
}

fn day_bar(days: &RangeInclusive<i32>, values: Vec<f64>) -> Bar {
    Bar {
        from: f64::from(*days.start()),
        to: f64::from(*days.end()) + 1.0,
        values,
        title: bins::days_in_words(days),
        notes: vec![],
        tone: None,
    }
}

/// `91.5%`
fn percent_of(number: &str) -> String {
    t!("{number}%", number)
}

/// Labels in the middle of days; today always has one.
fn day_ticks(bars: &[Bar]) -> Vec<(f64, String)> {
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return vec![];
    };
    let (first, last) = (first.from as i32, last.to as i32 - 1);
    let step = bins::tick_step(last - first);
    let from = first.div_euclid(step) * step;
    (0..)
        .map(|n| from + n * step)
        .take_while(|day| *day <= last)
        .filter(|day| *day >= first)
        .map(|day| (f64::from(day) + 0.5, bins::day_tick(day)))
        .collect()
}

/// Added up from the left, for each bar.
fn running_sum(name: &'static str, bars: &[Bar]) -> Curve {
    let mut sum = 0.0;
    let points = bars.iter().map(|bar| {
        sum += bar.values.iter().sum::<f64>();
        [f64::midpoint(bar.from, bar.to), sum]
    });
    Curve {
        name,
        points: points.collect(),
        percent: false,
    }
}

fn future_due(g: &Graphs, c: &Choices) -> Chart {
    let due = &g.future_due.future_due;
    let first = match due.first_key_value() {
        Some((day, _)) if c.backlog => (*day).clamp(-FARTHEST, 0),
        _ => 0,
    };
    let farthest = due
        .last_key_value()
        .map_or(0, |(day, _)| (*day).clamp(0, FARTHEST));
    let last = c.range.days().unwrap_or(farthest);
    let bars: Vec<Bar> = bins::around(first, last)
        .iter()
        .map(|days| day_bar(days, vec![sum_of(due, days) as f64]))
        .collect();
    let total = sum_of(due, &(first..=last));
    let days = f64::from(last - first + 1);
    let average = per_day(total as f64 / days);
    let tomorrow = due.get(&1).copied().unwrap_or(0);
    let reviews = |n: u64| tn!(n, "{n} review", "{n} reviews");
    Chart {
        graph: GraphId::FutureDue,
        headline: t!(
            "average {number} a day",
            number = whole(total as f64 / days)
        ),
        series: vec![(mark!("Cards due"), Tone::Mature)],
        curve: Some(running_sum(mark!("Running total"), &bars)),
        ticks: day_ticks(&bars),
        bars,
        totals: vec![
            (t!("Total"), reviews(total)),
            (t!("Average"), average),
            (t!("Due tomorrow"), reviews(u64::from(tomorrow))),
            (
                t!("Daily load"),
                per_day(f64::from(g.future_due.daily_load)),
            ),
        ],
    }
}

/// The first day of a range that ends today.
fn first_day(range: Range, earliest: Option<i32>) -> i32 {
    range
        .days()
        .map_or_else(|| earliest.unwrap_or(0).clamp(-FARTHEST, 0), |days| -days)
}

/// Answers or minutes of each kind, from a day to today.
fn review_bars(g: &Graphs, c: &Choices, first: i32) -> Vec<Bar> {
    let (source, scale) = if c.review_time {
        (&g.reviews.time, 1.0 / 60_000.0)
    } else {
        (&g.reviews.count, 1.0)
    };
    bins::past(first)
        .iter()
        .map(|days| {
            let mut sum = ByKind::default();
            for (_, kinds) in source.range(days.clone()) {
                sum.mature += kinds.mature;
                sum.young += kinds.young;
                sum.relearn += kinds.relearn;
                sum.learn += kinds.learn;
                sum.filtered += kinds.filtered;
            }
            let values = [sum.mature, sum.young, sum.relearn, sum.learn, sum.filtered];
            day_bar(days, values.map(|n| n as f64 * scale).to_vec())
        })
        .collect()
}

fn reviews(g: &Graphs, c: &Choices) -> Chart {
    let counts = &g.reviews.count;
    let first = first_day(c.range, counts.keys().next().copied());
    let bars = review_bars(g, c, first);
    let within = counts.range(first..=0);
    let studied = within
        .clone()
        .filter(|(_, kinds)| kinds.total() > 0)
        .count();
    let answers: u64 = within.map(|(_, kinds)| kinds.total()).sum();
    let millis: u64 = g
        .reviews
        .time
        .range(first..=0)
        .map(|(_, k)| k.total())
        .sum();
    let period = f64::from(1 - first);
    let each = |days: f64| {
        if days == 0.0 {
            t!("none" in "average").to_owned()
        } else if c.review_time {
            let number = tenths(millis as f64 / 60_000.0 / days);
            t!("{number} minutes/day", number)
        } else {
            per_day(answers as f64 / days)
        }
    };
    let mut totals = vec![
        (
            t!("Days studied"),
            t!(
                "{days} of {all} ({share})",
                days = number(studied as u64),
                all = whole(period),
                share = percent(studied as f64 / period)
            ),
        ),
        (
            t!("Total"),
            if c.review_time {
                t!(
                    "{number} hours",
                    number = tenths(millis as f64 / 3_600_000.0)
                )
            } else {
                tn!(answers, "{n} review", "{n} reviews")
            },
        ),
        (t!("Average for days studied"), each(studied as f64)),
        (t!("Average over period"), each(period)),
    ];
    if c.review_time && answers > 0 && millis > 0 {
        let secs = millis as f64 / 1000.0 / answers as f64;
        totals.push((
            t!("Average answer time"),
            t!(
                "{seconds}s ({cards} cards/minute)",
                seconds = tenths(secs),
                cards = tenths(60.0 / secs)
            ),
        ));
    }
    Chart {
        graph: GraphId::Reviews,
        headline: if c.review_time {
            t!(
                "average {minutes} minutes a day, studied on {days} of {all} days",
                minutes = tenths(millis as f64 / 60_000.0 / period),
                days = number(studied as u64),
                all = whole(period)
            )
        } else {
            t!(
                "average {reviews} a day, studied on {days} of {all} days",
                reviews = whole(answers as f64 / period),
                days = number(studied as u64),
                all = whole(period)
            )
        },
        series: vec![
            (mark!("Mature"), Tone::Mature),
            (mark!("Young"), Tone::Young),
            (mark!("Relearning"), Tone::Relearning),
            (mark!("Learning"), Tone::Learning),
            (mark!("Filtered"), Tone::Filtered),
        ],
        curve: Some(running_sum(mark!("Running total"), &bars)),
        ticks: day_ticks(&bars),
        bars,
        totals,
    }
}

pub(super) fn tenths(value: f64) -> String {
    decimal(value, 1)
}

/// The largest value that a share of the cards stays below.
fn upper(histogram: &Histogram, share: Share) -> i32 {
    let part = match share {
        Share::Month => return 31,
        Share::Half => 0.5,
        Share::Most => 0.95,
        Share::All => 1.0,
    };
    let all: u64 = histogram.values().map(|n| u64::from(*n)).sum();
    let wanted = all as f64 * part;
    let mut seen = 0_u64;
    for (value, count) in histogram {
        seen += u64::from(*count);
        if seen as f64 >= wanted {
            return *value;
        }
    }
    0
}

/// Cards by a number of days, with the share of all cards up to there.
fn by_days(
    graph: GraphId,
    histogram: &Histogram,
    share: Share,
    average_name: &'static str,
) -> Chart {
    let all: u64 = histogram.values().map(|n| u64::from(*n)).sum();
    let last = upper(histogram, share).clamp(1, FARTHEST);
    let width = bins::width_for(last + 1);
    let mut seen = 0;
    let mut points = vec![];
    let bars: Vec<Bar> = (0..=last / width)
        .map(|n| n * width..=(n + 1) * width - 1)
        .map(|days| {
            let cards = sum_of(histogram, &days);
            seen += cards;
            let (from, to) = (*days.start(), *days.end());
            let title = if from == to {
                tn!(u64::from(from.unsigned_abs()), "{n} day", "{n} days")
            } else {
                let count = |days: i32| number(days.unsigned_abs().into());
                t!("{from}–{to} days", from = count(from), to = count(to))
            };
            let part = seen as f64 / all.max(1) as f64;
            points.push([
                f64::midpoint(f64::from(from), f64::from(to) + 1.0),
                part * 100.0,
            ]);
            Bar {
                title,
                notes: vec![t!("Up to here: {share}", share = percent(part))],
                ..day_bar(&days, vec![cards as f64])
            }
        })
        .collect();
    let sum: f64 = histogram
        .iter()
        .map(|(days, n)| f64::from(*days) * f64::from(*n))
        .sum();
    let average = timespan::precise(sum / all.max(1) as f64 * 86_400.0);
    let step = bins::tick_step(last);
    let ticks = (0..=last / step).map(|n| {
        let day = f64::from(n * step);
        (day + 0.5, t!("{days} d", days = whole(day)))
    });
    Chart {
        graph,
        headline: if all == 0 {
            String::new()
        } else {
            t!("average {value}", value = average)
        },
        series: vec![(mark!("Cards"), Tone::Mature)],
        curve: Some(Curve {
            name: mark!("Share of cards"),
            points,
            percent: true,
        }),
        bars,
        ticks: ticks.collect(),
        totals: vec![(average_name, average), (t!("Cards"), number(all))],
    }
}

fn intervals(g: &Graphs, share: Share) -> Chart {
    let average = t!("Average interval");
    by_days(GraphId::Intervals, &g.intervals, share, average)
}

fn stability(g: &Graphs, share: Share) -> Chart {
    let average = t!("Average stability");
    by_days(GraphId::Stability, &g.stability, share, average)
}

/// Cards by percent, in steps.
fn by_percent(graph: GraphId, cards: &Histogram, step: i32, from: i32, to: i32) -> Chart {
    let bars: Vec<Bar> = (from / step..(to + step - 1) / step)
        .map(|n| n * step..=(n + 1) * step - 1)
        .map(|range| Bar {
            title: t!("{from}–{to}%", from = range.start(), to = range.end() + 1),
            ..day_bar(&range, vec![sum_of(cards, &range) as f64])
        })
        .collect();
    let mark = if to - from > 100 { 50 } else { 10 };
    let ticks = (from / mark..=to / mark)
        .map(|n| (f64::from(n * mark), percent_of(&(n * mark).to_string())));
    Chart {
        graph,
        headline: String::new(),
        series: vec![(mark!("Cards"), Tone::Mature)],
        curve: None,
        ticks: ticks.collect(),
        bars,
        totals: vec![],
    }
}

fn difficulty(of: &Distribution) -> Chart {
    let average = percent_of(&format!("{:.0}", of.average));
    Chart {
        headline: t!("median {value}", value = average),
        totals: vec![(t!("Median difficulty"), average)],
        ..by_percent(GraphId::Difficulty, &of.cards, 5, 0, 100)
    }
}

fn eases(of: &Distribution) -> Chart {
    let ease = |ease: Option<&i32>, otherwise: i32| ease.map_or(otherwise, |e| (*e).clamp(0, 1000));
    let lowest = ease(of.cards.keys().next(), 130);
    let highest = ease(of.cards.keys().last(), 250);
    let from = lowest.div_euclid(10) * 10;
    let to = (highest / 10 + 1) * 10;
    let average = percent_of(&format!("{:.0}", of.average));
    Chart {
        headline: t!("median {value}", value = average),
        totals: vec![(t!("Median ease"), average)],
        ..by_percent(GraphId::Eases, &of.cards, 10, from, to)
    }
}

fn retrievability(g: &Graphs) -> Chart {
    let of = &g.retrievability;
    let average = percent_of(&format!("{:.0}", of.average));
    Chart {
        headline: t!("average {value}", value = average),
        totals: vec![
            (t!("Average retrievability"), average),
            (
                t!("Estimated total knowledge"),
                t!(
                    "{cards} cards / {notes} notes",
                    cards = whole(f64::from(of.sum_by_card)),
                    notes = whole(f64::from(of.sum_by_note))
                ),
            ),
        ],
        ..by_percent(GraphId::Retrievability, &of.cards, 5, 0, 100)
    }
}

fn of_range<T>(per: &PerRange<T>, range: Range) -> &T {
    match range {
        Range::Month => &per.one_month,
        Range::ThreeMonths => &per.three_months,
        Range::Year => &per.one_year,
        Range::All => &per.all_time,
    }
}

fn hours(g: &Graphs, range: Range) -> Chart {
    let hours: &[Hour; 24] = of_range(&g.hours, range);
    let first = g.rollover_hour as usize % 24;
    let shown: Vec<(usize, &Hour)> = (0..24)
        .map(|n| (first + n) % 24)
        .map(|hour| (hour, &hours[hour]))
        .collect();
    let rate = |hour: &Hour| f64::from(hour.correct) / f64::from(hour.total.max(1));
    let mut points = vec![];
    let bars: Vec<Bar> = shown
        .iter()
        .enumerate()
        .map(|(n, (hour, of))| {
            let from = n as f64;
            if of.total > 0 {
                points.push([from + 0.5, rate(of) * 100.0]);
            }
            Bar {
                from,
                to: from + 1.0,
                values: vec![f64::from(of.total)],
                title: format!("{hour:02}:00–{:02}:00", (hour + 1) % 24),
                notes: vec![tn!(
                    u64::from(of.total),
                    "{share} correct ({right} of {n} review)",
                    "{share} correct ({right} of {n} reviews)",
                    share = percent(rate(of)),
                    right = number(u64::from(of.correct))
                )],
                tone: None,
            }
        })
        .collect();
    let ticks = shown
        .iter()
        .enumerate()
        .step_by(3)
        .map(|(n, (hour, _))| (n as f64 + 0.5, format!("{hour:02}:00")));
    let total: u32 = hours.iter().map(|h| h.total).sum();
    let correct: u32 = hours.iter().map(|h| h.correct).sum();
    let share = percent(f64::from(correct) / f64::from(total.max(1)));
    Chart {
        graph: GraphId::Hours,
        headline: t!("{share} correct", share),
        series: vec![(mark!("Reviews"), Tone::Young)],
        curve: Some(Curve {
            name: mark!("Correct"),
            points,
            percent: true,
        }),
        ticks: ticks.collect(),
        bars,
        totals: vec![
            (
                t!("Total"),
                tn!(u64::from(total), "{n} review", "{n} reviews"),
            ),
            (t!("Correct"), share),
        ],
    }
}

fn buttons(g: &Graphs, range: Range) -> Chart {
    let of: &Buttons = of_range(&g.buttons, range);
    let groups = [
        (t!("Learning"), t!("Learning correct"), &of.learning),
        (t!("Young"), t!("Young correct"), &of.young),
        (t!("Mature"), t!("Mature correct"), &of.mature),
    ];
    let (mut bars, mut ticks, mut totals) = (vec![], vec![], vec![]);
    let mut presses = 0;
    for (n, (name, correct_name, counts)) in groups.into_iter().enumerate() {
        let total: u32 = counts.iter().sum();
        presses += total;
        let right = total - counts[0];
        let share = |n: u32| percent(f64::from(n) / f64::from(total.max(1)));
        totals.push((correct_name, share(right)));
        let start = n as f64 * 5.0;
        let tick = t!("{name} ({share} correct)", name, share = share(right));
        ticks.push((start + 2.5, tick));
        for (button, rating) in Rating::ALL.into_iter().enumerate() {
            let from = start + button as f64 + 0.5;
            bars.push(Bar {
                from,
                to: from + 1.0,
                values: vec![f64::from(counts[button])],
                title: t!("{name}: {value}", name, value = rating.label()),
                notes: vec![t!("{share} of {name}", share = share(counts[button]), name)],
                tone: Some(Tone::of(rating)),
            });
        }
    }
    Chart {
        graph: GraphId::Buttons,
        headline: tn!(u64::from(presses), "{n} answer", "{n} answers"),
        series: vec![(mark!("Times pressed"), Tone::Good)],
        curve: None,
        ticks,
        bars,
        totals,
    }
}

fn added(g: &Graphs, range: Range) -> Chart {
    let first = first_day(range, g.added.keys().next().copied());
    let bars: Vec<Bar> = bins::past(first)
        .iter()
        .map(|days| day_bar(days, vec![sum_of(&g.added, days) as f64]))
        .collect();
    let total = sum_of(&g.added, &(first..=0));
    let average = (total as f64 / f64::from(1 - first)).round() as u64;
    Chart {
        graph: GraphId::Added,
        headline: t!("average {number} a day", number = number(average)),
        series: vec![(mark!("Cards added"), Tone::New)],
        curve: Some(running_sum(mark!("Running total"), &bars)),
        ticks: day_ticks(&bars),
        bars,
        totals: vec![
            (t!("Total"), tn!(total, "{n} card", "{n} cards")),
            (t!("Average"), tn!(average, "{n} card/day", "{n} cards/day")),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn studied(days: &[i32]) -> Graphs {
        let mut g = Graphs::default();
        for day in days {
            let kinds = ByKind {
                mature: 2,
                learn: 1,
                ..ByKind::default()
            };
            g.reviews.count.insert(*day, kinds);
            g.reviews.time.insert(
                *day,
                ByKind {
                    mature: 60_000,
                    ..ByKind::default()
                },
            );
        }
        g
    }

    #[test]
    fn reviews_are_totalled_over_the_range_shown() {
        let g = studied(&[0, -1, -30, -31, -200]);
        let total = |range, review_time| {
            let c = Choices {
                range,
                review_time,
                ..Choices::default()
            };
            let chart = reviews(&g, &c);
            (chart.bars.len(), chart.totals)
        };
        let (bars, totals) = total(Range::Month, false);
        assert_eq!(bars, 31);
        assert_eq!(totals[0].1, "3 of 31 (9.7%)");
        assert_eq!(totals[1].1, "9 reviews");
        assert_eq!(totals[2].1, "3 reviews/day");
        let (_, totals) = total(Range::All, true);
        assert_eq!(totals[0].1, "5 of 201 (2.5%)");
        assert_eq!(totals[2].1, "1.0 minutes/day");
        assert_eq!(totals[4].1, "20.0s (3.0 cards/minute)");
    }

    #[test]
    fn the_backlog_can_be_left_out() {
        let mut g = Graphs::default();
        g.future_due.future_due = [(-3, 4), (0, 2), (1, 5), (40, 9)].into_iter().collect();
        let chart = |range, backlog| {
            future_due(
                &g,
                &Choices {
                    range,
                    backlog,
                    ..Choices::default()
                },
            )
        };
        assert_eq!(chart(Range::Month, true).totals[0].1, "11 reviews");
        assert_eq!(chart(Range::Month, false).totals[0].1, "7 reviews");
        assert_eq!(chart(Range::All, true).totals[0].1, "20 reviews");
        assert_eq!(chart(Range::Month, true).totals[2].1, "5 reviews");
        let drawn: f64 = chart(Range::All, true)
            .bars
            .iter()
            .map(|b| b.values[0])
            .sum();
        assert!((drawn - 20.0).abs() < 1e-9, "every card is in a bar");
    }

    #[test]
    fn the_running_total_ends_at_the_total_in_each_range() {
        let mut g = studied(&(-1500..=0).collect::<Vec<i32>>());
        g.future_due.future_due = (-92..500).map(|day| (day, 1)).collect();
        g.added = (-1500..=0).map(|day| (day, 1)).collect();
        for range in [Range::Month, Range::ThreeMonths, Range::Year, Range::All] {
            let c = Choices {
                range,
                ..Choices::default()
            };
            for (chart, total) in [
                (future_due(&g, &c), 0),
                (reviews(&g, &c), 1),
                (added(&g, c.range), 0),
            ] {
                let last = chart.curve.as_ref().and_then(|c| c.points.last()).unwrap()[1];
                let words = &chart.totals[total].1;
                let drawn = number(last as u64);
                assert!(
                    words.starts_with(&format!("{drawn} ")),
                    "{range:?}, {:?}: {drawn}, {words}",
                    chart.graph
                );
            }
        }
        assert_eq!(added(&g, Range::All).totals[1].1, "1 card/day");
        assert_eq!(
            future_due(&g, &Choices::default()).totals[1].1,
            "1 review/day"
        );
        let c = Choices {
            range: Range::All,
            ..Choices::default()
        };
        assert_eq!(reviews(&g, &c).totals[0].1, "1,501 of 1,501 (100.0%)");
    }

    #[test]
    fn tables_call_bars_in_english_as_the_screen_does() {
        for fsrs in [false, true] {
            let mut g = studied(&[0, -1, -200]);
            g.fsrs = fsrs;
            g.future_due.future_due = [(-3, 4), (0, 2), (400, 9)].into_iter().collect();
            g.intervals = [(1, 50), (400, 5)].into_iter().collect();
            for share in [Share::Month, Share::All] {
                let c = Choices {
                    range: Range::All,
                    intervals: share,
                    ..Choices::default()
                };
                for chart in all(&g, &c) {
                    for bar in &chart.bars {
                        assert_eq!(chart.label(bar), bar.title, "{:?}", chart.graph);
                    }
                }
            }
        }
    }

    #[test]
    fn shares_of_intervals_end_where_they_should() {
        let g = Graphs {
            intervals: [(1, 50), (10, 45), (400, 5)].into_iter().collect(),
            ..Graphs::default()
        };
        for (share, end) in [
            (Share::Half, 2.0),
            (Share::Most, 11.0),
            (Share::Month, 32.0),
            (Share::All, 406.0),
        ] {
            let chart = intervals(&g, share);
            assert!(
                (chart.x_range().1 - end).abs() < 1e-9,
                "{share:?} {:?}",
                chart.x_range()
            );
        }
    }

    #[test]
    fn thousands_of_days_are_set_apart_on_the_axis_of_intervals() {
        let g = Graphs {
            intervals: [(1, 50), (3_650, 5)].into_iter().collect(),
            ..Graphs::default()
        };
        let chart = intervals(&g, Share::All);
        let ticks: Vec<&str> = chart.ticks.iter().map(|(_, words)| &**words).collect();
        assert!(
            ticks.contains(&"730 d") && ticks.contains(&"3,650 d"),
            "{ticks:?}"
        );
        let last = &chart.bars.last().unwrap().title;
        assert!(last.starts_with("3,"), "{last}");
    }
}
