//! What is typed into the simulator, begun with the options of a deck. No egui here.

use crate::service::fsrs::SimulationOptions;
use crate::t;
use crate::ui::deck_options::model::{Draft, Limit};
use std::ops::RangeInclusive;

/// See the module header.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub days: i64,
    pub extra_new: i64,
    /// Percent.
    pub retention: i64,
    /// What the options have, which may stand between two percents.
    given_retention: f32,
    pub new_per_day: i64,
    pub reviews_per_day: i64,
    pub max_interval: i64,
    pub review_order: i32,
    pub new_ignore_review_limit: bool,
    pub suspend_leeches: bool,
    pub leech_threshold: i64,
    /// Shares of the reviews, Monday first; empty for the usual ones.
    pub easy_days: Vec<f32>,
    params: Vec<f32>,
    learning_steps: usize,
    relearning_steps: usize,
}

/// A number of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberRow {
    Days,
    ExtraNew,
    Retention,
    NewPerDay,
    ReviewsPerDay,
    MaxInterval,
    /// Only where leeches are suspended.
    LeechThreshold,
}

impl NumberRow {
    /// Those that are always there.
    pub const FIRST: [Self; 6] = [
        Self::Days,
        Self::ExtraNew,
        Self::Retention,
        Self::NewPerDay,
        Self::ReviewsPerDay,
        Self::MaxInterval,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Days => t!("Days to simulate"),
            Self::ExtraNew => t!("Additional new cards"),
            Self::Retention => t!("Desired retention"),
            Self::NewPerDay => t!("New cards/day"),
            Self::ReviewsPerDay => t!("Maximum reviews/day"),
            Self::MaxInterval => t!("Maximum interval"),
            Self::LeechThreshold => t!("Leech threshold"),
        }
    }

    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Retention => "%",
            Self::MaxInterval => t!("days"),
            _ => "",
        }
    }

    #[must_use]
    pub fn limits(self) -> RangeInclusive<i64> {
        match self {
            Self::Days => 1..=3650,
            Self::ExtraNew => 0..=100_000,
            Self::Retention => 70..=99,
            Self::NewPerDay | Self::ReviewsPerDay => 0..=9999,
            Self::LeechThreshold => 1..=9999,
            Self::MaxInterval => 1..=36_500,
        }
    }
}

impl Form {
    /// None in a collection without presets.
    #[must_use]
    pub fn of(draft: &Draft) -> Option<Self> {
        let options = &draft.preset()?.inner;
        let own = draft.limits.desired_retention;
        let retention = own.unwrap_or(options.desired_retention);
        Some(Self {
            days: 365,
            extra_new: 0,
            retention: percent(retention),
            given_retention: retention,
            new_per_day: i64::from(draft.limit(Limit::New)),
            reviews_per_day: i64::from(draft.limit(Limit::Review)),
            max_interval: i64::from(options.maximum_review_interval),
            review_order: options.review_order,
            new_ignore_review_limit: draft.shared.new_cards_ignore_review_limit,
            suspend_leeches: options.leech_action == 0,
            leech_threshold: i64::from(options.leech_threshold),
            easy_days: options.easy_days_percentages.clone(),
            params: options.fsrs_params().to_vec(),
            learning_steps: options.learn_steps.len(),
            relearning_steps: options.relearn_steps.len(),
        })
    }

    pub fn number_mut(&mut self, row: NumberRow) -> &mut i64 {
        match row {
            NumberRow::Days => &mut self.days,
            NumberRow::ExtraNew => &mut self.extra_new,
            NumberRow::Retention => &mut self.retention,
            NumberRow::NewPerDay => &mut self.new_per_day,
            NumberRow::ReviewsPerDay => &mut self.reviews_per_day,
            NumberRow::MaxInterval => &mut self.max_interval,
            NumberRow::LeechThreshold => &mut self.leech_threshold,
        }
    }

    /// 0 to 1; what was not touched stays as it is.
    fn desired_retention(&self) -> f32 {
        if percent(self.given_retention) == self.retention {
            self.given_retention
        } else {
            self.retention as f32 / 100.0
        }
    }

    #[must_use]
    pub fn options(&self) -> SimulationOptions {
        let whole = |n: i64| u32::try_from(n).unwrap_or(0);
        SimulationOptions {
            params: self.params.clone(),
            desired_retention: self.desired_retention(),
            extra_new: whole(self.extra_new),
            days: whole(self.days).max(1),
            new_per_day: whole(self.new_per_day),
            reviews_per_day: whole(self.reviews_per_day),
            max_interval: whole(self.max_interval).max(1),
            new_ignore_review_limit: self.new_ignore_review_limit,
            easy_days: self.easy_days.clone(),
            review_order: self.review_order,
            suspend_after_lapses: Some(whole(self.leech_threshold))
                .filter(|lapses| self.suspend_leeches && *lapses > 0),
            learning_steps: self.learning_steps,
            relearning_steps: self.relearning_steps,
        }
    }

    /// Puts what was tried into the options.
    pub fn write(&self, draft: &mut Draft) {
        let whole = |n: i64| u32::try_from(n).unwrap_or(0);
        let retention = self.desired_retention();
        draft.set_limit(Limit::New, whole(self.new_per_day));
        draft.set_limit(Limit::Review, whole(self.reviews_per_day));
        draft.shared.new_cards_ignore_review_limit = self.new_ignore_review_limit;
        if draft.limits.desired_retention.is_some() {
            draft.limits.desired_retention = Some(retention);
        }
        let own = draft.limits.desired_retention.is_some();
        if let Some(options) = draft.options_mut() {
            if !own {
                options.desired_retention = retention;
            }
            options.maximum_review_interval = whole(self.max_interval).max(1);
            options.review_order = self.review_order;
            options.leech_action = i32::from(!self.suspend_leeches);
            options.leech_threshold = whole(self.leech_threshold);
            options.easy_days_percentages.clone_from(&self.easy_days);
        }
    }
}

fn percent(retention: f32) -> i64 {
    (retention * 100.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(retention: f32) -> Form {
        Form {
            days: 365,
            extra_new: 0,
            retention: percent(retention),
            given_retention: retention,
            new_per_day: 20,
            reviews_per_day: 200,
            max_interval: 36_500,
            review_order: 0,
            new_ignore_review_limit: false,
            suspend_leeches: false,
            leech_threshold: 8,
            easy_days: vec![],
            params: vec![],
            learning_steps: 2,
            relearning_steps: 1,
        }
    }

    #[test]
    fn a_retention_between_two_percents_stays_until_another_is_chosen() {
        let mut form = form(0.905);
        assert_eq!(
            form.options().desired_retention.to_bits(),
            0.905f32.to_bits()
        );
        form.retention = 92;
        assert_eq!(
            form.options().desired_retention.to_bits(),
            0.92f32.to_bits()
        );
    }

    #[test]
    fn leeches_are_suspended_at_the_threshold_of_the_form() {
        let mut form = form(0.9);
        assert_eq!(form.options().suspend_after_lapses, None);
        form.suspend_leeches = true;
        form.leech_threshold = 4;
        assert_eq!(form.options().suspend_after_lapses, Some(4));
        // As in the options, none is a leech then.
        form.leech_threshold = 0;
        assert_eq!(form.options().suspend_after_lapses, None);
    }
}
