//! Which rows of the review log make up a card's memory: for cards that were studied before FSRS
//! was turned on, or whose log begins in the middle.

use crate::base::error::Result;
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::card::{Card, CardType, FsrsMemory};
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::scheduler::fsrs::{Model, PastReview};

/// What besides the log decides.
#[derive(Debug, Clone, Copy)]
pub struct MemoryOptions {
    /// Retention of the time before FSRS, 0 to 1.
    pub historical_retention: f32,
    /// Rows up to here are not looked at.
    pub ignore_before: TimestampMillis,
    pub next_day_at: TimestampSecs,
}

/// Where the usable part of a log begins.
enum Start {
    /// With the card's first answers.
    Complete(usize),
    /// With the ease and interval of this row.
    Incomplete(usize),
}

/// Memory of a card that has none stored, for showing and answering it.
///
/// `log` is all rows of the card in order of time.
pub fn memory_for_study(
    model: &Model,
    card: &Card,
    log: &[RevlogEntry],
    options: &MemoryOptions,
) -> Result<Option<FsrsMemory>> {
    if card.ctype == CardType::New {
        return Ok(None);
    }
    if let Some(memory) = memory_from_log(model, log, options)? {
        return Ok(Some(memory));
    }
    if card.interval == 0 {
        return Ok(None);
    }
    // An ease of 0 is taken at its word, as in Anki: the hardest there is.
    model
        .from_sm2(
            card.ease(),
            card.interval as f32,
            options.historical_retention,
        )
        .map(Some)
}

/// Memory from the log alone; None when no row can be used.
pub fn memory_from_log(
    model: &Model,
    log: &[RevlogEntry],
    options: &MemoryOptions,
) -> Result<Option<FsrsMemory>> {
    let rows: Vec<&RevlogEntry> = log.iter().filter(|row| !is_cramming(row)).collect();
    match find_start(&rows, options.ignore_before) {
        None => Ok(None),
        Some(Start::Complete(first)) => {
            let reviews = past_reviews(&rows[first..], options.next_day_at, None);
            if reviews.is_empty() {
                return Ok(None);
            }
            model.replay(None, &reviews).map(Some)
        }
        Some(Start::Incomplete(first)) => {
            let row = rows[first];
            let start = memory_at(model, row, options)?;
            let reviews = past_reviews(&rows[first + 1..], options.next_day_at, Some(row));
            model.replay(Some(start), &reviews).map(Some)
        }
    }
}

/// How many answers [`memory_from_log`] replays; None where the log says nothing of the memory.
#[must_use]
pub fn replayed_answers(log: &[RevlogEntry], ignore_before: TimestampMillis) -> Option<usize> {
    let rows: Vec<&RevlogEntry> = log.iter().filter(|row| !is_cramming(row)).collect();
    let rows = match find_start(&rows, ignore_before)? {
        Start::Complete(first) => &rows[first..],
        Start::Incomplete(first) => &rows[first + 1..],
    };
    Some(rows.iter().filter(|row| is_rated(row)).count())
}

/// Memory after each row of the log, where it is known. Rows that do not count have that of the
/// next answer, or of the last one, as in Anki.
pub fn history_from_log(
    model: &Model,
    log: &[RevlogEntry],
    options: &MemoryOptions,
) -> Result<Vec<Option<FsrsMemory>>> {
    let usable: Vec<usize> = (0..log.len()).filter(|&i| !is_cramming(&log[i])).collect();
    let rows: Vec<&RevlogEntry> = usable.iter().map(|&i| &log[i]).collect();
    let mut after = vec![None; log.len()];
    let (first, states) = match find_start(&rows, options.ignore_before) {
        None => return Ok(after),
        Some(Start::Complete(first)) => {
            let reviews = past_reviews(&rows[first..], options.next_day_at, None);
            (first, model.history(None, &reviews)?)
        }
        Some(Start::Incomplete(first)) => {
            let row = rows[first];
            let start = memory_at(model, row, options)?;
            let reviews = past_reviews(&rows[first + 1..], options.next_day_at, Some(row));
            (first, model.history(Some(start), &reviews)?)
        }
    };
    let mut at = 0;
    for (row, after) in log.iter().zip(&mut after).skip(usable[first]) {
        *after = states.get(at).or(states.last()).copied();
        at += usize::from(is_rated(row) && !is_cramming(row));
    }
    Ok(after)
}

/// Memory that the ease and interval of a row correspond to.
fn memory_at(model: &Model, row: &RevlogEntry, options: &MemoryOptions) -> Result<FsrsMemory> {
    let mut memory = model.from_sm2(
        if row.ease_factor == 0 {
            2.5
        } else {
            row.ease_factor as f32 / 1000.0
        },
        row.interval.max(1) as f32,
        options.historical_retention,
    )?;
    // A factor this low is a difficulty, not an ease.
    if (1..=1100).contains(&row.ease_factor) {
        memory.difficulty = (row.ease_factor as f32 / 1000.0 - 0.1) * 9.0 + 1.0;
    }
    Ok(memory)
}

/// The answers of a card that training learns from, with their times: those of a history that is
/// known from its beginning. `log` is all rows of the card in order of time.
#[must_use]
pub fn training_reviews(
    log: &[RevlogEntry],
    ignore_before: TimestampMillis,
    next_day_at: TimestampSecs,
) -> Vec<(TimestampMillis, PastReview)> {
    let rows: Vec<&RevlogEntry> = log.iter().filter(|row| !is_cramming(row)).collect();
    let Some(Start::Complete(first)) = find_start(&rows, ignore_before) else {
        return vec![];
    };
    let rows = &rows[first..];
    let times = rows.iter().filter(|row| is_rated(row));
    times
        .map(|row| TimestampMillis(row.id.0))
        .zip(past_reviews(rows, next_day_at, None))
        .collect()
}

/// The newest graded answer that moved the card's schedule.
#[must_use]
pub fn last_answer(log: &[RevlogEntry]) -> Option<&RevlogEntry> {
    log.iter()
        .rev()
        .find(|row| is_rated(row) && !is_cramming(row))
}

/// The time of [`last_answer`].
#[must_use]
pub fn last_review(log: &[RevlogEntry]) -> Option<TimestampSecs> {
    last_answer(log).map(|row| TimestampMillis(row.id.0).secs())
}

/// Answers that moved a schedule, with one of the four buttons.
#[must_use]
pub fn is_counted(row: &RevlogEntry) -> bool {
    (1..=4).contains(&row.button) && !is_cramming(row)
}

fn is_rated(row: &RevlogEntry) -> bool {
    row.button > 0
}

fn is_cramming(row: &RevlogEntry) -> bool {
    row.kind == RevlogKind::Filtered && row.ease_factor == 0
}

fn find_start(rows: &[&RevlogEntry], ignore_before: TimestampMillis) -> Option<Start> {
    let mut learning = None;
    let mut graded = None;
    for (index, row) in rows.iter().enumerate().rev() {
        let days = row.interval >= 1 || row.interval <= -86_400;
        if is_rated(row) && days && row.id.0 > ignore_before.0 {
            graded = Some(index);
        }
        if is_rated(row) && row.kind == RevlogKind::Learning {
            learning = Some(index);
        } else if learning.is_some() || row.is_reset() {
            break;
        }
    }
    if let Some(first) = learning {
        let ignored = rows[first].id.0 < ignore_before.0 && first + 1 < rows.len();
        if !ignored {
            return Some(Start::Complete(first));
        }
    }
    graded.map(Start::Incomplete)
}

fn past_reviews(
    rows: &[&RevlogEntry],
    next_day_at: TimestampSecs,
    before: Option<&RevlogEntry>,
) -> Vec<PastReview> {
    let day = |row: &RevlogEntry| {
        next_day_at
            .since(TimestampMillis(row.id.0).secs())
            .div_euclid(86_400)
    };
    let mut previous = before.map(day);
    rows.iter()
        .filter(|row| is_rated(row))
        .map(|row| {
            let today = day(row);
            let delta = previous.map_or(0, |earlier| earlier - today);
            previous = Some(today);
            PastReview {
                rating: u32::from(row.button),
                delta_days: u32::try_from(delta).unwrap_or(0),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::RevlogId;

    const DAY: i64 = 86_400_000;

    fn row(day: i64, button: u8, interval: i32, factor: u32, kind: RevlogKind) -> RevlogEntry {
        RevlogEntry {
            id: RevlogId(day * DAY + 1),
            button,
            interval,
            ease_factor: factor,
            kind,
            ..Default::default()
        }
    }

    fn memory(log: &[RevlogEntry]) -> Option<FsrsMemory> {
        let options = MemoryOptions {
            historical_retention: 0.9,
            ignore_before: TimestampMillis(0),
            next_day_at: TimestampSecs(100 * 86_400),
        };
        memory_from_log(&Model::new(&[]).unwrap(), log, &options).unwrap()
    }

    #[test]
    fn a_complete_history_is_replayed() {
        let log = [
            row(1, 3, -600, 0, RevlogKind::Learning),
            row(1, 3, 1, 2500, RevlogKind::Learning),
            row(2, 3, 3, 2500, RevlogKind::Review),
        ];
        let model = Model::new(&[]).unwrap();
        let review = |rating, delta_days| PastReview { rating, delta_days };
        let expected = model
            .replay(None, &[review(3, 0), review(3, 0), review(3, 1)])
            .unwrap();
        assert_eq!(memory(&log), Some(expected));
    }

    #[test]
    fn a_reset_hides_what_was_before() {
        let log = [
            row(1, 3, 10, 2500, RevlogKind::Review),
            row(2, 0, 0, 0, RevlogKind::Manual),
        ];
        assert_eq!(memory(&log), None);
    }

    #[test]
    fn a_history_without_its_beginning_starts_from_ease_and_interval() {
        let log = [row(1, 3, 50, 2300, RevlogKind::Review)];
        let memory = memory(&log).unwrap();
        assert!((memory.stability - 50.0).abs() < 1e-3);
    }

    /// The numbers are those of Anki 26.9.3.
    #[test]
    fn without_a_log_ease_and_interval_tell_the_memory() {
        let options = MemoryOptions {
            historical_retention: 0.9,
            ignore_before: TimestampMillis(0),
            next_day_at: TimestampSecs(100 * 86_400),
        };
        let model = Model::new(&[]).unwrap();
        for (ease_factor, difficulty) in [(0, 9.985), (1300, 9.985), (2500, 6.902)] {
            let card = Card {
                ctype: CardType::Review,
                interval: 10,
                ease_factor,
                ..Card::default()
            };
            let memory = memory_for_study(&model, &card, &[], &options).unwrap();
            let next = model.next_states(memory, 0.9, 11).unwrap().good.memory;
            let rounded = (next.difficulty * 1000.0).round() / 1000.0;
            assert!(
                (rounded - difficulty).abs() < 0.0005,
                "{ease_factor}: {rounded}"
            );
        }
    }

    #[test]
    fn cramming_is_not_a_review() {
        assert_eq!(memory(&[row(1, 3, 5, 0, RevlogKind::Filtered)]), None);
    }
}
