//! New due days for cards whose memory was computed anew ("Reschedule cards on change"): the
//! interval that the model wants counted from the last answer, fuzzed as that answer was, or moved
//! to a day with less work, however long it is. See `balance` for the balancer of answers.

use crate::base::ids::DeckConfigId;
use crate::base::time::TimestampSecs;
use crate::scheduler::balance::{Candidate, Week, choose, first_weekday};
use crate::scheduler::fuzz;
use std::collections::HashMap;

/// A card that gets a new interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescheduled {
    /// What the model wants, in days.
    pub interval: f32,
    /// Days before the last answer, if that answer was not Again; else 0.
    pub previous_days: u32,
    /// Scheduler days since the last answer.
    pub days_since: u32,
    /// The seed of the last answer's fuzz.
    pub seed: u64,
    /// The preset's longest interval in days, at least 1.
    pub max_days: u32,
}

impl Rescheduled {
    /// Days from the last answer until the card is due. `load` is None while the balancer is off.
    #[must_use]
    pub fn new_days(&self, load: Option<(&DueLoad, DeckConfigId)>) -> u32 {
        let max = self.max_days.max(1);
        let min = self.at_least(max).clamp(1, max);
        load.and_then(|(load, preset)| load.find_days(preset, self, min, max))
            .unwrap_or_else(|| fuzz::apply(self.interval, Some(fuzz::factor(self.seed)), min, max))
    }

    /// A model that wants a longer interval than the last must get one.
    fn at_least(&self, max: u32) -> u32 {
        if self.interval.round() as u32 > self.previous_days {
            self.previous_days + 1
        } else if self.previous_days <= fuzz::bounds(self.interval, 1, max).1 {
            self.previous_days
        } else {
            0
        }
    }
}

/// Cards due on each day, by preset.
#[derive(Debug, Clone, Default)]
pub struct DueLoad {
    today: u32,
    /// Weekday of tomorrow, Monday 0.
    first_weekday: i64,
    presets: HashMap<DeckConfigId, PresetDues>,
}

#[derive(Debug, Clone, Default)]
struct PresetDues {
    /// By days from today; what is overdue counts today.
    days: HashMap<u32, u32>,
    week: Week,
}

impl DueLoad {
    /// `today` is the day number; `offset_west` minutes west of UTC.
    #[must_use]
    pub fn new(today: u32, next_day_at: TimestampSecs, offset_west: i32) -> Self {
        Self {
            today,
            first_weekday: first_weekday(next_day_at, offset_west),
            presets: HashMap::new(),
        }
    }

    /// Counts `cards` more of a preset that are due on day number `due`. `easy_days` matters at
    /// the first call for a preset.
    pub fn add(&mut self, preset: DeckConfigId, easy_days: &[f32], due: i64, cards: u32) {
        let day = self.days_from_today(due);
        let dues = self.presets.entry(preset).or_insert_with(|| PresetDues {
            days: HashMap::new(),
            week: Week::of(easy_days),
        });
        *dues.days.entry(day).or_default() += cards;
    }

    /// A card of the preset moves from one day number to another.
    pub fn move_card(&mut self, preset: DeckConfigId, from: i64, to: i64) {
        let (from, to) = (self.days_from_today(from), self.days_from_today(to));
        let Some(dues) = self.presets.get_mut(&preset) else {
            return;
        };
        if let Some(count) = dues.days.get_mut(&from) {
            *count = count.saturating_sub(1);
        }
        *dues.days.entry(to).or_default() += 1;
    }

    fn days_from_today(&self, due: i64) -> u32 {
        u32::try_from(due - i64::from(self.today)).unwrap_or(0)
    }

    fn find_days(
        &self,
        preset: DeckConfigId,
        card: &Rescheduled,
        min: u32,
        max: u32,
    ) -> Option<u32> {
        let dues = self.presets.get(&preset)?;
        let (lower, upper) = fuzz::bounds(card.interval, min, max);
        // Days that are gone cannot be chosen.
        let lower = lower.max(card.days_since);
        let candidates: Vec<Candidate> = (lower..=upper)
            .map(|days| {
                let from_today = days - card.days_since;
                Candidate {
                    days,
                    cards: dues.days.get(&from_today).copied().unwrap_or(0),
                    kind: dues
                        .week
                        .day(self.first_weekday + i64::from(from_today) - 1),
                    sibling_factor: 1.0,
                }
            })
            .collect();
        choose(&candidates, card.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESET: DeckConfigId = DeckConfigId(1);

    fn card(interval: f32, previous_days: u32, days_since: u32) -> Rescheduled {
        Rescheduled {
            interval,
            previous_days,
            days_since,
            seed: 7,
            max_days: 36_500,
        }
    }

    #[test]
    fn a_longer_interval_than_the_last_is_kept_longer() {
        assert!(card(10.4, 9, 3).new_days(None) >= 10);
        assert!(card(10.4, 12, 3).new_days(None) >= 12);
        // So far above that the model's word counts.
        assert!(card(10.4, 40, 3).new_days(None) <= 12);
        assert_eq!(card(0.2, 0, 0).new_days(None), 1);
    }

    #[test]
    fn full_days_are_avoided_and_past_ones_left_out() {
        let mut load = DueLoad::new(100, TimestampSecs(86_400), 0);
        for due in [100, 101, 103] {
            load.add(PRESET, &[1.0; 7], due, 500);
        }
        // 8 to 12 days from the last answer, 9 days ago: days 100 to 103, of which 102 is free.
        for seed in 0..50 {
            let card = Rescheduled {
                seed,
                ..card(10.0, 0, 9)
            };
            assert_eq!(card.new_days(Some((&load, PRESET))), 11);
        }
    }

    #[test]
    fn overdue_and_unknown_cards_are_fuzzed_plainly() {
        let mut load = DueLoad::new(100, TimestampSecs(86_400), 0);
        load.add(PRESET, &[1.0; 7], 100, 1);
        for (card, preset) in [
            (card(10.0, 0, 50), PRESET),
            (card(10.0, 0, 9), DeckConfigId(2)),
        ] {
            assert_eq!(card.new_days(Some((&load, preset))), card.new_days(None));
        }
    }
}
