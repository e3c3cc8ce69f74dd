//! Fuzz: which day of a small range an interval falls on, the same in every engine for the same
//! card and number of repetitions. See `balance` for the choice by workload.

use crate::base::ids::CardId;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// (from day, to day, share of the days in between that is added to the fuzz).
const RANGES: [(f32, f32, f32); 3] = [(2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, f32::MAX, 0.05)];

/// The seed of a card's next answer; `reps` before the answer.
#[must_use]
pub fn seed(card: CardId, reps: u32) -> u64 {
    card.0.cast_unsigned().wrapping_add(u64::from(reps))
}

/// In [0, 1).
#[must_use]
pub fn factor(seed: u64) -> f32 {
    StdRng::seed_from_u64(seed).random_range(0.0..1.0)
}

/// A learning delay with up to a quarter (at most five minutes) added; seconds.
#[must_use]
pub fn learning_secs(secs: u32, seed: Option<u64>) -> u32 {
    let Some(seed) = seed else { return secs };
    let extra = ((secs as f32 * 0.25).min(300.0)).floor() as u32;
    if extra == 0 {
        return secs;
    }
    let end = secs.saturating_add(extra);
    if end <= secs {
        return secs;
    }
    StdRng::seed_from_u64(seed).random_range(secs..end)
}

/// Lowest and highest day that fuzz may choose for `interval`, both within `min..=max`.
#[must_use]
pub fn bounds(interval: f32, min: u32, max: u32) -> (u32, u32) {
    let min = min.min(max);
    let interval = interval.clamp(min as f32, max as f32);
    let delta = delta(interval);
    let lower = ((interval - delta).round() as u32).clamp(min, max);
    let mut upper = ((interval + delta).round() as u32).clamp(min, max);
    if upper == lower && upper > 2 && upper < max {
        upper = lower + 1;
    }
    (lower, upper)
}

/// `interval` moved within its bounds by `factor`; without one, rounded.
#[must_use]
pub fn apply(interval: f32, factor: Option<f32>, min: u32, max: u32) -> u32 {
    match factor {
        Some(factor) => {
            let (lower, upper) = bounds(interval, min, max);
            (lower as f32 + factor * ((1 + upper - lower) as f32)).floor() as u32
        }
        None => (interval.round() as u32).clamp(min.min(max), max),
    }
}

fn delta(interval: f32) -> f32 {
    if interval < 2.5 {
        return 0.0;
    }
    RANGES.iter().fold(1.0, |delta, (start, end, share)| {
        delta + share * (interval.min(*end) - start).max(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_equal_the_reference() {
        for (seed, expected) in [
            (1, 0.824_952_6),
            (2, 0.081_188_1),
            (42, 0.133_409_7),
            (1000, 0.998_190_4),
            (1_700_000_000_000, 0.082_628_4),
            (1_700_000_000_001, 0.478_805_1),
        ] {
            let got = factor(seed);
            assert!((got - expected).abs() < 1e-6, "{seed}: {got}");
        }
    }

    #[test]
    fn bounds_equal_the_reference() {
        assert_eq!(bounds(10.0, 1, 36_500), (8, 12));
        assert_eq!(bounds(30_000.0, 1, 36_500), (28_498, 31_502));
        assert_eq!(bounds(1.0, 1, 36_500), (1, 1));
        assert_eq!(bounds(2.4, 1, 36_500), (2, 2));
        assert_eq!(bounds(3.0, 1, 36_500), (2, 4));
        assert_eq!(bounds(10.0, 1, 5), (4, 5));
    }

    /// A new card answered Good by Anki 26.9.3: 600 s became 707 s.
    #[test]
    fn learning_fuzz_equals_the_reference() {
        assert_eq!(learning_secs(600, Some(1_741_608_007_500)), 707);
        assert_eq!(learning_secs(3, Some(5)), 3);
    }
}
