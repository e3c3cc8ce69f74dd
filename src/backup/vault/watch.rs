//! What goes along with each operation on a vault: progress and cancel, patience with the network,
//! and the first thing that failed. The crate that knows the format passes over much that cannot be
//! read, so a failure is kept here, and no snapshot is written after one.

use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a request is repeated when no answer comes, and how long is waited before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub tries: u32,
    /// Before the second try; doubled each time.
    pub first_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_pause: Duration::from_millis(500),
        }
    }
}

const SLICE: Duration = Duration::from_millis(50);

/// See the module header.
#[derive(Debug)]
pub(super) struct Watch {
    progress: Mutex<Progress>,
    patience: Patience,
    fault: Mutex<Option<Error>>,
    written: AtomicU64,
    whole_packs: AtomicBool,
    passed_over: Mutex<HashSet<String>>,
}

impl Watch {
    pub(super) fn new(progress: Progress, patience: Patience) -> Self {
        Self {
            progress: Mutex::new(progress),
            patience,
            fault: Mutex::new(None),
            written: AtomicU64::new(0),
            whole_packs: AtomicBool::new(false),
            passed_over: Mutex::default(),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let progress = self.progress.lock();
        progress.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is told, and can cancel.
    pub(super) fn follow(&self, progress: &Progress) {
        let mut known = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        *known = progress.clone();
    }

    /// Keeps `error` as the reason of a failure, unless there is one already.
    pub(super) fn fail(&self, error: Error) {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.get_or_insert(error);
    }

    pub(super) fn has_failed(&self) -> bool {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.is_some() || self.progress().is_cancelled()
    }

    /// What failed first, once.
    pub(super) fn take_fault(&self) -> Option<Error> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.take() {
            None if self.progress().is_cancelled() => Some(Error::interrupted()),
            fault => fault,
        }
    }

    pub(super) fn count_written(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether a part of a pack is read with all of it, because the next part is wanted next.
    pub(super) fn read_whole_packs(&self, whole: bool) {
        self.whole_packs.store(whole, Ordering::Relaxed);
    }

    pub(super) fn reads_whole_packs(&self) -> bool {
        self.whole_packs.load(Ordering::Relaxed)
    }

    /// From now on these packs are taken for not there.
    pub(super) fn pass_over(&self, packs: HashSet<String>) {
        *self.passed_over() = packs;
    }

    pub(super) fn passed_over(&self) -> MutexGuard<'_, HashSet<String>> {
        let packs = self.passed_over.lock();
        packs.unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that were sent.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Does `request`, again when the network failed, with longer and longer pauses.
    pub(super) fn patiently<T>(&self, mut request: impl FnMut() -> Result<T>) -> Result<T> {
        let mut pause = self.patience.first_pause;
        for _ in 1..self.patience.tries {
            self.progress().check()?;
            match request() {
                Err(e) if e.kind() == ErrorKind::Network => {
                    tracing::info!("the vault is asked again in {pause:?}: {e}");
                    self.wait(pause)?;
                    pause = pause.saturating_mul(2);
                }
                done => return done,
            }
        }
        self.progress().check()?;
        request()
    }

    fn wait(&self, pause: Duration) -> Result<()> {
        let mut left = pause;
        while !left.is_zero() {
            self.progress().check()?;
            let slice = left.min(SLICE);
            std::thread::sleep(slice);
            left -= slice;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn only_the_network_is_asked_again_and_cancelling_ends_it() {
        let patience = Patience {
            tries: 3,
            first_pause: Duration::from_millis(1),
        };
        let watch = Watch::new(Progress::new(), patience);
        let asked = Cell::new(0);
        let ask = |kind| {
            asked.set(0);
            let result: Result<()> = watch.patiently(|| {
                asked.set(asked.get() + 1);
                Err(Error::new(kind, "no"))
            });
            result.unwrap_err().kind()
        };
        assert_eq!(ask(ErrorKind::Network), ErrorKind::Network);
        assert_eq!(asked.get(), 3);
        assert_eq!(
            ask(ErrorKind::PermissionDenied),
            ErrorKind::PermissionDenied
        );
        assert_eq!(asked.get(), 1);
        watch.progress().cancel();
        assert_eq!(ask(ErrorKind::Network), ErrorKind::Interrupted);
        assert_eq!(asked.get(), 0);
    }
}
