//! The scripted world for tests and pictures: file dialogs that answer from a queue, an opener
//! that only remembers, and an environment on a temporary folder with a clock that stands still.
//! The harness that drives the window is in `tests/ui`.

use crate::ui::environment::{FileAsk, FileDialogs, Opener, Picked};
use crossbeam_channel::{Receiver, bounded};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a test tells the outside world to answer, and what it was asked. Clones share.
#[derive(Debug, Clone, Default)]
pub struct Script(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    picks: VecDeque<Picked>,
    asked: Vec<FileAsk>,
    opened: Vec<String>,
}

impl Script {
    /// The next file dialog answers with this; without one it is cancelled.
    pub fn will_pick(&self, path: impl Into<PathBuf>) {
        self.lines().picks.push_back(Picked::Path(path.into()));
    }

    /// The next file dialog does not exist.
    pub fn has_no_dialog(&self) {
        self.lines().picks.push_back(Picked::Unavailable);
    }

    /// All file dialogs so far.
    #[must_use]
    pub fn asked(&self) -> Vec<FileAsk> {
        self.lines().asked.clone()
    }

    /// Folders and addresses that were opened outside.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        self.lines().opened.clone()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileDialogs for Script {
    fn ask(&self, ask: &FileAsk, wake: Box<dyn Fn() + Send>) -> Receiver<Picked> {
        let (answer, rx) = bounded(1);
        let mut lines = self.lines();
        lines.asked.push(ask.clone());
        let picked = lines.picks.pop_front().unwrap_or(Picked::Cancelled);
        // The receiver is alive and has room for one.
        let _sent = answer.try_send(picked);
        wake();
        rx
    }
}

impl Opener for Script {
    fn folder(&self, path: &Path) -> bool {
        self.lines().opened.push(path.display().to_string());
        true
    }
    fn url(&self, url: &str) -> bool {
        self.lines().opened.push(url.to_owned());
        true
    }
}
