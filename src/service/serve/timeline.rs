//! What changed in the collection when. The worker reads the facts; a job looks at the backups.

use crate::backup::timeline;
use crate::base::error::Result;
use crate::mark;
use crate::service::event::{BackupEvent, Event};
use crate::service::request::{BackupRequest, Request};
use crate::service::worker::{Job, Worker};

pub(super) fn load(worker: &mut Worker) -> Result<()> {
    let facts = worker.collection()?.timeline_facts()?;
    let paths = worker.open_profile_mut()?.paths.clone();
    let (folder, profile) = (paths.folder, paths.name);
    let rules = worker.backups.rules().clone();
    let clock = worker.config.clock.clone();
    worker.background(
        Job::quiet("timeline", mark!("find out what changed when")),
        move |_| timeline::gather(&folder, facts, &rules, &clock),
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
    )?;
    Ok(())
}
