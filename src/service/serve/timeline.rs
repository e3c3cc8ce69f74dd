//! What changed in the collection when: read beside study, with what its backups tell.

use crate::backup::timeline;
use crate::base::error::Result;
use crate::collection::timeline::timeline_facts_of;
use crate::mark;
use crate::service::event::{BackupEvent, Event};
use crate::service::looks::TIMELINE;
use crate::service::request::{BackupRequest, Request};
use crate::service::worker::{Job, Worker, no_collection};

pub(super) fn load(worker: &mut Worker) -> Result<()> {
    worker.collection()?.ready_timeline()?;
    let paths = worker.open_profile_mut()?.paths.clone();
    let (folder, profile) = (paths.folder, paths.name);
    let rules = worker.backups.rules().clone();
    let clock = worker.config.clock.clone();
    let job = Job::shown("timeline", TIMELINE, mark!("find out what changed when"));
    worker.look(
        Request::Backup(BackupRequest::Timeline),
        Job { quiet: true, ..job },
        move |frozen, progress| {
            let frozen = frozen.ok_or_else(no_collection)?;
            let facts = timeline_facts_of(frozen.path(), clock.now(), progress)?;
            timeline::gather(&folder, facts, &rules, &clock)
        },
        move |worker, result| {
            worker.emit(match result {
                Ok((timeline, backups)) => Event::Backup(BackupEvent::Timeline {
                    profile,
                    timeline: Box::new(timeline),
                    backups,
                }),
                Err(message) => Event::failed(Request::Backup(BackupRequest::Timeline), message),
            });
        },
    )
}
