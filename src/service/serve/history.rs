//! Note history and trash.

use super::study;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::history::{HistoryEvent, HistoryRequest};
use crate::service::worker::Worker;

/// Deleted notes that are listed.
const MOST: usize = 2000;

pub(super) fn serve(worker: &mut Worker, request: &HistoryRequest) -> Result<()> {
    match request {
        HistoryRequest::Load(note) => load(worker, *note),
        HistoryRequest::Restore {
            note,
            version,
            as_copy,
        } => {
            let output = worker.collection()?.restore_version(*version, *as_copy)?;
            worker.report(Op::RestoreVersion, Undone::No, &output, 1)?;
            load(worker, *note)?;
            study::show_again(worker)
        }
        HistoryRequest::Purge(note) => {
            worker.collection()?.purge_history(Some(*note))?;
            load(worker, *note)
        }
        HistoryRequest::Trash => trash(worker),
        HistoryRequest::PutBack(versions) => {
            let output = worker.collection()?.restore_trashed(versions)?;
            let affected = output.value.len();
            worker.report(Op::RestoreVersion, Undone::No, &output, affected)?;
            trash(worker)?;
            study::show_again(worker)
        }
    }
}

fn load(worker: &mut Worker, note: NoteId) -> Result<()> {
    let history = worker.collection()?.note_history(note)?;
    let event = HistoryEvent::Loaded(Box::new(history));
    worker.emit(Event::History(event));
    Ok(())
}

fn trash(worker: &mut Worker) -> Result<()> {
    let trashed = worker.collection()?.trashed(MOST)?;
    worker.emit(Event::History(HistoryEvent::Trash(trashed)));
    Ok(())
}
