//! `stats`.

use super::args::StatsArgs;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::base::Error;
use crate::domain::stats::{Graphs, Retention};

pub(super) fn stats(session: &Session, args: &StatsArgs) -> Result<Answer, Failure> {
    const DOING: &str = "gather the statistics";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let graphs = collection.graphs(&args.search, args.days).doing(DOING)?;
    collection.close().doing("close the collection")?;
    let json = serde_json::to_value(&graphs)
        .map_err(|e| Error::bug("the numbers cannot be written").because(e))
        .doing(DOING)?;
    Ok(Answer::new(text(&graphs), json))
}

/// The main figures, one a line.
fn text(graphs: &Graphs) -> String {
    let counts = &graphs.card_counts.excluding_inactive;
    let percent = |of: &Retention| {
        Retention::rate(of.passed(), of.failed()).map_or_else(
            || "none".to_owned(),
            |rate| format!("{:.1} %", rate * 100.0),
        )
    };
    let due = graphs.future_due.future_due.get(&0).copied().unwrap_or(0);
    let overdue: u32 = graphs
        .future_due
        .future_due
        .range(..0)
        .map(|(_, n)| n)
        .sum();
    let reviews: u64 = graphs.reviews.count.values().map(|n| n.total()).sum();
    let lines = [
        format!(
            "answered today: {} in {:.1} minutes",
            graphs.today.answer_count,
            graphs.today.answer_millis as f64 / 60_000.0
        ),
        format!("due today: {due}, overdue: {overdue}"),
        format!("notes: {}, cards: {}", graphs.notes, graphs.cards),
        format!(
            "new: {}, learning: {}, relearning: {}, young: {}, mature: {}, suspended: {}, buried: {}",
            counts.new,
            counts.learn,
            counts.relearn,
            counts.young,
            counts.mature,
            counts.suspended,
            counts.buried
        ),
        format!("reviews: {reviews}"),
        format!(
            "true retention of a month: {}, of a year: {}",
            percent(&graphs.true_retention.month),
            percent(&graphs.true_retention.year)
        ),
    ];
    lines.join("\n")
}
