//! The operations that are measured, grouped and named as the peer's benchmark names them. Those
//! that it does not know (pictures of cards, answers while a backup is made) stand beside.

use crate::bench::{Bench, memory_mb, percentile, reset_peak};
use cpu_time::ProcessTime;
use engram::backup::entry::Reason;
use engram::backup::write;
use engram::base::ids::CardId;
use engram::base::job::Progress;
use engram::base::priority::give_way;
use engram::base::time::{Clock, Stopwatch};
use engram::collection::Collection;
use engram::domain::deck::DeckName;
use engram::domain::deck_config::DeckConfigInner;
use engram::domain::deck_options::DeckOptionsUpdate;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use engram::render::{CardEngine, CardPage, EngineEvent, MediaFolder, View};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a group runs.
pub type Run = fn(&mut Bench);

/// Each group by name.
pub const GROUPS: &[(&str, Run)] = &[
    ("startup", crate::startup::startup),
    ("open", open),
    ("backup", backup),
    ("colpkg", crate::packages::colpkg),
    ("encrypted", crate::encrypted::encrypted),
    ("apkg", crate::deck_packages::apkg),
    ("csv", crate::deck_packages::text),
    ("decktree", deck_tree),
    ("options", options),
    ("queue", queue),
    ("answer", answer),
    ("render", render),
    ("pictures", pictures),
    ("nextcard", crate::next_card::next_card),
    ("formulas", crate::formulas::formulas),
    ("frames", crate::frames::frames),
    ("search", crate::notes_bulk::searches),
    ("sort", crate::browse::sort),
    ("graphs", crate::browse::graphs),
    ("cards", crate::study::cards),
    ("filtered", crate::study::filtered),
    ("fsrs", crate::study::fsrs),
    ("fsrseval", crate::study::evaluate),
    ("notes", crate::notes::notes),
    ("history", crate::history::history),
    ("checkdb", crate::packages::check),
    ("mediacheck", crate::packages::media_check),
    ("explorer", crate::explorer::explorer),
    ("sync", crate::sync::sync),
    ("limits", limits),
];

pub fn collection(path: &Path) -> Collection {
    Collection::open(path, Clock::System).expect("the collection opens")
}

/// Something to back up, as the peer's benchmark does it.
fn touch(collection: &mut Collection, round: usize) {
    collection
        .transact(Op::SkipUndo, |tx| tx.set_config("bench", &round))
        .expect("a setting is written");
}

fn seconds(clock: &Stopwatch) -> f64 {
    clock.elapsed().as_secs_f64()
}

fn open(b: &mut Bench) {
    let path = b.fresh("work", false);
    let reps = b.reps.max(5);
    b.measure(
        "open_collection",
        reps,
        |_| (),
        |()| (collection(&path), json!({})),
        |c| c.close().expect("it closes"),
    );
    let close = |c: Collection| (c.close().expect("it closes"), json!({}));
    b.measure(
        "close_collection",
        reps,
        |_| collection(&path),
        close,
        |()| (),
    );
    let mut round = 0;
    let changed = |_: &Bench| {
        let mut c = collection(&path);
        round += 1;
        touch(&mut c, round);
        c
    };
    b.measure("close_after_change", b.reps, changed, close, |()| ());
}

/// Wall time until the verified file has its name; then how study fares beside it.
fn backup(b: &mut Bench) {
    let path = b.fresh("work", false);
    let mut col = collection(&path);
    let mut round = 0;
    let idle = memory_mb("VmRSS:");
    let (mut walls, mut blocked) = (Vec::new(), Vec::new());
    let mut cpus = Vec::new();
    let (mut peak, mut bytes) = (0.0_f64, 0);
    for _ in 0..b.warm + b.reps {
        round += 1;
        touch(&mut col, round);
        // As the program does when it has been idle for a moment.
        col.storage().checkpoint().expect("a checkpoint");
        let folder = b.empty_folder("backups");
        reset_peak();
        let (cpu, clock) = (ProcessTime::now(), Stopwatch::start());
        let frozen = col.storage().freeze().expect("it is frozen");
        let freezing = seconds(&clock);
        let progress = Progress::new();
        let made = write::create(&frozen, &folder, Reason::Manual, &Clock::System, &progress);
        let thawing = Stopwatch::start();
        col.storage().unfreeze();
        let (thawing, wall) = (seconds(&thawing), seconds(&clock));
        bytes = made.expect("a backup").size;
        if round > b.warm {
            walls.push(wall);
            cpus.push(cpu.elapsed().as_secs_f64());
            blocked.push(freezing + thawing);
            peak = peak.max(memory_mb("VmHWM:"));
        }
    }
    let over_idle = ((peak - idle) * 10.0).round() / 10.0;
    let beside = answers_during_a_backup(b, &mut col);
    let mut figures = json!({
        "bytes": bytes, "blocked_ms": percentile(&blocked, 1.0) * 1000.0,
        "rss_over_idle_mb": over_idle, "peak_rss_mb": peak, "rss_before_mb": idle,
    });
    merge(&mut figures, beside);
    b.record("create_backup", &walls, &cpus, figures);
    // What holds up the caller who does not wait.
    b.record(
        "create_backup_nowait",
        &blocked,
        &blocked,
        json!({"peak_rss_mb": peak}),
    );
    col.close().expect("it closes");
}

/// The slowest and the 99th of a hundred answers while a backup is made.
fn answers_during_a_backup(b: &Bench, col: &mut Collection) -> Value {
    select_study_deck(b, col);
    col.next_card().expect("a queue");
    let folder = b.empty_folder("backups");
    // As in the program, whose idle moments do this.
    while col.storage().lengthen_log().expect("a longer log") {}
    let mut times = Vec::new();
    let frozen = col.storage().freeze().expect("it is frozen");
    std::thread::scope(|threads| {
        let job = threads.spawn(|| {
            // As in the program.
            give_way();
            let progress = Progress::new();
            write::create(&frozen, &folder, Reason::Manual, &Clock::System, &progress)
        });
        while !job.is_finished() {
            let clock = Stopwatch::start();
            if !answer_one(col) {
                break;
            }
            times.push(seconds(&clock) * 1000.0);
            std::thread::sleep(Duration::from_millis(10));
        }
        job.join().expect("no panic").expect("a backup");
    });
    col.storage().unfreeze();
    json!({
        "answers_beside": times.len(), "answer_p50_ms": percentile(&times, 0.5),
        "answer_p99_ms": percentile(&times, 0.99), "answer_max_ms": percentile(&times, 1.0),
    })
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn deck_tree(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    b.measure(
        "deck_tree",
        b.reps.max(9),
        |_| (),
        |()| {
            let tree = col.deck_tree().expect("a tree");
            ((), json!({"decks": tree.children.len()}))
        },
        |()| (),
    );
    col.close().expect("it closes");
}

type Change = fn(&mut DeckConfigInner);

/// Opening and saving the options of the study deck: another limit, other learning steps.
fn options(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    select_study_deck(b, &mut col);
    let deck = col.current_deck().expect("the study deck");
    let changes: [(&str, Change); 2] = [
        ("options_save", |options| options.new_per_day ^= 1),
        ("options_save_steps", |options| {
            options.learn_steps.reverse()
        }),
    ];
    for (name, change) in changes {
        let save = |()| {
            let shown = col.deck_options(deck).expect("options");
            let used = shown.presets.into_iter();
            let mut preset = used
                .map(|p| p.preset)
                .find(|p| p.id == shown.preset)
                .expect("its preset");
            change(&mut preset.inner);
            let update = DeckOptionsUpdate {
                deck,
                selected: preset.id,
                presets: vec![preset],
                removed: vec![],
                apply_to_subdecks: false,
                limits: shown.limits,
                shared: shown.shared,
                reschedule: false,
            };
            let saved = col.update_deck_options(&update, &Progress::new());
            saved.expect("it is saved");
            ((), json!({}))
        };
        b.measure(name, b.reps.max(9), |_| (), save, |()| ());
    }
    col.close().expect("it closes");
}

pub fn select_study_deck(b: &Bench, col: &mut Collection) {
    let name = DeckName::from_human(&b.meta_str("study_deck"));
    let deck = col.storage().deck_by_name(&name).expect("readable");
    col.set_current_deck(deck.expect("the study deck").id)
        .expect("it becomes current");
}

fn queue(b: &mut Bench) {
    let path = b.fresh("work", false);
    b.measure(
        "queue_build_first_card",
        b.reps.max(5),
        |b| {
            let mut col = collection(&path);
            select_study_deck(b, &mut col);
            col
        },
        |mut col| {
            let first = col.next_card().expect("a queue").is_some();
            let counts = col.counts().expect("counts");
            (col, json!({"counts": counts, "first": u8::from(first)}))
        },
        |col| col.close().expect("it closes"),
    );
}

/// Answers the next card with Good; false when there is none.
fn answer_one(col: &mut Collection) -> bool {
    let Some(card) = col.next_card().expect("a queue") else {
        return false;
    };
    col.answer(card.answer(Rating::Good, 3000))
        .expect("answered");
    true
}

fn answer(b: &mut Bench) {
    for (name, with_pictures) in [("answer_500", false), ("answer_500_gui_like", true)] {
        let (mut gets, mut answers, mut totals) = (Vec::new(), Vec::new(), Vec::new());
        let mut cpu_seconds = 0.0;
        for round in 0..b.warm + b.reps {
            let mut col = collection(&b.fresh("work", false));
            select_study_deck(b, &mut col);
            col.next_card().expect("a queue");
            // As in the program, whose idle moments before the first answer do this.
            while col.storage().lengthen_log().expect("a longer log") {}
            reset_peak();
            let cpu = ProcessTime::now();
            let (get, answer) = answer_500(&mut col, with_pictures);
            cpu_seconds = cpu.elapsed().as_secs_f64();
            if round >= b.warm {
                totals.push(get.iter().zip(&answer).map(|(g, a)| g + a).collect());
                gets.push(get);
                answers.push(answer);
            }
            if round == b.warm && !with_pictures {
                let undone: Vec<f64> = (0..30)
                    .map(|_| {
                        let clock = Stopwatch::start();
                        col.undo().expect("undone");
                        seconds(&clock)
                    })
                    .collect();
                b.latencies("undo_answer", &[undone], json!({}));
            }
            col.close().expect("it closes");
        }
        b.latencies(name, &totals, json!({ "cpu": cpu_seconds }));
        b.latencies(&format!("{name}:get_next"), &gets, json!({}));
        b.latencies(&format!("{name}:answer"), &answers, json!({}));
    }
}

/// Seconds for getting the card (with both sides expanded, when wanted) and for answering it. As
/// in the program, the log is checkpointed in idle moments, which do not count.
fn answer_500(col: &mut Collection, with_sides: bool) -> (Vec<f64>, Vec<f64>) {
    let (mut gets, mut answers) = (Vec::new(), Vec::new());
    for round in 1..=500 {
        let clock = Stopwatch::start();
        let Some(card) = col.next_card().expect("a queue") else {
            break;
        };
        if with_sides {
            let sides = col.render_card(card.card.id).expect("both sides");
            std::hint::black_box((sides.question_page(), sides.answer_page(None)));
        }
        gets.push(seconds(&clock));
        let clock = Stopwatch::start();
        col.answer(card.answer(Rating::Good, 3000))
            .expect("answered");
        answers.push(seconds(&clock));
        if round % 100 == 0 {
            col.storage().checkpoint_if_due().expect("a checkpoint");
        }
    }
    (gets, answers)
}

/// 500 cards, evenly over the collection.
fn some_cards(b: &Bench, col: &Collection) -> Vec<CardId> {
    let decks = col.storage().all_decks().expect("decks");
    let mut ids: Vec<CardId> = decks
        .iter()
        .flat_map(|deck| col.storage().card_ids_of_deck(deck.id).expect("cards"))
        .collect();
    ids.sort();
    let step = (ids.len() / 500).max(1);
    let _ = b;
    ids.into_iter().step_by(step).take(500).collect()
}

fn render(b: &mut Bench) {
    let col = collection(&b.fresh("work", b.has_media()));
    let ids = some_cards(b, &col);
    let (mut runs, mut chars, mut cpu_seconds) = (Vec::new(), 0, 0.0);
    for round in 0..b.warm + b.reps {
        let cpu = ProcessTime::now();
        chars = 0;
        let run: Vec<f64> = ids
            .iter()
            .map(|id| {
                let clock = Stopwatch::start();
                let sides = col.render_card(*id).expect("both sides");
                chars += sides.question_page().len() + sides.answer_page(None).len();
                seconds(&clock)
            })
            .collect();
        cpu_seconds = cpu.elapsed().as_secs_f64();
        if round >= b.warm {
            runs.push(run);
        }
    }
    b.latencies(
        "render_500",
        &runs,
        json!({"chars": chars, "cpu": cpu_seconds}),
    );
    col.close().expect("it closes");
}

/// From a page to its picture, in the engine that the window uses.
fn pictures(b: &mut Bench) {
    let col = collection(&b.fresh("work", b.has_media()));
    let ids = some_cards(b, &col);
    let media = MediaFolder::new(b.data.join("collection.media"));
    let engine = CardEngine::spawn(Arc::new(media), Arc::new(|| ())).expect("the engine starts");
    let view = View::new(800.0, 600.0);
    let mut run = Vec::new();
    for id in ids.iter().take(200) {
        let sides = col.render_card(*id).expect("both sides");
        let page = Arc::new(CardPage {
            html: sides.question_page(),
            css: sides.css.clone(),
            body_class: sides.body_class.clone(),
            play_buttons: true,
            ..CardPage::default()
        });
        let clock = Stopwatch::start();
        engine.show(page, view, false);
        while let Some(event) = engine.wait(Duration::from_secs(10)) {
            if matches!(event, EngineEvent::Drawn(_)) {
                break;
            }
        }
        run.push(seconds(&clock));
    }
    // The first few load fonts; the program draws them before anyone waits.
    let warm = run.split_off(run.len().min(10));
    b.latencies("picture_of_a_card", &[warm], json!({}));
    col.close().expect("it closes");
}

/// The least that 500 answers can cost: bare transactions, each synced.
fn limits(b: &mut Bench) {
    let mut runs = Vec::new();
    let path = b.fresh("txn", false);
    for round in 0..b.warm + b.reps {
        let run = crate::bare::transactions(&path, round);
        if round >= b.warm {
            runs.push(run);
        }
    }
    b.latencies("limit:txn_500_wal_full", &runs, json!({}));
    // Each on a copy of its own, as answers are timed: full pages of the indexes are split.
    let mut runs = Vec::new();
    for round in 0..b.warm + b.reps {
        let run = crate::bare::transactions(&b.fresh("txn", false), round);
        if round >= b.warm {
            runs.push(run);
        }
    }
    b.latencies("limit:txn_500_fresh_copy", &runs, json!({}));
}
