//! Parameters fitted to a review log of more than 20,000 reviews, and how well parameters fit it,
//! in the real Anki and here.

use super::{clocked, fsrs_memory::HISTORY};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::fsrs_training::TrainingOptions;
use engram::scheduler::training::TrainingProgress;
use serde_json::Value;

const SCRIPT: &str = include_str!("oracle/fsrs_training.py");

fn floats(value: &Value) -> Vec<f32> {
    let values = value.as_array().unwrap();
    values.iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

/// The same arithmetic compiled by another compiler: not bit for bit.
fn close(a: &[f32], b: &[f32], tolerance: f32) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
}

#[test]
fn parameters_are_fitted_and_evaluated_as_in_anki() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{HISTORY}\n{SCRIPT}");
    let Some(theirs) = clocked::run(&script, [folder.path().to_str().unwrap(), "2400"]) else {
        return;
    };
    assert!(theirs["reviews"].as_u64().unwrap() > 20_000);
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_123), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock.clone()).unwrap();
    let mut wrong = Vec::new();
    for case in theirs["cases"].as_array().unwrap() {
        let options = TrainingOptions {
            search: case["search"].as_str().unwrap().to_owned(),
            ignore_before: TimestampMillis(case["ignore"].as_i64().unwrap()),
            relearning_steps: usize::try_from(case["steps"].as_u64().unwrap()).unwrap(),
            params: floats(&case["current"]),
            check_health: false,
        };
        let set = col.training_set(&options, &Progress::new()).unwrap();
        let ours = set
            .optimise(
                &options.params,
                options.relearning_steps,
                &TrainingProgress::default(),
            )
            .unwrap();
        let what = format!(
            "{} ignore {} steps {} current {:?}",
            options.search.chars().take(30).collect::<String>(),
            options.ignore_before.0,
            options.relearning_steps,
            options.params.first()
        );
        if case["items"] != ours.answers || !close(&ours.params, &floats(&case["params"]), 1e-4) {
            wrong.push(format!(
                "{what}\nAnki: {} {:?}\nours: {} {:?}",
                case["items"],
                floats(&case["params"]),
                ours.answers,
                ours.params
            ));
        }
        if let Some(evaluated) = case.get("evaluated") {
            let ours = set.evaluate(&options.params).unwrap();
            if !close(&[ours.log_loss, ours.rmse_bins], &floats(evaluated), 2e-6) {
                wrong.push(format!("{what}\nAnki: {evaluated}\nours: {ours:?}"));
            }
        }
    }
    col.close().unwrap();
    let mut col = Collection::open(&folder.path().join("all.anki2"), clock).unwrap();
    for (name, fitted) in theirs["all"].as_object().unwrap() {
        let presets = col.storage().all_deck_configs().unwrap();
        let preset = presets.iter().find(|preset| preset.name == *name).unwrap();
        let options = TrainingOptions::among_all(name, &preset.inner);
        let set = col.training_set(&options, &Progress::new()).unwrap();
        let ours = set
            .optimise(
                &options.params,
                options.relearning_steps,
                &TrainingProgress::default(),
            )
            .unwrap();
        if !close(&ours.params, &floats(fitted), 1e-4) {
            wrong.push(format!("{name}\nAnki: {fitted}\nours: {:?}", ours.params));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn health_is_judged_as_by_anki() {
    let folder = tempfile::tempdir().unwrap();
    let script = include_str!("oracle/fsrs_health.py");
    let Some(theirs) = clocked::run(script, [folder.path()]) else {
        return;
    };
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_123), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let mut verdicts = Vec::new();
    for case in theirs.as_array().unwrap() {
        let options = TrainingOptions {
            search: case["search"].as_str().unwrap().to_owned(),
            ignore_before: TimestampMillis(0),
            relearning_steps: 1,
            params: vec![],
            check_health: true,
        };
        let set = col.training_set(&options, &Progress::new()).unwrap();
        assert_eq!(case["items"], set.len(), "{case}");
        let healthy = set.is_healthy(1, &TrainingProgress::default()).unwrap();
        assert_eq!(case["healthy"].as_bool(), healthy, "{case}");
        verdicts.push(healthy);
    }
    for verdict in [None, Some(true), Some(false)] {
        assert!(verdicts.contains(&verdict), "{verdicts:?}");
    }
}

#[test]
fn a_cancelled_fit_ends() {
    let progress = TrainingProgress::default();
    progress.cancel();
    let log = long_log();
    let set = engram::scheduler::training::TrainingSet::new(
        &log,
        TimestampMillis(0),
        engram::base::time::TimestampSecs(1_000 * 86_400),
    );
    assert!(set.len() > 1000);
    let ended = set.optimise(&[], 1, &progress).unwrap_err();
    assert!(ended.is_interrupted(), "{ended}");
}

/// 400 cards of six answers each.
fn long_log() -> Vec<engram::domain::revlog::RevlogEntry> {
    use engram::base::ids::{CardId, RevlogId};
    use engram::domain::revlog::{RevlogEntry, RevlogKind};
    let mut log = Vec::new();
    for card in 1..=400_i64 {
        let mut day = card % 30;
        for answer in 0..6_i64 {
            log.push(RevlogEntry {
                id: RevlogId(day * 86_400_000 + card),
                card_id: CardId(card),
                button: if (card + answer) % 7 == 0 { 1 } else { 3 },
                interval: 1,
                ease_factor: 2500,
                kind: if answer == 0 {
                    RevlogKind::Learning
                } else {
                    RevlogKind::Review
                },
                ..Default::default()
            });
            day += 1 + answer * 3 + card % 3;
        }
    }
    log
}
