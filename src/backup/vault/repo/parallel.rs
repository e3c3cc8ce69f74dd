//! Work on many files or packs of a vault, several at a time.

use crate::backup::write::{join, spawn};
use crate::base::error::{Error, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each item, a few at once: they wait for the place together. Results in order.
/// The threads are called `name`.
pub(super) fn in_parallel<I: Sync, T: Send>(
    name: &str,
    items: &[I],
    at_once: usize,
    work: impl Fn(&I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = &AtomicUsize::new(0);
    let mut all = thread::scope(|scope| {
        let work = &work;
        // Whoever is free takes the next one: some are much larger than others.
        let share = move || -> Result<Vec<(usize, T)>> {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else {
                    return Ok(done);
                };
                let result = work(item).inspect_err(|_| next.store(items.len(), Ordering::Relaxed));
                done.push((index, result?));
            }
        };
        let workers: Vec<_> = (0..at_once.min(items.len()))
            .map(|_| spawn(scope, name, share))
            .collect::<Result<_>>()?;
        let mut all = Vec::with_capacity(items.len());
        for worker in workers {
            all.extend(join(worker)?);
        }
        Ok::<_, Error>(all)
    })?;
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}
