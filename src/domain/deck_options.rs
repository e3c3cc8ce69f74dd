//! The options of one deck as they are shown and saved: its preset among all presets, limits of
//! its own, and the options of the whole collection. What may be saved is decided here; writing
//! is `collection::options`.

use crate::base::ids::{DeckConfigId, DeckId};
use crate::base::{Error, Result};
use crate::domain::deck::{DayLimit, NormalDeck};
use crate::domain::deck_config::{DeckConfig, DeckConfigInner, range};
use crate::mark;
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Everything that the options screen shows.
#[derive(Debug, Clone, PartialEq)]
pub struct DeckOptions {
    pub deck: DeckId,
    /// `A::B`.
    pub name: String,
    /// The deck's preset.
    pub preset: DeckConfigId,
    /// By name.
    pub presets: Vec<PresetUse>,
    pub limits: DeckLimits,
    pub shared: SharedOptions,
    /// Normal decks below this one.
    pub subdecks: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PresetUse {
    pub preset: DeckConfig,
    /// Decks that use it.
    pub decks: usize,
}

/// What a deck sets for itself; `None`: the preset's value holds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DeckLimits {
    pub new: Option<u32>,
    pub review: Option<u32>,
    /// Holds for the present day only.
    pub new_today: Option<u32>,
    /// Holds for the present day only.
    pub review_today: Option<u32>,
    /// 0.7 to 0.99.
    pub desired_retention: Option<f32>,
}

/// Options of this screen that hold for all decks of the collection.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedOptions {
    pub new_cards_ignore_review_limit: bool,
    pub apply_all_parent_limits: bool,
    pub fsrs: bool,
    pub fsrs_health_check: bool,
    /// Custom scheduling code. Kept for Anki, not run here.
    pub card_state_customizer: String,
}

impl Default for SharedOptions {
    fn default() -> Self {
        Self {
            new_cards_ignore_review_limit: false,
            apply_all_parent_limits: false,
            fsrs: false,
            fsrs_health_check: true,
            card_state_customizer: String::new(),
        }
    }
}

/// What to save.
#[derive(Debug, Clone, PartialEq)]
pub struct DeckOptionsUpdate {
    pub deck: DeckId,
    /// Presets that may differ from the stored ones. An id below 1 stands for a new preset.
    pub presets: Vec<DeckConfig>,
    /// The deck's preset: stored, or one of `presets`.
    pub selected: DeckConfigId,
    /// Presets to delete; their decks get the selected preset and limits.
    pub removed: Vec<DeckConfigId>,
    /// Give the preset and limits to all subdecks as well.
    pub apply_to_subdecks: bool,
    pub limits: DeckLimits,
    pub shared: SharedOptions,
    /// Compute intervals anew where the memory of cards changes.
    pub reschedule: bool,
}

/// Fewest and most cards a day.
pub const PER_DAY: RangeInclusive<u32> = range::PER_DAY;

impl DeckLimits {
    /// Those of a deck on day `today`.
    #[must_use]
    pub fn of(deck: &NormalDeck, today: u32) -> Self {
        let on_day = |limit: &Option<DayLimit>| {
            let limit = limit.as_ref().filter(|l| l.today == today);
            limit.map(|l| l.limit)
        };
        Self {
            new: deck.new_limit,
            review: deck.review_limit,
            new_today: on_day(&deck.new_limit_today),
            review_today: on_day(&deck.review_limit_today),
            desired_retention: deck.desired_retention,
        }
    }

    /// Writes them to a deck. A limit of today that no longer holds is dated back, so that its
    /// number is kept, as Anki does.
    pub fn apply_to(&self, deck: &mut NormalDeck, today: u32) {
        fn set(stored: &mut Option<DayLimit>, limit: Option<u32>, today: u32) {
            *stored = match (limit, stored.take()) {
                (Some(limit), old) => Some(DayLimit {
                    limit,
                    today,
                    unknown: old.map(|old| old.unknown).unwrap_or_default(),
                }),
                (None, Some(old)) => today.checked_sub(1).map(|yesterday| DayLimit {
                    today: old.today.min(yesterday),
                    ..old
                }),
                (None, None) => None,
            };
        }
        deck.new_limit = self.new;
        deck.review_limit = self.review;
        set(&mut deck.new_limit_today, self.new_today, today);
        set(&mut deck.review_limit_today, self.review_today, today);
        deck.desired_retention = self.desired_retention;
    }
}

impl DeckOptionsUpdate {
    /// Refuses what must not be stored; the message names the option.
    pub fn check(&self) -> Result<()> {
        let removed: HashSet<_> = self.removed.iter().collect();
        if removed.contains(&DeckConfigId::DEFAULT) {
            return Err(Error::invalid(mark!(
                "the Default preset cannot be deleted"
            )));
        }
        if removed.contains(&self.selected) {
            return Err(Error::invalid(mark!(
                "a preset cannot be deleted and used by the deck at once"
            )));
        }
        let limits = &self.limits;
        for limit in [
            limits.new,
            limits.review,
            limits.new_today,
            limits.review_today,
        ] {
            within(mark!("a limit of the deck"), limit.unwrap_or(0), &PER_DAY)?;
        }
        if let Some(retention) = limits.desired_retention {
            within(
                mark!("desired retention"),
                retention,
                &range::DESIRED_RETENTION,
            )?;
        }
        for preset in &self.presets {
            if preset.name.trim().is_empty() {
                return Err(Error::invalid(mark!("a preset needs a name")));
            }
            check_preset(&preset.inner)?;
        }
        Ok(())
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    what: &str,
    value: T,
    range: &RangeInclusive<T>,
) -> Result<()> {
    // Written so that NaN is refused.
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(Error::invalid(mark!(
        "{what} must be {least} to {most}, not {value}",
        what,
        least,
        most,
        value
    )))
}

fn check_preset(c: &DeckConfigInner) -> Result<()> {
    for (what, value) in [
        (mark!("new cards a day"), c.new_per_day),
        (mark!("maximum reviews a day"), c.reviews_per_day),
    ] {
        within(what, value, &range::PER_DAY)?;
    }
    for (what, value) in [
        (mark!("the maximum interval"), c.maximum_review_interval),
        (mark!("the minimum interval"), c.minimum_lapse_interval),
        (mark!("the graduating interval"), c.graduating_interval_good),
        (mark!("the easy interval"), c.graduating_interval_easy),
    ] {
        within(what, value, &range::DAYS)?;
    }
    for (what, value) in [
        (mark!("the leech threshold"), c.leech_threshold),
        (mark!("maximum answer seconds"), c.cap_answer_time_to_secs),
    ] {
        within(what, value, &range::COUNT)?;
    }
    for (what, value, range) in [
        (mark!("starting ease"), c.initial_ease, range::INITIAL_EASE),
        (
            mark!("easy bonus"),
            c.easy_multiplier,
            range::EASY_MULTIPLIER,
        ),
        (
            mark!("hard interval"),
            c.hard_multiplier,
            range::HARD_MULTIPLIER,
        ),
        (
            mark!("new interval"),
            c.lapse_multiplier,
            range::LAPSE_MULTIPLIER,
        ),
        (
            mark!("interval modifier"),
            c.interval_multiplier,
            range::INTERVAL_MULTIPLIER,
        ),
        (
            mark!("desired retention"),
            c.desired_retention,
            range::DESIRED_RETENTION,
        ),
        (
            mark!("historical retention"),
            c.historical_retention,
            range::HISTORICAL_RETENTION,
        ),
        (
            mark!("seconds to show the question"),
            c.seconds_to_show_question,
            range::SHOW_SECS,
        ),
        (
            mark!("seconds to show the answer"),
            c.seconds_to_show_answer,
            range::SHOW_SECS,
        ),
    ] {
        within(what, value, &range)?;
    }
    if let Some(step) = (c.learn_steps.iter().chain(&c.relearn_steps))
        .find(|step| !range::STEP_MINUTES.contains(*step))
    {
        return Err(Error::invalid(mark!(
            "a learning step of {step} minutes is not possible",
            step
        )));
    }
    if !matches!(c.easy_days_percentages.len(), 0 | 7) {
        return Err(Error::invalid(mark!("easy days need seven days")));
    }
    for share in &c.easy_days_percentages {
        within(mark!("an easy day"), *share, &(0.0..=1.0))?;
    }
    if let Some(problem) = fsrs_params_problem(c.fsrs_params()) {
        return Err(Error::invalid(problem));
    }
    if ignore_before_date(&c.ignore_revlogs_before_date).is_err() {
        return Err(Error::invalid(mark!(
            "{date} is not a date like 2026-01-31",
            date = c.ignore_revlogs_before_date
        )));
    }
    Ok(())
}

/// Why these are no parameters of FSRS; none are the library's defaults.
#[must_use]
pub fn fsrs_params_problem(params: &[f32]) -> Option<String> {
    if params.iter().any(|p| !p.is_finite()) {
        return Some(mark!("FSRS parameters must be numbers").into());
    }
    match params.len() {
        0 | 17 | 19 | 21 => None,
        n => Some(mark!("FSRS needs 21, 19 or 17 parameters, not {n}", n)),
    }
}

/// The date before which reviews are ignored; None when it is empty.
pub fn ignore_before_date(text: &str) -> Result<Option<jiff::civil::Date>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Error::invalid(mark!("not a date")))
}

/// What saving options with "Reschedule cards on change" would move. Counts are of the review
/// cards whose memory is computed anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReschedulePreview {
    /// Review cards that are looked at.
    pub cards: u32,
    /// Of these, those that get another due day.
    pub moved: u32,
    /// Due on each of the coming days, before and after; today, with what is overdue, first.
    pub days: Vec<(u32, u32)>,
}

/// Days that [`ReschedulePreview::days`] counts.
pub const PREVIEW_DAYS: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn update(change: impl FnOnce(&mut DeckOptionsUpdate)) -> Result<()> {
        let preset = DeckConfig {
            id: DeckConfigId(7),
            name: "Mine".into(),
            mtime: Default::default(),
            usn: Default::default(),
            inner: DeckConfigInner::default(),
        };
        let mut update = DeckOptionsUpdate {
            deck: DeckId(1),
            selected: preset.id,
            presets: vec![preset],
            removed: vec![],
            apply_to_subdecks: false,
            limits: DeckLimits::default(),
            shared: SharedOptions::default(),
            reschedule: false,
        };
        change(&mut update);
        update.check()
    }

    #[test]
    fn what_cannot_be_stored_is_refused_with_the_name_of_the_option() {
        update(|_| {}).unwrap();
        let refused = |change: fn(&mut DeckOptionsUpdate), words: &str| {
            let error = update(change).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        refused(|u| u.removed = vec![DeckConfigId(1)], "Default preset");
        refused(|u| u.removed = vec![DeckConfigId(7)], "used by the deck");
        refused(|u| u.limits.new_today = Some(10_000), "limit of the deck");
        refused(
            |u| u.limits.desired_retention = Some(0.5),
            mark!("desired retention"),
        );
        refused(|u| u.presets[0].name = "  ".into(), "needs a name");
        refused(
            |u| u.presets[0].inner.initial_ease = f32::NAN,
            mark!("starting ease"),
        );
        refused(
            |u| u.presets[0].inner.learn_steps = vec![1.0, 0.0],
            "learning step",
        );
        refused(
            |u| u.presets[0].inner.relearn_steps = vec![f32::INFINITY],
            "learning step",
        );
        refused(
            |u| u.presets[0].inner.maximum_review_interval = 0,
            "maximum interval",
        );
        refused(|u| u.presets[0].inner.fsrs_params_6 = vec![1.0; 3], "not 3");
        refused(
            |u| u.presets[0].inner.ignore_revlogs_before_date = "2026-02-30".into(),
            "is not a date",
        );
        refused(
            |u| u.presets[0].inner.easy_days_percentages = vec![1.0; 3],
            "seven days",
        );
    }

    #[test]
    fn a_limit_of_today_that_ends_keeps_its_number() {
        let mut deck = NormalDeck::default();
        let today = DeckLimits {
            new_today: Some(3),
            review: Some(50),
            ..DeckLimits::default()
        };
        today.apply_to(&mut deck, 10);
        assert_eq!(DeckLimits::of(&deck, 10), today);
        assert_eq!(DeckLimits::of(&deck, 11).new_today, None);
        DeckLimits::default().apply_to(&mut deck, 10);
        let kept = DayLimit {
            limit: 3,
            today: 9,
            unknown: Vec::new(),
        };
        assert_eq!(deck.new_limit_today, Some(kept));
        assert_eq!(DeckLimits::of(&deck, 10), DeckLimits::default());
        // On the first day there is no day before.
        today.apply_to(&mut deck, 0);
        DeckLimits::default().apply_to(&mut deck, 0);
        assert_eq!(deck.new_limit_today, None);
    }
}
