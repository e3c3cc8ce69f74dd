//! Simulations of study: cards and log are read with the collection lent, the long part has its
//! own copy and runs beside study.

use crate::base::error::{Error, Result};
use crate::base::ids::DeckConfigId;
use crate::base::job::Progress;
use crate::explain::UserMessage;
use crate::scheduler::simulation::{RETENTIONS, SimulatedDeck, Workload};
use crate::service::fsrs::{FsrsEvent, SimulationOptions, SimulationScope};
use crate::service::serve::training::{self, read_then};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Each has all cards for itself.
const THREADS: usize = 2;

pub(super) fn simulate(
    worker: &mut Worker,
    scope: SimulationScope,
    options: SimulationOptions,
) -> Result<()> {
    with_deck(worker, scope, move |deck, progress| {
        progress.stage(t!("Simulating study"), 0)?;
        let simulation = deck.simulate(&options, progress)?;
        Ok(FsrsEvent::Simulated(Box::new((options, simulation))))
    })
}

pub(super) fn workload(
    worker: &mut Worker,
    scope: SimulationScope,
    options: SimulationOptions,
) -> Result<()> {
    with_deck(worker, scope, move |deck, progress| {
        let workload = Workload {
            retentions: each_retention(progress, |percent| {
                deck.workload_at(&options, percent, progress)
            })?,
            memorised_without_study: deck.memorised_without_study(&options)?,
            days: options.days,
        };
        Ok(FsrsEvent::Workload(Box::new(workload)))
    })
}

fn with_deck(
    worker: &mut Worker,
    scope: SimulationScope,
    work: impl FnOnce(SimulatedDeck, &Progress) -> Result<FsrsEvent> + Send + 'static,
) -> Result<()> {
    let tell = while_last(worker.fsrs_asked);
    read_then(
        worker,
        move |collection, progress| collection.simulated_deck(&scope, progress),
        Job::shown("fsrs", mark!("Simulating study"), mark!("simulate study")),
        work,
        tell,
    )
}

pub(super) fn costs(
    worker: &mut Worker,
    preset: DeckConfigId,
    scope: SimulationScope,
) -> Result<()> {
    let params = scope.params.clone();
    read_then(
        worker,
        move |collection, progress| collection.simulated_deck(&scope, progress),
        Job::shown(
            "fsrs",
            mark!("Estimating the workload"),
            mark!("estimate the workload"),
        ),
        move |deck: SimulatedDeck, progress| {
            let costs = each_retention(progress, |percent| {
                Ok((percent, deck.retention_cost(&params, percent)?))
            })?;
            Ok(FsrsEvent::RetentionCosts(preset, costs))
        },
        training::tell,
    )
}

/// Tells what came of a simulation, unless something else was asked since: its dialog was closed
/// then, and another one would take it for its own.
fn while_last(
    asked: u64,
) -> impl Fn(&mut Worker, Result<FsrsEvent, UserMessage>) + Clone + Send + 'static {
    move |worker: &mut Worker, result| {
        if worker.fsrs_asked == asked {
            training::tell(worker, result);
        }
    }
}

/// Runs `work` for each desired retention on a few threads; the results are in order.
fn each_retention<T: Send>(
    progress: &Progress,
    work: impl Fn(u8) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let all: Vec<u8> = RETENTIONS.collect();
    progress.stage(t!("Trying each desired retention"), all.len() as u64)?;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(all.len()));
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..THREADS {
            let (next, results, all, work) = (&next, &results, &all, &work);
            let thread = std::thread::Builder::new()
                .name("simulation".to_owned())
                .spawn_scoped(scope, move || -> Result<()> {
                    while let Some(percent) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = work(*percent)?;
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.push((*percent, result));
                        progress.step(1)?;
                    }
                    Ok(())
                })?;
            threads.push(thread);
        }
        for thread in threads {
            thread
                .join()
                .map_err(|_| Error::bug("a simulation stopped"))??;
        }
        Ok::<_, Error>(())
    })?;
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(percent, _)| *percent);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
