//! Progress that carries the cancel flag. Long loops call [`Progress::step`], which counts and
//! fails with `Interrupted` once the user has cancelled.

use super::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a job that is held looks whether it may go on.
const HELD: Duration = Duration::from_millis(20);

const RUNS: u8 = 0;
const CANCELLED: u8 = 1;
/// What was done stands.
const STANDS: u8 = 2;

/// Shared by the job (which counts), the window (which shows) and whoever cancels. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Shared>);

#[derive(Default)]
struct Shared {
    stage: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
    in_bytes: AtomicBool,
    /// [`RUNS`], [`CANCELLED`] or [`STANDS`]; once it is one of the latter two it stays that.
    fate: AtomicU8,
    held: AtomicBool,
    on_cancel: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("stage", &self.stage)
            .field("done", &self.done)
            .field("total", &self.total)
            .field("fate", &self.fate)
            .finish_non_exhaustive()
    }
}

/// A look at a [`Progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressView {
    /// What is being done, e.g. "Checking the written file".
    pub stage: &'static str,
    pub done: u64,
    /// 0 when unknown.
    pub total: u64,
    /// Whether both are sizes.
    pub in_bytes: bool,
    pub cancelled: bool,
}

impl Progress {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a stage; `total` is 0 when unknown.
    pub fn stage(&self, name: &'static str, total: u64) -> Result<()> {
        self.begin(name, total, false)
    }

    /// As [`Self::stage`], of which bytes are counted.
    pub fn stage_bytes(&self, name: &'static str, total: u64) -> Result<()> {
        self.begin(name, total, true)
    }

    fn begin(&self, name: &'static str, total: u64, in_bytes: bool) -> Result<()> {
        *self.0.stage.lock().unwrap_or_else(PoisonError::into_inner) = name;
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
        self.0.in_bytes.store(in_bytes, Ordering::Relaxed);
        self.check()
    }

    /// Counts `n` more; fails with `Interrupted` once cancelled.
    pub fn step(&self, n: u64) -> Result<()> {
        self.0.done.fetch_add(n, Ordering::Relaxed);
        self.check()
    }

    /// Fails with `Interrupted` once cancelled; while it is held, waits here.
    pub fn check(&self) -> Result<()> {
        while self.0.held.load(Ordering::SeqCst) && !self.is_cancelled() {
            std::thread::sleep(HELD);
        }
        if self.is_cancelled() {
            Err(Error::interrupted())
        } else {
            Ok(())
        }
    }

    /// Too late when what the job did [stands](Self::stand).
    pub fn cancel(&self) {
        if self.end_as(CANCELLED) == STANDS {
            return;
        }
        // Taken out first: what is woken may ask this for something.
        let wakers = std::mem::take(&mut *self.wakers());
        for wake in wakers {
            wake();
        }
    }

    /// From here on the job cannot be cancelled any more: of a cancel and this only the first one
    /// counts. Fails with `Interrupted` when that was a cancel.
    pub fn stand(&self) -> Result<()> {
        match self.end_as(STANDS) {
            CANCELLED => Err(Error::interrupted()),
            _ => Ok(()),
        }
    }

    /// Its fate is this, unless another one came first; which it is then.
    fn end_as(&self, fate: u8) -> u8 {
        let set = self
            .0
            .fate
            .compare_exchange(RUNS, fate, Ordering::SeqCst, Ordering::SeqCst);
        set.map_or_else(|earlier| earlier, |_| fate)
    }

    /// Runs `wake` when the user cancels, at once when that was before: for what waits where no
    /// flag is looked at. It must not wait itself.
    pub fn on_cancel(&self, wake: impl FnOnce() + Send + 'static) {
        self.wakers().push(Box::new(wake));
        if self.is_cancelled() {
            self.cancel();
        }
    }

    fn wakers(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn FnOnce() + Send>>> {
        self.0
            .on_cancel
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the job wait at its next look, or go on.
    pub fn hold(&self, held: bool) {
        self.0.held.store(held, Ordering::SeqCst);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.fate.load(Ordering::SeqCst) == CANCELLED
    }

    #[must_use]
    pub fn view(&self) -> ProgressView {
        ProgressView {
            stage: *self.0.stage.lock().unwrap_or_else(PoisonError::into_inner),
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            in_bytes: self.0.in_bytes.load(Ordering::Relaxed),
            cancelled: self.is_cancelled(),
        }
    }
}
