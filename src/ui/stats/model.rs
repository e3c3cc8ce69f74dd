//! What the statistics screen has been told, and what a graph is before it is drawn: bars, a line,
//! ticks, totals. Pictures, tooltips, tables for other programs and the words for screen readers
//! are all made from the same [`Chart`]. No egui here.

use super::bins;
use crate::base::lang;
use crate::domain::stats::Graphs;
use crate::domain::study::Rating;
use crate::explain::UserMessage;
use crate::service::event::StatsEvent;
use crate::{mark, t};
use std::fmt::Write as _;
use std::rc::Rc;

/// A search and a number of days (0: all) that statistics are about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    pub search: String,
    pub days: u32,
}

/// See the module header.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatsModel {
    /// Asked of the worker last; None when something changed since.
    asked: Option<Wanted>,
    /// What was asked for has not come yet.
    loading: bool,
    graphs: Option<Rc<Graphs>>,
    /// They know of every review, not only of those of a year.
    all_history: bool,
    /// Why there are none for what was asked.
    failed: Option<UserMessage>,
    /// Grows with every change, so that charts are made again only then.
    revision: u64,
}

impl StatsModel {
    pub fn apply(&mut self, event: &StatsEvent) {
        match event {
            StatsEvent::Graphs {
                search,
                days,
                graphs,
            } => {
                let got = Wanted {
                    search: search.clone(),
                    days: *days,
                };
                if self.asked.as_ref() == Some(&got) {
                    self.loading = false;
                    self.failed = None;
                    self.graphs = Some(Rc::new((**graphs).clone()));
                    self.all_history = *days == 0;
                    self.revision += 1;
                }
            }
            // Their dialog and a toast tell of these.
            StatsEvent::CardInfo(_) | StatsEvent::Saved { .. } => {}
        }
    }

    /// The worker was asked.
    pub fn ask(&mut self, search: &str, days: u32) {
        self.asked = Some(Wanted {
            search: search.to_owned(),
            days,
        });
        self.loading = true;
        self.failed = None;
    }

    /// The worker could not.
    pub fn fail(&mut self, message: &UserMessage) {
        self.loading = false;
        self.failed = Some(message.clone());
        self.graphs = None;
        self.revision += 1;
    }

    /// What is shown may not be true any more.
    pub fn forget_asked(&mut self) {
        self.asked = None;
    }

    #[must_use]
    pub fn asked(&self) -> Option<&Wanted> {
        self.asked.as_ref()
    }
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.loading
    }
    #[must_use]
    pub fn graphs(&self) -> Option<&Rc<Graphs>> {
        self.graphs.as_ref()
    }
    #[must_use]
    pub fn has_all_history(&self) -> bool {
        self.all_history
    }
    #[must_use]
    pub fn failed(&self) -> Option<&UserMessage> {
        self.failed.as_ref()
    }
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

/// The graphs with bars, in their order on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphId {
    FutureDue,
    Calendar,
    Reviews,
    CardCounts,
    Intervals,
    Eases,
    Stability,
    Difficulty,
    Retrievability,
    Hours,
    Buttons,
    Added,
    TrueRetention,
}

impl GraphId {
    #[must_use]
    pub fn title(self) -> &'static str {
        lang::say(self.english())
    }

    /// In names of files.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::FutureDue => mark!("Future due"),
            Self::Calendar => mark!("Calendar"),
            Self::Reviews => mark!("Reviews"),
            Self::CardCounts => mark!("Card counts"),
            Self::Intervals => mark!("Review intervals"),
            Self::Eases => mark!("Card ease"),
            Self::Stability => mark!("Card stability"),
            Self::Difficulty => mark!("Card difficulty"),
            Self::Retrievability => mark!("Card retrievability"),
            Self::Hours => mark!("Hourly breakdown"),
            Self::Buttons => mark!("Answer buttons"),
            Self::Added => mark!("Added"),
            Self::TrueRetention => mark!("True retention"),
        }
    }

    /// What is drawn, for those who see it for the first time.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::FutureDue => t!("The number of reviews due in the future"),
            Self::Calendar => t!("The number of reviews on each day"),
            Self::Reviews => t!("The number of questions you have answered"),
            Self::CardCounts => t!("Your cards by how far they have come"),
            Self::Intervals => t!("Delays until reviews are shown again"),
            Self::Eases => t!("The lower the ease, the more frequently a card will appear"),
            Self::Stability => t!("The delay at which retrievability falls to 90%"),
            Self::Difficulty => t!("The higher the difficulty, the slower stability will increase"),
            Self::Retrievability => t!("The probability of recalling a card today"),
            Self::Hours => t!("Review success rate for each hour of the day"),
            Self::Buttons => t!("The number of times you have pressed each button"),
            Self::Added => t!("The number of new cards you have added"),
            Self::TrueRetention => t!("Pass rate of cards with an interval of a day or more"),
        }
    }
}

/// How far back or ahead a graph looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Range {
    #[default]
    Month,
    ThreeMonths,
    Year,
    All,
}

impl Range {
    pub const ALL: [Self; 4] = [Self::Month, Self::ThreeMonths, Self::Year, Self::All];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => t!("1 month"),
            Self::ThreeMonths => t!("3 months"),
            Self::Year => t!("1 year"),
            Self::All => t!("All" in "range of time"),
        }
    }

    /// Days before or after today; None for all.
    #[must_use]
    pub fn days(self) -> Option<i32> {
        match self {
            Self::Month => Some(30),
            Self::ThreeMonths => Some(90),
            Self::Year => Some(365),
            Self::All => None,
        }
    }
}

/// How much of the cards a graph of intervals shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Share {
    Month,
    Half,
    #[default]
    Most,
    All,
}

impl Share {
    pub const ALL: [Self; 4] = [Self::Month, Self::Half, Self::Most, Self::All];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => t!("1 month"),
            Self::Half => t!("50%"),
            Self::Most => t!("95%"),
            Self::All => t!("All" in "share of cards"),
        }
    }
}

/// What a bar's part means; the theme has a colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    Mature,
    Young,
    Learning,
    Relearning,
    Filtered,
    New,
    Suspended,
    Buried,
    Again,
    Hard,
    Good,
    Easy,
    Line,
}

impl Tone {
    /// That of an answer button.
    #[must_use]
    pub fn of(rating: Rating) -> Self {
        match rating {
            Rating::Again => Self::Again,
            Rating::Hard => Self::Hard,
            Rating::Good => Self::Good,
            Rating::Easy => Self::Easy,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Left and right edge in the units of the axis.
    pub from: f64,
    pub to: f64,
    /// One for each series, stacked.
    pub values: Vec<f64>,
    /// Of the tooltip.
    pub title: String,
    /// More lines of the tooltip.
    pub notes: Vec<String>,
    /// Instead of the series' own colour.
    pub tone: Option<Tone>,
}

/// A line with an axis of its own at the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// For `lang::say`.
    pub name: &'static str,
    pub points: Vec<[f64; 2]>,
    pub percent: bool,
}

/// A graph that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub graph: GraphId,
    /// Beside the title: the figure that matters most.
    pub headline: String,
    /// Names for `lang::say`.
    pub series: Vec<(&'static str, Tone)>,
    pub bars: Vec<Bar>,
    pub curve: Option<Curve>,
    /// Where the axis is labelled, and with what.
    pub ticks: Vec<(f64, String)>,
    /// Below the bars: names and values.
    pub totals: Vec<(&'static str, String)>,
}

impl Chart {
    /// What each colour means, where there is more than one.
    #[must_use]
    pub fn colors(&self) -> Vec<(&'static str, Tone)> {
        if self.graph == GraphId::Buttons {
            return Rating::ALL.map(|r| (r.label(), Tone::of(r))).to_vec();
        }
        if self.series.len() < 2 && self.curve.is_none() {
            return vec![];
        }
        let series = self.series.iter();
        series
            .map(|(name, tone)| (lang::say(name), *tone))
            .collect()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bars
            .iter()
            .all(|bar| bar.values.iter().all(|v| *v == 0.0))
    }

    /// Both ends of the axis.
    #[must_use]
    pub fn x_range(&self) -> (f64, f64) {
        match (self.bars.first(), self.bars.last()) {
            (Some(first), Some(last)) => (first.from, last.to),
            _ => (0.0, 1.0),
        }
    }

    /// Height of the highest bar.
    #[must_use]
    pub fn highest(&self) -> f64 {
        let heights = self.bars.iter().map(|bar| bar.values.iter().sum());
        heights.fold(0.0, f64::max)
    }

    /// The bar over a place on the axis.
    #[must_use]
    pub fn bar_at(&self, x: f64) -> Option<&Bar> {
        self.bars.iter().find(|bar| bar.from <= x && x < bar.to)
    }

    /// Value of the curve at a bar's end.
    #[must_use]
    pub fn curve_at(&self, bar: &Bar) -> Option<f64> {
        let middle = f64::midpoint(bar.from, bar.to);
        let curve = self.curve.as_ref()?;
        let at = |point: &&[f64; 2]| (point[0] - middle).abs() < 1e-9;
        curve.points.iter().find(at).map(|point| point[1])
    }

    /// For screen readers: everything that matters in one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = format!("{}. {}.", self.graph.title(), self.graph.explanation());
        if self.is_empty() {
            out.push(' ');
            out.push_str(t!("No data."));
            return out;
        }
        if !self.headline.is_empty() {
            let _ = write!(out, " {}.", self.headline);
        }
        for (name, value) in &self.totals {
            let _ = write!(out, " {}.", t!("{name}: {value}", name, value));
        }
        out
    }

    /// The title of a bar in English, for programs.
    #[must_use]
    pub fn label(&self, bar: &Bar) -> String {
        let (from, to) = (bar.from.floor() as i32, bar.to.floor() as i32);
        match self.graph {
            GraphId::FutureDue | GraphId::Reviews | GraphId::Added => {
                bins::days_in_english(from, to - 1)
            }
            GraphId::Intervals | GraphId::Stability => match (from, to - 1) {
                (1, 1) => "1 day".to_owned(),
                (from, last) if from == last => format!("{from} days"),
                (from, last) => format!("{from}–{last} days"),
            },
            GraphId::Eases | GraphId::Difficulty | GraphId::Retrievability => {
                format!("{from}–{to}%")
            }
            GraphId::Buttons => {
                let group = ["Learning", "Young", "Mature"][(from / 5).clamp(0, 2) as usize];
                let button = ["Again", "Hard", "Good", "Easy"][(from % 5).clamp(0, 3) as usize];
                format!("{group}: {button}")
            }
            GraphId::Calendar | GraphId::CardCounts | GraphId::Hours | GraphId::TrueRetention => {
                bar.title.clone()
            }
        }
    }

    /// One row a bar, for spreadsheets. All of it is English, for programs.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::from("from,to,label");
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        for (name, _) in &self.series {
            let _ = write!(out, ",{}", quoted(name));
        }
        if let Some(curve) = &self.curve {
            let _ = write!(out, ",{}", quoted(curve.name));
        }
        out.push('\n');
        for bar in &self.bars {
            let _ = write!(out, "{},{},{}", bar.from, bar.to, quoted(&self.label(bar)));
            for value in &bar.values {
                let _ = write!(out, ",{value}");
            }
            if self.curve.is_some() {
                let value = self.curve_at(bar).map(|v| v.to_string());
                let _ = write!(out, ",{}", value.unwrap_or_default());
            }
            out.push('\n');
        }
        out
    }
}

/// A round number of steps from 0 to `highest` or above: the step, and the top.
#[must_use]
pub fn nice_scale(highest: f64, whole: bool) -> (f64, f64) {
    const LINES: f64 = 4.0;
    let rough = (highest / LINES).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= rough * 0.999_999)
        .unwrap_or(10.0);
    let mut step = factor * power;
    if whole {
        step = step.ceil().max(1.0);
    }
    let top = ((highest / step) - 1e-9).ceil().max(1.0) * step;
    (step, top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round() {
        for (highest, want) in [
            (0.0, (1.0, 1.0)),
            (3.0, (1.0, 3.0)),
            (100.0, (25.0, 100.0)),
            (172.0, (50.0, 200.0)),
            (1_234.0, (500.0, 1_500.0)),
        ] {
            assert_eq!(nice_scale(highest, true), want, "{highest}");
        }
        assert_eq!(nice_scale(0.8, false), (0.2, 0.8));
    }

    #[test]
    fn colors_are_said_where_there_are_several() {
        let of = |graph, series| Chart {
            graph,
            headline: String::new(),
            series,
            bars: vec![],
            curve: None,
            ticks: vec![],
            totals: vec![],
        };
        let one = vec![("Times pressed", Tone::Good)];
        let names = |chart: Chart| -> Vec<&'static str> {
            chart.colors().into_iter().map(|(name, _)| name).collect()
        };
        let buttons = names(of(GraphId::Buttons, one.clone()));
        assert_eq!(buttons, ["Again", "Hard", "Good", "Easy"]);
        let added = names(of(GraphId::Added, one));
        assert!(added.is_empty(), "{added:?}");
        let two = vec![("Young", Tone::Young), ("Mature", Tone::Mature)];
        let ages = names(of(GraphId::Reviews, two));
        assert_eq!(ages, ["Young", "Mature"]);
    }

    #[test]
    fn tables_keep_quotes_and_commas() {
        let chart = Chart {
            graph: GraphId::Added,
            headline: String::new(),
            series: vec![("Cards, \"new\"", Tone::New)],
            bars: vec![Bar {
                from: 0.0,
                to: 1.0,
                values: vec![3.0],
                title: "Today".into(),
                notes: vec![],
                tone: None,
            }],
            curve: Some(Curve {
                name: "Added up",
                points: vec![[0.5, 3.0]],
                percent: false,
            }),
            ticks: vec![],
            totals: vec![],
        };
        assert_eq!(
            chart.csv(),
            "from,to,label,\"Cards, \"\"new\"\"\",\"Added up\"\n0,1,\"Today\",3,3\n"
        );
    }
}
