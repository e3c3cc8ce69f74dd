//! FSRS questions: the review log is read with the collection lent, which takes seconds at most;
//! the long part has its own copy and runs beside study.

use crate::base::error::Result;
use crate::base::ids::DeckConfigId;
use crate::base::job::Progress;
use crate::base::lang::say;
use crate::collection::Collection;
use crate::explain::UserMessage;
use crate::scheduler::training::{Optimised, TrainingProgress, TrainingSet};
use crate::service::event::Event;
use crate::service::fsrs::{FsrsEvent, FsrsRequest, TrainingOptions};
use crate::service::serve::simulation;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// More at a time would want more memory than a large collection should.
const THREADS: usize = 2;
/// Between two looks at the cancel flag.
const LOOK: Duration = Duration::from_millis(50);
/// Steps of the progress of one fit.
const STEPS: u64 = 1000;

pub(super) fn serve(worker: &mut Worker, request: &FsrsRequest) -> Result<()> {
    worker.fsrs_asked += 1;
    match request {
        FsrsRequest::Optimise(presets) => optimise(worker, presets.clone()),
        FsrsRequest::Evaluate(preset, options) => evaluate(worker, *preset, options.clone()),
        FsrsRequest::Simulate(scope, options) => {
            simulation::simulate(worker, scope.clone(), (**options).clone())
        }
        FsrsRequest::Workload(scope, options) => {
            simulation::workload(worker, scope.clone(), (**options).clone())
        }
        FsrsRequest::RetentionCosts(preset, scope) => {
            simulation::costs(worker, *preset, scope.clone())
        }
    }
}

fn optimise(worker: &mut Worker, presets: Vec<(DeckConfigId, TrainingOptions)>) -> Result<()> {
    read_then(
        worker,
        move |collection, progress| {
            let sets: Result<Vec<_>> = presets
                .into_iter()
                .map(|(id, options)| {
                    let set = collection.training_set(&options, progress)?;
                    Ok((id, options, set))
                })
                .collect();
            sets
        },
        Job::shown(
            "fsrs",
            mark!("Optimizing FSRS"),
            mark!("optimize the FSRS parameters"),
        ),
        |sets, progress| {
            progress.stage(t!("Fitting parameters"), sets.len() as u64 * STEPS)?;
            let fitted = side_by_side(sets.len(), progress, |n, training| {
                let (id, options, set) = &sets[n];
                fit(set, options, training).map(|optimised| (*id, optimised))
            })?;
            Ok(FsrsEvent::Optimised(fitted))
        },
        tell,
    )
}

fn fit(
    set: &TrainingSet,
    options: &TrainingOptions,
    training: &TrainingProgress,
) -> Result<Optimised> {
    let optimised = set.optimise(&options.params, options.relearning_steps, training)?;
    let healthy = if options.check_health {
        set.is_healthy(options.relearning_steps, training)?
    } else {
        None
    };
    Ok(Optimised {
        healthy,
        ..optimised
    })
}

fn evaluate(worker: &mut Worker, preset: DeckConfigId, options: TrainingOptions) -> Result<()> {
    let params = options.params.clone();
    read_then(
        worker,
        move |collection, progress| collection.training_set(&options, progress),
        Job::shown(
            "fsrs",
            mark!("Evaluating FSRS"),
            mark!("evaluate the FSRS parameters"),
        ),
        move |set, progress| {
            progress.stage(t!("Predicting answers"), 0)?;
            let evaluation = match set.is_empty() {
                true => None,
                false => Some(set.evaluate(&params)?),
            };
            Ok(FsrsEvent::Evaluated(preset, evaluation))
        },
        tell,
    )
}

/// Reads with the collection lent, then works without it, and tells what came of it.
pub(super) fn read_then<T: Send + 'static>(
    worker: &mut Worker,
    read: impl FnOnce(&mut Collection, &Progress) -> Result<T> + Send + 'static,
    job: Job,
    work: impl FnOnce(T, &Progress) -> Result<FsrsEvent> + Send + 'static,
    tell: impl Fn(&mut Worker, Result<FsrsEvent, UserMessage>) + Clone + Send + 'static,
) -> Result<()> {
    let reading = Job {
        title: mark!("Reading the review log"),
        ..job
    };
    worker.with_collection(reading, read, move |worker, result| match result {
        Ok(data) => {
            let told = tell.clone();
            let started = worker.background(job, move |progress| work(data, progress), told);
            if let Err(error) = started {
                tell(worker, Err(crate::explain::explain(say(job.doing), &error)));
            }
        }
        Err(message) => tell(worker, Err(message)),
    })
}

pub(super) fn tell(worker: &mut Worker, result: Result<FsrsEvent, UserMessage>) {
    let event = result.unwrap_or_else(FsrsEvent::Ended);
    worker.emit(Event::Fsrs(event));
}

/// Runs `work` for `0..count` on a few threads, with one progress for all. The results are in
/// order; the first error ends the others.
fn side_by_side<T: Send>(
    count: usize,
    progress: &Progress,
    work: impl Fn(usize, &TrainingProgress) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let trainings: Vec<TrainingProgress> =
        (0..count).map(|_| TrainingProgress::default()).collect();
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(count));
    let (ended, wait) = crossbeam_channel::unbounded::<()>();
    std::thread::scope(|scope| {
        for _ in 0..THREADS.min(count) {
            let ended = ended.clone();
            let (next, results, trainings, work) = (&next, &results, &trainings, &work);
            std::thread::Builder::new()
                .name("fsrs-fit".to_owned())
                .spawn_scoped(scope, move || {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= count {
                            break;
                        }
                        let result = work(n, &trainings[n]);
                        if result.is_err() {
                            next.store(count, Ordering::Relaxed);
                        }
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.push((n, result));
                    }
                    drop(ended);
                })?;
        }
        drop(ended);
        watch(progress, &trainings, &wait);
        Ok::<_, std::io::Error>(())
    })?;
    progress.check()?;
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Until all senders of `wait` are gone: shows how far the fits are, and ends them on cancel.
fn watch(
    progress: &Progress,
    trainings: &[TrainingProgress],
    wait: &crossbeam_channel::Receiver<()>,
) {
    let mut shown = 0;
    while wait.recv_timeout(LOOK) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
        let done: u64 = trainings
            .iter()
            .map(|training| match training.done_and_total() {
                (_, 0) => 0,
                (done, total) => STEPS * done / total,
            })
            .sum();
        let cancelled = progress.step(done.saturating_sub(shown)).is_err();
        shown = shown.max(done);
        if cancelled {
            trainings.iter().for_each(TrainingProgress::cancel);
        }
    }
}
