//! The load balancer: within the range that fuzz allows, days with fewer cards are likelier, days
//! beside a sibling and the user's easy days are not. On by default in the format we share, so
//! intervals agree with other programs only if it is done in exactly their way.

use crate::base::ids::DeckConfigId;
use crate::base::time::{DAY_SECS, TimestampSecs};
use crate::scheduler::fuzz;
use rand::SeedableRng as _;
use rand::distr::{Distribution as _, weighted::WeightedIndex};
use rand::rngs::StdRng;
use std::cell::Cell;
use std::collections::HashMap;

/// Intervals longer than this are not balanced.
const MAX_DAYS: u32 = 90;
/// Days that are counted, today first.
pub const DAYS: usize = 99;
const SIBLING_FACTORS: [f32; 6] = [0.000_001, 0.2, 0.4, 0.6, 0.8, 1.0];
const MINIMUM: f32 = 0.0001;

/// What a weekday is like, by the preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayKind {
    Normal,
    Reduced,
    Minimum,
}

impl DayKind {
    fn of(percentage: f32) -> Self {
        if percentage == 1.0 {
            Self::Normal
        } else if percentage == 0.0 {
            Self::Minimum
        } else {
            Self::Reduced
        }
    }

    fn load(self) -> f32 {
        match self {
            Self::Normal => 1.0,
            Self::Reduced => 0.5,
            Self::Minimum => MINIMUM,
        }
    }
}

/// A preset's easy days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Week([DayKind; 7]);

impl Default for Week {
    fn default() -> Self {
        Self([DayKind::Normal; 7])
    }
}

impl Week {
    /// Monday first; missing days are normal.
    pub(super) fn of(percentages: &[f32]) -> Self {
        let mut week = Self::default();
        for (day, percentage) in week.0.iter_mut().zip(percentages) {
            *day = DayKind::of(*percentage);
        }
        week
    }

    /// `weekday` counts from a Monday.
    pub(super) fn day(&self, weekday: i64) -> DayKind {
        self.0[usize::try_from(weekday.rem_euclid(7)).unwrap_or(0)]
    }
}

/// Weekday of the day that starts at `next_day_at`, Monday 0; `offset_west` in minutes.
pub(super) fn first_weekday(next_day_at: TimestampSecs, offset_west: i32) -> i64 {
    let local_day = (next_day_at.0 - i64::from(offset_west) * 60).div_euclid(DAY_SECS);
    // 1970-01-01 was a Thursday.
    (local_day + 3).rem_euclid(7)
}

/// A day that a card may be put on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The interval that it means.
    pub(super) days: u32,
    /// Due on it already.
    pub(super) cards: u32,
    pub(super) kind: DayKind,
    pub(super) sibling_factor: f32,
}

/// Draws one of the candidates, the likelier the less is due on it; None when there is none.
pub(super) fn choose(candidates: &[Candidate], seed: u64) -> Option<u32> {
    let total: u32 = candidates.iter().map(|day| day.cards).sum();
    let total_load: f32 = candidates.iter().map(|day| day.kind.load()).sum();
    let easy_factor = |day: &Candidate| match day.kind {
        DayKind::Normal => 1.0,
        DayKind::Minimum => MINIMUM,
        DayKind::Reduced => {
            let others = (total - day.cards) as f32 / (total_load - 0.5);
            if day.cards as f32 / 0.5 > others {
                MINIMUM
            } else {
                1.0
            }
        }
    };
    let weights = candidates.iter().map(|day| match day.cards {
        0 => 1.0,
        cards => {
            let by_count = (1.0 / cards as f32).powf(2.15);
            let by_length = (1.0 / day.days as f32).powi(3);
            by_count * by_length * day.sibling_factor * easy_factor(day)
        }
    });
    let index = WeightedIndex::new(weights.collect::<Vec<f32>>()).ok()?;
    let mut rng = StdRng::seed_from_u64(seed);
    Some(candidates[index.sample(&mut rng)].days)
}

/// Cards per day and preset. Days are counted when they are asked for: what is missing makes the
/// result of [`BalanceContext::find_interval`] void, and [`Balancer::take_asked`] says what it was.
#[derive(Debug, Clone, Default)]
pub struct Balancer {
    /// None: a preset without any card in these days, which is not balanced.
    presets: HashMap<DeckConfigId, Option<PresetLoad>>,
    /// Weekday of tomorrow, Monday 0.
    first_weekday: i64,
    asked: Cell<Option<AskedDays>>,
}

/// Days (from today) of a preset that have to be counted, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedDays {
    pub preset: DeckConfigId,
    pub first: usize,
    pub last: usize,
}

impl AskedDays {
    /// All that are ever counted.
    #[must_use]
    pub fn all_of(preset: DeckConfigId) -> Self {
        Self {
            preset,
            first: 0,
            last: DAYS - 1,
        }
    }
}

#[derive(Debug, Clone)]
struct PresetLoad {
    days: [u32; DAYS],
    /// First and last day that `days` is right for.
    counted: (usize, usize),
    week: Week,
}

impl Balancer {
    /// `offset_west`: minutes west of UTC.
    #[must_use]
    pub fn new(next_day_at: TimestampSecs, offset_west: i32) -> Self {
        Self {
            presets: HashMap::new(),
            first_weekday: first_weekday(next_day_at, offset_west),
            asked: Cell::new(None),
        }
    }

    /// What was asked for in vain since the last call.
    pub fn take_asked(&self) -> Option<AskedDays> {
        self.asked.take()
    }

    /// The days to count for an answer to `asked`: a preset has one range of counted days.
    #[must_use]
    pub fn days_to_count(&self, asked: AskedDays) -> AskedDays {
        let counted = self.presets.get(&asked.preset).and_then(Option::as_ref);
        let (first, last) = counted.map_or((asked.first, asked.last), |load| load.counted);
        AskedDays {
            preset: asked.preset,
            first: asked.first.min(first),
            last: asked.last.max(last),
        }
    }

    /// A preset that has no card in any of the days.
    pub fn skip_preset(&mut self, preset: DeckConfigId) {
        self.presets.insert(preset, None);
    }

    /// The cards of a preset in the days that were counted.
    pub fn set_counts(&mut self, counted: AskedDays, easy_days: &[f32], days: [u32; DAYS]) {
        let load = PresetLoad {
            days,
            counted: (counted.first, counted.last),
            week: Week::of(easy_days),
        };
        self.presets.insert(counted.preset, Some(load));
    }

    fn day(&mut self, preset: DeckConfigId, day: usize) -> Option<&mut u32> {
        self.presets.get_mut(&preset)?.as_mut()?.days.get_mut(day)
    }

    /// Counts `cards` more, `days` from today.
    pub fn add(&mut self, preset: DeckConfigId, days: usize, cards: u32) {
        if let Some(count) = self.day(preset, days) {
            *count += cards;
        }
    }

    /// Counts one card less.
    pub fn remove(&mut self, preset: DeckConfigId, days: usize) {
        if let Some(count) = self.day(preset, days) {
            *count = count.saturating_sub(1);
        }
    }
}

/// The balancer as one card sees it.
pub struct BalanceContext<'a> {
    pub balancer: &'a Balancer,
    pub preset: DeckConfigId,
    /// The card's fuzz seed.
    pub seed: u64,
    /// Days from today that hold a card of the same note; empty unless the preset buries reviews.
    pub sibling_days: Vec<usize>,
}

impl BalanceContext<'_> {
    /// A day in the fuzz range of `interval`; None leaves the choice to plain fuzz. Also None when
    /// days are not counted yet: then the balancer was asked for them.
    #[must_use]
    pub fn find_interval(&self, interval: f32, min: u32, max: u32) -> Option<u32> {
        if interval as u32 > MAX_DAYS || min > MAX_DAYS {
            return None;
        }
        let (lower, upper) = fuzz::bounds(interval, min, max);
        let days = lower as usize..=upper as usize;
        if days.is_empty() || *days.end() >= DAYS {
            return None;
        }
        let load = match self.balancer.presets.get(&self.preset) {
            Some(None) => return None,
            Some(Some(load))
                if load.counted.0 <= *days.start() && load.counted.1 >= *days.end() =>
            {
                load
            }
            _ => {
                self.ask(*days.start(), *days.end());
                return None;
            }
        };
        let counts = load.days.get(days)?;
        let candidates: Vec<Candidate> = counts
            .iter()
            .zip(lower..)
            .map(|(&cards, days)| Candidate {
                days,
                cards,
                kind: load
                    .week
                    .day(self.balancer.first_weekday + i64::from(days) - 1),
                sibling_factor: self.sibling_factor(days as usize),
            })
            .collect();
        choose(&candidates, self.seed)
    }

    fn ask(&self, first: usize, last: usize) {
        let before = self.balancer.asked.get();
        let before = before.map_or((first, last), |asked| (asked.first, asked.last));
        self.balancer.asked.set(Some(AskedDays {
            preset: self.preset,
            first: first.min(before.0),
            last: last.max(before.1),
        }));
    }

    fn sibling_factor(&self, day: usize) -> f32 {
        self.sibling_days
            .iter()
            .filter_map(|sibling| SIBLING_FACTORS.get(sibling.abs_diff(day)))
            .product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESET: DeckConfigId = DeckConfigId(1);

    fn choose(balancer: &Balancer, seed: u64, sibling_days: Vec<usize>) -> u32 {
        BalanceContext {
            balancer,
            preset: PRESET,
            seed,
            sibling_days,
        }
        .find_interval(10.0, 1, 36_500)
        .unwrap()
    }

    #[test]
    fn full_days_are_avoided() {
        let mut balancer = Balancer::new(TimestampSecs(86_400), 0);
        balancer.set_counts(AskedDays::all_of(PRESET), &[1.0; 7], [0; DAYS]);
        for day in [8, 9, 10, 12] {
            balancer.add(PRESET, day, 50);
        }
        let days: Vec<u32> = (0..50)
            .map(|seed| choose(&balancer, seed, vec![]))
            .collect();
        assert!(days.iter().all(|day| *day == 11), "{days:?}");
    }

    #[test]
    fn siblings_are_kept_apart() {
        let mut balancer = Balancer::new(TimestampSecs(86_400), 0);
        balancer.set_counts(AskedDays::all_of(PRESET), &[1.0; 7], [0; DAYS]);
        for day in 8..=12 {
            balancer.add(PRESET, day, 1);
        }
        let near = (0..200)
            .filter(|s| choose(&balancer, *s, vec![8]) == 8)
            .count();
        assert_eq!(near, 0);
    }

    #[test]
    fn long_intervals_and_unknown_presets_are_left_alone() {
        let balancer = Balancer::new(TimestampSecs(86_400), 0);
        let ctx = BalanceContext {
            balancer: &balancer,
            preset: PRESET,
            seed: 1,
            sibling_days: vec![],
        };
        assert_eq!(ctx.find_interval(10.0, 1, 36_500), None);
        assert_eq!(ctx.find_interval(91.0, 1, 36_500), None);
    }
}
