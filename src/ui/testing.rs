//! The scripted world for tests and pictures: file dialogs that answer from a queue, an opener
//! that only remembers, a worker that says what it is told to, and environments on a folder with a
//! clock that stands still. The harness that drives the window is in `tests/ui`.

use crate::base::error::{Error, ErrorKind};
use crate::base::program;
use crate::base::time::Clock;
use crate::service::event::{Event, JobId};
use crate::service::jobs::JobView;
use crate::service::request::Request;
use crate::ui::audio::{Devices, Input};
use crate::ui::environment::{Environment, FileAsk, FileDialogs, Opener, Picked, Service};
use crate::ui::software::Graphics;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rodio::SampleRate;
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
    again: Option<Sender<Option<PathBuf>>>,
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

    /// The program is started again, with a file.
    pub fn starts_again(&self, file: Option<&Path>) {
        if let Some(again) = &self.lines().again {
            let _sent = again.send(file.map(Path::to_owned));
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileDialogs for Script {
    fn ask(&self, ask: &FileAsk, wake: Box<dyn Fn() + Send>) -> Receiver<Picked> {
        let (answer, rx) = bounded(1);
        let picked = match &ask.typed {
            Some(path) => Picked::Path(path.clone()),
            None => {
                let mut lines = self.lines();
                lines.asked.push(ask.clone());
                lines.picks.pop_front().unwrap_or(Picked::Cancelled)
            }
        };
        let picked = match picked {
            Picked::Path(path) => ask.picked(path),
            other => other,
        };
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

/// A worker that does nothing: tests put events into it and read the requests. Clones share.
#[derive(Debug, Clone, Default)]
pub struct ScriptedService(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    events: Vec<Event>,
    requests: Vec<Request>,
    jobs: Vec<JobView>,
    is_full: bool,
}

impl ScriptedService {
    /// Arrives with the next frame.
    pub fn say(&self, event: Event) {
        self.said().events.push(event);
    }

    /// The board from now on.
    pub fn set_jobs(&self, jobs: Vec<JobView>) {
        self.said().jobs = jobs;
    }

    /// Whether requests are refused from now on, as by a worker with a full queue.
    pub fn set_full(&self, is_full: bool) {
        self.said().is_full = is_full;
    }

    /// What was asked since the last call.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.said().requests)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for ScriptedService {
    fn request(&self, request: Request) -> bool {
        let mut said = self.said();
        if said.is_full {
            return false;
        }
        said.requests.push(request);
        true
    }
    fn drain_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.said().events)
    }
    fn jobs(&self) -> Vec<JobView> {
        self.said().jobs.clone()
    }
    fn cancel(&self, job: JobId) {
        self.said().jobs.retain(|j| j.id != job);
    }
}

/// Everything scripted, `service` too.
#[must_use]
pub fn scripted(
    service: Box<dyn Service>,
    base: &Path,
    clock: Clock,
    script: &Script,
) -> Environment {
    let (again, started_again) = unbounded();
    script.lines().again = Some(again);
    Environment {
        clock,
        base: base.to_owned(),
        service,
        files: Box::new(script.clone()),
        opener: Box::new(script.clone()),
        sound: no_device,
        started_again,
        door: None,
        place: Default::default(),
        graphics: Some(Graphics {
            renderer: "llvmpipe".to_owned(),
            is_software: true,
        }),
    }
}

/// As on a machine with a microphone in a silent room, and nothing to hear with.
#[must_use]
pub fn microphone_only() -> Devices {
    Devices {
        input: Box::new(|| Ok(Box::new(Silence) as Box<dyn Input>)),
        ..no_device()
    }
}

struct Silence;

impl Input for Silence {
    fn rate(&self) -> SampleRate {
        SampleRate::new(8000).unwrap_or(SampleRate::MIN)
    }
    fn take(&mut self, samples: &mut Vec<f32>) -> bool {
        samples.push(0.0);
        true
    }
}

/// As on a machine without sound, but with its programs.
#[must_use]
pub fn programs_only() -> Devices {
    Devices {
        programs: program::system_folders(),
        ..no_device()
    }
}

/// As on a machine without sound.
#[must_use]
pub fn no_device() -> Devices {
    Devices {
        output: Box::new(|| Err(Error::new(ErrorKind::Unavailable, "no audio device"))),
        input: Box::new(|| Err(Error::new(ErrorKind::Unavailable, "no microphone"))),
        programs: vec![],
    }
}
