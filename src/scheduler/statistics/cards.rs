//! Counts of the cards as they are now: due, added, counts, intervals, eases, memory.

use super::days::DayTable;
use super::{DAY_SECS, StatsMoment};
use crate::base::ids::NoteId;
use crate::domain::card::{CardQueue, CardType, FIRST_MOMENT, LAST_DAY, OLD_DECAY};
use crate::domain::stats::{
    CardCountsOf, CardRow, Distribution, FutureDue, Graphs, Histogram, MATURE_DAYS, Retrievability,
};
use crate::scheduler::fsrs::retrievability;
use crate::scheduler::timing::SchedTiming;

/// Running counts; see the module header.
#[derive(Debug, Clone)]
pub struct CardTally {
    moment: StatsMoment,
    including: CardCountsOf,
    excluding: CardCountsOf,
    due: DayTable<u32>,
    have_backlog: bool,
    load: f64,
    added: DayTable<u32>,
    intervals: Histogram,
    stability: Histogram,
    difficulties: Vec<f32>,
    eases: Vec<f32>,
    /// Of each card: its note, and the chance of recall if it has a memory.
    recalls: Vec<(NoteId, Option<f32>)>,
}

impl CardTally {
    #[must_use]
    pub fn new(moment: &StatsMoment) -> Self {
        Self {
            moment: *moment,
            including: CardCountsOf::default(),
            excluding: CardCountsOf::default(),
            due: DayTable::default(),
            have_backlog: false,
            load: 0.0,
            added: DayTable::default(),
            intervals: Histogram::new(),
            stability: Histogram::new(),
            difficulties: vec![],
            eases: vec![],
            recalls: vec![],
        }
    }

    pub fn add(&mut self, card: &CardRow) {
        self.count(card);
        self.add_due(card);
        let next_day = self.moment.timing.next_day_at.0;
        let behind = next_day - card.id.0 / 1000;
        *self.added.at(-behind.div_euclid(DAY_SECS)) += 1;
        let reviewed = matches!(card.ctype, CardType::Review | CardType::Relearn);
        if reviewed {
            let days = i32::try_from(card.interval).unwrap_or(i32::MAX);
            *self.intervals.entry(days).or_default() += 1;
        }
        let mut recall = None;
        if let Some(memory) = card.memory {
            *self
                .stability
                .entry(memory.stability.round() as i32)
                .or_default() += 1;
            self.difficulties
                .push((memory.difficulty - 1.0) / 9.0 * 100.0);
            let decay = card.decay.unwrap_or(OLD_DECAY);
            recall = Some(retrievability(memory, self.elapsed_days(card), decay));
        } else if reviewed {
            self.eases.push(card.ease_factor as f32 / 10.0);
        }
        self.recalls.push((card.note, recall));
    }

    fn count(&mut self, card: &CardRow) {
        let stage = |counts: &mut CardCountsOf| {
            *match card.ctype {
                CardType::New => &mut counts.new,
                CardType::Learn => &mut counts.learn,
                CardType::Relearn => &mut counts.relearn,
                CardType::Review if card.interval < MATURE_DAYS => &mut counts.young,
                CardType::Review => &mut counts.mature,
            } += 1;
        };
        stage(&mut self.including);
        match card.queue {
            CardQueue::Suspended => self.excluding.suspended += 1,
            CardQueue::SchedBuried | CardQueue::UserBuried => self.excluding.buried += 1,
            _ => stage(&mut self.excluding),
        }
    }

    fn add_due(&mut self, card: &CardRow) {
        if card.ctype == CardType::New || card.queue == CardQueue::Suspended {
            return;
        }
        self.load += 1.0 / f64::from(card.interval.max(1));
        if let Some(day) = due_day(card, &self.moment.timing) {
            *self.due.at(day) += 1;
            self.have_backlog |= day < 0;
        }
    }

    /// Days since the last review; as in Anki, a time that lies ahead counts as very long ago.
    fn elapsed_days(&self, card: &CardRow) -> f32 {
        let timing = &self.moment.timing;
        let days = |secs: i64| secs as u32 as f32 / DAY_SECS as f32;
        let since = |at: i64| days(timing.now.0.wrapping_sub(at));
        let interval = i64::from(card.interval);
        if let Some(at) = card.last_review {
            return since(at);
        }
        let due_in_days = match card.queue {
            CardQueue::Review | CardQueue::DayLearn => true,
            _ if card.ctype == CardType::New => false,
            CardQueue::Learn if card.due <= LAST_DAY => {
                // Learning in a filtered deck, due on a day of its home deck.
                return since(card.due - interval * DAY_SECS);
            }
            CardQueue::Learn => false,
            CardQueue::New | CardQueue::PreviewRepeat => card.due <= LAST_DAY,
            _ => card.ctype == CardType::Review || card.due <= LAST_DAY,
        };
        if due_in_days {
            let reviewed = card.due - interval;
            days((i64::from(timing.days_elapsed) - reviewed).max(0) * DAY_SECS)
        } else {
            since(card.due)
        }
    }

    /// Puts what was counted into `graphs`.
    pub fn finish(self, graphs: &mut Graphs) {
        graphs.card_counts.including_inactive = self.including;
        graphs.card_counts.excluding_inactive = self.excluding;
        graphs.future_due = FutureDue {
            future_due: self.due.into_map(|n| n),
            have_backlog: self.have_backlog,
            daily_load: self.load as u32,
        };
        graphs.added = self.added.into_map(|n| n);
        graphs.intervals = self.intervals;
        graphs.stability = self.stability;
        graphs.difficulty = distribution(self.difficulties, 99);
        graphs.eases = distribution(self.eases, i32::MAX);
        graphs.cards = u32::try_from(self.recalls.len()).unwrap_or(u32::MAX);
        (graphs.retrievability, graphs.notes) = recall(self.recalls);
    }
}

/// On which day from today the card is due, for those that Future Due counts.
#[must_use]
pub fn due_day(card: &CardRow, timing: &SchedTiming) -> Option<i64> {
    if card.ctype == CardType::New || card.queue == CardQueue::Suspended {
        return None;
    }
    let day = if card.due > FIRST_MOMENT {
        (card.due - timing.next_day_at.0) / DAY_SECS
    } else {
        // Overflows as in Anki, where an add-on left a nonsensical day.
        let elapsed = timing.days_elapsed.cast_signed();
        i64::from((card.due as i32).wrapping_sub(elapsed))
    };
    // Cards that were due when they were buried come back by themselves.
    let buried = matches!(card.queue, CardQueue::SchedBuried | CardQueue::UserBuried);
    (!buried || day > 0).then_some(day)
}

fn distribution(mut values: Vec<f32>, most: i32) -> Distribution {
    let mut cards = Histogram::new();
    for value in &values {
        *cards.entry((*value as i32).min(most)).or_default() += 1;
    }
    values.sort_unstable_by(f32::total_cmp);
    let middle = values.len() / 2;
    let average = match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => values[middle - 1].midpoint(values[middle]),
    };
    Distribution { cards, average }
}

/// And the number of notes.
fn recall(mut recalls: Vec<(NoteId, Option<f32>)>) -> (Retrievability, u32) {
    let mut of = Retrievability::default();
    let (mut known, mut notes) = (0_u32, 0_u32);
    let (mut by_card, mut by_note) = (0.0_f64, 0.0_f64);
    recalls.sort_unstable_by_key(|(note, _)| *note);
    for cards in recalls.chunk_by(|a, b| a.0 == b.0) {
        notes += 1;
        let mut sum = 0.0;
        for chance in cards.iter().filter_map(|(_, chance)| *chance) {
            known += 1;
            sum += f64::from(chance);
            let percent = ((chance * 100.0) as i32).min(99);
            *of.cards.entry(percent).or_default() += 1;
        }
        by_card += sum;
        by_note += sum / cards.len() as f64;
    }
    if known > 0 {
        of.average = (by_card / f64::from(known) * 100.0) as f32;
    }
    of.sum_by_card = by_card as f32;
    of.sum_by_note = by_note as f32;
    (of, notes)
}
