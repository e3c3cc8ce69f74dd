//! Long looks at the collection that a page waits for: each is a job that reads the frozen file beside
//! study. Of a kind the last one counts: one that runs while another is asked for is cancelled, and
//! nobody is told what it found. A look decides nothing, so what needs the file never waits for one:
//! the look is put off and begins anew afterwards. What each of them does is in `serve`.

use crate::base::error::{Error, Result};
use crate::base::job::Progress;
use crate::explain::UserMessage;
use crate::mark;
use crate::service::browse::BrowseRequest;
use crate::service::event::JobId;
use crate::service::explorer::ExplorerRequest;
use crate::service::request::{BackupRequest, Request};
use crate::service::worker::{Job, Worker};
use crate::storage::snapshot::FrozenFile;
use std::collections::BTreeSet;

/// Titles of jobs, by which pages find them to show and to cancel.
pub const COMPARING: &str = mark!("Comparing with the backup");
pub const COUNTING: &str = mark!("Counting what would be due");
pub const TIMELINE: &str = mark!("Finding out what changed when");

/// A kind of look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// At a backup, for the Explorer.
    Backup,
    /// What would be due, for the Explorer.
    Workload,
    /// What changed since a backup, for the browser.
    ChangedSince,
    Timeline,
}

impl Look {
    const ALL: [Self; 4] = [
        Self::Backup,
        Self::Workload,
        Self::ChangedSince,
        Self::Timeline,
    ];

    /// What `request` asks for, if it is a look.
    pub(super) fn of(request: &Request) -> Option<Self> {
        match request {
            Request::Explorer(ExplorerRequest::Open { .. }) => Some(Self::Backup),
            Request::Explorer(ExplorerRequest::Workload { .. }) => Some(Self::Workload),
            Request::Browse(BrowseRequest::ChangedSince { .. }) => Some(Self::ChangedSince),
            Request::Backup(BackupRequest::Timeline) => Some(Self::Timeline),
            _ => None,
        }
    }
}

/// The last look of each kind.
#[derive(Debug, Default)]
pub(super) struct Looks {
    last: [Last; Look::ALL.len()],
    /// Jobs that nobody waits for any more, until they end.
    ended: BTreeSet<JobId>,
}

impl Looks {
    /// When `job` ends: whether somebody waits for that.
    pub(super) fn job_is_wanted(&mut self, job: JobId) -> bool {
        !self.ended.remove(&job)
    }
}

#[derive(Debug, Default)]
struct Last {
    /// While it runs, and what asked for it.
    runs: Option<(JobId, Request)>,
    number: u64,
}

impl Worker {
    fn last_look(&mut self, look: Look) -> &mut Last {
        &mut self.looks.last[look as usize]
    }

    /// Whether one of that kind runs.
    pub(super) fn is_looking(&self, look: Look) -> bool {
        self.looks.last[look as usize].runs.is_some()
    }

    /// Another number means that a look of that kind was asked for, or ended, meanwhile.
    pub(super) fn look_number(&self, look: Look) -> u64 {
        self.looks.last[look as usize].number
    }

    /// Nobody waits for it any more.
    pub(super) fn end_look(&mut self, look: Look) {
        let last = self.last_look(look);
        last.number += 1;
        if let Some((id, _)) = last.runs.take() {
            self.jobs.cancel(id);
            self.looks.ended.insert(id);
        }
    }

    /// Nor for one that was not begun.
    pub(super) fn drop_look(&mut self, look: Look) {
        self.end_look(look);
        self.waiting
            .retain(|request| Look::of(request) != Some(look));
    }

    /// Nor for any other.
    pub(super) fn drop_looks(&mut self) {
        Look::ALL.into_iter().for_each(|look| self.drop_look(look));
    }

    /// Those that run end, and begin anew when what needs the file has it no more.
    pub(super) fn put_off_looks(&mut self) {
        for look in Look::ALL {
            if let Some((_, asked)) = self.last_look(look).runs.clone() {
                self.end_look(look);
                self.serve_later(asked);
            }
        }
    }

    /// Begins the look that `asked` asks for: `work` gets the frozen file, or None when there is no
    /// collection, and `then` what came of it, unless that is wanted no more.
    pub(super) fn look<T: Send + 'static>(
        &mut self,
        asked: Request,
        job: Job,
        work: impl FnOnce(Option<FrozenFile>, &Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<()> {
        let look = Look::of(&asked).ok_or_else(|| Error::bug("a look that nothing asks for"))?;
        self.end_look(look);
        let number = self.look_number(look);
        let frozen = self.freeze_to_read()?;
        let id = self.read_frozen(job, frozen, work, move |worker, result| {
            let last = worker.last_look(look);
            if last.number == number {
                last.runs = None;
                then(worker, result);
            }
        })?;
        self.last_look(look).runs = Some((id, asked));
        Ok(())
    }
}
