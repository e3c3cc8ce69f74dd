//! Named threads for work that must not hold up the worker, and the board where faces see how far
//! each has come and cancel it.

use crate::base::error::{Error, Result};
use crate::base::job::{Progress, ProgressView};
use crate::service::event::JobId;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the worker (which adds and removes) and faces (which look and cancel).
#[derive(Debug, Clone, Default)]
pub struct JobBoard(Arc<Mutex<Board>>);

#[derive(Debug, Default)]
struct Board {
    next: u64,
    jobs: BTreeMap<JobId, Job>,
}

#[derive(Debug)]
struct Job {
    title: String,
    exclusive: bool,
    progress: Progress,
}

/// One job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    pub id: JobId,
    pub title: String,
    /// The collection is lent to it: show a modal.
    pub exclusive: bool,
    pub progress: ProgressView,
}

impl JobBoard {
    pub fn add(&self, title: &str, exclusive: bool) -> (JobId, Progress) {
        let mut board = self.board();
        board.next += 1;
        let id = JobId(board.next);
        let progress = Progress::new();
        let job = Job {
            title: title.to_owned(),
            exclusive,
            progress: progress.clone(),
        };
        board.jobs.insert(id, job);
        (id, progress)
    }

    pub fn remove(&self, id: JobId) {
        self.board().jobs.remove(&id);
    }

    /// A flag, not a message: it reaches the job however busy the worker is.
    pub fn cancel(&self, id: JobId) {
        if let Some(job) = self.board().jobs.get(&id) {
            job.progress.cancel();
        }
    }

    /// Lets a job wait, or go on; it can be cancelled all the same.
    pub fn hold(&self, id: JobId, held: bool) {
        if let Some(job) = self.board().jobs.get(&id) {
            job.progress.hold(held);
        }
    }

    #[must_use]
    pub fn view(&self) -> Vec<JobView> {
        self.board()
            .jobs
            .iter()
            .map(|(&id, job)| JobView {
                id,
                title: job.title.clone(),
                exclusive: job.exclusive,
                progress: job.progress.view(),
            })
            .collect()
    }

    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work` on a thread called `name`; `done` gets its result there, or a bug report when it
/// panicked.
pub fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
    done: impl FnOnce(Result<T>) + Send + 'static,
) -> Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(work))
                .unwrap_or_else(|panic| Err(from_panic(&*panic)));
            done(result);
        })
        .map(drop)
        .map_err(Error::from)
}

/// What a panic said, as an error.
#[must_use]
fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let said = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Error::bug(format!("an unexpected state was met ({said})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panicking_job_is_an_error_and_not_the_end() {
        let (tx, rx) = crossbeam_channel::bounded(1);
        start(
            "test",
            || -> Result<()> { panic!("boom") },
            move |r| {
                tx.send(r.unwrap_err().to_string()).unwrap();
            },
        )
        .unwrap();
        assert!(rx.recv().unwrap().contains("boom"));
    }

    #[test]
    fn a_held_job_waits_until_it_may_go_on_or_is_cancelled() {
        let board = JobBoard::default();
        let (id, progress) = board.add("Reading", false);
        for cancel in [false, true] {
            board.hold(id, true);
            let (tx, rx) = crossbeam_channel::bounded(1);
            let held = progress.clone();
            start(
                "test",
                move || held.step(1),
                move |r| tx.send(r.is_ok()).unwrap(),
            )
            .unwrap();
            let soon = std::time::Duration::from_millis(100);
            assert!(rx.recv_timeout(soon).is_err(), "it waits");
            if cancel {
                board.cancel(id);
            } else {
                board.hold(id, false);
            }
            assert_eq!(rx.recv().unwrap(), !cancel);
        }
    }

    #[test]
    fn cancelling_reaches_the_progress() {
        let board = JobBoard::default();
        let (id, progress) = board.add("Export", true);
        assert_eq!(board.view().len(), 1);
        board.cancel(id);
        assert!(progress.step(1).is_err());
        board.remove(id);
        assert!(board.view().is_empty());
    }
}
