//! The FSRS section: the switch, desired retention, parameters, and rescheduling. What trains and
//! simulates is added below the parameters.

use super::model::{Draft, TextOption};
use super::rows::{Number, Rows};
use super::training::Training;
use super::words as w;
use crate::domain::deck_config::{DeckConfigInner, range};
use crate::t;

pub fn section(rows: &mut Rows<'_>, draft: &mut Draft, training: &mut Training) {
    rows.switch(&w::FSRS, &mut draft.shared.fsrs, false);
    if draft.shared.fsrs != draft.stored().shared.fsrs {
        rows.warning(if draft.shared.fsrs {
            t!("When you save, the memory of all studied cards is computed from their reviews")
        } else {
            t!("When you save, what FSRS knows of the cards is removed; their due days stay")
        });
    }
    if !draft.shared.fsrs {
        return;
    }
    training.take_fitted(draft);
    retention(rows, draft, training);
    parameters(rows, draft);
    training.rows(rows, draft);
    rows.switch(&w::HEALTH_CHECK, &mut draft.shared.fsrs_health_check, true);
    training.simulator_row(rows, draft);
    rows.switch(&w::RESCHEDULE, &mut draft.reschedule, false);
    if draft.reschedule {
        rows.warning(t!(
            "Many cards may become due at once. You are shown what would move before it is saved"
        ));
    }
}

/// The preset's, or this deck's own.
fn retention(rows: &mut Rows<'_>, draft: &mut Draft, training: &mut Training) {
    let default = DeckConfigInner::default().desired_retention;
    let of_preset = draft
        .preset()
        .map_or(default, |p| p.inner.desired_retention);
    let own = draft.limits.desired_retention;
    let look = Number::percent(&range::DESIRED_RETENTION);
    let before = usize::from(own.is_some());
    let mut scope = before;
    let shown = look.shown(own.unwrap_or(of_preset));
    let mut number = shown;
    let at_default = own.is_none() && of_preset == default;
    let reset = rows.scoped(
        &w::DESIRED_RETENTION,
        at_default,
        &mut scope,
        &[t!("Preset"), t!("This deck")],
        &mut number,
        &look,
    );
    if number != shown {
        let value = look.value(number);
        if own.is_some() {
            draft.limits.desired_retention = Some(value);
        } else if let Some(c) = draft.options_mut() {
            c.desired_retention = value;
        }
    }
    if scope != before {
        draft.limits.desired_retention = (scope == 1).then_some(of_preset);
    }
    if reset {
        draft.limits.desired_retention = None;
        if let Some(c) = draft.options_mut() {
            c.desired_retention = default;
        }
    }
    let in_force = look.value(number);
    let before = draft.stored_retention();
    if let Some(words) = training.workload_words(draft, percent(in_force), percent(before)) {
        rows.paragraph(&words);
    }
    if in_force > 0.95 {
        rows.warning(t!("Very high: intervals become very short"));
    } else if in_force < 0.8 {
        rows.warning(t!("Very low: intervals become very long"));
    }
}

fn percent(share: f32) -> u8 {
    (share * 100.0).round().clamp(0.0, 100.0) as u8
}

fn parameters(rows: &mut Rows<'_>, draft: &mut Draft) {
    let problem = draft.problem_of(TextOption::FsrsParams);
    let changed = rows.code(
        &w::FSRS_PARAMS,
        &mut draft.texts.fsrs_params,
        3,
        t!("Default parameters"),
        problem.as_deref(),
    );
    if changed {
        draft.take_text(TextOption::FsrsParams);
    }
}
