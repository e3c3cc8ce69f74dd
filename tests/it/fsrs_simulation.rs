//! The simulator plays the coming days out as the real Anki does, and tells the same workload for
//! each desired retention.

use super::{clocked, fsrs_memory::HISTORY, service_story::World};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::simulation::SimulationScope;
use engram::scheduler::simulation::{Simulation, SimulationOptions};
use engram::service::event::{Event, JobEvent};
use engram::service::fsrs::{FsrsEvent, FsrsRequest};
use engram::service::request::Request;
use serde_json::Value;

const SCRIPT: &str = include_str!("oracle/fsrs_simulation.py");

fn floats(value: &Value) -> Vec<f32> {
    let values = value.as_array().unwrap();
    values.iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn asked(case: &Value) -> (SimulationScope, SimulationOptions) {
    let whole = |key: &str| case[key].as_u64().unwrap() as u32;
    let scope = SimulationScope {
        search: case["search"].as_str().unwrap().to_owned(),
        params: floats(&case["params"]),
        historical_retention: case["historical_retention"].as_f64().unwrap() as f32,
    };
    let options = SimulationOptions {
        params: scope.params.clone(),
        desired_retention: case["desired_retention"].as_f64().unwrap() as f32,
        extra_new: whole("deck_size"),
        days: whole("days_to_simulate"),
        new_per_day: whole("new_limit"),
        reviews_per_day: whole("review_limit"),
        max_interval: whole("max_interval"),
        new_ignore_review_limit: case["new_cards_ignore_review_limit"].as_bool().unwrap(),
        easy_days: floats(&case["easy_days_percentages"]),
        review_order: whole("review_order") as i32,
        suspend_after_lapses: case["suspend_after_lapse_count"].as_u64().map(|n| n as u32),
        learning_steps: whole("learning_step_count") as usize,
        relearning_steps: whole("relearning_step_count") as usize,
    };
    (scope, options)
}

/// Equal to the last bits of 32: sums of many cards in the same order by another compiler.
fn close(a: f32, b: f32) -> bool {
    (a - b).abs() <= 2e-5 * (1.0 + b.abs())
}

fn differing(ours: &Simulation, theirs: &Value) -> Option<String> {
    let counts = |days: &[u32]| days.iter().map(|n| *n as f32).collect::<Vec<f32>>();
    let lines = [
        ("memorised", ours.memorised.clone()),
        ("reviews", counts(&ours.reviews)),
        ("new", counts(&ours.new)),
        ("seconds", ours.seconds.clone()),
    ];
    lines.iter().find_map(|(name, ours)| {
        let theirs = floats(&theirs[name]);
        if ours.len() != theirs.len() {
            return Some(format!("{name}: {} days of {}", ours.len(), theirs.len()));
        }
        let day = ours.iter().zip(&theirs).position(|(a, b)| !close(*a, *b))?;
        Some(format!(
            "{name} day {day}: Anki {}, ours {}",
            theirs[day], ours[day]
        ))
    })
}

/// What Anki's runs in random order make next to impossible: a thousand days are looked at, and of
/// those a few are beyond four times the spread in each run of two equal programs.
fn unlikely(col: &mut Collection, case: &Value) -> Vec<String> {
    let (scope, options) = asked(&case["asked"]);
    let progress = Progress::new();
    let deck = col.simulated_deck(&scope, &progress).unwrap();
    let ours = deck.simulate(&options, &progress).unwrap();
    assert_eq!(deck.simulate(&options, &progress).unwrap(), ours);
    let reviews: Vec<f32> = ours.reviews.iter().map(|n| *n as f32).collect();
    let mut wrong = Vec::new();
    for (name, ours) in [("memorised", ours.memorised), ("reviews", reviews)] {
        let runs: Vec<Vec<f32>> = case[name].as_array().unwrap().iter().map(floats).collect();
        for (day, ours) in ours.iter().enumerate() {
            let values = || runs.iter().map(|run| run[day]);
            let count = runs.len() as f32;
            let mean = values().sum::<f32>() / count;
            let spread = (values().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt();
            if (ours - mean).abs() > 7.0 * spread + 0.01 {
                wrong.push(format!(
                    "random order {} {name} day {day}: Anki {mean} ± {spread}, ours {ours}",
                    case["asked"]
                ));
            }
        }
    }
    wrong
}

fn agree(balance: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{HISTORY}\n{SCRIPT}");
    let Some(theirs) = clocked::run(&script, [folder.path().to_str().unwrap(), "320", balance])
    else {
        return;
    };
    let clock = Clock::fixed(TimestampMillis(1_741_608_010_123), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    let progress = Progress::new();
    let mut wrong = Vec::new();
    for case in theirs["cases"].as_array().unwrap() {
        let (scope, options) = asked(&case["asked"]);
        let deck = col.simulated_deck(&scope, &progress).unwrap();
        let ours = deck.simulate(&options, &progress).unwrap();
        if let Some(what) = differing(&ours, case) {
            wrong.push(format!("{} {what}", case["asked"]));
        }
    }
    for case in theirs["chances"].as_array().unwrap() {
        wrong.extend(unlikely(&mut col, case));
    }
    let workload = &theirs["workload"];
    let (scope, options) = asked(&workload["asked"]);
    let deck = col.simulated_deck(&scope, &progress).unwrap();
    let end = deck.memorised_without_study(&options).unwrap();
    if !close(end, workload["end"].as_f64().unwrap() as f32) {
        wrong.push(format!(
            "without study: Anki {}, ours {end}",
            workload["end"]
        ));
    }
    for theirs in workload["retentions"].as_array().unwrap() {
        let percent = theirs[0].as_u64().unwrap() as u8;
        let ours = deck.workload_at(&options, percent, &progress).unwrap();
        let ours = [ours.seconds, ours.answers as f32, ours.memorised];
        let theirs = &floats(theirs)[1..];
        if !ours.iter().zip(theirs).all(|(a, b)| close(*a, *b)) {
            wrong.push(format!(
                "workload {percent}: Anki {theirs:?}, ours {ours:?}"
            ));
        }
    }
    for case in theirs["costs"].as_array().unwrap() {
        let params = floats(&case["params"]);
        let scope = SimulationScope {
            search: case["search"].as_str().unwrap().to_owned(),
            params: params.clone(),
            historical_retention: 0.9,
        };
        let deck = col.simulated_deck(&scope, &progress).unwrap();
        for theirs in case["costs"].as_array().unwrap() {
            let percent = theirs[0].as_u64().unwrap() as u8;
            let ours = deck.retention_cost(&params, percent).unwrap();
            let theirs = theirs[1].as_f64().unwrap() as f32;
            if (ours - theirs).abs() > 1e-3 * theirs {
                wrong.push(format!(
                    "cost {percent} {}: Anki {theirs}, ours {ours}",
                    scope.search
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn coming_days_are_played_out_as_in_anki() {
    agree("1");
}

#[test]
fn without_the_load_balancer_too() {
    agree("0");
}

#[test]
fn a_cancelled_simulation_ends_and_an_empty_one_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_741_608_010_123), 0);
    let mut col = Collection::open(&folder.path().join("new.anki2"), clock).unwrap();
    let scope = SimulationScope {
        search: "deck:*".into(),
        params: vec![],
        historical_retention: 0.9,
    };
    let progress = Progress::new();
    let deck = col.simulated_deck(&scope, &progress).unwrap();
    let mut options = SimulationOptions {
        params: vec![],
        desired_retention: 0.9,
        extra_new: 0,
        days: 30,
        new_per_day: 0,
        reviews_per_day: 0,
        max_interval: 100,
        new_ignore_review_limit: false,
        easy_days: vec![],
        review_order: 8,
        suspend_after_lapses: Some(1),
        learning_steps: 1,
        relearning_steps: 0,
    };
    assert!(deck.simulate(&options, &progress).is_err());
    options.extra_new = 50;
    let nothing = deck.simulate(&options, &progress).unwrap();
    assert_eq!(nothing.new, [0; 30]);
    (options.new_per_day, options.reviews_per_day) = (10, 100);
    let some = deck.simulate(&options, &progress).unwrap();
    assert_eq!(some.new.iter().sum::<u32>(), 50);
    progress.cancel();
    let ended = deck.simulate(&options, &progress).unwrap_err();
    assert!(ended.is_interrupted());
}

/// As when its dialog is closed and another one opened. Both take equally long.
#[test]
fn what_came_of_an_earlier_simulation_is_told_to_nobody() {
    let world = World::with_sample();
    let scope = SimulationScope {
        search: "deck:*".into(),
        params: vec![],
        historical_retention: 0.9,
    };
    let options = |max_interval| SimulationOptions {
        params: vec![],
        desired_retention: 0.9,
        extra_new: 10_000,
        days: 2000,
        new_per_day: 100,
        reviews_per_day: 1000,
        max_interval,
        new_ignore_review_limit: false,
        easy_days: vec![],
        review_order: 0,
        suspend_after_lapses: None,
        learning_steps: 2,
        relearning_steps: 1,
    };
    for max_interval in [100, 200] {
        let options = Box::new(options(max_interval));
        let simulate = FsrsRequest::Simulate(scope.clone(), options);
        world.send(Request::Fsrs(simulate));
        world.wait("the simulation to begin", |e| match e {
            Event::Job(JobEvent::Started { title, .. }) => {
                (title == "Simulating study").then_some(())
            }
            _ => None,
        });
    }
    let told = world.wait("what came of it", |e| match e {
        Event::Fsrs(event) => Some(event.clone()),
        _ => None,
    });
    let FsrsEvent::Simulated(run) = told else {
        panic!("{told:?}");
    };
    assert_eq!(run.0, options(200));
}
