//! The lines of the simulator's graphs: what is drawn and what is said of it. No egui here.

use crate::base::count::{decimal, whole};
use crate::domain::timespan;
use crate::service::fsrs::{RetentionWorkload, Simulation, SimulationOptions, Workload};
use crate::t;
use crate::ui::widgets::text::number;

/// Points of a smoothed line.
const SMOOTH_POINTS: usize = 50;

/// What is shown over the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayGraph {
    Reviews,
    Time,
    Memorised,
}

impl DayGraph {
    pub const ALL: [Self; 3] = [Self::Reviews, Self::Time, Self::Memorised];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Reviews => t!("Reviews"),
            Self::Time => t!("Time"),
            Self::Memorised => t!("Memorized"),
        }
    }
}

/// What is shown over the desired retentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionGraph {
    Efficiency,
    Reviews,
    Time,
    Memorised,
}

impl RetentionGraph {
    pub const ALL: [Self; 4] = [Self::Efficiency, Self::Reviews, Self::Time, Self::Memorised];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Efficiency => t!("Efficiency"),
            Self::Reviews => t!("Reviews"),
            Self::Time => t!("Time"),
            Self::Memorised => t!("Memorized"),
        }
    }
}

/// What a value of a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Cards,
    Seconds,
    CardsPerHour,
}

impl Unit {
    /// `1,250`, `12 minutes`.
    #[must_use]
    pub fn words(self, value: f64) -> String {
        match self {
            Self::Cards => whole(value),
            Self::CardsPerHour => decimal(value, 1),
            Self::Seconds => timespan::long(value),
        }
    }

    /// As short as a label of an axis must be.
    #[must_use]
    pub fn short(self, value: f64) -> String {
        match self {
            Self::Seconds if value >= 3600.0 => {
                t!("{number} h", number = decimal(value / 3600.0, 1))
            }
            Self::Seconds => t!("{number} min", number = decimal(value / 60.0, 0)),
            Self::CardsPerHour if value < 10.0 && value.fract() != 0.0 => decimal(value, 1),
            _ => whole(value),
        }
    }
}

/// A line, named for its tooltip.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub name: String,
    pub points: Vec<[f64; 2]>,
}

/// What a place on the axis means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    Day,
    InDays,
    /// Percent.
    Retention,
}

impl Axis {
    /// Above the values of a place: `Day 5`.
    #[must_use]
    pub fn place(self, x: f64) -> String {
        let number = whole(x);
        match self {
            Self::Day => t!("Day {number}", number),
            Self::InDays => t!("In days: {number}", number),
            Self::Retention => t!("Desired retention {number}%", number),
        }
    }

    /// A label of the axis.
    #[must_use]
    pub fn tick(self, x: f64) -> String {
        let number = whole(x);
        match self {
            Self::Day | Self::InDays => number,
            Self::Retention => t!("{number}%", number),
        }
    }
}

/// Lines over one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    pub title: &'static str,
    pub unit: Unit,
    pub lines: Vec<Curve>,
    pub axis: Axis,
    /// A vertical line.
    pub marked: Option<f64>,
}

impl Curves {
    #[must_use]
    pub fn x_range(&self) -> (f64, f64) {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let (first, last) = points.fold((f64::MAX, f64::MIN), |(first, last), [x, _]| {
            (first.min(*x), last.max(*x))
        });
        if last > first {
            (first, last)
        } else {
            (first, first + 1.0)
        }
    }

    #[must_use]
    pub fn highest(&self) -> f64 {
        let points = self.lines.iter().flat_map(|line| &line.points);
        points.map(|[_, y]| *y).fold(0.0, f64::max)
    }

    /// What is at `x`, for the tooltip: the place, then a line each.
    #[must_use]
    pub fn at(&self, x: f64) -> Vec<String> {
        let mut words = vec![self.axis.place(x)];
        for line in &self.lines {
            let nearest = line
                .points
                .iter()
                .min_by(|a, b| (a[0] - x).abs().total_cmp(&(b[0] - x).abs()));
            if let Some([_, y]) = nearest {
                words.push(t!(
                    "{name}: {value}",
                    name = line.name,
                    value = self.unit.words(*y)
                ));
            }
        }
        words
    }

    /// For screen readers, and below the graph.
    #[must_use]
    pub fn legend_words(&self) -> String {
        let last = |line: &Curve| line.points.last().map_or(0.0, |[_, y]| *y);
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                t!(
                    "{name}: {value} at the end",
                    name = line.name,
                    value = self.unit.words(last(line))
                )
            })
            .collect();
        lines.join(" · ")
    }
}

/// A line for each run; None without one.
#[must_use]
pub fn by_day(
    graph: DayGraph,
    runs: &[(SimulationOptions, Simulation)],
    smooth: bool,
) -> Option<Curves> {
    if runs.is_empty() {
        return None;
    }
    let lines = runs
        .iter()
        .map(|(options, run)| {
            let values: Vec<f64> = match graph {
                DayGraph::Reviews => run.reviews.iter().map(|n| f64::from(*n)).collect(),
                DayGraph::Time => run.seconds.iter().map(|s| f64::from(*s)).collect(),
                DayGraph::Memorised => run.memorised.iter().map(|n| f64::from(*n)).collect(),
            };
            // Knowledge is smooth by itself.
            let values = if smooth && graph != DayGraph::Memorised {
                smoothed(&values)
            } else {
                values
            };
            Curve {
                name: run_name(options),
                points: (0_u32..)
                    .map(f64::from)
                    .zip(values)
                    .map(<[f64; 2]>::from)
                    .collect(),
            }
        })
        .collect();
    let (title, unit) = match graph {
        DayGraph::Reviews => (t!("Reviews each day"), Unit::Cards),
        DayGraph::Time => (t!("Time each day"), Unit::Seconds),
        DayGraph::Memorised => (t!("Cards remembered"), Unit::Cards),
    };
    Some(Curves {
        title,
        unit,
        lines,
        axis: Axis::Day,
        marked: None,
    })
}

/// `90 %, 20 new`.
fn run_name(options: &SimulationOptions) -> String {
    t!(
        "{retention}%, {cards} new",
        retention = format!("{:.0}", options.desired_retention * 100.0),
        cards = options.new_per_day
    )
}

/// The mean of the days around each, so that about [`SMOOTH_POINTS`] would do.
fn smoothed(values: &[f64]) -> Vec<f64> {
    let around = values.len().div_ceil(SMOOTH_POINTS) / 2;
    (0..values.len())
        .map(|i| {
            let from = i.saturating_sub(around);
            let to = (i + around + 1).min(values.len());
            let window = values.get(from..to).unwrap_or_default();
            window.iter().sum::<f64>() / window.len().max(1) as f64
        })
        .collect()
}

/// One line over the desired retentions, with the one that is looked at marked; None without any.
#[must_use]
pub fn by_retention(graph: RetentionGraph, workload: &Workload, retention: i64) -> Option<Curves> {
    let value = |at: &RetentionWorkload| {
        let days = f64::from(workload.days.max(1));
        match graph {
            RetentionGraph::Efficiency => efficiency(workload, at),
            RetentionGraph::Reviews => f64::from(at.answers) / days,
            RetentionGraph::Time => f64::from(at.seconds) / days,
            RetentionGraph::Memorised => f64::from(at.memorised),
        }
    };
    let points: Vec<[f64; 2]> = workload
        .retentions
        .iter()
        .map(|at| [f64::from(at.percent), value(at)])
        .collect();
    if points.is_empty() {
        return None;
    }
    let (title, unit) = match graph {
        RetentionGraph::Efficiency => (t!("Cards learned per hour"), Unit::CardsPerHour),
        RetentionGraph::Reviews => (t!("Reviews each day"), Unit::Cards),
        RetentionGraph::Time => (t!("Time each day"), Unit::Seconds),
        RetentionGraph::Memorised => (t!("Cards remembered at the end"), Unit::Cards),
    };
    Some(Curves {
        title,
        unit,
        lines: vec![Curve {
            name: title.to_owned(),
            points,
        }],
        axis: Axis::Retention,
        marked: Some(retention as f64),
    })
}

/// Cards that are known at the end because of the study, for each hour of it.
fn efficiency(workload: &Workload, at: &RetentionWorkload) -> f64 {
    let gained = f64::from(at.memorised - workload.memorised_without_study).max(0.0);
    let hours = f64::from(at.seconds) / 3600.0;
    if hours > 0.0 { gained / hours } else { 0.0 }
}

/// A sentence about one desired retention.
#[must_use]
pub fn at_retention(workload: &Workload, percent: i64) -> String {
    let found = workload
        .retentions
        .iter()
        .find(|at| i64::from(at.percent) == percent);
    let Some(at) = found else {
        return String::new();
    };
    let days = f64::from(workload.days.max(1));
    t!(
        "At {percent}%: {reviews} reviews and {time} a day, {cards} cards remembered at the end",
        percent,
        reviews = number((f64::from(at.answers) / days).round() as u64),
        time = timespan::long(f64::from(at.seconds) / days),
        cards = number(f64::from(at.memorised).round().max(0.0) as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        let at = |percent, seconds, answers, memorised| RetentionWorkload {
            percent,
            seconds,
            answers,
            memorised,
        };
        Workload {
            retentions: vec![at(70, 3600.0, 1000, 150.0), at(90, 7200.0, 3000, 200.0)],
            memorised_without_study: 100.0,
            days: 10,
        }
    }

    #[test]
    fn efficiency_counts_what_study_adds() {
        let curves = by_retention(RetentionGraph::Efficiency, &workload(), 90).unwrap();
        assert_eq!(curves.lines[0].points, [[70.0, 50.0], [90.0, 50.0]]);
        assert_eq!(curves.x_range(), (70.0, 90.0));
        assert_eq!(
            at_retention(&workload(), 90),
            "At 90%: 300 reviews and 12 minutes a day, 200 cards remembered at the end"
        );
    }

    #[test]
    fn thousands_are_set_apart_on_the_axis_of_days() {
        assert_eq!(Axis::Day.tick(1_500.0), "1,500");
        assert_eq!(Axis::InDays.place(3_650.0), "In days: 3,650");
        assert_eq!(Axis::Retention.tick(90.0), "90%");
    }

    #[test]
    fn smoothing_keeps_the_mean() {
        let values: Vec<f64> = (0..200).map(|n| f64::from(n % 2) * 10.0).collect();
        let smooth = smoothed(&values);
        assert_eq!(smooth.len(), 200);
        assert!(smooth[50..150].iter().all(|v| (v - 5.0).abs() < 1.5));
    }
}
