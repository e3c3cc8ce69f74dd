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
    fn no_steps() {
        let steps = Steps::new(&[]);
        assert_eq!(steps.again_secs(), None);
        assert_eq!(steps.hard_secs(0), None);
        assert_eq!(steps.good_secs(0), None);
        assert_eq!(steps.remaining_after_good(0), 0);
    }
}
