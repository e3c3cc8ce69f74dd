//! From a part of a graph to the search that finds its cards, as a click on it does in Anki. Pure.

use super::model::{Bar, GraphId};
use std::ops::RangeInclusive;

/// Finds the cards of a bar; None for graphs that count no cards.
#[must_use]
pub fn of_bar(graph: GraphId, bar: &Bar) -> Option<String> {
    let (from, to) = (bar.from.round() as i32, bar.to.round() as i32 - 1);
    let share = |n: i32| f64::from(n) / 100.0;
    Some(match graph {
        GraphId::FutureDue => between("due", from..=to),
        GraphId::Intervals => format!("is:review {}", between("ivl", from..=to)),
        // What the graph counts is rounded to whole days.
        GraphId::Stability => {
            let (from, to) = (f64::from(from) - 0.5, f64::from(to) + 0.5);
            format!("prop:s>={} prop:s<{to}", from.max(0.0))
        }
        GraphId::Difficulty => below("d", share(from), share(to + 1), to >= 99),
        GraphId::Retrievability => below("r", share(from), share(to + 1), to >= 99),
        GraphId::Eases => below("ease", share(from), share(to + 1), false),
        GraphId::Added => added(from, to),
        GraphId::Reviews if from == to => of_day(from),
        _ => return None,
    })
}

/// Finds the cards that were answered on a day; 0 is today, -1 yesterday.
#[must_use]
pub fn of_day(day: i32) -> String {
    format!("prop:rated={day}")
}

/// Finds the cards of a row of the card counts.
#[must_use]
pub fn of_count(name: &str, separate: bool) -> String {
    let what = match name {
        "New" => "is:new",
        "Learning" => "-is:review is:learn",
        "Relearning" => "is:review is:learn",
        "Young" => "is:review -is:learn prop:ivl<21",
        "Mature" => "is:review -is:learn prop:ivl>=21",
        "Suspended" => return "is:suspended".to_owned(),
        _ => return "is:buried".to_owned(),
    };
    if separate {
        format!("-is:suspended -is:buried {what}")
    } else {
        what.to_owned()
    }
}

/// Within the cards that the statistics are about.
#[must_use]
pub fn within(scope: &str, search: &str) -> String {
    if scope.trim().is_empty() {
        search.to_owned()
    } else {
        format!("({scope}) {search}")
    }
}

fn between(property: &str, days: RangeInclusive<i32>) -> String {
    let (from, to) = (days.start(), days.end());
    if from == to {
        format!("prop:{property}={from}")
    } else {
        format!("prop:{property}>={from} prop:{property}<={to}")
    }
}

/// `open`: what is above belongs to it, too.
fn below(property: &str, from: f64, to: f64, open: bool) -> String {
    if open {
        format!("prop:{property}>={from}")
    } else {
        format!("prop:{property}>={from} prop:{property}<{to}")
    }
}

/// `added:1` is today.
fn added(from: i32, to: i32) -> String {
    let since = format!("added:{}", 1 - from);
    if to >= 0 {
        since
    } else {
        format!("{since} -added:{}", -to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(from: f64, to: f64) -> Bar {
        Bar {
            from,
            to,
            values: vec![],
            title: String::new(),
            notes: vec![],
            tone: None,
        }
    }

    #[test]
    fn bars_become_searches() {
        let of = |graph, from, to| of_bar(graph, &bar(from, to)).unwrap_or_default();
        assert_eq!(of(GraphId::FutureDue, 0.0, 1.0), "prop:due=0");
        assert_eq!(
            of(GraphId::FutureDue, -7.0, 0.0),
            "prop:due>=-7 prop:due<=-1"
        );
        assert_eq!(of(GraphId::Added, 0.0, 1.0), "added:1");
        assert_eq!(of(GraphId::Added, -6.0, -3.0), "added:7 -added:4");
        assert_eq!(
            of(GraphId::Difficulty, 5.0, 10.0),
            "prop:d>=0.05 prop:d<0.1"
        );
        assert_eq!(of(GraphId::Retrievability, 95.0, 100.0), "prop:r>=0.95");
        assert_eq!(of(GraphId::Stability, 0.0, 1.0), "prop:s>=0 prop:s<0.5");
        assert_eq!(of(GraphId::Reviews, -1.0, 0.0), "prop:rated=-1");
        assert_eq!(of_bar(GraphId::Hours, &bar(0.0, 1.0)), None);
    }

    #[test]
    fn searches_can_be_read_and_stay_within_the_scope() {
        let names = [
            "New",
            "Learning",
            "Relearning",
            "Young",
            "Mature",
            "Suspended",
            "Buried",
        ];
        for name in names {
            let search = within("deck:a OR deck:b", &of_count(name, true));
            assert!(crate::search::parse(&search).is_ok(), "{search}");
        }
        assert_eq!(within("", "is:new"), "is:new");
    }
}
