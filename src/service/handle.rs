//! A face's end of the worker: send requests, take events, look at jobs and cancel them.

use crate::backup::vault::machine::Sources;
use crate::base::error::Result;
use crate::base::limits;
use crate::base::time::Clock;
use crate::explain::UserMessage;
use crate::net::{Http, Transport};
use crate::secrets::{InMemory, Keychain, Secrets};
use crate::service::event::{Event, JobId};
use crate::service::jobs::{JobBoard, JobView};
use crate::service::profiles::DataFolder;
use crate::service::request::Request;
use crate::service::worker::Worker;
use crate::t;
use crossbeam_channel::{Receiver, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Called by the worker whenever there is something new to draw; must be cheap and never block.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// What a worker needs to run.
#[derive(Clone)]
pub struct ServiceConfig {
    pub data: DataFolder,
    pub clock: Clock,
    pub waker: Waker,
    /// Passwords of places elsewhere.
    pub secrets: Arc<dyn Secrets>,
    /// How other machines are reached.
    pub net: Arc<dyn Transport>,
    /// Where power and network of this machine are read.
    pub machine: Sources,
    /// Nobody asked for anything for so long: work that can wait begins.
    pub calm: Duration,
}

impl ServiceConfig {
    /// With the system's clock, keychain and network; nobody is woken.
    #[must_use]
    pub fn real(data: DataFolder) -> Self {
        Self {
            data,
            clock: Clock::System,
            waker: Arc::new(|| {}),
            secrets: Arc::new(Keychain),
            net: Arc::new(Http::new()),
            machine: Sources::system(),
            calm: Duration::from_secs(60),
        }
    }

    /// As [`Self::real`], with passwords that last as long as the program, and nothing known of the
    /// machine: for tests.
    #[must_use]
    pub fn without_keychain(data: DataFolder) -> Self {
        Self {
            secrets: Arc::new(InMemory::default()),
            machine: Sources::default(),
            ..Self::real(data)
        }
    }
}

/// See the module header. Dropping it lets the worker close the collection and end.
pub struct ServiceHandle {
    requests: Sender<Request>,
    events: Receiver<Event>,
    jobs: JobBoard,
    data: DataFolder,
}

fn fault() -> UserMessage {
    UserMessage {
        what: t!("Engram has to be started again").to_owned(),
        cause: t!(
            "A fault of its own has ended the part that reads and writes the collection. All \
                answers and all that was saved before are on disk."
        )
        .to_owned(),
        remedy: t!("Quit Engram and start it: it tells then what happened.").to_owned(),
        ..UserMessage::default()
    }
}

impl ServiceHandle {
    /// Starts the worker thread; no profile is open yet.
    pub fn spawn(config: ServiceConfig) -> Result<Self> {
        let (requests, inbox) = crossbeam_channel::bounded(limits::REQUEST_QUEUE);
        // Events are bounded by the requests and timers that cause them; a face drains each frame.
        let (outbox, events) = crossbeam_channel::unbounded();
        let jobs = JobBoard::default();
        let data = config.data.clone();
        let (last, waker) = (outbox.clone(), config.waker.clone());
        let worker = Worker::new(config, inbox, outbox, jobs.clone());
        std::thread::Builder::new()
            .name("collection".into())
            .spawn(move || {
                if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err()
                    && last.send(Event::Fault(fault())).is_ok()
                {
                    waker();
                }
            })?;
        Ok(Self {
            requests,
            events,
            jobs,
            data,
        })
    }

    /// False when the worker is busy with a full queue: say so, do not wait.
    #[must_use]
    pub fn request(&self, request: Request) -> bool {
        self.requests.try_send(request).is_ok()
    }

    /// Everything that happened since the last call; never waits.
    #[must_use]
    pub fn drain_events(&self) -> Vec<Event> {
        self.events.try_iter().collect()
    }

    /// Waits for one event; for tests and programs without a window.
    #[must_use]
    pub fn wait_event(&self, at_most: Duration) -> Option<Event> {
        self.events.recv_timeout(at_most).ok()
    }

    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        self.jobs.view()
    }

    pub fn cancel(&self, id: JobId) {
        self.jobs.cancel(id);
    }

    /// Where the profiles are.
    #[must_use]
    pub fn data(&self) -> &DataFolder {
        &self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::request::ProfileRequest;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_fault_of_the_worker_is_told_and_nothing_is_taken_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().to_owned());
        let first = AtomicBool::new(true);
        let service = ServiceHandle::spawn(ServiceConfig {
            waker: Arc::new(move || assert!(!first.swap(false, Ordering::SeqCst), "a fault")),
            ..ServiceConfig::without_keychain(data)
        })
        .unwrap();
        let request = || service.request(Request::Profile(ProfileRequest::List));
        assert!(request());
        let mut events = std::iter::from_fn(|| service.wait_event(Duration::from_secs(20)));
        assert!(events.any(|event| matches!(event, Event::Fault(_))));
        while request() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
