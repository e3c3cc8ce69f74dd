//! Learning and relearning steps: the delay of each button and how many steps remain.

const DAY: u32 = 86_400;

/// The steps of a preset, in minutes, and where a card stands in them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps<'a>(&'a [f32]);

impl<'a> Steps<'a> {
    #[must_use]
    pub fn new(minutes: &'a [f32]) -> Self {
        Self(minutes)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Steps of a card that starts over.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn secs(self, index: usize) -> Option<u32> {
        self.0.get(index).map(|minutes| (minutes * 60.0) as u32)
    }

    fn index(self, remaining: u32) -> usize {
        let n = self.0.len();
        n.saturating_sub((remaining % 1000) as usize)
            .min(n.saturating_sub(1))
    }

    /// Delay of the step a card is at.
    #[must_use]
    pub fn current_secs(self, remaining: u32) -> Option<u32> {
        self.secs(self.index(remaining))
    }

    #[must_use]
    pub fn again_secs(self) -> Option<u32> {
        self.secs(0)
    }

    /// The first step has no earlier one to repeat, so Hard falls between it and the next.
    #[must_use]
    pub fn hard_secs(self, remaining: u32) -> Option<u32> {
        let index = self.index(remaining);
        let current = self.secs(index)?;
        Some(if index == 0 {
            whole_days_if_long(match self.secs(1) {
                Some(next) => current.saturating_add(next) / 2,
                None => ((u64::from(current) * 3 / 2) as u32).min(current.saturating_add(DAY)),
            })
        } else {
            current
        })
    }

    /// None: the card has done its steps.
    #[must_use]
    pub fn good_secs(self, remaining: u32) -> Option<u32> {
        self.secs(self.index(remaining) + 1)
    }

    /// Steps that remain after Good.
    #[must_use]
    pub fn remaining_after_good(self, remaining: u32) -> u32 {
        let done = u32::try_from(self.index(remaining) + 1).unwrap_or(u32::MAX);
        self.count().saturating_sub(done)
    }
}

/// Steps left of a (re)learning card when its steps in minutes change from `old` to `new`: the
/// card goes on after the last new step that is no longer than the one it has done, or begins
/// again. At least 1; unchanged when there were no steps.
#[must_use]
pub fn remaining_after_change(remaining: u32, old: &[f32], new: &[f32]) -> u32 {
    if old.is_empty() {
        return remaining;
    }
    let done = old
        .len()
        .checked_sub(remaining as usize + 1)
        .and_then(|index| old.get(index));
    let left = done
        .and_then(|done| new.iter().rev().position(|step| step <= done))
        .unwrap_or(new.len());
    u32::try_from(left).unwrap_or(u32::MAX).max(1)
}

fn whole_days_if_long(secs: u32) -> u32 {
    if secs > DAY {
        (secs as f32 / DAY as f32).round() as u32 * DAY
    } else {
        secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps() {
        let steps = Steps::new(&[1.0, 10.0]);
        assert_eq!(steps.again_secs(), Some(60));
        assert_eq!(steps.hard_secs(2), Some(330));
        assert_eq!(steps.hard_secs(1), Some(600));
        assert_eq!(steps.good_secs(2), Some(600));
        assert_eq!(steps.good_secs(1), None);
        assert_eq!(steps.remaining_after_good(2), 1);
        assert_eq!(steps.current_secs(1), Some(600));
        // More remaining than there are: the first step.
        assert_eq!(steps.good_secs(7), Some(600));
    }

    #[test]
    fn one_step() {
        let steps = Steps::new(&[10.0]);
        assert_eq!(steps.hard_secs(1), Some(900));
        assert_eq!(steps.good_secs(1), None);
        let long = Steps::new(&[3.0 * 1440.0]);
        assert_eq!(long.hard_secs(1), Some(4 * DAY));
    }

    #[test]
    fn cards_keep_their_place_when_steps_change() {
        let old = [1.0, 10.0];
        for (remaining, new, left) in [
            (0, &[1.0, 5.0, 10.0, 60.0][..], 1),
            (1, &[1.0, 5.0, 10.0, 60.0], 3),
            (2, &[1.0, 5.0, 10.0, 60.0], 4),
            (1, &[], 1),
            (1, &[5.0], 1),
            (1, &[3.0, 30.0, 300.0], 3),
            (7, &[1.0, 2.0, 3.0], 3),
        ] {
            assert_eq!(
                remaining_after_change(remaining, &old, new),
                left,
                "{new:?}"
            );
        }
        assert_eq!(remaining_after_change(1, &[], &[1.0, 2.0]), 1);
        assert_eq!(remaining_after_change(0, &[], &[1.0, 2.0]), 0);
    }

    #[test]
    fn no_steps() {
        let steps = Steps::new(&[]);
        assert_eq!(steps.again_secs(), None);
        assert_eq!(steps.hard_secs(0), None);
        assert_eq!(steps.good_secs(0), None);
        assert_eq!(steps.remaining_after_good(0), 0);
    }
}
