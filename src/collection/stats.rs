//! The numbers of the statistics screen, gathered a slice at a time, so that whoever owns the
//! collection can do other work in between. How rows are counted is in `scheduler::statistics`.

use super::{Collection, OpOutput};
use crate::base::Result;
use crate::base::ids::CardId;
use crate::domain::op::Op;
use crate::domain::stats::{CardRow, GraphPreferences, Graphs, ReviewRow, WeekStart};
use crate::scheduler::statistics::StatsMoment;
use crate::scheduler::statistics::cards::CardTally;
use crate::scheduler::statistics::reviews::ReviewTally;
use crate::scheduler::timing::rollover_hour;
use crate::storage::Table;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Rows that a slice should have: some ten milliseconds.
const SLICE_ROWS: i64 = 50_000;
/// Slices that the first guess divides a table into.
const FIRST_SLICES: i64 = 40;
/// Rows that are looked up together: looks at memory that do not wait for each other.
const BATCH: usize = 512;

const WEEK_START: &str = "firstDayOfWeek";
const SEPARATE: &str = "cardCountsSeparateInactive";
const BACKLOG: &str = "futureDueShowBacklog";

/// Statistics that are being gathered; see [`Collection::graphs_begin`].
#[derive(Debug)]
pub struct GraphsRun {
    cards: Part<CardTally>,
    reviews: Part<ReviewTally>,
    graphs: Graphs,
}

/// One table: what is counted, and what is still to be read.
#[derive(Debug)]
struct Part<T> {
    tally: T,
    /// None: all cards, gone ones too.
    scope: Option<Arc<CardSet>>,
    ids: Ids,
}

/// A row of a card, and how it is counted.
trait Row<T>: Copy {
    fn card(&self) -> CardId;
    fn count(&self, tally: &mut T);
}

impl Row<CardTally> for CardRow {
    fn card(&self) -> CardId {
        self.id
    }
    fn count(&self, tally: &mut CardTally) {
        tally.add(self);
    }
}

impl Row<ReviewTally> for ReviewRow {
    fn card(&self) -> CardId {
        self.card
    }
    fn count(&self, tally: &mut ReviewTally) {
        tally.add(self);
    }
}

impl<T> Part<T> {
    /// Counts the rows of a slice.
    fn add<R: Row<T>>(&mut self, rows: &[R]) {
        self.ids.had(rows.len());
        for rows in rows.chunks(BATCH) {
            let scope = self.scope.as_deref();
            // Looks that lead nowhere bring the places near, all at once.
            let near = |scope: &CardSet| -> i64 {
                let firsts = rows.iter().map(|row| scope.first_at(row.card().0));
                firsts.fold(0, i64::wrapping_add)
            };
            std::hint::black_box(scope.map(near));
            for row in rows {
                if scope.is_none_or(|scope| scope.contains(row.card())) {
                    row.count(&mut self.tally);
                }
            }
        }
    }
}

impl Collection {
    /// Statistics of the cards that `search` finds (nothing: of the whole collection), with the
    /// reviews of the last `days` days (0: all).
    pub fn graphs(&mut self, search: &str, days: u32) -> Result<Graphs> {
        let mut run = self.graphs_begin(search, days)?;
        loop {
            match self.graphs_step(run)? {
                GraphsStep::More(next) => run = next,
                GraphsStep::Done(graphs) => return Ok(*graphs),
            }
        }
    }

    /// Begins to gather; nothing but the search is done yet.
    pub fn graphs_begin(&mut self, search: &str, days: u32) -> Result<Box<GraphsRun>> {
        let timing = self.timing()?;
        let moment = StatsMoment {
            timing,
            offset_mins_west: self.clock.offset_mins_west(timing.now),
        };
        let mut scope = None;
        let mut of_cards = None;
        if !search.trim().is_empty() {
            let found = self.find_cards(search, None)?;
            let set = Arc::new(CardSet::new(&found));
            // Where all cards are found, only the log still has rows of others.
            if found.len() as u64 != self.storage.rows_of(Table::Cards)? {
                of_cards = Some(Arc::clone(&set));
            }
            scope = Some(set);
        }
        let first_review = ReviewTally::first_row(&moment, days);
        let stored: u8 = self.storage.config_or("rollover", 4)?;
        Ok(Box::new(GraphsRun {
            cards: Part {
                tally: CardTally::new(&moment),
                scope: of_cards,
                ids: Ids::of(self.storage.card_id_range()?, i64::MIN),
            },
            reviews: Part {
                tally: ReviewTally::new(&moment),
                scope,
                ids: Ids::of(self.storage.review_ids()?, first_review),
            },
            graphs: Graphs {
                rollover_hour: rollover_hour(stored).into(),
                fsrs: self.storage.config_or("fsrs", false)?,
                preferences: self.graph_preferences()?,
                ..Graphs::default()
            },
        }))
    }

    /// What people chose for the graphs.
    fn graph_preferences(&self) -> Result<GraphPreferences> {
        let storage = &self.storage;
        let default = GraphPreferences::default();
        Ok(GraphPreferences {
            week_start: WeekStart::from_i64(storage.config_or(WEEK_START, 0)?),
            separate_inactive: storage.config_or(SEPARATE, default.separate_inactive)?,
            backlog: storage.config_or(BACKLOG, default.backlog)?,
        })
    }

    /// Keeps it. No step to undo: nobody would look for it there.
    pub fn set_graph_preferences(&mut self, new: GraphPreferences) -> Result<OpOutput<()>> {
        self.transact(Op::SkipUndo, |tx| {
            tx.set_config(WEEK_START, &(new.week_start as i64))?;
            tx.set_config(SEPARATE, &new.separate_inactive)?;
            tx.set_config(BACKLOG, &new.backlog)
        })
    }

    /// Counts the next slice of rows.
    pub fn graphs_step(&self, mut run: Box<GraphsRun>) -> Result<GraphsStep> {
        if let Some(ids) = run.cards.ids.next_slice() {
            run.cards.add(&self.storage.cards_between(ids)?);
        } else if let Some(ids) = run.reviews.ids.next_slice() {
            run.reviews.add(&self.storage.reviews_between(ids)?);
        } else {
            let mut graphs = run.graphs;
            run.cards.tally.finish(&mut graphs);
            run.reviews.tally.finish(&mut graphs);
            return Ok(GraphsStep::Done(Box::new(graphs)));
        }
        Ok(GraphsStep::More(run))
    }
}

/// What a slice led to.
#[derive(Debug)]
pub enum GraphsStep {
    More(Box<GraphsRun>),
    Done(Box<Graphs>),
}

/// Cuts a range of ids into slices of about as many rows.
#[derive(Debug)]
pub(super) struct Ids {
    rest: Option<RangeInclusive<i64>>,
    width: i64,
}

impl Ids {
    pub(super) fn of(range: Option<(i64, i64)>, from: i64) -> Self {
        let rest = range
            .map(|(first, last)| first.max(from)..=last)
            .filter(|range| !range.is_empty());
        let width = rest.as_ref().map_or(1, |range| {
            range.end().saturating_sub(*range.start()) / FIRST_SLICES + 1
        });
        Self { rest, width }
    }

    pub(super) fn next_slice(&mut self) -> Option<RangeInclusive<i64>> {
        let rest = self.rest.take()?;
        let (first, last) = rest.into_inner();
        let end = first.saturating_add(self.width - 1).min(last);
        if end < last {
            self.rest = Some(end + 1..=last);
        }
        Some(first..=end)
    }

    /// Makes the next slice narrower or wider, by the rows of the one before.
    pub(super) fn had(&mut self, rows: usize) {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let fit = i128::from(self.width) * i128::from(SLICE_ROWS) / i128::from(rows.max(1));
        let (least, most) = (self.width / 4, self.width.saturating_mul(4));
        self.width = i64::try_from(fit)
            .unwrap_or(i64::MAX)
            .clamp(least, most)
            .max(1);
    }
}

/// Ids are looked up once for each row of the log: a table in one piece, at most half full, that
/// finds most of them with one look at memory.
#[derive(Debug, Clone)]
struct CardSet {
    /// 0 is an empty place.
    table: Vec<i64>,
    shift: u32,
    has_zero: bool,
}

impl CardSet {
    fn new(cards: &[CardId]) -> Self {
        let bits = (cards.len() * 2)
            .max(16)
            .next_power_of_two()
            .trailing_zeros();
        let mut set = Self {
            table: vec![0; 1 << bits],
            shift: 64 - bits,
            has_zero: cards.contains(&CardId(0)),
        };
        for card in cards {
            let place = set.place_of(card.0);
            set.table[place] = card.0;
        }
        set
    }

    /// Where the search for an id begins.
    fn start_of(&self, id: i64) -> usize {
        // Fibonacci hashing: ids differ in their low bits, the product in its high ones.
        let hash = id.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        usize::try_from(hash).unwrap_or_default()
    }

    /// What stands there.
    fn first_at(&self, id: i64) -> i64 {
        self.table[self.start_of(id)]
    }

    /// Where the id is, or the empty place where it would be.
    fn place_of(&self, id: i64) -> usize {
        let mut place = self.start_of(id);
        while self.table[place] != 0 && self.table[place] != id {
            place = (place + 1) & (self.table.len() - 1);
        }
        place
    }

    fn contains(&self, id: CardId) -> bool {
        if id.0 == 0 {
            return self.has_zero;
        }
        self.table[self.place_of(id.0)] == id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_its_cards_and_no_others() {
        for cards in [
            vec![],
            vec![0],
            vec![i64::MIN, -1, 1, i64::MAX],
            (1..5_000).map(|n| 1_700_000_000_000 + n * 16).collect(),
        ] {
            let ids: Vec<CardId> = cards.iter().map(|n| CardId(*n)).collect();
            let set = CardSet::new(&ids);
            assert!(ids.iter().all(|id| set.contains(*id)));
            for other in [0, 2, 5, 1_700_000_000_001, -7] {
                assert_eq!(
                    set.contains(CardId(other)),
                    cards.contains(&other),
                    "{other}"
                );
            }
        }
    }

    #[test]
    fn slices_cover_every_id_once() {
        for (range, from) in [
            (Some((5, 5)), i64::MIN),
            (Some((0, 1_000_000)), 17),
            (Some((i64::MIN, i64::MAX)), i64::MIN),
            (Some((0, 5)), 6),
            (None, 0),
        ] {
            let mut ids = Ids::of(range, from);
            let mut next = range.map(|(first, _)| first.max(from));
            let mut slices = 0;
            while let Some(slice) = ids.next_slice() {
                assert_eq!(Some(*slice.start()), next, "{range:?}");
                assert!(!slice.is_empty());
                next = slice.end().checked_add(1);
                // Full ones now and then; most ids belong to no row.
                slices += 1;
                ids.had(if slices % 3 == 0 { 200_000 } else { 10 });
            }
            if let Some((_, last)) = range.filter(|(_, last)| *last >= from) {
                assert_eq!(next, last.checked_add(1));
            }
        }
    }
}
